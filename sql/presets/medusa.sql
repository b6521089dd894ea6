-- Medusa 2: modules with tables of their own in one schema
--
-- Times have a zone, amounts are in major units, rows are deleted softly. An order has a version,
-- and a set of items and shipping methods for each, as every edit, exchange and return makes a new
-- one: the first is what was ordered, and what differs in a later one is a change. Totals are not
-- stored reliably, so they are computed from the lines as Medusa does: tax rates of a line add up,
-- discounts are net unless they say otherwise. What is sent in exchange or for a claim is added to
-- the order it replaces something of, and is no sale, but for what it is dearer than what comes
-- back.
--
-- An order is saved with updated_at when it gets a new version or is cancelled, and what was
-- ordered does not change. What is shipped, comes back, is refunded or put in a cart is compared.

--@ shop Medusa

--@ table order
id                              text, required
version                         integer, required
status                          text, required
is_draft_order                  boolean
email                           text
customer_id                     text
currency_code                   text, required
sales_channel_id                text
shipping_address_id             text
created_at                      timestamptz, required
updated_at                      timestamptz
canceled_at                     timestamptz
deleted_at                      timestamptz

--@ table order_item
order_id                        text, required
version                         integer, required
item_id                         text, required
quantity                        numeric, required
unit_price                      numeric
shipped_quantity                numeric, required
delivered_quantity              numeric
deleted_at                      timestamptz

--@ table order_line_item
id                              text, required
variant_id                      text
variant_sku                     text
product_type                    text
product_collection              text
requires_shipping               boolean
is_giftcard                     boolean
is_tax_inclusive                boolean, required
unit_price                      numeric, required
deleted_at                      timestamptz

--@ table order_line_item_tax_line
item_id                         text, required
rate                            numeric, required
deleted_at                      timestamptz

--@ table order_line_item_adjustment
item_id                         text, required
amount                          numeric, required
version                         integer
is_tax_inclusive                boolean
deleted_at                      timestamptz

--@ table order_shipping
order_id                        text, required
version                         integer, required
shipping_method_id              text, required
return_id                       text
exchange_id                     text
claim_id                        text
deleted_at                      timestamptz

--@ table order_shipping_method
id                              text, required
amount                          numeric, required
is_tax_inclusive                boolean
deleted_at                      timestamptz

--@ table order_shipping_method_tax_line
shipping_method_id              text, required
rate                            numeric, required
deleted_at                      timestamptz

--@ table order_shipping_method_adjustment
shipping_method_id              text, required
amount                          numeric, required
version                         integer
is_tax_inclusive                boolean
deleted_at                      timestamptz

--@ table order_change
order_id                        text, required
version                         integer, required
change_type                     text
status                          text, required
exchange_id                     text
confirmed_at                    timestamptz, required
deleted_at                      timestamptz

--@ optional order_exchange_item
exchange_id                     text, required
item_id                         text, required
quantity                        numeric, required
deleted_at                      timestamptz

--@ optional order_claim_item
item_id                         text, required
is_additional_item              boolean, required
deleted_at                      timestamptz

--@ table return
id                              text, required
order_id                        text, required
status                          text, required
exchange_id                     text
received_at                     timestamptz
updated_at                      timestamptz, required
deleted_at                      timestamptz

--@ table return_item
return_id                       text, required
item_id                         text, required
quantity                        numeric, required
received_quantity               numeric, required
deleted_at                      timestamptz

--@ table order_transaction
order_id                        text, required
amount                          numeric, required
created_at                      timestamptz, required
deleted_at                      timestamptz

--@ table order_fulfillment
order_id                        text, required
fulfillment_id                  text, required
deleted_at                      timestamptz

--@ table fulfillment
id                              text, required
shipped_at                      timestamptz, required
delivered_at                    timestamptz
canceled_at                     timestamptz, required
deleted_at                      timestamptz

--@ table fulfillment_item
fulfillment_id                  text, required
line_item_id                    text, required
deleted_at                      timestamptz

--@ table cart
id                              text, required
customer_id                     text
email                           text
currency_code                   text
sales_channel_id                text
created_at                      timestamptz, required
updated_at                      timestamptz, required
completed_at                    timestamptz
deleted_at                      timestamptz

--@ table cart_line_item
cart_id                         text, required
quantity                        numeric, required
unit_price                      numeric, required
created_at                      timestamptz, required
updated_at                      timestamptz, required
deleted_at                      timestamptz

--@ table order_cart
order_id                        text, required
cart_id                         text, required
deleted_at                      timestamptz

--@ optional customer
id                              text, required
email                           text

--@ optional sales_channel
id                              text, required
name                            text

--@ optional region
id                              text, required
currency_code                   text
deleted_at                      timestamptz

--@ optional order_address
id                              text, required
country_code                    text

--@ table inventory_item
id                              text, required
sku                             text
deleted_at                      timestamptz

--@ table inventory_level
inventory_item_id               text, required
stocked_quantity                numeric, required
deleted_at                      timestamptz

--@ part replacements
-- Few, and asked for each line: NOT IN looks them up in a table made once. None of them is NULL.
SELECT e.item_id
FROM   @order_exchange_item@ AS e WHERE e.item_id IS NOT NULL AND e.deleted_at IS NULL
UNION ALL
SELECT c.item_id
FROM   @order_claim_item@ AS c
WHERE  c.is_additional_item AND c.item_id IS NOT NULL AND c.deleted_at IS NULL

--@ part every_line
SELECT i.order_id, i.version, i.item_id, i.quantity, i.shipped_quantity, i.delivered_quantity,
       l.variant_id, l.variant_sku, l.product_type, l.product_collection, l.requires_shipping,
       p.gross,
       a.discount,
       (p.gross - a.discount) * t.rate                                                      AS tax
FROM   @order_item@ AS i
       JOIN @order_line_item@ AS l ON l.id = i.item_id
       LEFT JOIN LATERAL (
           SELECT coalesce(sum(t.rate), 0) / 100 AS rate
           FROM   @order_line_item_tax_line@ AS t
           WHERE  t.item_id = l.id AND t.deleted_at IS NULL) AS t ON true
       LEFT JOIN LATERAL (
           SELECT coalesce(sum(a.amount / CASE WHEN a.is_tax_inclusive THEN 1 + t.rate ELSE 1 END),
                           0) AS discount
           FROM   @order_line_item_adjustment@ AS a
           WHERE  a.item_id = l.id AND a.deleted_at IS NULL
           AND    coalesce(a.version, i.version) = i.version) AS a ON true
       CROSS JOIN LATERAL (SELECT coalesce(i.unit_price, l.unit_price) * i.quantity
                           / CASE WHEN l.is_tax_inclusive THEN 1 + t.rate ELSE 1 END AS gross) AS p
WHERE  i.deleted_at IS NULL AND l.deleted_at IS NULL AND i.quantity > 0
AND    l.is_giftcard IS NOT TRUE

--@ part lines
-- without replacements
SELECT l.* FROM @every_line@ AS l
WHERE  l.item_id NOT IN (SELECT r.item_id FROM @replacements@ AS r)

--@ part placed
-- Gift cards become sales when they are spent, so an order of them alone is none. What was ordered
-- is the first version.
SELECT o.*, coalesce((SELECT min(i.version) FROM @order_item@ AS i
                      WHERE  i.order_id = o.id AND i.deleted_at IS NULL),
                     o.version) AS first_version
FROM   @order@ AS o
       CROSS JOIN LATERAL (
           SELECT bool_and(coalesce(l.is_giftcard, false)) IS TRUE AS only
           FROM   @order_item@ AS i
                  JOIN @order_line_item@ AS l ON l.id = i.item_id
           WHERE  i.order_id = o.id AND i.version = o.version AND i.quantity > 0
           AND    i.deleted_at IS NULL AND l.deleted_at IS NULL) AS gift_cards
WHERE  o.deleted_at IS NULL AND o.status <> 'draft' AND o.is_draft_order IS NOT TRUE
AND    NOT gift_cards.only

--@ part carriage
-- what is charged for shipping, without what returns, exchanges and claims cost to ship
SELECT s.order_id, s.version, p.shipping, p.shipping * t.rate AS tax
FROM   @order_shipping@ AS s
       JOIN @order_shipping_method@ AS m ON m.id = s.shipping_method_id
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(t.rate), 0) / 100 AS rate
           FROM   @order_shipping_method_tax_line@ AS t
           WHERE  t.shipping_method_id = m.id AND t.deleted_at IS NULL) AS t
       CROSS JOIN LATERAL (
           SELECT m.amount / CASE WHEN m.is_tax_inclusive THEN 1 + t.rate ELSE 1 END
                  - coalesce(sum(a.amount / CASE WHEN a.is_tax_inclusive THEN 1 + t.rate
                                                 ELSE 1 END), 0) AS shipping
           FROM   @order_shipping_method_adjustment@ AS a
           WHERE  a.shipping_method_id = m.id AND a.deleted_at IS NULL
           AND    coalesce(a.version, s.version) = s.version) AS p
WHERE  s.deleted_at IS NULL AND m.deleted_at IS NULL
AND    num_nonnulls(s.return_id, s.exchange_id, s.claim_id) = 0

--@ source orders
-- Orders as they were placed, without drafts and those of gift cards alone; gift cards and what was
-- sent in exchange or for a claim are not in the sales.
SELECT o.id                                                AS order_id,
       o.created_at                                        AS ordered_at,
       lower(trim(coalesce(nullif(o.email, ''), u.email))) AS customer_id,
       coalesce(round(l.gross - l.discount, 4), 0)         AS net_sales,
       coalesce(round(l.gross, 4), 0)                      AS gross_sales,
       round(coalesce(l.tax, 0) + coalesce(s.tax, 0), 4)   AS tax,
       coalesce(round(s.shipping, 4), 0)                   AS shipping,
       coalesce(l.units, 0)                                AS units,
       upper(o.currency_code)                              AS currency,
       CASE WHEN o.status = 'canceled'
            THEN coalesce(o.canceled_at, o.updated_at, o.created_at) END AS cancelled_at,
       o.updated_at,                                       --@ if order.updated_at
       c.name                                              AS channel,
       upper(a.country_code)                               AS country
FROM   @placed@ AS o
       LEFT JOIN @customer@ AS u ON u.id = o.customer_id
       LEFT JOIN @sales_channel@ AS c ON c.id = o.sales_channel_id
       LEFT JOIN @order_address@ AS a ON a.id = o.shipping_address_id
       LEFT JOIN LATERAL (
           SELECT sum(l.gross) AS gross, sum(l.discount) AS discount, sum(l.tax) AS tax,
                  sum(l.quantity) AS units
           FROM   @lines@ AS l
           WHERE  l.order_id = o.id AND l.version = o.first_version) AS l ON true
       LEFT JOIN LATERAL (
           SELECT sum(c.shipping) AS shipping, sum(c.tax) AS tax
           FROM   @carriage@ AS c
           WHERE  c.order_id = o.id AND c.version = o.first_version) AS s ON true

--@ source order_lines
-- Lines of the orders as they were placed, without gift cards.
SELECT o.id                                              AS order_id,
       coalesce(nullif(l.variant_sku, ''), l.variant_id) AS sku,
       l.quantity,
       o.updated_at,                                     --@ if order.updated_at
       round(l.gross - l.discount, 4)                    AS net_sales,
       l.product_type                                    AS category,
       l.product_collection                              AS collection
FROM   @placed@ AS o
       JOIN @lines@ AS l ON l.order_id = o.id AND l.version = o.first_version

--@ part versions
-- the versions of orders that were changed, and when each was made
SELECT v.order_id, v.version, v.first_version, v.updated_at,
       lag(v.version) OVER (PARTITION BY v.order_id ORDER BY v.version) AS before,
       coalesce((SELECT min(c.confirmed_at) FROM @order_change@ AS c
                 WHERE  c.order_id = v.order_id AND c.version = v.version
                 AND    c.status = 'confirmed' AND c.deleted_at IS NULL), v.updated_at) AS made_at
FROM   (SELECT o.id AS order_id, o.version, o.first_version, o.updated_at
        FROM   @placed@ AS o WHERE o.version > o.first_version
        UNION
        SELECT o.id, i.version, o.first_version, o.updated_at
        FROM   @placed@ AS o JOIN @order_item@ AS i ON i.order_id = o.id
        WHERE  o.version > o.first_version AND i.version <= o.version
        AND    i.deleted_at IS NULL) AS v

--@ source order_changes
-- What a version of an order differs in from the one before; and by how much what was sent in
-- exchange was dearer than what was to come back for it. Where it was cheaper the difference is a
-- refund.
SELECT v.order_id,
       v.made_at                                                              AS changed_at,
       v.updated_at,                                                --@ if order.updated_at
       round(l.net, 4)                                                        AS net_sales,
       round(l.gross, 4)                                                      AS gross_sales,
       round(l.tax + s.tax, 4)                                                AS tax,
       round(s.shipping, 4)                                                   AS shipping,
       l.units,
       'edit'                                                                 AS kind
FROM   @versions@ AS v
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(x.sign * l.gross), 0) AS gross,
                  coalesce(sum(x.sign * (l.gross - l.discount)), 0) AS net,
                  coalesce(sum(x.sign * l.tax), 0) AS tax,
                  coalesce(sum(x.sign * l.quantity), 0) AS units
           FROM   @lines@ AS l
                  CROSS JOIN LATERAL (
                      SELECT CASE l.version WHEN v.version THEN 1 ELSE -1 END AS sign) AS x
           WHERE  l.order_id = v.order_id AND l.version IN (v.version, v.before)) AS l
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(x.sign * c.shipping), 0) AS shipping,
                  coalesce(sum(x.sign * c.tax), 0) AS tax
           FROM   @carriage@ AS c
                  CROSS JOIN LATERAL (
                      SELECT CASE c.version WHEN v.version THEN 1 ELSE -1 END AS sign) AS x
           WHERE  c.order_id = v.order_id AND c.version IN (v.version, v.before)) AS s
WHERE  v.before IS NOT NULL AND (l.gross, l.net, l.tax + s.tax, s.shipping, l.units)
                                <> (0, 0, 0, 0, 0)
UNION ALL
SELECT c.order_id, c.confirmed_at,
       o.updated_at,                                                --@ if order.updated_at
       round(x.net, 4), round(x.gross, 4), round(x.tax, 4), 0, x.units,
       'exchange'
FROM   (SELECT c.order_id, c.exchange_id, min(c.confirmed_at) AS confirmed_at
        FROM   @order_change@ AS c
        WHERE  c.change_type = 'exchange' AND c.status = 'confirmed' AND c.deleted_at IS NULL
        GROUP  BY c.order_id, c.exchange_id) AS c
       JOIN @placed@ AS o ON o.id = c.order_id
       CROSS JOIN LATERAL (
           SELECT sum(i.quantity / l.quantity * l.gross) AS gross,
                  sum(i.quantity / l.quantity * (l.gross - l.discount)) AS net,
                  sum(i.quantity / l.quantity * l.tax) AS tax, sum(i.quantity) AS units
           FROM   (SELECT e.item_id, e.quantity
                   FROM   @order_exchange_item@ AS e
                   WHERE  e.exchange_id = c.exchange_id AND e.deleted_at IS NULL
                   UNION ALL
                   SELECT i.item_id, -i.quantity
                   FROM   @return@ AS r JOIN @return_item@ AS i ON i.return_id = r.id
                   WHERE  r.exchange_id = c.exchange_id AND r.status <> 'canceled'
                   AND    r.deleted_at IS NULL AND i.deleted_at IS NULL) AS i
                  JOIN @every_line@ AS l ON l.order_id = c.order_id AND l.version = o.version
                                        AND l.item_id = i.item_id) AS x
WHERE  x.net > 0

--@ source carts
-- Carts with something in them, from the first article on.
SELECT c.id                                                            AS cart_id,
       l.created_at,
       coalesce(c.completed_at,
                (SELECT min(o.created_at)
                 FROM   @order_cart@ AS x
                        JOIN @order@ AS o ON o.id = x.order_id
                 WHERE  x.cart_id = c.id AND x.deleted_at IS NULL)) AS ordered_at,
       greatest(c.updated_at, l.updated_at)                            AS last_active_at,
       lower(trim(coalesce(nullif(c.email, ''), u.email)))             AS customer_id,
       -- only where all regions have one currency can the values of carts be added
       CASE WHEN (SELECT count(DISTINCT r.currency_code)
                  FROM   @region@ AS r WHERE r.deleted_at IS NULL) = 1
            THEN l.value END AS value,
       s.name                                                          AS channel
FROM   @cart@ AS c
       LEFT JOIN @customer@ AS u ON u.id = c.customer_id
       LEFT JOIN @sales_channel@ AS s ON s.id = c.sales_channel_id
       CROSS JOIN LATERAL (
           SELECT min(l.created_at) AS created_at, max(l.updated_at) AS updated_at,
                  sum(l.quantity * l.unit_price) AS value
           FROM   @cart_line_item@ AS l
           WHERE  l.cart_id = c.id AND l.deleted_at IS NULL) AS l
WHERE  c.deleted_at IS NULL AND l.created_at IS NOT NULL

--@ source returns
-- Pieces received back, and on another day what was refunded, with its tax beside it; pieces
-- exchanged are no returns. A return that has come in part is of the day it was last changed. What
-- is refunded of an order is for goods as far as goods were sold, then for shipping.
SELECT r.order_id,
       r.returned_at,
       r.quantity,
       round(p.goods * l.net / nullif(l.net + l.tax, 0), 4)                     AS refund,
       CASE WHEN r.refund IS NOT NULL
            THEN round(coalesce(p.goods * l.tax / nullif(l.net + l.tax, 0), 0)
                       + coalesce(p.carriage * s.tax / nullif(s.net + s.tax, 0), 0), 4)
       END                                                                      AS tax,
       round(p.carriage * s.net / nullif(s.net + s.tax, 0), 4)                  AS shipping
FROM   (SELECT r.order_id, coalesce(r.received_at, r.updated_at) AS returned_at,
               i.received_quantity AS quantity, NULL::numeric AS refund, NULL::numeric AS until
        FROM   @return@ AS r
               JOIN @return_item@ AS i ON i.return_id = r.id
        WHERE  r.status IN ('received', 'partially_received') AND r.exchange_id IS NULL
        AND    r.deleted_at IS NULL AND i.deleted_at IS NULL AND i.received_quantity > 0
        UNION ALL
        SELECT t.order_id, t.created_at, NULL, -t.amount,
               -sum(t.amount) OVER (PARTITION BY t.order_id ORDER BY t.created_at, t.amount
                                    ROWS UNBOUNDED PRECEDING)
        FROM   @order_transaction@ AS t
        WHERE  t.amount < 0 AND t.deleted_at IS NULL) AS r
       JOIN @placed@ AS o ON o.id = r.order_id
       LEFT JOIN LATERAL (
           SELECT coalesce(sum(l.gross - l.discount), 0) AS net, coalesce(sum(l.tax), 0) AS tax
           FROM   @lines@ AS l
           WHERE  l.order_id = o.id AND l.version = o.version) AS l ON true
       LEFT JOIN LATERAL (
           SELECT coalesce(sum(c.shipping), 0) AS net, coalesce(sum(c.tax), 0) AS tax
           FROM   @carriage@ AS c
           WHERE  c.order_id = o.id AND c.version = o.version) AS s ON true
       -- what had been refunded of the order by then, without what had been before
       LEFT JOIN LATERAL (
           SELECT g.goods, greatest(least(r.until, l.net + l.tax + s.net + s.tax) - g.before, 0)
                           - g.goods AS carriage
           FROM   (SELECT r.until - r.refund AS before,
                          greatest(least(r.until, l.net + l.tax)
                                   - (r.until - r.refund), 0) AS goods) AS g
           WHERE  r.refund IS NOT NULL) AS p ON true

--@ source deliveries
-- Orders with something to ship; shipped and delivered once all of it is, but for what was sent in
-- exchange or for a claim.
SELECT o.id                                      AS order_id,
       o.created_at                              AS ordered_at,
       CASE WHEN l.delivered                         --@ if order_item.delivered_quantity
            THEN f.delivered_at END AS delivered_at, --@ if order_item.delivered_quantity
       CASE WHEN l.shipped THEN f.shipped_at END AS shipped_at
FROM   @placed@ AS o
       CROSS JOIN LATERAL (
           SELECT bool_and(l.shipped_quantity >= l.quantity) AS shipped,
                  bool_and(l.delivered_quantity >= l.quantity) AS delivered
           FROM   @lines@ AS l
           WHERE  l.order_id = o.id AND l.version = o.version
           AND    l.requires_shipping IS NOT FALSE) AS l
       LEFT JOIN LATERAL (
           SELECT max(f.shipped_at) AS shipped_at, max(f.delivered_at) AS delivered_at
           FROM   @order_fulfillment@ AS x
                  JOIN @fulfillment@ AS f ON f.id = x.fulfillment_id
           WHERE  x.order_id = o.id AND x.deleted_at IS NULL AND f.deleted_at IS NULL
           AND    f.canceled_at IS NULL
           AND    NOT EXISTS (SELECT FROM @fulfillment_item@ AS i
                              WHERE  i.fulfillment_id = f.id AND i.deleted_at IS NULL
                              AND    i.line_item_id
                                     IN (SELECT r.item_id FROM @replacements@ AS r))) AS f ON true
WHERE  l.shipped IS NOT NULL

--@ source stock_levels
-- What is in stock now, in all places; reserved pieces are still in stock.
SELECT coalesce(nullif(i.sku, ''), i.id) AS sku,
       now()                             AS counted_at,
       l.on_hand
FROM   (SELECT l.inventory_item_id, sum(l.stocked_quantity) AS on_hand
        FROM   @inventory_level@ AS l WHERE l.deleted_at IS NULL GROUP BY l.inventory_item_id) AS l
       JOIN @inventory_item@ AS i ON i.id = l.inventory_item_id AND i.deleted_at IS NULL

--@ lacks visits
-- no shop system keeps them; add visits, a view of your web analytics

--@ lacks cost
-- goods have no cost; add a column cost to order_lines, and unit_cost to stock_levels

--@ lacks stock history
-- only the stock of now is kept; kpi.snapshot keeps it day by day

--@ lacks edits paid back
-- what is paid back for articles taken out of an order counts as a refund, though a change has
-- taken them off already

--@ lacks promises
-- no date is promised to the customer; add promised_at to deliveries

--@ lacks exchange rates
-- a model of orders in several currencies needs a column exchange_rate in orders, what one unit of
-- its currency was worth
