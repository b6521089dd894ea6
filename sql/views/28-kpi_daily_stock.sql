-- The stock through each day, from its first movement on (that of each member of a dimension): turnover weighted by time, units sold,
-- and units left in the end.
--@ source stock_moves
--@ key day, dimensions
WITH moves AS (
    SELECT bucket('day', x.moved_at, s.timezone)                                 AS day
           @dimensions@,
           x.moved_at,
           x.quantity,
           x.quantity * x.unit_cost                                              AS value,
           CASE WHEN lower(x.kind) = 'sale' THEN -x.quantity * x.unit_cost END   AS cogs,
           CASE WHEN lower(x.kind) = 'sale' THEN -x.quantity END                 AS sold
    FROM   kpi_settings AS s CROSS JOIN @stock_moves@ AS x
    WHERE  x.moved_at <= s.as_of AND x.moved_at > '-infinity'
),
changes AS (
    SELECT x.day @dimensions@, sum(x.quantity) AS quantity, sum(x.value) AS value, sum(x.sold) AS sold
    FROM   moves AS x
    GROUP  BY x.day @dimensions@
),
days AS (   -- none is left out, as stock also costs money on days without movement
    SELECT p.period AS day @dimensions@, c.sold,
           coalesce(sum(c.quantity) OVER so_far, 0)                     AS closing_units,
           coalesce(sum(c.value) OVER so_far, 0) - coalesce(c.value, 0) AS opening,
           midnight(p.period, s.timezone, false)                        AS starts,
           least(midnight(p.until, s.timezone, false), s.as_of)         AS ends
    FROM   kpi_settings AS s
           CROSS JOIN (SELECT min(x.day) AS first @dimensions@ FROM changes AS x GROUP BY NULL::text @dimensions@) AS x
           CROSS JOIN LATERAL periods('day', x.first, s.today) AS p
           LEFT JOIN changes AS c ON c.day = p.period @same dimensions c@
    WINDOW so_far AS (PARTITION BY NULL::text @dimensions@ ORDER BY p.period)
)
SELECT x.day,
       turnover(x.at, x.value, x.cogs, tstzrange(x.starts, x.ends)) FILTER (WHERE x.starts < x.ends) AS turnover,
       coalesce(sum(x.sold), 0) AS sold,
       sum(x.closing_units)     AS closing_units
       @dimensions@
FROM   (SELECT x.day @dimensions@, x.starts, x.ends, x.starts AS at, x.opening AS value, NULL::numeric AS cogs, x.sold, x.closing_units
        FROM   days AS x
        UNION ALL
        SELECT x.day @dimensions@, x.starts, x.ends, least(greatest(m.moved_at, x.starts), x.ends - interval '1 us'), m.value, m.cogs, NULL, NULL
        FROM   days AS x JOIN moves AS m ON m.day = x.day @same dimensions m@) AS x
GROUP  BY x.day @dimensions@
