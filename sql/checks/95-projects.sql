-- Projects.
SELECT t.*
FROM  (SELECT count(*)                                                   AS n,
              count(*) FILTER (WHERE x.due_on IS NULL)                   AS undated,
              count(*) FILTER (WHERE x.infinite)                         AS infinite,
              count(*) FILTER (WHERE x.done_on > x.today AND isfinite(x.done_on)) AS future,
              count(*) FILTER (WHERE x.due_on < '1995-01-01' AND isfinite(x.due_on)) AS ancient,
              count(*) FILTER (WHERE x.project_id IS NULL)               AS missing_key,
              count(*) FILTER (WHERE x.extra)                            AS duplicates,
              count(*) FILTER (WHERE x.done_on IS NOT NULL AND x.cancelled_on IS NOT NULL) AS done_and_cancelled,
              value(rate(x.on_time))                                     AS on_time,
              value(rate(x.on_time) FILTER (WHERE NOT x.extra))          AS on_time_once
       FROM  (SELECT x.*, s.today,
                     NOT isfinite(x.due_on) OR x.done_on = '-infinity' OR x.cancelled_on = '-infinity' AS infinite,
                     CASE WHEN x.due_on < s.today AND x.due_on > '-infinity' AND x.cancelled_on <= x.due_on IS NOT TRUE
                          THEN coalesce(x.done_on <= x.due_on, false) END                              AS on_time,
                     x.project_id IS NOT NULL AND row_number() OVER (PARTITION BY x.project_id ORDER BY x.due_on, x.done_on) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @projects@ AS x) AS x) AS p
      CROSS JOIN LATERAL (VALUES
          ('missing_time',       p.undated,            p.n, NULL,      NULL),
          ('infinite_time',      p.infinite,           p.n, NULL,      NULL),
          ('future_rows',        p.future,             p.n, NULL,      NULL),
          ('ancient_time',       p.ancient,            p.n, NULL,      NULL),
          ('missing_key',        p.missing_key,        p.n, NULL,      NULL),
          ('duplicates',         p.duplicates,         p.n, p.on_time, p.on_time_once),
          ('done_and_cancelled', p.done_and_cancelled, p.n, NULL,      NULL)
      ) AS t (code, rows, of_rows, value, corrected)
