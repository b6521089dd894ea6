\ir setup.psql
\if :skip \quit \endif

CALL load('fundamentals', 'nyse_fundamentals/fundamentals.csv');
CALL load('security',     'nyse_fundamentals/securities.csv');

CREATE TABLE report AS
SELECT gics_sector AS sector, ticker_symbol || '/' || period_ending::date AS ticker_period,
       total_revenue::numeric AS revenue, gross_profit::numeric, cost_of_revenue::numeric AS cogs,
       inventory::numeric AS closing, lag(inventory::numeric) OVER company AS opening,
       period_ending::date - lag(period_ending::date) OVER company AS days
FROM   fundamentals
JOIN   security USING (ticker_symbol)
WINDOW company AS (PARTITION BY ticker_symbol ORDER BY period_ending::date);

-- Fiscal years end on different days.  To be pooled they all count as the same year: the stock of a company in one of its years is
-- counted at the beginning and at the end of it, and in between everything is sold at cost.
CREATE SCHEMA stock;

CREATE VIEW stock.stock_levels AS
SELECT ticker_period AS sku, counted_at, 1 AS on_hand, value AS unit_cost, sector, ticker_period
FROM   report, LATERAL (VALUES (date '2015-01-01', opening), (date '2015-12-31', closing)) AS count (counted_at, value)
WHERE  days BETWEEN 350 AND 380 AND opening > 0 AND closing > 0 AND cogs > 0;

CREATE VIEW stock.orders AS
SELECT ticker_period AS order_id, date '2015-07-01' AS ordered_at, cogs AS cost, sector, ticker_period
FROM   report
WHERE  days BETWEEN 350 AND 380 AND opening > 0 AND closing > 0 AND cogs > 0;

SELECT FROM build('stock', 'UTC', 'USD', dimensions => '{sector,ticker_period}', as_of => '2016-01-01 00:00Z');

-- The margin is that of all reports, with or without stock.
CREATE SCHEMA sales;

CREATE VIEW sales.orders AS
SELECT ticker_period AS order_id, date '2015-07-01' AS ordered_at, revenue AS net_sales, revenue - gross_profit AS cost, sector FROM report;

SELECT FROM build('sales', 'UTC', 'USD', dimensions => '{sector}', as_of => '2016-01-01 00:00Z');

INSERT INTO answer
SELECT 'inventory_turnover', 'ticker_period', ticker_period, inventory_turnover FROM stock.kpi_year_by_ticker_period WHERE complete
UNION ALL
SELECT 'inventory_turnover', 'sector', sector, inventory_turnover FROM stock.kpi_year_by_sector WHERE complete
UNION ALL
SELECT 'inventory_turnover', 'overall', 'all', inventory_turnover FROM stock.kpi_year WHERE complete
UNION ALL
SELECT 'days_inventory', 'sector', sector, days_of_inventory FROM stock.kpi_year_by_sector WHERE complete
UNION ALL
SELECT 'gross_margin', 'sector', sector, gross_margin FROM sales.kpi_year_by_sector WHERE complete;

SELECT compare('nyse', 'stock', 'sales');
ROLLBACK;
