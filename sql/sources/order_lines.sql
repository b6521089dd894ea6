--@ source order_lines
-- what each order consists of, when it was placed if order_changes tell what changed later
position      2
rows          lines
key           order_id, of several rows
belongs_to    orders
broken_number product_sales

--@ columns
order_id   key, required     the order it belongs to
quantity   number, required  pieces
sku        text              the article
net_sales  number            value of the line after its discounts, without tax
cost       number            cost of the line at the time of sale; NULL if unknown, never 0 then
category   text              group of the article

--@ view kpi_order_lines | of order_lines, orders
-- The lines of the orders that count as sales, at the time of their order, amounts in the model's
-- currency.
SELECT o.ordered_at,
       x.quantity,
       kpi.in_currency(x.net_sales, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS net_sales,
       kpi.in_currency(x.cost, o.currency, o.exchange_rate, s.currency,
                       x.order_id::text) AS cost
       @joined dimensions@
FROM   kpi_settings AS s
       CROSS JOIN @order_lines@ AS x
       JOIN kpi_orders AS o ON o.order_id = x.order_id AND o.sold

--@ column ordered_at
-- when the order was placed

--@ view kpi_daily_order_lines | key day, dimensions | of order_lines, orders | per order_id
-- The order lines of each day, by the time of their order.
SELECT kpi.bucket('day', x.ordered_at, s.timezone)                    AS day,
       kpi.average(x.quantity)                                        AS units,
       kpi.average(x.net_sales)                                       AS net_sales,
       kpi.average(x.net_sales) FILTER (WHERE x.cost IS NOT NULL)     AS covered_sales,
       kpi.average(x.cost)      FILTER (WHERE x.net_sales IS NOT NULL) AS covered_cost,
       kpi.average(x.cost)                                            AS cost
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN kpi_order_lines AS x
GROUP  BY kpi.bucket('day', x.ordered_at, s.timezone) @dimensions@

--@ indicator product_sales | sales | money | up | after total_sales
-- Net sales of the order lines, which can be told by article; discounts on whole orders are not in
-- it.
name       Product sales / 商品销售额
needs      order_lines.net_sales
value      coalesce(total(order_lines.net_sales), 0)
sample     order_lines.net_sales

--@ trap unknown_order | doubtful | moves product_sales
-- the order is not there: such lines count nowhere, which is right if they are of drafts or of what
-- else orders leaves out
needs      orders.order_id
advice     order_id as orders has it; or leave out the lines of what orders leaves out

--@ trap negative_quantity | wrong | moves product_sales
-- a quantity is negative: what came back is not sold
needs      order_lines.quantity
advice     WHERE (quantity < 0) IS NOT TRUE here, and the others in returns: -quantity AS quantity,
           -net_sales AS refund; what they took off the amounts of the order is added there
query      SELECT * FROM @schema@.order_lines WHERE quantity < 0

--@ trap lines_mismatch | doubtful | moves product_sales | counts orders
-- the lines of an order do not add up to its net_sales, by more than a cent a line: a discount is
-- on the whole order, tax or shipping is in one of them, one is of the time after a change, or a
-- join multiplies rows
needs      order_lines.net_sales, orders.net_sales|orders.gross_sales
advice     nothing, if only the order has the discount, or share it among the lines; leave out tax
           and shipping; both as they were when the order was placed, if order_changes tell of
           changes; one row per line

--@ trap set_with_parts | doubtful | moves product_sales | counts orders
-- a line is worth as much as its order, which has two or more others with a price, and no discount:
-- a set, and the parts it consists of, which count again
needs      order_lines.net_sales, orders.net_sales|orders.gross_sales
advice     leave out the lines of the parts; or that of the set, and share its price among the parts

--@ trap missing_cost | note | moves cost_coverage
-- the cost is not known: the margin is that of the others
needs      order_lines.cost, orders.order_id
advice     add the cost at the time of sale where it is known
query      SELECT * FROM @schema@.order_lines WHERE cost IS NULL

--@ trap zero_cost | doubtful | moves gross_margin
-- what was sold cost nothing, or less: unknown is NULL, not 0
needs      order_lines.cost, order_lines.net_sales, orders.order_id
advice     CASE WHEN cost > 0 THEN cost END AS cost
query      SELECT * FROM @schema@.order_lines WHERE cost <= 0 AND net_sales > 0

--@ trap missing_quantity | note | moves units
-- the quantity is not known: such lines add no units
needs      order_lines.quantity, orders.order_id
advice     coalesce(quantity, 1) AS quantity, where a line is a piece; else the quantity
query      SELECT * FROM @schema@.order_lines WHERE quantity IS NULL

--@ check
-- Order lines, each beside the order it belongs to, and all lines of an order together beside its
-- sales.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.unknown)                           AS unknown,
              sum(x.net_sales) FILTER (WHERE x.unknown AND NOT x.broken)  AS unknown_money,
              count(*) FILTER (WHERE x.sold)                              AS sold,
              sum(x.sales)                                                AS sales,
              count(*) FILTER (WHERE x.sold AND x.quantity < 0)           AS negative,
              sum(x.sales) FILTER (WHERE x.quantity < 0)                  AS negative_money,
              count(*) FILTER (WHERE x.sold AND x.cost IS NULL)           AS costless,
              sum(x.sales) FILTER (WHERE x.cost IS NULL)                  AS costless_money,
              sum(x.sales) FILTER (WHERE x.paid IS NOT NULL)              AS covered_sales,
              sum(x.paid) FILTER (WHERE x.sales IS NOT NULL)              AS covered_cost,
              count(*) FILTER (WHERE x.free)                              AS zero_cost,
              sum(x.sales) FILTER (WHERE x.free)                          AS zero_cost_money,
              sum(x.paid) FILTER (WHERE x.free)                           AS zero_cost_cost,
              count(*) FILTER (WHERE x.sold AND x.quantity IS NULL)       AS uncounted,
              coalesce(sum(x.quantity * x.times)
                       FILTER (WHERE x.sold AND NOT x.broken), 0)         AS units,
              count(*) FILTER (WHERE x.compared)                          AS compared,
              count(*) FILTER (WHERE x.mismatched)                        AS mismatched,
              sum(abs(x.gap) * x.rate) FILTER (WHERE x.mismatched)        AS mismatched_money,
              count(*) FILTER (WHERE x.twice)                             AS twice,
              sum(-x.gap * x.rate) FILTER (WHERE x.twice)                 AS twice_money,
              sum(x.gap * x.rate) FILTER (WHERE x.mismatched)             AS mismatched_change
       FROM  (SELECT x.*, x.paid <= 0 AND x.sales > 0 AS free,
                     -- a cent may be lost in rounding every line
                     x.compared AND abs(x.gap) > 0.01 * x.lines AND NOT x.of_set AS mismatched,
                     x.compared AND x.of_set AS twice
              FROM  (SELECT x.*,
                            x.order_id IS NOT NULL AND x.known IS NULL AS unknown,
                            CASE WHEN x.sold AND NOT x.broken
                                 THEN x.net_sales * x.rate END                            AS sales,
                            CASE WHEN x.sold AND NOT x.broken THEN x.cost * x.rate END    AS paid,
                            x.first AND x.sold AND x.amount IS NOT NULL
                            AND x.priced = x.lines AS compared,
                            x.amount - x.order_sales                                      AS gap,
                            -- a set, two or more parts, and no discount that would explain it
                            (x.whole AND x.positive >= 3 AND x.order_sales > x.amount + 0.015
                             AND coalesce(x.discount, 0) = 0) IS TRUE                     AS of_set
                     FROM   (SELECT x.*, count(*) OVER own                                AS lines,
                                    count(x.net_sales)
                                        FILTER (WHERE NOT x.broken) OVER own AS priced,
                                    sum(x.net_sales)
                                        FILTER (WHERE NOT x.broken) OVER own AS order_sales,
                                    bool_or(abs(x.net_sales - x.amount) < 0.015)
                                        FILTER (WHERE NOT x.broken) OVER own AS whole,
                                    count(*) FILTER (WHERE x.net_sales > 0 AND NOT x.broken)
                                        OVER own                             AS positive,
                                    row_number() OVER own = 1                             AS first
                             FROM   (SELECT x.*, @broken@ AS broken, o.order_id AS known, o.rate,
                                            o.amount, o.discount, o.sold > 0 AS sold,
                                            o.sold AS times
                                     FROM   @order_lines@ AS x
                                            LEFT JOIN @known_orders@ AS o
                                                 ON o.order_id = x.order_id) AS x
                             WINDOW own AS (PARTITION BY x.order_id)) AS x
                     OFFSET 0) AS x     -- each expression is computed once
              OFFSET 0) AS x) AS o
      -- which are in the same indicators
      CROSS JOIN (SELECT coalesce(sum(c.units * c.times), 0)        AS units,
                         coalesce(sum(c.amount * c.rate), 0)        AS sales,
                         coalesce(sum(c.covered_sales * c.rate), 0) AS covered_sales,
                         coalesce(sum(c.covered_cost * c.rate), 0)  AS covered_cost
                  FROM   @known_changes@ AS c) AS c
      CROSS JOIN LATERAL (SELECT coalesce(o.covered_sales, 0) + c.covered_sales AS covered_sales,
                                 coalesce(o.covered_cost, 0) + c.covered_cost AS covered_cost) AS d
      CROSS JOIN LATERAL (VALUES
          @usual traps of o@,
          ('broken_number', o.broken_number, o.n, NULL, NULL, o.sales),
          ('unknown_order', o.unknown, o.n, o.unknown_money, o.sales,
           coalesce(o.sales, 0) + o.unknown_money),
          ('negative_quantity', o.negative, o.sold, o.negative_money, o.sales,
           o.sales - coalesce(o.negative_money, 0)),
          ('lines_mismatch', o.mismatched, o.compared, o.mismatched_money, o.sales,
           o.sales + o.mismatched_change),
          ('set_with_parts', o.twice, o.compared, o.twice_money, o.sales, o.sales - o.twice_money),
          ('missing_quantity', o.uncounted, o.sold, NULL, o.units + c.units, NULL),
          ('missing_cost', o.costless, o.sold, o.costless_money,
           d.covered_sales / nullif(o.sales + c.sales, 0), NULL),
          ('zero_cost', o.zero_cost, o.sold, o.zero_cost_money,
           1 - d.covered_cost / nullif(d.covered_sales, 0),
           1 - (d.covered_cost - coalesce(o.zero_cost_cost, 0))
               / nullif(d.covered_sales - coalesce(o.zero_cost_money, 0), 0))
      ) AS t (trap, rows, of_rows, money, value, corrected)
