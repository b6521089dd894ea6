-- A real shop's year of orders, and all its KPIs: from its tables to a dashboard, in the order in
-- which one would do it. Run from the top of a checkout, in an empty database:
--
--     psql -X -q -f demo/demo.sql

\set ON_ERROR_STOP on
\encoding UTF8
\pset pager off
\pset footer off
\pset border 2
\pset linestyle unicode
\pset null –
\pset numericlocale on

-- Everything the extension brings is in the schema kpi: name it in the search path, or write
-- kpi.build(...).
CREATE EXTENSION kpi;
SET search_path = public, kpi;

-- Times are shown as the shop's clock shows them. The views do not need this: they know their time
-- zone.
SET timezone = 'Europe/London';

-- Queries on the views are long but light: compiling them takes longer than running them.
SET jit = off;

\qecho
\qecho '1. The shop'
\qecho
\qecho 'Real: Online Retail, every invoice line of a British online gift shop, 1 December 2010 to 9'
\qecho 'December 2011.'
\qecho 'Chen, D., Sain, S.L., Guo, K. (2012), Online Retail, UCI Machine Learning Repository,'
\qecho 'https://doi.org/10.24432/C5BW33, CC BY 4.0. Changed: the description column is dropped,'
\qecho 'columns reordered.'
\qecho
\qecho 'SIMULATED, as the file has orders only: visits, carts, deliveries, surveys, stock,'
\qecho 'requests, projects, marketing, a panel, and the cost and tax of what was sold. They fit the'
\qecho 'orders, but say nothing about this shop. They are in a schema of their own, simulated, and'
\qecho 'marked with ° wherever they are shown.'
\qecho

\ir load.sql
\ir simulation.sql

\pset title 'What is in the tables'
SELECT name AS "table", rows, meaning AS "what it holds"
FROM   (VALUES ( 1, 'line',                 (SELECT count(*) FROM line), 'real: the file'),
               ( 2, 'placed_order',         (SELECT count(*) FROM placed_order),
                 'real: what was bought together'),
               ( 3, 'refund',               (SELECT count(*) FROM refund),
                 'real: what was given back'),
               ( 4, 'simulated.visit',      (SELECT count(*) FROM simulated.visit),
                 'SIMULATED: visits to the shop, with an order or not'),
               ( 5, 'simulated.event',      (SELECT count(*) FROM simulated.event),
                 'SIMULATED: what was done in them'),
               ( 6, 'simulated.cart',       (SELECT count(*) FROM simulated.cart),
                 'SIMULATED: carts, ordered or not'),
               ( 7, 'simulated.delivery',   (SELECT count(*) FROM simulated.delivery),
                 'SIMULATED: when orders were shipped and arrived'),
               ( 8, 'simulated.answer',     (SELECT count(*) FROM simulated.answer),
                 'SIMULATED: surveys among customers and employees'),
               ( 9, 'simulated.stock_move', (SELECT count(*) FROM simulated.stock_move),
                 'SIMULATED: goods into and out of the warehouse'),
               (10, 'simulated.request',    (SELECT count(*) FROM simulated.request),
                'SIMULATED: questions to support, and between employees'),
               (11, 'simulated.project',    (SELECT count(*) FROM simulated.project),
                'SIMULATED: projects of the teams'),
               (12, 'simulated.spend',      (SELECT count(*) FROM simulated.spend),
                'SIMULATED: what marketing cost'),
               (13, 'simulated.panel',      (SELECT count(*) FROM simulated.panel),
                'SIMULATED: how many of those who were asked know the shop'),
               (14, 'simulated.exchange',   (SELECT count(*) FROM simulated.exchange),
                'SIMULATED: articles exchanged for others of the same price'))
       AS t (n, name, rows, meaning)
ORDER  BY n;

\qecho
\qecho '2. The model: views in demo/model.sql say what is what, then one call builds all KPIs'
\qecho

\ir model.sql

\qecho '3. The dashboard: demo/dashboard.sql, ordinary queries on the views that were built'
\qecho

\ir dashboard.sql

\qecho '4. Questions no view answers: demo/questions.sql, all about the real orders'
\qecho

\ir questions.sql

\qecho '5. Goals: demo/goals.sql, targets and how they stand, and a report of all of it'
\qecho

\ir goals.sql

\qecho 'Where to go next: README.md says how to do this with tables of your own.'
\qecho 'To ask this shop more:  make demo-up'
\qecho
