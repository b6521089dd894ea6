-- What kpi costs beside plain SQL, as ratios of times taken in one run.
--
-- Run by bench/run, with the number of orders in :rows. Each comparison is a row of the table below; to add one, insert a
-- row. Both queries must give the same answer, or the run fails. That check also warms them up; then they take turns for
-- :rounds rounds, each without and with two workers. A ratio is the median of the ratios of the rounds, so that whatever
-- else slows the machine down slows both sides. The times are medians, too.

\pset pager off
\pset footer off
\pset border 2
\pset linestyle unicode

CREATE EXTENSION kpi;
SET search_path = public, kpi;
SET timezone = 'UTC';


-- Data: two years of orders, by time and shuffled, and of the stock movements of 5000 articles. The same in every run:
-- random() starts from a seed and never runs in a worker.

\qecho Making :rows orders ...
SELECT setseed(0.5) \g /dev/null

CREATE TABLE orders AS
SELECT order_id,
       ordered_at,
       ordered_at + interval '4 days'            AS promised_at,
       ordered_at + random() * interval '5 days' AS delivered_at,
       random() < 0.03                           AS bought,
       floor(11 * sqrt(random()))::int           AS score,
       ceil(5 * sqrt(1 - random()))::int         AS answer
FROM   (SELECT order_id, '2024-01-01'::timestamptz + (order_id - random()) / :rows * interval '731 days' AS ordered_at
        FROM   generate_series(1, :rows) AS order_id) AS arrival;

CREATE TABLE shuffled AS
SELECT * FROM orders ORDER BY random();

-- Every article starts with a stock; then nine of ten movements are sales, and a receipt replaces what nine of them sell.
CREATE TABLE movement AS
SELECT move % 5000 AS article,
       '2024-01-01'::timestamptz + (move - random()) / (:rows / 5) * interval '731 days' AS moved_at,
       CASE WHEN move <= 5000 THEN 50000 WHEN receipt THEN 9 * cost ELSE -cost END AS value_change,
       CASE WHEN move > 5000 AND NOT receipt THEN cost END AS cogs
FROM   (SELECT move, random() < 0.1 AS receipt, (10 + 90 * random())::numeric(12, 2) AS cost
        FROM   generate_series(1, :rows / 5) AS move) AS plan;

-- Otherwise the planner expects as many months as orders, on either side: it reserves memory for them and uses no workers.
CREATE STATISTICS orders_bucket ON bucket('month', ordered_at, 'Europe/Berlin') FROM orders;
CREATE STATISTICS orders_date_trunc ON date_trunc('month', ordered_at, 'Europe/Berlin') FROM orders;
CREATE STATISTICS shuffled_bucket ON bucket('month', ordered_at, 'Europe/Berlin') FROM shuffled;
CREATE STATISTICS shuffled_date_trunc ON date_trunc('month', ordered_at, 'Europe/Berlin') FROM shuffled;

VACUUM (FREEZE, ANALYZE) orders, shuffled, movement;
CHECKPOINT;


-- What is compared: ours may take at most target times as long as theirs.

CREATE TABLE comparison (
    id      int GENERATED ALWAYS AS IDENTITY,
    work    text    NOT NULL,
    against text    NOT NULL,
    target  numeric NOT NULL,
    ours    text    NOT NULL,
    theirs  text    NOT NULL
);

INSERT INTO comparison (work, against, target, ours, theirs) VALUES

('rate', 'count(column)', 1.10,
 $$ SELECT trials(rate(bought)) FROM orders $$,
 $$ SELECT count(bought) FROM orders $$),

('nps', 'count(column)', 1.10,
 $$ SELECT responses(nps(score)) FROM orders $$,
 $$ SELECT count(score) FROM orders $$),

('csat', 'count(column)', 1.10,
 $$ SELECT responses(csat(answer)) FROM orders $$,
 $$ SELECT count(answer) FROM orders $$),

('rate', 'count(*) FILTER', 1.00,
 $$ SELECT value(rate(bought)) FROM orders $$,
 $$ SELECT count(*) FILTER (WHERE bought)::float8 / count(bought) FROM orders $$),

('nps', 'count(*) FILTER', 1.00,
 $$ SELECT value(nps(score)) FROM orders $$,
 $$ SELECT 100::float8 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6)) / count(score)
    FROM orders $$),

('csat', 'count(*) FILTER', 1.00,
 $$ SELECT value(csat(answer)) FROM orders $$,
 $$ SELECT count(*) FILTER (WHERE answer >= 4)::float8 / count(answer) FROM orders $$),

('on-time rate', 'count(*) FILTER', 1.00,
 $$ SELECT value(on_time_rate(delivered_at <= promised_at)) FROM orders $$,
 $$ SELECT count(*) FILTER (WHERE delivered_at <= promised_at)::float8 / count(delivered_at <= promised_at) FROM orders $$),

('monthly rate, rows by time', 'date_trunc, FILTER', 0.45,
 $$ SELECT bucket('month', ordered_at, 'Europe/Berlin') AS month, value(rate(bought))
    FROM orders GROUP BY month $$,
 $$ SELECT date(month AT TIME ZONE 'Europe/Berlin'), rate
    FROM (SELECT date_trunc('month', ordered_at, 'Europe/Berlin') AS month,
                 count(*) FILTER (WHERE bought)::float8 / count(bought) AS rate
          FROM orders GROUP BY month) AS monthly $$),

('monthly rate, rows shuffled', 'date_trunc, FILTER', 0.45,
 $$ SELECT bucket('month', ordered_at, 'Europe/Berlin') AS month, value(rate(bought))
    FROM shuffled GROUP BY month $$,
 $$ SELECT date(month AT TIME ZONE 'Europe/Berlin'), rate
    FROM (SELECT date_trunc('month', ordered_at, 'Europe/Berlin') AS month,
                 count(*) FILTER (WHERE bought)::float8 / count(bought) AS rate
          FROM shuffled GROUP BY month) AS monthly $$),

-- Over the second year, the first one makes the opening stock. By hand: each stock times how long it lasted.

('turnover of the shop', 'sum() OVER, lead()', 0.25,
 $$ SELECT round(value(turnover(moved_at, value_change, cogs, tstzrange('2025-01-01', '2026-01-01')))::numeric, 9)
    FROM movement $$,
 $$ SELECT round(sum(cogs) FILTER (WHERE moved_at >= '2025-01-01') * extract(epoch FROM interval '365 days')
                 / sum(stock * extract(epoch FROM until - greatest(moved_at, '2025-01-01'))), 9)
    FROM (SELECT moved_at, cogs,
                 sum(value_change) OVER past AS stock,
                 lead(moved_at, 1, '2026-01-01') OVER past AS until
          FROM movement WHERE moved_at < '2026-01-01'
          WINDOW past AS (ORDER BY moved_at ROWS UNBOUNDED PRECEDING)) AS level
    WHERE until > '2025-01-01' $$),

('turnover by article', 'sum() OVER, lead()', 0.25,
 $$ SELECT article, round(value(turnover(moved_at, value_change, cogs, tstzrange('2025-01-01', '2026-01-01')))::numeric, 9)
    FROM movement GROUP BY article $$,
 $$ SELECT article,
           round(sum(cogs) FILTER (WHERE moved_at >= '2025-01-01') * extract(epoch FROM interval '365 days')
                 / sum(stock * extract(epoch FROM until - greatest(moved_at, '2025-01-01'))), 9)
    FROM (SELECT article, moved_at, cogs,
                 sum(value_change) OVER past AS stock,
                 lead(moved_at, 1, '2026-01-01') OVER past AS until
          FROM movement WHERE moved_at < '2026-01-01'
          WINDOW past AS (PARTITION BY article ORDER BY moved_at ROWS UNBOUNDED PRECEDING)) AS level
    WHERE until > '2025-01-01' GROUP BY article $$);


-- Measuring: answer() runs a query for all it says, milliseconds() for the time it takes.

CREATE FUNCTION answer(query text, workers int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
    EXECUTE format('SELECT string_agg(t::text, E''\n'' ORDER BY t::text) FROM (%s) AS t', query) INTO answer;
    RETURN answer;
END $$;

CREATE FUNCTION milliseconds(query text, workers int) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
    start := clock_timestamp();
    EXECUTE query;
    RETURN 1000 * extract(epoch FROM clock_timestamp() - start);
END $$;

CREATE TABLE timing (id int, kpi float8, other float8, kpi_2 float8, other_2 float8);

CREATE FUNCTION measure(this comparison, rounds int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    FOR workers IN 0 .. 2 BY 2 LOOP
        IF answer(this.ours, workers) IS DISTINCT FROM answer(this.theirs, workers) THEN
            RAISE '% and % give different answers', this.work, this.against
                USING DETAIL = format(E'%s\nis not\n%s', left(answer(this.ours, workers), 500), left(answer(this.theirs, workers), 500));
        END IF;
    END LOOP;
    FOR round IN 1 .. rounds LOOP
        INSERT INTO timing VALUES (this.id, milliseconds(this.ours, 0), milliseconds(this.theirs, 0),
                                   milliseconds(this.ours, 2), milliseconds(this.theirs, 2));
    END LOOP;
    RETURN format('  %s against %s', this.work, this.against);
END $$;

\qecho Measured:
\pset tuples_only on
\pset format unaligned
SELECT format('SELECT measure(comparison, %s) FROM comparison WHERE id = %s', :rounds, id) FROM comparison ORDER BY id \gexec


-- Results: whether the ratio is within its target both without and with workers; then two workers against none.

CREATE FUNCTION median(float8[]) RETURNS numeric LANGUAGE sql AS $$
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM unnest($1) AS x
$$;

CREATE VIEW result AS
SELECT id AS "order", work, against, target,
       median(array_agg(kpi)) AS kpi, median(array_agg(other)) AS other,
       median(array_agg(kpi / other)) AS ratio,
       median(array_agg(kpi_2)) AS kpi_2, median(array_agg(other_2)) AS other_2,
       median(array_agg(kpi_2 / other_2)) AS ratio_2
FROM   comparison JOIN timing USING (id)
GROUP  BY id, work, against, target
UNION  ALL
SELECT 1000 + min(id), work, 'no workers', 0.60, NULL, NULL, NULL,
       median(array_agg(kpi_2)), median(array_agg(kpi)), median(array_agg(kpi_2 / kpi))
FROM   comparison JOIN timing USING (id)
GROUP  BY work;

\pset tuples_only off
\pset format aligned
\qecho
\qecho Milliseconds, medians of :rounds rounds, without and with two workers:
SELECT work, against,
       round(kpi)        AS "kpi",
       round(other)      AS "other",
       round(ratio, 2)   AS "ratio",
       round(kpi_2)      AS "2 workers: kpi",
       round(other_2)    AS "other",
       round(ratio_2, 2) AS "ratio",
       target,
       CASE WHEN round(greatest(ratio, ratio_2), 2) <= target THEN 'ok' ELSE 'over' END AS " "
FROM   result ORDER BY "order";
