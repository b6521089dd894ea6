-- Queries of the usual panels of a dashboard, over the model "shop": write the name of yours,
-- paste, chart. Each ends with a semicolon and is tested as it is here; the schema kpi is named, as
-- tools have search paths of their own.

-- Trend: a line for each column; the running month is not complete.
SELECT period, net_sales, aov, conversion_rate, nps, complete
FROM   shop.kpi_month
WHERE  period >= '2025-01-01'
ORDER  BY period;

-- Moving 28 days: what all visits of four weeks gave, without the ups and downs of weekdays.
SELECT period,
       kpi.value(kpi.rollup(conversion_rate_sample)
                 OVER (ORDER BY period ROWS 27 PRECEDING)) AS conversion_rate
FROM   shop.kpi_day
ORDER  BY period;

-- Trend with its uncertainty: three lines, or a line and a band.
SELECT period, value, low, high, sample_size
FROM   shop.kpi_values
WHERE  grain = 'week' AND dimension IS NULL AND kpi = 'conversion_rate'
ORDER  BY period;

-- Signal or noise: a line, the band of chance around it, and a mark where rule is not NULL.
SELECT period, value, centre, lower, upper, rule, good, why
FROM   shop.signals
WHERE  grain = 'day' AND dimension IS NULL AND kpi = 'conversion_rate'
ORDER  BY period;

-- Tiles: the last month that is over, the one before, the same of last year, and a target of yours.
SELECT c.name, v.value, v.previous, v.last_year, t.target,
       CASE c.direction WHEN 'up' THEN v.value >= t.target
                        WHEN 'down' THEN v.value <= t.target END AS reached,
       v.unit
FROM   (SELECT kpi, period, value, unit, lag(value) OVER months AS previous,
               lag(value, 12) OVER months AS last_year, lead(period) OVER months IS NULL AS latest
        FROM   shop.kpi_values
        WHERE  grain = 'month' AND dimension IS NULL AND complete
        WINDOW months AS (PARTITION BY kpi ORDER BY period)) AS v
       JOIN (VALUES ('net_sales', 40000), ('conversion_rate', 0.02),
                    ('nps', 30), ('return_rate', 0.05)) AS t (kpi, target) USING (kpi)
       JOIN kpi.catalog AS c ON c.indicator = v.kpi
WHERE  v.latest;

-- Stacked bars: a colour for each member of a dimension.
SELECT period, country, net_sales
FROM   shop.kpi_month_by_country
ORDER  BY period, country;

-- Members compared over months of your choice: pooled, not averaged, with what chance allows for.
SELECT country, kpi.value(kpi.rollup(conversion_rate_sample)) AS conversion_rate,
       kpi.sample_size(kpi.rollup(conversion_rate_sample)) AS visits,
       lower(kpi.confidence_interval(kpi.rollup(conversion_rate_sample))) AS low,
       upper(kpi.confidence_interval(kpi.rollup(conversion_rate_sample))) AS high
FROM   shop.kpi_month_by_country
WHERE  period >= '2025-02-01'
GROUP  BY country
ORDER  BY visits DESC NULLS LAST;

-- Cohort heat map: cohort down, periods_since across, the rate as colour; what has not happened yet
-- is no row.
SELECT cohort, periods_since, retention_rate, customers, cohort_size
FROM   shop.cohort_retention
WHERE  grain = 'month'
ORDER  BY cohort, periods_since;

-- Cohort table: the same for tools that do not pivot.
SELECT cohort, max(cohort_size) AS customers,
       max(retention_rate) FILTER (WHERE periods_since = 1) AS "after 1",
       max(retention_rate) FILTER (WHERE periods_since = 2) AS "after 2",
       max(retention_rate) FILTER (WHERE periods_since = 3) AS "after 3"
FROM   shop.cohort_retention
WHERE  grain = 'month'
GROUP  BY cohort
ORDER  BY cohort;

-- Funnel: a bar for each step of the last month that has events.
SELECT step, label, reached, step_rate, overall_rate
FROM   shop.funnel_steps
WHERE  grain = 'month'
AND    period = (SELECT max(period) FROM shop.funnel_steps WHERE grain = 'month')
ORDER  BY step;

-- Alerts: days whose rate is not that of their month, and not by chance, with 95 % confidence.
SELECT d.period, d.value, d.low, d.high, m.conversion_rate AS of_month
FROM   shop.kpi_values AS d
       JOIN shop.kpi_month AS m ON m.period = date_trunc('month', d.period)
WHERE  d.grain = 'day' AND d.dimension IS NULL AND d.kpi = 'conversion_rate'
AND    m.conversion_rate NOT BETWEEN d.low AND d.high
ORDER  BY d.period;
