-- A shop of Odoo 16 with :n orders in two years until now, in the tables of its test: three lines
-- each, sent in one parcel, one of twenty sent back and credited, one of fifty cancelled.

INSERT INTO res_currency VALUES (1, 'EUR');
INSERT INTO res_company VALUES (1, 'Ours', 1);
INSERT INTO res_country VALUES (1, 'BE'), (2, 'FR');
INSERT INTO website VALUES (1, 'Web shop', 1, 1);
INSERT INTO uom_uom (id, factor, uom_type) VALUES (1, 1, 'reference');
INSERT INTO product_category
SELECT i, 'Category ' || i, 'All / ' || i FROM generate_series(1, 10) AS i;
INSERT INTO product_template (id, uom_id, categ_id, type)
SELECT i, 1, 1 + i % 10, 'product' FROM generate_series(1, greatest(100, :n / 200)) AS i;
INSERT INTO product_product (id, product_tmpl_id, default_code)
SELECT id, id, 'SKU-' || id FROM product_template;
INSERT INTO res_partner (id, commercial_partner_id, is_company, country_id, email)
SELECT i, i, false, 1 + i % 2, 'c' || i || '@example.org' FROM generate_series(1, 1 + :n / 3) AS i;
INSERT INTO res_users (id, partner_id, active) VALUES (1, 1 + :n / 3, false);
INSERT INTO stock_location VALUES (1, 'Stock', 'internal', 1), (2, 'Customers', 'customer', NULL);
INSERT INTO stock_quant (id, product_id, location_id, quantity)
SELECT id, id, 1, 100 FROM product_product;

CREATE TEMPORARY TABLE placed AS
SELECT i, localtimestamp - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO sale_order (id, name, state, date_order, create_date, write_date, partner_id,
                        partner_shipping_id, company_id, currency_id, currency_rate, amount_untaxed,
                        amount_tax, website_id)
SELECT i, 'S' || i, CASE WHEN i % 50 = 7 THEN 'cancel' ELSE 'sale' END, at, at - interval '1 hour',
       at, c, c, 1, 1, 1, 60, 12, 1
FROM   placed CROSS JOIN LATERAL (SELECT 1 + i * 7919::bigint % (:n / 3)) AS c (c);
-- and carts that were given up
INSERT INTO sale_order (id, name, state, date_order, create_date, write_date, partner_id,
                        company_id, currency_id, currency_rate, amount_untaxed, website_id)
SELECT :n + i, 'S' || :n + i, 'draft', at, at, at, 1 + :n / 3, 1, 1, 1, 20, 1
FROM   placed WHERE i % 2 = 0 AND at > now() - interval '90 days';
INSERT INTO sale_order_line (id, order_id, product_id, product_uom, product_uom_qty, price_unit,
                             discount, price_subtotal, purchase_price, write_date)
SELECT 3 * o.id - l, o.id, v, 1, 2, 10, 0, 20, 5, o.write_date
FROM   sale_order AS o
       CROSS JOIN generate_series(0, 2) AS l
       CROSS JOIN LATERAL (SELECT 1 + (o.id + l * 31) % greatest(100, :n / 200)) AS v (v);
INSERT INTO stock_picking (id, state, date_done)
SELECT i, CASE WHEN i % 50 = 7 THEN 'cancel' ELSE 'done' END, at + interval '1 day' FROM placed;
INSERT INTO stock_move (id, date, state, picking_id, product_id, product_uom, product_uom_qty,
                        product_qty, quantity, location_id, location_dest_id, sale_line_id)
SELECT 3 * i - l, at + interval '1 day', CASE WHEN i % 50 = 7 THEN 'cancel' ELSE 'done' END, i, v,
       1, 2, 2, 2, 1, 2, 3 * i - l
FROM   placed
       CROSS JOIN generate_series(0, 2) AS l
       CROSS JOIN LATERAL (SELECT 1 + (i + l * 31) % greatest(100, :n / 200)) AS v (v);
INSERT INTO stock_move (id, date, state, product_id, product_uom, product_qty, quantity,
                        location_id, location_dest_id, origin_returned_move_id)
SELECT 3 * :n + m.id, m.date + interval '8 days', 'done', m.product_id, 1, 1, 1, 2, 1, m.id
FROM   stock_move AS m
WHERE  m.id % 60 = 3 AND m.date < now() - interval '8 days';
INSERT INTO stock_valuation_layer (id, create_date, product_id, quantity, value, stock_move_id)
SELECT id, date, product_id, CASE location_id WHEN 1 THEN -2 ELSE 1 END,
       CASE location_id WHEN 1 THEN -10 ELSE 5 END, id
FROM   stock_move WHERE state = 'done';
INSERT INTO account_move (id, move_type, state, invoice_date, date, currency_id)
SELECT 2 * i + k, CASE k WHEN 0 THEN 'out_invoice' ELSE 'out_refund' END, 'posted',
       at + k * interval '10 days', at + k * interval '10 days', 1
FROM   placed CROSS JOIN generate_series(0, 1) AS k
WHERE  i % 50 <> 7 AND (k = 0 OR i % 20 = 1) AND at + k * interval '10 days' < now();
INSERT INTO account_move_line (id, move_id, product_id, quantity, price_subtotal, price_total,
                               balance)
SELECT 3 * id - l, id, 1, 2, 20, 24, -20 FROM account_move CROSS JOIN generate_series(0, 2) AS l
WHERE  id % 2 = 0 OR l = 0;
INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id)
SELECT id, 3 * (move_id / 2) - (3 * move_id - id) FROM account_move_line;
INSERT INTO rating_rating (id, create_date, res_model, partner_id, rating, consumed)
SELECT i, at, 'sale.order', 1 + i * 7919::bigint % (:n / 3), 1 + i % 5, true
FROM   placed WHERE i % 10 = 0;
DROP TABLE placed;

-- What changes: orders of the last weeks, a line of each.
PREPARE change AS
WITH changed AS (
    UPDATE sale_order SET amount_untaxed = amount_untaxed + 1, write_date = localtimestamp
    WHERE  id > :n * 0.9 AND id <= :n AND id % 100 = 0 RETURNING id)
UPDATE sale_order_line SET price_subtotal = price_subtotal + 1, write_date = localtimestamp
WHERE  id IN (SELECT 3 * id FROM changed);
