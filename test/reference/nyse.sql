\ir setup.psql
\if :skip \quit \endif

CALL load('fundamentals', 'nyse_fundamentals/fundamentals.csv');
CALL load('security',     'nyse_fundamentals/securities.csv');

CREATE TABLE report AS
SELECT gics_sector AS sector, ticker_symbol AS ticker, period_ending::date AS period_end,
       total_revenue::numeric AS revenue, gross_profit::numeric, cost_of_revenue::numeric AS cogs,
       inventory::numeric AS closing, lag(inventory::numeric) OVER company AS opening,
       period_ending::date - lag(period_ending::date) OVER company AS days
FROM   fundamentals
JOIN   security USING (ticker_symbol)
WINDOW company AS (PARTITION BY ticker_symbol ORDER BY period_ending::date);

-- Fiscal years end on different days.  To be pooled they all count as the same year.
CREATE TABLE state AS
SELECT 'ticker_period' AS grain, ticker || '/' || period_end AS key, sector,
       make_turnover(cogs, opening, closing, '[2015-01-01 00:00Z, 2016-01-01 00:00Z)') AS turnover
FROM   report
WHERE  days BETWEEN 350 AND 380 AND opening > 0 AND closing > 0 AND cogs > 0;

INSERT INTO state SELECT 'sector', sector, sector, rollup(turnover) FROM state GROUP BY sector;
INSERT INTO state SELECT 'overall', 'all', NULL, rollup(turnover) FROM state WHERE grain = 'sector';

INSERT INTO answer
SELECT 'inventory_turnover', grain, key, value(turnover) FROM state
UNION ALL
SELECT 'days_inventory', grain, key, days_of_inventory(turnover) FROM state WHERE grain = 'sector'
UNION ALL
SELECT 'gross_margin', 'sector', sector, total(average(gross_profit)) / total(average(revenue)) FROM report GROUP BY sector;

SELECT compare('nyse');
ROLLBACK;
