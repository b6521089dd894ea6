-- incremental: what a model keeps so that a refresh costs what has changed
--
-- Of every source the rows are kept as views read them, and of every view that adds them up what it
-- came to. Beside a source and a view of this name there are
--
--     kpi_read_<source>      the query that reads the source
--     kpi_rows_<source>      the rows it gave
--     kpi_compute_<view>     the query of kpi_<view>, over those rows
--     kpi_state_<view>       what that gave; kpi_<view> shows it
--
-- What adds up over orders, customers, visits or the like is known by one of their columns (per of
-- the view): what the rows of some of them came to is taken out, and what they come to now is put
-- in, however many others there are. Of other views, small ones, and durations, of which nothing
-- can be taken out, whole days are computed anew. For the former there are
--
--     kpi_touched_<source>_<column>  of whom the rows are replaced: empty but during a refresh
--     kpi_changed_<view>             the query over their rows alone
--
-- and a column kpi_rows in the state, the number of rows behind one, which goes when that is zero.

CREATE FUNCTION kept_name(what text, name text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN concat('kpi_', what, '_', regexp_replace(name, '^kpi_', ''));
COMMENT ON FUNCTION kept_name(what text, name text) IS
'implementation of build and refresh: the name of what is kept of a source or view where storage '
'is incremental: read, rows, compute, state, touched or changed';

CREATE FUNCTION is_kept(definition view_definitions) RETURNS boolean LANGUAGE SQL IMMUTABLE
    RETURN starts_with(definition.name, 'kpi_daily_') OR definition.per IS NOT NULL;
COMMENT ON FUNCTION is_kept(definition view_definitions) IS
'implementation of build: whether what a view comes to is kept where storage is incremental';

-- Over whom views add up, and the sources that say something of them: those that such a view names,
-- and what their rows belong to.
CREATE FUNCTION units() RETURNS TABLE (per text, source text, own boolean) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT u.per, u.source,
           EXISTS (SELECT FROM kpi.source_columns AS c WHERE (c.source, c.name) = (u.source, u.per))
    FROM  (SELECT v.per, r.source
           FROM   kpi.view_definitions AS v
                  JOIN kpi.sources AS s
                       ON v.query ~ format('@(all )?%1$s@|\mkpi_%1$s\M', s.source)
                  CROSS JOIN LATERAL (VALUES (s.source), (s.belongs_to)) AS r (source)
           WHERE  v.per IS NOT NULL AND r.source IS NOT NULL
           GROUP  BY v.per, r.source) AS u;
END;
COMMENT ON FUNCTION units() IS
'implementation of build and refresh: the columns over whose values views add up, and the sources '
'that tell of them, own if they have the column themselves';

CREATE FUNCTION columns_of(relation regclass) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
    FROM   pg_attribute AS a
    WHERE  a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
END;
COMMENT ON FUNCTION columns_of(relation regclass) IS
'implementation of build and refresh: the columns of a relation, to be put into a query';

CREATE FUNCTION kept_key(model text, source text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.row_key(s.source, s.number IS NOT NULL AND EXISTS (
               SELECT
               FROM   pg_rewrite AS w
                      JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                      JOIN pg_attribute AS a ON a.attrelid = d.refobjid
                                            AND a.attnum = d.refobjsubid
               WHERE  w.ev_class = to_regclass(format('%I.%I', model,
                                                      kpi.kept_name('read', s.source)))
               AND    d.refclassid = 'pg_class'::regclass AND a.attname = s.number))
    FROM   kpi.sources AS s WHERE s.source = kept_key.source;
END;
COMMENT ON FUNCTION kept_key(model text, source text) IS
'implementation of refresh: the column by which changed rows of a source are replaced in a model, '
'as it was built';

CREATE FUNCTION is_numbered(queries jsonb, source text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce((queries ->> format('known %s %s', s.source, s.number))::boolean, false)
    FROM   kpi.sources AS s WHERE s.source = is_numbered.source;
END;
COMMENT ON FUNCTION is_numbered(queries jsonb, source text) IS
'implementation of build: whether a source has the number by which its rows are found again';

-- The kept rows of those who are touched. Where nobody is named, rows are known by their own key. A
-- query for each of these, as conditions with OR cannot be joins.
CREATE FUNCTION touched_rows(model text, source text, per text, key text) RETURNS text
LANGUAGE SQL IMMUTABLE
    RETURN kpi.fill(concat(
        '(SELECT r.* FROM @rows@ AS r '
        'WHERE r.@per@ IN (SELECT t.unit FROM @whose@ AS t)',
        CASE WHEN key <> per THEN
        ' UNION ALL SELECT r.* FROM @rows@ AS r WHERE r.@per@ IS NULL '
        'AND r.@key@ IN (SELECT t.key FROM @whose@ AS t WHERE t.unit IS NULL)' END,
        ' UNION ALL SELECT r.* FROM @rows@ AS r WHERE r.@per@ IS NULL AND r.@key@ IS NULL '
        'AND EXISTS (SELECT FROM @whose@ AS t WHERE t.unit IS NULL AND t.key IS NULL))'),
        jsonb_build_object(
            'rows', format('%I.%I', model, kpi.kept_name('rows', source)),
            'whose', format('%I.%I', model, concat(kpi.kept_name('touched', source), '_', per)),
            'per', quote_ident(per), 'key', quote_ident(key)));
COMMENT ON FUNCTION touched_rows(model text, source text, per text, key text) IS
'implementation of build: the query of the kept rows of a source whose column per, or, where that '
'is NULL, key, is of those touched';

-- The sources as views read them: their kept rows, but for those of others than are touched.
CREATE FUNCTION kept_queries(model text, queries jsonb, per text) RETURNS jsonb
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH there AS (
        SELECT s.source, s.belongs_to, u.own, format('%I.%I', model,
                                                     kpi.kept_name('rows', s.source)) AS rows,
               kpi.row_key(s.source, kpi.is_numbered(queries, s.source)) AS key
        FROM   kpi.sources AS s
               LEFT JOIN kpi.units() AS u ON (u.source, u.per) = (s.source, kept_queries.per)
        WHERE  s.source IN (SELECT f.source FROM kpi.found_columns(model) AS f)
    )
    SELECT queries || jsonb_build_object('count of rows', ', count(*) AS kpi_rows',
                                         'sum of rows', ', sum(x.kpi_rows)::bigint AS kpi_rows',
                                         'one row', ', 1::bigint AS kpi_rows')
           || jsonb_object_agg('all ' || t.source, t.rows)
           || jsonb_object_agg(t.source, CASE
                  WHEN t.own THEN kpi.touched_rows(model, t.source, per, t.key)
                  WHEN b.own
                  THEN kpi.fill('(SELECT r.* FROM @rows@ AS r WHERE r.@key@ IN ('
                                'SELECT o.@key@ FROM @touched@ AS o))',
                                jsonb_build_object('rows', t.rows, 'key', quote_ident(t.key),
                                    'touched', kpi.touched_rows(model, b.source, per, b.key)))
                  ELSE t.rows END)
    FROM   there AS t
           LEFT JOIN there AS b ON b.source = t.belongs_to AND b.key = t.key AND NOT t.own;
END;
COMMENT ON FUNCTION kept_queries(model text, queries jsonb, per text) IS
'implementation of build: what stands for each source where storage is incremental: its kept rows, '
'or, if a column is given by which a view adds up, those of whoever is touched';

-- The query of a view over the rows of those who are touched. Views of rows that it names give
-- way to their queries, as these are to read no others either.
CREATE FUNCTION changed_query(model text, settings jsonb, definition view_definitions,
                              queries jsonb)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    touched jsonb := kpi.kept_queries(model, queries, definition.per);
    written text := kpi.definition_query(model, kpi.by_grain(definition.query, settings),
                                         definition.sources,
                                         (settings ->> 'dimensions')::text[], touched);
    item    record;
BEGIN
    FOR item IN
        SELECT v.name, kpi.definition_query(model, v.query, v.sources,
                                            (settings ->> 'dimensions')::text[], touched) AS query
        FROM   kpi.view_definitions AS v
               JOIN kpi.units() AS u ON v.name = 'kpi_' || u.source
        WHERE  u.per = definition.per
        ORDER  BY u.source = 'orders'       -- which the others name, too
    LOOP
        written := replace(written, format('%I.%I AS ', model, item.name),
                         format('(%s) AS ', item.query));
    END LOOP;
    RETURN written;
END $$;
COMMENT ON FUNCTION changed_query(model text, settings jsonb, definition view_definitions,
    queries jsonb) IS
'implementation of build: the query of a view over the rows of those whose rows are replaced';

-- A table with what a query gives, in place of what the table that is there had. One with other
-- columns cannot stay.
CREATE FUNCTION put_table(model text, name text, query text, known boolean, meaning text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET citus.enable_ddl_propagation = off AS $$    -- as put_view()
DECLARE
    what text := format('%I.%I', model, name);
BEGIN
    IF NOT known THEN
        EXECUTE format('CREATE TABLE %s AS %s', what, query);
    ELSE
        EXECUTE format('CREATE TEMPORARY VIEW kpi_columns AS %s', query);
        IF (SELECT array_agg(a.attname || ' ' || a.atttypid::regtype ORDER BY a.attnum)
            FROM   pg_attribute AS a
            WHERE  a.attrelid = what::regclass AND a.attnum > 0 AND NOT a.attisdropped)
           IS DISTINCT FROM
           (SELECT array_agg(a.attname || ' ' || a.atttypid::regtype ORDER BY a.attnum)
            FROM   pg_attribute AS a
            WHERE  a.attrelid = 'pg_temp.kpi_columns'::regclass AND a.attnum > 0) THEN
            RAISE EXCEPTION '% cannot be replaced in place', what
                USING ERRCODE = 'invalid_table_definition';
        END IF;
        DROP VIEW pg_temp.kpi_columns;
        EXECUTE format('TRUNCATE %s', what);
        EXECUTE format('INSERT INTO %s %s', what, query);
    END IF;
    EXECUTE format('COMMENT ON TABLE %s IS %L', what, meaning);
END $$;
COMMENT ON FUNCTION put_table(model text, name text, query text, known boolean, meaning text) IS
'implementation of build: makes a table of what a query gives, or fills the one there anew; an '
'error if that has other columns';

CREATE FUNCTION put_index(model text, name text, columns text[], is_key boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE %s INDEX ON %I.%I', CASE WHEN is_key THEN 'UNIQUE' ELSE '' END, model,
                   name)
            || (SELECT format(' (%s)', string_agg(quote_ident(c.name), ', ' ORDER BY c.n))
                FROM   unnest(columns) WITH ORDINALITY AS c (name, n));
END $$;
COMMENT ON FUNCTION put_index(model text, name text, columns text[], is_key boolean) IS
'implementation of build: gives a table an index on columns, unique if only one row may have them';

-- Every source, its rows, and whose they are. Gives the names of what it made.
CREATE FUNCTION put_rows(model text, settings jsonb, queries jsonb, known jsonb) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made  text[] := '{}';
    item  record;
    "column" text;
BEGIN
    FOR item IN
        SELECT s.source, s.number,
               kpi.row_key(s.source, kpi.is_numbered(queries, s.source)) AS key,
               kpi.kept_name('read', s.source) AS read,
               kpi.kept_name('rows', s.source) AS rows
        FROM   kpi.sources AS s
        WHERE  s.source IN (SELECT c.source FROM kpi.found_columns(model) AS c)
        ORDER  BY s.position
    LOOP
        PERFORM kpi.put_view(model, item.read, 'SELECT x.* FROM ' || (queries ->> item.source)
                                               || ' AS x', NULL::text, false, NULL::text,
            format('How refresh reads the source %s.', item.source), NULL::text[]);
        PERFORM kpi.put_table(model, item.rows, format('SELECT * FROM %I.%I', model, item.read),
            known ? item.rows,
            format('The rows of the source %s as they were when the model was last refreshed.',
                   item.source));
        made := made || item.read || item.rows;
        FOR "column" IN
            SELECT c.name FROM kpi.source_columns AS c
            WHERE  c.source = item.source
            AND    (c.kind IN ('instant', 'date') OR c.name IN (item.key, item.number)
                    OR c.name IN (SELECT v.per FROM kpi.view_definitions AS v)
                    OR c.name IN (SELECT v.over FROM kpi.view_definitions AS v)
                    OR (c.source, c.name) IN
                       (SELECT b.source, o.key
                        FROM   kpi.sources AS b JOIN kpi.sources AS o ON o.source = b.belongs_to))
            AND    NOT known ? item.rows
        LOOP
            PERFORM kpi.put_index(model, item.rows, ARRAY["column"], false);
        END LOOP;
        EXECUTE format('ANALYZE %I.%I', model, item.rows);
        FOR "column" IN
            SELECT u.per FROM kpi.units() AS u
            WHERE  u.source = item.source AND u.own ORDER BY u.per
        LOOP
            made := made || concat(kpi.kept_name('touched', item.source), '_', "column");
            IF NOT known ? made[cardinality(made)] THEN
                EXECUTE format('CREATE UNLOGGED TABLE %I.%I', model, made[cardinality(made)])
                        || format(' AS SELECT r.%I AS unit, r.%I AS key FROM %I.', "column",
                                  item.key, model)
                        || quote_ident(item.rows) || ' AS r WITH NO DATA';
                EXECUTE format('COMMENT ON TABLE %I.%I IS ''Empty but during a refresh.''', model,
                               made[cardinality(made)]);
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION put_rows(model text, settings jsonb, queries jsonb, known jsonb) IS
'implementation of build: makes or fills anew what is kept of the rows of sources, and gives the '
'names of the relations';

-- A view whose rows are kept. The instant it is seen at is a row like others.
CREATE FUNCTION put_kept(model text, settings jsonb, definition view_definitions, query text,
                         changed text, key text[], known jsonb, options text, meaning text)
RETURNS text[] LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name    text := definition.name;
    compute text := kpi.kept_name('compute', name);
    state   text := kpi.kept_name('state', name);
    touched text := kpi.kept_name('changed', name);
    made    text[] := '{}';
BEGIN
    IF name <> 'kpi_as_of' THEN
        PERFORM kpi.put_view(model, compute, query, NULL::text, false, NULL::text,
                             format('How refresh computes %s.', name), NULL::text[]);
        made := made || compute;
        query := format('SELECT * FROM %I.%I', model, compute);
    END IF;
    IF changed IS NOT NULL THEN
        PERFORM kpi.put_view(model, touched, changed, NULL::text, false, NULL::text,
                             format('The part of %s that a refresh takes out or puts in.', name),
                             NULL::text[]);
        made := made || touched;
    END IF;
    PERFORM kpi.put_table(model, state, query, known ? state,
                          format('What %s came to when the model was last refreshed.', name));
    IF NOT known ? state THEN
        PERFORM kpi.put_index(model, state, key, true);
    END IF;
    EXECUTE format('ANALYZE %I.%I', model, state);
    PERFORM kpi.put_view(model, name,
        format('SELECT %s FROM %I.%I AS x', (
            SELECT string_agg(format('x.%I', a.attname), ', ' ORDER BY a.attnum)
            FROM   pg_attribute AS a
            WHERE  a.attrelid = format('%I.%I', model, state)::regclass AND a.attnum > 0
            AND    NOT a.attisdropped AND a.attname <> 'kpi_rows'), model, state),
        NULL::text, false, options, meaning, NULL::text[]);
    RETURN made || state || name;
END $$;
COMMENT ON FUNCTION put_kept(model text, settings jsonb, definition view_definitions, query text,
    changed text, key text[], known jsonb, options text, meaning text) IS
'implementation of build: makes a view of which the rows are kept, or fills it anew, and gives the '
'names of the relations';
