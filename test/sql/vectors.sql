\set ECHO none
\i test/setup.psql
SELECT plan(17);

-- Cases with one right answer, each through a model. What is expected is worked out in the
-- comments.

CREATE FUNCTION model(name text, VARIADIC statements text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', name);
    PERFORM set_config('search_path', format('%I, public, kpi', name), true);
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
    PERFORM set_config('search_path', 'public, kpi', true);
END $$;


-- The rate of several days is not the mean of their rates. 200/10000, 10/100, 0/0 and 90/9000 are
-- 2 %, 10 %, nothing and 1 %, 4.33 % on average; together they are 300/19100 = 1.5707 %. Sales of
-- 20000, 500, 0 and 13500 in 200, 10, 0 and 90 orders are 100, 50, nothing and 150 an order, 100 on
-- average; together 34000/300 = 113.3333.
SELECT FROM model('days',
    $$CREATE TABLE visits AS
      SELECT row_number() OVER () AS visit_id,
             timestamptz '2025-03-01 12:00' + day * interval '1 day' AS started_at,
             i <= bought AS converted
      FROM (VALUES (0, 10000, 200), (1, 100, 10), (3, 9000, 90)) AS t (day, visits, bought),
           generate_series(1, visits) AS i$$,
    $$CREATE TABLE orders AS
      SELECT row_number() OVER () AS order_id,
             timestamptz '2025-03-01 13:00' + day * interval '1 day' AS ordered_at,
             sales / orders AS net_sales
      FROM (VALUES (0, 200, 20000), (1, 10, 500), (3, 90, 13500)) AS t (day, orders, sales),
           generate_series(1, orders) AS i$$,
    $$SELECT build('days', 'UTC', as_of => '2025-04-02')$$);
SELECT results_eq($$SELECT round(conversion_rate::numeric, 10)
                    FROM   days.kpi_day WHERE period < '2025-03-05' ORDER BY period$$,
                  $$VALUES (0.0200000000), (0.1000000000), (NULL), (0.0100000000)$$,
                  'a day without visits has no conversion rate');
SELECT results_eq($$SELECT conversion_rate, aov FROM days.kpi_month WHERE period = '2025-03-01'$$,
                  $$VALUES (300::float8 / 19100, 113.3333::numeric(20, 4))$$,
                  'the rate of a month is that of its visits, and the order value that of its '
                  'orders');
SELECT throws_ok('SELECT avg(conversion_rate_sample) FROM days.kpi_day', '42883', NULL,
                 'there is no average of the rates of days');


-- An order of 100 in January comes back in March. By the day of the order, January sold 100, of
-- which 100 were refunded, and of its one order one was returned: 0, 100 % and 100 %; March has no
-- order and nothing to return. By the day of the refund, January keeps its 100, of which nothing
-- was returned; March refunds 100 without having sold anything: -100, and no rates.
SELECT FROM model('returned',
    $$CREATE TABLE orders AS
      SELECT 1 AS order_id, timestamptz '2025-01-15' AS ordered_at, 100 AS net_sales$$,
    $$CREATE TABLE returns AS
      SELECT 1 AS order_id, timestamptz '2025-03-15' AS returned_at, 100 AS refund$$);
SELECT FROM build('returned', 'UTC', refunds_by => 'order', as_of => '2025-04-01');
SELECT results_eq('SELECT net_sales, refunds, return_rate, value_return_rate
                   FROM   returned.kpi_month WHERE complete ORDER BY period',
                  'VALUES (0::numeric(20,4), 100::numeric(20,4), 1::float8, 1::float8),
                          (0, 0, NULL, NULL), (0, 0, NULL, NULL)',
                  'by order, a return is one of the day of its order');
SELECT FROM build('returned', 'UTC', refunds_by => 'refund', as_of => '2025-04-01');
SELECT results_eq('SELECT net_sales, refunds, return_rate, value_return_rate
                   FROM   returned.kpi_month WHERE complete ORDER BY period',
                  'VALUES (100::numeric(20,4), 0::numeric(20,4), 0::float8, 0::float8),
                          (0, 0, NULL, NULL), (-100, 100, NULL, NULL)',
                  'by refund, a return is one of the day on which it came back');


-- One order of 4 + 3 + 2 = 9 pieces in three lines, which leave in 2, 1 and 2 parcels. Lines joined
-- to parcels would be 4 * 2 + 3 + 2 * 2 = 15 pieces; as sources of their own they are 9, in one
-- order.
SELECT FROM model('parcels',
    $$CREATE TABLE orders AS
      SELECT 1 AS order_id, timestamptz '2025-01-15' AS ordered_at, 90 AS net_sales$$,
    $$CREATE TABLE order_lines AS
      SELECT 1 AS order_id, q AS quantity, q * 10 AS net_sales FROM unnest('{4,3,2}'::int[]) AS q$$,
    $$CREATE TABLE deliveries AS
      SELECT 1 AS order_id, timestamptz '2025-01-15' AS ordered_at,
             timestamptz '2025-01-17' AS delivered_at
      FROM   generate_series(1, 5)$$,
    $$SELECT build('parcels', 'UTC', as_of => '2025-02-01')$$);
SELECT results_eq('SELECT orders, units, units_per_order, net_sales, product_sales, deliveries
                   FROM   parcels.kpi_month WHERE complete',
                  'VALUES (1::bigint, 9::numeric(20,4), 9::numeric(20,4), 90::numeric(20,4),
                           90::numeric(20,4), 5::bigint)',
                  'parcels do not multiply what was sold');


-- Ten orders of one moment take 1, 2, ... 10 days and are seen after 5. Five have arrived, the last
-- of them just then: their mean is 3 days. Kaplan-Meier: all ten are at risk until 5 days, so
-- 1 - 1/10 - ... leaves 9/10 * 8/9 * 7/8 * 6/7 * 5/6 = 0.5 after 5 days: the median is 5 days, and
-- when nine of ten have arrived cannot be told yet. Seen after 10 days, the mean is 5.5.
SELECT FROM model('slow',
    $$CREATE TABLE deliveries AS
      SELECT i AS order_id, timestamptz '2025-01-06' AS ordered_at,
             timestamptz '2025-01-06' + i * interval '1 day' AS delivered_at
      FROM   generate_series(1, 10) AS i$$,
    $$SELECT build('slow', 'UTC', as_of => '2025-01-11')$$);
SELECT results_eq('SELECT deliveries, undelivered, round(fulfilment_days::numeric, 9),
                          abs(fulfilment_days_median / 5 - 1) < 0.016, fulfilment_days_p90
                   FROM   slow.kpi_month',
                  'VALUES (10::bigint, 5::bigint, 3.000000000, true, NULL::float8)',
                  'the median takes into account what has not arrived, the mean does not');
SELECT FROM build('slow', 'UTC', as_of => '2025-01-16');
SELECT results_eq('SELECT undelivered, round(fulfilment_days::numeric, 9),
                          abs(fulfilment_days_median / 5.5 - 1) < 0.01
                   FROM   slow.kpi_month',
                  'VALUES (0::bigint, 5.500000000, true)',
                  'once all has arrived, mean and median are those of what was');


-- A thousand guests, an order each, are nobody who came back: no customer, and so no rate, and a
-- thousand unknown.
SELECT FROM model('guests',
    $$CREATE TABLE orders AS
      SELECT i AS order_id, timestamptz '2025-01-01' + i * interval '30 minutes' AS ordered_at,
             NULL::bigint AS customer_id, 10 AS net_sales
      FROM   generate_series(1, 1000) AS i$$,
    $$SELECT build('guests', 'UTC', as_of => '2025-02-01')$$);
SELECT results_eq('SELECT orders, customers, new_customers, returning_customers,
                          repeat_purchase_rate, guest_orders, sales_per_customer
                   FROM   guests.kpi_month WHERE complete',
                  'VALUES (1000::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::float8,
                           1000::bigint, NULL::numeric)',
                  'guests are not one person who keeps coming back');
SELECT is_empty('SELECT * FROM guests.cohort_retention', 'guests are no cohort');


-- 100 EUR and 100 USD are an error without a rate; at 0.90 they are 190 EUR, never 200.
SELECT FROM model('money',
    $$CREATE TABLE orders AS
      SELECT i AS order_id, timestamptz '2025-01-15' AS ordered_at, 100 AS net_sales,
             (ARRAY['EUR', 'USD'])[i] AS currency, NULL::numeric AS exchange_rate
      FROM   generate_series(1, 2) AS i$$,
    $$SELECT build('money', 'UTC', 'EUR', as_of => '2025-02-01')$$);
SELECT throws_ok('SELECT net_sales FROM money.kpi_month',
                 '22000', 'an amount in "USD" cannot be added to amounts in "EUR"',
                 'amounts in two currencies have no sum without a rate');
SELECT results_eq('SELECT orders FROM money.kpi_month WHERE complete', 'VALUES (2::bigint)',
                  'orders in two currencies can be counted without a rate');
UPDATE money.orders SET exchange_rate = 0.9 WHERE currency = 'USD';
SELECT results_eq('SELECT net_sales FROM money.kpi_month WHERE complete',
                  'VALUES (190::numeric(20,4))',
                  'with a rate, amounts in two currencies have a sum');


-- Sales of 0, 5, 0, -10 and 5 a month, the fourth a refund: growth of nothing is not known, 5 to 0
-- is -100 %, 0 to -10 and -10 to 5 are not known either.
SELECT FROM model('growth',
    $$CREATE TABLE orders AS
      SELECT i AS order_id, at::timestamptz AS ordered_at, amount AS net_sales
      FROM   (VALUES (1, '2025-01-15', 0), (2, '2025-02-15', 5),
                     (3, '2025-05-15', 5)) AS t (i, at, amount)$$,
    $$CREATE TABLE returns AS
      SELECT 2 AS order_id, timestamptz '2025-04-15' AS returned_at, 10 AS refund$$,
    $$SELECT build('growth', 'UTC', as_of => '2025-06-01')$$);
SELECT results_eq('SELECT net_sales, net_sales_growth
                   FROM   growth.kpi_month WHERE complete ORDER BY period',
                  'VALUES (0::numeric(20,4), NULL::float8), (5, NULL), (0, -1), (-10, NULL),
                          (5, NULL)',
                  'growth from nothing, or from less, is not known');
-- As of noon on 10 March, 9 days of March are over. Their 9 orders compare with the 9 of the first
-- 9 days of February, which are one a day, not with all 28: no growth. The order of the 10th is not
-- in it.
SELECT FROM model('running',
    $$CREATE TABLE orders AS
      SELECT row_number() OVER () AS order_id, at AS ordered_at, 10 AS net_sales
      FROM   generate_series(timestamptz '2025-02-01 08:00', '2025-03-10 08:00', '1 day') AS at$$,
    $$SELECT build('running', 'UTC', as_of => '2025-03-10 12:00 UTC')$$);
SELECT results_eq('SELECT complete, orders, orders_growth, net_sales_growth
                   FROM   running.kpi_month ORDER BY period',
                  'VALUES (true, 28::bigint, NULL::float8, NULL::float8), (false, 10, 0, 0)',
                  'the running month is compared with as many days of the one before');


-- Of five projects due, three were done on time, one late, and one is still open: by what was due
-- 3/5, not 3/4 of what was done.
SELECT FROM model('team',
    $$CREATE TABLE projects AS
      SELECT i AS project_id, date '2025-01-15' AS due_on, done::date AS done_on
      FROM   (VALUES (1, '2025-01-10'), (2, '2025-01-15'), (3, '2025-01-14'), (4, '2025-01-16'),
                     (5, NULL)) AS t (i, done)$$,
    $$SELECT build('team', 'UTC', as_of => '2025-02-01')$$);
SELECT results_eq('SELECT round(on_time_project_rate::numeric, 9),
                          sample_size(on_time_project_rate_sample), overdue_projects
                   FROM   team.kpi_month WHERE complete',
                  'VALUES (0.600000000, 5::bigint, 1::bigint)',
                  'a project that is late and still open is late');

-- An order that is there twice, at two days and channels, and came back, is returned once: on a
-- day and at a channel where there may be no order of it, which has no rate then, and no error.
SELECT FROM model('twice',
    $$CREATE TABLE orders (order_id, ordered_at, channel) AS
      VALUES (1, timestamptz '2025-01-10', 'web'), (1, '2025-01-12', 'app');
      CREATE TABLE returns AS SELECT 1 AS order_id, timestamptz '2025-01-15' AS returned_at$$,
    $$SELECT build('twice', 'UTC', dimensions => '{channel}', refunds_by => 'order',
                   as_of => '2025-02-01')$$);
SELECT results_eq($$SELECT period, channel, orders, return_rate_sample::text
                    FROM   twice.kpi_day_by_channel
                    WHERE  period IN ('2025-01-10', '2025-01-12') ORDER BY 1, 2$$,
                  $$VALUES (date '2025-01-10', 'app', 0::bigint, NULL),
                           ('2025-01-10', 'web', 1, '1/1'), ('2025-01-12', 'app', 1, '0/1'),
                           ('2025-01-12', 'web', 0, NULL)$$,
                  'an order that is there twice makes no view fail');

SELECT * FROM finish();
ROLLBACK;
