\set ECHO none
\i test/setup.psql
SELECT plan(107);


-- Text: numerator/denominator/observations.
SELECT is(literal::ratio::text, canonical, rule)
FROM   (VALUES
            ('310.25/1240.5/42', '310.25/1240.5/42',
             'a ratio is written as numerator/denominator/observations'),
            ('0/0/0',            '0/0/0',            'a ratio can be without data'),
            ('0/0/3',            '0/0/3',
             'a ratio without data is not one with sums of 0'),
            ('5/0/3',            '5/0/3',            'a denominator can be 0'),
            ('-5/-7.5/3',        '-5/-7.5/3',        'both sums can be negative'),
            (E'\n1/2/3\t',       '1/2/3',            'white space around a ratio does not matter'),
            ('01.50/02.00/03',   '1.5/2/3',          'zeros that change nothing are not kept'),
            ('-0.00/-0/3',       '0/0/3',            'a sum of -0 is 0'),
            ('2/4/3',            '2/4/3',            'a ratio is not reduced: both sums are kept'),
            ('99999999999999999999999999999999999999/-0.00000000000000000000000000000000000001/1',
             '99999999999999999999999999999999999999/-0.00000000000000000000000000000000000001/1',
             'a sum has up to 38 digits, before or behind the point'),
            ('1/1/9223372036854775807', '1/1/9223372036854775807',
             'observations are counted up to 2^63 - 1')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT ratio %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',         'nothing is not a ratio'),
            ('0.25',     'a quotient is not a ratio: of what?'),
            ('1/2',      'two sums are not a ratio: of how many?'),
            ('/2/3',     'a ratio has a numerator'),
            ('1//3',     'a ratio has a denominator'),
            ('1/2/',     'a ratio has observations'),
            ('1/0/0',    'nothing has no numerator'),
            ('0/1/0',    'nothing has no denominator'),
            ('1/2/-3',   'observations are not negative'),
            ('1/2/3.0',  'observations are counted in whole numbers'),
            ('1/2/3/4',  'nothing follows a ratio'),
            ('1/2 /3',   'a ratio has no white space inside'),
            ('1/.5/3',   'a sum starts with a digit'),
            ('1/NaN/3',  'NaN is not a sum'),
            ('1/100000000000000000000000000000000000000/1', 'a sum has no 39 digits'),
            ('1/1/9223372036854775808', 'there are no more observations than 2^63 - 1')
       ) AS t (literal, rule);


-- Binary: a version; for each sum its digits as a 128-bit integer and how many of them stand
-- behind the point; the observations.
CREATE VIEW message AS
SELECT ('\x01' || 'fffffffffffffffffffffffffffffecf 02' || '00000000000000000000000000000007 00'
        || '0000000000000102')::bytea AS message;
SELECT is(ratio_send('-3.05/7/258'), message,
          'the binary form is a version, both sums with their scales, and the observations')
FROM   message;
SELECT is(receive(ratio '0/0/0', message), '-3.05/7/258', 'a ratio is received as it is sent')
FROM   message;
SELECT is(pg_column_size(ratio '1/2/3'), 56, 'a ratio takes 56 bytes');

SELECT throws_ok(format('SELECT receive(ratio ''0/0/0'', %L)', (start || sums || n)::bytea),
                 sqlstate, NULL, rule)
FROM   (VALUES
            ('\x02', '{1,1}', '0000000000000001', '22P03',
             'a later version of the form is refused'),
            ('\x01', '{1,0}', '0000000000000000', '22P03',
             'a numerator of nothing is not received'),
            ('\x01', '{0,1}', '0000000000000000', '22P03',
             'a denominator of nothing is not received'),
            ('\x01', '{1,1}', 'ffffffffffffffff', '22P03',
             'negative observations are not received'),
            ('\x01', '{1,fine}', '0000000000000001', '22P03',
             '39 digits behind the point are not received'),
            ('\x01', '{zero,1}', '0000000000000001', '22P03', 'a zero at the end is not received'),
            ('\x01', '{1,long}', '0000000000000001', '22P03', '39 digits are not received'),
            ('\x01', '{1,1}', '', '08P01', 'a truncated message is refused')
       ) AS t (start, names, n, sqlstate, rule),
       LATERAL (SELECT string_agg(digits, '' ORDER BY i) AS sums
                FROM   unnest(names::text[]) WITH ORDINALITY AS s (name, i) JOIN (VALUES
                            ('0',    '00000000000000000000000000000000 00'),
                            ('1',    '00000000000000000000000000000001 00'),
                            ('zero', '0000000000000000000000000000000a 01'),
                            ('fine', '00000000000000000000000000000001 27'),
                            ('long', '4b3b4ca85a86c47a098a224000000000 00')
                       ) AS d (name, digits) USING (name)) AS j;


-- Construction and parts.
SELECT is(make_ratio(42, 310.250, 1240.50), '310.25/1240.5/42',
          'make_ratio takes the observations and both sums');
SELECT is(make_ratio(0, 0, 0), '0/0/0', 'a ratio can be made of nothing');
SELECT is(make_ratio(n, a, b), NULL, 'make_ratio of something unknown is unknown')
FROM   (VALUES (NULL, 1, 1), (1, NULL, 1), (1, 1, NULL)) AS t (n, a, b);
SELECT throws_ok(format('SELECT make_ratio(%s)', arguments), sqlstate, NULL, rule)
FROM   (VALUES
            ('-1, 5, 5',           '22023', 'make_ratio refuses negative observations'),
            ('0, 5, 0',            '22023', 'make_ratio refuses a numerator of nothing'),
            ('0, 0, 5',            '22023', 'make_ratio refuses a denominator of nothing'),
            ('1, ''NaN'', 1',      '22023', 'make_ratio refuses NaN'),
            ('1, 1, ''Infinity''', '22023', 'make_ratio refuses infinity'),
            ('1, 1, 1e38',         '22003', 'make_ratio refuses 39 digits')
       ) AS t (arguments, sqlstate, rule);

SELECT is(value(ratio '1/4/3'), 0.25,
          'value is numerator / denominator, however many observations');
SELECT is(value(ratio '-1/-4/3'), 0.25, 'value of two negative sums is positive');
SELECT is(value(ratio '1/-4/3'), -0.25, 'value is negative if one sum is');
SELECT is(value(ratio '0/4/3'), 0.0, 'nothing of something is 0');
SELECT is(value(ratio '5/0/3'), NULL, 'nothing can be divided by 0');
SELECT is(value(ratio '0/0/3'), NULL, '0 cannot be divided by 0');
SELECT is(value(ratio '0/0/0'), NULL, 'no data is not zero');
SELECT is(numerator(ratio '310.25/1240.5/42'), 310.25, 'numerator');
SELECT is(denominator(ratio '310.25/1240.5/42'), 1240.5, 'denominator');
SELECT is((numerator(none), denominator(none)), (0.0, 0.0), 'no data adds up to 0')
FROM   (SELECT ratio '0/0/0') AS t (none);
SELECT is(sample_size(ratio '310.25/1240.5/42'), 42::bigint,
          'the sample of a ratio is its observations');
SELECT is(sample_size(ratio '5/0/3'), 3::bigint,
          'the sample is known also where there is no value');

SELECT is(round(ratio, digits)::text, rounded, rule)
FROM   (VALUES
            (ratio '2/3/9',  2, '0.67',  'round gives as many digits as are asked for'),
            ('3/20/9',       1, '0.2',   'a half is rounded away from zero'),
            ('-3/20/9',      1, '-0.2',  'a half is rounded away from zero below it, too'),
            ('3/-20/9',      1, '-0.2',
             'a half is rounded away from zero whichever sum is negative'),
            ('1.0049999999999999999999999999/1/9', 2, '1.00',
             'what is rounded is the exact quotient'),
            ('5500/10/9',   -2, '600',   'rounding can go before the point'),
            ('5/0/9',        2, NULL,    'what cannot be divided is rounded to NULL'),
            ('0/0/0',        2, NULL,    'no data is rounded to NULL')
       ) AS t (ratio, digits, rounded, rule);


-- Three months of sales and their cost: the margin of all is 1 - 2080 / 2600 = 20 %; the mean of
-- the monthly margins is 44 %.
CREATE TABLE month (lines bigint, sales numeric, cost numeric);
INSERT INTO month VALUES (50, 500, 300.00), (4, 100, 20), (200, 2000.00, 1760), (0, 0, 0);

SELECT is(rollup(make_ratio(lines, sales - cost, sales)), '520/2600/254',
          'ratios pool by both sums and observations')
FROM   month;
SELECT is(round(rollup(make_ratio(lines, sales - cost, sales)), 2), 0.20,
          'the margin of all months is that of their sums')
FROM   month;
SELECT is(round(avg(value(make_ratio(lines, sales - cost, sales))), 2), 0.44,
          'the mean of the monthly margins is another number')
FROM   month;
SELECT is(value(make_ratio(lines, sales - cost, sales)), NULL,
          'a month without sales has no margin')
FROM   month WHERE lines = 0;
SELECT throws_ok('SELECT avg(make_ratio(lines, sales - cost, sales)) FROM month', '42883', NULL,
                 'there is no average of ratios');
SELECT throws_ok('SELECT sum(make_ratio(lines, sales - cost, sales)) FROM month', '42883', NULL,
                 'there is no sum of ratios');

-- Each row is an observation, if both its amounts are known.
CREATE TABLE line (cost numeric, sales numeric);
INSERT INTO line VALUES
    (3, 4), (NULL, 10), (1.50, 2), (5, NULL), (NULL, NULL), (0, 0), (1, 0), (-1, -2);

SELECT is(ratio(cost, sales), '4.5/4/5',
          'a row where either amount is NULL is left out of both sums')
FROM   line;
SELECT ok(identical(ratio(x, y), '3/2/2'), 'zeros that sums end with are not kept')
FROM   (VALUES (1.25, 0.75), (1.75, 1.25)) AS t (x, y);
SELECT is(ratio(cost, sales), '0/0/0', 'no rows give no data, not NULL') FROM line WHERE false;
SELECT is(ratio(cost, sales), '0/0/0', 'rows without known amounts give no data, not NULL')
FROM   line WHERE cost IS NULL OR sales IS NULL;
SELECT is(ratio(cost, sales), '1/0/2', 'zeros are amounts') FROM line WHERE sales = 0;
SELECT is(ratio(x, 2 * x), '6/12/3', 'whole numbers are summed, too')
FROM   generate_series(1, 3) AS x;
SELECT is(ratio(score * weight, weight), '23/6/3',
          'a weighted mean is the ratio of the weighted sum to the weights')
FROM   (VALUES (5, 1), (3, 3), (4.5, 2)) AS t (score, weight);
SELECT is(rollup(r), '3.5/7/4', 'rollup pools, and leaves NULL out')
FROM   unnest('{1.5/3/1,NULL,0/0/0,2/4/3}'::ratio[]) AS r;
SELECT is(rollup(r), '0/0/0', 'nothing rolls up to no data') FROM unnest('{}'::ratio[]) AS r;

SELECT is(ratio '1.5/3/1' + '2.25/-4/2', '3.75/-1/3', '+ pools two samples');
SELECT is((ratio '3.75/-1/3' - '2.25/-4/2')::text, '1.5/3/1', '- takes a sample out again');
SELECT is((ratio '3.75/7/3' - '3.75/7/3')::text, '0/0/0',
          'what is left of a sample without itself is no data');
SELECT throws_ok(format('SELECT ratio ''3/4/2'' - %L', other), '22023', NULL, rule)
FROM   (VALUES
            ('3/4/3', 'more observations than there are cannot be taken out'),
            ('2/4/2', 'nothing cannot have a numerator left'),
            ('3/3/2', 'nothing cannot have a denominator left')
       ) AS t (other, rule);

SELECT throws_ok(format('SELECT ratio(%s)', amounts), sqlstate, NULL, rule)
FROM   (VALUES
            ('numeric ''NaN'', 1',           '22023', 'the aggregate refuses NaN'),
            ('1, numeric ''NaN''',           '22023', 'the aggregate refuses NaN as a denominator'),
            ('1, numeric ''-Infinity''',     '22023', 'the aggregate refuses infinity'),
            ('1e38, 1',                      '22003', 'the aggregate refuses 39 digits'),
            ('1, 1e-39',                     '22003',
             'the aggregate refuses 39 digits behind the point')
       ) AS t (amounts, sqlstate, rule);
SELECT throws_ok(statement, '22003', NULL, rule)
FROM   (VALUES
            ('SELECT ratio ''99999999999999999999999999999999999999/1/1'' + ''1/1/1''',
             'a numerator beyond 38 digits is an overflow'),
            ('SELECT ratio ''1/-99999999999999999999999999999999999999/1'' + ''1/-1/1''',
             'a denominator beyond 38 digits is an overflow'),
            ('SELECT ratio(x, 1) FROM unnest(''{1e19, 1e-19}''::numeric[]) AS x',
             'a sum that would have to be rounded is an overflow'),
            ('SELECT ratio ''0/0/9223372036854775807'' + ''0/0/1''',
             'more than 2^63 - 1 observations are an overflow'),
            ('SELECT ratio_accum(''0/0/9223372036854775807'', 0, 0)',
             'in the aggregate, more than 2^63 - 1 observations are an overflow')
       ) AS t (statement, rule);


-- Order: by value, then observations; what has no value comes last.
SELECT is(array_agg(r ORDER BY r), '{1/-2/9,0/5/1,1/3/1,2/6/2,-1/-2/1,2/1/1,0/0/0,7/0/1,0/0/3}',
          'ratios are ordered by value, then observations; those that cannot be divided come last')
FROM   unnest('{0/0/3,2/1/1,2/6/2,-1/-2/1,7/0/1,0/0/0,1/3/1,0/5/1,1/-2/9}'::ratio[]) AS r;
SELECT ok(ratio '1/3/1' <> '2/6/1', 'equal quotients of other sums are other samples');
SELECT is(array_agg(r ORDER BY r), '{5/0/1}',
          'HAVING can compare the value with a number, which what has none does not meet')
FROM   unnest('{5/0/1,1/3/1}'::ratio[]) AS r WHERE (r > 0.5) IS NOT FALSE;

-- However little two quotients differ: sums of up to 38 digits in proportion, but for the last one.
CREATE TABLE pair AS
SELECT a, b, sign(numerator(a)::numeric(80, 0) * denominator(b)
                  - numerator(b)::numeric(80, 0) * denominator(a))::int AS expected
FROM   (SELECT any_of(1, 999) AS n, any_of(1, 999) AS m,
               trunc((random() - 0.5)::numeric * 10::numeric ^ any_of(1, 34)) AS over,
               1 + trunc(random()::numeric * 10::numeric ^ any_of(1, 34)) AS under
        FROM   generate_series(1, 5000)) AS r,
       LATERAL (SELECT make_ratio(any_of(1, 9), n * over + any_of(-1, 1), n * under) AS a,
                       make_ratio(any_of(1, 9), m * over, m * under) AS b) AS made;
SELECT is(array_agg(DISTINCT expected ORDER BY expected), '{-1, 0, 1}',
          'quotients can differ in the last of 38 digits')
FROM   pair;
SELECT holds($$
    SELECT CASE WHEN expected <> 0
                THEN (sign(ratio_cmp(a, b)), a < b, b < a) = (expected, expected < 0, expected > 0)
                WHEN sample_size(a) <> sample_size(b)
                THEN (a < b) = (sample_size(a) < sample_size(b))
                ELSE (a = b) = identical(a, b) END AS holds, *
    FROM   pair $$, 'ratios are ordered by the last of 38 digits');


-- The sums are those of sum(), of every size and sign.
CREATE TABLE amount AS
SELECT any_of(1, 3000) AS day, round(a, any_of(0, 16)::int) AS a,
       maybe(round(b, any_of(0, 16)::int)) AS b
FROM   (SELECT (random() - 0.5)::numeric * 10::numeric ^ any_of(0, 18) AS a,
               (random() - 0.5)::numeric * 10::numeric ^ any_of(0, 18) AS b
        FROM   generate_series(1, 20000) OFFSET 0) AS r;
SELECT holds($$
    SELECT (numerator(r), denominator(r), sample_size(r)) = (a, b, n)
           AND value(r) IS NOT DISTINCT FROM trim_scale(a) / nullif(trim_scale(b), 0) AS holds, *
    FROM   (SELECT ratio(a, b) AS r, coalesce(sum(a) FILTER (WHERE b IS NOT NULL), 0) AS a,
                   coalesce(sum(b), 0) AS b, count(b) AS n
            FROM   amount GROUP BY day) AS t $$,
    'a ratio keeps the sums that sum() gives, and divides them');

-- The hint for a column of text, which without a cast is read as literals.
SELECT throws_like('SELECT ratio(''x''::text)', '%invalid input syntax for type ratio: "x"%',
                   'text is not summed');

SELECT * FROM finish();
ROLLBACK;
