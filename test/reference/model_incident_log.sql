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

SELECT FROM build('solved', 'UTC', dimensions => '{priority}', as_of => '2018-01-01 00:00Z');

INSERT INTO answer
SELECT kpi, 'month', to_char(period, 'YYYY-MM'), answer, tolerance
FROM   desk.kpi_month,
       LATERAL (VALUES ('tickets',                     nullif(tickets, 0),          1e-9),
                       ('first_response_hours_mean',   first_response_hours,        1e-9),
                       ('first_response_hours_median', first_response_hours_median, 0.01))
       AS kpi (kpi, answer, tolerance)
UNION ALL
SELECT kpi, 'month', to_char(period, 'YYYY-MM'), answer, tolerance
FROM   solved.kpi_month, LATERAL (VALUES ('resolution_hours_mean',   resolution_hours,        1e-9),
                                         ('resolution_hours_median', resolution_hours_median, 0.01),
                                         ('resolution_hours_p90',    resolution_hours_p90,    0.01))
       AS kpi (kpi, answer, tolerance);

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
                       ('first_response_hours_median', hours(median(response)),            0.01),
                       ('resolution_hours_mean',       hours(value(resolution)),           1e-9),
                       ('resolution_hours_median',     hours(median(resolution)),          0.01),
                       ('resolution_hours_p90',        hours(percentile(resolution, 0.9)), 0.01))
       AS kpi (kpi, answer, tolerance);

INSERT INTO unanswered VALUES
    ('reopen_rate',  NULL, NULL, 'how often a request is opened again is no indicator'),
    ('sla_met_rate', NULL, NULL, 'tickets have no promise');

SELECT compare('incident_log', 'desk', 'solved');
ROLLBACK;
