\set ECHO none
\i test/setup.psql
SELECT plan(11);

-- OpenProject 14: its tables, as its migrations leave them, with the columns that matter and some
-- that do not.
CREATE SCHEMA openproject;
SET LOCAL search_path = openproject, public, kpi;
\i test/presets/openproject.psql

INSERT INTO settings (name, value) VALUES
    ('app_title', 'Tasks'), ('user_default_timezone', 'Europe/Berlin');
INSERT INTO users (id, firstname, lastname, type) VALUES
    (3, 'Ann', 'Lee', 'User'), (4, 'Bo', 'Li', 'User'), (5, '', 'Team A', 'Group');
INSERT INTO statuses (id, name, is_closed, excluded_from_totals) VALUES
    (1, 'New', false, false), (7, 'In progress', false, false), (12, 'Closed', true, false),
    (13, 'On hold', false, true), (14, 'Dropped', true, true), (15, 'Abgelehnt', true, false);
INSERT INTO types (id, name, is_milestone) VALUES
    (1, 'Task', false), (2, 'Milestone', true), (3, 'Phase', false);
INSERT INTO projects (id, name, updated_at, active, templated) VALUES
    (1, 'Shop', '2025-01-01', true, false), (2, 'Pattern', '2025-01-01', true, true),
    (3, 'Old', '2025-03-01', false, false), (4, 'Older', '2025-02-20 23:30', false, false);

-- February 2025, in the zone of Berlin, seen on 5 March. Nine were due, three done by then:
--   1  due on the 10th, moved to the 20th, closed on the 15th: 5 days late.
--   2  a milestone due on the 14th, closed then at 23:30 UTC, the 15th in Berlin: a day late.
--   3  due on the 14th, closed on the 12th, opened again and closed on the 13th; a comment on the
--      20th changed nothing: a day early.
--   4  a phase, whose date is that of 1 and 3: it only sums up.
--   5  due on the 17th, on hold: 16 days late by now: neither done nor called off.
--   6  due on the 18th, dropped on the 10th: not due any more.
--   7  due on the 18th, rejected on the 20th: late, and called off.
--   8  of a template.
--   9  due on the 20th, open in a project that was archived on the 15th: not due any more.
--   10 without a date.
--   11 due on the 24th, which was agreed on the 5th and taken back on the 26th: 9 days late by now.
--   12 imported without journals: due on the 26th, closed on the 25th by its last change: a day
--      early.
--   13 with a part that has no date, 14: due on the 27th, closed on the 27th.
--   15 due on the 19th, open in a project archived on the 21st, which only its last change tells:
--      late, and called off.
-- Of those done the slip is 5 + 1 - 1 - 1 + 0 = 4 days of 5; late are 5 + 1 + 16 + 9 = 31 of 4.
INSERT INTO work_packages (id, type_id, project_id, due_date, status_id, parent_id, responsible_id,
                           assigned_to_id) VALUES
    (1, 1, 1, '2025-02-20', 12, 4, 3, 4), (2, 2, 1, '2025-02-14', 12, NULL, NULL, 5),
    (3, 1, 1, '2025-02-14', 12, 4, NULL, NULL), (4, 3, 1, '2025-02-20', 1, NULL, 3, NULL),
    (5, 1, 1, '2025-02-17', 13, NULL, NULL, 4), (6, 1, 1, '2025-02-18', 14, NULL, 3, NULL),
    (7, 1, 1, '2025-02-18', 15, NULL, 3, NULL), (8, 1, 2, '2025-02-10', 1, NULL, NULL, NULL),
    (9, 1, 3, '2025-02-20', 1, NULL, 3, NULL), (10, 1, 1, NULL, 1, NULL, 3, NULL),
    (11, 1, 1, NULL, 7, NULL, 3, NULL), (12, 1, 1, '2025-02-26', 12, NULL, 3, NULL),
    (13, 1, 1, '2025-02-27', 12, NULL, 3, NULL), (14, 1, 1, NULL, 1, 13, 3, NULL),
    (15, 1, 4, '2025-02-19', 1, NULL, 3, NULL);
UPDATE work_packages SET updated_at = '2025-02-25 12:00 UTC' WHERE id = 12;
CREATE TABLE change (n serial, id bigint, at timestamptz, due date, status bigint);
INSERT INTO change (id, at, due, status) VALUES
    (1, '2025-02-01 09:00', '2025-02-10', 1), (1, '2025-02-08 09:00', '2025-02-20', 7),
    (1, '2025-02-15 09:00', '2025-02-20', 12),
    (2, '2025-02-01 09:00', '2025-02-14', 1), (2, '2025-02-14 23:30', '2025-02-14', 12),
    (3, '2025-02-01 09:00', NULL, 1), (3, '2025-02-02 09:00', '2025-02-14', 1),
    (3, '2025-02-12 09:00', '2025-02-14', 12), (3, '2025-02-12 10:00', '2025-02-14', 7),
    (3, '2025-02-13 22:00', '2025-02-14', 12), (3, '2025-02-20 09:00', '2025-02-14', 12),
    (4, '2025-02-01 09:00', '2025-02-14', 1), (5, '2025-02-01 09:00', '2025-02-17', 1),
    (5, '2025-02-03 09:00', '2025-02-17', 13),
    (6, '2025-02-01 09:00', '2025-02-18', 1), (6, '2025-02-10 09:00', '2025-02-18', 14),
    (7, '2025-02-01 09:00', '2025-02-18', 1), (7, '2025-02-20 09:00', '2025-02-18', 15),
    (8, '2025-02-01 09:00', '2025-02-10', 1), (9, '2025-02-01 09:00', '2025-02-20', 1),
    (10, '2025-02-01 09:00', NULL, 1), (11, '2025-02-01 09:00', NULL, 1),
    (11, '2025-02-05 09:00', '2025-02-24', 7), (11, '2025-02-26 09:00', NULL, 7),
    (13, '2025-02-01 09:00', '2025-02-27', 1), (13, '2025-02-27 09:00', '2025-02-27', 12),
    (14, '2025-02-01 09:00', NULL, 1), (15, '2025-02-01 09:00', '2025-02-19', 1);
-- The data of journals is numbered for each kind of them: 1 is of a work package and of a project.
INSERT INTO work_package_journals (id, due_date, status_id) SELECT n, due, status FROM change;
INSERT INTO journals (journable_type, journable_id, created_at, version, data_type, data_id)
SELECT 'WorkPackage', id, at, row_number() OVER (PARTITION BY id ORDER BY n),
       'Journal::WorkPackageJournal', n
FROM   change;
INSERT INTO project_journals (id, name, active) VALUES (1, 'Old', true), (2, 'Old', false);
INSERT INTO journals (journable_type, journable_id, created_at, version, data_type, data_id) VALUES
    ('Project', 3, '2025-01-01 09:00', 1, 'Journal::ProjectJournal', 1),
    ('Project', 3, '2025-02-15 09:00', 2, 'Journal::ProjectJournal', 2);
-- A version may note what is no change of the work package itself.
INSERT INTO journals (journable_type, journable_id, created_at, version, data_type, data_id) VALUES
    ('News', 5, '2025-02-10 09:00', 1, 'Journal::NewsJournal', 3);

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

SELECT * FROM finish();
ROLLBACK;
