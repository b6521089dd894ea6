-- The simulated part: what the file does not have. Visits, carts, deliveries, surveys, stock,
-- requests, projects, marketing and a panel are made up around the real orders, so that they fit
-- them. None of it is data about the shop: all of it is in the schema simulated, and whatever shows
-- it says so.
-- Run by demo.sql after load.sql.

CREATE SCHEMA simulated;
COMMENT ON SCHEMA simulated IS 'Simulated around the real orders; not data about the shop';

-- Chance is a hash of what it decides and the number of what it decides about. So it is the same in
-- every run, on every server, whatever the plan: evenly distributed from 0 to just below 1.
CREATE FUNCTION simulated.chance(what text, id bigint) RETURNS double precision
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN (hashtextextended(what, id) & 1048575) / double precision '1048576';

-- Waiting times with this mean: mostly short, sometimes long.
CREATE FUNCTION simulated.wait(mean interval, what text, id bigint) RETURNS interval
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN date_trunc('second', mean * -ln(1 - simulated.chance(what, id)));

-- What has not happened when the data end is not known then.
CREATE FUNCTION simulated.known(at timestamptz) RETURNS timestamptz
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN at <= timestamptz '2011-12-09 12:50 Europe/London' THEN at END;


-- Costs: 35 to 65 % of the price. For one article in eight nobody has entered one.

CREATE TABLE simulated.cost AS
SELECT stock_code,
       round((usual_price * (0.35 + 0.3 * simulated.chance('cost', hashtext(stock_code))))::numeric,
             2) AS unit_cost
FROM   article
WHERE  simulated.chance('cost known', hashtext(stock_code)) < 0.875;

CREATE UNIQUE INDEX ON simulated.cost (stock_code);

-- Tax: VAT at home, which rose to 20 % on 4 January 2011; none abroad.

CREATE TABLE simulated.tax AS
SELECT order_no,
       CASE country WHEN 'United Kingdom'
                    THEN round(paid * CASE WHEN ordered_at < '2011-01-04' THEN 0.175 ELSE 0.2 END,
                               2)
                    ELSE 0 END AS vat
FROM   placed_order;

CREATE UNIQUE INDEX ON simulated.tax (order_no);


-- Visits: the one that led to an order, and 27 to 43 around it that did not; fewer as the year goes
-- on, as the shop gets better. The step says how far a visit came: a product seen, put in the cart,
-- checkout, order. On Saturdays the shop takes no orders, but people look around.

\warn 'kpi: simulating visits ...'
CREATE TABLE simulated.visit AS
SELECT visit_id,
       started_at,
       -- a guest is only known by the order; who orders has looked around before
       CASE WHEN n = 0 THEN coalesce(customer_id, 1000000 + order_no)
            WHEN n < 4 AND customer_id IS NOT NULL THEN customer_id
            ELSE 2000000 + trunc(250000 * simulated.chance('visitor', visit_id))::int
       END                                                              AS visitor_no,
       country,
       CASE WHEN n = 0 THEN 4
            WHEN chance < 0.02 THEN 3
            WHEN chance < 0.07 THEN 2
            WHEN chance < 0.65 THEN 1
            ELSE 0 END AS step,
       CASE WHEN n = 0 THEN order_no END                                AS order_no,
       pace
FROM   placed_order
       CROSS JOIN LATERAL generate_series(     -- one less each month
           0, 42 - (extract(epoch FROM ordered_at - '2010-12-01') / 2678400)::int
              - trunc(5 * simulated.chance('visits', order_no))::int) AS n
       CROSS JOIN LATERAL (SELECT order_no * 100 + n) AS v (visit_id)
       CROSS JOIN LATERAL (
           SELECT simulated.chance('step', visit_id),
                  make_interval(secs => 30 + trunc(400 * simulated.chance('pace', visit_id)))
       ) AS c (chance, pace)
       CROSS JOIN LATERAL (
           SELECT CASE WHEN n = 0 THEN ordered_at - 3 * pace
                       ELSE ordered_at
                            + trunc(36000 * (simulated.chance('hour', visit_id) - 0.5))
                              * interval '1 s'
                            - CASE WHEN extract(dow FROM ordered_at) = 0
                                   AND  simulated.chance('day', visit_id) < 0.4
                                   THEN interval '1 day' ELSE interval '0' END
                  END) AS s (started_at)
WHERE  started_at <= '2011-12-09 12:50';

CREATE UNIQUE INDEX ON simulated.visit (visit_id);
CREATE INDEX ON simulated.visit (started_at);
ANALYZE simulated.visit;

-- What a visit did, step by step.

\warn 'kpi: simulating events and carts ...'
CREATE TABLE simulated.event AS
SELECT visitor_no, started_at + (n - 1) * pace AS occurred_at,
       (ARRAY['product', 'cart', 'checkout', 'order'])[n] AS page
FROM   simulated.visit CROSS JOIN LATERAL generate_series(1, step) AS n;

-- Carts: some are come back to later. What an abandoned one held, nobody will know: 20 and more.

CREATE TABLE simulated.cart AS
SELECT visit_id                                               AS cart_id,
       started_at + pace                                      AS created_at,
       simulated.known(started_at + greatest(step - 1, 1) * pace
           + CASE WHEN step < 4 AND simulated.chance('later', visit_id) < 0.2
                  THEN simulated.wait('1 day', 'touched', visit_id)
                  ELSE interval '0' END)                      AS touched_at,
       o.ordered_at,
       CASE WHEN visitor_no < 1000000 THEN visitor_no END     AS customer_id,
       v.country,
       coalesce(o.paid, 20 + round((-300 * ln(1 - simulated.chance('cart', visit_id)))::numeric, 2))
                                                              AS worth
FROM   simulated.visit AS v LEFT JOIN placed_order AS o USING (order_no)
WHERE  step >= 2;


-- Deliveries: shipped within two days, later before Christmas; then one to three days in the
-- country, up to six in Europe, up to twelve overseas. One in 500 is lost.

\warn 'kpi: simulating deliveries and surveys ...'
CREATE TABLE simulated.delivery AS
SELECT order_no, country, ordered_at,
       simulated.known(shipped_at) AS shipped_at,
       simulated.known(CASE WHEN simulated.chance('lost', order_no) > 0.002
                            THEN delivered_at END) AS delivered_at,
       promised_at
FROM   placed_order
       CROSS JOIN LATERAL (
           SELECT CASE WHEN country IN ('United Kingdom', 'Channel Islands', 'EIRE') THEN 1
                       WHEN country IN ('Australia', 'Bahrain', 'Brazil', 'Canada', 'Hong Kong',
                                        'Israel', 'Japan', 'Lebanon', 'RSA', 'Saudi Arabia',
                                        'Singapore', 'USA', 'United Arab Emirates', 'Unspecified')
                       THEN 3 ELSE 2 END) AS z (zone)
       CROSS JOIN LATERAL (
           SELECT date_trunc('minute', ordered_at + interval '1 day' * (
                      0.2 + 1.3 * simulated.chance('packed', order_no)
                      + CASE WHEN extract(month FROM ordered_at) IN (11, 12) THEN 0.7 ELSE 0 END))
       ) AS p (shipped_at)
       CROSS JOIN LATERAL (
           SELECT date_trunc('minute', shipped_at + interval '1 day' * (ARRAY[2, 4, 9])[zone] * (
                      0.6 + 0.7 * simulated.chance('carried', order_no)
                      + CASE WHEN simulated.chance('delayed', order_no) < 0.06 THEN 1.5
                             ELSE 0 END)),
                  date_trunc('day', ordered_at)
                  + make_interval(days => (ARRAY[4, 7, 14])[zone], hours => 18)
       ) AS d (delivered_at, promised_at)
WHERE  cancelled_at IS NULL;

CREATE INDEX ON simulated.delivery (ordered_at);
CREATE INDEX ON simulated.delivery (order_no);


-- Surveys: customers some days after they got their goods, less content if these were late;
-- employees every month, on the fifth, less content when there is most to do. They grow more
-- content over the year.

CREATE TABLE simulated.answer AS
SELECT answered_at, question, score, country, customer_id AS respondent
FROM   simulated.delivery JOIN placed_order USING (order_no, country)
       CROSS JOIN LATERAL (VALUES ('csat', 0.09, interval '1 day'),
                                  ('nps', 0.06, interval '9 days'))
       AS q (question, answering, later)
       CROSS JOIN LATERAL (
           SELECT delivered_at + later + simulated.wait('1 day', question || ' answer', order_no)
       ) AS a (answered_at)
       CROSS JOIN LATERAL (
           SELECT simulated.chance(question, order_no)
                  * CASE WHEN delivered_at > promised_at THEN 0.55 ELSE 1 END
                  + 0.05 * extract(epoch FROM delivered_at - '2010-12-01') / 31536000) AS m (mood)
       CROSS JOIN LATERAL (
           SELECT width_bucket(mood, CASE question
                      WHEN 'csat' THEN ARRAY[0, 0.05, 0.1, 0.23, 0.6]
                      ELSE ARRAY[0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.19, 0.31, 0.47, 0.72] END)
       ) AS s (score)
WHERE  simulated.chance(question || ' asked', order_no) < answering
AND    simulated.known(answered_at) IS NOT NULL
UNION ALL
SELECT answered_at, question, score, NULL, -employee
FROM   generate_series(timestamp '2010-12-05', '2011-12-05', interval '1 month') AS month
       CROSS JOIN generate_series(1, 40) AS employee
       CROSS JOIN (VALUES ('enps', 0.65), ('esat', 0.75),
                          ('communication', 0.7)) AS q (question, answering)
       CROSS JOIN LATERAL (
           SELECT to_char(month, 'YYYYMM')::int * 100 + employee,
                  month AT TIME ZONE 'Europe/London' + employee * interval '13 minutes'
                  + interval '9 hours') AS a (id, answered_at)
       CROSS JOIN LATERAL (
           SELECT simulated.chance(question, id)
                  + 0.08 * extract(epoch FROM month - '2010-12-05') / 31536000
                  - CASE WHEN extract(month FROM month) IN (10, 11, 12) THEN 0.08 ELSE 0 END
       ) AS m (mood)
       CROSS JOIN LATERAL (
           SELECT CASE question
                  WHEN 'enps'
                  THEN width_bucket(mood, ARRAY[0.02, 0.04, 0.06, 0.08, 0.12, 0.17, 0.25, 0.4, 0.58,
                                                0.8])
                  ELSE greatest(width_bucket(mood, ARRAY[0, 0.06, 0.15, 0.34, 0.74]), 1) END
       ) AS s (score)
WHERE  simulated.chance(question || ' asked', id) < answering;


-- Stock: what was sold left the warehouse at the end of the day, what was refunded came back. Six
-- weeks' worth was there to begin with, and each month a little more is received than will be sold.
-- Counted at the end of each month.

\warn 'kpi: simulating stock ...'
CREATE TABLE simulated.stock_move AS
SELECT stock_code, moved_at, reason, pieces
FROM   (SELECT stock_code, date_trunc('day', invoiced_at) + interval '18 hours' AS moved_at,
               'sale' AS reason, -sum(quantity) AS pieces
        FROM   sale JOIN placed_order USING (order_no)
        WHERE  cancelled_at IS NULL
        GROUP  BY stock_code, date_trunc('day', invoiced_at)
        UNION ALL
        SELECT stock_code, refunded_at, 'refund', quantity
        FROM   refund LEFT JOIN placed_order USING (order_no)
        WHERE  cancelled_at IS NULL) AS m
WHERE  simulated.known(moved_at) IS NOT NULL;

INSERT INTO simulated.stock_move
SELECT stock_code, timestamptz '2010-12-01', 'opening', ceil(-0.12 * sum(pieces))
FROM   simulated.stock_move
WHERE  reason = 'sale'
GROUP  BY stock_code
UNION ALL
SELECT stock_code, date_trunc('month', moved_at) + interval '6 hours', 'receipt',
       ceil(-sum(pieces) * CASE
           WHEN date_trunc('month', moved_at) = '2011-12-01' THEN 1.5
           ELSE (1 + 0.06 * simulated.chance('received', hashtext(stock_code)))::numeric END)
FROM   simulated.stock_move
WHERE  reason = 'sale'
GROUP  BY stock_code, date_trunc('month', moved_at);

CREATE INDEX ON simulated.stock_move (moved_at);

CREATE TABLE simulated.stock_count AS
SELECT a.stock_code, until - interval '1 hour' AS counted_at,
       sum(coalesce(sum(pieces), 0)) OVER (PARTITION BY a.stock_code ORDER BY until) AS pieces
FROM   (SELECT DISTINCT stock_code FROM simulated.stock_move) AS a
       CROSS JOIN (
           SELECT (timestamp '2011-01-01' + n * interval '1 month') AT TIME ZONE 'Europe/London'
           FROM   generate_series(0, 11) AS n) AS m (until)
       LEFT JOIN simulated.stock_move AS s
           ON s.stock_code = a.stock_code
              AND s.moved_at >= until - interval '1 month' AND s.moved_at < until
GROUP  BY a.stock_code, until;


-- Requests: from customers about one order in 25, of late ones one in 4; and between the employees.
-- They are answered when somebody is there, on weekdays from 9 to 18 h; some never, as spam is.

CREATE FUNCTION simulated.at_work(at timestamptz) RETURNS timestamptz LANGUAGE SQL STABLE STRICT
BEGIN ATOMIC
    SELECT greatest(at, day + CASE extract(isodow FROM day) WHEN 6 THEN interval '57 hours'
                                                            WHEN 7 THEN interval '33 hours'
                                                            ELSE interval '9 hours' END)
    FROM   date_trunc('day', at + interval '6 hours') AS day;
END;

\warn 'kpi: simulating requests and projects ...'
CREATE TABLE simulated.request AS
SELECT row_number() OVER (ORDER BY asked_at, id) AS request_no,
       desk, country, asked_at,
       asked_at + interval '1 day' AS reply_due_at, asked_at + interval '4 days' AS solve_due_at,
       simulated.chance('reopened', id) < 0.05 AS reopened,
       simulated.known(CASE WHEN answered THEN replied_at END) AS replied_at,
       simulated.known(CASE WHEN answered THEN simulated.at_work(
           replied_at + simulated.wait(mean * 4, 'solved', id)) END) AS solved_at
FROM   (SELECT order_no AS id, 'support' AS desk, country, interval '2 hours' AS mean,
               ordered_at + simulated.wait('3 days', 'asked', order_no) AS asked_at
        FROM   simulated.delivery
        WHERE  simulated.chance('request', order_no)
               < CASE WHEN delivered_at > promised_at THEN 0.25 ELSE 0.04 END
        UNION ALL
        SELECT n, 'internal', NULL, interval '3 hours',
               date_trunc('day', at)
               + make_interval(secs => 32400 + trunc(28800 * simulated.chance('hour asked', n)))
        FROM   generate_series(1, 3400) AS n
               CROSS JOIN LATERAL (
                   SELECT timestamptz '2010-12-01'
                          + make_interval(days => trunc(374
                                                        * simulated.chance('day asked', n))::int)
               ) AS d (at)
        WHERE  extract(isodow FROM at) < 6) AS r
       CROSS JOIN LATERAL (
           SELECT simulated.at_work(simulated.at_work(asked_at)
                                    + simulated.wait(mean, 'replied', id)),
                  simulated.chance('spam', id) > 0.02) AS a (replied_at, answered)
WHERE  simulated.known(asked_at) IS NOT NULL;


-- Exchanges, for articles of the same price, so that the real amounts stay what they are.

CREATE TABLE simulated.exchange AS
SELECT order_no, ordered_at + interval '9 days' AS exchanged_at
FROM   placed_order
WHERE  cancelled_at IS NULL AND simulated.chance('exchanged', order_no) < 0.02;


-- Marketing: more is spent before Christmas.

CREATE TABLE simulated.spend AS
SELECT day::date AS spent_on,
       round((CASE WHEN day >= '2011-10-01' THEN 900 ELSE 500 END
              * (0.5 + simulated.chance('spent', extract(epoch FROM day)::int)))::numeric, 2)
           AS pounds
FROM   generate_series(timestamptz '2010-12-01', '2011-12-09', '1 day') AS day;


-- A panel: each month 400 people at home and 200 in Germany are asked whether they know the shop;
-- more do as the year goes on.

CREATE TABLE simulated.panel AS
SELECT date '2010-12-05' + month * interval '1 month' AS asked_on, country, asked,
       (SELECT count(*) FROM generate_series(1, asked) AS who
        WHERE  simulated.chance('knows ' || country, 1000 * month + who)
               < share * (1 + month / 16.0)) AS knew
FROM   generate_series(0, 12) AS month,
       (VALUES ('United Kingdom', 400, 0.2), ('Germany', 200, 0.08)) AS p (country, asked, share);


-- Projects: one is due every five days; three in four are done by then, others up to four weeks
-- late or not at all; a few are called off.

CREATE TABLE simulated.project AS
SELECT n AS project_no, team, due_on,
       CASE WHEN NOT stopped AND luck < 0.95
            AND done_on <= '2011-12-08' THEN done_on END AS done_on,
       CASE WHEN stopped THEN due_on - 3 END AS stopped_on
FROM   generate_series(1, 78) AS n
       CROSS JOIN LATERAL (
           SELECT date '2010-12-02' + 5 * n - trunc(4 * simulated.chance('due', n))::int,
                  simulated.chance('done', n), simulated.chance('stopped', n) < 0.04,
                  (ARRAY['buying', 'warehouse', 'web', 'marketing'])[1 + n % 4]
       ) AS p (due_on, luck, stopped, team)
       CROSS JOIN LATERAL (
           SELECT due_on + CASE WHEN luck < 0.75 THEN -trunc(8 * luck)::int
                                ELSE 1 + trunc(108 * (luck - 0.75))::int END) AS d (done_on);

ANALYZE;

-- Say what these are also to whoever finds them in a tool.
SELECT format('COMMENT ON TABLE simulated.%I IS %L', relname,
              'Simulated around the real orders; not data about the shop')
FROM   pg_class
WHERE  relnamespace = 'simulated'::regnamespace AND relkind = 'r'
\gexec
