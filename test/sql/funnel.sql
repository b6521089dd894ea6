\set ECHO none
\i test/setup.psql
SELECT plan(370);


-- Text: visitors/how many reached step 1/step 2 ...
SELECT is(literal::funnel::text, canonical, rule)
FROM   (VALUES
            ('1000/600/250/80',      '1000/600/250/80',
             'a funnel is written as visitors and how many reached each step'),
            ('0',                    '0',                'a funnel can be without data'),
            ('0/0/0',                '0',                'of any number of steps'),
            ('5/0/0',                '5/0/0',
             'which is not the same as nobody having taken a step'),
            ('5/5/5',                '5/5/5',            'or everybody all of them'),
            (E'\t10/4\n',            '10/4',
             'white space around a funnel does not matter'),
            ('0010/04',              '10/4',             'leading zeros are not kept'),
            ('9223372036854775807/9223372036854775807/0',
             '9223372036854775807/9223372036854775807/0', 'visitors are counted up to 2^63 - 1')
       ) AS t (literal, canonical, rule);
SELECT is(steps(('3' || repeat('/1', 1000))::funnel), 1000, 'a funnel has up to 1000 steps');

SELECT throws_ok(format('SELECT funnel %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',                     'nothing is not a funnel'),
            ('5',                    'visitors without steps are not a funnel'),
            ('5/6',                  'a step is not reached by more than there are visitors'),
            ('10/4/5',               'nor by more than the step before'),
            ('0/0/1',                'even of none'),
            ('/4',                   'a funnel has visitors'),
            ('10/',                  'and counts behind the slash'),
            ('10//4',                'each of them'),
            ('10/4/',                'to the last'),
            ('-1/-2',                'counts are not negative'),
            ('10/-1',                'of no step'),
            ('+10/4',                'they have no sign'),
            ('10/4.5',               'they are whole numbers'),
            ('1e3/4',                'without exponents'),
            ('10 / 4',               'a funnel has no white space inside'),
            ('10/4x',                'nothing follows a funnel'),
            ('100%/40%',             'shares are not a funnel: of how many?'),
            ('9223372036854775808/0', 'there are no counts beyond 2^63 - 1')
       ) AS t (literal, rule);
SELECT throws_ok(format('SELECT funnel %L', '3' || repeat('/1', 1001)), '22P02', NULL,
                 'there are no 1001 steps');


-- Binary: a version, and how many visitors have reached no step, step 1 and no further, step 2 and
-- no further ...
SELECT is(funnel_send('10/6/2'), '\x01 0000000000000004 0000000000000004 0000000000000002',
          'the binary form is a version and the visitors by their last step');
SELECT is(funnel_send('0'), '\x01', 'no data is sent as a version');
SELECT is(received::text, canonical, rule)
FROM   (VALUES
            ('\x01 0000000000000004 0000000000000004 0000000000000002'::bytea, '10/6/2',
             'a funnel is received as it is sent'),
            ('\x01',                                                           '0',
             'no data, too')
       ) AS t (message, canonical, rule),
       receive(funnel '0', message) AS received;
SELECT is(pg_column_size(funnel '10/6/2'), 32, 'a funnel takes 16 bytes and 8 for each step');

SELECT throws_ok(format('SELECT receive(funnel ''0'', %L)', message), sqlstate, NULL, rule)
FROM   (VALUES
            ('\x'::bytea,                                                '08P01',
             'an empty message is refused'),
            ('\x02 0000000000000004 0000000000000004',                   '22P03',
             'a later version of the binary form is refused'),
            ('\x00 0000000000000004 0000000000000004',                   '22P03',
             'there is no version 0 of the binary form'),
            ('\x01 0000000000000004',                                    '22P03',
             'a funnel without steps is not received'),
            ('\x01 0000000000000000',                                    '22P03',
             'be it without visitors'),
            ('\x01 0000000000000000 0000000000000000',                   '22P03',
             'nor one with steps and without visitors, which is not sent'),
            ('\x01 ffffffffffffffff 0000000000000004',                   '22P03',
             'negative visitors are not received'),
            ('\x01 0000000000000004 8000000000000000',                   '22P03', 'at no step'),
            ('\x01 7fffffffffffffff 0000000000000001',                   '22P03',
             'nor more than 2^63 - 1 in all'),
            ('\x01 4000000000000000 4000000000000000 4000000000000000 4000000000000000', '22P03',
             'even if their sum is 0 in 64 bits'),
            ('\x01 0000000000000004 00000000000004',                     '22P03',
             'a truncated message is refused'),
            ('\x01 0000000000000004 0000000000000004 00',                '22P03',
             'so is one that is too long'),
            ('\x01' || decode(repeat('0000000000000001', 1002), 'hex'),  '22P03',
             'and one of 1001 steps')
       ) AS t (message, sqlstate, rule);


-- Construction and parts.
SELECT is(make_funnel('{1000,600,250,80}'), '1000/600/250/80',
          'make_funnel takes the visitors and how many reached each step');
SELECT is(make_funnel('{0,0}'), '0', 'a funnel can be made of nobody');
SELECT is(make_funnel(NULL), NULL, 'make_funnel of the unknown is unknown');
SELECT is(steps(make_funnel(array_fill(7, '{1001}')::bigint[])), 1000, 'it can have 1000 steps');
SELECT throws_ok(format('SELECT make_funnel(%L)', reached), '22023', NULL, rule)
FROM   (VALUES
            ('{}',                   'a funnel is not made of nothing'),
            ('{5}',                  'nor of visitors without steps'),
            ('{5,6}',                'make_funnel refuses more than there were before'),
            ('{5,3,4}',              'at every step'),
            ('{5,-1}',               'and negative counts'),
            ('{5,-3,-1}',            'wherever they are'),
            ('{-5,-6}',              'also of visitors'),
            ('{9223372036854775807,-9223372036854775808}', 'and however far apart'),
            ('{5,NULL}',             'and unknown ones'),
            ('{{5,3}}',              'and tables'),
            (array_fill(7, '{1002}')::text, 'and 1001 steps')
       ) AS t (reached, rule);

CREATE TABLE shop AS SELECT funnel '1000/600/250/80' AS f;
SELECT is(value(f), 80 / 600::float8,
          'value is the share of those who took the first step that reached the last')
FROM   shop;
SELECT is(overall_rate(f), '80/600', 'overall_rate is the same as a rate') FROM shop;
SELECT is(ARRAY[step_rate(f, 1), step_rate(f, 2), step_rate(f, 3)]::text,
          '{600/1000,250/600,80/250}',
          'step_rate compares a step with the one before, the first with all visitors') FROM shop;
SELECT is(ARRAY[drop_off(f, 1), drop_off(f, 2), drop_off(f, 3)]::text, '{400/1000,350/600,170/250}',
          'drop_off is those who were lost')
FROM   shop;
SELECT is(ARRAY[step_rate(f, 0, 3), step_rate(f, 0, 1), step_rate(f, 1, 3),
                step_rate(f, 2, 2)]::text,
          '{80/1000,600/1000,80/600,250/250}',
          'step_rate of two steps compares those') FROM shop;
SELECT is(ARRAY[reached(f, 0), reached(f, 1), reached(f, 2), reached(f, 3)], '{1000,600,250,80}',
          'reached is how many got to a step, step 0 being all visitors')
FROM   shop;
SELECT is(visitors(f), 1000::bigint, 'visitors') FROM shop;
SELECT is(steps(f), 3, 'steps') FROM shop;
SELECT is(sample_size(f), 1000::bigint, 'the sample of a funnel is its visitors') FROM shop;

SELECT throws_ok(format('SELECT %s FROM shop', expression), '22023', NULL, rule)
FROM   (VALUES
            ('step_rate(f, 0)',      'there is no step before all visitors'),
            ('step_rate(f, 4)',      'a step that is not there has no rate'),
            ('step_rate(f, -1)',     'nor has a negative one'),
            ('drop_off(f, 0)',       'nobody drops off before all visitors'),
            ('drop_off(f, 4)',       'nor at a step that is not there'),
            ('reached(f, 4)',        'which nobody can reach'),
            ('reached(f, -1)',       'nor a negative one'),
            ('reached(f, 2147483647)', 'nor one far away'),
            ('step_rate(f, 3, 2)',   'of two steps the earlier one comes first'),
            ('step_rate(f, 1, 4)',   'the later one is there'),
            ('step_rate(f, -1, 2)',  'so is the earlier one'),
            ('step_rate(f, 0, 0)',   'all visitors are not a step'),
            ('reached(''0'', 1001)', 'without data there may be up to 1000 steps, but no more'),
            ('step_rate(''0'', 0)',  'and no step 0')
       ) AS t (expression, rule);

-- Without data, or without anybody at a step.
SELECT is(value(funnel '0'), NULL, 'no data is not zero');
SELECT is(value(funnel '5/0/0'), NULL, 'nor is nobody who took the first step');
SELECT is(value(funnel '5/3/0'), 0::float8, 'nobody who reached the last is');
SELECT is(value(funnel '10/4'), 1::float8, 'who took the only step took the last one');
SELECT is(ARRAY[overall_rate('0'), overall_rate('5/0/0'), step_rate('5/0/0', 1),
                step_rate('5/0/0', 2), step_rate('0', 3), drop_off('0', 3),
                step_rate('0', 0, 1000)]::text,
          '{0/0,0/0,0/5,0/0,0/0,0/0,0/0}', 'their rates are without data');
SELECT is((visitors('0'), reached('0', 0), reached('0', 1000), steps('0'))::text, '(0,0,0,)',
          'without visitors nobody reaches a step, and it is unknown how many there are');


-- The aggregate over visitors.
CREATE TABLE visitor (depth int);
INSERT INTO visitor VALUES (0), (0), (1), (2), (3), (3), (4), (2147483647), (NULL);
SELECT is(funnel(depth, 3), '8/6/5/4',
          'visitors are counted by the last step they reached; who got further has reached the '
          'last one, NULL is left out')
FROM   visitor;
SELECT is(funnel(depth, 1), '8/6', 'a funnel can have one step') FROM visitor;
SELECT is(funnel(depth, 3), '0', 'no rows give no data, not NULL') FROM visitor WHERE false;
SELECT is(funnel(depth, NULL), '0', 'nor does an unknown number of steps give any') FROM visitor;
SELECT is(funnel(depth, 3) FILTER (WHERE depth < 2), '3/1/0/0', 'FILTER leaves visitors out')
FROM   visitor;
SELECT throws_ok('SELECT ' || expression, sqlstate, NULL, rule)
FROM   (VALUES
            ('funnel(-1, 3)',                                                '22023',
             'a depth is not negative'),
            ('funnel(0, 0)',                                                 '22023',
             'a funnel has steps'),
            ('funnel(0, -1)',                                                '22023',
             'not less than none'),
            ('funnel(0, 1001)',                                              '22023',
             'and not more than 1000'),
            ('funnel(0, steps) FROM generate_series(3, 4) AS steps',         '22023',
             'always as many'),
            ('funnel_accum(''9223372036854775807/0'', 1, 1)',                '22003',
             'more than 2^63 - 1 visitors are an overflow'),
            ('funnel ''9223372036854775807/9223372036854775807'' + ''1/0''', '22003',
             'so they are in pooling'),
            ('funnel ''9223372036854775807/0'' + ''1/0''',                   '22003',
             'at every step'),
            ('rollup(f) FROM unnest(''{9223372036854775807/1,1/1}''::funnel[]) AS f', '22003',
             'and in rollup')
       ) AS t (expression, sqlstate, rule);


-- Pooling.
SELECT is(funnel '10/6/2' + '5/5/5', '15/11/7', '+ pools two samples');
SELECT is(funnel '15/11/7' - '5/5/5', '10/6/2', '- takes a sample out again');
SELECT is(funnel '10/6/2' - '10/6/2', '0', 'what is left of a sample without itself is no data');
SELECT is((funnel '10/6/2' - '10/6/2') + '3/1', '3/1', 'which has no number of steps');
SELECT is(ARRAY[funnel '10/6/2' + '0', '0' + funnel '10/6/2', funnel '10/6/2' - '0',
                funnel '0' - '0']::text,
          '{10/6/2,10/6/2,10/6/2,0}',
          'no data changes nothing');
SELECT is(funnel '10/6/2' + NULL, NULL, 'pooling with the unknown is unknown');
SELECT is(rollup(f), '15/11/7', 'rollup pools, and leaves NULL out')
FROM   (VALUES (funnel '10/6/2'), (NULL), ('0'), ('5/5/5')) AS t (f);
SELECT is(rollup(f), '0', 'nothing rolls up to no data') FROM unnest('{}'::funnel[]) AS f;
SELECT throws_ok('SELECT ' || expression, sqlstate, NULL, rule)
FROM   (VALUES
            ('funnel ''10/6/2'' + ''10/6''',                        '22023',
             'funnels of 2 steps and 1 do not pool'),
            ('funnel ''10/6'' + ''10/6/2''',                        '22023', 'nor of 1 and 2'),
            ('rollup(f) FROM unnest(''{10/6,0,10/6/2}''::funnel[]) AS f', '22023',
             'nor do they roll up'),
            ('funnel ''10/6/2'' - ''5/5''',                         '22023',
             'nor is one taken out of the other'),
            ('funnel ''10/6/2'' - ''11/6/2''',                      '22023',
             'more visitors than there are cannot be taken out'),
            ('funnel ''10/6/2'' - ''7/7/2''',                       '22023', 'nor more at a step'),
            ('funnel ''10/6/2'' - ''5/0/0''',                       '22023',
             'nor more who did not reach it'),
            ('funnel ''0'' - ''1/1''',                              '22023',
             'nor any from no data'),
            ('avg(f) FROM shop',                                    '42883',
             'there is no average of funnels'),
            ('sum(f) FROM shop',                                    '42883', 'nor a sum')
       ) AS t (expression, sqlstate, rule);


-- How far one visitor got: events as second:step, the window in seconds.
CREATE FUNCTION depth(events text[], within numeric, strict boolean) RETURNS int LANGUAGE sql AS $$
    SELECT funnel_depth(timestamptz '2025-01-01'
                        + split_part(event, ':', 1)::float8 * interval '1 s',
                        split_part(event, ':', 2)::int, within * interval '1 s', strict)
    FROM   unnest(events) AS event
$$;
CREATE TABLE hard (
    n int GENERATED ALWAYS AS IDENTITY, events text, within numeric, strict boolean, depth int,
    rule text);
INSERT INTO hard (events, within, strict, depth, rule) VALUES
    ('',                                10,   false, NULL, 'of who did nothing there is no depth'),
    ('0:1',                             10,   false, 1, 'who took the first step reached it'),
    ('0:1 1:2 2:3',                     10,   false, 3, 'one step after the other is a chain'),
    ('0:2 1:3',                         10,   false, 0, 'without step 1 there is no chain'),
    ('0:2 1:1',                         10,   false, 1, 'steps before step 1 do not count'),
    ('0:3 1:2 2:1',                     10,   false, 1, 'nor do steps in reverse'),
    -- A, B, B, C, the first two at the same time, then the last two, then all.
    ('0:1 0:2 1:2 2:3',                 10,   false, 3,
     'events at the same time are taken by step'),
    ('0:1 1:2 2:2 2:3',                 10,   false, 3, 'at any time'),
    ('0:1 0:2 0:2 0:3',                 10,   false, 3, 'all of them, too'),
    ('0:2 1:1 1:3',                     10,   false, 1, 'but a step before the chain is before it'),
    -- From 0: 2 at 5, 3 too late.  From 5: 2 at 5, 3 at 12.
    ('0:1 5:1 5:2 12:3',                10,   false, 3,
     'a step 1 is taken before a step 2 of the same time'),
    ('0:1 1:2 2:2 3:3',                 10,   false, 3, 'a step repeated does not matter'),
    ('0:1 0:1 0:1',                     10,   false, 1, 'nor does the first, again and again'),
    ('0:1 1:2 2:3 3:1',                 10,   false, 3, 'or after the last'),
    ('0:1 1:2 2:1 3:3',                 10,   false, 3,
     'or in between: the chain that has started goes on'),
    ('0:1 1:5 2:2 3:4 4:3',             10,   false, 3, 'other steps in between do not matter'),
    ('0:1 1:3',                         10,   false, 1, 'a step that was skipped is missing'),
    ('0:1 1:3 2:2',                     10,   false, 2, 'what comes after it has to come after it'),
    ('0:1 1:3 2:2 3:3',                 10,   false, 3, 'or again'),
    ('0:1 1:2 2:4 3:5',                 10,   false, 2,
     'a chain ends before the first step that is missing'),
    ('0:1 10:2',                        10,   false, 2,
     'an event at the end of the window is inside'),
    ('0:1 10.000001:2',                 10,   false, 1, 'one a microsecond later is not'),
    ('0:1 6:2 12:3',                    10,   false, 2,
     'the window starts with step 1, not with the step before'),
    ('0:1 4:2 10:3',                    10,   false, 3, 'and ends for all of them'),
    -- From 0: 2 at 6, 3 too late.  From 5: 2 at 6, 3 at 12.
    ('0:1 5:1 6:2 12:3',                10,   false, 3, 'every step 1 opens a window'),
    -- From 0: 2 at 2, 3 at 10.  From 5: nothing.
    ('0:1 2:2 5:1 10:3',                10,   false, 3, 'and closes none'),
    -- From 0: 2 at 2, 3 too late.  From 5: no 2.
    ('0:1 2:2 5:1 11:3',                10,   false, 2, 'two chains do not make one'),
    -- From 0: 2 at 1, 3 at 2, 4 too late.  From 5: 2 at 6.
    ('0:1 1:2 2:3 5:1 6:2 11:4',        10,   false, 3, 'of several chains the longest counts'),
    -- From 0: 2 at 1, 3 at 9.  From 8: 2 at 9, before 3 of the same time.
    ('0:1 1:2 8:1 9:2 9:3 18:4',        10,   false, 4,
     'a chain goes on with whatever start is latest'),
    ('0:1 1:2 2:3 3:4 4:5 5:6',         10,   false, 6, 'there is no last step to a visitor'),
    ('0:1 0:2 1:3',                     0,    false, 2,
     'in a window of zero length all happens at once'),
    ('0:1 0.000001:2',                  0,    false, 1, 'or not at all'),
    ('0:1 86400000:2',                  NULL, false, 2, 'without a window there is no limit'),
    ('0:1 1:2 2:3',                     10,   true,  3,
     'strict order: one step after the other is a chain'),
    ('0:1 1:2 2:4 3:3',                 10,   true,  2,
     'strict order: another step in between breaks it'),
    ('0:1 1:3 2:2 3:3',                 10,   true,  1,
     'strict order: so does one that comes too early'),
    ('0:1 1:2 2:3 3:2 4:4',             10,   true,  3, 'strict order: and one that comes again'),
    ('0:1 1:2 2:1 3:3',                 10,   true,  2,
     'strict order: even step 1, which starts a chain of its own'),
    ('0:1 1:1 2:2 3:2 4:2 5:3',         10,   true,  3,
     'strict order: a repeat of the step just reached breaks nothing'),
    ('0:1 1:3 2:1 3:2 4:3',             10,   true,  3,
     'strict order: after a break a chain can start again'),
    ('0:1 1:3 2:2 3:1 4:2',             10,   true,  2, 'strict order: with step 1'),
    ('0:5 1:4 2:1 3:2',                 10,   true,  2,
     'strict order: what comes before step 1 does not matter'),
    ('0:1 1:2 2:5',                     10,   true,  2,
     'strict order: nor what comes after the chain'),
    ('0:1 0:2 0:3',                     10,   true,  3,
     'strict order: events at the same time are taken by step'),
    ('0:1 1:2 1:3 1:4 2:4',             10,   true,  4,
     'strict order: so that they do not break a chain'),
    -- At 1 step 1 comes first and starts the chain anew, then 2.
    ('0:1 1:1 1:2 2:3',                 10,   true,  3, 'strict order: step 1 before step 2'),
    -- At 2 step 2 comes before 3, as a repeat of it.
    ('0:1 1:2 2:2 2:3',                 10,   true,  3, 'strict order: and repeats first'),
    -- At 3 step 2 comes before 4 and breaks the chain.
    ('0:1 1:2 2:3 3:2 3:4',             10,   true,  3,
     'strict order: but what comes again still breaks it'),
    ('0:1 10:2',                        10,   true,  2,
     'strict order: an event at the end of the window is inside'),
    ('0:1 10.000001:2',                 10,   true,  1,
     'strict order: one a microsecond later is not'),
    ('0:1 5:1 15:2',                    10,   true,  2,
     'strict order: the window starts with the last repeat of step 1'),
    ('0:1 1:2 11:3 11:4',               10,   true,  2,
     'strict order: a step that comes too late ends the chain'),
    ('0:1 86400000:2',                  NULL, true,  2,
     'strict order: without a window there is no limit'),
    ('0:1 0:2 1:3',                     0,    true,  2,
     'strict order: in a window of zero length all happens at once'),
    ('',                                10,   true,  NULL,
     'strict order: of who did nothing there is no depth');
SELECT is(depth(string_to_array(events, ' '), within, strict), depth, rule) FROM hard ORDER BY n;

SELECT holds($$
    WITH RECURSIVE permutation AS (
        SELECT n, '{}'::text[] AS events, string_to_array(events, ' ') AS rest FROM hard
        UNION ALL
        SELECT n, events || rest[i], rest[:i - 1] || rest[i + 1:]
        FROM   permutation, generate_subscripts(rest, 1) AS i)
    SELECT depth(permutation.events, within, strict) IS NOT DISTINCT FROM depth AS holds,
           permutation.events, within, strict, depth
    FROM   permutation JOIN hard USING (n) WHERE rest = '{}' $$,
             'the order in which rows are read never matters');

-- NULLs, several steps at once, and errors.
CREATE TABLE event (at timestamptz, step int);
INSERT INTO event VALUES
    ('2025-01-01 00:00', 1), (NULL, 2), ('2025-01-01 00:01', NULL), (NULL, NULL),
    ('2025-01-01 00:02', 2);
SELECT is(funnel_depth(at, step, '1 h'), 2, 'an event without a time or a step is left out')
FROM   event;
SELECT is(funnel_depth(at, step, '1 h', true), 2, 'in strict order, too, where it breaks no chain')
FROM   event;
SELECT is(funnel_depth(at, step, '1 h', NULL), 2, 'unknown whether strict is not strict')
FROM   (SELECT * FROM event UNION ALL SELECT '2025-01-01 00:01', 3) AS e;
SELECT is(funnel_depth(at, step, '1 h'), NULL, 'no events have no depth') FROM event WHERE false;
SELECT is(funnel_depth(at, NULL::int, '1 h'), NULL, 'nor have none but unknown steps') FROM event;
SELECT is(funnel_depth(NULL, step, '1 h', true), NULL, 'or unknown times') FROM event;

SELECT is(funnel_depth(at, steps, '1 h'), depth, rule)
FROM   (VALUES
            (1, '{"1,2"}',              2, 'an event that is several steps is all of them at once'),
            (2, '{"2,1"}',              2, 'in any order'),
            (3, '{"3,2,1"}',            3, 'however many'),
            (4, '{"1,2","2,3"}',        3, 'and so are others'),
            (5, '{"2,3","1"}',          1, 'at their own time'),
            (6, '{"1","","2"}',         2, 'an event that is no step is left out'),
            (7, '{"1","NULL,2,NULL"}',  2, 'so are unknown steps'),
            (8, '{""}',                 NULL, 'nothing but that has no depth'),
            (9, '{"1,1,2,2"}',          2, 'a step can be named twice')
       ) AS t (n, list, depth, rule),
       LATERAL (SELECT timestamptz '2025-01-01' + i * interval '1 s' AS at,
                       ('{' || element || '}')::int[] AS steps
                FROM unnest(list::text[]) WITH ORDINALITY AS e (element, i)) AS e
GROUP  BY n, depth, rule ORDER BY n;
SELECT is((funnel_depth(at, '{{1,2},{3,4}}'::int[], '1 h'), funnel_depth(at, NULL::int[], '1 h'),
           funnel_depth(at, '{1,3,2}'::int[], '1 h', true))::text,
          '(4,,3)',
          'arrays can be of any dimension, or NULL; strict order knows them, too')
          FROM   event WHERE step = 1;
SELECT is(funnel_depth(at, step, w), depth, rule)
FROM   (VALUES
            (1, '2025-03-30 00:00 Europe/Berlin', interval '1 day', 2,
             'a day is 24 hours, even where the clock has 23'),
            (2, '2025-10-26 00:00 Europe/Berlin', '1 day',          2, 'or 25'),
            (3, '2025-10-26 00:00 Europe/Berlin', '23:59:59.999999', 1, 'to the microsecond'),
            (4, '2025-10-26 00:00 Europe/Berlin', '2 days -24 h',   2, 'days and hours add up'),
            (5, '2025-10-26 00:00 Europe/Berlin', '7 weeks',        2, 'weeks are days')
       ) AS t (n, start, w, depth, rule),
       LATERAL (VALUES (start::timestamptz, 1), (start::timestamptz + interval '24 h', 2))
       AS e (at, step)
GROUP  BY n, w, depth, rule ORDER BY n;
SELECT is(funnel_depth(at, step, NULL), 2,
          'no limit is none, from the first time there is to the last')
FROM   (VALUES ('4714-11-24 00:00+00 BC'::timestamptz, 1), ('294276-12-31 23:59:59.999999+00', 2))
       AS e (at, step);
SELECT is(funnel_depth(at, step, NULL, true), 2,
          'strict order: no limit is none, from the first time there is to the last')
FROM   (VALUES ('4714-11-24 00:00+00 BC'::timestamptz, 1), ('294276-12-31 23:59:59.999999+00', 2))
       AS e (at, step);
SELECT is(funnel_depth('2025-01-01'::timestamptz + i % 7 * interval '1 s', 1000 - i, NULL), 1,
          'steps go to 1000')
FROM   generate_series(0, 999) AS i;
SELECT is(funnel_depth('2025-01-01'::timestamptz - i * interval '1 s', 1000 - i, NULL), 1000,
          'and so do chains')
FROM   generate_series(0, 999) AS i;

SELECT throws_ok('SELECT ' || expression, sqlstate, NULL, rule)
FROM   (VALUES
            ('funnel_depth(now(), 0, ''1 h'')',                    '22023', 'there is no step 0'),
            ('funnel_depth(now(), -1, ''1 h'')',                   '22023', 'nor a negative one'),
            ('funnel_depth(now(), 1001, ''1 h'')',                 '22023', 'nor one beyond 1000'),
            ('funnel_depth(now(), ''{1,0}''::int[], ''1 h'')',     '22023', 'nor in an array'),
            ('funnel_depth(now(), 1, ''-1 us'')',                  '22023',
             'a window is not negative'),
            ('funnel_depth(now(), 1, ''1 day -25 h'')',            '22023', 'in sum'),
            ('funnel_depth(now(), 1, ''1 month'')',                '22023',
             'a month has no fixed length'),
            ('funnel_depth(now(), 1, ''1 month -30 days'')',       '22023',
             'less so with days taken off'),
            ('funnel_depth(now(), 1, ''1 year'', true)',           '22023', 'nor has a year'),
            ('funnel_depth(now(), 1, ''106751992 days'')',         '22003',
             'a window beyond 2^63 microseconds is an overflow'),
            ('funnel_depth(''infinity'', 1, ''1 h'')',             '22023',
             'an event happens at a time'),
            ('funnel_depth(''-infinity'', 1, NULL)',               '22023', 'not before all time'),
            ('funnel_depth(now(), 1, w) FROM unnest(''{1 h,2 h}''::interval[]) AS w',   '22023',
             'the window is the same in all rows'),
            ('funnel_depth(now(), 1, w) FROM unnest(''{1 h,NULL}''::interval[]) AS w',  '22023',
             'or there is none in any'),
            ('funnel_depth(now(), 1, NULL, s) FROM unnest(''{t,f}''::bool[]) AS s',     '22023',
             'so is whether order is strict'),
            ('funnel(1, now(), 1, n, ''1 h'') FROM unnest(''{3,4}''::int[]) AS n',      '22023',
             'and the number of steps'),
            ('funnel(1, now(), 1, 3, w) FROM unnest(''{1 h,2 h}''::interval[]) AS w',   '22023',
             'for all visitors'),
            ('funnel(i, now(), 1, 3, ''1 h'', i = 1) FROM generate_series(1, 2) AS i',  '22023',
             'of any kind'),
            ('funnel(1, now(), 0, 3, ''1 h'')',                    '22023',
             'no visitor has a step 0'),
            ('funnel(1, now(), 1, 0, ''1 h'')',                    '22023',
             'no funnel is without steps'),
            ('funnel(1, now(), 1, NULL, ''1 h'')',                 '22023',
             'or with an unknown number'),
            ('funnel(1, now(), 1, 1001, ''1 h'')',                 '22023', 'or more than 1000'),
            ('funnel(1, now(), 1, 3, ''-1 h'')',                   '22023', 'or a negative window'),
            ('funnel(1, ''infinity'', 1, 3, ''1 h'')',             '22023', 'or never')
       ) AS t (expression, sqlstate, rule);
SELECT is(sqlstate_of('SELECT funnel_depth(now(), 1, ''infinity'')'),
          CASE WHEN current_setting('server_version_num')::int < 170000 THEN '22007'
               ELSE '22023' END,
          'no limit is NULL, not infinity');


-- Random visitors with up to nine events, many of them at the same time.  The longest chain is
-- searched for by following all of them: for each event that can come next there is one more chain.
CREATE TABLE walk AS
SELECT visitor,
       timestamptz '2025-01-01'
           + any_of(0, CASE visitor % 3 WHEN 0 THEN 3 WHEN 1 THEN 12 ELSE 60 END)
               * interval '1 s' AS at,
       any_of(1, 2 + visitor % 4)::int AS step
FROM   generate_series(1, 3000) AS visitor, LATERAL generate_series(1, any_of(0, 9) + 0 * visitor);
CREATE TABLE length (within interval);
INSERT INTO length VALUES ('0'), ('1 s'), ('5 s'), ('20 s'), (NULL);
CREATE INDEX ON walk (visitor, step);
ANALYZE walk, length;

CREATE TABLE searched AS
WITH RECURSIVE chain AS (
    SELECT DISTINCT visitor, within, at AS start, at, step FROM walk, length WHERE step = 1
    UNION
    SELECT visitor, within, start, next.at, next.step
    FROM   chain JOIN walk AS next USING (visitor)
    WHERE  next.step = chain.step + 1 AND next.at >= chain.at
    AND    (next.at <= start + within OR within IS NULL))
SELECT visitor, within, max(step) AS depth FROM chain GROUP BY visitor, within;

-- In strict order there is one way from each step 1: event by event, in the order of time and step,
-- until one breaks the chain.
CREATE TABLE searched_strictly AS
WITH RECURSIVE ordered AS (SELECT *, row_number() OVER (PARTITION BY visitor ORDER BY at, step) AS i
                           FROM   walk),
     chain AS (
    SELECT visitor, within, at AS start, i, step FROM ordered, length WHERE step = 1
    UNION ALL
    SELECT visitor, within, start, next.i, next.step
    FROM   chain JOIN ordered AS next USING (visitor)
    WHERE  next.i = chain.i + 1
    AND    (next.step = chain.step OR next.step = chain.step + 1
            AND (next.at <= start + within OR within IS NULL)))
SELECT visitor, within, max(step) AS depth FROM chain GROUP BY visitor, within;

SELECT is(count(DISTINCT depth) > 4 AND count(*) > 5000, true,
          'the search finds chains of many lengths')
FROM   searched;
SELECT is_empty(format('(SELECT visitor, within, funnel_depth(at, step, within%1$s)
                         FROM   walk, length
                         GROUP  BY visitor, within HAVING bool_or(step = 1)
                         EXCEPT SELECT * FROM %2$I)
                        UNION ALL
                        (SELECT * FROM %2$I
                         EXCEPT
                         SELECT visitor, within, funnel_depth(at, step, within%1$s)
                         FROM   walk, length
                         GROUP  BY visitor, within)', arguments, answer), rule)
FROM   (VALUES
            ('',             'searched',
             'the depth is the length of the longest chain there is'),
            (', false',      'searched',          'order is not strict unless asked for'),
            (', true',       'searched_strictly',
             'strict order: the longest without anything in between')
       ) AS t (arguments, answer, rule);
SELECT holds('SELECT funnel_depth(at, step, within) = 0
              AND funnel_depth(at, step, within, true) = 0 AS holds, visitor
              FROM   walk, length GROUP BY visitor, within HAVING NOT bool_or(step = 1)',
             'without step 1 it is 0');
SELECT holds('SELECT funnel_depth(at, step, within, true) <= funnel_depth(at, step, within)
              AND funnel_depth(at, step, within) <= funnel_depth(at, step, NULL)
                     AND funnel_depth(at, step, within) = funnel_depth(at, ARRAY[step], within)
                     AND    funnel_depth(at, step, within, true)
                         = funnel_depth(at, ARRAY[step], within, true)
                     AND funnel_depth(at, step, within)
                         = funnel_depth(at, step, within ORDER BY step DESC, at)
                     AND funnel_depth(at, step, within, true)
                         = funnel_depth(at, step, within, true ORDER BY step DESC, at) AS holds,
                         visitor, within
              FROM   walk, length GROUP BY visitor, within',
             'strict order and a window only take away, an array of one step is that step, and '
             'order does not matter');
SELECT holds('SELECT alone = together AND alone_strictly = together_strictly AS holds, a.visitor,
                     a.within
              FROM   (SELECT visitor, within, funnel_depth(at, step, within) AS alone,
                             funnel_depth(at, step, within, true) AS alone_strictly
                      FROM   walk, length GROUP BY visitor, within) AS a
              JOIN   (SELECT visitor, within, funnel_depth(at, steps, within) AS together,
                             funnel_depth(at, steps, within, true) AS together_strictly
                      FROM   (SELECT visitor, at, array_agg(step) AS steps
                              FROM   walk GROUP BY visitor, at) AS e,
                             length
                      GROUP  BY visitor, within) AS t
                     ON t.visitor = a.visitor AND t.within IS NOT DISTINCT FROM a.within',
             'several events at one time are the same as one that is several steps');


-- When the steps were taken: events as second:step, windows and times in seconds.
CREATE FUNCTION times(events text[], within numeric, step_within numeric[]) RETURNS numeric[]
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT trim_scale(extract(epoch FROM t - timestamptz '2025-01-01'))
                 FROM   unnest(funnel_times(array_agg(timestamptz '2025-01-01'
                                                      + split_part(event, ':', 1)::float8
                                                            * interval '1 s'),
                                            array_agg(split_part(event, ':', 2)::int),
                                            within * interval '1 s',
                                            (SELECT array_agg(w * interval '1 s' ORDER BY n)
                                             FROM   unnest(step_within)
                                                    WITH ORDINALITY AS s (w, n)))) AS t)
    FROM   unnest(events) AS event
$$;
CREATE TABLE paced (
    n int GENERATED ALWAYS AS IDENTITY, events text, within numeric, step_within numeric[],
    taken numeric[], rule text);
INSERT INTO paced (events, within, step_within, taken, rule) VALUES
    ('0:1',                      10,   NULL,       '{0}',     'of one step there is one time'),
    ('0:1 1:2 2:3',              10,   NULL,       '{0,1,2}', 'of each step when it was taken'),
    ('1:2 2:3',                  10,   NULL,       '{}',      'of no step 1 there is none'),
    ('0:2 1:1 3:3',              10,   NULL,       '{1}',     'steps before step 1 do not count'),
    ('0:1 1:2 2:3 3:4 2:9',      10,   NULL,       '{0,1,2,3}', 'nor those without the one before'),
    -- From 0: 2 at 6. From 5: 2 at 6, too.
    ('0:1 5:1 6:2',              10,   NULL,       '{5,6}',
     'of chains that end together the one that starts last counts'),
    ('0:1 1:2 5:1 6:2',          10,   NULL,       '{0,1}',
     'of chains as long the one that is there first'),
    ('0:1 1:2 5:1 6:2 7:3',      10,   NULL,       '{5,6,7}', 'of all chains the longest'),
    ('0:1 1:2 2:3 5:1 6:2 11:4', 10,   NULL,       '{0,1,2}', 'not one that starts anew'),
    ('0:1 1:2 2:1 3:3',          10,   NULL,       '{0,1,3}', 'which does not end the other'),
    ('0:1 1:2 2:2 3:3',          10,   NULL,       '{0,2,3}',
     'a step repeated counts when it was taken last before the next'),
    ('0:1 1:2 3:3 4:2 5:3',      10,   NULL,       '{0,1,3}', 'not after the end'),
    ('0:1 0:2 0:3',              10,   NULL,       '{0,0,0}', 'at one time a chain takes none'),
    ('0:1 1:2 8:1 9:2 9:3',      10,   NULL,       '{8,9,9}',
     'events at the same time are taken by step'),
    ('0:1 10:2',                 10,   NULL,       '{0,10}',  'the edge of the window is inside'),
    ('0:1 10.000001:2',          10,   NULL,       '{0}',     'a microsecond later is not'),
    ('0:1 86400000:2',           NULL, NULL,       '{0,86400000}', 'without a window all is'),
    ('0:1 5:2 11:3',             NULL, '{5}',      '{0,5,11}',
     'a window of a step holds to its edge, and for no other step'),
    ('0:1 5.000001:2 6:3',       NULL, '{5}',      '{0}',     'and no microsecond more'),
    ('0:1 5:2 9:3',              10,   '{NULL,4}', '{0,5,9}',
     'the second is from step 2 to 3, and one that is NULL is none'),
    ('0:1 5:2 9.000001:3',       10,   '{NULL,4}', '{0,5}',   'to the microsecond'),
    ('0:1 8:2 11:3',             10,   '{8,8}',    '{0,8}',   'that from step 1 holds as well'),
    ('0:1 0:2 1:3',              NULL, '{0,1}',    '{0,0,1}', 'one of zero length is at once'),
    ('0:1 0.000001:2',           NULL, '{0}',      '{0}',     'or not at all'),
    ('0:1 4:1 6:2',              10,   '{3}',      '{4,6}',   'every step 1 opens one'),
    ('0:1 2:2 3:1 5:3',          10,   '{9,4}',    '{0,2,5}', 'and closes none'),
    ('0:1 2:2 4:2 7:3',          10,   '{4,3}',    '{0,4,7}', 'so does every step'),
    -- 2 at 5 is too late for 1 at 0; 3 at 7 for 2 at 2.
    ('0:1 2:2 5:2 7:3',          10,   '{3,3}',    '{0,2}',   'but one that comes too late'),
    ('0:1 1:2 9:3',              10,   '{}',       '{0,1,9}', 'no windows are no limits'),
    ('0:1 1:2',                  10,   '{5,0,0,0,0}', '{0,1}', 'there may be more than steps');
SELECT is(times(string_to_array(events, ' '), within, step_within), taken, rule)
FROM   paced ORDER BY n;
SELECT is((funnel_times('{}', '{}', NULL, NULL), funnel_times(NULL, '{}', '1 h', NULL),
           funnel_times('{}', NULL, '1 h', '{}'))::text,
          '({},,)', 'of no events there are no times; of unknown ones it is unknown');
SELECT is(funnel_times(array_agg(at), array_agg(step), '1 h', NULL),
          '{2025-01-01 00:00,2025-01-01 00:02}', 'an event without a time or a step is left out')
FROM   event;
SELECT is(funnel_times('[5:6]={2025-01-01,2025-01-02}', '[0:1]={1,2}', NULL, '[7:7]={24 h}'),
          '{2025-01-01,2025-01-02}', 'arrays may start anywhere');
SELECT is(funnel_times('{4714-11-24 00:00+00 BC,294276-12-31 23:59:59.999999+00}', '{1,2}', w,
                       ARRAY[w]),
          CASE WHEN w IS NULL
               THEN '{4714-11-24 00:00+00 BC,294276-12-31 23:59:59.999999+00}'
               ELSE '{4714-11-24 00:00+00 BC}' END::timestamptz[],
          'times may be as far apart as they can, ' || rule)
FROM   (VALUES (NULL::interval, 'without a limit'), ('106751991 days', 'with the longest'))
       AS t (w, rule);
SELECT is(funnel_times(array_agg(at ORDER BY i), array_agg(1000 - i ORDER BY i), NULL,
                       array_fill(interval '1 s', '{1500}')),
          array_agg(at ORDER BY at), 'chains have up to 1000 steps')
FROM   generate_series(0, 999) AS i, LATERAL (SELECT now() - i * interval '1 s' AS at) AS t;
SELECT throws_ok(format('SELECT funnel_times(%s)', arguments), sqlstate, message, rule)
FROM   (VALUES
            ($$'{now}', '{0}', '1 h', NULL$$,               '22023', 'there is no step 0',
             'steps are numbered from 1'),
            ($$'{now}', '{1001}', '1 h', NULL$$,            '22023', 'there is no step 1001',
             'to 1000'),
            ($$'{now}', '{-2147483648}', '1 h', NULL$$,     '22023',
             'there is no step -2147483648', 'none is negative'),
            ($$'{-infinity}', '{1}', '1 h', NULL$$,         '22023',
             'an event at infinity cannot be counted', 'each has a time'),
            ($$'{now,now}', '{1}', '1 h', NULL$$,           '22023',
             'there are 2 times of 1 steps', 'and each time a step'),
            ($$'{}', '{1}', '1 h', NULL$$,                  '22023',
             'there are 0 times of 1 steps', 'always'),
            ($$'{{now,now}}', '{1,2}', '1 h', NULL$$,       '22023',
             'times, steps and windows of a funnel are arrays of one dimension',
             'times are a list'),
            ($$'{now,now}', '{{1},{2}}', '1 h', NULL$$,     '22023',
             'times, steps and windows of a funnel are arrays of one dimension', 'so are steps'),
            ($$'{now}', '{1}', '1 h', '{{1 h,1 h}}'$$,      '22023',
             'times, steps and windows of a funnel are arrays of one dimension', 'and windows'),
            ($$'{}', '{}', '-1 us', NULL$$,                 '22023',
             'the window of a funnel cannot be negative', 'which are not negative'),
            ($$'{}', '{}', NULL, '{1 h,NULL,-1 us}'$$,      '22023',
             'the window of a funnel cannot be negative', 'none of them'),
            ($$'{}', '{}', NULL, array_fill(interval '-1 h', '{2000}')$$, '22023',
             'the window of a funnel cannot be negative', 'however many'),
            ($$'{}', '{}', '1 h', '{1 month}'$$,            '22023',
             'an interval with months or years has no fixed length', 'and have a length')
       ) AS t (arguments, sqlstate, message, rule);

-- The same visitors with windows of steps: all chains there are, and of them the one that counts.
-- It starts last of those that end where it does, and what they all have its other steps before is
-- later in it.
CREATE TABLE stride (step_within interval[]);
INSERT INTO stride VALUES
    (NULL), ('{}'), ('{0}'), ('{2 s,2 s,2 s,2 s}'), ('{NULL,1 s,20 s}'), ('{7 s,NULL,0 s,3 s}'),
    ('{1 day,1 day,1 day,1 day,1 day,1 day}');
CREATE TABLE way_through AS
WITH RECURSIVE chain AS (
    SELECT DISTINCT visitor, within, step_within, ARRAY[at] AS taken
    FROM   walk, length, stride WHERE step = 1 AND visitor <= 1000
    UNION
    SELECT visitor, within, step_within, taken || next.at
    FROM   chain JOIN walk AS next USING (visitor), cardinality(taken) AS depth
    WHERE  next.step = depth + 1 AND next.at >= taken[depth]
    AND    (next.at <= taken[1] + within OR within IS NULL)
    AND    (next.at <= taken[depth] + step_within[depth] OR step_within[depth] IS NULL))
SELECT * FROM chain;
CREATE TABLE searched_times AS
SELECT DISTINCT ON (visitor, within, step_within) visitor, within, step_within, taken
FROM   way_through
ORDER  BY visitor, within, step_within, cardinality(taken) DESC, taken[cardinality(taken)],
          taken DESC;
CREATE TABLE listed AS
SELECT visitor, within, step_within, bool_or(step = 1) AS started,
       funnel_depth(at, step, within) AS depth,
       funnel_times(array_agg(at), array_agg(step), within, step_within) AS taken,
       funnel_times(array_agg(at ORDER BY step DESC, at), array_agg(step ORDER BY step DESC, at),
                    within, step_within) AS backwards,
       funnel_times(array_agg(at ORDER BY hashint8(visitor * i), i) || NULL::timestamptz,
                    array_agg(step ORDER BY hashint8(visitor * i), i) || 1,
                    within, step_within) AS shuffled
FROM   (SELECT *, row_number() OVER () AS i FROM walk WHERE visitor <= 1000) AS w, length, stride
GROUP  BY visitor, within, step_within;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'windows of steps end many chains')
FROM   listed WHERE cardinality(taken) BETWEEN 1 AND depth - 1;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'there are many ways through as long')
FROM   way_through AS w JOIN searched_times AS t USING (visitor)
WHERE  t.within IS NOT DISTINCT FROM w.within AND t.step_within IS NOT DISTINCT FROM w.step_within
AND    cardinality(t.taken) = cardinality(w.taken) AND t.taken <> w.taken
AND    t.taken[cardinality(t.taken)] = w.taken[cardinality(w.taken)];
SELECT set_eq('SELECT visitor, within, step_within, taken FROM listed WHERE started',
              'SELECT visitor, within, step_within, taken FROM searched_times',
              'the times are those of the chain that counts among all there are');
SELECT is_empty('SELECT t.visitor, t.within, t.step_within, t.taken, w.taken
                 FROM   searched_times AS t JOIN way_through AS w USING (visitor),
                        generate_subscripts(t.taken, 1) AS k
                 WHERE  t.within IS NOT DISTINCT FROM w.within
                 AND    t.step_within IS NOT DISTINCT FROM w.step_within
                 AND    cardinality(t.taken) = cardinality(w.taken)
                 AND    t.taken[cardinality(t.taken)] = w.taken[cardinality(w.taken)]
                 AND    t.taken[k] < w.taken[k]',
                'no other that is there as early has any step later');
SELECT holds($$SELECT backwards = taken AND shuffled = taken
                      AND (started OR taken = '{}')
                      AND (cardinality(taken) = depth
                           OR step_within IS NOT NULL AND step_within NOT IN ('{}')
                              AND step_within[6] IS NULL) AS holds, l
               FROM   listed AS l$$,
             'the order of events does not matter, and without windows of steps, or with wide '
             'ones, there are as many times as the depth');


-- In one pass over the events of all visitors: the same as visitor by visitor.
CREATE TABLE log AS
SELECT row_number() OVER () AS id, maybe(visitor) AS visitor, maybe(at) AS at, maybe(step) AS step
FROM   walk;
CREATE TABLE by_visitor AS
SELECT steps, within, strict, funnel(depth, steps) AS f
FROM   (SELECT within, strict, funnel_depth(at, step, within, strict) AS depth
        FROM   log, length, (VALUES (true), (false)) AS s (strict)
        WHERE  visitor IS NOT NULL GROUP BY visitor, within, strict) AS d,
        unnest('{1,2,4,7}'::int[]) AS steps
GROUP  BY steps, within, strict;
CREATE TABLE identity (n int GENERATED ALWAYS AS IDENTITY, visitor text, rule text);
INSERT INTO identity (visitor, rule) VALUES
    ('visitor',
     'a funnel in one pass is that of the depths of all visitors'),
    ('-visitor',                          'of negative ids'),
    ('hashint8extended(visitor, 1)',      'of ids all over the place'),
    ('visitor << 50',                     'of ids far apart'),
    ('CASE visitor WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 '
     'WHEN 3 THEN 0 WHEN 4 THEN -1 ELSE visitor END',
     'of ids at the edges of bigint'),
    ('md5(visitor::text)::uuid',          'of uuids'),
    ('''visitor '' || visitor',           'of texts'),
    ('repeat(visitor::text, 100)',        'of long texts');
SELECT holds(format('SELECT funnel(%1$s, at, step, steps, within, strict) = f AS holds, within,
                            strict, f
                     FROM   log, by_visitor WHERE steps = 4 GROUP BY steps, within, strict, f',
                    visitor),
             rule)
FROM   identity ORDER BY n;
SELECT holds('SELECT funnel(visitor, at, step, steps, within) = f
              AND funnel(visitor::text, at, step, steps, within) = f
                     AND funnel(md5(visitor::text)::uuid, at, step, steps, within) = f
                     AND    funnel(visitor, at, step, steps, within, NULL) = f
                     AND    funnel(visitor, at, step, steps, within ORDER BY id * 7919 % 4001) = f
                     AND funnel(visitor, at, step, steps, within ORDER BY at DESC,
                                step DESC) = f AS holds,
                         steps, within
              FROM   log, by_visitor WHERE NOT strict GROUP BY steps, within, f',
             'order is not strict unless asked for, and that of the rows does not matter');
SELECT holds('SELECT identical(rollup(part), f) AS holds, within, strict, k
              FROM   (SELECT steps, within, strict, f, k,
                             funnel(visitor, at, step, steps, within, strict) AS part
                      FROM   log, by_visitor, generate_series(1, 13, 4) AS k
                      WHERE steps = 4 GROUP BY steps, within, strict, f, k, visitor % k) AS p
              GROUP  BY within, strict, f, k',
             'funnels of different visitors pool');
SELECT is(funnel(visitor, at, step, 2, NULL), '3/2/1',
          'who did not take the first step is a visitor, who has no event at all is none')
FROM   (VALUES (1, now(), 1), (1, now(), 2), (2, now(), 1), (3, now(), 2), (4, now(), NULL),
               (5, NULL, 1), (NULL, now(), 1), (NULL, now(), 2))
       AS t (visitor, at, step);
SELECT cmp_ok(count(*), '>', 0::bigint,
              'visitors of nothing but events that are left out are none either way')
FROM   (SELECT FROM log
        WHERE  visitor IS NOT NULL
        GROUP  BY visitor
        HAVING funnel_depth(at, step, NULL) IS NULL) AS v;
SELECT is(funnel(visitor, now(), 1, 2, NULL), '0', 'no rows give no data, not NULL')
FROM   log WHERE false;
SELECT is(funnel(NULL::bigint, now(), 1, 2, NULL), '0', 'nor does nobody known') FROM log;
SELECT is(funnel(visitor, now(), 1, 1, NULL), '1/1',
          'two texts with the same hash are one visitor, which is the limit of hashes')
FROM   (VALUES ('guest-xmvxrvlodvtelxep39'::text), ('guest-gyf214aa70ski0zfa9')) AS t (visitor)
WHERE  (SELECT count(DISTINCT hashtextextended(v COLLATE "C", 0))
        FROM   unnest('{guest-xmvxrvlodvtelxep39,guest-gyf214aa70ski0zfa9}'::text[]) AS v)
    = 1;
SELECT is(funnel(i % 50000, timestamptz '2025-01-01' + i * interval '1 s', (1 + i / 50000)::int, 5,
                 '2 days'),
          '50000/50000/50000/50000/50000/0',
          'many visitors with many events')
FROM   generate_series(0, 199999) AS i;


-- Plans: what EXPLAIN says was done, and what came out.
CREATE FUNCTION way(query text, settings text, evidence jsonpath, OUT done boolean, OUT result text)
LANGUAGE plpgsql AS $$
DECLARE
    before text[] := ARRAY(SELECT name || '=' || current_setting(name)
                           FROM   regexp_split_to_table(settings, '=\S+ ?') AS name
                           WHERE  name <> '');
    plan   jsonb;
BEGIN
    PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true)
    FROM   unnest(string_to_array(settings, ' ')) AS setting;
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) '
        || query INTO plan;
    done := jsonb_path_exists(plan, evidence);
    EXECUTE format('SELECT string_agg(q::text, E''\n'' ORDER BY q::text) FROM (%s) AS q',
                   query) INTO result;
    PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true)
    FROM   unnest(before) AS setting;
END $$;
CREATE TABLE depths AS
SELECT row_number() OVER (ORDER BY visitor) AS id, funnel_depth(at, step, '5 s') AS depth
FROM   walk GROUP BY visitor;
CREATE TABLE crowd AS
SELECT i * 7919 % 15013 - 5000 AS visitor,
       timestamptz '2025-01-01' + i * i % 86399 * interval '1 s' AS at, (1 + i * i % 4)::int AS step
FROM   generate_series(1::bigint, 120000) AS i;
ANALYZE crowd;
SELECT ok(p.done AND s.done AND p.result = s.result, rule || ', leader participation ' || leader)
FROM   (VALUES
            (1,
             'SELECT funnel_send(funnel(visitor, at, step, 4, ''5 s'')),
                     funnel(visitor, at, step, 4, ''5 s'', true)
              FROM   log',
             'a parallel plan gives the same funnel'),
            (2,
             'SELECT visitor % 7, funnel(visitor, at, step, 4, ''5 s'')
              FROM   log GROUP BY visitor % 7',
             'for each group, too'),
            (3,
             'SELECT funnel(md5(visitor::text)::uuid, at, step, 4, ''5 s''),
                     funnel(visitor::text, at, step, 4, ''5 s'')
              FROM   log',
             'of uuids and texts'),
            (4,
             'SELECT visitor, funnel_depth(at, step, ''5 s''),
                     funnel_depth(at, step, ''5 s'', true), funnel_depth(at, ARRAY[1, step], NULL)
              FROM log GROUP BY visitor',
             'the same depths'),
            (5, 'SELECT funnel_send(funnel(depth, 4)) FROM depths',
             'and the same funnel of depths'),
            (6, 'SELECT funnel(visitor, at, step, 4, NULL) FROM log WHERE visitor IS NULL',
             'also without visitors'),
            (7,
             'SELECT visitor % 2, funnel(visitor, at, step, 4, ''1 h''),
                     funnel(visitor, at, step, 4, ''1 h'', true)
              FROM   crowd GROUP BY visitor % 2',
             'of many visitors'),
            (8,
             'SELECT funnel(md5(visitor::text)::uuid, at, step, 4, ''1 h''),
                     funnel(-(10::numeric ^ 18)::bigint + visitor, at, step, 4, ''1 h'')
              FROM   crowd',
             'whoever they are')
       ) AS t (n, query, rule),
       (VALUES ('off'), ('on')) AS l (leader),
       LATERAL way(query,
                   'parallel_setup_cost=0 parallel_tuple_cost=0 min_parallel_table_scan_size=0 '
                   'max_parallel_workers_per_gather=2 parallel_leader_participation='
                       || leader,
                   '$ ? (exists(@.** ? (@."Partial Mode" == "Partial")) && exists(@.** ? '
                   '(@."Workers Launched" > 0)))')
                       AS p,
       LATERAL way(query, 'max_parallel_workers_per_gather=0',
                   '$ ? (!exists(@.** ? (@."Workers Launched" > 0)))') AS s
ORDER  BY n, leader;
SELECT is(many, funnel(depth, 4), 'many events at once give what visitor by visitor gives')
FROM   (SELECT funnel(visitor, at, step, 4, '1 h') AS many FROM crowd) AS c,
       (SELECT funnel_depth(at, step, '1 h') AS depth FROM crowd GROUP BY visitor) AS d
       GROUP  BY many;
SELECT is(many, funnel(depth, 4), 'also in the order of visitors, and in a strict one')
FROM   (SELECT funnel(visitor, at, step, 4, '1 h', true) AS many
        FROM   (SELECT * FROM crowd ORDER BY visitor OFFSET 0) AS c) AS c,
       (SELECT funnel_depth(at, step, '1 h', true) AS depth FROM crowd GROUP BY visitor) AS d
       GROUP  BY many;
SELECT is(array_agg(f ORDER BY n)::text, array_agg(g ORDER BY n)::text,
          'a window goes on with what it has collected')
FROM   (SELECT n, funnel(visitor, at, step, 4, '1 h') OVER (ORDER BY n) AS f
        FROM   (SELECT *, ntile(5) OVER (ORDER BY at, visitor) AS n FROM crowd) AS c) AS w
JOIN   (SELECT n, funnel(visitor, at, step, 4, '1 h') AS g
        FROM   generate_series(1, 5) AS n,
             (SELECT *, ntile(5) OVER (ORDER BY at, visitor) AS part FROM crowd) AS c
        WHERE part <= n GROUP BY n) AS o USING (n);


-- Windows.  Visitors can be taken out again, events cannot: there each frame is worked out anew.
CREATE INDEX ON log (id);
CREATE INDEX ON depths (id);
ANALYZE log, depths;
SELECT holds(format('SELECT identical(%2$s OVER w, (SELECT %2$s FROM %1$I AS o WHERE %5$s))
                     AND %3$s OVER w
                         IS NOT DISTINCT FROM (SELECT %3$s FROM %1$I AS o WHERE %5$s) AS holds,
                            id
                     FROM   (SELECT * FROM %1$I WHERE id <= 300) AS f
                     WINDOW w AS (ORDER BY id %4$s)',
                    relation, first, second, frame, condition),
             'a moving frame gives what a fresh one does: ' || frame_rule || ' ' || relation_rule)
FROM   (VALUES
            (1, 'o.id = f.id',                                    'ROWS CURRENT ROW',
             'single'),
            (2, 'o.id BETWEEN f.id - 30 AND f.id',                'ROWS 30 PRECEDING',
             'the last'),
            (3, 'o.id BETWEEN f.id - 20 AND f.id - 10',
             'ROWS BETWEEN 20 PRECEDING AND 10 PRECEDING',         'earlier'),
            (4, 'o.id BETWEEN f.id - 5 AND least(f.id + 5, 300)',
             'RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING',          'surrounding'),
            (5, 'o.id <= f.id',                                   'ROWS UNBOUNDED PRECEDING',
             'all so far,'),
            (6, 'o.id BETWEEN f.id AND 300',
             'GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING', 'all to come,')
       ) AS f (n, condition, frame, frame_rule),
       (VALUES
            (1, 'depths', 'funnel(depth, 4)',
             'rollup(make_funnel(ARRAY[9, depth, depth / 2]))', 'visitors'),
            (2, 'log',    'funnel(visitor, at, step, 4, ''5 s'')',
             'funnel_depth(at, step, ''5 s'')',                 'events')
       ) AS r (m, relation, first, second, relation_rule)
ORDER  BY n, m;
SELECT holds('SELECT funnel(1, n) OVER (ORDER BY n ROWS CURRENT ROW)
              = (''1/1'' || repeat(''/0'', n - 1))::funnel AS holds,
                     n
              FROM   generate_series(1, 50) AS n',
             'a frame that was emptied has no number of steps');


-- The functions behind the aggregates, called by anybody with anything.
SELECT results_eq($$ SELECT funnel_accum(NULL, 1, 1)::text
                     UNION ALL
                     SELECT funnel_accum('3/1', NULL, 1)::text
                     UNION ALL
                     SELECT funnel_accum('3/1', 1, 1)::text
                     UNION ALL
                     SELECT funnel_accum_inverse('3/1', 1, 1)::text
                     UNION ALL
                     SELECT funnel_accum_inverse('3/1', NULL, 1)::text
                     UNION ALL
                     SELECT funnel_depth_accum(NULL, now(), 1, '1 h')::text
                     UNION ALL
                     SELECT funnel_depth_accum('', NULL, 1, '1 h')::text
                     UNION ALL
                     SELECT funnel_depth_accum('', now(), NULL::int, '1 h')::text
                     UNION ALL
                     SELECT funnel_depth_accum('', now(), NULL::int[], '1 h')::text
                     UNION ALL
                     SELECT funnel_events_accum(NULL, 1, now(), 1, 2, '1 h')::text
                     UNION ALL
                     SELECT funnel_events_accum('', NULL::text, now(), 1, 2, '1 h')::text
                     UNION ALL
                     SELECT funnel_events_combine(NULL, '')::text
                     UNION ALL
                     SELECT funnel_events_combine('', '')::text
                     UNION ALL
                     SELECT funnel_depth_final('')::text
                     UNION ALL
                     SELECT funnel_events_final('')::text
                     UNION ALL
                     SELECT funnel_depth_final(NULL)::text $$,
                  $$ VALUES (NULL), (NULL), ('4/2'), ('2/0'), (NULL), (NULL), ('\x'), ('\x'),
                            ('\x'), (NULL), ('\x'), (NULL), ('\x'), (NULL), ('0'), (NULL) $$,
                  'the functions behind the aggregates can be called');

-- States as they come about, stored short, as they are, or out of line.
CREATE TABLE state (state bytea, events int);
INSERT INTO state VALUES ('', 0);
INSERT INTO state
SELECT funnel_events_accum(state, 7, timestamptz '2025-01-01', 1, 3, '1 h'), 1
FROM   state WHERE events = 0;
INSERT INTO state
SELECT funnel_events_accum(state, 7, timestamptz '2025-01-01 00:30', 2, 3, '1 h'), 2
FROM   state WHERE events = 1;
INSERT INTO state
SELECT funnel_events_accum(state, 8, timestamptz '2025-01-01 00:40', 1, 3, '1 h'), 3
FROM   state WHERE events = 2;
SELECT is(array_agg(funnel_events_final(state) ORDER BY events)::text,
          '{0,1/1/0/0,1/1/1/0,2/2/1/0}',
          'a state can be built event by event')
FROM   state;
SELECT is(array_agg(funnel_events_final(funnel_events_combine(a.state, b.state)) ORDER BY a.events,
                    b.events)::text,
          '{0,1/1/0/0,1/1/1/0,2/2/1/0,1/1/0/0,1/1/0/0,1/1/1/0,2/2/1/0,1/1/1/0,'
          '1/1/1/0,1/1/1/0,2/2/1/0,2/2/1/0,2/2/1/0,2/2/1/0,2/2/1/0}',
          'and combined: the same event twice changes nothing') FROM state AS a, state AS b;
SELECT is(length(state), 20 + 24 * 4, 'an event takes 24 bytes') FROM state WHERE events = 3;
CREATE TABLE padded (pad "char", state bytea);
ALTER TABLE padded ALTER state SET STORAGE EXTERNAL;
INSERT INTO padded SELECT 'x', state FROM state WHERE events = 3;
INSERT INTO padded SELECT 'y', funnel_events_combine(state, state) FROM padded;
INSERT INTO padded
SELECT 'z', funnel_events_combine(p.state, p.state)
FROM   padded AS p, generate_series(1, 2) WHERE pad = 'y';
DO $$ BEGIN FOR i IN 1 .. 7 LOOP UPDATE padded SET state = funnel_events_combine(state, state)
      WHERE  pad = 'z'; END LOOP; END $$;
SELECT holds('SELECT funnel_events_final(state) = ''2/2/1/0''
              AND funnel_events_final(funnel_events_combine(state, state)) = ''2/2/1/0''
                     AND funnel_events_final(funnel_events_accum(state, 9, now(), 1, 3, ''1 h''))
                         = ''3/3/1/0'' AS holds,
                         pad, length(state)
                     FROM   padded',
             'wherever it is stored');
CREATE TABLE before AS SELECT pad, md5(state) FROM padded;
SELECT holds('SELECT count(funnel_depth_final(state)) + count(funnel_events_final(state))
              + count(funnel_events_combine(state, state))
                     + count(funnel_events_accum(state, 9, now(), 1, 3, ''1 h''))
                         = 4 * count(*) AS holds,
                     NULL::"char" AS pad
                     FROM   padded
              UNION ALL SELECT md5(state) = md5, pad FROM padded JOIN before USING (pad)',
             'which no call changes');

-- Anything else is refused, or gives some number.
CREATE FUNCTION outcome(call text, a bytea, b bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'SELECT ' || call USING a, b;
    RETURN 'a result';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE TABLE broken AS
SELECT string_agg(set_byte('\x00', 0, any_of(0, 255)::int), '') AS state
FROM   generate_series(1, 200) AS size, generate_series(1, size) GROUP BY size
UNION ALL
SELECT decode(repeat(hex, size), 'hex')
FROM   generate_series(1, 120) AS size, unnest('{00,ff,7f,80,01}'::text[]) AS hex
UNION ALL
SELECT set_byte(state, i, value)
FROM   state, generate_series(0, 67) AS i, unnest('{0,1,2,127,128,255}'::int[]) AS value
WHERE  events = 3
UNION ALL SELECT substring(state FOR i) FROM state, generate_series(0, 115) AS i WHERE events = 3
UNION ALL
SELECT state || substring(state FOR i)
FROM   state, generate_series(0, 48) AS i WHERE events = 3;
CREATE TABLE call (call text);
INSERT INTO call VALUES
    ('funnel_depth_final($1)'), ('funnel_events_final($1)'), ('funnel_events_combine($1, $1)'),
    ('funnel_events_combine($1, $2)'), ('funnel_events_combine($2, $1)'),
    ('funnel_depth_accum($1, now(), 1, ''1 h'')'),
    ('funnel_depth_accum($1, now(), ''{3,2,1}''::int[], ''1 h'', true)'),
    ('funnel_events_accum($1, 7, now(), 1, 3, ''1 h'')'),
    ('funnel_events_accum($1, ''x''::text, now(), 2, 3, ''1 h'', true)'),
    ('funnel_events_final(funnel_events_accum($1, gen_random_uuid(), now(), 1, 3, ''1 h''))'),
    ('funnel_events_final(funnel_events_combine($1, $2))'),
    ('funnel_depth_final(funnel_events_combine($2, $1))');
SELECT holds('SELECT outcome IN (''22023'', ''a result'') AS holds, call, broken.state, outcome
              FROM   call, broken, state AS s, outcome(call, broken.state, s.state)
              WHERE  s.events = 3',
             'whatever a function behind the aggregates is called with, it is an error, or gives a '
             'result');
SELECT holds(format('SELECT outcome = ''22023'' AS holds, call, outcome
                     FROM   call, state AS s,
                          outcome(call, overlay(s.state PLACING %L FROM %s), s.state)
                     WHERE s.events = 3 AND call ~ ''_final''', bytes, position), rule)
FROM   (VALUES
            (1,  '\x00000000'::bytea,         'a state without steps is refused'),
            (1,  '\xffffffff',                'so is one with a negative number'),
            (1,  '\xffffff7f',                'or too many'),
            (5,  '\xffffffffffffffff',        'a negative window'),
            (13, '\x02000000',                'an order that is neither strict nor not'),
            (15, '\x0200',                    'a form that there is not'),
            (15, '\x0100',                    'events that are said to be packed and are not'),
            (17, '\xffffffff',                'a negative number of events'),
            (17, '\x05000000',                'and more than there is room for'),
            (17, '\xffffff7f',                'by far'),
            (37, '\x0000000000000000',        'a step 0'),
            (37, '\xffffffffffffffff',        'a negative one'),
            (37, '\x0000000001000000',        'and one far away')
       ) AS t (position, bytes, rule);


-- What many events are packed to on their way from a parallel worker, as an aggregate gives it that
-- has no final function.
CREATE AGGREGATE collected(bigint, timestamptz, int, int, interval) (
    SFUNC = funnel_events_accum, STYPE = bytea, INITCOND = '');
CREATE TABLE packing (note text, id bigint, at timestamptz, step int);
INSERT INTO packing
SELECT 'at random', any_of(-300, 300),
       timestamptz '2025-01-01' + any_of(0, 9000) * interval '10 s',
       any_of(1, 3)
FROM   generate_series(1, 9000)
UNION ALL
SELECT 'far apart', (ARRAY[-9223372036854775808, 9223372036854775807, 0, -1])[any_of(1, 4)],
       (ARRAY[timestamptz '4713-01-01 BC', '294276-12-31', '2000-01-01'])[any_of(1, 3)],
       (ARRAY[1, 2, 127, 128, 1000])[any_of(1, 5)]
FROM   generate_series(1, 5000)
UNION ALL
SELECT 'all the same', 7, '2025-01-01', 1 FROM generate_series(1, 5000);
CREATE TABLE packed AS
SELECT note, collected(id, at, step, 3, '1 h') AS state, funnel(id, at, step, 3, '1 h') AS funnel,
       count(*) AS n
FROM   packing GROUP BY note;
SELECT holds('SELECT funnel_events_final(state) = funnel
                     AND funnel_events_final(funnel_events_combine('''', state)) = funnel
                     AND funnel_events_final(funnel_events_combine(state, state)) = funnel
                         AS holds, note
              FROM   packed',
             'packed events are the same events');
SELECT holds('SELECT funnel_events_final(funnel_events_combine(p.state, o.state)) = f.funnel
                     AND funnel_events_final(funnel_events_combine(o.state, p.state)) = f.funnel
                         AS holds, p.note, o.note
              FROM   packed AS p,
                     (VALUES (''one'', funnel_events_accum(
                                  '''', 7::bigint, timestamptz ''2025-01-01'', 1, 3, ''1 h'')),
                             (''none'', '''')) AS o (note, state),
                     LATERAL (SELECT funnel(id, at, step, 3, ''1 h'') AS funnel
                              FROM  (SELECT id, at, step FROM packing AS g WHERE g.note = p.note
                                     UNION ALL
                                     SELECT 7, ''2025-01-01'', 1
                                     WHERE  o.note = ''one'') AS g) AS f',
             'with others they are all of them');
SELECT holds('SELECT length(state) < n * CASE note WHEN ''at random'' THEN 9
                                                   WHEN ''all the same'' THEN 4 ELSE 24 END
                         AS holds, note, length(state), n
              FROM   packed',
             'they take fewer bytes');
SELECT holds('SELECT outcome = ''22023'' AS holds, call, note, broken.n, outcome
              FROM   packed,
                     LATERAL (SELECT i, substring(state FOR i)
                              FROM   generate_series(1, 60) AS i
                              UNION ALL
                              SELECT -i, substring(state FOR length(state) - i)
                              FROM   generate_series(1, 5) AS i
                              UNION ALL
                              SELECT 1000 + i, state || set_byte(''\x00'', 0, i)
                              FROM   generate_series(0, 255, 51) AS i) AS broken (n, state),
                     (VALUES (''funnel_events_final($1)''), (''funnel_events_combine($2, $1)''),
                             (''funnel_events_combine($1, $2)''),
                             (''funnel_events_accum($1, 7, now(), 1, 3, ''''1 h'''')''))
                         AS c (call),
                     outcome(call, broken.state, packed.state)',
             'of which none may be missing, and nothing may follow');
SELECT holds('SELECT outcome IN (''22023'', ''a result'') AS holds, call, i, value, outcome
              FROM   packed, generate_series(0, 40) AS i,
                     unnest(''{0,1,2,127,128,255}''::int[]) AS value,
                     (VALUES (''funnel_events_final($1)''),
                             (''funnel_events_final(funnel_events_combine($2, $1))'')) AS c (call),
                     outcome(call, set_byte(state, i, value), state)
              WHERE  note = ''at random''',
             'whatever is said of them, it is an error, or gives a result');


-- As a plain number, and in order.
SELECT is(f::float8, 80 / 600::float8, 'a funnel can be cast to double precision') FROM shop;
SELECT is(round(f, 4), 0.1333, 'or rounded') FROM shop;
SELECT is((funnel '0')::numeric, NULL, 'no data is cast to NULL');
SELECT is(funnel '5/4/1' = 0.25, true, 'a funnel compares with a number by its value');
SELECT is(funnel '0' > 0, NULL, 'whether no data is above a number is not known');
SELECT throws_ok('SELECT sqrt(f) FROM shop', '42883', NULL,
                 'a funnel does not turn into a number by itself');
SELECT is(array_agg(f ORDER BY f)::text, '{9/8/0,8/4/1,9/4/1,16/8/4/2,4/4/4,0,5/0/0}',
          'funnels are ordered by value, then visitors; no data comes last')
FROM   unnest('{0,4/4/4,16/8/4/2,9/8/0,9/4/1,8/4/1,5/0/0}'::funnel[]) AS f;
SELECT is(funnel '10/4/2' = '10/8/4', false, 'the same value of another sample is another funnel');

SELECT * FROM finish();
ROLLBACK;
