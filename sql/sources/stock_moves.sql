--@ source stock_moves
-- what changed the stock
position      10
rows          movements
number        stock_id
time          moved_at

--@ columns
sku        text, required    the article
moved_at   instant, required when stock changed
quantity   number, required  by how much: positive in, negative out, so sales are negative; the
                             first ones make the opening stock
unit_cost  number            what a piece cost; if absent, turnover is measured in pieces
kind       text              sale for what was sold; anything else for receipts, returns and
                             adjustments
stock_id   key               number of the movement, or of what several are of, such as the article
                             at a place: by it an incremental refresh finds them

--@ view kpi_daily_moves | key day, dimensions
-- What came into the stock and left it on each day, and what of that was sold.
SELECT kpi.bucket('day', x.moved_at, s.timezone)                        AS day,
       kpi.average(x.quantity)                                          AS units,
       kpi.average(x.quantity * x.unit_cost)                            AS value,
       kpi.average(-x.quantity) FILTER (WHERE lower(x.kind) = 'sale')   AS sold
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @stock_moves@ AS x
WHERE  @happened x.moved_at@
GROUP  BY kpi.bucket('day', x.moved_at, s.timezone) @dimensions@

--@ view kpi_daily_stock | key day, dimensions | onward
-- The stock through each day, from that of its first movement on (of each member of a dimension),
-- before which there is none: turnover weighted by time, units sold, and units left in the end.
-- What there was before a day is known from kpi_daily_moves, so that of the movements only those of
-- days that are asked for are read.
WITH days AS (      -- none is left out, as stock also costs money on days without movement
    SELECT p.period AS day @dimensions@, kpi.total(c.sold) AS sold,
           coalesce(sum(kpi.total(c.units)) OVER so_far, 0)         AS closing_units,
           coalesce(sum(kpi.total(c.value)) OVER so_far, 0)
           - coalesce(kpi.total(c.value), 0)                        AS opening,
           kpi.midnight(p.period, s.timezone, false)                AS starts,
           least(kpi.midnight(p.until, s.timezone, false), s.as_of) AS ends
    FROM   kpi_settings AS s
           CROSS JOIN (SELECT min(x.day) AS first @dimensions@
                       FROM   kpi_daily_moves AS x GROUP BY NULL::text @dimensions@) AS x
           CROSS JOIN LATERAL kpi.periods('day', x.first, s.today) AS p
           LEFT JOIN kpi_daily_moves AS c ON c.day = p.period @same dimensions c@
    WINDOW so_far AS (PARTITION BY NULL::text @dimensions@ ORDER BY p.period)
)
SELECT x.day,
       kpi.turnover(x.at, x.value, x.cogs, tstzrange(x.starts, x.ends))
           FILTER (WHERE x.starts < x.ends) AS turnover,
       coalesce(sum(x.sold), 0) AS sold,
       sum(x.closing_units)     AS closing_units
       @dimensions@
FROM   (SELECT x.day @dimensions@, x.starts, x.ends, x.starts AS at, x.opening AS value,
               NULL::numeric AS cogs, x.sold, x.closing_units
        FROM   days AS x
        UNION ALL
        SELECT m.day @dimensions@, x.starts, x.ends,
               least(greatest(m.moved_at, x.starts), x.ends - interval '1 us'), m.value,
               CASE WHEN m.sold THEN -m.value END, NULL, NULL
        FROM   days AS x
               JOIN (SELECT kpi.bucket('day', x.moved_at, s.timezone) AS day @dimensions@,
                            x.moved_at, x.quantity * x.unit_cost AS value,
                            lower(x.kind) = 'sale' AS sold
                     FROM   kpi_settings AS s CROSS JOIN @stock_moves@ AS x
                     WHERE  @happened x.moved_at@) AS m
                    ON m.day = x.day @same dimensions m@) AS x
GROUP  BY x.day @dimensions@

--@ column closing_units | last
-- pieces left at the end of the day

--@ indicator inventory_turnover | operations | turns | up | main
-- Cost of the goods sold over the average inventory: how often it was sold in the period.
name       Inventory turnover / 库存周转率
needs      stock_moves.kind
value      value(stock.turnover)
sample     stock.turnover
needs      stock_levels.unit_cost, orders.cost
value      (CASE WHEN sample_size(orders.cost) > 0 THEN total(orders.cost) END +
           coalesce(total(order_changes.cost), 0)) /
           nullif(total(stock_levels.inventory) / nullif(stock_levels.distinct_days, 0)::numeric, 0)
needs      stock_levels.unit_cost, order_lines.cost
value      CASE WHEN sample_size(order_lines.cost) > 0 THEN total(order_lines.cost) END /
           nullif(total(stock_levels.inventory) / nullif(stock_levels.distinct_days, 0)::numeric, 0)

--@ indicator average_inventory | operations | money | down
-- Value of the stock, on average over the time of the period, or over its counts.
name       Average inventory / 平均库存金额
needs      stock_moves.unit_cost
value      average_inventory(stock.turnover)
sample     stock.turnover
needs      stock_levels.unit_cost
value      total(stock_levels.inventory) / nullif(stock_levels.distinct_days, 0)::numeric
sample     make_average(stock_levels.distinct_days, total(stock_levels.inventory))

--@ indicator days_of_inventory | operations | days | down
-- How many days the average inventory lasts at the pace of the period.
name       Days of inventory / 库存天数
needs      stock_moves.kind
value      days_of_inventory(stock.turnover)
sample     stock.turnover
needs      stock_levels.unit_cost, orders.cost
value      (least(p.until, p.today + 1) - p.period)::numeric *
           value(make_average(stock_levels.distinct_days, total(stock_levels.inventory))) /
           nullif(coalesce(total(orders.cost), 0) + coalesce(total(order_changes.cost), 0), 0)
needs      stock_levels.unit_cost, order_lines.cost
value      (least(p.until, p.today + 1) - p.period)::numeric *
           value(make_average(stock_levels.distinct_days, total(stock_levels.inventory))) /
           nullif(total(order_lines.cost), 0)

--@ indicator sell_through_rate | operations | share | up
-- Pieces sold as a share of those sold and those left at the end of the period.
name       Sell-through rate / 售罄率
needs      stock_moves.kind
value      stock.sold / nullif(stock.sold + CASE WHEN stock.closing_units >= 0 THEN
           stock.closing_units END, 0)

--@ trap missing_cost | wrong | moves inventory_turnover
-- unit_cost is not known: the movement changes no value
needs      stock_moves.unit_cost
advice     the cost at that time, or the last one known
query      SELECT * FROM @schema@.stock_moves WHERE unit_cost IS NULL

--@ trap zero_cost | doubtful | moves inventory_turnover
-- unit_cost is 0: the movement changes no value
needs      stock_moves.unit_cost
advice     the cost at that time, or the last one known
query      SELECT * FROM @schema@.stock_moves WHERE unit_cost = 0

--@ trap no_sales | doubtful | moves inventory_turnover
-- no movement is of the kind sale, so that nothing was sold
needs      stock_moves.kind
advice     CASE kind WHEN 'SALE_ORDER' THEN 'sale' ELSE kind END AS kind

--@ trap positive_sales | doubtful | moves sell_through_rate
-- sales that add to the stock: out is negative
needs      stock_moves.kind
advice     CASE WHEN lower(kind) = 'sale' THEN -abs(quantity) ELSE quantity END AS quantity; or
           another kind, if customers returned it
query      SELECT * FROM @schema@.stock_moves WHERE lower(kind) = 'sale' AND quantity > 0

--@ trap negative_stock | wrong | moves average_inventory | counts articles
-- the stock of an article falls below 0: the opening stock or a receipt is missing, or was written
-- late
needs      stock_moves.quantity
advice     one movement for each article with the stock before the first

--@ trap ledger_mismatch | wrong | counts articles
-- the movements of an article do not add up to its last count, of all places together
needs      stock_levels.on_hand
advice     a movement of the kind adjustment with the difference, at the time of the count

--@ check
-- Stock movements in the order of time, and among them the counts that the ledger should reach.
SELECT t.*
FROM  (SELECT sum(x.n)                                     AS n,
              sum(x.missing_time)                          AS missing_time,
              sum(x.infinite_time)                         AS infinite_time,
              sum(x.future_rows)                           AS future_rows,
              sum(x.ancient_time)                          AS ancient_time,
              min(x.last_ago)                              AS last_ago,
              max(x.first_ago)                             AS first_ago,
              kpi.sample_size(kpi.rollup(x.active_days))   AS active_days,
              sum(x.broken_number)                         AS broken_number,
              sum(x.costless)                              AS costless,
              sum(x.zero_cost)                             AS zero_cost,
              sum(x.sales)                                 AS sales,
              sum(x.positive_sales)                        AS positive_sales,
              sum(x.positive_money)                        AS positive_money,
              sum(x.positive_units)                        AS positive_units,
              sum(x.sold)                                  AS sold,
              coalesce(sum(x.cogs), 0)                     AS cogs,
              sum(x.closing)                               AS closing,
              count(*) FILTER (WHERE x.n > 0)              AS articles,
              count(*) FILTER (WHERE x.below > 0)          AS below,
              sum(x.lowest) FILTER (WHERE x.below > 0)     AS lowest,
              sum(x.time_below)                            AS time_below,
              sum(x.time)                                  AS time,
              sum(x.value)                                 AS value,
              sum(x.value_not_below)                       AS value_not_below,
              count(*) FILTER (WHERE x.missed IS NOT NULL) AS counted,
              count(*) FILTER (WHERE x.missed)             AS missed,
              sum(x.gap) FILTER (WHERE x.missed)           AS gap,
              extract(epoch FROM max(x.as_of) - kpi.midnight(
                  kpi.bucket('day', min(x.first), min(x.timezone)), min(x.timezone), false)) AS span
       FROM  (SELECT x.sku, max(x.as_of) AS as_of, min(x.timezone) AS timezone,
                     count(*) FILTER (WHERE x.moved)                          AS n,
                     count(*) FILTER (WHERE x.moved AND x.at IS NULL)         AS missing_time,
                     count(*) FILTER (WHERE x.moved AND NOT isfinite(x.at))   AS infinite_time,
                     count(*) FILTER (WHERE x.moved AND x.at > x.as_of AND isfinite(x.at))
                                                                              AS future_rows,
                     count(*) FILTER (WHERE x.moved AND x.at < '1995-01-01' AND isfinite(x.at)
                                      AND x.since IS NULL)                    AS ancient_time,
                     min(x.days_ago)                                          AS last_ago,
                     max(x.days_ago)                                          AS first_ago,
                     kpi.activity(x.days_ago::bigint, date '2000-01-01')      AS active_days,
                     count(*) FILTER (WHERE x.moved AND x.broken)             AS broken_number,
                     count(*) FILTER (WHERE x.moved AND x.unit_cost IS NULL)  AS costless,
                     count(*) FILTER (WHERE x.moved AND x.unit_cost = 0)      AS zero_cost,
                     count(*) FILTER (WHERE x.sale)                           AS sales,
                     count(*) FILTER (WHERE x.sale AND x.quantity > 0 AND NOT x.broken)
                                                                              AS positive_sales,
                     -sum(x.quantity * x.unit_cost) FILTER (WHERE x.sale AND x.good) AS cogs,
                     sum(x.quantity * x.unit_cost)
                         FILTER (WHERE x.sale AND x.quantity > 0 AND x.good)
                                                                              AS positive_money,
                     sum(x.quantity) FILTER (WHERE x.sale AND x.quantity > 0 AND x.good)
                                                                              AS positive_units,
                     -sum(x.quantity) FILTER (WHERE x.sale AND x.good)        AS sold,
                     sum(x.quantity) FILTER (WHERE x.moved AND x.good)        AS closing,
                     min(x.at) FILTER (WHERE x.moved AND x.good)              AS first,
                     count(*) FILTER (WHERE x.stock < 0 AND x.seconds > 0)    AS below,
                     min(x.worth)                                             AS lowest,
                     sum(x.seconds) FILTER (WHERE x.stock < 0)                AS time_below,
                     sum(x.seconds)                                           AS time,
                     sum(x.worth * x.seconds)                                 AS value,
                     sum(x.worth * x.seconds) FILTER (WHERE x.stock >= 0)     AS value_not_below,
                     bool_or(x.stock <> x.counted)
                         FILTER (WHERE x.at = x.last_count AND NOT x.moved)   AS missed,
                     max(abs(x.stock - x.counted) * x.unit_cost)
                         FILTER (WHERE x.at = x.last_count AND NOT x.moved)   AS gap
              FROM  (SELECT x.*,
                            coalesce(sum(x.quantity) FILTER (WHERE x.moved AND x.good)
                                         OVER so_far, 0)                      AS stock,
                            coalesce(sum(x.quantity * x.unit_cost) FILTER (WHERE x.moved AND x.good)
                                         OVER so_far, 0)                      AS worth,
                            CASE WHEN x.good AND x.moved THEN extract(epoch FROM
                                least(lead(x.at) OVER (PARTITION BY x.sku, x.moved ORDER BY x.at),
                                      x.as_of) - x.at) END                    AS seconds,
                            -- in all places
                            sum(x.on_hand) FILTER (WHERE x.good) OVER at_once AS counted,
                            max(x.at) FILTER (WHERE x.good AND NOT x.moved)
                                OVER (PARTITION BY x.sku)                     AS last_count
                     FROM  (SELECT x.sku, x.at, x.moved, x.quantity, x.unit_cost, x.sale, x.on_hand,
                                   s.as_of, s.since, s.timezone, b.broken,
                                   CASE WHEN x.moved AND isfinite(x.at) AND x.at <= s.as_of
                                        AND x.at >= '1995-01-01'
                                        THEN s.today - kpi.bucket('day', x.at, s.timezone)
                                   END                                        AS days_ago,
                                   NOT b.broken AND (x.at <= s.as_of AND x.at > '-infinity') IS TRUE
                                                                              AS good
                            FROM   kpi_settings AS s
                                   CROSS JOIN LATERAL (
                                       SELECT x.sku, x.moved_at AS at, true AS moved, x.quantity,
                                              x.unit_cost, lower(x.kind) = 'sale' AS sale,
                                              NULL::numeric AS on_hand
                                       FROM   @stock_moves@ AS x
                                       UNION ALL
                                       SELECT x.sku, x.counted_at, false, NULL, x.unit_cost, NULL,
                                              x.on_hand
                                       FROM   @stock_levels@ AS x) AS x
                                   CROSS JOIN LATERAL (
                                       SELECT coalesce(x.quantity, 0) + coalesce(x.unit_cost, 0)
                                              + coalesce(x.on_hand, 0)
                                              IN ('NaN', 'Infinity', '-Infinity') AS broken) AS b
                           ) AS x
                     WINDOW so_far AS (PARTITION BY x.sku ORDER BY x.at),
                            at_once AS (PARTITION BY x.sku, x.moved ORDER BY x.at
                                        RANGE BETWEEN CURRENT ROW AND CURRENT ROW)) AS x
              GROUP  BY x.sku) AS x) AS m
      CROSS JOIN LATERAL (
          SELECT m.cogs * m.span / nullif(m.value, 0) AS turnover,
                 m.sold / nullif(m.sold + CASE WHEN m.closing >= 0 THEN m.closing END, 0) AS sold
          ) AS d
      CROSS JOIN LATERAL (VALUES
          @usual traps of m@,
          ('missing_cost', m.costless, m.n, NULL, d.turnover, NULL, NULL),
          ('zero_cost', m.zero_cost, m.n, NULL, d.turnover, NULL, NULL),
          ('no_sales', CASE WHEN m.sales = 0 THEN m.n ELSE 0 END, m.n, NULL, d.turnover, NULL,
           NULL),
          ('positive_sales', m.positive_sales, m.sales, m.positive_money, d.sold,
           (m.sold + 2 * m.positive_units) / nullif(m.sold + m.closing, 0), NULL),
          ('negative_stock', m.below, m.articles, m.lowest, m.value / nullif(m.span, 0),
           m.value_not_below / nullif(m.span, 0),
           format('%s %% of the time', round(100 * m.time_below / nullif(m.time, 0), 1))),
          ('ledger_mismatch', m.missed, m.counted, m.gap, NULL, NULL, NULL)
      ) AS t (trap, rows, of_rows, money, value, corrected, detail)
