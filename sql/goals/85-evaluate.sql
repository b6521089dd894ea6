-- evaluate: records how targets stand, and tells what has changed
--
-- A status is written once for each target and period, and again when it has become another; that
-- and its being told are one transaction, so nothing is told that is not recorded, nor twice.
-- LISTEN is open to every role of the database: what is told is by default only which target has
-- changed, of what period, and from what to what.

-- A payload has to be shorter than 8000 bytes: what people have written is cut until it is.
CREATE FUNCTION change_message(change jsonb) RETURNS text LANGUAGE SQL IMMUTABLE STRICT
BEGIN ATOMIC
    SELECT m.message
    FROM   unnest('{2000,500,100,20,0}'::integer[]) AS l (longest)
           CROSS JOIN LATERAL (
               SELECT jsonb_object_agg(c.key, CASE
                          WHEN c.key IN ('owner', 'why') AND length(c.value #>> '{}') > l.longest
                          THEN to_jsonb(left(c.value #>> '{}', l.longest) || '…')
                          ELSE c.value END)::text
               FROM   jsonb_each(change) AS c) AS m (message)
    WHERE  octet_length(m.message) < 8000
    ORDER  BY l.longest DESC LIMIT 1;
END;
COMMENT ON FUNCTION change_message(change jsonb) IS
'implementation of evaluate: a change as a line of JSON that NOTIFY takes';

CREATE FUNCTION require_goals(model text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT kpi.has_goals(model) THEN
        RAISE EXCEPTION 'model "%" has no targets', model
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('SELECT * FROM kpi.goals(%L) makes the tables of goals.', model);
    END IF;
END $$;
COMMENT ON FUNCTION require_goals(model text) IS
'implementation of what works on targets: an error if a model has not the tables that goals() '
'makes';

-- Who waited for another evaluation has to see what that has written, which a transaction does not
-- that sees the database as it was before.
CREATE FUNCTION require_evaluable(model text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean THEN
        RAISE EXCEPTION 'statuses cannot be recorded here'
            USING ERRCODE = 'read_only_sql_transaction',
                  DETAIL = CASE WHEN pg_is_in_recovery() THEN 'This server is a replica.'
                                ELSE 'The transaction is read only.' END,
                  HINT = format('Call it where the model is written; SELECT * FROM %I.scorecard '
                                'shows how targets stand anywhere.', model);
    ELSIF current_setting('transaction_isolation') NOT LIKE 'read %' THEN
        RAISE EXCEPTION 'statuses cannot be recorded in a transaction that is %',
                        current_setting('transaction_isolation')
            USING ERRCODE = 'active_sql_transaction',
                  DETAIL = 'It would not see what another evaluation has recorded meanwhile, and '
                           'tell it twice.',
                  HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED, or call it without BEGIN.';
    END IF;
    PERFORM kpi.settings_of(model, false), kpi.require_goals(model);
END $$;
COMMENT ON FUNCTION require_evaluable(model text) IS
'implementation of evaluate: an error where nothing can be recorded, or not seen by all';

-- A target that somebody else has written may not be read yet. Nothing is written where the model
-- has not what it is about.
CREATE FUNCTION read_targets(model text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM
    FROM   kpi.target_indicators(model) AS t
           JOIN pg_attribute AS a
                ON  a.attrelid = to_regclass(format('%I.%I', model,
                                             concat('kpi_', t.grain, '_by_' || t.dimension)))
                AND a.attname = t.indicator AND NOT a.attisdropped
    WHERE  NOT kpi.is_read(model, t.indicator, t.grain, t.dimension);
    IF FOUND THEN
        PERFORM kpi.lock_model(model, 0, true), kpi.put_target_views(model);
    END IF;
END $$;
COMMENT ON FUNCTION read_targets(model text) IS
'implementation of evaluate: has the views of what targets are about read what is not read yet';

-- The rows of scorecard_history that may say something new: those of scorecard, as figures of the
-- last period that is over can still change, and from the last one that was recorded on, so that
-- what was not looked at in time is looked at late.
CREATE FUNCTION evaluate(model text, details boolean DEFAULT false)
RETURNS TABLE (target_id bigint, owner text, kpi text, period date, old text, new text,
               value double precision, target double precision, why text)
-- compiling the plan of all views takes longer than running it
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
#variable_conflict use_column
DECLARE
    standing record;
    recorded jsonb;
    known    text;
BEGIN
    PERFORM kpi.require_evaluable(model);
    PERFORM kpi.read_targets(model);
    PERFORM kpi.lock_model(model, 2, true);
    EXECUTE format('SELECT jsonb_object_agg(s.target_id, s.period) FROM (SELECT target_id, '
                   'max(period) AS period FROM %I.statuses GROUP BY target_id) AS s', model)
    INTO    recorded;
    FOR standing IN EXECUTE format(
        'SELECT h.* FROM %I.scorecard_history AS h '
        'WHERE h.current OR h.period >= ($1 ->> h.target_id::text)::date '
        'ORDER BY h.target_id, h.period', model) USING recorded
    LOOP
        EXECUTE format('SELECT s.status FROM %I.statuses AS s WHERE s.target_id = $1 '
                       'AND s.period = $2 ORDER BY s.status_id DESC LIMIT 1', model)
        INTO    known USING standing.target_id, standing.period;
        CONTINUE WHEN known = standing.status;
        EXECUTE format('SELECT s.status FROM %I.statuses AS s WHERE s.target_id = $1 '
                       'AND s.period <= $2 AND s.status <> ''too_early'' '
                       'ORDER BY s.period DESC, s.status_id DESC LIMIT 1', model)
        INTO    old USING standing.target_id, standing.period;
        EXECUTE format('INSERT INTO %I.statuses (target_id, period, value, sample_size, status) '
                       'VALUES ($1, $2, $3, $4, $5)', model)
        USING   standing.target_id, standing.period, standing.value, standing.sample_size,
                standing.status;
        CONTINUE WHEN standing.status = 'too_early' OR standing.status = old;
        SELECT standing.target_id, standing.owner, standing.kpi, standing.period, standing.status,
               standing.value, standing.asked, standing.why
        INTO   target_id, owner, kpi, period, new, value, target, why;
        PERFORM pg_notify('kpi', kpi.change_message(
                    jsonb_build_object('model', model, 'target_id', target_id, 'period', period,
                                       'old', old, 'new', new)
                    || CASE WHEN details
                            THEN jsonb_build_object('owner', owner, 'kpi', kpi, 'value', value,
                                                    'target', target, 'why', why)
                            ELSE '{}' END));
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION evaluate(model text, details boolean) IS
'records how the targets of a model stand, in its table statuses, and gives what has changed since '
'it was last recorded: a row for each target and period with another status, old being NULL for '
'the first; too_early is recorded, but is no change. Each change is told on the channel kpi '
'(LISTEN kpi), a line of JSON with model, target_id, period, old and new; with details, which '
'everybody in the database can listen to, also owner, kpi, value, target (what is asked) and why. '
'What no target was about before is read from then on. '
'Another evaluation waits. An error on a replica, and in a transaction that is not read committed';

CREATE FUNCTION acknowledge(model text, status_id bigint DEFAULT NULL, note text DEFAULT NULL,
                            by text DEFAULT current_user, target_id bigint DEFAULT NULL)
RETURNS SETOF bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    meant record;
    mine  boolean;
BEGIN
    PERFORM kpi.require_schema(model, 'Write the name of a model, the schema that build was '
                                      'called with.');
    PERFORM kpi.require_goals(model);
    IF num_nonnulls(status_id, target_id) <> 1 THEN
        RAISE EXCEPTION 'it is not said what is acknowledged'
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Write the status_id, or target_id => ... for all of a target.';
    END IF;
    SELECT pg_has_role(c.relowner, 'USAGE') INTO mine
    FROM   pg_class AS c WHERE c.oid = format('%I.statuses', model)::regclass;
    FOR meant IN EXECUTE format(
        'SELECT s.status_id, t.target_id, t.owner FROM %1$I.statuses AS s '
        'JOIN %1$I.targets AS t USING (target_id) WHERE s.status_id = $1 '
        'OR t.target_id = $2 AND s.acknowledged_by IS NULL ORDER BY s.status_id', model)
        USING status_id, target_id
    LOOP
        IF NOT mine AND (by <> current_user OR meant.owner IS DISTINCT FROM current_user
                         AND NOT EXISTS (SELECT FROM pg_roles AS r
                                         WHERE  r.rolname = meant.owner
                                         AND    pg_has_role(r.oid, 'USAGE'))) THEN
            RAISE EXCEPTION 'target % is not one of "%"', meant.target_id, by
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = format('Its owner is %s. Who does not own the model acknowledges '
                                      'what is theirs, in their own name.',
                                      coalesce(meant.owner, 'nobody')),
                      HINT = 'Let its owner call it, or the owner of the model.';
        END IF;
        EXECUTE format('UPDATE %I.statuses AS s SET acknowledged_by = $2, acknowledged_at = now(), '
                       'note = coalesce($3, s.note) WHERE s.status_id = $1', model)
        USING   meant.status_id, by, note;
        RETURN NEXT meant.status_id;
    END LOOP;
    IF status_id IS NOT NULL AND meant IS NULL THEN
        RAISE EXCEPTION 'model "%" has no status %', model, status_id
            USING ERRCODE = 'no_data_found',
                  HINT = format('SELECT status_id, target_id, status FROM %I.statuses lists them.',
                                model);
    ELSIF meant IS NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.targets AS t WHERE t.target_id = $1)', model)
        INTO    mine USING target_id;
        IF NOT mine THEN
            RAISE EXCEPTION 'model "%" has no target %', model, target_id
                USING ERRCODE = 'no_data_found',
                      HINT = format('SELECT target_id, kpi FROM %I.targets lists them.', model);
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION acknowledge(model text, status_id bigint, note text, by text,
    target_id bigint) IS
'says that somebody has seen a status of a model, or all of a target that nobody has acknowledged, '
'with a note; gives the numbers of the statuses. Who does not own the model needs SELECT on '
'targets and statuses, UPDATE on the columns acknowledged_by, acknowledged_at and note of '
'statuses, and can acknowledge only targets whose owner they are, by name or as a role';
