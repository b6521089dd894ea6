\set ECHO none
\i test/setup.psql
SELECT plan(12);

-- Zammad 6: its tables, as its migrations leave them, with the columns that matter and some that do
-- not.
CREATE SCHEMA zammad;
SET LOCAL search_path = zammad, public, kpi;
\i test/presets/zammad.psql

INSERT INTO groups (id, name) VALUES (1, 'Users'), (2, 'Office');
INSERT INTO users (id, login) VALUES (1, '-'), (2, 'bob'), (10, 'anna');
INSERT INTO roles (id, name) VALUES (2, 'Agent'), (3, 'Customer');
INSERT INTO permissions (id, name) VALUES (1, 'ticket.agent'), (2, 'ticket.customer');
INSERT INTO permissions_roles (role_id, permission_id) VALUES (2, 1), (3, 2);
INSERT INTO roles_users (user_id, role_id) VALUES (2, 2), (2, 3), (10, 3);
INSERT INTO ticket_state_types (id, name) VALUES
    (1, 'new'), (2, 'open'), (3, 'pending reminder'), (4, 'pending action'), (5, 'closed'),
    (6, 'merged'), (7, 'removed');
INSERT INTO ticket_states (id, state_type_id, name, ignore_escalation) VALUES
    (1, 1, 'new', false), (2, 2, 'open', false), (3, 3, 'pending reminder', true),
    (4, 5, 'closed', true), (5, 6, 'merged', true), (6, 7, 'removed', true),
    (7, 4, 'pending close', true), (8, 2, 'waiting for supplier', true), (9, 5, 'solved', false);
INSERT INTO ticket_priorities (id, name) VALUES (2, '2 normal'), (3, '3 high');
INSERT INTO ticket_article_types (id, name, communication) VALUES
    (1, 'email', true), (5, 'phone', true), (10, 'note', false), (11, 'web', true);
INSERT INTO ticket_article_senders (id, name) VALUES (1, 'Agent'), (2, 'Customer'), (3, 'System');
INSERT INTO history_objects (id, name) VALUES (1, 'Ticket'), (2, 'Ticket::Article');
INSERT INTO history_attributes (id, name) VALUES
    (1, 'state'), (2, 'first_response_escalation_at'), (3, 'close_escalation_at'), (4, 'group');

-- February 2025; eight are requests of customers, 1, 2, 3, 6, 8, 9, 11 and 12, one is of Bob, who
-- is an agent:
--   1  the 3rd, 8:00, answered at 10:00, 2 hours; then pending until the customer wrote on the 4th
--      at 10:00, closed at 12:00: 2 + 2 hours, 28 by the clock. To be answered by 12:00, kept; to
--      be solved by the 4th, 8:00, which moved by the time on hold to the 5th, 8:00: kept.
--   2  the 5th, 8:00, answered at 9:00, 1 hour, half an hour too late; closed at 10:00, open again
--      since the 6th: close_at is still there.
--   3  the 7th, 8:00, answered at 8:30, closed at 9:00, open at 11:00, in another state that means
--      closed at 12:00, and back in the first one, still closed, at 13:00: 1 + 1 hours.
--   4  merged into 1; 5 removed; 7 begun by an agent: no requests.
--   6  the 10th, 8:00, nobody answered: both promises missed.
--   8  the 11th, a call, closed when it was taken: answered and solved at once.
--   9  the 12th, 8:00, answered at 8:30, half an hour; since 10:00 it waits to be closed.
--   10 of Bob, the 13th, 8:00, answered at 11:00: internal, 3 hours.
--   11 the 14th, 8:00, in a state of the shop's own that stops agreements from 9:00 to 11:00,
--      answered at 12:00: 1 + 1 hours, in time, as it was due by 13:00 then; closed at 13:00: 3.
--   12 the 17th, 8:00, closed at 9:00 without an answer, which was due at 12:00: neither kept nor
--      missed. 1 hour.
-- Answered are 2 + 1 + 0.5 + 0 + 0.5 + 2 = 6 hours of 6, solved 4 + 2 + 0 + 3 + 1 = 10 of 5.
INSERT INTO tickets (id, state_id, customer_id, created_at, first_response_at, close_at,
                     last_close_at, create_article_type_id, create_article_sender_id,
                     first_response_escalation_at, close_escalation_at, group_id, priority_id)
VALUES
    (1, 4, 10, '2025-02-03 08:00', '2025-02-03 10:00', '2025-02-04 12:00', '2025-02-04 12:00',
     1, 2, NULL, NULL, 1, 3),
    (2, 2, 10, '2025-02-05 08:00', '2025-02-05 09:00', '2025-02-05 10:00', '2025-02-05 10:00',
     1, 2, NULL, NULL, 1, 2),
    (3, 4, 10, '2025-02-07 08:00', '2025-02-07 08:30', '2025-02-07 09:00', '2025-02-07 13:00',
     11, 2, NULL, NULL, 1, 2),
    (4, 5, 10, '2025-02-03 09:00', NULL, NULL, NULL, 1, 2, NULL, NULL, 1, 2),
    (5, 6, 10, '2025-02-03 09:00', NULL, NULL, NULL, 1, 2, NULL, NULL, 1, 2),
    (6, 1, 10, '2025-02-10 08:00', NULL, NULL, NULL, 1, 2, '2025-02-10 12:00',
     '2025-02-11 08:00', 1, 2),
    (7, 2, 10, '2025-02-10 09:00', '2025-02-10 09:00', NULL, NULL, 1, 1, NULL, NULL, 1, 2),
    (8, 4, 10, '2025-02-11 08:00', NULL, '2025-02-11 08:00', '2025-02-11 08:00', 5, 2, NULL, NULL,
     1, 2),
    (9, 7, 10, '2025-02-12 08:00', '2025-02-12 08:30', NULL, NULL, 1, 2, NULL, NULL, 1, 2),
    (10, 2, 2, '2025-02-13 08:00', '2025-02-13 11:00', NULL, NULL, 11, 2, NULL, NULL, 2, 2),
    (11, 4, 10, '2025-02-14 08:00', '2025-02-14 12:00', '2025-02-14 13:00', NULL, 1, 2, NULL, NULL,
     1, 2),
    (12, 4, 10, '2025-02-17 08:00', NULL, '2025-02-17 09:00', '2025-02-17 09:00', 1, 2, NULL, NULL,
     1, 2);
INSERT INTO histories (o_id, history_attribute_id, id_from, id_to, created_at) VALUES
    (1, 1, 1, 3, '2025-02-03 10:00'), (1, 1, 3, 2, '2025-02-04 10:00'),
    (1, 1, 2, 4, '2025-02-04 12:00'),
    (2, 1, 1, 2, '2025-02-05 09:00'), (2, 1, 2, 4, '2025-02-05 10:00'),
    (2, 1, 4, 2, '2025-02-06 10:00'), (2, 4, 2, 1, '2025-02-06 11:00'),
    (3, 1, 1, 4, '2025-02-07 09:00'), (3, 1, 4, 2, '2025-02-07 11:00'),
    (3, 1, 2, 9, '2025-02-07 12:00'), (3, 1, 9, 4, '2025-02-07 13:00'),
    (4, 1, 1, 5, '2025-02-03 09:30'), (5, 1, 1, 6, '2025-02-03 09:30'),
    (9, 1, 1, 7, '2025-02-12 10:00'),
    (11, 1, 1, 8, '2025-02-14 09:00'), (11, 1, 8, 2, '2025-02-14 11:00'),
    (11, 1, 2, 4, '2025-02-14 13:00'), (12, 1, 1, 4, '2025-02-17 09:00');
INSERT INTO histories (o_id, history_attribute_id, value_from, value_to, created_at) VALUES
    (1, 2, '', '2025-02-03 12:00:00 UTC', '2025-02-03 08:00'),
    (1, 2, '2025-02-03 12:00:00 UTC', '', '2025-02-03 10:00'),
    (1, 3, '', '2025-02-04 08:00:00 UTC', '2025-02-03 08:00'),
    (1, 3, '2025-02-04 08:00:00 UTC', '', '2025-02-03 10:00'),
    (1, 3, '', '2025-02-05 08:00:00 UTC', '2025-02-04 10:00'),
    (1, 3, '2025-02-05 08:00:00 UTC', '', '2025-02-04 12:00'),
    (2, 2, '2025-02-05 08:30:00 UTC', '', '2025-02-05 09:00'),
    (11, 2, '2025-02-14 11:00:00 UTC', '', '2025-02-14 09:00'),
    (11, 2, '2025-02-14 13:00:00 UTC', '', '2025-02-14 12:00'),
    (12, 2, '2025-02-17 12:00:00 UTC', '', '2025-02-17 09:00'),
    (12, 3, 'never', '', '2025-02-17 09:00');
-- What is of an article is of no ticket.
INSERT INTO histories (o_id, history_object_id, history_attribute_id, id_from, id_to, created_at)
VALUES (9, 2, 1, 4, 2, '2025-02-12 09:00');

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

SELECT * FROM finish();
ROLLBACK;
