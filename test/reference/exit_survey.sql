\ir setup.psql
\if :skip \quit \endif

CALL load('response', 'exit_surveys/dete_survey.csv');

-- From strongly disagree to strongly agree; M, N/A and blank are no answer.
CREATE TABLE state AS
SELECT 'region' AS grain, region AS key, question, csat(array_position('{SD,D,N,A,SA}', answer))
FROM   response, LATERAL (VALUES ('communication',    communication),
                                 ('feedback',         feedback),
                                 ('information',      information),
                                 ('kept_informed',    kept_informed),
                                 ('my_say',           my_say),
                                 ('staff_morale',     staff_morale),
                                 ('supervisor',       performance_of_supervisor),
                                 ('worklife_balance', worklife_balance)) AS answer (question, answer)
GROUP  BY region, question;

INSERT INTO state SELECT 'overall', 'all', question, rollup(csat) FROM state GROUP BY question;

INSERT INTO answer
SELECT 'favourable:' || question, grain, key, value(csat) FROM state
UNION ALL
SELECT 'mean:' || question, grain, key, mean(csat) FROM state;

SELECT compare('exit_survey');
ROLLBACK;
