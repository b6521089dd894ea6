\set ECHO none
\i test/setup.psql
SELECT plan(21);

-- A shop that knows its orders, and nothing of visits or answers.
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
SELECT i AS order_id, timestamptz '2025-01-01' + i * interval '1 day' AS ordered_at,
       i % 7 AS customer_id, 10.0 AS net_sales
FROM   generate_series(1, 60) AS i;

SELECT results_eq('SELECT DISTINCT goal FROM kpi.suggestions ORDER BY 1',
    $$VALUES ('brand'), ('efficiency'), ('market_share'), ('sales'), ('satisfaction'), ('team')$$,
    'there are six goals');
SELECT is_empty($$SELECT goal FROM kpi.suggestions GROUP BY goal
                  HAVING count(DISTINCT leads) < 2 OR count(*) < 5$$,
                'each has indicators that tell early, and some that tell afterwards');
SELECT is_empty($$SELECT goal, position FROM (
                      SELECT goal, position, leads, lag(leads) OVER w AS before,
                             position - row_number() OVER w AS off
                      FROM   kpi.suggestions WINDOW w AS (PARTITION BY goal ORDER BY position)) AS s
                  WHERE  off <> 0 OR (before, leads) = ('lagging', 'leading')$$,
                'the early ones in front');
SELECT is_empty('SELECT goal, indicator
                 FROM   kpi.suggestions AS s JOIN kpi.indicators USING (indicator)
                 WHERE  direction IS NULL', 'of each it is known whether more or less is better');
SELECT is_empty($$SELECT why FROM kpi.suggestions WHERE why !~ '^[a-z].*[^.]$'$$,
                'and why it is one');
SELECT results_eq($$SELECT indicator, name, leads FROM suggest('team') LIMIT 2$$,
    $$VALUES ('communication', 'Internal communication', 'leading'),
             ('internal_response_hours_median', 'Internal response time, median', 'leading')$$,
    'suggest() lists them');
SELECT is_empty($$SELECT indicator FROM suggest('sales')
                  WHERE available IS NOT NULL OR missing IS NULL$$,
                'without a model it is not known whether it has them, but what they need');
SELECT results_eq($$SELECT indicator, available, missing FROM suggest('sales', 'shop')
                    WHERE indicator IN ('visits', 'net_sales') ORDER BY 1$$,
    $$VALUES ('net_sales', false, 'build the model'),
             ('visits', false, 'needs visits.visit_id')$$,
    'of a model that is not built it says which could be built');
SELECT FROM build('shop', 'UTC', as_of => '2025-03-10');
SELECT results_eq($$SELECT indicator, available, missing FROM suggest('sales', 'shop')
                    WHERE indicator IN ('visits', 'net_sales') ORDER BY 1$$,
    $$VALUES ('net_sales', true, NULL), ('visits', false, 'needs visits.visit_id')$$,
    'of one that is, which it has');
CREATE TABLE shop.visits (visit_id bigint, started_at timestamptz, converted boolean);
CREATE TABLE shop.survey (answered_at timestamptz, instrument text, score integer);
CREATE TABLE shop."Delivery" (order_id bigint);
SELECT results_eq($$SELECT object, action, reason FROM build('shop', 'UTC', as_of => '2025-03-10')
                    WHERE action = 'not read' ORDER BY 1$$,
    $$VALUES ('relation Delivery', 'not read', 'sources have other names, perhaps it is deliveries:'
              ' ALTER TABLE shop."Delivery" RENAME TO deliveries'),
             ('relation survey', 'not read',
              'sources have other names, perhaps it is surveys: ALTER TABLE shop.survey RENAME TO '
              'surveys')$$, 'build says which source a relation might be that it does not read');
SELECT results_eq($$SELECT indicator, available, missing FROM suggest('sales', 'shop')
                    WHERE indicator IN ('visits', 'conversion_rate', 'aov') ORDER BY 1$$,
    $$VALUES ('aov', true, NULL), ('conversion_rate', false, 'no data yet'),
             ('visits', false, 'no data yet')$$, 'a source without rows is no data yet');
SELECT is_empty($$SELECT s.goal, t.indicator
                  FROM   (SELECT DISTINCT goal FROM kpi.suggestions) AS s,
                         suggest(goal, 'shop') AS t
                  WHERE  available = (missing IS NOT NULL)$$,
                'something is missing of those it has not, and of no other');

-- What no catalog can have is measured elsewhere, and defined.
SELECT set_eq('SELECT indicator FROM kpi.suggestions WHERE own_name IS NOT NULL',
              'SELECT indicator FROM kpi.suggestions
               EXCEPT SELECT indicator FROM kpi.indicators',
              'what the catalog has not is to be defined');
CREATE TABLE shop.measures (measure text, measured_on date, amount numeric, of numeric);
CREATE FUNCTION share_of_market() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(', ', name, available, missing) FROM suggest('market_share', 'shop')
    WHERE  indicator = 'market_share'
$$;
SELECT is(share_of_market(),
          'Market share, f, needs rows of the source measures, with amount and of, and SELECT * '
          'FROM kpi.define(''shop'', ''market_share'', ''measure(''''market_share'''')'', '
          '''Market share'', ''share'', ''up'')',
          'market share is one of them');
SELECT substring(share_of_market() FROM 'SELECT .*') AS define \gset
SELECT results_eq('SELECT object, action FROM (' || :'define' || ') AS d LIMIT 1',
                  $$VALUES ('indicator market_share', 'defined')$$, 'which is so defined');
SELECT is(share_of_market(), 'Market share, f, no data yet', 'and has no data yet');
INSERT INTO shop.measures VALUES ('market_share', '2025-02-01', 2, 100);
SELECT is(share_of_market(), 'Market share, t', 'until it is measured');
SELECT is(missing, 'needs rows of the source measures, with amount and of, and SELECT * FROM '
                   'kpi.define(<model>, ''brand_awareness'', '
                   '''measure(''''brand_awareness'''')'', ''Brand awareness'', ''share'', ''up'')',
          'so is brand awareness')
FROM   suggest('brand') WHERE indicator = 'brand_awareness';

SELECT throws_ok($$SELECT suggest('world domination')$$, '22023',
                 'unknown goal "world domination"', 'other goals are an error');
SELECT throws_ok('SELECT suggest(NULL)', '22023', NULL, 'as is none');
SELECT throws_ok($$SELECT suggest('sales', 'nowhere')$$, '3F000', NULL, 'and a model there is not');

SELECT * FROM finish();
ROLLBACK;
