\set ECHO none
\i test/setup.psql
SELECT plan(55);

-- Whatever comes from outside, as a literal or as an argument, is refused as bad data or gives a
-- good value.

-- Some values of each type, as they are written; the first are those without data.
CREATE TABLE specimen (type name, literal text);
SELECT format('INSERT INTO specimen SELECT %L, (%s)::text FROM (SELECT %s) AS o WHERE false',
              type, aggregate, observation)
FROM   kind
\gexec
SELECT format('INSERT INTO specimen
               SELECT %L, (%s)::text
               FROM   (SELECT id, %s FROM generate_series(1, 60) AS id) AS o GROUP BY id %% 9',
              type, aggregate, observation)
FROM   kind
\gexec

-- What becomes of a literal: the SQLSTATE with which it is refused, or whether it gives a value
-- that is read as it is written.
CREATE FUNCTION outcome(type name, literal text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    good boolean;
BEGIN
    EXECUTE format('SELECT identical(v, v::text::%1$I) FROM (SELECT %2$L::%1$I) AS t (v)',
                   type, literal)
    INTO    good;
    RETURN CASE WHEN good THEN 'good' ELSE 'changed' END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;


-- Literals.
CREATE TABLE ugly AS
SELECT unnest(ARRAY['', ' ', '/', '//', '-', '.', '0.', '1/', '/1', '1//2', '1/2/', '1/-2',
                    '0x1/0x2', '1e1/1e2', '1_0/2_0', '１/２', '½',
                    'NULL', 'NaN', 'nan/nan', 'Infinity', 'infinity/1', '-infinity', 'true', '{}}',
                    '{', '[]', '()', '0/0 [', '0/0 #', '0/0 [,)', '1/1 [1,1] :',
                    '1/1 [1,1] 1', '1/1 [', E'1\n/2', E'1/2\\0', '%s%n', repeat('9', 100000),
                    repeat('9', 100000) || '/1', repeat('1/', 100000),
                    repeat('[', 100000), repeat(' ', 100000),
                    '1/1 [1,1]' || repeat(' 954:1', 100000),
                    '{2025-01-01:' || repeat(' 1', 5) || '}}']) AS literal;
SELECT holds(format('SELECT outcome(%L, literal) = ''22P02'' AS holds, left(literal, 30),
                            outcome(%1$L, literal)
                     FROM   ugly', type),
             'refuses every literal that is none: ' || type)
FROM   value_type ORDER BY type;

-- From version 16 on PostgreSQL can ask without risking an error.
CREATE FUNCTION accepted(literal text, type name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    valid boolean := false;
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'SELECT pg_input_is_valid($1, $2)' INTO valid USING literal, type::text;
    END IF;
    RETURN valid;
END $$;
SELECT holds(format('SELECT NOT accepted(literal, %L) AS holds, left(literal, 30) FROM ugly', type),
             'refuses softly, if asked, a literal that is none: ' || type)
FROM   value_type ORDER BY type;

-- The hint says what to write.
CREATE FUNCTION example(type name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE format('SELECT %L::%I', '', type);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN substring(hint FROM 'for example (.*?)(?:, or .*?)?\.(?: To aggregate .*)?$');
END $$;
SELECT is(outcome(type, example(type)), 'good', 'hints at a literal that can be read: ' || type)
FROM   value_type WHERE example(type) IS NOT NULL ORDER BY type;

-- A column of text in the place of numbers is a cast to the type of that name. The hint says how it
-- is aggregated.
CREATE FUNCTION cast_advised(aggregate text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint   text;
    sample bigint;
BEGIN
    EXECUTE format('SELECT %I(answer) FROM (VALUES (''x''::text)) AS t (answer)', aggregate);
    RETURN 'no error';
EXCEPTION WHEN invalid_text_representation THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    hint := substring(hint FROM 'To aggregate a column of text, cast it: (.*)\.$');
    EXECUTE format('SELECT sample_size(%s) FROM (VALUES (''1''::text), (''1''), (NULL)) AS t (%s)',
                   hint, substring(hint FROM '\((\w+)::'))
    INTO    sample;
    RETURN hint || ' of ' || sample;
END $$;
SELECT is(cast_advised(aggregate), advice || ' of 2',
          'a column of text needs a cast, as the hint says: ' || aggregate)
FROM   (VALUES ('average', 'average(amount::numeric)'),
               ('conversion_rate', 'conversion_rate(bought::boolean)'),
               ('csat', 'csat(answer::int)'),
               ('duration', 'duration(elapsed::interval)'), ('nps', 'nps(score::int)'),
               ('rate', 'conversion_rate(bought::boolean)')) AS t (aggregate, advice);

-- Some characters changed, inserted, removed, repeated, moved or cut off.
CREATE FUNCTION mutated(original text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    alphabet CONSTANT text := '0123456789/-+.,:#[](){} eE?';
    at       int;
    length   int;
BEGIN
    FOR i IN 1 .. any_of(1, 3) LOOP
        at := any_of(1, length(original) + 1);
        length := any_of(0, 9);
        original := CASE any_of(1, 5)
            WHEN 1 THEN overlay(
                original PLACING substr(alphabet, any_of(1, length(alphabet))::int, 1)
                FROM at FOR 1)
            WHEN 2 THEN overlay(
                original PLACING substr(alphabet, any_of(1, length(alphabet))::int, 1)
                FROM at FOR 0)
            WHEN 3 THEN overlay(original PLACING '' FROM at FOR length)
            WHEN 4 THEN overlay(
                original PLACING substr(original, any_of(1, length(original))::int, length)
                FROM at FOR 0)
            WHEN 5 THEN left(original, at)
        END;
    END LOOP;
    RETURN original;
END $$;

CREATE TABLE attack AS
SELECT type, literal, outcome(type, literal)
FROM   (SELECT type, mutated(literal) AS literal
        FROM   specimen, generate_series(1, 250) OFFSET 0) AS m;
SELECT holds(format('SELECT outcome ~ ''^(good|22...)$'' AS holds, outcome, literal
                     FROM   attack WHERE type = %L', type),
             'refuses a mutated literal, or reads a good value from it: ' || type)
FROM   value_type ORDER BY type;
SELECT holds('SELECT count(*) FILTER (WHERE outcome = ''good'') > 50
              AND count(*) FILTER (WHERE outcome <> ''good'') > 500 AS holds, type, count(*)
              FROM   attack GROUP BY type', 'of the mutants some are good, and most are not');


-- Direct calls of all functions in C, as no query makes them: with stored values and other
-- arguments of each type they take,
CREATE VIEW keyed AS SELECT 1 AS day;
CREATE TABLE argument (type regtype, expression text);
INSERT INTO argument VALUES
    ('boolean', 'true'), ('integer', '4'), ('bigint', '3::bigint'),
    ('double precision', '0.5::float8'), ('numeric', '0.5'), ('text', '''day''::text'),
    ('character', '''day ''::char(4)'),
    ('bigint[]', '''{7,3}''::bigint[]'), ('text[]', '''{day}''::text[]'),
    ('integer[]', '''{1,2}''::int[]'),
    ('interval', '''1 hour''::interval'), ('interval[]', '''{1 hour}''::interval[]'),
    ('date', '''2025-01-01''::date'), ('timestamp', '''2025-01-01''::timestamp'),
    ('timestamptz', '''2025-01-01Z''::timestamptz'),
    ('timestamptz[]', '''{2025-01-01Z,2025-01-02Z}''::timestamptz[]'),
    ('tstzrange', '''[2025-01-01, 2025-02-01)''::tstzrange'),
    ('tstzmultirange', '''{[2025-01-01, 2025-02-01)}''::tstzmultirange'),
    ('uuid', '''00000000-0000-0000-0000-000000000003''::uuid'),
    ('regclass', '''keyed''::regclass'), ('bytea', 'state'), ('cstring', 'NULL::cstring');
INSERT INTO argument SELECT type::text::regtype, quote_ident(type) FROM value_type;

SELECT format('CREATE TABLE kept AS SELECT n, %s FROM generate_series(0, 8) AS n',
              string_agg(format('(SELECT literal::%1$I FROM specimen WHERE type = %1$L
                                  OFFSET n LIMIT 1) AS %1$I', type), ', '))
FROM   value_type
\gexec
-- among them states of the aggregates over events, which are bytea, and what may pretend to be one,
ALTER TABLE kept ADD state bytea;
UPDATE kept SET state = CASE n % 3
    WHEN 0 THEN funnel_depth_accum(funnel_depth_accum('', now(), 1, '1 hour'),
                                   now() + interval '1 min', 2, '1 hour')
    WHEN 1 THEN funnel_events_accum(funnel_events_accum('', 7, now(), 1, 4, '1 hour'),
                                    n, now() - interval '1 day', 2, 4, '1 hour')
    ELSE '' END;
INSERT INTO kept (n, state)
SELECT 9 + 100 * n + i,
       overlay(state PLACING set_byte('\x00', 0, any_of(0, 255)::int)
               FROM any_of(1, length(state))::int)
FROM   kept, generate_series(1, 99) AS i WHERE state <> ''
UNION ALL
SELECT 9 + 100 * n + 100, substr(state, 1, any_of(0, length(state) - 1)::int)
FROM   kept WHERE state <> ''
UNION ALL
SELECT 9 + 1000 + i, decode(repeat(md5(random()::text), i), 'hex') FROM generate_series(1, 9) AS i;

-- all of them known (-1), all NULL (0), or one of them NULL.
CREATE TABLE call AS
SELECT p.oid, proname, missing, prorettype::regtype AS type,
       bool_or(t = 'bytea'::regtype) AS by_state,
       CASE WHEN bool_and(missing IN (0, i) OR expression IS NOT NULL) THEN
           format('%I(%s)%s', proname,
                  string_agg(CASE WHEN missing IN (0, i) THEN 'NULL::' || t::regtype
                                  ELSE expression END, ', ' ORDER BY i),
                  CASE prokind WHEN 'w' THEN ' OVER ()' END) END AS call
FROM   pg_proc AS p
       JOIN member ON classid = 'pg_proc'::regclass AND objid = p.oid
       JOIN pg_language AS l ON l.oid = prolang AND lanname = 'c',
       generate_series(-1, pronargs) AS missing, unnest(proargtypes) WITH ORDINALITY AS a (t, i)
       LEFT JOIN argument ON argument.type = t
-- a schema is locked, nothing is computed; and of any type there is no NULL
WHERE  'internal'::regtype <> ALL (proargtypes)
AND    proname NOT IN ('lock_schema', 'lock_relation', 'hash_bytes_of')
GROUP  BY p.oid, missing;

CREATE TABLE original AS SELECT * FROM kept;
SELECT holds('SELECT call IS NOT NULL AS holds, oid::regprocedure FROM call',
             'there is an argument for every function');
SELECT holds(format($$
    SELECT coalesce(sqlstate_of(statement), '22') ~ '^(22|54)' AS holds, sqlstate_of(statement),
           statement
    FROM   call, generate_series(0, 8) AS n,
           LATERAL format('SELECT %%s FROM kept WHERE n = %%s', call, n) AS statement
    WHERE  missing %s $$, missing), rule)
FROM   (VALUES ('= 0', 'every function can be called with NULL only'),
               ('> 0', 'every function can be called with one NULL'),
               ('= -1', 'every function can be called without a NULL'))
       AS t (missing, rule);
SELECT holds($$
    SELECT coalesce(sqlstate_of(statement), '22') ~ '^(22|54)' AS holds, sqlstate_of(statement),
           statement
    FROM   call, kept, LATERAL format('SELECT %s FROM kept WHERE n = %s', call, n) AS statement
    WHERE  missing = -1 AND by_state AND n > 8 $$, 'no state that somebody made up does harm');

-- Nothing changes its arguments: only its own state an aggregate may change in place.
SELECT holds($$
    SELECT coalesce(sqlstate_of(statement), '22') ~ '^(22|54)' AS holds, statement
    FROM   call JOIN value_type AS v ON v.type = call.type::text, generate_series(0, 8) AS n,
           LATERAL format('SELECT rollup(%1$s), rollup(%2$I) FROM kept WHERE n = %3$s', call,
                          v.type, n) AS statement
    WHERE  missing = -1 $$, 'functions can be called inside of an aggregate');
SELECT holds('SELECT record_image_eq(k, o) AS holds, k, o
              FROM   kept AS k
                     FULL JOIN original AS o USING (n)',
             'no function changes its arguments');

-- Out of range, or off the scale: a hint says what to do.
SELECT matches(hint_of('SELECT ' || expression), hint, 'a hint says what to do: ' || expression)
FROM   (VALUES
            ('average ''99999999999999999999999999999999999999/1'' + ''1/1''',
             'round\(amount, 4\)'),
            ('rate ''1/9223372036854775807'' + ''0/1''',                      'Pool less'),
            ('csat(3, 11)',                                                   'csat\(answer, 7\)'),
            ('top_box(csat ''1/1/1/1/1'', 6)',                                'scale\(csat\)'),
            ('step_rate(funnel ''3/2/1'', 3)',                                'steps\(funnel\)'),
            ('reached(funnel ''0'', -1)',                                     'steps\(funnel\)')
       ) AS t (expression, hint);

SELECT * FROM finish();
ROLLBACK;
