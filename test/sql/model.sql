\set ECHO none
\i test/setup.psql
SELECT plan(256);

-- build() reads which sources a schema has, says what it made of them, and changes nothing if it
-- fails.

CREATE SCHEMA shop;

-- What is wrong with a call.
SELECT throws_ok(call, state, message, rule)
FROM   (VALUES
    ($$SELECT * FROM build('nowhere', 'UTC')$$,                               '3F000',
     'schema "nowhere" does not exist', 'a model is a schema'),
    ($$SELECT * FROM build('shop', 'UTC')$$,                                  '42P01',
     'schema "shop" has no source', 'with at least one source'),
    ($$SELECT * FROM build('shop', 'Berlin')$$,                               '22023',
     'time zone "Berlin" not recognized', 'in a time zone'),
    ($$SELECT * FROM build('shop')$$,                                         '22004',
     'timezone of a model cannot be NULL', 'which it does not guess'),
    ($$SELECT * FROM build('shop', 'UTC', storage => NULL)$$,                 '22004',
     'storage of a model cannot be NULL', 'no argument that matters is NULL'),
    ($$SELECT * FROM build('shop', 'UTC', week_start => 0)$$,                 '22023', NULL,
     'a week starts on one of seven days'),
    ($$SELECT * FROM build('shop', 'UTC', fiscal_year_start => 13)$$,         '22023', NULL,
     'a year in one of twelve months'),
    ($$SELECT * FROM build('shop', 'UTC', calendar => 'from sunday')$$,       '22023',
     'unknown calendar "from sunday"', 'a calendar says how long its months are'),
    ($$SELECT * FROM build('shop', 'UTC', week_start => 7,
                           calendar => '4-5-4 from sunday nearest february')$$, '22023',
     'week_start and fiscal_year_start do not go with a calendar',
     'it says itself where its weeks start'),
    ($$SELECT * FROM build('shop', 'UTC', storage => 'paper')$$,              '22023',
     'unknown storage "paper"', 'storage is a known one'),
    ($$SELECT * FROM build('shop', 'UTC', refunds_by => 'payment')$$,         '22023',
     'unknown refunds_by "payment"', 'so is the basis of refunds'),
    ($$SELECT * FROM build('shop', 'UTC', on_time_by => 'week')$$,            '22023',
     'unknown on_time_by "week"', 'and of punctuality'),
    ($$SELECT * FROM build('shop', 'UTC', business_hours => 'always')$$,      '22023', NULL,
     'and business hours are understood'),
    ($$SELECT * FROM build('shop', 'UTC', cart_idle => '-1 h')$$,             '22023',
     'cart_idle is negative', 'nobody is idle for less than nothing'),
    ($$SELECT * FROM build('shop', 'UTC', cart_idle => '-1 mon 40 days')$$,   '22023',
     'cart_idle is negative', 'no part of an interval is negative, whatever the others are'),
    ($$SELECT * FROM build('shop', 'UTC', funnel_within => '1 day -1 h')$$,   '22023',
     'funnel_within is negative', 'the window of funnels is one'),
    ($$SELECT * FROM build('shop', 'UTC', since => '2025-03-02', as_of => '2025-03-01 22:59Z')$$,
     '22023', 'since lies after the day the model is seen at', 'a model has a day'),
    ($$SELECT * FROM build('shop', 'UTC', funnel_within => '1 month')$$,      '22023',
     'an interval with months or years has no fixed length', 'of a fixed length'),
    ($$SELECT * FROM build('shop', 'UTC', funnel_step_within => '{1 h,-1 h}')$$, '22023',
     'the window of a funnel cannot be negative', 'so is that of each step'),
    ($$SELECT * FROM build('shop', 'UTC', funnel_step_within => '{{1 h}}')$$, '22023',
     'times, steps and windows of a funnel are arrays of one dimension', 'one after the other'),
    ($$SELECT scaffold('order')$$,                                            '22023',
     'there is no source "order"', 'a scaffold is of a source'),
    ($$SELECT drop_views('nowhere')$$,                                        '3F000',
     'schema "nowhere" does not exist', 'views are dropped in a schema')
) AS t (call, state, message, rule);

-- What is wrong with a source.
CREATE TABLE shop.orders (id int, ordered_at timestamp, net_sales text, is_test int, tax money);
CREATE TABLE shop.surveys (answered_at timestamptz, instrument text, score numeric);
DO $$
DECLARE
    message text;
    detail  text;
    hint    text;
BEGIN
    PERFORM build('shop', 'UTC');
EXCEPTION WHEN datatype_mismatch THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
    hint = PG_EXCEPTION_HINT;
    CREATE TABLE said AS SELECT message, detail, hint;
END $$;
SELECT is(message, 'the sources of model "shop" cannot be used',
          'sources are read before anything is made')
FROM   said;
SELECT is(detail, E'orders.order_id is missing: number of the order; one row per order\n'
                  'orders.ordered_at is a timestamp without time zone, so the instant is not '
                  'known\n'
                  'orders.net_sales is text instead of numeric\n'
                  'orders.tax is money instead of numeric\n'
                  'orders.is_test is integer instead of boolean\n'
                  'surveys.score is numeric instead of integer',
                  'everything that is wrong is said at once')
                  FROM   said;
SELECT is(hint,
          'Write in the view, for UTC the zone in which the times were kept: <expression> AS '
          'order_id, <column> AT TIME ZONE ''UTC'' AS ordered_at, <column>::numeric AS net_sales, '
          '<column>::numeric AS tax, '
                '<column>::boolean AS is_test, round(<column>::numeric)::integer AS score.',
                'with the lines to write')
                FROM   said;
SAVEPOINT timed;
ALTER TABLE shop.orders ALTER ordered_at TYPE timestamptz;
SELECT matches(hint_of($$SELECT build('shop', 'UTC')$$), '^Write in the view: <expr',
               'and no word of a zone where no time is meant');
ROLLBACK TO timed;
SELECT is_empty($$SELECT relname
                  FROM   pg_class
                  WHERE  relnamespace = 'shop'::regnamespace AND relname LIKE 'kpi%'$$,
                'and nothing was made');
DROP TABLE shop.orders, shop.surveys;

-- One source, the least a shop has.
CREATE TABLE shop.orders (order_id int, ordered_at timestamptz);
INSERT INTO shop.orders VALUES (1, '2025-01-31 23:30 UTC'), (2, '2025-03-01 12:00 UTC');
CREATE TABLE report AS
SELECT * FROM build('shop', 'Europe/Berlin', as_of => '2025-03-15 12:00 UTC');
SELECT set_eq($$SELECT object FROM report WHERE action = 'created'$$,
              $$SELECT 'view '
                || unnest('{kpi_settings,kpi_grains,kpi_first_day,kpi_orders,kpi_daily_orders,
                    kpi_daily_new_customers,kpi_order_changes,kpi_daily_order_changes,kpi_today,
                    kpi_customers,kpi_periods,cohort_retention,kpi_cohorts,cohort_sales,kpi_day,
                    kpi_week,kpi_month,kpi_quarter,kpi_half,kpi_year,kpi_all,kpi_values,
                    signals}'::text[])$$,
              'one source gives the views that can be made of it');
SELECT results_eq('SELECT period, complete, orders FROM shop.kpi_month ORDER BY period',
                  $$VALUES (date '2025-02-01', true, 1::bigint), ('2025-03-01', false, 1)$$,
                  'a day is one of the shop''s time zone, and the running period is not complete');
SELECT results_eq('SELECT count(*), sum(orders) FROM shop.kpi_day',
                  'VALUES (43::bigint, 2::numeric)',
                  'a day without orders is there');
SELECT results_eq('SELECT period, complete, orders FROM shop.kpi_half',
                  $$VALUES (date '2025-01-01', false, 2::bigint)$$,
                  'a half-year is a period like others');
SELECT results_eq('SELECT period, complete, orders, orders_growth FROM shop.kpi_all',
                  $$VALUES (date '2025-02-01', false, 2::bigint, NULL::float8)$$,
                  'all of it is one row, which starts with the first day and never ends');
SELECT set_eq($$SELECT DISTINCT action FROM report WHERE object LIKE 'indicator %'$$,
              $$VALUES ('left out')$$,
              'an indicator that cannot be computed is left out');
SELECT is(reason, 'needs orders.net_sales|orders.gross_sales', 'and the report says what it needs')
FROM   report WHERE object = 'indicator aov';
SELECT is(reason, 'needs visits.converted, visits.visitor_id',
          'of a source that is not there the columns, once')
FROM   report WHERE object = 'indicator visitor_conversion_rate';
SELECT is(reason, 'needs orders.net_sales|orders.gross_sales, orders.tax; or '
                  'orders.net_sales|orders.gross_sales, orders.shipping',
          'no other way that needs more')
FROM   report WHERE object = 'indicator total_sales';
SELECT is(reason,
          'needs orders.cost, orders.net_sales|orders.gross_sales; or order_lines.cost, '
          'order_lines.net_sales',
          'but all that there are')
FROM   report WHERE object = 'indicator gross_margin';
SELECT columns_are('shop', 'kpi_month', '{period,complete,orders,orders_growth,orders_growth_year}',
                   'the columns of a view are what there is');
SELECT set_eq($$SELECT action
                FROM   build('shop', 'Europe/Berlin', as_of => '2025-03-15 12:00 UTC')
                WHERE  object LIKE 'view %'$$,
              $$VALUES ('replaced')$$,
              'building again replaces');

-- The running period is compared up to the same date: one order a day, so growth counts days.
CREATE SCHEMA daily;
CREATE VIEW daily.orders AS
SELECT d::date - date '2020-01-01' AS order_id, d AS ordered_at
FROM   generate_series(timestamptz '2022-12-01', '2024-12-31', '1 day') AS d;
CREATE FUNCTION running(at timestamptz)
RETURNS TABLE (grain text, growth numeric, growth_year numeric) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kpi.build('daily', 'UTC', as_of => at);
    FOREACH grain IN ARRAY '{month,quarter,year}'::text[] LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L, round(orders_growth::numeric, 9), round(orders_growth_year::numeric, 9)
             FROM   daily.kpi_%1$s WHERE NOT complete', grain);
    END LOOP;
END $$;
SELECT results_eq('SELECT * FROM running(''2024-06-15 12:00'')',
                  $$VALUES ('month', round(14 / 14.0 - 1, 9), round(14 / 14.0 - 1, 9)),
                           ('quarter', round(75 / 74.0 - 1, 9), round(75 / 75.0 - 1, 9)),
                           ('year', round(166 / 165.0 - 1, 9), round(166 / 165.0 - 1, 9))$$,
                  'up to 14 June is compared with up to 14 May, 14 March, and 14 June last year');
SELECT results_eq('SELECT * FROM running(''2024-03-01 12:00'')',
                  $$VALUES ('month', NULL::numeric, NULL::numeric),
                           ('quarter', round(60 / 60.0 - 1, 9), round(60 / 59.0 - 1, 9)),
                           ('year', round(60 / 59.0 - 1, 9), round(60 / 59.0 - 1, 9))$$,
                  'up to 29 February with up to 29 November, and 28 February last year');
SELECT results_eq('SELECT growth FROM running(''2024-03-31 12:00'') WHERE grain = ''month''',
                  'VALUES (round(30 / 29.0 - 1, 9))',
                  'up to 30 March with all of February, which is shorter');

-- Means are put on a scale of 1 to 5, exactly: of 7 the answers 1, 2 and 3 are 1, 5/3 and 7/3.
CREATE SCHEMA asked;
CREATE VIEW asked.surveys AS
SELECT timestamptz '2025-01-15' AS answered_at, 'csat' AS instrument, score, 7 AS scale
FROM   generate_series(1, 3) AS score;
SELECT FROM kpi.build('asked', 'UTC', as_of => '2025-02-01');
SELECT results_eq('SELECT csat_mean, csat_mean_sample::text FROM asked.kpi_month WHERE complete',
                  $$VALUES (5 / 3.0::float8, '12600/7560/3')$$,
                  'a mean of answers on another scale has no rounded parts');

-- Tickets on hold and holidays. From Monday to Friday, 9 to 18: ticket 1 of Friday 10:00 is
-- answered at 12:00, after 1.5 hours of the 1.5 that Friday has, and solved on Monday at 11:00,
-- after 1 more, as it was on hold until 10:00. Ticket 2 of Wednesday 12:00 waits, for 6 + 9 + 9
-- hours until Saturday, of which it has been on hold since Thursday at 10:00: 6 + 1.
CREATE SCHEMA desk;
CREATE TABLE desk.holidays (held_on date, hours text);
INSERT INTO desk.holidays VALUES ('2024-03-01', '10:00-11:30'), ('2024-12-25', NULL);
CREATE TABLE desk.tickets (
    ticket_id int, opened_at timestamptz, first_reply_at timestamptz, resolved_at timestamptz,
    paused tstzrange, desk text);
INSERT INTO desk.tickets VALUES
    (1, '2024-03-01 10:00Z', '2024-03-01 12:00Z', '2024-03-04 11:00Z',
     '[2024-03-01 12:00Z,2024-03-04 10:00Z)', NULL),
    (2, '2024-03-13 12:00Z', NULL, NULL, '[2024-03-14 10:00Z,)', NULL),
    (3, '2024-03-01 08:00Z', '2024-03-01 20:00Z', NULL, NULL, 'internal');
SELECT FROM kpi.build('desk', 'UTC', business_hours => 'Mon-Fri 9:00-18:00',
                      as_of => '2024-03-16 12:00Z');
CREATE FUNCTION hours_of(model text)
RETURNS TABLE (reply float8, internal float8, solution float8, waiting numeric)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT m.first_response_hours, m.internal_response_hours, m.resolution_hours,
                extract(epoch FROM value(d.waiting)) / 3600
         FROM   %1$I.kpi_month AS m, (SELECT rollup(waiting) AS waiting
                                      FROM   %1$I.kpi_daily_tickets) AS d', model);
END $$;
SELECT results_eq($$SELECT * FROM hours_of('desk')$$, 'VALUES (1.5::float8, 1.5::float8,
                  2.5::float8, 7::numeric)',
                  'business hours are those of holidays on these, and without time on hold');
INSERT INTO desk.holidays VALUES ('2024-03-14', NULL), ('2024-03-01', NULL), (NULL, '9:00-10:00'),
                                 ('infinity', NULL);
SELECT results_eq($$SELECT * FROM hours_of('desk')$$,
                  'VALUES (0::float8, 0::float8, 1::float8, 6::numeric)',
                  'a day that is a holiday twice is closed if one says so; an unknown one is none');
SELECT FROM kpi.build('desk', 'UTC', as_of => '2024-03-16 12:00Z');
SELECT results_eq($$SELECT * FROM hours_of('desk')$$,
                  'VALUES (2::float8, 12::float8, 3::float8, 22::numeric)',
                  'by the clock there are no holidays, and no time on hold either');

-- Promises, as of 10 June. The reply of 1 comes when it is due, that of 2 a microsecond later; 3
-- waits past its time, 4 has time left, 5 was solved in time without a reply, 6 too late without,
-- 7 has no promise, 8 is of an employee; 9 is due now.
CREATE SCHEMA agreed;
CREATE TABLE agreed.tickets (
    ticket_id int, first_reply_at timestamptz, reply_due_at timestamptz, resolved_at timestamptz,
    resolve_due_at timestamptz, reopened boolean, desk text,
    opened_at timestamptz DEFAULT '2024-06-01Z');
INSERT INTO agreed.tickets VALUES
    (1, '2024-06-02Z', '2024-06-02Z', '2024-06-03Z', '2024-06-03Z', true, NULL),
    (2, '2024-06-02 00:00:00.000001Z', '2024-06-02Z', '2024-06-03 00:00:00.000001Z', '2024-06-03Z',
     NULL, NULL),
    (3, NULL, '2024-06-09Z', NULL, '2024-06-09Z', false, NULL),
    (4, NULL, '2024-06-11Z', NULL, '2024-06-11Z', true, NULL),
    (5, NULL, '2024-06-03Z', '2024-06-02Z', '2024-06-03Z', false, NULL),
    (6, NULL, '2024-06-03Z', '2024-06-04Z', '2024-06-03Z', false, NULL),
    (7, '2024-06-05Z', 'infinity', '2024-06-05Z', 'infinity', false, NULL),
    (8, '2024-06-02Z', '2024-06-03Z', '2024-06-02Z', '2024-06-03Z', true, 'internal'),
    (9, NULL, '2024-06-10Z', NULL, '2024-06-10Z', false, NULL);
SELECT FROM kpi.build('agreed', 'UTC', as_of => '2024-06-10Z');
SELECT results_eq('SELECT sla_reply_rate, sla_reply_rate_sample::text,
                          sla_resolution_rate_sample::text
                   FROM   agreed.kpi_month',
                  $$VALUES (0.25::float8, '1/4', '2/5')$$,
                  'a promise is kept up to its time, missed after it, and not counted before');
SELECT results_eq('SELECT reopen_rate_sample::text FROM agreed.kpi_month', $$VALUES ('2/6')$$,
                  'what is open again has been solved');
-- 3, 4 and 9 wait since 9 days, 5 waited one and 6 three until they were solved.
SELECT results_eq('SELECT unanswered_tickets, total(unanswered_tickets_sample)
                   FROM   agreed.kpi_month',
                  $$VALUES (5::bigint, interval '31 days')$$,
                  'what was solved without a reply waited until then');

-- Projects on 31 March: 1 was done 4 days late, 2 is open for 21, 3 was 2 days early, 4 was called
-- off after it was due, 5 is said to be done in the future, 8, open for 10 days, to be called off
-- then. 6 is due today, and 7 was called off in time, so that neither was due.
CREATE SCHEMA planned;
CREATE TABLE planned.projects (project_id int, due_on date, done_on date, cancelled_on date);
INSERT INTO planned.projects VALUES
    (1, '2021-03-10', '2021-03-14', NULL), (2, '2021-03-10', NULL, NULL),
    (3, '2021-03-12', '2021-03-10', NULL), (4, '2021-03-01', NULL, '2021-03-20'),
    (5, '2021-03-26', '2021-04-02', NULL), (6, '2021-03-31', '2021-03-31', NULL),
    (7, '2021-03-05', NULL, '2021-03-05'), (8, '2021-03-21', NULL, '2021-04-01');
SELECT FROM kpi.build('planned', 'UTC', as_of => '2021-03-31Z');
SELECT results_eq('SELECT project_days_late, sample_size(project_days_late_sample),
                          project_slip_days, sample_size(project_slip_days_sample),
                          project_slip_days_median
                   FROM   planned.kpi_month',
                  'VALUES (10::float8, 4::bigint, 1::float8, 2::bigint, 1::float8)',
                  'late is what is done late or is open, slip of what is done');
SELECT results_eq('SELECT on_time_project_rate_sample::text, overdue_projects
                   FROM   planned.kpi_month',
                  $$VALUES ('1/6', 3::bigint)$$,
                  'due is what was not called off by then, overdue what has not been since');

-- Every source: every indicator of the catalog, each with its comment.
DROP SCHEMA shop CASCADE;
CREATE SCHEMA shop;
SELECT format('CREATE TABLE shop.%I (%s, region text)', source,
              string_agg(format('%I %s', name,
                                CASE kind
                                     WHEN 'key' THEN 'bigint'
                                     WHEN 'instant' THEN 'timestamptz'
                                     WHEN 'number' THEN 'numeric'
                                     WHEN 'times' THEN 'integer'
                                     WHEN 'spans' THEN 'tstzmultirange'
                                     ELSE kind END),
                         ', ' ORDER BY position))
FROM   source_columns GROUP BY source
\gexec
CREATE VIEW built AS
SELECT relname
FROM   pg_class
WHERE  relnamespace = 'shop'::regnamespace AND relkind = 'v'
AND    relname IN (SELECT name FROM found_views('shop'));
SELECT is_empty($$SELECT object
                  FROM   build('shop', 'UTC', 'EUR', '{region}') WHERE action = 'left out'$$,
                'a model with every source has every indicator');
SELECT set_eq($$SELECT attname::text
                FROM   pg_attribute
                WHERE  attrelid::regclass::text IN ('shop.kpi_month', 'shop.kpi_month_by_region')
                AND    attnum > 0 AND attname !~ '_sample$|^period$|^complete$|^region$'$$,
              'SELECT indicator FROM catalog',
              'the columns of the views are the indicators of the catalog');
SELECT set_eq($$SELECT attname::text
                FROM   pg_attribute
                WHERE  attrelid = 'shop.kpi_month_by_region'::regclass AND attname = 'new_to_member'
                UNION ALL
                SELECT attname::text
                FROM   pg_attribute
                WHERE  attrelid = 'shop.kpi_month'::regclass AND attname = 'new_to_member'$$,
              $$VALUES ('new_to_member')$$, 'new to a member is told by a dimension only');
SELECT is_empty(string_agg(format('SELECT %1$L AS view FROM shop.%1$I', relname), ' UNION ALL '),
                'without rows there are none in any view')
FROM   built WHERE relname NOT IN ('kpi_settings', 'kpi_grains', 'kpi_first_day', 'kpi_periods',
                                       'kpi_today');
SELECT is_empty($$SELECT relname
                  FROM   built
                  WHERE  obj_description(format('shop.%I', relname)::regclass, 'pg_class')
                      IS NULL$$,
                'every view has a comment');
SELECT is_empty($$SELECT relname, attname
                  FROM   built, pg_attribute
                  WHERE  attrelid = format('shop.%I', relname)::regclass
                  AND    relname ~ '^kpi_(day|week|month|quarter|half|year|all)'
                  AND col_description(attrelid, attnum) IS NULL$$,
                'so has every column that is an indicator');
SELECT is_empty($$SELECT indicator
                  FROM   catalog
                         JOIN pg_attribute ON attname = indicator
                             AND attrelid = 'shop.kpi_month'::regclass
                  WHERE col_description(attrelid, attnum) NOT LIKE name || ': ' || definition
                      || '%'$$,
                'taken from the catalog');
SELECT is_empty($$SELECT indicator, format_type(atttypid, atttypmod)
                  FROM   catalog
                         JOIN pg_attribute ON attname = indicator
                             AND attrelid = 'shop.kpi_month'::regclass
                  WHERE format_type(atttypid, atttypmod)
                      <> CASE WHEN unit IN ('money', 'quantity') THEN 'numeric(20,4)'
                              WHEN unit = 'count' THEN 'bigint'
                              ELSE 'double precision' END$$,
                'money is numeric(20,4), a count bigint, anything else double precision');
SELECT is_empty($$SELECT relname, attname, atttypid::regtype
                  FROM   built, pg_attribute
                  WHERE  attrelid = format('shop.%I', relname)::regclass AND attnum > 0
                  AND (relname ~ '^kpi_(day|week|month|quarter|half|year|all|values)'
                       OR relname IN ('cohort_retention', 'funnel_steps', 'funnel_times'))
                  AND    attname !~ '_sample$'
                  AND atttypid NOT
                      IN ('numeric'::regtype, 'bigint'::regtype, 'integer'::regtype,
                          'double precision'::regtype, 'date'::regtype, 'text'::regtype,
                          'boolean'::regtype)$$,
                'what is no sample has a type that every client knows');

-- The catalog.
SELECT is_empty($$SELECT indicator
                  FROM   indicators WHERE indicator NOT IN (SELECT indicator FROM formulas)$$,
                'every indicator has a formula');
SELECT is_empty($$SELECT indicator, need
                  FROM   formulas, unnest(needs) AS n, unnest(string_to_array(n, '|')) AS need
                  WHERE need NOT LIKE '%=%'
                  AND    NOT EXISTS (SELECT FROM source_columns
                                     WHERE  source || '.' || name = need)$$,
                'a formula needs what sources have');
SELECT is_empty($$SELECT indicator
                  FROM   indicators
                  WHERE  indicator <> quote_ident(indicator)
                  OR     length(indicator || '_sample') > 63$$,
                'the name of an indicator is a plain name');
SELECT is_empty($$SELECT indicator
                  FROM   catalog
                  WHERE  num_nulls(name, name_zh, category, unit, definition, formula, needs) > 0
                  OR     sources = '{}'$$,
                'nothing is missing in the catalog');
SELECT is_empty($$SELECT indicator, alias, "column"
                  FROM   formula_reads AS r
                         JOIN view_definitions AS v ON v.name = r.view
                  WHERE NOT EXISTS (SELECT FROM pg_attribute
                                    WHERE  attrelid = format('shop.%I', r.view)::regclass
                                    AND    attname = r.column)
                  AND NOT (EXISTS (SELECT FROM view_columns
                                   WHERE  (view, name, pools) = (r.view, r.alias, 'people'))
                           AND r.column
                               = ANY ((SELECT proargnames
                                       FROM   pg_proc
                                       WHERE  oid
                                           = 'customers(activity, text)'::regprocedure)::text[]))$$,
                'a formula reads what views have');
SELECT is_empty($$SELECT view, name
                  FROM   view_columns
                  WHERE  NOT EXISTS (SELECT FROM pg_attribute AS a
                                     WHERE  attrelid
                                         = to_regclass(format('shop.%I',
                                                              CASE view
                                                                   WHEN 'kpi_grain' THEN 'kpi_month'
                                                                   ELSE view END))
                                     AND    attname = name)
                  -- a model that computes when it is read has no last refresh; goals.sql has goals
                  AND view NOT IN (SELECT name FROM view_definitions
                                   WHERE name = 'kpi_as_of' OR goals)$$,
                'what is said of columns of views is said of columns that there are');
SELECT is_empty($$SELECT source, fact
                  FROM   sources AS s,
                         unnest(done || past || recorded_by || ARRAY[key, time]) AS fact
                  WHERE fact IS NOT NULL
                  AND    NOT EXISTS (SELECT FROM source_columns AS c
                                     WHERE  (c.source, c.name) = (s.source, fact))$$,
                'a source is known by columns that it has');
SELECT is_empty($$SELECT source
                  FROM   source_columns AS s
                  WHERE  NOT EXISTS (SELECT FROM view_definitions AS v
                                     WHERE  v.query LIKE '%@' || s.source || '@%')$$,
                'every source is read');

-- Sources change: what can no longer be made goes, what is new comes, and what others have built on
-- the views stays.
CREATE VIEW public.dashboard AS SELECT period, orders FROM shop.kpi_month;
DO $$ BEGIN CREATE ROLE kpi_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT SELECT ON shop.kpi_month, shop.kpi_year TO kpi_reader WITH GRANT OPTION;
SELECT lives_ok($$SELECT build('shop', 'UTC', 'EUR', '{region}')$$,
                'views that others depend on are replaced in place');
ALTER TABLE shop.tickets RENAME TO old_tickets;
DROP VIEW public.dashboard;
SELECT lives_ok($$SELECT build('shop', 'UTC', 'EUR', '{region}')$$,
                'where a source is gone its columns go');
CREATE VIEW public.dashboard AS SELECT period, orders FROM shop.kpi_month;
ALTER TABLE shop.old_tickets RENAME TO tickets;
SELECT lives_ok($$SELECT build('shop', 'UTC', 'EUR', '{region}')$$,
                'where one comes, its columns come last, under the views of others');
SELECT has_column('shop', 'kpi_month', 'unresolved_tickets', 'and they are there');
CREATE VIEW shop.kpi_month_by_hand AS SELECT period, orders FROM shop.kpi_month;
SELECT is_empty($$SELECT object
                  FROM   build('shop', 'UTC', 'EUR', '{region}') WHERE action = 'dropped'$$,
                'a view of others is not ours by its name');
SELECT has_view('shop', 'kpi_month_by_hand', 'and stays');
DROP VIEW shop.kpi_month_by_hand;
DROP VIEW shop.kpi_daily_carts CASCADE;
SELECT is((SELECT count(*) FROM built WHERE relname = 'kpi_month'), 0::bigint,
          'a view that lost what it needs is gone');
SELECT lives_ok($$SELECT build('shop', 'UTC', 'EUR', '{region}')$$, 'and comes back');
CREATE VIEW public.dashboard AS SELECT period, orders FROM shop.kpi_month;
GRANT SELECT ON shop.kpi_month, shop.kpi_year TO kpi_reader;
ALTER TABLE shop.carts RENAME TO old_carts;
SELECT throws_ok($$SELECT build('shop', 'UTC', 'EUR', '{region}')$$,
                 '2BP01', 'other objects depend on the views of model "shop"',
                 'a column does not vanish under others');
SELECT has_column('shop', 'kpi_month', 'carts', 'and nothing has changed then');
DROP VIEW public.dashboard;
SELECT set_eq($$SELECT object, action
                FROM   build('shop', 'UTC', 'EUR', '{region}')
                WHERE  action IN ('dropped', 'left out')$$,
              $$VALUES ('view kpi_daily_carts', 'dropped'), ('indicator carts', 'left out'),
                       ('indicator open_carts', 'left out'),
                       ('indicator cart_abandonment_rate', 'left out'),
                       ('indicator abandoned_cart_value', 'left out')$$,
              'a source that is gone takes its indicators along');
SELECT ok(has_table_privilege('kpi_reader', 'shop.kpi_month', 'SELECT')
          AND has_table_privilege('kpi_reader', 'shop.kpi_year', 'SELECT')
          AND NOT has_table_privilege('kpi_reader', 'shop.kpi_week', 'SELECT'),
              'who could read a view still can');
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO kpi_reader;
ALTER TABLE shop.old_carts RENAME TO carts;
SELECT FROM build('shop', 'UTC', 'EUR', '{region}');
ALTER TABLE shop.carts RENAME TO old_carts;
SELECT FROM build('shop', 'UTC', 'EUR', '{region}');
SELECT ok(NOT has_table_privilege('kpi_reader', 'shop.kpi_week', 'SELECT'),
          'who could not still cannot, whatever is usual in the schema');
ALTER DEFAULT PRIVILEGES IN SCHEMA shop REVOKE SELECT ON TABLES FROM kpi_reader;
SELECT set_eq($$SELECT object FROM build('shop', 'UTC', 'EUR') WHERE action = 'dropped'$$,
              $$SELECT 'view kpi_' || unnest('{day,week,month,quarter,half,year,all}'::text[])
                || '_by_region'$$,
              'so does a dimension');

-- Dimensions.
SELECT throws_ok($$SELECT build('shop', 'UTC', 'EUR', '{colour}')$$,
                 '42703', 'dimension "colour" is not a column of any source',
                 'a dimension is a column of a source');
SELECT is(hint_of($$SELECT build('shop', 'UTC', 'EUR', '{Region}')$$),
          'Perhaps region is meant. Add the column to orders, visits or another source.',
          'a name in capitals is another one');
SELECT throws_ok($$SELECT build('shop', 'UTC', 'EUR', '{region,region}')$$,
                 '22023', 'dimension "region" cannot be used',
                 'it occurs once');
ALTER TABLE shop.orders ADD aov text;
SELECT throws_ok($$SELECT build('shop', 'UTC', 'EUR', '{aov}')$$,
                 '22023', 'dimension "aov" cannot be used',
                 'and is not named like an indicator');
SELECT throws_ok($$SELECT build('shop', 'UTC')$$,
                 '22023', 'orders have a currency, but the model has none',
                 'orders with a currency need a model with one');

-- Names that mean something else elsewhere.
CREATE SCHEMA "a'b""; DROP TABLE x; --";
CREATE TABLE "a'b""; DROP TABLE x; --".orders (
    order_id text, ordered_at timestamptz, net_sales numeric, "co""l';@orders@ %s" text,
    "Period" text);
INSERT INTO "a'b""; DROP TABLE x; --".orders VALUES
    ('1', '2025-01-01 12:00', 10, 'x', 'y'), ('2', '2025-01-01 12:00', 20, NULL, 'y');
SELECT lives_ok($$SELECT build('a''b"; DROP TABLE x; --', 'UTC', NULL,
                               ARRAY['co"l'';@orders@ %s', 'Period'], as_of => '2025-01-31')$$,
                'names are names, whatever they contain');
SELECT results_eq($$SELECT "co""l';@orders@ %s", net_sales
                    FROM   "a'b""; DROP TABLE x; --"."kpi_month_by_co""l';@orders@ %s" ORDER BY 1$$,
                  $$VALUES ('(none)', 20.0000), ('x', 10.0000)$$, 'also those of dimensions');
GRANT SELECT ON "a'b""; DROP TABLE x; --"."kpi_month_by_co""l';@orders@ %s" TO kpi_reader;
SELECT lives_ok($$SELECT build('a''b"; DROP TABLE x; --', 'Asia/Tokyo', NULL,
                               ARRAY['Period', 'co"l'';@orders@ %s'], as_of => '2025-01-31')$$,
                'they are built anew');
SELECT ok(has_table_privilege('kpi_reader',
                              $$"a'b""; DROP TABLE x; --"."kpi_month_by_co""l';@orders@ %s"$$,
                              'SELECT'),
          'and who could read them still can');
SELECT is(count(*), 37::bigint, 'and all views go') FROM drop_views('a''b"; DROP TABLE x; --');

CREATE SCHEMA trap;
CREATE TABLE trap.orders (order_id int, ordered_at timestamptz);
CREATE FUNCTION trap.bucket(text, timestamptz, text) RETURNS date
LANGUAGE sql AS 'SELECT date ''1999-01-01''';
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT timestamptz ''1999-01-01''';
CREATE TABLE trap.kpi_month (mine int);
SELECT throws_ok($$SELECT build('trap', 'UTC')$$,
                 '42P07', 'schema "trap" has relations with names that build needs: kpi_month',
                 'what build did not make it does not replace');
SELECT has_table('trap', 'kpi_month', 'nor drop');
DROP TABLE trap.kpi_month;
SET LOCAL search_path = trap, public, kpi;
CREATE TEMPORARY TABLE orders (order_id int, ordered_at timestamptz, net_sales numeric);
SELECT lives_ok($$SELECT kpi.build('trap', 'UTC')$$,
                'functions and relations of the same name elsewhere are not taken for the real '
                'ones');
SELECT hasnt_column('trap', 'kpi_month', 'net_sales', 'not even temporary ones');
SELECT is((SELECT today FROM trap.kpi_settings), (now() AT TIME ZONE 'UTC')::date,
          'whatever the search path');
SET LOCAL search_path = public, kpi;

-- Two models in one database do not know each other.
CREATE SCHEMA other;
CREATE TABLE other.orders (order_id int, ordered_at timestamptz, net_sales numeric);
INSERT INTO other.orders VALUES (1, '2025-01-01', 100);
SELECT lives_ok($$SELECT build('other', 'Asia/Tokyo', as_of => '2025-01-05')$$,
                'a database can have several models');
SELECT results_eq('SELECT sum(net_sales) FROM other.kpi_day', 'VALUES (100.0000)',
                  'each with its own data');
SELECT lives_ok('SELECT drop_views(''shop'')', 'views of one can be dropped');
SELECT has_view('other', 'kpi_day', 'without the other''s');
SELECT has_table('shop', 'orders', 'and sources stay');

-- Tax and shipping that were paid back are taken off where the refund is. An order of February, 100
-- with 19 tax and 5 shipping, is paid back in full in March; one of March, 200 with 38 and 10 in
-- francs at 0.5, keeps its shipping, and of its goods and tax a half. In March:
--
--              net    tax  shipping  total
--     February 100     19         5    124
--     March    100     19         5    124   200, 38 and 10 francs
--             -100    -19        -5   -124
--              -50  -9.50         0  -59.50
CREATE SCHEMA paid;
CREATE TABLE paid.orders (
    order_id int, ordered_at timestamptz, net_sales numeric, tax numeric, shipping numeric,
    currency text, exchange_rate numeric);
INSERT INTO paid.orders VALUES
    (1, '2025-02-03Z', 100, 19, 5, 'EUR', NULL), (2, '2025-03-04Z', 200, 38, 10, 'CHF', 0.5);
CREATE TABLE paid.returns (
    order_id int, returned_at timestamptz, refund numeric, tax numeric, shipping numeric);
INSERT INTO paid.returns VALUES
    (1, '2025-03-10Z', 100, 19, 5), (2, '2025-03-20Z', 100, 19, NULL);
SELECT FROM build('paid', 'UTC', 'EUR', as_of => '2025-04-01Z');
SELECT results_eq('SELECT net_sales, taxes, shipping, total_sales
                   FROM   paid.kpi_month WHERE period < ''2025-04-01'' ORDER BY period',
                  'VALUES (100.0, 19.0, 5.0, 124.0), (-50, -9.5, 0, -59.5)',
                  'tax and shipping that were paid back are taken off on the day of the refund');
SELECT FROM build('paid', 'UTC', 'EUR', as_of => '2025-04-01Z', refunds_by => 'order');
SELECT results_eq('SELECT net_sales, taxes, shipping, total_sales
                   FROM   paid.kpi_month WHERE period < ''2025-04-01'' ORDER BY period',
                  'VALUES (0.0, 0.0, 0.0, 0.0), (50, 9.5, 5, 64.5)',
                  'or on that of the order');
ALTER TABLE paid.orders RENAME shipping TO freight;
SELECT FROM drop_views('paid');
SELECT FROM build('paid', 'UTC', 'EUR', as_of => '2025-04-01Z');
SELECT results_eq('SELECT net_sales, taxes, total_sales
                   FROM   paid.kpi_month WHERE period < ''2025-04-01'' ORDER BY period',
                  'VALUES (100.0, 19.0, 119.0), (-50, -9.5, -59.5)',
                  'nor shipping in one that shipping is not in');
ALTER TABLE paid.orders RENAME freight TO shipping;
SELECT FROM drop_views('paid');
ALTER TABLE paid.orders DROP COLUMN tax;
SELECT FROM build('paid', 'UTC', 'EUR', as_of => '2025-04-01Z');
SELECT results_eq('SELECT net_sales, shipping, total_sales
                   FROM   paid.kpi_month WHERE period < ''2025-04-01'' ORDER BY period',
                  'VALUES (100.0, 5.0, 105.0), (-50, 0, -50)',
                  'tax that was paid back is in no total that tax is not in');
SELECT FROM drop_views('paid');
ALTER TABLE paid.returns DROP COLUMN shipping;
SELECT FROM build('paid', 'UTC', 'EUR', as_of => '2025-04-01Z');
SELECT results_eq('SELECT net_sales, shipping, total_sales
                   FROM   paid.kpi_month WHERE period < ''2025-04-01'' ORDER BY period',
                  'VALUES (100.0, 5.0, 105.0), (-50, 5, -45)',
                  'what is not known to have been paid back is kept');

-- Orders that are changed later. 1 and 2 of January, the second in francs at 0.5, 3 of February by
-- the customer of 1; 4 was cancelled, 99 is not there, and what happens in May has not happened.
--
--              net  discount    tax  shipping  cost  units
--     1        100        10     19         5    60      2
--     2        100        --     19         0    60      1
--     change   -20        --   -3.80       --   -10      0    January
--     3         80         0  15.20         0    40      1
--     change    20         5   3.80         1    10      1    of 1, in February
--     change     7        --     --        --    --     --    of 99, in February
--     change    --        --     --        --     1     --    of 3, in February
CREATE SCHEMA changed;
CREATE TABLE changed.orders (
    order_id int, ordered_at timestamptz, customer_id int, net_sales numeric, discount numeric,
    tax numeric, shipping numeric, cost numeric, units int, currency text, exchange_rate numeric,
    cancelled_at timestamptz, channel text);
INSERT INTO changed.orders VALUES
    (1, '2025-01-10Z', 1, 100, 10, 19, 5, 60, 2, 'EUR', NULL, NULL, 'Web'),
    (2, '2025-01-12Z', 2, 200, NULL, 38, 0, 120, 1, 'CHF', 0.5, NULL, 'App'),
    (3, '2025-02-02Z', 1, 80, 0, 15.2, 0, 40, 1, 'EUR', NULL, NULL, 'Web'),
    (4, '2025-02-03Z', 3, 50, 0, 9.5, 0, 30, 1, 'EUR', NULL, '2025-02-20Z', 'Web');
CREATE TABLE changed.order_changes (
    order_id int, changed_at timestamptz, net_sales numeric, discount numeric, tax numeric,
    shipping numeric, cost numeric, units int, kind text);
INSERT INTO changed.order_changes VALUES
    (2, '2025-01-13Z', -40, NULL, -7.6, NULL, -20, 0, 'edit'),
    (1, '2025-02-05Z', 20, 5, 3.8, 1, 10, 1, 'exchange'),
    (4, '2025-02-06Z', 30, 0, 5.7, 0, 15, 1, 'edit'),
    (99, '2025-02-07Z', 7, NULL, NULL, NULL, NULL, NULL, 'charge'),
    (3, '2025-02-08Z', NULL, NULL, NULL, NULL, 1, NULL, 'edit'),
    (1, '2025-05-01Z', 1000, 0, 190, 0, 500, 9, 'edit');
SELECT FROM build('changed', 'UTC', 'EUR', '{channel}', as_of => '2025-03-01Z');
SELECT results_eq('SELECT gross_sales, discounts, changed_sales, net_sales, taxes, shipping,
                          total_sales, units, orders
                   FROM   changed.kpi_month WHERE period < ''2025-03-01'' ORDER BY period',
                  'VALUES (190.0, 10.0, -20.0, 180.0, 34.2, 5.0, 219.2, 3.0, 2::bigint),
                          (112, 5, 27, 107, 19, 1, 127, 2, 1)',
                  'a change counts on its own day, in every amount, and is no order');
SELECT results_eq('SELECT aov, units_per_order, sales_per_customer, cost_of_goods_sold,
                          gross_profit, gross_margin, round(cost_coverage::numeric, 4), customers,
                          returning_customers
                   FROM   changed.kpi_month WHERE period < ''2025-03-01'' ORDER BY period',
                  'VALUES (90.0, 1.5, 90.0, 110.0, 70.0, 70 / 180::float8, 1.0, 2::bigint,
                           0::bigint),
                          (107, 2, 100, 51, 50, 0.5, 0.9346, 1, 1)',
                  'nor anybody who came back, but in what is said of an order and of a customer');
SELECT results_eq('SELECT aov_sample::text, units_per_order_sample::text,
                          gross_margin_sample::text, cost_coverage_sample::text
                   FROM   changed.kpi_month WHERE period < ''2025-03-01'' ORDER BY period',
                  $$VALUES ('180/2/3', '3/2/3', '70/180/3', '180/180/3'),
                           ('107/1/3', '2/1/2', '50/100/2', '100/107/3')$$,
                  'samples have orders and changes as observations');
SELECT results_eq('SELECT channel, net_sales, orders
                   FROM   changed.kpi_month_by_channel WHERE period = ''2025-02-01'' ORDER BY 1',
                  $$VALUES ('(none)', 7.0, 0::bigint), ('App', 0, 0), ('Web', 100, 1)$$,
                  'it has the dimensions of its order');
SELECT results_eq($$SELECT period, sales, cumulated_sales, sales_per_customer
                    FROM   changed.cohort_sales
                    WHERE  grain = 'month' AND period < '2025-03-01' ORDER BY cohort, period$$,
                  $$VALUES (date '2025-01-01', 180.0, 180.0, 90.0), ('2025-02-01', 100, 280, 140)$$,
                  'and is what its customer spent');
SELECT FROM build('changed', 'UTC', 'EUR', '{channel}', as_of => '2025-02-05 12:00Z');
SELECT results_eq('SELECT day, orders, units, order_sales, aov FROM changed.kpi_today
                   ORDER  BY day DESC LIMIT 1',
                  $$VALUES (date '2025-02-05', 0::bigint, 1.0, 20.0, NULL::numeric)$$,
                  'also today');
SELECT results_eq($$SELECT order_id, customer_id, net_sales, kind FROM changed.kpi_order_changes
                    ORDER  BY changed_at$$,
                  $$VALUES (2, 2::bigint, -20.0, 'edit'), (1, 1, 20, 'exchange')$$,
                  'what happened by then, converted as the order is');
-- What is paid back of an order is taken off what it has become.
CREATE TABLE changed.returns (
    order_id int, returned_at timestamptz, refund numeric, tax numeric, shipping numeric);
INSERT INTO changed.returns VALUES (1, '2025-02-20Z', 30, 5.7, 1);
SELECT FROM build('changed', 'UTC', 'EUR', '{channel}', as_of => '2025-03-01Z');
SELECT results_eq('SELECT net_sales, taxes, shipping, total_sales, aov,
                          round(value_return_rate::numeric, 4)
                   FROM   changed.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (77.0, 13.3, 0.0, 90.3, 107.0, 0.2804)',
                  'refunds are taken off orders with their changes');
SELECT FROM build('changed', 'UTC', 'EUR', '{channel}', refunds_by => 'order',
                  as_of => '2025-03-01Z');
SELECT results_eq('SELECT net_sales, changed_sales
                   FROM   changed.kpi_month WHERE period < ''2025-03-01'' ORDER BY period',
                  'VALUES (150.0, -20.0), (107, 27)',
                  'a change stays on its day where refunds count on that of the order');
-- The cost may be that of the lines, one of which has no price.
SELECT FROM drop_views('changed');
ALTER TABLE changed.orders DROP COLUMN cost;
CREATE TABLE changed.order_lines (order_id int, quantity int, net_sales numeric, cost numeric);
INSERT INTO changed.order_lines VALUES (1, 2, 100, 60), (2, 1, 200, 120), (3, 1, 80, 40),
                                       (3, 1, NULL, 2), (4, 1, 50, 30);
SELECT FROM build('changed', 'UTC', 'EUR', as_of => '2025-03-01Z');
SELECT results_eq('SELECT cost_of_goods_sold, gross_profit, gross_margin
                   FROM   changed.kpi_month WHERE period < ''2025-03-01'' ORDER BY period',
                  'VALUES (110.0, 70.0, 70 / 180::float8), (53, 50, 0.5)',
                  'the cost of lines is that of the goods, of changes beside it');
-- Without orders there is nothing to add to.
DROP SCHEMA changed CASCADE;
CREATE SCHEMA changed;
CREATE TABLE changed.order_changes (order_id int, changed_at date, net_sales numeric);
SELECT is(reason, 'needs orders.order_id', 'changes without orders say nothing')
FROM   build('changed', 'UTC') WHERE object = 'indicator changed_sales';

-- What cannot be told without orders is left out, not 0.
CREATE SCHEMA lines;
CREATE TABLE lines.order_lines (order_id int, quantity int, net_sales numeric);
CREATE TABLE lines.returns (order_id int, returned_at timestamptz, refund numeric);
SELECT set_eq($$SELECT object
                FROM   build('lines', 'UTC')
                WHERE  object
                    IN ('indicator units', 'indicator product_sales', 'indicator refunds')$$,
              $$VALUES ('indicator units'), ('indicator product_sales')$$,
              'order lines without orders say nothing, returns do');
SELECT is(reason, 'needs orders.order_id|refunds_by=refund', 'but not on the day of orders')
FROM   build('lines', 'UTC', refunds_by => 'order') WHERE object = 'indicator refunds';
SELECT throws_ok(call, '22023', message, rule)
FROM   (VALUES ($$SELECT build('lines', 'UTC+8')$$, 'time zone "UTC+8" is an offset',
                'an offset is no time zone'),
               ($$SELECT build('lines', 'UTC', since => '-infinity')$$,
                'since or as_of is infinite', 'eternity cannot be counted'),
               ($$SELECT build('lines', 'UTC', as_of => 'infinity')$$, 'since or as_of is infinite',
                'nor seen'))
       AS t (call, message, rule);
SELECT lives_ok($$SELECT build('lines', 'Etc/GMT-8')$$, 'a zone of that name is one');

-- One foreign currency, of every order: a rate for each will do.
CREATE SCHEMA abroad;
CREATE TABLE abroad.sale (id int, at timestamptz, amount numeric, rate numeric);
INSERT INTO abroad.sale VALUES (1, '2025-01-01', 100, 0.9), (2, '2025-01-02', 10, 0.5);
CREATE VIEW abroad.orders AS
SELECT id AS order_id, at AS ordered_at, amount AS net_sales, 'USD'::text AS currency,
       rate AS exchange_rate
FROM   abroad.sale;
SELECT lives_ok($$SELECT build('abroad', 'UTC', 'EUR', as_of => '2025-01-05')$$,
                'orders may all be in another currency');
SELECT results_eq('SELECT net_sales FROM abroad.kpi_month', 'VALUES (95.0000)',
                  'and are converted');
UPDATE abroad.sale SET rate = NULL WHERE id = 2;
SELECT throws_ok('SELECT net_sales FROM abroad.kpi_month',
                 '22000', 'an amount in "USD" cannot be added to amounts in "EUR"',
                 'without a rate they are an error, not a sum');

CREATE FUNCTION detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN detail;
END $$;
SELECT is(detail_of('SELECT net_sales FROM abroad.kpi_month'),
          'orders.exchange_rate is NULL for order_id 2.', 'the error names the order');
SELECT FROM build('abroad', 'UTC', 'usd', as_of => '2025-01-05');
SELECT results_eq('SELECT net_sales FROM abroad.kpi_month', 'VALUES (110.0000)',
                  'a currency is the same in any case');

-- What is no number is named.
UPDATE abroad.sale SET amount = 'NaN' WHERE id = 2;
SELECT throws_ok('SELECT net_sales FROM abroad.kpi_month', '22023', 'orders.net_sales is NaN',
                 'nor is what is no number added');
SELECT is(detail_of('SELECT net_sales FROM abroad.kpi_month'),
          'It is so in a row with order_id 2. A sum with it would lose every other value.',
          'the error names the order');
UPDATE abroad.sale SET amount = 'Infinity' WHERE id = 2;
SELECT throws_ok('SELECT net_sales FROM abroad.kpi_month', '22023', 'orders.net_sales is infinite',
                 'nor what is infinite');
UPDATE abroad.sale SET amount = '-Infinity' WHERE id = 2;
SELECT throws_ok('SELECT net_sales FROM abroad.kpi_month', '22023', 'orders.net_sales is infinite',
                 'in either direction');

-- What is off the scale is named.
CREATE SCHEMA scale;
CREATE TABLE scale.surveys (answered_at timestamptz, instrument text, score int, scale int,
                            respondent text);
INSERT INTO scale.surveys VALUES ('2025-01-01Z', 'NPS', 10, NULL, 'Ann'),
                                 ('2025-01-02Z', 'mood', 99, NULL, 'Bo');
SELECT FROM build('scale', 'UTC', as_of => '2025-01-05');
SELECT is(nps, 100::float8, 'what is not read need not be on a scale') FROM scale.kpi_month;
INSERT INTO scale.surveys VALUES ('2025-01-03 12:00Z', 'NPS', 11, NULL, 'Cy');
SELECT throws_ok('SELECT nps FROM scale.kpi_month', '22023', 'score 11 is off the scale',
                 'a score is on its scale');
SELECT is(detail_of('SELECT nps FROM scale.kpi_month'),
          'surveys.score of the row with answered_at 2025-01-03 12:00:00+00 and respondent Cy: '
          'answers to nps are 0 to 10.', 'the error names the answer');
UPDATE scale.surveys SET instrument = 'CSAT', scale = 7 WHERE score = 11;
SELECT is(detail_of('SELECT csat FROM scale.kpi_month'),
          'surveys.score of the row with answered_at 2025-01-03 12:00:00+00 and respondent Cy: '
          'answers to csat are 1 to 7.', 'and its scale');
UPDATE scale.surveys SET score = 0 WHERE respondent = 'Cy';
SELECT throws_ok('SELECT csat FROM scale.kpi_month', '22023', 'score 0 is off the scale',
                 'which begins with 1');
UPDATE scale.surveys SET score = 7, scale = 11 WHERE respondent = 'Cy';
SELECT is(detail_of('SELECT csat FROM scale.kpi_month'),
          'surveys.score of the row with answered_at 2025-01-03 12:00:00+00 and respondent Cy: '
          'answers to csat are on a scale of 2 to 10.', 'and has ten answers at most');

-- A promised date is kept until its end.
CREATE SCHEMA promise;
CREATE TABLE promise.deliveries (
    order_id int, ordered_at timestamptz, delivered_at timestamptz, promised_at date);
INSERT INTO promise.deliveries VALUES
    (1, '2025-01-01', '2025-01-10 22:59:59 UTC', '2025-01-10'),
    (2, '2025-01-01', '2025-01-10 23:00 UTC', '2025-01-10');
SELECT lives_ok($$SELECT build('promise', 'Europe/Berlin', as_of => '2025-02-01')$$,
                'a promise can be a date');
SELECT results_eq('SELECT on_time_delivery_rate_sample::text
                   FROM   promise.kpi_month WHERE deliveries > 0',
                  $$VALUES ('1/2')$$,
                  'which ends with the day');

-- Of what nobody knows when it was ordered, only whether it came on time is told, by its promise.
INSERT INTO promise.deliveries VALUES
    (3, NULL, '2025-01-09', '2025-01-10'), (4, NULL, NULL, '2024-12-20'),
    (5, NULL, NULL, '2025-02-10'), (6, NULL, '2025-01-09', NULL);
SELECT results_eq('SELECT period, deliveries, on_time_delivery_rate_sample::text, undelivered
                   FROM   promise.kpi_month WHERE period < ''2025-02-01'' ORDER BY period',
                  $$VALUES (date '2024-12-01', 0::bigint, '0/1', 0::bigint),
                           (date '2025-01-01', 2, '2/3', 0)$$,
                  'a promise without an order date counts on its own day, once that is over');
SELECT set_eq('SELECT order_id FROM promise.kpi_deliveries', 'VALUES (1), (2), (3), (4)',
              'and is not there before');

-- What was sent of orders: 2 was a test, 3 and 4 were cancelled, 3 before it arrived; of 4 and 5
-- nobody knows when they left. 1 left after a day, is promised for February and there on time.
CREATE SCHEMA sent;
CREATE TABLE sent.orders (order_id int, ordered_at timestamptz, is_test boolean,
                          cancelled_at timestamptz);
INSERT INTO sent.orders VALUES
    (1, '2025-01-31Z', false, NULL), (2, '2025-01-31Z', true, NULL),
    (3, '2025-01-31Z', false, '2025-02-02Z'), (4, '2025-01-31Z', false, '2025-02-05Z'),
    (5, '2025-01-31Z', false, NULL);
CREATE TABLE sent.deliveries (order_id int, ordered_at timestamptz, shipped_at timestamptz,
                              delivered_at timestamptz, promised_at timestamptz);
INSERT INTO sent.deliveries VALUES
    (1, '2025-01-31Z', '2025-02-01Z', '2025-02-03Z', '2025-02-04Z'),
    (2, '2025-01-31Z', NULL, '2025-02-03Z', NULL), (3, '2025-01-31Z', NULL, NULL, NULL),
    (4, '2025-01-31Z', NULL, '2025-02-04Z', NULL), (5, '2025-01-31Z', NULL, '2025-02-04Z', NULL);
SELECT FROM build('sent', 'UTC', as_of => '2025-03-01Z');
SELECT results_eq('SELECT period, deliveries, undelivered, shipping_days,
                          on_time_delivery_rate_sample::text
                   FROM   sent.kpi_month WHERE deliveries > 0',
                  $$VALUES (date '2025-01-01', 3::bigint, 0::bigint, 1::float8, '1/1')$$,
                  'tests are not sent, nor what was cancelled unless it arrived');

-- The stock of a day that has 23 hours.
CREATE SCHEMA stock;
CREATE TABLE stock.stock_moves (sku text, moved_at timestamptz, quantity int, kind text);
INSERT INTO stock.stock_moves VALUES
    ('a', '2025-03-29 12:00 UTC', 24, 'receipt'), ('a', '2025-03-30 09:00 UTC', -12, 'sale');
SELECT lives_ok($$SELECT build('stock', 'Europe/Berlin', as_of => '2025-04-05')$$,
                'stock is kept through the change of the clocks');
SELECT is(round(average_inventory(inventory_turnover_sample), 6),
          round((24 * 10 + 12 * 13) / 23.0, 6),
          'weighted by the hours there are')
FROM   stock.kpi_day WHERE period = '2025-03-30';

-- Whoever may read the sources and create in the schema can build, and others can read what was
-- built.
CREATE SCHEMA mine;
CREATE TABLE public.sale (id int, at timestamptz, amount numeric);
INSERT INTO public.sale VALUES (1, '2025-01-01', 5);
GRANT CREATE, USAGE ON SCHEMA mine TO kpi_reader;
GRANT SELECT ON public.sale TO kpi_reader;
SET LOCAL ROLE kpi_reader;
CREATE VIEW mine.orders AS
SELECT id AS order_id, at AS ordered_at, amount AS net_sales FROM public.sale;
SELECT lives_ok($$SELECT kpi.build('mine', 'UTC', as_of => '2025-01-05')$$,
                'to build takes no superuser');
SELECT throws_like($$SELECT kpi.build('other', 'UTC')$$, '%permission denied%',
                   'but the right to create in the schema');
RESET ROLE;
SELECT is((SELECT relowner::regrole::text FROM pg_class WHERE oid = 'mine.kpi_month'::regclass),
          'kpi_reader',
          'the views are the caller''s');
ALTER VIEW mine.kpi_month SET (security_barrier = true);
GRANT SELECT (period) ON mine.kpi_year TO PUBLIC;
SELECT throws_ok($$SELECT kpi.build('mine', 'UTC', week_start => 7, as_of => '2025-01-05')$$,
                 '42501',
                 'mine.orders belongs to role "kpi_reader"',
                 'who has more rights does not run what its owner has written');
ALTER ROLE kpi_reader SUPERUSER;
SELECT lives_ok($$SELECT kpi.build('mine', 'UTC', week_start => 7, as_of => '2025-01-05')$$,
                'others may build it anew if their rights are its owner''s, too');
SELECT is((SELECT relowner::regrole::text FROM pg_class WHERE oid = 'mine.kpi_month'::regclass),
          'kpi_reader',
          'owners stay');
SELECT is((SELECT reloptions::text FROM pg_class WHERE oid = 'mine.kpi_month'::regclass),
          '{security_barrier=true}',
          'options stay');
SELECT is((SELECT attacl::text
           FROM   pg_attribute WHERE attrelid = 'mine.kpi_year'::regclass AND attname = 'period'),
          '{=r/kpi_reader}',
          'rights to columns stay');
ALTER ROLE kpi_reader NOSUPERUSER;

-- To read takes no right but to read, not even for an index.
CREATE SCHEMA shown;
CREATE TABLE shown.orders AS
SELECT i AS order_id, timestamptz '2024-01-01' + i * interval '1 hour' AS ordered_at
FROM   generate_series(1, 5000) AS i;
CREATE INDEX ON shown.orders (ordered_at);
SELECT is((SELECT reason ~ 'an index finds'
           FROM   build('shown', 'UTC', as_of => '2024-09-01') WHERE object = 'source orders'),
          true, 'where an index is used');
GRANT USAGE ON SCHEMA shown TO kpi_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shown TO kpi_reader;
REVOKE USAGE ON SCHEMA kpi FROM PUBLIC;
SET LOCAL ROLE kpi_reader;
SELECT lives_ok('SELECT * FROM shown.kpi_month WHERE period >= ''2024-06-01''',
                'the reader needs no right to the functions'' schema');
RESET ROLE;
GRANT USAGE ON SCHEMA kpi TO PUBLIC;
SET LOCAL search_path = public;
SELECT lives_ok($$SELECT kpi.scaffold('orders')$$, 'a scaffold needs no search path');
SET LOCAL search_path = public, kpi;

-- A scaffold is a view to fill in.
SELECT is(scaffold('order_lines'), E'CREATE VIEW shop.order_lines AS\n'
    'SELECT <key> AS order_id   -- the order it belongs to\n'
    '     , <number> AS quantity   -- pieces\n'
    '--   , <text> AS sku   -- the article\n'
    '--   , <number> AS net_sales   -- value of the line after its discounts, without tax\n'
    '--   , <number> AS cost   -- cost of the line at the time of sale; NULL if unknown, never 0 '
    'then\n'
    '--   , <text> AS category   -- group of the article\n'
    '--   , <instant> AS updated_at   -- when the row was last changed, by which refresh finds '
    'what is new; not needed otherwise\n'
    'FROM   <your table>;\n', 'a scaffold has every column, optional ones behind --');

-- A condition on the period reads no other rows, and a column that is not asked for is not
-- computed.
CREATE SCHEMA big;
CREATE TABLE big.orders AS
SELECT i AS order_id, timestamptz '2024-01-01' + i * interval '5 minutes' AS ordered_at,
       i % 500 AS customer_id, 10 AS net_sales
FROM   generate_series(1, 50000) AS i;
CREATE TABLE big.visits AS
SELECT i AS visit_id, timestamptz '2024-01-01' + i * interval '5 minutes' AS started_at,
       i % 50 = 0 AS converted
FROM   generate_series(1, 50000) AS i;
CREATE INDEX ON big.orders (ordered_at);
ANALYZE big.orders, big.visits;
SELECT results_eq($$SELECT object, reason ~ 'an index finds'
                    FROM   build('big', 'Europe/Berlin', since => '2024-01-01',
                                 as_of => '2024-07-01')
                    WHERE  object LIKE 'source %'
                    ORDER  BY 1$$,
                  $$VALUES ('source orders', true), ('source visits', false)$$,
                  'the report says whether an index finds the rows of a period');
SELECT matches(plan_of($$SELECT period, net_sales
                         FROM   big.kpi_month WHERE period >= '2024-06-01'$$),
               'Index Cond: .*ordered_at >= (kpi\.)?day_bound\(p.period',
               'it does, for a condition on the period');
SELECT doesnt_match(plan_of('SELECT period, net_sales FROM big.kpi_month'), 'visits',
                    'a query for sales does not read visits');
SELECT doesnt_match(plan_of('SELECT period, conversion_rate FROM big.kpi_month'), 'orders',
                    'nor one for conversion orders');
SELECT doesnt_match(plan_of('SELECT period, orders FROM big.kpi_month'), 'customers',
                    'nor one for orders customers');
SELECT holds($$SELECT a.*, a IS NOT DISTINCT FROM b AS holds
               FROM   big.kpi_month AS a
                      JOIN (SELECT *
                            FROM   big.kpi_month
                            WHERE  period >= '2024-03-01') AS b USING (period)$$,
             'a condition on the period leaves the values as they are');
CREATE TABLE by_index AS SELECT to_jsonb(m) AS row FROM big.kpi_day AS m;
DROP INDEX big.orders_ordered_at_idx;
SELECT lives_ok($$SELECT build('big', 'Europe/Berlin', since => '2024-01-01',
                               as_of => '2024-07-01')$$,
                'without the index');
SELECT set_eq('SELECT to_jsonb(m) FROM big.kpi_day AS m', 'SELECT row FROM by_index',
              'the values are the same');

-- A dimension of a source of which no indicator is known by it has views of no kind.
CREATE SCHEMA placed;
CREATE TABLE placed.orders (order_id int, ordered_at timestamptz, customer_id text);
INSERT INTO placed.orders VALUES (1, '1970-01-01Z', 'a'), (2, '2025-03-01Z', 'a');
CREATE TABLE placed.stock_levels (sku text, counted_at timestamptz, on_hand int, place text);
CREATE TABLE placed.events (visitor_id int, occurred_at timestamptz, step int, device text);
INSERT INTO placed.events VALUES (1, '2025-03-01Z', 1, 'x'), (1, '-infinity', 99, 'x');
SELECT lives_ok($$SELECT build('placed', timezone => 'UTC', dimensions => '{place,device}',
                               as_of => '2025-04-01Z')$$,
                'a dimension of which no indicator is known does not keep a model unbuilt');
SELECT is(to_regclass('placed.kpi_month_by_place'), NULL, 'and has no views');
SELECT results_eq($$SELECT customers, new_customers, returning_customers
                    FROM   placed.kpi_day WHERE orders > 0 ORDER BY period$$,
                  'VALUES (1::bigint, 1::bigint, 0::bigint), (1, 0, 1)',
                  'customers are told of each day, however many years there are');
SELECT is(max(step), 1, 'an event that has always been adds no steps to a funnel')
FROM   placed.funnel_steps;
ALTER VIEW placed.kpi_settings SET (security_invoker = true);
SELECT lives_ok($$SELECT build('placed', timezone => 'UTC', as_of => '2025-04-01Z')$$,
                'a model is built again');
SELECT is(reloptions::text, '{security_invoker=true}', 'and kpi_settings keeps its options')
FROM   pg_class WHERE oid = 'placed.kpi_settings'::regclass;

-- Orders that went as they should: all of it there, on time, nothing back through our fault. Of
-- March: 1 did, 2 was late, 3 came back broken, 4 because the customer did not like it, 5 is half
-- there, 6 was to be there by now, 7 has time, 8 nobody promised anything, 9 was cancelled, 10 was
-- never sent, 11 has one parcel late and one under way.
CREATE SCHEMA perfect;
CREATE TABLE perfect.orders AS
SELECT i AS order_id, timestamptz '2025-03-01Z' AS ordered_at,
       CASE WHEN i <> 8 THEN timestamptz '2025-03-05 12:00Z' + i / 7 * interval '1 month' END
           - i / 10 * interval '1 month' AS promised_at,
       CASE WHEN i = 9 THEN timestamptz '2025-03-02Z' END AS cancelled_at
FROM   generate_series(1, 11) AS i;
CREATE TABLE perfect.deliveries AS
SELECT order_id, timestamptz '2025-03-01Z' AS ordered_at, delivered_at::timestamptz
FROM   (VALUES (1, '2025-03-05 12:00Z'), (2, '2025-03-05 12:01Z'), (3, '2025-03-04Z'),
               (4, '2025-03-04Z'), (5, '2025-03-04Z'), (5, NULL), (6, NULL), (7, NULL),
               (8, '2025-03-04Z'), (11, '2025-03-15Z'), (11, NULL)) AS d (order_id, delivered_at);
UPDATE perfect.orders SET promised_at = '2025-04-05Z' WHERE order_id = 5;
CREATE TABLE perfect.returns AS
SELECT * FROM (VALUES (3, timestamptz '2025-03-08Z', true), (4, '2025-03-08Z', false),
                      (1, '2025-04-01Z', true)) AS r (order_id, returned_at, our_fault);
SELECT isnt_empty($$SELECT build('perfect', timezone => 'UTC', as_of => '2025-03-20Z')$$,
                  'a model with promises');
SELECT is(perfect_order_rate_sample, '2/7',
          'an order is perfect if all of it arrived on time and nothing came back by our fault')
FROM   perfect.kpi_month WHERE period = '2025-03-01';
SELECT isnt_empty($$SELECT build('perfect', timezone => 'UTC', as_of => '2025-03-20Z',
                                 on_time_by => 'date')$$, 'judged by the day');
SELECT is(perfect_order_rate_sample, '3/7', 'that of the promise is long enough')
FROM   perfect.kpi_month WHERE period = '2025-03-01';
-- More of them, some parcels with a promise of their own: 12 came in two, one of them late. What
-- is under way of 13 has time. Of 14 only a parcel was promised, and both are there. 15 was not
-- promised, and came back. 16 was to be sent, and 17 to be there, by now. And 9, which was
-- cancelled, would be late.
UPDATE perfect.orders SET promised_at = '2025-03-05Z' WHERE order_id = 9;
INSERT INTO perfect.orders VALUES
    (12, '2025-03-01Z', '2025-03-05 12:00Z', NULL), (13, '2025-03-01Z', '2025-03-05 12:00Z', NULL),
    (14, '2025-03-01Z', NULL, NULL), (15, '2025-03-01Z', NULL, NULL),
    (16, '2025-03-01Z', '2025-03-20Z', NULL), (17, '2025-03-01Z', '2025-03-20Z', NULL);
ALTER TABLE perfect.deliveries ADD promised_at timestamptz;
INSERT INTO perfect.deliveries VALUES
    (12, '2025-03-01Z', '2025-03-04Z', NULL), (12, '2025-03-01Z', '2025-03-06Z', NULL),
    (13, '2025-03-01Z', NULL, '2025-03-25Z'), (14, '2025-03-01Z', '2025-03-04Z', '2025-03-05Z'),
    (14, '2025-03-01Z', '2025-03-10Z', NULL), (17, '2025-03-01Z', NULL, NULL);
INSERT INTO perfect.returns VALUES (15, '2025-03-08Z', true), (12, '2025-03-08Z', NULL);
SELECT FROM build('perfect', timezone => 'UTC', as_of => '2025-03-20Z');
SELECT is(perfect_order_rate_sample, '3/9', 'every parcel is held against its own promise')
FROM   perfect.kpi_month WHERE period = '2025-03-01';
SELECT is(our_fault, false, 'what is not said to be our fault is none')
FROM   perfect.kpi_returns WHERE order_id = 12;
SELECT FROM build('perfect', timezone => 'UTC', as_of => '2025-03-20Z', on_time_by => 'date');
SELECT is(perfect_order_rate_sample, '4/9', 'and what is due today is not late')
FROM   perfect.kpi_month WHERE period = '2025-03-01';

-- What came back of four orders: of 1 twice, for another reason in February; of 2 only the tax was
-- paid back; of 3 nothing is known but that it came back.
CREATE SCHEMA back;
CREATE TABLE back.orders (order_id int, ordered_at timestamptz, net_sales numeric);
INSERT INTO back.orders SELECT i, '2025-01-05Z', 10 FROM generate_series(1, 4) AS i;
CREATE TABLE back.returns (order_id int, returned_at timestamptz, quantity int, refund numeric,
                           tax numeric, why text);
INSERT INTO back.returns VALUES
    (1, '2025-01-10Z', 2, 5, 1, 'broken'), (1, '2025-02-10Z', 1, 3, NULL, 'size'),
    (2, '2025-01-11Z', 0, 0, 2, 'size'), (3, '2025-01-12Z', NULL, NULL, NULL, 'size');
SELECT FROM build('back', timezone => 'UTC', dimensions => '{why}', as_of => '2025-03-01Z');
SELECT set_eq('SELECT day, distinct_orders, by_why FROM back.kpi_daily_returned_orders',
              $$VALUES (date '2025-01-10', 1::bigint, 'broken'), ('2025-01-10', 1, 'size'),
                       ('2025-01-12', 3, 'size')$$,
              'an order is returned once, and not if only tax was paid back');
SELECT results_eq('SELECT returned_units, refunds FROM back.kpi_month
                   WHERE  period < ''2025-03-01'' ORDER BY period',
                  'VALUES (2.0, 5.0), (1, 3)', 'pieces that came back, and what was paid for them');

-- Employees are asked each month: Ann and Bo of one team, Cy, Di and Ed of another.
CREATE SCHEMA team;
CREATE TABLE team.surveys (answered_at timestamptz, instrument text, score int, respondent text,
                           team text);
INSERT INTO team.surveys
SELECT timestamptz '2025-01-10Z' + m * interval '1 month', 'ESAT', 1 + (i + m) % 5,
       ('{Ann,Bo,Cy,Di,Ed}'::text[])[i], CASE WHEN i <= 2 THEN 'A' ELSE 'B' END
FROM   generate_series(1, 5) AS i, generate_series(0, 5) AS m;
-- Ann answers again in January and, after that, in February: 5 instead of 3, 4, and no answer.
INSERT INTO team.surveys VALUES
    ('2025-01-31 23:00Z', 'esat', 5, 'Ann', 'A'), ('2025-01-20Z', 'esat', 1, 'Ann', 'A'),
    ('2025-02-01Z', 'esat', 4, 'Ann', 'A'), ('2025-02-28Z', 'esat', NULL, 'Ann', 'A'),
    ('2025-01-31Z', 'esat', 1, NULL, 'B'), ('2025-01-31Z', 'esat', 1, NULL, 'B');
SELECT FROM build('team', timezone => 'UTC', dimensions => '{team}', as_of => '2025-07-15Z');
SELECT is(sample_size(esat_mean_sample), 9::bigint, 'usually all answers count')
FROM   team.kpi_month WHERE period = '2025-01-01';
SELECT FROM build('team', timezone => 'UTC', dimensions => '{team}', as_of => '2025-07-15Z',
                  answers => 'last of month');
SELECT results_eq($$SELECT period, sample_size(esat_mean_sample), esat_mean
                    FROM   team.kpi_month WHERE period <= '2025-02-01' ORDER BY period$$,
                  -- 5 of Ann, 3 4 5 1 and 1 1 of nobody; 3 of Ann, 4 5 1 2
                  $$VALUES (date '2025-01-01', 7::bigint, 20::float8 / 7),
                           ('2025-02-01', 5, 15.0 / 5)$$,
                  'of each respondent the last answer counts, of nobody every one');
SELECT is(sample_size(esat_mean_sample), 1::bigint, 'on its own day')
FROM   team.kpi_day_by_team WHERE period = '2025-01-31' AND team = 'A';
SELECT is((SELECT count(*) FROM kpi.check('team') WHERE trap = 'repeated_answers'), 0::bigint,
          'and check() does not complain');
-- The same of the other questions to employees, whose scores are on their scales, too.
INSERT INTO team.surveys
SELECT answered_at, other, score, respondent, team
FROM   team.surveys, unnest('{enps,communication}'::text[]) AS other;
SELECT FROM build('team', timezone => 'UTC', dimensions => '{team}', as_of => '2025-07-15Z',
                  anonymity => 5);
CREATE FUNCTION told(model text, views text[])
RETURNS TABLE (view text, period date, sizes bigint[]) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH view IN ARRAY views LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %1$L, v.period,
                    ARRAY[sample_size(esat_sample), sample_size(esat_mean_sample),
                          sample_size(enps_sample), sample_size(communication_sample),
                          sample_size(communication_mean_sample)]
             FROM   %2$I.%1$I AS v
             WHERE  num_nonnulls(esat, esat_mean, enps, communication, communication_mean,
                                 esat_sample, esat_mean_sample, enps_sample, communication_sample,
                                 communication_mean_sample) > 0
             ORDER  BY v.period', view, model);
    END LOOP;
END $$;
SELECT results_eq($$SELECT period, sample_size(esat_sample) FROM team.kpi_month
                    WHERE  period < '2025-07-01' ORDER BY period$$,
                  $$VALUES (date '2025-01-01', 9::bigint), ('2025-02-01', 6), ('2025-03-01', 5),
                           ('2025-04-01', 5), ('2025-05-01', 5), ('2025-06-01', 5)$$,
                  'figures of enough employees are shown');
SELECT results_eq($$SELECT team, sample_size(esat_sample) FROM team.kpi_quarter_by_team
                    WHERE  period = '2025-01-01' ORDER BY team$$,
                  $$VALUES ('A', 9::bigint), ('B', 11)$$,
                  'also by team, where a quarter has enough of each');
SELECT is_empty($$SELECT FROM told('team', '{kpi_month_by_team}') WHERE period >= '2025-03-01'$$,
                'a team of two is not shown, nor the other, whose rest would tell');
SELECT results_eq($$SELECT period, sizes FROM told('team', '{kpi_day}')$$,
                  $$VALUES (date '2025-03-10', '{5,5,5,5,5}'::bigint[]),
                           ('2025-04-10', '{5,5,5,5,5}'), ('2025-05-10', '{5,5,5,5,5}'),
                           ('2025-06-10', '{5,5,5,5,5}')$$,
                  'nor days of a month of which one has few, which is not one without any');
SELECT is_empty($$SELECT FROM told('team', '{kpi_week}')$$,
                'nor weeks, which less the months leave days');
SELECT is_empty($$SELECT FROM told('team', '{kpi_year,kpi_all}')$$,
                'nor what is not over, which one answer more changes');
SELECT is_empty($$SELECT FROM team.kpi_values
                  WHERE  kpi LIKE 'esat%' AND value IS NOT NULL AND sample_size < 3$$,
                'nor is it told in rows');
SELECT is(export_metrics.reason, 'is told of enough employees only', 'tools do not pool it')
FROM   kpi.export_metrics('team') WHERE indicator = 'esat';
SELECT unalike(parts('team'), '%esat%', 'and do not get its parts');
CREATE TABLE unindexed AS SELECT * FROM told('team', '{kpi_day,kpi_month,kpi_half}');
CREATE INDEX ON team.surveys (answered_at);
SET LOCAL enable_seqscan = off;
SELECT is(reason ~ 'an index finds', true, 'where an index finds the answers of a period')
FROM   build('team', timezone => 'UTC', as_of => '2025-07-15Z', anonymity => 5)
WHERE  object = 'source surveys';
RESET enable_seqscan;
SELECT set_eq($$SELECT * FROM told('team', '{kpi_day,kpi_month,kpi_half}')$$,
              'SELECT * FROM unindexed', 'the others of the same whole are looked at nevertheless');
-- Weeks of the calendar of retail lie in its months. Of the one that begins on 5 January, two weeks
-- have too few answers.
SELECT FROM build('team', timezone => 'UTC', as_of => '2025-07-15Z', anonymity => 5,
                  calendar => '4-5-4 from sunday nearest february');
SELECT results_eq($$SELECT period, sizes[1] FROM told('team', '{kpi_week}')$$,
                  $$VALUES (date '2025-02-09', 5::bigint), ('2025-03-09', 5), ('2025-04-06', 5),
                           ('2025-05-04', 5), ('2025-06-08', 5)$$,
                  'weeks that make up months are shown where there are enough answers in each');
SELECT throws_ok($$SELECT build('team', timezone => 'UTC', anonymity => 1)$$, '22023',
                 'anonymity of fewer than two is none', 'one is not anonymous');
SELECT throws_ok($$SELECT build('team', 'UTC', storage => 'incremental', dimensions =>
                                (SELECT array_agg('d' || i) FROM generate_series(1, 31) AS i))$$,
                 '54000', 'a model that is kept has at most 30 dimensions',
                 'no index has more columns than it can');
ALTER TABLE team.surveys RENAME respondent TO who;
SELECT throws_ok($$SELECT build('team', timezone => 'UTC', answers => 'last of week')$$, '42703',
                 'surveys do not say whose answers they are', 'the last answer is somebody''s');

-- Ann answers two questions at once, and one of them twice, in January; again when it is February
-- in Berlin.
CREATE SCHEMA latest;
CREATE TABLE latest.surveys (answered_at timestamptz, instrument text, score int, respondent text);
INSERT INTO latest.surveys VALUES
    ('2025-01-10Z', 'csat', 2, 'Ann'), ('2025-01-10Z', 'csat', 1, 'Ann'),
    ('2025-01-10Z', 'nps', 9, 'Ann'), ('2025-01-31 23:30Z', 'csat', 5, 'Ann');
SELECT FROM build('latest', timezone => 'Europe/Berlin', as_of => '2025-03-01Z',
                  answers => 'last of month');
SELECT results_eq($$SELECT period, csat_mean, nps FROM latest.kpi_month
                    WHERE  period < '2025-03-01' ORDER BY period$$,
                  $$VALUES (date '2025-01-01', 1::float8, 100::float8), ('2025-02-01', 5, NULL)$$,
                  'of answers at once the lowest counts, of each question, in a month of the shop');

-- How long visitors took, and for how long the next step is waited for.
CREATE SCHEMA paced;
CREATE TABLE paced.events (visitor_id int, occurred_at timestamptz, step int, label text);
INSERT INTO paced.events VALUES
    (1, '2025-03-01 10:00Z', 1, 'look'), (1, '2025-03-01 10:30Z', 2, 'cart'),
    (1, '2025-03-01 13:00Z', 3, NULL),
    (2, '2025-03-02 08:00Z', 1, 'look'), (2, '2025-03-02 09:00Z', 1, 'look'),
    (2, '2025-03-02 10:00Z', 2, 'cart'), (2, '2025-03-02 12:00Z', 2, 'cart'),
    (3, '2025-03-03 10:00Z', 1, 'look'), (4, '2025-03-03 10:00Z', 2, 'cart'),
    (NULL, '2025-04-01 10:00Z', 1, 'look'), (NULL, '2025-03-01 10:00Z', 1, 'look'),
    (5, '2025-03-04 10:00Z', NULL, NULL), (6, '2025-05-20 10:00Z', 4, 'late');
SELECT FROM build('paced', timezone => 'UTC', as_of => '2025-05-15Z');
SELECT results_eq($$SELECT period, complete, step, label, reached, median_hours, p90_hours,
                           mean_hours, sample_size(time_sample)
                    FROM   paced.funnel_times WHERE grain = 'month' ORDER BY period, step$$,
                  $$VALUES (date '2025-03-01', true, 2, 'cart', 2::bigint, 0.75::float8,
                            0.95::float8, 0.75::float8, 2::bigint),
                           ('2025-03-01', true, 3, 'step 3', 1, 3, 3, 3, 1)$$,
                  'hours from step 1 to each later step of those who reached it');
SELECT results_eq('SELECT period, reached FROM paced.funnel_times
                   WHERE  grain = ''day'' AND step = 3 ORDER BY period',
                  $$VALUES (date '2025-03-01', 1::bigint), ('2025-03-02', 0), ('2025-03-03', 0)$$,
                  'a step that nobody reached has a row, as in funnel_steps');
SELECT is_empty($$SELECT FROM paced.funnel_times
                  WHERE (reached = 0) <> (num_nulls(median_hours, p90_hours, mean_hours) = 3)$$,
                'and no time');
CREATE TABLE unpaced AS TABLE paced.kpi_funnels;
CREATE TABLE untimed AS SELECT to_jsonb(f) AS row FROM paced.funnel_times AS f;
SELECT FROM build('paced', timezone => 'UTC', as_of => '2025-05-15Z',
                  funnel_step_within => '{30 days,NULL}');
SELECT is(funnel_step_within, '{30 days,NULL}', 'a model knows its windows of steps')
FROM   paced.kpi_settings;
SELECT matches(built_by, 'funnel_step_within => ''\{"30 days",NULL\}''', 'and is built again so')
FROM   paced.kpi_settings;
SELECT set_eq('SELECT grain, period, funnel::text FROM paced.kpi_funnels',
              'SELECT grain, period, funnel::text FROM unpaced',
              'windows that never end before a step change no funnel');
SELECT set_eq('SELECT to_jsonb(f) FROM paced.funnel_times AS f', 'SELECT row FROM untimed',
              'and no time');
SELECT isnt(position('visitor_id' IN plan_of('TABLE paced.kpi_funnels')), 0,
            'with windows of steps each visitor is looked at');
SELECT FROM build('paced', timezone => 'UTC', as_of => '2025-05-15Z',
                  funnel_step_within => '{1 hour,2 hours}');
SELECT is(funnel, '4/3/2/0', 'the next step is waited for so long')
FROM   paced.kpi_funnels WHERE grain = 'month' AND period = '2025-03-01';
SELECT is(reached, 0::bigint, 'and reached within it or not')
FROM   paced.funnel_times WHERE grain = 'month' AND step = 3;
SELECT results_eq('SELECT step, label FROM paced.kpi_steps ORDER BY step',
                  $$VALUES (1, 'look'), (2, 'cart'), (3, NULL), (4, 'late')$$,
                  'an event without a step names none');
-- Visitor 1 was at step 3 after three hours.
CREATE FUNCTION in_march(step_windows interval[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM build('paced', timezone => 'UTC', as_of => '2025-05-15Z', funnel_within => '2 hours',
                  funnel_step_within => step_windows);
    RETURN (SELECT concat_ws(' ', min(f.funnel::text),
                             string_agg(t.reached::text, ' ' ORDER BY t.step))
            FROM   paced.kpi_funnels AS f JOIN paced.funnel_times AS t USING (grain, period)
            WHERE  f.grain = 'month' AND f.period = '2025-03-01');
END $$;
SELECT is(in_march(windows), '4/3/2/0 2 0',
          'what comes after the window of a funnel is not reached')
FROM   (VALUES (NULL::interval[]), ('{NULL}')) AS w (windows);
SELECT FROM build('paced', timezone => 'UTC', as_of => '2025-05-15Z');
SELECT is(position('visitor_id' IN plan_of('TABLE paced.kpi_funnels')), 0,
          'without, nobody pays for them');

-- Customers who came by one channel and came back by another.
CREATE SCHEMA moved;
CREATE TABLE moved.orders (order_id int, ordered_at timestamptz, customer_id int, net_sales numeric,
                           channel text);
INSERT INTO moved.orders VALUES
    (1, '2025-01-10Z', 1, 50, 'shop'), (2, '2025-02-10Z', 1, 50, 'app'),
    (3, '2025-02-11Z', 2, 50, 'app'), (4, '2025-02-11Z', 2, 50, 'shop'),
    (5, '2025-05-01Z', 2, 50, 'app'), (6, '2025-05-01Z', 3, 50, 'phone'),
    (7, '2025-05-02Z', NULL, 50, 'phone'), (8, '2024-12-01Z', 4, 50, 'phone');
UPDATE moved.orders SET net_sales = 0 WHERE order_id = 8;
ALTER TABLE moved.orders ADD cancelled_at timestamptz;
UPDATE moved.orders SET cancelled_at = ordered_at WHERE order_id = 8;
INSERT INTO moved.orders VALUES (9, '2025-05-03Z', 4, 50, 'shop');
-- Three orders at once, the first of them cancelled.
INSERT INTO moved.orders VALUES (10, '2025-05-05Z', 5, 50, 'phone', '2025-05-06Z'),
                                (11, '2025-05-05Z', 5, 50, 'shop', NULL),
                                (12, '2025-05-05Z', 5, 50, 'app', NULL);
CREATE TABLE moved.spend (spent_on date, amount numeric, channel text);
INSERT INTO moved.spend VALUES ('2025-02-01', 30, 'app'), ('2025-02-01', 7, 'shop');
SELECT isnt_empty($$SELECT build('moved', timezone => 'UTC', dimensions => '{channel}',
                                 as_of => '2025-07-01Z')$$, 'a model by channel');
SELECT results_eq($$SELECT channel, customers, new_customers, new_to_member, returning_customers,
                           returning_customer_rate_sample, cac
                    FROM   moved.kpi_month_by_channel
                    WHERE  period = '2025-02-01' ORDER BY channel COLLATE "C"$$,
                  $$VALUES ('app', 2::bigint, 1::bigint, 2::bigint, 1::bigint, rate '1/2', 30.0),
                           ('phone', 0, 0, 0, 0, NULL, NULL),
                           ('shop', 1, 0, 1, 0, '0/1', NULL)$$,
                  'by a dimension new is new to the shop, at the member of the first order');
SELECT results_eq($$SELECT channel, customers, new_customers, new_to_member, returning_customers
                    FROM   moved.kpi_quarter_by_channel
                    WHERE  period = '2025-04-01' ORDER BY channel COLLATE "C"$$,
                  $$VALUES ('app', 2::bigint, 0::bigint, 1::bigint, 1::bigint),
                           ('phone', 1, 1, 1, 0), ('shop', 2, 2, 2, 0)$$,
                  'guests and what was cancelled make nobody known');
SELECT results_eq($$SELECT channel, customers, new_customers, new_to_member, returning_customers
                    FROM   moved.kpi_half_by_channel
                    WHERE  period = '2025-01-01' ORDER BY channel COLLATE "C"$$,
                  $$VALUES ('app', 3::bigint, 1::bigint, 3::bigint, 0::bigint),
                           ('phone', 1, 1, 1, 0), ('shop', 4, 3, 4, 0)$$,
                  'in half a year nobody has returned who first came in it, at whichever member');
SELECT set_eq(format($$SELECT period, sum(new_customers)::bigint
                       FROM   moved.kpi_%1$s_by_channel GROUP BY period$$, grain),
              format('SELECT period, new_customers FROM moved.kpi_%s', grain),
              'new customers of all members are those of the shop, by ' || grain)
FROM   unnest('{day,week,month,quarter,half,year,all}'::text[]) AS grain;

-- The value of a customer so far.
CREATE SCHEMA worth;
CREATE TABLE worth.orders (order_id int, ordered_at timestamptz, customer_id int,
                           net_sales numeric);
INSERT INTO worth.orders VALUES
    (1, '2025-01-01Z', 1, 10), (2, '2025-01-31Z', 2, 5), (3, '2025-01-31Z', 1, 1),
    (4, '2025-01-31Z', NULL, 99), (5, '2025-02-01Z', 3, 7), (6, '2025-03-01Z', 2, 4);
SELECT FROM build('worth', 'UTC', as_of => '2025-03-15Z');
SELECT results_eq($$SELECT cohort, period, periods_since, complete, cohort_size, sales,
                           cumulated_sales, sales_per_customer
                    FROM   worth.cohort_sales WHERE grain = 'month' ORDER BY cohort, period$$,
                  $$VALUES (date '2025-01-01', date '2025-01-01', 0, true, 2::bigint, 16::numeric,
                            16::numeric, 8::numeric),
                           ('2025-01-01', '2025-02-01', 1, true, 2, 0, 16, 8),
                           ('2025-01-01', '2025-03-01', 2, false, 2, 4, 20, 10),
                           ('2025-02-01', '2025-02-01', 0, true, 1, 7, 7, 7),
                           ('2025-02-01', '2025-03-01', 1, false, 1, 0, 7, 7)$$,
                  'what a cohort has bought, month by month and so far');
ALTER TABLE worth.orders ADD cancelled_at timestamptz;
INSERT INTO worth.orders VALUES (7, '2025-02-10Z', 1, 500, '2025-02-11Z');
SELECT FROM build('worth', 'UTC', as_of => '2025-05-01Z');
SELECT results_eq($$SELECT s.cohort, s.period, s.complete, s.sales, s.cumulated_sales, r.complete,
                           r.customers
                    FROM   worth.cohort_sales AS s
                           FULL JOIN worth.cohort_retention AS r USING (grain, cohort, period)
                    WHERE  grain = 'month' ORDER BY cohort, period$$,
                  $$VALUES (date '2025-01-01', date '2025-01-01', true, 16::numeric, 16::numeric,
                            true, 2::bigint),
                           ('2025-01-01', '2025-02-01', true, 0, 16, true, 0),
                           ('2025-01-01', '2025-03-01', true, 4, 20, true, 1),
                           ('2025-01-01', '2025-04-01', true, 0, 20, true, 0),
                           ('2025-02-01', '2025-02-01', true, 7, 7, true, 1),
                           ('2025-02-01', '2025-03-01', true, 0, 7, true, 0),
                           ('2025-02-01', '2025-04-01', true, 0, 7, true, 0)$$,
                  'without what was cancelled, up to the last period in which there was a day');

-- A day that begins at the instant the model is seen at is there if something happens at it.
CREATE SCHEMA dawn;
CREATE TABLE dawn.orders (order_id int, ordered_at timestamptz);
CREATE TABLE dawn.spend (spent_on date, amount numeric);
INSERT INTO dawn.orders VALUES (1, '2025-03-30Z');
CREATE FUNCTION last_day(as_of timestamptz, rows text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM build('dawn', 'UTC', as_of => as_of);
    EXECUTE 'INSERT INTO dawn.' || rows;
    RETURN (SELECT concat_ws(' ', max(period), (SELECT max(period) FROM dawn.kpi_month))
            FROM   dawn.kpi_day);
END $$;
SELECT is(last_day(as_of, rows), days, rule)
FROM   (VALUES (timestamptz '2025-04-01Z', 'orders VALUES (2, ''2025-04-02Z'')',
                '2025-03-31 2025-03-01', 'a day of which nothing can be known is not there yet'),
               ('2025-04-01 00:00:00.000001Z', 'orders VALUES (3, ''2025-03-31Z'')',
                '2025-04-01 2025-04-01', 'it is as soon as it has begun'),
               ('2025-04-01Z', 'orders VALUES (4, ''2025-04-01Z'')', '2025-04-01 2025-04-01',
                'or if it begins with an order'),
               ('2025-04-05Z', 'spend VALUES (''2025-04-06'', 1)', '2025-04-04 2025-04-01',
                'not for what is to be spent'),
               ('2025-04-05Z', 'spend VALUES (''2025-04-05'', 1)', '2025-04-05 2025-04-01',
                'but for what is spent on it'))
       AS t (as_of, rows, days, rule);

-- What marketing cost, in all and by the channel that orders have.
CREATE SCHEMA spent;
CREATE TABLE spent.orders (order_id int, ordered_at timestamptz, customer_id int, net_sales numeric,
                           channel text);
INSERT INTO spent.orders VALUES (1, '2025-02-01Z', 1, 50, 'web'), (2, '2025-03-01Z', 1, 100, 'web'),
    (3, '2025-03-02Z', 2, 150, 'web'), (4, '2025-03-02Z', 3, 50, 'app');
CREATE TABLE spent.spend (spent_on date, amount numeric, channel text);
INSERT INTO spent.spend VALUES ('2025-03-01', 60, 'web'), ('2025-03-31', 40, 'app');
SELECT FROM build('spent', 'UTC', dimensions => '{channel}', as_of => '2025-04-01Z');
SELECT results_eq($$SELECT marketing_spend, mer, cac FROM spent.kpi_month WHERE complete
                    ORDER  BY period$$,
                  'VALUES (0::numeric, NULL::float8, 0::numeric), (100, 3, 50)',
                  'sales for what was spent, and what a new customer cost');
SELECT results_eq($$SELECT mer_sample::text FROM spent.kpi_month WHERE period = '2025-03-01'$$,
                  $$VALUES ('300/100/5')$$, 'with both sums in the sample');
SELECT results_eq($$SELECT channel, marketing_spend, mer, cac FROM spent.kpi_month_by_channel
                    WHERE  period = '2025-03-01' ORDER BY channel$$,
                  $$VALUES ('app', 40::numeric, 1.25::float8, 40::numeric),
                           ('web', 60, 250 / 60::float8, 60)$$,
                  'by channel, too');
CREATE TABLE spent.returns (order_id int, returned_at timestamptz, refund numeric);
INSERT INTO spent.returns VALUES (3, '2025-03-10Z', 30);
INSERT INTO spent.spend VALUES ('2025-05-01', 1000, 'web');
SELECT FROM build('spent', 'UTC', as_of => '2025-04-01Z');
SELECT results_eq($$SELECT m.mer, m.mer_sample::text, a.marketing_spend
                    FROM   spent.kpi_month AS m CROSS JOIN spent.kpi_all AS a
                    WHERE  m.period = '2025-03-01'$$,
                  $$VALUES (2.7::float8, '270/100/6', 100::numeric)$$,
                  'less what was paid back, and what is to be spent has not been');

-- Answers that stand for others. One without a weight is in no weighted figure.
CREATE SCHEMA weighted;
CREATE TABLE weighted.surveys (answered_at timestamptz, instrument text, score int, weight numeric);
INSERT INTO weighted.surveys VALUES
    ('2025-03-01Z', 'csat', 5, 1), ('2025-03-01Z', 'csat', 1, 3), ('2025-03-01Z', 'csat', 3, NULL),
    ('2025-03-01Z', 'nps', 10, 1.5), ('2025-03-01Z', 'nps', 0, 0.5), ('2025-03-01Z', 'nps', 7, 8);
SELECT FROM build('weighted', 'UTC', as_of => '2025-04-01Z');
SELECT results_eq($$SELECT csat_weighted, csat_mean_weighted, nps_weighted, csat_mean
                    FROM   weighted.kpi_month WHERE complete$$,
                  'VALUES (0.25::float8, 2::float8, 10::float8, 3::float8)',
                  'answers count as often as their weight says');

-- Today so far, in the night in which Berlin puts its clocks back.
CREATE SCHEMA today;
CREATE TABLE today.orders (order_id int, ordered_at timestamptz, net_sales numeric);
INSERT INTO today.orders VALUES
    (1, '2025-10-25 22:30Z', 10), (2, '2025-10-26 02:30Z', 20), (3, '2025-10-26 02:31Z', 30),
    (4, '2025-10-25 01:30Z', 40), (5, '2025-10-25 01:31Z', 50), (6, '2025-10-19 01:30Z', 60),
    (7, '2025-10-18 22:00Z', 70), (8, '2025-10-18 21:59Z', 80), (9, '2025-10-24 12:00Z', 90);
SELECT FROM build('today', 'Europe/Berlin', as_of => '2025-10-26 02:30Z');
SELECT results_eq($$SELECT day, until, orders, order_sales, aov FROM today.kpi_today
                    ORDER  BY day DESC$$,
                  $$VALUES (date '2025-10-26', timestamptz '2025-10-26 03:30+01', 2::bigint,
                            30::numeric, 15::numeric),
                           ('2025-10-25', '2025-10-25 03:30+02', 1, 40, 40),
                           ('2025-10-19', '2025-10-19 03:30+02', 2, 130, 65)$$,
                  'today until now, yesterday and last week until the same time of day');
-- A customer orders twice, and cancels a third one; of a guest the amount is not known. Changes
-- count until that time as well.
ALTER TABLE today.orders ADD customer_id int, ADD cancelled_at timestamptz;
UPDATE today.orders SET customer_id = 7 WHERE order_id IN (1, 2);
INSERT INTO today.orders VALUES
    (10, '2025-10-26 01:00Z', 1000, 7, '2025-10-26 02:00Z'),
    (11, '2025-10-26 02:00Z', NULL, NULL, NULL);
CREATE TABLE today.order_changes (order_id int, changed_at timestamptz, net_sales numeric);
INSERT INTO today.order_changes VALUES
    (1, '2025-10-26 02:30Z', 3), (1, '2025-10-26 02:31Z', 100),
    (4, '2025-10-25 01:30Z', -10), (4, '2025-10-25 01:31Z', 500);
SELECT FROM build('today', 'Europe/Berlin', as_of => '2025-10-26 02:30Z');
SELECT results_eq($$SELECT day, orders, customers, order_sales, aov FROM today.kpi_today
                    ORDER  BY day DESC$$,
                  $$VALUES (date '2025-10-26', 3::bigint, 1::bigint, 33::numeric, 16.5),
                           ('2025-10-25', 1, 0, 30, 30), ('2025-10-19', 2, 0, 130, 65)$$,
                  'with its customers, and what was changed until then');

-- The calendar of US retail: 2023 had a week 53, from 28 January 2024, which is compared with
-- nothing; the year after it is compared with the 52 weeks from 5 February 2023.
CREATE SCHEMA retail;
CREATE TABLE retail.orders AS
SELECT row_number() OVER () AS order_id, (day || 'Z')::timestamptz AS ordered_at
FROM   unnest('{2023-01-29,2023-02-05,2023-03-04,2024-01-28,2024-02-04,2024-02-05}'::date[]) AS day;
SELECT FROM build('retail', 'UTC', calendar => '4-5-4 from sunday nearest february',
                  as_of => '2024-03-03Z');
SELECT results_eq($$SELECT period, orders, orders_growth_year FROM retail.kpi_month
                    WHERE  orders > 0 ORDER BY period$$,
                  $$VALUES (date '2023-01-29', 2::bigint, NULL::float8),
                           ('2023-02-26', 1, NULL), ('2023-12-31', 1, NULL),
                           ('2024-02-04', 2, 0)$$,
                  'months are of four or five weeks, and a restated one is what last year is');
SELECT results_eq($$SELECT period, orders, complete FROM retail.kpi_year ORDER BY period$$,
                  $$VALUES (date '2023-01-29', 4::bigint, true), ('2024-02-04', 2, false)$$,
                  'years of 52 or 53');
SELECT results_eq($$SELECT DISTINCT calendar FROM retail.kpi_settings$$,
                  $$VALUES ('4-5-4 from sunday nearest february')$$,
                  'which the model remembers');

-- Texts of several collations, which cannot be compared as they are.
CREATE SCHEMA sorted;
CREATE TABLE sorted.orders (order_id text COLLATE "C", ordered_at timestamptz,
                            customer_id text COLLATE "POSIX", country text COLLATE "C");
CREATE TABLE sorted.returns (order_id text COLLATE "POSIX", returned_at timestamptz, refund numeric,
                             country text COLLATE "POSIX");
INSERT INTO sorted.orders VALUES ('a', '2025-03-01Z', 'x', 'DE'), ('b', '2025-03-01Z', 'x', 'FR');
INSERT INTO sorted.returns VALUES ('a', '2025-03-02Z', 2, 'US'), ('c', '2025-03-02Z', 1, 'US');
SELECT FROM build('sorted', 'UTC', dimensions => '{country}', as_of => '2025-04-01Z');
SELECT results_eq($$SELECT country, orders, refunds FROM sorted.kpi_month_by_country
                    WHERE  period = '2025-03-01' ORDER BY country$$,
                  $$VALUES ('DE', 1::bigint, 2::numeric), ('FR', 1, 0), ('US', 0, 1)$$,
                  'orders and dimensions of different collations meet');

-- Types whose equality is not that of their texts, in several sources and as dimensions.
CREATE TYPE citext;
CREATE FUNCTION citext_in(cstring) RETURNS citext IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION citext_out(citext) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
CREATE TYPE citext (INPUT = citext_in, OUTPUT = citext_out, LIKE = text, COLLATABLE = true);
CREATE CAST (citext AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE DOMAIN folded AS citext;
CREATE SCHEMA keyed;
CREATE FUNCTION january_sales(order_type text, ordered text, return_type text, returned text)
RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    sales numeric;
BEGIN
    EXECUTE format('CREATE TABLE keyed.orders AS SELECT %L::%s AS order_id, ', ordered, order_type)
            || 'timestamptz ''2025-01-01Z'' AS ordered_at, 100 AS net_sales';
    EXECUTE format('CREATE TABLE keyed.returns AS SELECT %L::%s AS order_id, ',
                   returned, return_type)
            || 'timestamptz ''2025-02-01Z'' AS returned_at, 40 AS refund';
    PERFORM build('keyed', 'UTC', refunds_by => 'order', as_of => '2025-03-01Z');
    SELECT net_sales INTO sales FROM keyed.kpi_month WHERE period = '2025-01-01';
    PERFORM drop_views('keyed');
    DROP TABLE keyed.orders, keyed.returns;
    RETURN sales;
END $$;
SELECT is(january_sales(a, x, b, y), 60::numeric, format('%s and %s are one order', a, b))
FROM   (VALUES ('citext', 'A1', 'text', 'A1'), ('folded', 'A1', 'varchar(9)', 'a1'),
               ('uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
                'text', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
               ('numeric', '1', 'numeric(12,2)', '1'), ('numeric(12,2)', '1', 'bigint', '1'),
               ('integer', '1', 'text', '1')) AS t (a, x, b, y);
CREATE TABLE keyed.orders AS
SELECT i AS order_id, timestamptz '2025-01-01Z' AS ordered_at,
       (CASE i WHEN 1 THEN 'DE' WHEN 2 THEN 'de' ELSE NULL END)::folded AS country
FROM   generate_series(1, 3) AS i;
SELECT FROM build('keyed', 'UTC', dimensions => '{country}', as_of => '2025-02-01Z');
SELECT results_eq($$SELECT country, orders FROM keyed.kpi_month_by_country
                    WHERE  period = '2025-01-01' ORDER BY country$$,
                  $$VALUES ('(none)', 1::bigint), ('de', 2)$$,
                  'what citext calls equal is one member');

-- What a mark stands for may be nothing; what no mark is meant for stays.
SELECT is(fill('a@b@c @d@', '{"b": null}'), 'ac @d@', 'nothing is put in as nothing');

-- Hours pass where the clocks change, days are those of the calendar.
CREATE SCHEMA clocks;
CREATE TABLE clocks.carts (cart_id int, created_at timestamptz);
INSERT INTO clocks.carts VALUES (1, '2025-03-30 01:29Z'), (2, '2025-10-25 23:45Z'),
                                (3, '2025-03-29 02:00Z'), (4, '2025-03-29 00:59Z');
CREATE FUNCTION open_carts(as_of timestamptz, cart_idle interval, id int) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    counted bigint;
BEGIN
    CREATE TABLE clocks.others AS SELECT * FROM clocks.carts WHERE cart_id <> id;
    DELETE FROM clocks.carts WHERE cart_id <> id;
    PERFORM build('clocks', 'Europe/Berlin', cart_idle => cart_idle, as_of => as_of);
    SELECT open_carts INTO counted FROM clocks.kpi_all;
    PERFORM drop_views('clocks');
    INSERT INTO clocks.carts TABLE clocks.others;
    DROP TABLE clocks.others;
    RETURN CASE counted WHEN 1 THEN 'open' ELSE 'abandoned' END;
END $$;
SELECT is(open_carts('2025-03-30 01:30Z', '1 hour', 1), 'open',
          'a cart of a minute ago is open where the clocks went forward');
SELECT is(open_carts('2025-10-26 01:30Z', '1 hour', 2), 'abandoned',
          'one of almost two hours ago is not where they went back');
SELECT is(open_carts('2025-03-30 01:30Z', '1 day', 3), 'abandoned',
          'a day ago was the same time of day, 23 hours ago');
SELECT is(open_carts('2025-03-30 01:30Z', '1 day 01:30', 4), 'abandoned',
          'days and hours add up');

SELECT * FROM finish();
ROLLBACK;
