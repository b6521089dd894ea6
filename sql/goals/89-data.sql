-- data: what is on a report, as rows; read with the rights of the caller, from views of the model

-- Whether the model has a view or table, and the caller may read it; NULL if it is not there.
CREATE FUNCTION report_readable(model text, relation text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN has_table_privilege(to_regclass(format('%I.%I', model, relation)), 'SELECT');
COMMENT ON FUNCTION report_readable(model text, relation text) IS
'implementation of report: whether the caller may read a view or table of a model; NULL if it is '
'not there';

CREATE FUNCTION report_relations(grain text, dimension text, targets jsonb) RETURNS SETOF text
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT unnest('{kpi_periods,cohort_retention,funnel_steps,scorecard,statuses,signals}'::text[])
    UNION
    SELECT 'kpi_' || v.grain || coalesce('_by_' || v.dimension, '')
    FROM   (VALUES (grain, NULL), (grain, dimension)
            UNION ALL
            SELECT t.grain, t.dimension
            FROM   jsonb_to_recordset(targets) AS t (grain text, dimension text))
           AS v (grain, dimension)
    ORDER  BY 1;
END;
COMMENT ON FUNCTION report_relations(grain text, dimension text, targets jsonb) IS
'implementation of report: the views and tables of a model that it reads, where they are there: '
'those of a grain, in all and by a dimension, and those that targets are about';

-- The rows of a query about a model, in which @model@ stands for its schema, as an array; an empty
-- one if a relation it needs is not there or must not be read.
CREATE FUNCTION report_rows(model text, relations text[], query text, marks jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rows jsonb := '[]';
BEGIN
    IF true = ALL (SELECT kpi.report_readable(model, r) IS TRUE FROM unnest(relations) AS r) THEN
        EXECUTE 'SELECT jsonb_agg(to_jsonb(r)) FROM ('
                || kpi.fill(query, marks || jsonb_build_object('model', quote_ident(model)))
                || ') AS r' INTO rows;
    END IF;
    RETURN coalesce(rows, '[]');
END $$;
COMMENT ON FUNCTION report_rows(model text, relations text[], query text, marks jsonb) IS
'implementation of report: the rows of a query about a model, none if a relation it needs cannot '
'be read';

-- How far back trends go.
CREATE FUNCTION report_length(grain text) RETURNS integer LANGUAGE SQL IMMUTABLE STRICT
    RETURN CASE grain WHEN 'day' THEN 62 WHEN 'week' THEN 27 WHEN 'month' THEN 25
                      WHEN 'quarter' THEN 13 ELSE 11 END;
COMMENT ON FUNCTION report_length(grain text) IS
'implementation of report: how many periods of a grain are shown';

-- The last periods, the running one included, oldest first; those of last year, which may be older,
-- are only read.
CREATE FUNCTION report_periods(model text, grain text) RETURNS jsonb LANGUAGE SQL STABLE
    RETURN kpi.report_rows(model, '{kpi_periods}'::text[],
        'SELECT p.*, f.day AS began, p.period < f.day AS short, p.last_year < f.day '
        'AS last_year_short FROM (SELECT p.period, p.until, p.complete, p.previous, p.last_year '
        'FROM @model@.kpi_periods AS p WHERE p.grain = @grain@ '
        'ORDER BY p.period DESC LIMIT @length@) AS p CROSS JOIN (SELECT min(a.period) AS day '
        'FROM @model@.kpi_periods AS a WHERE a.grain = ''all'') AS f ORDER BY p.period',
        jsonb_build_object('grain', quote_literal(grain), 'length', kpi.report_length(grain)));
COMMENT ON FUNCTION report_periods(model text, grain text) IS
'implementation of report: the last periods of a grain, and whether data begin within them, or '
'within that of last year';

-- What indicators were in these periods, and what they are compared with last year, a row for each
-- indicator and member: of members only what is named. The view of the grain is read, as planning
-- all of kpi_values takes longer than the rest of the report.
CREATE FUNCTION report_series(model text, grain text, dimension text, periods jsonb, named jsonb)
RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.report_rows(model, ARRAY[w.view], $query$
        WITH shown AS (
            SELECT p.* FROM jsonb_to_recordset(@periods@::jsonb)
                            AS p (period date, until date, complete boolean, last_year date,
                                  short boolean, last_year_short boolean)
        ),
        v AS MATERIALIZED (
            SELECT k.kpi, k.unit, v.member, v.period, k.value, k.sample_size, k.low, k.high
            FROM   (SELECT v.*, @member@ AS member FROM @model@.@view@ AS v
                    WHERE  v.period >= @since@::date) AS v
                   CROSS JOIN LATERAL (VALUES @rows@)
                                      AS k (kpi, value, sample_size, low, high, unit)
            WHERE  v.member IS NULL
            OR     EXISTS (SELECT FROM jsonb_to_recordset(@named@::jsonb)
                                       AS n (kpi text, member text)
                           WHERE  n.kpi = k.kpi AND n.member = v.member)
        )
        SELECT v.kpi, v.unit, @grain@ AS grain, @dimension@ AS dimension, v.member,
               jsonb_agg(jsonb_build_object(
                   'period', p.period, 'until', p.until, 'complete', p.complete, 'value', v.value,
                   'low', v.low, 'high', v.high, 'sample_size', v.sample_size, 'short', p.short,
                   'last_year_short', p.last_year_short, 'last_year', y.value) ORDER BY p.period)
                   AS points
        FROM   shown AS p
               JOIN v ON v.period = p.period
               LEFT JOIN v AS y ON y.period = p.last_year AND y.kpi = v.kpi
                    AND y.member IS NOT DISTINCT FROM v.member
        GROUP  BY v.kpi, v.unit, v.member
        $query$,
        jsonb_build_object(
            'view', quote_ident(w.view), 'grain', quote_literal(grain),
            'dimension', quote_nullable(dimension),
            'member', coalesce('v.' || quote_ident(dimension), 'NULL::text'),
            'rows', kpi.value_rows(to_regclass(format('%I.%I', model, w.view)), w.indicators),
            'periods', quote_literal(periods), 'named', quote_literal(coalesce(named, '[]')),
            'since', quote_nullable((SELECT least(min(p.last_year), min(p.period))
                                     FROM   jsonb_to_recordset(periods)
                                            AS p (period date, last_year date)))))
    FROM   (SELECT 'kpi_' || grain || coalesce('_by_' || dimension, ''),
                   (SELECT array_agg(n.kpi) FROM jsonb_to_recordset(named) AS n (kpi text)))
           AS w (view, indicators);
END;
COMMENT ON FUNCTION report_series(model text, grain text, dimension text, periods jsonb,
    named jsonb) IS
'implementation of report: what indicators were in some periods and the same of the year before, '
'all of them, or those named with a member of a dimension';

-- The indicators of a model with the last period that is over, and the ones to compare it with.
CREATE FUNCTION report_indicators(model text, series jsonb, lang text)
RETURNS TABLE ("position" integer, kpi text, name text, category text, main boolean, unit text,
               direction text, value double precision, low double precision,
               high double precision, previous double precision, last_year double precision,
               chance boolean, previous_short boolean, last_year_short boolean, points jsonb)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT i.position, i.indicator, CASE lang WHEN 'zh' THEN i.name_zh ELSE i.name END, i.category,
           i.main, i.unit, i.direction, p.value, p.low, p.high, p.previous, p.last_year,
           -- two samples of which the values are no further apart than chance allows
           (p.value - p.previous) ^ 2 <= ((p.high - p.low) / 2) ^ 2
                                         + ((p.previous_high - p.previous_low) / 2) ^ 2,
           -- sums are less of a part of a period, where data begin within it
           a.adds AND p.previous_short, a.adds AND p.last_year_short, s.points
    FROM   jsonb_to_recordset(series) AS s (kpi text, points jsonb)
           JOIN kpi.indicators_of(model) AS i ON i.indicator = s.kpi
           CROSS JOIN LATERAL (
               SELECT i.unit = 'count' OR EXISTS (
                   SELECT FROM kpi.formulas AS f
                   WHERE  f.indicator = i.indicator AND f.kind = 'sum')
                   OR EXISTS (SELECT FROM kpi.own_adds_up(model) AS o
                              WHERE  o.indicator = i.indicator AND o.is_sum)) AS a (adds)
           LEFT JOIN LATERAL (
               SELECT p.*, lag(p.value) OVER w AS previous, lag(p.low) OVER w AS previous_low,
                      lag(p.high) OVER w AS previous_high, lag(p.short) OVER w AS previous_short
               FROM   jsonb_to_recordset(s.points)
                      AS p (period date, complete boolean, value double precision,
                            low double precision, high double precision,
                            last_year double precision, short boolean, last_year_short boolean)
               WHERE  p.complete
               WINDOW w AS (ORDER BY p.period)
               ORDER  BY p.period DESC LIMIT 1) AS p ON true
    ORDER  BY i.position;
END;
COMMENT ON FUNCTION report_indicators(model text, series jsonb, lang text) IS
'implementation of report: the indicators of a model, each with its last period that is over, what '
'it is compared with, and whether it may differ from the one before by chance';

-- The cohorts of the last twelve periods.
CREATE FUNCTION report_cohorts(model text, grain text) RETURNS jsonb LANGUAGE SQL STABLE
    RETURN kpi.report_rows(model, '{cohort_retention}'::text[],
        'SELECT c.cohort, c.cohort_size, jsonb_agg(jsonb_build_object(''n'', c.periods_since, '
        '''rate'', c.retention_rate, ''complete'', c.complete) ORDER BY c.periods_since) AS cells '
        'FROM @model@.cohort_retention AS c WHERE c.grain = @grain@ AND c.periods_since <= 12 '
        'AND c.cohort IN (SELECT l.cohort FROM @model@.cohort_retention AS l '
        'WHERE l.grain = @grain@ GROUP BY l.cohort ORDER BY l.cohort DESC LIMIT 12) '
        'GROUP BY c.cohort, c.cohort_size ORDER BY c.cohort',
        jsonb_build_object('grain', quote_literal(CASE grain WHEN 'day' THEN 'month'
                                                             ELSE grain END)));
COMMENT ON FUNCTION report_cohorts(model text, grain text) IS
'implementation of report: the last cohorts, and who of them came back';

CREATE FUNCTION report_funnel(model text, grain text, period date, previous date) RETURNS jsonb
LANGUAGE SQL STABLE
    RETURN kpi.report_rows(model, '{funnel_steps}'::text[],
        'SELECT f.step, f.label, f.reached, f.step_rate, f.overall_rate, '
        'p.overall_rate AS previous FROM @model@.funnel_steps AS f '
        'LEFT JOIN @model@.funnel_steps AS p ON p.grain = f.grain AND p.step = f.step '
        'AND p.period = @previous@::date WHERE f.grain = @grain@ AND f.period = @period@::date '
        'ORDER BY f.step',
        jsonb_build_object('grain', quote_literal(grain), 'period', quote_nullable(period),
                           'previous', quote_nullable(previous)));
COMMENT ON FUNCTION report_funnel(model text, grain text, period date, previous date) IS
'implementation of report: the steps of the funnel in a period';

-- The main indicators that moved most and can be taken apart, by the member of a dimension; sales
-- also by their factors. What cannot be taken apart is left out.
CREATE FUNCTION report_moves(model text, grain text, period date, dimension text,
                             indicators jsonb, lang text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moves jsonb := '[]';
    move  record;
    rows  jsonb;
BEGIN
    FOR move IN
        SELECT i.kpi, i.name, i.unit, d.dimension
        FROM   jsonb_to_recordset(indicators)
               AS i ("position" integer, kpi text, name text, unit text, main boolean,
                     value double precision, previous double precision, chance boolean)
               JOIN (VALUES (NULL), (dimension)) AS d (dimension)
                    ON (d.dimension IS NOT NULL OR i.kpi = 'net_sales')
        WHERE  i.main AND i.previous > 0 AND i.value IS DISTINCT FROM i.previous
        AND    (i.chance IS NOT TRUE OR i.kpi = 'net_sales')
        -- what fell to nothing moved most of all
        ORDER  BY i.kpi <> 'net_sales', CASE WHEN i.value <= 0 THEN 'Infinity'
                                             ELSE abs(ln(i.value / i.previous)) END
                                        DESC NULLS LAST, i.position, d.dimension NULLS FIRST
    LOOP
        EXIT WHEN jsonb_array_length(moves) >= 4;
        BEGIN
            SELECT jsonb_agg(to_jsonb(e)) INTO rows
            FROM   kpi.explain(model, move.kpi, grain, period, move.dimension, 'previous'::text, 5,
                               lang) AS e
            WHERE  num_nonnulls(e.before, e.after, nullif(e.effect, 0)) > 0;
            -- of all together and one member there is nothing to tell
            CONTINUE WHEN jsonb_array_length(rows) < 3;
            moves := moves || jsonb_build_object('kpi', move.kpi, 'name', move.name,
                         'unit', move.unit, 'dimension', move.dimension, 'rows', rows);
        EXCEPTION WHEN feature_not_supported OR undefined_column OR insufficient_privilege THEN
            NULL;
        END;
    END LOOP;
    RETURN moves;
END $$;
COMMENT ON FUNCTION report_moves(model text, grain text, period date, dimension text,
    indicators jsonb, lang text) IS
'implementation of report: what the main indicators that moved most moved by';

-- What check() finds is for the owner; the caller is told so, and what is found is none of his
-- errors.
CREATE FUNCTION report_findings(model text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM kpi."check"(model) AS c);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION report_findings(model text) IS
'implementation of report: what check() finds; NULL if the caller may not call it';

CREATE FUNCTION report_missing(model text, lang text)
RETURNS TABLE (name text, missing text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE lang WHEN 'zh' THEN i.name_zh ELSE i.name END, f.missing
    FROM   kpi.settings_read(model) AS s
           CROSS JOIN LATERAL kpi.found_indicators(model, s.dimensions, NULL, s.settings, true)
                              AS f
           JOIN kpi.indicators_of(model) AS i ON i.indicator = f.indicator
    WHERE  f.missing IS NOT NULL
    ORDER  BY i.position;
END;
COMMENT ON FUNCTION report_missing(model text, lang text) IS
'implementation of report: the indicators that a model has not, and what they need';

-- Targets as they stood in the last period that is over, with how the running one looks; those of
-- an objective together.
CREATE FUNCTION report_targets(model text, lang text) RETURNS jsonb LANGUAGE SQL STABLE
    RETURN kpi.report_rows(model, '{scorecard}'::text[], $query$
        WITH card AS MATERIALIZED (
            SELECT s.*, bool_or(s.complete) OVER (PARTITION BY s.target_id) AS any_over
            FROM   @model@.scorecard AS s
        )
        SELECT s.*, i.position, CASE @lang@ WHEN 'zh' THEN i.name_zh ELSE i.name END AS said,
               r.status AS running, r.why AS running_why, r.why_zh AS running_why_zh,
               coalesce(s.forecast, r.forecast) AS expected,
               CASE WHEN s.forecast IS NULL THEN r.forecast_low ELSE s.forecast_low END
                   AS expected_low,
               CASE WHEN s.forecast IS NULL THEN r.forecast_high ELSE s.forecast_high END
                   AS expected_high
        FROM   card AS s
               JOIN kpi.indicators_of(@name@) AS i ON i.indicator = s.kpi
               LEFT JOIN card AS r
                    ON r.target_id = s.target_id AND s.complete AND NOT r.complete
        WHERE  s.complete OR NOT s.any_over
        ORDER  BY s.objective NULLS LAST, s.target_id
        $query$, jsonb_build_object('lang', quote_literal(lang),
                                    'name', quote_literal(model) || '::text'));
COMMENT ON FUNCTION report_targets(model text, lang text) IS
'implementation of report: the scorecard';

-- Statuses that were told since a day and are others than those before; what was too early to tell
-- is no change, as for evaluate().
CREATE FUNCTION report_changes(model text, since date) RETURNS jsonb LANGUAGE SQL STABLE
    RETURN kpi.report_rows(model, '{statuses}'::text[],
        'SELECT s.* FROM (SELECT s.*, lag(s.status) OVER (PARTITION BY s.target_id '
        'ORDER BY s.period, s.status_id) AS before FROM @model@.statuses AS s '
        'WHERE s.status <> ''too_early'') AS s '
        'WHERE s.before <> s.status AND kpi.bucket(''day'', s.evaluated_at, '
        '(SELECT t.timezone FROM @model@.kpi_settings AS t)) >= @since@::date '
        'ORDER BY s.status_id DESC',
        jsonb_build_object('since', quote_nullable(since)));
COMMENT ON FUNCTION report_changes(model text, since date) IS
'implementation of report: which targets have changed their status since a day of the model';

CREATE FUNCTION report_evaluated(model text) RETURNS boolean LANGUAGE SQL STABLE
    RETURN kpi.report_rows(model, '{statuses}'::text[], 'SELECT FROM @model@.statuses LIMIT 1',
                           '{}'::jsonb) <> '[]';
COMMENT ON FUNCTION report_evaluated(model text) IS
'implementation of report: whether evaluate() has told how any target stands';

-- What targets are about that is not of the grain of the page in all, by grain and dimension, with
-- the last periods of that grain.
CREATE FUNCTION report_named(model text, targets jsonb, grain text)
RETURNS TABLE (grain text, dimension text, periods jsonb, named jsonb) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT n.grain, n.dimension, kpi.report_periods(model, n.grain), n.named
    FROM  (SELECT t.grain, t.dimension,
                  jsonb_agg(DISTINCT jsonb_build_object('kpi', t.kpi, 'member', t.member)) AS named
           FROM   jsonb_to_recordset(targets)
                  AS t (kpi text, dimension text, member text, grain text)
           WHERE  t.grain <> report_named.grain OR t.dimension IS NOT NULL
           GROUP  BY t.grain, t.dimension) AS n;
END;
COMMENT ON FUNCTION report_named(model text, targets jsonb, grain text) IS
'implementation of report: the indicators and members that targets name, but for those of the '
'grain of the page in all';

-- Of a grain, in all or by a dimension, the signals in these periods, and what has limits in the
-- last three that are over: of all indicators from the view signals, or of those named with a
-- member from what is below it, of which they need a part.
CREATE FUNCTION report_judged(model text, grain text, dimension text, periods jsonb, named jsonb,
                              lang text) RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.report_rows(model, array_remove(ARRAY['signals', n.below], NULL), $query$
        SELECT s.kpi, s.grain, s.dimension, s.member, s.period, s.value, s.lower, s.upper, s.rule,
               s.side, s.good, s.period >= @recent@::date AS recent,
               CASE WHEN s.rule IS NOT NULL THEN @why@ END AS why, i.position, i.main, i.unit,
               CASE @lang@ WHEN 'zh' THEN i.name_zh ELSE i.name END AS said
        FROM   @signals@ AS s JOIN kpi.indicators_of(@name@) AS i ON i.indicator = s.kpi
        WHERE  s.grain = @grain@ AND s.dimension @dimension@ AND s.period >= @since@::date
        AND    (s.rule IS NOT NULL OR s.lower IS NOT NULL AND s.period >= @recent@::date) @named@
        $query$,
        jsonb_build_object(
            'lang', quote_literal(lang), 'name', quote_literal(model) || '::text',
            'why', CASE lang WHEN 'zh' THEN 's.why_zh' ELSE 's.why' END,
            'grain', quote_literal(grain),
            'dimension', coalesce('= ' || quote_literal(dimension), 'IS NULL'),
            'since', quote_nullable(p.since), 'recent', quote_nullable(coalesce(p.third, p.last)),
            'signals', CASE WHEN named IS NULL THEN format('%I.signals', model) ELSE n.query END,
            'named', concat(
                ' AND s.member = ANY (' || quote_literal(n.members) || ')',
                ' AND EXISTS (SELECT FROM jsonb_to_recordset(' || quote_literal(named) || ') '
                'AS n (kpi text, member text) WHERE n.kpi = s.kpi '
                'AND n.member IS NOT DISTINCT FROM s.member)')))
    FROM   (SELECT min(p.period) AS since, max(p.period) FILTER (WHERE p.complete) AS last,
                   (array_agg(p.period ORDER BY p.period DESC) FILTER (WHERE p.complete))[3]
                       AS third
            FROM   jsonb_to_recordset(periods) AS p (period date, complete boolean)) AS p
           CROSS JOIN (
               SELECT array_agg(n.member) FILTER (WHERE n.member IS NOT NULL) AS members, v.below,
                      '(' || kpi.signals_of(
                          (SELECT d.query FROM kpi.view_definitions AS d WHERE d.name = 'signals'),
                          to_regclass(format('%I.%I', model, v.below)), grain, dimension,
                          (SELECT s.currency FROM kpi.settings_read(model) AS s),
                          array_agg(n.kpi)) || ')' AS query
               FROM   jsonb_to_recordset(named) AS n (kpi text, member text)
                      CROSS JOIN (SELECT 'kpi_' || grain || coalesce('_by_' || dimension, ''))
                                 AS v (below)
               GROUP  BY v.below
               UNION ALL
               SELECT NULL, NULL, NULL WHERE named IS NULL) AS n;
END;
COMMENT ON FUNCTION report_judged(model text, grain text, dimension text, periods jsonb,
    named jsonb, lang text) IS
'implementation of report: values that their history does not make likely, and the last values '
'that it was able to judge';

-- The last ones first. What a target is about is as important as a main indicator.
CREATE FUNCTION report_signals(model text, grain text, periods jsonb, targets jsonb, lang text)
RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH judged AS (
        SELECT jsonb_array_elements(r.rows) AS item
        FROM  (SELECT kpi.report_judged(model, grain, NULL, periods, NULL, lang)
               UNION ALL
               SELECT kpi.report_judged(model, n.grain, n.dimension, n.periods, n.named, lang)
               FROM   kpi.report_named(model, targets, report_signals.grain) AS n
               -- nobody has a history of enough longer ones
               WHERE  n.grain IN ('day', 'week', 'month')) AS r (rows)
    )
    SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.period DESC, NOT s.main, s.position,
                                                   s.member), '[]')
    FROM  (SELECT j.kpi, j.grain, j.dimension, j.member, j.period, j.value, j.lower, j.upper,
                  j.rule, j.side, j.good, j.recent, j.why, j.position, j.unit, j.said,
                  j.main OR EXISTS (
                      SELECT FROM jsonb_to_recordset(targets)
                                  AS t (kpi text, grain text, dimension text, member text)
                      WHERE  (t.kpi, t.grain) = (j.kpi, j.grain)
                      AND    (t.dimension, t.member) IS NOT DISTINCT FROM (j.dimension, j.member))
                      AS main
           FROM   judged AS e
                  CROSS JOIN LATERAL jsonb_to_record(e.item)
                      AS j (kpi text, grain text, dimension text, member text, period date,
                            value double precision, lower double precision,
                            upper double precision, rule text, side text, good boolean,
                            recent boolean, why text, "position" integer, unit text, said text,
                            main boolean)) AS s;
END;
COMMENT ON FUNCTION report_signals(model text, grain text, periods jsonb, targets jsonb,
    lang text) IS
'implementation of report: the values of the grain of the page, and of what targets are about, '
'that their history does not make likely; rule is NULL where it does of one of the last three';

-- Of each target its indicator and member, with the target beside it while it holds; then the main
-- indicators that no target is about. Signals are marked.
CREATE FUNCTION report_trends(grain text, targets jsonb, series jsonb, indicators jsonb,
                              signals jsonb) RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH target AS (
        SELECT DISTINCT ON (t.kpi, t.dimension, t.member, t.grain)
               t.kpi, t.dimension, t.member, t.grain, t.said, t.position, t.starts, t.ends,
               t.target, t.upper
        FROM   jsonb_to_recordset(targets)
               AS t (target_id bigint, kpi text, dimension text, member text, grain text, said text,
                     "position" integer, starts date, ends date, target numeric, upper numeric)
        ORDER  BY t.kpi, t.dimension, t.member, t.grain, t.ends DESC, t.target_id
    ),
    trend AS (
        SELECT t.position, t.said AS name, t.member, s.unit, s.points, t.kpi, t.dimension, t.grain,
               t.starts, t.ends, t.target, t.upper
        FROM   target AS t
               JOIN jsonb_to_recordset(series)
                    AS s (kpi text, dimension text, member text, grain text, unit text,
                          points jsonb)
                    ON s.kpi = t.kpi AND s.grain = t.grain
                    AND (s.dimension, s.member) IS NOT DISTINCT FROM (t.dimension, t.member)
        UNION ALL
        SELECT i.position, i.name, NULL, i.unit, i.points, i.kpi, NULL, report_trends.grain,
               NULL, NULL, NULL, NULL
        FROM   jsonb_to_recordset(indicators)
               AS i ("position" integer, name text, unit text, points jsonb, kpi text, main boolean)
        WHERE  i.main AND NOT EXISTS (SELECT FROM target AS t
                                      WHERE  t.kpi = i.kpi AND t.dimension IS NULL)
    ),
    signal AS (
        SELECT g.* FROM jsonb_to_recordset(signals)
                        AS g (kpi text, dimension text, member text, grain text, period date,
                              rule text)
    )
    SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.position, l.member NULLS FIRST), '[]')
    FROM  (SELECT t.position, t.name, t.member, t.unit,
                  (SELECT jsonb_agg(e.point || jsonb_strip_nulls(jsonb_build_object(
                              'target', CASE WHEN x.within THEN t.target END,
                              'upper', CASE WHEN x.within THEN t.upper END,
                              'signal', (SELECT min(g.rule) FROM signal AS g
                                         WHERE  (g.kpi, g.grain, g.period)
                                                = (t.kpi, t.grain, x.period)
                                         AND    (g.dimension, g.member) IS NOT DISTINCT FROM
                                                (t.dimension, t.member)))) ORDER BY e.n)
                   FROM   jsonb_array_elements(t.points) WITH ORDINALITY AS e (point, n)
                          CROSS JOIN LATERAL (
                              SELECT (e.point ->> 'period')::date,
                                     (e.point ->> 'period')::date BETWEEN t.starts AND t.ends)
                              AS x (period, within)) AS points
           FROM   trend AS t) AS l;
END;
COMMENT ON FUNCTION report_trends(grain text, targets jsonb, series jsonb, indicators jsonb,
    signals jsonb) IS
'implementation of report: what is drawn as trends: the indicators of targets, and the main ones';

-- What targets are about, by grain and dimension; what is of all together is known already.
CREATE FUNCTION report_target_series(model text, targets jsonb, grain text, series jsonb)
RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT series || coalesce(jsonb_agg(e.item), '[]')
    FROM   kpi.report_named(model, targets, grain) AS a
           CROSS JOIN LATERAL jsonb_array_elements(kpi.report_series(
               model, a.grain, a.dimension, a.periods, a.named)) AS e (item);
END;
COMMENT ON FUNCTION report_target_series(model text, targets jsonb, grain text, series jsonb) IS
'implementation of report: what indicators of targets were in the last periods of their grain, '
'and what is known already';

-- All of it, as an object.
CREATE FUNCTION report_data(model text, grain text, dimension text, lang text, checks boolean)
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    periods    jsonb := kpi.report_periods(model, grain);
    latest     record;
    series     jsonb;
    indicators jsonb;
    targets    jsonb := kpi.report_targets(model, lang);
    signals    jsonb;
    relations  text[] := ARRAY(SELECT kpi.report_relations(grain, dimension, targets));
BEGIN
    SELECT max(p.period) FILTER (WHERE p.complete) AS period,
           max(p.until) FILTER (WHERE p.complete) AS until,
           max(p.previous) FILTER (WHERE p.complete) AS previous, min(p.began) AS began
    INTO   latest
    FROM   jsonb_to_recordset(periods)
           AS p (period date, until date, complete boolean, previous date, began date);
    series := kpi.report_series(model, grain, NULL::text, periods, NULL::jsonb);
    SELECT coalesce(jsonb_agg(to_jsonb(i) ORDER BY i.position), '[]') INTO indicators
    FROM   kpi.report_indicators(model, series, lang) AS i;
    signals := kpi.report_signals(model, grain, periods, targets, lang);
    series := kpi.report_target_series(model, targets, grain, series);
    RETURN jsonb_build_object(
        'period', latest.period, 'until', latest.until, 'previous', latest.previous,
        'began', CASE WHEN latest.previous < latest.began THEN latest.began END,
        'evaluated', kpi.report_evaluated(model),
        'indicators', indicators, 'targets', targets, 'signals', signals, 'series', series,
        'trends', kpi.report_trends(grain, targets, series, indicators, signals),
        'changes', kpi.report_changes(model, latest.period),
        'cohorts', kpi.report_cohorts(model, grain),
        'funnel', kpi.report_funnel(model, grain, latest.period, latest.previous),
        'moves', CASE WHEN latest.period IS NOT NULL THEN
            kpi.report_moves(model, grain, latest.period, dimension, indicators, lang) END,
        'findings', CASE WHEN checks THEN kpi.report_findings(model) END,
        'missing', (SELECT coalesce(jsonb_agg(to_jsonb(m)), '[]')
                    FROM   kpi.report_missing(model, lang) AS m),
        'there', (SELECT jsonb_agg(r.name) FROM unnest(relations) AS r (name)
                  WHERE  kpi.report_readable(model, r.name)),
        'unreadable', (SELECT string_agg(r.name, ', ') FROM unnest(relations) AS r (name)
                       WHERE  NOT kpi.report_readable(model, r.name)));
END $$;
COMMENT ON FUNCTION report_data(model text, grain text, dimension text, lang text,
    checks boolean) IS
'implementation of report: all that is on it, before it is written';
