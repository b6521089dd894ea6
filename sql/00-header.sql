-- The kpi extension: business KPIs as exact, poolable values.
\echo Use "CREATE EXTENSION kpi" to load this file. \quit

-- This script runs as superuser, whoever installs the trusted extension. So it makes its schema
-- itself: nothing that somebody else has put there can be called, the schema and all in it belong
-- to a superuser and not to the installer, and both go with the extension.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname OPERATOR(pg_catalog.=) 'kpi') THEN
        RAISE EXCEPTION 'schema "kpi" already exists' USING ERRCODE = 'duplicate_schema',
            DETAIL = 'The extension makes its schema itself, so that nobody can have put anything '
                     'into it.',
            HINT = 'Drop or rename the schema: ALTER SCHEMA kpi RENAME TO ...; then call CREATE '
                   'EXTENSION again.';
    END IF;
END $$;
CREATE SCHEMA kpi;
COMMENT ON SCHEMA kpi IS
'business KPIs as exact, poolable values: types, aggregates, and models of shops';
SET LOCAL search_path = kpi, pg_temp;

-- Whoever may connect can compute.
GRANT USAGE ON SCHEMA kpi TO PUBLIC;
