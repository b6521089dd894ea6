-- Stock movements in the order of time, and among them the counts that the ledger should reach.
SELECT t.*
FROM  (SELECT sum(x.n)                                             AS n,
              sum(x.missing_time)                                  AS missing_time,
              sum(x.infinite)                                      AS infinite,
              sum(x.future)                                        AS future,
              sum(x.ancient)                                       AS ancient,
              sum(x.broken)                                        AS broken,
              sum(x.costless)                                      AS costless,
              sum(x.zero_cost)                                     AS zero_cost,
              sum(x.sales)                                         AS sales,
              sum(x.positive_sales)                                AS positive_sales,
              sum(x.positive_money)                                AS positive_money,
              sum(x.positive_units)                                AS positive_units,
              sum(x.sold)                                          AS sold,
              coalesce(sum(x.cogs), 0)                             AS cogs,
              sum(x.closing)                                       AS closing,
              count(*) FILTER (WHERE x.n > 0)                      AS articles,
              count(*) FILTER (WHERE x.below > 0)                  AS below,
              sum(x.lowest) FILTER (WHERE x.below > 0)             AS lowest,
              sum(x.time_below)                                    AS time_below,
              sum(x.time)                                          AS time,
              sum(x.value)                                         AS value,
              sum(x.value_not_below)                               AS value_not_below,
              count(*) FILTER (WHERE x.missed IS NOT NULL)         AS counted,
              count(*) FILTER (WHERE x.missed)                     AS missed,
              sum(x.gap) FILTER (WHERE x.missed)                   AS gap,
              extract(epoch FROM max(x.as_of) - midnight(bucket('day', min(x.first), min(x.timezone)), min(x.timezone), false)) AS span
       FROM  (SELECT x.sku, max(x.as_of) AS as_of, min(x.timezone) AS timezone,
                     count(*) FILTER (WHERE x.moved)                                       AS n,
                     count(*) FILTER (WHERE x.moved AND x.at IS NULL)                      AS missing_time,
                     count(*) FILTER (WHERE x.moved AND NOT isfinite(x.at))                AS infinite,
                     count(*) FILTER (WHERE x.moved AND x.at > x.as_of AND isfinite(x.at)) AS future,
                     count(*) FILTER (WHERE x.moved AND x.at < '1995-01-01' AND isfinite(x.at)) AS ancient,
                     count(*) FILTER (WHERE x.moved AND x.broken)                          AS broken,
                     count(*) FILTER (WHERE x.moved AND x.unit_cost IS NULL)               AS costless,
                     count(*) FILTER (WHERE x.moved AND x.unit_cost = 0)                   AS zero_cost,
                     count(*) FILTER (WHERE x.moved AND x.sale)                            AS sales,
                     count(*) FILTER (WHERE x.moved AND x.sale AND x.quantity > 0 AND NOT x.broken) AS positive_sales,
                     -sum(x.quantity * x.unit_cost) FILTER (WHERE x.moved AND x.sale AND x.good) AS cogs,
                     sum(x.quantity * x.unit_cost) FILTER (WHERE x.moved AND x.sale AND x.quantity > 0 AND x.good) AS positive_money,
                     sum(x.quantity) FILTER (WHERE x.moved AND x.sale AND x.quantity > 0 AND x.good)               AS positive_units,
                     -sum(x.quantity) FILTER (WHERE x.moved AND x.sale AND x.good)         AS sold,
                     sum(x.quantity) FILTER (WHERE x.moved AND x.good)                     AS closing,
                     min(x.at) FILTER (WHERE x.moved AND x.good)                           AS first,
                     count(*) FILTER (WHERE x.stock < 0 AND x.seconds > 0)                 AS below,
                     min(x.worth)                                                          AS lowest,
                     sum(x.seconds) FILTER (WHERE x.stock < 0)                             AS time_below,
                     sum(x.seconds)                                                        AS time,
                     sum(x.worth * x.seconds)                                              AS value,
                     sum(x.worth * x.seconds) FILTER (WHERE x.stock >= 0)                  AS value_not_below,
                     bool_or(x.stock <> x.counted) FILTER (WHERE x.at = x.last_count AND NOT x.moved)       AS missed,
                     max(abs(x.stock - x.counted) * x.unit_cost) FILTER (WHERE x.at = x.last_count AND NOT x.moved) AS gap
              FROM  (SELECT x.*,
                            coalesce(sum(x.quantity) FILTER (WHERE x.moved AND x.good) OVER so_far, 0)               AS stock,
                            coalesce(sum(x.quantity * x.unit_cost) FILTER (WHERE x.moved AND x.good) OVER so_far, 0) AS worth,
                            CASE WHEN x.good AND x.moved THEN extract(epoch FROM least(lead(x.at) OVER (PARTITION BY x.sku, x.moved ORDER BY x.at), x.as_of) - x.at) END AS seconds,
                            sum(x.on_hand) FILTER (WHERE x.good) OVER at_once                                        AS counted,    -- in all places
                            max(x.at) FILTER (WHERE x.good AND NOT x.moved) OVER (PARTITION BY x.sku)                AS last_count
                     FROM  (SELECT x.sku, x.at, x.moved, x.quantity, x.unit_cost, x.sale, x.on_hand, s.as_of, s.timezone, b.broken,
                                   NOT b.broken AND (x.at <= s.as_of AND x.at > '-infinity') IS TRUE AS good
                            FROM   kpi_settings AS s
                                   CROSS JOIN LATERAL (
                                       SELECT x.sku, x.moved_at AS at, true AS moved, x.quantity, x.unit_cost, lower(x.kind) = 'sale' AS sale, NULL::numeric AS on_hand
                                       FROM   @stock_moves@ AS x
                                       UNION ALL
                                       SELECT x.sku, x.counted_at, false, NULL, x.unit_cost, NULL, x.on_hand
                                       FROM   @stock_levels@ AS x) AS x
                                   CROSS JOIN LATERAL (SELECT coalesce(x.quantity, 0) + coalesce(x.unit_cost, 0) + coalesce(x.on_hand, 0)
                                                              IN ('NaN', 'Infinity', '-Infinity') AS broken) AS b) AS x
                     WINDOW so_far AS (PARTITION BY x.sku ORDER BY x.at),
                            at_once AS (PARTITION BY x.sku, x.moved ORDER BY x.at RANGE BETWEEN CURRENT ROW AND CURRENT ROW)) AS x
              GROUP  BY x.sku) AS x) AS m
      CROSS JOIN LATERAL (VALUES
          ('missing_time',    m.missing_time,   m.n,        NULL,             NULL,               NULL,                     NULL),
          ('infinite_time',   m.infinite,       m.n,        NULL,             NULL,               NULL,                     NULL),
          ('future_rows',     m.future,         m.n,        NULL,             NULL,               NULL,                     NULL),
          ('ancient_time',    m.ancient,        m.n,        NULL,             NULL,               NULL,                     NULL),
          ('broken_number',   m.broken,         m.n,        NULL,             NULL,               NULL,                     NULL),
          ('missing_cost',    m.costless,       m.n,        NULL, m.cogs * m.span / nullif(m.value, 0), NULL, NULL),
          ('zero_cost',       m.zero_cost,      m.n,        NULL, m.cogs * m.span / nullif(m.value, 0), NULL, NULL),
          ('no_sales',        CASE WHEN m.sales = 0 THEN m.n ELSE 0 END, m.n, NULL, m.cogs * m.span / nullif(m.value, 0), NULL, NULL),
          ('positive_sales',  m.positive_sales, m.sales,    m.positive_money, m.sold / nullif(m.sold + CASE WHEN m.closing >= 0 THEN m.closing END, 0),
           (m.sold + 2 * m.positive_units) / nullif(m.sold + m.closing, 0), NULL),
          ('negative_stock',  m.below,          m.articles, m.lowest,         m.value / nullif(m.span, 0), m.value_not_below / nullif(m.span, 0),
           format('%s %% of the time', round(100 * m.time_below / nullif(m.time, 0), 1))),
          ('ledger_mismatch', m.missed,         m.counted,  m.gap,            NULL,               NULL,                     NULL)
      ) AS t (code, rows, of_rows, money, value, corrected, detail)
