\set ECHO none
\i test/setup.psql
SELECT plan(12);

-- Chatwoot 4.5: its tables, as db/schema.rb has them, with the columns that matter and some that do
-- not.
CREATE SCHEMA chatwoot;
SET LOCAL search_path = chatwoot, public, kpi;
\i test/presets/chatwoot.psql

INSERT INTO accounts (id, name) VALUES (1, 'Shirts'), (2, 'Mugs');
INSERT INTO inboxes (id, channel_id, account_id, name, channel_type) VALUES
    (1, 1, 1, 'Site', 'Channel::WebWidget'), (2, 1, 2, 'Mail', 'Channel::Email');
INSERT INTO teams (id, name, account_id) VALUES (1, 'returns', 1);
-- Anna writes to both accounts; Dora is blocked, Eva has no address.
INSERT INTO contacts (id, email, account_id, blocked) VALUES
    (1, 'anna@example.org', 1, false), (2, 'Anna@Example.org ', 2, false),
    (3, 'dora@example.org', 2, true), (4, NULL, 1, false);
INSERT INTO sla_policies (id, name, first_response_time_threshold, resolution_time_threshold,
                          only_during_business_hours, account_id) VALUES
    (1, 'clock', 14400, 86400, false, 1), (2, 'hours', 14400, 86400, true, 1);

-- Business hours are 9 to 17 o'clock from Monday to Friday in Berlin, 8 to 16 UTC. 3 February
-- 2025 is a Monday. Seven are requests, 1, 2, 4, 6, 8, 10 and 11:
--   1  Monday 8:00 UTC. A bot, a greeting, a private note and an automation are no answers: a
--      person answers at 10:00, after 2 hours. Resolved at 12:00, open again on Wednesday at 8:00
--      by a message, resolved at 9:00: 4 + 1 hours. Promised within 4 hours, kept, and solved
--      within 24, missed.
--   2  Friday the 7th, 15:00, answered on Monday the 10th at 9:00: 1 + 1 hours, 66 by the clock.
--      Open. Its promise is in business hours.
--   3  a bot alone, answered and resolved: no request that reached anybody.
--   4  Wednesday the 12th, 10:00, that nobody answered: both promises missed.
--   5  begun by an agent, the customer never wrote.
--   6  begun by a campaign on the 13th, the customer wrote on Friday the 14th at 9:00, an
--      automation at 9:30, a person at 10:00: 1 hour; resolved at 11:00: 2. Both promises kept.
--   7  of a blocked contact, resolved at once.
--   8  Monday the 17th, 8:00, handed over by a bot; resolved at 9:00 without an answer: 1 hour.
--   9  with a bot, which has not handed it over.
--   10 Tuesday the 18th, 8:00, answered from the telephone at 8:30: half an hour; resolved before
--      there were events: by its last activity, 9:00, 1 hour.
--   11 Wednesday the 19th, 8:00, answered at 9:00: 1 hour; resolved at 10:00 and opened again by an
--      agent at 12:00, which only an event tells. It was snoozed since. Open.
-- Answered are 2 + 2 + 1 + 0.5 + 1 = 6.5 hours of 5, resolved 5 + 2 + 1 + 1 = 9 of 4.
INSERT INTO conversations (id, account_id, inbox_id, status, created_at, contact_id, display_id,
                           last_activity_at, team_id, sla_policy_id) VALUES
    (1, 1, 1, 1, '2025-02-03 08:00', 1, 1, '2025-02-06 10:00', 1, 1),
    (2, 1, 1, 0, '2025-02-07 15:00', 1, 2, '2025-02-10 09:00', NULL, 2),
    (3, 1, 1, 1, '2025-02-11 08:00', 4, 3, '2025-02-11 08:05', NULL, 1),
    (4, 1, 1, 0, '2025-02-12 10:00', 4, 4, '2025-02-12 10:00', NULL, 1),
    (5, 2, 2, 1, '2025-02-13 09:00', 2, 1, '2025-02-13 09:10', NULL, NULL),
    (6, 2, 2, 1, '2025-02-13 08:00', 2, 2, '2025-02-14 11:00', NULL, 1),
    (7, 2, 2, 1, '2025-02-14 08:00', 3, 3, '2025-02-14 08:00', NULL, NULL),
    (8, 1, 1, 1, '2025-02-17 08:00', 1, 5, '2025-02-17 09:00', NULL, NULL),
    (9, 1, 1, 2, '2025-02-17 10:00', 1, 6, '2025-02-17 10:00', NULL, NULL),
    (10, 2, 2, 1, '2025-02-18 08:00', 2, 4, '2025-02-18 09:00', NULL, NULL),
    (11, 1, 1, 3, '2025-02-19 08:00', 1, 7, '2025-02-19 12:00', NULL, NULL);
INSERT INTO messages (conversation_id, message_type, created_at, private, sender_type,
                      content_attributes, additional_attributes) VALUES
    (1, 0, '2025-02-03 08:00', false, 'Contact', '{}', '{}'),
    (1, 3, '2025-02-03 08:00', false, NULL, '{}', '{}'),
    (1, 1, '2025-02-03 08:01', false, 'AgentBot', '{}', '{}'),
    (1, 1, '2025-02-03 08:10', true, 'User', '{}', '{}'),
    (1, 1, '2025-02-03 08:20', false, NULL, '{"automation_rule_id": 7}', '{}'),
    (1, 1, '2025-02-03 10:00', false, 'User', '{}', '{}'),
    (1, 2, '2025-02-03 12:00', false, NULL, '{}', '{}'),
    (1, 0, '2025-02-05 08:00', false, 'Contact', '{}', '{}'),
    (1, 1, '2025-02-05 08:30', false, 'User', '{}', '{}'),
    (1, 0, '2025-02-06 10:00', false, 'Contact', '{}', '{}'),
    (2, 0, '2025-02-07 15:00', false, 'Contact', '{}', '{}'),
    (2, 1, '2025-02-10 09:00', false, 'User', '{}', '{}'),
    (3, 0, '2025-02-11 08:00', false, 'Contact', '{}', '{}'),
    (3, 1, '2025-02-11 08:01', false, 'AgentBot', '{}', '{}'),
    (4, 0, '2025-02-12 10:00', false, 'Contact', '{}', '{}'),
    (5, 1, '2025-02-13 09:00', false, 'User', '{}', '{}'),
    (6, 1, '2025-02-13 08:00', false, 'User', '{}', '{"campaign_id": 3}'),
    (6, 0, '2025-02-14 09:00', false, 'Contact', '{}', '{}'),
    (6, 1, '2025-02-14 09:15', false, 'User', '{}', '{"campaign_id": 3}'),
    (6, 1, '2025-02-14 09:30', false, 'User', '"{\"automation_rule_id\":7}"', '{}'),
    (6, 1, '2025-02-14 10:00', false, 'User', '"{}"', '{}'),
    (7, 0, '2025-02-14 08:00', false, 'Contact', '{}', '{}'),
    (8, 0, '2025-02-17 08:00', false, 'Contact', '{}', '{}'),
    (8, 1, '2025-02-17 08:01', false, 'Captain::Assistant', '{}', '{}'),
    (9, 0, '2025-02-17 10:00', false, 'Contact', '{}', '{}'),
    (9, 1, '2025-02-17 10:00', false, 'Captain::Assistant', '{}', '{}'),
    (10, 0, '2025-02-18 08:00', false, 'Contact', '{}', '{}'),
    (10, 1, '2025-02-18 08:30', false, NULL, '{"external_echo": true}', NULL),
    (11, 0, '2025-02-19 08:00', false, 'Contact', '{}', '{}'),
    (11, 1, '2025-02-19 09:00', false, 'User', '{}', '{}');
-- What Chatwoot measured itself, by the clock and in the hours of the inbox, is not read: only when
-- it was. The first resolution is of a version that did not keep its end yet.
INSERT INTO reporting_events (name, value, value_in_business_hours, conversation_id,
                              event_start_time, event_end_time, created_at) VALUES
    ('first_response', 7200, 7200, 1, '2025-02-03 08:00', '2025-02-03 10:00', '2025-02-03 10:00'),
    ('conversation_resolved', 14400, 14400, 1, NULL, NULL, '2025-02-03 12:00'),
    ('conversation_resolved', 176400, 72000, 1, '2025-02-03 08:00', '2025-02-05 09:00',
     '2025-02-05 09:01'),
    ('first_response', 237600, 7200, 2, '2025-02-07 15:00', '2025-02-10 09:00',
     '2025-02-10 09:00'),
    ('conversation_opened', 0, 0, 2, '2025-02-07 15:00', '2025-02-07 15:00', '2025-02-07 15:00'),
    ('conversation_resolved', 300, 300, 3, '2025-02-11 08:00', '2025-02-11 08:05',
     '2025-02-11 08:05'),
    ('conversation_bot_resolved', 300, 300, 3, '2025-02-11 08:00', '2025-02-11 08:05',
     '2025-02-11 08:05'),
    ('conversation_resolved', 600, 600, 6, '2025-02-13 08:00', '2025-02-13 08:10',
     '2025-02-13 08:10'),
    ('conversation_resolved', 97200, 0, 6, '2025-02-13 08:00', '2025-02-14 11:00',
     '2025-02-14 11:00'),
    ('conversation_bot_handoff', 120, 120, 8, '2025-02-17 08:00', '2025-02-17 08:02',
     '2025-02-17 08:02'),
    ('conversation_resolved', 3600, 3600, 8, '2025-02-17 08:00', '2025-02-17 09:00',
     '2025-02-17 09:00'),
    ('conversation_resolved', 7200, 7200, 11, '2025-02-19 08:00', '2025-02-19 10:00',
     '2025-02-19 10:00'),
    ('conversation_opened', 7200, 7200, 11, '2025-02-19 10:00', '2025-02-19 12:00',
     '2025-02-19 12:00'),
    ('conversation_opened', 18000, 0, 11, '2025-02-19 10:00', '2025-02-19 15:00',
     '2025-02-19 15:00');
INSERT INTO csat_survey_responses (account_id, conversation_id, message_id, rating, contact_id,
                                   created_at) VALUES
    (1, 1, 1, 5, 1, '2025-02-05 10:00'), (2, 6, 2, 2, 2, '2025-02-14 12:00'),
    (1, 4, 3, 4, 4, '2025-01-31 23:30');

SELECT results_eq($$SELECT shop, usable, sources FROM detect('chatwoot')$$,
                  $$VALUES ('chatwoot', true, '{tickets,surveys}'::text[])$$,
                  'the tables of Chatwoot are recognised, and both its sources can be made of '
                  'them');
SELECT FROM preset('chatwoot', 'chatwoot', 'model');
SELECT results_eq('SELECT ticket_id, opened_at, first_reply_at, resolved_at, reopened
                   FROM   model.tickets ORDER BY ticket_id',
                  $$VALUES (1, timestamptz '2025-02-03 08:00', timestamptz '2025-02-03 10:00',
                            timestamptz '2025-02-05 09:00', 1::bigint),
                           (2, '2025-02-07 15:00', '2025-02-10 09:00', NULL, 0),
                           (4, '2025-02-12 10:00', NULL, NULL, 0),
                           (6, '2025-02-14 09:00', '2025-02-14 10:00', '2025-02-14 11:00', 0),
                           (8, '2025-02-17 08:00', NULL, '2025-02-17 09:00', 0),
                           (10, '2025-02-18 08:00', '2025-02-18 08:30', '2025-02-18 09:00', 0),
                           (11, '2025-02-19 08:00', '2025-02-19 09:00', NULL, 1)$$,
                  'a request is what a customer wrote that reached people, an answer what a person '
                  'wrote to the customer');
SELECT results_eq('SELECT ticket_id, paused FROM model.tickets WHERE paused IS NOT NULL ORDER BY 1',
                  $$VALUES (1, '{["2025-02-03 12:00+00","2025-02-05 08:00+00")}'::tstzmultirange),
                           (11, '{["2025-02-19 10:00+00","2025-02-19 12:00+00")}')$$,
                  'from when it was resolved until it is open again a request is on hold');
SELECT results_eq('SELECT ticket_id, reply_due_at, resolve_due_at
                   FROM   model.tickets
                   WHERE  num_nonnulls(reply_due_at, resolve_due_at) > 0 ORDER BY 1',
                  $$VALUES (1, timestamptz '2025-02-03 12:00', timestamptz '2025-02-04 08:00'),
                           (4, '2025-02-12 14:00', '2025-02-13 10:00'),
                           (6, '2025-02-14 13:00', '2025-02-15 09:00')$$,
                  'a promise is made from when the customer wrote');
CREATE TABLE report AS
SELECT *
FROM   build('model', 'Europe/Berlin', 'EUR', '{account}', as_of => '2025-02-20 12:00 UTC',
             business_hours => 'Mon-Fri 9:00-17:00');
SELECT results_eq('SELECT tickets, first_response_hours, unanswered_tickets, resolution_hours,
                          unresolved_tickets, reopen_rate
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (7::bigint, 1.3::float8, 2::bigint, 2.25::float8, 3::bigint,
                          2 / 5::float8)',
                  'times are measured in the business hours of the model, those on hold taken off');
SELECT results_eq('SELECT sla_reply_rate, sla_resolution_rate
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (2 / 3::float8, 1 / 3::float8)', 'promises are kept or missed');
SELECT results_eq('SELECT account, tickets, first_response_hours
                   FROM   model.kpi_month_by_account WHERE period = ''2025-02-01''
                   ORDER  BY account',
                  $$VALUES ('Mugs', 2::bigint, 0.75::float8), ('Shirts', 5, 5 / 3::float8)$$,
                  'accounts of one database are told apart');
SELECT results_eq('SELECT csat, csat_mean FROM model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (2 / 3::float8, 11 / 3::float8)',
                  'answers count on their day in the zone of the model');
SELECT results_eq('SELECT score, respondent, account FROM model.surveys ORDER BY answered_at',
                  $$VALUES (4, '4', 'Shirts'), (5, 'anna@example.org', 'Shirts'),
                           (2, 'anna@example.org', 'Mugs')$$,
                  'a person is an e-mail address');
SELECT set_eq($$SELECT trap FROM kpi.check('model') WHERE source = 'tickets' AND kind <> 'note'$$,
              $$VALUES ('solved_unanswered')$$,
              'check() names what was resolved without an answer, and nothing else');
-- Not every version has events and policies.
DROP SCHEMA model CASCADE;
DROP TABLE reporting_events, sla_policies;
SELECT FROM preset('chatwoot', 'chatwoot', 'model');
SELECT hasnt_column('model', 'tickets', 'reply_due_at', 'without promises there is no column of '
                    'them');
SELECT results_eq('SELECT ticket_id, first_reply_at, resolved_at, paused
                   FROM   model.tickets ORDER BY ticket_id',
                  $$VALUES (1, timestamptz '2025-02-03 10:00', timestamptz '2025-02-06 10:00',
                            NULL::tstzmultirange),
                           (2, '2025-02-10 09:00', NULL, NULL), (4, NULL, NULL, NULL),
                           (6, '2025-02-14 10:00', '2025-02-14 11:00', NULL),
                           (10, '2025-02-18 08:30', '2025-02-18 09:00', NULL),
                           (11, '2025-02-19 09:00', NULL, NULL)$$,
                  'without events a request is resolved when it was last active');

SELECT * FROM finish();
ROLLBACK;
