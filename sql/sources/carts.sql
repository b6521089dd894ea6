--@ source carts
-- what was put together, and perhaps never ordered
position      6
rows          carts
key           cart_id
time          created_at
done          ordered_at
past          created_at, ordered_at, last_active_at
ages          x.created_at > kpi.time_before(s.as_of, s.cart_idle, s.timezone)
              OR x.last_active_at > kpi.time_before(s.as_of, s.cart_idle, s.timezone)
recorded_by   cart_id
missing_time  carts
duplicates    carts
broken_number abandoned_cart_value

--@ columns
cart_id         key, required     number of the cart; one row per cart with something in it
created_at      instant, required when the first article was added: the day it counts on
ordered_at      instant           when it became an order; NULL if it has not
last_active_at  instant           when it was last touched; created_at if absent
customer_id     key               whose it is; NULL if unknown
value           number            value of its content in the model's currency

--@ view kpi_daily_carts | key day, dimensions | per cart_id
-- The carts of each day on which they were created, as they are by now: ordered, open, or
-- abandoned, which is neither ordered nor touched for the idle time of the model. An open cart
-- counts on neither side of the rate.
SELECT kpi.bucket('day', x.created_at, s.timezone)                        AS day,
       count(*)                                                           AS carts,
       count(*) FILTER (WHERE x.open)                                     AS open_carts,
       kpi.cart_abandonment_rate(NOT x.ordered) FILTER (WHERE NOT x.open) AS abandoned,
       kpi.average(x.value) FILTER (WHERE NOT x.ordered AND NOT x.open)   AS abandoned_value
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN LATERAL
       (SELECT x.*,
               coalesce(x.ordered_at <= s.as_of, false) AS ordered,
               NOT coalesce(x.ordered_at <= s.as_of, false)
               AND greatest(x.created_at, x.last_active_at)
                   > kpi.time_before(s.as_of, s.cart_idle, s.timezone) AS open
        FROM   @carts@ AS x
        WHERE  @happened x.created_at@) AS x
GROUP  BY kpi.bucket('day', x.created_at, s.timezone) @dimensions@

--@ indicator carts | conversion | count | up | after checkout_abandonment_rate
-- Carts created.
name       Carts / 购物车数
needs      carts.cart_id
value      coalesce(carts.carts, 0)

--@ indicator open_carts | conversion | count
-- Carts created in the period that are neither ordered nor idle by now.
name       Open carts / 未决购物车数
needs      carts.cart_id
value      coalesce(carts.open_carts, 0)

--@ indicator cart_abandonment_rate | conversion | share | down | main
-- Of the carts created in the period that are no longer open, those not ordered by now.
name       Cart abandonment rate / 购物车放弃率
needs      carts.ordered_at
value      value(carts.abandoned)
sample     carts.abandoned

--@ indicator abandoned_cart_value | conversion | money | down
-- Value of the abandoned carts.
name       Abandoned cart value / 放弃购物车金额
needs      carts.ordered_at, carts.value
value      coalesce(total(carts.abandoned_value), 0)
sample     carts.abandoned_value

--@ trap negative_value | wrong | moves abandoned_cart_value
-- a cart is worth less than nothing
needs      carts.value
advice     CASE WHEN value >= 0 THEN value END AS value
query      SELECT * FROM @schema@.carts WHERE value < 0

--@ trap ordered_before_created | wrong | moves cart_abandonment_rate
-- ordered or last touched before it was created: a clock or a time zone is wrong
needs      carts.ordered_at|carts.last_active_at
advice     the same time zone for all columns

--@ check
-- Carts.
SELECT t.*
FROM  (SELECT @usual counts@,
              sum(x.value) FILTER (WHERE x.extra AND NOT x.broken)     AS duplicate_money,
              count(*) FILTER (WHERE x.seen)                           AS carts,
              count(*) FILTER (WHERE x.seen AND NOT x.extra)           AS carts_once,
              count(*) FILTER (WHERE x.early)                          AS early,
              count(*) FILTER (WHERE x.negative)                       AS negative,
              sum(x.value) FILTER (WHERE x.negative)                   AS negative_money,
              sum(x.value) FILTER (WHERE x.abandoned AND NOT x.broken) AS abandoned_money,
              sum(x.value) FILTER (WHERE x.abandoned AND NOT x.broken AND NOT x.negative)
                                                                       AS abandoned_money_good,
              kpi.rate(x.abandoned) FILTER (WHERE x.seen)                  AS abandonment,
              kpi.rate(x.abandoned) FILTER (WHERE x.seen AND NOT x.early)  AS abandonment_good
       FROM  (SELECT x.cart_id, x.created_at, x.value, @usual flags@, @broken@ AS broken,
                     (x.created_at <= s.as_of AND x.created_at > '-infinity') IS TRUE AS seen,
                     (x.value < 0 AND x.value > '-Infinity') IS TRUE AS negative,
                     (x.ordered_at < x.created_at
                      OR x.last_active_at < x.created_at) IS TRUE AS early,
                     -- whether abandoned; NULL while it is open
                     CASE WHEN x.ordered_at <= s.as_of THEN false
                          WHEN x.created_at <= s.as_of AND x.created_at > '-infinity'
                               AND greatest(x.created_at, x.last_active_at)
                                   <= kpi.time_before(s.as_of, s.cart_idle, s.timezone)
                          THEN true END AS abandoned,
                     x.cart_id IS NOT NULL
                     AND row_number() OVER (PARTITION BY x.cart_id
                                            ORDER BY x.created_at, x.ordered_at) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @carts@ AS x) AS x) AS c
      CROSS JOIN LATERAL (VALUES
          @usual traps of c@,
          ('missing_time', c.missing_time, c.n, NULL, c.carts, c.carts + c.missing_time),
          ('broken_number', c.broken_number, c.n, NULL, NULL, c.abandoned_money),
          ('duplicates', c.duplicates, c.n, c.duplicate_money, c.carts, c.carts_once),
          ('negative_value', c.negative, c.n, c.negative_money, c.abandoned_money,
           c.abandoned_money_good),
          ('ordered_before_created', c.early, c.n, NULL, kpi.value(c.abandonment),
           kpi.value(c.abandonment_good))
      ) AS t (trap, rows, of_rows, money, value, corrected)
