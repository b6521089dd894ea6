-- A Shopify shop with :n orders in two years until now, in the tables of its test: three lines
-- each, one of twenty paid back, one of fifty cancelled.

INSERT INTO product (id, title, product_type)
SELECT i, 'Product ' || i, 'Type ' || i % 10 FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO inventory_item (id, sku, unit_cost_amount, tracked)
SELECT id, 'SKU-' || id, 4, true FROM product;
INSERT INTO inventory_quantity (id, inventory_item_id, name, quantity)
SELECT id, id, 'on_hand', 100 FROM product;
INSERT INTO customer (id, email)
SELECT i, 'c' || i || '@example.org' FROM generate_series(1, :n / 3) AS i;

CREATE TEMPORARY TABLE placed AS
SELECT i, now() - interval '730 days' * (:n - i) / :n AS at FROM generate_series(1, :n) AS i;

INSERT INTO "order" (id, email, customer_id, currency, financial_status, total_tax, taxes_included,
                     created_at, updated_at, cancelled_at, checkout_token, source_name,
                     shipping_address_country_code, test, _fivetran_synced)
SELECT i, 'c' || c || '@example.org', c, 'EUR', 'paid', 6 + i % 4, false, p.at, u.at,
       CASE WHEN i % 50 = 7 THEN p.at END, 't' || i, 'web', 'US', false, u.at
FROM   placed AS p
       CROSS JOIN LATERAL (SELECT 1 + i * 7919::bigint % (:n / 3)) AS c (c)
       CROSS JOIN LATERAL (
           SELECT CASE WHEN p.at < now() - interval '5 days' THEN p.at + interval '5 days'
                       ELSE p.at END) AS u (at);
INSERT INTO order_line (id, order_id, product_id, sku, quantity, price, total_discount, gift_card,
                        requires_shipping)
SELECT 3 * i - l, i, v, 'SKU-' || v, 2, 10 + i % 20, 1, false, true
FROM   placed
       CROSS JOIN generate_series(0, 2) AS l
       CROSS JOIN LATERAL (SELECT 1 + (i + l * 31) % greatest(100, :n / 200)) AS v (v);
INSERT INTO discount_allocation (order_line_id, index, amount) SELECT id, 1, 1 FROM order_line;
INSERT INTO tax_line (order_line_id, index, price) SELECT id, 1, 2 FROM order_line;
INSERT INTO order_shipping_line (id, order_id, price, discounted_price)
SELECT i, i, 5, 5 FROM placed;
INSERT INTO refund (id, order_id, created_at)
SELECT i, i, at + interval '10 days' FROM placed
WHERE  i % 20 = 1 AND at < now() - interval '10 days';
INSERT INTO order_line_refund (id, refund_id, order_line_id, quantity, subtotal, total_tax)
SELECT id, id, 3 * id, 1, 10, 1 FROM refund;
INSERT INTO transaction (id, order_id, refund_id, amount, kind, status)
SELECT id, id, id, 11, 'refund', 'success' FROM refund;
INSERT INTO fulfillment (id, order_id, status, created_at, updated_at)
SELECT i, i, 'success', at + interval '1 day', at + interval '1 day' FROM placed;
INSERT INTO fulfillment_event (id, fulfillment_id, order_id, status, happened_at)
SELECT i, i, i, 'delivered', at + interval '3 days' FROM placed;
INSERT INTO abandoned_checkout (id, token, email, subtotal_price, created_at, updated_at)
SELECT i, 'a' || i, 'v' || i || '@example.org', 20, at, at FROM placed
WHERE  i % 2 = 0 AND at > now() - interval '90 days';
DROP TABLE placed;

-- What changes: orders of the last weeks come again, with a tax and a line that differ.
PREPARE change AS
WITH changed AS (
    UPDATE "order" SET total_tax = total_tax + 1, updated_at = now(), _fivetran_synced = now()
    WHERE  id > :n * 0.9 AND id % 100 = 0 RETURNING id)
UPDATE order_line SET price = price + 1 WHERE id IN (SELECT 3 * id FROM changed);
