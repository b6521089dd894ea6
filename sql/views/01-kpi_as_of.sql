--@ view kpi_as_of | key as_of
-- The instant at which what is materialized was refreshed.
SELECT now() AS as_of

--@ column as_of
-- the instant of the last refresh
