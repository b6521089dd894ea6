-- The orders of which something was returned, on the day of the order, or of its first return. An order is a row of each member of
-- a dimension that has a return of it, and counts once wherever they are pooled.
--@ source returns
--@ key day, distinct_orders, dimensions
SELECT bucket('day', x.booked_at, s.timezone) AS day,
       x.order_id                             AS distinct_orders
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN
       (SELECT x.order_id, min(min(x.booked_at)) OVER (PARTITION BY x.order_id) AS booked_at @dimensions@
        FROM   kpi_returns AS x WHERE x.order_id IS NOT NULL GROUP BY x.order_id @dimensions@) AS x
