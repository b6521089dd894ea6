-- forecast: what an indicator will come to, from its own past
--
-- Both methods are simple enough to be done by hand, and say how far they can be trusted by what
-- they would have said before: an interval is as wide as that share of their own past errors which
-- its level names (split conformal prediction), and there is none where there are too few of them.
-- Where all values are positive, all of it is done on logarithms, so that growth is a factor and an
-- interval does not reach below zero.

-- Of n errors the one more, of what is to come, is equally likely to have any place among them. A
-- level that lies between two of these places is met between the errors, else intervals from few
-- errors would hold more often than they say.
CREATE FUNCTION error_within(sorted double precision[], level double precision)
RETURNS double precision LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p.place <= cardinality(sorted)
                THEN p.below + (p.place - floor(p.place))::double precision
                               * (sorted[ceil(p.place)::integer] - p.below) END
    FROM   (SELECT n.place, coalesce(sorted[floor(n.place)::integer], 0) AS below
            FROM   (SELECT (cardinality(sorted) + 1) * level::numeric AS place) AS n) AS p;
END;
COMMENT ON FUNCTION error_within(sorted double precision[], level double precision) IS
'the error that the next one does not exceed with this probability (level), by those there were, '
'sizes in ascending order; NULL if they are too few, four for a level of 0.8';

-- Seasonal naive with drift: what it was in the same period a season ago, and what the last quarter
-- of a season had more than the same quarter a season before. Errors are those of the same method
-- at every earlier period from which it can be tried, as many periods ahead.
CREATE FUNCTION forecast(history double precision[], season integer, ahead integer,
                         level double precision DEFAULT 0.8)
RETURNS TABLE (forecast double precision, low double precision, high double precision)
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH scale AS (
        SELECT coalesce(bool_and(v > 0), false) AS positive, cardinality(history) AS n,
               (season + 3) / 4 AS window, (ahead + season - 1) / nullif(season, 0) AS seasons
        FROM   unnest(history) AS v
        HAVING season > 0 AND ahead > 0 AND level > 0 AND level < 1
    ),
    value AS MATERIALIZED (
        SELECT array_agg(CASE WHEN s.positive THEN ln(v.y) ELSE v.y END ORDER BY v.t) AS y
        FROM   unnest(history) WITH ORDINALITY AS v (y, t) CROSS JOIN scale AS s
    ),
    drift AS (
        SELECT o.t, CASE WHEN season = 1 THEN 0
                         WHEN o.t >= season + s.window
                         THEN (SELECT avg(d.now - d.before)
                               FROM   unnest(v.y[o.t - s.window + 1 : o.t],
                                             v.y[o.t - season - s.window + 1 : o.t - season])
                                      AS d (now, before)) END AS drift
        FROM   scale AS s CROSS JOIN value AS v
               CROSS JOIN LATERAL generate_series(1, s.n) AS o (t)
    ),
    told AS (   -- from every period, of the one so many ahead
        SELECT o.t, v.y[o.t + ahead - s.seasons * season] + s.seasons * o.drift AS forecast,
               v.y[o.t + ahead] AS actual
        FROM   scale AS s CROSS JOIN value AS v CROSS JOIN drift AS o
    ),
    error AS (
        SELECT array_agg(abs(o.actual - o.forecast) ORDER BY abs(o.actual - o.forecast)) AS sorted
        FROM   told AS o WHERE o.actual IS NOT NULL AND o.forecast IS NOT NULL
    ),
    result AS (
        SELECT s.positive, o.forecast,
               kpi.error_within(e.sorted, level) AS width
        FROM   scale AS s JOIN told AS o ON o.t = s.n CROSS JOIN error AS e
        WHERE  s.n >= 2 * season
    )
    SELECT f.forecast::numeric::double precision, f.low::numeric::double precision,
           f.high::numeric::double precision    -- without the last digits, which logarithms lose
    FROM   (SELECT) AS one
           LEFT JOIN result AS r ON true
           CROSS JOIN LATERAL (
               SELECT exp(r.forecast), exp(r.forecast - r.width), exp(r.forecast + r.width)
               WHERE  r.positive
               UNION ALL
               SELECT r.forecast, r.forecast - r.width, r.forecast + r.width
               WHERE  r.positive IS NOT TRUE) AS f (forecast, low, high);
END;
COMMENT ON FUNCTION forecast(history double precision[], season integer, ahead integer,
    level double precision) IS
'what comes so many periods ahead of a history, values of one period each, oldest first, NULL '
'where there is none: the value a season (12 months, 52 weeks, 4 quarters, 7 days) before, and '
'what the last quarter of a season had more than a season ago, a factor where all values are '
'positive; low and high, between which that share (level) of the same method''s past errors lie. '
'A season of 1: the last value. All NULL with fewer than two seasons, low and high with too few '
'errors, four for a level of 0.8';

-- The pace of a running period: what the days that are over came to, divided by the share of the
-- period that such days usually have. A weekday weighs what it came to in the last eight weeks;
-- with less than two weeks, all days weigh the same. Errors are what the same would have said of
-- every earlier span of as many days, weeks before, so that it has the same weekdays.
CREATE FUNCTION pace(days double precision[], first date, period date, until date,
                     level double precision DEFAULT 0.8)
RETURNS TABLE (pace double precision, share double precision, low double precision,
               high double precision)
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH span AS (
        SELECT s.t, s.l, s.t - (period - first) AS k
        FROM   (SELECT least(cardinality(days), u.until - first) AS t, u.until - period AS l
                FROM   (SELECT CASE WHEN isfinite(until) THEN until END) AS u (until)) AS s
        WHERE  s.l > 0 AND period >= first AND s.t > period - first AND level > 0 AND level < 1
    ),
    day AS MATERIALIZED (
        SELECT array_agg(d.total ORDER BY d.t) AS total, array_agg(d.usual ORDER BY d.t) AS usual
        FROM   (SELECT v.t, sum(coalesce(v.y, 0)) OVER (ORDER BY v.t) AS total,
                       avg(coalesce(v.y, 0)) OVER (PARTITION BY v.t % 7 ORDER BY v.t
                           ROWS BETWEEN 7 PRECEDING AND CURRENT ROW) AS usual
                FROM   span AS s CROSS JOIN unnest(days) WITH ORDINALITY AS v (y, t)
                WHERE  v.t <= s.t) AS d
    ),
    weekday AS (    -- how many of each there are, by how long before the last day one was
        SELECT (s.k - 1 - o + 7 * s.l) % 7 AS before, count(*) AS n,
               count(*) FILTER (WHERE o < s.k) AS over
        FROM   span AS s CROSS JOIN LATERAL generate_series(0, s.l - 1) AS o
        GROUP  BY 1
    ),
    tried AS (
        SELECT w.p, w.p = s.t AS now, w.total, d.total[w.p + s.l - s.k]
                                               - coalesce(d.total[w.p - s.k], 0) AS actual,
               CASE WHEN w.p >= 14 AND u.n > 0 THEN u.over / u.n
                    ELSE s.k::double precision / s.l END AS share
        FROM   span AS s CROSS JOIN day AS d
               CROSS JOIN LATERAL (
                   SELECT p, d.total[p] - coalesce(d.total[p - s.k], 0) AS total
                   FROM   generate_series(s.t, greatest(s.k, 14), -7) AS p
                   UNION
                   SELECT s.t, d.total[s.t] - coalesce(d.total[s.t - s.k], 0)) AS w
               CROSS JOIN LATERAL (
                   SELECT sum(c.n * d.usual[w.p - c.before]) AS n,
                          sum(c.over * d.usual[w.p - c.before]) AS over
                   FROM   weekday AS c) AS u
        WHERE  w.p = s.t OR w.p + s.l - s.k <= s.t
    ),
    told AS (
        SELECT t.now, t.actual, t.share, t.total / nullif(t.share, 0) AS pace FROM tried AS t
    ),
    error AS (
        SELECT array_agg(abs(ln(t.actual / t.pace)) ORDER BY abs(ln(t.actual / t.pace))) AS sorted
        FROM   told AS t WHERE NOT t.now AND t.actual > 0 AND t.pace > 0
    )
    SELECT t.pace::numeric::double precision, t.share,
           (t.pace * exp(-w.width))::numeric::double precision,
           (t.pace * exp(w.width))::numeric::double precision
    FROM   (SELECT) AS one LEFT JOIN told AS t ON t.now
           LEFT JOIN LATERAL (
               SELECT kpi.error_within(e.sorted, level) AS width
               FROM   error AS e WHERE t.pace > 0) AS w ON true;
END;
COMMENT ON FUNCTION pace(days double precision[], first date, period date, until date,
    level double precision) IS
'what a sum comes to by the end of a running period at the pace of its days so far: what they came '
'to, divided by the share of the period they are, in which a weekday weighs what it came to in the '
'last eight weeks. days are the values of one day each, from first on, up to the last that is '
'over; low and high, between which that share (level) of the same method''s errors in earlier '
'spans of the same weekdays lie, NULL with too few, four for a level of 0.8. All NULL before a day '
'of the period is over, and where it began before first';

CREATE FUNCTION possible(value double precision, unit text) RETURNS double precision
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE unit WHEN 'share' THEN least(value, 1)
                     WHEN 'points' THEN least(greatest(value, -100), 100)
                     WHEN 'score' THEN least(greatest(value, 1), 5) ELSE value END;
COMMENT ON FUNCTION possible(value double precision, unit text) IS
'implementation of scorecard: what is expected of an indicator of this unit, or the nearest that '
'it can be';

-- Of two forecasts the one that is sure of more. What cannot fall is not less than it is already.
CREATE FUNCTION surer_forecast(forecasts jsonb, at_least double precision, asked double precision)
RETURNS TABLE (forecast double precision, low double precision, high double precision)
LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT greatest(f.forecast, at_least), l.low,
           CASE WHEN f.low IS NOT NULL THEN greatest(f.high, f.forecast, at_least) END
    FROM   (SELECT) AS one
           LEFT JOIN LATERAL (
               SELECT f.* FROM jsonb_to_recordset(forecasts)
                               AS f (forecast float8, low float8, high float8)
               WHERE  f.forecast IS NOT NULL
               ORDER  BY f.high - f.low LIMIT 1) AS f ON true
           CROSS JOIN LATERAL (
               SELECT CASE WHEN f.low IS NOT NULL THEN greatest(f.low, at_least)
                           WHEN at_least >= asked THEN at_least END AS low) AS l;
END;
COMMENT ON FUNCTION surer_forecast(forecasts jsonb, at_least double precision,
    asked double precision) IS
'implementation of scorecard: of forecasts the one with the narrowest interval, in which nothing '
'is below at_least, what is already there of a sum that cannot fall; where no interval is known, '
'but that is as much as is asked, it is from there, and nobody knows how far';
