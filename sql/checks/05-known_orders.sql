-- The orders that others belong to, each once: what @known_orders@ stands for in the other queries.
SELECT x.order_id,
       min(x.ordered_at)                                            AS ordered_at,
       bool_and(x.is_test IS TRUE)                                  AS test,
       bool_or(x.ordered_at <= s.as_of AND x.ordered_at > '-infinity' AND (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE) AS sold,
       min(CASE WHEN x.currency IS NULL OR x.currency = s.currency THEN 1
                WHEN x.exchange_rate NOT IN ('NaN', 'Infinity', '-Infinity') THEN x.exchange_rate END) AS rate,
       min(x.amount) FILTER (WHERE x.amount NOT IN ('NaN', 'Infinity', '-Infinity')) AS amount
FROM   kpi_settings AS s
       CROSS JOIN (SELECT x.*, coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) AS amount FROM @orders@ AS x) AS x
GROUP  BY x.order_id
