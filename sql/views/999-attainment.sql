--@ view attainment | goals
-- What owners and objectives have attained: the mean, by weight, of what each of their targets has
-- attained, 1 at most, in its last period that is over, or in the running one before any is. An
-- objective has the targets of its parts as well. Targets of which nothing is known are left out of
-- the mean, and counted in unknown.
WITH RECURSIVE part (objective, whole) AS (
    SELECT o.objective, o.objective FROM @model@.objectives AS o
    UNION
    SELECT o.objective, p.whole
    FROM   part AS p JOIN @model@.objectives AS o ON o.parent = p.objective
),
counted AS (
    SELECT 'owner' AS what, l.owner AS whose, l.* FROM kpi_attained AS l WHERE l.owner IS NOT NULL
    UNION ALL
    SELECT 'objective' AS what, p.whole AS whose, l.*
    FROM   kpi_attained AS l JOIN part AS p ON p.objective = l.objective
)
SELECT c.what,
       CASE c.what WHEN 'owner' THEN c.whose END AS owner,
       CASE c.what WHEN 'objective' THEN c.whose END AS objective,
       (SELECT o.title FROM @model@.objectives AS o
        WHERE  c.what = 'objective' AND o.objective = c.whose) AS title,
       kpi.attained(array_agg(c.attainment) FILTER (WHERE c.attainment IS NOT NULL),
                    array_agg(c.weight) FILTER (WHERE c.attainment IS NOT NULL), 1::numeric)
           AS attainment,
       count(*) AS targets,
       count(*) FILTER (WHERE c.attainment IS NULL AND c.weight > 0) AS unknown,
       bool_and(c.final) AS final,
       w.target_id AS weakest_target, w.kpi AS weakest_kpi,
       w.attainment AS weakest_attainment, w.status AS weakest_status
FROM   counted AS c
       LEFT JOIN (
           SELECT DISTINCT ON (l.what, l.whose) l.* FROM counted AS l
           WHERE  l.attainment IS NOT NULL AND l.weight > 0
           ORDER  BY l.what, l.whose, l.attainment, l.target_id) AS w
           ON w.what = c.what AND w.whose = c.whose
GROUP  BY c.what, c.whose, w.target_id, w.kpi, w.attainment, w.status

--@ column what
-- owner or objective: of whom the row is

--@ column owner
-- the owner; NULL in rows of objectives

--@ column objective
-- the objective; NULL in rows of owners

--@ column title
-- what it wants to reach

--@ column attainment
-- what is attained, from 0 to 1; NULL if nothing is known, or no target has a weight

--@ column targets
-- how many targets there are

--@ column unknown
-- of how many of those that count nothing is known

--@ column final
-- whether all of them have ended: from then on it changes only if data of that time do, or one of
-- them is revised

--@ column weakest_target
-- the number of the target of which least is attained

--@ column weakest_kpi
-- its indicator

--@ column weakest_attainment
-- what is attained of it

--@ column weakest_status
-- its status
