--@ view kpi_target_values | goals
-- The rows of kpi_values of those indicators, grains and dimensions that targets are about. It is
-- quick to read.
SELECT @grain@::text AS grain, v.period,
       (SELECT max(p.until) FROM kpi.periods(@grain name@::text, v.period, v.period) AS p) AS until,
       v.complete, @dimension@::text AS dimension, @member@ AS member,
       k.kpi, k.value, k.sample_size, k.low, k.high, k.unit
FROM   @view@ AS v
       CROSS JOIN LATERAL (VALUES @rows@) AS k (kpi, value, sample_size, low, high, unit)

--@ column period
-- The date on which the period starts.

--@ column until
-- the date on which the next period starts, infinity in grain all

--@ column complete
-- Whether the period is over.

--@ column dimension
-- the dimension, NULL in all

--@ column member
-- its member, NULL in all

--@ column kpi
-- the indicator, as in kpi.catalog

--@ column value
-- its value

--@ column sample_size
-- how many observations it is made of, where that is known

--@ column low
-- where the true value starts, with 95 % confidence; shares and NPS only

--@ column high
-- where it ends

--@ column unit
-- its unit, as in kpi.catalog
