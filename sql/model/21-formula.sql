-- formula: those that a shop writes itself, read by PostgreSQL's parser and written anew

CREATE FUNCTION formula_pieces(formula text)
RETURNS TABLE (n integer, kind text, piece text)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION formula_pieces(formula text) IS
'implementation of define: a formula as SQL in pieces, which are text, or name what is read: an '
'indicator or a measure; an error, which says where, for what is no formula';

CREATE FUNCTION formula_adds_up(formula text) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION formula_adds_up(formula text) IS
'implementation of define: whether a formula adds up over days and members if what it reads does';

CREATE FUNCTION formula_divides(formula text) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION formula_divides(formula text) IS
'implementation of define: whether a formula divides what adds up by an indicator or a measure';

CREATE FUNCTION formula_divisor(formula text) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION formula_divisor(formula text) IS
'implementation of define: the indicator by which a formula divides what adds up, if that is all '
'of it, else NULL';

CREATE FUNCTION require_formula(formula text, known text[], model text) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION require_formula(formula text, known text[], model text) IS
'implementation of define: an error, which says where, for what is no formula, or reads an '
'indicator that is none of those known of the model';

CREATE FUNCTION perhaps_meant(name text, known text[]) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perhaps_meant(name text, known text[]) IS
'implementation of all that names indicators: the hint that another name is meant, of those known '
'the one that is written most like this one; NULL if none is';

-- what formulas read and give

CREATE FUNCTION measured(amount average, share ratio) RETURNS numeric
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN kpi.sample_size(share) > 0 THEN kpi.value(share)
                WHEN kpi.sample_size(amount) > 0 THEN kpi.total(amount) END;
COMMENT ON FUNCTION measured(amount average, share ratio) IS
'implementation of build: what a measure comes to: a quotient if there is something of which it is '
'a part, else a sum; NULL without rows';

CREATE FUNCTION number_too_large(number numeric, indicator text) RETURNS numeric
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'indicator "%" is %', indicator, btrim(to_char(number, '9.99EEEE'))
        USING ERRCODE = 'numeric_value_out_of_range',
              DETAIL = 'Views show numbers of up to 16 digits before the decimal point.',
              HINT = 'Divide by more in its formula: kpi.define takes another one.';
END $$;
COMMENT ON FUNCTION number_too_large(number numeric, indicator text) IS
'implementation of shown_number: the error';

-- Not every column holds what can be multiplied, and what is too large for one keeps nobody from
-- reading the others.
CREATE FUNCTION shown_number(number numeric, indicator text) RETURNS numeric
LANGUAGE SQL STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN abs(number) < 1e16 THEN number
                ELSE kpi.number_too_large(number, indicator) END;
COMMENT ON FUNCTION shown_number(number numeric, indicator text) IS
'implementation of views: the number that an indicator of a shop''s own is; an error, which names '
'it, if no view can show that';
