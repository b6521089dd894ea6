-- The carts of each day on which they were created, as they are by now: ordered, open, or abandoned, which is neither ordered
-- nor touched for the idle time of the model. An open cart counts on neither side of the rate.
--@ source carts
--@ key day, dimensions
SELECT bucket('day', x.created_at, s.timezone)                      AS day,
       count(*)                                                     AS carts,
       count(*) FILTER (WHERE x.open)                               AS open_carts,
       cart_abandonment_rate(NOT x.ordered) FILTER (WHERE NOT x.open) AS abandoned,
       average(x.value) FILTER (WHERE NOT x.ordered AND NOT x.open) AS abandoned_value
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN LATERAL
       (SELECT x.*,
               coalesce(x.ordered_at <= s.as_of, false) AS ordered,
               NOT coalesce(x.ordered_at <= s.as_of, false) AND greatest(x.created_at, x.last_active_at)
                   > (s.as_of AT TIME ZONE s.timezone - s.cart_idle) AT TIME ZONE s.timezone AS open
        FROM   @carts@ AS x
        WHERE  x.created_at <= s.as_of AND x.created_at > '-infinity') AS x
GROUP  BY bucket('day', x.created_at, s.timezone) @dimensions@
