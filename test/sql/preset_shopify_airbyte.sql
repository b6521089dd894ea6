\set ECHO none
\i test/setup.psql
SELECT plan(23);

-- A Shopify shop as Airbyte replicates it: its names and types, cut down to what is read and some
-- of what is not. Numbers come as numbers or as texts, as the schema of the stream has them.
CREATE SCHEMA airbyte;
SET LOCAL search_path = airbyte, public, kpi;
\i test/presets/shopify_airbyte.psql

-- Worked out by hand, for March 2025 in New York, in USD as the model has it:
--
--     order  listed  less  net    tax  ship  pieces
--     1           -     -    -   -        -       -  on 28 February there: another month
--     2         120    12  108  11.30     5       3  customer 100, imported later: 2 x 50 and
--                                                    1 x 20, 12 off the whole order, shipping 5
--     3         120    20  100  22       10       1  bob@x.com: 1 x 144 less 24, 20 % tax in it;
--                                                    so is 2 in the shipping of 12
--     4          30     0   30   0        0       1  bob@x.com: a gift card of 50, which is no
--                                                    sale, and 1 x 30 at the till
--     5           -     -    -   -        -       -  a test
--     6           -     -    -   -        -       -  deleted
--     7           -     -    -   -        -       -  cancelled
--     8           -     -    -   -        -       -  payment voided, as good as cancelled
--     9           -     -    -   -        -       -  a gift card of 25 sent by post and nothing
--                                                    else, whose buyer is no customer
--     10         40     0   40   4        0       1  customer 100: a download of 40, as it was
--                                                    placed
--               310    32  278  37.30    15       6
--
-- 4 orders, 2 of 6 cancelled; 2 customers, of whom customer 100 was one in February, by the e-mail
-- address. Refunds: of order 2 one of the 2 x 50 less its half of the 10 off them, 45, and 3 more
-- by hand, with it tax 4.50, and the shipping of 5 with tax 0.50; of order 3 the piece, 100 without
-- its tax of 20, late on 31 March; an earlier payment of that had failed. A gift card paid back is
-- no return, nor are 26 for order 9. 148 in all:
-- net sales 278 - 148 = 130, returned 2 of 4 orders and 2 of 6 pieces; taxes 37.30 - 25 = 12.30,
-- shipping 15 - 5 = 10, total sales 152.30.
-- On 1 April staff added 2 x 15 less 5 to order 10, tax 2.50, and shipping of 4, tax 0.40: in April
-- sales of 25, taxes of 2.90, and no order. What the same edit took out of it had been free.
-- Checkouts: orders 2, 3, 7, 8, 9 of the online store, and one abandoned, of 56; that of order 3
-- was abandoned at first.
-- Parcels: of order 2 after 2 days, arrived after 3, an earlier label cancelled; of order 3 after 1
-- day, on its way.
INSERT INTO orders (id, customer, email, currency, presentment_currency, financial_status,
                    taxes_included, total_tax, created_at, processed_at, updated_at, cancelled_at,
                    checkout_token, source_name, shipping_address, test, line_items, shipping_lines,
                    refunds, fulfillments) VALUES
    (1, NULL, 'Ann@x.com', 'USD', 'USD', 'paid', false, 0, '2025-03-01 04:30Z',
     '2025-02-28T23:30:00-05:00', '2025-03-01', NULL, 't1', 'web', '{"country_code": "US"}', false,
     '[{"id": 10, "product_id": 1, "sku": "A", "quantity": 1, "price": 10, "gift_card": false,
        "requires_shipping": true, "tax_lines": [], "discount_allocations": []}]', '[]', '[]',
     '[]'),
    (2, '{"id": 100, "email": "ann@x.com"}', 'ann@x.com', 'USD', 'CAD', 'partially_refunded', false,
     11.3, '2025-03-20 15:00Z', '2025-03-02T10:00:00-05:00', '2025-03-20', NULL, 't2', 'web',
     '{"country_code": "US"}', false,
     '[{"id": 20, "product_id": 1, "sku": "A", "quantity": 2, "price": 50, "total_discount": 0,
        "price_set": {"shop_money": {"amount": 50}, "presentment_money": {"amount": 70}},
        "gift_card": false, "requires_shipping": true, "tax_lines": [{"price": "9.00"}],
        "discount_allocations": [{"amount": "10.00"}]},
       {"id": 21, "product_id": 2, "sku": "B", "quantity": 1, "price": 20, "gift_card": false,
        "requires_shipping": true, "tax_lines": [{"price": 1}, {"price": 0.8}],
        "discount_allocations": [{"amount": "2.00"}]}]',
     '[{"id": 1, "price": 5, "discounted_price": 5, "tax_lines": [{"price": 0.5}]},
       {"id": 2, "price": 9, "discounted_price": 9, "is_removed": true, "tax_lines": []}]',
     '[{"id": 1, "created_at": "2025-03-10T08:00:00-04:00",
        "processed_at": "2025-03-10T08:00:00-04:00",
        "refund_line_items": [{"line_item_id": 20, "quantity": 1, "subtotal": 45, "total_tax": 4.5,
                               "restock_type": "return"}],
        "order_adjustments": [
            {"amount": "-5.00", "tax_amount": "-0.50", "kind": "shipping_refund"},
            {"amount": "-3.00", "tax_amount": "0.00", "kind": "refund_discrepancy"}],
        "transactions": [
            {"kind": "refund", "status": "failure", "amount": "58.00", "currency": "USD"},
            {"kind": "refund", "status": "success", "amount": "58.00", "currency": "USD"}]}]',
     '[{"id": 1, "created_at": "2025-03-02T16:00:00Z", "updated_at": "2025-03-02T17:00:00Z",
        "status": "cancelled", "shipment_status": null},
       {"id": 2, "created_at": "2025-03-04T15:00:00Z", "updated_at": "2025-03-05T15:00:00Z",
        "status": "success", "shipment_status": "delivered"}]'),
    (3, NULL, ' Bob@X.com ', 'USD', 'USD', 'refunded', true, 22, '2025-03-04 12:00Z', NULL,
     '2025-03-31', NULL, 't3', 'web', '{"country_code": "GB"}', false,
     '[{"id": 30, "product_id": 2, "sku": "B", "quantity": 1, "price": 144, "gift_card": false,
        "requires_shipping": true, "tax_lines": [{"price": 20}],
        "discount_allocations": [{"amount": "20.00"}, {"amount": "4.00"}]}]',
     '[{"id": 3, "price": 20, "discounted_price": 12, "tax_lines": [{"price": 2}]}]',
     '[{"id": 2, "created_at": "2025-03-15T12:00:00Z", "processed_at": "2025-03-15T12:00:00Z",
        "refund_line_items": [{"line_item_id": 30, "quantity": 1, "subtotal": 120, "total_tax": 20,
                               "restock_type": "return"}], "order_adjustments": [],
        "transactions": [{"kind": "refund", "status": "failure", "amount": "120.00"}]},
       {"id": 3, "created_at": "2025-04-01T03:00:00Z", "processed_at": "2025-04-01T03:00:00Z",
        "refund_line_items": [{"line_item_id": 30, "quantity": 1, "subtotal": 120, "total_tax": 20,
                               "restock_type": "return"}], "order_adjustments": [],
        "transactions": [{"kind": "refund", "status": "success", "amount": "120.00"}]}]',
     '[{"id": 3, "created_at": "2025-03-05T12:00:00Z", "updated_at": "2025-03-05T16:00:00Z",
        "status": "success", "shipment_status": "in_transit"}]'),
    (4, NULL, 'bob@x.com', 'USD', 'USD', 'paid', false, 0, '2025-03-05 12:00Z', NULL, '2025-03-11',
     NULL, NULL, 'pos', NULL, false,
     '[{"id": 40, "product_id": 9, "sku": "CARD", "quantity": 1, "price": 50, "gift_card": true,
        "requires_shipping": false, "tax_lines": [], "discount_allocations": []},
       {"id": 41, "product_id": 2, "sku": "B", "quantity": 1, "price": 30, "gift_card": false,
        "requires_shipping": true, "tax_lines": [], "discount_allocations": []}]', '[]',
     '[{"id": 4, "created_at": "2025-03-11T12:00:00Z", "order_adjustments": [], "transactions": [],
        "refund_line_items": [{"line_item_id": 40, "quantity": 1, "subtotal": 50, "total_tax": 0,
                               "restock_type": "no_restock"}]}]',
     '[{"id": 4, "created_at": "2025-03-05T12:00:00Z", "status": "success"}]'),
    (5, '{"id": 101}', 'test@x.com', 'USD', 'USD', 'paid', false, 0, '2025-03-06 12:00Z', NULL,
     '2025-03-12', NULL, 't5', 'web', NULL, true,
     '[{"id": 50, "product_id": 1, "sku": "A", "quantity": 1, "price": 999, "gift_card": false,
        "tax_lines": [], "discount_allocations": []}]', '[]',
     '[{"id": 5, "created_at": "2025-03-12T12:00:00Z", "order_adjustments": [], "transactions": [],
        "refund_line_items": [{"line_item_id": 50, "quantity": 1, "subtotal": 999}]}]', '[]'),
    (7, '{"id": 103}', 'sorry@x.com', 'USD', 'USD', 'refunded', false, 0, '2025-03-07 12:00Z', NULL,
     '2025-03-08', '2025-03-08 12:00Z', 't7', 'web', NULL, false,
     '[{"id": 70, "product_id": 1, "sku": "A", "quantity": 1, "price": 40, "tax_lines": []}]',
     '[]', '[]', '[]'),
    (8, '{"id": 104}', 'void@x.com', 'USD', 'USD', 'voided', false, 0, '2025-03-08 12:00Z', NULL,
     '2025-03-09', NULL, 't8', 'web', NULL, false,
     '[{"id": 80, "product_id": 1, "sku": "A", "quantity": 1, "price": 70, "tax_lines": []}]',
     '[]', '[]', '[]'),
    (9, '{"id": 105}', 'gift@x.com', 'USD', 'USD', 'refunded', false, 0, '2025-03-09 12:00Z', NULL,
     '2025-03-12', NULL, 't9g', 'web', NULL, false,
     '[{"id": 90, "product_id": 9, "sku": "CARD", "quantity": 1, "price": 25, "gift_card": true,
        "requires_shipping": true, "tax_lines": []}]', '[]',
     '[{"id": 7, "created_at": "2025-03-12T12:00:00Z", "transactions": [],
        "order_adjustments": [{"amount": "-1.00", "kind": "refund_discrepancy"}],
        "refund_line_items": [{"line_item_id": 90, "quantity": 1, "subtotal": 25}]}]',
     '[{"id": 5, "created_at": "2025-03-10T12:00:00Z", "status": "success"}]'),
    (10, '{"id": 100}', 'ann@x.com', 'USD', 'USD', 'paid', false, 6.9, '2025-03-12 12:00Z', NULL,
     '2025-04-01', NULL, NULL, 'shopify_draft_order', NULL, false,
     '[{"id": 100, "product_id": 1, "sku": "A", "quantity": 1, "price": 40, "gift_card": false,
        "requires_shipping": false, "tax_lines": [{"price": 4}], "discount_allocations": []},
       {"id": 101, "product_id": 2, "sku": "B", "quantity": 2, "price": 15, "gift_card": false,
        "requires_shipping": false, "tax_lines": [{"price": 2.5}],
        "discount_allocations": [{"amount": "5.00"}]}]',
     '[{"id": 4, "price": 4, "discounted_price": 4, "tax_lines": [{"price": 0.4}]}]', '[]', '[]');
INSERT INTO orders (id, deleted_at, deleted_message) VALUES
    (6, '2025-03-20 12:00Z', 'Someone deleted order #1006.');
INSERT INTO order_agreements (id, agreements) VALUES
    (2, '[{"id": 1, "happened_at": "2025-03-02T15:00:00Z", "reason": "ORDER", "sales": [
            {"id": 1, "quantity": 2, "action_type": "ORDER", "line_type": "PRODUCT",
             "line_item": {"id": 20}, "total_amount": {"shop_money": {"amount": 99}},
             "total_tax_amount": {"shop_money": {"amount": 9}},
             "total_discount_amount_before_taxes": {"shop_money": {"amount": 10}}}]},
          {"id": 2, "happened_at": "2025-03-10T12:00:00Z", "reason": "REFUND", "sales": [
            {"id": 2, "quantity": -1, "action_type": "RETURN", "line_type": "PRODUCT",
             "line_item": {"id": 20}, "total_amount": {"shop_money": {"amount": -49.5}},
             "total_tax_amount": {"shop_money": {"amount": -4.5}}},
            {"id": 3, "quantity": null, "action_type": "RETURN", "line_type": "SHIPPING",
             "total_amount": {"shop_money": {"amount": -5.5}},
             "total_tax_amount": {"shop_money": {"amount": -0.5}}},
            {"id": 4, "quantity": null, "action_type": "UPDATE", "line_type": "ADJUSTMENT",
             "total_amount": {"shop_money": {"amount": -3}}}]}]'),
    (10, '[{"id": 3, "happened_at": "2025-03-12T12:00:00Z", "reason": "ORDER", "sales": [
             {"id": 5, "quantity": 1, "action_type": "ORDER", "line_type": "PRODUCT",
              "line_item": {"id": 100}, "total_amount": {"shop_money": {"amount": 44}},
              "total_tax_amount": {"shop_money": {"amount": 4}}}]},
           {"id": 4, "happened_at": "2025-04-01T16:00:00Z", "reason": "ORDER_EDIT", "sales": [
             {"id": 6, "quantity": 2, "action_type": "ORDER", "line_type": "PRODUCT",
              "line_item": {"id": 101}, "total_amount": {"shop_money": {"amount": 27.5}},
              "total_tax_amount": {"shop_money": {"amount": 2.5}},
              "total_discount_amount_before_taxes": {"shop_money": {"amount": 5}}},
             {"id": 7, "quantity": null, "action_type": "ORDER", "line_type": "SHIPPING",
              "line_item": null, "total_amount": {"shop_money": {"amount": 4.4}},
              "total_tax_amount": {"shop_money": {"amount": 0.4}}},
             {"id": 8, "quantity": -1, "action_type": "RETURN", "line_type": "PRODUCT",
              "line_item": {"id": 102}, "total_amount": {"shop_money": {"amount": 0}}}]}]'),
    (6, '[]');
INSERT INTO abandoned_checkouts (id, token, email, subtotal_price, created_at, updated_at) VALUES
    (1, 't9', 'left@x.com', 56, '2025-03-05 12:00Z', '2025-03-05 12:10Z'),
    (2, 't3', 'bob@x.com', 120, '2025-03-03 12:00Z', '2025-03-04 12:00Z');
INSERT INTO inventory_items (id, sku, cost, tracked) VALUES
    (1, 'A', 20, true), (2, 'B', 5, false), (3, 'C', NULL, true);
INSERT INTO inventory_levels (id, inventory_item_id, location_id, available, quantities) VALUES
    ('1|1', 1, 1, 2, '[{"name": "available", "quantity": 2}, {"name": "on_hand", "quantity": 3}]'),
    ('2|1', 1, 2, 4, '[{"name": "on_hand", "quantity": 4}]'),
    ('1|2', 2, 1, 9, '[{"name": "on_hand", "quantity": 9}]'), ('1|3', 3, 1, 6, NULL);
INSERT INTO customers (id, email, first_name) VALUES
    (100, 'ann@x.com', 'Ann'), (101, 'test@x.com', 'Test'), (105, NULL, 'Someone');
INSERT INTO products (id, title, product_type) VALUES
    (1, 'Apron', 'Kitchen'), (2, 'Bowl', ''), (9, 'Card', 'Gift');
SET LOCAL search_path = public, kpi;

SELECT results_eq('SELECT shop, usable, missing FROM detect(''airbyte'')',
                  $$VALUES ('shopify_airbyte', true, NULL::text)$$,
                  'the tables of Airbyte are recognised as those of a Shopify shop');
SELECT set_eq($$SELECT object
                FROM   preset('shopify_airbyte', 'airbyte', 'shop') WHERE action = 'created'$$,
              $$SELECT 'source ' || name
                FROM   unnest('{orders,order_lines,order_changes,carts,returns,deliveries,
                                stock_levels}'::text[]) AS name
                UNION ALL
                SELECT 'schema shop'$$,
              'all that Airbyte replicates becomes a source');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop', 'America/New_York', 'USD', '{channel,category}',
                                 as_of => '2025-04-02 12:00Z')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of Shopify');

CREATE VIEW march AS SELECT * FROM shop.kpi_month WHERE period = '2025-03-01';
SELECT results_eq('SELECT gross_sales, discounts, refunds, net_sales FROM march',
                  'VALUES (310.0000, 32.0000, 148.0000, 130.0000)',
                  'amounts are without tax and gift cards, discounts the allocated ones, refunds '
                  'what went through');
SELECT results_eq('SELECT shipping, taxes, total_sales, product_sales FROM march',
                  'VALUES (10.0000, 12.3000, 152.3000, 278.0000)',
                  'shipping is without tax, all taxes are counted once, and both without what was '
                  'paid back of them');
SELECT results_eq('SELECT orders, changed_sales, gross_sales, net_sales, shipping, taxes
                   FROM   shop.kpi_month WHERE period = ''2025-04-01''',
                  'VALUES (0::bigint, 25.0000, 30.0000, 25.0000, 4.0000, 2.9000)',
                  'what an edit added counts on its day, and is no order');
SELECT results_eq('SELECT sum(shipping)::float8, sum(tax)::float8
                   FROM   shop.returns WHERE order_id = 2',
                  'VALUES (5::float8, 5::float8)', 'a refund has its tax and its shipping');
SELECT is(count(*), 0::bigint, 'gift cards alone are no order, and have no returns and no parcels')
FROM   (SELECT order_id FROM shop.orders UNION ALL SELECT order_id FROM shop.returns
        UNION ALL SELECT order_id FROM shop.deliveries) AS x
WHERE  order_id IN (6, 9);
SELECT results_eq('SELECT orders, units, cancellation_rate_sample::text FROM march',
                  $$VALUES (4::bigint, 6.0000, '2/6')$$,
                  'tests and deleted orders are none, voided ones are cancelled');
SELECT results_eq('SELECT customers, returning_customers, guest_orders FROM march',
                  'VALUES (2::bigint, 1::bigint, 0::bigint)',
                  'who has no account is known by the address');
SELECT results_eq('SELECT carts, cart_abandonment_rate_sample::text, abandoned_cart_value
                   FROM   march',
                  $$VALUES (6::bigint, '1/6', 56.0000)$$,
                  'checkouts are carts, once each');
SELECT results_eq('SELECT deliveries, undelivered, fulfilment_days, shipping_days FROM march',
                  'VALUES (2::bigint, 1::bigint, 3::float8, 1.5::float8)',
                  'parcels arrive when the carrier says so, cancelled labels are none');
SELECT is((SELECT return_rate FROM march), 0.5::float8,
          'something of two in four orders was paid back');
SELECT is((SELECT unit_return_rate_sample::text FROM march), '2/6/6',
          'two pieces of six came back');
SELECT results_eq('SELECT sku, on_hand::float8, unit_cost::float8
                   FROM   shop.stock_levels WHERE counted_at = now() ORDER BY sku',
                  $$VALUES ('A', 7::float8, 20::float8), ('C', 6, NULL)$$,
                  'the stock now is what is on hand of what is tracked, else what is available');
SELECT results_eq('SELECT product_sales
                   FROM   shop.kpi_month_by_category
                   WHERE  period = ''2025-03-01'' AND category = ''Kitchen''',
                  'VALUES (130.0000)',
                  'a category is the type of the product');
SELECT results_eq('SELECT net_sales FROM shop.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (10.0000)',
                  'a day is one of the shop''s zone');

-- With a prefix, and the orders alone: the edit counts with its order. New refunds do not say what
-- they were for: of the 58 paid back of order 2, 49.50 were for the line, 3 by hand, the rest is
-- shipping, 5 and its tax.
CREATE SCHEMA bare;
CREATE TABLE bare.shopify_orders AS
SELECT id, email, currency, financial_status, taxes_included, total_tax, created_at, processed_at,
       cancelled_at, source_name, test, line_items, shipping_lines, fulfillments,
       jsonb_set(refunds, '{0,order_adjustments}',
                 '[{"amount": "-3.00", "kind": "refund_discrepancy"}]') AS refunds
FROM   airbyte.orders WHERE id = 2
UNION ALL
SELECT id, email, currency, financial_status, taxes_included, total_tax, created_at, processed_at,
       cancelled_at, source_name, test, line_items, shipping_lines, fulfillments, refunds
FROM   airbyte.orders WHERE id = 10
UNION ALL
-- three times 19, with 9.52 of tax in them; one came back
SELECT 11, '', 'USD', 'paid', true, 9.52, '2025-03-12 12:00Z', NULL, NULL, 'web', false,
       '[{"id": 110, "sku": "", "quantity": 3, "price": 19.0, "total_discount": 0.0,
          "gift_card": false, "tax_lines": [{"price": 9.52, "rate": 0.2}], "duties": [],
          "discount_allocations": []}]', '[]', '[]',
       '[{"id": 8, "created_at": "2025-03-13T12:00:00Z", "order_adjustments": [],
          "transactions": [],
          "refund_line_items": [{"line_item_id": 110, "quantity": 1, "subtotal": 19.0,
                                 "total_tax": 3.17}]}]';
SELECT results_eq($$SELECT object, action
                    FROM   preset('shopify_airbyte', 'bare', 'shop2')
                    WHERE  object LIKE 'source %' ORDER BY 1$$,
                  $$VALUES ('source carts', 'left out'), ('source deliveries', 'created'),
                           ('source order_changes', 'left out'), ('source order_lines', 'created'),
                           ('source orders', 'created'), ('source returns', 'created'),
                           ('source stock_levels', 'left out')$$,
                  'preset() does without the streams that are not replicated');
SELECT results_eq('SELECT order_id, net_sales::float8, tax::float8, shipping::float8
                   FROM   shop2.orders WHERE order_id < 11 ORDER BY 1',
                  'VALUES (2::bigint, 108::float8, 11.3::float8, 5::float8), (10, 65, 6.9, 4)',
                  'without agreements an order is what it came to');
SELECT results_eq('SELECT sum(refund)::float8, round(sum(shipping), 4)::float8,
                          round(sum(tax), 4)::float8
                   FROM   shop2.returns WHERE order_id = 2',
                  'VALUES (48::float8, 5::float8, 5::float8)',
                  'what was paid beyond the lines is shipping');

SELECT results_eq('SELECT o.net_sales, o.gross_sales, o.customer_id, r.refund, r.tax, r.sku
                   FROM   shop2.orders AS o JOIN shop2.returns AS r USING (order_id)
                   WHERE  order_id = 11',
                  'VALUES (47.48, 47.48, NULL::text, 15.83, 3.17, NULL::text)',
                  'tax is taken out of prices to the cent');

\set shop shopify_airbyte
\set whole '{carts,customers}'
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
