--@ source tickets
-- what customers and employees asked for, and when they were helped
position      12
rows          tickets
key           ticket_id
time          opened_at
done          first_reply_at, resolved_at
past          opened_at, first_reply_at, resolved_at
ages          x.resolved_at IS NULL OR x.resolved_at > s.as_of
duplicates    tickets

--@ columns
ticket_id       key, required     number of the request; one row each
opened_at       instant, required when it was made: the day it counts on
first_reply_at  instant           when a human first answered; NULL if not yet
resolved_at     instant           when it was solved; NULL if not yet
desk            text              support, or internal for requests between employees; support if
                                  absent or NULL
paused          spans             when it was on hold, as while the customer is waited for: no time
                                  passes then; NULL if never
reply_due_at    instant           by when it was promised to be answered; NULL without a promise
resolve_due_at  instant           by when it was promised to be solved; NULL without a promise
reopened        times             how often it was opened again after it had been solved; never if
                                  absent or NULL

--@ view kpi_daily_tickets | key day, dimensions
-- The tickets of each day on which they were opened, by the clock or in the business hours of the
-- model, without its holidays, and without the time on hold. One that waits counts with its age so
-- far, one that was solved without a reply as unanswered, with its age when it was solved. A
-- promise is kept by what was done when it was due, and broken once that is over; before, and where
-- a ticket was solved in time without the reply, it is neither.
SELECT x.day,
       count(*) FILTER (WHERE NOT x.internal) AS tickets,
       kpi.duration(x.reply) FILTER (WHERE NOT x.internal AND x.replied) AS replied,
       kpi.duration(x.reply) FILTER (WHERE NOT x.internal AND NOT x.replied) AS waiting,
       kpi.duration(x.resolution) FILTER (WHERE NOT x.internal AND x.resolved) AS resolved,
       kpi.duration(x.resolution) FILTER (WHERE NOT x.internal AND NOT x.resolved) AS unresolved,
       count(*) FILTER (WHERE x.internal) AS internal_tickets,
       kpi.duration(x.reply) FILTER (WHERE x.internal AND x.replied) AS internal_replied,
       kpi.duration(x.reply) FILTER (WHERE x.internal AND NOT x.replied) AS internal_waiting,
       kpi.rate(x.reply_kept) FILTER (WHERE NOT x.internal)      AS reply_kept,
       kpi.rate(x.resolution_kept) FILTER (WHERE NOT x.internal) AS resolution_kept,
       kpi.rate(x.reopened) FILTER (WHERE NOT x.internal AND (x.resolved OR x.reopened))
                                                                 AS reopened
       @dimensions@
FROM   (SELECT kpi.bucket('day', x.opened_at, s.timezone) AS day
               @dimensions@,
               coalesce(lower(x.desk) = 'internal', false)  AS internal,
               x.first_reply_at IS NOT NULL                 AS replied,
               x.resolved_at IS NOT NULL                    AS resolved,
               coalesce(x.reopened > 0, false)              AS reopened,
               kpi.time_taken(x.opened_at, coalesce(x.first_reply_at, x.resolved_at, s.as_of),
                              s.business_hours, s.timezone, x.paused, h.holidays) AS reply,
               kpi.time_taken(x.opened_at, coalesce(x.resolved_at, s.as_of),
                              s.business_hours, s.timezone, x.paused, h.holidays) AS resolution,
               CASE WHEN x.first_reply_at <= x.reply_due_at THEN true
                    WHEN coalesce(x.first_reply_at, x.resolved_at, s.as_of) > x.reply_due_at
                    THEN false END                          AS reply_kept,
               CASE WHEN x.resolved_at <= x.resolve_due_at THEN true
                    WHEN coalesce(x.resolved_at, s.as_of) > x.resolve_due_at
                    THEN false END                          AS resolution_kept
        FROM   kpi_settings AS s
               CROSS JOIN (SELECT kpi.holiday_list(array_agg(h.held_on), array_agg(h.hours))
                                  AS holidays
                           FROM   @holidays@ AS h) AS h
               CROSS JOIN LATERAL
               (SELECT x.opened_at, x.desk, x.paused, x.reopened,
                       CASE WHEN @happened x.first_reply_at@
                            THEN x.first_reply_at END AS first_reply_at,
                       CASE WHEN @happened x.resolved_at@
                            THEN x.resolved_at END AS resolved_at,
                       CASE WHEN isfinite(x.reply_due_at) THEN x.reply_due_at END
                           AS reply_due_at,
                       CASE WHEN isfinite(x.resolve_due_at) THEN x.resolve_due_at END
                           AS resolve_due_at
                       @dimensions@
                FROM   @tickets@ AS x
                WHERE  @happened x.opened_at@) AS x) AS x
GROUP  BY x.day @dimensions@

--@ indicator tickets | operations | count
-- Requests of customers.
name       Support tickets / 客服工单数
needs      tickets.ticket_id
value      coalesce(tickets.tickets, 0)

--@ indicator first_response_hours | operations | hours | down | main
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

--@ indicator sla_reply_rate | operations | share | up
-- Of the requests of customers with a time by which they were to be answered, those that were; one
-- that waits is missed once that time is over, and does not count before.
name       Reply within the agreed time / 首次响应达标率
needs      tickets.reply_due_at, tickets.first_reply_at
value      value(tickets.reply_kept)
sample     tickets.reply_kept

--@ indicator sla_resolution_rate | operations | share | up
-- Of the requests of customers with a time by which they were to be solved, those that were; one
-- that is open is missed once that time is over, and does not count before.
name       Resolution within the agreed time / 解决达标率
needs      tickets.resolve_due_at, tickets.resolved_at
value      value(tickets.resolution_kept)
sample     tickets.resolution_kept

--@ indicator reopen_rate | operations | share | down
-- Of the requests of customers that have been solved, also if they are open again, those that were
-- opened again at least once.
name       Reopened tickets / 工单重开率
needs      tickets.reopened, tickets.resolved_at
value      value(tickets.reopened)
sample     tickets.reopened

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

--@ trap solved_unanswered | doubtful | moves unanswered_tickets
-- solved, but never answered: counts as unanswered, until it was solved
needs      tickets.first_reply_at, tickets.resolved_at
advice     coalesce(first_reply_at, resolved_at) AS first_reply_at, where the solution was the
           answer
query      SELECT * FROM @schema@.tickets WHERE first_reply_at IS NULL AND resolved_at IS NOT NULL

--@ trap solved_before_reply | doubtful | moves first_response_hours
-- solved before it was first answered: what came later was not the first answer
needs      tickets.first_reply_at, tickets.resolved_at
advice     CASE WHEN first_reply_at IS NOT NULL THEN least(first_reply_at, resolved_at) END
           AS first_reply_at
query      SELECT * FROM @schema@.tickets WHERE resolved_at < first_reply_at

--@ trap unknown_desk | doubtful | moves tickets
-- a desk that is neither support nor internal counts as support
needs      tickets.desk
advice     CASE WHEN lower(desk) IN ('it', 'internal') THEN 'internal' ELSE 'support' END AS desk,
           with the desks that are internal
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
              count(*) FILTER (WHERE x.unanswered)                       AS solved_unanswered,
              count(*) FILTER (WHERE x.seen AND NOT x.internal AND x.reply IS NULL) AS waiting,
              count(*) FILTER (WHERE x.seen AND NOT x.internal AND x.reply IS NULL
                               AND x.solved IS NULL)                     AS waiting_open,
              count(*) FILTER (WHERE x.solved_first)                     AS solved_before_reply,
              avg(x.hours) FILTER (WHERE NOT x.internal)                 AS hours,
              avg(least(x.hours, x.hours_solved)) FILTER (WHERE NOT x.internal) AS hours_least,
              avg(x.hours) FILTER (WHERE NOT x.internal AND NOT x.early) AS hours_good
       FROM  (SELECT x.ticket_id, x.opened_at, @usual flags@, a.seen, a.reply, a.solved,
                     coalesce(lower(x.desk) = 'internal', false)                   AS internal,
                     coalesce(lower(x.desk) NOT IN ('support', 'internal'), false) AS unknown_desk,
                     (x.first_reply_at < x.opened_at
                      OR x.resolved_at < x.opened_at) IS TRUE AS early,
                     x.first_reply_at IS NULL AND x.resolved_at IS NOT NULL        AS unanswered,
                     (x.resolved_at < x.first_reply_at) IS TRUE                    AS solved_first,
                     -- as first_response_hours has them: of those that are answered by now
                     extract(epoch FROM kpi.time_taken(x.opened_at, a.reply, s.business_hours,
                                                       s.timezone, x.paused, h.holidays)) / 3600
                                                                                   AS hours,
                     CASE WHEN x.resolved_at < x.first_reply_at
                          THEN extract(epoch FROM kpi.time_taken(
                                   x.opened_at, a.solved, s.business_hours, s.timezone, x.paused,
                                   h.holidays)) / 3600 END                         AS hours_solved,
                     x.ticket_id IS NOT NULL
                     AND row_number() OVER (PARTITION BY x.ticket_id
                                            ORDER BY x.opened_at, x.first_reply_at,
                                                     x.resolved_at) > 1
                                                                                   AS extra
              FROM   kpi_settings AS s
                     CROSS JOIN (SELECT kpi.holiday_list(array_agg(h.held_on), array_agg(h.hours))
                                        AS holidays
                                 FROM   @holidays@ AS h) AS h
                     CROSS JOIN @tickets@ AS x
                     CROSS JOIN LATERAL (
                         SELECT (x.opened_at <= s.as_of
                                 AND x.opened_at > '-infinity') IS TRUE AS seen) AS b
                     CROSS JOIN LATERAL (
                         SELECT b.seen,
                                CASE WHEN b.seen AND x.first_reply_at <= s.as_of
                                     AND x.first_reply_at > '-infinity'
                                     THEN x.first_reply_at END AS reply,
                                CASE WHEN b.seen AND x.resolved_at <= s.as_of
                                     AND x.resolved_at > '-infinity'
                                     THEN x.resolved_at END AS solved) AS a
             ) AS x) AS k
      CROSS JOIN LATERAL (VALUES
          @usual traps of k@,
          ('duplicates',             k.duplicates,   k.n, k.tickets, k.tickets_once),
          ('answered_before_opened', k.early,        k.n, k.hours,   k.hours_good),
          ('solved_unanswered',      k.solved_unanswered,   k.n, k.waiting, k.waiting_open),
          ('solved_before_reply',    k.solved_before_reply, k.n, k.hours,   k.hours_least),
          ('unknown_desk',           k.unknown_desk, k.n, k.tickets, k.tickets_known)
      ) AS t (trap, rows, of_rows, value, corrected)
