-- build: one call turns the source relations of a schema into views of its KPIs
--
-- A model is a schema. build() reads which sources are there, writes the views whose definitions
-- are kept in sql/sources and sql/views, and on top of them, from the catalog, one view per grain
-- and dimension. All of them are ordinary views of whoever calls it, or materialized views where
-- that is the storage and their definition has a key. Nothing else is kept: the view kpi_settings
-- says how the model was built, so that dump, restore and DROP SCHEMA need no care.

-- As days and months have no fixed length, an interval can be both more than nothing and less.
CREATE FUNCTION problem_of_span(span interval) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN CASE WHEN NOT isfinite(span) THEN 'infinite'
                WHEN least(extract(year FROM span), extract(month FROM span),
                           extract(day FROM span),
                           extract(epoch FROM span - date_trunc('day', span))) < 0
                THEN 'negative' END;
COMMENT ON FUNCTION problem_of_span(span interval) IS
'implementation of build: infinite if an interval is, negative if any part of it is, or NULL';

CREATE FUNCTION require_settings(model text, settings jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    setting  kpi.settings;
    timezone text := settings ->> 'timezone';
    given    text;
BEGIN
    PERFORM kpi.require_schema(model, format('CREATE SCHEMA %I, and in it a view of your orders: '
                                            'SELECT kpi.scaffold(''orders'').', model));
    FOR setting IN SELECT * FROM kpi.settings AS s ORDER BY s.position LOOP
        given := settings ->> setting.name;
        IF given IS NULL AND setting.required THEN
            RAISE EXCEPTION '% of a model cannot be NULL', setting.name
                USING ERRCODE = 'null_value_not_allowed',
                      DETAIL = format('It is %s.', setting.meaning), HINT = setting.hint;
        ELSIF given <> ALL (setting.choices) THEN
            RAISE EXCEPTION 'unknown % "%"', setting.name, given
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('It is %s.', setting.meaning), HINT = setting.hint;
        ELSIF setting.type = 'interval'
              AND kpi.problem_of_span(given::interval) IS NOT NULL THEN
            RAISE EXCEPTION '% is %', setting.name, kpi.problem_of_span(given::interval)
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = format('It says %s.', setting.meaning), HINT = setting.hint;
        END IF;
    END LOOP;

    PERFORM kpi.bucket('day', now(), timezone);
    IF timezone ~ '\d' AND NOT EXISTS (SELECT FROM pg_timezone_names AS z
                                       WHERE lower(z.name) = lower(timezone)) THEN
        RAISE EXCEPTION 'time zone "%" is an offset', timezone
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'In such names UTC+8 lies west of Greenwich, and no clock ever changes.',
                  HINT = 'Write its full name, such as Asia/Shanghai; '
                         'pg_timezone_names lists them.';
    ELSIF NOT isfinite(coalesce((settings ->> 'since')::date, current_date))
       OR NOT isfinite(coalesce((settings ->> 'as_of')::timestamptz, now())) THEN
        RAISE EXCEPTION 'since or as_of is infinite' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Leave them out for the first day there is, and for now.';
    ELSIF (settings ->> 'since')::date
          > kpi.bucket('day', coalesce((settings ->> 'as_of')::timestamptz, now()), timezone) THEN
        RAISE EXCEPTION 'since lies after the day the model is seen at'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Leave it out for the first day there is.';
    ELSIF settings ->> 'storage' <> 'view'
          AND NOT has_database_privilege(current_database(), 'TEMP') THEN
        RAISE EXCEPTION 'role "%" may not make temporary tables', current_user
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'Refreshing what a model keeps needs them.',
                  HINT = format('GRANT TEMPORARY ON DATABASE %I TO %I.',
                                current_database(), current_user);
    ELSIF settings ->> 'storage' <> 'view'
          AND cardinality((settings ->> 'dimensions')::text[]) > 30 THEN
        RAISE EXCEPTION 'a model that is kept has at most 30 dimensions'
            USING ERRCODE = 'program_limit_exceeded', DETAIL = 'They are columns of its indexes.',
                  HINT = 'Leave some out, or write storage => ''view''.';
    ELSIF (settings ->> 'anonymity')::integer < 2 THEN
        RAISE EXCEPTION 'anonymity of fewer than two is none'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'Figures about employees are shown of at least so many answers.',
                  HINT = 'Write a number of answers such as 5, or leave it out.';
    END IF;
    PERFORM kpi.business_time(now(), now(), settings ->> 'business_hours', timezone,
                              NULL::tstzmultirange, NULL::text);
    PERFORM kpi.funnel_times('{}'::timestamptz[], '{}'::integer[],
                             (settings ->> 'funnel_within')::interval,
                             (settings ->> 'funnel_step_within')::interval[]);
    PERFORM kpi.require_calendar(settings);
END $$;
COMMENT ON FUNCTION require_settings(model text, settings jsonb) IS
'implementation of build: an error if the model cannot be built as it is told to';

CREATE FUNCTION require_calendar(settings jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    setting kpi.settings;
BEGIN
    SELECT * INTO setting FROM kpi.settings AS s WHERE s.name = 'calendar';
    BEGIN
        PERFORM kpi.bucket('month ' || (settings ->> 'calendar'), current_date);
    EXCEPTION WHEN invalid_parameter_value THEN
        RAISE EXCEPTION 'unknown calendar "%"', settings ->> 'calendar'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', setting.meaning), HINT = setting.hint;
    END;
    IF settings ->> 'calendar' IS NOT NULL
       AND (settings ->> 'week_start' <> '1' OR settings ->> 'fiscal_year_start' <> '1') THEN
        RAISE EXCEPTION 'week_start and fiscal_year_start do not go with a calendar'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'It says itself with which day weeks start, and years.',
                  HINT = 'Leave them out, or the calendar.';
    END IF;
END $$;
COMMENT ON FUNCTION require_calendar(settings jsonb) IS
'implementation of build: an error if the calendar is none, or other arguments contradict it';

CREATE FUNCTION require_currency(model text, currency text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF currency IS NULL AND EXISTS (SELECT FROM kpi.found_columns(model) AS c
                                    WHERE  c.name = 'currency' AND c.type IS NOT NULL) THEN
        RAISE EXCEPTION 'orders have a currency, but the model has none'
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Say which one its amounts are in: currency => ''EUR''.';
    END IF;
END $$;
COMMENT ON FUNCTION require_currency(model text, currency text) IS
'implementation of build and check: an error if amounts have currencies and the model has none';

CREATE FUNCTION require_sources(model text, settings jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    problems text[];
    hints    text[];
BEGIN
    SELECT array_agg(concat(c.source, '.', c.name, ' ', c.problem,
                            CASE WHEN c.type IS NULL THEN ': ' || c.meaning END)), array_agg(c.hint)
    INTO   problems, hints
    FROM   kpi.found_columns(model) AS c WHERE c.problem IS NOT NULL;
    IF problems IS NOT NULL THEN
        RAISE EXCEPTION 'the sources of model "%" cannot be used', model
            USING ERRCODE = 'datatype_mismatch', DETAIL = array_to_string(problems, E'\n'),
                  HINT = concat('Write in the view', CASE
                                    WHEN array_to_string(hints, ' ') LIKE '%''UTC''%'
                                    THEN ', for UTC the zone in which the times were kept' END,
                                ': ', array_to_string(hints, ', '), '.');
    END IF;
    IF NOT EXISTS (SELECT FROM kpi.found_columns(model)) THEN
        RAISE EXCEPTION 'schema "%" has no source', model USING ERRCODE = 'undefined_table',
            DETAIL = 'Sources are relations with the names '
                     || (SELECT string_agg(s.source, ', ' ORDER BY s.source)
                         FROM   kpi.sources AS s) || '.',
            HINT = 'See SELECT kpi.scaffold(''orders'') for a view to fill in.';
    END IF;
    SELECT array_agg(t.problem), array_agg(t.hint) INTO problems, hints
    FROM   kpi.mistyped_records(model, (settings ->> 'dimensions')::text[]) AS t;
    IF problems IS NOT NULL THEN
        RAISE EXCEPTION 'what is recorded of model "%" is of other types than its sources', model
            USING ERRCODE = 'datatype_mismatch', DETAIL = array_to_string(problems, E'\n'),
                  HINT = array_to_string(hints, '; ')
                         || ', or rename the table to begin a new one.';
    END IF;
    PERFORM kpi.require_currency(model, settings ->> 'currency');
    IF settings ->> 'answers' <> 'all' AND (
           SELECT bool_and(c.name <> 'respondent' OR c.type IS NULL)
           FROM   kpi.found_columns(model) AS c WHERE c.source = 'surveys') THEN
        RAISE EXCEPTION 'surveys do not say whose answers they are'
            USING ERRCODE = 'undefined_column',
                  DETAIL = format('Of each respondent the %s is to count.', settings ->> 'answers'),
                  HINT = 'Add the column respondent, or write answers => ''all''.';
    END IF;
END $$;
COMMENT ON FUNCTION require_sources(model text, settings jsonb) IS
'implementation of build: an error if the sources are not what they have to be';

CREATE FUNCTION mistyped_records(model text, dimensions text[])
RETURNS TABLE (problem text, hint text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT concat(t.relname, '.', k.attname, ' is ', format_type(k.atttypid, NULL), ', in ',
                  s.relname, ' ', format_type(a.atttypid, NULL), '.'),
           concat(format('ALTER TABLE %I.%I', model, t.relname),
                  format(' ALTER %I TYPE %s', k.attname, format_type(a.atttypid, -1)))
    FROM   pg_class AS s
           JOIN pg_class AS t ON t.relnamespace = s.relnamespace
                             AND t.relname = 'recorded_' || s.relname
           JOIN pg_attribute AS a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
           JOIN pg_attribute AS k ON k.attrelid = t.oid AND k.attname = a.attname
                                 AND k.attnum > 0 AND NOT k.attisdropped
    WHERE  s.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    AND    kpi.recorded_query(model, s.relname::text, '{}') IS NOT NULL
    AND    (a.attname = ANY (dimensions)
            OR (s.relname, a.attname) IN (SELECT c.source, c.name
                                          FROM   kpi.found_columns(model) AS c))
    AND    a.atttypid <> k.atttypid
    AND    NOT EXISTS (SELECT FROM pg_cast AS c
                       WHERE  c.castsource = a.atttypid AND c.casttarget = k.atttypid
                       AND    c.castcontext = 'i')
    ORDER  BY t.relname, k.attnum;
END;
COMMENT ON FUNCTION mistyped_records(model text, dimensions text[]) IS
'implementation of build: columns of what snapshot() has recorded into which those of the sources '
'do not fit';

CREATE FUNCTION require_dimensions(model text, dimensions text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT d, row_number() OVER (PARTITION BY d) AS n,
                       EXISTS (SELECT FROM kpi.found_dimensions(model, dimensions) AS m
                               WHERE  m.dimension = d) AS there
                FROM unnest(dimensions) AS d LOOP
        IF NOT coalesce(item.there, false) THEN
            RAISE EXCEPTION 'dimension "%" is not a column of any source', item.d
                USING ERRCODE = 'undefined_column',
                      HINT = concat_ws(' ', kpi.perhaps_meant(item.d, ARRAY(
                          SELECT DISTINCT a.attname::text
                          FROM   kpi.found_columns(model) AS c
                                 JOIN pg_attribute AS a
                                      ON a.attrelid = to_regclass(format('%I.%I', model, c.source))
                          WHERE  a.attnum > 0 AND NOT a.attisdropped)),
                          'Add the column to orders, visits or another source.');
        ELSIF octet_length(item.d) > 63 - length('kpi_quarter_by_') OR item.n > 1
              OR item.d IN ('period', 'complete')
              OR EXISTS (SELECT FROM kpi.indicators_of(model) AS i
                         WHERE  item.d IN (i.indicator, i.indicator || '_sample')) THEN
            RAISE EXCEPTION 'dimension "%" cannot be used', item.d
                USING ERRCODE = 'invalid_parameter_value',
                      DETAIL = 'The name of a dimension has at most 48 bytes, occurs once, '
                               'and is neither period, complete, an indicator nor its sample.',
                      HINT = CASE WHEN EXISTS (
                          SELECT FROM kpi.own_indicators(model) AS o
                          WHERE  item.d IN (o.indicator, o.indicator || '_sample'))
                          THEN format('Give the indicator another name: UPDATE %I.indicators SET '
                                      'indicator = ''...'' WHERE indicator = %L', model,
                                      regexp_replace(item.d, '_sample$', ''))
                          ELSE 'Give the column another name in the source.' END;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION require_dimensions(model text, dimensions text[]) IS
'implementation of build: an error if a dimension is not a column of a source, or has a name that '
'views need';

CREATE FUNCTION require_names(model text, settings jsonb, before text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    taken text;
BEGIN
    SELECT string_agg(c.relname, ', ' ORDER BY c.relname) INTO taken
    FROM   pg_class AS c JOIN kpi.planned_views(model, settings) AS p ON p.name = c.relname
    WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    AND    c.relname <> ALL (before);
    IF taken IS NOT NULL THEN
        RAISE EXCEPTION 'schema "%" has relations with names that build needs: %', model, taken
            USING ERRCODE = 'duplicate_table', HINT = 'Rename or drop them.';
    END IF;
END $$;
COMMENT ON FUNCTION require_names(model text, settings jsonb, before text[]) IS
'implementation of build: an error if something else has the name of a view that is to be made';

-- Makes all views, and has kpi_settings remember them. With what is known of the queries of those
-- that are there they stay in place, or it is an error.
CREATE FUNCTION put_views(model text, settings jsonb, known jsonb, options jsonb) RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    read    jsonb := kpi.source_queries(model, (settings ->> 'dimensions')::text[], true,
                                        settings ->> 'storage' = 'incremental');
    made    text[] := '{}';
    queries text[] := '{}';
    indexed text[] := '{}';
    kept    boolean := settings ->> 'storage' = 'incremental';
    item    record;
    query   text;
    stored  boolean;
BEGIN
    FOR item IN SELECT p.*, (p.definition).key AS key, (p.definition).sources AS sources,
                       coalesce(kpi.fill((p.definition).meaning, jsonb_build_object(
                           'grain', p.grain,
                           'and dimension', coalesce(' and ' || p.dimension || ', a row each',
                                                     ''))),
                           (p.definition).meaning) AS meaning
                FROM kpi.planned_views(model, settings) AS p ORDER BY p.n LOOP
        query := kpi.view_query(model, settings, item.name, item.definition, item.grain,
                                item.dimension, indexed, read);
        IF query IS NULL THEN
            IF known ? item.name THEN       -- others stand on what is left of it
                RAISE EXCEPTION '% cannot be replaced in place',
                                format('%I.%I', model, item.name)
                    USING ERRCODE = 'invalid_table_definition';
            END IF;
            CONTINUE;
        END IF;
        stored := settings ->> 'storage' = 'materialized' AND item.key IS NOT NULL;
        item.key := array_remove(item.key, 'dimensions') || ARRAY(
            SELECT 'by_' || d.dimension
            FROM   kpi.found_dimensions(model, (settings ->> 'dimensions')::text[]) AS d
            WHERE  d.source = item.sources[1] AND 'dimensions' = ANY (item.key)
            ORDER  BY d.position);
        IF kept AND (kpi.is_kept(item.definition) OR item.name = 'kpi_as_of') THEN
            made := made || kpi.put_kept(
                model, settings, item.definition, query,
                CASE WHEN (item.definition).per IS NOT NULL
                     THEN kpi.changed_query(model, settings, item.definition, read) END,
                item.key, known, options ->> ('v' || item.name), item.meaning);
        ELSE
            PERFORM kpi.put_view(
                model, item.name, query, known ->> item.name, stored,
                options ->> concat(CASE WHEN stored THEN 'm' ELSE 'v' END, item.name),
                item.meaning, item.key);
            made := made || item.name;
        END IF;
        -- of what is kept beside a view, nothing is known but that it is there
        queries := queries || array_fill(''::text, ARRAY[cardinality(made) - 1
                                                         - cardinality(queries)]) || md5(query);
        IF kept AND item.name = 'kpi_settings' THEN
            made := made || kpi.put_rows(model, settings, read, known);
            read := kpi.kept_queries(model, read, NULL);
        END IF;
        IF starts_with(item.name, 'kpi_daily_')
           AND (SELECT p.indexed FROM kpi.plans_of(model, item.name) AS p) THEN
            indexed := indexed || item.name;
        END IF;
    END LOOP;
    IF kpi.has_goals(model) THEN
        PERFORM kpi.put_goal_checks(model, settings);
    END IF;
    -- now that it is known what it shall remember
    PERFORM kpi.put_view(model, v.name,
                         kpi.settings_query(model, v.query, settings, made, queries), NULL::text,
                         false, options ->> 'vkpi_settings', v.meaning, NULL::text[])
    FROM   kpi.view_definitions AS v WHERE v.name = 'kpi_settings';
    RETURN made;
END $$;
COMMENT ON FUNCTION put_views(model text, settings jsonb, known jsonb, options jsonb) IS
'implementation of build: makes all views of a model and gives their names; an error if one of the '
'known cannot stay in place';

CREATE FUNCTION describe_columns(model text, made text[], currency text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command text;
BEGIN
    FOR command IN
        WITH found AS (
            SELECT c.relname, a.attname,
                   -- those of all grains have the same
                   coalesce((SELECT d.name FROM kpi.view_definitions AS d
                             WHERE  d.name = c.relname), 'kpi_grain') AS view
            FROM   pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
            AND    c.relname = ANY (made)
            -- what is kept beside views is not for analysts to read
            AND    c.relname !~ '^kpi_(read|compute|changed)_'
            AND    NOT kpi.is_kept_table(c.relname::text)
        ),
        said AS MATERIALIZED (
            SELECT d.view, d.attname,
                   kpi.column_comment(model, d.view, d.attname::text, currency) AS said
            FROM  (SELECT DISTINCT f.view, f.attname FROM found AS f) AS d
        )
        SELECT concat('COMMENT ON COLUMN ', format('%I.%I.%I', model, f.relname, f.attname),
                      format(' IS %L', s.said))
        FROM   found AS f JOIN said AS s USING (view, attname)
    LOOP
        EXECUTE command;
    END LOOP;
END $$;
COMMENT ON FUNCTION describe_columns(model text, made text[], currency text) IS
'implementation of build: says what the columns of views mean';

CREATE FUNCTION befalls_server(state text) RETURNS boolean LANGUAGE SQL IMMUTABLE
    RETURN left(state, 2) IN ('40', '53', '57', '58', 'XX') OR state = '55P03';
COMMENT ON FUNCTION befalls_server(state text) IS
'implementation of build and check: whether an error of this SQLSTATE befalls the server or the '
'transaction, whatever was read: a conflict, no memory, a shutdown, a lock that is waited for too '
'long';

-- Rows may come later, and those that cannot be read are no error of build: check tells of them.
CREATE FUNCTION measures_report(model text) RETURNS TABLE (object text, action text, reason text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known text[];
BEGIN
    IF to_regclass(format('%I.kpi_daily_measures', model)) IS NULL
       OR NOT EXISTS (SELECT FROM kpi.own_reads(model) AS r WHERE r.kind = 'measure') THEN
        RETURN;
    END IF;
    -- of any day, as those to come are seen later
    EXECUTE format('SELECT ARRAY(SELECT DISTINCT m.measure::text FROM %I.measures AS m '
                   'WHERE m.measure IS NOT NULL AND m.measured_on IS NOT NULL)', model) INTO known;
    RETURN QUERY
    SELECT 'indicator ' || o.indicator, u.action, u.reason
    FROM   kpi.own_indicators(model) AS o
           CROSS JOIN LATERAL (
               SELECT 'no data yet', string_agg(
                          format('no row of the measure %s.', r.read)
                          || coalesce(' ' || kpi.perhaps_meant(r.read, known), ''), ' '
                          ORDER BY r.read)
               FROM   kpi.own_reads(model) AS r
               WHERE  r.indicator = o.indicator AND r.kind = 'measure' AND r.read <> ALL (known)
               HAVING count(*) > 0
               UNION ALL
               SELECT 'added up', format(
                          'the amounts of a period, as measures has no column of; for their mean '
                          'let %I.measures have CASE measure WHEN %L THEN 1 END AS of', model,
                          min(p.piece))
               FROM   kpi.formula_pieces(o.formula) AS p
               WHERE  o.unit IN ('share', 'points', 'score') AND NOT kpi.measures_shares(model)
               HAVING array_agg(p.kind) = '{measure}') AS u (action, reason)
    ORDER  BY o.position;
EXCEPTION WHEN OTHERS OR assert_failure THEN
    IF kpi.befalls_server(SQLSTATE) THEN
        RAISE;
    END IF;
    RETURN QUERY
    SELECT 'source measures', 'cannot be read',
           format('which measures it has is not known: %s; kpi.check(%L) finds such rows', SQLERRM,
                  model);
END $$;
COMMENT ON FUNCTION measures_report(model text) IS
'implementation of build: the own indicators of a model that read a measure of which there is no '
'row, and the one that is meant, perhaps; those that are a share, but added up; or why that is not '
'known';

CREATE FUNCTION build_report(model text, settings jsonb, before text[], made text[])
RETURNS TABLE (object text, action text, reason text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH source AS (
        SELECT c.source,
               string_agg(c.name, ', ') FILTER (WHERE c.type IS NOT NULL) AS there,
               string_agg(c.name, ', ') FILTER (WHERE c.type IS NULL) AS absent,
               string_agg(c.name, ', ') FILTER (
                   WHERE c.kind = 'instant' AND c.type = 'date'
                   AND   c.name <> 'promised_at') AS dates
        FROM   kpi.found_columns(model) AS c GROUP BY c.source
    ),
    unread AS (
        SELECT s.source, string_agg(a.attname, ', ' ORDER BY a.attnum) AS names
        FROM   source AS s
               JOIN pg_attribute AS a ON a.attrelid = format('%I.%I', model, s.source)::regclass
        WHERE  a.attnum > 0 AND NOT a.attisdropped
        AND    a.attname <> ALL ((settings ->> 'dimensions')::text[])
        AND    (s.source, a.attname) NOT IN (SELECT c.source, c.name FROM kpi.source_columns AS c)
        GROUP  BY s.source
    ),
    plan AS (
        SELECT v.sources[1] AS source, bool_or(p.indexed) AS indexed, bool_or(p.unknown) AS unknown
        FROM   kpi.view_definitions AS v CROSS JOIN LATERAL kpi.plans_of(model, v.name) AS p
        WHERE  starts_with(v.name, 'kpi_daily_') AND v.name = ANY (made)
        AND    settings ->> 'storage' = 'view'
        GROUP  BY v.sources[1]
    )
    SELECT 'source ' || s.source, 'read', concat_ws('; ', s.there,
           CASE WHEN kpi.recorded_query(model, s.source, '{}') IS NOT NULL
                THEN 'and what is recorded of it' END,
           'not there: ' || s.absent, 'dates, read as their first instant: ' || s.dates,
           'not read: ' || u.names,
           CASE p.indexed
                WHEN true THEN 'an index finds the rows of a period'
                WHEN false THEN 'no index finds the rows of a period: every query reads all' END
           || CASE WHEN p.unknown THEN format(
                  '; the planner does not know how many days there are: CREATE STATISTICS <name> '
                  'ON (kpi.bucket(''day'', <column>, %L)) FROM <table>', settings ->> 'timezone')
              ELSE '' END)
    FROM   (SELECT *, row_number() OVER (ORDER BY source) AS n FROM source) AS s
           LEFT JOIN unread AS u USING (source) LEFT JOIN plan AS p USING (source)
    UNION ALL
    SELECT 'relation ' || m.name, 'not read', format(
               'sources have other names, perhaps it is %s: ALTER TABLE %I.%I', m.source, model,
               m.name) || ' RENAME TO ' || m.source
    FROM   kpi.misspelt_relations(model) AS m
    UNION ALL
    SELECT 'indicator ' || i.indicator, 'left out', 'needs ' || i.missing
    FROM   (SELECT *
            FROM   kpi.found_indicators(model, (settings ->> 'dimensions')::text[], NULL, settings,
                                        settings ->> 'dimensions' <> '{}')
            WHERE missing IS NOT NULL ORDER BY position) AS i
    UNION ALL
    SELECT u.* FROM kpi.measures_report(model) AS u
    UNION ALL
    SELECT concat(CASE c.relkind WHEN 'm' THEN 'materialized view ' WHEN 'r' THEN 'table '
                                 ELSE 'view ' END, v.name),
           CASE WHEN v.name <> ALL (made) THEN 'dropped' WHEN v.name = ANY (before) THEN 'replaced'
                ELSE 'created' END,
           CASE WHEN v.name = ANY (made) THEN obj_description(c.oid, 'pg_class')
                ELSE 'its source or dimension is no part of the model any more' END
    FROM   (SELECT DISTINCT ON (b.name) b.name, b.n
            FROM   unnest(made || before) WITH ORDINALITY AS b (name, n) ORDER BY b.name, b.n) AS v
           LEFT JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, v.name))
    UNION ALL
    SELECT 'setting jit', 'is on', format(
               'compiling the long plans of these views takes more time than it saves: '
               'ALTER DATABASE %I SET jit = off', current_database())
    WHERE  current_setting('jit')::boolean AND pg_jit_available()
    UNION ALL
    SELECT 'setting join_collapse_limit', 'is ' || current_setting('join_collapse_limit'), format(
               'Citus looks at each order of joins again and again, and plans these views for '
               'minutes: ALTER DATABASE %I SET join_collapse_limit = 1', current_database())
    WHERE  current_setting('join_collapse_limit')::integer > 1 AND settings ->> 'storage' = 'view'
    AND    EXISTS (SELECT FROM pg_extension AS e WHERE e.extname = 'citus');
END;
COMMENT ON FUNCTION build_report(model text, settings jsonb, before text[], made text[]) IS
'implementation of build: what it read, left out and made';

CREATE FUNCTION build(schema text, timezone text DEFAULT NULL, currency text DEFAULT NULL,
                      dimensions text[] DEFAULT '{}', week_start integer DEFAULT 1,
                      fiscal_year_start integer DEFAULT 1, storage text DEFAULT 'view',
                      refunds_by text DEFAULT 'refund', on_time_by text DEFAULT 'timestamp',
                      cart_idle interval DEFAULT '1 hour', business_hours text DEFAULT NULL,
                      funnel_within interval DEFAULT '1 day', since date DEFAULT NULL,
                      as_of timestamp with time zone DEFAULT NULL, calendar text DEFAULT NULL,
                      answers text DEFAULT 'all', anonymity integer DEFAULT NULL,
                      funnel_step_within interval[] DEFAULT NULL)
RETURNS TABLE (object text, action text, reason text) LANGUAGE plpgsql
-- values are written into queries: as ISO dates, whatever the session has set
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
AS $$
DECLARE
    settings jsonb := jsonb_build_object(
        'timezone', timezone, 'currency', currency, 'dimensions', dimensions::text,
        'week_start', week_start::text, 'fiscal_year_start', fiscal_year_start::text,
        'storage', storage, 'refunds_by', refunds_by, 'on_time_by', on_time_by,
        'cart_idle', cart_idle::text, 'business_hours', business_hours,
        'funnel_within', funnel_within::text, 'since', since::text, 'as_of', as_of::text,
        'calendar', calendar, 'answers', answers, 'anonymity', anonymity::text,
        'funnel_step_within', funnel_step_within::text);
    before   text[];
    made     text[];
    known    jsonb;
    options  jsonb;
    rights   jsonb;
    noted    boolean := kpi.notes_replicated(schema);
BEGIN
    PERFORM kpi.require_settings(schema, settings);
    PERFORM kpi.require_owners(schema, 'build');
    PERFORM kpi.require_sources(schema, settings);
    PERFORM kpi.require_own(schema);
    PERFORM kpi.require_dimensions(schema, dimensions);
    PERFORM kpi.lock_model(schema, 0, true);
    SELECT coalesce(array_agg(v.name ORDER BY v.n), '{}'),
           jsonb_object_agg(v.kind::text || v.name, nullif(array_to_string(c.reloptions, ', '), ''))
    INTO   before, options
    FROM   kpi.found_views(schema) AS v JOIN pg_class AS c ON c.oid = v.relation;
    PERFORM kpi.require_names(schema, settings, before);
    SELECT jsonb_agg(jsonb_build_array(r.name, r.command)) INTO rights
    FROM   kpi.rights_of(schema, before) AS r;
    IF before <> '{}' THEN
        SELECT jsonb_object_agg(q.name, q.query) INTO known
        FROM   kpi.settings_of(schema, false) AS s, unnest(s.views, s.queries) AS q (name, query)
        WHERE  q.name = ANY (before);
        PERFORM kpi.lock_views(schema);
    END IF;

    -- Views are replaced in place, so that others on top of them stay, and materialized views
    -- refreshed. Where a column would change, or what is materialized, all are made anew.
    BEGIN
        made := kpi.put_views(schema, settings, coalesce(known, '{}'), options);
    EXCEPTION WHEN invalid_table_definition THEN    -- of ours, or of CREATE OR REPLACE VIEW
        IF known IS NULL THEN
            RAISE;
        END IF;
        PERFORM kpi.drop_views(schema);
        made := kpi.put_views(schema, settings, '{}'::jsonb, options);
    END;
    PERFORM kpi.remove_views(schema, ARRAY(
        SELECT b.name FROM unnest(before) WITH ORDINALITY AS b (name, n)
        WHERE  b.name <> ALL (made) ORDER BY b.n));
    PERFORM kpi.renew_notes(schema, storage, noted);
    PERFORM kpi.describe_columns(schema, made, currency);
    PERFORM kpi.restore_rights(schema, ARRAY(SELECT unnest(made) INTERSECT SELECT unnest(before)),
        ARRAY(SELECT r ->> 1 FROM jsonb_array_elements(rights) AS r WHERE r ->> 0 = ANY (made)));
    RETURN QUERY SELECT r.* FROM kpi.build_report(schema, settings, before, made) AS r;
END $$;
COMMENT ON FUNCTION build(schema text, timezone text, currency text, dimensions text[],
    week_start integer, fiscal_year_start integer, storage text, refunds_by text, on_time_by text,
    cart_idle interval, business_hours text, funnel_within interval, since date,
    as_of timestamp with time zone, calendar text, answers text, anonymity integer,
    funnel_step_within interval[]) IS
'makes the KPI views of a model, the schema of this name, from its source relations, or makes them '
'anew; what the arguments mean and what they are if left out, kpi.settings says. Reports what it '
'did; changes nothing if it fails';

CREATE FUNCTION drop_views(schema text) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    views  text[];
    detail text;
BEGIN
    PERFORM kpi.require_model(schema, 'drop_views');
    PERFORM kpi.lock_model(schema, 0, true);
    PERFORM kpi.lock_views(schema);
    views := ARRAY(SELECT v.name FROM kpi.found_views(schema) AS v ORDER BY v.n);
    BEGIN
        PERFORM kpi.drop_notes(schema);
        PERFORM kpi.remove_views(schema, views);
    EXCEPTION WHEN dependent_objects_still_exist THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        RAISE EXCEPTION 'other objects depend on the views of model "%"', schema
            USING ERRCODE = 'dependent_objects_still_exist', DETAIL = detail,
                  HINT = 'Drop those first, and make them again after build.';
    END;
    RETURN QUERY SELECT unnest(views);
END $$;
COMMENT ON FUNCTION drop_views(schema text) IS
'takes away the views that build made in a schema, and says which, none if there are none; sources '
'stay; an error if other objects depend on them';

CREATE FUNCTION scaffold(source text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM kpi.sources AS s WHERE s.source = scaffold.source) THEN
        RAISE EXCEPTION 'there is no source "%"', source USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Sources are '
                   || (SELECT string_agg(s.source, ', ' ORDER BY s.source)
                       FROM   kpi.sources AS s) || '.';
    END IF;
    RETURN (
        SELECT format(E'CREATE VIEW shop.%s AS\nSELECT %s\nFROM   <your table>;\n', scaffold.source,
                      string_agg(concat(CASE WHEN c.position = 1 THEN ''
                                             WHEN c.required THEN '     , '
                                             ELSE '--   , ' END,
                                        format('<%s> AS %s   -- %s', c.kind, c.name, c.meaning)),
                                 E'\n' ORDER BY c.position))
        FROM   kpi.source_columns AS c WHERE c.source = scaffold.source);
END $$;
COMMENT ON FUNCTION scaffold(source text) IS
'a view to fill in that makes your table the source of this name, with every column build() can '
'read: those with -- in front are optional';
