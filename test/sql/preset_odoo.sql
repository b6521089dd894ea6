\set ECHO none
\i test/setup.psql
SELECT plan(21);

-- An Odoo 18 database: its tables, columns and types, cut down to what is read and some of what is
-- not.
CREATE SCHEMA odoo;
SET LOCAL search_path = odoo, public, kpi;
\i test/presets/odoo.psql

INSERT INTO res_currency VALUES (1, 'EUR', '€'), (2, 'USD', '$');
INSERT INTO res_company VALUES (1, 'Ours', 1);
INSERT INTO res_country VALUES (1, 'BE'), (2, 'US');
INSERT INTO res_partner VALUES
    (1, 'Acme', NULL, 1, true, 1, 'office@x.com'), (2, 'Ann of Acme', 1, 1, false, 1, 'ann@x.com'),
    (3, 'Bob', NULL, 3, false, 2, 'bob@x.com'), (4, 'Public user', NULL, 4, false, NULL, NULL),
    (5, 'Public user of another website', NULL, 5, false, NULL, NULL),
    (6, 'Daughter of Acme', NULL, 6, true, 1, 'office@x.com'),
    (7, 'Bob again', NULL, 7, false, 2, 'Bob@x.com ');
INSERT INTO res_users VALUES
    (3, 'public', 4, false, true), (9, 'public-user@website-2.com', 5, false, true),
    (7, 'bob', 3, true, true);
INSERT INTO website VALUES (1, 'Web shop', 3, 1), (2, 'Outlet', 9, 1);
INSERT INTO ir_model_data VALUES
    (1, 'base', 'public_user', 'res.users', 3), (2, 'x', 'public_user', 'res.users', 7);
INSERT INTO uom_uom VALUES
    (1, '{"en_US":"Units"}', 1.0, 'reference'),
    (2, '{"en_US":"Dozens"}', 0.08333333333333333, 'bigger');
INSERT INTO product_category VALUES (1, 'Food', 'All / Food');
INSERT INTO product_template VALUES
    (1, '{}', 1, 1, 'consu'), (2, '{}', 1, 1, 'consu'), (3, '{}', 1, NULL, 'service');
INSERT INTO product_product VALUES
    (1, 1, 'A', true, '{"1": 5}'), (2, 2, 'B', true, '{"1": 20}'), (3, 3, NULL, true, NULL);

-- Worked out by hand, for May 2025 in Brussels, in EUR as the model has it (1 EUR is 1.25 USD):
--
--     order  listed  less  net    tax  ship  pieces  cost
--     1         120    12  108  24.78    10      12    60  Acme, by Ann: a dozen A at 120,
--                                                          10 % off, on 1 May there; shipping 10
--     2          80    16   64   0        0       2    40  Bob, in USD: 2 B at 50, a reward of 20
--     3           -     -    -   -        -       -     -  a quotation
--     4           -     -    -   -        -       -     -  a cart of 12, of a visitor
--     5          24     0   24   5.04     0       2     ?  nobody: a visitor of the website;
--                                                          2 A at 12, a down payment
--     6           -     -    -   -        -       -     -  confirmed and then cancelled
--     7           -     -    -   -        -       -     -  a quotation that was declined
--     8           -     -    -   -        -       -     -  from the website, waits for its payment
--     9           -     -    -   -        -       -     -  an empty cart
--     pos 1      36     0   36   7.56     0       3    15  nobody: 3 A at 12; and the till took
--                                                          the payment for order 1
--     pos 2       -     -    -   -        -       -     -  takes back one of those
--     pos 3       -     -    -   -        -       -     -  not paid
--     pos 4      40     0   40   0        0       1     ?  Acme: 1 B; another A comes back
--               300    28  272  37.38    10      20   115
--
-- 5 orders, 1 of 6 cancelled; 2 customers and 2 orders of nobody; in April Bob was there as another
-- contact, and a company that only shares the address of Acme. The cost of 108 + 64 + 36 = 208 is
-- known: 93 are profit. Paid back: 54 by a credit note for order 1, 25 USD = 20 for order 2, 2 x 12
-- at the till; a draft of a credit note is none, nor those for order 5 and 2 that were invoiced
-- anew, that of 2 in EUR; in all 98, net sales 272 - 98 = 174. With them tax, 11.34 of order 1 and
-- 2.52 of one A at the till, and by the same credit note the shipping of 10 with tax 2.10: taxes
-- 37.38 - 15.96 = 21.42, shipping 0, total sales 195.42. Pieces that came back: 6 of order 1,
-- 2 at the till, so 8 of 20, and 3 of 5 orders; more of order 1 are only expected. Carts of the
-- website: 4, 5, 8; one abandoned.
-- Parcels of order 1 after 2 days, its backorder waits, of 2 after 1, of 5 after 3; half had left
-- after 2. A parcel cancelled is none.
-- Stock of A at cost 5: 100 - 12 - 2 + 6 = 92 pieces; sold 14 of 14 + 92. What the supplier sent to
-- the customer was never in it.
-- Ratings: 5, 3, one not answered.
INSERT INTO sale_order (id, state, date_order, create_date, write_date, commitment_date, partner_id,
                        partner_shipping_id, company_id, currency_id, currency_rate, amount_untaxed,
                        amount_tax, website_id) VALUES
    (1, 'sale',   '2025-04-30 22:30', '2025-04-28 10:00', '2025-05-03', '2025-05-05', 2, 2, 1, 1,
     1.0,  118, 24.78, NULL),
    (2, 'sale',   '2025-05-10 12:00', '2025-05-10 11:00', '2025-05-10', NULL,         3, 3, 1, 2,
     1.25, 80,  0,     NULL),
    (3, 'draft',  '2025-05-11 12:00', '2025-05-11 12:00', '2025-05-11', NULL,         3, 3, 1, 1,
     1.0,  999, 0,     NULL),
    (4, 'draft',  '2025-05-12 12:00', '2025-05-12 12:00', '2025-05-12', NULL,         4, 4, 1, 1,
     1.0,  12,  2.52,  1),
    (5, 'sale',   '2025-05-13 12:00', '2025-05-13 11:00', '2025-05-13', NULL,         5, 5, 1, 1,
     1.0,  24,  5.04,  2),
    (6, 'cancel', '2025-05-14 12:00', '2025-05-14 11:00', '2025-05-16', NULL,         1, 1, 1, 1,
     1.0,  50,  0,     NULL),
    (7, 'cancel', '2025-05-15 12:00', '2025-05-15 12:00', '2025-05-16', NULL,         1, 1, 1, 1,
     1.0,  60,  0,     NULL),
    (8, 'sent',   '2025-05-16 12:00', '2025-05-16 12:00', '2025-05-16', NULL,         3, 3, 1, 1,
     1.0,  12,  2.52,  1),
    (9, 'draft',  '2025-05-17 12:00', '2025-05-17 12:00', '2025-05-17', NULL,         4, 4, 1, 1,
     1.0,  0,   0,     1);
INSERT INTO sale_order_line (id, order_id, product_id, product_uom, product_uom_qty, display_type,
                             is_downpayment, is_delivery, price_unit, discount, price_subtotal,
                             purchase_price, write_date) VALUES
    (10, 1, NULL, NULL, 0, 'line_section', false, false, 0, 0, 0, 0, '2025-04-28'),
    (11, 1, 1, 2, 1, NULL, false, false, 120, 10, 108, 60, '2025-04-28'),
    (12, 1, 3, 1, 1, NULL, false, true, 10, 0, 10, 0, '2025-04-28'),
    (20, 2, 2, 1, 2, NULL, false, false, 50, 0, 100, 25, '2025-05-10'),
    (21, 2, 3, 1, 1, NULL, false, false, -20, 0, -20, 0, '2025-05-10'),
    (30, 3, 1, 1, 9, NULL, false, false, 111, 0, 999, 5, '2025-05-11'),
    (40, 4, 1, 1, 1, NULL, false, false, 12, 0, 12, 5, '2025-05-12 12:05'),
    (50, 5, 1, 1, 2, NULL, false, false, 12, 0, 24, 0, '2025-05-13'),
    (51, 5, 3, 1, 0, NULL, true, false, 12, 0, 0, 0, '2025-05-13'),
    (52, 5, NULL, NULL, 0, 'line_note', false, false, 0, 0, 0, 0, '2025-05-13'),
    (60, 6, 1, 1, 5, NULL, false, false, 10, 0, 50, 5, '2025-05-14'),
    (70, 7, 1, 1, 6, NULL, false, false, 10, 0, 60, 5, '2025-05-15'),
    (80, 8, 1, 1, 1, NULL, false, false, 12, 0, 12, 5, '2025-05-16'),
    (90, 9, 1, 1, 0, NULL, false, false, 12, 0, 0, 5, '2025-05-17');
INSERT INTO account_journal VALUES (1, NULL);
INSERT INTO pos_config VALUES (1, 'Till', 1);
INSERT INTO pos_session VALUES (1, 1);
INSERT INTO pos_order (id, state, date_order, partner_id, company_id, session_id, currency_rate,
                       amount_total, amount_tax) VALUES
    (1, 'done', '2025-05-20 10:00', NULL, 1, 1, 1.0, 151.56, 7.56),
    (2, 'paid', '2025-05-20 11:00', NULL, 1, 1, 1.0, -14.52, -2.52),
    (3, 'draft', '2025-05-20 12:00', NULL, 1, 1, 1.0, 99, 0),
    (4, 'invoiced', '2025-05-21 10:00', 1, 1, 1, 1.0, 28, 0),
    (5, 'paid', '2025-04-21 10:00', 7, 1, 1, 1.0, 40, 0),
    (6, 'paid', '2025-04-22 10:00', 6, 1, 1, 1.0, 40, 0);
INSERT INTO pos_order_line (id, order_id, product_id, qty, price_unit, discount, price_subtotal,
                            price_subtotal_incl, total_cost, refunded_orderline_id,
                            sale_order_origin_id) VALUES
    (1, 1, 1, 3, 12, 0, 36, 43.56, 15, NULL, NULL), (2, 1, 1, 12, 9, 0, 108, 130.68, 60, NULL, 1),
    (3, 2, 1, -1, 12, 0, -12, -14.52, -5, 1, NULL), (4, 3, 1, 9, 11, 0, 99, 99, 45, NULL, NULL),
    (5, 4, 2, 1, 40, 0, 40, 40, 0, NULL, NULL), (8, 4, 1, -1, 12, 0, -12, -12, -5, 1, NULL),
    (6, 5, 2, 1, 40, 0, 40, 40, 0, NULL, NULL), (7, 6, 2, 1, 40, 0, 40, 40, 0, NULL, NULL);
INSERT INTO account_move VALUES
    (1, 'out_invoice', 'posted', '2025-05-02', '2025-05-02', 1, 1),
    (2, 'out_refund', 'posted', '2025-05-21', '2025-05-21', 1, 1),
    (3, 'out_refund', 'draft', NULL, '2025-05-22', 1, 1),
    (4, 'out_refund', 'posted', '2025-05-31', '2025-05-31', 1, 1),
    (5, 'out_invoice', 'posted', '2025-05-14', '2025-05-14', 1, 1),
    (6, 'out_refund', 'posted', '2025-05-15', '2025-05-15', 1, 1),
    (7, 'out_invoice', 'posted', '2025-05-15', '2025-05-15', 1, 1),
    (8, 'out_invoice', 'posted', '2025-05-10', '2025-05-10', 2, 1),
    (9, 'out_refund', 'posted', '2025-05-11', '2025-05-11', 2, 1),
    (10, 'out_invoice', 'posted', '2025-05-11', '2025-05-11', 1, 1);
INSERT INTO account_move_line (id, move_id, product_id, quantity, price_subtotal, price_total,
                               balance) VALUES
    (1, 1, 1, 1, 108, 130.68, -108), (2, 2, 1, 0.5, 54, 65.34, 54), (3, 3, 1, 0.1, 10, 12.1, 10),
    (4, 4, 2, 1, 20, 20, 20), (5, 5, 1, 2, 24, 29.04, -24), (6, 6, 1, 2, 24, 29.04, 24),
    (7, 7, 1, 2, 24, 29.04, -24), (8, 8, 2, 2, 100, 100, -80), (9, 9, 2, 2, 100, 100, 80),
    (10, 10, 2, 2, 80, 80, -80), (11, 8, 3, 1, -20, -20, 16), (12, 9, 3, 1, -20, -20, -16),
    (13, 10, 3, 1, -16, -16, 16), (14, 1, 3, 1, 10, 12.1, -10), (15, 2, 3, 1, 10, 12.1, 10);
INSERT INTO sale_order_line_invoice_rel VALUES
    (1, 11), (2, 11), (3, 11), (4, 20), (5, 50), (6, 50), (7, 50), (8, 20), (9, 20), (10, 20),
    (11, 21), (12, 21), (13, 21), (14, 12), (15, 12);
INSERT INTO stock_location VALUES
    (1, 'Suppliers', 'supplier', NULL), (2, 'Stock', 'internal', 1), (3, 'Shelf', 'internal', 1),
    (4, 'Customers', 'customer', NULL), (5, 'Loss', 'inventory', 1);
INSERT INTO stock_picking (id, state, date_done) VALUES
    (1, 'done', '2025-05-02 22:30'), (2, 'assigned', NULL), (3, 'cancel', NULL),
    (4, 'done', '2025-05-11 12:00'), (5, 'done', '2025-05-16 12:00'), (6, 'cancel', NULL),
    (7, 'done', '2025-05-20 12:00');
INSERT INTO stock_move (id, date, state, picking_id, product_id, product_uom, product_uom_qty,
                        product_qty, quantity, location_id, location_dest_id,
                        origin_returned_move_id, sale_line_id) VALUES
    (1, '2025-05-01 08:00', 'done', NULL, 1, 1, 100, 100, 100, 1, 2, NULL, NULL),
    (2, '2025-05-02 22:30', 'done', 1, 1, 2, 1, 12, 1, 2, 4, NULL, 11),
    (3, '2025-05-03 08:00', 'assigned', 2, 1, 1, 1, 1, 0, 2, 4, NULL, 11),
    (4, '2025-05-03 08:00', 'cancel', 3, 1, 1, 12, 12, 0, 2, 4, NULL, 11),
    (5, '2025-05-11 12:00', 'done', 4, 2, 1, 2, 2, 2, 1, 4, NULL, 20),
    (6, '2025-05-16 12:00', 'done', 5, 1, 1, 2, 2, 2, 2, 4, NULL, 50),
    (7, '2025-05-16 12:00', 'cancel', 6, 1, 1, 5, 5, 0, 2, 4, NULL, 60),
    (8, '2025-05-20 12:00', 'done', 7, 1, 1, 6, 6, 6, 4, 2, 2, NULL),
    (9, '2025-05-20 13:00', 'assigned', NULL, 1, 1, 6, 6, 6, 4, 2, 2, NULL),
    (10, '2025-05-20 14:00', 'done', NULL, 1, 1, 7, 7, 7, 2, 3, NULL, NULL);
INSERT INTO stock_valuation_layer (id, create_date, product_id, quantity, unit_cost, value,
                                   stock_move_id) VALUES
    (1, '2025-05-01 08:00', 1, 100, 5, 500, 1), (2, '2025-05-02 22:30', 1, -12, 5, -60, 2),
    (3, '2025-05-11 12:00', 2, 2, 20, 40, 5), (4, '2025-05-11 12:00', 2, -2, 20, -40, 5),
    (5, '2025-05-20 12:00', 1, 6, 5, 30, 8),
    (6, '2025-05-16 12:00', 1, -2, 5, -10, 6), (7, '2025-05-21 12:00', 1, 0, 0, 50, 1);
INSERT INTO stock_quant VALUES (1, 1, 2, 85, 0), (2, 1, 3, 7, 0), (3, 1, 4, 6, 0);
INSERT INTO rating_rating VALUES
    (1, '2025-05-18 10:00', '2025-05-19 10:00', 'sale.order', 1, 2, 5, true),
    (2, '2025-05-18 10:00', '2025-05-19 10:00', 'helpdesk.ticket', 1, 3, 3, true),
    (3, '2025-05-18 10:00', '2025-05-18 10:00', 'helpdesk.ticket', 2, 3, 0, false);
SET LOCAL search_path = public, kpi;

SELECT results_eq('SELECT shop, usable FROM detect(''odoo'')', $$VALUES ('odoo', true)$$,
                  'an Odoo database is recognised');
SELECT set_eq($$SELECT object FROM preset('odoo', 'odoo', 'shop') WHERE action = 'created'$$,
              $$SELECT 'source ' || name
                FROM   unnest('{orders,order_lines,carts,returns,deliveries,stock_moves,
                                stock_levels,surveys}'::text[]) AS name
                UNION ALL
                SELECT 'schema shop'$$,
              'all that Odoo stores becomes a source');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop', 'Europe/Brussels', 'EUR', '{channel,category}',
                                 as_of => '2025-06-05 12:00 UTC')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of Odoo');

CREATE VIEW may AS SELECT * FROM shop.kpi_month WHERE period = '2025-05-01';
SELECT results_eq('SELECT gross_sales, discounts, refunds, net_sales FROM may',
                  'VALUES (300.0000, 28.0000, 98.0000, 174.0000)',
                  'amounts are in the currency of the company, of what was confirmed, refunds '
                  'credit notes');
SELECT results_eq('SELECT shipping, taxes, total_sales, product_sales FROM may',
                  'VALUES (0.0000, 21.4200, 195.4200, 272.0000)',
                  'shipping is no product, and credit notes take it off with their tax');
SELECT results_eq('SELECT orders, units, cancellation_rate_sample::text FROM may',
                  $$VALUES (5::bigint, 20.0000, '1/6')$$,
                  'quotations are no orders; a dozen is twelve pieces, discounts and down payments '
                  'are none');
SELECT results_eq('SELECT customers, returning_customers, guest_orders FROM may',
                  'VALUES (2::bigint, 1::bigint, 2::bigint)',
                  'contacts of a company are one customer, those of a person too, the public user '
                  'is none');
SELECT results_eq('SELECT gross_profit, round(gross_margin::numeric, 4),
                          round(cost_coverage::numeric, 4)
                   FROM   may',
                  'VALUES (93.0000, 0.4471, 0.7647)',
                  'the cost is that of the sale, where somebody has entered one');
SELECT results_eq('SELECT carts, cart_abandonment_rate_sample::text, abandoned_cart_value FROM may',
                  $$VALUES (3::bigint, '1/3', 12.0000)$$,
                  'a cart is a quotation of a website with something in it');
SELECT is((SELECT round(shipping_days::numeric, 2) FROM may), 2.00,
          'parcels leave when they are done, those cancelled are none');
SELECT hasnt_column('shop', 'kpi_month', 'undelivered',
                    'there is no number of undelivered parcels: Odoo does not know when they '
                    'arrive');
SELECT results_eq('SELECT return_rate, unit_return_rate FROM may',
                  'VALUES (0.6::float8, 0.4::float8)',
                  'pieces that came back and credit notes both are returns, of an order once');
SELECT is((SELECT round(sell_through_rate::numeric, 4) FROM may), round(14 / 106.0, 4),
          'stock is what entered and left, not what was sent from the supplier to the customer');
SELECT is((SELECT csat_sample::text FROM may), '1/2',
          'ratings that were answered are the satisfaction of customers');
SELECT set_eq('SELECT sku, on_hand FROM shop.stock_levels WHERE counted_at = now()',
              $$VALUES ('A', 92::numeric)$$,
              'the stock now is that of all own locations, as the moves have it');
SELECT set_eq('SELECT channel, orders
               FROM   shop.kpi_month_by_channel WHERE period = ''2025-05-01'' AND orders > 0',
              $$VALUES ('sales', 2::bigint), ('Outlet', 1), ('point of sale', 2)$$,
              'channels are websites, tills, and the rest');

-- The same as Odoo 19 has it: another name and direction of units, and moves that know their value
-- instead of layers of a valuation.
CREATE SCHEMA odoo19;
SELECT format('CREATE VIEW odoo19.%1$I AS SELECT * FROM odoo.%1$I', relname) FROM pg_class
WHERE  relnamespace = 'odoo'::regnamespace AND relkind = 'r'
AND    relname NOT IN ('sale_order_line', 'uom_uom', 'stock_move', 'stock_valuation_layer')
\gexec
CREATE VIEW odoo19.sale_order_line AS
SELECT id, order_id, product_id, product_uom AS product_uom_id, product_uom_qty, display_type,
       is_downpayment, is_delivery, price_unit, discount, price_subtotal, purchase_price, write_date
FROM odoo.sale_order_line;
CREATE VIEW odoo19.uom_uom AS
SELECT id, name, round(1 / factor, 6) AS factor, round(1 / factor, 6) AS relative_factor
FROM   odoo.uom_uom;
CREATE VIEW odoo19.stock_move AS
SELECT m.*, CASE WHEN product_id = 1 AND state = 'done' THEN 5 * product_qty END AS value
FROM   odoo.stock_move AS m;
SELECT isnt_empty($$SELECT object
                    FROM   preset('odoo', 'odoo19', 'shop19') WHERE action = 'created'$$,
                  'preset() reads the tables of Odoo 19');
SELECT isnt_empty($$SELECT object
                    FROM   build('shop19', 'Europe/Brussels', 'EUR',
                                 as_of => '2025-06-05 12:00 UTC')
                    WHERE  action = 'created'$$,
                  'build() makes a model of the sources of Odoo 19');
SELECT results_eq('SELECT to_jsonb(m) FROM shop19.kpi_month AS m ORDER BY period',
                  'SELECT to_jsonb(m) FROM shop.kpi_month AS m ORDER BY period',
                  'the tables of Odoo 19 give the same indicators as those of Odoo 18');

\set shop odoo
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
