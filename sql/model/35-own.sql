-- own: the indicators that a model has beside those of the catalog
--
-- They are rows of the table indicators in its schema, which define() makes and anybody may read
-- who may use the schema: what is in it, comments and view definitions tell, too. Their formulas
-- are read again whenever views are written, whatever somebody has put into the table. A formula
-- reads indicators, of the catalog or its own kind, and measures; for each of these what it is in
-- the view that is written is put in, so that a quotient is one of what is pooled. In the lists of
-- formulas that are chosen they have priority 0, and no row in kpi.formulas.

CREATE FUNCTION has_own(model text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN kpi.has_checked(model, 'indicators');
COMMENT ON FUNCTION has_own(model text) IS
'implementation of build: whether a model has the table that define() makes';

CREATE FUNCTION own_indicators(model text)
RETURNS TABLE ("position" integer, indicator text, formula text, name text, name_zh text,
               unit text, direction text, definition text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kpi.has_own(model) AND has_schema_privilege(model, 'USAGE')
       AND has_table_privilege(format('%I.indicators', model), 'SELECT') THEN
        RETURN QUERY EXECUTE format(
            'SELECT o.position, o.indicator, o.formula, o.name, o.name_zh, o.unit, o.direction, '
            'o.definition FROM %I.indicators AS o ORDER BY o.position', model);
    END IF;
END $$;
COMMENT ON FUNCTION own_indicators(model text) IS
'implementation of all that reads models: the indicators that a shop has defined itself, as far as '
'the caller may read them';

CREATE FUNCTION indicators_of(model text) RETURNS SETOF indicators LANGUAGE SQL STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT i.* FROM kpi.indicators AS i
    UNION ALL
    SELECT 10000 + o.position, o.indicator, o.name, o.name_zh, 'own', o.unit, o.direction,
           o.definition, true
    FROM   kpi.own_indicators(model) AS o;
END;
COMMENT ON FUNCTION indicators_of(model text) IS
'the indicators that a model can have: those of the catalog, and those of the category own, which '
'it has defined itself';

CREATE FUNCTION require_indicator(model text, kpi text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known text[] := ARRAY(SELECT i.indicator FROM kpi.indicators_of(model) AS i);
    list  text   := format('SELECT indicator, name FROM kpi.indicators_of(%L) lists them.', model);
BEGIN
    IF kpi IS NULL THEN
        PERFORM kpi.refuse_row('not_null_violation', 'kpi', 'no indicator is named',
                               'What is told is told of one.', list);
    ELSIF kpi <> ALL (known) THEN
        PERFORM kpi.refuse_row('invalid_parameter_value', 'kpi',
                               format('there is no indicator "%s"', kpi),
                               'Indicators are those of the catalog, and your own, which '
                               'kpi.define adds.',
                               concat_ws(' ', kpi.perhaps_meant(kpi, known), list));
    END IF;
END $$;
COMMENT ON FUNCTION require_indicator(model text, kpi text) IS
'implementation of explain and the tables of goals: an error unless the catalog has this '
'indicator, or the model has defined it itself';

CREATE FUNCTION own_reads(model text) RETURNS TABLE (indicator text, kind text, read text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE direct AS MATERIALIZED (
        SELECT DISTINCT o.indicator, p.kind, p.piece AS read
        FROM   kpi.own_indicators(model) AS o
               CROSS JOIN LATERAL kpi.formula_pieces(o.formula) AS p
        WHERE  p.kind <> 'text'
    ),
    all_reads AS (
        SELECT d.indicator, d.kind, d.read FROM direct AS d
        UNION
        SELECT a.indicator, d.kind, d.read
        FROM   all_reads AS a JOIN direct AS d ON a.kind = 'indicator' AND d.indicator = a.read
    )
    SELECT a.indicator, a.kind, a.read FROM all_reads AS a;
END;
COMMENT ON FUNCTION own_reads(model text) IS
'implementation of build: what the formulas of a model''s own indicators read, and what that '
'reads, of the kind indicator or measure';

-- What a column of measures pooled over a period is called, and found by in given formulas.
CREATE FUNCTION measure_name(measure text) RETURNS text LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN 'measure ' || measure;
COMMENT ON FUNCTION measure_name(measure text) IS
'implementation of build: what a measure is called beside indicators, of which none has a blank';

-- Formulas of own indicators, with those given put in for what they read. Those that read what is
-- not given are left out, and so are any that read in a circle.
CREATE FUNCTION own_formulas(model text, given jsonb, guarded boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told jsonb := given;
    item record;
BEGIN
    IF NOT kpi.has_own(model) THEN
        RETURN given;
    END IF;
    LOOP
        SELECT o.indicator, string_agg(CASE p.kind WHEN 'text' THEN p.piece
                                           ELSE '(' || (told ->> r.read) || ')::numeric' END, ''
                                       ORDER BY p.n) AS formula
        INTO   item
        FROM   kpi.own_indicators(model) AS o
               CROSS JOIN LATERAL kpi.formula_pieces(o.formula) AS p
               CROSS JOIN LATERAL (
                   SELECT CASE p.kind WHEN 'indicator' THEN p.piece
                                      WHEN 'measure' THEN kpi.measure_name(p.piece) END) AS r (read)
        WHERE  NOT told ? o.indicator
        GROUP  BY o.indicator
        HAVING bool_and(p.kind = 'text' OR told ? r.read)
        ORDER  BY o.indicator LIMIT 1;
        EXIT WHEN NOT FOUND;
        IF length(item.formula) > 200000 THEN   -- each can read the one before it twice
            RAISE EXCEPTION 'the formula of indicator "%" is too long', item.indicator
                USING ERRCODE = 'program_limit_exceeded',
                      DETAIL = 'With the formulas of all that it reads it has more than 200000 '
                               'characters.',
                      HINT = 'Read fewer indicators that read others, or each of them once.';
        END IF;
        told := told || jsonb_build_object(item.indicator, CASE
            WHEN guarded THEN format('kpi.shown_number(%s, %L::text)', item.formula, item.indicator)
            ELSE item.formula END);
    END LOOP;
    RETURN told;
END $$;
COMMENT ON FUNCTION own_formulas(model text, given jsonb, guarded boolean) IS
'implementation of build and exports: the formulas given by indicator, and those of own indicators '
'made of them; guarded with an error for what is larger than views can show';

-- Stock and people do not add up over days.
CREATE FUNCTION adds_up(indicator text) RETURNS TABLE (is_sum boolean, adds_up boolean)
LANGUAGE SQL STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT a.adds_up AND EXISTS (SELECT FROM kpi.formulas AS f
                                 WHERE  f.indicator = adds_up.indicator AND f.kind = 'sum'),
           a.adds_up
    FROM   (SELECT NOT EXISTS (SELECT FROM kpi.formula_reads AS r
                                      JOIN kpi.view_columns AS c
                                           ON c.view = r.view AND c.name IN (r.column, r.alias)
                               WHERE  r.indicator = adds_up.indicator
                               AND    c.pools IN ('last', 'distinct', 'people')))
           AS a (adds_up);
END;
COMMENT ON FUNCTION adds_up(indicator text) IS
'implementation of explain, report and scorecard: whether an indicator of the catalog is a sum '
'over days, and whether what it is made of adds up over them';

CREATE FUNCTION measures_shares(model text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM pg_attribute AS a
                   WHERE  a.attrelid = to_regclass(format('%I.measures', model))
                   AND    a.attname = 'of' AND NOT a.attisdropped);
END;
COMMENT ON FUNCTION measures_shares(model text) IS
'implementation of build: whether measures of a model can be shares, so that none is surely a sum';

CREATE FUNCTION own_adds_up(model text)
RETURNS TABLE (indicator text, name text, unit text, is_sum boolean, adds_up boolean)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH reads AS MATERIALIZED (
        SELECT r.indicator, r.kind, r.read, o.formula AS own
        FROM   kpi.own_reads(model) AS r
               LEFT JOIN kpi.own_indicators(model) AS o
                    ON r.kind = 'indicator' AND o.indicator = r.read
    )
    SELECT o.indicator, o.name, o.unit,
           kpi.formula_adds_up(o.formula) AND bool_and(CASE
               WHEN r.own IS NOT NULL THEN kpi.formula_adds_up(r.own)
               WHEN r.kind = 'measure' THEN NOT kpi.measures_shares(model) ELSE a.is_sum END),
           bool_and(r.own IS NOT NULL OR r.kind = 'measure' OR a.adds_up)
    FROM   kpi.own_indicators(model) AS o
           JOIN reads AS r ON r.indicator = o.indicator
           CROSS JOIN LATERAL kpi.adds_up(r.read) AS a
    GROUP  BY o.indicator, o.name, o.unit, o.formula;
END;
COMMENT ON FUNCTION own_adds_up(model text) IS
'implementation of explain, report and scorecard: which own indicators of a model are sums over '
'days, and which are made of what adds up over them; a measure is no sum where it can be a share';

CREATE FUNCTION is_sum_of_members(model text, kpi text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN EXISTS (SELECT FROM kpi.formulas AS f WHERE f.indicator = kpi AND f.kind = 'sum')
           OR EXISTS (SELECT FROM kpi.own_adds_up(model) AS o WHERE o.indicator = kpi AND o.is_sum);
COMMENT ON FUNCTION is_sum_of_members(model text, kpi text) IS
'implementation of explain and build: whether an indicator is a sum of what it is at the members';

-- A sum divided by how many there are of something is a mean of these. Of what is divided by an
-- amount, or by what a measure says, it is not known what the observations are.
CREATE FUNCTION own_observations(model text) RETURNS TABLE (indicator text, counted text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT o.indicator, c.indicator
    FROM   kpi.own_indicators(model) AS o
           JOIN kpi.indicators AS c
                ON c.indicator = kpi.formula_divisor(o.formula) AND c.unit = 'count'
    WHERE  NOT EXISTS (
               SELECT FROM kpi.formula_pieces(o.formula) AS p
               WHERE  p.kind = 'measure' AND kpi.measures_shares(model)
               OR     p.kind = 'indicator' AND p.piece NOT IN (    -- all of them asked at once
                          SELECT f.indicator FROM kpi.formulas AS f WHERE f.kind = 'sum'
                          UNION ALL
                          SELECT a.indicator FROM kpi.own_adds_up(model) AS a WHERE a.is_sum));
END;
COMMENT ON FUNCTION own_observations(model text) IS
'implementation of build: the own indicators of a model that are means, and the indicator that '
'counts of what: of orders, if they are divided by these';

-- The indicators that a model has: one of its own where all that it reads is there.
CREATE FUNCTION found_indicators(model text, dimensions text[], dimension text, settings jsonb,
                                 by_dimension boolean)
RETURNS TABLE ("position" integer, indicator text, unit text, priority integer, missing text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH told AS MATERIALIZED (
        SELECT * FROM kpi.found_formulas(model, dimensions, dimension, settings, by_dimension)
    ),
    own AS MATERIALIZED (
        SELECT i.* FROM kpi.indicators_of(model) AS i WHERE i.category = 'own'
    ),
    measures AS (
        SELECT CASE WHEN NOT EXISTS (SELECT FROM kpi.found_columns(model) AS c
                                     WHERE  c.source = 'measures')
                    THEN 'measures'
                    WHEN dimension IS NOT NULL
                         AND NOT EXISTS (SELECT FROM kpi.found_dimensions(model, dimensions) AS d
                                         WHERE  d.source = 'measures'
                                         AND    d.dimension = found_indicators.dimension)
                    THEN 'measures.' || dimension END AS missing
    ),
    missed AS (
        SELECT r.indicator, string_agg(DISTINCT CASE
                   WHEN r.kind = 'measure' THEN m.missing
                   WHEN t.indicator IS NULL THEN r.read ELSE t.missing END, '; and ') AS missing
        FROM   kpi.own_reads(model) AS r
               CROSS JOIN measures AS m
               LEFT JOIN told AS t ON t.indicator = r.read
        WHERE  r.kind = 'measure' OR r.read NOT IN (SELECT o.indicator FROM own AS o)
        GROUP  BY r.indicator
    )
    SELECT t.position, t.indicator, t.unit, t.priority, t.missing FROM told AS t
    UNION ALL
    SELECT o.position, o.indicator, o.unit, 0, m.missing
    FROM   own AS o LEFT JOIN missed AS m ON m.indicator = o.indicator;
END;
COMMENT ON FUNCTION found_indicators(model text, dimensions text[], dimension text, settings jsonb,
    by_dimension boolean) IS
'implementation of build: which formula of each indicator a model has, or what is missing for it; '
'priority 0 if it is one of its own';

-- What the formulas of a view of a grain read.
CREATE FUNCTION read_by_formulas(model text, indicators text[], priorities integer[])
RETURNS TABLE (alias text, view text, shift text, "column" text, to_date boolean, name text,
               measure text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH chosen AS (
        SELECT f.* FROM unnest(indicators, priorities) AS c (indicator, priority)
                        JOIN kpi.formulas AS f USING (indicator, priority)
    )
    SELECT r.alias, r.view, r.shift, r.column, false, r.column, NULL
    FROM   chosen AS c JOIN kpi.formula_reads AS r USING (indicator, priority)
    UNION
    SELECT r.alias, r.view, s.shift, r.column, s.to_date,
           r.column || CASE WHEN s.to_date THEN '_to_date' ELSE '' END, NULL
    FROM   chosen AS g
           JOIN chosen AS c ON c.indicator = g.grows
           JOIN kpi.formula_reads AS r ON (r.indicator, r.priority) = (c.indicator, c.priority)
           CROSS JOIN LATERAL (VALUES (NULL, false), (g.against, false),
                                      (NULL, true), (g.against, true)) AS s (shift, to_date)
    UNION
    SELECT 'measures', 'kpi_daily_measures', NULL, 'measure', false, kpi.measure_name(r.read),
           r.read
    FROM   kpi.own_reads(model) AS r
    WHERE  r.kind = 'measure' AND r.indicator = ANY (indicators);
END;
COMMENT ON FUNCTION read_by_formulas(model text, indicators text[], priorities integer[]) IS
'implementation of build: what these formulas read, and what the query calls it; a measure, where '
'one is read of the view of all of them';

-- What the columns of the view of a grain are computed by.
CREATE FUNCTION period_formulas(model text, indicators text[], priorities integer[])
RETURNS TABLE (indicator text, formula text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH given AS (
        SELECT i.indicator AS name,
               coalesce(replace(f.marked_value, '@', ''),
                        kpi.growth_formula(g.indicator, g.priority, f.against)) AS formula
        FROM   unnest(indicators, priorities) AS i (indicator, priority)
               JOIN kpi.formulas AS f USING (indicator, priority)
               LEFT JOIN unnest(indicators, priorities) AS g (indicator, priority)
                    ON g.indicator = f.grows
        WHERE  f.grows IS NULL OR g.indicator IS NOT NULL
        UNION
        SELECT r.name, format('%I.%I', r.alias, r.name)
        FROM   kpi.read_by_formulas(model, indicators, priorities) AS r
        WHERE  r.measure IS NOT NULL
    )
    SELECT t.key, t.value
    FROM   jsonb_each_text(kpi.own_formulas(
               model, (SELECT jsonb_object_agg(g.name, g.formula) FROM given AS g), true)) AS t
    WHERE  t.key = ANY (indicators);
END;
COMMENT ON FUNCTION period_formulas(model text, indicators text[], priorities integer[]) IS
'implementation of build: how indicators are computed from what is pooled over a period';
