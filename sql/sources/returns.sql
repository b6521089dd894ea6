--@ source returns
-- what came back, or was paid back
position      3
rows          returns
time          returned_at
belongs_to    orders
missing_time  refunds
broken_number refunds

--@ columns
order_id     key, required     the order it belongs to
returned_at  instant, required when it came back, or was refunded
quantity     number            pieces, positive
refund       number            what was paid back of net_sales, positive, in the currency of the
                               order
tax          number            tax that was paid back on top of it, positive; 0 if absent
shipping     number            shipping that was paid back, without its tax, positive; 0 if absent
sku          text              the article
our_fault    boolean           whether the shop is to blame: damaged, wrong, late, not as described;
                               false if absent

--@ view kpi_returns
-- What has been returned so far, on the day the model dates it by (of its order, or of the return),
-- amounts in the model's currency. Returns of orders that were cancelled or tests are left out, as
-- those are no sales.
SELECT x.order_id,
       CASE s.refunds_by WHEN 'order' THEN o.ordered_at ELSE x.returned_at END AS booked_at,
       x.returned_at,
       x.quantity,
       coalesce(x.our_fault, false) AS our_fault,
       kpi.in_currency(x.refund, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS refund,
       kpi.in_currency(x.tax, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS tax,
       kpi.in_currency(x.shipping, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS shipping
       @joined dimensions@
FROM   kpi_settings AS s
       CROSS JOIN @returns@ AS x
       LEFT JOIN kpi_orders AS o ON o.order_id = x.order_id
WHERE  @happened x.returned_at@
AND    CASE s.refunds_by WHEN 'order' THEN o.sold ELSE o.sold IS NOT FALSE END

--@ column booked_at
-- the instant that says the day it counts on

--@ view kpi_daily_returns | key day, dimensions | per order_id
-- The returns of each day, by the date the model books them on.
SELECT kpi.bucket('day', x.booked_at, s.timezone) AS day,
       kpi.average(x.refund)                      AS refund,
       kpi.average(x.tax)                         AS tax,
       kpi.average(x.shipping)                    AS shipping,
       kpi.average(x.quantity)                    AS units
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN kpi_returns AS x
GROUP  BY kpi.bucket('day', x.booked_at, s.timezone) @dimensions@

--@ view kpi_daily_returned_orders | key day, distinct_orders, dimensions | per order_id
-- The orders of which something was returned, on the day of the order, or of its first return. An
-- order is a row of each member of a dimension that has a return of it, and counts once wherever
-- they are pooled. Where only tax or shipping was paid back, nothing was returned.
SELECT kpi.bucket('day', x.booked_at, s.timezone) AS day,
       x.order_id                             AS distinct_orders
       @dimensions@ @one row@
FROM   kpi_settings AS s CROSS JOIN
       (SELECT x.order_id, min(min(x.booked_at)) OVER (PARTITION BY x.order_id) AS booked_at
               @dimensions@
        FROM   kpi_returns AS x
        WHERE  x.order_id IS NOT NULL
        AND    (x.quantity <> 0 OR x.refund <> 0 OR num_nonnulls(x.tax, x.shipping) = 0)
        GROUP  BY x.order_id @dimensions@) AS x

--@ column distinct_orders | distinct
-- the order

--@ indicator refunds | sales | money | down | after discounts
-- What was paid back for returned goods.
name       Refunds / 退款额
needs      returns.refund, orders.order_id|refunds_by=refund
value      coalesce(total(returns.refund), 0)
sample     returns.refund

--@ indicator return_rate | operations | share | down | main | after on_time_delivery_rate
-- Of the orders, those of which something was returned.
name       Return rate / 退货率
needs      returns.order_id, orders.order_id, refunds_by=order
value      coalesce(returned_orders.distinct_orders, 0)::numeric /
           nullif(coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0), 0)::numeric
sample     make_rate(least(coalesce(returned_orders.distinct_orders, 0),
           coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0)),
           coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0))
needs      returns.order_id, orders.order_id
value      coalesce(returned_orders.distinct_orders, 0)::numeric /
           nullif(coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0), 0)::numeric

--@ indicator returned_units | operations | quantity | down
-- Pieces returned.
name       Returned units / 退货件数
needs      returns.quantity, orders.order_id|refunds_by=refund
value      coalesce(total(returns.units), 0)
sample     returns.units

--@ indicator unit_return_rate | operations | share | down
-- Pieces returned as a share of pieces ordered.
name       Unit return rate / 退货件率
needs      returns.quantity, orders.units
value      coalesce(total(returns.units), 0) / nullif(coalesce(total(orders.units), 0)
           + coalesce(total(order_changes.units), 0), 0)
sample     make_ratio(coalesce(sample_size(orders.units), 0) +
           coalesce(sample_size(order_changes.units), 0) + coalesce(sample_size(returns.units), 0),
           coalesce(total(returns.units), 0), coalesce(total(orders.units), 0) +
           coalesce(total(order_changes.units), 0))
needs      returns.quantity, order_lines.quantity, order_changes.units
value      coalesce(total(returns.units), 0) / nullif(coalesce(total(order_lines.units), 0)
           + coalesce(total(order_changes.units), 0), 0)
sample     make_ratio(coalesce(sample_size(order_lines.units), 0) +
           coalesce(sample_size(order_changes.units), 0) + coalesce(sample_size(returns.units), 0),
           coalesce(total(returns.units), 0), coalesce(total(order_lines.units), 0) +
           coalesce(total(order_changes.units), 0))
needs      returns.quantity, order_lines.quantity
value      coalesce(total(returns.units), 0) / nullif(total(order_lines.units), 0)
sample     make_ratio(coalesce(sample_size(order_lines.units), 0) +
           coalesce(sample_size(returns.units), 0), coalesce(total(returns.units), 0),
           coalesce(total(order_lines.units), 0))

--@ indicator value_return_rate | operations | share | down
-- Refunds as a share of net sales before refunds.
name       Value return rate / 退款率
needs      returns.refund, orders.net_sales|orders.gross_sales
value      coalesce(total(returns.refund), 0) / nullif(coalesce(total(orders.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0), 0)
sample     make_ratio(coalesce(sample_size(orders.net_sales), 0) +
           coalesce(sample_size(order_changes.net_sales), 0) +
           coalesce(sample_size(returns.refund), 0), coalesce(total(returns.refund), 0),
           coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0))

--@ trap unknown_order | wrong | moves refunds
-- the order is not there: the return counts on the day it came back, or nowhere if refunds count by
-- order
needs      orders.order_id
advice     order_id as orders has it

--@ trap negative_refund | wrong | moves refunds
-- a refund is negative, and adds to sales
needs      returns.refund
advice     abs(refund) AS refund
query      SELECT * FROM @schema@.returns WHERE refund < 0

--@ trap negative_quantity | wrong
-- a quantity is negative: what came back is positive
needs      returns.quantity
advice     abs(quantity) AS quantity
query      SELECT * FROM @schema@.returns WHERE quantity < 0

--@ trap return_before_order | doubtful
-- returned before it was ordered: a clock or a time zone is wrong, or another order is meant
needs      orders.ordered_at
advice     the same time zone for both columns

--@ trap negative_tax | wrong
-- the tax of a refund is negative, and adds to taxes
needs      returns.tax, orders.tax
advice     abs(tax) AS tax
query      SELECT * FROM @schema@.returns WHERE tax < 0

--@ trap negative_shipping | wrong
-- the shipping of a refund is negative, and adds to shipping
needs      returns.shipping, orders.shipping
advice     abs(shipping) AS shipping
query      SELECT * FROM @schema@.returns WHERE shipping < 0

--@ trap refund_exceeds_order | wrong | moves refunds | counts orders
-- more was paid back than the order was worth: shipping or a second system of payments is in it
needs      returns.refund, orders.net_sales|orders.gross_sales
advice     the part of net_sales, and what else was paid back as tax and shipping; refunds from one
           table only

--@ trap refund_with_tax | wrong | moves refunds | counts orders
-- what was paid back of an order is its net_sales and its tax, or its shipping as well: refund has
-- them in it, and net sales are too low by them
needs      returns.refund, orders.net_sales|orders.gross_sales, orders.tax
advice     refund without tax and shipping, such as refund / 1.19 AS refund; the tax and the
           shipping paid back in columns of their own, tax and shipping

--@ trap part_with_tax | wrong | moves refunds
-- what was paid back for a part of an order, without tax beside it, is to the cent what its pieces
-- were sold for and their share of the tax of the order, three times or more, and more often than
-- it is what they were sold for: refund has tax in it
needs      returns.refund, order_lines.net_sales, orders.net_sales|orders.gross_sales, orders.tax
advice     refund without tax, such as refund / 1.19 AS refund, and refund - refund / 1.19 AS tax

--@ trap refund_lacks_tax | doubtful | counts orders
-- all of the net_sales of an order was paid back, and none of its tax, which stays in taxes and in
-- total_sales
needs      returns.refund, orders.net_sales|orders.gross_sales, orders.tax
advice     the tax that was paid back AS tax, and what was of shipping AS shipping; nothing, if they
           were kept

--@ check
-- Returns, each beside the order it belongs to, and all refunds of an order together beside its
-- sales, with its changes.
SELECT t.*
FROM  (SELECT @usual counts@,
              sum(x.paid) FILTER (WHERE x.returned_at IS NULL)         AS missing_money,
              sum(x.paid) FILTER (WHERE x.future_rows)                 AS future_money,
              count(*) FILTER (WHERE NOT x.known)                      AS unknown,
              sum(x.paid) FILTER (WHERE NOT x.known)                   AS unknown_money,
              count(*) FILTER (WHERE x.paid < 0)                       AS negative,
              sum(x.paid) FILTER (WHERE x.paid < 0 AND x.counts)       AS negative_money,
              count(*) FILTER (WHERE x.quantity < 0)                   AS negative_quantity,
              count(*) FILTER (WHERE x.tax < 0)                        AS negative_tax,
              sum(x.tax * x.paid_at) FILTER (WHERE x.tax < 0 AND x.counts) AS negative_tax_money,
              count(*) FILTER (WHERE x.shipping < 0)                   AS negative_shipping,
              sum(x.shipping * x.paid_at)
                  FILTER (WHERE x.shipping < 0 AND x.counts)           AS negative_shipping_money,
              count(*) FILTER (WHERE x.early)                          AS early,
              sum(x.paid) FILTER (WHERE x.early)                       AS early_money,
              sum(x.paid) FILTER (WHERE x.counts)                      AS refunds,
              sum(x.paid) FILTER (WHERE x.counts AND x.known)          AS known_refunds,
              count(*) FILTER (WHERE x.first AND x.counts AND x.known) AS orders,
              count(*) FILTER (WHERE x.exceeds AND NOT x.taxed)        AS excessive,
              sum(x.excess * x.rate) FILTER (WHERE x.exceeds AND NOT x.taxed) AS excess,
              count(*) FILTER (WHERE x.exceeds AND x.taxed)            AS taxed,
              sum(x.excess * x.rate) FILTER (WHERE x.exceeds AND x.taxed) AS taxes,
              count(*) FILTER (WHERE x.untaxed)                        AS untaxed,
              sum(x.order_tax * x.rate) FILTER (WHERE x.untaxed)       AS untaxed_money,
              count(*) FILTER (WHERE x.part_net OR x.part_gross)       AS parts,
              count(*) FILTER (WHERE x.part_net)                       AS net_parts,
              count(*) FILTER (WHERE x.part_gross AND NOT x.part_net)  AS gross_parts,
              sum(x.paid * x.order_tax / (x.amount + x.order_tax))
                  FILTER (WHERE x.part_gross AND NOT x.part_net)       AS part_taxes
       FROM  (SELECT x.*, x.first AND x.counts AND x.excess > 0.005 AS exceeds,
                     -- to the cent, as tax is rounded line by line
                     (x.order_tax > 0
                      AND (abs(x.excess - x.order_tax) < 0.015
                           OR abs(x.excess - x.order_tax - x.order_shipping) < 0.015)) IS TRUE
                                                                    AS taxed,
                     (x.first AND x.counts AND abs(x.excess) <= 0.005 AND x.order_tax > 0
                      AND coalesce(x.tax_refund, 0) = 0) IS TRUE     AS untaxed,
                     x.part AND EXISTS (SELECT FROM unnest(x.line_prices, x.line_units, x.line_skus)
                                                    AS l (price, units, sku)
                                        WHERE  l.sku = x.sku IS NOT FALSE
                                        AND    abs(l.price * coalesce(x.quantity, l.units)
                                                   - x.refund) < 0.015) AS part_net,
                     x.part AND EXISTS (SELECT FROM unnest(x.line_prices, x.line_units, x.line_skus)
                                                    AS l (price, units, sku)
                                        WHERE  l.sku = x.sku IS NOT FALSE
                                        AND    abs(l.price * coalesce(x.quantity, l.units)
                                                   * (1 + x.order_tax / x.amount)
                                                   - x.refund) < 0.015) AS part_gross
       FROM  (SELECT x.*, @usual flags@, o.order_id IS NOT NULL                    AS known, o.rate,
                     CASE WHEN NOT x.broken THEN coalesce(o.rate, 1) END            AS paid_at,
                     CASE WHEN NOT x.broken THEN x.refund * coalesce(o.rate, 1) END AS paid,
                     o.tax + coalesce(c.tax, 0)                               AS order_tax,
                     o.shipping + coalesce(c.shipping, 0)                     AS order_shipping,
                     x.seen AND CASE s.refunds_by WHEN 'order' THEN o.sold > 0
                                     ELSE o.sold > 0 OR coalesce(o.seen, 0) = 0 END AS counts,
                     x.seen AND x.returned_at < o.ordered_at                       AS early,
                     x.order_refund - o.amount - coalesce(c.amount, 0)             AS excess,
                     o.amount, l.line_prices, l.line_units, l.line_skus,
                     (x.seen AND o.sold > 0 AND NOT x.broken AND coalesce(x.tax, 0) = 0
                      AND o.tax > 0 AND x.refund > 0
                      AND x.order_refund <= o.amount + coalesce(c.amount, 0) + 0.005) IS TRUE
                                                                                   AS part
              FROM   kpi_settings AS s
                     CROSS JOIN LATERAL (
                         SELECT x.*, sum(x.refund) FILTER (WHERE x.seen AND NOT x.broken)
                                         OVER (PARTITION BY x.order_id)            AS order_refund,
                                sum(abs(x.tax)) FILTER (WHERE x.seen AND NOT x.broken)
                                         OVER (PARTITION BY x.order_id)            AS tax_refund,
                                row_number() OVER (PARTITION BY x.order_id ORDER BY x.seen DESC) = 1
                                                                                   AS first
                         FROM   (SELECT x.*, @broken@ AS broken,
                                        (x.returned_at <= s.as_of
                                         AND x.returned_at > '-infinity') IS TRUE AS seen
                                 FROM   @returns@ AS x) AS x) AS x
                     LEFT JOIN @known_orders@ AS o ON o.order_id = x.order_id
                     LEFT JOIN @known_changes@ AS c ON c.order_id = x.order_id
                     LEFT JOIN (SELECT x.order_id, array_agg(x.quantity)       AS line_units,
                                       array_agg(x.net_sales / x.quantity) AS line_prices,
                                       array_agg(x.sku)                    AS line_skus
                                FROM   @order_lines@ AS x
                                WHERE  x.quantity > 0 AND x.quantity < 'Infinity'
                                AND    x.net_sales > 0 AND x.net_sales < 'Infinity'
                                GROUP  BY x.order_id) AS l ON l.order_id = x.order_id
              OFFSET 0) AS x            -- each expression is computed once
              OFFSET 0) AS x) AS r
      CROSS JOIN LATERAL (VALUES
          @usual traps of r@,
          ('broken_number', r.broken_number, r.n, NULL, NULL, r.refunds),
          ('missing_time', r.missing_time, r.n, r.missing_money, r.refunds,
           coalesce(r.refunds, 0) + r.missing_money),
          ('future_rows', r.future_rows, r.n, r.future_money, NULL, NULL),
          ('unknown_order', r.unknown, r.n, r.unknown_money, r.refunds, r.known_refunds),
          ('negative_refund', r.negative, r.n, r.negative_money, r.refunds,
           r.refunds - 2 * r.negative_money),
          ('negative_quantity', r.negative_quantity, r.n, NULL, NULL, NULL),
          ('negative_tax', r.negative_tax, r.n, r.negative_tax_money, NULL, NULL),
          ('negative_shipping', r.negative_shipping, r.n, r.negative_shipping_money, NULL, NULL),
          ('return_before_order', r.early, r.n, r.early_money, NULL, NULL),
          ('refund_exceeds_order', r.excessive, r.orders, r.excess, r.refunds,
           r.refunds - r.excess),
          ('refund_with_tax', r.taxed, r.orders, r.taxes, r.refunds, r.refunds - r.taxes),
          ('part_with_tax', CASE WHEN r.gross_parts >= 3 AND r.gross_parts > r.net_parts
                                 THEN r.gross_parts ELSE 0 END, r.parts, r.part_taxes, r.refunds,
           r.refunds - r.part_taxes),
          ('refund_lacks_tax', r.untaxed, r.orders, r.untaxed_money, NULL, NULL)
      ) AS t (trap, rows, of_rows, money, value, corrected)
