-- Formbricks with :n responses to ten surveys in two years until now, in the tables of its test:
-- two answers each, half of them of known contacts.

INSERT INTO "Workspace" (id, name) VALUES ('shop', 'Shop');
INSERT INTO "Language" (id, code, "workspaceId") VALUES ('en', 'en', 'shop');
INSERT INTO "Survey" (id, name, blocks)
SELECT 'survey' || i, 'Survey ' || i,
       ARRAY['{"elements": [{"id": "rec", "type": "nps"},
                            {"id": "sat", "type": "rating", "range": 5}]}'::jsonb]
FROM   generate_series(1, 10) AS i;
INSERT INTO "SurveyLanguage" ("languageId", "surveyId", "default")
SELECT 'en', id, true FROM "Survey";
INSERT INTO "ContactAttributeKey" (id, key, "workspaceId") VALUES ('mail', 'email', 'shop');
INSERT INTO "Contact" (id, "workspaceId")
SELECT 'c' || i, 'shop' FROM generate_series(0, :n / 3) AS i;
INSERT INTO "ContactAttribute" (id, "attributeKeyId", "contactId", value)
SELECT 'a' || id, 'mail', id, id || '@example.org' FROM "Contact";
INSERT INTO "Response" (id, created_at, updated_at, "surveyId", "contactId", data, language)
SELECT 'r' || i, at, at, 'survey' || 1 + i % 10,
       CASE WHEN i % 2 = 0 THEN 'c' || i * 7919::bigint % (:n / 3) END,
       jsonb_build_object('rec', i % 11, 'sat', 1 + i % 5), 'default'
FROM   generate_series(1, :n) AS i
       CROSS JOIN LATERAL (SELECT now() - interval '730 days' * (:n - i) / :n) AS p (at);

-- What changes: responses of the last weeks are given other answers.
PREPARE change AS
UPDATE "Response"
SET    data = jsonb_build_object('rec', ((data ->> 'rec')::integer + 1) % 11, 'sat', 3),
       updated_at = now()
WHERE  id IN (SELECT 'r' || i FROM generate_series(:n * 9 / 10, :n) AS i WHERE i % 100 = 0);
