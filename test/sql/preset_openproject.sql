\set ECHO none
\i test/setup.psql
SELECT plan(13);

\i test/presets/openproject_rows.psql

SELECT results_eq($$SELECT shop, usable, sources FROM detect('openproject')$$,
                  $$VALUES ('openproject', true, '{projects}'::text[])$$,
                  'the tables of OpenProject are recognised, and its source can be made of them');
SELECT FROM preset('openproject', 'openproject', 'model');
SELECT results_eq('SELECT project_id, due_on, done_on, cancelled_on
                   FROM   model.projects ORDER BY project_id',
                  $$VALUES (1::bigint, date '2025-02-10', date '2025-02-15', NULL::date),
                           (2, '2025-02-14', '2025-02-15', NULL),
                           (3, '2025-02-14', '2025-02-13', NULL),
                           (5, '2025-02-17', NULL, NULL), (6, '2025-02-18', NULL, '2025-02-10'),
                           (7, '2025-02-18', NULL, '2025-02-20'),
                           (9, '2025-02-20', NULL, '2025-02-15'), (11, '2025-02-24', NULL, NULL),
                           (12, '2025-02-26', '2025-02-25', NULL),
                           (13, '2025-02-27', '2025-02-27', NULL),
                           (15, '2025-02-19', NULL, '2025-02-21')$$,
                  'work is due as first agreed, done when it was closed to stay so, and called off '
                  'when it was rejected or its project archived');
SELECT results_eq('SELECT project_id, owner FROM model.projects WHERE project_id IN (1, 2, 3, 5)
                   ORDER  BY project_id',
                  $$VALUES (1::bigint, 'Ann Lee'), (2, 'Team A'), (3, NULL), (5, 'Bo Li')$$,
                  'who is accountable owns it, else who it is assigned to');
SELECT FROM build('model', 'Europe/Berlin', 'EUR', '{kind,project}',
                  as_of => '2025-03-05 12:00 UTC');
SELECT results_eq('SELECT on_time_project_rate, overdue_projects, project_slip_days,
                          project_slip_days_median, project_days_late
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (1 / 3::float8, 2::bigint, 0.8::float8, 0::float8, 7.75::float8)',
                  'on time is what was done by the day first agreed');
SELECT results_eq('SELECT kind, on_time_project_rate
                   FROM   model.kpi_month_by_kind WHERE period = ''2025-02-01'' ORDER BY kind',
                  $$VALUES ('milestone', 0::float8), ('task', 3 / 8::float8)$$,
                  'milestones and tasks are told apart');
SELECT results_eq('SELECT project, overdue_projects
                   FROM   model.kpi_month_by_project WHERE period = ''2025-02-01''
                   ORDER  BY project',
                  $$VALUES ('Older', 0::bigint), ('Shop', 2)$$,
                  'the project is a dimension');
SELECT is_empty($$SELECT trap FROM kpi.check('model') WHERE kind <> 'note'$$,
                'check() finds nothing');
-- A date that moves again changes nothing that was due.
CREATE TABLE before AS SELECT * FROM model.kpi_values WHERE grain = 'month' AND dimension IS NULL;
UPDATE work_packages SET due_date = '2025-03-30' WHERE id = 5;
INSERT INTO work_package_journals (id, due_date, status_id) VALUES (99, '2025-03-30', 13);
INSERT INTO journals (journable_type, journable_id, created_at, version, data_type, data_id) VALUES
    ('WorkPackage', 5, '2025-02-16 09:00', 3, 'Journal::WorkPackageJournal', 99);
SELECT set_eq($$SELECT * FROM model.kpi_values WHERE grain = 'month' AND dimension IS NULL$$,
              'SELECT * FROM before', 'nobody is on time by moving the date');
-- A zone that none chose, or that PostgreSQL does not know, is UTC; not every version has all
-- columns and tables.
UPDATE settings SET value = 'Berlin' WHERE name = 'user_default_timezone';
SELECT is(done_on, '2025-02-14', 'where no zone is set days are those of UTC')
FROM   model.projects WHERE project_id = 2;
DROP SCHEMA model CASCADE;
ALTER TABLE statuses DROP excluded_from_totals;
DROP TABLE project_journals, users;
SELECT FROM preset('openproject', 'openproject', 'model');
SELECT is(cancelled_on, '2025-03-01', 'an archived project is so since its last change')
FROM   model.projects WHERE project_id = 9;
SELECT results_eq('SELECT project_id, done_on, cancelled_on, owner
                   FROM   model.projects WHERE project_id IN (6, 7) ORDER BY 1',
                  $$VALUES (6::bigint, date '2025-02-10', NULL::date, NULL::text),
                           (7, NULL, '2025-02-20', NULL)$$,
                  'without a sign of it a status rejects by its name');

\set shop openproject
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
