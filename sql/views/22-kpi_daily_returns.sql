-- The returns of each day, by the date the model books them on.
--@ source returns
--@ key day, dimensions
SELECT bucket('day', x.booked_at, s.timezone) AS day,
       average(x.refund)                      AS refund,
       average(x.quantity)                    AS units
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN kpi_returns AS x
GROUP  BY bucket('day', x.booked_at, s.timezone) @dimensions@
