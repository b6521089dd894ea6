-- forecast: what an indicator will come to, from its own past
--
-- Both methods are simple enough to be done by hand, and say how far they can be trusted by what
-- they would have said before: an interval is as wide as that share of their own past errors which
-- its level names (split conformal prediction), and there is none where there are too few of them.
-- Where all values are positive, all of it is done on logarithms, so that growth is a factor and an
-- interval does not reach below zero.

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
               e.sorted[ceil((cardinality(e.sorted) + 1) * level::numeric)::integer] AS width
        FROM   scale AS s JOIN told AS o ON o.t = s.n CROSS JOIN error AS e
        WHERE  s.n >= 2 * season
    )
    SELECT CASE WHEN r.positive THEN exp(r.forecast) ELSE r.forecast END,
           CASE WHEN r.positive THEN exp(r.forecast - r.width) ELSE r.forecast - r.width END,
           CASE WHEN r.positive THEN exp(r.forecast + r.width) ELSE r.forecast + r.width END
    FROM   (SELECT) AS one LEFT JOIN result AS r ON true;
END;
COMMENT ON FUNCTION forecast(history double precision[], season integer, ahead integer,
    level double precision) IS
'what comes so many periods ahead of a history, values of one period each, oldest first, NULL where '
'there is none: the value a season (12 months, 52 weeks, 4 quarters, 7 days) before, and what the '
'last quarter of a season had more than a season ago, a factor where all values are positive; low '
'and high, between which that share (level) of the same method''s past errors lie. A season of 1: '
'the last value. All NULL with fewer than two seasons, low and high with too few errors, four for a '
'level of 0.8';
