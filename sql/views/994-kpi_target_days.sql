--@ view kpi_target_days | goals
-- The values of each day that is over, of the indicators that targets are about: what a running
-- period will come to is told by them, and when a source has stopped.
SELECT v.period AS day, @dimension@::text AS dimension, @member@ AS member, k.kpi, k.value,
       coalesce(@signs@, '{}') AS seen
FROM   @view@ AS v
       CROSS JOIN LATERAL (VALUES @rows@) AS k (kpi, value, sample_size, low, high, unit)
WHERE  v.complete

--@ column day
-- the day

--@ column dimension
-- the dimension, NULL in all

--@ column member
-- its member, NULL in all

--@ column kpi
-- the indicator, as in kpi.catalog

--@ column value
-- its value on that day

--@ column seen
-- the sources of what it is made of that have data that day: where a source has a sum that is not
-- zero, or if none has one, where the indicator has a value, which of a sum is not zero
