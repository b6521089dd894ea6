-- What demo/dashboard.sql reads, as it is when this is run.

\warn 'kpi: computing every indicator of every month ...'
CREATE MATERIALIZED VIEW monthly AS
SELECT to_char(period, 'YYYY-MM') || CASE WHEN complete THEN '' ELSE ' *' END AS month, *
FROM   shop.kpi_month;

COMMENT ON MATERIALIZED VIEW monthly IS
    'shop.kpi_month as it was last night. SIMULATED are the columns in simulated.indicator';

\warn 'kpi: computing values with their intervals ...'
CREATE MATERIALIZED VIEW recent_values AS
SELECT *
FROM   shop.kpi_values WHERE grain = 'month' AND period >= '2011-11-01' AND dimension IS NULL;
COMMENT ON MATERIALIZED VIEW recent_values IS
    'Indicators of the last two months as they were last night. SIMULATED are those in '
    'simulated.indicator';
