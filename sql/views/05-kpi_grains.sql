--@ view kpi_grains
-- The grains of the model, by name as bucket() knows it.
SELECT g.*
FROM   kpi_settings AS s
       CROSS JOIN (VALUES @grains@) AS g (grain, name, people)

--@ column name
-- the grain as bucket() knows it

--@ column people
-- the grain by which kpi_customers and kpi_visitors keep who was there in its periods
