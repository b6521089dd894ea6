-- The orders that others belong to, a row for each number: what @known_orders@ stands for in the other queries. The views join what belongs
-- to an order to each that has the number, so sums are multiplied here as they are there.
SELECT x.order_id,
       min(x.ordered_at)                                                             AS ordered_at,
       count(*) FILTER (WHERE x.seen)                                                AS seen,
       count(*) FILTER (WHERE x.seen AND x.is_test IS NOT TRUE)                      AS placed,
       count(*) FILTER (WHERE x.sold)                                                AS sold,
       min(x.rate) FILTER (WHERE x.sold) * count(*) FILTER (WHERE x.sold)            AS rate,
       min(x.amount) FILTER (WHERE x.amount NOT IN ('NaN', 'Infinity', '-Infinity')) AS amount
FROM  (SELECT x.order_id, x.ordered_at, x.is_test, a.seen,
              a.seen AND (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE        AS sold,
              CASE WHEN x.currency IS NULL OR x.currency = s.currency THEN 1
                   WHEN x.exchange_rate NOT IN ('NaN', 'Infinity', '-Infinity') THEN x.exchange_rate END AS rate,
              coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0))         AS amount
       FROM   kpi_settings AS s
              CROSS JOIN @orders@ AS x
              CROSS JOIN LATERAL (SELECT (x.ordered_at <= s.as_of AND x.ordered_at > '-infinity') IS TRUE AS seen) AS a) AS x
GROUP  BY x.order_id
