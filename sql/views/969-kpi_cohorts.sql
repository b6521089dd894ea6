--@ view kpi_cohorts | key first_day, day | of orders | per customer_id
-- What the customers whose first order was on one day have spent on each day since, and, on the
-- first, how many they are. Sales are net, before refunds, with what changes of orders added when
-- they did. All grains of cohort_sales are made of it.
WITH who AS (
    SELECT f.customer_id, kpi.bucket('day', f.first, s.timezone) AS first_day
    FROM   kpi_settings AS s
           CROSS JOIN (SELECT x.customer_id, min(x.ordered_at) AS first
                       FROM   kpi_orders AS x
                       WHERE  x.sold AND x.customer_id IS NOT NULL
                       GROUP  BY x.customer_id) AS f
),
changed AS MATERIALIZED (   -- apart, as Citus cannot join what a model without changes has
    SELECT x.customer_id, kpi.bucket('day', x.changed_at, s.timezone) AS day,
           kpi.average(x.net_sales) AS sales @count of rows@
    FROM   kpi_settings AS s CROSS JOIN kpi_order_changes AS x
    GROUP  BY x.customer_id, kpi.bucket('day', x.changed_at, s.timezone)
)
SELECT x.first_day, x.day, coalesce(sum(x.customers), 0)::bigint AS customers,
       kpi.rollup(x.sales) AS sales @sum of rows@
FROM   (SELECT w.first_day, w.first_day AS day, count(*) AS customers,
               NULL::kpi.average AS sales @count of rows@
        FROM   who AS w
        GROUP  BY w.first_day
        UNION ALL
        SELECT w.first_day, kpi.bucket('day', x.ordered_at, s.timezone), NULL::bigint AS customers,
               kpi.average(x.net_sales) @count of rows@
        FROM   kpi_settings AS s
               CROSS JOIN kpi_orders AS x
               JOIN who AS w ON w.customer_id = x.customer_id
        WHERE  x.sold
        GROUP  BY w.first_day, kpi.bucket('day', x.ordered_at, s.timezone)
        UNION ALL
        SELECT w.first_day, x.day, NULL::bigint AS customers, kpi.rollup(x.sales) @sum of rows@
        FROM   changed AS x JOIN who AS w ON w.customer_id = x.customer_id
        GROUP  BY w.first_day, x.day) AS x
GROUP  BY x.first_day, x.day

--@ column first_day
-- the day of their first order

--@ column day
-- the day on which they bought

--@ column customers
-- how many of them ordered for the first time on it

--@ column sales
-- what they spent on it, an average of their orders and of what changed, with its total
