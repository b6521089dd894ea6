\ir setup.psql
\if :skip \quit \endif

CALL load('lead', 'olist_funnel/olist_marketing_qualified_leads_dataset.csv');
CALL load('deal', 'olist_funnel/olist_closed_deals_dataset.csv');

CREATE TABLE state AS
SELECT grain, key,
       conversion_rate(won_on IS NOT NULL),
       duration(contacted_on, won_on) AS to_close
FROM   lead LEFT JOIN deal USING (mql_id),
       LATERAL (VALUES (to_date(first_contact_date, 'DD-MM-YYYY')::timestamp,
                        won_date::timestamp)) AS at (contacted_on, won_on),
       LATERAL (VALUES ('month',  to_char(bucket('month', contacted_on), 'YYYY-MM')),
                       ('origin', coalesce(origin, '(null)'))) AS by (grain, key)
GROUP  BY grain, key;

INSERT INTO state
SELECT 'overall', 'all', rollup(conversion_rate), rollup(to_close)
FROM   state WHERE grain = 'month';

INSERT INTO answer
SELECT kpi, grain, key, answer, tolerance
FROM   state, LATERAL (VALUES ('lead_conversion_rate', value(conversion_rate),  1e-9),
                              ('days_to_close_mean',   days(value(to_close)),   1e-9),
                              ('days_to_close_median', days(median(to_close)), within(to_close)))
       AS kpi (kpi, answer, tolerance);

SELECT compare('olist_funnel');
ROLLBACK;
