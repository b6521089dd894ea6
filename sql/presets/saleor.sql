-- Saleor from 3.2 on: Django tables
--
-- Times have a zone, amounts are in major units, net and gross beside each other. Orders, drafts
-- and replacements share one table, shipments and returns another, and pieces that come back are
-- moved from the one to the other, so that only the events of an order keep when it was sent. Gift
-- cards are lines, but no goods: they become sales when they are spent, so what was paid with them
-- is sold, they are not.
--
-- An order is saved with updated_at when its amounts or its status change, as shipping all of it
-- does. What comes back and what is refunded is compared: nothing tells when a shipment was last
-- changed.

--@ shop Saleor

--@ table order_order
id                                      uuid, required
created_at                              timestamptz, required
updated_at                              timestamptz
status                                  text, required
origin                                  text, required
user_id                                 integer
user_email                              text
channel_id                              integer
currency                                text, required
checkout_token                          text, required
voucher_code                            text
subtotal_net_amount                     numeric
subtotal_gross_amount                   numeric
total_net_amount                        numeric, required
total_gross_amount                      numeric, required
shipping_price_net_amount               numeric, required
shipping_price_gross_amount             numeric, required

--@ table order_orderline
order_id                                uuid, required
id                                      uuid, required
variant_id                              integer
product_sku                             text
is_gift_card                            boolean, required
is_shipping_required                    boolean, required
quantity                                integer, required
quantity_fulfilled                      integer, required
total_price_net_amount                  numeric, required
total_price_gross_amount                numeric, required
undiscounted_total_price_net_amount     numeric

--@ table order_orderevent
order_id                                uuid, required
type                                    text, required
date                                    timestamptz, required

--@ table order_fulfillment
id                                      integer, required
order_id                                uuid, required
status                                  text, required
created_at|created                      timestamptz, required
total_refund_amount                     numeric, required
shipping_refund_amount                  numeric

--@ table order_fulfillmentline
fulfillment_id                          integer, required
order_line_id                           uuid, required
quantity                                integer, required

--@ optional order_ordergrantedrefund
id                                      integer, required
shipping_costs_included                 boolean

--@ optional payment_transactionitem
id                                      integer, required
order_id                                uuid, required

--@ optional payment_transactionevent
transaction_id                          integer, required
type                                    text, required
created_at                              timestamptz, required
amount_value                            numeric, required
related_granted_refund_id               integer

--@ optional account_user
id                                      integer, required
email                                   text, required

--@ optional channel_channel
id                                      integer, required
slug                                    text
currency_code                           text

--@ table checkout_checkout
token                                   uuid, required
created_at|created                      timestamptz, required
last_change                             timestamptz, required
user_id                                 integer
email                                   text
channel_id                              integer
currency                                text
subtotal_net_amount                     numeric

--@ table checkout_checkoutline
checkout_id                             uuid, required

--@ table warehouse_stock
product_variant_id                      integer, required
quantity                                integer, required

--@ table product_productvariant
id                                      integer, required
sku                                     text
product_id                              integer

--@ optional product_productvariantchannellisting
variant_id                              integer, required
currency                                text
cost_price_amount                       numeric

--@ optional product_product
id                                      integer, required
category_id                             integer

--@ optional product_category
id                                      integer, required
name                                    text

--@ part sold
-- The orders that count. One of nothing but gift cards does not: these become sales when they are
-- spent.
SELECT o.*
FROM   @order_order@ AS o
WHERE  o.status NOT IN ('draft', 'expired') AND o.origin <> 'reissue'
AND    (SELECT bool_and(l.is_gift_card) FROM @order_orderline@ AS l
        WHERE  l.order_id = o.id) IS NOT TRUE

--@ part placed
-- An order that began as a draft was placed when the draft was completed, not when it was begun.
SELECT o.*, o.created_at AS ordered_at
FROM   @sold@ AS o
WHERE  o.origin <> 'draft'
OR     NOT EXISTS (SELECT FROM @order_orderevent@ AS e
                   WHERE  e.order_id = o.id AND e.type = 'placed_from_draft')
UNION ALL
SELECT o.*, e.date
FROM   @order_orderevent@ AS e
       JOIN @sold@ AS o ON o.id = e.order_id
WHERE  e.type = 'placed_from_draft' AND o.origin = 'draft'

--@ source orders
-- Orders placed, without drafts, replacements of earlier orders, those that expired unpaid, and
-- those of gift cards alone, which are not in the sales of others either.
SELECT o.id                                                     AS order_id,
       o.ordered_at,
       lower(trim(coalesce(u.email, nullif(o.user_email, '')))) AS customer_id,
       -- what was paid with gift cards has been taken off the total, not off the subtotal
       coalesce(o.subtotal_net_amount, o.total_net_amount - o.shipping_price_net_amount)
           - l.gift_cards AS net_sales,
       coalesce(l.gross_sales, 0) --@ if order_orderline.undiscounted_total_price_net_amount
           AS gross_sales,        --@ if order_orderline.undiscounted_total_price_net_amount
       coalesce(o.subtotal_gross_amount - o.subtotal_net_amount + o.shipping_price_gross_amount
                - o.shipping_price_net_amount,
                o.total_gross_amount - o.total_net_amount)      AS tax,
       o.shipping_price_net_amount                              AS shipping,
       coalesce(l.units, 0)                                     AS units,
       o.currency,
       CASE WHEN o.status = 'canceled'
            THEN coalesce((SELECT min(e.date)
                           FROM   @order_orderevent@ AS e
                           WHERE  e.order_id = o.id AND e.type = 'canceled'),
                          o.updated_at, o.ordered_at) END AS cancelled_at,
       o.updated_at,            --@ if order_order.updated_at
       c.slug                                                   AS channel,
       o.voucher_code                                           AS voucher
FROM   @placed@ AS o
       LEFT JOIN @account_user@ AS u ON u.id = o.user_id
       LEFT JOIN @channel_channel@ AS c ON c.id = o.channel_id
       LEFT JOIN LATERAL (
           SELECT sum(l.quantity) FILTER (WHERE NOT l.is_gift_card)    AS units,
                  sum(l.undiscounted_total_price_net_amount)
                      FILTER (WHERE NOT l.is_gift_card) AS gross_sales,
                  coalesce(sum(l.total_price_net_amount) FILTER (WHERE l.is_gift_card),
                           0) AS gift_cards
           FROM   @order_orderline@ AS l
           WHERE  l.order_id = o.id) AS l ON true

--@ source order_lines
-- Lines of orders, without gift cards.
SELECT l.order_id,
       coalesce(nullif(l.product_sku, ''), nullif(v.sku, ''), l.variant_id::text) AS sku,
       l.quantity,
       o.updated_at,            --@ if order_order.updated_at
       l.total_price_net_amount                                        AS net_sales,
       c.name                                                          AS category
FROM   @order_orderline@ AS l
       LEFT JOIN @order_order@ AS o ON o.id = l.order_id
       LEFT JOIN @product_productvariant@ AS v ON v.id = l.variant_id
       LEFT JOIN @product_product@ AS p ON p.id = v.product_id
       LEFT JOIN @product_category@ AS c ON c.id = p.category_id
WHERE  NOT l.is_gift_card

--@ source carts
-- Checkouts with something in them, and the orders that came of checkouts, whose own rows are gone.
SELECT c.token::text                                       AS cart_id,
       c.created_at,
       NULL::timestamptz                                   AS ordered_at,
       c.last_change                                       AS last_active_at,
       c.last_change AS updated_at,   --@ if order_order.updated_at
       lower(trim(coalesce(u.email, nullif(c.email, '')))) AS customer_id,
       -- only where all channels have one currency can the values of carts be added
       CASE WHEN (SELECT count(DISTINCT s.currency_code) FROM @channel_channel@ AS s) = 1
            THEN c.subtotal_net_amount END AS value,
       s.slug                                              AS channel
FROM   @checkout_checkout@ AS c
       LEFT JOIN @account_user@ AS u ON u.id = c.user_id
       LEFT JOIN @channel_channel@ AS s ON s.id = c.channel_id
WHERE  EXISTS (SELECT FROM @checkout_checkoutline@ AS l WHERE l.checkout_id = c.token)
AND    NOT EXISTS (SELECT FROM @order_order@ AS o WHERE o.checkout_token = c.token::text)
UNION ALL
SELECT o.checkout_token,
       o.created_at,
       CASE WHEN o.status <> 'expired' THEN o.created_at END,
       o.created_at,
       o.updated_at,            --@ if order_order.updated_at
       lower(trim(coalesce(u.email, nullif(o.user_email, '')))),
       CASE WHEN (SELECT count(DISTINCT s.currency_code) FROM @channel_channel@ AS s) = 1
            THEN coalesce(o.subtotal_net_amount,
                          o.total_net_amount - o.shipping_price_net_amount) END,
       s.slug
FROM   @order_order@ AS o
       LEFT JOIN @account_user@ AS u ON u.id = o.user_id
       LEFT JOIN @channel_channel@ AS s ON s.id = o.channel_id
WHERE  o.origin = 'checkout' AND o.checkout_token <> ''

--@ source returns
-- Pieces that came back, and refunds with their tax beside them; pieces exchanged for a replacement
-- are no returns. A refund that does not say that shipping is in it is one of goods, as far as
-- goods were sold, then of shipping.
SELECT r.order_id,
       r.returned_at,
       r.quantity,
       round(p.goods * l.net / nullif(l.gross, 0), 3)                            AS refund,
       round(coalesce(p.goods * (1 - l.net / nullif(l.gross, 0)), 0)
             + coalesce(p.shipping * (1 - s.net / nullif(s.gross, 0)), 0)
             + CASE WHEN r.refund IS NOT NULL THEN 0 END, 3)                     AS tax,
       round(p.shipping * s.net / nullif(s.gross, 0), 3)                         AS shipping
FROM   (SELECT r.*,
               sum(r.refund) OVER (PARTITION BY r.order_id ORDER BY r.returned_at, r.refund
                                   ROWS UNBOUNDED PRECEDING) AS until,
               sum(r.shipping) OVER (PARTITION BY r.order_id) AS all_shipping
        FROM   (SELECT f.order_id, f.created_at AS returned_at, l.quantity,
                       CASE WHEN f.total_refund_amount > 0
                            THEN greatest(f.total_refund_amount
                                          - coalesce(f.shipping_refund_amount, 0)
                                          - coalesce(l.gift_cards, 0),
                                          0) END AS refund,
                       CASE WHEN f.total_refund_amount > 0
                            THEN coalesce(f.shipping_refund_amount, 0) END AS shipping
                FROM   @order_fulfillment@ AS f
                       CROSS JOIN LATERAL (
                           SELECT sum(l.quantity)
                                      FILTER (WHERE NOT i.is_gift_card
                                              AND   f.status <> 'refunded') AS quantity,
                                  sum(i.total_price_gross_amount / nullif(i.quantity, 0)
                                      * l.quantity)
                                      FILTER (WHERE i.is_gift_card) AS gift_cards
                           FROM   @order_fulfillmentline@ AS l
                                  JOIN @order_orderline@ AS i ON i.id = l.order_line_id
                           WHERE  l.fulfillment_id = f.id) AS l
                WHERE  f.status IN ('returned', 'refunded', 'refunded_and_returned')
                UNION ALL
                -- the newer payments keep their refunds themselves
                SELECT t.order_id, e.created_at, NULL, x.sign * (e.amount_value - x.shipping),
                       x.sign * x.shipping
                FROM   @payment_transactionevent@ AS e
                       JOIN @payment_transactionitem@ AS t ON t.id = e.transaction_id
                       JOIN @order_order@ AS o ON o.id = t.order_id
                       LEFT JOIN @order_ordergrantedrefund@ AS g
                           ON g.id = e.related_granted_refund_id
                       CROSS JOIN LATERAL (
                           SELECT CASE e.type WHEN 'refund_success' THEN 1 ELSE -1 END AS sign,
                                  CASE WHEN g.shipping_costs_included
                                       THEN least(e.amount_value, o.shipping_price_gross_amount)
                                       ELSE 0 END AS shipping) AS x
                WHERE  e.type IN ('refund_success', 'refund_reverse')) AS r) AS r
       JOIN @sold@ AS o ON o.id = r.order_id
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(l.total_price_net_amount), 0) AS net,
                  coalesce(sum(l.total_price_gross_amount), 0) AS gross
           FROM   @order_orderline@ AS l
           WHERE  l.order_id = o.id AND NOT l.is_gift_card) AS l
       CROSS JOIN LATERAL (
           SELECT o.shipping_price_net_amount AS net, o.shipping_price_gross_amount AS gross) AS s
       -- by then, and before: what went beyond the goods is shipping, as far as there is some left
       LEFT JOIN LATERAL (
           SELECT least(r.until, l.gross) - least(r.until - r.refund, l.gross) AS goods,
                  r.shipping + least(greatest(r.until - l.gross, 0), x.rest)
                             - least(greatest(r.until - r.refund - l.gross, 0), x.rest) AS shipping
           FROM   (SELECT greatest(s.gross - r.all_shipping, 0) AS rest) AS x
           WHERE  r.refund IS NOT NULL) AS p ON true
WHERE  (r.quantity > 0 OR p.goods <> 0 OR p.shipping <> 0)

--@ source deliveries
-- Orders with something to ship; shipped once all of it has been fulfilled.
SELECT o.id AS order_id,
       o.ordered_at,
       o.updated_at,            --@ if order_order.updated_at
       CASE WHEN l.fulfilled
            THEN (SELECT max(e.date)
                  FROM   @order_orderevent@ AS e
                  WHERE  e.order_id = o.id
                  AND    e.type = 'fulfillment_fulfilled_items') END AS shipped_at
FROM   @placed@ AS o
       CROSS JOIN LATERAL (
           SELECT bool_and(l.quantity_fulfilled >= l.quantity) AS fulfilled
           FROM   @order_orderline@ AS l
           WHERE  l.order_id = o.id AND l.is_shipping_required) AS l
WHERE  l.fulfilled IS NOT NULL

--@ source stock_levels
-- What is in stock now, in all warehouses; reserved pieces are still in stock.
SELECT coalesce(nullif(v.sku, ''), v.id::text) AS sku,
       now()                                   AS counted_at,
       s.on_hand,
       (SELECT min(c.cost_price_amount) FROM @product_productvariantchannellisting@ AS c
        WHERE  c.variant_id = v.id
        HAVING count(DISTINCT (c.currency, c.cost_price_amount)) = 1) AS unit_cost
FROM   (SELECT s.product_variant_id, sum(s.quantity) AS on_hand
        FROM   @warehouse_stock@ AS s GROUP BY s.product_variant_id) AS s
       JOIN @product_productvariant@ AS v ON v.id = s.product_variant_id

--@ lacks visits
-- no shop system keeps them; add visits, a view of your web analytics

--@ lacks cart history
-- a checkout is deleted when it is ordered, or after some weeks, so carts that were given up long
-- ago are missing from the rate, and ordered ones begin with the order; kpi.snapshot keeps them

--@ lacks cost
-- orders do not keep what goods cost; add a column cost to order_lines

--@ lacks stock history
-- only the stock of now is kept; kpi.snapshot keeps it day by day

--@ lacks changes of orders
-- an order has the amounts of now from the day it was placed, and can be edited until it is
-- confirmed; what is sent in exchange is an order of its own, which does not say what it is dearer

--@ lacks delivery
-- a fulfilment has one time, when it was sent; arrival and promise are known to the carrier, add
-- delivered_at and promised_at to deliveries

--@ lacks exchange rates
-- a model of orders in several currencies needs a column exchange_rate in orders, what one unit of
-- its currency was worth
