/*
 * calendar.c - periods in the shop's own time zone, and growth between them
 *
 * A bucket is named by the date it starts on.  Finding it through the time zone
 * takes longer than reading and aggregating the row, so the spans of time that
 * were found are remembered between calls: an instant in a known span costs a
 * comparison, or a binary search if the rows jump about.
 */
#include "calendar.h"

#include <math.h>

#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

static const char *const grain_names[] = {"day", "week", "month", "quarter", "year"};

/* Error: 22023 for anything but the five names */
Grain
grain_of(text *name)
{
	for (int i = 0; i < (int) lengthof(grain_names); i++)
		if (VARSIZE_ANY_EXHDR(name) == strlen(grain_names[i]) &&
			memcmp(VARDATA_ANY(name), grain_names[i], strlen(grain_names[i])) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown grain \"%s\"", text_to_cstring(name)),
			 errhint("Write day, week, month, quarter or year.")));
}

/* the Julian days on which a bucket and the next one start; weeks start on Monday */
static void
bucket_days(Grain grain, int day, int *start, int *next)
{
	int			y,
				m,
				d;

	switch (grain)
	{
		case GRAIN_DAY:
			*start = day;
			*next = day + 1;
			return;
		case GRAIN_WEEK:
			*start = day - (j2day(day) + 6) % 7;
			*next = *start + 7;
			return;
		default:
			break;
	}
	j2date(day, &y, &m, &d);
	if (grain == GRAIN_MONTH)
	{
		*start = date2j(y, m, 1);
		*next = date2j(y + m / 12, m % 12 + 1, 1);
	}
	else if (grain == GRAIN_QUARTER)
	{
		m = (m - 1) / 3 * 3 + 1;
		*start = date2j(y, m, 1);
		*next = date2j(y + m / 10, (m + 2) % 12 + 1, 1);
	}
	else
	{
		*start = date2j(y, 1, 1);
		*next = date2j(y + 1, 1, 1);
	}
}

/* Error: 22008 if the bucket starts before the first date there is */
static DateADT
bucket_date(int julian_day)
{
	if (julian_day < DATETIME_MIN_JULIAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range"),
				 errdetail("The bucket would start before the first date, 4714-11-24 BC.")));
	return julian_day - POSTGRES_EPOCH_JDATE;
}

/* the dates on which the bucket around a finite date and the next one start */
DateADT
bucket_start(Grain grain, DateADT date, DateADT *next)
{
	int			start;

	bucket_days(grain, date + POSTGRES_EPOCH_JDATE, &start, next);
	*next -= POSTGRES_EPOCH_JDATE;
	return bucket_date(start);
}

/* an unbroken span of time, within one bucket and at one offset from UTC */
typedef struct Span
{
	TimestampTz start;
	TimestampTz end;
	DateADT		bucket;
} Span;

#define MOST_SPANS 8192			/* 22 years of days */

/* the spans found so far, for the grain and zone of the last call */
typedef struct SpanCache
{
	text	   *grain_name;
	text	   *zone_name;
	Grain		grain;
	pg_tz	   *zone;
	int			last;			/* the one that was used last */
	int			n;
	int			room;
	Span	   *span;			/* ascending, disjoint */
} SpanCache;

static bool
same_text(text *a, text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* Error: 22023 for a zone that is not known */
static pg_tz *
zone_of(text *name)
{
	char	   *zone_name = text_to_cstring(name);
	pg_tz	   *zone = strlen(zone_name) <= TZ_STRLEN_MAX ? pg_tzset(zone_name) : NULL;

	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", zone_name),
				 errhint("Write its full name, such as Europe/Berlin; pg_timezone_names lists them.")));
	return zone;
}

static text *
keep_text(text *t, MemoryContext context)
{
	return (text *) memcpy(MemoryContextAlloc(context, VARSIZE_ANY(t)), t, VARSIZE_ANY(t));
}

/* start over where grain or zone are new */
static SpanCache *
span_cache(FunctionCallInfo fcinfo, text *grain_name, text *zone_name)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	SpanCache  *cache = fcinfo->flinfo->fn_extra;
	Grain		grain;
	pg_tz	   *zone;

	if (likely(cache != NULL && same_text(cache->grain_name, grain_name) && same_text(cache->zone_name, zone_name)))
		return cache;
	grain = grain_of(grain_name);
	zone = zone_of(zone_name);
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(context, sizeof(SpanCache));
		cache->room = 16;
		cache->span = MemoryContextAlloc(context, cache->room * sizeof(Span));
		fcinfo->flinfo->fn_extra = cache;
	}
	else
	{
		pfree(cache->grain_name);
		pfree(cache->zone_name);
	}
	cache->grain_name = keep_text(grain_name, context);
	cache->zone_name = keep_text(zone_name, context);
	cache->grain = grain;
	cache->zone = zone;
	cache->n = cache->last = 0;
	return cache;
}

#define UNIX_EPOCH_SECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/* the next change of the offset from UTC after an instant, both in seconds since 1970 */
static pg_time_t
next_change(pg_time_t at, pg_tz *zone)
{
	long		before,
				after;
	int			before_dst,
				after_dst;
	pg_time_t	change;

	if (pg_next_dst_boundary(&at, &before, &before_dst, &change, &after, &after_dst, zone) != 1)
		return PG_INT64_MAX;
	return change;
}

/*
 * The span around an instant.
 *
 * Within a stretch of one offset, local time runs like UTC does, so the bucket
 * there is a plain interval.  Stretches end where the clocks change; a change
 * can put the same local date on both sides of another one (clocks that go back
 * over midnight), which is why a span never reaches across a change.
 */
static Span
find_span(TimestampTz at, Grain grain, pg_tz *zone)
{
	int64		seconds = at / USECS_PER_SEC - (at % USECS_PER_SEC < 0);
	pg_time_t	now = seconds + UNIX_EPOCH_SECONDS;
	struct pg_tm *local = pg_localtime(&now, zone);
	int64		offset;
	int64		days;
	int			start,
				next;
	int64		low,
				high,
				change;
	Span		span;

	if (local == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	offset = local->tm_gmtoff;
	days = (now + offset) / SECS_PER_DAY - ((now + offset) % SECS_PER_DAY < 0);
	bucket_days(grain, (int) days + UNIX_EPOCH_JDATE, &start, &next);
	low = (int64) (start - UNIX_EPOCH_JDATE) * SECS_PER_DAY - offset;
	high = (int64) (next - UNIX_EPOCH_JDATE) * SECS_PER_DAY - offset;

	/* cut at the changes of the offset around the instant */
	for (change = next_change(low, zone); change <= now; change = next_change(change, zone))
		low = change;
	high = Min(high, change);

	span.start = (low - UNIX_EPOCH_SECONDS) * USECS_PER_SEC;
	span.end = Min(high - UNIX_EPOCH_SECONDS, PG_INT64_MAX / USECS_PER_SEC) * USECS_PER_SEC;
	span.bucket = bucket_date(start);
	return span;
}

/* bucket(grain, at timestamptz, timezone) */
PG_FUNCTION_INFO_V1(bucket_timestamptz);
Datum
bucket_timestamptz(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	SpanCache  *cache = span_cache(fcinfo, PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(2));
	Span	   *span = cache->span + cache->last;
	int			low = 0;
	int			high = cache->n;

	if (likely(cache->n > 0 && at >= span->start && at < span->end))
		PG_RETURN_DATEADT(span->bucket);
	if (TIMESTAMP_NOT_FINITE(at))
		PG_RETURN_DATEADT(TIMESTAMP_IS_NOBEGIN(at) ? DATEVAL_NOBEGIN : DATEVAL_NOEND);

	/* the first span that ends after the instant */
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (cache->span[middle].end > at)
			high = middle;
		else
			low = middle + 1;
	}
	if (low == cache->n || cache->span[low].start > at)
	{
		Span		found = find_span(at, cache->grain, cache->zone);

		if (cache->n == MOST_SPANS)
			cache->n = low = 0;
		if (cache->n == cache->room)
		{
			cache->room *= 2;
			cache->span = repalloc(cache->span, cache->room * sizeof(Span));
		}
		memmove(cache->span + low + 1, cache->span + low, (cache->n - low) * sizeof(Span));
		cache->span[low] = found;
		cache->n++;
	}
	cache->last = low;
	PG_RETURN_DATEADT(cache->span[low].bucket);
}

/* bucket(grain, at date): of a local date */
PG_FUNCTION_INFO_V1(bucket_of_date);
Datum
bucket_of_date(PG_FUNCTION_ARGS)
{
	Grain		grain = grain_of(PG_GETARG_TEXT_PP(0));
	DateADT		date = PG_GETARG_DATEADT(1);
	DateADT		next;

	if (DATE_NOT_FINITE(date))
		PG_RETURN_DATEADT(date);
	PG_RETURN_DATEADT(bucket_start(grain, date, &next));
}

/* bucket(grain, at timestamp): of a local time */
PG_FUNCTION_INFO_V1(bucket_timestamp);
Datum
bucket_timestamp(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall2(bucket_of_date, PG_GETARG_DATUM(0),
							   DirectFunctionCall1(timestamp_date, PG_GETARG_DATUM(1)));
}

/* whether growth is measured against the size of the base: basis 'abs', or 'positive' */
static bool
absolute_basis(text *basis)
{
	char	   *name = text_to_cstring(basis);

	if (strcmp(name, "abs") != 0 && strcmp(name, "positive") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown basis \"%s\"", name),
				 errhint("Write positive, which gives NULL for a negative base, or abs, which divides by its size.")));
	return strcmp(name, "abs") == 0;
}

static void
no_growth_of_nan(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("growth of NaN or infinity is not defined"),
			 errhint("Make unknown amounts NULL: their growth is NULL.")));
}

/*
 * growth(now, before, basis): (now - before) / before, NULL if the base is zero
 * or, unless the basis is abs, negative.  Error: 22023 for NaN and infinity.
 */
PG_FUNCTION_INFO_V1(growth_float8);
Datum
growth_float8(PG_FUNCTION_ARGS)
{
	double		now = PG_GETARG_FLOAT8(0);
	double		before = PG_GETARG_FLOAT8(1);
	bool		absolute = absolute_basis(PG_GETARG_TEXT_PP(2));
	double		growth;

	if (!isfinite(now) || !isfinite(before))
		no_growth_of_nan();
	if (before == 0 || (before < 0 && !absolute))
		PG_RETURN_NULL();
	growth = (now - before) / fabs(before);
	if (!isfinite(growth))
		float_overflow_error();
	PG_RETURN_FLOAT8(growth);
}

PG_FUNCTION_INFO_V1(growth_numeric);
Datum
growth_numeric(PG_FUNCTION_ARGS)
{
	Numeric		now = PG_GETARG_NUMERIC(0);
	Numeric		before = PG_GETARG_NUMERIC(1);
	bool		absolute = absolute_basis(PG_GETARG_TEXT_PP(2));
	int			sign;

	if (numeric_is_nan(now) || numeric_is_inf(now) || numeric_is_nan(before) || numeric_is_inf(before))
		no_growth_of_nan();
	sign = DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(before), NumericGetDatum(int64_to_numeric(0))));
	if (sign == 0 || (sign < 0 && !absolute))
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div,
							   DirectFunctionCall2(numeric_sub, NumericGetDatum(now), NumericGetDatum(before)),
							   DirectFunctionCall1(numeric_abs, NumericGetDatum(before)));
}
