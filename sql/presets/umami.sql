-- Umami 2 and 3: what visitors of websites did, in the tables of its prisma migrations
--
-- Read from 2.11, which has visits, to 3.1.0, its migrations 01 to 19. A session is a device during
-- a month, or a person who was identified; a visit is what a session did within an hour or so. Who
-- is identified in the middle of a visit goes on in it under another session, of which only
-- session_data may tell. Links, pixels and measurements of speed are rows of the same table. Umami
-- refuses crawlers it knows, unless it was told not to, and has no names of events of its own:
-- those that are usual are understood in any spelling, such as add-to-cart or Order Completed.

--@ shop Umami

--@ table website_event
event_id                        key, required
website_id                      key, required
session_id                      key, required
visit_id                        key, required
created_at                      timestamptz, required
event_type                      integer, required
event_name                      text, required
utm_source                      text
utm_medium                      text
utm_campaign                    text
referrer_domain                 text

--@ table website
website_id                      key, required
name                            text, required
domain                          text
reset_at                        timestamptz
deleted_at                      timestamptz

--@ table session
session_id                      key, required
browser                         text
device                          text
country                         text
distinct_id                     text

--@ optional session_data
session_id                      key, required
distinct_id                     text

--@ optional revenue
session_id                      key, required
event_id                        key, required
revenue                         numeric

--@ part steps
-- Pages seen and events sent, and which step of a purchase each is. An event with revenue that is
-- no earlier step is an order.
SELECT e.*,
       CASE WHEN e.event_type = 1 THEN 'visit'
            WHEN n.word IN ('addtocart', 'addedtocart', 'cartadd', 'productadded',
                            'productaddedtocart', 'additemtocart') THEN 'cart'
            WHEN n.word IN ('checkout', 'begincheckout', 'startcheckout', 'initiatecheckout',
                            'checkoutstarted', 'checkoutcart', 'checkoutbegun') THEN 'checkout'
            WHEN n.word IN ('purchase', 'purchased', 'order', 'ordered', 'orderplaced',
                            'ordercompleted', 'placeorder', 'checkoutcompleted',
                            'completepurchase')
                OR EXISTS (SELECT FROM @revenue@ AS r
                           WHERE  r.session_id = e.session_id AND r.event_id = e.event_id
                           AND    r.revenue > 0) THEN 'order'
       END AS step
FROM   @website_event@ AS e
       CROSS JOIN LATERAL (
           SELECT lower(regexp_replace(e.event_name, '[^A-Za-z]', '', 'g')) AS word) AS n
WHERE  e.event_type IN (1, 2)

--@ part hits
-- Those on websites that are there, since they were reset, and who it was if that was identified:
-- an address is that of a customer, however it is written.
SELECT e.website_id, e.visit_id, e.session_id, e.created_at, p.person, s.device, s.country,
       coalesce(nullif(w.domain, ''), w.name) AS website,
       e.utm_source, e.utm_medium, e.utm_campaign, e.referrer_domain, e.step
FROM   @steps@ AS e
       JOIN @website@ AS w ON w.website_id = e.website_id
       LEFT JOIN @session@ AS s ON s.session_id = e.session_id
       CROSS JOIN LATERAL (
           SELECT max(CASE WHEN p.distinct_id LIKE '%@%' THEN lower(trim(p.distinct_id))
                           ELSE trim(p.distinct_id) END) AS person
           FROM   (SELECT s.distinct_id
                   UNION ALL
                   SELECT d.distinct_id FROM @session_data@ AS d
                   WHERE  d.session_id = e.session_id) AS p
           WHERE  trim(p.distinct_id) <> '') AS p
WHERE  w.deleted_at IS NULL AND (w.reset_at IS NULL OR e.created_at >= w.reset_at)
AND    coalesce(s.browser, '') <> 'searchbot'

--@ part told
-- The steps that a website has told of since it was reset, in visits with a page seen. The first
-- that is found is enough: so they are limited.
SELECT w.website_id,
       array_agg(t.step) FILTER (
           WHERE (SELECT true FROM @steps@ AS e
                  WHERE  e.website_id = w.website_id AND e.step = t.step
                  AND    (w.reset_at IS NULL OR e.created_at >= w.reset_at)
                  AND    (SELECT true FROM @website_event@ AS p
                          WHERE  p.visit_id = e.visit_id AND p.event_type = 1 LIMIT 1)
                  LIMIT  1)) AS steps
FROM   @website@ AS w CROSS JOIN (VALUES ('cart'), ('checkout'), ('order')) AS t (step)
GROUP  BY w.website_id

--@ part seen
-- Visits with a page seen: what a server sends alone is none. A step that a website never had is
-- not known there.
SELECT v.*,
       CASE WHEN 'cart' = ANY (t.steps) THEN v.cart END                      AS cart_added,
       CASE WHEN 'checkout' = ANY (t.steps) THEN v.checkout OR v.ordered END AS checkout_started,
       CASE WHEN 'order' = ANY (t.steps) THEN v.ordered END                  AS converted
FROM   (SELECT h.visit_id, h.website_id, h.website, min(h.created_at) AS started_at,
               coalesce((array_agg(h.person ORDER BY h.created_at DESC)
                             FILTER (WHERE h.person IS NOT NULL))[1],
                        (array_agg(h.session_id ORDER BY h.created_at))[1]::text) AS visitor_id,
               bool_or(h.step = 'cart') IS TRUE AS cart,
               bool_or(h.step = 'checkout') IS TRUE AS checkout,
               bool_or(h.step = 'order') IS TRUE AS ordered,
               (array_agg(h.device ORDER BY h.created_at)
                    FILTER (WHERE h.device IS NOT NULL))[1] AS device,
               (array_agg(h.country ORDER BY h.created_at)
                    FILTER (WHERE h.country IS NOT NULL))[1] AS country,
               (array_agg(h.utm_source ORDER BY h.created_at))[1] AS utm_source,
               (array_agg(h.utm_medium ORDER BY h.created_at))[1] AS utm_medium,
               (array_agg(h.utm_campaign ORDER BY h.created_at))[1] AS utm_campaign,
               (array_agg(h.referrer_domain ORDER BY h.created_at))[1] AS referrer
        FROM   @hits@ AS h
        GROUP  BY h.visit_id, h.website_id, h.website
        HAVING bool_or(h.step = 'visit')) AS v
       JOIN @told@ AS t ON t.website_id = v.website_id

--@ source visits
-- Visits of all websites, by the person where one is identified, else by the device of a month;
-- they ended in an order if an event says so. What a website never told is NULL.
SELECT v.visit_id,
       v.started_at,
       v.visitor_id,
       v.converted,
       v.cart_added,
       v.checkout_started,
       v.website,
       upper(v.country) AS country,
       v.device,
       v.utm_source,
       v.utm_medium,
       v.utm_campaign,
       v.referrer
FROM   @seen@ AS v

--@ source events
-- The steps that are told of: a visit, something put in the cart, the checkout begun, an order.
SELECT e.visitor_id,
       e.occurred_at,
       dense_rank() OVER (ORDER BY array_position('{visit,cart,checkout,order}', e.label))::integer
           AS step,
       e.label
FROM   (SELECT v.visitor_id, v.started_at AS occurred_at, 'visit' AS label
        FROM   @seen@ AS v
        UNION ALL
        SELECT v.visitor_id, h.created_at, h.step
        FROM   @seen@ AS v
               JOIN @hits@ AS h ON h.visit_id = v.visit_id AND h.website_id = v.website_id
        WHERE  h.step <> 'visit') AS e

--@ lacks events of other names
-- the shop's events may have names of its own: where none is told of as an order, nothing is known
-- of conversion; send one named purchase, or write a view visits in the place of this

--@ lacks one website
-- the visits of all websites count; the column website can be a dimension, or leave one out in a
-- view of your own

--@ lacks visitors over months
-- a device is another one in each month, unless a person is identified by umami.identify: visitors
-- of a quarter count once in each of its months

--@ lacks crawlers
-- crawlers that say they are none, and those of whom Umami knows nothing, count as visitors
