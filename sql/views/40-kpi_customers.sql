-- Who bought in which day, week, month, quarter and year, a value for each grain: everything about who comes back is read from it.
-- The grains hold the same customers, so read one: WHERE grain = 'month'.
--@ source orders
--@ key grain, dimensions
SELECT g.grain, c.*
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL (
           SELECT activity(x.customer_id, bucket(g.name, x.ordered_at, s.timezone)) AS customers
                  @dimensions@
           FROM   kpi_orders AS x
           WHERE  x.sold
           GROUP  BY NULL::text @dimensions@) AS c
