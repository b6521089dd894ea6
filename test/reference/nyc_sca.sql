\ir nyc_sca.psql
\if :skip \quit \endif

CREATE TABLE state AS
SELECT grain, key,
       on_time_rate(actual_end <= planned_end),
       duration(planned_end, actual_end) AS slip
FROM   phase,
       LATERAL (VALUES ('year', to_char(bucket('year', actual_end), 'YYYY')),
                       ('phase', phase)) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO state
SELECT 'overall', 'all', rollup(on_time_rate), rollup(slip)
FROM   state WHERE grain = 'year';

INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   state, LATERAL (VALUES ('completed_phases', sample_size(on_time_rate), 1e-9),
                              ('on_time_rate',     value(on_time_rate),       1e-9),
                              ('slip_days_mean',   days(value(slip)),         1e-9),
                              ('slip_days_median', days(median(slip)), within(slip)))
       AS kpi (kpi, answer, tolerance);

SELECT compare('nyc_sca');
ROLLBACK;
