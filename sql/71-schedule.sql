-- schedule: has pg_cron call refresh, snapshot and evaluate

CREATE FUNCTION shell_quoted(word text) RETURNS text LANGUAGE SQL IMMUTABLE STRICT
    RETURN concat('''', replace(word, '''', '''\'''''), '''');
COMMENT ON FUNCTION shell_quoted(word text) IS
'implementation of schedule: a word as a shell takes it, whatever is in it';

CREATE FUNCTION schedule(model text, cron text, task text DEFAULT 'refresh')
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command text := format('SELECT * FROM kpi.%s(%L)', task, model);
    job     bigint;
BEGIN
    IF task IS NULL OR task NOT IN ('refresh', 'snapshot', 'evaluate') THEN
        RAISE EXCEPTION 'unknown task "%"', task USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write refresh, snapshot or evaluate.';
    END IF;
    PERFORM kpi.settings_of(model, task = 'refresh');
    IF task = 'evaluate' THEN
        PERFORM kpi.require_goals(model);
    END IF;
    IF cron IS NULL THEN
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
                                'psql -d %s -c %s', kpi.shell_quoted(current_database()::text),
                                kpi.shell_quoted(command));
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
'has pg_cron call refresh, or the task snapshot or evaluate, for a model, at times such as '
'*/15 * * * *, instead of any times it was told before, and gives the number of the job; an error '
'if the extension pg_cron is not there. It runs as who called this, in cron.timezone; '
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
