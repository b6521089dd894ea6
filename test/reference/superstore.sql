\ir setup.psql
\if :skip \quit \endif

CALL load('line', 'superstore/Sample_Superstore.csv');

CREATE TABLE orders AS
SELECT grain, key, order_id,
       sum(sales::numeric)  AS sales,
       sum(profit::numeric) AS profit,
       max(ship_date::date - order_date::date) AS ship_days
FROM   line, LATERAL (VALUES ('month',    to_char(bucket('month', order_date::date), 'YYYY-MM')),
                             ('year',     to_char(bucket('year', order_date::date), 'YYYY')),
                             ('category', category),
                             ('region',   region)) AS by (grain, key)
GROUP  BY grain, key, order_id;

CREATE TABLE state AS
SELECT grain, key, aov(sales), average(profit) AS profit,
       duration(make_interval(days => ship_days)) AS shipping
FROM   orders
GROUP  BY grain, key;

INSERT INTO state
SELECT 'overall', 'all', rollup(aov), rollup(profit), rollup(shipping)
FROM   state WHERE grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   state, LATERAL (VALUES ('aov',           value(aov)),
                              ('orders',        sample_size(aov)),
                              ('gross_sales',   total(aov)),
                              ('profit',        total(profit)),
                              ('profit_margin', total(profit) / total(aov))) AS kpi (kpi, answer);

INSERT INTO answer
SELECT 'ship_days_mean', grain, key, days(value(shipping)) FROM state WHERE grain = 'overall'
UNION ALL
SELECT 'sales_growth_yoy', grain, key, growth(total(aov), lag(total(aov)) OVER (ORDER BY key))
FROM   state WHERE grain = 'year';

-- Customers.
CREATE TABLE customer_order AS
SELECT DISTINCT order_id, customer_id, order_date::date FROM line;

CREATE TABLE scope_activity AS
SELECT 'overall' AS grain, 'all' AS key, activity(customer_id, order_date) FROM customer_order
UNION ALL
SELECT grain, key, activity(customer_id, order_date::date)
FROM   line, LATERAL (VALUES ('category', category), ('region', region)) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO answer
SELECT 'customers', grain, key, sample_size(activity) FROM scope_activity
UNION ALL
SELECT 'customers', by, to_char(period, format), customers
FROM   scope_activity, (VALUES ('month', 'YYYY-MM'), ('year', 'YYYY')) AS by (by, format),
       customers(activity, by)
WHERE  grain = 'overall';

INSERT INTO answer (way, kpi, grain, key, value)
SELECT 'from an activity', 'repeat_purchase_rate', grain, key, value(activity)
FROM   scope_activity WHERE grain = 'overall'
UNION ALL
SELECT 'in one step', 'repeat_purchase_rate', 'overall', 'all',
       value(repeat_purchase_rate(customer_id))
FROM   customer_order;

SELECT compare('superstore');
ROLLBACK;
