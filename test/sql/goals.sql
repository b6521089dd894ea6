\set ECHO none
\i test/setup.psql
SELECT plan(228);

-- A shop of two countries, seen on 10 April 2025. In January 2 of 10 visits end in an order, in
-- February 3 of 10, in March 4 of 10; orders are of 100.
CREATE SCHEMA shop;
CREATE TABLE shop.visits AS
SELECT 100 * month + i AS visit_id, make_timestamptz(2025, month, i, 12, 0, 0) AS started_at,
       i <= month + 1 AS converted, (ARRAY['DE', 'FR'])[1 + i % 2] AS country
FROM   generate_series(1, 3) AS month, generate_series(1, 10) AS i;
CREATE TABLE shop.orders AS
SELECT visit_id AS order_id, started_at AS ordered_at, visit_id % 3 AS customer_id,
       100 AS net_sales, NULL::timestamptz AS cancelled_at, country
FROM   shop.visits WHERE converted;
SELECT FROM build('shop', 'UTC', 'EUR', '{country}', as_of => '2025-04-10');

-- What a statement is refused with.
CREATE FUNCTION refusal(statement text, OUT state text, OUT message text, OUT detail text,
                        OUT hint text, OUT "column" text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, "column" = COLUMN_NAME;
END $$;


-- The tables are made once, and what is in them stays.
SELECT is_empty($$SELECT name FROM planned_views('shop', '{"dimensions": "{}"}') AS p
                  WHERE (p.definition).goals$$, 'without goals there are no views of them');
SELECT set_eq($$SELECT object, action FROM kpi.goals('shop')$$,
    $$SELECT 'table ' || name AS object, 'created' AS action FROM kpi.goal_tables
      UNION ALL
      SELECT 'view ' || name, 'created' FROM kpi.view_definitions WHERE goals$$,
    'goals() makes its tables, and the views on them');
SELECT is_empty($$SELECT c.relname FROM pg_class AS c
                  WHERE  c.relnamespace = 'shop'::regnamespace
                  AND    c.relname IN (SELECT name FROM kpi.goal_tables)
                  AND    (obj_description(c.oid, 'pg_class') IS NULL
                          OR EXISTS (SELECT FROM pg_attribute AS a
                                     WHERE  a.attrelid = c.oid AND a.attnum > 0
                                     AND    col_description(c.oid, a.attnum) IS NULL))$$,
                'all of them and their columns are described');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class AS c
                         JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
                  WHERE  c.relnamespace = 'shop'::regnamespace
                  AND    c.relname IN (SELECT name FROM kpi.view_definitions WHERE goals)
                  AND    col_description(c.oid, a.attnum) IS NULL$$,
                'and so are the columns of the views');
SELECT is_empty($$SELECT view, view_columns.name FROM kpi.view_columns
                         JOIN kpi.view_definitions AS v ON v.name = view AND v.goals
                  WHERE  NOT EXISTS (SELECT FROM pg_attribute AS a
                                     WHERE  a.attrelid = to_regclass(format('shop.%I', view))
                                     AND    a.attname = view_columns.name)$$,
                'which say nothing of columns that are not there');
INSERT INTO shop.objectives (objective, title) VALUES ('grow', 'More sales');
INSERT INTO shop.targets (objective, kpi, grain, starts, ends, target, owner)
VALUES ('grow', 'conversion_rate', 'month', '2025-01-01', '2025-12-31', 0.35, 'Ana');
SELECT results_eq($$SELECT DISTINCT action FROM kpi.goals('shop')$$, $$VALUES ('kept')$$,
                  'called again, it keeps them');
SELECT results_eq('SELECT target_id, target FROM shop.targets', 'VALUES (1::bigint, 0.35)',
                  'with what is in them');
ALTER TABLE shop.targets DROP COLUMN tolerance CASCADE;
SELECT is((SELECT action FROM kpi.goals('shop') WHERE object = 'table targets'), 'added tolerance',
          'a column that is lacking, as after an update, is added');
SELECT results_eq('SELECT tolerance FROM shop.targets', 'VALUES (1)',
                  'and is in every row what it usually is');
SELECT is((SELECT count(*) FROM kpi.drop_views('shop')
           WHERE drop_views IN (SELECT name FROM kpi.view_definitions WHERE goals)),
          (SELECT count(*) FROM kpi.view_definitions WHERE goals),
          'drop_views takes the views away');
SELECT results_eq('SELECT target FROM shop.targets', 'VALUES (0.35)', 'and leaves the tables');
SELECT is((refusal($$INSERT INTO shop.targets (kpi, grain, starts, ends, target)
                     VALUES ('aov', 'month', '2025-01-01', '2025-01-31', 9)$$)).state, '55000',
          'without views no target is written, as it cannot be checked');
SELECT FROM build('shop', 'UTC', 'EUR', '{country}', as_of => '2025-04-10');
SELECT is((SELECT count(*) FROM shop.kpi_target_values), 4::bigint,
          'build makes views of goals again, where the tables are');


-- Names that are taken.
CREATE SCHEMA taken;
CREATE VIEW taken.orders AS TABLE shop.orders;
SELECT FROM build('taken', 'UTC', 'EUR', as_of => '2025-04-10');
CREATE TABLE taken.targets (target_id bigint PRIMARY KEY, net_sales numeric);
SELECT results_eq($$SELECT state, message FROM refusal('SELECT FROM kpi.goals(''taken'')')$$,
    $$VALUES ('42P07', 'schema "taken" has a relation "targets" that is no table of goals')$$,
    'a table of another kind that has one of the names is an error');
SELECT matches((refusal('SELECT FROM kpi.goals(''taken'')')).detail, 'kpi text, grain text',
               'which says what it lacks');
CREATE TRIGGER other BEFORE TRUNCATE ON taken.targets EXECUTE FUNCTION kpi.refuse_truncate();
SELECT is(kpi.has_goals('taken'), false, 'whatever else of ours it may have');
SELECT is(kpi.has_goals('shop'), true, 'as those that goals() made are');
DROP TABLE taken.targets;
CREATE VIEW taken.reviews AS SELECT 1 AS review_id;
SELECT is((refusal('SELECT FROM kpi.goals(''taken'')')).state, '42P07', 'as is a view');
SELECT is(to_regclass('taken.objectives'), NULL, 'nothing is made then');
DROP VIEW taken.reviews;
CREATE TABLE taken.scorecard (x int);
SELECT is((refusal('SELECT FROM kpi.goals(''taken'')')).state, '42P07',
          'and a table with the name of a view');
SELECT is((refusal('SELECT FROM kpi.goals(''public'')')).state, '55000',
          'a schema that is no model has no goals');
SELECT is((refusal('SELECT FROM kpi.goals(NULL)')).state, '22004', 'nor has none');


-- What is left open is filled in.
INSERT INTO shop.targets
       (target_id, kpi, grain, starts, ends, target, upper, direction, horizon, path) VALUES
    (11, 'net_sales', 'month', '2025-01-01', '2025-03-31', 300, NULL, NULL, NULL, 'checkpoints'),
    (12, 'cancellation_rate', 'month', '2025-01-01', '2025-04-30', 0.1, NULL, NULL, NULL,
     'checkpoints'),
    (13, 'aov', 'month', '2025-01-01', '2026-01-31', 90, 110, NULL, NULL, DEFAULT),
    (14, 'orders', 'quarter', '2025-01-01', '2025-12-31', 9, NULL, 'down', 'short', DEFAULT),
    (15, 'guest_orders', 'month', '2024-02-01', '2025-01-31', 9, NULL, 'down', NULL, DEFAULT);
SELECT results_eq('SELECT direction, horizon, path, weight, tolerance
                   FROM   shop.targets WHERE target_id > 10 ORDER BY target_id',
    $$VALUES ('up', 'short', 'checkpoints', 1::numeric, 1), ('down', 'mid', 'checkpoints', 1, 1),
             ('band', 'long', 'flat', 1, 1), ('down', 'short', 'flat', 1, 1),
             ('down', 'mid', 'flat', 1, 1)$$,
    'direction is that of the catalog or a band, horizon told by the length; unless they are said');


-- The view of values reads what targets are about, and nothing else.
SELECT results_eq('SELECT DISTINCT kpi, grain, dimension FROM shop.kpi_target_values ORDER BY kpi',
    $$VALUES ('aov', 'month', NULL::text), ('cancellation_rate', 'month', NULL),
             ('conversion_rate', 'month', NULL), ('guest_orders', 'month', NULL),
             ('net_sales', 'month', NULL), ('orders', 'quarter', NULL)$$,
    'the view of values has what targets are about');
SELECT results_eq($$SELECT grain, period, until, complete, member, value, sample_size, unit
                    FROM   shop.kpi_target_values WHERE kpi = 'conversion_rate' ORDER BY period$$,
    $$VALUES ('month', date '2025-01-01', date '2025-02-01', true, NULL::text, 0.2::float8,
              10::bigint, 'share'),
             ('month', '2025-02-01', '2025-03-01', true, NULL, 0.3, 10, 'share'),
             ('month', '2025-03-01', '2025-04-01', true, NULL, 0.4, 10, 'share'),
             ('month', '2025-04-01', '2025-05-01', false, NULL, NULL, 0, 'share')$$,
    'with the end of each period');
SELECT is_empty($$SELECT kpi, grain, period, complete, value, sample_size, low, high, unit
                  FROM   shop.kpi_target_values
                  EXCEPT
                  SELECT kpi, grain, period, complete, value, sample_size, low, high, unit
                  FROM   shop.kpi_values WHERE dimension IS NULL$$, 'as kpi_values has it');
INSERT INTO shop.targets (target_id, kpi, dimension, member, grain, starts, ends, target)
VALUES (16, 'net_sales', 'country', 'DE', 'all', '2025-02-10', '2025-03-11', 600),
       (17, 'net_sales', 'country', 'ES', 'month', '2025-01-01', '2025-03-31', 600);
SELECT results_eq($$SELECT member, period, until, value FROM shop.kpi_target_values
                    WHERE grain = 'all' ORDER BY member$$,
    $$VALUES ('DE', date '2025-01-01', date 'infinity', 400::float8),
             ('FR', '2025-01-01', 'infinity', 500)$$,
    'a new target makes it read more: a dimension, and grain all, whose dates are free');
SELECT is((SELECT count(*) FROM shop.kpi_target_values WHERE member = 'ES'), 0::bigint,
          'a member nobody has seen yet can have a target');
SELECT results_eq('SELECT period FROM shop.kpi_target_values WHERE kpi = ''orders''',
                  $$VALUES (date '2025-01-01'), ('2025-04-01')$$, 'quarters are quarters');


SELECT lives_ok(format('SELECT require_number(''public'', %s, %L, %L)', given, "column", kpi), rule)
FROM   (VALUES (-0.2, 'target', 'gross_margin', 'what is sold below cost has a negative margin'),
               (-5, 'target', 'project_slip_days', 'a project may end before its time'),
               (-900, 'baseline', 'net_sales', 'refunds may be more than sales'),
               (0.4, 'baseline', 'nps', 'an NPS may have been near to 0'),
               (0, 'target', 'nps', 'or shall be 0')) AS n (given, "column", kpi, rule);
SELECT is((refusal(format('SELECT require_number(''public'', %s, ''target'', %L)', given,
                          kpi))).hint,
          hint, 'the hint for ' || kpi || ' says what to write')
FROM   (VALUES (0.4, 'nps', 'Write 40 points as 40.'),
               (70, 'unit_return_rate', 'Write 70 % as 0.7.'),
               (12.50, 'unit_return_rate', 'Write 12.5 % as 0.125.'),
               (5000, 'unit_return_rate', 'Write 70 % as 0.7.'),
               (-0.5, 'conversion_rate', 'It cannot be negative: write what it shall be.'),
               (-1, 'orders', 'It cannot be negative: write what it shall be.'))
       AS n (given, kpi, hint);

-- Rows that mean nothing are refused, with what is wrong, the rule, and what to write instead.
CREATE TABLE refused (n serial, state text, "column" text, rule text, statement text);
CREATE FUNCTION target("change" text) RETURNS text LANGUAGE sql AS $$
    SELECT format('INSERT INTO shop.targets SELECT (r).* FROM (SELECT jsonb_populate_record('
                  'NULL::shop.targets, jsonb_build_object(''target_id'', 99, ''kpi'', '
                  '''conversion_rate'', ''grain'', ''month'', ''starts'', ''2025-01-01'', '
                  '''ends'', ''2025-12-31'', ''target'', 0.5, ''path'', ''flat'', ''weight'', 1, '
                  '''tolerance'', 1) || %L) AS r) AS t', "change")
$$;
INSERT INTO refused (state, "column", rule, statement)
SELECT r.state, r.column, 'a target: ' || r.rule, target(r.change)
FROM   (VALUES
    ('22023', 'kpi', 'the indicator is in the catalog', '{"kpi": "happiness"}'),
    ('23502', 'kpi', 'it is of an indicator', '{"kpi": null}'),
    ('42703', 'kpi', 'the model tells the indicator', '{"kpi": "return_rate"}'),
    ('42703', 'kpi', 'and by the dimension',
     '{"kpi": "new_to_member", "target": 5}'),
    ('22023', 'grain', 'the grain is one', '{"grain": "fortnight"}'),
    ('23502', 'grain', 'it is of a grain', '{"grain": null}'),
    ('22023', 'dimension', 'the dimension is of the model',
     '{"dimension": "channel", "member": "web"}'),
    ('23514', 'dimension', 'a member is of a dimension', '{"member": "DE"}'),
    ('23514', 'member', 'a dimension has a member', '{"dimension": "country"}'),
    ('23514', 'ends', 'it ends after it starts', '{"ends": "2024-12-31"}'),
    ('23514', 'starts', 'it starts with a period', '{"starts": "2025-01-15"}'),
    ('23514', 'ends', 'it ends with one', '{"ends": "2025-12-30"}'),
    ('22008', 'ends', 'it has an end', '{"ends": "infinity"}'),
    ('22003', 'target', 'it is a number', '{"target": "NaN"}'),
    ('22003', 'target', 'which is finite', '{"kpi": "net_sales", "target": "Infinity"}'),
    ('22003', 'target', 'a share is at most 1', '{"target": 70}'),
    ('22003', 'target', 'and not below 0', '{"target": -0.1}'),
    ('22003', 'baseline', 'and so is its baseline', '{"baseline": 12}'),
    ('22003', 'target', 'an NPS is at most 100', '{"kpi": "nps", "target": 101}'),
    ('22003', 'target', 'and is no share', '{"kpi": "nps", "target": 0.4}'),
    ('22003', 'upper', 'nor is the end of a band',
     '{"kpi": "enps", "target": -10, "upper": -0.4}'),
    ('22003', 'target', 'a count is not negative', '{"kpi": "orders", "target": -5}'),
    ('22003', 'target', 'nor is a time', '{"kpi": "first_response_hours", "target": -2}'),
    ('22003', 'upper', 'nor is what is spent', '{"kpi": "marketing_spend", "upper": -1}'),
    ('22003', 'target', 'growth is no percentage', '{"kpi": "net_sales_growth", "target": 20}'),
    ('22023', 'path', 'the path is one', '{"path": "zigzag"}'),
    ('23514', 'baseline', 'a linear path has a baseline', '{"path": "linear"}'),
    ('23514', 'baseline', 'below the target, if that goes up', '{"path": "linear",
      "baseline": 0.6}'),
    ('23514', 'baseline', 'above it, if it goes down', '{"kpi": "cancellation_rate",
      "path": "linear", "baseline": 0.4}'),
    ('22023', 'direction', 'the direction is one', '{"direction": "sideways"}'),
    ('23502', 'direction', 'it is said where the catalog leaves it open',
     '{"kpi": "guest_orders", "target": 5}'),
    ('23514', 'upper', 'a band has two ends', '{"direction": "band"}'),
    ('23514', 'upper', 'nothing else has', '{"direction": "up", "upper": 0.6}'),
    ('23514', 'upper', 'a band is not upside down', '{"upper": 0.4}'),
    ('23514', 'path', 'nor has it a path', '{"upper": 0.6, "path": "linear", "baseline": 0.1}'),
    ('23514', 'weight', 'its weight is not negative', '{"weight": -1}'),
    ('22003', 'weight', 'and a number', '{"weight": "NaN"}'),
    ('23514', 'tolerance', 'nor is its tolerance', '{"tolerance": -1}'),
    ('22023', 'horizon', 'the horizon is one', '{"horizon": "soon"}')
    ) AS r (state, "column", rule, change);
INSERT INTO refused (state, "column", rule, statement) VALUES
    ('23514', 'ends', 'an objective: it ends after it starts',
     $$INSERT INTO shop.objectives VALUES ('x', 'X', NULL, NULL, '2025-02-01', '2025-01-01')$$),
    ('22008', 'starts', 'an objective: its dates are days',
     $$INSERT INTO shop.objectives (objective, title, starts) VALUES ('x', 'X', '-infinity')$$),
    ('23514', 'parent', 'an objective: it is no part of itself',
     $$INSERT INTO shop.objectives (objective, title, parent) VALUES ('x', 'X', 'x')$$),
    ('23514', 'parent', 'an objective: nor in a ring',
     $$INSERT INTO shop.objectives (objective, title, parent)
       VALUES ('x', 'X', 'z'), ('y', 'Y', 'x'), ('z', 'Z', 'y')$$),
    ('22023', 'kpi', 'a benchmark: the indicator is in the catalog',
     $$INSERT INTO shop.benchmarks (kpi, source, year, median) VALUES ('luck', 'X', 2024, 1)$$),
    ('23502', 'median', 'a benchmark: it has a figure',
     $$INSERT INTO shop.benchmarks (kpi, source, year) VALUES ('aov', 'X', 2024)$$),
    ('23514', 'median', 'a benchmark: its quartiles are in order',
     $$INSERT INTO shop.benchmarks (kpi, source, year, p25, p75) VALUES ('aov', 'X', 2024, 2, 1)$$),
    ('22003', 'median', 'a benchmark: a share is at most 1',
     $$INSERT INTO shop.benchmarks (kpi, source, year, median)
       VALUES ('cart_abandonment_rate', 'X', 2024, 70)$$),
    ('23514', 'year', 'a benchmark: its year is one',
     $$INSERT INTO shop.benchmarks (kpi, source, year, median) VALUES ('aov', 'X', 24, 1)$$),
    ('23514', 'n', 'a benchmark: it is of somebody',
     $$INSERT INTO shop.benchmarks (kpi, source, year, median, n)
       VALUES ('aov', 'X', 2024, 1, 0)$$),
    ('23514', 'due_on', 'a checkpoint: it is within its target',
     'INSERT INTO shop.checkpoints VALUES (11, ''2025-04-01'', 100)'),
    ('23514', 'target_id', 'a checkpoint: its target goes by them',
     'INSERT INTO shop.checkpoints VALUES (14, ''2025-04-01'', 100)'),
    ('22003', 'value', 'a checkpoint: its value is a number',
     'INSERT INTO shop.checkpoints VALUES (11, ''2025-02-01'', ''NaN'')'),
    ('22023', 'decision', 'a review: its decision is one',
     $$INSERT INTO shop.reviews (target_id, decision, reason) VALUES (11, 'hm', 'hm')$$),
    ('23502', 'reason', 'a review: it has a reason',
     $$INSERT INTO shop.reviews (target_id, decision, reason) VALUES (11, 'kept', ' ')$$),
    ('23514', 'after', 'a review: what is revised says what it becomes',
     $$INSERT INTO shop.reviews (target_id, decision, reason) VALUES (11, 'revised', 'hm')$$),
    ('22023', 'status', 'a status: it is one',
     $$INSERT INTO shop.statuses (target_id, status) VALUES (11, 'green')$$),
    ('23514', 'owner', 'an incentive: it is for an owner or a target',
     'INSERT INTO shop.incentives (amount) VALUES (5)'),
    ('23514', 'owner', 'an incentive: not for both',
     $$INSERT INTO shop.incentives (owner, target_id, amount) VALUES ('Ana', 11, 5)$$),
    ('23514', 'amount', 'an incentive: it is money or points',
     $$INSERT INTO shop.incentives (owner, amount, points) VALUES ('Ana', 5, 5)$$),
    ('23514', 'amount', 'an incentive: nothing is taken away',
     $$INSERT INTO shop.incentives (owner, amount) VALUES ('Ana', -5)$$),
    ('22003', 'amount', 'an incentive: it is a number',
     $$INSERT INTO shop.incentives (owner, amount) VALUES ('Ana', 'NaN')$$),
    ('23514', 'attained_to', 'an incentive: its limits do not cross',
     $$INSERT INTO shop.incentives (owner, amount, attained_from, attained_to)
       VALUES ('Ana', 5, 1, 0.8)$$),
    ('23514', 'cap', 'an incentive: what is paid can be reached',
     $$INSERT INTO shop.incentives (owner, amount, attained_from) VALUES ('Ana', 5, 1.2)$$),
    ('23514', 'starts', 'an incentive: a target has its own dates',
     $$INSERT INTO shop.incentives (target_id, amount, starts) VALUES (11, 5, '2025-01-01')$$),
    ('23514', 'ends', 'an incentive: its span ends after it starts',
     $$INSERT INTO shop.incentives (owner, amount, starts, ends)
       VALUES ('Ana', 5, '2025-02-01', '2025-01-01')$$),
    ('23514', 'cap', 'an incentive: something is paid',
     $$INSERT INTO shop.incentives (owner, amount, cap) VALUES ('Ana', 5, 0)$$);
SELECT is((refusal(statement)).state || ' ' || (refusal(statement)).column,
          state || ' ' || "column", rule)
FROM   refused ORDER BY n;
SELECT is_empty($$SELECT rule, r.* FROM refused, refusal(statement) AS r
                  WHERE  '' IN (coalesce(r.message, ''), coalesce(r.detail, ''),
                                coalesce(r.hint, ''))$$,
                'every refusal says what is wrong, the rule, and what to write instead');
SELECT matches((refusal(target('{"starts": "2025-01-15"}'))).hint,
               'starts 2025-01-01 and ends 2025-12-31', 'such as the dates of the periods');
SELECT matches((refusal(target('{"kpi": "new_to_member", "target": 5}'))).detail, 'kpi_month\.$',
               'or the view that lacks the indicator');
SELECT is((refusal($$INSERT INTO shop.targets (objective, kpi, grain, starts, ends, target)
                     VALUES ('fly', 'aov', 'year', '2025-01-01', '2025-12-31', 9)$$)).state,
          '23503', 'an objective that is not there is refused by its foreign key');


-- Nothing is changed without a review.
SELECT results_eq($$SELECT state, message, hint FROM refusal(
                        'UPDATE shop.targets SET target = 0.1 WHERE target_id = 1')$$,
    $$VALUES ('55000', 'target 1 is changed without a review',
              'SELECT kpi.revise(''shop'', 1, <new target>, reason => ''...'')')$$,
    'a target is not changed without a review, and the hint is the call');
SELECT is((refusal(format('UPDATE shop.targets SET %s WHERE target_id = 1', change))).state,
          '55000', 'nor is ' || change)
FROM   unnest('{ends = ''2025-06-30'',owner = ''Bo'',weight = 2}'::text[]) AS change;
SELECT is((refusal(format('SELECT kpi.revise(''shop'', 1, reason => ''x'', changes => %L)',
                          change))).column, "column", 'it never becomes of another ' || "column")
FROM   (VALUES ('{"kpi": "cancellation_rate"}', 'kpi'), ('{"grain": "quarter"}', 'grain'),
               ('{"dimension": "country", "member": "DE"}', 'dimension')) AS r (change, "column");
SELECT is((refusal(statement)).state, '23514', rule)
FROM   (VALUES ('SELECT kpi.revise(''shop'', 17, reason => ''x'',
                                   changes => ''{"member": "FR"}'')', 'nor of another member'),
               ('UPDATE shop.targets SET kpi = ''aov'' WHERE target_id = 1', 'by UPDATE either'))
       AS r (statement, rule);
UPDATE shop.targets SET target = target WHERE target_id = 1;
SELECT pass('what stays as it is needs none');
CREATE TABLE revised AS
SELECT kpi.revise('shop', 1, 0.45, 'better than we thought', 'Bo', next_review => '2025-09-01',
                  changes => '{"ends": "2025-06-30", "owner": "Bo"}') AS review_id;
SELECT results_eq('SELECT review_id FROM shop.reviews', 'TABLE revised',
                  'revise gives the number of the review');
SELECT results_eq('SELECT target, ends, owner, horizon FROM shop.targets WHERE target_id = 1',
                  $$VALUES (0.45, date '2025-06-30', 'Bo', 'mid')$$, 'and changes the target');
SELECT results_eq($$SELECT reviewer, decision, reason, next_review,
                           before ->> 'target', after ->> 'target', before ->> 'ends'
                    FROM   shop.reviews$$,
    $$VALUES ('Bo', 'revised', 'better than we thought', date '2025-09-01', '0.35', '0.45',
              '2025-12-31')$$, 'the review says what it was and what it becomes');
SELECT FROM kpi.revise('shop', 1, reason => 'shorter', changes => '{"ends": "2025-03-31"}');
SELECT is((SELECT horizon FROM shop.targets WHERE target_id = 1), 'short',
          'the horizon goes with the dates');
SELECT FROM kpi.revise('shop', 1, reason => 'all is well');
SELECT results_eq('SELECT decision, before, after
                   FROM   shop.reviews ORDER BY review_id DESC LIMIT 1',
                  $$VALUES ('kept', NULL::jsonb, NULL::jsonb)$$,
                  'a review that changes nothing keeps the target');
SELECT FROM kpi.revise('shop', 13, 95, 'narrower', new_upper => 105);
SELECT results_eq('SELECT target, upper, direction FROM shop.targets WHERE target_id = 13',
                  $$VALUES (95::numeric, 105::numeric, 'band')$$,
                  'both ends of a band are revised');
SELECT is((refusal(format('SELECT kpi.revise(''shop'', 1, 0.5%s)', rest))).state, state, rule)
FROM   (VALUES ('', '23502', 'revise needs a reason'),
               (', ''why'', changes => ''{"colour": 1}''', '22023', 'columns that are there'),
               (', ''why'', changes => ''{"target_id": 2}''', '22023', 'but not the number'),
               (', ''why'', changes => ''{"target": 7}''', NULL, 'what is named wins'),
               (', ''why'', changes => ''{"path": "linear"}''', '23514',
                'a row that means something')) AS r (rest, state, rule);
SELECT is((refusal('SELECT kpi.revise(''shop'', 77, 1, ''why'')')).state, 'P0002', 'a target');
SELECT is((refusal('SELECT kpi.revise(''taken'', 1, 1, ''why'')')).state, '55000', 'and goals');
SELECT is((refusal(statement)).state, '55000', rule)
FROM   (VALUES ('UPDATE shop.reviews SET reason = ''hm''', 'a review stays as it was written'),
               ('DELETE FROM shop.reviews', 'and is not taken away'),
               ('TRUNCATE shop.reviews', 'with all others'),
               ('TRUNCATE shop.targets CASCADE', 'nor with targets')) AS r (statement, rule);
SELECT is((refusal('DELETE FROM shop.targets WHERE target_id = 1')).state, '23503',
          'nor is a target that was reviewed');
-- What is said of a target is what it is; the scorecard of everybody reads it.
CREATE FUNCTION review("before" text, "after" text) RETURNS text LANGUAGE sql AS $$
    SELECT format('INSERT INTO shop.reviews (target_id, decision, reason, reviewed_at, before, '
                  'after) SELECT 14, ''revised'', ''x'', ''2025-01-01'', %s, %s FROM ('
                  'SELECT to_jsonb(t) || ''{"checkpoints": {}}'' FROM shop.targets AS t '
                  'WHERE t.target_id = 14) AS t (t)', "before", "after")
$$;
SELECT is((refusal(review("before", "after"))).state, state, rule)
FROM   (VALUES
    ('jsonb ''{"target": "x"}''', 't || ''{"target": 5}''', '23514', 'before is a target'),
    ('t || ''{"target": 1}''', 't || ''{"target": 5}''', '23514', 'and as it is now'),
    ('t - ''checkpoints''', 't', '23514', 'with its checkpoints'),
    ('jsonb ''7''', 't', '23514', 'and no number'),
    ('t', 't || ''{"target": "x"}''', '22P02', 'what it becomes is one, too'),
    ('t', 't || ''{"target": "NaN"}''', '22003', 'one that can be meant'),
    ('t', 't || ''{"colour": "red"}''', '23514', 'with what targets have'),
    ('t', 't - ''target''', '23514', 'all of it'),
    ('t', 't || ''{"kpi": "aov"}''', '23514', 'of the same'),
    ('t', 't || ''{"checkpoints": 1}''', '23514', 'with checkpoints'),
    ('t', 't || ''{"checkpoints": {"2024-01-01": 1}}''', '23514', 'within it'),
    ('t', 't || ''{"target": 8}''', NULL, 'such as another figure'))
    AS r ("before", "after", state, rule);
SELECT is(reviewed_at, now(), 'and when is when it was written') FROM shop.reviews
WHERE  target_id = 14;
SELECT isnt_empty('SELECT FROM shop.scorecard', 'no review breaks the scorecard');


-- Checkpoints are a part of the target.
INSERT INTO shop.checkpoints VALUES (11, '2025-01-31', 100), (11, '2025-02-28', 200);
SELECT is((refusal(statement)).state, '55000', rule)
FROM   (VALUES ('UPDATE shop.checkpoints SET value = 1', 'a checkpoint is not changed'),
               ('DELETE FROM shop.checkpoints', 'nor taken away without a review'))
       AS r (statement, rule);
SELECT is((refusal($$SELECT kpi.revise('shop', 11, reason => 'x',
                                       changes => '{"ends": "2025-01-31"}')$$)).state, '23514',
          'nor left behind');
SELECT FROM kpi.revise('shop', 11, reason => 'slower', changes => '{"ends": "2025-04-30",
    "checkpoints": {"2025-01-31": 90, "2025-02-28": null, "2025-04-15": 250}}');
SELECT results_eq('SELECT due_on, value FROM shop.checkpoints ORDER BY 1',
                  $$VALUES (date '2025-01-31', 90::numeric), ('2025-04-15', 250)$$,
                  'revise changes, takes away and adds checkpoints');
SELECT results_eq($$SELECT before -> 'checkpoints', after -> 'checkpoints' FROM shop.reviews
                    WHERE  target_id = 11$$,
    $$VALUES ('{"2025-01-31": 100, "2025-02-28": 200}'::jsonb,
              '{"2025-01-31": 90, "2025-04-15": 250}'::jsonb)$$, 'and the review has them');
SELECT is((refusal('INSERT INTO shop.checkpoints VALUES (11, ''2025-03-15'', 1)')).state, '55000',
          'none is added without a review to a target that has one');
SELECT FROM kpi.revise('shop', 11, 310, 'as was', changes => '{"checkpoints": {"2025-01-31": 90}}');
SELECT FROM kpi.revise('shop', 11, reason => 'as was', changes => '{"checkpoints":
    {"2025-01-31": 90}}');
SELECT is((SELECT decision FROM shop.reviews ORDER BY review_id DESC LIMIT 1), 'kept',
          'a checkpoint that stays as it is needs none');
SET LOCAL DateStyle = 'German';
SELECT FROM kpi.revise('shop', 11, reason => 'faster', changes => '{"checkpoints":
    {"31.01.2025": 95, "2025-02-28": 100, "15.4.2025": null}}');
SET LOCAL DateStyle = 'SQL, DMY';
SELECT FROM kpi.revise('shop', 11, reason => 'faster', changes => '{"checkpoints":
    {"28/02/2025": 110, "15 April 2025": 200, "16/04/2025": 250}}');
SET LOCAL DateStyle = 'Postgres, MDY';
SELECT FROM kpi.revise('shop', 11, reason => 'faster', changes => '{"checkpoints":
    {"04-15-2025": null}}');
SELECT is((refusal('UPDATE shop.checkpoints SET value = 1')).state, '55000',
          'no way to write dates gets around reviews');
SET LOCAL DateStyle = 'ISO, MDY';
SELECT results_eq('SELECT due_on, value FROM shop.checkpoints ORDER BY 1',
    $$VALUES (date '2025-01-31', 95::numeric), ('2025-02-28', 110), ('2025-04-16', 250)$$,
    'dates may be written as the session does');
SELECT is((SELECT after -> 'checkpoints' FROM shop.reviews ORDER BY review_id DESC LIMIT 1),
          '{"2025-01-31": 95, "2025-02-28": 110, "2025-04-16": 250}'::jsonb,
          'and are written to reviews in one way');
INSERT INTO shop.checkpoints VALUES (12, '2025-01-31', 0.1);
DELETE FROM shop.targets WHERE target_id = 12;
SELECT is((SELECT count(*) FROM shop.checkpoints WHERE target_id = 12), 0::bigint,
          'a target without reviews can be deleted, and its checkpoints go along');


-- Statuses are not rewritten.
INSERT INTO shop.statuses (target_id, period, status) VALUES (11, '2025-01-01', 'off_track');
SELECT is((refusal(statement)).state, '55000', rule)
FROM   (VALUES ('UPDATE shop.statuses SET status = ''achieved''', 'a status is not rewritten'),
               ('DELETE FROM shop.statuses', 'nor taken away'),
               ('TRUNCATE shop.statuses', 'with all others')) AS r (statement, rule);
UPDATE shop.statuses SET acknowledged_by = 'Ana', acknowledged_at = now(), note = 'seen';
SELECT is((SELECT note FROM shop.statuses), 'seen', 'but it can be acknowledged');
SELECT is((refusal(statement)).state, '23502', rule)
FROM   (VALUES ('UPDATE shop.statuses SET acknowledged_by = NULL', 'by somebody'),
               ('SELECT kpi.acknowledge(''shop'', status_id, by => NULL) FROM shop.statuses',
                'also by acknowledge')) AS r (statement, rule);


-- Weeks from Sunday and years from April, and build with others.
SELECT FROM build('shop', 'UTC', 'EUR', '{country}', week_start => 7, fiscal_year_start => 4,
                  as_of => '2025-04-10');
SELECT is((refusal(target(change))).state, state, rule)
FROM   (VALUES ('{"grain": "week", "starts": "2025-01-05", "ends": "2025-01-11"}', NULL,
                'a week from Sunday, where weeks are'),
               ('{"grain": "year", "target_id": 98, "starts": "2024-04-01", "ends": "2025-03-31"}',
                NULL, 'and a year from April'),
               ('{"grain": "week", "starts": "2025-01-06", "ends": "2025-01-12"}', '23514',
                'one from Monday is none there')) AS r (change, state, rule);
SELECT results_eq($$SELECT until FROM shop.kpi_target_values
                    WHERE  grain = 'week' AND period = '2025-01-05'$$,
                  $$VALUES (date '2025-01-12')$$,
                  'and so are the periods of values');


-- Rights: what is needed is the right on the table, and nothing else.
CREATE ROLE goals_writer;
CREATE ROLE goals_reader;
GRANT USAGE ON SCHEMA shop TO goals_writer, goals_reader;
GRANT INSERT ON shop.targets TO goals_writer;
GRANT SELECT ON shop.kpi_target_values, shop.attainment, shop.rewards TO goals_reader;
GRANT USAGE ON SCHEMA public TO goals_writer, goals_reader;
SET LOCAL ROLE goals_writer;
INSERT INTO shop.targets (kpi, grain, starts, ends, target)
VALUES ('conversion_rate', 'month', '2025-01-01', '2025-01-31', 0.5);
SELECT pass('who may only insert writes a target');
SELECT is((refusal($$INSERT INTO shop.targets (kpi, grain, starts, ends, target)
                     VALUES ('conversion_rate', 'month', '2025-01-01', '2025-01-31', 50)$$)).state,
          '22003', 'and is told what is wrong');
SELECT is((refusal('SELECT FROM shop.targets')).state, '42501', 'without reading any');
SET LOCAL client_min_messages = error;      -- it is warned
INSERT INTO shop.targets (kpi, grain, starts, ends, target)
VALUES ('customers', 'half', '2025-04-01', '2025-09-30', 5);
RESET ROLE;
CREATE ROLE goals_reviewer;
GRANT USAGE ON SCHEMA shop, public TO goals_reviewer;
GRANT SELECT ON shop.targets, shop.reviews, shop.checkpoints TO goals_reviewer;
GRANT UPDATE ON shop.targets TO goals_reviewer;
SET LOCAL ROLE goals_reviewer;
SELECT is((refusal('SELECT kpi.revise(''shop'', 17, 500, ''less'')')).state, '42501',
          'who may not write reviews revises nothing');
RESET ROLE;
GRANT INSERT ON shop.reviews TO goals_reviewer;
SET LOCAL ROLE goals_reviewer;
SELECT FROM kpi.revise('shop', 17, 500, 'less');
SELECT results_eq('SELECT r.reviewer, t.target FROM shop.reviews AS r JOIN shop.targets AS t
                   USING (target_id) WHERE target_id = 17',
                  $$VALUES ('goals_reviewer', 500::numeric)$$, 'who may, does, under his name');
SELECT is((refusal('SELECT kpi.revise(''shop'', 17, 501, ''x'', ''Ana'')')).column, 'reviewer',
          'and no other');
RESET ROLE;
SELECT FROM kpi.revise('shop', 17, reason => 'hers', changes => '{"owner": "goals_reviewer"}');
INSERT INTO shop.statuses (target_id, status) VALUES (17, 'on_track');
GRANT SELECT, UPDATE (acknowledged_by, acknowledged_at, note) ON shop.statuses TO goals_reviewer;
SET LOCAL ROLE goals_reviewer;
SELECT is((refusal(format('UPDATE shop.statuses SET acknowledged_by = %L, note = ''x'', '
                          'acknowledged_at = ''2020-01-01'' WHERE target_id = %s', by,
                          target_id))).state, state, rule)
FROM   (VALUES
    (11, 'goals_reviewer', '42501', 'who may write statuses acknowledges none of others'),
    (17, 'Ana', '42501', 'nor in the name of others'),
    (17, 'goals_reviewer', NULL, 'but what is theirs')) AS r (target_id, by, state, rule);
SELECT is((SELECT acknowledged_at FROM shop.statuses WHERE target_id = 17), now(),
          'at the time when they do');
SET LOCAL ROLE goals_reader;
SELECT is((SELECT count(*) > 0 FROM shop.kpi_target_values), true,
          'who may read the view needs no right on what is below it');
SELECT is((refusal('UPDATE shop.targets SET target = 0')).state, '42501', 'and changes nothing');
RESET ROLE;
SELECT is_empty($$SELECT kpi FROM shop.kpi_target_values WHERE kpi = 'customers'$$,
                'what only its owner can have read is not read yet');
SELECT FROM kpi.goals('shop');
SELECT isnt_empty($$SELECT kpi FROM shop.kpi_target_values WHERE kpi = 'customers'$$,
                  'until he calls goals()');


-- Whoever calls goals(), it is the owner's.
CREATE ROLE goals_owner SUPERUSER;
CREATE SCHEMA owned AUTHORIZATION goals_owner;
CREATE VIEW owned.orders AS TABLE shop.orders;
ALTER VIEW owned.orders OWNER TO goals_owner;
SET LOCAL ROLE goals_owner;
SELECT FROM build('owned', 'UTC', as_of => '2025-04-10');
RESET ROLE;
SELECT FROM kpi.goals('owned');
SELECT results_eq($$SELECT relkind, relowner::regrole::text, count(*) > 6 FROM pg_class
                    WHERE  relnamespace = 'owned'::regnamespace AND relkind IN ('r', 'v')
                    GROUP  BY relkind, relowner ORDER BY relkind$$,
                $$VALUES ('r'::"char", 'goals_owner', true), ('v', 'goals_owner', true)$$,
                'what goals() makes belongs to the owner of the model');
SET LOCAL ROLE goals_owner;
INSERT INTO owned.targets (kpi, grain, starts, ends, target)
VALUES ('orders', 'month', '2025-03-01', '2025-03-31', 4);
SELECT results_eq('SELECT value FROM owned.scorecard', 'VALUES (4::float8)', 'who works with it');
RESET ROLE;
CREATE FUNCTION shop.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
ALTER FUNCTION shop.spy() OWNER TO goals_writer;
CREATE TRIGGER spy BEFORE INSERT ON owned.statuses FOR EACH ROW EXECUTE FUNCTION shop.spy();
SET LOCAL ROLE goals_owner;
SELECT is((refusal('SELECT kpi.goals(''owned'')')).state, '42501',
          'and does not run triggers of others there');
RESET ROLE;


-- Names of any kind, and a model that is stored.
CREATE SCHEMA "O'Shop @model@ %s";
CREATE VIEW "O'Shop @model@ %s".orders AS
SELECT order_id, ordered_at, net_sales, country AS "The ""Land@" FROM shop.orders;
SELECT FROM build('O''Shop @model@ %s', 'UTC', storage => 'materialized',
                  dimensions => ARRAY['The "Land@'], as_of => '2025-04-10');
SELECT FROM kpi.goals('O''Shop @model@ %s');
INSERT INTO "O'Shop @model@ %s".targets
       (target_id, kpi, dimension, member, grain, starts, ends, target)
VALUES (1, 'net_sales', 'The "Land@', 'DE', 'month', '2025-01-01', '2025-03-31', 100);
SELECT FROM kpi.revise('O''Shop @model@ %s', 1, 200, 'it''s @more@ %s');
SELECT results_eq($$SELECT s.value, t.target FROM "O'Shop @model@ %s".scorecard AS s
                           JOIN "O'Shop @model@ %s".targets AS t USING (target_id)
                    WHERE  complete$$, 'VALUES (200::float8, 200::numeric)',
                  'schemas, dimensions and reasons may have any name, and models may be stored');
INSERT INTO shop.orders VALUES (999, '2025-03-05', 1, 50, NULL, 'DE');
SELECT FROM refresh('O''Shop @model@ %s');
SELECT results_eq($$SELECT value FROM "O'Shop @model@ %s".scorecard WHERE complete$$,
                  'VALUES (250::float8)', 'and refreshed');
DELETE FROM shop.orders WHERE order_id = 999;
SELECT is((refusal('SELECT kpi.schedule(''O''''Shop @model@ %s'', ''* * * * *'',
                                        ''evaluate'')')).hint,
          format('CREATE EXTENSION pg_cron, or have any scheduler run it: psql -d ''%s'' -c ',
                 current_database())
          || $$'SELECT * FROM kpi.evaluate('\''O'\'''\''Shop @model@ %s'\'')'$$,
          'what a shell is told to run it can run');
SELECT is((refusal('SELECT kpi.schedule(''nowhere'', ''* * * * *'', ''tea'')')).state, '22023',
          'there is no tea in any model');


-- The benchmarks of the demo, as they were published.
DELETE FROM shop.benchmarks;
\copy shop.benchmarks FROM 'demo/benchmarks.csv' CSV HEADER
SELECT cmp_ok(count(*), '>=', 12::bigint, 'the benchmarks of the demo are benchmarks')
FROM   shop.benchmarks WHERE url LIKE 'https://%';


-- Attainment and rewards: arithmetic.
SELECT is(attained(a, w, cap), result, rule)
FROM   (VALUES
    ('{0.8,1}'::numeric[], '{1,1}'::numeric[], 1::numeric, 0.9, 'attained is a mean'),
    ('{0.8,1}', '{3,1}', 1, 0.85, 'by weight'),
    ('{0.8,1.4}', '{1,1}', 1, 0.9, 'of at most the cap each'),
    ('{0.8,1.4}', '{1,1}', 1.2, 1, 'which can be more than all'),
    ('{0.8,NULL}', '{1,0}', 1, 0.8, 'what does not count does not matter'),
    ('{0.8,NULL}', '{1,1}', 1, NULL, 'what counts and is not known does'),
    ('{0.8}', '{0}', 1, NULL, 'nothing that counts is not known'),
    ('{}', '{}', 1, NULL, 'nor is nothing')) AS r (a, w, cap, result, rule);
SELECT is(reward(attained, band::numrange, amount, proportional), result, rule)
FROM   (VALUES
    (1::numeric, '[1,)', 500.00, false, 500.00, 'a reward is the amount'),
    (0.999, '[1,)', 500, false, 0, 'where enough is attained'),
    (0.8, '[0.8,1)', 200, false, 200, 'from the lower end on'),
    (1, '[0.8,1)', 200, false, 0, 'below the upper end'),
    (0.333, '[0,)', 10.01, true, 3.33, 'or the part of it that is attained'),
    (1.2, '[1,)', 0.05, true, 0.06, 'which can be more than all'),
    (0.5, '[0,)', 0.01, true, 0.01, 'to two decimals'),
    (NULL, '[0,)', 1, true, NULL, 'and is not known where nothing is'))
    AS r (attained, band, amount, proportional, result, rule);
SELECT is(benchmark_position(v, p25, median, p75, direction), result,
          format('%s among %s is %s', v, concat_ws(', ', p25, median, p75), result))
FROM   (VALUES
    (0.5, 0.2, 0.4, 0.6, 'up', 'above the median (better)'),
    (0.5, 0.2, 0.4, 0.6, 'down', 'above the median (worse)'),
    (0.7, 0.2, 0.4, 0.6, NULL, 'above the upper quartile'),
    (0.6, 0.2, 0.4, 0.6, 'up', 'above the median (better)'),
    (0.4, 0.2, 0.4, 0.6, 'up', 'at the median'),
    (0.3, 0.2, 0.4, 0.6, 'up', 'below the median (worse)'),
    (0.1, 0.2, 0.4, 0.6, 'down', 'below the lower quartile (better)'),
    (0.3, 0.2, NULL, 0.6, 'up', 'between the quartiles'),
    (0.3, NULL, NULL, 0.6, 'up', 'not above the upper quartile'),
    (0.3, 0.3, NULL, NULL, 'up', 'not below the lower quartile'))
    AS r (v, p25, median, p75, direction, result);
SELECT is(benchmark_position(NULL, 1, 2, 3, 'up'), NULL, 'nothing has no position');
SELECT is(benchmark_text(0.8, '{"industry": "fashion", "region": "EU", "source": "X", "year": 2024,
                                "median": 0.7}', 'up'),
          'above the median (better) of fashion, EU (X, 2024)',
          'a benchmark is said with industry, region, source and year');
SELECT is(benchmark_text(0.8, '{"industry": "服装", "region": "中国", "source": "X", "year": 2024,
                                "median": 0.7}', 'down', 'zh'),
          '高于中位数（较差）：服装，中国（X，2024）', 'in Chinese, too');


-- And in a model. In March, the last month that is over, 4 of 10 visits ended in an order, sales
-- were 400; of DE it was 200.
CREATE SCHEMA paid;
CREATE VIEW paid.orders AS TABLE shop.orders;
CREATE VIEW paid.visits AS TABLE shop.visits;
SELECT FROM build('paid', 'UTC', 'EUR', '{country}', as_of => '2025-04-10');
SELECT FROM kpi.goals('paid');
INSERT INTO paid.objectives (objective, title, parent)
VALUES ('grow', 'Grow', NULL), ('sell', 'Sell more', 'grow'), ('idle', 'Nothing', NULL);
INSERT INTO paid.targets
       (target_id, objective, kpi, dimension, member, grain, starts, ends, target, owner, weight)
VALUES (1, 'sell', 'net_sales', NULL, NULL, 'month', '2025-01-01', '2025-03-31', 500, 'Ana', 1),
       (2, 'grow', 'orders', NULL, NULL, 'month', '2025-01-01', '2025-12-31', 2, 'Ana', 3),
       (3, 'grow', 'net_sales', 'country', 'DE', 'month', '2025-01-01', '2025-03-31', 400, 'Bo', 1),
       (4, 'grow', 'net_sales', 'country', 'ES', 'month', '2025-01-01', '2025-03-31', 400, 'Cy', 1);
SELECT results_eq('SELECT target_id, attainment, final FROM paid.kpi_attained ORDER BY 1',
    'VALUES (1::bigint, 0.8, true), (2, 2, false), (3, 0.5, true), (4, NULL, true)',
    'what is attained is that of the last month that is over');
SELECT results_eq('SELECT what, owner, objective, round(attainment, 3), targets, unknown, final,
                          weakest_target, weakest_attainment
                   FROM   paid.attainment ORDER BY 1, 2, 3',
    $$VALUES ('objective', NULL::text, 'grow', 0.860, 4::bigint, 1::bigint, false, 3::bigint, 0.5),
             ('objective', NULL, 'sell', 0.800, 1, 0, true, 1, 0.8),
             ('owner', 'Ana', NULL, 0.950, 2, 0, false, 1, 0.8),
             ('owner', 'Bo', NULL, 0.500, 1, 0, true, 3, 0.5),
             ('owner', 'Cy', NULL, NULL, 1, 1, true, NULL, NULL)$$,
    'owners and objectives, with their parts, have means, and their weakest target is shown');
INSERT INTO paid.incentives
       (incentive_id, owner, target_id, attained_from, attained_to, amount, points, proportional,
        cap)
VALUES (1, 'Ana', NULL, 0.9, NULL, 1000, NULL, false, 1),
       (2, 'Ana', NULL, 1, NULL, 5000, NULL, true, 1.5),
       (3, NULL, 1, 0.5, 1, 333.33, NULL, true, 1),
       (4, NULL, 3, 0, NULL, NULL, 7, true, 1),
       (5, 'Cy', NULL, 0, NULL, 100, NULL, false, 1),
       (6, 'Di', NULL, 0, NULL, 100, NULL, false, 1);
SELECT results_eq('SELECT incentive_id, owner, round(attained, 3), amount, currency, points, final
                   FROM   paid.rewards ORDER BY 1',
    $$VALUES (1::bigint, 'Ana', 0.950, 1000::numeric, 'EUR', NULL::numeric, false),
             (2, 'Ana', 1.325, 6625.00, 'EUR', NULL, false),
             (3, 'Ana', 0.800, 266.66, 'EUR', NULL, true),
             (4, 'Bo', 0.500, NULL, 'EUR', 3.50, true),
             (5, 'Cy', NULL, NULL, 'EUR', NULL, true),
             (6, 'Di', NULL, NULL, 'EUR', NULL, false)$$,
    'rewards are paid by band, for a target or for all of an owner, up to a cap');
INSERT INTO paid.targets (target_id, kpi, grain, starts, ends, target, owner)
VALUES (5, 'orders', 'month', '2026-01-01', '2026-12-31', 2, 'Ana');
INSERT INTO paid.incentives (incentive_id, owner, amount, attained_from, cap, starts, ends)
VALUES (7, 'Ana', 100, 0.5, 1, '2025-01-01', '2025-06-30'),
       (8, 'Ana', 100, 0, 1, '2026-01-01', NULL),
       (9, 'Ana', 100, 1.2, 1.2, '2025-12-31', '2025-12-31');
SELECT results_eq($$SELECT incentive_id, round(attained, 3), amount, final
                    FROM   paid.rewards WHERE owner = 'Ana' AND target_id IS NULL ORDER BY 1$$,
    $$VALUES (1::bigint, 0.950, 1000::numeric, false), (2, 1.325, 6625.00, false),
             (7, 0.800, 100, true), (8, NULL, NULL, false), (9, 1.200, 100, false)$$,
    'targets that have not begun are left out, and those that end in another span');

SELECT * FROM finish();
ROLLBACK;
