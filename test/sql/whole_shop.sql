\set ECHO none
\i test/setup.psql
SELECT no_plan();

-- docs/whole-shop.md from top to bottom, over the tables of a shop and six tools.
\i test/presets/spree_rows.psql
\i test/presets/umami_rows.psql
\i test/presets/chatwoot_rows.psql
\i test/presets/zammad_rows.psql
\i test/presets/formbricks_rows.psql
\i test/presets/openproject_rows.psql
\i test/presets/mattermost_rows.psql
SET LOCAL search_path = public;
-- A shop writes when it changed an order, which is not before it was placed.
UPDATE spree.spree_orders SET updated_at = greatest(updated_at, created_at, completed_at);

\! rm -rf results/whole_shop; mkdir -p results/whole_shop
\cd results/whole_shop
\! awk -f ../../test/page.awk ../../docs/whole-shop.md >page.psql
\i page.psql
\cd ../..

-- What the page comes to.
SELECT set_eq('SELECT unnest(sources) FROM shop.kpi_settings',
              $$SELECT source FROM kpi.sources
                WHERE  source NOT IN ('order_changes', 'measures')$$,
              'every source is read, but what Spree cannot tell, and measures of a shop''s own');
SELECT set_eq($$SELECT DISTINCT kpi FROM shop.kpi_values WHERE value IS NOT NULL$$,
              $$SELECT indicator
                FROM   kpi.catalog
                WHERE  indicator NOT IN ('changed_sales', 'net_sales_growth_year',
                                         'orders_growth_year')$$,
              'every indicator has a value, but three');
\set page `cat docs/whole-shop.md`
SELECT is(count(DISTINCT kpi), substring(:'page', 'there are (\d+) indicators')::bigint,
          'as many as the page says')
FROM   shop.kpi_values WHERE value IS NOT NULL;
SELECT is_empty($$SELECT kpi, why FROM shop.scorecard
                  WHERE  value IS NULL AND complete OR why IS NULL OR status IS NULL$$,
                'the scorecard knows of each target what it is and how it stands');
\set report `cat results/whole_shop/report.html`
SELECT ok(:'report' LIKE '<!DOCTYPE html>%</html>' AND :'report' NOT LIKE '%<!DOCTYPE%<!DOCTYPE%',
          'the report is one document');
SELECT is_empty(format('SELECT title FROM shop.objectives WHERE strpos(%L, title) = 0', :'report'),
                'which names the objectives');

-- What the page says of the tools alone.
DROP SCHEMA shop CASCADE;
SELECT FROM unnest('{spree,umami,chatwoot,zammad,formbricks,openproject,mattermost}'::text[])
                AS t (tool), kpi.preset(t.tool, t.tool, 'tools');
SELECT FROM kpi.build('tools', 'Europe/Berlin', 'EUR', '{country,system}',
                      storage => 'materialized', as_of => '2025-03-15 12:00Z');
SELECT set_eq(format($$SELECT m[1]
                       FROM   string_to_table(%L, E'\n') AS l (line),
                              regexp_matches(split_part(line, '|', 2), '`(\w+)`', 'g') AS m$$,
                     substring(:'page', '\n\| without a value.*?\n\n')),
              $$SELECT indicator FROM kpi.catalog
                EXCEPT SELECT kpi FROM tools.kpi_values WHERE value IS NOT NULL$$,
              'the page says of each indicator that the tools do not tell why, and what tells it');

-- Spree 6, and an order of a year before.
DROP SCHEMA tools CASCADE;
ALTER TABLE spree.spree_shipments ADD delivered_at timestamp;
INSERT INTO spree.spree_orders (id, number, state, created_at, completed_at, item_total)
VALUES (11, 'R11', 'complete', '2024-02-10 08:00', '2024-02-10 09:00', 35);
SELECT FROM kpi.preset('spree', 'spree', 'six');
SELECT FROM kpi.build('six', 'Europe/Berlin', 'EUR', storage => 'materialized',
                      as_of => '2025-03-15 12:00Z');
SELECT results_eq($$SELECT net_sales_growth_year, orders_growth_year
                    FROM   six.kpi_month WHERE period = '2025-02-01'$$,
                  'VALUES (1::float8, 2::float8)',
                  'where there is a year before there is growth against it');
SELECT is(count(*), 5::bigint, 'with Spree 6 there are five indicators more')
FROM   pg_attribute
WHERE  attrelid = 'six.kpi_month'::regclass
AND    attname IN ('deliveries', 'undelivered', 'fulfilment_days', 'fulfilment_days_median',
                   'fulfilment_days_p90');

SELECT * FROM finish();
ROLLBACK;
