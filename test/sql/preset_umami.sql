\set ECHO none
\i test/setup.psql
SELECT plan(14);

-- Umami 3: its tables, as its migrations leave them, with the columns that matter and some that do
-- not. Ids are made of numbers, to be read.
CREATE SCHEMA umami;
SET LOCAL search_path = umami, public, kpi;
\i test/presets/umami.psql

INSERT INTO website (website_id, name, domain, reset_at, deleted_at) VALUES
    (id(1), 'Shop', 'shop.example', '2025-01-15', NULL), (id(2), 'Blog', NULL, NULL, NULL),
    (id(3), 'Old', 'old.example', NULL, '2025-03-01');

-- Seen on 15 March, in Berlin. In February there are 6 visits, 5 of the shop, of which 2 ended in
-- an order, by 4 visitors:
--   1  Anna, on 31 January 23:30 UTC, which is 1 February there, put something in the cart, an
--      event with revenue that is no order; then she was identified, so that the visit went on in
--      session 12, of which only session_data knows; began the checkout, and ordered. The page of
--      thanks was loaded twice.
--   2  Anna again on the 10th, in the same session, so that no country is known.
--   3  Bert on the 12th began the checkout. 4 is his next visit, an hour later: he ordered at once,
--      as an event without revenue tells, with neither cart nor checkout.
--   5  somebody on the 15th, who ordered a newsletter, and how fast the page was.
--   6  somebody on the blog, which tells of no orders: whether they did is not known.
-- No visits: 7 a crawler; 8 of a website deleted; 9 before the shop was reset; 10 a measurement
-- alone; 11 an order sent by a server; 12 a link followed, 13 a pixel. In March 14, who was in 5.
INSERT INTO session (session_id, website_id, browser, device, country, distinct_id) VALUES
    (id(11), id(1), 'chrome',    'laptop',  'DE', NULL),
    (id(20), id(1), 'firefox',   'desktop', 'AT', 'bert@example.org'),
    (id(30), id(1), 'ios',       'mobile',  'FR', ''),
    (id(40), id(2), 'chrome',    'laptop',  'DE', NULL),
    (id(50), id(1), 'searchbot', 'desktop', 'US', NULL),
    (id(60), id(3), 'chrome',    'laptop',  'DE', NULL),
    (id(70), id(1), 'chrome',    'laptop',  'DE', NULL),
    (id(80), id(1), NULL,        NULL,      NULL, 'carl@example.org'),
    (id(90), id(9), 'chrome',    'laptop',  'DE', NULL);
INSERT INTO session_data (session_data_id, website_id, session_id, data_key, string_value,
                          data_type, distinct_id) VALUES
    (id(1), id(1), id(12), 'name', 'Anna', 1, ' Anna@Example.org'),
    (id(2), id(1), id(12), 'plan', 'gold', 1, ' Anna@Example.org');
INSERT INTO website_event (event_id, website_id, session_id, visit_id, created_at, event_type,
                           event_name, utm_source, referrer_domain) VALUES
    (id(1),  id(1), id(11), id(1),  '2025-01-31 23:30', 1, NULL, 'news', 'mail.example'),
    (id(2),  id(1), id(11), id(1),  '2025-01-31 23:35', 2, 'add-to-cart', NULL, NULL),
    (id(3),  id(1), id(12), id(1),  '2025-01-31 23:40', 1, NULL, NULL, 'shop.example'),
    (id(4),  id(1), id(12), id(1),  '2025-01-31 23:41', 2, 'checkout-cart', NULL, NULL),
    (id(5),  id(1), id(12), id(1),  '2025-01-31 23:45', 2, 'Donation', NULL, NULL),
    (id(6),  id(1), id(12), id(1),  '2025-01-31 23:46', 2, 'Donation', NULL, NULL),
    (id(7),  id(1), id(12), id(2),  '2025-02-10 09:00', 1, NULL, NULL, NULL),
    (id(8),  id(1), id(20), id(3),  '2025-02-12 09:00', 1, NULL, NULL, NULL),
    (id(9),  id(1), id(20), id(3),  '2025-02-12 09:05', 2, 'begin_checkout', NULL, NULL),
    (id(10), id(1), id(20), id(4),  '2025-02-12 10:05', 1, NULL, NULL, NULL),
    (id(11), id(1), id(20), id(4),  '2025-02-12 10:09', 2, 'Order Completed', NULL, NULL),
    (id(12), id(1), id(30), id(5),  '2025-02-15 09:00', 1, NULL, NULL, NULL),
    (id(13), id(1), id(30), id(5),  '2025-02-15 09:01', 2, 'newsletter', NULL, NULL),
    (id(14), id(1), id(30), id(5),  '2025-02-15 09:02', 5, NULL, NULL, NULL),
    (id(15), id(2), id(40), id(6),  '2025-02-16 09:00', 1, NULL, NULL, NULL),
    (id(16), id(1), id(50), id(7),  '2025-02-17 09:00', 1, NULL, NULL, NULL),
    (id(17), id(3), id(60), id(8),  '2025-02-17 09:00', 1, NULL, NULL, NULL),
    (id(18), id(1), id(70), id(9),  '2025-01-10 09:00', 1, NULL, NULL, NULL),
    (id(19), id(1), id(30), id(10), '2025-02-18 09:00', 5, NULL, NULL, NULL),
    (id(20), id(1), id(80), id(11), '2025-02-20 09:00', 2, 'purchase', NULL, NULL),
    (id(21), id(9), id(90), id(12), '2025-02-20 09:00', 3, NULL, NULL, NULL),
    (id(22), id(9), id(90), id(13), '2025-02-20 09:00', 4, NULL, NULL, NULL),
    (id(23), id(1), id(30), id(14), '2025-03-01 09:00', 1, NULL, NULL, NULL);
INSERT INTO revenue (revenue_id, website_id, session_id, event_id, event_name, currency, revenue)
VALUES
    (id(1), id(1), id(11), id(2),  'add-to-cart', 'EUR', 60),
    (id(2), id(1), id(12), id(5),  'Donation',    'EUR', 60),
    (id(3), id(1), id(12), id(6),  'Donation',    'EUR', 60),
    (id(4), id(1), id(80), id(20), 'purchase',    'EUR', 20);

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

SELECT * FROM finish();
ROLLBACK;
