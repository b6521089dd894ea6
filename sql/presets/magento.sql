-- Magento 2 and Adobe Commerce, whose tables in MySQL are replicated
--
-- Tables and columns are those of Magento 2.3 to 2.4 (etc/db_schema.xml of its modules Sales,
-- Quote, Catalog, CatalogInventory and Inventory), which connectors for MySQL copy as they are:
-- Fivetran marks the rows that were deleted (_fivetran_deleted), Airbyte too where it reads the log
-- (_ab_cdc_deleted_at); mysql_fdw shows the tables themselves. A prefix of the tables is not known.
-- Times are UTC. Amounts are those of the base currency of the website, whatever was shown.
--
-- Amounts of items are without tax. A discount on prices with tax has its tax in it, which is kept
-- beside it (discount_tax_compensation); that of an order has the one on shipping in it. Items of
-- an article with variants or of a bundle are there twice, as the whole and as its parts: the whole
-- counts, with the cost of its parts, and their discounts where it has none itself. What was
-- cancelled of an order of which the rest was sold was never sold. An order that was edited was
-- cancelled and made anew: it is one order, of the day of the first, as it is now.
--
-- A connector makes primary keys at most: the indexes by which what belongs to an order is found
-- have to be made, see docs/presets.md. Its tables come one by one, so that no time tells of all
-- that has changed of an order: it is compared.

--@ shop Magento, Adobe Commerce

--@ table sales_order
entity_id                       bigint, required
increment_id                    text, required
state                           text, required
store_id                        bigint
is_virtual                      text
created_at                      timestamptz, required
updated_at                      timestamptz
customer_email                  text
remote_ip                       text
quote_id                        bigint
original_increment_id           text
relation_child_id               text
base_currency_code              text, required
base_tax_amount                 numeric, required
base_tax_canceled               numeric
base_shipping_amount            numeric, required
base_shipping_canceled          numeric
base_shipping_discount_amount   numeric
base_shipping_discount_tax_compensation_amnt numeric
_fivetran_deleted               boolean
_ab_cdc_deleted_at              text

--@ table sales_order_item
item_id                         bigint, required
order_id                        bigint, required
parent_item_id                  bigint, required
product_type                    text
sku                             text, required
qty_ordered                     numeric, required
qty_canceled                    numeric
base_cost                       numeric
base_row_total                  numeric, required
base_discount_amount            numeric, required
base_discount_tax_compensation_amount numeric
_fivetran_deleted               boolean
_ab_cdc_deleted_at              text

--@ optional sales_order_status_history
parent_id                       bigint, required
status                          text, required
created_at                      timestamptz, required

--@ optional sales_order_address
parent_id                       bigint, required
address_type                    text, required
country_id                      text, required

--@ optional store
store_id                        bigint, required
code                            text, required

--@ table sales_creditmemo
entity_id                       bigint, required
order_id                        bigint, required
state                           integer
created_at                      timestamptz, required
base_tax_amount                 numeric, required
base_shipping_amount            numeric, required
base_discount_amount            numeric
base_adjustment_positive        numeric
base_adjustment_negative        numeric
_fivetran_deleted               boolean
_ab_cdc_deleted_at              text

--@ table sales_creditmemo_item
parent_id                       bigint, required
order_item_id                   bigint, required
qty                             numeric, required
base_row_total                  numeric, required
base_discount_amount            numeric
base_discount_tax_compensation_amount numeric

--@ table quote
entity_id                       bigint, required
created_at                      timestamptz, required
updated_at                      timestamptz
items_qty                       numeric, required
customer_email                  text
remote_ip                       text
base_currency_code              text
base_subtotal                   numeric

--@ table sales_shipment
order_id                        bigint, required
created_at                      timestamptz, required
_fivetran_deleted               boolean
_ab_cdc_deleted_at              text

--@ table catalog_product_entity
entity_id                       bigint, required
sku                             text, required
type_id                         text

--@ table cataloginventory_stock_item
product_id                      bigint, required
qty                             numeric, required

--@ optional inventory_source_item
sku                             text, required
quantity                        numeric, required

--@ part ordered
-- the orders, without those deleted and those that wait for a payment made elsewhere
SELECT o.*, nullif(lower(trim(o.customer_email)), '') AS person
FROM   @sales_order@ AS o
WHERE  o.state IS DISTINCT FROM 'pending_payment'
AND    o._fivetran_deleted IS NOT TRUE AND o._ab_cdc_deleted_at IS NULL

--@ part item
-- the items as they were sold, with the discounts and the cost of their parts; gift cards become
-- sales when they are spent
SELECT i.item_id, i.order_id, i.sku, i.qty_ordered,
       CASE WHEN o.state = 'canceled' THEN i.qty_ordered
            ELSE i.qty_ordered - coalesce(i.qty_canceled, 0) END      AS quantity,
       i.base_row_total                                               AS listed,
       i.base_row_total - coalesce(nullif(i.base_discount_amount, 0), p.discount, 0)
           + coalesce(nullif(i.base_discount_tax_compensation_amount, 0),
                      p.compensation, 0)                              AS net,
       CASE WHEN p.parent_item_id IS NULL THEN i.base_cost * i.qty_ordered
            ELSE p.cost END                                           AS cost
FROM   @ordered@ AS o
       JOIN @sales_order_item@ AS i ON i.order_id = o.entity_id
       LEFT JOIN (SELECT p.order_id, p.parent_item_id, sum(p.base_discount_amount) AS discount,
                         sum(p.base_discount_tax_compensation_amount) AS compensation,
                         CASE WHEN bool_and(p.base_cost IS NOT NULL)
                              THEN sum(p.base_cost * p.qty_ordered) END AS cost
                  FROM   @sales_order_item@ AS p WHERE p.parent_item_id IS NOT NULL
                  GROUP  BY p.order_id, p.parent_item_id) AS p
           ON p.order_id = o.entity_id AND p.parent_item_id = i.item_id
WHERE  i.parent_item_id IS NULL AND i.product_type IS DISTINCT FROM 'giftcard'
AND    i._fivetran_deleted IS NOT TRUE AND i._ab_cdc_deleted_at IS NULL

--@ part line
-- what is left of the items after what was cancelled of them
SELECT i.item_id, i.order_id, i.sku, i.quantity,
       i.listed * i.quantity / nullif(i.qty_ordered, 0) AS listed,
       i.net * i.quantity / nullif(i.qty_ordered, 0)    AS net,
       i.cost * i.quantity / nullif(i.qty_ordered, 0)   AS cost
FROM   @item@ AS i
WHERE  i.quantity <> 0

--@ part placed
-- the orders of goods, without those that were edited into others, of the day of the first of them;
-- an order of gift cards alone is none
SELECT o.*, coalesce(f.created_at, o.created_at) AS ordered_at, l.quantity, l.listed, l.net, l.cost
FROM   @ordered@ AS o
       JOIN (SELECT l.order_id, sum(l.quantity) AS quantity, sum(l.listed) AS listed,
                    sum(l.net) AS net,
                    CASE WHEN bool_and(l.cost IS NOT NULL) THEN sum(l.cost) END AS cost
             FROM   @line@ AS l
             GROUP  BY l.order_id) AS l ON l.order_id = o.entity_id
       LEFT JOIN @sales_order@ AS f ON  f.increment_id = o.original_increment_id
                                    AND f.store_id IS NOT DISTINCT FROM o.store_id
WHERE  o.relation_child_id IS NULL

--@ source orders
-- The orders in the base currency, but for those of gift cards alone, those edited into others, and
-- those that wait for a payment made elsewhere; without what was cancelled of them.
SELECT o.entity_id                                   AS order_id,
       o.ordered_at,
       o.person                                      AS customer_id,
       o.net                                         AS net_sales,
       o.listed                                      AS gross_sales,
       o.listed - o.net                              AS discount,
       o.base_tax_amount
           - CASE WHEN o.state = 'canceled' THEN 0
                  ELSE coalesce(o.base_tax_canceled, 0) END AS tax,
       o.base_shipping_amount - coalesce(o.base_shipping_discount_amount, 0)
           + coalesce(o.base_shipping_discount_tax_compensation_amnt, 0)
           - CASE WHEN o.state = 'canceled' THEN 0
                  ELSE coalesce(o.base_shipping_canceled, 0) END AS shipping,
       o.cost,                                                   --@ if sales_order_item.base_cost
       o.quantity                                    AS units,
       o.base_currency_code                          AS currency,
       CASE WHEN o.state = 'canceled'
            THEN coalesce(h.created_at, o.updated_at, o.ordered_at) END AS cancelled_at,
       s.code                                        AS store,
       a.country_id                                  AS country
FROM   @placed@ AS o
       LEFT JOIN @store@ AS s ON s.store_id = o.store_id
       LEFT JOIN (SELECT h.parent_id, max(h.created_at) AS created_at
                  FROM   @sales_order_status_history@ AS h WHERE h.status = 'canceled'
                  GROUP  BY h.parent_id) AS h ON h.parent_id = o.entity_id
       -- of the delivery, else of the bill
       LEFT JOIN (SELECT DISTINCT ON (a.parent_id) a.parent_id, a.country_id
                  FROM   @sales_order_address@ AS a
                  ORDER  BY a.parent_id, a.address_type = 'shipping' DESC) AS a
           ON a.parent_id = o.entity_id

--@ source order_lines
-- The items of the orders but for gift cards, each as it was sold, after discounts, without tax and
-- without what was cancelled of them.
SELECT l.order_id,
       l.quantity,
       l.sku,
       l.cost,                                                   --@ if sales_order_item.base_cost
       l.net                                         AS net_sales
FROM   @line@ AS l JOIN @placed@ AS o ON o.entity_id = l.order_id

--@ source carts
-- Carts with something in them, and orders whose cart was cleaned up; those that staff began are
-- none, which are those without an address of a computer. The value is that of the articles at
-- their prices.
SELECT q.entity_id                                   AS cart_id,
       q.created_at,
       o.created_at                                  AS ordered_at,
       coalesce(q.updated_at, q.created_at)          AS last_active_at,
       nullif(lower(trim(q.customer_email)), '')     AS customer_id,
       -- only in one currency can the values of carts be added
       CASE WHEN c.currencies = 1 THEN q.base_subtotal END AS value
FROM   @quote@ AS q
       LEFT JOIN (SELECT o.quote_id, min(o.created_at) AS created_at
                  FROM   @ordered@ AS o
                  GROUP  BY o.quote_id) AS o ON o.quote_id = q.entity_id
       CROSS JOIN (SELECT count(DISTINCT q.base_currency_code) AS currencies
                   FROM   @quote@ AS q) AS c
WHERE  q.items_qty > 0
AND    q.remote_ip IS NOT NULL                       --@ if quote.remote_ip
UNION ALL
SELECT o.quote_id, min(o.created_at), min(o.created_at), min(o.created_at), min(o.person), NULL
FROM   @ordered@ AS o
WHERE  o.quote_id IS NOT NULL
AND    o.remote_ip IS NOT NULL                       --@ if sales_order.remote_ip
AND    NOT EXISTS (SELECT FROM @quote@ AS q WHERE q.entity_id = o.quote_id)
GROUP  BY o.quote_id

--@ part credited
-- the credit memos, without those cancelled or deleted
SELECT m.*
FROM   @sales_creditmemo@ AS m
       JOIN @placed@ AS o ON o.entity_id = m.order_id
WHERE  m.state IS DISTINCT FROM 3
AND    m._fivetran_deleted IS NOT TRUE AND m._ab_cdc_deleted_at IS NULL

--@ part credited_part
-- what the discounts of the parts of an item in a credit memo add up to
SELECT m.order_id, c.parent_id, i.parent_item_id, sum(c.base_discount_amount) AS discount,
       sum(c.base_discount_tax_compensation_amount) AS compensation
FROM   @sales_creditmemo@ AS m
       JOIN @sales_creditmemo_item@ AS c ON c.parent_id = m.entity_id
       JOIN @sales_order_item@ AS i ON i.item_id = c.order_item_id
WHERE  i.parent_item_id IS NOT NULL
GROUP  BY m.order_id, c.parent_id, i.parent_item_id

--@ source returns
-- What credit memos paid back: a row for each item, and one without pieces for what was added or
-- kept back by hand, with the shipping, and the tax of all; without gift cards.
SELECT m.order_id,
       m.created_at                                  AS returned_at,
       nullif(c.qty, 0)                              AS quantity,
       c.base_row_total - coalesce(nullif(c.base_discount_amount, 0), p.discount, 0)
           + coalesce(nullif(c.base_discount_tax_compensation_amount, 0),
                      p.compensation, 0)             AS refund,
       NULL::numeric                                 AS tax,
       NULL::numeric                                 AS shipping,
       i.sku
FROM   @credited@ AS m
       JOIN @sales_creditmemo_item@ AS c ON c.parent_id = m.entity_id
       JOIN @item@ AS i ON i.order_id = m.order_id AND i.item_id = c.order_item_id
       LEFT JOIN @credited_part@ AS p
           ON  p.order_id = m.order_id AND p.parent_id = c.parent_id
           AND p.parent_item_id = c.order_item_id
UNION ALL
SELECT m.order_id, m.created_at, NULL,
       coalesce(m.base_adjustment_positive, 0) - coalesce(m.base_adjustment_negative, 0),
       m.base_tax_amount,
       -- the discount of a memo is that of its items, and of the shipping
       m.base_shipping_amount + coalesce(m.base_discount_amount + coalesce(c.discount, 0), 0),
       NULL
FROM   @credited@ AS m
       LEFT JOIN (SELECT m.order_id, c.parent_id,
                         sum(coalesce(nullif(c.base_discount_amount, 0), p.discount)) AS discount
                  FROM   @sales_creditmemo@ AS m
                         JOIN @sales_creditmemo_item@ AS c ON c.parent_id = m.entity_id
                         JOIN @sales_order_item@ AS i ON i.item_id = c.order_item_id
                         LEFT JOIN @credited_part@ AS p
                             ON  p.order_id = m.order_id AND p.parent_id = c.parent_id
                             AND p.parent_item_id = c.order_item_id
                  WHERE  i.parent_item_id IS NULL
                  GROUP  BY m.order_id, c.parent_id) AS c
           ON c.order_id = m.order_id AND c.parent_id = m.entity_id

--@ source deliveries
-- A row per shipment, and one per order with something to ship of which nothing has left yet.
SELECT o.entity_id                                   AS order_id,
       o.ordered_at,
       s.created_at                                  AS shipped_at
FROM   @placed@ AS o
       LEFT JOIN @sales_shipment@ AS s ON  s.order_id = o.entity_id
                                       AND s._fivetran_deleted IS NOT TRUE
                                       AND s._ab_cdc_deleted_at IS NULL
WHERE  o.is_virtual IS NULL OR o.is_virtual NOT IN ('1', 'true')

--@ source stock_levels
-- The stock now of the articles without variants, in all sources, or where there are none, as the
-- article has it; kpi.snapshot() keeps it day by day.
SELECT p.sku,
       now()                                         AS counted_at,
       coalesce(v.quantity, s.quantity)              AS on_hand
FROM   @catalog_product_entity@ AS p
       JOIN (SELECT s.product_id, sum(s.qty) AS quantity
             FROM   @cataloginventory_stock_item@ AS s
             GROUP  BY s.product_id) AS s ON s.product_id = p.entity_id
       LEFT JOIN (SELECT v.sku, sum(v.quantity) AS quantity
                  FROM   @inventory_source_item@ AS v
                  GROUP  BY v.sku) AS v ON v.sku = p.sku
WHERE  p.type_id IS NULL OR p.type_id = 'simple'

--@ lacks visits
-- no shop system keeps them; add visits, a view of your web analytics

--@ lacks tests
-- no mark tells test orders: delete or cancel them

--@ lacks delivery
-- only the time of shipping is kept; arrival and promise are known to the carrier, add delivered_at
-- and promised_at to deliveries

--@ lacks changes of orders
-- an order that was edited has the amounts of now from the day it was placed

--@ lacks receipts of returns
-- a credit memo says what was paid back and for which pieces, not whether they came back

--@ lacks stock history
-- only the stock now is replicated, without its cost: keep it with kpi.snapshot(), or add a view
-- stock_moves

--@ lacks categories
-- an article may be in many: add a column category to order_lines

--@ lacks exchange rates
-- a model of websites with several base currencies needs a column exchange_rate in orders, what one
-- unit of its currency was worth
