\set ECHO none
\i test/setup.psql
SELECT plan(9);

-- Mattermost 11: its tables, as its migrations leave them, with the columns that matter and some
-- that do not. Ids are words, to be read.
CREATE SCHEMA mattermost;
SET LOCAL search_path = mattermost, public, kpi;
\i test/presets/mattermost.psql

INSERT INTO teams VALUES ('sales', 1, 0, 'Sales', 'sales');
INSERT INTO channels (id, teamid, type, displayname, deleteat) VALUES
    ('town', 'sales', 'O', 'Town Square', 0), ('plans', 'sales', 'P', 'Plans', 5),
    ('anna__bert', '', 'D', '', 0), ('three', '', 'G', 'anna, bert, carl', 0);
INSERT INTO users (id, username, roles, remoteid, deleteat) VALUES
    ('anna', 'anna', 'system_admin system_user', NULL, 0), ('bert', 'bert', 'system_user', '', 0),
    ('carl', 'carl', 'system_user', NULL, 5), ('robot', 'robot', 'system_user', NULL, 0),
    ('gina', 'gina', 'system_guest', NULL, 0), ('rob', 'rob', 'system_user', 'other', 0);
INSERT INTO bots (userid, ownerid) VALUES ('robot', 'anna');

-- Seen on 15 March, in Berlin. In February there are three threads, two of them answered, after 2
-- and 4 hours, 3 on average; half of them are answered after 4, as the third still waits:
--   q1  by Anna on 31 January 23:30 UTC, which is 1 February there; she added something, a bot, a
--       guest, somebody of another server, a webhook of Carl and a plugin for calls wrote below
--       it, and then Bert after 2 hours and half a second.
--   q2  by Bert on the 10th: Carl took his answer back, and edited another one that he then moved;
--       Anna answered after 4 hours.
--   q3  by Carl on the 12th, who asked again on the 13th, and waits.
-- No threads of employees: n1 without an answer; n2 by a bot; n3 by a webhook of Anna; n4 of
-- somebody who joined; n5 between two; n6 by a guest; n7 deleted; n8 answered by a bot alone.
-- In March: q4 by Anna in a channel for few, archived since, answered after half an hour.
INSERT INTO posts (id, createat, userid, channelid, rootid, deleteat, type, props, originalid)
SELECT id, ms(at::timestamptz), userid, channelid, rootid, deleteat, type, props::jsonb, originalid
FROM   (VALUES
    ('q1',  '2025-01-31 23:30:00.5 UTC', 'anna', 'town',  '',   0, '',   '{}', ''),
    ('a1',  '2025-01-31 23:40 UTC',      'anna', 'town',  'q1', 0, '',   '{}', ''),
    ('a2',  '2025-01-31 23:41 UTC',      'robot', 'town', 'q1', 0, '',
     '{"from_bot": "true"}', ''),
    ('a3',  '2025-01-31 23:42 UTC',      'gina', 'town',  'q1', 0, '',   '{}', ''),
    ('a4',  '2025-01-31 23:43 UTC',      'rob',  'town',  'q1', 0, '',   '{}', ''),
    ('a5',  '2025-01-31 23:44 UTC',      'carl', 'town',  'q1', 0, '',
     '{"from_webhook": "true"}', ''),
    ('a6',  '2025-01-31 23:45 UTC',      'carl', 'town',  'q1', 0, 'custom_calls', '{}', ''),
    ('a7',  '2025-02-01 01:30:01 UTC',   'bert', 'town',  'q1', 0, '',   '{}', ''),
    ('a8',  '2025-02-01 02:30 UTC',      'carl', 'town',  'q1', 0, '',   '{}', ''),
    ('q2',  '2025-02-10 09:00 UTC',      'bert', 'town',  '',   0, '',   '{}', ''),
    ('a9',  '2025-02-10 09:10 UTC',      'carl', 'town',  'q2', 9, '',   '{}', ''),
    ('a10', '2025-02-10 09:20 UTC',      'carl', 'town',  'q2', 9, '',   '{}', 'a11'),
    ('a12', '2025-02-10 13:00 UTC',      'anna', 'town',  'q2', 0, '',   '{}', ''),
    ('q3',  '2025-02-12 09:00 UTC',      'carl', 'town',  '',   0, '',   NULL, ''),
    ('a13', '2025-02-13 09:00 UTC',      'carl', 'town',  'q3', 0, '',   NULL, ''),
    ('n1',  '2025-02-14 09:00 UTC',      'anna', 'town',  '',   0, '',   '{}', ''),
    ('n2',  '2025-02-14 09:00 UTC',      'robot', 'town', '',   0, '',   '{}', ''),
    ('a14', '2025-02-14 10:00 UTC',      'anna', 'town',  'n2', 0, '',   '{}', ''),
    ('n3',  '2025-02-14 09:00 UTC',      'anna', 'town',  '',   0, 'slack_attachment',
     '{"from_webhook": "true"}', ''),
    ('a15', '2025-02-14 10:00 UTC',      'bert', 'town',  'n3', 0, '',   '{}', ''),
    ('n4',  '2025-02-14 09:00 UTC',      'carl', 'town',  '',   0, 'system_join_channel', '{}', ''),
    ('a16', '2025-02-14 10:00 UTC',      'bert', 'town',  'n4', 0, '',   '{}', ''),
    ('n5',  '2025-02-14 09:00 UTC',      'anna', 'anna__bert', '', 0, '', '{}', ''),
    ('a17', '2025-02-14 10:00 UTC',      'bert', 'anna__bert', 'n5', 0, '', '{}', ''),
    ('n6',  '2025-02-14 09:00 UTC',      'gina', 'town',  '',   0, '',   '{}', ''),
    ('a18', '2025-02-14 10:00 UTC',      'bert', 'town',  'n6', 0, '',   '{}', ''),
    ('n7',  '2025-02-14 09:00 UTC',      'anna', 'town',  '',   9, '',   '{}', ''),
    ('a19', '2025-02-14 10:00 UTC',      'bert', 'town',  'n7', 9, '',   '{}', ''),
    ('n8',  '2025-02-14 09:00 UTC',      'anna', 'town',  '',   0, '',   '{}', ''),
    ('a20', '2025-02-14 09:00 UTC',      'robot', 'town', 'n8', 0, '',   '{}', ''),
    ('q4',  '2025-03-03 09:00 UTC',      'anna', 'plans', '',   0, '',   '{}', ''),
    ('a21', '2025-03-03 09:30 UTC',      'bert', 'plans', 'q4', 0, 'me', '{}', ''))
       AS p (id, at, userid, channelid, rootid, deleteat, type, props, originalid);

SELECT results_eq($$SELECT shop, usable, sources FROM detect('mattermost')$$,
                  $$VALUES ('mattermost', true, '{tickets}'::text[])$$,
                  'the tables of Mattermost are recognised, and its source can be made of them');
SELECT FROM preset('mattermost', 'mattermost', 'model');
CREATE TABLE report AS
SELECT * FROM build('model', 'Europe/Berlin', dimensions => '{team,room}',
                    as_of => '2025-03-15 12:00 UTC');
SELECT results_eq('SELECT ticket_id, opened_at, first_reply_at, desk, team, room
                   FROM   model.tickets ORDER BY opened_at',
                  $$VALUES ('q1', timestamptz '2025-01-31 23:30:00.5 UTC',
                            timestamptz '2025-02-01 01:30:01 UTC', 'internal', 'Sales',
                            'Town Square'),
                           ('q2', '2025-02-10 09:00 UTC', '2025-02-10 13:00 UTC', 'internal',
                            'Sales', 'Town Square'),
                           ('q3', '2025-02-12 09:00 UTC', NULL, 'internal', 'Sales',
                            'Town Square'),
                           ('q4', '2025-03-03 09:00 UTC', '2025-03-03 09:30 UTC', 'internal',
                            'Sales', 'Plans')$$,
                  'threads that employees began in channels, and when another one first answered');
SELECT results_eq('SELECT period, internal_response_hours, internal_response_hours_median, tickets
                   FROM   model.kpi_month WHERE period >= ''2025-02-01'' ORDER BY period',
                  $$VALUES (date '2025-02-01', (3 + 0.25 / 3600)::float8, 4.0::float8, 0::bigint),
                           ('2025-03-01', 0.5, 0.5, 0)$$,
                  'they are answered within hours, those that wait not yet; none is a customer''s');
SELECT results_eq('SELECT room, internal_response_hours_median
                   FROM   model.kpi_month_by_room
                   WHERE  period = ''2025-03-01'' AND internal_response_hours IS NOT NULL',
                  $$VALUES ('Plans', 0.5::float8)$$, 'the channel is a dimension');
SELECT ok(count(*) > 0 AND bool_and(object ~ 'resol|reopen|sla|open_tickets'),
          'indicators of what Mattermost does not know are left out')
FROM   report WHERE action = 'left out' AND object ~ 'indicator .*(resol|reopen)';
SELECT is_empty($$SELECT * FROM kpi.check('model') WHERE kind <> 'note'$$,
                'nothing is wrong with the threads');

-- Before version 6, of channels a letter and of props a text.
DROP SCHEMA model CASCADE;
ALTER TABLE channels ALTER type TYPE varchar(1);
ALTER TABLE posts ALTER props TYPE varchar(8000) USING props::text;
DROP TABLE bots, teams;
SELECT FROM preset('mattermost', 'mattermost', 'model');
SELECT columns_are('model', 'tickets', '{ticket_id,opened_at,first_reply_at,desk,team,room}',
                   'an older Mattermost has the same');
SELECT set_eq('SELECT ticket_id FROM model.tickets', '{q1,q2,q3,q4,n2,n8}'::text[],
              'without a table of bots, only what they say of themselves tells them');
SELECT results_eq('SELECT first_reply_at FROM model.tickets WHERE ticket_id = ''q1''',
                  $$VALUES (timestamptz '2025-02-01 01:30:01 UTC')$$,
                  'where props are a text, they are read as well');

SELECT * FROM finish();
ROLLBACK;
