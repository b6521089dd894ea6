-- Shopify, as Airbyte replicates it
--
-- Tables and types of the connector source-shopify 2.4 to 3 (its schemas in airbytehq/airbyte,
-- interface 2023-07 to 2025-10), written by destination-postgres 2 on: a table per stream, nested
-- objects as jsonb. Streams have to be deduplicated (Append + Deduped) or overwritten: in those
-- that are only appended to, an order is there once for each of its changes. Of a prefix of the
-- tables the usual one, shopify_, is found. An order holds its lines, refunds and parcels; so of
-- the streams only orders is needed. What was deleted stays as a row with nothing but its id and
-- deleted_at. All amounts read are in the currency of the shop, as numbers or as texts; where
-- prices include tax, it is taken out.
--
-- Airbyte gives a stream that is deduplicated an index that begins with its id, so that an order is
-- found by it; carts, known by tokens, are not. When a row came from the shop, in
-- _airbyte_extracted_at, tells of whatever changed of an order.

--@ shop Shopify (Airbyte)

--@ table orders|shopify_orders
id                              bigint, required
created_at                      timestamptz, required
processed_at                    timestamptz
updated_at                      timestamptz
closed_at                       timestamptz
cancelled_at                    timestamptz, required
deleted_at                      timestamptz
_airbyte_extracted_at           timestamptz
customer                        jsonb
email                           text
currency                        text, required
financial_status                text, required
total_tax                       numeric, required
taxes_included                  boolean, required
test                            boolean, required
checkout_token                  text
source_name                     text
shipping_address                jsonb
line_items                      jsonb, required
shipping_lines                  jsonb, required
refunds                         jsonb, required
fulfillments                    jsonb, required

--@ optional order_agreements|shopify_order_agreements
id                              bigint, required
agreements                      jsonb, required
_airbyte_extracted_at           timestamptz

--@ table abandoned_checkouts|shopify_abandoned_checkouts
id                              bigint, required
created_at                      timestamptz, required
updated_at                      timestamptz
completed_at                    timestamptz
token                           text
customer                        jsonb
email                           text
subtotal_price                  numeric

--@ table inventory_levels|shopify_inventory_levels
inventory_item_id               bigint, required
available                       numeric
quantities                      jsonb

--@ table inventory_items|shopify_inventory_items
id                              bigint, required
sku                             text, required
cost                            numeric
tracked                         boolean

--@ optional customers|shopify_customers
id                              bigint, required
email                           text, required

--@ optional products|shopify_products
id                              bigint, required
product_type                    text

--@ part account
-- the customer of an e-mail address
SELECT lower(trim(c.email)) AS email, min(c.id) AS id
FROM   @customers@ AS c WHERE trim(c.email) <> ''
GROUP  BY lower(trim(c.email))

--@ part checked_out
-- the orders, without those deleted; an imported one is of the day it was made on, not of its
-- import; and when they, or what was agreed later, last came from the shop
SELECT o.*, coalesce(o.processed_at, o.created_at) AS ordered_at,
       coalesce(o.customer ->> 'id', c.id::text, nullif(lower(trim(o.email)), '')) AS person,
       greatest(o._airbyte_extracted_at, a._airbyte_extracted_at) AS replicated_at
FROM   @orders@ AS o
       LEFT JOIN @account@ AS c ON c.email = lower(trim(o.email))
       LEFT JOIN @order_agreements@ AS a ON a.id = o.id
WHERE  o.deleted_at IS NULL

--@ part placed
-- the orders of goods: gift cards become sales when they are spent, so an order of them alone is
-- none
SELECT o.*
FROM   @checked_out@ AS o
WHERE  EXISTS (SELECT FROM jsonb_to_recordset(o.line_items) AS l (gift_card boolean)
               WHERE  l.gift_card IS NOT TRUE)
OR     NOT EXISTS (SELECT FROM jsonb_to_recordset(o.line_items) AS l (gift_card boolean))

--@ part added
-- What was agreed after the order had been placed, by an edit or for an exchange, goods and
-- shipping, each without tax; what was taken out is a refund.
SELECT a.id AS order_id, g.id AS agreement_id, g.happened_at, g.reason, s.line_type,
       (s.line_item ->> 'id')::bigint                             AS line_id,
       CASE WHEN s.action_type = 'ORDER' THEN coalesce(s.quantity, 0) ELSE 0 END AS quantity,
       m.total - m.tax                                            AS net,
       m.total - m.tax + m.discount                               AS listed,
       m.tax
FROM   @order_agreements@ AS a
       CROSS JOIN LATERAL jsonb_to_recordset(a.agreements)
           AS g (id bigint, happened_at timestamptz, reason text, sales jsonb)
       CROSS JOIN LATERAL jsonb_to_recordset(g.sales)
           AS s (quantity numeric, action_type text, line_type text, line_item jsonb,
                 total_amount jsonb, total_tax_amount jsonb,
                 total_discount_amount_before_taxes jsonb)
       CROSS JOIN LATERAL (
           SELECT (s.total_amount #>> '{shop_money,amount}')::numeric AS total,
                  coalesce((s.total_tax_amount #>> '{shop_money,amount}')::numeric, 0) AS tax,
                  coalesce((s.total_discount_amount_before_taxes
                            #>> '{shop_money,amount}')::numeric, 0) AS discount) AS m
WHERE  g.reason <> 'ORDER' AND s.action_type <> 'RETURN' AND s.line_type IN ('PRODUCT', 'SHIPPING')

--@ part line
-- What the lines came to without tax, before and after the discounts given to them and their part
-- of those on the order, as they were placed; gift cards are no goods.
SELECT o.id AS order_id, o.replicated_at, l.id, l.product_id, l.sku,
       l.gift_card IS TRUE                                                   AS gift_card,
       p.quantity - coalesce(a.quantity, 0)                                  AS quantity,
       -- multiplied first, so that prices without a discount are exact
       CASE WHEN p.tax = 0 OR p.listed = p.discount THEN p.listed
            ELSE p.listed * (p.listed - p.discount - p.tax)
                 / (p.listed - p.discount) END - coalesce(a.listed, 0)       AS listed,
       p.listed - p.discount - p.tax - coalesce(a.net, 0)                    AS net
FROM   @placed@ AS o
       CROSS JOIN LATERAL jsonb_to_recordset(o.line_items)
           AS l (id bigint, product_id bigint, sku text, quantity numeric, price numeric,
                 total_discount numeric, gift_card boolean, discount_allocations jsonb,
                 tax_lines jsonb)
       LEFT JOIN (SELECT a.order_id, a.line_id, sum(a.quantity) AS quantity,
                         sum(a.listed) AS listed, sum(a.net) AS net
                  FROM   @added@ AS a WHERE a.line_type = 'PRODUCT'
                  GROUP  BY a.order_id, a.line_id) AS a ON a.order_id = o.id AND a.line_id = l.id
       CROSS JOIN LATERAL (
           SELECT coalesce((SELECT sum(d.amount)
                            FROM   jsonb_to_recordset(l.discount_allocations)
                                   AS d (amount numeric)),
                           l.total_discount, 0)                              AS discount,
                  coalesce((SELECT sum(t.price)
                            FROM   jsonb_to_recordset(l.tax_lines) AS t (price numeric)),
                           0)                                                AS tax) AS d
       CROSS JOIN LATERAL (
           SELECT l.quantity, l.price * l.quantity AS listed, d.discount,
                  CASE WHEN o.taxes_included THEN d.tax ELSE 0 END AS tax
           WHERE  l.gift_card IS NOT TRUE
           UNION ALL
           SELECT 0, 0, 0, 0
           WHERE  l.gift_card) AS p

--@ part total
-- What the goods and the shipping of an order came to without tax, and its taxes, when it was
-- placed, and the shipping and its tax now.
SELECT o.id AS order_id, l.listed, l.net, l.quantity,
       o.total_tax - coalesce(a.tax, 0)           AS tax,
       s.shipping - coalesce(a.shipping, 0)       AS shipping,
       s.shipping                                 AS shipping_now,
       s.tax                                      AS shipping_tax
FROM   @placed@ AS o
       LEFT JOIN (SELECT l.order_id, sum(l.listed) AS listed, sum(l.net) AS net,
                         sum(l.quantity) AS quantity
                  FROM   @line@ AS l
                  GROUP  BY l.order_id) AS l ON l.order_id = o.id
       LEFT JOIN (SELECT a.order_id, sum(a.tax) AS tax,
                         sum(a.net) FILTER (WHERE a.line_type = 'SHIPPING') AS shipping
                  FROM   @added@ AS a
                  GROUP  BY a.order_id) AS a ON a.order_id = o.id
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(coalesce(s.discounted_price, s.price)
                               - CASE WHEN o.taxes_included THEN t.tax ELSE 0 END), 0) AS shipping,
                  coalesce(sum(t.tax), 0) AS tax
           FROM   jsonb_to_recordset(o.shipping_lines)
                  AS s (price numeric, discounted_price numeric, is_removed boolean,
                        tax_lines jsonb)
                  CROSS JOIN LATERAL (
                      SELECT coalesce(sum(t.price), 0) AS tax
                      FROM   jsonb_to_recordset(s.tax_lines) AS t (price numeric)) AS t
           WHERE  s.is_removed IS NOT TRUE) AS s

--@ part paid_back
-- the refunds, without those whose payment failed, and what was paid
SELECT r.id, o.id AS order_id, o.replicated_at, coalesce(r.processed_at, r.created_at) AS at,
       o.taxes_included, o.line_items, r.refund_line_items, r.order_adjustments, t.amount
FROM   @placed@ AS o
       CROSS JOIN LATERAL jsonb_to_recordset(o.refunds)
           AS r (id bigint, created_at timestamptz, processed_at timestamptz,
                 refund_line_items jsonb, order_adjustments jsonb, transactions jsonb)
       CROSS JOIN LATERAL (
           SELECT bool_or(p.paid) AS paid,
                  sum(t.amount) FILTER (WHERE p.paid AND coalesce(t.currency, o.currency)
                                                         = o.currency) AS amount
           FROM   jsonb_to_recordset(r.transactions)
                  AS t (kind text, status text, amount numeric, currency text)
                  CROSS JOIN LATERAL (
                      SELECT lower(t.status) IN ('success', 'pending') AS paid) AS p
           WHERE  lower(t.kind) = 'refund') AS t
WHERE  t.paid IS NOT FALSE

--@ part shipping_back
-- The shipping in the refunds, and the tax on it. Until 2024 Shopify said it as an adjustment; now
-- it is what was paid beyond the lines and the adjustments, at most the shipping of the order.
SELECT r.order_id, r.replicated_at, r.at,
       coalesce(a.shipping, p.amount * t.shipping_now
                            / nullif(t.shipping_now + t.shipping_tax, 0)) AS shipping,
       CASE WHEN a.shipping IS NOT NULL THEN a.tax
            ELSE p.amount * t.shipping_tax
                 / nullif(t.shipping_now + t.shipping_tax, 0) END AS tax
FROM   @paid_back@ AS r
       JOIN @total@ AS t ON t.order_id = r.order_id
       CROSS JOIN LATERAL (
           SELECT -sum(a.amount) FILTER (WHERE a.kind = 'shipping_refund') AS shipping,
                  -sum(a.tax_amount) FILTER (WHERE a.kind = 'shipping_refund') AS tax,
                  -sum(a.amount + coalesce(a.tax_amount, 0))
                      FILTER (WHERE a.kind IS DISTINCT FROM 'shipping_refund') AS adjusted
           FROM   jsonb_to_recordset(r.order_adjustments)
                  AS a (amount numeric, tax_amount numeric, kind text)) AS a
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(f.subtotal + CASE WHEN r.taxes_included THEN 0
                                                 ELSE coalesce(f.total_tax, 0) END), 0) AS amount
           FROM   jsonb_to_recordset(r.refund_line_items)
                  AS f (subtotal numeric, total_tax numeric)) AS f
       CROSS JOIN LATERAL (
           SELECT least(r.amount - f.amount - coalesce(a.adjusted, 0),
                        t.shipping_now + t.shipping_tax) AS amount) AS p
WHERE  a.shipping <> 0 OR a.shipping IS NULL AND p.amount > 0.005

--@ source orders
-- The orders, without those deleted and those of gift cards alone, which are no goods; what was
-- added to them later is in order_changes. An order whose payment was voided counts as cancelled.
-- Who has no account is known by the e-mail address, as its customer if there is one.
SELECT o.id                                                                          AS order_id,
       o.ordered_at,
       o.person                                                                      AS customer_id,
       t.net                                                                         AS net_sales,
       t.listed                                                                      AS gross_sales,
       t.listed - t.net                                                              AS discount,
       t.tax,
       t.shipping,
       t.quantity                                                                    AS units,
       o.currency,
       coalesce(o.cancelled_at,
                CASE WHEN lower(o.financial_status) = 'voided'
                     THEN coalesce(o.closed_at, o.updated_at, o.ordered_at) END) AS cancelled_at,
       coalesce(o.test, false)                                                       AS is_test,
       o.replicated_at         AS updated_at,   --@ if orders._airbyte_extracted_at
       o.source_name                                                                 AS channel,
       o.shipping_address ->> 'country_code'                                         AS country
FROM   @placed@ AS o JOIN @total@ AS t ON t.order_id = o.id

--@ source order_lines
-- The lines of the orders as they were placed, but for gift cards, after their own discounts and
-- their part of those on the whole order, without tax.
SELECT l.order_id,
       l.quantity,
       nullif(l.sku, '')               AS sku,
       l.replicated_at                 AS updated_at,  --@ if orders._airbyte_extracted_at
       l.net                           AS net_sales,
       nullif(p.product_type, '')      AS category
FROM   @line@ AS l LEFT JOIN @products@ AS p ON p.id = l.product_id
WHERE  NOT l.gift_card AND (l.quantity <> 0 OR l.net <> 0)

--@ source order_changes
-- What was added to orders after they had been placed, by edits and for exchanges, when it was.
-- What was taken out and paid back is a return.
SELECT o.id                                                                AS order_id,
       a.happened_at                                                       AS changed_at,
       coalesce(sum(a.net) FILTER (WHERE a.line_type = 'PRODUCT'), 0)      AS net_sales,
       coalesce(sum(a.listed) FILTER (WHERE a.line_type = 'PRODUCT'), 0)   AS gross_sales,
       coalesce(sum(a.listed - a.net)
                    FILTER (WHERE a.line_type = 'PRODUCT'), 0)             AS discount,
       sum(a.tax)                                                          AS tax,
       coalesce(sum(a.net) FILTER (WHERE a.line_type = 'SHIPPING'), 0)     AS shipping,
       coalesce(sum(a.quantity) FILTER (WHERE a.line_type = 'PRODUCT'), 0) AS units,
       CASE a.reason WHEN 'ORDER_EDIT' THEN 'edit' WHEN 'RETURN' THEN 'exchange'
                     ELSE 'charge' END                                     AS kind
FROM   @order_agreements@ AS s              --@ needs order_agreements
       JOIN @placed@ AS o ON o.id = s.id
       JOIN @added@ AS a ON a.order_id = o.id
GROUP  BY a.agreement_id, o.id, a.happened_at, a.reason

--@ source carts
-- Checkouts, which is as far as Shopify tells of carts: those of the orders of the online store,
-- and those that were left by somebody who had said how to be reached.
SELECT coalesce(o.checkout_token, 'order ' || o.id)              AS cart_id,
       coalesce(c.created_at, o.ordered_at)                      AS created_at,
       o.ordered_at,
       o.ordered_at                                              AS last_active_at,
       o.person                                                  AS customer_id,
       NULL::numeric                                             AS value
FROM   @checked_out@ AS o LEFT JOIN @abandoned_checkouts@ AS c ON c.token = o.checkout_token
WHERE  o.source_name = 'web' AND o.test IS NOT TRUE
UNION ALL
SELECT coalesce(c.token, 'checkout ' || c.id), c.created_at, NULL, c.updated_at,
       coalesce(c.customer ->> 'id', a.id::text, nullif(lower(trim(c.email)), '')), c.subtotal_price
FROM   @abandoned_checkouts@ AS c LEFT JOIN @account@ AS a ON a.email = lower(trim(c.email))
WHERE  c.completed_at IS NULL
AND    NOT EXISTS (SELECT FROM @orders@ AS o WHERE o.checkout_token = c.token)

--@ source returns
-- What was paid back, when it was, a row for each line that it is for, its tax beside it; without
-- gift cards and payments that failed. Where more or less was paid back than the lines came to,
-- that is a row without pieces; so is shipping.
SELECT r.order_id,
       r.at                                                      AS returned_at,
       f.quantity,
       r.replicated_at AS updated_at,           --@ if orders._airbyte_extracted_at
       f.subtotal - CASE WHEN r.taxes_included THEN coalesce(f.total_tax, 0) ELSE 0 END AS refund,
       f.total_tax                                               AS tax,
       NULL::numeric                                             AS shipping,
       nullif(l.sku, '')                                         AS sku,
       f.restock_type
FROM   @paid_back@ AS r
       CROSS JOIN LATERAL jsonb_to_recordset(r.refund_line_items)
           AS f (line_item_id bigint, quantity numeric, subtotal numeric, total_tax numeric,
                 restock_type text)
       JOIN LATERAL jsonb_to_recordset(r.line_items)
           AS l (id bigint, sku text, gift_card boolean) ON l.id = f.line_item_id
WHERE  l.gift_card IS NOT TRUE
UNION ALL
SELECT r.order_id, r.at, NULL,
       r.replicated_at,                         --@ if orders._airbyte_extracted_at
       -a.amount, -a.tax_amount, NULL, NULL, NULL
FROM   @paid_back@ AS r
       CROSS JOIN LATERAL jsonb_to_recordset(r.order_adjustments)
           AS a (amount numeric, tax_amount numeric, kind text)
WHERE  a.kind IS DISTINCT FROM 'shipping_refund'
UNION ALL
SELECT s.order_id, s.at, NULL,
       s.replicated_at,                         --@ if orders._airbyte_extracted_at
       NULL, s.tax, s.shipping, NULL, NULL
FROM   @shipping_back@ AS s

--@ source deliveries
-- A row per parcel, and one per order of which nothing has left yet; it arrived when its record
-- last changed, once its carrier said so. Without what was sold at a till, or is not shipped.
SELECT o.id                                                      AS order_id,
       o.ordered_at,
       o.replicated_at AS updated_at,           --@ if orders._airbyte_extracted_at
       CASE WHEN lower(f.shipment_status) = 'delivered' THEN f.updated_at END AS delivered_at,
       f.created_at                                              AS shipped_at
FROM   @placed@ AS o
       LEFT JOIN LATERAL (
           SELECT f.*
           FROM   jsonb_to_recordset(o.fulfillments)
                  AS f (created_at timestamptz, updated_at timestamptz, status text,
                        shipment_status text)
           WHERE  lower(f.status) = 'success') AS f ON true
WHERE  o.source_name IS DISTINCT FROM 'pos'
AND    EXISTS (SELECT FROM jsonb_to_recordset(o.line_items)
                      AS l (gift_card boolean, requires_shipping boolean)
               WHERE  l.requires_shipping IS NOT FALSE)

--@ source stock_levels
-- The stock on hand now, in all locations, and what a piece costs now; kpi.snapshot() keeps it day
-- by day. Where only what is available was replicated, that.
SELECT coalesce(nullif(i.sku, ''), i.id::text)                   AS sku,
       now()                                                     AS counted_at,
       sum(q.quantity)                                           AS on_hand,
       coalesce(sum(q.quantity * i.cost)
                / nullif(sum(q.quantity) FILTER (WHERE i.cost IS NOT NULL), 0),
                max(i.cost))                                     AS unit_cost
FROM   @inventory_levels@ AS v
       JOIN @inventory_items@ AS i ON i.id = v.inventory_item_id
       CROSS JOIN LATERAL (
           SELECT coalesce((SELECT sum(q.quantity)
                            FROM   jsonb_to_recordset(v.quantities)
                                   AS q (name text, quantity numeric)
                            WHERE  q.name = 'on_hand'), v.available) AS quantity) AS q
WHERE  i.tracked IS NOT FALSE
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

--@ lacks delivery to the hour
-- a parcel arrived, of those whose carrier reports on them, when its record last changed; others
-- count as not arrived

--@ lacks promises
-- none is stored

--@ lacks shipping paid back
-- newer orders do not say it: it is what was paid beyond the lines, in the currency of the order

--@ lacks changes without agreements
-- only the stream order_agreements says when an edit added a line; without it that counts with its
-- order, from the day that was placed

--@ lacks receipts of returns
-- a refund says what was paid back and for which pieces, whether they came back or were never sent;
-- see restock_type
