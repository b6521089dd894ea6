\set ECHO none
\i test/setup.psql
SELECT plan(25);

-- A shop of Magento 2.4 as Fivetran replicates its tables: their names, and types, cut down to what
-- is read and some of what is not.
CREATE SCHEMA magento;
SET LOCAL search_path = magento, public, kpi;
\i test/presets/magento.psql

-- Worked out by hand, for March 2025 in Berlin, in the base currency, seen at its end:
--
--     order  listed  less  net    tax  ship  pieces
--     1         130    10  120  23.94     6       3  on 1 March there, anna@x.com, shown in USD:
--                                                    2 of an article with variants, 100 less 11.90
--                                                    with its tax of 1.90, and 1 x 30; shipping of
--                                                    10 less 4. The variant costs 20, the other is
--                                                    not known
--     2          60     5   55  10.45     0       2  bert@x.com: a bundle of 30 less 3 and 20 less
--                                                    2, cost 10 and 5, and of 3 x 10 two were
--                                                    cancelled, with tax of 3.80; cost 2 each
--     3           -     -    -   -        -       -  waits for a payment made elsewhere
--     4           -     -    -   -        -       -  cancelled, on the 9th
--     5           -     -    -   -        -       -  edited into order 6
--     6          80    10   70  13.30     0       2  anna@x.com: made on the 10th, of order 5 of
--                                                    the 8th; nothing to ship. A bundle of 10 is
--                                                    free, its discount kept with its part as well
--     7           -     -    -   -        -       -  a gift card and nothing else
--     8           -     -    -   -        -       -  deleted
--               270    25  245  47.69     6       7
--
-- 3 orders, 1 of 4 cancelled; 2 customers, one of them twice. Cost of order 2: 15 + 2 = 17.
-- Paid back: of order 1 a piece, 50 less 5.95 with its tax of 0.95, 45; 2 more by hand less 5 kept
-- back; the shipping of 6; tax 9.69. Of order 2 the bundle, 45, tax 8.55. A memo was cancelled, a
-- gift card paid back is none. 87 in all: net sales 158, taxes 47.69 - 18.24 = 29.45, shipping 0,
-- total 187.45. Returned: 2 of 3 orders, 2 of 7 pieces.
-- Carts: 1, 4, 5, 7 and that of order 2, which is cleaned up, became orders; 3 with 25 in it, and
-- 12 with 35, which is cleaned up, too, did not; 15 is open; 13 is empty, 14 was begun by staff.
-- Sent: order 1 after 2.5 days, an earlier shipment was deleted; order 2 not yet.
INSERT INTO sales_order (entity_id, state, increment_id, customer_email, quote_id, created_at,
                         base_subtotal, base_discount_amount, base_tax_amount, base_tax_canceled,
                         base_shipping_amount, base_shipping_discount_amount, remote_ip,
                         order_currency_code, is_virtual, original_increment_id, relation_child_id,
                         _fivetran_deleted) VALUES
    (1, 'complete', 'X1', 'Anna@x.com', 1, '2025-02-28 23:30Z', 130, -15.9, 23.94, NULL, 10, 4,
     '10.0.0.1', 'USD', 0, NULL, NULL, false),
    (2, 'complete', 'X2', ' bert@x.com', 2, '2025-03-05 10:00Z', 80, -5, 14.25, 3.8, 0, 0,
     '10.0.0.1', 'EUR', 0, NULL, NULL, false),
    (3, 'pending_payment', 'X3', 'carl@x.com', 3, '2025-03-06 10:00Z', 25, 0, 0, NULL, 0, 0,
     '10.0.0.1', 'EUR', 0, NULL, NULL, false),
    (4, 'canceled', 'X4', 'dora@x.com', 4, '2025-03-07 10:00Z', 40, 0, 7.6, 7.6, 0, 0,
     '10.0.0.1', 'EUR', 0, NULL, NULL, false),
    (5, 'canceled', 'X5', 'anna@x.com', 5, '2025-03-08 10:00Z', 90, 0, 17.1, 17.1, 0, 0,
     '10.0.0.1', 'EUR', 1, NULL, '6', false),
    (6, 'processing', 'X5-1', 'anna@x.com', NULL, '2025-03-10 10:00Z', 70, 0, 13.3, NULL, 0, 0,
     NULL, 'EUR', 1, 'X5', NULL, false),
    (7, 'complete', 'X7', 'gift@x.com', 7, '2025-03-11 10:00Z', 50, 0, 0, NULL, 0, 0,
     '10.0.0.1', 'EUR', 1, NULL, NULL, false),
    (8, 'complete', 'X8', 'gone@x.com', NULL, '2025-03-11 10:00Z', 500, 0, 0, NULL, 0, 0,
     '10.0.0.1', 'EUR', 0, NULL, NULL, true);
INSERT INTO sales_order_item (item_id, order_id, parent_item_id, product_type, sku, qty_ordered,
                              qty_canceled, base_cost, base_row_total, base_discount_amount,
                              base_discount_tax_compensation_amount, _fivetran_deleted) VALUES
    (10, 1, NULL, 'configurable', 'A-red', 2, 0, NULL, 100, 11.9, 1.9, false),
    (11, 1, 10, 'simple', 'A-red', 2, 0, 20, 0, 0, 0, false),
    (12, 1, NULL, 'simple', 'B', 1, 0, NULL, 30, 0, 0, false),
    (13, 1, NULL, 'simple', 'GONE', 1, 0, NULL, 999, 0, 0, true),
    (20, 2, NULL, 'bundle', 'SET', 1, 0, NULL, 50, 0, 0, false),
    (21, 2, 20, 'simple', 'S-1', 1, 0, 10, 30, 3, 0, false),
    (22, 2, 20, 'simple', 'S-2', 1, 0, 5, 20, 2, 0, false),
    (23, 2, NULL, 'simple', 'C', 3, 2, 2, 30, 0, NULL, false),
    (61, 6, NULL, 'bundle', 'OLD', 1, 0, NULL, 10, 10, 0, false),
    (62, 6, 61, 'simple', 'S-1', 1, 0, 1, 10, 10, 0, false),
    (30, 3, NULL, 'simple', 'C', 1, 0, 2, 25, 0, 0, false),
    (40, 4, NULL, 'simple', 'C', 4, 4, 2, 40, 0, 0, false),
    (50, 5, NULL, 'virtual', 'D', 1, 1, 1, 90, 0, 0, false),
    (60, 6, NULL, 'virtual', 'D', 1, 0, NULL, 70, 0, 0, false),
    (70, 7, NULL, 'giftcard', 'CARD', 1, 0, NULL, 50, 0, 0, false),
    (80, 8, NULL, 'simple', 'C', 1, 0, 2, 500, 0, 0, false);
INSERT INTO sales_order_status_history (parent_id, status, created_at) VALUES
    (4, 'pending', '2025-03-07 10:00Z'), (4, 'canceled', '2025-03-09 10:00Z');
INSERT INTO sales_order_address (parent_id, address_type, country_id) VALUES
    (1, 'billing', 'DE'), (1, 'shipping', 'AT'), (2, 'billing', 'DE'), (6, 'billing', 'DE');
INSERT INTO store VALUES (0, 'admin', 'Admin'), (1, 'default', 'Shop');
INSERT INTO sales_creditmemo (entity_id, order_id, state, base_discount_amount, base_tax_amount,
                              base_shipping_amount, base_adjustment_positive,
                              base_adjustment_negative, created_at) VALUES
    (1, 1, 2, -9.95, 9.69, 10, 2, 5, '2025-03-12 10:00Z'),
    (2, 1, 3, 0, 1, 1, 1, 0, '2025-03-12 11:00Z'),
    (3, 7, 2, 0, 0, 0, NULL, NULL, '2025-03-13 10:00Z'),
    (4, 2, 2, -5, 8.55, 0, 0, 0, '2025-03-14 10:00Z');
INSERT INTO sales_creditmemo_item (parent_id, order_item_id, sku, qty, base_row_total,
                                   base_discount_amount,
                                   base_discount_tax_compensation_amount) VALUES
    (1, 10, 'A-red', 1, 50, 5.95, 0.95), (1, 11, 'A-red', 1, 0, NULL, NULL),
    (2, 12, 'B', 1, 30, 0, 0), (3, 70, 'CARD', 1, 50, 0, 0), (4, 20, 'SET', 1, 50, NULL, NULL),
    (4, 21, 'S-1', 1, 30, 3, 0), (4, 22, 'S-2', 1, 20, 2, 0);
INSERT INTO quote (entity_id, created_at, updated_at, items_qty, customer_email, remote_ip,
                   base_subtotal, _fivetran_deleted) VALUES
    (1, '2025-02-28 23:00Z', '2025-02-28 23:30Z', 3, 'anna@x.com', '10.0.0.1', 130, false),
    (3, '2025-03-06 09:00Z', '2025-03-06 10:00Z', 1, 'carl@x.com', '10.0.0.1', 25, false),
    (4, '2025-03-07 09:00Z', '2025-03-07 10:00Z', 4, 'dora@x.com', '10.0.0.1', 40, false),
    (5, '2025-03-08 09:00Z', '2025-03-08 10:00Z', 1, 'anna@x.com', '10.0.0.1', 90, false),
    (7, '2025-03-11 09:00Z', '2025-03-11 10:00Z', 1, 'gift@x.com', '10.0.0.1', 50, false),
    (12, '2025-03-09 09:00Z', '2025-03-09 09:10Z', 2, NULL, '10.0.0.1', 35, true),
    (13, '2025-03-09 09:00Z', '2025-03-09 09:10Z', 0, NULL, '10.0.0.1', 0, false),
    (14, '2025-03-09 09:00Z', '2025-03-09 09:10Z', 1, 'x@x.com', NULL, 99, false),
    (15, '2025-03-31 21:30Z', '2025-03-31 21:45Z', 1, NULL, '10.0.0.1', 10, false);
INSERT INTO sales_shipment (entity_id, order_id, created_at, _fivetran_deleted) VALUES
    (1, 1, '2025-03-01 11:30Z', true), (2, 1, '2025-03-03 11:30Z', false);
INSERT INTO catalog_product_entity VALUES
    (1, 'A', 'configurable'), (2, 'A-red', 'simple'), (3, 'B', 'simple');
INSERT INTO cataloginventory_stock_item VALUES (1, 1, 1, 0), (2, 2, 1, 3), (3, 3, 1, 9);
INSERT INTO inventory_source_item VALUES (1, 'default', 'A-red', 3, 1), (2, 'north', 'A-red', 4, 1);
SET LOCAL search_path = public, kpi;

SELECT results_eq('SELECT shop, usable FROM detect(''magento'')',
                  $$VALUES ('magento', true)$$,
                  'the tables of Magento are recognised');
SELECT set_eq($$SELECT object
                FROM   preset('magento', 'magento', 'shop') WHERE action = 'created'$$,
              $$SELECT 'source ' || name
                FROM   unnest('{orders,order_lines,carts,returns,deliveries,
                                stock_levels}'::text[]) AS name
                UNION ALL
                SELECT 'schema shop'$$,
              'all that Magento keeps becomes a source');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop', 'Europe/Berlin', 'EUR', '{store,country}',
                                 as_of => '2025-04-01 00:00 Europe/Berlin')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of Magento');
CREATE VIEW march AS SELECT * FROM shop.kpi_month WHERE period = '2025-03-01';
SELECT results_eq('SELECT orders, gross_sales, discounts, refunds, net_sales FROM march',
                  'VALUES (3::bigint, 270.0, 25.0, 87.0, 158.0)',
                  'sales are goods without tax, in the base currency, without what was cancelled');
SELECT results_eq('SELECT shipping, taxes, total_sales, product_sales FROM march',
                  'VALUES (0.0, 29.45, 187.45, 245.0)',
                  'shipping and taxes are without what was paid back of them');
SELECT results_eq('SELECT order_id, net_sales, discount, tax, shipping
                   FROM   shop.orders ORDER BY 1',
                  'VALUES (1::bigint, 120.0, 10.0, 23.94, 6.0), (2, 55, 5, 10.45, 0),
                          (4, 40, 0, 7.6, 0), (6, 70, 10, 13.3, 0)',
                  'a discount is without its tax, and that of the shipping is the shipping''s');
SELECT results_eq('SELECT ordered_at, cancelled_at FROM shop.orders WHERE order_id IN (4, 6)
                   ORDER BY order_id',
                  $$VALUES (timestamptz '2025-03-07 10:00Z', timestamptz '2025-03-09 10:00Z'),
                           ('2025-03-08 10:00Z', NULL)$$,
                  'an order that was edited is one of the first day, and not cancelled');
SELECT results_eq('SELECT quantity, refund, tax, shipping, sku FROM shop.returns ORDER BY
                   order_id, quantity',
                  $$VALUES (1.0, 45.0, NULL::numeric, NULL::numeric, 'A-red'),
                           (NULL, -3.0, 9.69, 6.0, NULL), (1, 45, NULL, NULL, 'SET'),
                           (NULL, 0, 8.55, 0, NULL)$$,
                  'a memo pays back its items, the shipping, the tax, and what was set by hand');
SELECT is(count(*), 0::bigint, 'gift cards alone are no order, and have no returns and no parcels')
FROM   (SELECT order_id FROM shop.orders UNION ALL SELECT order_id FROM shop.returns
        UNION ALL SELECT order_id FROM shop.deliveries) AS x
WHERE  order_id IN (7, 8);
SELECT results_eq('SELECT units, cancellation_rate_sample::text FROM march',
                  $$VALUES (7.0, '1/4')$$, 'pieces that were cancelled were never sold');
SELECT results_eq('SELECT customers, guest_orders, repeat_purchase_rate FROM march',
                  'VALUES (2::bigint, 0::bigint, 0.5::float8)', 'a person is an e-mail address');
SELECT results_eq('SELECT carts, open_carts, cart_abandonment_rate_sample::text,
                          abandoned_cart_value
                   FROM   march',
                  $$VALUES (8::bigint, 1::bigint, '2/7', 60.0)$$,
                  'carts are those of customers, with something in them, cleaned up or not');
SELECT results_eq('SELECT (SELECT count(*) FROM shop.kpi_deliveries), shipping_days FROM march',
                  'VALUES (2::bigint, 2.5::float8)', 'an order leaves with its shipment');
SELECT is((SELECT round(return_rate::numeric, 4) FROM march), 0.6667,
          'something of two in three orders was paid back');
SELECT is((SELECT unit_return_rate_sample::text FROM march), '2/7/5',
          'two pieces of seven came back');
SELECT results_eq('SELECT order_id, cost FROM shop.orders WHERE cost IS NOT NULL ORDER BY 1',
                  'VALUES (2::bigint, 17.0), (4, 8)',
                  'the cost of an order is known where that of all of its pieces is');
SELECT results_eq('SELECT sku, quantity, net_sales, cost FROM shop.order_lines
                   WHERE order_id IN (1, 2) ORDER BY sku',
                  $$VALUES ('A-red', 2.0, 90.0, 40.0), ('B', 1, 30, NULL), ('C', 1, 10, 2),
                           ('SET', 1, 45, 15)$$,
                  'an article with variants and a bundle count once, with the cost of their parts');
SELECT results_eq('SELECT sku, on_hand FROM shop.stock_levels ORDER BY sku',
                  $$VALUES ('A-red', 7.0), ('B', 9)$$,
                  'the stock is that of all sources, else that of the article');
SELECT results_eq('SELECT country, orders
                   FROM   shop.kpi_month_by_country
                   WHERE  period = ''2025-03-01'' AND orders > 0 ORDER BY 1',
                  $$VALUES ('AT', 1::bigint), ('DE', 2)$$,
                  'a country is that of the delivery, else that of the bill');
SELECT is((SELECT DISTINCT store FROM shop.orders), 'default', 'a store is told by its code');

-- A second base currency; and the same by Airbyte, which marks what was deleted with a time.
INSERT INTO magento.sales_order (entity_id, state, increment_id, base_currency_code, created_at)
VALUES (9, 'complete', 'Y9', 'USD', '2025-03-15 10:00Z');
INSERT INTO magento.sales_order_item (item_id, order_id, sku, qty_ordered, base_row_total)
VALUES (90, 9, 'C', 1, 10);
SELECT throws_like('SELECT net_sales FROM march',
                   'an amount in "USD" cannot be added to amounts in "EUR"',
                   'amounts in several currencies are never added');
CREATE SCHEMA airbyte;
CREATE TABLE airbyte.sales_order AS
SELECT entity_id, increment_id, state, created_at, base_currency_code, base_tax_amount,
       base_shipping_amount, quote_id,
       CASE WHEN _fivetran_deleted THEN '2025-03-12T10:00:00Z' END AS _ab_cdc_deleted_at
FROM   magento.sales_order WHERE entity_id IN (2, 8);
CREATE TABLE airbyte.sales_order_item AS
SELECT item_id, order_id, parent_item_id, sku, qty_ordered, base_row_total, base_discount_amount
FROM   magento.sales_order_item;
CREATE TABLE airbyte.quote AS SELECT entity_id, created_at, items_qty FROM magento.quote;
SELECT results_eq($$SELECT object, action
                    FROM   preset('magento', 'airbyte', 'shop2')
                    WHERE  object LIKE 'source %' ORDER BY 1$$,
                  $$VALUES ('source carts', 'created'), ('source deliveries', 'left out'),
                           ('source order_lines', 'created'), ('source orders', 'created'),
                           ('source returns', 'left out'), ('source stock_levels', 'left out')$$,
                  'preset() does without the tables and columns that are not there');
SELECT results_eq('SELECT order_id, net_sales,
                          (SELECT count(*) FROM shop2.carts WHERE cart_id IN (2, 14)),
                          EXISTS (SELECT FROM information_schema.columns
                                  WHERE  table_schema = ''shop2'' AND table_name = ''orders''
                                  AND    column_name = ''cost'')
                   FROM   shop2.orders',
                  'VALUES (2::bigint, 75.0, 2::bigint, false)',
                  'what the missing columns would tell is left out');

\set shop magento
\set whole '{quote}'
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
