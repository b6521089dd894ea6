--@ source spend
-- what marketing cost: by channel, if orders have one, sales are held against it
position      14
rows          rows of spend
time          spent_on
broken_number marketing_spend

--@ columns
spent_on  date, required    the day it was spent on
amount    number, required  what was spent, in the model's currency; negative if it was paid back

--@ view kpi_daily_spend | key day, dimensions
-- What was spent on each day.
SELECT x.spent_on             AS day,
       kpi.average(x.amount)  AS amount
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @spend@ AS x
WHERE  @happened x.spent_on@
GROUP  BY x.spent_on @dimensions@

--@ indicator marketing_spend | sales | money
-- What was spent on marketing.
name       Marketing spend / 营销支出
needs      spend.amount
value      coalesce(total(spend.amount), 0)
sample     spend.amount

--@ indicator mer | sales | turns | up
-- Net sales for each unit of money spent on marketing.
name       Marketing efficiency ratio (MER) / 营销效率比
needs      spend.amount, orders.net_sales|orders.gross_sales, returns.refund
value      (coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0) -
           coalesce(total(returns.refund), 0)) / nullif(total(spend.amount), 0)
sample     make_ratio(coalesce(sample_size(spend.amount), 0) +
           coalesce(sample_size(orders.net_sales), 0) +
           coalesce(sample_size(order_changes.net_sales), 0) +
           coalesce(sample_size(returns.refund), 0), coalesce(total(orders.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0) - coalesce(total(returns.refund), 0),
           coalesce(total(spend.amount), 0))
needs      spend.amount, orders.net_sales|orders.gross_sales
value      (coalesce(total(orders.net_sales), 0) + coalesce(total(order_changes.net_sales), 0)) /
           nullif(total(spend.amount), 0)
sample     make_ratio(coalesce(sample_size(spend.amount), 0) +
           coalesce(sample_size(orders.net_sales), 0) +
           coalesce(sample_size(order_changes.net_sales), 0), coalesce(total(orders.net_sales), 0) +
           coalesce(total(order_changes.net_sales), 0), coalesce(total(spend.amount), 0))

--@ indicator cac | customers | money | down
-- Marketing spend for each customer who ordered for the first time.
name       Customer acquisition cost (CAC) / 获客成本
needs      spend.amount, orders.customer_id, by=dimension
value      coalesce(total(spend.amount), 0) / nullif(new_customers.customers, 0)::numeric
needs      spend.amount, orders.customer_id
value      coalesce(total(spend.amount), 0) / nullif(customers.new_customers, 0)::numeric

--@ trap negative_spend | doubtful | moves marketing_spend
-- an amount is negative, and taken off what was spent
needs      spend.amount
advice     abs(amount) AS amount, or leave it where money was paid back
query      SELECT * FROM @schema@.spend WHERE amount < 0

--@ check
-- What was spent on marketing.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.amount < 0 AND NOT x.broken)       AS negative,
              sum(x.amount) FILTER (WHERE x.amount < 0 AND NOT x.broken)  AS negative_money,
              sum(x.amount) FILTER (WHERE x.seen)                         AS amount,
              sum(x.amount) FILTER (WHERE x.seen AND NOT x.broken)        AS amount_good,
              sum(abs(x.amount)) FILTER (WHERE x.seen)                    AS amount_abs
       FROM  (SELECT x.*, @usual flags@, @broken@ AS broken,
                     (x.spent_on <= s.today AND x.spent_on > '-infinity') IS TRUE AS seen
              FROM   kpi_settings AS s CROSS JOIN @spend@ AS x) AS x) AS p
      CROSS JOIN LATERAL (VALUES
          @usual traps of p@,
          ('broken_number',  p.broken_number, p.n, NULL,             NULL,     p.amount_good),
          ('negative_spend', p.negative,      p.n, p.negative_money, p.amount, p.amount_abs)
      ) AS t (trap, rows, of_rows, money, value, corrected)
