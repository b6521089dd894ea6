-- The kpi extension: business KPIs as exact, poolable values.
\echo Use "CREATE EXTENSION kpi" to load this file. \quit

-- Whoever may connect can compute.
GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;
