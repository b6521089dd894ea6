-- What has been returned so far, on the day the model dates it by (of its order, or of the return), refunds in the model's currency.
-- Returns of orders that were cancelled or tests are left out, as those are no sales.
--@ source returns
SELECT x.order_id,
       CASE s.refunds_by WHEN 'order' THEN o.ordered_at ELSE x.returned_at END AS booked_at,
       x.returned_at,
       x.quantity,
       in_currency(x.refund, o.currency, o.exchange_rate, s.currency) AS refund
       @joined dimensions@
FROM   kpi_settings AS s CROSS JOIN @returns@ AS x LEFT JOIN kpi_orders AS o ON o.order_id = x.order_id
WHERE  x.returned_at <= s.as_of AND x.returned_at > '-infinity'
AND    CASE s.refunds_by WHEN 'order' THEN o.sold ELSE o.sold IS NOT FALSE END
