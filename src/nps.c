/*
 * nps.c - Net Promoter Score: promoters minus detractors, in points of 100
 *
 * Kept as three counts.  The score is computed from them and rounded by nobody:
 * rounding the shares first moves it by up to a point.  Passives are answers
 * too, they stand in the denominator (F. F. Reichheld, The one number you need
 * to grow, HBR 81, 2003).
 */
#include "counts.h"
#include "statistics.h"
#include "value.h"

#include <math.h>

typedef struct Nps
{
	int64		promoters;
	int64		passives;
	int64		detractors;
} Nps;

StaticAssertDecl(sizeof(Nps) == 24, "an nps on disk is 24 bytes");

#define NPS_COUNTS 3

#define HIGHEST_SCORE 10		/* the scale is 0 .. 10 */
#define DETRACTOR_MAX 6
#define PROMOTER_MIN 9

static int64
nps_responses(const void *value)
{
	return counts_total(value, NPS_COUNTS);
}

static const char *
nps_broken_rule(const Nps *nps)
{
	if (nps_responses(nps) < 0)
		return "The three counts cannot be negative, and their sum must be below 2^63.";
	return NULL;
}

static const char *
nps_parse(const char *text, void **value)
{
	Nps		   *nps = palloc(sizeof(Nps));

	*value = nps;
	if (counts_parse(text, (int64 *) nps, NPS_COUNTS) != NPS_COUNTS)
		return "An nps is three whole numbers: promoters, passives and detractors.";
	return nps_broken_rule(nps);
}

static const char *
nps_receive(StringInfo message, void **value)
{
	Nps		   *nps = palloc(sizeof(Nps));

	*value = nps;
	counts_receive(message, (int64 *) nps, NPS_COUNTS);
	return nps_broken_rule(nps);
}

static void
nps_print(StringInfo text, const void *value)
{
	counts_print(text, value, NPS_COUNTS);
}

static void
nps_to_wire(StringInfo message, const void *value)
{
	counts_send(message, value, NPS_COUNTS);
}

static const ValueType nps_type;

static void *
nps_pool(void *a, const void *b)
{
	if (!counts_add(a, b, NPS_COUNTS) || nps_broken_rule(a) != NULL)
		value_overflow(&nps_type);
	return a;
}

static void *
nps_take_out(void *a, const void *b)
{
	if (!counts_subtract(a, b, NPS_COUNTS))
		value_not_in(&nps_type);
	return a;
}

static bool
nps_ratio(const void *value, int64 *num, int64 *den)
{
	*num = ((const Nps *) value)->promoters - ((const Nps *) value)->detractors;
	*den = nps_responses(value);
	return *den > 0;
}

static const ValueType nps_type = {
	.name = "nps",
	.form = "promoters/passives/detractors, for example 62/20/18",
	.of_text = "nps(score::int)",
	.size = sizeof(Nps),
	.parse = nps_parse,
	.receive = nps_receive,
	.print = nps_print,
	.send = nps_to_wire,
	.add = nps_pool,
	.subtract = nps_take_out,
	.sample_size = nps_responses,
	.ratio = nps_ratio,
	.unit = 100
};

VALUE_FUNCTIONS(nps)
VALUE_FUNCTION(nps, add)
VALUE_FUNCTION(nps, subtract)

/* make_nps(promoters, passives, detractors); 22023 if they cannot be counts */
PG_FUNCTION_INFO_V1(make_nps);
Datum
make_nps(PG_FUNCTION_ARGS)
{
	Nps		   *nps = palloc(sizeof(Nps));
	const char *broken;

	nps->promoters = PG_GETARG_INT64(0);
	nps->passives = PG_GETARG_INT64(1);
	nps->detractors = PG_GETARG_INT64(2);
	broken = nps_broken_rule(nps);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%lld, %lld and %lld are not the counts of an nps",
						(long long) nps->promoters, (long long) nps->passives,
						(long long) nps->detractors),
				 errdetail("%s", broken),
				 errhint("Give the numbers of promoters, passives and detractors, as in "
						 "make_nps(62, 20, 18).")));
	PG_RETURN_POINTER(nps);
}

/*
 * The count that the answer in the arguments belongs to.
 *
 * The cut-offs are optional arguments: the same C function serves both SQL
 * signatures.  Errors: 22023 for a score off the scale or senseless cut-offs.
 */
static inline int64 *
nps_count_of(FunctionCallInfo fcinfo, Nps *nps)
{
	int32		score = PG_GETARG_INT32(1);
	int32		detractor_max = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : DETRACTOR_MAX;
	int32		promoter_min = PG_NARGS() > 2 ? PG_GETARG_INT32(3) : PROMOTER_MIN;

	if (unlikely(detractor_max < 0 || detractor_max >= promoter_min ||
				 promoter_min > HIGHEST_SCORE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("detractors up to %d and promoters from %d do not divide the scale",
						detractor_max, promoter_min),
				 errdetail("The highest detractor must be at least 0 and below the lowest "
						   "promoter, which is at most %d.", HIGHEST_SCORE),
				 errhint("The usual cut-offs are nps(score, 6, 9).")));
	if (unlikely(score < 0 || score > HIGHEST_SCORE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("score %d is off the scale", score),
				 errdetail("An answer to the recommendation question is a whole number from "
						   "0 to %d.", HIGHEST_SCORE),
				 errhint("Leave out codes such as \"no answer\" with FILTER (WHERE score "
						 "BETWEEN 0 AND 10), or make them NULL.")));
	if (score >= promoter_min)
		return &nps->promoters;
	return score > detractor_max ? &nps->passives : &nps->detractors;
}

/* nps_accum(nps, score [, detractor_max, promoter_min]): one more answer */
PG_FUNCTION_INFO_V1(nps_accum);
Datum
nps_accum(PG_FUNCTION_ARGS)
{
	Nps		   *nps = value_own(fcinfo, &nps_type);
	int64	   *count = nps_count_of(fcinfo, nps);

	if (unlikely(nps->promoters + nps->passives + nps->detractors == PG_INT64_MAX))
		value_overflow(&nps_type);
	(*count)++;
	PG_RETURN_POINTER(nps);
}

/* nps_accum_inverse(nps, score [, detractor_max, promoter_min]): one answer less */
PG_FUNCTION_INFO_V1(nps_accum_inverse);
Datum
nps_accum_inverse(PG_FUNCTION_ARGS)
{
	Nps		   *nps = value_own(fcinfo, &nps_type);
	int64	   *count = nps_count_of(fcinfo, nps);

	if (*count == 0)
		value_not_in(&nps_type);
	(*count)--;
	PG_RETURN_POINTER(nps);
}

PG_FUNCTION_INFO_V1(nps_promoters);
Datum
nps_promoters(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(((Nps *) PG_GETARG_POINTER(0))->promoters);
}

PG_FUNCTION_INFO_V1(nps_passives);
Datum
nps_passives(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(((Nps *) PG_GETARG_POINTER(0))->passives);
}

PG_FUNCTION_INFO_V1(nps_detractors);
Datum
nps_detractors(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(((Nps *) PG_GETARG_POINTER(0))->detractors);
}

/*
 * The score as a share, and the variance of one answer: it is worth 1, 0 or -1,
 * hence p + d - (p - d)^2.
 */
static void
nps_moments(double promoters, double detractors, double n, double *mean, double *variance)
{
	*mean = (promoters - detractors) / n;
	*variance = (promoters + detractors) / n - *mean * *mean;
}

/*
 * confidence_interval(nps, level): the normal interval, cut at -100 and 100;
 * NULL without data.
 */
PG_FUNCTION_INFO_V1(nps_confidence_interval);
Datum
nps_confidence_interval(PG_FUNCTION_ARGS)
{
	Nps		   *nps = (Nps *) PG_GETARG_POINTER(0);
	double		z = normal_quantile(PG_GETARG_FLOAT8(1));
	double		n = nps_responses(nps);
	double		mean,
				variance,
				spread;

	if (n == 0)
		PG_RETURN_NULL();
	nps_moments(nps->promoters, nps->detractors, n, &mean, &variance);
	spread = variance > 0 ? z * sqrt(variance / n) : 0;
	return interval_range(100 * Max(mean - spread, -1), 100 * Min(mean + spread, 1));
}

/*
 * p_value(a, b): the z-test for the difference of two means, with the variance
 * of both samples together: if the scores are the same, there is only one.  NULL
 * if one has no data.
 */
PG_FUNCTION_INFO_V1(nps_p_value);
Datum
nps_p_value(PG_FUNCTION_ARGS)
{
	Nps		   *a = (Nps *) PG_GETARG_POINTER(0);
	Nps		   *b = (Nps *) PG_GETARG_POINTER(1);
	double		n = nps_responses(a);
	double		m = nps_responses(b);
	double		mean_a,
				mean_b,
				mean,
				variance;

	if (n == 0 || m == 0)
		PG_RETURN_NULL();
	nps_moments(a->promoters, a->detractors, n, &mean_a, &variance);
	nps_moments(b->promoters, b->detractors, m, &mean_b, &variance);
	nps_moments((double) a->promoters + (double) b->promoters,
				(double) a->detractors + (double) b->detractors, n + m, &mean, &variance);
	PG_RETURN_FLOAT8(normal_p_value(mean_a - mean_b, variance * (1 / n + 1 / m)));
}
