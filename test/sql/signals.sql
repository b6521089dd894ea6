\set ECHO none
\i test/setup.psql
SELECT plan(58);

-- What signal() makes of values in their order. The first period may be short, so 1 stands there.
CREATE FUNCTION chart(variadic history float8[])
RETURNS TABLE (t bigint, value float8, centre numeric, lower numeric, upper numeric, rule text,
               side text, periods integer) LANGUAGE SQL AS $$
    SELECT t, v, round((s).centre::numeric, 4), round((s).lower::numeric, 4),
           round((s).upper::numeric, 4), (s).rule, (s).side, (s).periods
    FROM   (SELECT t - 1 AS t, v,
                   signal(v, NULL, NULL, NULL, NULL, NULL, NULL) OVER (ORDER BY t) AS s
            FROM   unnest(1.0::float8 || history) WITH ORDINALITY AS u (v, t)) AS judged
    WHERE  t > 0 $$;

-- The example of the NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten
-- batches, whose mean is 50.81 and whose moving ranges, 2.0 2.3 1.4 3.5 3.4 1.4 0.2 1.2 1.5, have
-- the mean 16.9 / 9 = 1.8778. The eight that follow are not among those they are judged by.
SELECT results_eq($$SELECT centre, lower, upper, rule, side, periods
                    FROM   chart(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
                                 50, 51, 50, 51, 50, 51, 50, 55.9) WHERE t = 18$$,
                  $$VALUES (50.8100, round(50.81 - 2.66 * 16.9 / 9, 4),
                            round(50.81 + 2.66 * 16.9 / 9, 4), 'outside', 'above', 10)$$,
                  'limits are 2.66 mean moving ranges from the mean, as in the handbook');
SELECT results_eq($$SELECT rule, side
                    FROM   chart(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
                                 50, 51, 50, 51, 50, 51, 50, 55.8) WHERE t = 18$$,
                  $$VALUES (NULL::text, 'above')$$, 'within them is chance');

-- From 9 and 11 by turns: centre 10, mean moving range 2, limits 4.68 and 15.32, and half way to
-- them 7.34 and 12.66.
CREATE FUNCTION after_turns(variadic history float8[])
RETURNS TABLE (n bigint, centre numeric, lower numeric, upper numeric, rule text, side text)
LANGUAGE SQL AS $$
    SELECT t - 8, centre, lower, upper, rule, side
    FROM   chart(variadic '{9,11,9,11,9,11,9,11}'::float8[] || history) WHERE t > 8 $$;
SELECT results_eq($$SELECT * FROM after_turns(15.33, 4.67, 15.32, 4.68)$$,
                  $$VALUES (1::bigint, 10.0, 4.68, 15.32, 'outside', 'above'),
                           (2, 10.0, 4.68, 15.32, 'outside', 'below'),
                           (3, 10.0, 4.68, 15.32, NULL, 'above'),
                           (4, 10.0, 4.68, 15.32, NULL, 'below')$$,
                  'the first eight make limits; on a limit is not outside');
SELECT results_eq($$SELECT n, rule, side FROM after_turns(11, 11, 11, 11, 11, 11, 11, 11, 11, 9)$$,
                  $$SELECT n, CASE WHEN n IN (8, 9) THEN 'run_of_eight' END,
                           CASE WHEN n < 10 THEN 'above' ELSE 'below' END
                    FROM   generate_series(1::bigint, 10) AS n$$,
                  'the eighth in a row on one side is a signal, and so is the ninth');
SELECT is_empty($$SELECT FROM after_turns(11, 11, 11, 11, 10, 11, 11, 11, 11)
                  WHERE  rule IS NOT NULL$$, 'what is at the centre is on no side');
SELECT results_eq($$SELECT n, rule, side FROM after_turns(7, 13, 9, 13, 13, 12.66, 13)$$,
                  $$VALUES (1::bigint, NULL, 'below'), (2, NULL, 'above'), (3, NULL, 'below'),
                           (4, NULL, 'above'), (5, 'three_of_four', 'above'), (6, NULL, 'above'),
                           (7, 'three_of_four', 'above')$$,
                  'so is the third of four more than half way to a limit; half way is not more');
SELECT results_eq($$SELECT n, rule
                    FROM   after_turns(11, 11, 11, 11, NULL, 11, 11, 11, 11, 11, 11, 11, 11, 11)
                    WHERE  rule IS NOT NULL$$,
                  $$VALUES (13::bigint, 'run_of_eight'), (14, 'run_of_eight')$$,
                  'a period without a value ends a run');
SELECT results_eq($$SELECT n, rule FROM after_turns(13, 13, NULL, 13, NULL, 13)
                    WHERE  rule IS NOT NULL$$,
                  $$VALUES (4::bigint, 'three_of_four')$$, 'and is one of four, though not far');
SELECT is_empty($$SELECT FROM after_turns(13, 7, 13, 7, 13, 7, 13, 7) WHERE rule IS NOT NULL$$,
                'on both sides is on neither');
SELECT results_eq($$SELECT n, rule FROM after_turns(13, 13, 16)$$,
                  $$VALUES (1::bigint, NULL), (2, NULL), (3, 'outside')$$,
                  'the strongest rule is named');
SELECT results_eq($$SELECT bool_and(c.centre IS NULL), bool_and(c.lower IS NULL),
                           bool_and(c.rule IS NULL), max(c.periods)
                    FROM   chart(9, 11, 9, 11, 9, 11, 9, 900) AS c$$,
                  $$VALUES (true, true, true, 0)$$,
                  'eight periods are needed before the one that is judged');
SELECT results_eq($$SELECT centre, lower, upper, rule, periods
                    FROM   chart(7, 7, 7, 7, 7, 7, 7, 7, 8) WHERE t = 9$$,
                  $$VALUES (7.0, NULL::numeric, NULL::numeric, NULL::text, 8)$$,
                  'what never varied has no limits');
SELECT is_empty($$SELECT FROM chart(variadic array_fill(0.1::float8, '{60}'))
                  WHERE  rule IS NOT NULL OR side IS NOT NULL$$,
                'nor is anything above or below it, though a tenth is not exact');
SELECT results_eq($$SELECT periods FROM chart(variadic ARRAY(
                        SELECT 9.0::float8 + 2 * (i % 2) FROM generate_series(1, 40) AS i))
                    WHERE t IN (9, 16, 17, 31, 32, 33, 40)$$,
                  $$VALUES (8), (8), (9), (23), (24), (24), (24)$$,
                  'limits are made of up to 24 periods, which end before the last eight');
-- A value of 1000 is judged, at first, by what was before it; eight periods later it makes limits.
SELECT results_eq($$SELECT n, centre FROM after_turns(1000, 9, 11, 9, 11, 9, 11, 9, 11, 9)
                    WHERE  n IN (1, 8, 9)$$,
                  $$VALUES (1::bigint, 10.0), (8, 10.0), (9, round(1080.0 / 9, 4))$$,
                  'no signal is hidden by itself, nor by the seven after it');
SELECT results_eq($$SELECT count(*), count(*) FILTER (WHERE (s).periods > 0)
                    FROM   (SELECT signal(v, NULL, NULL, NULL, NULL, NULL, NULL) OVER (ORDER BY t)
                                   AS s
                            FROM   unnest('{0,0,0,0,0,0,0,0,0,5,5,6,5,6,5,6,5,6,5,9}'::float8[])
                                       WITH ORDINALITY AS u (v, t)) AS judged$$,
                  $$VALUES (20::bigint, 2::bigint)$$,
                  'a history begins after the first period in which there is something');

-- What is given by the caller, not by the view.
SELECT results_eq($$SELECT periods FROM chart(9, 11, NULL, 9, 11, 9, 11, 9, 11, 50)$$,
                  $$VALUES (0), (0), (NULL), (0), (0), (0), (0), (0), (0), (8)$$,
                  'of a period without a value no limits are made');
SELECT results_eq($$SELECT t, centre, rule FROM chart(9, 11, NULL, 9, 11, 9, 11, 9, 11, 50)
                    WHERE  t IN (3, 10)$$,
                  $$VALUES (3::bigint, NULL::numeric, NULL), (10, 10.0, 'outside')$$,
                  'nothing is said of it, and nothing else is by it');
SELECT results_eq($$SELECT (s).* FROM (SELECT signal(v, 100, CASE WHEN t <> 4 THEN 1 END,
                               CASE WHEN t <> 6 THEN 1 END, NULL, NULL, NULL) OVER (ORDER BY t),
                               t
                           FROM   unnest('{1,9,11,9,11,9,11,9,11,50}'::float8[])
                                      WITH ORDINALITY AS u (v, t)) AS j (s, t) WHERE t = 10$$,
                  $$SELECT (s).* FROM (SELECT signal(v, NULL, NULL, NULL, NULL, NULL, NULL)
                                                  OVER (ORDER BY t), t
                           FROM   unnest('{1,9,11,9,11,9,11,9,11,50}'::float8[])
                                      WITH ORDINALITY AS u (v, t)) AS j (s, t) WHERE t = 10$$,
                  'where not of all periods their sample is known, none is used');
SELECT throws_ok(format('SELECT signal(%s, NULL, NULL, %s, NULL) OVER ()', a, b), '22023', message,
                 rule)
FROM   (VALUES
    ('''NaN'', 1', 'NULL, NULL', 'the value of row 1 of a history is NaN', 'NaN is refused'),
    ('''-Infinity'', 1', 'NULL, NULL', 'the value of row 1 of a history is infinite',
     'and so is infinity'),
    ('1, NULL', 'NULL, ''NaN''', 'the lowest value of row 1 of a history is NaN',
     'as the end of what values can be'),
    ('1, -2', 'NULL, NULL', 'the value of row 1 of a history is of -2 observations',
     'there are no fewer observations than none')) AS r (a, b, message, rule);
SELECT is(ARRAY[finite_number(2, NULL, 'order_id', 7), finite_number(3, 'orders.units', NULL, 7),
                finite_number(NULL, 'orders.units', 'order_id', 7)], '{2,3,NULL}',
          'a number is one, whatever is known of its row');
SELECT throws_ok('SELECT finite_number(''NaN'', NULL, NULL, 7)', '22023', 'the number is NaN',
                 'and NaN is none');

-- Eight samples of 100 and 400 by turns, together 400 of 2000: p is 0.2, the standard deviations of
-- such samples are 0.04 and 0.02, so that z is 1 -1 -1 1 1 -1 -1 1, the moving ranges are
-- 2 0 2 0 2 0 2, and sigma of z is 8 / 7 / 1.128. For 1600 the standard deviation is 0.01.
CREATE FUNCTION sampled(successes bigint[], trials bigint[], scale bigint DEFAULT 1)
RETURNS TABLE (t bigint, centre numeric, lower numeric, upper numeric, sigma numeric, rule text)
LANGUAGE SQL AS $$
    SELECT t, round((s).centre::numeric, 6), round((s).lower::numeric, 6),
           round((s).upper::numeric, 6), round((s).sigma::numeric, 6), (s).rule
    FROM   (SELECT t, signal(k::float8 / n, n, k, k, NULL, 0, 1) OVER (ORDER BY t) AS s
            FROM   unnest(1::bigint || successes, 2::bigint || trials)
                       WITH ORDINALITY AS u (k, n, t)) AS judged $$;
SELECT results_eq($$SELECT centre, lower, upper, sigma, rule
                    FROM   sampled('{24,72,16,88,24,72,16,88,369}',
                                   '{100,400,100,400,100,400,100,400,1600}') WHERE t = 10$$,
                  $$VALUES (0.2, round(0.2 - 0.03 * 8 / 7 / 1.128, 6),
                            round(0.2 + 0.03 * 8 / 7 / 1.128, 6), round(0.08 / 7 / 1.128, 6),
                            'outside')$$,
                  'limits of a rate know its sample, and what chance does not explain (Laney)');
SELECT results_eq($$SELECT lower, upper, rule
                    FROM   sampled('{24,72,16,88,24,72,16,88,0}',
                                   '{100,400,100,400,100,400,100,400,1}') WHERE t = 10$$,
                  $$VALUES (0.0, 1.0, NULL::text)$$,
                  'one visit is never a signal, and no limit lies where no rate can be');
-- Where none of 800 was so, k of 100 that are now would be all there are of 900 by chance in
-- (1 / 9) ^ k: that is 0.00135 for k = 3.0073.
SELECT results_eq(format('SELECT centre, lower, upper, sigma, rule FROM sampled(%L, %L) '
                         'WHERE t = 10', hits || last, array_fill(100, '{9}')),
                  format('VALUES (%s, %s, %s, 0.010024, %L::text)', centre, lower, upper, rule),
                  says)
FROM   (VALUES
    (array_fill(0, '{8}'), 3, '0.0', '0.0', '0.030073', NULL, 'what was always 0 may be a little'),
    (array_fill(0, '{8}'), 4, '0.0', '0.0', '0.030073', 'outside',
     'more than a little is no chance'),
    (array_fill(100, '{8}'), 96, '1.0', '0.969927', '1.0', 'outside', 'nor if it was always 1'))
    AS c (hits, last, centre, lower, upper, rule, says);
SELECT results_eq($$SELECT centre, lower, upper, sigma
                    FROM   sampled('{20,20,20,20,20,20,20,20,20}', array_fill(100, '{9}'))
                    WHERE  t = 10$$, $$VALUES (0.2, 0.08, 0.32, 0.04)$$,
                  'a rate that never varied is expected to do so as chance makes it');
SELECT is((SELECT round((s).lower::numeric, 4)
           FROM   (SELECT t, signal(100, 100, 10000, 1000000, NULL, -100, 100) OVER (ORDER BY t)
                   FROM   generate_series(1, 10) AS t) AS judged (t, s) WHERE t = 10),
          round(100 - 200 * ln(0.00135) / ln(1 / 9.0) / 100, 4),
          'of an NPS of promoters alone it is known how many detractors would be no chance');
-- Defective chips of 50 on wafers (the same handbook, 6.3.3.2, the first 24). Where all samples are
-- of one size, limits are those of single values, but that 3 / 1.128 is 2.6596.
SELECT results_eq($$SELECT p.centre, p.upper
                    FROM   sampled('{12,15,8,10,4,7,16,9,14,10,5,6,17,12,22,8,10,5,13,11,20,18,24,'
                                   '15,9,12,7,13,9,6,7,8}', array_fill(50, '{32}')) AS p
                    WHERE  p.t = 33$$,
                  $$SELECT round(avg(k) / 50, 6),
                           round((avg(k) + 3 / 1.128 * avg(abs(k - before))) / 50, 6)
                    FROM   (SELECT k, lag(k) OVER (ORDER BY t) AS before
                            FROM   unnest('{12,15,8,10,4,7,16,9,14,10,5,6,17,12,22,8,10,5,13,11,20,'
                                          '18,24,15}'::numeric[])
                                       WITH ORDINALITY AS u (k, t)) AS w$$,
                  'of samples of one size they are those of single values');

-- Promoters 55 and detractors 45 of 100, and the other way round: together the NPS is 0, an answer
-- is 100 or -100, so 100 answers have a standard deviation of 10 and z is 1 and -1 by turns, with
-- ranges of 2. For 400 answers the standard deviation is 5.
SELECT results_eq($$SELECT round((s).centre::numeric, 6), round((s).upper::numeric, 6), (s).rule
                    FROM   (SELECT t, signal(value(n), responses(n),
                                             100 * (promoters(n) - detractors(n)),
                                             10000 * (promoters(n) + detractors(n)), NULL, -100,
                                             100) OVER (ORDER BY t) AS s
                            FROM   (SELECT t, CASE WHEN t = 10 THEN nps '234/0/166'
                                                   WHEN t % 2 = 0 THEN '55/0/45'
                                                   ELSE '45/0/55' END AS n
                                    FROM   generate_series(1, 10) AS t) AS scores) AS judged
                    WHERE  t = 10$$,
                  $$VALUES (0.0, round(3 * 5 * 2 / 1.128, 6), NULL::text)$$,
                  'limits of an NPS are made of the variance of its answers');

-- Sundays sell 1, other days 100 and 102 by turns of weeks.
CREATE FUNCTION weeks(last float8)
RETURNS TABLE (t int, centre numeric, upper numeric, rule text, periods int, seasonal boolean)
LANGUAGE SQL AS $$
    SELECT t, round((s).centre::numeric, 4), round((s).upper::numeric, 4), (s).rule, (s).periods,
           (s).seasonal
    FROM   (SELECT t, signal(CASE WHEN t = 7 * 27 THEN last WHEN t % 7 = 0 THEN 1 + t / 7 % 2
                                  ELSE 100 + t / 7 % 2 * 2 END, NULL, NULL, NULL, t % 7, 0, NULL)
                      OVER (ORDER BY t) AS s
            FROM   generate_series(0, 7 * 27) AS t) AS judged $$;
SELECT results_eq('SELECT centre, upper, rule, periods, seasonal FROM weeks(5) WHERE t = 7 * 27',
                  'VALUES (1.5, 4.16, ''outside'', 24, true)',
                  'a Sunday is compared with Sundays, by their own moving range');
SELECT results_eq('SELECT centre, upper, rule, periods FROM weeks(5) WHERE t = 7 * 27 - 1',
                  'VALUES (101.0, 106.32, NULL::text, 24)', 'a Saturday with Saturdays');
-- Each month has twice what it is called by, a tenth less and more by turns of years: each is 1.9
-- or 2.1 times its number, relative to its mean 0.95 or 1.05, always the same within a year. The
-- ranges are 0 but where a year ends, 2 of 35 or 1 of 23. Two or three years say it, so that
-- differences are divided by sqrt(1 - 1 / 3), and a month is judged with sqrt(1 + 1 / 3).
SELECT results_eq($$SELECT round((s).centre::numeric, 6), round((s).sigma::numeric, 6), (s).periods
                    FROM   (SELECT t, signal((t % 12 + 1) * (1.9 + 0.2 * (t / 12 % 2)), NULL, NULL,
                                             NULL, t % 12, NULL, NULL) OVER (ORDER BY t) AS s
                            FROM   generate_series(-2, 60) AS t) AS judged WHERE t = 43$$,
                  $$SELECT round(8 * 5.9 / 3, 6),
                           round(8 * 5.9 / 3 / 1.128 * (2 * 0.2 / (5.9 / 3) / 35)
                                 / sqrt(1 - 1 / 3.0) * sqrt(1 + 1 / 3.0), 6), 36$$,
                  'a month is compared with the same months, by the moving range of all');


-- A shop of three and a half years by chance, whose rows lie in no order, beside plain SQL. In its
-- last year more of the visits buy; the app starts late; Sundays and December differ.
CREATE SCHEMA chance;
CREATE TABLE chance.orders AS
SELECT row_number() OVER () AS order_id, day + random() * interval '24 hours' AS ordered_at,
       (random() * 400)::integer AS customer_id,
       round((10 + random() * 90)::numeric, 2) AS net_sales,
       CASE WHEN random() < 0.1 THEN timestamptz '2025-06-30' END AS cancelled_at, channel
FROM   generate_series(timestamptz '2022-01-05', '2025-06-20', '1 day') AS day,
       unnest('{web,app}'::text[]) AS channel,
       generate_series(1, (random() * CASE WHEN extract(dow FROM day) = 0 THEN 1
                                           WHEN extract(month FROM day) = 12 THEN 6
                                           ELSE 3 END)::integer)
WHERE  channel = 'web' OR day > '2024-10-01'
ORDER  BY random();
CREATE TABLE chance.visits AS
SELECT row_number() OVER () AS visit_id, day + i * interval '1 minute' AS started_at,
       (random() * 900)::integer AS visitor_id, channel,
       random() < CASE WHEN day > '2024-08-01' THEN 0.45 ELSE 0.2 END AS converted
FROM   generate_series(timestamptz '2022-01-05', '2025-06-20', '1 day') AS day,
       unnest('{web,app}'::text[]) AS channel, generate_series(1, 4 + (random() * 9)::integer) AS i
WHERE  channel = 'web' OR day > '2024-10-01'
ORDER  BY random();
CREATE TABLE chance.surveys AS
SELECT day + i * interval '1 minute' AS answered_at, 'nps' AS instrument,
       (random() * 10)::integer AS score
FROM   generate_series(timestamptz '2022-01-05', '2025-06-20', '1 day') AS day,
       generate_series(1, (random() * 6)::integer) AS i
ORDER  BY random();
SELECT FROM build('chance', 'UTC', 'EUR', '{channel}', storage => 'materialized',
                  as_of => '2025-06-20 12:00Z');
CREATE TABLE signals AS SELECT * FROM chance.signals;

CREATE VIEW valued AS
SELECT * FROM chance.kpi_values
WHERE  kpi IN ('orders', 'net_sales', 'aov', 'conversion_rate', 'nps', 'visits',
               'cancellation_rate');
CREATE VIEW opinions AS
SELECT 'nps' AS kpi, grain, date_trunc(grain, answered_at)::date AS period,
       count(*) FILTER (WHERE score > 8 OR score < 7) AS n
FROM   chance.surveys, unnest('{day,week,month}'::text[]) AS grain GROUP BY 2, 3;
\i test/signals.psql
SELECT cmp_ok(count(*), '>', 10000::bigint, 'there are many periods to judge') FROM beside;
SELECT is((SELECT count(*) FROM point
           WHERE  NOT EXISTS (SELECT FROM signals AS s
                              WHERE  concat_ws(' ', s.kpi, s.grain, s.dimension, s.member)
                                     = point.series AND s.period = point.period)),
          0::bigint, 'and all of them are');
SELECT is_empty($$SELECT * FROM beside
                  WHERE  periods <> coalesce(expected_periods, 0)
                  OR     seasonal IS DISTINCT FROM coalesce(way IN ('own', 'all'), false)$$,
                'periods are judged by those that plain SQL finds');
SELECT is_empty($$SELECT * FROM beside
                  WHERE  abs(centre - mean) > 1e-9 * (1 + abs(mean))
                  OR     (centre IS NULL) <> (mean IS NULL) OR (lower IS NULL) <> (reach IS NULL)
                  OR     abs(lower - expected_lower) > 1e-9 * (1 + reach)
                  OR     abs(upper - expected_upper) > 1e-9 * (1 + reach)$$,
                'by the limits that plain SQL finds');
SELECT is_empty($$SELECT * FROM beside
                  WHERE  rule IS DISTINCT FROM expected OR side IS DISTINCT FROM
                         nullif(expected_side, 0)$$, 'by the rules that plain SQL finds');
SELECT results_eq($$SELECT count(DISTINCT way), count(DISTINCT rule) FROM beside$$,
                  'VALUES (3::bigint, 3::bigint)', 'in each of the three ways, by all three rules');

-- What the view says.
SELECT results_eq($$SELECT DISTINCT grain, dimension FROM signals ORDER BY 1, 2$$,
                  $$VALUES ('day', 'channel'), ('day', NULL), ('month', 'channel'), ('month', NULL),
                           ('week', 'channel'), ('week', NULL)$$,
                  'signals are of days, weeks and months, in all and by each dimension');
SELECT is_empty($$SELECT kpi FROM signals WHERE kpi LIKE '%growth%'$$, 'growth is not judged');
SELECT results_eq($$SELECT grain, max(period) FROM signals GROUP BY grain ORDER BY grain$$,
                  $$VALUES ('day', date '2025-06-19'), ('month', '2025-05-01'),
                           ('week', '2025-06-09')$$, 'nor is a period that is not over');
SELECT results_eq($$SELECT period, rule, side, good
                    FROM   chance.signals
                    WHERE  kpi = 'conversion_rate' AND grain = 'week' AND dimension IS NULL
                    AND    period >= '2024-07-29' AND rule IS NOT NULL
                    ORDER  BY period LIMIT 1$$,
                  $$VALUES (date '2024-08-05', 'outside', 'above', true)$$,
                  'that more visits buy is seen in the first whole week of it, and is good');
SELECT is_empty($$SELECT * FROM signals AS s JOIN indicators AS i ON i.indicator = s.kpi
                  WHERE  good IS DISTINCT FROM CASE WHEN rule IS NOT NULL THEN
                             CASE side WHEN 'above' THEN direction = 'up'
                                       ELSE direction = 'down' END END$$,
                'a signal is good or bad by the direction of its indicator, if it has one');
SELECT results_eq($$SELECT signal_why(v, s, u, g, 'EUR'), signal_why(v, s, u, g, 'EUR', 'zh')
                    FROM (VALUES
    (1240.4::float8, (1000, 900, 1100, 33, 'outside', 'above', 24, false)::signal, 'money',
     'month'),
    (0.01, (0.02, 0.0123, 0.0301, 0.003, 'outside', 'below', 24, true)::signal, 'share', 'day'),
    (3.456, (3, 2, 4, 0.33, 'run_of_eight', 'above', 9, false)::signal, 'hours', 'week'),
    (12, (20, 8, 32, 4, 'three_of_four', 'below', 36, true)::signal, 'count', 'month'),
    (12, (20, 8, 32, 4, NULL, 'below', 36, true)::signal, 'count', 'month'),
    (7, (7, NULL, NULL, NULL, NULL, NULL, 8, false)::signal, 'count', 'week'),
    (-1234567, (NULL, NULL, NULL, NULL, NULL, NULL, 0, false)::signal, 'money', 'month')
                    ) AS c (v, s, u, g)$$, $$VALUES
    ('€1,240 is above the limit of €1,100; usual is €1,000 (24 earlier months)',
     '€1,240 高于上限 €1,100；通常为 €1,000（此前 24 个月）'),
    ('1% is below the limit of 1.23%; usual is 2% (24 earlier days, by the weekday)',
     '1% 低于下限 1.23%；通常为 2%（此前 24 天，按星期几比较）'),
    ('3.5 hours: at least eight weeks in a row above what is usual, now 3 hours (9 earlier weeks)',
     '3.5小时，已至少连续八周高于通常水平，现通常为 3小时（此前 9 周）'),
    ('12: three of the last four months are more than half way to the lower limit, now 8; '
     'usual is 20 (36 earlier months, by the month of the year)',
     '12，最近四个月中有三个月超过通常值与下限 8 的中点；通常为 20（此前 36 个月，按同月比较）'),
    ('within the limits of 8 and 32', '在界限 8 与 32 之内'),
    ('no limits, as what was usual did not vary: 7 (8 earlier weeks)',
     '没有界限，因为通常值没有变化：7（此前 8 周）'),
    ('too little history: limits need eight earlier months, without the first',
     '历史太短：不计第一期，须先有八个月才有界限')$$,
                  'every signal has a sentence that says why, in English and Chinese');
SELECT is(ARRAY[signal_why(v, s, u, 'month'), signal_why(v, s, u, 'month', NULL, 'zh')], said,
          'a figure is told from the one it is beside, with its unit')
FROM   (VALUES
    (0.123412::float8, (0.1, 0.05, 0.123411, 0.01, 'outside', 'above', 24, false)::signal, 'share',
     '{12.3412% is above the limit of 12.3411%; usual is 10% (24 earlier months),'
     '12.3412% 高于上限 12.3411%；通常为 10%（此前 24 个月）}'::text[]),
    (2.04, (2.03, 1, 3, 0.1, 'run_of_eight', 'above', 24, false)::signal, 'days',
     '{"2.04 days: at least eight months in a row above what is usual, now 2.03 days '
     '(24 earlier months)","2.04天，已至少连续八个月高于通常水平，现通常为 2.03天（此前 24 个月）"}'))
    AS c (v, s, u, said);
SELECT is_empty($$SELECT code || ' ' || side FROM unnest('{outside,run_of_eight,three_of_four}'
                      ::text[]) AS code, unnest('{above,below}'::text[]) AS side
                  WHERE  num_nulls(text_said('signal ' || code || ' ' || side, 'en'),
                                   text_said('rule ' || code, 'zh')) > 0$$,
                'there are words for every rule and side');
SELECT is_empty($$SELECT FROM chance.signals
                  WHERE  kpi = 'net_sales' AND grain = 'month' AND dimension IS NULL
                  AND    lower IS NOT NULL AND strpos(why, '€') = 0$$,
                'amounts are in the currency of the model');
CREATE TABLE bounds (orders bigint, units numeric, csat float8, csat_weighted float8,
                     gross_margin float8, unit_return_rate float8, net_sales numeric,
                     fulfilment_days float8, project_slip_days float8, inventory_turnover float8,
                     nps_weighted float8, csat_mean float8);
SELECT set_eq($$SELECT r.m[1] AS kpi, r.m[2] AS lowest, r.m[3] AS highest
                FROM   regexp_matches(observed_rows('bounds'::regclass),
                           'v\.(\w+)::float8[^)]* (\S+)::float8, (\S+)::float8', 'g') AS r (m)$$,
              $$VALUES ('orders', '0', 'NULL'), ('units', '0', 'NULL'), ('csat', '0', '1'),
                       ('csat_weighted', '0', '1'), ('gross_margin', 'NULL', '1'),
                       ('unit_return_rate', '0', 'NULL'), ('net_sales', 'NULL', 'NULL'),
                       ('fulfilment_days', '0', 'NULL'), ('project_slip_days', 'NULL', 'NULL'),
                       ('inventory_turnover', '0', 'NULL'), ('nps_weighted', '-100', '100'),
                       ('csat_mean', '1', '5')$$, 'no limit lies where no value can be');
SELECT is_empty('SELECT * FROM signals WHERE why IS NULL OR why_zh IS NULL',
                'and so has what is none');

-- The same rows in another order.
CREATE SCHEMA other;
CREATE TABLE other.orders AS SELECT * FROM chance.orders ORDER BY order_id;
SELECT FROM build('other', 'UTC', 'EUR', since => '2022-01-05', as_of => '2025-06-20 12:00Z');
SELECT is_empty($$SELECT * FROM signals
                  WHERE  kpi IN ('net_sales', 'aov', 'orders') AND dimension IS NULL
                  EXCEPT ALL
                  SELECT * FROM other.signals WHERE kpi IN ('net_sales', 'aov', 'orders')$$,
                'rows in another order give the same limits, to the last bit');

-- False alarms: 500 histories of 100 periods in which nothing happens, of values and of
-- shares, whose limits are made of 24. If what is usual were known and not estimated, 0.3 of 100
-- would be outside, 0.8 in a run and 0.2 three of four.
CREATE FUNCTION normal() RETURNS float8 LANGUAGE SQL AS
    'SELECT sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';
CREATE TABLE calm AS
SELECT h, t, 50 + 10 * normal() AS value, 50 + (random() * 400)::bigint AS n
FROM   generate_series(1, 500) AS h, generate_series(1, 141) AS t;
CREATE FUNCTION alarms(shift float8)
RETURNS TABLE (h int, t int, of_values text, of_shares text) LANGUAGE SQL AS $$
    SELECT h, t, (signal(value + CASE WHEN t > 100 THEN 10 * shift ELSE 0 END, NULL, NULL, NULL,
                         NULL, NULL, NULL) OVER run).rule,
           (signal(k::float8 / n, n, k, k, NULL, 0, 1) OVER run).rule
    FROM   (SELECT *, greatest(round(n * (0.4 + CASE WHEN t > 100 THEN 0.035 * shift ELSE 0 END)
                                     + sqrt(n * 0.24) * (value - 50) / 10), 0)::bigint AS k
            FROM   calm) AS c
    WINDOW run AS (PARTITION BY h ORDER BY t) $$;
CREATE TABLE alarm AS SELECT * FROM alarms(0) WHERE t > 41;
SELECT results_eq($$SELECT kind,
                           round(100 * avg((rule = 'outside')::integer), 1) BETWEEN 0.7 AND 1.2,
                           round(100 * avg((rule = 'run_of_eight')::integer), 1)
                               BETWEEN 0.9 AND 1.7,
                           round(100 * avg((rule = 'three_of_four')::integer), 1)
                               BETWEEN 0.3 AND 0.7
                    FROM   alarm CROSS JOIN LATERAL (
                               VALUES ('share', coalesce(of_shares, '')),
                                      ('value', coalesce(of_values, ''))) AS r (kind, rule)
                    GROUP  BY kind ORDER BY kind$$,
                  $$VALUES ('share', true, true, true), ('value', true, true, true)$$,
                  'where nothing happens, 3 of 100 periods are signals: 1 outside, 1.4 in a run, '
                  '0.5 three of four');
CREATE TABLE shifted AS
SELECT s.shift, a.h, min(a.t) FILTER (WHERE a.t > 100 AND a.of_values IS NOT NULL) AS seen
FROM   (VALUES (1), (2), (3)) AS s (shift), alarms(s.shift) AS a GROUP BY s.shift, a.h;
SELECT results_eq($$SELECT shift, percentile_disc(0.5) WITHIN GROUP (ORDER BY seen - 100)
                               <= CASE shift WHEN 1 THEN 8 WHEN 2 THEN 3 ELSE 1 END
                    FROM   shifted GROUP BY shift ORDER BY shift$$,
                  $$VALUES (1, true), (2, true), (3, true)$$,
                  'a shift by 1, 2 or 3 sigma is seen within 8, 3 and 1 periods, half of the time '
                  'or more');
SELECT * FROM finish();
ROLLBACK;
