-- Returns, pooled by order and held against the order they belong to.
SELECT t.*
FROM  (SELECT sum(x.n)                                                 AS n,
              sum(x.broken)                                            AS broken,
              sum(x.missing_time)                                      AS missing_time,
              sum(x.missing_refund * x.rate)                           AS missing_money,
              sum(x.infinite)                                          AS infinite,
              sum(x.future)                                            AS future,
              sum(x.future_refund * x.rate)                            AS future_money,
              sum(x.n) FILTER (WHERE NOT x.known)                      AS unknown,
              sum(x.refund) FILTER (WHERE NOT x.known)                 AS unknown_money,
              sum(x.negative)                                          AS negative,
              sum(x.negative_refund * x.rate) FILTER (WHERE x.counts)  AS negative_money,
              sum(x.negative_quantity)                                 AS negative_quantity,
              sum(x.early)                                             AS early,
              sum(x.early_refund * x.rate)                             AS early_money,
              sum(x.refund * x.rate) FILTER (WHERE x.counts)           AS refunds,
              sum(x.refund * x.rate) FILTER (WHERE x.counts AND x.known) AS known_refunds,
              count(*) FILTER (WHERE x.known AND x.counts)             AS orders,
              count(*) FILTER (WHERE x.counts AND x.refund > x.amount + 0.005) AS excessive,
              sum((x.refund - x.amount) * x.rate) FILTER (WHERE x.counts AND x.refund > x.amount + 0.005) AS excess
       FROM  (SELECT r.order_id, o.order_id IS NOT NULL AS known, coalesce(min(o.rate), 1) AS rate, min(o.amount) AS amount,
                     CASE s.refunds_by WHEN 'order' THEN bool_or(o.sold) ELSE bool_or(o.sold) IS NOT FALSE END      AS counts,
                     count(*)                                                                                      AS n,
                     count(*) FILTER (WHERE r.broken)                                                              AS broken,
                     count(*) FILTER (WHERE r.returned_at IS NULL)                                                 AS missing_time,
                     sum(r.refund) FILTER (WHERE r.returned_at IS NULL AND NOT r.broken)                           AS missing_refund,
                     count(*) FILTER (WHERE NOT isfinite(r.returned_at))                                           AS infinite,
                     count(*) FILTER (WHERE r.returned_at > s.as_of AND isfinite(r.returned_at))                   AS future,
                     sum(r.refund) FILTER (WHERE r.returned_at > s.as_of AND isfinite(r.returned_at) AND NOT r.broken) AS future_refund,
                     sum(r.refund) FILTER (WHERE r.seen)                                                           AS refund,
                     count(*) FILTER (WHERE r.refund < 0 AND r.seen)                                               AS negative,
                     sum(r.refund) FILTER (WHERE r.refund < 0 AND r.seen)                                          AS negative_refund,
                     count(*) FILTER (WHERE r.quantity < 0)                                                        AS negative_quantity,
                     count(*) FILTER (WHERE r.returned_at < o.ordered_at AND r.seen)                               AS early,
                     sum(r.refund) FILTER (WHERE r.returned_at < o.ordered_at AND r.seen)                          AS early_refund
              FROM   kpi_settings AS s
                     CROSS JOIN LATERAL (
                         SELECT x.*, b.broken, NOT b.broken AND (x.returned_at <= s.as_of AND x.returned_at > '-infinity') IS TRUE AS seen
                         FROM   @returns@ AS x
                                CROSS JOIN LATERAL (SELECT coalesce(x.quantity, 0) + coalesce(x.refund, 0) IN ('NaN', 'Infinity', '-Infinity') AS broken) AS b) AS r
                     LEFT JOIN (
                         SELECT x.order_id, min(x.ordered_at) AS ordered_at,
                                bool_or(x.ordered_at <= s.as_of AND x.ordered_at > '-infinity'
                                        AND (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE)                   AS sold,
                                min(nullif(nullif(CASE WHEN x.currency IS NULL OR x.currency = s.currency THEN 1 ELSE x.exchange_rate END, 'NaN'), 'Infinity')) AS rate,
                                min(nullif(nullif(nullif(coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)), 'NaN'), 'Infinity'), '-Infinity'))   AS amount
                         FROM   kpi_settings AS s CROSS JOIN @orders@ AS x
                         GROUP  BY x.order_id) AS o ON o.order_id = r.order_id
              GROUP  BY r.order_id, o.order_id, s.refunds_by) AS x) AS r
      CROSS JOIN LATERAL (VALUES
          ('broken_number',        r.broken,            r.n,      NULL,             NULL,      r.refunds),
          ('missing_time',         r.missing_time,      r.n,      r.missing_money,  r.refunds, coalesce(r.refunds, 0) + r.missing_money),
          ('infinite_time',        r.infinite,          r.n,      NULL,             NULL,      NULL),
          ('future_rows',          r.future,            r.n,      r.future_money,   NULL,      NULL),
          ('unknown_order',        r.unknown,           r.n,      r.unknown_money,  r.refunds, r.known_refunds),
          ('negative_refund',      r.negative,          r.n,      r.negative_money, r.refunds, r.refunds - 2 * r.negative_money),
          ('negative_quantity',    r.negative_quantity, r.n,      NULL,             NULL,      NULL),
          ('return_before_order',  r.early,             r.n,      r.early_money,    NULL,      NULL),
          ('refund_exceeds_order', r.excessive,         r.orders, r.excess,         r.refunds, r.refunds - r.excess)
      ) AS t (code, rows, of_rows, money, value, corrected)
