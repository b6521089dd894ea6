-- find: what there is of a model; returns rows and writes nothing

CREATE FUNCTION schema_exists(model text, hint text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF model IS NULL THEN
        RAISE EXCEPTION 'no model is named' USING ERRCODE = 'null_value_not_allowed', HINT = hint;
    ELSIF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = model) THEN
        RAISE EXCEPTION 'schema "%" does not exist', model
            USING ERRCODE = 'invalid_schema_name', HINT = hint;
    END IF;
END $$;
COMMENT ON FUNCTION schema_exists(model text, hint text) IS
'implementation of what works on models: an error with this hint if there is no schema of this name';

-- Views can call functions, and these run with the rights of whoever reads the view, or has it
-- planned. So the views of others are read only if they have these rights anyway: a role works on
-- models of its own, or of somebody who could be this role, as superusers could.
CREATE FUNCTION check_owners(model text, call text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    what record;
BEGIN
    SELECT o.what, pg_get_userbyid(o.owner) AS owner INTO what
    FROM   (SELECT 0 AS n, format('schema "%s"', n.nspname) AS what,
                   CASE n.nspowner WHEN 'pg_database_owner'::regrole THEN d.datdba
                                   ELSE n.nspowner END AS owner
            FROM   pg_namespace AS n JOIN pg_database AS d ON d.datname = current_database()
            WHERE  n.nspname = model
            UNION ALL
            SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname), c.relowner
            FROM   pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE  n.nspname = model AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND    (c.relname IN (SELECT v.name FROM kpi.view_definitions AS v)
                    OR starts_with(c.relname::text, 'kpi_')
                    OR c.relname IN (SELECT s.source FROM kpi.sources AS s)
                    OR c.relname IN (SELECT 'recorded_' || s.source FROM kpi.sources AS s))
           ) AS o
    WHERE  NOT pg_has_role(o.owner, current_user, 'USAGE')
    ORDER  BY o.n LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% belongs to role "%"', what.what, what.owner
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('Views can call functions, and %s would run those of "%s" '
                                  'with the rights of "%s".', call, what.owner, current_user),
                  HINT = format('Let "%s" call it, or connect as this role.', what.owner);
    END IF;
END $$;
COMMENT ON FUNCTION check_owners(model text, call text) IS
'implementation of what works on models: an error if it would run what somebody else has written who has not the rights of the caller';

CREATE FUNCTION is_built(model text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT
        FROM   pg_class AS c
               JOIN pg_namespace AS n ON n.oid = c.relnamespace
               JOIN pg_rewrite AS w ON w.ev_class = c.oid
               JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
               JOIN pg_proc AS f ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
        WHERE  n.nspname = model AND c.relname = 'kpi_settings' AND c.relkind = 'v'
        AND    f.pronamespace = 'kpi'::regnamespace);
END;
COMMENT ON FUNCTION is_built(model text) IS
'implementation of what works on models: whether a schema has a view kpi_settings that is ours';

CREATE FUNCTION settings_of(model text, stored boolean DEFAULT false)
RETURNS TABLE (storage text, sources text[], dimensions text[], built_by text, timezone text,
               currency text, refunds_by text, since date, views text[], queries text[], owner text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.schema_exists(model, 'Write the name of a model, the schema that build was called with.');
    PERFORM kpi.check_owners(model, 'this');
    IF NOT kpi.is_built(model) THEN
        RAISE EXCEPTION 'model "%" has not been built', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT * FROM kpi.build(%L, timezone => ...) makes its views.', model);
    END IF;
    EXECUTE format('SELECT s.storage, s.sources, s.dimensions, s.built_by, s.timezone, s.currency, '
                   's.refunds_by, s.since, s.views, s.queries FROM %I.kpi_settings AS s', model)
    INTO storage, sources, dimensions, built_by, timezone, currency, refunds_by, since, views, queries;
    owner := (SELECT relowner::regrole FROM pg_class
              WHERE oid = format('%I.kpi_settings', model)::regclass);
    IF stored AND storage <> 'materialized' THEN
        RAISE EXCEPTION 'model "%" has nothing to refresh', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Its views compute whenever they are read.',
                  HINT = rtrim(built_by, ')')
                         || ', storage => ''materialized'') keeps what they compute.';
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION settings_of(model text, stored boolean) IS
'implementation of what works on models: how a model was built; an error if it was not, is to be stored and is not, or is not the caller''s';

-- The model remembers its views, as another version of the extension may know others. What has a
-- name of theirs is theirs if it stands on kpi_settings.
CREATE FUNCTION found_views(model text)
RETURNS TABLE (n bigint, name text, relation oid, kind "char")
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    remembered text[];
BEGIN
    IF NOT kpi.is_built(model) THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT s.views FROM %I.kpi_settings AS s', model) INTO remembered;
    RETURN QUERY
    WITH RECURSIVE standing (oid) AS (
        SELECT format('%I.kpi_settings', model)::regclass::oid
        UNION
        SELECT w.ev_class
        FROM   standing AS s
               JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
                                  AND d.classid = 'pg_rewrite'::regclass
               JOIN pg_rewrite AS w ON w.oid = d.objid
    )
    SELECT v.n, v.name, c.oid, c.relkind
    FROM   unnest(remembered) WITH ORDINALITY AS v (name, n)
           JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, v.name))
    WHERE  c.oid IN (SELECT oid FROM standing) OR v.name = 'kpi_as_of' AND c.relkind = 'm'
    ORDER  BY v.n;
END $$;
COMMENT ON FUNCTION found_views(model text) IS
'implementation of what works on models: the views that build has made and that are there, each after those it stands on';

-- What is to be made of a model: views, each after those it stands on.
CREATE FUNCTION planned_views(model text, settings jsonb)
RETURNS TABLE (n bigint, name text, definition view_definitions, grain text, grain_name text,
               dimension text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH there AS (
        SELECT array_agg(DISTINCT c.source) AS sources FROM model_columns(model) AS c
    )
    SELECT row_number() OVER (ORDER BY v.position, d.position, g.name),
           CASE WHEN g.grain IS NULL THEN v.name
                ELSE concat('kpi_', g.grain, '_by_' || d.dimension) END,
           v, g.grain, g.name, d.dimension
    FROM   there
           CROSS JOIN view_definitions AS v
           LEFT JOIN (grain_names(settings) AS g
                      CROSS JOIN (SELECT 0 AS position, NULL AS dimension
                                  UNION ALL
                                  SELECT d.n, d.dimension
                                  FROM   unnest((settings ->> 'dimensions')::text[])
                                         WITH ORDINALITY AS d (dimension, n)) AS d)
                ON v.name = 'kpi_grain'
    WHERE  (v.always OR v.sources <@ there.sources)
    AND    (v.name <> 'kpi_as_of'
            OR settings ->> 'storage' = 'materialized' AND settings ->> 'as_of' IS NULL);
END;
COMMENT ON FUNCTION planned_views(model text, settings jsonb) IS
'implementation of build: the views it is going to make';
