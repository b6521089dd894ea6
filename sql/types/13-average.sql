-- average: a mean, kept as the number of observations and their exact total

--@ value-type | type=average | a=an average | length=32 | storage=plain | empty=0/0 |
-- number=numeric | value=average_numeric | subtract | final
COMMENT ON TYPE average IS
'a mean with its sample: total/observations, such as 1234.5/42; exact to 38 digits';
COMMENT ON FUNCTION value(average) IS
'total / observations, in the unit of what was averaged; NULL without observations';

-- construction and parts

CREATE FUNCTION make_average(n bigint, total numeric)
RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_average(n bigint, total numeric) IS
'an average from the number of observations and their total; an error for a negative number, NaN, '
'infinity, more than 38 digits, or a total of nothing';
CREATE FUNCTION total(average)
RETURNS numeric AS 'MODULE_PATHNAME', 'average_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION total(average) IS 'the exact sum of the observations; 0 without any';

-- aggregates

CREATE FUNCTION average_accum(average, observation numeric)
RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_accum(average, observation numeric) IS
'transition function of average: one more observation';
CREATE FUNCTION average_accum_inverse(average, observation numeric)
RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_accum_inverse(average, observation numeric) IS
'inverse transition function of average: one observation less';

CREATE AGGREGATE average(numeric) (
    SFUNC = average_accum, STYPE = average, INITCOND = '0/0',
    FINALFUNC = average_final,
    COMBINEFUNC = average_add, PARALLEL = SAFE,
    MSFUNC = average_accum, MINVFUNC = average_accum_inverse, MSTYPE = average, MINITCOND = '0/0',
    MFINALFUNC = average_final
);
COMMENT ON AGGREGATE average(numeric) IS
'mean that keeps its number and exact total; NULL is no observation; an error for NaN, infinity '
'and beyond 38 digits';
CREATE AGGREGATE aov(numeric) (
    SFUNC = average_accum, STYPE = average, INITCOND = '0/0',
    FINALFUNC = average_final,
    COMBINEFUNC = average_add, PARALLEL = SAFE,
    MSFUNC = average_accum, MINVFUNC = average_accum_inverse, MSTYPE = average, MINITCOND = '0/0',
    MFINALFUNC = average_final
);
COMMENT ON AGGREGATE aov(numeric) IS
'average order value, one row per order; NULL is no order; an error for NaN, infinity and beyond '
'38 digits';
