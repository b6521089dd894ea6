--@ view kpi_today | of orders
-- What was sold today so far; and, to compare it with, yesterday and a week ago until the same time
-- of day.
WITH days AS (
    SELECT s.today - n.days AS day,
           CASE n.days WHEN 0 THEN s.as_of
                       ELSE (s.today - n.days + (s.as_of AT TIME ZONE s.timezone)::time)
                            AT TIME ZONE s.timezone END AS until
    FROM   kpi_settings AS s CROSS JOIN (VALUES (0), (1), (7)) AS n (days)
)
SELECT d.day,
       d.until,
       coalesce(x.orders, 0)                                                AS orders,
       coalesce(x.customers, 0)                                             AS customers,
       (coalesce(x.units, 0) + coalesce(c.units, 0))::numeric(20,4)         AS units,
       (coalesce(x.net_sales, 0) + coalesce(c.net_sales, 0))::numeric(20,4) AS order_sales,
       ((x.net_sales + coalesce(c.net_sales, 0)) / nullif(x.priced, 0))::numeric(20,4) AS aov
FROM   days AS d
       LEFT JOIN (
           SELECT d.day, count(*) AS orders, count(DISTINCT x.customer_id) AS customers,
                  sum(x.units) AS units, sum(x.net_sales) AS net_sales, count(x.net_sales) AS priced
           FROM   kpi_settings AS s CROSS JOIN days AS d CROSS JOIN kpi_orders AS x
           WHERE  x.sold AND x.ordered_at <= d.until
           AND    kpi.within(kpi.bucket('day', x.ordered_at, s.timezone), d.day, d.day + 1)
           GROUP  BY d.day) AS x ON x.day = d.day
       LEFT JOIN (
           SELECT d.day, sum(x.units) AS units, sum(x.net_sales) AS net_sales
           FROM   kpi_settings AS s CROSS JOIN days AS d CROSS JOIN kpi_order_changes AS x
           WHERE  x.changed_at <= d.until
           AND    kpi.within(kpi.bucket('day', x.changed_at, s.timezone), d.day, d.day + 1)
           GROUP  BY d.day) AS c ON c.day = d.day

--@ column day
-- today, yesterday, or the same weekday of last week

--@ column until
-- the instant until which the day is told: now, or when the clock showed the same time

--@ column orders
-- how many orders were placed

--@ column customers
-- how many customers placed them, without guests

--@ column units
-- how many pieces they ordered, where orders tell, with what changes of orders added

--@ column order_sales
-- what the orders came to, and what changes of orders added: net sales before refunds

--@ column aov
-- that for each of the orders
