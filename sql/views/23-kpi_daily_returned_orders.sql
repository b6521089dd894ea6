-- The orders of which something was returned, each once: on the day of the order, or of its first return.
--@ source returns
SELECT bucket('day', x.booked_at, s.timezone) AS day
       @dimensions@,
       count(*)                               AS orders
FROM   kpi_settings AS s CROSS JOIN
       (SELECT x.order_id, min(x.booked_at) AS booked_at @dimensions@ FROM kpi_returns AS x GROUP BY x.order_id @dimensions@) AS x
GROUP  BY bucket('day', x.booked_at, s.timezone) @dimensions@
