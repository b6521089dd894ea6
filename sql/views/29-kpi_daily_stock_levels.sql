-- What the stock was worth when it was counted: of each article the last count of the day. The parts of the stock that are members of a
-- dimension add up, so a period is divided by its days with a count.
--@ source stock_levels
--@ key day, dimensions
SELECT x.day,
       average(x.value)                            AS inventory,
       CASE WHEN count(x.value) > 0 THEN x.day END AS distinct_days
       @dimensions@
FROM   (SELECT x.day @dimensions@, sum(x.on_hand * x.unit_cost) AS value
        FROM   (SELECT bucket('day', x.counted_at, s.timezone) AS day, x.on_hand, x.unit_cost @dimensions@,
                       rank() OVER (PARTITION BY bucket('day', x.counted_at, s.timezone), x.sku @dimensions@ ORDER BY x.counted_at DESC) AS last
                FROM   kpi_settings AS s CROSS JOIN @stock_levels@ AS x
                WHERE  x.counted_at <= s.as_of AND x.counted_at > '-infinity') AS x
        WHERE  x.last = 1
        GROUP  BY x.day @dimensions@) AS x
GROUP  BY x.day @dimensions@
