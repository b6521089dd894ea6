-- A shop of WooCommerce with :n orders in two years until now, in the streams of its test: three
-- lines each, one of twenty paid back, one of fifty cancelled.

INSERT INTO products (id, sku, type, categories, manage_stock, stock_quantity)
SELECT i, 'SKU-' || i, 'simple', '[{"name": "Things"}]', true, 100
FROM   generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO customers (id, email)
SELECT i, 'c' || i || '@example.org' FROM generate_series(1, :n / 3) AS i;

CREATE TEMPORARY TABLE placed AS
SELECT i, now() - interval '730 days' * (:n - i) / :n AS at FROM generate_series(1, :n) AS i;

INSERT INTO orders (_airbyte_extracted_at, id, status, date_created_gmt, date_modified_gmt,
                    date_paid_gmt, date_completed_gmt, shipping_total, shipping_tax, total_tax,
                    customer_id, billing, shipping, line_items, shipping_lines, refunds)
SELECT u.at, i, CASE WHEN i % 50 = 7 THEN 'cancelled' ELSE 'completed' END, p.at, u.at, p.at,
       p.at + interval '1 day', '5.00', '1.00', '13.00', c, '{"country": "DE"}', '{"country": ""}',
       (SELECT jsonb_agg(jsonb_build_object(
                   'id', 3 * i - l, 'product_id', v, 'variation_id', 0, 'quantity', 2,
                   'subtotal', '20.00', 'total', '20.00', 'total_tax', '4.00',
                   'sku', 'SKU-' || v, 'meta_data', '[]'::jsonb))
        FROM   generate_series(0, 2) AS l
               CROSS JOIN LATERAL (SELECT 1 + (i + l * 31) % greatest(100, :n / 200)) AS v (v)),
       '[{"id": 2, "method_id": "flat_rate", "total": "5.00", "total_tax": "1.00"}]',
       CASE WHEN i % 20 = 1 AND p.at < now() - interval '10 days'
            THEN jsonb_build_array(jsonb_build_object('id', :n + i)) ELSE '[]' END
FROM   placed AS p
       CROSS JOIN LATERAL (SELECT 1 + i * 7919::bigint % (:n / 3)) AS c (c)
       CROSS JOIN LATERAL (
           SELECT CASE WHEN p.at < now() - interval '5 days' THEN p.at + interval '5 days'
                       ELSE p.at END) AS u (at);
INSERT INTO refunds (id, date_created_gmt, amount, line_items)
SELECT :n + i, at + interval '10 days', '10.00', '[]' FROM placed
WHERE  i % 20 = 1 AND at < now() - interval '10 days';
INSERT INTO product_reviews (id, product_id, date_created_gmt, status, rating, reviewer_email)
SELECT i, 1, at, 'approved', 1 + i % 5, 'c' || i || '@example.org' FROM placed WHERE i % 10 = 0;
DROP TABLE placed;

-- What changes: orders of the last weeks come again, with another tax.
PREPARE change AS
UPDATE orders SET total_tax = '14.00', date_modified_gmt = now(), _airbyte_extracted_at = now()
WHERE  id > :n * 0.9 AND id % 100 = 0;
