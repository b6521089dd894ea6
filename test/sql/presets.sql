\set ECHO none
\i test/setup.psql
SELECT plan(62);

-- Known shop systems: what their files say holds together, and preset() and detect() do what they
-- report.

-- The files.
CREATE VIEW shop AS SELECT shop, name FROM presets WHERE kind = 'shop';
SELECT is_empty('SELECT shop
                 FROM   presets GROUP BY shop
                 HAVING count(*) FILTER (WHERE kind = ''shop'') <> 1
                 OR     count(*) FILTER (WHERE kind = ''source'') = 0
                 OR     array_position(array_agg(name ORDER BY position)
                                           FILTER (WHERE kind = ''source''), ''orders'') > 1',
                'a system has a name and sources, a shop its orders first');
SELECT is_empty('SELECT name, meaning
                 FROM   presets WHERE kind = ''source''
                 GROUP  BY name, meaning HAVING count(*) > 1',
                'the comments of a source tell systems apart');
SELECT is_empty('SELECT shop, name
                 FROM   presets
                 WHERE  kind = ''source'' AND name NOT IN (SELECT source FROM source_columns)',
                'what a shop fills are sources');
SELECT is_empty('SELECT shop, name
                 FROM   presets
                 WHERE  kind IN (''source'', ''lacks'')
                 AND    (meaning = '''' OR kind = ''source'' AND meaning NOT LIKE ''%.'')',
                'a source has a comment, what is lacking a reason');
SELECT is_empty($$SELECT p.shop, p.name, l.line
                  FROM   presets AS p, regexp_split_to_table(p.body, '\n') AS l (line)
                  WHERE p.kind IN ('table', 'optional')
                  AND   (l.line !~ '^[\w|]+ +\w[^,]*(, required)?$'
                         OR  l.line !~ ' key(, required)?$'
                         AND to_regtype(nullif(substring(l.line FROM '^\S+ +([^,]*)'), 'key'))
                             IS NULL)$$,
                'a column is declared with names and a known type');
SELECT is_empty($$SELECT shop, name FROM presets WHERE kind = 'table' AND body !~ ', required'$$,
                'a table has at least one column without which it is of no use');
SELECT is_empty($$SELECT a.shop, a.name, b.name
                  FROM   presets AS a
                         JOIN presets AS b USING (shop)
                  WHERE a.position < b.position
                  AND   a.kind IN ('table', 'optional') AND b.kind IN ('table', 'optional')
                  AND   string_to_array(a.name, '|') && string_to_array(b.name, '|')$$,
                'a table is declared once');
SELECT is_empty($$SELECT p.shop, p.name, m.needed
                  FROM   presets AS p,
                         regexp_matches(p.body, '--@ needs (\S*)', 'g') AS m (needed)
                  WHERE  p.kind <> 'source'
                  OR     m.needed[1] NOT IN (SELECT split_part(t.name, '|', 1) FROM presets AS t
                                             WHERE  t.shop = p.shop AND t.kind = 'optional')$$,
                'a source needs tables that need not be there');
SELECT is_empty($$SELECT p.shop, p.name, m.mark
                  FROM   presets AS p, regexp_matches(p.body, '@(\w+)@', 'g') AS m (mark)
                  WHERE p.kind IN ('part', 'source')
                  AND    NOT EXISTS (SELECT FROM presets AS t
                                     WHERE  t.shop = p.shop
                                     AND    t.kind IN ('table', 'optional', 'part')
                                     AND    split_part(t.name, '|', 1) = m.mark[1])$$,
                'a query names tables and parts that are declared');
SELECT is_empty($$SELECT p.shop, p.name
                  FROM   presets AS p WHERE p.kind IN ('table', 'optional', 'part')
                  AND NOT EXISTS (SELECT FROM presets AS q
                                  WHERE  q.shop = p.shop AND q.kind IN ('part', 'source')
                                  AND    q.body LIKE '%@' || split_part(p.name, '|', 1) || '@%')$$,
                'every table and part that is declared is used');
SELECT is_empty($$SELECT p.shop, p.name, c.condition
                  FROM   presets AS p, regexp_matches(p.body, '--@ if (\S+)', 'g') AS m (mark),
                         string_to_table(m.mark[1], '|') AS c (condition)
                  WHERE NOT EXISTS (SELECT FROM preset_columns(p.shop, 'kpi') AS d
                                    WHERE  c.condition IN (d.table, d.table || '.' || d.name))$$,
                'a condition is on a column that is declared');

-- Each of them, with its tables made as they are declared: all columns under their first names;
-- under their last ones, times without zone, and keys that are uuid; and no more than what is
-- required.
CREATE FUNCTION make_shop(of text, variant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    schema text := of || '_' || variant;
    item   record;
BEGIN
    EXECUTE format('CREATE SCHEMA %I', schema);
    FOR item IN
        SELECT n.names[CASE variant WHEN 'last' THEN cardinality(n.names) ELSE 1 END] AS name,
               string_agg(format(
                   '%I %s', c.names[CASE variant WHEN 'last' THEN cardinality(c.names) ELSE 1 END],
                   CASE WHEN variant = 'last' AND c.type = 'timestamptz' THEN 'timestamp'
                        WHEN c.type <> 'key' THEN c.type
                        WHEN variant = 'last' THEN 'uuid'
                        ELSE 'bigint' END), ', ' ORDER BY l.n) AS columns
        FROM   presets AS p
               CROSS JOIN LATERAL (SELECT string_to_array(p.name, '|') AS names) AS n
               CROSS JOIN LATERAL regexp_split_to_table(p.body, '\n') WITH ORDINALITY AS l (line, n)
               CROSS JOIN LATERAL regexp_match(l.line, '^(\S+) +([^,]*)(, required)?$') AS m
               CROSS JOIN LATERAL (SELECT string_to_array(m[1], '|') AS names, m[2] AS type) AS c
        WHERE  p.shop = of
        AND   (p.kind = 'table' OR p.kind = 'optional' AND (
                   variant <> 'least'
                   OR EXISTS (SELECT FROM presets AS q
                              WHERE  q.shop = of
                              AND    q.body ~ format('--@ needs %s\M', n.names[1]))))
        AND    (m[3] IS NOT NULL OR variant <> 'least')
        GROUP  BY p.position, n.names
    LOOP
        EXECUTE format('CREATE TABLE %I.%I (%s)', schema, item.name, item.columns);
    END LOOP;
    RETURN schema;
END $$;
CREATE TABLE made AS
SELECT shop, variant, make_shop(shop, variant) AS schema
FROM   shop, unnest('{first,last,least}'::text[]) AS variant;
CREATE TABLE detected AS
SELECT m.variant, m.schema, d.*, row_number() OVER (PARTITION BY m.schema) AS n
FROM   made AS m, LATERAL detect(m.schema) AS d;
SELECT set_eq('SELECT schema, shop FROM detected WHERE n = 1 AND usable',
              'SELECT schema, shop FROM made',
              'the tables of a shop are recognised');
SELECT is_empty('SELECT schema, d.shop
                 FROM   detected AS d
                        JOIN made AS m USING (schema)
                 WHERE  d.usable AND d.shop <> m.shop',
                'the tables of a shop are not taken for those of another');
SELECT is_empty('SELECT schema, missing
                 FROM   detected WHERE n = 1 AND variant <> ''least'' AND missing IS NOT NULL',
                'where all columns of a shop are there, nothing is said to be missing');
SELECT set_eq('SELECT d.schema, s FROM detected AS d, unnest(d.sources) AS s WHERE n = 1',
              'SELECT schema, name FROM made JOIN presets USING (shop) WHERE kind = ''source''',
              'detect() says that all sources of a shop can be made');
CREATE TABLE report AS
SELECT m.schema, r.* FROM made AS m, LATERAL preset(m.shop, m.schema, 'm_' || m.schema) AS r;
SELECT set_eq('SELECT schema, object
               FROM   report WHERE action = ''created'' AND object LIKE ''source %''',
              'SELECT schema, ''source '' || name
               FROM   made
                      JOIN presets USING (shop)
               WHERE  kind = ''source''',
              'preset() makes all sources of a shop');
SELECT set_eq('SELECT schema, object, reason FROM report WHERE action = ''lacking''',
              'SELECT schema, name, meaning
               FROM   made
                      JOIN presets USING (shop)
               WHERE  kind = ''lacks''',
              'preset() reports what the shop cannot answer');
SELECT lives_ok($$SELECT build('m_' || schema, 'UTC', 'EUR') FROM made$$,
                'build() makes a model of the sources of every shop');
CREATE VIEW made_column AS
SELECT m.shop, m.variant, c.relname AS source, a.attname AS name,
       replace(format_type(a.atttypid, a.atttypmod), 'uuid', 'bigint') AS type,
       col_description(c.oid, a.attnum) AS comment,
       obj_description(c.oid, 'pg_class') AS source_comment
FROM   made AS m
       JOIN pg_class AS c ON c.relnamespace = ('m_' || m.schema)::regnamespace
           AND c.relname IN (SELECT source FROM source_columns)
       JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0;
SELECT is_empty('SELECT shop, source, name, type
                 FROM   made_column WHERE variant = ''first''
                 EXCEPT
                 SELECT shop, source, name, type
                 FROM   made_column WHERE variant = ''last''',
                'other names and keys of the shop''s tables change nothing');
SELECT is_empty('SELECT shop, source, name, type
                 FROM   made_column WHERE variant = ''least''
                 EXCEPT
                 SELECT shop, source, name, type
                 FROM   made_column WHERE variant = ''first''',
                'what is missing in a shop changes nothing, but that a column may go');
SELECT is_empty('SELECT shop, source, name
                 FROM   made_column WHERE comment IS NULL OR source_comment IS NULL',
                'every view and column has a comment');
SELECT is_empty('SELECT m.shop, m.source, m.name
                 FROM   made_column AS m
                        JOIN source_columns AS s USING (source, name)
                 WHERE  m.comment <> s.meaning',
                'the comment of a column says what the source means by it');
CREATE FUNCTION read_all(query text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS 'BEGIN EXECUTE query; END';
SELECT lives_ok(format('SELECT read_all(%L)',
                       string_agg(format('SELECT FROM %I.%I', 'm_' || m.schema, p.name),
                                  ' UNION ALL ')),
                'a view finds its tables whatever the search_path')
FROM   made AS m JOIN presets AS p USING (shop) WHERE p.kind = 'source';

-- All tools beside a shop in one model, with numbers as keys in some, and uuid in others.
CREATE TABLE together AS
SELECT m.shop, r.*
FROM   made AS m, LATERAL preset(m.shop, m.schema, 'together') AS r
WHERE  m.variant = CASE WHEN m.shop < 'm' THEN 'first' ELSE 'last' END
AND    (m.shop = 'spree' OR NOT EXISTS (SELECT FROM presets AS p
                                        WHERE  p.shop = m.shop AND p.kind = 'source'
                                        AND    p.name = 'orders'));
SELECT is_empty($$SELECT * FROM together WHERE action IN ('kept', 'left out')$$,
                'a shop and all tools fill one model');
SELECT lives_ok($$SELECT build('together', 'UTC', 'EUR')$$,
                'build() makes a model of a shop and all tools');

-- A shop of our own.
INSERT INTO presets VALUES
    ('toy', 1, 'shop', 'Toy', '', ''),
    ('toy', 2, 'table', 'order|orders_old', '',
     E'id bigint, required\nplacedAt|placed_at timestamptz, required\ntotal numeric\nemail text'),
    ('toy', 3, 'optional', 'channel', '', E'id bigint, required\nname text'),
    ('toy', 4, 'table', 'parcel', '',
     E'order_id bigint, required\nsent_at timestamptz, required\narrived_at timestamptz'),
    ('toy', 5, 'part', 'all_orders', '', 'SELECT o.* FROM @order@ AS o'),
    ('toy', 6, 'part', 'placed', '',
     'SELECT o.* FROM @all_orders@ AS o WHERE o."placedAt" IS NOT NULL'),
    ('toy', 7, 'source', 'orders', 'Orders placed.',
     'SELECT o.id AS order_id, o."placedAt" AS ordered_at, o.total AS net_sales,
             (SELECT min(c.name) FROM @channel@ AS c) AS channel
      FROM   @placed@ AS o'),
    ('toy', 8, 'source', 'deliveries', 'Parcels.',
     'SELECT p.order_id, o."placedAt" AS ordered_at,
             p.arrived_at AS delivered_at, --@ if parcel.arrived_at|channel
             p.sent_at AS shipped_at
      FROM   @parcel@ AS p JOIN @placed@ AS o ON o.id = p.order_id'),
    ('toy', 9, 'lacks', 'visits', 'nobody counts them', '');
CREATE SCHEMA "Toy Shop";
CREATE TABLE "Toy Shop".orders_old (id int, placed_at timestamp, total double precision);
INSERT INTO "Toy Shop".orders_old VALUES (1, '2025-01-01 12:00', 5), (2, NULL, 7);

SELECT results_eq($$SELECT * FROM detect('Toy Shop')$$,
                  $$VALUES ('toy', 'Toy', true, '{orders}'::text[],
                            'orders_old (id, placed_at, total)',
                            'there is no orders_old.email; there is no channel; there is no parcel',
                            'visits: nobody counts them')$$,
                  'detect says what is found, what is missing, and what such a shop cannot answer');
SELECT results_eq($$SELECT * FROM preset('toy', 'Toy Shop', 'My "model"')$$,
                  $$VALUES ('schema My "model"', 'created', 'the model'),
                           ('source orders', 'created',
                            'Orders placed. Not there: orders_old.email, channel.'),
                           ('source deliveries', 'left out', 'there is no parcel'),
                           ('visits', 'lacking', 'nobody counts them'),
                           ('model My "model"', 'next',
                            'SELECT * FROM kpi.build(''My "model"'', timezone => ..., '
                            'currency => ..., storage => ''materialized'')')$$,
                  'preset says what it made, what not and why, and what comes next');
SELECT results_eq('SELECT * FROM "My ""model""".orders',
                  $$VALUES (1::bigint, timestamptz '2025-01-01 12:00 UTC', 5.0, NULL::text)$$,
                  'what has another name is found, what is missing is NULL, what has no zone is '
                  'UTC, and names are quoted');
SELECT lives_ok($$SELECT build('My "model"', 'UTC')$$,
                'build() makes a model of what preset() made');
SELECT results_eq($$SELECT object, action
                    FROM   preset('toy', 'Toy Shop', 'My "model"')
                    WHERE  action NOT IN ('lacking', 'next')$$,
                  $$VALUES ('source orders', 'kept'), ('source deliveries', 'left out')$$,
                  'a view that is there is kept');
CREATE TABLE "Toy Shop".parcel (order_id int, sent_at date, arrived_at int);
SELECT results_eq($$SELECT action, reason
                    FROM   preset('toy', 'Toy Shop', 'My "model"')
                    WHERE  object = 'source deliveries'$$,
                  $$VALUES ('left out',
                            'parcel.arrived_at is integer instead of timestamp with time zone')$$,
                  'a column of another type is not read');
ALTER TABLE "Toy Shop".parcel DROP arrived_at;
SELECT results_eq($$SELECT object, action
                    FROM   preset('toy', 'Toy Shop', 'My "model"', replace => true)
                    WHERE  action NOT IN ('lacking', 'next')$$,
                  $$VALUES ('source orders', 'replaced'), ('source deliveries', 'created')$$,
                  'a view that is there is replaced if asked, under the views of build()');
SELECT columns_are('My "model"', 'deliveries', '{order_id,ordered_at,shipped_at}',
                   'a column that only counts where the shop has it is left out');
ALTER TABLE "Toy Shop".parcel ADD arrived_at timestamptz;
SELECT throws_ok($$SELECT preset('toy', 'Toy Shop', 'My "model"', replace => true)$$, '42P16',
                 'view "My ""model""".deliveries has other columns than its replacement',
                 'a view is not replaced by one that lacks, or moves, its columns');
DROP VIEW "My ""model""".deliveries;
CREATE TABLE "My ""model""".deliveries (order_id int);
SELECT results_eq($$SELECT action, reason
                    FROM   preset('toy', 'Toy Shop', 'My "model"', replace => true)
                    WHERE  object = 'source deliveries'$$,
                  $$VALUES ('kept', 'a relation of this name is there that is no view')$$,
                  'a table is never replaced');
DROP TABLE "My ""model""".deliveries;
SELECT FROM preset('toy', 'Toy Shop', 'My "model"');
SELECT columns_are('My "model"', 'deliveries', '{order_id,ordered_at,delivered_at,shipped_at}',
                   'a column that only counts where the shop has it is there where it has');

-- What is wrong with a call.
SELECT throws_ok(call, state, message, rule)
FROM   (VALUES
    ($$SELECT preset('shopware', 'Toy Shop', 'm')$$,   '22023', 'unknown shop system "shopware"',
     'a shop is a known one'),
    ($$SELECT preset(NULL, 'Toy Shop', 'm')$$,         '22004', 'an argument of preset is NULL',
     'no argument is NULL'),
    ($$SELECT preset('toy', 'Toy Shop', NULL)$$,       '22004', 'an argument of preset is NULL',
     'the model is not NULL'),
    ($$SELECT preset('toy', NULL, 'm')$$,              '22004', 'no schema is named',
     'the schema of the tables is not NULL'),
    ($$SELECT preset('toy', 'nowhere', 'm')$$,         '3F000', 'schema "nowhere" does not exist',
     'the schema of the tables exists'),
    ($$SELECT detect('nowhere')$$,                     '3F000', 'schema "nowhere" does not exist',
     'the schema that detect() looks at exists'),
    ($$SELECT preset('toy', 'kpi', 'm')$$,             '42P01',
     'schema "kpi" does not hold the orders of Toy',
     'the schema of the tables holds the orders of the shop')
) AS t (call, state, message, rule);
DO $$
DECLARE
    detail text;
    hint   text;
BEGIN
    PERFORM preset('toy', 'kpi', 'm');
EXCEPTION WHEN undefined_table THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    CREATE TABLE said AS SELECT detail, hint;
END $$;
SELECT is(detail, 'There is no order or orders_old.', 'the error says which tables were looked for')
FROM   said;
SELECT is(hint, 'SELECT * FROM kpi.detect(''kpi'') says which shop system it holds.',
          'the hint says how to find which shop system a schema holds')
FROM   said;
CREATE SCHEMA closed;
CREATE ROLE kpi_guest;
GRANT USAGE ON SCHEMA "Toy Shop", closed TO kpi_guest;
GRANT SELECT ON ALL TABLES IN SCHEMA "Toy Shop" TO kpi_guest;
SET LOCAL ROLE kpi_guest;
SELECT throws_ok($$SELECT preset('toy', 'Toy Shop', 'closed')$$,
                 '42501', 'view closed.orders cannot be made: permission denied for schema closed',
                 'who may not make views is told in a line');
RESET ROLE;
UPDATE presets
SET    body = replace(body, 'SELECT p.order_id', 'SELECT 1 / p.no_such_column, p.order_id')
WHERE  shop = 'toy' AND name = 'deliveries';
SELECT throws_ok($$SELECT preset('toy', 'Toy Shop', 'new_model')$$, '42703', NULL,
                 'a view that cannot be made is an error');
SELECT hasnt_schema('new_model', 'where a view cannot be made, nothing is');
DELETE FROM presets WHERE shop = 'toy';

-- Two desks, and a bell, each with tickets. Bell's have texts as numbers, and a floor; Desk's are
-- promised a reply.
INSERT INTO presets VALUES
    ('desk', 1, 'shop', 'Desk', '', ''),
    ('desk', 2, 'table', 'request', '',
     E'id key, required\nat timestamptz, required\ndue timestamptz\nwho text'),
    ('desk', 3, 'source', 'tickets', 'Requests of Desk.',
     'SELECT r.id AS ticket_id, r.at AS opened_at, NULL::timestamptz AS first_reply_at,
             r.due AS reply_due_at, --@ if request.due
             r.who AS team
      FROM   @request@ AS r'),
    ('desk', 4, 'source', 'surveys', 'Marks of Desk.',
     'SELECT r.at AS answered_at, ''csat'' AS instrument, 5 AS score, r.who AS respondent
      FROM   @request@ AS r'),
    ('bell', 1, 'shop', 'Bell', '', ''),
    ('bell', 2, 'table', 'ring', '', E'id text, required\nat timestamptz, required'),
    ('bell', 3, 'source', 'tickets', 'Rings of Bell.',
     'SELECT ''internal'' AS desk, r.id AS ticket_id, r.at AS opened_at,
             r.at + interval ''1 hour'' AS first_reply_at, 3 AS floor
      FROM   @ring@ AS r'),
    ('horn', 1, 'shop', 'Horn', '', ''),
    ('horn', 2, 'table', 'ring', '', E'id text, required\nat timestamptz, required'),
    ('horn', 3, 'source', 'tickets', 'Rings of Horn.',
     'SELECT r.id AS ticket_id, r.at AS opened_at, ''x'' AS sound FROM @ring@ AS r');
CREATE SCHEMA tools;
CREATE TABLE tools.request (id int, at timestamptz, due timestamptz, who text);
CREATE TABLE tools.ring (id text, at timestamptz);
INSERT INTO tools.request VALUES (1, '2025-01-01 12:00', '2025-01-02', 'Ann');
INSERT INTO tools.ring VALUES ('1', '2025-01-01 13:00');
SELECT results_eq($$SELECT shop, usable, sources FROM detect('tools') ORDER BY shop$$,
                  $$VALUES ('bell', true, '{tickets}'::text[]), ('desk', true, '{tickets,surveys}'),
                           ('horn', true, '{tickets}')$$,
                  'tools are of use without orders, and several may be in one schema');
SELECT FROM preset('desk', 'tools', 'united');
SELECT lives_ok($$SELECT build('united', 'UTC', as_of => '2025-01-03')$$,
                'build() makes a model of a tool alone');
SELECT results_eq($$SELECT object, action, reason
                    FROM   preset('bell', 'tools', 'united') WHERE action <> 'next'$$,
                  $$VALUES ('source tickets_bell', 'created', 'Rings of Bell.'),
                           ('source tickets', 'united',
                            'all rows of tickets_desk and tickets_bell; '
                            'the column system says which they are of')$$,
                  'what two tools have is united');
SELECT results_eq('SELECT system, ticket_id, opened_at, first_reply_at, reply_due_at, team, desk,
                          floor
                   FROM   united.tickets ORDER BY opened_at',
                  $$VALUES ('desk', 'desk 1', timestamptz '2025-01-01 12:00',
                            NULL::timestamptz, timestamptz '2025-01-02', 'Ann', NULL, NULL::int),
                           ('bell', 'bell 1', '2025-01-01 13:00', '2025-01-01 14:00', NULL, NULL,
                            'internal', 3)$$,
                  'numbers of two tools are told apart, and what one does not know is NULL');
SELECT lives_ok($$SELECT build('united', 'UTC', dimensions => '{system}',
                               as_of => '2025-01-03')$$,
                'build() makes a model of what is united, the system a dimension');
SELECT results_eq('SELECT tickets, internal_response_hours
                   FROM   united.kpi_month WHERE period = ''2025-01-01''',
                  'VALUES (1::bigint, 1.0::float8)',
                  'the tickets of both tools count in one model');
SELECT results_eq($$SELECT object, action
                    FROM   preset('desk', 'tools', 'united') WHERE action <> 'next'$$,
                  $$VALUES ('source tickets_desk', 'kept'), ('source tickets', 'united'),
                           ('source surveys', 'kept')$$,
                  'what is united is kept when it is asked for again');
SELECT results_eq($$SELECT object, action
                    FROM   preset('desk', 'tools', 'united', replace => true)
                    WHERE  action <> 'next'$$,
                  $$VALUES ('source tickets_desk', 'replaced'), ('source tickets', 'united'),
                           ('source surveys', 'replaced')$$,
                  'each part of what is united is replaced by itself');
SELECT FROM preset('horn', 'tools', 'united');
SELECT results_eq('SELECT system, ticket_id FROM united.tickets ORDER BY 1',
                  $$VALUES ('bell', 'bell 1'), ('desk', 'desk 1'), ('horn', 'horn 1')$$,
                  'a third tool joins, under the views of build()');
SELECT columns_are('united', 'tickets',
                   '{system,ticket_id,opened_at,first_reply_at,reply_due_at,team,desk,floor,sound}',
                   'what is united has the columns of all');
SELECT is(col_description('united.tickets_bell'::regclass, a.attnum), s.meaning,
          'the comment of a part says what the source means by its columns')
FROM   pg_attribute AS a JOIN source_columns AS s ON s.name = a.attname
WHERE  a.attrelid = 'united.tickets_bell'::regclass AND a.attname = 'ticket_id';
SELECT FROM drop_views('united');
DROP VIEW united.tickets;
CREATE VIEW united.tickets AS SELECT * FROM united.tickets_bell;
SELECT results_eq($$SELECT object, action
                    FROM   preset('bell', 'tools', 'united', replace => true)
                    WHERE  action <> 'next'$$,
                  $$VALUES ('source tickets_bell', 'replaced'), ('source tickets', 'kept')$$,
                  'a view of your own in the place of what is united is kept');
CREATE SCHEMA own;
CREATE VIEW own.tickets AS SELECT 7 AS ticket_id, timestamptz '2025-01-01' AS opened_at;
SELECT results_eq($$SELECT object, action, reason
                    FROM   preset('bell', 'tools', 'own') WHERE action <> 'next'$$,
                  $$VALUES ('source tickets', 'kept',
                            'a view of this name is there; replace => true makes it anew')$$,
                  'a view of your own is not united with that of a tool');
SELECT FROM build('own', 'UTC', storage => 'incremental');
SELECT results_eq($$SELECT reason FROM preset('bell', 'tools', 'own') WHERE action = 'next'$$,
                  $$SELECT built_by FROM own.kpi_settings$$,
                  'a model that was built is built as before');
DELETE FROM presets WHERE shop IN ('desk', 'bell', 'horn');

SELECT * FROM finish();
ROLLBACK;
