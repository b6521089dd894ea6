-- define: indicators of a shop's own, beside those of the catalog
--
-- They are rows of a table of the model, indicators, of its owner, so that builds keep them, and
-- pg_dump carries them. Its trigger refuses rows that mean nothing; what they read, and in what a
-- model has it, is asked whenever it is built.

-- What is said of an indicator when it is written, whoever writes it.
CREATE FUNCTION require_definition(indicator text, name text, unit text, direction text)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    units text := (SELECT string_agg(DISTINCT i.unit, ', ') FROM kpi.indicators AS i);
BEGIN
    IF coalesce(indicator, '') !~ '^[a-z][a-z0-9_]*$' OR octet_length(indicator) > 56
       OR quote_ident(indicator) <> indicator OR indicator ~ '_sample$'
       OR indicator IN ('period', 'complete') THEN
        RAISE EXCEPTION 'an indicator cannot be called "%"', indicator
            USING ERRCODE = 'invalid_name',
                  DETAIL = 'It is a column of views: letters a to z, digits and _, a letter first, '
                           '56 of them at most, no word of SQL, neither period nor complete, and '
                           'no _sample at the end.',
                  HINT = 'Write such as brand_awareness.';
    ELSIF coalesce(name, '') !~ '\S' THEN
        RAISE EXCEPTION 'indicator "%" has no name', indicator
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Write what people call it: name => ''Brand awareness''.';
    ELSIF unit IS NULL THEN
        RAISE EXCEPTION 'indicator "%" has no unit', indicator
            USING ERRCODE = 'null_value_not_allowed', DETAIL = 'It says what it is told in.',
                  HINT = format('Write it, as in unit => ''count''. It is one of %s.', units);
    ELSIF position(', ' || unit || ',' IN concat(', ', units, ',')) = 0 IS NOT FALSE
          OR unit LIKE '%,%' THEN
        RAISE EXCEPTION 'unknown unit "%"', unit USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It says what indicator "%s" is told in.', indicator),
            HINT = format('Write one of %s; a percentage is a share or points, a sum of any '
                          'currency money.', units);
    ELSIF direction NOT IN ('up', 'down') THEN
        RAISE EXCEPTION 'unknown direction "%"', direction
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'It says what is better: more, or less.',
                  HINT = 'Write up or down, or leave it out where that depends.';
    ELSIF EXISTS (SELECT FROM kpi.indicators AS i
                  WHERE  require_definition.indicator IN (i.indicator, i.indicator || '_sample'))
    THEN
        RAISE EXCEPTION 'the catalog has an indicator "%"', indicator
            USING ERRCODE = 'duplicate_object', DETAIL = 'Its columns are called so.',
                  HINT = 'Write another name.';
    END IF;
END $$;
COMMENT ON FUNCTION require_definition(indicator text, name text, unit text, direction text) IS
'implementation of define: an error if an indicator cannot be called or told so';

CREATE FUNCTION usual_name(indicator text) RETURNS text LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN upper(left(indicator, 1)) || replace(substr(indicator, 2), '_', ' ');
COMMENT ON FUNCTION usual_name(indicator text) IS
'implementation of define: what an indicator is called in sentences unless it is said';

CREATE FUNCTION filled_in(said text, before text, usual_before text, usual text) RETURNS text
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN said !~ '\S' IS NOT FALSE OR said = before AND before = usual_before
                THEN usual ELSE said END;
COMMENT ON FUNCTION filled_in(said text, before text, usual_before text, usual text) IS
'implementation of define: what is said, or what is usual if nothing is, or what was usual before';

CREATE FUNCTION check_indicators() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- what was filled in follows what it was filled in from
    NEW.name := kpi.filled_in(NEW.name, OLD.name, kpi.usual_name(OLD.indicator),
                              kpi.usual_name(NEW.indicator));
    NEW.name_zh := kpi.filled_in(NEW.name_zh, OLD.name_zh, OLD.name, NEW.name);
    NEW.definition := kpi.filled_in(NEW.definition, OLD.definition, OLD.formula, NEW.formula);
    PERFORM kpi.require_definition(NEW.indicator, NEW.name, NEW.unit, NEW.direction);
    IF TG_OP = 'UPDATE'
       AND (NEW.unit, NEW.direction) IS DISTINCT FROM (OLD.unit, OLD.direction) THEN
        PERFORM kpi.refuse_aimed(
            TG_TABLE_SCHEMA, OLD.indicator, 'which would be judged by another unit or direction',
            format('Write unit => %L, direction => %s again, or end', OLD.unit,
                   quote_nullable(OLD.direction)));
    END IF;
    IF NEW.formula IS NULL THEN
        RAISE EXCEPTION 'indicator "%" has no formula', NEW.indicator
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Write one of indicators and measures: marketing_spend / new_customers.';
    END IF;
    PERFORM kpi.formula_adds_up(NEW.formula);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_indicators() IS
'implementation of define: trigger of the table indicators of a model, which fills in names and '
'definition where they are not said, and refuses what is no indicator';

-- Its context says where, in which the formula is shown; a model of many says which.
CREATE FUNCTION require_own(model text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known   text[] := ARRAY(SELECT i.indicator FROM kpi.indicators_of(model) AS i);
    own     record;
    message text;
    place   text;
    hint    text;
BEGIN
    FOR own IN SELECT * FROM kpi.own_indicators(model) AS o ORDER BY o.position LOOP
        BEGIN
            PERFORM kpi.require_definition(own.indicator, own.name, own.unit, own.direction),
                    kpi.require_formula(own.formula, known, model);
        EXCEPTION WHEN syntax_error OR feature_not_supported OR undefined_column OR data_exception
                       OR invalid_name OR duplicate_object OR name_too_long
                       OR program_limit_exceeded THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT,
                                    place = PG_EXCEPTION_CONTEXT;
            RAISE EXCEPTION 'indicator "%" of model "%": %', own.indicator, model, message
                USING ERRCODE = SQLSTATE,
                      DETAIL = concat(format('Its formula is %s', own.formula), ', where it is at '
                                      || substring(place FROM 'character \d+ of the formula'), '.'),
                      -- each of several by itself, as define and undefine ask for all of them
                      HINT = concat_ws(' ', hint, format(
                          'Write it anew: UPDATE %1$I.indicators SET %3$s = ''...'' WHERE '
                          'indicator = %2$L; or take it away: DELETE FROM %1$I.indicators WHERE '
                          'indicator = %2$L', model, own.indicator,
                          CASE WHEN SQLSTATE IN ('42602', '42710') THEN 'indicator'
                               ELSE 'formula' END));
        END;
    END LOOP;
    SELECT r.indicator INTO own FROM kpi.own_reads(model) AS r
    WHERE  r.kind = 'indicator' AND r.read = r.indicator ORDER BY r.indicator LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'indicator "%" reads itself', own.indicator
            USING ERRCODE = 'invalid_recursion',
                  DETAIL = 'It does so by way of ' || (
                      SELECT string_agg(r.read, ', ' ORDER BY r.read)
                      FROM   kpi.own_reads(model) AS r
                      WHERE  r.indicator = own.indicator AND r.kind = 'indicator'
                      AND    EXISTS (SELECT FROM kpi.own_reads(model) AS b
                                     WHERE  b.indicator = r.read AND b.read = own.indicator
                                     AND    b.kind = 'indicator')) || '.',
                  HINT = concat('Write formulas of which one comes first, by kpi.define', (
                      SELECT format('; what the source measures has by this name is written '
                                    'measure(%L)', own.indicator)
                      FROM   kpi.own_indicators(model) AS o
                             CROSS JOIN LATERAL kpi.formula_pieces(o.formula) AS p
                      WHERE  p.piece = o.indicator AND p.kind = 'indicator'
                      AND    o.indicator = own.indicator LIMIT 1), '.');
    END IF;
END $$;
COMMENT ON FUNCTION require_own(model text) IS
'implementation of build: an error if an indicator that the model has defined itself cannot be '
'computed, which says where in its formula';

-- The table is ours if it has the columns; its triggers may have gone away with the extension.
CREATE FUNCTION put_own_table(model text, owner text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    what    text := format('%I.indicators', model);
    command text;
BEGIN
    IF to_regclass(what) IS NULL THEN
        EXECUTE format('CREATE TABLE %s (indicator text PRIMARY KEY, formula text NOT NULL, '
                       'name text NOT NULL, name_zh text NOT NULL, unit text NOT NULL, '
                       'direction text, definition text NOT NULL, '
                       'position integer NOT NULL GENERATED BY DEFAULT AS IDENTITY)', what);
        EXECUTE format('GRANT SELECT ON %s TO PUBLIC', what);
        IF pg_has_role(owner::regrole, 'MEMBER') THEN   -- whoever calls it
            EXECUTE format('ALTER TABLE %s OWNER TO %s', what, owner);
        END IF;
    ELSIF NOT kpi.has_own(model)
          AND (SELECT array_agg(a.attname || ' ' || a.atttypid::regtype ORDER BY a.attnum)
               FROM   pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
               WHERE  c.oid = to_regclass(what) AND c.relkind = 'r' AND a.attnum > 0)
              IS DISTINCT FROM '{indicator text,formula text,name text,name_zh text,unit text,'
                               'direction text,definition text,position integer}'::text[] THEN
        RAISE EXCEPTION 'schema "%" has a relation "indicators" that is none of define', model
            USING ERRCODE = 'duplicate_table',
                  DETAIL = 'It has other columns than the table in which define keeps indicators.',
                  HINT = format('Give it another name: ALTER TABLE %s RENAME TO ...', what);
    END IF;
    FOR command IN
        SELECT format('COMMENT ON COLUMN %s.%s IS %L', what, c.name, c.meaning)
        FROM   (VALUES ('indicator', 'the indicator, a column of views'),
                       ('formula', 'how it is computed, from other indicators and measures'),
                       ('name', 'its English name; that of its column unless it is given'),
                       ('name_zh', 'its Chinese name; the English one unless it is given'),
                       ('unit', 'its unit, as those of kpi.catalog'),
                       ('direction', 'up if more is better, down if less is; NULL if that depends'),
                       ('definition', 'what it is, in a sentence; the formula unless it is given'),
                       ('position', 'order in which they are listed')) AS c (name, meaning)
        UNION ALL
        SELECT format('COMMENT ON TABLE %s IS %L', what, 'The indicators that this model has '
                      'beside those of the catalog. Written by kpi.define and kpi.undefine; '
                      'rows may be written, too, and are shown once the model is built again.')
        UNION ALL
        SELECT format('CREATE OR REPLACE TRIGGER kpi_check BEFORE INSERT OR UPDATE ON %s '
                      'FOR EACH ROW EXECUTE FUNCTION kpi.check_indicators()', what)
    LOOP
        EXECUTE command;
    END LOOP;
END $$;
COMMENT ON FUNCTION put_own_table(model text, owner text) IS
'implementation of define: makes the table indicators of a model, or its triggers anew; an error '
'if something else has its name';

CREATE FUNCTION refuse_aimed(model text, indicator text, because text, advice text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    aimed record;
BEGIN
    SELECT string_agg(format('target %s until %s', t.target_id, t.ends), ', ') AS targets,
           string_agg(t.command, '; ') AS commands
    INTO   aimed
    FROM   kpi.unended_targets(model) AS t WHERE t.kpi = indicator;
    IF aimed.targets IS NOT NULL THEN
        RAISE EXCEPTION 'targets of model "%" are of "%"', model, indicator
            USING ERRCODE = 'dependent_objects_still_exist',
                  DETAIL = format('They are %s, %s.', aimed.targets, because),
                  HINT = format('%s them with the running period, and call it again: %s', advice,
                                aimed.commands);
    END IF;
END $$;
COMMENT ON FUNCTION refuse_aimed(model text, indicator text, because text, advice text) IS
'implementation of define and undefine: an error that says why if targets of an indicator go on '
'beyond the running period, and how to end them';

CREATE FUNCTION define(model text, indicator text, formula text DEFAULT NULL,
                       name text DEFAULT NULL, unit text DEFAULT NULL,
                       direction text DEFAULT NULL, definition text DEFAULT NULL,
                       name_zh text DEFAULT NULL)
RETURNS TABLE (object text, action text, reason text) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    built  record;
    before record;
BEGIN
    SELECT * INTO built FROM kpi.settings_of(model, false);
    PERFORM kpi.lock_model(model, 0, true);
    PERFORM kpi.require_definition(indicator, coalesce(name, indicator), unit, direction);
    IF indicator = ANY (built.dimensions) THEN
        RAISE EXCEPTION 'model "%" has a dimension "%"', model, indicator
            USING ERRCODE = 'duplicate_object', DETAIL = 'Its column is called so.',
                  HINT = 'Write another name.';
    END IF;
    PERFORM kpi.require_formula(formula, indicator || ARRAY(
        SELECT i.indicator FROM kpi.indicators_of(model) AS i), model);
    PERFORM kpi.put_own_table(model, built.owner);
    PERFORM kpi.require_owners(model, 'define');    -- which look at the table, now that it is ours
    SELECT * INTO before FROM kpi.own_indicators(model) AS o WHERE o.indicator = define.indicator;
    EXECUTE format(
        'INSERT INTO %I.indicators AS o (indicator, formula, name, unit, direction) '
        'VALUES ($1, $2, $3, $4, $5) ON CONFLICT (indicator) DO UPDATE '
        'SET (formula, name, unit, direction, definition, name_zh) '
        '= (excluded.formula, excluded.name, excluded.unit, excluded.direction, NULL, NULL)', model)
    USING indicator, formula, name, unit, direction;
    -- what is said stays, be it what was filled in before
    EXECUTE format('UPDATE %I.indicators AS o SET (definition, name_zh) '
                   '= (coalesce($2, o.definition), coalesce($3, o.name_zh)) WHERE o.indicator = $1',
                   model)
    USING indicator, definition, name_zh;
    object := 'indicator ' || indicator;
    action := CASE WHEN before.indicator IS NULL THEN 'defined' ELSE 'changed' END;
    reason := formula;
    RETURN NEXT;
    IF unit = 'count' AND NOT kpi.formula_adds_up(formula) THEN
        action := 'in whole numbers';
        reason := 'and judged by them, as a count is; for decimals write unit => ''quantity''';
        RETURN NEXT;
    END IF;
    IF before.formula <> formula THEN
        RETURN QUERY
        SELECT 'target ' || t.target_id, 'judged anew', 'by this formula, also what is over'
        FROM  (SELECT define.indicator
               UNION
               SELECT r.indicator FROM kpi.own_reads(model) AS r
               WHERE  r.kind = 'indicator' AND r.read = define.indicator) AS i (name)
              CROSS JOIN LATERAL kpi.targets_of(model, i.name) AS t
        ORDER  BY t.target_id;
    END IF;
    RETURN QUERY EXECUTE format('SELECT r.* FROM (%s) AS r WHERE r.object = %L '
                                'OR r.action IN (''created'', ''dropped'', ''cannot be read'')',
                                built.built_by, 'indicator ' || indicator);
END $$;
COMMENT ON FUNCTION define(model text, indicator text, formula text, name text, unit text,
    direction text, definition text, name_zh text) IS
'gives a model an indicator of its own, or another formula to one it has, and builds it again as '
'it was built: a column of its views then, with comment, as those of the catalog are. The formula '
'is arithmetic over indicators and measure(''...''), with the functions abs, ceil, coalesce, '
'floor, greatest, least, nullif and round; the unit one of the catalog; the name is that of '
'the column and the definition the formula unless they are said. Says what was defined, what it '
'needs if the model has not all that it reads, and which targets are judged by another formula '
'now. An error, which says where, for any other formula, and for another unit or direction while a '
'target goes on beyond the running period';

CREATE FUNCTION undefine(model text, indicator text)
RETURNS TABLE (object text, action text, reason text) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    built   record;
    readers text;
BEGIN
    SELECT * INTO built FROM kpi.settings_of(model, false);
    PERFORM kpi.lock_model(model, 0, true);
    IF NOT EXISTS (SELECT FROM kpi.own_indicators(model) AS o
                   WHERE  o.indicator = undefine.indicator) THEN
        RAISE EXCEPTION 'model "%" has not defined an indicator "%"', model, indicator
            USING ERRCODE = 'undefined_object',
                  HINT = CASE WHEN kpi.has_own(model)
                              THEN concat_ws(' ', kpi.perhaps_meant(indicator, ARRAY(
                                       SELECT o.indicator FROM kpi.own_indicators(model) AS o)),
                                       format('SELECT indicator, formula FROM %I.indicators lists '
                                              'them.', model))
                              ELSE 'kpi.define does that.' END;
    END IF;
    -- first, as it may be one that cannot be read any more
    EXECUTE format('DELETE FROM %I.indicators AS o WHERE o.indicator = $1', model) USING indicator;
    SELECT string_agg(DISTINCT r.indicator, ', ') INTO readers
    FROM   kpi.own_reads(model) AS r
    WHERE  r.kind = 'indicator' AND r.read = undefine.indicator;
    IF readers IS NOT NULL THEN
        RAISE EXCEPTION 'other indicators of model "%" read "%"', model, indicator
            USING ERRCODE = 'dependent_objects_still_exist',
                  DETAIL = format('They are %s.', readers),
                  HINT = 'Give them other formulas first, or take them away.';
    END IF;
    PERFORM kpi.refuse_aimed(model, indicator, 'of which nothing could be told', 'End');
    object := 'indicator ' || indicator;
    action := 'dropped';
    reason := 'it is not defined any more';
    RETURN NEXT;
    RETURN QUERY EXECUTE format('SELECT r.* FROM (%s) AS r WHERE r.action IN (''created'', '
                                '''dropped'')', built.built_by);
END $$;
COMMENT ON FUNCTION undefine(model text, indicator text) IS
'takes away an indicator that a model has defined itself, and builds it again as it was built; '
'says what was dropped; an error if it has no such indicator, others read it, or targets are of it '
'that go on beyond the running period';
