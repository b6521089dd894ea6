\ir online_retail.psql
\if :skip \quit \endif

-- The books also have bad debts, which are no cancellations.
CREATE SCHEMA books;

CREATE VIEW books.orders AS SELECT * FROM shop.orders;

CREATE VIEW books.returns AS
SELECT NULL AS order_id, invoiced_at AS returned_at, country, -quantity AS quantity,
       -amount AS refund
FROM   line
WHERE  NOT sells;

SELECT FROM build('books', 'Europe/London', 'GBP', dimensions => '{country}', since => '2010-12-01',
                  as_of => '2012-01-01 00:00Z');

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'month' AS grain, to_char(period, 'YYYY-MM') AS key, orders, gross_sales, refunds,
               aov_sample, units_per_order_sample, cancellation_rate_sample
        FROM   shop.kpi_month WHERE complete
        UNION ALL
        SELECT 'overall', 'all', sum(orders), sum(gross_sales), sum(refunds), rollup(aov_sample),
               rollup(units_per_order_sample), rollup(cancellation_rate_sample)
        FROM   shop.kpi_year
        UNION ALL
        SELECT 'country', country, sum(orders), sum(gross_sales), sum(refunds), rollup(aov_sample),
               rollup(units_per_order_sample), rollup(cancellation_rate_sample)
        FROM   shop.kpi_year_by_country GROUP BY country) AS state,
       LATERAL (VALUES ('orders',              orders),
                       ('gross_sales',         gross_sales),
                       ('return_value_rate',   refunds / gross_sales),
                       ('aov',                 value(aov_sample)),
                       ('units_per_order',     value(units_per_order_sample)),
                       ('cancel_invoice_rate', value(cancellation_rate_sample)::numeric))
       AS kpi (kpi, answer);

INSERT INTO answer
SELECT 'net_sales', 'month', to_char(period, 'YYYY-MM'), net_sales
FROM   books.kpi_month WHERE complete
UNION ALL
SELECT 'net_sales', 'overall', 'all', sum(net_sales) FROM books.kpi_year
UNION ALL
SELECT 'net_sales', 'country', country, sum(net_sales)
FROM   books.kpi_year_by_country GROUP BY country
UNION ALL
SELECT 'sales_growth_mom', 'month', to_char(period, 'YYYY-MM'),
       growth(gross_sales, lag(gross_sales) OVER (ORDER BY period))
FROM   shop.kpi_month WHERE complete;

-- Customers.
INSERT INTO answer
SELECT kpi, 'month', to_char(period, 'YYYY-MM'), answer
FROM   shop.kpi_month, LATERAL (VALUES ('customers',               customers),
                                       ('repeat_purchase_rate',    repeat_purchase_rate),
                                       ('customer_retention_rate', retention_rate))
       AS kpi (kpi, answer)
WHERE  complete
UNION ALL
SELECT 'customers', 'overall', 'all', sample_size(rollup(customers))
FROM   shop.kpi_customers WHERE grain = 'day'
UNION ALL
SELECT 'customers', 'country', by_country, sample_size(rollup(customers))
FROM   shop.kpi_customers WHERE grain = 'day' GROUP BY by_country
UNION ALL
SELECT 'repeat_purchase_rate', 'overall', 'all', value(repeat_purchase_rate(rollup(customers)))
FROM   shop.kpi_customers WHERE grain = 'day'
UNION ALL
SELECT 'cohort_retention', 'cohort', to_char(cohort, 'YYYY-MM') || to_char(periods_since, 'SG00'),
       retention_rate
FROM   shop.cohort_retention
WHERE  grain = 'month' AND complete;

SELECT compare('online_retail', 'shop');
ROLLBACK;
