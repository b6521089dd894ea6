\set ECHO none
\i test/setup.psql
SELECT plan(25);

-- What is chosen to hurt: ids and dates that meet in one place of a table, groups that outgrow the
-- memory they were given, values so large that they take all there is, numbers at the very end.


-- A limit on time is wide: what takes milliseconds took minutes, or could not be ended.
SET LOCAL statement_timeout = '20s';

-- Customers who all had one place in a table whose hash was a multiplication.
CREATE FUNCTION chosen(k bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (h # ((h >> 32) & 4294967295))
    FROM   (SELECT (k * 17428512612931826493::numeric % 18446744073709551616::numeric) AS u) AS n,
           LATERAL (SELECT (CASE WHEN u >= 9223372036854775808 THEN u - 18446744073709551616
                                 ELSE u END)::bigint) AS i (h)
$$;
CREATE TABLE chosen AS SELECT chosen(k) AS id FROM generate_series(1::bigint, 200000) AS k;
SELECT is(sample_size(activity(id, '2025-01-01')), 200000::bigint,
          'chosen customers are counted as fast as others')
FROM   chosen;
SELECT is(activity(id, '2025-01-01')::text,
          '{2025-01-01: ' || string_agg(id::text, ' ' ORDER BY id) || '}',
          'and stored as others are') FROM (SELECT id FROM chosen LIMIT 1000) AS c;

-- Days that all had one place in the index of periods.
CREATE TABLE day AS
SELECT date '2000-01-01' + i AS day
FROM   generate_series(-700000, 20000000) AS i WHERE hashint4(i) & 131071 < 66 LIMIT 10000;
SELECT is(sample_size(activity(1, day)), 1::bigint, 'chosen days are counted as fast as others')
FROM   day;

-- Many customers in many periods, each in few.
SELECT is(length(activity(i, date '0001-01-01' + i)::text) > 2000000, true,
          'as many periods as customers are stored and written without looking for each in all')
FROM   generate_series(1, 120000) AS i;

-- Periods that each come before all there are.
CREATE TABLE hour AS
SELECT timestamptz '2000-01-01' + i * interval '1 hour' AS start
FROM   generate_series(1, 400000) AS i;
SELECT is(turnover(start, 1, 1, tstzrange(start, start + interval '1 hour') ORDER BY start DESC),
          turnover(start, 1, 1, tstzrange(start, start + interval '1 hour') ORDER BY start),
          'turnover over periods that come latest first is as fast as in their order')
FROM   hour;


-- Memory.
CREATE FUNCTION peak(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    line text;
    kb   bigint := 0;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off) ' || query LOOP
        kb := greatest(kb, substring(line FROM 'Memory Usage: (\d+)kB')::bigint);
    END LOOP;
    RETURN kb;
END $$;
SET LOCAL work_mem = '64MB';
SET LOCAL enable_sort = off;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE late AS
SELECT g, x
FROM   (VALUES (1, interval '30 days'), (2, interval '-30 days')) AS v (n, x),
     generate_series(1, 2000) AS g
ORDER BY n, g;
ANALYZE late;
SELECT cmp_ok(peak('SELECT g, duration(x) FROM late GROUP BY g'), '<', 3000::bigint,
              'a delivery that is early and one that is late take no more than others');
SELECT is(duration(x)::text, make_duration(array_agg(x))::text, 'and are what they are')
FROM   late WHERE g = 1;
SELECT holds($$
    SELECT duration(x) = make_duration(array_agg(x)) AND duration(x) = rollup(d)
           AND duration(x)
               = (rollup(d) FILTER (WHERE i % 2 = 0))
                   + (rollup(d) FILTER (WHERE i % 2 = 1)) AS holds
    FROM   (SELECT n, i, x, make_duration(ARRAY[x]) AS d
            FROM   generate_series(1, 60) AS n, generate_series(1, n * n / 4 + 1) AS i,
                   LATERAL (SELECT (random() - 0.4) * exp(n / 3.0 * random()) * interval '1 s'
                            + i * interval '0 s')
                   AS r (x)) AS t
    GROUP  BY n $$, 'however many buckets there are, and in whatever order they come');

-- People are the same if their texts are.
CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE who (email text COLLATE folded);
INSERT INTO who VALUES ('Ann@x.org'), ('ann@x.org');
SELECT throws_ok(format('SELECT %s FROM who', call), '0A000', NULL,
                 'a collation that calls different texts equal is refused by ' || call)
FROM   (VALUES ('activity(email, ''2025-01-01'')'), ('repeat_purchase_rate(email)'),
               ('repeat_purchase_rate(email::char(20))'),
               ('funnel(email, now(), 1, 3, interval ''1 day'')')) AS c (call);
SELECT is(sample_size(activity(email COLLATE "C", '2025-01-01')), 2::bigint,
          'as the hint says, by their bytes they are two')
FROM   who;
SELECT is(sample_size(activity(lower(email) COLLATE "C", '2025-01-01')), 1::bigint,
          'or in one case they are one')
FROM   who;
SELECT throws_ok('SELECT activity(a.email || b.email, ''2025-01-01'')
                  FROM (SELECT email COLLATE "C" FROM who) AS a, (SELECT email FROM who) AS b',
                 '42P22', NULL,
                 'an unknown collation is refused');

-- A type that becomes text by itself and has an equality of its own, as citext does.
CREATE TYPE folding;
CREATE FUNCTION folding_in(cstring) RETURNS folding IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION folding_out(folding) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal
AS 'textout';
CREATE TYPE folding (INPUT = folding_in, OUTPUT = folding_out, LIKE = text, COLLATABLE = true);
CREATE CAST (folding AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION folding_eq(folding, folding) RETURNS boolean IMMUTABLE LANGUAGE sql
RETURN lower($1::text) = lower($2::text);
CREATE FUNCTION folding_cmp(folding, folding) RETURNS integer IMMUTABLE LANGUAGE sql
RETURN bttextcmp(lower($1::text), lower($2::text));
CREATE OPERATOR = (LEFTARG = folding, RIGHTARG = folding, FUNCTION = folding_eq);
CREATE OPERATOR CLASS folding_ops DEFAULT FOR TYPE folding USING btree
AS OPERATOR 3 =, FUNCTION 1 folding_cmp(folding, folding);
CREATE DOMAIN address AS folding;
CREATE TABLE folded AS SELECT (email COLLATE "C")::text::folding AS email FROM who;
SELECT throws_ok(format('SELECT %s FROM folded', call), '0A000',
                 'type folding is not supported for customers and visitors',
                 'a type that calls different texts equal is refused by ' || call)
FROM   (VALUES ('activity(email, ''2025-01-01'')'), ('activity(email::address, ''2025-01-01'')'),
               ('funnel(email, now(), 1, 3, interval ''1 day'')')) AS c (call);
SELECT is(sample_size(activity(email::text, '2025-01-01')), 2::bigint,
          'as the hint says, it can be cast')
FROM   folded;

-- Hashes depend on the byte order, so those of another machine are others.
SELECT throws_ok($$SELECT activity 'text-be{2025-01-01: 1}' + activity 'text{2025-01-01: 1}'$$,
                 '22023',
                 'cannot mix bigint, uuid and text customers in one activity',
                 'customers hashed in another byte order do not pool');
SELECT is(a::text, 'uuid-be{2025-01-01: 1 2+}', 'but are kept, and written as what they are')
FROM   (SELECT activity 'uuid-be{2025-01-01: 1 2+}' AS a) AS t;
SELECT is(receive(activity '{}', activity_send('uuid-be{2025-01-01: 1 2+}'))::text,
          'uuid-be{2025-01-01: 1 2+}',
          'also by clients');
SELECT throws_ok($$SELECT customer_ids('uuid-be{2025-01-01: 1 2+}')$$, '22023', NULL,
                 'nor are hashes of theirs listed as customers');


-- The last date, and numbers without end.
SELECT is(bucket('year from december', date '5874897-12-31'), '5874897-12-01',
          'the last year has no next one');
SELECT throws_ok('SELECT average(12345678901234567890123456789012345678901234567890::numeric)',
                 '22003',
                 'value has more than 38 digits', 'fifty digits are too many');

SELECT * FROM finish();
ROLLBACK;
