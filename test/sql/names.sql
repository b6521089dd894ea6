\set ECHO none
\i test/setup.psql
SELECT plan(28);

-- A model and its dimensions may have any name there can be: all that works on models does the same
-- for them as for one with a plain name.

CREATE TABLE sale AS
SELECT i AS order_id, timestamptz '2025-01-01' + i * interval '7 hours' AS ordered_at,
       (i % 7)::text AS customer_id, i % 13 * 10.5 AS net_sales, 'c' || i % 3 AS channel,
       CASE WHEN i % 2 = 0 THEN 'web' END AS place
FROM   generate_series(1, 200) AS i;

CREATE TABLE odd (n integer GENERATED ALWAYS AS IDENTITY, model text, channel text, place text);
INSERT INTO odd (model, channel, place) VALUES
    ('plain',               'channel',      'place'),
    ('@orders@',            'a@b',          '@model@'),
    ('@model@',             '@dimensions@', '@@'),
    ('100% %s %1$I',        'per %',        '%L'),
    ('it''s "so" $$ \ ',    'x''y',         'x"y'),
    (E'two\nlines',         E'tab\there',   'période'),
    (repeat('m', 63),       repeat('d', 48), 'kpi');

CREATE FUNCTION set_up(shop odd) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE SCHEMA %I', shop.model);
    EXECUTE format('CREATE VIEW %I.orders AS
                    SELECT order_id, ordered_at, customer_id, net_sales,
                           channel AS %I, place AS %I FROM public.sale',
                   shop.model, shop.channel, shop.place);
    EXECUTE format('CREATE VIEW %I.carts AS
                    SELECT order_id AS cart_id, ordered_at AS created_at, ordered_at
                    FROM   public.sale', shop.model);
END $$;

-- What each function gives for a model, with the names of the plain one.
CREATE FUNCTION given(shop odd) RETURNS TABLE (what text, rows text[]) LANGUAGE plpgsql AS $$
DECLARE
    call text;
    n    text;
BEGIN
    FOREACH call IN ARRAY ARRAY[
        'build(%L, ''UTC'', dimensions => %L, as_of => ''2025-03-05'','
        ' storage => ''materialized'')',
        'snapshot(%1$L)', 'refresh(%1$L)', 'check(%1$L, everything => true)',
        'cube(%1$L)', 'metricflow(%1$L)', 'drop_views(%1$L)']
    LOOP
        IF call LIKE 'drop%' THEN
            what := 'kpi_values';
            EXECUTE format('SELECT array_agg(v::text ORDER BY v::text) FROM (
                                SELECT grain, period, complete,
                                       CASE dimension WHEN %2$L THEN ''channel''
                                                      WHEN %3$L THEN ''place'' END AS dimension,
                                       member, kpi, value, sample_size, low, high, unit
                                FROM   %1$I.kpi_values) AS v', shop.model, shop.channel, shop.place)
            INTO    rows;
            RETURN NEXT;
        END IF;
        what := split_part(call, '(', 1);
        EXECUTE format('SELECT count(*)::text FROM kpi.' || call || ' AS t',
                       shop.model, ARRAY[shop.channel, shop.place])
        INTO    n;
        rows := ARRAY[n];
        RETURN NEXT;
    END LOOP;
END $$;

CREATE TABLE answer AS
SELECT o.n, o.model, g.what, g.rows
FROM   odd AS o CROSS JOIN LATERAL (SELECT set_up(o)) AS s
       CROSS JOIN LATERAL given(o) AS g;

SELECT cmp_ok(count(*), '>', 1000::bigint, 'the plain model has values')
FROM   (SELECT unnest(rows) FROM answer WHERE n = 1 AND what = 'kpi_values') AS v;
SELECT is(count(*), 3::bigint, 'of both dimensions, and of none')
FROM   (SELECT DISTINCT split_part(unnest(rows), ',', 4)
        FROM   answer WHERE n = 1 AND what = 'kpi_values') AS v;
SELECT is(o.rows, a.rows, format('%s is the same in a model named %s', a.what, to_json(o.model)))
FROM   answer AS a JOIN answer AS o USING (what)
WHERE  a.n = 1 AND o.n > 1 AND what IN ('kpi_values', 'build', 'check', 'drop_views')
ORDER  BY o.n, what;
SELECT is_empty($$SELECT o.model, what, o.rows, a.rows
                  FROM   answer AS a JOIN answer AS o USING (what)
                  WHERE  a.n = 1 AND o.n > 1 AND o.rows IS DISTINCT FROM a.rows$$,
                'and so is what every other function gives');
SELECT is_empty($$SELECT o.model, relname
                  FROM   odd AS o JOIN pg_namespace AS s ON s.nspname = o.model
                         JOIN pg_class AS c ON c.relnamespace = s.oid
                  WHERE  relname ~ '^kpi_' $$,
                'all their views can be dropped');

SELECT * FROM finish();
ROLLBACK;
