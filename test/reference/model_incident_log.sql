\ir incident_log.psql
\if :skip \quit \endif

CREATE SCHEMA desk;

CREATE VIEW desk.tickets AS
SELECT number AS ticket_id, priority, opened_at AT TIME ZONE 'UTC' AS opened_at,
       answered_at AT TIME ZONE 'UTC' AS first_reply_at,
       resolved_at AT TIME ZONE 'UTC' AS resolved_at
FROM   ticket;

SELECT FROM build('desk', 'UTC', dimensions => '{priority}', as_of => '2018-01-01 00:00Z');

-- The quantiles of the views take what is still open into account, those of the reference values do
-- not.  All requests were answered; how long it took to solve them is compared for those that are.
CREATE SCHEMA solved;

CREATE VIEW solved.tickets AS SELECT * FROM desk.tickets WHERE resolved_at IS NOT NULL;

-- Both shares are of all tickets, also of those of which it is not known when they were solved, but
-- all were closed.  Of the time agreed for it a ticket says only whether it was kept: it may have
-- been this moment, or the one before.
CREATE SCHEMA closed;

CREATE VIEW closed.tickets AS
SELECT number AS ticket_id, priority, opened_at AT TIME ZONE 'UTC' AS opened_at,
       closed_at AT TIME ZONE 'UTC' AS resolved_at, reopened,
       (closed_at - CASE WHEN made_sla THEN interval '0' ELSE '1 us' END) AT TIME ZONE 'UTC'
           AS resolve_due_at
FROM   ticket;

SELECT FROM build('closed', 'UTC', dimensions => '{priority}', as_of => '2018-01-01 00:00Z');

SELECT FROM build('solved', 'UTC', dimensions => '{priority}', as_of => '2018-01-01 00:00Z');

INSERT INTO answer
SELECT kpi, 'month', to_char(period, 'YYYY-MM'), answer, tolerance
FROM   desk.kpi_month,
       LATERAL (VALUES ('tickets',                     nullif(tickets, 0),          1e-9),
                       ('first_response_hours_mean',   first_response_hours,        1e-9),
                       ('first_response_hours_median', first_response_hours_median,
                        within(first_response_hours_sample)))
       AS kpi (kpi, answer, tolerance)
UNION ALL
SELECT kpi, 'month', to_char(period, 'YYYY-MM'), answer, tolerance
FROM   solved.kpi_month, LATERAL (VALUES ('resolution_hours_mean',   resolution_hours,        1e-9),
                                         ('resolution_hours_median', resolution_hours_median,
                                          within(resolution_hours_sample)),
                                         ('resolution_hours_p90',    resolution_hours_p90,
                                          within(resolution_hours_sample)))
       AS kpi (kpi, answer, tolerance)
UNION ALL
SELECT kpi, 'month', to_char(period, 'YYYY-MM'), answer, 1e-9
FROM   closed.kpi_month, LATERAL (VALUES ('reopen_rate',  reopen_rate),
                                         ('sla_met_rate', sla_resolution_rate))
       AS kpi (kpi, answer);

-- A sample holds what is finished, so nothing has to be left out to pool it.
INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   (SELECT 'priority' AS grain, priority AS key, sum(tickets) AS tickets,
               rollup(first_response_hours_sample) AS response,
               rollup(resolution_hours_sample) AS resolution
        FROM   desk.kpi_year_by_priority GROUP BY priority
        UNION ALL
        SELECT 'overall', 'all', sum(tickets), rollup(first_response_hours_sample),
               rollup(resolution_hours_sample)
        FROM   desk.kpi_year) AS state,
       LATERAL (VALUES ('tickets',                     tickets::float8,                    1e-9),
                       ('first_response_hours_mean',   hours(value(response)),             1e-9),
                       ('first_response_hours_median', hours(median(response)),
                        within(response)),
                       ('resolution_hours_mean',       hours(value(resolution)),           1e-9),
                       ('resolution_hours_median',     hours(median(resolution)),
                        within(resolution)),
                       ('resolution_hours_p90',        hours(percentile(resolution, 0.9)),
                        within(resolution)))
       AS kpi (kpi, answer, tolerance);

INSERT INTO answer
SELECT kpi, grain, key, answer, 1e-9
FROM   (SELECT 'priority' AS grain, priority AS key, rollup(reopen_rate_sample) AS reopened,
               rollup(sla_resolution_rate_sample) AS kept
        FROM   closed.kpi_year_by_priority GROUP BY priority
        UNION ALL
        SELECT 'overall', 'all', rollup(reopen_rate_sample), rollup(sla_resolution_rate_sample)
        FROM   closed.kpi_year) AS state,
       LATERAL (VALUES ('reopen_rate',  value(reopened)),
                       ('sla_met_rate', value(kept))) AS kpi (kpi, answer);

SELECT compare('incident_log', 'desk', 'solved', 'closed');
ROLLBACK;
