-- score: answers of surveys, each on its scale

-- Takes all that is to be known of the answer, so that the error says where it is.
CREATE FUNCTION score_off_scale(score integer, instrument text, scale integer,
                                answered_at timestamp with time zone, respondent text)
RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'score % is off the scale', score
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('surveys.score of the row with answered_at %s', answered_at)
                       || coalesce(format(' and respondent %s', respondent), '')
                       || format(': answers to %s are ', instrument)
                       || CASE WHEN instrument IN ('nps', 'enps') THEN '0 to 10.'
                               WHEN scale BETWEEN 2 AND 10 THEN format('1 to %s.', scale)
                               ELSE 'on a scale of 2 to 10.' END,
              HINT = 'Codes for no answer are NULL; SELECT * FROM kpi.check(<model>) counts such '
                     'rows.';
END $$;
COMMENT ON FUNCTION score_off_scale(score integer, instrument text, scale integer,
    answered_at timestamp with time zone, respondent text) IS
'implementation of on_scale: the error';

CREATE FUNCTION on_scale(score integer, instrument text, scale integer,
                         answered_at timestamp with time zone, respondent text)
RETURNS integer LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN CASE WHEN score BETWEEN 0 AND 10 AND instrument IN ('nps', 'enps')
                     OR score BETWEEN 1 AND scale AND scale BETWEEN 2 AND 10
                     OR score IS NULL
                     OR instrument NOT IN ('nps', 'enps', 'csat', 'esat', 'communication')
                THEN score
                ELSE kpi.score_off_scale(score, instrument, scale, answered_at, respondent) END;
COMMENT ON FUNCTION on_scale(score integer, instrument text, scale integer,
    answered_at timestamp with time zone, respondent text) IS
'implementation of kpi_surveys: the score of an answer; an error, which names it, if it is off the '
'scale of its instrument';
