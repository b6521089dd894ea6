--@ view kpi_grain
-- The indicators of each @grain@@and dimension@; period is the date it starts on, complete whether
-- it is over.
SELECT p.@start@ AS period@member@, p.complete@indicators@
FROM   kpi_periods AS p@members@@joins@
WHERE  p.grain = @grain@

--@ column period
-- The date on which the period starts.

--@ column complete
-- Whether the period is over.
