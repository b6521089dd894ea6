-- exports: a model in the words of tools that pool by themselves
--
-- Cube and MetricFlow compute any metric over any time and dimensions, from sums. So they are given what indicators are made of: a row of
-- parts() has what adds up of a day and its members, a conversion rate's successes and trials for example. What adds up of a value is said
-- by its type, and what becomes of the sums by the formula of the catalog: neither is written a second time. A formula that reads anything
-- else, such as people, who can be in several days, cannot be pooled, and is not offered as if it could.

-- what a model is made of

-- MetricFlow's names, of which those of its grains are taken. Cube writes cube__member in SQL, of which PostgreSQL keeps 63 characters; our longest
-- part has 39, which leaves 22 to a model, and such a model 39 to a dimension.
CREATE FUNCTION model_name(name text, longest integer, instead text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN CASE WHEN name ~ '^[a-z][a-z0-9_]*[a-z0-9]$' AND name !~ '__|^(metric_time|((nano|micro|milli)?second|minute|hour|day|week|month|quarter|year))$'
                AND length(name) <= longest THEN name ELSE instead END;
COMMENT ON FUNCTION model_name(name text, longest integer, instead text) IS 'implementation of parts: a name if every tool takes it, or another';

CREATE FUNCTION model_members(dimensions text[]) RETURNS TABLE ("position" bigint, dimension text, name text) LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT d.position, d.dimension, model_name(d.dimension, 39, 'dimension_' || d.position) FROM unnest(dimensions) WITH ORDINALITY AS d (dimension, position);
END;
COMMENT ON FUNCTION model_members(dimensions text[]) IS 'implementation of parts: the dimensions, and what tools call them';

CREATE FUNCTION model_daily(model text) RETURNS TABLE (alias text, name text, type text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT substring(v.name FROM '^kpi_daily_(.+)$'), a.attname, t.typname
    FROM   view_definitions AS v
           JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', model, v.name)) AND a.attnum > 0 AND NOT a.attisdropped
           JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE  v.name LIKE 'kpi\_daily\_%';
END;
COMMENT ON FUNCTION model_daily(model text) IS 'implementation of parts: the columns of the daily views by which formulas know them';

-- what adds up

-- The formulas of the indicators in kpi_day, the value of each type written as what it is made of. Where sources have been added since, or the
-- views dropped, formulas would read what the views do not have, or nothing: that is an error.
CREATE FUNCTION model_formulas(model text) RETURNS TABLE ("position" integer, code text, formula text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, kpi, pg_temp AS $$
DECLARE
    settings record;
    kind     record;
    built    boolean;
BEGIN
    SELECT * INTO settings FROM model_settings(model);
    FOR position, code, formula, built IN
        SELECT i.position, i.code, i.value, a.attname IS NOT NULL
        FROM   model_indicators(model, settings.dimensions, NULL, ARRAY['refunds_by=' || settings.refunds_by]) AS i
               LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.kpi_day', model)) AND a.attname = i.code
        WHERE  i.missing IS NULL ORDER BY i.position
    LOOP
        IF NOT built THEN
            RAISE EXCEPTION 'model "%" has to be built again', model USING ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = format('Its sources have what %s needs, which its view kpi_day does not show.', code), HINT = settings.built_by || ' does that.';
        END IF;
        FOR kind IN
            SELECT v.written, v.meant, string_agg(d.alias || '\.' || d.name, '|') AS columns
            FROM   (VALUES ('rate',     'value\((%s)\)',                       '(successes(\1) / nullif(trials(\1), 0)::numeric)'),
                           ('average',  'value\((%s)\)',                       '(total(\1) / nullif(sample_size(\1), 0)::numeric)'),
                           ('nps',      'value\((%s)\)',                       '(100 * (promoters(\1) - detractors(\1)) / nullif(responses(\1), 0)::numeric)'),
                           ('duration', 'extract\(epoch FROM value\((%s)\)\)', '(seconds(\1) / nullif(sample_size(\1), 0)::numeric)')) AS v (type, written, meant)
                   JOIN model_daily(model) AS d USING (type)
            GROUP  BY v.written, v.meant
        LOOP
            formula := regexp_replace(formula, format(kind.written, kind.columns), kind.meant, 'g');
        END LOOP;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION model_formulas(model text) IS 'implementation of parts: the formulas of a model, values taken apart';

-- What the formulas read, of those that read nothing but what adds up, or is counted.
CREATE FUNCTION model_parts(model text) RETURNS TABLE ("position" integer, code text, name text, alias text, expression text, type text, agg text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT p.position, p.code, p.name, p.alias, p.expression, p.type, p.agg
    FROM   (SELECT r.*, bool_and(r.agg IS NOT NULL) OVER (PARTITION BY r.code) AS pools
            FROM   (SELECT f.position, f.code, concat_ws('_', m[2], m[3], m[1]) AS name, m[2] AS alias,
                           CASE m[1] WHEN 'seconds' THEN format('extract(epoch FROM kpi.total(%s))', m[3])
                                     ELSE coalesce('kpi.' || m[1] || '(' || m[3] || ')', m[3]) END AS expression,
                           CASE WHEN m[1] IN ('total', 'seconds') THEN 'numeric' WHEN m[1] IS NOT NULL THEN 'int8' ELSE d.type END AS type,
                           CASE WHEN m[1] IS NOT NULL THEN 'sum'
                                WHEN m[3] LIKE 'distinct\_%' THEN 'count_distinct'
                                WHEN m[3] NOT LIKE 'closing\_%' AND d.type IN ('int8', 'numeric') THEN 'sum' END AS agg
                    FROM   model_formulas(model) AS f
                           CROSS JOIN LATERAL regexp_matches(f.formula,
                               '(?:\m(successes|trials|promoters|detractors|responses|total|sample_size|seconds)\()?\m([a-z_]+)\.([a-z_]+)', 'g') AS m
                           LEFT JOIN model_daily(model) AS d ON (d.alias, d.name) = (m[2], m[3])) AS r) AS p
    WHERE  p.pools;
END;
COMMENT ON FUNCTION model_parts(model text) IS 'implementation of parts: what the formulas of a model that can be pooled are made of, how it is read from a daily view, and pooled';

-- The indicators and all that tools say of them; in a formula {name} stands for a part.
CREATE FUNCTION model_metrics(model text) RETURNS TABLE ("position" integer, code text, title text, definition text, unit text, meta json, formula text, reason text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT i.position, i.code, i.name || coalesce(' (' || c.currency || ')', ''), i.definition, i.unit,
           json_strip_nulls(json_build_object('unit', i.unit, 'currency', c.currency, 'direction', i.direction)),
           CASE WHEN p.code IS NOT NULL THEN
                regexp_replace(regexp_replace(regexp_replace(f.formula,
                    '\m([a-z_]+)\(([a-z_]+)\.([a-z_]+)\)', '{\2_\3_\1}', 'g'),
                    '\m([a-z_]+)\.([a-z_]+)', '{\1_\2}', 'g'),
                    '^\(([^()]+\([^()]+\)[^()]*)\)$', '\1') END,
           CASE WHEN p.code IS NOT NULL THEN NULL
                WHEN f.formula LIKE 'growth(%' THEN 'compares two periods'
                WHEN f.formula ~ '\m(customers|visitors|buyers)\.' THEN 'tells who bought or visited in a period, and somebody can be in several'
                WHEN f.formula ~ '\mpercentile\(' THEN 'is a percentile, which is not made of those of parts'
                ELSE 'is about stock, which does not add up over time' END
    FROM   model_formulas(model) AS f
           JOIN indicators AS i ON i.code = f.code
           LEFT JOIN (SELECT DISTINCT code FROM model_parts(model)) AS p ON p.code = f.code
           CROSS JOIN model_settings(model) AS s
           CROSS JOIN LATERAL (SELECT CASE WHEN i.unit = 'money' THEN s.currency END AS currency) AS c
    ORDER  BY i.position;
END;
COMMENT ON FUNCTION model_metrics(model text) IS 'implementation of cube and metricflow: the indicators of a model, pooled from parts, or the reason why not';

CREATE FUNCTION model_pooled(model text) RETURNS TABLE ("position" integer, name text, agg text, meaning json) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT min(p.position), p.name, p.agg, to_json('Part of ' || string_agg(DISTINCT m.title, ', ' ORDER BY m.title) || '.')
    FROM   model_parts(model) AS p JOIN model_metrics(model) AS m USING (code)
    GROUP  BY p.name, p.agg;
END;
COMMENT ON FUNCTION model_pooled(model text) IS 'implementation of cube and metricflow: the parts of a model, how they are pooled and what they are parts of';

-- the query of the parts

-- All columns are named and typed in a first branch without rows, as the NULL of another branch could not be.
CREATE FUNCTION model_union(names text[], types text[], branches text[]) RETURNS text LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT concat('SELECT ', string_agg(format('NULL::%s AS %I', c.type, c.name), ', ' ORDER BY c.n), E' WHERE false\nUNION ALL\n',
                  array_to_string(branches, E'\nUNION ALL\n'))
    FROM   unnest(names, types) WITH ORDINALITY AS c (name, type, n);
END;
COMMENT ON FUNCTION model_union(names text[], types text[], branches text[]) IS 'implementation of parts: rows of several relations as one query';

CREATE FUNCTION parts(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH part AS MATERIALIZED (
        SELECT name, alias, expression, type, row_number() OVER (ORDER BY min(position), name) AS n FROM model_parts(model) GROUP BY name, alias, expression, type
    ),
    daily AS MATERIALIZED (
        SELECT alias, name FROM model_daily(model)
    ),
    settings AS MATERIALIZED (
        SELECT * FROM model_settings(model)
    ),
    col AS (
        SELECT 0 AS section, 0::bigint AS n, 'period' AS name, 'date' AS type, NULL AS dimension, NULL AS alias, NULL AS expression
        UNION ALL
        SELECT 1, m.position, m.name, 'text', 'by_' || m.dimension, NULL, NULL FROM settings AS s CROSS JOIN model_members(s.dimensions) AS m
        UNION ALL
        SELECT 2, p.n, p.name, p.type, NULL, p.alias, p.expression FROM part AS p
    )
    SELECT model_union(array_agg(c.name ORDER BY c.section, c.n), array_agg(c.type ORDER BY c.section, c.n), (
               SELECT array_agg(b.branch ORDER BY b.alias)
               FROM   (SELECT r.alias, format('SELECT %s FROM %I.%I%s', string_agg(
                                  CASE WHEN k.section = 0 THEN 'day'
                                       WHEN k.alias = r.alias THEN k.expression
                                       WHEN k.section = 2 THEN 'NULL'
                                       WHEN (r.alias, k.dimension) IN (SELECT d.alias, d.name FROM daily AS d) THEN quote_ident(k.dimension)
                                       ELSE '''(all)''' END, ', ' ORDER BY k.section, k.n), model, model_relation(r.alias),
                                  (SELECT format(' WHERE day >= (SELECT min(period) FROM %I.kpi_periods)', model) FROM settings AS s WHERE s.since IS NOT NULL)) AS branch
                       FROM   (SELECT DISTINCT alias FROM part) AS r CROSS JOIN col AS k
                       GROUP  BY r.alias) AS b))
    FROM   col AS c
    HAVING count(c.alias) > 0;
END;
COMMENT ON FUNCTION parts(model text) IS 'the query of what the indicators of a model are made of: plain numbers that add up over days and the members of all dimensions, a column for each part; what a source without the dimension tells is told of the member (all); people, percentiles and stock, which do not add up, are not in it; NULL if nothing does';

-- the tools

CREATE FUNCTION model_javascript(value text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN '`' || replace(replace(replace(value, '\', '\\'), '`', '\`'), '$', '\$') || '`';
COMMENT ON FUNCTION model_javascript(value text) IS 'implementation of cube: a text as JavaScript writes it on several lines';

CREATE FUNCTION model_title(model text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN regexp_replace(model, '[\u0001-\u001f\u0085\u2028\u2029]', ' ', 'g');
COMMENT ON FUNCTION model_title(model text) IS 'implementation of cube and metricflow: a name as it stands in a comment of one line';

-- Cube shows what has the format percent as it is, so shares are times 100. A measure that is not pooled is NULL unless there is one row.
CREATE FUNCTION cube(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH settings AS MATERIALIZED (
        SELECT s.*, model_name(model, 22, 'model') AS name FROM model_settings(model) AS s
    ),
    metric AS MATERIALIZED (
        SELECT m.*,
               format(E'    %s: { title: %s, type: `number`, sql: `%s`%s, meta: %s,\n      description: %s },\n',
                      m.code, to_json(m.title), replace(f.written, '@', x.sql), f.format, m.meta,
                      to_json(m.definition || coalesce(' Not to be pooled, as it ' || m.reason || ': NULL but for a single period.', ''))) AS line
        FROM   model_metrics(model) AS m
               CROSS JOIN LATERAL (SELECT coalesce(replace(m.formula, '{', '${'), format('CASE WHEN count(*) = 1 THEN min(${CUBE}.%s) END', m.code)) AS sql) AS x
               LEFT JOIN (VALUES ('share',  ', format: `percent`',  '100 * (@)'),
                                 ('growth', ', format: `percent`',  '100 * (@)'),
                                 ('money',  ', format: `currency`', '@')) AS special (unit, format, written) USING (unit)
               CROSS JOIN LATERAL (SELECT coalesce(special.format, '') AS format, coalesce(special.written, '@') AS written) AS f
    ),
    part AS MATERIALIZED (
        SELECT p.name, p.position AS n,
               format(E'    %1$s: { type: `%2$s`, sql: `${CUBE}.%1$s`, description: %3$s },\n', p.name, CASE p.agg WHEN 'sum' THEN 'sum' ELSE 'countDistinct' END, p.meaning) AS line
        FROM   model_pooled(model) AS p
    ),
    member AS MATERIALIZED (
        SELECT m.position, m.dimension, format(E'    %1$s: { title: %2$s, type: `string`, sql: `${CUBE}.%1$s` },\n', m.name, to_json(m.dimension)) AS line
        FROM   settings AS s CROSS JOIN model_members(s.dimensions) AS m
    ),
    other AS MATERIALIZED (     -- what is not pooled, and its type
        SELECT m.position, m.code, format_type(a.atttypid, a.atttypmod) AS type
        FROM   metric AS m JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.kpi_day', model)) AND a.attname = m.code
        WHERE  m.formula IS NULL
    ),
    branch AS (     -- the views of the grains, with what they have of that
        SELECT g.n, d.position,
               format('SELECT %L, period, complete, %L, %s%s FROM %I.%I', g.grain, d.dimension, coalesce(quote_ident(d.dimension), 'NULL'),
                      string_agg(', ' || CASE WHEN a.attname IS NULL THEN 'NULL' ELSE o.code END, '' ORDER BY o.position), model, v.name) AS query
        FROM   unnest('{day,week,month,quarter,year}'::text[]) WITH ORDINALITY AS g (grain, n)
               CROSS JOIN (SELECT 0 AS position, NULL AS dimension UNION ALL SELECT m.position, m.dimension FROM member AS m) AS d
               CROSS JOIN LATERAL (SELECT 'kpi_' || g.grain || coalesce('_by_' || d.dimension, '')) AS v (name)
               JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, v.name))
               CROSS JOIN other AS o
               LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = o.code
        GROUP  BY g.n, g.grain, d.position, d.dimension, v.name
    )
    SELECT concat(
        format($js$// The model "%s" for Cube, written by kpi.cube(): write it anew after build(). Days are already those of
// %s, so leave the time zone of queries at UTC. Shares are in percent.
$js$,          model_title(model), s.timezone),
        (SELECT format($js$
cube(`%s`, {
  title: %s,
  description: "What can be pooled: made of parts that add up, over any time and dimensions.",

  sql: %s,

  measures: {
%s
%s  },

  dimensions: {
    period: { title: "Day", type: `time`, sql: `${CUBE}.period` },
%s  }
});
$js$,                  s.name, to_json(model), model_javascript(parts(model)),
                       (SELECT string_agg(m.line, '' ORDER BY m.position) FROM metric AS m WHERE m.formula IS NOT NULL),
                       (SELECT string_agg(p.line, '' ORDER BY p.n, p.name) FROM part AS p),
                       (SELECT string_agg(d.line, '' ORDER BY d.position) FROM member AS d))
         WHERE  EXISTS (SELECT FROM part)),
        (SELECT format($js$
cube(`%s_periods`, {
  title: %s,
  description: "What is of one period only: filter for a grain, and for a dimension or none.",

  sql: %s,

  measures: {
%s  },

  dimensions: {
    grain: { type: `string`, sql: `${CUBE}.grain`, description: "day, week, month, quarter or year" },
    period: { type: `time`, sql: `${CUBE}.period`, description: "The date on which the period starts." },
    complete: { type: `boolean`, sql: `${CUBE}.complete`, description: "Whether the period is over." },
    dimension: { type: `string`, sql: `${CUBE}.dimension`, description: "The dimension, not set in all." },
    member: { type: `string`, sql: `${CUBE}.member`, description: "Its member, not set in all." }
  }
});
$js$,                  s.name, to_json(model || ' periods'),
                       model_javascript(model_union('{grain,period,complete,dimension,member}'::text[] || array_agg(o.code ORDER BY o.position),
                                                    '{text,date,boolean,text,text}'::text[] || array_agg(o.type ORDER BY o.position),
                                                    (SELECT array_agg(b.query ORDER BY b.n, b.position) FROM branch AS b))),
                       (SELECT string_agg(m.line, '' ORDER BY m.position) FROM metric AS m WHERE m.formula IS NULL))
         FROM   other AS o
         HAVING count(*) > 0))
    FROM   settings AS s;
END;
COMMENT ON FUNCTION cube(model text) IS 'a data model for Cube (JavaScript, as of 0.31) with all indicators of a model: those that can be pooled are calculated from sums of their parts over any time and dimensions, the others shown for a single period';

-- A metric that is not made of parts is not offered, since MetricFlow would pool whatever it is given.
CREATE FUNCTION metricflow(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH settings AS MATERIALIZED (
        SELECT s.*, model_name(model, 22, 'model') AS name FROM model_settings(model) AS s
    ),
    metric AS MATERIALIZED (
        SELECT m.*, regexp_match(m.formula, '^coalesce\(\{(\w+)\}, 0\)$') AS simple,
               regexp_match(m.formula, '^\{(\w+)\} / nullif\(\{(\w+)\}, 0\)(?:::numeric)?$') AS ratio
        FROM   model_metrics(model) AS m
    ),
    part AS MATERIALIZED (
        SELECT p.name, p.agg, p.position AS n, p.meaning FROM model_pooled(model) AS p
    ),
    written AS (    -- the indicators, and the parts as metrics of their own, which ratios and formulas read
        SELECT 1 AS section, m.position AS n, m.code AS name, to_json(m.title) AS label, to_json(m.definition) AS meaning, m.meta, CASE
               WHEN m.simple IS NOT NULL THEN format($yaml$simple
    type_params:
      measure:
        name: %s
        fill_nulls_with: 0
$yaml$,             m.simple[1])
               WHEN m.ratio IS NOT NULL THEN format($yaml$ratio
    type_params:
      numerator:
        name: %s
      denominator:
        name: %s
$yaml$,             m.ratio[1], m.ratio[2])
               ELSE format($yaml$derived
    type_params:
      expr: %s
      metrics:
%s$yaml$,           to_json(translate(m.formula, '{}', '')),
                    (SELECT string_agg(DISTINCT format(E'        - name: %s\n', r[1]), '') FROM regexp_matches(m.formula, '\{(\w+)\}', 'g') AS r)) END AS type
        FROM   metric AS m WHERE m.formula IS NOT NULL
        UNION ALL
        SELECT 2, p.n, p.name, to_json(translate(p.name, '_', ' ')), p.meaning, '{}', format($yaml$simple
    type_params:
      measure: %s
$yaml$,        p.name)
        FROM   part AS p
    )
    SELECT concat(
        format($yaml$# The model "%s" for MetricFlow (dbt 1.6 or later), written by kpi.metricflow(): write it anew after build().
# It reads what kpi.parts() writes, as a dbt model: models/%s_parts.sql. Days are already those of %s.
$yaml$,        model_title(model), s.name, s.timezone),
        (SELECT E'#\n# Not in here, as it cannot be pooled from days; read it in the view of the period:\n'
                || string_agg(format(E'#   %s %s\n', m.code, m.reason), '' ORDER BY m.position) FROM metric AS m WHERE m.formula IS NULL),
        (SELECT format($yaml$
semantic_models:
  - name: %1$s
    description: %2$s
    model: ref('%1$s_parts')
    defaults:
      agg_time_dimension: period
    primary_entity: %1$s_day
    dimensions:
      - name: period
        label: Day
        type: time
        type_params:
          time_granularity: day
%3$s    measures:
%4$s
metrics:
%5$s$yaml$,            s.name, to_json(format('What the indicators of the model %s are made of.', model)),
                       (SELECT string_agg(format(E'      - name: %s\n        label: %s\n        type: categorical\n', d.name, to_json(d.dimension)), '' ORDER BY d.position)
                        FROM   model_members(s.dimensions) AS d),
                       (SELECT string_agg(format(E'      - name: %s\n        description: %s\n        agg: %s\n', p.name, p.meaning, p.agg), '' ORDER BY p.n, p.name)
                        FROM   part AS p),
                       (SELECT string_agg(format(E'  - name: %s\n    label: %s\n    description: %s\n    config:\n      meta: %s\n    type: %s',
                                                 w.name, w.label, w.meaning, w.meta, w.type), '' ORDER BY w.section, w.n, w.name)
                        FROM   written AS w))
         WHERE  EXISTS (SELECT FROM part)))
    FROM   settings AS s;
END;
COMMENT ON FUNCTION metricflow(model text) IS 'the semantic model and metrics of a model for dbt MetricFlow (YAML), over a dbt model of the query parts(): all indicators that can be pooled, as ratios and formulas of sums of their parts; the others are named in a comment';
