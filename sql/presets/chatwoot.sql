-- Chatwoot, as its schema was on 23 September 2024 and on 16 August 2025 (versions 3 and 4), and
-- with fewer tables: Rails tables
--
-- Times are UTC without a zone. A conversation is a request from the first message of the customer
-- on: agents and campaigns begin conversations too. Messages are 0 of the customer, 1 of the shop,
-- 2 what happened, 3 a greeting or a survey; a person answers where one of the shop is no private
-- note, of a user, or echoed from the telephone of one, and not sent by an automation or a
-- campaign; their marks are looked for as text, as they have been stored as text in a JSON string.
-- All accounts of an installation lie in one database; id numbers the conversations of all of them,
-- display_id, which agents see, those of one.

--@ shop Chatwoot

--@ table conversations
id                              key, required
account_id                      key, required
inbox_id                        key, required
contact_id                      key
team_id                         key
sla_policy_id                   key
status                          integer, required
last_activity_at                timestamptz, required

--@ table messages
conversation_id                 key, required
message_type                    integer, required
private                         boolean, required
sender_type                     text, required
created_at                      timestamptz, required
content_attributes              text
additional_attributes           jsonb

--@ optional reporting_events
conversation_id                 key, required
name                            text, required
event_end_time                  timestamptz
created_at                      timestamptz, required

--@ optional sla_policies
id                              key, required
first_response_time_threshold   float8, required
resolution_time_threshold       float8
only_during_business_hours      boolean

--@ table csat_survey_responses
id                              key, required
conversation_id                 key, required
contact_id                      key, required
rating                          integer, required
created_at                      timestamptz, required

--@ optional contacts
id                              key, required
email                           text
blocked                         boolean

--@ optional accounts
id                              key, required
name                            text, required

--@ optional inboxes
id                              key, required
name                            text, required
channel_type                    text

--@ optional teams
id                              key, required
name                            text, required

--@ part asked
-- Conversations in which a customer wrote, and whether a bot wrote too.
SELECT c.*, m.asked_at, m.bot
FROM   @conversations@ AS c
       CROSS JOIN LATERAL (
           SELECT min(m.created_at) FILTER (WHERE m.message_type = 0) AS asked_at,
                  bool_or(m.message_type = 1 AND m.sender_type NOT IN ('User', 'Contact')) AS bot
           FROM   @messages@ AS m
           WHERE  m.conversation_id = c.id) AS m
WHERE  m.asked_at IS NOT NULL

--@ part resolutions
-- When conversations were resolved, each time, and since when they were open again: by the event,
-- or where there are no such events by the next message of the customer.
SELECT r.conversation_id, r.resolved_at, r.next_at, least(e.opened_at, m.written_at) AS reopened_at
FROM   (SELECT e.conversation_id, e.resolved_at,
               lead(e.resolved_at) OVER (PARTITION BY e.conversation_id
                                         ORDER BY e.resolved_at) AS next_at
        FROM   (SELECT DISTINCT e.conversation_id,
                                coalesce(e.event_end_time, e.created_at) AS resolved_at
                FROM   @reporting_events@ AS e
                WHERE  e.name = 'conversation_resolved') AS e) AS r
       CROSS JOIN LATERAL (
           SELECT min(coalesce(e.event_end_time, e.created_at)) AS opened_at
           FROM   @reporting_events@ AS e
           WHERE  e.conversation_id = r.conversation_id AND e.name = 'conversation_opened'
           AND    coalesce(e.event_end_time, e.created_at) > r.resolved_at
           AND    coalesce(e.event_end_time, e.created_at) < r.next_at IS NOT FALSE) AS e
       CROSS JOIN LATERAL (
           SELECT min(m.created_at) AS written_at
           FROM   @messages@ AS m
           WHERE  m.conversation_id = r.conversation_id AND m.message_type = 0
           AND    m.created_at > r.resolved_at
           AND    m.created_at < r.next_at IS NOT FALSE) AS m

--@ source tickets
-- Conversations in which a customer wrote, without those that a bot dealt with alone, or has not
-- handed over yet, and those of blocked contacts that nobody answered. The time from when one was
-- resolved until it was open again is on hold. Promises are made from when the customer wrote.
SELECT c.id                                                           AS ticket_id,
       c.asked_at                                                     AS opened_at,
       h.replied_at                                                   AS first_reply_at,
       CASE WHEN c.status = 1
            THEN coalesce(r.resolved_at, c.last_activity_at) END      AS resolved_at,
       r.paused,
       coalesce(r.reopened, 0)                                        AS reopened,
       CASE WHEN p.only_during_business_hours IS NOT TRUE                    --@ if sla_policies
            THEN c.asked_at + p.first_response_time_threshold                --@ if sla_policies
                              * interval '1 second' END AS reply_due_at,     --@ if sla_policies
       CASE WHEN p.only_during_business_hours IS NOT TRUE                    --@ if sla_policies
            THEN c.asked_at + p.resolution_time_threshold                    --@ if sla_policies
                              * interval '1 second' END AS resolve_due_at,   --@ if sla_policies
       a.name                                                         AS account,
       i.name                                                         AS inbox,
       i.channel_type                                                 AS channel,
       t.name                                                         AS team
FROM   @asked@ AS c
       LEFT JOIN @contacts@ AS x ON x.id = c.contact_id
       LEFT JOIN @accounts@ AS a ON a.id = c.account_id
       LEFT JOIN @inboxes@ AS i ON i.id = c.inbox_id
       LEFT JOIN @teams@ AS t ON t.id = c.team_id
       LEFT JOIN @sla_policies@ AS p ON p.id = c.sla_policy_id
       CROSS JOIN LATERAL (
           SELECT min(m.created_at) AS replied_at
           FROM   @messages@ AS m
           WHERE  m.conversation_id = c.id AND m.message_type = 1 AND NOT m.private
           AND    m.created_at >= c.asked_at
           AND    (m.sender_type = 'User' OR m.content_attributes LIKE '%external_echo%')
           AND    m.content_attributes LIKE '%automation_rule_id%' IS NOT TRUE
           AND    m.additional_attributes ->> 'campaign_id' IS NULL) AS h
       CROSS JOIN LATERAL (
           SELECT max(r.resolved_at) AS resolved_at,
                  range_agg(tstzrange(r.resolved_at, r.reopened_at))
                      FILTER (WHERE r.reopened_at IS NOT NULL
                              AND (r.next_at IS NOT NULL OR c.status <> 1)) AS paused,
                  count(*) FILTER (WHERE r.reopened_at IS NOT NULL
                                   AND (r.next_at IS NOT NULL OR c.status <> 1)) AS reopened
           FROM   @resolutions@ AS r
           WHERE  r.conversation_id = c.id AND r.resolved_at >= c.asked_at) AS r
WHERE  h.replied_at IS NOT NULL
OR     x.blocked IS NOT TRUE
       AND (c.bot IS NOT TRUE OR c.status NOT IN (1, 2)
            OR EXISTS (SELECT FROM @reporting_events@ AS e
                       WHERE  e.conversation_id = c.id AND e.name = 'conversation_bot_handoff'))

--@ source surveys
-- Answers of customers, 1 to 5, to how satisfied they were with a conversation.
SELECT r.created_at                                                       AS answered_at,
       'csat'                                                             AS instrument,
       r.rating                                                           AS score,
       coalesce(nullif(lower(trim(x.email)), ''), r.contact_id::text)     AS respondent,
       a.name                                                             AS account,
       i.name                                                             AS inbox,
       i.channel_type                                                     AS channel,
       t.name                                                             AS team,
       r.id                                                               AS answer_id
FROM   @csat_survey_responses@ AS r
       LEFT JOIN @conversations@ AS c ON c.id = r.conversation_id
       LEFT JOIN @contacts@ AS x ON x.id = r.contact_id
       LEFT JOIN @accounts@ AS a ON a.id = c.account_id
       LEFT JOIN @inboxes@ AS i ON i.id = c.inbox_id
       LEFT JOIN @teams@ AS t ON t.id = c.team_id

--@ lacks promises in business hours
-- when they are due is not kept; add reply_due_at and resolve_due_at where it is known

--@ lacks time snoozed
-- only until when a conversation is snoozed now is kept, so it counts as time that passed

--@ lacks requests of one conversation
-- an inbox that keeps each customer in one conversation makes one ticket of all its requests,
-- opened again for each

--@ lacks NPS
-- its survey asks for satisfaction from 1 to 5; add to surveys what was asked elsewhere
