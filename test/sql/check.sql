\set ECHO none
\i test/setup.psql
SELECT plan(287);

-- check() finds each trap, alone, with figures worked out by hand; what it says of an indicator is
-- what the views say.

\i test/faults.psql

-- The same without the cost of whole orders, so that the margin is that of the lines.
CREATE SCHEMA lines;
CREATE VIEW lines.orders AS
SELECT order_id, ordered_at, net_sales, currency, exchange_rate FROM shop.orders;
CREATE VIEW lines.order_lines AS SELECT * FROM shop.order_lines;

SELECT is_empty($$SELECT trap, source FROM kpi.check('shop', 'UTC', 'EUR', '2025-03-31 12:00')$$,
                'data without faults have no findings');
SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00');
SELECT FROM build('lines', 'UTC', 'EUR', as_of => '2025-03-31 12:00');
SELECT is_empty($$SELECT trap, source FROM kpi.check('shop')$$,
                'nor have they once the model is built, whose settings are then known');
SELECT is((SELECT count(DISTINCT (trap, source))
           FROM   kpi.check('shop', everything => true) WHERE rows = 0),
          (SELECT count(*) FROM traps),
          'all traps were looked for');

SELECT is_empty($$SELECT trap, source
                  FROM   traps WHERE source <> '*'
                  EXCEPT
                  SELECT trap, source
                  FROM   fault$$,
                'every trap that rows can have is tried');

-- What an indicator of the year is, or that it cannot be told.
CREATE FUNCTION of_year(model text, indicator text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer numeric;
BEGIN
    EXECUTE format('SELECT round(%I::numeric, 4) FROM %I.kpi_year WHERE period = ''2025-01-01''',
                   indicator, model) INTO answer;
    RETURN answer;
EXCEPTION WHEN data_exception THEN
    RETURN 'an error';
END $$;

-- What is found when something goes wrong, and what the views say of it. Afterwards nothing has
-- happened.
CREATE FUNCTION after(f fault) RETURNS TABLE (
    findings text, value text, corrected text, views_value text, views_corrected text, shown bigint)
LANGUAGE plpgsql AS $$
DECLARE
    found jsonb;
    item  record;
BEGIN
    EXECUTE f.fault;
    SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') INTO found FROM kpi.check(f.model) AS c;
    SELECT string_agg(concat_ws(' ', c.trap, c.source, c.rows, c.of_rows, trim_scale(c.money)),
                      ', ')
        FILTER (WHERE c.trap <> ALL (f.along)) INTO findings
    FROM   jsonb_to_recordset(found)
           AS c (trap text, source text, rows bigint, of_rows bigint, money numeric);
    SELECT * INTO item
    FROM   jsonb_to_recordset(found)
           AS c (trap text, source text, indicator text, value float8, corrected float8, query text)
    WHERE  c.trap = f.trap AND c.source = f.source;
    value := round(item.value::numeric, 4);
    corrected := round(item.corrected::numeric, 4);
    IF item.query LIKE 'SELECT * FROM %' THEN
        EXECUTE format('SELECT count(*) FROM (%s) AS q', item.query) INTO shown;
    END IF;
    IF item.indicator IS NOT NULL THEN
        views_value := of_year(f.model, item.indicator);
        IF f.remedy IS NOT NULL THEN
            EXECUTE f.remedy;
            views_corrected := of_year(f.model, item.indicator);
        END IF;
    END IF;
    RAISE SQLSTATE 'KPI00';
EXCEPTION WHEN SQLSTATE 'KPI00' THEN
    RETURN NEXT;
END $$;

CREATE TABLE result AS
SELECT f.*, a.findings, a.value AS said, a.corrected AS said_corrected, a.views_value,
       a.views_corrected, a.shown
FROM   fault AS f, after(f) AS a;

SELECT is(findings || coalesce(', ' || said, '') || coalesce(' instead of ' || said_corrected, ''),
          concat_ws(' ', trap, source, rows, of_rows, trim_scale(money))
              || coalesce(', ' || round(value::numeric, 4), '')
              || coalesce(' instead of ' || round(corrected::numeric, 4), ''),
          format('%s of %s are found, and nothing else', trap, source)
) FROM result JOIN traps USING (trap, source) ORDER BY position;
SELECT is_empty($$SELECT trap, source, said, views_value
                  FROM   result
                  WHERE  coalesce(said, 'an error')
                      IS DISTINCT FROM coalesce(views_value, 'an error')
                  AND    (said IS NOT NULL OR views_value IS NOT NULL)$$,
                'the value is the one that the views have, or none where they end with an error');
SELECT is_empty($$SELECT trap, source
                  FROM   result
                         JOIN traps USING (trap, source)
                  WHERE  kind = 'fails' AND (views_value = 'an error') IS NOT TRUE
                  AND    indicator IS NOT NULL$$,
                'where it is said that they fail they do');
SELECT is_empty($$SELECT trap, source, said_corrected, views_corrected
                  FROM   result WHERE said_corrected IS DISTINCT FROM views_corrected$$,
                'the corrected value is theirs once it is mended');
SELECT is_empty($$SELECT trap, source, rows, shown FROM result WHERE shown <> rows$$,
                'the query shows the rows that were counted');
SELECT cmp_ok(count(said_corrected), '>', 35::bigint, 'so it was tried for many') FROM result;
SELECT cmp_ok(count(shown), '>', 50::bigint, 'and so was this') FROM result;

-- What looks like a trap and is none, or less of one.
CREATE TABLE alarm (position int, source text, trap text, fault text, found text, rule text);
INSERT INTO alarm VALUES
    (1, 'stock_levels', 'duplicates',
     $$UPDATE shop.stock_levels SET on_hand = 40
       WHERE  sku = 'A'; INSERT INTO shop.stock_levels VALUES ('A', '2025-03-01', 50, 2),
             ('B', '2025-03-01', 0, 4), ('B', '2025-03-01', 0, 4)$$,
     NULL, 'the counts of an article in several places add up to what its movements make'),
    (2, 'stock_levels', 'duplicates',
     $$UPDATE shop.stock_levels SET on_hand = 45
       WHERE  sku = 'A'; INSERT INTO shop.stock_levels VALUES ('A', '2025-03-01', 45, 2)$$,
     'duplicates stock_levels 1 3 90',
     'as many in two places that the model does not know may be a copy'),
    (3, 'stock_moves', 'ledger_mismatch',
     $$UPDATE shop.stock_levels SET on_hand = 40
       WHERE  sku = 'A'; INSERT INTO shop.stock_levels VALUES ('A', '2025-03-01', 48, 2)$$,
     'ledger_mismatch stock_moves 1 2 4',
     'if the places lack some of it the movements do not add up to them'),
    (4, 'orders', 'spelled_customers',
     $$UPDATE shop.orders SET customer_id = CASE order_id WHEN 1 THEN 'aB1' ELSE 'Ab1' END
       WHERE  order_id IN (1, 3)$$,
     NULL, 'names that are no e-mail may differ in case'),
    (5, 'orders', 'spelled_customers',
     $$UPDATE shop.orders SET customer_id = CASE order_id WHEN 1 THEN 'aB1' ELSE ' aB1' END
       WHERE  order_id IN (1, 3)$$,
     'spelled_customers orders 1 5', 'but not in blanks'),
    (6, 'orders', 'placeholder_customers',
     $$UPDATE shop.orders SET customer_id = '00000000-0000-0000-0000-000000000000'
       WHERE  order_id IN (1, 4)$$,
     'placeholder_customers orders 2 6 200', 'the UUID of nothing but zeros is nobody'),
    (7, 'orders', 'placeholder_customers',
     $$UPDATE shop.orders SET customer_id = '00000000-0000-0000-0000-000000000001'
       WHERE  order_id IN (1, 4)$$,
     NULL, 'and another one is somebody'),
    (8, 'orders', 'data_ended',
     $$UPDATE shop.orders SET ordered_at = '2025-03-20' WHERE order_id = 6$$,
     NULL, 'eleven days without orders are nothing where there is one in fifteen days'),
    (9, 'orders', 'sales_mismatch',
     $$UPDATE shop.orders SET gross_sales = 119, cancelled_at = '2025-02-21'
       WHERE  order_id = 4; UPDATE shop.orders SET gross_sales = 'NaN'
       WHERE  order_id = 5$$,
     'broken_number orders 1 6, sales_mismatch orders 1 6 19, cancelled_orders orders 1 6 100',
     'what is not a number is no mismatch'),
    (10, 'orders', 'zero_orders',
     $$UPDATE shop.orders SET net_sales = 0, gross_sales = 0, currency = 'USD', exchange_rate = 0
       WHERE  order_id = 4; UPDATE shop.order_lines SET net_sales = 0
       WHERE  order_id = 4$$,
     'bad_exchange_rate orders 1 6', 'what is worth nothing at a rate of 0 is that of the rate'),
    (11, 'orders', 'missing_sales',
     'UPDATE shop.orders SET net_sales = NULL, gross_sales = gross_sales WHERE order_id = 4',
     NULL, 'one amount is enough'),
    (12, 'visits', 'orders_without_visit',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       VALUES (7, '2025-01-03 18:00', 'ann@example.org', 100, 60)$$,
     NULL, 'a visit can end in several orders'),
    (13, 'returns', 'refund_with_tax',
     $$UPDATE shop.orders SET tax = 19, shipping = 6 WHERE order_id = 2;
       UPDATE shop.returns SET refund = 125$$,
     'refund_with_tax returns 1 1 25', 'shipping may be in a refund with its tax'),
    (14, 'returns', 'refund_exceeds_order',
     $$UPDATE shop.orders SET tax = 19, shipping = 6 WHERE order_id = 2;
       UPDATE shop.returns SET refund = 106$$,
     'refund_exceeds_order returns 1 1 6', 'shipping alone is not tax'),
    (15, 'returns', 'part_with_tax',
     $$UPDATE shop.orders SET tax = net_sales / 10 WHERE order_id IN (3, 5);
       INSERT INTO shop.order_lines VALUES (3, 1, 'C', 0, 0);
       INSERT INTO shop.returns
       VALUES (3, '2025-03-20', NULL, 110), (5, '2025-03-20', NULL, 110),
              (5, '2025-03-20', 1, 100)$$,
     NULL, 'a refund or two that are one with tax may be so by chance'),
    (16, 'returns', 'part_with_tax',
     $$UPDATE shop.orders SET tax = 100 WHERE order_id = 5;
       UPDATE shop.order_lines SET net_sales = 150 WHERE order_id = 5;
       INSERT INTO shop.returns SELECT 5, '2025-03-20', 1, 75 FROM generate_series(1, 3)$$,
     NULL, 'nor is a part of a piece one'),
    (17, 'returns', 'refund_lacks_tax',
     $$UPDATE shop.orders SET tax = 19 WHERE order_id = 2;
       UPDATE shop.returns SET refund = 99, tax = 0$$,
     NULL, 'of what was not paid back in whole the tax may be another'),
    (18, 'order_lines', 'set_with_parts',
     $$UPDATE shop.orders SET gross_sales = 200, discount = 100 WHERE order_id = 4;
       INSERT INTO shop.order_lines VALUES (4, 1, 'C', 40, 24), (4, 2, 'D', 60, 36)$$,
     'lines_mismatch order_lines 1 6 100', 'a discount on the order can make of lines a gift'),
    (19, 'order_lines', 'set_with_parts',
     $$INSERT INTO shop.order_lines VALUES (4, 1, 'C', 0, 24), (4, 2, 'D', 0, 36)$$,
     NULL, 'parts without a price do not count again'),
    (20, 'orders', 'bad_exchange_rate',
     'UPDATE shop.orders SET exchange_rate = 0 WHERE order_id = 4',
     NULL, 'the rate of the currency of the model is not read'),
    (21, 'orders', 'unit_exchange_rate',
     'UPDATE shop.orders SET exchange_rate = 1 WHERE order_id = 4',
     NULL, 'and may be 1'),
    (22, 'orders', 'cents',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       SELECT n, '2025-01-03', 'ann@example.org', 1000, 600 FROM generate_series(7, 110) AS n$$,
     NULL, 'whole hundreds are of a shop without small prices'),
    (23, 'orders', 'dates_as_times',
     $$UPDATE shop.orders SET ordered_at = date_trunc('day', ordered_at) + '22 h';
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       SELECT n, timestamptz '2025-01-02 22:00' + n % 2 * interval '1 h', 'ann@example.org', 1, 0.6
       FROM   generate_series(7, 20) AS n$$,
     'dates_as_times orders 20 20', 'dates may have the time of another summer'),
    (24, 'orders', 'dates_as_times',
     $$UPDATE shop.orders SET ordered_at = date_trunc('day', ordered_at) + '22 h';
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       SELECT n, timestamptz '2025-01-02 22:00' + n % 3 * interval '1 h', 'ann@example.org', 1, 0.6
       FROM   generate_series(7, 20) AS n$$,
     NULL, 'three hours of the day are no dates'),
    (25, 'visits', 'orders_without_visit',
     $$UPDATE shop.orders SET ordered_at = '2025-01-03 23:00' WHERE order_id = 1;
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       VALUES (7, '2025-01-04 01:00', 'ann@example.org', 100, 60)$$,
     NULL, 'nor is a new day a new visit'),
    (26, 'orders', 'data_ended',
     $$INSERT INTO shop.deliveries
       SELECT 1, d, d, d FROM generate_series(timestamptz '2025-02-07', '2025-03-09', '1 day') AS d;
       UPDATE shop.deliveries
       SET    ordered_at = '2025-03-01', shipped_at = '2025-03-02', delivered_at = '2025-03-04'
       WHERE  order_id = 6;
       INSERT INTO shop.spend
       SELECT d::date, 5
       FROM   generate_series(timestamptz '2025-02-07', '2025-03-10', '1 day') AS d$$,
     'data_ended deliveries 22 88, data_ended spend 21 59', 'each that ended while others go on'),
    (27, 'orders', 'data_ended',
     $$DELETE FROM shop.orders; DELETE FROM shop.order_lines; DELETE FROM shop.returns;
       DELETE FROM shop.deliveries; DELETE FROM shop.visits; DELETE FROM shop.carts;
       DELETE FROM shop.stock_levels; DELETE FROM shop.stock_moves; DELETE FROM shop.projects;
       DELETE FROM shop.spend; DELETE FROM shop.order_changes;
       INSERT INTO shop.tickets
       SELECT 20 + row_number() OVER (), d, d
       FROM   generate_series(timestamptz '2025-02-07', '2025-03-09', '1 day') AS d;
       INSERT INTO shop.spend
       SELECT d::date, 5
       FROM   generate_series(timestamptz '2025-02-07', '2025-03-10', '1 day') AS d$$,
     'data_ended tickets 22 57', 'and one of those that ended together'),
    (28, 'returns', 'refund_exceeds_order',
     $$INSERT INTO shop.order_changes (order_id, changed_at, net_sales, tax)
       VALUES (2, '2025-01-25', 30, 5.7);
       UPDATE shop.orders SET tax = 19 WHERE order_id = 2;
       UPDATE shop.returns SET refund = 130, tax = 24.7$$,
     NULL, 'what a later change added may be paid back, too'),
    (29, 'returns', 'refund_with_tax',
     $$INSERT INTO shop.order_changes (order_id, changed_at, net_sales, tax)
       VALUES (2, '2025-01-25', 30, 5.7);
       UPDATE shop.orders SET tax = 19 WHERE order_id = 2; UPDATE shop.returns SET refund = 154.7$$,
     'refund_with_tax returns 1 1 24.7', 'but not its tax in the same column'),
    (30, 'order_changes', 'refunded_too',
     $$INSERT INTO shop.order_changes VALUES (2, '2025-01-30', -40)$$,
     NULL, 'another amount was paid back for something else'),
    (31, 'order_changes', 'nothing_changed',
     $$INSERT INTO shop.order_changes (order_id, changed_at, net_sales, shipping)
       VALUES (2, '2025-01-30', 0, 5)$$,
     NULL, 'a change may be of the shipping alone'),
    (32, 'surveys', 'five_point_nps',
     $$UPDATE shop.surveys SET score = CASE score WHEN 10 THEN 5 WHEN 8 THEN 4 ELSE 0 END
       WHERE  instrument = 'nps'$$,
     NULL, 'an NPS may be bad, where somebody chose 0'),
    (33, 'tickets', 'solved_before_reply',
     $$INSERT INTO shop.tickets
       VALUES (5, '2025-03-10 10:00', '2025-03-10 12:00', '2025-03-10 12:00')$$,
     NULL, 'an answer may be the solution'),
    (34, 'tickets', 'answered_before_opened',
     $$INSERT INTO shop.tickets
       VALUES (5, '2025-03-10 10:00', '2025-03-10 11:00', '2025-03-10 09:00')$$,
     'answered_before_opened tickets 1 5, solved_before_reply tickets 1 5',
     'what was solved before it was opened is of the same clock'),
    (35, 'orders', 'dates_as_times',
     $$UPDATE shop.orders SET ordered_at = date_trunc('day', ordered_at) + '23 h';
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       SELECT n, timestamptz '2025-01-02 23:00' + n % 2 * interval '1 h', 'ann@example.org', 1, 0.6
       FROM   generate_series(7, 20) AS n$$,
     'dates_as_times orders 20 20', 'the two hours may lie around midnight'),
    (36, 'orders', 'currency_changed',
     $$UPDATE shop.orders SET currency = CASE order_id WHEN 1 THEN 'USD' ELSE 'EUR' END,
                              exchange_rate = CASE order_id WHEN 1 THEN 2 END;
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost, currency,
                                exchange_rate)
       SELECT n, CASE WHEN n > 30 THEN timestamptz '2025-01-20 11:00'
                      ELSE '2025-01-03 11:00' END + n * interval '1 minute',
              CASE WHEN n > 30 THEN 'bob' ELSE 'ann' END || '@example.org', 1.5, 0.6,
              CASE WHEN n <= 30 THEN 'USD' END,
              CASE WHEN n <= 30 THEN 2 END
       FROM   generate_series(7, 50) AS n$$,
     'currency_changed orders 25 50', 'the currency of the model may be the second one'),
    (37, 'orders', 'currency_changed',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost, currency,
                                exchange_rate)
       SELECT n, timestamptz '2025-01-20 11:00' + n * interval '1 minute', 'bob@example.org', 1.5,
              0.6, CASE n % 2 WHEN 1 THEN 'USD' END, CASE n % 2 WHEN 1 THEN 2 END
       FROM   generate_series(7, 50) AS n$$,
     NULL, 'who sells in two currencies at a time has not changed it'),
    (38, 'order_lines', 'set_with_parts',
     $$INSERT INTO shop.order_lines VALUES (4, 1, 'C', 100, 60)$$,
     'lines_mismatch order_lines 1 6 100', 'a set has two parts'),
    (39, 'order_lines', 'set_with_parts',
     $$INSERT INTO shop.order_lines VALUES (4, 1, 'C', 50, 30), (4, 1, 'D', 0, 0)$$,
     'lines_mismatch order_lines 1 6 50', 'both with a price'),
    (40, 'order_lines', 'set_with_parts',
     $$UPDATE shop.order_lines SET net_sales = 60 WHERE order_id = 4;
       INSERT INTO shop.order_lines VALUES (4, 1, 'C', 50, 30), (4, 1, 'D', 40, 24)$$,
     'lines_mismatch order_lines 1 6 50', 'and is worth as much as the order'),
    (41, 'returns', 'refund_with_tax',
     $$UPDATE shop.orders SET tax = 19, shipping = 6 WHERE order_id = 2;
       UPDATE shop.returns SET refund = 119$$,
     'refund_with_tax returns 1 1 19', 'or not, where there was some'),
    (42, 'returns', 'refund_with_tax',
     $$UPDATE shop.orders SET tax = 19, shipping = 6 WHERE order_id = 2;
       INSERT INTO shop.order_changes (order_id, changed_at, net_sales, shipping)
       VALUES (2, '2025-01-25', 0, 5);
       UPDATE shop.returns SET refund = 130$$,
     'refund_with_tax returns 1 1 30', 'or that of a later change'),
    (43, 'returns', 'part_with_tax',
     $$UPDATE shop.orders SET tax = 30 WHERE order_id = 5;
       INSERT INTO shop.returns VALUES (5, '2025-03-20', 1, 110), (5, '2025-03-21', 1, 110)$$,
     NULL, 'two of them are not enough'),
    (44, 'returns', 'part_with_tax',
     $$UPDATE shop.orders SET tax = 30 WHERE order_id = 5;
       UPDATE shop.order_lines SET quantity = 10 WHERE order_id = 5 AND sku = 'A';
       INSERT INTO shop.returns
       SELECT 5, '2025-03-20', 1, refund, 'A'
       FROM   unnest('{10,11}'::int[]) AS refund, generate_series(1, 3)$$,
     NULL, 'nor are three, beside as many without'),
    (45, 'order_changes', 'whole_order',
     $$UPDATE shop.orders SET net_sales = 0, gross_sales = 0 WHERE order_id = 4;
       UPDATE shop.order_lines SET net_sales = 0 WHERE order_id = 4;
       INSERT INTO shop.order_changes (order_id, changed_at, net_sales, shipping)
       VALUES (4, '2025-03-20', 0, 5)$$,
     'zero_orders orders 1 6 0', 'an order of nothing is not there twice'),
    (46, 'orders', 'data_ended',
     $$DELETE FROM shop.orders; DELETE FROM shop.order_lines; DELETE FROM shop.returns;
       DELETE FROM shop.deliveries; DELETE FROM shop.visits; DELETE FROM shop.carts;
       DELETE FROM shop.stock_levels; DELETE FROM shop.stock_moves; DELETE FROM shop.projects;
       DELETE FROM shop.spend; DELETE FROM shop.order_changes;
       INSERT INTO shop.tickets
       SELECT 20 + row_number() OVER (), d, d
       FROM   generate_series(timestamptz '2025-02-07', '2025-03-09', '1 day') AS d;
       INSERT INTO shop.spend
       SELECT d::date, 5
       FROM   generate_series(timestamptz '2025-02-07', '2025-02-20', '1 day') AS d$$,
     'data_ended tickets 22 57, data_ended spend 39 53',
     'and each that ended long before the last'),
    (47, 'returns', 'part_with_tax',
     $$UPDATE shop.orders SET tax = 30 WHERE order_id = 5;
       UPDATE shop.order_lines SET quantity = 10 WHERE order_id = 5 AND sku = 'A';
       INSERT INTO shop.returns
       SELECT 5, '2025-03-20', 1, 11, 'B' FROM generate_series(1, 3)$$,
     NULL, 'what another article is worth with tax says nothing'),
    (48, 'order_changes', 'refunded_too',
     $$INSERT INTO shop.order_changes VALUES (2, '2025-01-30', -50), (2, '2025-01-31', 20)$$,
     'refunded_too order_changes 1 2 -50', 'whatever else was added'),
    (49, 'order_changes', 'whole_order',
     $$UPDATE shop.orders SET cancelled_at = '2025-02-21' WHERE order_id = 4;
       INSERT INTO shop.order_changes VALUES (4, '2025-03-20', 100)$$,
     'cancelled_orders orders 1 6 100', 'what was cancelled is changed no more');
SELECT is(a.findings, t.found, t.rule)
FROM   alarm AS t,
     after(ROW(t.trap, t.source, t.fault, NULL, NULL, NULL, NULL, NULL, NULL, '{}',
               'shop')::fault) AS a
ORDER  BY t.position;
SELECT results_eq($$SELECT trap, kind, money
                    FROM   kpi.check('shop', everything => true)
                    WHERE  source = 'order_lines' AND trap IN ('unknown_order', 'lines_mismatch')$$,
                  $$VALUES ('unknown_order', 'doubtful', NULL::numeric),
                           ('lines_mismatch', 'doubtful', NULL)$$,
                  'lines of drafts are harmless, and discounts of whole orders need not be in '
                  'lines');
SELECT is(a.shown, 1::bigint, 'the query shows what was counted, and no number that is none')
FROM   alarm AS t,
       after(ROW(t.trap, t.source, t.fault, NULL, NULL, NULL, NULL, NULL, NULL, '{}',
                 'shop')::fault) AS a
WHERE  t.trap = 'sales_mismatch';

-- An advice that is an expression is right for every instrument.
SAVEPOINT instruments;
INSERT INTO shop.surveys VALUES
    ('2025-03-01', 'nps', 0, NULL), ('2025-03-01', 'nps', 11, NULL),
    ('2025-03-01', 'csat', 9, 5), ('2025-03-01', 'esat', 0, NULL), ('2025-03-01', 'esat', 7, 7),
    ('2025-03-01', 'Communication', 6, NULL);
SELECT results_eq($$SELECT sum(rows) FROM kpi.check('shop') WHERE trap = 'score_off_scale'$$,
                  'VALUES (4::numeric)', 'scores are off the scale of their instrument');
SELECT format('UPDATE shop.surveys SET score = %s', split_part(advice, ' AS score', 1))
FROM   traps WHERE trap = 'score_off_scale'
\gexec
SELECT is_empty($$SELECT FROM kpi.check('shop') WHERE trap = 'score_off_scale'$$,
                'as advised, none is');
SELECT results_eq($$SELECT instrument, score FROM shop.surveys WHERE answered_at = '2025-03-01'
                    AND    score IS NOT NULL ORDER BY score$$,
                  $$VALUES ('nps', 0), ('esat', 7)$$, 'and those on it are kept');
ROLLBACK TO instruments;

CREATE SCHEMA places;
CREATE TABLE places.stock_levels (
    sku text, counted_at timestamptz, on_hand numeric, unit_cost numeric, place text);
INSERT INTO places.stock_levels VALUES
    ('A', '2025-03-01', 45, 2, 'north'), ('A', '2025-03-01', 45, 2, 'south'),
    ('B', '2025-03-01', 7, 2, 'north'), ('B', '2025-03-01', 7, 2, 'north');
SELECT FROM build('places', 'UTC', dimensions => '{place}', as_of => '2025-03-31 12:00');
SELECT results_eq($$SELECT trap, kind, rows, money FROM kpi.check('places')$$,
                  $$VALUES ('duplicates', 'doubtful', 1::bigint, 14.0)$$,
                  'what differs in a dimension is no copy');

-- All of it at once, and worse: check() tells of data that views cannot read.
CREATE FUNCTION go_wrong(faults text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    command text;
BEGIN
    FOR command IN EXECUTE 'SELECT f.fault FROM fault AS f JOIN traps USING (trap, source) WHERE '
        || faults || ' ORDER BY position' LOOP
        EXECUTE command;
    END LOOP;
END $$;
SAVEPOINT faultless;
-- What is ancient is of another year.
SELECT go_wrong($$kind <> 'fails' AND trap <> 'ancient_time'$$);
INSERT INTO shop.orders (order_id, ordered_at, net_sales, is_test) VALUES
    (101, '2025-04-10', 70, false), (102, '-infinity', 70, false), (103, NULL, 70, false),
    (104, '2025-04-10', 70, true);
INSERT INTO shop.returns SELECT n, '2025-03-26', 1, 0.07 FROM generate_series(101, 104) AS n;
INSERT INTO shop.deliveries
SELECT n, '2025-03-20', '2025-03-21', '2025-03-26' FROM generate_series(101, 104) AS n;
INSERT INTO shop.deliveries SELECT * FROM shop.deliveries WHERE order_id = 1;
SELECT holds($$SELECT trap, source, value, of_year('shop', indicator),
                      round(value::numeric, 4)::text = of_year('shop', indicator) AS holds
               FROM   kpi.check('shop') WHERE value IS NOT NULL$$,
             'whatever else is wrong, the value of an indicator is the one that the views have');
ROLLBACK TO faultless;
SELECT go_wrong('true');
SELECT cmp_ok(count(DISTINCT (trap, source)), '>', 75::bigint, 'one trap does not hide the others')
FROM   kpi.check('shop');
ROLLBACK TO faultless;
UPDATE shop.orders SET net_sales = 'NaN', gross_sales = 'Infinity', discount = '-Infinity',
    cost = 'NaN', exchange_rate = '-Infinity', currency = 'USD', ordered_at = 'infinity';
UPDATE shop.order_lines SET quantity = 'Infinity', net_sales = '-Infinity', cost = 'NaN';
UPDATE shop.order_changes SET net_sales = 'NaN', gross_sales = 'Infinity',
    changed_at = '-infinity';
UPDATE shop.returns SET quantity = 'NaN', refund = 'Infinity', returned_at = '-infinity';
UPDATE shop.deliveries SET ordered_at = '-infinity', shipped_at = 'infinity',
    delivered_at = '-infinity', promised_at = 'infinity';
UPDATE shop.carts SET created_at = 'infinity', ordered_at = '-infinity',
    last_active_at = 'infinity', value = 'Infinity';
UPDATE shop.visits SET started_at = '-infinity';
UPDATE shop.events SET occurred_at = 'infinity', step = -2147483648;
UPDATE shop.surveys SET answered_at = '-infinity', score = 2147483647, scale = -2147483648;
UPDATE shop.stock_moves SET moved_at = '-infinity', quantity = '-Infinity', unit_cost = 'Infinity';
UPDATE shop.stock_levels SET counted_at = 'infinity', on_hand = 'NaN', unit_cost = 'NaN';
UPDATE shop.tickets SET opened_at = '-infinity', first_reply_at = 'infinity',
    resolved_at = '-infinity';
UPDATE shop.projects SET due_on = '-infinity', done_on = 'infinity', cancelled_on = '-infinity';
SELECT is((SELECT count(*) FROM kpi.check('shop') WHERE trap = 'infinite_time' AND rows = of_rows),
          12::bigint + 1,
          'a shop at eternity is a finding');
SELECT is((SELECT count(*) FROM kpi.check('shop') WHERE trap = 'broken_number' AND rows = of_rows),
          7::bigint, 'so is one whose numbers are none');
SELECT is((SELECT count(*) FROM kpi.check('shop') WHERE trap = 'unreadable'), 0::bigint,
          'and it can be read');
ROLLBACK TO faultless;
TRUNCATE shop.orders, shop.order_lines, shop.returns, shop.order_changes, shop.deliveries,
         shop.carts, shop.visits, shop.events, shop.surveys, shop.stock_moves, shop.stock_levels,
         shop.tickets, shop.projects, shop.holidays;
SELECT is_empty($$SELECT trap FROM kpi.check('shop')$$, 'a shop without rows has no findings');
ROLLBACK TO faultless;

-- Each source is read once for its own traps, orders once more for each source that is held
-- against them, lines for returns, and holidays for tickets.
CREATE SCHEMA counted;
SELECT format('CREATE SEQUENCE reads_of_%1$s;
               CREATE FUNCTION rows_of_%1$s() RETURNS SETOF shop.%1$s LANGUAGE plpgsql AS $$
               BEGIN
                   PERFORM nextval(''public.reads_of_%1$s'');
                   RETURN QUERY TABLE shop.%1$s;
               END $$;
               CREATE VIEW counted.%1$s AS SELECT * FROM public.rows_of_%1$s()', source)
FROM   (SELECT DISTINCT source FROM source_columns) AS s
\gexec
SELECT FROM kpi.put_own_table('counted', current_user::text);
INSERT INTO counted.indicators TABLE shop.indicators;
SELECT is_empty($$SELECT trap FROM kpi.check('counted', 'UTC', 'EUR', '2025-03-31 12:00')$$,
                'views of functions are sources too');
SELECT results_eq($$SELECT sequencename::text COLLATE "default", last_value
                    FROM   pg_sequences WHERE sequencename LIKE 'reads\_of\_%' ORDER BY 1$$,
                  $$SELECT 'reads_of_' || source,
                           CASE source
                                WHEN 'orders' THEN 9
                                WHEN 'order_changes' THEN 4
                                WHEN 'returns' THEN 2
                                WHEN 'order_lines' THEN 2
                                WHEN 'stock_levels' THEN 2
                                WHEN 'holidays' THEN 2
                                ELSE 1 END::bigint
                    FROM   (SELECT DISTINCT source FROM source_columns) AS s ORDER BY 1$$,
                  'each is read once; orders also for what belongs to them and visits, changes for '
                  'sales, lines and returns, lines for returns, and counts beside the movements');

-- Of data that start within a month, the model may be told to leave out the rest of it.
CREATE SCHEMA late;
CREATE TABLE late.orders (order_id int, ordered_at timestamptz);
INSERT INTO late.orders VALUES (1, '2025-01-10'), (2, '2025-03-31');
SELECT results_eq($$SELECT trap, rows, of_rows FROM kpi.check('late', as_of => '2025-04-01')$$,
                  $$VALUES ('first_month_short', 9::bigint, 31::bigint)$$,
                  'the first month is short');
SELECT FROM build('late', 'UTC', since => '2025-02-01', as_of => '2025-04-01');
SELECT is_empty($$SELECT trap FROM kpi.check('late')$$, 'and nobody sees it if it is left out');

-- Names and types.
CREATE SCHEMA raw;
CREATE TABLE raw.orders (
    order_id int, ordered_at timestamp, net_sales text, customer_ids int, is_test int,
    deleted_at timestamptz, note text);
INSERT INTO raw.orders VALUES (1, '2025-03-26 10:00', '10', 1), (1, '2025-03-26 10:00', '10', 2);
CREATE TABLE raw.returns (returned_at timestamptz);
CREATE TABLE raw."orderLine" (order_id int);
CREATE TABLE raw.projcts (project_id int);
CREATE TABLE raw.cart (cart_id int);
CREATE VIEW raw.carts_of_today AS SELECT * FROM raw.cart;
CREATE TABLE raw.employees (employee_id int);
CREATE TABLE named AS SELECT * FROM kpi.check('raw', as_of => '2025-03-27');
SELECT results_eq('SELECT trap, source, rows, finding
                   FROM   named WHERE trap NOT IN (''first_month_short'')',
                  $$
    VALUES ('naive_time', 'orders', 1::bigint,
            'timestamps without time zone, so that the instant is not known; here read in the zone '
            'of the model: ordered_at is a timestamp without time zone, so the instant is not '
            'known'),
           ('wrong_type', 'orders', 2,
            'columns of a type that build() refuses; here taken as not there: is_test is integer '
            'instead of boolean; net_sales is text instead of numeric'),
           ('missing_column', 'returns', 1, 'columns that are required are not there: order_id'),
           ('duplicates', 'orders', 1,
            'orders that are there again under the same order_id, and count again: an earlier '
            'version, or a join that multiplies'),
           ('misspelt_relation', 'orderLine', 1,
            'a relation that nothing reads has nearly the name of a source: perhaps order_lines'),
           ('misspelt_relation', 'projcts', 1,
            'a relation that nothing reads has nearly the name of a source: perhaps projects'),
           ('misspelt_column', 'orders', 1,
            'a column that is not read has nearly the name of one that is not there: customer_ids, '
            'perhaps customer_id'),
           ('deleted_rows', 'orders', 1,
            'the source says which of its rows are deleted, and all of them count: deleted_at')$$,
    'what build would refuse, and names that it would not read, are findings');
SELECT is(advice, '<column> AT TIME ZONE ''UTC'' AS ordered_at', 'with the line to write')
FROM   named WHERE trap = 'naive_time';
SELECT is(advice, 'ALTER TABLE raw."orderLine" RENAME TO order_lines', 'and the command')
FROM   named WHERE trap = 'misspelt_relation' AND source = 'orderLine';
SELECT results_eq($$SELECT rows, of_rows, finding
                    FROM   kpi.check('raw', everything => true) WHERE trap = 'zero_orders'$$,
                  $$VALUES (NULL::bigint, NULL::bigint,
                            'not looked for, as it needs orders.net_sales|orders.gross_sales')$$,
                  'what cannot be looked for says what it needs');
SELECT is_empty($$SELECT trap FROM kpi.check('raw', everything => true) WHERE source = 'visits'$$,
                'of a source that is not there nothing is looked for');
SELECT results_eq($$SELECT name, spellings(name) && spellings('orders')
                    FROM   unnest('{order,Orders,oders,orderz,borders,ordres,older,or,
                                  employees}'::text[])
                        AS name$$,
                  $$VALUES ('order', true), ('Orders', true), ('oders', true), ('orderz', true),
                           ('borders', true), ('ordres', true), ('older', true), ('or', false),
                           ('employees', false)$$,
                  'names are near if a letter differs');

-- What cannot be read is said.
CREATE SCHEMA ill;
CREATE VIEW ill.orders AS
SELECT 1 AS order_id, timestamptz '2025-03-26' AS ordered_at,
       1 / (extract(year FROM now()) * 0) AS net_sales;
CREATE TABLE ill.carts (cart_id int, created_at timestamptz);
INSERT INTO ill.carts VALUES (1, '2025-03-26'), (1, '2025-03-26');
SELECT results_eq($$SELECT trap, source, rows FROM kpi.check('ill', as_of => '2025-03-27')$$,
                  $$VALUES ('unreadable', 'orders', 1::bigint), ('duplicates', 'carts', 1)$$,
                  'a view that ends with an error is a finding, and the others are read');
CREATE FUNCTION ill.refuse(state text) RETURNS numeric
LANGUAGE plpgsql AS $$BEGIN RAISE 'not for you' USING ERRCODE = state; END$$;
CREATE OR REPLACE VIEW ill.orders AS
SELECT 1 AS order_id, timestamptz '2025-03-26' AS ordered_at, ill.refuse('P0001') AS net_sales;
SELECT results_eq($$SELECT finding
                    FROM   kpi.check('ill', as_of => '2025-03-27') WHERE source = 'orders'$$,
                  $$VALUES ('reading the rows ends with an error: not for you')$$,
                  'so is one whose function refuses, and its words are there');
CREATE OR REPLACE VIEW ill.orders AS
SELECT 1 AS order_id, timestamptz '2025-03-26' AS ordered_at, ill.refuse('53200') AS net_sales;
SELECT throws_ok($$SELECT FROM kpi.check('ill', as_of => '2025-03-27')$$, '53200', 'not for you',
                 'what befalls the server is none of the view');

-- Its arguments.
SELECT throws_ok(call, state, message, rule)
FROM   (VALUES ($$SELECT kpi.check('nowhere')$$, '3F000', 'schema "nowhere" does not exist',
                'a model is a schema'),
               ($$SELECT kpi.check(NULL)$$, '22004', NULL, 'and has a name'),
               ($$SELECT kpi.check('pg_toast')$$, '42P01', 'schema "pg_toast" has no source',
                'with a source'),
               ($$SELECT kpi.check('counted')$$, '22023',
                'orders have a currency, but the model has none', 'a currency is not guessed'),
               ($$SELECT kpi.check('raw', 'Berlin')$$, '22023', 'time zone "Berlin" not recognized',
                'a time zone is one'),
               ($$SELECT kpi.check('raw', as_of => 'infinity')$$, '22023', 'as_of is infinite',
                'eternity is not seen'))
       AS t (call, state, message, rule);
SELECT is(kpi.check('raw', 'Asia/Tokyo', as_of => '2025-03-27')::text,
          kpi.check('raw', as_of => '2025-03-27')::text,
          'a zone is UTC unless said')
LIMIT  1;
SELECT isnt_empty($$SELECT FROM kpi.check('shop', as_of => '2025-07-01')
                    WHERE  trap = 'data_ended' AND rows = 97$$,
                  'what is said counts more than what was built');

-- Dates that were read as midnight in UTC are the day before in New York, until the advice is
-- followed.
CREATE SCHEMA dated;
CREATE TABLE dated.days AS SELECT date '2025-03-01' + n AS day FROM generate_series(0, 20) AS n;
CREATE VIEW dated.orders AS
SELECT row_number() OVER () AS order_id, (day || 'Z')::timestamptz AS ordered_at FROM dated.days;
SELECT FROM build('dated', 'America/New_York', as_of => '2025-03-22Z');
SELECT results_eq($$SELECT rows FROM kpi.check('dated') WHERE trap = 'dates_as_times'$$,
                  'VALUES (21::bigint)', 'dates with a time of another zone are found');
CREATE VIEW dated.times AS TABLE dated.orders;
ALTER VIEW dated.orders RENAME TO times_once;
CREATE VIEW dated.orders AS
SELECT order_id, (ordered_at AT TIME ZONE 'UTC')::date AS ordered_at FROM dated.times;
SELECT FROM build('dated', 'America/New_York', as_of => '2025-03-22Z');
SELECT results_eq($$SELECT min(period), (SELECT count(*) FROM kpi.check('dated')
                                         WHERE trap = 'dates_as_times')
                    FROM   dated.kpi_day WHERE orders > 0$$,
                  $$VALUES (date '2025-03-01', 0::bigint)$$, 'and are none where they are dates');

-- Hours of holidays are unreadable if what reads them says so: views over them end with an error.
CREATE TABLE hours AS
SELECT * FROM unnest('{25:00-26:00,13:00-10:00,10:00-10:00,"",10:00-24:00,10:00-12:00 11:00-13:00,
                       "10:00-12:00,13:00-14:00",9:0-10:00,09:00 - 10:00,10:00-13:00 8:00-9:30,
                       24:30-24:40,"9:00-10:00, 2025-12-25",morning}'::text[]) AS hours;
CREATE FUNCTION reads(hours text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM business_time('2025-03-03Z', '2025-03-05Z', 'Mon-Sun 9:00-18:00', 'UTC', NULL,
                          '2025-03-04 ' || hours);
    RETURN hours NOT LIKE '%2025%';     -- which is another day
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END $$;
SELECT results_eq('SELECT hours, kpi.check_hours(hours) FROM hours ORDER BY hours',
                  'SELECT hours, reads(hours) FROM hours ORDER BY hours',
                  'hours are found that no view can read');
SELECT is(count(*), 4::bigint, 'some of them can be read') FROM hours WHERE kpi.check_hours(hours);

-- The last answer is that of the latest time that has come, whatever else there is.
CREATE SCHEMA asked;
CREATE TABLE asked.surveys (answered_at timestamptz, instrument text, score int, respondent int);
INSERT INTO asked.surveys VALUES
    ('2025-01-10Z', 'nps', 9, 1), ('2025-02-10Z', 'nps', 2, 1), ('2025-01-11Z', 'nps', 10, 2),
    (NULL, 'nps', 9, 1), ('2025-12-01Z', 'nps', 9, 1);
SELECT FROM build('asked', 'UTC', as_of => '2025-04-01Z');
SELECT results_eq($$SELECT rows, round(value::numeric, 4), round(corrected::numeric, 4)
                    FROM   kpi.check('asked') WHERE trap = 'repeated_answers'$$,
                  'VALUES (1::bigint, 33.3333, 0::numeric)',
                  'answers without a time, or that are to come, repeat none');
-- Who is not known repeats nothing, nor does who has no answer: 9 2 10 8 8, and without the 9.
INSERT INTO asked.surveys VALUES ('2025-01-12Z', 'nps', 8, NULL), ('2025-01-13Z', 'nps', 8, NULL),
                                 ('2025-03-01Z', 'nps', NULL, 2);
SELECT results_eq($$SELECT rows, round(value::numeric, 4), round(corrected::numeric, 4)
                    FROM   kpi.check('asked') WHERE trap = 'repeated_answers'$$,
                  'VALUES (1::bigint, 20.0, 0.0)',
                  'nor do answers of nobody, or without a score');
-- The last of each month are those but a 0, which came before the 9.
INSERT INTO asked.surveys VALUES ('2025-01-09Z', 'nps', 0, 1);
SELECT FROM build('asked', 'UTC', as_of => '2025-04-01Z', answers => 'last of month');
SELECT results_eq($$SELECT c.trap, round(c.value::numeric, 4), round(y.nps::numeric, 4)
                    FROM   kpi.check('asked') AS c CROSS JOIN asked.kpi_all AS y
                    WHERE  indicator = 'nps' AND value IS NOT NULL ORDER BY trap$$,
                  $$VALUES ('future_rows', 20.0, 20.0), ('missing_time', 20.0, 20.0)$$,
                  'where only the last ones count, no others are in the value');

-- Its catalog.
SELECT is_empty($$SELECT trap, source, need
                  FROM   traps, unnest(needs) AS n, unnest(string_to_array(n, '|')) AS need
                  WHERE  NOT EXISTS (SELECT FROM source_columns AS s
                                     WHERE  s.source || '.' || s.name = need)$$,
                'a trap needs what sources have');
SELECT is_empty($$SELECT source
                  FROM   traps
                  WHERE  source <> '*' AND source NOT IN (SELECT source FROM source_columns)$$,
                'and is of a source');
SELECT set_eq('SELECT source FROM check_definitions WHERE source !~ ''^known_''',
              'SELECT DISTINCT source FROM source_columns',
              'every source is checked');
SELECT is_empty($$SELECT trap
                  FROM   traps
                  WHERE  finding ~ '^\s|\s$|\.$|  ' OR advice ~ '^\s|\s$|\.$'
                  OR     trap !~ '^[a-z][a-z0-9_]+$'$$,
                'findings are parts of a sentence');

SELECT results_eq($$SELECT word
                    FROM   unnest('{Guest," ",0,None,alice,nobody}'::text[]) AS word
                    WHERE  kpi.check_nobody(word)$$,
                  $$VALUES ('Guest'), (' '), ('0'), ('None')$$, 'a word for nobody is found');
SELECT is(array_agg(kpi.check_nobody(word)), '{t,t,f}', 'the word null is one, a name none')
FROM   unnest('{"null","NULL","alice"}'::text[]) AS word;

-- Orders of which gross sales alone are told.
CREATE SCHEMA gross;
CREATE TABLE gross.orders AS
SELECT i AS order_id, timestamptz '2025-03-01Z' AS ordered_at, worth::numeric AS gross_sales
FROM   unnest('{100,NULL,-5,0}'::int[]) WITH ORDINALITY AS o (worth, i);
CREATE FUNCTION rows_shown(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (%s) AS q', query) INTO n;
    RETURN n;
END $$;
SELECT results_eq($$SELECT trap, rows, rows_shown(query)
                    FROM   kpi.check('gross', as_of => '2025-03-05Z')
                    WHERE  trap IN ('missing_sales', 'negative_sales', 'zero_orders')
                    ORDER  BY trap$$,
                  $$VALUES ('missing_sales', 1::bigint, 1::bigint), ('negative_sales', 1, 1),
                           ('zero_orders', 1, 1)$$,
                  'a query shows what was counted, whichever amount orders have');
CREATE TABLE gross.net AS SELECT order_id, ordered_at, gross_sales AS net_sales FROM gross.orders;
DROP TABLE gross.orders;
ALTER TABLE gross.net RENAME TO orders;
SELECT results_eq($$SELECT trap, rows, rows_shown(query)
                    FROM   kpi.check('gross', as_of => '2025-03-05Z')
                    WHERE  trap IN ('missing_sales', 'negative_sales', 'zero_orders')
                    ORDER  BY trap$$,
                  $$VALUES ('missing_sales', 1::bigint, 1::bigint), ('negative_sales', 1, 1),
                           ('zero_orders', 1, 1)$$,
                  'net or gross');

SELECT * FROM finish();
ROLLBACK;
