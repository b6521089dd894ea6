-- What a model of storage incremental costs beside one that is materialized, and its shop.
--
-- Run by bench/run in a database of its own, with :n orders of the last :n / 1000 days, so that a
-- day is as large however long the history: with two histories it shows that the one does not take
-- longer than the other to refresh. A thousand orders change, and once one in a thousand, nine of
-- ten of them among the latest. A shop that sells is pgbench, one client, with triggers and
-- without, in turns: with commits that wait for the disk, as a shop's do, and without, where
-- triggers weigh most.

\set QUIET on
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION kpi;
SET timezone = 'UTC';

CREATE TABLE sale (id bigserial PRIMARY KEY, customer_id bigint, placed_at timestamptz,
                   net numeric, country text, updated_at timestamptz);
CREATE TABLE line (id bigserial PRIMARY KEY, sale_id bigint, sku text, quantity integer,
                   net numeric);
CREATE TABLE refund (sale_id bigint, at timestamptz, amount numeric);
INSERT INTO sale (customer_id, placed_at, net, country, updated_at)
SELECT (hashint8extended(i, 0) & 9223372036854775807) % (:n / 5),
       now() - (:n - i) * interval '86.4 seconds', 5 + i % 90,
       (ARRAY['DE', 'FR', 'IT', 'ES'])[1 + i % 4], now() - (:n - i) * interval '86.4 seconds'
FROM   generate_series(1, :n) AS i;
INSERT INTO line (sale_id, sku, quantity, net)
SELECT id, 'sku' || (id * 7 + k) % 500, 1, net / 2 FROM sale CROSS JOIN generate_series(0, 1) AS k;
INSERT INTO refund SELECT id, placed_at + interval '4 days', net FROM sale WHERE id % 20 = 0;
CREATE INDEX ON sale (updated_at);
CREATE INDEX ON line (sale_id);
CREATE INDEX ON refund (sale_id);
VACUUM ANALYZE;

CREATE SCHEMA kept;
CREATE SCHEMA whole;
CREATE VIEW kept.orders AS
SELECT s.id AS order_id, s.placed_at AS ordered_at, s.customer_id, s.net AS net_sales, s.country,
       s.updated_at
FROM   sale AS s;
CREATE VIEW kept.order_lines AS
SELECT l.sale_id AS order_id, l.sku, l.quantity, l.net AS net_sales, s.updated_at
FROM   line AS l JOIN sale AS s ON s.id = l.sale_id;
CREATE VIEW kept.returns AS
SELECT r.sale_id AS order_id, r.at AS returned_at, r.amount AS refund, s.updated_at
FROM   refund AS r JOIN sale AS s ON s.id = r.sale_id;
CREATE VIEW whole.orders AS SELECT * FROM kept.orders;
CREATE VIEW whole.order_lines AS SELECT * FROM kept.order_lines;
CREATE VIEW whole.returns AS SELECT * FROM kept.returns;

\i bench/measure.psql
CREATE PROCEDURE change(shift integer, orders integer DEFAULT 1000) LANGUAGE sql AS $$
    WITH changed AS (
        UPDATE sale SET net = net + 1, updated_at = clock_timestamp()
        WHERE  id IN (SELECT (SELECT max(id) FROM sale) - i * 7 - shift
                      FROM   generate_series(1, orders * 9 / 10) AS i
                      UNION ALL
                      SELECT (SELECT max(id) FROM sale) / (orders / 10) * i + shift
                      FROM   generate_series(1, orders / 10 - 1) AS i)
        RETURNING id)
    UPDATE line SET net = net + 0.5 WHERE sale_id IN (SELECT id FROM changed);
$$;

CALL measure('build incremental',
    $$SELECT FROM kpi.build('kept', 'UTC', 'EUR', '{country}', storage => 'incremental')$$);
SELECT FROM kpi.build('whole', 'UTC', 'EUR', '{country}', storage => 'materialized');
CALL measure('materialized', $$SELECT FROM kpi.refresh('whole')$$);
CALL change(1);
CALL measure('updated_at', $$SELECT FROM kpi.refresh('kept')$$);
CALL change(2);
CALL measure('compared', $$SELECT FROM kpi.refresh('kept', true)$$);
SELECT FROM kpi.track('kept');
SELECT FROM kpi.refresh('kept');        -- compares all, once
CALL change(3);
CALL measure('tracked', $$SELECT FROM kpi.refresh('kept')$$);
CALL change(4);
CALL measure('tracked', $$SELECT FROM kpi.refresh('kept')$$);
CALL change(5, :n / 1000);
CALL measure('tracked, one in a thousand changed', $$SELECT FROM kpi.refresh('kept')$$);
CALL measure('nothing changed', $$SELECT FROM kpi.refresh('kept')$$);

SELECT format('A shop of %s orders, of which a thousand change:', :n);
SELECT format('  %s %s s, %s of materialized', step, round((min(t.ms) / 1000)::numeric, 2),
              round((min(t.ms) / min(m.ms))::numeric, 3))
FROM   took AS t CROSS JOIN (SELECT ms FROM took WHERE step = 'materialized') AS m
GROUP  BY step ORDER BY min(t.ms) DESC;
SELECT format('  the model takes %s of the tables of the shop',
              round(sum(pg_total_relation_size(c.oid))
                        FILTER (WHERE c.relnamespace = 'kept'::regnamespace)
                    / sum(pg_total_relation_size(c.oid))
                        FILTER (WHERE c.relname IN ('sale', 'line', 'refund')), 2))
FROM   pg_class AS c WHERE c.relkind = 'r';

-- What it costs to sell: an order, two lines and a change in a transaction.
\set file :folder '/sell.sql'
CREATE TABLE sell (line text);
INSERT INTO sell VALUES
    ('\set c random(1, 1000)'), ('BEGIN;'),
    ('INSERT INTO sale (customer_id, placed_at, net) VALUES (:c, now(), 9) RETURNING id \gset'),
    ('INSERT INTO line (sale_id, sku, quantity, net) VALUES (:id, 1, 1, 4), (:id, 2, 1, 5);'),
    ('UPDATE sale SET net = 10 WHERE id = :id;'), ('COMMIT;');
COPY sell TO :'file' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
CREATE TABLE sold (durable boolean, tracked boolean, ms float8);
CREATE TABLE said (line text);
CREATE PROCEDURE sell(file text, durable boolean, tracked boolean) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('COPY said FROM PROGRAM %L', format(
        'pgbench -n -T 3 -f %s -h %s %s 2>/dev/null | grep "latency average"', file,
        current_setting('unix_socket_directories'), current_database()));
    INSERT INTO sold
    SELECT sell.durable, sell.tracked, substring(line, '[0-9.]+')::float8 FROM said;
    DELETE FROM said;
END $$;
SELECT CASE WHEN tracked THEN $$SELECT FROM kpi.track('kept')$$
            ELSE $$SELECT FROM kpi.untrack('kept')$$ END,
       format('ALTER SYSTEM SET fsync = %L', durable), 'SELECT FROM pg_reload_conf()',
       format('CALL sell(%L, %L, %L)', :'file', durable, tracked)
FROM   generate_series(1, :rounds) AS round CROSS JOIN unnest('{f,t}'::boolean[]) AS durable
       CROSS JOIN unnest('{f,t}'::boolean[]) AS tracked
ORDER  BY round, durable, tracked
\gexec
ALTER SYSTEM RESET fsync;
SELECT FROM pg_reload_conf();
SELECT format('  selling, commits %s for the disk, tracked: %s ms, without: %s ms, ratio %s',
              CASE WHEN durable THEN 'waiting' ELSE 'not waiting' END,
              round(tracked, 2), round(without, 2), round(tracked / without, 2))
FROM   (SELECT durable,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE tracked)::numeric,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE NOT tracked)::numeric
        FROM   sold GROUP BY durable) AS s (durable, tracked, without)
ORDER  BY durable;

CREATE PROCEDURE lines() LANGUAGE sql AS $$
    INSERT INTO line (sale_id, sku, quantity, net) SELECT i, 'b', 1, 1
    FROM   generate_series(1, 100000) AS i;
    UPDATE line SET quantity = 2 WHERE sku = 'b';
    DELETE FROM line WHERE sku = 'b';
$$;
DELETE FROM took;
SELECT command, format('CALL measure(%L, ''CALL lines()'')', step)
FROM   (VALUES ($$SELECT FROM kpi.untrack('kept')$$, 'without'),
               ($$SELECT FROM kpi.track('kept')$$, 'tracked')) AS v (command, step)
       CROSS JOIN generate_series(1, :rounds) AS round
ORDER  BY round
\gexec
SELECT format('  100000 lines inserted, updated and deleted: ratio %s', round((
           percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE step = 'tracked')
           / percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE step = 'without'))
           ::numeric, 2))
FROM   took;
