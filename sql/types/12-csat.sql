-- csat: customer satisfaction, kept as how often each answer was given

--@ value-type | type=csat | a=a csat | length=88 | storage=plain | empty=0 |
-- number=double precision | value=csat_float8 | subtract
COMMENT ON TYPE csat IS
'customer satisfaction with its sample: how often each answer was given, the worst first, such as '
'2/3/10/40/45; 0 without answers';
COMMENT ON FUNCTION value(csat) IS
'share of satisfied answers, between 0 and 1: the two best answers, or the best one on scales of 2 '
'and 3; NULL without responses';

-- construction and parts

CREATE FUNCTION make_csat(counts bigint[])
RETURNS csat AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_csat(counts bigint[]) IS
'a csat from how often each answer was given, the worst first; an error unless there are 2 to 10 '
'counts, none negative or NULL';
CREATE FUNCTION counts(csat)
RETURNS bigint[] AS 'MODULE_PATHNAME', 'csat_counts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION counts(csat) IS
'how often each answer was given, the worst first; empty without responses';
CREATE FUNCTION scale(csat)
RETURNS integer AS 'MODULE_PATHNAME', 'csat_scale' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION scale(csat) IS
'how many answers there are to choose from; NULL without responses';
CREATE FUNCTION responses(csat)
RETURNS bigint AS 'MODULE_PATHNAME', 'csat_sample_size' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION responses(csat) IS 'the number of answers, same as sample_size';
CREATE FUNCTION mean(csat)
RETURNS double precision AS 'MODULE_PATHNAME', 'csat_mean'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mean(csat) IS
'the mean answer, between 1 and the scale; NULL without responses';
CREATE FUNCTION top_box(csat, n integer)
RETURNS rate AS 'MODULE_PATHNAME', 'csat_top_box' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION top_box(csat, n integer) IS
'share of the n best answers; an error unless 1 <= n <= scale';
CREATE FUNCTION bottom_box(csat, n integer)
RETURNS rate AS 'MODULE_PATHNAME', 'csat_bottom_box' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bottom_box(csat, n integer) IS
'share of the n worst answers; an error unless 1 <= n <= scale';
CREATE FUNCTION confidence_interval(csat, level double precision DEFAULT 0.95)
RETURNS numrange AS 'MODULE_PATHNAME', 'csat_confidence_interval'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confidence_interval(csat, level double precision) IS
'where the true share of satisfied answers lies with the given confidence (Wilson score interval); '
'NULL without responses; an error unless 0 < level < 1';

-- aggregates

CREATE FUNCTION csat_accum(csat, answer integer)
RETURNS csat AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csat_accum(csat, answer integer) IS
'transition function of csat: one more answer on a scale of 5; an error for other answers';
CREATE FUNCTION csat_accum_inverse(csat, answer integer)
RETURNS csat AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csat_accum_inverse(csat, answer integer) IS
'inverse transition function of csat: one answer less';
CREATE FUNCTION csat_accum(csat, answer integer, scale integer)
RETURNS csat AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csat_accum(csat, answer integer, scale integer) IS
'transition function of csat on a scale of 2 to 10: one more answer';
CREATE FUNCTION csat_accum_inverse(csat, answer integer, scale integer)
RETURNS csat AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csat_accum_inverse(csat, answer integer, scale integer) IS
'inverse transition function of csat on a scale of 2 to 10: one answer less';

CREATE AGGREGATE csat(answer integer) (
    SFUNC = csat_accum, STYPE = csat, INITCOND = '0',
    COMBINEFUNC = csat_add, PARALLEL = SAFE,
    MSFUNC = csat_accum, MINVFUNC = csat_accum_inverse, MSTYPE = csat, MINITCOND = '0'
);
COMMENT ON AGGREGATE csat(answer integer) IS
'satisfaction from answers 1 (worst) to 5 (best); NULL is no answer; an error for other answers';
CREATE AGGREGATE csat(answer integer, scale integer) (
    SFUNC = csat_accum, STYPE = csat, INITCOND = '0',
    COMBINEFUNC = csat_add, PARALLEL = SAFE,
    MSFUNC = csat_accum, MINVFUNC = csat_accum_inverse, MSTYPE = csat, MINITCOND = '0'
);
COMMENT ON AGGREGATE csat(answer integer, scale integer) IS
'satisfaction from answers 1 (worst) to scale (best), scale being 2 to 10; NULL is no answer; an '
'error for other answers and for different scales in one aggregate';
