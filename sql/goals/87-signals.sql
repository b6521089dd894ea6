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
COMMENT ON COLUMN signal.lower IS
'the lower limit; NULL if there is none, as nothing varies, and what chance makes is not known';
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
'that it makes are from values alone (XmR). A row without a value ends a run, and is told '
'nothing; no limits are made of it. An error for NaN, an infinite value, and fewer observations '
'than none. season is a number such as of the weekday, NULL without seasons; lowest and highest '
'are what a value can be, NULL without end. The first period, as it may be short, and the next '
'eight have no limits, nor has what never varied and has no sample';

-- A month of a calendar of whole weeks begins in the days around the first of one.
CREATE FUNCTION season(grain text, period date) RETURNS integer
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE grain WHEN 'day' THEN extract(isodow FROM period)::integer
                      WHEN 'month' THEN extract(month FROM period + 14)::integer END;
COMMENT ON FUNCTION season(grain text, period date) IS
'what a period is compared with in signals: the number of its weekday, or of its month, NULL for '
'other grains';

-- Figures have as many digits as tell them from what they stand beside.
CREATE FUNCTION signal_why(value double precision, signal signal, unit text, grain text,
                           currency text DEFAULT NULL, lang text DEFAULT 'en') RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    code  text := 'signal ' || CASE
                      WHEN signal.rule IS NOT NULL THEN concat_ws(' ', signal.rule, signal.side)
                      WHEN signal.lower IS NOT NULL THEN 'within'
                      WHEN signal.centre IS NOT NULL THEN 'unvaried' ELSE 'too early' END;
    bound double precision := CASE signal.side WHEN 'above' THEN signal.upper
                                               ELSE signal.lower END;
    marks jsonb := jsonb_build_object('grains', kpi.text_said('grains ' || grain, lang));
BEGIN
    IF code = 'signal within' THEN
        marks := marks || jsonb_build_object(
            'lower', kpi.number_text(signal.lower, unit, currency, lang, value),
            'upper', kpi.number_text(signal.upper, unit, currency, lang, value));
    ELSIF signal.centre IS NOT NULL THEN
        marks := marks || jsonb_build_object(
            'value', kpi.number_text(value, unit, currency, lang,
                                     CASE signal.rule WHEN 'run_of_eight' THEN signal.centre
                                                      ELSE bound END),
            'limit', kpi.number_text(bound, unit, currency, lang, value),
            'usual', kpi.fill(
                kpi.text_said('signal usual' || CASE WHEN signal.seasonal THEN ' ' || grain
                                                     ELSE '' END, lang),
                marks || jsonb_build_object(
                    'n', signal.periods,
                    'centre', kpi.number_text(signal.centre, unit, currency, lang, value))));
    END IF;
    RETURN kpi.fill(kpi.text_said(code, lang), marks);
END $$;
COMMENT ON FUNCTION signal_why(value double precision, signal signal, unit text, grain text,
    currency text, lang text) IS
'the sentence that says why a value of an indicator of this unit is a signal, or is none, in '
'English (en) or Chinese (zh)';
