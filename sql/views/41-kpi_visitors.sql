-- Who visited in which day, week, month, quarter and year, and who bought in a visit, a value for each grain.
--@ source visits
--@ key grain, dimensions
SELECT g.grain, v.*
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL (
           SELECT activity(x.visitor_id, bucket(g.name, x.started_at, s.timezone))                            AS visitors,
                  activity(x.visitor_id, bucket(g.name, x.started_at, s.timezone)) FILTER (WHERE x.converted) AS buyers
                  @dimensions@
           FROM   @visits@ AS x
           WHERE  x.started_at <= s.as_of AND x.started_at > '-infinity'
           GROUP  BY NULL::text @dimensions@) AS v
