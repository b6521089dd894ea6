-- Order lines, pooled by order and held against the order they belong to.
SELECT t.*
FROM  (SELECT sum(x.n)                                                  AS n,
              sum(x.n - x.missing_key) FILTER (WHERE x.known IS NULL)   AS unknown,
              sum(x.sales) FILTER (WHERE x.known IS NULL AND x.missing_key = 0) AS unknown_money,
              sum(x.n) FILTER (WHERE x.sold)                            AS sold,
              sum(x.broken)                                             AS broken,
              sum(x.missing_key)                                        AS missing_key,
              sum(x.sales * x.rate) FILTER (WHERE x.sold)               AS sales,
              sum(x.negative) FILTER (WHERE x.sold)                     AS negative,
              sum(x.negative_sales * x.rate) FILTER (WHERE x.sold)      AS negative_money,
              sum(x.costless) FILTER (WHERE x.sold)                     AS costless,
              sum(x.costless_sales * x.rate) FILTER (WHERE x.sold)      AS costless_money,
              sum(x.zero_cost) FILTER (WHERE x.sold)                    AS zero_cost,
              sum(x.zero_cost_sales * x.rate) FILTER (WHERE x.sold)     AS zero_cost_money,
              sum(x.covered_sales * x.rate) FILTER (WHERE x.sold)       AS covered_sales,
              sum(x.covered_cost * x.rate) FILTER (WHERE x.sold)        AS covered_cost,
              sum(x.zero_cost_cost * x.rate) FILTER (WHERE x.sold)      AS zero_cost_cost,
              count(*) FILTER (WHERE x.sold AND x.amount IS NOT NULL AND x.priced = x.n)       AS compared,
              count(*) FILTER (WHERE x.mismatched)                      AS mismatched,
              sum(abs(x.sales - x.amount) * x.rate) FILTER (WHERE x.mismatched)                AS mismatched_money,
              sum((x.amount - x.sales) * x.rate) FILTER (WHERE x.mismatched)                   AS mismatched_change
       FROM  (SELECT l.*, o.known, o.sold, o.rate, o.amount,
                     -- a cent may be lost in rounding every line
                     o.sold AND l.priced = l.n AND abs(l.sales - o.amount) > 0.01 * l.n AS mismatched
              FROM   (SELECT x.order_id,
                             count(*)                                                              AS n,
                             count(*) FILTER (WHERE x.order_id IS NULL)                            AS missing_key,
                             count(*) FILTER (WHERE x.broken)                                      AS broken,
                             count(*) FILTER (WHERE x.net_sales IS NOT NULL AND NOT x.broken)      AS priced,
                             sum(x.net_sales) FILTER (WHERE NOT x.broken)                          AS sales,
                             count(*) FILTER (WHERE x.quantity < 0)                                AS negative,
                             sum(x.net_sales) FILTER (WHERE x.quantity < 0 AND NOT x.broken)       AS negative_sales,
                             count(*) FILTER (WHERE x.cost IS NULL)                                AS costless,
                             sum(x.net_sales) FILTER (WHERE x.cost IS NULL AND NOT x.broken)       AS costless_sales,
                             count(*) FILTER (WHERE x.cost <= 0 AND x.net_sales > 0 AND NOT x.broken)           AS zero_cost,
                             sum(x.net_sales) FILTER (WHERE x.cost <= 0 AND x.net_sales > 0 AND NOT x.broken)   AS zero_cost_sales,
                             sum(x.cost) FILTER (WHERE x.cost <= 0 AND x.net_sales > 0 AND NOT x.broken)        AS zero_cost_cost,
                             sum(x.net_sales) FILTER (WHERE x.cost IS NOT NULL AND NOT x.broken)   AS covered_sales,
                             sum(x.cost) FILTER (WHERE x.net_sales IS NOT NULL AND NOT x.broken)   AS covered_cost
                      FROM   (SELECT x.*, coalesce(x.quantity, 0) + coalesce(x.net_sales, 0) + coalesce(x.cost, 0) IN ('NaN', 'Infinity', '-Infinity') AS broken
                              FROM   @order_lines@ AS x) AS x
                      GROUP  BY x.order_id) AS l
                     LEFT JOIN (
                         SELECT x.order_id, true                                                                    AS known,
                                bool_or(x.ordered_at <= s.as_of AND x.ordered_at > '-infinity'
                                        AND (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE)                   AS sold,
                                min(nullif(nullif(CASE WHEN x.currency IS NULL OR x.currency = s.currency THEN 1 ELSE x.exchange_rate END, 'NaN'), 'Infinity')) AS rate,
                                min(nullif(nullif(nullif(coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)), 'NaN'), 'Infinity'), '-Infinity'))   AS amount
                         FROM   kpi_settings AS s CROSS JOIN @orders@ AS x
                         GROUP  BY x.order_id) AS o ON o.order_id = l.order_id) AS x) AS o
      CROSS JOIN LATERAL (VALUES
          ('broken_number',     o.broken,       o.n,        NULL,               NULL,    o.sales),
          ('missing_key',       o.missing_key,  o.n,        NULL,               NULL,    NULL),
          ('unknown_order',     o.unknown,      o.n,        o.unknown_money,    o.sales, coalesce(o.sales, 0) + o.unknown_money),
          ('negative_quantity', o.negative,     o.sold,     o.negative_money,   o.sales, o.sales - coalesce(o.negative_money, 0)),
          ('lines_mismatch',    o.mismatched,   o.compared, o.mismatched_money, o.sales, o.sales + o.mismatched_change),
          ('missing_cost',      o.costless,     o.sold,     o.costless_money,   o.covered_sales / nullif(o.sales, 0), NULL),
          ('zero_cost',         o.zero_cost,    o.sold,     o.zero_cost_money,  (o.covered_sales - o.covered_cost) / nullif(o.covered_sales, 0),
           1 - (o.covered_cost - coalesce(o.zero_cost_cost, 0)) / nullif(o.covered_sales - coalesce(o.zero_cost_money, 0), 0))
      ) AS t (code, rows, of_rows, money, value, corrected)
