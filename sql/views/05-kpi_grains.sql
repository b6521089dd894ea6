--@ view kpi_grains
-- The grains of the model, by name as bucket() knows it.
SELECT g.*
FROM   kpi_settings AS s
       CROSS JOIN LATERAL (VALUES ('day', 'day'), ('week', s.week), ('month', 'month'),
                                  ('quarter', s.quarter), ('year', s.year)) AS g (grain, name)

--@ column name
-- the grain as bucket() knows it
