\set ECHO none
\i test/setup.psql
SELECT plan(27);

-- Mobile rises from 1.0 to 1.2 %, desktop from 4.0 to 4.4 %, but of the visits that are half and
-- half in January four of five are mobile in February: all of it falls from 2.50 to 1.84 %. By what
-- the members did it rose by 0.27 points, by where the visits were it fell by 0.93.
CREATE SCHEMA mix;
CREATE TABLE mix.visits AS
SELECT row_number() OVER () AS visit_id, started_at, device, i <= bought AS converted
FROM   (VALUES (timestamptz '2025-01-10Z', 'mobile', 5000, 50),
               ('2025-01-10Z', 'desktop', 5000, 200), ('2025-02-10Z', 'mobile', 8000, 96),
               ('2025-02-10Z', 'desktop', 2000, 88))
           AS v (started_at, device, n, bought),
       generate_series(1, n) AS i;
SELECT FROM build('mix', 'UTC', dimensions => '{device}', as_of => '2025-02-28Z');
CREATE FUNCTION points(double precision) RETURNS numeric LANGUAGE SQL AS
    'SELECT round(100 * $1::numeric, 3)';
SELECT results_eq($$SELECT part, member, points(before), points(after), points(effect),
                           points(rate_effect), points(mix_effect)
                    FROM   explain('mix', 'conversion_rate', 'month', '2025-02-01', 'device')$$,
                  $$VALUES ('all', NULL, 2.500, 1.840, -0.660, 0.270, -0.930),
                           ('member', 'desktop', 4.000, 4.400, -0.469, 0.140, -0.609),
                           ('member', 'mobile', 1.000, 1.200, -0.191, 0.130, -0.321)$$,
                  'a rate moves by what it moves at members, and by where there is more of it');
SELECT matches(why, '^it fell though it fell at no member: .* \(Simpson''s paradox\); the period '
                    'is not over$', 'that all of it fell although no member did is said')
FROM   explain('mix', 'conversion_rate', 'month', '2025-02-01', 'device') WHERE part = 'all';
SELECT is_empty($$SELECT FROM explain('mix', 'visits', 'month', '2025-02-01', 'device')
                  WHERE  num_nonnulls(rate_effect, mix_effect) > 0$$, 'a sum has no such effects');
SELECT results_eq($$SELECT part, member, before, after, effect
                    FROM   explain('mix', 'visits', 'month', '2025-02-01', 'device', top => 1)$$,
                  $$VALUES ('all', NULL, 10000::float8, 10000::float8, 0::float8),
                           ('member', 'desktop', 5000, 2000, -3000),
                           ('rest', '1 more', 5000, 8000, 3000)$$,
                  'but what it moves at members; those that moved it least are one row');
SELECT results_eq($$SELECT part, member
                    FROM   explain('mix', 'visits', 'month', '2025-02-01', 'device', top => NULL)$$,
                  $$SELECT part, member
                    FROM   explain('mix', 'visits', 'month', '2025-02-01', 'device')$$,
                  'if they are not told, every member is one');
SELECT results_eq($$SELECT part, before, after, effect, rate_effect, why
                    FROM   explain('mix', 'conversion_rate', 'month', '2025-01-01', 'device')
                    WHERE  part = 'all'$$,
                  $$VALUES ('all', NULL::float8, 0.025::float8, NULL::float8, NULL::float8,
                            'there is nothing to compare with')$$,
                  'the first period came from nothing');

-- Sales of 10 customers with 2 orders of 30 each become 15 of 1.6 orders of 40: 600 to 960. In the
-- mean over the orders in which the three can have changed, customers did
-- 5 * (2 * 2 * 30 + 2 * 1.6 * 40 + 2 * 40 + 1.6 * 30) / 6 = 313 1/3,
-- orders -0.4 * (2 * 10 * 30 + 2 * 15 * 40 + 10 * 40 + 15 * 30) / 6 = -176 2/3,
-- and the value 10 * (2 * 10 * 2 + 2 * 15 * 1.6 + 10 * 1.6 + 15 * 2) / 6 = 223 1/3: 360 in all.
-- Besides, a guest bought for 7 in February, and 3 were paid back.
CREATE SCHEMA sold;
CREATE TABLE sold.orders AS
SELECT i AS order_id, timestamptz '2025-01-10Z' AS ordered_at, i % 10 AS customer_id,
       30 AS net_sales, CASE WHEN i % 10 < 5 THEN 'web' ELSE 'app' END AS channel
FROM   generate_series(1, 20) AS i
UNION ALL
SELECT 100 + i, '2025-02-10Z', i % 15, 40, CASE i % 2 WHEN 0 THEN 'web' ELSE 'app' END
FROM   generate_series(1, 24) AS i
UNION ALL
SELECT 200, '2025-02-11Z', NULL, 7, 'web';
CREATE TABLE sold.returns AS
SELECT 101 AS order_id, timestamptz '2025-02-20Z' AS returned_at, 3 AS refund;
SELECT FROM build('sold', 'UTC', dimensions => '{channel}', as_of => '2025-03-10Z');
SELECT results_eq($$SELECT part, member, before, after, round(effect::numeric, 6)
                    FROM   explain('sold', 'net_sales', 'month', '2025-02-01')$$,
                  $$VALUES ('all', NULL, 600::float8, 964::float8, 364::numeric),
                           ('factor', 'customers', 10, 15, 313.333333),
                           ('factor', 'orders of each', 2, 1.6, -176.666667),
                           ('factor', 'value of an order', 30, 40, 223.333333),
                           ('several', 'guests, refunds', 0, 4, 4)$$,
                  'sales are customers times orders of each times the value of an order');
SELECT results_eq($$SELECT part, member, after, effect
                    FROM   explain('sold', 'net_sales', 'month', '2025-01-01')$$,
                  $$VALUES ('all', NULL, 600::float8, 600::float8),
                           ('factor', 'customers', 10, 600), ('factor', 'orders of each', 2, 0),
                           ('factor', 'value of an order', 30, 0),
                           ('several', 'guests, refunds', 0, 0)$$,
                  'where there was nothing before, all is by customers');
SELECT results_eq($$SELECT part, effect
                    FROM   explain('sold', 'customers', 'month', '2025-02-01', 'channel')
                    WHERE  part IN ('all', 'several')$$,
                  $$SELECT 'all', 5::float8
                    UNION ALL
                    SELECT 'several', 5.0 - (SELECT count(DISTINCT (channel, customer_id))
                                                    FILTER (WHERE ordered_at > '2025-02-01')
                                             - count(DISTINCT (channel, customer_id))
                                                    FILTER (WHERE ordered_at < '2025-02-01')
                                             FROM sold.orders WHERE customer_id IS NOT NULL)$$,
                  'customers of several members are said to be so');

-- Whatever can be explained adds up: to what the views say, by the day and by the member.
\i test/shop.psql
SELECT FROM build('shop', 'UTC', 'EUR', '{country}', storage => 'materialized',
                  as_of => '2025-04-20Z');
CREATE TABLE explained AS
SELECT i.indicator, grain, p.period, e.*
FROM   indicators_of('shop') AS i
       JOIN pg_attribute AS a
            ON a.attname = i.indicator AND a.attrelid = 'shop.kpi_month_by_country'::regclass,
       (VALUES ('month', date '2025-03-01'), ('week', '2025-02-10')) AS p (grain, period),
       LATERAL explain('shop', i.indicator, p.grain, p.period, 'country', top => 1) AS e
WHERE  i.indicator IN (SELECT f.indicator FROM formulas AS f WHERE f.kind IN ('sum', 'mean')
                       UNION ALL
                       SELECT o.indicator FROM own_adds_up('shop') AS o WHERE o.is_sum)
AND    i.indicator NOT IN ('inventory_turnover', 'average_inventory', 'days_of_inventory', 'cac',
                           'sell_through_rate', 'return_rate', 'mer');
SELECT cmp_ok(count(DISTINCT indicator), '>', 40::bigint, 'many indicators are explained')
FROM   explained WHERE part = 'member' AND effect <> 0;
SELECT is_empty($$SELECT indicator, grain, period, sum(effect) FILTER (WHERE part <> 'all'),
                         sum(effect) FILTER (WHERE part = 'all')
                  FROM   explained GROUP BY indicator, grain, period
                  HAVING abs(sum(effect) FILTER (WHERE part <> 'all')
                             - sum(effect) FILTER (WHERE part = 'all'))
                         > 1e-12 * (1 + abs(sum(after) FILTER (WHERE part = 'all')))$$,
                'effects add up to the change');
SELECT is_empty($$SELECT * FROM explained AS e
                  WHERE  abs(rate_effect + mix_effect - effect) > 1e-12 * (1 + abs(effect))
                  AND    part IN ('member', 'rest')$$,
                'what a member did and how much is there is its effect');
SELECT is_empty($$SELECT e.indicator, e.grain, e.period, e.after, v.value
                  FROM   explained AS e
                         JOIN shop.kpi_values AS v
                              ON (v.kpi, v.grain, v.period) = (e.indicator, e.grain, e.period)
                              AND v.dimension IS NULL
                  WHERE  e.part = 'all'
                  AND    abs(coalesce(e.after, 0) - coalesce(v.value, 0)) > 0.00006$$,
                'after is what the views show');

CREATE SCHEMA stock;
CREATE TABLE stock.stock_levels AS
SELECT sku, date '2025-01-01' + day + time '12:00' AT TIME ZONE 'UTC' AS counted_at, 5 AS on_hand,
       2.0 AS unit_cost
FROM   unnest('{pen,ink}'::text[]) AS sku, generate_series(0, 50) AS day;
SELECT FROM build('stock', 'UTC', dimensions => '{sku}', as_of => '2025-02-20Z');

-- In Chinese, all that is said is.
SELECT results_eq($$SELECT part, member FROM explain('shop', 'net_sales', 'month', '2025-03-01',
                                                     lang => 'zh')$$,
                  $$VALUES ('all', NULL), ('factor', '客户数'), ('factor', '每客订单数'),
                           ('factor', '客单价'), ('several', '游客与退款')$$,
                  'in Chinese factors have Chinese names');
SELECT is_empty($$SELECT * FROM explain('shop', 'net_sales', 'month', '2025-03-01', 'country',
                                        'previous', 1, 'zh')
                  WHERE  part = 'rest' AND member !~ '^其余 \d+ 项$' OR why ~ '[a-z]'$$,
                'and so has the rest of members');

SELECT throws_ok(call, state, message, rule)
FROM (VALUES
    ($$SELECT explain('mix', 'visits', 'month', '2025-02-01', 'device', lang => 'de')$$, '22023',
     'there is no explanation in the language "de"', 'there are two languages'),
    ($$SELECT explain('mix', 'visit', 'month', '2025-02-01', 'device')$$, '22023',
     'there is no indicator "visit"', 'an indicator is one of the catalog'),
    ($$SELECT explain('mix', 'orders', 'month', '2025-02-01', 'device')$$, '42703',
     'model "mix" does not tell orders in kpi_month_by_device', 'and of the model'),
    ($$SELECT explain('mix', 'visits', 'month', '2025-02-02', 'device')$$, '22023',
     'model "mix" has no month that starts on 2025-02-02', 'a period is one of its own'),
    ($$SELECT explain('mix', 'visits', NULL, '2025-02-01', 'device')$$, '22023',
     'model "mix" has no period that starts on 2025-02-01', 'of a grain'),
    ($$SELECT explain('mix', 'visits', 'month', '2025-02-01', 'browser')$$, '22023',
     'model "mix" has no dimension "browser"', 'so is a dimension'),
    ($$SELECT explain('mix', 'visits', 'month', '2025-02-01')$$, '22004',
     'no dimension is named by which visits shall be explained', 'which is needed'),
    ($$SELECT explain('mix', 'net_sales', 'month', '2025-02-01')$$, '42703',
     'model "mix" does not tell the customers of its orders', 'but for sales of customers'),
    ($$SELECT explain('mix', 'visits', 'month', '2025-02-01', 'device', 'next')$$, '22023',
     'unknown comparison "next"', 'a period is compared with an earlier one'),
    ($$SELECT explain('shop', 'fulfilment_days_median', 'month', '2025-03-01', 'country')$$,
     '0A000', 'fulfilment_days_median cannot be taken apart',
     'a median is not made of those of members'),
    ($$SELECT explain('stock', 'average_inventory', 'month', '2025-02-01', 'sku')$$, '0A000',
     'average_inventory cannot be taken apart', 'nor is stock the mean of that of members'),
    ($$SELECT explain('shop', 'net_sales_growth', 'month', '2025-03-01', 'country')$$, '0A000',
     'net_sales_growth cannot be taken apart', 'nor is a growth')
) AS t (call, state, message, rule);

SELECT * FROM finish();
ROLLBACK;
