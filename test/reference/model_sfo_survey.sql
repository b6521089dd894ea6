\ir setup.psql
\if :skip \quit \endif

CALL load('raw', 'sfo_survey/sfo_long.csv');

-- Other answers than these say that the question was not answered, or not read.  Of the date the
-- year will do.
CREATE SCHEMA airport;

CREATE VIEW airport.surveys AS
SELECT make_date(survey_year::int, 5, 1) AS answered_at, barea AS area, instrument,
       CASE WHEN answer ~ valid THEN answer::int END AS score,
       CASE WHEN instrument = 'csat' THEN weight::numeric END AS weight
FROM   raw, LATERAL (VALUES ('csat', q7all,  '^[1-5]$'),
                            ('nps',  netpro, '^([0-9]|10)$'))
       AS question (instrument, answer, valid);

SELECT FROM build('airport', 'America/Los_Angeles', dimensions => '{area,score}',
                  as_of => '2018-01-01 00:00-08');

INSERT INTO answer
SELECT kpi, grain, key, answer
FROM   (SELECT 'year' AS grain, to_char(period, 'YYYY') AS key, csat, csat_mean_sample,
               csat_mean_weighted_sample, nps, nps_sample
        FROM   airport.kpi_year
        UNION ALL
        SELECT 'year_area', to_char(period, 'YYYY/') || area, csat, csat_mean_sample,
               csat_mean_weighted_sample, nps, nps_sample
        FROM   airport.kpi_year_by_area WHERE area <> '(none)') AS state,
       LATERAL (VALUES ('csat_top2',           csat),
                       ('csat_mean',           value(csat_mean_sample)),
                       ('csat_mean_weighted',  value(csat_mean_weighted_sample)),
                       ('nps',                 nps),
                       ('nps_promoter_share',
                        value(make_rate(promoters(nps_sample),  responses(nps_sample)))),
                       ('nps_detractor_share',
                        value(make_rate(detractors(nps_sample), responses(nps_sample)))))
       AS kpi (kpi, answer)
UNION ALL
SELECT 'nps_answers', 'year_score', to_char(period, 'YYYY/') || lpad(score, 2, '0'),
       responses(nps_sample)
FROM   airport.kpi_year_by_score
WHERE  nps IS NOT NULL;

SELECT compare('sfo_survey', 'airport');
ROLLBACK;
