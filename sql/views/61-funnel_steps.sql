-- How many visitors reached each step, by day, week, month, quarter and year of their events; one row per step. What happens after a
-- period belongs to the next, so read a grain much longer than funnel_within, and one only: WHERE grain = 'month'.
--@ source events
SELECT f.grain,
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
       CROSS JOIN kpi_funnels AS f
       JOIN kpi_grains AS g ON g.grain = f.grain
       CROSS JOIN LATERAL periods(g.name, f.period, f.period) AS p
       CROSS JOIN LATERAL generate_series(1, steps(f.funnel)) AS n (step)
       LEFT JOIN kpi_steps AS l ON l.step = n.step
