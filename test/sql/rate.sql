\set ECHO none
\i test/setup.psql
SELECT plan(152);


-- Text: successes/trials.
SELECT is(literal::rate::text, canonical, rule)
FROM   (VALUES
            ('234/10000',    '234/10000', 'a rate is written as successes/trials'),
            ('0/0',          '0/0',       'a rate can be without data'),
            (E' \n1/2\t ',   '1/2',       'white space around a rate does not matter'),
            ('007/0010',     '7/10',      'leading zeros are not kept'),
            ('0/9223372036854775807', '0/9223372036854775807', 'trials are counted up to 2^63 - 1')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT rate %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',       'nothing is not a rate'),
            ('1',      'one count is not a rate'),
            ('1/2/3',  'three counts are not a rate'),
            ('1/',     'a rate has trials'),
            ('/2',     'a rate has successes'),
            ('1 / 2',  'a rate has no white space inside'),
            ('3/2',    'there cannot be more successes than trials'),
            ('-1/2',   'successes are not negative'),
            ('1/-2',   'trials are not negative'),
            ('+1/2',   'counts have no sign'),
            ('0.5/1',  'successes are counted in whole numbers'),
            ('0/1e3',  'trials are counted in whole numbers'),
            ('50%',    'a percentage is not a rate: of how many?'),
            ('NaN/1',  'NaN is not a count'),
            ('1/2x',   'nothing follows a rate'),
            ('0/9223372036854775808', 'there are no counts beyond 2^63 - 1'),
            ('0/18446744073709551617', 'counts beyond 2^64 do not start over')
       ) AS t (literal, rule);


-- Binary: a version and both counts, big-endian.
SELECT is(rate_send('1/258'), '\x01 0000000000000001 0000000000000102'::bytea,
          'the binary form is a version and two 64-bit counts');
SELECT is(receive(rate '0/0', '\x01 0000000000000001 0000000000000102'), '1/258',
          'a rate is received as it is sent');
SELECT is(pg_column_size(rate '1/2'), 16, 'a rate takes 16 bytes');

SELECT throws_ok(format('SELECT receive(rate ''0/0'', %L)', message), sqlstate, NULL, rule)
FROM   (VALUES
            ('\x02 0000000000000001 0000000000000002'::bytea, '22P03',
             'a later version of the binary form is refused'),
            ('\x00 0000000000000001 0000000000000002',        '22P03',
             'there is no version 0 of the binary form'),
            ('\x01 0000000000000003 0000000000000002',        '22P03',
             'more successes than trials are not received'),
            ('\x01 ffffffffffffffff 0000000000000002',        '22P03',
             'negative successes are not received'),
            ('\x01 8000000000000000 8000000000000000',        '22P03',
             'negative trials are not received'),
            ('\x01 0000000000000001',                         '08P01',
             'a truncated message is refused'),
            ('\x01 0000000000000001 0000000000000002 00',     '22P03',
             'a message that is too long is refused'),
            ('\x',                                            '08P01',
             'an empty message is refused')
       ) AS t (message, sqlstate, rule);


-- Construction and parts.
SELECT is(make_rate(234, 10000), '234/10000', 'make_rate takes successes and trials');
SELECT is(make_rate(0, 0), '0/0', 'a rate can be made of no trials');
SELECT is(make_rate(successes, trials), NULL, 'make_rate of an unknown count is unknown')
FROM   (VALUES (NULL, 10), (1, NULL)) AS t (successes, trials);
SELECT throws_ok(format('SELECT make_rate(%s, %s)', successes, trials), '22023', NULL, rule)
FROM   (VALUES
            (5, 0,   'five of nothing is an error, not a rate'),
            (3, 2,   'make_rate refuses more successes than trials'),
            (-1, 2,  'make_rate refuses negative successes'),
            (0, -2,  'make_rate refuses negative trials')
       ) AS t (successes, trials, rule);

SELECT is(value(rate '234/10000'), 0.0234::float8, 'value is successes / trials');
SELECT is(value(rate '0/5'), 0::float8, 'no success is zero');
SELECT is(value(rate '0/0'), NULL, 'no data is not zero');
SELECT is(value(rate '3/100'), 0.03::float8, 'the quotient is rounded once: 3/100 is 0.03');
SELECT is(successes(rate '234/10000'), 234::bigint, 'successes');
SELECT is(trials(rate '234/10000'), 10000::bigint, 'trials');
SELECT is(sample_size(rate '234/10000'), 10000::bigint, 'the sample of a rate is its trials');

SELECT is(round(rate, digits)::text, rounded, rule)
FROM   (VALUES
            (rate '2/3',  4,  '0.6667', 'round gives as many digits as are asked for'),
            ('1/8',       2,  '0.13',   'a half is rounded up'),
            ('57/200',    2,  '0.29',
             'what is rounded is the exact 0.285, not a double precision just below'),
            ('1/2',       0,  '1',      'rounding to no digits gives a whole number'),
            ('1/1',      -1,  '0',      'rounding can go before the point'),
            ('1/3',      38,  '0.33333333333333333333333333333333333333',
             'rounding goes to 38 digits'),
            ('0/0',       2,  NULL,     'no data is rounded to NULL')
       ) AS t (rate, digits, rounded, rule);
SELECT throws_ok(format('SELECT round(rate ''1/2'', %s)', digits), '22023', NULL,
                 format('there is no rounding to %s digits', digits))
FROM   unnest('{39, -39, 2147483647, -2147483648}'::int[]) AS digits;


-- Aggregates.
CREATE TABLE visit (bought boolean);
INSERT INTO visit VALUES (true), (NULL), (false), (true), (false), (NULL);

SELECT is(rate(bought), '2/4', 'a NULL is not a trial') FROM visit;
SELECT is(rate(bought), '0/0', 'no rows give no data, not NULL') FROM visit WHERE false;
SELECT is(rate(bought), '0/0', 'nothing but NULL gives no data') FROM visit WHERE bought IS NULL;
SELECT is(rate(bought) FILTER (WHERE bought), '2/2', 'FILTER leaves trials out') FROM visit;

CREATE TABLE day (orders bigint, visits bigint);
INSERT INTO day VALUES (200, 10000), (10, 100), (0, 0), (90, 9000), (7, NULL), (NULL, 7);

SELECT is(rate(orders, visits), '300/19100', 'counts pool, and a row with a NULL is left out')
FROM   day;
SELECT is(rate(orders, visits), '0/0', 'no counts give no data') FROM day WHERE false;
SELECT throws_ok(format('SELECT rate(%s, %s)', successes, trials), '22023', NULL, rule)
FROM   (VALUES
            (5, 0,   'five orders without a visit are an error'),
            (3, 2,   'the aggregate refuses more successes than trials'),
            (-1, 2,  'the aggregate refuses negative successes'),
            (-2, -2, 'the aggregate refuses negative trials')
       ) AS t (successes, trials, rule);


-- Pooling.  The four days have the rates 0.02, 0.10, none and 0.01.  Their mean, 0.0433, is not the
-- rate of the shop, which is 300/19100 = 0.0157.
CREATE TABLE daily AS
SELECT make_rate(orders, visits)::conversion_rate AS conversion
FROM   day WHERE orders + visits IS NOT NULL;

SELECT is(rollup(conversion), '300/19100', 'rates pool by their counts') FROM daily;
SELECT is(round(rollup(conversion), 6), 0.015707,
          'the rate of all days is not the mean of the daily rates')
FROM   daily;
SELECT is(array_agg(value(conversion) ORDER BY conversion), '{0.01, 0.02, 0.1, NULL}',
          'a day without visits has no rate')
FROM   daily;
SELECT throws_ok('SELECT avg(conversion) FROM daily', '42883', NULL,
                 'there is no average of rates');
SELECT throws_ok('SELECT sum(conversion) FROM daily', '42883', NULL, 'there is no sum of rates');
SELECT is(rollup(conversion), '0/0', 'nothing rolls up to no data') FROM daily WHERE false;
SELECT is(rollup(NULLIF(conversion, '0/0')), '300/19100', 'rollup leaves NULL out') FROM daily;

SELECT is(rate '1/4' + '2/6', '3/10', '+ pools two samples');
SELECT is(rate '3/10' - '2/6', '1/4', '- takes a sample out again');
SELECT is(rate '3/10' - '3/10', '0/0', 'what is left of a sample without itself is no data');
SELECT is(rate '1/2' + NULL, NULL, 'pooling with the unknown is unknown');
SELECT throws_ok(format('SELECT rate %L - rate %L', a, b), '22023', NULL, rule)
FROM   (VALUES
            ('1/4', '0/5', 'more trials than there are cannot be taken out'),
            ('1/4', '2/3', 'more successes than there are cannot be taken out'),
            ('2/4', '0/3', 'what is left must be a rate')
       ) AS t (a, b, rule);

SELECT throws_ok(statement, '22003', NULL, rule)
FROM   (VALUES
            ('SELECT rate ''0/9223372036854775807'' + ''0/1''',
             'trials beyond 2^63 - 1 are an overflow'),
            ('SELECT rollup(r) FROM unnest(''{0/9223372036854775807, 0/1}''::rate[]) AS r',
             'in rollup, trials beyond 2^63 - 1 are an overflow'),
            ('SELECT rate(0, 9223372036854775807) FROM generate_series(1, 2)',
             'in the aggregate of counts, trials beyond 2^63 - 1 are an overflow'),
            ('SELECT rate_accum(''0/9223372036854775807'', true)',
             'in the aggregate of rows, trials beyond 2^63 - 1 are an overflow')
       ) AS t (statement, rule);


-- Wilson's score interval; the limits were worked out by hand from
-- (p + z²/2n ± z √(p (1 - p)/n + z²/4n²)) / (1 + z²/n) with z = 1.96.
SELECT is(numrange(round(lower(ci), 4), round(upper(ci), 4), '[]'), expected, rule)
FROM   (VALUES
            (rate '3/20',  numrange(0.0524, 0.3604, '[]'),
             'a small sample has a wide interval, which is not symmetric'),
            ('0/20',       '[0.0000, 0.1611]',
             'an event that was not seen may still happen'),
            ('20/20',      '[0.8389, 1.0000]',
             'an event that was always seen may still fail'),
            ('19/20',      '[0.7639, 0.9911]',             'no interval ends above 1'),
            ('300/19100',  '[0.0140, 0.0176]',             'a large sample has a narrow interval'),
            ('1/1',        '[0.2065, 1.0000]',             'one trial says little')
       ) AS t (rate, expected, rule), confidence_interval(rate) AS ci;
SELECT is(confidence_interval(rate '0/0'), NULL, 'without data there is no interval');
SELECT is(confidence_interval(rate '3/20', 0.95), confidence_interval(rate '3/20'),
          'the level of an interval is 0.95 unless it is given');

-- Without a success the upper limit is z² / (n + z²), which gives the z of a level away.
SELECT is(round(sqrt(n * high / (1 - high)), 6), z,
          format('%s of a normal distribution lies within %s standard deviations', level, z))
FROM   (VALUES (0.5, 0.674490), (0.9, 1.644854), (0.95, 1.959964), (0.99, 2.575829),
               (0.999, 3.290527)) AS t (level, z),
       (VALUES (100)) AS sample (n), upper(confidence_interval(make_rate(0, n), level)) AS high;
SELECT throws_ok(format('SELECT confidence_interval(rate ''1/2'', %L)', level), '22023', NULL,
                 format('there is no confidence of %s', level))
FROM   unnest('{0, 1, -0.5, 95, NaN, Infinity}'::float8[]) AS level;


-- The two-proportion z-test.  A half more of 16: the pooled share is 1/2, z =
-- 0.5 / √(1/2 · 1/2 · 2/16) = 2 √2, and p = erfc(z / √2) = erfc(2) = 0.0046777.
SELECT is(round(p_value(a, b)::numeric, 10), p, rule)
FROM   (VALUES
            (rate '4/16', rate '12/16', 0.0046777350,
             'p_value is that of the two-proportion z-test'),
            ('12/16',     '4/16',       0.0046777350, 'p_value is symmetric'),
            ('1/4',       '3/4',        0.1572992071,
             'the same difference in a smaller sample is less certain'),
            ('9/36',      '27/36',      0.0000220905,
             'the same difference in a larger sample is more certain'),
            ('1/4',       '100/400',    1,            'the same share gives a p-value of 1'),
            ('0/10',      '0/20',       1,            'no success at all gives a p-value of 1'),
            ('10/10',     '20/20',      1,            'nothing but successes gives a p-value of 1'),
            ('1/4',       '0/0',        NULL,         'no data in the second sample, no p-value'),
            ('0/0',       '1/4',        NULL,         'no data in the first sample, no p-value')
       ) AS t (a, b, p, rule);


-- From one trial to 2^63 - 1 of them.
CREATE TABLE spread AS
SELECT make_rate(successes, trials) AS rate
FROM   unnest('{1, 2, 3, 10, 1000, 1000000, 9223372036854775807}'::bigint[]) AS trials,
       unnest(ARRAY[0, 1, trials / 2, trials - 1, trials]) AS successes;
SELECT holds('SELECT value(rate)::numeric <@ ci AND ci <@ numrange(0, 1, ''[]'') AS holds, rate,
                     level, ci
              FROM   spread, unnest(''{0.01, 0.5, 0.95, 0.999999}''::float8[]) AS level,
                     confidence_interval(rate, level) AS ci',
             'an interval contains the value and lies within 0 and 1');
SELECT holds('SELECT p_value(a.rate, b.rate) BETWEEN 0 AND 1 AS holds, a, b
              FROM   spread AS a, spread AS b',
             'a p-value lies between 0 and 1');


-- Shares of a number.
SELECT is(rate '1/8' * 100.00, 12.5, 'a rate of a number');
SELECT is(100.00 * rate '1/8', 12.5, 'a number times a rate');
SELECT is(rate '1/3' * 3, 1.0, 'the number is multiplied before it is divided: a third of 3 is 1');
SELECT is(rate '0/0' * 100, NULL, 'without data there is no share');


-- As a plain number.
SELECT is((rate '1/4')::float8, 0.25::float8, 'a rate can be cast to double precision');
SELECT is((rate '1/4')::numeric, 0.25, 'a rate can be cast to numeric');
SELECT is((rate '0/0')::numeric, NULL, 'no data is cast to NULL');
CREATE TABLE plain (r float8, n numeric);
SELECT lives_ok('INSERT INTO plain SELECT conversion, conversion FROM daily',
                'a rate can be stored in a plain column');
SELECT throws_ok('SELECT sqrt(rate ''1/4'')', '42883', NULL,
                 'a rate does not turn into a number by itself');
SELECT is(rate(bought) > 0.4, true, 'HAVING can compare a rate with a number')
FROM   visit HAVING rate(bought) > 0.4;
SELECT is(rate '3/100' = 0.03, true, 'a rate equals its value');
SELECT is(rate '0/0' > 0, NULL, 'whether no data is above a number is not known');


-- Order.
SELECT is(array_agg(r ORDER BY r)::text, '{0/1,0/2,1/3,2/6,1/2,1/1,0/0}',
          'rates are ordered by value, then sample size; no data comes last')
FROM   unnest('{1/2, 0/0, 2/6, 0/2, 1/1, 1/3, 0/1}'::rate[]) AS r;
SELECT is(rate '1/3' = rate '2/6', false, 'the same value of another sample is another rate');
SELECT is(rate '9223372036854775805/9223372036854775806'
          < rate '9223372036854775806/9223372036854775807',
          true,
          'rates are compared exactly, where double precision sees no difference');


-- The names of rates.
CREATE TABLE name (name) AS VALUES
    ('conversion_rate'), ('cart_abandonment_rate'), ('repeat_purchase_rate'), ('retention_rate'),
                                   ('return_rate'), ('on_time_rate');
SELECT domain_type_is('kpi', name, 'kpi', 'rate', name || ' is a domain over rate') FROM name;
SELECT holds(format('SELECT identical(%1$I(bought), rate(bought))
                     AND pg_typeof(%1$I(bought)) = ''rate''::regtype AS holds
                     FROM   visit', name),
             name || ' of booleans is a rate') FROM name;
SELECT holds(format('SELECT identical(%1$I(orders, visits), rate(orders, visits)) AS holds
                     FROM   day', name),
             name || ' of counts is a rate') FROM name;
SELECT is(value(conversion_rate '1/4'), 0.25::float8, 'a named rate has all that a rate has');
SELECT is(conversion_rate '1/4' + conversion_rate '1/4', rate '2/8', 'named rates pool');

SELECT * FROM finish();
ROLLBACK;
