-- Mattermost with :n threads in two years until now, in the tables of its test: two answers each,
-- and a post without one.

INSERT INTO teams (id, displayname, name)
SELECT 'team' || i, 'Team ' || i, 'team' || i FROM generate_series(1, 3) AS i;
INSERT INTO channels (id, teamid, type, displayname, name)
SELECT 'room' || i, 'team' || 1 + i % 3, 'O', 'Room ' || i, 'room' || i
FROM   generate_series(1, 20) AS i;
INSERT INTO users (id, username, roles)
SELECT 'user' || i, 'user' || i, 'system_user' FROM generate_series(0, 199) AS i;
INSERT INTO bots (userid) VALUES ('user0');
INSERT INTO posts (id, createat, updateat, userid, channelid, rootid)
SELECT concat_ws('_', 'post', i, p.part), ms(at + p.after), ms(at + p.after),
       'user' || (i * p.who) % 200, 'room' || 1 + i % 20,
       CASE WHEN p.answer THEN 'post_' || i ELSE '' END
FROM   generate_series(1, :n) AS i
       CROSS JOIN LATERAL (SELECT now() - interval '730 days' * (:n - i) / :n) AS t (at)
       CROSS JOIN (VALUES (NULL, interval '0', 7, false), ('a', '5 minutes', 11, true),
                          ('b', '50 minutes', 13, true), ('alone', '0', 17, false))
                  AS p (part, after, who, answer);

-- What changes: first answers in threads of the last weeks are taken back.
PREPARE change AS
UPDATE posts SET deleteat = ms(now()) - deleteat
WHERE  id IN (SELECT 'post_' || i || '_a' FROM generate_series(:n * 9 / 10, :n) AS i
              WHERE  i % 100 = 0);
