\set ECHO none
\i test/setup.psql
SELECT plan(14);

\i test/presets/zammad_rows.psql

SELECT results_eq($$SELECT shop, usable, sources FROM detect('zammad')$$,
                  $$VALUES ('zammad', true, '{tickets}'::text[])$$,
                  'the tables of Zammad are recognised, and its source can be made of them');
SELECT FROM preset('zammad', 'zammad', 'model');
SELECT results_eq('SELECT ticket_id, first_reply_at, resolved_at, desk, reopened
                   FROM   model.tickets ORDER BY ticket_id',
                  $$VALUES (1, timestamptz '2025-02-03 10:00', timestamptz '2025-02-04 12:00',
                            'support', 0::bigint),
                           (2, '2025-02-05 09:00', NULL, 'support', 1),
                           (3, '2025-02-07 08:30', '2025-02-07 12:00', 'support', 1),
                           (6, NULL, NULL, 'support', 0),
                           (8, '2025-02-11 08:00', '2025-02-11 08:00', 'support', 0),
                           (9, '2025-02-12 08:30', NULL, 'support', 0),
                           (10, '2025-02-13 11:00', NULL, 'internal', 0),
                           (11, '2025-02-14 12:00', '2025-02-14 13:00', 'support', 0),
                           (12, NULL, '2025-02-17 09:00', 'support', 0)$$,
                  'a request is what a customer began, solved where its state means closed, since '
                  'it last came to mean that');
SELECT results_eq('SELECT ticket_id, paused FROM model.tickets WHERE paused IS NOT NULL ORDER BY 1',
                  $$VALUES (1, '{["2025-02-03 10:00+00","2025-02-04 10:00+00")}'::tstzmultirange),
                           (2, '{["2025-02-05 10:00+00","2025-02-06 10:00+00")}'),
                           (3, '{["2025-02-07 09:00+00","2025-02-07 11:00+00"),
                                 ["2025-02-07 12:00+00","2025-02-07 13:00+00")}'),
                           (9, '{["2025-02-12 10:00+00",)}'),
                           (11, '{["2025-02-14 09:00+00","2025-02-14 11:00+00")}')$$,
                  'on hold is what stops agreements, and from closed to open again');
SELECT results_eq('SELECT ticket_id, reply_due_at, resolve_due_at
                   FROM   model.tickets
                   WHERE  num_nonnulls(reply_due_at, resolve_due_at) > 0 ORDER BY 1',
                  $$VALUES (1, timestamptz '2025-02-03 12:00', timestamptz '2025-02-05 08:00'),
                           (2, '2025-02-05 08:30', NULL), (6, '2025-02-10 12:00',
                                                           '2025-02-11 08:00'),
                           (11, '2025-02-14 13:00', NULL), (12, '2025-02-17 12:00', NULL)$$,
                  'a promise is found in the histories once it is gone, as it was last');
CREATE TABLE report AS
SELECT *
FROM   build('model', 'Europe/Berlin', 'EUR', '{team,channel}',
             as_of => '2025-02-20 12:00 UTC');
SELECT results_eq('SELECT tickets, first_response_hours, unanswered_tickets, resolution_hours,
                          unresolved_tickets, reopen_rate
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (8::bigint, 1::float8, 2::bigint, 2::float8, 3::bigint, 1 / 3::float8)',
                  'times are measured without those on hold');
SELECT is(internal_response_hours, 3::float8, 'what an agent asks for is internal')
FROM   model.kpi_month WHERE period = '2025-02-01';
SELECT results_eq('SELECT sla_reply_rate, sla_resolution_rate
                   FROM   model.kpi_month WHERE period = ''2025-02-01''',
                  'VALUES (0.5::float8, 0.5::float8)', 'promises are kept or missed');
SELECT results_eq('SELECT channel, tickets FROM model.kpi_month_by_channel
                   WHERE  period = ''2025-02-01'' AND tickets > 0 ORDER BY channel',
                  $$VALUES ('email', 6::bigint), ('phone', 1), ('web', 1)$$,
                  'the channel is a dimension');
SELECT set_eq($$SELECT trap FROM kpi.check('model') WHERE kind <> 'note'$$,
              $$VALUES ('solved_unanswered')$$,
              'check() names what was closed without an answer, and nothing else');
-- A ticket that is imported has no histories.
DELETE FROM histories WHERE o_id = 12;
SELECT is(resolved_at, '2025-02-17 09:00', 'without histories a ticket is solved when it was '
          'closed')
FROM   model.tickets WHERE ticket_id = 12;
SELECT is(reply_due_at, NULL, 'without histories a promise that is gone is not known')
FROM   model.tickets WHERE ticket_id = 12;
-- Not every version keeps when a ticket was closed last, and who is an agent may not be known.
DROP SCHEMA model CASCADE;
DROP TABLE permissions;
ALTER TABLE tickets DROP last_close_at;
SELECT FROM preset('zammad', 'zammad', 'model');
SELECT results_eq('SELECT ticket_id, desk, resolved_at
                   FROM   model.tickets WHERE ticket_id IN (3, 10, 12) ORDER BY 1',
                  $$VALUES (3, 'support', timestamptz '2025-02-07 12:00'), (10, 'support', NULL),
                           (12, 'support', '2025-02-17 09:00')$$,
                  'what is missing in a version is read otherwise');

\set shop zammad
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
