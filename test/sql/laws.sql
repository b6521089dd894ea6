\set ECHO none
\i test/setup.psql
SELECT plan(513);

-- What holds for every value type, however it is built.
--
-- A law is a query that gives "holds", which must be true in every row, over
--
--     observation (id, part, ...)  random observations, what {aggregate} is fed with
--     sample (id, v)               random values of {type}, of many sizes, some without data, some
--                                  equal
--     stored (id, ...)             the same values in all forms of storage
--
-- It applies to the aggregates that match the regular expression "applies".
CREATE TABLE law (
    id int GENERATED ALWAYS AS IDENTITY, rule text, applies text DEFAULT '', query text);


-- Pooling.
INSERT INTO law (rule, query) VALUES
('no data changes nothing', $$
    SELECT identical(v + none, v) AND identical(none + v, v) AS holds, v
    FROM   sample, (SELECT {aggregate} AS none FROM observation WHERE false) AS n $$),
('two samples pool in any order', $$
    SELECT identical(a.v + b.v, b.v + a.v) AS holds, a, b
    FROM   sample AS a JOIN sample AS b ON b.id IN (a.id + 1, a.id * 7 % 300) $$),
('three samples pool in any grouping', $$
    SELECT identical((a.v + b.v) + c.v, a.v + (b.v + c.v)) AS holds, a, b, c
    FROM   sample AS a
           JOIN sample AS b ON b.id = a.id * 7 % 300
           JOIN sample AS c ON c.id = a.id * 11 % 300 $$),
('the order of observations does not matter', $$
    SELECT identical(a.v, b.v) AS holds
    FROM   (SELECT {aggregate} AS v FROM observation) AS a,
           (SELECT {aggregate} AS v
            FROM   (SELECT * FROM observation ORDER BY random()) AS shuffled) AS b $$),
('the parts of a sample roll up to the whole, however it is split', $$
    SELECT identical(rolled_up, whole) AS holds, n, k
    FROM   (SELECT {aggregate} AS whole FROM observation) AS w, generate_series(1, 20) AS k,
           LATERAL (VALUES (k % 13 * k % 17 + 1)) AS size (n),
           LATERAL (SELECT rollup(v) AS rolled_up
                    FROM   (SELECT {aggregate} AS v
                            FROM   observation
                            GROUP  BY hashint8extended(id, k) % n) AS split) AS r $$);

INSERT INTO law (rule, applies, query) VALUES
('what was pooled can be taken out again', '^(?!duration|activity)', $$
    SELECT identical((a.v + b.v) - b.v, a.v) AND identical((a.v + b.v) - a.v, b.v) AS holds, a, b
    FROM   sample AS a JOIN sample AS b ON b.id IN (a.id + 1, a.id * 7 % 300) $$),
('the whole without a part is the rest', '^(?!duration|activity)', $$
    SELECT identical({aggregate} - {aggregate} FILTER (WHERE part % n = k),
                     {aggregate} FILTER (WHERE part % n <> k)) AS holds, n, k
    FROM   observation, generate_series(1, 8) AS n, LATERAL generate_series(0, n - 1) AS k
    GROUP  BY n, k $$),
('nothing can be taken out again', '^(duration|activity)', $$
    SELECT to_regoperator('-({type},{type})') IS NULL AS holds $$);


-- Windows.
INSERT INTO law (rule, query)
SELECT 'a moving frame gives what a fresh one does, ' || rule, string_agg(format($$
    SELECT identical(moving, fresh) AS holds, '%3$s, %4$s', id
    FROM   (SELECT id, %2$s OVER (ORDER BY id ROWS BETWEEN %3$s AND %4$s) AS moving
            FROM   %1$s WHERE id <= 200) AS w,
           LATERAL (SELECT %2$s AS fresh FROM %1$s AS f
                    WHERE  f.id <= 200 AND f.id BETWEEN w.id + %5$s AND w.id + %6$s) AS f
    $$, relation, aggregate, low, high, low_id, high_id), 'UNION ALL')
FROM   (VALUES ('over observations', 'observation', '{aggregate}'),
               ('over values', 'sample', 'rollup(v)'))
       AS r (rule, relation, aggregate),
       (VALUES ('CURRENT ROW',         'CURRENT ROW',         0,    0),
               ('9 PRECEDING',         'CURRENT ROW',         -9,   0),
               ('20 PRECEDING',        '5 PRECEDING',         -20,  -5),
               ('3 FOLLOWING',         '30 FOLLOWING',        3,    30),
               ('50 PRECEDING',        '50 FOLLOWING',        -50,  50),
               ('UNBOUNDED PRECEDING', 'CURRENT ROW',         -200, 0),
               ('CURRENT ROW',         'UNBOUNDED FOLLOWING', 0,    200))
       AS f (low, high, low_id, high_id)
GROUP  BY rule ORDER BY rule;


-- Order and equality.
INSERT INTO law (rule, query) VALUES
('operators agree with the order of indexes', $$
    SELECT ((a.v < b.v), (a.v <= b.v), (a.v = b.v), (a.v <> b.v), (a.v >= b.v), (a.v > b.v))
           = ((c < 0), (c <= 0), (c = 0), (c <> 0), (c >= 0), (c > 0)) AS holds, a, b
    FROM   sample AS a, sample AS b, {type}_cmp(a.v, b.v) AS c
    WHERE  b.id % 9 = 0 OR a.id = b.id $$),
('the order is the same from both sides', $$
    SELECT {type}_cmp(a.v, b.v) = -{type}_cmp(b.v, a.v) AS holds, a, b
    FROM   sample AS a, sample AS b WHERE b.id % 9 = 0 $$),
('the order is transitive', $$
    SELECT a.v > b.v OR b.v > c.v OR a.v <= c.v AS holds, a, b, c
    FROM   sample AS a, sample AS b, sample AS c
    WHERE  (a.id % 9, b.id % 9, c.id % 9) = (1, 2, 3) $$),
('equal is the same sample, and nothing else', $$
    SELECT (a.v = b.v) = identical(a.v, b.v) AS holds, a, b
    FROM   sample AS a, sample AS b WHERE b.id % 9 = 0 OR a.id = b.id $$),
('the order is by value, then by sample size, and no data comes last', $$
    SELECT value(before) IS NOT NULL
           AND (value(v) IS NULL OR value(before) < value(v) OR v::numeric > before::numeric
                OR value(before) = value(v) AND sample_size(before) <= sample_size(v))
           OR value(v) IS NULL AS holds, before, v
    FROM   (SELECT v, lag(v) OVER (ORDER BY v) AS before FROM sample) AS s
    WHERE  before IS NOT NULL $$),
('comparison with a number is that of the value', $$
    SELECT ((v < x), (v <= x), (v = x), (v <> x), (v >= x), (v > x)) IS NOT DISTINCT FROM
           ((n < x), (n <= x), (n = x), (n <> x), (n >= x), (n > x))
           AND ((x < v), (x <= v), (x = v), (x <> v), (x >= v), (x > v)) IS NOT DISTINCT FROM
               ((x < n), (x <= n), (x = n), (x <> n), (x >= n), (x > n)) AS holds, v, x
    FROM   (SELECT a.v, value(a.v) AS n, value(b.v) AS x
            FROM   sample AS a, sample AS b WHERE b.id IN (a.id, a.id * 7 % 300)) AS s $$),
('casts and round give the value', $$
    SELECT (v::numeric IS NULL, v::float8 IS NULL, round(v, digits) IS NULL)
           = (value(v) IS NULL, value(v) IS NULL, value(v) IS NULL)
           AND coalesce(abs(v::float8::numeric - v::numeric) <= 1e-13 * abs(v::numeric), true)
           AND coalesce(abs(round(v, digits) - v::numeric)
                        <= 0.5 * 10::numeric ^ -digits + 1e-13 * abs(v::numeric), true) AS holds,
           v, digits
    FROM   sample, generate_series(-3, 9) AS digits $$);


-- Hashing.
INSERT INTO law (rule, query) VALUES
('equal values hash alike, however they were built', $$
    SELECT v = built AND {type}_hash(v) = {type}_hash(built)
           AND {type}_hash_extended(v, 42) = {type}_hash_extended(built, 42) AS holds, v
    FROM   (SELECT {aggregate} AS built, {aggregate} FILTER (WHERE id % 2 = 0) AS even,
                   {aggregate} FILTER (WHERE id % 2 = 1) AS odd
            FROM   observation GROUP BY part) AS s,
           LATERAL (VALUES (even + odd), (odd + even), (built::text::{type})) AS same (v) $$),
('the 64-bit hash with seed 0 ends like the 32-bit hash', $$
    SELECT {type}_hash_extended(v, 0) & 4294967295 = {type}_hash(v)::bigint & 4294967295 AS holds, v
    FROM   sample $$),
('hashes spread', $$
    SELECT n > 4000 AND n - short <= 3 AND long = n AND still = 0 AS holds, n, short, long, still
    FROM   (SELECT count(DISTINCT v) AS n, count(DISTINCT {type}_hash(v)) AS short,
                   count(DISTINCT {type}_hash_extended(v, 1)) AS long,
                   count(*) FILTER (WHERE {type}_hash_extended(v, 1)
                                          = {type}_hash_extended(v, 2)) AS still
            FROM   (SELECT {aggregate} OVER (PARTITION BY id % 8 ORDER BY id) AS v
                    FROM   observation) AS growing) AS s $$);


-- Transport and storage.
INSERT INTO law (rule, query) VALUES
('text is read as it was written', $$
    SELECT identical(v::text::{type}, v) AS holds, v FROM sample $$),
('a message is received as it was sent', $$
    SELECT identical(received, v) AS holds, v, received
    FROM   ROWS FROM (receive((SELECT v FROM sample LIMIT 1),
                              VARIADIC (SELECT array_agg({type}_send(v) ORDER BY id) FROM sample)))
           WITH ORDINALITY AS r (received, id) FULL JOIN sample USING (id) $$),
('a stored value is the same value', $$
    SELECT identical(short, v) AND identical(compressed, v) AND identical(outside, v)
           AND identical(held, v)
           AND identical(list[2], v) AND list[1] IS NULL AND identical((pair).v, v) AS holds, id
    FROM   stored JOIN sample USING (id) $$),
('a stored value works like any other', $$
    SELECT identical(short + outside, v + v) AND identical(compressed + v, v + v)
           AND (short, outside, compressed) = (v, v, v) AND list = ARRAY[NULL, v]
           AND {type}_hash(outside) = {type}_hash(v)
           AND value(compressed) IS NOT DISTINCT FROM value(v)
           AND sample_size(short) = sample_size(v) AS holds, id
    FROM   stored JOIN sample USING (id) $$),
('stored values roll up', $$
    SELECT identical(rollup(short), rollup(v)) AND identical(rollup(compressed), rollup(v))
           AND identical(rollup(outside), rollup(v))
           AND identical(rollup(held), rollup(v)) AS holds
    FROM   stored JOIN sample USING (id) $$);
INSERT INTO law (rule, applies, query) VALUES
('large values have been stored out of line', '^(duration|activity|turnover.at)', $$
    SELECT max(pg_column_size(outside)) > 2000 AND pg_relation_size(max(reltoastrelid)) > 0 AS holds
    FROM   stored, pg_class WHERE pg_class.oid = 'stored'::regclass $$),
('large values have been compressed', '^(duration|turnover.at)', $$
    SELECT bool_or(pg_column_compression(compressed) = 'pglz') AS holds FROM stored $$);


-- Plans.  A query gives the result of the plain one if it is run in a certain way, which its plan
-- shows.
CREATE FUNCTION run(query text, settings jsonb, OUT result text, OUT plan jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := (SELECT jsonb_object_agg(key, current_setting(key))
                     FROM   jsonb_each_text(settings));
BEGIN
    query := format('SELECT string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")
                     FROM   (%s) AS t', query);
    PERFORM set_config(key, value, true) FROM jsonb_each_text(settings);
    EXECUTE query INTO result;
    IF settings <> '{}' THEN
        EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
    END IF;
    PERFORM set_config(key, value, true) FROM jsonb_each_text(before);
END $$;

CREATE TABLE way (rule text, grouping text, evidence text, settings jsonb);
INSERT INTO way VALUES
('sorted', 'part, id % 20',
    '$.** ? (@.Strategy == "Sorted")',
    '{"enable_hashagg": "off"}'),
('hashed', 'part, id % 20',
    '$.** ? (@.Strategy == "Hashed")',
    '{"enable_sort": "off"}'),
('hashed, on disk', 'part, id % 20',
    '$.** ? (@."HashAgg Batches" > 1)',
    '{"enable_sort": "off", "work_mem": "64kB", "hash_mem_multiplier": "1"}'),
('by partitions', 'part',
    '$.** ? (@."Node Type" == "Append").Plans ? (@."Partial Mode" == "Partial")',
    '{"enable_partitionwise_aggregate": "on"}'),
('by parallel workers', 'part',
    '$ ? (exists(@.** ? (@."Workers Launched" > 0))
          && exists(@.** ? (@."Partial Mode" == "Partial")))',
    '{"max_parallel_workers_per_gather": "2", "min_parallel_table_scan_size": "0",
      "parallel_setup_cost": "0", "parallel_tuple_cost": "0",
      "parallel_leader_participation": "off"}');
INSERT INTO law (rule, query)
SELECT 'observations give the same value ' || rule, format($$
    SELECT same AND shown AS holds, same, shown
    FROM   (VALUES ('SELECT part, {aggregate}::text, {type}_send({aggregate})
                     FROM   observation GROUP BY %s')) AS t (query),
           run(query, '{}') AS a, run(query, %L) AS b,
           LATERAL (VALUES (a.result = b.result, b.plan @? %L)) AS c (same, shown) $$,
    grouping, settings, evidence)
FROM   way;

INSERT INTO law (rule, query)
SELECT 'values can be ' || rule, format($$
    SELECT same AND shown AS holds, same, shown
    FROM   run(%L, '{}') AS a, run(%L, %L) AS b,
           LATERAL (VALUES (a.result = b.result, b.plan @? %L)) AS c (same, shown) $$,
    plain, query, settings, evidence)
FROM   (VALUES
            ('grouped by hash', '$.** ? (@.Strategy == "Hashed")', '{"enable_sort": "off"}',
                'SELECT v::text, count(*) FROM sample GROUP BY v',
                'SELECT v::text, count(*) FROM sample GROUP BY v::text'),
            ('grouped by order', '$.** ? (@.Strategy == "Sorted")', '{"enable_hashagg": "off"}',
                'SELECT v::text, count(*) FROM sample GROUP BY v',
                'SELECT v::text, count(*) FROM sample GROUP BY v::text'),
            ('joined by hash', '$.** ? (@."Node Type" == "Hash Join")',
             '{"enable_mergejoin": "off", "enable_nestloop": "off"}',
                'SELECT a.id, b.id FROM sample AS a JOIN sample AS b USING (v)',
                'SELECT a.id, b.id FROM sample AS a, sample AS b WHERE a.v::text = b.v::text'),
            ('joined by order', '$.** ? (@."Node Type" == "Merge Join")',
             '{"enable_hashjoin": "off", "enable_nestloop": "off"}',
                'SELECT a.id, b.id FROM sample AS a JOIN sample AS b USING (v)',
                'SELECT a.id, b.id FROM sample AS a, sample AS b WHERE a.v::text = b.v::text'),
            ('found by a btree index', '$.** ? (@."Index Name" == "by_order")',
             '{"enable_seqscan": "off", "enable_bitmapscan": "off"}',
                'SELECT id FROM stored
                 WHERE  id <= 250 AND short <= (SELECT v FROM sample WHERE id = 77)',
                'SELECT id FROM sample
                 WHERE  id <= 250 AND {type}_cmp(v, (SELECT v FROM sample WHERE id = 77)) <= 0'),
            ('found by a hash index', '$.** ? (@."Index Name" == "by_hash")',
             '{"enable_seqscan": "off", "enable_bitmapscan": "off"}',
                'SELECT id FROM stored
                 WHERE  id <= 250 AND held = (SELECT v FROM sample WHERE id = 77)',
                'SELECT id FROM sample
                 WHERE  id <= 250 AND v::text = (SELECT v::text FROM sample WHERE id = 77)')
       ) AS t (rule, evidence, settings, query, plain);


-- Passes for each law that a kind of value obeys.
CREATE FUNCTION obeys(type name, aggregate text, observation text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    rule  text;
    query text;
BEGIN
    EXECUTE format('CREATE TABLE random AS
                    SELECT id, any_of(0, 299) AS part, %s
                    FROM   generate_series(1::bigint, 10000) AS id', observation);
    CREATE TABLE observation (LIKE random) PARTITION BY HASH (id);
    CREATE TABLE observation_0 PARTITION OF observation FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE observation_1 PARTITION OF observation FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    INSERT INTO observation SELECT * FROM random;
    CREATE INDEX ON observation (id);

    EXECUTE format('CREATE TABLE sample (id int GENERATED ALWAYS AS IDENTITY, v %I)', type);
    EXECUTE format('CREATE DOMAIN held AS %I', type);
    EXECUTE format('CREATE TYPE pair AS (flag boolean, v %I)', type);
    EXECUTE format('CREATE TABLE stored (id int, flag boolean, short %1$I, compressed %1$I,
                                         outside %1$I, held held, list %1$I[], pair pair)',
                   type);
    IF (SELECT varlena FROM value_type WHERE value_type.type = obeys.type) THEN
        ALTER TABLE sample ALTER v SET STORAGE external;
        ALTER TABLE stored ALTER compressed SET COMPRESSION pglz,
            ALTER outside SET STORAGE external;
    END IF;

    EXECUTE format('INSERT INTO sample (v)
                    SELECT %2$s FROM observation WHERE part < 120 GROUP BY part
                    UNION ALL SELECT %2$s FROM observation WHERE id <= 100 GROUP BY id
                    UNION ALL SELECT %2$s FROM observation WHERE id <= 30 GROUP BY id
                    UNION ALL SELECT (%2$s)::text::%1$I
                              FROM   observation WHERE part < 50 GROUP BY part
                    UNION ALL SELECT %2$s FROM observation GROUP BY id %% 3', type, aggregate);
    INSERT INTO stored SELECT id, true, v, v, v, v, ARRAY[NULL, v], ROW(true, v)::pair FROM sample;
    CREATE INDEX by_order ON stored (short) WHERE id <= 250;
    CREATE INDEX by_hash ON stored USING hash (held) WHERE id <= 250;
    ANALYZE observation, sample, stored;

    FOR rule, query IN
        SELECT format('%s: %s', obeys.aggregate, law.rule), filled
        FROM   law, LATERAL replace(replace(law.query, '{aggregate}', aggregate),
                                    '{type}', type) AS filled
        WHERE  aggregate ~ law.applies
        ORDER  BY law.id
    LOOP
        RETURN NEXT holds(query, rule);
    END LOOP;

    DROP TABLE random, observation, sample, stored;
    DROP TYPE pair;
    DROP DOMAIN held;
END $$;

SELECT obeys(type, aggregate, observation) FROM kind;


SELECT set_eq('SELECT DISTINCT type FROM kind', 'SELECT type FROM value_type',
              'these are all the value types');
SELECT ok(amvalidate(objid), identity || ' is complete')
FROM   member WHERE type = 'operator class' ORDER BY identity COLLATE "C";

SELECT * FROM finish();
ROLLBACK;
