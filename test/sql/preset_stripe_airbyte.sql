\set ECHO none
\i test/setup.psql
SELECT plan(20);

-- What Airbyte replicates of Stripe: its names and types, cut down to what is read and some of what
-- is not. Times are seconds, amounts cents.
CREATE SCHEMA airbyte;
SET LOCAL search_path = airbyte, public, kpi;
\i test/presets/stripe_airbyte.psql

-- Worked out by hand, for March 2025 in Berlin, seen at its end:
--
--     charge  listed  less  net    tax  ship
--     ch_1       100    10   90  18.05     5  on 1 March there, a checkout session: 2 x 50 less 10,
--                                             tax of 17.10 on top, shipping of 5 and its tax of
--                                             0.95; anna@x.com. A first attempt failed
--     ch_2        50     0   50   9.50     0  the renewal of a subscription, 59.50 with tax in it,
--                                             customer cus_2, bert@x.com
--     ch_3        20     0   20      0     0  20 taken of 30 that were authorised; anna@x.com
--     ch_5         -     -    -      -     -  authorised, not taken
--     ch_6         -     -    -      -     -  of the test mode
--     ch_8        30     3   27   5.13     0  the first payment of a subscription of cus_2, at a
--                                             checkout: 30 less 3, tax on top
--                200    13  187  32.68     5
--
-- 4 orders; 2 customers, both came twice.
-- Paid back: of ch_1 53.55, half of the goods with their tax, 45 and 8.55; then 59.50, the other
-- half, and the shipping of 5 and its tax of 0.95; another refund failed. Of ch_2 all, 50 and 9.50,
-- by a dispute that was lost; one of ch_3 was won. 140 in all: net sales 47, taxes 32.68 - 27.55 =
-- 5.13, shipping 0, total 52.13. Something of 2 in 4 orders.
-- Checkouts: those of ch_1 and ch_8, and one that cost nothing, became orders; one expired, with 40
-- in it; one is open. One only keeps a card.
INSERT INTO charges (id, created, amount, amount_captured, status, captured, livemode, customer,
                     invoice, payment_intent, receipt_email, billing_details)
SELECT x.id, extract(epoch FROM x.at::timestamptz), x.amount, x.taken, x.status, x.captured,
       x.livemode, x.customer, x.invoice, x.intent, x.email, x.billing::jsonb
FROM   (VALUES
    ('ch_1', '2025-02-28 23:30Z', 11305, 11305, 'succeeded', true, true, NULL, NULL, 'pi_1', NULL,
     '{"email": "other@x.com", "address": {"country": "DE"}}'),
    ('ch_2', '2025-03-05 10:00Z', 5950, 5950, 'succeeded', true, true, 'cus_2', 'in_2', 'pi_2',
     'x@x.com', NULL),
    ('ch_3', '2025-03-06 10:00Z', 3000, 2000, 'succeeded', true, true, NULL, NULL, 'pi_3',
     'ANNA@x.com ', NULL),
    ('ch_4', '2025-02-28 23:20Z', 11305, 0, 'failed', false, true, NULL, NULL, 'pi_1', NULL, NULL),
    ('ch_5', '2025-03-07 10:00Z', 7000, 0, 'succeeded', false, true, NULL, NULL, 'pi_5', 'd@x.com',
     NULL),
    ('ch_6', '2025-03-07 10:00Z', 9900, 9900, 'succeeded', true, false, NULL, NULL, 'pi_6',
     't@x.com', NULL),
    ('ch_8', '2025-03-08 10:00Z', 3213, 3213, 'succeeded', true, true, 'cus_2', 'in_8', 'pi_8',
     NULL, NULL))
       AS x (id, at, amount, taken, status, captured, livemode, customer, invoice, intent, email,
             billing);
INSERT INTO refunds (id, charge, created, amount, status)
SELECT x.id, x.charge, extract(epoch FROM x.at::timestamptz), x.amount, x.status
FROM   (VALUES ('re_1', 'ch_1', '2025-03-10 10:00Z', 5355, 'succeeded'),
               ('re_2', 'ch_1', '2025-03-20 10:00Z', 5950, 'pending'),
               ('re_3', 'ch_1', '2025-03-09 10:00Z', 11305, 'failed'),
               ('re_6', 'ch_6', '2025-03-20 10:00Z', 9900, 'succeeded'))
       AS x (id, charge, at, amount, status);
INSERT INTO disputes (id, charge, created, amount, status) VALUES
    ('dp_2', 'ch_2', extract(epoch FROM timestamptz '2025-03-15 10:00Z'), 5950, 'lost'),
    ('dp_3', 'ch_3', extract(epoch FROM timestamptz '2025-03-15 10:00Z'), 2000, 'won');
INSERT INTO checkout_sessions (id, created, expires_at, status, mode, livemode, amount_subtotal,
                               amount_total, total_details, shipping_cost, payment_intent,
                               subscription, customer, customer_details)
SELECT x.id, extract(epoch FROM x.at::timestamptz), extract(epoch FROM x.at::timestamptz) + 86400,
       x.status, x.mode, x.livemode, x.subtotal, x.total, x.details::jsonb, x.shipping::jsonb,
       x.intent, x.subscription, x.customer, x.who::jsonb
FROM   (VALUES
    ('cs_1', '2025-02-28 23:10Z', 'complete', 'payment', true, 10000, 11305,
     '{"amount_discount": 1000, "amount_shipping": 500, "amount_tax": 1805}',
     '{"amount_subtotal": 500, "amount_tax": 95, "amount_total": 595}', 'pi_1', NULL, NULL,
     '{"email": " Anna@x.com", "address": {"country": "AT"}}'),
    ('cs_8', '2025-03-08 09:55Z', 'complete', 'subscription', true, 3000, 3213,
     '{"amount_discount": 300, "amount_shipping": 0, "amount_tax": 513}', NULL, NULL, 'sub_8',
     'cus_2', '{"email": "bert@x.com"}'),
    ('cs_9', '2025-03-09 10:00Z', 'expired', 'payment', true, 4000, 4000,
     '{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}', NULL, 'pi_9', NULL, NULL,
     '{"email": "left@x.com"}'),
    ('cs_10', '2025-03-31 21:45Z', 'open', 'payment', true, 5000, 5000, '{}', NULL, NULL, NULL,
     NULL, NULL),
    ('cs_11', '2025-03-09 10:00Z', 'complete', 'setup', true, NULL, NULL, '{}', NULL, NULL, NULL,
     NULL, NULL),
    ('cs_12', '2025-03-09 10:00Z', 'complete', 'payment', true, 2000, 0,
     '{"amount_discount": 2000, "amount_shipping": 0, "amount_tax": 0}', NULL, NULL, NULL, NULL,
     '{"email": "free@x.com"}'),
    ('cs_13', '2025-03-09 10:00Z', 'expired', 'payment', false, 9000, 9000, '{}', NULL, NULL, NULL,
     NULL, NULL)) AS x (id, at, status, mode, livemode, subtotal, total, details, shipping, intent,
                        subscription, customer, who);
INSERT INTO checkout_sessions_line_items (id, checkout_session_id, quantity, amount_subtotal,
                                          amount_discount, amount_tax, amount_total, description,
                                          price) VALUES
    ('li_1', 'cs_1', 2, 10000, 1000, 1710, 10710, 'Apron', '{"product": "prod_A"}'),
    ('li_8', 'cs_8', 1, 3000, 300, 513, 3213, 'Club', '{"product": "prod_B"}'),
    ('li_9', 'cs_9', 1, 4000, 0, 0, 4000, 'Apron', '{"product": "prod_A"}');
INSERT INTO invoices (id, billing_reason, subscription, subtotal, total, tax,
                      total_discount_amounts) VALUES
    ('in_2', 'subscription_cycle', 'sub_2', 5950, 5950, 950, '[]'),
    ('in_8', 'subscription_create', 'sub_8', 3000, 3213, 513, '[{"amount": 300}]');
INSERT INTO customers (id, email) VALUES ('cus_2', 'Bert@x.com');
SET LOCAL search_path = public, kpi;

SELECT results_eq('SELECT shop, usable, missing FROM detect(''airbyte'')',
                  $$VALUES ('stripe_airbyte', true, NULL::text)$$,
                  'the tables of Airbyte are recognised as those of Stripe');
SELECT set_eq($$SELECT object
                FROM   preset('stripe_airbyte', 'airbyte', 'shop') WHERE action = 'created'$$,
              $$SELECT 'source ' || name
                FROM   unnest('{orders,order_lines,carts,returns}'::text[]) AS name
                UNION ALL
                SELECT 'schema shop'$$,
              'all that Stripe knows becomes a source');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop', 'Europe/Berlin', 'EUR', '{channel,country}',
                                 as_of => '2025-04-01 00:00 Europe/Berlin')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of Stripe');
CREATE VIEW march AS SELECT * FROM shop.kpi_month WHERE period = '2025-03-01';
SELECT results_eq('SELECT orders, gross_sales, discounts, refunds, net_sales FROM march',
                  'VALUES (4::bigint, 200.0000, 13.0000, 140.0000, 47.0000)',
                  'a charge that went through is an order, without the tax of its checkout or '
                  'invoice');
SELECT results_eq('SELECT shipping, taxes, total_sales, product_sales FROM march',
                  'VALUES (0.0000, 5.1300, 52.1300, 117.0000)',
                  'shipping and taxes are without what was paid back of them');
SELECT results_eq('SELECT order_id, net_sales::float8, gross_sales::float8, tax::float8,
                          shipping::float8
                   FROM   shop.orders ORDER BY 1',
                  $$VALUES ('ch_1', 90::float8, 100::float8, 18.05::float8, 5::float8),
                           ('ch_2', 50, 50, 9.5, 0), ('ch_3', 20, 20, 0, 0),
                           ('ch_6', 99, 99, 0, 0), ('ch_8', 27, 30, 5.13, 0)$$,
                  'tax is on top or in prices, and only what was taken counts');
SELECT results_eq('SELECT order_id, refund, tax, shipping
                   FROM   shop.returns WHERE order_id <> ''ch_6'' ORDER BY returned_at',
                  $$VALUES ('ch_1', 45.0000, 8.5500, 0.0000),
                           ('ch_2', 50.0000, 9.5000, NULL::numeric),
                           ('ch_1', 45.0000, 9.5000, 5.0000)$$,
                  'what was refunded is for goods first, then for shipping; a dispute lost is paid '
                  'back, a refund that failed is not');
SELECT is((SELECT return_rate FROM march), 0.5::float8,
          'something of two in four orders was paid back');
SELECT results_eq('SELECT order_id, is_test FROM shop.orders WHERE is_test',
                  $$VALUES ('ch_6', true)$$, 'what is of the test mode is a test');
SELECT results_eq('SELECT customers, repeat_purchase_rate, guest_orders FROM march',
                  'VALUES (2::bigint, 1::float8, 0::bigint)',
                  'a person is the address of the customer, or of the checkout, or of the receipt');
SELECT results_eq('SELECT carts, open_carts, cart_abandonment_rate_sample::text,
                          abandoned_cart_value
                   FROM   march',
                  $$VALUES (5::bigint, 1::bigint, '1/4', 40.0000)$$,
                  'checkout sessions are carts, but for those that only keep a card');
SELECT results_eq('SELECT sku, quantity::int, net_sales::float8 FROM shop.order_lines ORDER BY 1',
                  $$VALUES ('prod_A', 2, 90::float8), ('prod_B', 1, 27)$$,
                  'lines are those of checkouts that were paid');
SELECT results_eq('SELECT channel, orders
                   FROM   shop.kpi_month_by_channel
                   WHERE  period = ''2025-03-01'' AND orders > 0 ORDER BY 1',
                  $$VALUES ('checkout', 2::bigint), ('payment', 1), ('subscription_cycle', 1)$$,
                  'a channel is how it was paid');
SELECT results_eq('SELECT country FROM shop.orders WHERE order_id = ''ch_1''',
                  $$VALUES ('AT')$$, 'a country is that of the checkout, else that of the bill');

-- Currencies without cents, and with a thousand of the smallest unit to one.
INSERT INTO airbyte.charges (id, created, amount, amount_captured, currency, receipt_email)
SELECT x.id, 1741600000, x.amount, x.amount, x.currency, 'anna@x.com'
FROM   (VALUES ('ch_y', 5000, 'jpy'), ('ch_k', 12340, 'kwd'), ('ch_u', 500, 'usd'))
       AS x (id, amount, currency);
INSERT INTO airbyte.refunds (id, charge, created, amount, currency, status)
VALUES ('re_y', 'ch_y', 1741600001, 1000, 'jpy', 'succeeded');
SELECT results_eq('SELECT o.order_id, o.currency, o.net_sales::float8, r.refund::float8
                   FROM   shop.orders AS o LEFT JOIN shop.returns AS r USING (order_id)
                   WHERE  o.currency <> ''EUR'' ORDER BY 1',
                  $$VALUES ('ch_k', 'KWD', 12.34::float8, NULL::float8), ('ch_u', 'USD', 5, NULL),
                           ('ch_y', 'JPY', 5000, 1000)$$,
                  'amounts are in the unit of their currency, however many parts that has');
SELECT throws_like('SELECT net_sales FROM march',
                   'an amount in "___" cannot be added to amounts in "EUR"',
                   'amounts in several currencies are never added');

-- Payments alone, under a prefix; and sessions that say neither their beginning nor their end.
CREATE SCHEMA bare;
CREATE TABLE bare.stripe_charges AS
SELECT id, created, amount, currency, status, captured, livemode FROM airbyte.charges
WHERE  id = 'ch_3';
CREATE TABLE bare.stripe_checkout_sessions AS
SELECT id, expires_at, mode, currency, amount_subtotal, amount_total, total_details
FROM   airbyte.checkout_sessions WHERE id = 'cs_9';
SELECT results_eq($$SELECT object, action
                    FROM   preset('stripe_airbyte', 'bare', 'shop2')
                    WHERE  object LIKE 'source %' ORDER BY 1$$,
                  $$VALUES ('source carts', 'created'), ('source order_lines', 'left out'),
                           ('source orders', 'created'), ('source returns', 'left out')$$,
                  'preset() does without the streams that are not replicated');
SELECT results_eq('SELECT o.net_sales::float8, c.created_at, c.ordered_at, c.value::float8
                   FROM   shop2.orders AS o CROSS JOIN shop2.carts AS c',
                  $$VALUES (30::float8, timestamptz '2025-03-09 10:00Z', NULL::timestamptz,
                            40::float8)$$,
                  'a session begins a day before it expires, if it does not say when');

\set shop stripe_airbyte
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
