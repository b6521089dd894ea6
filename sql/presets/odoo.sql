-- Odoo 14 to 19, with Sales, and as far as they are there eCommerce, Point of Sale, Inventory,
-- Invoicing and ratings
--
-- Times have no zone, in UTC. A sale_order is a quotation until it is confirmed, and on a website a
-- cart; date_order is then when it was made, and from confirmation on when that was. Amounts are in
-- major units of the currency of the order, currency_rate is how many of it were one unit of the
-- company's. Lines may be notes, shipping or down payments, which are no goods, and discounts,
-- which are no pieces. A customer is the company of a contact, or a person; the public user, under
-- whom visitors of a website go, is nobody.
--
-- Orders of the point of sale are added under negative numbers, by which no index finds them. What
-- is settled there of a sale_order counts as that, and a refund there as a return of what it
-- refunds.
--
-- No write_date tells of all that belongs to an order: what has changed is compared.

--@ shop Odoo

--@ table sale_order
id                      integer, required
state                   text, required
date_order              timestamptz, required
create_date             timestamptz, required
write_date              timestamptz, required
partner_id              integer, required
partner_shipping_id     integer
company_id              integer, required
currency_id             integer, required
currency_rate           numeric
amount_untaxed          numeric, required
amount_tax              numeric, required
commitment_date         timestamptz
website_id              integer

--@ table sale_order_line
id                      integer, required
order_id                integer, required
product_id              integer, required
product_uom_qty         numeric, required
product_uom|product_uom_id integer, required
display_type            text, required
is_downpayment          boolean, required
is_delivery             boolean
price_unit              numeric, required
discount                numeric, required
price_subtotal          numeric, required
purchase_price          numeric
write_date              timestamptz

--@ table stock_picking
id                      integer, required
state                   text, required
date_done               timestamptz, required

--@ table stock_quant
product_id              integer, required
location_id             integer, required
quantity                numeric, required

--@ table rating_rating
id                      integer, required
create_date             timestamptz, required
write_date              timestamptz
rated_on                timestamptz
res_model               text
partner_id              integer
rating                  numeric, required
consumed                boolean, required

--@ table stock_move
id                      integer, required
date                    timestamptz, required
state                   text, required
picking_id              integer
product_id              integer, required
product_uom             integer
product_qty             numeric
quantity                numeric
value                   numeric
location_id             integer, required
location_dest_id        integer, required
origin_returned_move_id integer
sale_line_id            integer

--@ optional stock_location
id                      integer, required
usage                   text, required
company_id              integer

--@ optional stock_valuation_layer
id                      integer, required
create_date             timestamptz, required
product_id              integer, required
quantity                numeric, required
value                   numeric, required
stock_move_id           integer

--@ optional pos_order
id                      integer, required
state                   text, required
date_order              timestamptz, required
partner_id              integer
company_id              integer, required
session_id              integer
currency_rate           numeric

--@ optional pos_order_line
id                      integer, required
order_id                integer, required
product_id              integer, required
qty                     numeric, required
price_unit              numeric, required
discount                numeric
price_subtotal          numeric, required
price_subtotal_incl     numeric, required
total_cost              numeric
refunded_orderline_id   integer
sale_order_origin_id    integer

--@ optional pos_session
id                      integer, required
config_id               integer, required

--@ optional pos_config
id                      integer, required
journal_id              integer

--@ optional account_journal
id                      integer, required
currency_id             integer

--@ optional account_move
id                      integer, required
move_type               text, required
state                   text, required
invoice_date            date
date                    date, required
currency_id             integer

--@ optional account_move_line
id                      integer, required
move_id                 integer, required
price_subtotal          numeric, required
price_total             numeric
balance                 numeric, required
quantity                numeric

--@ optional sale_order_line_invoice_rel
order_line_id           integer, required
invoice_line_id         integer, required

--@ table product_product
id                      integer, required
default_code            text
product_tmpl_id         integer, required

--@ table product_template
id                      integer, required
uom_id                  integer, required
categ_id                integer

--@ optional product_category
id                      integer, required
complete_name|name      text

--@ table uom_uom
id                      integer, required
factor                  numeric, required
relative_factor         numeric

--@ table res_company
id                      integer, required
name                    text
currency_id             integer, required

--@ table res_currency
id                      integer, required
name                    text, required

--@ table res_partner
id                      integer, required
commercial_partner_id   integer, required
country_id              integer
email                   text
is_company              boolean

--@ optional res_country
id                      integer, required
code                    text

--@ optional res_users
id                      integer, required
partner_id              integer, required

--@ table website
id                      integer, required
name                    text
user_id                 integer

--@ optional ir_model_data
module                  text
name                    text, required
model                   text, required
res_id                  integer

--@ part person
-- who a contact counts as: its company, or a person, who on a website is a new contact each time
-- but for the e-mail address; nobody for public users
SELECT p.id,
       coalesce(CASE WHEN c.is_company IS NOT TRUE THEN nullif(lower(trim(c.email)), '') END,
                c.id::text) AS customer_id
FROM   @res_partner@ AS p JOIN @res_partner@ AS c ON c.id = coalesce(p.commercial_partner_id, p.id)
WHERE  NOT EXISTS (
           SELECT FROM @res_users@ AS u
           WHERE  u.partner_id = p.id
           AND    (u.id IN (SELECT d.res_id
                            FROM   @ir_model_data@ AS d
                            WHERE  d.module = 'base' AND d.name = 'public_user'
                            AND    d.model = 'res.users')
                   OR u.id IN (SELECT w.user_id FROM @website@ AS w)     --@ if website
                  ))

--@ part unit
-- how many of the reference unit a unit of measure is; from version 19 on factor says that, before
-- it said the reverse
SELECT u.id,
       CASE WHEN u.relative_factor IS NULL THEN 1 / nullif(u.factor, 0)
            ELSE nullif(u.factor, 0) END AS size
FROM   @uom_uom@ AS u

--@ part article
-- the articles, and the unit their stock is kept in
SELECT p.id, coalesce(nullif(p.default_code, ''), p.id::text) AS sku, c.complete_name AS category,
       u.size
FROM   @product_product@ AS p
       LEFT JOIN @product_template@ AS t ON t.id = p.product_tmpl_id
       LEFT JOIN @product_category@ AS c ON c.id = t.categ_id
       LEFT JOIN @unit@ AS u ON u.id = t.uom_id

--@ part charged_line
-- the goods, discounts and shipping of sale orders, in the unit their stock is kept in
SELECT l.*, round(l.product_uom_qty * coalesce(u.size / a.size, 1), 6) AS quantity, a.sku,
       a.category
FROM   @sale_order_line@ AS l
       LEFT JOIN @article@ AS a ON a.id = l.product_id
       LEFT JOIN @unit@ AS u ON u.id = l.product_uom
WHERE  l.display_type IS NULL AND l.is_downpayment IS NOT TRUE

--@ part sale_line
-- the goods and discounts of sale orders
SELECT l.* FROM @charged_line@ AS l WHERE l.is_delivery IS NOT TRUE

--@ part pos_line
-- the goods and discounts of the point of sale
SELECT l.*, a.sku, a.category
FROM   @pos_order_line@ AS l
       JOIN @pos_order@ AS o ON o.id = l.order_id AND o.state IN ('paid', 'done', 'invoiced')
       LEFT JOIN @article@ AS a ON a.id = l.product_id
WHERE  l.sale_order_origin_id IS NULL

--@ part line
-- what was sold: at list price, after discounts, and what it cost; a cost of 0 is one that nobody
-- has entered, but for discounts
SELECT l.order_id, l.sku, l.category, l.net, l.tax,
       CASE WHEN l.price_unit >= 0 THEN l.quantity ELSE 0 END                        AS quantity,
       CASE WHEN l.price_unit < 0 THEN 0
            WHEN l.discount = 100 THEN l.price_unit * l.priced
            ELSE l.net / (1 - coalesce(l.discount, 0) / 100) END                     AS listed,
       CASE WHEN l.price_unit < 0 THEN l.cost ELSE nullif(l.cost, 0) END             AS cost
FROM   (SELECT l.order_id, l.sku, l.category, l.price_subtotal AS net, NULL::numeric AS tax,
               l.quantity, l.product_uom_qty AS priced,
               l.price_unit, l.discount, l.purchase_price * l.product_uom_qty AS cost
        FROM   @sale_line@ AS l
        UNION ALL
        SELECT -l.order_id, l.sku, l.category, l.price_subtotal,
               l.price_subtotal_incl - l.price_subtotal, l.qty, l.qty, l.price_unit, l.discount,
               l.total_cost
        FROM   @pos_line@ AS l WHERE l.qty > 0) AS l

--@ part placed
-- the orders confirmed; of those cancelled, the ones that had been, as goods were to be sent or an
-- invoice was written
SELECT o.id AS order_id, o.date_order AS ordered_at, o.partner_id,
       coalesce(o.partner_shipping_id, o.partner_id) AS ship_to,
       o.company_id, o.currency_id, o.currency_rate, o.amount_tax AS tax,
       CASE WHEN o.state = 'cancel' THEN o.write_date END AS cancelled_at,
       o.commitment_date AS promised_at,
       coalesce(
           w.name,     --@ if website
           'sales') AS channel
FROM   @sale_order@ AS o
       LEFT JOIN @website@ AS w ON w.id = o.website_id     --@ if website
       LEFT JOIN (SELECT DISTINCT l.order_id                                   --@ if stock_move
                  FROM   @sale_order_line@ AS l                                --@ if stock_move
                         JOIN @stock_move@ AS m ON m.sale_line_id = l.id) AS g --@ if stock_move
           ON g.order_id = o.id                                                --@ if stock_move
       LEFT JOIN (SELECT DISTINCT l.order_id
                  FROM   @sale_order_line@ AS l
                         JOIN @sale_order_line_invoice_rel@ AS i ON i.order_line_id = l.id) AS i
           ON i.order_id = o.id
WHERE  o.state IN ('sale', 'done')
OR     o.state = 'cancel' AND g.order_id IS NOT NULL     --@ if stock_move
OR     o.state = 'cancel' AND i.order_id IS NOT NULL
UNION ALL
SELECT -o.id, o.date_order, o.partner_id, o.partner_id, o.company_id,
       coalesce(j.currency_id, c.currency_id), o.currency_rate, NULL, NULL, NULL, 'point of sale'
FROM   @pos_order@ AS o
       LEFT JOIN @res_company@ AS c ON c.id = o.company_id
       LEFT JOIN @pos_session@ AS s ON s.id = o.session_id
       LEFT JOIN @pos_config@ AS f ON f.id = s.config_id
       LEFT JOIN @account_journal@ AS j ON j.id = f.journal_id
WHERE  o.id IN (SELECT l.order_id FROM @pos_line@ AS l WHERE l.qty > 0)

--@ source orders
-- The orders confirmed, and those of the point of sale under negative numbers. When an order was
-- cancelled is when it was last changed. The exchange rate is that to the currency of the company,
-- which the model should have.
SELECT o.order_id,
       o.ordered_at,
       p.customer_id,
       coalesce(l.net, 0)                                                            AS net_sales,
       coalesce(l.listed, 0)                                                         AS gross_sales,
       coalesce(l.listed - l.net, 0)                                                 AS discount,
       coalesce(o.tax, l.tax, 0)                                                     AS tax,
       coalesce(s.price, 0)                                                          AS shipping,
       coalesce(l.quantity, 0)                                                       AS units,
       r.name                                                                        AS currency,
       CASE WHEN o.currency_id = c.currency_id THEN 1
            ELSE 1 / nullif(o.currency_rate, 0) END AS exchange_rate,
       o.cancelled_at,
       o.promised_at,
       o.channel,
       y.code                                                                        AS country,
       c.name                                                                        AS company
FROM   @placed@ AS o
       LEFT JOIN (SELECT l.order_id, sum(l.listed) AS listed, sum(l.net) AS net, sum(l.tax) AS tax,
                         sum(l.quantity) AS quantity
                  FROM   @line@ AS l
                  GROUP  BY l.order_id) AS l USING (order_id)
       LEFT JOIN (SELECT l.order_id, sum(l.price_subtotal) AS price
                  FROM   @sale_order_line@ AS l WHERE l.is_delivery
                  GROUP  BY l.order_id) AS s USING (order_id)
       LEFT JOIN @person@ AS p ON p.id = o.partner_id
       LEFT JOIN @res_company@ AS c ON c.id = o.company_id
       LEFT JOIN @res_currency@ AS r ON r.id = o.currency_id
       LEFT JOIN @res_partner@ AS a ON a.id = o.ship_to
       LEFT JOIN @res_country@ AS y ON y.id = a.country_id

--@ source order_lines
-- The goods of the orders in the unit their stock is kept in, and discounts, which are no pieces.
SELECT l.order_id,
       l.quantity,
       l.sku,
       l.net       AS net_sales,
       l.cost,     --@ if sale_order_line.purchase_price|pos_order_line.total_cost
       l.category
FROM   @line@ AS l

--@ source carts
-- The carts of websites with something in them. One that waits for its payment is ordered, as it is
-- for Odoo. The value is in the currency of the company.
SELECT o.id                                                       AS cart_id,
       o.create_date                                              AS created_at,
       CASE WHEN o.state IN ('sent', 'sale', 'done') OR k.order_id IS NOT NULL
            THEN greatest(o.date_order, o.create_date) END        AS ordered_at,
       l.at                                                       AS last_active_at,
       p.customer_id,
       o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1) AS value
FROM   @sale_order@ AS o
       JOIN @website@ AS w ON w.id = o.website_id
       JOIN (SELECT l.order_id, max(l.write_date) AS at
             FROM   @sale_line@ AS l WHERE l.product_uom_qty > 0 GROUP BY l.order_id) AS l
           ON l.order_id = o.id
       LEFT JOIN @placed@ AS k ON k.order_id = o.id
       LEFT JOIN @person@ AS p ON p.id = o.partner_id

--@ part goods_back
-- the goods that customers sent back, of the line of the move, or of the one it reverses
SELECT m.order_id,
       m.date                                                                        AS returned_at,
       round(coalesce(m.quantity * u.size / a.size, m.product_qty), 6)               AS quantity,
       a.sku
FROM   (SELECT l.order_id, m.*
        FROM   @sale_order_line@ AS l JOIN @stock_move@ AS m ON m.sale_line_id = l.id
        UNION ALL
        SELECT l.order_id, m.*
        FROM   @sale_order_line@ AS l
               JOIN @stock_move@ AS b ON b.sale_line_id = l.id
               JOIN @stock_move@ AS m ON m.origin_returned_move_id = b.id
                                     AND m.sale_line_id IS NULL) AS m
       JOIN @stock_location@ AS f ON f.id = m.location_id AND f.usage = 'customer'
       JOIN @stock_location@ AS t ON t.id = m.location_dest_id AND t.usage <> 'customer'
       LEFT JOIN @article@ AS a ON a.id = m.product_id
       LEFT JOIN @unit@ AS u ON u.id = m.product_uom
WHERE  m.state = 'done'

--@ part credited
-- what the lines of sale orders were credited, in the currency of the order; what was invoiced anew
-- is not paid back: as far as more has been invoiced than was sold, credit notes only correct that
SELECT i.order_id, i.date, i.sku, i.is_shipping, p.refund, p.refund * i.tax_rate AS tax
FROM   (SELECT l.order_id, coalesce(n.invoice_date, n.date) AS date, l.sku, n.move_type,
               l.is_delivery IS TRUE AS is_shipping, l.price_subtotal AS sold, a.amount,
               i.price_total / nullif(i.price_subtotal, 0) - 1 AS tax_rate,
               coalesce(sum(a.amount) FILTER (WHERE n.move_type = 'out_invoice') OVER w,
                        0) AS invoiced,
               nullif(sum(a.amount) FILTER (WHERE n.move_type = 'out_refund') OVER w, 0) AS credited
        -- from the order on, as these are too many joins to be put into the best order
        FROM   @sale_order@ AS o
               JOIN @charged_line@ AS l ON l.order_id = o.id
               JOIN @sale_order_line_invoice_rel@ AS x ON x.order_line_id = l.id
               JOIN @account_move_line@ AS i ON i.id = x.invoice_line_id
               JOIN @account_move@ AS n ON n.id = i.move_id
               CROSS JOIN LATERAL (
                   SELECT CASE WHEN n.currency_id IS NOT DISTINCT FROM o.currency_id
                               THEN i.price_subtotal
                               ELSE i.balance
                                   * CASE n.move_type WHEN 'out_refund' THEN 1 ELSE -1 END
                                   * coalesce(o.currency_rate, 1) END AS amount) AS a
        WHERE  n.move_type IN ('out_invoice', 'out_refund') AND n.state = 'posted'
        WINDOW w AS (PARTITION BY l.order_id, l.id)) AS i
       CROSS JOIN LATERAL (
           SELECT i.amount * greatest(1 - greatest(abs(i.invoiced) - abs(i.sold), 0)
                                          / abs(i.credited), 0) AS refund) AS p
WHERE  i.move_type = 'out_refund'

--@ source returns
-- Goods that came back, and what was credited, a row each, as one can be without the other: goods
-- have pieces, credit notes an amount, of goods or of shipping, with its tax beside it, but for
-- those of invoices that were written anew. Credit notes have a date, read as noon. At the point of
-- sale they are one.
SELECT g.order_id, g.returned_at, g.quantity, NULL::numeric AS refund,       --@ if stock_move
       NULL::numeric AS tax, NULL::numeric AS shipping, g.sku                --@ if stock_move
FROM   @goods_back@ AS g                                                     --@ if stock_move
UNION ALL                                                                    --@ if stock_move
SELECT c.order_id, (c.date::timestamp + interval '12 hours') AT TIME ZONE 'UTC' AS returned_at,
       NULL::numeric AS quantity, CASE WHEN NOT c.is_shipping THEN c.refund END AS refund, c.tax,
       CASE WHEN c.is_shipping THEN c.refund END AS shipping, c.sku
FROM   @credited@ AS c
WHERE  c.refund <> 0
UNION ALL
SELECT -coalesce(b.order_id, l.order_id), o.date_order,
       CASE WHEN l.price_unit >= 0 THEN -l.qty ELSE 0 END, -l.price_subtotal,
       l.price_subtotal - l.price_subtotal_incl, NULL, l.sku
FROM   @pos_line@ AS l
       JOIN @pos_order@ AS o ON o.id = l.order_id
       LEFT JOIN @pos_order_line@ AS b ON b.id = l.refunded_orderline_id
WHERE  l.qty < 0

--@ source deliveries
-- A row per order and parcel to the customer, without those cancelled; it left when it was done.
-- When it arrived Odoo does not know.
SELECT o.order_id,
       o.ordered_at,
       CASE WHEN k.state = 'done' THEN k.date_done END                               AS shipped_at,
       o.promised_at
FROM   @placed@ AS o
       JOIN (SELECT DISTINCT l.order_id, m.picking_id
             FROM   @stock_move@ AS m
                    JOIN @stock_location@ AS t ON t.id = m.location_dest_id AND t.usage = 'customer'
                    JOIN @sale_order_line@ AS l ON l.id = m.sale_line_id) AS m USING (order_id)
       JOIN @stock_picking@ AS k ON k.id = m.picking_id
WHERE  k.state <> 'cancel'

--@ part place
-- the locations, and whether what lies there is stock of the companies
SELECT l.*, l.usage = 'internal' OR l.usage = 'transit' AND l.company_id IS NOT NULL AS inside
FROM   @stock_location@ AS l

--@ part stock_change
-- what entered and left the stock of the companies; the layers of its valuation up to version 18,
-- the moves themselves from then on
SELECT s.id, s.product_id, coalesce(m.date, s.create_date) AS at, s.quantity,
       s.value / s.quantity AS unit_cost, m.location_id, m.location_dest_id
FROM   @stock_valuation_layer@ AS s LEFT JOIN @stock_move@ AS m ON m.id = s.stock_move_id
WHERE  s.quantity <> 0
UNION ALL
SELECT m.id, m.product_id, m.date, q.quantity * CASE WHEN t.inside THEN 1 ELSE -1 END,
       abs(nullif(m.value, 0)) / nullif(q.quantity, 0), m.location_id, m.location_dest_id
FROM   @stock_move@ AS m
       JOIN @place@ AS f ON f.id = m.location_id
       JOIN @place@ AS t ON t.id = m.location_dest_id
       LEFT JOIN @article@ AS a ON a.id = m.product_id
       LEFT JOIN @unit@ AS u ON u.id = m.product_uom
       CROSS JOIN LATERAL (SELECT round(coalesce(m.quantity * u.size / a.size, m.product_qty),
                                        6) AS quantity) AS q
WHERE  m.state = 'done' AND f.inside <> t.inside
AND    NOT EXISTS (SELECT FROM @stock_valuation_layer@ AS s)

--@ source stock_moves
-- What entered and left the stock, at cost in the currency of the company. Goods that go from the
-- supplier to the customer never are in it; what only changes its value is left out.
SELECT coalesce(a.sku, s.product_id::text)                                           AS sku,
       s.at                                                                          AS moved_at,
       s.quantity,
       s.unit_cost, --@ if stock_valuation_layer|stock_move.value
       CASE WHEN t.usage = 'customer' THEN 'sale'
            WHEN f.usage = 'customer' THEN 'return'
            WHEN f.usage = 'supplier' THEN 'receipt'
            ELSE 'adjustment' END AS kind,
       a.category,
       s.id                                                                          AS stock_id
FROM   @stock_change@ AS s
       LEFT JOIN @article@ AS a ON a.id = s.product_id
       LEFT JOIN @stock_location@ AS f ON f.id = s.location_id
       LEFT JOIN @stock_location@ AS t ON t.id = s.location_dest_id
WHERE  NOT coalesce(f.usage IN ('supplier', 'customer') AND t.usage IN ('supplier', 'customer'),
                    false)

--@ source stock_levels
-- The stock on hand now, in all locations of the companies; what it is worth the stock_moves say.
SELECT coalesce(a.sku, q.product_id::text)                                           AS sku,
       now()                                                                         AS counted_at,
       sum(q.quantity)                                                               AS on_hand
FROM   @stock_quant@ AS q
       JOIN @place@ AS l ON l.id = q.location_id AND l.inside
       LEFT JOIN @article@ AS a ON a.id = q.product_id
GROUP  BY coalesce(a.sku, q.product_id::text)

--@ source surveys
-- The ratings that were answered, 1 to 5, of whatever they are about: orders, products, tickets,
-- tasks, chats.
SELECT coalesce(r.rated_on, r.write_date, r.create_date)                             AS answered_at,
       'csat'                                                                        AS instrument,
       round(r.rating)::integer                                                      AS score,
       5                                                                             AS scale,
       r.partner_id                                                                  AS respondent,
       r.res_model                                                                   AS about,
       r.id                                                                          AS answer_id
FROM   @rating_rating@ AS r
WHERE  r.consumed AND r.rating >= 1

--@ lacks visits
-- add a view of your analytics table, or of website_track

--@ lacks delivery
-- when parcels arrive is not stored, so neither is whether on time: add a column delivered_at to
-- deliveries from your carriers

--@ lacks changes of orders
-- an order that is changed after it was confirmed has the amounts of now from that day on: those
-- before are in messages at most, not in tables of orders

--@ lacks cancellations
-- when and of what an order was cancelled is not stored: one of which nothing was to be sent or
-- invoiced is taken for a quotation that was declined, the time for that of the last change

--@ lacks other currencies of companies
-- amounts are in the currency of each company: leave companies that have not the model's out of
-- orders

--@ lacks gift cards
-- one that is sold is a product, one that is paid with a discount, so net sales have it when it was
-- sold less when it is used

--@ lacks revaluations
-- stock_moves have what entered and left, not changes of the value of what lies there, such as
-- landed costs

--@ lacks tickets and projects
-- add views of helpdesk_ticket and project_task where you have them
