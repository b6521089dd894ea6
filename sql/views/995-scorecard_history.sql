--@ view scorecard_history | goals
-- How each target stood in each of its periods, up to the running one: the figure, what was asked,
-- and a status with the reason for it. A period that was over before the target was revised is
-- judged by what the target was.
WITH target AS (
    SELECT t.*, o.title, coalesce(i.name, t.kpi) AS name, i.unit,
           coalesce(i.is_sum, false) AS is_sum, coalesce(i.adds_up, false) AS adds_up, n.grain_name,
           s.today, s.timezone, s.currency,
           to_jsonb(t) || jsonb_build_object('checkpoints', (
               SELECT jsonb_object_agg(c.due_on, c.value)
               FROM   @model@.checkpoints AS c WHERE c.target_id = t.target_id)) AS terms,
           CASE t.grain WHEN 'day' THEN 7 WHEN 'week' THEN 52 WHEN 'month' THEN 12
                        WHEN 'quarter' THEN 4 WHEN 'half' THEN 2 ELSE 1 END AS season,
           CASE WHEN s.storage <> 'view' AND s.built_by NOT LIKE '%, as_of => %'
                THEN kpi.bucket('day', now(), s.timezone) END AS real_today,
           CASE WHEN t.grain <> 'all'
                THEN kpi.bucket(n.grain_name, least(t.ends, kpi.bucket(n.grain_name, s.today) - 1))
                END AS last_over,
           -- who may read this may not be able to look into the model
           CASE WHEN has_schema_privilege(m.oid, 'USAGE')
                THEN kpi.is_read(m.nspname, t.kpi, t.grain, t.dimension) ELSE true END AS is_told
    FROM   @model@.targets AS t
           CROSS JOIN kpi_settings AS s
           JOIN pg_class AS c ON c.oid = t.tableoid
           JOIN pg_namespace AS m ON m.oid = c.relnamespace
           -- what the model has no more is a target all the same
           LEFT JOIN kpi_grains AS g ON g.grain = t.grain
           CROSS JOIN LATERAL (SELECT coalesce(g.name, t.grain)) AS n (grain_name)
           LEFT JOIN LATERAL (
               SELECT i.* FROM kpi.target_indicator(t.kpi) AS i
               UNION ALL
               SELECT o.name, o.unit, o.is_sum, o.adds_up
               FROM   (VALUES @own indicators@) AS o (kpi, name, unit, is_sum, adds_up)
               WHERE  o.kpi = t.kpi) AS i ON true
           LEFT JOIN @model@.objectives AS o ON o.objective = t.objective
),
known AS MATERIALIZED (    -- of each target all values by period, which are looked up there
    SELECT t.target_id,
           jsonb_object_agg(v.period::text,
                            jsonb_build_array(v.value, v.sample_size, v.low, v.high)) AS figures,
           array_agg(v.value ORDER BY v.period) FILTER (WHERE v.complete) AS history
    FROM   @model@.targets AS t
           JOIN kpi_target_values AS v
                ON  v.kpi = t.kpi AND v.grain = t.grain
                AND v.dimension IS NOT DISTINCT FROM t.dimension
                AND v.member IS NOT DISTINCT FROM t.member
    WHERE  t.grain <> 'all'    -- there, that is of the whole history
    GROUP  BY t.target_id
),
told_day AS MATERIALIZED (
    SELECT t.target_id, d.day, d.value, d.seen, d.day BETWEEN t.starts AND t.ends AS asked
    FROM   @model@.targets AS t
           JOIN kpi_target_days AS d ON  d.kpi = t.kpi
                                     AND d.dimension IS NOT DISTINCT FROM t.dimension
                                     AND d.member IS NOT DISTINCT FROM t.member
),
day AS MATERIALIZED (
    SELECT d.target_id, min(d.day) AS first, array_agg(d.value ORDER BY d.day) AS days,
           sum(d.value::numeric) FILTER (WHERE d.asked) AS total
    FROM   told_day AS d
    GROUP  BY d.target_id
),
source AS MATERIALIZED (    -- the days of each that is read
    SELECT s.target_id, array_agg(s.seen) AS seen
    FROM  (SELECT d.target_id, range_agg(daterange(d.day, d.day + 1)) AS seen
           FROM   told_day AS d CROSS JOIN unnest(d.seen) AS u (source)
           GROUP  BY d.target_id, u.source) AS s
    GROUP  BY s.target_id
),
span AS (
    SELECT t.*, b.period, least(p.until, CASE t.grain WHEN 'all' THEN t.ends + 1 END) AS until,
           least(p.until, t.ends + 1) - 1 AS at, k.figures, h.phase,
           h.phase = 'running' AS is_running,
           h.phase IN ('not begun', 'running') OR t.grain = 'all' OR b.period = t.last_over
               AS current,
           CASE WHEN h.phase = 'running' OR b.period = t.last_over THEN k.history END AS history,
           CASE WHEN h.phase = 'running' AND t.is_sum THEN d.days END AS days,
           CASE WHEN t.grain = 'all' AND t.is_sum
                THEN jsonb_build_array(d.total::double precision) END AS total, d.first, e.seen
    FROM   target AS t
           LEFT JOIN known AS k ON k.target_id = t.target_id
           LEFT JOIN day AS d ON d.target_id = t.target_id
           LEFT JOIN source AS e ON e.target_id = t.target_id
           CROSS JOIN LATERAL kpi.periods(t.grain_name, t.starts,
                                          greatest(t.starts, least(t.ends, t.today))) AS p
           CROSS JOIN LATERAL (
               SELECT CASE t.grain WHEN 'all' THEN t.starts ELSE p.period END) AS b (period)
           CROSS JOIN LATERAL (
               SELECT CASE WHEN t.starts > t.today THEN 'not begun'
                           WHEN t.grain = 'all'
                           THEN CASE WHEN t.ends < t.today THEN 'ended' ELSE 'running' END
                           WHEN p.until > t.today THEN 'running'
                           WHEN p.until > t.ends THEN 'ended' ELSE 'over' END) AS h (phase)
),
asked AS (
    SELECT p.*, r.direction AS wanted, r.target AS aimed,
           r.upper::double precision AS aimed_upper, y.whole,
           CASE WHEN y.whole IS NOT NULL THEN r.target::double precision END AS whole_asked,
           r.baseline AS began, r.tolerance AS tolerated,
           kpi.asked(r.path, r.target, r.baseline, r.starts, r.ends, p.at, r.checkpoints,
                     CASE WHEN NOT p.is_sum OR p.grain = 'all' THEN 1 ELSE y.share END)
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
               SELECT CASE WHEN count(*) = count(v.before)
                           THEN sum(v.before) FILTER (WHERE q.period = p.period)
                                / nullif(sum(v.before), 0) END AS share,
                      CASE WHEN p.phase = 'ended' THEN sum(v.now) END AS whole
               FROM   kpi.periods(p.grain_name, r.starts, r.ends) AS q
                      CROSS JOIN LATERAL (     -- a 53rd week is compared as the one before it
                          SELECT coalesce(
                              lower(kpi.comparison(p.grain_name, q.period, 'last_year',
                                                   'infinity')),
                              lower(kpi.comparison(p.grain_name, w.period, 'last_year',
                                                   'infinity')))
                          FROM   (SELECT lower(kpi.comparison(p.grain_name, q.period, 'previous',
                                                              'infinity'))) AS w (period))
                          AS c (period)
                      CROSS JOIN LATERAL (
                          SELECT (p.figures -> q.period::text ->> 0)::numeric,
                                 (p.figures -> c.period::text ->> 0)::numeric) AS v (now, before)
               WHERE  r.path = 'seasonal' AND p.is_sum AND p.grain <> 'all') AS y ON true
),
figure AS (
    SELECT p.*, v.value, v.sample_size, v.low, v.high, v.previous, v.previous_size, v.last_year,
           d.last_seen,
           kpi.verdict(coalesce(p.whole::double precision, v.value), v.low, v.high,
                       coalesce(p.whole_asked, p.asked_value), p.aimed_upper, p.wanted) AS verdict,
           coalesce(CASE WHEN NOT p.is_told THEN 'not told'
                         WHEN p.grain = 'all' AND NOT p.is_sum THEN 'no span' END,
                    d.trouble,
                    CASE WHEN p.is_running AND p.real_today >= p.until THEN 'not refreshed'
                         WHEN v.value IS NOT NULL AND p.asked_value IS NULL AND p.whole IS NULL
                         THEN 'no path' END)
               AS trouble
    FROM   asked AS p
           CROSS JOIN LATERAL (
               SELECT CASE WHEN p.phase <> 'not begun'
                           THEN coalesce(p.total, p.figures -> p.period::text) END,
                      p.figures -> lower(kpi.comparison(p.grain_name, p.period, 'previous',
                                                        'infinity'))::text,
                      p.figures -> lower(kpi.comparison(p.grain_name, p.period, 'last_year',
                                                        'infinity'))::text) AS f (now, before, year)
           CROSS JOIN LATERAL (
               SELECT (f.now ->> 0)::double precision, (f.now ->> 1)::bigint,
                      (f.now ->> 2)::double precision, (f.now ->> 3)::double precision,
                      (f.before ->> 0)::double precision, (f.before ->> 1)::bigint,
                      (f.year ->> 0)::double precision)
               AS v (value, sample_size, low, high, previous, previous_size, last_year)
           LEFT JOIN LATERAL (     -- of several sources the one that ended first
               SELECT s.trouble, upper(u.seen) - 1 AS last_seen
               FROM   unnest(p.seen) AS u (seen)
                      CROSS JOIN LATERAL (
                          SELECT kpi.data_trouble(u.seen, p.period, p.until, p.today))
                          AS s (trouble)
               WHERE  s.trouble IS NOT NULL
               ORDER  BY last_seen LIMIT 1) AS d ON true
),
expected AS (
    SELECT f.target_id, f.objective, f.title, f.owner, f.kpi, f.name, f.unit, f.is_sum, f.grain,
           f.dimension, f.member, f.starts, f.ends, f.period, f.until, f.phase, f.is_running,
           f.current, f.value, f.sample_size, f.low, f.high, f.began, f.aimed, f.aimed_upper,
           f.whole::double precision AS whole, f.whole_asked,
           f.wanted, f.tolerated, f.asked_value, f.previous, f.last_year, f.horizon, f.weight,
           f.verdict, f.trouble, f.last_seen, f.today, f.real_today,
           f.timezone, f.currency, d.done, w.pace, kpi.possible(e.forecast, f.unit) AS forecast,
           kpi.possible(e.low, f.unit) AS forecast_low,
           kpi.possible(e.high, f.unit) AS forecast_high
    FROM   figure AS f
           -- what cannot fall is as much already, and nobody knows how much it will be
           CROSS JOIN LATERAL (SELECT CASE WHEN f.is_running AND 0 <= ALL (f.days)
                                           THEN f.value END) AS l (at_least)
           CROSS JOIN LATERAL (
               SELECT kpi.verdict(l.at_least, l.at_least, 'Infinity', f.asked_value, f.aimed_upper,
                                  f.wanted)) AS d (done)
           LEFT JOIN LATERAL kpi.pace(f.days, f.first, f.period, f.until) AS w ON true
           LEFT JOIN LATERAL kpi.settled(
                -- who comes back within a period is not known before it is over
                CASE WHEN f.is_running AND f.adds_up THEN f.value END, f.low, f.high,
                -- what was ordered may not have arrived
                least((f.today - f.period)::double precision / (f.until - f.period),
                      f.sample_size::double precision / nullif(f.previous_size, 0))) AS c ON true
           LEFT JOIN LATERAL kpi.forecast(f.history, f.season, CASE WHEN f.is_running THEN 1
                ELSE (SELECT count(*)::integer FROM kpi.periods(f.grain_name, f.until, f.ends) AS q)
                END, 0.8::double precision) AS n ON f.grain <> 'all'
           LEFT JOIN LATERAL (
               SELECT s.* FROM kpi.surer_forecast(
                   jsonb_build_array(
                       jsonb_build_object('forecast', n.forecast, 'low', n.low, 'high', n.high),
                       jsonb_build_object('forecast', w.pace, 'low', w.low, 'high', w.high),
                       jsonb_build_object('forecast', c.forecast, 'low', c.low, 'high', c.high)),
                   l.at_least, f.asked_value) AS s
               WHERE  f.history IS NOT NULL OR f.is_running) AS e ON true
),
row_of_misses AS (     -- what has no data, or is not over, neither mends it nor adds to it
    SELECT e.*, count(*) FILTER (WHERE e.miss)
                    OVER (PARTITION BY e.target_id, e.times_kept ORDER BY e.period) AS misses
    FROM   (SELECT f.*, m.counts AND f.verdict IN ('missed', 'unlikely') AS miss,
                   count(*) FILTER (WHERE m.counts AND f.verdict IN ('met', 'likely'))
                       OVER (PARTITION BY f.target_id ORDER BY f.period) AS times_kept
            FROM   expected AS f
                   CROSS JOIN LATERAL (
                       SELECT f.phase IN ('over', 'ended') AND f.trouble IS NULL) AS m (counts))
           AS e
),
told AS (
    SELECT e.*, kpi.target_case(
               CASE WHEN e.whole IS NOT NULL THEN 'total' ELSE e.phase END, e.trouble,
               CASE WHEN e.phase <> 'running' THEN e.verdict
                    WHEN e.done IN ('met', 'missed') OR e.forecast_high IS NULL THEN e.done
                    ELSE kpi.verdict(e.forecast, e.forecast_low, e.forecast_high, e.asked_value,
                                     e.aimed_upper, e.wanted) END,
               CASE WHEN e.phase <> 'running' THEN e.low IS NOT NULL
                    WHEN e.done IN ('met', 'missed') THEN false
                    ELSE e.forecast_high IS NOT NULL END, e.misses, e.times_kept > 0, e.tolerated,
               (e.today - e.period) * 2 >= e.until - e.period) AS code,
           jsonb_build_object(
               'value', coalesce(e.whole, e.value),
               'asked', coalesce(e.whole_asked, e.asked_value), 'upper', e.aimed_upper,
               'direction', e.wanted, 'low', e.low, 'high', e.high, 'n', e.sample_size,
               'forecast', e.forecast, 'forecast_low', e.forecast_low,
               'forecast_high', e.forecast_high, 'misses', e.misses, 'tolerance', e.tolerated,
               'unit', e.unit, 'currency', e.currency,
               'day', CASE WHEN e.phase = 'not begun' THEN e.starts
                           WHEN e.trouble = 'stopped' THEN e.last_seen
                           ELSE e.today END) AS facts
    FROM   row_of_misses AS e
)
SELECT t.target_id, t.objective, t.title, t.owner, t.kpi, t.name, t.unit, t.grain, t.dimension,
       t.member, t.starts, t.ends, t.period, t.phase IN ('over', 'ended') AS complete, t.value,
       t.sample_size, t.low, t.high, t.began AS baseline, t.aimed AS target,
       t.aimed_upper::numeric AS upper, t.wanted AS direction, t.asked_value AS asked,
       CASE WHEN c.status <> 'no_data'
            THEN kpi.attainment(f.figure, coalesce(t.whole_asked, t.asked_value), t.aimed_upper,
                                t.wanted, t.began::double precision) END AS attainment,
       t.pace, t.forecast, t.forecast_low, t.forecast_high, t.previous,
       CASE WHEN t.phase <> 'running' OR NOT t.is_sum
            THEN kpi.growth(t.value, t.previous, 'positive') END AS change,
       t.last_year,
       CASE WHEN t.phase <> 'running' OR NOT t.is_sum
            THEN kpi.growth(t.value, t.last_year, 'positive') END AS change_last_year,
       kpi.benchmark_text(t.value::numeric, b.others, t.wanted, 'en') AS benchmark,
       kpi.benchmark_text(t.value::numeric, b.others, t.wanted, 'zh') AS benchmark_zh,
       n.due_on AS next_checkpoint, n.value AS next_value, t.horizon, t.weight, c.status,
       concat_ws(' ', kpi.why(t.code, 'en', t.facts),
                 CASE WHEN r.old THEN kpi.why('refreshed', 'en', t.facts) END) AS why,
       concat(kpi.why(t.code, 'zh', t.facts),
              CASE WHEN r.old THEN kpi.why('refreshed', 'zh', t.facts) END) AS why_zh,
       kpi.bucket('day', (
           SELECT min(x.evaluated_at) FROM @model@.statuses AS x
           WHERE  x.target_id = t.target_id AND x.period <= t.period
           AND    (o.period IS NULL OR (x.period, x.status_id) > (o.period, o.status_id))),
           t.timezone) AS since,
       t.current,
       CASE WHEN c.status <> 'no_data'
            THEN kpi.verdict(f.figure, f.figure, f.figure, coalesce(t.whole_asked, t.asked_value),
                             t.aimed_upper, t.wanted) = 'met' END AS kept
FROM   told AS t
       CROSS JOIN LATERAL kpi.status_of(t.code) AS c (status)
       CROSS JOIN LATERAL (SELECT coalesce(t.whole, t.value)) AS f (figure)
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
-- how much of that is attained, 1 being all of it and less than 1 what does not keep it; of the way
-- from the baseline, if there is one; at the end of a seasonal path of a sum, of all of it
-- together; NULL where the status is no_data

--@ column pace
-- of a running sum, what it comes to at the pace of its days so far

--@ column forecast
-- what a running period will come to; in the row of the last one that is over, what the last period
-- of the target will; NULL where it cannot be told

--@ column forecast_low
-- where that lies at least, in four cases of five

--@ column forecast_high
-- where it lies at most; NULL where that is not known, or nothing is

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

--@ column benchmark_zh
-- the same in Chinese

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

--@ column current
-- whether it is the running period, or the last one that is over: a row of scorecard

--@ column kept
-- whether the figure itself, of a running period so far, at the end of a seasonal path of a sum
-- that of all of it together, keeps what is asked; NULL if either is not known or the status is
-- no_data
