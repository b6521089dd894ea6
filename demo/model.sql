-- The model: views that say what is what in the shop's tables, then one call.
-- Run by demo.sql after simulation.sql.

-- A model is a schema. Each view in it has a name and columns that kpi.source_columns lists: all
-- that needs to be decided is decided here, once. Columns one does not have are left out, and so
-- are the indicators that need them.

\warn 'kpi: building the model ...'
CREATE SCHEMA shop;
COMMENT ON SCHEMA shop IS
    'KPIs of the demo. Orders, prices and refunds are real; cost, tax and all that is not about '
    'orders is simulated';

CREATE VIEW shop.orders AS
SELECT order_no        AS order_id,
       ordered_at,
       customer_id,
       paid            AS net_sales,
       discount,                        -- derived from real prices, see load.sql
       vat             AS tax,          -- simulated
       postage         AS shipping,
       units,
       cancelled_at,
       country                          -- not known to kpi: a dimension, see below
FROM   placed_order JOIN simulated.tax USING (order_no);

CREATE VIEW shop.order_lines AS
SELECT order_no                 AS order_id,
       stock_code               AS sku,
       quantity,
       quantity * unit_price    AS net_sales,
       quantity * unit_cost     AS cost     -- simulated; NULL where nobody knows it
FROM   sale LEFT JOIN simulated.cost USING (stock_code);

CREATE VIEW shop.returns AS
SELECT order_no        AS order_id,
       refunded_at     AS returned_at,
       stock_code      AS sku,
       quantity,
       amount          AS refund,
       order_no % 4 = 0 AS our_fault    -- simulated; nobody knows why things came back
FROM   refund;

-- What follows is simulated. The country of a delivery is that of its order.

CREATE VIEW shop.visits AS
SELECT visit_id, started_at, visitor_no AS visitor_id, country,
       step >= 2 AS cart_added, step >= 3 AS checkout_started, step = 4 AS converted
FROM   simulated.visit;

CREATE VIEW shop.events AS
SELECT visitor_no AS visitor_id, occurred_at,
       array_position('{product,cart,checkout,order}', page) AS step, page AS label
FROM   simulated.event;

CREATE VIEW shop.carts AS
SELECT cart_id, created_at, touched_at AS last_active_at, ordered_at, customer_id, worth AS value,
       country
FROM   simulated.cart;

CREATE VIEW shop.deliveries AS
SELECT order_no AS order_id, ordered_at, shipped_at, delivered_at, promised_at
FROM   simulated.delivery;

CREATE VIEW shop.surveys AS
-- Those from abroad answer more rarely, so each of them stands for more.
SELECT answered_at, question AS instrument, score, respondent, country,
       CASE country WHEN 'United Kingdom' THEN 1 ELSE 1.5 END AS weight
FROM   simulated.answer;

CREATE VIEW shop.stock_moves AS
SELECT stock_code AS sku, moved_at, pieces AS quantity, unit_cost, reason AS kind
FROM   simulated.stock_move LEFT JOIN simulated.cost USING (stock_code);

CREATE VIEW shop.stock_levels AS
SELECT stock_code AS sku, counted_at, pieces AS on_hand, unit_cost
FROM   simulated.stock_count LEFT JOIN simulated.cost USING (stock_code);

CREATE VIEW shop.tickets AS
SELECT request_no AS ticket_id, asked_at AS opened_at, replied_at AS first_reply_at,
       solved_at AS resolved_at, reply_due_at, solve_due_at AS resolve_due_at, reopened, desk,
       country
FROM   simulated.request;

CREATE VIEW shop.projects AS
SELECT project_no AS project_id, due_on, done_on, stopped_on AS cancelled_on, team AS owner
FROM   simulated.project;

CREATE VIEW shop.order_changes AS
SELECT order_no AS order_id, exchanged_at AS changed_at, 0 AS net_sales, 'exchange' AS kind
FROM   simulated.exchange;

CREATE VIEW shop.spend AS
SELECT spent_on, pounds AS amount FROM simulated.spend;

-- What no table of a shop knows is measured elsewhere. Which measures there are, nobody but the
-- shop knows, so that it defines the indicator itself, below.

CREATE VIEW shop.measures AS
SELECT 'brand_awareness' AS measure, asked_on AS measured_on, knew AS amount, asked AS of, country
FROM   simulated.panel;

-- One call builds the rest: weeks, months and years of the shop's own clock, amounts in pounds,
-- response times in the support desk's hours, everything also by country. A live shop would leave
-- out as_of and see today; here it is the minute in which the data end.

CREATE TABLE report AS
SELECT *
FROM   build('shop', timezone => 'Europe/London', currency => 'GBP', dimensions => '{country}',
             business_hours => 'Mon-Fri 9:00-18:00', as_of => '2011-12-09 12:50 Europe/London');

\pset title 'What build() says it has read'
SELECT substring(object, 'source (.*)') AS source,
       rtrim(regexp_replace(regexp_replace(reason, '; (an|no) index.*', ''),
                            '(.{1,80})([ ]|$)', E'\\1\n', 'g'), E'\n') AS columns
FROM   report
WHERE  object LIKE 'source %'
ORDER  BY source;

SELECT count(*) FILTER (WHERE action = 'created')                             AS created,
       count(*) FILTER (WHERE object LIKE 'indicator %' AND action = 'left out') AS left_out
FROM   report \gset
SELECT count(*) AS indicators FROM catalog \gset

SELECT count(*)
FROM   define('shop', 'brand_awareness', 'measure(''brand_awareness'')', name => 'Brand awareness',
              name_zh => '品牌知名度', unit => 'share', direction => 'up',
              definition => 'Of the people asked, those who know the shop.')
\g /dev/null

\qecho :created 'views were made, and' :left_out 'of' :indicators 'indicators left out.'
\qecho 'SELECT * FROM kpi.catalog lists the indicators; brand_awareness is one of the shop''s own.'
\qecho 'Orders, order_lines and returns are real, except tax, cost and whose fault a return is. All'
\qecho 'other sources are simulated.'
\qecho

-- Which indicators rest on simulated columns follows from the catalog. Tables below mark them with
-- °, and comments say it to whoever meets them in a tool.

CREATE VIEW simulated.indicator AS
SELECT indicator
FROM   catalog
WHERE  sources && '{visits,events,carts,deliveries,surveys,stock_moves,stock_levels,tickets,
                    projects,spend}'
OR     needs ~ '\.(unit_)?cost|\.tax|\.our_fault' OR indicator = 'changed_sales'
UNION ALL
SELECT indicator FROM shop.indicators;

SELECT format('COMMENT ON COLUMN shop.%I.%I IS %L', relname, attname,
              'SIMULATED. ' || col_description(c.oid, attnum))
FROM   pg_class AS c
       JOIN pg_attribute ON attrelid = c.oid
       JOIN simulated.indicator ON attname IN (indicator, indicator || '_sample')
WHERE  relnamespace = 'shop'::regnamespace
AND    relname ~ '^kpi_(day|week|month|quarter|half|year|all)'
UNION ALL
SELECT format('COMMENT ON COLUMN shop.%I.%I IS %L', relname, attname, 'SIMULATED')
FROM   pg_class AS c JOIN pg_attribute ON attrelid = c.oid
WHERE  relnamespace = 'shop'::regnamespace AND relname ~ '(^|_)(orders|order_lines|returns)$'
AND    attname IN ('tax', 'cost', 'our_fault')
UNION ALL
SELECT format('COMMENT ON VIEW shop.%I IS %L', relname,
              concat_ws(' ', 'SIMULATED around the real orders.', obj_description(c.oid)))
FROM   pg_class AS c
WHERE  relnamespace = 'shop'::regnamespace
AND    relname ~ '^(kpi_daily_)?(visits|events|carts|deliveries|surveys|stock|stock_moves|'
                 'stock_levels|tickets|projects|spend|measures)$'
                 '|^kpi_visitors$|^funnel_(steps|times)$'
UNION ALL
SELECT format('COMMENT ON VIEW shop.kpi_values IS %L',
              concat_ws(' ', 'SIMULATED are those in simulated.indicator.',
                        obj_description('shop.kpi_values'::regclass)))
\gexec

-- Views always show what the tables hold. What a dashboard reads again and again is kept, and
-- refreshed once a night:

\ir kept.sql

-- This demo promises all there is: no indicator without a value, no view without a row.

\warn 'kpi: looking whether all is there ...'
DO $$
DECLARE
    -- somebody new to a member is told of by a dimension only
    empty  text[] := ARRAY(SELECT indicator FROM kpi.indicators_of('shop')
                           WHERE  indicator <> 'new_to_member'
                           EXCEPT
                           SELECT kpi FROM recent_values WHERE value IS NOT NULL);
    view   text;
    filled boolean;
BEGIN
    FOR view IN
        SELECT relname FROM pg_class
        WHERE  relnamespace = 'shop'::regnamespace AND relkind = 'v' AND relname <> 'kpi_values'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM shop.%I)', view) INTO filled;
        IF NOT filled THEN
            empty := empty || view;
        END IF;
    END LOOP;
    IF empty <> '{}' THEN
        RAISE EXCEPTION 'nothing in %', array_to_string(empty, ', ');
    END IF;
END $$;
