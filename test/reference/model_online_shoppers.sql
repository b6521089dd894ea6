\ir setup.psql
\if :skip \quit \endif

CALL load('session', 'online_shoppers/online_shoppers_intention.csv', ';');

-- Of the time of a session nothing but the month is known, and of the year that it is one.
CREATE SCHEMA shop;

CREATE VIEW shop.visits AS
SELECT row_number() OVER () AS visit_id,
       to_date('2017 ' || left(month, 3), 'YYYY Mon') AS started_at, revenue::boolean AS converted,
       month, visitortype AS visitor_type, lower(weekend) AS weekend
FROM   session;

SELECT FROM build('shop', 'UTC', dimensions => '{month,visitor_type,weekend}',
                  as_of => '2018-01-01 00:00Z');

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'month' AS grain, month AS key, visits, conversion_rate
        FROM   shop.kpi_year_by_month WHERE complete
        UNION ALL
        SELECT 'visitor_type', visitor_type, visits, conversion_rate
        FROM   shop.kpi_year_by_visitor_type WHERE complete
        UNION ALL
        SELECT 'weekend', weekend, visits, conversion_rate
        FROM   shop.kpi_year_by_weekend WHERE complete
        UNION ALL
        SELECT 'overall', 'all', visits, conversion_rate
        FROM   shop.kpi_year WHERE complete) AS state,
       LATERAL (VALUES ('sessions',        visits),
                       ('conversion_rate', conversion_rate)) AS kpi (kpi, answer);


SELECT compare('online_shoppers', 'shop');
ROLLBACK;
