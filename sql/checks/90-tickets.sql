-- Tickets.
SELECT t.*
FROM  (SELECT count(*)                                                 AS n,
              count(*) FILTER (WHERE x.opened_at IS NULL)              AS missing_time,
              count(*) FILTER (WHERE x.infinite)                       AS infinite,
              count(*) FILTER (WHERE x.future)                         AS future,
              count(*) FILTER (WHERE x.opened_at < '1995-01-01' AND isfinite(x.opened_at)) AS ancient,
              count(*) FILTER (WHERE x.ticket_id IS NULL)              AS missing_key,
              count(*) FILTER (WHERE x.extra)                          AS duplicates,
              count(*) FILTER (WHERE x.seen AND NOT x.internal)        AS tickets,
              count(*) FILTER (WHERE x.seen AND NOT x.internal AND NOT x.extra) AS tickets_once,
              count(*) FILTER (WHERE x.early)                          AS early,
              count(*) FILTER (WHERE x.unknown_desk)                   AS unknown_desk,
              count(*) FILTER (WHERE x.seen AND NOT x.internal AND NOT x.unknown_desk) AS tickets_known,
              avg(x.hours) FILTER (WHERE NOT x.internal)               AS hours,
              avg(x.hours) FILTER (WHERE NOT x.internal AND NOT x.early) AS hours_good
       FROM  (SELECT x.ticket_id, x.opened_at, a.seen,
                     coalesce(lower(x.desk) = 'internal', false)                            AS internal,
                     coalesce(lower(x.desk) NOT IN ('support', 'internal'), false)          AS unknown_desk,
                     NOT isfinite(x.opened_at) OR x.first_reply_at = '-infinity' OR x.resolved_at = '-infinity' AS infinite,
                     (isfinite(x.opened_at) AND greatest(x.opened_at, nullif(x.first_reply_at, 'infinity'), nullif(x.resolved_at, 'infinity')) > s.as_of) IS TRUE AS future,
                     (x.first_reply_at < x.opened_at OR x.resolved_at < x.opened_at) IS TRUE AS early,
                     -- as first_response_hours has them: of those that are answered by now
                     CASE WHEN a.seen AND x.first_reply_at <= s.as_of AND x.first_reply_at > '-infinity'
                          THEN extract(epoch FROM CASE WHEN s.business_hours IS NULL THEN x.first_reply_at - x.opened_at
                                                       ELSE business_time(x.opened_at, x.first_reply_at, s.business_hours, s.timezone) END) / 3600 END AS hours,
                     x.ticket_id IS NOT NULL AND row_number() OVER (PARTITION BY x.ticket_id ORDER BY x.opened_at, x.first_reply_at, x.resolved_at) > 1 AS extra
              FROM   kpi_settings AS s
                     CROSS JOIN @tickets@ AS x
                     CROSS JOIN LATERAL (SELECT (x.opened_at <= s.as_of AND x.opened_at > '-infinity') IS TRUE AS seen) AS a) AS x) AS k
      CROSS JOIN LATERAL (VALUES
          ('missing_time',           k.missing_time, k.n, NULL,      NULL),
          ('infinite_time',          k.infinite,     k.n, NULL,      NULL),
          ('future_rows',            k.future,       k.n, NULL,      NULL),
          ('ancient_time',           k.ancient,      k.n, NULL,      NULL),
          ('missing_key',            k.missing_key,  k.n, NULL,      NULL),
          ('duplicates',             k.duplicates,   k.n, k.tickets, k.tickets_once),
          ('answered_before_opened', k.early,        k.n, k.hours,   k.hours_good),
          ('unknown_desk',           k.unknown_desk, k.n, k.tickets, k.tickets_known)
      ) AS t (code, rows, of_rows, value, corrected)
