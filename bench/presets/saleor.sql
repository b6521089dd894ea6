-- A shop of Saleor with :n orders in two years until now, in the tables of its test: three lines
-- each, one of twenty returned and refunded, one of fifty cancelled.

INSERT INTO channel_channel (slug, name, currency_code) VALUES ('web', 'Web', 'EUR');
INSERT INTO product_category (name) SELECT 'Category ' || i FROM generate_series(1, 10) AS i;
INSERT INTO product_product (name, category_id)
SELECT 'Product ' || i, 1 + i % 10 FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO product_productvariant (sku, product_id) SELECT 'SKU-' || id, id FROM product_product;
INSERT INTO warehouse_stock (warehouse_id, product_variant_id, quantity)
SELECT u(1), id, 100 FROM product_productvariant;

CREATE TEMPORARY TABLE placed AS
SELECT i, now() - interval '730 days' * (:n - i) / :n AS at FROM generate_series(1, :n) AS i;

INSERT INTO order_order (id, number, created_at, updated_at, status, origin, user_email,
                         checkout_token, subtotal_net_amount, subtotal_gross_amount,
                         total_net_amount, total_gross_amount, shipping_price_net_amount,
                         shipping_price_gross_amount)
SELECT u(i), i, at,
       CASE WHEN at < now() - interval '5 days' THEN at + interval '5 days' ELSE at END,
       CASE WHEN i % 50 = 7 THEN 'canceled' ELSE 'fulfilled' END, 'checkout',
       'c' || i * 7919::bigint % (:n / 3) || '@example.org', u(i)::text, 60 + i % 40, 72 + i % 40,
       65 + i % 40, 78 + i % 40, 5, 6
FROM   placed;
INSERT INTO order_orderline (id, order_id, variant_id, product_sku, quantity, quantity_fulfilled,
                             total_price_net_amount, total_price_gross_amount,
                             undiscounted_total_price_net_amount)
SELECT u(3 * i - l), u(i), v.id, v.sku, 2, CASE WHEN i % 50 = 7 THEN 0 ELSE 2 END,
       (60 + i % 40) / 3.0, (72 + i % 40) / 3.0, (60 + i % 40) / 3.0
FROM   placed
       CROSS JOIN generate_series(0, 2) AS l
       JOIN product_productvariant AS v ON v.id = 1 + (i + l * 31) % greatest(100, :n / 200);
INSERT INTO order_orderevent (order_id, type, date)
SELECT u(i), e.type, at + e.after
FROM   placed
       CROSS JOIN (VALUES ('placed', interval '0'), ('order_fully_paid', '1 minute'),
                          ('fulfillment_fulfilled_items', '1 day'),
                          ('canceled', '1 hour')) AS e (type, after)
WHERE  at + e.after < now() AND (i % 50 = 7) = (e.type = 'canceled');
INSERT INTO order_fulfillment (order_id, status, created_at, total_refund_amount)
SELECT u(i), 'refunded_and_returned', at + interval '10 days', 20 FROM placed
WHERE  i % 20 = 1 AND at < now() - interval '10 days';
INSERT INTO order_fulfillmentline (fulfillment_id, order_line_id, quantity)
SELECT f.id, u(3 * o.number), 1
FROM   order_fulfillment AS f JOIN order_order AS o ON o.id = f.order_id;
INSERT INTO checkout_checkout (token, created_at, last_change, email, channel_id, currency,
                               subtotal_net_amount)
SELECT u(:n + i), at, at, 'v' || i || '@example.org', 1, 'EUR', 20 FROM placed
WHERE  i % 2 = 0 AND at > now() - interval '90 days';
INSERT INTO checkout_checkoutline (checkout_id, variant_id, quantity)
SELECT token, 1, 1 FROM checkout_checkout;
DROP TABLE placed;

-- What changes: orders of the last weeks, their amounts and a line.
PREPARE change AS
WITH changed AS (
    UPDATE order_order
    SET    subtotal_net_amount = subtotal_net_amount + 1, updated_at = now()
    WHERE  number > :n * 0.9 AND number % 100 = 0 RETURNING number)
UPDATE order_orderline SET total_price_net_amount = total_price_net_amount + 1
WHERE  id IN (SELECT u(3 * number) FROM changed);
