-- Shopify, as Fivetran replicates it
--
-- Two generations of names, as the connector read Shopify's REST or its GraphQL interface: of
-- columns with several names either is found. Fivetran makes a table when its first row comes, so
-- most need not be there. All amounts read are in the currency of the shop, in major units; where
-- the prices of an order include tax, that of its lines is taken out. Rows that were deleted stay,
-- marked. Transactions are only asked whether a refund went through: joined to lines they would
-- multiply both.
--
-- Fivetran makes primary keys, and no other indexes: those by which the rows of an order are found
-- have to be made, see docs/presets.md. An order that changes comes anew with its lines; payments
-- and parcels come by themselves, so returns and deliveries are compared.

--@ shop Shopify (Fivetran)

--@ table order
id                              bigint, required
created_at                      timestamptz, required
processed_at                    timestamptz
updated_at                      timestamptz
closed_at                       timestamptz
cancelled_at                    timestamptz, required
customer_id                     bigint
email                           text
currency|currency_code          text, required
financial_status|display_financial_status text, required
total_tax|total_tax_set_shop_amount numeric, required
taxes_included                  boolean, required
test                            boolean, required
checkout_token                  text
source_name                     text
shipping_address_country_code   text
_fivetran_deleted               boolean
_fivetran_synced                timestamptz

--@ table order_line
id                              bigint, required
order_id                        bigint, required
product_id                      bigint
sku                             text
quantity                        numeric, required
price|original_unit_price_set_shop_amount numeric
original_total_set_shop_amount  numeric
total_discount|total_discount_set_shop_amount numeric
gift_card|is_gift_card          boolean, required
requires_shipping               boolean

--@ table refund
id                              bigint, required
order_id                        bigint, required
created_at                      timestamptz, required
processed_at                    timestamptz

--@ table abandoned_checkout
id                              bigint, required
created_at                      timestamptz, required
updated_at                      timestamptz
completed_at                    timestamptz
token                           text
customer_id                     bigint
email                           text
subtotal_price|subtotal_price_set_shop_amount numeric
_fivetran_deleted               boolean

--@ table fulfillment
id                              bigint, required
order_id                        bigint, required
created_at                      timestamptz, required
status                          text, required

--@ optional fulfillment_event
fulfillment_id                  bigint, required
status                          text, required
happened_at                     timestamptz, required
_fivetran_deleted               boolean

--@ table inventory_quantity
inventory_item_id               bigint, required
name                            text, required
quantity                        numeric, required

--@ table inventory_item
id                              bigint, required
sku                             text, required
tracked                         boolean
unit_cost_amount|cost           numeric
_fivetran_deleted               boolean

--@ optional discount_allocation
order_line_id                   bigint, required
amount|allocated_amount_set_shop_amount numeric, required

--@ optional tax_line
order_line_id                   bigint, required
price|price_set_shop_amount     numeric, required

--@ optional order_shipping_line
order_id                        bigint, required
discounted_price|discounted_price_set_shop_amount numeric, required
is_removed                      boolean

--@ optional order_line_refund
refund_id                       bigint, required
order_line_id                   bigint, required
quantity                        numeric, required
subtotal|subtotal_set_shop_amount numeric, required
total_tax|total_tax_set_shop_amount numeric
restock_type                    text

--@ optional order_adjustment
refund_id                       bigint, required
amount|amount_set_shop_amount   numeric, required
tax_amount|tax_amount_set_shop_amount numeric
kind                            text

--@ optional transaction
refund_id                       bigint, required
kind                            text, required
status                          text, required
amount|amount_set_shop_amount   numeric
currency                        text

--@ optional customer
id                              bigint, required
email                           text, required

--@ optional product
id                              bigint, required
product_type                    text

--@ part account
-- the customer of an e-mail address
SELECT lower(trim(c.email)) AS email, min(c.id) AS id
FROM   @customer@ AS c WHERE trim(c.email) <> ''
GROUP  BY lower(trim(c.email))

--@ part checked_out
-- the orders, without those deleted; an imported one is of the day it was made on, not of its
-- import
SELECT o.*, coalesce(o.processed_at, o.created_at) AS ordered_at,
       coalesce(o.customer_id::text, c.id::text, nullif(lower(trim(o.email)), '')) AS person
FROM   @order@ AS o LEFT JOIN @account@ AS c ON c.email = lower(trim(o.email))
WHERE  o._fivetran_deleted IS NOT TRUE

--@ part placed
-- the orders of goods: gift cards become sales when they are spent, so an order of them alone is
-- none
SELECT o.*
FROM   @checked_out@ AS o
       LEFT JOIN (SELECT l.order_id
                  FROM   @order_line@ AS l
                  GROUP  BY l.order_id HAVING bool_and(l.gift_card)) AS g ON g.order_id = o.id
WHERE  g.order_id IS NULL

--@ part line
-- what the lines came to without tax, before and after the discounts given to them and their part
-- of those on the order; gift cards are no goods; out of prices with tax it cannot be told without
-- the table of taxes
SELECT l.id, l.order_id, l.product_id, l.sku, l.gift_card, p.quantity, o.taxes_included,
       o._fivetran_synced,
       t.tax,
       -- multiplied first, so that prices without a discount are exact
       CASE WHEN i.tax = 0 OR p.listed = p.discount THEN p.listed
            ELSE p.listed * (p.listed - p.discount - i.tax)
                 / (p.listed - p.discount) END  AS listed,
       p.listed - p.discount - i.tax            AS net
FROM   @placed@ AS o
       JOIN @order_line@ AS l ON l.order_id = o.id
       -- by their order, so that those of one are found without reading all
       LEFT JOIN (SELECT l.order_id, l.id, sum(d.amount) AS amount
                  FROM   @order_line@ AS l JOIN @discount_allocation@ AS d ON d.order_line_id = l.id
                  GROUP  BY l.order_id, l.id) AS d ON d.order_id = o.id AND d.id = l.id
       LEFT JOIN (SELECT l.order_id, l.id, sum(t.price) AS tax
                  FROM   @order_line@ AS l JOIN @tax_line@ AS t ON t.order_line_id = l.id
                  GROUP  BY l.order_id, l.id) AS t ON t.order_id = o.id AND t.id = l.id
       CROSS JOIN LATERAL (
           SELECT l.quantity,
                  coalesce(l.original_total_set_shop_amount, l.price * l.quantity) AS listed,
                  coalesce(d.amount, l.total_discount, 0) AS discount
           WHERE  NOT l.gift_card
           UNION ALL
           SELECT 0, 0, 0
           WHERE  l.gift_card) AS p
       CROSS JOIN LATERAL (
           SELECT CASE WHEN NOT o.taxes_included OR o.total_tax = 0 OR p.listed = p.discount THEN 0
                       WHEN EXISTS (SELECT FROM @tax_line@ AS t)
                       THEN coalesce(t.tax, 0) END AS tax) AS i

--@ part total
-- what the lines and the shipping of an order came to without tax, and the tax on the shipping,
-- which is what is not on the lines
SELECT o.id AS order_id, l.listed, l.net, l.quantity,
       coalesce(s.price, 0)
           - CASE WHEN NOT o.taxes_included THEN 0
                  WHEN l.net IS NOT NULL THEN o.total_tax - l.tax END AS shipping,
       CASE WHEN EXISTS (SELECT FROM @tax_line@ AS t) THEN o.total_tax - l.tax
            ELSE 0 END AS shipping_tax
FROM   @placed@ AS o
       LEFT JOIN (SELECT l.order_id, sum(l.listed) AS listed, sum(l.net) AS net,
                         coalesce(sum(l.tax), 0) AS tax, sum(l.quantity) AS quantity
                  FROM   @line@ AS l
                  GROUP  BY l.order_id) AS l ON l.order_id = o.id
       LEFT JOIN (SELECT s.order_id, sum(s.discounted_price) AS price
                  FROM   @order_shipping_line@ AS s WHERE s.is_removed IS NOT TRUE
                  GROUP  BY s.order_id) AS s ON s.order_id = o.id

--@ part paid_back
-- the refunds, without those whose payment failed, and what was paid
SELECT r.id, r.order_id, coalesce(r.processed_at, r.created_at) AS at, o.taxes_included,
       CASE WHEN coalesce(t.currency, o.currency) = o.currency THEN t.amount END AS amount
FROM   @refund@ AS r
       JOIN @placed@ AS o ON o.id = r.order_id
       LEFT JOIN (SELECT r.order_id, t.refund_id,
                         bool_or(lower(t.status) IN ('success', 'pending')) AS paid,
                         min(t.currency) AS currency,
                         sum(t.amount)
                             FILTER (WHERE lower(t.status) IN ('success', 'pending')) AS amount
                  FROM   @refund@ AS r JOIN @transaction@ AS t ON t.refund_id = r.id
                  WHERE  lower(t.kind) = 'refund'
                  GROUP  BY r.order_id, t.refund_id) AS t
           ON t.order_id = r.order_id AND t.refund_id = r.id
WHERE  t.paid IS NOT FALSE

--@ part shipping_back
-- The shipping in the refunds, and the tax on it. The REST interface had it as an adjustment until
-- 2024; the others do not say, so it is what was paid beyond the lines and the adjustments, at most
-- the shipping of the order.
SELECT r.order_id, r.at,
       coalesce(a.shipping, p.amount * t.shipping / nullif(t.shipping + t.shipping_tax, 0))
           AS shipping,
       CASE WHEN a.shipping IS NOT NULL THEN a.tax
            ELSE p.amount * t.shipping_tax / nullif(t.shipping + t.shipping_tax, 0) END AS tax
FROM   @paid_back@ AS r
       JOIN @total@ AS t ON t.order_id = r.order_id
       LEFT JOIN (SELECT r.order_id, a.refund_id,
                         -sum(a.amount) FILTER (WHERE a.kind = 'shipping_refund') AS shipping,
                         -sum(a.tax_amount) FILTER (WHERE a.kind = 'shipping_refund') AS tax,
                         -sum(a.amount + coalesce(a.tax_amount, 0))
                             FILTER (WHERE a.kind IS DISTINCT FROM 'shipping_refund') AS adjusted
                  FROM   @refund@ AS r JOIN @order_adjustment@ AS a ON a.refund_id = r.id
                  GROUP  BY r.order_id, a.refund_id) AS a
           ON a.order_id = r.order_id AND a.refund_id = r.id
       LEFT JOIN (SELECT r.order_id, f.refund_id, sum(f.subtotal) AS amount,
                         sum(f.total_tax) AS tax
                  FROM   @refund@ AS r JOIN @order_line_refund@ AS f ON f.refund_id = r.id
                  GROUP  BY r.order_id, f.refund_id) AS f
           ON f.order_id = r.order_id AND f.refund_id = r.id
       CROSS JOIN LATERAL (
           SELECT least(r.amount - coalesce(f.amount, 0) - coalesce(a.adjusted, 0)
                        - CASE WHEN r.taxes_included THEN 0 ELSE coalesce(f.tax, 0) END,
                        t.shipping + t.shipping_tax) AS amount) AS p
WHERE  a.shipping <> 0 OR a.shipping IS NULL AND p.amount > 0.005

--@ source orders
-- The orders, without those deleted and those of gift cards alone, which are no goods. An order
-- whose payment was voided counts as cancelled. Who has no account is known by the e-mail address,
-- as its customer if there is one.
SELECT o.id                                                                          AS order_id,
       o.ordered_at,
       o.person                                                                      AS customer_id,
       l.net                                                                         AS net_sales,
       l.listed                                                                      AS gross_sales,
       l.listed - l.net                                                              AS discount,
       o.total_tax                                                                   AS tax,
       l.shipping,
       l.quantity                                                                    AS units,
       o.currency,
       coalesce(o.cancelled_at,
                CASE WHEN lower(o.financial_status) = 'voided'
                     THEN coalesce(o.closed_at, o.updated_at, o.ordered_at) END) AS cancelled_at,
       coalesce(o.test, false)                                                       AS is_test,
       o._fivetran_synced                  AS updated_at,    --@ if order._fivetran_synced
       o.source_name                                                                 AS channel,
       o.shipping_address_country_code                                               AS country
FROM   @placed@ AS o JOIN @total@ AS l ON l.order_id = o.id

--@ source order_lines
-- The lines of the orders but for gift cards, after their own discounts and their part of those on
-- the whole order, without tax.
SELECT l.order_id,
       l.quantity,
       nullif(l.sku, '')               AS sku,
       l._fivetran_synced              AS updated_at,        --@ if order._fivetran_synced
       l.net                           AS net_sales,
       nullif(p.product_type, '')      AS category
FROM   @line@ AS l LEFT JOIN @product@ AS p ON p.id = l.product_id
WHERE  NOT l.gift_card

--@ source carts
-- Checkouts, which is as far as Shopify tells of carts: the orders of the online store, and the
-- checkouts that were left by somebody who had said how to be reached.
SELECT coalesce(o.checkout_token, 'order ' || o.id)              AS cart_id,
       coalesce(c.created_at, o.ordered_at)                      AS created_at,
       o.ordered_at,
       o.ordered_at                                              AS last_active_at,
       o.person                                                  AS customer_id,
       NULL::numeric                                             AS value
FROM   @checked_out@ AS o LEFT JOIN @abandoned_checkout@ AS c ON c.token = o.checkout_token
WHERE  o.source_name = 'web' AND o.test IS NOT TRUE
UNION ALL
SELECT coalesce(c.token, 'checkout ' || c.id), c.created_at, NULL, c.updated_at,
       coalesce(c.customer_id::text, a.id::text, nullif(lower(trim(c.email)), '')), c.subtotal_price
FROM   @abandoned_checkout@ AS c LEFT JOIN @account@ AS a ON a.email = lower(trim(c.email))
WHERE  c.completed_at IS NULL AND c._fivetran_deleted IS NOT TRUE
AND    NOT EXISTS (SELECT FROM @order@ AS o WHERE o.checkout_token = c.token)

--@ source returns
-- What was paid back, when it was, a row for each line it is for, its tax beside it; without gift
-- cards and payments that failed. Where more or less was paid back than the lines came to, that is
-- a row without pieces; so is shipping.
SELECT r.order_id,
       r.at                                                      AS returned_at,
       f.quantity,
       CASE WHEN l.taxes_included THEN l.net * f.quantity / nullif(l.quantity, 0)
            ELSE f.subtotal END AS refund,
       f.total_tax                                               AS tax,
       NULL::numeric                                             AS shipping,
       nullif(l.sku, '')                                         AS sku,
       f.restock_type
FROM   @paid_back@ AS r
       JOIN @order_line_refund@ AS f ON f.refund_id = r.id
       JOIN @line@ AS l ON l.order_id = r.order_id AND l.id = f.order_line_id
WHERE  NOT l.gift_card
UNION ALL
SELECT r.order_id, r.at, NULL, -a.amount, -a.tax_amount, NULL, NULL, NULL
FROM   @paid_back@ AS r JOIN @order_adjustment@ AS a ON a.refund_id = r.id
WHERE  a.kind IS DISTINCT FROM 'shipping_refund'
UNION ALL
SELECT s.order_id, s.at, NULL, NULL, s.tax, s.shipping, NULL, NULL
FROM   @shipping_back@ AS s

--@ source deliveries
-- A row per parcel, and one per order of which nothing has left yet; it arrived when its carrier
-- said so. Without what was sold at a till, or is not shipped.
SELECT o.id                                                      AS order_id,
       o.ordered_at,
       e.delivered_at,                                           --@ if fulfillment_event
       f.created_at                                              AS shipped_at
FROM   @placed@ AS o
       JOIN (SELECT DISTINCT l.order_id
             FROM   @order_line@ AS l WHERE l.requires_shipping IS NOT FALSE) AS l
           ON l.order_id = o.id
       LEFT JOIN @fulfillment@ AS f ON f.order_id = o.id AND lower(f.status) = 'success'
       LEFT JOIN (SELECT f.order_id, e.fulfillment_id, min(e.happened_at) AS delivered_at
                  FROM   @fulfillment@ AS f JOIN @fulfillment_event@ AS e ON e.fulfillment_id = f.id
                  WHERE  lower(e.status) = 'delivered' AND e._fivetran_deleted IS NOT TRUE
                  GROUP  BY f.order_id, e.fulfillment_id) AS e
           ON e.order_id = f.order_id AND e.fulfillment_id = f.id
WHERE  o.source_name IS DISTINCT FROM 'pos'

--@ source stock_levels
-- The stock on hand now, in all locations, and what a piece costs now; kpi.snapshot() keeps it day
-- by day.
SELECT coalesce(nullif(i.sku, ''), i.id::text)                   AS sku,
       now()                                                     AS counted_at,
       sum(q.quantity)                                           AS on_hand,
       coalesce(sum(q.quantity * i.unit_cost_amount)
                / nullif(sum(q.quantity) FILTER (WHERE i.unit_cost_amount IS NOT NULL), 0),
                max(i.unit_cost_amount))                         AS unit_cost
FROM   @inventory_quantity@ AS q JOIN @inventory_item@ AS i ON i.id = q.inventory_item_id
WHERE  q.name = 'on_hand' AND i.tracked IS NOT FALSE AND i._fivetran_deleted IS NOT TRUE
GROUP  BY coalesce(nullif(i.sku, ''), i.id::text)

--@ lacks visits
-- not replicated: add a view of your analytics table

--@ lacks cost
-- only what a piece costs now is replicated, not what it cost when it was sold: add a column cost
-- to order_lines from where you keep that

--@ lacks stock history
-- only the stock now is replicated: keep it with kpi.snapshot(), or add a view stock_moves

--@ lacks carts before checkout
-- only checkouts are replicated, and of those abandoned only the ones with an address to write to:
-- the rate is that of checkouts

--@ lacks delivery without reports
-- only of parcels whose carrier reports on them; others count as not arrived

--@ lacks promises
-- none is stored, and what carriers estimate changes: add a column promised_at to deliveries

--@ lacks shipping paid back
-- newer tables do not say it: it is what was paid beyond the lines, if transactions are replicated
-- in the currency of the order

--@ lacks changes of orders
-- no table says when an edit added a line, which counts with its order, from the day that was
-- placed; what an edit took out and paid back is a refund

--@ lacks receipts of returns
-- a refund says what was paid back and for which pieces, whether they came back or were never sent;
-- see restock_type
