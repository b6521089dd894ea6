-- Of the customers who first bought in a period (the cohort), the share that bought again later: by week, month, quarter and year.
-- The running period is not complete. Read one grain: WHERE grain = 'month'.
--@ source orders
SELECT g.grain,
       r.cohort,
       r.period,
       r.periods_since,
       p.until <= s.today          AS complete,
       r.cohort_size,
       r.customers,
       value(r.rate)               AS retention_rate,
       r.rate                      AS retention_rate_sample
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL (SELECT rollup(k.customers) AS customers FROM kpi_customers AS k WHERE k.grain = g.grain) AS c
       CROSS JOIN (SELECT activity(NULL::bigint, k.today) AS nobody FROM kpi_settings AS k) AS t    -- for the periods to go on until today
       CROSS JOIN LATERAL retention(c.customers + t.nobody, g.name) AS r
       CROSS JOIN LATERAL periods(g.name, r.period, r.period) AS p
WHERE  g.grain <> 'day' AND r.cohort_size > 0 AND r.customers IS NOT NULL
