-- signals: which values of an indicator are no chance
--
-- A process behaviour chart for each indicator, grain and member: signal(), a window function in
-- src/signal.c, says of every period what was usual before it, between which limits chance alone
-- would have left it, and by which rule it is a signal, if it is one. The view signals of a model
-- calls it.

CREATE TYPE signal AS (
    centre   double precision,
    lower    double precision,
    upper    double precision,
    sigma    double precision,
    rule     text,
    side     text,
    periods  integer,
    seasonal boolean
);
COMMENT ON TYPE signal IS
'what the history of a value makes of it: what is usual, and whether it is that';
COMMENT ON COLUMN signal.centre IS 'the mean of earlier periods; NULL if they are too few';
COMMENT ON COLUMN signal.lower IS 'the lower limit; NULL if there is none, as nothing varies';
COMMENT ON COLUMN signal.upper IS 'the upper limit';
COMMENT ON COLUMN signal.sigma IS
'the standard deviation, as one period and the next differ, of as many observations';
COMMENT ON COLUMN signal.rule IS
'outside, if it is beyond a limit; run_of_eight, if eight in a row are on one side of the centre; '
'three_of_four, if it is one of three of the last four that are more than half way to a limit; '
'NULL if it is no signal';
COMMENT ON COLUMN signal.side IS 'above or below the centre; NULL if at it or there are no limits';
COMMENT ON COLUMN signal.periods IS 'how many earlier periods the limits are made of';
COMMENT ON COLUMN signal.seasonal IS
'whether it is compared with what is usual in its season, such as on Mondays';

CREATE FUNCTION signal(value double precision, observations bigint, total bigint, squares bigint,
                       season integer, lowest double precision, highest double precision)
RETURNS signal AS 'MODULE_PATHNAME', 'signal_of_history' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION signal(value double precision, observations bigint, total bigint,
    squares bigint, season integer, lowest double precision, highest double precision) IS
'whether a value is a signal, by those before it: a window function over the periods of an '
'indicator that have a value, in their order. observations, their sum (total) and the sum of their '
'squares give limits that know the sample (Laney); if one of these is NULL for a period, limits '
'that it makes are from values alone (XmR). A row without a value is no period, and is told '
'nothing. An error for NaN, an infinite value, and fewer observations than none. season is a '
'number such as of the weekday, NULL without seasons; lowest and highest are what a value can be, '
'NULL without end. The first period, as it may be short, and the next eight have no limits, '
'nor has what never varied';

-- A month of a calendar of whole weeks begins in the days around the first of one.
CREATE FUNCTION season(grain text, period date) RETURNS integer
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE grain WHEN 'day' THEN extract(isodow FROM period)::integer
                      WHEN 'month' THEN extract(month FROM period + 14)::integer END;
COMMENT ON FUNCTION season(grain text, period date) IS
'what a period is compared with in signals: the number of its weekday, or of its month, NULL for '
'other grains';

-- With as many digits as tell it from what it stands beside. A mean of counts is no count.
CREATE FUNCTION signal_figure(figure double precision, unit text, lang text,
                              beside double precision) RETURNS text
LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN kpi.number_text(figure, CASE unit WHEN 'count' THEN 'quantity' ELSE unit END, NULL::text,
                           lang, beside);
COMMENT ON FUNCTION signal_figure(figure double precision, unit text, lang text,
    beside double precision) IS
'implementation of signals: a figure as a sentence says it beside another';

-- The limit on the side of the value.
CREATE FUNCTION signal_limit(signal signal) RETURNS double precision
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE (signal).side WHEN 'above' THEN (signal).upper ELSE (signal).lower END;
COMMENT ON FUNCTION signal_limit(signal signal) IS
'implementation of signals: the limit on the side of a value';

-- What is usual, and of what periods.
CREATE FUNCTION signal_usual(signal signal, unit text, grain text,
                             value double precision) RETURNS text
LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN kpi.signal_figure((signal).centre, unit, 'en', value)
           || ' (' || (signal).periods || ' earlier '
           || grain || 's'
           || CASE WHEN NOT (signal).seasonal THEN ''
                   WHEN grain = 'day' THEN ', by the weekday'
                   ELSE ', by the month of the year' END || ')';
COMMENT ON FUNCTION signal_usual(signal signal, unit text, grain text,
    value double precision) IS
'implementation of signals: what is usual, as a sentence says it';

CREATE FUNCTION signal_usual_zh(signal signal, unit text, grain text,
                                value double precision) RETURNS text
LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN kpi.signal_figure((signal).centre, unit, 'zh', value)
           || '（此前 ' || (signal).periods || ' 期'
           || CASE WHEN NOT (signal).seasonal THEN ''
                   WHEN grain = 'day' THEN '，按星期几比较'
                   ELSE '，按同月比较' END || '）';
COMMENT ON FUNCTION signal_usual_zh(signal signal, unit text, grain text,
    value double precision) IS
'implementation of signals: what is usual, as a Chinese sentence says it';

CREATE FUNCTION signal_why(value double precision, signal signal, unit text, grain text)
RETURNS text LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN CASE (signal).rule
        WHEN 'outside' THEN
            kpi.signal_figure(value, unit, 'en', kpi.signal_limit(signal)) || ' is '
            || (signal).side || ' the limit of '
            || kpi.signal_figure(kpi.signal_limit(signal), unit, 'en', value) || '; usual is '
            || kpi.signal_usual(signal, unit, grain, value)
        WHEN 'run_of_eight' THEN
            kpi.signal_figure(value, unit, 'en', (signal).centre) || ' is at least the eighth '
            || grain || ' in a row ' || (signal).side || ' what is usual, now '
            || kpi.signal_usual(signal, unit, grain, value)
        WHEN 'three_of_four' THEN
            kpi.signal_figure(value, unit, 'en', kpi.signal_limit(signal))
            || ' is one of three of the last four ' || grain
            || 's that are more than half way to a limit, now '
            || kpi.signal_figure(kpi.signal_limit(signal), unit, 'en', value)
            || '; usual is ' || kpi.signal_usual(signal, unit, grain, value)
        ELSE CASE
            WHEN (signal).lower IS NOT NULL THEN
                'within the limits of ' || kpi.signal_figure((signal).lower, unit, 'en', value)
                || ' and ' || kpi.signal_figure((signal).upper, unit, 'en', value)
            WHEN (signal).centre IS NOT NULL THEN
                'no limits, as what was usual did not vary: '
                || kpi.signal_usual(signal, unit, grain, value)
            ELSE 'too little history: limits need eight earlier ' || grain
                 || 's, without the first' END END;
COMMENT ON FUNCTION signal_why(value double precision, signal signal, unit text, grain text) IS
'the sentence that says why a value of an indicator of this unit is a signal, or is none';

CREATE FUNCTION signal_why_zh(value double precision, signal signal, unit text, grain text)
RETURNS text LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN CASE (signal).rule
        WHEN 'outside' THEN
            kpi.signal_figure(value, unit, 'zh', kpi.signal_limit(signal))
            || CASE (signal).side WHEN 'above' THEN ' 高于上限 ' ELSE ' 低于下限 ' END
            || kpi.signal_figure(kpi.signal_limit(signal), unit, 'zh', value) || '；通常为 '
            || kpi.signal_usual_zh(signal, unit, grain, value)
        WHEN 'run_of_eight' THEN
            kpi.signal_figure(value, unit, 'zh', (signal).centre) || '，已至少连续八期'
            || CASE (signal).side WHEN 'above' THEN '高于' ELSE '低于' END || '通常水平，现通常为 '
            || kpi.signal_usual_zh(signal, unit, grain, value)
        WHEN 'three_of_four' THEN
            kpi.signal_figure(value, unit, 'zh', kpi.signal_limit(signal))
            || '，最近四期中有三期超过通常值与'
            || CASE (signal).side WHEN 'above' THEN '上限 ' ELSE '下限 ' END
            || kpi.signal_figure(kpi.signal_limit(signal), unit, 'zh', value) || ' 的中点；通常为 '
            || kpi.signal_usual_zh(signal, unit, grain, value)
        ELSE CASE
            WHEN (signal).lower IS NOT NULL THEN
                '在界限 ' || kpi.signal_figure((signal).lower, unit, 'zh', value)
                || ' 与 ' || kpi.signal_figure((signal).upper, unit, 'zh', value) || ' 之内'
            WHEN (signal).centre IS NOT NULL THEN
                '没有界限，因为通常值没有变化：' || kpi.signal_usual_zh(signal, unit, grain, value)
            ELSE '历史太短：除首期外，须先有八期才有界限' END END;
COMMENT ON FUNCTION signal_why_zh(value double precision, signal signal, unit text, grain text) IS
'the same sentence in Chinese';
