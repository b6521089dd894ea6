-- How time and memory of activity grow, with the rows and with the customers.
--
-- Rows come out of a generator, in random order of customers, over 24 months; the time and memory
-- it takes to count them are taken off. Each line is measured in a connection of its own, so that
-- the peak memory of the process is its own.

CREATE TABLE growth (
    rows bigint, customers bigint, counted_ms float8, ms float8, mb float8, stored_bytes bigint,
    active bigint);

CREATE FUNCTION peak_mb() RETURNS float8 LANGUAGE sql AS $$
    SELECT substring(status FROM 'VmHWM:\s*(\d+) kB')::float8 / 1024
    FROM   pg_read_file(format('/proc/%s/status', pg_backend_pid())) AS status
$$;

CREATE PROCEDURE measure_growth(rows bigint, customers bigint) LANGUAGE plpgsql AS $$
DECLARE
    source     text := format($q$
        (SELECT (hashint8extended(i, 0) & 9223372036854775807) %% %s AS customer,
                '2024-01-01'::date + (i * 24 / %s * 30)::int AS month
         FROM   (SELECT generate_series(0::bigint, %2$s - 1) AS i) AS i) AS source
        $q$, customers, rows);
    start      timestamptz := clock_timestamp();
    counted    timestamptz;
    counted_mb float8;
    value      kpi.activity;
    ended      timestamptz;
BEGIN
    EXECUTE 'SELECT count(customer), max(month) FROM ' || source;
    counted := clock_timestamp();
    counted_mb := peak_mb();
    EXECUTE 'SELECT kpi.activity(customer, month) FROM ' || source INTO value;
    ended := clock_timestamp();
    INSERT INTO growth
    VALUES (rows, customers, 1000 * extract(epoch FROM counted - start),
            1000 * extract(epoch FROM ended - counted),
            peak_mb() - counted_mb, pg_column_size(value), kpi.sample_size(value));
END $$;

\set ON_ERROR_STOP 1
\c -
CALL measure_growth(1000000, 1000000);
\c -
CALL measure_growth(10000000, 1000000);
\c -
CALL measure_growth(100000000, 1000000);
\c -
CALL measure_growth(10000000, 10000);
\c -
CALL measure_growth(10000000, 100000);
\c -
CALL measure_growth(10000000, 10000000);
\if :large
\c -
CALL measure_growth(100000000, 100000000);
\endif

\qecho
\qecho activity(customer, month): 24 months, one process
SELECT rows, active AS "customers",
       round((ms - counted_ms)::numeric / 1000, 2) AS "seconds more than count()",
       round(mb) AS "peak MB",
       round((mb * 1048576 / active)::numeric, 1) AS "peak bytes per customer",
       round(stored_bytes / 1e6, 1) AS "stored MB",
       round(stored_bytes::numeric / active, 2) AS "stored bytes per customer"
FROM   growth ORDER BY ctid;
