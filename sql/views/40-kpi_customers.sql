-- Who bought on which day, as one value: everything about who comes back is read from it.
--@ source orders
SELECT activity(x.customer_id, bucket('day', x.ordered_at, s.timezone)) AS customers
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN kpi_orders AS x
WHERE  x.sold
GROUP  BY NULL::text @dimensions@
