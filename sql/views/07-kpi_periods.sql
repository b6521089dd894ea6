--@ view kpi_periods
-- The periods of every grain, without gaps, from the first day on which something happened (or
-- since the day the model was told to start) to the running one, which is not complete; one that
-- begins at this very instant is not there yet. All of it is one period, which starts with the
-- first day there is and is never complete.
SELECT g.grain,
       g.name,
       p.period                       AS bucket,
       CASE g.grain WHEN 'all' THEN coalesce(f.day, s.since)
                    ELSE p.period END AS period,
       p.until,
       p.until <= s.today             AS complete,
       lower(kpi.comparison(g.name, p.period, 'previous', 'infinity'::date))
                                      AS previous,
       lower(y.days)                  AS last_year,
       upper(y.days)                  AS last_year_until,
       s.today
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN kpi_first_day AS f
       CROSS JOIN LATERAL kpi.periods(g.name, coalesce(s.since, f.day), f.last_day) AS p
       CROSS JOIN LATERAL kpi.comparison(g.name, p.period, 'last_year', 'infinity'::date)
                          AS y (days)

--@ column name
-- the grain as bucket() knows it

--@ column bucket
-- the period as bucket() gives it, by which rows find it

--@ column period
-- The date on which the period starts.

--@ column until
-- the date on which the next period starts

--@ column complete
-- Whether the period is over.

--@ column previous
-- the period before

--@ column last_year
-- the same period last year; of days and weeks the one with the same weekdays, 52 weeks ago

--@ column last_year_until
-- where that ends

--@ column today
-- the running day
