-- ratio: the quotient of two sums, kept as both of them, exactly, and the number of observations

--@ value-type | type=ratio | a=a ratio | length=56 | storage=plain | empty=0/0/0 |
-- number=numeric | value=ratio_numeric | subtract | final
COMMENT ON TYPE ratio IS
'the quotient of two sums with its sample: numerator/denominator/observations, such as '
'310.25/1240.5/42; each sum exact to 38 digits';
COMMENT ON FUNCTION value(ratio) IS
'numerator / denominator; NULL where the denominator is 0 or there are no observations';

-- construction and parts

CREATE FUNCTION make_ratio(n bigint, numerator numeric, denominator numeric) RETURNS ratio
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_ratio(n bigint, numerator numeric, denominator numeric) IS
'a ratio from the number of observations and both sums; an error for a negative '
'number, NaN, infinity, more than 38 digits, or sums of nothing';
CREATE FUNCTION numerator(ratio) RETURNS numeric
AS 'MODULE_PATHNAME', 'ratio_numerator' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numerator(ratio) IS 'the exact sum that is divided; 0 without observations';
CREATE FUNCTION denominator(ratio) RETURNS numeric
AS 'MODULE_PATHNAME', 'ratio_denominator' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION denominator(ratio) IS
'the exact sum that is divided by; 0 without observations';

-- aggregates

CREATE FUNCTION ratio_accum(ratio, numerator numeric, denominator numeric) RETURNS ratio
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ratio_accum(ratio, numerator numeric, denominator numeric) IS
'transition function of ratio: one more observation';
CREATE FUNCTION ratio_accum_inverse(ratio, numerator numeric, denominator numeric) RETURNS ratio
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ratio_accum_inverse(ratio, numerator numeric, denominator numeric) IS
'inverse transition function of ratio: one observation less';

CREATE AGGREGATE ratio(numerator numeric, denominator numeric) (
    SFUNC = ratio_accum, STYPE = ratio, INITCOND = '0/0/0',
    FINALFUNC = ratio_final,
    COMBINEFUNC = ratio_add, PARALLEL = SAFE,
    MSFUNC = ratio_accum, MINVFUNC = ratio_accum_inverse, MSTYPE = ratio, MINITCOND = '0/0/0',
    MFINALFUNC = ratio_final
);
COMMENT ON AGGREGATE ratio(numerator numeric, denominator numeric) IS
'quotient of two sums that keeps both; a row where either is NULL is no observation and adds '
'to neither; an error for NaN, infinity and beyond 38 digits';
