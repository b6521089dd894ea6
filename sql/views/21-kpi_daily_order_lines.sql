-- The order lines of each day, by the time of their order.
--@ source order_lines, orders
--@ key day, dimensions
SELECT bucket('day', x.ordered_at, s.timezone)                    AS day,
       average(x.quantity)                                        AS units,
       average(x.net_sales)                                       AS net_sales,
       average(x.net_sales) FILTER (WHERE x.cost IS NOT NULL)     AS covered_sales,
       average(x.cost)      FILTER (WHERE x.net_sales IS NOT NULL) AS covered_cost,
       average(x.cost)                                            AS cost
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN kpi_order_lines AS x
GROUP  BY bucket('day', x.ordered_at, s.timezone) @dimensions@
