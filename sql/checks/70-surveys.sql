-- Surveys, each instrument for itself; its code is that of its indicator. An answer that is off the scale is in none of the figures.
SELECT t.*
FROM  (SELECT x.instrument,
              count(*)                                                     AS n,
              count(*) FILTER (WHERE x.answered_at IS NULL)                AS missing_time,
              count(*) FILTER (WHERE NOT isfinite(x.answered_at))          AS infinite,
              count(*) FILTER (WHERE x.answered_at > x.as_of AND isfinite(x.answered_at)) AS future,
              count(*) FILTER (WHERE x.answered_at < '1995-01-01' AND isfinite(x.answered_at)) AS ancient,
              count(*) FILTER (WHERE NOT x.known)                          AS unknown,
              count(*) FILTER (WHERE x.bad_scale)                          AS bad_scale,
              count(*) FILTER (WHERE x.off)                                AS off,
              count(*) FILTER (WHERE x.seen AND x.good)                    AS answers,
              min(x.score) FILTER (WHERE x.seen AND x.good)                AS lowest,
              max(x.score) FILTER (WHERE x.seen AND x.good)                AS highest,
              CASE WHEN x.of_ten THEN value(nps(x.score) FILTER (WHERE x.seen AND x.good AND x.of_ten))
                   ELSE value(rate(x.score > x.scale - CASE WHEN x.scale <= 3 THEN 1 ELSE 2 END) FILTER (WHERE x.seen AND x.good)) END AS value
       FROM  (SELECT x.*, x.known AND NOT x.of_ten AND x.scale NOT BETWEEN 2 AND 10                                        AS bad_scale,
                     x.known AND CASE WHEN x.of_ten THEN x.score NOT BETWEEN 0 AND 10 ELSE x.scale BETWEEN 2 AND 10 AND x.score NOT BETWEEN 1 AND x.scale END AS off,
                     x.score BETWEEN 0 AND 10 AND (x.of_ten OR x.scale BETWEEN 2 AND 10 AND x.score BETWEEN 1 AND x.scale) AS good
              FROM   (SELECT x.answered_at, x.score, coalesce(x.scale, 5) AS scale, s.as_of, lower(x.instrument) AS instrument,
                             coalesce(lower(x.instrument) IN ('nps', 'enps'), false)                                       AS of_ten,
                             coalesce(lower(x.instrument) IN ('nps', 'enps', 'csat', 'esat', 'communication'), false)      AS known,
                             (x.answered_at <= s.as_of AND x.answered_at > '-infinity') IS TRUE                            AS seen
                      FROM   kpi_settings AS s CROSS JOIN @surveys@ AS x
                      OFFSET 0) AS x) AS x      -- each expression is computed once
       GROUP  BY x.instrument, x.of_ten) AS v
      CROSS JOIN LATERAL (VALUES
          ('missing_time',       v.missing_time, v.value, NULL::float8),
          ('infinite_time',      v.infinite,     v.value, NULL),
          ('future_rows',        v.future,       v.value, NULL),
          ('ancient_time',       v.ancient,      v.value, NULL),
          ('unknown_instrument', v.unknown,      NULL,    NULL),
          ('bad_scale',          v.bad_scale,    NULL,    v.value),
          ('score_off_scale',    v.off,          NULL,    v.value),
          -- chance does not leave out the upper half of the scale
          ('five_point_nps',     CASE WHEN v.instrument IN ('nps', 'enps') AND v.answers >= 20 AND v.lowest >= 1 AND v.highest <= 5 THEN v.answers ELSE 0 END, v.value, NULL)
      ) AS k (code, rows, value, corrected)
      CROSS JOIN LATERAL (SELECT k.code, k.rows, v.n AS of_rows, CASE WHEN v.instrument IN ('nps', 'enps', 'csat', 'esat', 'communication') THEN v.instrument END AS indicator,
                                 k.value, k.corrected, format('instrument %s', coalesce(v.instrument, 'NULL')) AS detail) AS t
