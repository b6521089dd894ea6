-- Order lines, each beside the order it belongs to, and all lines of an order together beside its sales.
SELECT t.*
FROM  (SELECT count(*)                                                              AS n,
              count(*) FILTER (WHERE x.broken)                                      AS broken,
              count(*) FILTER (WHERE x.order_id IS NULL)                            AS missing_key,
              count(*) FILTER (WHERE x.unknown)                                     AS unknown,
              sum(x.net_sales) FILTER (WHERE x.unknown AND NOT x.broken)            AS unknown_money,
              count(*) FILTER (WHERE x.sold)                                        AS sold,
              sum(x.sales)                                                          AS sales,
              count(*) FILTER (WHERE x.sold AND x.quantity < 0)                     AS negative,
              sum(x.sales) FILTER (WHERE x.quantity < 0)                            AS negative_money,
              count(*) FILTER (WHERE x.sold AND x.cost IS NULL)                     AS costless,
              sum(x.sales) FILTER (WHERE x.cost IS NULL)                            AS costless_money,
              sum(x.sales) FILTER (WHERE x.paid IS NOT NULL)                        AS covered_sales,
              sum(x.paid) FILTER (WHERE x.sales IS NOT NULL)                        AS covered_cost,
              count(*) FILTER (WHERE x.paid <= 0 AND x.sales > 0)                   AS zero_cost,
              sum(x.sales) FILTER (WHERE x.paid <= 0 AND x.sales > 0)               AS zero_cost_money,
              sum(x.paid) FILTER (WHERE x.paid <= 0 AND x.sales > 0)                AS zero_cost_cost,
              count(*) FILTER (WHERE x.sold AND x.quantity IS NULL)                 AS uncounted,
              coalesce(sum(x.quantity * x.times) FILTER (WHERE x.sold AND NOT x.broken), 0) AS units,
              count(*) FILTER (WHERE x.compared)                                    AS compared,
              -- a cent may be lost in rounding every line
              count(*) FILTER (WHERE x.compared AND abs(x.gap) > 0.01 * x.lines)                AS mismatched,
              sum(abs(x.gap) * x.rate) FILTER (WHERE x.compared AND abs(x.gap) > 0.01 * x.lines) AS mismatched_money,
              sum(x.gap * x.rate) FILTER (WHERE x.compared AND abs(x.gap) > 0.01 * x.lines)      AS mismatched_change
       FROM  (SELECT x.*, o.sold, o.times, o.rate, x.order_id IS NOT NULL AND o.order_id IS NULL                     AS unknown,
                     CASE WHEN o.sold AND NOT x.broken THEN x.net_sales * o.rate END                        AS sales,
                     CASE WHEN o.sold AND NOT x.broken THEN x.cost * o.rate END                             AS paid,
                     x.first AND o.sold AND o.amount IS NOT NULL AND x.priced = x.lines                     AS compared,
                     o.amount - x.order_sales                                                               AS gap
              FROM   (SELECT x.*, count(*) OVER own                                                         AS lines,
                             count(x.net_sales) FILTER (WHERE NOT x.broken) OVER own                        AS priced,
                             sum(x.net_sales) FILTER (WHERE NOT x.broken) OVER own                          AS order_sales,
                             row_number() OVER own = 1                                                      AS first
                      FROM   (SELECT x.*, (greatest(abs(x.quantity), abs(x.net_sales), abs(x.cost)) >= 'Infinity') IS TRUE AS broken
                              FROM   @order_lines@ AS x) AS x
                      WINDOW own AS (PARTITION BY x.order_id)) AS x
                     LEFT JOIN (SELECT o.order_id, o.rate, o.amount, o.sold > 0 AS sold, o.sold AS times FROM @known_orders@ AS o) AS o ON o.order_id = x.order_id
              OFFSET 0) AS x) AS o      -- each expression is computed once
      CROSS JOIN LATERAL (VALUES
          ('broken_number',     o.broken,       o.n,        NULL,               NULL,    o.sales),
          ('missing_key',       o.missing_key,  o.n,        NULL,               NULL,    NULL),
          ('unknown_order',     o.unknown,      o.n,        o.unknown_money,    o.sales, coalesce(o.sales, 0) + o.unknown_money),
          ('negative_quantity', o.negative,     o.sold,     o.negative_money,   o.sales, o.sales - coalesce(o.negative_money, 0)),
          ('lines_mismatch',    o.mismatched,   o.compared, o.mismatched_money, o.sales, o.sales + o.mismatched_change),
          ('missing_quantity',  o.uncounted,    o.sold,     NULL,               o.units, NULL),
          ('missing_cost',      o.costless,     o.sold,     o.costless_money,   o.covered_sales / nullif(o.sales, 0), NULL),
          ('zero_cost',         o.zero_cost,    o.sold,     o.zero_cost_money,  1 - o.covered_cost / nullif(o.covered_sales, 0),
           1 - (o.covered_cost - coalesce(o.zero_cost_cost, 0)) / nullif(o.covered_sales - coalesce(o.zero_cost_money, 0), 0))
      ) AS t (code, rows, of_rows, money, value, corrected)
