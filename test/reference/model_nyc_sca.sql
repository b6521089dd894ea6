\ir nyc_sca.psql
\if :skip \quit \endif

-- A model counts a project in the year in which it is due; that in which it was done is a
-- dimension.
CREATE SCHEMA sites;

CREATE VIEW sites.projects AS
SELECT row_number() OVER () AS project_id, phase, planned_end AS due_on, actual_end AS done_on,
       to_char(actual_end, 'YYYY') AS done_in
FROM   phase;

SELECT FROM build('sites', 'America/New_York', dimensions => '{phase,done_in}',
                  as_of => '2026-02-01 00:00-05');

INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   (SELECT 'year' AS grain, done_in AS key, rollup(on_time_project_rate_sample) AS on_time,
               rollup(project_slip_days_sample) AS slip
        FROM   sites.kpi_year_by_done_in GROUP BY done_in
        UNION ALL
        SELECT 'phase', phase, rollup(on_time_project_rate_sample),
               rollup(project_slip_days_sample)
        FROM   sites.kpi_year_by_phase GROUP BY phase
        UNION ALL
        SELECT 'overall', 'all', rollup(on_time_project_rate_sample),
               rollup(project_slip_days_sample)
        FROM   sites.kpi_year) AS state,
       LATERAL (VALUES ('completed_phases', trials(on_time),    1e-9),
                       ('on_time_rate',     value(on_time),     1e-9),
                       ('slip_days_mean',   days(value(slip)),  1e-9),
                       ('slip_days_median', days(median(slip)), within(slip)))
       AS kpi (kpi, answer, tolerance);

SELECT compare('nyc_sca', 'sites');
ROLLBACK;
