-- WooCommerce, as Airbyte replicates it
--
-- Tables and types of the connector source-woocommerce 0.2 to 0.5 (its schemas in
-- airbytehq/airbyte, REST interface v3), written by destination-postgres 2 on: a table per stream,
-- nested objects as jsonb, amounts as texts. Streams have to be deduplicated (Append + Deduped) or
-- overwritten: in those that are only appended to, an order is there once for each of its changes.
-- Of a prefix of the tables the usual one, woocommerce_, is found. Times are those whose names end
-- with gmt.
--
-- An order begins at the checkout: until it is paid, or will be by transfer, cheque or cash, it is
-- a cart, and so are those that were cancelled as nobody paid. Amounts of lines are without tax,
-- whatever prices are with. Fees below zero are discounts. A refund has lines only if who made it
-- chose some, and never its shipping: what is beyond its lines was for shipping, then for fees; one
-- without lines was for goods as far as goods were sold, then for shipping. Orders of several
-- sellers are kept as the whole and again as the part of each: the whole counts.

--@ shop WooCommerce (Airbyte)

--@ table orders|woocommerce_orders
id                              bigint, required
parent_id                       bigint
status                          text, required
currency                        text, required
date_created_gmt                timestamptz, required
date_modified_gmt               timestamptz
date_paid_gmt                   timestamptz, required
date_completed_gmt              timestamptz
prices_include_tax              boolean, required
customer_id                     bigint
created_via                     text
payment_method                  text
billing                         jsonb
shipping                        jsonb
shipping_total                  numeric, required
shipping_tax                    numeric, required
total_tax                       numeric, required
line_items                      jsonb, required
shipping_lines                  jsonb
fee_lines                       jsonb
refunds                         jsonb
_airbyte_extracted_at           timestamptz

--@ table refunds|woocommerce_refunds
id                              bigint, required
date_created_gmt                timestamptz, required
amount                          numeric, required
line_items                      jsonb, required

--@ optional products|woocommerce_products
id                              bigint, required
sku                             text, required
type                            text
categories                      jsonb
manage_stock                    text, required
stock_quantity                  numeric, required

--@ optional product_variations|woocommerce_product_variations
id                              bigint, required
sku                             text, required
manage_stock                    text, required
stock_quantity                  numeric, required

--@ table product_reviews|woocommerce_product_reviews
id                              bigint, required
date_created_gmt                timestamptz, required
status                          text, required
rating                          numeric, required
reviewer_email                  text
product_id                      bigint

--@ optional customers|woocommerce_customers
id                              bigint, required
email                           text, required

--@ part begun
-- the orders from their checkout on, with what is in them, but for those of a seller of a whole;
-- and whether they were placed
SELECT o.*,
       coalesce(nullif(lower(trim(c.email)), ''),
                nullif(lower(trim(o.billing ->> 'email')), '')) AS person,
       o.status NOT IN ('pending', 'failed', 'checkout-draft')
           AND (o.status <> 'cancelled' OR o.date_paid_gmt IS NOT NULL
                OR o.payment_method IN ('bacs', 'cheque', 'cod')) AS placed
FROM   @orders@ AS o LEFT JOIN @customers@ AS c ON c.id = o.customer_id
WHERE  o.status NOT IN ('auto-draft', 'draft', 'trash')
AND    NOT EXISTS (SELECT FROM @orders@ AS w WHERE w.id = o.parent_id)

--@ part line
-- the lines of the orders that were placed; gift cards are no goods: they become sales when they
-- are spent
SELECT o.id AS order_id, o._airbyte_extracted_at, l.id, l.product_id, l.quantity, l.subtotal,
       l.total, l.total_tax,
       coalesce(p.type ~* 'gift.?card', false)                                    AS gift_card,
       coalesce(nullif(l.sku, ''), nullif(l.variation_id, 0)::text,
                l.product_id::text)                                               AS sku,
       p.categories -> 0 ->> 'name'                                               AS category,
       coalesce((l.cost_of_goods_sold ->> 'value')::numeric,
                nullif(jsonb_path_query_first(
                    l.meta_data, '$[*] ? (@.key == "_wc_cog_item_total_cost").value') #>> '{}',
                    '')::numeric)                                                 AS cost
FROM   @begun@ AS o
       CROSS JOIN LATERAL jsonb_to_recordset(o.line_items)
           AS l (id bigint, product_id bigint, variation_id bigint, sku text, quantity numeric,
                 subtotal numeric, total numeric, total_tax numeric, meta_data jsonb,
                 cost_of_goods_sold jsonb)
       LEFT JOIN @products@ AS p ON p.id = l.product_id
WHERE  o.placed

--@ part placed
-- the orders of goods, with what these came to without tax and their tax; an order of gift cards
-- alone is none
SELECT o.*, l.quantity, l.cost, l.listed, l.net + f.discount AS net,
       l.tax + f.discount_tax                        AS tax_on_goods,
       f.fees                                        AS fees,
       f.fees_tax
FROM   @begun@ AS o
       JOIN (SELECT l.order_id,
                    sum(l.quantity) AS quantity, sum(l.subtotal) AS listed, sum(l.total) AS net,
                    sum(coalesce(l.total_tax, 0)) AS tax,
                    CASE WHEN bool_and(l.cost IS NOT NULL) THEN sum(l.cost) END AS cost
             FROM   @line@ AS l WHERE NOT l.gift_card
             GROUP  BY l.order_id) AS l ON l.order_id = o.id
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(f.total) FILTER (WHERE f.total < 0), 0)     AS discount,
                  coalesce(sum(f.total_tax) FILTER (WHERE f.total < 0), 0) AS discount_tax,
                  coalesce(sum(f.total) FILTER (WHERE f.total > 0), 0)     AS fees,
                  coalesce(sum(f.total_tax) FILTER (WHERE f.total > 0), 0) AS fees_tax
           FROM   jsonb_to_recordset(o.fee_lines) AS f (total numeric, total_tax numeric)) AS f

--@ part paid_back
-- the refunds, what their lines came to with tax, and the rest
SELECT r.id, o.id AS order_id, r.date_created_gmt AS at, r.line_items, f.lines, f.amount AS listed,
       r.amount - f.amount AS rest
FROM   @placed@ AS o
       CROSS JOIN LATERAL jsonb_to_recordset(o.refunds) AS x (id bigint)
       JOIN @refunds@ AS r ON r.id = x.id
       CROSS JOIN LATERAL (
           SELECT count(*) AS lines, coalesce(-sum(f.total + coalesce(f.total_tax, 0)), 0) AS amount
           FROM   jsonb_to_recordset(r.line_items) AS f (total numeric, total_tax numeric)) AS f

--@ source orders
-- The orders that were placed, but for those of gift cards alone. Fees below zero are discounts,
-- others are not in the sales. The tax is that of goods and shipping.
SELECT o.id                                          AS order_id,
       o.date_created_gmt                            AS ordered_at,
       o.person                                      AS customer_id,
       o.net                                         AS net_sales,
       o.listed                                      AS gross_sales,
       o.listed - o.net                              AS discount,
       o.total_tax - o.fees_tax                      AS tax,
       o.shipping_total                              AS shipping,
       o.cost,
       o.quantity                                    AS units,
       o.currency,
       CASE WHEN o.status = 'cancelled'
            THEN coalesce(o.date_modified_gmt, o.date_created_gmt) END AS cancelled_at,
       o._airbyte_extracted_at AS updated_at,        --@ if orders._airbyte_extracted_at
       o.created_via                                 AS channel,
       coalesce(nullif(o.shipping ->> 'country', ''),
                nullif(o.billing ->> 'country', ''))  AS country
FROM   @placed@ AS o

--@ source order_lines
-- The lines of the orders but for gift cards, after coupons, without tax and fees. The cost is that
-- of WooCommerce, or of the plugin Cost of Goods.
SELECT l.order_id,
       l.quantity,
       l.sku,
       l._airbyte_extracted_at AS updated_at,        --@ if orders._airbyte_extracted_at
       l.total                                       AS net_sales,
       l.cost,
       l.category
FROM   @line@ AS l WHERE NOT l.gift_card

--@ source carts
-- Checkouts, which is as far as WooCommerce tells of carts: orders that customers began, placed or
-- not; the value is that of the articles at their prices.
SELECT o.id                                          AS cart_id,
       o.date_created_gmt                            AS created_at,
       o._airbyte_extracted_at AS updated_at,        --@ if orders._airbyte_extracted_at
       CASE WHEN o.placed THEN o.date_created_gmt END AS ordered_at,
       CASE WHEN o.placed THEN o.date_created_gmt
            ELSE coalesce(o.date_modified_gmt, o.date_created_gmt) END AS last_active_at,
       o.person                                      AS customer_id,
       -- only in one currency can the values of carts be added
       CASE WHEN c.currencies = 1
            THEN (SELECT sum(l.subtotal)
                  FROM   jsonb_to_recordset(o.line_items) AS l (subtotal numeric)) END AS value
FROM   @begun@ AS o
       CROSS JOIN (SELECT count(DISTINCT o.currency) AS currencies FROM @orders@ AS o) AS c
WHERE  o.created_via IN ('checkout', 'store-api')

--@ source returns
-- What was paid back, when it was: a row for each line that it is for, with its tax beside it, and
-- one without pieces for the rest, shipping beside it; without gift cards and fees.
SELECT r.order_id,
       r.at                                          AS returned_at,
       -nullif(f.quantity, 0)                        AS quantity,
       -f.total                                      AS refund,
       -f.total_tax                                  AS tax,
       NULL::numeric                                 AS shipping,
       l.sku
FROM   @paid_back@ AS r
       CROSS JOIN LATERAL jsonb_to_recordset(r.line_items)
           AS f (product_id bigint, variation_id bigint, sku text, quantity numeric, total numeric,
                 total_tax numeric)
       LEFT JOIN @products@ AS p ON p.id = f.product_id
       CROSS JOIN LATERAL (
           SELECT coalesce(nullif(f.sku, ''), nullif(f.variation_id, 0)::text,
                           f.product_id::text) AS sku) AS l
WHERE  coalesce(p.type ~* 'gift.?card', false) IS FALSE
UNION ALL
SELECT r.order_id, r.at, NULL,
       round(p.goods * o.net / nullif(g.goods, 0), 4),
       round(coalesce(p.goods * o.tax_on_goods / nullif(g.goods, 0), 0)
             + coalesce(p.carriage * o.shipping_tax / nullif(g.carriage, 0), 0), 4),
       round(p.carriage * o.shipping_total / nullif(g.carriage, 0), 4),
       NULL
FROM   (SELECT r.*,
               -- what had been paid back without lines by then, and what had been with lines
               sum(r.rest) FILTER (WHERE r.lines = 0)
                   OVER (PARTITION BY r.order_id ORDER BY r.at, r.id) AS until,
               sum(r.listed) OVER (PARTITION BY r.order_id) AS by_line
        FROM   @paid_back@ AS r) AS r
       JOIN @placed@ AS o ON o.id = r.order_id
       CROSS JOIN LATERAL (SELECT o.net + o.tax_on_goods            AS goods,
                                  o.shipping_total + o.shipping_tax AS carriage,
                                  o.fees + o.fees_tax               AS fees) AS g
       CROSS JOIN LATERAL (SELECT greatest(g.goods - r.by_line, 0) AS goods) AS h
       CROSS JOIN LATERAL (
           SELECT least(greatest(r.rest, 0), g.carriage) AS carriage WHERE r.lines > 0
           UNION ALL
           SELECT least(greatest(r.until - h.goods, 0), g.carriage)
                  - least(greatest(r.until - r.rest - h.goods, 0), g.carriage)
           WHERE  r.lines = 0) AS c
       CROSS JOIN LATERAL (
           SELECT c.carriage,
                  CASE WHEN r.lines > 0
                       THEN r.rest - c.carriage
                            - least(greatest(r.rest - c.carriage, 0), g.fees)
                       ELSE least(r.until, h.goods) - least(r.until - r.rest, h.goods) END
                      AS goods) AS p
WHERE  abs(p.goods) + abs(p.carriage) > 0.005

--@ source deliveries
-- The orders with something to ship, but for those fetched from the shop; shipped when they were
-- completed.
SELECT o.id                                          AS order_id,
       o.date_created_gmt                            AS ordered_at,
       o._airbyte_extracted_at AS updated_at,        --@ if orders._airbyte_extracted_at
       o.date_completed_gmt                          AS shipped_at
FROM   @placed@ AS o
WHERE  EXISTS (SELECT FROM jsonb_to_recordset(o.shipping_lines) AS s (method_id text)
               WHERE  s.method_id NOT IN ('local_pickup', 'pickup_location'))

--@ source stock_levels
-- What is in stock now, of the articles and variations whose stock is managed; kpi.snapshot() keeps
-- it day by day.
SELECT coalesce(nullif(s.sku, ''), s.id::text)       AS sku,
       now()                                         AS counted_at,
       sum(s.stock_quantity)                         AS on_hand
FROM   (SELECT p.id, p.sku, p.manage_stock, p.stock_quantity
        FROM   @products@ AS p            --@ needs products
        UNION ALL
        SELECT v.id, v.sku, v.manage_stock, v.stock_quantity
        FROM   @product_variations@ AS v) AS s
WHERE  s.manage_stock = 'true' AND s.stock_quantity IS NOT NULL
GROUP  BY coalesce(nullif(s.sku, ''), s.id::text)

--@ source surveys
-- Reviews of articles that were approved, by their stars.
SELECT r.date_created_gmt                            AS answered_at,
       'csat'                                        AS instrument,
       r.rating::integer                             AS score,
       5                                             AS scale,
       nullif(lower(trim(r.reviewer_email)), '')     AS respondent,
       r.product_id,
       r.id                                          AS answer_id
FROM   @product_reviews@ AS r
WHERE  r.status = 'approved' AND r.rating BETWEEN 1 AND 5

--@ lacks visits
-- no shop system keeps them; add visits, a view of your web analytics

--@ lacks tests
-- payments made for trying are orders like others: delete them

--@ lacks deletions
-- what is deleted in the shop stays in the tables, unless they are overwritten

--@ lacks delivery
-- only the time of completing an order is kept, which is when it leaves; arrival and promise are
-- known to the carrier, add delivered_at and promised_at to deliveries

--@ lacks cost
-- only where WooCommerce tracks the cost of goods, or the plugin Cost of Goods does, lines have one

--@ lacks stock history
-- only the stock now is replicated, without its cost: keep it with kpi.snapshot(), or add a view
-- stock_moves

--@ lacks carts before checkout
-- a cart is in the session until the checkout: the rate is that of checkouts

--@ lacks changes of orders
-- an order that is edited has the amounts of now from the day it was placed: those before are not
-- kept

--@ lacks receipts of returns
-- a refund says what was paid back and for which pieces, not whether they came back

--@ lacks exchange rates
-- a model of orders in several currencies needs a column exchange_rate in orders, what one unit of
-- its currency was worth
