-- snapshot: records day by day what shops forget
--
-- Most shops keep only the stock there is now, and many delete carts. snapshot() copies what the
-- sources stock_levels and carts show into tables of the model, recorded_stock_levels and
-- recorded_carts. build() then reads a source and its table as one: what the source still tells
-- counts as it tells it, the rest as it was recorded. Stock is that of the day, so a second
-- snapshot replaces the first; a cart is recorded while it is open, and once more when it is
-- ordered.

CREATE FUNCTION put_recorded(model text, source text, names text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    recorded text := format('%I.%I', model, 'recorded_' || source);
    made     boolean := to_regclass(recorded) IS NULL;
    command  text;
BEGIN
    IF made THEN
        EXECUTE format('CREATE TABLE %s ()', recorded);
        EXECUTE format('COMMENT ON TABLE %s IS ''What kpi.snapshot has recorded of %s, day by day; '
                       'read along with it.''', recorded, source);
    END IF;
    FOR command IN  -- of the same types, but of any length or precision
        SELECT format('ALTER TABLE %s ADD COLUMN %I %s', recorded, a.attname,
                      format_type(a.atttypid, -1)
                      || coalesce(' COLLATE ' || nullif(a.attcollation, 0)::regcollation, ''))
        FROM   pg_attribute AS a
        WHERE  a.attrelid = format('%I.%I', model, source)::regclass AND a.attname = ANY (names)
        AND    NOT EXISTS (SELECT FROM pg_attribute AS o
                           WHERE  o.attrelid = recorded::regclass AND o.attname = a.attname
                           AND    o.attnum > 0 AND NOT o.attisdropped)
        ORDER  BY array_position(names, a.attname::text)
    LOOP
        EXECUTE command;
    END LOOP;
    IF made THEN
        EXECUTE format(CASE source WHEN 'carts' THEN 'CREATE UNIQUE INDEX ON %s (cart_id)'
                                   ELSE 'CREATE INDEX ON %s (counted_at)' END, recorded);
    END IF;
END $$;
COMMENT ON FUNCTION put_recorded(model text, source text, names text[]) IS
'implementation of snapshot: makes the table in which a source is recorded, or gives it the '
'columns that it lacks';

CREATE FUNCTION snapshot(model text) RETURNS TABLE (relation text, rows bigint, note text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settings record;
    item     record;
    marks    jsonb;
    twice    text;
BEGIN
    SELECT * INTO settings FROM kpi.settings_of(model, false);
    PERFORM kpi.lock_model(model, 1, true);     -- another snapshot waits, and replaces this one
    FOR item IN
        SELECT c.source, array_agg(c.name ORDER BY c.n) AS names,
               string_agg(quote_ident(c.name), ', ' ORDER BY c.n) AS columns,
               string_agg(format('r.%I', c.name), ', ' ORDER BY c.n) AS read,
               string_agg(format('k.%I', c.name), ', ' ORDER BY c.n) AS known,
               string_agg(format(CASE c.name WHEN 'created_at' THEN 'least(k.%I, excluded.%1$I)'
                                      ELSE 'excluded.%I' END, c.name), ', ' ORDER BY c.n) AS seen,
               bool_or(c.name = 'ordered_at') AS orders,
               min(c.expression) FILTER (WHERE c.name = 'counted_at') AS counted_at
        FROM   (SELECT source, name, max(expression) AS expression, min(n) AS n
                FROM   (SELECT source, name, expression, row_number() OVER () AS n
                        FROM   kpi.found_columns(model)
                        WHERE  type IS NOT NULL
                        UNION ALL
                        SELECT source, dimension, NULL, 1000 + position
                        FROM   kpi.found_dimensions(model, settings.dimensions)
                        WHERE  own) AS c
                GROUP  BY source, name) AS c
               JOIN kpi.sources AS s ON s.source = c.source AND s.recorded_by <> '{}'
        WHERE  c.source = ANY (settings.sources)
        GROUP  BY c.source ORDER BY c.source
    LOOP
        relation := 'recorded_' || item.source;
        note := NULL;
        marks := to_jsonb(item) || jsonb_build_object(
                     'model', quote_ident(model), 'recorded', format('%I.%I', model, relation));
        PERFORM kpi.put_recorded(model, item.source, item.names);

        IF item.source = 'carts' THEN
            marks := marks || jsonb_build_object('carts', kpi.fill(
                '@model@.carts AS r WHERE r.cart_id IS NOT NULL'
                || CASE WHEN item.orders THEN
                       ' AND (r.ordered_at IS NULL'
                       ' OR EXISTS (SELECT FROM @recorded@ AS k WHERE k.cart_id = r.cart_id))'
                   ELSE '' END, marks));
            EXECUTE kpi.fill('SELECT r.cart_id::text FROM @carts@ '
                             'GROUP BY r.cart_id HAVING count(*) > 1 LIMIT 1', marks) INTO twice;
            IF twice IS NOT NULL THEN
                RAISE EXCEPTION 'cart "%" is twice in carts of model "%"', twice, model
                    USING ERRCODE = 'cardinality_violation',
                          DETAIL = 'A cart is one row, so that what is recorded of it is certain.',
                          HINT = format('Let the view of carts GROUP BY cart_id. All such carts: '
                                        'SELECT cart_id FROM %I.carts GROUP BY cart_id '
                                        'HAVING count(*) > 1.', model);
            END IF;
            EXECUTE kpi.fill('INSERT INTO @recorded@ AS k (@columns@) SELECT @read@ FROM @carts@ '
                             'ON CONFLICT (cart_id) DO UPDATE SET (@columns@) = ROW (@seen@) '
                             'WHERE record_image_ne(ROW (@known@), ROW (@seen@))', marks);
            GET DIAGNOSTICS rows = ROW_COUNT;
        ELSE
            -- one statement, so that a source that is emptied meanwhile takes nothing along
            EXECUTE kpi.fill($stock$
                WITH counted AS MATERIALIZED (
                    SELECT @read@
                    FROM   @model@.stock_levels AS r CROSS JOIN @model@.kpi_settings AS s
                    WHERE  kpi.bucket('day', @counted_at@, s.timezone)
                           = kpi.bucket('day', now(), s.timezone)
                ),
                replaced AS (
                    DELETE FROM @recorded@ AS r USING @model@.kpi_settings AS s
                    WHERE  r.counted_at > now() - interval '3 days'
                    AND    kpi.bucket('day', @counted_at@, s.timezone)
                           = kpi.bucket('day', now(), s.timezone)
                    AND    EXISTS (SELECT FROM counted)
                )
                INSERT INTO @recorded@ (@columns@) TABLE counted $stock$, marks);
            GET DIAGNOSTICS rows = ROW_COUNT;
            IF rows = 0 THEN
                note := 'nothing is counted today; where a shop keeps only the stock there is, '
                        'its view says now() AS counted_at';
            END IF;
        END IF;

        IF NOT EXISTS (SELECT FROM kpi.found_reads(model) AS d
                       WHERE  d.relation = (marks ->> 'recorded')::regclass) THEN
            note := concat_ws('; ', note, 'not read yet; to read it, build again: '
                                          || settings.built_by);
        END IF;
        RETURN NEXT;
    END LOOP;
    IF relation IS NULL THEN
        RAISE EXCEPTION 'model "%" has nothing to record', model USING ERRCODE = 'undefined_table',
            DETAIL = 'What is recorded are the sources stock_levels and carts.',
            HINT = 'See SELECT kpi.scaffold(''stock_levels''), and build the model again.';
    END IF;
END $$;
COMMENT ON FUNCTION snapshot(model text) IS
'records what the sources stock_levels and carts of a model show now, in its tables '
'recorded_stock_levels and recorded_carts, for shops that keep only current stock or delete carts: '
'a row for each table, with how many rows were recorded. Call it daily, as schedule(model, cron, '
'task => snapshot) does; stock of a day is replaced by a later snapshot of it, carts are kept as '
'they were last seen. The model reads the tables after build was called once more; an error if it '
'has neither source';
