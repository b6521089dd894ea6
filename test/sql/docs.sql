\set ECHO none
\i test/setup.psql
\i docs/tables.sql
SELECT no_plan();

SELECT is(pg_temp.rewritten(body), body, '`make docs` would change nothing in ' || name)
FROM   page ORDER BY name COLLATE "C";
SELECT is_empty('SELECT mark
                 FROM   generated
                 WHERE  NOT EXISTS (SELECT FROM page
                                    WHERE  body LIKE format(''%%<!-- begin %s -->%%'', mark))',
                'each generated table is on a page');
SELECT is_empty($$SELECT name, m[1]
                  FROM   page, regexp_matches(body, '<!-- begin (\S+) -->', 'g') AS m
                  WHERE  m[1] NOT IN (SELECT mark FROM generated)$$,
                'and nothing else is marked as generated');
SELECT is_empty($$SELECT v.name
                  FROM   view_definitions AS v
                  WHERE  v.name !~ ('^kpi_(daily_|orders|order_lines|returns|deliveries|surveys|'
                                    'customers|visitors)')
                  AND    v.name <> 'kpi_grain'
                  AND NOT EXISTS (SELECT FROM page
                                  WHERE  page.name = 'docs/model.md'
                                  AND    position('`' || v.name || '`' IN body) > 0)$$,
                'docs/model.md has every view');

-- The lines of a page, those of code and comments apart.
CREATE VIEW page_line AS
SELECT name, n, line,
       count(*) FILTER (WHERE line LIKE '```%') OVER w % 2 = 1 OR line LIKE '```%' AS code
FROM   page, string_to_table(body, E'\n') WITH ORDINALITY AS l (line, n)
WINDOW w AS (PARTITION BY name ORDER BY n);

-- A heading's anchor, as GitHub makes it.
CREATE VIEW anchor AS
SELECT name,
       replace(regexp_replace(lower(regexp_replace(line, '^#+ ', '')), '[^\w -]', '', 'g'), ' ',
               '-') AS anchor
FROM   page_line
WHERE  line ~ '^#+ ' AND NOT code;

-- Links may break over lines of text.
CREATE VIEW link AS
SELECT name, link[1] AS link, split_part(link[1], '#', 2) AS anchor,
       CASE WHEN link[1] LIKE '#%' THEN name
            ELSE regexp_replace(regexp_replace(name, '[^/]+$', '') || split_part(link[1], '#', 1),
                                '[^/]+/\.\./', '') END AS path
FROM   (SELECT name, string_agg(line, E'\n' ORDER BY n) AS text
        FROM   page_line WHERE NOT code GROUP BY name) AS p,
       regexp_matches(regexp_replace(text, '`[^`]*`\|', '', 'g'), '\]\(([^)\s]+)\)', 'g') AS link
WHERE  link[1] !~ '^https?:';
SELECT isnt_empty('SELECT FROM link', 'pages link to each other');
\set files `cd test/.. && find . -name .git -prune -o -print | sed 's:^\./::; s:$:/:'`
SELECT is_empty(format($$SELECT name, link
                         FROM   link
                         WHERE  rtrim(path, '/') || '/' <> ALL (string_to_array(%L, E'\n'))$$,
                       :'files'),
                'what a page links to is there');
SELECT is_empty($$SELECT name, link
                  FROM   link
                  WHERE  anchor <> ''
                  AND    (path, anchor) NOT IN (SELECT a.name, a.anchor FROM anchor AS a)$$,
                'and so is the heading');
SELECT is_empty($$SELECT name
                  FROM   page
                  WHERE  name <> 'README.md'
                  AND    name NOT IN (SELECT path FROM link WHERE link.name = 'README.md')$$,
                'the README leads to every page');

-- Examples are run page by page, each after those before it: blocks of SQL, and what a comment
-- says they need first; those of pages that say so in a suite of their own.  Grafana's macros are
-- what it makes of them.
CREATE TABLE example AS
SELECT name, n, e[1] AS skipped, coalesce(e[2], e[3]) AS sql
FROM   page,
       regexp_matches(body,
                      '(<!-- not run: [^\n]+ -->\n)??(?:<!-- first\n(.*?)-->|```sql\n(.*?)```)',
                      'g') WITH ORDINALITY AS r (e, n);
UPDATE example SET sql = replace(replace(sql, '$__time(period)', 'period AS "time"'),
                                 '$__timeFilter(period)',
                                 'period BETWEEN ''2025-02-26T23:00:00Z'' AND '
                                 '''2025-03-03T10:15:00Z''');

CREATE FUNCTION failures(page text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    failed text[] = '{}';
    ran    example;
BEGIN
    BEGIN
        FOR ran IN SELECT * FROM example WHERE name = page AND skipped IS NULL ORDER BY n LOOP
            BEGIN
                EXECUTE ran.sql;
            EXCEPTION WHEN OTHERS THEN
                failed := failed || format(E'%s: %s\n%s', SQLSTATE, SQLERRM, ran.sql);
            END;
        END LOOP;
        RAISE SQLSTATE 'KPI00';                -- takes back what the page has made
    EXCEPTION WHEN SQLSTATE 'KPI00' THEN
    END;
    RETURN QUERY SELECT unnest(failed);
END $$;
SELECT is_empty(format('SELECT failures(%L)', name), 'the examples of ' || name || ' run')
FROM   (SELECT DISTINCT name FROM example JOIN page USING (name)
        WHERE  skipped IS NULL AND body NOT LIKE '%<!-- run by test/sql/%') AS e
ORDER  BY name COLLATE "C";

SELECT * FROM finish();
ROLLBACK;
