\ir exit_survey.psql
\if :skip \quit \endif

CREATE TABLE state AS
SELECT 'region' AS grain, region AS key, question, csat(score)
FROM   reply
GROUP  BY region, question;

INSERT INTO state SELECT 'overall', 'all', question, rollup(csat) FROM state GROUP BY question;

INSERT INTO answer
SELECT 'favourable:' || question, grain, key, value(csat) FROM state
UNION ALL
SELECT 'mean:' || question, grain, key, mean(csat) FROM state;

SELECT compare('exit_survey');
ROLLBACK;
