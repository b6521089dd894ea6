-- refuse: rows of the tables of goals that mean nothing are refused when they are written
--
-- One trigger function for each table, which runs with the rights of who writes the row. That a
-- table has a column is read from the catalogs, which everybody can, so that INSERT on a table is
-- all that is needed to write to it; where more has to be read, the function says so.

CREATE FUNCTION owns_table(model text, name text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c
            WHERE  c.oid = to_regclass(format('%I.%I', model, name)));
COMMENT ON FUNCTION owns_table(model text, name text) IS
'implementation of the tables of goals: whether the current user is the owner of one, or in that '
'role';

CREATE FUNCTION require_choice(given text, "column" text, choices text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF given IS NULL THEN
        PERFORM kpi.refuse_row('not_null_violation', "column", format('%s is not said', "column"),
                               'It has to be known.',
                               format('Write one of %s.', array_to_string(choices, ', ')));
    ELSIF given <> ALL (choices) THEN
        PERFORM kpi.refuse_row('invalid_parameter_value', "column",
                               format('unknown %s "%s"', "column", given),
                               'There is none of this name.',
                               format('Write one of %s.', array_to_string(choices, ', ')));
    END IF;
END $$;
COMMENT ON FUNCTION require_choice(given text, "column" text, choices text[]) IS
'implementation of the tables of goals: an error unless a column says one of these';

-- What an indicator can be. What is far above 1 is a percentage also where a share has no end, as
-- that of the cost in the sales, and an NPS of 0.4 one that was divided by 100; what it was to
-- start with, or is elsewhere, may be as near to 0 as that, and so may points of a shop's own.
CREATE FUNCTION require_number(model text, given numeric, "column" text, indicator text)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    allowed record;
BEGIN
    IF given = 'NaN' OR abs(given) = 'Infinity' THEN
        PERFORM kpi.refuse_row('numeric_value_out_of_range', "column",
                               format('%s is %s', "column", given),
                               'It cannot be compared with anything.', 'Write a number.');
    END IF;
    SELECT i.unit, i.category, b.lowest,
           coalesce(b.highest, CASE WHEN i.unit IN ('share', 'growth') THEN 10 END) AS highest
    INTO   allowed
    FROM   kpi.indicators_of(model) AS i CROSS JOIN LATERAL kpi.bounds_of(i) AS b
    WHERE  i.indicator = require_number.indicator;
    IF given < allowed.lowest OR given > allowed.highest THEN
        PERFORM kpi.refuse_row(
            'numeric_value_out_of_range', "column", format('%s is %s', "column", given),
            format('%s is told as %s,', indicator, allowed.unit)
            || concat(' ' || allowed.lowest, CASE WHEN allowed.lowest IS NULL THEN ' at most'
                                                  WHEN allowed.highest IS NULL THEN ' or more'
                                                  ELSE ' to' END, ' ' || allowed.highest, '.'),
            CASE allowed.unit
                WHEN 'share' THEN CASE
                    WHEN given < 0 THEN 'It cannot be negative: write what it shall be.'
                    WHEN given > 100 * allowed.highest THEN 'Write 70 % as 0.7.'
                    ELSE format('Write %s %% as %s.', trim_scale(given),
                                trim_scale(given / 100)) END
                WHEN 'growth' THEN 'Write 20 % more as 0.2.'
                WHEN 'points' THEN 'Write 42 points as 42.'
                WHEN 'score' THEN 'Scores are told on a scale of 1 to 5, whatever they were asked '
                                  'on.'
                ELSE 'It cannot be negative: write what it shall be.' END);
    ELSIF allowed.unit = 'points' AND allowed.category <> 'own' AND given <> 0 AND abs(given) < 1
          AND "column" IN ('target', 'upper', 'value') THEN
        PERFORM kpi.refuse_row(
            'numeric_value_out_of_range', "column", format('%s is %s', "column", given),
            format('%s is told in points, -100 to 100, not as a share.', indicator),
            format('Write %s points as %1$s.', trim_scale(100 * given)));
    END IF;
END $$;
COMMENT ON FUNCTION require_number(model text, given numeric, "column" text, indicator text) IS
'implementation of the tables of goals: an error unless an indicator can be so; NULL for a number '
'that is none of an indicator';

CREATE FUNCTION require_dates(starts date, ends date) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT isfinite(starts) OR NOT isfinite(ends) THEN
        PERFORM kpi.refuse_row('datetime_field_overflow',
                               CASE WHEN isfinite(starts) THEN 'ends' ELSE 'starts' END,
                               'a date is infinite', 'Paths and forecasts need both ends.',
                               'Write a day.');
    ELSIF starts > ends THEN
        PERFORM kpi.refuse_row('check_violation', 'ends',
                               format('it ends on %s, before it starts on %s', ends, starts),
                               'Both days are part of it.', 'Write the last day as ends.');
    END IF;
END $$;
COMMENT ON FUNCTION require_dates(starts date, ends date) IS
'implementation of the tables of goals: an error if dates cross or are infinite';

-- Where the periods of a grain start the trigger was told; grain all is one period.
CREATE FUNCTION require_periods(starts date, ends date, grain text, grain_name text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first date;
    last  date;
    after date;
BEGIN
    IF grain = 'all' THEN
        RETURN;
    END IF;
    first := kpi.bucket(grain_name, starts);
    last := kpi.bucket(grain_name, ends + 1) - 1;
    IF (first, last) IS DISTINCT FROM (starts, ends) THEN
        SELECT max(p.until) INTO after FROM kpi.periods(grain_name, ends, ends) AS p;
        PERFORM kpi.refuse_row(
            'check_violation', CASE WHEN first = starts THEN 'ends' ELSE 'starts' END,
            format('%s to %s are no whole periods of grain %s', starts, ends, grain),
            format('The first one starts on %s, the last one ends on %s.', first, after - 1),
            format('Write starts %s and ends %s, or a finer grain.', first, after - 1));
    END IF;
END $$;
COMMENT ON FUNCTION require_periods(starts date, ends date, grain text, grain_name text) IS
'implementation of the tables of goals: an error unless a target starts and ends with periods of '
'its grain, whose name bucket() knows';

CREATE FUNCTION tells(model text, kpi text, grain text, dimension text) RETURNS boolean
LANGUAGE SQL STABLE
    RETURN EXISTS (SELECT FROM pg_attribute AS a
                   WHERE  a.attrelid = to_regclass(format('%I.%I', model, concat(
                              'kpi_', grain, '_by_' || dimension)))
                   AND    a.attname = kpi AND NOT a.attisdropped);
COMMENT ON FUNCTION tells(model text, kpi text, grain text, dimension text) IS
'implementation of goals: whether a model has this indicator by this grain and dimension';

-- That the model tells the indicator at all, or by the dimension.
CREATE FUNCTION require_told(model text, kpi text, grain text, dimension text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    view text := concat('kpi_', grain, '_by_' || dimension);
BEGIN
    IF to_regclass(format('%I.%I', model, 'kpi_' || grain)) IS NULL THEN
        PERFORM kpi.refuse_row('object_not_in_prerequisite_state', 'grain',
                               format('model "%s" has no view kpi_%s', model, grain),
                               'What it tells is not known.',
                               format('Build it: SELECT * FROM kpi.build(%L, ...)', model));
    ELSIF to_regclass(format('%I.%I', model, view)) IS NULL THEN
        PERFORM kpi.refuse_row(
            'invalid_parameter_value', 'dimension',
            format('"%s" is no dimension of model "%s"', dimension, model),
            'Its dimensions are ' || coalesce((
                SELECT string_agg(substr(c.relname, 12), ', ' ORDER BY c.relname)
                FROM   pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE  n.nspname = model AND starts_with(c.relname::text, 'kpi_day_by_')), 'none')
                || '.',
            format('Write one of them, or build the model with it: dimensions => ''{%s}''.',
                   dimension));
    ELSIF NOT kpi.tells(model, kpi, grain, dimension) THEN
        PERFORM kpi.refuse_row(
            'undefined_column', 'kpi', concat(format('model "%s" does not tell %s', model, kpi),
                                              ' by ' || dimension),
            format('There is no column of this name in %I.%I.', model, view),
            concat('The report of build says what is missing for it',
                   '; perhaps its source has not the dimension ' || dimension, '.'));
    END IF;
END $$;
COMMENT ON FUNCTION require_told(model text, kpi text, grain text, dimension text) IS
'implementation of the tables of goals: an error unless a model has this indicator by this grain '
'and dimension';

-- What is left open, from the catalog and the dates: what was so before is told anew with these.
CREATE FUNCTION completed_target(model text, target jsonb, before jsonb) RETURNS jsonb
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH horizon AS (
        SELECT t.n, CASE WHEN t.ends < t.starts + interval '3 months' THEN 'short'
                         WHEN t.ends < t.starts + interval '1 year' THEN 'mid' ELSE 'long' END AS is
        FROM   (VALUES (1, (target ->> 'starts')::date, (target ->> 'ends')::date),
                       (2, (before ->> 'starts')::date, (before ->> 'ends')::date))
               AS t (n, starts, ends)
        WHERE  isfinite(t.starts) AND isfinite(t.ends)
    )
    SELECT target || jsonb_build_object(
        'direction', coalesce(target ->> 'direction',
                              CASE WHEN target ->> 'upper' IS NOT NULL THEN 'band' END,
                              (SELECT i.direction FROM kpi.indicators_of(model) AS i
                               WHERE  i.indicator = target ->> 'kpi')),
        'horizon', CASE WHEN target ->> 'horizon' IS NULL
                        OR   target ->> 'horizon' = before ->> 'horizon'
                             AND target ->> 'horizon' = (SELECT h.is FROM horizon AS h
                                                         WHERE  h.n = 2)
                        THEN coalesce((SELECT h.is FROM horizon AS h WHERE h.n = 1), 'long')
                        ELSE target ->> 'horizon' END);
END;
COMMENT ON FUNCTION completed_target(model text, target jsonb, before jsonb) IS
'implementation of the tables of goals: a row of targets with the direction of the catalog and the '
'horizon of its length, where it does not say others itself; before is what it was';

CREATE FUNCTION require_target(model text, target jsonb, grains jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
BEGIN
    SELECT * INTO t
    FROM   jsonb_to_record(target)
           AS r (kpi text, dimension text, member text, grain text, starts date, ends date,
                 baseline numeric, target numeric, upper numeric, direction text, path text,
                 horizon text, weight numeric, tolerance integer);
    PERFORM kpi.require_indicator(model, t.kpi);
    PERFORM kpi.require_choice(t.grain, 'grain',
                               '{day,week,month,quarter,half,year,all}'::text[]),
            kpi.require_choice(t.path, 'path', '{flat,linear,seasonal,checkpoints}'::text[]),
            kpi.require_choice(t.horizon, 'horizon', '{short,mid,long}'::text[]),
            kpi.require_number(model, t.target, 'target', t.kpi),
            kpi.require_number(model, t.upper, 'upper', t.kpi),
            kpi.require_number(model, t.baseline, 'baseline', t.kpi),
            kpi.require_number(model, t.weight, 'weight', NULL::text),
            kpi.require_dates(t.starts, t.ends),
            kpi.require_periods(t.starts, t.ends, t.grain, grains ->> t.grain);
    PERFORM kpi.refuse_row(r.state, r.column, r.message, r.detail, r.hint)
    FROM   (VALUES
        (t.dimension IS NULL AND t.member IS NOT NULL, 'check_violation', 'dimension',
         format('the dimension of which "%s" is a member is not said', t.member),
         'Different dimensions can have a member of this name.',
         'Write its dimension, or leave out the member.'),
        (t.dimension IS NOT NULL AND t.member IS NULL, 'check_violation', 'member',
         format('the member of %s is not said', t.dimension), 'A target is for one member.',
         'Write it, ''(none)'' for rows without one, or leave out the dimension.'),
        (t.direction IS NULL, 'not_null_violation', 'direction',
         format('it is not said whether more or less of %s is wanted', t.kpi),
         'Its definition leaves it open.', 'Write up, down or band as direction.'),
        (t.direction NOT IN ('up', 'down', 'band'), 'invalid_parameter_value', 'direction',
         format('unknown direction "%s"', t.direction),
         'It says what is better: more, less, or what lies in a band.',
         'Write up, down or band, or leave it out.'),
        ((t.direction = 'band') <> (t.upper IS NOT NULL), 'check_violation', 'upper',
         CASE WHEN t.upper IS NULL THEN 'a band has no upper end'
              ELSE format('%s has an upper end', t.direction) END,
         'What lies from target to upper is wanted of a band, and of nothing else.',
         'Write band as direction, and both ends.'),
        (t.upper <= t.target, 'check_violation', 'upper',
         format('the band goes from %s up to %s', t.target, t.upper), 'It is upside down.',
         'Write the lower end as target, the upper one as upper.'),
        (t.direction = 'band' AND t.path <> 'flat', 'check_violation', 'path',
         format('a band has no path %s', t.path), 'It is the same in each period.',
         'Write flat, or a target that is no band.'),
        (t.path = 'linear' AND t.baseline IS NULL, 'check_violation', 'baseline',
         'a linear path has no baseline', 'It goes from there to the target.',
         'Write the value to start with as baseline, or another path.'),
        (t.path = 'linear' AND CASE t.direction WHEN 'up' THEN t.baseline >= t.target
                                                ELSE t.baseline <= t.target END,
         'check_violation', 'baseline',
         format('the path from %s to %s does not go %s', t.baseline, t.target, t.direction),
         'A linear path goes from baseline to target.',
         'Write another baseline or direction, or path flat.'),
        (t.weight < 0, 'check_violation', 'weight', format('weight is %s', t.weight),
         'What is attained is a mean with these weights.',
         'Write 0 for a target that does not count, 2 for one that counts twice.'),
        (t.tolerance < 0, 'check_violation', 'tolerance', format('tolerance is %s', t.tolerance),
         'It is a number of periods.', 'Write 0 if a worse status is to be said at once.'))
        AS r (refused, state, "column", message, detail, hint)
    WHERE  r.refused LIMIT 1;
END $$;
COMMENT ON FUNCTION require_target(model text, target jsonb, grains jsonb) IS
'implementation of the table targets: an error if what it asks for cannot be meant, grains being '
'the names of those of the model';

-- Whether a review of this transaction says that a target becomes what it becomes.
CREATE FUNCTION require_review(model text, target_id bigint, said text, message text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.reviews AS r WHERE r.target_id = $1 '
                   'AND r.reviewed_at = now() AND %s)', model, said) INTO found USING target_id;
    IF NOT found THEN
        PERFORM kpi.refuse_row(
            'object_not_in_prerequisite_state', NULL, message,
            'A target is never changed without a review that says what it was, and why.',
            format('SELECT kpi.revise(%L, %s, <new target>, reason => ''...'')', model, target_id));
    END IF;
END $$;
COMMENT ON FUNCTION require_review(model text, target_id bigint, said text, message text) IS
'implementation of the tables of goals: an error with this message unless a review of this '
'transaction says this condition of its columns r';

-- Periods of another grain, or of another indicator, cannot be judged by what the target was.
CREATE FUNCTION require_same(model text, before jsonb, after jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other text;
BEGIN
    SELECT c.name INTO other
    FROM   unnest('{target_id,kpi,dimension,member,grain}'::text[]) AS c (name)
    WHERE  before -> c.name IS DISTINCT FROM after -> c.name LIMIT 1;
    IF FOUND THEN
        PERFORM kpi.refuse_row(
            'check_violation', other,
            format('target %s would become one of another %s', before ->> 'target_id', other),
            'What is over would be judged by what was never asked of it.',
            concat('Write another one', (
                SELECT ', and end this one with the running period: ' || u.command
                FROM   kpi.unended_targets(model) AS u
                WHERE  u.target_id = (before ->> 'target_id')::bigint)));
    END IF;
END $$;
COMMENT ON FUNCTION require_same(model text, before jsonb, after jsonb) IS
'implementation of the table targets: an error if a target becomes one of something else';

-- A target may be ended whatever has become of its indicator.
CREATE FUNCTION require_meant(model text, before jsonb, after jsonb, grains jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ending  text[] := '{ends,horizon,checkpoints}';
BEGIN
    IF before - ending = after - ending
       AND (after ->> 'ends')::date < (before ->> 'ends')::date THEN
        PERFORM kpi.require_choice(after ->> 'horizon', 'horizon', '{short,mid,long}'::text[]),
                kpi.require_dates((after ->> 'starts')::date, (after ->> 'ends')::date),
                kpi.require_periods((after ->> 'starts')::date, (after ->> 'ends')::date,
                                    after ->> 'grain', grains ->> (after ->> 'grain'));
    ELSE
        PERFORM kpi.require_target(model, after, grains),
                kpi.require_told(model, after ->> 'kpi', after ->> 'grain', after ->> 'dimension');
    END IF;
END $$;
COMMENT ON FUNCTION require_meant(model text, before jsonb, after jsonb, grains jsonb) IS
'implementation of the tables targets and reviews: an error if what a target becomes cannot be '
'meant, or is not told, before being what it was';

CREATE FUNCTION require_unrecorded(model text, target_id bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found boolean;
BEGIN
    -- who may not read them, or has dropped one, is refused by the foreign keys of what there is
    IF has_table_privilege(to_regclass(format('%I.reviews', model)), 'SELECT')
       AND has_table_privilege(to_regclass(format('%I.statuses', model)), 'SELECT') THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.reviews AS r WHERE r.target_id = $1) OR '
                       'EXISTS (SELECT FROM %1$I.statuses AS s WHERE s.target_id = $1)', model)
        INTO    found USING target_id;
    END IF;
    IF found THEN
        PERFORM kpi.refuse_row(
            'foreign_key_violation', 'target_id', format('target %s is taken away', target_id),
            'It has reviews or statuses: what was decided and found stays as it was written.',
            coalesce((SELECT 'End it instead: ' || u.command
                      FROM   kpi.unended_targets(model) AS u
                      WHERE  u.target_id = require_unrecorded.target_id),
                     CASE WHEN kpi.reads_targets(model)
                          THEN 'Leave it as it is: it has ended, or ends with this period.'
                          ELSE 'Leave it as it is, or have the owner of the model end it with '
                               'kpi.revise.' END));
    END IF;
END $$;
COMMENT ON FUNCTION require_unrecorded(model text, target_id bigint) IS
'implementation of the table targets: an error if reviews or statuses are of a target that is '
'taken away, which says how to end it';

CREATE FUNCTION check_targets() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after  jsonb;
    beyond text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM kpi.require_unrecorded(TG_TABLE_SCHEMA, OLD.target_id);
        RETURN OLD;
    END IF;
    after := kpi.completed_target(TG_TABLE_SCHEMA::text, to_jsonb(NEW), before);
    IF after = before THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        PERFORM kpi.require_same(TG_TABLE_SCHEMA, before, after);
    END IF;
    PERFORM kpi.require_meant(TG_TABLE_SCHEMA, before, after, TG_ARGV[0]::jsonb);
    IF TG_OP = 'UPDATE' THEN
        PERFORM kpi.require_review(
            TG_TABLE_SCHEMA, OLD.target_id,
            format('r.before - ''checkpoints'' = %L AND r.after - ''checkpoints'' = %L', before,
                   after),
            format('target %s is changed without a review', OLD.target_id));
        IF (NEW.starts, NEW.ends) IS DISTINCT FROM (OLD.starts, OLD.ends) THEN
            EXECUTE format('SELECT to_jsonb(min(c.due_on)) #>> ''{}'' FROM %I.checkpoints AS c '
                           'WHERE c.target_id = $1 AND c.due_on NOT BETWEEN $2 AND $3',
                           TG_TABLE_SCHEMA)
            INTO    beyond USING OLD.target_id, NEW.starts, NEW.ends;
            IF beyond IS NOT NULL THEN
                PERFORM kpi.refuse_row(
                    'check_violation', 'ends',
                    format('target %s has a checkpoint on %s', OLD.target_id, beyond),
                    format('It would go from %s to %s.', NEW.starts, NEW.ends),
                    format('Take it away with revise: changes => ''{"checkpoints": {"%s": null}}''',
                           beyond));
            END IF;
        END IF;
    END IF;
    RETURN jsonb_populate_record(NEW, after);
END $$;
COMMENT ON FUNCTION check_targets() IS
'implementation of the table targets: completes a row, and refuses one that cannot be meant or is '
'changed without a review';

CREATE FUNCTION check_objectives() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    above text[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM kpi.require_dates(NEW.starts, NEW.ends);
    IF NEW.parent IS NOT NULL THEN
        -- two that become parts of each other at once do not see each other
        PERFORM pg_advisory_xact_lock(hashtext('kpi objectives'), TG_RELID::integer);
        EXECUTE format('WITH RECURSIVE above (objective) AS (SELECT $1 UNION '
                       'SELECT o.parent FROM above AS a JOIN %I.objectives AS o USING (objective) '
                       'WHERE o.objective <> $2 AND o.parent IS NOT NULL) '
                       'SELECT array_agg(objective) FROM above', TG_TABLE_SCHEMA)
        INTO    above USING NEW.parent, NEW.objective;
        IF NEW.objective = ANY (above) THEN
            PERFORM kpi.refuse_row(
                'check_violation', 'parent',
                format('objective "%s" would be a part of itself', NEW.objective),
                format('It is part of %s.', array_to_string(above, ', which is part of ')),
                'Write another parent, or NULL.');
        END IF;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_objectives() IS
'implementation of the table objectives: refuses a row whose dates cross, or which would be a part '
'of itself, also by what another transaction writes at once, which is waited for; who writes a '
'parent has to be able to read the table';

CREATE FUNCTION require_checkpoint(model text, due_on date, value numeric, target jsonb)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.require_number(model, value, 'value', target ->> 'kpi');
    IF due_on NOT BETWEEN (target ->> 'starts')::date AND (target ->> 'ends')::date THEN
        PERFORM kpi.refuse_row(
            'check_violation', 'due_on',
            format('%s is not within target %s', to_char(due_on, 'YYYY-MM-DD'),
                   target ->> 'target_id'),
            format('It goes from %s to %s.', target ->> 'starts', target ->> 'ends'),
            'Write a day of these.');
    END IF;
END $$;
COMMENT ON FUNCTION require_checkpoint(model text, due_on date, value numeric, target jsonb) IS
'implementation of the table checkpoints: an error unless this target can have this checkpoint';

CREATE FUNCTION check_checkpoints() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was    record := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
    day    text := to_jsonb(was.due_on) #>> '{}';       -- as in reviews, whatever DateStyle is
    target jsonb;
    known  boolean;
BEGIN
    -- Whoever writes a target writes its checkpoints with it, also when it has begun already.
    EXECUTE format('SELECT to_jsonb(t), t.starts <= current_date AND age(t.xmin) > 0 '
                   'OR EXISTS (SELECT FROM %1$I.reviews AS r WHERE r.target_id = t.target_id) '
                   'FROM %1$I.targets AS t WHERE t.target_id = $1', TG_TABLE_SCHEMA)
    INTO    target, known USING CASE TG_OP WHEN 'DELETE' THEN OLD.target_id ELSE NEW.target_id END;
    IF TG_OP <> 'DELETE' THEN
        IF target ->> 'path' <> 'checkpoints' THEN
            PERFORM kpi.refuse_row(
                'check_violation', 'target_id',
                format('target %s has path %s', NEW.target_id, target ->> 'path'),
                'Only the path checkpoints goes by them.',
                'Write a target with this path, or revise it: changes => '
                '''{"path": "checkpoints"}''.');
        END IF;
        PERFORM kpi.require_checkpoint(TG_TABLE_SCHEMA::text, NEW.due_on, NEW.value, target);
    END IF;
    IF target IS NOT NULL
       AND (CASE WHEN TG_OP = 'INSERT' THEN known ELSE OLD IS DISTINCT FROM NEW END) THEN
        PERFORM kpi.require_review(
            TG_TABLE_SCHEMA, was.target_id,
            format('(r.after #>> ''{checkpoints,%s}'')::numeric IS NOT DISTINCT FROM %L',
                   day, CASE WHEN TG_OP <> 'DELETE' THEN NEW.value END)
            || format(' AND (%L OR (r.before #>> ''{checkpoints,%s}'')::numeric = %L)',
                      TG_OP = 'INSERT', day, was.value),
            format('the checkpoint of target %s on %s is written without a review', was.target_id,
                   day));
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.target_id, NEW.due_on) IS DISTINCT FROM
                            (OLD.target_id, OLD.due_on) THEN
        PERFORM kpi.refuse_row('check_violation', 'due_on', 'a checkpoint is moved',
                               'It is known by its target and its date.',
                               'Take it away, and write another one.');
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION check_checkpoints() IS
'implementation of the table checkpoints: refuses a row that is not within its target, or of '
'another path, or which is changed, taken away, or added to a target that has begun, without a '
'review; who writes one has to be able to read targets and reviews';

CREATE FUNCTION check_benchmarks() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM kpi.require_indicator(TG_TABLE_SCHEMA::text, NEW.kpi);
    PERFORM kpi.require_number(TG_TABLE_SCHEMA::text, NEW.p25, 'p25', NEW.kpi),
            kpi.require_number(TG_TABLE_SCHEMA::text, NEW.median, 'median', NEW.kpi),
            kpi.require_number(TG_TABLE_SCHEMA::text, NEW.p75, 'p75', NEW.kpi);
    IF num_nonnulls(NEW.p25, NEW.median, NEW.p75) = 0 THEN
        PERFORM kpi.refuse_row('not_null_violation', 'median',
                               format('the benchmark of %s has no figure', NEW.kpi),
                               'There is nothing to compare with.',
                               'Write p25, median or p75.');
    ELSIF NEW.p25 > NEW.median OR NEW.median > NEW.p75 OR NEW.p25 > NEW.p75 THEN
        PERFORM kpi.refuse_row('check_violation', 'median',
                               format('the quartiles of %s are not in order', NEW.kpi),
                               'p25 is the lowest, also where less is better.',
                               'Write p25 <= median <= p75.');
    ELSIF NEW.year NOT BETWEEN 1900 AND 2200 THEN
        PERFORM kpi.refuse_row('check_violation', 'year', format('year is %s', NEW.year),
                               'It is a year of our calendar.',
                               'Write the year of which it tells, such as 2024.');
    ELSIF NEW.n < 1 THEN
        PERFORM kpi.refuse_row('check_violation', 'n', format('n is %s', NEW.n),
                               'A figure is of somebody.',
                               'Write of how many it is known, or leave it out.');
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_benchmarks() IS
'implementation of the table benchmarks: refuses a row without figures, or with quartiles that are '
'not in order';

-- The scorecard judges what was over by what a review says the target was.
CREATE FUNCTION require_true_review(model text, review jsonb, grains jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    after jsonb := review -> 'after';
    is_so jsonb;
    typed jsonb;
    due   record;
BEGIN
    EXECUTE format('SELECT to_jsonb(t), to_jsonb(jsonb_populate_record(NULL::%1$I.targets, $2)) '
                   'FROM %1$I.targets AS t WHERE t.target_id = $1', model)
    INTO    is_so, typed USING (review ->> 'target_id')::bigint, after - 'checkpoints';
    is_so := is_so || jsonb_build_object('checkpoints', kpi.checkpoints_of(
                          model, (review ->> 'target_id')::bigint));
    IF is_so IS DISTINCT FROM review -> 'before'
       OR typed IS DISTINCT FROM after - 'checkpoints'
       OR jsonb_typeof(after -> 'checkpoints') IS DISTINCT FROM 'object' THEN
        PERFORM kpi.refuse_row(
            'check_violation', CASE WHEN is_so = review -> 'before' THEN 'after' ELSE 'before' END,
            format('the review does not say what target %s is and becomes',
                   review ->> 'target_id'),
            'Periods that are over are judged by it.', 'Let kpi.revise write it.');
    END IF;
    PERFORM kpi.require_same(model, is_so, after), kpi.require_meant(model, is_so, typed, grains);
    FOR due IN SELECT d.key::date AS on, d.value::numeric AS value
               FROM   jsonb_each_text(after -> 'checkpoints') AS d LOOP
        PERFORM kpi.require_checkpoint(model, due.on, due.value, typed);
    END LOOP;
END $$;
COMMENT ON FUNCTION require_true_review(model text, review jsonb, grains jsonb) IS
'implementation of the table reviews: an error unless before is the target as it is now, with its '
'checkpoints, and after one that can be meant';

CREATE FUNCTION check_reviews() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM kpi.refuse_row('object_not_in_prerequisite_state', NULL,
                               format('review %s is changed or taken away', OLD.review_id),
                               'Reviews stay as they were written.', 'Write another one.');
    END IF;
    PERFORM kpi.require_choice(NEW.decision, 'decision', '{kept,revised}'::text[]);
    IF btrim(NEW.reason) = '' OR NEW.reason IS NULL THEN
        PERFORM kpi.refuse_row('not_null_violation', 'reason', 'the reason is not said',
                               'What is decided without a reason cannot be understood later.',
                               'Write why it was decided so.');
    ELSIF (NEW.decision = 'revised') <> (num_nulls(NEW.before, NEW.after) = 0)
          OR num_nulls(NEW.before, NEW.after) = 1 THEN
        PERFORM kpi.refuse_row('check_violation', 'after',
                               'what the target was and becomes is said of one that is revised',
                               'Of one that is kept it is not.', 'Let kpi.revise write it.');
    END IF;
    IF NEW.reviewer IS DISTINCT FROM current_user
       AND NOT kpi.owns_table(TG_TABLE_SCHEMA, 'reviews') THEN
        PERFORM kpi.refuse_row('insufficient_privilege', 'reviewer',
                               format('"%s" reviews as "%s"', current_user, NEW.reviewer),
                               'Who does not own the model reviews in their own name.',
                               'Leave out the reviewer, or let the owner of the model write it.');
    END IF;
    NEW.reviewed_at := now();
    IF NEW.decision = 'revised' THEN
        PERFORM kpi.require_true_review(TG_TABLE_SCHEMA, to_jsonb(NEW), TG_ARGV[0]::jsonb);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_reviews() IS
'implementation of the table reviews: refuses a row without a reason, one that says what is not '
'so, one in the name of others, and to change one; the time is when it is written';

-- No trigger of rows sees what TRUNCATE takes away.
CREATE FUNCTION refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM kpi.refuse_row('object_not_in_prerequisite_state', NULL,
                           format('all %s are taken away', TG_TABLE_NAME),
                           'What was decided and found stays as it was written.',
                           'To end with goals altogether, drop their tables.');
END $$;
COMMENT ON FUNCTION refuse_truncate() IS
'implementation of the tables reviews and statuses: an error';

-- Whoever may write the columns is bound by this, with or without kpi.acknowledge.
CREATE FUNCTION require_acknowledger(model text, target_id bigint, by text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner text;
BEGIN
    IF by IS NULL THEN
        PERFORM kpi.refuse_row('not_null_violation', 'acknowledged_by',
                               'it is not said who has seen the status',
                               'A status is acknowledged by somebody.',
                               'Write who, or call kpi.acknowledge.');
    ELSIF kpi.owns_table(model, 'statuses') THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT t.owner FROM %I.targets AS t WHERE t.target_id = $1', model)
    INTO    owner USING target_id;
    IF by <> current_user OR owner IS DISTINCT FROM current_user AND NOT EXISTS (
           SELECT FROM pg_roles AS r WHERE r.rolname = owner AND pg_has_role(r.oid, 'USAGE')) THEN
        PERFORM kpi.refuse_row('insufficient_privilege', 'acknowledged_by',
                               format('target %s is not one of "%s"', target_id, by),
                               format('Its owner is %s. Who does not own the model acknowledges '
                                      'what is theirs, in their own name.',
                                      coalesce(owner, 'nobody')),
                               'Let its owner do it, or the owner of the model.');
    END IF;
END $$;
COMMENT ON FUNCTION require_acknowledger(model text, target_id bigint, by text) IS
'implementation of the table statuses: an error unless by is somebody, and who does not own the '
'table is by, and the owner of the target or in his role';

CREATE FUNCTION check_statuses() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen text[] := '{acknowledged_by,acknowledged_at,note}';
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND to_jsonb(NEW) - seen <> to_jsonb(OLD) - seen THEN
        PERFORM kpi.refuse_row('object_not_in_prerequisite_state', NULL,
                               format('status %s is changed or taken away', OLD.status_id),
                               'What was found is not rewritten.',
                               'Only who has seen it, and the note, can be written.');
    ELSIF TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD THEN
        PERFORM kpi.require_acknowledger(TG_TABLE_SCHEMA, NEW.target_id, NEW.acknowledged_by);
        NEW.acknowledged_at := now();
    END IF;
    PERFORM kpi.require_choice(NEW.status, 'status',
                               '{achieved,on_track,at_risk,off_track,no_data,too_early,cannot_tell}'
                               ::text[]);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_statuses() IS
'implementation of the table statuses: refuses a status that is none, to change what was found, '
'and to acknowledge what is of others';

CREATE FUNCTION check_incentives() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    PERFORM kpi.require_number(TG_TABLE_SCHEMA::text, n.value, n.name, NULL::text)
    FROM   (VALUES ('attained_from', NEW.attained_from), ('attained_to', NEW.attained_to),
                   ('amount', NEW.amount), ('points', NEW.points), ('cap', NEW.cap))
           AS n (name, value);
    PERFORM kpi.require_dates(NEW.starts, NEW.ends);
    PERFORM kpi.refuse_row(r.state, r.column, r.message, r.detail, r.hint)
    FROM   (VALUES
        (num_nonnulls(NEW.owner, NEW.target_id) <> 1, 'check_violation', 'owner',
         'an incentive is for an owner or for a target',
         'For a target, the owner of the target gets it.', 'Write one of owner and target_id.'),
        (num_nonnulls(NEW.amount, NEW.points) <> 1, 'check_violation', 'amount',
         'an incentive is money or points', 'Of one of them it says how much.',
         'Write one of amount and points.'),
        (NEW.amount < 0 OR NEW.points < 0, 'check_violation', 'amount',
         'an incentive is negative', 'Nothing is taken away.',
         'Write what is paid as a positive number.'),
        (NEW.attained_from < 0 OR NEW.attained_to <= NEW.attained_from, 'check_violation',
         'attained_to',
         format('an attainment from %s to below %s is none', NEW.attained_from, NEW.attained_to),
         'It is 0 or more, 1 being all of it, and goes up.',
         'Write 0.8 and 1 for what is paid from 80 % to below 100 %.'),
        (NEW.cap <= 0, 'check_violation', 'cap', format('cap is %s', NEW.cap),
         'It is the attainment up to which is paid.',
         'Write 1.2 if more is paid up to 120 %.'),
        (NEW.attained_from > NEW.cap, 'check_violation', 'cap',
         format('it is paid from %s on, and no target counts for more than %s', NEW.attained_from,
                NEW.cap),
         'It would never be paid.', format('Write cap too, at least %s.', NEW.attained_from)),
        (NEW.target_id IS NOT NULL AND num_nonnulls(NEW.starts, NEW.ends) > 0, 'check_violation',
         'starts', 'an incentive for a target has dates',
         'The target has them. Those of an incentive say which targets of an owner it is for.',
         'Leave them out.'))
        AS r (refused, state, "column", message, detail, hint)
    WHERE  r.refused LIMIT 1;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_incentives() IS
'implementation of the table incentives: refuses a row for nobody, of nothing, or whose limits '
'cross';
