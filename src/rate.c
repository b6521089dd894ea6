/*
 * rate.c - a share: how many of the trials succeeded
 *
 * A rate is kept as its two counts, never as their quotient, so that rates add
 * up.  Conversion, return, abandonment, retention and on-time rates are all
 * this one shape; their names live in SQL.
 */
#include "rate.h"

#include "counts.h"
#include "statistics.h"
#include "utils/fmgrprotos.h"
#include "value.h"

#define RATE_COUNTS 2

static const char *
rate_broken_rule(const Rate *rate)
{
	if (rate->successes < 0 || rate->trials < 0)
		return "Successes and trials cannot be negative.";
	if (rate->successes > rate->trials)
		return "There cannot be more successes than trials.";
	return NULL;
}

static const char *
rate_parse(const char *text, void **value)
{
	Rate	   *rate = palloc(sizeof(Rate));

	*value = rate;
	if (counts_parse(text, (int64 *) rate, RATE_COUNTS) != RATE_COUNTS)
		return "A rate is two whole numbers, successes and trials.";
	return rate_broken_rule(rate);
}

static const char *
rate_receive(StringInfo message, void **value)
{
	Rate	   *rate = palloc(sizeof(Rate));

	*value = rate;
	counts_receive(message, (int64 *) rate, RATE_COUNTS);
	return rate_broken_rule(rate);
}

static void
rate_print(StringInfo text, const void *value)
{
	counts_print(text, value, RATE_COUNTS);
}

static void
rate_to_wire(StringInfo message, const void *value)
{
	counts_send(message, value, RATE_COUNTS);
}

static const ValueType rate_type;

static void *
rate_pool(void *a, const void *b)
{
	if (!counts_add(a, b, RATE_COUNTS))
		value_overflow(&rate_type);
	return a;
}

static void *
rate_take_out(void *a, const void *b)
{
	if (!counts_subtract(a, b, RATE_COUNTS) || rate_broken_rule(a) != NULL)
		value_not_in(&rate_type);
	return a;
}

static int64
rate_size(const void *value)
{
	return ((const Rate *) value)->trials;
}

static bool
rate_ratio(const void *value, int64 *num, int64 *den)
{
	*num = ((const Rate *) value)->successes;
	*den = ((const Rate *) value)->trials;
	return *den > 0;
}

static const ValueType rate_type = {
	.name = "rate",
	.form = "successes/trials, for example 42/1000",
	.of_text = "conversion_rate(bought::boolean)",
	.size = sizeof(Rate),
	.parse = rate_parse,
	.receive = rate_receive,
	.print = rate_print,
	.send = rate_to_wire,
	.add = rate_pool,
	.subtract = rate_take_out,
	.sample_size = rate_size,
	.ratio = rate_ratio,
	.unit = 1
};

VALUE_FUNCTIONS(rate)
VALUE_FUNCTION(rate, add)
VALUE_FUNCTION(rate, subtract)

/* the rate of these counts; 22023 if they cannot be one */
Rate *
rate_of(int64 successes, int64 trials)
{
	Rate	   *rate = palloc(sizeof(Rate));
	const char *broken;

	rate->successes = successes;
	rate->trials = trials;
	broken = rate_broken_rule(rate);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld of %lld is not a rate", (long long) successes, (long long) trials),
				 errdetail("%s", broken),
				 errhint("The first count says how many of the second succeeded, as in "
						 "make_rate(42, 1000).")));
	return rate;
}

/* make_rate(successes, trials) */
PG_FUNCTION_INFO_V1(make_rate);
Datum
make_rate(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rate_of(PG_GETARG_INT64(0), PG_GETARG_INT64(1)));
}

/* rate_accum(rate, success): one more trial */
PG_FUNCTION_INFO_V1(rate_accum);
Datum
rate_accum(PG_FUNCTION_ARGS)
{
	Rate	   *rate = value_own(fcinfo, &rate_type);

	if (unlikely(rate->trials == PG_INT64_MAX))
		value_overflow(&rate_type);
	rate->successes += PG_GETARG_BOOL(1);
	rate->trials++;
	PG_RETURN_POINTER(rate);
}

/* rate_accum_inverse(rate, success): one trial less */
PG_FUNCTION_INFO_V1(rate_accum_inverse);
Datum
rate_accum_inverse(PG_FUNCTION_ARGS)
{
	Rate		trial = {PG_GETARG_BOOL(1), 1};

	PG_RETURN_POINTER(rate_take_out(value_own(fcinfo, &rate_type), &trial));
}

/* rate_accum_counts(rate, successes, trials): many trials at once */
PG_FUNCTION_INFO_V1(rate_accum_counts);
Datum
rate_accum_counts(PG_FUNCTION_ARGS)
{
	Rate	   *more = rate_of(PG_GETARG_INT64(1), PG_GETARG_INT64(2));

	PG_RETURN_POINTER(rate_pool(value_own(fcinfo, &rate_type), more));
}

PG_FUNCTION_INFO_V1(rate_accum_counts_inverse);
Datum
rate_accum_counts_inverse(PG_FUNCTION_ARGS)
{
	Rate	   *fewer = rate_of(PG_GETARG_INT64(1), PG_GETARG_INT64(2));

	PG_RETURN_POINTER(rate_take_out(value_own(fcinfo, &rate_type), fewer));
}

PG_FUNCTION_INFO_V1(rate_successes);
Datum
rate_successes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(((Rate *) PG_GETARG_POINTER(0))->successes);
}

/* rate * number, multiplied before it is divided: 1/3 * 3 is 1 */
PG_FUNCTION_INFO_V1(rate_multiply);
Datum
rate_multiply(PG_FUNCTION_ARGS)
{
	Numeric		successes,
				trials;

	if (!value_fraction(&rate_type, PG_GETARG_POINTER(0), &successes, &trials))
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div,
							   DirectFunctionCall2(numeric_mul, NumericGetDatum(successes),
												   PG_GETARG_DATUM(1)),
							   NumericGetDatum(trials));
}

/* confidence_interval(rate, level): Wilson's score interval, NULL without data */
PG_FUNCTION_INFO_V1(rate_confidence_interval);
Datum
rate_confidence_interval(PG_FUNCTION_ARGS)
{
	Rate	   *rate = (Rate *) PG_GETARG_POINTER(0);
	double		z = normal_quantile(PG_GETARG_FLOAT8(1));
	double		low,
				high;

	if (rate->trials == 0)
		PG_RETURN_NULL();
	wilson_interval(rate->successes, rate->trials, z, &low, &high);
	return interval_range(low, high);
}

/*
 * p_value(a, b): the two-proportion z-test with the pooled share (the score
 * test, whose interval is Wilson's); NULL if one has no data.
 */
PG_FUNCTION_INFO_V1(rate_p_value);
Datum
rate_p_value(PG_FUNCTION_ARGS)
{
	Rate	   *a = (Rate *) PG_GETARG_POINTER(0);
	Rate	   *b = (Rate *) PG_GETARG_POINTER(1);
	double		n = (double) a->trials;
	double		m = (double) b->trials;
	double		p = ((double) a->successes + (double) b->successes) / (n + m);

	if (a->trials == 0 || b->trials == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(normal_p_value(a->successes / n - b->successes / m,
									p * (1 - p) * (1 / n + 1 / m)));
}
