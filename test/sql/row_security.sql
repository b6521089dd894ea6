\set ECHO none
\i test/setup.psql
SELECT plan(6);

-- Whose row security applies: that of the owner of the source view; where all views run with the
-- rights of who reads them, that of the reader.

CREATE ROLE kpi_owner;
CREATE ROLE kpi_north;
CREATE TABLE sale AS
SELECT i AS order_id, timestamptz '2025-01-05' + i * interval '1 day' AS ordered_at,
       i * 10 AS net_sales, CASE WHEN i % 3 = 0 THEN 'kpi_north' ELSE 'kpi_south' END AS region
FROM   generate_series(1, 20) AS i;
ALTER TABLE sale ENABLE ROW LEVEL SECURITY;
CREATE POLICY region ON sale USING (region = current_user);
CREATE POLICY owner ON sale TO kpi_owner USING (true);
GRANT SELECT ON sale TO kpi_owner, kpi_north;

-- What the reader sees in January: all is 20 orders of 2100, the north 6 of 630.
CREATE FUNCTION public.january() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    EXECUTE 'SELECT format(''%s of %s'', orders, net_sales::int) FROM shop.kpi_month' INTO seen;
    RETURN seen;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 'permission denied';
END $$;

CREATE SCHEMA shop AUTHORIZATION kpi_owner;
GRANT USAGE ON SCHEMA shop TO kpi_north;
SET LOCAL ROLE kpi_owner;
CREATE VIEW shop.orders AS SELECT order_id, ordered_at, net_sales FROM public.sale;
SELECT FROM kpi.build('shop', 'UTC', as_of => '2025-01-31');
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO kpi_north;

RESET ROLE;

SET LOCAL ROLE kpi_north;
SELECT public.is(january(), '20 of 2100',
                 'a reader sees what the owner of the source view may see');
RESET ROLE;

SELECT format('ALTER VIEW shop.%I SET (security_invoker = true)', relname)
FROM   pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind = 'v'
\gexec
SET LOCAL ROLE kpi_north;
SELECT public.is(january(), '6 of 630',
          'where all views run with the rights of the reader, it is what the reader may see');
RESET ROLE;
SET LOCAL ROLE kpi_owner;
SELECT public.is(january(), '20 of 2100', 'and the owner what the owner may see');
RESET ROLE;

REVOKE SELECT ON sale FROM kpi_north;
SET LOCAL ROLE kpi_north;
SELECT public.is(january(), 'permission denied', 'a reader then needs rights to the tables');
RESET ROLE;
GRANT SELECT ON sale TO kpi_north;

SET LOCAL ROLE kpi_owner;
SELECT FROM kpi.build('shop', 'UTC', as_of => '2025-01-31');
SET LOCAL ROLE kpi_north;
SELECT public.is(january(), '6 of 630', 'building again leaves it at that');
RESET ROLE;

SET LOCAL ROLE kpi_owner;
SELECT FROM kpi.build('shop', 'UTC', as_of => '2025-01-31', storage => 'materialized');
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO kpi_north;
SET LOCAL ROLE kpi_north;
SELECT public.is(january(), '20 of 2100', 'what is materialized is what its owner may see');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
