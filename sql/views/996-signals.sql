--@ view signals
-- Which values are no chance: of each indicator, by day, week and month, what was usual before each
-- complete period (centre), between which limits chance would have left it, and by which rule it is
-- a signal, if it is one. Growth is not judged, as what grows is. Read one grain, and in all or by
-- one dimension: WHERE grain = 'month' AND dimension IS NULL.
SELECT j.kpi,
       @grain@::text           AS grain,
       @dimension@::text       AS dimension,
       j.member,
       j.period,
       j.value,
       (j.signal).centre       AS centre,
       (j.signal).lower        AS lower,
       (j.signal).upper        AS upper,
       (j.signal).sigma        AS sigma,
       (j.signal).rule         AS rule,
       (j.signal).side         AS side,
       CASE WHEN (j.signal).rule IS NOT NULL
            THEN (j.signal).side = CASE j.direction WHEN 'up' THEN 'above'
                                                    WHEN 'down' THEN 'below' END END AS good,
       kpi.signal_why(j.value, j.signal, j.unit, @grain@::text, @currency@::text, 'en'::text)
           AS why,
       kpi.signal_why(j.value, j.signal, j.unit, @grain@::text, @currency@::text, 'zh'::text)
           AS why_zh,
       j.unit,
       (j.signal).periods      AS periods,
       (j.signal).seasonal     AS seasonal
FROM   (SELECT v.period, @member@ AS member, k.kpi, k.value, k.unit, k.direction,
               kpi.signal(k.value, k.observations, k.total, k.squares,
                          kpi.season(@grain@::text, v.period), k.lowest, k.highest)
                   OVER (PARTITION BY k.kpi, @member@ ORDER BY v.period) AS signal
        FROM   @view@ AS v
               CROSS JOIN LATERAL (VALUES @observations@)
                   AS k (kpi, value, unit, direction, observations, total, squares, lowest, highest)
        WHERE  v.complete) AS j
WHERE  j.value IS NOT NULL

--@ column kpi
-- the indicator, as in kpi.catalog

--@ column grain
-- day, week or month

--@ column dimension
-- the dimension, NULL in all

--@ column member
-- its member, NULL in all

--@ column period
-- The date on which the period starts.

--@ column value
-- its value

--@ column centre
-- what is usual: the mean of earlier periods, of the same weekday or month where there are enough;
-- NULL if there are fewer than eight, without the first

--@ column lower
-- the lower limit, below which it would not be by chance; NULL if there is none, as nothing varied

--@ column upper
-- the upper limit

--@ column sigma
-- the standard deviation, as one period and the next differ, for a sample of this size

--@ column rule
-- outside, if it is beyond a limit; run_of_eight, if eight periods in a row are on one side of the
-- centre; three_of_four, if it is one of three of the last four that are more than half way to a
-- limit; NULL if it is no signal

--@ column side
-- above or below what is usual; NULL if at it or there are no limits

--@ column good
-- whether a signal is a good one, as the direction of the indicator in kpi.catalog says; NULL if
-- that depends, or it is no signal

--@ column why
-- why it is a signal or none, in a sentence

--@ column why_zh
-- the same in Chinese

--@ column unit
-- its unit, as in kpi.catalog

--@ column periods
-- how many earlier periods say what is usual

--@ column seasonal
-- whether it is compared with its own season: its weekday, its month of the year
