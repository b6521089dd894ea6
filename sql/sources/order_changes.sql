--@ source order_changes
-- what orders came to more, or less, after they were placed: edits, exchanges, later charges;
-- counted on the day of the change, on top of the order as it was placed, as no order, and nobody
-- who came back
position      4
rows          changes
time          changed_at
belongs_to    orders
missing_time  changed_sales
broken_number changed_sales

--@ columns
order_id     key, required     the order that was changed, of which orders say what it came to when
                               it was placed
changed_at   instant, required when it was changed: the day the change counts on
net_sales    number, required  what the goods came to more, negative if to less, after discounts,
                               without tax and shipping, in the currency of the order; 0 if nothing
                               else changed; what was paid back for returned goods is in returns
gross_sales  number            the same before discounts; net_sales + discount if absent
discount     number            what was taken off more, negative if less; gross_sales - net_sales if
                               absent, or 0
tax          number            tax charged on top more, negative if less; 0 if absent
shipping     number            shipping charged on top more, negative if less; 0 if absent
cost         number            what the goods cost more, negative if less; NULL if unknown
units        number            pieces more, negative if fewer; 0 if absent
kind         text              what it was: edit, exchange, charge

--@ view kpi_order_changes | always
-- The changes of orders so far, amounts in the model's currency. Those of orders that were
-- cancelled or tests are left out, as those are no sales.
SELECT x.order_id,
       x.changed_at,
       o.customer_id,
       kpi.in_currency(coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)), o.currency,
                       o.exchange_rate, s.currency, x.order_id::text) AS net_sales,
       kpi.in_currency(coalesce(x.gross_sales, x.net_sales + coalesce(x.discount, 0)), o.currency,
                       o.exchange_rate, s.currency, x.order_id::text) AS gross_sales,
       kpi.in_currency(coalesce(x.discount, x.gross_sales - x.net_sales), o.currency,
                       o.exchange_rate, s.currency, x.order_id::text) AS discount,
       kpi.in_currency(x.tax, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS tax,
       kpi.in_currency(x.shipping, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS shipping,
       kpi.in_currency(x.cost, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS cost,
       x.units,
       x.kind
       @joined dimensions@
FROM   kpi_settings AS s
       CROSS JOIN @order_changes@ AS x
       LEFT JOIN kpi_orders AS o ON o.order_id = x.order_id
WHERE  @happened x.changed_at@ AND o.sold IS NOT FALSE

--@ column customer_id
-- who had placed the order

--@ view kpi_daily_order_changes | key day, dimensions | per order_id | always
-- The changes of orders on each day, none where the model has no such source.
SELECT kpi.bucket('day', x.changed_at, s.timezone)                      AS day,
       kpi.average(x.net_sales)                                         AS net_sales,
       kpi.average(x.gross_sales)                                       AS gross_sales,
       kpi.average(x.discount)                                          AS discount,
       kpi.average(x.tax)                                               AS tax,
       kpi.average(x.shipping)                                          AS shipping,
       kpi.average(x.units)                                             AS units,
       kpi.average(x.net_sales) FILTER (WHERE x.customer_id IS NOT NULL) AS known_sales,
       kpi.average(x.net_sales) FILTER (WHERE x.cost IS NOT NULL)       AS covered_sales,
       kpi.average(x.cost)      FILTER (WHERE x.net_sales IS NOT NULL)  AS covered_cost,
       kpi.average(x.cost)                                              AS cost
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN kpi_order_changes AS x
GROUP  BY kpi.bucket('day', x.changed_at, s.timezone) @dimensions@

--@ indicator changed_sales | sales | money | up | after refunds
-- What orders came to more after they were placed, before refunds; negative if they came to less.
-- It is in net sales, gross sales and all that is said of sales before refunds.
name       Sales by changes of orders / 订单变更销售额
needs      order_changes.net_sales, orders.order_id
value      coalesce(total(order_changes.net_sales), 0)
sample     order_changes.net_sales

--@ trap unknown_order | wrong | moves changed_sales
-- the order is not there: the change counts, and what it was added to does not
needs      orders.order_id
advice     order_id as orders has it; or leave out the changes of what orders leaves out

--@ trap change_before_order | doubtful
-- changed before it was ordered: a clock or a time zone is wrong, or another order is meant
needs      orders.ordered_at
advice     the same time zone for both columns

--@ trap missing_sales | note | moves changed_sales
-- no amount is known: such changes add nothing to sales
needs      order_changes.net_sales
advice     the difference of the amounts after and before, 0 if they are the same
query      SELECT * FROM @schema@.order_changes WHERE net_sales IS NULL

--@ trap nothing_changed | note | moves changed_sales
-- no amount and no pieces were changed: such changes count nowhere
needs      order_changes.net_sales
advice     nothing, if only an address was changed, for example; else the difference of the amounts
           after and before
query      SELECT * FROM @schema@.order_changes WHERE net_sales = 0
           AND coalesce(gross_sales, 0) = 0 AND coalesce(discount, 0) = 0 AND coalesce(tax, 0) = 0
           AND coalesce(shipping, 0) = 0 AND coalesce(cost, 0) = 0 AND coalesce(units, 0) = 0

--@ trap sales_mismatch | wrong
-- gross_sales less discount is not net_sales: tax or shipping is in one of them
needs      order_changes.net_sales, order_changes.gross_sales, order_changes.discount
advice     leave out the one that has tax or shipping in it, which is then computed from the others
query      SELECT * FROM @schema@.order_changes
           WHERE abs(gross_sales - discount - net_sales) > 0.005
           AND abs(gross_sales - discount - net_sales) < 'Infinity'

--@ trap below_zero | wrong | moves changed_sales | counts orders
-- more was taken off an order than it came to: orders has the amounts after the changes, so that
-- these count twice, or the whole was taken off and not the difference
needs      order_changes.net_sales, orders.net_sales|orders.gross_sales
advice     in orders the amounts when the order was placed, such as net_sales less the sum of its
           changes; or no order_changes, if closed days may change

--@ trap whole_order | doubtful | moves changed_sales | counts orders
-- an order was changed by as much as it came to: the new amount, not the difference, or the order
-- itself is among its changes
needs      order_changes.net_sales, orders.net_sales|orders.gross_sales
advice     the difference: net_sales - lag(net_sales) OVER (PARTITION BY order_id ORDER BY
           changed_at), without the first version, which is the order

--@ trap refunded_too | doubtful | moves changed_sales | counts orders
-- what was taken off an order is what was paid back of it, which counts twice: as a change and as a
-- refund
needs      order_changes.net_sales, returns.refund, orders.order_id
advice     leave out the refund or the change: what was taken out before it was sent as a change,
           what came back as a return

--@ check known_changes
-- What the changes that count come to, a row for each order, in its currency: what @known_changes@
-- stands for in the other queries. Amounts are converted, and multiplied as the views do, by rate,
-- pieces by times.
SELECT x.order_id, coalesce(min(o.rate), 1) AS rate, coalesce(nullif(min(o.sold), 0), 1) AS times,
       sum(a.amount)                                              AS amount,
       sum(coalesce(x.discount, x.gross_sales - x.net_sales))     AS discount,
       sum(x.tax)                                                 AS tax,
       sum(x.shipping)                                            AS shipping,
       sum(x.units)                                               AS units,
       sum(a.amount) FILTER (WHERE x.cost IS NOT NULL)            AS covered_sales,
       sum(x.cost) FILTER (WHERE a.amount IS NOT NULL)            AS covered_cost
FROM   kpi_settings AS s
       CROSS JOIN (SELECT x.*, @broken@ AS broken FROM @order_changes@ AS x) AS x
       LEFT JOIN @known_orders@ AS o ON o.order_id = x.order_id
       CROSS JOIN LATERAL (
           SELECT coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) AS amount) AS a
WHERE  x.changed_at <= s.as_of AND x.changed_at > '-infinity' AND NOT x.broken
AND    (o.sold > 0 OR coalesce(o.seen, 0) = 0)
GROUP  BY x.order_id

--@ check
-- Changes, each beside the order it belongs to, and all changes of an order together beside what it
-- came to and what was paid back of it.
SELECT t.*
FROM  (SELECT @usual counts@,
              sum(x.added) FILTER (WHERE x.changed_at IS NULL)         AS missing_money,
              sum(x.added) FILTER (WHERE x.future_rows)                AS future_money,
              count(*) FILTER (WHERE NOT x.known)                      AS unknown,
              sum(x.added) FILTER (WHERE NOT x.known)                  AS unknown_money,
              count(*) FILTER (WHERE x.early)                          AS early,
              sum(x.added) FILTER (WHERE x.early)                      AS early_money,
              count(*) FILTER (WHERE x.counts)                         AS counted,
              sum(x.added) FILTER (WHERE x.counts)                     AS sales,
              sum(x.added) FILTER (WHERE x.counts AND x.known)         AS known_sales,
              count(*) FILTER (WHERE x.counts AND x.amount IS NULL)    AS missing_sales,
              count(*) FILTER (WHERE x.counts AND x.idle)              AS idle,
              count(*) FILTER (WHERE x.gap > 0.005 AND x.gap < 'Infinity') AS mismatched,
              sum(x.gap * x.rate) FILTER (WHERE x.gap > 0.005 AND x.gap < 'Infinity')
                  AS mismatched_money,
              count(*) FILTER (WHERE x.told)                           AS orders,
              count(*) FILTER (WHERE x.below < -0.005)                 AS below,
              sum(x.below * x.rate) FILTER (WHERE x.below < -0.005)    AS below_money,
              count(*) FILTER (WHERE x.whole)                          AS whole,
              sum(x.ordered * x.rate) FILTER (WHERE x.whole)           AS whole_money,
              count(*) FILTER (WHERE x.refunded)                       AS refunded,
              sum(x.taken_off * x.rate) FILTER (WHERE x.refunded)      AS refunded_money
       FROM  (SELECT x.*,
                     -- of an order, told at one of its changes
                     CASE WHEN x.told THEN x.ordered + x.order_changed END AS below,
                     x.told AND x.ordered > 0 AND x.repeated               AS whole,
                     x.told AND abs(x.taken_off + r.refund) < 0.005        AS refunded
              FROM  (SELECT x.*, @usual flags@, o.order_id IS NOT NULL     AS known,
                            coalesce(o.rate, 1)                            AS rate,
                            CASE WHEN NOT x.broken THEN x.amount * coalesce(o.rate, 1) END AS added,
                            x.seen AND (o.sold > 0 OR coalesce(o.seen, 0) = 0) AS counts,
                            x.seen AND x.changed_at < o.ordered_at         AS early,
                            x.first AND x.seen AND o.sold > 0              AS told,
                            o.amount                                       AS ordered,
                            bool_or(x.seen AND x.amount = o.amount)
                                OVER (PARTITION BY x.order_id)             AS repeated
                     FROM   kpi_settings AS s
                            CROSS JOIN LATERAL (
                                SELECT x.*, sum(x.amount) FILTER (WHERE x.seen AND NOT x.broken)
                                                OVER own AS order_changed,
                                       sum(x.amount) FILTER (WHERE x.seen AND NOT x.broken
                                                             AND   x.amount < 0)
                                                OVER own AS taken_off,
                                       row_number() OVER (PARTITION BY x.order_id
                                                          ORDER BY x.seen DESC) = 1 AS first
                                FROM   (SELECT x.*, @broken@ AS broken,
                                               (x.changed_at <= s.as_of
                                                AND x.changed_at > '-infinity') IS TRUE AS seen,
                                               coalesce(x.net_sales, x.gross_sales
                                                        - coalesce(x.discount, 0)) AS amount,
                                               abs(x.gross_sales - x.discount - x.net_sales) AS gap,
                                               num_nonnulls(x.net_sales, x.gross_sales) > 0
                                               AND coalesce(x.net_sales, 0) = 0
                                               AND coalesce(x.gross_sales, 0) = 0
                                               AND coalesce(x.discount, 0) = 0
                                               AND coalesce(x.tax, 0) = 0
                                               AND coalesce(x.shipping, 0) = 0
                                               AND coalesce(x.cost, 0) = 0
                                               AND coalesce(x.units, 0) = 0 AS idle
                                        FROM   @order_changes@ AS x) AS x
                                WINDOW own AS (PARTITION BY x.order_id)) AS x
                            LEFT JOIN @known_orders@ AS o ON o.order_id = x.order_id
                     OFFSET 0) AS x     -- each expression is computed once
                     LEFT JOIN (SELECT r.order_id, sum(r.refund) AS refund
                                FROM   kpi_settings AS s CROSS JOIN @returns@ AS r
                                WHERE  r.returned_at <= s.as_of AND r.returned_at > '-infinity'
                                AND    r.refund NOT IN ('NaN', 'Infinity', '-Infinity')
                                GROUP  BY r.order_id) AS r ON r.order_id = x.order_id
              OFFSET 0) AS x) AS c
      CROSS JOIN LATERAL (VALUES
          @usual traps of c@,
          ('broken_number', c.broken_number, c.n, NULL, NULL, c.sales),
          ('missing_time', c.missing_time, c.n, c.missing_money, c.sales,
           coalesce(c.sales, 0) + c.missing_money),
          ('future_rows', c.future_rows, c.n, c.future_money, NULL, NULL),
          ('unknown_order', c.unknown, c.n, c.unknown_money, c.sales, c.known_sales),
          ('change_before_order', c.early, c.n, c.early_money, NULL, NULL),
          ('missing_sales', c.missing_sales, c.counted, NULL, c.sales, NULL),
          ('nothing_changed', c.idle, c.counted, 0, c.sales, NULL),
          ('sales_mismatch', c.mismatched, c.n, c.mismatched_money, NULL, NULL),
          ('below_zero', c.below, c.orders, c.below_money, c.sales, c.sales - c.below_money),
          ('whole_order', c.whole, c.orders, c.whole_money, c.sales, c.sales - c.whole_money),
          ('refunded_too', c.refunded, c.orders, c.refunded_money, c.sales,
           c.sales - c.refunded_money)
      ) AS t (trap, rows, of_rows, money, value, corrected)
