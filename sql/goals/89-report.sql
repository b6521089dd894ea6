-- report: a page of what is in a model

-- The sections there is something to show in.
CREATE FUNCTION report_sections(page jsonb, data jsonb, grain text, checks boolean)
RETURNS TABLE (n integer, id text, html text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT s.n, s.id, kpi.report_part(page, 'section', jsonb_build_object(
               'id', s.id, 'title', kpi.report_said(page, s.id), 'html body', s.body,
               'about', kpi.report_said(page, 'about ' || s.id, jsonb_build_object(
                            'period', page ->> 'period'))))
    FROM  (VALUES
               (1, 'scorecard', kpi.report_scorecard_section(page, data -> 'targets',
                                                             data -> 'series')),
               (2, 'changes', CASE WHEN data -> 'there' ? 'statuses' THEN
                   kpi.report_changes_section(page, data -> 'changes', data -> 'targets',
                                              (data ->> 'evaluated')::boolean) END),
               -- of longer periods only what targets are about can be judged
               (3, 'signals', CASE WHEN data -> 'there' ? 'signals'
                                        AND (grain IN ('day', 'week', 'month')
                                             OR data -> 'signals' <> '[]')
                                        AND data -> 'indicators' <> '[]' THEN
                   kpi.report_signals_section(page, data -> 'signals') END),
               (4, 'indicators', coalesce(nullif(concat_ws(E'\n',
                   kpi.report_indicators_section(page, data -> 'indicators', true),
                   (SELECT kpi.report_part(page, 'details', jsonb_build_object(
                               'title', kpi.report_said(page, 'all'), 'html body', o.html))
                    FROM   kpi.report_indicators_section(page, data -> 'indicators', false)
                           AS o (html)
                    WHERE  o.html IS NOT NULL)), ''), kpi.report_note(page, 'nothing'))),
               (5, 'trends', kpi.report_trends_section(page, data -> 'trends')),
               (6, 'moves', CASE WHEN data ->> 'previous' IS NOT NULL THEN
                   kpi.report_began(page, (data ->> 'began')::date)
                   || kpi.report_moves_section(page, data -> 'moves') END),
               (7, 'cohorts', kpi.report_cohorts_section(page, data -> 'cohorts', grain)),
               (8, 'funnel', kpi.report_funnel_section(page, data -> 'funnel')),
               (9, 'data', kpi.report_data_section(page, data, checks))) AS s (n, id, body)
    WHERE  s.body IS NOT NULL;
END;
COMMENT ON FUNCTION report_sections(page jsonb, data jsonb, grain text, checks boolean) IS
'implementation of report: the sections of the page';

CREATE FUNCTION require_report(model text, lang text, grain text, dimension text,
                               dimensions text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    grains text;
BEGIN
    EXECUTE format('SELECT string_agg(g.grain, '', '') FROM %I.kpi_grains AS g '
                   'WHERE g.grain <> ''all''', model) INTO grains;
    IF lang IN ('en', 'zh') IS NOT TRUE THEN
        RAISE EXCEPTION 'there is no report in the language "%"', lang
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Write en, for English, or zh, for Chinese.';
    ELSIF grain = ANY (string_to_array(grains, ', ')) IS NOT TRUE THEN
        RAISE EXCEPTION 'there is no report by "%"', grain
            USING ERRCODE = 'invalid_parameter_value', HINT = format('Write one of %s.', grains);
    ELSIF dimension IS NOT NULL AND dimension <> ALL (dimensions) THEN
        RAISE EXCEPTION 'model "%" has no dimension "%"', model, dimension
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('Its dimensions are: %s.',
                                coalesce(nullif(array_to_string(dimensions, ', '), ''), 'none'));
    END IF;
END $$;
COMMENT ON FUNCTION require_report(model text, lang text, grain text, dimension text,
    dimensions text[]) IS
'implementation of report: an error if it is asked for what there is not';

CREATE FUNCTION report(model text, lang text DEFAULT 'en', grain text DEFAULT 'month',
                       dimension text DEFAULT NULL, title text DEFAULT NULL,
                       checks boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
    SET jit = off AS $$    -- compiling takes longer than it saves
DECLARE
    settings record;
    page     jsonb;
    data     jsonb;
BEGIN
    SELECT * INTO settings FROM kpi.settings_read(model);
    PERFORM kpi.require_report(model, lang, grain, dimension, settings.dimensions);
    data := kpi.report_data(model, grain, coalesce(dimension, settings.dimensions[1]), lang,
                            checks);
    page := kpi.report_language(lang, settings.currency)
            || jsonb_build_object('today', settings.settings ->> 'today', 'grain', grain);
    page := page || jsonb_build_object(
        'model', model,
        'period', kpi.report_period(page, (data ->> 'period')::date, (data ->> 'until')::date),
        'previous', kpi.report_period(page, (data ->> 'previous')::date,
                                      (data ->> 'period')::date));
    RETURN kpi.report_part(page, 'page', jsonb_build_object(
        'title', coalesce(title, kpi.report_said(page, 'title', jsonb_build_object('name', model))),
        'lead', kpi.report_said(
            page, CASE WHEN page ->> 'period' IS NULL THEN 'lead without' ELSE 'lead' END,
            jsonb_build_object(
                'period', page ->> 'period', 'grain', kpi.report_said(page, 'grain ' || grain),
                'as_of', to_char((settings.settings ->> 'as_of')::timestamptz
                                 AT TIME ZONE settings.timezone,
                                 kpi.report_said(page, 'time form')),
                'timezone', settings.timezone)),
        'foot', kpi.report_said(
            page, CASE WHEN settings.currency IS NULL THEN 'foot without' ELSE 'foot' END,
            jsonb_build_object('model', model, 'currency', settings.currency, 'version', (
                SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'kpi'))),
        'html style', page -> 'parts' ->> 'style')
        || (SELECT jsonb_build_object(
                       'html links', string_agg(kpi.report_part(page, 'link', jsonb_build_object(
                           'id', s.id, 'title', kpi.report_said(page, s.id))), '' ORDER BY s.n),
                       'html sections', string_agg(s.html, E'\n' ORDER BY s.n))
            FROM   kpi.report_sections(page, data, grain, checks) AS s));
END $$;
COMMENT ON FUNCTION report(model text, lang text, grain text, dimension text, title text,
    checks boolean) IS
'a page of HTML that shows a model, in English or Chinese (lang en or zh): its targets and how '
'they stand, signals, the main indicators with their trends, what moved by which members of a '
'dimension (the first of the model, unless another is named), cohorts, the funnel, and what is '
'missing; by day, week, month, quarter, half or year, the last that is over. It needs nothing '
'else to be shown, and no script. What the caller may not read is left out, and that is said. '
'checks also tells what kpi.check finds, which reads all rows. An error for a schema that is no '
'model, and for an unknown language, grain or dimension';
