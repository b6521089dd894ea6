-- A shop of Spree 5 with :n orders in two years until now, in the tables of its test,
-- three lines each, one of twenty refunded, one of twenty returned, one of fifty cancelled.

INSERT INTO spree_stores (name, code, default_currency) VALUES ('Shop', 'shop', 'EUR');
INSERT INTO spree_countries (iso) VALUES ('DE'), ('AT'), ('FR'), ('IT'), ('PL');
INSERT INTO spree_products (name) SELECT 'Product ' || i
FROM   generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO spree_variants (sku, product_id, cost_price, cost_currency)
SELECT 'SKU-' || i, i, 5 + i % 10, 'EUR' FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO spree_addresses (city, country_id)
SELECT 'City', 1 + i % 5 FROM generate_series(1, :n / 2) AS i;

CREATE TEMPORARY TABLE placed AS
SELECT i, localtimestamp - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO spree_orders (id, number, state, created_at, completed_at, updated_at, email,
                          item_total, adjustment_total, shipment_total, additional_tax_total,
                          total, item_count, ship_address_id)
SELECT i, 'R' || i, CASE WHEN i % 50 = 7 THEN 'canceled' ELSE 'complete' END,
       at - interval '1 hour', at,
       CASE WHEN at < localtimestamp - interval '5 days' THEN at + interval '5 days' ELSE at END,
       'c' || i * 7919::bigint % (:n / 3) || '@example.org', 60 + i % 40, 12 + i % 8, 5, 12 + i % 8,
       77 + i % 40 + i % 8, 6, 1 + i % (:n / 2)
FROM   placed;
-- and carts that were given up
INSERT INTO spree_orders (id, number, state, created_at, updated_at, email, item_total, total,
                          item_count)
SELECT :n + i, 'R' || :n + i, 'address', at, at, 'v' || i || '@example.org', 20, 20, 1
FROM   placed WHERE i % 2 = 0;
INSERT INTO spree_line_items (id, order_id, variant_id, quantity, price, cost_price,
                              additional_tax_total)
SELECT 3 * i - l, i, 1 + (i + l * 31) % greatest(100, :n / 200), 2, (60 + i % 40) / 6.0, 4,
       (12 + i % 8) / 3.0
FROM   placed CROSS JOIN generate_series(0, 2) AS l;
INSERT INTO spree_shipments (id, order_id, state, shipped_at, cost)
SELECT i, i, CASE WHEN i % 50 = 7 THEN 'canceled' ELSE 'shipped' END, at + interval '1 day', 5
FROM   placed;
INSERT INTO spree_inventory_units (id, state, variant_id, order_id, shipment_id, line_item_id)
SELECT 3 * i - l, 'shipped', 1 + (i + l * 31) % greatest(100, :n / 200), i, i, 3 * i - l
FROM   placed CROSS JOIN generate_series(0, 2) AS l;
INSERT INTO spree_payments (id, order_id, amount, state)
SELECT i, i, 77 + i % 40 + i % 8, 'completed' FROM placed;
INSERT INTO spree_refunds (payment_id, amount, created_at)
SELECT i, 20, at + interval '10 days' FROM placed
WHERE  i % 20 = 1 AND at < localtimestamp - interval '10 days';
INSERT INTO spree_customer_returns (id, number, created_at)
SELECT i, 'CR' || i, at + interval '9 days' FROM placed
WHERE  i % 20 = 1 AND at < localtimestamp - interval '10 days';
INSERT INTO spree_return_items (inventory_unit_id, reception_status, customer_return_id, updated_at)
SELECT 3 * id, 'received', id, created_at FROM spree_customer_returns;
INSERT INTO spree_state_changes (name, previous_state, next_state, stateful_id, stateful_type,
                                 created_at)
SELECT 'order', 'complete', 'canceled', i, 'Spree::Order', at + interval '1 hour'
FROM   placed WHERE i % 50 = 7;
INSERT INTO spree_stock_items (id, stock_location_id, variant_id, count_on_hand, created_at)
SELECT i, 1, i, 1000, now() - interval '731 days'
FROM   generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO spree_stock_movements (stock_item_id, quantity, originator_type, originator_id,
                                   created_at)
SELECT 1 + i % greatest(100, :n / 200), -2, 'Spree::Shipment', i, at + interval '1 day' FROM placed
WHERE  at < localtimestamp - interval '1 day';
DROP TABLE placed;

-- as docs/presets.md says
CREATE INDEX ON spree_orders ((updated_at AT TIME ZONE 'UTC'));
CREATE INDEX ON spree_stock_movements ((created_at AT TIME ZONE 'UTC'));

-- What changes: orders of the last weeks, their amounts, a line and a shipment.
PREPARE change AS
WITH changed AS (
    UPDATE spree_orders
    SET    item_total = item_total + 1, updated_at = localtimestamp
    WHERE  id > :n * 0.9 AND id <= :n AND id % 100 = 0 RETURNING id),
line AS (
    UPDATE spree_line_items SET price = price + 0.5
    WHERE  id IN (SELECT 3 * id FROM changed))
UPDATE spree_shipments SET shipped_at = localtimestamp
WHERE  id IN (SELECT id FROM changed);
