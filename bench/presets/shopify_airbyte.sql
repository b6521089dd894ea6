-- A Shopify shop with :n orders in two years until now, in the streams of its test: three lines
-- each, one of twenty paid back, one of fifty cancelled, one of a hundred edited later.

INSERT INTO products (id, title, product_type)
SELECT i, 'Product ' || i, 'Type ' || i % 10 FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO inventory_items (id, sku, cost, tracked) SELECT id, 'SKU-' || id, 4, true FROM products;
INSERT INTO inventory_levels (id, inventory_item_id, location_id, available)
SELECT id, id, 1, 100 FROM products;
INSERT INTO customers (id, email)
SELECT i, 'c' || i || '@example.org' FROM generate_series(1, :n / 3) AS i;

CREATE TEMPORARY TABLE placed AS
SELECT i, now() - interval '730 days' * (:n - i) / :n AS at FROM generate_series(1, :n) AS i;

INSERT INTO orders (_airbyte_extracted_at, id, email, customer, currency, financial_status,
                    taxes_included, total_tax, created_at, updated_at, cancelled_at, checkout_token,
                    source_name, shipping_address, test, line_items, shipping_lines, refunds,
                    fulfillments)
SELECT u.at, i, 'c' || c || '@example.org', jsonb_build_object('id', c), 'EUR', 'paid', false,
       6 + i % 4, p.at, u.at, CASE WHEN i % 50 = 7 THEN p.at END, 't' || i, 'web',
       '{"country_code": "US"}', false,
       (SELECT jsonb_agg(jsonb_build_object(
                   'id', 3 * i - l, 'product_id', v, 'sku', 'SKU-' || v, 'quantity', 2,
                   'price', 10 + i % 20, 'gift_card', false, 'requires_shipping', true,
                   'tax_lines', jsonb_build_array(jsonb_build_object('price', 2)),
                   'discount_allocations', jsonb_build_array(jsonb_build_object('amount', 1))))
        FROM   generate_series(0, 2) AS l
               CROSS JOIN LATERAL (SELECT 1 + (i + l * 31) % greatest(100, :n / 200)) AS v (v)),
       '[{"id": 1, "price": 5, "discounted_price": 5, "tax_lines": [{"price": 0.5}]}]',
       CASE WHEN i % 20 = 1 AND p.at < now() - interval '10 days'
            THEN jsonb_build_array(jsonb_build_object(
                     'id', i, 'created_at', p.at + interval '10 days',
                     'order_adjustments', '[]'::jsonb, 'transactions', '[]'::jsonb,
                     'refund_line_items', jsonb_build_array(jsonb_build_object(
                         'line_item_id', 3 * i, 'quantity', 1, 'subtotal', 10, 'total_tax', 1))))
            ELSE '[]' END,
       jsonb_build_array(jsonb_build_object(
           'id', i, 'created_at', p.at + interval '1 day', 'updated_at', p.at + interval '3 days',
           'status', 'success', 'shipment_status', 'delivered'))
FROM   placed AS p
       CROSS JOIN LATERAL (SELECT 1 + i * 7919::bigint % (:n / 3)) AS c (c)
       CROSS JOIN LATERAL (
           SELECT CASE WHEN p.at < now() - interval '5 days' THEN p.at + interval '5 days'
                       ELSE p.at END) AS u (at);
INSERT INTO order_agreements (_airbyte_extracted_at, id, created_at, updated_at, agreements)
SELECT at, i, at, at, jsonb_build_array(jsonb_build_object(
           'id', i, 'happened_at', at + interval '1 hour', 'reason', 'ORDER_EDIT', 'sales',
           jsonb_build_array(jsonb_build_object(
               'action_type', 'ORDER', 'line_type', 'PRODUCT', 'quantity', 1,
               'line_item', jsonb_build_object('id', 3 * i),
               'total_amount', '{"shop_money": {"amount": 5}}'::jsonb))))
FROM   placed WHERE i % 100 = 3;
INSERT INTO abandoned_checkouts (id, token, email, subtotal_price, created_at, updated_at)
SELECT i, 'a' || i, 'v' || i || '@example.org', 20, at, at FROM placed
WHERE  i % 2 = 0 AND at > now() - interval '90 days';
DROP TABLE placed;

-- What changes: orders of the last weeks come again, with a tax and a currency that differ.
PREPARE change AS
UPDATE orders SET total_tax = total_tax + 1, updated_at = now(), _airbyte_extracted_at = now()
WHERE  id > :n * 0.9 AND id % 100 = 0;
