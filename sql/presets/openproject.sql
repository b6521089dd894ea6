-- OpenProject since its journals point to their data (2022), as its migrations of 14.4 and later
-- make the tables: Rails tables
--
-- Times are UTC, dates dates. A project has no date by which it is to be done; work packages have,
-- and what each of them was after every change is in its journals: the date first agreed, and when
-- it was closed. A day is that of the zone that OpenProject shows to people who chose none. A
-- status says that work is closed, not whether it was done: it was not where the status is left out
-- of totals, or named as the one that rejects is.

--@ shop OpenProject

--@ table work_packages
id                              key, required
project_id                      key, required
type_id                         key, required
status_id                       key, required
parent_id                       key, required
responsible_id                  key
assigned_to_id                  key
due_date                        date, required
updated_at                      timestamptz, required

--@ table statuses
id                              key, required
name                            text, required
is_closed                       boolean, required
excluded_from_totals            boolean

--@ table types
id                              key, required
name                            text, required
is_milestone                    boolean, required

--@ table projects
id                              key, required
name                            text, required
active                          boolean
templated                       boolean
updated_at                      timestamptz, required

--@ table journals
journable_type                  text, required
journable_id                    key, required
data_type                       text, required
data_id                         key, required
version                         integer, required
created_at                      timestamptz, required

--@ table work_package_journals
id                              key, required
status_id                       key, required
due_date                        date, required

--@ optional project_journals
id                              key, required
active                          boolean, required

--@ optional users
id                              key, required
firstname                       text, required
lastname                        text, required

--@ optional settings
name                            text, required
value                           text, required

--@ part zone
SELECT coalesce(min(s.value), 'UTC') AS name
FROM   @settings@ AS s
WHERE  s.name = 'user_default_timezone' AND s.value ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)+$'

--@ part history
-- What work packages were after each change, and whether they had been closed before it.
SELECT j.journable_id AS work_package_id, j.version, j.created_at, d.due_date, s.is_closed,
       lag(s.is_closed, 1, false) OVER (PARTITION BY j.journable_id
                                        ORDER BY j.version) AS was_closed
FROM   @journals@ AS j
       JOIN @work_package_journals@ AS d ON d.id = j.data_id
       JOIN @statuses@ AS s ON s.id = d.status_id
WHERE  j.journable_type = 'WorkPackage' AND j.data_type = 'Journal::WorkPackageJournal'

--@ part archivings
-- When projects were archived: not all versions keep it.
SELECT a.project_id, max(a.created_at) AS archived_at
FROM   (SELECT j.journable_id AS project_id, j.created_at, d.active,
               lag(d.active, 1, true) OVER (PARTITION BY j.journable_id
                                            ORDER BY j.version) AS was_active
        FROM   @journals@ AS j
               JOIN @project_journals@ AS d ON d.id = j.data_id
        WHERE  j.journable_type = 'Project' AND j.data_type = 'Journal::ProjectJournal') AS a
WHERE  a.was_active AND NOT a.active
GROUP  BY a.project_id

--@ source projects
-- Work packages that have, or had, a date by which they are to be done, as first agreed: tasks and
-- milestones, but for those that only sum up others with dates, and those of templates. What is
-- rejected is called off, and what is still open in a project that was archived.
SELECT w.id                                                             AS project_id,
       d.due_on,
       CASE WHEN s.is_closed AND NOT s.rejected THEN d.closed_on END    AS done_on,
       CASE WHEN s.rejected THEN d.closed_on
            WHEN NOT s.is_closed AND NOT p.active
            THEN (coalesce(a.archived_at, p.updated_at) AT TIME ZONE z.name)::date
       END                                                              AS cancelled_on,
       coalesce(nullif(trim(concat(r.firstname, ' ', r.lastname)), ''),
                nullif(trim(concat(u.firstname, ' ', u.lastname)), '')) AS owner,
       CASE WHEN t.is_milestone THEN 'milestone' ELSE 'task' END        AS kind,
       t.name                                                           AS type,
       p.name                                                           AS project
FROM   @work_packages@ AS w
       JOIN (SELECT s.id, s.is_closed,
                    s.is_closed
                    AND (s.excluded_from_totals IS TRUE
                         OR lower(s.name) IN ('rejected', 'cancelled', 'canceled', 'abgelehnt',
                                              'abgebrochen')) AS rejected
             FROM   @statuses@ AS s) AS s ON s.id = w.status_id
       JOIN @types@ AS t ON t.id = w.type_id
       JOIN @projects@ AS p ON p.id = w.project_id AND p.templated IS NOT TRUE
       LEFT JOIN @archivings@ AS a ON a.project_id = p.id
       LEFT JOIN @users@ AS r ON r.id = w.responsible_id
       LEFT JOIN @users@ AS u ON u.id = w.assigned_to_id
       CROSS JOIN @zone@ AS z
       CROSS JOIN LATERAL (
           SELECT coalesce((array_agg(h.due_date ORDER BY h.version)
                                FILTER (WHERE h.due_date IS NOT NULL))[1],
                           w.due_date)                                  AS due_on,
                  (coalesce(max(h.created_at) FILTER (WHERE h.is_closed AND NOT h.was_closed),
                            w.updated_at) AT TIME ZONE z.name)::date    AS closed_on
           FROM   @history@ AS h
           WHERE  h.work_package_id = w.id) AS d
WHERE  d.due_on IS NOT NULL
AND    NOT EXISTS (SELECT FROM @work_packages@ AS c
                   WHERE  c.parent_id = w.id AND c.due_date IS NOT NULL)

--@ lacks what was deleted
-- a work package that is deleted is gone with its journals, late or not

--@ lacks statuses that reject
-- those in other languages are taken for done unless they are left out of totals; say so in their
-- settings, or in a view of your own

--@ lacks employee surveys
-- nobody is asked; add surveys, a view of what asks them
