\set ECHO none
\i test/setup.psql
SELECT plan(102);


-- Text: promoters/passives/detractors.
SELECT is(literal::nps::text, canonical, rule)
FROM   (VALUES
            ('62/20/18',         '62/20/18', 'an nps is written as promoters/passives/detractors'),
            ('0/0/0',            '0/0/0',    'an nps can be without data'),
            (E'\n 62/20/18 \t',  '62/20/18', 'white space around an nps does not matter'),
            ('062/0020/00',      '62/20/0',  'leading zeros are not kept'),
            ('9223372036854775807/0/0', '9223372036854775807/0/0',
             'answers are counted up to 2^63 - 1')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT nps %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',            'nothing is not an nps'),
            ('44',          'a score is not an nps: of how many answers?'),
            ('62/20',       'two counts are not an nps'),
            ('62/20/18/0',  'four counts are not an nps'),
            ('62//18',      'no count can be missing'),
            ('62/20/-18',   'counts are not negative'),
            ('62 /20/18',   'an nps has no white space inside'),
            ('6.2/20/18',   'answers are counted in whole numbers'),
            ('9223372036854775807/1/0', 'there are no more answers than 2^63 - 1')
       ) AS t (literal, rule);


-- Binary: a version and the three counts, big-endian.
SELECT is(nps_send('1/2/258'), '\x01 0000000000000001 0000000000000002 0000000000000102'::bytea,
          'the binary form is a version and three 64-bit counts');
SELECT is(receive(nps '0/0/0', '\x01 0000000000000001 0000000000000002 0000000000000102'),
          '1/2/258', 'an nps is received as it is sent');
SELECT is(pg_column_size(nps '1/2/3'), 24, 'an nps takes 24 bytes');

SELECT throws_ok(format('SELECT receive(nps ''0/0/0'', %L)', message), sqlstate, NULL, rule)
FROM   (VALUES
            ('\x02 0000000000000001 0000000000000002 0000000000000003'::bytea, '22P03',
             'a later version of the binary form is refused'),
            ('\x01 ffffffffffffffff 0000000000000002 0000000000000003',        '22P03',
             'negative counts are not received'),
            ('\x01 7fffffffffffffff 0000000000000001 0000000000000000',        '22P03',
             'more than 2^63 - 1 answers are not received'),
            ('\x01 0000000000000001 0000000000000002',                         '08P01',
             'a truncated message is refused')
       ) AS t (message, sqlstate, rule);


-- Construction and parts.
SELECT is(make_nps(62, 20, 18), '62/20/18', 'make_nps takes promoters, passives and detractors');
SELECT is(make_nps(0, 0, 0), '0/0/0', 'an nps can be made of no answers');
SELECT is(make_nps(62, NULL, 18), NULL, 'make_nps of an unknown count is unknown');
SELECT throws_ok(format('SELECT make_nps(%s)', counts), '22023', NULL, rule)
FROM   (VALUES
            ('-1, 2, 3', 'make_nps refuses negative promoters'),
            ('1, -2, 3', 'make_nps refuses negative passives'),
            ('1, 2, -3', 'make_nps refuses negative detractors'),
            ('9223372036854775807, 1, 0', 'make_nps refuses more than 2^63 - 1 answers')
       ) AS t (counts, rule);

SELECT is(promoters(nps '62/20/18'), 62::bigint, 'promoters');
SELECT is(passives(nps '62/20/18'), 20::bigint, 'passives');
SELECT is(detractors(nps '62/20/18'), 18::bigint, 'detractors');
SELECT is(responses(nps '62/20/18'), 100::bigint,
          'responses are promoters, passives and detractors');
SELECT is(sample_size(nps '62/20/18'), 100::bigint, 'the sample of an nps is its responses');

SELECT is(value(nps), score::float8, rule)
FROM   (VALUES
            (nps '62/20/18', 44,   'value is 100 (promoters - detractors) / responses'),
            ('5/0/0',        100,  'nothing but promoters is 100'),
            ('0/0/5',        -100, 'nothing but detractors is -100'),
            ('0/5/0',        0,    'nothing but passives is 0'),
            ('1/98/0',       100 / 99.0, 'passives are answers, too'),
            ('0/0/0',        NULL, 'no data is not zero')
       ) AS t (nps, score, rule);

-- 2 promoters, 3 passives and 1 detractor: 100 (2 - 1) / 6 = 16.67.  Rounded shares would give
-- 33 - 17 = 16.
SELECT is(round(nps, digits), rounded, rule)
FROM   (VALUES
            (nps '2/3/1',  2,  16.67, 'round gives as many digits as are asked for'),
            ('2/3/1',      0,  17,
             'the score is rounded, not the shares it is the difference of'),
            ('1/7/0',      0,  13,    'a half is rounded away from zero: 12.5 to 13'),
            ('0/7/1',      0,  -13,
             'a half is rounded away from zero below it, too: -12.5 to -13'),
            ('45/55/0',   -1,  50,    'rounding can go before the point: 45 to 50'),
            ('0/55/45',   -1,  -50,
             'rounding can go before the point below zero, too: -45 to -50'),
            ('0/0/0',      0,  NULL,  'no data is rounded to NULL')
       ) AS t (nps, digits, rounded, rule);


-- Aggregates.
SELECT is(nps(score), '2/2/7', 'promoters gave 9 or 10, passives 7 or 8, detractors 0 to 6')
FROM   generate_series(0, 10) AS score;
SELECT is(nps(score, 5, 8), '3/2/6', 'promoters and detractors can have other cut-offs')
FROM   generate_series(0, 10) AS score;
SELECT is(nps(score, 0, 10), '1/9/1', 'only the ends of the scale can count')
FROM   generate_series(0, 10) AS score;
SELECT is(nps(score, 6, 7), '4/0/7', 'nobody needs to be passive')
FROM   generate_series(0, 10) AS score;
SELECT is(nps(score), '1/0/1', 'a NULL is not an answer')
FROM   unnest('{10, NULL, 0, NULL}'::int[]) AS score;
SELECT is(nps(score, max, 9), '1/0/0', 'an answer to unknown cut-offs is left out')
FROM   (VALUES (10, 6), (10, NULL)) AS t (score, max);
SELECT is(nps(score), '0/0/0', 'no rows give no data, not NULL') FROM unnest('{}'::int[]) AS score;

SELECT throws_ok(format('SELECT nps(%s)', arguments), '22023', NULL, rule)
FROM   (VALUES
            ('11',       'a score of 11 is off the scale'),
            ('-1',       'a score of -1 is off the scale'),
            ('99',       'codes such as 99 are not scores'),
            ('11, 6, 9', 'other cut-offs do not extend the scale'),
            ('5, 9, 9',  'nobody is detractor and promoter'),
            ('5, -1, 9', 'someone must be able to be a detractor'),
            ('5, 6, 11', 'someone must be able to be a promoter')
       ) AS t (arguments, rule);


-- Pooling.
SELECT is(nps '62/20/18' + '1/2/3', '63/22/21', '+ pools two samples');
SELECT is(nps '63/22/21' - '1/2/3', '62/20/18', '- takes a sample out again');
SELECT is(nps '1/2/3' - '1/2/3', '0/0/0', 'what is left of a sample without itself is no data');
SELECT throws_ok(format('SELECT nps ''5/5/5'' - %L', other), '22023', NULL, rule)
FROM   (VALUES
            ('6/0/0', 'more promoters than there are cannot be taken out'),
            ('0/6/0', 'more passives than there are cannot be taken out'),
            ('0/0/6', 'more detractors than there are cannot be taken out')
       ) AS t (other, rule);
SELECT is(rollup(n), '3/5/7', 'rollup pools, and leaves NULL out')
FROM   unnest('{1/2/3, NULL, 0/0/0, 2/3/4}'::nps[]) AS n;
SELECT is(rollup(n), '0/0/0', 'nothing rolls up to no data') FROM unnest('{}'::nps[]) AS n;
SELECT throws_ok('SELECT avg(n) FROM unnest(''{1/2/3}''::nps[]) AS n', '42883', NULL,
                 'there is no average of scores');
SELECT throws_ok('SELECT sum(n) FROM unnest(''{1/2/3}''::nps[]) AS n', '42883', NULL,
                 'there is no sum of scores');

SELECT throws_ok(statement, '22003', NULL, rule)
FROM   (VALUES
            ('SELECT nps ''9223372036854775807/0/0'' + ''1/0/0''',
             'promoters beyond 2^63 - 1 are an overflow'),
            ('SELECT nps ''9223372036854775807/0/0'' + ''0/0/1''',
             'more than 2^63 - 1 answers are an overflow'),
            ('SELECT rollup(n) FROM unnest(''{9223372036854775807/0/0, 0/1/0}''::nps[]) AS n',
             'in rollup, more than 2^63 - 1 answers are an overflow'),
            ('SELECT nps_accum(''1/9223372036854775806/0'', 5)',
             'in the aggregate, more than 2^63 - 1 answers are an overflow')
       ) AS t (statement, rule);


-- The normal interval.  An answer is worth 1, 0 or -1, so for 62/20/18 of 100 its variance is
-- 0.62 + 0.18 - 0.44² = 0.6064, and the margin 1.96 √(0.6064 / 100) = 15.3 points.
SELECT is(numrange(round(lower(ci), 1), round(upper(ci), 1), '[]'), expected, rule)
FROM   (VALUES
            (nps '62/20/18', numrange(28.7, 59.3, '[]'), '100 answers tell a score to 15.3 points'),
            ('248/80/72',    '[36.4, 51.6]',             '400 answers tell a score to 7.6 points'),
            ('25/8/7',       '[21.0, 69.0]',             '40 answers tell a score to 24 points'),
            ('20/1/0',       '[86.1, 100]',              'no interval ends above 100'),
            ('0/1/20',       '[-100, -86.1]',            'no interval starts below -100'),
            ('9/0/0',        '[100, 100]',
             'where no answers differ, the interval is one point')
       ) AS t (nps, expected, rule), confidence_interval(nps) AS ci;
SELECT is(round((upper(confidence_interval(nps '62/20/18', 0.99)) - 44)
                / (upper(confidence_interval(nps '62/20/18')) - 44),
                4),
          1.3142, 'a higher level makes an interval wider: 2.5758 / 1.9600 times for 0.99');
SELECT is(confidence_interval(nps '0/0/0'), NULL, 'without data there is no interval');
SELECT throws_ok(format('SELECT confidence_interval(nps ''62/20/18'', %L)', level), '22023', NULL,
                 format('there is no confidence of %s', level))
FROM   unnest('{0, 1, 95, NaN}'::float8[]) AS level;

-- The z-test for two means, with the variance of both samples together, as there is only one if the
-- scores are the same.  3/9/0 and 0/9/3 of 12 have the means ±0.25, and together an answer has the
-- variance 0.25, hence z = 0.5 / √(2 · 0.25 / 12) = √6 and p = erfc(√3) = 0.0143059.
SELECT is(round(p_value(a, b)::numeric, 10), p, rule)
FROM   (VALUES
            (nps '3/9/0', nps '0/9/3',  0.0143058784,
             'p_value is that of the z-test for two means'),
            ('0/9/3',     '3/9/0',      0.0143058784, 'p_value is symmetric'),
            ('62/20/18',  '50/30/20',   0.2061252505, 'a hundred answers do not tell 44 from 30'),
            ('248/80/72', '200/120/80', 0.0114523697, 'four hundred answers do tell 44 from 30'),
            ('3/9/0',     '6/18/0',     1,            'the same score gives a p-value of 1'),
            ('1/0/0',     '5/0/0',      1,
             'answers that do not differ give a p-value of 1'),
            ('1/0/0',     '0/0/1',      0.1572992071,
             'two answers prove nothing, however far apart'),
            ('3/9/0',     '0/0/0',      NULL,         'no data in the second sample, no p-value'),
            ('0/0/0',     '3/9/0',      NULL,         'no data in the first sample, no p-value')
       ) AS t (a, b, p, rule);


-- As a plain number, and in order.
SELECT is((nps '62/20/18')::float8, 44::float8, 'an nps can be cast to double precision');
SELECT is(round((nps '2/3/1')::numeric, 6), 16.666667, 'an nps can be cast to numeric');
SELECT throws_ok('SELECT abs(nps ''62/20/18'')', '42883', NULL,
                 'an nps does not turn into a number by itself');
SELECT is(nps '62/20/18' >= 44, true, 'an nps compares with a number by its value');
SELECT is(nps '0/0/0' >= 44, NULL, 'whether no data is above a number is not known');
SELECT is(array_agg(n ORDER BY n)::text, '{0/0/1,1/8/1,0/20/0,62/20/18,1/0/0,0/0/0}',
          'scores are ordered by value, then sample size; no data comes last')
FROM   unnest('{1/0/0, 0/20/0, 0/0/0, 62/20/18, 0/0/1, 1/8/1}'::nps[]) AS n;
SELECT is(nps '1/8/1' = nps '0/10/0', false, 'other answers with the same score are another nps');

SELECT * FROM finish();
ROLLBACK;
