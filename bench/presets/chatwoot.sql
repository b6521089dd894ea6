-- Chatwoot with :n conversations in two years until now, in the tables of its test: four messages
-- each, most of them resolved, one of ten opened again, one of five answered how satisfied they
-- were.

INSERT INTO accounts (id, name) VALUES (1, 'Shop'), (2, 'Other');
INSERT INTO inboxes (id, channel_id, account_id, name, channel_type)
SELECT i, i, 1 + i % 2, 'Inbox ' || i, 'Channel::Email' FROM generate_series(1, 10) AS i;
INSERT INTO teams (id, name, account_id)
SELECT i, 'team ' || i, 1 + i % 2 FROM generate_series(1, 5) AS i;
INSERT INTO contacts (id, email, account_id)
SELECT i, 'c' || i || '@example.org', 1 + i % 2 FROM generate_series(1, 1 + :n / 3) AS i;
INSERT INTO sla_policies (id, name, first_response_time_threshold, resolution_time_threshold,
                          account_id) VALUES (1, 'clock', 14400, 86400, 1);

CREATE TEMPORARY TABLE asked AS
SELECT i, localtimestamp - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO conversations (id, account_id, inbox_id, status, created_at, contact_id, display_id,
                           last_activity_at, team_id, sla_policy_id)
SELECT i, 1 + i % 2, 1 + i % 10, CASE WHEN i % 50 = 7 THEN 0 ELSE 1 END, at,
       1 + i * 7919::bigint % (:n / 3), i, at + interval '1 day', 1 + i % 5,
       CASE WHEN i % 4 = 0 THEN 1 END
FROM   asked;
INSERT INTO messages (conversation_id, message_type, created_at, sender_type)
SELECT i, m.type, at + m.after, m.sender
FROM   asked
       CROSS JOIN (VALUES (0, interval '0', 'Contact'), (1, '1 minute', 'AgentBot'),
                          (1, '2 hours', 'User'), (0, '1 day', 'Contact'))
                  AS m (type, after, sender)
WHERE  at + m.after < localtimestamp;
INSERT INTO reporting_events (name, conversation_id, event_end_time, created_at)
SELECT e.name, i, at + e.after, at + e.after
FROM   asked
       CROSS JOIN (VALUES ('first_response', interval '2 hours', 1),
                          ('conversation_resolved', '4 hours', 1),
                          ('conversation_opened', '1 day', 10),
                          ('conversation_resolved', '2 days', 10)) AS e (name, after, of)
WHERE  i % 50 <> 7 AND i % e.of = 0 AND at + e.after < localtimestamp;
INSERT INTO csat_survey_responses (account_id, conversation_id, message_id, rating, contact_id,
                                   created_at)
SELECT 1 + i % 2, i, i, 1 + i % 5, 1 + i * 7919::bigint % (:n / 3), at + interval '5 hours'
FROM   asked WHERE i % 5 = 0;
DROP TABLE asked;

-- What changes: conversations of the last weeks are resolved once more.
PREPARE change AS
INSERT INTO reporting_events (name, conversation_id, event_end_time, created_at)
SELECT 'conversation_resolved', id, localtimestamp, localtimestamp
FROM   conversations WHERE id > :n * 0.9 AND id % 100 = 0;
