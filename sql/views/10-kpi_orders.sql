-- The orders placed so far, amounts in the model's currency. What was ordered before it was cancelled still is a row here; sold says
-- which orders count as sales: those that are neither cancelled nor tests.
--@ source orders, or none
SELECT x.order_id,
       x.ordered_at,
       x.customer_id,
       NOT coalesce(x.is_test, false)                AS placed,
       coalesce(x.cancelled_at <= s.as_of, false)    AS cancelled,
       NOT (coalesce(x.is_test, false) OR coalesce(x.cancelled_at <= s.as_of, false)) AS sold,
       x.promised_at,
       coalesce(x.currency, s.currency)              AS currency,
       x.exchange_rate,
       in_currency(coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)), x.currency, x.exchange_rate, s.currency) AS net_sales,
       in_currency(coalesce(x.gross_sales, x.net_sales + coalesce(x.discount, 0)), x.currency, x.exchange_rate, s.currency) AS gross_sales,
       in_currency(coalesce(x.discount, x.gross_sales - x.net_sales), x.currency, x.exchange_rate, s.currency) AS discount,
       in_currency(x.tax, x.currency, x.exchange_rate, s.currency)      AS tax,
       in_currency(x.shipping, x.currency, x.exchange_rate, s.currency) AS shipping,
       in_currency(x.cost, x.currency, x.exchange_rate, s.currency)     AS cost,
       x.units
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @orders@ AS x
WHERE  x.ordered_at <= s.as_of AND x.ordered_at > '-infinity'
