-- track: notes which rows of the shop's tables change, so that a refresh has not to look for them
--
-- Below each source lie tables; a row of one has a part in rows of the source that a column of it
-- tells, or that are found from it through other tables: tables_below() reads that off the query
-- of the source. track() puts triggers on these tables which note what the rows that a statement
-- changes have in that column:
--
--     kpi_tracked    the tables, and what is noted of each
--     kpi_changes    what has been noted since the last refresh, which takes it away
--
-- A statement adds a row to kpi_changes for each column, or one for every ten thousand rows it
-- changes, and waits for nobody. What is noted is there if and only if the change is, as both are
-- one transaction.

CREATE FUNCTION tables_below(relation regclass, key text,
    OUT below regclass, OUT reads text[], OUT tells text, OUT through regclass[],
    OUT found_by text[], OUT gives text[], OUT problem text)
    RETURNS SETOF record AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION tables_below(relation regclass, key text) IS
'the tables that a view reads, each as often as it reads it: which of its columns are read, and '
'that which tells the rows of the view that a row of it has a part in, by their key: directly, or '
'through other tables, in each of which rows are found by one column and give another; tells is '
'NULL if any row may have a part in any. A row with a problem and nothing else says why what '
'happens to its tables does not tell all that happens to the view';

CREATE FUNCTION noted_name(what text, name text) RETURNS text LANGUAGE SQL IMMUTABLE
    RETURN CASE WHEN octet_length(name) + octet_length(what) + 5 <= 63
                THEN concat('kpi_', what, '_', name)
                ELSE concat('kpi_', what, '_', md5(name)) END;
COMMENT ON FUNCTION noted_name(what text, name text) IS
'implementation of track: a name that says what it is and of which it is, as far as there is room';

-- A table with all that inherits from it, to which statements can be directed as well.
CREATE FUNCTION descendants(of regclass) RETURNS SETOF regclass LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH RECURSIVE family (oid) AS (
        SELECT of::oid
        UNION
        SELECT i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.oid
    )
    SELECT f.oid::regclass FROM family AS f;
END;
COMMENT ON FUNCTION descendants(of regclass) IS
'implementation of track: a table, its partitions and the tables that inherit from it';

CREATE FUNCTION tables_read(model text)
RETURNS TABLE (source text, below regclass, reads text[], tells text, through regclass[],
               found_by text[], gives text[], problem text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH kept AS MATERIALIZED (
        SELECT s.source, s.position, kpi.kept_key(model, s.source) AS key,
               to_regclass(format('%I.%I', model, s.source)) AS relation,
               kpi.recorded_query(model, s.source, '{}') IS NOT NULL AS recorded
        FROM   kpi.sources AS s
        WHERE  to_regclass(format('%I.%I', model, kpi.kept_name('rows', s.source))) IS NOT NULL
    ),
    stated AS MATERIALIZED (
        SELECT k.source, k.position, b.*
        FROM   kept AS k CROSS JOIN LATERAL kpi.tables_below(k.relation, k.key) AS b
        WHERE  NOT k.recorded AND k.relation IS NOT NULL
        AND    EXISTS (SELECT FROM pg_attribute AS a
                       WHERE  a.attrelid = k.relation AND a.attname = k.key AND a.attnum > 0)
        UNION ALL
        SELECT k.source, k.position, NULL, NULL, NULL, NULL, NULL, NULL,
               CASE WHEN k.recorded THEN 'rows of it are recorded by snapshot'
                    ELSE format('it has no column %s', k.key) END
        FROM   kept AS k
        WHERE  k.recorded OR k.relation IS NULL
        OR     NOT EXISTS (SELECT FROM pg_attribute AS a
                           WHERE  a.attrelid = k.relation AND a.attname = k.key AND a.attnum > 0)
    )
    SELECT t.source, t.below, t.reads, t.tells, t.through, t.found_by, t.gives, coalesce(
               t.problem,
               (SELECT format('%s, of which it reads, is a foreign table', d)
                FROM   kpi.descendants(t.below) AS d JOIN pg_class AS c ON c.oid = d
                WHERE  c.relkind = 'f' LIMIT 1),
               (SELECT format('role %I may not put triggers on %s: GRANT TRIGGER ON %2$s TO %1$I',
                              current_user, d)
                FROM   kpi.descendants(t.below) AS d
                WHERE  NOT has_table_privilege(d::oid, 'TRIGGER'::text) LIMIT 1))
    FROM   stated AS t
    ORDER  BY t.position;
END;
COMMENT ON FUNCTION tables_read(model text) IS
'implementation of track and refresh: the tables below each source that is kept, as tables_below '
'says, and why the source cannot be tracked if it cannot';

-- What is to be noted: of each table below a source that can be tracked what tells rows of some
-- source, and whatever is read of it.
CREATE FUNCTION tables_to_note(model text)
RETURNS TABLE (below regclass, tells text[], reads text[], sources text[]) LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH read AS MATERIALIZED (
        SELECT t.* FROM kpi.tables_read(model) AS t
    )
    SELECT r.below,
           array_remove(array_agg(DISTINCT r.tells ORDER BY r.tells), NULL),
           (SELECT array_agg(DISTINCT c.name ORDER BY c.name)
            FROM   read AS o CROSS JOIN LATERAL unnest(o.reads || o.tells) AS c (name)
            WHERE  o.below = r.below AND c.name IS NOT NULL),
           array_agg(DISTINCT r.source ORDER BY r.source)
    FROM   read AS r
    WHERE  r.source NOT IN (SELECT p.source FROM read AS p WHERE p.problem IS NOT NULL)
    GROUP  BY r.below ORDER BY r.below;
END;
COMMENT ON FUNCTION tables_to_note(model text) IS
'implementation of track: the tables whose changes are to be noted, which columns are noted, which '
'are read at all, and of which sources they are';

CREATE FUNCTION note_change() RETURNS trigger AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION note_change() IS
'implementation of track: adds to the kpi_changes that the condition of the trigger names what the '
'columns it has as arguments hold in rows that have changed; after an empty argument come those by '
'which a row is told to have changed. Does nothing where the owner of the table may not add to it';

CREATE FUNCTION put_note(model text, below regclass, tells text[], reads text[],
                         replicated boolean)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT d.relation, pg_get_userbyid(c.relowner) AS owner, t.event, t.transition,
               t.transition IS NULL AS by_row, kpi.noted_name(t.name, model) AS trigger,
               CASE WHEN t.name = 'row' THEN 'REPLICA'
                    WHEN t.name = 'truncate' AND replicated THEN 'ALWAYS' END AS enabled
        FROM   kpi.descendants(below) AS d (relation) JOIN pg_class AS c ON c.oid = d.relation
               CROSS JOIN (VALUES
                   ('insert', 'INSERT', 'REFERENCING NEW TABLE AS kpi_new'),
                   ('update', 'UPDATE', 'REFERENCING OLD TABLE AS kpi_old NEW TABLE AS kpi_new'),
                   ('delete', 'DELETE', 'REFERENCING OLD TABLE AS kpi_old'),
                   ('truncate', 'TRUNCATE', ''),
                   ('row', 'INSERT OR UPDATE OR DELETE', NULL)) AS t (name, event, transition)
        WHERE  t.name <> 'row' OR replicated AND c.relkind = 'r'
    LOOP
        EXECUTE kpi.fill(
            'CREATE TRIGGER @trigger@ AFTER @event@ ON @table@ @transition@ FOR EACH @level@ '
            'WHEN (@changes@::regclass IS NOT NULL) '
            'EXECUTE FUNCTION kpi.note_change(@columns@)',
            jsonb_build_object(
                'trigger', quote_ident(item.trigger), 'event', item.event,
                'table', item.relation::text, 'transition', coalesce(item.transition, ''),
                'level', CASE WHEN item.by_row THEN 'ROW' ELSE 'STATEMENT' END,
                'changes', quote_literal(format('%I.kpi_changes', model)),
                'columns', (SELECT string_agg(quote_literal(c.name), ', ' ORDER BY c.n)
                            FROM   unnest(tells || ''::text || reads)
                                   WITH ORDINALITY AS c (name, n))));
        IF item.enabled IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', item.relation, item.enabled,
                           item.trigger);
        END IF;
        IF item.owner <> current_user THEN
            EXECUTE format('GRANT INSERT ON %I.kpi_changes TO %I', model, item.owner);
        END IF;
    END LOOP;
    EXECUTE format('INSERT INTO %I.kpi_tracked SELECT d, $1, $2, $3, $4 '
                   'FROM kpi.descendants($1) AS d', model)
    USING below, tells, reads, replicated;
    -- what has changed before is not known
    EXECUTE format('INSERT INTO %I.kpi_changes (relation) VALUES ($1)', model) USING below;
END $$;
COMMENT ON FUNCTION put_note(model text, below regclass, tells text[], reads text[],
    replicated boolean) IS
'implementation of track: has changes of a table and of what inherits from it noted, also those by '
'logical replication if asked';

CREATE FUNCTION noting_triggers(model text)
RETURNS TABLE (relation regclass, enabled "char", allowed boolean) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT t.tgrelid::regclass, t.tgenabled,
           has_table_privilege(c.relowner, d.refobjid, 'INSERT'::text)
    FROM   pg_depend AS d
           JOIN pg_trigger AS t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
           JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE  d.refclassid = 'pg_class'::regclass
    AND    d.refobjid = to_regclass(format('%I.kpi_changes', model))
    AND    t.tgfoid = 'kpi.note_change()'::regprocedure;
END;
COMMENT ON FUNCTION noting_triggers(model text) IS
'implementation of track and refresh: the triggers that note changes for a model, whether they are '
'enabled, and whether the owner of their table may add to what is noted';

CREATE FUNCTION is_tracked(model text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN to_regclass(format('%I.kpi_tracked', model)) IS NOT NULL
           AND to_regclass(format('%I.kpi_changes', model)) IS NOT NULL;
COMMENT ON FUNCTION is_tracked(model text) IS
'implementation of track and refresh: whether changes of the tables below a model are noted';

-- With kpi_changes go the triggers that name it, also those on tables of others.
CREATE FUNCTION drop_notes(model text) RETURNS SETOF regclass
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = 'warning' AS $$
BEGIN
    IF kpi.is_tracked(model) THEN
        RETURN QUERY SELECT DISTINCT t.relation FROM kpi.noting_triggers(model) AS t;
        EXECUTE format('DROP TABLE %1$I.kpi_tracked, %1$I.kpi_changes CASCADE', model);
    END IF;
END $$;
COMMENT ON FUNCTION drop_notes(model text) IS
'implementation of untrack and build: takes away what notes changes, and gives the tables whose '
'were noted';

CREATE FUNCTION put_notes(model text, replicated boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item record;
BEGIN
    EXECUTE format(
        'CREATE TABLE %I.kpi_tracked (relation regclass PRIMARY KEY, below regclass NOT NULL, '
        'tells text[] NOT NULL, reads text[] NOT NULL, replicated boolean NOT NULL)', model);
    EXECUTE format('COMMENT ON TABLE %I.kpi_tracked IS ''The tables whose changes are noted, and '
                   'what is noted of them.''', model);
    EXECUTE format('CREATE TABLE %I.kpi_changes (relation regclass NOT NULL, "column" text, '
                   'keys text[])', model);
    EXECUTE format('COMMENT ON TABLE %I.kpi_changes IS ''What has changed since the last '
                   'refresh.''', model);
    FOR item IN SELECT t.* FROM kpi.tables_to_note(model) AS t LOOP
        PERFORM kpi.put_note(model, item.below, item.tells, item.reads, replicated);
    END LOOP;
END $$;
COMMENT ON FUNCTION put_notes(model text, replicated boolean) IS
'implementation of track and build: has the changes of all tables below the sources noted where '
'that can be';

-- What has been done to a table, or to its triggers, since its changes are noted.
CREATE FUNCTION noting_gap(model text, below regclass, tells text[], reads text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gap text;
BEGIN
    EXECUTE format(
        'SELECT CASE '
        'WHEN (SELECT array_agg(t.relation ORDER BY t.relation) FROM %1$I.kpi_tracked AS t '
        '      WHERE  t.below = $1) IS DISTINCT FROM '
        '     (SELECT array_agg(d.relation ORDER BY d.relation) '
        '      FROM   kpi.descendants($1) AS d (relation)) '
        'THEN format(''a part of %%s has come or gone'', $1) '
        'WHEN EXISTS (SELECT FROM %1$I.kpi_tracked AS t WHERE t.below = $1 '
        '             AND NOT (t.reads @> $3 AND t.tells @> $2)) '
        'THEN format(''other columns of %%s are read'', $1) '
        'WHEN EXISTS (SELECT FROM %1$I.kpi_tracked AS t WHERE t.below = $1 '
        '             AND kpi.notes_all(%2$L, t.relation, t.replicated) IS NOT TRUE) '
        'THEN format(''a trigger of %%s is gone or not enabled'', $1) END', model, model)
    INTO gap USING below, tells, reads;
    RETURN gap;
END $$;
COMMENT ON FUNCTION noting_gap(model text, below regclass, tells text[], reads text[]) IS
'implementation of refresh: why what is noted of a table does not tell all that has changed in it; '
'NULL if it does';

CREATE FUNCTION notes_all(model text, relation regclass, replicated boolean) RETURNS boolean
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT count(*) = 4 + (replicated AND c.relkind = 'r')::integer
    FROM   pg_class AS c JOIN kpi.noting_triggers(model) AS t ON t.relation = c.oid
    WHERE  c.oid = notes_all.relation AND t.allowed
    AND   (t.enabled IN ('O', 'A') OR t.enabled = 'R' AND replicated)
    GROUP  BY c.relkind;
END;
COMMENT ON FUNCTION notes_all(model text, relation regclass, replicated boolean) IS
'implementation of refresh: whether all triggers are there and enabled that note what changes in a '
'table';

-- How the changed rows of each source are found, and why not better.
CREATE FUNCTION found_by(model text) RETURNS TABLE (source text, how text, why text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH updated AS (   -- a column that came after the model was built is not read
        SELECT c.relname::text AS source
        FROM   kpi.found_reads(model) AS d
               JOIN pg_class AS c ON c.oid = d.relation
               JOIN pg_attribute AS a ON a.attrelid = d.relation AND a.attnum = d.column
        WHERE  a.attname = 'updated_at'
        AND    c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model)
    )
    SELECT s.source,
           CASE WHEN kpi.is_tracked(model) AND t.gap IS NULL THEN 'tracked'
                WHEN s.source IN (SELECT u.source FROM updated AS u)
                THEN 'updated_at' ELSE 'compared' END,
           CASE WHEN kpi.is_tracked(model) THEN t.gap END
    FROM   kpi.sources AS s
           JOIN (SELECT r.source, string_agg(DISTINCT coalesce(
                            r.problem,
                            CASE WHEN kpi.is_tracked(model)
                                 THEN kpi.noting_gap(model, r.below, array_remove(ARRAY[r.tells],
                                                                             NULL), r.reads)
                                      || format('; SELECT * FROM kpi.track(%L) mends it', model)
                            END), '; ') AS gap
                 FROM   kpi.tables_read(model) AS r
                 GROUP  BY r.source) AS t USING (source)
    ORDER  BY s.position;
END;
COMMENT ON FUNCTION found_by(model text) IS
'implementation of refresh: how the changed rows of each source are found: tracked, by updated_at, '
'or compared; and, where changes are noted, why a source is not tracked';

-- What was noted is taken away in the transaction that reads it, so that nothing is lost if that
-- fails.
CREATE FUNCTION take_notes(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- dropped by drop_parts(), as all kpi_diff_...
    CREATE TEMPORARY TABLE kpi_diff_notes (relation oid, "column" text, keys text[])
        ON COMMIT DROP;
    IF kpi.is_tracked(model) THEN
        EXECUTE format(
            'WITH taken AS (DELETE FROM %I.kpi_changes AS c RETURNING c.*) '
            'INSERT INTO pg_temp.kpi_diff_notes SELECT t.* FROM taken AS t', model);
    END IF;
END $$;
COMMENT ON FUNCTION take_notes(model text) IS
'implementation of refresh: takes what has been noted into a temporary table';

-- The query of the keys of rows of a source that the noted rows of a table have a part in.
CREATE FUNCTION noted_query(below regclass, tells text, through regclass[], found_by text[],
                            gives text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written text := kpi.fill(
        'SELECT k.key FROM pg_temp.kpi_diff_notes AS n CROSS JOIN unnest(n.keys) AS k (key) '
        'WHERE n."column" = @tells@ '
        'AND n.relation IN (SELECT d::oid FROM kpi.descendants(@below@::regclass) AS d)',
        jsonb_build_object('tells', quote_literal(tells), 'below', quote_literal(below::text)));
BEGIN
    FOR i IN 1 .. cardinality(through) LOOP
        written := kpi.fill(
            'SELECT to_jsonb(r.@gives@) #>> ''{}'' FROM @through@ AS r '
            'WHERE r.@found by@ = ANY (ARRAY(@query@)::@type@[])',
            jsonb_build_object(
                'gives', quote_ident(gives[i]), 'found by', quote_ident(found_by[i]),
                'through', through[i]::text, 'query', written,
                'type', (SELECT CASE WHEN a.atttypid IN ('smallint'::regtype, 'integer'::regtype)
                                     THEN 'bigint'      -- which it may be compared with
                                     ELSE format_type(a.atttypid, NULL) END
                         FROM   pg_attribute AS a
                         WHERE  a.attrelid = through[i] AND a.attname = found_by[i])));
    END LOOP;
    RETURN written;
END $$;
COMMENT ON FUNCTION noted_query(below regclass, tells text, through regclass[], found_by text[],
    gives text[]) IS
'implementation of refresh: the query of the keys of the rows of a source that the noted rows of a '
'table have a part in, found through other tables';

-- Whether anything was noted of which it is not known what rows of a source it has a part in.
CREATE FUNCTION noted_at_large(model text, source text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM   kpi.tables_read(model) AS r CROSS JOIN LATERAL kpi.descendants(r.below) AS d (oid)
               JOIN pg_temp.kpi_diff_notes AS n ON n.relation = d.oid
        WHERE  r.source = noted_at_large.source AND (n.keys IS NULL OR r.tells IS NULL));
END $$;
COMMENT ON FUNCTION noted_at_large(model text, source text) IS
'implementation of refresh: whether something has changed that any row of a source may have a part '
'in';

CREATE FUNCTION noted_keys(model text, source text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    queries text;
    keys    text[];
BEGIN
    SELECT string_agg(DISTINCT kpi.noted_query(r.below, r.tells, r.through, r.found_by, r.gives),
                      ' UNION ')
    INTO   queries
    FROM   kpi.tables_read(model) AS r
    WHERE  r.source = noted_keys.source AND r.tells IS NOT NULL;
    IF queries IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT array_agg(DISTINCT q.key) FROM (%s) AS q (key)', queries) INTO keys;
    RETURN kpi.keys_read(model, source, keys);
END $$;
COMMENT ON FUNCTION noted_keys(model text, source text) IS
'implementation of refresh: the keys of the rows of a source of which something was noted';

-- Keys as the shop writes them become keys as a model reads them, where these differ.
CREATE FUNCTION keys_read(model text, source text, keys text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    marks jsonb := kpi.kept_marks(model, source);
    read  text[];
BEGIN
    IF keys IS NULL
       OR marks ->> 'shop type' IN ('smallint', 'integer', 'bigint', 'uuid', 'text',
                                     'character varying') THEN
        RETURN keys;
    END IF;
    EXECUTE kpi.fill(
        'SELECT array_agg(DISTINCT to_jsonb(@expression@) #>> ''{}'') '
        'FROM @settings@ AS s CROSS JOIN unnest($1::@shop type@[]) AS r (@key@)',
        marks || jsonb_build_object(
            'settings', format('%I.kpi_settings', model),
            'expression', (SELECT c.expression FROM kpi.found_columns(model) AS c
                           WHERE  c.source = keys_read.source
                           AND    c.name = kpi.kept_key(model, keys_read.source))))
    INTO read USING keys;
    RETURN read;
END $$;
COMMENT ON FUNCTION keys_read(model text, source text, keys text[]) IS
'implementation of refresh: keys of a source as a model reads them';

CREATE FUNCTION notes_replicated(model text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    replicated boolean;
BEGIN
    IF kpi.is_tracked(model) THEN
        EXECUTE format('SELECT coalesce(bool_or(t.replicated), false) FROM %I.kpi_tracked AS t',
                       model) INTO replicated;
    END IF;
    RETURN replicated;
END $$;
COMMENT ON FUNCTION notes_replicated(model text) IS
'implementation of build: whether changes by logical replication are noted, NULL if none are';

-- Of a model that is built anew other columns may be read, or another storage may need no notes.
CREATE FUNCTION renew_notes(model text, storage text, replicated boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF replicated IS NULL THEN
        RETURN;
    ELSIF storage <> 'incremental' THEN
        PERFORM kpi.drop_notes(model);
    ELSIF NOT kpi.is_tracked(model) OR EXISTS (
              SELECT FROM kpi.tables_to_note(model) AS t
              WHERE  kpi.noting_gap(model, t.below, t.tells, t.reads) IS NOT NULL)
    THEN
        PERFORM kpi.drop_notes(model);
        PERFORM kpi.put_notes(model, replicated);
    END IF;
END $$;
COMMENT ON FUNCTION renew_notes(model text, storage text, replicated boolean) IS
'implementation of build: has changes noted, if they were, as a model needs it that was built anew';

CREATE FUNCTION require_kept(model text, what text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    settings record;
BEGIN
    PERFORM kpi.require_model(model, what);
    SELECT * INTO settings FROM kpi.settings_of(model, true);
    IF settings.storage <> 'incremental' THEN
        RAISE EXCEPTION 'model "%" is not refreshed by what has changed', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('Its storage is %s.', settings.storage),
                  HINT = 'Build it so: ' || replace(settings.built_by,
                                                    format('storage => %L', settings.storage),
                                                    'storage => ''incremental''');
    END IF;
END $$;
COMMENT ON FUNCTION require_kept(model text, what text) IS
'implementation of track: an error if a model is none, or has another storage than incremental';

CREATE FUNCTION track(model text, replicated boolean DEFAULT false)
RETURNS TABLE (object text, action text, reason text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF replicated IS NULL THEN
        RAISE EXCEPTION 'replicated of track is NULL' USING ERRCODE = 'null_value_not_allowed',
            HINT = 'Write true if logical replication fills the tables of the shop, else nothing.';
    END IF;
    PERFORM kpi.require_kept(model, 'track');
    PERFORM kpi.lock_model(model, 0, false);
    PERFORM kpi.drop_notes(model);
    PERFORM kpi.put_notes(model, replicated);
    RETURN QUERY
    SELECT 'table ' || n.below, 'tracked',
           concat('for ', array_to_string(n.sources, ', '),
                  ' by ' || nullif(array_to_string(n.tells, ', '), ''))
    FROM   kpi.tables_to_note(model) AS n
    UNION ALL
    SELECT 'source ' || f.source,
           f.how, coalesce(f.why, 'compared after a change of ' || a.tables)
    FROM   kpi.found_by(model) AS f
           LEFT JOIN (SELECT r.source, string_agg(DISTINCT r.below::text, ', ') AS tables
                      FROM   kpi.tables_read(model) AS r WHERE r.tells IS NULL
                      GROUP  BY r.source) AS a USING (source)
    WHERE  f.how <> 'tracked' OR a.tables IS NOT NULL;
END $$;
COMMENT ON FUNCTION track(model text, replicated boolean) IS
'puts triggers on the tables below the sources of a model that was built with storage incremental, '
'so that refresh is told which rows change; replicated: also those that logical replication '
'changes, for which the tables have to be yours. Says which tables are tracked, and which sources '
'cannot be, and why: refresh then goes by updated_at or compares them. Waits for transactions that '
'write to the tables, and lets none write until it is done. Called again it begins anew. An error '
'if the model has another storage';

CREATE FUNCTION untrack(model text) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.require_model(model, 'untrack');
    PERFORM kpi.lock_model(model, 0, false);
    RETURN QUERY SELECT DISTINCT d::text FROM kpi.drop_notes(model) AS d ORDER BY 1;
END $$;
COMMENT ON FUNCTION untrack(model text) IS
'takes away the triggers that track has put on tables, and says which tables had them; refresh '
'then goes by updated_at or compares';
