-- What kpi costs beside plain SQL, as ratios of times taken in one run.
--
-- Run by bench/run, with the number of orders in :rows and, if :duckdb is on, a folder with DuckDB
-- in :folder. Each comparison is a row of the table below; to add one, insert a row. Both queries
-- must give the same answer, or the run fails. That check also warms them up; then they take turns
-- for :rounds rounds, each without and with two workers. A ratio is the median of the ratios of the
-- rounds, so that whatever else slows the machine down slows both sides. The times are medians,
-- too.

\pset pager off
\pset footer off
\pset border 2
\pset linestyle unicode

CREATE EXTENSION kpi;
SET search_path = public, kpi;
SET timezone = 'UTC';


-- Data: two years of orders, by time and shuffled, and of the stock movements of 5000 articles. The
-- same in every run: random() starts from a seed and never runs in a worker.

\qecho Making :rows orders ...
SELECT setseed(0.5) \g /dev/null

CREATE TABLE orders AS
SELECT order_id,
       ordered_at,
       ordered_at + interval '4 days'            AS promised_at,
       ordered_at + random() * interval '5 days' AS delivered_at,
       random() < 0.03                           AS bought,
       floor(11 * sqrt(random()))::int           AS score,
       ceil(5 * sqrt(1 - random()))::int         AS answer,
       floor(:rows * 0.19 * random() * random())::bigint AS customer_id
FROM   (SELECT order_id,
               '2024-01-01'::timestamptz
                   + (order_id - random()) / :rows * interval '731 days' AS ordered_at
        FROM   generate_series(1, :rows) AS order_id) AS arrival;

CREATE TABLE shuffled AS
SELECT * FROM orders ORDER BY random();

-- Every article starts with a stock; then nine of ten movements are sales, and a receipt replaces
-- what nine of them sell.
CREATE TABLE movement AS
SELECT move % 5000 AS article,
       '2024-01-01'::timestamptz
           + (move - random()) / (:rows / 5) * interval '731 days' AS moved_at,
       CASE WHEN move <= 5000 THEN 50000 WHEN receipt THEN 9 * cost ELSE -cost END AS value_change,
       CASE WHEN move > 5000 AND NOT receipt THEN cost END AS cogs
FROM   (SELECT move, random() < 0.1 AS receipt, (10 + 90 * random())::numeric(12, 2) AS cost
        FROM   generate_series(1, :rows / 5) AS move) AS plan;

-- Otherwise the planner expects as many months as orders, on either side: it reserves memory for
-- them and uses no workers.
CREATE STATISTICS orders_bucket ON bucket('month', ordered_at, 'Europe/Berlin') FROM orders;
CREATE STATISTICS orders_date_trunc ON date_trunc('month', ordered_at, 'Europe/Berlin') FROM orders;
CREATE STATISTICS shuffled_bucket ON bucket('month', ordered_at, 'Europe/Berlin') FROM shuffled;
CREATE STATISTICS shuffled_date_trunc ON date_trunc('month', ordered_at, 'Europe/Berlin')
FROM   shuffled;

-- Visitors come in sessions of up to nine events within a day: of views (1), carts (2), checkouts
-- (3) and purchases (4).
CREATE TABLE event AS
SELECT visitor_id, seen_at + e * random() * interval '5 hours' AS seen_at,
       1 + floor(random() * random() * least(e, 3.99))::int AS step
FROM   (SELECT visitor_id, seen_at, generate_series(1, events) AS e
        FROM   (SELECT floor(:rows * 0.1 * random())::bigint AS visitor_id,
                       '2024-01-01'::timestamptz + random() * interval '731 days' AS seen_at,
                       1 + floor(random() * 9)::int AS events
                FROM   generate_series(1, :rows / 5)) AS session) AS event;

-- What the hand-written queries below are fastest with.
CREATE INDEX ON orders (customer_id, ordered_at);
CREATE INDEX ON event (visitor_id, seen_at, step);

VACUUM (FREEZE, ANALYZE) orders, shuffled, movement, event;
CHECKPOINT;


-- What is compared: ours may take at most target times as long as theirs.

CREATE TABLE comparison (
    id      int GENERATED ALWAYS AS IDENTITY,
    work    text    NOT NULL,
    against text    NOT NULL,
    target  numeric NOT NULL,
    ours    text    NOT NULL,
    theirs  text    NOT NULL,
    rounds  int,                -- no more than these, for what takes long
    duckdb  text,               -- theirs in DuckDB, where that is compared, too
    duckdb_target numeric
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
 $$ SELECT 100::float8 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6))
    / count(score)
    FROM orders $$),

('csat', 'count(*) FILTER', 1.00,
 $$ SELECT value(csat(answer)) FROM orders $$,
 $$ SELECT count(*) FILTER (WHERE answer >= 4)::float8 / count(answer) FROM orders $$),

('on-time rate', 'count(*) FILTER', 1.00,
 $$ SELECT value(on_time_rate(delivered_at <= promised_at)) FROM orders $$,
 $$ SELECT count(*) FILTER (WHERE delivered_at <= promised_at)::float8
    / count(delivered_at <= promised_at)
    FROM   orders $$),

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

-- Over the second year, the first one makes the opening stock. By hand: each stock times how long
-- it lasted.

('turnover of the shop', 'sum() OVER, lead()', 0.25,
 $$ SELECT round(value(turnover(moved_at, value_change, cogs,
                                tstzrange('2025-01-01', '2026-01-01')))::numeric,
                 9)
    FROM movement $$,
 $$ SELECT round(coalesce(sum(cogs) FILTER (WHERE moved_at >= '2025-01-01'), 0)
                 * extract(epoch FROM interval '365 days')
                 / sum(stock * extract(epoch FROM until - greatest(moved_at, '2025-01-01'))), 9)
    FROM (SELECT moved_at, cogs,
                 sum(value_change) OVER past AS stock,
                 lead(moved_at, 1, '2026-01-01') OVER past AS until
          FROM movement WHERE moved_at < '2026-01-01'
          WINDOW past AS (ORDER BY moved_at ROWS UNBOUNDED PRECEDING)) AS level
    WHERE until > '2025-01-01' $$),

('turnover by article', 'sum() OVER, lead()', 0.25,
 $$ SELECT article,
           round(value(turnover(moved_at, value_change, cogs,
                                tstzrange('2025-01-01', '2026-01-01')))::numeric,
                 9)
    FROM movement GROUP BY article $$,
 $$ SELECT article,
           round(coalesce(sum(cogs) FILTER (WHERE moved_at >= '2025-01-01'), 0)
                 * extract(epoch FROM interval '365 days')
                 / sum(stock * extract(epoch FROM until - greatest(moved_at, '2025-01-01'))), 9)
    FROM (SELECT article, moved_at, cogs,
                 sum(value_change) OVER past AS stock,
                 lead(moved_at, 1, '2026-01-01') OVER past AS until
          FROM movement WHERE moved_at < '2026-01-01'
          WINDOW past AS (PARTITION BY article ORDER BY moved_at ROWS UNBOUNDED PRECEDING)) AS level
    WHERE until > '2025-01-01' GROUP BY article $$);

-- Who comes back, and how far visitors get. Answers are counts, so that they can be compared to the
-- last digit.

INSERT INTO comparison (work, against, target, ours, theirs, duckdb, duckdb_target) VALUES

('monthly repeat purchase rate', 'GROUP BY month, customer', 0.15,
 $$ SELECT period, successes(repeat_rate), trials(repeat_rate)
    FROM (SELECT activity(customer_id, bucket('month', ordered_at, 'UTC')) AS a FROM orders) AS a,
         customers(a, 'month') $$,
 $$ SELECT month::date, count(*) FILTER (WHERE n > 1), count(*)
    FROM (SELECT date_trunc('month', ordered_at) AS month, count(*) AS n
          FROM   orders GROUP BY month, customer_id) AS n
    GROUP BY month $$,
 $$ SELECT month::date, count(*) FILTER (WHERE n > 1), count(*)
    FROM (SELECT date_trunc('month', ordered_at) AS month, count(*) AS n
          FROM   orders GROUP BY month, customer_id) AS n
    GROUP BY month $$, 1.00),

('cohort retention', 'join, count(DISTINCT)', 0.05,
 $$ SELECT cohort, period, customers
    FROM (SELECT activity(customer_id, bucket('month', ordered_at, 'UTC')) AS a FROM orders) AS a,
         retention(a, 'month')
    WHERE customers > 0 $$,
 $$ SELECT cohort::date, date_trunc('month', ordered_at)::date AS period,
           count(DISTINCT customer_id)
    FROM orders
           JOIN (SELECT customer_id, date_trunc('month', min(ordered_at)) AS cohort
                 FROM   orders GROUP BY customer_id) AS first
         USING (customer_id)
    GROUP BY cohort, period $$,
 $$ SELECT cohort::date, date_trunc('month', ordered_at)::date AS period,
           count(DISTINCT customer_id)
    FROM orders
           JOIN (SELECT customer_id, date_trunc('month', min(ordered_at)) AS cohort
                 FROM   orders GROUP BY customer_id) AS first
         USING (customer_id)
    GROUP BY ALL $$, 0.10),

-- The best found by hand: months of customers first, then nothing is left to be distinct.
('cohort retention', 'window over distinct months', 0.15,
 $$ SELECT cohort, period, customers
    FROM (SELECT activity(customer_id, bucket('month', ordered_at, 'UTC')) AS a FROM orders) AS a,
         retention(a, 'month')
    WHERE customers > 0 $$,
 $$ SELECT cohort::date, month::date, count(*)
    FROM (SELECT month, min(month) OVER (PARTITION BY customer_id) AS cohort
          FROM (SELECT customer_id, date_trunc('month', ordered_at) AS month
                FROM   orders GROUP BY customer_id, month) AS active) AS active
    GROUP BY cohort, month $$,
 $$ SELECT cohort::date, month::date, count(*)
    FROM (SELECT month, min(month) OVER (PARTITION BY customer_id) AS cohort
          FROM (SELECT customer_id, date_trunc('month', ordered_at) AS month
                FROM   orders GROUP BY customer_id, month) AS active) AS active
    GROUP BY cohort, month $$, 0.10),

-- By hand: the latest start of a chain that got to each step, one window function for each. All
-- share one sort.
('funnel of 4 steps within a day', 'max() OVER, nested', 0.20,
 $$ SELECT visitors(f), reached(f, 1), reached(f, 2), reached(f, 3), reached(f, 4)
    FROM (SELECT funnel(visitor_id, seen_at, step, 4, '1 day') AS f FROM event) AS f $$,
 $$ SELECT count(*), count(*) FILTER (WHERE depth >= 1), count(*) FILTER (WHERE depth >= 2),
           count(*) FILTER (WHERE depth >= 3),
           count(*) FILTER (WHERE depth >= 4)
    FROM (SELECT visitor_id,
                 max(CASE WHEN step = 1 THEN 1
                          WHEN step = 2 AND seen_at <= s1 + interval '1 day' THEN 2
                          WHEN step = 3 AND seen_at <= s2 + interval '1 day' THEN 3
                          WHEN step = 4 AND seen_at <= s3 + interval '1 day' THEN 4
                          ELSE 0 END) AS depth
          FROM (SELECT *,
                       max(CASE WHEN step = 3 AND seen_at <= s2 + interval '1 day' THEN s2 END)
                           OVER sofar AS s3
                FROM (SELECT *,
                             max(CASE WHEN step = 2 AND seen_at <= s1 + interval '1 day'
                                      THEN s1 END) OVER sofar AS s2
                      FROM (SELECT *, max(CASE WHEN step = 1 THEN seen_at END) OVER sofar AS s1
                            FROM event
                            WINDOW sofar AS (PARTITION BY visitor_id ORDER BY seen_at, step
                                             ROWS UNBOUNDED PRECEDING)) AS event
                      WINDOW sofar AS (PARTITION BY visitor_id ORDER BY seen_at, step
                                       ROWS UNBOUNDED PRECEDING)) AS event
                WINDOW sofar AS (PARTITION BY visitor_id ORDER BY seen_at, step
                                 ROWS UNBOUNDED PRECEDING)) AS event
          GROUP BY visitor_id) AS visitor $$,
 $$ SELECT count(*), count(*) FILTER (WHERE depth >= 1), count(*) FILTER (WHERE depth >= 2),
           count(*) FILTER (WHERE depth >= 3),
           count(*) FILTER (WHERE depth >= 4)
    FROM (SELECT visitor_id,
                 max(CASE WHEN step = 1 THEN 1
                          WHEN step = 2 AND seen_at <= s1 + interval '1 day' THEN 2
                          WHEN step = 3 AND seen_at <= s2 + interval '1 day' THEN 3
                          WHEN step = 4 AND seen_at <= s3 + interval '1 day' THEN 4
                          ELSE 0 END) AS depth
          FROM (SELECT *,
                       max(CASE WHEN step = 3 AND seen_at <= s2 + interval '1 day' THEN s2 END)
                           OVER sofar AS s3
                FROM (SELECT *,
                             max(CASE WHEN step = 2 AND seen_at <= s1 + interval '1 day'
                                      THEN s1 END) OVER sofar AS s2
                      FROM (SELECT *, max(CASE WHEN step = 1 THEN seen_at END) OVER sofar AS s1
                            FROM event
                            WINDOW sofar AS (PARTITION BY visitor_id ORDER BY seen_at, step
                                             ROWS UNBOUNDED PRECEDING)) AS event
                      WINDOW sofar AS (PARTITION BY visitor_id ORDER BY seen_at, step
                                       ROWS UNBOUNDED PRECEDING)) AS event
                WINDOW sofar AS (PARTITION BY visitor_id ORDER BY seen_at, step
                                 ROWS UNBOUNDED PRECEDING)) AS event
          GROUP BY visitor_id) AS visitor $$, 1.00);

-- Models: over shuffled rows, read as a whole, and over rows by time with an index on it, of which
-- only a month is read. By hand: each indicator as one would write it. OFFSET 0 keeps what is not
-- compared (quantiles are within 1 %) from being left out.

CREATE INDEX ON orders (ordered_at);
CREATE SCHEMA whole;
CREATE VIEW whole.orders AS
SELECT order_id, ordered_at, customer_id, score * 9.99 AS net_sales FROM shuffled;
CREATE VIEW whole.visits AS
SELECT order_id AS visit_id, ordered_at AS started_at, bought AS converted FROM shuffled;
CREATE VIEW whole.deliveries AS
SELECT order_id, ordered_at, delivered_at, promised_at FROM shuffled;
CREATE SCHEMA kept;
CREATE VIEW kept.orders AS TABLE whole.orders;
CREATE VIEW kept.visits AS TABLE whole.visits;
CREATE VIEW kept.deliveries AS TABLE whole.deliveries;
CREATE SCHEMA part;
CREATE VIEW part.orders AS
SELECT order_id, ordered_at, customer_id, score * 9.99 AS net_sales FROM orders;
CREATE VIEW part.visits AS
SELECT order_id AS visit_id, ordered_at AS started_at, bought AS converted FROM orders;
CREATE STATISTICS shuffled_day ON bucket('day', ordered_at, 'UTC') FROM shuffled;
CREATE STATISTICS orders_day ON bucket('day', ordered_at, 'UTC') FROM orders;
ANALYZE orders, shuffled;
SELECT FROM unnest('{whole,part,kept}'::text[]) AS schema,
       build(schema, 'UTC', storage => CASE schema WHEN 'kept' THEN 'materialized' ELSE 'view' END,
                    since => '2024-01-01', as_of => '2026-01-31') AS built \g /dev/null

INSERT INTO comparison (work, against, target, rounds, ours, theirs) VALUES

('all of kpi_month', 'its parts by hand', 1.00, 2,
 $$ SELECT period, orders, net_sales::numeric, customers, new_customers, returning_customers,
           round(repeat_purchase_rate::numeric, 9), round(retention_rate::numeric, 9),
           visits, round(conversion_rate::numeric, 9), deliveries,
           round(on_time_delivery_rate::numeric, 9), round(net_sales_growth::numeric, 9)
    FROM (SELECT * FROM whole.kpi_month OFFSET 0) AS m WHERE complete AND period > '2024-01-01' $$,
 $$ WITH sales AS (SELECT date_trunc('month', ordered_at) AS month, count(*) AS orders,
                          sum(score * 9.99) AS net_sales, avg(score * 9.99) AS aov
                   FROM   shuffled GROUP BY month),
    growth AS (SELECT month, net_sales / lag(net_sales) OVER (ORDER BY month) - 1 AS growth,
                      net_sales / lag(net_sales, 12) OVER (ORDER BY month) - 1 AS growth_year
               FROM (SELECT date_trunc('month', ordered_at) AS month, sum(score * 9.99) AS net_sales
                     FROM   shuffled GROUP BY month) AS sales),
    repeats AS (SELECT month, count(*) AS customers,
                       count(*) FILTER (WHERE n > 1)::numeric / count(*) AS repeat_rate
                FROM (SELECT date_trunc('month', ordered_at) AS month, customer_id, count(*) AS n
                      FROM   shuffled GROUP BY month, customer_id) AS n
                GROUP  BY month),
    fresh AS (SELECT month, count(*) AS new_customers
              FROM   (SELECT date_trunc('month', min(ordered_at)) AS month
                      FROM   shuffled GROUP BY customer_id) AS first
              GROUP  BY month),
    kept AS (SELECT month, count(*) FILTER (WHERE before = month - interval '1 month') AS retained
             FROM (SELECT month, lag(month) OVER (PARTITION BY customer_id ORDER BY month) AS before
                   FROM (SELECT date_trunc('month', ordered_at) AS month, customer_id
                         FROM   shuffled GROUP BY month, customer_id) AS active) AS active
             GROUP  BY month),
    conversion AS (SELECT date_trunc('month', ordered_at) AS month, count(*) AS visits,
                          count(*) FILTER (WHERE bought)::numeric / count(bought) AS rate
                   FROM   shuffled GROUP BY month),
    delivery AS (SELECT date_trunc('month', ordered_at) AS month, count(*) AS deliveries,
                        avg(delivered_at - ordered_at) AS mean,
                        percentile_cont('{0.5,0.9}'::float8[]) WITHIN GROUP (
                            ORDER BY extract(epoch FROM delivered_at - ordered_at)::float8)
                            AS quantiles
                 FROM   shuffled GROUP BY month),
    punctuality AS (SELECT date_trunc('month', ordered_at) AS month,
                           count(*) FILTER (WHERE delivered_at <= promised_at)::numeric
                               / count(*) AS rate
                    FROM   shuffled GROUP BY month)
    SELECT month::date, orders, net_sales::numeric(20,4), customers, new_customers,
           customers - new_customers, round(repeat_rate, 9),
           round(retained::numeric / lag_customers, 9), visits, round(conversion.rate, 9),
           deliveries, round(punctuality.rate, 9), round(growth, 9)
    FROM (SELECT *, lag(customers) OVER (ORDER BY month) AS lag_customers
          FROM sales JOIN growth USING (month) JOIN repeats USING (month) JOIN fresh USING (month)
               JOIN kept USING (month)
          OFFSET 0) AS s
         JOIN conversion USING (month)
         JOIN (SELECT * FROM delivery OFFSET 0) AS delivery USING (month)
         JOIN punctuality USING (month)
    WHERE month > '2024-01-01' AND month < '2026-01-01' $$),

('all of kpi_month, materialized', 'the same from views', 0.01, 2,
 $$ SELECT m.* FROM kept.kpi_month AS m $$,
 $$ SELECT m.* FROM whole.kpi_month AS m $$),

('one column of kpi_month', 'date_trunc, FILTER', 1.00, NULL,
 $$ SELECT period, round(conversion_rate::numeric, 9)
    FROM   whole.kpi_month WHERE conversion_rate IS NOT NULL $$,
 $$ SELECT date_trunc('month', ordered_at)::date AS month,
           round(count(*) FILTER (WHERE bought)::numeric / count(bought), 9)
    FROM   shuffled GROUP BY month $$),

('a month of kpi_month', 'WHERE on the time', 3.00, NULL,
 $$ SELECT orders, net_sales::numeric, visits, round(conversion_rate::numeric, 9)
    FROM   part.kpi_month WHERE period >= '2025-12-01' AND period < '2026-01-01' $$,
 $$ SELECT orders, net_sales::numeric(20,4), visits, round(rate, 9)
    FROM (SELECT count(*) AS orders, sum(score * 9.99) AS net_sales
          FROM   orders WHERE ordered_at >= '2025-12-01' AND ordered_at < '2026-01-01') AS sales,
         (SELECT count(*) AS visits, count(*) FILTER (WHERE bought)::numeric / count(bought) AS rate
          FROM   orders
          WHERE  ordered_at >= '2025-12-01' AND ordered_at < '2026-01-01') AS visits $$);


-- Measuring: answer() runs a query for all it says, milliseconds() for the time it takes.

CREATE FUNCTION answer(query text, workers int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
    EXECUTE format('SELECT string_agg(t::text, E''\n'' ORDER BY t::text) FROM (%s) AS t',
                   query)
    INTO    answer;
    RETURN answer;
END $$;

CREATE FUNCTION milliseconds(query text, workers int) RETURNS double precision
LANGUAGE plpgsql AS $$
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
                USING DETAIL = format(E'%s\nis not\n%s',
                                      left(answer(this.ours, workers), 500),
                                      left(answer(this.theirs, workers), 500));
        END IF;
    END LOOP;
    FOR round IN 1 .. least(rounds, this.rounds) LOOP
        INSERT INTO timing VALUES (this.id, milliseconds(this.ours, 0),
                                   milliseconds(this.theirs, 0),
                                   milliseconds(this.ours, 2), milliseconds(this.theirs, 2));
    END LOOP;
    RETURN format('  %s against %s', this.work, this.against);
END $$;

\qecho Measured:
\pset tuples_only on
\pset format unaligned
SELECT format('SELECT measure(comparison, %s) FROM comparison WHERE id = %s', :rounds, id)
FROM   comparison ORDER BY id \gexec


-- The same rows in DuckDB, where bench/run could get it.

\if :duckdb
CREATE TABLE duck (id int, ms float8, answer text);
\set file :folder '/orders.csv'
COPY (SELECT customer_id, ordered_at AT TIME ZONE 'UTC' FROM orders) TO :'file' (FORMAT csv);
\set file :folder '/event.csv'
COPY (SELECT visitor_id, seen_at AT TIME ZONE 'UTC', step FROM event) TO :'file' (FORMAT csv);
\set file :folder '/queries.csv'
COPY (SELECT id, duckdb
      FROM   comparison WHERE duckdb IS NOT NULL) TO :'file' (FORMAT csv, FORCE_QUOTE *);
\! node bench/duckdb.mjs "$KPI_DUCKDB"
\set file :folder '/results.csv'
COPY duck FROM :'file' (FORMAT csv);

DO $$
DECLARE
    this record;
BEGIN
    FOR this IN SELECT DISTINCT work, ours, answer FROM duck JOIN comparison USING (id) LOOP
        IF this.answer IS DISTINCT FROM answer(this.ours, 0) THEN
            RAISE '% and DuckDB give different answers', this.work
                USING DETAIL = format(E'%s\nis not\n%s',
                                      left(answer(this.ours, 0), 500), left(this.answer, 500));
        END IF;
    END LOOP;
END $$;
\endif


-- Results: whether the ratio is within its target both without and with workers; then two workers
-- against none.

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

\if :duckdb
\qecho
\qecho Milliseconds of DuckDB with two threads, medians of five rounds, and of the above:
SELECT work, against, round(kpi) AS "kpi", round(kpi_2) AS "2 workers: kpi", round(ms) AS "DuckDB",
       round(kpi / ms, 2)   AS "ratio",
       round(kpi_2 / ms, 2) AS "2 workers: ratio",
       duckdb_target        AS target,
       CASE WHEN round(least(kpi, kpi_2) / ms, 2) <= duckdb_target THEN 'ok' ELSE 'over' END AS " "
FROM   (SELECT id, median(array_agg(ms)) AS ms FROM duck GROUP BY id) AS duck
       JOIN comparison USING (id) JOIN result USING (work, against)
ORDER  BY id;
\endif

\i bench/growth.sql
