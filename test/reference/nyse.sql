\ir nyse.psql
\if :skip \quit \endif

CREATE TABLE state AS
SELECT 'ticker_period' AS grain, ticker_period AS key, sector,
       make_turnover(cogs, opening, closing, '[2015-01-01 00:00Z, 2016-01-01 00:00Z)') AS turnover
FROM   stocked;

INSERT INTO state SELECT 'sector', sector, sector, rollup(turnover) FROM state GROUP BY sector;
INSERT INTO state SELECT 'overall', 'all', NULL, rollup(turnover) FROM state WHERE grain = 'sector';

INSERT INTO answer
SELECT 'inventory_turnover', grain, key, value(turnover) FROM state
UNION ALL
SELECT 'days_inventory', grain, key, days_of_inventory(turnover) FROM state WHERE grain = 'sector'
UNION ALL
SELECT 'gross_margin', 'sector', sector, total(average(gross_profit)) / total(average(revenue))
FROM   report GROUP BY sector;

SELECT compare('nyse');
ROLLBACK;
