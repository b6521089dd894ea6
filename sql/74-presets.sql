-- presets: the source views of a model over the tables of known shop systems
--
-- A shop system, or a tool beside the shop, is a file in sql/presets: its tables and columns with
-- the names they have had in its versions, a readable query for each source, of which the first is
-- the one without which it is of no use, and what it does not store. Versions are told
-- apart by the columns that are there, not by their numbers, so the queries are written once,
-- against the tables as declared: a column that is missing reads as NULL, a table that need not be
-- there as empty. What a shop cannot know is no column of the view, so that build() says what is
-- left out instead of showing nothing.

CREATE TABLE presets (
    shop     text    NOT NULL,
    position integer NOT NULL,
    kind     text    NOT NULL
        CHECK (kind IN ('shop', 'table', 'optional', 'part', 'source', 'lacks')),
    name     text    NOT NULL,
    meaning  text    NOT NULL,
    body     text    NOT NULL,
    PRIMARY KEY (shop, position)
);
COMMENT ON TABLE presets IS
'the shop systems, and tools beside the shop, that preset() knows, as they are in sql/presets: a '
'row for each section of a file';
COMMENT ON COLUMN presets.shop IS 'the shop system or tool, as preset() is told it';
COMMENT ON COLUMN presets.position IS 'order in which it is said';
COMMENT ON COLUMN presets.kind IS
'shop: its name; table: one of its tables; optional: one that need not be there; part: a query '
'that sources share; source: a source that it fills, the first of them the one without which it is '
'of no use; lacks: what it cannot answer';
COMMENT ON COLUMN presets.name IS
'name of the shop system, table, part or source, or what is lacking; of a table alternatives with '
'| between';
COMMENT ON COLUMN presets.meaning IS 'what it is; of what is lacking why, and what to add';
COMMENT ON COLUMN presets.body IS
'of a table its columns, a line each: name, or alternatives with | between, type, or key if that '
'is the shop''s own, and whether the table is of no use without it; of a source or part its query, '
'in which @name@ stands for a table or an earlier part, and a line that ends with --@ if '
'table.column only counts where that column is there, or the table, or one of several with | '
'between; a source with a line that ends with --@ needs table is left out where that is not there';
GRANT SELECT ON presets TO PUBLIC;

--@ presets

CREATE FUNCTION preset_columns(shop text, source_schema text)
RETURNS TABLE ("table" text, relation text, "position" bigint, name text, names text, found text,
               problem text, expression text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT split_part(p.name, '|', 1), r.relname, l.position, split_part(c.column[1], '|', 1),
           replace(c.column[1], '|', ' or '), a.attname,
           CASE WHEN a.attname IS NULL
                THEN CASE WHEN c.column[3] IS NOT NULL
                          THEN r.relname || ' has no ' || replace(c.column[1], '|', ' or ') END
                WHEN a.atttypid <> t.oid AND a.typcategory <> 'S' AND t.typcategory <> 'S'
                    AND NOT EXISTS (SELECT FROM pg_cast
                                    WHERE  castsource = a.atttypid AND casttarget = t.oid)
                THEN format('%s.%s is ', r.relname, a.attname)
                     || format('%s instead of %s', format_type(a.atttypid, NULL),
                               format_type(t.oid, NULL)) END,
           -- where these shops leave out the zone, it is UTC; keys are read as they are, as a cast
           -- would hide their indexes, one that is missing as the others
           CASE WHEN a.attname IS NULL THEN format('NULL::%s', CASE
                    WHEN c.column[2] <> 'key' THEN c.column[2]
                    ELSE coalesce(first_value(format_type(a.atttypid, NULL)) OVER (
                             PARTITION BY c.column[2] = 'key'
                             ORDER BY a.attname IS NULL, p.position, l.position), 'text') END)
                WHEN c.column[2] = 'key' THEN format('r.%I', a.attname)
                WHEN c.column[2] = 'timestamptz' AND a.atttypid = 'timestamp'::regtype
                THEN format('r.%I AT TIME ZONE ''UTC''', a.attname)
                ELSE format('r.%I::%s', a.attname, c.column[2]) END
           || format(' AS %I', split_part(c.column[1], '|', 1))
    FROM   kpi.presets AS p
           LEFT JOIN LATERAL (
               SELECT c.oid, c.relname::text
               FROM   unnest(string_to_array(p.name, '|')) WITH ORDINALITY AS n (name, position)
                      JOIN pg_class AS c ON c.relname = n.name
               WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = source_schema)
               AND    c.relkind IN ('r', 'p', 'v', 'm', 'f')
               ORDER  BY n.position LIMIT 1) AS r ON true
           CROSS JOIN LATERAL string_to_table(p.body, E'\n')
                              WITH ORDINALITY AS l (line, position)
           CROSS JOIN LATERAL regexp_match(l.line, '^\s*(\S+)\s+(\S.*?)(,\s*required)?\s*$')
                              AS c ("column")
           LEFT JOIN pg_type AS t ON t.oid = to_regtype(nullif(c.column[2], 'key'))
           LEFT JOIN LATERAL (
               SELECT a.attname::text, a.atttypid, y.typcategory
               FROM   unnest(string_to_array(c.column[1], '|'))
                      WITH ORDINALITY AS n (name, position)
                      JOIN pg_attribute AS a ON a.attname = n.name
                      JOIN pg_type AS y ON y.oid = a.atttypid
               WHERE  a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
               ORDER  BY n.position LIMIT 1) AS a ON true
    WHERE  p.shop = preset_columns.shop AND p.kind IN ('table', 'optional')
    AND    (t.oid IS NOT NULL OR c.column[2] = 'key');
END;
COMMENT ON FUNCTION preset_columns(shop text, source_schema text) IS
'implementation of preset: the columns of a shop system, which of them the tables of a schema '
'have, and how they are read';

CREATE FUNCTION preset_tables(shop text, source_schema text)
RETURNS TABLE ("table" text, "position" integer, found text, absent text, problem text,
               expression text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT c.table, p.position,
           c.relation || format(' (%s)', string_agg(c.found, ', ' ORDER BY c.position)),
           CASE WHEN c.relation IS NULL THEN replace(p.name, '|', ' or ')
                ELSE string_agg(format('%s.%s', c.relation, c.names), ', ' ORDER BY c.position)
                    FILTER (WHERE c.found IS NULL) END,
           CASE WHEN c.relation IS NULL AND p.kind = 'table'
                THEN 'there is no ' || replace(p.name, '|', ' or ')
                ELSE string_agg(c.problem, '; ' ORDER BY c.position) END,
           format('(SELECT %s%s)', string_agg(c.expression, ', ' ORDER BY c.position),
                  coalesce(format(' FROM %I.', source_schema) || quote_ident(c.relation) || ' AS r',
                           ' WHERE false'))
    FROM   kpi.presets AS p
           JOIN kpi.preset_columns(shop, source_schema) AS c ON c.table = split_part(p.name, '|', 1)
    WHERE  p.shop = preset_tables.shop AND p.kind IN ('table', 'optional')
    GROUP  BY p.position, p.kind, p.name, c.table, c.relation;
END;
COMMENT ON FUNCTION preset_tables(shop text, source_schema text) IS
'implementation of preset: the tables of a shop system as they are in a schema, what makes them '
'useless, what is found and absent, and how they are read';

CREATE FUNCTION preset_sources(shop text, source_schema text)
RETURNS TABLE (source text, "position" integer, meaning text, problem text, absent text, query text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    -- asked for each source: not to be found out each time
    WITH RECURSIVE tables AS MATERIALIZED (
        SELECT * FROM kpi.preset_tables(shop, source_schema)
    ),
    found AS MATERIALIZED (
        SELECT array_agg(c.table || coalesce('.' || n.name, '')) AS names
        FROM   kpi.preset_columns(shop, source_schema) AS c
               CROSS JOIN LATERAL (VALUES (NULL), (c.name)) AS n (name)
        WHERE  CASE WHEN n.name IS NULL THEN c.relation ELSE c.found END IS NOT NULL
    ),
    queries AS (
        SELECT p.kind, p.name, p.position, p.meaning,
               (SELECT string_agg('there is no ' || replace(t.name, '|', ' or '), '; ')
                FROM   regexp_matches(p.body, '--@ needs (\S+)', 'g') AS n (needed)
                       JOIN kpi.presets AS t
                           ON  t.shop = p.shop AND t.kind = 'optional'
                           AND split_part(t.name, '|', 1) = n.needed[1]
                WHERE  n.needed[1] <> ALL (f.names)) AS missing,
               (SELECT string_agg(l.line, E'\n' ORDER BY l.n)
                FROM   string_to_table(p.body, E'\n') WITH ORDINALITY AS l (line, n)
                WHERE  l.line !~ '--@ if '
                OR     string_to_array(substring(l.line FROM '--@ if (\S+)'), '|') && f.names)
                   AS query
        FROM   kpi.presets AS p CROSS JOIN found AS f
        WHERE  p.shop = preset_sources.shop AND p.kind IN ('part', 'source')
    ),
    parts AS (
        SELECT q.name, format('(%s)', q.query) AS query,
               row_number() OVER (ORDER BY q.position DESC) AS n
        FROM   queries AS q
        WHERE  q.kind = 'part'
    ),
    whole AS (   -- with the parts put in, the last first, as they are made of those before them
        SELECT q.name, q.position, q.meaning, q.missing, q.query, 0::bigint AS n
        FROM   queries AS q
        WHERE  q.kind = 'source'
        UNION ALL
        SELECT q.name, q.position, q.meaning, q.missing,
               kpi.fill(q.query, jsonb_build_object(p.name, p.query)), p.n
        FROM   whole AS q JOIN parts AS p ON p.n = q.n + 1
    )
    SELECT q.name, q.position, q.meaning, nullif(concat_ws('; ', t.problem, q.missing), ''),
           t.absent,
           kpi.fill(q.query, (SELECT jsonb_object_agg(t.table, t.expression) FROM tables AS t))
    FROM   whole AS q
           CROSS JOIN LATERAL (SELECT string_agg(t.problem, '; ' ORDER BY t.position) AS problem,
                                      string_agg(t.absent, ', ' ORDER BY t.position) AS absent
                               FROM   tables AS t
                               WHERE  position('@' || t.table || '@' IN q.query) > 0) AS t
    WHERE  q.n = (SELECT count(*) FROM parts);
END;
COMMENT ON FUNCTION preset_sources(shop text, source_schema text) IS
'implementation of preset: the sources that a shop system fills, what hinders that in a schema, '
'what is absent, and their queries';

CREATE FUNCTION detect(source_schema text) RETURNS TABLE (
    shop text, name text, usable boolean, sources text[], found text, missing text, lacks text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.require_schema(source_schema, 'Write the schema that holds the tables of the shop, '
                                              'such as ''public''.');
    RETURN QUERY
    SELECT d.shop, d.name, d.usable, d.sources, d.found, d.missing,
           (SELECT string_agg(format('%s: %s', l.name, l.meaning), '; ' ORDER BY l.position)
            FROM   kpi.presets AS l WHERE l.shop = d.shop AND l.kind = 'lacks')
    FROM   (SELECT p.shop, p.name, s.*, t.*, bool_or(s.usable) OVER () AS known
            FROM   kpi.presets AS p
                   CROSS JOIN LATERAL (
                       SELECT string_agg(t.found, ', ' ORDER BY t.position)
                                  FILTER (WHERE t.problem IS NULL) AS found,
                              string_agg(coalesce(t.problem, 'there is no ' || t.absent),
                                         '; ' ORDER BY t.position) AS missing,
                              count(t.found) FILTER (WHERE t.problem IS NULL) AS tables,
                              count(t.problem) AS problems
                       FROM   kpi.preset_tables(p.shop, source_schema) AS t) AS t
                   CROSS JOIN LATERAL (
                       SELECT coalesce((array_agg(s.problem IS NULL ORDER BY s.position))[1],
                                       false) AS usable,
                              coalesce(array_agg(s.source ORDER BY s.position)
                                           FILTER (WHERE s.problem IS NULL), '{}') AS sources
                       FROM   kpi.preset_sources(p.shop, source_schema) AS s) AS s
            WHERE  p.kind = 'shop') AS d
    -- names of tables are often shared
    WHERE  CASE WHEN d.known THEN d.usable ELSE d.tables > 0 END
    ORDER  BY d.tables::float8 / (d.tables + d.problems) DESC, d.tables DESC, d.shop;
END $$;
COMMENT ON FUNCTION detect(source_schema text) IS
'which shop systems and tools that preset() knows the tables of a schema belong to, best first, or '
'come near to if to none: whether preset would work, the sources it would make, the tables and '
'columns found and missing, and what such a system cannot answer';

CREATE FUNCTION put_source(model text, name text, source text, meaning text, query text)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command text;
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS %s', model, name, query);
    EXECUTE format('COMMENT ON VIEW %I.%I IS %L', model, name, meaning);
    FOR command IN
        SELECT format('COMMENT ON COLUMN %I.%I.', model, put_source.name)
               || format('%I IS %L', a.attname, coalesce(
                      c.meaning, 'a column of the shop, for the dimensions of build()'))
        FROM   pg_attribute AS a
               LEFT JOIN kpi.source_columns AS c ON  c.source = put_source.source
                                                 AND c.name = a.attname
        WHERE  a.attrelid = format('%I.%I', model, put_source.name)::regclass
        AND    a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE command;
    END LOOP;
EXCEPTION
    WHEN invalid_table_definition THEN
        RAISE EXCEPTION 'view % has other columns than its replacement',
            format('%I.%I', model, name)
            USING ERRCODE = 'invalid_table_definition', DETAIL = SQLERRM || '.',
                  HINT = format('Drop it first: SELECT kpi.drop_views(%L); ', model)
                         || format('DROP VIEW %I.%I', model, name);
    WHEN insufficient_privilege THEN    -- without the query, which is long
        RAISE EXCEPTION 'view % cannot be made: %', format('%I.%I', model, name), SQLERRM
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('Who calls preset has to be able to create in schema %I, and to '
                                'use the schema of the shop.', model);
END $$;
COMMENT ON FUNCTION put_source(model text, name text, source text, meaning text, query text) IS
'implementation of preset: makes or replaces a view of the rows of a source with its comments';

CREATE FUNCTION preset_makers(model text, source text)
RETURNS TABLE (shop text, name text, view oid, stands boolean)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    -- whose a view is that has the name of the source is known by its comment
    SELECT p.shop, p.name || '_' || p.shop, c.oid, c.relname = p.name
    FROM   kpi.presets AS p
           JOIN pg_class AS c
               ON  c.relname = p.name || '_' || p.shop
               OR  c.relname = p.name AND c.relkind = 'v'
                   AND obj_description(c.oid, 'pg_class') = p.meaning
    WHERE  p.kind = 'source' AND p.name = preset_makers.source
    AND    c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    AND    c.relkind IN ('r', 'p', 'v', 'm', 'f')
    -- what tools keep stands for itself; the sources of shops hang together by the orders
    AND    EXISTS (SELECT FROM kpi.presets AS t
                   WHERE  t.kind = 'source' AND t.name = p.name
                   AND    NOT EXISTS (SELECT FROM kpi.presets AS o
                                      WHERE  o.shop = t.shop AND o.kind = 'source'
                                      AND    o.name = 'orders'));
END;
COMMENT ON FUNCTION preset_makers(model text, source text) IS
'implementation of preset: the systems that a source of a model which several may fill has rows '
'of, the names of their views, and whether the view still stands for the source alone';

CREATE FUNCTION united_query(model text, source text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    -- in the order in which they were made, so that what comes later adds columns at the end
    WITH makers AS MATERIALIZED (
        SELECT * FROM kpi.preset_makers(model, source)
    ),
    columns AS (
        SELECT a.attname::text AS name, min((m.view::bigint << 16) + a.attnum) AS place,
               CASE WHEN min(c.kind) = 'key' THEN 'text'
                    ELSE (array_agg(format_type(a.atttypid, NULL) ORDER BY m.view))[1] END AS type,
               bool_or(a.attname = s.key AND NOT s.key_repeats) IS TRUE AS numbers
        FROM   makers AS m
               JOIN pg_attribute AS a
                   ON a.attrelid = m.view AND a.attnum > 0 AND NOT a.attisdropped
               LEFT JOIN kpi.source_columns AS c
                   ON c.source = united_query.source AND c.name = a.attname
               LEFT JOIN kpi.sources AS s ON s.source = united_query.source
        GROUP  BY a.attname
    )
    SELECT string_agg(q.query, E'\nUNION ALL\n' ORDER BY q.view)
    FROM   (SELECT m.view,
                   format('SELECT %L::text AS system, ', m.shop)
                   || string_agg(CASE WHEN a.attname IS NULL THEN 'NULL::' || c.type
                                      WHEN c.numbers
                                      THEN format('%L || x.%I', m.shop || ' ', c.name)
                                      ELSE format('x.%I::%s', c.name, c.type) END
                                 || format(' AS %I', c.name), ', ' ORDER BY c.place)
                   || format(' FROM %I.%I AS x', model, m.name) AS query
            FROM   makers AS m
                   CROSS JOIN columns AS c
                   LEFT JOIN pg_attribute AS a
                       ON a.attrelid = m.view AND a.attname = c.name AND a.attnum > 0
            GROUP  BY m.view, m.shop, m.name) AS q;
END;
COMMENT ON FUNCTION united_query(model text, source text) IS
'implementation of preset: the query of a source that several systems fill, of their views: the '
'columns of all, NULL where one lacks it, and before its numbers the system they are of';

CREATE FUNCTION unite_source(model text, source text)
RETURNS TABLE (object text, action text, reason text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first text := (SELECT m.name FROM kpi.preset_makers(model, source) AS m WHERE m.stands);
    there "char";
    said  text;
BEGIN
    IF first IS NOT NULL THEN
        EXECUTE format('ALTER VIEW %I.%I', model, source) || format(' RENAME TO %I', first);
    END IF;
    SELECT c.relkind, obj_description(c.oid, 'pg_class') INTO there, said
    FROM   pg_class AS c
    WHERE  c.relname = source
    AND    c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model);
    object := 'source ' || source;
    SELECT string_agg(m.name, ' and ' ORDER BY m.view) INTO reason
    FROM   kpi.preset_makers(model, source) AS m;
    IF there <> 'v' OR there = 'v' AND said IS DISTINCT FROM 'United of several systems.' THEN
        action := 'kept';
        reason := 'a relation of this name is there that reads as you wrote it; unite it with '
                  || reason;
    ELSE
        action := 'united';
        reason := format('all rows of %s; the column system says which they are of', reason);
        PERFORM kpi.put_source(model, source, source, 'United of several systems.',
                               kpi.united_query(model, source));
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION unite_source(model text, source text) IS
'implementation of preset: makes the view of a source of the views of the systems that fill it, '
'after that of the first has been given the name of its system';

CREATE FUNCTION preset(shop text, source_schema text, model text, replace boolean DEFAULT false)
RETURNS TABLE (object text, action text, reason text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    title text;
    item  record;
    kind  "char";
BEGIN
    -- the arguments

    SELECT p.name INTO title FROM kpi.presets AS p WHERE p.shop = preset.shop AND p.kind = 'shop';
    IF num_nulls(shop, model, replace) > 0 THEN
        RAISE EXCEPTION 'an argument of preset is NULL' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Write the shop system, the schema of its tables, and the schema to put the '
                   'model into: kpi.preset(''spree'', ''public'', ''shop'').';
    END IF;
    IF title IS NULL THEN
        RAISE EXCEPTION 'unknown shop system "%"', shop USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Known are %s.', (SELECT string_agg(DISTINCT p.shop, ', ')
                                              FROM   kpi.presets AS p)),
            HINT = 'SELECT * FROM kpi.detect(<schema>) recognises them; for any other shop map '
                   'your tables yourself, starting from kpi.scaffold(''orders'').';
    END IF;
    PERFORM kpi.require_schema(source_schema, 'Write the schema that holds the tables of the shop, '
                                              'such as ''public''.');
    SELECT s.source, s.problem INTO item
    FROM   kpi.preset_sources(shop, source_schema) AS s
    ORDER  BY s.position LIMIT 1;
    IF item.problem IS NOT NULL THEN
        RAISE EXCEPTION 'schema "%" does not hold the % of %', source_schema, item.source, title
            USING ERRCODE = 'undefined_table',
                  DETAIL = upper(left(item.problem, 1)) || substr(item.problem, 2) || '.',
                  HINT = format('SELECT * FROM kpi.detect(%L) says which shop system it holds.',
                                source_schema);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = model) THEN
        EXECUTE format('CREATE SCHEMA %I', model);
        RETURN QUERY SELECT 'schema ' || model, 'created', 'the model';
    END IF;
    PERFORM kpi.require_owners(model, 'preset');

    -- the views

    FOR item IN
        SELECT s.*, s.source || CASE WHEN EXISTS (
                                         SELECT FROM kpi.preset_makers(model, s.source) AS m
                                         WHERE  m.shop <> preset.shop OR NOT m.stands)
                                     THEN '_' || shop ELSE '' END AS view
        FROM   kpi.preset_sources(shop, source_schema) AS s
        ORDER  BY s.position
    LOOP
        object := 'source ' || item.view;
        SELECT c.relkind INTO kind
        FROM   pg_class AS c
        WHERE  c.relname = item.view
        AND    c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model);
        IF kind <> 'v' THEN
            action := 'kept';
            reason := 'a relation of this name is there that is no view';
        ELSIF kind = 'v' AND NOT replace THEN
            action := 'kept';
            reason := 'a view of this name is there; replace => true makes it anew';
        ELSIF item.problem IS NOT NULL THEN
            action := 'left out';
            reason := item.problem;
        ELSE
            action := CASE WHEN kind IS NULL THEN 'created' ELSE 'replaced' END;
            reason := concat_ws(' ', item.meaning, 'Not there: ' || item.absent || '.');
            PERFORM kpi.put_source(model, item.view, item.source, item.meaning, item.query);
        END IF;
        RETURN NEXT;
        IF item.view <> item.source AND action <> 'left out' THEN
            RETURN QUERY SELECT * FROM kpi.unite_source(model, item.source);
        END IF;
    END LOOP;

    -- the rest of the report

    RETURN QUERY
    SELECT p.name, 'lacking', p.meaning
    FROM   kpi.presets AS p
    WHERE  p.shop = preset.shop AND p.kind = 'lacks'
    ORDER  BY p.position;
    RETURN QUERY
    SELECT 'model ' || model, 'next',
           CASE WHEN kpi.is_built(model) THEN (SELECT s.built_by FROM kpi.settings_read(model) AS s)
                -- these views join many tables: plans of all indicators over them are long
                ELSE format('SELECT * FROM kpi.build(%L, timezone => ..., currency => ..., '
                            'storage => ''materialized'')', model) END;
END $$;
COMMENT ON FUNCTION preset(shop text, source_schema text, model text, replace boolean) IS
'makes the source views of a model over the tables of a known shop system or tool, by the tables '
'and columns it finds in their schema; the schema of the model is made if it is missing; relations '
'that are there are kept, views replaced if asked, those of several tools united. Reports what it '
'did and what such a system cannot answer; changes nothing if it fails; build comes next';
