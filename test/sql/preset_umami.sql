\set ECHO none
\i test/setup.psql
SELECT plan(16);

\i test/presets/umami_rows.psql

SELECT results_eq($$SELECT shop, usable, sources FROM detect('umami')$$,
                  $$VALUES ('umami', true, '{visits,events}'::text[])$$,
                  'the tables of Umami are recognised, and all its sources can be made of them');
-- The shop's own orders: those of Anna and Bert, and the one that a server told of.
CREATE SCHEMA model;
CREATE VIEW model.orders AS
SELECT *
FROM   (VALUES (1, timestamptz '2025-01-31 23:45 UTC', 'anna@example.org', 60, 'DE'),
               (2, '2025-02-12 10:09 UTC', 'bert@example.org', 30, 'AT'))
       AS o (order_id, ordered_at, customer_id, net_sales, country);
SELECT FROM preset('umami', 'umami', 'model');
SELECT FROM build('model', 'Europe/Berlin', 'EUR', '{website,country}',
                  as_of => '2025-03-15 12:00 UTC');
SELECT results_eq('SELECT visit_id, visitor_id, converted, cart_added, checkout_started, website
                   FROM   model.visits ORDER BY visit_id',
                  $$VALUES (id(1), 'anna@example.org', true, true, true, 'shop.example'),
                           (id(2), 'anna@example.org', false, false, false, 'shop.example'),
                           (id(3), 'bert@example.org', false, false, true, 'shop.example'),
                           (id(4), 'bert@example.org', true, false, true, 'shop.example'),
                           (id(5), id(30)::text, false, false, false, 'shop.example'),
                           (id(6), id(40)::text, NULL, NULL, NULL, 'Blog'),
                           (id(14), id(30)::text, false, false, false, 'shop.example')$$,
                  'a visit has a page seen by no crawler on a website that is there; sessions are '
                  'visitors, persons where they are identified');
SELECT results_eq('SELECT started_at, country, device, utm_source, referrer
                   FROM   model.visits WHERE visit_id = id(1)',
                  $$VALUES (timestamptz '2025-01-31 23:30 UTC', 'DE', 'laptop',
                            'news', 'mail.example')$$,
                  'a visit came from where its first page was come to from');
SELECT results_eq('SELECT period, visits, conversion_rate, conversion_rate_sample::text, visitors,
                          visitor_conversion_rate
                   FROM   model.kpi_month WHERE period >= ''2025-01-01'' AND visits > 0
                   ORDER  BY period',
                  $$VALUES (date '2025-02-01', 6::bigint, 0.4::float8, '2/5', 4::bigint,
                            0.5::float8),
                           ('2025-03-01', 1, 0, '0/1', 1, 0)$$,
                  'visits that nobody knows the end of are no trials');
SELECT results_eq('SELECT cart_rate, checkout_abandonment_rate
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (0.2::float8, 1 / 3::float8)',
                  'who ordered had begun the checkout, told or not');
SELECT results_eq('SELECT step, label, visitors, reached
                   FROM   model.funnel_steps
                   WHERE  grain = ''month'' AND period = ''2025-02-01'' ORDER BY step',
                  $$VALUES (1, 'visit', 4::bigint, 4::bigint), (2, 'cart', 4, 1),
                           (3, 'checkout', 4, 1), (4, 'order', 4, 1)$$,
                  'events are the steps of a funnel, from the visit on');
SELECT results_eq('SELECT website, visits, conversion_rate
                   FROM   model.kpi_month_by_website
                   WHERE  period = ''2025-02-01'' AND visits > 0 ORDER BY website',
                  $$VALUES ('Blog', 1::bigint, NULL::float8), ('shop.example', 5, 0.4)$$,
                  'the website is a dimension, and one that tells of no orders has no rate');
SELECT results_eq('SELECT country, visits, orders
                   FROM   model.kpi_month_by_country
                   WHERE  period = ''2025-02-01'' AND visits > 0 ORDER BY country',
                  $$VALUES ('(none)', 1::bigint, 0::bigint), ('AT', 2, 1), ('DE', 2, 1),
                           ('FR', 1, 0)$$,
                  'the country is that of the shop''s orders, too');
SELECT is(count(*), 2::bigint, 'who is identified by an address is the customer of it')
FROM   model.orders AS o
       JOIN model.visits AS v ON v.visitor_id = o.customer_id AND v.converted;
SELECT is_empty($$SELECT * FROM kpi.check('model')
                  WHERE  source IN ('visits', 'events') AND kind <> 'note'$$,
                'nothing is wrong with the visits beside the orders');

-- A shop that tells of no carts: the funnel has no such step, and nobody knows of carts.
DELETE FROM website_event WHERE event_name = 'add-to-cart';
SELECT results_eq('SELECT DISTINCT step, label FROM model.events ORDER BY step',
                  $$VALUES (1, 'visit'), (2, 'checkout'), (3, 'order')$$,
                  'a step that is never told of is none of the funnel');
SELECT is(count(cart_added), 0::bigint, 'where carts are never told of, none are known')
FROM   model.visits;

-- Umami 2 before 2.18 has no distinct_id, before 2.19 no table of revenue.
DROP SCHEMA model CASCADE;
ALTER TABLE session DROP distinct_id;
ALTER TABLE session_data DROP distinct_id;
DROP TABLE revenue;
UPDATE website_event SET event_name = 'purchase' WHERE event_name = 'Donation';
SELECT FROM preset('umami', 'umami', 'model');
SELECT results_eq('SELECT visit_id, visitor_id FROM model.visits WHERE converted ORDER BY visit_id',
                  'VALUES (id(1), id(11)::text), (id(4), id(20)::text)',
                  'an event of the usual name is an order, and sessions are the visitors');
SELECT FROM build('model', 'Europe/Berlin', as_of => '2025-03-15 12:00 UTC');
SELECT results_eq('SELECT visits, conversion_rate, visitors
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (6::bigint, 0.4::float8, 5::bigint)',
                  'who was identified in a visit is somebody else in the next one');

\set shop umami
\set whole '{events}'
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
