-- Spree from 3 on, with the names of Spree 6, and Solidus: Rails tables
--
-- Times are UTC without a zone, amounts are in major units, ids integers or uuid. Until Spree 6 a
-- cart is an order that has not been completed. Amounts of an order add up as total = item_total +
-- shipment_total + adjustment_total, where discounts are negative adjustments, tax on top is one
-- too, and tax included in prices is none; so goods without tax are what is left after those of the
-- shipments have been taken off. A person is an e-mail address, as guests have no other sign.
--
-- Whatever changes of an order touches its updated_at: its lines, shipments and payments do so by
-- themselves. A refund and what comes back have times of their own. An article or an address that
-- is given another name is not told of.

--@ shop Spree, Solidus

--@ table spree_orders
id                              key, required
number                          text, required
completed_at                    timestamptz, required
created_at                      timestamptz, required
updated_at                      timestamptz
canceled_at                     timestamptz
state|status                    text, required
email                           text
customer_id|user_id             key
created_by_id                   key
currency                        text
store_id                        key
ship_address_id                 key
cart_id                         key
total_quantity|item_count       integer, required
item_total                      numeric, required
delivery_total|shipment_total   numeric, required
adjustment_total                numeric, required
additional_tax_total            numeric, required
included_tax_total              numeric, required
fee_total                       numeric

--@ table spree_fulfillments|spree_shipments
order_id                        key, required
status|state                    text, required
fulfilled_at|shipped_at         timestamptz, required
delivered_at                    timestamptz
promo_total                     numeric
included_tax_total              numeric
additional_tax_total            numeric

--@ table spree_line_items
id                              key, required
order_id                        key, required
variant_id                      key
quantity                        integer, required
price                           numeric, required
cost_price                      numeric
adjustment_total                numeric, required
additional_tax_total            numeric, required
included_tax_total              numeric, required

--@ optional spree_carts
id                              key, required
token                           text, required
created_at                      timestamptz, required
updated_at                      timestamptz, required
completed_at                    timestamptz, required
email                           text
currency                        text
store_id                        key
total_quantity                  integer, required
item_total                      numeric, required

--@ table spree_variants
id                              key, required
sku                             text
product_id                      key
cost_price                      numeric
cost_currency                   text

--@ optional spree_products
id                              key, required
primary_taxon_id                key

--@ optional spree_categories|spree_taxons
id                              key, required
name                            text

--@ optional spree_stores
id                              key, required
code                            text
default_currency                text

--@ optional spree_addresses
id                              key, required
country_id                      key
country_code                    text

--@ optional spree_countries
id                              key, required
iso                             text

--@ optional spree_state_changes
stateful_type                   text, required
stateful_id                     key, required
name                            text
next_state                      text, required
created_at                      timestamptz, required

--@ table spree_payments
id                              key, required
order_id                        key, required
amount                          numeric
state|status                    text

--@ table spree_refunds
payment_id                      key, required
order_id                        key
amount                          numeric, required
created_at                      timestamptz, required

--@ optional spree_reimbursements
id                              key, required
order_id                        key, required

--@ optional spree_reimbursement_credits
reimbursement_id                key, required
amount                          numeric, required
created_at                      timestamptz, required

--@ optional spree_return_items
fulfillment_item_id|inventory_unit_id key, required
customer_return_id              key, required
exchange_variant_id             key
reception_status                text, required
updated_at                      timestamptz

--@ optional spree_customer_returns
id                              key, required
created_at                      timestamptz, required

--@ optional spree_fulfillment_items|spree_inventory_units
id                              key, required
line_item_id                    key, required
quantity                        integer

--@ optional spree_returns
id                              key, required
order_id                        key, required
received_at                     timestamptz, required
canceled_at                     timestamptz
updated_at                      timestamptz

--@ optional spree_return_line_items
return_id                       key, required
received_quantity               integer, required
updated_at                      timestamptz

--@ table spree_stock_levels|spree_stock_items
id                              key, required
variant_id                      key, required
count_on_hand                   integer, required
created_at                      timestamptz, required
updated_at                      timestamptz
deleted_at                      timestamptz

--@ table spree_stock_movements
stock_level_id|stock_item_id    key, required
quantity                        integer, required
created_at                      timestamptz, required
kind                            text
originator_type                 text
stock_transfer_id               key

--@ part placed
SELECT o.*,
       o.item_total + o.adjustment_total - o.additional_tax_total - coalesce(o.fee_total, 0)
           - s.promo_total AS goods,
       o.included_tax_total - s.included_tax_total                     AS tax_in_goods,
       o.additional_tax_total - s.additional_tax_total                 AS tax_on_goods,
       o.delivery_total + s.promo_total - s.included_tax_total         AS shipping,
       s.included_tax_total + s.additional_tax_total                   AS tax_on_shipping
FROM   @spree_orders@ AS o
       LEFT JOIN LATERAL (
           SELECT coalesce(sum(s.promo_total), 0) AS promo_total,
                  coalesce(sum(s.included_tax_total), 0) AS included_tax_total,
                  coalesce(sum(s.additional_tax_total), 0) AS additional_tax_total
           FROM   @spree_fulfillments@ AS s
           WHERE  s.order_id = o.id) AS s ON true
WHERE  o.completed_at IS NOT NULL

--@ part moves
-- Movements of stock as they change what is on hand: promises do not, and what is shipped is
-- written as a positive number from Spree 6 on.
SELECT m.stock_level_id,
       m.created_at,
       CASE WHEN m.kind = 'shipped' THEN -abs(m.quantity) ELSE m.quantity END AS quantity,
       CASE WHEN m.kind = 'shipped' AND m.stock_transfer_id IS NULL
            OR   m.kind IS NULL AND m.originator_type IN ('Spree::Shipment', 'Spree::Fulfillment')
            THEN 'sale' ELSE 'other' END AS kind
FROM   @spree_stock_movements@ AS m
WHERE  m.kind IS NULL OR m.kind NOT IN ('allocated', 'released')

--@ source orders
-- Orders completed; manual adjustments are discounts, fees are not in the sales. Discounts on
-- prices that include tax are taken at the tax rate of the order.
SELECT o.id                                          AS order_id,
       o.completed_at                                AS ordered_at,
       nullif(lower(trim(o.email)), '')              AS customer_id,
       o.goods - o.tax_in_goods                      AS net_sales,
       CASE WHEN o.tax_in_goods = 0 THEN o.item_total
            ELSE round(o.item_total * (o.goods - o.tax_in_goods) / nullif(o.goods, 0), 4)
       END                                           AS gross_sales,
       o.additional_tax_total + o.included_tax_total AS tax,
       o.shipping,
       l.cost, --@ if spree_line_items.cost_price
       o.total_quantity                              AS units,
       o.currency,
       CASE WHEN o.state = 'canceled'
            THEN coalesce(o.canceled_at, (SELECT max(c.created_at) FROM @spree_state_changes@ AS c
                                          WHERE  c.stateful_type = 'Spree::Order'
                                          AND    c.stateful_id = o.id
                                          AND    c.next_state = 'canceled'),
                          o.updated_at, o.completed_at) END AS cancelled_at,
       o.updated_at,                                 --@ if spree_orders.updated_at
       s.code                                        AS store,
       coalesce(a.country_code, c.iso)               AS country
FROM   @placed@ AS o
       LEFT JOIN @spree_stores@ AS s ON s.id = o.store_id
       LEFT JOIN @spree_addresses@ AS a ON a.id = o.ship_address_id
       LEFT JOIN @spree_countries@ AS c ON c.id = a.country_id
       -- not known unless that of every line is, in the currency of the order
       LEFT JOIN LATERAL (
           SELECT CASE WHEN bool_and(l.cost_price IS NOT NULL
                                     AND coalesce(v.cost_currency, o.currency) = o.currency)
                       THEN sum(l.cost_price * l.quantity) END AS cost
           FROM   @spree_line_items@ AS l LEFT JOIN @spree_variants@ AS v ON v.id = l.variant_id
           WHERE  l.order_id = o.id) AS l ON true

--@ source order_lines
-- Lines of completed orders; discounts on whole orders are not in them.
SELECT l.order_id,
       coalesce(nullif(v.sku, ''), l.variant_id::text) AS sku,
       l.price * l.quantity + l.adjustment_total - l.additional_tax_total
           - l.included_tax_total AS net_sales,
       CASE WHEN coalesce(v.cost_currency, o.currency) =  --@ if spree_line_items.cost_price
                 o.currency                               --@ if spree_line_items.cost_price
            THEN l.cost_price * l.quantity END AS cost,   --@ if spree_line_items.cost_price
       t.name                                  AS category, --@ if spree_products.primary_taxon_id
       o.updated_at,                           --@ if spree_orders.updated_at
       l.quantity
FROM   @spree_line_items@ AS l
       JOIN @spree_orders@ AS o ON o.id = l.order_id AND o.completed_at IS NOT NULL
       LEFT JOIN @spree_variants@ AS v ON v.id = l.variant_id
       LEFT JOIN @spree_products@ AS p ON p.id = v.product_id
       LEFT JOIN @spree_categories@ AS t ON t.id = p.primary_taxon_id

--@ source carts
-- Carts with something in them, ordered or not, but for orders that staff began; the value is that
-- of the articles at their prices.
SELECT c.cart_id,
       c.created_at,
       c.ordered_at,
       c.last_active_at,
       c.customer_id,
       c.last_active_at                                        AS updated_at,
       CASE WHEN c.currency = s.currency THEN c.item_total END AS value,
       t.code                                                  AS store
FROM   (SELECT o.number AS cart_id, o.created_at, o.completed_at AS ordered_at,
               o.updated_at AS last_active_at, nullif(lower(trim(o.email)), '') AS customer_id,
               o.currency, o.item_total, o.store_id
        FROM   @spree_orders@ AS o
        WHERE  o.cart_id IS NULL AND (o.created_by_id IS NULL OR o.created_by_id = o.customer_id)
        AND    o.total_quantity > 0
        UNION ALL
        SELECT c.token, c.created_at, c.completed_at, c.updated_at,
               nullif(lower(trim(c.email)), ''), c.currency, c.item_total, c.store_id
        FROM   @spree_carts@ AS c
        WHERE  c.total_quantity > 0) AS c
       -- only where all stores have one currency can the values of carts be added
       CROSS JOIN (SELECT CASE WHEN count(DISTINCT s.default_currency) = 1
                               THEN min(s.default_currency) END AS currency
                   FROM   @spree_stores@ AS s) AS s
       LEFT JOIN @spree_stores@ AS t ON t.id = c.store_id

--@ part refunds
-- What was paid back, and how much of that was not for what was sold: what had been paid beyond the
-- total of the order, as lines were taken out of it, or twice.
SELECT r.order_id, r.created_at, r.amount,
       greatest((SELECT sum(p.amount)
                 FROM   @spree_payments@ AS p
                 WHERE  p.order_id = r.order_id AND p.state = 'completed')
                - (SELECT o.item_total + o.delivery_total + o.adjustment_total
                   FROM   @spree_orders@ AS o WHERE o.id = r.order_id),
                0)
       / nullif(sum(r.amount) OVER (PARTITION BY r.order_id), 0) AS overpaid
FROM   (SELECT p.order_id, r.created_at, r.amount
        FROM   @spree_payments@ AS p
               JOIN @spree_refunds@ AS r ON r.payment_id = p.id
        WHERE  r.order_id IS NULL
        UNION ALL
        SELECT r.order_id, r.created_at, r.amount
        FROM   @spree_refunds@ AS r WHERE r.order_id IS NOT NULL
        UNION ALL
        SELECT r.order_id, c.created_at, c.amount
        FROM   @spree_reimbursement_credits@ AS c
               JOIN @spree_reimbursements@ AS r ON r.id = c.reimbursement_id) AS r

--@ source returns
-- Pieces received back, and on another day what was refunded, with its tax beside it; pieces
-- exchanged are no returns. What is refunded of an order is for goods as far as goods were sold,
-- then for shipping, but for what had been paid beyond its total.
SELECT l.order_id, c.created_at AS returned_at,
       greatest(o.updated_at, i.updated_at) AS updated_at,      --@ if spree_orders.updated_at
       coalesce(u.quantity, 1) AS quantity,
       NULL::numeric AS refund, NULL::numeric AS tax, NULL::numeric AS shipping
FROM   @spree_return_items@ AS i
       JOIN @spree_customer_returns@ AS c ON c.id = i.customer_return_id
       JOIN @spree_fulfillment_items@ AS u ON u.id = i.fulfillment_item_id
       JOIN @spree_line_items@ AS l ON l.id = u.line_item_id
       JOIN @spree_orders@ AS o ON o.id = l.order_id AND o.completed_at IS NOT NULL
WHERE  i.reception_status = 'received' AND i.exchange_variant_id IS NULL
UNION ALL
SELECT r.order_id, r.received_at,
       greatest(o.updated_at, r.updated_at, i.updated_at),      --@ if spree_orders.updated_at
       i.received_quantity, NULL, NULL, NULL
FROM   @spree_returns@ AS r
       JOIN @spree_return_line_items@ AS i ON i.return_id = r.id
       JOIN @spree_orders@ AS o ON o.id = r.order_id AND o.completed_at IS NOT NULL
WHERE  r.received_at IS NOT NULL AND r.canceled_at IS NULL AND i.received_quantity > 0
UNION ALL
SELECT r.order_id, r.created_at,
       greatest(o.updated_at, r.created_at),                    --@ if spree_orders.updated_at
       NULL,
       round(p.goods * (o.goods - o.tax_in_goods) / nullif(g.goods, 0), 4),
       round(coalesce(p.goods * (o.tax_in_goods + o.tax_on_goods) / nullif(g.goods, 0), 0)
             + coalesce(p.carriage * o.tax_on_shipping / nullif(g.carriage, 0), 0), 4),
       round(p.carriage * o.shipping / nullif(g.carriage, 0), 4)
FROM   (SELECT r.order_id, r.created_at, a.amount,
               sum(a.amount) OVER (PARTITION BY r.order_id ORDER BY r.created_at, a.amount
                                   ROWS UNBOUNDED PRECEDING) AS until
        FROM   @refunds@ AS r
               CROSS JOIN LATERAL (SELECT r.amount * (1 - coalesce(r.overpaid, 0)) AS amount) AS a
        WHERE  coalesce(r.overpaid, 0) < 1) AS r
       JOIN @placed@ AS o ON o.id = r.order_id
       CROSS JOIN LATERAL (SELECT o.goods + o.tax_on_goods       AS goods,
                                  o.shipping + o.tax_on_shipping AS carriage) AS g
       -- what had been refunded of the order by then, without what had been before
       CROSS JOIN LATERAL (
           SELECT least(r.until, g.goods) - least(r.until - r.amount, g.goods) AS goods,
                  least(greatest(r.until - g.goods, 0), g.carriage)
                  - least(greatest(r.until - r.amount - g.goods, 0), g.carriage) AS carriage) AS p

--@ source deliveries
-- Completed orders with something to ship; shipped, and from Spree 6 on delivered, once every
-- shipment is.
SELECT o.id                                          AS order_id,
       o.completed_at                                AS ordered_at,
       o.updated_at,                                 --@ if spree_orders.updated_at
       CASE WHEN s.delivered                         --@ if spree_fulfillments.delivered_at
            THEN s.delivered_at END AS delivered_at, --@ if spree_fulfillments.delivered_at
       CASE WHEN s.shipped THEN s.shipped_at END     AS shipped_at
FROM   @spree_orders@ AS o
       CROSS JOIN LATERAL (
           SELECT bool_and(s.fulfilled_at IS NOT NULL) AS shipped,
                  max(s.fulfilled_at) AS shipped_at,
                  bool_and(s.delivered_at IS NOT NULL) AS delivered,
                  max(s.delivered_at) AS delivered_at
           FROM   @spree_fulfillments@ AS s
           WHERE  s.order_id = o.id AND s.status <> 'canceled') AS s
WHERE  o.completed_at IS NOT NULL AND s.shipped IS NOT NULL

--@ source stock_moves
-- Movements of stock in all places; what they do not explain of the stock of now is opening stock,
-- and what is removed with its article goes.
SELECT coalesce(nullif(v.sku, ''), v.id::text)                                              AS sku,
       m.moved_at,
       m.updated_at,                                      --@ if spree_stock_levels.updated_at
       m.quantity,
       m.kind,
       l.id AS stock_id
FROM   (SELECT m.stock_level_id, m.created_at AS moved_at, m.created_at AS updated_at, m.quantity,
               m.kind
        FROM   @moves@ AS m
        UNION ALL
        SELECT l.id, l.created_at, l.updated_at,
               l.count_on_hand
                   - coalesce((SELECT sum(m.quantity)
                               FROM   @moves@ AS m WHERE m.stock_level_id = l.id),
                              0),
               'opening'
        FROM   @spree_stock_levels@ AS l
        UNION ALL
        SELECT l.id, l.deleted_at, l.updated_at, -l.count_on_hand, 'removed'
        FROM   @spree_stock_levels@ AS l WHERE l.deleted_at IS NOT NULL) AS m
       JOIN @spree_stock_levels@ AS l ON l.id = m.stock_level_id
       JOIN @spree_variants@ AS v ON v.id = l.variant_id
WHERE  m.quantity <> 0

--@ source stock_levels
-- What is in stock now, in all places, at what an article costs now.
SELECT coalesce(nullif(v.sku, ''), v.id::text) AS sku,
       now()                                   AS counted_at,
       s.on_hand,
       v.cost_price                            AS unit_cost
FROM   (SELECT l.variant_id, sum(l.count_on_hand) AS on_hand
        FROM   @spree_stock_levels@ AS l WHERE l.deleted_at IS NULL GROUP BY l.variant_id) AS s
       JOIN @spree_variants@ AS v ON v.id = s.variant_id

--@ lacks visits
-- no shop system keeps them; add visits, a view of your web analytics

--@ lacks delivery
-- before Spree 6 only the time of shipping is kept; arrival and promise are known to the carrier,
-- add delivered_at and promised_at to deliveries

--@ lacks changes of orders
-- an order that is edited, or something of which is exchanged, has the amounts of now from the day
-- it was placed: those before are not kept

--@ lacks stock value
-- movements have no cost, so turnover is measured in pieces; kpi.snapshot keeps the levels day by
-- day, with what an article costs then

--@ lacks exchange rates
-- a model of orders in several currencies needs a column exchange_rate in orders, what one unit of
-- its currency was worth
