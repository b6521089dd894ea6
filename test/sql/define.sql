\set ECHO none
\i test/setup.psql
SELECT plan(434);

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

CREATE FUNCTION detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE statement;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(E'\n', SQLERRM, detail);
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
    ('a * (1 + 1)', '(<a> * (1::numeric + 1::numeric))', true),
    ('a OPERATOR(+) b', '(<a> + <b>)', true),
    ('measure(''market share'')', '{market share}', true),
    ('measure(''it''''s'') - a', '({it''s} - <a>)', true),
    ('measure(''--'') / b', '({--} / nullif(<b>, 0::numeric))', false),
    ('measure(''a\b'')', '{a\b}', true),
    ('a / b * 2', '((<a> / nullif(<b>, 0::numeric)) * 2::numeric)', false),
    ('a * b', '(<a> * <b>)', false),
    ('a + 1', '(<a> + 1::numeric)', false),
    ('2 / a', '(2::numeric / nullif(<a>, 0::numeric))', false),
    ('coalesce(a, b, 1)', 'coalesce(<a>, <b>, 1::numeric)', false),
    ('coalesce(a, 0, b)', 'coalesce(<a>, 0::numeric, <b>)', false),
    ('coalesce(a, 1)', 'coalesce(<a>, 1::numeric)', false),
    ('coalesce(a * b, 0)', 'coalesce((<a> * <b>), 0::numeric)', false),
    ('a + (1 - 1)', '(<a> + (1::numeric - 1::numeric))', false),
    ('abs(a) * 2', '(pg_catalog.abs(<a>) * 2::numeric)', false),
    ('2 * abs(a)', '(2::numeric * pg_catalog.abs(<a>))', false),
    ('nullif(a, b)', 'nullif(<a>, <b>)', false),
    ('GREATEST(a, 0) + least(b, 1)',
     '(greatest(<a>, 0::numeric) + least(<b>, 1::numeric))', false),
    ('abs(a)', 'pg_catalog.abs(<a>)', false),
    ('round(a) + round(b, 2)', '(pg_catalog.round(<a>) + pg_catalog.round(<b>, 2))', false),
    ('round(a, 38) + round(a, -38)',
     '(pg_catalog.round(<a>, 38) + pg_catalog.round(<a>, -38))', false),
    ('ceil(a) - floor(b)', '(pg_catalog.ceil(<a>) - pg_catalog.floor(<b>))', false);
SELECT is(written(formula), sql, formula || ' is a formula') FROM formula;
SELECT is(formula_adds_up(formula), adds_up,
          formula || CASE WHEN adds_up THEN ' adds up' ELSE ' does not add up' END)
FROM   formula;

SELECT is(formula_divisor(formula), divisor,
          concat(formula, ' is divided by ', coalesce(divisor, 'nothing that can be told')))
FROM   (VALUES ('a / b', 'b'), ('(a + b) * 2 / c', 'c'), ('coalesce(a / b, 0)', 'b'),
               ('measure(''x'') / b', 'b'), ('a / measure(''x'')', NULL), ('a / b / c', NULL),
               ('a / abs(b)', NULL),
               ('a / b * 2', NULL), ('a * b / c', NULL), ('-(a / b)', NULL), ('2 / a', NULL),
               ('a / 2', NULL), ('a / (b + c)', NULL), ('abs(a) / b', NULL), ('a', NULL))
       AS f (formula, divisor);

SELECT is(formula_divides(formula), divides, formula || ' divides a sum, or does not')
FROM   (VALUES ('a / b', true), ('a / measure($$x$$)', true), ('measure(E''x'') / b', true),
               ('measure(''x'') * measure(''y'') / b', false), ('a / abs(b)', false), ('a', false))
       AS f (formula, divides);

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
    ('a HAVING true', '0A000 a query cannot be part of a formula @1'),
    ('a WINDOW w AS ()', '0A000 a query cannot be part of a formula @1'),
    ('a ORDER BY a', '0A000 a query cannot be part of a formula @1'),
    ('a OFFSET 1', '0A000 a query cannot be part of a formula @1'),
    ('a FOR UPDATE', '0A000 a query cannot be part of a formula @1'),
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
    ('abs(a) WITHIN GROUP (ORDER BY a)',
     '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs(*)', '0A000 such a call of "abs" cannot be part of a formula @1'),
    ('abs()', '22023 abs has 0 arguments @1'),
    ('abs(a, 1)', '22023 abs has 2 arguments @1'),
    ('round(a, 1, 2)', '22023 round has 3 arguments @1'),
    ('round(a, b)', '22023 round rounds to a number of decimal places that is written @10'),
    ('round(a, 2000000000)',
     '22023 round rounds to a number of decimal places that is written @10'),
    ('round(a, 39)', '22023 round rounds to a number of decimal places that is written @10'),
    ('round(a, -39)', '22023 round rounds to a number of decimal places that is written @10'),
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
    ('a -- b', '0A000 a comment cannot be part of a formula @3'),
    ('a /* of */ / b', '0A000 a comment cannot be part of a formula @3'),
    ('measure(''--'') --a', '0A000 a comment cannot be part of a formula @15'),
    ('measure(E''a\'''') -- b', '0A000 a comment cannot be part of a formula @17'),
    ('measure($$it''s$$) -- b', '0A000 a comment cannot be part of a formula @19'),
    ('measure($a$a--b$a$)', NULL), ('greatest(a, 0, -1)', NULL),
    ('greatest(a)', '0A000 the largest or least of one value cannot be part of a formula @1'),
    ('a / 0', '0A000 a division by 0 cannot be part of a formula @5'),
    ('a / 0.00', '0A000 a division by 0 cannot be part of a formula @5'),
    ('a / (0 + 0)', NULL), ('a / 0.1', NULL),
    ('a +@ b', '0A000 the operator "+@" cannot be part of a formula @3'),
    ('a @@@ b', '0A000 the operator "@@@" cannot be part of a formula @3'),
    ('OPERATOR(*) a', '0A000 the operator "*" cannot be part of a formula @1'),
    ('@ a', '0A000 the operator "@" cannot be part of a formula @1'),
    ('a < b', '0A000 the operator "<" cannot be part of a formula @3'),
    ('a IS NULL', '0A000 IS NULL cannot be part of a formula @1'),
    ('a AND b', '0A000 this cannot be part of a formula @1'),
    ('a IN (1, 2)', '0A000 this cannot be part of a formula @1'),
    ('a BETWEEN 1 AND 2', '0A000 this cannot be part of a formula @1'),
    ('CASE WHEN a THEN b END', '0A000 CASE cannot be part of a formula @1'),
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
    ('a * 1e37', NULL),
    ('a * 1e38', '22003 a number has more than 38 digits @5'),
    ('ä + c', '42703 there is no indicator "c" @5'),
    ('measure(a)', '22023 it is not said which measure is meant @1'),
    ('measure()', '22023 it is not said which measure is meant @1'),
    ('measure(''a'', ''b'')', '22023 it is not said which measure is meant @1'),
    ('measure(''a'' || ''b'')', '22023 it is not said which measure is meant @1'),
    ('a + measure('''')', '42622 the name of a measure has 1 to 55 bytes @13'),
    ('measure(''' || repeat('ä', 27) || 'a'')', NULL),
    ('a + measure(''' || repeat('ä', 28) || ''')',
     '42622 the name of a measure has 1 to 55 bytes @13'),
    (repeat('(', 10000) || 'a' || repeat(')', 10000),
     '54000 a formula of 20001 characters is too long'),
    (repeat('(', 1999) || 'a' || repeat(')', 1999), NULL),
    ('a' || repeat('+a', 1999), NULL),
    (repeat('abs(', 799) || 'a' || repeat(')', 799), NULL),
    (repeat('- ', 1999) || ' a', NULL),
    (repeat('- ', 2000) || 'a', '54000 a formula of 4001 characters is too long');
SELECT is(refusal_of(format('SELECT require_formula(%L, ''{a,b,ä}'', '''')', formula)), refusal,
          CASE WHEN length(formula) < 60 THEN format('"%s"', formula)
               ELSE format('"%s..." of %s characters', left(formula, 9), length(formula)) END
          || CASE WHEN refusal IS NULL THEN ' is taken' ELSE ' is refused' END)
FROM   hostile;
SET LOCAL max_stack_depth = '100kB';
SELECT is(refusal_of($$SELECT formula_adds_up(repeat('- ', 1999) || 'a')$$),
          '54001 stack depth limit exceeded', 'what nests deeper than the server can is refused');
RESET max_stack_depth;

-- The name that is meant is one of few other letters.
SELECT is(substring(hint_of(format('SELECT require_formula(%L, %L, '''')', written, known))
                    FROM 'Perhaps (.*) is meant'), meant,
          concat(written, ' is ', coalesce(meant, 'none'), ' of ', known))
FROM   (VALUES ('new_customer', '{customers,new_customer_id,new_customers}', 'new_customers'),
               ('new_customer', '{new_customers,new_customer_id}', 'new_customers'),
               ('net_salesabc', '{orders,net_sales}', 'net_sales'),
               ('net_salesabcd', '{orders,net_sales}', NULL),
               ('ordr', '{orders}', 'orders'),
               ('ab', '{cd}', NULL), ('sales', '{taxes}', NULL), ('cost', '{csat}', NULL),
               ('repeat', '{esat}', NULL), ('net_salse', '{taxes,net_sales}', 'net_sales'),
               (repeat('x', 300), format('{%s}', repeat('x', 299) || 'y'), NULL),
               -- of two letters, of however many bytes, any two are as near
               ('认知', '{份额}', NULL), ('订单', '{p}', NULL), ('订单', '{p,订单数}', '订单数'))
       AS n (written, known, meant);


-- What is written otherwise than SQL reads it is said how to write.
CREATE TABLE slip (formula text, refusal text, hint text);
INSERT INTO slip VALUES
    ('measure(a)', '22023 it is not said which measure is meant @1', 'measure(''a'')'),
    ('b + measure("a")', '22023 it is not said which measure is meant @5', 'measure(''a'')'),
    ('measure(market share) / b', '42601 syntax error at or near "share" @16',
     'measure(''market share'')'),
    ('measure(order)', '42601 syntax error at or near "order" @9', 'measure(''order'')'),
    ('measure(''a)', '42601 unterminated quoted string at or near "''a)" @9', 'measure(''a'')'),
    ('measure()', '22023 it is not said which measure is meant @1', 'measure(''...'')'),
    ('a / order', '42601 syntax error at or near "order" @5', 'Perhaps orders is meant'),
    ('Order / a', '42601 syntax error at or near "/" @7', 'Perhaps orders is meant'),
    ('a / group', '42601 syntax error at or near "group" @5',
     'what the source measures has by that name is written measure(''group'')'),
    ('left / a', '42601 syntax error at or near "/" @6', '"left" is a word of SQL'),
    ('a * 1,5', '0A000 a second column cannot be part of a formula @7', 'a point'),
    ('(1,5 * a) / b', '0A000 a second column cannot be part of a formula @4', 'a point'),
    ('nullif(a, 1,5)', '42601 syntax error at or near "," @12', 'a point'),
    ('coalesce(a, 0,5)', '0A000 a number beside a number cannot be part of a formula @15',
     'a point'),
    ('greatest(a, 1,5)', '0A000 a number beside a number cannot be part of a formula @15',
     'a point'),
    ('1 000 + a', '42601 syntax error at or near "000" @3', 'nothing between thousands'),
    ('1.234.567 + a', '42601 syntax error at or near ".567" @6', 'nothing between thousands'),
    ('measure("it''s")', '22023 it is not said which measure is meant @1', 'measure(''it''''s'')'),
    ('"it''s"', '42703 there is no indicator "it''s" @1', 'measure(''it''''s'')'),
    ('measure(''driver''s'')', '42601 syntax error at or near "s" @17', 'is written twice'),
    ('measure(‘a’)', '22023 it is not said which measure is meant @1', 'measure(''a'')'),
    ('a × b', '42601 syntax error at or near "b" @5', 'which "×" is not'),
    ('a – b', '42601 syntax error at or near "b" @5', 'which "–" is not'),
    ('a * 19%', '42601 syntax error at end of input @8', '% is not read: 19 % is 0.19'),
    ('SELECT a', '42601 syntax error at or near "SELECT" @1', 'A formula is no query'),
    ('a AS b', '0A000 a name for it such as "b" cannot be part of a formula @1', 'Leave out AS'),
    ('a * 1.5 AS b', '0A000 a name for it such as "b" cannot be part of a formula @1',
     'Leave out AS'),
    ('abs(a) AS "b c"', '0A000 a name for it such as "b c" cannot be part of a formula @1',
     'Leave out AS'),
    ('max(a, b)', '0A000 the function "max" cannot be part of a formula @1', 'Write greatest('),
    ('a net_sale', '0A000 a name for it such as "net_sale" cannot be part of a formula @1',
     'Write +, -,'),
    ('2 net_sale', '0A000 a name for it such as "net_sale" cannot be part of a formula @1',
     'Write +, -,'),
    ('Followers / a', '42703 there is no indicator "followers" @1', 'measure(''Followers'')'),
    ('measure(Followers)', '22023 it is not said which measure is meant @1',
     'measure(''Followers'')'),
    ('"ORDERS"', '42703 there is no indicator "ORDERS" @1', 'Perhaps orders is meant'),
    ('(a, b)', '0A000 a second column cannot be part of a formula @5', 'A formula has'),
    ('a b', '0A000 a name for it such as "b" cannot be part of a formula @1', 'Write +, -,'),
    ('a b + 1', '42601 syntax error at or near "+" @5', 'Write +, -,'),
    ('2 (a)', '42601 syntax error at or near "(" @3', 'Write +, -,'),
    ('(a) b c', '42601 syntax error at or near "c" @7', 'Write +, -,'),
    ('net sales', '0A000 a name for it such as "sales" cannot be part of a formula @1',
     'Perhaps net_sales is meant'),
    ('2 * net sales / a', '42601 syntax error at or near "/" @15', 'Perhaps net_sales is meant'),
    ('a / net sales', '0A000 a name for it such as "sales" cannot be part of a formula @1',
     'Perhaps net_sales is meant'),
    -- one of two that are written is not meant for both
    ('2 orders', '0A000 a name for it such as "orders" cannot be part of a formula @1',
     'Write +, -,'),
    ('orders 2', '42601 syntax error at or near "2" @8', 'Write +, -,'),
    ('P Orders', '0A000 a name for it such as "orders" cannot be part of a formula @1',
     'Write +, -,'),
    ('(a) orders b', '42601 syntax error at or near "b" @12', 'Write +, -,'),
    ('orders + 2 visits', '0A000 a name for it such as "visits" cannot be part of a formula @1',
     'Write +, -,'),
    -- where it is no matter of syntax, the parser knows what to do
    ('a + E''\u1''', '22025 invalid Unicode escape @7', 'Unicode escapes must be'),
    ('CASE WHEN a > 0 THEN b END', '0A000 CASE cannot be part of a formula @1', 'nullif(x, 0)'),
    ('CASE WHEN a > 0 THEN b', '42601 syntax error at end of input @23', 'missing at its end'),
    ('coalesce(a, NULL)', '0A000 NULL cannot be part of a formula @13', 'nullif(x, 0)'),
    ('(a + b', '42601 syntax error at end of input @7', 'missing at its end'),
    ('ä / ', '42601 syntax error at end of input @5', 'missing at its end'),
    ('ä)', '42601 syntax error at or near ")" @2', 'none is open');
SELECT is(concat(refusal_of(s), ': ', substring(hint_of(s) FROM position(hint IN hint_of(s))
                                                  FOR nullif(length(hint), 0))),
          concat(refusal, ': ', hint), format('of "%s" it is said how to write it', formula))
FROM   slip, format('SELECT require_formula(%L, ''{a,b,ä,p,orders,net_sales,visits}'', '''')',
                    formula) AS s;


-- What they come to.

CREATE SCHEMA mine;
CREATE TABLE mine.orders (order_id int, ordered_at timestamptz, customer_id int, net_sales numeric,
                          channel text);
INSERT INTO mine.orders VALUES
    (1, '2025-01-03', 1, 100, 'web'), (2, '2025-01-09', 2, 50, 'app'),
    (3, '2025-02-04', 1, 30, 'web'), (4, '2025-02-05', 3, 70, 'app');
CREATE TABLE mine.spend (spent_on date, amount numeric, channel text);
INSERT INTO mine.spend VALUES ('2025-01-01', 60, 'web'), ('2025-01-31', 40, 'app'),
                              ('2025-02-10', 20, 'web');
CREATE TABLE mine.measures (measure text, measured_on date, amount numeric, of numeric,
                            channel text);
INSERT INTO mine.measures VALUES
    ('market_share', '2025-01-05', 10, 100, 'web'), ('market_share', '2025-01-20', 30, 100, 'app'),
    ('market_share', '2025-02-10', 50, 200, 'web'), ('market_share', '2025-03-10', 1, 1, 'web'),
    ('brand awareness', '2025-01-15', 0.4, 1, 'web'),
    ('brand awareness', '2025-02-15', 0.6, 1, 'web'),
    ('brand awareness', '2025-02-16', 0.7, 1, 'app'),
    ('followers', '2025-01-31', 10, NULL, NULL), ('followers', '2025-02-28', 20, NULL, 'app'),
    (NULL, '2025-01-31', 5, NULL, 'web'), ('nothing', '2025-02-01', 0, 0, 'web');
CREATE FUNCTION make(storage text DEFAULT 'view') RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM kpi.build('mine', 'UTC', 'EUR', '{channel}', as_of => '2025-03-01',
                                   storage => make.storage)
$$;
SELECT throws_ok($$SELECT kpi.define('mine', 'x', 'orders', 'X', 'count')$$, '55000',
                 'model "mine" has not been built', 'a model is built before it defines');
SELECT FROM make();
CREATE VIEW on_top AS SELECT period, orders FROM mine.kpi_month;

SELECT results_eq($$SELECT * FROM kpi.define('mine', 'spend_each',
                                             'marketing_spend / new_customers', 'Spend each',
                                             'money', 'down', 'What a new customer costs.',
                                             '获客花费')$$,
                  $$VALUES ('indicator spend_each', 'defined', 'marketing_spend / new_customers')$$,
                  'define says what was defined');
-- the others at once, as the table takes them, too
INSERT INTO mine.indicators (indicator, formula, name, name_zh, unit, direction, definition) VALUES
    ('market_share', 'measure(''market_share'')', 'Market share', '市场份额', 'share', 'up',
     'Of what is sold.'),
    ('awareness', 'measure(''brand awareness'')', 'Brand awareness', '品牌知名度', 'share', 'up',
     'Who knows us.'),
    ('followers', 'coalesce(measure(''followers''), 0)', 'Followers', '粉丝', 'count', 'up',
     'New ones.'),
    ('nothing', 'measure(''nothing'')', 'Nothing', '无', 'quantity', NULL, 'Of nothing.'),
    ('missing', 'measure(''missing'')', 'Missing', '无', 'quantity', NULL, 'Not measured.'),
    ('worth', 'net_sales - spend_each * new_customers', 'Worth', '价值', 'money', 'up',
     'What is left.'),
    ('left_over', 'net_sales - marketing_spend', 'Left over', '剩余', 'money', 'up',
     'What is left.'),
    ('more', 'worth * 2 + net_sales', 'More', '更多', 'money', 'up', 'More of it.'),
    ('promoters', 'nps + 100', 'Promoters', '推荐者', 'quantity', 'up', 'Needs surveys.');
SELECT results_eq($$SELECT object, reason
                    FROM   kpi.build('mine', 'UTC', 'EUR', '{channel}', as_of => '2025-03-01')
                    WHERE  object = 'indicator promoters'$$,
                  $$VALUES ('indicator promoters', 'needs surveys.score')$$,
                  'an indicator is left out where what it reads is, and build says what it needs');
SELECT hasnt_column('mine', 'kpi_month', 'promoters', 'it is no column then');

-- Rows of a measure may come later: that there are none is said, and no error.
SAVEPOINT unmeasured;
SELECT results_eq($$SELECT object, action, reason
                    FROM   kpi.define('mine', 'share_of_us', 'measure(''market_shar'') * 100',
                                      unit => 'quantity')$$,
                  $$VALUES ('indicator share_of_us', 'defined', 'measure(''market_shar'') * 100'),
                           ('indicator share_of_us', 'no data yet',
                            'no row of the measure market_shar. Perhaps market_share is meant.')$$,
                  'of a measure of which there is no row define says so');
SELECT FROM kpi.define('mine', 'more_of_us', 'share_of_us + 1', unit => 'quantity');
SELECT results_eq($$SELECT object, reason
                    FROM   kpi.build('mine', 'UTC', 'EUR', '{channel}', as_of => '2025-03-01')
                    WHERE  action = 'no data yet' ORDER BY object$$,
                  $$VALUES ('indicator missing', 'no row of the measure missing.'),
                           ('indicator more_of_us', 'no row of the measure market_shar. '
                            'Perhaps market_share is meant.'),
                           ('indicator share_of_us', 'no row of the measure market_shar. '
                            'Perhaps market_share is meant.')$$,
                  'build of each that reads it, by way of others, too');
INSERT INTO mine.measures VALUES ('market_shar', '2025-12-01', 1, 2);
SELECT is_empty($$SELECT FROM kpi.define('mine', 'share_of_us', 'measure(''market_shar'')',
                                         unit => 'quantity') WHERE action = 'no data yet'$$,
                'when there is one, of whatever day, it is not said');
ROLLBACK TO unmeasured;
SELECT results_eq('SELECT period, marketing_spend, new_customers, spend_each, cac
                   FROM   mine.kpi_month ORDER BY period',
                  $$VALUES (date '2025-01-01', 100::numeric(20, 4), 2::bigint, 50::numeric(20, 4),
                            50::numeric(20, 4)),
                           ('2025-02-01', 20, 1, 20, 20)$$,
                  'a quotient is one of what the period has');
SELECT results_eq('SELECT spend_each, market_share, awareness FROM mine.kpi_all',
                  'VALUES (40::numeric(20, 4), 0.225::float8, (1.7 / 3)::float8)',
                  'pooled, never averaged');
SELECT results_eq('SELECT market_share, awareness, followers FROM mine.kpi_month ORDER BY period',
                  'VALUES (0.2::float8, 0.4::float8, 10::bigint), (0.25, 0.65, 20)',
                  'a measure is a sum, or a share of what it is a part of');
SELECT results_eq('SELECT nothing, missing FROM mine.kpi_all',
                  'VALUES (NULL::numeric(20, 4), NULL::numeric(20, 4))',
                  'a part of nothing is NULL, and so is what nobody has measured');
SELECT results_eq('SELECT worth, more FROM mine.kpi_month ORDER BY period',
                  'VALUES (50::numeric(20, 4), 250::numeric(20, 4)), (80, 260)',
                  'own indicators may read others');
SELECT results_eq('SELECT period, channel, spend_each, market_share, followers
                   FROM   mine.kpi_month_by_channel WHERE period < ''2025-03-01''
                   ORDER  BY period, channel COLLATE "C"',
                  $$VALUES (date '2025-01-01', '(none)', NULL::numeric, NULL::float8, 10::bigint),
                           ('2025-01-01', 'app', 40, 0.3, 0), ('2025-01-01', 'web', 60, 0.1, 0),
                           ('2025-02-01', '(none)', NULL, NULL, 0),
                           ('2025-02-01', 'app', 0, NULL, 20),
                           ('2025-02-01', 'web', NULL, 0.25, 0)$$,
                  'by a dimension they are of the member; a quotient by zero is NULL');
SELECT is_empty(format('SELECT spend_each, cac FROM mine.%I WHERE spend_each IS DISTINCT FROM cac',
                       'kpi_' || grain || by),
                format('spend_each is cac in kpi_%s%s', grain, by))
FROM   unnest('{day,week,month,quarter,half,year,all}'::text[]) AS grain,
       unnest('{"",_by_channel}'::text[]) AS by;
SAVEPOINT defined;
SELECT results_eq($$SELECT period, value, sample_size, low, high, unit FROM mine.kpi_values
                    WHERE  kpi = 'market_share' AND grain = 'month' AND dimension IS NULL
                    ORDER  BY period$$,
                  $$VALUES (date '2025-01-01', 0.2::float8, NULL::bigint, NULL::float8,
                            NULL::float8, 'share'), ('2025-02-01', 0.25, NULL, NULL, NULL,
                                                     'share')$$,
                  'they are rows of kpi_values');
SELECT is(col_description('mine.kpi_month'::regclass, attnum),
          'Spend each: What a new customer costs. (EUR)', 'a column says what it is')
FROM   pg_attribute WHERE attrelid = 'mine.kpi_month'::regclass AND attname = 'spend_each';
SELECT isnt_empty($$SELECT FROM mine.signals WHERE kpi = 'spend_each' AND grain = 'month'$$,
                  'they have signals');
SELECT results_eq('SELECT period, sample_size, low, high FROM mine.kpi_values
                   WHERE  kpi = ''spend_each'' AND grain = ''month'' AND dimension IS NULL
                   ORDER  BY period',
                  $$VALUES (date '2025-01-01', 2::bigint, NULL::float8, NULL::float8),
                           ('2025-02-01', 1, NULL, NULL)$$,
                  'of a sum divided by a count, the sample is what is counted');
SELECT results_eq('SELECT trap, rows, of_rows, substring(finding FROM '': (.*)'')
                   FROM   kpi.check(''mine'') WHERE source = ''measures'' ORDER BY trap',
                  $$VALUES ('future_rows', 1::bigint, 11::bigint, 'it has not happened yet'),
                           ('missing_measure', 1, 11, 'such rows count nowhere'),
                           ('unknown_measure', 1, 5, 'missing')$$,
                  'measures have traps');
DELETE FROM mine.indicators WHERE formula ~ 'market_share|followers';
SELECT is((SELECT finding FROM kpi.check('mine') WHERE trap = 'unread_measure'),
          'no indicator reads these measures: followers, market_share',
          'so have those that nobody reads');
ROLLBACK TO defined;

-- What is divided by a count is a mean of what is counted, if it adds up itself.
INSERT INTO mine.indicators (indicator, formula, name, name_zh, unit, definition)
SELECT 'mean' || n, formula, formula, formula, 'money', formula
FROM   unnest('{"net_sales / orders","(net_sales - left_over * 2) / customers",
                "coalesce(new_customers / customers, 0)","aov / orders","worth / orders",
                "measure(''followers'') / orders","net_sales / marketing_spend",
                "net_sales / followers","net_sales / orders * 100"}'::text[])
       WITH ORDINALITY AS f (formula, n);
SELECT set_eq($$SELECT indicator, counted FROM own_observations('mine') WHERE indicator ~ '^mean'$$,
              $$VALUES ('mean1', 'orders'), ('mean2', 'customers'), ('mean3', 'customers')$$,
              'means of what is counted are known, and nothing else');
DELETE FROM mine.indicators WHERE indicator ~ '^mean';

-- Other tools pool the same.
CREATE FUNCTION pooled(model text) RETURNS TABLE (indicator text, value numeric)
LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT m.indicator,
                       regexp_replace(m.formula, '\{(\w+)\}',
                                      CASE WHEN m.formula ~ 'distinct_' THEN 'count(DISTINCT \1)'
                                           ELSE 'sum(\1)' END, 'g') AS formula
                FROM   kpi.export_metrics(model) AS m
                       JOIN kpi.own_indicators(model) AS o USING (indicator)
                WHERE  m.formula IS NOT NULL LOOP
        EXECUTE format('SELECT %s FROM (%s) AS p', item.formula, kpi.parts(model))
        INTO    value;
        indicator := item.indicator;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT set_eq('SELECT indicator, round(value, 9) FROM pooled(''mine'')',
              $$SELECT key, round(value::numeric, 9)
                FROM   mine.kpi_all AS a, jsonb_each_text(to_jsonb(a))
                WHERE  key IN ('market_share', 'awareness', 'followers', 'nothing', 'missing',
                               'spend_each', 'worth', 'more', 'left_over')$$,
              'what parts() has pools to what kpi_all shows');
SELECT matches(kpi.cube('mine'), 'market_share: \{ title: "Market share", type: `number`, sql: '
               '`100 \* .*', 'they are measures of Cube');
SELECT matches(kpi.metricflow('mine'), '  - name: spend_each\n    label: "Spend each \(EUR\)"\n'
               '    description: "What a new customer costs."', 'and metrics of MetricFlow');

-- Whatever they are called, tools know nothing else by that name.
SAVEPOINT named;
INSERT INTO mine.indicators (indicator, formula, name, name_zh, unit, definition)
SELECT name, 'orders + spend_each', name, name, 'quantity', name
FROM   unnest(ARRAY['orders_net_sales_total', 'grain', 'a__b', 'indicator_9', 'measure_followers',
                    'month', repeat('a', 32)]) AS name;
UPDATE mine.indicators SET name = 'Orders' WHERE indicator IN ('grain', 'a__b');
SELECT FROM make();
SELECT is_empty('SELECT title FROM export_metrics(''mine'') GROUP BY title HAVING count(*) > 1',
                'a title is of one indicator');
SELECT set_eq($$SELECT indicator, name FROM export_metrics('mine') WHERE name <> indicator$$,
              $$SELECT indicator, 'indicator_' || position FROM mine.indicators
                WHERE  formula = 'orders + spend_each'$$,
              'names that tools do not take are others there');
SELECT is_empty($$SELECT name
                  FROM  (SELECT name FROM export_metrics('mine')
                         UNION ALL
                         SELECT DISTINCT name FROM export_parts('mine')) AS n
                  GROUP  BY name HAVING count(*) > 1$$, 'of which there are no two alike');
SELECT ok(tool ~ format('\m%s: ', name) OR tool ~ format('- name: %s\n', name), 'in ' || what)
FROM   (VALUES ('Cube', cube('mine')), ('MetricFlow', metricflow('mine'))) AS t (what, tool),
       export_metrics('mine') WHERE indicator = 'a__b';
ROLLBACK TO named;


-- Goals.

SELECT FROM kpi.goals('mine');
CREATE FUNCTION aim(target text) RETURNS text LANGUAGE sql AS $$
    SELECT refusal_of(format(
        'INSERT INTO mine.targets (kpi, target, grain, starts, ends)
         VALUES (%s, ''month'', ''2025-01-01'', ''2025-12-31'')', target))
$$;
SELECT is(aim($$'market_share', 0.3$$), NULL, 'an own indicator can have a target');
SELECT is(aim($$'followers', 15$$), NULL, 'a sum, too');
SELECT is(aim($$'market_share', 30$$), '22003 target is 30',
          'it is one in its unit');
SAVEPOINT beyond;
SELECT is(aim($$'market_share', 1.2$$), NULL,
          'a share of its own may be above 1, as what is spent can be more than what is sold');
ROLLBACK TO beyond;
SELECT is(aim($$'conversion_rate', 1.2$$), '22003 target is 1.2', 'that of a rate is never');
SAVEPOINT points;
INSERT INTO mine.indicators (indicator, formula, unit)
VALUES ('some_points', 'market_share * 100', 'points');
SELECT is(aim($$'some_points', 0.3$$), '23502 it is not said whether more or less of some_points '
          'is wanted', 'few points are some, where they are no NPS');
ROLLBACK TO points;
SELECT is(aim($$'market_shares', 0.3$$), '22023 there is no indicator "market_shares"',
          'nothing else is one');
SELECT is(hint_of(format($$INSERT INTO mine.targets (kpi, target, grain, starts, ends)
                            VALUES (%L, 1, 'month', '2025-01-01', '2025-12-31')$$, written)),
          meant || 'SELECT indicator, name FROM kpi.indicators_of(''mine'') lists them.',
          concat('of ', left(written, 20), ' it is said ',
                 coalesce(nullif(meant, ''), 'where all are')))
FROM   (VALUES ('market_shares', 'Perhaps market_share is meant. '),
               ('net_salse', 'Perhaps net_sales is meant. '), ('xyzzy', ''),
               (repeat('x', 300), '')) AS m (written, meant);
SELECT isnt_empty('SELECT indicator, name FROM kpi.indicators_of(''mine'')
                   WHERE indicator = ''market_share''', 'and there it is');
SELECT is(hint_of(statement), hint, 'so it is by ' || substring(statement FROM 'kpi.(\w+)'))
FROM   (VALUES
    ($$SELECT kpi.explain('mine', 'market_shar', 'month', '2025-02-01', 'channel')$$,
     'Perhaps market_share is meant. SELECT indicator, name FROM kpi.indicators_of(''mine'') '
     'lists them.'),
    ($$SELECT kpi.undefine('mine', 'market_shar')$$,
     'Perhaps market_share is meant. SELECT indicator, formula FROM mine.indicators lists them.'),
    ($$SELECT kpi.define('mine', 'x', 'xyzzy', unit => 'count')$$,
     'SELECT indicator, name FROM kpi.indicators_of(''mine'') lists them; what the source measures '
     'has is written measure(''xyzzy'').'))
       AS m (statement, hint);
SELECT is(aim($$'nothing', 1$$), '23502 it is not said whether more or less of nothing is wanted',
          'what is better is asked where the definition leaves it open');
SELECT is(refusal_of($$INSERT INTO mine.benchmarks (kpi, source, year, median)
                       VALUES ('market_share', 'x', 2024, 0.1)$$), NULL, 'so can a benchmark');
SELECT results_eq('SELECT kpi, name, unit, direction, period, value, status FROM mine.scorecard
                   WHERE  complete ORDER BY kpi',
                  $$VALUES ('followers', 'Followers', 'count', 'up', date '2025-02-01', 20::float8,
                            'on_track'),
                           ('market_share', 'Market share', 'share', 'up', '2025-02-01', 0.25,
                            'off_track')$$,
                  'the scorecard judges it');
SELECT matches(kpi.report('mine', lang => lang), name, 'the report in ' || lang || ' has its name')
FROM   (VALUES ('en', 'Market share'), ('zh', '市场份额')) AS l (lang, name);
SELECT results_eq($$SELECT part, member, before, after, effect
                    FROM   kpi.explain('mine', 'left_over', 'month', '2025-02-01', 'channel')
                    WHERE  member IS DISTINCT FROM '(none)'$$,
                  $$VALUES ('all', NULL, 50::float8, 80::float8, 30::float8),
                           ('member', 'app', 10, 70, 60), ('member', 'web', 40, 10, -30)$$,
                  'why a sum moved is explained');
-- Three times of what is spent is 300 for 2 orders in January, and 60 for 2 in February.
SAVEPOINT explained;
INSERT INTO mine.indicators (indicator, formula, unit)
VALUES ('spend_per_order', '(marketing_spend + 2 * marketing_spend) / orders', 'money'),
       ('sales_each', 'coalesce(net_sales / orders, 0)', 'money'),
       ('aov_of_all', 'aov / orders', 'money'), ('share_each', 'market_share / orders', 'quantity'),
       ('measured_each', 'measure(''followers'') / orders', 'quantity'),
       ('of_a_measure', 'orders / measure(''followers'')', 'quantity'),
       ('with_a_mean', '(measure(''followers'') + aov) / orders', 'quantity'),
       ('of_a_quote', 'measure(''driver''''s'') / orders', 'quantity'),
       ('of_a_product', 'measure(''followers'') * measure(''followers'') / orders', 'quantity'),
       ('in_percent', 'net_sales / orders * 100', 'money');
SELECT FROM make();
SELECT set_eq($$SELECT indicator, denominator FROM mine.indicators,
                       LATERAL kpi.own_quotient('mine', indicator)$$,
              $$VALUES ('spend_each', '(coalesce(v.new_customers, 0))::numeric'),
                       ('spend_per_order', '(coalesce(v.orders, 0))::numeric'),
                       ('sales_each', '(coalesce(v.orders, 0))::numeric')$$,
              'a quotient of sums of what members have has parts, and nothing else');
SELECT results_eq($$SELECT part, member, before, after, effect, rate_effect, mix_effect
                    FROM   kpi.explain('mine', 'sales_each', 'month', '2025-02-01', 'channel')$$,
                  $$SELECT part, member, before, after, effect, rate_effect, mix_effect
                    FROM   kpi.explain('mine', 'aov', 'month', '2025-02-01', 'channel')$$,
                  'why sales by order moved is why the value of an order did');
SELECT results_eq($$SELECT part, member, before, after, effect, rate_effect, mix_effect
                    FROM   kpi.explain('mine', 'spend_per_order', 'month', '2025-02-01', 'channel')
                    WHERE  member IS DISTINCT FROM '(none)'$$,
                  $$VALUES ('all', NULL, 150::float8, 30::float8, -120::float8, -120::float8,
                            0::float8),
                           ('member', 'app', 120, 0, -60, -60, 0),
                           ('member', 'web', 180, 60, -60, -60, 0)$$,
                  'a quotient moves by what it moves at members, and by where there is more of it');
-- What is spent where nothing is sold has its effect, and none that is at several members; and what
-- columns round is computed anew. Before January there is nothing.
CREATE SCHEMA at;
CREATE TABLE at.orders AS
SELECT i AS order_id, timestamptz '2025-01-01Z' + i / 2 * interval '1 day' AS ordered_at,
       100 AS net_sales, CASE i % 2 WHEN 0 THEN 'DE' ELSE 'FR' END AS country
FROM   generate_series(0, 179) AS i;
CREATE TABLE at.measures AS
SELECT 'ads' AS measure, ordered_at::date AS measured_on, c AS country,
       CASE WHEN ordered_at < '2025-03-01Z' THEN 10 WHEN c = 'AT' THEN 60 ELSE 9 END AS amount
FROM   at.orders CROSS JOIN unnest('{DE,AT}'::text[]) AS c WHERE order_id % 2 = 0;
SELECT FROM build('at', 'UTC', 'EUR', '{country}', as_of => '2025-04-01Z');
SELECT FROM define('at', 'ads', 'measure(''ads'')', unit => 'money', direction => 'down');
SELECT FROM define('at', 'cpo', 'ads / orders', unit => 'money', direction => 'down');
SELECT FROM define('at', 'big', 'orders * 0.4', unit => 'count', direction => 'up');
SELECT FROM define('at', 'share_of_big', 'big / orders', unit => 'share', direction => 'up');
CREATE FUNCTION explained(kpi text, period date) RETURNS TABLE (
    part text, member text, before numeric, after numeric, effect numeric, why text)
LANGUAGE sql AS $$
    SELECT part, member, round(before::numeric, 3), round(after::numeric, 3),
           round(effect::numeric, 3), nullif(left(why, 30), '')
    FROM   kpi.explain('at', kpi, 'month', period, 'country')
$$;
SELECT results_eq($$SELECT * FROM explained('cpo', '2025-03-01')$$,
                  $$VALUES ('all', NULL, 10.0, 34.5, 24.5, NULL),
                           ('member', 'AT', NULL, NULL, 25.0, 'there is something to divide, '),
                           ('member', 'DE', 10.0, 9.0, -0.5, NULL),
                           ('member', 'FR', 0.0, 0.0, 0.0, NULL)$$,
                  'what is spent where nothing is sold has its effect');
SELECT results_eq($$SELECT part, member, before, after FROM explained('share_of_big', '2025-03-01')
                    WHERE  member IS DISTINCT FROM 'AT'$$,
                  $$VALUES ('all', NULL, 0.4, 0.4), ('member', 'DE', 0.4, 0.4),
                           ('member', 'FR', 0.4, 0.4)$$,
                  'what is rounded where it is shown is not where it is divided');
SELECT results_eq($$SELECT before, after, effect, why
                    FROM   unnest('{orders,cpo}'::text[]) AS k, explained(k, '2025-01-01')
                    WHERE  part = 'all'$$,
                  $$VALUES (0.0, 62.0, 62.0, 'there is nothing to compare wi'),
                           (NULL, 10.0, NULL, 'there is nothing to compare wi')$$,
                  'before the first period there was nothing');
INSERT INTO at.indicators (indicator, formula, unit)
VALUES ('costs', 'ads + net_sales', 'money'), ('costs_each', 'costs / orders', 'money');
SELECT FROM build('at', 'UTC', 'EUR', '{country}', as_of => '2025-04-01Z');
SELECT results_eq($$SELECT member, after FROM explained('costs', '2025-03-01')$$,
                  $$VALUES (NULL, 8339.0), ('AT', 1860.0), ('FR', 3100.0), ('DE', 3379.0)$$,
                  'a sum of what is nothing at a member is the rest of it');
SELECT results_eq($$SELECT action FROM kpi.define('at', 'each', 'net_sales / orders',
                                                 unit => 'count')$$,
                  $$VALUES ('defined'), ('in whole numbers')$$,
                  'of what is counted and is no sum it is said that it is rounded');
SELECT is_empty($$SELECT FROM explained('cpo', '2025-01-01')
                  WHERE  part = 'member' AND why IS NOT NULL$$,
                'where there is no effect, none is explained');
SELECT is(hint_of($$SELECT kpi.explain('at', 'nps', 'month', '2025-03-01')$$),
          'The report of build says what is missing for it.', 'where no dimension is named');
SELECT is(concat_ws(': ', refusal_of(s), hint_of(s)), concat(
              format('0A000 %s cannot be taken apart: ', indicator), hint),
          indicator || ' is not taken apart, and what to do is said')
FROM   (VALUES
           ('worth', '''channel''',
            'Explain what it reads instead: net_sales, new_customers, spend_each.'),
           ('aov_of_all', '''channel''', 'Explain what it reads instead: aov, orders.'),
           ('share_each', '''channel''', 'Explain what it reads instead: orders.'),
           ('in_percent', 'NULL', 'Explain what it reads instead: net_sales, orders.'),
           ('market_share', 'NULL', 'SELECT * FROM mine.kpi_month shows it.'),
           ('market_share', '''channel''', 'SELECT * FROM mine.kpi_month_by_channel shows it.'))
       AS e (indicator, dimension, hint),
       format('SELECT kpi.explain(''mine'', %L, ''month'', ''2025-02-01'', %s)', indicator,
              dimension) AS s;
SELECT is(refusal_of($$SELECT kpi.explain('mine', 'sales_each', 'month', '2025-02-01')$$),
          '22004 no dimension is named by which sales_each shall be explained',
          'what can be is by a dimension');
-- What is measured is a sum where nothing is a share, and has a column if it is an indicator.
ALTER TABLE mine.measures RENAME COLUMN of TO parts_of;
SELECT FROM make();
SELECT is(concat_ws(E'\n', detail_of(s), hint_of(s)),
          E'measured_each cannot be taken apart\n'
          'Its formula, measure(''followers'') / orders, reads a measure directly, which has no '
          'column to be taken apart by.\n'
          'Define as an indicator of its own what it reads, measure(''followers''), and read that '
          'instead.', 'of a measure that is read directly it is said what has a column')
FROM   format('SELECT kpi.explain(''mine'', ''measured_each'', ''month'', ''2025-02-01'', %L)',
              'channel') AS s;
SELECT is(hint_of(format('SELECT kpi.explain(''mine'', %L, ''month'', ''2025-02-01'', ''channel'')',
                         indicator)), hint, indicator || rule)
FROM   (VALUES ('of_a_measure', 'Define as an indicator of its own what it reads, '
                'measure(''followers''), and read that instead.', ' is divided by one'),
               ('of_a_quote', 'Define as an indicator of its own what it reads, '
                'measure(''driver''''s''), and read that instead.', ' reads one with a quote'),
               ('of_a_product', 'Explain what it reads instead: orders.',
                ' is no quotient of sums'),
               ('with_a_mean', 'Explain what it reads instead: aov, orders.',
                ' could not be taken apart either')) AS e (indicator, hint, rule);
UPDATE mine.indicators SET formula = 'followers / orders' WHERE indicator = 'measured_each';
SELECT FROM make();
SELECT results_eq($$SELECT part, member, before, after
                    FROM   kpi.explain('mine', 'measured_each', 'month', '2025-02-01', 'channel')
                    WHERE  part = 'all' OR member = 'app'$$,
                  $$VALUES ('all', NULL, 5::float8, 10::float8), ('member', 'app', 0, 20)$$,
                  'by which it is taken apart');
ROLLBACK TO explained;


-- What is refused.

CREATE TABLE refused (statement text, refusal text, rule text);
INSERT INTO refused VALUES
    ($$define('mine', 'Sales', 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "Sales"', 'a name is in small letters'),
    ($$define('mine', 'select', 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "select"', 'no word of SQL'),
    ($$define('mine', 'x"y', 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "x"y"', 'without signs'),
    ($$define('mine', 'period', 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "period"', 'no other column'),
    ($$define('mine', 'a_sample', 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "a_sample"', 'no sample'),
    ($$define('mine', repeat('a', 57), 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "' || repeat('a', 57) || '"', 'not too long'),
    ($$define('mine', NULL, 'orders', 'S', 'count')$$,
     '42602 an indicator cannot be called "<NULL>"', 'and not left out'),
    ($$define('mine', 'orders', 'units', 'S', 'count')$$,
     '42710 the catalog has an indicator "orders"', 'what the catalog has is not defined anew'),
    ($$define('mine', 'channel', 'orders', 'S', 'count')$$,
     '42710 model "mine" has a dimension "channel"', 'nor what is a dimension'),
    ($$define('mine', 'x', 'orders', ' ', 'count')$$, '22004 indicator "x" has no name',
     'people have a name for it'),
    ($$define('mine', 'x', 'orders', 'X', 'kilos')$$, '22023 unknown unit "kilos"',
     'a unit is one of the catalog'),
    ($$define('mine', 'x', 'orders')$$, '22004 indicator "x" has no unit', 'and has to be said'),
    ($$define('mine', 'x', 'orders', 'X', 'count', 'more')$$, '22023 unknown direction "more"',
     'a direction is up or down'),
    ($$define('mine', 'x', unit => 'count')$$, '22004 indicator "x" has no formula',
     'a formula is needed'),
    ($$define('mine', 'x', 'orders + unit', 'X', 'count')$$,
     '42703 there is no indicator "unit" @10', 'what is misspelt is shown'),
    ($$define('mine', 'x', 'orders + pg_sleep(9)', 'X', 'count')$$,
     '0A000 the function "pg_sleep" cannot be part of a formula @10', 'and what is not allowed'),
    ($$define('mine', 'x', 'x + 1', 'X', 'count')$$, '42P19 indicator "x" reads itself',
     'none reads itself'),
    ($$define('mine', 'worth', 'more - 1', 'Worth', 'money')$$,
     '42P19 indicator "more" reads itself', 'not by way of another either'),
    ($$undefine('mine', 'worth')$$, '2BP01 other indicators of model "mine" read "worth"',
     'what others read stays'),
    ($$undefine('mine', 'orders')$$,
     '42704 model "mine" has not defined an indicator "orders"', 'as does the catalog'),
    ($$define('nowhere', 'x', 'orders', 'X', 'count')$$, '3F000 schema "nowhere" does not exist',
     'a model is there'),
    ($$define(NULL, 'x', 'orders', 'X', 'count')$$, '22004 no schema is named',
     'and named');
SELECT is(refusal_of('SELECT kpi.' || statement), refusal, rule) FROM refused;
SELECT is(refusal_of($$INSERT INTO mine.indicators (indicator, formula, name, name_zh, unit,
                                                    definition)
                       VALUES ('y', 'orders + (SELECT 1)', 'Y', 'Y', 'count', '')$$),
          '0A000 a query cannot be part of a formula @10',
          'nor can the table be written to so');

-- What is left out is filled in, whoever writes it; what is not known is asked for.
SAVEPOINT left_out;
SELECT FROM kpi.define('mine', 'twice_as_many', 'orders * 2', unit => 'count');
INSERT INTO mine.indicators (indicator, formula, unit) VALUES ('n2', 'orders * 3', 'count');
SELECT results_eq('SELECT indicator, name, name_zh, definition FROM mine.indicators
                   WHERE  formula ~ ''^orders .'' ORDER BY formula',
                  $$VALUES ('twice_as_many', 'Twice as many', 'Twice as many', 'orders * 2'),
                           ('n2', 'N2', 'N2', 'orders * 3')$$,
                  'a name is that of the column, a definition the formula, unless they are said');
SELECT FROM kpi.define('mine', 'n2', 'orders * 4', 'Four', 'count', definition => 'Four times.');
SELECT FROM kpi.define('mine', 'n2', 'orders * 5', unit => 'count');
SELECT results_eq('SELECT name, name_zh, definition FROM mine.indicators WHERE indicator = ''n2''',
                  $$VALUES ('N2', 'N2', 'orders * 5')$$,
                  'who defines it anew without them leaves them out');
SELECT is(hint_of($$SELECT kpi.define('mine', 'x', 'orders')$$),
          'Write it, as in unit => ''count''. It is one of count, days, growth, hours, money, '
          'points, quantity, score, share, turns.', 'which units there are is said');
UPDATE mine.indicators SET formula = 'orders * 6', name = 'Six' WHERE indicator = 'n2';
SELECT results_eq('SELECT name, name_zh, definition FROM mine.indicators WHERE indicator = ''n2''',
                  $$VALUES ('Six', 'Six', 'orders * 6')$$,
                  'what was filled in changes with what it was filled in from');
UPDATE mine.indicators SET name_zh = '六', definition = 'Six times.' WHERE indicator = 'n2';
UPDATE mine.indicators SET formula = 'orders * 7', name = 'Seven' WHERE indicator = 'n2';
SELECT results_eq('SELECT name, name_zh, definition FROM mine.indicators WHERE indicator = ''n2''',
                  $$VALUES ('Seven', '六', 'Six times.')$$, 'and what was said does not');
UPDATE mine.indicators SET indicator = 'n7', name = NULL, name_zh = '' WHERE indicator = 'n2';
UPDATE mine.indicators SET indicator = 'n_8' WHERE indicator = 'n7';
SELECT results_eq('SELECT name, name_zh FROM mine.indicators WHERE indicator = ''n_8''',
                  $$VALUES ('N 8', 'N 8')$$, 'so it is with what it is called');
DROP VIEW on_top;
SELECT FROM kpi.define('mine', 'n_8', 'orders * 9', 'Nine', 'count', name_zh => 'N 8',
                       definition => 'orders * 7');
SELECT FROM kpi.define('mine', 'n_8', 'orders * 8', 'Eight', 'count', name_zh => 'Nine',
                       definition => 'orders * 9');
SELECT results_eq('SELECT name, name_zh, definition FROM mine.indicators WHERE indicator = ''n_8''',
                  $$VALUES ('Eight', 'Nine', 'orders * 9')$$,
                  'what is said stays, be it what was filled in before');
SELECT is(refusal_of($$INSERT INTO mine.indicators (indicator, unit) VALUES ('n9', 'count')$$),
          '22004 indicator "n9" has no formula', 'a formula is needed there, too');
ROLLBACK TO left_out;

-- What others read may go away after it was written.
UPDATE mine.indicators SET formula = 'orders / visitor' WHERE indicator = 'promoters';
SELECT is(detail_of('SELECT make()'),
          E'indicator "promoters" of model "mine": there is no indicator "visitor"\n'
          'Its formula is orders / visitor, where it is at character 10 of the formula.',
          'build says which indicator cannot be computed, and where');
UPDATE mine.indicators SET formula = 'nps + 100' WHERE indicator = 'promoters';
SAVEPOINT two;
INSERT INTO mine.indicators (indicator, formula, unit)
VALUES ('p1', 'ordrs / 2', 'count'), ('p2', 'vists / 2', 'count'), ('channel', 'orders', 'count');
DO $$
BEGIN
    -- what is not to be mended by the hint of build is done by hand, or taken away
    EXECUTE replace(substring(hint_of('SELECT make()') FROM 'UPDATE[^;]*'), '...', 'orders / 2');
    EXECUTE substring(hint_of('SELECT make()') FROM 'DELETE.*');
    EXECUTE replace(substring(hint_of('SELECT make()') FROM 'UPDATE[^;]*'), '...', 'canal');
    PERFORM make();
END $$;
SELECT results_eq('SELECT indicator, formula FROM mine.indicators
                   WHERE  indicator IN (''p1'', ''p2'', ''canal'') ORDER BY indicator',
                  $$VALUES ('canal', 'orders'), ('p1', 'orders / 2')$$,
                  'of several that cannot be computed each is mended as the hint says');
ROLLBACK TO two;
SELECT is(hint_of($$SELECT kpi.define('mine', 'reach', 'reach * 2', 'Reach', 'count')$$),
          'Write formulas of which one comes first, by kpi.define; what the source measures has by '
          'this name is written measure(''reach'').', 'what is called as a measure may mean that');
SAVEPOINT chain;
INSERT INTO mine.indicators (indicator, formula, name, name_zh, unit, definition)
SELECT 'c' || i, CASE i WHEN 0 THEN 'orders' ELSE format('c%1$s + c%1$s', i - 1) END, 'C', 'C',
       'count', ''
FROM   generate_series(0, 40) AS i;
SELECT is(detail_of('SELECT make()'),
          E'the formula of indicator "c11" is too long\n'
          'With the formulas of all that it reads it has more than 200000 characters.',
          'what reads twice what reads twice ends somewhere');
ROLLBACK TO chain;
SELECT FROM kpi.define('mine', 'huge', 'orders * 1e30', 'Huge', 'count');
SELECT is(refusal_of('SELECT huge FROM mine.kpi_all'), '22003 indicator "huge" is 4.00e+30',
          'what is too large to be shown is named');
SELECT is((SELECT count(orders) FROM mine.kpi_all), 1::bigint, 'and keeps nobody from the others');


-- A formula is changed, and taken away; what stands on the views stays.

SELECT results_eq($$SELECT action FROM kpi.define('mine', 'huge', 'orders * 10', 'Huge', 'count')$$,
                  $$VALUES ('changed')$$, 'an indicator gets another formula');
SELECT results_eq('SELECT huge FROM mine.kpi_all', 'VALUES (40::bigint)', 'which is told then');
SELECT has_view('on_top', 'views on top stay');
DROP VIEW on_top;
SELECT results_eq($$SELECT object, action FROM kpi.undefine('mine', 'huge')$$,
                  $$VALUES ('indicator huge', 'dropped')$$, 'it is taken away');
SELECT hasnt_column('mine', 'kpi_month', 'huge', 'and no column any more');

-- A target does not lose what it is about unseen; whatever became of that, it can be ended.
SAVEPOINT aimed;
INSERT INTO mine.targets (kpi, target, grain, starts, ends, baseline, path, dimension, member)
VALUES ('market_share', 0.3, 'month', '2025-04-01', '2025-12-31', 0.1, 'checkpoints', NULL, NULL),
       ('market_share', 0.3, 'all', '2025-01-15', '2025-12-15', NULL, 'flat', 'channel', 'web'),
       ('market_share', 0.3, 'month', '2025-01-01', '2025-03-31', NULL, 'flat', NULL, NULL);
INSERT INTO mine.checkpoints
SELECT target_id, unnest('{2025-04-15,2025-06-30,2025-09-30}'::date[]), 0.2
FROM   mine.targets WHERE path = 'checkpoints';
CREATE FUNCTION follow(advice text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE substring(advice FROM 'SELECT kpi.revise.*[)]');
END $$;
SELECT FROM mine.targets AS t, kpi.revise('mine', t.target_id, reason => 'as planned')
WHERE  t.kpi = 'market_share';
SELECT is(refusal_of('SELECT kpi.undefine(''mine'', ''market_share'')'),
          '2BP01 targets of model "mine" are of "market_share"', 'what is aimed at stays');
SAVEPOINT ending;
SELECT FROM follow(hint_of('SELECT kpi.undefine(''mine'', ''market_share'')'));
SELECT results_eq('SELECT grain, starts, ends FROM mine.targets WHERE kpi = ''market_share''
                   ORDER  BY starts, ends DESC',
                  $$VALUES ('month', date '2025-01-01', date '2025-03-31'),
                           ('month', '2025-01-01', '2025-03-31'),
                           ('all', '2025-01-15', '2025-03-01'),
                           ('month', '2025-04-01', '2025-04-30')$$,
                  'the hint ends targets with the running period, or with their first');
SELECT is((SELECT count(*) FROM mine.checkpoints), 1::bigint, 'and takes checkpoints beyond away');
SELECT results_eq($$SELECT object, action FROM kpi.undefine('mine', 'market_share')$$,
                  $$VALUES ('indicator market_share', 'dropped')$$, 'then it is taken away');
SELECT is((SELECT count(*) FROM mine.reviews), 7::bigint, 'what was decided stays');
SELECT is_empty('SELECT FROM kpi.check(''mine'') WHERE trap = ''untold_target''',
                'of targets that have ended nothing is to be done');
ROLLBACK TO ending;

-- Nor is it judged by something else unseen, nor what is made of it.
SAVEPOINT anew;
SELECT FROM kpi.define('mine', 'shares_twice', 'market_share * 2', unit => 'quantity',
                       direction => 'up');
INSERT INTO mine.targets (kpi, target, grain, starts, ends)
VALUES ('shares_twice', 3, 'month', '2025-01-01', '2025-03-31');
SELECT results_eq($$SELECT object ~ '^target \d+$', action, count(*)
                    FROM   kpi.define('mine', 'market_share', 'measure(''market_share'') + 0',
                                      'Market share', 'share', 'up')
                    WHERE  action <> 'changed' GROUP BY 1, 2$$,
                  $$VALUES (true, 'judged anew', 5::bigint)$$,
                  'of another formula it is said which targets are judged by it');
SELECT is(concat_ws(': ', refusal_of(s), substring(detail_of(s) FROM ', which .*')),
          '2BP01 targets of model "mine" are of "market_share": , which would be judged by another '
          'unit or direction.', 'another unit it does not get while a target goes on')
FROM   (VALUES ($$SELECT kpi.define('mine', 'market_share', 'measure(''market_share'') * 100',
                                    'Market share', 'points', 'up')$$),
               ($$UPDATE mine.indicators SET direction = NULL
                  WHERE  indicator = 'market_share'$$)) AS v (s);
SELECT alike(hint_of($$SELECT kpi.define('mine', 'market_share', 'orders', unit => 'share')$$),
             'Write unit => ''share'', direction => ''up'' again, or end them with the running %',
             'what it has is said');
SELECT FROM follow(hint_of($$SELECT kpi.define('mine', 'market_share', 'orders', 'Market share',
                                               'count', 'down')$$));
SELECT results_eq($$SELECT action FROM kpi.define('mine', 'market_share', 'orders', 'Market share',
                                                  'count', 'down') LIMIT 1$$,
                  $$VALUES ('changed')$$, 'once they have ended it does');
ROLLBACK TO anew;
SELECT FROM mine.targets AS t, follow(hint_of(format(
    'SELECT kpi.revise(''mine'', %s, reason => ''x'', changes => ''{"kpi": "orders"}'')',
    t.target_id)))
WHERE  t.kpi = 'market_share' AND t.dimension IS NULL AND t.starts = '2025-04-01';
SELECT results_eq('SELECT ends FROM mine.targets
                   WHERE  kpi = ''market_share'' AND starts = ''2025-04-01''',
                  $$VALUES (date '2025-04-30')$$,
                  'one that would be of another indicator is ended as the hint says');
ROLLBACK TO anew;

DELETE FROM mine.indicators WHERE indicator = 'market_share';
SELECT FROM make();
SELECT results_eq('SELECT source, rows, of_rows, finding FROM kpi.check(''mine'')
                   WHERE  trap = ''untold_target''',
                  format('VALUES (''targets'', 3::bigint, 4::bigint, %L)',
                         (SELECT 'targets go on that are of what the model does not tell any more: '
                                 || string_agg(target_id || ' of market_share', ', '
                                               ORDER BY target_id)
                          FROM mine.targets
                          WHERE kpi = 'market_share' AND ends <> '2025-03-31')),
                  'where it is gone, check finds the targets');
SELECT is(refusal_of(statement), refusal, rule)
FROM   mine.targets, LATERAL (VALUES
           (format('DELETE FROM mine.targets WHERE target_id = %s', target_id),
            format('23503 target %s is taken away', target_id),
            'a target that was reviewed is not taken away'),
           (format('SELECT kpi.revise(''mine'', %s, 0.4, ''more'')', target_id),
            '22023 there is no indicator "market_share"', 'nor does it become another one'),
           (format('SELECT kpi.revise(''mine'', %s, reason => ''why'', '
                   'changes => ''{"ends": "2025-05-15"}'')', target_id),
            '23514 2025-01-01 to 2025-05-15 are no whole periods of grain month',
            'it ends with a period'),
           (format('SELECT kpi.revise(''mine'', %s, reason => ''why'', '
                   'changes => ''{"ends": "2025-05-31", "horizon": "x"}'')', target_id),
            '22023 unknown horizon "x"', 'and with nothing else')) AS s (statement, refusal, rule)
WHERE  kpi = 'market_share' AND starts = '2025-01-01' AND ends = '2025-12-31';
SELECT is(hint_of(format('DELETE FROM mine.targets WHERE target_id = %s', target_id)),
          'Leave it as it is: it has ended, or ends with this period.',
          'of one that has ended there is nothing to do')
FROM   mine.targets WHERE kpi = 'market_share' AND ends = '2025-03-31';
SAVEPOINT less;
CREATE ROLE keeper;
GRANT USAGE ON SCHEMA mine TO keeper;
GRANT SELECT, DELETE ON mine.targets TO keeper;
GRANT SELECT ON mine.reviews, mine.statuses TO keeper;
SET LOCAL ROLE keeper;
SELECT is(hint_of(format('DELETE FROM mine.targets WHERE target_id = %s', target_id)),
          'Leave it as it is, or have the owner of the model end it with kpi.revise.',
          'who cannot tell whether it has ended has to ask')
FROM   mine.targets WHERE kpi = 'market_share' AND ends = '2025-03-31';
RESET ROLE;
DROP TABLE mine.statuses CASCADE;
SELECT matches(refusal_of(format('DELETE FROM mine.targets WHERE target_id = %s', target_id)),
               '^23503 .* violates foreign key constraint .* on table "reviews"',
               'where statuses are not kept any more, reviews hold it')
FROM   mine.targets WHERE kpi = 'market_share' AND ends = '2025-03-31';
ROLLBACK TO less;
SAVEPOINT ending;
SELECT FROM mine.targets, follow(hint_of(format('DELETE FROM mine.targets WHERE target_id = %s',
                                                target_id)))
WHERE  kpi = 'market_share' AND ends = '2025-12-31' AND starts = '2025-01-01';
SELECT is((SELECT rows FROM kpi.check('mine') WHERE trap = 'untold_target'), 2::bigint,
          'the hint ends it');
ROLLBACK TO ending;
SELECT FROM kpi.check('mine') AS c, follow(c.advice) WHERE c.trap = 'untold_target';
SELECT is_empty('SELECT FROM kpi.check(''mine'') WHERE trap = ''untold_target''',
                'and so does the advice of check');
SELECT results_eq('SELECT DISTINCT name, status FROM mine.scorecard
                   WHERE  kpi = ''market_share'' AND starts = ''2025-01-01''',
                  'VALUES (''market_share'', ''cannot_tell'')',
                  'of a target of what is gone nothing can be told');
ROLLBACK TO aimed;


-- Whatever the storage, and again.

CREATE TABLE told AS SELECT kpi, grain, period, dimension, member, value FROM mine.kpi_values;
CREATE FUNCTION same_as_told(rule text) RETURNS text LANGUAGE sql AS $$
    SELECT set_eq('SELECT kpi, grain, period, dimension, member, value FROM mine.kpi_values',
                  'SELECT * FROM told', rule)
$$;
SELECT FROM make('materialized');
SELECT same_as_told('materialized, they are the same');
SELECT FROM make('incremental');
SELECT same_as_told('incremental, too');
UPDATE mine.measures SET amount = 20 WHERE measured_on = '2025-01-05';
INSERT INTO mine.measures VALUES ('market_share', '2025-01-06', 0, 50, 'app');
SELECT FROM kpi.refresh('mine');
SELECT results_eq('SELECT market_share FROM mine.kpi_month ORDER BY period',
                  'VALUES (0.2::float8), (0.25)', 'a refresh computes what has changed');
SELECT is((SELECT amount FROM mine.kpi_daily_measures WHERE measure = 'followers'
           AND day = '2025-02-28'), '20/1', 'of the measures it keeps what they add up to');
SELECT FROM kpi.refresh('mine', true);
SELECT FROM kpi.drop_views('mine');
SELECT isnt_empty('TABLE mine.indicators', 'the table stays when the views go');
UPDATE mine.measures SET amount = 10 WHERE measured_on = '2025-01-05';
DELETE FROM mine.measures WHERE measured_on = '2025-01-06';
SELECT FROM make();
SELECT same_as_told('and is read when the model is built again');


-- Who may do it, and who may see it.

CREATE ROLE reader;
CREATE ROLE owner;
GRANT USAGE ON SCHEMA mine TO reader;
GRANT SELECT ON mine.kpi_month, mine.scorecard TO reader;
GRANT USAGE ON SCHEMA public TO reader, owner;
REVOKE SELECT ON mine.indicators FROM PUBLIC;
SET LOCAL ROLE reader;
SELECT results_eq('SELECT name FROM mine.scorecard WHERE complete ORDER BY kpi',
                  $$VALUES ('Followers'), ('Market share')$$,
                  'who may read the scorecard need not read the table');
SELECT throws_ok($$SELECT kpi.define('mine', 'x', 'orders', 'X', 'count')$$, '42501', NULL,
                 'who does not own the model defines nothing');
SELECT is_empty($$SELECT FROM kpi.own_indicators('mine')$$, 'nor sees what he may not');
RESET ROLE;
GRANT SELECT ON mine.indicators TO PUBLIC;
SELECT throws_ok($$SELECT FROM kpi.undefine('mine', 'x')$$, '42704',
                 'model "mine" has not defined an indicator "x"', 'there is one to take away');

-- A model may have nothing else.
CREATE SCHEMA alone;
CREATE VIEW alone.measures AS
SELECT 'seen' AS measure, now() - interval '40 days' AS measured_on, 5 AS amount;
SELECT FROM kpi.build('alone', 'UTC');
SELECT FROM kpi.define('alone', 'seen', 'measure(''seen'')', 'Seen', 'count', 'up');
SELECT results_eq('SELECT seen FROM alone.kpi_all', 'VALUES (5::bigint)',
                  'measures alone make a model');
SELECT results_eq('SELECT is_sum, adds_up FROM kpi.own_adds_up(''alone'')', 'VALUES (true, true)',
                  'of amounts without of, a measure is a sum over days');
INSERT INTO alone.indicators (indicator, formula, name, name_zh, unit, definition)
VALUES ('seen_each', 'measure(''seen'') / orders', 'Seen', 'Seen', 'quantity', '');
SELECT results_eq('SELECT indicator, counted FROM kpi.own_observations(''alone'')',
                  $$VALUES ('seen_each', 'orders')$$, 'and of orders it is a mean');
DELETE FROM alone.indicators WHERE indicator = 'seen_each';
SELECT results_eq($$SELECT action, reason
                    FROM   kpi.define('alone', 'seen_by', 'measure(''seen'')', unit => 'share')$$,
                  $$VALUES ('defined', 'measure(''seen'')'),
                           ('added up', 'the amounts of a period, as measures has no column of; '
                            'for their mean let alone.measures have CASE measure WHEN ''seen'' '
                            'THEN 1 END AS of')$$,
                  'a share that is added up is perhaps not meant');
SELECT FROM kpi.undefine('alone', 'seen_by');
CREATE OR REPLACE VIEW alone.measures AS
SELECT 'seen' AS measure, nullif(now(), now()) AS measured_on, 5 AS amount;
SELECT results_eq($$SELECT action FROM kpi.build('alone', 'UTC') WHERE object = 'indicator seen'$$,
                  $$VALUES ('no data yet')$$, 'a measure of no day is none');

CREATE OR REPLACE VIEW alone.measures AS
SELECT 'seen' AS measure, now() - interval '40 days' AS measured_on, 5 AS amount
FROM   generate_series(0, 0) AS g WHERE 1 / g > 0;
SELECT results_eq('SELECT reason FROM kpi.build(''alone'', ''UTC'')
                   WHERE  object = ''source measures'' AND action = ''cannot be read''',
                  $$VALUES ('which measures it has is not known: division by zero; '
                            'kpi.check(''alone'') finds such rows')$$,
                  'rows that cannot be read are an error of who reads them, build only says so');
SELECT results_eq($$SELECT object, action FROM kpi.define('alone', 'seen', 'measure(''seen'') * 2',
                                                          unit => 'count', direction => 'up')$$,
                  $$VALUES ('indicator seen', 'changed'), ('source measures', 'cannot be read')$$,
                  'as does define');
SELECT matches(finding, 'division by zero', 'and so does check')
FROM   kpi.check('alone') WHERE source = 'measures';

-- A table of somebody else that has the name runs nothing.
CREATE SCHEMA other;
CREATE TABLE other.orders AS SELECT * FROM mine.orders;
SELECT FROM kpi.build('other', 'UTC');
CREATE TABLE other.indicators (id int);
SELECT throws_ok($$SELECT kpi.define('other', 'x', 'orders', 'X', 'count')$$, '42P07',
                 'schema "other" has a relation "indicators" that is none of define',
                 'another table of that name is not taken');
DROP TABLE other.indicators;
CREATE TABLE other.indicators (LIKE mine.indicators INCLUDING ALL);
CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''hijacked''; END';
CREATE TRIGGER evil BEFORE INSERT ON other.indicators EXECUTE FUNCTION evil();
ALTER FUNCTION evil() OWNER TO owner;
ALTER TABLE other.indicators OWNER TO owner;
SELECT throws_like($$SELECT kpi.define('other', 'x', 'orders', 'X', 'count')$$,
                   '%belongs to role "owner"', 'nor is one of somebody else, with what it runs');
ALTER TABLE other.indicators OWNER TO CURRENT_USER;
SELECT throws_like($$SELECT kpi.define('other', 'x', 'orders', 'X', 'count')$$,
                   'trigger evil on other.indicators runs a function of role "owner"',
                   'nor one that runs what is of somebody else');
DROP TRIGGER evil ON other.indicators;
SELECT results_eq($$SELECT action FROM kpi.define('other', 'x', 'orders * 2', 'X', 'count')$$,
                  $$VALUES ('defined')$$, 'one that lost its trigger is taken');
SELECT results_eq('SELECT x FROM other.kpi_all', 'VALUES (8::bigint)', 'and told');

SELECT * FROM finish();
ROLLBACK;
