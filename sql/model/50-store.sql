-- store: makes, locks and drops the views of a model

CREATE FUNCTION lock_schema(schema text, part integer, wait boolean) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION lock_schema(schema text, part integer, wait boolean) IS
'implementation of lock_model: locks a part of the work on a schema until the transaction ends; '
'false if that is locked already and it shall not wait; an error for who may not create in the '
'schema';

-- One transaction at a time builds, refreshes or drops a model (part 0), or records what it forgets
-- (part 1). A second one waits or gets an error.
CREATE FUNCTION lock_model(model text, part integer, wait boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holder record;
BEGIN
    IF NOT has_schema_privilege(model, 'CREATE') THEN
        RAISE EXCEPTION 'permission denied for schema "%"', model
            USING ERRCODE = 'insufficient_privilege',
                  HINT = format('A model is built and refreshed by its owner, %s.', (
                      SELECT coalesce(c.relowner, n.nspowner)::regrole
                      FROM   pg_namespace AS n
                             LEFT JOIN pg_class AS c ON c.relnamespace = n.oid
                                                    AND c.relname = 'kpi_settings'
                      WHERE  n.nspname = model));
    ELSIF kpi.lock_schema(model, part, wait) THEN
        RETURN;
    END IF;
    SELECT a.pid, a.xact_start INTO holder
    FROM   pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
    WHERE  l.locktype = 'object' AND l.granted AND l.mode = 'ShareUpdateExclusiveLock'
    AND    l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
    AND    l.classid = 'pg_namespace'::regclass AND l.objsubid = part
    AND    l.objid = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = model);
    RAISE EXCEPTION 'model "%" is being built or refreshed', model USING ERRCODE = 'object_in_use',
        -- since when is not for everybody to see, and a prepared transaction has no process
        DETAIL = CASE WHEN holder.pid IS NULL THEN 'Another transaction does.'
                      ELSE format('Process %s does%s.', holder.pid,
                                  ' since ' || date_trunc('second', holder.xact_start)) END,
        HINT = 'Call again when that is done, or less often.';
END $$;
COMMENT ON FUNCTION lock_model(model text, part integer, wait boolean) IS
'implementation of build, refresh, snapshot and drop_views: only one transaction works on a part '
'of a model until it ends; another one waits, or is an error';

CREATE FUNCTION lock_relation(relation oid) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION lock_relation(relation oid) IS
'implementation of lock_views: keeps readers out of a relation of the caller until the transaction '
'ends; an error, and not one for them, if they wait for the caller as he does for them';

-- Readers lock a view before those it stands on; so do we, or one of us would wait for the other. A
-- query or transaction that reads views in another order can still meet us half way: then we let go
-- of all, wait for what could not be had with nothing in hand, and begin there.
CREATE FUNCTION lock_views(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relation oid;
    held     boolean;
BEGIN
    LOOP
        BEGIN
            held := false;
            IF relation IS NOT NULL THEN
                PERFORM kpi.lock_relation(relation);
            END IF;
            held := true;
            FOR relation IN
                SELECT v.relation FROM kpi.found_views(model) AS v ORDER BY v.n DESC
            LOOP
                PERFORM kpi.lock_relation(relation);
            END LOOP;
            RETURN;
        EXCEPTION WHEN deadlock_detected THEN
            IF NOT held THEN
                RAISE;      -- over what the transaction had before it called us
            END IF;
        END;
    END LOOP;
END $$;
COMMENT ON FUNCTION lock_views(model text) IS
'implementation of build and drop_views: keeps readers out of the views of a model until the '
'transaction ends';

-- Who drops what a refresh is going to read would wait for it, and it for him. DROP ... CASCADE
-- locks a relation before those that stand on it, and so do we here.
CREATE FUNCTION lock_for_refresh(model text, sources text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    what record;
BEGIN
    FOR what IN
        SELECT s.source AS name, c.relkind AS kind
        FROM   unnest(sources) AS s (source)
               JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, s.source))
        UNION ALL
        SELECT v.name, v.kind FROM kpi.found_views(model) AS v
    LOOP
        -- LOCK takes tables and views only; what is planned is locked, too
        EXECUTE format(CASE WHEN what.kind IN ('r', 'p', 'v')
                            THEN 'LOCK TABLE %I.%I IN ACCESS SHARE MODE'
                            ELSE 'EXPLAIN SELECT FROM %I.%I' END, model, what.name);
    END LOOP;
END $$;
COMMENT ON FUNCTION lock_for_refresh(model text, sources text[]) IS
'implementation of refresh: nobody drops or changes what it reads until the transaction ends';

CREATE FUNCTION refresh_view(model text, name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- only what holds something can be compared with what it holds
    EXECUTE format('REFRESH MATERIALIZED VIEW %s %I.%I',
                   (SELECT 'CONCURRENTLY' FROM pg_class
                    WHERE oid = format('%I.%I', model, name)::regclass AND relispopulated),
                   model, name);
END $$;
COMMENT ON FUNCTION refresh_view(model text, name text) IS
'implementation of build and refresh: brings a materialized view up to date, readers reading on';

CREATE FUNCTION fill_materialized(model text, name text, key text[], made boolean)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    what text := format('%I.%I', model, name);
BEGIN
    IF NOT EXISTS (SELECT FROM pg_index AS i
                   WHERE i.indrelid = what::regclass AND i.indisunique AND i.indisvalid
                   AND   i.indimmediate AND num_nonnulls(i.indpred, i.indexprs) = 0) THEN
        EXECUTE format('CREATE UNIQUE INDEX ON %s (%s)', what,
                       (SELECT string_agg(quote_ident(k), ', ' ORDER BY n)
                        FROM   unnest(key) WITH ORDINALITY AS u (k, n)));
    END IF;
    IF made THEN
        EXECUTE 'ANALYZE ' || what;
    ELSE
        PERFORM kpi.refresh_view(model, name);
    END IF;
END $$;
COMMENT ON FUNCTION fill_materialized(model text, name text, key text[], made boolean) IS
'implementation of build: gives a materialized view its unique index, and refreshes it unless it '
'has just been made';

-- What a view reads it goes on to read under whatever name: a source that was renamed, another one
-- being in its place, is not the one that the same query would read now.
CREATE FUNCTION reads_what_it_says(relation oid, query text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce(bool_and(strpos(translate(query || ' ', E'\n(),', '    '),
                                    translate(format('%I.%I ', n.nspname, c.relname),
                                              E'\n(),', '    ')) > 0), true)
    FROM   pg_rewrite AS w
           JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                              AND d.refclassid = 'pg_class'::regclass
           JOIN pg_class AS c ON c.oid = d.refobjid
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE  w.ev_class = relation AND c.oid <> relation;
END;
COMMENT ON FUNCTION reads_what_it_says(relation oid, query text) IS
'implementation of build: whether all relations that a view reads have the names that a query says';

-- Makes a view, materialized or not, or leaves what is there in its place: a materialized view of
-- the same query is refreshed. What cannot stay in place is an error, as it is when CREATE OR
-- REPLACE VIEW meets another column.
CREATE FUNCTION put_view(model text, name text, query text, known text, stored boolean,
                         options text, meaning text, key text[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET citus.enable_ddl_propagation = off AS $$    -- its workers have no use for views, nor can have
DECLARE                                         -- those that read what is kept
    what text := format('%I.%I', model, name);
    kind "char" := (SELECT relkind FROM pg_class WHERE oid = to_regclass(what));
BEGIN
    IF kind IS NOT NULL
       AND (stored <> (kind = 'm')
            OR stored AND (known IS DISTINCT FROM md5(query)
                           OR NOT kpi.reads_what_it_says(what::regclass::oid, query))) THEN
        RAISE EXCEPTION '% cannot be replaced in place', what
            USING ERRCODE = 'invalid_table_definition';
    END IF;
    IF kind IS NULL OR NOT stored THEN
        EXECUTE kpi.fill('CREATE @kind@ @what@ @options@AS @query@', jsonb_build_object(
            'kind', CASE WHEN stored THEN 'MATERIALIZED VIEW' ELSE 'OR REPLACE VIEW' END,
            'what', what, 'options', 'WITH (' || options || ') ', 'query', query));
    END IF;
    IF stored THEN
        PERFORM kpi.fill_materialized(model, name, key, kind IS NULL);
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L',
                   CASE WHEN stored THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, what, meaning);
END $$;
COMMENT ON FUNCTION put_view(model text, name text, query text, known text, stored boolean,
    options text, meaning text, key text[]) IS
'implementation of build: makes a view, materialized or not, or brings the one there up to date, '
'known being the md5 of its query; an error if that cannot stay';

CREATE FUNCTION remove_views(model text, names text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET citus.enable_ddl_propagation = off AS $$    -- as put_view()
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('DROP %s %I.%I',
                      CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'r' THEN 'TABLE'
                                     ELSE 'VIEW' END,
                      model, v.name)
        FROM   unnest(names) WITH ORDINALITY AS v (name, n)
               JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, v.name))
        ORDER  BY v.n DESC
    LOOP
        EXECUTE command;
    END LOOP;
END $$;
COMMENT ON FUNCTION remove_views(model text, names text[]) IS
'implementation of build and drop_views: drops views of a model, given in the order in which they '
'were made, last those on which others stand';

-- What others have set for views: owners, and rights to them and their columns.
CREATE FUNCTION rights_of(model text, names text[])
RETURNS TABLE (name text, command text, opposite text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT c.relname::text, r.command, r.opposite
    FROM   pg_class AS c
           CROSS JOIN LATERAL (
               SELECT 1, format('ALTER TABLE %I.%I OWNER TO %I', model, c.relname,
                                pg_get_userbyid(c.relowner)), NULL
               WHERE  pg_get_userbyid(c.relowner) <> current_user
               UNION ALL
               SELECT 2, concat('GRANT ', w.what, ' TO ', w.who,
                                CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END),
                      concat('REVOKE ', w.what, ' FROM ', w.who, ' CASCADE')
               FROM   (SELECT *, '' AS columns FROM aclexplode(c.relacl)
                       UNION ALL
                       SELECT e.*, format(' (%I)', t.attname)
                       FROM   pg_attribute AS t CROSS JOIN LATERAL aclexplode(t.attacl) AS e
                       WHERE  t.attrelid = c.oid) AS a
                      CROSS JOIN LATERAL (
                          SELECT concat(a.privilege_type, a.columns,
                                        format(' ON %I.%I', model, c.relname)),
                                 kpi.role_name(a.grantee))
                          AS w (what, who)
               WHERE  a.grantee <> c.relowner) AS r (n, command, opposite)
    WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    AND    c.relname = ANY (names)
    ORDER  BY r.n;
END;
COMMENT ON FUNCTION rights_of(model text, names text[]) IS
'implementation of build: the commands that give views of a model the owners and rights they have, '
'and those that take the rights';

-- A view made anew has the rights that are usual in its schema, of which some had been revoked.
CREATE FUNCTION restore_rights(model text, names text[], rights text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT r.opposite FROM kpi.rights_of(model, names) AS r
        WHERE  r.opposite IS NOT NULL AND r.command <> ALL (rights)
    LOOP
        EXECUTE command;
    END LOOP;
    FOREACH command IN ARRAY rights LOOP
        EXECUTE command;
    END LOOP;
END $$;
COMMENT ON FUNCTION restore_rights(model text, names text[], rights text[]) IS
'implementation of build: gives views of a model the owners and rights they had, and no others';

-- What the planner makes of reading a day: can indexes find its rows, and all that is joined to
-- them, and does it know how many rows a day has? The day is one that no shop has, so that only our
-- condition names it. No shop has as many days and members as the planner guesses of what it knows
-- nothing of: a share of all rows.
CREATE FUNCTION plans_of(model text, name text) RETURNS TABLE (indexed boolean, unknown boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = on
SET enable_indexscan = on SET enable_indexonlyscan = on SET enable_bitmapscan = on SET jit = off
AS $$
DECLARE
    plan jsonb;
BEGIN
    PERFORM set_config('enable_seqscan', 'off', true);
    EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %I.%I AS d '
                   'WHERE kpi.within(d.day, date ''1987-06-05'', date ''1987-06-06'')', model, name)
    INTO plan;
    indexed := plan @? '$.**."Index Cond" ? (@ like_regex "1987-06-0")'
               AND NOT plan @? '$.** ? (@."Node Type" == "Seq Scan")';
    PERFORM set_config('enable_seqscan', 'on', true);
    EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %I.%I', model, name) INTO plan;
    unknown := (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > 100000;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION plans_of(model text, name text) IS
'implementation of build: whether indexes find the rows of a day of a view, and whether the '
'planner is wrong about how many days there are';
