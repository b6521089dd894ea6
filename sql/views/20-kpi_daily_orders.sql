-- The orders of each day. A cancelled order counts as cancelled on the day it was placed, and in no amount.
--@ source orders
--@ key day, dimensions
SELECT bucket('day', x.ordered_at, s.timezone)                                       AS day,
       rate(x.cancelled)                                                             AS cancelled,
       average(x.net_sales)   FILTER (WHERE x.sold)                                  AS net_sales,
       average(x.gross_sales) FILTER (WHERE x.sold)                                  AS gross_sales,
       average(x.discount)    FILTER (WHERE x.sold)                                  AS discount,
       average(x.tax)         FILTER (WHERE x.sold)                                  AS tax,
       average(x.shipping)    FILTER (WHERE x.sold)                                  AS shipping,
       average(x.units)       FILTER (WHERE x.sold)                                  AS units,
       average(x.net_sales)   FILTER (WHERE x.sold AND x.customer_id IS NOT NULL)    AS known_sales,
       average(x.net_sales)   FILTER (WHERE x.sold AND x.cost IS NOT NULL)           AS covered_sales,
       average(x.cost)        FILTER (WHERE x.sold AND x.net_sales IS NOT NULL)      AS covered_cost,
       average(x.cost)        FILTER (WHERE x.sold)                                  AS cost
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN kpi_orders AS x
WHERE  x.placed
GROUP  BY bucket('day', x.ordered_at, s.timezone) @dimensions@
