\ir setup.psql
\if :skip \quit \endif

CALL load('event', 'rees46/rees46.csv');

-- Sessions.
CREATE TABLE session AS
SELECT user_session,
       to_char(min(event_time::timestamptz) AT TIME ZONE 'UTC', 'HH24') AS hour,
       bool_or(event_type = 'view')     AS viewed,
       bool_or(event_type = 'cart')     AS carted,
       bool_or(event_type = 'purchase') AS bought,
       sum(price::numeric) FILTER (WHERE event_type = 'purchase') AS revenue
FROM   event
GROUP  BY user_session;

CREATE TABLE state AS
SELECT 'hour' AS grain, hour AS key,
       conversion_rate(bought),
       cart_abandonment_rate(NOT bought) FILTER (WHERE carted),
       rate(carted)                                            AS with_cart,
       rate(carted) FILTER (WHERE viewed)                      AS view_to_cart,
       rate(bought) FILTER (WHERE carted)                      AS cart_to_purchase,
       average(revenue)                                        AS revenue
FROM   session
GROUP  BY hour;

INSERT INTO state
SELECT 'overall', 'all', rollup(conversion_rate), rollup(cart_abandonment_rate), rollup(with_cart),
       rollup(view_to_cart),
       rollup(cart_to_purchase), rollup(revenue)
FROM   state;

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   state, LATERAL (VALUES ('sessions',                       trials(conversion_rate)),
                              ('sessions_with_cart',             successes(with_cart)),
                              ('sessions_with_purchase',         successes(conversion_rate)),
                              ('conversion_rate',                value(conversion_rate)),
                              ('cart_abandonment_rate',          value(cart_abandonment_rate)),
                              ('funnel_view_to_cart',            value(view_to_cart)),
                              ('funnel_cart_to_purchase',        value(cart_to_purchase)),
                              ('revenue',                        total(revenue)),
                              ('revenue_per_purchasing_session', value(revenue)))
       AS kpi (kpi, answer);

-- The same as a funnel.  The reference values count the sessions that have both events, in whatever
-- order, and so does a funnel of events that are all at the same time.  By their own time it counts
-- as many here: in this file each session has a view, and where there is a cart, or a cart and a
-- purchase, one comes after the other.  That is not the conversion rate: 135 of the 200 sessions
-- that bought never had a cart, so in the funnel they end at the view.
CREATE TABLE step AS
SELECT hour, user_session, event_time::timestamptz AS at,
       array_position('{view,cart,purchase}', event_type) AS step
FROM   event
JOIN   session USING (user_session);

CREATE TABLE funnel_state AS
SELECT 'in the order of time' AS way, 'hour' AS grain, hour AS key,
       funnel(user_session::uuid, at, step, 3, NULL)
FROM   step
GROUP  BY hour
UNION ALL
SELECT 'session by session', 'hour', hour, funnel(depth, 3)
FROM   (SELECT hour, funnel_depth(at, step, NULL) AS depth
        FROM   step GROUP BY hour, user_session) AS session
GROUP  BY hour
UNION ALL
SELECT 'in any order', 'hour', hour, funnel(user_session, 'epoch', step, 3, '0')
FROM   step
GROUP  BY hour;

INSERT INTO funnel_state
SELECT way, 'overall', 'all', rollup(funnel)
FROM   funnel_state GROUP BY way;

INSERT INTO answer (way, kpi, grain, key, value)
SELECT way, kpi, grain, key, answer
FROM   funnel_state, LATERAL (VALUES ('sessions',                visitors(funnel)),
                                     ('funnel_view_to_cart',     value(step_rate(funnel, 2))),
                                     ('funnel_cart_to_purchase', value(step_rate(funnel, 3))))
       AS kpi (kpi, answer);

-- Events.
CREATE TABLE event_state AS
SELECT event_type, coalesce(split_part(category_code, '.', 1), '(null)') AS category,
       average(price::numeric) AS price
FROM   event
GROUP  BY 1, 2;

INSERT INTO answer
SELECT 'events_' || event_type, 'category1', category, sample_size(price) FROM event_state
UNION ALL
SELECT 'events', 'event_type', event_type, sample_size(rollup(price))
FROM   event_state GROUP BY event_type;

SELECT compare('rees46');
ROLLBACK;
