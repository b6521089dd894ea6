--@ source projects
-- what was to be done, and by when
position      13
rows          projects
key           project_id
time          due_on
done          done_on, cancelled_on
past          done_on
ages          x.done_on IS NULL OR x.done_on > s.today
duplicates    on_time_project_rate

--@ columns
project_id    key, required     number of the project; one row each
due_on        date, required    when it is due, as first agreed: the day it counts on
done_on       date              when it was completed; NULL if not yet
cancelled_on  date              when it was called off; NULL if it was not
owner         text              who is responsible

--@ view kpi_daily_projects | key day, dimensions
-- The projects of each day on which they were due, once that day is over: on time is what was done
-- by then, all others are late, whether done later or not at all. What was cancelled before it was
-- due was not due. How late it is grows while a project is open, and is not told of what was
-- cancelled.
SELECT x.due_on                                                    AS day,
       kpi.on_time_rate(coalesce(x.done_on <= x.due_on, false))    AS on_time,
       count(*) FILTER (WHERE x.done_on <= s.today IS NOT TRUE
                        AND x.cancelled_on <= s.today IS NOT TRUE) AS overdue,
       kpi.duration((x.done_on - x.due_on)::float8 * interval '1 day')
           FILTER (WHERE @happened x.done_on@)                     AS slip,
       kpi.duration((least(x.done_on, s.today) - x.due_on)::float8 * interval '1 day')
           FILTER (WHERE x.done_on <= x.due_on IS NOT TRUE
                   AND (x.done_on <= s.today
                        OR x.cancelled_on <= s.today IS NOT TRUE)) AS late
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @projects@ AS x
WHERE  x.due_on < s.today AND x.due_on > '-infinity'
AND    x.cancelled_on <= x.due_on IS NOT TRUE
GROUP  BY x.due_on @dimensions@

--@ indicator on_time_project_rate | team | share | up | main
-- Of the projects that were due, those done by then; late is also what is not done.
name       On-time project completion / 项目按时完成率
needs      projects.done_on
value      value(projects.on_time)
sample     projects.on_time

--@ indicator overdue_projects | team | count | down
-- Projects that were due in the period and are not done by now.
name       Overdue projects / 逾期项目数
needs      projects.done_on
value      coalesce(projects.overdue, 0)

--@ indicator project_days_late | team | days | down
-- Days by which projects were done after they were due, or by which they are overdue by now, mean
-- of those that are late.
name       Days late / 项目逾期天数
needs      projects.done_on
value      extract(epoch FROM value(projects.late)) / 86400::numeric
sample     projects.late

--@ indicator project_slip_days | team | days | down
-- Days from the day on which projects were due to that on which they were done, mean of those that
-- are; less than nothing if they were early.
name       Project slip / 项目进度偏差天数
needs      projects.done_on
value      extract(epoch FROM value(projects.slip)) / 86400::numeric
sample     projects.slip

--@ indicator project_slip_days_median | team | days | down
-- Days from the day on which projects were due to that on which they were done, median of those
-- that are.
name       Project slip, median / 项目进度偏差天数中位数
needs      projects.done_on
value      extract(epoch FROM percentile(projects.slip, 0.5::float8)) / 86400::numeric
sample     projects.slip

--@ trap done_and_cancelled | doubtful
-- a project was both done and called off
needs      projects.done_on, projects.cancelled_on
advice     CASE WHEN done_on IS NULL THEN cancelled_on END AS cancelled_on
query      SELECT * FROM @schema@.projects WHERE done_on IS NOT NULL AND cancelled_on IS NOT NULL

--@ check
-- Projects.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.done_on IS NOT NULL AND x.cancelled_on IS NOT NULL)
                                                             AS done_and_cancelled,
              kpi.value(kpi.rate(x.on_time))                         AS on_time,
              kpi.value(kpi.rate(x.on_time) FILTER (WHERE NOT x.extra)) AS on_time_once
       FROM  (SELECT x.*, @usual flags@,
                     CASE WHEN x.due_on < s.today AND x.due_on > '-infinity'
                          AND x.cancelled_on <= x.due_on IS NOT TRUE
                          THEN coalesce(x.done_on <= x.due_on, false) END AS on_time,
                     x.project_id IS NOT NULL
                     AND row_number() OVER (PARTITION BY x.project_id
                                            ORDER BY x.due_on, x.done_on) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @projects@ AS x) AS x) AS p
      CROSS JOIN LATERAL (VALUES
          @usual traps of p@,
          ('duplicates',         p.duplicates,         p.n, p.on_time, p.on_time_once),
          ('done_and_cancelled', p.done_and_cancelled, p.n, NULL,      NULL)
      ) AS t (trap, rows, of_rows, value, corrected)
