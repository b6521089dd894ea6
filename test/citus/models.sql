-- Models over distributed tables beside one over the same rows in tables of the coordinator.
--
--     shop         not distributed
--     by_order     what belongs to orders is distributed by them, visits and events by the visitor,
--                  measures by their number; all others are tables of the coordinator
--     by_customer  what belongs to orders is distributed by the customer, visits, events and
--                  measures as above; all others are reference tables

\set VERBOSITY terse
\i test/shop.psql
CREATE TABLE shop.holidays AS SELECT date '2025-02-14' AS held_on;
ALTER TABLE shop.measures ADD measure_id integer GENERATED ALWAYS AS IDENTITY;

CREATE FUNCTION copy_shop(model text, of_orders text, others boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    source text;
    key    text;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', model);
    FOR source IN SELECT relname FROM pg_class
                  WHERE  relnamespace = 'shop'::regnamespace AND relkind = 'r'
                  AND    relname <> 'indicators' ORDER BY 1 LOOP
        -- a table is distributed by a column of its own
        EXECUTE format('CREATE TABLE %I.%I AS SELECT t.*%s FROM shop.%2$I AS t', model, source,
                       CASE WHEN of_orders = 'customer_id' AND source IN (
                                     'order_lines', 'returns', 'order_changes', 'deliveries')
                            THEN ', (SELECT o.customer_id::bigint FROM shop.orders AS o '
                                 'WHERE o.order_id = t.order_id)' ELSE '' END);
        IF of_orders = 'customer_id' AND source = 'orders' THEN     -- views take it as it is
            EXECUTE format('ALTER TABLE %I.orders ALTER customer_id TYPE bigint', model);
        END IF;
        key := CASE WHEN source IN ('orders', 'order_lines', 'returns', 'order_changes',
                                    'deliveries') THEN of_orders
                    WHEN source IN ('visits', 'events') THEN 'visitor_id'
                    WHEN source = 'measures' THEN 'measure_id' END;
        IF key IS NOT NULL THEN
            PERFORM create_distributed_table(format('%I.%I', model, source), key,
                                             shard_count => 4);
        ELSIF others THEN
            PERFORM create_reference_table(format('%I.%I', model, source));
        END IF;
    END LOOP;
    PERFORM kpi.put_own_table(model, current_user::text);
    EXECUTE format('INSERT INTO %I.indicators TABLE shop.indicators', model);
END $$;
SELECT copy_shop('by_order', 'order_id', false), copy_shop('by_customer', 'customer_id', true)
\g /dev/null

CREATE PROCEDURE ok(good boolean, what text) LANGUAGE plpgsql AS $$
BEGIN
    RAISE INFO '%', concat(CASE WHEN good THEN '' ELSE 'not ' END, 'ok - ', what);
END $$;

CREATE FUNCTION built(model text, storage text) RETURNS void LANGUAGE SQL AS $$
    SELECT FROM kpi.build(model, 'UTC', 'EUR', '{country,channel}', as_of => '2025-04-02',
                          storage => storage);
$$;

-- The rows that only one of two models has in a view. They are gathered first: a query of tables
-- of both kinds is another one.
CREATE FUNCTION differing(view text, model text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
                     FROM   pg_attribute
                     WHERE  attrelid = format('shop.%I', view)::regclass AND attnum > 0);
    n       bigint;
BEGIN
    EXECUTE format('CREATE TEMP TABLE here AS SELECT v::text AS row FROM (SELECT %s FROM shop.%I)',
                   columns, view) || ' AS v';
    EXECUTE format('CREATE TEMP TABLE there AS SELECT v::text AS row FROM (SELECT %s FROM %I.%I)',
                   columns, model, view) || ' AS v';
    SELECT count(*) INTO n
    FROM   ((TABLE here EXCEPT ALL TABLE there) UNION ALL (TABLE there EXCEPT ALL TABLE here)) AS d;
    DROP TABLE here, there;
    RETURN n;
END $$;

-- Where views compute when they are read, those of all values take long, and read what others do.
CREATE PROCEDURE compare(model text, kept text) LANGUAGE plpgsql AS $$
DECLARE
    view text;
BEGIN
    FOR view IN
        SELECT v FROM kpi.settings_of('shop', false) AS s, unnest(s.views) AS v
        WHERE  v <> 'kpi_settings' AND v !~ '^kpi_(as_of|read|rows|compute|changed|state|touched)'
        AND    (kept <> 'view'
                OR v !~ '^(signals|kpi_values|kpi_(all|day|week|quarter|half|year))')
    LOOP
        CALL ok(differing(view, model) = 0, concat_ws(', ', model, kept, view));
        COMMIT;
    END LOOP;
END $$;

SELECT built('shop', 'view'), built('by_order', 'view'), built('by_customer', 'view') \g /dev/null
CALL compare('by_customer', 'view');

-- More indicators of its own: one by define, one as a row of the table.
CREATE FUNCTION defined(model text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM kpi.define(model, 'brand_awareness', $f$measure('awareness')$f$,
                            'Brand awareness', 'share', 'up');
    EXECUTE format('INSERT INTO %I.indicators (indicator, formula, name, name_zh, unit, '
                   'definition) VALUES ($1, $2, $3, $3, ''money'', $3)', model)
    USING 'sales_of_followers', $f$net_sales / measure('followers')$f$, 'Sales of followers';
    PERFORM built(model, 'view');
END $$;
SELECT defined('shop'), defined('by_order') \g /dev/null
SELECT count(*) = 2 AS good FROM by_order.kpi_month
WHERE  brand_awareness > 0 AND sales_of_followers > 0 \gset
CALL ok(:'good', 'by_order, view: it has indicators of its own');
CALL compare('by_order', 'view');


-- What workers send: of each task that reads a shard of a distributed table whether it adds rows
-- up. That stands outside of all parentheses; what is in them stays on the worker. Days are added
-- up to values of kpi, what else there is to the rows of groups, too.
CREATE FUNCTION outside(line text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    WHILE line ~ '\([^()]*\)' LOOP
        line := regexp_replace(line, '\([^()]*\)', '', 'g');
    END LOOP;
    RETURN line;
END $$;
CREATE FUNCTION tasks(model text, view text) RETURNS TABLE (source text, adds_up boolean)
LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS off) SELECT * FROM %I.%I', model, view)
    LOOP
        RETURN QUERY
        SELECT p.relname::text,
               outside(line) ~ CASE WHEN view ~ '^kpi_daily_(?!new_customers)'
                                    THEN 'worker_partial_agg'
                                    ELSE 'worker_partial_agg|GROUP BY|SELECT (min|max) ' END
        FROM   pg_dist_partition AS d JOIN pg_class AS p ON p.oid = d.logicalrelid
        WHERE  line ~ '^ *Query: ' AND d.partmethod = 'h'
        AND    p.relnamespace = model::regnamespace
        AND    line ~ format('%s\.%s_\d+', model, p.relname);
    END LOOP;
END $$;
-- Those that send rows, and why they have to.
CREATE TABLE pulled (model text, view text, source text, why text);
INSERT INTO pulled
SELECT 'by_customer', v, 'orders', 'lines and the like know the order, not its customer'
FROM   unnest('{kpi_daily_order_lines,kpi_daily_returns,kpi_daily_returned_orders,
                kpi_daily_order_changes,kpi_daily_deliveries,kpi_daily_perfect_orders,kpi_cohorts,
                kpi_today}'::text[]) AS v;
INSERT INTO pulled VALUES
    ('by_order', 'kpi_daily_new_customers', 'orders', 'the first order of each customer'),
    ('by_order', 'kpi_daily_returned_orders', 'orders', 'as of returns'),
    ('by_order', 'kpi_daily_returned_orders', 'returns', 'orders that came back'),
    ('by_customer', 'kpi_daily_returned_orders', 'returns', 'orders that came back'),
    ('by_customer', 'kpi_daily_perfect_orders', 'returns', 'orders that came back'),
    ('by_customer', 'kpi_daily_perfect_orders', 'deliveries', 'as of lines');
CREATE TABLE sent AS
SELECT m.model, v.view, t.source, bool_and(t.adds_up) AS adds_up
FROM   unnest('{by_order,by_customer}'::text[]) AS m (model)
       CROSS JOIN LATERAL kpi.settings_of(m.model, false) AS s
       CROSS JOIN LATERAL unnest(s.views) AS v (view)
       CROSS JOIN LATERAL tasks(m.model, v.view) AS t
WHERE  v.view ~ '^kpi_(daily_|customers|visitors|cohorts|funnels|steps|today)'
GROUP  BY m.model, v.view, t.source;
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT model, view, source, s.adds_up, p.why
        FROM   sent AS s FULL JOIN pulled AS p USING (model, view, source) ORDER BY 1, 2, 3
    LOOP
        CALL ok(coalesce(item.adds_up = (item.why IS NULL), false),
                concat(item.model, '.', item.view, ': workers ',
                       CASE WHEN item.adds_up THEN 'add up ' ELSE 'send rows of ' END,
                       item.source, ', ' || item.why));
    END LOOP;
END $$;
SELECT array_agg(DISTINCT view ORDER BY view)
       = '{kpi_daily_deliveries,kpi_daily_measures,kpi_daily_order_changes,kpi_daily_order_lines,
           kpi_daily_orders,kpi_daily_perfect_orders,kpi_daily_returns,kpi_daily_visits}'::text[]
       AS good
FROM   sent WHERE model = 'by_order' AND view ~ '^kpi_daily_' AND adds_up \gset
CALL ok(:'good', 'by_order: days of every distributed table are added up');


-- What is kept, and kept up to date.
CREATE PROCEDURE change(n integer) LANGUAGE plpgsql AS $$
DECLARE
    model text;
BEGIN
    FOREACH model IN ARRAY '{shop,by_order}'::text[] LOOP
        EXECUTE format('UPDATE %I.orders SET net_sales = net_sales + 7 WHERE order_id %% 5 = $1',
                       model) USING n;
        EXECUTE format('DELETE FROM %I.visits WHERE visit_id %% 7 = $1', model) USING n;
        EXECUTE format('UPDATE %I.deliveries SET delivered_at = NULL WHERE order_id %% 9 = $1',
                       model) USING n;
        EXECUTE format('INSERT INTO %I.returns '
                       'SELECT order_id, ordered_at + interval ''9 days'', 1, 5, true '
                       'FROM   shop.orders WHERE order_id %% 13 = $1', model) USING n;
        EXECUTE format('UPDATE %I.order_changes SET net_sales = net_sales + 3 '
                       'WHERE  order_id %% 2 = $1 - 1', model) USING n;
        EXECUTE format('UPDATE %I.measures SET amount = amount + $1', model) USING n;
        COMMIT;
    END LOOP;
END $$;

SELECT built('shop', 'materialized'), built('by_order', 'materialized') \g /dev/null
CALL compare('by_order', 'materialized');
CALL change(1);
SELECT FROM kpi.refresh('shop') \g /dev/null
SELECT FROM kpi.refresh('by_order') \g /dev/null
CALL compare('by_order', 'materialized');

SELECT built('shop', 'incremental'), built('by_order', 'incremental') \g /dev/null
SELECT built('by_order', 'incremental') \g /dev/null
CALL compare('by_order', 'incremental');
CALL change(2);
SELECT FROM kpi.refresh('shop') \g /dev/null
SELECT FROM kpi.refresh('by_order') \g /dev/null
CALL compare('by_order', 'incremental');
SELECT 'done';
