-- A shop of Stripe, as Airbyte replicates it, with :n charges in two years until now, in the tables
-- of its test: two of three by a checkout session of two lines, the others renewals of
-- subscriptions; one of twenty refunded.

CREATE TEMPORARY TABLE paid AS
SELECT i, extract(epoch FROM now() - interval '730 days' * (:n - i) / :n)::bigint AS at,
       'cus_' || i * 7919::bigint % (:n / 3) AS customer, 6000 + i % 40 AS goods
FROM   generate_series(1, :n) AS i;

INSERT INTO customers (id, email)
SELECT 'cus_' || i, 'c' || i || '@example.org' FROM generate_series(0, :n / 3) AS i;
INSERT INTO invoices (id, created, billing_reason, subscription, customer, subtotal, total, tax,
                      total_discount_amounts)
SELECT 'in_' || i, at, CASE WHEN i % 6 = 0 THEN 'subscription_create'
                            ELSE 'subscription_cycle' END,
       'sub_' || i / 6, customer, goods, goods + 1200, 1200, '[]'
FROM   paid WHERE i % 3 = 0;
INSERT INTO charges (id, created, updated, amount, amount_captured, customer, invoice,
                     payment_intent, billing_details)
SELECT 'ch_' || i, at, at, goods + 1200 + CASE WHEN i % 3 > 0 THEN 595 ELSE 0 END,
       goods + 1200 + CASE WHEN i % 3 > 0 THEN 595 ELSE 0 END, customer,
       CASE WHEN i % 3 = 0 THEN 'in_' || i END, 'pi_' || i, '{"address": {"country": "DE"}}'
FROM   paid;
INSERT INTO checkout_sessions (id, created, updated, expires_at, status, mode, amount_subtotal,
                               amount_total, total_details, shipping_cost, payment_intent,
                               customer, customer_details)
SELECT 'cs_' || i, at - 600, at, at + 86400, 'complete', 'payment', goods, goods + 1795,
       '{"amount_discount": 0, "amount_shipping": 500, "amount_tax": 1295}',
       '{"amount_subtotal": 500, "amount_tax": 95, "amount_total": 595}', 'pi_' || i, customer,
       '{"address": {"country": "AT"}}'
FROM   paid WHERE i % 3 > 0;
INSERT INTO checkout_sessions (id, created, updated, expires_at, status, mode, amount_subtotal,
                               amount_total, total_details, subscription, customer)
SELECT 'cs_' || i, at - 600, at, at + 86400, 'complete', 'subscription', goods, goods + 1200,
       '{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 1200}', 'sub_' || i / 6, customer
FROM   paid WHERE i % 6 = 0;
-- and those that were left
INSERT INTO checkout_sessions (id, created, updated, expires_at, status, mode, amount_subtotal,
                               amount_total, total_details)
SELECT 'cs_' || :n + i, at, at, at + 86400, 'expired', 'payment', goods, goods, '{}'
FROM   paid WHERE i % 2 = 0;
INSERT INTO checkout_sessions_line_items (id, checkout_session_id, quantity, amount_subtotal,
                                          amount_discount, amount_tax, amount_total, price)
SELECT 'li_' || 2 * i - l, 'cs_' || i, 1, goods / 2, 0, 600, goods / 2 + 600,
       format('{"product": "prod_%s"}', i % 100)::jsonb
FROM   paid CROSS JOIN generate_series(0, 1) AS l WHERE i % 3 > 0 OR i % 6 = 0;
INSERT INTO refunds (id, charge, created, amount, status)
SELECT 're_' || i, 'ch_' || i, at + 864000, 2000, 'succeeded'
FROM   paid WHERE i % 20 = 1 AND at + 864000 < extract(epoch FROM now());
INSERT INTO disputes (id, charge, created, amount, status)
SELECT 'dp_' || i, 'ch_' || i, at + 864000, 3000, 'lost'
FROM   paid WHERE i % 100 = 2 AND at + 864000 < extract(epoch FROM now());
DROP TABLE paid;

-- What changes: charges of the last weeks are refunded, and come again.
PREPARE change AS
WITH changed AS (
    UPDATE charges SET amount_refunded = 1000, updated = extract(epoch FROM now()),
           _airbyte_extracted_at = now()
    WHERE  id IN (SELECT 'ch_' || i FROM generate_series(:n * 9 / 10, :n) AS i WHERE i % 100 = 0)
    RETURNING id)
INSERT INTO refunds (id, charge, created, amount, status)
SELECT 're_' || gen_random_uuid(), id, extract(epoch FROM now()), 1000, 'succeeded' FROM changed;
