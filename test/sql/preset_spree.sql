\set ECHO none
\i test/setup.psql
SELECT plan(28);

\i test/presets/spree_rows.psql

SELECT results_eq($$SELECT shop, usable, sources FROM detect('spree')$$,
                  $$VALUES ('spree', true,
                            '{orders,order_lines,carts,returns,deliveries,stock_moves,
                              stock_levels}'::text[])$$,
                  'the tables of Spree are recognised, and all its sources can be made of them');
SELECT FROM preset('spree', 'spree', 'model');
CREATE TABLE report AS
SELECT *
FROM   build('model', 'Europe/Berlin', 'EUR', '{store,country}', as_of => '2025-03-15 12:00 UTC');
SELECT results_eq('SELECT period, orders, gross_sales, discounts, refunds, net_sales, shipping,
                          taxes, total_sales, units, aov
                   FROM   model.kpi_month WHERE period >= ''2025-02-01'' ORDER BY period',
                  $$VALUES (date '2025-02-01', 3::bigint, 210.0, 30.0, 110.0, 70.0, 5.0, 5.7,
                            80.7, 6.0, 60.0),
                           ('2025-03-01', 1, 40, 0, 0, 40, 0, 0, 40, 1, 40)$$,
                  'sales are goods after discounts, without shipping and tax, be it in prices or '
                  'on top');
SELECT results_eq('SELECT refund, tax, shipping
                   FROM   model.returns
                   WHERE  order_id = 1 AND refund IS NOT NULL
                   ORDER  BY returned_at',
                  'VALUES (50.0, 9.5, 0.0), (50, 10.64, 6)',
                  'what is refunded is for goods first, then for shipping, each with its tax');
SELECT results_eq('SELECT gross_profit, round(gross_margin::numeric, 4),
                          round(cost_coverage::numeric, 4)
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (90.0, 0.6, 0.8333)',
                  'cost is known where every line has one: 150 less 60, of 180');
SELECT is(cancellation_rate, 0.25::float8,
          'an order is cancelled if its state says so, whatever times it has')
FROM   model.kpi_month WHERE period = '2025-02-01';
SELECT is(cancelled_at, '2025-02-13 09:00 UTC',
          'when it was cancelled is found among the state changes')
FROM   model.orders WHERE order_id = 3;
SELECT results_eq('SELECT customers, guest_orders, repeat_purchase_rate
                   FROM   model.kpi_month WHERE period >= ''2025-02-01'' ORDER BY period',
                  'VALUES (2::bigint, 0::bigint, 0.5::float8), (0, 1, NULL)',
                  'a person is an e-mail address');
SELECT results_eq('SELECT carts, open_carts, cart_abandonment_rate, abandoned_cart_value
                   FROM   model.kpi_month WHERE period >= ''2025-01-01'' ORDER BY period',
                  'VALUES (1::bigint, 0::bigint, 0.0::float8, 0.0), (4, 0, 0.25, 25), (2, 1, 0, 0)',
                  'carts count from when they were begun, not empty, not begun by staff');
SELECT results_eq('SELECT return_rate, unit_return_rate
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (2 / 3::float8, 1 / 6::float8)',
                  'what was received or refunded was returned, not what was only authorised or '
                  'exchanged');
SELECT is(shipping_days, 3::float8,
          'an order is shipped once every shipment is, but cancelled ones')
FROM   model.kpi_month WHERE period = '2025-02-01';
SELECT set_eq($$SELECT object
                FROM   report
                WHERE  action = 'left out'
                AND    object ~ '(fulfilment_days|on_time_del|visits|margin|turnover)'$$,
              $$SELECT 'indicator ' || name
                FROM   unnest('{fulfilment_days,fulfilment_days_median,fulfilment_days_p90,
                                on_time_delivery_rate,visits}'::text[]) AS name$$,
              'indicators of what Spree does not know are left out');
SELECT results_eq('SELECT country, orders, net_sales
                   FROM   model.kpi_month_by_country WHERE period = ''2025-02-01'' AND orders > 0
                   ORDER  BY country',
                  $$VALUES ('AT', 1::bigint, 30.0), ('DE', 2, 40)$$,
                  'the country is a dimension');
SELECT results_eq('SELECT sku, kind, moved_at, quantity
                   FROM   model.stock_moves ORDER BY sku, moved_at',
                  $$VALUES ('2', 'opening', timestamptz '2025-01-01 UTC', 12::bigint),
                           ('2', 'opening', '2025-01-01 UTC', 4),
                           ('2', 'removed', '2025-02-28 12:00 UTC', -4),
                           ('SHIRT', 'opening', '2025-01-01 UTC', 7),
                           ('SHIRT', 'sale', '2025-01-31 23:30 UTC', -2),
                           ('SHIRT', 'other', '2025-02-19 09:00 UTC', 1),
                           ('SHIRT', 'other', '2025-02-20 09:00 UTC', 5),
                           ('SHIRT', 'other', '2025-02-21 09:00 UTC', -1)$$,
                  'stock moves from what was there before to what is there now');
-- 22 at the end of January in Berlin, 2 of them sold on 1 February at 00:30.
SELECT is(sell_through_rate, 2 / (2 + 22)::float8,
          'sell-through is of all that was there, the opening stock too')
FROM   model.kpi_month WHERE period = '2025-02-01';
SELECT results_eq('SELECT sku, on_hand, unit_cost FROM model.stock_levels ORDER BY sku',
                  $$VALUES ('2', 12::bigint, 3.0), ('SHIRT', 10, 20)$$,
                  'stock levels are those of now');
CREATE TABLE before AS
SELECT *
FROM   model.kpi_values
WHERE  grain = 'month' AND dimension IS NULL AND kpi !~ '^carts|cart_ab|open_carts|average_inv';

-- On 5 March an order of 3 mugs at 20 was paid, 60; one was taken out of it and 20 paid back; then
-- one came back and 20 more were.
INSERT INTO spree_orders (id, number, state, created_at, completed_at, item_total, total,
                          item_count) VALUES
    (10, 'R10', 'complete', '2025-03-05', '2025-03-05', 40, 40, 2);
INSERT INTO spree_payments (id, amount, order_id, state) VALUES
    (10, 60, 10, 'completed'), (11, 60, 10, 'failed');
INSERT INTO spree_refunds (payment_id, amount, created_at) VALUES
    (10, 20, '2025-03-06'), (10, 20, '2025-03-09');
SELECT results_eq('SELECT o.net_sales, sum(r.refund), count(*)
                   FROM   model.orders AS o
                          JOIN model.returns AS r USING (order_id)
                   WHERE  order_id = 10
                   GROUP  BY 1',
                  'VALUES (40.0, 20.0, 2::bigint)',
                  'what was paid for articles taken out of an order is no refund of what was sold');
DELETE FROM spree_refunds WHERE payment_id = 10 AND created_at = '2025-03-09';
SELECT is_empty('SELECT FROM model.returns WHERE order_id = 10',
                'what was paid for articles taken out of an order makes no return');
DELETE FROM spree_refunds WHERE payment_id = 10;
DELETE FROM spree_payments WHERE order_id = 10;
DELETE FROM spree_orders WHERE id = 10;

-- Spree 6 renames, and adds carts, returns and typed movements. What was there before stays.
DROP SCHEMA model CASCADE;
ALTER TABLE spree_orders RENAME user_id TO customer_id;
ALTER TABLE spree_orders RENAME shipment_total TO delivery_total;
ALTER TABLE spree_orders RENAME promo_total TO discount_total;
ALTER TABLE spree_orders RENAME item_count TO total_quantity;
ALTER TABLE spree_orders ADD status varchar NOT NULL DEFAULT 'draft', ADD cart_id bigint UNIQUE,
    ADD fee_total numeric(10,2);
UPDATE spree_orders SET status = CASE WHEN state = 'canceled' THEN 'canceled'
                                      WHEN completed_at IS NOT NULL THEN 'placed'
                                      ELSE 'draft' END;
ALTER TABLE spree_orders DROP COLUMN state;
ALTER TABLE spree_shipments RENAME TO spree_fulfillments;
ALTER TABLE spree_fulfillments RENAME state TO status;
ALTER TABLE spree_fulfillments RENAME shipped_at TO fulfilled_at;
ALTER TABLE spree_fulfillments ADD delivered_at timestamp, ADD cart_id bigint;
ALTER TABLE spree_inventory_units RENAME TO spree_fulfillment_items;
ALTER TABLE spree_fulfillment_items RENAME shipment_id TO fulfillment_id;
ALTER TABLE spree_return_items RENAME inventory_unit_id TO fulfillment_item_id;
ALTER TABLE spree_line_items ADD cart_id bigint;
ALTER TABLE spree_refunds ADD order_id bigint;
UPDATE spree_refunds AS r SET order_id = p.order_id
FROM   spree_payments AS p WHERE p.id = r.payment_id;
ALTER TABLE spree_stock_items RENAME TO spree_stock_levels;
ALTER TABLE spree_stock_levels ADD allocated_count integer NOT NULL DEFAULT 0;
ALTER TABLE spree_stock_movements RENAME stock_item_id TO stock_level_id;
ALTER TABLE spree_stock_movements ADD kind varchar, ADD reason varchar, ADD order_id bigint,
    ADD stock_transfer_id bigint;
CREATE TABLE spree_carts (
    id bigserial PRIMARY KEY, store_id bigint NOT NULL DEFAULT 1, customer_id bigint,
    currency varchar NOT NULL DEFAULT 'EUR', email varchar, token varchar NOT NULL,
    completed_at timestamp,
    item_total numeric(10,2) DEFAULT 0, total_quantity integer DEFAULT 0,
    created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
CREATE TABLE spree_returns (
    id bigserial PRIMARY KEY, number varchar NOT NULL, order_id bigint NOT NULL,
    status varchar NOT NULL, approved_at timestamp, received_at timestamp, refunded_at timestamp,
    canceled_at timestamp, created_at timestamp(6) NOT NULL);
CREATE TABLE spree_return_line_items (
    id bigserial PRIMARY KEY, return_id bigint NOT NULL, line_item_id bigint NOT NULL,
    quantity integer NOT NULL DEFAULT 1, received_quantity integer NOT NULL DEFAULT 0);
-- Its upgrade copies the return of order 1, and turns carts of the orders table into carts, but for
-- 9, which stays an order.
INSERT INTO spree_returns (number, order_id, status, created_at) VALUES
    ('RA1', 1, 'refunded', '2025-02-17'), ('RA3', 4, 'approved', '2025-02-17');
INSERT INTO spree_return_line_items (return_id, line_item_id, quantity, received_quantity) VALUES
    (1, 1, 1, 1), (2, 4, 1, 0);
WITH moved AS (DELETE FROM spree_orders WHERE id IN (6, 7, 8) RETURNING *)
INSERT INTO spree_carts (email, token, item_total, total_quantity, created_at, updated_at)
SELECT email, 'token' || id, item_total, total_quantity, created_at, updated_at FROM moved;

SELECT FROM preset('spree', 'spree', 'model');
SELECT FROM build('model', 'Europe/Berlin', 'EUR', '{store,country}',
                  as_of => '2025-03-15 12:00 UTC');
SELECT is_empty($$SELECT kpi, period, value
                  FROM   before
                  EXCEPT
                  SELECT kpi, period, value
                  FROM   model.kpi_values WHERE grain = 'month' AND dimension IS NULL$$,
                'under the names of Spree 6 the same data give the same values');
SELECT results_eq('SELECT carts, open_carts, cart_abandonment_rate, abandoned_cart_value
                   FROM   model.kpi_month WHERE period >= ''2025-01-01'' ORDER BY period',
                  'VALUES (1::bigint, 0::bigint, 0.0::float8, 0.0), (4, 0, 0.25, 25), (2, 1, 0, 0)',
                  'in Spree 6 carts are those of the tables of carts and of orders');
SELECT has_column('model', 'kpi_month', 'fulfilment_days', 'Spree 6 knows when deliveries arrive');

-- An order the new way, on 2 March: 2 mugs at 20 from a cart of 1 March, a fee of 3, delivered
-- after two days; one came back, 20 were refunded. 3 more were approved for return, or received and
-- cancelled. Stock: 2 mugs were promised, then shipped.
INSERT INTO spree_carts (id, email, token, item_total, total_quantity, created_at, updated_at,
                         completed_at) VALUES
    (50, 'emil@example.org', 'token50', 40, 2, '2025-03-01 09:00', '2025-03-02 09:00',
     '2025-03-02 09:00');
INSERT INTO spree_orders (id, number, status, cart_id, created_at, completed_at, email, item_total,
                          adjustment_total, fee_total, total, total_quantity)
VALUES
    (50, 'R50', 'placed', 50, '2025-03-02 09:00', '2025-03-02 09:00', 'emil@example.org', 40, 3, 3,
     43, 2);
INSERT INTO spree_line_items (id, order_id, variant_id, quantity, price, cost_price) VALUES
    (50, 50, 2, 2, 20, 3);
INSERT INTO spree_fulfillments (id, order_id, status, fulfilled_at, delivered_at) VALUES
    (50, 50, 'delivered', '2025-03-03 09:00', '2025-03-04 09:00');
INSERT INTO spree_fulfillments (id, cart_id, status) VALUES (51, 50, 'unfulfilled');
INSERT INTO spree_returns (id, number, order_id, status, received_at, canceled_at,
                           created_at) VALUES
    (50, 'RET50', 50, 'refunded', '2025-03-10 09:00', NULL, '2025-03-08'),
    (51, 'RET51', 5, 'approved', NULL, NULL, '2025-03-08'),
    (52, 'RET52', 5, 'canceled', '2025-03-09', '2025-03-10', '2025-03-08');
INSERT INTO spree_return_line_items (return_id, line_item_id, quantity, received_quantity) VALUES
    (50, 50, 1, 1), (51, 5, 1, 0), (52, 5, 1, 1);
INSERT INTO spree_refunds (order_id, amount, transaction_id, created_at) VALUES
    (50, 20, 'z', '2025-03-11 09:00');
INSERT INTO spree_stock_movements (stock_level_id, quantity, kind, order_id, created_at) VALUES
    (2, 2, 'allocated', 50, '2025-03-02 09:00'), (2, 2, 'shipped', 50, '2025-03-03 09:00');
UPDATE spree_stock_levels SET count_on_hand = 10 WHERE id = 2;
SELECT results_eq('SELECT orders, net_sales, refunds, carts, cart_abandonment_rate, fulfilment_days,
                          return_rate, unit_return_rate
                   FROM   model.kpi_month WHERE period = ''2025-03-01''',
                  'VALUES (2::bigint, 60.0, 20.0, 3::bigint, 0.0::float8, 2.0::float8, 0.5::float8,
                           1 / 3::float8)',
                  'what Spree 6 has written counts as before; fees are no sales');
SELECT results_eq($$SELECT kind, moved_at, quantity
                    FROM   model.stock_moves
                    WHERE  sku = '2' AND moved_at <> '2025-02-28 12:00 UTC' AND quantity <> 4
                    ORDER  BY moved_at$$,
                  $$VALUES ('opening', timestamptz '2025-01-01 UTC', 12::bigint),
                           ('sale', '2025-03-03 09:00 UTC', -2)$$,
                  'what is promised has not left, what is shipped has');

-- Solidus has the names of Spree before 6, integers as ids, and an article's main category; a unit
-- is a row there, with no order and no quantity.
DROP SCHEMA model CASCADE;
CREATE SCHEMA solidus;
SET LOCAL search_path = solidus, public, kpi;
CREATE TABLE spree_orders (
    id serial PRIMARY KEY, number varchar(32), item_total numeric(10,2) NOT NULL DEFAULT 0,
    total numeric(10,2) NOT NULL DEFAULT 0, state varchar,
    adjustment_total numeric(10,2) NOT NULL DEFAULT 0,
    user_id integer, created_by_id integer, completed_at timestamp, ship_address_id integer,
    email varchar, created_at timestamp(6), updated_at timestamp(6), currency varchar DEFAULT 'EUR',
    shipment_total numeric(10,2) NOT NULL DEFAULT 0, additional_tax_total numeric(10,2) DEFAULT 0,
    promo_total numeric(10,2) DEFAULT 0, included_tax_total numeric(10,2) NOT NULL DEFAULT 0,
    item_count integer DEFAULT 0, canceled_at timestamp, store_id integer,
    frontend_viewable boolean NOT NULL DEFAULT true);
CREATE TABLE spree_line_items (
    id serial PRIMARY KEY, variant_id integer, order_id integer, quantity integer NOT NULL,
    price numeric(10,2) NOT NULL, cost_price numeric(10,2),
    adjustment_total numeric(10,2) DEFAULT 0,
    additional_tax_total numeric(10,2) DEFAULT 0, promo_total numeric(10,2) DEFAULT 0,
    included_tax_total numeric(10,2) NOT NULL DEFAULT 0);
CREATE TABLE spree_shipments (
    id serial PRIMARY KEY, shipped_at timestamp, order_id integer, state varchar,
    promo_total numeric(10,2) DEFAULT 0, included_tax_total numeric(10,2) NOT NULL DEFAULT 0);
CREATE TABLE spree_inventory_units (
    id serial PRIMARY KEY, state varchar, variant_id integer, shipment_id integer,
    line_item_id integer, carton_id integer);
CREATE TABLE spree_customer_returns (
    id serial PRIMARY KEY, number varchar, created_at timestamp(6));
CREATE TABLE spree_return_items (
    id serial PRIMARY KEY, inventory_unit_id integer, exchange_variant_id integer,
    reception_status varchar, customer_return_id integer, amount numeric(12,4) NOT NULL DEFAULT 0);
CREATE TABLE spree_payments (id serial PRIMARY KEY, order_id integer);
CREATE TABLE spree_refunds (
    id serial PRIMARY KEY, payment_id integer, amount numeric(10,2) NOT NULL,
    created_at timestamp(6));
CREATE TABLE spree_products (id serial PRIMARY KEY, name varchar, primary_taxon_id integer);
CREATE TABLE spree_taxons (id serial PRIMARY KEY, name varchar);
CREATE TABLE spree_variants (
    id serial PRIMARY KEY, sku varchar, product_id integer, cost_price numeric(10,2),
    cost_currency varchar);
INSERT INTO spree_orders (id, number, state, item_total, total, created_at, completed_at, email,
                          item_count) VALUES
    (1, 'R1', 'complete', 40, 40, '2025-03-01 08:00', '2025-03-01 09:00', 'Anna@example.org', 2);
INSERT INTO spree_taxons (name) VALUES ('Mugs');
INSERT INTO spree_products (name, primary_taxon_id) VALUES ('Mug', 1);
INSERT INTO spree_variants (sku, product_id) VALUES ('MUG', 1);
INSERT INTO spree_line_items (id, order_id, variant_id, quantity, price) VALUES (1, 1, 1, 2, 20);
INSERT INTO spree_shipments (id, order_id, state, shipped_at) VALUES
    (1, 1, 'shipped', '2025-03-02 09:00');
INSERT INTO spree_inventory_units (id, state, variant_id, shipment_id, line_item_id) VALUES
    (1, 'returned', 1, 1, 1), (2, 'shipped', 1, 1, 1);
INSERT INTO spree_customer_returns (id, created_at) VALUES (1, '2025-03-10');
INSERT INTO spree_return_items (inventory_unit_id, reception_status, customer_return_id) VALUES
    (1, 'received', 1);
SELECT set_eq($$SELECT object, action, reason
                FROM   preset('spree', 'solidus', 'model') WHERE action = 'left out'$$,
              $$VALUES ('source stock_moves', 'left out',
                        'there is no spree_stock_levels or spree_stock_items; there is no '
                        'spree_stock_movements'),
                       ('source stock_levels', 'left out',
                        'there is no spree_stock_levels or spree_stock_items')$$,
              'a source whose tables are not there is left out');
SELECT FROM build('model', 'Europe/Berlin', 'EUR', as_of => '2025-03-15 12:00 UTC');
SELECT results_eq('SELECT orders, net_sales, shipping_days, unit_return_rate
                   FROM   model.kpi_month WHERE period = ''2025-03-01''',
                  'VALUES (1::bigint, 40.0, 1.0::float8, 0.5::float8)',
                  'the tables of Solidus are read as those of Spree');
SELECT results_eq('SELECT sku, category, quantity, net_sales FROM model.order_lines',
                  $$VALUES ('MUG', 'Mugs', 2, 40.0)$$,
                  'Solidus tells the category of an article');
SELECT is(count(*), 0::bigint, 'no column shows what this version does not keep')
FROM   pg_attribute WHERE attrelid = 'model.deliveries'::regclass AND attname = 'delivered_at';

\set shop spree
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
