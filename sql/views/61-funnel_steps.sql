-- How many visitors reached each step, by day, week, month, quarter and year of their events; one row per step. What happens after a
-- period belongs to the next, so read a grain much longer than funnel_within, and one only: WHERE grain = 'month'.
--@ source events
SELECT g.grain,
       f.period,
       p.until <= s.today                            AS complete,
       n.step,
       coalesce(l.label, 'step ' || n.step)          AS label,
       visitors(f.funnel)                            AS visitors,
       reached(f.funnel, n.step)                     AS reached,
       value(step_rate(f.funnel, n.step))            AS step_rate,
       value(step_rate(f.funnel, 1, n.step))         AS overall_rate,
       f.funnel                                      AS funnel_sample
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL
       (SELECT bucket(g.name, x.occurred_at, s.timezone) AS period,
               funnel(x.visitor_id, x.occurred_at, x.step, (SELECT max(x.step) FROM @events@ AS x WHERE x.occurred_at <= s.as_of), s.funnel_within) AS funnel
        FROM   @events@ AS x
        WHERE  x.occurred_at <= s.as_of AND x.occurred_at > '-infinity' AND x.step >= 1
        GROUP  BY bucket(g.name, x.occurred_at, s.timezone)) AS f
       CROSS JOIN LATERAL periods(g.name, f.period, f.period) AS p
       CROSS JOIN LATERAL generate_series(1, steps(f.funnel)) AS n (step)
       LEFT JOIN (SELECT x.step, min(x.label) AS label FROM @events@ AS x GROUP BY x.step) AS l ON l.step = n.step
