--@ view kpi_first_day | key day
-- The first day on which something happened in any source, NULL before there is any, and the last:
-- a day that begins at the instant the model is seen at is one of its days only if something
-- happened at that instant.
SELECT least(
       @first dates@,
       kpi.bucket('day', least(
           @first instants@), s.timezone)) AS day,
       CASE WHEN s.as_of > s.today::timestamp AT TIME ZONE s.timezone
                OR @something now@
            THEN s.today
            ELSE s.today - 1 END AS last_day
FROM   kpi_settings AS s

--@ column day
-- the first day of any source

--@ column last_day
-- the last day that the model tells of
