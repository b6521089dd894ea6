-- The tickets of each day on which they were opened, by the clock or in the business hours of the model. One that waits counts with its
-- age so far.
--@ source tickets
--@ key day, dimensions
SELECT x.day,
       count(*) FILTER (WHERE NOT x.internal)                                                         AS tickets,
       duration(x.reply)      FILTER (WHERE NOT x.internal AND x.replied)                             AS replied,
       duration(x.reply)      FILTER (WHERE NOT x.internal AND NOT x.replied)                         AS waiting,
       duration(x.resolution) FILTER (WHERE NOT x.internal AND x.resolved)                            AS resolved,
       duration(x.resolution) FILTER (WHERE NOT x.internal AND NOT x.resolved)                        AS unresolved,
       count(*) FILTER (WHERE x.internal)                                                             AS internal_tickets,
       duration(x.reply)      FILTER (WHERE x.internal AND x.replied)                                 AS internal_replied,
       duration(x.reply)      FILTER (WHERE x.internal AND NOT x.replied)                             AS internal_waiting
       @dimensions@
FROM   (SELECT bucket('day', x.opened_at, s.timezone) AS day
               @dimensions@,
               coalesce(lower(x.desk) = 'internal', false)  AS internal,
               x.first_reply_at IS NOT NULL                 AS replied,
               x.resolved_at IS NOT NULL                    AS resolved,
               CASE WHEN s.business_hours IS NULL THEN coalesce(x.first_reply_at, x.resolved_at, s.as_of) - x.opened_at
                    ELSE business_time(x.opened_at, coalesce(x.first_reply_at, x.resolved_at, s.as_of), s.business_hours, s.timezone) END AS reply,
               CASE WHEN s.business_hours IS NULL THEN coalesce(x.resolved_at, s.as_of) - x.opened_at
                    ELSE business_time(x.opened_at, coalesce(x.resolved_at, s.as_of), s.business_hours, s.timezone) END AS resolution
        FROM   kpi_settings AS s CROSS JOIN LATERAL
               (SELECT x.opened_at, x.desk,
                       CASE WHEN x.first_reply_at <= s.as_of AND x.first_reply_at > '-infinity' THEN x.first_reply_at END AS first_reply_at,
                       CASE WHEN x.resolved_at <= s.as_of AND x.resolved_at > '-infinity' THEN x.resolved_at END AS resolved_at
                       @dimensions@
                FROM   @tickets@ AS x
                WHERE  x.opened_at <= s.as_of AND x.opened_at > '-infinity') AS x) AS x
GROUP  BY x.day @dimensions@
