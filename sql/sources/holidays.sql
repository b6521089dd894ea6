--@ source holidays
-- days on which nobody works, or at other hours than those of the model
position      20
rows          holidays

--@ columns
held_on  date, required  the day; one row each
hours    text            when there is work nevertheless, such as 10:00-13:00, or 9:00-12:00
                         13:00-15:00; NULL, or absent, if not at all

--@ trap missing_day | wrong
-- held_on is NULL or infinite: such holidays are none
needs      holidays.held_on
advice     give them their day, or leave them out
query      SELECT * FROM @schema@.holidays WHERE NOT coalesce(isfinite(held_on), false)

--@ trap duplicates | doubtful
-- a day that is there again: nobody works if one of them says so, or at the hours that come first
needs      holidays.held_on
advice     SELECT DISTINCT ON (held_on) * FROM ... ORDER BY held_on, <version> DESC NULLS LAST
query      SELECT held_on, count(*) FROM @schema@.holidays GROUP BY held_on HAVING count(*) > 1

--@ trap unreadable_hours | fails
-- hours are not spans of time from hour:minute to hour:minute, one after the other
needs      holidays.hours
advice     write 10:00-13:00, or 9:00-12:00 13:00-15:00; NULL for a day on which nobody works
query      SELECT * FROM @schema@.holidays WHERE NOT kpi.check_hours(hours)

--@ trap holidays_by_clock | note
-- the model has no working hours, so its times are by the clock, and holidays count as other days
needs      holidays.held_on
advice     SELECT * FROM kpi.build(..., business_hours => 'Mon-Fri 9:00-18:00')

--@ check
-- Holidays.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE isfinite(x.held_on) IS NOT TRUE) AS missing_day,
              count(*) FILTER (WHERE x.extra)                         AS duplicates,
              count(*) FILTER (WHERE x.unreadable)                    AS unreadable_hours,
              count(*) FILTER (WHERE x.by_clock)                      AS by_clock
       FROM  (SELECT x.held_on,
                     s.business_hours IS NULL                         AS by_clock,
                     NOT kpi.check_hours(x.hours)                     AS unreadable,
                     x.held_on IS NOT NULL
                     AND row_number() OVER (PARTITION BY x.held_on) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @holidays@ AS x) AS x) AS h
      CROSS JOIN LATERAL (VALUES
          ('missing_day',       h.missing_day,      h.n, NULL::float8, NULL::float8),
          ('duplicates',        h.duplicates,       h.n, NULL,         NULL),
          ('unreadable_hours',  h.unreadable_hours, h.n, NULL,         NULL),
          ('holidays_by_clock', h.by_clock,         h.n, NULL,         NULL)
      ) AS t (trap, rows, of_rows, value, corrected)
