\set ECHO none
\i test/setup.psql
SELECT plan(63);

-- What other tools are told of a model. They pool sums, so what they are given must come to what
-- the views show, over any period and member.

\i test/shop.psql

SELECT throws_ok(call, state, message, rule)
FROM   (VALUES
    ($$SELECT cube('nowhere')$$,       '3F000', 'schema "nowhere" does not exist',
     'a data model is of a model'),
    ($$SELECT metricflow('nowhere')$$, '3F000', 'schema "nowhere" does not exist',
     'metrics are of a model'),
    ($$SELECT parts('public')$$,       '55000', 'model "public" has not been built',
     'a data model is of a model that is built'),
    ($$SELECT cube('public')$$,        '55000', 'model "public" has not been built',
     'the model of a data model for Cube is built'),
    ($$SELECT metricflow('public')$$,  '55000', 'model "public" has not been built',
     'the model of metrics for MetricFlow is built')
) AS t (call, state, message, rule);


-- What is pooled.
SELECT set_eq($$SELECT indicator FROM export_metrics('shop')$$,
              $$SELECT indicator FROM indicators_of('shop')
                WHERE  indicator <> 'new_to_member'$$,
              'every indicator of a model is exported');
SELECT results_eq($$SELECT reason, array_agg(indicator ORDER BY position)
                    FROM   export_metrics('shop') WHERE formula IS NULL GROUP BY reason
                    ORDER  BY min(position)$$,
                  $$VALUES ('compares two periods',
                            '{net_sales_growth,net_sales_growth_year,
                              orders_growth,orders_growth_year}'::text[]),
                           ('tells who bought or visited in a period, and somebody can be in '
                            'several',
                            '{sales_per_customer,visitors,visitor_conversion_rate,customers,
                              returning_customers,returning_customer_rate,
                              repeat_purchase_rate,retention_rate,guest_orders}'),
                           ('is about stock, which does not add up over time',
                            '{inventory_turnover,average_inventory,days_of_inventory,
                              sell_through_rate}'),
                           ('is a percentile, which is not made of those of parts',
                            '{fulfilment_days_median,fulfilment_days_p90,shipping_days,
                              first_response_hours_median,first_response_hours_p90,
                              resolution_hours_median,resolution_hours_p90,
                              internal_response_hours_median,internal_response_hours_p90,
                              project_slip_days_median}')$$,
                  'what does not add up is not pooled, for a reason');
SELECT is(formula, '{visits_converted_successes} / nullif({visits_converted_trials}, 0)::numeric',
          'a rate is made of its successes and trials')
FROM   export_metrics('shop') WHERE indicator = 'conversion_rate';
SELECT is(formula, '({orders_net_sales_total} + coalesce({order_changes_net_sales_total}, 0)) / '
                   'nullif({orders_net_sales_sample_size}, 0)::numeric',
          'what is made of several sources is made of the parts of each')
FROM   export_metrics('shop') WHERE indicator = 'aov';
SELECT is(formula,
          '100 * ({surveys_nps_promoters} - {surveys_nps_detractors}) / '
          'nullif({surveys_nps_responses}, 0)::numeric',
          'a score is made of promoters, detractors and responses')
FROM   export_metrics('shop') WHERE indicator = 'nps';
SELECT is(formula,
          '({deliveries_delivered_seconds}'
          ' / nullif({deliveries_delivered_sample_size}, 0)::numeric) / 86400::numeric',
          'a mean time is made of all time and the number of what took it')
FROM   export_metrics('shop') WHERE indicator = 'fulfilment_days';
SELECT set_eq($$SELECT r[1]
                FROM   export_metrics('shop'), regexp_matches(formula, '\{(\w+)\}', 'g') AS r$$,
              $$SELECT name FROM export_parts('shop')$$,
              'what formulas are made of is in the parts');
SELECT is_empty($$SELECT name
                  FROM   export_parts('shop') GROUP BY name
                  HAVING count(DISTINCT (expression, type, agg)) > 1$$,
                'a part has one meaning in all formulas');

-- Every indicator that is pooled, computed from the parts of its days as such tools do, beside what
-- the views show. A member without rows is none for the tools, where the views show zeros.
CREATE TABLE pooled (
    model text, dimension text, member text, grain text, period date, indicator text, unit text,
    found boolean, pooled float8, shown float8);
CREATE FUNCTION pool(model text, dimensions text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    metric    record;
    dimension text;
    named     text;
BEGIN
    EXECUTE format('CREATE TABLE part AS %s', parts(model));
    EXECUTE format('CREATE TABLE told AS
                    SELECT v.*, p.until
                    FROM   %1$I.kpi_values AS v
                           JOIN %1$I.kpi_periods AS p USING (grain, period)
                    WHERE  v.grain <> ''day''', model);
    ANALYZE part, told;
    FOREACH dimension IN ARRAY NULL::text || dimensions LOOP
        named := (SELECT m.name FROM export_members(dimensions) AS m (n, of_model, name)
                  WHERE  m.of_model = dimension);
        FOR metric IN
            SELECT m.indicator, regexp_replace(regexp_replace(
                       m.formula, '\{(\w+_distinct_\w+)\}', 'count(DISTINCT t.\1)', 'g'),
                       '\{(\w+)\}', 'sum(t.\1)', 'g') AS formula
            FROM   export_metrics(model) AS m
            WHERE  m.formula IS NOT NULL
        LOOP
            EXECUTE format('INSERT INTO pooled
                            SELECT %1$L, %2$L, v.member, v.grain, v.period, v.kpi, v.unit, t.found,
                                   t.pooled, v.value
                            FROM   told AS v
                                   CROSS JOIN LATERAL (
                                       SELECT count(*) > 0 AS found, %4$s AS pooled
                                       FROM   part AS t
                                       WHERE  t.period >= v.period AND t.period < v.until
                                       AND    %5$s) AS t
                            WHERE  v.kpi = %3$L AND v.dimension IS NOT DISTINCT FROM %2$L',
                           model, dimension, metric.indicator, metric.formula,
                           coalesce('t.' || named || ' = v.member', 'true'));
        END LOOP;
    END LOOP;
    DROP TABLE part, told;
END $$;
CREATE VIEW differs AS     -- the views show money and quantities with four decimals
SELECT * FROM pooled
WHERE  CASE WHEN NOT found THEN shown <> 0
            WHEN num_nulls(pooled, shown) = 0
            THEN abs(pooled - shown) > CASE WHEN unit IN ('money', 'quantity') THEN 0.000051
                                            ELSE 1e-9 * greatest(abs(shown), 1) END
            ELSE num_nulls(pooled, shown) = 1 END;

SELECT FROM pool('shop', '{country,channel}');
SELECT is_empty('SELECT * FROM differs LIMIT 5',
                'pooled from the parts of its days, each indicator is what the views show');
SELECT set_eq($$SELECT indicator
                FROM   pooled WHERE dimension IS NULL AND grain = 'quarter' AND shown <> 0$$,
              $$SELECT indicator
                FROM   export_metrics('shop')
                WHERE  formula IS NOT NULL AND indicator <> 'open_carts'$$,
              'every indicator that can be pooled was compared with its view');
SELECT ok(count(*) FILTER (WHERE dimension = 'country' AND found AND shown <> 0) > 300
          AND count(*) FILTER (WHERE dimension = 'channel' AND found AND shown <> 0) > 100,
          'pooled by members of dimensions, each indicator is what the views show')
FROM   pooled;

-- The same of a model whose days are stored, and of other formulas: stock that is counted, orders
-- whose returns count on their day, cost and units that lines know.
CREATE SCHEMA counted;
CREATE VIEW counted.orders AS
SELECT order_id, ordered_at, net_sales, cost, country AS "Land" FROM shop.orders;
CREATE VIEW counted.returns AS SELECT * FROM shop.returns;
CREATE VIEW counted.stock_levels AS SELECT *, 'DE' AS "Land" FROM shop.stock_levels;
SELECT FROM build('counted', 'America/New_York', dimensions => '{Land}', storage => 'materialized',
                  refunds_by => 'order', week_start => 7, fiscal_year_start => 2,
                  as_of => '2025-04-02');
CREATE SCHEMA lines;
CREATE VIEW lines.orders AS SELECT order_id, ordered_at FROM shop.orders;
CREATE VIEW lines.order_lines AS SELECT * FROM shop.order_lines;
CREATE VIEW lines.returns AS SELECT * FROM shop.returns;
CREATE VIEW lines.stock_levels AS SELECT * FROM shop.stock_levels;
SELECT FROM build('lines', 'UTC', as_of => '2025-04-02');
SELECT FROM pool('counted', '{Land}');
SELECT FROM pool('lines');
SELECT is_empty('SELECT * FROM differs LIMIT 5',
                'pooled by other formulas, each indicator is what the views show');
SELECT set_eq($$SELECT indicator
                FROM   pooled
                WHERE  model = 'lines' AND shown > 0 AND indicator ~ 'inventory|units_per|margin'$$,
              $$VALUES ('inventory_turnover'), ('average_inventory'), ('units_per_order'),
                       ('gross_margin')$$,
              'stock that is counted can be pooled, over the days with a count');
SELECT ok(bool_and(pooled BETWEEN 0.01 AND 0.99),
          'an order counts once, however often something of it comes back')
FROM   pooled
WHERE  model = 'counted' AND indicator = 'return_rate' AND grain = 'year' AND dimension IS NULL;

-- What build() would make of the sources by now, and the views are not, cannot be told.
CREATE SCHEMA older;
CREATE VIEW older.orders AS SELECT order_id, ordered_at, net_sales FROM shop.orders;
SELECT FROM build('older', 'UTC');
CREATE VIEW older.returns AS SELECT * FROM shop.returns;
SELECT throws_ok($$SELECT parts('older')$$, '55000', 'model "older" has to be built again',
                 'a source that was added is to be built first');
DROP VIEW older.returns;
SELECT lives_ok($$SELECT parts('older')$$,
                'without the added source, the model is told as it was built');
SELECT is(formula, '{orders_net_sales_total} / nullif({orders_net_sales_sample_size}, 0)::numeric',
          'an average is made of a total and a number')
FROM   export_metrics('older') WHERE indicator = 'aov';
DROP VIEW older.kpi_day CASCADE;
SELECT throws_ok(format('SELECT %s(''older'')', f), '55000', 'model "older" has to be built again',
                 'a model whose views were dropped is to be built again: ' || f)
FROM   unnest('{parts,cube,metricflow}'::text[]) AS f;

-- A model that starts later has no earlier days, one without indicators no parts.
SELECT FROM build('lines', 'UTC', since => '2025-02-20', as_of => '2025-04-02');
SELECT is(count(*), 5::bigint, 'parts start with the first period')
FROM   regexp_matches(parts('lines'),
                      'WHERE day >= \(SELECT min\(period\) FROM lines\.kpi_periods WHERE grain',
                      'g');
CREATE SCHEMA silent;
CREATE TABLE silent.events (visitor_id int, occurred_at timestamptz, step int);
SELECT FROM build('silent', 'UTC');
SELECT is(parts('silent'), NULL, 'without indicators there are no parts');
SELECT doesnt_match(cube('silent'), 'cube\(`', 'without indicators there is no cube');
SELECT doesnt_match(metricflow('silent'), 'metrics:', 'without indicators there are no metrics');


-- What is written.
SELECT matches(cube('shop'), '^// .*\ncube\(`shop`, \{.*\ncube\(`shop_periods`, \{',
               'a model is two cubes: what is pooled, and what is of one period');
SELECT ok(cube('shop') LIKE
          '%    conversion\_rate: { title: "Conversion rate", type: `number`, '
          'sql: `100 * (${visits_converted_successes} '
          '/ nullif(${visits_converted_trials}, 0)::numeric)`, format: `percent`, '
          'meta: {"unit":"share","direction":"up"},%',
          'a share is calculated from its parts, and shown in percent');
SELECT ok(cube('shop') LIKE
          '%    aov: { title: "Average order value (EUR)", type: `number`, %, format: `currency`, '
          'meta: {"unit":"money","currency":"EUR","direction":"up"},%',
          'money has its currency');
SELECT ok(cube('shop') LIKE
          '%    visits\_converted\_trials: { type: `sum`, sql: `${CUBE}.visits_converted_trials`, '
          'description: "Part of Conversion rate." },%',
          'a part is a sum');
SELECT ok(cube('shop') LIKE '%    returned\_orders\_distinct\_orders: { type: `countDistinct`, %',
          'a part can be a number of different ones');
SELECT ok(cube('shop') LIKE
          '%    customers: { title: "Customers", type: `number`, '
          'sql: `CASE WHEN count(*) = 1 THEN min(${CUBE}.customers) END`, %',
          'what cannot be pooled is nothing for several periods');
SELECT ok(metricflow('shop') LIKE '%
  - name: conversion_rate
    label: "Conversion rate"
    description: "Of the visits, those that ended in an order."
%
    type: ratio
    type_params:
      numerator:
        name: visits_converted_successes
      denominator:
        name: visits_converted_trials
%', 'in MetricFlow a rate is a ratio');

-- Names are names, whatever they contain.
CREATE SCHEMA "a'b`${c}\d""";
CREATE TABLE "a'b`${c}\d""".orders AS
SELECT order_id, ordered_at, net_sales, country AS "co`l\${u}""m'n" FROM shop.orders;
SELECT FROM build('a''b`${c}\d"', 'UTC', dimensions => ARRAY['co`l\${u}"m''n'],
                  as_of => '2025-04-02');
SELECT FROM pool('a''b`${c}\d"', ARRAY['co`l\${u}"m''n']);
SELECT is_empty('SELECT * FROM differs LIMIT 5', 'what has an odd name is pooled like any other');
SELECT ok(cube('a''b`${c}\d"') LIKE
          E'%\ncube(`model`, {\n  title: "a''b`${c}\\\\\\\\d\\\\"",%'
          'FROM "a''b\\\\`\\\\${c}\\\\\\\\d""".kpi_daily_orders%'
          '    dimension_1: { title: "co`l\\\\\\\\${u}\\\\"m''n", %',
          'an odd name is quoted as the tool does, under a name it takes');
SELECT results_eq($$SELECT name
                    FROM   export_members('{country,month,metric_time,a,a__b,day_of_week}')$$,
                  $$VALUES ('country'), ('dimension_2'), ('dimension_3'), ('dimension_4'),
                           ('dimension_5'), ('day_of_week')$$,
                  'a dimension with the name of a grain gets another, as MetricFlow has its own');
CREATE SCHEMA clash;
CREATE VIEW clash.orders AS
SELECT order_id, ordered_at, net_sales, country AS orders_net_sales_total, channel AS dimension_1
FROM   shop.orders;
SELECT FROM build('clash', 'UTC', dimensions => '{orders_net_sales_total,dimension_1}',
                  as_of => '2025-04-02');
SELECT lives_ok(parts('clash'), 'so does one with the name of a part');
SELECT FROM pool('clash', '{orders_net_sales_total,dimension_1}');
SELECT is_empty('SELECT * FROM differs LIMIT 5', 'which is pooled like any other');
SELECT cmp_ok(max(length(name)), '<=', 63 - length('__') - 22,
              'in Cube''s SQL, names of the longest model and part are one')
FROM   export_parts('shop');
SELECT cmp_ok(max(length(indicator)), '<=', 63 - length('_periods__') - 22,
              'in Cube''s SQL, names of the longest model and indicator are one')
FROM   indicators;
SELECT is(export_name(repeat('x', 23), 22, 'model'), 'model',
          'no model has a longer name than Cube''s SQL takes');


-- Tools that read the views themselves see numbers, text, dates and booleans, and what they mean.
CREATE VIEW shown AS
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attrelid, a.attnum
FROM   pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE  c.relnamespace = 'shop'::regnamespace
AND    (c.relname ~ '^kpi_(day|week|month|quarter|half|year|all)(_by_.+)?$'
        OR c.relname IN ('kpi_values', 'kpi_periods', 'cohort_retention', 'cohort_sales',
                         'funnel_steps', 'funnel_times', 'signals'));
SELECT is_empty($$SELECT relname, attname, type
                  FROM   shown
                  WHERE  attname !~ '_sample$'
                  AND    type NOT IN ('bigint', 'integer', 'double precision', 'numeric(20,4)',
                                      'text', 'date', 'boolean')$$,
                'columns have the types that every client knows');
SELECT is_empty($$SELECT v.name, attname
                  FROM   found_views('shop') AS v
                         JOIN pg_attribute ON attrelid = v.relation AND attnum > 0
                  WHERE coalesce(col_description(attrelid, attnum), '') !~ '^\S.{4,}\S$'$$,
                'every column says what it means, those of the views behind as well');
SELECT is(col_description(format('shop.%s', v)::regclass,
                          (SELECT attnum
                           FROM   pg_attribute
                           WHERE  attrelid = format('shop.%s', v)::regclass AND attname = c)),
          meaning, rule)
FROM   (VALUES ('kpi_month', 'aov',
                'Average order value: Net sales before refunds for each order; what changes of '
                'orders added in the period is in it. (EUR)',
                'the comment of an indicator is its meaning'),
               ('kpi_month', 'aov_sample',
                'Average order value with its sample, to be pooled with rollup().',
                'the comment of a sample names its indicator'),
               ('cohort_retention', 'customers', 'how many of them bought in this period',
                'a column with the name of an indicator in another view has its own comment'),
               ('kpi_daily_orders', 'units', 'Part of Unit return rate, Units, Units per order.',
                'the comment of a part names the indicators it is of'),
               ('kpi_orders', 'tax', 'tax charged on top',
                'the comment of a column of a source is that of the source'))
       AS t (v, c, meaning, rule);
SELECT set_eq('SELECT DISTINCT relname::text FROM shown',
              $$SELECT 'kpi_' || g || coalesce('_by_' || d, '')
                FROM   unnest('{day,week,month,quarter,half,year,all}'::text[]) AS g,
                     unnest('{NULL,country,channel}'::text[]) AS d
UNION ALL SELECT unnest('{kpi_values,kpi_periods,cohort_retention,cohort_sales,
                          funnel_steps,funnel_times,signals}'::text[])$$,
              'these are the views that tools chart');


-- The queries that are there to be pasted, as they are.
\set panels `cat docs/panels.sql`
SELECT isnt_empty(p[2], p[1])
FROM   regexp_matches(:'panels', '\n-- (\S[^\n]*):[^\n]*\n([^;]+);', 'g') AS p;

SELECT * FROM finish();
ROLLBACK;
