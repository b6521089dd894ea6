-- Counts of the stock. Those of one article and instant add up, as they may be of several places: only what is the same in all that is read
-- may be a copy. Of nothing there are no copies.
SELECT t.*
FROM  (SELECT count(*)                                                              AS n,
              count(*) FILTER (WHERE x.counted_at IS NULL)                          AS missing_time,
              count(*) FILTER (WHERE NOT isfinite(x.counted_at))                    AS infinite,
              count(*) FILTER (WHERE x.counted_at > x.as_of AND isfinite(x.counted_at)) AS future,
              count(*) FILTER (WHERE x.counted_at < '1995-01-01' AND isfinite(x.counted_at)) AS ancient,
              count(*) FILTER (WHERE x.broken)                                      AS broken,
              count(*) FILTER (WHERE x.extra)                                       AS duplicates,
              sum(x.on_hand * x.unit_cost) FILTER (WHERE x.extra AND NOT x.broken)  AS duplicate_money,
              count(*) FILTER (WHERE x.on_hand < 0)                                 AS negative,
              sum(x.on_hand * x.unit_cost) FILTER (WHERE x.on_hand < 0 AND NOT x.broken) AS negative_money,
              count(*) FILTER (WHERE x.unit_cost IS NULL)                           AS costless,
              count(*) FILTER (WHERE x.unit_cost = 0)                               AS zero_cost
       FROM  (SELECT x.*, s.as_of, coalesce(x.on_hand, 0) + coalesce(x.unit_cost, 0) IN ('NaN', 'Infinity', '-Infinity') AS broken,
                     x.on_hand <> 0 AND row_number() OVER (PARTITION BY x) > 1                                           AS extra
              FROM   kpi_settings AS s CROSS JOIN @stock_levels@ AS x) AS x) AS l
      CROSS JOIN LATERAL (VALUES
          ('missing_time',   l.missing_time, l.n, NULL),
          ('infinite_time',  l.infinite,     l.n, NULL),
          ('future_rows',    l.future,       l.n, NULL),
          ('ancient_time',   l.ancient,      l.n, NULL),
          ('broken_number',  l.broken,       l.n, NULL),
          ('duplicates',     l.duplicates,   l.n, l.duplicate_money),
          ('negative_stock', l.negative,     l.n, l.negative_money),
          ('missing_cost',   l.costless,     l.n, NULL),
          ('zero_cost',      l.zero_cost,    l.n, NULL)
      ) AS t (code, rows, of_rows, money)
