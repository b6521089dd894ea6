-- A shop of Magento with :n orders in two years until now, in the tables of its test: three items
-- each, one of twenty paid back, one of fifty cancelled.

INSERT INTO store VALUES (1, 'default', 'Shop');
INSERT INTO catalog_product_entity
SELECT i, 'SKU-' || i, 'simple' FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO cataloginventory_stock_item (item_id, product_id, stock_id, qty)
SELECT entity_id, entity_id, 1, 100 FROM catalog_product_entity;

CREATE TEMPORARY TABLE placed AS
SELECT i, now() - interval '730 days' * (:n - i) / :n AS at FROM generate_series(1, :n) AS i;

INSERT INTO sales_order (entity_id, state, increment_id, customer_email, quote_id, base_tax_amount,
                         base_shipping_amount, created_at, updated_at)
SELECT i, CASE WHEN i % 50 = 7 THEN 'canceled' ELSE 'complete' END, 'M' || i,
       'c' || i * 7919::bigint % (:n / 3) || '@example.org', i, 12, 5, at, at
FROM   placed;
INSERT INTO sales_order_item (item_id, order_id, product_type, sku, qty_ordered, base_cost,
                              base_row_total)
SELECT 3 * i - l, i, 'simple', 'SKU-' || 1 + (i + l * 31) % greatest(100, :n / 200), 2, 4, 20
FROM   placed CROSS JOIN generate_series(0, 2) AS l;
INSERT INTO sales_order_status_history (entity_id, parent_id, status, created_at)
SELECT i, i, CASE WHEN i % 50 = 7 THEN 'canceled' ELSE 'complete' END, at FROM placed;
INSERT INTO sales_order_address (entity_id, parent_id, address_type, country_id)
SELECT 2 * i, i, 'billing', 'DE' FROM placed
UNION ALL
SELECT 2 * i + 1, i, 'shipping', 'DE' FROM placed;
INSERT INTO sales_creditmemo (entity_id, order_id, base_tax_amount, created_at)
SELECT i, i, 4, at + interval '10 days' FROM placed
WHERE  i % 20 = 1 AND at < now() - interval '10 days';
INSERT INTO sales_creditmemo_item (entity_id, parent_id, order_item_id, qty, base_row_total)
SELECT entity_id, entity_id, 3 * order_id, 2, 20 FROM sales_creditmemo;
INSERT INTO sales_shipment (entity_id, order_id, created_at)
SELECT i, i, at + interval '1 day' FROM placed WHERE i % 50 <> 7;
INSERT INTO quote (entity_id, created_at, updated_at, items_qty, customer_email, base_subtotal)
SELECT i, at, at, 6, 'c' || i || '@example.org', 60 FROM placed
UNION ALL
SELECT :n + i, at, at, 1, 'v' || i || '@example.org', 20 FROM placed WHERE i % 2 = 0;
DROP TABLE placed;

-- What changes: orders of the last weeks, an item of each.
PREPARE change AS
WITH changed AS (
    UPDATE sales_order SET base_tax_amount = base_tax_amount + 1, updated_at = now()
    WHERE  entity_id > :n * 0.9 AND entity_id % 100 = 0 RETURNING entity_id)
UPDATE sales_order_item SET base_row_total = base_row_total + 1
WHERE  item_id IN (SELECT 3 * entity_id FROM changed);
