-- A shop of Vendure with :n orders in two years until now, in the tables of its test: three lines
-- each, one of twenty paid back, one of fifty cancelled, one of a hundred changed.

INSERT INTO global_settings VALUES ('en', true, 0, 1);
INSERT INTO channel VALUES
    ('__default_channel__', 't1', 'EUR', false, 1), ('de', 't2', 'EUR', false, 2);
INSERT INTO product_variant (sku, id)
SELECT 'SKU-' || i, i FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO stock_level ("stockOnHand", "stockAllocated", "productVariantId", "stockLocationId")
SELECT 100, 0, id, 1 FROM product_variant;
INSERT INTO customer (id, "firstName", "emailAddress")
SELECT i, 'C', 'c' || i || '@example.org' FROM generate_series(0, :n / 3) AS i;

CREATE TEMPORARY TABLE placed AS
SELECT i, localtimestamp - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO "order" (id, code, state, active, "createdAt", "updatedAt", "orderPlacedAt",
                     "customerId", "currencyCode", "subTotal", "subTotalWithTax", shipping,
                     "shippingWithTax", "shippingAddress")
SELECT i, 'R' || i, CASE WHEN i % 50 = 7 THEN 'Cancelled' ELSE 'Delivered' END, false,
       at - interval '1 hour',
       CASE WHEN at < localtimestamp - interval '5 days' THEN at + interval '5 days' ELSE at END,
       at, i * 7919::bigint % (:n / 3), 'EUR', 6000, 7200, 500, 600, '{"countryCode":"DE"}'
FROM   placed;
-- and carts that were given up
INSERT INTO "order" (id, code, state, "createdAt", "updatedAt", "currencyCode", "subTotal",
                     "subTotalWithTax", "shippingAddress")
SELECT :n + i, 'R' || :n + i, 'AddingItems', at, at, 'EUR', 2000, 2400, '{}'
FROM   placed WHERE i % 2 = 0;
INSERT INTO order_line (id, "orderId", "productVariantId", quantity, "orderPlacedQuantity",
                        "listPrice", "listPriceIncludesTax", adjustments, "taxLines", "updatedAt")
SELECT 3 * i - l, i, 1 + (i + l * 31) % greatest(100, :n / 200), 2, 2, 1000, false, '[]',
       '[{"description":"Standard Tax","taxRate":20}]', at
FROM   placed CROSS JOIN generate_series(0, 2) AS l;
INSERT INTO order_line (id, "orderId", "productVariantId", quantity, "listPrice",
                        "listPriceIncludesTax", adjustments, "taxLines", "updatedAt")
SELECT 3 * :n + id - :n, id, 1, 2, 1000, false, '[]', '[]', "updatedAt"
FROM   "order" WHERE id > :n;
INSERT INTO order_modification (id, "createdAt", "priceChange", "orderId")
SELECT i, at + interval '1 hour', 2400, i FROM placed WHERE i % 100 = 3;
INSERT INTO payment (id, "orderId", amount, method, state)
SELECT i, i, 7800, 'card', 'Settled' FROM placed;
INSERT INTO refund (id, "paymentId", "createdAt", state, total, items, shipping, adjustment, method)
SELECT i, i, at + interval '10 days', 'Settled', 1200, 1200, 0, 0, 'card' FROM placed
WHERE  i % 20 = 1 AND at < localtimestamp - interval '10 days';
INSERT INTO order_line_reference (quantity, "orderLineId", "refundId", discriminator)
SELECT 1, 3 * id, id, 'RefundLine' FROM refund;
INSERT INTO order_line_reference (quantity, "orderLineId", "modificationId", discriminator)
SELECT 1, 3 * id, id, 'OrderModificationLine' FROM order_modification;
INSERT INTO order_line_reference (quantity, "orderLineId", "fulfillmentId", discriminator)
SELECT 2, 3 * i - l, i, 'FulfillmentLine' FROM placed CROSS JOIN generate_series(0, 2) AS l;
INSERT INTO history_entry ("createdAt", type, data, discriminator, "orderId")
SELECT at + h.after, 'ORDER_STATE_TRANSITION',
       format('{"from":"PaymentSettled","to":"%s"}', h.state), 'order-history-entry', i
FROM   placed
       CROSS JOIN (VALUES ('PaymentSettled', interval '1 minute'), ('Shipped', '1 day'),
                          ('Delivered', '3 days'), ('Cancelled', '1 hour')) AS h (state, after)
WHERE  at + h.after < localtimestamp AND (i % 50 = 7) = (h.state = 'Cancelled');
INSERT INTO history_entry ("createdAt", type, data, discriminator, "orderId")
SELECT "createdAt", 'ORDER_REFUND_TRANSITION',
       format('{"refundId":%s,"from":"Pending","to":"Settled"}', id), 'order-history-entry', id
FROM   refund;
INSERT INTO stock_movement ("createdAt", type, quantity, "productVariantId", "stockLocationId")
SELECT localtimestamp - interval '731 days', 'ADJUSTMENT', 1000, id, 1 FROM product_variant;
INSERT INTO stock_movement ("createdAt", type, quantity, "productVariantId", "stockLocationId",
                            "orderLineId")
SELECT at + interval '1 day', 'SALE', -2, 1 + i % greatest(100, :n / 200), 1, 3 * i
FROM   placed WHERE at < localtimestamp - interval '1 day';
INSERT INTO order_channels_channel
SELECT i, c FROM placed CROSS JOIN generate_series(1, 2) AS c WHERE c = 1 OR i % 2 = 0;
DROP TABLE placed;

-- What changes: orders of the last weeks, the price of a line and a note in their history.
PREPARE change AS
WITH changed AS (
    UPDATE "order" SET "subTotal" = "subTotal" + 200, "updatedAt" = localtimestamp
    WHERE  id > :n * 0.9 AND id <= :n AND id % 100 = 0 RETURNING id),
line AS (
    UPDATE order_line SET "listPrice" = "listPrice" + 100
    WHERE  id IN (SELECT 3 * id FROM changed))
INSERT INTO history_entry ("createdAt", type, data, discriminator, "orderId")
SELECT localtimestamp, 'ORDER_NOTE', '{"note":"changed"}', 'order-history-entry', id FROM changed;
