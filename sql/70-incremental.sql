-- refresh of a model whose storage is incremental
--
-- Of each source the keys of rows that may have changed are found, by what triggers have noted, by
-- the column updated_at, or by comparing all of it with its kept rows. From there on all is the
-- same: what was kept of these keys and what the source says of them now is put into a temporary
-- table kpi_diff_<source>, and with it what time alone has changed. Of views that add up over
-- orders, customers, visits or the like, what these rows are about is taken out and put in again;
-- of the others their days are computed anew.

CREATE FUNCTION kept_reads(model text) RETURNS TABLE (view text, source text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE below (view, oid) AS (
        SELECT v.name, c.oid
        FROM   kpi.view_definitions AS v
               JOIN pg_class AS c ON c.relname = kpi.kept_name('compute', v.name)
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
        UNION
        SELECT b.view, d.refobjid
        FROM   below AS b
               JOIN pg_rewrite AS w ON w.ev_class = b.oid
               JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                                  AND d.refclassid = 'pg_class'::regclass
    )
    SELECT b.view, s.source
    FROM   below AS b
           JOIN pg_class AS c ON c.oid = b.oid
           JOIN kpi.sources AS s ON c.relname = kpi.kept_name('rows', s.source);
END;
COMMENT ON FUNCTION kept_reads(model text) IS
'implementation of refresh: the sources of each view that is kept';

-- What time alone changes between two instants: what lies in the future becomes past, by its
-- instant or its day, and what is under way gets older.
CREATE FUNCTION aged_rows(model text, source text, since timestamptz, until timestamptz, zone text)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH days AS (
        SELECT kpi.bucket('day', since, zone) AS first, kpi.bucket('day', until, zone) AS last
    ),
    start AS (
        SELECT d.*, CASE WHEN d.first < d.last THEN kpi.midnight(d.first, zone, false)
                         ELSE since END AS instant
        FROM   days AS d
    )
    SELECT concat_ws(' OR ', string_agg(CASE c.kind
               WHEN 'instant' THEN format('x.%I BETWEEN %L AND %L', c.name, t.instant, until)
               WHEN 'date'
               THEN format('x.%I BETWEEN %L AND %L', c.name, t.first, t.last) END, ' OR '),
           '(' || kpi.fill(s.ages, (
               SELECT jsonb_object_agg(format('known %s %s', n.source, n.name), n.type IS NOT NULL)
               FROM   kpi.found_columns(model) AS n)
               || jsonb_build_object('belongs', coalesce(
                      to_regclass(format('%I.%I', model,
                                         kpi.kept_name('rows', s.belongs_to)))::text,
                      '(SELECT x.order_id, s.as_of AS cancelled_at, s.as_of AS ordered_at '
                      'WHERE false)'))) || ')',
           'false')
    FROM   start AS t
           CROSS JOIN kpi.sources AS s
           LEFT JOIN kpi.source_columns AS c
                ON c.source = s.source AND c.name <> 'updated_at'
                AND (c.kind = 'instant' OR c.kind = 'date' AND t.first < t.last)
    WHERE  s.source = aged_rows.source
    GROUP  BY s.ages, s.belongs_to;
END;
COMMENT ON FUNCTION aged_rows(model text, source text, since timestamptz, until timestamptz,
    zone text) IS
'implementation of refresh: the condition of rows that change between two instants though nobody '
'writes them';

CREATE FUNCTION hash_bytes_of(VARIADIC "any") RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION hash_bytes_of(VARIADIC "any") IS
'implementation of refresh: a hash of values by their bytes, NULL being one, too';

CREATE FUNCTION row_hash(relation regclass) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT format('kpi.hash_bytes_of(%s)', string_agg(format('r.%I', a.attname), ', '
                                                      ORDER BY a.attnum))
    FROM   pg_attribute AS a
    WHERE  a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
END;
COMMENT ON FUNCTION row_hash(relation regclass) IS
'implementation of refresh: the hash of a row r with the columns of a relation';

-- Rows that are there more often on one side have a sum of their own, so none has to be counted.
-- Sums of integers need no memory of their own beside a key; and each worker would have nearly all
-- keys, so that it would not help.
CREATE FUNCTION compared_keys(model text, source text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    keys text[];
BEGIN
    EXECUTE kpi.fill(
        'SELECT array_agg(to_jsonb(g.key) #>> ''{}'') '
        'FROM  (SELECT d.key '
        '       FROM  (SELECT r.@key@ AS key, 1 AS n, @hash@ AS h FROM @read@ AS r '
        '              UNION ALL '
        '              SELECT r.@key@, -1, @hash@ FROM @rows@ AS r) AS d '
        '       GROUP  BY d.key '
        '       HAVING sum(d.n * (d.h >> 33)::integer) <> 0 '
        '              OR sum(d.n * (d.h >> 2 & 2147483647)::integer) <> 0) AS g',
        kpi.kept_marks(model, source)) INTO keys;
    RETURN keys;
END $$;
COMMENT ON FUNCTION compared_keys(model text, source text) IS
'implementation of refresh: the keys whose rows are not those kept, as the sum of their hashes '
'differs';

CREATE FUNCTION updated_keys(model text, source text, since timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    marks  jsonb := kpi.kept_marks(model, source);
    latest timestamptz;
    keys   text[];
BEGIN
    EXECUTE kpi.fill('SELECT max(r.updated_at) FROM @rows@ AS r WHERE r.updated_at < ''infinity''',
                     marks) INTO latest;
    -- a transaction that was open then had said when it began; a query of its own, so that the
    -- planner sees the instant
    EXECUTE kpi.fill('SELECT array_agg(DISTINCT to_jsonb(r.@key@) #>> ''{}'') FROM @read@ AS r '
                     'WHERE r.updated_at >= $1', marks)
    INTO keys USING least(since, latest) - interval '1 hour';
    RETURN keys;
END $$;
COMMENT ON FUNCTION updated_keys(model text, source text, since timestamptz) IS
'implementation of refresh: the keys of rows that say they were changed since an hour before then';

CREATE FUNCTION kept_marks(model text, source text) RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH named AS MATERIALIZED (    -- what costs most is asked for once
        SELECT format('%I.%I', model, kpi.kept_name('read', source)) AS read,
               format('%I.%I', model, kpi.kept_name('rows', source)) AS rows,
               kpi.kept_key(model, source) AS key
    ),
    typed AS (
        SELECT n.*,
               (SELECT format_type(a.atttypid, NULL) FROM pg_attribute AS a
                WHERE  a.attrelid = to_regclass(n.rows) AND a.attname = n.key) AS key_type,
               (SELECT format_type(a.atttypid, NULL) FROM pg_attribute AS a
                WHERE  a.attrelid = to_regclass(n.read) AND a.attname = 'kpi_key') AS found_type
        FROM   named AS n
    )
    SELECT jsonb_build_object(
        'read', t.read, 'rows', t.rows, 'columns', kpi.columns_of(to_regclass(t.rows)),
        'hash', kpi.row_hash(to_regclass(t.rows)), 'key', quote_ident(t.key),
        'key type', t.key_type, 'shop type', t.found_type,
        -- an index finds what the shop calls a row; but many instants can be one day, say
        'found', CASE WHEN f.as_written THEN 'kpi_key' ELSE quote_ident(t.key) END,
        'found type', CASE WHEN f.as_written THEN t.found_type ELSE t.key_type END,
        'diff', 'pg_temp.' || quote_ident(kpi.kept_name('diff', source)))
    FROM   typed AS t
           CROSS JOIN LATERAL (
               SELECT t.key_type = t.found_type OR t.found_type IN (
                          'smallint', 'integer', 'bigint', 'uuid', 'text', 'character varying',
                          'citext', 'numeric')) AS f (as_written);
END;
COMMENT ON FUNCTION kept_marks(model text, source text) IS
'implementation of refresh: what the marks in its queries stand for';

-- What a source says of some keys now: asked for one key after another, which a source that groups
-- its rows finds by indexes, or of all at once, as the planner takes for cheaper.
CREATE FUNCTION rows_of_keys(marks jsonb, keys text[], nulls boolean) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    query    text;
    plan     json;
    cheapest text;
    lowest   float8 := 'infinity';
BEGIN
    -- several keys of these types can be the same for the shop, and would give its rows twice
    FOREACH query IN ARRAY (ARRAY[
        'SELECT @columns@ FROM @read@ AS r '
        'WHERE r.@found@ = ANY ($1::@found type@[]) OR r.@found@ IS NULL AND $2',
        'SELECT n.* FROM unnest($1::@found type@[]) AS k (key) CROSS JOIN LATERAL ('
        '    SELECT @columns@ FROM @read@ AS r WHERE r.@found@ = k.key OFFSET 0) AS n '
        'UNION ALL SELECT @columns@ FROM @read@ AS r WHERE r.@found@ IS NULL AND $2'])
        [1:CASE WHEN marks ->> 'found type' IN ('citext', 'numeric') THEN 1 ELSE 2 END]
    LOOP
        query := kpi.fill(query, marks);
        BEGIN
            EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan USING keys, nulls;
        EXCEPTION WHEN feature_not_supported THEN   -- Citus asks for no key after another
            CONTINUE WHEN cheapest IS NOT NULL;
            RAISE;
        END;
        IF (plan #>> '{0,Plan,Total Cost}')::float8 < lowest THEN
            lowest := plan #>> '{0,Plan,Total Cost}';
            cheapest := query;
        END IF;
    END LOOP;
    RETURN cheapest;
END $$;
COMMENT ON FUNCTION rows_of_keys(marks jsonb, keys text[], nulls boolean) IS
'implementation of refresh: the query of the rows that a source has of the keys $1, and if $2 of '
'none, in the way that costs least by the planner';

-- Makes the table kpi_diff_<source> of what differs: rows as they were and as they are, and others
-- that time has changed. Gives how many rows differ, NULL if there is nothing to do.
CREATE FUNCTION put_diff(model text, source text, keys text[], aged text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    marks  jsonb := kpi.kept_marks(model, source) || jsonb_build_object(
        'aged', aged, 'settings', format('%I.kpi_settings', model));
    nulls  boolean := array_position(keys, NULL) IS NOT NULL;
    differ bigint;
    older  boolean;
BEGIN
    -- counted, as who asks for any one of them is thought to find it at once
    EXECUTE kpi.fill('SELECT count(*) > 0 FROM @settings@ AS s CROSS JOIN @rows@ AS x '
                     'WHERE @aged@', marks) INTO older;
    IF keys IS NULL AND NOT older THEN
        RETURN NULL;
    END IF;
    EXECUTE kpi.fill('CREATE TEMPORARY TABLE @diff@ ON COMMIT DROP AS '
                     'SELECT r.*, NULL::boolean AS kpi_was FROM @rows@ AS r WITH NO DATA', marks);
    EXECUTE kpi.fill(
        'WITH was AS MATERIALIZED (SELECT r.* FROM @rows@ AS r '
        '    WHERE r.@key@ = ANY ($1::@key type@[]) OR r.@key@ IS NULL AND $2), '
        'now AS MATERIALIZED (@now@), '
        -- 1.0 and 1.00 are equal, but not the same to who reads them
        'was_hashed AS MATERIALIZED (SELECT r.@key@ AS key, @hash@ AS h FROM was AS r), '
        'now_hashed AS MATERIALIZED (SELECT r.@key@ AS key, @hash@ AS h FROM now AS r), '
        'differing AS MATERIALIZED ('
        '    SELECT d.key FROM (TABLE was_hashed EXCEPT ALL TABLE now_hashed) AS d '
        '    UNION SELECT d.key FROM (TABLE now_hashed EXCEPT ALL TABLE was_hashed) AS d) '
        'INSERT INTO @diff@ '
        'SELECT b.* FROM (SELECT w.*, true AS kpi_was FROM was AS w '
        '    UNION ALL SELECT n.*, false FROM now AS n) AS b '
        'WHERE b.@key@ IN (SELECT f.key FROM differing AS f) '
        'OR b.@key@ IS NULL AND EXISTS (SELECT FROM differing AS f WHERE f.key IS NULL)',
        marks || jsonb_build_object('now', kpi.rows_of_keys(marks, keys, nulls)))
    USING keys, nulls;
    EXECUTE kpi.fill('SELECT count(DISTINCT to_jsonb(d.@key@)) FROM @diff@ AS d', marks)
    INTO differ;
    IF older THEN
        EXECUTE kpi.fill('INSERT INTO @diff@ SELECT x.* FROM @settings@ AS s '
                         'CROSS JOIN @rows@ AS x WHERE @aged@', marks);
    END IF;
    RETURN differ;
END $$;
COMMENT ON FUNCTION put_diff(model text, source text, keys text[], aged text) IS
'implementation of refresh: gathers the rows of a source that have changed, of these keys or by '
'time; how many keys differ, or NULL if none has changed in any way';

CREATE FUNCTION apply_diff(model text, source text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    marks jsonb := kpi.kept_marks(model, source);
BEGIN
    EXECUTE kpi.fill(
        'DELETE FROM @rows@ AS r USING (SELECT DISTINCT d.@key@ FROM @diff@ AS d '
        '                               WHERE d.kpi_was) AS d WHERE r.@key@ = d.@key@', marks);
    EXECUTE kpi.fill(
        'DELETE FROM @rows@ AS r WHERE r.@key@ IS NULL '
        'AND EXISTS (SELECT FROM @diff@ AS d WHERE d.kpi_was AND d.@key@ IS NULL)', marks);
    EXECUTE kpi.fill('INSERT INTO @rows@ SELECT @columns@ FROM @diff@ AS d '
                     'WHERE NOT d.kpi_was', marks);
END $$;
COMMENT ON FUNCTION apply_diff(model text, source text) IS
'implementation of refresh: brings the kept rows of a source up to what it says now';

-- Of everybody whom a changed row names their rows are replaced; where it names nobody, it alone.
-- A row that does not name them itself does so by what it belongs to.
CREATE FUNCTION touch(model text, diffs text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    filled text[] := '{}';
    whose  text;
    item   record;
BEGIN
    FOR item IN
        SELECT u.per, format('%I.%I', model, concat(kpi.kept_name('touched', u.source), '_', u.per))
                   AS whose,
               t.source = u.source AS itself, t.own, d.marks, b.marks AS belongs
        FROM   kpi.units() AS u
               JOIN kpi.units() AS t ON t.per = u.per
               JOIN kpi.sources AS s ON s.source = t.source
               CROSS JOIN LATERAL (SELECT kpi.kept_marks(model, t.source)) AS d (marks)
               LEFT JOIN LATERAL (SELECT kpi.kept_marks(model, s.belongs_to)) AS b (marks)
                    ON NOT t.own AND to_regclass(b.marks ->> 'rows') IS NOT NULL
        WHERE  u.own AND t.source = ANY (diffs) AND (t.own OR b.marks IS NOT NULL)
        AND    to_regclass(format('%I.%I', model,
                                  concat(kpi.kept_name('touched', u.source), '_', u.per)))
               IS NOT NULL
    LOOP
        EXECUTE kpi.fill(CASE
            WHEN item.itself
            THEN 'INSERT INTO @whose@ SELECT DISTINCT d.@per@, d.@key@ FROM @diff@ AS d '
                 'WHERE NOT EXISTS (SELECT FROM @whose@ AS t WHERE t.unit = d.@per@)'
            WHEN item.own
            THEN 'INSERT INTO @whose@ (unit) SELECT DISTINCT d.@per@ FROM @diff@ AS d '
                 'WHERE d.@per@ IS NOT NULL'
            ELSE 'INSERT INTO @whose@ (unit) SELECT DISTINCT o.@per@ FROM @belongs@ AS o '
                 'WHERE o.@belongs key@ IN (SELECT d.@key@ FROM @diff@ AS d) '
                 'AND o.@per@ IS NOT NULL' END,
            item.marks || jsonb_build_object('per', quote_ident(item.per), 'whose', item.whose,
                                             'belongs', item.belongs ->> 'rows',
                                             'belongs key', item.belongs ->> 'key'));
        filled := filled || item.whose;
    END LOOP;
    FOR whose IN SELECT DISTINCT f.name FROM unnest(filled) AS f (name) LOOP
        EXECUTE format('ANALYZE %s', whose);    -- a few are joined in other ways than many
    END LOOP;
END $$;
COMMENT ON FUNCTION touch(model text, diffs text[]) IS
'implementation of refresh: notes whose rows are replaced, by what differs in these sources';

CREATE FUNCTION untouch(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text;
BEGIN
    FOR whose IN
        SELECT format('%I.%I', model, v.name) FROM kpi.found_views(model) AS v
        WHERE  starts_with(v.name, kpi.kept_name('touched', ''))
    LOOP
        EXECUTE format('DELETE FROM %s', whose);
    END LOOP;
END $$;
COMMENT ON FUNCTION untouch(model text) IS
'implementation of refresh: forgets whose rows were replaced';

-- How a column changes when the rows of some are taken out (b) and put in (a).
CREATE FUNCTION replaced_value("column" text, type regtype) RETURNS text
LANGUAGE SQL STABLE
    RETURN kpi.fill(CASE
        WHEN type = 'kpi.activity'::regtype
        THEN 'kpi.without(coalesce(s.@column@, ''{}''), coalesce(b.@column@, ''{}'')) '
             'OPERATOR(kpi.+) coalesce(a.@column@, ''{}'')'
        WHEN type IN (SELECT t.oid FROM pg_type AS t
                      WHERE  t.typnamespace = 'kpi'::regnamespace)
        THEN 'coalesce(coalesce(s.@column@ OPERATOR(kpi.-) b.@column@, s.@column@) '
             'OPERATOR(kpi.+) a.@column@, '
             's.@column@ OPERATOR(kpi.-) b.@column@, s.@column@, a.@column@)'
        ELSE 'coalesce(s.@column@, 0) - coalesce(b.@column@, 0) + coalesce(a.@column@, 0)' END,
        jsonb_build_object('column', quote_ident("column")));
COMMENT ON FUNCTION replaced_value("column" text, type regtype) IS
'implementation of refresh: a column of a state s, less what it was of some (b), plus what it is '
'(a)';

-- Takes what the touched rows came to out of a state, and puts in what they come to now. Keys are
-- never NULL.
CREATE FUNCTION replace_touched(model text, view text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state  regclass := format('%I.%I', model, kpi.kept_name('state', view));
    marks  jsonb;
    groups bigint;
BEGIN
    WITH columns AS (
        SELECT quote_ident(a.attname) AS name, a.attnum AS n, a.attnum = ANY (i.indkey) AS is_key,
               kpi.replaced_value(a.attname::text, a.atttypid::regtype) AS value
        FROM   pg_attribute AS a
               JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisunique
        WHERE  a.attrelid = state AND a.attnum > 0 AND NOT a.attisdropped
    )
    SELECT jsonb_build_object(
               'state', state::text,
               'before', 'pg_temp.' || quote_ident(kpi.kept_name('before', view)),
               'after', 'pg_temp.' || quote_ident(kpi.kept_name('after', view)),
               'keys', string_agg(c.name, ', ' ORDER BY c.n) FILTER (WHERE c.is_key),
               'same', string_agg(format('s.%1$s = m.%1$s', c.name), ' AND ')
                       FILTER (WHERE c.is_key),
               'b', string_agg('b.' || c.name, ', ' ORDER BY c.n) FILTER (WHERE NOT c.is_key),
               'a', string_agg('a.' || c.name, ', ' ORDER BY c.n) FILTER (WHERE NOT c.is_key),
               'values', string_agg(format('%s AS %s', c.value, c.name), ', ' ORDER BY c.n)
                         FILTER (WHERE NOT c.is_key),
               'set', string_agg(format('%1$s = m.%1$s', c.name), ', ' ORDER BY c.n)
                      FILTER (WHERE NOT c.is_key),
               'columns', string_agg(c.name, ', ' ORDER BY c.n),
               'new', string_agg('m.' || c.name, ', ' ORDER BY c.n))
    INTO   marks
    FROM   columns AS c;
    EXECUTE kpi.fill(
        'MERGE INTO @state@ AS s USING ('
        '    SELECT @keys@, @values@ FROM @before@ AS b FULL JOIN @after@ AS a USING (@keys@) '
        '    LEFT JOIN @state@ AS s USING (@keys@) '
        '    WHERE NOT pg_catalog.record_image_eq(ROW(@b@), ROW(@a@))) AS m ON @same@ '
        'WHEN MATCHED AND m.kpi_rows = 0 THEN DELETE '
        'WHEN MATCHED THEN UPDATE SET @set@ '
        'WHEN NOT MATCHED THEN INSERT (@columns@) VALUES (@new@)', marks);
    GET DIAGNOSTICS groups = ROW_COUNT;
    RETURN groups;
END $$;
COMMENT ON FUNCTION replace_touched(model text, view text) IS
'implementation of refresh: replaces in a state what the touched rows came to; how many rows of it '
'changed';

-- The day on which a row x of a source counts.
CREATE FUNCTION row_day(source text, zone text) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT 'coalesce(' || string_agg(CASE c.kind
               WHEN 'date' THEN format('x.%I', c.name)
               ELSE format('kpi.bucket(''day'', x.%I, %L)', c.name, zone) END, ', '
               ORDER BY c.name = s.else_time) || ')'
    FROM   kpi.sources AS s
           JOIN kpi.source_columns AS c ON c.source = s.source
                                       AND c.name IN (s.time, s.else_time)
    WHERE  s.source = row_day.source;
END;
COMMENT ON FUNCTION row_day(source text, zone text) IS
'implementation of refresh: the day on which a row x of a source counts; NULL if its own columns '
'do not say it';

-- The queries that give the days on which what differs in a source makes a view differ, as ranges:
-- those of the rows, or of what belongs to them. What has no day of its own, holidays, may change
-- any.
CREATE FUNCTION day_queries(model text, settings jsonb, source text, sources text[])
RETURNS SETOF text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH this AS (
        SELECT s.source, kpi.kept_marks(model, s.source) AS marks,
               kpi.row_day(s.source, settings ->> 'timezone') AS day
        FROM   kpi.sources AS s WHERE s.source = day_queries.source
    ),
    belonging AS (
        SELECT kpi.kept_marks(model, s.source) ->> 'rows' AS rows,
               kpi.row_day(s.source, settings ->> 'timezone') AS day
        FROM   kpi.sources AS s
        WHERE  s.source = ANY (sources) AND s.belongs_to = day_queries.source
        AND    s.time IS NOT NULL
    )
    SELECT kpi.fill(CASE
               WHEN t.day IS NULL
               THEN 'SELECT daterange(NULL, NULL) AS days FROM @diff@ AS x LIMIT 1'
               WHEN t.source = 'surveys' AND settings ->> 'answers' <> 'all'
               THEN 'SELECT daterange(p.period, p.until) AS days FROM @diff@ AS x '
                    'CROSS JOIN LATERAL kpi.periods(@grain@, @day@, @day@) AS p '
                    'WHERE isfinite(@day@)'
               ELSE 'SELECT daterange(@day@, @day@ + 1) AS days FROM @diff@ AS x '
                    'WHERE isfinite(@day@)' END,
               t.marks || jsonb_build_object('day', t.day, 'grain', quote_literal(g.name)))
    FROM   this AS t
           LEFT JOIN kpi.grain_names(settings) AS g
                ON settings ->> 'answers' = 'last of ' || g.grain
    WHERE  NOT EXISTS (SELECT FROM belonging)
    UNION ALL
    SELECT kpi.fill('SELECT daterange(@day@, @day@ + 1) AS days FROM @rows@ AS x '
                    'WHERE x.@key@ IN (SELECT d.@key@ FROM @diff@ AS d) AND isfinite(@day@)',
                    t.marks || jsonb_build_object('day', b.day, 'rows', b.rows))
    FROM   this AS t CROSS JOIN belonging AS b;
END;
COMMENT ON FUNCTION day_queries(model text, settings jsonb, source text, sources text[]) IS
'implementation of refresh: queries of the days on which a view of these sources differs because '
'one of them does, as ranges';

-- Days are computed in runs: a query for each costs more than a few days that had not changed.
CREATE FUNCTION days_to_compute(model text, settings jsonb, view text, diffs text[], since date)
RETURNS datemultirange LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    queries text;
    days    datemultirange;
BEGIN
    SELECT string_agg(format('(%s)', q.query), ' UNION ALL ') INTO queries
    FROM   (SELECT array_agg(r.source) AS sources FROM kpi.kept_reads(model) AS r
            WHERE  r.view = days_to_compute.view) AS v
           CROSS JOIN unnest(v.sources) AS s (source)
           CROSS JOIN LATERAL kpi.day_queries(model, settings, s.source, v.sources) AS q (query)
    WHERE  s.source = ANY (diffs);
    IF queries IS NOT NULL THEN
        EXECUTE format('SELECT range_agg(d.days) FROM (SELECT DISTINCT q.days FROM (%s) AS q) AS d',
                       queries) INTO days;
    END IF;
    IF (SELECT v.onward FROM kpi.view_definitions AS v WHERE v.name = view) THEN
        days := datemultirange(daterange(least(since, lower(days)), NULL));
    END IF;
    RETURN coalesce(days, '{}');
END $$;
COMMENT ON FUNCTION days_to_compute(model text, settings jsonb, view text, diffs text[],
    since date) IS
'implementation of refresh: the days of a view that are to be computed anew, as these sources '
'differ and the day since has been running';

CREATE FUNCTION compute_days(model text, view text, days datemultirange) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state   regclass := format('%I.%I', model, kpi.kept_name('state', view));
    run     daterange;
    rows    bigint;
    all_of  bigint := 0;
BEGIN
    FOR run IN
        SELECT daterange(min(lower(g.days)), max(coalesce(upper(g.days), 'infinity')))
        FROM   (SELECT r.days, count(*) FILTER (WHERE r.apart) OVER (ORDER BY r.days) AS n
                FROM   (SELECT u.days, lower(u.days) - lag(upper(u.days)) OVER (ORDER BY u.days) > 7
                                       AS apart
                        FROM   unnest(days) AS u (days)) AS r) AS g
        GROUP  BY g.n ORDER BY g.n
    LOOP
        EXECUTE format('DELETE FROM %s AS d WHERE d.day >= %L AND d.day < %L', state,
                       coalesce(lower(run), '-infinity'), coalesce(upper(run), 'infinity'));
        EXECUTE format('INSERT INTO %s SELECT c.* FROM %I.%I AS c ', state, model,
                       kpi.kept_name('compute', view))
                || format('WHERE kpi.within(c.day, %L, %L)',
                          coalesce(lower(run), '-infinity'), coalesce(upper(run), 'infinity'));
        GET DIAGNOSTICS rows = ROW_COUNT;
        all_of := all_of + rows;
    END LOOP;
    RETURN all_of;
END $$;
COMMENT ON FUNCTION compute_days(model text, view text, days datemultirange) IS
'implementation of refresh: computes these days of a view anew; how many rows that gave';

-- The largest value of a column that a whole view depends on, of rows that have happened.
CREATE FUNCTION largest_value(model text, view text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    largest text;
    marks   jsonb := (
        SELECT jsonb_build_object(
                   'over', quote_ident(v.over), 'time', quote_ident(s.time),
                   'rows', format('%I.%I', model, kpi.kept_name('rows', s.source)),
                   'settings', format('%I.kpi_settings', model))
        FROM   kpi.view_definitions AS v JOIN kpi.sources AS s ON s.source = v.sources[1]
        WHERE  v.name = view AND v.over IS NOT NULL);
BEGIN
    IF marks IS NOT NULL THEN
        EXECUTE kpi.fill('SELECT max(x.@over@)::text FROM @rows@ AS x '
                         'WHERE x.@time@ <= (SELECT s.as_of FROM @settings@ AS s)', marks)
        INTO largest;
    END IF;
    RETURN largest;
END $$;
COMMENT ON FUNCTION largest_value(model text, view text) IS
'implementation of refresh: the largest value in the column that all rows of a view depend on; '
'NULL if there is no such column';

-- The keys of rows that may have changed, by what is known of a source.
CREATE FUNCTION changed_keys(model text, source text, how text, since timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN how = 'tracked' AND NOT kpi.noted_at_large(model, source)
                THEN kpi.noted_keys(model, source)
                WHEN how = 'updated_at' THEN kpi.updated_keys(model, source, since)
                ELSE kpi.compared_keys(model, source) END;
END $$;
COMMENT ON FUNCTION changed_keys(model text, source text, how text, since timestamptz) IS
'implementation of refresh: the keys of rows of a source that may have changed since, found by '
'what was noted, by updated_at, or by comparing';

-- How many keys have rows that differ though they are none of these.
CREATE FUNCTION missed_keys(model text, source text, keys text[]) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missed bigint;
BEGIN
    EXECUTE kpi.fill('SELECT count(DISTINCT to_jsonb(d.@key@)) FROM @diff@ AS d '
                     'WHERE d.kpi_was IS NOT NULL '
                     'AND array_position($1, to_jsonb(d.@key@) #>> ''{}'') IS NULL',
                     kpi.kept_marks(model, source)) INTO missed USING coalesce(keys, '{}');
    RETURN missed;
END $$;
COMMENT ON FUNCTION missed_keys(model text, source text, keys text[]) IS
'implementation of refresh: how many rows differ, by their keys, of which it was not known that '
'they may';

CREATE FUNCTION find_diffs(model text, settings jsonb, until timestamptz, everything boolean)
RETURNS TABLE (relation text, rows bigint, took interval, note text, differs boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    since  timestamptz := settings ->> 'as_of';
    step   timestamptz;
    keys   text[];
    known  text[];
    item   record;
BEGIN
    PERFORM kpi.take_notes(model);
    FOR item IN SELECT f.* FROM kpi.found_by(model) AS f LOOP
        step := clock_timestamp();
        relation := item.source;
        keys := kpi.changed_keys(model, relation, CASE WHEN everything THEN 'compared'
                                                       ELSE item.how END, since);
        rows := kpi.put_diff(model, relation, keys,
                             kpi.aged_rows(model, relation, since, until,
                                           settings ->> 'timezone'));
        differs := rows IS NOT NULL;
        rows := coalesce(rows, 0);
        note := CASE WHEN everything OR item.how = 'compared' THEN 'compared with what was kept'
                     WHEN item.how = 'tracked' AND kpi.noted_at_large(model, relation)
                     THEN 'compared with what was kept, as not all of it was noted row by row'
                     WHEN item.how = 'tracked' THEN 'found by what was noted'
                     ELSE 'found by updated_at, which does not tell what was deleted' END
                || coalesce('; not tracked: ' || item.why, '');
        IF everything AND item.how <> 'compared' THEN
            known := kpi.changed_keys(model, relation, item.how, since);
            note := concat(note, '; ', coalesce(nullif(CASE
                               WHEN differs THEN kpi.missed_keys(model, relation, known)
                               END, 0)::text, 'nothing'), ' had been missed');
        END IF;
        took := clock_timestamp() - step;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION find_diffs(model text, settings jsonb, until timestamptz, everything boolean) IS
'implementation of refresh: finds what differs in each source, and how it was found';

-- What changes is kept in memory, as it is read again and again: with pages that cost as much as on
-- a disk that has to seek, the planner would read all orders to find those of a thousand customers.
CREATE FUNCTION refresh_kept(model text, settings jsonb, everything boolean,
                             until timestamptz)
RETURNS TABLE (relation text, rows bigint, took interval, note text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET random_page_cost = 1.1 AS $$
DECLARE
    since   date := settings ->> 'today';
    diffs   text[] := '{}';
    touched kpi.view_definitions[];
    item    record;
    largest jsonb := '{}';
    step    timestamptz;
BEGIN
    FOR item IN SELECT f.* FROM kpi.find_diffs(model, settings, until, everything) AS f LOOP
        relation := item.relation;
        rows := item.rows;
        took := item.took;
        note := item.note;
        diffs := diffs || CASE WHEN item.differs THEN ARRAY[item.relation] ELSE '{}' END;
        RETURN NEXT;
    END LOOP;
    PERFORM kpi.touch(model, diffs);
    touched := ARRAY(SELECT v FROM kpi.view_definitions AS v
                     WHERE  v.per IS NOT NULL
                     AND    v.name IN (SELECT r.view FROM kpi.kept_reads(model) AS r
                                       WHERE  r.source = ANY (diffs))
                     ORDER  BY v.position);
    FOR item IN SELECT v.* FROM unnest(touched) AS v LOOP
        PERFORM kpi.put_part(model, item.name, 'before');
        largest := largest || jsonb_build_object(item.name,
                                                 kpi.largest_value(model, item.name));
    END LOOP;
    PERFORM kpi.apply_diff(model, d.source) FROM unnest(diffs) AS d (source);
    IF to_regclass(format('%I.%I', model, kpi.kept_name('state', 'kpi_as_of'))) IS NOT NULL THEN
        EXECUTE format('UPDATE %I.%I SET as_of = $1', model, kpi.kept_name('state', 'kpi_as_of'))
        USING until;
    END IF;
    FOR item IN
        SELECT v.*, v.name IN (SELECT t.name FROM unnest(touched) AS t) AS touched
        FROM   kpi.view_definitions AS v
        WHERE  to_regclass(format('%I.%I', model, kpi.kept_name('compute', v.name))) IS NOT NULL
        ORDER  BY v.position
    LOOP
        step := clock_timestamp();
        relation := item.name;
        IF item.per IS NULL THEN
            rows := kpi.compute_days(model, item.name, kpi.days_to_compute(
                        model, settings, item.name, diffs, since));
        ELSIF NOT item.touched THEN
            rows := 0;
        ELSIF largest ->> item.name IS DISTINCT FROM kpi.largest_value(model, item.name) THEN
            rows := kpi.compute_all(model, item.name);
        ELSE
            PERFORM kpi.put_part(model, item.name, 'after');
            rows := kpi.replace_touched(model, item.name);
        END IF;
        note := NULL;
        took := clock_timestamp() - step;
        RETURN NEXT;
    END LOOP;
    PERFORM kpi.drop_parts();
    PERFORM kpi.untouch(model);
END $$;
COMMENT ON FUNCTION refresh_kept(model text, settings jsonb, everything boolean,
    until timestamptz) IS
'implementation of refresh: brings a model up to date whose storage is incremental, to be seen as '
'of this instant';

CREATE FUNCTION put_part(model text, view text, part text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE %I ON COMMIT DROP AS SELECT * FROM %I.%I',
                   kpi.kept_name(part, view), model, kpi.kept_name('changed', view));
END $$;
COMMENT ON FUNCTION put_part(model text, view text, part text) IS
'implementation of refresh: puts what the touched rows come to into a temporary table, before they '
'change, or after';

CREATE FUNCTION compute_all(model text, view text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state regclass := format('%I.%I', model, kpi.kept_name('state', view));
    rows  bigint;
BEGIN
    EXECUTE format('DELETE FROM %s', state);
    EXECUTE format('INSERT INTO %s SELECT * FROM %I.%I', state, model,
                   kpi.kept_name('compute', view));
    GET DIAGNOSTICS rows = ROW_COUNT;
    RETURN rows;
END $$;
COMMENT ON FUNCTION compute_all(model text, view text) IS
'implementation of refresh: computes all of a view anew; how many rows that gave';

CREATE FUNCTION drop_parts() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_class AS c
        WHERE  c.relnamespace = pg_my_temp_schema() AND c.relkind = 'r'
        AND    c.relname ~ '^kpi_(diff|before|after)_'
    LOOP
        EXECUTE format('DROP TABLE pg_temp.%I', part);
    END LOOP;
END $$;
COMMENT ON FUNCTION drop_parts() IS
'implementation of refresh: drops the temporary tables it has made';
