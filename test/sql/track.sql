\set ECHO none
\i test/setup.psql
SELECT plan(125);

-- Which rows of a source a row of a table below it has a part in is read off the query of the
-- source; what changes is noted by triggers; and a model that is refreshed by that shows to the
-- letter what a model shows that computes when it is read.

\i test/kept.psql

-- The tables below a view with a column key, and the way from each to it.
CREATE FUNCTION ways(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CREATE TEMPORARY VIEW v AS ' || query;
    RETURN QUERY
    SELECT coalesce(b.problem, concat(b.below, '.' || coalesce(b.tells, '?'),
                    (SELECT string_agg(format(' > %s.%s-%s', t, b.found_by[n], b.gives[n]), ''
                                       ORDER BY n)
                     FROM   unnest(b.through) WITH ORDINALITY AS t (t, n))))
    FROM   tables_below('pg_temp.v', 'key') AS b;
    DROP VIEW pg_temp.v;
END $$;
CREATE TABLE a (id bigint, b_id bigint, t text, v varchar(9), n numeric, at timestamptz);
CREATE TABLE b (id integer, a_id integer, c_id bigint, t text);
CREATE TABLE c (id bigint, b_id integer, t text);
CREATE FUNCTION elsewhere() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT max(id) FROM c';
SELECT results_eq(format('SELECT ways(%L)', query), expected, query) FROM (VALUES
    ('SELECT id AS key FROM a', '{a.id}'::text[]),
    ('SELECT id + 0 AS key FROM a', '{a.?}'),
    ('SELECT v::text AS key FROM a', '{a.v}'),
    ('SELECT a.id AS key FROM a JOIN b ON b.a_id = a.id', '{a.id,b.a_id}'),
    ('SELECT a.id AS key FROM a JOIN b USING (id)', '{a.id,b.id}'),
    ('SELECT a.id AS key FROM a, b WHERE b.a_id = a.id AND b.t > a.t', '{a.id,b.a_id}'),
    ('SELECT a.id AS key FROM a, b WHERE b.a_id = a.id OR b.t = a.t', '{a.id,b.?}'),
    ('SELECT a.id AS key FROM a, b WHERE b.a_id <= a.id', '{a.id,b.?}'),
    ('SELECT a.id AS key FROM a, b WHERE b.a_id = a.n', '{a.id,b.?}'),
    ('SELECT a.id AS key FROM a JOIN b ON b.id = a.b_id JOIN c ON c.id = b.c_id',
     '{a.id,"b.id > a.b_id-id","c.id > b.c_id-id > a.b_id-id"}'),
    ('SELECT a.id AS key FROM a LEFT JOIN b ON b.a_id = a.id LEFT JOIN c ON c.b_id = b.id',
     '{a.id,b.a_id,"c.b_id > b.id-a_id"}'),
    ('SELECT b.a_id AS key FROM a LEFT JOIN b ON b.a_id = a.id', '{a.?,b.?}'),
    ('SELECT a.id AS key FROM b RIGHT JOIN a ON b.a_id = a.id', '{b.a_id,a.id}'),
    ('SELECT a.id AS key FROM a FULL JOIN b ON b.a_id = a.id', '{a.?,b.?}'),
    ('SELECT a.id AS key FROM a LEFT JOIN b ON a.id = a.b_id', '{a.id,b.?}'),
    ('SELECT c.id AS key FROM c JOIN (a LEFT JOIN b ON b.a_id = a.id) ON c.id = a.b_id',
     '{c.id,a.b_id,"b.a_id > a.id-b_id"}'),
    -- what is not found is no condition
    ('SELECT c.id AS key FROM (c CROSS JOIN a) LEFT JOIN b ON b.a_id = a.id AND b.c_id = c.id',
     '{c.id,a.?,b.c_id}'),
    ('SELECT a.id AS key FROM (a CROSS JOIN c) LEFT JOIN b ON a.id = c.id AND b.a_id = a.id',
     '{a.id,c.?,b.a_id}'),
    ('SELECT a_id AS key FROM b GROUP BY a_id', '{b.a_id}'),
    ('SELECT max(a_id) AS key FROM b GROUP BY c_id', '{b.?}'),
    ('SELECT c_id AS key, a_id FROM b GROUP BY GROUPING SETS (c_id, a_id)', '{b.?}'),
    ('SELECT a_id AS key, sum(id) OVER (PARTITION BY a_id, t) FROM b', '{b.a_id}'),
    ('SELECT a_id AS key, sum(id) OVER (PARTITION BY t) FROM b', '{b.?}'),
    ('SELECT DISTINCT a_id AS key FROM b', '{b.a_id}'),
    -- what never has a row says nothing
    ('SELECT id AS key FROM a UNION ALL SELECT a_id FROM b WHERE false', '{a.id}'),
    ('SELECT id AS key FROM a UNION ALL '
     'SELECT n.k FROM (SELECT NULL::bigint AS k WHERE false) AS n JOIN b ON b.a_id = n.k',
     '{a.id}'),
    ('SELECT id AS key FROM a UNION ALL '
     'SELECT n.k FROM (SELECT NULL::bigint AS k, t FROM b) AS n WHERE n.t > '''' AND k IS NOT NULL',
     '{a.id}'),
    ('SELECT id AS key FROM a UNION ALL '
     'SELECT b.a_id FROM b LEFT JOIN (SELECT NULL::bigint AS k WHERE false) AS n ON n.k = b.a_id',
     '{a.id,b.a_id}'),
    ('SELECT id AS key FROM a UNION ALL SELECT count(*) FROM b WHERE false', '{a.id,b.?}'),
    ('SELECT id AS key FROM a UNION ALL SELECT 1 FROM b WHERE false HAVING true', '{a.id,b.?}'),
    ('SELECT id AS key FROM a UNION ALL SELECT a_id FROM b WHERE false OR t > ''''',
     '{a.id,b.a_id}'),
    ('SELECT id AS key FROM a UNION ALL '
     'SELECT n.k FROM (SELECT 1::bigint AS k, b.* FROM b) AS n WHERE n.k IS NOT NULL',
     '{a.id,b.?}'),
    ('SELECT DISTINCT ON (t) a_id AS key FROM b', '{b.?}'),
    ('SELECT a_id AS key FROM b LIMIT 1', '{b.?}'),
    ('SELECT a.id AS key, s.n FROM a LEFT JOIN (SELECT a_id, count(*) AS n FROM b GROUP BY a_id)
      AS s ON s.a_id = a.id', '{a.id,b.a_id}'),
    ('SELECT a.id AS key, s.n FROM a CROSS JOIN LATERAL (SELECT count(*) AS n FROM b
      WHERE b.a_id = a.id LIMIT 1) AS s', '{a.id,b.a_id}'),
    ('SELECT a.id AS key, (SELECT max(b.t) FROM b WHERE b.a_id = a.id) FROM a', '{a.id,b.a_id}'),
    ('SELECT a.id AS key, (SELECT max(b.t) FROM b) FROM a', '{a.id,b.?}'),
    ('SELECT a.id AS key FROM a WHERE NOT EXISTS (SELECT FROM b WHERE b.a_id = a.id)',
     '{a.id,b.a_id}'),
    -- an order with no line has none whose customer tells
    ('SELECT a.id AS key FROM a, c WHERE NOT EXISTS (SELECT FROM b WHERE b.a_id = a.id
      AND b.c_id = c.id)', '{a.id,c.?,b.a_id}'),
    ('SELECT a.id AS key FROM a WHERE a.id IN (SELECT b.a_id FROM b)', '{a.id,b.?}'),
    ('SELECT id AS key FROM a UNION ALL SELECT a_id FROM b', '{a.id,b.a_id}'),
    ('SELECT id AS key, id AS x FROM a UNION SELECT a_id, c_id FROM b', '{a.id,b.a_id}'),
    ('SELECT id AS key FROM a EXCEPT SELECT a_id FROM b', '{a.id,b.a_id}'),
    ('SELECT id AS key FROM a UNION ALL SELECT a_id FROM b LIMIT 3', '{a.?,b.?}'),
    -- what a row of one part has a part in, the other part does not tell
    ('SELECT u.key FROM (SELECT a.id AS key, c.id AS x FROM a, c WHERE a.n = c.id UNION ALL
      SELECT b.a_id, b.c_id FROM b) AS u', '{a.id,c.?,b.a_id}'),
    ('WITH s AS (SELECT a_id, sum(id) FROM b GROUP BY a_id) SELECT a.id AS key FROM a
      JOIN s ON s.a_id = a.id', '{a.id,b.a_id}'),
    ('WITH RECURSIVE s AS (SELECT id FROM a UNION SELECT b.id FROM b JOIN s ON s.id = b.a_id)
      SELECT s.id AS key FROM s', '{"a recursive query cannot be followed"}'),
    ('SELECT x.key FROM (SELECT id AS key, t FROM a) AS x JOIN (SELECT id, t FROM b) AS y
      ON y.id = x.key', '{a.id,b.id}'),
    ('SELECT a.id AS key, j.* FROM a, b AS j WHERE j.t = a.t', '{a.id,"b.t > a.t-id"}'),
    ('SELECT a.id AS key FROM ONLY a', '{"table a cannot be followed there"}'),
    ('SELECT a.id AS key FROM a TABLESAMPLE SYSTEM (50)', '{"table a cannot be followed there"}'),
    ('SELECT id AS key, now() FROM a', '{"it calls now(), which changes by itself"}'),
    ('SELECT id AS key, current_date FROM a',
     '{"it reads the clock or the session, which change by themselves"}'),
    ('SELECT id AS key, random() FROM a',
     '{"it calls random(), of which nobody knows what that reads"}'),
    ('SELECT id AS key FROM a WHERE id < elsewhere()',
     '{"it calls elsewhere(), of which nobody knows what that reads"}'),
    ('SELECT id AS key, date_trunc(''day'', at), to_char(at, ''Day'') FROM a', '{a.id}'),
    ('SELECT oid AS key FROM pg_class', '{"table pg_class cannot be followed there"}'),
    ('SELECT generate_series AS key FROM generate_series(1, 3)', '{}')
    ) AS v (query, expected);
SELECT throws_ok($$SELECT tables_below('a', 'none')$$, '42703', NULL, 'a column that is not there');
SELECT is_empty($$SELECT tables_below(NULL, 'id')$$, 'nothing of NULL');

-- A shop as databases keep it: orders and articles in tables of their own, lines in partitions,
-- customers of two kinds that inherit, amounts in cents, codes in citext.
CREATE EXTENSION citext;
CREATE SCHEMA raw;
CREATE TABLE raw.customers (id bigint, mail text, country text);
CREATE TABLE raw.traders () INHERITS (raw.customers);
CREATE TABLE raw.shops (code citext, channel text);
CREATE TABLE raw.orders (id integer, number citext, customer_id bigint, shop citext,
                         placed_at timestamptz, state text, note json, weight float8);
CREATE TABLE raw.lines (id bigint, order_id bigint, article_id smallint, n integer, price numeric)
    PARTITION BY RANGE (id);
CREATE TABLE raw.lines_1 PARTITION OF raw.lines FOR VALUES FROM (MINVALUE) TO (200);
CREATE TABLE raw.lines_2 PARTITION OF raw.lines FOR VALUES FROM (200) TO (MAXVALUE);
CREATE TABLE raw.articles (id integer, sku varchar(20), category_id integer);
CREATE TABLE raw.categories (id integer, name text);
CREATE TABLE raw.payments (id integer, order_id integer, paid_at timestamptz, amount numeric);
CREATE TABLE raw.parcels (order_number citext, sent_at timestamptz, arrived_at timestamptz);
CREATE TABLE raw.ads (day timestamptz, cost numeric);
CREATE TABLE raw.zones (zone text);
INSERT INTO raw.customers
SELECT i, 'c' || i % 55, (ARRAY['DE', 'FR', NULL])[any_of(1, 3)] FROM generate_series(1, 40) AS i;
INSERT INTO raw.traders
SELECT i, 'C' || i % 55, (ARRAY['DE', 'FR', NULL])[any_of(1, 3)] FROM generate_series(41, 60) AS i;
INSERT INTO raw.shops VALUES ('Web', 'web'), ('app', 'app'), ('Old', NULL);
INSERT INTO raw.orders
SELECT i, CASE WHEN i % 2 = 0 THEN 'N' ELSE 'n' END || i, any_of(1, 70),
       (ARRAY['WEB', 'App', 'none'])[any_of(1, 3)], any_instant(),
       (ARRAY['paid', 'open', 'void'])[any_of(1, 3)], '{}', random()
FROM   generate_series(1, 150) AS i;
INSERT INTO raw.articles
SELECT i, 'a' || i % 7, i % 4 FROM generate_series(1, 12) AS i;
INSERT INTO raw.categories SELECT i, 'cat ' || i FROM generate_series(1, 3) AS i;
INSERT INTO raw.lines
SELECT i, any_of(1, 155), any_of(1, 13), any_of(1, 4), any_of(1, 900)
FROM   generate_series(1, 400) AS i;
INSERT INTO raw.payments
SELECT i, any_of(1, 155), any_instant(), any_of(-20, 90) FROM generate_series(1, 200) AS i;
INSERT INTO raw.parcels
SELECT 'n' || i, at, maybe(at + random() * interval '6 days')
FROM   (SELECT i, any_instant() AS at FROM generate_series(1, 160) AS i) AS x;
INSERT INTO raw.ads SELECT any_instant(), any_of(1, 50) FROM generate_series(1, 30);
INSERT INTO raw.zones VALUES ('Europe/Berlin');

-- One order, whatever is asked of it: joins, aggregates, windows, sets, views over views.
CREATE VIEW raw.sums AS
SELECT l.order_id, sum(l.n * l.price) / 100 AS total, sum(l.n) AS units
FROM   raw.lines AS l GROUP BY l.order_id;
CREATE SCHEMA read;
CREATE SCHEMA kept;
SELECT format(query, model)
FROM   unnest('{read,kept}'::text[]) AS model, unnest(ARRAY[
    'CREATE VIEW %I.orders AS
     WITH sold AS (SELECT * FROM raw.orders AS o WHERE o.state <> ''void'')
     SELECT o.id AS order_id, o.placed_at AS ordered_at, lower(c.mail) AS customer_id,
            s.total AS net_sales, s.units, h.channel, c.country,
            CASE WHEN o.state = ''open'' THEN o.placed_at + interval ''1 day'' END AS cancelled_at,
            CASE WHEN paid.rank = 1 THEN paid.amount END AS tax
     FROM   sold AS o
            LEFT JOIN raw.customers AS c ON c.id = o.customer_id
            LEFT JOIN raw.sums AS s ON s.order_id = o.id
            LEFT JOIN raw.shops AS h ON h.code = o.shop
            LEFT JOIN LATERAL (SELECT p.amount, row_number() OVER (ORDER BY p.paid_at, p.id) AS rank
                               FROM   raw.payments AS p WHERE p.order_id = o.id
                               ORDER  BY p.paid_at, p.id LIMIT 1) AS paid ON true
     WHERE  EXISTS (SELECT FROM raw.payments AS x WHERE x.order_id = o.id)',
    'CREATE VIEW %I.order_lines AS
     SELECT l.order_id, l.n AS quantity, l.n * l.price / 100 AS net_sales, a.sku,
            g.name AS category
     FROM   raw.lines AS l
            LEFT JOIN (raw.articles AS a LEFT JOIN raw.categories AS g ON g.id = a.category_id)
                 ON a.id = l.article_id',
    'CREATE VIEW %I.returns AS
     SELECT r.order_id, r.paid_at AS returned_at, least(r.amount, r.left_over) AS refund
     FROM   (SELECT p.order_id, p.paid_at, -p.amount AS amount,
                    sum(abs(p.amount)) OVER (PARTITION BY p.order_id
                                             ORDER BY p.paid_at, p.id) AS left_over
             FROM   raw.payments AS p) AS r
     WHERE  r.amount > 0
     UNION ALL
     SELECT o.id, o.placed_at, 1 FROM raw.orders AS o WHERE o.note ->> ''back'' = ''1''',
    'CREATE VIEW %I.deliveries AS
     SELECT p.order_number AS order_id, min(o.placed_at) AS ordered_at,
            max(p.arrived_at) AS delivered_at
     FROM   raw.parcels AS p JOIN raw.orders AS o ON o.number = p.order_number
     GROUP  BY p.order_number',
    'CREATE VIEW %I.spend AS
     SELECT a.day AS spent_on, a.cost AS amount FROM raw.ads AS a',
    'CREATE VIEW %I.visits AS
     SELECT o.id AS visit_id, o.placed_at AS started_at, o.customer_id AS visitor_id,
            o.weight > 0.5 AS converted
     FROM   raw.orders AS o CROSS JOIN (SELECT min(z.zone) AS zone FROM raw.zones AS z) AS z
     WHERE  z.zone IS NOT NULL']) AS query
\gexec

INSERT INTO happening (what) VALUES
    ('UPDATE raw.customers SET country = ''IT'' WHERE id % 20 = any_of(0, 9)'),
    ('UPDATE ONLY raw.customers SET mail = ''new'' || id WHERE id % 20 = any_of(0, 9)'),
    ('UPDATE raw.traders SET mail = ''old'' || id WHERE id % 10 = any_of(0, 9)'),
    ('UPDATE raw.customers SET id = id + any_of(0, 2) WHERE id % 30 = any_of(0, 9)'),
    ('INSERT INTO raw.traders VALUES (any_of(60, 75), ''C9'', ''DE'')'),
    ('DELETE FROM raw.traders WHERE id % 15 = any_of(0, 9)'),
    ('UPDATE raw.shops SET channel = any_of(1, 3)::text WHERE code = ''web'''),
    ('UPDATE raw.shops SET code = (ARRAY[''wEb'', ''none'', ''app''])[any_of(1, 3)]::citext
      WHERE  code = ''old'''),
    ('UPDATE raw.orders SET placed_at = any_instant() WHERE id % 40 = any_of(0, 9)'),
    ('UPDATE raw.orders SET state = ''void'' WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET state = ''paid'' WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET note = ''{"back": 1}'' WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET weight = random() WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET shop = ''aPP'' WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET number = ''N'' || any_of(1, 160) WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET id = id + any_of(-3, 3) WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET customer_id = any_of(1, 75) WHERE id % 50 = any_of(0, 9)'),
    ('INSERT INTO raw.orders SELECT any_of(150, 170), ''n'' || any_of(1, 200), any_of(1, 75),
                                    ''web'', soon(), ''paid'', NULL, 1'),
    ('DELETE FROM raw.orders WHERE id % 60 = any_of(0, 9)'),
    ('UPDATE raw.lines SET n = n + 1 WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.lines_2 SET price = price + 1 WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.lines SET order_id = any_of(1, 160) WHERE id % 50 = any_of(0, 9)'),
    ('UPDATE raw.lines SET id = any_of(1, 400) WHERE id % 90 = any_of(0, 9)'),
    ('DELETE FROM raw.lines_1 WHERE id % 50 = any_of(0, 9)'),
    ('INSERT INTO raw.lines SELECT any_of(1, 400), any_of(1, 160), any_of(1, 13), 1, 500
      FROM   generate_series(1, 3)'),
    ('UPDATE raw.articles SET sku = ''b'' || id WHERE id = any_of(1, 12)'),
    ('UPDATE raw.articles SET category_id = any_of(1, 3) WHERE id = any_of(1, 12)'),
    ('UPDATE raw.articles SET id = any_of(1, 13) WHERE id = any_of(1, 12)'),
    ('UPDATE raw.categories SET name = name || ''!'' WHERE id = any_of(1, 3)'),
    ('DELETE FROM raw.categories WHERE id = any_of(1, 3)'),
    ('INSERT INTO raw.categories VALUES (any_of(1, 3), ''new'')'),
    ('UPDATE raw.payments SET amount = -amount WHERE id % 30 = any_of(0, 9)'),
    ('UPDATE raw.payments SET paid_at = any_instant() WHERE id % 30 = any_of(0, 9)'),
    ('UPDATE raw.payments SET order_id = any_of(1, 160) WHERE id % 30 = any_of(0, 9)'),
    ('DELETE FROM raw.payments WHERE id % 40 = any_of(0, 9)'),
    ('INSERT INTO raw.payments SELECT any_of(1, 400), any_of(1, 160), soon(), any_of(-9, 90)
      FROM   generate_series(1, 4)'),
    ('UPDATE raw.parcels SET arrived_at = soon() WHERE order_number = ''N'' || any_of(1, 160)'),
    ('DELETE FROM raw.parcels WHERE order_number = ''N'' || any_of(1, 160)'),
    ('UPDATE raw.ads SET day = any_instant() WHERE cost < any_of(1, 20)'),
    ('INSERT INTO raw.ads VALUES (any_instant(), any_of(1, 50))'),
    ('DELETE FROM raw.ads WHERE cost = any_of(1, 50)'),
    ('UPDATE raw.zones SET zone = nullif(''Europe/Berlin'', zone)'),
    ('TRUNCATE raw.traders'),
    ('MERGE INTO raw.orders AS o USING (SELECT any_of(100, 200)::integer AS id) AS n ON n.id = o.id
      WHEN MATCHED THEN UPDATE SET weight = 0
      WHEN NOT MATCHED THEN INSERT VALUES (n.id, ''m'', 1, ''app'', soon(), ''paid'')');

SELECT is(built($$dimensions => '{channel,country}'$$), $$dimensions => '{channel,country}'$$,
          'two models are built');
SELECT is_empty($$SELECT differing('read', 'kept')$$, 'and show the same');
SELECT results_eq($$SELECT concat_ws(' ', object, action, reason) FROM track('kept')$$, ARRAY[
    'table raw.customers tracked for orders by id',
    'table raw.shops tracked for orders',
    'table raw.orders tracked for deliveries, orders, returns, visits by id',
    'table raw.lines tracked for order_lines, orders by order_id',
    'table raw.articles tracked for order_lines by id',
    'table raw.categories tracked for order_lines by id',
    'table raw.payments tracked for orders, returns by order_id',
    'table raw.parcels tracked for deliveries by order_number',
    'table raw.ads tracked for spend by day',
    'table raw.zones tracked for visits',
    'source orders tracked compared after a change of raw.shops',
    'source deliveries tracked compared after a change of raw.orders',
    'source visits tracked compared after a change of raw.zones'],
    'track says what it tracks, and what it can only compare');
SELECT count(*) AS n FROM refresh_to('0') \gset
SELECT is_empty('SELECT FROM kept.kpi_changes', 'a refresh takes away what was noted');

-- What is noted, of each kind of statement.
CREATE FUNCTION noted(statement text) RETURNS TABLE (note text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN QUERY WITH gone AS (DELETE FROM kept.kpi_changes RETURNING *)
                 SELECT concat_ws(' ', relation, "column", keys) FROM gone;
END $$;
CREATE FUNCTION notes(statement text, expected text[], rule text) RETURNS text LANGUAGE sql AS $$
    SELECT results_eq(format('SELECT note FROM noted(%L)', statement), expected, rule);
$$;
SELECT notes($$INSERT INTO raw.payments VALUES (901, 7), (902, 8)$$,
             '{"raw.payments order_id {7,8}"}', 'rows that are inserted')
UNION ALL
SELECT notes($$UPDATE raw.payments SET order_id = 9 WHERE id = 901$$,
             '{"raw.payments order_id {7,9}"}', 'a row that moves, from where to where')
UNION ALL
SELECT notes($$UPDATE raw.orders SET weight = weight, note = note$$, '{}',
             'rows that are written as they were do not change')
UNION ALL
SELECT notes($$UPDATE raw.articles SET sku = sku WHERE id = 1$$, '{}', 'nor do these')
UNION ALL
SELECT notes($$UPDATE raw.payments SET paid_at = '2025-01-01 00:00 UTC' WHERE id = 902$$,
             '{"raw.payments order_id {8,8}"}', 'a row that stays')
UNION ALL
SELECT notes($$DELETE FROM raw.payments WHERE id > 900$$,
             '{"raw.payments order_id {9,8}"}', 'rows that are deleted')
UNION ALL
SELECT notes($$DELETE FROM raw.payments WHERE id > 900$$, '{}', 'no row is nothing')
UNION ALL
SELECT notes($$INSERT INTO raw.lines VALUES (150, 77), (350, 78)$$,
             '{"raw.lines order_id {77,78}"}', 'what goes into partitions, once')
UNION ALL
SELECT notes($$DELETE FROM raw.lines_2 WHERE order_id = 78 AND n IS NULL$$,
             '{"raw.lines_2 order_id {78}"}', 'what is done to a partition')
UNION ALL
SELECT notes($$UPDATE raw.lines SET id = 350 WHERE order_id = 77 AND n IS NULL$$, '{}',
             'a row that goes to another partition, of which nothing that is read changes')
UNION ALL
SELECT notes($$UPDATE raw.traders SET country = 'XX' WHERE id = 41$$,
             CASE WHEN EXISTS (SELECT FROM raw.traders WHERE id = 41)
                  THEN '{"raw.traders id {41,41}"}' ELSE '{}' END::text[],
             'what is done to a table that inherits')
UNION ALL
SELECT notes($$INSERT INTO raw.ads VALUES ('2025-01-01 00:00 UTC', 1)$$,
             '{"raw.ads day {2025-01-01T00:00:00+00:00}"}', 'an instant')
UNION ALL
SELECT notes($$INSERT INTO raw.parcels VALUES ('N-1')$$,
             '{"raw.parcels order_number {N-1}"}', 'a text of another extension')
UNION ALL
SELECT notes($$INSERT INTO raw.zones VALUES (NULL)$$, '{raw.zones}',
             'a change of which nobody knows the rows');
TRUNCATE raw.traders;
SELECT notes('SELECT', '{raw.traders}', 'a table that is emptied');
SELECT results_eq($$SELECT count(*), sum(cardinality(keys))
                    FROM   kept.kpi_changes
                    WHERE (SELECT count(n) FROM noted('INSERT INTO raw.ads
                           SELECT ''2025-01-01'', 0 FROM generate_series(1, 25000)') AS n) = 3$$,
                  'VALUES (0::bigint, NULL::bigint)', 'many rows are noted in three lots');
DELETE FROM raw.ads WHERE cost = 0;
-- what was noted has been taken
SELECT count(*) AS n FROM refresh_to('0', true) \gset

SELECT stays_equal(4, 'whatever happens, what is noted says which rows may have changed');
SELECT is_empty($$SELECT relation, note
                  FROM refresh_kept('kept', (SELECT settings FROM settings_of('kept', true)), true,
                                    (SELECT instant FROM clock))
                  WHERE note !~ 'nothing had been missed'$$, 'and nothing had been missed');

-- What is noted does not tell everything any more: that is said, and the source is compared.
CREATE FUNCTION how(of text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(': ', f.how, f.why) FROM found_by('kept') AS f WHERE f.source = of;
$$;
SELECT is(how('order_lines'), 'tracked', 'tracked');
CREATE TABLE raw.lines_3 PARTITION OF raw.lines DEFAULT;
SELECT is(how('order_lines'), 'compared: a part of raw.lines has come or gone; '
          'SELECT * FROM kpi.track(''kept'') mends it', 'a partition has come');
SELECT count(*) AS n FROM track('kept') \gset
SELECT is(how('order_lines'), 'tracked', 'tracked again');
ALTER TABLE raw.lines DETACH PARTITION raw.lines_3;
SELECT matches(how('order_lines'), 'come or gone', 'a partition has gone');
SELECT count(*) AS n FROM track('kept') \gset
ALTER TABLE raw.payments DISABLE TRIGGER kpi_update_kept;
SELECT matches(how('returns'), '^compared: a trigger of raw.payments is gone or not enabled',
               'a trigger is not enabled');
ALTER TABLE raw.payments ENABLE TRIGGER kpi_update_kept;
SELECT is(how('returns'), 'tracked', 'and is again');
DROP TRIGGER kpi_truncate_kept ON raw.payments;
SELECT matches(how('returns'), '^compared: a trigger of raw.payments is gone', 'one is dropped');
SELECT count(*) AS n FROM track('kept') \gset
ALTER TABLE raw.ads ADD why numeric DEFAULT 0;
CREATE OR REPLACE VIEW kept.spend AS
SELECT a.day AS spent_on, a.cost + a.why AS amount FROM raw.ads AS a;
SELECT matches(how('spend'), '^compared: other columns of raw.ads are read', 'a view reads more');
UPDATE raw.ads SET why = 1;
SELECT ok((SELECT rows > 0 AND note LIKE 'compared with what was kept; not tracked: other columns%'
           FROM refresh_kept('kept', (SELECT settings FROM settings_of('kept', true)), false,
                             (SELECT instant FROM clock)) WHERE relation = 'spend'),
          'so that nothing is missed');
SELECT count(*) AS n FROM build('kept', 'Europe/Berlin', storage => 'incremental') \gset
SELECT is(how('spend'), 'tracked', 'built again, it is tracked again');
ALTER TABLE raw.ads ENABLE ROW LEVEL SECURITY;
SELECT matches(how('spend'), '^compared: table ads has row level security', 'policies');
ALTER TABLE raw.ads DISABLE ROW LEVEL SECURITY;

-- Who writes in the shop has no rights to the model, and gets none.
CREATE ROLE kpi_clerk;
GRANT USAGE ON SCHEMA raw TO kpi_clerk;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON ALL TABLES IN SCHEMA raw TO kpi_clerk;
GRANT CREATE, USAGE ON SCHEMA public TO kpi_clerk;
DELETE FROM kept.kpi_changes;
SET ROLE kpi_clerk;
INSERT INTO raw.payments VALUES (903, 5);
RESET ROLE;
GRANT USAGE ON SCHEMA kept TO kpi_clerk;
SET ROLE kpi_clerk;
SELECT throws_ok('SELECT FROM kept.kpi_changes', '42501', NULL, 'he reads nothing of a model');
CREATE TABLE public.mine (id integer);
CREATE TRIGGER mine AFTER INSERT ON public.mine FOR EACH ROW
WHEN ('kept.kpi_changes'::regclass IS NOT NULL) EXECUTE FUNCTION note_change('id');
INSERT INTO public.mine VALUES (1);
DROP TABLE public.mine;
RESET ROLE;
SELECT results_eq('SELECT keys FROM kept.kpi_changes', $$VALUES ('{5}'::text[])$$,
                  'but what he writes is noted, and what he writes elsewhere is not');
ALTER TABLE raw.payments OWNER TO kpi_clerk;
SELECT matches(how('returns'), '^compared: a trigger of raw.payments is gone or not enabled',
               'the owner of a table needs the right to add to what is noted');
SELECT count(*) AS n FROM track('kept') \gset
SELECT is(how('returns'), 'tracked', 'which track gives him');
ALTER TABLE raw.payments OWNER TO CURRENT_USER;
SELECT throws_ok('SELECT note_change()', '39P01', NULL, 'nobody calls it himself');
SELECT count(*) AS n FROM track('kept') \gset
ALTER TABLE raw.payments RENAME order_id TO sale_id;
DELETE FROM kept.kpi_changes;
UPDATE raw.payments SET amount = 1 WHERE id = 903;
SELECT results_eq('SELECT "column" FROM kept.kpi_changes', 'VALUES (NULL::text)',
                  'of a column that has another name now nothing can be told');
ALTER TABLE raw.payments RENAME sale_id TO order_id;

-- Two models of the same tables, and logical replication.
SELECT is((SELECT count(*)::integer FROM pg_trigger WHERE tgrelid = 'raw.payments'::regclass), 4,
          'a table has four triggers');
CREATE SCHEMA "Other shop";
CREATE VIEW "Other shop".spend AS SELECT day AS spent_on, cost AS amount FROM raw.ads;
CREATE VIEW "Other shop".orders AS
SELECT p.id AS order_id, p.paid_at AS ordered_at FROM raw.payments AS p;
SELECT count(*) AS n FROM build('Other shop', 'UTC', storage => 'incremental') \gset
SELECT is((SELECT count(*)::integer FROM track('Other shop', true)), 2, 'another model tracks it');
SELECT set_eq($$SELECT tgname::text, tgenabled::text FROM pg_trigger
                WHERE  tgrelid = 'raw.payments'::regclass$$,
$$VALUES ('kpi_insert_kept', 'O'), ('kpi_update_kept', 'O'),
         ('kpi_delete_kept', 'O'), ('kpi_truncate_kept', 'O'), ('kpi_insert_Other shop', 'O'),
         ('kpi_update_Other shop', 'O'), ('kpi_delete_Other shop', 'O'),
         ('kpi_truncate_Other shop', 'A'), ('kpi_row_Other shop', 'R')$$,
              'each by its own triggers, one by row for what is replicated');
DELETE FROM "Other shop".kpi_changes;
DELETE FROM kept.kpi_changes;
SET session_replication_role = replica;
INSERT INTO raw.payments VALUES (904, 6, '2025-01-01');
UPDATE raw.payments SET id = 905 WHERE id = 904;
DELETE FROM raw.payments WHERE id = 905;
RESET session_replication_role;
SELECT is((SELECT string_agg(keys::text, ' ' ORDER BY ctid) FROM "Other shop".kpi_changes),
          '{904} {904,905} {905}', 'what a subscription does is noted');
SELECT is_empty('SELECT FROM kept.kpi_changes', 'if it is asked for');
UPDATE raw.payments SET amount = 0 WHERE id = 903;
SELECT is((SELECT count(*)::integer FROM "Other shop".kpi_changes), 3,
          'a column that a model does not read changes nothing there');
UPDATE raw.payments SET id = 906 WHERE id = 903;
SELECT is((SELECT string_agg(keys::text, ' ' ORDER BY ctid) FROM "Other shop".kpi_changes),
          '{904} {904,905} {905} {903,906}', 'one that it reads is noted once');

-- What ends it.
SELECT results_eq($$SELECT untrack('Other shop')$$, '{raw.ads,raw.payments}'::text[],
                  'untrack says where it took triggers away');
SELECT is_empty($$SELECT untrack('Other shop')$$, 'and nothing the second time');
SELECT is((SELECT count(*)::integer FROM pg_trigger WHERE tgrelid = 'raw.payments'::regclass), 4,
          'those of the other model stay');
SELECT count(*) AS n FROM track('Other shop') \gset
SELECT count(*) AS n FROM build('Other shop', 'UTC', storage => 'materialized') \gset
SELECT is((SELECT count(*)::integer FROM pg_trigger WHERE tgrelid = 'raw.payments'::regclass), 4,
          'another storage has no use for them');
SELECT throws_ok($$SELECT track('Other shop')$$, '55000',
                 'model "Other shop" is not refreshed by what has changed',
                 'nor can it be tracked');
SELECT substring(hint_of($$SELECT track('Other shop')$$) FROM 'SELECT .*\)') AS call \gset
:call \g /dev/null
SELECT isnt_empty($$SELECT track('Other shop')$$, 'but built as it is told to be');
SELECT count(*) AS n FROM build('Other shop', 'UTC') \gset
SELECT substring(hint_of($$SELECT track('Other shop')$$) FROM 'SELECT .*\)') AS call \gset
:call \g /dev/null
SELECT isnt_empty($$SELECT track('Other shop')$$, 'also where nothing was kept');
SELECT throws_ok($$SELECT track('nowhere')$$, '3F000', NULL, 'nor what is no model');
SELECT throws_ok($$SELECT track('kept', NULL)$$, '22004', 'replicated of track is NULL', 'NULL');
SELECT count(*) AS n FROM build('Other shop', 'UTC', storage => 'incremental') \gset
SELECT count(*) AS n FROM track('Other shop') \gset
SELECT count(*) AS n FROM drop_views('Other shop') \gset
SELECT is((SELECT count(*)::integer FROM pg_trigger WHERE tgrelid = 'raw.payments'::regclass), 4,
          'nor where there is no model any more');
SELECT count(*) AS n FROM build('Other shop', 'UTC', storage => 'incremental') \gset
SELECT count(*) AS n FROM track('Other shop') \gset
DROP SCHEMA "Other shop" CASCADE;
SELECT is((SELECT count(*)::integer FROM pg_trigger WHERE tgrelid = 'raw.payments'::regclass), 4,
          'nor no schema');
-- Movements of stock are found by their number, once the model is built with it.
CREATE SCHEMA numbered;
CREATE TABLE movement (id integer PRIMARY KEY, sku text, at timestamptz, n integer);
INSERT INTO movement
SELECT i, 'mug', '2025-01-01'::timestamptz + i % 30 * interval '1 day', i
FROM   generate_series(1, 60) AS i;
CREATE VIEW numbered.orders AS SELECT 1 AS order_id, at AS ordered_at FROM movement WHERE id = 1;
CREATE VIEW numbered.stock_moves AS
SELECT sku, at AS moved_at, n AS quantity, 'receipt' AS kind FROM movement;
SELECT count(*) AS n FROM build('numbered', 'UTC', storage => 'incremental') \gset
CREATE OR REPLACE VIEW numbered.stock_moves AS
SELECT sku, at AS moved_at, n AS quantity, 'receipt' AS kind, id AS stock_id FROM movement;
SELECT is(kept_key('numbered', 'stock_moves'), 'moved_at',
          'a number that came later is not what rows are kept by');
SELECT count(*) AS n FROM build('numbered', 'UTC', storage => 'incremental') \gset
SELECT is(kept_key('numbered', 'stock_moves'), 'stock_id', 'once built, it is');
SELECT is_empty($$SELECT object FROM track('numbered') WHERE object = 'source stock_moves'$$,
                'all that changes is told by it');
SELECT count(*) AS n FROM refresh('numbered') \gset
UPDATE movement SET at = at - interval '3 days', n = 100 WHERE id = 7;
DELETE FROM movement WHERE id = 8;
INSERT INTO movement VALUES (61, 'cup', '2025-01-05', 5);
SELECT results_eq($$SELECT rows, note FROM refresh('numbered') WHERE relation = 'stock_moves'$$,
                  $$VALUES (3::bigint, 'found by what was noted')$$,
                  'movements that change, in time, too, go or come are found');
SELECT set_eq('SELECT stock_id, sku, moved_at, quantity FROM numbered.kpi_rows_stock_moves',
              'SELECT id::bigint, sku, at, n::numeric FROM movement', 'and no others kept');
SELECT throws_ok('DROP EXTENSION kpi', '2BP01', NULL, 'the extension is not dropped by itself');
DROP EXTENSION kpi CASCADE;
SELECT is((SELECT count(*)::integer FROM pg_trigger WHERE tgrelid = 'raw.payments'::regclass), 0,
          'dropped with all that needs it, it leaves no trigger behind');
SELECT * FROM finish();
ROLLBACK;
