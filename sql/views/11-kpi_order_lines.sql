-- The lines of the orders that count as sales, at the time of their order, amounts in the model's currency.
--@ source order_lines, orders
SELECT o.ordered_at,
       x.quantity,
       in_currency(x.net_sales, o.currency, o.exchange_rate, s.currency) AS net_sales,
       in_currency(x.cost, o.currency, o.exchange_rate, s.currency)      AS cost
       @joined dimensions@
FROM   kpi_settings AS s CROSS JOIN @order_lines@ AS x JOIN kpi_orders AS o ON o.order_id = x.order_id AND o.sold
