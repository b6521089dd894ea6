-- Zammad with :n tickets in two years until now, in the tables of its test: most of them closed,
-- one of ten after it had waited, one of twenty opened again.

INSERT INTO groups (id, name) SELECT i, 'Group ' || i FROM generate_series(1, 10) AS i;
INSERT INTO users (id, login) SELECT i, 'user' || i FROM generate_series(1, 1 + :n / 3) AS i;
INSERT INTO roles (id, name) VALUES (2, 'Agent'), (3, 'Customer');
INSERT INTO permissions (id, name) VALUES (1, 'ticket.agent'), (2, 'ticket.customer');
INSERT INTO permissions_roles (role_id, permission_id) VALUES (2, 1), (3, 2);
INSERT INTO roles_users (user_id, role_id)
SELECT id, CASE WHEN id % 100 = 0 THEN 2 ELSE 3 END FROM users;
INSERT INTO ticket_state_types (id, name) VALUES
    (1, 'new'), (2, 'open'), (3, 'pending reminder'), (5, 'closed'), (6, 'merged');
INSERT INTO ticket_states (id, state_type_id, name, ignore_escalation) VALUES
    (1, 1, 'new', false), (2, 2, 'open', false), (3, 3, 'pending reminder', true),
    (4, 5, 'closed', true), (5, 6, 'merged', true);
INSERT INTO ticket_priorities (id, name) VALUES (2, '2 normal'), (3, '3 high');
INSERT INTO ticket_article_types (id, name, communication) VALUES
    (1, 'email', true), (5, 'phone', true);
INSERT INTO ticket_article_senders (id, name) VALUES (1, 'Agent'), (2, 'Customer');
INSERT INTO history_objects (id, name) VALUES (1, 'Ticket'), (2, 'Ticket::Article');
INSERT INTO history_attributes (id, name) VALUES
    (1, 'state'), (2, 'first_response_escalation_at'), (3, 'close_escalation_at'), (4, 'group');

CREATE TEMPORARY TABLE asked AS
SELECT i, localtimestamp - interval '730 days' * (:n - i) / :n AS at
FROM   generate_series(1, :n) AS i;

INSERT INTO tickets (id, group_id, priority_id, state_id, customer_id, first_response_at, close_at,
                     last_close_at, create_article_type_id, create_article_sender_id, created_at,
                     updated_at)
SELECT i, 1 + i % 10, 2 + i % 2, CASE WHEN i % 50 = 7 THEN 2 ELSE 4 END,
       1 + i * 7919::bigint % (:n / 3), at + interval '2 hours', at + interval '1 day',
       at + interval '1 day',
       CASE WHEN i % 5 = 0 THEN 5 ELSE 1 END, CASE WHEN i % 20 = 0 THEN 1 ELSE 2 END, at,
       at + interval '1 day'
FROM   asked;
INSERT INTO histories (history_attribute_id, o_id, id_from, id_to, value_from, created_at)
SELECT h.attribute, i, h.was, h.now, CASE h.attribute WHEN 2 THEN at || ' UTC' END, at + h.after
FROM   asked
       CROSS JOIN (VALUES (1, 1, 2, interval '1 hour', 1), (2, NULL, NULL, '2 hours', 1),
                          (1, 2, 3, '3 hours', 10), (1, 3, 2, '9 hours', 10),
                          (1, 2, 4, '10 hours', 1), (1, 4, 2, '12 hours', 20),
                          (1, 2, 4, '1 day', 20)) AS h (attribute, was, now, after, of)
WHERE  i % 50 <> 7 AND i % h.of = 0;
INSERT INTO histories (history_object_id, o_id, created_at)
SELECT 2, i, at FROM asked;
DROP TABLE asked;

-- What changes: tickets of the last weeks are opened again.
PREPARE change AS
WITH changed AS (
    UPDATE tickets SET state_id = 2, updated_at = localtimestamp
    WHERE  id > :n * 0.9 AND id % 100 = 0 RETURNING id)
INSERT INTO histories (history_attribute_id, o_id, id_from, id_to, created_at)
SELECT 1, id, 4, 2, localtimestamp FROM changed;
