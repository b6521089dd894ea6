--@ source deliveries
-- what was sent, and when it arrived
position      5
rows          deliveries
time          ordered_at, else promised_at
done          shipped_at, delivered_at
past          ordered_at, shipped_at, delivered_at
ages          (x.delivered_at > s.as_of) IS NOT FALSE
              AND (@known deliveries delivered_at@
                   OR @known deliveries shipped_at@ AND (x.shipped_at > s.as_of) IS NOT FALSE)
              AND (SELECT bool_and(o.cancelled_at <= s.as_of AND o.ordered_at <= s.as_of
                                   AND o.ordered_at > '-infinity') FROM @belongs@ AS o
                   WHERE o.order_id = x.order_id) IS NOT TRUE
belongs_to    orders

--@ columns
order_id      key, required     the order it belongs to; one row per order, or per parcel to measure
                                parcels
ordered_at    instant, required when it was ordered: the day it counts on; where it is NULL only
                                on time or late can be told, on the day of the promise
shipped_at    instant           when it left; NULL if it has not
delivered_at  instant           when the customer received it; NULL if not yet
promised_at   instant           when it was promised to arrive; of the order if absent, NULL if
                                nothing was promised

--@ view kpi_deliveries
-- What has been ordered so far, and what has become of it by now. Of a cancelled order only what
-- arrived is a row here, of a test nothing. On time is judged of what was promised, once it has
-- arrived or the promise has passed; it is NULL before, and without a promise. Where it is not
-- known when it was ordered, it is here once its promise has passed.
SELECT x.order_id,
       x.ordered_at,
       coalesce(x.ordered_at, x.promised_at) AS counted_at,
       t.shipped_at,
       t.delivered_at,
       t.promised_at,
       CASE WHEN t.delivered_at IS NOT NULL
            THEN CASE s.on_time_by
                 WHEN 'date' THEN kpi.bucket('day', t.delivered_at, s.timezone)
                                  <= kpi.bucket('day', t.promised_at, s.timezone)
                 ELSE t.delivered_at <= t.promised_at END
            WHEN CASE s.on_time_by
                 WHEN 'date' THEN kpi.bucket('day', t.promised_at, s.timezone) < s.today
                 ELSE t.promised_at < s.as_of END
            THEN false END AS on_time
       @joined dimensions@
FROM   kpi_settings AS s
       CROSS JOIN @deliveries@ AS x
       LEFT JOIN kpi_orders AS o ON o.order_id = x.order_id
       CROSS JOIN LATERAL (
           SELECT CASE WHEN @happened x.shipped_at@
                       THEN x.shipped_at END,
                  CASE WHEN @happened x.delivered_at@
                       THEN x.delivered_at END,
                  coalesce(x.promised_at, o.promised_at)) AS t (shipped_at, delivered_at,
                                                                promised_at)
WHERE  (@happened x.ordered_at@ OR x.ordered_at IS NULL AND @happened x.promised_at@)
AND    o.placed IS NOT FALSE AND (x.delivered_at <= s.as_of OR o.sold IS NOT FALSE)

--@ column counted_at
-- when it was ordered, or promised to arrive where that is not known: the day it counts on

--@ column on_time
-- whether it arrived when it was promised; NULL while that cannot be told, or without a promise

--@ view kpi_daily_deliveries | key day, dimensions
-- The deliveries of each day on which they were ordered. One that has not arrived counts with its
-- age so far, and is late once its promise has passed. One of which nobody knows when it was
-- ordered has no age, and none has where nobody tells when they arrive.
SELECT kpi.bucket('day', x.counted_at, s.timezone)                                   AS day,
       kpi.duration(x.ordered_at, x.delivered_at)                                    AS delivered,
       kpi.duration(x.ordered_at, s.as_of)
           FILTER (WHERE x.delivered_at IS NULL AND @known deliveries delivered_at@) AS undelivered,
       kpi.duration(x.ordered_at, x.shipped_at)                                      AS shipped,
       kpi.duration(x.ordered_at, s.as_of)
           FILTER (WHERE x.shipped_at IS NULL AND x.delivered_at IS NULL
                   AND @known deliveries shipped_at@)                                AS unshipped,
       kpi.on_time_rate(x.on_time) FILTER (WHERE x.on_time IS NOT NULL)              AS on_time
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN kpi_deliveries AS x
GROUP  BY kpi.bucket('day', x.counted_at, s.timezone) @dimensions@

--@ view kpi_daily_perfect_orders | key day,dimensions | of orders,deliveries,returns | per order_id
-- The orders of each day that were promised to arrive, as far as it can be told how they went. One
-- is perfect if all of it has arrived, what was promised on time, and nothing came back through a
-- fault of the shop; it is not as soon as a promise has passed or something came back so.
SELECT kpi.bucket('day', x.ordered_at, s.timezone) AS day,
       kpi.rate(g.perfect)                         AS perfect
       @dimensions@ @count of rows@
FROM   kpi_settings AS s
       -- only the rows of orders are wanted; but these joins, unlike those to the left, are never
       -- made by computing all of d or r again for each order
       CROSS JOIN (kpi_orders AS x
                   FULL JOIN (SELECT d.order_id, bool_or(d.promised_at IS NOT NULL) AS promised,
                                     bool_and(d.delivered_at IS NOT NULL) AS arrived,
                                     bool_and(d.on_time) AS on_time
                              FROM   kpi_deliveries AS d GROUP BY d.order_id) AS d
                        ON d.order_id = x.order_id
                   FULL JOIN (SELECT DISTINCT r.order_id
                              FROM   kpi_returns AS r WHERE r.our_fault) AS r
                        ON r.order_id = x.order_id)
       CROSS JOIN LATERAL (
           SELECT CASE WHEN r.order_id IS NOT NULL OR NOT d.on_time THEN false
                       WHEN d.arrived THEN true
                       -- nothing has been sent of it
                       WHEN d.order_id IS NULL AND CASE s.on_time_by
                            WHEN 'date' THEN kpi.bucket('day', x.promised_at, s.timezone) < s.today
                            ELSE x.promised_at < s.as_of END THEN false END) AS g (perfect)
WHERE  coalesce(x.sold, false) AND coalesce(d.promised, x.promised_at IS NOT NULL)
AND    @known deliveries delivered_at@ AND @known returns our_fault@
AND    (@known deliveries promised_at@ OR @known orders promised_at@)
GROUP  BY kpi.bucket('day', x.ordered_at, s.timezone) @dimensions@

--@ indicator deliveries | operations | count | after sell_through_rate
-- Deliveries ordered, arrived or not.
name       Deliveries / 发货单数
needs      deliveries.delivered_at
value      coalesce(sample_size(deliveries.delivered) + sample_size(deliveries.undelivered), 0)

--@ indicator undelivered | operations | count | down
-- Deliveries ordered in the period that have not arrived by now.
name       Not yet delivered / 未送达数
needs      deliveries.delivered_at
value      coalesce(sample_size(deliveries.undelivered), 0)
sample     deliveries.undelivered

--@ indicator fulfilment_days | operations | days | down | main
-- Days from order to receipt, mean of what has arrived; too short while the slow ones have not.
name       Order fulfilment time / 订单履行时间
needs      deliveries.delivered_at
value      extract(epoch FROM value(deliveries.delivered)) / 86400::numeric
sample     deliveries.delivered

--@ indicator fulfilment_days_median | operations | days | down
-- Days after which half of them have arrived; those that have not count with their age so far
-- (Kaplan-Meier); NULL while it cannot be told.
name       Order fulfilment time, median / 订单履行时间中位数
needs      deliveries.delivered_at
value      extract(epoch FROM percentile(deliveries.delivered, deliveries.undelivered, 0.5::float8))
           / 86400::numeric
sample     deliveries.delivered

--@ indicator fulfilment_days_p90 | operations | days | down
-- Days after which nine of ten have arrived; those that have not count with their age so far
-- (Kaplan-Meier); NULL while it cannot be told.
name       Order fulfilment time, 90th percentile / 订单履行时间90分位
needs      deliveries.delivered_at
value      extract(epoch FROM percentile(deliveries.delivered, deliveries.undelivered, 0.9::float8))
           / 86400::numeric
sample     deliveries.delivered

--@ indicator shipping_days | operations | days | down
-- Days from order to dispatch, median; those not shipped count with their age so far.
name       Time to ship / 发货时间
needs      deliveries.shipped_at
value      extract(epoch FROM percentile(deliveries.shipped, deliveries.unshipped, 0.5::float8))
           / 86400::numeric
sample     deliveries.shipped

--@ indicator on_time_delivery_rate | operations | share | up | main
-- Of the deliveries with a promise, those that arrived by then; late is also what has not arrived
-- though promised. By the day of the order, or of the promise where that is not known.
name       On-time delivery rate / 准时交付率
needs      deliveries.delivered_at, deliveries.promised_at|orders.promised_at
value      value(deliveries.on_time)
sample     deliveries.on_time

--@ indicator perfect_order_rate | operations | share | up
-- Of the orders promised to arrive, those of which all has arrived, on time, and nothing came back
-- through a fault of the shop; an order that is still under way counts once it is late.
name       Perfect order rate / 完美订单率
needs      orders.order_id, deliveries.delivered_at, deliveries.promised_at|orders.promised_at,
           returns.our_fault
value      value(perfect_orders.perfect)
sample     perfect_orders.perfect

--@ trap unknown_order | doubtful | moves fulfilment_days
-- the order is not there: such deliveries count, though the order may be a test
needs      orders.order_id
advice     order_id as orders has it

--@ trap delivered_before_shipped | wrong | moves fulfilment_days
-- delivered before it was shipped or ordered: a clock or a time zone is wrong
needs      deliveries.delivered_at
advice     the same time zone for all columns; else leave such deliveries out, as when they arrived
           is not known: WHERE (delivered_at < greatest(shipped_at, ordered_at)) IS NOT TRUE
query      SELECT * FROM @schema@.deliveries WHERE delivered_at < shipped_at OR delivered_at <
           ordered_at

--@ trap shipped_before_ordered | wrong | moves fulfilment_days
-- shipped before it was ordered: a clock or a time zone is wrong
needs      deliveries.shipped_at
advice     the same time zone for both columns
query      SELECT * FROM @schema@.deliveries WHERE shipped_at < ordered_at

--@ trap promised_before_ordered | doubtful
-- promised for a time before it was ordered, and late at once
needs      deliveries.promised_at
advice     the same time zone for both columns
query      SELECT * FROM @schema@.deliveries WHERE promised_at < ordered_at

--@ check
-- Deliveries, each beside the order it belongs to; those of tests count nowhere, those of an order
-- that is there twice twice.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE NOT x.known)               AS unknown,
              count(*) FILTER (WHERE x.arrived_early)           AS arrived_early,
              count(*) FILTER (WHERE x.shipped_early)           AS shipped_early,
              count(*) FILTER (WHERE x.promised_early)          AS promised_early,
              sum(x.days) / nullif(sum(x.times), 0)             AS days,
              sum(x.days) FILTER (WHERE x.known)
                  / nullif(sum(x.times) FILTER (WHERE x.known), 0)             AS days_known,
              sum(x.days) FILTER (WHERE NOT x.arrived_early)
                  / nullif(sum(x.times) FILTER (WHERE NOT x.arrived_early), 0) AS days_arrived,
              sum(x.days) FILTER (WHERE NOT x.shipped_early)
                  / nullif(sum(x.times) FILTER (WHERE NOT x.shipped_early), 0) AS days_shipped
       FROM  (SELECT x.*, @usual flags@,
                     x.order_id IS NOT NULL AND o.order_id IS NOT NULL AS known,
                     (x.delivered_at < x.shipped_at OR x.delivered_at < x.ordered_at) IS TRUE
                                                                       AS arrived_early,
                     (x.shipped_at < x.ordered_at) IS TRUE             AS shipped_early,
                     (x.promised_at < x.ordered_at) IS TRUE            AS promised_early,
                     c.times,
                     CASE WHEN c.times > 0
                          THEN extract(epoch FROM x.delivered_at - x.ordered_at)
                               / 86400 * c.times END
                                                                       AS days
              FROM   kpi_settings AS s
                     CROSS JOIN @deliveries@ AS x
                     LEFT JOIN @known_orders@ AS o ON o.order_id = x.order_id
                     -- how often it counts, if it has arrived
                     CROSS JOIN LATERAL (
                         SELECT CASE WHEN x.delivered_at <= s.as_of AND isfinite(x.delivered_at)
                                     AND x.ordered_at <= s.as_of AND isfinite(x.ordered_at)
                                     THEN CASE WHEN o.seen > 0 THEN o.placed ELSE 1 END END
                                    AS times) AS c
              OFFSET 0) AS x) AS d      -- each expression is computed once
      CROSS JOIN LATERAL (VALUES
          @usual traps of d@,
          ('unknown_order',            d.unknown,        d.n, d.days, d.days_known),
          ('delivered_before_shipped', d.arrived_early,  d.n, d.days, d.days_arrived),
          ('shipped_before_ordered',   d.shipped_early,  d.n, d.days, d.days_shipped),
          ('promised_before_ordered',  d.promised_early, d.n, NULL,   NULL)
      ) AS t (trap, rows, of_rows, value, corrected)
