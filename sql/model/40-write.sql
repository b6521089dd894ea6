-- write: gives the text of queries and calls; makes nothing

-- What is put in is not searched for marks again, whatever it contains; unknown marks stay. Each
-- figure of a page is put in so: a function in SQL is planned anew in each call of another.
CREATE FUNCTION fill(template text, marks jsonb) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pieces text[]  := string_to_array(template, '@');
    n      integer := cardinality(pieces);
    i      integer := 2;
    filled text    := pieces[1];
BEGIN
    WHILE i <= n LOOP
        IF i < n AND pieces[i] ~ '^[A-Za-z_][A-Za-z_0-9 ]*$' THEN
            filled := concat(filled, CASE WHEN marks ? pieces[i] THEN marks ->> pieces[i]
                                          ELSE '@' || pieces[i] || '@' END, pieces[i + 1]);
            i := i + 2;
        ELSE
            filled := filled || '@' || pieces[i];
            i := i + 1;
        END IF;
    END LOOP;
    RETURN filled;
END $$;
COMMENT ON FUNCTION fill(template text, marks jsonb) IS
'implementation of all that writes queries: a text with what each @mark@ in it stands for, nothing '
'if that is NULL';

CREATE FUNCTION in_model(query text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN regexp_replace(query, '\m(kpi_[a-z_]+ AS )', '@model@.\1', 'g');
COMMENT ON FUNCTION in_model(query text) IS
'implementation of build: a query with the mark of the model before the names of its views';

CREATE FUNCTION build_call(model text, settings jsonb) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT format('SELECT * FROM kpi.build(%L%s)', model,
                  string_agg(format(', %s => %L', s.name, settings ->> s.name), ''
                             ORDER BY s.position)
                      FILTER (WHERE settings ->> s.name IS DISTINCT FROM s.usual))
    FROM   kpi.settings AS s;
END;
COMMENT ON FUNCTION build_call(model text, settings jsonb) IS
'implementation of build: the call that builds a model as it is, to be repeated';

CREATE FUNCTION settings_query(model text, query text, settings jsonb, views text[], queries text[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.fill(query,
        (SELECT jsonb_object_agg(s.name, quote_nullable(settings ->> s.name))
         FROM   kpi.settings AS s)
        || jsonb_build_object(
            'schema', quote_literal(model),
            'sources', quote_literal(ARRAY(SELECT DISTINCT c.source
                                           FROM   kpi.found_columns(model) AS c
                                           ORDER  BY c.source)),
            'seen at', CASE WHEN settings ->> 'as_of' IS NOT NULL
                            THEN quote_literal(settings ->> 'as_of') || '::timestamptz'
                            WHEN settings ->> 'storage' = 'view' THEN 'now()'
                            ELSE format('(SELECT t.as_of FROM %I.kpi_as_of AS t)', model) END,
            'built_by', quote_literal(kpi.build_call(model, settings)),
            'views', quote_literal(views),
            'queries', quote_nullable(queries)));
END;
COMMENT ON FUNCTION settings_query(model text, query text, settings jsonb, views text[],
    queries text[]) IS
'implementation of build: the query of kpi_settings';

-- A source, these columns of it, and what snapshot() has recorded that the source itself no longer
-- tells. Where its time does not say which row it is, the source may have forgotten that, too, as
-- shops do of carts that become orders: the first one counts.
CREATE FUNCTION recorded_query(model text, source text, columns text[]) RETURNS text
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
        FROM   kpi.sources AS s
               JOIN pg_class AS t ON t.relname = 'recorded_' || s.source AND t.relkind IN ('r', 'p')
        WHERE  s.source = recorded_query.source AND s.recorded_by <> '{}'
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
COMMENT ON FUNCTION recorded_query(model text, source text, columns text[]) IS
'implementation of build: a source, these columns of it, with what snapshot() has recorded of '
'it; NULL if there is no such table';

-- Numbers are guarded on their way into views, so that an error says where it is; check() counts
-- what is none.
CREATE FUNCTION source_queries(model text, dimensions text[], guarded boolean, keyed boolean)
RETURNS jsonb
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH own AS (
        SELECT d.source, d.dimension, d.position,
               format(kpi.how_read('text', kpi.type_read(a.atttypid)), d.dimension)
                   || kpi.read_collation(a.attcollation) AS expression
        FROM   kpi.found_dimensions(model, dimensions) AS d
               JOIN pg_attribute AS a ON a.attname = d.dimension
                    AND a.attrelid = to_regclass(format('%I.%I', model, d.source))
        WHERE  d.own
    ),
    present AS MATERIALIZED (
        SELECT * FROM kpi.found_columns(model)
    ),
    read AS (   -- of each source that is there
        SELECT n.source, array_agg(n.name ORDER BY n.name) AS names
        FROM   (SELECT p.source, p.name FROM present AS p WHERE p.type IS NOT NULL
                UNION
                SELECT o.source, o.dimension FROM own AS o) AS n
        GROUP  BY n.source
    ),
    columns AS (
        SELECT s.source, s.position, s.name,
               CASE WHEN guarded AND s.kind = 'number'
                         AND p.type IN ('numeric', 'real', 'double precision')
                    THEN format('kpi.finite_number(%s', p.expression)
                         || (SELECT format(', %1$L, %2$L, r.%2$I::%3$s)',
                                           concat(s.source, '.', s.name), k.name,
                                           CASE WHEN k.type IN ('smallint', 'integer') THEN 'bigint'
                                                WHEN k.type IN ('bigint', 'uuid',
                                                                'timestamp with time zone')
                                                THEN k.type ELSE 'text' END)
                             FROM   present AS k
                             WHERE  k.source = s.source AND k.type IS NOT NULL
                             AND    k.name IN (h.key, h.time, 'order_id', 'sku')
                             ORDER  BY k.name = h.key DESC NULLS LAST, k.name = h.time LIMIT 1)
                    WHEN p.expression IS NOT NULL THEN p.expression
                    ELSE 'NULL::' || coalesce((SELECT min(o.read_as) FROM present AS o
                                               WHERE  o.name = s.name AND s.name = 'order_id'),
                                              d.type) END AS expression
        FROM   kpi.source_columns AS s
               JOIN kpi.sources AS h ON h.source = s.source
               JOIN kpi.kinds AS d ON d.kind = s.kind
               LEFT JOIN present AS p ON p.source = s.source AND p.name = s.name
    )
    SELECT jsonb_object_agg(c.source, c.query)
           || (SELECT jsonb_object_agg(format('known %s %s', n.source, n.name),
                                       (n.source, n.name) IN (SELECT p.source, p.name
                                                              FROM   present AS p
                                                              WHERE  p.type IS NOT NULL))
               FROM   kpi.source_columns AS n)
    FROM  (SELECT s.source,
                  concat('(SELECT ', string_agg(format('%s AS %I', s.expression, s.name), ', '
                                                ORDER BY s.position),
                         (SELECT string_agg(format(', coalesce(%s, ''(none)'') AS %I', o.expression,
                                                   'by_' || o.dimension), '' ORDER BY o.position)
                          FROM   own AS o WHERE o.source = s.source),
                         (SELECT format(', %s AS kpi_key', CASE
                              WHEN k.type = ANY ('{smallint,integer,bigint,uuid,text,date,
                                                   character varying,
                                                   timestamp with time zone}')
                              THEN format('r.%I', k.name) ELSE k.expression END)
                          FROM   present AS k
                          WHERE  keyed AND k.source = s.source
                          AND    k.name = kpi.row_key(s.source, EXISTS (
                                     SELECT FROM present AS n JOIN kpi.sources AS h
                                          ON (h.source, h.number) = (n.source, n.name)
                                     WHERE n.source = s.source AND n.type IS NOT NULL))),
                         format(' FROM %I.kpi_settings AS s', model),
                         CASE WHEN r.names IS NULL THEN ' WHERE false'
                              ELSE format(' CROSS JOIN %s AS r',
                                       coalesce(kpi.recorded_query(model, s.source, r.names),
                                                format('%I.%I', model, s.source))) END, ')')
           FROM   columns AS s LEFT JOIN read AS r ON r.source = s.source
           GROUP  BY s.source, r.names) AS c (source, query);
END;
COMMENT ON FUNCTION source_queries(model text, dimensions text[], guarded boolean, keyed boolean) IS
'implementation of build: every source with all its columns, of the right types, and with what was '
'recorded of it; empty if it is not there. Numbers that are none are an error if guarded; with the '
'key as the source itself has it (kpi_key), by which an index finds rows, if keyed. And under '
'"known <source> <column>" whether the source has that column';

-- The columns of the dimensions of a source, after others: of a row x; with those it has from its
-- order o (joined), a member of its own where no order is known and it does not say itself; or, in
-- a condition, as being equal in x and another row (same).
CREATE FUNCTION dimension_columns(model text, source text, dimensions text[], what text, other text)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce(string_agg(CASE
               WHEN what = 'same' THEN format(' AND %s.%2$I = x.%2$I', other, c.name)
               WHEN what = 'joined' AND d.inherited
               THEN format(', coalesce(o.%1$I%2$s, ''(none)'') AS %1$I', c.name,
                           CASE WHEN d.own THEN format(', x.%I', c.name) END)
               ELSE format(', x.%I', c.name) END, '' ORDER BY d.position), '')
    FROM   kpi.found_dimensions(model, dimensions) AS d
           CROSS JOIN LATERAL (SELECT 'by_' || d.dimension) AS c (name)
    WHERE  d.source = dimension_columns.source;
END;
COMMENT ON FUNCTION dimension_columns(model text, source text, dimensions text[], what text,
    other text) IS
'implementation of build: the columns of dimensions as a definition asks for them';

CREATE FUNCTION definition_query(model text, query text, sources text[], dimensions text[],
                                 queries jsonb)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH marked AS (
        SELECT kpi.in_model(query) AS query
    ),
    mark AS (
        SELECT DISTINCT m[1] AS mark, split_part(m[1], ' ', 1) AS what,
                        split_part(m[1], ' ', 3) AS other
        FROM   marked, regexp_matches(marked.query, '@([A-Za-z_][A-Za-z_0-9 ]*)@', 'g') AS m
    )
    SELECT kpi.fill(marked.query, jsonb_build_object('model', quote_ident(model)) || (
        SELECT coalesce(jsonb_object_agg(m.mark, CASE
                   WHEN m.mark ~ '\mdimensions\M'
                   THEN kpi.dimension_columns(model, sources[1], dimensions, m.what, m.other)
                   ELSE coalesce(queries ->> m.mark,
                                 CASE WHEN m.what = 'all'
                                      THEN queries ->> substr(m.mark, 5) END) END), '{}')
        FROM   mark AS m WHERE m.mark <> 'model'))
    FROM   marked;
END;
COMMENT ON FUNCTION definition_query(model text, query text, sources text[], dimensions text[],
    queries jsonb) IS
'implementation of build and check: the query of a definition in a model whose sources are queried '
'like this';

-- The columns of the view of a grain: each indicator as a number, and the sample where one holds
-- it.
CREATE FUNCTION period_columns(model text, view text, indicators text[], priorities integer[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(format(E',\n       %s AS %I', c.value, c.name), ''
                      ORDER BY a.attnum, c.is_sample, i.n)
    FROM   unnest(indicators, priorities) WITH ORDINALITY AS i (indicator, priority, n)
           JOIN kpi.period_formulas(model, indicators, priorities) AS v USING (indicator)
           JOIN kpi.indicators_of(model) AS d USING (indicator)
           LEFT JOIN kpi.formulas AS f USING (indicator, priority)
           CROSS JOIN LATERAL (
               SELECT format('(%s)::%s', v.formula,
                          CASE WHEN d.unit IN ('money', 'quantity') THEN 'numeric(20,4)'
                               WHEN d.unit = 'count' THEN 'bigint' ELSE 'float8' END),
                      i.indicator, false
               UNION ALL
               SELECT format('CASE WHEN kpi.sample_size(%1$s) > 0 THEN %1$s END',
                             replace(f.marked_sample, '@', '')),
                      i.indicator || '_sample', true
               WHERE  f.sample IS NOT NULL) AS c (value, name, is_sample)
           LEFT JOIN pg_attribute AS a
                ON a.attrelid = to_regclass(format('%I.%I', model, view)) AND a.attname = c.name;
END;
COMMENT ON FUNCTION period_columns(model text, view text, indicators text[],
    priorities integer[]) IS
'implementation of build: the columns of the view of a grain, those that it has in their places';

CREATE FUNCTION model_of(view oid) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT n.nspname
    FROM   pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = view;
END;
COMMENT ON FUNCTION model_of(view oid) IS
'implementation of what reads models: the model that a view belongs to';

-- Sales may be below cost or below refunds, and a project end before its time; more may be returned
-- than is sold in the same period.
CREATE FUNCTION bounds_of(of indicators)
RETURNS TABLE (lowest numeric, highest numeric) LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN of.unit = 'points' THEN -100 WHEN of.unit = 'score' THEN 1
                WHEN of.unit = 'growth' THEN -1
                WHEN of.unit = 'money' AND of.indicator NOT IN (
                         'gross_sales', 'discounts', 'refunds', 'aov', 'marketing_spend', 'cac',
                         'abandoned_cart_value', 'average_inventory')
                     OR of.indicator = 'gross_margin' OR of.indicator LIKE 'project_slip_days%'
                     OR of.category = 'own'     -- which may be a difference
                THEN NULL
                ELSE 0 END,
           CASE WHEN of.unit = 'points' THEN 100 WHEN of.unit = 'score' THEN 5
                WHEN of.unit = 'share' AND of.category <> 'own' AND of.indicator NOT IN (
                         'unit_return_rate', 'value_return_rate', 'sell_through_rate',
                         'cost_coverage')
                THEN 1 END;
END;
COMMENT ON FUNCTION bounds_of(of indicators) IS
'what an indicator can be at least (lowest) and at most (highest), NULL where there is no end';

-- The rows of signals: the indicators of the view of a grain with what is known of their
-- observations, and what they can be at least and at most.
CREATE FUNCTION observed_rows(view oid, indicators text[] DEFAULT NULL) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(kpi.fill(
        E'\n       (@kpi@::text, v.@column@::float8, @unit@::text, @direction@::text, @sample@, '
        '@lowest@::float8, @highest@::float8)',
        jsonb_build_object(
            'kpi', quote_literal(i.indicator), 'column', quote_ident(i.indicator),
            'unit', quote_literal(i.unit), 'direction', quote_nullable(i.direction),
            'sample', replace(CASE t.typname
                WHEN 'rate' THEN 'kpi.trials(@), kpi.successes(@), kpi.successes(@)'
                WHEN 'nps'
                THEN 'kpi.responses(@), 100 * (kpi.promoters(@) - kpi.detractors(@)), '
                     '10000 * (kpi.promoters(@) + kpi.detractors(@))'
                ELSE 'NULL::bigint, NULL::bigint, NULL::bigint' END, '@',
                'v.' || coalesce(quote_ident(s.attname), '')),
            'lowest', coalesce(b.lowest::text, 'NULL'),
            'highest', coalesce(b.highest::text, 'NULL'))),
        ',' ORDER BY i.position)
    FROM   pg_attribute AS a
           JOIN kpi.indicators_of(kpi.model_of(view)) AS i ON i.indicator = a.attname
           LEFT JOIN pg_attribute AS s ON s.attrelid = a.attrelid
                                      AND s.attname = i.indicator || '_sample'
           LEFT JOIN pg_type AS t ON t.oid = s.atttypid
           CROSS JOIN LATERAL kpi.bounds_of(i) AS b
    WHERE  a.attrelid = view AND i.unit <> 'growth'
    AND    (indicators IS NULL OR i.indicator = ANY (indicators));
END;
COMMENT ON FUNCTION observed_rows(view oid, indicators text[]) IS
'implementation of build: the indicators of the view of a grain as rows for signals, all of them '
'if none are named';

-- Of some indicators alone it is a part of what the view signals reads.
CREATE FUNCTION signals_of(query text, view oid, grain text, dimension text, currency text,
                           indicators text[]) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.fill(query, jsonb_build_object(
               'view', view::regclass, 'grain', quote_literal(grain),
               'dimension', quote_nullable(dimension), 'currency', quote_nullable(currency),
               'observations', r.rows, 'member', coalesce('v.' || quote_ident(dimension),
                                                          'NULL::text')))
    FROM   kpi.observed_rows(view, indicators) AS r (rows)
    WHERE  r.rows IS NOT NULL;
END;
COMMENT ON FUNCTION signals_of(query text, view oid, grain text, dimension text, currency text,
    indicators text[]) IS
'implementation of build and report: the query of signals of the view of a grain, NULL if it has '
'none of these indicators';

CREATE FUNCTION signals_query(model text, query text, settings jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(kpi.signals_of(query, to_regclass(format('%I.%I', model, v.name)), v.grain,
                                     v.dimension, settings ->> 'currency', NULL::text[]),
                      E'\nUNION ALL\n' ORDER BY v.n)
    FROM   kpi.planned_views(model, settings) AS v
    WHERE  v.grain IN ('day', 'week', 'month');
END;
COMMENT ON FUNCTION signals_query(model text, query text, settings jsonb) IS
'implementation of build: the query of signals, from the views of the grains that are short enough '
'to have a history';

-- Few people are not told of. Nor is what would tell of them by taking it from a whole: the other
-- members, the other periods of the next coarser one, periods that lie across those of others, as
-- weeks do across months, and a period that runs on, which one more answer changes.
CREATE FUNCTION anonymous_column("column" text, grain_name text, whole text, anonymity integer)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE WHEN whole IS NULL
                THEN format('kpi.rollup(d.%I) FILTER (WHERE false)', "column")
                ELSE kpi.fill(
        'CASE WHEN min(nullif(kpi.sample_size(@pooled@), 0)) OVER '
        '(PARTITION BY kpi.bucket(@whole@, @period@)) >= @enough@ THEN @pooled@ END',
        jsonb_build_object(
            'whole', quote_literal(whole), 'period', p.period, 'enough', anonymity,
            'pooled', format('kpi.rollup(d.%1$I) FILTER (WHERE %2$s < kpi.bucket(%3$L, s.today))',
                             "column", p.period, grain_name))) END
    FROM   format('kpi.bucket(%L, d.day)', grain_name) AS p (period);
END;
COMMENT ON FUNCTION anonymous_column("column" text, grain_name text, whole text,
    anonymity integer) IS
'implementation of build: a column of a daily view, pooled over a period, and shown only of enough '
'people; of none where whole, the name of the next coarser grain, is NULL';

-- What formulas read of a column of a daily view, pooled over the days of a period.
CREATE FUNCTION pooled_column("column" text, type oid, pools text, measure text, shift text,
                              to_date boolean, grain_name text, whole text, anonymity integer)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE WHEN pools = 'anonymous' AND anonymity IS NOT NULL
                THEN kpi.anonymous_column("column", grain_name, whole, anonymity)
                WHEN measure IS NOT NULL THEN replace(
                    'kpi.measured(kpi.rollup(d.amount) @, kpi.rollup(d.share) @)', '@',
                    format('FILTER (WHERE d.measure = %L)', measure))
                ELSE concat(
        CASE WHEN t.typnamespace = 'kpi'::regnamespace THEN 'kpi.rollup(d.'
             WHEN pools = 'distinct' THEN 'count(DISTINCT d.'
             ELSE 'sum(d.' END, quote_ident("column"), ')',
        CASE WHEN pools = 'last' THEN
             format(' FILTER (WHERE d.day = s.today OR kpi.bucket(%L, d.day + 1) > d.day)',
                    grain_name) END,
        -- read of the running period and of what that is compared with, so up to one day
        CASE WHEN to_date THEN format(' FILTER (WHERE d.day < %s)', CASE
             WHEN shift IS NULL THEN 's.today'
             ELSE format('upper(kpi.comparison(%L, s.today, %L, s.today))', grain_name, shift)
             END) END) END
    FROM   pg_type AS t WHERE t.oid = type;
END;
COMMENT ON FUNCTION pooled_column("column" text, type oid, pools text, measure text, shift text,
    to_date boolean, grain_name text, whole text, anonymity integer) IS
'implementation of build: what formulas read of a column of a daily view, pooled over a period';

-- The query of kpi_<grain> or kpi_<grain>_by_<dimension>: the periods, and joined to them the daily
-- views that the formulas read, pooled as the table view_columns or the type of the column says. A
-- query that does not ask for the columns of a join does not run it, as each is provably unique.
-- Where an index can find the rows of a period, they are pooled period by period, so that a
-- condition on the period reads no others. Columns that the view has keep their place, so that it
-- can be replaced.
CREATE FUNCTION period_query(model text, query text, view text, settings jsonb, grain text,
                             dimension text, indexed text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own        record;
    anonymity  integer := settings ->> 'anonymity';
    chosen     text[];
    priorities integer[];
    columns    text;
    joins      text := '';
    members    text[] := '{}';
    member     text := quote_ident('by_' || dimension);
    and_member text := CASE WHEN dimension IS NULL THEN '' ELSE ', a.member' END;
    item       record;
BEGIN
    SELECT * INTO own FROM kpi.grain_names(settings) AS g WHERE g.grain = period_query.grain;
    SELECT array_agg(i.indicator ORDER BY i.position), array_agg(i.priority ORDER BY i.position)
    INTO   chosen, priorities
    FROM   kpi.found_indicators(model, (settings ->> 'dimensions')::text[], dimension, settings,
                                dimension IS NOT NULL) AS i
    WHERE  i.missing IS NULL;
    IF chosen IS NULL THEN
        RETURN NULL;
    END IF;
    columns := kpi.period_columns(model, view, chosen, priorities);

    FOR item IN
        SELECT concat_ws('_', r.alias, r.shift) AS alias, r.alias AS column, r.view, r.shift,
               EXISTS (SELECT FROM kpi.view_columns AS c
                       WHERE  (c.view, c.name, c.pools) = (r.view, r.alias, 'people')) AS of_people,
               r.view = ANY (indexed) AND dimension IS NULL
               AND (anonymity IS NULL OR NOT EXISTS (
                        SELECT FROM kpi.view_columns AS c
                        WHERE  (c.view, c.pools) = (r.view, 'anonymous'))) AS indexed,
               coalesce('p.' || r.shift, 'p.bucket') AS start,
               CASE r.shift WHEN 'previous' THEN 'p.bucket'
                            WHEN 'last_year' THEN 'p.last_year_until'
                            ELSE 'p.until' END AS until,
               -- a year ago by whole weeks is no period where one of the years has 53
               CASE r.shift WHEN 'last_year' THEN 'p.bucket'
                            ELSE coalesce('p.' || r.shift, 'p.bucket') END AS met,
               format(CASE r.shift WHEN 'last_year' THEN 'kpi.compared_in(%L, d.day, ''last_year'')'
                                   ELSE 'kpi.bucket(%L, d.day)' END, own.name) AS bucket,
               string_agg(kpi.pooled_column(r.column, a.atttypid, c.pools, r.measure, r.shift,
                                            r.to_date, own.name, own.whole, anonymity)
                          || ' AS ' || quote_ident(r.name), ', ' ORDER BY r.name) AS pooled
        FROM   kpi.read_by_formulas(model, chosen, priorities) AS r
               LEFT JOIN pg_attribute AS a
                    ON  a.attrelid = to_regclass(format('%I.%I', model, r.view))
                    AND a.attname = r.column
               LEFT JOIN kpi.view_columns AS c ON (c.view, c.name) = (r.view, r.column)
        WHERE  r.view <> 'kpi_periods'
        GROUP  BY r.alias, r.view, r.shift
        ORDER  BY 1
    LOOP
        joins := joins || E'\n       ' || CASE
            WHEN item.of_people THEN concat(
                'LEFT JOIN (SELECT DISTINCT ON (c.period', and_member, ') c.*', and_member,
                format(' FROM (SELECT kpi.rollup(k.%I) AS value', item.column),
                -- who comes back to the shop may have been at another member
                CASE WHEN member IS NOT NULL THEN
                    format(', kpi.rollup(kpi.rollup(k.%I)) OVER () AS whole', item.column) END,
                ', k.' || member || ' AS member',
                format(' FROM %I.%I AS k WHERE k.grain = %L', model, item.view, own.people),
                ' GROUP BY k.' || member,
                format(') AS a CROSS JOIN LATERAL kpi.customers(a.value, %L', own.name),
                CASE WHEN member IS NOT NULL THEN ', a.whole' END, ') AS c) AS ')
            WHEN item.indexed THEN concat(
                'LEFT JOIN LATERAL (SELECT ', item.pooled,
                format(' FROM %1$I.kpi_settings AS s CROSS JOIN %1$I.%2$I AS d', model, item.view),
                format(' WHERE kpi.within(d.day, %s, %s)) AS ', item.start, item.until))
            ELSE concat(
                'LEFT JOIN (SELECT ', item.bucket, ' AS period',
                ', d.' || member || ' AS member', ', ', item.pooled,
                format(' FROM %1$I.kpi_settings AS s CROSS JOIN %1$I.%2$I AS d', model, item.view),
                ' GROUP BY ', item.bucket, ', d.' || member,
                ') AS ') END
            || quote_ident(item.alias) || CASE
            WHEN item.indexed AND NOT item.of_people THEN ' ON true'
            ELSE concat(format(' ON %I.period = %s', item.alias,
                               CASE WHEN item.of_people THEN item.start ELSE item.met END),
                        CASE WHEN member IS NOT NULL
                             THEN format(' AND %I.member = m.member', item.alias) END) END;
        IF item.shift IS NULL AND NOT item.of_people AND member IS NOT NULL THEN
            members := members || format('SELECT DISTINCT d.%s AS member FROM %I.%I AS d',
                                         member, model, item.view);
        END IF;
    END LOOP;
    RETURN kpi.fill(kpi.in_model(query), jsonb_build_object(
        'model', quote_ident(model), 'grain', quote_literal(grain), 'indicators', columns,
        -- all of it starts with the first day, for which the other grains need not look
        'start', CASE grain WHEN 'all' THEN 'period' ELSE 'bucket' END,
        'joins', joins, 'member', coalesce(', m.member AS ' || quote_ident(dimension), ''),
        -- of a list the planner expects a few members; of a union a thousand for each period,
        -- and compiles what takes no time to compute
        'members', coalesce(E'\n       CROSS JOIN unnest((SELECT array_agg(DISTINCT u.member) FROM '
                            || '(' || nullif(array_to_string(members, ' UNION '), '')
                            || ') AS u)) AS m (member)', '')));
END $$;
COMMENT ON FUNCTION period_query(model text, query text, view text, settings jsonb, grain text,
    dimension text, indexed text[]) IS
'implementation of build: the query of the view of a grain, in all or by a dimension; NULL without '
'indicators';

-- The rows of kpi_values: the indicators that the view of a grain has as columns, or these of them.
CREATE FUNCTION value_rows(view oid, indicators text[]) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(kpi.fill(
        E'\n       (@kpi@::text, v.@column@::float8, @size@, @low@, @high@, @unit@::text)',
        jsonb_build_object(
            'kpi', quote_literal(i.indicator), 'column', quote_ident(i.indicator),
            'unit', quote_literal(i.unit),
            'size', coalesce('coalesce(kpi.sample_size(v.' || quote_ident(s.attname) || '), 0)',
                             'coalesce(v.' || quote_ident(o.counted) || ', 0)', 'NULL::bigint'),
            'low', CASE WHEN t.typname IN ('rate', 'nps')
                        THEN format('lower(kpi.confidence_interval(v.%I, 0.95::float8))::float8',
                                    s.attname)
                        ELSE 'NULL::float8' END,
            'high', CASE WHEN t.typname IN ('rate', 'nps')
                         THEN format('upper(kpi.confidence_interval(v.%I, 0.95::float8))::float8',
                                     s.attname)
                         ELSE 'NULL::float8' END)), ',' ORDER BY i.position)
    FROM   pg_attribute AS a
           JOIN kpi.indicators_of(kpi.model_of(view)) AS i ON i.indicator = a.attname
           LEFT JOIN pg_attribute AS s ON s.attrelid = a.attrelid
                                      AND s.attname = i.indicator || '_sample'
           LEFT JOIN pg_type AS t ON t.oid = s.atttypid
           LEFT JOIN kpi.own_observations(kpi.model_of(view)) AS o ON o.indicator = i.indicator
    WHERE  a.attrelid = view AND (indicators IS NULL OR i.indicator = ANY (indicators));
END;
COMMENT ON FUNCTION value_rows(view oid, indicators text[]) IS
'implementation of build: the indicators of the view of a grain as rows, all of them if none are '
'named';

CREATE FUNCTION values_query(model text, query text, settings jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(kpi.fill(query, jsonb_build_object(
               'view', format('%I.%I', model, v.name), 'grain', quote_literal(v.grain),
               'dimension', quote_nullable(v.dimension), 'rows', r.rows,
               'member', coalesce('v.' || quote_ident(v.dimension), 'NULL::text'))),
               E'\nUNION ALL\n' ORDER BY v.n)
    FROM   kpi.planned_views(model, settings) AS v
           CROSS JOIN LATERAL kpi.value_rows(to_regclass(format('%I.%I', model, v.name)),
                                             NULL::text[]) AS r (rows)
    WHERE  v.grain IS NOT NULL AND r.rows IS NOT NULL;
END;
COMMENT ON FUNCTION values_query(model text, query text, settings jsonb) IS
'implementation of build: the query of kpi_values, from the columns that the views of the grains '
'have';

CREATE FUNCTION target_indicators(model text)
RETURNS TABLE (grain text, dimension text, indicator text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT DISTINCT t.grain, t.dimension, t.kpi FROM %I.targets AS t',
                                model);
END $$;
COMMENT ON FUNCTION target_indicators(model text) IS
'implementation of build: the indicators that targets of a model are about, by grain and dimension';

-- What the formulas that a model has read: the views, and the source whose rows these have. Of
-- measures each is a source of its own, as one can end where others go on.
CREATE FUNCTION views_read(model text, dimension text, settings jsonb)
RETURNS TABLE (indicator text, grows boolean, view text, "position" integer, source text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH told AS MATERIALIZED (
        SELECT i.indicator, i.priority
        FROM   kpi.found_indicators(model, (settings ->> 'dimensions')::text[], dimension,
                                    settings, dimension IS NOT NULL) AS i
        WHERE  i.missing IS NULL
    ),
    catalog AS MATERIALIZED (
        SELECT t.indicator, false AS grows, r.view
        FROM   told AS t JOIN kpi.formula_reads AS r USING (indicator, priority)
        UNION
        SELECT t.indicator, true, r.view
        FROM   told AS t
               JOIN kpi.formulas AS f USING (indicator, priority)
               JOIN told AS g ON g.indicator = f.grows
               JOIN kpi.formula_reads AS r ON (r.indicator, r.priority) = (g.indicator, g.priority)
    )
    SELECT r.indicator, r.grows, v.name, v.position, coalesce(r.measure, v.sources[1])
    FROM  (SELECT c.*, NULL AS measure FROM catalog AS c
           UNION
           SELECT o.indicator, c.grows, c.view, NULL
           FROM   kpi.own_reads(model) AS o
                  JOIN catalog AS c ON o.kind = 'indicator' AND c.indicator = o.read
           UNION
           SELECT o.indicator, false, 'kpi_daily_measures', kpi.measure_name(o.read)
           FROM   kpi.own_reads(model) AS o WHERE o.kind = 'measure') AS r
          JOIN kpi.view_definitions AS v ON v.name = r.view;
END;
COMMENT ON FUNCTION views_read(model text, dimension text, settings jsonb) IS
'implementation of build: the views that the indicators of a model, in all or by a dimension, are '
'made of, and the sources of these; grows if it is the growth of such a one';

-- The sums of a view of a grain that tell whether there are data of a source: those of the first of
-- its views, which cost nothing more where one of them is read. Of own ones only a measure as it
-- is: others can come to more than a column shows, which is an error where they are read.
CREATE FUNCTION signs_of_sources(view oid, dimension text, settings jsonb)
RETURNS TABLE (source text, sign text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH sum AS (
        SELECT r.indicator, min(r.source) AS source, min(r.position) AS position
        FROM   kpi.views_read(kpi.model_of(view), dimension, settings) AS r
               JOIN pg_attribute AS a ON a.attrelid = signs_of_sources.view
                                     AND a.attname = r.indicator
        GROUP  BY r.indicator
        HAVING count(DISTINCT (r.view, r.source)) = 1
        AND   (EXISTS (SELECT FROM kpi.adds_up(r.indicator) AS s WHERE s.is_sum)
               OR r.indicator IN (
                   SELECT o.indicator
                   FROM   kpi.own_indicators(kpi.model_of(signs_of_sources.view)) AS o
                   WHERE  NOT kpi.measures_shares(kpi.model_of(signs_of_sources.view))
                   AND    (SELECT array_agg(p.kind) FROM kpi.formula_pieces(o.formula) AS p)
                          = '{measure}'))
    )
    SELECT s.source, string_agg(format('v.%I <> 0', s.indicator), ' OR ' ORDER BY s.indicator)
    FROM  (SELECT s.*, min(s.position) OVER (PARTITION BY s.source) AS first FROM sum AS s) AS s
    WHERE  s.position = s.first
    GROUP  BY s.source;
END;
COMMENT ON FUNCTION signs_of_sources(view oid, dimension text, settings jsonb) IS
'implementation of build: expressions that are true if the view v of a grain says that there are '
'data of a source; none of those that have no sum';

-- That a sum is zero does not tell whether there are data of the day, nor that a quotient has no
-- value: there are orders, but none with a discount, and none of a new customer. Nor need there be
-- data if it is zero: orders divided by visits are where the orders have ended. So each source that
-- is read speaks for itself, if one of them can, but for returns and changes of orders beside
-- others, as there may be none of them for long.
CREATE FUNCTION signs_of_data(view oid, dimension text, settings jsonb, indicators text[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH reads AS MATERIALIZED (
        SELECT r.indicator, r.source, bool_or(r.grows) AS grows
        FROM   kpi.views_read(kpi.model_of(view), dimension, settings) AS r
        WHERE  r.indicator = ANY (indicators) AND r.source IS NOT NULL
        GROUP  BY r.indicator, r.source
    ),
    sign AS (
        SELECT r.indicator, r.source, r.grows, s.sign, count(*) OVER w AS sources,
               count(s.sign) OVER w AS signed
        FROM   reads AS r
               LEFT JOIN kpi.signs_of_sources(view, dimension, settings) AS s
                    ON s.source = r.source
        WHERE  r.source NOT IN ('returns', 'order_changes')
               OR NOT EXISTS (SELECT FROM reads AS o
                              WHERE  o.indicator = r.indicator
                              AND    o.source NOT IN ('returns', 'order_changes'))
        WINDOW w AS (PARTITION BY r.indicator)
    ),
    wanted AS (
        SELECT s.indicator, string_agg(format('CASE WHEN %s THEN %L END', concat_ws(' OR ', CASE
                   WHEN s.signed > 0 AND (s.grows OR s.sources > 1) THEN NULL
                   WHEN kpi.is_sum_of_members(kpi.model_of(view), s.indicator)
                   THEN 'k.value <> 0'
                   ELSE 'k.value IS NOT NULL' END, s.sign), s.source), ', '
                   ORDER BY s.source) AS signs
        FROM   sign AS s
        WHERE  s.sign IS NOT NULL OR s.signed = 0
        GROUP  BY s.indicator
    )
    SELECT format('CASE k.kpi%s END', string_agg(format(
               ' WHEN %L THEN array_remove(ARRAY[%s], NULL)', w.indicator, w.signs), ''
               ORDER BY w.indicator))
    FROM   wanted AS w
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION signs_of_data(view oid, dimension text, settings jsonb, indicators text[]) IS
'implementation of build: an expression for the sources of what an indicator (k.kpi, k.value) is '
'made of that have data, as the view v of a grain says; NULL without indicators';

-- A query of values of all grains and dimensions takes seconds to plan, however little of it is
-- asked for, and a scorecard is read often. So the views below it read what there are targets of,
-- and are written anew when there is a target of something else: put_target_views() does. A query
-- without the mark of a grain is of days.
CREATE FUNCTION target_values_query(model text, query text, settings jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH wanted AS (
        SELECT g.grain, t.dimension, array_agg(DISTINCT t.indicator) AS indicators
        FROM   kpi.target_indicators(model) AS t
               CROSS JOIN LATERAL (SELECT CASE WHEN query LIKE '%@grain@%' THEN t.grain
                                               ELSE 'day' END) AS g (grain)
        GROUP  BY g.grain, t.dimension
    )
    SELECT string_agg(kpi.fill(query, jsonb_build_object(
               'model', quote_ident(model),
               'view', b.view, 'grain', quote_literal(b.grain), 'rows', b.rows,
               'grain name', quote_literal(b.name), 'dimension', quote_nullable(b.dimension),
               'member', coalesce('v.' || quote_ident(b.dimension), 'NULL::text'),
               'signs', coalesce(b.signs, 'NULL::text[]'))),
               E'\nUNION ALL\n' ORDER BY b.n)
    FROM  (SELECT v.n, format('%I.%I', model, v.name) AS view, v.grain, g.name, v.dimension, r.rows,
                  CASE WHEN query LIKE '%@signs@%'
                       THEN kpi.signs_of_data(to_regclass(format('%I.%I', model, v.name)),
                                              v.dimension, settings, w.indicators) END AS signs
           FROM   kpi.planned_views(model, settings) AS v
                  JOIN kpi.grain_names(settings) AS g ON g.grain = v.grain
                  JOIN wanted AS w
                       ON w.grain = v.grain AND w.dimension IS NOT DISTINCT FROM v.dimension
                  CROSS JOIN LATERAL kpi.value_rows(to_regclass(format('%I.%I', model, v.name)),
                                                    w.indicators) AS r (rows)
           WHERE  r.rows IS NOT NULL
           UNION ALL    -- where there are no targets, its columns
           SELECT 0, format('(SELECT p.period, p.complete FROM %I.kpi_periods AS p WHERE false)',
                            model), 'day', 'day', NULL,
                  '(NULL::text, NULL::float8, NULL::bigint, NULL::float8, NULL::float8,
                   NULL::text)',
                  NULL
          ) AS b;
END;
COMMENT ON FUNCTION target_values_query(model text, query text, settings jsonb) IS
'implementation of build and goals: a query of the values of what targets are about';

-- Who may read the scorecard need not be able to read the table indicators.
CREATE FUNCTION own_rows(model text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(format('(%L::text, %L::text, %L::text', o.indicator, o.name, o.unit)
                      || format(', %L::boolean, %L::boolean)', o.is_sum, o.adds_up), ', ')
    FROM  (SELECT * FROM kpi.own_adds_up(model)
           UNION ALL
           SELECT NULL, NULL, NULL, NULL, NULL) AS o;
END;
COMMENT ON FUNCTION own_rows(model text) IS
'implementation of build: the own indicators of a model as rows, of which one is empty';

-- Each grain by a query of its own: a reader of one grain pays for no other, and what all grains
-- come to need not be in memory at once.
CREATE FUNCTION by_grain(query text, settings jsonb) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE WHEN query LIKE '%@grain@%'
                THEN string_agg(kpi.fill(query, jsonb_build_object(
                         'grain', quote_literal(g.grain), 'grain name', quote_literal(g.name))),
                         E'\nUNION ALL\n' ORDER BY array_position(
                             '{day,week,month,quarter,year}'::text[], g.grain))
                ELSE query END
    FROM   kpi.grain_names(settings) AS g WHERE g.grain = g.people;
END;
COMMENT ON FUNCTION by_grain(query text, settings jsonb) IS
'implementation of build: a query with the mark of a grain for each grain by which it is kept who '
'was there in its periods; others as they are';

CREATE FUNCTION view_query(model text, settings jsonb, name text, definition view_definitions,
                           grain text, dimension text, indexed text[], queries jsonb)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN name = 'kpi_settings' THEN
             kpi.settings_query(model, definition.query, settings,
                            ARRAY(SELECT p.name FROM kpi.planned_views(model, settings) AS p
                                  ORDER BY p.n),
                            NULL)
        WHEN definition.goals AND definition.query LIKE '%@rows@%' THEN
             kpi.target_values_query(model, definition.query, settings)
        WHEN name = 'kpi_values' THEN kpi.values_query(model, definition.query, settings)
        WHEN name = 'signals' THEN kpi.signals_query(model, definition.query, settings)
        WHEN name = 'kpi_grains' THEN
             kpi.fill(kpi.in_model(definition.query), jsonb_build_object(
                 'model', quote_ident(model), 'grains',
                 (SELECT string_agg(format('(%L, %L, %L)', n.grain, n.name, n.people), ', ')
                  FROM   kpi.grain_names(settings) AS n)))
        WHEN name = 'scorecard_history' THEN
             kpi.definition_query(model, definition.query, definition.sources,
                                  (settings ->> 'dimensions')::text[],
                                  jsonb_build_object('own indicators', kpi.own_rows(model)))
        WHEN grain IS NOT NULL THEN
             kpi.period_query(model, definition.query, name, settings, grain, dimension, indexed)
        ELSE kpi.definition_query(model, kpi.by_grain(definition.query, settings),
                                  definition.sources, (settings ->> 'dimensions')::text[],
                                  queries) END;
END;
COMMENT ON FUNCTION view_query(model text, settings jsonb, name text, definition view_definitions,
    grain text, dimension text, indexed text[], queries jsonb) IS
'implementation of build: the query of a view; NULL if it would have nothing to show';

CREATE FUNCTION indicator_comment(model text, name text, currency text) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE WHEN i.indicator = indicator_comment.name
                THEN format('%s: %s (%s)', i.name, i.definition,
                            CASE i.unit WHEN 'money' THEN coalesce(currency, i.unit)
                                        ELSE i.unit END)
                WHEN EXISTS (SELECT FROM kpi.formula_reads AS r
                                    JOIN kpi.view_columns AS p
                                         ON (p.view, p.name, p.pools) = (r.view, r.alias, 'people')
                             WHERE  r.indicator = i.indicator)
                THEN i.name || ' with its sample, of this period: not to be pooled, '
                     'as somebody can be in several.'
                ELSE i.name || ' with its sample, to be pooled with rollup().' END
    FROM   kpi.indicators_of(model) AS i
    WHERE  indicator_comment.name IN (i.indicator, i.indicator || '_sample');
END;
COMMENT ON FUNCTION indicator_comment(model text, name text, currency text) IS
'implementation of build: what the column of an indicator or of its sample means';

-- What a column of a view means: what the file of the view says, or its source, or which indicator
-- it is or is made for.
CREATE FUNCTION column_comment(model text, view text, name text, currency text) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT c.meaning FROM kpi.view_columns AS c
         WHERE  c.view = CASE WHEN d.name IS NULL THEN 'kpi_grain'
                              WHEN d.name = 'scorecard' THEN 'scorecard_history' ELSE d.name END
         AND    c.name = column_comment.name),
        CASE WHEN d.name IS NULL THEN coalesce(
                  kpi.indicator_comment(model, column_comment.name, currency),
                  format('The member of the dimension %s.', column_comment.name))
             WHEN column_comment.name LIKE 'by\_%' THEN
                  format('The member of the dimension %s.', substring(column_comment.name FROM 4))
             WHEN view LIKE 'kpi\_daily\_%' AND column_comment.name = 'day' THEN 'The day.'
             WHEN view LIKE 'kpi\_daily\_%' THEN coalesce(
                  (SELECT 'Part of ' || string_agg(DISTINCT i.name, ', ' ORDER BY i.name) || '.'
                   FROM   kpi.formula_reads AS r JOIN kpi.indicators AS i USING (indicator)
                   WHERE  (r.view, r.column) = (column_comment.view, column_comment.name)),
                  'No part of an indicator.')
             WHEN column_comment.name = 'grain' THEN 'day, week, month, quarter, half, year or all'
             WHEN view = 'kpi_settings' THEN
                  (SELECT s.meaning FROM kpi.settings AS s WHERE s.name = column_comment.name)
             ELSE (SELECT s.meaning FROM kpi.source_columns AS s
                   WHERE  'kpi_' || s.source = view AND s.name = column_comment.name) END)
    FROM   (SELECT view) AS v
           LEFT JOIN kpi.view_definitions AS d ON d.name = v.view AND d.name <> 'kpi_grain';
END;
COMMENT ON FUNCTION column_comment(model text, view text, name text, currency text) IS
'implementation of build: what a column of a view means';
