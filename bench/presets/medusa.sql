-- A shop of Medusa 2 with :n orders in two years until now, in the tables of its test: three lines
-- each, one of twenty returned and refunded, one of fifty cancelled, one of a hundred edited.

INSERT INTO region (id, name, currency_code) VALUES ('reg_1', 'Europe', 'eur');
INSERT INTO sales_channel VALUES ('sc_1', 'Web');
INSERT INTO inventory_item (id, sku)
SELECT 'iitem_' || i, 'SKU-' || i FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO inventory_level (inventory_item_id, location_id, stocked_quantity)
SELECT id, 'sloc_1', 100 FROM inventory_item;

CREATE TEMPORARY TABLE placed AS
SELECT i, 'order_' || i AS id, CASE WHEN i % 100 = 3 THEN 2 ELSE 1 END AS versions,
       now() - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO order_address (id, country_code)
SELECT 'ordaddr_' || i, (ARRAY['de', 'at', 'fr'])[1 + i % 3] FROM placed;
INSERT INTO "order" (id, display_id, version, sales_channel_id, status, email, shipping_address_id,
                     created_at, updated_at, canceled_at)
SELECT id, i, versions, 'sc_1',
       (CASE WHEN i % 50 = 7 THEN 'canceled' ELSE 'completed' END)::order_status_enum,
       'c' || i * 7919::bigint % (:n / 3) || '@example.org', 'ordaddr_' || i, at,
       CASE WHEN at < now() - interval '5 days' THEN at + interval '5 days' ELSE at END,
       CASE WHEN i % 50 = 7 THEN at END
FROM   placed;
INSERT INTO order_line_item (id, variant_id, variant_sku, product_type, unit_price)
SELECT 'ordli_' || 3 * i - l, 'variant_' || v, 'SKU-' || v, 'Type ' || v % 10, 20 + i % 40
FROM   placed
       CROSS JOIN generate_series(0, 2) AS l
       CROSS JOIN LATERAL (SELECT 1 + (i + l * 31) % greatest(100, :n / 200)) AS v (v);
INSERT INTO order_item (order_id, version, item_id, quantity, fulfilled_quantity, shipped_quantity,
                        delivered_quantity)
SELECT id, v, 'ordli_' || 3 * i - l, v, v, v, v
FROM   placed CROSS JOIN generate_series(0, 2) AS l CROSS JOIN generate_series(1, versions) AS v;
INSERT INTO order_line_item_tax_line (code, rate, item_id)
SELECT 'vat', 20, 'ordli_' || i FROM generate_series(1, 3 * :n) AS i;
INSERT INTO order_line_item_adjustment (code, amount, item_id)
SELECT 'ten', 2, 'ordli_' || i FROM generate_series(1, 3 * :n, 10) AS i;
INSERT INTO order_shipping_method (id, name, amount) SELECT 'ordsm_' || i, 'Post', 5 FROM placed;
INSERT INTO order_shipping (order_id, version, shipping_method_id)
SELECT id, v, 'ordsm_' || i FROM placed CROSS JOIN generate_series(1, versions) AS v;
INSERT INTO order_shipping_method_tax_line (code, rate, shipping_method_id)
SELECT 'vat', 20, 'ordsm_' || i FROM placed;
INSERT INTO order_change (order_id, version, change_type, confirmed_at)
SELECT id, 2, 'edit', at + interval '1 hour' FROM placed WHERE versions = 2;
INSERT INTO return (id, order_id, status, received_at, updated_at)
SELECT 'return_' || i, id, 'received', at + interval '9 days', at + interval '9 days' FROM placed
WHERE  i % 20 = 1 AND at < now() - interval '10 days';
INSERT INTO return_item (return_id, item_id, quantity, received_quantity)
SELECT 'return_' || i, 'ordli_' || 3 * i, 1, 1 FROM placed
WHERE  i % 20 = 1 AND at < now() - interval '10 days';
INSERT INTO order_transaction (order_id, amount, created_at)
SELECT id, t.amount, at + t.after
FROM   placed CROSS JOIN (VALUES (60, interval '1 minute'), (-20, '10 days')) AS t (amount, after)
WHERE  (i % 20 = 1 OR t.amount > 0) AND at + t.after < now();
INSERT INTO fulfillment (id, shipped_at, delivered_at)
SELECT 'ful_' || i, at + interval '1 day', at + interval '3 days' FROM placed;
INSERT INTO order_fulfillment (order_id, fulfillment_id) SELECT id, 'ful_' || i FROM placed;
INSERT INTO fulfillment_item (quantity, line_item_id, fulfillment_id)
SELECT 1, 'ordli_' || 3 * i - l, 'ful_' || i FROM placed CROSS JOIN generate_series(0, 2) AS l;
INSERT INTO cart (id, email, sales_channel_id, created_at, updated_at, completed_at)
SELECT 'cart_' || i, 'c' || i || '@example.org', 'sc_1', at, at, CASE WHEN i % 3 > 0 THEN at END
FROM   placed;
INSERT INTO cart_line_item (cart_id, quantity, unit_price, created_at, updated_at)
SELECT 'cart_' || i, 2, 20, at, at FROM placed;
INSERT INTO order_cart (order_id, cart_id) SELECT id, 'cart_' || i FROM placed WHERE i % 3 > 0;
DROP TABLE placed;

-- as docs/presets.md says
CREATE INDEX ON "order" (updated_at);

-- What changes: orders of the last weeks are cancelled, and refunded.
PREPARE change AS
WITH changed AS (
    UPDATE "order" SET status = 'canceled', canceled_at = now(), updated_at = now()
    WHERE  display_id > :n * 0.9 AND display_id % 100 = 0 RETURNING id)
INSERT INTO order_transaction (order_id, amount, created_at) SELECT id, -10, now() FROM changed;
