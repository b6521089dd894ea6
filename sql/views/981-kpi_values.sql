--@ view kpi_values
-- Every indicator of every period as a row, with the size of its sample and where the true value
-- lies with 95 % confidence.
SELECT @grain@::text AS grain, v.period, v.complete, @dimension@::text AS dimension,
       @member@ AS member,
       k.kpi, k.value, k.sample_size, k.low, k.high, k.unit
FROM   @view@ AS v
       CROSS JOIN LATERAL (VALUES @rows@) AS k (kpi, value, sample_size, low, high, unit)

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

--@ column period
-- The date on which the period starts.

--@ column complete
-- Whether the period is over.
