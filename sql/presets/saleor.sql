-- Saleor 3
--
-- Django tables; times have a zone, amounts are in major units, net and gross.

--@ shop Saleor

--@ table order_order
id                             uuid, required
created_at                     timestamptz, required
status                         text, required
origin                         text, required
user_email                     text
channel_id                     integer
currency                       text, required
checkout_token                 text
total_net_amount               numeric, required
total_gross_amount             numeric, required
shipping_price_net_amount      numeric, required
shipping_price_gross_amount    numeric, required

--@ table order_orderline
order_id                       uuid, required
product_sku                    text
product_variant_id             text
is_gift_card                   boolean
quantity                       numeric, required
total_price_net_amount         numeric, required

--@ optional channel_channel
id                             integer, required
slug                           text

--@ source orders
-- The orders placed, without drafts, replacements of earlier orders and those that expired unpaid.
SELECT o.id                                                   AS order_id,
       o.created_at                                           AS ordered_at,
       nullif(lower(trim(o.user_email)), '')                  AS customer_id,
       o.total_net_amount - o.shipping_price_net_amount       AS net_sales,
       o.shipping_price_net_amount                            AS shipping,
       o.total_gross_amount - o.total_net_amount              AS tax,
       o.currency,
       CASE WHEN o.status = 'canceled' THEN o.created_at END  AS cancelled_at,
       c.slug                                                 AS channel
FROM   @order_order@ AS o
       LEFT JOIN @channel_channel@ AS c ON c.id = o.channel_id
WHERE  o.status NOT IN ('draft', 'expired') AND o.origin <> 'reissue'

--@ lacks visits
-- no shop system records them; add a view of your analytics table

--@ lacks shipping and delivery times
-- a fulfilment has one time, when it was made; when it left and arrived is not stored
