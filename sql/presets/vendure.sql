-- Vendure 2 and 3
--
-- TypeORM entities: names in camel case, times without zone in UTC, ids integers or uuid, json kept
-- as text. An order is a cart until it has orderPlacedAt. Amounts are integers, a hundred to the
-- unit in every currency, the yen too, unless the money strategy of the shop says otherwise; as
-- that is code, a table kpi_minor_units may tell it. Prices are kept with or without tax, as the
-- channel has them, discounts and tax rates only in the json of the lines: what a line came to is
-- worked out as the shop does, proratedLinePrice.
--
-- Pieces sold: quantity falls when pieces are cancelled, orderPlacedQuantity stays. What was
-- cancelled and paid back was a sale and then a return; what was cancelled and not paid back was
-- never sold; what a modification added is a change of the order. An order of several sellers is
-- kept as the whole (Aggregate) and again as the part of each (Seller): the whole counts.

--@ shop Vendure

--@ table order
id                      key, required
createdAt               timestamptz, required
updatedAt               timestamptz
type                    text, required
state                   text, required
orderPlacedAt           timestamptz, required
customerId              key, required
currencyCode            text, required
shippingAddress         jsonb
subTotal                numeric, required
shipping                numeric, required
shippingWithTax         numeric, required
aggregateOrderId        key

--@ table order_line
id                      key, required
updatedAt               timestamptz
orderId                 key, required
productVariantId        key, required
quantity                numeric, required
orderPlacedQuantity     numeric, required
listPrice               numeric, required
listPriceIncludesTax    boolean, required
adjustments             jsonb, required
taxLines                jsonb, required

--@ table refund
id                      key, required
createdAt               timestamptz, required
paymentId               key, required
total                   numeric, required
shipping                numeric
state                   text, required
reason                  text

--@ table payment
id                      key, required
orderId                 key, required

--@ table history_entry
createdAt               timestamptz, required
type                    text, required
data                    jsonb, required
orderId                 key, required

--@ table stock_movement
createdAt               timestamptz, required
type                    text, required
quantity                numeric, required
productVariantId        key, required

--@ table stock_level
productVariantId        key, required
stockOnHand             numeric, required

--@ table product_variant
id                      key, required
sku                     text, required
deletedAt               timestamptz
trackInventory          text, required

--@ table order_line_reference
discriminator           text, required
quantity                numeric, required
orderLineId             key, required
refundId                key, required
modificationId          key

--@ table order_modification
id                      key, required
createdAt               timestamptz, required
orderId                 key, required
refundId                key

--@ optional customer
id                      key, required
emailAddress            text, required

--@ table surcharge
orderId                 key, required
orderModificationId     key
listPrice               numeric, required
listPriceIncludesTax    boolean, required
taxLines                jsonb, required

--@ optional global_settings
trackInventory          boolean, required

--@ optional channel
id                      key, required
code                    text, required
defaultCurrencyCode     text

--@ optional order_channels_channel
orderId                 key, required
channelId               key, required

--@ optional kpi_minor_units
currency                text, required
units                   numeric, required

--@ part basket
-- carts and orders, with who has them, and how many of what is stored make one of the currency
SELECT o.*, coalesce(nullif(lower(trim(c."emailAddress")), ''), o."customerId"::text) AS person,
       coalesce(k.units, 100) AS units
FROM   @order@ AS o
       LEFT JOIN @customer@ AS c ON c.id = o."customerId"
       LEFT JOIN @kpi_minor_units@ AS k ON k.currency = o."currencyCode"

--@ part placed
-- the orders placed, those of several sellers as the whole and as the part of each
SELECT o.* FROM @basket@ AS o WHERE o."orderPlacedAt" IS NOT NULL

--@ part counted
-- the orders that count
SELECT o.* FROM @placed@ AS o WHERE o.type IS DISTINCT FROM 'Seller'

--@ part line
-- what the lines of the orders placed came to: at list price without tax, after discounts, and that
-- with tax; and how much of it when the order was placed, before modifications added pieces
SELECT x.id, x."orderId", x."productVariantId", q.quantity, m.quantity AS modified,
       d.quantity                                                      AS placed,
       round(p.price / p.included * q.quantity) / o.units              AS listed,
       round(p.price / p.included * d.quantity) / o.units              AS placed_listed,
       round((p.price + p.discount) / p.included * q.quantity) / o.units AS net,
       round((p.price + p.discount) / p.included * d.quantity) / o.units AS placed_net,
       round((p.price + p.discount) / p.included * (1 + p.rate / 100) * q.quantity)
           / o.units AS gross,
       round((p.price + p.discount) / p.included * (1 + p.rate / 100) * d.quantity)
           / o.units AS placed_gross
FROM   @placed@ AS o
       JOIN @order_line@ AS x ON x."orderId" = o.id
       CROSS JOIN LATERAL (
           SELECT sum(f.quantity) AS quantity
           FROM   (SELECT DISTINCT f.quantity, r."createdAt"
                   FROM   @order_line_reference@ AS f
                          JOIN @refund@ AS r ON r.id = f."refundId" AND r.state <> 'Failed'
                   WHERE  f."orderLineId" = x.id AND f.discriminator = 'RefundLine') AS f) AS f
       -- the pieces that modifications added
       CROSS JOIN LATERAL (
           SELECT sum(m.quantity) AS quantity
           FROM   @order_line_reference@ AS m
           WHERE  m."orderLineId" = x.id AND m.discriminator = 'OrderModificationLine'
           AND    m."modificationId" IS NOT NULL AND m.quantity > 0) AS m
       CROSS JOIN LATERAL (
           SELECT least(greatest(x.quantity, x."orderPlacedQuantity" + coalesce(m.quantity, 0)),
                        x.quantity + coalesce(f.quantity, 0)) AS quantity) AS q
       CROSS JOIN LATERAL (
           SELECT CASE WHEN m.quantity IS NULL THEN q.quantity
                       ELSE greatest(q.quantity - m.quantity,
                                     least(q.quantity, x."orderPlacedQuantity"))
                  END AS quantity) AS d
       CROSS JOIN LATERAL (
           SELECT coalesce(sum((t ->> 'taxRate')::numeric), 0) AS rate
           FROM   jsonb_array_elements(x."taxLines") AS t) AS t
       CROSS JOIN LATERAL (
           SELECT x."listPrice"                                        AS price,
                  t.rate,
                  CASE WHEN x."listPriceIncludesTax" THEN 1 + t.rate / 100 ELSE 1 END AS included,
                  coalesce(sum((a ->> 'amount')::numeric)
                           / nullif(greatest(x.quantity, x."orderPlacedQuantity"), 0),
                           0) AS discount
           FROM   jsonb_array_elements(x.adjustments) AS a) AS p

--@ part extra
-- the surcharges, and credits, of the orders placed
SELECT s."orderId", s."orderModificationId", p.net, p.gross - p.net AS tax
FROM   @counted@ AS o JOIN @surcharge@ AS s ON s."orderId" = o.id
       CROSS JOIN LATERAL (
           SELECT coalesce(sum((t ->> 'taxRate')::numeric), 0) AS rate
           FROM   jsonb_array_elements(s."taxLines") AS t) AS t
       CROSS JOIN LATERAL (
           SELECT round(s."listPrice" / CASE WHEN s."listPriceIncludesTax" THEN 1 + t.rate / 100
                                             ELSE 1 END) / o.units AS net,
                  round(s."listPrice" * CASE WHEN s."listPriceIncludesTax" THEN 1
                                             ELSE 1 + t.rate / 100 END) / o.units AS gross) AS p

--@ part tracked
-- the articles whose stock is kept; movements are recorded for all
SELECT v.* FROM @product_variant@ AS v
WHERE  v."trackInventory" = 'TRUE'
OR     (v."trackInventory" = 'INHERIT'
        AND (SELECT bool_and(g."trackInventory" IS NOT FALSE)
             FROM   @global_settings@ AS g) IS NOT FALSE)

--@ source orders
-- The orders placed, those of several sellers once, at what was sold: pieces cancelled without
-- being paid back are left out, and so are pieces and surcharges that modifications added, which
-- are changes. Other surcharges are part of the value.
SELECT o.id                                                                          AS order_id,
       o."orderPlacedAt"                                                             AS ordered_at,
       o.person                                                                      AS customer_id,
       coalesce(l.net, 0) + coalesce(s.net, 0)                                       AS net_sales,
       coalesce(l.listed, 0) + coalesce(s.listed, 0)                                 AS gross_sales,
       coalesce(l.listed - l.net, 0) + coalesce(s.listed - s.net, 0)                 AS discount,
       coalesce(l.tax, 0) + coalesce(s.tax, 0)
           + (o."shippingWithTax" - o.shipping) / o.units AS tax,
       o.shipping / o.units                                                          AS shipping,
       coalesce(l.quantity, 0)                                                       AS units,
       o."currencyCode"                                                              AS currency,
       CASE WHEN o.state = 'Cancelled'
            THEN coalesce(h.at, o."updatedAt", o."orderPlacedAt") END AS cancelled_at,
       c.code                                                                        AS channel,
       o."shippingAddress" ->> 'countryCode'                                         AS country
FROM   @counted@ AS o
       CROSS JOIN LATERAL (
           SELECT sum(l.placed_listed) AS listed, sum(l.placed_net) AS net,
                  sum(l.placed_gross - l.placed_net) AS tax, sum(l.placed) AS quantity
           FROM   @line@ AS l
           WHERE  l."orderId" = o.id) AS l
       CROSS JOIN LATERAL (
           SELECT sum(s.net) AS net, sum(greatest(s.net, 0)) AS listed, sum(s.tax) AS tax
           FROM   @extra@ AS s
           WHERE  s."orderId" = o.id AND s."orderModificationId" IS NULL) AS s
       CROSS JOIN LATERAL (
           SELECT max(h."createdAt") AS at
           FROM   @history_entry@ AS h
           WHERE  h."orderId" = o.id
           AND    h.type = 'ORDER_STATE_TRANSITION' AND h.data ->> 'to' = 'Cancelled') AS h
       CROSS JOIN LATERAL (
           SELECT coalesce(min(c.code) FILTER (WHERE c.code <> '__default_channel__'),
                           min(c.code)) AS code
           FROM   @order_channels_channel@ AS j JOIN @channel@ AS c ON c.id = j."channelId"
           WHERE  j."orderId" = o.id) AS c

--@ source order_lines
-- The lines of the orders placed, after their own discounts and their part of those on the whole
-- order.
SELECT o.id         AS order_id,
       l.placed     AS quantity,
       v.sku,
       l.placed_net AS net_sales
FROM   @counted@ AS o
       JOIN @line@ AS l ON l."orderId" = o.id
       LEFT JOIN @product_variant@ AS v ON v.id = l."productVariantId"
WHERE  l.placed > 0 OR l.modified IS NULL

--@ source order_changes
-- The pieces and surcharges that modifications added, at the prices that the lines have now, when
-- they did. What they took out was paid back, and is a return, or never sold; so are credits that
-- were paid back.
SELECT o.id                  AS order_id,
       m."createdAt"         AS changed_at,
       sum(c.net)            AS net_sales,
       sum(c.listed)         AS gross_sales,
       sum(c.listed - c.net) AS discount,
       sum(c.tax)            AS tax,
       sum(c.quantity)       AS units,
       'edit'                AS kind
FROM   @order_modification@ AS m
       JOIN @counted@ AS o ON o.id = m."orderId"
       CROSS JOIN LATERAL (
           SELECT (l.listed - l.placed_listed) * s.share AS listed,
                  (l.net - l.placed_net) * s.share AS net,
                  (l.gross - l.placed_gross - l.net + l.placed_net) * s.share AS tax,
                  (l.quantity - l.placed) * s.share AS quantity
           FROM   @line@ AS l
                  JOIN @order_line_reference@ AS a ON a."orderLineId" = l.id
                  CROSS JOIN LATERAL (SELECT a.quantity / l.modified AS share) AS s
           WHERE  l."orderId" = o.id AND a."modificationId" = m.id
           AND    a.discriminator = 'OrderModificationLine' AND a.quantity > 0
           UNION ALL
           SELECT greatest(s.net, 0), s.net, s.tax, 0
           FROM   @extra@ AS s
           WHERE  s."orderModificationId" = m.id) AS c
WHERE  c.net > 0 OR m."refundId" IS NULL
GROUP  BY m.id, o.id, m."createdAt"

--@ source carts
-- Orders from their first article on, those made by administrators left out while they are drafts.
-- The value is told in the currency of the default channel only.
SELECT o.id                          AS cart_id,
       o."createdAt"                 AS created_at,
       o."orderPlacedAt"             AS ordered_at,
       greatest(o."updatedAt", l.at) AS last_active_at,
       o.person                      AS customer_id,
       CASE WHEN o."currencyCode" = coalesce(d."defaultCurrencyCode", o."currencyCode")
            THEN o."subTotal" / o.units END AS value
FROM   @basket@ AS o
       CROSS JOIN LATERAL (
           SELECT max(x."updatedAt") AS at, count(*) AS n
           FROM   @order_line@ AS x
           WHERE  x."orderId" = o.id AND greatest(x.quantity, x."orderPlacedQuantity") > 0) AS l
       LEFT JOIN @channel@ AS d ON d.code = '__default_channel__'
WHERE  o.type IS DISTINCT FROM 'Seller' AND o.state <> 'Draft' AND l.n > 0

--@ part paid_back
-- the refunds of the orders placed; one that takes from several payments is a refund of each, all
-- made at once, with the whole of its lines and shipping: its pieces are those of the first
SELECT o.*, r.id AS refund, r.at, r.total, r.state AS refunded, r.reason, r.first, r.whole, r.goods,
       r.carriage
FROM   @placed@ AS o
       CROSS JOIN LATERAL (
           SELECT r.*, coalesce(h.at, r."createdAt") AS at,
                  row_number() OVER (PARTITION BY r."createdAt", r.state
                                     ORDER BY r.id) = 1                           AS first,
                  sum(r.total) OVER w                                             AS whole,
                  greatest(sum(r.total) OVER w - coalesce(max(r.shipping) OVER w, 0),
                           0)                                                     AS goods,
                  least(coalesce(max(r.shipping) OVER w, 0), sum(r.total) OVER w) AS carriage
           FROM   @payment@ AS p
                  JOIN @refund@ AS r ON r."paymentId" = p.id
                  CROSS JOIN LATERAL (
                      SELECT min(h."createdAt") AS at
                      FROM   @history_entry@ AS h
                      WHERE  h."orderId" = p."orderId" AND h.type = 'ORDER_REFUND_TRANSITION'
                      AND    h.data ->> 'to' = 'Settled'
                      AND    h.data ->> 'refundId' = r.id::text) AS h
           WHERE  p."orderId" = o.id
           WINDOW w AS (PARTITION BY r."createdAt")) AS r

--@ part settled
-- What has been settled of them: for the goods, at most what they had cost, a row for each line
-- they are for, and for shipping, each with its tax.
SELECT r.id, r."aggregateOrderId", r.at, b.*, r.reason
FROM   @paid_back@ AS r
       CROSS JOIN LATERAL (
           SELECT CASE WHEN r.first THEN l.quantity END AS quantity,
                  CASE WHEN l."refundId" IS NULL
                       THEN r.goods / r.units * coalesce(w.net / nullif(w.gross, 0), 1)
                       ELSE l.net * least(1, r.goods / r.units / nullif(l.refund_gross, 0)) END
                  * coalesce(r.total / nullif(r.whole, 0), 1) AS refund,
                  CASE WHEN l."refundId" IS NULL
                       THEN r.goods / r.units * (1 - coalesce(w.net / nullif(w.gross, 0), 1))
                       ELSE (l.gross - l.net)
                            * least(1, r.goods / r.units / nullif(l.refund_gross, 0)) END
                  * coalesce(r.total / nullif(r.whole, 0), 1) AS tax,
                  NULL::numeric AS shipping,
                  l.sku
           FROM   (SELECT sum(l.net) AS net, sum(l.gross) AS gross
                   FROM   @line@ AS l
                   WHERE  l."orderId" = r.id) AS w
                  LEFT JOIN (
                      SELECT f."refundId", f.quantity, v.sku,
                             l.net / nullif(l.quantity, 0) * f.quantity   AS net,
                             l.gross / nullif(l.quantity, 0) * f.quantity AS gross,
                             sum(l.gross / nullif(l.quantity, 0) * f.quantity)
                                 OVER () AS refund_gross
                      FROM   @line@ AS l
                             JOIN @order_line_reference@ AS f ON f."orderLineId" = l.id
                             LEFT JOIN @product_variant@ AS v ON v.id = l."productVariantId"
                      WHERE  l."orderId" = r.id AND f."refundId" = r.refund
                      AND    f.discriminator = 'RefundLine') AS l ON true
           WHERE  r.goods > 0 OR r.carriage = 0
           UNION ALL
           SELECT NULL, NULL, s.paid * (1 - s.untaxed), s.paid * s.untaxed, NULL
           FROM   (SELECT r.carriage / r.units * coalesce(r.total / nullif(r.whole, 0), 1) AS paid,
                          coalesce(r.shipping / nullif(r."shippingWithTax", 0), 1) AS untaxed) AS s
           WHERE  r.carriage > 0) AS b
WHERE  r.refunded = 'Settled'

--@ source returns
-- What was paid back and has been settled, a row for each line it is for. The part for the goods,
-- at most what they had cost, with its tax beside it; shipping is a row of its own.
SELECT r.id AS order_id, r.at AS returned_at, r.quantity, r.refund, r.tax, r.shipping, r.sku,
       r.reason
FROM   @settled@ AS r WHERE r."aggregateOrderId" IS NULL
UNION ALL
SELECT r."aggregateOrderId", r.at, r.quantity, r.refund, r.tax, r.shipping, r.sku, r.reason
FROM   @settled@ AS r WHERE r."aggregateOrderId" IS NOT NULL

--@ part sent
SELECT o.id, o."aggregateOrderId", o."orderPlacedAt", h.shipped_at, h.delivered_at
FROM   @placed@ AS o
       CROSS JOIN LATERAL (
           SELECT min(h."createdAt") AS shipped_at,
                  min(h."createdAt") FILTER (WHERE h.data ->> 'to' = 'Delivered') AS delivered_at
           FROM   @history_entry@ AS h
           WHERE  h."orderId" = o.id AND h.type = 'ORDER_STATE_TRANSITION'
           AND    h.data ->> 'to' IN ('Shipped', 'Delivered')) AS h
WHERE  o.type IS DISTINCT FROM 'Aggregate'

--@ source deliveries
-- A row per order, or per seller of one: when all of it had left, and all of it had arrived, as its
-- history has it.
SELECT o.id AS order_id, o."orderPlacedAt" AS ordered_at, o.shipped_at, o.delivered_at
FROM   @sent@ AS o WHERE o."aggregateOrderId" IS NULL
UNION ALL
SELECT o."aggregateOrderId", o."orderPlacedAt", o.shipped_at, o.delivered_at
FROM   @sent@ AS o WHERE o."aggregateOrderId" IS NOT NULL

--@ source stock_moves
-- What changed the stock on hand: allocations and releases only reserve it. What was sold is
-- negative as it is stored; what came back, or was cancelled once packed, is a return.
SELECT v.sku,
       m."createdAt"                                                                 AS moved_at,
       m.quantity,
       CASE m.type
            WHEN 'SALE' THEN 'sale'
            WHEN 'CANCELLATION' THEN 'return'
            ELSE 'adjustment' END AS kind,
       v.id                                                                          AS stock_id
FROM   @stock_movement@ AS m JOIN @tracked@ AS v ON v.id = m."productVariantId"
WHERE  m.type IN ('SALE', 'CANCELLATION', 'ADJUSTMENT')

--@ source stock_levels
-- The stock on hand now, in all locations; kpi.snapshot() keeps it day by day.
SELECT v.sku,
       now()                 AS counted_at,
       sum(l."stockOnHand")  AS on_hand
FROM   @stock_level@ AS l JOIN @tracked@ AS v ON v.id = l."productVariantId"
WHERE  v."deletedAt" IS NULL
GROUP  BY v.sku

--@ lacks visits
-- Vendure does not record them: add a view of your analytics table

--@ lacks cost
-- Vendure keeps none: add a column cost to order_lines, and unit_cost to stock_moves, from where
-- you keep them

--@ lacks exchange rates
-- a model of orders in several currencies needs a column exchange_rate in orders, what one unit of
-- its currency was worth

--@ lacks repricing
-- a modification that changes prices, coupons or shipping of an order without adding pieces is not
-- told apart: the order has the amounts of now from the day it was placed

--@ lacks other decimals
-- the shop keeps amounts as whole numbers, a hundred to the unit unless its money strategy says
-- otherwise; if it does, create a table kpi_minor_units (currency text, units numeric) beside its
-- tables before preset()

--@ lacks receipts of returns
-- a refund says what was paid back and for which pieces, not what came back

--@ lacks promises
-- none is stored: add a column promised_at to deliveries
