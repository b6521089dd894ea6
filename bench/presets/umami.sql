-- Umami with :n visits of four websites in two years until now, in the tables of its test: three
-- pages each, one of three with something put in the cart, one of ten with an order.

INSERT INTO website (website_id, name, domain)
SELECT id(i), 'Shop ' || i, 'shop' || i || '.example' FROM generate_series(1, 4) AS i;

CREATE TEMPORARY TABLE came AS
SELECT i, id(1 + i % 4) AS website_id, id(i - (i % 10 = 0)::integer) AS session_id,
       now() - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO session (session_id, website_id, browser, os, device, language, country, created_at)
SELECT session_id, min(website_id::text)::uuid, 'chrome', 'Windows 10',
       (ARRAY['laptop', 'mobile'])[1 + min(i) % 2], 'de-DE',
       (ARRAY['DE', 'AT', 'FR'])[1 + min(i) % 3], min(at)
FROM   came GROUP BY session_id;
INSERT INTO session_data (session_data_id, website_id, session_id, data_key, string_value,
                          data_type, distinct_id)
SELECT gen_random_uuid(), website_id, session_id, 'name', 'C', 1, 'c' || i % 1000 || '@example.org'
FROM   came WHERE i % 5 = 0;
INSERT INTO website_event (event_id, website_id, session_id, visit_id, created_at, url_path,
                           event_type, event_name, referrer_domain)
SELECT id(6 * i + e.n), website_id, session_id, id(i), at + e.n * interval '1 minute',
       '/page' || e.n, CASE WHEN e.name IS NULL THEN 1 ELSE 2 END, e.name, 'search.example'
FROM   came
       CROSS JOIN (VALUES (0, NULL, 1), (1, NULL, 1), (2, NULL, 1), (3, 'add-to-cart', 3),
                          (4, 'checkout', 5), (5, 'purchase', 10)) AS e (n, name, of)
WHERE  i % e.of = 0;
INSERT INTO revenue (revenue_id, website_id, session_id, event_id, event_name, currency, revenue,
                     created_at)
SELECT gen_random_uuid(), website_id, session_id, id(6 * i + 5), 'purchase', 'EUR', 20, at
FROM   came WHERE i % 10 = 0;
DROP TABLE came;

-- What changes: in visits of the last weeks another page is seen.
PREPARE change AS
INSERT INTO website_event (event_id, website_id, session_id, visit_id, created_at)
SELECT gen_random_uuid(), website_id, session_id, visit_id, now()
FROM   website_event
WHERE  event_id IN (SELECT id(6 * i) FROM generate_series(:n * 9 / 10, :n) AS i WHERE i % 100 = 0);
