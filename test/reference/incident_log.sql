\ir incident_log.psql
\if :skip \quit \endif

CREATE TABLE state AS
SELECT grain, key,
       rate(reopened) AS reopened,
       on_time_rate(made_sla) AS sla_met,
       duration(opened_at, answered_at) AS response,
       duration(opened_at, resolved_at) AS resolution
FROM   ticket, LATERAL (VALUES ('month',    to_char(bucket('month', opened_at), 'YYYY-MM')),
                               ('priority', priority)) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO state
SELECT 'overall', 'all', rollup(reopened), rollup(sla_met), rollup(response), rollup(resolution)
FROM   state WHERE grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   state,
       LATERAL (VALUES ('tickets',                     sample_size(reopened),               1e-9),
                       ('reopen_rate',                 value(reopened),                     1e-9),
                       ('sla_met_rate',                value(sla_met),                      1e-9),
                       ('first_response_hours_mean',   hours(value(response)),              1e-9),
                       ('first_response_hours_median', hours(median(response)),
                        within(response)),
                       ('resolution_hours_mean',       hours(value(resolution)),            1e-9),
                       ('resolution_hours_median',     hours(median(resolution)),
                        within(resolution)),
                       ('resolution_hours_p90',        hours(percentile(resolution, 0.9)),
                        within(resolution)))
       AS kpi (kpi, answer, tolerance);

SELECT compare('incident_log');
ROLLBACK;
