-- OpenProject with :n work packages of twenty projects in two years until now, in the tables of its
-- test: three changes each, most of them closed, one of ten a phase that sums up others.

INSERT INTO settings (name, value) VALUES ('user_default_timezone', 'Europe/Berlin');
INSERT INTO users (id, firstname, lastname, type)
SELECT i, 'User', i::text, 'User' FROM generate_series(1, 50) AS i;
INSERT INTO statuses (id, name, is_closed, excluded_from_totals) VALUES
    (1, 'New', false, false), (7, 'In progress', false, false), (12, 'Closed', true, false),
    (14, 'Dropped', true, true);
INSERT INTO types (id, name, is_milestone) VALUES (1, 'Task', false), (2, 'Milestone', true);
INSERT INTO projects (id, name, updated_at, active)
SELECT i, 'Project ' || i, localtimestamp - interval '100 days', i % 10 <> 0
FROM   generate_series(1, 20) AS i;
INSERT INTO project_journals (id, name, active)
SELECT 2 * i + v, 'Project ' || i, v = 0
FROM   generate_series(1, 20) AS i CROSS JOIN generate_series(0, 1) AS v
WHERE  v = 0 OR i % 10 = 0;

CREATE TEMPORARY TABLE planned AS
SELECT i, now() - interval '730 days' * (:n - i) / :n AS at FROM generate_series(1, :n) AS i;

INSERT INTO work_packages (id, type_id, project_id, due_date, status_id, parent_id, responsible_id,
                           assigned_to_id, created_at, updated_at)
SELECT i, 1 + i % 2, 1 + i % 20, at + interval '30 days',
       CASE WHEN i % 50 = 7 THEN 14 WHEN at > now() - interval '30 days' THEN 7 ELSE 12 END,
       CASE WHEN i % 10 > 0 THEN i - i % 10 END, 1 + i % 50, 1 + i % 49, at,
       at + interval '29 days'
FROM   planned;
INSERT INTO work_package_journals (id, due_date, status_id)
SELECT 3 * i + v, at + interval '25 days' + v * interval '2 days',
       (ARRAY[1, 7, CASE WHEN i % 50 = 7 THEN 14 ELSE 12 END])[1 + v]
FROM   planned CROSS JOIN generate_series(0, 2) AS v
WHERE  v < 2 OR at < now() - interval '30 days';
INSERT INTO journals (journable_type, journable_id, created_at, version, data_type, data_id)
SELECT 'WorkPackage', i, at + v * interval '10 days', 1 + v, 'Journal::WorkPackageJournal',
       3 * i + v
FROM   planned CROSS JOIN generate_series(0, 2) AS v
WHERE  v < 2 OR at < now() - interval '30 days';
INSERT INTO journals (journable_type, journable_id, created_at, version, data_type, data_id)
SELECT 'Project', id / 2, now() - interval '90 days', 1 + id % 2, 'Journal::ProjectJournal', id
FROM   project_journals;
DROP TABLE planned;

-- What changes: work packages that are open get another date.
PREPARE change AS
UPDATE work_packages SET due_date = due_date + 1, updated_at = now()
WHERE  id > :n * 0.9 AND id % 100 = 0;
