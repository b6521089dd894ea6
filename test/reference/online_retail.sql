\ir setup.psql
\if :skip \quit \endif

CALL load('raw', 'online_retail/online_retail.csv');

-- A cancellation is no sale, and neither are free goods, stock corrections and bad-debt bookings.
CREATE UNLOGGED TABLE line AS
SELECT invoiceno AS invoice, invoicedate::timestamp AS invoiced_at, country, quantity::int, amount,
       customerid::numeric::bigint AS customer,
       invoiceno LIKE 'C%' AS cancels,
       invoiceno NOT LIKE 'C%' AND quantity::int > 0 AND unitprice::numeric > 0 AS sells
FROM   raw, LATERAL (VALUES (quantity::int * unitprice::numeric)) AS line (amount);

CREATE UNLOGGED TABLE invoice AS
SELECT grain, key, invoice, cancels,
       sum(amount)   FILTER (WHERE sells) AS sales,
       sum(quantity) FILTER (WHERE sells) AS units,
       sum(-amount)  FILTER (WHERE cancels) AS returned,
       sum(amount)                        AS net_sales
FROM   line,
       LATERAL (VALUES ('month', to_char(bucket('month', invoiced_at), 'YYYY-MM')),
                       ('country', country)) AS by (grain, key)
GROUP  BY grain, key, invoice, cancels;

CREATE TABLE state AS
SELECT grain, key,
       aov(sales),
       average(units) AS units,
       average(net_sales) AS net_sales,
       rate(cancels) FILTER (WHERE cancels OR sales IS NOT NULL) AS cancelled,
       -- a tenth of a penny
       make_rate((1000 * coalesce(sum(returned), 0))::bigint,
                 (1000 * sum(sales))::bigint) AS returned
FROM   invoice
GROUP  BY grain, key;

INSERT INTO state
SELECT 'overall', 'all', rollup(aov), rollup(units), rollup(net_sales), rollup(cancelled),
       rollup(returned)
FROM   state
WHERE  grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   state, LATERAL (VALUES ('aov',                 value(aov)),
                              ('orders',              sample_size(aov)),
                              ('gross_sales',         total(aov)),
                              ('net_sales',           total(net_sales)),
                              ('units_per_order',     value(units)),
                              ('cancel_invoice_rate', value(cancelled)),
                              ('return_value_rate',   value(returned))) AS kpi (kpi, answer);

INSERT INTO answer
SELECT 'sales_growth_mom', grain, key, growth(total(aov), lag(total(aov)) OVER (ORDER BY key))
FROM   state
WHERE  grain = 'month';

-- Customers: a row is an order, days are stored, months are read.
CREATE TABLE customer_order AS
SELECT DISTINCT invoice, customer, country, bucket('day', invoiced_at) AS day
FROM   line
WHERE  sells;

CREATE TABLE day_activity AS
SELECT day, country, activity(customer, day)
FROM   customer_order
GROUP  BY day, country;

CREATE TABLE scope_activity AS
SELECT 'from the orders' AS way, 'overall' AS grain, 'all' AS key, activity(customer, day)
FROM   customer_order
UNION ALL
SELECT 'from the orders', 'country', country, activity(customer, day)
FROM   customer_order GROUP BY country
UNION ALL
SELECT 'rolled up from days', 'overall', 'all', rollup(activity) FROM day_activity
UNION ALL
SELECT 'rolled up from days', 'country', country, rollup(activity)
FROM   day_activity GROUP BY country;

INSERT INTO answer (way, kpi, grain, key, value)
SELECT way, 'customers', grain, key, sample_size(activity)
FROM   scope_activity
UNION ALL
SELECT way, 'repeat_purchase_rate', grain, key, value(activity)
FROM   scope_activity
WHERE  grain = 'overall'
UNION ALL
SELECT way, kpi, 'month', to_char(period, 'YYYY-MM'), answer
FROM   scope_activity, customers(activity, 'month'),
       LATERAL (VALUES ('customers',               customers),
                       ('repeat_purchase_rate',    value(repeat_rate)),
                       ('customer_retention_rate', value(retention_rate))) AS kpi (kpi, answer)
WHERE  grain = 'overall'
UNION ALL
SELECT way, 'cohort_retention', 'cohort',
       to_char(cohort, 'YYYY-MM') || to_char(periods_since, 'SG00'), value(rate)
FROM   scope_activity, retention(activity, 'month')
WHERE  grain = 'overall';

SELECT compare('online_retail');
ROLLBACK;
