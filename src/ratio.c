/*
 * ratio.c - the quotient of two sums that remembers both
 *
 * Kept as the number of rows and the exact decimal sums of numerator and
 * denominator, so that the margin of a year is that of its months pooled: the
 * mean of the monthly margins would count a weak month like a strong one.
 *
 * There is no confidence interval.  An honest one needs the squares and the
 * product of both sums, which exactly take 76 digits and so would refuse sums that
 * fit, and rows that are drawn independently, which lines of one order are not.
 */
#include "counts.h"
#include "decimal.h"
#include "utils/fmgrprotos.h"
#include "value.h"

typedef struct Ratio
{
	int64		n;
	Decimal		numerator;
	Decimal		denominator;
} Ratio;

StaticAssertDecl(sizeof(Ratio) == 56, "a ratio on disk is 56 bytes");

static const char *
ratio_broken_rule(const Ratio *ratio)
{
	if (ratio->n < 0)
		return "The number of observations cannot be negative.";
	if (ratio->n == 0 && (ratio->numerator.units != 0 || ratio->denominator.units != 0))
		return "Without an observation both sums are 0.";
	return NULL;
}

static const char *
ratio_parse(const char *text, void **value)
{
	Ratio	   *ratio = palloc0(sizeof(Ratio));

	*value = ratio;
	while (isspace((unsigned char) *text))
		text++;
	if (!decimal_parse(&text, &ratio->numerator) || *text++ != '/' ||
		!decimal_parse(&text, &ratio->denominator) || *text++ != '/' ||
		counts_parse(text, &ratio->n, 1) != 1)
		return "A ratio is two decimal sums of at most 38 digits "
			"and a whole number of observations.";
	return ratio_broken_rule(ratio);
}

static const char *
ratio_receive(StringInfo message, void **value)
{
	Ratio	   *ratio = palloc0(sizeof(Ratio));

	*value = ratio;
	if (!decimal_receive(message, &ratio->numerator) ||
		!decimal_receive(message, &ratio->denominator) ||
		!counts_receive(message, &ratio->n, 1))
		return "Both sums must be decimals of at most 38 digits, "
			"the number of observations at least 0.";
	return ratio_broken_rule(ratio);
}

static void
ratio_print(StringInfo text, const void *value)
{
	const Ratio *ratio = value;

	decimal_print(text, &ratio->numerator);
	appendStringInfoChar(text, '/');
	decimal_print(text, &ratio->denominator);
	appendStringInfoChar(text, '/');
	counts_print(text, &ratio->n, 1);
}

static void
ratio_to_wire(StringInfo message, const void *value)
{
	const Ratio *ratio = value;

	decimal_send(message, &ratio->numerator);
	decimal_send(message, &ratio->denominator);
	counts_send(message, &ratio->n, 1);
}

static const ValueType ratio_type;

static void *
ratio_pool(void *a, const void *b)
{
	Ratio	   *ratio = a;
	const Ratio *more = b;

	if (!counts_add(&ratio->n, &more->n, 1) ||
		!decimal_add(&ratio->numerator, &more->numerator) ||
		!decimal_add(&ratio->denominator, &more->denominator))
		value_overflow(&ratio_type);
	return ratio;
}

static void *
ratio_take_out(void *a, const void *b)
{
	Ratio	   *ratio = a;
	Ratio		fewer = *(const Ratio *) b;

	decimal_negate(&fewer.numerator);
	decimal_negate(&fewer.denominator);
	if (!counts_subtract(&ratio->n, &fewer.n, 1) ||
		!decimal_add(&ratio->numerator, &fewer.numerator) ||
		!decimal_add(&ratio->denominator, &fewer.denominator) ||
		ratio_broken_rule(ratio) != NULL)
		value_not_in(&ratio_type);
	return ratio;
}

/* an aggregate's scales widen as it goes: the canonical ones are the smallest */
static void *
ratio_pack(const void *value)
{
	Ratio	   *packed = memcpy(palloc(sizeof(Ratio)), value, sizeof(Ratio));

	decimal_strip(&packed->numerator);
	decimal_strip(&packed->denominator);
	return packed;
}

static int64
ratio_size(const void *value)
{
	return ((const Ratio *) value)->n;
}

/* more may be refunded than was sold: a denominator below 0 divides like any other */
static bool
ratio_fraction(const void *value, Numeric *num, Numeric *den)
{
	Ratio		ratio = *(const Ratio *) value;

	if (ratio.denominator.units < 0)
	{
		decimal_negate(&ratio.numerator);
		decimal_negate(&ratio.denominator);
	}
	*num = decimal_to_numeric(&ratio.numerator);
	*den = decimal_to_numeric(&ratio.denominator);
	return ratio.denominator.units != 0;
}

static bool
ratio_nearly(const void *value, double *number)
{
	const Ratio *ratio = value;

	*number = decimal_to_double(&ratio->numerator) / decimal_to_double(&ratio->denominator);
	return ratio->denominator.units != 0;
}

static const ValueType ratio_type = {
	.name = "ratio",
	.form = "numerator/denominator/observations, for example 310.25/1240.50/42",
	.of_text = "ratio(cost::numeric, sales::numeric)",
	.size = sizeof(Ratio),
	.parse = ratio_parse,
	.receive = ratio_receive,
	.print = ratio_print,
	.send = ratio_to_wire,
	.add = ratio_pool,
	.subtract = ratio_take_out,
	.pack = ratio_pack,
	.sample_size = ratio_size,
	.fraction = ratio_fraction,
	.nearly = ratio_nearly
};

VALUE_FUNCTIONS(ratio)
VALUE_FUNCTION(ratio, add)
VALUE_FUNCTION(ratio, subtract)
VALUE_FUNCTION(ratio, final)

/* make_ratio(n, numerator, denominator); 22023 if there cannot be such a sample */
PG_FUNCTION_INFO_V1(make_ratio);
Datum
make_ratio(PG_FUNCTION_ARGS)
{
	Ratio	   *ratio = palloc0(sizeof(Ratio));
	const char *broken;

	ratio->n = PG_GETARG_INT64(0);
	ratio->numerator = decimal_from_numeric(PG_GETARG_DATUM(1));
	ratio->denominator = decimal_from_numeric(PG_GETARG_DATUM(2));
	decimal_strip(&ratio->numerator);
	decimal_strip(&ratio->denominator);
	broken = ratio_broken_rule(ratio);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld observations cannot have these sums", (long long) ratio->n),
				 errdetail("%s", broken),
				 errhint("Give the number of observations and both sums, "
						 "as in make_ratio(42, 310.25, 1240.50).")));
	PG_RETURN_POINTER(ratio);
}

/* the arguments behind the state, as a sample of one */
static Ratio
one_observation(FunctionCallInfo fcinfo)
{
	Ratio		one = {.n = 1};

	one.numerator = decimal_from_numeric(PG_GETARG_DATUM(1));
	one.denominator = decimal_from_numeric(PG_GETARG_DATUM(2));
	return one;
}

/* ratio_accum(ratio, numerator, denominator); 22023 for NaN and infinity, 22003 beyond 38 digits */
PG_FUNCTION_INFO_V1(ratio_accum);
Datum
ratio_accum(PG_FUNCTION_ARGS)
{
	Ratio		one = one_observation(fcinfo);

	return value_result(fcinfo, &ratio_type, ratio_pool(value_own(fcinfo, &ratio_type), &one));
}

PG_FUNCTION_INFO_V1(ratio_accum_inverse);
Datum
ratio_accum_inverse(PG_FUNCTION_ARGS)
{
	Ratio		one = one_observation(fcinfo);

	return value_result(fcinfo, &ratio_type, ratio_take_out(value_own(fcinfo, &ratio_type), &one));
}

/* numerator(ratio) and denominator(ratio): the exact sums, 0 without data */
PG_FUNCTION_INFO_V1(ratio_numerator);
Datum
ratio_numerator(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(decimal_to_numeric(&((Ratio *) PG_GETARG_POINTER(0))->numerator));
}

PG_FUNCTION_INFO_V1(ratio_denominator);
Datum
ratio_denominator(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(decimal_to_numeric(&((Ratio *) PG_GETARG_POINTER(0))->denominator));
}
