\ir olist_shop.psql
\if :skip \quit \endif

-- The same where a canceled order is no sale, and arriving on the promised day is on time.
CREATE SCHEMA strict;

CREATE VIEW strict.orders AS
SELECT *, CASE WHEN status = 'canceled' THEN ordered_at END AS cancelled_at FROM shop.orders;
CREATE VIEW strict.deliveries AS SELECT * FROM shop.deliveries;

SELECT FROM build('strict', 'UTC', 'BRL', dimensions => '{state}', on_time_by => 'date',
                  as_of => '2019-01-01 00:00Z');

-- The values of periods, and of all periods together.
INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'month' AS grain, to_char(period, 'YYYY-MM') AS key, orders, gross_sales, aov_sample,
               csat_sample, csat_mean_sample
        FROM   shop.kpi_month
        UNION ALL
        SELECT 'state', state, sum(orders), sum(gross_sales), rollup(aov_sample),
               rollup(csat_sample), rollup(csat_mean_sample)
        FROM   shop.kpi_year_by_state GROUP BY state
        UNION ALL
        SELECT 'overall', 'all', sum(orders), sum(gross_sales), rollup(aov_sample),
               rollup(csat_sample), rollup(csat_mean_sample)
        FROM   shop.kpi_year) AS state,
       -- a month without orders has no reference value
       LATERAL (VALUES ('orders',    nullif(orders, 0)),
                       ('payments',  nullif(gross_sales, 0)),
                       ('aov',       value(aov_sample)),
                       ('csat_top2', value(csat_sample)::numeric),
                       ('csat_mean', value(csat_mean_sample))) AS kpi (kpi, answer)
UNION ALL
SELECT 'orders_by_status', 'status', status, sum(orders)
FROM   shop.kpi_year_by_status GROUP BY status
UNION ALL
SELECT 'review_score_count', 'score', score, sum(sample_size(csat_sample))
FROM   shop.kpi_year_by_score GROUP BY score
UNION ALL
SELECT 'repeat_purchase_rate', 'overall', 'all', value(repeat_purchase_rate(rollup(customers)))
FROM   shop.kpi_customers WHERE grain = 'day';

INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   (SELECT 'month' AS grain, to_char(period, 'YYYY-MM') AS key,
               on_time_delivery_rate_sample AS on_time, fulfilment_days, fulfilment_days_median,
               fulfilment_days_p90, fulfilment_days_sample AS took
        FROM   shop.kpi_month
        UNION ALL
        SELECT 'state', state, rollup(on_time_delivery_rate_sample),
               days(value(rollup(fulfilment_days_sample))),
               days(median(rollup(fulfilment_days_sample))),
               days(percentile(rollup(fulfilment_days_sample), 0.9)),
               rollup(fulfilment_days_sample)
        FROM   shop.kpi_year_by_state GROUP BY state
        UNION ALL
        SELECT 'overall', 'all', rollup(on_time_delivery_rate_sample),
               days(value(rollup(fulfilment_days_sample))),
               days(median(rollup(fulfilment_days_sample))),
               days(percentile(rollup(fulfilment_days_sample), 0.9)),
               rollup(fulfilment_days_sample)
        FROM   shop.kpi_year) AS state,
       LATERAL (VALUES ('on_time_rate_timestamp', value(on_time),          1e-9),
                       ('fulfilment_days_mean',   fulfilment_days,         1e-9),
                       ('fulfilment_days_median', fulfilment_days_median,  within(took)),
                       ('fulfilment_days_p90',    fulfilment_days_p90,     within(took)))
       AS kpi (kpi, answer, tolerance)
UNION ALL
SELECT kpi, grain, key, answer, 1e-9
FROM   (SELECT 'month' AS grain, to_char(period, 'YYYY-MM') AS key,
               on_time_delivery_rate AS on_time, cancellation_rate AS cancelled
        FROM   strict.kpi_month
        UNION ALL
        SELECT 'state', state, value(rollup(on_time_delivery_rate_sample)),
               value(rollup(cancellation_rate_sample))
        FROM   strict.kpi_year_by_state GROUP BY state
        UNION ALL
        SELECT 'overall', 'all', value(rollup(on_time_delivery_rate_sample)),
               value(rollup(cancellation_rate_sample))
        FROM   strict.kpi_year) AS state,
       LATERAL (VALUES ('on_time_rate_date', on_time),
                       ('cancel_rate',       cancelled)) AS kpi (kpi, answer);

SELECT compare('olist_sample', 'shop', 'strict');
ROLLBACK;
