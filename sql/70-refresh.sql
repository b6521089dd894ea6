-- refresh: brings a model up to date whose storage is materialized
--
-- All of it is one transaction: readers see the model as it was until the new one is whole, and
-- what fails or is killed has changed nothing. kpi_as_of comes first, so that the rest is computed,
-- and later on read, as of the same instant.

CREATE FUNCTION found_reads(model text)
RETURNS TABLE (relation oid, "column" integer) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT d.refobjid, d.refobjsubid
    FROM   kpi.found_views(model) AS v
           JOIN pg_rewrite AS w ON w.ev_class = v.relation
           JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    WHERE  d.refclassid = 'pg_class'::regclass;
END;
COMMENT ON FUNCTION found_reads(model text) IS
'implementation of refresh and snapshot: the columns that the views of a model read, of its '
'sources and of each other';

-- Members of a dimension that are dates are written as build writes them, whatever the session has
-- set.
CREATE FUNCTION refresh(model text)
RETURNS TABLE (relation text, rows bigint, took interval, note text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' AS $$
DECLARE
    settings record;
    began    timestamptz := clock_timestamp();
    step     timestamptz;
    problem  text;
    detail   text;
    advice   text;
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that build was '
                                      'called with.');
    PERFORM kpi.require_owners(model, 'refresh');
    -- before kpi_settings is read, for which it would wait
    PERFORM kpi.lock_model(model, 0, false);
    SELECT * INTO settings FROM kpi.settings_of(model, true);
    SELECT string_agg(v.name, ', ' ORDER BY v.n) INTO problem
    FROM   unnest(settings.views) WITH ORDINALITY AS v (name, n)
    WHERE  v.name NOT IN (SELECT f.name FROM kpi.found_views(model) AS f);
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'model "%" is not as it was built', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It has lost %s.', problem),
                  HINT = 'Build it again: ' || settings.built_by;
    END IF;
    PERFORM kpi.lock_for_refresh(model, settings.sources);

    FOR relation IN
        SELECT v.name FROM kpi.found_views(model) AS v WHERE v.kind = 'm' ORDER BY v.n
    LOOP
        step := clock_timestamp();
        BEGIN
            PERFORM kpi.refresh_view(model, relation);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                                    advice = PG_EXCEPTION_HINT;
            RAISE EXCEPTION '% of model "%" cannot be refreshed: %', relation, model, problem
                USING ERRCODE = SQLSTATE,
                      DETAIL = concat_ws(' ', nullif(detail, ''), 'Nothing has changed: the model '
                                         'is as it was last refreshed.'),
                      HINT = concat_ws(' ', nullif(advice, ''), CASE
                          WHEN SQLSTATE = '42501'
                          THEN format('It is refreshed by its owner, %s, who has to be able to '
                                      'read its sources.', settings.owner)
                          WHEN left(SQLSTATE, 2) = '42'     -- what it reads is not as it was
                          THEN 'If a source has changed, build it again: ' || settings.built_by
                          WHEN advice = '' AND left(SQLSTATE, 2) = '22'
                          THEN format('SELECT * FROM kpi.check(%L) finds what a source has that '
                                      'cannot be read.', model)
                          WHEN advice = '' THEN 'Refresh it again when that is mended.' END);
        END;
        EXECUTE format('SELECT count(*) FROM %I.%I', model, relation) INTO rows;
        took := clock_timestamp() - step;
        RETURN NEXT;
    END LOOP;

    -- what is there but not read
    FOR relation, note IN
        SELECT c.source, format('not read: %s; to read it, build again: %s',
                                string_agg(c.name, ', '), settings.built_by)
        FROM   kpi.found_columns(model) AS c
               JOIN pg_attribute AS a ON a.attrelid = format('%I.%I', model, c.source)::regclass
                                      AND a.attname = c.name
        WHERE  c.type IS NOT NULL
        AND    NOT EXISTS (SELECT FROM kpi.found_reads(model) AS d
                           WHERE  d.relation = a.attrelid AND d.column = a.attnum)
        GROUP  BY c.source ORDER BY c.source
    LOOP
        rows := NULL;
        took := NULL;
        RETURN NEXT;
    END LOOP;
    relation := model;
    rows := NULL;
    took := clock_timestamp() - began;
    EXECUTE format('SELECT ''refreshed as of '' || s.as_of FROM %I.kpi_settings AS s', model)
        INTO note;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION refresh(model text) IS
'brings a model up to date that was built with storage materialized: a row for each relation it '
'computed, how many rows it holds and how long it took, for each source that has columns the model '
'does not read, and for the model. Readers read on, and see all of it when it is done. An error if '
'the model is being built or refreshed, was not built so, or lost a relation; whatever fails, '
'nothing has changed then';

-- pg_cron

CREATE FUNCTION schedule(model text, cron text, task text DEFAULT 'refresh')
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command text := format('SELECT * FROM kpi.%s(%L)', task, model);
    job     bigint;
BEGIN
    PERFORM kpi.settings_of(model, task = 'refresh');
    IF task IS NULL OR task NOT IN ('refresh', 'snapshot') THEN
        RAISE EXCEPTION 'unknown task "%"', task USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write refresh or snapshot.';
    ELSIF cron IS NULL THEN
        RAISE EXCEPTION 'it is not said when to %', task USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Write minute, hour, day of the month, month and day of the week: '
                   '*/15 * * * * is every quarter of an hour.';
    ELSIF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') THEN
        RAISE EXCEPTION 'pg_cron is not installed in database "%"', current_database()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'It runs jobs inside the server; it has to be in '
                           'shared_preload_libraries, and cron.database_name has to name this '
                           'database.',
                  HINT = format('CREATE EXTENSION pg_cron, or have any scheduler run it: '
                                'psql -d %s -c "%s"', current_database(), command);
    ELSIF NOT has_schema_privilege('cron', 'USAGE') THEN
        RAISE EXCEPTION 'role "%" may not use pg_cron', current_user
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('Have a superuser call: GRANT USAGE ON SCHEMA cron TO %I',
                                current_user);
    END IF;
    EXECUTE 'SELECT cron.schedule($1, $2, $3)'
        INTO job USING format('kpi.%s %s', task, model), cron, command;
    RETURN job;
END $$;
COMMENT ON FUNCTION schedule(model text, cron text, task text) IS
'has pg_cron call refresh, or the task snapshot, for a model, at times such as */15 * * * *, '
'instead of any times it was told before, and gives the number of the job; an error if the '
'extension pg_cron is not there. It runs as who called this, in cron.timezone; '
'cron.job_run_details tells how it went';

CREATE FUNCTION unschedule(model text, task text DEFAULT 'refresh')
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') THEN
        RETURN false;
    END IF;
    EXECUTE 'SELECT bool_or(cron.unschedule(jobid)) FROM cron.job '
            'WHERE jobname = $1 AND username = current_user'
        INTO found USING format('kpi.%s %s', task, model);
    RETURN coalesce(found, false);
END $$;
COMMENT ON FUNCTION unschedule(model text, task text) IS
'ends what schedule began; whether there was anything to end. Knows no model, so that jobs of '
'dropped ones can be ended';
