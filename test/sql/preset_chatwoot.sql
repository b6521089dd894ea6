\set ECHO none
\i test/setup.psql
SELECT plan(14);

\i test/presets/chatwoot_rows.psql

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

\set shop chatwoot
\i test/presets.psql

SELECT * FROM finish();
ROLLBACK;
