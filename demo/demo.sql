-- A year of a real online shop: its KPIs by month, stored, then pooled to quarters and years; and its customers, who
-- they are that come back, and when.
-- Run from the top of a checkout, in an empty database:  psql -X -q -f demo/demo.sql

\set ON_ERROR_STOP on
\encoding UTF8
\pset pager off
\pset footer off
\pset border 2
\pset linestyle unicode
\pset null –
\pset numericlocale on

-- Everything the extension brings is in the schema kpi: name it in the search path, or write kpi.aov(...).
CREATE EXTENSION kpi;
SET search_path = public, kpi;

\qecho
\qecho 'Real data: Online Retail, every invoice line of a British online gift shop, 1 December 2010 to'
\qecho '9 December 2011. Chen, D., Sain, S.L., Guo, K. (2012), Online Retail, UCI Machine Learning Repository,'
\qecho 'https://doi.org/10.24432/C5BW33, CC BY 4.0. Changed: the description column is dropped, columns reordered.'
\qecho


-- 1. The raw rows, as the shop's books have them.
-- Times are the shop's own wall clock, so they are loaded as timestamp without time zone and fall into the right
-- month as they are. Were they timestamptz, their month would be bucket('month', invoice_ts, 'Europe/London').

CREATE TABLE line (
    invoice_no  text      NOT NULL,
    invoice_ts  timestamp NOT NULL,
    customer_id int,
    country     text      NOT NULL,
    stock_code  text      NOT NULL,
    unit_price  numeric   NOT NULL,
    quantity    int       NOT NULL
);

\copy line FROM PROGRAM 'gzip -dc demo/online_retail.csv.gz' (FORMAT csv, HEADER match)

ANALYZE line;


-- 2. What counts: decided once, in one view, one row per invoice.
-- An invoice number with a C cancels goods: its quantities are negative. Any other invoice is an order if it sells
-- something; free goods, stock corrections and bad-debt bookings are no sale. A cancellation has no order value,
-- NULL and not zero, so that it does not count as an order. All lines of an invoice have one customer and country.

CREATE VIEW invoice AS
SELECT invoice_no,
       min(invoice_ts)                                        AS invoiced_at,
       min(customer_id)                                       AS customer_id,
       min(country)                                           AS country,
       sum(quantity * unit_price) FILTER (WHERE quantity > 0) AS order_value,
       sum(greatest(quantity, 0))                             AS units_sold,
       sum(greatest(-quantity, 0))                            AS units_returned,
       sum(greatest(-quantity, 0) * unit_price)               AS value_returned
FROM   line
WHERE  invoice_no LIKE 'C%' OR (quantity > 0 AND unit_price > 0)
GROUP  BY invoice_no;


-- 3. The indicators, defined once for any grain.
-- Each column holds a KPI together with its sample: an average knows its orders and its total, a rate its two counts.
-- The counts are whole numbers: units, or money in tenths of a penny, finer than which no price in the file is. A
-- rate never exceeds 1: indicators('day') is an error, as on 5 January 2011 more value was cancelled than sold.

CREATE FUNCTION indicators(grain text)
RETURNS TABLE (period date, aov average, returned_units return_rate, returned_value return_rate)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT bucket(grain, invoiced_at),
           aov(order_value),
           make_rate(sum(units_returned)::bigint, sum(units_sold)::bigint),
           make_rate((1000 * sum(value_returned))::bigint, (1000 * sum(order_value))::bigint)
    FROM   invoice
    GROUP  BY 1;
END;


-- 4. Stored by month, and read back.
-- One row per month is all that is kept. Sales and orders need no columns of their own: they are the total and the
-- sample of the average order value. The month in which the data end is marked: it must not be read as a fall.

CREATE MATERIALIZED VIEW monthly AS
SELECT * FROM indicators('month');

SELECT max(invoice_ts) AS data_end, to_char(count(*), 'FM999,999') AS lines FROM line \gset

\pset title 'Sales by month'
SELECT to_char(period, 'YYYY-MM') ||
           CASE period WHEN bucket('month', timestamp :'data_end') THEN ' *' ELSE '' END AS "month",
       round(total(aov), 2)                                              AS "gross sales £",
       sample_size(aov)                                                  AS "orders",
       round(aov, 2)                                                     AS "AOV £",
       round(100 * growth(total(aov), lag(total(aov)) OVER previous), 1) AS "growth %",
       round(100 * returned_units, 1)                                    AS "returned units %",
       round(100 * returned_value, 1)                                    AS "returned value %"
FROM   monthly
WINDOW previous AS (ORDER BY period)
ORDER  BY period;

\qecho 'AOV = average order value. * = incomplete: the data end at' :data_end '(':lines 'lines), so the growth'
\qecho 'of 2011-12 sets nine days against a month.'
\qecho 'Returned = cancelled in the month, over sold in that month: the file does not say which sale a cancellation'
\qecho 'undoes. January and December 2011 each hold one order of over 70,000 pieces, cancelled within 20 minutes.'
\qecho 'Nearly half of the value cancelled is fees, postage and manual corrections, which the file books like goods.'
\qecho


-- 5. Pooled to quarters and years, from the stored months alone.
-- rollup() adds up the samples, so nothing is lost and no raw row is read. The rate of a quarter weighs each month by
-- what was sold in it. Growth is shown only against a period made of as many months.

CREATE VIEW pooled AS
SELECT grain,
       bucket(grain, period)  AS period,
       count(*)               AS months,
       rollup(aov)            AS aov,
       rollup(returned_units) AS returned_units,
       rollup(returned_value) AS returned_value,
       to_char(bucket(grain, period), CASE grain WHEN 'quarter' THEN 'YYYY "Q"Q' ELSE 'YYYY' END) ||
           CASE bucket(grain, period) WHEN bucket(grain, timestamp :'data_end') THEN ' *' ELSE '' END AS label
FROM   monthly CROSS JOIN unnest(ARRAY['quarter', 'year']) AS grain
GROUP  BY grain, bucket(grain, period);

\pset title 'The same by quarter and year, pooled from the stored months'
SELECT label                          AS "pooled to",
       months,
       round(total(aov), 2)           AS "gross sales £",
       sample_size(aov)               AS "orders",
       round(aov, 2)                  AS "AOV £",
       CASE months WHEN lag(months) OVER previous
            THEN round(100 * growth(total(aov), lag(total(aov)) OVER previous), 1)
       END                            AS "growth %",
       round(100 * returned_units, 1) AS "returned units %",
       round(100 * returned_value, 1) AS "returned value %"
FROM   pooled
WINDOW previous AS (PARTITION BY grain ORDER BY period)
ORDER  BY grain, period;


-- 6. Proof, and the mistake this ends.
-- The same function over the raw rows must give the same samples: = compares the stored counts and sums, not rounded
-- figures. Averaging the monthly figures instead gives a quiet month the weight of a busy one. Doing it takes a
-- deliberate value(): avg(aov) by itself is an error.

CREATE TEMPORARY TABLE recomputed AS
SELECT grain, i.*
FROM   unnest(ARRAY['quarter', 'year']) AS grain CROSS JOIN indicators(grain) AS i;

\pset title 'AOV (£) and returned value (%): pooled, recomputed from the raw rows, wrongly averaged'
SELECT label                            AS "pooled to",
       round(p.aov, 2)                  AS "£ pooled",
       round(r.aov, 2)                  AS "£ raw rows",
       round(a.aov, 2)                  AS "£ averaged",
       round(100 * p.returned_value, 2) AS "% pooled",
       round(100 * r.returned_value, 2) AS "% raw rows",
       round(100 * a.returned_value, 2) AS "% averaged",
       (p.aov, p.returned_units, p.returned_value) = (r.aov, r.returned_units, r.returned_value) AS "pooled = raw"
FROM   pooled p
       JOIN recomputed r USING (grain, period)
       CROSS JOIN LATERAL (SELECT avg(value(aov)) AS aov, avg(value(returned_value))::numeric AS returned_value
                           FROM   monthly
                           WHERE  bucket(grain, monthly.period) = p.period) a
ORDER  BY grain, period;

SELECT count(*) FILTER (WHERE equal) AS equal, count(*) AS compared
FROM   pooled p
       JOIN recomputed r USING (grain, period)
       CROSS JOIN LATERAL (VALUES (p.aov = r.aov),
                                  (p.returned_units = r.returned_units),
                                  (p.returned_value = r.returned_value)) AS v (equal) \gset

\qecho 'Averaged over its months, 2011 Q4 would have had 14.19 % returned, not 10.21 %, and orders of £630, not £587.'
\qecho :equal 'of' :compared 'pooled figures equal those recomputed from the' :lines 'raw rows, to the last digit.'
\qecho


-- 7. Who orders again.
-- One row per order goes in. An order without a customer is left out: somebody unknown, not one busy person.

CREATE VIEW customer_order AS
SELECT customer_id, country, invoice_no, invoiced_at FROM invoice WHERE order_value IS NOT NULL;

\pset title 'Repeat purchase: of the customers, those who ordered twice or more'
SELECT coalesce(country, 'all')    AS "country",
       sample_size(again)          AS "customers",
       successes(again)            AS "ordered again",
       round(100 * again, 1)       AS "repeat purchase %",
       format('%s – %s', round(100 * lower(likely), 1), round(100 * upper(likely), 1)) AS "95 % interval"
FROM   (SELECT country, repeat_purchase_rate(customer_id) AS again
        FROM   customer_order
        GROUP  BY GROUPING SETS ((country), ())) AS scope
       CROSS JOIN confidence_interval(again) AS likely
WHERE  sample_size(again) >= 20
ORDER  BY country IS NOT NULL, sample_size(again) DESC;

\qecho 'Countries with 20 customers or more. Of such a few, the interval says, little is known.'
\qecho


-- 8. New and returning customers.
-- An activity holds who ordered on which day. What follows is read from this one stored value; the orders are not
-- looked at again, and the month is chosen only when reading.

CREATE MATERIALIZED VIEW customer_activity AS
SELECT activity(customer_id, bucket('day', invoiced_at)) FROM customer_order;

\pset title 'Customers by month'
SELECT to_char(period, 'YYYY-MM') ||
           CASE period WHEN bucket('month', timestamp :'data_end') THEN ' *' ELSE '' END AS "month",
       customers                      AS "customers",
       new_customers                  AS "new",
       returning_customers            AS "returning",
       round(100 * returning_rate, 1) AS "returning %",
       round(100 * repeat_rate, 1)    AS "two orders %",
       round(100 * retention_rate, 1) AS "kept %",
       unknown_rows                   AS "unknown orders"
FROM   customer_activity CROSS JOIN customers(activity, 'month')
ORDER  BY period;

SELECT to_char(sum(customers), 'FM999,999')            AS summed,
       to_char(sample_size(activity), 'FM999,999')     AS customers,
       round(octet_length(activity_send(activity)) / 1000.0) AS kilobytes
FROM   customer_activity CROSS JOIN customers(activity, 'month')
GROUP  BY activity \gset

\qecho 'New = first order in this file, so all of December 2010 is new. Two orders = in the month, or more. Kept = of the'
\qecho 'customers of the month before, those who ordered in this one, too. Unknown orders do not say whose they are.'
\qecho 'Months do not add up: in sum they have' :summed 'customers, who are' :customers 'people. The stored value knows them'
\qecho 'one by one, and takes' :kilobytes 'kB.'
\qecho


-- 9. Cohorts.
-- retention() has a row for each cohort and each month since; psql's \crosstabview makes a triangle of them. Rates of
-- several cohorts are pooled like any other, here without the month that has not ended.

\pset title 'Of the customers who first ordered in a month, % who ordered so many months later'
SELECT coalesce(to_char(cohort, 'YYYY-MM'), 'all *') AS "first order",
       CASE periods_since WHEN 0 THEN 'customers' ELSE '+' || periods_since END AS since,
       CASE periods_since WHEN 0 THEN lpad(to_char(sample_size(rate), 'FM999,999'), 9)
                          ELSE lpad(round(100 * rate, 0)::text, 3) END AS shown,
       periods_since
FROM   (SELECT cohort, periods_since, rate
        FROM   customer_activity CROSS JOIN retention(activity, 'month')
        UNION ALL
        SELECT NULL, periods_since, rollup(rate)
        FROM   customer_activity CROSS JOIN retention(activity, 'month')
        WHERE  periods_since = 0 OR period < bucket('month', timestamp :'data_end')
        GROUP  BY periods_since) AS triangle
WHERE  rate IS NOT NULL
ORDER  BY cohort, periods_since
\crosstabview 1 2 3 4

\qecho 'The last figure of each row is December 2011, of which there are nine days. * = pooled without these. It rises to'
\qecho 'the right because only the early rows get that far, and December 2010 has the customers from before the file.'
\qecho


-- 10. A funnel.
-- From a customer's first order to a second and a third, all within 90 days. An order's step is its number. Who first
-- ordered less than 90 days before the data end has not had the time, and is left out.

CREATE VIEW numbered AS
SELECT customer_id,
       invoiced_at AT TIME ZONE 'Europe/London'                            AS ordered_at,
       row_number() OVER (PARTITION BY customer_id ORDER BY invoiced_at, invoice_no)::int AS step,
       min(invoiced_at) OVER (PARTITION BY customer_id)                    AS first_at
FROM   customer_order
WHERE  customer_id IS NOT NULL;

CREATE MATERIALIZED VIEW reorder AS
SELECT bucket('quarter', first_at) AS quarter,
       funnel(customer_id, ordered_at, step, 3, '90 days')
FROM   numbered
WHERE  first_at < timestamp :'data_end' - interval '90 days'
GROUP  BY 1;

\pset title 'First, second and third order within 90 days, by the quarter of the first'
SELECT coalesce(to_char(quarter, 'YYYY "Q"Q'), 'all')  AS "first order",
       f                                               AS "customers/1st/2nd/3rd",
       round(100 * step_rate(f, 2), 1)                 AS "1 → 2 %",
       round(100 * drop_off(f, 2), 1)                  AS "lost %",
       round(100 * step_rate(f, 3), 1)                 AS "2 → 3 %",
       round(100 * drop_off(f, 3), 1)                  AS "lost %",
       round(100 * overall_rate(f), 1)                 AS "1 → 3 %",
       format('%s – %s', round(100 * lower(likely), 1), round(100 * upper(likely), 1)) AS "95 % interval"
FROM   (SELECT quarter, rollup(funnel) AS f FROM reorder GROUP BY GROUPING SETS ((quarter), ())) AS pooled
       CROSS JOIN confidence_interval(overall_rate(f)) AS likely
ORDER  BY quarter;

SELECT round(p_value(overall_rate(first.funnel), overall_rate(second.funnel))::numeric, 3) AS p_value
FROM   reorder AS first, reorder AS second
WHERE  first.quarter = '2011-01-01' AND second.quarter = '2011-04-01' \gset

\qecho 'The last row is the rollup() of the stored quarters. Who first ordered in the 90 days before the data end is left'
\qecho 'out; 2010 Q4 again has the customers from before the file. Were 2011 Q1 and Q2 alike, chance alone would set their'
\qecho '1 → 3 % as far apart with a probability of' :p_value '(p_value).'
\qecho

\qecho 'Where to go next: README.md has all types and functions, and what to do with a table of your own. For your own'
\qecho 'questions to this shop:  test/cluster psql -q, then  \\i demo/demo.sql'
\qecho
