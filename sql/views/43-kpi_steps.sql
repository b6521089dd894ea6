-- The names of the steps of the funnel.
--@ source events
--@ key step
SELECT x.step, min(x.label) AS label
FROM   @events@ AS x
WHERE  x.step >= 1
GROUP  BY x.step
