--@ view kpi_attained | goals
-- What each target has attained: in its last period that is over, or in the running one before any
-- is.
SELECT DISTINCT ON (c.target_id) c.target_id, c.owner, c.objective, c.kpi, c.status, c.weight,
       c.attainment::numeric            AS attainment,
       c.complete AND c.ends < s.today  AS final,
       c.starts, c.ends,
       c.starts <= s.today              AS begun
FROM   @model@.scorecard AS c CROSS JOIN kpi_settings AS s
ORDER  BY c.target_id, c.complete DESC, c.period DESC

--@ column target_id
-- the number of the target

--@ column owner
-- who answers for it

--@ column objective
-- the objective it belongs to

--@ column kpi
-- the indicator, as in kpi.catalog

--@ column status
-- its status

--@ column weight
-- how much it counts

--@ column attainment
-- what is attained, 1 being all of it, which can be more; NULL if nothing is known

--@ column final
-- whether it has ended: from then on it changes only if data of that time do, or it is revised

--@ column starts
-- its first day

--@ column ends
-- its last day

--@ column begun
-- whether that has come
