\set ECHO none
\i test/setup.psql
SELECT plan(115);


-- Text: how often each answer was given, the worst first.
SELECT is(literal::csat::text, canonical, rule)
FROM   (VALUES
            ('2/3/10/40/45',     '2/3/10/40/45',
             'a csat is written as the counts of its answers, the worst first'),
            ('3/7',              '3/7',          'a scale has two answers at least'),
            ('1/2/3/4/5/6/7/8/9/10', '1/2/3/4/5/6/7/8/9/10', 'a scale has ten answers at most'),
            ('0',                '0',            'without answers a csat is written as 0'),
            ('0/0/0/0/0',        '0',            'there is no scale without an answer'),
            (E'\t2/3/10 \n',     '2/3/10',       'white space around a csat does not matter'),
            ('0/0/00/01/002',    '0/0/0/1/2',    'leading zeros are not kept'),
            ('0/9223372036854775807', '0/9223372036854775807', 'answers are counted up to 2^63 - 1')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT csat %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',                       'nothing is not a csat'),
            ('5',                      'one answer is not a scale'),
            ('1/2/3/4/5/6/7/8/9/10/11', 'there is no scale of eleven'),
            ('1/2/3/4/',               'no count can be missing'),
            ('1/2/-3',                 'counts are not negative'),
            ('1/ 2',                   'a csat has no white space inside'),
            ('4.5/5',                  'answers are counted in whole numbers'),
            ('9223372036854775807/1',  'there are no more answers than 2^63 - 1')
       ) AS t (literal, rule);


-- Binary: a version, the scale in one byte, and the counts, big-endian.
SELECT is(csat_send('1/2/258'), '\x01 03 0000000000000001 0000000000000002 0000000000000102'::bytea,
          'the binary form is a version, the scale and its 64-bit counts');
SELECT is(csat_send('0'), '\x01 00'::bytea, 'no data is sent as a scale of 0');
SELECT is(receive(csat '0', message)::text, expected, rule)
FROM   (VALUES
            ('\x01 03 0000000000000001 0000000000000002 0000000000000102'::bytea, '1/2/258',
             'a csat is received as it is sent'),
            ('\x01 00',                                                           '0',
             'no data is received as it is sent')
       ) AS t (message, expected, rule);
SELECT is(pg_column_size(csat '1/2'), 88, 'a csat takes 88 bytes');

SELECT throws_ok(format('SELECT receive(csat ''0'', %L)', message), sqlstate, NULL, rule)
FROM   (VALUES
            ('\x02 00'::bytea,                            '22P03',
             'a later version of the binary form is refused'),
            ('\x01 01 0000000000000001',                  '22P03',
             'one answer is not a scale to receive'),
            ('\x01 0b' || decode(repeat('00', 88), 'hex'), '22P03',
             'a scale of eleven is not received'),
            ('\x01 ff',                                   '22P03',
             'a scale of 255 is not received'),
            ('\x01 02 0000000000000000 0000000000000000', '22P03',
             'a scale without an answer, which is not sent, is not received'),
            ('\x01 02 ffffffffffffffff 0000000000000002', '22P03',
             'negative counts are not received'),
            ('\x01 02 7fffffffffffffff 0000000000000001', '22P03',
             'more than 2^63 - 1 answers are not received'),
            ('\x01 03 0000000000000001 0000000000000002', '08P01',
             'a truncated message is refused'),
            ('\x01 00 00',                                '22P03',
             'a message that is too long is refused')
       ) AS t (message, sqlstate, rule);


-- Construction and parts.
SELECT is(make_csat('{2,3,10,40,45}'), '2/3/10/40/45',
          'make_csat takes the counts of the answers, the worst first');
SELECT is(make_csat('{0,0,0}'), '0', 'a csat can be made of no answers');
SELECT is(make_csat('[5:7]={1,2,3}'), '1/2/3', 'the subscripts of the counts do not matter');
SELECT is(make_csat(NULL), NULL, 'make_csat of unknown counts is unknown');
SELECT throws_ok(format('SELECT make_csat(%L)', counts), '22023', NULL, rule)
FROM   (VALUES
            ('{5}',                       'make_csat refuses a scale of one'),
            ('{1,2,3,4,5,6,7,8,9,10,11}', 'make_csat refuses a scale of eleven'),
            ('{{1,2},{3,4}}',             'make_csat refuses a table of counts'),
            ('{1,NULL,3}',                'make_csat refuses an unknown count'),
            ('{1,-2,3}',                  'make_csat refuses negative counts'),
            ('{9223372036854775807,1}',   'make_csat refuses more than 2^63 - 1 answers')
       ) AS t (counts, rule);

SELECT is(counts(csat '2/3/10/40/45'), '{2,3,10,40,45}', 'counts');
SELECT is(counts(csat '0'), '{}', 'no data has no counts');
SELECT is(scale(csat '2/3/10'), 3, 'the scale is the number of possible answers');
SELECT is(scale(csat '0'), NULL, 'no data has no scale');
SELECT is(responses(csat '2/3/10/40/45'), 100::bigint, 'responses are all the answers');
SELECT is(sample_size(csat '2/3/10/40/45'), 100::bigint, 'the sample of a csat is its responses');

SELECT is(value(csat), share::float8, rule)
FROM   (VALUES
            (csat '2/3/10/40/45',   0.85, 'value is the share of the two best answers of 5'),
            ('1/2/3/4',             0.7,  'value is the share of the two best answers of 4'),
            ('10/20/30/40/50/60/70/80/90/50', 0.28,
             'value is the share of the two best answers of 10'),
            ('25/35/40',            0.4,  'value is the share of the best answer of 3'),
            ('30/70',               0.7,  'value is the share of the best answer of 2'),
            ('5/0/0/0/0',           0,    'nobody satisfied is zero'),
            ('0',                   NULL, 'no data is not zero')
       ) AS t (csat, share, rule);
SELECT is(round(csat '1/1/1/1/1/1/1', 4), 0.2857,
          'round gives as many digits as are asked for: 2/7');
SELECT is(round(csat '0', 4), NULL, 'no data is rounded to NULL');

-- (2 · 1 + 3 · 2 + 10 · 3 + 40 · 4 + 45 · 5) / 100 = 423 / 100
SELECT is(mean(csat '2/3/10/40/45'), 4.23::float8, 'the mean answer');
SELECT is(mean(csat '9223372036854775807/0'), 1::float8, 'the mean of very many answers');
SELECT is(mean(csat '0'), NULL, 'no data has no mean');

SELECT is(top_box(csat '2/3/10/40/45', n), top, format('the %s best answers are a rate', n))
FROM   (VALUES (1, rate '45/100'), (2, '85/100'), (5, '100/100')) AS t (n, top);
SELECT is(bottom_box(csat '2/3/10/40/45', n), bottom, format('the %s worst answers are a rate', n))
FROM   (VALUES (1, rate '2/100'), (2, '5/100'), (5, '100/100')) AS t (n, bottom);
SELECT is(top_box(csat '0', 10), '0/0', 'no data has an empty top box');
SELECT is(bottom_box(csat '0', 10), '0/0', 'no data has an empty bottom box');
SELECT throws_ok(format('SELECT %s(csat %L, %s)', box, csat, n), '22023', NULL,
                 format('there is no %s of %s answers %s', box, n, rule))
FROM   unnest('{top_box, bottom_box}'::text[]) AS box,
       (VALUES ('1/2/3', 0, 'at all'), ('1/2/3', 4, 'on a scale of 3'),
               ('1/2/3', -2147483648, 'at all'), ('0', 11, 'on any scale')) AS t (csat, n, rule)
ORDER  BY box DESC, n;


-- Aggregates.
SELECT is(csat(answer), '1/1/1/1/1', 'answers are 1 (worst) to 5 (best)')
FROM   generate_series(1, 5) AS answer;
SELECT is(csat(answer, 7), '1/1/1/1/1/1/1', 'answers can be on another scale')
FROM   generate_series(1, 7) AS answer;
SELECT is(csat(answer), '0/0/0/1/1', 'a NULL is not an answer')
FROM   unnest('{5, NULL, 4, NULL}'::int[]) AS answer;
SELECT is(csat(answer, scale), '0/0/1', 'an answer on an unknown scale is left out')
FROM   (VALUES (3, 3), (3, NULL)) AS t (answer, scale);
SELECT is(csat(answer), '0', 'no rows give no data, not NULL') FROM unnest('{}'::int[]) AS answer;

SELECT throws_ok(format('SELECT csat(%s)', arguments), '22023', NULL, rule)
FROM   (VALUES
            ('0',     'an answer of 0 is off the scale'),
            ('6',     'an answer of 6 is off a scale of 5'),
            ('-1',    'an answer of -1 is off the scale'),
            ('8, 7',  'an answer of 8 is off a scale of 7'),
            ('1, 1',  'the aggregate refuses a scale of one'),
            ('1, 11', 'the aggregate refuses a scale of eleven')
       ) AS t (arguments, rule);
SELECT is(make_csat(counts(csat '0'))::text, '0',
          'the counts of no answers, none at all, make no answers again');
SELECT throws_ok('SELECT csat(1, scale) FROM (VALUES (5), (7)) AS t (scale)', '22023', NULL,
                 'the aggregate refuses answers on different scales');


-- Pooling.
SELECT is(csat '1/2/3' + '4/5/6', '5/7/9', '+ pools two samples');
SELECT is(csat '5/7/9' - '1/2/3', '4/5/6', '- takes a sample out again');
SELECT is(csat '1/2/3' - '1/2/3', '0', 'what is left of a sample without itself is no data');
SELECT is(csat '1/2/3' - '1/2/3' + '1/2', '1/2', 'no data pools with every scale');
SELECT is(csat '1/2/3' - '0', '1/2/3', 'no data can be taken out of every scale');
SELECT throws_ok(format('SELECT csat %L', a) || format(' %s csat %L', operator, b), '22023', NULL,
                 rule)
FROM   (VALUES
            ('1/2/3', '+', '1/2',
             'answers on different scales do not pool: a 3 of 3 is not a 3 of 5'),
            ('1/2/3', '-', '1/2',   'answers on another scale cannot be taken out'),
            ('1/2/3', '-', '0/3/0', 'more answers than there are cannot be taken out'),
            ('0',     '-', '0/1',   'nothing can be taken out of no data')
       ) AS t (a, operator, b, rule);
SELECT is(rollup(c), '3/5', 'rollup pools, and leaves NULL out')
FROM   unnest('{0, 1/2, NULL, 2/3}'::csat[]) AS c;
SELECT is(rollup(c), '0', 'nothing rolls up to no data') FROM unnest('{}'::csat[]) AS c;
SELECT throws_ok('SELECT rollup(c) FROM unnest(''{1/2, 1/2/3}''::csat[]) AS c', '22023', NULL,
                 'rollup refuses different scales');
SELECT throws_ok('SELECT avg(c) FROM unnest(''{1/2}''::csat[]) AS c', '42883', NULL,
                 'there is no average of shares');

SELECT throws_ok(statement, '22003', NULL, rule)
FROM   (VALUES
            ('SELECT csat ''9223372036854775807/0'' + ''1/0''',
             'an answer given more than 2^63 - 1 times is an overflow'),
            ('SELECT csat ''9223372036854775807/0'' + ''0/1''',
             'more than 2^63 - 1 answers are an overflow'),
            ('SELECT csat_accum(''9223372036854775806/1'', 2, 2)',
             'in the aggregate, more than 2^63 - 1 answers are an overflow')
       ) AS t (statement, rule);


-- Wilson's score interval for the share of satisfied answers.
SELECT is(confidence_interval(csat), confidence_interval(rate), rule)
FROM   (VALUES
            (csat '2/3/10/40/45', rate '85/100',
             'the interval of a csat is that of its share of satisfied answers'),
            ('25/35/40',          '40/100',
             'an interval does not depend on which answers are the satisfied ones')
       ) AS t (csat, rate, rule);
SELECT is(confidence_interval(csat '2/3/10/40/45', 0.9), confidence_interval(rate '85/100', 0.9),
          'the level of an interval can be another');
SELECT is(confidence_interval(csat '0'), NULL, 'without data there is no interval');
SELECT throws_ok('SELECT confidence_interval(csat ''1/2'', 1)', '22023', NULL,
                 'there is no confidence of 1');


-- As a plain number, and in order.
SELECT is((csat '2/3/10/40/45')::float8, 0.85::float8, 'a csat can be cast to double precision');
SELECT is((csat '2/3/10/40/45')::numeric, 0.85, 'a csat can be cast to numeric');
SELECT throws_ok('SELECT sqrt(csat ''1/2'')', '42883', NULL,
                 'a csat does not turn into a number by itself');
SELECT is(csat '2/3/10/40/45' > 0.8, true, 'a csat compares with a number by its value');
SELECT is(csat '0' > 0.8, NULL, 'whether no data is above a number is not known');
SELECT is(array_agg(c ORDER BY c)::text, '{1/0,1/1/0/1/0,1/1,2/2,0/0/1,0}',
          'shares are ordered by value, then sample size; no data comes last')
FROM   unnest('{0, 0/0/1, 2/2, 1/0, 1/1/0/1/0, 1/1}'::csat[]) AS c;
SELECT is(csat '1/1/2' = csat '2/0/2', false, 'other answers with the same share are another csat');

SELECT * FROM finish();
ROLLBACK;
