\set ECHO none
\i test/setup.psql
SELECT plan(11);

\i test/presets/mattermost_rows.psql

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

\set shop mattermost
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
