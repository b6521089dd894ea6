-- Your own questions: what no view answers, the stored samples and the functions behind the views
-- do. All real here. Run by demo.sql after dashboard.sql.

-- Values know their samples. So months pool to a quarter, and to any group, exactly. The mean of
-- monthly figures, all that a system can give which keeps plain numbers, is off.

\warn 'kpi: asking questions ...'
\pset title 'A quarter from its months: pooled, from the orders themselves, wrongly averaged'
SELECT to_char(q.period, 'YYYY "Q"Q') || CASE WHEN q.complete THEN '' ELSE ' *' END AS "quarter",
       round(rollup(m.aov_sample), 2)                   AS "AOV £, pooled",
       round(q.aov, 2)                                  AS "£, from orders",
       rollup(m.aov_sample) = q.aov_sample              AS "same sample",
       round(avg(m.aov), 2)                             AS "£, averaged",
       round(100 * rollup(m.retention_rate_sample), 2)  AS "kept %, pooled",
       round((100 * avg(m.retention_rate))::numeric, 2) AS "%, averaged"
FROM   shop.kpi_quarter AS q JOIN monthly AS m ON bucket('quarter', m.period) = q.period
GROUP  BY q.period, q.complete, q.aov, q.aov_sample
ORDER  BY q.period;

\qecho 'rollup() of stored samples is the same as the orders give, to the last digit.'
\qecho

-- Is it more than chance? A rate can be compared with another.

\pset title 'Customers with a second order, by country'
SELECT country, sample_size(again) AS "customers", round(100 * again, 1) AS "ordered again %",
       percent(confidence_interval(again)) AS "95 % interval",
       round(p_value(again, first_value(again) OVER (ORDER BY sample_size(again) DESC))::numeric,
             3) AS "p, against the first"
FROM   (SELECT country, repeat_purchase_rate(customer_id) AS again
        FROM   shop.orders WHERE cancelled_at IS NULL GROUP BY country) AS c
WHERE  sample_size(again) >= 25
ORDER  BY sample_size(again) DESC;

\qecho 'p: the probability that chance alone sets two countries that are alike as far apart.'
\qecho

-- Who was there and is not any more? One stored value knows who ordered on which day.

\pset title 'Customers who ordered before September and not since'
SELECT country, sample_size(a) AS customers, sample_size(gone) AS gone,
       round(100.0 * sample_size(gone) / sample_size(a), 1) AS "%",
       array_to_string((ARRAY(SELECT customer_ids(gone)))[:5], ', ') || ' ...' AS "write to"
FROM   (SELECT country, activity(customer_id, bucket('day', ordered_at, 'Europe/London')) AS a
        FROM   shop.orders
        WHERE  cancelled_at IS NULL
        GROUP  BY country) AS o
       CROSS JOIN LATERAL not_in(during(a, NULL, '2011-09-01'),
                                 during(a, '2011-09-01', NULL)) AS gone
WHERE  sample_size(a) > 0
ORDER  BY 2 DESC
LIMIT  4;

\qecho

-- How fast do customers come back? A funnel of any events: here the first, second and third order
-- within 90 days, of those who had 90 days.

\pset title 'First, second and third order within 90 days, by the quarter of the first'
SELECT to_char(bucket('quarter', first_at, 'Europe/London'), 'YYYY "Q"Q') AS "first order",
       funnel(customer_id, ordered_at, n, 3, '90 days')            AS "customers/1st/2nd/3rd",
       round(100 * step_rate(funnel(customer_id, ordered_at, n, 3, '90 days'), 2), 1) AS "1 → 2 %",
       round(100 * step_rate(funnel(customer_id, ordered_at, n, 3, '90 days'), 3), 1) AS "2 → 3 %"
FROM   (SELECT customer_id, ordered_at, min(ordered_at) OVER customer AS first_at,
               row_number() OVER (customer ORDER BY ordered_at)::int AS n
        FROM   shop.orders
        WHERE  customer_id IS NOT NULL AND cancelled_at IS NULL
        WINDOW customer AS (PARTITION BY customer_id)) AS o
WHERE  first_at < timestamptz '2011-12-09 12:50' - interval '90 days'
GROUP  BY 1
ORDER  BY 1;

\qecho
