\set ECHO none
\i test/setup.psql
SELECT plan(38);

-- A shop that forgets, and whose model records it day by day, shows what a shop that forgets
-- nothing shows.

-- What really happens: ten days of stock, counted each evening, and carts that are deleted when
-- they are ordered, or after a while. history.* knows all of it, now.* what the shop still knows on
-- the day that lies "ago" days before today.
CREATE TABLE clock (ago int);
INSERT INTO clock VALUES (9);
CREATE SCHEMA history;
CREATE TABLE history.stock_levels AS
SELECT 'a' || sku AS sku, now() - ago * interval '1 day' AS counted_at,
       (100 - 10 * sku + ago)::numeric AS on_hand, 2.5 + sku AS unit_cost,
       (ARRAY['north', 'south'])[1 + sku % 2] AS "store, main"
FROM   generate_series(0, 9) AS ago, generate_series(1, 4) AS sku
WHERE  (sku, ago) <> (4, 3);        -- an article that was not counted that day
CREATE TABLE history.carts AS
SELECT i AS cart_id, at AS created_at,
       CASE WHEN i % 3 = 0 THEN at + interval '30 hours' END AS ordered_at,
       at + interval '10 min' AS last_active_at, 10.0 * i AS value
FROM   generate_series(1, 40) AS i,
       LATERAL (SELECT now() - interval '9 days' + (i - 1) * interval '5 hours' AS at) AS t;

CREATE SCHEMA shop;
CREATE VIEW shop.stock_levels AS
SELECT sku, now() AS counted_at, on_hand, unit_cost, "store, main"
FROM   history.stock_levels, clock WHERE counted_at = now() - ago * interval '1 day';
CREATE VIEW shop.carts AS
SELECT cart_id, created_at, NULL::timestamptz AS ordered_at, last_active_at, value
FROM   history.carts, clock
-- deleted after four days
WHERE  created_at <= now() - ago * interval '1 day'
AND    created_at > now() - (ago + 4) * interval '1 day'
-- or when ordered
AND    (ordered_at > now() - ago * interval '1 day') IS NOT FALSE
UNION ALL   -- orders know the cart they were, but not since when
SELECT cart_id, ordered_at AS created_at, ordered_at, last_active_at, value
FROM   history.carts, clock WHERE ordered_at <= now() - ago * interval '1 day';
SELECT format('CREATE SCHEMA whole; CREATE VIEW whole.stock_levels
               AS TABLE history.stock_levels; CREATE VIEW whole.carts AS TABLE history.carts')
\gexec

SELECT lives_ok($$SELECT build('shop', 'UTC', dimensions => '{"store, main"}')$$,
                'a shop that forgets');
SELECT lives_ok($$SELECT build('whole', 'UTC', dimensions => '{"store, main"}')$$,
                'and one that does not');
SELECT isnt((SELECT sum(carts) FROM shop.kpi_month), (SELECT sum(carts) FROM whole.kpi_month),
            'differ');
CREATE TABLE report AS SELECT * FROM snapshot('shop');
SELECT results_eq('SELECT relation, rows FROM report',
                  $$VALUES ('recorded_carts', 1::bigint), ('recorded_stock_levels', 4)$$,
                  'a snapshot makes the tables, and says how many rows it recorded');
SELECT is(note,
          'not read yet; to read it, build again: SELECT * FROM kpi.build(''shop'', timezone => '
          '''UTC'', dimensions => ''{"store, main"}'')',
          'and that nobody reads them yet')
FROM   report WHERE relation = 'recorded_carts';
SELECT matches(reason, '; and what is recorded of it; ', 'building again says that they are read')
FROM   build('shop', 'UTC', dimensions => '{"store, main"}') WHERE object = 'source carts';

-- Day by day. As now() stands still here, what is recorded grows older instead.
DO $$
BEGIN
    FOR day IN REVERSE 9..0 LOOP
        UPDATE clock SET ago = day;
        PERFORM snapshot('shop');
        UPDATE shop.recorded_stock_levels SET counted_at = counted_at - interval '1 day'
        WHERE  day > 0;
    END LOOP;
END $$;
SELECT isnt_empty('SELECT cart_id FROM shop.recorded_carts EXCEPT SELECT cart_id FROM shop.carts',
                  'carts were deleted');
SELECT is_empty($$SELECT differing('shop', 'whole')$$,
                'but a model with daily snapshots shows what a shop that forgets nothing shows');
SELECT is((SELECT count(*) FROM shop.kpi_day WHERE average_inventory > 0), 10::bigint,
          'stock of every day');
SELECT is(note, NULL, 'which is read') FROM snapshot('shop') WHERE relation = 'recorded_carts';
SELECT lives_ok($$SELECT build('shop', 'UTC', dimensions => '{"store, main"}',
                               storage => 'materialized')$$,
                'so it can where it is materialized');
SELECT is_empty($$SELECT differing('shop', 'whole')$$, 'and shows the same');

-- Once more on the same day.
SELECT results_eq($$SELECT relation, rows FROM snapshot('shop')$$,
                  $$VALUES ('recorded_carts', 0::bigint), ('recorded_stock_levels', 4)$$,
                  'a second snapshot of a day records no cart that has not changed');
SELECT is((SELECT count(*) FROM shop.recorded_stock_levels), 39::bigint, 'and replaces its stock');
UPDATE history.stock_levels SET on_hand = 7 WHERE counted_at = now();
UPDATE history.carts SET value = value + 1 WHERE cart_id = 40;
SELECT results_eq($$SELECT relation, rows FROM snapshot('shop')$$,
                  $$VALUES ('recorded_carts', 1::bigint), ('recorded_stock_levels', 4)$$,
                  'what has changed');
SELECT is((SELECT sum(on_hand) FROM shop.recorded_stock_levels WHERE counted_at = now()),
          28::numeric, 'counts as it is seen last');
SELECT refresh('shop') \g /dev/null
SELECT is_empty($$SELECT differing('shop', 'whole')$$, 'and is shown');
DELETE FROM history.stock_levels WHERE counted_at = now();
SELECT results_eq($$SELECT relation, note
                    FROM   snapshot('shop') WHERE rows = 0 AND note IS NOT NULL$$,
                  $$VALUES ('recorded_stock_levels',
                            'nothing is counted today; where a shop keeps only the stock there is, '
                            'its view says now() AS counted_at')$$,
                  'a source without rows is reported');
SELECT is((SELECT sum(on_hand) FROM shop.recorded_stock_levels WHERE counted_at = now()),
          28::numeric, 'and loses nothing');

-- Sources that change.
CREATE OR REPLACE VIEW shop.carts AS
SELECT cart_id, created_at, NULL::timestamptz AS ordered_at, last_active_at, value,
       'C' || cart_id AS customer_id
FROM   history.carts WHERE cart_id > 38;
SELECT is(rows, 2::bigint, 'a column that is new')
FROM   snapshot('shop') WHERE relation = 'recorded_carts';
SELECT results_eq('SELECT cart_id, customer_id
                   FROM   shop.recorded_carts WHERE cart_id > 37 ORDER BY 1',
                  $$VALUES (38, NULL), (39, 'C39'), (40, 'C40')$$,
                  'is recorded from then on');
SELECT lives_ok($$SELECT build('shop', 'UTC', dimensions => '{"store, main"}')$$, 'and read');
SELECT is((SELECT sum(carts) FROM shop.kpi_month), 40::numeric, 'with the carts from before');
SELECT is(drop_views('shop'), 'kpi_settings', 'views can be dropped') LIMIT 1;
SELECT is((SELECT count(*) FROM shop.recorded_carts), 40::bigint, 'what was recorded stays');

CREATE SCHEMA other;
CREATE TABLE other.orders AS SELECT 1 AS order_id, now() AS ordered_at;
SELECT lives_ok($$SELECT build('other', 'UTC')$$, 'a model without carts and stock');
SELECT throws_ok(call, state, message, rule)
FROM   (VALUES
    ('SELECT snapshot(''other'')',   '42P01', 'model "other" has nothing to record',
     'has nothing to record'),
    ('SELECT snapshot(''shop'')',    '55000', 'model "shop" has not been built',
     'nor has one that was not built'),
    ('SELECT snapshot(''nowhere'')', '3F000', 'schema "nowhere" does not exist',
     'or is not there')
) AS t (call, state, message, rule);

-- Rows that are not as they should be, and columns that are no longer as they were.
CREATE SCHEMA odd;
CREATE TABLE odd.stock_levels AS
SELECT NULL::text AS sku, now() AS counted_at, 3 AS on_hand, 10::numeric(4,1) AS unit_cost;
CREATE TABLE odd.carts AS
SELECT i AS cart_id, now() AS created_at, '{}'::json AS "any", i AS customer_id
FROM   generate_series(1, 3) AS i;
SELECT build('odd', 'UTC', dimensions => '{any}') \g /dev/null
SELECT snapshot('odd') \g /dev/null
SELECT build('odd', 'UTC', dimensions => '{any}') \g /dev/null
SELECT is((SELECT average_inventory FROM odd.kpi_day WHERE NOT complete), 30::numeric,
          'an article without a number counts once, whether the source tells it');
DELETE FROM odd.stock_levels;
SELECT is((SELECT average_inventory FROM odd.kpi_day WHERE NOT complete), 30::numeric,
          'or no longer does');
SELECT is(rows, 0::bigint, 'a column that cannot be compared is no change')
FROM   snapshot('odd') WHERE relation = 'recorded_carts';
INSERT INTO odd.carts SELECT * FROM odd.carts WHERE cart_id = 2;
SELECT throws_ok($$SELECT snapshot('odd')$$, '21000', 'cart "2" is twice in carts of model "odd"',
                 'of a cart that is there twice nobody knows which is right');
DELETE FROM odd.carts WHERE cart_id = 2;
SELECT drop_views('odd') \g /dev/null
ALTER TABLE odd.carts DROP customer_id;
ALTER TABLE odd.stock_levels ALTER unit_cost TYPE numeric;
SELECT build('odd', 'UTC', dimensions => '{any}') \g /dev/null
INSERT INTO odd.stock_levels VALUES ('b', now(), 1, 0.0625);
SELECT results_eq($$SELECT relation, rows FROM snapshot('odd')$$,
                  $$VALUES ('recorded_carts', 0::bigint), ('recorded_stock_levels', 1)$$,
                  'nor is a column that has gone');
SELECT is((SELECT sum(unit_cost) FROM odd.recorded_stock_levels), 0.0625,
          'what has more digits than before keeps them');
SELECT drop_views('odd') \g /dev/null
ALTER TABLE odd.stock_levels ALTER on_hand TYPE numeric;
SELECT throws_ok($$SELECT build('odd', 'UTC', dimensions => '{any}')$$,
                 '42804', 'what is recorded of model "odd" is of other types than its sources',
                 'a type that could not hold what comes');
ALTER TABLE odd.recorded_stock_levels ALTER on_hand TYPE numeric;
SELECT lives_ok($$SELECT build('odd', 'UTC', dimensions => '{any}')$$, 'has to be changed');
UPDATE odd.stock_levels SET on_hand = 0.5;
SELECT snapshot('odd') \g /dev/null
SELECT is((SELECT sum(on_hand) FROM odd.recorded_stock_levels), 0.5, 'and nothing is rounded');

SELECT * FROM finish();
ROLLBACK;
