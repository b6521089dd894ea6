-- Returns, each beside the order it belongs to, and all refunds of an order together beside its sales.
SELECT t.*
FROM  (SELECT count(*)                                                               AS n,
              count(*) FILTER (WHERE x.broken)                                       AS broken,
              count(*) FILTER (WHERE x.returned_at IS NULL)                          AS missing_time,
              sum(x.paid) FILTER (WHERE x.returned_at IS NULL)                       AS missing_money,
              count(*) FILTER (WHERE NOT isfinite(x.returned_at))                    AS infinite,
              count(*) FILTER (WHERE x.future)                                       AS future,
              count(*) FILTER (WHERE x.returned_at < '1995-01-01' AND isfinite(x.returned_at)) AS ancient,
              sum(x.paid) FILTER (WHERE x.future)                                    AS future_money,
              count(*) FILTER (WHERE NOT x.known)                                    AS unknown,
              sum(x.paid) FILTER (WHERE NOT x.known)                                 AS unknown_money,
              count(*) FILTER (WHERE x.paid < 0)                                     AS negative,
              sum(x.paid) FILTER (WHERE x.paid < 0 AND x.counts)                     AS negative_money,
              count(*) FILTER (WHERE x.quantity < 0)                                 AS negative_quantity,
              count(*) FILTER (WHERE x.early)                                        AS early,
              sum(x.paid) FILTER (WHERE x.early)                                     AS early_money,
              sum(x.paid) FILTER (WHERE x.counts)                                    AS refunds,
              sum(x.paid) FILTER (WHERE x.counts AND x.known)                        AS known_refunds,
              count(*) FILTER (WHERE x.first AND x.counts AND x.known)               AS orders,
              count(*) FILTER (WHERE x.first AND x.counts AND x.excess > 0.005)      AS excessive,
              sum(x.excess * x.rate) FILTER (WHERE x.first AND x.counts AND x.excess > 0.005) AS excess
       FROM  (SELECT x.*, o.order_id IS NOT NULL                                                            AS known,
                     o.rate,
                     CASE WHEN NOT x.broken THEN x.refund * coalesce(o.rate, 1) END                         AS paid,
                     x.seen AND CASE s.refunds_by WHEN 'order' THEN o.sold > 0 ELSE o.sold > 0 OR coalesce(o.seen, 0) = 0 END AS counts,
                     x.returned_at > s.as_of AND isfinite(x.returned_at)                                    AS future,
                     x.seen AND x.returned_at < o.ordered_at                                                AS early,
                     x.order_refund - o.amount                                                              AS excess
              FROM   kpi_settings AS s
                     CROSS JOIN LATERAL (
                         SELECT x.*, sum(x.refund) FILTER (WHERE x.seen AND NOT x.broken) OVER (PARTITION BY x.order_id) AS order_refund,
                                row_number() OVER (PARTITION BY x.order_id ORDER BY x.seen DESC) = 1                     AS first
                         FROM   (SELECT x.*, (greatest(abs(x.quantity), abs(x.refund)) >= 'Infinity') IS TRUE    AS broken,
                                        (x.returned_at <= s.as_of AND x.returned_at > '-infinity') IS TRUE  AS seen
                                 FROM   @returns@ AS x) AS x) AS x
                     LEFT JOIN @known_orders@ AS o ON o.order_id = x.order_id
              OFFSET 0) AS x) AS r      -- each expression is computed once
      CROSS JOIN LATERAL (VALUES
          ('broken_number',        r.broken,            r.n,      NULL,             NULL,      r.refunds),
          ('missing_time',         r.missing_time,      r.n,      r.missing_money,  r.refunds, coalesce(r.refunds, 0) + r.missing_money),
          ('infinite_time',        r.infinite,          r.n,      NULL,             NULL,      NULL),
          ('future_rows',          r.future,            r.n,      r.future_money,   NULL,      NULL),
          ('ancient_time',         r.ancient,           r.n,      NULL,   NULL,      NULL),
          ('unknown_order',        r.unknown,           r.n,      r.unknown_money,  r.refunds, r.known_refunds),
          ('negative_refund',      r.negative,          r.n,      r.negative_money, r.refunds, r.refunds - 2 * r.negative_money),
          ('negative_quantity',    r.negative_quantity, r.n,      NULL,             NULL,      NULL),
          ('return_before_order',  r.early,             r.n,      r.early_money,    NULL,      NULL),
          ('refund_exceeds_order', r.excessive,         r.orders, r.excess,         r.refunds, r.refunds - r.excess)
      ) AS t (code, rows, of_rows, money, value, corrected)
