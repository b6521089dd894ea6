\ir setup.psql
\if :skip \quit \endif

CALL load('event', 'rees46/rees46.csv');

-- Everything is told by the hour in which the session began.
CREATE VIEW session AS
SELECT user_session::uuid AS session, min(event_time::timestamptz) AS started_at,
       min(user_id::bigint) AS customer_id,
       to_char(min(event_time::timestamptz) AT TIME ZONE 'UTC', 'HH24') AS hour,
       min(event_time::timestamptz) FILTER (WHERE event_type = 'cart')     AS carted_at,
       min(event_time::timestamptz) FILTER (WHERE event_type = 'purchase') AS bought_at,
       sum(price::numeric)          FILTER (WHERE event_type = 'purchase') AS paid
FROM   event
GROUP  BY user_session;

CREATE SCHEMA shop;

CREATE VIEW shop.visits AS
SELECT session AS visit_id, started_at, customer_id AS visitor_id, hour,
       carted_at IS NOT NULL AS cart_added, bought_at IS NOT NULL AS converted
FROM   session;

CREATE VIEW shop.carts AS
SELECT session AS cart_id, carted_at AS created_at, bought_at AS ordered_at, hour
FROM   session
WHERE  carted_at IS NOT NULL;

CREATE VIEW shop.orders AS
SELECT session AS order_id, bought_at AS ordered_at, customer_id, paid AS net_sales, hour
FROM   session
WHERE  bought_at IS NOT NULL;

CREATE VIEW shop.order_lines AS
SELECT user_session::uuid AS order_id, product_id AS sku, 1 AS quantity,
       price::numeric AS net_sales,
       coalesce(split_part(category_code, '.', 1), '(null)') AS category
FROM   event
WHERE  event_type = 'purchase';

-- Here the visitor is the session.
CREATE VIEW shop.events AS
SELECT user_session::uuid AS visitor_id, event_time::timestamptz AS occurred_at,
       array_position('{view,cart,purchase}', event_type) AS step, event_type AS label
FROM   event;

SELECT FROM build('shop', 'UTC', 'USD', dimensions => '{hour,category}',
                  as_of => '2020-01-01 00:00Z');

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'hour' AS grain, hour AS key, visits, gross_sales, aov_sample,
               conversion_rate_sample, cart_rate_sample, cart_abandonment_rate_sample
        FROM   shop.kpi_year_by_hour WHERE complete
        UNION ALL
        SELECT 'overall', 'all', visits, gross_sales, aov_sample, conversion_rate_sample,
               cart_rate_sample, cart_abandonment_rate_sample
        FROM   shop.kpi_year WHERE complete) AS state,
       LATERAL (VALUES ('sessions',                       visits),
                       ('sessions_with_cart',             successes(cart_rate_sample)),
                       ('sessions_with_purchase',         successes(conversion_rate_sample)),
                       ('conversion_rate',                value(conversion_rate_sample)::numeric),
                       ('cart_abandonment_rate',
                        value(cart_abandonment_rate_sample)::numeric),
                       ('revenue',                        gross_sales),
                       ('revenue_per_purchasing_session', value(aov_sample))) AS kpi (kpi, answer);

INSERT INTO answer
SELECT CASE step WHEN 2 THEN 'funnel_view_to_cart' ELSE 'funnel_cart_to_purchase' END, 'overall',
       'all', step_rate
FROM   shop.funnel_steps WHERE grain = 'year' AND step > 1
UNION ALL
-- a funnel has no dimensions; but here every session has a view, and every cart is one of a session
SELECT 'funnel_view_to_cart', 'hour', hour, cart_rate FROM shop.kpi_year_by_hour WHERE complete
UNION ALL
SELECT 'funnel_cart_to_purchase', 'hour', hour, 1 - cart_abandonment_rate
FROM   shop.kpi_year_by_hour WHERE complete;

-- A purchase is a piece ordered; how often something was viewed or put in the cart is no indicator.
INSERT INTO answer
SELECT 'events_purchase', 'category1', category, units FROM shop.kpi_year_by_category WHERE complete
UNION ALL
SELECT 'events', 'event_type', 'purchase', units FROM shop.kpi_year WHERE complete;

INSERT INTO unanswered
SELECT kpi, grain, key, 'the number of views, or of articles put in the cart, is no indicator'
FROM   (VALUES ('events_view', NULL, NULL), ('events_cart', NULL, NULL),
               ('events', 'event_type', 'view'),
               ('events', 'event_type', 'cart')) AS kpi (kpi, grain, key);

SELECT compare('rees46', 'shop');
ROLLBACK;
