/*
 * csat.c - customer satisfaction: how often each answer was given
 *
 * The whole distribution is kept, because guides disagree on what to read from
 * it: any box, the mean and the interval come from the same counts.  An empty
 * sample has no scale and pools with any; samples of different scales do not
 * pool, as a 5 of 5 is not a 5 of 10.
 */
#include "counts.h"
#include "rate.h"
#include "statistics.h"
#include "value.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/array.h"

#define SMALLEST_SCALE 2
#define LARGEST_SCALE 10
#define USUAL_SCALE 5

typedef struct Csat
{
	int64		scale;			/* number of answers, 0 as long as none was given */
	int64		count[LARGEST_SCALE];	/* of the answers 1 .. scale, zero above */
} Csat;

StaticAssertDecl(sizeof(Csat) == 88, "a csat on disk is 88 bytes");

static int64
csat_responses(const void *value)
{
	return counts_total(((const Csat *) value)->count, LARGEST_SCALE);
}

/*
 * Bring counts on a scale into their canonical form, which has no scale without
 * an answer.  Returns the rule they break, if any.
 */
static const char *
csat_settle(Csat *csat)
{
	int64		responses = csat_responses(csat);

	if (responses < 0)
		return "Counts cannot be negative, and their sum must be below 2^63.";
	if (csat->scale < SMALLEST_SCALE || csat->scale > LARGEST_SCALE)
		return "A scale has 2 to 10 answers.";
	for (int i = csat->scale; i < LARGEST_SCALE; i++)
		if (csat->count[i] != 0)
			return "Answers above the scale cannot be counted.";
	if (responses == 0)
		csat->scale = 0;
	return NULL;
}

static const char *
csat_parse(const char *text, void **value)
{
	Csat	   *csat = palloc0(sizeof(Csat));

	*value = csat;
	csat->scale = counts_parse(text, csat->count, LARGEST_SCALE);
	if (csat->scale == 1 && csat->count[0] == 0)
	{
		csat->scale = 0;
		return NULL;
	}
	if (csat->scale < SMALLEST_SCALE)
		return "A csat is 2 to 10 whole numbers, how often each answer was given, the worst first; "
			   "0 if none was.";
	return csat_settle(csat);
}

static void
csat_print(StringInfo text, const void *value)
{
	const Csat *csat = value;

	counts_print(text, csat->count, Max(csat->scale, 1));
}

static void
csat_to_wire(StringInfo message, const void *value)
{
	const Csat *csat = value;

	pq_sendbyte(message, csat->scale);
	counts_send(message, csat->count, csat->scale);
}

static const char *
csat_receive(StringInfo message, void **value)
{
	Csat	   *csat = palloc0(sizeof(Csat));
	int			scale = pq_getmsgbyte(message);

	*value = csat;
	if (scale == 0)
		return NULL;
	if (scale > LARGEST_SCALE)
		return "A scale has 2 to 10 answers.";
	csat->scale = scale;
	counts_receive(message, csat->count, scale);
	if (csat_responses(csat) == 0)
		return "Without answers there is no scale.";
	return csat_settle(csat);
}

static const ValueType csat_type;

static void
csat_same_scale(Csat *a, int64 scale)
{
	if (a->scale == 0)
		a->scale = scale;
	else if (unlikely(a->scale != scale && scale != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot pool answers on a scale of %d with answers on a scale of %d",
						(int) a->scale, (int) scale),
				 errdetail("The same answer means something else on another scale."),
				 errhint("Keep the scales apart, for example with GROUP BY scale, or pool "
						 "top_box() of each.")));
}

static void *
csat_pool(void *a, const void *b)
{
	Csat	   *csat = a;
	const Csat *more = b;

	csat_same_scale(csat, more->scale);
	if (!counts_add(csat->count, more->count, LARGEST_SCALE) || csat_responses(csat) < 0)
		value_overflow(&csat_type);
	return csat;
}

static void *
csat_take_out(void *a, const void *b)
{
	Csat	   *csat = a;
	const Csat *fewer = b;

	if (fewer->scale == 0)
		return csat;
	if (csat->scale != fewer->scale || !counts_subtract(csat->count, fewer->count, LARGEST_SCALE))
		value_not_in(&csat_type);
	csat_settle(csat);
	return csat;
}

/* how many gave one of the n best answers */
static int64
csat_top(const Csat *csat, int n)
{
	return counts_total(csat->count + csat->scale - n, n);
}

/*
 * The headline is the share of satisfied customers: the two best answers, but
 * only the best on scales of 2 (thumbs) and 3 where the second is not a good one.
 */
static bool
csat_ratio(const void *value, int64 *num, int64 *den)
{
	const Csat *csat = value;

	*den = csat_responses(csat);
	if (*den == 0)
		return false;
	*num = csat_top(csat, csat->scale <= 3 ? 1 : 2);
	return true;
}

static const ValueType csat_type = {
	.name = "csat",
	.form = "how often each answer was given, the worst first, for example 2/3/10/40/45",
	.of_text = "csat(answer::int)",
	.size = sizeof(Csat),
	.parse = csat_parse,
	.receive = csat_receive,
	.print = csat_print,
	.send = csat_to_wire,
	.add = csat_pool,
	.subtract = csat_take_out,
	.sample_size = csat_responses,
	.ratio = csat_ratio,
	.unit = 1
};

VALUE_FUNCTIONS(csat)
VALUE_FUNCTION(csat, add)
VALUE_FUNCTION(csat, subtract)

/*
 * make_csat(counts): from an array of counts, the worst answer first; 22023 if
 * they cannot be that
 */
PG_FUNCTION_INFO_V1(make_csat);
Datum
make_csat(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	Csat	   *csat = palloc0(sizeof(Csat));
	const char *broken;

	if (ARR_NDIM(array) > 1)
		broken = "Counts are an array of one dimension.";
	else if (array_contains_nulls(array))
		broken = "An unknown count cannot be used; write 0 for an answer nobody gave.";
	else if (n > LARGEST_SCALE)
		broken = "A scale has 2 to 10 answers.";
	else
	{
		memcpy(csat->count, ARR_DATA_PTR(array), n * sizeof(int64));
		csat->scale = n;
		broken = n == 0 ? NULL : csat_settle(csat);
	}
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid counts for a csat"),
				 errdetail("%s", broken),
				 errhint("Give the count of each answer, the worst first, as in "
						 "make_csat('{2,3,10,40,45}').")));
	PG_RETURN_POINTER(csat);
}

/*
 * The scale in the optional third argument, and whether the answer is on it.
 *
 * Errors: 22023 for an answer off the scale or a scale that is none.
 */
static inline int
csat_scale_of(FunctionCallInfo fcinfo)
{
	int32		answer = PG_GETARG_INT32(1);
	int32		scale = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : USUAL_SCALE;

	if (unlikely(scale < SMALLEST_SCALE || scale > LARGEST_SCALE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a scale of %d is not supported", scale),
				 errdetail("A scale has %d to %d answers, numbered from 1.",
						   SMALLEST_SCALE, LARGEST_SCALE),
				 errhint("Name the best answer that could be given as the second argument, as in "
						 "csat(answer, 7).")));
	if (unlikely(answer < 1 || answer > scale))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("answer %d is off the scale", answer),
				 errdetail("An answer on a scale of %d is a whole number from 1 to %d.",
						   scale, scale),
				 errhint("Name another scale as the second argument, csat(answer, 7), and make "
						 "codes such as \"no answer\" NULL.")));
	return scale;
}

/* csat_accum(csat, answer [, scale]): one more answer */
PG_FUNCTION_INFO_V1(csat_accum);
Datum
csat_accum(PG_FUNCTION_ARGS)
{
	Csat	   *csat = value_own(fcinfo, &csat_type);
	int			scale = csat_scale_of(fcinfo);
	int64		responses = 0;

	csat_same_scale(csat, scale);
	for (int i = 0; i < LARGEST_SCALE; i++)
		responses += csat->count[i];
	if (unlikely(responses == PG_INT64_MAX))
		value_overflow(&csat_type);
	csat->count[PG_GETARG_INT32(1) - 1]++;
	PG_RETURN_POINTER(csat);
}

/* csat_accum_inverse(csat, answer [, scale]): one answer less */
PG_FUNCTION_INFO_V1(csat_accum_inverse);
Datum
csat_accum_inverse(PG_FUNCTION_ARGS)
{
	Csat	   *csat = value_own(fcinfo, &csat_type);
	Csat		answer = {0};

	answer.scale = csat_scale_of(fcinfo);
	answer.count[PG_GETARG_INT32(1) - 1] = 1;
	PG_RETURN_POINTER(csat_take_out(csat, &answer));
}

/* counts(csat): how often each answer was given, an empty array without data */
PG_FUNCTION_INFO_V1(csat_counts);
Datum
csat_counts(PG_FUNCTION_ARGS)
{
	Csat	   *csat = (Csat *) PG_GETARG_POINTER(0);
	Datum		counts[LARGEST_SCALE];

	for (int i = 0; i < csat->scale; i++)
		counts[i] = Int64GetDatum(csat->count[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(counts, csat->scale, INT8OID, sizeof(int64),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* scale(csat): the number of possible answers, NULL without data */
PG_FUNCTION_INFO_V1(csat_scale);
Datum
csat_scale(PG_FUNCTION_ARGS)
{
	Csat	   *csat = (Csat *) PG_GETARG_POINTER(0);

	if (csat->scale == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(csat->scale);
}

/* the share of the n best or worst answers */
static Rate *
csat_share(FunctionCallInfo fcinfo, bool top)
{
	Csat	   *csat = (Csat *) PG_GETARG_POINTER(0);
	int32		n = PG_GETARG_INT32(1);

	if (n < 1 || n > (csat->scale > 0 ? csat->scale : LARGEST_SCALE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no box of %d answers on this scale", n),
				 errdetail("A box holds between one and all answers of the scale."),
				 errhint("The scale of a csat is scale(csat); its two best answers are "
						 "top_box(csat, 2).")));
	if (csat->scale == 0)
		return rate_of(0, 0);
	return rate_of(top ? csat_top(csat, n) : counts_total(csat->count, n), csat_responses(csat));
}

/* top_box(csat, n) and bottom_box(csat, n): the share of the n best and worst answers, as rates */
PG_FUNCTION_INFO_V1(csat_top_box);
Datum
csat_top_box(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(csat_share(fcinfo, true));
}

PG_FUNCTION_INFO_V1(csat_bottom_box);
Datum
csat_bottom_box(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(csat_share(fcinfo, false));
}

/* mean(csat): the mean answer, NULL without data */
PG_FUNCTION_INFO_V1(csat_mean);
Datum
csat_mean(PG_FUNCTION_ARGS)
{
	Csat	   *csat = (Csat *) PG_GETARG_POINTER(0);
	int128		sum = 0;

	if (csat->scale == 0)
		PG_RETURN_NULL();
	for (int i = 0; i < csat->scale; i++)
		sum += (int128) csat->count[i] * (i + 1);
	PG_RETURN_FLOAT8((double) sum / (double) csat_responses(csat));
}

/*
 * confidence_interval(csat, level): Wilson's score interval of the headline
 * share, NULL without data
 */
PG_FUNCTION_INFO_V1(csat_confidence_interval);
Datum
csat_confidence_interval(PG_FUNCTION_ARGS)
{
	double		z = normal_quantile(PG_GETARG_FLOAT8(1));
	int64		satisfied,
				responses;
	double		low,
				high;

	if (!csat_ratio(PG_GETARG_POINTER(0), &satisfied, &responses))
		PG_RETURN_NULL();
	wilson_interval(satisfied, responses, z, &low, &high);
	return interval_range(low, high);
}
