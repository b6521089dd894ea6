\set ECHO none
\i test/setup.psql
SELECT plan(31);

-- The rules of the house, asked of the catalogs: each query names what breaks one.

CREATE VIEW member_function AS
SELECT p.*, identity
FROM   pg_proc AS p
       JOIN member ON classid = 'pg_proc'::regclass AND objid = p.oid;
CREATE VIEW member_aggregate AS
SELECT a.*, p.*, identity
FROM   pg_aggregate AS a
       JOIN pg_proc AS p ON p.oid = aggfnoid
       JOIN member ON classid = 'pg_proc'::regclass AND objid = p.oid;
CREATE VIEW member_operator AS
SELECT o.*, identity
FROM   pg_operator AS o
       JOIN member ON classid = 'pg_operator'::regclass AND objid = o.oid;


-- The extension.
SELECT cmp_ok(count(*), '>', 300::bigint, 'the extension has its members') FROM member;
SELECT ok(extnamespace = 'pg_catalog'::regnamespace AND NOT extrelocatable
          AND EXISTS (SELECT FROM member
                      WHERE  classid = 'pg_namespace'::regclass AND objid = 'kpi'::regnamespace),
          'it makes schema kpi itself, and lives there')
FROM   pg_extension WHERE extname = 'kpi';
SELECT is_empty('SELECT type, identity FROM member WHERE schema::name <> ''kpi''',
                'nothing of it lies outside');
SELECT ok(trusted, 'whoever may create objects in a database may create it')
FROM   pg_available_extension_versions WHERE name = 'kpi' AND installed;
SELECT is_empty('SELECT type, identity
                 FROM   member WHERE obj_description(objid, classid::regclass::name) IS NULL',
                'every object is described');
SELECT is_empty('SELECT type, identity
                 FROM   member
                 WHERE  obj_description(objid, classid::regclass::name) ~ ''^\s|\s$|\.$|^$|  ''',
                'a description has no full stop and no stray white space');


-- Functions. Those of the model, which are all of no type, read and make relations; all others only
-- compute.
CREATE VIEW model_function AS
SELECT * FROM member_function AS f
WHERE  f.provolatile <> 'i' OR f.proparallel <> 's';
SELECT is_empty($$
    SELECT f.identity FROM model_function AS f
    WHERE  EXISTS (SELECT FROM unnest(f.prorettype || f.proargtypes::oid[]) AS a
                          JOIN value_type AS v ON v.type = a::regtype::text)
    $$, 'every function of a value type is immutable and parallel safe');
SELECT is_empty($$SELECT identity
                  FROM   model_function
                  WHERE  prolang NOT IN (SELECT oid
                                         FROM   pg_language WHERE lanname IN ('sql', 'plpgsql'))
                  AND proname NOT IN ('lock_schema', 'lock_relation', 'tables_below',
                                      'note_change')$$,
                'and so is what is written in C, but for what locks, notes, or reads a query');

SELECT is_empty('SELECT identity
                 FROM   member_function WHERE prosecdef OR proleakproof OR proacl IS NOT NULL
                 OR proconfig IS NOT NULL AND oid NOT IN (SELECT oid FROM model_function)',
                'no function has more rights, settings or restrictions than its caller');
SELECT is_empty('SELECT identity
                 FROM   model_function
                 WHERE  prosqlbody IS NULL AND proname NOT IN (''lock_schema'', ''lock_relation'',
                                                           ''tables_below'', ''note_change'')
                 AND    NOT coalesce(proconfig::text LIKE ''%search_path=pg_catalog, pg_temp%'',
                                     false)',
                'but what makes relations finds no names but those it means');
SELECT is_empty('SELECT identity
                 FROM   member_function
                 WHERE  prolang = (SELECT oid FROM pg_language WHERE lanname = ''sql'')
                 AND    prosqlbody IS NULL',
                'functions in SQL are parsed where they are written, so no search_path can change '
                'them');
SELECT is_empty('SELECT identity
                 FROM   member_function
                        JOIN pg_language AS l ON l.oid = prolang
                 WHERE  lanname NOT IN (''c'', ''sql'', ''internal'')
                 AND NOT (lanname = ''plpgsql''
                          AND member_function.oid IN (SELECT oid FROM model_function))
                 -- raises an error, which SQL cannot
                 AND proname <> ''no_exchange_rate''',
                'there are no other languages, but for what writes views');
SELECT is_empty($$
    SELECT identity FROM member_function
    WHERE  NOT proisstrict AND prokind = 'f' AND oid NOT IN (SELECT oid FROM model_function)
    -- an amount may be in the currency it is wanted in
    AND    proname NOT IN ('in_currency', 'no_exchange_rate')
    -- a movement may have no cost or no value
    AND    proname NOT IN ('turnover_accum', 'turnover_accum_inverse')
    -- a row may have no key
    AND    proname <> 'finite_number'
    -- a customer may be unknown, a limit may be none
    AND    proname NOT IN ('activity_accum', 'during', 'customers_between', 'retention')
    -- there may be no holidays, and nothing on hold
    AND    proname NOT IN ('business_time', 'holiday_list', 'time_taken')
    -- a grain may have no seasons, an amount no currency
    AND    proname NOT IN ('season', 'number_digits')
    -- there may be no window
    AND    proname NOT IN ('funnel_depth_accum', 'funnel_events_accum', 'funnel_times')
    -- what a target asks, how far it is and what is said of that may be unknown in parts
    AND    proname NOT IN ('asked', 'attainment', 'verdict', 'target_case', 'surer_forecast')
    AND    proname NOT IN ('fill')
    -- not all quartiles may be known, nor what is better
    AND    proname NOT IN ('benchmark_position', 'benchmark_text')
    -- what is not said is filled in
    AND    proname <> 'filled_in'
    -- a row is the same in what it does not say, too
    AND    proname <> 'hash_bytes_of' $$,
                'functions of NULL are NULL, but for the few that say why');
SELECT is_empty($$
    SELECT identity FROM member_function
    WHERE  (prorettype IN ('internal'::regtype, 'record'::regtype) AND NOT proretset
            OR 'internal'::regtype = ANY (proargtypes))
    AND    proname !~ '_(recv|support)$' $$, 'no function gives or takes what SQL cannot hold');


-- Aggregates.
SELECT is_empty('SELECT identity
                 FROM   member_aggregate
                 WHERE  pronargs = 0 OR aggkind <> ''n'' OR provariadic <> 0',
                'every aggregate has arguments, and no order of its own');
SELECT is_empty('SELECT identity FROM member_aggregate WHERE aggcombinefn = 0',
                'every aggregate can be computed in parts');
SELECT is_empty('SELECT identity
                 FROM   member_aggregate
                        JOIN pg_type AS t ON t.oid = aggtranstype
                 WHERE  typtype <> ''b''',
                'every state is a plain type, never internal');
SELECT is_empty('SELECT identity
                 FROM   member_aggregate WHERE aggserialfn <> 0 OR aggdeserialfn <> 0',
                'which needs no functions to travel');
SELECT is_empty('SELECT identity FROM member_aggregate WHERE agginitval IS NULL',
                'every aggregate starts without data, not with NULL');
SELECT is_empty('SELECT identity
                 FROM   member_aggregate
                 WHERE  aggfinalmodify <> ''r'' OR aggmfinalmodify <> ''r'' OR aggfinalextra
                 OR     aggmfinalextra',
                'no final function changes the state, so aggregates can share it');
SELECT is_empty($$
    SELECT identity FROM member_aggregate
    WHERE  aggminvtransfn = 0
    -- the second shortest is not kept
    AND    prorettype <> 'duration'::regtype
    -- nor who came twice or three times
    AND    aggtranstype <> 'activity'::regtype
    -- nor are events taken back
    AND    aggtranstype <> 'bytea'::regtype $$,
                'every aggregate whose inverse is exact runs in moving frames');
SELECT is_empty($$
    SELECT identity FROM member_aggregate
    WHERE  aggminvtransfn <> 0
    AND    (aggmtransfn, aggmtranstype, aggmfinalfn, aggminitval)
        IS DISTINCT FROM (aggtransfn, aggtranstype, aggfinalfn, agginitval) $$,
    'and there in the same way');


-- Types.
SELECT is_empty($$
    SELECT typname
    FROM   pg_type WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
    AND    typtype = 'b' AND (typsend = 0 OR typreceive = 0 OR typanalyze <> 0 OR typarray = 0) $$,
                'every type travels in binary, and in arrays');
SELECT is_empty($$
    SELECT typname
    FROM   pg_type WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
    AND    typtype = 'b'
    AND    (typalign <> 'd' OR typstorage <> CASE typlen WHEN -1 THEN 'x' ELSE 'p' END) $$,
    'every type is aligned for 64-bit counts, and compressed if it grows');
SELECT is_empty('SELECT castsource::regtype, casttarget::regtype, castcontext
                 FROM   pg_cast
                 WHERE  oid IN (SELECT objid FROM member WHERE classid = ''pg_cast''::regclass)
                 AND castcontext <> ''a''',
                'a value turns into a number when it is stored as one, not by itself');

SELECT is_empty($$
    SELECT type, word
    FROM   value_type,
           unnest('{value(%1$s), sample_size(%1$s), "round(%1$s,integer)", rollup(%1$s),
                    numeric(%1$s), float8(%1$s)}'::text[]) AS word
    WHERE  word ~ '^(value|sample|round|rollup)' AND to_regprocedure(format(word, type)) IS NULL
    OR     word ~ '^(numeric|float8)'
    AND    NOT EXISTS (SELECT FROM pg_cast
                       WHERE  castsource = type::regtype
                       AND    casttarget = split_part(word, '(', 1)::regtype) $$,
    'every type has the words that all types have');
SELECT is_empty($$
    SELECT type, operator FROM value_type, unnest('{+, =, <>, <, <=, >, >=}'::text[]) AS operator
    WHERE  to_regoperator(format('%2$s(%1$s,%1$s)', type, operator)) IS NULL $$,
                'every type pools, and compares with itself');
SELECT is_empty($$
    SELECT type, operator
    FROM   value_type, unnest('{=, <>, <, <=, >, >=}'::text[]) AS operator,
           to_regprocedure(format('value(%s)', type)) AS value,
           LATERAL (SELECT prorettype::regtype AS number FROM pg_proc WHERE oid = value) AS n
    WHERE  to_regoperator(format('%3$s(%1$s,%2$s)', type, number, operator)) IS NULL
    OR     to_regoperator(format('%3$s(%2$s,%1$s)', type, number, operator)) IS NULL $$,
    'and with the number that is its value, on both sides');
SELECT is_empty($$
    SELECT type, amname FROM value_type, pg_am
    WHERE  amname IN ('btree', 'hash')
    AND    NOT EXISTS (SELECT FROM pg_opclass
                       WHERE  opcmethod = pg_am.oid AND opcintype = type::regtype
                       AND    opcdefault) $$,
    'every type can be sorted and hashed');


-- Operators.
SELECT is_empty('SELECT identity
                 FROM   member_operator
                 WHERE  oprname IN (''='', ''<>'', ''<'', ''<='', ''>'', ''>='')
                 AND    (oprcom = 0 OR oprnegate = 0)
                 OR oprname IN (''+'', ''*'') AND oprcom = 0',
                'every operator knows its commutator and negator');
SELECT is_empty('SELECT identity
                 FROM   member_operator
                 WHERE  oprleft = oprright AND oprname = ''='' AND NOT (oprcanhash AND oprcanmerge)
                 OR oprleft = oprright AND oprname IN (''='', ''<>'', ''<'', ''<='', ''>'', ''>='')
                 AND    (oprrest = 0 OR oprjoin = 0)',
                'and how it can be joined and estimated');

SELECT * FROM finish();
ROLLBACK;
