--@ view scorecard_history | goals
-- How each target stood in each of its periods, up to the running one: the figure, what was asked,
-- and a status with the reason for it. A period that was over before the target was revised is
-- judged by what the target was.
WITH target AS (
    SELECT t.*, o.title, i.name, i.unit, i.is_sum, g.name AS grain_name, s.today, s.timezone,
           s.currency,
           to_jsonb(t) || jsonb_build_object('checkpoints', (
               SELECT jsonb_object_agg(c.due_on, c.value)
               FROM   @model@.checkpoints AS c WHERE c.target_id = t.target_id)) AS terms,
           CASE t.grain WHEN 'day' THEN 7 WHEN 'week' THEN 52 WHEN 'month' THEN 12
                        WHEN 'quarter' THEN 4 WHEN 'half' THEN 2 ELSE 1 END AS season,
           CASE WHEN s.storage = 'materialized' AND s.built_by NOT LIKE '%, as_of => %'
                THEN kpi.bucket('day', now(), s.timezone) END AS real_today
    FROM   @model@.targets AS t
           CROSS JOIN kpi_settings AS s
           JOIN kpi_grains AS g ON g.grain = t.grain
           CROSS JOIN LATERAL kpi.target_indicator(t.kpi) AS i
           LEFT JOIN @model@.objectives AS o ON o.objective = t.objective
),
value AS MATERIALIZED (
    SELECT t.target_id, CASE t.grain WHEN 'all' THEN t.starts ELSE v.period END AS period,
           v.complete, v.value, v.sample_size, v.low, v.high
    FROM   @model@.targets AS t
           JOIN kpi_target_values AS v
                ON  v.kpi = t.kpi AND v.grain = t.grain
                AND v.dimension IS NOT DISTINCT FROM t.dimension
                AND v.member IS NOT DISTINCT FROM t.member
),
day AS MATERIALIZED (
    SELECT t.target_id, min(d.day) AS first, array_agg(d.value ORDER BY d.day) AS days,
           coalesce(array_agg(d.day ORDER BY d.day) FILTER (WHERE d.seen), '{}') AS seen
    FROM   @model@.targets AS t
           JOIN kpi_target_days AS d ON  d.kpi = t.kpi
                                     AND d.dimension IS NOT DISTINCT FROM t.dimension
                                     AND d.member IS NOT DISTINCT FROM t.member
    GROUP  BY t.target_id
),
span AS (
    SELECT t.*, CASE t.grain WHEN 'all' THEN t.starts ELSE p.period END AS period,
           nullif(p.until, 'infinity') AS until, least(p.until, t.ends + 1) - 1 AS at,
           CASE WHEN t.starts > t.today THEN 'not begun'
                WHEN t.grain = 'all' THEN CASE WHEN t.ends < t.today THEN 'ended' ELSE 'running' END
                WHEN p.until > t.today THEN 'running'
                WHEN p.until > t.ends THEN 'ended' ELSE 'over' END AS phase
    FROM   target AS t
           CROSS JOIN LATERAL kpi.periods(t.grain_name, t.starts,
                                          greatest(t.starts, least(t.ends, t.today))) AS p
),
asked AS (
    SELECT p.*, r.direction AS wanted, r.target AS aimed, r.upper AS aimed_upper,
           r.baseline AS began, r.tolerance AS tolerated,
           kpi.asked(r.path, r.target, r.baseline, r.starts, r.ends, p.at, r.checkpoints,
                     CASE WHEN NOT p.is_sum THEN 1 WHEN r.path = 'seasonal' THEN y.share END)
               ::double precision AS asked_value
    FROM   span AS p
           LEFT JOIN LATERAL (
               SELECT r.before FROM @model@.reviews AS r
               WHERE  r.target_id = p.target_id AND r.decision = 'revised'
               AND    p.phase IN ('over', 'ended')
               AND    kpi.bucket('day', r.reviewed_at, p.timezone) >= p.until
               ORDER  BY r.reviewed_at, r.review_id LIMIT 1) AS b ON true
           CROSS JOIN LATERAL jsonb_to_record(coalesce(b.before, p.terms))
               AS r (target numeric, baseline numeric, upper numeric, direction text, path text,
                     starts date, ends date, tolerance integer, checkpoints jsonb)
           LEFT JOIN LATERAL (     -- last year's share of the period in the whole of the target
               SELECT sum(v.value::numeric) FILTER (WHERE q.period = p.period)
                      / nullif(sum(v.value::numeric), 0) AS share
               FROM   kpi.periods(p.grain_name, r.starts, r.ends) AS q
                      LEFT JOIN value AS v
                           ON  v.target_id = p.target_id
                           AND v.period = lower(kpi.comparison(p.grain_name, q.period, 'last_year'))
               WHERE  r.path = 'seasonal' AND p.is_sum
               HAVING count(*) = count(v.value)) AS y ON true
),
figure AS (
    SELECT p.*, v.value, v.sample_size, v.low, v.high, x.value AS previous, l.value AS last_year,
           d.first, d.days, d.seen,
           kpi.verdict(v.value, v.low, v.high, p.asked_value, p.aimed_upper::double precision,
                       p.wanted) AS verdict,
           coalesce(kpi.data_trouble(d.seen, p.period, coalesce(p.until, p.today + 1), p.today),
                    CASE WHEN p.phase = 'running' AND p.real_today >= p.until THEN 'not refreshed'
                         WHEN v.value IS NOT NULL AND p.asked_value IS NULL THEN 'no path' END)
               AS trouble
    FROM   asked AS p
           LEFT JOIN value AS v ON v.target_id = p.target_id AND v.period = p.period
                               AND p.phase <> 'not begun'
           LEFT JOIN value AS x
                ON  x.target_id = p.target_id
                AND x.period = lower(kpi.comparison(p.grain_name, p.period, 'previous'))
           LEFT JOIN value AS l
                ON  l.target_id = p.target_id
                AND l.period = lower(kpi.comparison(p.grain_name, p.period, 'last_year'))
           LEFT JOIN day AS d ON d.target_id = p.target_id
),
row_of_misses AS (     -- what has no data, or is not over, neither mends it nor adds to it
    SELECT f.*, m.counts AND f.verdict IN ('missed', 'unlikely') AS miss,
           count(*) FILTER (WHERE m.counts AND f.verdict IN ('met', 'likely'))
               OVER (PARTITION BY f.target_id ORDER BY f.period) AS kept,
           max(f.period) FILTER (WHERE f.phase IN ('over', 'ended'))
               OVER (PARTITION BY f.target_id) AS last_over
    FROM   figure AS f
           CROSS JOIN LATERAL (
               SELECT f.phase IN ('over', 'ended') AND f.trouble IS NULL AS counts) AS m
),
expected AS (
    SELECT f.*, count(*) FILTER (WHERE f.miss)
                    OVER (PARTITION BY f.target_id, f.kept ORDER BY f.period) AS misses,
           kpi.possible(e.forecast, f.unit) AS forecast,
           kpi.possible(e.low, f.unit) AS forecast_low,
           kpi.possible(e.high, f.unit) AS forecast_high, w.pace
    FROM   row_of_misses AS f
           LEFT JOIN LATERAL kpi.pace(f.days, f.first, f.period, f.until)
                AS w ON f.is_sum AND f.phase = 'running'
           LEFT JOIN LATERAL kpi.settled(
                f.value, f.low, f.high,
                (f.today - f.period)::double precision / (f.until - f.period)) AS c
                ON f.phase = 'running'
           LEFT JOIN LATERAL (
               SELECT array_agg(v.value ORDER BY v.period) AS history
               FROM   value AS v WHERE v.target_id = f.target_id AND v.complete) AS h
                ON f.grain <> 'all' AND (f.phase = 'running' OR f.period = f.last_over)
           LEFT JOIN LATERAL kpi.forecast(h.history, f.season, CASE f.phase
                WHEN 'running' THEN 1
                ELSE (SELECT count(*)::integer FROM kpi.periods(f.grain_name, f.until, f.ends) AS q)
                END) AS n ON true
           LEFT JOIN LATERAL kpi.surer_forecast(
                jsonb_build_array(
                    jsonb_build_object('forecast', n.forecast, 'low', n.low, 'high', n.high),
                    jsonb_build_object('forecast', w.pace, 'low', w.low, 'high', w.high),
                    jsonb_build_object('forecast', c.forecast, 'low', c.low, 'high', c.high)),
                CASE WHEN f.is_sum AND f.phase = 'running' AND 0 <= ALL (f.days) THEN f.value END,
                f.asked_value) AS e ON f.phase = 'running' OR f.period = f.last_over
),
told AS (
    SELECT e.*, kpi.target_case(
               e.phase, e.trouble,
               CASE e.phase WHEN 'running'
                    THEN CASE WHEN e.forecast_low IS NOT NULL
                              THEN kpi.verdict(e.forecast, e.forecast_low, e.forecast_high,
                                               e.asked_value, e.aimed_upper::double precision,
                                               e.wanted) END
                    ELSE e.verdict END,
               e.low IS NOT NULL, e.misses, e.kept > 0, e.tolerated,
               (e.today - e.period) * 2 >= e.until - e.period) AS code,
           jsonb_build_object(
               'value', e.value, 'asked', e.asked_value, 'upper', e.aimed_upper,
               'direction', e.wanted, 'low', e.low, 'high', e.high, 'n', e.sample_size,
               'forecast', e.forecast, 'forecast_low', e.forecast_low,
               'forecast_high', e.forecast_high, 'misses', e.misses, 'tolerance', e.tolerated,
               'unit', e.unit, 'currency', e.currency,
               'day', CASE WHEN e.phase = 'not begun' THEN e.starts
                           WHEN e.trouble = 'stopped' THEN e.seen[cardinality(e.seen)]
                           ELSE e.today END) AS facts
    FROM   expected AS e
)
SELECT t.target_id, t.objective, t.title, t.owner, t.kpi, t.name, t.unit, t.grain, t.dimension,
       t.member, t.starts, t.ends, t.period, t.phase IN ('over', 'ended') AS complete, t.value,
       t.sample_size, t.low, t.high, t.began AS baseline, t.aimed AS target, t.aimed_upper AS upper,
       t.wanted AS direction, t.asked_value AS asked,
       kpi.attainment(t.value, t.asked_value, t.aimed_upper::double precision, t.wanted,
                      t.began::double precision) AS attainment,
       t.pace, t.forecast, t.forecast_low, t.forecast_high, t.previous,
       CASE WHEN t.phase <> 'running' OR NOT t.is_sum
            THEN kpi.growth(t.value, t.previous, 'positive') END AS change,
       t.last_year,
       CASE WHEN t.phase <> 'running' OR NOT t.is_sum
            THEN kpi.growth(t.value, t.last_year, 'positive') END AS change_last_year,
       kpi.benchmark_text(t.value::numeric, b.others, t.wanted, 'en') AS benchmark,
       n.due_on AS next_checkpoint, n.value AS next_value, t.horizon, t.weight, c.status,
       concat_ws(' ', kpi.why(t.code, 'en', t.facts),
                 CASE WHEN r.old THEN kpi.why('refreshed', 'en', t.facts) END) AS why,
       concat(kpi.why(t.code, 'zh', t.facts),
              CASE WHEN r.old THEN kpi.why('refreshed', 'zh', t.facts) END) AS why_zh,
       kpi.bucket('day', (
           SELECT min(x.evaluated_at) FROM @model@.statuses AS x
           WHERE  x.target_id = t.target_id AND x.period <= t.period
           AND    (o.period IS NULL OR (x.period, x.status_id) > (o.period, o.status_id))),
           t.timezone) AS since
FROM   told AS t
       CROSS JOIN LATERAL kpi.status_of(t.code) AS c (status)
       CROSS JOIN LATERAL (SELECT t.phase = 'running' AND t.code <> 'not refreshed'
                                  AND t.real_today > t.today + 1) AS r (old)
       LEFT JOIN LATERAL (      -- when it was last another
           SELECT x.period, x.status_id FROM @model@.statuses AS x
           WHERE  x.target_id = t.target_id AND x.period <= t.period AND x.status <> c.status
           ORDER  BY x.period DESC, x.status_id DESC LIMIT 1) AS o ON true
       LEFT JOIN LATERAL (
           SELECT c.due_on, c.value FROM @model@.checkpoints AS c
           WHERE  c.target_id = t.target_id AND c.due_on >= t.today
           ORDER  BY c.due_on LIMIT 1) AS n ON true
       LEFT JOIN LATERAL (
           SELECT to_jsonb(b) AS others FROM @model@.benchmarks AS b
           WHERE  b.kpi = t.kpi AND (t.phase <> 'running' OR NOT t.is_sum)
           ORDER  BY b.year DESC, b.n DESC NULLS LAST, b.industry, b.region, b.source
           LIMIT  1) AS b ON true

--@ column target_id
-- the number of the target

--@ column objective
-- the objective it belongs to

--@ column title
-- what that wants to reach

--@ column owner
-- who answers for it

--@ column kpi
-- the indicator, as in kpi.catalog

--@ column name
-- the indicator's English name

--@ column unit
-- its unit, as in kpi.catalog

--@ column dimension
-- the dimension, NULL in all

--@ column member
-- its member, NULL in all

--@ column starts
-- the first day of the target

--@ column ends
-- its last day

--@ column period
-- the date on which the period starts

--@ column complete
-- whether the period is over; of grain all, whether the target is

--@ column value
-- the figure of the period, of a running one so far

--@ column sample_size
-- how many observations it is made of, where that is known

--@ column low
-- where the true value starts, with 95 % confidence; shares and NPS only

--@ column high
-- where it ends

--@ column baseline
-- what it was to start with

--@ column target
-- what it shall be at the end; of a band the lower end

--@ column upper
-- of a band the upper end

--@ column direction
-- up if at least what is asked is wanted, down if less than that, band if what lies from asked to
-- upper

--@ column asked
-- what the path asks of this period, of a running one by its end; NULL where last year is needed
-- and not known

--@ column attainment
-- how much of that is attained, 1 being all of it; of the way from the baseline, if there is one

--@ column pace
-- of a running sum, what it comes to at the pace of its days so far

--@ column forecast
-- what a running period will come to; in the row of the last one that is over, what the last period
-- of the target will; NULL where it cannot be told

--@ column forecast_low
-- where that lies at least, in four cases of five

--@ column forecast_high
-- where it lies at most

--@ column previous
-- the value of the period before

--@ column change
-- growth against that; NULL of a running sum, and from zero or less

--@ column last_year
-- the value of the same period last year

--@ column change_last_year
-- growth against that, in the same way

--@ column benchmark
-- where the value lies among others, by the benchmark of the latest year, of most of them; NULL of
-- a running sum

--@ column next_checkpoint
-- the date of the next checkpoint of the target

--@ column next_value
-- what it shall be by then

--@ column horizon
-- short, mid or long

--@ column weight
-- how much the target counts beside others

--@ column status
-- achieved, on_track, at_risk, off_track, no_data, too_early or cannot_tell

--@ column why
-- why it is so, in a sentence

--@ column why_zh
-- the same in Chinese

--@ column since
-- since what day it is so, as kpi.evaluate has recorded; NULL if it has not
