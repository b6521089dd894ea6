-- Who bought in which day, week, month, quarter and year, a value for each grain: everything about who comes back is read from it.
-- The grains hold the same customers, so read one: WHERE grain = 'month'.
--@ source orders
SELECT g.grain, c.*
FROM   kpi_settings AS s
       CROSS JOIN LATERAL (VALUES ('day', 'day'), ('week', s.week), ('month', 'month'), ('quarter', s.quarter), ('year', s.year)) AS g (grain, name)
       CROSS JOIN LATERAL (
           SELECT activity(x.customer_id, bucket(g.name, x.ordered_at, s.timezone)) AS customers
                  @dimensions@
           FROM   kpi_orders AS x
           WHERE  x.sold
           GROUP  BY NULL::text @dimensions@) AS c
