--@ view kpi_cohorts | key first_day, day | of orders
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
           sum(x.net_sales) AS sales
    FROM   kpi_settings AS s CROSS JOIN kpi_order_changes AS x
    GROUP  BY x.customer_id, kpi.bucket('day', x.changed_at, s.timezone)
)
SELECT c.first_day, c.day, coalesce(sum(c.customers), 0)::bigint AS customers, sum(c.sales) AS sales
FROM   (SELECT w.first_day, w.first_day AS day, count(*) AS customers, NULL::numeric AS sales
        FROM   who AS w
        GROUP  BY w.first_day
        UNION ALL
        SELECT w.first_day, kpi.bucket('day', x.ordered_at, s.timezone), NULL::bigint AS customers,
               sum(x.net_sales)
        FROM   kpi_settings AS s
               CROSS JOIN kpi_orders AS x
               JOIN who AS w ON w.customer_id = x.customer_id
        WHERE  x.sold
        GROUP  BY w.first_day, kpi.bucket('day', x.ordered_at, s.timezone)
        UNION ALL
        SELECT w.first_day, x.day, NULL::bigint AS customers, sum(x.sales)
        FROM   changed AS x JOIN who AS w ON w.customer_id = x.customer_id
        GROUP  BY w.first_day, x.day) AS c
GROUP  BY c.first_day, c.day

--@ column first_day
-- the day of their first order

--@ column day
-- the day on which they bought

--@ column customers
-- how many of them ordered for the first time on it

--@ column sales
-- what they spent on it
