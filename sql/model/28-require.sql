-- require: that somebody may work on a model, and writes what can be; anything else is an error

CREATE FUNCTION require_schema(model text, hint text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF model IS NULL THEN
        RAISE EXCEPTION 'no schema is named' USING ERRCODE = 'null_value_not_allowed', HINT = hint;
    ELSIF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = model) THEN
        RAISE EXCEPTION 'schema "%" does not exist', model
            USING ERRCODE = 'invalid_schema_name', HINT = hint;
    END IF;
END $$;
COMMENT ON FUNCTION require_schema(model text, hint text) IS
'implementation of what works on models: an error with this hint if there is no schema of this '
'name';

CREATE FUNCTION role_name(role oid) RETURNS text LANGUAGE SQL STABLE
    RETURN CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END;
COMMENT ON FUNCTION role_name(role oid) IS
'implementation of what works on models: what GRANT and REVOKE call a role';

CREATE FUNCTION is_kept_table(name text) RETURNS boolean LANGUAGE SQL IMMUTABLE
    RETURN name ~ '^kpi_((rows|state|touched)_|changes$|tracked$)';
COMMENT ON FUNCTION is_kept_table(name text) IS
'implementation of what works on models: whether a table of this name is one that a model keeps '
'where its storage is incremental';

-- Views can call functions, and these run with the rights of whoever reads the view, or has it
-- planned. So the views of others are read only if they have these rights anyway: a role works on
-- models of its own, or of somebody who could be this role, as superusers could. Who may create
-- in the schema is such an other, too: a view of his could come between this check and the reading.
-- So is who owns the type of a column, as he can write the cast to text by which it is read. And
-- so is who can add a trigger to what snapshot, refresh and evaluate write to: what is recorded or
-- kept, and the tables of goals, which are known by triggers of ours.
CREATE FUNCTION model_owners(model text)
RETURNS TABLE (section integer, relation oid, what text, role oid, remedy text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE relation AS (
        SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name,
               c.relname IN (SELECT 'recorded_' || s.source FROM kpi.sources AS s)
               OR c.relkind = 'r' AND kpi.is_kept_table(c.relname::text)
               OR EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid
                          WHERE  t.tgrelid = c.oid AND f.pronamespace = 'kpi'::regnamespace)
                                                                                   AS written,
               c.relname IN (SELECT s.source FROM kpi.sources AS s) AS is_source
        FROM   pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE  n.nspname = model AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ),
    type (relation, attribute, oid) AS (
        SELECT r.name, a.attname, a.atttypid
        FROM   relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
        WHERE  r.is_source AND a.attnum > 0 AND NOT a.attisdropped
        UNION
        SELECT t.relation, t.attribute, p.oid
        FROM   type AS t JOIN pg_type AS y ON y.oid = t.oid
               JOIN pg_type AS p ON p.oid IN (y.typbasetype, y.typelem)
    )
    SELECT 1, 0::oid, format('schema "%s" belongs to', n.nspname), n.nspowner, NULL
    FROM   pg_namespace AS n
    WHERE  n.nspname = model
    UNION ALL
    SELECT 2, r.oid, r.name || ' belongs to', r.relowner, NULL
    FROM   relation AS r
    WHERE  r.is_source OR r.written OR starts_with(r.relname::text, 'kpi_')
    OR     r.relname IN (SELECT v.name FROM kpi.view_definitions AS v)
    UNION ALL
    SELECT 3, 0, format('schema "%s" lets create', n.nspname), a.grantee,
           format('REVOKE CREATE ON SCHEMA %I FROM %s;', n.nspname, kpi.role_name(a.grantee))
    FROM   pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE  n.nspname = model AND a.privilege_type = 'CREATE'
    UNION ALL
    SELECT 4, 0, r.name || ' lets add triggers', a.grantee,
           format('REVOKE TRIGGER ON %s FROM %s;', r.name, kpi.role_name(a.grantee))
    FROM   relation AS r CROSS JOIN LATERAL aclexplode(r.relacl) AS a
    WHERE  r.written AND a.privilege_type = 'TRIGGER'
    UNION ALL
    SELECT 5, 0, format('trigger %I on %s runs a function of', t.tgname, r.name), f.proowner,
           format('DROP TRIGGER %I ON %s;', t.tgname, r.name)
    FROM   relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid
           JOIN pg_proc AS f ON f.oid = t.tgfoid
    WHERE  r.written AND NOT t.tgisinternal AND f.pronamespace <> 'kpi'::regnamespace
    UNION ALL
    SELECT 6, 0, format('the type of %s.%I belongs to', t.relation, t.attribute), y.typowner,
           format('Let the view %s say %I::text.', t.relation, t.attribute)
    FROM   type AS t JOIN pg_type AS y ON y.oid = t.oid;
END;
COMMENT ON FUNCTION model_owners(model text) IS
'implementation of require_owners: who can have written what is run when somebody works on a '
'model, and what to do about it; relations in the order they were made';

CREATE FUNCTION require_owners(model text, call text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other record;
BEGIN
    SELECT o.*, CASE o.role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o.role)::text END AS name
    INTO   other
    FROM   kpi.model_owners(model) AS o
           JOIN pg_database AS d ON d.datname = current_database()
    WHERE  NOT pg_has_role(CASE o.role WHEN 'pg_database_owner'::regrole THEN d.datdba
                                       ELSE o.role END, current_user, 'USAGE')
    ORDER  BY o.section, o.relation, o.what LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% role "%"', other.what, other.name
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('Views can call functions, and %s would run those of "%s" '
                                  'with the rights of "%s".', call, other.name, current_user),
                  HINT = coalesce(other.remedy,
                                  format('Let "%s" call it, or connect as this role.', other.name));
    END IF;
END $$;
COMMENT ON FUNCTION require_owners(model text, call text) IS
'implementation of what works on models: an error if it would run what somebody else has written '
'who has not the rights of the caller';

CREATE FUNCTION require_model(model text, call text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that build was '
                                      'called with.');
    PERFORM kpi.require_owners(model, call);
END $$;
COMMENT ON FUNCTION require_model(model text, call text) IS
'implementation of what works on models: an error if there is no schema of this name, or the '
'caller may not work on it';

CREATE FUNCTION refuse_row(state text, "column" text, message text, detail text, hint text)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint,
                          COLUMN = coalesce("column", '');
END $$;
COMMENT ON FUNCTION refuse_row(state text, "column" text, message text, detail text, hint text) IS
'implementation of explain and the tables of goals: the error of this SQLSTATE about a column of a '
'row, or an argument of this name';
