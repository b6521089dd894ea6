-- Zammad up to 7.2, as its migrations create the tables of tickets and histories: Rails tables
--
-- Times are UTC without a zone. What a state means is its type, as states can be added and renamed;
-- where escalations are ignored the time of agreements stands still: that is time on hold. When a
-- ticket was closed first, close_at, stays when it is opened again, and what was promised goes once
-- it is done: the states and promises there were are in the histories, where a promise is a text.

--@ shop Zammad

--@ table tickets
id                              key, required
group_id                        key, required
priority_id                     key
state_id                        key, required
customer_id                     key, required
create_article_type_id          key
create_article_sender_id        key, required
created_at                      timestamptz, required
first_response_at               timestamptz, required
first_response_escalation_at    timestamptz
close_at                        timestamptz, required
last_close_at                   timestamptz
close_escalation_at             timestamptz

--@ table ticket_states
id                              key, required
state_type_id                   key, required
ignore_escalation               boolean, required

--@ table ticket_state_types
id                              key, required
name                            text, required

--@ table ticket_article_senders
id                              key, required
name                            text, required

--@ table histories
id                              key, required
o_id                            key, required
history_object_id               key, required
history_attribute_id            key, required
id_from                         key, required
id_to                           key, required
value_from                      text
created_at                      timestamptz, required

--@ table history_objects
id                              key, required
name                            text, required

--@ table history_attributes
id                              key, required
name                            text, required

--@ optional ticket_article_types
id                              key, required
name                            text, required

--@ optional ticket_priorities
id                              key, required
name                            text, required

--@ optional groups
id                              key, required
name                            text, required

--@ optional permissions
id                              key, required
name                            text, required

--@ optional permissions_roles
permission_id                   key, required
role_id                         key, required

--@ optional roles_users
user_id                         key, required
role_id                         key, required

--@ part states
SELECT s.id, t.name AS type,
       (s.ignore_escalation OR t.name = 'closed') IS TRUE AS on_hold,
       t.name = 'closed'                                  AS closed
FROM   @ticket_states@ AS s
       JOIN @ticket_state_types@ AS t ON t.id = s.state_type_id

--@ part requests
-- Tickets that customers began, with what they began with.
SELECT t.*, s.closed, a.name AS channel
FROM   @tickets@ AS t
       JOIN @states@ AS s ON s.id = t.state_id
       LEFT JOIN @ticket_article_senders@ AS w ON w.id = t.create_article_sender_id
       LEFT JOIN @ticket_article_types@ AS a ON a.id = t.create_article_type_id
WHERE  s.type NOT IN ('merged', 'removed') AND w.name IS DISTINCT FROM 'Agent'

--@ part changes
SELECT h.id, h.o_id AS ticket_id, a.name AS attribute, h.id_from, h.id_to, h.value_from,
       h.created_at
FROM   @histories@ AS h
       JOIN @history_objects@ AS o ON o.id = h.history_object_id AND o.name = 'Ticket'
       JOIN @history_attributes@ AS a ON a.id = h.history_attribute_id

--@ part periods
-- The states in which tickets have been; the first is that from which the first change went, or
-- that of now, where there was none.
SELECT p.ticket_id, p.first, s.on_hold, s.closed, p.began_at,
       lag(s.closed) OVER w    AS was_closed,
       lead(p.began_at) OVER w AS ended_at
FROM   (SELECT c.ticket_id, false AS first, c.id, c.id_to AS state_id, c.created_at AS began_at
        FROM   @changes@ AS c
        WHERE  c.attribute = 'state'
        UNION ALL
        SELECT t.id, true, NULL, coalesce(c.id_from, t.state_id), t.created_at
        FROM   @tickets@ AS t
               LEFT JOIN LATERAL (SELECT c.id_from
                                  FROM   @changes@ AS c
                                  WHERE  c.ticket_id = t.id AND c.attribute = 'state'
                                  ORDER  BY c.created_at, c.id LIMIT 1) AS c ON true) AS p
       JOIN @states@ AS s ON s.id = p.state_id
WINDOW w AS (PARTITION BY p.ticket_id ORDER BY p.first DESC, p.began_at, p.id)

--@ source tickets
-- Tickets that customers began, by mail, call or form, without those merged into others or removed;
-- those of people who are agents themselves are internal. A call was answered when it was taken. On
-- hold is the time in states that stop agreements, and from when a ticket was closed until it was
-- open again.
SELECT t.id                                                           AS ticket_id,
       t.created_at                                                   AS opened_at,
       CASE WHEN t.channel = 'phone' THEN t.created_at
            ELSE t.first_response_at END                              AS first_reply_at,
       CASE WHEN t.closed
            THEN coalesce(p.closed_at, t.last_close_at, t.close_at) END AS resolved_at,
       CASE WHEN EXISTS (SELECT FROM @roles_users@ AS r
                                JOIN @permissions_roles@ AS x ON x.role_id = r.role_id
                                JOIN @permissions@ AS m ON m.id = x.permission_id
                         WHERE  r.user_id = t.customer_id AND m.name = 'ticket.agent')
            THEN 'internal' ELSE 'support' END                        AS desk,
       p.paused,
       p.reopened,
       coalesce(t.first_response_escalation_at, d.reply_due_at)       AS reply_due_at,
       coalesce(t.close_escalation_at, d.resolve_due_at)              AS resolve_due_at,
       g.name                                                         AS team,
       i.name                                                         AS priority,
       t.channel
FROM   @requests@ AS t
       LEFT JOIN @groups@ AS g ON g.id = t.group_id
       LEFT JOIN @ticket_priorities@ AS i ON i.id = t.priority_id
       CROSS JOIN LATERAL (
           SELECT max(p.began_at) FILTER (WHERE p.closed AND NOT p.was_closed) AS closed_at,
                  range_agg(tstzrange(p.began_at, p.ended_at))
                      FILTER (WHERE p.on_hold AND NOT (p.closed AND p.ended_at IS NULL)) AS paused,
                  count(*) FILTER (WHERE p.was_closed AND NOT p.closed)        AS reopened
           FROM   @periods@ AS p
           WHERE  p.ticket_id = t.id) AS p
       CROSS JOIN LATERAL (
           SELECT (array_agg(v.due_at ORDER BY c.created_at DESC, c.id DESC)
                       FILTER (WHERE c.attribute = 'first_response_escalation_at'))[1]
                      AS reply_due_at,
                  (array_agg(v.due_at ORDER BY c.created_at DESC, c.id DESC)
                       FILTER (WHERE c.attribute = 'close_escalation_at'))[1] AS resolve_due_at
           FROM   @changes@ AS c
                  CROSS JOIN LATERAL (
                      SELECT CASE WHEN c.value_from ~ '^\d{4}-\d\d-\d\d[ T][\d:.]{8,} ?(UTC|Z)$'
                                  THEN c.value_from::timestamptz END AS due_at) AS v
           WHERE  c.ticket_id = t.id AND v.due_at IS NOT NULL) AS d

--@ lacks surveys
-- nobody is asked how satisfied they were; add surveys, a view of what asks them

--@ lacks tickets deleted
-- what was deleted for privacy is gone with its histories, and counts no more

--@ lacks holidays
-- calendars of agreements have theirs, in a text; the model measures in its own business_hours and
-- holidays
