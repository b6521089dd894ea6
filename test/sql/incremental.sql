\set ECHO none
\i test/setup.psql
SELECT plan(21);

-- A model whose storage is incremental keeps rows and what they come to, and a refresh computes
-- what has changed. Whatever happens to the sources, and as time passes, it then shows to the
-- letter what a model shows that computes when it is read.

\i test/kept.psql

-- What is written differently has another hash, be it equal; what is the same, wherever it is kept.
SELECT is(count(DISTINCT h), count(*), 'values that are written differently have another hash')
FROM   (VALUES (hash_bytes_of(1.0)), (hash_bytes_of(-1.0)), (hash_bytes_of(1.00)),
               (hash_bytes_of(1::float8)), (hash_bytes_of(0::float8)),
               (hash_bytes_of('-0'::float8)), (hash_bytes_of(1::bigint << 32)),
               (hash_bytes_of(1)), (hash_bytes_of(1, NULL::integer)),
               (hash_bytes_of(NULL::integer, 1)), (hash_bytes_of(NULL::text)),
               (hash_bytes_of(''::text)), (hash_bytes_of(''::text, ''::text)),
               (hash_bytes_of('a'::text, 'b'::text)), (hash_bytes_of('b'::text, 'a'::text)),
               (hash_bytes_of(uuid '00000000-0000-0000-0000-000000000001')),
               (hash_bytes_of(timestamptz '2025-01-01Z')),
               (hash_bytes_of(interval '1 day')), (hash_bytes_of(interval '24 hours')),
               (hash_bytes_of('{1,2}'::integer[])), (hash_bytes_of('{2,1}'::integer[])),
               (hash_bytes_of('x'::name)), (hash_bytes_of('x'::cstring))) AS v (h);
CREATE TABLE computed AS
SELECT i, hashtext(i::text) AS n, ('x' || substr(md5(i::text), 1, 8))::bit(32)::integer AS id
FROM   generate_series(1, 20) AS i;
SELECT is_empty($$SELECT FROM computed WHERE hash_bytes_of(n) <> hash_bytes_of(hashtext(i::text))
                  OR hash_bytes_of(id) <> hash_bytes_of(
                         ('x' || substr(md5(i::text), 1, 8))::bit(32)::integer)$$,
                'what is computed has the hash of what is kept');
CREATE TABLE long (n integer, text text);
ALTER TABLE long ALTER text SET STORAGE external;
INSERT INTO long SELECT 1, repeat('long ', 5000);
ALTER TABLE long ALTER text SET STORAGE main;
INSERT INTO long SELECT 2, repeat('long ', 5000);
SELECT is(hash_bytes_of(n, text), hash_bytes_of(n, repeat('long ', 5000)),
          'a value has its hash wherever it is kept')
FROM   long ORDER BY n;

CREATE SCHEMA raw;
CREATE TABLE raw.orders AS
SELECT i AS order_id, any_instant() AS ordered_at, maybe(any_of(1, 60)) AS customer_id,
       round((random() * 100)::numeric, 2) AS net_sales, NULL::timestamptz AS cancelled_at,
       soon() AS promised_at, (ARRAY['web', 'app', NULL])[any_of(1, 3)] AS channel
FROM   generate_series(1, 250) AS i;
CREATE TABLE raw.order_lines AS
SELECT order_id, any_of(1, 5) AS quantity, 'a' || order_id % 7 AS sku, net_sales FROM raw.orders;
CREATE TABLE raw.visits AS
SELECT i AS visit_id, any_instant() AS started_at, maybe(any_of(1, 100)) AS visitor_id,
       random() < 0.1 AS converted, maybe('web'::text) AS channel
FROM   generate_series(1, 300) AS i;
CREATE TABLE raw.events AS
SELECT any_of(1, 60) AS visitor_id, any_instant() AS occurred_at, any_of(1, 4)::int AS step
FROM   generate_series(1, 300);
CREATE TABLE raw.carts AS
SELECT i AS cart_id, at AS created_at, at + interval '1 hour' AS last_active_at,
       CASE WHEN random() < 0.3 THEN at + interval '2 hours' END AS ordered_at, 10.5 AS value
FROM   (SELECT i, soon() - random() * interval '20 days' AS at
        FROM   generate_series(1, 150) AS i) AS x;
CREATE TABLE raw.returns AS
SELECT order_id, ordered_at + interval '3 days' AS returned_at, net_sales / 2 AS refund,
       1 AS quantity, random() < 0.5 AS our_fault
FROM   raw.orders WHERE order_id % 5 = 1;
CREATE TABLE raw.order_changes AS
SELECT order_id, ordered_at + interval '2 days' AS changed_at, net_sales / 4 AS net_sales
FROM   raw.orders WHERE order_id % 8 = 1;
CREATE TABLE raw.deliveries AS
SELECT order_id, ordered_at, maybe(ordered_at + random() * interval '5 days') AS delivered_at,
       ordered_at + interval '4 days' AS promised_at
FROM   raw.orders;
CREATE TABLE raw.surveys AS
SELECT any_instant() AS answered_at, (ARRAY['nps', 'csat', 'enps'])[any_of(1, 3)] AS instrument,
       any_of(1, 5)::int AS score, maybe(any_of(1, 20)) AS respondent
FROM   generate_series(1, 150);
CREATE TABLE raw.stock_moves AS
SELECT 'a' || i % 7 AS sku, any_instant() AS moved_at, any_of(-5, 6) AS quantity, 2.5 AS unit_cost,
       'sale' AS kind
FROM   generate_series(1, 120) AS i;
CREATE TABLE raw.stock_levels AS
SELECT 'a' || i % 7 AS sku, date_trunc('day', now()) - i / 7 * interval '1 day' AS counted_at,
       any_of(0, 50) AS on_hand, 2.5 AS unit_cost
FROM   generate_series(0, 139) AS i;
CREATE TABLE raw.tickets AS
SELECT i AS ticket_id, at AS opened_at, maybe(at + random() * interval '2 days') AS first_reply_at,
       maybe(at + random() * interval '9 days') AS resolved_at,
       at + interval '1 day' AS reply_due_at
FROM   (SELECT i, soon() - random() * interval '30 days' AS at
        FROM   generate_series(1, 100) AS i) AS x;
CREATE TABLE raw.projects AS
SELECT i AS project_id, current_date - any_of(-9, 90)::int AS due_on,
       maybe(current_date - any_of(-9, 90)::int) AS done_on
FROM   generate_series(1, 30) AS i;
CREATE TABLE raw.holidays AS
SELECT current_date - i * 9 AS held_on FROM generate_series(1, 10) AS i;
CREATE TABLE raw.spend AS
SELECT current_date - i AS spent_on, 10 + i AS amount FROM generate_series(-5, 40) AS i;
CREATE TABLE raw.measures AS
SELECT maybe((ARRAY['share', 'reach'])[1 + i % 2]) AS measure, current_date - i AS measured_on,
       maybe(any_of(-3, 9)) AS amount, CASE WHEN i % 2 = 0 THEN any_of(0, 9) END AS of,
       maybe('web'::text) AS channel
FROM   generate_series(-5, 40) AS i, generate_series(1, 2);
CREATE SCHEMA read;
CREATE SCHEMA kept;
-- Both have indicators of their own.
SELECT FROM unnest('{read,kept}'::text[]) AS model,
            put_own_table(model, current_user::text);
INSERT INTO read.indicators (indicator, formula, name, name_zh, unit, definition) VALUES
    ('own_share', 'measure(''share'') / 2', 'Share', '份额', 'share', 'Of all.'),
    ('own_reach', 'coalesce(measure(''reach''), 0) + own_share', 'Reach', '触达', 'quantity',
     'Of all.'),
    ('own_spend', 'marketing_spend / new_customers', 'Spend', '花费', 'money', 'Each.');
INSERT INTO kept.indicators TABLE read.indicators;
SELECT format('CREATE VIEW %I.%I AS SELECT * FROM raw.%2$I', model, relname)
FROM   pg_class, unnest('{read,kept}'::text[]) AS model
WHERE  relnamespace = 'raw'::regnamespace AND relkind = 'r'
\gexec

INSERT INTO happening (what) VALUES
    ('UPDATE raw.orders SET net_sales = net_sales + 1 WHERE order_id % 50 = any_of(0, 9)'),
    ('UPDATE raw.orders SET customer_id = maybe(any_of(1, 70)) WHERE order_id % 60 = any_of(0, 9)'),
    ('UPDATE raw.orders SET ordered_at = any_instant() WHERE order_id % 70 = any_of(0, 9)'),
    ('UPDATE raw.orders SET channel = ''new'' WHERE order_id % 70 = any_of(0, 9)'),
    ('UPDATE raw.orders SET order_id = order_id + 5000 WHERE order_id % 80 = any_of(0, 9)'),
    ('UPDATE raw.orders SET cancelled_at = soon() WHERE order_id % 60 = any_of(0, 9)'),
    ('DELETE FROM raw.orders WHERE order_id % 90 = any_of(0, 9)'),
    ('UPDATE raw.orders SET ordered_at = NULL, cancelled_at = soon()
      WHERE  order_id % 90 = any_of(0, 9)'),
    ('INSERT INTO raw.orders SELECT any_of(1000, 2000), soon(), maybe(any_of(1, 70)), 9.95, NULL,
                                    soon(), ''web'' FROM generate_series(1, 5)'),
    ('INSERT INTO raw.orders VALUES (NULL, soon(), NULL, 5, NULL, soon(), NULL)'),
    ('UPDATE raw.order_lines SET quantity = quantity + 1 WHERE order_id % 40 = any_of(0, 9)'),
    ('DELETE FROM raw.order_lines WHERE order_id % 40 = any_of(0, 9)'),
    ('UPDATE raw.visits SET converted = NOT converted WHERE visit_id % 50 = any_of(0, 9)'),
    ('UPDATE raw.visits SET visitor_id = maybe(any_of(1, 120)) WHERE visit_id % 50 = any_of(0, 9)'),
    ('INSERT INTO raw.visits SELECT any_of(1000, 9000), soon(), maybe(any_of(1, 120)), true, ''app''
                             FROM   generate_series(1, 4)'),
    ('DELETE FROM raw.visits WHERE visit_id % 60 = any_of(0, 9)'),
    ('INSERT INTO raw.events SELECT any_of(1, 80), soon(), any_of(1, 3)
                             FROM   generate_series(1, 4)'),
    ('INSERT INTO raw.events SELECT any_of(1, 80), soon(), any_of(4, 6)'),
    ('DELETE FROM raw.events WHERE step > 4 OR visitor_id % 40 = any_of(0, 9)'),
    ('UPDATE raw.carts SET last_active_at = soon() WHERE cart_id % 30 = any_of(0, 9)'),
    ('UPDATE raw.carts SET ordered_at = soon() WHERE cart_id % 30 = any_of(0, 9)'),
    ('INSERT INTO raw.carts SELECT any_of(1000, 9000), soon()'),
    ('UPDATE raw.returns SET our_fault = NOT our_fault WHERE order_id % 20 = any_of(0, 9)'),
    ('UPDATE raw.returns SET returned_at = soon() WHERE order_id % 20 = any_of(0, 9)'),
    ('INSERT INTO raw.returns SELECT any_of(1, 250), soon(), any_of(0, 5), any_of(0, 1), true'),
    ('DELETE FROM raw.returns WHERE order_id % 30 = any_of(0, 9)'),
    ('UPDATE raw.order_changes SET net_sales = -net_sales WHERE order_id % 3 = any_of(0, 2)'),
    ('INSERT INTO raw.order_changes SELECT any_of(1, 250), soon(), any_of(-9, 9)'),
    ('UPDATE raw.deliveries SET delivered_at = soon() WHERE order_id % 40 = any_of(0, 9)'),
    ('UPDATE raw.deliveries SET ordered_at = NULL WHERE order_id % 90 = any_of(0, 9)'),
    ('DELETE FROM raw.deliveries WHERE order_id % 90 = any_of(0, 9)'),
    ('UPDATE raw.surveys SET score = 1 WHERE respondent = any_of(1, 20)'),
    ('INSERT INTO raw.surveys SELECT soon(), ''nps'', any_of(0, 10), maybe(any_of(1, 20))'),
    ('DELETE FROM raw.surveys WHERE respondent = any_of(1, 20)'),
    ('UPDATE raw.stock_moves SET quantity = -quantity WHERE moved_at > soon()'),
    ('INSERT INTO raw.stock_moves SELECT ''a'' || any_of(1, 9), soon(), any_of(-3, 9), 2.5,
                                         ''sale'''),
    ('UPDATE raw.stock_levels SET on_hand = on_hand + 1 WHERE counted_at > soon()'),
    ('UPDATE raw.tickets SET first_reply_at = soon() WHERE ticket_id % 20 = any_of(0, 9)'),
    ('UPDATE raw.tickets SET resolved_at = soon() WHERE ticket_id % 20 = any_of(0, 9)'),
    ('INSERT INTO raw.tickets SELECT any_of(1000, 9000), soon()'),
    ('UPDATE raw.projects SET done_on = current_date WHERE project_id % 9 = any_of(0, 8)'),
    ('UPDATE raw.projects SET due_on = due_on + 3 WHERE project_id % 9 = any_of(0, 8)'),
    ('INSERT INTO raw.holidays SELECT current_date - any_of(0, 40)::int'),
    ('DELETE FROM raw.holidays WHERE held_on > current_date - any_of(0, 40)::int'),
    ('UPDATE raw.measures SET amount = amount + 1, of = of + any_of(0, 1)
      WHERE  measured_on > current_date - any_of(0, 30)::int'),
    ('INSERT INTO raw.measures SELECT ''reach'', current_date - any_of(-2, 30)::int, any_of(1, 9),
                                      maybe(any_of(0, 9)), maybe(''app''::text)'),
    ('UPDATE raw.measures SET measure = ''share''
      WHERE  measured_on = current_date - any_of(0, 9)::int'),
    ('DELETE FROM raw.measures WHERE measured_on = current_date - any_of(0, 9)::int'),
    ('INSERT INTO raw.spend SELECT current_date - any_of(-2, 20)::int, any_of(1, 90)');
SELECT is(built($$dimensions => '{channel}'$$), $$dimensions => '{channel}'$$,
          'two models are built');
SELECT is_empty($$SELECT differing('read', 'kept')$$, 'and show the same');
SELECT is_empty($$SELECT relname
                  FROM   pg_class JOIN pg_description ON objoid = oid AND objsubid > 0
                  WHERE  relnamespace = 'kept'::regnamespace AND relname ~ '^kpi_(rows|state)_'$$,
                'what is kept beside the views is not described as if it were one');
SELECT stays_equal(8, 'whatever happens, a refresh shows what is computed from all of it');
SELECT is((SELECT sum(rows)::bigint FROM refresh_to('0')
           WHERE  relation IN (SELECT source FROM sources)), 0::bigint,
          'when nothing has happened, no row of a source differs');
UPDATE raw.orders SET net_sales = net_sales * 1.00
WHERE  order_id = (SELECT max(order_id) FROM raw.orders WHERE net_sales > 0 AND ordered_at < now());
SELECT is(r.rows, n, 'what is equal, but written differently, is taken over, once')
FROM   unnest('{1,0}'::bigint[]) AS n CROSS JOIN LATERAL refresh_to(n * interval '0') AS r
WHERE  r.relation = 'orders';
SELECT is_empty($$SELECT differing('read', 'kept')$$, 'and shown so');
SELECT is(built(arguments), arguments, 'built otherwise') || E'\n'
       || stays_equal(2, 'they stay equal with ' || arguments)
FROM   unnest(ARRAY[
           $$refunds_by => 'order', on_time_by => 'date', answers => 'last of month'$$,
           $$answers => 'last of week', calendar => '4-5-4 from sunday nearest february'$$,
           $$business_hours => 'Mon-Fri 9:00-17:00', cart_idle => '2 days', anonymity => 3$$,
           $$dimensions => '{channel,sku}', funnel_step_within => '{1 day,2 days,3 days}',
             funnel_within => '9 days'$$
       ]) AS arguments;
CREATE OR REPLACE VIEW kept.spend AS
SELECT s.*, s.spent_on::timestamptz AS updated_at FROM raw.spend AS s;
SELECT is((SELECT f.how FROM found_by('kept') AS f WHERE f.source = 'spend'), 'compared',
          'a column updated_at that came later is not read, so that it tells nothing');
SELECT * FROM finish();
ROLLBACK;
