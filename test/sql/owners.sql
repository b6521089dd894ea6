\set ECHO none
\i test/setup.psql
SELECT plan(115);

-- Nobody runs what somebody else has written into a model: a role that has more rights and works on
-- the model of another is refused before anything of the model is read.

CREATE ROLE kpi_eve;
CREATE SEQUENCE ran;
GRANT USAGE ON SEQUENCE ran TO kpi_eve;
CREATE FUNCTION spring() RETURNS boolean LANGUAGE sql VOLATILE RETURN nextval('public.ran') > 0;
CREATE FUNCTION spring_trigger() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM public.spring(); RETURN NEW; END $$;
INSERT INTO presets VALUES
    ('toy', 1, 'shop', 'Toy', '', ''),
    ('toy', 2, 'table', 'sale', '', E'id key, required\nmade timestamptz, required'),
    ('toy', 3, 'source', 'orders', 'Orders.',
     'SELECT s.id AS order_id, s.made AS ordered_at FROM @sale@ AS s');
CREATE SCHEMA toy;
CREATE TABLE toy.sale (id int, made timestamptz);

-- All that works on a model.
CREATE TABLE call (n integer GENERATED ALWAYS AS IDENTITY, name text, statement text);
INSERT INTO call (name, statement) VALUES
    ('preset',      'SELECT * FROM kpi.preset(''toy'', ''toy'', ''shop'', true)'),
    ('check',       'SELECT * FROM kpi.check(''shop'')'),
    ('build',       'SELECT * FROM kpi.build(''shop'', ''UTC'', storage => ''materialized'')'),
    ('refresh',     'SELECT * FROM kpi.refresh(''shop'')'),
    ('snapshot',    'SELECT * FROM kpi.snapshot(''shop'')'),
    ('schedule',    'SELECT kpi.schedule(''shop'', ''* * * * *'')'),
    ('cube',        'SELECT kpi.cube(''shop'')'),
    ('metricflow',  'SELECT kpi.metricflow(''shop'')'),
    ('drop_views',  'SELECT kpi.drop_views(''shop'')');

-- What kpi_eve prepares in a model, and what is said then.
CREATE TABLE trap (n integer GENERATED ALWAYS AS IDENTITY, name text, told text, statements text[]);
INSERT INTO trap (name, told, statements) VALUES
    ('her schema', 'schema "shop" belongs to role "kpi_eve"', ARRAY[
        'ALTER SCHEMA shop OWNER TO kpi_eve']),
    ('her source', 'shop.orders belongs to role "kpi_eve"', ARRAY[
        'ALTER VIEW shop.orders OWNER TO kpi_eve',
        'CREATE OR REPLACE VIEW shop.orders AS SELECT * FROM public.sale WHERE public.spring()']),
    ('her view of settings', 'shop.kpi_settings belongs to role "kpi_eve"', ARRAY[
        'ALTER VIEW shop.kpi_settings OWNER TO kpi_eve',
        '']),   -- see below
    ('her view of months', 'shop.kpi_month belongs to role "kpi_eve"', ARRAY[
        'ALTER TABLE shop.kpi_month OWNER TO kpi_eve']),
    ('her table to record in', 'shop.recorded_carts belongs to role "kpi_eve"', ARRAY[
        'CREATE TABLE shop.recorded_carts (cart_id integer, created_at timestamptz)',
        'CREATE TRIGGER spring BEFORE INSERT ON shop.recorded_carts FOR EACH ROW '
        'EXECUTE FUNCTION public.spring_trigger()',
        'ALTER TABLE shop.recorded_carts OWNER TO kpi_eve']),
    ('her right to add to the schema', 'schema "shop" lets create role "kpi_eve"', ARRAY[
        'GRANT CREATE ON SCHEMA shop TO kpi_eve']),
    ('everybody''s right to', 'schema "shop" lets create role "PUBLIC"', ARRAY[
        'GRANT CREATE ON SCHEMA shop TO PUBLIC']),
    ('her right to add triggers', 'shop.recorded_carts lets add triggers role "kpi_eve"', ARRAY[
        'CREATE TABLE shop.recorded_carts (cart_id integer, created_at timestamptz)',
        'GRANT ALL ON shop.recorded_carts TO kpi_eve']),
    ('her trigger', 'trigger spring on shop.recorded_carts runs a function of role "kpi_eve"',
     ARRAY[
        'CREATE TABLE shop.recorded_carts (cart_id integer, created_at timestamptz)',
        'CREATE FUNCTION public.her_trigger() RETURNS trigger LANGUAGE plpgsql '
        'AS $t$ BEGIN PERFORM public.spring(); RETURN NEW; END $t$',
        'ALTER FUNCTION public.her_trigger() OWNER TO kpi_eve',
        'CREATE TRIGGER spring BEFORE INSERT ON shop.recorded_carts FOR EACH ROW '
        'EXECUTE FUNCTION public.her_trigger()']),
    ('her type, which she can cast to text',
     'the type of shop.orders.state belongs to role "kpi_eve"', ARRAY[
        'CREATE TYPE public.state AS ENUM (''sold'')',
        'CREATE FUNCTION public.tell(public.state) RETURNS text LANGUAGE plpgsql '
        'AS $t$ BEGIN PERFORM public.spring(); RETURN ''sold''; END $t$',
        'CREATE CAST (public.state AS text) WITH FUNCTION public.tell(public.state)',
        'CREATE DOMAIN public.what AS public.state',
        'ALTER TYPE public.state OWNER TO kpi_eve',
        'CREATE OR REPLACE VIEW shop.orders AS '
        'SELECT *, ''sold''::public.what AS state FROM public.sale']);

CREATE TABLE sale AS
SELECT i AS order_id, timestamptz '2025-01-01' + i * interval '1 day' AS ordered_at
FROM   generate_series(1, 50) AS i;
GRANT SELECT ON sale TO kpi_eve;
CREATE SCHEMA shop;
CREATE VIEW shop.orders AS SELECT * FROM sale;
CREATE VIEW shop.carts AS SELECT order_id AS cart_id, ordered_at AS created_at FROM sale;
SELECT lives_ok(statement, name || ' of one''s own model')
FROM   call WHERE name IN ('build', 'refresh', 'snapshot', 'check', 'cube', 'metricflow')
ORDER  BY n;
DROP TABLE shop.recorded_carts;

-- kpi_settings as it is, and something more.
UPDATE trap SET statements = ARRAY[statements[1],
    format('CREATE OR REPLACE VIEW shop.kpi_settings AS '
           'SELECT * FROM (%s) AS s WHERE public.spring()',
           rtrim(pg_get_viewdef('shop.kpi_settings'::regclass), ';'))]
WHERE  name = 'her view of settings';

CREATE FUNCTION outcome(statement text, OUT state text, OUT told text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = '00001', MESSAGE = 'it is done';
EXCEPTION WHEN OTHERS THEN
    state := SQLSTATE;
    told := SQLERRM;
END $$;
-- Sets the trap, calls, and takes all of it back.
CREATE FUNCTION trapped(statements text[], call text, OUT state text, OUT told text)
LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
    SELECT o.* INTO state, told FROM outcome(call) AS o;
    RAISE EXCEPTION USING ERRCODE = '00002';
EXCEPTION WHEN SQLSTATE '00002' THEN
    NULL;
END $$;
SELECT is(r.told, t.told,
          c.name || ' refuses ' || t.name)
FROM   trap AS t, call AS c, LATERAL trapped(t.statements, c.statement) AS r ORDER BY t.n, c.n;
SELECT is((SELECT is_called FROM ran), false, 'and nothing of hers was run');

-- The spring is one: who has no more rights than she runs it.
SELECT is((trapped(ARRAY['ALTER ROLE kpi_eve SUPERUSER'] || statements,
                   'SELECT * FROM kpi.refresh(''shop'')')).state, '00001',
          'who could do all the caller can is trusted: ' || name)
FROM   trap WHERE told !~ 'PUBLIC' ORDER BY n;
SELECT is((SELECT is_called FROM ran), true, 'and what she has written runs');

-- What is told.
CREATE FUNCTION advice_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint   text;
BEGIN
    EXECUTE statement;
    RETURN NULL;
EXCEPTION WHEN insufficient_privilege THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN detail || ' ' || hint;
END $$;
GRANT CREATE ON SCHEMA shop TO kpi_eve;
SELECT is(advice_of('SELECT kpi.refresh(''shop'')'),
          format('Views can call functions, and refresh would run those of "kpi_eve" with the '
                 'rights of "%s". '
                 'REVOKE CREATE ON SCHEMA shop FROM kpi_eve;', current_user),
          'it is said why, and what to write');
REVOKE CREATE ON SCHEMA shop FROM kpi_eve;
ALTER SCHEMA shop OWNER TO kpi_eve;
SELECT is(advice_of('SELECT kpi.refresh(''shop'')'),
          format('Views can call functions, and refresh would run those of "kpi_eve" with the '
                 'rights of "%s". '
                 'Let "kpi_eve" call it, or connect as this role.', current_user),
          'or who can do it');

-- The owner works on it, whoever has tried before.
DROP SCHEMA shop CASCADE;
CREATE SCHEMA shop AUTHORIZATION kpi_eve;
SET LOCAL ROLE kpi_eve;
CREATE VIEW shop.orders AS SELECT * FROM public.sale;
CREATE VIEW shop.carts AS SELECT order_id AS cart_id, ordered_at AS created_at FROM public.sale;
SELECT lives_ok('SELECT kpi.build(''shop'', ''UTC'')', 'she builds it');
RESET ROLE;
SELECT throws_ok('SELECT kpi.snapshot(''shop'')', '42501',
                 'schema "shop" belongs to role "kpi_eve"',
                 'another one does not record in it for her');
SET LOCAL ROLE kpi_eve;
SELECT lives_ok('SELECT kpi.snapshot(''shop'')', 'so that she still can');
SELECT lives_ok('SELECT kpi.build(''shop'', ''UTC'')', 'and build it again');
RESET ROLE;

-- What she may not read is for her to be let read.
REVOKE SELECT ON public.sale FROM kpi_eve;
SET LOCAL ROLE kpi_eve;
SELECT results_eq($$SELECT source, finding, advice FROM kpi."check"('shop')
                    WHERE  trap = 'unreadable' ORDER BY source$$,
                  $$SELECT s, 'reading the rows ends with an error: permission denied for table '
                              'sale',
                           'GRANT SELECT on it, and USAGE on its schema, to the owner of the view '
                           'that reads it'
                    FROM   unnest('{carts,orders}'::text[]) AS s$$,
                  'a right that is missing is not to be mended in the view');
RESET ROLE;

-- A schema of the database's owner, as public is.
ALTER SCHEMA toy OWNER TO pg_database_owner;
GRANT CREATE ON SCHEMA toy TO pg_database_owner;
SELECT lives_ok('SELECT * FROM kpi.preset(''toy'', ''toy'', ''toy'')',
                'a schema of pg_database_owner is that of who owns the database');

SELECT * FROM finish();
ROLLBACK;
