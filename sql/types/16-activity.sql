-- activity: which customers were active in which period, once or more often

--@ value-type | type=activity | a=an activity | length=variable | sspace=1000 |
-- storage=extended | empty={} | number=double precision | value=activity_float8 | final
COMMENT ON TYPE activity IS
'which customers were active in which period: {period: ?rows without a customer, customers (+ for '
'more than once), ...}';
COMMENT ON FUNCTION value(activity) IS
'share of the customers who were active more than once in all; NULL without customers';

-- parts

CREATE FUNCTION repeat_purchase_rate(activity)
RETURNS rate AS 'MODULE_PATHNAME', 'activity_repeat_purchase_rate'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION repeat_purchase_rate(activity) IS
'of all customers, those active more than once in all';
CREATE FUNCTION customers(activity, grain text,
    OUT period date, OUT customers bigint, OUT new_customers bigint, OUT returning_customers bigint,
    OUT repeat_customers bigint, OUT retained_customers bigint,
    OUT returning_rate rate, OUT repeat_rate rate, OUT retention_rate rate, OUT unknown_rows bigint)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'activity_customers_by_period'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION customers(activity, grain text) IS
'for each day, week, month, quarter or year from the first activity to the last: customers active, '
'new (first time), returning (before in any period), repeat (more than once in the period), '
'retained (in the period just before), with returning/customers, repeat/customers, '
'retained/customers of the period before as rates, and rows without a customer; an error for '
'another grain or more than a million periods';
CREATE FUNCTION customers(activity, grain text, whole activity,
    OUT period date, OUT customers bigint, OUT new_customers bigint, OUT returning_customers bigint,
    OUT repeat_customers bigint, OUT retained_customers bigint,
    OUT returning_rate rate, OUT repeat_rate rate, OUT retention_rate rate, OUT unknown_rows bigint)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'activity_customers_of_whole'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION customers(activity, grain text, whole activity) IS
'customers(activity, grain) of a part, such as a channel, where returning are those who were '
'active before anywhere in the whole; new are still those who are new in the part; an error for '
'different kinds of customer, too';
CREATE FUNCTION retention(activity, grain text, definition text DEFAULT 'on',
    brackets integer[] DEFAULT NULL, OUT cohort date, OUT period date, OUT periods_since integer,
    OUT cohort_size bigint, OUT customers bigint, OUT rate rate)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'activity_retention' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION retention(activity, grain text, definition text, brackets integer[]) IS
'of the customers whose first activity was in period cohort, those active periods_since periods '
'later: on that period, on_or_after it, or in a bracket of periods such as 1 to 3 and 4 to 7, '
'brackets then being {1,4,8}; customers and rate are NULL where that has not happened yet; an '
'error for another grain or definition, or more than 5000 periods';
CREATE FUNCTION during(activity, start date, until date)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_during' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION during(activity, start date, until date) IS
'what was active from start to before until; NULL for no limit';
CREATE FUNCTION also_in(activity, activity)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_also_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION also_in(activity, activity) IS
'of the first, the customers who are in the second, too; rows without a customer are left out; an '
'error for different kinds of customer';
CREATE FUNCTION not_in(activity, activity)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_not_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION not_in(activity, activity) IS
'of the first, the customers who are not in the second; rows without a customer are left out; an '
'error for different kinds of customer';
CREATE FUNCTION without(activity, activity)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_without' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION without(activity, activity) IS
'of the first, the customers who are not in the second, and as many fewer rows without a customer '
'as that has: what it was before those customers were added with all they did; an error for '
'different kinds of customer, and for more rows than there are';
CREATE FUNCTION customers_between(activity, start date, until date)
RETURNS bigint AS 'MODULE_PATHNAME', 'activity_customers_between'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customers_between(activity, start date, until date) IS
'how many customers were active from start to before until; NULL for no limit';
CREATE FUNCTION customer_ids(activity)
RETURNS SETOF bigint AS 'MODULE_PATHNAME', 'activity_customer_ids'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_ids(activity) IS
'the customers in ascending order; an error for uuid and text customers, of whom only a hash is '
'kept';
CREATE FUNCTION unknown_rows(activity)
RETURNS bigint AS 'MODULE_PATHNAME', 'activity_unknown_rows'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION unknown_rows(activity) IS
'rows whose customer was NULL: somebody, but nobody knows who';

-- aggregates: there is no inverse, of what happened twice once may be left

CREATE FUNCTION activity_accum(activity, customer bigint, period date)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer bigint, period date) IS
'transition function of activity: one more row';
CREATE FUNCTION activity_accum(activity, customer bigint)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_bigint_once'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer bigint) IS
'transition function of repeat_purchase_rate: one more row';
CREATE FUNCTION activity_accum(activity, customer uuid, period date)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer uuid, period date) IS
'transition function of activity: one more row';
CREATE FUNCTION activity_accum(activity, customer uuid)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_uuid_once'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer uuid) IS
'transition function of repeat_purchase_rate: one more row';
CREATE FUNCTION activity_accum(activity, customer text, period date)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer text, period date) IS
'transition function of activity: one more row';
CREATE FUNCTION activity_accum(activity, customer text)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_text_once'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer text) IS
'transition function of repeat_purchase_rate: one more row';
CREATE FUNCTION activity_accum(activity, customer character)
RETURNS activity AS 'MODULE_PATHNAME', 'activity_accum_bpchar_once'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_accum(activity, customer character) IS
'transition function of repeat_purchase_rate: one more row';

CREATE AGGREGATE activity(customer bigint, period date) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = activity_final,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE activity(customer bigint, period date) IS
'which customers were active in which period, one row per order or visit; a NULL customer is '
'counted as unknown, a row with a NULL period is left out; an error for infinite dates';
CREATE AGGREGATE repeat_purchase_rate(customer bigint) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = repeat_purchase_rate,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE repeat_purchase_rate(customer bigint) IS
'of all customers, those with two or more rows, one row per order; NULL customers are left out';

CREATE AGGREGATE activity(customer uuid, period date) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = activity_final,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE activity(customer uuid, period date) IS
'which customers were active in which period, one row per order or visit; kept as 64-bit hashes; a '
'NULL customer is counted as unknown, a row with a NULL period is left out; an error for infinite '
'dates';
CREATE AGGREGATE repeat_purchase_rate(customer uuid) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = repeat_purchase_rate,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE repeat_purchase_rate(customer uuid) IS
'of all customers, those with two or more rows, one row per order; NULL customers are left out; '
'kept as 64-bit hashes';

CREATE AGGREGATE activity(customer text, period date) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = activity_final,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE activity(customer text, period date) IS
'which customers were active in which period, one row per order or visit; kept as 64-bit hashes; a '
'NULL customer is counted as unknown, a row with a NULL period is left out; an error for infinite '
'dates';
CREATE AGGREGATE repeat_purchase_rate(customer text) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = repeat_purchase_rate,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE repeat_purchase_rate(customer text) IS
'of all customers, those with two or more rows, one row per order; NULL customers are left out; '
'kept as 64-bit hashes';

-- There is a type repeat_purchase_rate as well, so a call with one argument of another string type
-- would be read as a cast to it.
CREATE AGGREGATE repeat_purchase_rate(customer character varying) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = repeat_purchase_rate,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE repeat_purchase_rate(customer character varying) IS
'of all customers, those with two or more rows, one row per order; NULL customers are left out; '
'kept as 64-bit hashes';
CREATE AGGREGATE repeat_purchase_rate(customer character) (
    SFUNC = activity_accum, STYPE = activity, SSPACE = 1000, INITCOND = '{}',
    FINALFUNC = repeat_purchase_rate,
    COMBINEFUNC = activity_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE repeat_purchase_rate(customer character) IS
'of all customers, those with two or more rows, one row per order; NULL customers are left out, '
'trailing blanks do not matter; kept as 64-bit hashes';
