-- Stripe, as Airbyte replicates it
--
-- For shops that sell by Stripe alone: Checkout, payment links, subscriptions, payments of their
-- own pages. Tables and types of the connector source-stripe 5 (its schemas in airbytehq/airbyte),
-- written by destination-postgres 2 on: a table per stream, nested objects as jsonb, times as
-- seconds since 1970. Streams have to be deduplicated (Append + Deduped) or overwritten. Of a
-- prefix of the tables the usual one, stripe_, is found. An amount is in the smallest unit of its
-- currency: cents, whole yen, thousandths of a dinar.
--
-- An order is a charge that went through. Its tax, shipping and discount are those of its checkout
-- session, else of its invoice; a charge with neither is goods. A refund does not say what it was
-- for: it was for goods as far as goods were sold, then for shipping.
--
-- Airbyte gives a stream that is deduplicated an index on its id, and none on what it belongs to.

--@ shop Stripe (Airbyte)

--@ table charges|stripe_charges
id                              text, required
created                         bigint, required
amount                          numeric, required
amount_captured                 numeric
currency                        text, required
status                          text, required
captured                        boolean, required
livemode                        boolean, required
customer                        text
invoice                         text
payment_intent                  text
receipt_email                   text
billing_details                 jsonb
shipping                        jsonb

--@ table refunds|stripe_refunds
charge                          text, required
created                         bigint, required
amount                          numeric, required
status                          text, required

--@ optional disputes|stripe_disputes
charge                          text, required
created                         bigint, required
amount                          numeric, required
status                          text, required

--@ optional checkout_sessions|stripe_checkout_sessions
id                              text, required
created                         bigint
expires_at                      bigint, required
status                          text
mode                            text, required
livemode                        boolean
currency                        text, required
amount_subtotal                 numeric, required
amount_total                    numeric, required
total_details                   jsonb, required
shipping_cost                   jsonb
payment_intent                  text
invoice                         text
subscription                    text
customer                        text
customer_details                jsonb
customer_email                  text

--@ table checkout_sessions_line_items|stripe_checkout_sessions_line_items
checkout_session_id             text, required
quantity                        numeric, required
amount_total                    numeric, required
amount_tax                      numeric
price                           jsonb
description                     text

--@ optional invoices|stripe_invoices
id                              text, required
subtotal                        numeric, required
total                           numeric, required
tax                             numeric
shipping_cost                   jsonb
total_discount_amounts          jsonb
subscription                    text
billing_reason                  text

--@ optional customers|stripe_customers
id                              text, required
email                           text, required

--@ part unit
-- how many of the smallest units are one of a currency, where it is not a hundred
SELECT * FROM (VALUES ('bif', 1), ('clp', 1), ('djf', 1), ('gnf', 1), ('jpy', 1), ('kmf', 1),
                      ('krw', 1), ('mga', 1), ('pyg', 1), ('rwf', 1), ('vnd', 1), ('vuv', 1),
                      ('xaf', 1), ('xof', 1), ('xpf', 1), ('bhd', 1000), ('jod', 1000),
                      ('kwd', 1000), ('omr', 1000), ('tnd', 1000)) AS u (currency, units)

--@ part taken
-- the charges that went through, and what was taken; authorisations are none
SELECT c.*, coalesce(c.amount_captured, c.amount) AS paid
FROM   @charges@ AS c
WHERE  c.status = 'succeeded' AND c.captured

--@ part paid
-- The checkout sessions with the charge that each led to: by its payment, its invoice, or the first
-- one of its subscription. Of each of these one charge goes through.
SELECT s.*, c.id AS charge_id, c.created AS paid_at
FROM   @checkout_sessions@ AS s JOIN @taken@ AS c ON c.payment_intent = s.payment_intent
UNION ALL
SELECT s.*, c.id, c.created
FROM   @checkout_sessions@ AS s JOIN @taken@ AS c ON c.invoice = s.invoice
UNION ALL
SELECT s.*, c.id, c.created
FROM   @checkout_sessions@ AS s
       JOIN @invoices@ AS i ON  i.subscription = s.subscription
                            AND i.billing_reason = 'subscription_create'
       JOIN @taken@ AS c ON c.invoice = i.id

--@ part payment
-- The charges with what they were for, in the units of their currency: goods without tax before
-- and after discounts, shipping without tax, and the taxes of the two; in parts where only part of
-- the total was taken.
SELECT c.id, to_timestamp(c.created) AS at, upper(c.currency) AS currency, c.livemode,
       s.id AS session_id,
       nullif(lower(trim(coalesce(k.email, s.customer_details ->> 'email', s.customer_email,
                                  nullif(c.receipt_email, ''),
                                  c.billing_details ->> 'email'))), '')          AS person,
       CASE WHEN s.id IS NOT NULL THEN 'checkout'
            ELSE coalesce(i.billing_reason, 'payment') END                       AS channel,
       coalesce(s.customer_details #>> '{address,country}', c.shipping #>> '{address,country}',
                c.billing_details #>> '{address,country}')                       AS country,
       -- multiplied first, so that what was taken in whole is exact
       c.paid, d.total, coalesce(u.units, 100)                                   AS units,
       n.net * c.paid / d.total / coalesce(u.units, 100)                         AS net,
       CASE WHEN n.subtotal - n.discount IN (n.net, 0) THEN n.subtotal
            ELSE n.subtotal * n.net / (n.subtotal - n.discount) END
           * c.paid / d.total / coalesce(u.units, 100)                           AS listed,
       n.shipping * c.paid / d.total / coalesce(u.units, 100)                    AS shipping,
       n.tax_on_goods * c.paid / d.total / coalesce(u.units, 100)                AS tax_on_goods,
       n.tax_on_shipping * c.paid / d.total / coalesce(u.units, 100)             AS tax_on_shipping
FROM   @taken@ AS c
       LEFT JOIN (SELECT DISTINCT ON (s.charge_id) s.*
                  FROM   @paid@ AS s ORDER BY s.charge_id, s.id) AS s ON s.charge_id = c.id
       LEFT JOIN @invoices@ AS i ON i.id = c.invoice
       LEFT JOIN @customers@ AS k ON k.id = c.customer
       LEFT JOIN @unit@ AS u ON u.currency = lower(c.currency)
       CROSS JOIN LATERAL (
           SELECT s.amount_total AS total, s.amount_subtotal AS subtotal,
                  (s.total_details ->> 'amount_discount')::numeric AS discount,
                  (s.total_details ->> 'amount_tax')::numeric AS tax,
                  coalesce(s.shipping_cost ->> 'amount_total',
                           s.total_details ->> 'amount_shipping')::numeric AS carriage,
                  (s.shipping_cost ->> 'amount_tax')::numeric AS carriage_tax
           WHERE  s.amount_total > 0
           UNION ALL
           SELECT i.total, i.subtotal,
                  (SELECT sum(d.amount)
                   FROM   jsonb_to_recordset(i.total_discount_amounts) AS d (amount numeric)),
                  i.tax, (i.shipping_cost ->> 'amount_total')::numeric,
                  (i.shipping_cost ->> 'amount_tax')::numeric
           WHERE  i.total > 0 AND (s.amount_total > 0) IS NOT TRUE
           UNION ALL
           SELECT c.paid, c.paid, 0, 0, 0, 0
           WHERE  (s.amount_total > 0) IS NOT TRUE AND (i.total > 0) IS NOT TRUE) AS d
       CROSS JOIN LATERAL (
           SELECT d.subtotal, coalesce(d.discount, 0)                            AS discount,
                  d.total - coalesce(d.tax, 0)
                      - coalesce(d.carriage - coalesce(d.carriage_tax, 0), 0)    AS net,
                  coalesce(d.carriage - coalesce(d.carriage_tax, 0), 0)          AS shipping,
                  coalesce(d.tax, 0) - coalesce(d.carriage_tax, 0)               AS tax_on_goods,
                  coalesce(d.carriage_tax, 0)                                    AS tax_on_shipping
           ) AS n
WHERE  c.paid > 0

--@ source orders
-- The charges that went through, as orders; those of the test mode are tests.
SELECT p.id                                          AS order_id,
       p.at                                          AS ordered_at,
       p.person                                      AS customer_id,
       p.net                                         AS net_sales,
       p.listed                                      AS gross_sales,
       p.listed - p.net                              AS discount,
       p.tax_on_goods + p.tax_on_shipping            AS tax,
       p.shipping,
       p.currency,
       NOT p.livemode                                AS is_test,
       p.channel,
       p.country
FROM   @payment@ AS p

--@ source order_lines
-- What was in the checkout sessions that were paid, after discounts, without tax; the article is
-- the product of Stripe.
SELECT p.id                                          AS order_id,
       l.quantity,
       l.price ->> 'product'                         AS sku,
       (l.amount_total - coalesce(l.amount_tax, 0)) * p.paid / p.total / p.units AS net_sales,
       l.description                                 AS article
FROM   @payment@ AS p
       JOIN @checkout_sessions_line_items@ AS l ON l.checkout_session_id = p.session_id

--@ source carts
-- Checkout sessions, which is as far as Stripe tells of carts; the value is that of the articles at
-- their prices.
SELECT s.id                                          AS cart_id,
       to_timestamp(c.created)                       AS created_at,
       to_timestamp(coalesce(l.paid_at, CASE WHEN s.status = 'complete' THEN c.created END))
                                                     AS ordered_at,
       to_timestamp(coalesce(l.paid_at, c.created))  AS last_active_at,
       nullif(lower(trim(coalesce(k.email, s.customer_details ->> 'email', s.customer_email))), '')
                                                     AS customer_id,
       -- only in one currency can the values of carts be added
       CASE WHEN (SELECT min(o.currency) FROM @checkout_sessions@ AS o)
                 = (SELECT max(o.currency) FROM @checkout_sessions@ AS o)
            THEN s.amount_subtotal / coalesce(u.units, 100) END AS value
FROM   @checkout_sessions@ AS s              --@ needs checkout_sessions
       -- a session that does not say when it was begun has, as it expires, a day
       CROSS JOIN LATERAL (SELECT coalesce(s.created, s.expires_at - 86400) AS created) AS c
       LEFT JOIN (SELECT l.id, min(l.paid_at) AS paid_at
                  FROM   @paid@ AS l GROUP BY l.id) AS l ON l.id = s.id
       LEFT JOIN @customers@ AS k ON k.id = s.customer
       LEFT JOIN @unit@ AS u ON u.currency = lower(s.currency)
WHERE  s.mode <> 'setup' AND s.livemode IS NOT FALSE

--@ source returns
-- What was refunded, when it was, and disputes that were lost, on the day they were raised: for
-- goods as far as goods were sold, then for shipping, each with its tax.
SELECT p.id                                          AS order_id,
       to_timestamp(r.created)                       AS returned_at,
       round(a.goods * p.net / nullif(g.goods, 0), 4) AS refund,
       round(coalesce(a.goods * p.tax_on_goods / nullif(g.goods, 0), 0)
             + coalesce(a.carriage * p.tax_on_shipping / nullif(g.carriage, 0), 0), 4) AS tax,
       round(a.carriage * p.shipping / nullif(g.carriage, 0), 4) AS shipping
FROM   (SELECT r.charge, r.created, r.amount,
               sum(r.amount) OVER (PARTITION BY r.charge ORDER BY r.created, r.amount
                                   ROWS UNBOUNDED PRECEDING) AS until
        FROM   (SELECT r.charge, r.created, r.amount
                FROM   @refunds@ AS r WHERE r.status NOT IN ('failed', 'canceled')
                UNION ALL
                SELECT d.charge, d.created, d.amount
                FROM   @disputes@ AS d WHERE d.status = 'lost') AS r) AS r
       JOIN @payment@ AS p ON p.id = r.charge
       CROSS JOIN LATERAL (SELECT p.net + p.tax_on_goods         AS goods,
                                  p.shipping + p.tax_on_shipping AS carriage,
                                  r.amount / p.units AS amount,
                                  r.until / p.units  AS until) AS g
       CROSS JOIN LATERAL (
           SELECT least(g.until, g.goods) - least(g.until - g.amount, g.goods) AS goods,
                  least(greatest(g.until - g.goods, 0), g.carriage)
                  - least(greatest(g.until - g.amount - g.goods, 0), g.carriage) AS carriage) AS a

--@ lacks visits
-- Stripe sees nobody before the checkout; add visits, a view of your web analytics

--@ lacks cost, stock and delivery
-- Stripe keeps payments: add a column cost to order_lines, and sources of what you send and store

--@ lacks cancellations
-- a payment that was cancelled was never taken; an order cancelled after it was paid is refunded

--@ lacks tax of payments without checkout
-- a charge that has neither a checkout session nor an invoice is goods in whole, with its tax

--@ lacks lines of invoices
-- only what was in checkout sessions has lines

--@ lacks carts before checkout
-- a cart is one from the checkout session on: the rate is that of checkouts

--@ lacks pieces that came back
-- a refund says how much was paid back, not for what

--@ lacks free orders
-- what cost nothing has no charge: its checkout counts as ordered, and is no order

--@ lacks exchange rates
-- a model of orders in several currencies needs a column exchange_rate in orders, what one unit of
-- its currency was worth
