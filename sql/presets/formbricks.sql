-- Formbricks 2 to 5: surveys and their answers, in the tables of its prisma migrations
--
-- Read at the migration of 21 August 2026, with the names that were before, from Person to Contact
-- and from Product over Project to Workspace. Times are UTC without a zone. The answers of a
-- response are a JSON by the id of the question, whose type and range are in that of the survey: in
-- blocks, or, before they were, in questions. Responses are there from the first answer on,
-- finished or not; what is deleted is gone. Until 2026 each project has an environment for trying.

--@ shop Formbricks

--@ table Response
id                              key, required
created_at                      timestamptz, required
surveyId                        key, required
data                            jsonb, required
finished                        boolean
language                        text
contactId|personId              key
contactAttributes|personAttributes jsonb

--@ table Survey
id                              key, required
name                            text, required
questions                       jsonb, required
blocks                          jsonb[]
workspaceId                     key
environmentId                   key

--@ optional Environment
id                              key, required
type                            text, required
workspaceId|projectId|productId key

--@ optional Workspace|Project|Product
id                              key, required
name                            text, required

--@ optional ContactAttribute|Attribute
contactId|personId              key, required
attributeKeyId|attributeClassId key, required
value                           text, required

--@ optional ContactAttributeKey|AttributeClass
id                              key, required
key|name                        text, required

--@ optional SurveyLanguage
surveyId                        key, required
languageId                      key, required
default                         boolean, required

--@ optional Language
id                              key, required
code                            text, required

--@ part asked
-- The questions of surveys that have a number as an answer, but for those tried out; effort is
-- neither satisfaction nor recommendation. Employees are known by the name of the survey alone.
SELECT s.id AS survey_id, s.name AS survey, w.name AS workspace, q.question ->> 'id' AS question_id,
       coalesce(nullif(trim(regexp_replace(q.question -> 'headline' ->> 'default', '<[^>]*>', '',
                                           'g')), ''), q.question ->> 'id') AS question,
       CASE WHEN q.question ->> 'type' = 'nps'
            THEN CASE WHEN e.employees THEN 'enps' ELSE 'nps' END
            ELSE CASE WHEN e.employees THEN 'esat' ELSE 'csat' END END AS instrument,
       CASE WHEN q.question ->> 'type' = 'nps' THEN 0 ELSE 1 END AS lowest,
       CASE WHEN q.question ->> 'type' = 'nps' THEN 10
            WHEN q.question ->> 'range' ~ '^\d{1,2}$' THEN (q.question ->> 'range')::integer
            ELSE 5 END AS highest
FROM   @Survey@ AS s
       LEFT JOIN @Environment@ AS n ON n.id = s."environmentId"
       LEFT JOIN @Workspace@ AS w ON w.id = coalesce(s."workspaceId", n."workspaceId")
       CROSS JOIN LATERAL (
           SELECT q.value AS question
           FROM   jsonb_array_elements(CASE jsonb_typeof(s.questions) WHEN 'array'
                                       THEN s.questions ELSE '[]' END) AS q (value)
           UNION ALL
           SELECT q.value
           FROM   unnest(s.blocks) AS b (block)
                  CROSS JOIN LATERAL jsonb_array_elements(
                      CASE jsonb_typeof(b.block -> 'elements') WHEN 'array'
                      THEN b.block -> 'elements' ELSE '[]' END) AS q (value)) AS q
       CROSS JOIN LATERAL (
           SELECT s.name ~* '(^|[^[:alpha:]])e-?(nps|sat)([^[:alpha:]]|$)|employee' AS employees)
           AS e
WHERE  n.type IS DISTINCT FROM 'development'
AND    q.question ->> 'type' IN ('nps', 'csat', 'rating')

--@ part addresses
SELECT a."contactId" AS contact_id, max(lower(trim(a.value))) AS email
FROM   @ContactAttribute@ AS a
       JOIN @ContactAttributeKey@ AS k ON k.id = a."attributeKeyId"
WHERE  k.key = 'email' AND trim(a.value) <> ''
GROUP  BY a."contactId"

--@ source surveys
-- Answers to questions of NPS, and of satisfaction and ratings as csat with their range, of
-- responses finished or not; a respondent is an e-mail address where one is known, else a contact.
SELECT r.created_at                                        AS answered_at,
       q.instrument,
       a.score,
       CASE WHEN q.lowest = 1 THEN q.highest END           AS scale,
       coalesce(c.email,
                lower(nullif(trim(r."contactAttributes" ->> 'email'), '')),
                lower(nullif(trim(r.data ->> 'verifiedEmail'), '')),
                r."contactId"::text)                       AS respondent,
       q.survey,
       q.question,
       q.workspace,
       CASE WHEN r.language = 'default' THEN coalesce(l.code, r.language)
            ELSE r.language END                            AS language,
       CASE WHEN r.finished THEN 'yes' ELSE 'no' END       AS finished,
       r.id                                                AS answer_id
FROM   @Response@ AS r
       JOIN @asked@ AS q ON q.survey_id = r."surveyId"
       LEFT JOIN @addresses@ AS c ON c.contact_id = r."contactId"
       LEFT JOIN (SELECT s."surveyId" AS survey_id, max(l.code) AS code
                  FROM   @SurveyLanguage@ AS s
                         JOIN @Language@ AS l ON l.id = s."languageId"
                  WHERE  s."default"
                  GROUP  BY s."surveyId") AS l ON l.survey_id = r."surveyId"
       CROSS JOIN LATERAL (
           SELECT CASE WHEN r.data ->> q.question_id ~ '^\d{1,2}$'
                       THEN (r.data ->> q.question_id)::integer END AS score) AS a
-- a question may have had a wider range
WHERE  a.score BETWEEN q.lowest AND q.highest

--@ lacks employees
-- a survey is one of employees if its name says eNPS, eSAT or employee; all others are of customers

--@ lacks questions that were changed
-- what was answered to a question taken out of its survey since, or beyond the range that it has
-- now, is not counted, as nothing says what it was

--@ lacks other scores
-- effort (CES), and answers that are no numbers, are no indicator; ratings count as satisfaction,
-- whatever they are of: leave some out in a view of your own, by the columns survey and question

--@ lacks who did not answer
-- how many were asked is no part of surveys
