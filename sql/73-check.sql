-- check: what in the sources of a model makes its indicators fail or lie, with how much of it there
-- is and what it moves
--
-- A trap is described and found in the file of its source, which has one query: it reads the source
-- once and counts all traps on the way, so that a check costs a few scans and not a few dozen. A
-- query gives one row per trap; what it counts nothing of is no finding. The queries read the
-- sources as the views do, through definition_query, and need none of the views. What makes these
-- fail (NaN, an amount without exchange rate, a score that is none) is counted, and left out of the
-- figures beside it.
--
-- Not looked for, as it cannot be seen in these columns: order totals that a join has multiplied,
-- if order_lines cannot contradict them; gift cards among the articles, unless they are left out of
-- an order of nothing else, which is worth 0 then; tax in the refund of a part of an order that is
-- none of its lines; prices with and without tax in one column, visits of robots, promises changed
-- after the fact, rows that came late. Cohorts that are too young and days cut in the zone of the
-- session are not possible in the views: these know which periods are complete, and their days are
-- those of the model.

-- Who is nobody, whatever the case and the blanks.
CREATE FUNCTION check_nobody(id text) RETURNS boolean LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(btrim(id)) = ANY ('{"",0,-1,"null",none,nil,nan,n/a,na,guest,unknown,anonymous,
                                     undefined,00000000-0000-0000-0000-000000000000}');
COMMENT ON FUNCTION check_nobody(id text) IS
'implementation of check: whether a customer or visitor is a word or number that stands for none';

-- Of the amounts an order may have, whichever it has: a query that is shown names no column that
-- may not be there.
CREATE FUNCTION check_sales("order" jsonb) RETURNS numeric
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN coalesce(("order" ->> 'net_sales')::numeric,
                    ("order" ->> 'gross_sales')::numeric
                    - coalesce(("order" ->> 'discount')::numeric, 0));
COMMENT ON FUNCTION check_sales("order" jsonb) IS
'implementation of check: what an order came to, net_sales or what takes its place, from its row';

-- Only what reads hours knows which it can read.
CREATE FUNCTION check_hours(hours text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.business_time(now(), now(), 'Mon-Sun 0:00-24:00'::text, 'UTC'::text,
                              NULL::tstzmultirange,
                              kpi.holiday_list(ARRAY[date '2000-01-01'], ARRAY[hours]));
    RETURN hours !~ ',';        -- after which another day would begin
EXCEPTION WHEN invalid_parameter_value OR invalid_text_representation THEN
    RETURN false;
END $$;
COMMENT ON FUNCTION check_hours(hours text) IS
'implementation of check: whether these are the hours of a holiday; NULL if they are';

-- Five days are enough to tell how far apart they are.
CREATE FUNCTION check_ended(first_ago integer, last_ago integer, days bigint) RETURNS integer
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN days < 5 OR last_ago <= 7
                     OR last_ago <= 5.0 * (first_ago - last_ago) / (days - 1)
                THEN 0 ELSE last_ago END;
COMMENT ON FUNCTION check_ended(first_ago integer, last_ago integer, days bigint) IS
'implementation of check: for how many days there have been no rows, where that is more than a '
'week and five times as long as between two days with rows; else 0';

-- names and types

INSERT INTO kpi.traps VALUES
    (1, 'naive_time', '*', 'fails', 'columns', '{}', NULL,
     'timestamps without time zone, so that the instant is not known; here read in the zone of '
     'the model',
     '<column> AT TIME ZONE ''UTC'', or the zone its clock shows', NULL),
    (2, 'wrong_type', '*', 'fails', 'columns', '{}', NULL,
     'columns of a type that build() refuses; here taken as not there',
     'the type that sources have it with', NULL),
    (3, 'missing_column', '*', 'fails', 'columns', '{}', NULL,
     'columns that are required are not there', 'add them to the view', NULL),
    (4, 'unreadable', '*', 'fails', 'relations', '{}', NULL,
     'reading the rows ends with an error', 'mend the view, or leave out the row that does it',
     NULL),
    (5, 'misspelt_relation', '*', 'doubtful', 'relations', '{}', NULL,
     'a relation that nothing reads has nearly the name of a source', 'rename it', NULL),
    (6, 'misspelt_column', '*', 'doubtful', 'columns', '{}', NULL,
     'a column that is not read has nearly the name of one that is not there', 'rename it', NULL),
    (7, 'deleted_rows', '*', 'doubtful', 'columns', '{}', NULL,
     'the source says which of its rows are deleted, and all of them count',
     'WHERE <column> IS NULL, or IS NOT true, in the view, and not the column itself', NULL),
    (8, 'untold_target', '*', 'doubtful', 'targets', '{}', NULL,
     'targets go on that are of what the model does not tell any more', 'end them with kpi.revise',
     NULL);

-- What can be seen without reading a row.
CREATE FUNCTION check_names(model text, dimensions text[])
RETURNS TABLE (trap text, source text, rows bigint, of_rows bigint, detail text, advice text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH relation AS (
        SELECT c.relname::text AS name, c.oid
        FROM   pg_class AS c
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
        AND    c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ),
    unread AS (
        SELECT r.name AS source, a.attname::text AS name
        FROM   relation AS r
               JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE  r.name IN (SELECT source FROM kpi.sources) AND a.attname <> ALL (dimensions)
        AND    NOT EXISTS (SELECT FROM kpi.source_columns AS s
                           WHERE  s.source = r.name AND s.name = a.attname)
    ),
    found AS (
        SELECT CASE WHEN c.type IS NULL THEN 'missing_column'
                    WHEN c.type = 'timestamp without time zone' AND c.kind = 'instant'
                    THEN 'naive_time'
                    ELSE 'wrong_type' END AS trap,
               c.source,
               concat_ws(' ', c.name, CASE WHEN c.type IS NOT NULL THEN c.problem END) AS detail,
               c.hint AS advice
        FROM   kpi.found_columns(model) AS c
        WHERE  c.problem IS NOT NULL
        UNION ALL
        SELECT 'misspelt_column', u.source,
               format('%s, perhaps %s', u.name, string_agg(c.name, ' or ')),
               format('<column> AS %s', string_agg(c.name, ' or '))
        FROM   unread AS u
               JOIN kpi.found_columns(model) AS c ON c.source = u.source AND c.type IS NULL
                    AND kpi.spellings(c.name) && kpi.spellings(u.name)
        GROUP  BY u.source, u.name
        UNION ALL
        SELECT 'deleted_rows', u.source, u.name, NULL
        FROM   unread AS u
        WHERE  lower(u.name) = ANY ('{deleted_at,deleted,is_deleted,deleted_on,deletedat,
                                      _fivetran_deleted,_airbyte_deleted_at,_ab_cdc_deleted_at}')
        UNION ALL
        SELECT 'misspelt_relation', m.name, 'perhaps ' || m.source,
               format('ALTER TABLE %I.%I RENAME TO %s', model, m.name, m.source)
        FROM   kpi.misspelt_relations(model) AS m
    )
    SELECT f.trap, f.source, count(*),
           CASE f.trap WHEN 'misspelt_relation' THEN (SELECT count(*) FROM relation)
                       ELSE (SELECT count(*) FROM kpi.found_columns(model) AS c
                             WHERE  c.source = f.source AND (c.type IS NOT NULL OR c.required)) END,
           string_agg(f.detail, '; ' ORDER BY f.detail),
           string_agg(f.advice, ', ' ORDER BY f.detail)
    FROM   found AS f
    GROUP  BY f.trap, f.source;
END;
COMMENT ON FUNCTION check_names(model text, dimensions text[]) IS
'implementation of check: what is wrong with the names and types of the relations of a model, '
'dimensions being read as well';

-- In place of kpi_settings, which may not be built, stand the settings that check() was told.
CREATE FUNCTION check_query(model text, source text, dimensions text[], queries jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT 'WITH settings AS NOT MATERIALIZED (SELECT $1 AS timezone, $2 AS currency, $3 AS as_of, '
           '$4 AS today, $5 AS refunds_by, $6 AS cart_idle, $7 AS business_hours, $8 AS since, '
           '$9 AS answered_in, $11 AS measures_read) '
           'SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object(''source'', $10)) FROM ('
           || replace(kpi.definition_query(
                          model, replace(replace(d.query, '@known_changes@', '(' || c.query || ')'),
                                 '@known_orders@', '(' || k.query || ')'),
                          ARRAY[d.source], dimensions, queries),
                      quote_ident(model) || '.kpi_settings AS s', 'settings AS s') || ') AS t'
    FROM   kpi.check_definitions AS d
           JOIN kpi.check_definitions AS k ON k.source = 'known_orders'
           JOIN kpi.check_definitions AS c ON c.source = 'known_changes'
    WHERE  d.source = check_query.source;
END;
COMMENT ON FUNCTION check_query(model text, source text, dimensions text[], queries jsonb) IS
'implementation of check: the query that counts the traps of a source';

-- The settings of a model are those it was built with, or that build() would take untold.
CREATE FUNCTION check_settings(model text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    built jsonb := '{}';
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that has its '
                                      'sources.');
    PERFORM kpi.require_owners(model, 'check');
    IF NOT EXISTS (SELECT FROM kpi.found_columns(model))
          AND NOT EXISTS (SELECT FROM kpi.check_names(model, '{}'::text[])) THEN
        RAISE EXCEPTION 'schema "%" has no source', model USING ERRCODE = 'undefined_table',
            DETAIL = format('Sources are relations with the names %s.',
                            (SELECT string_agg(s.source, ', ' ORDER BY s.source)
                             FROM   kpi.sources AS s)),
            HINT = 'See SELECT kpi.scaffold(''orders'') for a view to fill in.';
    END IF;
    IF kpi.is_built(model) THEN
        EXECUTE format('SELECT to_jsonb(s) FROM %I.kpi_settings AS s', model) INTO built;
        IF built ->> 'answers' <> 'all' THEN
            EXECUTE format('SELECT %1$L || jsonb_build_object(''answered_in'', g.name) '
                           'FROM   %2$I.kpi_grains AS g WHERE g.grain = %3$L',
                           built, model, substring(built ->> 'answers' FROM 'last of (.*)'))
            INTO built;
        END IF;
    END IF;
    RETURN built || jsonb_build_object(
        'timezone', coalesce(built ->> 'timezone', 'UTC'),
        'as_of', coalesce(built ->> 'as_of', now()::text),
        'refunds_by', coalesce(built ->> 'refunds_by', 'refund'),
        'cart_idle', coalesce(built ->> 'cart_idle', '1 hour'),
        'dimensions', coalesce(built -> 'dimensions', '[]'));
END $$;
COMMENT ON FUNCTION check_settings(model text) IS
'implementation of check: the settings of a model; an error if it is none';

-- What the query of a source finds. What it fails with is a finding, too, also what a function in a
-- view raises.
CREATE FUNCTION check_source(model text, source text, settings jsonb, queries jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    dimensions text[] := ARRAY(SELECT jsonb_array_elements_text(settings -> 'dimensions'));
    found      jsonb;
BEGIN
    EXECUTE kpi.check_query(model, source, dimensions, queries) INTO found
    USING settings ->> 'timezone', settings ->> 'currency', (settings ->> 'as_of')::timestamptz,
          (settings ->> 'today')::date, settings ->> 'refunds_by',
          (settings ->> 'cart_idle')::interval, settings ->> 'business_hours',
          (settings ->> 'since')::date, settings ->> 'answered_in', source,
          ARRAY(SELECT DISTINCT o.read FROM kpi.own_reads(model) AS o WHERE o.kind = 'measure');
    RETURN coalesce(found, '[]');
EXCEPTION WHEN OTHERS OR assert_failure THEN
    IF kpi.befalls_server(SQLSTATE) THEN
        RAISE;
    END IF;
    RETURN jsonb_build_array(jsonb_build_object(
        'trap', 'unreadable', 'source', source, 'rows', 1, 'of_rows', 1, 'detail', SQLERRM,
        'advice', CASE SQLSTATE WHEN '42501' THEN 'GRANT SELECT on it, and USAGE on its schema, '
                                                  'to the owner of the view that reads it' END));
END $$;
COMMENT ON FUNCTION check_source(model text, source text, settings jsonb, queries jsonb) IS
'implementation of check: what is found in a source, a row per trap';

-- What ends together is one finding, that of the source that comes first.
CREATE FUNCTION check_ends(lists jsonb, today date) RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH found AS (
        SELECT f.n, f.item, f.item ->> 'trap' AS trap, t.position,
               (f.item ->> 'rows')::integer AS ago
        FROM   jsonb_array_elements(lists) WITH ORDINALITY AS f (item, n)
               LEFT JOIN kpi.traps AS t ON t.trap = f.item ->> 'trap'
                                        AND t.source = f.item ->> 'source'
    ),
    latest AS (SELECT min(ago) AS ago FROM found WHERE trap = 'last_row')
    SELECT coalesce(jsonb_agg(
               CASE WHEN f.trap = 'data_ended' AND f.ago > 0
                    THEN f.item || jsonb_build_object('detail', concat_ws(', ',
                             f.item ->> 'detail', 'the last of them is of ' || today - f.ago,
                             'that of all sources of ' || today - l.ago))
                    ELSE f.item END ORDER BY f.n), '[]')
    FROM   found AS f CROSS JOIN latest AS l
    WHERE  f.trap <> 'last_row'
    AND    (f.trap <> 'data_ended' OR f.ago - l.ago > 7
            OR f.position <= ALL (SELECT o.position FROM found AS o
                                  WHERE  o.trap = 'data_ended' AND o.ago > 0
                                  AND    o.ago - l.ago <= 7));
END;
COMMENT ON FUNCTION check_ends(lists jsonb, today date) IS
'implementation of check: of the sources that ended as late as any, the first; and the days on '
'which they did';

-- CHECK is a word of SQL: the name needs its schema before it, or quotes.
CREATE FUNCTION "check"(schema text, timezone text DEFAULT NULL, currency text DEFAULT NULL,
                        as_of timestamp with time zone DEFAULT NULL,
                        everything boolean DEFAULT false)
RETURNS TABLE (trap text, source text, kind text, finding text, rows bigint, of_rows bigint,
               money numeric, indicator text, value double precision, corrected double precision,
               advice text, query text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
    SET jit = off AS $$    -- compiling takes longer than it saves
#variable_conflict use_column
DECLARE
    settings   jsonb := kpi.check_settings(schema);
    dimensions text[] := ARRAY(SELECT jsonb_array_elements_text(settings -> 'dimensions'));
    queries    jsonb := kpi.source_queries(schema, dimensions, false, false);
    lists      jsonb;
    item       record;
BEGIN
    timezone := coalesce(timezone, settings ->> 'timezone');
    currency := coalesce(currency, settings ->> 'currency');
    as_of    := coalesce(as_of, (settings ->> 'as_of')::timestamptz);
    IF NOT isfinite(as_of) THEN
        RAISE EXCEPTION 'as_of is infinite' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Leave it out for now.';
    END IF;
    PERFORM kpi.require_currency(schema, currency);
    settings := settings || jsonb_build_object('timezone', timezone, 'currency', currency,
                    'as_of', as_of, 'today', kpi.bucket('day', as_of, timezone));

    SELECT coalesce(jsonb_agg(to_jsonb(n)), '[]') INTO lists
    FROM   (SELECT * FROM kpi.check_names(schema, dimensions)
            UNION ALL
            SELECT * FROM kpi.check_goals(schema)) AS n;
    FOR item IN SELECT DISTINCT c.source FROM kpi.found_columns(schema) AS c LOOP
        lists := lists || kpi.check_source(schema, item.source, settings, queries);
    END LOOP;
    lists := kpi.check_ends(lists, (settings ->> 'today')::date);

    RETURN QUERY
    WITH there AS MATERIALIZED (
        SELECT c.source, c.source || '.' || c.name AS need
        FROM   kpi.found_columns(schema) AS c
        WHERE  c.type IS NOT NULL AND c.expression NOT LIKE 'NULL::%'
    ),
    moved AS MATERIALIZED (     -- the indicators that are made of a source
        SELECT i.indicator, v.sources[1] AS source
        FROM   kpi.found_indicators(schema, '{}'::text[], NULL, settings, false) AS i
               JOIN kpi.formula_reads AS r USING (indicator, priority)
               JOIN kpi.view_definitions AS v ON v.name = r.view
        WHERE  i.missing IS NULL
    )
    SELECT t.trap, coalesce(f.source, nullif(t.source, '*')), t.kind,
           coalesce('not looked for, as it needs ' || n.missing,
                    concat_ws(': ', t.finding, CASE WHEN f.rows > 0 THEN f.detail END)),
           CASE WHEN n.missing IS NULL THEN coalesce(f.rows, 0) END,
           CASE WHEN n.missing IS NULL THEN coalesce(f.of_rows, 0) END,
           CASE WHEN f.rows > 0 THEN round(f.money, 4) END,
           i.indicator,
           CASE WHEN f.rows > 0 AND i.indicator IS NOT NULL THEN f.value END,
           CASE WHEN f.rows > 0 AND i.indicator IS NOT NULL THEN f.corrected END,
           coalesce(f.advice, t.advice),
           -- which may ask for a column that could be there and is not
           CASE WHEN n.missing IS NULL
                AND NOT EXISTS (SELECT FROM kpi.source_columns AS s
                                WHERE  s.source = t.source AND t.query ~ ('\m' || s.name || '\M')
                                AND    s.source || '.' || s.name
                                       NOT IN (SELECT c.need FROM there AS c))
           THEN kpi.fill(t.query, jsonb_build_object(
                    'schema', quote_ident(schema), 'as_of', format('timestamptz %L', as_of),
                    'currency', quote_nullable(currency))) END
    FROM   kpi.traps AS t
           LEFT JOIN jsonb_to_recordset(lists) AS f (
                    trap text, source text, rows bigint, of_rows bigint, money numeric,
                    indicator text, value double precision, corrected double precision,
                    detail text, advice text)
                ON f.trap = t.trap AND (f.source = t.source OR t.source = '*')
           LEFT JOIN kpi.indicators AS i ON i.indicator = coalesce(f.indicator, t.indicator)
                AND (i.indicator, t.source) IN (SELECT m.indicator, m.source FROM moved AS m)
           CROSS JOIN LATERAL (
               SELECT string_agg(u.need, ', ') AS missing
               FROM   unnest(t.needs) AS u (need)
               WHERE  NOT EXISTS (SELECT FROM there AS c
                                  WHERE  c.need = ANY (string_to_array(u.need, '|')))) AS n
    WHERE  (t.source = '*' OR t.source IN (SELECT c.source FROM kpi.found_columns(schema) AS c))
    AND    (everything OR f.rows > 0 AND n.missing IS NULL)
    ORDER  BY array_position('{fails,wrong,doubtful,note}', t.kind), t.position, i.position,
              f.source;
END $$;
COMMENT ON FUNCTION "check"(schema text, timezone text, currency text,
    as_of timestamp with time zone, everything boolean) IS
'the traps of kpi.traps that are in the sources of a model: each with how many rows of how many, '
'their money, the indicator it moves, its value over all the data and the value without the '
'trap, what to do, and a query that shows them; no row if nothing was found; settings are those '
'of build(), or UTC, no currency and now; everything also lists what was looked for and not '
'found (rows 0), or cannot be looked for (rows NULL). Written kpi.check, as CHECK alone is a '
'word of SQL';
