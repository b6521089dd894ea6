\ir superstore.psql
\if :skip \quit \endif

-- An order of several categories is an order in each of them.
CREATE SCHEMA by_category;

CREATE VIEW by_category.orders AS
SELECT order_id || ' ' || category AS order_id, order_date::date AS ordered_at, customer_id,
       category,
       sum(sales::numeric) AS net_sales, sum(sales::numeric - profit::numeric) AS cost
FROM   line
GROUP  BY order_id, order_date, customer_id, category;

SELECT FROM build('by_category', 'UTC', 'USD', dimensions => '{category}',
                  as_of => '2020-01-10 00:00Z');

-- The values of periods, and of all periods together.
INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'month' AS grain, to_char(period, 'YYYY-MM') AS key, orders, gross_sales, aov_sample,
               gross_profit, gross_margin
        FROM   shop.kpi_month WHERE complete
        UNION ALL
        SELECT 'year', to_char(period, 'YYYY'), orders, gross_sales, aov_sample, gross_profit,
               gross_margin
        FROM   shop.kpi_year WHERE complete
        UNION ALL
        SELECT 'overall', 'all', sum(orders), sum(gross_sales), rollup(aov_sample),
               sum(gross_profit), sum(gross_profit) / sum(gross_sales)
        FROM   shop.kpi_year
        UNION ALL
        SELECT 'region', region, sum(orders), sum(gross_sales), rollup(aov_sample),
               sum(gross_profit), sum(gross_profit) / sum(gross_sales)
        FROM   shop.kpi_year_by_region GROUP BY region
        UNION ALL
        SELECT 'category', category, sum(orders), sum(gross_sales), rollup(aov_sample),
               sum(gross_profit), sum(gross_profit) / sum(gross_sales)
        FROM   by_category.kpi_year_by_category GROUP BY category) AS state,
       LATERAL (VALUES ('orders',        orders),
                       ('gross_sales',   gross_sales),
                       ('aov',           value(aov_sample)),
                       ('profit',        gross_profit),
                       ('profit_margin', gross_margin::numeric)) AS kpi (kpi, answer);

INSERT INTO answer
SELECT 'customers', 'month', to_char(period, 'YYYY-MM'), customers
FROM   shop.kpi_month WHERE complete
UNION ALL
SELECT 'customers', 'year', to_char(period, 'YYYY'), customers FROM shop.kpi_year WHERE complete
UNION ALL
SELECT 'sales_growth_yoy', 'year', to_char(period, 'YYYY'), net_sales_growth_year
FROM   shop.kpi_year WHERE complete
UNION ALL
SELECT 'ship_days_mean', 'overall', 'all', days(value(rollup(shipping_days_sample)))
FROM   shop.kpi_year;

INSERT INTO answer
SELECT 'customers', 'overall', 'all', sample_size(rollup(customers))
FROM   shop.kpi_customers WHERE grain = 'day'
UNION ALL
SELECT 'customers', 'region', by_region, sample_size(rollup(customers))
FROM   shop.kpi_customers WHERE grain = 'day' GROUP BY by_region
UNION ALL
SELECT 'customers', 'category', by_category, sample_size(rollup(customers))
FROM   by_category.kpi_customers WHERE grain = 'day' GROUP BY by_category
UNION ALL
SELECT 'repeat_purchase_rate', 'overall', 'all', value(repeat_purchase_rate(rollup(customers)))
FROM   shop.kpi_customers WHERE grain = 'day';

SELECT compare('superstore', 'shop', 'by_category');
ROLLBACK;
