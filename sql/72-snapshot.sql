-- snapshot: records day by day what shops forget
--
-- Most shops keep only the stock there is now, and many delete carts. snapshot() copies what the sources stock_levels and carts show
-- into tables of the model, recorded_stock_levels and recorded_carts. build() then reads a source and its table as one: what the source
-- still tells counts as it tells it, the rest as it was recorded. Stock is that of the day, so a second snapshot replaces the first; a
-- cart is recorded while it is open, and once more when it is ordered.

CREATE FUNCTION snapshot(model text) RETURNS TABLE (relation text, rows bigint, note text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settings record;
    item     record;
    what     text;
    command  text;
    chosen   text;
    twice    text;
    made     boolean;
BEGIN
    SELECT * INTO settings FROM kpi.settings_of(model, false);
    PERFORM kpi.lock_model(model, 1, true);     -- another snapshot waits, and replaces this one
    FOR item IN
        SELECT c.source, 'recorded_' || c.source AS name, array_agg(c.name ORDER BY c.n) AS names,
               string_agg(quote_ident(c.name), ', ' ORDER BY c.n) AS columns, string_agg(format('r.%I', c.name), ', ' ORDER BY c.n) AS read,
               string_agg(format('k.%I', c.name), ', ' ORDER BY c.n) AS known,
               string_agg(format(CASE c.name WHEN 'created_at' THEN 'least(k.%I, excluded.%1$I)' ELSE 'excluded.%I' END, c.name), ', ' ORDER BY c.n) AS seen,
               bool_or(c.name = 'ordered_at') AS orders, min(c.expression) FILTER (WHERE c.name = 'counted_at') AS counted_at
        FROM   (SELECT source, name, max(expression) AS expression, min(n) AS n
                FROM   (SELECT source, name, expression, row_number() OVER () AS n FROM kpi.found_columns(model) WHERE type IS NOT NULL
                        UNION ALL
                        SELECT source, dimension, NULL, 1000 + position FROM kpi.found_dimensions(model, settings.dimensions) WHERE own) AS c
                GROUP  BY source, name) AS c
        WHERE  c.source IN (SELECT s.source FROM kpi.sources AS s WHERE s.recorded_by <> '{}') AND c.source = ANY (settings.sources)
        GROUP  BY c.source ORDER BY c.source
    LOOP
        relation := item.name;
        note := NULL;
        what := format('%I.%I', model, item.name);
        made := to_regclass(what) IS NULL;
        IF made THEN
            EXECUTE format('CREATE TABLE %s ()', what);
            EXECUTE format('COMMENT ON TABLE %s IS %L', what, format('What kpi.snapshot has recorded of %s, day by day; read along with it.', item.source));
        END IF;
        FOR command IN  -- of the same types, but of any length or precision
            SELECT format('ALTER TABLE %s ADD COLUMN %I %s', what, a.attname, format_type(a.atttypid, -1)) || coalesce(' COLLATE ' || nullif(a.attcollation, 0)::regcollation, '')
            FROM   pg_attribute AS a
            WHERE  a.attrelid = format('%I.%I', model, item.source)::regclass AND a.attname = ANY (item.names)
            AND    NOT EXISTS (SELECT FROM pg_attribute AS o WHERE o.attrelid = what::regclass AND o.attname = a.attname AND o.attnum > 0 AND NOT o.attisdropped)
            ORDER  BY array_position(item.names, a.attname::text)
        LOOP
            EXECUTE command;
        END LOOP;
        IF made THEN
            EXECUTE format('CREATE %s INDEX ON %s (%s)', CASE item.source WHEN 'carts' THEN 'UNIQUE' END, what, CASE item.source WHEN 'carts' THEN 'cart_id' ELSE 'counted_at' END);
        END IF;

        IF item.source = 'carts' THEN
            chosen := format('%I.carts AS r WHERE r.cart_id IS NOT NULL', model)
                      || CASE WHEN item.orders THEN format(' AND (r.ordered_at IS NULL OR EXISTS (SELECT FROM %s AS k WHERE k.cart_id = r.cart_id))', what) ELSE '' END;
            EXECUTE format('SELECT r.cart_id::text FROM %s GROUP BY r.cart_id HAVING count(*) > 1 LIMIT 1', chosen) INTO twice;
            IF twice IS NOT NULL THEN
                RAISE EXCEPTION 'cart "%" is twice in carts of model "%"', twice, model USING ERRCODE = 'cardinality_violation',
                    DETAIL = 'A cart is one row, so that what is recorded of it is certain.',
                    HINT = format('Let the view of carts GROUP BY cart_id. All such carts: SELECT cart_id FROM %I.carts GROUP BY cart_id HAVING count(*) > 1.', model);
            END IF;
            EXECUTE format('INSERT INTO %s AS k (%s) SELECT %s FROM %s ON CONFLICT (cart_id) DO UPDATE SET (%2$s) = ROW (%6$s) WHERE record_image_ne(ROW (%5$s), ROW (%6$s))',
                           what, item.columns, item.read, chosen, item.known, item.seen);
            GET DIAGNOSTICS rows = ROW_COUNT;
        ELSE
            command := format('kpi.bucket(''day'', %s, s.timezone) = kpi.bucket(''day'', now(), s.timezone)', item.counted_at);
            -- one statement, so that a source that is emptied meanwhile takes nothing along
            EXECUTE format('WITH counted AS MATERIALIZED (SELECT %s FROM %I.stock_levels AS r CROSS JOIN %2$I.kpi_settings AS s WHERE %s),
                                 replaced AS (DELETE FROM %s AS r USING %2$I.kpi_settings AS s
                                              WHERE r.counted_at > now() - interval ''3 days'' AND %3$s AND EXISTS (SELECT FROM counted))
                            INSERT INTO %4$s (%5$s) TABLE counted', item.read, model, command, what, item.columns);
            GET DIAGNOSTICS rows = ROW_COUNT;
            IF rows = 0 THEN
                note := 'nothing is counted today; where a shop keeps only the stock there is, its view says now() AS counted_at';
            END IF;
        END IF;

        IF NOT EXISTS (SELECT FROM kpi.found_reads(model) AS d WHERE d.relation = what::regclass) THEN
            note := concat_ws('; ', note, format('not read yet; to read it, build again: %s', settings.built_by));
        END IF;
        RETURN NEXT;
    END LOOP;
    IF relation IS NULL THEN
        RAISE EXCEPTION 'model "%" has nothing to record', model USING ERRCODE = 'undefined_table',
            DETAIL = 'What is recorded are the sources stock_levels and carts.', HINT = 'See SELECT kpi.scaffold(''stock_levels''), and build the model again.';
    END IF;
END $$;
COMMENT ON FUNCTION snapshot(model text) IS
'records what the sources stock_levels and carts of a model show now, in its tables '
'recorded_stock_levels and recorded_carts, for shops that keep only current stock or delete carts: '
'a row for each table, with how many rows were recorded. Call it daily, as schedule(model, cron, '
'task => snapshot) does; stock of a day is replaced by a later snapshot of it, carts are kept as '
'they were last seen. The model reads the tables after build was called once more; an error if it '
'has neither source';
