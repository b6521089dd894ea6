--@ view kpi_first_day | key day
-- The first day on which something happened in any source, NULL before there is any.
SELECT least(
       @first dates@,
       kpi.bucket('day', least(
           @first instants@), s.timezone)) AS day
FROM   kpi_settings AS s

--@ column day
-- the first day of any source
