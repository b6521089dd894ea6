-- What the catalog knows, as the tables of the pages in docs/.  `make docs` writes them between
--
--     <!-- begin kpi.sources -->
--     <!-- end -->
--
-- and test/sql/docs.sql says that this changes nothing.  Included with kpi in the search path.
-- All names of the catalog's tables and columns that docs depend on are in this file.

-- The pages, read from the folder of the checkout; a page starts with a form feed and its name.
\set pages `cd test/.. && awk 'FNR == 1 { printf "\f%s\n", FILENAME } { print }' README.md docs/*.md`

CREATE TEMPORARY TABLE page AS
SELECT split_part(p, E'\n', 1)                           AS name,
       rtrim(substr(p, strpos(p, E'\n') + 1), E'\n') || E'\n' AS body
FROM   unnest(string_to_array(:'pages', E'\f')) AS p
WHERE  p <> '';

-- A line of a table: `|` in a cell would end it.
CREATE FUNCTION pg_temp.line(VARIADIC cells text[]) RETURNS text LANGUAGE sql AS $$
    SELECT '| ' || string_agg(replace(coalesce(cell, ''), '|', '\|'), ' | ' ORDER BY n) || ' |'
    FROM   unnest(cells) WITH ORDINALITY AS c (cell, n)
$$;

CREATE FUNCTION pg_temp.code(text) RETURNS text LANGUAGE sql AS $$SELECT '`' || $1 || '`'$$;

-- A section for each group, with the head of its table and its lines.
CREATE TEMPORARY VIEW generated AS
WITH line (mark, part, title, head, position, line) AS (
    SELECT 'kpi.sources', c.position, pg_temp.code(source),
           pg_temp.line('column', 'kind', 'what it holds'), s.position,
           pg_temp.line(pg_temp.code(name) || CASE WHEN required THEN ' (required)' ELSE '' END,
                        s.kind, s.meaning)
    FROM   source_columns AS s
    JOIN   sources AS c USING (source)
    UNION ALL
    SELECT 'kpi.catalog', min(i.position) OVER (PARTITION BY i.category), initcap(i.category),
           pg_temp.line('column', 'name', 'unit', 'definition', 'formula', 'needs'), i.position,
           pg_temp.line(pg_temp.code(i.indicator), i.name, i.unit, i.definition,
                        pg_temp.code(c.formula), c.needs)
    FROM   indicators AS i
    JOIN   catalog AS c USING (indicator)
    UNION ALL
    SELECT 'kpi.presets', 0, NULL, pg_temp.line('shop', 'system', 'sources', 'lacks'),
           row_number() OVER (ORDER BY p.shop),
           pg_temp.line(pg_temp.code(p.shop), p.name, of_it.sources, of_it.lacks)
    FROM   presets AS p,
           LATERAL (SELECT string_agg(name, ', ' ORDER BY position) FILTER (WHERE kind = 'source'),
                           string_agg(name, ', ' ORDER BY position) FILTER (WHERE kind = 'lacks')
                    FROM   presets
                    WHERE  shop = p.shop) AS of_it (sources, lacks)
    WHERE  p.kind = 'shop'
    UNION ALL
    SELECT 'kpi.settings', 0, NULL, pg_temp.line('argument', 'type', 'usually', 'what it says'),
           position,
           pg_temp.line(pg_temp.code(name), type,
                        CASE WHEN required AND usual IS NULL THEN 'has to be given'
                             ELSE pg_temp.code(usual) END,
                        meaning || CASE WHEN type = 'text' AND choices <> '{}'
                                        THEN ': ' || array_to_string(choices, ', ') ELSE '' END)
    FROM   settings
    UNION ALL
    SELECT 'kpi.goal_columns', 0, NULL, pg_temp.line('table', 'column', 'what it holds'),
           100 * t.position + g.position,
           pg_temp.line(pg_temp.code(g.relation),
                        pg_temp.code(g.name) || CASE WHEN g.definition LIKE 'NOT NULL%'
                                                     AND  g.definition NOT LIKE '%DEFAULT%'
                                                     AND  g.name NOT IN ('direction', 'horizon')
                                                     THEN ' (required)' ELSE '' END,
                        g.meaning)
    FROM   goal_columns AS g JOIN goal_tables AS t ON t.name = g.relation
    UNION ALL
    SELECT 'kpi.status_sentences', 0, NULL, pg_temp.line('status', 'why'),
           row_number() OVER (ORDER BY array_position(
               '{achieved,on_track,at_risk,off_track,cannot_tell,too_early,no_data}', status), code),
           pg_temp.line(pg_temp.code(status),
                        regexp_replace(en, '@([a-z]+)@', '*\1*', 'g'))
    FROM   status_sentences
    UNION ALL
    SELECT 'kpi.traps', 0, NULL, pg_temp.line('trap', 'source', 'kind', 'found', 'moves'), position,
           pg_temp.line(pg_temp.code(trap), replace(source, '*', 'all'), kind, finding,
                        pg_temp.code(indicator))
    FROM   traps
), section AS (
    SELECT mark, part, coalesce(E'\n## ' || title || E'\n\n', E'\n') || head || E'\n'
           || regexp_replace(regexp_replace(head, '[^|]+', '---', 'g'), '$', E'\n')
           || string_agg(line, E'\n' ORDER BY position) || E'\n' AS text
    FROM   line
    GROUP  BY mark, part, title, head
)
SELECT mark, string_agg(text, '' ORDER BY part, text) AS body
FROM   section
GROUP  BY mark;

-- A page with what is between its marks written anew.
CREATE FUNCTION pg_temp.rewritten(page text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    mark  text;
    body  text;
    found text;
BEGIN
    FOR mark, body IN SELECT * FROM generated LOOP
        found := substring(page FROM format('<!-- begin %s -->\n.*?<!-- end -->', mark));
        IF found IS NOT NULL THEN
            page := replace(page, found,
                            format(E'<!-- begin %s -->\n%s\n<!-- end -->', mark, body));
        END IF;
    END LOOP;
    RETURN page;
END $$;
