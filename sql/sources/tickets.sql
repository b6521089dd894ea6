--@ source tickets
-- what customers and employees asked for, and when they were helped
position      11
rows          tickets
key           ticket_id
time          opened_at
done          first_reply_at, resolved_at
past          opened_at, first_reply_at, resolved_at
duplicates    tickets

--@ columns
ticket_id       key, required     number of the request; one row each
opened_at       instant, required when it was made: the day it counts on
first_reply_at  instant           when a human first answered; NULL if not yet
resolved_at     instant           when it was solved; NULL if not yet
desk            text              support, or internal for requests between employees; support if
                                  absent or NULL

--@ view kpi_daily_tickets | key day, dimensions
-- The tickets of each day on which they were opened, by the clock or in the business hours of the
-- model. One that waits counts with its age so far, one that was solved without a reply as
-- unanswered, with its age when it was solved.
SELECT x.day,
       count(*) FILTER (WHERE NOT x.internal) AS tickets,
       kpi.duration(x.reply) FILTER (WHERE NOT x.internal AND x.replied) AS replied,
       kpi.duration(x.reply) FILTER (WHERE NOT x.internal AND NOT x.replied) AS waiting,
       kpi.duration(x.resolution) FILTER (WHERE NOT x.internal AND x.resolved) AS resolved,
       kpi.duration(x.resolution) FILTER (WHERE NOT x.internal AND NOT x.resolved) AS unresolved,
       count(*) FILTER (WHERE x.internal) AS internal_tickets,
       kpi.duration(x.reply) FILTER (WHERE x.internal AND x.replied) AS internal_replied,
       kpi.duration(x.reply) FILTER (WHERE x.internal AND NOT x.replied) AS internal_waiting
       @dimensions@
FROM   (SELECT kpi.bucket('day', x.opened_at, s.timezone) AS day
               @dimensions@,
               coalesce(lower(x.desk) = 'internal', false)  AS internal,
               x.first_reply_at IS NOT NULL                 AS replied,
               x.resolved_at IS NOT NULL                    AS resolved,
               CASE WHEN s.business_hours IS NULL
                    THEN coalesce(x.first_reply_at, x.resolved_at, s.as_of) - x.opened_at
                    ELSE kpi.business_time(x.opened_at,
                                       coalesce(x.first_reply_at, x.resolved_at, s.as_of),
                                       s.business_hours, s.timezone,
                                       NULL::tstzmultirange, NULL::text) END AS reply,
               CASE WHEN s.business_hours IS NULL
                    THEN coalesce(x.resolved_at, s.as_of) - x.opened_at
                    ELSE kpi.business_time(x.opened_at, coalesce(x.resolved_at, s.as_of),
                                       s.business_hours, s.timezone,
                                       NULL::tstzmultirange, NULL::text) END AS resolution
        FROM   kpi_settings AS s CROSS JOIN LATERAL
               (SELECT x.opened_at, x.desk,
                       CASE WHEN x.first_reply_at <= s.as_of AND x.first_reply_at > '-infinity'
                            THEN x.first_reply_at END AS first_reply_at,
                       CASE WHEN x.resolved_at <= s.as_of AND x.resolved_at > '-infinity'
                            THEN x.resolved_at END AS resolved_at
                       @dimensions@
                FROM   @tickets@ AS x
                WHERE  x.opened_at <= s.as_of AND x.opened_at > '-infinity') AS x) AS x
GROUP  BY x.day @dimensions@

--@ indicator tickets | operations | count
-- Requests of customers.
name       Support tickets / 客服工单数
needs      tickets.ticket_id
value      coalesce(tickets.tickets, 0)

--@ indicator first_response_hours | operations | hours | down
-- Hours until requests of customers are first answered, mean of those that are.
name       First-response time / 首次响应时间
needs      tickets.first_reply_at
value      extract(epoch FROM value(tickets.replied)) / 3600::numeric
sample     tickets.replied

--@ indicator first_response_hours_median | operations | hours | down
-- Hours after which half of the requests of customers are answered; those that wait count with
-- their age so far (Kaplan-Meier); NULL while it cannot be told.
name       First-response time, median / 首次响应时间中位数
needs      tickets.first_reply_at
value      extract(epoch FROM percentile(tickets.replied, tickets.waiting, 0.5::float8))
           / 3600::numeric
sample     tickets.replied

--@ indicator first_response_hours_p90 | operations | hours | down
-- Hours after which nine of ten requests of customers are answered; those that wait count with
-- their age so far (Kaplan-Meier); NULL while it cannot be told.
name       First-response time, 90th percentile / 首次响应时间90分位
needs      tickets.first_reply_at
value      extract(epoch FROM percentile(tickets.replied, tickets.waiting, 0.9::float8))
           / 3600::numeric
sample     tickets.replied

--@ indicator unanswered_tickets | operations | count | down
-- Requests of customers made in the period that have had no answer by now.
name       Unanswered tickets / 未响应工单数
needs      tickets.first_reply_at
value      coalesce(sample_size(tickets.waiting), 0)
sample     tickets.waiting

--@ indicator resolution_hours | operations | hours | down
-- Hours until requests of customers are solved, mean of those that are.
name       Resolution time / 解决时间
needs      tickets.resolved_at
value      extract(epoch FROM value(tickets.resolved)) / 3600::numeric
sample     tickets.resolved

--@ indicator resolution_hours_median | operations | hours | down
-- Hours after which half of the requests of customers are solved; those that are open count with
-- their age so far (Kaplan-Meier); NULL while it cannot be told.
name       Resolution time, median / 解决时间中位数
needs      tickets.resolved_at
value      extract(epoch FROM percentile(tickets.resolved, tickets.unresolved, 0.5::float8))
           / 3600::numeric
sample     tickets.resolved

--@ indicator resolution_hours_p90 | operations | hours | down
-- Hours after which nine of ten requests of customers are solved; those that are open count with
-- their age so far (Kaplan-Meier); NULL while it cannot be told.
name       Resolution time, 90th percentile / 解决时间90分位
needs      tickets.resolved_at
value      extract(epoch FROM percentile(tickets.resolved, tickets.unresolved, 0.9::float8))
           / 3600::numeric
sample     tickets.resolved

--@ indicator unresolved_tickets | operations | count | down
-- Requests of customers made in the period that are not solved by now.
name       Unresolved tickets / 未解决工单数
needs      tickets.resolved_at
value      coalesce(sample_size(tickets.unresolved), 0)
sample     tickets.unresolved

--@ indicator internal_response_hours | team | hours | down | after communication_mean
-- Hours until requests between employees are first answered, mean of those that are.
name       Internal response time / 内部响应时间
needs      tickets.first_reply_at
value      extract(epoch FROM value(tickets.internal_replied)) / 3600::numeric
sample     tickets.internal_replied

--@ indicator internal_response_hours_median | team | hours | down
-- Hours after which half of the requests between employees are answered; those that wait count
-- with their age so far (Kaplan-Meier); NULL while it cannot be told.
name       Internal response time, median / 内部响应时间中位数
needs      tickets.first_reply_at
value      extract(epoch FROM percentile(tickets.internal_replied, tickets.internal_waiting,
                                         0.5::float8))
           / 3600::numeric
sample     tickets.internal_replied

--@ indicator internal_response_hours_p90 | team | hours | down
-- Hours after which nine of ten requests between employees are answered; those that wait count
-- with their age so far (Kaplan-Meier); NULL while it cannot be told.
name       Internal response time, 90th percentile / 内部响应时间90分位
needs      tickets.first_reply_at
value      extract(epoch FROM percentile(tickets.internal_replied, tickets.internal_waiting,
                                         0.9::float8))
           / 3600::numeric
sample     tickets.internal_replied

--@ trap answered_before_opened | wrong | moves first_response_hours
-- answered or solved before it was opened: a clock or a time zone is wrong
needs      tickets.first_reply_at|tickets.resolved_at
advice     the same time zone for all columns

--@ trap unknown_desk | doubtful | moves tickets
-- a desk that is neither support nor internal counts as support
needs      tickets.desk
advice     CASE desk WHEN 'IT' THEN 'internal' ELSE 'support' END AS desk
query      SELECT * FROM @schema@.tickets WHERE lower(desk) NOT IN ('support', 'internal')

--@ check
-- Tickets.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.seen AND NOT x.internal)          AS tickets,
              count(*) FILTER (WHERE x.seen AND NOT x.internal AND NOT x.extra) AS tickets_once,
              count(*) FILTER (WHERE x.early)                            AS early,
              count(*) FILTER (WHERE x.unknown_desk)                     AS unknown_desk,
              count(*) FILTER (WHERE x.seen AND NOT x.internal AND NOT x.unknown_desk)
                                                                         AS tickets_known,
              avg(x.hours) FILTER (WHERE NOT x.internal)                 AS hours,
              avg(x.hours) FILTER (WHERE NOT x.internal AND NOT x.early) AS hours_good
       FROM  (SELECT x.ticket_id, x.opened_at, @usual flags@, a.seen,
                     coalesce(lower(x.desk) = 'internal', false)                   AS internal,
                     coalesce(lower(x.desk) NOT IN ('support', 'internal'), false) AS unknown_desk,
                     (x.first_reply_at < x.opened_at
                      OR x.resolved_at < x.opened_at) IS TRUE AS early,
                     -- as first_response_hours has them: of those that are answered by now
                     CASE WHEN a.seen AND x.first_reply_at <= s.as_of
                          AND x.first_reply_at > '-infinity'
                          THEN extract(epoch FROM
                                   CASE WHEN s.business_hours IS NULL
                                        THEN x.first_reply_at - x.opened_at
                                        ELSE kpi.business_time(x.opened_at, x.first_reply_at,
                                                           s.business_hours, s.timezone,
                                       NULL::tstzmultirange, NULL::text) END)
                               / 3600 END
                                                                                   AS hours,
                     x.ticket_id IS NOT NULL
                     AND row_number() OVER (PARTITION BY x.ticket_id
                                            ORDER BY x.opened_at, x.first_reply_at,
                                                     x.resolved_at) > 1
                                                                                   AS extra
              FROM   kpi_settings AS s
                     CROSS JOIN @tickets@ AS x
                     CROSS JOIN LATERAL (
                         SELECT (x.opened_at <= s.as_of
                                 AND x.opened_at > '-infinity') IS TRUE AS seen) AS a
             ) AS x) AS k
      CROSS JOIN LATERAL (VALUES
          @usual traps of k@,
          ('duplicates',             k.duplicates,   k.n, k.tickets, k.tickets_once),
          ('answered_before_opened', k.early,        k.n, k.hours,   k.hours_good),
          ('unknown_desk',           k.unknown_desk, k.n, k.tickets, k.tickets_known)
      ) AS t (trap, rows, of_rows, value, corrected)
