--@ view rewards | goals
-- What each incentive comes to as things stand: of what its target, or all targets of its owner
-- that have begun, have attained, up to its cap; of those that end in its span, if it has one. It
-- is not known while nothing is known of one of them.
WITH judged AS (
    SELECT i.incentive_id, coalesce(i.owner, max(l.owner)) AS owner, i.target_id,
           kpi.attained(array_agg(l.attainment) FILTER (WHERE l.begun),
                        -- one target alone counts whatever its weight
                        array_agg(CASE WHEN i.target_id IS NULL THEN l.weight ELSE 1 END)
                            FILTER (WHERE l.begun),
                        i.cap) AS attained,
           coalesce(bool_and(l.final), false) AS final,
           i.attained_from, i.attained_to, i.cap, i.amount, i.points, i.proportional
    FROM   @model@.incentives AS i
           LEFT JOIN kpi_attained AS l
                ON l.target_id = i.target_id
                OR l.owner = i.owner AND l.ends >= coalesce(i.starts, '-infinity')
                                     AND l.ends <= coalesce(i.ends, 'infinity')
    GROUP  BY i.incentive_id, i.owner, i.target_id, i.attained_from, i.attained_to, i.cap, i.amount,
           i.points, i.proportional
)
SELECT j.incentive_id, j.owner, j.target_id, j.attained, j.attained_from, j.attained_to, j.cap,
       kpi.reward(j.attained, numrange(j.attained_from, j.attained_to), j.amount, j.proportional)
           AS amount,
       s.currency,
       kpi.reward(j.attained, numrange(j.attained_from, j.attained_to), j.points, j.proportional)
           AS points,
       j.final
FROM   judged AS j CROSS JOIN kpi_settings AS s

--@ column incentive_id
-- the number of the incentive

--@ column owner
-- who gets it

--@ column target_id
-- the target it is for; NULL if it is for all of the owner

--@ column attained
-- what is attained, 1 being all of it, cap at most; NULL if it is not known

--@ column attained_from
-- from which attainment on it is paid

--@ column attained_to
-- below which one; NULL if however much is attained

--@ column cap
-- the attainment beyond which nothing more is paid

--@ column amount
-- how much money; NULL if it is not known, or points are paid

--@ column currency
-- in which currency

--@ column points
-- how many points; NULL if it is not known, or money is paid

--@ column final
-- whether all of these targets have ended, also those that have not begun: from then on it changes
-- only if data of that time do, or a target or the incentive is changed
