-- exports: a model in the words of tools that pool by themselves
--
-- Cube and MetricFlow compute any metric over any time and dimensions, from sums. So they are given
-- what indicators are made of: a row of parts() has what adds up of a day and its members, a
-- conversion rate's successes and trials for example. What adds up of a value is said by its type,
-- and what becomes of the sums by the formula of the catalog: neither is written a second time. A
-- formula that reads anything else, such as people, who can be in several days, cannot be pooled,
-- and is not offered as if it could.
--
-- So it is with aov, for example, where no changes of orders are told: its formula,
-- value(orders.net_sales), reads an average of kpi_daily_orders. export_values() says that this is
-- total / sample_size, parts() has both as columns, and Cube gets the measure
-- ${orders_net_sales_total} / nullif(${orders_net_sales_sample_size}, 0)::numeric.

-- what a model is made of

-- MetricFlow's names, of which those of its grains are taken. Cube writes cube__member in SQL, of
-- which PostgreSQL keeps 63 characters: our longest part has 39, so the name of a model may have
-- 22, and that of a dimension 39.
CREATE FUNCTION export_name(name text, longest integer, instead text) RETURNS text
LANGUAGE SQL IMMUTABLE
    RETURN CASE WHEN length(name) <= longest AND name ~ '^[a-z][a-z0-9_]*[a-z0-9]$' AND name !~ '__'
                AND name !~ ('^(metric_time|(nano|micro|milli)?second|minute|hour|day|week|month|'
                             'quarter|half|year|all)$')
                THEN name ELSE instead END;
COMMENT ON FUNCTION export_name(name text, longest integer, instead text) IS
'implementation of parts: a name if every tool takes it, or another';

CREATE FUNCTION export_columns(model text) RETURNS TABLE (view text, name text, type text, agg text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT v.name, a.attname, t.typname,
           CASE WHEN c.pools = 'distinct' THEN 'count_distinct'
                WHEN c.pools IS NULL AND t.typname IN ('int8', 'numeric') THEN 'sum' END
    FROM   kpi.view_definitions AS v
           JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', model, v.name))
                AND a.attnum > 0 AND NOT a.attisdropped
           JOIN pg_type AS t ON t.oid = a.atttypid
           LEFT JOIN kpi.view_columns AS c ON (c.view, c.name) = (v.name, a.attname)
    WHERE  v.name LIKE 'kpi\_daily\_%';
END;
COMMENT ON FUNCTION export_columns(model text) IS
'implementation of parts: the columns of the daily views, and how tools pool them as they are';

-- what adds up

-- The parts that values have, and of which type they are.
CREATE FUNCTION export_kinds() RETURNS TABLE (part text, type text) LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    VALUES ('successes', 'int8'), ('trials', 'int8'), ('promoters', 'int8'), ('detractors', 'int8'),
           ('responses', 'int8'), ('sample_size', 'int8'), ('total', 'numeric'),
           ('seconds', 'numeric'), ('numerator', 'numeric'), ('denominator', 'numeric');
END;
COMMENT ON FUNCTION export_kinds() IS 'implementation of parts: the parts of values that add up';

-- What a shop names has not the name of another column: of a part, or of what another is called.
CREATE FUNCTION export_taken(name text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT name ~ '^(dimension|indicator)_\d+$|^measure_|^(grain|dimension|member)$' OR EXISTS (
               SELECT FROM kpi.formula_reads AS r
                           CROSS JOIN (SELECT k.part FROM kpi.export_kinds() AS k
                                       UNION ALL
                                       SELECT NULL) AS k (part)
               WHERE  concat_ws('_', r.alias, r.column, k.part) = export_taken.name);
END;
COMMENT ON FUNCTION export_taken(name text) IS
'implementation of parts: whether tools know something else by this name';

CREATE FUNCTION export_members(dimensions text[])
RETURNS TABLE ("position" bigint, dimension text, name text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT d.position, d.dimension,
           CASE WHEN kpi.export_taken(d.dimension)
                THEN o.other ELSE kpi.export_name(d.dimension, 39, o.other) END
    FROM   unnest(dimensions) WITH ORDINALITY AS d (dimension, position)
           CROSS JOIN LATERAL concat('dimension_', d.position) AS o (other);
END;
COMMENT ON FUNCTION export_members(dimensions text[]) IS
'implementation of parts: the dimensions, and what tools call them';

-- What the value of a type is made of, @ being the column.
CREATE FUNCTION export_values()
RETURNS TABLE (type text, written text, meant text, numerator text, denominator text)
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT v.type, v.written,
           format('%s / nullif(%s, 0)', v.numerator, v.denominator)
           || CASE v.type WHEN 'ratio' THEN '' ELSE '::numeric' END,
           v.numerator, v.denominator
    FROM  (VALUES ('rate',     'kpi.value(@)', 'kpi.successes(@)', 'kpi.trials(@)'),
                  ('average',  'kpi.value(@)', 'kpi.total(@)',     'kpi.sample_size(@)'),
                  ('nps',      'kpi.value(@)', '100 * (kpi.promoters(@) - kpi.detractors(@))',
                   'kpi.responses(@)'),
                  ('ratio',    'kpi.value(@)', 'kpi.numerator(@)', 'kpi.denominator(@)'),
                  ('duration', 'extract(epoch FROM kpi.value(@))', 'kpi.seconds(@)',
                   'kpi.sample_size(@)')) AS v (type, written, numerator, denominator);
END;
COMMENT ON FUNCTION export_values() IS
'implementation of parts and explain: what the value of each type is made of that can be pooled';

-- The formulas of the indicators in kpi_day, the value of each type written as what it is made of,
-- and {name} where a part is read; what cannot be pooled keeps its marks. Where sources have been
-- added since, or the views dropped, formulas would read what the views do not have, or nothing:
-- that is an error.
CREATE FUNCTION export_formulas(model text)
RETURNS TABLE ("position" integer, indicator text, priority integer, formula text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    settings record;
    chosen   record;
    read     record;
    kind     text;
    columns  jsonb;
BEGIN
    SELECT * INTO settings FROM kpi.settings_of(model, false);
    SELECT jsonb_agg(to_jsonb(c)) INTO columns FROM kpi.export_columns(model) AS c;
    FOR chosen IN
        SELECT i.position, i.indicator, i.priority, f.marked_value, a.attname IS NOT NULL AS built
        FROM   kpi.found_indicators(model, settings.dimensions, NULL, settings.settings, true) AS i
               JOIN kpi.formulas AS f USING (indicator, priority)
               LEFT JOIN pg_attribute AS a ON a.attname = i.indicator
                    AND a.attrelid = to_regclass(format('%I.kpi_day', model))
        WHERE  i.missing IS NULL
        AND    EXISTS (SELECT FROM kpi.formulas AS o    -- told of all members together, too
                       WHERE  o.indicator = i.indicator AND 'by=dimension' <> ALL (o.needs))
        ORDER  BY i.position
    LOOP
        IF NOT chosen.built THEN
            RAISE EXCEPTION 'model "%" has to be built again', model
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      DETAIL = format('Its sources have what %s needs, which its view kpi_day does '
                                      'not show.', chosen.indicator),
                      HINT = settings.built_by || ' does that.';
        END IF;
        position  := chosen.position;
        indicator := chosen.indicator;
        priority  := chosen.priority;
        formula   := chosen.marked_value;
        FOR read IN
            SELECT m.mark, concat_ws('_', r.alias, r.column) AS name, c.agg,
                   replace(v.written, '@', m.mark) AS written,
                   replace(v.meant, '@', m.mark) AS meant
            FROM   kpi.formula_reads AS r
                   JOIN jsonb_to_recordset(columns) AS c (view text, name text, type text, agg text)
                        ON (c.view, c.name) = (r.view, r.column)
                   CROSS JOIN format('@%s.%s@', r.alias, r.column) AS m (mark)
                   LEFT JOIN kpi.export_values() AS v ON v.type = c.type
            WHERE  (r.indicator, r.priority) = (chosen.indicator, chosen.priority)
            AND    r.shift IS NULL
            AND    (settings.anonymity IS NULL OR NOT EXISTS (
                        SELECT FROM kpi.view_columns AS a
                        WHERE  (a.view, a.name, a.pools) = (r.view, r.column, 'anonymous')))
        LOOP
            IF formula = read.written THEN
                formula := read.meant;
            ELSIF read.written IS NOT NULL THEN
                formula := replace(formula, read.written, '(' || read.meant || ')');
            END IF;
            FOR kind IN SELECT k.part FROM kpi.export_kinds() AS k LOOP
                formula := replace(formula, format('kpi.%s(%s)', kind, read.mark),
                                   format('{%s_%s}', read.name, kind));
            END LOOP;
            IF read.agg IS NOT NULL THEN
                formula := replace(formula, read.mark, format('{%s}', read.name));
            END IF;
        END LOOP;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION export_formulas(model text) IS
'implementation of parts: the formulas of a model, values taken apart; what cannot be pooled is '
'still marked in them';

-- The measures that formulas read, and their parts: what is a sum, and what is a share.
CREATE FUNCTION export_measured(model text)
RETURNS TABLE (measure text, formula text, parts jsonb) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT r.measure,
           format('CASE WHEN {%1$s_sample_size} > 0 '
                  'THEN {%1$s_numerator} / nullif({%1$s_denominator}, 0) ELSE {%1$s_total} END',
                  n.name),
           (SELECT jsonb_object_agg(format('%s_%s', n.name, p.part), format(
                       'CASE WHEN measure = %L THEN kpi.%s(%s) END', r.measure, p.part, p.of))
            FROM   (VALUES ('sample_size', 'share'), ('numerator', 'share'),
                           ('denominator', 'share'), ('total', 'amount')) AS p (part, of))
    FROM   (SELECT DISTINCT o.read AS measure, dense_rank() OVER (ORDER BY o.read) AS n
            FROM   kpi.own_reads(model) AS o WHERE o.kind = 'measure') AS r
           CROSS JOIN LATERAL concat('number_', r.n) AS i (instead)
           CROSS JOIN LATERAL (
               SELECT 'measure_' || CASE WHEN r.measure ~ '^number_\d+$' THEN i.instead
                                         ELSE kpi.export_name(r.measure, 19, i.instead) END)
               AS n (name);
END;
COMMENT ON FUNCTION export_measured(model text) IS
'implementation of parts: the measures that indicators of a model read, how they are pooled from '
'parts, and how these are read from the daily view';

-- Own indicators are made of the formulas of what they read, if all of that can be pooled.
CREATE FUNCTION export_own(model text)
RETURNS TABLE ("position" integer, indicator text, priority integer, formula text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT * FROM kpi.export_formulas(model)
    ),
    made AS MATERIALIZED (
        SELECT kpi.own_formulas(model, coalesce(jsonb_object_agg(g.name, g.formula), '{}'),
                                false) AS formulas
        FROM   (SELECT v.indicator AS name, v.formula FROM given AS v
                WHERE  position('@' IN v.formula) = 0
                UNION ALL
                SELECT kpi.measure_name(m.measure), m.formula
                FROM   kpi.export_measured(model) AS m) AS g
    )
    SELECT g.* FROM given AS g
    UNION ALL
    SELECT i.position, i.indicator, 0, m.formulas ->> i.indicator
    FROM   kpi.indicators_of(model) AS i CROSS JOIN made AS m
    WHERE  i.category = 'own'
    AND    EXISTS (SELECT FROM pg_attribute AS a
                   WHERE  a.attrelid = to_regclass(format('%I.kpi_day', model))
                   AND    a.attname = i.indicator);
END;
COMMENT ON FUNCTION export_own(model text) IS
'implementation of parts: the formulas of a model, with those of its own indicators, of which NULL '
'cannot be pooled';

-- The parts that formulas read, of those that read nothing but what adds up, or is counted.
CREATE FUNCTION export_parts(model text)
RETURNS TABLE ("position" integer, indicator text, name text, view text, expression text, type text,
               agg text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH formula AS MATERIALIZED (
        SELECT * FROM kpi.export_own(model)
    ),
    read AS (
        SELECT f.position, f.indicator, f.formula, r.alias, r.view, r.column
        FROM   formula AS f JOIN kpi.formula_reads AS r USING (indicator, priority)
        UNION
        SELECT f.position, f.indicator, f.formula, r.alias, r.view, r.column
        FROM   formula AS f
               JOIN kpi.own_reads(model) AS o ON o.indicator = f.indicator
               JOIN formula AS g ON g.indicator = o.read
               JOIN kpi.formula_reads AS r
                    ON (r.indicator, r.priority) = (g.indicator, g.priority)
        WHERE  f.priority = 0
    )
    SELECT f.position, f.indicator, p.name, f.view,
           CASE k.part WHEN 'seconds' THEN format('extract(epoch FROM kpi.total(%s))', f.column)
                       ELSE coalesce('kpi.' || k.part || '(' || f.column || ')', f.column) END,
           k.type, k.agg
    FROM   read AS f
           JOIN kpi.export_columns(model) AS c ON (c.view, c.name) = (f.view, f.column)
           CROSS JOIN LATERAL (SELECT k.part, k.type, 'sum' AS agg FROM kpi.export_kinds() AS k
                               UNION ALL
                               SELECT NULL, c.type, c.agg) AS k
           CROSS JOIN concat_ws('_', f.alias, f.column, k.part) AS p (name)
    WHERE  position('@' IN f.formula) = 0 AND position('{' || p.name || '}' IN f.formula) > 0
    UNION ALL
    SELECT f.position, f.indicator, p.key, 'kpi_daily_measures', p.value,
           CASE WHEN p.key LIKE '%\_sample\_size' THEN 'int8' ELSE 'numeric' END, 'sum'
    FROM   formula AS f
           JOIN kpi.own_reads(model) AS o ON o.indicator = f.indicator AND o.kind = 'measure'
           JOIN kpi.export_measured(model) AS m ON m.measure = o.read
           CROSS JOIN jsonb_each_text(m.parts) AS p
    WHERE  f.formula IS NOT NULL;
END;
COMMENT ON FUNCTION export_parts(model text) IS
'implementation of parts: what the formulas of a model that can be pooled are made of, how it is '
'read from a daily view, and pooled';

-- The indicators and all that tools say of them; in a formula {name} stands for a part. Those of
-- the catalog have names that every tool takes: 31 letters at most, as Cube's SQL has those of a
-- model, its periods and an indicator in one.
CREATE FUNCTION export_metrics(model text)
RETURNS TABLE ("position" integer, indicator text, name text, title text, definition text,
               unit text, meta json, formula text, reason text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT i.position, i.indicator,
           CASE WHEN i.category <> 'own' THEN i.indicator
                WHEN kpi.export_taken(i.indicator) THEN o.other
                ELSE kpi.export_name(i.indicator, 31, o.other) END,
           concat(i.name, ' (' || c.currency || ')',    -- MetricFlow takes no title twice
                  CASE WHEN i.category = 'own'
                       AND count(*) OVER (PARTITION BY i.name, c.currency) > 1
                       THEN format(' [%s]', i.indicator) END),
           i.definition,
           i.unit, json_strip_nulls(json_build_object('unit', i.unit, 'currency', c.currency,
                                                      'direction', i.direction)),
           CASE WHEN position('@' IN f.formula) = 0 THEN f.formula END,
           CASE WHEN position('@' IN f.formula) = 0 THEN NULL
                WHEN f.priority = 0 THEN 'reads what cannot be pooled'
                WHEN f.formula IS NULL THEN 'compares two periods'
                WHEN EXISTS (SELECT FROM kpi.formula_reads AS r
                                    JOIN kpi.view_columns AS v
                                         ON (v.view, v.name) = (r.view, r.column)
                             WHERE  (r.indicator, r.priority) = (f.indicator, f.priority)
                             AND    v.pools = 'anonymous')
                THEN 'is told of enough employees only'
                WHEN EXISTS (SELECT FROM kpi.formula_reads AS r
                                    JOIN kpi.view_columns AS v ON v.view = r.view
                             WHERE  (r.indicator, r.priority) = (f.indicator, f.priority)
                             AND    v.pools = 'people')
                THEN 'tells who bought or visited in a period, and somebody can be in several'
                WHEN position('kpi.percentile(' IN f.formula) > 0
                THEN 'is a percentile, which is not made of those of parts'
                ELSE 'is about stock, which does not add up over time' END
    FROM   kpi.export_own(model) AS f
           JOIN kpi.indicators_of(model) AS i USING (indicator)
           CROSS JOIN kpi.settings_of(model, false) AS s
           CROSS JOIN LATERAL (
               SELECT CASE WHEN i.unit = 'money' THEN s.currency END AS currency) AS c
           CROSS JOIN LATERAL concat('indicator_', i.position - 10000) AS o (other)
    ORDER  BY i.position;
END;
COMMENT ON FUNCTION export_metrics(model text) IS
'implementation of cube and metricflow: the indicators of a model, pooled from parts, or the '
'reason why not';

CREATE FUNCTION export_pooled(model text)
RETURNS TABLE ("position" integer, name text, agg text, meaning json) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT min(p.position), p.name, p.agg,
           to_json('Part of ' || string_agg(DISTINCT m.title, ', ' ORDER BY m.title) || '.')
    FROM   kpi.export_parts(model) AS p JOIN kpi.export_metrics(model) AS m USING (indicator)
    GROUP  BY p.name, p.agg;
END;
COMMENT ON FUNCTION export_pooled(model text) IS
'implementation of cube and metricflow: the parts of a model, how they are pooled and what they '
'are parts of';

-- the query of the parts

-- All columns are named and typed in a first branch without rows, as the NULL of another branch
-- could not be.
CREATE FUNCTION export_union(names text[], types text[], branches text[]) RETURNS text
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT concat('SELECT ',
                  string_agg(format('NULL::%s AS %I', c.type, c.name), ', ' ORDER BY c.n),
                  E' WHERE false\nUNION ALL\n', array_to_string(branches, E'\nUNION ALL\n'))
    FROM   unnest(names, types) WITH ORDINALITY AS c (name, type, n);
END;
COMMENT ON FUNCTION export_union(names text[], types text[], branches text[]) IS
'implementation of parts: rows of several relations as one query';

CREATE FUNCTION parts(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH part AS MATERIALIZED (
        SELECT name, view, expression, type, row_number() OVER (ORDER BY min(position), name) AS n
        FROM   kpi.export_parts(model) GROUP BY name, view, expression, type
    ),
    daily AS MATERIALIZED (
        SELECT view, name FROM kpi.export_columns(model)
    ),
    settings AS MATERIALIZED (
        SELECT * FROM kpi.settings_of(model, false)
    ),
    col AS (
        SELECT 0 AS section, 0::bigint AS n, 'period' AS name, 'date' AS type, NULL AS dimension,
               NULL AS view, NULL AS expression
        UNION ALL
        SELECT 1, m.position, m.name, 'text', 'by_' || m.dimension, NULL, NULL
        FROM   settings AS s CROSS JOIN kpi.export_members(s.dimensions) AS m
        UNION ALL
        SELECT 2, p.n, p.name, p.type, NULL, p.view, p.expression FROM part AS p
    ),
    branch AS (
        SELECT r.view, concat('SELECT ', string_agg(
                   CASE WHEN c.section = 0 THEN 'day'
                        WHEN c.view = r.view THEN c.expression
                        WHEN c.section = 2 THEN 'NULL'
                        WHEN (r.view, c.dimension) IN (SELECT d.view, d.name FROM daily AS d)
                        THEN quote_ident(c.dimension)
                        ELSE '''(all)''' END, ', ' ORDER BY c.section, c.n),
                   format(' FROM %I.%I', model, r.view),
                   (SELECT format(' WHERE day >= (SELECT min(period) FROM %I.kpi_periods '
                                  'WHERE grain <> ''all'')', model)
                    FROM   settings AS s WHERE s.since IS NOT NULL)) AS query
        FROM   (SELECT DISTINCT view FROM part) AS r CROSS JOIN col AS c
        GROUP  BY r.view
    )
    SELECT kpi.export_union(array_agg(c.name ORDER BY c.section, c.n),
                        array_agg(c.type ORDER BY c.section, c.n),
                        (SELECT array_agg(b.query ORDER BY b.view) FROM branch AS b))
    FROM   col AS c
    HAVING count(c.view) > 0;
END;
COMMENT ON FUNCTION parts(model text) IS
'the query of what the indicators of a model are made of: plain numbers that add up over days '
'and the members of all dimensions, a column for each part; what a source without the dimension '
'tells is told of the member (all); people, percentiles and turnover over time, which do not add '
'up, are not in it; NULL if nothing does';

-- the tools

CREATE FUNCTION export_javascript(value text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN '`' || replace(replace(replace(value, '\', '\\'), '`', '\`'), '$', '\$') || '`';
COMMENT ON FUNCTION export_javascript(value text) IS
'implementation of cube: a text as JavaScript writes it on several lines';

CREATE FUNCTION export_title(model text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN regexp_replace(model, '[\u0001-\u001f\u0085\u2028\u2029]', ' ', 'g');
COMMENT ON FUNCTION export_title(model text) IS
'implementation of cube and metricflow: a name as it stands in a comment of one line';

-- Measures of Cube. It shows what has the format percent as it is, so shares are times 100. A
-- measure that is not pooled is NULL unless there is one row.
CREATE FUNCTION export_measures(model text)
RETURNS TABLE ("position" integer, pools boolean, line text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT m.position, m.formula IS NOT NULL, kpi.fill(
               E'    @name@: { title: @title@, type: `number`, sql: `@sql@`@format@, '
               'meta: @meta@,\n'
               '      description: @description@ },\n', jsonb_build_object(
               'name', m.name, 'title', to_json(m.title)::text, 'meta', m.meta::text,
               'sql', CASE WHEN m.unit IN ('share', 'growth') THEN format('100 * (%s)', x.sql)
                           ELSE x.sql END,
               'format', CASE WHEN m.unit IN ('share', 'growth') THEN ', format: `percent`'
                              WHEN m.unit = 'money' THEN ', format: `currency`' ELSE '' END,
               'description', to_json(m.definition || coalesce(
                   ' Not to be pooled, as it ' || m.reason || ': NULL but for a single period.',
                   ''))::text))
    FROM   kpi.export_metrics(model) AS m
           CROSS JOIN LATERAL (
               SELECT coalesce(replace(m.formula, '{', '${'),
                               format('CASE WHEN count(*) = 1 THEN min(${CUBE}.%s) END',
                                      m.indicator)) AS sql) AS x;
END;
COMMENT ON FUNCTION export_measures(model text) IS
'implementation of cube: the indicators of a model as measures, those that pool and the others';

-- The rows of what is not pooled: the views of the grains, with what they have of that.
CREATE FUNCTION export_periods(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH other AS MATERIALIZED (
        SELECT m.position, m.indicator, format_type(a.atttypid, a.atttypmod) AS type
        FROM   kpi.export_metrics(model) AS m
               JOIN pg_attribute AS a ON a.attname = m.indicator
                    AND a.attrelid = to_regclass(format('%I.kpi_day', model))
        WHERE  m.formula IS NULL
    ),
    branch AS (
        SELECT g.n, d.position, concat(
                   format('SELECT %L, period, complete, %L, ', g.grain, d.dimension),
                   coalesce(quote_ident(d.dimension), 'NULL'),
                   string_agg(', ' || coalesce(a.attname, 'NULL'), '' ORDER BY o.position),
                   format(' FROM %I.%I', model, v.name)) AS query
        FROM   kpi.grain_names('{}'::jsonb) WITH ORDINALITY AS g (grain, name, people, whole, n)
               CROSS JOIN (SELECT 0 AS position, NULL AS dimension
                           UNION ALL
                           SELECT m.position, m.dimension
                           FROM   kpi.settings_of(model, false) AS s
                                  CROSS JOIN kpi.export_members(s.dimensions) AS m) AS d
               CROSS JOIN LATERAL (
                   SELECT concat_ws('_by_', 'kpi_' || g.grain, d.dimension)) AS v (name)
               JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, v.name))
               CROSS JOIN other AS o
               LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = o.indicator
        GROUP  BY g.n, g.grain, d.position, d.dimension, v.name
    )
    SELECT kpi.export_union(
               '{grain,period,complete,dimension,member}'::text[]
                   || array_agg(o.indicator ORDER BY o.position),
               '{text,date,boolean,text,text}'::text[] || array_agg(o.type ORDER BY o.position),
               (SELECT array_agg(b.query ORDER BY b.n, b.position) FROM branch AS b))
    FROM   other AS o
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION export_periods(model text) IS
'implementation of cube: the query of what is of one period only; NULL if nothing is';

CREATE FUNCTION cube(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH measure AS MATERIALIZED (
        SELECT * FROM kpi.export_measures(model)
    ),
    part AS (
        SELECT string_agg(kpi.fill(
                   E'    @name@: { type: `@type@`, sql: `${CUBE}.@name@`, '
                   'description: @meaning@ },\n',
                   jsonb_build_object('name', p.name, 'meaning', p.meaning::text, 'type',
                                      CASE p.agg WHEN 'sum' THEN 'sum' ELSE 'countDistinct' END)),
                   '' ORDER BY p.position, p.name) AS lines
        FROM   kpi.export_pooled(model) AS p
    ),
    marks AS MATERIALIZED (
        SELECT jsonb_build_object(
                   'comment', kpi.export_title(model), 'timezone', s.timezone,
                   'name', kpi.export_name(model, 22, 'model'), 'title', to_json(model)::text,
                   'periods', to_json(model || ' periods')::text,
                   'sql', kpi.export_javascript(kpi.parts(model)),
                   'periods_sql', kpi.export_javascript(kpi.export_periods(model)),
                   'pooled', (SELECT string_agg(m.line, '' ORDER BY m.position)
                              FROM   measure AS m WHERE m.pools),
                   'others', (SELECT string_agg(m.line, '' ORDER BY m.position)
                              FROM   measure AS m WHERE NOT m.pools),
                   'parts', (SELECT p.lines FROM part AS p),
                   'members', coalesce((
                       SELECT string_agg(format(
                                  E'    %1$s: { title: %2$s, type: `string`, '
                                  'sql: `${CUBE}.%1$s` },\n',
                                  m.name, to_json(m.dimension)), '' ORDER BY m.position)
                       FROM   kpi.export_members(s.dimensions) AS m), '')) AS m
        FROM   kpi.settings_of(model, false) AS s
    )
    SELECT kpi.fill(concat(
        $js$// The model "@comment@" for Cube, written by kpi.cube(): write it anew after build().
// Days are already those of @timezone@, so leave the time zone of queries at UTC.
// Shares are in percent.
$js$,   CASE WHEN m ->> 'sql' IS NOT NULL THEN $js$
cube(`@name@`, {
  title: @title@,
  description: "What can be pooled: made of parts that add up, over any time and dimensions.",

  sql: @sql@,

  measures: {
@pooled@
@parts@  },

  dimensions: {
    period: { title: "Day", type: `time`, sql: `${CUBE}.period` },
@members@  }
});
$js$    END, CASE WHEN m ->> 'periods_sql' IS NOT NULL THEN $js$
cube(`@name@_periods`, {
  title: @periods@,
  description: "What is of one period only: filter for a grain, and for a dimension or none.",

  sql: @periods_sql@,

  measures: {
@others@  },

  dimensions: {
    grain: { type: `string`, sql: `${CUBE}.grain`,
      description: "day, week, month, quarter, half, year or all" },
    period: { type: `time`, sql: `${CUBE}.period`,
      description: "The date on which the period starts." },
    complete: { type: `boolean`, sql: `${CUBE}.complete`,
      description: "Whether the period is over." },
    dimension: { type: `string`, sql: `${CUBE}.dimension`,
      description: "The dimension, not set in all." },
    member: { type: `string`, sql: `${CUBE}.member`, description: "Its member, not set in all." }
  }
});
$js$    END), m)
    FROM   marks;
END;
COMMENT ON FUNCTION cube(model text) IS
'a data model for Cube (JavaScript, as of 0.31) with all indicators of a model: those that can '
'be pooled are calculated from sums of their parts over any time and dimensions, the others '
'shown for a single period';

-- How MetricFlow is told of an indicator: as a sum, a ratio of two, or a formula of several.
CREATE FUNCTION export_metric_type(formula text, parts text[]) RETURNS text LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT kpi.fill($yaml$simple
    type_params:
      measure:
        name: @part@
        fill_nulls_with: 0
$yaml$,         jsonb_build_object('part', p))
         FROM   unnest(parts) AS p
         WHERE  formula = format('coalesce({%s}, 0)', p)),
        (SELECT kpi.fill($yaml$ratio
    type_params:
      numerator:
        name: @part@
      denominator:
        name: @of@
$yaml$,         jsonb_build_object('part', p, 'of', o))
         FROM   unnest(parts) AS p CROSS JOIN unnest(parts) AS o
         WHERE  formula IN (format('{%s} / nullif({%s}, 0)', p, o),
                            format('{%s} / nullif({%s}, 0)::numeric', p, o))),
        kpi.fill($yaml$derived
    type_params:
      expr: @formula@
      metrics:
@parts@$yaml$,
            jsonb_build_object('formula', to_json(translate(formula, '{}', ''))::text, 'parts', (
                SELECT string_agg(format(E'        - name: %s\n', p), '' ORDER BY p)
                FROM   unnest(parts) AS p))));
END;
COMMENT ON FUNCTION export_metric_type(formula text, parts text[]) IS
'implementation of metricflow: the type and parameters of an indicator made of these parts';

-- A metric that is not made of parts is not offered, since MetricFlow would pool whatever it is
-- given.
CREATE FUNCTION metricflow(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH made AS MATERIALIZED (
        SELECT p.indicator, p.name FROM kpi.export_parts(model) AS p
    ),
    metric AS MATERIALIZED (
        SELECT m.*, ARRAY(SELECT DISTINCT p.name FROM made AS p
                          WHERE  p.indicator = m.indicator) AS parts
        FROM   kpi.export_metrics(model) AS m
    ),
    part AS MATERIALIZED (
        SELECT p.name, p.agg, p.position AS n, p.meaning FROM kpi.export_pooled(model) AS p
    ),
    written AS (    -- the parts are metrics of their own, which ratios and formulas read
        SELECT 1 AS section, m.position AS n, m.name, m.title AS label,
               to_json(m.definition) AS meaning, m.meta,
               kpi.export_metric_type(m.formula, m.parts) AS type
        FROM   metric AS m
        WHERE  m.formula IS NOT NULL
        UNION ALL
        SELECT 2, p.n, p.name, translate(p.name, '_', ' '), p.meaning, '{}',
               format(E'simple\n    type_params:\n      measure: %s\n', p.name)
        FROM   part AS p
    ),
    marks AS MATERIALIZED (
        SELECT jsonb_build_object(
                   'comment', kpi.export_title(model), 'timezone', s.timezone,
                   'name', kpi.export_name(model, 22, 'model'),
                   'description', to_json(format(
                       'What the indicators of the model %s are made of.', model))::text,
                   'others', (SELECT string_agg(format(E'#   %s %s\n', m.indicator, m.reason), ''
                                                ORDER BY m.position)
                              FROM   metric AS m WHERE m.formula IS NULL),
                   'members', coalesce((
                       SELECT string_agg(format(E'      - name: %s\n        label: %s\n'
                                                '        type: categorical\n', d.name,
                                                to_json(d.dimension)), '' ORDER BY d.position)
                       FROM   kpi.export_members(s.dimensions) AS d), ''),
                   'parts', (SELECT string_agg(format(E'      - name: %s\n        description: %s\n'
                                                      '        agg: %s\n', p.name, p.meaning,
                                                      p.agg), '' ORDER BY p.n, p.name)
                             FROM   part AS p),
                   'metrics', (SELECT string_agg(kpi.fill(
                                          E'  - name: @name@\n    label: @label@\n'
                                          '    description: @meaning@\n'
                                          '    config:\n      meta: @meta@\n    type: @type@',
                                          to_jsonb(w) || jsonb_build_object(
                                              'label', to_json(w.label)::text,
                                              'meaning', w.meaning::text, 'meta', w.meta::text)),
                                      '' ORDER BY w.section, w.n, w.name)
                               FROM   written AS w)) AS m
        FROM   kpi.settings_of(model, false) AS s
    )
    SELECT kpi.fill(concat(
        $yaml$# The model "@comment@" for MetricFlow (dbt 1.6 or later), written by
# kpi.metricflow(): write it anew after build(). It reads what kpi.parts() writes, as a dbt model:
# models/@name@_parts.sql. Days are already those of @timezone@.
$yaml$, CASE WHEN m ->> 'others' IS NOT NULL THEN $yaml$#
# Not in here, as it cannot be pooled from days; read it in the view of the period:
@others@$yaml$ END,
        CASE WHEN m ->> 'parts' IS NOT NULL THEN $yaml$
semantic_models:
  - name: @name@
    description: @description@
    model: ref('@name@_parts')
    defaults:
      agg_time_dimension: period
    primary_entity: @name@_day
    dimensions:
      - name: period
        label: Day
        type: time
        type_params:
          time_granularity: day
@members@    measures:
@parts@
metrics:
@metrics@$yaml$ END), m)
    FROM   marks;
END;
COMMENT ON FUNCTION metricflow(model text) IS
'the semantic model and metrics of a model for dbt MetricFlow (YAML), over a dbt model of the '
'query parts(): all indicators that can be pooled, as ratios and formulas of sums of their '
'parts; the others are named in a comment';
