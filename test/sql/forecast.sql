\set ECHO none
\i test/setup.psql
SELECT plan(21);

-- Two years of four quarters, the second a tenth above the first: the next is a tenth above that.
SELECT results_eq($$SELECT round(forecast::numeric, 9), low
                    FROM   forecast('{10,20,30,40,11,22,33,44}', 4, 1)$$,
                  'VALUES (12.1::numeric, NULL::float8)',
                  'a year ago, times the growth of the last quarter; three errors are too few');
SELECT is(round(forecast::numeric, 9), 26.62, 'two years ahead it has grown twice')
FROM   forecast('{10,20,30,40,11,22,33,44}', 4, 6);

-- With values of zero or less, what the last quarter had more is added: 4 + (8 - 6) = 6. From the
-- fifth quarter on, the same would have said -1, 5, 6, 4, 2, 6, 9, and it was 0, 5, 6, 4, 1, 8, 8:
-- errors of 1, 0, 0, 0, 1, 2, 1. Of seven errors what lies 0.4 of the way from the sixth to the
-- seventh (0.8 of 8 is 6.4) is the limit for 80 %, the fourth for 50 %; the eighth, for 90 %, there
-- is not.
\set quarters '{1,-2,3,4,2,0,5,6,4,1,8,8}'
SELECT results_eq(format('SELECT l, f.* FROM unnest(''{0.8,0.5,0.9}''::float8[]) AS l,
                                 forecast(%L, 4, 1, l) AS f', :'quarters'),
                  'VALUES (0.8::float8, 6::float8, 4.6::float8, 7.4::float8), (0.5, 6, 5, 7),
                          (0.9, 6, NULL, NULL)',
                  'it is as sure as it has been right before');
SELECT results_eq($$SELECT a, f.forecast FROM generate_series(1, 2) AS a,
                           forecast('{1,-2,3,4,2,0,5,6,NULL,1,8,8}', 4, a) AS f$$,
                  'VALUES (1, NULL::float8), (2, 3)', 'what is not known is not made up');
SELECT results_eq($$SELECT forecast, round(low::numeric, 9), round(high::numeric, 9)
                    FROM   forecast('{10,20,16,16,8}', 1, 1)$$,
                  'VALUES (8::float8, 4::numeric, 16::numeric)',
                  'without seasons it stays what it is, give or take what it moved by before');
SELECT results_eq($$SELECT f.* FROM (VALUES ('{1,2,3,4,5,6,7}', 4, 1, 0.8), ('{}', 4, 1, 0.8),
                                            ('{1,2,3}', 0, 1, 0.8), ('{1,2,3}', 1, 0, 0.8),
                                            ('{1,2,3}', 1, 1, 1), ('{NULL,NULL}', 1, 1, 0.8))
                                    AS c (history, season, ahead, level),
                                    forecast(history::float8[], season, ahead, level) AS f$$,
                  'SELECT NULL::float8, NULL::float8, NULL::float8 FROM generate_series(1, 6)',
                  'with fewer than two seasons, or a question that is none, it cannot be told');

-- The same in a loop, without arrays of errors: for random series, some with gaps, some below zero.
CREATE FUNCTION told(y float8[], season int, ahead int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    n       int := cardinality(y);
    back    int := 0;
    changes float8 := 0;
    known   int := 0;
BEGIN
    WHILE back * season < ahead LOOP
        back := back + 1;
    END LOOP;
    IF n - ceil(season / 4.0)::int + 1 - season < 1 THEN
        RETURN NULL;
    END IF;
    FOR i IN n - ceil(season / 4.0)::int + 1 .. n LOOP
        IF y[i] - y[i - season] IS NOT NULL THEN
            changes := changes + y[i] - y[i - season];
            known := known + 1;
        END IF;
    END LOOP;
    RETURN y[n + ahead - back * season]
           + CASE WHEN known > 0 THEN back * changes / known END;
END $$;
CREATE FUNCTION oracle(y float8[], season int, ahead int, level float8)
RETURNS TABLE (forecast float8, low float8, high float8) LANGUAGE plpgsql AS $$
DECLARE
    logs  boolean := (SELECT coalesce(bool_and(v > 0), false) FROM unnest(y) AS v);
    error float8;
    width float8;
    less  float8 := 0;
    place float8;
    n     int := 0;
BEGIN
    IF logs THEN
        y := ARRAY(SELECT ln(v) FROM unnest(y) WITH ORDINALITY AS u (v, i) ORDER BY i);
    END IF;
    CREATE TEMP TABLE error (error float8) ON COMMIT DROP;
    FOR i IN 1 .. cardinality(y) - ahead LOOP
        INSERT INTO error
        SELECT e FROM abs(y[i + ahead] - told(y[1:i], season, ahead)) AS e WHERE e IS NOT NULL;
    END LOOP;
    place := ((SELECT count(*) FROM error) + 1) * level;
    FOR error IN SELECT e.error FROM error AS e ORDER BY 1 LOOP
        n := n + 1;
        IF n >= place THEN
            width := less + (place - n + 1) * (error - less);
            EXIT;
        END IF;
        less := error;
    END LOOP;
    DROP TABLE error;
    IF cardinality(y) >= 2 * season THEN
        forecast := told(y, season, ahead);
        low := forecast - width;
        high := forecast + width;
    END IF;
    IF logs THEN
        forecast := exp(forecast);
        low := exp(low);
        high := exp(high);
    END IF;
    RETURN NEXT;
END $$;
CREATE TABLE series AS
SELECT i, ARRAY(SELECT CASE WHEN i % 3 > 0 OR random() < 0.95
                            THEN i + random() * 20 - CASE i % 2 WHEN 0 THEN 10 ELSE 0 END END
                FROM   generate_series(1, any_of(0, 40))) AS y,
       (ARRAY[2, 4, 7, 12])[any_of(1, 4)] AS season, any_of(1, 14)::int AS ahead,
       (ARRAY[0.5, 0.8, 0.95])[any_of(1, 3)]::float8 AS level
FROM   generate_series(1, 300) AS i;
SELECT holds($$SELECT s.*, f, o, f.forecast IS NOT DISTINCT FROM o.forecast
                      OR abs(f.forecast - o.forecast) + coalesce(abs(f.low - o.low)
                         + abs(f.high - o.high), 0) < 1e-6 * (1 + abs(o.high))
                         AND num_nulls(f.low, f.high) = num_nulls(o.low, o.high)
                      OR abs(f.forecast - o.forecast) < 1e-6 * (1 + abs(o.forecast))
                         AND num_nonnulls(f.low, f.high, o.low, o.high) = 0 AS holds
               FROM   series AS s, forecast(y, season, ahead, level) AS f,
                      oracle(y, season, ahead, level) AS o$$,
             'it is what the same comes to in a loop');
SELECT cmp_ok(count(f.low), '>', 80::bigint, 'for which there was something to compare')
FROM   series AS s, forecast(y, season, ahead, level) AS f;

-- What it says of itself is true: of 80 % intervals about four of five hold. Series of three years
-- of months: seasonal with noise, with a trend, noise that lasts, and a random walk.
CREATE FUNCTION noise() RETURNS float8 LANGUAGE sql AS
    'SELECT (random() + random() + random() + random() - 2) * sqrt(3)';
CREATE FUNCTION simulated(kind text, n int) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
    y     float8[] := '{}';
    lasts float8 := 0;
    level float8 := 0;
BEGIN
    FOR i IN 1 .. n LOOP
        lasts := CASE WHEN kind IN ('lasting', 'days') THEN 0.6 * lasts ELSE 0 END + 0.08 * noise();
        level := CASE kind WHEN 'walk' THEN level + 0.05 * noise() WHEN 'trend' THEN 0.02 * i
                           ELSE 0 END;
        y := y || exp(5 + level + CASE kind WHEN 'days' THEN 0 ELSE 0.3 * sin(i * pi() / 6) END
                      + lasts);
    END LOOP;
    RETURN y;
END $$;
CREATE TABLE held AS
SELECT k.kind, a.ahead, avg((s.y[36 + a.ahead] BETWEEN f.low AND f.high)::int) AS held
FROM   unnest('{noise,trend,lasting,walk}'::text[]) AS k (kind), generate_series(1, 250) AS i,
       LATERAL (SELECT simulated(k.kind, 42 + 0 * i) AS y) AS s,
       unnest('{1,3,6}'::int[]) AS a (ahead), forecast(s.y[1:36], 12, a.ahead) AS f
GROUP  BY k.kind, a.ahead;
SELECT ok(min(held) > 0.7 AND max(held) < 0.9, 'of 80 % intervals 70 to 90 % hold')
       || coalesce(diag(string_agg(format('%s %s: %s', kind, ahead, round(held, 2)), ', ')
                        FILTER (WHERE held NOT BETWEEN 0.7 AND 0.9)), '')
FROM   held;


-- The pace of a running sum. Five days of January with 10 each are 5 of 31 days.
SELECT results_eq($$SELECT round(pace::numeric, 9), share, low
                    FROM   pace('{10,10,10,10,10}', '2025-01-01', '2025-01-01', '2025-02-01')$$,
                  'VALUES (310::numeric, 5::float8 / 31, NULL::float8)',
                  'what there is, divided by the share of the days that are over');
-- A shop that sells 10 on Mondays to Fridays only, since 6 January; of the four weeks from Monday,
-- 3 February, on, five days are over, a quarter of what is sold: 200, not 50 * 28 / 5 = 280.
CREATE FUNCTION weekdays(first date, last date) RETURNS float8[] LANGUAGE sql AS $$
    SELECT array_agg(CASE WHEN extract(isodow FROM d) < 6 THEN 10 ELSE 0 END::float8 ORDER BY d)
    FROM   generate_series(first, last, '1 day') AS d $$;
SELECT results_eq($$SELECT pace, share
                    FROM   pace(weekdays('2025-01-06', '2025-02-07'), '2025-01-06', '2025-02-03',
                                '2025-03-03')$$,
                  'VALUES (200::float8, 0.25::float8)', 'weekdays weigh what they usually do');
SELECT results_eq($$SELECT pace, low, high
                    FROM   pace(weekdays('2024-09-02', '2025-02-07'), '2024-09-02', '2025-02-03',
                                '2025-03-03')$$,
                  'VALUES (200::float8, 200::float8, 200::float8)',
                  'where it has never been wrong, it is sure');
-- Sales of 10 a day, but 20 in the second half of each four weeks, two years long: on day 14 the
-- pace is 280, and it came to 420, each time that the span began with such four weeks. The spans of
-- other weeks were wrong by less.
SELECT results_eq($$SELECT p.pace, round(p.high::numeric, 6)
                    FROM   pace(ARRAY(SELECT CASE WHEN i / 14 % 2 = 0 THEN 10 ELSE 20 END::float8
                                      FROM   generate_series(0, 25 * 28 + 13) AS i),
                                '2023-01-02', '2024-12-02', '2024-12-30', 0.95) AS p$$,
                  'VALUES (280::float8, 420::numeric)', 'else as unsure as it was wrong');
SELECT results_eq($$SELECT p.* FROM (VALUES ('{}', '2025-01-01', '2025-02-01'),
                                            ('{1,2}', '2025-01-03', '2025-02-01'),
                                            ('{1,2}', '2025-01-01', 'infinity'),
                                            ('{1,2}', '2025-01-01', '2025-01-01'))
                                    AS c (days, period, until),
                                    pace(days::float8[], '2025-01-01', period::date, until::date)
                                    AS p$$,
                  'SELECT NULL::float8, NULL::float8, NULL::float8, NULL::float8
                   FROM   generate_series(1, 4)',
                  'before a day is over there is no pace, nor of what never ends');
SELECT results_eq($$SELECT pace, share
                    FROM   pace('{1,2,3,NULL,5}', '2025-01-01', '2025-01-02', '2025-01-05')$$,
                  'VALUES (5::float8, 1::float8)',
                  'what is over is what it is; no data add nothing');
SELECT results_eq($$SELECT pace, share
                    FROM   pace('{10,10,10,10,10}', '2025-01-06', '2025-01-01', '2025-01-21')$$,
                  'VALUES (NULL::float8, NULL::float8)', 'nor of what began before the data do');

-- Of 80 % intervals about four of five hold: a shop with weekdays, noise that lasts and growth.
CREATE TABLE paced AS
SELECT c.k, avg((s.total BETWEEN p.low AND p.high)::int) AS held
FROM   (VALUES (3), (10), (20)) AS c (k), generate_series(1, 150) AS i,
       LATERAL (SELECT simulated('days', 430 + 0 * i) AS y) AS r,
       LATERAL (SELECT array_agg(v * CASE n % 7 WHEN 0 THEN 0.3 WHEN 6 THEN 0.5 ELSE 1 END
                                 * exp(n / 1000.0) ORDER BY n) AS y
                FROM   unnest(r.y) WITH ORDINALITY AS u (v, n)) AS d,
       LATERAL (SELECT sum(v) AS total FROM unnest(d.y[401:430]) AS v) AS s,
       pace(d.y[1 : 400 + c.k], '2024-01-01', date '2024-01-01' + 400, date '2024-01-01' + 430) AS p
GROUP  BY c.k;
SELECT ok(min(held) > 0.7 AND max(held) < 0.95, 'of 80 % intervals of the pace four of five hold')
       || coalesce(diag(string_agg(format('%s: %s', k, round(held, 2)), ', ')
                        FILTER (WHERE held NOT BETWEEN 0.7 AND 0.95)), '')
FROM   paced;


-- A share of 5 %, 4 to 6 with 95 %, of which three quarters of the month are over: half as wide as
-- the square root of what is left, and 80 %.
SELECT results_eq($$SELECT forecast, round(low::numeric, 6), round(high::numeric, 6)
                    FROM   settled(0.05, 0.04, 0.06, 0.75)$$,
                  'SELECT 0.05::float8, round(0.05 - 0.01 * 0.5 * 1.281552 / 1.959964, 6),
                          round(0.05 + 0.01 * 0.5 * 1.281552 / 1.959964, 6)',
                  'what is left can move a share only by its part');
SELECT results_eq('SELECT s.* FROM unnest(''{1,2}''::float8[]) AS e,
                                   settled(0.05, 0.04, 0.06, e) AS s',
                  'SELECT 0.05::float8, 0.05::float8, 0.05::float8 FROM generate_series(1, 2)',
                  'and at the end not at all');
-- It holds: of 400 visits so far and 600 to come, what all of them come to.
CREATE TABLE settling AS
SELECT avg((h.hits::float8 / 1000 BETWEEN s.low AND s.high)::int) AS held
FROM   generate_series(1, 1000) AS i,
       LATERAL (SELECT count(*) FILTER (WHERE random() < 0.1) AS first
                FROM   generate_series(1, 400 + 0 * i)) AS f,
       LATERAL (SELECT f.first + count(*) FILTER (WHERE random() < 0.1) AS hits
                FROM   generate_series(1, 600 + 0 * i)) AS h,
       LATERAL (SELECT confidence_interval(make_rate(f.first, 400)) AS c) AS c,
       settled(f.first / 400.0, lower(c.c)::float8, upper(c.c)::float8, 0.4) AS s;
SELECT ok(held BETWEEN 0.75 AND 0.85, 'of four in five it holds') FROM settling;

SELECT results_eq($$SELECT s.* FROM (VALUES
    ('[{"forecast": 10, "low": 5, "high": 20}, {"forecast": 12, "low": 11, "high": 13}]', NULL, 9),
    ('[{"forecast": 10}, {"forecast": 12, "low": 1, "high": 99}]', NULL, 9),
    ('[{"forecast": 10}, {"forecast": null}]', NULL, 9),
    ('[{"forecast": 12, "low": 11, "high": 13}]', 12.5, 9), ('[{"forecast": 10}]', 11, 11),
    ('[{"forecast": 10}]', 11, 12), ('[]', NULL, 9)) AS c (forecasts, at_least, asked),
    surer_forecast(forecasts::jsonb, at_least, asked) AS s$$,
    'VALUES (12::float8, 11::float8, 13::float8), (12, 1, 99), (10, NULL, NULL), (12.5, 12.5, 13),
            (11, 11, NULL), (11, NULL, NULL), (NULL, NULL, NULL)',
    'of several the surest; not below what is there, which is enough if that much is asked');

SELECT * FROM finish();
ROLLBACK;
