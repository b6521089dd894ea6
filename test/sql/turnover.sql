\set ECHO none
\i test/setup.psql
SELECT plan(180);


-- Text: cost of goods sold/inventory and what the inventory was added up over, either periods in
-- UTC with their samples, the inventory being value x seconds, or # and a number of snapshots.
SELECT is(literal::turnover::text, canonical, rule)
FROM   (VALUES
            ('12000/1339200000 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',
             '12000/1339200000 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',
             'a turnover is written as cost/inventory and its periods'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1 '
             '[2025-02-01 00:00:00+00,2025-03-01 00:00:00+00):2',
             '5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1 [2025-02-01 '
             '00:00:00+00,2025-03-01 00:00:00+00):2',
             'of which there can be many'),
            ('500.25/1000 #3',        '500.25/1000 #3',  'or as cost/inventory and its snapshots'),
            ('0/0',                   '0/0',             'a turnover can be without data'),
            ('0/0 #2',                '0/0 #2',
             'which is not the same as snapshots of nothing'),
            ('-5/-7 #2',              '-5/-7 #2',        'cost and inventory can be negative'),
            (E'\t05.00/007.10 #02\n', '5/7.1 #2',        'zeros that change nothing are not kept'),
            ('5/7 [2025-01-01 00:00:00.50+00,2025-02-01 00:00:00.000001+00):1',
             '5/7 [2025-01-01 00:00:00.5+00,2025-02-01 00:00:00.000001+00):1',
             'microseconds are')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT turnover %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',               'nothing is not a turnover'),
            ('12.83',          'turns are not a turnover: of what?'),
            ('5/7',            'there is no cost and inventory without a sample'),
            ('5/7 #0',         'nor in no snapshots'),
            ('5/7 #-1',        'snapshots are not negative'),
            ('5/7 #1.5',       'snapshots are counted in whole numbers'),
            ('5/7 #9223372036854775808', 'there are no more snapshots than 2^63 - 1'),
            ('NaN/7 #1',       'NaN is not a cost'),
            ('5/1e3 #1',       'there are no exponents'),
            ('100000000000000000000000000000000000000/7 #1', 'a cost has no 39 digits'),
            ('5/7 #1 x',       'nothing follows a turnover'),
            ('5 / 7 #1',       'a turnover has no white space but before its parts'),
            ('5/7 #1 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',
             'snapshots have no periods'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00)',      'a period has samples'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):0',    'one or more of them'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):-1',   'which are not negative'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00]:1',
             'a period is without its end'),
            ('5/7 (2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',    'but with its start'),
            ('5/7 [2025-02-01 00:00:00+00,2025-01-01 00:00:00+00):1',
             'a period does not end before it starts'),
            ('5/7 [2025-01-01 00:00:00+00,2025-01-01 00:00:00+00):1',    'nor when it starts'),
            ('5/7 [,2025-01-01 00:00:00+00):1',                          'a period has a start'),
            ('5/7 [-infinity,2025-01-01 00:00:00+00):1',                 'which is finite'),
            ('5/7 [2025-01-01 00:00:00,2025-02-01 00:00:00):1',
             'a time without an offset from UTC means nothing'),
            ('5/7 [2025-01-01 00:00:00+01,2025-02-01 00:00:00+01):1',    'it is written in UTC'),
            ('5/7 [2025-01-01 00:00:00 Europe/Berlin,2025-02-01 00:00:00+00):1',
             'not in a zone, whose rules change'),
            ('5/7 [01-02-2025 00:00:00+00,01-03-2025 00:00:00+00):1',
             'not in an order that depends on DateStyle'),
            ('5/7 [2025-01-01 00:00:00+00,2025-13-01 00:00:00+00):1',    'there is no month 13'),
            ('5/7 [today+00,2025-02-01 00:00:00+00):1',
             'today is another day tomorrow'),
            ('5/7 [2025-02-01 00:00:00+00,2025-03-01 00:00:00+00):1 '
             '[2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',
             'periods ascend'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1 '
             '[2025-01-15 00:00:00+00,2025-03-01 00:00:00+00):1',
             'and do not overlap'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1 '
             '[2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',
             'or come twice'),
            ('5/7 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):9223372036854775807 '
             '[2025-02-01 00:00:00+00,2025-03-01 00:00:00+00):1',
                               'there are no more samples than 2^63 - 1')
       ) AS t (literal, rule);

CREATE TABLE january AS
SELECT turnover '12000/1339200000 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1' AS t,
       tstzrange('2025-01-01', '2025-02-01') AS period;
SET LOCAL timezone = 'Asia/Shanghai';
SET LOCAL datestyle = 'German';
SELECT is(t::text, '12000/1339200000 [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):1',
          'the text does not depend on settings')
FROM   january;
SELECT is(t::text::turnover, t, 'nor does what it means') FROM january;
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, MDY';


-- Binary: a version, cost and inventory as 128-bit integers with their number of decimals, the
-- snapshots, and for each period start and end in microseconds from 2000 on, and its samples.
CREATE TABLE sent AS
SELECT '\x01 00000000000000000000000000002ee0 00  0000000000000000000000004fd29200 00
        0000000000000000
        0002cd987ed48000 0002d0081be92000 0000000000000001'::bytea AS message;
SELECT is(turnover_send(t), message,
          'the binary form is a version, cost, inventory, snapshots and periods')
FROM   january, sent;
SELECT is(receive(turnover '0/0', message), t, 'a turnover is received as it is sent')
FROM   january, sent;
SELECT is(turnover_send('-5.5/7 #258'),
          '\x01 ffffffffffffffffffffffffffffffc9 01 00000000000000000000000000000007 00 '
          '0000000000000102',
          'snapshots are sent as their number');
SELECT is(pg_column_size(make_turnover(1, 1, 1, period)), 88,
          'a turnover takes 64 bytes and 24 for each period')
FROM   january;

SELECT throws_ok(format('SELECT receive(turnover ''0/0'', %L)', broken), sqlstate, NULL, rule)
FROM   sent, LATERAL (VALUES
            (overlay(message PLACING '\x02' FROM 1),                '22P03',
             'a later version of the binary form is refused'),
            (overlay(message PLACING '\x27' FROM 18),               '22P03',
             '39 decimals are not received'),
            (overlay(message PLACING '\x01' FROM 18),               '22P03',
             'nor is a zero at the end'),
            (overlay(message PLACING '\x7f' FROM 2),                '22P03',
             'nor a cost of 39 digits'),
            (overlay(message PLACING '\x7f' FROM 19),               '22P03', 'nor an inventory'),
            (overlay(message PLACING '\x80' FROM 36),               '22P03',
             'snapshots are not negative'),
            (overlay(message PLACING '\x01' FROM 43),               '22P03',
             'nor together with periods'),
            (overlay(message PLACING '\x8000000000000000' FROM 44), '22P03',
             'a period does not start at -infinity'),
            (overlay(message PLACING '\x7fffffffffffffff' FROM 52), '22P03', 'nor end at infinity'),
            (overlay(message PLACING '\x7ffffffffffffffe' FROM 52), '22P03',
             'nor after the last timestamp'),
            (overlay(message PLACING '\x8000000000000001' FROM 44), '22P03',
             'nor start before the first'),
            (overlay(message PLACING '\x0002cd987ed48000' FROM 52), '22P03',
             'nor end when it starts'),
            (overlay(message PLACING '\x0000000000000000' FROM 60), '22P03',
             'a period has samples'),
            (message || substring(message FROM 44),                 '22P03',
             'no period comes twice'),
            (substring(message FOR 43),                             '22P03',
             'there is no cost without a sample'),
            (substring(message FOR 66),                             '22P03',
             'a truncated message is refused'),
            (substring(message FOR 42),                             '08P01', 'wherever it ends')
       ) AS t (broken, sqlstate, rule);


-- A stock of 1000 that is sold out after 29 of 31 days was 1000 · 29/31 = 935.48 on average, so
-- goods that cost 12000 turned it over 12000 / 935.48 = 12.83 times.  The mean of both ends, 500,
-- would make that 24.
CREATE TABLE movement (moved_at timestamptz, value_change numeric, cogs numeric);
INSERT INTO movement VALUES
    ('2025-01-01', 1000, NULL),
    ('2025-01-30', -1000, 12000);

CREATE TABLE stock AS
SELECT turnover(moved_at, value_change, cogs, '[2025-01-01, 2025-02-01)') AS t FROM movement;
SELECT is(round(average_inventory(t), 2), 935.48, 'average inventory is weighted by time')
FROM   stock;
SELECT is(round(t, 2), 12.83, 'value is cost of goods sold / average inventory') FROM stock;
SELECT is(round(value(t)::numeric, 10), round(12000 / (1000 * 29 / 31.0), 10),
          'in double precision')
FROM   stock;
SELECT is(cogs(t), 12000.0, 'cogs') FROM stock;
SELECT is(round(days_of_inventory(t)::numeric, 10), round(31 * 935.4838709677 / 12000, 10),
          'days of inventory are those of the period / turns')
FROM   stock;
SELECT is(period(t), '{[2025-01-01, 2025-02-01)}', 'the period it covers') FROM stock;
SELECT is(sample_size(t), 2::bigint, 'the sample of a turnover is its movements') FROM stock;

SELECT is(round(make_turnover(12000, 1000, 0, '[2025-01-01, 2025-02-01)'), 2), 24.00,
          'from both ends of a period, average inventory is their mean');
SELECT is(average_inventory(make_turnover(7, 0.1, 0.2, '[2025-01-01, 2025-02-01)')), 0.15,
          'which is exact');
SELECT is(make_turnover(12000, 1000, NULL, '[2025-01-01, 2025-02-01)'), NULL,
          'make_turnover of something unknown is unknown');

SELECT is(turnover(moved_at, value_change, cogs, '[2025-01-01, 2025-02-01)' ORDER BY moved_at DESC),
          t, 'the order of movements does not matter')
FROM   movement, stock GROUP BY t;
SELECT is(rollup(part), t, 'nor does the way they are split')
FROM   (SELECT turnover(moved_at, value_change, cogs, '[2025-01-01, 2025-02-01)') AS part
        FROM   movement GROUP BY moved_at) AS p,
       stock
GROUP  BY t;


-- Which movements count in January, and for how long.
SELECT is(t::text,
          expected
              || CASE WHEN samples > 0
                      THEN ' [2025-01-01 00:00:00+00,2025-02-01 00:00:00+00):' || samples
                      ELSE '' END,
          rule)
FROM   (VALUES
            ('2024-12-01', 1,    NULL, '0/2678400', 1,
             'a movement before the period makes the opening stock'),
            ('2024-12-01', -1,   5,    '0/-2678400', 1, 'but costs nothing in the period'),
            ('2025-01-01', -1,   5,    '5/-2678400', 1, 'a movement at its start is in the period'),
            ('2025-01-31', 1,    0,    '0/86400',   1,
             'a movement counts for what is left of the period'),
            ('2025-01-31 23:59:59.999999', 1.5, 5, '5/0.0000015', 1, 'to the microsecond'),
            ('2025-02-01', 1,    5,    '0/0',       0,
             'a movement at its end is not in the period'),
            ('2025-03-01', 1,    5,    '0/0',       0, 'nor is a later one'),
            ('2025-01-31', NULL, 5,    '5/0',       1, 'a movement may have no value'),
            ('2025-01-31', 1,    NULL, '0/86400',   1, 'or no cost'),
            ('2025-01-31', NULL, NULL, '0/0',       0, 'but not neither'),
            (NULL,         1,    5,    '0/0',       0, 'a movement at an unknown time is left out'),
            ('-infinity',  1,    5,    '0/2678400', 1, 'stock can have been there forever'),
            ('infinity',   1,    5,    '0/0',       0, 'or never come')
       ) AS m (moved_at, value_change, cogs, expected, samples, rule),
       LATERAL (SELECT turnover(at::timestamptz, change, cost, '[2025-01-01, 2025-02-01)') AS t
                FROM   (VALUES (moved_at, value_change, cogs)) AS row (at, change, cost)) AS a;
SELECT is(turnover(moved_at, value_change, cogs, NULL), '0/0',
          'without a period there is no turnover')
FROM   movement;
SELECT is(turnover(moved_at, value_change, cogs, '[2025-01-01, 2025-02-01)'), '0/0',
          'no rows give no data, not NULL')
FROM   movement WHERE false;

SELECT throws_ok(format('SELECT ' || call, period), '22023', NULL, format(prefix, rule))
FROM   (VALUES ('turnover(now(), 1, 1, %L::tstzrange)', '%s'),
               ('make_turnover(1, 1, 1, %L)', 'for make_turnover, too, %s'))
       AS c (call, prefix),
       (VALUES
            ('empty',                    'a period is not empty'),
            ('[2025-01-01,)',            'a period has an end'),
            ('(,2025-01-01)',            'a period has a start'),
            ('[-infinity, 2025-01-01)',  'its start is finite'),
            ('[2025-01-01, infinity)',   'its end is finite'),
            ('[2025-01-01, 2025-02-01]', 'its end is not in it'),
            ('(2025-01-01, 2025-02-01)', 'its start is in it')
       ) AS p (period, rule)
ORDER  BY call DESC, rule COLLATE "C";


-- Without data, stock or sales.
SELECT is(value(turnover '0/0'), NULL, 'no data is not zero');
SELECT is(average_inventory(turnover '0/0'), NULL, 'no data has no average inventory');
SELECT is(days_of_inventory(turnover '0/0'), NULL, 'nor days of inventory');
SELECT is(cogs(turnover '0/0'), 0.0, 'no data costs nothing');
SELECT is(period(turnover '0/0'), '{}', 'no data covers no time');
SELECT is(value(make_turnover(5, 0, 0, period)), NULL, 'without stock there are no turns')
FROM   january;
SELECT is(value(make_turnover(5, -1, 0, period)), NULL, 'nor with less than none') FROM january;
SELECT is(average_inventory(make_turnover(5, -1, 0, period)), -0.5, 'which average inventory shows')
FROM   january;
SELECT is(value(make_turnover(0, 1, 1, period)), 0::float8,
          'stock that does not sell is turned over zero times')
FROM   january;
SELECT is(days_of_inventory(make_turnover(0, 1, 1, period)), NULL,
          'and lasts for no number of days')
FROM   january;
SELECT is(round(turnover '0/0', 2), NULL, 'no data is rounded to NULL');


-- Snapshots: each the cost since the one before, and the value of the whole stock.
-- (300 + 100 + 200) / 3 = 200.
SELECT is(turnover(cogs, inventory_value), '2400/600 #3',
          'of a snapshot cost and inventory are known, or it is left out')
FROM   (VALUES (1000, 300), (900, 100), (500, 200), (NULL, 100), (100, NULL))
       AS t (cogs, inventory_value);
SELECT is(value(turnover '2400/600 #3'), 12::float8,
          'the average inventory of snapshots is their mean');
SELECT is(average_inventory(turnover '2400/600 #3'), 200.0, 'which is 200 here');
SELECT is(sample_size(turnover '2400/600 #3'), 3::bigint, 'the sample is the number of snapshots');
SELECT is(period(turnover '2400/600 #3'), '{}', 'the time between them is not known');
SELECT is(days_of_inventory(turnover '2400/600 #3'), NULL, 'nor how many days they last');


-- Pooling, over the parts of a stock and of a year.
CREATE TABLE part AS
SELECT make_turnover(310, 100, 100, '[2025-01-01, 2025-02-01)') AS january,
       make_turnover(31, 20, 40, '[2025-01-01, 2025-02-01)')    AS other,
       make_turnover(28, 41, 41, '[2025-02-01, 2025-03-01)')    AS february,
       make_turnover(30, 41, 41, '[2025-04-01, 2025-05-01)')    AS april,
       make_turnover(7, 1, 1, '[2025-01-31, 2025-02-02)')       AS across;
SELECT is(average_inventory(january + other), 130.0, 'inventories of one period add up') FROM part;
SELECT is(cogs(january + other), 341.0, 'so do their costs') FROM part;
SELECT is(sample_size(january + other), 2::bigint, 'and their samples') FROM part;
SELECT is(period(january + other), '{[2025-01-01, 2025-02-01)}', 'their period is the same')
FROM   part;
SELECT is(round(january + february, 10), round(338 / ((31 * 100 + 28 * 41) / 59.0), 10),
          'inventories of different periods are weighted by time')
FROM   part;
SELECT is(period(january + february), '{[2025-01-01, 2025-03-01)}', 'their periods join up')
FROM   part;
SELECT is(period(april + january), '{[2025-01-01, 2025-02-01), [2025-04-01, 2025-05-01)}',
          'if they meet')
FROM   part;
SELECT is((april + (january + february))::text, ((february + april) + january)::text,
          'in any order')
FROM   part;
SELECT is(((january + other + february) - other)::text, (january + february)::text,
          '- takes a sample out again')
FROM   part;
SELECT is((january - january)::text, '0/0', 'what is left of a sample without itself is no data')
FROM   part;
SELECT is(turnover '5/7 #2' + '0.5/1 #1', '5.5/8 #3', 'snapshots pool') FROM part;
SELECT is((turnover '5.5/8 #3' - '0.5/1 #1')::text, '5/7 #2', 'and can be taken out again')
FROM   part;
SELECT is(rollup(t)::text, (SELECT (january + february)::text FROM part),
          'rollup pools, and leaves NULL out')
FROM   part, unnest(ARRAY[february, NULL, '0/0', january]) AS t;
SELECT is(rollup(t), '0/0', 'nothing rolls up to no data') FROM unnest('{}'::turnover[]) AS t;

-- However many periods there are, and in which order they come, alone or several at once.
CREATE TABLE daily AS
SELECT n,
       make_turnover(n, n, n,
                     tstzrange(timestamptz '2000-01-01' + n * interval '1 day',
                               timestamptz '2000-01-01'
                                   + (n + 1 - n % 3 * 0.3) * interval '1 day')) AS t
FROM   generate_series(0, 999) AS n, generate_series(0, n % 2);
CREATE TABLE whole AS
SELECT format('%s/%s', sum(cogs(t)),
              (sum(average_inventory(t) * extract(epoch FROM upper(p) - lower(p)))::numeric(38, 0)))
       || (SELECT string_agg(format(' [%s,%s):%s', lower(q), upper(q), samples), '' ORDER BY q)
           FROM   (SELECT p AS q, count(*) AS samples
                   FROM   daily, unnest(period(t)) AS p GROUP BY p) AS g) AS text
FROM   daily, unnest(period(t)) AS p;
SELECT is(rollup(t ORDER BY n)::text, text, 'a thousand periods roll up in ascending order')
FROM   daily, whole GROUP BY text;
SELECT is(rollup(t ORDER BY n DESC)::text, text, 'in descending order')
FROM   daily, whole GROUP BY text;
SELECT is(rollup(t ORDER BY random())::text, text, 'and in any') FROM daily, whole GROUP BY text;
SELECT holds($$
    SELECT rollup(t ORDER BY random())::text = text AS holds, k
    FROM   generate_series(1, 60) AS k,
           LATERAL (SELECT rollup(t) AS t FROM daily GROUP BY hashint8extended(n, k) % k) AS parts,
           whole
    GROUP  BY k, text $$,
    'in parts that lie between each other');
SELECT holds($$
    SELECT rollup(t ORDER BY random())::text = text AS holds, k
    FROM   generate_series(1, 60) AS k,
           LATERAL (SELECT rollup(t) AS t FROM daily GROUP BY n / k) AS parts, whole
    GROUP  BY k, text $$,
    'or next to each other');
SELECT is(text::turnover::text, text, 'and are read as they are written') FROM whole;

SELECT throws_ok(format('SELECT %s FROM part', expression), sqlstate, NULL, rule)
FROM   (VALUES
            ('january + across',                                  '22023',
             'periods that overlap but differ do not pool'),
            ('across + february',                                 '22023', 'on either side'),
            ('(january + february) + across',                     '22023', 'or on both'),
            ('make_turnover(1, 1, 1, ''[2024-12-01, 2025-03-01)'') + january', '22023',
             'or inside'),
            ('january + make_turnover(1, 1, 1, ''[2025-01-01, 2025-01-31)'')', '22023',
             'even if they start together'),
            ('january + make_turnover(1, 1, 1, ''[2025-01-02, 2025-02-01)'')', '22023',
             'or end together'),
            ('january + ''5/7 #2''',                              '22023',
             'snapshots do not pool with periods'),
            ('''5/7 #2'' + january',                              '22023',
             'nor periods with snapshots'),
            ('january - other - other',                           '22023',
             'more samples than there are cannot be taken out'),
            ('january - february',                                '22023', 'nor another period'),
            ('january - ''5/7 #2''',                              '22023',
             'nor snapshots from a period'),
            ('turnover ''5/7 #1'' - ''5/7 #2''',                  '22023',
             'nor more snapshots than there are'),
            ('turnover ''5/7 #1'' - ''5/6 #1''',                  '22023',
             'nothing cannot have an inventory left'),
            ('avg(january)',                                      '42883',
             'there is no average of turns'),
            ('sum(january)',                                      '42883',
             'there is no sum of turns')
       ) AS t (expression, sqlstate, rule);

SELECT throws_ok('SELECT ' || expression, sqlstate, NULL, rule)
FROM   (VALUES
            ('turnover ''99999999999999999999999999999999999999/0 #1'' + ''1/0 #1''', '22003',
             'a cost beyond 38 digits is an overflow'),
            ('turnover ''0/99999999999999999999999999999999999999 #1'' + ''0/1 #1''', '22003',
             'so is an inventory'),
            ('turnover ''0/0 #9223372036854775807'' + ''0/0 #1''',                    '22003',
             'more than 2^63 - 1 samples are an overflow'),
            ('make_turnover(0, 1e31, 1e31, ''[2025-01-01, 2026-01-01)'')',            '22003',
             'inventory times time can be one'),
            ('make_turnover(0, 1e38, 0, ''[2025-01-01, 2026-01-01)'')',               '22003',
             'so is a value of 39 digits'),
            ('turnover(timestamptz ''2025-01-01'', 1e31, 0, ''[2025-01-01, 2026-01-01)'')', '22003',
             'and in the aggregate'),
            ('turnover(timestamptz ''2025-01-01'', 1e-38, 0, '
             '''[2025-01-01, 2025-01-01 00:00:00.000001)'')',
             '22003', 'wherever the digits are'),
            ('turnover(timestamptz ''2025-01-01'', ''NaN'', 0, ''[2025-01-01, 2026-01-01)'')',
             '22023', 'NaN is not a value'),
            ('turnover(timestamptz ''2025-01-01'', 0, ''Infinity'', ''[2025-01-01, 2026-01-01)'')',
             '22023', 'infinity is not a cost'),
            ('make_turnover(1, ''NaN'', 0, ''[2025-01-01, 2026-01-01)'')',            '22023',
             'nor an opening value'),
            ('turnover(1, ''NaN''::numeric)',                                         '22023',
             'nor one in a snapshot')
       ) AS t (expression, sqlstate, rule);


-- Random movements of 60 products in a year, some before it, some after it, many at once.  The
-- stock is piecewise constant: it changes with each movement, and stays until the next one.
CREATE TABLE ledger AS
SELECT product, moved_at, value_change,
       CASE WHEN value_change < 0 THEN round(-value_change * (1 + random()::numeric), 4) END AS cogs
FROM   (SELECT id % 60 AS product,
               CASE WHEN random() < 0.2
                    THEN timestamptz '2023-11-15' + any_of(0, 600) * interval '1 day'
                    ELSE timestamptz '2024-01-01'
                        + any_of(-30, 31536000) * interval '1.000001 s' END AS moved_at,
               round((random() * 200 - 90)::numeric, any_of(0, 6)::int) AS value_change
        FROM   generate_series(1, 6000) AS id OFFSET 0) AS random;

CREATE TABLE by_window AS
SELECT product, sum(cogs) FILTER (WHERE moved_at >= start) AS cogs,
       sum(stock * extract(epoch FROM until - greatest(moved_at, start))) AS inventory
FROM   (SELECT *, sum(value_change) OVER w AS stock, lead(moved_at, 1, finish) OVER w AS until
        FROM   ledger,
               (VALUES (timestamptz '2024-01-01', timestamptz '2025-01-01')) AS year (start, finish)
        WHERE  moved_at < finish
        WINDOW w AS (PARTITION BY product ORDER BY moved_at ROWS UNBOUNDED PRECEDING)) AS s
WHERE  until > start
GROUP  BY product;

CREATE TABLE by_turnover AS
SELECT product, turnover(moved_at, value_change, cogs, '[2024-01-01, 2025-01-01)') AS t
FROM   ledger GROUP BY product;

SELECT is(count(*), 60::bigint, 'every product has a turnover')
FROM   by_turnover
       JOIN by_window USING (product);
SELECT holds('SELECT average_inventory(t)
              = inventory / extract(epoch FROM interval ''366 days'') AS holds,
                     product, t, inventory
              FROM   by_turnover JOIN by_window USING (product)',
             'average inventory is the integral of the stock over time / time, exactly');
SELECT holds('SELECT cogs(t) = cogs AS holds, product, t, cogs
              FROM   by_turnover
                     JOIN by_window USING (product)',
             'the cost of goods sold is their sum');
SELECT holds('SELECT round(t, 9)
              IS NOT DISTINCT FROM CASE WHEN inventory > 0
                                        THEN round(cogs / (inventory / (366 * 86400)), 9) END
                     AND round(days_of_inventory(t)::numeric, 6)
                         IS NOT DISTINCT FROM CASE WHEN inventory > 0
                                                   THEN round(inventory / 86400 / cogs,
                                                              6) END AS holds,
                     product, t, cogs, inventory
              FROM   by_turnover JOIN by_window USING (product)',
             'value and days of inventory follow from both');
SELECT is(round(average_inventory(rollup(t)), 9),
          (SELECT round(sum(inventory) / (366 * 86400), 9) FROM by_window),
          'products pool to the whole stock')
FROM   by_turnover;


-- As a plain number, and in order.
SELECT is(round((january + other)::numeric, 10), round(341 / 130.0, 10),
          'a turnover can be cast to numeric')
FROM   part;
SELECT is((turnover '2400/600 #3')::float8, 12::float8,
          'a turnover can be cast to double precision');
SELECT throws_ok('SELECT sqrt(turnover ''2400/600 #3'')', '42883', NULL,
                 'a turnover does not turn into a number by itself');
SELECT is(turnover '2400/600 #3' >= 12, true, 'a turnover compares with a number by its value');
SELECT is(turnover '0/0' >= 12, NULL, 'whether no data is above a number is not known');
SELECT is(array_agg(t ORDER BY t)::text, '{"-1/1 #1","0/1 #1","3/2 #1","6/4 #2","2400/600 #3",0/0}',
          'turnovers are ordered by value, then sample size; no data comes last')
FROM   unnest('{6/4 #2, 0/0, 2400/600 #3, 0/1 #1, 3/2 #1, -1/1 #1}'::turnover[]) AS t;
SELECT is(turnover '6/2 #1' = turnover '3/1 #1', false,
          'the same turns of another inventory are another turnover');

SELECT throws_ok($$ SELECT make_turnover(1, 1, 1, tstzrange('4713-01-01 BC', '294276-12-31')) $$,
                 '22003', NULL,
                 'a period cannot be longer than 2^63 microseconds');

SELECT * FROM finish();
ROLLBACK;
