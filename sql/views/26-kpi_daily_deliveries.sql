-- The deliveries of each day on which they were ordered. One that has not arrived counts with its age so far, and is late once its
-- promise has passed; of a cancelled order only what arrived counts, of a test nothing.
--@ source deliveries
--@ key day, dimensions
SELECT bucket('day', x.ordered_at, s.timezone)                                       AS day,
       duration(x.ordered_at, x.delivered_at)                                        AS delivered,
       duration(x.ordered_at, s.as_of)     FILTER (WHERE x.delivered_at IS NULL)     AS undelivered,
       duration(x.ordered_at, x.shipped_at)                                          AS shipped,
       duration(x.ordered_at, s.as_of)     FILTER (WHERE x.shipped_at IS NULL AND x.delivered_at IS NULL) AS unshipped,
       on_time_rate(coalesce(CASE s.on_time_by
                             WHEN 'date' THEN bucket('day', x.delivered_at, s.timezone) <= bucket('day', x.promised_at, s.timezone)
                             ELSE x.delivered_at <= x.promised_at END, false))
           FILTER (WHERE x.promised_at IS NOT NULL
                   AND   (x.delivered_at IS NOT NULL
                          OR CASE s.on_time_by WHEN 'date' THEN bucket('day', x.promised_at, s.timezone) < s.today ELSE x.promised_at < s.as_of END)) AS on_time
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN LATERAL
       (SELECT x.ordered_at,
               CASE WHEN x.shipped_at <= s.as_of AND x.shipped_at > '-infinity' THEN x.shipped_at END       AS shipped_at,
               CASE WHEN x.delivered_at <= s.as_of AND x.delivered_at > '-infinity' THEN x.delivered_at END AS delivered_at,
               coalesce(x.promised_at, o.promised_at)                      AS promised_at
               @joined dimensions@
        FROM   @deliveries@ AS x LEFT JOIN kpi_orders AS o ON o.order_id = x.order_id
        WHERE  x.ordered_at <= s.as_of AND x.ordered_at > '-infinity'
        AND    o.placed IS NOT FALSE AND (x.delivered_at <= s.as_of OR o.sold IS NOT FALSE)) AS x
GROUP  BY bucket('day', x.ordered_at, s.timezone) @dimensions@
