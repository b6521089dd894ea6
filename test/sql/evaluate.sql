\set ECHO none
\i test/setup.psql
SELECT plan(42);

-- A shop that sells for 100 a day, 120 in April; on 16 April the model is built as of the 1st, then
-- as of later days.
CREATE SCHEMA s;
CREATE TABLE s.orders AS
SELECT row_number() OVER () AS order_id, d + interval '9 hours' AS ordered_at,
       CASE WHEN d < '2025-04-01Z' THEN 100 ELSE 120 END AS net_sales
FROM   generate_series(timestamptz '2024-01-01Z', '2025-06-30Z', '1 day') AS d;
SELECT is(sqlstate_of('SELECT evaluate(''s'')'), '55000', 'what is not built has no targets');
CREATE FUNCTION seen(as_of timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM build('s', 'UTC', 'EUR', as_of => seen.as_of);
END $$;
SELECT FROM seen('2025-04-01Z');
SELECT throws_ok('SELECT evaluate(''s'')', '55000', 'model "s" has no targets',
                 'nor has what has no goals');
SELECT throws_ok('SELECT acknowledge(''s'', 1)', '55000', 'model "s" has no targets',
                 'so there is nothing to acknowledge');
SELECT throws_ok('SELECT schedule(''s'', ''* * * * *'', task => ''evaluate'')', '55000',
                 'model "s" has no targets', 'nor to be scheduled');
SELECT FROM goals('s');
SELECT is_empty('SELECT * FROM evaluate(''s'')', 'without targets nothing changes');
INSERT INTO s.targets (target_id, kpi, target, starts, ends, grain, owner)
VALUES (1, 'net_sales', 3100, '2025-01-01', '2025-06-30', 'month', 'ann'),
       (2, 'net_sales', 3000, '2025-04-01', '2025-06-30', 'month', 'bob'),
       (3, 'net_sales', 50000, '2026-01-01', '2026-12-31', 'year', NULL);

-- As of the first of April: March was 3100. Of April nothing is over yet, but a year ago it was
-- 3000, and growth of the last three months comes to one hundredth less.
CREATE TABLE change AS SELECT * FROM evaluate('s');
SELECT results_eq('SELECT target_id, owner, kpi, period, old, new, value, target, why FROM change
                   WHERE  period < ''2025-04-01''',
                  $$VALUES (1::bigint, 'ann', 'net_sales', date '2025-03-01', NULL, 'on_track',
                            3100::float8, 3100::float8, '€3,100, at least €3,100 asked.')$$,
                  'the first time every status is new');
SELECT results_eq('SELECT target_id, period, value, status, acknowledged_by FROM s.statuses
                   ORDER  BY status_id',
                  'SELECT target_id, period, value, status, NULL::text FROM s.scorecard
                   ORDER  BY target_id, period', 'and recorded, as the scorecard shows it');
SELECT ok(bool_and(evaluated_at = now()), 'with the time') FROM s.statuses;
SELECT is_empty('SELECT FROM change WHERE target_id = 3 OR new = ''too_early''',
                'what is too early is no change');
SELECT results_eq('SELECT target_id, old, new FROM change WHERE period = ''2025-04-01''
                   ORDER BY target_id',
                  'SELECT c.target_id::bigint,
                          CASE c.target_id WHEN 1 THEN ''on_track'' END, c.status
                   FROM   s.scorecard AS c WHERE c.period = ''2025-04-01''
                   AND    c.status <> ''too_early''
                   AND    c.status IS DISTINCT FROM CASE c.target_id WHEN 1 THEN ''on_track'' END
                   ORDER  BY 1', 'a period that has no status yet is compared with the one before');
SELECT is_empty('SELECT * FROM evaluate(''s'')', 'the second time nothing has changed');
SELECT is(count(*), 4::bigint, 'and nothing is recorded again') FROM s.statuses;
SELECT results_eq('SELECT DISTINCT since FROM s.scorecard', 'SELECT CURRENT_DATE',
                  'since when it is so is known');

-- As of the 20th it is clear that April comes to 3600.
SELECT FROM seen('2025-04-20Z');
CREATE TABLE later AS SELECT * FROM evaluate('s');
SELECT results_eq('SELECT DISTINCT new FROM later', $$VALUES ('on_track')$$,
                  'what is better is told');
SELECT is_empty('SELECT FROM later WHERE old = new', 'but not what is the same as before');
SELECT results_eq('SELECT status FROM s.statuses WHERE target_id = 1 AND period = ''2025-04-01''
                   ORDER BY status_id DESC LIMIT 1', $$VALUES ('on_track')$$, 'and recorded anew');
SELECT is(count(*), 1::bigint, 'what was found before stays')
FROM   s.statuses WHERE target_id = 1 AND period = '2025-03-01';

-- Nobody called it until the end of June: May is looked at late, June is the end.
SELECT FROM seen('2025-07-01Z');
SELECT results_eq('SELECT target_id, period, old, new FROM evaluate(''s'')',
                  $$VALUES (1::bigint, date '2025-06-01', 'on_track', 'achieved'),
                           (2, '2025-06-01', 'on_track', 'achieved')$$,
                  'what was not looked at in time changes nothing if it was as before');
SELECT results_eq('SELECT period, status FROM s.statuses WHERE target_id = 1
                   AND period > ''2025-04-01'' ORDER BY period',
                  $$VALUES (date '2025-05-01', 'on_track'), (date '2025-06-01', 'achieved')$$,
                  'but is recorded');

-- Orders are cancelled late: what was reached is not.
DELETE FROM s.orders WHERE ordered_at >= '2025-06-10Z' AND ordered_at < '2025-06-20Z';
SELECT results_eq('SELECT target_id, period, old, new, value FROM evaluate(''s'')',
                  $$VALUES (1::bigint, date '2025-06-01', 'achieved', 'off_track', 2400::float8),
                           (2, '2025-06-01', 'achieved', 'off_track', 2400)$$,
                  'a period that is over can change, too');
SELECT results_eq('SELECT status FROM s.statuses WHERE target_id = 1 AND period = ''2025-06-01''
                   ORDER BY status_id', $$VALUES ('achieved'), ('off_track')$$,
                  'both are kept');

-- What is told: a line of JSON of less than 8000 bytes.
SELECT is(change_message('{"old": null, "new": "on_track", "model": "s"}'),
          '{"new": "on_track", "old": null, "model": "s"}', 'what is short is told as it is');
SELECT holds($$SELECT l, octet_length(m), octet_length(m) BETWEEN 1000 AND 7999
                      AND position(E'\n' IN m) = 0 AND m::jsonb ->> 'new' = 'on_track'
                      AND right(m::jsonb ->> 'why', 1) = '…' AS holds
               FROM   unnest('{x,中,"\"",\\,"\u0001",😀}'::text[]) AS l,
                      change_message(jsonb_build_object('new', 'on_track', 'why', repeat(l, 9000),
                                                        'owner', repeat(l, 9000))) AS m$$,
             'what is long is cut');
SELECT is(change_message(NULL), NULL, 'nothing tells nothing');

-- Where nothing can be recorded.
CREATE FUNCTION error_read_only(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('transaction_read_only', 'on', true);
    EXECUTE statement;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT is(error_read_only('SELECT evaluate(''s'')'), '25006 statuses cannot be recorded here',
          'what is read only records nothing');

-- Who has seen it.
SELECT is(acknowledge('s', s.status_id, 'they were stolen', 'ann'), s.status_id,
          'a status is acknowledged')
FROM   (SELECT max(status_id) AS status_id FROM s.statuses WHERE target_id = 1) AS s;
SELECT results_eq('SELECT status, acknowledged_by, acknowledged_at, note FROM s.statuses
                   WHERE acknowledged_by IS NOT NULL',
                  $$VALUES ('off_track', 'ann', now(), 'they were stolen')$$,
                  'by whom, when and why');
SELECT is(count(*), (SELECT count(*) FROM s.statuses WHERE target_id = 2),
          'so are all of a target') FROM acknowledge('s', target_id => 2);
SELECT is(count(*), 0::bigint, 'once') FROM acknowledge('s', target_id => 2);
SELECT throws_ok('SELECT acknowledge(''s'', target_id => 999)', 'P0002',
                 'model "s" has no target 999', 'a target that is not there has none');
SELECT throws_ok('SELECT acknowledge(''s'', 999)', 'P0002', 'model "s" has no status 999',
                 'what is not there cannot be');
SELECT is(sqlstate_of('SELECT acknowledge(''s'')'), '22004', 'nor nothing');
SELECT is(sqlstate_of('SELECT acknowledge(''s'', 1, target_id => 1)'), '22004', 'nor two at once');

-- Others see what they may, and acknowledge what is theirs.
CREATE ROLE ann;
CREATE ROLE bob;
GRANT USAGE ON SCHEMA s TO ann, bob;
GRANT SELECT ON s.targets, s.statuses TO ann, bob;
SET LOCAL ROLE ann;
SELECT is(sqlstate_of('SELECT acknowledge(''s'', target_id => 1)'), '42501',
          'without rights nobody does');
RESET ROLE;
GRANT UPDATE (acknowledged_by, acknowledged_at, note) ON s.statuses TO ann, bob;
SET LOCAL ROLE ann;
SELECT cmp_ok(count(*), '>', 0::bigint, 'with them the owner of the target does')
FROM   acknowledge('s', target_id => 1);
SELECT is(sqlstate_of('SELECT acknowledge(''s'', status_id) FROM s.statuses WHERE target_id = 2'),
          '42501', 'but not of others');
SELECT is(sqlstate_of('SELECT acknowledge(''s'', status_id, by => ''bob'') FROM s.statuses
                       WHERE target_id = 1'), '42501', 'nor for others');
SELECT is(sqlstate_of('SELECT evaluate(''s'')'), '42501', 'and only the model''s owner evaluates');
RESET ROLE;

-- Ann writes a target of what nobody has asked for yet: the owner's evaluation reads it.
GRANT INSERT, SELECT ON s.targets TO ann;
SET LOCAL client_min_messages = error;
SET LOCAL ROLE ann;
INSERT INTO s.targets (target_id, kpi, target, starts, ends, grain)
VALUES (4, 'orders', 10, '2025-05-01', '2025-06-30', 'month');
RESET ROLE;
RESET client_min_messages;
SELECT results_eq('SELECT DISTINCT status, left(why, 44), value FROM s.scorecard_history
                   WHERE  target_id = 4',
                  $$VALUES ('cannot_tell', 'The model does not tell this indicator so: i',
                            NULL::float8)$$, 'what is not read yet says so');
SELECT results_eq('SELECT new, value FROM evaluate(''s'') WHERE target_id = 4',
                  $$VALUES ('achieved', 20::float8)$$, 'and is evaluated');

-- The source goes away, and an indicator.
INSERT INTO s.targets (target_id, kpi, target, starts, ends, grain)
VALUES (5, 'net_sales', 1, '2025-07-01', '2025-07-31', 'month');
ALTER TABLE s.orders RENAME TO old_orders;
CREATE TABLE s.visits AS
SELECT d AS visit_id, timestamptz '2025-06-01Z' AS started_at FROM generate_series(1, 9) AS d;
SELECT FROM drop_views('s');
SELECT FROM seen('2025-07-01Z');
SELECT results_eq('SELECT DISTINCT target_id, new FROM evaluate(''s'') ORDER BY 1',
                  $$VALUES (1::bigint, 'cannot_tell'), (2, 'cannot_tell'), (4, 'cannot_tell'),
                           (5, 'cannot_tell')$$, 'what has gone away is not told any more');
ALTER TABLE s.targets DISABLE TRIGGER USER;
UPDATE s.targets SET kpi = 'nothing' WHERE target_id = 1;
SELECT is(string_agg(DISTINCT concat(name, ' ', status), ','), 'nothing cannot_tell',
          'nor is what is no indicator') FROM s.scorecard WHERE target_id = 1;

SELECT * FROM finish();
ROLLBACK;
