\ir setup.psql
\if :skip \quit \endif

CALL load('session', 'online_shoppers/online_shoppers_intention.csv', ';');

CREATE TABLE state AS
SELECT grain, key, conversion_rate(revenue::boolean)
FROM   session,
       LATERAL (VALUES ('month', month), ('visitor_type', visitortype),
                       ('weekend', lower(weekend))) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO state SELECT 'overall', 'all', rollup(conversion_rate) FROM state WHERE grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   state, LATERAL (VALUES ('conversion_rate', value(conversion_rate)),
                              ('sessions',        sample_size(conversion_rate)))
       AS kpi (kpi, answer);

SELECT compare('online_shoppers');
ROLLBACK;
