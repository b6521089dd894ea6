-- revise: a target is changed together with the review that says why

-- The checkpoints of a target as one value: dates and what is due on them.
CREATE FUNCTION checkpoints_of(model text, target_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found jsonb;
BEGIN
    EXECUTE format('SELECT coalesce(jsonb_object_agg(c.due_on, c.value), ''{}'') '
                   'FROM %I.checkpoints AS c WHERE c.target_id = $1', model)
    INTO    found USING target_id;
    RETURN found;
END $$;
COMMENT ON FUNCTION checkpoints_of(model text, target_id bigint) IS
'implementation of revise: the checkpoints of a target, value by date';

CREATE FUNCTION put_checkpoints(model text, target_id bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('INSERT INTO %1$I.checkpoints AS c (target_id, due_on, value) '
                   'SELECT $1, d.key::date, d.value::numeric FROM jsonb_each_text($2) AS d '
                   'WHERE d.value IS NOT NULL AND NOT EXISTS ('
                   'SELECT FROM %1$I.checkpoints AS c WHERE c.target_id = $1 '
                   'AND c.due_on = d.key::date AND c.value = d.value::numeric) '
                   'ON CONFLICT (target_id, due_on) DO UPDATE SET value = excluded.value', model)
    USING   target_id, changes;
END $$;
COMMENT ON FUNCTION put_checkpoints(model text, target_id bigint, changes jsonb) IS
'implementation of revise: writes the checkpoints that are not NULL, where that changes anything';

CREATE FUNCTION revise(model text, target_id bigint, new_target numeric DEFAULT NULL,
                       reason text DEFAULT NULL, reviewer text DEFAULT current_user,
                       new_upper numeric DEFAULT NULL, next_review date DEFAULT NULL,
                       changes jsonb DEFAULT '{}') RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before  jsonb;
    after   jsonb;
    -- dates may be written in any way; in reviews they are those of ISO 8601, as jsonb has them
    dates   jsonb := (SELECT jsonb_object_agg(d.key::date, d.value)
                      FROM   jsonb_each(changes -> 'checkpoints') AS d);
    unknown text;
    made    bigint;
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that build was '
                                      'called with.');
    IF NOT kpi.has_goals(model) THEN
        RAISE EXCEPTION 'model "%" has no targets', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT * FROM kpi.goals(%L) makes the tables of goals.', model);
    END IF;
    EXECUTE format('SELECT to_jsonb(t) FROM %I.targets AS t WHERE t.target_id = $1 FOR UPDATE',
                   model) INTO before USING target_id;
    IF before IS NULL THEN
        RAISE EXCEPTION 'model "%" has no target %', model, target_id
            USING ERRCODE = 'no_data_found',
                  HINT = format('SELECT target_id, kpi, owner FROM %I.targets lists them.', model);
    END IF;
    SELECT c.key INTO unknown FROM jsonb_object_keys(changes - 'checkpoints') AS c (key)
    WHERE  NOT before ? c.key OR c.key = 'target_id' LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no "%" to be changed', unknown
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('Write columns of targets: changes => ''{"ends": "%s"}''; and for '
                                'checkpoints ''{"checkpoints": {"%s": 120}}''.',
                                before ->> 'ends', before ->> 'ends');
    END IF;
    after := before || (changes - 'checkpoints')
             || jsonb_strip_nulls(jsonb_build_object('target', new_target, 'upper', new_upper));
    -- as the table will have it: of its types, and complete
    EXECUTE format('SELECT to_jsonb(jsonb_populate_record(NULL::%I.targets, $1))', model)
    INTO    after USING kpi.completed_target(model, after, before);
    before := before || jsonb_build_object('checkpoints', kpi.checkpoints_of(model, target_id));
    after := after || jsonb_build_object('checkpoints', jsonb_strip_nulls(
                          (before -> 'checkpoints') || coalesce(dates, '{}')));

    EXECUTE format('INSERT INTO %I.reviews (target_id, reviewer, decision, reason, next_review, '
                   'before, after) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING review_id', model)
    INTO    made
    USING   target_id, reviewer, CASE WHEN before = after THEN 'kept' ELSE 'revised' END, reason,
            next_review, CASE WHEN before <> after THEN before END,
            CASE WHEN before <> after THEN after END;
    -- those taken away before the dates of the target may change, the others when they have
    IF dates IS NOT NULL THEN
        EXECUTE format('DELETE FROM %I.checkpoints AS c WHERE c.target_id = $1 '
                       'AND c.due_on IN (SELECT d.key::date FROM jsonb_each_text($2) AS d '
                       'WHERE d.value IS NULL)', model) USING target_id, dates;
    END IF;
    EXECUTE kpi.fill('UPDATE @model@.targets AS t SET (@columns@) = (SELECT @new@ FROM '
                     'jsonb_populate_record(NULL::@model@.targets, $2) AS r) '
                     'WHERE t.target_id = $1 AND to_jsonb(t) <> $2 - ''checkpoints''',
                     (SELECT jsonb_build_object(
                          'model', quote_ident(model),
                          'columns', string_agg(quote_ident(k.key), ', '),
                          'new', string_agg('r.' || quote_ident(k.key), ', '))
                      FROM   jsonb_object_keys(before - '{target_id,checkpoints}'::text[])
                             AS k (key)))
    USING   target_id, after;
    IF dates IS NOT NULL THEN
        PERFORM kpi.put_checkpoints(model, target_id, dates);
    END IF;
    RETURN made;
END $$;
COMMENT ON FUNCTION revise(model text, target_id bigint, new_target numeric, reason text,
    reviewer text, new_upper numeric, next_review date, changes jsonb) IS
'reviews a target of a model: writes why, what it was and what it becomes to its table reviews, '
'changes it, and gives the number of the review. What is left out stays; changes has any other '
'column by name, {"ends": "2026-12-31"}, and checkpoints by date, NULL for one that is taken away. '
'With no change the review says that the target is kept. Who calls it needs the rights to write '
'reviews and targets, and to read those and checkpoints; an error without a reason, or if the '
'target would mean nothing';

CREATE FUNCTION reads_targets(model text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN kpi.has_goals(model) AND (
        SELECT count(*) FILTER (WHERE has_table_privilege(c.oid, 'SELECT')) = 4
        FROM   pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE  n.nspname = model
        AND    c.relname IN ('targets', 'checkpoints', 'kpi_settings', 'kpi_grains'));
COMMENT ON FUNCTION reads_targets(model text) IS
'implementation of undefine, check and the table targets: whether the caller may read what says '
'which targets of a model go on';

-- The running period of a target, and its first one, are the earliest that it can end with.
CREATE FUNCTION unended_targets(model text)
RETURNS TABLE (target_id bigint, kpi text, grain text, dimension text, ends date, command text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kpi.reads_targets(model) THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE kpi.fill(
        'SELECT t.target_id, t.kpi, t.grain, t.dimension, t.ends, format(''SELECT kpi.revise(%L, '
        '%s, reason => ''''ended before its time'''', changes => %L)'', @name@, t.target_id, '
        'jsonb_build_object(''ends'', l.day) || coalesce((SELECT jsonb_build_object('
        '''checkpoints'', jsonb_object_agg(c.due_on, NULL)) FROM @model@.checkpoints AS c '
        'WHERE c.target_id = t.target_id AND c.due_on > l.day HAVING count(*) > 0), ''{}'')) '
        'FROM @model@.targets AS t CROSS JOIN @model@.kpi_settings AS s '
        'JOIN @model@.kpi_grains AS g ON g.grain = t.grain '
        'CROSS JOIN LATERAL (SELECT greatest(t.starts, s.today) AS day) AS e '
        'CROSS JOIN LATERAL (SELECT least(p.until - 1, CASE t.grain WHEN ''all'' THEN e.day '
        'ELSE ''infinity'' END) AS day FROM kpi.periods(g.name, e.day, e.day) AS p) AS l '
        'WHERE t.ends > l.day ORDER BY t.target_id',
        jsonb_build_object('model', quote_ident(model), 'name', quote_literal(model)));
END $$;
COMMENT ON FUNCTION unended_targets(model text) IS
'implementation of define, undefine and check: the targets of a model that go on beyond the '
'running period, as far as the caller may read them, and the call that ends them with it, or with '
'their first one';

CREATE FUNCTION targets_of(model text, indicator text) RETURNS TABLE (target_id bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kpi.reads_targets(model) THEN
        RETURN QUERY EXECUTE format('SELECT t.target_id FROM %I.targets AS t WHERE t.kpi = $1 '
                                    'ORDER BY t.target_id', model) USING indicator;
    END IF;
END $$;
COMMENT ON FUNCTION targets_of(model text, indicator text) IS
'implementation of define: the targets of an indicator, as far as the caller may read them';

CREATE FUNCTION check_goals(model text)
RETURNS TABLE (trap text, source text, rows bigint, of_rows bigint, detail text, advice text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT 'untold_target', 'targets', count(*) FILTER (WHERE t.untold), count(*),
           string_agg(format('%s of %s', u.target_id, u.kpi), ', ' ORDER BY u.target_id)
               FILTER (WHERE t.untold),
           'tell it again: kpi.define, or the source it needs; or end them: '
           || string_agg(u.command, '; ' ORDER BY u.target_id) FILTER (WHERE t.untold)
    FROM   kpi.unended_targets(model) AS u
           CROSS JOIN LATERAL (
               SELECT NOT kpi.tells(model, u.kpi, u.grain, u.dimension)) AS t (untold)
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION check_goals(model text) IS
'implementation of check: the targets of a model that go on although it does not tell what they '
'are about';
