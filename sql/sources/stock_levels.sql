--@ source stock_levels
-- what was counted in stock
position      11
rows          counts
time          counted_at
recorded_by   sku, counted_at

--@ columns
sku         text, required    the article
counted_at  instant, required when stock was counted; all articles each time
on_hand     number, required  pieces in stock then
unit_cost   number            what a piece cost

--@ view kpi_daily_stock_levels | key day, dimensions
-- What the stock was worth when it was counted: of each article the last count of the day. The
-- parts of the stock that are members of a dimension add up, so a period is divided by its days
-- with a count.
SELECT x.day,
       kpi.average(x.value)                            AS inventory,
       CASE WHEN count(x.value) > 0 THEN x.day END AS distinct_days
       @dimensions@
FROM   (SELECT x.day @dimensions@, sum(x.on_hand * x.unit_cost) AS value
        FROM   (SELECT kpi.bucket('day', x.counted_at, s.timezone) AS day, x.on_hand, x.unit_cost
                       @dimensions@,
                       rank() OVER (PARTITION BY kpi.bucket('day', x.counted_at, s.timezone), x.sku
                                                 @dimensions@
                                    ORDER BY x.counted_at DESC) AS last
                FROM   kpi_settings AS s CROSS JOIN @stock_levels@ AS x
                WHERE  @happened x.counted_at@) AS x
        WHERE  x.last = 1
        GROUP  BY x.day @dimensions@) AS x
GROUP  BY x.day @dimensions@

--@ column distinct_days | distinct
-- the day, if it has a count

--@ trap duplicates | doubtful
-- counts that are there again with the same article, instant, number, cost and dimensions, and add
-- up: as they should if they are of several places, and are no copies
needs      stock_levels.sku
advice     SELECT DISTINCT, for copies; for places nothing, or the place as a dimension of the model
query      SELECT sku, counted_at, on_hand, count(*) FROM @schema@.stock_levels WHERE on_hand <> 0
           GROUP BY sku, counted_at, on_hand HAVING count(*) > 1

--@ trap negative_stock | wrong
-- less than nothing was counted
needs      stock_levels.on_hand
advice     CASE WHEN on_hand < 0 THEN 0 ELSE on_hand END AS on_hand
query      SELECT * FROM @schema@.stock_levels WHERE on_hand < 0

--@ trap missing_cost | wrong
-- unit_cost is not known: the article is worth nothing
needs      stock_levels.unit_cost
advice     the last cost that is known
query      SELECT * FROM @schema@.stock_levels WHERE unit_cost IS NULL

--@ trap zero_cost | doubtful
-- unit_cost is 0: the article is worth nothing
needs      stock_levels.unit_cost
advice     the last cost that is known
query      SELECT * FROM @schema@.stock_levels WHERE unit_cost = 0

--@ check
-- Counts of the stock. Those of one article and instant add up, as they may be of several places:
-- only what is the same in all that is read may be a copy. Of nothing there are no copies.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.extra)         AS duplicates,
              sum(x.on_hand * x.unit_cost) FILTER (WHERE x.extra AND NOT x.broken)
                                                      AS duplicate_money,
              count(*) FILTER (WHERE x.on_hand < 0)   AS negative,
              sum(x.on_hand * x.unit_cost) FILTER (WHERE x.on_hand < 0 AND NOT x.broken)
                                                      AS negative_money,
              count(*) FILTER (WHERE x.unit_cost IS NULL) AS costless,
              count(*) FILTER (WHERE x.unit_cost = 0) AS zero_cost
       FROM  (SELECT x.*, @usual flags@, @broken@ AS broken,
                     x.on_hand <> 0 AND row_number() OVER (PARTITION BY x) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @stock_levels@ AS x) AS x) AS l
      CROSS JOIN LATERAL (VALUES
          @usual traps of l@,
          ('duplicates',     l.duplicates, l.n, l.duplicate_money),
          ('negative_stock', l.negative,   l.n, l.negative_money),
          ('missing_cost',   l.costless,   l.n, NULL),
          ('zero_cost',      l.zero_cost,  l.n, NULL)
      ) AS t (trap, rows, of_rows, money)
