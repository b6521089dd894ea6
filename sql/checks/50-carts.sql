-- Carts.
SELECT t.*
FROM  (SELECT count(*)                                                 AS n,
              count(*) FILTER (WHERE x.created_at IS NULL)             AS missing_time,
              count(*) FILTER (WHERE x.infinite)                       AS infinite,
              count(*) FILTER (WHERE x.future)                         AS future,
              count(*) FILTER (WHERE x.created_at < '1995-01-01' AND isfinite(x.created_at)) AS ancient,
              count(*) FILTER (WHERE x.broken)                         AS broken,
              count(*) FILTER (WHERE x.cart_id IS NULL)                AS missing_key,
              count(*) FILTER (WHERE x.extra)                          AS duplicates,
              sum(x.value) FILTER (WHERE x.extra AND NOT x.broken)     AS duplicate_money,
              count(*) FILTER (WHERE x.seen)                           AS carts,
              count(*) FILTER (WHERE x.seen AND NOT x.extra)           AS carts_once,
              count(*) FILTER (WHERE x.early)                          AS early,
              count(*) FILTER (WHERE x.negative)                       AS negative,
              sum(x.value) FILTER (WHERE x.negative)                   AS negative_money,
              sum(x.value) FILTER (WHERE x.abandoned AND NOT x.broken) AS abandoned_money,
              sum(x.value) FILTER (WHERE x.abandoned AND NOT x.broken AND NOT x.negative) AS abandoned_money_good,
              rate(x.abandoned) FILTER (WHERE x.seen)                  AS abandonment,
              rate(x.abandoned) FILTER (WHERE x.seen AND NOT x.early)  AS abandonment_good
       FROM  (SELECT x.cart_id, x.created_at, x.value,
                     (x.created_at <= s.as_of AND x.created_at > '-infinity') IS TRUE                           AS seen,
                     NOT isfinite(x.created_at) OR x.ordered_at = '-infinity'                                   AS infinite,
                     (isfinite(x.created_at) AND greatest(x.created_at, nullif(x.ordered_at, 'infinity'), nullif(x.last_active_at, 'infinity')) > s.as_of) IS TRUE AS future,
                     (x.value IN ('NaN', 'Infinity', '-Infinity')) IS TRUE                                      AS broken,
                     (x.value < 0 AND x.value > '-Infinity') IS TRUE                                            AS negative,
                     (x.ordered_at < x.created_at OR x.last_active_at < x.created_at) IS TRUE                   AS early,
                     -- whether abandoned; NULL while it is open
                     CASE WHEN x.ordered_at <= s.as_of THEN false
                          WHEN x.created_at <= s.as_of AND x.created_at > '-infinity'
                               AND greatest(x.created_at, x.last_active_at) <= (s.as_of AT TIME ZONE s.timezone - s.cart_idle) AT TIME ZONE s.timezone THEN true END AS abandoned,
                     x.cart_id IS NOT NULL AND row_number() OVER (PARTITION BY x.cart_id ORDER BY x.created_at, x.ordered_at) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @carts@ AS x) AS x) AS c
      CROSS JOIN LATERAL (VALUES
          ('missing_time',           c.missing_time, c.n, NULL,              c.carts,                      c.carts + c.missing_time),
          ('infinite_time',          c.infinite,     c.n, NULL,              NULL,                         NULL),
          ('future_rows',            c.future,       c.n, NULL,              NULL,                         NULL),
          ('ancient_time',           c.ancient,      c.n, NULL,              NULL,                         NULL),
          ('broken_number',          c.broken,       c.n, NULL,              NULL,                         c.abandoned_money),
          ('missing_key',            c.missing_key,  c.n, NULL,              NULL,                         NULL),
          ('duplicates',             c.duplicates,   c.n, c.duplicate_money, c.carts,                      c.carts_once),
          ('negative_value',         c.negative,     c.n, c.negative_money,  c.abandoned_money,            c.abandoned_money_good),
          ('ordered_before_created', c.early,        c.n, NULL,              value(c.abandonment),         value(c.abandonment_good))
      ) AS t (code, rows, of_rows, money, value, corrected)
