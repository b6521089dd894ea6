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
id                      text, required
createdAt               timestamptz, required
updatedAt               timestamptz
type                    text, required
state                   text, required
orderPlacedAt           timestamptz, required
customerId              text, required
currencyCode            text, required
shippingAddress         jsonb
subTotal                numeric, required
shipping                numeric, required
shippingWithTax         numeric, required
aggregateOrderId        text

--@ table order_line
id                      text, required
updatedAt               timestamptz
orderId                 text, required
productVariantId        text, required
quantity                numeric, required
orderPlacedQuantity     numeric, required
listPrice               numeric, required
listPriceIncludesTax    boolean, required
adjustments             jsonb, required
taxLines                jsonb, required

--@ table refund
id                      text, required
createdAt               timestamptz, required
paymentId               text, required
total                   numeric, required
shipping                numeric
state                   text, required
reason                  text

--@ table payment
id                      text, required
orderId                 text, required

--@ table history_entry
createdAt               timestamptz, required
type                    text, required
data                    jsonb, required
orderId                 text, required

--@ table stock_movement
createdAt               timestamptz, required
type                    text, required
quantity                numeric, required
productVariantId        text, required

--@ table stock_level
productVariantId        text, required
stockOnHand             numeric, required

--@ table product_variant
id                      text, required
sku                     text, required
deletedAt               timestamptz
trackInventory          text, required

--@ table order_line_reference
discriminator           text, required
quantity                numeric, required
orderLineId             text, required
refundId                text, required
modificationId          text

--@ table order_modification
id                      text, required
createdAt               timestamptz, required
orderId                 text, required
refundId                text

--@ optional customer
id                      text, required
emailAddress            text, required

--@ table surcharge
orderId                 text, required
orderModificationId     text
listPrice               numeric, required
listPriceIncludesTax    boolean, required
taxLines                jsonb, required

--@ optional global_settings
trackInventory          boolean, required

--@ optional channel
id                      text, required
code                    text, required
defaultCurrencyCode     text

--@ optional order_channels_channel
orderId                 text, required
channelId               text, required

--@ optional kpi_minor_units
currency                text, required
units                   numeric, required

--@ part basket
-- carts and orders, with who has them, and how many of what is stored make one of the currency
SELECT o.*, coalesce(nullif(lower(trim(c."emailAddress")), ''), o."customerId") AS person,
       coalesce(k.units, 100) AS units
FROM   @order@ AS o
       LEFT JOIN @customer@ AS c ON c.id = o."customerId"
       LEFT JOIN @kpi_minor_units@ AS k ON k.currency = o."currencyCode"

--@ part placed
-- the orders placed, and the order that counts for them
SELECT o.*, o.type IS DISTINCT FROM 'Seller' AS counts,
       coalesce(o."aggregateOrderId", o.id) AS order_id
FROM   @basket@ AS o
WHERE  o."orderPlacedAt" IS NOT NULL

--@ part addition
-- the pieces that modifications added to lines
SELECT f."orderLineId", f."modificationId", f.quantity
FROM   @order_line_reference@ AS f
WHERE  f.discriminator = 'OrderModificationLine' AND f."modificationId" IS NOT NULL
AND    f.quantity > 0

--@ part line
-- what the lines of the orders placed came to: at list price without tax, after discounts, and that
-- with tax; and how much of it when the order was placed, before modifications added pieces
SELECT o.order_id, o.counts, x.id, x."productVariantId", q.quantity, m.quantity AS modified,
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
       LEFT JOIN (SELECT f."orderLineId", sum(f.quantity) AS quantity
                  FROM   (SELECT DISTINCT f."orderLineId", f.quantity, r."createdAt"
                          FROM   @order_line_reference@ AS f
                                 JOIN @refund@ AS r ON r.id = f."refundId" AND r.state <> 'Failed'
                          WHERE  f.discriminator = 'RefundLine') AS f
                  GROUP  BY f."orderLineId") AS f ON f."orderLineId" = x.id
       LEFT JOIN (SELECT m."orderLineId", sum(m.quantity) AS quantity
                  FROM   @addition@ AS m GROUP BY m."orderLineId") AS m ON m."orderLineId" = x.id
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
SELECT o.order_id, s."orderModificationId", p.net, p.gross - p.net AS tax
FROM   @placed@ AS o JOIN @surcharge@ AS s ON s."orderId" = o.id
       CROSS JOIN LATERAL (
           SELECT coalesce(sum((t ->> 'taxRate')::numeric), 0) AS rate
           FROM   jsonb_array_elements(s."taxLines") AS t) AS t
       CROSS JOIN LATERAL (
           SELECT round(s."listPrice" / CASE WHEN s."listPriceIncludesTax" THEN 1 + t.rate / 100
                                             ELSE 1 END) / o.units AS net,
                  round(s."listPrice" * CASE WHEN s."listPriceIncludesTax" THEN 1
                                             ELSE 1 + t.rate / 100 END) / o.units AS gross) AS p
WHERE  o.counts

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
SELECT o.order_id,
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
FROM   @placed@ AS o
       LEFT JOIN (SELECT l.order_id, sum(l.placed_listed) AS listed, sum(l.placed_net) AS net,
                         sum(l.placed_gross - l.placed_net) AS tax, sum(l.placed) AS quantity
                  FROM   @line@ AS l WHERE l.counts
                  GROUP  BY l.order_id) AS l USING (order_id)
       LEFT JOIN (SELECT s.order_id, sum(s.net) AS net, sum(greatest(s.net, 0)) AS listed,
                         sum(s.tax) AS tax
                  FROM   @extra@ AS s WHERE s."orderModificationId" IS NULL
                  GROUP  BY s.order_id) AS s USING (order_id)
       LEFT JOIN (SELECT h."orderId", max(h."createdAt") AS at
                  FROM   @history_entry@ AS h
                  WHERE  h.type = 'ORDER_STATE_TRANSITION' AND h.data ->> 'to' = 'Cancelled'
                  GROUP  BY h."orderId") AS h ON h."orderId" = o.id
       LEFT JOIN (SELECT j."orderId",
                         coalesce(min(c.code) FILTER (WHERE c.code <> '__default_channel__'),
                                  min(c.code)) AS code
                  FROM   @order_channels_channel@ AS j JOIN @channel@ AS c ON c.id = j."channelId"
                  GROUP  BY j."orderId") AS c ON c."orderId" = o.id
WHERE  o.counts

--@ source order_lines
-- The lines of the orders placed, after their own discounts and their part of those on the whole
-- order.
SELECT l.order_id,
       l.placed     AS quantity,
       v.sku,
       l.placed_net AS net_sales
FROM   @line@ AS l LEFT JOIN @product_variant@ AS v ON v.id = l."productVariantId"
WHERE  l.counts AND (l.placed > 0 OR l.modified IS NULL)

--@ source order_changes
-- The pieces and surcharges that modifications added, at the prices that the lines have now, when
-- they did. What they took out was paid back, and is a return, or never sold; so are credits that
-- were paid back.
SELECT o.order_id,
       m."createdAt"         AS changed_at,
       sum(c.net)            AS net_sales,
       sum(c.listed)         AS gross_sales,
       sum(c.listed - c.net) AS discount,
       sum(c.tax)            AS tax,
       sum(c.quantity)       AS units,
       'edit'                AS kind
FROM   @order_modification@ AS m
       JOIN @placed@ AS o ON o.id = m."orderId" AND o.counts
       JOIN (SELECT a."modificationId" AS id, (l.listed - l.placed_listed) * s.share AS listed,
                    (l.net - l.placed_net) * s.share AS net,
                    (l.gross - l.placed_gross - l.net + l.placed_net) * s.share AS tax,
                    (l.quantity - l.placed) * s.share AS quantity
             FROM   @addition@ AS a
                    JOIN @line@ AS l ON l.id = a."orderLineId"
                    CROSS JOIN LATERAL (SELECT a.quantity / l.modified AS share) AS s
             UNION ALL
             SELECT s."orderModificationId", greatest(s.net, 0), s.net, s.tax, 0
             FROM   @extra@ AS s) AS c ON c.id = m.id
WHERE  c.net > 0 OR m."refundId" IS NULL
GROUP  BY m.id, o.order_id, m."createdAt"

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
       JOIN (SELECT x."orderId", max(x."updatedAt") AS at FROM @order_line@ AS x
             WHERE  greatest(x.quantity, x."orderPlacedQuantity") > 0
             GROUP  BY x."orderId") AS l ON l."orderId" = o.id
       LEFT JOIN @channel@ AS d ON d.code = '__default_channel__'
WHERE  o.type IS DISTINCT FROM 'Seller' AND o.state <> 'Draft'

--@ part paid_back
-- the refunds; one that takes from several payments is a refund of each, all made at once, with the
-- whole of its lines and shipping: its pieces are those of the first
SELECT r.*, p."orderId", coalesce(h.at, r."createdAt") AS at,
       row_number()
           OVER (PARTITION BY p."orderId", r."createdAt", r.state ORDER BY r.id) = 1 AS first,
       sum(r.total) OVER w                                             AS whole,
       greatest(sum(r.total) OVER w - coalesce(max(r.shipping) OVER w, 0), 0) AS goods,
       least(coalesce(max(r.shipping) OVER w, 0), sum(r.total) OVER w) AS carriage
FROM   @refund@ AS r
       JOIN @payment@ AS p ON p.id = r."paymentId"
       LEFT JOIN (SELECT h.data ->> 'refundId' AS id, min(h."createdAt") AS at
                  FROM   @history_entry@ AS h
                  WHERE  h.type = 'ORDER_REFUND_TRANSITION' AND h.data ->> 'to' = 'Settled'
                  GROUP  BY h.data ->> 'refundId') AS h ON h.id = r.id
WINDOW w AS (PARTITION BY p."orderId", r."createdAt")

--@ source returns
-- What was paid back and has been settled, a row for each line it is for. The part for the goods,
-- at most what they had cost, with its tax beside it; shipping is a row of its own.
SELECT o.order_id,
       r.at                                                                          AS returned_at,
       CASE WHEN r.first THEN l.quantity END                                         AS quantity,
       CASE WHEN l."refundId" IS NULL
            THEN r.goods / o.units * coalesce(w.net / nullif(w.gross, 0), 1)
            ELSE l.net * least(1, r.goods / o.units / nullif(l.refund_gross, 0)) END
       * coalesce(r.total / nullif(r.whole, 0), 1)                                   AS refund,
       CASE WHEN l."refundId" IS NULL
            THEN r.goods / o.units * (1 - coalesce(w.net / nullif(w.gross, 0), 1))
            ELSE (l.gross - l.net) * least(1, r.goods / o.units / nullif(l.refund_gross, 0)) END
       * coalesce(r.total / nullif(r.whole, 0), 1)                                   AS tax,
       NULL::numeric                                                                 AS shipping,
       l.sku,
       r.reason
FROM   @paid_back@ AS r
       JOIN @placed@ AS o ON o.id = r."orderId"
       LEFT JOIN (SELECT f."refundId", f.quantity, v.sku,
                         l.net / nullif(l.quantity, 0) * f.quantity    AS net,
                         l.gross / nullif(l.quantity, 0) * f.quantity  AS gross,
                         sum(l.gross / nullif(l.quantity, 0) * f.quantity)
                             OVER (PARTITION BY f."refundId") AS refund_gross
                  FROM   @order_line_reference@ AS f JOIN @line@ AS l ON l.id = f."orderLineId"
                         LEFT JOIN @product_variant@ AS v ON v.id = l."productVariantId"
                  WHERE  f.discriminator = 'RefundLine') AS l ON l."refundId" = r.id
       LEFT JOIN (SELECT l.order_id, sum(l.net) AS net, sum(l.gross) AS gross
                  FROM   @line@ AS l WHERE l.counts
                  GROUP  BY l.order_id) AS w ON w.order_id = o.order_id
WHERE  r.state = 'Settled' AND (r.goods > 0 OR r.carriage = 0)
UNION ALL
SELECT o.order_id, r.at, NULL, NULL, s.paid * (1 - s.untaxed), s.paid * s.untaxed, NULL, r.reason
FROM   @paid_back@ AS r
       JOIN @placed@ AS o ON o.id = r."orderId"
       CROSS JOIN LATERAL (
           SELECT r.carriage / o.units * coalesce(r.total / nullif(r.whole, 0), 1) AS paid,
                  coalesce(o.shipping / nullif(o."shippingWithTax", 0), 1) AS untaxed) AS s
WHERE  r.state = 'Settled' AND r.carriage > 0

--@ source deliveries
-- A row per order, or per seller of one: when all of it had left, and all of it had arrived, as its
-- history has it.
SELECT o.order_id,
       o."orderPlacedAt"                                                             AS ordered_at,
       h.shipped_at,
       h.delivered_at
FROM   @placed@ AS o
       LEFT JOIN (SELECT h."orderId",
                         min(h."createdAt")                            AS shipped_at,
                         min(h."createdAt")
                             FILTER (WHERE h.data ->> 'to' = 'Delivered') AS delivered_at
                  FROM   @history_entry@ AS h
                  WHERE  h.type = 'ORDER_STATE_TRANSITION'
                  AND    h.data ->> 'to' IN ('Shipped', 'Delivered')
                  GROUP  BY h."orderId") AS h ON h."orderId" = o.id
WHERE  o.type IS DISTINCT FROM 'Aggregate'

--@ source stock_moves
-- What changed the stock on hand: allocations and releases only reserve it. What was sold is
-- negative as it is stored; what came back, or was cancelled once packed, is a return.
SELECT v.sku,
       m."createdAt"                                                                 AS moved_at,
       m.quantity,
       CASE m.type
            WHEN 'SALE' THEN 'sale'
            WHEN 'CANCELLATION' THEN 'return'
            ELSE 'adjustment' END AS kind
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
