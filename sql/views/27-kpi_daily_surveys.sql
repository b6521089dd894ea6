-- The answers of each day. Answers on different scales are judged each on its own: satisfied are the two best answers, or the best
-- one on a scale of 2 or 3; the mean is put on a scale of 1 to 5.
--@ source surveys
--@ key day, dimensions
SELECT x.day,
       rollup(x.nps) FILTER (WHERE x.instrument = 'nps')                                             AS nps,
       rollup(x.nps) FILTER (WHERE x.instrument = 'enps')                                            AS enps,
       rollup(top_box(x.csat, x.best)) FILTER (WHERE x.instrument = 'csat' AND x.best > 0)           AS csat,
       rollup(top_box(x.csat, x.best)) FILTER (WHERE x.instrument = 'esat' AND x.best > 0)           AS esat,
       rollup(top_box(x.csat, x.best)) FILTER (WHERE x.instrument = 'communication' AND x.best > 0)  AS communication,
       rollup(x.score) FILTER (WHERE x.instrument = 'csat')                                          AS csat_score,
       rollup(x.score) FILTER (WHERE x.instrument = 'esat')                                          AS esat_score,
       rollup(x.score) FILTER (WHERE x.instrument = 'communication')                                 AS communication_score
       @dimensions@
FROM   (SELECT bucket('day', x.answered_at, s.timezone) AS day, lower(x.instrument) AS instrument
               @dimensions@,
               nps(x.score) FILTER (WHERE lower(x.instrument) IN ('nps', 'enps')) AS nps,
               csat(x.score, coalesce(x.scale, 5)) FILTER (WHERE lower(x.instrument) IN ('csat', 'esat', 'communication')) AS csat,
               average(1::numeric + (x.score - 1)::numeric * 4::numeric / nullif(coalesce(x.scale, 5) - 1, 0)::numeric)
                   FILTER (WHERE lower(x.instrument) IN ('csat', 'esat', 'communication')) AS score,
               CASE WHEN count(x.score) = 0 THEN 0 WHEN coalesce(x.scale, 5) <= 3 THEN 1 ELSE 2 END AS best
        FROM   kpi_settings AS s CROSS JOIN @surveys@ AS x
        WHERE  x.answered_at <= s.as_of AND x.answered_at > '-infinity'
        GROUP  BY bucket('day', x.answered_at, s.timezone), lower(x.instrument), coalesce(x.scale, 5) @dimensions@) AS x
GROUP  BY x.day @dimensions@
