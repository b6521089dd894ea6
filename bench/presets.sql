-- What a model over the tables of a shop system costs, materialized and incremental.
--
-- Run by bench/run for each :shop with :n orders, in a database of its own. The tables and their
-- indexes are those of the tests, test/presets; bench/presets fills them, and says in a prepared
-- statement "change" what happens to one order of a thousand.

\set QUIET on
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kpi;
SET timezone = 'UTC';
SET jit = off;
CREATE SCHEMA :shop;
SET search_path = :shop, public;

\i test/presets/:shop.psql
\i bench/presets/:shop.sql
ANALYZE;

\i bench/measure.psql

SELECT FROM kpi.preset(:'shop', :'shop', 'kept');
SELECT FROM kpi.preset(:'shop', :'shop', 'whole');
CALL measure('build materialized',
          $$SELECT * FROM kpi.build('whole', 'UTC', 'EUR', storage => 'materialized')$$);
CALL measure('build incremental',
          $$SELECT * FROM kpi.build('kept', 'UTC', 'EUR', storage => 'incremental')$$);
EXECUTE change;
CALL measure('materialized', $$SELECT * FROM kpi.refresh('whole')$$);
CALL measure('incremental', $$SELECT * FROM kpi.refresh('kept')$$);
CALL measure('nothing changed', $$SELECT * FROM kpi.refresh('kept')$$);
CALL measure('compared', $$SELECT * FROM kpi.refresh('kept', true)$$);
SELECT FROM kpi.track('kept');
SELECT FROM kpi.refresh('kept');        -- compares all, once
EXECUTE change;
CALL measure('tracked', $$SELECT * FROM kpi.refresh('kept')$$);

SELECT format('%s %s', :'shop', :n),
       string_agg(format('%s %s s', step, round((ms / 1000)::numeric, 2)), ', ')
FROM   took;
SELECT format('  %s: %s', step, round((t.ms / m.ms)::numeric, 4))
FROM   took AS t CROSS JOIN (SELECT ms FROM took WHERE step = 'materialized') AS m
WHERE  t.step IN ('incremental', 'compared', 'tracked', 'nothing changed');
