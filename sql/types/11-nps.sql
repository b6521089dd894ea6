-- nps: Net Promoter Score, kept as promoters, passives and detractors

--@ value-type | type=nps | a=an nps | length=24 | storage=plain | empty=0/0/0 |
-- number=double precision | value=nps_float8 | subtract
COMMENT ON TYPE nps IS
'a Net Promoter Score with its sample: promoters/passives/detractors, such as 62/20/18';
COMMENT ON FUNCTION value(nps) IS
'100 * (promoters - detractors) / responses, between -100 and 100; NULL without responses';

-- construction and parts

CREATE FUNCTION make_nps(promoters bigint, passives bigint, detractors bigint)
RETURNS nps AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_nps(promoters bigint, passives bigint, detractors bigint) IS
'an nps from its three counts; an error if one is negative';
CREATE FUNCTION promoters(nps)
RETURNS bigint AS 'MODULE_PATHNAME', 'nps_promoters' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION promoters(nps) IS
'answers at or above the promoters'' cut-off, 9 and 10 by default';
CREATE FUNCTION passives(nps)
RETURNS bigint AS 'MODULE_PATHNAME', 'nps_passives' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION passives(nps) IS 'answers between the cut-offs, 7 and 8 by default';
CREATE FUNCTION detractors(nps)
RETURNS bigint AS 'MODULE_PATHNAME', 'nps_detractors' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION detractors(nps) IS
'answers at or below the detractors'' cut-off, 0 to 6 by default';
CREATE FUNCTION responses(nps)
RETURNS bigint AS 'MODULE_PATHNAME', 'nps_sample_size' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION responses(nps) IS 'the number of answers, same as sample_size';
CREATE FUNCTION confidence_interval(nps, level double precision DEFAULT 0.95)
RETURNS numrange AS 'MODULE_PATHNAME', 'nps_confidence_interval'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confidence_interval(nps, level double precision) IS
'where the true score lies with the given confidence (normal approximation, cut at -100 and 100); '
'NULL without responses; an error unless 0 < level < 1';
CREATE FUNCTION p_value(nps, nps)
RETURNS double precision AS 'MODULE_PATHNAME', 'nps_p_value'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION p_value(nps, nps) IS
'how likely two samples of the same score differ this much or more (z-test, two-sided); NULL if '
'one has no responses';

-- aggregates

CREATE FUNCTION nps_accum(nps, score integer)
RETURNS nps AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nps_accum(nps, score integer) IS
'transition function of nps: one more answer; an error for a score outside 0 to 10';
CREATE FUNCTION nps_accum_inverse(nps, score integer)
RETURNS nps AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nps_accum_inverse(nps, score integer) IS
'inverse transition function of nps: one answer less';
CREATE FUNCTION nps_accum(nps, score integer, detractor_max integer, promoter_min integer)
RETURNS nps AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nps_accum(nps, score integer, detractor_max integer, promoter_min integer) IS
'transition function of nps with its own cut-offs: one more answer';
CREATE FUNCTION nps_accum_inverse(nps, score integer, detractor_max integer, promoter_min integer)
RETURNS nps AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nps_accum_inverse(nps, score integer, detractor_max integer,
    promoter_min integer) IS
'inverse transition function of nps with its own cut-offs: one answer less';

CREATE AGGREGATE nps(score integer) (
    SFUNC = nps_accum, STYPE = nps, INITCOND = '0/0/0',
    COMBINEFUNC = nps_add, PARALLEL = SAFE,
    MSFUNC = nps_accum, MINVFUNC = nps_accum_inverse, MSTYPE = nps, MINITCOND = '0/0/0'
);
COMMENT ON AGGREGATE nps(score integer) IS
'Net Promoter Score of answers from 0 to 10: promoters gave 9 or 10, detractors 0 to 6; NULL is no '
'answer; an error for other scores';
CREATE AGGREGATE nps(score integer, detractor_max integer, promoter_min integer) (
    SFUNC = nps_accum, STYPE = nps, INITCOND = '0/0/0',
    COMBINEFUNC = nps_add, PARALLEL = SAFE,
    MSFUNC = nps_accum, MINVFUNC = nps_accum_inverse, MSTYPE = nps, MINITCOND = '0/0/0'
);
COMMENT ON AGGREGATE nps(score integer, detractor_max integer, promoter_min integer) IS
'Net Promoter Score with other cut-offs: detractors gave at most detractor_max, promoters at least '
'promoter_min; NULL is no answer; an error for scores outside 0 to 10';
