-- refresh: brings a model up to date whose storage is materialized or incremental
--
-- All of it is one transaction: readers see the model as it was until the new one is whole, and
-- what fails or is killed has changed nothing. kpi_as_of comes first, so that the rest is computed,
-- and later on read, as of the same instant.

-- Members of a dimension that are dates are written as build writes them, whatever the session has
-- set.
CREATE FUNCTION refresh(model text, everything boolean)
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
    PERFORM kpi.require_model(model, 'refresh');
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
        SELECT v.name FROM kpi.found_views(model) AS v WHERE v.kind = 'm'
        UNION ALL
        SELECT 'what is kept' WHERE settings.storage = 'incremental'
    LOOP
        step := clock_timestamp();
        BEGIN
            IF settings.storage = 'incremental' THEN
                RETURN QUERY SELECT k.*
                             FROM   kpi.refresh_kept(
                                 model, settings.settings, everything,
                                 CASE WHEN settings.built_by LIKE '%, as_of => %'
                                      THEN (settings.settings ->> 'as_of')::timestamptz
                                      ELSE now() END) AS k;
                CONTINUE;
            END IF;
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
COMMENT ON FUNCTION refresh(model text, everything boolean) IS
'brings a model up to date that was built with storage materialized or incremental: a row for each '
'relation it computed, how many rows it holds, or of storage incremental how many were computed '
'anew, and how long it took; where storage is incremental one for each source, too, how many of '
'its rows differed and how that was found: everything compares all that is there, where else a '
'column updated_at tells; for each source that has columns the model does not read; and for the '
'model. Readers read on, and see all of it when it is done. An error if the model is being built '
'or refreshed, was not built so, or lost a relation; whatever fails, nothing has changed then';

CREATE FUNCTION refresh(model text)
RETURNS TABLE (relation text, rows bigint, took interval, note text) LANGUAGE SQL
BEGIN ATOMIC
    SELECT r.* FROM kpi.refresh(model, false) AS r;
END;
COMMENT ON FUNCTION refresh(model text) IS
'brings a model up to date as refresh(model, everything) does, and does not compare what a column '
'updated_at tells';
