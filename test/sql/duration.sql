\set ECHO none
\i test/setup.psql
SELECT plan(257);


-- Text: seconds/observations, then seconds:count for each observation; of more than 100 different
-- ones [shortest,longest] bucket:count ... instead.  Up to 128 us every us is a bucket of its own,
-- then each doubling has 64 of them: from 2^(6 + k) us on, buckets are 2^k us wide.
CREATE FUNCTION listed(duration) RETURNS boolean
LANGUAGE sql IMMUTABLE RETURN strpos($1::text, '[') = 0;
CREATE FUNCTION micros(bigint) RETURNS interval
LANGUAGE sql IMMUTABLE RETURN ($1 || ' us')::interval;
CREATE FUNCTION buckets(low bigint, high bigint) RETURNS text
LANGUAGE sql RETURN (SELECT substring(duration(micros(i))::text FROM '\].*')
                     FROM   generate_series(low, high) AS i);

SELECT is(make_duration(observations::interval[])::text, expected, rule)
FROM   (VALUES
            ('{2 s, 1 s}',             '3/2 1:1 2:1',
             'a duration is written as seconds/observations and each of them'),
            ('{2 s, 1 s, 2 s}',        '5/3 1:1 2:2',
             'equal ones are counted'),
            ('{}',                     '0/0',
             'a duration can be without data'),
            ('{00:00}',                '0/1 0:1',
             'which is not the same as no time'),
            ('{127 us, -128 us}',      '-0.000001/2 -0.000128:1 0.000127:1',
             'every microsecond is kept, below zero, too'),
            ('{106751991 days 04:00:54.775807}',
             '9223372036854.775807/1 9223372036854.775807:1',
             'the longest time is 2^63 - 1 microseconds'),
            ('{-106751991 days -04:00:54.775807}',
             '-9223372036854.775807/1 -9223372036854.775807:1',
             'back in time, too')
       ) AS t (observations, expected, rule);

SELECT is(duration(micros(i))::text, '5050/100 ' || string_agg(i / 1000000 || ':1', ' ' ORDER BY i),
          'a hundred different observations are each kept')
FROM   generate_series(1000000, 100000000, 1000000) AS i;
SELECT is(buckets(30, 130), '] ' || string_agg(format('%s:%s', i, 1 + (i > 127)::int), ' '
                                                  ORDER BY i) || ' 129:1',
          'one more, and there are buckets: of one microsecond for short times, then wider ones')
FROM   generate_series(30, 128) AS i;
SELECT is(buckets(-130, -30), '] -129:1 ' || string_agg(format('%s:%s', i, 1 + (i < -127)::int),
                                                           ' ' ORDER BY i),
          'negative times have the mirrored buckets')
FROM   generate_series(-128, -30) AS i;
SELECT is(left(duration(micros(i))::text, 31), '151.5/101 [1,2] 954:1 955:1 956',
          'before the buckets are the extremes')
FROM   generate_series(1000000, 2000000, 10000) AS i;
SELECT matches(duration(micros(9223372036854775807 - i))::text, ' 3711:101$',
               'the last bucket is that of the longest time') FROM generate_series(0, 100) AS i;

SELECT is(literal::duration::text, canonical, rule)
FROM   (VALUES
            ('3/2 1:1 2:1',                   '3/2 1:1 2:1',
             'a duration is read as it is written'),
            (E'\t3/2 1:1 2:1 \n',             '3/2 1:1 2:1',
             'white space around a duration does not matter'),
            ('03.0/02 1.000000:1 2.0:01',     '3/2 1:1 2:1',
             'zeros that change nothing are not kept'),
            ('0/9223372036854775807 0:9223372036854775807',
             '0/9223372036854775807 0:9223372036854775807',
             'observations are counted up to 2^63 - 1'),
            ('303/202 [1,2.01] 954:101 1018:101', '303/202 [1,2.01] 954:101 1018:101',
             'so are buckets'),
            (E'\t0303.0/0202 [01,2.010] 954:0101 1018:101 \n',
             '303/202 [1,2.01] 954:101 1018:101',
             'with white space and zeros, too'),
            ('202.5/9223372036854775807 [0,2.01] 0:9223372036854775706 1018:101',
             '202.5/9223372036854775807 [0,2.01] 0:9223372036854775706 1018:101',
             'and of as many observations')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT duration %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',                              'nothing is not a duration'),
            ('1 day',
             'an interval is not a duration: of how many observations?'),
            ('3',                             'a duration has observations'),
            ('3/2',                           'they are listed'),
            ('1/0',                           'nothing has no total'),
            ('0/0 0:0',                       'no observation is met zero times'),
            ('3/2 1:1 2:1 3:0',               'among others, too'),
            ('1/1 1:-1',                      'counts are not negative'),
            ('3/2 2:1 1:1',                   'observations ascend'),
            ('2/2 1:1 1:1',                   'none comes twice'),
            ('3/3 1:1 2:1',                   'there are as many observations as the counts say'),
            ('4/2 1:1 2:1',                   'the total is that of the observations'),
            ('3/2 1 2',                       'each has its count'),
            ('0.0000001/1 0.0000001:1',       'time is measured in microseconds'),
            ('9223372036854.775808/1 9223372036854.775808:1',
             'no time is longer than 2^63 - 1 microseconds'),
            ('-9223372036854.775808/1 -9223372036854.775808:1',
             'nor below -(2^63 - 1)'),
            ('0/9223372036854775808 0:9223372036854775808',
             'there are no more observations than 2^63 - 1'),
            ('1/9223372036854775808 0:9223372036854775807 1:1',
             'in all'),
            ('1e0/1 1:1',                     'there are no exponents'),
            ('3/2  1:1 2:1',                  'there is just one space before a part'),
            ('3/2 1: 1 2:1',                  'and none in it'),
            ('3/2 1:1 2:1 x',                 'nothing follows a duration'),
            ((SELECT '5151/101 ' || string_agg(i || ':1', ' ' ORDER BY i)
              FROM   generate_series(1, 101) AS i),
             'more than a hundred different observations are not listed'),

            ('3/2 [1,2] 954:1 1018:1',        'two observations are not in buckets'),
            ('150/100 [1,2.01] 954:50 1018:50', 'nor are a hundred'),
            ('0/202 [0,0.000099] 0:101 99:101', 'nor as many as can be but two'),
            ('0.000202/202 [0.000001,0.000001] 1:202', 'or one'),
            ('0/101 [0,0]',                   'buckets are not left out'),
            ('0/0 [0,0]',                     'without observations there are no extremes'),
            ('303/202',                       'buckets have extremes'),
            ('303/202 [1,2.01]',              'extremes have buckets'),
            ('303/202 [2.01,1] 954:101 1018:101', 'the shortest is not longer than the longest'),
            ('303/203 [1,2.01] 954:101 1018:101', 'buckets say how many observations there are'),
            ('303/202 [1,2.01] 1018:101 954:101', 'buckets ascend'),
            ('303/303 [1,2.01] 954:101 954:101 1018:101', 'no bucket comes twice'),
            ('303/202 [1,2.01] 953:101 1018:101', 'no bucket lies below the shortest'),
            ('303/202 [1,2.01] 954:101 1019:101', 'no bucket lies above the longest'),
            ('303/202 [1,2.01] 955:101 1018:101', 'the shortest lies in its bucket'),
            ('303/202 [1,2.01] 954:101 1017:101', 'the longest lies in its bucket'),
            ('303/202 [1,2.01] 954:101 1000:0 1018:101', 'no bucket is without observations'),
            ('303/202 [1,2.01] 954:101 1000:-1 1018:102', 'or with fewer'),
            ('304.9/202 [1,2.01] 954:101 1018:101',
             'the total is not more than the buckets allow'),
            ('302.8/202 [1,2.01] 954:101 1018:101',
             'the total is not less than the buckets allow'),
            ('101000/101 [1000,1000.1] 1591:101',
             'the shortest and the longest are part of the total'),
            ('0/101 [9223372036854.775807,9223372036854.775808] 3711:101',
             'no time in buckets is longer than 2^63 - 1 microseconds'),
            ('0/101 [-9223372036854.775808,0] -3711:100 0:1', 'nor below -(2^63 - 1)'),
            ('303/202 [1,2.01] 954:101 3712:101', 'the last bucket is 3711'),
            ('303/202 [1,2.01] 954:101 99999999999999999999:101',
             'a bucket beyond 2^63 - 1 is refused'),
            ('0/101 [0,1] -0:100 954:1',      'there is no bucket -0'),
            ('303/202 [1,2.01] 954:9223372036854775807 1018:101',
             'buckets have no more observations than 2^63 - 1'),
            ('303/202 [1, 2.01] 954:101 1018:101', 'extremes are written without white space'),
            ('303/202  [1,2.01] 954:101 1018:101', 'there is just one space before extremes'),
            ('303/202 [1,2.01]  954:101 1018:101', 'and before buckets'),
            ('303/202 [1,2.01] 954:101 1018:101 x', 'nothing follows buckets')
       ) AS t (literal, rule);
SELECT throws_ok(format('SELECT duration %L', literal), '22P02', NULL,
                 'a literal that ends early is refused: ' || literal)
FROM   unnest('{"3/2 ", "3/2 1", "3/2 1:", "3/2 1:1 ", "303/202 [", "303/202 [1", "303/202 [1,",
                "303/202 [1,2.01", "303/202 [1,2.01] -",
                "303/202 [1,2.01] 954:"}'::text[]) AS literal;


-- Binary: a version, then 0 and the microseconds of each observation with its count, or 1, the
-- total as a 128-bit number of microseconds, the extremes, and the buckets with their counts.
CREATE TABLE sent_list AS
SELECT '\x01 00 ffffffffffffffff 0000000000000001  00000000000f4240 0000000000000002'::bytea
       AS message;
SELECT is(duration_send(make_duration('{1 s, 1 s, -1 us}')), message,
          'the binary form of a list is a version, 0 and the observations with their counts')
FROM   sent_list;
SELECT is(receive(duration '0/0', message), make_duration('{1 s, 1 s, -1 us}'),
          'a list is received as it is sent')
FROM   sent_list;
SELECT is(duration_send('0/0'), '\x0100', 'no data is sent as an empty list');

CREATE TABLE sent AS
SELECT '\x01 01 000000000000000000000000120f69c0 00000000000f4240 00000000001eab90'
       '   03ba 0000000000000065  03fa 0000000000000065'::bytea AS message;
SELECT is(duration_send('303/202 [1,2.01] 954:101 1018:101'), message,
          'that of buckets is a version, 1, the total, the extremes and the buckets') FROM sent;
SELECT is(receive(duration '0/0', message), '303/202 [1,2.01] 954:101 1018:101',
          'buckets are received as they are sent')
FROM   sent;
SELECT is(pg_column_size(make_duration('{1 s}')), 49,
          'a duration takes 48 bytes and one to three for each bucket');
SELECT is(pg_column_size(make_duration('{1 s, 2 s, 3 s, 3 s}')), 57,
          'or a few more for each observation of a list');

SELECT throws_ok(format('SELECT receive(duration ''0/0'', %L)', broken), sqlstate, NULL, rule)
FROM   sent_list, LATERAL (VALUES
            (overlay(message PLACING '\x02' FROM 1),                      '22P03',
             'a later version of the binary form is refused'),
            (overlay(message PLACING '\x02' FROM 2),                      '22P03',
             'what is neither list nor buckets is refused'),
            (overlay(message PLACING '\x8000000000000000' FROM 3),        '22P03',
             'no observation is -2^63'),
            (overlay(message PLACING '\x00000000000f4240' FROM 3),        '22P03',
             'nor received twice'),
            (overlay(message PLACING '\x7fffffffffffffff' FROM 3),        '22P03',
             'nor out of order'),
            (overlay(message PLACING '\x0000000000000000' FROM 11),       '22P03',
             'a count of zero is not received'),
            (overlay(message PLACING '\xffffffffffffffff' FROM 11),       '22P03',
             'nor one below it'),
            (overlay(message PLACING '\x7fffffffffffffff' FROM 27),       '22P03',
             'nor more than 2^63 - 1 observations'),
            ('\x0100' || (SELECT string_agg(int8send(i) || int8send(1), '' ORDER BY i)
                          FROM   generate_series(1, 101) AS i),           '22P03',
             'nor a list of more than a hundred'),
            (substring(message FOR 26),                                   '08P01',
             'a truncated list is refused'),
            ('\x01',                                                      '08P01',
             'so is one that does not begin'),
            (message || '\x00'::bytea,                                    '08P01',
             'or is too long')
       ) AS t (broken, sqlstate, rule);
SELECT throws_ok(format('SELECT receive(duration ''0/0'', %L)', broken), sqlstate, NULL, rule)
FROM   sent, LATERAL (VALUES
            (overlay(message PLACING '\x03f9' FROM 45),                   '22P03',
             'a bucket that the extremes rule out is not received'),
            (overlay(message PLACING '\x7fff' FROM 45),                   '22P03',
             'nor is one that does not exist'),
            (overlay(message PLACING '\x8000' FROM 35),                   '22P03',
             'be it negative'),
            (overlay(message PLACING '\x0000000000000000' FROM 47),       '22P03',
             'counts of zero are not received'),
            (overlay(message PLACING '\xffffffffffffffff' FROM 47),       '22P03',
             'nor negative ones'),
            (overlay(message PLACING '\x7fffffffffffffff' FROM 47),       '22P03',
             'more than 2^63 - 1 observations are not received'),
            (overlay(message PLACING '\x8000000000000000' FROM 19),       '22P03',
             'the shortest is not -2^63'),
            (overlay(message PLACING '\x80' FROM 3),                      '22P03',
             'a total that does not go with the counts is not received'),
            (overlay(overlay(message PLACING '\x0000000000000001' FROM 37)
                     PLACING '\x0000000000000001' FROM 47),               '22P03',
             'nor are buckets of two observations'),
            (substring(message FOR 44),                                   '22P03',
             'a missing bucket is noticed'),
            (substring(message FOR 34),                                   '22P03',
             'so is it if all are missing'),
            (substring(message FOR 53),                                   '08P01',
             'a truncated message is refused'),
            (message || '\x00'::bytea,                                    '08P01',
             'a message that is too long is refused')
       ) AS t (broken, sqlstate, rule);


-- Aggregates.  2025-03-30 had 23 hours in Berlin.
CREATE TABLE ticket (opened timestamptz, resolved timestamptz);
INSERT INTO ticket VALUES
    ('2025-03-30 00:00 Europe/Berlin', '2025-03-31 00:00 Europe/Berlin'),
    ('2025-06-01 00:00 Europe/Berlin', '2025-06-01 01:00 Europe/Berlin'),
    ('2025-06-02 00:00 Europe/Berlin', NULL),
    (NULL,                             '2025-06-02 00:00 Europe/Berlin');

SELECT is(value(duration(opened, resolved)), '12:00',
          'a NULL is not an observation; a day has the hours it had')
FROM   ticket;
SELECT is(value(duration(opened AT TIME ZONE 'Europe/Berlin',
                         resolved AT TIME ZONE 'Europe/Berlin')),
          '12:30',
          'by local time every day has 24 hours') FROM ticket;
SELECT is(value(duration(opened::date, resolved::date)), '1 day', 'dates are whole days apart')
FROM   ticket WHERE opened < '2025-04-01';
SELECT is(value(duration(resolved - opened)), '12:00', 'intervals are times, too') FROM ticket;
SELECT is(value(duration(resolved, opened)), '-12:00',
          'times are negative where the end comes first')
FROM   ticket;
SELECT is(duration(opened, resolved), '0/0', 'no rows give no data, not NULL')
FROM   ticket WHERE false;
SELECT is(make_duration('{1 day, NULL, 23:00}'), make_duration('{23:00, 24:00}'),
          'make_duration takes observations, in any order, and leaves NULL out');
SELECT is(make_duration('{{1 s, 2 s}, {3 s, 4 s}}'), make_duration('{1 s, 2 s, 3 s, 4 s}'),
          'in arrays of any dimension');
SELECT is(make_duration(NULL), NULL, 'make_duration of the unknown is unknown');

SELECT throws_ok('SELECT ' || expression, sqlstate, NULL, rule)
FROM   (VALUES
            ('duration(timestamptz ''now'', ''infinity'')',                '22023',
             'what never ends has no duration'),
            ('duration(timestamp ''-infinity'', ''2025-01-01'')',          '22023',
             'nor has what never started'),
            ('duration(date ''2025-01-01'', ''infinity'')',                '22023',
             'nor on a date'),
            ('duration(interval ''1 month'')',                             '22023',
             'a month has no fixed length'),
            ('duration(interval ''1 year'')',                              '22023',
             'nor has a year'),
            ('make_duration(''{1 day, 1 month}'')',                        '22023',
             'make_duration knows that, too'),
            ('duration(timestamptz ''4714-11-24 BC'', ''294276-12-31'')',  '22003',
             'more than 2^63 - 1 microseconds are an overflow'),
            ('duration(timestamp ''294276-12-31'', ''4714-11-24 BC'')',    '22003',
             'backwards, too'),
            ('duration(date ''4714-11-24 BC'', ''5874897-12-31'')',        '22003',
             'and between dates'),
            ('duration(interval ''106751991 days 04:00:54.775808'')',      '22003',
             'and as an interval'),
            ('duration(interval ''-106751991 days -04:00:54.775808'')',    '22003',
             'be it negative'),
            ('duration_accum(''0/9223372036854775807 0:9223372036854775807'', '
             'interval ''0'')',
             '22003', 'more than 2^63 - 1 observations are an overflow'),
            ('duration ''0/9223372036854775807 0:9223372036854775807'' '
             '+ make_duration(''{0}'')',
             '22003', 'so they are in pooling')
       ) AS t (expression, sqlstate, rule);
SELECT is(sqlstate_of('SELECT duration(interval ''infinity'')'),
          CASE WHEN current_setting('server_version_num')::int < 170000 THEN '22007'
               ELSE '22023' END,
          'infinity is not a time');


-- Pooling.
SELECT is(make_duration('{1 s, 300 s}') + make_duration('{-5 s, 2 h}'),
          make_duration('{1 s, 300 s, -5 s, 2 h}'),
          '+ pools two samples');
SELECT is(rollup(d), make_duration('{1 s, 2 s, 3 s}'), 'rollup pools, and leaves NULL out')
FROM   (VALUES (make_duration('{1 s}')), (NULL), ('0/0'), (make_duration('{3 s, 2 s}'))) AS t (d);
SELECT is(rollup(d), '0/0', 'nothing rolls up to no data') FROM unnest('{}'::duration[]) AS d;
SELECT throws_ok('SELECT make_duration(''{1 s}'') - make_duration(''{1 s}'')', '42883', NULL,
                 'nothing can be taken out again: the second shortest is not kept');
SELECT throws_ok('SELECT avg(d) FROM (SELECT make_duration(''{1 s}'')) AS t (d)', '42883', NULL,
                 'there is no average of means');
SELECT throws_ok('SELECT sum(d) FROM (SELECT make_duration(''{1 s}'')) AS t (d)', '42883', NULL,
                 'there is no sum of means');


-- Parts.
CREATE TABLE part AS
SELECT make_duration('{30 min, 1 day 06:00, 3 days, -15 min}') AS d, duration '0/0' AS none;
SELECT is(sample_size(d), 4::bigint, 'the sample of a duration is its observations') FROM part;
SELECT is(total(d), '4 days 06:15', 'total') FROM part;
SELECT is(value(d), '1 day 01:33:45', 'value is the mean, total / observations') FROM part;
SELECT is(minimum(d), '-00:15', 'the shortest is exact') FROM part;
SELECT is(maximum(d), '3 days', 'the longest is exact') FROM part;
SELECT is(total(none), '0', 'no data adds up to no time') FROM part;
SELECT is(part, NULL, name || ' of no data is unknown')
FROM   part,
       LATERAL (VALUES ('value', value(none)), ('minimum', minimum(none)),
                       ('maximum', maximum(none)), ('median', median(none)),
                       ('a percentile', percentile(none, 0.9))) AS t (name, part);

SELECT is(value(make_duration(observations::interval[])), mean::interval, rule)
FROM   (VALUES
            ('{1 us, 2 us}',               '2 us',  'half a microsecond is rounded away from zero'),
            ('{-1 us, -2 us}',             '-2 us', 'below zero, too'),
            ('{1 us, 1 us, 2 us}',         '1 us',  'a third is rounded down'),
            ('{-106751991 d, 106751991 d}', '0',    'the mean of any times is known')
       ) AS t (observations, mean, rule);
SELECT is(value(d), '106751991 days', 'even if their total is not')
FROM   (SELECT rollup(make_duration('{106751991 d}')) FROM generate_series(1, 3)) AS t (d);
SELECT throws_ok('SELECT total(rollup(make_duration(''{106751991 d}'')))
                  FROM   generate_series(1, 2)',
                 '22003', NULL,
                 'a total that does not fit an interval is an overflow');

SELECT is(percentile(make_duration('{100 us, 0, 40 us, 120 us}'), p), expected::interval, rule)
FROM   (VALUES
            (0,     '0 us',   'percentile 0 is the shortest'),
            (1,     '120 us', 'percentile 1 is the longest'),
            (0.5,   '70 us',  'the median of an even number lies between the two in the middle'),
            (0.25,  '30 us',
             'other percentiles lie between the two nearest as percentile_cont puts them'),
            (0.9,   '114 us', 'in proportion')
       ) AS t (p, expected, rule);
SELECT is(median(make_duration('{100 us, 0, 40 us}')), '40 us',
          'the median of an odd number is the one in the middle');
SELECT is(percentile(make_duration('{1000003 us}'), 0.3), '1000003 us',
          'every percentile of a single observation is it');
SELECT throws_ok(format('SELECT percentile(make_duration(''{1 s}''), %L)', p), '22023', NULL,
                 format('there is no percentile %s', p))
FROM   unnest('{-0.1, 1.1, 90, NaN}'::float8[]) AS p;


-- Around a hundred different observations: the form depends on them alone, up to a hundred all is
-- exact, beyond it is as buckets are.
SELECT is(median(make_duration('{10 min, 20 min}')), '15 min',
          'the median of two lies in the middle, as percentile_cont has it');
SELECT is(median(make_duration('{20 min, 20 min, 20 min}')), '20 min', '20 minutes are 20 minutes');
CREATE TABLE near AS
SELECT trial, different, elapsed, done, part
FROM   (SELECT trial,
               (ARRAY[1, 2, 7, 50, 99, 100, 101, 102, 150, 300])[1 + trial % 10]
                   AS different,
               (ARRAY[1, 977, 60000000, 86400000000, 9876543210123])[1 + trial / 10 % 5]::bigint
                   AS unit,
               trial % 3 AS shift
        FROM   generate_series(1, 150) AS trial) AS t,
       -- as many different ones, in any order, some of them again; those of a part may be few
       LATERAL (SELECT micros(unit * (i - shift * 40)) AS elapsed, i
                FROM   generate_series(1, different) AS i) AS e,
       LATERAL (SELECT random() < 0.8 AS done, any_of(1, 1 + trial % 7) AS part
                FROM   generate_series(0, any_of(0, 2) * (e.i % 2)) WHERE trial > 0) AS o
ORDER  BY random();
CREATE TABLE near_whole AS
SELECT trial, different, duration(elapsed) AS d, duration(elapsed ORDER BY elapsed) AS rising,
       duration(elapsed ORDER BY elapsed DESC) AS falling,
       make_duration(array_agg(elapsed)) AS made,
       array_agg(elapsed ORDER BY elapsed) AS x, sum(elapsed) AS sum, count(*) AS n
FROM   near GROUP BY trial, different;
SELECT holds($$
    SELECT listed(d) = (different <= 100) AS holds, trial, different FROM near_whole $$,
    'a hundred different observations are a list, more are not');
SELECT holds($$
    SELECT identical(d, rising) AND identical(d, falling) AND identical(d, made) AS holds, trial
    FROM   near_whole $$, 'whatever their order');
SELECT holds($$
    SELECT identical(d, rolled_up) AND identical(d, backwards) AND identical(d, moved) AS holds,
           trial, different
    FROM   near_whole
    JOIN   (SELECT trial, rollup(d ORDER BY part) AS rolled_up,
                   rollup(d ORDER BY part DESC) AS backwards
            FROM   (SELECT trial, part, duration(elapsed) AS d
                    FROM   near GROUP BY trial, part) AS p GROUP BY trial) AS r USING (trial)
    JOIN   (SELECT trial, duration(elapsed) OVER w AS moved,
                   row_number() OVER w = count(*) OVER (PARTITION BY trial) AS last
            FROM   near WINDOW w AS (PARTITION BY trial ORDER BY part, done
                                     ROWS UNBOUNDED PRECEDING)) AS m USING (trial)
    WHERE  last $$,
    'however they are split');
SELECT holds($$
    SELECT identical(a + b, d) AND identical(b + a, d) AND identical(b + a + '0/0', d) AS holds,
           trial, k, listed(a), listed(b)
    FROM   near_whole
    JOIN   (SELECT trial, k, coalesce(duration(elapsed) FILTER (WHERE i <= n * k / 10), '0/0') AS a,
                   coalesce(duration(elapsed) FILTER (WHERE i > n * k / 10), '0/0') AS b
            FROM   (SELECT trial, elapsed, row_number() OVER w AS i,
                           count(*) OVER (PARTITION BY trial) AS n
                    FROM near WINDOW w AS (PARTITION BY trial ORDER BY elapsed)) AS o,
                   generate_series(0, 10) AS k
            GROUP BY trial, k) AS halves USING (trial) $$,
    'two lists, a list and buckets, or twice buckets pool to what all of them are');
SELECT holds($$
    SELECT identical(d::text::duration, d) AND identical(received, d) AS holds, trial, received
    FROM   ROWS FROM (receive(duration '0/0', VARIADIC (
               SELECT array_agg(duration_send(d) ORDER BY trial) FROM near_whole)))
           WITH ORDINALITY AS r (received, trial) FULL JOIN near_whole USING (trial) $$,
    'they are read and received as they were written and sent');
SELECT holds($$
    SELECT (a.d = b.d) = (a.x = b.x)
           AND (a.d <> b.d OR duration_hash(a.d) = duration_hash(b.d)) AS holds, a.trial, b.trial
    FROM   near_whole AS a, near_whole AS b WHERE listed(a.d) AND listed(b.d) $$,
    'lists are equal if their observations are');
SELECT holds($$
    SELECT sample_size(d) = n AND minimum(d) = x[1] AND maximum(d) = x[n] AND total(d) = sum
        AND round(d, 6) = round(extract(epoch FROM sum) / n, 6) AS holds, trial, d
    FROM   near_whole $$, 'number, extremes, total and mean are exact');
SELECT holds($$
    SELECT percentile(d, p) = exact
        OR NOT listed(d) AND percentile(d, p) BETWEEN exact - slack AND exact + slack AS holds,
           trial, different, p, percentile(d, p), exact
    FROM   near_whole,
           unnest('{0, 0.001, 0.1, 0.25, 0.333, 0.5, 0.75, 0.9, 0.95, 0.999, 1}'::float8[]) AS p,
           LATERAL (SELECT percentile_cont(p) WITHIN GROUP (ORDER BY e) AS exact
                    FROM unnest(x) AS e) AS q,
           LATERAL (SELECT 0.01 * greatest(exact, -exact) + 0.01 * (x[2] - x[1]) + interval '1 us'
                           AS slack) AS s $$,
    'percentiles are those of percentile_cont, exactly in a list, else within 1 percent');
SELECT holds($$
    SELECT NOT listed(d + d) AND percentile(d + d, 0.5) = percentile(d, 0.5) AS holds, trial
    FROM   near_whole WHERE different > 100 AND n % 2 = 1 $$, 'what is in buckets remains so');


-- Samples of all kinds, in microseconds.
CREATE TABLE sample AS
SELECT kind, micros::bigint, (micros::bigint || ' us')::interval AS elapsed
FROM   (SELECT random() AS u, random() AS v FROM generate_series(1, 2000)) AS r,
       LATERAL (VALUES
            ('uniform times',                  1e9 * u),
            ('exponential times',              -1e10 * ln(1 - u)),
            ('log-normal times',
             1e8 * exp(2 * sqrt(-2 * ln(1 - u)) * cos(2 * pi() * v))),
            ('times of all magnitudes',        exp(43 * u)),
            ('times shorter than buckets are', 300 * u),
            ('negative times',                 -exp(30 * u)),
            ('times around zero',              1e6 * (u - 0.5)),
            ('early and late deliveries',      sign(v - 0.3) * exp(25 * u)),
            ('two clusters',
             CASE WHEN v < 0.5 THEN 1e5 + 1e3 * u ELSE 1e11 + 1e9 * u END),
            ('a constant',                     86400e6),
            ('huge times',                     9.2e18 * u),
            ('whole days',                     86400e6 * floor(30 * u * u))) AS t (kind, micros)
UNION ALL SELECT 'a single time', 1234567, '1.234567 s';
CREATE INDEX ON sample (kind, elapsed);
CREATE TABLE observed AS SELECT kind, duration(elapsed) AS duration FROM sample GROUP BY kind;

-- Of two neighbours, each known to within 1 percent, the share weight is taken from the upper one.
SELECT holds(format($$
    SELECT abs(extract(epoch FROM percentile(duration, p))::numeric * 1e6 - exact)
        <= CASE WHEN listed(duration) THEN 0.5 ELSE 0.01 * margin + 1 END AS holds,
           p, exact, percentile(duration, p)
    FROM   (SELECT array_agg(micros::numeric ORDER BY micros) AS x, count(*) AS n
            FROM   sample WHERE kind = %1$L) AS s,
           observed,
           unnest('{0, 0.001, 0.01, 0.1, 0.25, 0.333, 0.5, 0.75, 0.9, 0.95,
                    0.99, 0.999, 1}'::numeric[])
               AS p,
           LATERAL (SELECT trunc(p * (n - 1))::int AS below,
                           p * (n - 1) %% 1 AS weight) AS position,
           LATERAL (SELECT x[below + 1] AS a, coalesce(x[below + 2], 0) AS b) AS neighbour,
           LATERAL (SELECT a + weight * (b - a) AS exact,
                           (1 - weight) * abs(a) + weight * abs(b) AS margin) AS quantile
    WHERE  kind = %1$L $$, kind),
             'percentiles are those of percentile_cont '
             || CASE WHEN listed(duration) THEN 'exactly: ' ELSE 'within 1 percent: ' END || kind)
FROM   observed ORDER BY kind COLLATE "C";
SELECT holds($$
    SELECT abs(extract(epoch FROM percentile(duration, p))::float8 * 1e6 - exact)
        <= 0.01 * exact + 1 AS holds,
           kind, p
    FROM   unnest('{0.05, 0.5, 0.95}'::float8[]) AS p, observed
    JOIN   LATERAL (SELECT percentile_cont(p) WITHIN GROUP (ORDER BY micros) AS exact
                    FROM   sample WHERE sample.kind = observed.kind) AS s
           ON true
    WHERE  minimum(duration) >= '0' $$, 'and those of percentile_cont itself');

SELECT holds($$
    SELECT extract(epoch FROM minimum(duration)) * 1e6 = min(micros)
        AND extract(epoch FROM maximum(duration)) * 1e6 = max(micros)
           AND sample_size(duration) = count(*)
           AND    split_part(duration::text, '/', 1)::numeric = sum(micros) * 0.000001 AS holds,
                  kind
    FROM   sample JOIN observed USING (kind) GROUP BY kind, duration $$,
             'extremes, number and total are exact');

SELECT holds($$
    SELECT h.count
        = (SELECT count(*)
           FROM   sample AS s
           WHERE  s.kind = observed.kind AND elapsed BETWEEN low AND high) AS holds,
           kind, h
    FROM   observed, histogram(duration) AS h $$,
             'the histogram says how many observations lie within the bounds of a bucket');
SELECT holds($$
    SELECT sum(h.count) = sample_size(duration) AS holds, kind
    FROM   observed, histogram(duration) AS h GROUP BY kind, duration $$,
    'every observation is in a bucket');
SELECT holds($$
    SELECT high - low <= 0.016 * greatest(low, -high)
        AND coalesce(high < lead(low) OVER (PARTITION BY kind ORDER BY low), true) AS holds, kind, h
    FROM   observed, histogram(duration) AS h $$,
             'a bucket is at most 1.6 percent wide, and does not overlap the next');
SELECT is_empty('SELECT * FROM histogram(duration ''0/0'')', 'no data has no histogram');


-- With some still open.  Ten orders placed together take 1 to 10 days; it is day 5.
CREATE TABLE parcel AS
SELECT duration(n * interval '1 day') FILTER (WHERE n <= 5) AS finished,
       duration(least(n, 5) * interval '1 day') FILTER (WHERE n > 5) AS open,
       duration '0/0' AS none
FROM   generate_series(1, 10) AS n;

SELECT is(median(finished, open), '5 days', 'on day 5, half of ten have arrived') FROM parcel;
SELECT is(percentile(finished, open, p), quantile::interval, rule)
FROM   parcel, (VALUES
            (0,     '1 day',  'the first has after a day'),
            (0.1,   '1 day',  'which is a tenth'),
            (0.5,   '5 days', 'a share that is reached exactly is reached'),
            (0.51,  NULL,     'how long more than that take is not known'),
            (0.9,   NULL,     'nor is how long most take'),
            (1,     NULL,     'nor all')) AS t (p, quantile, rule);
SELECT is(percentile(finished, open, 0.3), '3 days', 'in between it is exact') FROM parcel;
SELECT is(survival(finished, open, at::interval), share::float8,
          format('of ten, %s are not finished after %s', share, at))
FROM   parcel,
       (VALUES ('-1 day', 1), ('0', 1), ('23:59', 1), ('1 day', 0.9), ('3 days', 0.7),
               ('4 days 23:59:59', 0.6), ('5 days', 0.5), ('1000 days', 0.5))
       AS t (at, share);
SELECT is(survival(finished, none, '1000 days'), 0::float8, 'in the end, none') FROM parcel;
SELECT is(percentile(none, open, 0), NULL, 'if none has finished, nothing is known') FROM parcel;
SELECT is(survival(none, open, '1000 days'), 1::float8, 'but that none has') FROM parcel;
SELECT is(percentile(none, none, 0.5), NULL, 'no data has no percentile') FROM parcel;
SELECT is(survival(none, none, '0'), NULL, 'nor a share that is unfinished') FROM parcel;
SELECT is(percentile(make_duration('{1 h, 3 h}'), make_duration('{2 h}'), p), t::interval,
          format('percentile %s after 1 h, open for 2 h, 3 h is %s', p, t))
FROM   (VALUES (0.33, '1 h'), (0.34, '3 h'), (1, '3 h')) AS t (p, t);
SELECT is(percentile(make_duration('{10 us, 20 us}'), make_duration('{10 us}'), 0.5), '20 us',
          'what finishes comes before what is as old and open');
SELECT is(percentile(make_duration('{10 us, 20 us}'), make_duration('{9 us}'), 0.5), '10 us',
          'which else no longer counts');
SELECT is(percentile(make_duration('{-2 h, -1 h, 1 h}'), make_duration('{-90 min, 2 h}'), 0.2),
          '-2 h', 'negative times come first');
SELECT is(percentile('0/9223372036854775807 0:9223372036854775807',
                     '0.000001/9223372036854775807 0:9223372036854775806 0.000001:1', 0.5),
          '0',
          'there can be twice as many as in one duration');
SELECT throws_ok(format('SELECT percentile(duration ''0/0'', duration ''0/0'', %L)', p),
                 '22023', NULL,
                 format('with some open, too, there is no percentile %s', p))
FROM   unnest('{-0.1, 1.1, 90, NaN}'::float8[]) AS p;
SELECT throws_ok('SELECT survival(duration ''0/0'', duration ''0/0'', interval ''1 month'')',
                 '22023', NULL,
                 'nobody knows how long a month is');

SELECT holds($$
    SELECT percentile(duration, '0/0', p) = percentile(duration, p) AS holds, kind, p
    FROM   observed, unnest('{0, 0.001, 0.1, 0.25, 0.333, 0.5, 0.9, 0.99, 1}'::float8[]) AS p $$,
             'if nothing is open, percentiles are as without');
SELECT holds($$
    SELECT percentile(duration, make_duration(ARRAY[maximum(duration)]), p)
        <= maximum(duration) AS holds,
           kind, p
    FROM   observed, unnest('{0, 0.001, 0.1, 0.25, 0.333, 0.5, 0.9, 0.99}'::float8[]) AS p
    WHERE  sample_size(duration) > 1000 $$, 'if something is, they stay within the extremes');

-- The same by definition: of those at risk, the share that does not finish at a time, multiplied
-- over all times.  Times in one bucket are the same, unless both are lists.
CREATE AGGREGATE product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');
CREATE TABLE running AS
SELECT trial, kind, done, micros::bigint, (micros::bigint || ' us')::interval AS elapsed
FROM   generate_series(1, 60) AS trial,
       LATERAL (SELECT random() AS open_share WHERE trial > 0) AS o,
       generate_series(1, (5 + trial) * (1 + trial % 3 / 2 * 6)) AS i,
       LATERAL (SELECT random() AS u, random() >= open_share AS done WHERE i > 0) AS r,
       LATERAL (VALUES
            ('short times, many the same', floor(20 * u)),
            ('times in different buckets', floor(1e6 * 1.02 ^ floor(300 * u))),
            ('round times',                864e8 * floor(1 + 20 * u)),
            ('times before and after',     1e9 * (u - 0.4)),
            ('any times',                  exp(40 * u))) AS t (kind, micros);
CREATE TABLE run AS
SELECT trial, kind, coalesce(duration(elapsed) FILTER (WHERE done), '0/0') AS finished,
       coalesce(duration(elapsed) FILTER (WHERE NOT done), '0/0') AS open
FROM   running GROUP BY trial, kind;
CREATE TABLE curve AS
WITH   bucket AS MATERIALIZED (
           SELECT trial, kind, listed(finished) AND listed(open) AS exact, h.low, h.high
           FROM   run, histogram(finished + open) AS h),
       step AS (SELECT trial, kind, time.low, time.high,
                       count(*) FILTER (WHERE done) AS finishing, count(*) AS leaving
                FROM   running JOIN bucket AS h USING (trial, kind),
                       LATERAL (VALUES (exact, elapsed, elapsed), (NOT exact, h.low, h.high))
                           AS time (applies, low, high)
                WHERE  elapsed BETWEEN h.low AND h.high AND applies
                GROUP  BY trial, kind, time.low, time.high),
       risk AS (SELECT *, sum(leaving) OVER (PARTITION BY trial, kind ORDER BY low DESC) AS at_risk
                FROM   step)
SELECT trial, kind, low, high, finishing,
       round(product(1 - finishing / at_risk) OVER (PARTITION BY trial, kind ORDER BY low),
             12) AS share
FROM   risk;
CREATE INDEX ON curve (trial, kind);

SELECT is(count(*), 300::bigint, 'there are 300 samples with some open')
FROM   run WHERE sample_size(finished) > 0 OR sample_size(open) > 0;
SELECT is(array_agg(DISTINCT (listed(finished), listed(open))::text),
          '{"(f,f)","(f,t)","(t,f)","(t,t)"}', 'of lists and of buckets, finished and open')
FROM   run;
SELECT is(survival(list, open, '1 h'), share::float8, rule)
FROM   (VALUES (make_duration('{1 h, 1 h 1 s, 2 h}'))) AS l (list),
       LATERAL (SELECT duration(micros(i)) AS many FROM generate_series(1, 101) AS i) AS o,
       LATERAL (VALUES (make_duration('{3 h}'), 0.75, 'in a list a second later is later'),
                       (many, 1 / 3.0, 'beside buckets it is in the same one'))
           AS t (open, share, rule);
SELECT holds($$
    SELECT coalesce(CASE WHEN listed(finished) AND listed(open) THEN estimate = exact
                         ELSE abs(extract(epoch FROM estimate - exact))
                              <= 0.016 * abs(extract(epoch FROM exact)) + 1e-6 END,
                    estimate IS NULL AND exact IS NULL) AS holds, trial, kind, p, estimate, exact
    FROM   run,
           unnest('{0.01, 0.1, 0.2, 0.25, 0.3, 0.5, 0.6, 0.75, 0.8, 0.9, 0.95, 1}'::numeric[]) AS p,
           LATERAL (SELECT percentile(finished, open, p::float8) AS estimate,
                           (SELECT min(low)
                            FROM   curve
                            WHERE  (curve.trial, curve.kind) = (run.trial, run.kind)
                            AND    finishing > 0 AND 1 - share >= p) AS exact) AS q
    WHERE  sample_size(open) > 0 $$,
             'percentiles are those of the definition, of two lists exactly, else in the bucket');
SELECT holds($$
    SELECT abs(survival(finished, open, high) - share) < 1e-9 AS holds, trial, kind, low, share,
           survival(finished, open, high)
    FROM   run JOIN curve USING (trial, kind) $$,
    'and so are the shares not finished');
SELECT holds($$
    SELECT coalesce(survival(finished, open, percentile(finished, open, p)) <= 1 - p + 1e-9,
                    survival(finished, open, '1000000 days') > 1 - p) AS holds,
           trial, kind, p
    FROM   run, unnest('{0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 1}'::float8[]) AS p
    WHERE  sample_size(open) > 0 $$,
    'after a percentile the share is finished; if there is none, it never is');


-- As a plain number, and in order.
SELECT is((make_duration('{1 h, 2 h}'))::interval, '01:30', 'a duration can be cast to interval');
SELECT is((make_duration('{1 h, 2 h}'))::numeric, 5400.0,
          'a duration can be cast to numeric: the mean in seconds');
SELECT is((make_duration('{1 h, 2 h}'))::float8, 5400::float8,
          'a duration can be cast to double precision');
SELECT is(round(make_duration('{1 s, 2 s, 2 s}'), 3), 1.667,
          'round gives seconds with as many digits as are asked for');
SELECT is(round(duration '0/0', 3), NULL, 'no data is rounded to NULL');
SELECT throws_ok('SELECT justify_hours(make_duration(''{1 h}''))', '42883', NULL,
                 'a duration does not turn into an interval by itself');
SELECT is(make_duration('{1 h, 2 h}') < interval '2 h', true,
          'a duration compares with an interval by its mean');
SELECT is(duration '0/0' < interval '2 h', NULL,
          'whether no data is below an interval is not known');
SELECT is(array_agg(sample_size(d) ORDER BY d), '{1, 2, 3, 1, 0}',
          'durations are ordered by mean, then sample size; no data comes last')
FROM   unnest(ARRAY['0/0', make_duration('{2 s}'), make_duration('{1 s, 1 s, 1 s}'),
                    make_duration('{1 s, 1 s}'), make_duration('{-2 s}')]) AS d;
SELECT is(duration '27670116110564.32742/3 9223372036854.775806:1 9223372036854.775807:2'
          < '9223372036854.775807/1 9223372036854.775807:1',
          true,
          'even where it differs by a third of a microsecond in 292,000 years');
SELECT is(make_duration('{1 s, 3 s}') = make_duration('{2 s, 2 s}'), false,
          'other times with the same mean are another duration');

-- At the far ends.
SELECT is(percentile(make_duration('{-2562047788 hours,2562047788 hours}'), 0.75),
          interval '53375995 days 14:00:00',
          'quantiles reach over the whole range');
-- an index hashes all rows in one memory context: how much that has grown by at the last row
CREATE TABLE many_durations AS
SELECT i, d
FROM   (SELECT duration(make_interval(secs => 1.01 ^ j)) AS d
        FROM   generate_series(1, 1500) AS j) AS one,
     generate_series(1, 3000) AS i;
CREATE SEQUENCE memory_at_2;
CREATE SEQUENCE memory_at_3000;
CREATE FUNCTION note_memory(i integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF i IN (2, 3000) THEN
        PERFORM setval('public.memory_at_' || i, sum(total_bytes)::bigint)
        FROM    pg_backend_memory_contexts;
    END IF;
    RETURN true;
END $$;
SET LOCAL maintenance_work_mem = '1MB';
CREATE INDEX ON many_durations USING hash (d) WHERE note_memory(i);
SELECT cmp_ok(b.last_value - a.last_value, '<', 300000::bigint,
              'an index does not keep what it hashes')
FROM   memory_at_2 AS a, memory_at_3000 AS b;

SELECT * FROM finish();
ROLLBACK;
