\set ECHO none
\i test/setup.psql
SELECT plan(329);

-- What activity, the customers of each period, is held to. The sections begin with these words:
--
--     Text, Binary             how it is written, sent and received, and what is refused
--     Every byte of a message  what a mutated message gives
--     Four customers           its functions, by answers worked out by hand
--     2025-01-31 was           customers between days, parts, and those who came again or not
--     Day boundaries           retention by rolling days and by the calendar
--     Guests, Kinds            rows without a customer; ids, uuids and texts as customers
--     Errors                   the SQLSTATE of each
--     Random orders            all functions beside plain SQL
--     The same rows            equal values have equal bytes
--     Plans, What is counted   partial, parallel and hashed aggregates, and what leaves a worker
--     Windows                  moving frames
--     Size                     bytes for each customer
--     NULL, As a plain number  what is unknown, casts, order


-- Text: the customers of each period, + for those active more than once, ? for rows without a
-- customer.
SELECT is(literal::activity::text, canonical, rule)
FROM   (VALUES
            ('{2025-01-01: 1 2+ 5, 2025-02-01: ?3 2}', '{2025-01-01: 1 2+ 5, 2025-02-01: ?3 2}',
             'an activity is written as periods with their customers'),
            ('{}',                         '{}',
             'an activity can be without data'),
            (E' \n{2025-01-01: 1}\t',      '{2025-01-01: 1}',
             'white space around an activity does not matter'),
            ('uuid{2025-01-01: -5 7+}',    'uuid{2025-01-01: -5 7+}',
             'the hashes of uuid customers are marked as such'),
            ('text{2025-01-01: -5 7+}',    'text{2025-01-01: -5 7+}',
             'so are those of text customers'),
            ('text{}',                     '{}',                         'nobody is of no kind'),
            ('uuid{2025-01-01: ?3}',       '{2025-01-01: ?3}',           'nor is somebody unknown'),
            ('{2025-01-01: ?007 7+}',      '{2025-01-01: ?7 7+}',
             'leading zeros of a count are not kept'),
            ('{2025-01-01: -9223372036854775808 -1 0 9223372036854775807}',
             '{2025-01-01: -9223372036854775808 -1 0 9223372036854775807}',
             'customers are all the bigints there are'),
            ('{2025-01-01: ?9223372036854775807}', '{2025-01-01: ?9223372036854775807}',
             'unknown rows are counted up to 2^63 - 1'),
            ('{4714-11-24 BC: 1, 0001-12-31 BC: 1, 0001-01-01: 1, 5874897-12-31: 1}',
             '{4714-11-24 BC: 1, 0001-12-31 BC: 1, 0001-01-01: 1, 5874897-12-31: 1}',
             'periods are all the dates there are')
       ) AS t (literal, canonical, rule);

SELECT throws_ok(format('SELECT activity %L', literal), '22P02', NULL, rule)
FROM   (VALUES
            ('',                             'nothing is not an activity'),
            ('{',                            'an activity ends'),
            ('}',                            'and starts'),
            ('{} {}',                        'nothing follows an activity'),
            ('2025-01-01: 1',                'it has braces'),
            ('{2025-01-01}',                 'a date is no activity'),
            ('{2025-01-01:}',                'there is no period without activity'),
            ('{2025-01-01: }',               'nor with an empty list'),
            ('{: 1}',                        'nor activity without a period'),
            ('{2025-01-01: ?0}',             'no rows are not activity'),
            ('{2025-01-01: ?}',              'unknown rows have a number'),
            ('{2025-01-01: ?-1}',            'which is not negative'),
            ('{2025-01-01: ?1.5}',           'and whole'),
            ('{2025-01-01: ?9223372036854775808}', 'and below 2^63'),
            ('{2025-01-01: 1 ?3}',           'unknown rows come first'),
            ('{2025-01-01: ?3+}',            'and are not marked'),
            ('{2025-01-01: ?3 ?4}',          'nor given twice'),
            ('{2025-01-01: 2 1}',            'customers ascend'),
            ('{2025-01-01: 1 1}',            'and come once: 1 1 is written 1+'),
            ('{2025-01-01: 1 1+}',           'marked or not'),
            ('{2025-01-01: 1++}',            'there is one mark for more than once'),
            ('{2025-01-01: +}',              'which stands behind a customer'),
            ('{2025-01-01: 1 +}',            'without a space'),
            ('{2025-01-01:1}',               'one space goes before a customer'),
            ('{2025-01-01:  1}',             'not two'),
            ('{2025-01-01: 1 }',             'and none behind'),
            ('{2025-01-01: 1,2}',            'customers are not separated by commas'),
            ('{2025-01-01: 1.0}',            'customers are whole numbers'),
            ('{2025-01-01: 1e3}',            'without exponents'),
            ('{2025-01-01: +7}',             'without a plus in front'),
            ('{2025-01-01: 007}',            'and without zeros'),
            ('{2025-01-01: 00}',             'of which there is one'),
            ('{2025-01-01: -07}',            'not below'),
            ('{2025-01-01: -0}',             'or at zero'),
            ('{2025-01-01: -}',              'a sign is no number'),
            ('{2025-01-01: 0x10}',           'in decimal'),
            ('{2025-01-01: x}',              'and nothing else'),
            ('{2025-01-01: 9223372036854775808}',  'there are no bigints beyond 2^63 - 1'),
            ('{2025-01-01: -9223372036854775809}', 'nor below -2^63'),
            ('{2025-01-02: 1, 2025-01-01: 1}', 'periods ascend'),
            ('{2025-01-01: 1, 2025-01-01: 2}', 'and come once'),
            ('{2025-01-01: 1 2025-01-02: 1}',  'with commas between them'),
            ('{2025-01-01: 1,2025-01-02: 1}',  'and a space'),
            ('{2025-01-01: 1, }',            'but none behind the last'),
            ('{01-02-2025: 1}',
             'a date that DateStyle reads one way or the other is no period'),
            ('{infinity: 1}',                'nor is infinity'),
            ('{-infinity: 1}',               'on either side'),
            ('{today: 1}',                   'nor today, which is another day tomorrow'),
            ('{Jan 1 2025: 1}',              'months are numbers'),
            ('bigint{2025-01-01: 1}',        'bigint customers are not marked'),
            ('uuidtext{2025-01-01: 1}',      'customers are of one kind'),
            ('textuuid{2025-01-01: 1}',      'and not of two'),
            ('text {2025-01-01: 1}',         'a kind stands right before the brace'),
            ('TEXT{2025-01-01: 1}',          'in small letters'),
            ('text',                         'and is no activity by itself')
       ) AS t (literal, rule);
SELECT is(sqlstate_of(format('SELECT activity %L', literal)) IN ('22P02', '22007', '22008'), true,
          rule)
FROM   (VALUES
            ('{2025-13-01: 1}',              'there is no month 13'),
            ('{2025-02-29: 1}',              'nor February 29 in 2025'),
            ('{5874898-01-01: 1}',           'nor a year beyond 5874897'),
            ('{4714-11-23 BC: 1}',           'nor a day before 4714-11-24 BC'),
            ('{2025: 1}',                    'a year is no period: which day?'),
            ('{2025-01-01 12:00: 1}',        'days have no hours')
       ) AS t (literal, rule);
SET LOCAL datestyle = 'German';
SELECT is(activity(1, '2025-02-01')::text, '{2025-02-01: 1}',
          'the text does not depend on settings');
SELECT is(activity '{2025-02-01: 1}', activity(1, '2025-02-01'), 'nor does what it means');
SET LOCAL datestyle = 'ISO, MDY';


-- Binary: a version, the kind of customer, the periods in days from 2000 on, the rows of each
-- without a customer, and the distance of each customer from the one before, followed by those of
-- their periods: 4 × periods skipped + 2 if active more than once + 1 for the last.  Integers
-- behind the periods have seven bits to the byte, the lowest first.
CREATE TABLE sent AS
SELECT activity '{2025-01-01: 1 2+ 300, 2025-02-01: ?200 2}' AS a,
       '\x01 01 00000002 000023ac 000023cb  00 c801  01 01  01 02 01  aa02 01'::bytea AS message;
SELECT is(activity_send(a), message,
          'the binary form is a version, the kind of customer, the periods, unknown rows and '
          'customers')
FROM   sent;
SELECT is(receive(activity '{}', message), a, 'an activity is received as it is sent') FROM sent;
SELECT is(activity_send('{}'), '\x01 00 00000000', 'no data is sent as no periods');
SELECT is(activity_send('{2025-01-01: -1}'), '\x01 01 00000001 000023ac 00 ffffffffffffffffff01 01',
          'negative customers are the distance from 0, too');
SELECT is(receive(activity '{}', '\x01 01 00000001 000023ac 00 ffffffffffffffffff01 01'),
          '{2025-01-01: -1}',
          'and are received');
SELECT is(activity_send('text{2025-01-01: -9223372036854775808 9223372036854775807+}'),
          '\x01 03 00000001 000023ac 00 80808080808080808001 01 ffffffffffffffffff01 03',
          'customers can lie 2^64 - 1 apart');
SELECT is(receive(activity '{}',
                  '\x01 03 00000001 000023ac 00 80808080808080808001 01 ffffffffffffffffff01 03'),
          'text{2025-01-01: -9223372036854775808 9223372036854775807+}',
          'from the first bigint to the last');

SELECT throws_ok(format('SELECT receive(activity ''{}'', %L)', broken), sqlstate, NULL, rule)
FROM   (VALUES
            ('\x'::bytea,                                             '08P01',
             'an empty message is refused'),
            ('\x02 01 00000001 000023ac 00 01 01',                    '22P03',
             'a later version of the binary form is refused'),
            ('\x00 01 00000001 000023ac 00 01 01',                    '22P03',
             'there is no version 0 of the binary form'),
            ('\x01',                                                  '08P01',
             'a message without a kind of customer is refused'),
            ('\x01 06 00000001 000023ac 00 01 01',                    '22P03',
             'there is no sixth kind of customer'),
            ('\x01 ff 00000001 000023ac 00 01 01',                    '22P03',
             'nor a negative one'),
            ('\x01 00 00000001 000023ac 00 01 01',                    '22P03',
             'known customers are of a kind'),
            ('\x01 01 00000001 000023ac 01',                          '22P03',
             'unknown ones are not'),
            ('\x01 01 00000000',                                      '22P03', 'nor is nobody'),
            ('\x01 00 000000',                                        '08P01',
             'a truncated number of periods is refused'),
            ('\x01 01 ffffffff 000023ac 00 01 01',                    '22P03',
             'their number is not negative'),
            ('\x01 01 80000000 000023ac 00 01 01',                    '22P03', 'by no means'),
            ('\x01 01 7fffffff 000023ac 00 01 01',                    '22P03',
             'nor more than the message can hold'),
            ('\x01 01 40000000 000023ac 00 01 01',                    '22P03',
             'even if four times it is 0 in 32 bits'),
            ('\x01 01 00000002 000023ac 00 01 01',                    '22P03',
             'nor one more than there are'),
            ('\x01 01 00000001 7fffffff 00 01 01',                    '22P03',
             'infinity is not a period'),
            ('\x01 01 00000001 80000000 00 01 01',                    '22P03', 'nor is -infinity'),
            ('\x01 01 00000001 7ffffffe 00 01 01',                    '22P03',
             'nor what is no date'),
            ('\x01 01 00000001 80000001 00 01 01',                    '22P03',
             'before the first one'),
            ('\x01 01 00000002 000023cb 000023ac 00 00 01 00 01',     '22P03', 'periods ascend'),
            ('\x01 01 00000002 000023ac 000023ac 00 00 01 00 01',     '22P03', 'and come once'),
            ('\x01 01 00000002 000023ac 000023cb 00 00 01 01',        '22P03',
             'no period is without activity'),
            ('\x01 01 00000002 000023ac 000023cb 00 00 01 05',        '22P03',
             'be it the first or the last'),
            ('\x01 00 00000001 000023ac 00',                          '22P03',
             'even if there is but one'),
            ('\x01 00 00000001 000023ac',                             '22P03',
             'the unknown rows of a period are given'),
            ('\x01 00 00000001 000023ac 80',                          '22P03', 'in full'),
            ('\x01 00 00000001 000023ac 80808080808080808001',        '22P03', 'and below 2^63'),
            ('\x01 00 00000001 000023ac 8100',                        '22P03',
             'an integer is as short as can be'),
            ('\x01 00 00000001 000023ac 808000',                      '22P03', 'zero, too'),
            ('\x01 01 00000001 000023ac 00 80808080808080808002 01',  '22P03',
             'an integer has 64 bits'),
            ('\x01 01 00000001 000023ac 00 8080808080808080808001 01', '22P03',
             'and no eleventh byte'),
            ('\x01 01 00000001 000023ac 00 ffffffffffffffffffffff01 01', '22P03', 'nor more'),
            ('\x01 01 00000001 000023ac 00 01',                       '22P03',
             'a customer has periods'),
            ('\x01 01 00000001 000023ac 00 81',                       '22P03',
             'a truncated customer is refused'),
            ('\x01 01 00000001 000023ac 00 01 81',                    '22P03',
             'so is a truncated period'),
            ('\x01 01 00000001 000023ac 00 01 00',                    '22P03',
             'a customer has a last period'),
            ('\x01 01 00000001 000023ac 00 01 05',                    '22P03',
             'which is one of those listed'),
            ('\x01 01 00000002 000023ac 000023cb 00 00 01 00 05',     '22P03',
             'counted from the one before'),
            ('\x01 01 00000001 000023ac 00 01 00 01',                 '22P03', 'and comes once'),
            ('\x01 01 00000001 000023ac 00 01 fdffffff0f',            '22P03',
             'a period 2^30 further on is refused'),
            ('\x01 01 00000001 000023ac 00 01 fdffffffffffffffff01',  '22P03',
             'so is one 2^62 further on'),
            ('\x01 01 00000001 000023ac 00 01 01 00 01',              '22P03',
             'no customer comes twice'),
            ('\x01 01 00000001 000023ac 00 02 01 ffffffffffffffffff01 01', '22P03',
             'or before the one before'),
            ('\x01 01 00000001 000023ac 00 ffffffffffffffff7f 01 01 01',   '22P03',
             'or beyond 2^63 - 1'),
            ('\x01 01 00000001 000023ac 00 01 01 00',                 '22P03',
             'a message that is too long is refused')
       ) AS t (broken, sqlstate, rule);

-- Every byte of a message replaced or left out, every truncation, two bytes exchanged.
CREATE FUNCTION outcome(message bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    a activity;
BEGIN
    a := receive(activity '{}', message);
    RETURN CASE WHEN activity_send(a) = message AND identical(a::text::activity, a) THEN 'canonical'
                ELSE 'accepted' END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE TABLE mutant AS
SELECT DISTINCT mutant
FROM   sent, generate_series(1, length(message)) AS i,
       LATERAL (SELECT set_byte(message, i - 1, (get_byte(message, i - 1) + change) % 256)
                FROM   unnest('{1, 2, 3, 4, 16, 63, 64, 127, 128, 129, 192, 254, 255}'::int[])
                    AS change
                UNION ALL SELECT substring(message FOR i - 1) || substring(message FROM i + 1)
                UNION ALL SELECT substring(message FOR i - 1)
                UNION ALL SELECT substring(message FOR i) || substring(message FROM i)
                UNION ALL
                SELECT set_byte(set_byte(message, i - 1, get_byte(message, j)), j,
                                get_byte(message, i - 1))
                FROM   LATERAL (SELECT any_of(0, length(message) - 1)::int AS j) AS other)
       AS m (mutant);
SELECT holds('SELECT outcome IN (''canonical'', ''22P03'', ''08P01'') AS holds, mutant, outcome
              FROM   (SELECT mutant, outcome(mutant) FROM mutant) AS m (mutant, outcome)',
             'any message is refused, or is that of an activity');


-- Four customers: 1 comes in January, in January again, and in February; 2 in January and April; 3
-- in February twice on one day; 4 in April.  Two guests are unknown in April, one in January.  Of
-- another order the day is unknown.
CREATE TABLE shop_order (customer bigint, day date);
INSERT INTO shop_order VALUES
    (1, '2025-01-05'), (1, '2025-01-20'), (1, '2025-02-10'),
    (2, '2025-01-31'), (2, '2025-04-02'),
    (3, '2025-02-10'), (3, '2025-02-10'),
    (4, '2025-04-30'),
    (NULL, '2025-01-15'), (NULL, '2025-04-02'), (NULL, '2025-04-02'),
    (5, NULL), (NULL, NULL);
CREATE TABLE shop AS SELECT activity(customer, day) AS a FROM shop_order;

SELECT is(a::text,
          '{2025-01-05: 1, 2025-01-15: ?1, 2025-01-20: 1, 2025-01-31: 2, 2025-02-10: 1 3+, '
          '2025-04-02: ?2 2, 2025-04-30: 4}',
          'who was active when, once or more often; a row without a day is left out') FROM shop;
SELECT is(sample_size(a), 4::bigint, 'the sample of an activity is its customers') FROM shop;
SELECT is(unknown_rows(a), 3::bigint, 'rows without a customer are counted') FROM shop;
SELECT is(repeat_purchase_rate(a), '3/4',
          'who was active more than once in all, on one day or several, has bought again')
FROM   shop;
SELECT is(value(a), 0.75::float8, 'which is the value') FROM shop;
SELECT is(repeat_purchase_rate(customer), '3/4',
          'repeat_purchase_rate of customers takes one row for each order')
FROM   shop_order WHERE day IS NOT NULL;
SELECT is(ARRAY(SELECT customer_ids(a)), '{1,2,3,4}', 'the customers can be listed') FROM shop;

SELECT results_eq($$ SELECT c.* FROM shop, customers(a, 'month') AS c $$,
    $$ VALUES (date '2025-01-01', 2::bigint, 2::bigint, 0::bigint, 1::bigint, 0::bigint, rate '0/2',
               rate '1/2', rate '0/0', 1::bigint),
              ('2025-02-01', 2, 1, 1, 1, 1, '1/2', '1/2', '1/2', 0),
              ('2025-03-01', 0, 0, 0, 0, 0, '0/0', '0/0', '0/2', 0),
              ('2025-04-01', 2, 1, 1, 0, 0, '1/2', '0/2', '0/0', 2) $$,
    'customers of each month: all, new, returning, repeat, retained, and their rates; a month in '
    'which nobody came is a row');
SELECT results_eq($$ SELECT c.* FROM shop, customers(a, 'quarter') AS c $$,
    $$ VALUES (date '2025-01-01', 3::bigint, 3::bigint, 0::bigint, 2::bigint, 0::bigint, rate '0/3',
               rate '2/3', rate '0/0', 1::bigint),
              ('2025-04-01', 2, 1, 1, 0, 1, '1/2', '0/2', '1/3', 2) $$,
    'in a quarter, whoever came in two of its months has come more than once');
SELECT results_eq($$ SELECT c.* FROM shop, customers(a, 'year') AS c $$,
    $$ VALUES (date '2025-01-01', 4::bigint, 4::bigint, 0::bigint, 3::bigint, 0::bigint, rate '0/4',
               rate '3/4', rate '0/0', 3::bigint) $$,
    'a year from the first activity to the last is the repeat purchase rate');
SELECT results_eq($$ SELECT period, customers, new_customers, returning_customers, returning_rate
                     FROM   shop, customers(activity '{2025-02-01: ?2 1 2+ 9}', 'month',
                                            a) AS c $$,
    $$ VALUES (date '2025-02-01', 3::bigint, 3::bigint, 2::bigint, rate '2/3') $$,
    'of a part, returning are those who came to the whole before; who is not in it is new');
SELECT results_eq($$ SELECT period, returning_customers
                     FROM   customers(activity '{2025-01-05: 1, 2025-02-01: 1, 2025-03-01: 2}',
                                      'month', activity '{2025-03-02: 1 2}') AS c $$,
    $$ VALUES (date '2025-01-01', 0::bigint), ('2025-02-01', 1), ('2025-03-01', 0) $$,
    'or to the part, as what is no whole tells less');
SELECT throws_ok($$ SELECT customers(activity '{2025-02-01: 1}', 'month',
                                     activity 'text{2025-02-01: 1}') $$,
                 '22023', 'cannot compare bigint, uuid and text customers',
                 'customers of another kind are others');
SELECT results_eq($$ SELECT period, customers, new_customers, unknown_rows
                     FROM   shop, customers(a, 'week') WHERE customers > 0 OR unknown_rows > 0 $$,
    $$ VALUES (date '2024-12-30', 1::bigint, 1::bigint, 0::bigint), ('2025-01-13', 0, 0, 1),
              ('2025-01-20', 1, 0, 0), ('2025-01-27', 1, 1, 0),
              ('2025-02-10', 2, 1, 0), ('2025-03-31', 1, 0, 2), ('2025-04-28', 1, 1, 0) $$,
    'weeks start on Monday');
SELECT is(count(*), 116::bigint, 'there is a row for each day from the first to the last')
FROM   shop, customers(a, 'day');

SELECT results_eq($$ SELECT r.* FROM shop, retention(a, 'month') AS r $$,
    $$ VALUES (date '2025-01-01', date '2025-01-01', 0, 2::bigint, 2::bigint, rate '2/2'),
              ('2025-01-01', '2025-02-01', 1, 2, 1, '1/2'),
              ('2025-01-01', '2025-03-01', 2, 2, 0, '0/2'),
              ('2025-01-01', '2025-04-01', 3, 2, 1, '1/2'),
              ('2025-02-01', '2025-02-01', 0, 1, 1, '1/1'),
              ('2025-02-01', '2025-03-01', 1, 1, 0, '0/1'),
              ('2025-02-01', '2025-04-01', 2, 1, 0, '0/1'),
              ('2025-02-01', NULL,         3, 1, NULL, NULL),
              ('2025-03-01', '2025-03-01', 0, 0, 0, '0/0'),
              ('2025-03-01', '2025-04-01', 1, 0, 0, '0/0'),
              ('2025-03-01', NULL,         2, 0, NULL, NULL),
              ('2025-03-01', NULL,         3, 0, NULL, NULL),
              ('2025-04-01', '2025-04-01', 0, 1, 1, '1/1'),
              ('2025-04-01', NULL,         1, 1, NULL, NULL),
              ('2025-04-01', NULL,         2, 1, NULL, NULL),
              ('2025-04-01', NULL,         3, 1, NULL, NULL) $$,
    'retention: of those who first came in one month, who came in each later one; what has not '
    'happened yet is unknown');
SELECT results_eq($$ SELECT cohort, periods_since, customers, rate
                     FROM   shop, retention(a, 'month', 'on_or_after')
                     WHERE  customers IS NOT NULL $$,
    $$ VALUES (date '2025-01-01', 0, 2::bigint, rate '2/2'), ('2025-01-01', 1, 2, '2/2'),
              ('2025-01-01', 2, 1, '1/2'), ('2025-01-01', 3, 1, '1/2'),
              ('2025-02-01', 0, 1, '1/1'), ('2025-02-01', 1, 0, '0/1'), ('2025-02-01', 2, 0, '0/1'),
              ('2025-03-01', 0, 0, '0/0'), ('2025-03-01', 1, 0, '0/0'),
              ('2025-04-01', 0, 1, '1/1') $$,
    'on or after: who came in that month or a later one');
SELECT results_eq($$ SELECT r.* FROM shop, retention(a, 'month', 'bracket', '{1,2,4}') AS r $$,
    $$ VALUES (date '2025-01-01', date '2025-02-01', 1, 2::bigint, 1::bigint, rate '1/2'),
              ('2025-01-01', '2025-03-01', 2, 2, 1, '1/2'),
              ('2025-02-01', '2025-03-01', 1, 1, 0, '0/1'),
              ('2025-02-01', '2025-04-01', 2, 1, NULL, NULL),
              ('2025-03-01', '2025-04-01', 1, 0, 0, '0/0'),
              ('2025-03-01', NULL,         2, 0, NULL, NULL),
              ('2025-04-01', NULL,         1, 1, NULL, NULL),
              ('2025-04-01', NULL,         2, 1, NULL, NULL) $$,
    'brackets: who came in one of the months 1 to 1, 2 to 3; a bracket is unknown until its last '
    'month has come');
SELECT results_eq($$ SELECT r.*
                     FROM   shop, retention(a, 'month', NULL) AS r
                     UNION ALL
                     SELECT r.*
                     FROM   retention(NULL, 'month') AS r
                     UNION ALL SELECT r.* FROM shop, retention(a, NULL) AS r $$,
                  $$ SELECT r.* FROM retention('{}', 'month') AS r $$,
                  'retention of, by or without something unknown is no row');
SELECT is_empty($$ SELECT * FROM customers(NULL, 'month') $$,
                'nor are there customers of the unknown');
SELECT is_empty($$ SELECT *
                   FROM   customers('{}', 'month')
                   UNION ALL
                   SELECT c.*
                   FROM   shop, customers(a, NULL) AS c $$,
                'or without data or grain');
SELECT results_eq($$ SELECT c.* FROM customers('{2025-01-05: ?2, 2025-01-07: ?3}', 'month') AS c $$,
    $$ VALUES (date '2025-01-01', 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, rate '0/0',
               rate '0/0', rate '0/0', 5::bigint) $$,
    'a month of unknown customers has no known ones');

-- 2025-01-31 was a Friday, 2025-04-02 a Wednesday.
SELECT is(customers_between(a, start::date, until::date), expected, rule)
FROM   shop, (VALUES
            (NULL,         NULL,         4::bigint, 'customers between no limits are all'),
            ('2025-01-01', '2025-02-01', 2,         'in January'),
            ('2025-01-31', '2025-02-10', 1,         'the start is between, the end is not'),
            ('2025-02-01', NULL,         4,         'since February'),
            (NULL,         '2025-02-10', 2,         'before the 10th of February'),
            ('2025-01-15', '2025-01-16', 0,         'unknown customers are none'),
            ('2025-04-01', '2025-01-01', 0,         'before the start there is nobody'),
            ('2026-01-01', NULL,         0,         'nor after the last activity'),
            ('-infinity',  'infinity',   4,         'infinity is no limit')
       ) AS t (start, until, expected, rule);
SELECT is(during(a, '2025-01-15', '2025-02-10')::text,
          '{2025-01-15: ?1, 2025-01-20: 1, 2025-01-31: 2}',
          'during gives that part')
FROM   shop;
SELECT is(during(a, NULL, NULL), a, 'which is all without limits') FROM shop;
SELECT is(during(a, '2025-03-01', '2025-04-01'), '{}', 'and nothing where nothing was') FROM shop;
SELECT is(during(NULL, '2025-03-01', '2025-04-01'), NULL, 'part of the unknown is unknown');
SELECT is(customers_between(NULL, '2025-03-01', '2025-04-01'), NULL, 'so are its customers');
SELECT is(also_in(during(a, NULL, '2025-02-01'), during(a, '2025-02-01', NULL))::text,
          '{2025-01-05: 1, 2025-01-20: 1, 2025-01-31: 2}',
          'also_in: what those did in January who came again') FROM shop;
SELECT is(not_in(during(a, NULL, '2025-04-01'), during(a, '2025-04-01', NULL))::text,
          '{2025-01-05: 1, 2025-01-20: 1, 2025-02-10: 1 3+}',
          'not_in: what those did who did not; nobody unknown is compared') FROM shop;
SELECT is(ARRAY(SELECT customer_ids(not_in(during(a, NULL, '2025-04-01'),
                                           during(a, '2025-04-01', NULL)))),
          '{1,3}', 'the lapsed customers')
FROM   shop;
SELECT is(also_in(a, '{}'), '{}', 'nobody is also in no data') FROM shop;
SELECT is(not_in(a, '{}') = also_in(a, a), true, 'and everybody known is not') FROM shop;
SELECT is(also_in(a, NULL), NULL, 'who is in the unknown is unknown') FROM shop;
SELECT is(without(a, '{2025-01-15: ?1}')::text, replace(a::text, '2025-01-15: ?1, ', ''),
          'without: as many fewer rows without a customer') FROM shop;
SELECT throws_ok(format('SELECT without(%L::activity, %L)', a, part), '22023',
                 'more rows without a customer are to be taken out than there are',
                 'but no more than there are')
FROM   shop, unnest('{"{2025-01-15: ?2}","{2024-01-15: ?1}","{2030-01-15: ?1}"}'::text[]) AS part;


-- Day boundaries: one visitor at 23:45 and 00:01, another at 10:00 and at 09:00 nine days later, in
-- Shanghai.  By the calendar they are back after 1 and 9 days.  By rolling days of 24 hours from
-- the first visit, after 0 and 8.
CREATE TABLE visit (visitor bigint, at timestamp);
INSERT INTO visit VALUES
    (1, '2025-03-10 23:45'), (1, '2025-03-11 00:01'), (2, '2025-03-10 10:00'),
    (2, '2025-03-19 09:00');
SELECT results_eq(format('SELECT periods_since FROM (SELECT activity(visitor, %s) AS a
                          FROM (SELECT *, min(at) OVER (PARTITION BY visitor) AS first
                                FROM   visit) AS v) AS v,
                          retention(a, ''day'')
                          WHERE periods_since > 0 AND customers > 0', day), days, rule)
FROM   (VALUES
            ($$ bucket('day', at AT TIME ZONE 'Asia/Shanghai', 'Asia/Shanghai') $$, '{1,9}'::int[],
             'a calendar day ends at midnight in the shop: back on days 1 and 9'),
            ($$ first::date + floor(extract(epoch FROM at - first) / 86400)::int $$, '{8}',
             'a rolling day ends 24 hours after it started: back on day 8'),
            ($$ bucket('day', at AT TIME ZONE 'Asia/Shanghai', 'UTC') $$,           '{9}',
             'a calendar day of another zone is another one')
       ) AS t (day, expected, rule),
       LATERAL (SELECT 'SELECT unnest(' || quote_literal(expected) || '::int[])' AS days) AS e;

-- Guests without an id, one order each, are not one customer who keeps coming back.
CREATE TABLE guest AS
SELECT NULL::bigint AS customer, date '2025-01-01' + i % 30 AS day
FROM   generate_series(1, 1000) AS i;
SELECT is(repeat_purchase_rate(customer), '0/0',
          'of guests without an id it is unknown whether they bought again')
FROM   guest;
SELECT is((value(activity(customer, day)), unknown_rows(activity(customer, day)))::text, '(,1000)',
          'there are 1000 unknown rows')
FROM   guest;
SELECT is(repeat_purchase_rate(customer), '3/4',
          'the rate of known customers is the same with guests or without')
FROM   (SELECT * FROM guest UNION ALL SELECT * FROM shop_order WHERE day IS NOT NULL) AS o;
SELECT is(array_agg(unknown_rows ORDER BY period), '{1000}',
          'guests show up in the customers of a month')
FROM   customers((SELECT activity(customer, day) FROM guest), 'month');


-- Kinds of customer.
SELECT is(activity('alice'::text, '2025-01-01')::text,
          format('text{2025-01-01: %s}', hashtextextended('alice' COLLATE "C", 0)),
          'of a text customer the 64-bit hash of hash partitioning is kept');
SELECT is(activity(uuid '9d5e1c4e-0000-4000-8000-000000000001', '2025-01-01')::text,
          format('uuid{2025-01-01: %s}',
                 uuid_hash_extended('9d5e1c4e-0000-4000-8000-000000000001', 0)),
          'and of a uuid');
SELECT is(sample_size(activity(customer, '2025-01-01')), 4::bigint,
          'texts are customers by their bytes, as short or long as they are')
FROM   (VALUES ('a'::text), ('A'), (''), ('a'), (repeat('long', 5000)), (repeat('long', 5000)))
       AS t (customer);

CREATE TABLE long_name (customer text, at date);
INSERT INTO long_name
SELECT string_agg(md5((i % 10 * 100 + j)::text), ''), '2025-01-01'
FROM   generate_series(1, 30) AS i, generate_series(1, 100) AS j GROUP BY i;
SELECT is(repeat_purchase_rate(activity(customer, at)), '10/10', 'wherever they are stored')
FROM   long_name;
SELECT is(repeat_purchase_rate(customer), '10/10', 'in one step, too') FROM long_name;

-- The name of the aggregate is that of a type as well, which a text could be cast to.
CREATE TABLE code (customer text, as_varchar varchar(9), as_char char(9));
INSERT INTO code SELECT c, c, c FROM unnest('{a,a,1/2,1/2,1/2,b,"",é,é,NULL}'::text[]) AS c;
INSERT INTO code VALUES ('c ', 'c ', 'c '), ('c', 'c', 'c');
SELECT is(repeat_purchase_rate(customer), '3/7',
          'codes that look like a rate are customers like others')
FROM   code;
SELECT is(repeat_purchase_rate(as_varchar), '3/7',
          'varchar customers are texts, not casts to a rate')
FROM   code;
SELECT is(repeat_purchase_rate(as_char), '4/6',
          'so are those of char(n), where trailing blanks do not matter')
FROM   code;
SELECT is(repeat_purchase_rate(activity(as_char, '2025-01-01')), '4/6', 'as in an activity')
FROM   code;
SELECT is(repeat_purchase_rate(customer), '10/10', 'nor does it matter how a char(n) is stored')
FROM   (SELECT customer::char(9000) FROM long_name) AS n;
SELECT is(activity_accum('{}', 'é '::char(9)), activity_accum('{}', 'é'::text),
          'a char(n) and a text can be the same customer');

-- Two texts with the same hash: the first 12 bytes of each lead to different states, the last 12
-- make up for the difference.
CREATE TABLE twin (customer text);
INSERT INTO twin VALUES ('guest-xmvxrvlodvtelxep39'), ('guest-gyf214aa70ski0zfa9');
SELECT is(sample_size(activity(customer, '2025-01-01')),
          count(DISTINCT hashtextextended(customer COLLATE "C", 0)),
          'two texts with the same hash are one customer, which is the limit of hashes: one in '
          '370,000 for ten million customers')
          FROM   twin;

SELECT throws_ok('SELECT customer_ids(activity(customer, ''2025-01-01'')) FROM twin', '22023', NULL,
                 'text customers cannot be listed: only hashes are kept');
SELECT throws_ok('SELECT customer_ids(activity(gen_random_uuid(), ''2025-01-01''))', '22023', NULL,
                 'nor can uuid customers');
SELECT is_empty('SELECT customer_ids(activity(NULL::text, ''2025-01-01''))',
                'nobody known is nobody to list');

CREATE TABLE one_each AS
SELECT 'bigint' AS kind, activity(1::bigint, '2025-01-01') AS v
UNION ALL SELECT 'uuid', activity(gen_random_uuid(), '2025-01-01')
UNION ALL SELECT 'text', activity('1'::text, '2025-01-01');
SELECT throws_ok(format('SELECT %s
                         FROM   one_each AS a, one_each AS b WHERE a.kind = %L AND b.kind = %L',
                        expression, a.kind, b.kind),
                 '22023', NULL,
                 format(rule, a.kind, b.kind))
FROM   one_each AS a, one_each AS b, (VALUES
            ('a.v + b.v',            '%s and %s customers do not pool'),
            ('also_in(a.v, b.v)',    'whether %s customers are also %s customers is not known'),
            ('not_in(a.v, b.v)',     'nor whether %s customers are not among %s customers'),
            ('without(a.v, b.v)',    'nor what is left of %s customers without %s customers')
       ) AS t (expression, rule)
WHERE  a.kind <> b.kind ORDER BY expression COLLATE "C", a.kind COLLATE "C", b.kind COLLATE "C";
SELECT throws_ok('SELECT rollup(v) FROM one_each', '22023', NULL, 'nor do they roll up');
SELECT throws_ok('SELECT activity_accum(activity ''{2025-01-01: 1}'', ''1''::text, ''2025-01-01'')',
                 '22023', NULL,
                 'nor is a row of another kind added');
SELECT lives_ok('SELECT v + ''{2025-01-01: ?1}'', ''{2025-01-01: ?1}'' + v, v + ''{}'',
                        also_in(v, ''{2025-01-01: ?1}''), not_in(''{}'', v)
                 FROM   one_each',
                'unknown customers are of any kind');


-- Errors.
SELECT throws_ok('SELECT ' || expression, sqlstate, NULL, rule)
FROM   (VALUES
            ('customers(''{}'', ''decade'')',                                 '22023',
             'there is no such grain'),
            ('customers(''{2025-01-01: 1}'', ''Month'')',                     '22023',
             'grains are written in small letters'),
            ('retention(''{2025-01-01: 1}'', '''')',                          '22023',
             'retention has a grain'),
            ('retention(''{}'', ''month'', ''after'')',                       '22023',
             'and one of three definitions'),
            ('retention(''{}'', ''month'', ''bracket'')',                     '22023',
             'brackets are given'),
            ('retention(''{}'', ''month'', ''bracket'', NULL)',               '22023', 'and known'),
            ('retention(''{}'', ''month'', ''bracket'', ''{}'')',             '22023',
             'with bounds'),
            ('retention(''{}'', ''month'', ''bracket'', ''{1}'')',            '22023',
             'of which there are two or more'),
            ('retention(''{}'', ''month'', ''bracket'', ''{1,NULL}'')',       '22023', 'all known'),
            ('retention(''{}'', ''month'', ''bracket'', ''{1,2,2}'')',        '22023', 'ascending'),
            ('retention(''{}'', ''month'', ''bracket'', ''{2,1}'')',          '22023',
             'and not descending'),
            ('retention(''{}'', ''month'', ''bracket'', ''{-1,2}'')',         '22023', 'from 0 on'),
            ('retention(''{}'', ''month'', ''bracket'', ''{{1,2},{3,4}}'')',  '22023',
             'in one dimension'),
            ('activity(1, ''infinity'')',                                     '22023',
             'infinity is not a period'),
            ('activity(1, ''-infinity'')',                                    '22023',
             'on either side'),
            ('activity(NULL::bigint, ''infinity'')',                          '22023',
             'not for unknown customers, either'),
            ('retention(activity(1, d), ''day'') FROM unnest(''{2000-01-01,2013-09-09}''::date[])
                  AS d',
             '54000', 'more than 5000 periods are too many to hold against each other'),
            ('retention(activity(1, d), ''year'') FROM unnest(
                  ''{1000-01-01,5999-12-31,6000-01-01}''::date[]) AS d',
             '54000', 'of any grain'),
            ('customers(activity(1, d), ''day'') FROM unnest(''{2000-01-01,4737-11-28}''::date[])
                  AS d',
             '54000', 'more than a million periods are too many to list'),
            ('customers(''{4714-11-24 BC: 1}'', ''year'')',                   '22008',
             'a period cannot start before the first date there is'),
            ('activity ''{2025-01-01: ?9223372036854775807}'' + ''{2025-01-01: ?1}'', 1', '22003',
             'more than 2^63 - 1 unknown rows are an overflow'),
            ('activity_accum(''{2025-01-01: ?9223372036854775807}'', NULL::bigint, ''2025-01-01'')',
             '22003', 'in the aggregate, too'),
            ('unknown_rows(''{2025-01-01: ?9223372036854775807, 2025-01-02: ?1}'')', '22003',
             'and if they add up to them'),
            ('a - a FROM shop',                                               '42883',
             'nothing can be taken out again: of what happened more than once, once may be left'),
            ('avg(a) FROM shop',                                              '42883',
             'there is no average of activities'),
            ('sum(a) FROM shop',                                              '42883', 'nor a sum')
       ) AS t (expression, sqlstate, rule);
SELECT is(count(*), 1000000::bigint, 'a million periods can be listed')
FROM   customers((SELECT activity(1, d) FROM unnest('{2000-01-01,4737-11-27}'::date[]) AS d),
                 'day');
SELECT is(array_agg(period)::text, '{5874897-12-01}', 'the last month there is can be read')
FROM   customers('{5874897-12-31: 1}', 'month');
SELECT results_eq($$ SELECT r.*
                     FROM   retention('{2025-01-01: 1}', 'day', 'bracket',
                                      '{0,1,2147483647}') AS r $$,
                  $$ VALUES (date '2025-01-01', date '2025-01-01', 0, 1::bigint, 1::bigint,
                             rate '1/1'),
                            ('2025-01-01', NULL, 1, 1, NULL, NULL) $$,
                  'a bracket can be as long as one likes');


-- Random orders in several shapes, one in ten without a customer, one in ten without a day.
-- Whatever is read from an activity is worked out in plain SQL, too.
CREATE TABLE shape_order AS
SELECT id, shape, maybe(customer) AS customer, maybe(day) AS day
FROM   (SELECT id, any_of(1, 200) AS a, any_of(1, 200) AS b
        FROM   generate_series(1, 1500) AS id OFFSET 0) AS r,
       LATERAL (VALUES
            ('dense customers',                   a,
             date '2024-12-20' + (b % 60)::int),
            ('sparse customers',                  hashint8extended(a, 1),
             date '2024-01-01' + (b * 2)::int),
            ('a regular and many others',         CASE WHEN a < 20 THEN 7 ELSE a * b END,
             date '2025-01-01' + (b % 90)::int),
            ('customers a power of two apart',    (a - 100) << (b % 8 * 7)::int,
             date '2025-02-01' + (a % 40)::int),
            ('customers at the edges of bigint',
             CASE a % 4
                  WHEN 0 THEN -9223372036854775808 + a % 3
                  WHEN 1 THEN 9223372036854775807 - a % 3
                        ELSE a % 5 - 2 END, date '2025-03-01' + (b % 10)::int),
            ('one customer',                      42,
             date '2025-01-01' + (b % 100)::int),
            ('one day',                           a,                        date '2024-02-29'),
            ('everybody once',                    id,
             date '2025-01-01' + (b % 30)::int),
            ('nobody known',                      NULL,
             date '2025-01-01' + (b % 7)::int),
            ('32 days',                           a,
             date '2025-01-01' + (b % 32)::int),
            ('33 days',                           a,
             date '2025-01-01' + (b % 33)::int),
            ('64 days',                           a,
             date '2025-01-01' + (b % 64)::int),
            ('65 days',                           a,
             date '2025-01-01' + (b % 65)::int),
            ('the first of each month',           a % 50,
             (date '2016-01-01' + b % 96 * interval '1 month')::date),
            ('before and after the year 1',       a % 90,
             date '0001-01-01 BC' + (b * 3)::int))
       AS t (shape, customer, day);
CREATE TABLE shape AS
SELECT shape, activity(customer, day) AS a, activity(md5(customer::text)::uuid, day) AS by_uuid,
       activity('customer ' || customer, day) AS by_text
FROM   shape_order GROUP BY shape;

CREATE TABLE calendar AS
SELECT shape, grain, (row_number() OVER (PARTITION BY shape, grain ORDER BY start))::int AS n,
       start::date AS period
FROM   (SELECT shape, min(day) AS first, max(day) AS last FROM shape_order GROUP BY shape) AS s,
       (VALUES ('day', interval '1 day'), ('week', '7 days'), ('month', '1 month'),
               ('quarter', '3 months'), ('year', '1 year'))
       AS g (grain, step),
       generate_series(date_trunc(grain, first::timestamp), last::timestamp, step) AS start;
CREATE TABLE active AS
SELECT shape, grain, n, customer, count(*) AS orders,
       min(n) OVER (PARTITION BY shape, grain, customer) AS first,
       max(n) OVER (PARTITION BY shape, grain, customer) AS last
FROM   (SELECT *, date_trunc(grain, day::timestamp)::date AS period
        FROM   shape_order, unnest('{day,week,month,quarter,year}'::text[]) AS grain) AS o
       JOIN calendar USING (shape, grain, period)
GROUP  BY shape, grain, n, customer;
CREATE INDEX ON active (shape, grain, n, customer);
CREATE INDEX ON active (shape, grain, first);
CREATE INDEX ON shape_order (shape, id);
CREATE INDEX ON calendar (shape, grain, n);
ANALYZE shape_order, calendar, active;

SELECT holds($$ SELECT repeat_purchase_rate(a) = rate AND value(a) IS NOT DISTINCT FROM value(rate)
                AND round(a, 5) IS NOT DISTINCT FROM round(rate, 5)
                       AND a::numeric IS NOT DISTINCT FROM rate::numeric
                       AND    sample_size(a) = trials(rate) AND unknown_rows(a) = unknown
                       AND repeat_purchase_rate(by_uuid) = rate
                       AND    repeat_purchase_rate(by_text) = rate AS holds, shape, rate
                FROM   shape
                       JOIN (SELECT shape,
                                    make_rate(count(customer) FILTER (WHERE orders > 1),
                                              count(customer)) AS rate,
                                    coalesce(sum(orders) FILTER (WHERE customer IS NULL),
                                             0) AS unknown
                             FROM   (SELECT shape, customer, count(*) AS orders
                                     FROM   shape_order WHERE day IS NOT NULL
                                     GROUP  BY shape, customer) AS o
                             GROUP  BY shape) AS o USING (shape) $$,
             'the repeat purchase rate is that of GROUP BY customer');
SELECT holds($$ SELECT repeat_purchase_rate(customer) = rate
                AND repeat_purchase_rate(customer::text) = rate
                       AND repeat_purchase_rate(customer::text::varchar) = rate
                       AND    repeat_purchase_rate(customer::text::char(20)) = rate
                       AND repeat_purchase_rate(md5(customer::text)::uuid) = rate AS holds, shape
                FROM   shape_order
                JOIN   (SELECT shape,
                               make_rate(count(customer) FILTER (WHERE orders > 1),
                                         count(customer)) AS rate
                        FROM   (SELECT shape, customer, count(*) AS orders
                                FROM   shape_order GROUP BY shape, customer) AS o
                        GROUP  BY shape) AS o USING (shape)
                GROUP  BY shape, rate $$,
             'so it is in one step, for bigints, texts and uuids');

CREATE AGGREGATE again(
    bigint,
    date) (SFUNC = activity_accum, STYPE = activity, INITCOND = '{}',
           FINALFUNC = repeat_purchase_rate);
SELECT holds('SELECT again = repeat_purchase_rate(a) AS holds, shape
              FROM   (SELECT shape, again(customer, day) FROM shape_order GROUP BY shape) AS o
                     JOIN shape USING (shape)',
             'and in an aggregate of one''s own that ends in it');
SELECT holds('SELECT again(customer, day) OVER w
              = repeat_purchase_rate(activity(customer, day) OVER w) AS holds,
                     shape, id
              FROM   shape_order WHERE id <= 100 WINDOW w AS (PARTITION BY shape ORDER BY id)',
             'which can be read while it grows');

CREATE TABLE by_sql AS
SELECT shape, grain, period, customers, new, customers - new AS returning, again, retained,
       make_rate(customers - new, customers) AS returning_rate,
       make_rate(again, customers) AS repeat_rate, make_rate(retained, before) AS retention_rate,
       unknown
FROM   calendar AS p, LATERAL
       (SELECT count(customer) AS customers, count(customer) FILTER (WHERE first = n) AS new,
               count(customer) FILTER (WHERE orders > 1) AS again,
               coalesce(sum(orders) FILTER (WHERE customer IS NULL), 0)::bigint AS unknown
        FROM   active WHERE (shape, grain, n) = (p.shape, p.grain, p.n)) AS now, LATERAL
       (SELECT count(b.customer) AS before, count(a.customer) AS retained
        FROM   active AS b
               LEFT JOIN active AS a
                   ON (a.shape, a.grain, a.n, a.customer) = (b.shape, b.grain, b.n + 1, b.customer)
        WHERE  (b.shape, b.grain, b.n) = (p.shape, p.grain, p.n - 1)) AS before;
SELECT results_eq(format('SELECT shape, grain, c.*
                          FROM   shape, unnest(''{day,week,month,quarter,year}''::text[]) AS grain,
                               customers(%I, grain) AS c
                          ORDER  BY 1, 2, 3', column_name),
                  'SELECT * FROM by_sql ORDER BY 1, 2, 3', rule)
FROM   (VALUES
            ('a',
             'customers of each day, week, month, quarter and year are those of joins and '
             'count(DISTINCT customer)'),
            ('by_uuid', 'for uuids, too'),
            ('by_text', 'and texts')) AS t (column_name, rule);

SELECT results_eq($$SELECT shape, grain, c.*
                    FROM   shape, unnest('{day,week,month,quarter,year}'::text[]) AS grain,
                           customers(a, grain, a) AS c
                    ORDER  BY 1, 2, 3$$,
                  'SELECT * FROM by_sql ORDER BY 1, 2, 3', 'the whole is a part of itself');
SELECT results_eq($$SELECT shape, grain, c.period, c.customers, c.returning_customers
                    FROM   shape AS s, unnest('{day,week,month,quarter,year}'::text[]) AS grain,
                           LATERAL (SELECT activity(o.customer, o.day) AS part
                                    FROM   shape_order AS o
                                    WHERE  o.shape = s.shape AND o.id % 3 = 0) AS p,
                           customers(p.part, grain, a) AS c
                    WHERE  c.customers > 0 ORDER BY 1, 2, 3$$,
                  $$SELECT shape, grain, bucket(grain, o.day) AS period,
                           count(DISTINCT o.customer),
                           count(DISTINCT o.customer)
                               FILTER (WHERE f.first < bucket(grain, o.day))
                    FROM   shape_order AS o
                           JOIN (SELECT shape, customer, min(day) AS first
                                 FROM   shape_order GROUP BY shape, customer) AS f
                                USING (shape, customer),
                           unnest('{day,week,month,quarter,year}'::text[]) AS grain
                    WHERE  o.id % 3 = 0 AND o.day IS NOT NULL
                    GROUP  BY 1, 2, 3 ORDER BY 1, 2, 3$$,
                  'of a third of the orders, returning are those who had any order before');

CREATE TABLE cohort AS
SELECT shape, grain, period AS cohort, n AS first, periods,
       (SELECT count(DISTINCT customer)
        FROM   active WHERE (shape, grain, first) = (c.shape, c.grain, c.n)) AS size
FROM   (SELECT *, max(n) OVER (PARTITION BY shape, grain) AS periods FROM calendar) AS c
WHERE  periods <= 70;
CREATE TABLE reading AS
SELECT shape, grain, a, by_text
FROM   (SELECT DISTINCT shape, grain FROM cohort) AS c
       JOIN shape USING (shape);
SELECT results_eq('SELECT shape, grain, r.* FROM reading, retention(a, grain' || arguments
                  || ') AS r ORDER BY 1, 2, 3, 5',
                  format('SELECT shape, grain, cohort, period, since, size,
                                 CASE WHEN n <= periods THEN customers END,
                                 CASE WHEN n <= periods THEN make_rate(customers, size) END
                          FROM   cohort
                                 CROSS JOIN LATERAL generate_series(0, periods - 1) AS since
                                 CROSS JOIN LATERAL (SELECT first + since AS n) AS cell
                                 LEFT JOIN calendar USING (shape, grain, n)
                                 CROSS JOIN LATERAL (SELECT count(DISTINCT customer) AS customers
                                                     FROM   active
                                                     WHERE (shape, grain, first)
                                                         = (cohort.shape, cohort.grain,
                                                            cohort.first)
                                                     AND    %s) AS r
                          ORDER  BY 1, 2, 3, 5', condition),
                  rule)
FROM   (VALUES
            ('',                  'active.n = cell.n',
             'retention is that of a join of cohort and activity'),
            (', ''on''',          'active.n = cell.n',
             'on a period, unless another definition is given'),
            (', ''on_or_after''', 'last >= cell.n',     'on or after a period it is unbounded')
       ) AS t (arguments, condition, rule);
SELECT results_eq(format('SELECT shape, grain, r.*
                          FROM   reading, retention(%I, grain, ''bracket'', ''{0,1,3,8,30}'') AS r
                          ORDER  BY 1, 2, 3, 5', column_name),
                  'SELECT shape, grain, cohort, period, since, size,
                          CASE WHEN first + until - 1 <= periods THEN customers END,
                          CASE WHEN first + until - 1 <= periods THEN make_rate(customers, size) END
                   FROM   cohort
                          CROSS JOIN (VALUES (0, 1), (1, 3), (3, 8), (8, 30))
                          AS bracket (since, until)
                          CROSS JOIN LATERAL (SELECT first + since AS n) AS cell
                          LEFT JOIN calendar USING (shape, grain, n)
                          CROSS JOIN LATERAL (SELECT count(DISTINCT customer) AS customers
                                              FROM   active
                                              WHERE (shape, grain, first)
                                                  = (cohort.shape, cohort.grain, cohort.first)
                                              AND    active.n - first >= since
                                              AND    active.n - first < until) AS r
                   ORDER  BY 1, 2, 3, 5', rule)
FROM   (VALUES ('a', 'in a bracket of periods everybody counts once'),
               ('by_text', 'for texts, too'))
       AS t (column_name, rule);
SELECT holds('SELECT (period, customers, rate) IS NULL AS holds, shape, grain, r
              FROM   reading
                     JOIN (SELECT shape, max(day) AS last
                           FROM   shape_order GROUP BY shape) AS o USING (shape),
                     retention(a, grain) AS r
              WHERE  cohort
                  + periods_since
                      * CASE grain
                             WHEN ''quarter'' THEN interval ''3 months''
                             ELSE (''1 '' || grain)::interval END > last',
             'what has not happened yet is not zero');

CREATE TABLE part AS
SELECT shape, k, maybe(first + any_of(-2, last - first + 2)::int) AS start,
       maybe(first + any_of(-2, last - first + 2)::int) AS until
FROM   (SELECT shape, min(day) AS first, max(day) AS last FROM shape_order GROUP BY shape) AS s,
       generate_series(1, 20) AS k;
SELECT holds('SELECT identical(during(a, start, until), part)
              AND customers_between(a, start, until) = customers AS holds, shape, start, until
              FROM   part JOIN shape USING (shape),
                     LATERAL (SELECT activity(customer, day) AS part,
                                     count(DISTINCT customer) AS customers
                              FROM   shape_order
                              WHERE  shape = part.shape AND (day >= start OR start IS NULL)
                              AND    (day < until OR until IS NULL) AND day IS NOT NULL) AS o',
             'during and customers_between are those of the rows of that time');
SELECT holds('SELECT identical(also_in(one, other), common)
              AND identical(not_in(one, other), rest) AS holds, shape, k
              FROM   shape CROSS JOIN generate_series(2, 7) AS k CROSS JOIN LATERAL
                     (SELECT activity(customer, day) AS one,
                             activity(customer, day)
                                 FILTER (WHERE customer IN (SELECT customer
                                                            FROM   shape_order AS b
                                                            WHERE  b.shape = shape.shape
                                                            AND    day IS NOT NULL
                                                            AND    id % 29 = k)) AS common,
                             activity(customer, day)
                                 FILTER (WHERE customer NOT IN (SELECT customer
                                                                FROM   shape_order AS b
                                                                WHERE  b.shape = shape.shape
                                                                AND    day IS NOT NULL
                                                                AND    id % 29 = k
                                                                AND    customer IS NOT NULL)
                                         AND customer IS NOT NULL) AS rest
                      FROM   shape_order AS a WHERE a.shape = shape.shape AND id % k = 1) AS one
                     CROSS JOIN LATERAL
                     (SELECT activity(customer, day) AS other
                      FROM   shape_order AS b
                      WHERE  b.shape = shape.shape AND id % 29 = k) AS other',
             'also_in and not_in are those of IN and NOT IN');
SELECT holds('SELECT identical(without(a, gone), rest) AND identical(without(a, gone) + gone, a)
                     AND identical(without(a, a), ''{}'') AS holds, shape, k
              FROM   shape CROSS JOIN generate_series(2, 7) AS k CROSS JOIN LATERAL
                     (SELECT coalesce(activity(customer, day) FILTER (WHERE taken), ''{}'') AS gone,
                             coalesce(activity(customer, day) FILTER (WHERE NOT taken), ''{}'')
                                 AS rest
                      FROM   shape_order AS o CROSS JOIN LATERAL
                             (SELECT coalesce(customer, id) % k = 1 AS taken) AS t
                      WHERE  o.shape = shape.shape) AS parts',
             'without takes customers out with all they did, and unknown rows, to be put in again');
SELECT holds('SELECT ARRAY(SELECT customer_ids(a))
                     = ARRAY(SELECT DISTINCT customer
                             FROM   shape_order AS o
                             WHERE  o.shape = shape.shape AND customer IS NOT NULL
                             AND    day IS NOT NULL
                             ORDER  BY 1) AS holds,
                     shape
              FROM   shape',
             'customer_ids are all customers in ascending order');


-- The same rows have the same bytes.
SELECT holds('SELECT identical(shuffled, a) AND identical(newest, a) AND identical(oldest, a)
              AND identical(o.by_text, shape.by_text)
              AND identical(o.by_uuid, shape.by_uuid) AS holds, shape
              FROM   (SELECT shape, activity(customer, day ORDER BY id * 7919 % 1009) AS shuffled,
                             activity(customer, day ORDER BY day DESC, customer) AS newest,
                             activity(customer, day ORDER BY customer, day) AS oldest,
                             activity(''customer '' || customer, day ORDER BY -id) AS by_text,
                             activity(md5(customer::text)::uuid, day ORDER BY -id) AS by_uuid
                      FROM   shape_order GROUP BY shape) AS o JOIN shape USING (shape)',
             'an activity is the same in any order of the rows');
SELECT holds('SELECT identical(up, a) AND identical(down, a) AS holds, shape, split
              FROM   (SELECT shape, split, rollup(v ORDER BY part) AS up,
                             rollup(v ORDER BY part DESC) AS down
                      FROM   (SELECT shape, split, part, activity(customer, day) AS v
                              FROM   shape_order,
                                     LATERAL (VALUES (''by row'', id), (''in 7'', id % 7),
                                                     (''by customer'', customer),
                                                     (''in blocks'', id / 400),
                                                     (''by day'', day - date ''2025-01-01''))
                                     AS s (split, part)
                              GROUP  BY shape, split, part) AS p
                      GROUP  BY shape, split) AS r JOIN shape USING (shape)',
             'and however it is split');
SELECT holds('SELECT identical((p[1] + p[2]) + (p[3] + p[4]), a)
              AND identical(p[4] + (p[3] + (p[2] + p[1])), a)
              AND identical(((p[3] + p[1]) + p[4]) + p[2], a)
                     AND identical((p[1] + ''{}'') + (p[2] + (p[4] + p[3])), a) AS holds, shape
              FROM   (SELECT shape, array_agg(v) AS p
                      FROM   (SELECT shape, activity(customer, day) AS v
                              FROM   shape_order GROUP BY shape, id * 31 % 4) AS v
                      GROUP  BY shape) AS p
              JOIN   shape USING (shape)',
             'and in whichever grouping the parts are pooled');
SELECT holds('SELECT identical(a::text::activity, a) AND identical(by_text::text::activity, by_text)
              AND identical(by_uuid::text::activity, by_uuid) AS holds, shape
              FROM   shape',
             'text is read as it was written');
CREATE TABLE value AS
SELECT row_number() OVER () AS n, v FROM shape, unnest(ARRAY[a, by_uuid, by_text]) AS v;
SELECT holds('SELECT identical(received, v) AS holds, n
              FROM   receive(activity ''{}'',
                             VARIADIC (SELECT array_agg(activity_send(v) ORDER BY n)
                                       FROM   value)) WITH ORDINALITY AS r (received, n)
                     FULL JOIN value USING (n)',
             'a message is received as it was sent');

CREATE TABLE daily AS
SELECT shape, day, activity(customer, day) AS a, activity('customer ' || customer, day) AS by_text
FROM   shape_order WHERE day IS NOT NULL GROUP BY shape, day;
SELECT holds('SELECT identical(rollup, a) AND identical(rollup_text, by_text) AS holds, shape
              FROM   (SELECT shape, rollup(a), rollup(by_text) AS rollup_text
                      FROM   daily GROUP BY shape) AS d
                     JOIN shape USING (shape)',
             'values stored for each day pool to what all rows give');
SELECT holds('SELECT identical(rollup,
                               during(a, month::date,
                                      (month + interval ''1 month'')::date)) AS holds,
                     shape, month
              FROM   (SELECT shape, month, rollup(a)
                      FROM   daily, date_trunc(''month'', day::timestamp) AS month
                      GROUP  BY shape, month) AS d
                     JOIN shape USING (shape)',
             'those of a month to that month');
DELETE FROM daily WHERE day = '2025-01-05';
INSERT INTO daily
SELECT shape, day, activity(customer, day), activity('customer ' || customer, day)
FROM   shape_order WHERE day = '2025-01-05' GROUP BY shape, day;
SELECT holds('SELECT identical(rollup, a) AS holds, shape
              FROM   (SELECT shape, rollup(a) FROM daily GROUP BY shape) AS d
                     JOIN shape USING (shape)',
             'and a day that is worked out again changes nothing');


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
CREATE TABLE many_order AS
SELECT i::bigint * 7919 % 50021 AS customer, date '2025-01-01' + (i * i::bigint % 97)::int AS day
FROM   generate_series(1, 100000) AS i;
ANALYZE many_order;
SELECT ok(p.done AND s.done AND p.result = s.result, rule || ', leader participation ' || leader)
FROM   (VALUES
            (1, 'SELECT activity_send(activity(customer, day)) FROM shape_order',
             'a parallel plan gives the same bytes'),
            (2,
             'SELECT shape, activity_send(activity(customer, day)) FROM shape_order GROUP BY shape',
             'for each group, too'),
            (3,
             'SELECT shape, activity_send(activity(''customer '' || customer, day)),
                     activity_send(activity(md5(customer::text)::uuid, day))
              FROM   shape_order GROUP BY shape',
             'and for uuids and texts'),
            (4,
             'SELECT shape, repeat_purchase_rate(customer),
                     repeat_purchase_rate(''customer '' || customer),
                     repeat_purchase_rate(md5(customer::text)::uuid)
              FROM shape_order GROUP BY shape',
             'a parallel repeat purchase rate is the same'),
            (5,
             'SELECT shape, activity_send(rollup(a)), activity_send(rollup(by_text))
              FROM   daily GROUP BY shape',
             'so is what stored values pool to'),
            (6, 'SELECT activity_send(activity(customer, day)) FROM many_order',
             'and what workers know of many customers')
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

-- What is counted in the table of an aggregate, and what leaves a worker without a final function.
SELECT holds(format('SELECT array(SELECT c FROM %1$s AS c)
                     = array(SELECT c FROM %2$s AS c) AS holds,
                            shape
                     FROM   (SELECT shape,
                                    activity(customer,
                                             date_trunc(''month'', day::timestamp)::date) AS a
                             FROM   shape_order GROUP BY shape) AS o
                     JOIN   (SELECT shape, rollup(month) AS stored
                             FROM   (SELECT shape,
                                            activity(customer,
                                                     date_trunc(''month'',
                                                                day::timestamp)::date) AS month
                                   FROM shape_order GROUP BY shape, day) AS d
                             GROUP  BY shape OFFSET 0) AS r USING (shape)',
                    format(reading, 'a'), format(reading, 'stored::text::activity')),
             'an aggregate is read as what it is stored as: ' || format(reading, 'a'))
FROM   unnest('{"customers(%s, ''month'')","customers(%s, ''year'')",
                "retention(%s, ''month'')",
                "retention(%s, ''quarter'', ''on_or_after'')"}'::text[])
    AS reading;
CREATE AGGREGATE without_final(
    bigint, date) (SFUNC = activity_accum, STYPE = activity, INITCOND = '{}', PARALLEL = SAFE);
SELECT set_config(name, 'on', true)
FROM   pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query') \g /dev/null
CREATE TABLE from_worker AS
SELECT shape, without_final(customer, day) AS a, activity(customer, day) AS final
FROM   shape_order GROUP BY shape;
SELECT set_config(name, 'off', true)
FROM   pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query') \g /dev/null
SELECT holds('SELECT identical(final, s.a) AS holds, shape
              FROM   from_worker AS w
                     JOIN shape AS s USING (shape)',
             'what a worker finishes is stored as ever');
SELECT holds('SELECT w.a = s.a AND activity_hash(w.a) = activity_hash(s.a) AND w.a::text = s.a::text
              AND activity_send(w.a) = activity_send(s.a) AND identical(w.a + w.a, s.a + s.a)
                     AND identical(during(w.a, NULL, NULL), s.a)
                     AND    sample_size(w.a) = sample_size(s.a)
                     AND    unknown_rows(w.a) = unknown_rows(s.a) AS holds, shape
              FROM from_worker AS w JOIN shape AS s USING (shape)',
             'what it only hands on reads like that, whoever keeps it');

CREATE TABLE customer_order AS
SELECT i % 20000 AS shop, i * 7919 % 83 AS customer, date '2025-01-01' + i % 3 AS day
FROM   generate_series(1, 100000) AS i;
ANALYZE customer_order;
CREATE TABLE answer AS
SELECT count(*) AS customers, count(*) FILTER (WHERE orders > 1) AS again, sum(days) AS days
FROM   (SELECT count(*) AS orders, count(DISTINCT day) AS days
        FROM   customer_order GROUP BY shop, customer) AS c;
SELECT ok(w.done AND w.result = (SELECT answer::text FROM answer), rule)
FROM   (VALUES
            (1, 'enable_sort=off',    '$.** ? (@.Strategy == "Hashed" && @."HashAgg Batches" > 1)',
             '20000 small groups are right, hashed in batches'),
            (2, 'enable_hashagg=off', '$.** ? (@.Strategy == "Sorted")',
             'and sorted')
       ) AS t (n, settings, evidence, rule),
       LATERAL way('SELECT sum(sample_size(a)), sum(successes(repeat_purchase_rate(a))),
                           sum((SELECT sum(customers) FROM customers(a, ''day'')))
                    FROM   (SELECT activity(customer, day) AS a
                            FROM   customer_order GROUP BY shop OFFSET 0) AS s',
                   settings || ' max_parallel_workers_per_gather=0', evidence::jsonpath) AS w
ORDER  BY n;


-- Windows: there is no inverse, so each frame is worked out anew.
SELECT holds(format('SELECT identical(activity(customer, day) OVER w,
                                      (SELECT activity(customer, day)
                                       FROM   shape_order AS o WHERE o.shape = f.shape AND %1$s))
                            AND repeat_purchase_rate(customer) OVER w
                                = (SELECT repeat_purchase_rate(customer)
                                   FROM   shape_order AS o
                                   WHERE  o.shape = f.shape AND %1$s) AS holds,
                                shape, id
                     FROM   (SELECT *
                             FROM   shape_order
                             WHERE  id <= 200
                             AND    shape
                                 IN (''65 days'', ''customers at the edges of bigint'')) AS f
                     WINDOW w AS (PARTITION BY shape ORDER BY id %2$s)', condition, frame),
             'a moving frame gives what a fresh one does: ' || rule)
FROM   (VALUES
            ('o.id BETWEEN f.id - 30 AND f.id',                'ROWS 30 PRECEDING',
             'the last rows'),
            ('o.id BETWEEN f.id - 5 AND least(f.id + 5, 200)',
             'RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING',
             'a range around the current row'),
            ('o.id <= f.id',                                   'ROWS UNBOUNDED PRECEDING',
             'all rows so far'),
            ('o.id BETWEEN f.id AND 200',
             'GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',           'all rows to come'),
            ('o.id BETWEEN f.id - 9 AND f.id - 1',
             'ROWS BETWEEN 9 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW',
             'without the current row')
       ) AS t (condition, frame, rule);
SELECT holds('SELECT identical(rollup(a) OVER (PARTITION BY shape ORDER BY day ROWS 6 PRECEDING),
                               (SELECT rollup(a)
                                FROM   (SELECT a
                                        FROM   daily AS o WHERE o.shape = d.shape AND o.day <= d.day
                                        ORDER  BY day DESC
                                        LIMIT  7) AS l)) AS holds,
              shape, day
              FROM daily AS d WHERE shape IN (''33 days'', ''sparse customers'')',
             'stored values, too');


-- Size.
CREATE TABLE large AS
SELECT kind,
       CASE kind
            WHEN 'dense' THEN activity(i, '2025-01-01')
            WHEN 'sparse' THEN activity(hashint8extended(i, 1), date '2025-01-01' + (i % 3)::int)
                 ELSE activity('customer ' || i, '2025-01-01') END AS a
FROM   generate_series(1, 140000) AS i, (VALUES ('dense'), ('sparse'), ('text')) AS t (kind)
GROUP  BY kind;
SELECT ok(pg_column_size(activity(i, '2025-01-01')) <= 2 * 140000 + 100,
          'a dense customer takes two bytes for each period')
FROM   generate_series(1, 140000) AS i;
SELECT holds('SELECT pg_column_size(a) BETWEEN 1000000 AND 140000 * 11 + 100 AS holds, kind
              FROM   large WHERE kind <> ''dense''',
             'a hash some ten; values of more than 1 MB are stored');
SELECT holds('SELECT sample_size(a) = 140000 AND repeat_purchase_rate(a) = ''0/140000''
              AND identical(a,
                            CASE kind
                                 WHEN ''dense'' THEN dense
                                 WHEN ''sparse'' THEN sparse
                                 ELSE texts END) AS holds,
                     kind
              FROM   large,
                     (SELECT activity(i, ''2025-01-01'') AS dense,
                             activity(hashint8extended(i, 1),
                                      date ''2025-01-01'' + (i % 3)::int) AS sparse,
                             activity(''customer '' || i, ''2025-01-01'') AS texts
                             FROM   generate_series(1, 140000) AS i) AS again',
             'and are the same when they are read back');
SELECT holds('SELECT repeat_purchase_rate(a + a) = ''140000/140000'' AND a::text::activity = a
              AND also_in(a, a) = a AND not_in(a, a) = ''{}'' AS holds, kind
              FROM   large',
             'they pool, print and compare');
SELECT is(received, a, 'and are sent and received')
FROM   large, LATERAL receive(activity '{}', activity_send(a)) AS received WHERE kind = 'sparse';


-- NULL and no data.
SELECT is(activity(customer, day), '{}', 'no rows give no data, not NULL')
FROM   shop_order WHERE false;
SELECT is(repeat_purchase_rate(customer), '0/0', 'in one step, too') FROM shop_order WHERE false;
SELECT is(value(activity '{}'), NULL, 'no data is not zero');
SELECT is(value(activity '{2025-01-01: ?7}'), NULL, 'nor are unknown customers');
SELECT is(repeat_purchase_rate(activity '{2025-01-01: ?7}'), '0/0',
          'their rate is one without trials');
SELECT is(value(activity '{2025-01-01: 7}'), 0::float8, 'nobody who came back is zero');
SELECT is(activity(customer, day) FILTER (WHERE customer < 3 AND day < '2025-02-01'),
          '{2025-01-05: 1, 2025-01-20: 1, 2025-01-31: 2}',
          'FILTER leaves rows out')
FROM   shop_order;
SELECT is(activity(DISTINCT customer, day)
          = (SELECT activity(customer, day) FROM (SELECT DISTINCT * FROM shop_order) AS o),
          true, 'DISTINCT counts each day once')
FROM   shop_order;
SELECT results_eq($$ SELECT activity_accum(NULL::activity, 1::bigint, '2025-01-01')::text
                     UNION ALL
                     SELECT activity_accum('{}', 1::bigint, NULL)::text
                     UNION ALL
                     SELECT activity_accum('{2025-01-01: 1}', NULL::bigint, '2025-01-01')::text
                     UNION ALL
                     SELECT activity_accum('{2025-01-01: 1}', 1::bigint, '2025-01-01')::text
                     UNION ALL
                     SELECT activity_final('{2025-01-01: 1}')::text
                     UNION ALL
                     SELECT activity_add('{2025-01-01: 1}', NULL)::text
                     UNION ALL
                     SELECT activity_accum('{}', NULL::uuid, NULL)::text $$,
                  $$ VALUES (NULL), ('{}'), ('{2025-01-01: ?1 1}'), ('{2025-01-01: 1+}'),
                            ('{2025-01-01: 1}'), (NULL), ('{}') $$,
                  'the functions behind the aggregates can be called');
SELECT is(a::text, '{2025-01-01: 1}', 'and leave their arguments as they are')
FROM   (SELECT a, activity_accum(a, 2::bigint, '2025-01-01'), a + '{2025-01-02: 3}'
        FROM   (VALUES (activity '{2025-01-01: 1}')) AS v (a) OFFSET 0) AS t;


-- As a plain number, and in order.
SELECT is(a::float8, 0.75::float8,
          'an activity can be cast to double precision: the share of customers who came back')
FROM   shop;
SELECT is(a::numeric, 0.75, 'and to numeric') FROM shop;
SELECT is(round(a, 1), 0.8, 'or rounded') FROM shop;
SELECT is((activity '{}')::numeric, NULL, 'no data is cast to NULL');
SELECT throws_ok('SELECT sqrt(a) FROM shop', '42883', NULL,
                 'an activity does not turn into a number by itself');
SELECT is(a > 0.5, true, 'an activity compares with a number by its value') FROM shop;
SELECT is(activity '{}' > 0, NULL, 'whether no data is above a number is not known');
SELECT is(string_agg(a::text, ' < ' ORDER BY a),
          '{2025-01-01: 1} < {2025-01-01: 1 2} < {2025-01-01: 1+ 2} < {2025-01-01: 1+} < {} < '
          '{2025-01-01: ?1}',
          'activities are ordered by value, then customers; no data comes last')
FROM   (VALUES ('{}'::activity), ('{2025-01-01: 1+}'), ('{2025-01-01: 1 2}'), ('{2025-01-01: ?1}'),
               ('{2025-01-01: 1}'), ('{2025-01-01: 1+ 2}'))
       AS t (a);
SELECT is(activity '{2025-01-01: 1}' = '{2025-01-02: 1}', false,
          'the same value of another sample is another activity');
SELECT is(activity 'uuid{2025-01-01: 1}' = 'text{2025-01-01: 1}', false,
          'so is one of another kind of customer');

SELECT * FROM finish();
ROLLBACK;
