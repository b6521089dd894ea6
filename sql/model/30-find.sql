-- find: what there is of a model; returns rows and writes nothing

-- Texts of different collations cannot be compared, nor be one column. One that calls different
-- texts equal is another matter: it is left for the types to refuse.
CREATE FUNCTION read_collation(of_collation oid) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce((SELECT ' COLLATE "default"' FROM pg_collation AS c
                     WHERE  c.oid = read_collation.of_collation AND c.collname <> 'default'
                     AND    c.collisdeterministic), '');
END;
COMMENT ON FUNCTION read_collation(of_collation oid) IS
'implementation of build: what makes a text of this collation one that can be compared with others';

CREATE FUNCTION type_read(of_type oid) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE base AS (
        SELECT t.*, 0 AS n FROM pg_type AS t WHERE t.oid = of_type
        UNION ALL
        SELECT t.*, b.n + 1
        FROM   base AS b JOIN pg_type AS t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
    )
    SELECT CASE typname WHEN 'citext' THEN 'citext' ELSE format_type(oid, NULL) END
    FROM   base ORDER BY n DESC LIMIT 1;
END;
COMMENT ON FUNCTION type_read(of_type oid) IS
'implementation of build: what kind_types calls a type, a domain being what it is made of';

CREATE FUNCTION how_read(kind text, type text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT t.read FROM kpi.kind_types AS t
    WHERE  t.kind = how_read.kind
    AND    (t.type = how_read.type OR t.type IS NULL AND how_read.type IS NOT NULL)
    ORDER  BY t.type IS NULL LIMIT 1;
END;
COMMENT ON FUNCTION how_read(kind text, type text) IS
'implementation of build: how a column of a kind and type is read, of kind_types; NULL if it is '
'not accepted';

-- The column by which the rows of a source are found again: those that share a value of it are
-- replaced together.
CREATE FUNCTION row_key(source text, numbered boolean) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce(s.key, b.key, CASE WHEN numbered THEN s.number END, s.time,
                    (SELECT c.name FROM kpi.source_columns AS c
                     WHERE  c.source = s.source ORDER BY c.position LIMIT 1))
    FROM   kpi.sources AS s LEFT JOIN kpi.sources AS b ON b.source = s.belongs_to
    WHERE  s.source = row_key.source;
END;
COMMENT ON FUNCTION row_key(source text, numbered boolean) IS
'implementation of build and refresh: the column by which changed rows of a source are replaced; '
'numbered: whether it has the one that need not be there';

CREATE FUNCTION found_columns(model text)
RETURNS TABLE (source text, name text, kind text, required boolean, meaning text, type text,
               read_as text, expression text, problem text, hint text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH there AS MATERIALIZED (
        SELECT s.source, s.position, s.name, s.kind, s.required, s.meaning, a.atttypid,
               CASE WHEN s.kind IN ('key', 'text') THEN a.attcollation END AS attcollation
        FROM   kpi.source_columns AS s
               JOIN pg_class AS r ON r.relname = s.source AND r.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND r.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
               LEFT JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attname = s.name
                    AND a.attnum > 0 AND NOT a.attisdropped
    ),
    types AS MATERIALIZED (     -- a few, each asked for once
        SELECT t.atttypid, t.attcollation, t.kind, y.type, kpi.how_read(t.kind, y.type) AS read,
               coalesce(kpi.read_collation(t.attcollation), '') AS collated
        FROM  (SELECT DISTINCT atttypid, attcollation, kind FROM there) AS t
               -- pulled up, it would be asked for wherever it is read
               CROSS JOIN LATERAL (SELECT kpi.type_read(t.atttypid) OFFSET 0) AS y (type)
    ),
    actual AS (
        SELECT h.*, t.type, t.read, t.collated
        FROM   there AS h
               JOIN types AS t ON t.kind = h.kind
                    AND (t.atttypid, t.attcollation)
                        IS NOT DISTINCT FROM (h.atttypid, h.attcollation)
    ),
    keys AS (   -- an order has the same number in all sources, whatever its types there
        SELECT CASE WHEN bool_and(type = 'integer') THEN 'integer'
                    WHEN bool_and(type IN ('smallint', 'integer', 'bigint')) THEN 'bigint'
                    WHEN bool_and(type = 'uuid') THEN 'uuid'
                    ELSE 'text' END AS type,
               bool_or(type IN ('citext', 'uuid')) AS in_any_case
        FROM   actual
        WHERE  name = 'order_id' AND type IS NOT NULL
    ),
    judged AS (
        SELECT a.source, a.position, a.name, a.kind, a.required, a.meaning, a.type, a.collated,
               CASE a.name WHEN 'order_id' THEN o.type ELSE k.type END AS read_as,
               k.type AS wanted, k.hint,
               CASE WHEN a.name = 'order_id' AND o.type <> 'text' THEN 'r.%I::' || o.type
                    WHEN a.name = 'order_id'
                    THEN format(CASE WHEN o.in_any_case THEN 'lower((%s)::text)'
                                     ELSE '(%s)::text' END, a.read)
                    ELSE a.read END AS read,
               coalesce(a.kind = 'instant' AND a.type = 'timestamp without time zone', false)
                   AS naive
        FROM   actual AS a
               JOIN kpi.kinds AS k USING (kind)
               CROSS JOIN keys AS o
    )
    SELECT a.source, a.name, a.kind, a.required, a.meaning, a.type, a.read_as,
           CASE -- stock is then measured in pieces
                WHEN a.type IS NULL AND a.source = 'stock_moves' AND a.name = 'unit_cost'
                THEN '1::numeric'
                -- build refuses these; check reads on
                WHEN a.naive THEN format('r.%I AT TIME ZONE s.timezone', a.name)
                WHEN a.read IS NULL OR a.type IS NULL THEN 'NULL::' || a.read_as
                -- a promise of a day is kept until the day is over; anything else happens when it
                -- begins
                WHEN a.name = 'promised_at' AND a.type = 'date'
                THEN format('(r.%I + 1)::timestamp AT TIME ZONE s.timezone - interval ''1 us''',
                            a.name)
                ELSE format(a.read, a.name) END || a.collated,
           CASE WHEN a.type IS NULL THEN CASE WHEN a.required THEN 'is missing' END
                WHEN a.naive THEN 'is a timestamp without time zone, so the instant is not known'
                WHEN a.read IS NULL THEN format('is %s instead of %s', a.type, a.wanted) END,
           format('%s AS %I', CASE
                WHEN a.type IS NULL THEN '<expression>'
                WHEN a.naive THEN '<column> AT TIME ZONE ''UTC'''
                WHEN a.kind = 'instant' AND a.type IN (SELECT t.type FROM kpi.kind_types AS t
                                                       WHERE  t.kind = 'number')
                THEN 'to_timestamp(<seconds since 1970>)'
                ELSE a.hint END, a.name)
    FROM   judged AS a
    ORDER  BY a.source, a.position;
END;
COMMENT ON FUNCTION found_columns(model text) IS
'implementation of build: which columns of sources the relations of a model have, how they are '
'read, and what is wrong with them';

CREATE FUNCTION found_dimensions(model text, dimensions text[])
RETURNS TABLE (source text, dimension text, "position" bigint, own boolean, inherited boolean)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH own AS (
        SELECT s.source, d.dimension, d.position
        FROM   kpi.sources AS s
               JOIN pg_class AS r ON r.relname = s.source AND r.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND r.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
               JOIN unnest(dimensions) WITH ORDINALITY AS d (dimension, position)
                    ON EXISTS (SELECT FROM pg_attribute AS a
                               WHERE  a.attrelid = r.oid AND a.attname = d.dimension
                               AND    a.attnum > 0 AND NOT a.attisdropped)
    ),
    inherited AS (
        SELECT s.source, o.dimension, o.position
        FROM   own AS o JOIN kpi.sources AS s ON s.belongs_to = o.source
    )
    SELECT o.source, o.dimension, o.position, true, false
    FROM   own AS o
    WHERE  (o.source, o.dimension) NOT IN (SELECT i.source, i.dimension FROM inherited AS i)
    UNION ALL
    SELECT i.source, i.dimension, i.position,
           (i.source, i.dimension) IN (SELECT o.source, o.dimension FROM own AS o), true
    FROM   inherited AS i;
END;
COMMENT ON FUNCTION found_dimensions(model text, dimensions text[]) IS
'implementation of build: which dimensions a source of a model has, of its own or from the order '
'it belongs to';

-- The indicators of the catalog, in all or of a dimension: of each the first formula all of whose
-- columns are there.
CREATE FUNCTION found_formulas(model text, dimensions text[], dimension text, settings jsonb,
                                 by_dimension boolean)
RETURNS TABLE ("position" integer, indicator text, unit text, priority integer, missing text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH there AS MATERIALIZED (    -- computed once, probed for every need
        SELECT source || '.' || name AS need FROM kpi.found_columns(model) WHERE type IS NOT NULL
        UNION ALL
        SELECT concat(s.key, '=', s.value) FROM jsonb_each_text(settings) AS s
        UNION ALL
        SELECT 'by=dimension' WHERE by_dimension
    ),
    dimensioned AS MATERIALIZED (
        SELECT * FROM kpi.found_dimensions(model, dimensions)
    ),
    reads AS (  -- the sources of the views that a formula reads, which may be there without them
        SELECT DISTINCT r.indicator, r.priority, v.sources, v.always
        FROM   kpi.formula_reads AS r JOIN kpi.view_definitions AS v ON v.name = r.view
        WHERE  v.sources <> '{}'
        UNION   -- a growth those that all formulas of the indicator which grows have in common
        SELECT g.indicator, g.priority, v.sources, v.always
        FROM   kpi.formulas AS g
               JOIN kpi.formula_reads AS r ON r.indicator = g.grows
               JOIN kpi.view_definitions AS v ON v.name = r.view
        WHERE  v.sources <> '{}'
        GROUP  BY g.indicator, g.priority, g.grows, v.sources, v.always
        HAVING count(DISTINCT r.priority) = (SELECT count(*) FROM kpi.formulas AS f
                                             WHERE  f.indicator = g.grows)
    ),
    unmet AS MATERIALIZED (
        SELECT f.indicator, f.priority, n.need
        FROM   kpi.formulas AS f CROSS JOIN LATERAL unnest(f.needs) AS n (need)
        WHERE  NOT EXISTS (SELECT FROM there AS t
                           WHERE  t.need = ANY (string_to_array(n.need, '|')))
        UNION
        SELECT r.indicator, r.priority, source
        FROM   reads AS r CROSS JOIN LATERAL unnest(r.sources) AS source
        WHERE  NOT r.always
        AND    source NOT IN (SELECT split_part(t.need, '.', 1) FROM there AS t)
        UNION
        SELECT r.indicator, r.priority,
               format('%s.%s', r.sources[1], found_formulas.dimension)
        FROM   reads AS r
        WHERE  found_formulas.dimension IS NOT NULL
        AND    NOT EXISTS (SELECT FROM dimensioned AS d
                           WHERE  d.source = r.sources[1]
                           AND    d.dimension = found_formulas.dimension)
    ),
    lacks AS MATERIALIZED (     -- columns are named; their source goes without saying
        SELECT f.indicator, f.priority, array_agg(u.need ORDER BY u.need) AS needs,
               string_agg(u.need, ', ' ORDER BY u.need) AS missing,
               coalesce(bool_or(u.need LIKE '%=%'), false) AS setting
        FROM   kpi.formulas AS f
               LEFT JOIN unmet AS u
                    ON u.indicator = f.indicator AND u.priority = f.priority
                    AND NOT EXISTS (SELECT FROM unmet AS c
                                    WHERE  c.indicator = u.indicator AND c.priority = u.priority
                                    AND    starts_with(c.need, u.need || '.'))
        GROUP  BY f.indicator, f.priority
    )
    SELECT i.position, i.indicator, i.unit, f.priority,
           -- any of the formulas would do, but for those that another setting takes, or that need
           -- more than another: all that the other needs is met where this one's needs are
           CASE WHEN f.missing IS NOT NULL THEN (
               SELECT string_agg(l.missing, '; or ' ORDER BY l.priority)
               FROM   lacks AS l
               WHERE  l.indicator = i.indicator AND (NOT l.setting OR f.setting)
               AND    NOT EXISTS (SELECT FROM lacks AS o
                                  WHERE  o.indicator = l.indicator
                                  AND    (SELECT bool_and(EXISTS (
                                              SELECT FROM unnest(l.needs) AS b (need)
                                              WHERE  string_to_array(b.need, '|')
                                                     <@ string_to_array(a.need, '|')))
                                          FROM   unnest(o.needs) AS a (need))
                                  AND    (o.needs <> l.needs OR o.priority < l.priority))) END
    FROM   kpi.indicators AS i
           CROSS JOIN LATERAL (
               SELECT * FROM lacks AS l
               WHERE  l.indicator = i.indicator
               ORDER  BY l.missing IS NOT NULL, l.setting, l.priority LIMIT 1) AS f;
END;
COMMENT ON FUNCTION found_formulas(model text, dimensions text[], dimension text, settings jsonb,
    by_dimension boolean) IS
'implementation of build: which formula of each indicator of the catalog a model has, or what is '
'missing for it';

CREATE FUNCTION is_built(model text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT
        FROM   pg_class AS c
               JOIN pg_namespace AS n ON n.oid = c.relnamespace
               JOIN pg_rewrite AS w ON w.ev_class = c.oid
               JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
               JOIN pg_proc AS f ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
        WHERE  n.nspname = model AND c.relname = 'kpi_settings' AND c.relkind = 'v'
        AND    f.pronamespace = 'kpi'::regnamespace);
END;
COMMENT ON FUNCTION is_built(model text) IS
'implementation of what works on models: whether a schema has a view kpi_settings that is ours';

-- How a model was built, as whoever may read its views may know.
CREATE FUNCTION settings_read(model text)
RETURNS TABLE (storage text, sources text[], dimensions text[], built_by text, timezone text,
               currency text, anonymity integer, since date, views text[], queries text[],
               settings jsonb, owner text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that build was '
                                      'called with.');
    IF NOT kpi.is_built(model) THEN
        RAISE EXCEPTION 'model "%" has not been built', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT * FROM kpi.build(%L, timezone => ...) makes its views.',
                                model);
    END IF;
    EXECUTE format('SELECT to_jsonb(s) FROM %I.kpi_settings AS s', model) INTO settings;
    SELECT *
    INTO   storage, sources, dimensions, built_by, timezone, currency, anonymity, since, views,
           queries
    FROM   jsonb_to_record(settings)
           AS s (storage text, sources text[], dimensions text[], built_by text, timezone text,
                 currency text, anonymity integer, since date, views text[], queries text[]);
    -- an earlier version may not have known all
    settings := (SELECT jsonb_object_agg(s.name, s.usual) FROM kpi.settings AS s) || settings;
    owner := (SELECT relowner::regrole FROM pg_class
              WHERE oid = format('%I.kpi_settings', model)::regclass);
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION settings_read(model text) IS
'implementation of what reads models: how a model was built; an error if it was not built';

CREATE FUNCTION settings_of(model text, stored boolean)
RETURNS TABLE (storage text, sources text[], dimensions text[], built_by text, timezone text,
               currency text, anonymity integer, since date, views text[], queries text[],
               settings jsonb, owner text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that build was '
                                      'called with.');
    PERFORM kpi.require_owners(model, 'this');
    SELECT *
    INTO   storage, sources, dimensions, built_by, timezone, currency, anonymity, since, views,
           queries, settings, owner
    FROM   kpi.settings_read(model);
    IF stored AND storage = 'view' THEN
        RAISE EXCEPTION 'model "%" has nothing to refresh', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Its views compute whenever they are read.',
                  HINT = rtrim(built_by, ')')
                         || ', storage => ''incremental'') keeps what they compute.';
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION settings_of(model text, stored boolean) IS
'implementation of what works on models: how a model was built; an error if it was not built, if '
'it keeps nothing although stored is asked for, or if the caller may not work on it';

-- The model remembers its views, as another version of the extension may know others. What has a
-- name of theirs is theirs if it stands on kpi_settings.
CREATE FUNCTION found_views(model text)
RETURNS TABLE (n bigint, name text, relation oid, kind "char")
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    remembered text[];
BEGIN
    IF NOT kpi.is_built(model) THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT s.views FROM %I.kpi_settings AS s', model) INTO remembered;
    RETURN QUERY
    WITH RECURSIVE standing (oid) AS (
        SELECT c.oid
        FROM   pg_class AS c
        WHERE  c.oid = format('%I.kpi_settings', model)::regclass
        OR     c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
               AND c.relname = ANY (remembered) AND c.relkind = 'r'
               AND kpi.is_kept_table(c.relname::text)
        UNION
        SELECT w.ev_class
        FROM   standing AS s
               JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
                                  AND d.classid = 'pg_rewrite'::regclass
               JOIN pg_rewrite AS w ON w.oid = d.objid
    )
    SELECT v.n, v.name, c.oid, c.relkind
    FROM   unnest(remembered) WITH ORDINALITY AS v (name, n)
           JOIN pg_class AS c ON c.oid = to_regclass(format('%I.%I', model, v.name))
    WHERE  c.oid IN (SELECT oid FROM standing) OR v.name = 'kpi_as_of' AND c.relkind = 'm'
    ORDER  BY v.n;
END $$;
COMMENT ON FUNCTION found_views(model text) IS
'implementation of what works on models: the views that build has made and that are there, each '
'after those it stands on';

CREATE FUNCTION found_reads(model text)
RETURNS TABLE (relation oid, "column" integer) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT d.refobjid, d.refobjsubid
    FROM   kpi.found_views(model) AS v
           JOIN pg_rewrite AS w ON w.ev_class = v.relation
           JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    WHERE  d.refclassid = 'pg_class'::regclass;
END;
COMMENT ON FUNCTION found_reads(model text) IS
'implementation of refresh and snapshot: the columns that the views of a model read, of its '
'sources and of each other';

CREATE FUNCTION grain_names(settings jsonb)
RETURNS TABLE (grain text, name text, people text, whole text) LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    WITH start (day, month) AS (
        SELECT CASE WHEN settings ->> 'week_start' <> '1' THEN
                    ('{monday,tuesday,wednesday,thursday,friday,saturday,sunday}'::text[])
                        [(settings ->> 'week_start')::integer] END,
               CASE WHEN settings ->> 'fiscal_year_start' <> '1' THEN
                    ('{january,february,march,april,may,june,july,august,september,october,'
                     'november,december}'::text[])[(settings ->> 'fiscal_year_start')::integer] END
    ),
    named AS (
        SELECT g.grain,
               g.grain || CASE WHEN g.grain NOT IN ('day', 'all')
                               THEN coalesce(' ' || (settings ->> 'calendar'),
                                             ' from ' || g.start, '') ELSE '' END AS name,
               g.people, g.whole
        FROM   start AS s
               CROSS JOIN LATERAL (VALUES
                   ('day', NULL, 'day', 'month'),
                   ('week', s.day, 'week',
                    CASE WHEN settings ->> 'calendar' IS NOT NULL THEN 'month' END),
                   ('month', NULL, 'month', 'quarter'), ('quarter', s.month, 'quarter', 'half'),
                   ('half', s.month, 'quarter', 'year'), ('year', s.month, 'year', 'all'),
                   ('all', NULL, 'year', 'all')) AS g (grain, start, people, whole)
    )
    SELECT g.grain, g.name, g.people, w.name
    FROM   named AS g LEFT JOIN named AS w ON w.grain = g.whole;
END;
COMMENT ON FUNCTION grain_names(settings jsonb) IS
'implementation of build: the grains of a model, by name as bucket() knows them, the grain by '
'which it is kept who was there in a period, and the next one whose periods are made of its, by '
'name, NULL if there is none';

-- Anybody's table can have the name of one of ours, and other triggers of ours, which note what
-- changes.
CREATE FUNCTION has_checked(model text, name text) RETURNS boolean LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT
        FROM   pg_class AS c
               JOIN pg_namespace AS n ON n.oid = c.relnamespace
               JOIN pg_trigger AS t ON t.tgrelid = c.oid
        WHERE  n.nspname = model AND c.relname = has_checked.name AND c.relkind = 'r'
        AND    t.tgfoid = to_regproc('kpi.check_' || has_checked.name));
END;
COMMENT ON FUNCTION has_checked(model text, name text) IS
'implementation of build: whether a model has a table of this name that goals() or define() made, '
'which has the trigger that looks at its rows';

CREATE FUNCTION has_goals(model text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN kpi.has_checked(model, 'targets');
COMMENT ON FUNCTION has_goals(model text) IS
'implementation of build: whether a model has the tables that goals() makes';

-- What is to be made of a model: views, each after those it stands on.
CREATE FUNCTION planned_views(model text, settings jsonb)
RETURNS TABLE (n bigint, name text, definition view_definitions, grain text, dimension text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH there AS (
        SELECT array_agg(DISTINCT c.source) AS sources FROM kpi.found_columns(model) AS c
    )
    SELECT row_number() OVER (ORDER BY v.position, d.position, g.grain),
           CASE WHEN g.grain IS NULL THEN v.name
                ELSE concat('kpi_', g.grain, '_by_' || d.dimension) END,
           v, g.grain, d.dimension
    FROM   there
           CROSS JOIN kpi.view_definitions AS v
           LEFT JOIN (kpi.grain_names(settings) AS g
                      CROSS JOIN (SELECT 0 AS position, NULL AS dimension
                                  UNION ALL
                                  SELECT d.n, d.dimension
                                  FROM   unnest((settings ->> 'dimensions')::text[])
                                         WITH ORDINALITY AS d (dimension, n)) AS d)
                ON v.name = 'kpi_grain'
    WHERE  (v.sources <@ there.sources
            -- even so it is of no use without what its rows belong to
            OR v.always AND NOT EXISTS (SELECT FROM kpi.sources AS s
                                        WHERE  s.source = ANY (v.sources)
                                        AND    s.belongs_to <> ALL (there.sources)))
    AND    (NOT v.goals OR kpi.has_goals(model))
    AND    (v.name <> 'kpi_as_of'
            OR settings ->> 'storage' <> 'view' AND settings ->> 'as_of' IS NULL);
END;
COMMENT ON FUNCTION planned_views(model text, settings jsonb) IS
'implementation of build: the views it is going to make';

-- Two names are near each other if they are the same but for case, signs and a plural, or, if they
-- are not short, for a letter.
CREATE FUNCTION spellings(name text) RETURNS text[] LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT array_agg(CASE WHEN i = 0 THEN n ELSE overlay(n PLACING '' FROM i FOR 1) END)
    FROM   regexp_replace(regexp_replace(regexp_replace(lower(name), '[^[:alnum:]]', '', 'g'),
                                         'ies$', 'y'), 's$', '') AS n,
           generate_series(0, CASE WHEN length(n) > 4 THEN length(n) ELSE 0 END) AS i;
END;
COMMENT ON FUNCTION spellings(name text) IS
'implementation of build and check: a name without case, signs and plural, and with a letter left '
'out; names that share one are near';

CREATE FUNCTION misspelt_relations(model text) RETURNS TABLE (name text, source text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH relation AS (
        SELECT c.relname::text AS name, c.oid
        FROM   pg_class AS c
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
        AND    c.relkind IN ('r', 'p', 'v', 'm', 'f')
    )
    SELECT r.name, string_agg(s.source, ' or ' ORDER BY s.source)
    FROM   relation AS r
           JOIN kpi.sources AS s ON s.source NOT IN (SELECT name FROM relation)
                AND kpi.spellings(s.source) && kpi.spellings(r.name)
    WHERE  r.name NOT IN (SELECT source FROM kpi.sources)
    AND    NOT EXISTS (SELECT FROM pg_depend AS d JOIN pg_rewrite AS w ON w.oid = d.objid
                       WHERE  d.classid = 'pg_rewrite'::regclass AND w.ev_class <> r.oid
                       AND    d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid)
    GROUP  BY r.name;
END;
COMMENT ON FUNCTION misspelt_relations(model text) IS
'implementation of build and check: the relations of a model that nothing reads and whose name is '
'near to that of a source that is not there, and which that is';
