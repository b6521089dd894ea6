-- Events of funnels.
SELECT t.*
FROM  (SELECT count(*)                                                                       AS n,
              count(*) FILTER (WHERE x.occurred_at IS NULL)                                  AS missing_time,
              count(*) FILTER (WHERE NOT isfinite(x.occurred_at))                            AS infinite,
              count(*) FILTER (WHERE x.occurred_at > s.as_of AND isfinite(x.occurred_at))    AS future,
              count(*) FILTER (WHERE x.occurred_at < '1995-01-01' AND isfinite(x.occurred_at)) AS ancient,
              count(*) FILTER (WHERE x.visitor_id IS NULL)                                   AS missing_key,
              count(*) FILTER (WHERE x.step < 1)                                             AS below
       FROM   kpi_settings AS s CROSS JOIN @events@ AS x) AS e
      CROSS JOIN LATERAL (VALUES
          ('missing_time',  e.missing_time, e.n),
          ('infinite_time', e.infinite,     e.n),
          ('future_rows',   e.future,       e.n),
          ('ancient_time',  e.ancient,      e.n),
          ('missing_key',   e.missing_key,  e.n),
          ('step_below_1',  e.below,        e.n)
      ) AS t (code, rows, of_rows)
