--@ source visits
-- who came to the shop, and whether they bought
position      7
rows          visits
key           visit_id
time          started_at
missing_time  visits
duplicates    visits

--@ columns
visit_id          key, required     number of the visit (session); one row per visit
started_at        instant, required when it began: the day it counts on
visitor_id        key               the person or device that visited; NULL if unknown
converted         boolean           whether it ended in an order; NULL is no trial
cart_added        boolean           whether something was put in the cart
checkout_started  boolean           whether the checkout was begun

--@ view kpi_daily_visits | key day, dimensions | per visit_id
-- The visits of each day on which they started.
SELECT kpi.bucket('day', x.started_at, s.timezone)                 AS day,
       count(*)                                                    AS visits,
       kpi.conversion_rate(x.converted)                            AS converted,
       kpi.rate(x.cart_added)                                      AS cart_added,
       kpi.rate(NOT x.converted) FILTER (WHERE x.checkout_started) AS checkout_abandoned
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN @visits@ AS x
WHERE  @happened x.started_at@
GROUP  BY kpi.bucket('day', x.started_at, s.timezone) @dimensions@

--@ view kpi_visitors | key grain, dimensions | per visitor_id
-- Who visited in which day, week, month, quarter and year, and who bought in a visit, a value for
-- each of these grains, of which half-years and all of it are made, too.
SELECT @grain@::text AS grain,
       kpi.activity(x.visitor_id, kpi.bucket(@grain name@, x.started_at, s.timezone)) AS visitors,
       kpi.activity(x.visitor_id, kpi.bucket(@grain name@, x.started_at, s.timezone))
           FILTER (WHERE x.converted)                                           AS buyers
       @dimensions@ @count of rows@
FROM   kpi_settings AS s CROSS JOIN @visits@ AS x
WHERE  @happened x.started_at@
GROUP  BY 1 @dimensions@

--@ column visitors | people
-- who visited in which period, with the functions of activity

--@ column buyers | people
-- who of them bought in a visit

--@ indicator visits | conversion | count | up
-- Visits (sessions) started.
name       Visits / 访问次数
needs      visits.visit_id
value      coalesce(visits.visits, 0)

--@ indicator conversion_rate | conversion | share | up | main
-- Of the visits, those that ended in an order.
name       Conversion rate / 转化率
needs      visits.converted
value      value(visits.converted)
sample     visits.converted

--@ indicator visitors | conversion | count | up
-- Different visitors, each once in the period.
name       Visitors / 访客数
needs      visits.visitor_id
value      coalesce(visitors.customers, 0)

--@ indicator visitor_conversion_rate | conversion | share | up
-- Of the visitors, those who bought in one of their visits of the period.
name       Visitor conversion rate / 访客转化率
needs      visits.visitor_id, visits.converted
value      value(make_rate(coalesce(buyers.customers, 0), visitors.customers))
sample     make_rate(coalesce(buyers.customers, 0), visitors.customers)

--@ indicator cart_rate | conversion | share | up
-- Of the visits, those in which something was put in the cart.
name       Add-to-cart rate / 加购率
needs      visits.cart_added
value      value(visits.cart_added)
sample     visits.cart_added

--@ indicator checkout_abandonment_rate | conversion | share | down
-- Of the visits that began the checkout, those that did not end in an order.
name       Checkout abandonment rate / 结账放弃率
needs      visits.converted, visits.checkout_started
value      value(visits.checkout_abandoned)
sample     visits.checkout_abandoned

--@ trap unknown_conversion | note | moves conversion_rate
-- converted is NULL, which is no trial; the corrected rate takes it for no
needs      visits.converted
advice     coalesce(converted, false) AS converted, if NULL means no
query      SELECT * FROM @schema@.visits WHERE converted IS NULL

--@ trap unknown_visitors | note
-- the visitor is not known: what is said about visitors is about the others
needs      visits.visitor_id
advice     coalesce(visitor_id, <device or session>) AS visitor_id
query      SELECT * FROM @schema@.visits WHERE visitor_id IS NULL

--@ trap orders_without_visit | doubtful | moves conversion_rate | counts orders
-- there are more orders than visits that ended in one, from the first visit to a day after the
-- last, those of a customer on one day or within six hours counted once, as one visit can end in
-- several; the corrected rate counts them all
needs      visits.converted, orders.order_id
advice     true AS converted for the visits in which they were placed; those without any, as of a
           store or by telephone, are to be left out of a model of visits

--@ trap conversions_without_order | doubtful | moves conversion_rate
-- there are more visits that ended in an order than orders, from the first visit to a day after the
-- last
needs      visits.converted, orders.order_id
advice     converted only where an order was placed: a page of thanks that is loaded again is of the
           same one

--@ trap converted_without_checkout | wrong | moves checkout_abandonment_rate
-- a visit ended in an order and never began the checkout
needs      visits.converted, visits.checkout_started
advice     checkout_started OR converted AS checkout_started
query      SELECT * FROM @schema@.visits WHERE converted AND NOT checkout_started

--@ trap placeholder_visitors | wrong | moves visitor_conversion_rate
-- visitor_id stands for nobody (empty, 0, the nil UUID, guest, unknown and the like), and counts as
-- one visitor
needs      visits.visitor_id
advice     nullif(visitor_id, 0) AS visitor_id, or of a text nullif(visitor_id, 'guest'), with
           the word as it is spelt there; once for each
query      SELECT * FROM @schema@.visits WHERE kpi.check_nobody(visitor_id::text)

--@ check
-- Visits, and how many of the orders of their time they account for.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.seen)                             AS visits,
              count(*) FILTER (WHERE x.seen AND NOT x.extra)             AS visits_once,
              count(*) FILTER (WHERE x.seen AND x.converted IS NULL)     AS undecided,
              count(*) FILTER (WHERE x.seen AND x.visitor_id IS NULL)    AS visitorless,
              count(*) FILTER (WHERE x.seen AND x.nobody)                AS placeholders,
              kpi.sample_size(kpi.activity(x.visitor_id, x.once) FILTER (WHERE x.seen)) AS visitors,
              kpi.sample_size(kpi.activity(x.visitor_id, x.once)
                          FILTER (WHERE x.seen AND x.nobody))            AS nobodies,
              kpi.sample_size(kpi.activity(x.visitor_id, x.once)
                          FILTER (WHERE x.seen AND x.converted))         AS buyers,
              kpi.sample_size(kpi.activity(x.visitor_id, x.once)
                          FILTER (WHERE x.seen AND x.converted AND x.nobody)) AS nobody_buyers,
              count(*) FILTER (WHERE x.seen AND x.converted)             AS converted,
              count(*) FILTER (WHERE x.seen AND x.converted IS NOT NULL) AS decided,
              kpi.rate(NOT x.converted) FILTER (WHERE x.seen AND x.checkout_started) AS checkouts,
              count(*) FILTER (WHERE x.seen AND x.converted AND NOT x.checkout_started) AS skipped,
              min(x.started_at) FILTER (WHERE x.seen)                    AS first,
              max(x.started_at) FILTER (WHERE x.seen)                    AS last,
              max(x.as_of)                                               AS as_of,
              max(x.timezone)                                            AS timezone
       FROM  (SELECT x.*, @usual flags@, s.as_of, s.timezone, date '2000-01-01' AS once,
                     kpi.check_nobody(x.visitor_id::text) IS TRUE AS nobody,
                     (x.started_at <= s.as_of AND x.started_at > '-infinity') IS TRUE AS seen,
                     x.visit_id IS NOT NULL
                     AND row_number() OVER (PARTITION BY x.visit_id
                                            ORDER BY x.started_at, x.converted) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @visits@ AS x) AS x) AS v
      CROSS JOIN LATERAL (
          -- an order may follow its visit by a day
          SELECT count(*) AS orders,
                 count(*) FILTER (WHERE x.customer_id IS NULL OR x.before IS NULL
                                  OR x.before + interval '6 hours' < x.ordered_at
                                     AND kpi.bucket('day', x.before, v.timezone)
                                         < kpi.bucket('day', x.ordered_at, v.timezone))
                     AS occasions,
                 v.converted::numeric / nullif(v.decided, 0) AS rate
          FROM  (SELECT x.customer_id, x.ordered_at,
                        lag(x.ordered_at) OVER (PARTITION BY x.customer_id ORDER BY x.ordered_at)
                            AS before
                 FROM   @orders@ AS x
                 WHERE  x.ordered_at >= v.first AND x.is_test IS NOT TRUE
                 AND    x.ordered_at <= least(v.last + interval '24 hours', v.as_of)) AS x) AS o
      CROSS JOIN LATERAL (VALUES
          @usual traps of v@,
          ('missing_time', v.missing_time, v.n, v.visits, v.visits + v.missing_time),
          ('duplicates', v.duplicates, v.n, v.visits, v.visits_once),
          ('unknown_conversion', v.undecided, v.visits, o.rate,
           v.converted::numeric / nullif(v.visits, 0)),
          ('unknown_visitors', v.visitorless, v.visits, NULL, NULL),
          ('placeholder_visitors', v.placeholders, v.visits,
           coalesce(v.buyers, 0)::numeric / nullif(v.visitors, 0),
           (coalesce(v.buyers, 0) - coalesce(v.nobody_buyers, 0))::numeric
               / nullif(v.visitors - coalesce(v.nobodies, 0), 0)),
          ('orders_without_visit', greatest(o.occasions - v.converted, 0), o.occasions, o.rate,
           least(o.occasions::numeric / nullif(v.decided, 0), 1)),
          ('conversions_without_order', greatest(v.converted - o.orders, 0), v.converted, o.rate,
           o.orders::numeric / nullif(v.decided, 0)),
          ('converted_without_checkout', v.skipped, v.converted, kpi.value(v.checkouts),
           kpi.trials(v.checkouts) * kpi.value(v.checkouts)
           / nullif(kpi.trials(v.checkouts) + v.skipped, 0))
      ) AS t (trap, rows, of_rows, value, corrected)
