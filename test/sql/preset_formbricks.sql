\set ECHO none
\i test/setup.psql
SELECT plan(12);

\i test/presets/formbricks_rows.psql

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

\set shop formbricks
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
