-- model: one call turns the source relations of a schema into views of its KPIs
--
-- A model is a schema. build() reads which sources are there, writes the views whose definitions are kept in sql/views, and on top of
-- them, from the catalog, one view per grain and dimension. All of them are ordinary views of whoever calls it, or materialized views
-- where that is the storage and their definition has a key. Nothing else is kept: what was built is known by its name and by depending
-- on the view kpi_settings, so that dump, restore and DROP SCHEMA need no care.

-- currency

-- Takes all that the amount depends on, so that it is not called before a row needs it.
CREATE FUNCTION no_exchange_rate(amount numeric, currency text, exchange_rate numeric, target text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RAISE EXCEPTION 'an amount in "%" cannot be added to amounts in "%"', currency, target
        USING ERRCODE = 'data_exception',
              DETAIL = 'Its order has no exchange_rate.',
              HINT = 'Give orders a column exchange_rate, what one unit of its currency is worth in the currency of the model, or leave such orders out.';
END $$;
COMMENT ON FUNCTION no_exchange_rate(amount numeric, currency text, exchange_rate numeric, target text) IS 'implementation of in_currency: the error';
CREATE FUNCTION in_currency(amount numeric, currency text, exchange_rate numeric, target text) RETURNS numeric LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN amount IS NULL OR currency IS NULL OR currency = target THEN amount
                WHEN exchange_rate IS NOT NULL THEN amount * exchange_rate
                ELSE no_exchange_rate(amount, currency, exchange_rate, target) END;
COMMENT ON FUNCTION in_currency(amount numeric, currency text, exchange_rate numeric, target text) IS 'an amount in the target currency, one unit of its own being worth exchange_rate; its own is the target if NULL; an error for another currency without a rate';

-- what is there

CREATE FUNCTION model_columns(model text)
RETURNS TABLE (source text, name text, kind text, required boolean, meaning text, type text,
               expression text, problem text, hint text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE base (type, base) AS (
        SELECT oid, oid FROM pg_type WHERE typtype <> 'd'
        UNION ALL
        SELECT t.oid, b.base
        FROM   base AS b JOIN pg_type AS t ON t.typbasetype = b.type AND t.typtype = 'd'
    ),
    actual AS (
        SELECT s.source, s.position, s.name, s.kind, s.required, s.meaning,
               format_type(b.base, NULL) AS type
        FROM   source_columns AS s
               JOIN pg_class AS r ON r.relname = s.source AND r.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND r.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
               LEFT JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attname = s.name
                    AND a.attnum > 0 AND NOT a.attisdropped
               LEFT JOIN base AS b ON b.type = a.atttypid
    ),
    judged AS (
        SELECT a.*, k.type AS wanted, k.hint, r.read,
               coalesce(a.kind = 'instant' AND a.type = 'timestamp without time zone', false)
                   AS naive
        FROM   actual AS a
               JOIN kinds AS k USING (kind)
               LEFT JOIN LATERAL (
                   SELECT t.read FROM kind_types AS t
                   WHERE  t.kind = a.kind
                   AND    (t.type = a.type OR t.type IS NULL AND a.type IS NOT NULL)
                   ORDER  BY t.type IS NULL LIMIT 1) AS r ON true
    ),
    keys AS (   -- an order has the same number in all sources
        SELECT CASE WHEN bool_and(type = 'integer') THEN 'integer'
                    WHEN bool_and(type IN ('smallint', 'integer', 'bigint')) THEN 'bigint'
                    WHEN bool_and(type = 'uuid') THEN 'uuid'
                    ELSE 'text' END AS order_id
        FROM   actual
        WHERE  name = 'order_id' AND type IS NOT NULL
    )
    SELECT a.source, a.name, a.kind, a.required, a.meaning, a.type,
           CASE -- stock is then measured in pieces
                WHEN a.type IS NULL AND a.source = 'stock_moves' AND a.name = 'unit_cost'
                THEN '1::numeric'
                -- build refuses these; check reads on
                WHEN a.naive THEN format('r.%I AT TIME ZONE s.timezone', a.name)
                WHEN a.read IS NULL
                THEN 'NULL::' || CASE a.name WHEN 'order_id' THEN k.order_id ELSE a.wanted END
                WHEN a.name = 'order_id' THEN format('r.%I::%s', a.name, k.order_id)
                -- a promise of a day is kept until the day is over; anything else happens when it
                -- begins
                WHEN a.name = 'promised_at' AND a.type = 'date'
                THEN format('(r.%I + 1)::timestamp AT TIME ZONE s.timezone - interval ''1 us''',
                            a.name)
                ELSE format(a.read, a.name) END,
           CASE WHEN a.type IS NULL THEN CASE WHEN a.required THEN 'is missing' END
                WHEN a.naive THEN 'is a timestamp without time zone, so the instant is not known'
                WHEN a.read IS NULL THEN format('is %s instead of %s', a.type, a.wanted) END,
           format('%s AS %I', CASE
                WHEN a.type IS NULL THEN '<expression>'
                WHEN a.naive THEN '<column> AT TIME ZONE ''UTC'''
                WHEN a.kind = 'instant' AND a.type IN (SELECT t.type FROM kind_types AS t
                                                       WHERE  t.kind = 'number')
                THEN 'to_timestamp(<seconds since 1970>)'
                ELSE a.hint END, a.name)
    FROM   judged AS a CROSS JOIN keys AS k
    ORDER  BY a.source, a.position;
END;
COMMENT ON FUNCTION model_columns(model text) IS
'implementation of build: which columns of sources the relations of a model have, how they are '
'read, and what is wrong with them';

CREATE FUNCTION model_views(model text) RETURNS SETOF text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE built (oid) AS (
        SELECT c.oid
        FROM   pg_class AS c
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model) AND c.relname = 'kpi_settings' AND c.relkind = 'v'
        AND    EXISTS (SELECT FROM pg_rewrite AS w JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                       WHERE w.ev_class = c.oid AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = 'bucket(text, timestamptz, text)'::regprocedure)
        UNION
        SELECT c.oid
        FROM   built AS b
               JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = b.oid AND d.classid = 'pg_rewrite'::regclass
               JOIN pg_rewrite AS w ON w.oid = d.objid
               JOIN pg_class AS c ON c.oid = w.ev_class
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
        AND    (c.relname IN (SELECT name FROM view_definitions) OR c.relname = 'kpi_values'
                -- one of ours stands on the periods, and has its dimension as second column
                OR c.relname ~ '^kpi_(day|week|month|quarter|year)(_by_.+)?$' AND (SELECT relname FROM pg_class WHERE oid = b.oid) = 'kpi_periods'
                   AND (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = 2) = coalesce(substring(c.relname FROM '_by_(.+)$'), 'complete'))
    ),
    named AS (
        SELECT relname::text AS name FROM built JOIN pg_class USING (oid)
        UNION
        SELECT a.relname::text
        FROM   built AS b
               JOIN pg_rewrite AS w ON w.ev_class = b.oid
               JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
               JOIN pg_class AS a ON a.oid = d.refobjid
        WHERE  a.relname = 'kpi_as_of' AND a.relkind = 'm' AND a.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    )
    SELECT name
    FROM   named LEFT JOIN view_definitions USING (name)
    ORDER  BY CASE name WHEN 'kpi_as_of' THEN -2 WHEN 'kpi_settings' THEN -1 WHEN 'kpi_values' THEN 1000 ELSE coalesce(position, 999) END, name;
END;
COMMENT ON FUNCTION model_views(model text) IS 'implementation of build: the views it has built in a schema, each after those it stands on';

CREATE FUNCTION model_dimensions(model text, dimensions text[])
RETURNS TABLE (source text, dimension text, "position" bigint, own boolean, inherited boolean)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH own AS (
        SELECT s.source, d.dimension, d.position
        FROM   sources AS s
               JOIN pg_class AS r ON r.relname = s.source AND r.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND r.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
               JOIN unnest(dimensions) WITH ORDINALITY AS d (dimension, position)
                    ON EXISTS (SELECT FROM pg_attribute AS a
                               WHERE  a.attrelid = r.oid AND a.attname = d.dimension
                               AND    a.attnum > 0 AND NOT a.attisdropped)
    ),
    inherited AS (
        SELECT s.source, o.dimension, o.position
        FROM   own AS o JOIN sources AS s ON s.belongs_to = o.source
    )
    SELECT o.source, o.dimension, o.position, true, false
    FROM   own AS o
    WHERE  (o.source, o.dimension) NOT IN (SELECT i.source, i.dimension FROM inherited AS i)
    UNION ALL
    SELECT i.source, i.dimension, i.position,
           (i.source, i.dimension) IN (SELECT o.source, o.dimension FROM own AS o), true
    FROM   inherited AS i;
END;
COMMENT ON FUNCTION model_dimensions(model text, dimensions text[]) IS
'implementation of build: which dimensions a source of a model has, of its own or from the order '
'it belongs to';

-- what is made of it

-- A source, these columns of it, and what snapshot() has recorded that the source itself no longer
-- tells. Where its time does not say which row it is, the source may have forgotten that, too, as
-- shops do of carts that become orders: the first one counts.
CREATE FUNCTION model_recorded(model text, source text, columns text[]) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH recorded AS (
        SELECT t.oid, format('%I.%I', model, s.source) AS shown,
               format('%I.%I', model, t.relname) AS recorded,
               CASE WHEN s.time <> ALL (s.recorded_by) THEN s.time END AS forgotten,
               (SELECT string_agg(format('r.%1$I = k.%1$I', c), ' AND ')
                FROM   unnest(s.recorded_by) AS c) AS same,
               -- rows that are known by nothing but their time; looked for on their own, as the
               -- planner joins by equality
               (SELECT format('k.%1$I IS NULL AND EXISTS (SELECT FROM %%s AS r WHERE r.%1$I IS NULL'
                              ' AND r.%2$I = k.%2$I)', c, s.time)
                FROM   unnest(s.recorded_by) AS c
                WHERE  c <> s.time AND s.time = ANY (s.recorded_by)) AS unnamed
        FROM   sources AS s
               JOIN pg_class AS t ON t.relname = 'recorded_' || s.source AND t.relkind IN ('r', 'p')
        WHERE  s.source = model_recorded.source AND s.recorded_by <> '{}'
        AND    t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    ),
    read AS (
        SELECT string_agg(CASE WHEN c.name = r.forgotten
                               THEN format('least(r.%1$I, k.%1$I) AS %1$I', c.name)
                               ELSE format('r.%I', c.name) END, ', ' ORDER BY c.n) AS shown,
               string_agg(coalesce(format('k.%I', a.attname), 'NULL'), ', ' ORDER BY c.n)
                   AS recorded
        FROM   recorded AS r
               CROSS JOIN unnest(columns) WITH ORDINALITY AS c (name, n)
               LEFT JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attname = c.name
                         AND a.attnum > 0 AND NOT a.attisdropped
    )
    SELECT concat('(SELECT ', c.shown, ' FROM ', r.shown, ' AS r',
                  CASE WHEN r.forgotten IS NOT NULL
                       THEN format(' LEFT JOIN %s AS k ON %s', r.recorded, r.same) END,
                  ' UNION ALL SELECT ', c.recorded, ' FROM ', r.recorded, ' AS k WHERE NOT EXISTS ',
                  format('(SELECT FROM %s AS r WHERE %s)', r.shown, r.same),
                  ' AND NOT (' || format(r.unnamed, r.shown) || ')', ')')
    FROM   recorded AS r CROSS JOIN read AS c;
END;
COMMENT ON FUNCTION model_recorded(model text, source text, columns text[]) IS
'implementation of build: a source, these columns of it, with what snapshot() has recorded of '
'it; NULL if there is no such table';

CREATE FUNCTION model_source(model text, source text, dimensions text[]) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH own AS (
        SELECT d.dimension, d.position
        FROM   model_dimensions(model, dimensions) AS d
        WHERE  d.source = model_source.source AND d.own
    ),
    present AS MATERIALIZED (
        SELECT * FROM model_columns(model)
    ),
    read AS (
        SELECT array_agg(n.name ORDER BY n.name) AS names
        FROM   (SELECT p.name FROM present AS p
                WHERE  p.source = model_source.source AND p.type IS NOT NULL
                UNION
                SELECT dimension FROM own) AS n
    ),
    keys AS (   -- an order has the same number in all sources
        SELECT min(substring(p.expression FROM '::(\w+)$')) AS order_id
        FROM   present AS p WHERE p.name = 'order_id'
    )
    SELECT concat('(SELECT ', string_agg(
                      format('%s AS %I', coalesce(p.expression, 'NULL::' || coalesce(
                                 CASE s.name WHEN 'order_id' THEN o.order_id END, k.type)),
                             s.name), ', ' ORDER BY s.position),
                  (SELECT string_agg(format(', coalesce(r.%I::text, ''(none)'') AS %I', dimension,
                                            'by_' || dimension), '' ORDER BY position) FROM own),
                  format(' FROM %I.kpi_settings AS s', model),
                  CASE WHEN count(p.name) = 0 THEN ' WHERE false'
                       ELSE format(' CROSS JOIN %s AS r', coalesce(
                                model_recorded(model, model_source.source, (SELECT names FROM read)),
                                format('%I.%I', model, model_source.source))) END, ')')
    FROM   source_columns AS s
           JOIN kinds AS k USING (kind)
           CROSS JOIN keys AS o
           LEFT JOIN present AS p ON p.source = s.source AND p.name = s.name
    WHERE  s.source = model_source.source;
END;
COMMENT ON FUNCTION model_source(model text, source text, dimensions text[]) IS
'implementation of build: a source with all its columns, of the right types, and with what was '
'recorded of it; empty if it is not there';

CREATE FUNCTION model_view(model text, definition view_definitions, dimensions text[]) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, kpi, pg_temp AS $$
DECLARE
    parts text[] := regexp_split_to_array(regexp_replace(definition.query, '\m(kpi_[a-z_]+ AS )', replace(quote_ident(model), '\', '\\') || '.\1', 'g'), '@[a-z_ ]+@');
    body  text := parts[1];
    mark  text[];
    n     integer := 1;
BEGIN
    FOR mark IN SELECT m FROM regexp_matches(definition.query, '@(joined |same )?([a-z_]+)( [a-z]+)?@', 'g') AS m LOOP
        n := n + 1;
        body := body || CASE
            WHEN mark[2] = 'dimensions' THEN coalesce((
                SELECT string_agg(CASE mark[1]
                                  WHEN 'same ' THEN format(' AND %s.%2$I = x.%2$I', trim(mark[3]), 'by_' || d.dimension)
                                  WHEN 'joined ' THEN CASE   -- what belongs to no known order is a member of its own, if it does not say itself
                                       WHEN d.inherited THEN format(', coalesce(o.%1$I%2$s, ''(none)'') AS %1$I', 'by_' || d.dimension,
                                                                    CASE WHEN d.own THEN format(', x.%I', 'by_' || d.dimension) ELSE '' END)
                                       ELSE format(', x.%I', 'by_' || d.dimension) END
                                  ELSE format(', x.%I', 'by_' || d.dimension) END, '' ORDER BY d.position)
                FROM   model_dimensions(model, dimensions) AS d
                WHERE  d.source = definition.sources[1]), '')
            ELSE model_source(model, mark[2], dimensions) END || parts[n];
    END LOOP;
    RETURN body;
END $$;
COMMENT ON FUNCTION model_view(model text, definition view_definitions, dimensions text[]) IS 'implementation of build: the query of a view from its definition';

-- The indicators a model has, in all or of a dimension: of each the first formula all of whose
-- columns are there.
CREATE FUNCTION model_indicators(model text, dimensions text[], dimension text, settings text[])
RETURNS TABLE ("position" integer, indicator text, unit text, priority integer, missing text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH there AS MATERIALIZED (    -- computed once, probed for every need
        SELECT source || '.' || name AS need FROM model_columns(model) WHERE type IS NOT NULL
        UNION ALL
        SELECT unnest(settings)
    ),
    by_dimension AS MATERIALIZED (
        SELECT * FROM model_dimensions(model, dimensions)
    ),
    reads AS (  -- the sources of the views that a formula reads
        SELECT DISTINCT r.indicator, r.priority, v.sources
        FROM   formula_reads AS r JOIN view_definitions AS v ON v.name = r.view
        WHERE  v.sources <> '{}'
    ),
    unmet AS MATERIALIZED (
        SELECT f.indicator, f.priority, n.need
        FROM   formulas AS f CROSS JOIN LATERAL unnest(f.needs) AS n (need)
        WHERE  NOT EXISTS (SELECT FROM there AS t
                           WHERE  t.need = ANY (string_to_array(n.need, '|')))
        UNION
        SELECT r.indicator, r.priority, source
        FROM   reads AS r CROSS JOIN LATERAL unnest(r.sources) AS source
        WHERE  source NOT IN (SELECT split_part(t.need, '.', 1) FROM there AS t)
        UNION
        SELECT r.indicator, r.priority,
               format('%s.%s', r.sources[1], model_indicators.dimension)
        FROM   reads AS r
        WHERE  model_indicators.dimension IS NOT NULL
        AND    NOT EXISTS (SELECT FROM by_dimension AS d
                           WHERE  d.source = r.sources[1]
                           AND    d.dimension = model_indicators.dimension)
    ),
    lacks AS MATERIALIZED (     -- columns are named; their source goes without saying
        SELECT f.indicator, f.priority, array_agg(u.need ORDER BY u.need) AS needs,
               string_agg(u.need, ', ' ORDER BY u.need) AS missing,
               coalesce(bool_or(u.need LIKE '%=%'), false) AS setting
        FROM   formulas AS f
               LEFT JOIN unmet AS u
                    ON u.indicator = f.indicator AND u.priority = f.priority
                    AND NOT EXISTS (SELECT FROM unmet AS c
                                    WHERE  c.indicator = u.indicator AND c.priority = u.priority
                                    AND    starts_with(c.need, u.need || '.'))
        GROUP  BY f.indicator, f.priority
    )
    SELECT i.position, i.indicator, i.unit, f.priority,
           -- any of the formulas would do, but for those that another setting takes, or that need
           -- more than another
           CASE WHEN f.missing IS NOT NULL THEN (
               SELECT string_agg(l.missing, '; or ' ORDER BY l.priority)
               FROM   lacks AS l
               WHERE  l.indicator = i.indicator AND (NOT l.setting OR f.setting)
               AND    NOT EXISTS (SELECT FROM lacks AS o
                                  WHERE  o.indicator = l.indicator AND o.needs <@ l.needs
                                  AND    (o.needs <> l.needs OR o.priority < l.priority))) END
    FROM   indicators AS i
           CROSS JOIN LATERAL (
               SELECT * FROM lacks AS l
               WHERE  l.indicator = i.indicator
               ORDER  BY l.missing IS NOT NULL, l.setting, l.priority LIMIT 1) AS f;
END;
COMMENT ON FUNCTION model_indicators(model text, dimensions text[], dimension text,
    settings text[]) IS
'implementation of build: which formula of each indicator a model has, or what is missing for it';

-- The columns of the view of a grain: each indicator as a number, and the sample where one holds
-- it.
CREATE FUNCTION model_period_columns(model text, view text, indicators text[], priorities integer[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(format(E',\n       %s AS %I', c.value, c.name), ''
                      ORDER BY a.attnum, c.is_sample, i.n)
    FROM   unnest(indicators, priorities) WITH ORDINALITY AS i (indicator, priority, n)
           JOIN formulas AS f USING (indicator, priority)
           JOIN indicators AS d USING (indicator)
           LEFT JOIN unnest(indicators, priorities) AS g (indicator, priority)
                ON g.indicator = f.grows
           CROSS JOIN LATERAL (
               SELECT format('(%s)::%s', coalesce(replace(f.marked_value, '@', ''), concat(
                          'CASE WHEN p.complete',
                          format(' THEN kpi.growth((%s)::numeric, (%s)::numeric)',
                                 model_formula(g.indicator, g.priority, NULL, false),
                                 model_formula(g.indicator, g.priority, f.against, false)),
                          format(' ELSE kpi.growth((%s)::numeric, (%s)::numeric) END',
                                 model_formula(g.indicator, g.priority, NULL, true),
                                 model_formula(g.indicator, g.priority, f.against, true)))),
                          CASE WHEN d.unit IN ('money', 'quantity') THEN 'numeric(20,4)'
                               WHEN d.unit = 'count' THEN 'bigint' ELSE 'float8' END),
                      i.indicator, false
               UNION ALL
               SELECT format('CASE WHEN kpi.sample_size(%1$s) > 0 THEN %1$s END',
                             replace(f.marked_sample, '@', '')),
                      i.indicator || '_sample', true
               WHERE  f.sample IS NOT NULL) AS c (value, name, is_sample)
           LEFT JOIN pg_attribute AS a
                ON a.attrelid = to_regclass(format('%I.%I', model, view)) AND a.attname = c.name
    WHERE  f.grows IS NULL OR g.indicator IS NOT NULL;
END;
COMMENT ON FUNCTION model_period_columns(model text, view text, indicators text[],
    priorities integer[]) IS
'implementation of build: the columns of the view of a grain, those that it has in their places';

-- What formulas read of a daily view, pooled over the days of a period that starts on this date.
CREATE FUNCTION model_pooled_columns(model text, view text, alias text, indicators text[],
                                     priorities integer[], grain_name text, start text)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(concat(
               CASE WHEN t.typnamespace = 'kpi'::regnamespace THEN 'kpi.rollup(d.'
                    WHEN p.pools = 'distinct' THEN 'count(DISTINCT d.'
                    ELSE 'sum(d.' END, quote_ident(r.column), ')',
               CASE WHEN p.pools = 'last' THEN
                    format(' FILTER (WHERE d.day = s.today OR kpi.bucket(%L, d.day + 1) > d.day)',
                           grain_name) END,
               CASE WHEN r.to_date THEN
                    format(' FILTER (WHERE d.day < %s + (s.today - kpi.bucket(%L, s.today)))',
                           start, grain_name) END,
               ' AS ', quote_ident(r.name)), ', ' ORDER BY r.name)
    FROM   (SELECT r.column, r.to_date, r.name
            FROM   model_formula_reads(indicators, priorities) AS r
            WHERE  r.view = model_pooled_columns.view
            AND    concat_ws('_', r.alias, r.shift) = model_pooled_columns.alias) AS r
           JOIN pg_attribute AS a ON a.attname = r.column
                AND a.attrelid = to_regclass(format('%I.%I', model, view))
           JOIN pg_type AS t ON t.oid = a.atttypid
           LEFT JOIN view_columns AS p ON (p.view, p.name) = (model_pooled_columns.view, r.column);
END;
COMMENT ON FUNCTION model_pooled_columns(model text, view text, alias text, indicators text[],
    priorities integer[], grain_name text, start text) IS
'implementation of build: what formulas read of a daily view, pooled over a period';

-- The query of kpi_<grain> or kpi_<grain>_by_<dimension>: the periods, and joined to them the daily
-- views that the formulas read, pooled as the table view_columns or the type of the column says. A
-- query that does not ask for the columns of a join does not run it, as each is provably unique.
-- Where an index can find the rows of a period, they are pooled period by period, so that a
-- condition on the period reads no others. Columns that the view has keep their place, so that it
-- can be replaced.
CREATE FUNCTION model_periods(model text, view text, grain text, grain_name text, dimensions text[],
                              dimension text, settings text[], indexed text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, kpi, pg_temp AS $$
DECLARE
    chosen     text[];
    priorities integer[];
    columns    text;
    joins      text := '';
    members    text[] := '{}';
    member     text := quote_ident('by_' || dimension);
    and_member text := CASE WHEN dimension IS NULL THEN '' ELSE ', a.member' END;
    item       record;
BEGIN
    SELECT array_agg(i.indicator ORDER BY i.position), array_agg(i.priority ORDER BY i.position)
    INTO   chosen, priorities
    FROM   model_indicators(model, dimensions, dimension, settings) AS i
    WHERE  i.missing IS NULL;
    IF chosen IS NULL THEN
        RETURN NULL;
    END IF;
    columns := model_period_columns(model, view, chosen, priorities);

    FOR item IN
        SELECT concat_ws('_', r.alias, r.shift) AS alias, r.alias AS people, r.view, r.shift,
               EXISTS (SELECT FROM view_columns AS c
                       WHERE  (c.view, c.name, c.pools) = (r.view, r.alias, 'people')) AS of_people,
               r.view = ANY (indexed) AND dimension IS NULL AS indexed,
               coalesce('p.' || r.shift, 'p.period') AS start,
               CASE r.shift WHEN 'previous' THEN 'p.period'
                            WHEN 'last_year' THEN 'p.last_year_until'
                            ELSE 'p.until' END AS until
        FROM   model_formula_reads(chosen, priorities) AS r
        WHERE  r.view <> 'kpi_periods'
        GROUP  BY r.alias, r.view, r.shift
        ORDER  BY 1
    LOOP
        joins := joins || E'\n       ' || CASE
            WHEN item.of_people THEN concat(
                'LEFT JOIN (SELECT DISTINCT ON (c.period', and_member, ') c.*', and_member,
                format(' FROM (SELECT rollup(k.%I) AS value', item.people),
                ', k.' || member || ' AS member',
                format(' FROM %I.%I AS k WHERE k.grain = %L', model, item.view, grain),
                ' GROUP BY k.' || member,
                format(') AS a CROSS JOIN LATERAL customers(a.value, %L) AS c) AS ', grain_name))
            WHEN item.indexed THEN concat(
                'LEFT JOIN LATERAL (SELECT ',
                model_pooled_columns(model, item.view, item.alias, chosen, priorities, grain_name,
                                     item.start),
                format(' FROM %1$I.kpi_settings AS s CROSS JOIN %1$I.%2$I AS d', model, item.view),
                format(' WHERE within(d.day, %s, %s)) AS ', item.start, item.until))
            ELSE concat(
                format('LEFT JOIN (SELECT bucket(%L, d.day) AS period', grain_name),
                ', d.' || member || ' AS member', ', ',
                model_pooled_columns(model, item.view, item.alias, chosen, priorities, grain_name,
                                     format('bucket(%L, d.day)', grain_name)),
                format(' FROM %1$I.kpi_settings AS s CROSS JOIN %1$I.%2$I AS d', model, item.view),
                format(' GROUP BY bucket(%L, d.day)', grain_name), ', d.' || member, ') AS ') END
            || quote_ident(item.alias) || CASE
            WHEN item.indexed AND NOT item.of_people THEN ' ON true'
            ELSE concat(format(' ON %I.period = %s', item.alias, item.start),
                        CASE WHEN member IS NOT NULL
                             THEN format(' AND %I.member = m.member', item.alias) END) END;
        IF item.shift IS NULL AND NOT item.of_people AND member IS NOT NULL THEN
            members := members || format('SELECT DISTINCT d.%s AS member FROM %I.%I AS d',
                                         member, model, item.view);
        END IF;
    END LOOP;
    RETURN concat('SELECT p.period', ', m.member AS ' || quote_ident(dimension), ', p.complete', columns,
                  format(E'\nFROM   %I.kpi_periods AS p', model),
                  CASE WHEN member IS NOT NULL THEN
                       format(E'\n       CROSS JOIN (%s) AS m', array_to_string(members, ' UNION ')) END,
                  joins, format(E'\nWHERE  p.grain = %L', grain));
END $$;
COMMENT ON FUNCTION model_periods(model text, view text, grain text, grain_name text,
    dimensions text[], dimension text, settings text[], indexed text[]) IS
'implementation of build: the query of the view of a grain, in all or by a dimension; NULL '
'without indicators';

-- The query of kpi_values, from the columns that the views of the grains have.
CREATE FUNCTION model_values(model text, dimensions text[]) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(format(E'SELECT %L::text AS grain, v.period, v.complete, %L::text AS dimension, %s AS member, k.kpi, k.value, k.sample_size, k.low, k.high, k.unit'
                             '\nFROM   %I.%I AS v CROSS JOIN LATERAL (VALUES %s) AS k (kpi, value, sample_size, low, high, unit)',
                             r.grain, r.dimension, coalesce('v.' || quote_ident(r.dimension), 'NULL::text'), model, r.view, c.rows), E'\nUNION ALL\n' ORDER BY r.n, r.grain)
    FROM   (SELECT g.grain, d.dimension, d.n, 'kpi_' || g.grain || coalesce('_by_' || d.dimension, '') AS view
            FROM   unnest('{day,week,month,quarter,year}'::text[]) AS g (grain)
                   CROSS JOIN (SELECT NULL::text AS dimension, 0 AS n UNION ALL SELECT * FROM unnest(dimensions) WITH ORDINALITY) AS d) AS r
           CROSS JOIN LATERAL (
               SELECT string_agg(format(E'\n       (%L::text, v.%I::float8, %s, %L::text)', i.indicator, i.indicator,
                                        CASE WHEN t.typname IN ('rate', 'nps') THEN format('coalesce(sample_size(v.%1$I), 0), lower(confidence_interval(v.%1$I))::float8, upper(confidence_interval(v.%1$I))::float8', s.attname)
                                             ELSE coalesce('coalesce(sample_size(v.' || quote_ident(s.attname) || '), 0)', 'NULL::bigint') || ', NULL::float8, NULL::float8' END, i.unit), ',' ORDER BY i.position) AS rows
               FROM   pg_class AS v
                      JOIN pg_attribute AS a ON a.attrelid = v.oid
                      JOIN indicators AS i ON i.indicator = a.attname
                      LEFT JOIN pg_attribute AS s ON s.attrelid = v.oid AND s.attname = i.indicator || '_sample'
                      LEFT JOIN pg_type AS t ON t.oid = s.atttypid
               WHERE  v.relname = r.view AND v.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)) AS c
    WHERE  c.rows IS NOT NULL;
END;
COMMENT ON FUNCTION model_values(model text, dimensions text[]) IS 'implementation of build: the query of kpi_values';

-- What the columns mean of the views that the others are made of: what the view or its source says,
-- or which indicators are made of them.
CREATE FUNCTION model_comment(view text, name text) RETURNS text LANGUAGE SQL STABLE
    RETURN CASE
        WHEN name = 'day' AND view LIKE 'kpi\_daily\_%' THEN 'The day.'
        WHEN name LIKE 'by\_%' THEN format('The member of the dimension %s.', substring(name FROM 4))
        WHEN view LIKE 'kpi\_daily\_%' THEN coalesce(
            (SELECT 'Part of ' || string_agg(DISTINCT i.name, ', ' ORDER BY i.name) || '.'
             FROM   formula_reads AS r JOIN indicators AS i USING (indicator)
             WHERE  (r.view, r.column) = (model_comment.view, model_comment.name)),
            'No part of an indicator.')
        WHEN name = 'grain' THEN 'day, week, month, quarter or year'
        ELSE coalesce(
            (SELECT c.meaning FROM view_columns AS c
             WHERE  (c.view, c.name) = (model_comment.view, model_comment.name)),
            '{"model": "the schema", "week": "the week as bucket() knows it", "quarter": "the quarter",
              "year": "the year", "as_of": "the instant the model is seen at", "today": "its day",
              "sources": "the sources that were there",
              "built_by": "the call that built it, to be repeated"}'::jsonb
                ->> CASE WHEN view = 'kpi_settings' THEN name END,
            (SELECT s.meaning FROM source_columns AS s
             WHERE 'kpi_' || s.source = view AND s.name = model_comment.name),
            CASE view WHEN 'kpi_settings' THEN format('what build() was told as %s', name) END) END;
COMMENT ON FUNCTION model_comment(view text, name text) IS
'implementation of build: what a column means of a view that others are made of';

-- Makes a view, or a materialized view with its unique index, or leaves what is there in its place: a materialized view of the same query is refreshed.
-- What cannot stay in place is an error, as it is when CREATE OR REPLACE VIEW meets another column.
CREATE FUNCTION model_store(model text, name text, query text, stored boolean, options text, meaning text, key text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, kpi, pg_temp AS $$
DECLARE
    kind text := CASE WHEN stored THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
    what text := format('%I.%I', model, name);
    old  oid := to_regclass(what);
BEGIN
    IF old IS NOT NULL AND stored <> EXISTS (SELECT FROM pg_class WHERE oid = old AND relkind = 'm') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_table_definition';
    ELSIF NOT stored THEN
        EXECUTE format('CREATE OR REPLACE VIEW %s %sAS %s', what, coalesce('WITH (' || options || ') ', ''), query);
    ELSE
        IF old IS NULL THEN
            EXECUTE format('CREATE MATERIALIZED VIEW %s %sAS %s', what, coalesce('WITH (' || options || ') ', ''), query);
        ELSE
            EXECUTE format('CREATE TEMPORARY VIEW kpi_probe AS %s', query);
            IF pg_get_viewdef(old) <> pg_get_viewdef('pg_temp.kpi_probe'::regclass) THEN
                RAISE EXCEPTION USING ERRCODE = 'invalid_table_definition';
            END IF;
            DROP VIEW pg_temp.kpi_probe;
        END IF;
        IF NOT EXISTS (SELECT FROM pg_index WHERE indrelid = what::regclass AND indisunique AND indisvalid AND indimmediate AND num_nonnulls(indpred, indexprs) = 0) THEN
            EXECUTE format('CREATE UNIQUE INDEX ON %s (%s)', what, (SELECT string_agg(quote_ident(k), ', ' ORDER BY n) FROM unnest(key) WITH ORDINALITY AS u (k, n)));
        END IF;
        IF old IS NULL THEN
            EXECUTE format('ANALYZE %s', what);
        ELSE
            PERFORM model_refresh(model, name);
        END IF;
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', kind, what, meaning);
END $$;
COMMENT ON FUNCTION model_store(model text, name text, query text, stored boolean, options text, meaning text, key text[]) IS 'implementation of build: makes a view, materialized or not, or brings the one there up to date; an error if that cannot stay';

CREATE FUNCTION model_refresh(model text, name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, kpi, pg_temp AS $$
BEGIN
    -- only what holds something can be compared with what it holds
    EXECUTE format('REFRESH MATERIALIZED VIEW %s %I.%I', (SELECT 'CONCURRENTLY' FROM pg_class WHERE oid = format('%I.%I', model, name)::regclass AND relispopulated), model, name);
END $$;
COMMENT ON FUNCTION model_refresh(model text, name text) IS 'implementation of build and refresh: brings a materialized view up to date, readers reading on';

CREATE FUNCTION model_drop(model text, views text[]) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, kpi, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT format('DROP %s %I.%I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, model, c.relname) AS command
        FROM   unnest(views) WITH ORDINALITY AS v (name, n) JOIN pg_class AS c ON c.oid = format('%I.%I', model, v.name)::regclass
        ORDER  BY v.n DESC
    LOOP
        EXECUTE item.command;
    END LOOP;
END $$;
COMMENT ON FUNCTION model_drop(model text, views text[]) IS 'implementation of build: drops views of a model, last those on which others stand';

-- build

CREATE FUNCTION build(schema text, timezone text DEFAULT NULL, currency text DEFAULT NULL, dimensions text[] DEFAULT '{}',
                      week_start integer DEFAULT 1, fiscal_year_start integer DEFAULT 1, storage text DEFAULT 'view',
                      refunds_by text DEFAULT 'refund', on_time_by text DEFAULT 'timestamp', cart_idle interval DEFAULT '1 hour',
                      business_hours text DEFAULT NULL, funnel_within interval DEFAULT '1 day',
                      since date DEFAULT NULL, as_of timestamp with time zone DEFAULT NULL)
RETURNS TABLE (object text, action text, reason text)
LANGUAGE plpgsql SET search_path = pg_catalog, kpi, pg_temp SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
    SET enable_seqscan = on SET enable_indexscan = on SET enable_indexonlyscan = on SET enable_bitmapscan = on SET jit = off AS $$
DECLARE
    before   text[];
    wanted   text[] := CASE WHEN storage = 'materialized' AND as_of IS NULL THEN '{kpi_as_of,kpi_settings}' ELSE '{kpi_settings}' END;
    queries  text[];
    made     text[] := '{}';
    kept     jsonb;
    options  jsonb;
    indexed  text[] := '{}';
    unknown  text[] := '{}';
    choices  text[] := ARRAY['refunds_by=' || refunds_by];
    grains   text[];
    lines    text[];
    item     record;
    query    text;
    call     text;
    stored   boolean;
    fresh    boolean := false;
    plan     json;
BEGIN
    -- the arguments

    IF timezone IS NULL THEN
        RAISE EXCEPTION 'a model needs a time zone' USING ERRCODE = 'null_value_not_allowed', DETAIL = 'It says when the days of the shop begin.',
            HINT = 'Write its full name, such as timezone => ''Europe/Berlin''; pg_timezone_names lists them.';
    END IF;
    IF schema IS NULL OR num_nulls(dimensions, week_start, fiscal_year_start, storage, refunds_by, on_time_by, cart_idle) > 0 THEN
        RAISE EXCEPTION 'an argument of build is NULL' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Only currency, business_hours, funnel_within, since and as_of may be NULL.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = schema) THEN
        RAISE EXCEPTION 'schema "%" does not exist', schema USING ERRCODE = 'invalid_schema_name',
            HINT = format('CREATE SCHEMA %I, and in it a view of your orders: SELECT kpi.scaffold(''orders'').', schema);
    END IF;
    PERFORM bucket('day', now(), timezone);
    IF timezone ~ '\d' AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE lower(z.name) = lower(timezone)) THEN
        RAISE EXCEPTION 'time zone "%" is an offset', timezone USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'In such names UTC+8 lies west of Greenwich, and no clock ever changes.', HINT = 'Write its full name, such as Asia/Shanghai; pg_timezone_names lists them.';
    END IF;
    IF NOT isfinite(coalesce(since, current_date)) OR NOT isfinite(coalesce(as_of, now())) THEN
        RAISE EXCEPTION 'since or as_of is infinite' USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave them out for the first day there is, and for now.';
    END IF;
    IF week_start NOT BETWEEN 1 AND 7 OR fiscal_year_start NOT BETWEEN 1 AND 12 THEN
        RAISE EXCEPTION 'week_start or fiscal_year_start out of range' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A week starts on a day from 1 (Monday) to 7 (Sunday), a fiscal year in a month from 1 to 12.', HINT = 'Write week_start => 7 for weeks from Sunday.';
    END IF;
    IF storage NOT IN ('view', 'materialized') THEN
        RAISE EXCEPTION 'unknown storage "%"', storage USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write view, which computes when it is read, or materialized, which computes when refresh is called.';
    END IF;
    IF storage = 'materialized' AND NOT has_database_privilege(current_database(), 'TEMP') THEN
        RAISE EXCEPTION 'role "%" may not make temporary tables', current_user USING ERRCODE = 'insufficient_privilege', DETAIL = 'Refreshing what is materialized needs them.',
            HINT = format('GRANT TEMPORARY ON DATABASE %I TO %I.', current_database(), current_user);
    END IF;
    IF refunds_by NOT IN ('refund', 'order') THEN
        RAISE EXCEPTION 'unknown basis of refunds "%"', refunds_by USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write refund, which books them on the day of the return, or order, which books them on the day of the order.';
    END IF;
    IF on_time_by NOT IN ('timestamp', 'date') THEN
        RAISE EXCEPTION 'unknown basis of punctuality "%"', on_time_by USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write timestamp, or date if arriving at any time of the promised day is on time.';
    END IF;
    IF business_hours IS NOT NULL THEN
        PERFORM business_time(now(), now(), business_hours, timezone);
    END IF;
    IF cart_idle < '0' THEN
        RAISE EXCEPTION 'cart_idle is negative' USING ERRCODE = 'invalid_parameter_value', DETAIL = 'It says for how long an abandoned cart has not been touched.',
            HINT = 'Write an interval such as ''1 hour''.';
    END IF;
    PERFORM funnel_depth(now(), 1, funnel_within);

    -- the sources

    SELECT array_agg(format('%s.%s %s%s', c.source, c.name, c.problem, CASE WHEN c.type IS NULL THEN ': ' || c.meaning ELSE '' END)), array_agg(c.hint)
    INTO   lines, queries
    FROM   model_columns(schema) AS c WHERE c.problem IS NOT NULL;
    IF lines IS NOT NULL THEN
        RAISE EXCEPTION 'the sources of model "%" cannot be used', schema USING ERRCODE = 'datatype_mismatch',
            DETAIL = array_to_string(lines, E'\n'), HINT = 'Write in the view, for UTC the zone in which the times were kept: ' || array_to_string(queries, ', ') || '.';
    END IF;
    IF NOT EXISTS (SELECT FROM model_columns(schema)) THEN
        RAISE EXCEPTION 'schema "%" has no source', schema USING ERRCODE = 'undefined_table',
            DETAIL = 'Sources are relations with the names ' || (SELECT string_agg(DISTINCT source, ', ') FROM source_columns) || '.',
            HINT = 'See SELECT kpi.scaffold(''orders'') for a view to fill in.';
    END IF;
    SELECT array_agg(format('%s.%s is %s, in %s %s.', t.relname, k.attname, format_type(k.atttypid, NULL), s.relname, format_type(a.atttypid, NULL)) ORDER BY t.relname, k.attnum),
           array_agg(format('ALTER TABLE %I.%I ALTER %I TYPE %s', schema, t.relname, k.attname, format_type(a.atttypid, -1)) ORDER BY t.relname, k.attnum)
    INTO   lines, queries
    FROM   pg_class AS s
           JOIN pg_class AS t ON t.relnamespace = s.relnamespace AND t.relname = 'recorded_' || s.relname
           JOIN pg_attribute AS a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
           JOIN pg_attribute AS k ON k.attrelid = t.oid AND k.attname = a.attname AND k.attnum > 0 AND NOT k.attisdropped
    WHERE  s.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = schema) AND s.relname = ANY (ARRAY(SELECT c.source FROM model_columns(schema) AS c))
    AND    (a.attname = ANY (dimensions) OR EXISTS (SELECT FROM model_columns(schema) AS c WHERE (c.source, c.name) = (s.relname, a.attname)))
    AND    model_recorded(schema, s.relname, '{}') IS NOT NULL
    AND    a.atttypid <> k.atttypid AND NOT EXISTS (SELECT FROM pg_cast WHERE castsource = a.atttypid AND casttarget = k.atttypid AND castcontext = 'i');
    IF lines IS NOT NULL THEN
        RAISE EXCEPTION 'what is recorded of model "%" is of other types than its sources', schema USING ERRCODE = 'datatype_mismatch',
            DETAIL = array_to_string(lines, E'\n'), HINT = array_to_string(queries, '; ') || ', or rename the table to begin a new one.';
    END IF;
    IF currency IS NULL AND EXISTS (SELECT FROM model_columns(schema) AS c WHERE c.name = 'currency' AND c.type IS NOT NULL) THEN
        RAISE EXCEPTION 'orders have a currency, but the model has none' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Say which one its amounts are in: currency => ''EUR''.';
    END IF;
    FOR item IN SELECT d, row_number() OVER (PARTITION BY d) AS n, EXISTS (SELECT FROM model_dimensions(schema, dimensions) AS m WHERE m.dimension = d) AS there
                FROM unnest(dimensions) AS d LOOP
        IF NOT coalesce(item.there, false) THEN
            RAISE EXCEPTION 'dimension "%" is not a column of any source', item.d USING ERRCODE = 'undefined_column',
                HINT = 'Add the column to orders, visits or another source.';
        ELSIF octet_length(item.d) > 63 - length('kpi_quarter_by_') OR item.n > 1 OR item.d IN ('period', 'complete')
              OR EXISTS (SELECT FROM indicators WHERE item.d IN (indicator, indicator || '_sample')) THEN
            RAISE EXCEPTION 'dimension "%" cannot be used', item.d USING ERRCODE = 'invalid_parameter_value',
                DETAIL = 'The name of a dimension has at most 48 bytes, occurs once, and is not that of an indicator.', HINT = 'Give the column another name in the source.';
        END IF;
    END LOOP;

    -- what is made, and what was there before

    grains := ARRAY['day', 'week' || CASE WHEN week_start = 1 THEN '' ELSE ' from ' || ('{monday,tuesday,wednesday,thursday,friday,saturday,sunday}'::text[])[week_start] END, 'month']
              || (SELECT array_agg(unit || CASE WHEN fiscal_year_start = 1 THEN '' ELSE ' from ' || lower(to_char(make_date(2000, fiscal_year_start, 1), 'FMMonth')) END)
                  FROM unnest('{quarter,year}'::text[]) AS unit);
    PERFORM model_lock(schema, true);
    before := ARRAY(SELECT model_views(schema));
    SELECT wanted || array_agg(v.name ORDER BY v.position) INTO wanted
    FROM   view_definitions AS v
    WHERE  v.always OR v.sources <@ ARRAY(SELECT c.source FROM model_columns(schema) AS c);
    SELECT wanted || array_agg('kpi_' || split_part(g, ' ', 1) || coalesce('_by_' || d, '') ORDER BY n, g) || 'kpi_values'::text INTO wanted
    FROM   unnest(grains) AS g CROSS JOIN (SELECT NULL AS d, 0 AS n UNION ALL SELECT * FROM unnest(dimensions) WITH ORDINALITY) AS d;
    SELECT array_agg(relname ORDER BY relname) INTO lines
    FROM   pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = schema) AND relname = ANY (wanted) AND relname <> ALL (before);
    IF lines IS NOT NULL THEN
        RAISE EXCEPTION 'schema "%" has relations with names that build needs: %', schema, array_to_string(lines, ', ') USING ERRCODE = 'duplicate_table',
            HINT = 'Rename or drop them.';
    END IF;
    SELECT format('SELECT * FROM kpi.build(%L%s)', schema, string_agg(format(', %s => %L', a.name, a.value), '' ORDER BY n) FILTER (WHERE a.value IS DISTINCT FROM a.usual)) INTO call
    FROM   unnest(ARRAY['timezone', 'currency', 'dimensions', 'week_start', 'fiscal_year_start', 'storage', 'refunds_by', 'on_time_by', 'cart_idle', 'business_hours', 'funnel_within', 'since', 'as_of'],
                  ARRAY[timezone, currency, dimensions::text, week_start::text, fiscal_year_start::text, storage, refunds_by, on_time_by, cart_idle::text, business_hours, funnel_within::text, since::text, as_of::text],
                  ARRAY[NULL, NULL, '{}', '1', '1', 'view', 'refund', 'timestamp', interval '1 hour'::text, NULL, interval '1 day'::text, NULL, NULL]) WITH ORDINALITY AS a (name, value, usual, n);

    -- what others have set stays: rights, owner, options
    SELECT jsonb_agg(jsonb_build_array(c.relname, command) ORDER BY o)
    INTO   kept
    FROM   pg_class AS c CROSS JOIN LATERAL (
               SELECT 1 AS o, format('ALTER TABLE %I.%I OWNER TO %I', schema, c.relname, pg_get_userbyid(c.relowner)) WHERE pg_get_userbyid(c.relowner) <> current_user
               UNION ALL
               SELECT 2, format('GRANT %s%s ON %I.%I TO %s%s', a.privilege_type, a.columns, schema, c.relname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                                CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
               FROM   (SELECT *, '' AS columns FROM aclexplode(c.relacl)
                       UNION ALL
                       SELECT e.*, format(' (%I)', t.attname) FROM pg_attribute AS t CROSS JOIN LATERAL aclexplode(t.attacl) AS e WHERE t.attrelid = c.oid) AS a
               WHERE  a.grantee <> c.relowner) AS k (o, command)
    WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = schema) AND c.relname = ANY (before);
    SELECT jsonb_object_agg(c.relkind::text || c.relname, array_to_string(c.reloptions, ', '))
    INTO   options
    FROM   pg_class AS c
    WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = schema) AND c.relname = ANY (before) AND c.reloptions IS NOT NULL;

    -- Views are replaced in place, so that others on top of them stay, and materialized views refreshed. Where a column would change, or
    -- what is materialized, all are made anew.
    <<attempt>>
    LOOP
        BEGIN
            IF fresh THEN
                PERFORM drop_views(schema);
            END IF;
            FOR item IN
                SELECT w.name, w.n, v AS definition, split_part(g, ' ', 1) AS grain, g AS grain_name, d AS dimension
                FROM   unnest(wanted) WITH ORDINALITY AS w (name, n)
                       LEFT JOIN view_definitions AS v ON v.name = w.name
                       LEFT JOIN (unnest(grains) AS g CROSS JOIN (SELECT NULL AS d UNION ALL SELECT unnest(dimensions)) AS d)
                            ON w.name = 'kpi_' || split_part(g, ' ', 1) || coalesce('_by_' || d, '')
                ORDER  BY w.n
            LOOP
                query := CASE
                    WHEN item.name = 'kpi_as_of' THEN 'SELECT now() AS as_of'
                    WHEN item.name = 'kpi_settings' THEN
                        format('SELECT %L::text AS model, %L::text AS timezone, %L::text AS currency, %L::text[] AS dimensions, %17$L::text[] AS sources, %5$L::text AS week, %L::text AS quarter, %L::text AS year, '
                               '%L::text AS storage, %L::text AS refunds_by, %L::text AS on_time_by, %L::interval AS cart_idle, %L::text AS business_hours, '
                               '%L::interval AS funnel_within, %L::date AS since, %s AS as_of, bucket(''day'', %15$s, %2$L) AS today, %16$L::text AS built_by',
                               schema, timezone, currency, dimensions, grains[2], grains[4], grains[5], storage, refunds_by, on_time_by, cart_idle, business_hours,
                               funnel_within, since,
                               CASE WHEN as_of IS NOT NULL THEN format('%L::timestamptz', as_of) WHEN storage = 'view' THEN 'now()'
                                    ELSE format('(SELECT t.as_of FROM %I.kpi_as_of AS t)', schema) END,
                               call, ARRAY(SELECT DISTINCT c.source FROM model_columns(schema) AS c ORDER BY c.source))
                    WHEN item.name = 'kpi_values' THEN model_values(schema, dimensions)
                    WHEN item.grain IS NOT NULL THEN model_periods(schema, item.name, item.grain, item.grain_name, dimensions, item.dimension, choices, indexed)
                    ELSE model_view(schema, item.definition, dimensions) END;
                IF query IS NULL THEN
                    IF item.name = ANY (before) AND NOT fresh THEN  -- others stand on what is left of it
                        RAISE EXCEPTION USING ERRCODE = 'invalid_table_definition';
                    END IF;
                    CONTINUE;
                END IF;
                stored := storage = 'materialized' AND (item.definition).key IS NOT NULL OR item.name = 'kpi_as_of';
                PERFORM model_store(schema, item.name, query, stored, options ->> (CASE WHEN stored THEN 'm' ELSE 'v' END || item.name), CASE
                    WHEN item.name = 'kpi_as_of' THEN 'The instant at which what is materialized was refreshed.'
                    WHEN item.name = 'kpi_settings' THEN 'How the model was built, and the instant it is seen at (as_of).'
                    WHEN item.name = 'kpi_values' THEN 'Every indicator of every period as a row, with the size of its sample and where the true value lies with 95 % confidence.'
                    WHEN item.grain IS NOT NULL THEN format('The indicators of each %s%s; period is the date it starts on, complete whether it is over.',
                                                            item.grain, coalesce(' and ' || item.dimension || ', a row each', ''))
                    ELSE (item.definition).meaning END,
                    CASE WHEN item.name = 'kpi_as_of' THEN '{as_of}' ELSE array_remove((item.definition).key, 'dimensions') || ARRAY(
                        SELECT 'by_' || d.dimension FROM model_dimensions(schema, dimensions) AS d
                        WHERE  d.source = (item.definition).sources[1] AND 'dimensions' = ANY ((item.definition).key) ORDER BY d.position) END);
                made := made || item.name;

                -- Can indexes find the rows of a day, and all that is joined to them? Does the planner know how many rows a day has?
                IF item.name LIKE 'kpi\_daily\_%' THEN
                    PERFORM set_config('enable_seqscan', 'off', true);
                    EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %I.%I AS d WHERE within(d.day, ''1987-06-05'', ''1987-06-06'')', schema, item.name) INTO plan;
                    PERFORM set_config('enable_seqscan', 'on', true);
                    IF plan::text ~ 'Index Cond[^,]*1987-06-0' AND plan::text !~ '"Seq Scan"' THEN
                        indexed := indexed || item.name;
                    END IF;
                    EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %I.%I', schema, item.name) INTO plan;
                    IF (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > 100000 THEN
                        unknown := unknown || item.name;
                    END IF;
                END IF;
            END LOOP;
            EXIT attempt;
        EXCEPTION WHEN invalid_table_definition THEN
            IF fresh THEN
                RAISE;
            END IF;
            fresh := true;
            made := '{}';
            indexed := '{}';
            unknown := '{}';
        END;
    END LOOP;

    PERFORM model_drop(schema, ARRAY(SELECT name FROM unnest(before) WITH ORDINALITY AS b (name, n) WHERE name <> ALL (made) AND name IN (SELECT model_views(schema)) ORDER BY n));

    -- what the columns mean

    FOR item IN
        SELECT format('COMMENT ON COLUMN %I.%I.%I IS %L', schema, c.relname, a.attname, CASE
                   WHEN a.attname = 'period' THEN 'The date on which the period starts.'
                   WHEN a.attname = 'complete' THEN 'Whether the period is over.'
                   WHEN a.attname = i.indicator THEN format('%s: %s (%s)', i.name, i.definition, CASE i.unit WHEN 'money' THEN coalesce(currency, i.unit) ELSE i.unit END)
                   WHEN i.indicator IS NOT NULL AND EXISTS (SELECT FROM formula_reads AS r JOIN view_columns AS p ON (p.view, p.name, p.pools) = (r.view, r.alias, 'people') WHERE r.indicator = i.indicator) THEN
                        format('%s with its sample, of this period: not to be pooled, as somebody can be in several.', i.name)
                   WHEN i.indicator IS NOT NULL THEN format('%s with its sample, to be pooled with rollup().', i.name)
                   WHEN c.relname IN ('kpi_values', 'cohort_retention', 'funnel_steps', 'kpi_periods') THEN
                        '{"grain": "day, week, month, quarter or year", "name": "the grain as bucket() knows it", "until": "the date on which the next period starts",
                          "previous": "the period before", "last_year": "the same period last year", "last_year_until": "where that ends", "today": "the running day",
                          "dimension": "the dimension, NULL in all", "member": "its member, NULL in all", "kpi": "the indicator, as in kpi.catalog", "value": "its value",
                          "sample_size": "how many observations it is made of, where that is known", "low": "where the true value starts, with 95 % confidence; shares and NPS only",
                          "high": "where it ends", "unit": "its unit, as in kpi.catalog", "cohort": "the period in which these customers first bought",
                          "periods_since": "how many periods after the first", "cohort_size": "how many they were", "customers": "how many of them bought in this period",
                          "retention_rate": "their share", "retention_rate_sample": "their share with its sample", "step": "the number of the step", "label": "its name",
                          "visitors": "how many there were", "reached": "how many got this far", "step_rate": "of those who reached the step before, the share that reached this one",
                          "overall_rate": "of those who took the first step", "funnel_sample": "the whole funnel, to be read by its functions"}'::jsonb ->> a.attname
                   ELSE format('The member of the dimension %s.', a.attname) END) AS command
        FROM   pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
               LEFT JOIN indicators AS i ON c.relname LIKE 'kpi\_%' AND a.attname IN (i.indicator, i.indicator || '_sample')
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = schema) AND c.relname = ANY (made)
        AND    (c.relname ~ '^kpi_(day|week|month|quarter|year)(_by_.+)?$' OR c.relname IN ('kpi_values', 'cohort_retention', 'funnel_steps', 'kpi_periods'))
        UNION ALL
        SELECT format('COMMENT ON COLUMN %I.%I.%I IS %L', schema, c.relname, a.attname, model_comment(c.relname, a.attname))
        FROM   pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = schema) AND c.relname = ANY (made)
        AND    NOT (c.relname ~ '^kpi_(day|week|month|quarter|year)(_by_.+)?$' OR c.relname IN ('kpi_values', 'cohort_retention', 'funnel_steps', 'kpi_periods'))
    LOOP
        EXECUTE item.command;
    END LOOP;
    FOR item IN SELECT k ->> 1 AS command FROM jsonb_array_elements(kept) AS k WHERE k ->> 0 = ANY (made) LOOP
        EXECUTE item.command;
    END LOOP;

    -- the report

    RETURN QUERY
    SELECT 'source ' || c.source, 'read', concat_ws('; ',
           string_agg(c.name, ', ') FILTER (WHERE c.type IS NOT NULL),
           CASE WHEN model_recorded(schema, c.source, '{}') IS NOT NULL THEN 'and what is recorded of it' END,
           'not there: ' || string_agg(c.name, ', ') FILTER (WHERE c.type IS NULL),
           'dates, read as their first instant: ' || string_agg(c.name, ', ') FILTER (WHERE c.kind = 'instant' AND c.type = 'date' AND c.name <> 'promised_at'),
           'not read: ' || (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                            WHERE a.attrelid = format('%I.%I', schema, c.source)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (dimensions)
                            AND NOT EXISTS (SELECT FROM source_columns AS s WHERE s.source = c.source AND s.name = a.attname)),
           (SELECT CASE WHEN storage <> 'view' THEN NULL WHEN bool_or(v.name = ANY (indexed)) THEN 'an index finds the rows of a period' ELSE 'no index finds the rows of a period: every query reads all' END
                            || CASE WHEN storage = 'view' AND bool_or(v.name = ANY (unknown)) THEN format('; the planner does not know how many days there are: CREATE STATISTICS <name> ON (kpi.bucket(''day'', '
                                                                                      '<column>, %L)) FROM <table>', timezone) ELSE '' END
            FROM view_definitions AS v WHERE v.sources[1] = c.source AND v.name LIKE 'kpi\_daily\_%'))
    FROM   model_columns(schema) AS c GROUP BY c.source ORDER BY c.source;
    RETURN QUERY
    SELECT 'indicator ' || i.indicator, 'left out', 'needs ' || i.missing
    FROM   model_indicators(schema, dimensions, NULL, choices) AS i WHERE i.missing IS NOT NULL ORDER BY i.position;
    RETURN QUERY
    SELECT format('%sview %s', CASE WHEN (SELECT relkind FROM pg_class WHERE oid = to_regclass(format('%I.%I', schema, name))) = 'm' THEN 'materialized ' END, name),
           CASE WHEN name <> ALL (made) THEN 'dropped' WHEN name = ANY (before) THEN 'replaced' ELSE 'created' END,
           CASE WHEN name = ANY (made) THEN obj_description(format('%I.%I', schema, name)::regclass, 'pg_class') ELSE 'its source or dimension is no part of the model any more' END
    FROM   (SELECT unnest(made) UNION SELECT unnest(before)) AS v (name) ORDER BY array_position(wanted, name);
END $$;
COMMENT ON FUNCTION build(schema text, timezone text, currency text, dimensions text[], week_start integer, fiscal_year_start integer, storage text, refunds_by text, on_time_by text, cart_idle interval, business_hours text, funnel_within interval, since date, as_of timestamp with time zone) IS
'makes the KPI views of a model, the schema of this name, from its source relations, or makes them anew: days in the time zone; amounts in the currency; also by each dimension, a column of a source; weeks from week_start (1 Monday to 7 Sunday), quarters and years from month fiscal_year_start; refunds_by refund or order: on which day a return counts; storage view, or materialized to be brought up to date by refresh; on_time_by timestamp or date; carts idle for cart_idle are abandoned; business_hours such as Mon-Fri 9:00-18:00 for response times, NULL for the clock; funnel_within limits a funnel; periods start with the first row, or on since; seen at as_of, or now if NULL. Reports what it did; changes nothing if it fails';

CREATE FUNCTION drop_views(schema text) RETURNS SETOF text LANGUAGE plpgsql SET search_path = pg_catalog, kpi, pg_temp AS $$
DECLARE
    views text[];
BEGIN
    PERFORM model_lock(schema, true);
    views := ARRAY(SELECT model_views(schema));
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = schema) THEN
        RAISE EXCEPTION 'schema "%" does not exist', schema USING ERRCODE = 'invalid_schema_name', HINT = 'Write the name of a model, the schema that build was called with.';
    ELSIF views = '{}' THEN
        RETURN;
    END IF;
    BEGIN
        PERFORM model_drop(schema, views);
    EXCEPTION WHEN dependent_objects_still_exist THEN
        DECLARE
            details text;
        BEGIN
            GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL;
            RAISE EXCEPTION 'other objects depend on the views of model "%"', schema USING ERRCODE = 'dependent_objects_still_exist', DETAIL = details,
                HINT = 'Drop those first, and make them again after build.';
        END;
    END;
    RETURN QUERY SELECT unnest(views);
END $$;
COMMENT ON FUNCTION drop_views(schema text) IS 'takes away the views that build made in a schema, and says which, none if there are none; sources stay; an error if other objects depend on them';

CREATE FUNCTION scaffold(source text) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, kpi, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM source_columns AS s WHERE s.source = scaffold.source) THEN
        RAISE EXCEPTION 'there is no source "%"', source USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Sources are ' || (SELECT string_agg(DISTINCT s.source, ', ') FROM source_columns AS s) || '.';
    END IF;
    RETURN (
        SELECT format(E'CREATE VIEW shop.%s AS\nSELECT %s\nFROM   <your table>;\n', scaffold.source,
                      string_agg(format('%s<%s> AS %s', CASE WHEN s.position = 1 THEN '' WHEN s.required THEN '     , ' ELSE '--   , ' END, s.kind, s.name)
                                 || format('   -- %s', s.meaning), E'\n' ORDER BY s.position))
        FROM   source_columns AS s WHERE s.source = scaffold.source);
END $$;
COMMENT ON FUNCTION scaffold(source text) IS 'a view to fill in that makes your table the source of this name, with every column build() can read: those with -- in front are optional';
