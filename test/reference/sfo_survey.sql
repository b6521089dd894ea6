\ir setup.psql
\if :skip \quit \endif

CALL load('raw', 'sfo_survey/sfo_long.csv');

-- Other answers than these say that the question was not answered, or not read.
CREATE TABLE response AS
SELECT survey_year AS year, barea AS area,
       CASE WHEN q7all ~ '^[1-5]$' THEN q7all::int END          AS satisfaction,
       CASE WHEN netpro ~ '^([0-9]|10)$' THEN netpro::int END   AS recommendation
FROM   raw;

CREATE TABLE state AS
SELECT year, area, csat(satisfaction), nps(recommendation)
FROM   response
GROUP  BY year, area;

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'year_area' AS grain, year || '/' || area AS key, csat, nps
        FROM   state WHERE area IS NOT NULL
        UNION ALL
        SELECT 'year', year, rollup(csat), rollup(nps) FROM state GROUP BY year) AS state,
       LATERAL (VALUES ('csat_mean',           mean(csat)),
                       ('csat_top2',           value(csat)),
                       ('nps',                 value(nps)),
                       ('nps_promoter_share',  value(make_rate(promoters(nps),  responses(nps)))),
                       ('nps_detractor_share',
                        value(make_rate(detractors(nps), responses(nps))))) AS kpi (kpi, answer)
UNION ALL
SELECT 'nps_answers', 'year_score', year || '/' || to_char(recommendation, 'FM00'),
       responses(nps(recommendation))
FROM   response
WHERE  recommendation IS NOT NULL
GROUP  BY year, recommendation;

INSERT INTO unanswered VALUES ('csat_mean_weighted', NULL, NULL, 'weighted means have no type');

SELECT compare('sfo_survey');
ROLLBACK;
