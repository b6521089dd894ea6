\ir nyse.psql
\if :skip \quit \endif

-- The stock of a company in one of its years is counted at the beginning and at the end of it, and
-- in between everything is sold at cost.
CREATE SCHEMA stock;

CREATE VIEW stock.stock_levels AS
SELECT ticker_period AS sku, counted_at, 1 AS on_hand, value AS unit_cost, sector, ticker_period
FROM   stocked, LATERAL (VALUES (date '2015-01-01', opening),
                                (date '2015-12-31', closing)) AS count (counted_at, value);

CREATE VIEW stock.orders AS
SELECT ticker_period AS order_id, date '2015-07-01' AS ordered_at, cogs AS cost, sector,
       ticker_period
FROM   stocked;

SELECT FROM build('stock', 'UTC', 'USD', dimensions => '{sector,ticker_period}',
                  as_of => '2016-01-01 00:00Z');

-- The margin is that of all reports, with or without stock.
CREATE SCHEMA sales;

CREATE VIEW sales.orders AS
SELECT ticker_period AS order_id, date '2015-07-01' AS ordered_at, revenue AS net_sales,
       revenue - gross_profit AS cost, sector
FROM   report;

SELECT FROM build('sales', 'UTC', 'USD', dimensions => '{sector}', as_of => '2016-01-01 00:00Z');

INSERT INTO answer
SELECT 'inventory_turnover', 'ticker_period', ticker_period, inventory_turnover
FROM   stock.kpi_year_by_ticker_period WHERE complete
UNION ALL
SELECT 'inventory_turnover', 'sector', sector, inventory_turnover
FROM   stock.kpi_year_by_sector WHERE complete
UNION ALL
SELECT 'inventory_turnover', 'overall', 'all', inventory_turnover FROM stock.kpi_year WHERE complete
UNION ALL
SELECT 'days_inventory', 'sector', sector, days_of_inventory
FROM   stock.kpi_year_by_sector WHERE complete
UNION ALL
SELECT 'gross_margin', 'sector', sector, gross_margin FROM sales.kpi_year_by_sector WHERE complete;

SELECT compare('nyse', 'stock', 'sales');
ROLLBACK;
