/*
 * average.c - a mean that remembers how many and how much
 *
 * Kept as the number of observations and their exact decimal sum, so that the
 * average order value of a year is that of its months pooled, to the cent.
 */
#include "counts.h"
#include "decimal.h"
#include "utils/fmgrprotos.h"
#include "value.h"

typedef struct Average
{
	int64		n;
	Decimal		total;
} Average;

StaticAssertDecl(sizeof(Average) == 32, "an average on disk is 32 bytes");

static const char *
average_broken_rule(const Average *average)
{
	if (average->n < 0)
		return "The number of observations cannot be negative.";
	if (average->n == 0 && average->total.units != 0)
		return "Without an observation the total is 0.";
	return NULL;
}

static const char *
average_parse(const char *text, void **value)
{
	Average    *average = palloc0(sizeof(Average));

	*value = average;
	while (isspace((unsigned char) *text))
		text++;
	if (!decimal_parse(&text, &average->total) || *text++ != '/' ||
		counts_parse(text, &average->n, 1) != 1)
		return "An average is a decimal total of at most 38 digits and a whole number of "
			   "observations.";
	return average_broken_rule(average);
}

static const char *
average_receive(StringInfo message, void **value)
{
	Average    *average = palloc0(sizeof(Average));

	*value = average;
	if (!decimal_receive(message, &average->total) || !counts_receive(message, &average->n, 1))
		return "The total must be a decimal of at most 38 digits, and the number of observations "
			   "at least 0.";
	return average_broken_rule(average);
}

static void
average_print(StringInfo text, const void *value)
{
	const Average *average = value;

	decimal_print(text, &average->total);
	appendStringInfoChar(text, '/');
	counts_print(text, &average->n, 1);
}

static void
average_to_wire(StringInfo message, const void *value)
{
	const Average *average = value;

	decimal_send(message, &average->total);
	counts_send(message, &average->n, 1);
}

static const ValueType average_type;

static void *
average_pool(void *a, const void *b)
{
	Average    *average = a;
	const Average *more = b;

	if (!counts_add(&average->n, &more->n, 1) || !decimal_add(&average->total, &more->total))
		value_overflow(&average_type);
	return average;
}

static void *
average_take_out(void *a, const void *b)
{
	Average    *average = a;
	Average		fewer = *(const Average *) b;

	decimal_negate(&fewer.total);
	if (!counts_subtract(&average->n, &fewer.n, 1) || !decimal_add(&average->total, &fewer.total) ||
		average_broken_rule(average) != NULL)
		value_not_in(&average_type);
	return average;
}

/* an aggregate's scale widens as it goes: the canonical one is the smallest */
static void *
average_pack(const void *value)
{
	Average    *packed = memcpy(palloc(sizeof(Average)), value, sizeof(Average));

	decimal_strip(&packed->total);
	return packed;
}

static int64
average_size(const void *value)
{
	return ((const Average *) value)->n;
}

static bool
average_fraction(const void *value, Numeric *num, Numeric *den)
{
	const Average *average = value;

	*num = decimal_to_numeric(&average->total);
	*den = int64_to_numeric(average->n);
	return average->n > 0;
}

static bool
average_nearly(const void *value, double *number)
{
	const Average *average = value;

	*number = decimal_to_double(&average->total) / (double) average->n;
	return average->n > 0;
}

static const ValueType average_type = {
	.name = "average",
	.form = "total/observations, for example 1234.50/42",
	.of_text = "average(amount::numeric)",
	.size = sizeof(Average),
	.parse = average_parse,
	.receive = average_receive,
	.print = average_print,
	.send = average_to_wire,
	.add = average_pool,
	.subtract = average_take_out,
	.pack = average_pack,
	.sample_size = average_size,
	.fraction = average_fraction,
	.nearly = average_nearly
};

VALUE_FUNCTIONS(average)
VALUE_FUNCTION(average, add)
VALUE_FUNCTION(average, subtract)
VALUE_FUNCTION(average, final)

/* make_average(n, total); 22023 if there cannot be such a sample */
PG_FUNCTION_INFO_V1(make_average);
Datum
make_average(PG_FUNCTION_ARGS)
{
	Average    *average = palloc0(sizeof(Average));
	const char *broken;

	average->n = PG_GETARG_INT64(0);
	average->total = decimal_from_numeric(PG_GETARG_DATUM(1));
	decimal_strip(&average->total);
	broken = average_broken_rule(average);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld observations cannot have this total", (long long) average->n),
				 errdetail("%s", broken),
				 errhint("Give the number of observations and their sum, as in "
						 "make_average(42, 1234.50).")));
	PG_RETURN_POINTER(average);
}

/* average_accum(average, observation); 22023 for NaN and infinity, 22003 beyond 38 digits */
PG_FUNCTION_INFO_V1(average_accum);
Datum
average_accum(PG_FUNCTION_ARGS)
{
	Average		one = {.n = 1,.total = decimal_from_numeric(PG_GETARG_DATUM(1))};

	return value_result(fcinfo, &average_type,
						average_pool(value_own(fcinfo, &average_type), &one));
}

PG_FUNCTION_INFO_V1(average_accum_inverse);
Datum
average_accum_inverse(PG_FUNCTION_ARGS)
{
	Average		one = {.n = 1,.total = decimal_from_numeric(PG_GETARG_DATUM(1))};

	return value_result(fcinfo, &average_type,
						average_take_out(value_own(fcinfo, &average_type), &one));
}

/* total(average): the exact sum, 0 without data */
PG_FUNCTION_INFO_V1(average_total);
Datum
average_total(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(decimal_to_numeric(&((Average *) PG_GETARG_POINTER(0))->total));
}
