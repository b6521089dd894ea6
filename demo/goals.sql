-- What the shop wants to reach, how it stands, and a report. Run by demo.sql after questions.sql.

\warn 'kpi: setting goals ...'
SELECT count(*) AS made FROM kpi.goals('shop') WHERE action = 'created' \gset
\qecho 'kpi.goals made' :made 'tables and views. Goals and their owners are SIMULATED.'
\qecho

INSERT INTO shop.objectives (objective, title, owner) VALUES
    ('christmas', 'Sell more before Christmas than ever', 'Ann'),
    ('gladness',  'Customers who are glad and come back', 'Bo'),
    ('name',      'A shop that people have heard of', 'Cy');
INSERT INTO shop.targets (objective, kpi, dimension, member, target, grain, starts, ends, baseline,
                          path, owner) VALUES
    ('christmas', 'net_sales', NULL, NULL, 900000, 'month', '2011-09-01', '2011-11-30', 700000,
     'linear', 'Ann'),
    ('christmas', 'orders', NULL, NULL, 1500, 'month', '2011-07-01', '2012-06-30', NULL, 'flat',
     'Ann'),
    ('christmas', 'net_sales', 'country', 'Germany', 40000, 'month', '2011-07-01', '2012-06-30',
     NULL, 'flat', 'Cy'),
    ('christmas', 'conversion_rate', NULL, NULL, 0.034, 'month', '2011-12-01', '2012-06-30', NULL,
     'flat', 'Cy'),
    ('gladness', 'nps', NULL, NULL, 30, 'month', '2011-07-01', '2012-06-30', NULL, 'flat', 'Bo'),
    ('gladness', 'on_time_delivery_rate', NULL, NULL, 0.9, 'month', '2011-07-01', '2012-06-30',
     NULL, 'flat', 'Di'),
    ('gladness', 'first_response_hours', NULL, NULL, 2, 'month', '2011-07-01', '2012-06-30', NULL,
     'flat', 'Di'),
    ('gladness', 'repeat_purchase_rate', NULL, NULL, 0.25, 'month', '2011-07-01', '2012-06-30',
     NULL, 'flat', 'Bo'),
    ('name', 'brand_awareness', NULL, NULL, 0.3, 'month', '2011-01-01', '2011-12-31', 0.16,
     'linear', 'Cy');

-- Many will look at it, so that what days add up to is kept from now on; kpi.refresh('shop')
-- computes it anew. What stands on the views is in the way, and made again.
SELECT left(built_by, -1) || ', storage => ''materialized'')' AS build
FROM   shop.kpi_settings \gset
\warn 'kpi: building the model again, materialized ...'
DROP MATERIALIZED VIEW monthly, recent_values;
SELECT count(*) FROM (:build) AS b \g /dev/null
ANALYZE;
\ir kept.sql

-- SIMULATED, too, is that it was recorded a month ago how they stood. evaluate() goes on from
-- there, and tells what has changed.
\warn 'kpi: looking how targets stand ...'
INSERT INTO shop.statuses (target_id, period, evaluated_at, value, sample_size, status)
SELECT target_id, period, '2011-11-08 06:00 Europe/London', value, sample_size, status
FROM   shop.scorecard_history WHERE period = '2011-10-01';

\pset title 'What has changed since a month ago, and why'
SELECT c.kpi, c.owner, c.period, c.old, c.new, c.why FROM evaluate('shop') AS c WHERE old <> new;

\pset title 'The scorecard: of each target the last month that is over, and the running one'
SELECT owner, kpi || coalesce(' of ' || member, '') AS target, to_char(period, 'YYYY-MM') AS month,
       round(value::numeric, 3) AS value, round(asked::numeric, 3) AS asked, status
FROM   shop.scorecard ORDER BY target_id, period;

\pset title 'Why net sales rose in November'
SELECT part, member, round(before::numeric, 2) AS before, round(after::numeric, 2) AS after,
       round(effect::numeric, 2) AS effect
FROM   explain('shop', 'net_sales', 'month', '2011-11-01');

\warn 'kpi: writing the report ...'
\pset title
\pset tuples_only on
\pset format unaligned
\o kpi-report.html
SELECT report('shop', title => 'The demo shop');
\o
\pset format aligned
\pset tuples_only off
\qecho 'The report, with charts, is in kpi-report.html, for any browser: half of it is SIMULATED.'
\qecho
