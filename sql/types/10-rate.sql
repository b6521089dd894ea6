-- rate: a share, kept as successes and trials

--@ value-type | type=rate | a=a rate | length=16 | storage=plain | empty=0/0 |
--  number=double precision | value=rate_float8 | subtract
COMMENT ON TYPE rate IS 'a share with its sample: successes/trials, such as 42/1000';
COMMENT ON FUNCTION value(rate) IS 'successes / trials, between 0 and 1; NULL without trials';

-- construction and parts

CREATE FUNCTION make_rate(successes bigint, trials bigint) RETURNS rate
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_rate(successes bigint, trials bigint) IS
'a rate from its two counts; an error unless 0 <= successes <= trials';
CREATE FUNCTION successes(rate) RETURNS bigint
    AS 'MODULE_PATHNAME', 'rate_successes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION successes(rate) IS 'how many of the trials succeeded';
CREATE FUNCTION trials(rate) RETURNS bigint
    AS 'MODULE_PATHNAME', 'rate_sample_size' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION trials(rate) IS 'the number of trials, same as sample_size';
CREATE FUNCTION confidence_interval(rate, level double precision DEFAULT 0.95) RETURNS numrange
    AS 'MODULE_PATHNAME', 'rate_confidence_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION confidence_interval(rate, level double precision) IS
'where the true share lies with the given confidence (Wilson score interval); NULL without '
'trials; an error unless 0 < level < 1';
CREATE FUNCTION p_value(rate, rate) RETURNS double precision
    AS 'MODULE_PATHNAME', 'rate_p_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION p_value(rate, rate) IS
'how likely two samples of the same share differ this much or more (two-proportion z-test, '
'two-sided); NULL if one has no trials';
CREATE FUNCTION rate_multiply(rate, numeric) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_multiply(rate, numeric) IS 'implementation of * operator';
CREATE FUNCTION rate_multiply(numeric, rate) RETURNS numeric
    LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN rate_multiply($2, $1);
COMMENT ON FUNCTION rate_multiply(numeric, rate) IS 'implementation of * operator';
CREATE OPERATOR * (LEFTARG = rate, RIGHTARG = numeric, FUNCTION = rate_multiply, COMMUTATOR = *);
CREATE OPERATOR * (LEFTARG = numeric, RIGHTARG = rate, FUNCTION = rate_multiply, COMMUTATOR = *);
COMMENT ON OPERATOR * (rate, numeric) IS 'share of a number; NULL without trials';
COMMENT ON OPERATOR * (numeric, rate) IS 'share of a number; NULL without trials';

-- aggregates

CREATE FUNCTION rate_accum(rate, success boolean) RETURNS rate
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum(rate, success boolean) IS
'transition function of the rate aggregates: one more trial';
CREATE FUNCTION rate_accum_inverse(rate, success boolean) RETURNS rate
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum_inverse(rate, success boolean) IS
'inverse transition function of the rate aggregates: one trial less';
CREATE FUNCTION rate_accum_counts(rate, successes bigint, trials bigint) RETURNS rate
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum_counts(rate, successes bigint, trials bigint) IS
'transition function of the rate aggregates from counts; an error unless 0 <= successes <= trials';
CREATE FUNCTION rate_accum_counts_inverse(rate, successes bigint, trials bigint) RETURNS rate
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rate_accum_counts_inverse(rate, successes bigint, trials bigint) IS
'inverse transition function of the rate aggregates from counts';

--@ rate-name | name=rate |
--  true=share of the rows that are true |
--  counts=share of successes among trials

-- Names for what is counted: a column of such a type says which rate it holds. The indicators of
-- these names are in sql/sources, with their formulas.

--@ rate-name | name=conversion_rate | domain=visits that ended in a purchase/visits |
--  true=share of visits or visitors that ended in a purchase (true) |
--  counts=conversion rate from counts: purchases, visits
--@ rate-name | name=cart_abandonment_rate | domain=abandoned carts/carts |
--  true=share of carts that were abandoned (true) |
--  counts=cart abandonment rate from counts: abandoned carts, carts
--@ rate-name | name=repeat_purchase_rate | domain=customers who bought again/customers |
--  true=share of customers who bought again (true), one row per customer |
--  counts=repeat purchase rate from counts: customers who bought again, customers
--@ rate-name | name=retention_rate | domain=customers still active/customers before |
--  true=share of earlier customers who are still active (true), one row per customer |
--  counts=retention rate from counts: customers still active, customers before
--@ rate-name | name=return_rate | domain=returned/sold, in orders or units |
--  true=share of orders or units that were returned (true) |
--  counts=return rate from counts: units returned, units sold
--@ rate-name | name=on_time_rate | domain=on time/all |
--  true=share of deliveries, projects or replies that were on time (true) |
--  counts=on-time rate from counts: on time, all
