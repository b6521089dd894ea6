\ir exit_survey.psql
\if :skip \quit \endif

-- Who does not state when they left is taken to have answered last of all. One dimension is the
-- question, the other the question in a region.
CREATE SCHEMA staff;

CREATE VIEW staff.surveys AS
SELECT coalesce(make_date(substring(cease_date FROM '\d{4}$')::int,
                          coalesce(substring(cease_date FROM '^(\d\d)/')::int, 1), 1),
                '2014-09-30') AS answered_at,
       CASE WHEN question IN ('communication', 'information', 'kept_informed') THEN 'communication'
            ELSE 'esat' END AS instrument,
       score, question, question || ' in ' || region AS question_in_region
FROM   reply;

SELECT FROM build('staff', 'Australia/Brisbane', dimensions => '{question,question_in_region}',
                  as_of => '2015-01-01 00:00+10');

CREATE TABLE state AS
SELECT 'overall' AS grain, 'all' AS key, question, rollup(esat_sample) AS esat,
       rollup(esat_mean_sample) AS esat_mean,
       rollup(communication_sample) AS communication,
       rollup(communication_mean_sample) AS communication_mean
FROM   staff.kpi_year_by_question
GROUP  BY question
UNION ALL
SELECT 'region', split_part(question_in_region, ' in ', 2),
       split_part(question_in_region, ' in ', 1), rollup(esat_sample), rollup(esat_mean_sample),
       rollup(communication_sample), rollup(communication_mean_sample)
FROM   staff.kpi_year_by_question_in_region
GROUP  BY question_in_region;

INSERT INTO answer
SELECT 'favourable:' || question, grain, key, coalesce(value(esat), value(communication)) FROM state
UNION ALL
SELECT 'mean:' || question, grain, key, coalesce(value(esat_mean), value(communication_mean))
FROM   state;

SELECT compare('exit_survey', 'staff');
ROLLBACK;
