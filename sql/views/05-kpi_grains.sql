--@ view kpi_grains
-- The grains of the model, by name as bucket() knows it, how long a period of each is, and how far
-- back the same period of last year lies: of days and weeks the one with the same weekdays.
SELECT g.*
FROM   kpi_settings AS s
       CROSS JOIN LATERAL (VALUES ('day',     'day',     interval '1 day',    interval '364 days'),
                                  ('week',    s.week,    interval '7 days',   interval '364 days'),
                                  ('month',   'month',   interval '1 month',  interval '1 year'),
                                  ('quarter', s.quarter, interval '3 months', interval '1 year'),
                                  ('year',    s.year,    interval '1 year',   interval '1 year')
                          ) AS g (grain, name, step, year)

--@ column name
-- the grain as bucket() knows it

--@ column step
-- how long a period is

--@ column year
-- how far back the same period of last year lies
