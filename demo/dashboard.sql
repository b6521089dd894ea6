-- The dashboard: ordinary queries on the views of the model. monthly is a copy of shop.kpi_month,
-- one row per month. Run by demo.sql after model.sql, or again at any time.

\pset pager off
\pset footer off
\pset border 2
\pset linestyle unicode
\pset null –
\pset numericlocale on

CREATE OR REPLACE FUNCTION percent(share double precision) RETURNS numeric LANGUAGE SQL IMMUTABLE
    RETURN round((100 * share)::numeric, 1);

CREATE OR REPLACE FUNCTION percent(interval_of_shares numrange) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN format('%s – %s', round(100 * lower(interval_of_shares), 1),
                  round(100 * upper(interval_of_shares), 1));

CREATE OR REPLACE FUNCTION figure(value double precision, unit text) RETURNS text
LANGUAGE SQL IMMUTABLE
    RETURN CASE WHEN unit IN ('share', 'growth')  THEN to_char(100 * value, 'FM990.0') || ' %'
                WHEN unit = 'money' AND value < 10000 THEN to_char(value, '"£ "FM9,990.00')
                WHEN unit = 'money'               THEN to_char(value, '"£ "FM99,999,990')
                WHEN unit IN ('count', 'points')  THEN to_char(value, 'FM99,999,990')
                ELSE to_char(value, 'FM99,999,990.0') || ' ' || unit END;

\warn 'kpi: reading the dashboard ...'
\pset title 'Sales'
SELECT month, round(net_sales) AS "net sales £", percent(net_sales_growth) AS "growth %", orders,
       round(aov, 2) AS "AOV £",
       percent(discounts / gross_sales) AS "discount¹", round(refunds) AS "refunds",
       percent(cancellation_rate) AS "cancelled",
       percent(gross_margin) AS "margin° %", percent(cost_coverage) AS "known° %"
FROM   monthly
ORDER  BY period;

\qecho '* = still running; its growth compares the days that are over with as many before.'
\qecho '¹ in %, estimated: the file has no discounts, but prices below the usual one of an article.'
\qecho '° = simulated. Margin is that of the articles whose cost is known; the last column is their'
\qecho 'share of sales.'
\qecho

\pset title 'Conversion° (all simulated)'
SELECT month, visits AS "visits°", percent(conversion_rate) AS "ordered° %",
       visitors AS "visitors°", percent(visitor_conversion_rate) AS "of them° %",
       percent(cart_rate) AS "cart° %", percent(checkout_abandonment_rate) AS "checkout left°",
       percent(cart_abandonment_rate) AS "cart left°",
       open_carts AS "open°"
FROM   monthly
ORDER  BY period;

\qecho '° = simulated. Of them = of the visitors, each counted once a month, those who ordered.'
\qecho 'Left: % of the checkouts, and of the carts, without an order. Open carts were touched in'
\qecho 'the last hour.'
\qecho

\pset title 'Customers'
SELECT month, customers, new_customers AS "new", returning_customers AS "returning",
       percent(returning_customer_rate) AS "returning %",
       percent(repeat_purchase_rate) AS "two orders %", percent(retention_rate) AS "kept %",
       guest_orders AS "guest orders",
       round(sales_per_customer, 2) AS "£ each"
FROM   monthly
ORDER  BY period;

\qecho 'All real. New = first order in this file, so all of December 2010 is. Kept = of the'
\qecho 'customers of the month before, those who ordered in this one, too, of which * is not over.'
\qecho '£ each = sales per known customer.'
\qecho

\pset title 'Satisfaction° (all simulated)'
SELECT month, sample_size(csat_sample) AS "answers°", percent(csat) AS "satisfied° %",
       percent(confidence_interval(csat_sample)) AS "95 % interval°",
       round(csat_mean::numeric, 2) AS "mean° (1–5)",
       sample_size(nps_sample) AS "answers°", round(nps_sample, 0) AS "NPS°",
       format('%s – %s', round(lower(confidence_interval(nps_sample))),
              round(upper(confidence_interval(nps_sample)))) AS "95 % interval°"
FROM   monthly
ORDER  BY period;

\qecho '° = simulated. First satisfaction with the delivery (CSAT), then the Net Promoter Score.'
\qecho 'Between most months there is less difference than so few answers can tell.'
\qecho

\pset title 'Operations° (all but returns simulated)'
SELECT month, round(inventory_turnover::numeric, 2) AS "turns°",
       round(days_of_inventory::numeric) AS "days°", percent(sell_through_rate) AS "sold°",
       round(fulfilment_days_median::numeric, 1) AS "receipt°",
       round(fulfilment_days_p90::numeric, 1) AS "9 of 10°",
       percent(on_time_delivery_rate) AS "on time° %", undelivered AS "not yet°",
       percent(return_rate) AS "returned %",
       round(first_response_hours_median::numeric, 1) AS "reply h°"
FROM   monthly
ORDER  BY period;

\qecho '° = simulated. Stock turned over in the month, days it lasts, % sold of what there was.'
\qecho 'Days from order to receipt: half, and nine of ten, have arrived by then, with those in mind'
\qecho 'that have not yet. Working hours to a reply: half. Returns are real: orders with something'
\qecho 'given back in the month, for the orders of the month.'
\qecho

\pset title 'Team° (all simulated)'
SELECT month, percent(esat) AS "content° %", round(esat_mean::numeric, 2) AS "mean°",
       sample_size(enps_sample) AS "answers°", round(enps_sample, 0) AS "eNPS°",
       percent(communication) AS "informed° %",
       percent(on_time_project_rate) AS "projects on time°", overdue_projects AS "overdue°",
       round(internal_response_hours::numeric, 1) AS "reply h°"
FROM   monthly
ORDER  BY period;

\qecho '° = simulated. Content = with the job, informed = with the communication. Projects: % of'
\qecho 'those due, and how many of them are not done yet.'
\qecho

\pset title 'Of who first ordered in a month, % who ordered again so many months later'
SELECT to_char(cohort, 'YYYY-MM') AS "first order",
       CASE periods_since WHEN 0 THEN 'of' ELSE '+' || periods_since END AS since,
       CASE periods_since WHEN 0 THEN lpad(cohort_size::text, 4)
                          ELSE (ARRAY[' ', '░', '▒', '▓', '█'])[
                                   width_bucket(retention_rate, ARRAY[0, 0.15, 0.2, 0.25, 0.35])]
                               || lpad(round(100 * retention_rate)::text, 3) END AS shown,
       periods_since
FROM   shop.cohort_retention
WHERE  grain = 'month' AND complete
ORDER  BY cohort, periods_since
\crosstabview 1 2 3 4

\qecho 'All real; complete months only. The customers of 2010-12 include those of before the file.'
\qecho

\pset title 'From a product to an order°, November 2011 (simulated)'
SELECT step AS "step°", label AS "seen°", reached AS "visitors°",
       percent(step_rate) AS "of the step before° %", percent(overall_rate) AS "of all° %",
       rpad(repeat('█', round(40 * overall_rate)::int), 40) AS "°"
FROM   shop.funnel_steps
WHERE  grain = 'month' AND period = '2011-11-01'
ORDER  BY step;

\qecho '° = simulated. Steps in this order, within a day of the first.'
\qecho

\pset title 'Countries, November 2011'
SELECT country, round(net_sales) AS "net sales £", percent(net_sales_growth) AS "growth %", orders,
       round(aov, 2) AS "AOV £", customers,
       percent(conversion_rate) AS "ordered° %", percent(on_time_delivery_rate) AS "on time° %"
FROM   shop.kpi_month_by_country
WHERE  period = '2011-11-01'
ORDER  BY net_sales DESC
LIMIT  10;

\qecho '° = simulated. Ordered = of the visits.'
\qecho

\pset title 'December 2011 so far, and how sure it is'
SELECT name || CASE WHEN indicator IN (SELECT indicator FROM simulated.indicator) THEN '°'
                    ELSE '' END AS "indicator",
       figure(now.value, now.unit)    AS "to 9 December",
       CASE WHEN now.low IS NOT NULL
            THEN format('%s – %s', figure(now.low, now.unit), figure(now.high, now.unit))
            END AS "95 % interval",
       now.sample_size                AS "sample",
       figure(before.value, now.unit) AS "November",
       CASE direction WHEN 'up' THEN 'more' WHEN 'down' THEN 'less' END AS "better is"
FROM   catalog
       JOIN recent_values AS now ON now.kpi = indicator AND now.period = '2011-12-01'
       JOIN recent_values AS before ON before.kpi = indicator AND before.period = '2011-11-01'
WHERE  indicator IN (
           'net_sales', 'orders', 'aov', 'gross_margin', 'conversion_rate', 'cart_abandonment_rate',
           'customers', 'returning_customer_rate', 'csat', 'nps', 'on_time_delivery_rate',
           'fulfilment_days_median', 'return_rate', 'first_response_hours_median',
           'inventory_turnover', 'enps', 'on_time_project_rate');

\qecho '° = simulated. 17 of the indicators: shop.kpi_values has all, for every period and country.'
\qecho
