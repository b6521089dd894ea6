/*
 * statistics.c - intervals and tests on a sample
 */
#include "statistics.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/fmgrprotos.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

/*
 * The z for which a standard normal variable lies within -z .. z with the
 * given probability: 1.96 for 0.95.
 *
 * Found by halving an interval on the C library's erfc(): slower than a
 * rational approximation, but there is nothing to get wrong.
 * Error: 22023 if the level is not between 0 and 1.
 */
double
normal_quantile(double level)
{
	double		low = 0;
	double		high = 40;		/* erfc(40 / sqrt(2)) is zero */

	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence level %g is not between 0 and 1", level),
				 errhint("Write 0.95 for 95 percent.")));
	for (;;)
	{
		double		z = (low + high) / 2;

		if (z <= low || z >= high)
			return z;
		if (erfc(z / M_SQRT2) > 1 - level)
			low = z;
		else
			high = z;
	}
}

/*
 * The two-sided p-value of a difference with the given variance under the
 * hypothesis that there is none; 1 where nothing varies and nothing differs.
 */
double
normal_p_value(double difference, double variance)
{
	if (difference == 0)
		return 1;
	return variance > 0 ? erfc(fabs(difference) / sqrt(2 * variance)) : 0;
}

/*
 * Wilson's score interval for a share (E. B. Wilson, Probable inference, the
 * law of succession, and statistical inference, JASA 22, 1927).  Unlike
 * p +- z * sqrt(p (1 - p) / n) it stays within 0 .. 1 and holds for small samples.
 */
void
wilson_interval(int64 successes, int64 trials, double z, double *low, double *high)
{
	double		n = trials;
	double		p = successes / n;
	double		centre = p + z * z / (2 * n);
	double		spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
	double		scale = 1 + z * z / n;

	/* at the ends the exact bound is 0 or 1, which rounding would miss */
	*low = successes == 0 ? 0 : (centre - spread) / scale;
	*high = successes == trials ? 1 : (centre + spread) / scale;
}

/* the numrange [low, high] */
Datum
interval_range(double low, double high)
{
	TypeCacheEntry *numrange = lookup_type_cache(NUMRANGEOID, TYPECACHE_RANGE_INFO);
	RangeBound	lower = {.inclusive = true,.lower = true};
	RangeBound	upper = {.inclusive = true};

	lower.val = DirectFunctionCall1(float8_numeric, Float8GetDatum(low));
	upper.val = DirectFunctionCall1(float8_numeric, Float8GetDatum(high));
	return RangeTypePGetDatum(make_range_compat(numrange, &lower, &upper, false));
}
