-- The projects of each day on which they were due, once that day is over: on time is what was done by then, all others are late,
-- whether done later or not at all. What was cancelled before it was due was not due.
--@ source projects
--@ key day, dimensions
SELECT x.due_on                                                               AS day,
       on_time_rate(coalesce(x.done_on <= x.due_on, false))                   AS on_time,
       count(*) FILTER (WHERE x.done_on <= s.today IS NOT TRUE AND x.cancelled_on <= s.today IS NOT TRUE) AS overdue
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @projects@ AS x
WHERE  x.due_on < s.today AND x.due_on > '-infinity'
AND    x.cancelled_on <= x.due_on IS NOT TRUE
GROUP  BY x.due_on @dimensions@
