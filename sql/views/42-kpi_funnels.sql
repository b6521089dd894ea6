-- How far visitors came in the events of each day, week, month, quarter and year, a value for each period. What happens after a period
-- belongs to the next.
--@ source events
--@ key grain, period
SELECT g.grain, f.*
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL
       (SELECT bucket(g.name, x.occurred_at, s.timezone) AS period,
               funnel(x.visitor_id, x.occurred_at, x.step, (SELECT max(x.step) FROM @events@ AS x WHERE x.occurred_at <= s.as_of), s.funnel_within) AS funnel
        FROM   @events@ AS x
        WHERE  x.occurred_at <= s.as_of AND x.occurred_at > '-infinity' AND x.step >= 1
        GROUP  BY bucket(g.name, x.occurred_at, s.timezone)) AS f
