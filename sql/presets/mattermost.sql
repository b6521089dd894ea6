-- Mattermost from 5.36 on: who answered whom, in the tables of its migrations
--
-- Read in 11.4, its migrations 1 to 175. Times are milliseconds since 1970, 0 where there is none;
-- names of columns have no capitals. A post with the id of another in rootid is an answer in its
-- thread. Deleted posts stay, and what a post was before it was edited is a deleted one; a system
-- message has its type; what an incoming webhook posts is of the user who made it, and only props
-- tells. How fast employees answer each other has no standard: it is told by threads, as those show
-- that something was to be answered; a post that nobody answers may be no question.

--@ shop Mattermost

--@ table posts
id                              key, required
createat                        bigint, required
deleteat                        bigint, required
userid                          key, required
channelid                       key, required
rootid                          text, required
type                            text, required
props                           text

--@ table channels
id                              key, required
type                            text, required
teamid                          key
displayname                     text

--@ table users
id                              key, required
roles                           text
remoteid                        text

--@ optional bots
userid                          key, required

--@ optional teams
id                              key, required
displayname                     text

--@ part said
-- What employees have written: not bots, guests, users of other servers, webhooks, plugins. Written
-- so that the planner, which knows the columns, knows that this is most of it.
SELECT p.id::text AS id, p.rootid AS root_id, p.userid, p.channelid,
       to_timestamp(p.createat / 1000.0) AS said_at
FROM   @posts@ AS p
       JOIN @users@ AS u ON u.id = p.userid
WHERE  (p.deleteat = 0 OR p.deleteat IS NULL)
AND    (p.type IN ('', 'me', 'burn_on_read') OR p.type IS NULL)
AND    NOT EXISTS (SELECT FROM @bots@ AS b WHERE b.userid = p.userid)
AND    (u.remoteid = '' OR u.remoteid IS NULL)
AND    u.roles ~ '(^| )system_guest( |$)' IS NOT TRUE
AND    p.props ~ '"from_(webhook|bot|plugin|oauth_app)": ?"?true' IS NOT TRUE

--@ source tickets
-- Threads of employees in channels, on the desk internal: answered when somebody else first wrote
-- in one. Direct messages and posts without a thread are none.
SELECT r.id          AS ticket_id,
       r.said_at     AS opened_at,
       min(a.said_at) FILTER (WHERE a.userid <> r.userid AND a.said_at >= r.said_at)
                     AS first_reply_at,
       'internal'    AS desk,
       t.displayname AS team,
       c.displayname AS room
FROM   @said@ AS r
       JOIN @said@ AS a ON a.root_id = r.id
       JOIN @channels@ AS c ON c.id = r.channelid AND c.type IN ('O', 'P')
       LEFT JOIN @teams@ AS t ON t.id = c.teamid
WHERE  r.root_id = '' OR r.root_id IS NULL
GROUP  BY r.id, r.said_at, t.displayname, c.displayname

--@ lacks direct messages
-- answers to them are seldom threads, so that what was to be answered cannot be told

--@ lacks posts that nobody answered
-- whether a post without a thread was a question cannot be told: they are left out

--@ lacks solutions
-- nothing says when a question was solved; add resolved_at if a reaction or a word does

--@ lacks messages deleted for good
-- what data retention or an import has removed is gone
