-- duration: how long things took, kept one by one or, beyond 100 different ones, as a histogram

--@ value-type | type=duration | a=a duration | length=variable | sspace=200 | storage=extended |
-- empty=0/0 | number=interval | value=duration_mean | final
COMMENT ON TYPE duration IS
'elapsed times with their sample: seconds/observations, then seconds:count of each, all exact; of '
'more than 100 different ones [shortest,longest] bucket:count ..., quantiles within 1 percent';
COMMENT ON FUNCTION value(duration) IS 'the mean, to the microsecond; NULL without observations';

-- construction and parts

CREATE FUNCTION make_duration(observations interval[])
RETURNS duration AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_duration(observations interval[]) IS
'a duration from its observations; NULLs are left out; an error for intervals with months or years';
CREATE FUNCTION total(duration)
RETURNS interval AS 'MODULE_PATHNAME', 'duration_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION total(duration) IS
'the sum of the observations; zero without any; an error beyond some 292,000 years';
CREATE FUNCTION minimum(duration)
RETURNS interval AS 'MODULE_PATHNAME', 'duration_minimum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION minimum(duration) IS 'the shortest observation, exact; NULL without any';
CREATE FUNCTION maximum(duration)
RETURNS interval AS 'MODULE_PATHNAME', 'duration_maximum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION maximum(duration) IS 'the longest observation, exact; NULL without any';
CREATE FUNCTION percentile(duration, p double precision)
RETURNS interval AS 'MODULE_PATHNAME', 'duration_percentile'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION percentile(duration, p double precision) IS
'the duration that a share p of the observations does not exceed, as percentile_cont does; of more '
'than 100 different ones within 1 percent; NULL without observations; an error unless 0 <= p <= 1';
CREATE FUNCTION median(duration) RETURNS interval LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN percentile($1, 0.5);
COMMENT ON FUNCTION median(duration) IS
'the duration that half of the observations do not exceed: 15 minutes of 10 and 20; of more than '
'100 different ones within 1 percent; NULL without observations';
CREATE FUNCTION percentile(finished duration, open duration, p double precision)
RETURNS interval AS 'MODULE_PATHNAME', 'duration_percentile_open'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION percentile(finished duration, open duration, p double precision) IS
'the duration within which a share p finishes, where some are still open, with their age so far '
'(Kaplan-Meier), times less than 1.6 percent apart being taken as equal if either has more than '
'100 different ones; percentile(finished, p) if none is open; NULL if too many are open to tell, '
'or without observations; an error unless 0 <= p <= 1';
CREATE FUNCTION median(finished duration, open duration)
RETURNS interval LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN percentile(finished, open, 0.5);
COMMENT ON FUNCTION median(finished duration, open duration) IS
'the duration within which half finish, where some are still open, with their age so far '
'(Kaplan-Meier), times less than 1.6 percent apart being taken as equal if either has more than '
'100 different ones; median(finished) if none is open; NULL if too many are open to tell, or '
'without observations';
CREATE FUNCTION survival(finished duration, open duration, at interval)
RETURNS double precision AS 'MODULE_PATHNAME', 'duration_survival'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION survival(finished duration, open duration, at interval) IS
'the share not finished after at, where some are still open, with their age so far (Kaplan-Meier); '
'at is known to within 1.6 percent if either has more than 100 different ones; NULL without '
'observations; an error for intervals with months or years';
CREATE FUNCTION histogram(duration, OUT low interval, OUT high interval, OUT count bigint)
RETURNS SETOF record AS 'MODULE_PATHNAME', 'duration_histogram'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION histogram(duration) IS
'how many observations lie between low and high, both included, for every bucket that has any; '
'each is at most 1.6 percent wide; the buckets are the same for all durations';

-- a duration is also a plain interval

CREATE CAST (duration AS interval) WITH FUNCTION value(duration) AS ASSIGNMENT;
COMMENT ON CAST (duration AS interval) IS 'the mean';

-- aggregates: there is no inverse, as of many observations the second shortest is not kept

CREATE FUNCTION duration_accum(duration, start timestamp with time zone,
    finish timestamp with time zone)
RETURNS duration AS 'MODULE_PATHNAME', 'duration_accum_timestamps'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_accum(duration, start timestamp with time zone,
    finish timestamp with time zone) IS
'transition function of duration: one more observation';
CREATE FUNCTION duration_accum(duration, start timestamp without time zone,
    finish timestamp without time zone)
RETURNS duration AS 'MODULE_PATHNAME', 'duration_accum_timestamps'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_accum(duration, start timestamp without time zone,
    finish timestamp without time zone) IS
'transition function of duration: one more observation';
CREATE FUNCTION duration_accum(duration, start date, finish date)
RETURNS duration AS 'MODULE_PATHNAME', 'duration_accum_dates'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_accum(duration, start date, finish date) IS
'transition function of duration: one more observation';
CREATE FUNCTION duration_accum(duration, elapsed interval)
RETURNS duration AS 'MODULE_PATHNAME', 'duration_accum_interval'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION duration_accum(duration, elapsed interval) IS
'transition function of duration: one more observation';

CREATE AGGREGATE duration(start timestamp with time zone, finish timestamp with time zone) (
    SFUNC = duration_accum, STYPE = duration, SSPACE = 200, INITCOND = '0/0',
    FINALFUNC = duration_final,
    COMBINEFUNC = duration_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration(start timestamp with time zone, finish timestamp with time zone) IS
'elapsed time from start to finish; negative if finish comes first; what has a NULL is left out; '
'an error for infinity';

CREATE AGGREGATE duration(start timestamp without time zone, finish timestamp without time zone) (
    SFUNC = duration_accum, STYPE = duration, SSPACE = 200, INITCOND = '0/0',
    FINALFUNC = duration_final,
    COMBINEFUNC = duration_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration(start timestamp without time zone,
    finish timestamp without time zone) IS
'elapsed time from start to finish, both by the same clock that is never changed; negative if '
'finish comes first; what has a NULL is left out; an error for infinity';

CREATE AGGREGATE duration(start date, finish date) (
    SFUNC = duration_accum, STYPE = duration, SSPACE = 200, INITCOND = '0/0',
    FINALFUNC = duration_final,
    COMBINEFUNC = duration_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration(start date, finish date) IS
'whole days of 24 hours from start to finish; negative if finish comes first; what has a NULL is '
'left out; an error for infinity';

CREATE AGGREGATE duration(elapsed interval) (
    SFUNC = duration_accum, STYPE = duration, SSPACE = 200, INITCOND = '0/0',
    FINALFUNC = duration_final,
    COMBINEFUNC = duration_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE duration(elapsed interval) IS
'elapsed times, days having 24 hours; an error for intervals with months or years, as age() gives; '
'NULL is left out';
