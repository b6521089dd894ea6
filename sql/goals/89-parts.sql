-- parts: the sections of a report, made of data (89-data), HTML (report/) and charts (88-svg)

-- what sections are made of

CREATE FUNCTION report_table(page jsonb, class text, caption text, head text, body text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kpi.report_part(page, 'table', jsonb_build_object(
               'class', class, 'caption', caption, 'html body', body,
               'html head', coalesce(head, page -> 'parts' ->> (class || ' head'))));
END $$;
COMMENT ON FUNCTION report_table(page jsonb, class text, caption text, head text, body text) IS
'implementation of report: a table; its columns are those of its class unless a head is given';

CREATE FUNCTION report_note(page jsonb, code text, marks jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kpi.report_part(page, 'note', jsonb_build_object(
               'text', kpi.report_said(page, code, marks),
               'lang', kpi.report_said(page, 'language')));
END $$;
COMMENT ON FUNCTION report_note(page jsonb, code text, marks jsonb) IS
'implementation of report: a sentence';

-- What a list is too long for is said, not left out.
CREATE FUNCTION report_rest(page jsonb, list text, items bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN items > kpi.report_limit(list) THEN kpi.report_note(page, 'and more',
               jsonb_build_object('n', kpi.decimal_text(items - kpi.report_limit(list), 0))) END;
END $$;
COMMENT ON FUNCTION report_rest(page jsonb, list text, items bigint) IS
'implementation of report: a sentence that says how many of so many items of a list are not shown; '
'NULL if all are';

CREATE FUNCTION report_badge(page jsonb, status text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN status IS NOT NULL THEN kpi.report_part(page, 'badge', jsonb_build_object(
               'status', status, 'word', coalesce(kpi.report_said(page, status), status),
               'sign', kpi.report_said(page, 'sign ' || status))) END;
END $$;
COMMENT ON FUNCTION report_badge(page jsonb, status text) IS
'implementation of report: a status by sign and word';

CREATE FUNCTION report_moved(page jsonb, value double precision, before double precision,
                             unit text, direction text, chance boolean, short boolean) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    change text := kpi.report_change(page, value, before, unit);
BEGIN
    RETURN kpi.report_part(page, 'change', CASE
        WHEN change = '–' THEN jsonb_build_object('good', 'calm', 'word', NULL)
        WHEN short THEN jsonb_build_object('good', 'calm', 'word', kpi.report_said(page, 'short'))
        WHEN direction IN ('up', 'down') IS NOT TRUE
        THEN jsonb_build_object('good', 'calm', 'word', NULL)
        WHEN starts_with(change, '±') THEN jsonb_build_object('good', 'calm',
                                                    'word', kpi.report_said(page, 'same'))
        WHEN chance THEN jsonb_build_object('good', 'calm', 'word', kpi.report_said(page, 'chance'))
        WHEN (value > before) = (direction = 'up')
        THEN jsonb_build_object('good', 'good', 'word', kpi.report_said(page, 'better'))
        ELSE jsonb_build_object('good', 'bad', 'word', kpi.report_said(page, 'worse')) END
        || jsonb_build_object('change', change));
END $$;
COMMENT ON FUNCTION report_moved(page jsonb, value double precision, before double precision,
    unit text, direction text, chance boolean, short boolean) IS
'implementation of report: how much an indicator moved, and whether that is good, which nobody '
'says of a band, of what may be chance, and of what was before in a period that is not whole '
'(short)';

CREATE FUNCTION report_range(page jsonb, low double precision, high double precision, unit text)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN num_nulls(low, high) = 0 THEN kpi.report_said(page, 'range',
               jsonb_build_object('low', kpi.report_value(page, low, unit),
                                  'high', kpi.report_value(page, high, unit))) END;
END $$;
COMMENT ON FUNCTION report_range(page jsonb, low double precision, high double precision,
    unit text) IS
'implementation of report: from where to where, nothing if that is not known';

-- What a target is, or the band it is.
CREATE FUNCTION report_aim(page jsonb, target double precision, upper double precision, unit text)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce(kpi.report_range(page, target, upper, unit),
                    CASE WHEN target IS NOT NULL THEN kpi.report_value(page, target, unit) END);
END $$;
COMMENT ON FUNCTION report_aim(page jsonb, target double precision, upper double precision,
    unit text) IS
'implementation of report: a target, or the two ends of a band; NULL if there is none';

-- The lowest, highest and last of the points of a chart, and their period, said.
CREATE FUNCTION report_label(page jsonb, code text, name text, points jsonb, unit text)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT kpi.report_said(page, code, jsonb_build_object(
               'name', name, 'n', count(p.value),
               'low', kpi.report_value(page, min(p.value), unit),
               'high', kpi.report_value(page, max(p.value), unit),
               'last', kpi.report_value(page, (array_agg(p.value ORDER BY p.period DESC)
                                               FILTER (WHERE p.value IS NOT NULL))[1], unit),
               'start', kpi.report_start(page, min(p.period), min(p.until)),
               'end', kpi.report_start(page, max(p.period), max(p.until))))
    FROM   jsonb_to_recordset(points)
           AS p (period date, until date, complete boolean, value double precision)
    WHERE  p.complete);
END $$;
COMMENT ON FUNCTION report_label(page jsonb, code text, name text, points jsonb, unit text) IS
'implementation of report: what a chart says to who does not see it';

-- What else is drawn: the target that held last, and how many points are signals, and which last.
CREATE FUNCTION report_marked(page jsonb, points jsonb, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT concat(kpi.report_said(page, 'chart target', jsonb_build_object('target', t.said)),
                  CASE WHEN p.signals > 0 THEN kpi.report_said(page, 'chart signals',
                      jsonb_build_object('n', p.signals, 'last',
                          kpi.report_start(page, p.last_signal, p.last_until))) END)
    FROM  (SELECT count(p.signal) AS signals,
                  max(p.period) FILTER (WHERE p.signal IS NOT NULL) AS last_signal,
                  max(p.until) FILTER (WHERE p.signal IS NOT NULL) AS last_until,
                  (array_agg(p.target ORDER BY p.period DESC)
                       FILTER (WHERE p.target IS NOT NULL))[1] AS target,
                  (array_agg(p.upper ORDER BY p.period DESC)
                       FILTER (WHERE p.target IS NOT NULL))[1] AS upper
           FROM   jsonb_to_recordset(points)
                  AS p (period date, until date, target double precision, upper double precision,
                        signal text)) AS p
           CROSS JOIN LATERAL kpi.report_aim(page, p.target, p.upper, unit) AS t (said));
END $$;
COMMENT ON FUNCTION report_marked(page jsonb, points jsonb, unit text) IS
'implementation of report: what a trend says of its target and signals to who does not see them';

CREATE FUNCTION report_spark(page jsonb, points jsonb, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT kpi.svg_sparkline(array_agg(p.value ORDER BY p.period),
                             kpi.report_label(page, 'spark label', NULL, points, unit))
    FROM   jsonb_to_recordset(points) AS p (period date, complete boolean, value double precision)
    WHERE  p.complete
    HAVING count(p.value) > 0);
END $$;
COMMENT ON FUNCTION report_spark(page jsonb, points jsonb, unit text) IS
'implementation of report: the periods that are over, as a line';

-- sections

CREATE FUNCTION report_indicator_rows(page jsonb, indicators jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(c.html, E'\n' ORDER BY c.position)
    FROM  (SELECT min(i.position) AS position, kpi.report_part(page, 'group', jsonb_build_object(
                      'columns', 5, 'more', '',
                      'name', kpi.report_said(page, 'category ' || i.category),
                      'html rows', string_agg(kpi.report_part(page, 'indicators row',
                          jsonb_build_object(
                              'name', i.name, 'value', kpi.report_value(page, i.value, i.unit),
                              'interval', kpi.report_range(page, i.low, i.high, i.unit),
                              'html spark', kpi.report_spark(page, i.points, i.unit),
                              'html change', kpi.report_moved(page, i.value, i.previous, i.unit,
                                                              i.direction, i.chance,
                                                              i.previous_short),
                              'html year', kpi.report_moved(page, i.value, i.last_year, i.unit,
                                                            i.direction, NULL,
                                                            i.last_year_short))),
                          E'\n' ORDER BY i.position))) AS html
           FROM   jsonb_to_recordset(indicators)
                  AS i (position integer, name text, category text, unit text, direction text,
                        value double precision, low double precision, high double precision,
                        previous double precision, last_year double precision, chance boolean,
                        previous_short boolean, last_year_short boolean, points jsonb)
           GROUP  BY i.category) AS c;
END;
COMMENT ON FUNCTION report_indicator_rows(page jsonb, indicators jsonb) IS
'implementation of report: the rows of a table of indicators, by category';

CREATE FUNCTION report_indicators_section(page jsonb, indicators jsonb, main boolean) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.report_table(page, 'indicators',
                            kpi.report_said(page, CASE WHEN main THEN 'indicators' ELSE 'all' END),
                            NULL, kpi.report_indicator_rows(page, i.rows))
    FROM  (SELECT jsonb_agg(e.item ORDER BY e.n) AS rows
           FROM   jsonb_array_elements(indicators) WITH ORDINALITY AS e (item, n)
           WHERE  (e.item ->> 'main')::boolean = main) AS i
    WHERE  i.rows IS NOT NULL;
END;
COMMENT ON FUNCTION report_indicators_section(page jsonb, indicators jsonb, main boolean) IS
'implementation of report: the table of the main indicators, or of all others';

-- An amount is drawn from zero, anything else where it lies.
CREATE FUNCTION report_chart(page jsonb, name text, points jsonb, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT kpi.svg_line(jsonb_build_object(
               'points', points,
               'first', kpi.report_start(page, p.first, p.first_until),
               'last', kpi.report_start(page, p.last, p.last_until),
               'ticks', (SELECT jsonb_agg(jsonb_build_object(
                                    'at', t.at, 'text', kpi.report_short(page, t.at, unit))
                                    ORDER BY t.at)
                         FROM   unnest(kpi.svg_ticks(p.low, p.high)) AS t (at))),
               kpi.report_label(page, 'chart label', name, points, unit)
               || kpi.report_marked(page, points, unit))
    FROM  (SELECT min(p.period) AS first, min(p.until) AS first_until, max(p.period) AS last,
                  max(p.until) AS last_until, max(x.x) AS high,
                  CASE WHEN unit IN ('money', 'count', 'quantity') THEN least(0, min(x.x))
                       ELSE min(x.x) END AS low
           FROM   jsonb_to_recordset(points)
                  AS p (period date, until date, value double precision, low double precision,
                        high double precision, last_year double precision,
                        target double precision, upper double precision)
                  CROSS JOIN LATERAL unnest(ARRAY[p.value, p.low, p.high, p.last_year, p.target,
                                                  p.upper]) AS x (x)) AS p
    WHERE  p.high IS NOT NULL);
END $$;
COMMENT ON FUNCTION report_chart(page jsonb, name text, points jsonb, unit text) IS
'implementation of report: a trend as a chart; NULL if it has no value';

-- Targets and signals have a column where there are any.
CREATE FUNCTION report_figures(page jsonb, name text, points jsonb, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH point AS (
        SELECT p.*, bool_or(p.target IS NOT NULL) OVER () AS aimed,
               bool_or(p.signal IS NOT NULL) OVER () AS marked
        FROM   jsonb_to_recordset(points)
               AS p (period date, until date, value double precision, low double precision,
                     high double precision, last_year double precision, target double precision,
                     upper double precision, signal text)
    )
    SELECT kpi.report_part(page, 'details', jsonb_build_object(
               'title', kpi.report_said(page, 'figures'),
               'html body', kpi.report_table(page, 'figures', name,
                   concat(page -> 'parts' ->> 'figures head',
                          CASE WHEN bool_or(p.aimed)
                               THEN page -> 'parts' ->> 'figures head target' END,
                          CASE WHEN bool_or(p.marked)
                               THEN page -> 'parts' ->> 'figures head signal' END),
                   kpi.report_part(page, 'rows', jsonb_build_object(
                       'html rows', string_agg(kpi.report_part(page, 'figures row',
                           jsonb_build_object(
                               'period', kpi.report_period(page, p.period, p.until),
                               'value', kpi.report_value(page, p.value, unit),
                               'interval', coalesce(kpi.report_range(page, p.low, p.high, unit),
                                                    '–'),
                               'year', kpi.report_value(page, p.last_year, unit),
                               'html more', concat(
                                   CASE WHEN p.aimed THEN kpi.report_part(page, 'figures target',
                                       jsonb_build_object('target', coalesce(kpi.report_aim(
                                           page, p.target, p.upper, unit), '–'))) END,
                                   CASE WHEN p.marked THEN kpi.report_part(page, 'figures signal',
                                       jsonb_build_object('signal', coalesce(kpi.report_said(
                                           page, 'rule ' || p.signal), '–'))) END))),
                           E'\n' ORDER BY p.period DESC))))))
    FROM   point AS p);
END $$;
COMMENT ON FUNCTION report_figures(page jsonb, name text, points jsonb, unit text) IS
'implementation of report: the figures of a trend, as a table that is shown when asked for';

-- Trends: rows of position, name, member, unit and points.
CREATE FUNCTION report_trends_section(page jsonb, trends jsonb) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT concat_ws(E'\n', kpi.report_part(page, 'cards', jsonb_build_object(
               'html legend', page -> 'parts' ->> 'legend',
               'html cards', string_agg(kpi.report_part(page, 'card', jsonb_build_object(
                   'name', t.name, 'member', t.member,
                   'value', kpi.report_value(page, l.value, t.unit),
                   'period', kpi.report_period(page, l.period, l.until),
                   'html chart', c.chart,
                   'html figures', kpi.report_figures(page, n.label, t.points, t.unit))), E'\n'
                   ORDER BY t.n))), kpi.report_rest(page, 'trends', jsonb_array_length(trends)))
    FROM   (SELECT e.n, t.*
            FROM   jsonb_array_elements(trends) WITH ORDINALITY AS e (trend, n)
                   CROSS JOIN LATERAL jsonb_to_record(e.trend)
                       AS t (name text, member text, unit text, points jsonb)
            WHERE  e.n <= kpi.report_limit('trends')) AS t
           CROSS JOIN LATERAL (SELECT concat_ws(' – ', t.name, kpi.html_shortened(t.member, 100)))
                              AS n (label)
           CROSS JOIN LATERAL kpi.report_chart(page, n.label, t.points, t.unit) AS c (chart)
           LEFT JOIN LATERAL (
               SELECT p.* FROM jsonb_to_recordset(t.points)
                               AS p (period date, until date, complete boolean,
                                     value double precision)
               WHERE  p.complete ORDER BY p.period DESC LIMIT 1) AS l ON true
    WHERE  c.chart IS NOT NULL
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION report_trends_section(page jsonb, trends jsonb) IS
'implementation of report: trends as charts, side by side';

CREATE FUNCTION report_cohorts_section(page jsonb, cohorts jsonb, grain text) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH cell AS (
        SELECT c.cohort, c.cohort_size, e.n, e.rate, e.complete
        FROM   jsonb_to_recordset(cohorts) AS c (cohort date, cohort_size bigint, cells jsonb)
               CROSS JOIN LATERAL jsonb_to_recordset(c.cells)
                                  AS e (n integer, rate double precision, complete boolean)
        WHERE  e.n > 0
    ),
    shade AS (  -- six of them, the darkest for the highest rate
        SELECT coalesce(nullif(max(c.rate), 0), 1) AS highest, max(c.n) AS columns FROM cell AS c
    )
    SELECT kpi.report_table(
               page, 'cohorts', kpi.report_said(page, 'cohorts'),
               kpi.html_filled(page -> 'parts' ->> 'cohorts head', jsonb_build_object(
                   'html columns', (SELECT string_agg(kpi.report_part(page, 'cohorts column',
                                               jsonb_build_object('n', n)), '' ORDER BY n)
                                    FROM   generate_series(1, s.columns) AS n))),
               kpi.report_part(page, 'rows', jsonb_build_object('html rows', r.rows)))
    FROM   shade AS s
           CROSS JOIN LATERAL (
               SELECT string_agg(kpi.report_part(page, 'cohorts row', jsonb_build_object(
                          'cohort', kpi.report_start(page, c.cohort, CASE grain
                                        WHEN 'day' THEN 'month' ELSE grain END),
                          'size', kpi.report_value(page, c.size, 'count'),
                          'html cells', c.cells)), E'\n' ORDER BY c.cohort) AS rows
               FROM  (SELECT c.cohort, max(c.cohort_size)::double precision AS size,
                             -- what is still to come, too, so that all rows are as long
                             string_agg(kpi.report_part(page, 'cohorts cell', jsonb_build_object(
                                 'shade', ceil(6 * coalesce(c.rate, 0) / s.highest),
                                 'rate', kpi.decimal_text(100 * c.rate::numeric, 0) || '%'
                                         || CASE WHEN c.complete THEN '' ELSE ' …' END)),
                                 '' ORDER BY c.n)
                             || repeat('<td></td>', s.columns - max(c.n)) AS cells
                      FROM   cell AS c GROUP BY c.cohort) AS c) AS r
    WHERE  r.rows IS NOT NULL;
END;
COMMENT ON FUNCTION report_cohorts_section(page jsonb, cohorts jsonb, grain text) IS
'implementation of report: who of each cohort came back, as a table whose cells are shaded; NULL '
'if nobody can have yet';

CREATE FUNCTION report_funnel_section(page jsonb, funnel jsonb) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.report_table(page, 'funnel', kpi.report_said(page, 'funnel'), NULL,
               kpi.report_part(page, 'rows', jsonb_build_object('html rows', string_agg(
                   kpi.report_part(page, 'funnel row', jsonb_build_object(
                       'step', f.step, 'label', f.label,
                       'reached', kpi.report_value(page, f.reached, 'count'),
                       'html bar', kpi.svg_bar(f.overall_rate,
                                               kpi.report_value(page, f.overall_rate, 'share')),
                       'overall', kpi.report_value(page, f.overall_rate, 'share'),
                       'rate', kpi.report_value(page, f.step_rate, 'share'),
                       'previous', kpi.report_value(page, f.previous, 'share'))),
                   E'\n' ORDER BY f.step))))
    FROM   jsonb_to_recordset(funnel)
           AS f (step integer, label text, reached double precision, step_rate double precision,
                 overall_rate double precision, previous double precision)
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION report_funnel_section(page jsonb, funnel jsonb) IS
'implementation of report: the steps of the funnel';

-- Of a share, effects are differences of it.
CREATE FUNCTION report_effect(page jsonb, effect double precision, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN effect IS NULL THEN '–'
                WHEN unit = 'share' THEN kpi.report_change(page, effect, 0, unit)
                ELSE CASE WHEN effect > 0 THEN '+' ELSE '' END
                     || kpi.report_value(page, effect, unit) END;
END $$;
COMMENT ON FUNCTION report_effect(page jsonb, effect double precision, unit text) IS
'implementation of report: what something moved an indicator by';

CREATE FUNCTION report_move(page jsonb, kpi text, name text, unit text, dimension text, rows jsonb)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH effect AS (
        SELECT e.*, row_number() OVER () AS n,
               CASE WHEN e.part <> 'factor' THEN unit
                    WHEN e.member = kpi.report_said(page, 'explain value')
                    THEN 'money' ELSE 'quantity' END AS unit_of,
               CASE e.part
                   WHEN 'all' THEN kpi.report_said(page, 'all of it')
                   ELSE coalesce(e.member, kpi.report_said(page, 'at several')) END AS named
        FROM   jsonb_to_recordset(rows)
               AS e (part text, member text, before double precision, after double precision,
                     effect double precision, rate_effect double precision,
                     mix_effect double precision, why text)
    ),
    kind AS (
        SELECT CASE WHEN bool_or(e.mix_effect IS NOT NULL) THEN 'mixes' ELSE 'moves' END AS class,
               CASE WHEN dimension IS NULL THEN kpi.report_said(page, 'by factors')
                    ELSE kpi.report_said(page, 'by dimension', jsonb_build_object(
                             'dimension', dimension)) END AS by
        FROM   effect AS e
    )
    SELECT kpi.report_part(page, 'move', jsonb_build_object(
               'name', name, 'by', k.by,
               'moved', kpi.report_said(page, 'moved', jsonb_build_object(
                   'before', kpi.report_value(page, a.before, unit),
                   'after', kpi.report_value(page, a.after, unit),
                   'change', kpi.report_change(page, a.after, a.before, unit))),
               'why', a.why,
               'html table', kpi.report_table(
                   page, k.class, name || ', ' || k.by,
                   kpi.report_part(page, k.class || ' head', jsonb_build_object(
                       'by', k.by, 'before', page ->> 'previous', 'after', page ->> 'period')),
                   kpi.report_part(page, 'rows', jsonb_build_object('html rows', (
                       SELECT string_agg(kpi.report_part(page, k.class || ' row',
                           jsonb_build_object(
                               'member', e.named,
                               'before', kpi.report_value(page, e.before, e.unit_of),
                               'after', kpi.report_value(page, e.after, e.unit_of),
                               'effect', kpi.report_effect(page, e.effect, unit),
                               'rate', kpi.report_effect(page, e.rate_effect, unit),
                               'mix', kpi.report_effect(page, e.mix_effect, unit))),
                           E'\n' ORDER BY e.n)
                       FROM   effect AS e))))))
    FROM   effect AS a CROSS JOIN kind AS k WHERE a.part = 'all');
END $$;
COMMENT ON FUNCTION report_move(page jsonb, kpi text, name text, unit text, dimension text,
    rows jsonb) IS
'implementation of report: what an indicator moved by, as explain() tells';

CREATE FUNCTION report_began(page jsonb, began date) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN began IS NULL THEN '' ELSE kpi.report_note(page, 'began', jsonb_build_object(
               'previous', page ->> 'previous',
               'day', kpi.report_date(page, began, 'day form'))) END;
END $$;
COMMENT ON FUNCTION report_began(page jsonb, began date) IS
'implementation of report: a sentence that says that the period before is not whole, as data begin '
'within it; nothing if they do not';

CREATE FUNCTION report_moves_section(page jsonb, moves jsonb) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(kpi.report_move(page, m.kpi, m.name, m.unit, m.dimension, m.rows), E'\n'
                      ORDER BY e.n)
    FROM   jsonb_array_elements(moves) WITH ORDINALITY AS e (move, n)
           CROSS JOIN LATERAL jsonb_to_record(e.move)
                              AS m (kpi text, name text, unit text, dimension text, rows jsonb);
END;
COMMENT ON FUNCTION report_moves_section(page jsonb, moves jsonb) IS
'implementation of report: what moved, and why';

-- goals

-- Where a target lies, and what is asked for by now.
CREATE FUNCTION report_asked(page jsonb, target double precision, upper double precision,
                             direction text, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE direction WHEN 'up' THEN '≥ ' WHEN 'down' THEN '< ' ELSE '' END
           || kpi.report_aim(page, target, upper, unit);
END $$;
COMMENT ON FUNCTION report_asked(page jsonb, target double precision, upper double precision,
    direction text, unit text) IS
'implementation of report: a target as people write it';

CREATE FUNCTION report_target_row(page jsonb, card jsonb, series jsonb) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT kpi.report_part(page, 'scorecard row', jsonb_build_object(
        'name', t.said, 'member', t.member, 'owner', t.owner,
        'html badge', kpi.report_badge(page, t.status),
        'since', CASE WHEN t.since <= (page ->> 'today')::date THEN kpi.report_said(page, 'since',
            jsonb_build_object('day', kpi.report_date(page, t.since, 'short day form'))) END,
        'value', kpi.report_value(page, t.value, t.unit),
        'interval', kpi.report_range(page, t.low, t.high, t.unit),
        'html bullet', kpi.svg_bullet(
            card || jsonb_build_object('bar', t.unit IN ('money', 'count', 'quantity')),
            kpi.report_said(page, 'bullet label', jsonb_build_object(
                'value', kpi.report_value(page, t.value, t.unit), 'target', a.said))),
        'target', a.said,
        'asked', CASE WHEN t.asked <> t.target THEN kpi.report_said(page, 'asked',
            jsonb_build_object('value', kpi.report_value(page, t.asked, t.unit))) END,
        'until', kpi.report_said(page, 'until', jsonb_build_object(
            'day', kpi.report_date(page, t.ends, 'short day form'))),
        'html spark', kpi.report_spark(page, i.points, t.unit),
        'html change', kpi.report_moved(page, CASE WHEN t.complete THEN t.value END, t.previous,
                                        t.unit, t.direction, i.chance, i.previous_short),
        'html year', kpi.report_moved(page, CASE WHEN t.complete THEN t.value END, t.last_year,
                                      t.unit, t.direction, NULL, i.last_year_short),
        'forecast', kpi.report_value(page, t.expected, t.unit),
        'between', kpi.report_range(page, t.expected_low, t.expected_high, t.unit),
        'html running', CASE WHEN t.running IS NOT NULL THEN kpi.report_part(
            page, 'running', jsonb_build_object(
                'html badge', kpi.report_badge(page, t.running),
                'why', CASE page ->> 'lang' WHEN 'zh' THEN t.running_why_zh
                                            ELSE t.running_why END)) END,
        'why', concat_ws(' ',
            CASE page ->> 'lang' WHEN 'zh' THEN t.why_zh ELSE t.why END,
            CASE WHEN t.next_checkpoint IS NOT NULL THEN kpi.report_said(page, 'next checkpoint',
                jsonb_build_object('day', kpi.report_date(page, t.next_checkpoint, 'day form'),
                                   'value', kpi.report_value(page, t.next_value, t.unit))) END,
            CASE WHEN t.benchmark IS NOT NULL THEN kpi.report_said(page, 'benchmark',
                jsonb_build_object('text', CASE page ->> 'lang' WHEN 'zh' THEN t.benchmark_zh
                                                                ELSE t.benchmark END)) END)))
    FROM   jsonb_to_record(card) AS t (
               kpi text, said text, dimension text, member text, grain text, owner text, unit text,
               status text, since date, ends date, value double precision, low double precision,
               high double precision, target double precision, upper double precision,
               asked double precision, direction text, previous double precision,
               last_year double precision, expected double precision,
               expected_low double precision, expected_high double precision, why text,
               why_zh text, running text, running_why text, running_why_zh text,
               next_checkpoint date, next_value double precision, benchmark text,
               benchmark_zh text, complete boolean)
           LEFT JOIN jsonb_array_elements(series) AS e (item)
                ON e.item ->> 'kpi' = t.kpi AND e.item ->> 'grain' = t.grain
                AND (e.item ->> 'dimension', e.item ->> 'member')
                    IS NOT DISTINCT FROM (t.dimension, t.member)
           LEFT JOIN LATERAL kpi.report_indicators(
                         page ->> 'model',
                         CASE WHEN e.item IS NULL THEN '[]' ELSE jsonb_build_array(e.item) END,
                         page ->> 'lang') AS i ON true
           CROSS JOIN LATERAL kpi.report_asked(page, t.target, t.upper, t.direction, t.unit)
                              AS a (said));
END $$;
COMMENT ON FUNCTION report_target_row(page jsonb, card jsonb, series jsonb) IS
'implementation of report: a target of the scorecard';

CREATE FUNCTION report_scorecard_section(page jsonb, targets jsonb, series jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH target AS (
        SELECT e.n, e.target, e.target ->> 'objective' AS objective, e.target ->> 'title' AS title,
               e.target ->> 'objective_owner' AS owner, e.target ->> 'status' AS status
        FROM   jsonb_array_elements(targets) WITH ORDINALITY AS e (target, n)
    )
    SELECT kpi.report_part(page, 'tallies', jsonb_build_object('html items', (
               SELECT string_agg(kpi.report_part(page, 'tally', jsonb_build_object(
                          'html badge', kpi.report_badge(page, c.status), 'n', c.n)), ''
                          ORDER BY s.n)
               FROM   unnest('{achieved,on_track,at_risk,off_track,cannot_tell,too_early,no_data}'
                             ::text[]) WITH ORDINALITY AS s (status, n)
                      JOIN (SELECT t.status, count(*) AS n FROM target AS t GROUP BY t.status) AS c
                           ON c.status = s.status)))
           || kpi.report_table(page, 'scorecard', kpi.report_said(page, 'scorecard'), NULL,
                               string_agg(o.html, E'\n' ORDER BY o.n))
           || coalesce(kpi.report_rest(page, 'targets', jsonb_array_length(targets)), '')
    FROM  (SELECT min(t.n) AS n, kpi.report_part(page, 'group', jsonb_build_object(
                      'columns', 9,
                      'name', coalesce(min(t.title), t.objective,
                                       kpi.report_said(page, 'no objective')),
                      'more', min(t.owner),
                      'html rows', string_agg(kpi.report_target_row(page, t.target, series), E'\n'
                                              ORDER BY t.n))) AS html
           FROM   target AS t WHERE t.n <= kpi.report_limit('targets')
           GROUP  BY t.objective) AS o
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION report_scorecard_section(page jsonb, targets jsonb, series jsonb) IS
'implementation of report: the targets, by objective';

CREATE FUNCTION report_changes_section(page jsonb, changes jsonb, targets jsonb,
                                       evaluated boolean) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE WHEN count(*) > 0 THEN
           kpi.report_table(page, 'changes', kpi.report_said(page, 'changes'), NULL,
               kpi.report_part(page, 'rows', jsonb_build_object('html rows', string_agg(
                   kpi.report_part(page, 'changes row', jsonb_build_object(
                       'name', c.said, 'member', c.member,
                       'html before', kpi.report_badge(page, c.before),
                       'html now', kpi.report_badge(page, c.status),
                       'period', kpi.report_start(page, c.period, c.grain),
                       'value', kpi.report_value(page, c.value, c.unit),
                       'seen', c.acknowledged_by, 'note', c.note)),
                   E'\n' ORDER BY c.n))))
               || coalesce(kpi.report_rest(page, 'changes', max(c.items)), '')
           ELSE kpi.report_note(page, CASE WHEN evaluated THEN 'no changes'
                                           ELSE 'not evaluated' END) END
    FROM  (SELECT count(*) OVER () AS items, row_number() OVER (ORDER BY c.status_id DESC) AS n,
                  c.*, t.said, t.member, t.unit, t.grain
           FROM   jsonb_to_recordset(changes)
                  AS c (status_id bigint, target_id bigint, period date, before text, status text,
                        value double precision, acknowledged_by text, note text)
                  JOIN jsonb_to_recordset(targets)
                       AS t (target_id bigint, said text, member text, unit text, grain text)
                       USING (target_id)) AS c
    WHERE  c.n <= kpi.report_limit('changes');
END;
COMMENT ON FUNCTION report_changes_section(page jsonb, changes jsonb, targets jsonb,
    evaluated boolean) IS
'implementation of report: which targets have changed their status';

CREATE FUNCTION report_signal_rows(page jsonb, signals jsonb, main boolean) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.report_table(page, 'signals', kpi.report_said(page, 'signals'), NULL,
               kpi.report_part(page, 'rows', jsonb_build_object('html rows', string_agg(
                   kpi.report_part(page, 'signals row', jsonb_build_object(
                       'name', s.said, 'member', s.member,
                       'period', kpi.report_start(page, s.period, s.grain),
                       'grain', CASE WHEN s.grain <> page ->> 'grain'
                                     THEN kpi.report_said(page, 'grain ' || s.grain) END,
                       'value', kpi.report_value(page, s.value, s.unit),
                       'limits', kpi.report_range(page, s.lower, s.upper, s.unit),
                       'good', CASE s.good WHEN true THEN 'good' WHEN false THEN 'bad'
                                           ELSE 'calm' END,
                       'word', kpi.report_said(page, CASE s.good WHEN true THEN 'good'
                                                   WHEN false THEN 'bad' ELSE s.side END),
                       'why', s.why)), E'\n' ORDER BY s.n))))
           || coalesce(kpi.report_rest(page, 'signals', max(s.items)), '')
    FROM  (SELECT s.*, row_number() OVER (ORDER BY e.n) AS n, count(*) OVER () AS items
           FROM   jsonb_array_elements(signals) WITH ORDINALITY AS e (signal, n)
                  CROSS JOIN LATERAL jsonb_to_record(e.signal)
                      AS s (said text, member text, unit text, grain text, period date,
                            main boolean, value double precision, lower double precision,
                            upper double precision, side text, good boolean, why text)
           WHERE  s.main = report_signal_rows.main) AS s
    WHERE  s.n <= kpi.report_limit('signals')
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION report_signal_rows(page jsonb, signals jsonb, main boolean) IS
'implementation of report: the signals of the main indicators and those that targets are about, or '
'of all others; NULL if there are none';

CREATE FUNCTION report_signals_section(page jsonb, signals jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT concat_ws(E'\n',
               coalesce(kpi.report_signal_rows(page, r.recent, true),
                        kpi.report_note(page, CASE WHEN r.judged THEN 'no signals'
                                                   ELSE 'not judged' END)),
               (SELECT kpi.report_part(page, 'details', jsonb_build_object(
                           'title', kpi.report_said(page, 'all'), 'html body', o.html))
                FROM   kpi.report_signal_rows(page, r.recent, false) AS o (html)
                WHERE  o.html IS NOT NULL))
    FROM  (SELECT coalesce(jsonb_agg(e.signal ORDER BY e.n)
                           FILTER (WHERE e.signal ->> 'rule' IS NOT NULL), '[]') AS recent,
                  coalesce(bool_or((e.signal ->> 'main')::boolean), false) AS judged
           FROM   jsonb_array_elements(signals) WITH ORDINALITY AS e (signal, n)
           WHERE  (e.signal ->> 'recent')::boolean) AS r;
END;
COMMENT ON FUNCTION report_signals_section(page jsonb, signals jsonb) IS
'implementation of report: the signals of the last periods, or that there are none, or that '
'nothing was able to be judged';

-- data

CREATE FUNCTION report_findings_table(page jsonb, findings jsonb) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT CASE WHEN count(*) > 0 THEN
           kpi.report_table(page, 'findings', kpi.report_said(page, 'findings'), NULL,
               kpi.report_part(page, 'rows', jsonb_build_object('html rows', string_agg(
                   kpi.report_part(page, 'findings row', jsonb_build_object(
                       'source', f.source, 'kind', kpi.report_said(page, 'kind ' || f.kind),
                       'finding', f.finding, 'rows', kpi.report_value(page, f.rows, 'count'),
                       'of_rows', kpi.report_said(page, 'of rows', jsonb_build_object(
                                      'n', kpi.report_value(page, f.of_rows, 'count'))),
                       'indicator', CASE page ->> 'lang' WHEN 'zh' THEN i.name_zh
                                                         ELSE i.name END,
                       'corrected', CASE WHEN num_nulls(f.value, f.corrected) = 0
                           THEN kpi.report_said(page, 'corrected', jsonb_build_object(
                                    'value', kpi.report_value(page, f.value, i.unit),
                                    'corrected', kpi.report_value(page, f.corrected, i.unit))) END,
                       'advice', f.advice)), E'\n' ORDER BY f.n))))
               || coalesce(kpi.report_rest(page, 'findings', jsonb_array_length(findings)), '')
           ELSE kpi.report_note(page, 'no findings') END
    FROM  (SELECT e.n, f.*
           FROM   jsonb_array_elements(findings) WITH ORDINALITY AS e (finding, n)
                  CROSS JOIN LATERAL jsonb_to_record(e.finding)
                      AS f (source text, kind text, finding text, rows double precision,
                            of_rows double precision, indicator text, value double precision,
                            corrected double precision, advice text)
           WHERE  e.n <= kpi.report_limit('findings')) AS f
           LEFT JOIN kpi.indicators AS i ON i.indicator = f.indicator;
END;
COMMENT ON FUNCTION report_findings_table(page jsonb, findings jsonb) IS
'implementation of report: what check() has found';

CREATE FUNCTION report_data_section(page jsonb, data jsonb, checks boolean) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT concat_ws(E'\n',
        CASE WHEN NOT checks THEN kpi.report_note(page, 'not checked')
             WHEN data ->> 'findings' IS NULL THEN kpi.report_note(page, 'not owner')
             ELSE kpi.report_findings_table(page, data -> 'findings') END,
        CASE WHEN data ->> 'unreadable' IS NOT NULL
             THEN kpi.report_note(page, 'not readable', jsonb_build_object(
                      'views', data ->> 'unreadable')) END,
        coalesce((
            SELECT kpi.report_part(page, 'details', jsonb_build_object(
                'title', format('%s (%s)', kpi.report_said(page, 'missing'), count(*)),
                'html body', kpi.report_table(page, 'missing', kpi.report_said(page, 'missing'),
                    NULL, kpi.report_part(page, 'rows', jsonb_build_object(
                        'html rows', string_agg(kpi.report_part(page, 'missing row',
                            jsonb_build_object('name', m.name, 'missing', m.missing)),
                            E'\n' ORDER BY e.n))))))
            FROM   jsonb_array_elements(data -> 'missing') WITH ORDINALITY AS e (item, n)
                   CROSS JOIN LATERAL jsonb_to_record(e.item) AS m (name text, missing text)
            HAVING count(*) > 0), kpi.report_note(page, 'none missing')));
END;
COMMENT ON FUNCTION report_data_section(page jsonb, data jsonb, checks boolean) IS
'implementation of report: what is missing or doubtful in the data';
