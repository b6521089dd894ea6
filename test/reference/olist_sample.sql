\ir olist_sample.psql
\if :skip \quit \endif

-- Orders.
CREATE TABLE order_state AS
SELECT grain, key,
       aov(paid),
       rate(order_status = 'canceled')            AS canceled,
       on_time_rate(delivered <= estimated)       AS on_time,
       on_time_rate(delivered::date <= estimated) AS on_day,
       duration(purchased, delivered)             AS fulfilment
FROM   orders
JOIN   customer USING (customer_id)
JOIN   paid USING (order_id),
       LATERAL (VALUES (order_purchase_timestamp::timestamp,
                        order_delivered_customer_date::timestamp,
                        order_estimated_delivery_date::timestamp))
       AS at (purchased, delivered, estimated),
       LATERAL (VALUES ('month',  to_char(bucket('month', purchased), 'YYYY-MM')),
                       ('state',  customer_state),
                       ('status', order_status)) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO order_state
SELECT 'overall', 'all', rollup(aov), rollup(canceled), rollup(on_time), rollup(on_day),
       rollup(fulfilment)
FROM   order_state
WHERE  grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   order_state,
       LATERAL (VALUES ('orders',                 sample_size(aov),                   1e-9),
                       ('payments',               total(aov),                         1e-9),
                       ('aov',                    value(aov),                         1e-9),
                       ('cancel_rate',            value(canceled),                    1e-9),
                       ('on_time_rate_timestamp', value(on_time),                     1e-9),
                       ('on_time_rate_date',      value(on_day),                      1e-9),
                       ('fulfilment_days_mean',   days(value(fulfilment)),            1e-9),
                       ('fulfilment_days_median', days(median(fulfilment)), within(fulfilment)),
                       ('fulfilment_days_p90',    days(percentile(fulfilment, 0.9)),
                        within(fulfilment)))
       AS kpi (kpi, answer, tolerance)
WHERE  grain <> 'status'
UNION ALL
SELECT 'orders_by_status', grain, key, sample_size(aov), 1e-9
FROM   order_state WHERE grain = 'status';

-- Reviews.
CREATE TABLE review_state AS
SELECT grain, key, csat(review_score::int)
FROM   review
JOIN   orders USING (order_id)
JOIN   customer USING (customer_id),
       LATERAL (VALUES ('month',
                        to_char(bucket('month', review_creation_date::timestamp), 'YYYY-MM')),
                       ('state', customer_state)) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO review_state
SELECT 'overall', 'all', rollup(csat)
FROM   review_state WHERE grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   review_state, LATERAL (VALUES ('csat_mean', mean(csat)),
                                     ('csat_top2', value(csat))) AS kpi (kpi, answer)
UNION ALL
SELECT 'review_score_count', 'score', score::text, n
FROM   review_state, unnest(counts(csat)) WITH ORDINALITY AS counts (n, score)
WHERE  grain = 'overall';

-- Customers.
INSERT INTO answer (way, kpi, grain, key, value)
SELECT way, 'repeat_purchase_rate', 'overall', 'all', answer
FROM   (SELECT repeat_purchase_rate(customer_unique_id),
               activity(customer_unique_id, order_purchase_timestamp::date)
        FROM   orders
        JOIN   customer USING (customer_id)) AS overall,
       LATERAL (VALUES ('in one step',      value(repeat_purchase_rate)),
                       ('from an activity', value(activity))) AS way (way, answer);

SELECT compare('olist_sample');
ROLLBACK;
