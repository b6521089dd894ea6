\set ECHO none
\i test/setup.psql
SELECT no_plan();

-- Indicators that a shop defines itself: what their formulas may be, what they come to, and where
-- they show.


-- What a formula may be. It is parsed by PostgreSQL, and written anew from what is known.

-- What an error says, and at which character.
CREATE FUNCTION refusal_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    context text;
BEGIN
    EXECUTE statement;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM,
                     '@' || substring(context FROM 'character (\d+) of the formula'));
END $$;

CREATE FUNCTION written(formula text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE kind WHEN 'indicator' THEN format('<%s>', piece)
                                WHEN 'measure' THEN format('{%s}', piece) ELSE piece END, ''
                      ORDER BY n)
    FROM   formula_pieces(formula)
$$;
CREATE TABLE formula (formula text, sql text, adds_up boolean);
INSERT INTO formula VALUES
    ('a', '<a>', true),
    ('A + "b"', '(<a> + <b>)', true),
    ('a - b * 2', '(<a> - (<b> * 2::numeric))', true),
    ('(a - b) / 2.50', '((<a> - <b>) / nullif(2.50::numeric, 0::numeric))', true),
    ('-a', '(- <a>)', true),
    ('- -a + +b', '((- (- <a>)) + (+ <b>))', true),
    ('a * -1e3', '(<a> * (-1000)::numeric)', true),
    ('coalesce(a, 0)', 'coalesce(<a>, 0::numeric)', true),
    ('measure(''market share'')', '{market share}', true),
    ('measure(''it''''s'') - a', '({it''s} - <a>)', true),
    ('a /* of */ / b -- each', '(<a> / nullif(<b>, 0::numeric))', false),
    ('a * b', '(<a> * <b>)', false),
    ('a + 1', '(<a> + 1::numeric)', false),
    ('2 / a', '(2::numeric / nullif(<a>, 0::numeric))', false),
    ('coalesce(a, b, 1)', 'coalesce(<a>, <b>, 1::numeric)', false),
    ('nullif(a, b)', 'nullif(<a>, <b>)', false),
    ('GREATEST(a, 0) + least(b, 1)',
     '(greatest(<a>, 0::numeric) + least(<b>, 1::numeric))', false),
    ('abs(a)', 'pg_catalog.abs(<a>)', false),
    ('round(a) + round(b, 2)', '(pg_catalog.round(<a>) + pg_catalog.round(<b>, 2))', false),
    ('ceil(a) - floor(b)', '(pg_catalog.ceil(<a>) - pg_catalog.floor(<b>))', false);
SELECT is(written(formula), sql, formula || ' is a formula') FROM formula;
SELECT is(formula_adds_up(formula), adds_up,
          formula || CASE WHEN adds_up THEN ' adds up' ELSE ' does not add up' END)
FROM   formula;

CREATE TABLE hostile (formula text, refusal text);
INSERT INTO hostile VALUES
    ('', '42601 a formula is empty'),
    ('1 + 1', '22023 the formula reads no indicator @1'),
    ('a / )', '42601 syntax error at or near ")" @5'),
    ('ä + ', '42601 syntax error at end of input @5'),
    ('a; DROP TABLE a', '42601 syntax error at or near ";" @2'),
    ('a + c', '42703 there is no indicator "c" @5'),
    ('a + "c"', '42703 there is no indicator "c" @5'),
    ('"pg_sleep"', '42703 there is no indicator "pg_sleep" @1'),
    ('current_user', '0A000 this cannot be part of a formula @1'),
    ('x.a', '0A000 a name with dots such as "x.a" cannot be part of a formula @1'),
    ('a + b.*', '0A000 * cannot be part of a formula @5'),
    ('*', '0A000 * cannot be part of a formula @1'),
    ('(a).b', '0A000 a part of a value cannot be part of a formula @2'),
    ('a[1]', '0A000 a part of a value cannot be part of a formula @1'),
    ('a, b', '0A000 a second column cannot be part of a formula @4'),
    ('a AS b', '0A000 a name for it such as "b" cannot be part of a formula @1'),
    ('a FROM pg_class', '0A000 a query cannot be part of a formula @1'),
    ('a WHERE true', '0A000 a query cannot be part of a formula @1'),
    ('a LIMIT 1', '0A000 a query cannot be part of a formula @1'),
    ('a GROUP BY a', '0A000 a query cannot be part of a formula @1'),
    ('DISTINCT a', '0A000 a query cannot be part of a formula @10'),
    ('a UNION SELECT 1', '42601 syntax error at or near "UNION" @3'),
    ('a INTO b', '42601 syntax error at or near "INTO" @3'),
    ('a + (SELECT 1)', '0A000 a query cannot be part of a formula @5'),
    ('EXISTS (SELECT FROM b)', '0A000 a query cannot be part of a formula @1'),
    ('a + pg_sleep(9)', '0A000 the function "pg_sleep" cannot be part of a formula @5'),
    ('lo_import(''/etc/passwd'')',
     '0A000 the function "lo_import" cannot be part of a formula @1'),
    ('pg_catalog.abs(a)', '0A000 the function "pg_catalog.abs" cannot be part of a formula @1'),
    ('public.round(a)', '0A000 the function "public.round" cannot be part of a formula @1'),
    ('sum(a)', '0A000 the function "sum" cannot be part of a formula @1'),
    ('abs(a) OVER ()', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs(DISTINCT a)', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs(VARIADIC a)', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs(a ORDER BY b)', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs(a) FILTER (WHERE true)', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs(*)', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs()', '22023 abs has 0 arguments @1'),
    ('round(a, 1, 2)', '22023 round has 3 arguments @1'),
    ('round(a, b)', '22023 round rounds to a number of decimal places that is written @10'),
    ('round(a, 2000000000)',
     '22023 round rounds to a number of decimal places that is written @10'),
    ('extract(year FROM a)',
     '0A000 the function "pg_catalog.extract" cannot be part of a formula @1'),
    ('a AT TIME ZONE ''UTC''',
     '0A000 the function "pg_catalog.timezone" cannot be part of a formula @3'),
    ('''pg_class''::regclass', '0A000 a cast to another type cannot be part of a formula @1'),
    ('CAST(a AS public.evil)', '0A000 a cast to another type cannot be part of a formula @1'),
    ('public.evil ''a''', '0A000 a cast to another type cannot be part of a formula @1'),
    ('a OPERATOR(public.+) b', '0A000 the operator "public.+" cannot be part of a formula @3'),
    ('a OPERATOR(pg_catalog.+) b',
     '0A000 the operator "pg_catalog.+" cannot be part of a formula @3'),
    ('a ^ b', '0A000 the operator "^" cannot be part of a formula @3'),
    ('a % 2', '0A000 the operator "%" cannot be part of a formula @3'),
    ('a +- b', NULL),
    ('a @@@ b', '0A000 the operator "@@@" cannot be part of a formula @3'),
    ('@ a', '0A000 the operator "@" cannot be part of a formula @1'),
    ('a < b', '0A000 the operator "<" cannot be part of a formula @3'),
    ('a IS NULL', '0A000 this cannot be part of a formula @1'),
    ('a AND b', '0A000 this cannot be part of a formula @1'),
    ('a IN (1, 2)', '0A000 this cannot be part of a formula @1'),
    ('a BETWEEN 1 AND 2', '0A000 this cannot be part of a formula @1'),
    ('CASE WHEN a THEN b END', '0A000 this cannot be part of a formula @1'),
    ('ARRAY[a]', '0A000 this cannot be part of a formula @1'),
    ('ROW(a)', '0A000 this cannot be part of a formula @1'),
    ('a COLLATE "C"', '0A000 this cannot be part of a formula @1'),
    ('xmlelement(NAME a)', '0A000 this cannot be part of a formula @1'),
    ('a + $1', '0A000 a parameter cannot be part of a formula @5'),
    ('a + NULL', '0A000 NULL cannot be part of a formula @5'),
    ('a + true', '0A000 true or false cannot be part of a formula @5'),
    ('a || ''x''', '0A000 the operator "||" cannot be part of a formula @3'),
    ('a + ''1''', '0A000 a text cannot be part of a formula @5'),
    ('a + B''1''', '0A000 a text cannot be part of a formula @5'),
    ('a + 1e999999', '22003 value overflows numeric format @5'),
    ('a * 1e38', '22003 a number has more than 38 digits @5'),
    ('measure(a)', '22023 it is not said which measure is meant @1'),
    ('measure()', '22023 it is not said which measure is meant @1'),
    ('measure(''a'', ''b'')', '22023 it is not said which measure is meant @1'),
    ('measure(''a'' || ''b'')', '22023 it is not said which measure is meant @1'),
    ('a + measure('''')', '42622 the name of a measure has 1 to 55 bytes @13'),
    ('a + measure(''' || repeat('ä', 28) || ''')',
     '42622 the name of a measure has 1 to 55 bytes @13'),
    (repeat('(', 10000) || 'a' || repeat(')', 10000),
     '54000 a formula of 20001 characters is too long'),
    (repeat('(', 1999) || 'a' || repeat(')', 1999), NULL),
    ('a' || repeat('+a', 1999), NULL),
    (repeat('abs(', 799) || 'a' || repeat(')', 799), NULL),
    (repeat('- ', 1999) || 'a', NULL);
SELECT is(refusal_of(format('SELECT require_formula(%L, ''{a,b,ä}'')', formula)), refusal,
          CASE WHEN length(formula) < 60 THEN format('"%s"', formula)
               ELSE format('"%s..." of %s characters', left(formula, 9), length(formula)) END
          || CASE WHEN refusal IS NULL THEN ' is taken' ELSE ' is refused' END)
FROM   hostile;

SELECT * FROM finish();
ROLLBACK;
