\set ECHO none
\i test/setup.psql
SELECT plan(24);

-- A WooCommerce shop as Airbyte replicates it: its names and types, cut down to what is read and
-- some of what is not. Amounts are texts.
CREATE SCHEMA airbyte;
SET LOCAL search_path = airbyte, public, kpi;
\i test/presets/woocommerce_airbyte.psql

-- Worked out by hand, for March 2025 in Berlin, seen at its end:
--
--     order  listed  less  net    tax  ship  pieces
--     1         100    20   80  16.15     5       2  on 1 March there: 2 x A, a coupon of 10 and a
--                                                    fee of -10; account 7, anna@x.com, whatever
--                                                    the bill says; a fee of 2 for wrapping, with
--                                                    its tax of 0.38, is no sale. Cost 30.
--     2          50     0   50  10.26     4       1  a guest of the same address; a variation
--     3           -     -    -   -        -       -  pending: nobody paid the 30 in it
--     4           -     -    -   -        -       -  failed, with 20 in it
--     5           -     -    -   -        -       -  cancelled when nobody had paid, 60 in it
--     6           -     -    -   -        -       -  to be paid by transfer, cancelled
--     7           -     -    -   -        -       -  paid, by staff, cancelled
--     8           -     -    -   -        -       -  a gift card and nothing else
--     9          45     0   45   8.55     0       1  on hold, carl@x.com: a gift card of 25, and a
--                                                    piece of 45 to be fetched
--     10          -     -    -   -        -       -  the part of order 1 of its seller
--     11          -     -    -   -        -       -  at the checkout, a quarter of an hour ago
--     12          -     -    -   -        -       -  in the trash
--               195    20  175  34.96     9       4
--
-- 3 orders, 2 of 5 cancelled; 2 customers, one of them twice.
-- Refunds: of order 1 a piece, 45 with tax 8.55, in an amount of 61.88, of which 5.95 were the
-- shipping and its tax of 0.95, and 2.38 the wrapping. Of order 2, of 59.50 for goods and 4.76 for
-- shipping: 29.75 without a line, half of the goods, 25 and tax 4.75; then 34.51, the other half
-- and the shipping, 4 and tax 0.76. A gift card paid back is none. 95 in all: net sales 80, taxes
-- 34.96 - 8.55 - 0.95 - 4.75 - 5.51 = 15.20, shipping 0, total 95.20. Returned: 2 of 3 orders, and
-- 1 of 4 pieces.
-- Checkouts: 1, 2, 6, 8 became orders, 3, 4, 5 did not, with 110 in them; 11 is open.
-- Sent: order 1 after 2 days and 10.5 hours; order 2 not yet.
-- Reviews: 5 and 2 stars; one waits to be approved, one has none.
INSERT INTO orders (id, status, date_created_gmt, date_modified_gmt, date_paid_gmt,
                    date_completed_gmt, shipping_total, shipping_tax, total_tax, customer_id,
                    payment_method, billing, shipping, line_items, shipping_lines, fee_lines,
                    refunds) VALUES
    (1, 'completed', '2025-02-28 23:30Z', '2025-03-10', '2025-02-28 23:31Z', '2025-03-03 10:00Z',
     '5.00', '0.95', '16.53', 7, 'stripe', '{"email": "Anna.Private@x.com", "country": "DE"}',
     '{"country": ""}',
     '[{"id": 1, "product_id": 1, "variation_id": 0, "quantity": 2, "subtotal": "100.00",
        "total": "90.00", "total_tax": "17.10", "sku": "A", "price": 45,
        "meta_data": [{"id": 9, "key": "_reduced_stock", "value": "2"},
                      {"id": 10, "key": "_wc_cog_item_total_cost", "value": "30.00"}]}]',
     '[{"id": 2, "method_id": "flat_rate", "total": "5.00", "total_tax": "0.95"}]',
     '[{"id": 3, "name": "Loyalty", "total": "-10.00", "total_tax": "-1.90"},
       {"id": 4, "name": "Wrapping", "total": "2.00", "total_tax": "0.38"}]',
     '[{"id": 101, "reason": "broken", "total": "-61.88"}]'),
    (2, 'refunded', '2025-03-05 10:00Z', '2025-03-25', '2025-03-05 10:01Z', NULL,
     '4.00', '0.76', '10.26', 0, 'stripe', '{"email": " ANNA@x.com", "country": "DE"}',
     '{"country": "AT"}',
     '[{"id": 5, "product_id": 2, "variation_id": 21, "quantity": 1, "subtotal": "50.00",
        "total": "50.00", "total_tax": "9.50", "sku": "", "price": 50,
        "meta_data": {"0": {"key": "colour", "value": {"a": 1}}}}]',
     '[{"id": 6, "method_id": "flat_rate", "total": "4.00", "total_tax": "0.76"}]', '[]',
     '[{"id": 102, "total": "-29.75"}, {"id": 103, "total": "-34.51"}]'),
    (3, 'pending', '2025-03-06 10:00Z', '2025-03-06 10:00Z', NULL, NULL, '0', '0', '0', 0, 'stripe',
     '{"email": "dora@x.com"}', '{}', '[{"id": 7, "product_id": 1, "quantity": 1,
       "subtotal": "30.00", "total": "30.00", "total_tax": "0.00"}]', '[]', '[]', '[]'),
    (4, 'failed', '2025-03-07 10:00Z', '2025-03-07 10:05Z', NULL, NULL, '0', '0', '0', 0, 'stripe',
     '{"email": ""}', '{}', '[{"id": 8, "product_id": 1, "quantity": 1, "subtotal": "20.00",
       "total": "20.00", "total_tax": "0.00"}]', '[]', '[]', '[]'),
    (5, 'cancelled', '2025-03-07 11:00Z', '2025-03-07 12:00Z', NULL, NULL, '0', '0', '0', 0,
     'stripe', '{}', '{}', '[{"id": 9, "product_id": 1, "quantity": 2, "subtotal": "60.00",
       "total": "60.00", "total_tax": "0.00"}]', '[]', '[]', '[]'),
    (6, 'cancelled', '2025-03-08 10:00Z', '2025-03-12 10:00Z', NULL, NULL, '4', '0', '0', 0, 'bacs',
     '{"email": "bert@x.com"}', '{}', '[{"id": 10, "product_id": 1, "quantity": 1,
       "subtotal": "40.00", "total": "40.00", "total_tax": "0.00"}]',
     '[{"id": 11, "method_id": "flat_rate"}]', '[]', '[]'),
    (8, 'completed', '2025-03-10 10:00Z', '2025-03-11', '2025-03-10 10:01Z', '2025-03-10 10:01Z',
     '0', '0', '0', 0, 'stripe', '{"email": "gift@x.com"}', '{}',
     '[{"id": 12, "product_id": 9, "quantity": 1, "subtotal": "50.00", "total": "50.00",
        "total_tax": "0.00", "sku": "CARD"}]', '[]', '[]', '[{"id": 104, "total": "-50.00"}]');
INSERT INTO orders (id, parent_id, status, date_created_gmt, date_modified_gmt, date_paid_gmt,
                    created_via, payment_method, total_tax, billing, line_items,
                    shipping_lines) VALUES
    (7, 0, 'cancelled', '2025-03-09 10:00Z', '2025-03-09 12:00Z', '2025-03-09 10:00Z', 'admin', '',
     '0.00', '{"email": "bert@x.com"}', '[{"id": 13, "product_id": 1, "quantity": 1,
       "subtotal": "10.00", "total": "10.00", "total_tax": "0.00"}]', '[]'),
    (9, 0, 'on-hold', '2025-03-12 10:00Z', '2025-03-12 10:00Z', NULL, 'rest-api', 'bacs', '8.55',
     '{"email": "carl@x.com", "country": "DE"}',
     '[{"id": 14, "product_id": 9, "quantity": 1, "subtotal": "25.00", "total": "25.00",
        "total_tax": "0.00", "sku": "CARD"},
       {"id": 15, "product_id": 1, "quantity": 1, "subtotal": "45.00", "total": "45.00",
        "total_tax": "8.55", "sku": "A"}]',
     '[{"id": 16, "method_id": "pickup_location", "total": "0.00"}]'),
    (10, 1, 'completed', '2025-02-28 23:30Z', '2025-03-10', '2025-02-28 23:31Z', 'dokan', 'stripe',
     '17.10', '{"email": "anna@x.com"}',
     '[{"id": 17, "product_id": 1, "quantity": 2, "subtotal": "100.00", "total": "90.00",
        "total_tax": "17.10", "sku": "A"}]', '[]'),
    (11, 0, 'checkout-draft', '2025-03-31 21:30Z', '2025-03-31 21:45Z', NULL, 'store-api', '',
     '0.00', '{}', '[{"id": 18, "product_id": 1, "quantity": 1, "subtotal": "45.00",
       "total": "45.00", "total_tax": "0.00"}]', '[]'),
    (12, 0, 'trash', '2025-03-13 10:00Z', '2025-03-14', '2025-03-13 10:00Z', 'checkout', 'stripe',
     '0.00', '{}', '[{"id": 19, "product_id": 1, "quantity": 1, "subtotal": "1.00",
       "total": "1.00", "total_tax": "0.00"}]', '[]');
INSERT INTO refunds (id, date_created_gmt, amount, line_items) VALUES
    (101, '2025-03-10 10:00Z', '61.88',
     '[{"id": 20, "product_id": 1, "variation_id": 0, "quantity": -1, "total": "-45.00",
        "total_tax": "-8.55", "sku": "A",
        "meta_data": [{"key": "_refunded_item_id", "value": "1"}]}]'),
    (102, '2025-03-20 10:00Z', '29.75', '[]'), (103, '2025-03-25 10:00Z', '34.51', '[]'),
    (104, '2025-03-11 10:00Z', '50.00',
     '[{"id": 21, "product_id": 9, "quantity": -1, "total": "-50.00", "total_tax": "0.00"}]'),
    (105, '2025-03-11 10:00Z', '1.00', '[]');
INSERT INTO products (id, name, sku, type, categories, manage_stock, stock_quantity) VALUES
    (1, 'Apron', 'A', 'simple', '[{"id": 1, "name": "Kitchen"}, {"id": 2, "name": "New"}]',
     true, 7),
    (2, 'Bowl', '', 'variable', '[]', false, NULL),
    (9, 'Card', 'CARD', 'pw-gift-card', '[{"id": 3, "name": "Gifts"}]', false, NULL);
INSERT INTO product_variations (id, sku, manage_stock, stock_quantity) VALUES
    (21, '', 'true', 3), (22, 'B-2', 'parent', 7);
INSERT INTO product_reviews (id, product_id, date_created_gmt, status, rating,
                             reviewer_email) VALUES
    (1, 1, '2025-03-15 10:00Z', 'approved', 5, 'Anna@x.com'),
    (2, 1, '2025-03-16 10:00Z', 'approved', 2, 'carl@x.com'),
    (3, 1, '2025-03-17 10:00Z', 'hold', 1, 'x@x.com'),
    (4, 1, '2025-03-18 10:00Z', 'approved', 0, 'y@x.com');
INSERT INTO customers (id, email) VALUES (7, 'Anna@x.com');
SET LOCAL search_path = public, kpi;

SELECT results_eq('SELECT shop, usable, missing FROM detect(''airbyte'')',
                  $$VALUES ('woocommerce_airbyte', true, NULL::text)$$,
                  'the tables of Airbyte are recognised as those of a WooCommerce shop');
SELECT set_eq($$SELECT object
                FROM   preset('woocommerce_airbyte', 'airbyte', 'shop') WHERE action = 'created'$$,
              $$SELECT 'source ' || name
                FROM   unnest('{orders,order_lines,carts,returns,deliveries,stock_levels,
                                surveys}'::text[]) AS name
                UNION ALL
                SELECT 'schema shop'$$,
              'all that Airbyte replicates becomes a source');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop', 'Europe/Berlin', 'EUR', '{channel,country,category}',
                                 as_of => '2025-04-01 00:00 Europe/Berlin')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of WooCommerce');
CREATE VIEW march AS SELECT * FROM shop.kpi_month WHERE period = '2025-03-01';
SELECT results_eq('SELECT orders, gross_sales, discounts, refunds, net_sales FROM march',
                  'VALUES (3::bigint, 195.0000, 20.0000, 95.0000, 80.0000)',
                  'sales are goods after coupons and fees below zero, without tax and gift cards');
SELECT results_eq('SELECT shipping, taxes, total_sales, product_sales FROM march',
                  'VALUES (0.0000, 15.2000, 95.2000, 185.0000)',
                  'shipping and taxes are without what was paid back of them, and without fees');
SELECT results_eq('SELECT refund, tax, shipping FROM shop.returns WHERE order_id = 1
                   ORDER BY quantity',
                  'VALUES (45.00, 8.55, NULL::numeric), (0.0000, 0.9500, 5.0000)',
                  'what was paid back beyond the lines was for shipping, then for fees');
SELECT results_eq('SELECT refund, tax, shipping FROM shop.returns WHERE order_id = 2
                   ORDER BY returned_at',
                  'VALUES (25.0000, 4.7500, 0.0000), (25.0000, 5.5100, 4.0000)',
                  'what was paid back without lines was for goods, then for shipping');
SELECT is(count(*), 0::bigint, 'gift cards alone are no order, and have no returns and no parcels')
FROM   (SELECT order_id FROM shop.orders UNION ALL SELECT order_id FROM shop.returns
        UNION ALL SELECT order_id FROM shop.deliveries) AS x
WHERE  order_id = 8;
SELECT set_eq('SELECT order_id FROM shop.orders', 'VALUES (1::bigint), (2), (6), (7), (9)',
              'who did not pay has ordered nothing, and an order of several sellers is one');
SELECT results_eq('SELECT units, cancellation_rate_sample::text FROM march',
                  $$VALUES (4.0000, '2/5')$$, 'an order that was placed can be cancelled');
SELECT results_eq('SELECT customers, guest_orders, repeat_purchase_rate FROM march',
                  'VALUES (2::bigint, 0::bigint, 0.5::float8)',
                  'a person is the address of the account, or that of the bill');
SELECT results_eq('SELECT carts, open_carts, cart_abandonment_rate_sample::text,
                          abandoned_cart_value
                   FROM   march',
                  $$VALUES (8::bigint, 1::bigint, '3/7', 110.0000)$$,
                  'checkouts are carts, those of staff and in the trash are none');
SELECT results_eq('SELECT (SELECT count(*) FROM shop.kpi_deliveries), shipping_days FROM march',
                  'VALUES (2::bigint, 2.4375::float8)',
                  'an order leaves when it is completed, one to be fetched never');
SELECT is((SELECT round(return_rate::numeric, 4) FROM march), 0.6667,
          'something of two in three orders was paid back');
SELECT is((SELECT unit_return_rate FROM march), 0.25::float8, 'a piece of four came back');
SELECT results_eq('SELECT sku, cost::float8 FROM shop.order_lines WHERE order_id IN (1, 2)
                   ORDER BY order_id',
                  $$VALUES ('A', 30::float8), ('21', NULL)$$,
                  'a line has the cost that a plugin gave it');
SELECT results_eq('SELECT sku, on_hand::float8 FROM shop.stock_levels ORDER BY sku',
                  $$VALUES ('21', 3::float8), ('A', 7)$$,
                  'the stock now is that of articles and variations that have their own');
SELECT results_eq('SELECT csat FROM march', 'VALUES (0.5::float8)',
                  'reviews that were approved are answers');
SELECT results_eq('SELECT category, product_sales
                   FROM   shop.kpi_month_by_category
                   WHERE  period = ''2025-03-01'' AND product_sales > 0 ORDER BY 1',
                  $$VALUES ('(none)', 50.0000), ('Kitchen', 135.0000)$$,
                  'a category is the first of the product');
SELECT results_eq('SELECT country, orders
                   FROM   shop.kpi_month_by_country
                   WHERE  period = ''2025-03-01'' AND orders > 0 ORDER BY 1',
                  $$VALUES ('AT', 1::bigint), ('DE', 2)$$,
                  'a country is that of the delivery, else that of the bill');

-- A second currency, and what is not replicated.
INSERT INTO airbyte.orders (id, status, currency, date_created_gmt, line_items)
SELECT 13, 'completed', 'USD', date_created_gmt, line_items FROM airbyte.orders WHERE id = 9;
SELECT throws_like('SELECT net_sales FROM march',
                   'an amount in "USD" cannot be added to amounts in "EUR"',
                   'amounts in several currencies are never added');
DROP TABLE airbyte.orders, airbyte.products, airbyte.customers CASCADE;
CREATE TABLE airbyte.orders (
    id bigint, status varchar, currency varchar, prices_include_tax boolean,
    date_created_gmt timestamptz, date_paid_gmt timestamptz, shipping_total varchar,
    shipping_tax varchar, total_tax varchar, line_items jsonb);
INSERT INTO airbyte.orders VALUES
    (1, 'processing', 'EUR', false, '2025-03-01', '2025-03-01', '0.00', '0.00', '0.00',
     '[{"id": 1, "product_id": 9, "quantity": 1, "subtotal": "9.00", "total": "8.00"}]');
SELECT FROM preset('woocommerce_airbyte', 'airbyte', 'shop2');
SELECT results_eq('SELECT order_id, net_sales, discount, customer_id FROM shop2.orders',
                  'VALUES (1::bigint, 8.00, 1.00, NULL::text)',
                  'preset() does without the streams and columns that are not there');

\set shop woocommerce_airbyte
\set whole '{carts}'
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
