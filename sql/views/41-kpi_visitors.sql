-- Who visited on which day, and who bought in a visit on it.
--@ source visits
SELECT activity(x.visitor_id, bucket('day', x.started_at, s.timezone))                            AS visitors,
       activity(x.visitor_id, bucket('day', x.started_at, s.timezone)) FILTER (WHERE x.converted) AS buyers
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @visits@ AS x
WHERE  x.started_at <= s.as_of AND x.started_at > '-infinity'
GROUP  BY NULL::text @dimensions@
