-- rate: a share, kept as successes and trials

--@ value-type | type=rate | a=a rate | length=16 | storage=plain | empty=0/0 | number=double precision | value=rate_float8 | subtract
COMMENT ON TYPE rate IS 'a share with its sample: successes/trials, such as 42/1000';
COMMENT ON FUNCTION value(rate) IS 'successes / trials, between 0 and 1; NULL without trials';

-- A column can say which rate it holds.
CREATE DOMAIN conversion_rate AS rate;
COMMENT ON DOMAIN conversion_rate IS 'a rate: visits that ended in a purchase/visits';
CREATE DOMAIN cart_abandonment_rate AS rate;
COMMENT ON DOMAIN cart_abandonment_rate IS 'a rate: abandoned carts/carts';
CREATE DOMAIN repeat_purchase_rate AS rate;
COMMENT ON DOMAIN repeat_purchase_rate IS 'a rate: customers who bought again/customers';
CREATE DOMAIN retention_rate AS rate;
COMMENT ON DOMAIN retention_rate IS 'a rate: customers still active/customers before';
CREATE DOMAIN return_rate AS rate;
COMMENT ON DOMAIN return_rate IS 'a rate: returned/sold, in orders or units';
CREATE DOMAIN on_time_rate AS rate;
COMMENT ON DOMAIN on_time_rate IS 'a rate: on time/all';

-- construction and parts

CREATE FUNCTION make_rate(successes bigint, trials bigint) RETURNS rate AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_rate(successes bigint, trials bigint) IS 'a rate from its two counts; an error unless 0 <= successes <= trials';
CREATE FUNCTION successes(rate) RETURNS bigint AS 'MODULE_PATHNAME', 'rate_successes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION successes(rate) IS 'how many of the trials succeeded';
CREATE FUNCTION trials(rate) RETURNS bigint AS 'MODULE_PATHNAME', 'rate_sample_size' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION trials(rate) IS 'the number of trials, same as sample_size';
CREATE FUNCTION confidence_interval(rate, level double precision DEFAULT 0.95) RETURNS numrange AS 'MODULE_PATHNAME', 'rate_confidence_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confidence_interval(rate, level double precision) IS 'where the true share lies with the given confidence (Wilson score interval); NULL without trials; an error unless 0 < level < 1';
CREATE FUNCTION p_value(rate, rate) RETURNS double precision AS 'MODULE_PATHNAME', 'rate_p_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION p_value(rate, rate) IS 'how likely two samples of the same share differ this much or more (two-proportion z-test, two-sided); NULL if one has no trials';
CREATE FUNCTION rate_multiply(rate, numeric) RETURNS numeric AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_multiply(rate, numeric) IS 'implementation of * operator';
CREATE FUNCTION rate_multiply(numeric, rate) RETURNS numeric LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN rate_multiply($2, $1);
COMMENT ON FUNCTION rate_multiply(numeric, rate) IS 'implementation of * operator';
CREATE OPERATOR * (LEFTARG = rate, RIGHTARG = numeric, FUNCTION = rate_multiply, COMMUTATOR = *);
CREATE OPERATOR * (LEFTARG = numeric, RIGHTARG = rate, FUNCTION = rate_multiply, COMMUTATOR = *);
COMMENT ON OPERATOR * (rate, numeric) IS 'share of a number; NULL without trials';
COMMENT ON OPERATOR * (numeric, rate) IS 'share of a number; NULL without trials';

-- aggregates

CREATE FUNCTION rate_accum(rate, success boolean) RETURNS rate AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum(rate, success boolean) IS 'transition function of the rate aggregates: one more trial';
CREATE FUNCTION rate_accum_inverse(rate, success boolean) RETURNS rate AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum_inverse(rate, success boolean) IS 'inverse transition function of the rate aggregates: one trial less';
CREATE FUNCTION rate_accum_counts(rate, successes bigint, trials bigint) RETURNS rate AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum_counts(rate, successes bigint, trials bigint) IS 'transition function of the rate aggregates from counts; an error unless 0 <= successes <= trials';
CREATE FUNCTION rate_accum_counts_inverse(rate, successes bigint, trials bigint) RETURNS rate AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum_counts_inverse(rate, successes bigint, trials bigint) IS 'inverse transition function of the rate aggregates from counts';

CREATE AGGREGATE rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE rate(boolean) IS 'share of the rows that are true; NULL is no trial';
CREATE AGGREGATE rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE rate(bigint, bigint) IS 'share of successes among trials; rows with a NULL are left out; an error if the first exceeds the second';

CREATE AGGREGATE conversion_rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE conversion_rate(boolean) IS 'share of visits or visitors that ended in a purchase (true); NULL is no trial';
CREATE AGGREGATE conversion_rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE conversion_rate(bigint, bigint) IS 'conversion rate from counts: purchases, visits; rows with a NULL are left out; an error if the first exceeds the second';

CREATE AGGREGATE cart_abandonment_rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE cart_abandonment_rate(boolean) IS 'share of carts that were abandoned (true); NULL is no trial';
CREATE AGGREGATE cart_abandonment_rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE cart_abandonment_rate(bigint, bigint) IS 'cart abandonment rate from counts: abandoned carts, carts; rows with a NULL are left out; an error if the first exceeds the second';

CREATE AGGREGATE repeat_purchase_rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE repeat_purchase_rate(boolean) IS 'share of customers who bought again (true), one row per customer; NULL is no trial';
CREATE AGGREGATE repeat_purchase_rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE repeat_purchase_rate(bigint, bigint) IS 'repeat purchase rate from counts: customers who bought again, customers; rows with a NULL are left out; an error if the first exceeds the second';

CREATE AGGREGATE retention_rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE retention_rate(boolean) IS 'share of earlier customers who are still active (true), one row per customer; NULL is no trial';
CREATE AGGREGATE retention_rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE retention_rate(bigint, bigint) IS 'retention rate from counts: customers still active, customers before; rows with a NULL are left out; an error if the first exceeds the second';

CREATE AGGREGATE return_rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE return_rate(boolean) IS 'share of orders or units that were returned (true); NULL is no trial';
CREATE AGGREGATE return_rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE return_rate(bigint, bigint) IS 'return rate from counts: units returned, units sold; rows with a NULL are left out; an error if the first exceeds the second';

CREATE AGGREGATE on_time_rate(boolean) (
    SFUNC = rate_accum, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum, MINVFUNC = rate_accum_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE on_time_rate(boolean) IS 'share of deliveries, projects or replies that were on time (true); NULL is no trial';
CREATE AGGREGATE on_time_rate(bigint, bigint) (
    SFUNC = rate_accum_counts, STYPE = rate, INITCOND = '0/0',
    COMBINEFUNC = rate_add, PARALLEL = SAFE,
    MSFUNC = rate_accum_counts, MINVFUNC = rate_accum_counts_inverse, MSTYPE = rate, MINITCOND = '0/0'
);
COMMENT ON AGGREGATE on_time_rate(bigint, bigint) IS 'on-time rate from counts: on time, all; rows with a NULL are left out; an error if the first exceeds the second';
