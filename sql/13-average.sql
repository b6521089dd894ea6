-- average: a mean, kept as the number of observations and their exact total

CREATE TYPE average;

CREATE FUNCTION average_in(cstring) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION average_out(average) RETURNS cstring AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION average_recv(internal) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION average_send(average) RETURNS bytea AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_in(cstring) IS 'reads an average from text';
COMMENT ON FUNCTION average_out(average) IS 'writes an average as text';
COMMENT ON FUNCTION average_recv(internal) IS 'reads an average from its binary form';
COMMENT ON FUNCTION average_send(average) IS 'writes an average in its binary form';

CREATE TYPE average (
    INPUT = average_in,
    OUTPUT = average_out,
    RECEIVE = average_recv,
    SEND = average_send,
    INTERNALLENGTH = 32,
    ALIGNMENT = double
);
COMMENT ON TYPE average IS 'a mean with its sample: total/observations, such as 1234.5/42; exact to 38 digits';

-- construction and parts

CREATE FUNCTION make_average(n bigint, total numeric) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_average(n bigint, total numeric) IS 'an average from the number of observations and their total; an error for a negative number, NaN, infinity, more than 38 digits, or a total of nothing';
CREATE FUNCTION value(average) RETURNS numeric AS 'MODULE_PATHNAME', 'average_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION value(average) IS 'total / observations, in the unit of what was averaged; NULL without observations';
CREATE FUNCTION total(average) RETURNS numeric AS 'MODULE_PATHNAME', 'average_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION total(average) IS 'the exact sum of the observations; 0 without any';

-- pooling

CREATE FUNCTION average_add(average, average) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_add(average, average) IS 'implementation of + operator: pools two samples';
CREATE FUNCTION average_subtract(average, average) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_subtract(average, average) IS 'implementation of - operator: takes a sample out again; an error if it is not part of the other';
CREATE OPERATOR + (LEFTARG = average, RIGHTARG = average, FUNCTION = average_add, COMMUTATOR = +);
COMMENT ON OPERATOR + (average, average) IS 'pool two samples';
CREATE OPERATOR - (LEFTARG = average, RIGHTARG = average, FUNCTION = average_subtract);
COMMENT ON OPERATOR - (average, average) IS 'take a sample out again';
CREATE FUNCTION average_final(average) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_final(average) IS 'brings an aggregate''s state into the form that is stored';

CREATE AGGREGATE rollup(average) (
    SFUNC = average_add, STYPE = average, INITCOND = '0/0',
    FINALFUNC = average_final,
    COMBINEFUNC = average_add, PARALLEL = SAFE,
    MSFUNC = average_add, MINVFUNC = average_subtract, MSTYPE = average, MINITCOND = '0/0',
    MFINALFUNC = average_final
);
COMMENT ON AGGREGATE rollup(average) IS 'pools stored average values: the same as the average of all the rows behind them; NULLs are left out';

-- aggregates

CREATE FUNCTION average_accum(average, observation numeric) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_accum(average, observation numeric) IS 'transition function of average: one more observation';
CREATE FUNCTION average_accum_inverse(average, observation numeric) RETURNS average AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_accum_inverse(average, observation numeric) IS 'inverse transition function of average: one observation less';

CREATE AGGREGATE average(numeric) (
    SFUNC = average_accum, STYPE = average, INITCOND = '0/0',
    FINALFUNC = average_final,
    COMBINEFUNC = average_add, PARALLEL = SAFE,
    MSFUNC = average_accum, MINVFUNC = average_accum_inverse, MSTYPE = average, MINITCOND = '0/0',
    MFINALFUNC = average_final
);
COMMENT ON AGGREGATE average(numeric) IS 'mean that keeps its number and exact total; NULL is no observation; an error for NaN, infinity and beyond 38 digits';
CREATE AGGREGATE aov(numeric) (
    SFUNC = average_accum, STYPE = average, INITCOND = '0/0',
    FINALFUNC = average_final,
    COMBINEFUNC = average_add, PARALLEL = SAFE,
    MSFUNC = average_accum, MINVFUNC = average_accum_inverse, MSTYPE = average, MINITCOND = '0/0',
    MFINALFUNC = average_final
);
COMMENT ON AGGREGATE aov(numeric) IS 'average order value, one row per order; NULL is no order; an error for NaN, infinity and beyond 38 digits';
