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

--@ view kpi_funnels | key grain, period | per visitor_id | over step
-- How far visitors came in the events of each period of every grain, a value for each. What happens
-- after a period belongs to the next. Windows from step to step take more time: each visitor's
-- events are then looked at alone.
WITH last AS NOT MATERIALIZED (
    SELECT max(x.step) AS step
    FROM   kpi_settings AS s CROSS JOIN @all events@ AS x
    WHERE  @happened x.occurred_at@
)
SELECT g.grain,
       kpi.bucket(g.name, x.occurred_at, s.timezone) AS period,
       kpi.funnel(x.visitor_id, x.occurred_at, x.step, l.step, s.funnel_within) AS funnel
       @count of rows@
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN last AS l
       CROSS JOIN @events@ AS x
WHERE  s.funnel_step_within IS NULL AND @happened x.occurred_at@ AND x.step >= 1
GROUP  BY g.grain, kpi.bucket(g.name, x.occurred_at, s.timezone)
UNION ALL
SELECT v.grain,
       v.period,
       kpi.funnel(cardinality(v.taken), l.step) FILTER (WHERE v.known) AS funnel
       @count of rows@
FROM   (SELECT g.grain, kpi.bucket(g.name, x.occurred_at, s.timezone) AS period,
               x.visitor_id IS NOT NULL AS known,
               kpi.funnel_times(array_agg(x.occurred_at), array_agg(x.step),
                                s.funnel_within, s.funnel_step_within) AS taken
        FROM   kpi_settings AS s CROSS JOIN kpi_grains AS g CROSS JOIN @events@ AS x
        WHERE  @happened x.occurred_at@ AND x.step >= 1
        GROUP  BY g.grain, kpi.bucket(g.name, x.occurred_at, s.timezone), x.visitor_id,
                  s.funnel_within, s.funnel_step_within) AS v
       CROSS JOIN last AS l
       CROSS JOIN kpi_settings AS s
WHERE  s.funnel_step_within IS NOT NULL
GROUP  BY v.grain, v.period

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

--@ view kpi_step_times | key grain, period, step
-- How long visitors took from step 1 to each later step that they reached, in the events of each
-- period of every grain.
SELECT v.grain, v.period, n.step, kpi.duration(v.taken[1], v.taken[n.step]) AS taken
FROM   (SELECT g.grain, kpi.bucket(g.name, x.occurred_at, s.timezone) AS period,
               kpi.funnel_times(array_agg(x.occurred_at), array_agg(x.step),
                                s.funnel_within, s.funnel_step_within) AS taken
        FROM   kpi_settings AS s CROSS JOIN kpi_grains AS g CROSS JOIN @events@ AS x
        WHERE  @happened x.occurred_at@ AND x.step >= 1 AND x.visitor_id IS NOT NULL
        GROUP  BY g.grain, kpi.bucket(g.name, x.occurred_at, s.timezone), x.visitor_id,
                  s.funnel_within, s.funnel_step_within) AS v
       CROSS JOIN (SELECT max(x.step) AS step
                   FROM   kpi_settings AS s CROSS JOIN @events@ AS x
                   WHERE  @happened x.occurred_at@) AS l
       CROSS JOIN LATERAL generate_series(2, l.step) AS n (step)
GROUP  BY v.grain, v.period, n.step

--@ column period
-- the period as bucket() gives it

--@ column step
-- the number of the step, from 2

--@ column taken
-- how long they took, those who reached it

--@ view funnel_times
-- How long visitors took from step 1 to each later step that they reached, by the period of their
-- events, of every grain; one row per step. What happens after a period belongs to the next, so
-- read a grain much longer than funnel_within, and one only: WHERE grain = 'month'. Of several ways
-- through the steps the one counts that gets furthest, then the one that is there first, then the
-- one that starts last.
SELECT t.grain,
       p.period,
       p.until <= s.today                            AS complete,
       t.step,
       coalesce(l.label, 'step ' || t.step)          AS label,
       kpi.sample_size(t.taken)                      AS reached,
       (extract(epoch FROM kpi.percentile(t.taken, 0.5::float8)) / 3600::numeric)::float8
                                                     AS median_hours,
       (extract(epoch FROM kpi.percentile(t.taken, 0.9::float8)) / 3600::numeric)::float8
                                                     AS p90_hours,
       (extract(epoch FROM kpi.value(t.taken)) / 3600::numeric)::float8 AS mean_hours,
       t.taken                                       AS time_sample
FROM   kpi_settings AS s
       CROSS JOIN kpi_step_times AS t
       JOIN kpi_periods AS p ON (p.grain, p.bucket) = (t.grain, t.period)
       LEFT JOIN kpi_steps AS l ON l.step = t.step

--@ column period
-- The date on which the period starts.

--@ column complete
-- Whether the period is over.

--@ column step
-- the number of the step, from 2

--@ column label
-- its name

--@ column reached
-- how many got this far

--@ column median_hours
-- hours after step 1 within which half of them did; NULL if nobody did

--@ column p90_hours
-- hours within which nine of ten of them did

--@ column mean_hours
-- hours that they took on average

--@ column time_sample
-- how long each of them took, to be pooled with rollup()

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
