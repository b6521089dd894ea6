-- The visits of each day on which they started.
--@ source visits
--@ key day, dimensions
SELECT bucket('day', x.started_at, s.timezone)                  AS day,
       count(*)                                                 AS visits,
       conversion_rate(x.converted)                             AS converted,
       rate(x.cart_added)                                       AS cart_added,
       rate(NOT x.converted) FILTER (WHERE x.checkout_started)  AS checkout_abandoned
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @visits@ AS x
WHERE  x.started_at <= s.as_of AND x.started_at > '-infinity'
GROUP  BY bucket('day', x.started_at, s.timezone) @dimensions@
