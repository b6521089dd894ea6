-- Writes the pages anew: psql -f docs/generate.sql, in a database where kpi can be created; see
-- `make docs`.
\set QUIET on
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kpi;
SET search_path = public, kpi;
\i docs/tables.sql

-- psql writes to files, and a page at a time: the statements that do so, run from a file.
\set statements `mktemp`
\o :statements
SELECT format(E'\\o %s\nSELECT rtrim(pg_temp.rewritten(body), E''\\n'') FROM page WHERE name = %L;',
              name, name)
FROM   page
WHERE  body <> pg_temp.rewritten(body);
\o
\i :statements
\o
\setenv STATEMENTS :statements
\! rm "$STATEMENTS"
