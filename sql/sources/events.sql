--@ source events
-- what visitors did, as steps of a funnel
position      8
rows          events
key           visitor_id, of several rows
time          occurred_at

--@ columns
visitor_id   key, required     the person, device or visit
occurred_at  instant, required when it happened
step         integer, required the step of the funnel it is, from 1; NULL if none
label        text              name of the step

--@ view kpi_funnels | key grain, period
-- How far visitors came in the events of each period of every grain, a value for each. What happens
-- after a period belongs to the next.
SELECT g.grain, f.*
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL
       (SELECT kpi.bucket(g.name, x.occurred_at, s.timezone) AS period,
               kpi.funnel(x.visitor_id, x.occurred_at, x.step,
                      (SELECT max(x.step) FROM @events@ AS x
                       WHERE  @happened x.occurred_at@),
                      s.funnel_within) AS funnel
        FROM   @events@ AS x
        WHERE  @happened x.occurred_at@ AND x.step >= 1
        GROUP  BY kpi.bucket(g.name, x.occurred_at, s.timezone)) AS f

--@ column period
-- the period as bucket() gives it

--@ column funnel
-- how far visitors got, with the functions of funnel

--@ view kpi_steps | key step
-- The names of the steps of the funnel.
SELECT x.step, min(x.label) AS label
FROM   @events@ AS x
WHERE  x.step >= 1
GROUP  BY x.step

--@ column step
-- the number of the step

--@ column label
-- its name

--@ view funnel_steps
-- How many visitors reached each step, by the period of their events, of every grain; one row per
-- step. What happens after a period belongs to the next, so read a grain much longer than
-- funnel_within, and one only: WHERE grain = 'month'.
SELECT f.grain,
       p.period,
       p.until <= s.today                            AS complete,
       n.step,
       coalesce(l.label, 'step ' || n.step)          AS label,
       kpi.visitors(f.funnel)                        AS visitors,
       kpi.reached(f.funnel, n.step)                 AS reached,
       kpi.value(kpi.step_rate(f.funnel, n.step))    AS step_rate,
       kpi.value(kpi.step_rate(f.funnel, 1, n.step)) AS overall_rate,
       f.funnel                                      AS funnel_sample
FROM   kpi_settings AS s
       CROSS JOIN kpi_funnels AS f
       JOIN kpi_periods AS p ON (p.grain, p.bucket) = (f.grain, f.period)
       CROSS JOIN LATERAL generate_series(1, kpi.steps(f.funnel)) AS n (step)
       LEFT JOIN kpi_steps AS l ON l.step = n.step

--@ column period
-- The date on which the period starts.

--@ column complete
-- Whether the period is over.

--@ column step
-- the number of the step

--@ column label
-- its name

--@ column visitors
-- how many there were

--@ column reached
-- how many got this far

--@ column step_rate
-- of those who reached the step before, the share that reached this one

--@ column overall_rate
-- of those who took the first step

--@ column funnel_sample
-- the whole funnel, to be read by its functions

--@ trap step_below_1 | note
-- the step is 0 or negative, and not read
needs      events.step
advice     step + 1 AS step, if the first is 0; else leave such rows out
query      SELECT * FROM @schema@.events WHERE step < 1

--@ check
-- Events of funnels.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.step < 1) AS below
       FROM  (SELECT x.*, @usual flags@ FROM kpi_settings AS s CROSS JOIN @events@ AS x) AS x) AS e
      CROSS JOIN LATERAL (VALUES
          @usual traps of e@,
          ('step_below_1', e.below, e.n)
      ) AS t (trap, rows, of_rows)
