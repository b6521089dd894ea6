\set ECHO none
\i test/setup.psql
SELECT plan(88);

-- A model whose storage is materialized shows what it was last refreshed to, and then exactly what
-- one that computes when read shows.

-- A shop with every source. now() stands still in a transaction, so both models are seen at the
-- same instant.
CREATE FUNCTION any_instant() RETURNS timestamptz
LANGUAGE sql AS 'SELECT now() - random() * interval ''100 days''';
CREATE SCHEMA raw;
CREATE TABLE raw.orders AS
SELECT i AS order_id, any_instant() AS ordered_at, maybe(any_of(1, 90)) AS customer_id,
       round((random() * 100)::numeric, 2) AS net_sales,
       (ARRAY['web', 'app', NULL])[any_of(1, 3)] AS channel FROM generate_series(1, 400) AS i;
CREATE TABLE raw.order_lines AS
SELECT order_id, any_of(1, 5) AS quantity, 'a' || order_id % 7 AS sku FROM raw.orders;
CREATE TABLE raw.visits AS
SELECT i AS visit_id, any_instant() AS started_at, any_of(1, 200) AS visitor_id,
       random() < 0.1 AS converted, 'web' AS channel
FROM   generate_series(1, 600) AS i;
CREATE TABLE raw.events AS
SELECT any_of(1, 60) AS visitor_id, any_instant() AS occurred_at, any_of(1, 4)::int AS step
FROM   generate_series(1, 500);
CREATE TABLE raw.carts AS
SELECT i AS cart_id, at AS created_at,
       CASE WHEN random() < 0.3 THEN at + interval '5 min' END AS ordered_at
FROM   (SELECT i, any_instant() AS at FROM generate_series(1, 300) AS i) AS x;
CREATE TABLE raw.returns AS
SELECT order_id, ordered_at + interval '3 days' AS returned_at, net_sales / 2 AS refund
FROM   raw.orders WHERE order_id % 9 = 1;
CREATE TABLE raw.order_changes AS
SELECT order_id, ordered_at + interval '2 days' AS changed_at, net_sales / 4 AS net_sales
FROM   raw.orders WHERE order_id % 8 = 1;
CREATE TABLE raw.deliveries AS
SELECT order_id, ordered_at, maybe(ordered_at + random() * interval '5 days') AS delivered_at,
       ordered_at + interval '4 days' AS promised_at
FROM   raw.orders;
CREATE TABLE raw.surveys AS
SELECT any_instant() AS answered_at, (ARRAY['nps', 'csat', 'enps'])[any_of(1, 3)] AS instrument,
       any_of(1, 5)::int AS score
FROM   generate_series(1, 200);
CREATE TABLE raw.stock_moves AS
SELECT 'a' || i % 7 AS sku, any_instant() AS moved_at, any_of(-5, 6) AS quantity, 2.5 AS unit_cost,
       'sale' AS kind
FROM   generate_series(1, 200) AS i;
CREATE TABLE raw.stock_levels AS
SELECT 'a' || i % 7 AS sku, date_trunc('day', now()) - i / 7 * interval '1 day' AS counted_at,
       any_of(0, 50) AS on_hand, 2.5 AS unit_cost
FROM   generate_series(0, 139) AS i;
CREATE TABLE raw.tickets AS
SELECT i AS ticket_id, at AS opened_at, maybe(at + random() * interval '2 days') AS first_reply_at
FROM   (SELECT i, any_instant() AS at FROM generate_series(1, 100) AS i) AS x;
CREATE TABLE raw.projects AS
SELECT i AS project_id, current_date - any_of(0, 90)::int AS due_on,
       current_date - any_of(0, 90)::int AS done_on
FROM   generate_series(1, 30) AS i;
CREATE TABLE raw.holidays AS
SELECT current_date - i * 9 AS held_on FROM generate_series(1, 20) AS i;
CREATE TABLE raw.spend AS
SELECT current_date - i AS spent_on, 10 + i AS amount FROM generate_series(1, 40) AS i;
CREATE TABLE raw.measures AS
SELECT 'reach' AS measure, current_date - i AS measured_on, i AS amount, 9 AS of
FROM   generate_series(1, 40) AS i;
CREATE SCHEMA read;
CREATE SCHEMA kept;
SELECT format('CREATE VIEW %I.%I AS SELECT * FROM raw.%2$I', model, source)
FROM   (SELECT DISTINCT source FROM source_columns) AS s, unnest('{read,kept}'::text[]) AS model
\gexec
-- Both have indicators of their own.
SELECT FROM unnest('{read,kept}'::text[]) AS model,
            put_own_table(model, current_user::text);
INSERT INTO read.indicators (indicator, formula, name, name_zh, unit, definition) VALUES
    ('own_reach', 'measure(''reach'')', 'Reach', '触达', 'share', 'Of all.'),
    ('own_spend', 'marketing_spend / new_customers + own_reach', 'Spend', '花费', 'money', 'Each.');
INSERT INTO kept.indicators TABLE read.indicators;

CREATE VIEW refreshed AS SELECT relation, rows, took >= '0' AS took, note FROM refresh('kept');
CREATE VIEW stored AS
SELECT relname::text AS name
FROM   pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'm';

SELECT lives_ok($$SELECT build('read', 'Asia/Tokyo', dimensions => '{channel}')$$,
                'a model that computes when it is read');
SELECT lives_ok($$SELECT build('kept', 'Asia/Tokyo', dimensions => '{channel}',
                               storage => 'materialized')$$,
                'and one that keeps what it computes');
SELECT set_eq($$SELECT relname
                FROM   pg_class
                       JOIN found_views('kept') AS v ON v.name = relname
                WHERE  relnamespace = 'kept'::regnamespace$$,
              $$SELECT name FROM found_views('read') UNION SELECT 'kpi_as_of'$$,
              'have the same views, but for the instant of the last refresh');
SELECT set_eq('TABLE stored',
              $$SELECT name FROM view_definitions WHERE key IS NOT NULL UNION SELECT 'kpi_as_of'$$,
              'what has a key is materialized');
SELECT is_empty($$SELECT differing('kept', 'read')$$, 'and show the same');
SELECT is_empty($$SELECT source
                  FROM   (SELECT DISTINCT source FROM source_columns) AS s, pg_depend AS d
                         JOIN pg_rewrite AS w ON w.oid = d.objid
                         JOIN pg_class AS c ON c.oid = w.ev_class
                  WHERE d.classid = 'pg_rewrite'::regclass
                  AND    d.refobjid = ('kept.' || source)::regclass AND c.relkind = 'v'
                  AND    c.relname ~ '^(kpi_|cohort|funnel)'
                  AND    c.relname !~ ('^kpi_(orders|order_lines|returns|'
                                   'order_changes|deliveries|surveys)$')$$,
                'no view above reads a source');

-- What changes in the sources shows when the model is refreshed, and not before.
CREATE TABLE before AS SELECT * FROM kept.kpi_values;
UPDATE raw.orders SET net_sales = net_sales + 1, customer_id = order_id % 40 WHERE order_id % 3 = 0;
DELETE FROM raw.orders WHERE order_id % 50 = 2;
INSERT INTO raw.orders
SELECT 1000 + i, now() - i * interval '5 days', 7, 10, 'new' FROM generate_series(0, 60) AS i;
UPDATE raw.visits SET converted = NOT converted WHERE visit_id % 5 = 0;
DELETE FROM raw.events WHERE step = 2;
UPDATE raw.order_changes SET net_sales = net_sales - 1, changed_at = changed_at + interval '1 day';
UPDATE raw.carts SET ordered_at = now() WHERE cart_id % 4 = 0;
TRUNCATE raw.surveys;
UPDATE raw.stock_moves SET quantity = -quantity WHERE sku = 'a3';
SELECT results_eq('TABLE kept.kpi_values ORDER BY 1, 2, 4, 5, 6',
                  'TABLE before ORDER BY 1, 2, 4, 5, 6',
                  'what changes in the sources does not show');
SELECT is_empty($$SELECT name
                  FROM   unnest('{kpi_month,kpi_values,kpi_daily_orders,cohort_retention,
                                funnel_steps,funnel_times,kpi_first_day}'::text[])
                      AS name
                  EXCEPT
                  SELECT differing('kept', 'read')$$,
                'although it should');
SELECT results_eq('SELECT relation, rows IS NOT NULL, took, note
                   FROM   refreshed WHERE rows IS NOT NULL',
                  'SELECT name, true, true, NULL::text
                   FROM   found_views(''kept'') AS v
                          JOIN stored USING (name)
                   ORDER  BY v.n',
                  'until refresh, which reports each relation in its order');
SELECT is_empty($$SELECT differing('kept', 'read')$$, 'and then shows all of it');
SELECT is(note, 'refreshed as of ' || now(), 'and says as of when')
FROM   refreshed WHERE relation = 'kept';
CREATE TABLE report AS TABLE refreshed;
SELECT is(rows, (SELECT count(*) FROM kept.kpi_daily_orders), 'with the number of rows it holds')
FROM   report WHERE relation = 'kpi_daily_orders';
SELECT is((SELECT as_of FROM kept.kpi_settings), now(), 'and is seen as of now');

-- As a scheduler that knows nothing of models does it.
UPDATE raw.orders SET net_sales = net_sales + 2 WHERE order_id % 7 = 0;
DELETE FROM raw.visits WHERE visit_id % 3 = 0;
SELECT lives_ok(format('REFRESH MATERIALIZED VIEW CONCURRENTLY kept.%I', matviewname),
                'any scheduler can refresh ' || matviewname)
FROM   pg_matviews WHERE schemaname = 'kept' ORDER BY matviewname COLLATE "C";
SELECT is_empty($$SELECT differing('kept', 'read')$$, 'one by one in alphabetical order');
REFRESH MATERIALIZED VIEW kept.kpi_daily_visits WITH NO DATA;
SELECT lives_ok('SELECT refresh(''kept'')', 'what was emptied');
SELECT is_empty($$SELECT differing('kept', 'read')$$, 'is filled');

-- Sources that change.
CREATE OR REPLACE VIEW kept.orders AS
SELECT order_id, ordered_at, customer_id, net_sales * 2 AS net_sales, channel, 5.0 AS cost,
       'Berlin' AS town
FROM   raw.orders;
SELECT is(note,
          'not read: cost; to read it, build again: SELECT * FROM kpi.build(''kept'', timezone => '
          '''Asia/Tokyo'', dimensions => ''{channel}'', storage => ''materialized'')',
          'a column that could be read is reported') FROM refreshed WHERE relation = 'orders';
SELECT is((SELECT total(rollup(net_sales)) FROM kept.kpi_daily_orders),
          2 * (SELECT total(rollup(net_sales)) FROM read.kpi_daily_orders),
          'and what a view says now is what counts');
CREATE VIEW public.dashboard AS SELECT period, net_sales FROM kept.kpi_month;
SELECT throws_ok($$SELECT build('kept', 'Asia/Tokyo', dimensions => '{channel}',
                                storage => 'materialized')$$,
                 '2BP01', 'other objects depend on the views of model "kept"',
                 'reading another column makes the model anew, which others may stand on');
DROP VIEW public.dashboard;
SELECT is(action, 'replaced', 'and is reported')
FROM   build('kept', 'Asia/Tokyo', dimensions => '{channel}', storage => 'materialized')
WHERE  object = 'materialized view kpi_daily_orders';
SELECT has_column('kept', 'kpi_month', 'gross_profit', 'what it needs is there then');
SELECT is_empty('SELECT FROM refreshed WHERE relation = ''orders''', 'and nothing is left to read');

-- What stays the same stays in place, refreshed.
CREATE VIEW public.dashboard AS SELECT period, net_sales FROM kept.kpi_month;
CREATE TABLE identity AS SELECT name, ('kept.' || name)::regclass::oid AS oid FROM stored;
UPDATE raw.orders SET net_sales = 1;
SELECT lives_ok($$SELECT build('kept', 'Europe/Berlin', dimensions => '{channel}',
                               storage => 'materialized', as_of => NULL)$$,
                'another time zone needs no other relations');
SELECT results_eq('SELECT name, (''kept.'' || name)::regclass::oid FROM stored ORDER BY 1',
                  'TABLE identity ORDER BY 1',
                  'so they stay, and what stands on them');
SELECT lives_ok($$SELECT build('read', 'Europe/Berlin', dimensions => '{channel}')$$,
                'in that time zone');
SELECT results_eq('SELECT day, by_channel, total(net_sales)
                   FROM   kept.kpi_daily_orders ORDER BY 1, 2',
                  'SELECT day, by_channel, 2 * total(net_sales)
                   FROM   read.kpi_daily_orders ORDER BY 1, 2',
                  'days are others');
DROP VIEW public.dashboard;

-- What fails has changed nothing.
CREATE TABLE kept_before AS SELECT * FROM kept.kpi_values;
UPDATE raw.orders SET net_sales = 3;
INSERT INTO raw.surveys VALUES (now(), 'csat', 17);
SELECT throws_like('SELECT refresh(''kept'')',
                   'kpi_daily_surveys of model "kept" cannot be refreshed: %',
                   'a row that cannot be read says where');
SELECT results_eq('TABLE kept.kpi_values ORDER BY 1, 2, 4, 5, 6',
                  'TABLE kept_before ORDER BY 1, 2, 4, 5, 6',
                  'and nothing has changed, not even what was computed before it');
DELETE FROM raw.surveys WHERE score = 17;
DROP VIEW kept.tickets CASCADE;
SELECT throws_ok('SELECT refresh(''kept'')', '55000', 'model "kept" is not as it was built',
                 'nor where a source was dropped with all that stood on it');
SELECT lives_ok((SELECT built_by FROM kept.kpi_settings),
                'kpi_settings knows the call that builds again');
SELECT lives_ok('SELECT refresh(''kept'')', 'which does without');

-- What cannot be refreshed, and why.
CREATE SCHEMA empty;
SELECT throws_ok(call, state, message, rule)
FROM   (VALUES
    ('SELECT refresh(''nowhere'')',                      '3F000', 'schema "nowhere" does not exist',
     'a model is a schema'),
    ('SELECT refresh(NULL)',                             '22004', 'no schema is named',
     'with a name'),
    ('SELECT refresh(''empty'')',                        '55000',
     'model "empty" has not been built',   'that was built'),
    ('SELECT refresh(''read'')',                         '55000',
     'model "read" has nothing to refresh', 'to be stored'),
    ('SELECT schedule(''read'', ''* * * * *'')',         '55000',
     'model "read" has nothing to refresh', 'only that is scheduled'),
    ('SELECT schedule(''kept'', ''* * * * *'', ''tea'')', '22023', 'unknown task "tea"',
     'for a task that is known'),
    ('SELECT schedule(''kept'', ''* * * * *'', NULL)',   '22023', 'unknown task "<NULL>"',
     'that is said'),
    ('SELECT schedule(''kept'', NULL)',                  '22004', 'it is not said when to refresh',
     'and when'),
    ('SELECT schedule(''kept'', ''* * * * *'')',         '55000',
     format('pg_cron is not installed in database "%s"', current_database()), 'where pg_cron is')
) AS t (call, state, message, rule);
SELECT is(unschedule('kept'), false, 'where it is not, nothing is scheduled');
CREATE ROLE kpi_refresher;
GRANT USAGE ON SCHEMA kept TO kpi_refresher;
GRANT SELECT ON ALL TABLES IN SCHEMA kept TO kpi_refresher;
SET LOCAL ROLE kpi_refresher;
DO $$
DECLARE
    hint text;
BEGIN
    PERFORM kpi.refresh('kept');
EXCEPTION WHEN insufficient_privilege THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    PERFORM set_config('test.hint', hint, true);
END $$;
RESET ROLE;
SELECT is(current_setting('test.hint'),
          format('A model is built and refreshed by its owner, %s.', current_user::regrole),
          'who does not own a model is told who does');

-- What is lost comes back.
DROP INDEX kept.kpi_daily_orders_day_by_channel_idx;
SELECT throws_ok('SELECT refresh(''kept'')', '55000', NULL,
                 'without its index a materialized view cannot be refreshed');
SELECT lives_ok((SELECT built_by FROM kept.kpi_settings), 'building again makes one');

-- From one storage to the other and back.
SELECT lives_ok($$SELECT build('kept', 'Europe/Berlin', dimensions => '{channel}')$$,
                'what was materialized can be computed when read');
SELECT is_empty('TABLE stored', 'then nothing is stored');
SELECT lives_ok($$SELECT build('kept', 'Europe/Berlin', storage => 'materialized',
                               as_of => '2025-05-05 12:00Z')$$,
                'and the other way round');
SELECT is(note, 'refreshed as of 2025-05-05 12:00:00+00',
          'what is seen at a fixed time is refreshed as of that')
FROM   refresh('kept') WHERE relation = 'kept';
SELECT hasnt_materialized_view('kept', 'kpi_as_of', 'what is seen at a fixed time needs no other');
CREATE TEMPORARY TABLE there AS SELECT count(*) AS views FROM found_views('kept');
SELECT is(count(*), (SELECT views FROM there), 'dropped views are') FROM drop_views('kept');
SELECT is_empty('TABLE stored', 'all of them');

-- Whoever calls, and whatever names and members are like.
CREATE SCHEMA failing;
CREATE TABLE failing.divisors AS SELECT 1 AS divisor;
CREATE FUNCTION failing.quotient() RETURNS numeric STABLE LANGUAGE plpgsql
AS $$ BEGIN RETURN (SELECT 1.0 / divisor FROM failing.divisors); END $$;
CREATE VIEW failing.orders AS
SELECT 1 AS order_id, timestamptz '2025-01-01Z' AS ordered_at, failing.quotient() AS net_sales;
SELECT FROM build('failing', 'UTC', storage => 'materialized');
UPDATE failing.divisors SET divisor = 0;
SELECT is(hint_of($$SELECT refresh('failing')$$),
          'SELECT * FROM kpi.check(''failing'') finds what a source has that cannot be read.',
          'who cannot refresh for a row is told how to find it');
ALTER TABLE failing.divisors RENAME TO divisor;
SELECT matches(hint_of($$SELECT refresh('failing')$$),
               '^If a source has changed, build it again: SELECT \* FROM kpi.build',
               'and for what is no longer there, to build again');
CREATE SCHEMA "the (shop)'s";
CREATE TABLE "the (shop)'s".orders AS
SELECT i AS order_id, now() AS ordered_at, date '2025-01-01' + i AS shipped
FROM   generate_series(1, 3) AS i;
SELECT lives_ok($$SELECT build('the (shop)''s', 'UTC', dimensions => '{shipped}')$$,
                'a model with a strange name');
SELECT lives_ok(replace(hint_of($$SELECT refresh('the (shop)''s')$$), ' keeps what they compute.',
                        ''),
                'is materialized by what the hint says');
CREATE TABLE members AS SELECT DISTINCT by_shipped FROM "the (shop)'s".kpi_daily_orders;
SET LOCAL datestyle = 'German';
SELECT lives_ok($$SELECT refresh('the (shop)''s')$$, 'who writes dates otherwise');
RESET datestyle;
SELECT set_eq($$SELECT by_shipped FROM "the (shop)'s".kpi_daily_orders$$, 'TABLE members',
              'leaves members as they are');

-- Whoever puts another relation in the place of a source may have renamed it.
SELECT FROM build('the (shop)''s', 'UTC', dimensions => '{shipped}', storage => 'materialized');
CREATE TABLE kept_in_place AS
SELECT oid, relname FROM pg_class
WHERE  relnamespace = '"the (shop)''s"'::regnamespace AND relkind = 'm';
SELECT FROM build('the (shop)''s', 'UTC', dimensions => '{shipped}', storage => 'materialized');
SELECT set_eq($$SELECT oid, relname FROM pg_class
                WHERE  relnamespace = '"the (shop)''s"'::regnamespace AND relkind = 'm'$$,
              'TABLE kept_in_place', 'what reads the same sources stays in place');
ALTER TABLE "the (shop)'s".orders RENAME TO orders_of_old;
CREATE VIEW "the (shop)'s".orders AS
SELECT * FROM "the (shop)'s".orders_of_old WHERE order_id > 1;
CREATE TABLE "the (shop)'s".visits AS
SELECT 1 AS visit_id, timestamptz '2025-01-01Z' AS started_at;
SELECT FROM build('the (shop)''s', 'UTC', dimensions => '{shipped}', storage => 'materialized');
ALTER TABLE "the (shop)'s".visits RENAME TO visit;
CREATE VIEW "the (shop)'s".visits AS
SELECT 1 AS visit_id, timestamptz '2025-01-01Z' AS started_at UNION ALL SELECT 2, '2025-01-01Z';
SELECT FROM build('the (shop)''s', 'UTC', dimensions => '{shipped}', storage => 'materialized');
SELECT results_eq($$SELECT orders, visits FROM "the (shop)'s".kpi_all$$,
                  'VALUES (2::bigint, 2::bigint)',
                  'a source that was renamed is read no more, but what has its name now');

DO $x$ BEGIN CREATE ROLE kpi_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $x$;
GRANT ALL ON SCHEMA kept TO kpi_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA kept TO kpi_reader;
ALTER FUNCTION hint_of SET role = kpi_reader;
SELECT format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database())
\gexec
SELECT is(hint_of(format('SELECT build(''kept'', ''UTC'', storage => %L)', storage)),
          format('GRANT TEMPORARY ON DATABASE %I TO kpi_reader.', current_database()),
          'who could not refresh what is ' || storage || ' is told so before')
FROM   unnest('{materialized,incremental}'::text[]) AS storage;
SELECT is(hint_of($$SELECT build('kept', 'UTC')$$), NULL, 'any other model can be built');

SELECT * FROM finish();
ROLLBACK;
