--@ source deliveries
-- what was sent, and when it arrived
position      5
rows          deliveries
time          ordered_at
done          shipped_at, delivered_at
past          ordered_at, shipped_at, delivered_at
belongs_to    orders

--@ columns
order_id      key, required     the order it belongs to; one row per order, or per parcel to measure
                                parcels
ordered_at    instant, required when it was ordered: the day it counts on
shipped_at    instant           when it left; NULL if it has not
delivered_at  instant           when the customer received it; NULL if not yet
promised_at   instant           when it was promised to arrive; of the order if absent, NULL if
                                nothing was promised

--@ view kpi_daily_deliveries | key day, dimensions
-- The deliveries of each day on which they were ordered. One that has not arrived counts with its
-- age so far, and is late once its promise has passed; of a cancelled order only what arrived
-- counts, of a test nothing.
SELECT kpi.bucket('day', x.ordered_at, s.timezone)                                   AS day,
       kpi.duration(x.ordered_at, x.delivered_at)                                    AS delivered,
       kpi.duration(x.ordered_at, s.as_of)     FILTER (WHERE x.delivered_at IS NULL) AS undelivered,
       kpi.duration(x.ordered_at, x.shipped_at)                                      AS shipped,
       kpi.duration(x.ordered_at, s.as_of)
           FILTER (WHERE x.shipped_at IS NULL AND x.delivered_at IS NULL)            AS unshipped,
       kpi.on_time_rate(coalesce(CASE s.on_time_by
                             WHEN 'date' THEN kpi.bucket('day', x.delivered_at, s.timezone)
                                              <= kpi.bucket('day', x.promised_at, s.timezone)
                             ELSE x.delivered_at <= x.promised_at END, false))
           FILTER (WHERE x.promised_at IS NOT NULL
                   AND   (x.delivered_at IS NOT NULL
                          OR CASE s.on_time_by
                             WHEN 'date' THEN kpi.bucket('day', x.promised_at, s.timezone) < s.today
                             ELSE x.promised_at < s.as_of END))                      AS on_time
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN LATERAL
       (SELECT x.ordered_at,
               CASE WHEN x.shipped_at <= s.as_of AND x.shipped_at > '-infinity'
                    THEN x.shipped_at END AS shipped_at,
               CASE WHEN x.delivered_at <= s.as_of AND x.delivered_at > '-infinity'
                    THEN x.delivered_at END AS delivered_at,
               coalesce(x.promised_at, o.promised_at)                      AS promised_at
               @joined dimensions@
        FROM   @deliveries@ AS x LEFT JOIN kpi_orders AS o ON o.order_id = x.order_id
        WHERE  x.ordered_at <= s.as_of AND x.ordered_at > '-infinity'
        AND    o.placed IS NOT FALSE AND (x.delivered_at <= s.as_of OR o.sold IS NOT FALSE)) AS x
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

--@ indicator fulfilment_days | operations | days | down
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

--@ indicator on_time_delivery_rate | operations | share | up
-- Of the deliveries with a promise, those that arrived by then; late is also what has not arrived
-- though promised.
name       On-time delivery rate / 准时交付率
needs      deliveries.delivered_at, deliveries.promised_at|orders.promised_at
value      value(deliveries.on_time)
sample     deliveries.on_time

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
