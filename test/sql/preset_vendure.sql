\set ECHO none
\i test/setup.psql
SELECT plan(28);

-- A Vendure shop: tables, columns and types as TypeORM makes them, cut down to what is read and
-- some of what is not.
CREATE SCHEMA vendure;
SET LOCAL search_path = vendure, public, kpi;
\i test/presets/vendure.psql

INSERT INTO customer VALUES
    (NULL, 'Ann', 'ann@x.com', 7, 1), (NULL, 'Ann', 'Ann@x.com', 17, NULL),
    (NULL, 'Bob', 'bob@x.com', 8, NULL), (NULL, 'Cy', 'cy@x.com', 9, NULL);
INSERT INTO global_settings VALUES ('en', true, 0, 1);
INSERT INTO channel VALUES
    ('__default_channel__', 't1', 'EUR', false, 1), ('de', 't2', 'EUR', true, 2);
INSERT INTO product_variant VALUES
    (NULL, true, 'A', 'TRUE', 1), (NULL, true, 'B', 'INHERIT', 2),
    (NULL, true, 'SERVICE', 'FALSE', 3), ('2025-02-01', true, 'OLD', 'TRUE', 4);

-- Worked out by hand, for February 2025 in Berlin, amounts in EUR as the model has them:
--
--     order  list  less  net   tax   ship  pieces
--     1        20     3   17  3.40+1    5       2  customer 7, channel de: 2 x 10 without tax,
--                                                  3 off the whole order, 20 %
--     2        10     0   10  1.90      0       1  the same, as a guest: 1 x 11.90 with 19 % tax
--                                                  in it
--     3         -     -    -  -         -       -  a cart: 25.00
--     4        30     0   30  0         0       2  customer 8: of two sellers, kept again as 5 (10)
--                                                  and 6 (20)
--     7         -     -    -  -         -       -  cancelled as a whole: no sale
--     8        15     0   15  3         0       3  a guest: 3 x 5, 20 %; one piece cancelled and
--                                                  paid back
--     9         4     0    4  0         0       1  customer 9: 2 x 4; one piece cancelled before it
--                                                  was paid: never sold
--     10        -     -    -  -         -       -  a draft of an administrator: no cart, no order
--     12       12     1   11  0         0       1  customer 8: 1 x 10, surcharge 2, credit 1
--     13        -     -    -  -         -       -  a cart that was emptied: none
--              91     4   87  9.30      5      10
--
-- 6 orders and 1 of 7 cancelled. Refunds: of order 8 one piece, 6.00 with tax, so 5.00, and 1.00 on
-- top for the trouble; of order 12 5.50 of the 10 for the piece; 2.04 of order 1, for no piece, so
-- 2.04 * 17 / 20.40 = 1.70, tax 0.34, which was settled on 1 March in Berlin, and its shipping,
-- 6.00 with tax, so 5.00 and 1.00; those of orders 2 and 9 failed,
-- one of order 12 is pending. Net sales 87 - 10.50 = 76.50, shipping 5 - 5 = 0,
-- taxes 9.30 - 1.00 of order 8 - 1.00 = 7.30, total sales 83.80.
-- Changes of 3 March: two more pieces of order 2, 20 and 3.80, one of another article at 23.80, 20
-- and 3.80, and a surcharge of 1; a credit of 1 on order 12 is what refund 4 pays back.
-- Carts created: 2, 3, 4, 7, 8, 9, 12 (1 in January); 3 was abandoned.
-- Deliveries: 1, 2, 8, 9, 12 and those of the sellers, 5 and 6; arrived are 1 after 3 days, 5 after
-- 1.
-- Stock of A 10 - 2 + 1 = 9, of B 4; sold 2 of 2 + 13. Reserving moves nothing, and what is not
-- tracked has no stock.
INSERT INTO "order" (id, type, "aggregateOrderId", state, active, "createdAt", "updatedAt",
                     "orderPlacedAt", "customerId", "currencyCode", "subTotal", "subTotalWithTax",
                     shipping, "shippingWithTax", "shippingAddress") VALUES
    (1,  'Regular',   NULL, 'Delivered',       false, '2025-01-31 20:00', '2025-02-04',
     '2025-01-31 23:30', 7,    'EUR', 1700, 2040, 500, 600, '{"countryCode":"DE"}'),
    (2,  'Regular',   NULL, 'Shipped',         false, '2025-02-10 10:00', '2025-02-11',
     '2025-02-10 12:00', 17,   'EUR', 1000, 1190, 0, 0, '{"countryCode":"AT"}'),
    (3,  'Regular',   NULL, 'AddingItems',     true,  '2025-02-05 10:00', '2025-02-05', NULL,
     NULL, 'EUR', 2500, 2500, 0, 0, '{}'),
    (4,  'Aggregate', NULL, 'PaymentSettled',  false, '2025-02-12 10:00', '2025-02-12',
     '2025-02-12 12:00', 8,    'EUR', 3000, 3000, 0, 0, '{}'),
    (5,  'Seller',    4,    'Delivered',       false, '2025-02-12 12:00', '2025-02-13',
     '2025-02-12 12:00', 8,    'EUR', 1000, 1000, 0, 0, '{}'),
    (6,  'Seller',    4,    'PaymentSettled',  false, '2025-02-12 12:00', '2025-02-12',
     '2025-02-12 12:00', 8,    'EUR', 2000, 2000, 0, 0, '{}'),
    (7,  'Regular',   NULL, 'Cancelled',       false, '2025-02-14 10:00', '2025-02-16',
     '2025-02-14 12:00', 9,    'EUR', 0, 0, 0, 0, '{}'),
    (8,  'Regular',   NULL, 'PaymentSettled',  false, '2025-02-15 10:00', '2025-02-20',
     '2025-02-15 12:00', NULL, 'EUR', 1000, 1200, 0, 0, '{}'),
    (9,  'Regular',   NULL, 'PaymentAuthorized', false, '2025-02-16 10:00', '2025-02-17',
     '2025-02-16 12:00', 9,  'EUR', 400, 400, 0, 0, '{}'),
    (10, 'Regular',   NULL, 'Draft',           false, '2025-02-17 10:00', '2025-02-17', NULL,
     8,    'EUR', 9900, 9900, 0, 0, '{}'),
    (12, 'Regular',   NULL, 'PaymentSettled',  false, '2025-02-18 10:00', '2025-02-18',
     '2025-02-18 12:00', 8,    'EUR', 1100, 1100, 0, 0, '{}'),
    (13, 'Regular',   NULL, 'AddingItems',     true,  '2025-02-19 10:00', '2025-02-19', NULL,
     NULL, 'EUR', 0, 0, 0, 0, '{}');
INSERT INTO order_line (id, "orderId", "productVariantId", quantity, "orderPlacedQuantity",
                        "listPrice", "listPriceIncludesTax", adjustments, "taxLines",
                        "updatedAt") VALUES
    (1,  1,  1, 2, 2, 1000, false,
     '[{"adjustmentSource":"PROMOTION:1","type":"DISTRIBUTED_ORDER_PROMOTION",'
     '"description":"3 off","amount":-300,"data":{}}]',
     '[{"description":"Standard Tax","taxRate":20}]', '2025-01-31 20:00'),
    (2,  2,  1, 3, 1, 1190, true,  '[]', '[{"description":"Standard Tax","taxRate":19}]',
     '2025-02-10 10:00'),
    (3,  3,  2, 1, 0, 2500, false, '[]', '[]', '2025-02-05 10:00'),
    (4,  4,  1, 1, 1, 1000, false, '[]', '[{"description":"none","taxRate":0}]',
     '2025-02-12 10:00'),
    (5,  4,  2, 1, 1, 2000, false, '[]', '[]', '2025-02-12 10:00'),
    (6,  5,  1, 1, 1, 1000, false, '[]', '[]', '2025-02-12 12:00'),
    (7,  6,  2, 1, 1, 2000, false, '[]', '[]', '2025-02-12 12:00'),
    (8,  7,  2, 0, 1, 5000, false, '[]', '[]', '2025-02-16 10:00'),
    (9,  8,  2, 2, 3, 500,  false, '[]', '[{"description":"Standard Tax","taxRate":20}]',
     '2025-02-20 10:00'),
    (10, 9,  3, 1, 2, 400,  false, '[]', '[]', '2025-02-17 10:00'),
    (11, 10, 1, 9, 0, 1100, false, '[]', '[]', '2025-02-17 10:00'),
    (12, 12, 1, 1, 1, 1000, false, '[]', '[]', '2025-02-18 10:00'),
    (13, 13, 1, 0, 0, 1000, false, '[]', '[]', '2025-02-19 10:00'),
    (15, 2,  2, 1, 0, 2380, true,  '[]', '[{"description":"Standard Tax","taxRate":19}]',
     '2025-03-03 10:00');
INSERT INTO order_modification (id, "createdAt", "priceChange", "orderId", "refundId") VALUES
    (1, '2025-03-03 10:00', 4860, 2, NULL), (2, '2025-02-22 10:00', -100, 12, 4),
    (3, '2025-03-04 10:00', 0, 2, NULL);
INSERT INTO surcharge VALUES
    ('gift wrap', false, '', '[]', 1, 200, 12, NULL),
    ('apology', false, '', '[]', 2, -100, 12, NULL), ('packing', false, '', '[]', 3, 100, 2, 1),
    ('late', false, '', '[]', 4, -100, 12, 2);
INSERT INTO payment (id, "orderId", amount, method, state) VALUES
    (1, 1, 2640, 'card', 'Settled'), (2, 2, 1190, 'card', 'Settled'),
    (8, 8, 1800, 'card', 'Settled'), (9, 9, 800, 'card', 'Authorized'),
    (12, 12, 1100, 'card', 'Settled');
INSERT INTO refund (id, "paymentId", "createdAt", state, total, items, shipping, adjustment,
                    method) VALUES
    (1, 8,  '2025-02-20 10:00', 'Settled', 700,  600, 0, 100, 'card'),
    (2, 1,  '2025-02-27 10:00', 'Settled', 204,  0, 0, 0, 'card'),
    (3, 2,  '2025-02-21 10:00', 'Failed',  1190, 1190, 0, 0, 'card'),
    (4, 12, '2025-02-22 10:00', 'Pending', 100, 0, 0, 0, 'card'),
    (5, 9,  '2025-02-17 10:00', 'Failed',  400,  0, 0, 0, 'card'),
    (6, 12, '2025-02-23 10:00', 'Settled', 550,  0, 0, 0, 'card'),
    (9, 1,  '2025-02-26 10:00', 'Settled', 600,  0, 600, 0, 'card');
INSERT INTO order_line_reference (quantity, "orderLineId", "refundId", "fulfillmentId",
                                  discriminator) VALUES
    (1, 9, 1, NULL, 'RefundLine'), (1, 2, 3, NULL, 'RefundLine'), (1, 10, 5, NULL, 'RefundLine'),
    (1, 12, 6, NULL, 'RefundLine'), (2, 1, NULL, 1, 'FulfillmentLine'),
    (1, 2, NULL, 2, 'FulfillmentLine');
INSERT INTO order_line_reference (quantity, "orderLineId", "modificationId", discriminator) VALUES
    (2, 2, 1, 'OrderModificationLine'), (1, 15, 1, 'OrderModificationLine'),
    (-1, 15, 3, 'OrderModificationLine');
INSERT INTO history_entry ("createdAt", type, data, discriminator, "orderId") VALUES
    ('2025-02-02 10:00', 'ORDER_STATE_TRANSITION', '{"from":"PaymentSettled","to":"Shipped"}',
     'order-history-entry', 1),
    ('2025-02-03 23:30', 'ORDER_STATE_TRANSITION', '{"from":"Shipped","to":"Delivered"}',
     'order-history-entry', 1),
    ('2025-02-11 12:00', 'ORDER_STATE_TRANSITION', '{"from":"PaymentSettled","to":"Shipped"}',
     'order-history-entry', 2),
    ('2025-02-11 12:00', 'ORDER_FULFILLMENT_TRANSITION',
     '{"fulfillmentId":"2","from":"Pending","to":"Shipped"}', 'order-history-entry', 2),
    ('2025-02-13 12:00', 'ORDER_STATE_TRANSITION', '{"from":"Shipped","to":"Delivered"}',
     'order-history-entry', 5),
    ('2025-02-16 12:00', 'ORDER_STATE_TRANSITION', '{"from":"PaymentSettled","to":"Cancelled"}',
     'order-history-entry', 7),
    ('2025-02-20 10:00', 'ORDER_REFUND_TRANSITION',
     '{"refundId":1,"from":"Pending","to":"Settled"}', 'order-history-entry', 8),
    ('2025-02-27 11:00', 'ORDER_REFUND_TRANSITION',
     '{"refundId":2,"from":"Failed","to":"Pending"}', 'order-history-entry', 1),
    ('2025-02-12 12:00', 'ORDER_FULFILLMENT_TRANSITION',
     '{"fulfillmentId":"2","from":"Shipped","to":"Delivered"}', 'order-history-entry', 2),
    ('2025-02-20 12:00', 'ORDER_STATE_TRANSITION', '{"from":"AddingItems","to":"Cancelled"}',
     'order-history-entry', 13),
    ('2025-02-28 23:30', 'ORDER_REFUND_TRANSITION',
     '{"refundId":2,"from":"Pending","to":"Settled"}', 'order-history-entry', 1),
    ('2025-02-18 12:00', 'ORDER_STATE_TRANSITION',
     '{"from":"ArrangingPayment","to":"PaymentSettled"}', 'order-history-entry', 12),
    ('2025-02-20 10:00', 'CUSTOMER_NOTE', '{"note":"nice"}', 'customer-history-entry', NULL);
INSERT INTO stock_movement ("createdAt", type, quantity, "productVariantId",
                            "stockLocationId") VALUES
    ('2025-01-31 23:00', 'ADJUSTMENT', 10, 1, 1), ('2025-01-31 23:30', 'ALLOCATION', 2, 1, 1),
    ('2025-02-02 10:00', 'SALE', -2, 1, 1), ('2025-02-20 10:00', 'CANCELLATION', 1, 1, 1),
    ('2025-02-20 10:00', 'RELEASE', 1, 1, 1), ('2025-02-01 10:00', 'ADJUSTMENT', 4, 2, 1),
    ('2025-02-17 10:00', 'SALE', -5, 3, 1);
INSERT INTO stock_level ("stockOnHand", "stockAllocated", "productVariantId",
                         "stockLocationId") VALUES
    (6, 1, 1, 1), (3, 0, 1, 2), (4, 0, 2, 1), (-5, 0, 3, 1), (8, 0, 4, 1);
INSERT INTO order_channels_channel VALUES (1, 1), (1, 2), (2, 1);
SET LOCAL search_path = public, kpi;

SELECT results_eq('SELECT shop, usable FROM detect(''vendure'')', $$VALUES ('vendure', true)$$,
                  'the tables of a Vendure shop are recognised');
SELECT set_eq($$SELECT object FROM preset('vendure', 'vendure', 'shop') WHERE action = 'created'$$,
              $$SELECT 'source ' || name
                FROM   unnest('{orders,order_lines,order_changes,carts,returns,deliveries,
                                stock_moves,stock_levels}'::text[]) AS name
                UNION ALL
                SELECT 'schema shop'$$,
              'all that Vendure stores becomes a source');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop', 'Europe/Berlin', 'EUR', '{channel}',
                                 as_of => '2025-03-05 12:00 UTC')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of Vendure');

CREATE VIEW february AS SELECT * FROM shop.kpi_month WHERE period = '2025-02-01';
SELECT results_eq('SELECT gross_sales, discounts, refunds, net_sales FROM february',
                  'VALUES (91.0000, 4.0000, 10.5000, 76.5000)',
                  'amounts are in major units without tax, discounts out of the json, refunds what '
                  'was settled');
SELECT is_empty('SELECT id
                 FROM   shop.orders
                        JOIN vendure."order" ON order_id = id
                 WHERE  id IN (1, 2, 4, 12) AND net_sales <> "subTotal" / 100.0',
                'an order without cancelled pieces came to the subtotal that the shop keeps');
SELECT results_eq('SELECT order_id, cancelled_at FROM shop.orders WHERE cancelled_at IS NOT NULL',
                  $$VALUES (7, timestamptz '2025-02-16 12:00 UTC')$$,
                  'an order is cancelled when its own history says so');
SELECT results_eq('SELECT sku, quantity FROM shop.order_lines WHERE order_id = 2',
                  $$VALUES ('A', 1::numeric)$$, 'what was added later is no line of the order');
SELECT is(count(*), 2::bigint, 'what was paid back for shipping alone is nothing paid for goods')
FROM   shop.returns WHERE order_id = 1;
SELECT results_eq('SELECT shipping, taxes, total_sales, product_sales FROM february',
                  'VALUES (0.0000, 7.3000, 83.8000, 86.0000)',
                  'shipping and taxes are those of the orders less what was paid back of them, '
                  'surcharges no product');
SELECT results_eq('SELECT orders, units, cancellation_rate_sample::text FROM february',
                  $$VALUES (6::bigint, 10.0000, '1/7')$$,
                  'orders of several sellers count once, pieces as they were ordered and paid');
SELECT results_eq('SELECT customers, guest_orders, returning_customers FROM february',
                  'VALUES (3::bigint, 1::bigint, 0::bigint)',
                  'a person is an e-mail address, and an order without a customer is nobody''s');
SELECT results_eq('SELECT carts, cart_abandonment_rate_sample::text, abandoned_cart_value
                   FROM   february',
                  $$VALUES (7::bigint, '1/7', 25.0000)$$,
                  'carts are orders not yet placed, but not drafts and empty ones');
SELECT results_eq('SELECT deliveries, undelivered, fulfilment_days FROM february',
                  'VALUES (7::bigint, 5::bigint, 2::float8)',
                  'times of delivery come from the history');
SELECT results_eq('SELECT count(shipped_at), count(delivered_at) FROM shop.deliveries',
                  'VALUES (3::bigint, 2::bigint)',
                  'of the history only the transitions to shipped and delivered count');
SELECT is((SELECT round(return_rate::numeric, 4) FROM february), 0.3333,
          'something of two in six orders was paid back');
SELECT is((SELECT unit_return_rate FROM february), 0.2::float8, 'two pieces of ten came back');
SELECT is((SELECT round(sell_through_rate::numeric, 4) FROM february), 0.1333,
          'only what changes the stock on hand moves it');
SELECT results_eq('SELECT refunds, taxes FROM shop.kpi_month WHERE period = ''2025-03-01''',
                  'VALUES (1.7000, 7.2600)',
                  'a refund is of the day on which it was settled, and without its tax');
SELECT results_eq('SELECT order_id, net_sales, gross_sales, discount, tax, units
                   FROM   shop.order_changes',
                  $$VALUES (2, 41::numeric, 41::numeric, 0::numeric, 7.6, 3::numeric)$$,
                  'what a modification added is a change, not what was paid back');
SELECT results_eq('SELECT orders, units, changed_sales, net_sales
                   FROM   shop.kpi_month WHERE period = ''2025-03-01''',
                  'VALUES (0::bigint, 3.0000, 41.0000, 39.3000)',
                  'of the day of the modification, and no order');
SELECT set_eq('SELECT sku, on_hand FROM shop.stock_levels WHERE counted_at = now()',
              $$VALUES ('A', 9::numeric), ('B', 4)$$,
              'the stock now is that of all locations, as the movements have it');
INSERT INTO vendure.global_settings VALUES ('de', true, 0, 2);
SELECT set_eq('SELECT sku, on_hand FROM shop.stock_levels WHERE counted_at = now()',
              $$VALUES ('A', 9::numeric), ('B', 4)$$,
              'settings are there once, however many rows hold them');
DELETE FROM vendure.global_settings WHERE id = 2;
SELECT results_eq('SELECT net_sales
                   FROM   shop.kpi_month_by_channel
                   WHERE  period = ''2025-02-01'' AND channel = ''de''',
                  'VALUES (17.0000)',
                  'a channel is that of the order, not the one that all belong to');

-- An order of 3 x 30, 20 %, one piece of which was never paid, paid by two means: one piece and the
-- shipping are paid back, 36 + 6, of which the first bears 40 and the other 2, with the same lines.
INSERT INTO vendure."order" (id, state, "orderPlacedAt", "currencyCode", "subTotal",
                             "subTotalWithTax", shipping, "shippingWithTax",
                             "shippingAddress") VALUES
    (14, 'PaymentSettled', '2025-03-02', 'EUR', 3000, 3600, 500, 600, '{}');
INSERT INTO vendure.order_line (id, "orderId", "productVariantId", quantity, "orderPlacedQuantity",
                                "listPrice", "listPriceIncludesTax", adjustments, "taxLines") VALUES
    (14, 14, 1, 1, 3, 3000, false, '[]', '[{"taxRate":20}]');
INSERT INTO vendure.payment (id, "orderId", amount, method, state) VALUES
    (14, 14, 4000, 'voucher', 'Settled'), (15, 14, 3800, 'card', 'Settled');
INSERT INTO vendure.refund (id, "paymentId", "createdAt", state, total, items, shipping, adjustment,
                            method) VALUES
    (7, 14, '2025-03-03 10:00', 'Settled', 4000, 3600, 600, 0, 'voucher'),
    (8, 15, '2025-03-03 10:00', 'Settled', 200, 3600, 600, 0, 'voucher');
INSERT INTO vendure.order_line_reference (quantity, "orderLineId", "refundId", discriminator) VALUES
    (1, 14, 7, 'RefundLine'), (1, 14, 8, 'RefundLine');
SELECT results_eq('SELECT o.units, o.net_sales, sum(r.quantity), round(sum(r.refund), 6),
                          round(sum(r.tax), 6), round(sum(r.shipping), 6)
                   FROM   shop.orders AS o
                          JOIN shop.returns AS r USING (order_id)
                   WHERE  order_id = 14
                   GROUP  BY 1, 2',
                  'VALUES (2::numeric, 60.0, 1::numeric, 30.0, 7.0, 5.0)',
                  'a refund that takes from several payments is of its pieces once, and of its '
                  'goods in all');

-- In yen, as in any currency, a hundred are one, unless a table says otherwise.
INSERT INTO vendure."order" (id, state, "orderPlacedAt", "currencyCode", "subTotal",
                             "subTotalWithTax", "shippingAddress") VALUES
    (20, 'PaymentSettled', '2025-03-01', 'JPY', 429900, 429900, '{}'),
    (21, 'PaymentSettled', '2025-03-01', 'BHD', 1500, 1500, '{}');
INSERT INTO vendure.order_line (id, "orderId", "productVariantId", quantity, "orderPlacedQuantity",
                                "listPrice", "listPriceIncludesTax", adjustments, "taxLines") VALUES
    (20, 20, 1, 1, 1, 429900, false, '[]', '[]'), (21, 21, 1, 1, 1, 1500, false, '[]', '[]');
CREATE TABLE vendure.kpi_minor_units (currency text, units numeric);
INSERT INTO vendure.kpi_minor_units VALUES ('BHD', 1000);
SELECT isnt_empty($$SELECT object
                    FROM   preset('vendure', 'vendure', 'shop', replace => true)
                    WHERE  action = 'replaced'$$,
                  'preset() makes its views anew if asked');
SELECT results_eq('SELECT net_sales::float8
                   FROM   shop.orders WHERE order_id IN (20, 21) ORDER BY order_id',
                  'VALUES (4299::float8), (1.5)',
                  'a unit is a hundred in every currency, unless kpi_minor_units says otherwise');

\set shop vendure
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
