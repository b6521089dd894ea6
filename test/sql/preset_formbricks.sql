\set ECHO none
\i test/setup.psql
SELECT plan(10);

-- Formbricks 5: its tables, as its migrations leave them, with the columns that matter and some
-- that do not. Ids are words, to be read.
CREATE SCHEMA formbricks;
SET LOCAL search_path = formbricks, public, kpi;
\i test/presets/formbricks.psql

INSERT INTO "Workspace" (id, name) VALUES ('shop', 'Shop'), ('team', 'Team');
-- A survey as it is now, in blocks: a recommendation, satisfaction, a rating of 3, effort, a text.
-- One of before, in questions: a rating of 10, which is archived. One of employees.
INSERT INTO "Survey" (id, name, "workspaceId", blocks) VALUES
    ('after', 'After the purchase', 'shop', ARRAY[
        '{"id": "b1", "name": "Block 1", "elements": [
          {"id": "rec", "type": "nps", "headline": {"default": "<p>Recommend us?</p>", "de": "x"}},
          {"id": "sat", "type": "csat", "range": 5, "scale": "smiley"}]}',
        '{"id": "b2", "name": "Block 2", "elements": [
          {"id": "site", "type": "rating", "range": 3, "scale": "star"},
          {"id": "ease", "type": "ces", "range": 7, "scale": "number"},
          {"id": "why", "type": "openText"}]}']::jsonb[]),
    ('pulse', 'Quarterly eNPS', 'team', ARRAY[
        '{"id": "b1", "elements": [{"id": "work", "type": "nps"},
                                   {"id": "joy", "type": "rating", "range": 5}]}']::jsonb[]);
INSERT INTO "Survey" (id, name, questions, blocks, "archivedAt") VALUES
    ('old', 'Delivery', '[{"id": "del", "type": "rating", "range": 10}]', NULL, '2025-03-01');
INSERT INTO "Contact" (id, "workspaceId") VALUES ('c1', 'shop'), ('c2', 'shop'), ('c3', 'shop');
INSERT INTO "ContactAttributeKey" VALUES
    ('k1', 'email', 'Email', 'shop'), ('k2', 'userId', NULL, 'shop');
INSERT INTO "ContactAttribute" VALUES
    ('a1', 'k1', 'c1', 'Anna@Example.org '), ('a2', 'k2', 'c1', '7'), ('a3', 'k2', 'c2', '8');
INSERT INTO "Language" VALUES ('l1', 'en', 'shop'), ('l2', 'de', 'shop');
INSERT INTO "SurveyLanguage" VALUES ('l1', 'after', true), ('l2', 'after', false);

-- Seen on 15 March, in Berlin. In February:
--   r1  Anna on 31 January 23:30 UTC, which is 1 February there: 9, 5 of 5, 3 of 3, effort 7.
--   r2  Anna again on the 20th, in German: 3, and 2 of 5; as text.
--   r3  a contact without an address, who did not finish, but had said 10.
--   r4  nobody known, who skipped the recommendation, and gave 2 of 3; a question deleted since.
--   r5  somebody whose address was verified: 7.
--   r6  about a delivery: 9 of 10; r7 11 of what is 10 now, so it is left out, and so is r8, 0.
--   r9  an employee: 10, and 4 of 5; r10 another one: 8.
-- NPS: 9, 3, 10, 7: two promoters, one detractor of 4: 25. Of Anna the last one alone: 3, 10, 7:
-- one of each of 3: 0. Satisfied are 5 of 5, 3 of 3 and 9 of 10 (the two best), not 2 of 5 and 2 of
-- 3 (of three only the best): 3 of 5. eNPS: 10, 8: 50. Satisfied employees: 4 of 5: 1 of 1.
INSERT INTO "Response" (id, created_at, "surveyId", "contactId", finished, language, data,
                        "contactAttributes") VALUES
    ('r1', '2025-01-31 23:30', 'after', 'c1', true, 'default',
     '{"rec": 9, "sat": 5, "site": 3, "ease": 7, "why": "5"}', NULL),
    ('r2', '2025-02-20 09:00', 'after', 'c1', true, 'de', '{"rec": "3", "sat": "2"}', NULL),
    ('r3', '2025-02-21 09:00', 'after', 'c2', false, NULL, '{"rec": 10}', '{"userId": "8"}'),
    ('r4', '2025-02-21 10:00', 'after', NULL, true, NULL,
     '{"rec": "", "site": 2, "gone": 1, "sat": null}', NULL),
    ('r5', '2025-02-22 09:00', 'after', NULL, true, 'default',
     '{"rec": 7, "verifiedEmail": "Dora@example.org"}', NULL),
    ('r6', '2025-02-22 10:00', 'old', 'c3', true, NULL, '{"del": 9}',
     '{"email": "Carl@example.org"}'),
    ('r7', '2025-02-22 11:00', 'old', NULL, true, NULL, '{"del": 11}', NULL),
    ('r8', '2025-02-22 12:00', 'old', NULL, true, NULL, '{"del": 0}', NULL),
    ('r9', '2025-02-23 09:00', 'pulse', NULL, true, NULL, '{"work": 10, "joy": 4}', NULL),
    ('r10', '2025-02-23 10:00', 'pulse', NULL, true, NULL, '{"work": 8}', NULL);

SELECT results_eq($$SELECT shop, usable, sources FROM detect('formbricks')$$,
                  $$VALUES ('formbricks', true, '{surveys}'::text[])$$,
                  'the tables of Formbricks are recognised, and its source can be made of them');
SELECT FROM preset('formbricks', 'formbricks', 'model');
SELECT FROM build('model', 'Europe/Berlin', dimensions => '{language,survey,finished}',
                  as_of => '2025-03-15 12:00 UTC');
SELECT results_eq('SELECT answered_at, instrument, score, scale, respondent, survey, question,
                          workspace, language, finished
                   FROM   model.surveys WHERE instrument IN (''nps'', ''enps'')
                   ORDER  BY answered_at',
                  $$VALUES (timestamptz '2025-01-31 23:30 UTC', 'nps', 9, NULL::int,
                            'anna@example.org', 'After the purchase', 'Recommend us?', 'Shop', 'en',
                            'yes'),
                           ('2025-02-20 09:00 UTC', 'nps', 3, NULL, 'anna@example.org',
                            'After the purchase', 'Recommend us?', 'Shop', 'de', 'yes'),
                           ('2025-02-21 09:00 UTC', 'nps', 10, NULL, 'c2', 'After the purchase',
                            'Recommend us?', 'Shop', NULL, 'no'),
                           ('2025-02-22 09:00 UTC', 'nps', 7, NULL, 'dora@example.org',
                            'After the purchase', 'Recommend us?', 'Shop', 'en', 'yes'),
                           ('2025-02-23 09:00 UTC', 'enps', 10, NULL, NULL, 'Quarterly eNPS',
                            'work', 'Team', NULL, 'yes'),
                           ('2025-02-23 10:00 UTC', 'enps', 8, NULL, NULL, 'Quarterly eNPS',
                            'work', 'Team', NULL, 'yes')$$,
                  'recommendations, of customers and employees; a respondent is an address');
SELECT results_eq('SELECT answered_at, instrument, score, scale, respondent, question
                   FROM   model.surveys WHERE instrument IN (''csat'', ''esat'')
                   ORDER  BY answered_at, question',
                  $$VALUES (timestamptz '2025-01-31 23:30 UTC', 'csat', 5, 5, 'anna@example.org',
                            'sat'),
                           ('2025-01-31 23:30 UTC', 'csat', 3, 3, 'anna@example.org', 'site'),
                           ('2025-02-20 09:00 UTC', 'csat', 2, 5, 'anna@example.org', 'sat'),
                           ('2025-02-21 10:00 UTC', 'csat', 2, 3, NULL, 'site'),
                           ('2025-02-22 10:00 UTC', 'csat', 9, 10, 'carl@example.org', 'del'),
                           ('2025-02-23 09:00 UTC', 'esat', 4, 5, NULL, 'joy')$$,
                  'satisfaction and ratings, with their range; effort and texts are none');
SELECT results_eq('SELECT period, nps, csat, csat_sample::text, enps
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  $$VALUES (date '2025-02-01', 25.0::float8, 0.6::float8, '3/5', 50.0::float8)$$,
                  'all answers count, of unfinished responses too, each on its own scale');
SELECT results_eq('SELECT language, nps
                   FROM   model.kpi_month_by_language
                   WHERE  period = ''2025-02-01'' AND nps IS NOT NULL ORDER BY language',
                  $$VALUES ('(none)', 100.0::float8), ('de', -100), ('en', 50)$$,
                  'the language is a dimension, that of the survey where it was not changed');
SELECT results_eq('SELECT finished, nps
                   FROM   model.kpi_month_by_finished
                   WHERE  period = ''2025-02-01'' AND nps IS NOT NULL ORDER BY finished',
                  $$VALUES ('no', 100.0::float8), ('yes', 0)$$,
                  'whether the response was finished is a dimension');
SELECT FROM build('model', 'Europe/Berlin', answers => 'last of month',
                  as_of => '2025-03-15 12:00 UTC');
SELECT is(nps, 0::float8, 'of who answered again, the last answer of the month may count alone')
FROM   model.kpi_month WHERE period = '2025-02-01';
SELECT is_empty($$SELECT * FROM kpi.check('model') WHERE kind <> 'note'$$,
                'nothing is wrong with the answers');

-- Formbricks 2: persons instead of contacts, products with an environment for trying, questions
-- without blocks.
CREATE TABLE before AS
SELECT period, kpi, value
FROM   model.kpi_values WHERE grain = 'month' AND dimension IS NULL AND value IS NOT NULL;
DROP SCHEMA model CASCADE;
UPDATE "Survey" SET questions = (SELECT jsonb_agg(q)
                                 FROM   unnest(blocks) AS b, jsonb_array_elements(b -> 'elements')
                                        AS q)
WHERE  cardinality(blocks) > 0;
ALTER TABLE "Survey" DROP blocks;
ALTER TABLE "Workspace" RENAME TO "Product";
ALTER TABLE "Contact" RENAME TO "Person";
ALTER TABLE "Response" RENAME "contactId" TO "personId";
ALTER TABLE "Response" RENAME "contactAttributes" TO "personAttributes";
ALTER TABLE "ContactAttribute" RENAME TO "Attribute";
ALTER TABLE "Attribute" RENAME "contactId" TO "personId";
ALTER TABLE "Attribute" RENAME "attributeKeyId" TO "attributeClassId";
ALTER TABLE "ContactAttributeKey" RENAME TO "AttributeClass";
ALTER TABLE "AttributeClass" DROP name;
ALTER TABLE "AttributeClass" RENAME key TO name;
CREATE TYPE "EnvironmentType" AS ENUM ('production', 'development');
CREATE TABLE "Environment" (id text PRIMARY KEY, type "EnvironmentType", "productId" text);
INSERT INTO "Environment" VALUES
    ('shop1', 'production', 'shop'), ('shop2', 'development', 'shop'),
    ('team1', 'production', 'team');
ALTER TABLE "Survey" RENAME "workspaceId" TO "environmentId";
UPDATE "Survey" SET "environmentId" = "environmentId" || '1';
INSERT INTO "Survey" (id, name, "environmentId", questions) VALUES
    ('trial', 'Trial', 'shop2', '[{"id": "rec", "type": "nps"}]');
INSERT INTO "Response" (id, created_at, "surveyId", data) VALUES
    ('r11', '2025-02-20', 'trial', '{"rec": 0}');
SELECT FROM preset('formbricks', 'formbricks', 'model');
SELECT FROM build('model', 'Europe/Berlin', answers => 'last of month',
                  as_of => '2025-03-15 12:00 UTC');
SELECT set_eq('SELECT period, kpi, value
               FROM   model.kpi_values
               WHERE  grain = ''month'' AND dimension IS NULL AND value IS NOT NULL',
              'SELECT * FROM before',
              'under the names of Formbricks 2 the same answers give the same values; what was '
              'tried out is left out');
SELECT set_eq('SELECT DISTINCT survey, workspace FROM model.surveys',
              $$VALUES ('After the purchase', 'Shop'), ('Delivery', 'Shop'),
                       ('Quarterly eNPS', 'Team')$$,
              'a survey is of a product, by its environment');

SELECT * FROM finish();
ROLLBACK;
