\set ECHO none
\i test/setup.psql
SELECT plan(12);

-- Nothing that somebody else has made is ever run: neither when the extension is installed, which
-- happens as superuser, nor when its functions are called and the views of a model read.


-- Who installs it.

DROP EXTENSION kpi CASCADE;
CREATE ROLE installer;
SELECT format('GRANT CREATE ON DATABASE %I TO installer', current_database()) \gexec
GRANT CREATE ON SCHEMA public TO installer;
SET LOCAL ROLE installer;
CREATE SCHEMA kpi;
SELECT throws_ok('CREATE EXTENSION kpi', '42P06', 'schema "kpi" already exists',
                 'a schema kpi that is there already is refused, whoever has made it');
ALTER SCHEMA kpi RENAME TO other;

-- Better matches than those of pg_catalog, as these take any array or any text.
CREATE FUNCTION hijacked(text) RETURNS text LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'hijacked: %', $1; END $$;
CREATE FUNCTION public.array_to_string(text[], text) RETURNS text LANGUAGE sql
RETURN hijacked('array_to_string');
CREATE FUNCTION public.format(text, text, text) RETURNS text LANGUAGE sql RETURN hijacked('format');
CREATE FUNCTION public.differs(text[], text[]) RETURNS boolean LANGUAGE sql
RETURN hijacked('<>') IS NULL;
CREATE OPERATOR public.<> (LEFTARG = text[], RIGHTARG = text[], FUNCTION = public.differs);
CREATE TYPE pg_temp.rate AS (successes int, trials int);
CREATE TABLE pg_temp.indicators (code text);
SELECT lives_ok('CREATE EXTENSION kpi', 'what lies in other schemas does not matter');
SELECT is((SELECT nspowner FROM pg_namespace WHERE nspname = 'kpi'), 10::oid,
          'its schema belongs to the superuser');
SELECT throws_ok('CREATE FUNCTION kpi.format(text, text) RETURNS text LANGUAGE sql RETURN $1',
                 '42501', 'permission denied for schema kpi',
                 'so who installed it cannot add to it');
SELECT throws_ok('DROP FUNCTION kpi.bucket(text, date)', '42501',
                 'must be owner of function kpi.bucket', 'nor take from it');
DROP EXTENSION kpi;
SELECT ok(to_regnamespace('kpi') IS NULL, 'but can drop it, and the schema goes along');
RESET ROLE;
DROP OWNED BY installer CASCADE;
CREATE EXTENSION kpi;


-- Who calls it. Every function and operator that our functions, views and queries call gets better
-- matches in our schema, public, the model's and that of temporary objects: with other types of
-- arguments, as literals and columns have them, and without those that have a default. Each ends
-- with an error that says what was run. As pgTAP would run them, too, what came of our calls is
-- kept in variables, and judged when they are gone.

\i test/shop.psql
INSERT INTO kpi.presets VALUES
    ('toy', 1, 'shop', 'Toy', '', ''),
    ('toy', 2, 'table', 'sale|sales', '',
     E'id key, required\nmade timestamptz, required\nworth numeric'),
    ('toy', 3, 'source', 'orders', 'Orders.',
     'SELECT s.id AS order_id, s.made AS ordered_at, s.worth AS net_sales FROM @sale@ AS s');
CREATE SCHEMA toy;
CREATE TABLE toy.sales (id uuid, made timestamp, worth real);

-- What is called in all that is run.
CREATE TABLE called AS
WITH run AS (
    SELECT pg_get_functiondef(oid) AS body
    FROM   pg_proc WHERE pronamespace = 'kpi'::regnamespace AND prokind = 'f'
    UNION ALL SELECT query FROM kpi.view_definitions
    UNION ALL SELECT query FROM kpi.check_definitions
    UNION ALL SELECT concat(value, ' ', sample) FROM kpi.formulas
    UNION ALL SELECT body FROM kpi.presets
)
SELECT p.proname AS name, p.pronamespace, string_to_array(p.proargtypes::text, ' ')::oid[] AS args,
       p.pronargdefaults AS defaults, p.provariadic <> 0 AS variadic
FROM   pg_proc AS p
WHERE  p.pronamespace IN ('pg_catalog'::regnamespace, 'kpi'::regnamespace)
AND    p.proname IN (SELECT m[1] FROM run, regexp_matches(body, '(\w+)"?\(', 'g') AS m)
AND    NOT 'internal'::regtype = ANY (p.proargtypes);

-- By which types those of arguments are replaced, as what is passed may have them.
CREATE TABLE instead AS
SELECT t::regtype::oid AS type, o::regtype::oid AS other
FROM   (VALUES ('text',                '{varchar,name,"char",regclass}'),
               ('name',                '{text,varchar}'),
               ('numeric',             '{bigint,integer,float8}'),
               ('float8',              '{numeric,bigint,integer}'),
               ('bigint',              '{integer,numeric}'),
               ('integer',             '{bigint,smallint}'),
               ('date',                '{timestamptz,timestamp,text}'),
               ('timestamptz',         '{date,timestamp,text}'),
               ('timestamp',           '{date,timestamptz,text}'),
               ('interval',            '{text,time}'),
               ('boolean',             '{text}'),
               ('oid',                 '{regclass,regproc,regtype,integer,bigint}'),
               ('regclass',            '{oid,text}'),
               ('text[]',              '{name[],varchar[],text}'),
               ('jsonb',               '{json,text}'),
               ('anyarray',            '{text[],name[],oid[],integer[],bigint[]}'),
               ('anycompatiblearray',  '{text[],name[],oid[],integer[],bigint[]}'),
               ('anyelement',          '{text,name,oid,bigint,numeric,date,timestamptz,boolean}'),
               ('anycompatible',       '{text,name,oid,bigint,numeric,date,timestamptz,boolean}'),
               ('"any"',               '{text,name,regclass,bigint,numeric,date,oid,boolean}'))
           AS i (t, os),
       unnest(os::text[]) AS o;

-- One argument is replaced, or all of a type, and with a polymorphic one all that follow it; what
-- takes any number of arguments gets up to six.
CREATE TABLE better AS
SELECT c.name,
       ARRAY(SELECT CASE WHEN a.type = i.type AND (n IS NULL OR a.n = at.n) THEN i.other
                         WHEN t.typtype <> 'p' OR p.typtype <> 'p' THEN a.type
                         WHEN t.typname LIKE '%array' = (p.typname LIKE '%array') THEN i.other
                         WHEN t.typname LIKE '%array' THEN o.typarray
                         ELSE o.typelem END
             FROM   unnest(c.args) WITH ORDINALITY AS a (type, n)
                    JOIN pg_type AS t ON t.oid = a.type
             ORDER  BY a.n) AS args
FROM   called AS c
       JOIN instead AS i ON i.type = ANY (c.args)
       JOIN pg_type AS p ON p.oid = i.type
       JOIN pg_type AS o ON o.oid = i.other
       CROSS JOIN LATERAL (SELECT NULL::bigint AS n
                           UNION ALL
                           SELECT n FROM unnest(c.args) WITH ORDINALITY AS a (type, n)
                           WHERE a.type = i.type) AS at
UNION
SELECT c.name, c.args[:cardinality(c.args) - 1] || array_fill(i.other, ARRAY[n])
FROM   called AS c, instead AS i, generate_series(1, 6) AS n
WHERE  c.variadic AND i.type = '"any"'::regtype
UNION
SELECT c.name, c.args[:cardinality(c.args) - n]
FROM   called AS c, generate_series(1, c.defaults) AS n
-- these are called here
WHERE  c.name NOT IN ('build', 'check', 'schedule', 'unschedule');

CREATE FUNCTION put_better_matches(place text, OUT functions bigint, OUT operators bigint)
LANGUAGE plpgsql SET search_path = pg_catalog AS $do$
DECLARE
    kinds constant regtype[] := '{text,name,"char",oid,regclass,integer,bigint,numeric,float8,date,
                                  timestamptz,interval,jsonb,text[],name[],oid[]}';
    item  record;
    body  constant text := ' LANGUAGE plpgsql AS $$ BEGIN '
                           'RAISE EXCEPTION ''hijacked: %%'', %L; END $$';
BEGIN
    SELECT 0, 0 INTO functions, operators;
    FOR item IN
        SELECT DISTINCT format('%I.%I(%s)', place, b.name,
                               array_to_string(b.args::regtype[], ', ')) AS what
        FROM   public.better AS b
        WHERE  NOT EXISTS (SELECT FROM pg_proc AS p
                           WHERE p.proname = b.name
                           AND    p.proargtypes::text = array_to_string(b.args, ' ')
                           AND   p.pronamespace
                               IN ('pg_catalog'::regnamespace, 'kpi'::regnamespace))
        AND    NOT EXISTS (SELECT FROM pg_type AS t WHERE t.oid = ANY (b.args) AND t.typtype = 'p')
        AND    b.args::text !~ '\m0\M'
    LOOP
        EXECUTE format('CREATE FUNCTION %s RETURNS text' || body, item.what, item.what);
        functions := functions + 1;
    END LOOP;
    FOR item IN
        SELECT o.name, l.type AS "left", r.type AS "right",
               format('%I.%I', place, 'operator ' || o.name) AS function
        FROM   (SELECT DISTINCT oprname AS name FROM pg_operator
                WHERE  oprname IN ('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '||',
                                   '@>', '<@', '&&', '~', '!~', '~~', '!~~', '->', '->>')) AS o,
               unnest(kinds) AS l (type), unnest(kinds) AS r (type)
        WHERE  NOT EXISTS (SELECT FROM pg_operator AS p
                           WHERE p.oprname = o.name AND p.oprleft = l.type AND p.oprright = r.type
                           AND   p.oprnamespace = 'pg_catalog'::regnamespace)
    LOOP
        EXECUTE format('CREATE FUNCTION %s(%s, %s) RETURNS boolean' || body, item.function,
                       item."left", item."right", item.function);
        EXECUTE format('CREATE OPERATOR %I.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %s)',
                       place, item.name, item."left", item."right", item.function);
        operators := operators + 1;
    END LOOP;
END $do$;

-- What is called, with the path of somebody who sees all of that first.
CREATE TABLE call (n integer GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO call (statement) VALUES
    ($$SELECT kpi.scaffold('orders'::text)$$),
    ($$SELECT * FROM kpi.detect('toy'::text)$$),
    ($$SELECT * FROM kpi.preset('toy'::text, 'toy'::text, 'copy'::text, false)$$),
    ($$SELECT * FROM kpi."check"('shop'::text, 'UTC'::text, 'EUR'::text)$$),
    ($$SELECT *
       FROM   kpi.build('shop'::text, 'Europe/Berlin'::text, 'EUR'::text, '{country}'::text[],
                      7, 4, 'materialized'::text, 'order'::text, 'date'::text,
                      business_hours => 'Mon-Fri 9:00-18:00'::text)$$),
    ($$SELECT * FROM kpi.define('shop'::text, 'spent'::text,
                               'round(coalesce(measure(''seen''), 0) / new_customers, 2) * 2
                                + abs(orders - 1) - greatest(units, nullif(aov, 0))'::text,
                               'Spent'::text, 'money'::text, 'down'::text, 'What is spent.'::text,
                               '花费'::text)$$),
    ($$SELECT * FROM kpi.snapshot('shop'::text)$$),
    ($$SELECT * FROM kpi.refresh('shop'::text)$$),
    ($$SELECT * FROM kpi."check"('shop'::text, everything => true)$$),
    ($$SELECT * FROM kpi.explain('shop'::text, 'aov'::text, 'month'::text, '2025-03-01'::date,
                                'country'::text, 'previous'::text, 1, 'zh'::text)$$),
    ($$SELECT * FROM kpi.explain('shop'::text, 'net_sales'::text, 'month'::text,
                                '2025-03-01'::date, NULL::text, 'last_year'::text, 1,
                                'en'::text)$$),
    ($$SELECT kpi.report('shop'::text, 'zh'::text, 'week'::text, 'country'::text, 'x'::text,
                         true)$$),
    ($$SELECT kpi.cube('shop'::text)$$),
    ($$SELECT kpi.metricflow('shop'::text)$$),
    ($$SELECT * FROM kpi.schedule('shop'::text, '* * * * *'::text)$$),
    ($$SELECT kpi.unschedule('shop'::text)$$),
    ($$TABLE kpi.catalog$$),
    ($$SELECT to_jsonb(k) FROM shop.kpi_values AS k$$),
    ($$SELECT to_jsonb(s) FROM shop.signals AS s WHERE grain = 'month'::text$$),
    ($$TABLE shop.cohort_retention$$),
    ($$TABLE shop.cohort_sales$$),
    ($$TABLE shop.kpi_today$$),
    ($$TABLE shop.funnel_steps$$),
    ($$TABLE shop.funnel_times$$),
    ($$SELECT * FROM kpi.undefine('shop'::text, 'spent'::text)$$),
    ($$SELECT * FROM kpi.drop_views('shop'::text)$$);

CREATE FUNCTION outcomes() RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    item record;
    came text := '';
BEGIN
    FOR item IN SELECT n, statement FROM public.call ORDER BY n LOOP
        BEGIN
            PERFORM set_config('search_path', 'pg_catalog, shop, public, kpi, pg_temp', true);
            EXECUTE item.statement;
            PERFORM set_config('search_path', 'pg_catalog', true);
        EXCEPTION WHEN OTHERS THEN
            -- pg_cron need not be there
            IF SQLERRM !~ '^pg_cron is not installed' THEN
                came := came || format(E'\n%s: %s', item.statement, SQLERRM);
            END IF;
        END;
    END LOOP;
    RETURN came;
END $$;

SAVEPOINT clean;
SELECT put_better_matches('pg_temp') AS temp_put, outcomes() AS temp_outcome \gset
ROLLBACK TO clean;
SELECT put_better_matches('shop') AS shop_put, outcomes() AS shop_outcome \gset
ROLLBACK TO clean;
SELECT put_better_matches('public') AS public_put, outcomes() AS public_outcome \gset
ROLLBACK TO clean;
SELECT put_better_matches('kpi') AS kpi_put, outcomes() AS kpi_outcome \gset
ROLLBACK TO clean;
TRUNCATE call;
INSERT INTO call (statement) VALUES ('SELECT ''{a}''::text[] || ''b''::name');
SELECT put_better_matches('public') AS control_put, outcomes() AS control_outcome \gset
ROLLBACK TO clean;

SELECT is(:'temp_outcome', ''::text, 'none of those in pg_temp is run');
SELECT is(:'shop_outcome', ''::text, 'none of those in the schema of the model is run');
SELECT is(:'public_outcome', ''::text, 'none of those in public is run');
SELECT is(:'kpi_outcome', ''::text, 'none of those in our own schema is run');
SELECT matches(:'control_outcome'::text, 'hijacked: public\."operator \|\|"',
               'and what is not written for it does run them');
SELECT matches(:'kpi_put'::text, '^\(\d{4,},\d{4,}\)$',
               'there are thousands of functions and operators');
SELECT * FROM finish();
ROLLBACK;
