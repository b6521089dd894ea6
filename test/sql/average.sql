\set ECHO none
\i test/setup.psql
SELECT plan(102);


-- Text: total/observations.
SELECT is(literal::average::text, canonical, rule)
FROM   (VALUES
            ('300.5/3',      '300.5/3',   'an average is written as total/observations'),
            ('0/0',          '0/0',       'an average can be without data'),
            ('0/3',          '0/3',       'an average without data is not one with a total of 0'),
            ('-300.5/3',     '-300.5/3',  'a total can be negative'),
            (E'\n300.5/3\t', '300.5/3',   'white space around an average does not matter'),
            ('0300.500/03',  '300.5/3',   'zeros that change nothing are not kept'),
            ('-0.00/3',      '0/3',       'a total of -0 is 0'),
            ('1000/3',       '1000/3',    'zeros before the point are kept'),
            ('99999999999999999999999999999999999999/1', '99999999999999999999999999999999999999/1',
             'a total has up to 38 digits'),
            ('-9999999999.9999999999999999999999999999/1',
             '-9999999999.9999999999999999999999999999/1',
             'a total has up to 38 digits wherever the point is'),
            ('0.00000000000000000000000000000000000001/1',
             '0.00000000000000000000000000000000000001/1',
             'all 38 digits of a total can stand behind the point'),
            ('1/9223372036854775807', '1/9223372036854775807',
             'observations are counted up to 2^63 - 1')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT average %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',         'nothing is not an average'),
            ('100.17',   'a mean is not an average: of how many?'),
            ('300.5/',   'an average has observations'),
            ('/3',       'an average has a total'),
            ('300.5/0',  'nothing has no total'),
            ('300.5/-3', 'observations are not negative'),
            ('300.5/3.0', 'observations are counted in whole numbers'),
            ('300.5/3/1', 'nothing follows an average'),
            ('300.5 / 3', 'an average has no white space inside'),
            ('.5/1',     'a total starts with a digit'),
            ('5./1',     'a total ends with a digit'),
            ('1.2.3/1',  'a total has one point'),
            ('--5/1',    'a total has one sign'),
            ('+5/1',     'the sign of a total is a minus'),
            ('1e3/1',    'a total has no exponent'),
            ('1,000/1',  'a total has no commas'),
            ('NaN/1',    'NaN is not a total'),
            ('Infinity/1', 'infinity is not a total'),
            ('100000000000000000000000000000000000000/1',   'a total has no 39 digits'),
            ('0.000000000000000000000000000000000000001/1',
             'a total has no 39 digits behind the point'),
            ('0/9223372036854775808', 'there are no more observations than 2^63 - 1')
       ) AS t (literal, rule);


-- Binary: a version, the digits of the total as a 128-bit integer, how many of them stand behind
-- the point, and the observations.
SELECT is(average_send('-3.05/258'),
          '\x01 fffffffffffffffffffffffffffffecf 02 0000000000000102'::bytea,
          'the binary form is a version, the digits, the place of the point, and the observations');
SELECT is(receive(average '0/0', '\x01 fffffffffffffffffffffffffffffecf 02 0000000000000102'),
          '-3.05/258', 'an average is received as it is sent');
SELECT is(pg_column_size(average '300.5/3'), 32, 'an average takes 32 bytes');

SELECT throws_ok(format('SELECT receive(average ''0/0'', %L)', message), sqlstate, NULL, rule)
FROM   (VALUES
            ('\x02 00000000000000000000000000000001 00 0000000000000001'::bytea, '22P03',
             'a later version of the binary form is refused'),
            ('\x01 00000000000000000000000000000001 00 0000000000000000',        '22P03',
             'a total of nothing is not received'),
            ('\x01 00000000000000000000000000000001 00 ffffffffffffffff',        '22P03',
             'negative observations are not received'),
            ('\x01 00000000000000000000000000000001 27 0000000000000001',        '22P03',
             '39 digits behind the point are not received'),
            ('\x01 0000000000000000000000000000000a 01 0000000000000001',        '22P03',
             'a zero at the end is not received'),
            ('\x01 4b3b4ca85a86c47a098a224000000000 00 0000000000000001',        '22P03',
             '39 digits are not received'),
            ('\x01 80000000000000000000000000000000 00 0000000000000001',        '22P03',
             '39 digits of a negative total are not received'),
            ('\x01 00000000000000000000000000000001 00',                         '08P01',
             'a truncated message is refused')
       ) AS t (message, sqlstate, rule);


-- Construction and parts.
SELECT is(make_average(3, 300.50), '300.5/3',
          'make_average takes the observations and their total');
SELECT is(make_average(0, 0), '0/0', 'an average can be made of nothing');
SELECT is(make_average(n, total), NULL, 'make_average of something unknown is unknown')
FROM   (VALUES (NULL, 1), (1, NULL)) AS t (n, total);
SELECT throws_ok(format('SELECT make_average(%s)', arguments), sqlstate, NULL, rule)
FROM   (VALUES
            ('-1, 5',           '22023', 'make_average refuses negative observations'),
            ('0, 5',            '22023', 'make_average refuses a total of nothing'),
            ('1, ''NaN''',      '22023', 'make_average refuses NaN'),
            ('1, ''Infinity''', '22023', 'make_average refuses infinity'),
            ('1, 1e38',         '22003', 'make_average refuses 39 digits')
       ) AS t (arguments, sqlstate, rule);

SELECT is(value(average '300.5/2'), 150.25, 'value is total / observations');
SELECT is(value(average '0/3'), 0.0, 'a total of zero has a mean of zero');
SELECT is(value(average '0/0'), NULL, 'no data is not zero');
SELECT is(total(average '300.5/3'), 300.5, 'total');
SELECT is(total(average '0/0'), 0.0, 'no data adds up to 0');
SELECT is(sample_size(average '300.5/3'), 3::bigint,
          'the sample of an average is its observations');

SELECT is(round(average, digits)::text, rounded, rule)
FROM   (VALUES
            (average '2/3',   2, '0.67',  'round gives as many digits as are asked for'),
            ('0.15/1',        1, '0.2',   'a half is rounded away from zero'),
            ('-0.15/1',       1, '-0.2',  'a half is rounded away from zero below it, too'),
            ('1.0049999999999999999999999999/1', 2, '1.00', 'what is rounded is the exact mean'),
            ('550/1',        -2, '600',   'rounding can go before the point'),
            ('1/3',          38, '0.33333333333333333333333333333333333333',
             'rounding goes to 38 digits'),
            ('0/0',           2, NULL,    'no data is rounded to NULL')
       ) AS t (average, digits, rounded, rule);


-- Aggregates.  Four days of orders: the mean order value is 34000 / 300 = 113.33; the mean of the
-- daily means is 100.
CREATE TABLE day (orders bigint, revenue numeric);
INSERT INTO day VALUES (200, 20000), (10, 500.00), (0, 0), (90, 13500);

SELECT is(rollup(make_average(orders, revenue)), '34000/300',
          'averages pool by total and observations')
FROM   day;
SELECT is(round(rollup(make_average(orders, revenue)), 2), 113.33,
          'the mean of all days is not the mean of the daily means')
FROM   day;
SELECT is(value(make_average(orders, revenue)), NULL, 'a day without orders has no mean')
FROM   day WHERE orders = 0;
SELECT throws_ok('SELECT avg(make_average(orders, revenue)) FROM day', '42883', NULL,
                 'there is no average of averages');
SELECT throws_ok('SELECT sum(make_average(orders, revenue)) FROM day', '42883', NULL,
                 'there is no sum of averages');

SELECT is(average(x), '3/2', 'a NULL is not an observation')
FROM   unnest('{1, NULL, 2.00, NULL}'::numeric[]) AS x;
SELECT is(average(x), '0/0', 'no rows give no data, not NULL') FROM unnest('{}'::numeric[]) AS x;
SELECT is(average(x), '0/2', 'zeros are observations') FROM unnest('{0, 0.00}'::numeric[]) AS x;
SELECT is(average(x), '6/3', 'whole numbers are averaged, too') FROM generate_series(1, 3) AS x;
SELECT is(aov(x), average(x), 'aov is the average of order values') FROM generate_series(1, 3) AS x;
SELECT is(rollup(a), '3.5/3', 'rollup pools, and leaves NULL out')
FROM   unnest('{1.5/1, NULL, 0/0, 2/2}'::average[]) AS a;
SELECT is(rollup(a), '0/0', 'nothing rolls up to no data') FROM unnest('{}'::average[]) AS a;

SELECT throws_ok(format('SELECT average(numeric %L)', x), sqlstate, NULL, rule)
FROM   (VALUES
            ('NaN',        '22023', 'the aggregate refuses NaN'),
            ('Infinity',   '22023', 'the aggregate refuses infinity'),
            ('-Infinity',  '22023', 'the aggregate refuses minus infinity'),
            ('1e38',       '22003', 'the aggregate refuses 39 digits'),
            ('1e-39',      '22003', 'the aggregate refuses 39 digits behind the point'),
            ('1e100',      '22003', 'the aggregate refuses 101 digits'),
            ('1e20'::numeric + '1e-20', '22003',
             'digits before and behind the point count together')
       ) AS t (x, sqlstate, rule);
SELECT throws_ok(statement, '22003', NULL, rule)
FROM   (VALUES
            ('SELECT average ''99999999999999999999999999999999999999/1'' + ''1/1''',
             'a total beyond 38 digits is an overflow'),
            ('SELECT average ''-99999999999999999999999999999999999999/1'' + ''-1/1''',
             'a negative total beyond 38 digits is an overflow'),
            ('SELECT average ''99999999999999999999999999999999999999/1'' + ''0.1/1''',
             'a total that would have to be rounded is an overflow'),
            ('SELECT average(x) FROM unnest(''{5e37, 5e37}''::numeric[]) AS x',
             'in the aggregate, a total beyond 38 digits is an overflow'),
            ('SELECT average(x) FROM unnest(''{1e19, 1e-19}''::numeric[]) AS x',
             'in the aggregate, a total that would have to be rounded is an overflow'),
            ('SELECT average ''0/9223372036854775807'' + ''0/1''',
             'more than 2^63 - 1 observations are an overflow'),
            ('SELECT average_accum(''0/9223372036854775807'', 0)',
             'in the aggregate, more than 2^63 - 1 observations are an overflow')
       ) AS t (statement, rule);
SELECT is(average(x)::text, '99999999999999999999999999999999999999/3',
          'zeros behind the point take no room that digits need')
FROM   unnest('{0.5, 0.50, 99999999999999999999999999999999999998.00}'::numeric[]) AS x;

SELECT is(average '1.5/1' + '2.25/2', '3.75/3', '+ pools two samples');
SELECT is((average '3.75/3' - '2.25/2')::text, '1.5/1', '- takes a sample out again');
SELECT is((average '3.75/3' - '3.75/3')::text, '0/0',
          'what is left of a sample without itself is no data');
SELECT throws_ok(format('SELECT average ''3/2'' - %L', other), '22023', NULL, rule)
FROM   (VALUES
            ('3/3', 'more observations than there are cannot be taken out'),
            ('2/2', 'nothing cannot have a total left')
       ) AS t (other, rule);


-- Whatever numerics are added up, the total is that of sum().  They have up to 38 digits, many of
-- them zeros, and the point before, among or behind them.
CREATE TABLE amount AS
SELECT id, (sign || left(digits, point) || '.' || substr(digits, point + 1))::numeric AS amount
FROM   (SELECT *, any_of(0, length(digits))::int AS point
        FROM   (SELECT id, CASE WHEN random() < 0.5 THEN '-' ELSE '' END AS sign,
                       left(translate(md5(random()::text) || md5(random()::text), 'abcdef',
                                      '000000'),
                            any_of(1, 38)::int) AS digits
                FROM   generate_series(1, 20000) AS id OFFSET 0) AS d OFFSET 0) AS p;
INSERT INTO amount
SELECT -id, (sign || literal)::numeric
FROM   unnest('{1e37, 1e-38, 9e37, 0, 0.00, 1, 10, 100, 1000, 10000, 100000, 1e8, 1e16, 1e20, 9999,
                99999999, 0.1, 0.0001, 0.00010, 0.00001, 1e-16, 12345678.87654321, 10000.0001, 1.50,
                120.00, 99999999999999999999999999999999999999}'::text[])
       WITH ORDINALITY AS t (literal, id), unnest('{+,-}'::text[]) AS sign;

SELECT holds('SELECT total(average(amount)) = amount AS holds, amount
              FROM   amount GROUP BY id, amount',
             'the average of one numeric keeps it exactly');
SELECT holds('SELECT total(average(part)) = sum(part)
              AND sample_size(average(part)) = count(*) AS holds, day
              FROM   (SELECT any_of(1, 3000) AS day, trunc(amount, 18) % 1e18 AS part
                      FROM   amount) AS t
              GROUP  BY day',
             'the total of many is that of sum()');

-- In order, however little two means differ: totals of up to 38 digits that are in proportion to
-- the observations, but for the last digit.
CREATE TABLE mean AS
SELECT a, b,
       sign((total(a)::numeric(80, 38) * sample_size(b)
             - total(b)::numeric(80, 38) * sample_size(a)))::int AS expected
FROM   (SELECT make_average(n, (n * unit + any_of(-1, 1)) * 10::numeric ^ -scale) AS a,
               make_average(m, m * unit * 10::numeric ^ -scale) AS b
        FROM   (SELECT any_of(1, 1000) AS n, any_of(1, 1000) AS m, any_of(0, 20)::int AS scale,
                       trunc((random() - 0.5)::numeric * 10::numeric ^ any_of(1, 34)) AS unit
                       FROM   generate_series(1, 5000)) AS r) AS t;
SELECT is(array_agg(DISTINCT expected ORDER BY expected), '{-1, 0, 1}',
          'means can differ in the last of 38 digits')
FROM   mean;
SELECT holds('SELECT CASE WHEN expected = 0
                          THEN (a < b) = (sample_size(a) < sample_size(b)) OR a = b
                          ELSE sign(average_cmp(a, b)) = expected AND (a < b) = (expected < 0)
                               AND (b < a) = (expected > 0) END AS holds, *
              FROM   mean',
             'means are ordered by the last of 38 digits');

SELECT * FROM finish();
ROLLBACK;
