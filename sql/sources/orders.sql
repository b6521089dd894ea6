--@ source orders
-- what is sold: every other figure of sales is held against it
position      1
rows          orders
key           order_id
time          ordered_at
done          cancelled_at
missing_time  orders
duplicates    orders
broken_number aov

--@ columns
order_id       key, required     number of the order; one row per order
ordered_at     instant, required when it was placed, or paid: the day it counts on
customer_id    key               the person who ordered, the same one for every order; NULL if
                                 unknown, as guests are
net_sales      number            value of the goods after discounts, without tax and shipping,
                                 before returns and, if order_changes tell them, later changes;
                                 gross_sales - discount if absent
gross_sales    number            value of the goods before discounts, without tax and shipping;
                                 net_sales + discount if absent
discount       number            what was taken off, positive; 0 if absent
tax            number            tax charged on top
shipping       number            shipping charged on top
cost           number            cost of the goods at the time of sale; NULL if unknown, never 0
                                 then
units          number            pieces ordered; the quantity of the order_lines if absent
currency       text              code of the currency of all amounts; the model's if absent
exchange_rate  number            what one unit of the currency is worth in the model's; needed where
                                 they differ
cancelled_at   instant           when it was cancelled; NULL if it was not
is_test        boolean           whether it is no real order; false if absent
promised_at    instant           when it was promised to arrive, if deliveries do not say

--@ view kpi_orders | always
-- The orders placed so far, amounts in the model's currency. What was ordered before it was
-- cancelled still is a row here; sold says which orders count as sales: those that are neither
-- cancelled nor tests.
SELECT x.order_id,
       x.ordered_at,
       x.customer_id,
       NOT coalesce(x.is_test, false)                AS placed,
       coalesce(x.cancelled_at <= s.as_of, false)    AS cancelled,
       NOT (coalesce(x.is_test, false) OR coalesce(x.cancelled_at <= s.as_of, false)) AS sold,
       x.promised_at,
       coalesce(x.currency, s.currency)              AS currency,
       x.exchange_rate,
       kpi.in_currency(coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)), x.currency,
                       x.exchange_rate, s.currency, x.order_id::text) AS net_sales,
       kpi.in_currency(coalesce(x.gross_sales, x.net_sales + coalesce(x.discount, 0)), x.currency,
                       x.exchange_rate, s.currency, x.order_id::text) AS gross_sales,
       kpi.in_currency(coalesce(x.discount, x.gross_sales - x.net_sales), x.currency,
                       x.exchange_rate, s.currency, x.order_id::text) AS discount,
       kpi.in_currency(x.tax, x.currency, x.exchange_rate, s.currency,
                       x.order_id::text) AS tax,
       kpi.in_currency(x.shipping, x.currency, x.exchange_rate, s.currency,
                       x.order_id::text) AS shipping,
       kpi.in_currency(x.cost, x.currency, x.exchange_rate, s.currency,
                       x.order_id::text) AS cost,
       x.units
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @orders@ AS x
WHERE  @happened x.ordered_at@

--@ column placed
-- whether it is no test

--@ column cancelled
-- whether it has been cancelled by now

--@ column sold
-- whether it counts as a sale

--@ view kpi_daily_orders | key day, dimensions | per order_id
-- The orders of each day. A cancelled order counts as cancelled on the day it was placed, and in no
-- amount.
SELECT kpi.bucket('day', x.ordered_at, s.timezone)                           AS day,
       kpi.rate(x.cancelled)                                                 AS cancelled,
       kpi.average(x.net_sales)   FILTER (WHERE x.sold)                      AS net_sales,
       kpi.average(x.gross_sales) FILTER (WHERE x.sold)                      AS gross_sales,
       kpi.average(x.discount)    FILTER (WHERE x.sold)                      AS discount,
       kpi.average(x.tax)         FILTER (WHERE x.sold)                      AS tax,
       kpi.average(x.shipping)    FILTER (WHERE x.sold)                      AS shipping,
       kpi.average(x.units)       FILTER (WHERE x.sold)                      AS units,
       kpi.average(x.net_sales)
           FILTER (WHERE x.sold AND x.customer_id IS NOT NULL)               AS known_sales,
       kpi.average(x.net_sales) FILTER (WHERE x.sold AND x.cost IS NOT NULL) AS covered_sales,
       kpi.average(x.cost) FILTER (WHERE x.sold AND x.net_sales IS NOT NULL) AS covered_cost,
       kpi.average(x.cost)        FILTER (WHERE x.sold)                      AS cost
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN kpi_orders AS x
WHERE  x.placed
GROUP  BY kpi.bucket('day', x.ordered_at, s.timezone) @dimensions@

--@ view kpi_customers | key grain, dimensions | per customer_id
-- Who bought in which day, week, month, quarter and year, a value for each of these grains, of
-- which half-years and all of it are made, too: everything about who comes back is read from it.
-- The grains hold the same customers, so read one: WHERE grain = 'month'.
SELECT @grain@::text AS grain,
       kpi.activity(x.customer_id, kpi.bucket(@grain name@, x.ordered_at, s.timezone)) AS customers
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN kpi_orders AS x
WHERE  x.sold
GROUP  BY 1 @dimensions@

--@ column customers | people
-- who ordered in which period, with the functions of activity

--@ view kpi_daily_new_customers | key day, dimensions | per customer_id
-- The customers whose first order was on each day, at the members of that order: each customer is
-- here once, so members add up.
SELECT kpi.bucket('day', x.ordered_at, s.timezone) AS day,
       count(*)                                    AS customers
       @dimensions@ @count of rows@
FROM   kpi_settings AS s
       -- the first instant of each customer is found without sorting all orders
       CROSS JOIN (SELECT DISTINCT ON (x.customer_id) x.ordered_at @dimensions@
                   FROM   kpi_orders AS x
                          JOIN (SELECT f.customer_id, min(f.ordered_at) AS ordered_at
                                FROM   kpi_orders AS f
                                WHERE  f.sold AND f.customer_id IS NOT NULL
                                GROUP  BY f.customer_id) AS f
                               ON (f.customer_id, f.ordered_at) = (x.customer_id, x.ordered_at)
                   WHERE  x.sold
                   ORDER  BY x.customer_id, x.ordered_at, x.order_id @dimensions@) AS x
GROUP  BY kpi.bucket('day', x.ordered_at, s.timezone) @dimensions@

--@ view cohort_retention
-- Of the customers who first bought in a period (the cohort), the share that bought again later: by
-- week, month, quarter, half-year and year. The running period is not complete. Read one grain:
-- WHERE grain = 'month'.
SELECT g.grain,
       r.cohort,
       r.period,
       r.periods_since,
       p.until <= s.today          AS complete,
       r.cohort_size,
       r.customers,
       kpi.value(r.rate)               AS retention_rate,
       r.rate                      AS retention_rate_sample
FROM   kpi_settings AS s
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL (SELECT kpi.rollup(k.customers) AS customers
                           FROM   kpi_customers AS k WHERE k.grain = g.people) AS c
       -- for the periods to go on until the last day
       CROSS JOIN (SELECT kpi.activity(NULL::bigint, f.last_day) AS nobody
                   FROM   kpi_first_day AS f) AS t
       CROSS JOIN LATERAL kpi.retention(c.customers OPERATOR(kpi.+) t.nobody, g.name, 'on',
                                        NULL::integer[]) AS r
       CROSS JOIN LATERAL kpi.periods(g.name, r.period, r.period) AS p
WHERE  g.grain NOT IN ('day', 'all') AND r.cohort_size > 0 AND r.customers IS NOT NULL

--@ column cohort
-- the period in which these customers first bought

--@ column period
-- The date on which the period starts.

--@ column periods_since
-- how many periods after the first

--@ column complete
-- Whether the period is over.

--@ column cohort_size
-- how many they were

--@ column customers
-- how many of them bought in this period

--@ column retention_rate
-- their share

--@ column retention_rate_sample
-- their share with its sample

--@ indicator gross_sales | sales | money | up
-- Value of the goods ordered, with changes of orders, before discounts and returns, without tax and
-- shipping.
name       Gross sales / 销售总额
needs      orders.net_sales|orders.gross_sales, order_changes.net_sales
value      coalesce(total(orders.gross_sales), 0) +
           coalesce(total(order_changes.gross_sales), 0)
needs      orders.net_sales|orders.gross_sales
value      coalesce(total(orders.gross_sales), 0)
sample     orders.gross_sales

--@ indicator discounts | sales | money
-- What was taken off the gross sales.
name       Discounts / 折扣额
needs      orders.discount, order_changes.net_sales
value      coalesce(total(orders.discount), 0) + coalesce(total(order_changes.discount), 0)
needs      orders.discount
value      coalesce(total(orders.discount), 0)
sample     orders.discount
needs      orders.gross_sales, orders.net_sales, order_changes.net_sales
value      coalesce(total(orders.discount), 0) + coalesce(total(order_changes.discount), 0)
needs      orders.gross_sales, orders.net_sales
value      coalesce(total(orders.discount), 0)
sample     orders.discount

--@ indicator net_sales | sales | money | up | main
-- Gross sales less discounts and refunds.
name       Net sales / 净销售额
needs      orders.net_sales|orders.gross_sales, returns.refund
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) -
           coalesce(total(returns.refund), 0)
needs      orders.net_sales|orders.gross_sales, order_changes.net_sales
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0)
needs      orders.net_sales|orders.gross_sales
value      coalesce(total(orders.net_sales), 0)
sample     orders.net_sales

--@ indicator net_sales_growth | sales | growth | up
-- Net sales against the period before; of the running period, the days that are over against that
-- before it up to the same date, or all of it if it is shorter.
name       Net sales growth / 净销售额环比增长率
needs      orders.net_sales|orders.gross_sales
growth     net_sales against previous

--@ indicator net_sales_growth_year | sales | growth | up
-- Net sales against the same period last year; of the running period, the days that are over
-- against last year's up to the same date.
name       Net sales growth against last year / 净销售额同比增长率
needs      orders.net_sales|orders.gross_sales
growth     net_sales against last_year

--@ indicator shipping | sales | money
-- Shipping charged on top, with changes of orders, less what of it was paid back.
name       Shipping / 运费收入
needs      orders.shipping, returns.shipping
value      coalesce(total(orders.shipping), 0) + coalesce(total(order_changes.shipping), 0) -
           coalesce(total(returns.shipping), 0)
needs      orders.shipping, order_changes.shipping
value      coalesce(total(orders.shipping), 0) + coalesce(total(order_changes.shipping), 0)
needs      orders.shipping
value      coalesce(total(orders.shipping), 0)
sample     orders.shipping

--@ indicator taxes | sales | money
-- Tax charged on top, with changes of orders, less what of it was paid back.
name       Taxes / 税额
needs      orders.tax, returns.tax
value      coalesce(total(orders.tax), 0) + coalesce(total(order_changes.tax), 0) -
           coalesce(total(returns.tax), 0)
needs      orders.tax, order_changes.tax
value      coalesce(total(orders.tax), 0) + coalesce(total(order_changes.tax), 0)
needs      orders.tax
value      coalesce(total(orders.tax), 0)
sample     orders.tax

--@ indicator total_sales | sales | money | up
-- Net sales with shipping and tax, less all that was paid back of the three.
name       Total sales / 销售合计
needs      orders.net_sales|orders.gross_sales, orders.tax, orders.shipping,
           returns.refund|returns.tax|returns.shipping
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) -
           coalesce(total(returns.refund), 0) +
           coalesce(total(orders.shipping), 0) + coalesce(total(order_changes.shipping), 0) -
           coalesce(total(returns.shipping), 0) +
           coalesce(total(orders.tax), 0) + coalesce(total(order_changes.tax), 0) -
           coalesce(total(returns.tax), 0)
needs      orders.net_sales|orders.gross_sales, orders.tax, returns.refund|returns.tax
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) -
           coalesce(total(returns.refund), 0) +
           coalesce(total(orders.tax), 0) + coalesce(total(order_changes.tax), 0) -
           coalesce(total(returns.tax), 0)
needs      orders.net_sales|orders.gross_sales, orders.shipping, returns.refund|returns.shipping
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) -
           coalesce(total(returns.refund), 0) +
           coalesce(total(orders.shipping), 0) + coalesce(total(order_changes.shipping), 0) -
           coalesce(total(returns.shipping), 0)
needs      orders.net_sales|orders.gross_sales, orders.tax, orders.shipping
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) +
           coalesce(total(orders.shipping), 0) + coalesce(total(order_changes.shipping), 0) +
           coalesce(total(orders.tax), 0) + coalesce(total(order_changes.tax), 0)
needs      orders.net_sales|orders.gross_sales, orders.tax
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) +
           coalesce(total(orders.tax), 0) + coalesce(total(order_changes.tax), 0)
needs      orders.net_sales|orders.gross_sales, orders.shipping
value      coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) +
           coalesce(total(orders.shipping), 0) + coalesce(total(order_changes.shipping), 0)

--@ indicator orders | sales | count | up | main
-- Orders placed, without those cancelled since and tests.
name       Orders / 订单数
needs      orders.order_id
value      coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0)

--@ indicator orders_growth | sales | growth | up
-- Orders against the period before; of the running period, the days that are over against that
-- before it up to the same date, or all of it if it is shorter.
name       Orders growth / 订单数环比增长率
needs      orders.order_id
growth     orders against previous

--@ indicator orders_growth_year | sales | growth | up
-- Orders against the same period last year; of the running period, the days that are over against
-- last year's up to the same date.
name       Orders growth against last year / 订单数同比增长率
needs      orders.order_id
growth     orders against last_year

--@ indicator cancellation_rate | sales | share | down
-- Of the orders placed, those cancelled since.
name       Cancellation rate / 订单取消率
needs      orders.cancelled_at
value      value(orders.cancelled)
sample     orders.cancelled

--@ indicator units | sales | quantity | up
-- Pieces ordered, with changes of orders.
name       Units / 销售件数
needs      orders.units, order_changes.units
value      coalesce(total(orders.units), 0) + coalesce(total(order_changes.units), 0)
needs      orders.units
value      coalesce(total(orders.units), 0)
sample     orders.units
needs      order_lines.quantity, order_changes.units
value      coalesce(total(order_lines.units), 0) + coalesce(total(order_changes.units), 0)
needs      order_lines.quantity
value      coalesce(total(order_lines.units), 0)
sample     order_lines.units

--@ indicator units_per_order | sales | quantity | up
-- Pieces ordered for each order, with changes of orders.
name       Units per order / 每单件数
needs      orders.units, order_changes.units
value      (total(orders.units) + coalesce(total(order_changes.units), 0)) /
           nullif(sample_size(orders.units), 0)::numeric
sample     make_ratio(coalesce(sample_size(orders.units), 0) +
           coalesce(sample_size(order_changes.units), 0), coalesce(total(orders.units), 0) +
           coalesce(total(order_changes.units), 0), coalesce(sample_size(orders.units), 0)::numeric)
needs      orders.units
value      value(orders.units)
sample     orders.units
needs      order_lines.quantity, orders.order_id, order_changes.units
value      (coalesce(total(order_lines.units), 0) + coalesce(total(order_changes.units), 0)) /
           nullif(coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0), 0)::numeric
sample     make_ratio(coalesce(sample_size(order_lines.units), 0) +
           coalesce(sample_size(order_changes.units), 0) + coalesce(trials(orders.cancelled) -
           successes(orders.cancelled), 0), coalesce(total(order_lines.units), 0) +
           coalesce(total(order_changes.units), 0), coalesce(trials(orders.cancelled) -
           successes(orders.cancelled), 0)::numeric)
needs      order_lines.quantity, orders.order_id
value      total(order_lines.units) / nullif(coalesce(trials(orders.cancelled) -
           successes(orders.cancelled), 0), 0)::numeric
sample     make_ratio(sample_size(order_lines.units) + coalesce(trials(orders.cancelled) -
           successes(orders.cancelled), 0), total(order_lines.units),
           coalesce(trials(orders.cancelled) - successes(orders.cancelled), 0)::numeric)

--@ indicator aov | sales | money | up | main
-- Net sales before refunds for each order; what changes of orders added in the period is in it.
name       Average order value / 平均订单价值
needs      orders.net_sales|orders.gross_sales, order_changes.net_sales
value      (total(orders.net_sales) + coalesce(total(order_changes.net_sales), 0)) /
           nullif(sample_size(orders.net_sales), 0)::numeric
sample     make_ratio(coalesce(sample_size(orders.net_sales), 0) +
           coalesce(sample_size(order_changes.net_sales), 0), coalesce(total(orders.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0),
           coalesce(sample_size(orders.net_sales), 0)::numeric)
needs      orders.net_sales|orders.gross_sales
value      value(orders.net_sales)
sample     orders.net_sales

--@ indicator sales_per_customer | sales | money | up
-- Net sales before refunds to known customers, for each who ordered; what changes of orders added
-- in the period is in it.
name       Sales per customer / 客均销售额
needs      orders.net_sales|orders.gross_sales, orders.customer_id
value      (total(orders.known_sales) + coalesce(total(order_changes.known_sales), 0)) /
           nullif(CASE WHEN sample_size(orders.known_sales) > 0 THEN customers.customers END,
           0)::numeric
sample     make_average(CASE WHEN sample_size(orders.known_sales) > 0 THEN customers.customers END,
           total(orders.known_sales) + coalesce(total(order_changes.known_sales), 0))

--@ indicator cost_of_goods_sold | sales | money
-- Cost of the goods ordered, with changes of orders, where it is known, at the time of sale.
name       Cost of goods sold (COGS) / 销售成本
needs      orders.cost, order_changes.cost
value      coalesce(total(orders.cost), 0) + coalesce(total(order_changes.cost), 0)
needs      orders.cost
value      coalesce(total(orders.cost), 0)
sample     orders.cost
needs      order_lines.cost, order_changes.cost
value      coalesce(total(order_lines.cost), 0) + coalesce(total(order_changes.cost), 0)
needs      order_lines.cost
value      coalesce(total(order_lines.cost), 0)
sample     order_lines.cost

--@ indicator gross_profit | sales | money | up
-- Net sales before refunds less cost, where the cost is known.
name       Gross profit / 毛利
needs      orders.net_sales|orders.gross_sales, orders.cost
value      coalesce(total(orders.covered_sales) - total(orders.covered_cost), 0) +
           coalesce(total(order_changes.covered_sales) - total(order_changes.covered_cost), 0)
needs      order_lines.net_sales, order_lines.cost, order_changes.cost
value      coalesce(total(order_lines.covered_sales) - total(order_lines.covered_cost), 0) +
           coalesce(total(order_changes.covered_sales) - total(order_changes.covered_cost), 0)
needs      order_lines.net_sales, order_lines.cost
value      coalesce(total(order_lines.covered_sales) - total(order_lines.covered_cost), 0)

--@ indicator gross_margin | sales | share | up | main
-- Gross profit as a share of the net sales whose cost is known.
name       Gross margin / 毛利率
needs      orders.net_sales|orders.gross_sales, orders.cost
value      (coalesce(total(orders.covered_sales) - total(orders.covered_cost), 0) +
           coalesce(total(order_changes.covered_sales) - total(order_changes.covered_cost), 0)) /
           nullif(coalesce(total(orders.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0), 0)
sample     make_ratio(coalesce(sample_size(orders.covered_sales), 0) +
           coalesce(sample_size(order_changes.covered_sales), 0),
           coalesce(total(orders.covered_sales) - total(orders.covered_cost), 0) +
           coalesce(total(order_changes.covered_sales) - total(order_changes.covered_cost), 0),
           coalesce(total(orders.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0))
needs      order_lines.net_sales, order_lines.cost, order_changes.cost
value      (coalesce(total(order_lines.covered_sales) - total(order_lines.covered_cost), 0) +
           coalesce(total(order_changes.covered_sales) - total(order_changes.covered_cost), 0)) /
           nullif(coalesce(total(order_lines.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0), 0)
sample     make_ratio(coalesce(sample_size(order_lines.covered_sales), 0) +
           coalesce(sample_size(order_changes.covered_sales), 0),
           coalesce(total(order_lines.covered_sales) - total(order_lines.covered_cost), 0) +
           coalesce(total(order_changes.covered_sales) - total(order_changes.covered_cost), 0),
           coalesce(total(order_lines.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0))
needs      order_lines.net_sales, order_lines.cost
value      (total(order_lines.covered_sales) - total(order_lines.covered_cost)) /
           nullif(total(order_lines.covered_sales), 0)
sample     make_ratio(sample_size(order_lines.covered_sales), total(order_lines.covered_sales) -
           total(order_lines.covered_cost), total(order_lines.covered_sales))

--@ indicator cost_coverage | sales | share | up
-- Share of the net sales before refunds whose cost is known: how far to trust the margin.
name       Cost coverage / 成本覆盖率
needs      orders.net_sales|orders.gross_sales, orders.cost
value      (coalesce(total(orders.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0)) /
           nullif(coalesce(total(orders.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0), 0)
sample     make_ratio(coalesce(sample_size(orders.net_sales), 0) +
           coalesce(sample_size(order_changes.net_sales), 0),
           coalesce(total(orders.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0),
           coalesce(total(orders.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0))
needs      order_lines.net_sales, order_lines.cost, order_changes.net_sales
value      (coalesce(total(order_lines.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0)) /
           nullif(coalesce(total(order_lines.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0), 0)
sample     make_ratio(coalesce(sample_size(order_lines.net_sales), 0) +
           coalesce(sample_size(order_changes.net_sales), 0),
           coalesce(total(order_lines.covered_sales), 0) +
           coalesce(total(order_changes.covered_sales), 0),
           coalesce(total(order_lines.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0))
needs      order_lines.net_sales, order_lines.cost
value      total(order_lines.covered_sales) / nullif(total(order_lines.net_sales), 0)
sample     make_ratio(sample_size(order_lines.net_sales), total(order_lines.covered_sales),
           total(order_lines.net_sales))

--@ indicator customers | customers | count | up | main
-- Different known customers who ordered, each once in the period.
name       Customers / 客户数
needs      orders.customer_id
value      coalesce(customers.customers, 0)

--@ indicator new_customers | customers | count | up
-- Customers who ordered for the first time; by a dimension, at the member of their first order.
name       New customers / 新客户数
needs      orders.customer_id, by=dimension
value      coalesce(new_customers.customers, 0)
needs      orders.customer_id
value      coalesce(customers.new_customers, 0)

--@ indicator new_to_member | customers | count | up
-- Customers who ordered at this member of the dimension for the first time, also if they had
-- ordered at another.
name       New to the member / 维度新客数
needs      orders.customer_id, by=dimension
value      coalesce(customers.new_customers, 0)

--@ indicator returning_customers | customers | count | up
-- Customers who had ordered in an earlier period; by a dimension, at whichever member.
name       Returning customers / 回头客数
needs      orders.customer_id
value      coalesce(customers.returning_customers, 0)

--@ indicator returning_customer_rate | customers | share | up
-- Of the customers, those who had ordered in an earlier period.
name       Returning-customer rate / 回头客占比
needs      orders.customer_id
value      value(customers.returning_rate)
sample     customers.returning_rate

--@ indicator repeat_purchase_rate | customers | share | up | main
-- Of the customers, those who ordered more than once in the period.
name       Repeat purchase rate / 复购率
needs      orders.customer_id
value      value(customers.repeat_rate)
sample     customers.repeat_rate

--@ indicator retention_rate | customers | share | up | main
-- Of the customers of the period before, those who ordered in this one too.
name       Customer retention rate / 客户留存率
needs      orders.customer_id
value      value(make_rate(coalesce(customers.retained_customers, 0), customers_previous.customers))
sample     make_rate(coalesce(customers.retained_customers, 0), customers_previous.customers)

--@ indicator guest_orders | customers | count
-- Orders whose customer is not known; they are in no other figure of this group.
name       Guest orders / 游客订单数
needs      orders.customer_id
value      coalesce(customers.unknown_rows, 0)

--@ trap no_exchange_rate | fails | moves aov
-- an amount in another currency has no exchange_rate
needs      orders.currency
advice     a column exchange_rate, what one unit is worth in the model's currency; or leave them out
query      SELECT * FROM @schema@.orders WHERE currency <> @currency@ AND exchange_rate IS NULL

--@ trap bad_exchange_rate | wrong | moves aov
-- the exchange_rate of an amount in another currency is 0 or negative
needs      orders.exchange_rate, orders.currency
advice     what one unit is worth in the model's currency AS exchange_rate; or leave such orders
           out: WHERE (exchange_rate <= 0 AND currency <> <the model's>) IS NOT TRUE
query      SELECT * FROM @schema@.orders WHERE exchange_rate <= 0 AND currency <> @currency@

--@ trap unit_exchange_rate | doubtful | moves aov
-- the exchange_rate of another currency is 1, which is what shops write that know of none: such
-- amounts count as if they were in the model's currency
needs      orders.exchange_rate, orders.currency
advice     what one unit is worth in the model's currency AS exchange_rate; nothing, if that is 1
query      SELECT * FROM @schema@.orders WHERE exchange_rate = 1 AND currency <> @currency@

--@ trap currency_changed | note
-- orders are in one currency until a day and in another one from then on, twenty or more in each:
-- other sources, whose amounts are taken to be in the model's currency, may have changed with them
needs      orders.currency, carts.value|spend.amount|stock_moves.unit_cost|stock_levels.unit_cost
advice     nothing, if they are converted; else <amount> * <exchange_rate> AS <amount> in carts,
           spend, stock_moves and stock_levels for the time when they are in the other currency
query      SELECT currency, min(ordered_at), max(ordered_at), count(*) FROM @schema@.orders
           GROUP BY 1

--@ trap negative_sales | wrong | moves aov
-- orders worth less than nothing: refunds are not orders
needs      orders.net_sales|orders.gross_sales
advice     WHERE (net_sales < 0) IS NOT TRUE here, and in returns: SELECT <the order it is of> AS
           order_id, ordered_at AS returned_at, -net_sales AS refund, -tax AS tax, -shipping AS
           shipping ... WHERE net_sales < 0
query      SELECT * FROM @schema@.orders AS o WHERE kpi.check_sales(to_jsonb(o)) < 0

--@ trap zero_orders | doubtful | moves aov
-- orders worth nothing: gift cards alone, replacements, samples, or prices that are not known
needs      orders.net_sales|orders.gross_sales
advice     leave out orders of gift cards alone, which are sales once they are spent; others of
           nothing: coalesce(is_test, false) OR net_sales = 0 AS is_test; or nullif(net_sales, 0)
           AS net_sales, and so for gross_sales, to count the order and no amount
query      SELECT * FROM @schema@.orders AS o WHERE kpi.check_sales(to_jsonb(o)) = 0

--@ trap sales_mismatch | wrong
-- gross_sales less discount is not net_sales: tax or shipping is in one of them
needs      orders.net_sales, orders.gross_sales, orders.discount
advice     leave out the one that has tax or shipping in it, which is then computed from the others
query      SELECT * FROM @schema@.orders WHERE abs(gross_sales - discount - net_sales) > 0.005 AND
           abs(gross_sales - discount - net_sales) < 'Infinity'

--@ trap negative_discount | wrong | moves discounts
-- a discount is negative
needs      orders.discount
advice     abs(discount) AS discount; or, where gross_sales - discount is net_sales, so that it is a
           surcharge, greatest(discount, 0) AS discount without the column gross_sales
query      SELECT * FROM @schema@.orders WHERE discount < 0

--@ trap cents | doubtful | moves aov
-- all amounts are whole numbers, a hundred or more of them, and not all of them whole hundreds: are
-- they cents?
needs      orders.net_sales|orders.gross_sales
advice     net_sales / 100.0 AS net_sales, and so for the other amounts here and in other sources

--@ trap guest_customers | note | moves guest_orders
-- the customer is not known: what is said about customers is about the others
needs      orders.customer_id
advice     coalesce(customer_id::text, lower(email)) AS customer_id, if an e-mail is a person
query      SELECT * FROM @schema@.orders WHERE customer_id IS NULL

--@ trap placeholder_customers | wrong | moves repeat_purchase_rate
-- customer_id stands for nobody (empty, 0, the nil UUID, guest, unknown and the like), and counts
-- as one customer
needs      orders.customer_id
advice     nullif(customer_id, 0) AS customer_id, or of a text nullif(customer_id, 'guest'), with
           the word as it is spelt there; once for each
query      SELECT * FROM @schema@.orders WHERE kpi.check_nobody(customer_id::text)

--@ trap spelled_customers | wrong | moves customers | counts customers
-- customers who are another one, but for blanks around them, or in an e-mail for case or what
-- follows a +
needs      orders.customer_id
advice     CASE WHEN customer_id LIKE '%@%' THEN regexp_replace(lower(btrim(customer_id)),
           '\+[^@]*@', '@') ELSE btrim(customer_id) END AS customer_id

--@ trap missing_cost | note | moves cost_coverage
-- the cost is not known: the margin is that of the others
needs      orders.cost, orders.net_sales|orders.gross_sales
advice     add the cost at the time of sale where it is known
query      SELECT * FROM @schema@.orders WHERE cost IS NULL

--@ trap zero_cost | doubtful | moves gross_margin
-- what was sold cost nothing, or less: unknown is NULL, not 0
needs      orders.cost, orders.net_sales|orders.gross_sales
advice     CASE WHEN cost > 0 THEN cost END AS cost
query      SELECT * FROM @schema@.orders AS o WHERE cost <= 0 AND kpi.check_sales(to_jsonb(o)) > 0

--@ trap test_orders | note | moves orders
-- tests, which count nowhere
needs      orders.is_test
advice     nothing, if these are the tests
query      SELECT * FROM @schema@.orders WHERE is_test

--@ trap cancelled_orders | note | moves cancellation_rate
-- cancelled orders, which count only there
needs      orders.cancelled_at
advice     nothing, if these were cancelled
query      SELECT * FROM @schema@.orders WHERE cancelled_at <= @as_of@

--@ trap cancelled_early | doubtful
-- cancelled before it was ordered: a clock or a time zone is wrong
needs      orders.cancelled_at
advice     the same time zone for both columns
query      SELECT * FROM @schema@.orders WHERE cancelled_at < ordered_at

--@ trap first_month_short | note | counts days
-- the data start more than a week into a month: growth against it is too great
needs      orders.ordered_at
advice     build(..., since => the first day of the next month)

--@ trap dates_as_times | doubtful
-- twenty or more orders are all of one time of day, or of two an hour apart, as summer and winter
-- are, which is not midnight in the shop: dates that were given a time in another zone, so that
-- days may be those before
needs      orders.ordered_at
advice     (ordered_at AT TIME ZONE 'UTC')::date AS ordered_at, or the zone in which they are dates
query      SELECT (ordered_at AT TIME ZONE 'UTC')::time, count(*) FROM @schema@.orders
           GROUP BY 1

--@ trap missing_sales | note | moves aov
-- no amount is known: such orders count, and add nothing to sales
needs      orders.net_sales|orders.gross_sales
advice     the amount, or is_test, if they are not to count
query      SELECT * FROM @schema@.orders AS o WHERE kpi.check_sales(to_jsonb(o)) IS NULL

--@ check known_orders
-- The orders that others belong to, a row for each number: what @known_orders@ stands for in the
-- other queries. The views join what belongs to an order to each that has the number, so sums are
-- multiplied here as they are there.
SELECT x.order_id,
       min(x.ordered_at)                                                  AS ordered_at,
       count(*) FILTER (WHERE x.seen)                                     AS seen,
       count(*) FILTER (WHERE x.seen AND x.is_test IS NOT TRUE)           AS placed,
       count(*) FILTER (WHERE x.sold)                                     AS sold,
       min(x.rate) FILTER (WHERE x.sold) * count(*) FILTER (WHERE x.sold) AS rate,
       min(x.amount) FILTER (WHERE x.amount NOT IN ('NaN', 'Infinity', '-Infinity')) AS amount,
       max(abs(x.discount)) AS discount,
       min(x.tax) FILTER (WHERE x.tax NOT IN ('NaN', 'Infinity', '-Infinity')) AS tax,
       min(x.shipping) FILTER (WHERE x.shipping NOT IN ('NaN', 'Infinity', '-Infinity')) AS shipping
FROM  (SELECT x.order_id, x.ordered_at, x.is_test, a.seen,
              a.seen AND (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE AS sold,
              CASE WHEN x.currency IS NULL OR x.currency = s.currency THEN 1
                   WHEN x.exchange_rate NOT IN ('NaN', 'Infinity', '-Infinity')
                   THEN x.exchange_rate END                               AS rate,
              coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) AS amount,
              coalesce(x.discount, x.gross_sales - x.net_sales) AS discount,
              x.tax, x.shipping
       FROM   kpi_settings AS s
              CROSS JOIN @orders@ AS x
              CROSS JOIN LATERAL (
                  SELECT (x.ordered_at <= s.as_of AND x.ordered_at > '-infinity') IS TRUE
                             AS seen) AS a) AS x
GROUP  BY x.order_id

--@ check
-- Orders. Amounts are in the model's currency; those that cannot be counted, or not converted, are
-- in none of the sums.
SELECT t.*
FROM   kpi_settings AS s
       CROSS JOIN (
           SELECT @usual counts@,
                  count(*) FILTER (WHERE x.ordered_at IS NULL AND x.valid)       AS missing_valid,
                  sum(x.amount) FILTER (WHERE x.ordered_at IS NULL AND x.valid)  AS missing_money,
                  sum(x.amount) FILTER (WHERE x.future_rows)                     AS future_money,
                  count(*) FILTER (WHERE x.unpriced) AS no_exchange_rate,
                  count(*) FILTER (WHERE x.misrated) AS bad_exchange_rate,
                  count(*) FILTER (WHERE x.abroad AND x.exchange_rate = 1) AS unit_exchange_rate,
                  sum(x.amount) FILTER (WHERE x.sold AND x.abroad AND x.exchange_rate = 1)
                                                                       AS unit_rate_money,
                  count(*) FILTER (WHERE x.seen AND x.abroad)          AS foreign,
                  count(*) FILTER (WHERE x.seen AND NOT x.abroad)      AS own,
                  min(x.ordered_at) FILTER (WHERE x.seen AND x.abroad) AS first_foreign,
                  max(x.ordered_at) FILTER (WHERE x.seen AND x.abroad) AS last_foreign,
                  min(x.ordered_at) FILTER (WHERE x.seen AND NOT x.abroad) AS first_own,
                  max(x.ordered_at) FILTER (WHERE x.seen AND NOT x.abroad) AS last_own,
                  count(x.amount) FILTER (WHERE x.sold AND x.misrated) AS bad_rate,
                  sum(x.amount) FILTER (WHERE x.sold AND x.misrated)   AS bad_rate_money,
                  sum(x.amount) FILTER (WHERE x.extra AND x.sold)                AS duplicate_money,
                  count(*) FILTER (WHERE x.sold)                                 AS sold,
                  count(*) FILTER (WHERE x.sold AND NOT x.extra)                 AS sold_once,
                  count(*) FILTER (WHERE x.seen AND x.is_test)                   AS tests,
                  sum(x.amount) FILTER (WHERE x.seen AND x.is_test)              AS test_money,
                  count(*) FILTER (WHERE x.placed)                               AS placed,
                  count(*) FILTER (WHERE x.placed AND NOT x.sold)                AS cancelled,
                  sum(x.amount) FILTER (WHERE x.placed AND NOT x.sold)           AS cancelled_money,
                  count(*) FILTER (WHERE x.cancelled_at < x.ordered_at
                                   AND isfinite(x.cancelled_at))                 AS cancelled_early,
                  count(x.amount) FILTER (WHERE x.sold)                          AS priced,
                  sum(x.amount) FILTER (WHERE x.sold)                            AS sales,
                  count(*) FILTER (WHERE x.sold AND x.amount < 0)                AS negative,
                  sum(x.amount) FILTER (WHERE x.sold AND x.amount < 0)           AS negative_money,
                  count(*) FILTER (WHERE x.sold AND x.amount = 0 AND x.rate <> 0) AS zero,
                  count(*) FILTER (WHERE x.sold AND x.priceless)                 AS missing_sales,
                  bool_and(x.amount = trunc(x.amount)) FILTER (WHERE x.sold)
                      AND bool_or(x.amount % 100 <> 0) FILTER (WHERE x.sold)     AS whole,
                  count(*) FILTER (WHERE x.mismatched)                           AS mismatched,
                  sum(abs(x.gross - x.less - x.net)) FILTER (WHERE x.mismatched)
                      AS mismatched_money,
                  sum(coalesce(x.less, x.gross - x.net)) FILTER (WHERE x.sold)   AS discounts,
                  count(*) FILTER (WHERE x.sold AND x.less < 0) AS negative_discount,
                  sum(x.less) FILTER (WHERE x.sold AND x.less < 0)     AS negative_discount_money,
                  count(*) FILTER (WHERE x.sold AND x.customer_id IS NULL)       AS guests,
                  sum(x.amount) FILTER (WHERE x.sold AND x.customer_id IS NULL)  AS guest_money,
                  count(*) FILTER (WHERE x.sold AND x.placeholder)               AS placeholders,
                  sum(x.amount) FILTER (WHERE x.sold AND x.placeholder) AS placeholder_money,
                  kpi.activity(x.customer_id, x.once) FILTER (WHERE x.sold)          AS customers,
                  kpi.activity(x.customer_id, x.once)
                      FILTER (WHERE x.sold AND x.placeholder)                    AS nobody,
                  kpi.activity(x.person, x.once) FILTER (WHERE x.sold)               AS persons,
                  sum(x.amount) FILTER (WHERE x.sold AND x.paid IS NOT NULL)     AS covered_sales,
                  sum(x.paid) FILTER (WHERE x.sold AND x.amount IS NOT NULL)     AS covered_cost,
                  count(*) FILTER (WHERE x.sold AND x.cost IS NULL)              AS costless,
                  sum(x.amount) FILTER (WHERE x.sold AND x.cost IS NULL)         AS costless_money,
                  count(*) FILTER (WHERE x.sold AND x.paid <= 0 AND x.amount > 0) AS zero_cost,
                  sum(x.amount) FILTER (WHERE x.sold AND x.paid <= 0 AND x.amount > 0)
                                                                                 AS zero_cost_money,
                  sum(x.paid) FILTER (WHERE x.sold AND x.paid <= 0 AND x.amount > 0)
                                                                                 AS zero_cost_cost,
                  min(x.minutes) FILTER (WHERE x.seen)
                      = max(x.minutes) FILTER (WHERE x.seen)
                      AND least(max(x.hour) FILTER (WHERE x.seen)
                                - min(x.hour) FILTER (WHERE x.seen),
                                max((x.hour + 12) % 24) FILTER (WHERE x.seen)
                                - min((x.hour + 12) % 24) FILTER (WHERE x.seen)) <= 1
                      AND bool_or(x.local_time > '00:00') FILTER (WHERE x.seen)  AS dated,
                  min(x.ordered_at) FILTER (WHERE x.seen)                        AS first
           FROM   (SELECT x.order_id, x.ordered_at, x.customer_id, x.cancelled_at, x.is_test,
                          x.exchange_rate, x.cost, date '2000-01-01' AS once, @usual flags@,
                          x.broken, a.valid, a.seen, a.unpriced, a.abroad, a.rate,
                          a.abroad AND (x.exchange_rate <= 0) IS TRUE   AS misrated,
                          a.seen AND a.valid                            AS sold,
                          a.seen AND x.is_test IS NOT TRUE              AS placed,
                          x.net_sales * a.rate                          AS net,
                          x.gross_sales * a.rate                        AS gross,
                          x.discount * a.rate                           AS less,
                          x.cost * a.rate                               AS paid,
                          coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) * a.rate
                                                                        AS amount,
                          -- in its own currency, and of an order that counts or not: a column means
                          -- the same in all
                          a.gap > 0.005 AND a.gap < 'Infinity'          AS mismatched,
                          -- clocks that change do so by an hour
                          date_part('hour', x.ordered_at AT TIME ZONE 'UTC')::integer AS hour,
                          date_part('minute', x.ordered_at AT TIME ZONE 'UTC') * 6e7
                          + date_part('microseconds', x.ordered_at AT TIME ZONE 'UTC')
                                                                        AS minutes,
                          (x.ordered_at AT TIME ZONE s.timezone)::time  AS local_time,
                          x.net_sales IS NULL AND x.gross_sales IS NULL AS priceless,
                          kpi.check_nobody(x.customer_id::text) IS TRUE     AS placeholder,
                          -- an e-mail is the same in any case, and with or without what follows
                          -- a +; other names may differ in nothing but case
                          CASE WHEN x.customer LIKE '%+%@%'
                               THEN regexp_replace(lower(x.customer), '\+[^@]*@', '@')
                               WHEN x.customer LIKE '%@%' THEN lower(x.customer)
                               ELSE x.customer END                      AS person,
                          x.order_id IS NOT NULL
                          AND row_number() OVER (PARTITION BY x.order_id
                                                 ORDER BY x.ordered_at, x.is_test,
                                                          x.cancelled_at DESC, x.net_sales) > 1
                                                                        AS extra
                   FROM   kpi_settings AS s
                          CROSS JOIN (
                              SELECT x.*, btrim(x.customer_id::text) AS customer, @broken@ AS broken
                              FROM   @orders@ AS x
                              OFFSET 0) AS x        -- computed once
                          CROSS JOIN LATERAL (
                              SELECT (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE AS valid,
                                     (x.ordered_at <= s.as_of
                                      AND x.ordered_at > '-infinity') IS TRUE AS seen,
                                     abs(x.gross_sales - x.discount - x.net_sales) AS gap,
                                     (x.currency <> s.currency AND x.exchange_rate IS NULL
                                      AND coalesce(x.net_sales, x.gross_sales, x.tax, x.shipping,
                                                   x.cost) IS NOT NULL) IS TRUE AS unpriced,
                                     (x.currency <> s.currency) IS TRUE AS abroad,
                                     CASE WHEN x.broken THEN NULL
                                          WHEN x.currency IS NULL OR x.currency = s.currency THEN 1
                                          ELSE x.exchange_rate END AS rate) AS a) AS x) AS o
       -- which are in the same indicators
       CROSS JOIN (SELECT coalesce(sum(c.amount * c.rate), 0)        AS sales,
                          coalesce(sum(c.discount * c.rate), 0)      AS discounts,
                          coalesce(sum(c.covered_sales * c.rate), 0) AS covered_sales,
                          coalesce(sum(c.covered_cost * c.rate), 0)  AS covered_cost
                   FROM   @known_changes@ AS c) AS c
       CROSS JOIN LATERAL (
           SELECT greatest(kpi.bucket('day', o.first, s.timezone), s.since) AS first,
                  kpi.sample_size(o.customers) AS customers,
                  kpi.sample_size(o.customers) - kpi.sample_size(o.persons) AS too_many,
                  kpi.repeat_purchase_rate(o.customers) AS repeating,
                  (o.sales + c.sales) / nullif(o.priced, 0) AS aov,
                  coalesce(o.covered_sales, 0) + c.covered_sales AS covered_sales,
                  coalesce(o.covered_cost, 0) + c.covered_cost AS covered_cost,
                  o.sales + c.sales AS sales) AS d
       CROSS JOIN LATERAL (SELECT d.first - kpi.bucket('month', d.first) AS late) AS e
       CROSS JOIN LATERAL (VALUES
           @usual traps of o@,
           ('broken_number', o.broken_number, o.n, NULL, NULL, d.aov, NULL),
           ('no_exchange_rate', o.no_exchange_rate, o.n, NULL, NULL, d.aov, NULL),
           ('unit_exchange_rate', o.unit_exchange_rate, o.n, o.unit_rate_money, d.aov, NULL, NULL),
           ('currency_changed',
            CASE WHEN least(o.own, o.foreign) >= 20
                      AND (o.last_own < o.first_foreign OR o.last_foreign < o.first_own)
                 THEN o.foreign ELSE 0 END,
            o.own + o.foreign, NULL, NULL, NULL,
            'since ' || kpi.bucket('day', greatest(o.first_own, o.first_foreign), s.timezone)),
           ('bad_exchange_rate', o.bad_exchange_rate, o.n, NULL, d.aov,
            (d.sales - coalesce(o.bad_rate_money, 0)) / nullif(o.priced - o.bad_rate, 0), NULL),
           ('missing_time', o.missing_time, o.n, o.missing_money, o.sold,
            o.sold + o.missing_valid, NULL),
           ('future_rows', o.future_rows, o.n, o.future_money, NULL, NULL, NULL),
           ('duplicates', o.duplicates, o.n, o.duplicate_money, o.sold, o.sold_once, NULL),
           ('negative_sales', o.negative, o.sold, o.negative_money, d.aov,
            (d.sales - o.negative_money) / nullif(o.priced - o.negative, 0), NULL),
           ('zero_orders', o.zero, o.sold, 0, d.aov, d.sales / nullif(o.priced - o.zero, 0), NULL),
           ('sales_mismatch', o.mismatched, o.n, o.mismatched_money, NULL, NULL, NULL),
           ('dates_as_times', CASE WHEN o.dated AND o.tests + o.placed >= 20
                                   THEN o.tests + o.placed ELSE 0 END,
            o.tests + o.placed, NULL, NULL, NULL, NULL),
           ('missing_sales', o.missing_sales, o.sold, NULL, d.aov, NULL, NULL),
           ('negative_discount', o.negative_discount, o.sold, o.negative_discount_money,
            o.discounts + c.discounts,
            o.discounts + c.discounts - 2 * o.negative_discount_money, NULL),
           ('cents', CASE WHEN o.whole AND o.priced - o.zero >= 100
                          AND coalesce(s.currency, '') !~* ('^(BIF|CLP|DJF|GNF|HUF|IDR|ISK|JPY|KMF|'
                              'KRW|PYG|RWF|TWD|UGX|VND|VUV|XAF|XOF|XPF)$')
                          THEN o.priced - o.zero ELSE 0 END,
            o.sold, o.sales, d.aov, d.aov / 100, NULL),
           ('guest_customers', o.guests, o.sold, o.guest_money, o.guests, NULL, NULL),
           ('placeholder_customers', o.placeholders, o.sold, o.placeholder_money,
            kpi.value(d.repeating),
            kpi.value(d.repeating OPERATOR(kpi.-) kpi.repeat_purchase_rate(o.nobody)), NULL),
           ('spelled_customers', d.too_many, d.customers, NULL, d.customers,
            d.customers - d.too_many, NULL),
           ('missing_cost', o.costless, o.sold, o.costless_money,
            d.covered_sales / nullif(d.sales, 0), NULL, NULL),
           ('zero_cost', o.zero_cost, o.sold, o.zero_cost_money,
            1 - d.covered_cost / nullif(d.covered_sales, 0),
            1 - (d.covered_cost - coalesce(o.zero_cost_cost, 0))
                / nullif(d.covered_sales - coalesce(o.zero_cost_money, 0), 0), NULL),
           ('test_orders', o.tests, o.tests + o.placed, o.test_money, o.sold, NULL, NULL),
           ('cancelled_orders', o.cancelled, o.placed, o.cancelled_money,
            o.cancelled::numeric / nullif(o.placed, 0), NULL, NULL),
           ('cancelled_early', o.cancelled_early, o.n, NULL, NULL, NULL, NULL),
           ('first_month_short', CASE WHEN e.late > 7 THEN e.late ELSE 0 END,
            (kpi.bucket('month', d.first) + interval '1 month')::date
            - kpi.bucket('month', d.first),
            NULL, NULL, NULL, 'the first is of ' || d.first)
       ) AS t (trap, rows, of_rows, money, value, corrected, detail)
