/*
 * calendar.c - periods in the shop's own time zone, and growth between them
 *
 * A bucket is named by the date it starts on.  Finding it through the time zone
 * takes longer than reading and aggregating the row, so the spans of time that
 * were found are kept between calls, in a cache: an instant in a known span costs
 * a look into a table, however the rows jump about.
 */
#include "calendar.h"

#include <math.h>

#include "catalog/namespace.h"
#include "catalog/pg_proc_d.h"
#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rangetypes.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

static const char *const units[] = {"day", "week", "month", "quarter", "half", "year", "all"};
static const char *const weekdays[] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
};
static const char *const month_names[] = {
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december"
};
static const char *const patterns[] = {"5-4-4", "4-5-4", "4-4-5"};	/* by the place of the 5 */

/* the place of a name in a list, -1 if it is not there */
static int
place(const char *name, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return i;
	return -1;
}

#define MOST_WORDS 7			/* "month 4-4-5 to saturday last in august" */

/* the words of a grain's name, one space apart; the last has what is left */
static int
split_words(char *name, char **word)
{
	int			n = 0;
	char	   *space;

	word[n++] = name;
	while (n < MOST_WORDS && (space = strchr(word[n - 1], ' ')) != NULL)
	{
		*space = '\0';
		word[n++] = space + 1;
	}
	return n;
}

/*
 * The calendar of whole weeks that the words after a unit name: a pattern, and
 * where its years start, as in "4-5-4 from sunday nearest february", or end, as
 * in "4-4-5 to saturday last in august".  They start on the day after they end.
 */
static bool
parse_whole_weeks(char **word, int n, Grain *grain)
{
	bool		ends = n > 1 && strcmp(word[1], "to") == 0;
	bool		nearest = n == 5 && strcmp(word[3], "nearest") == 0;
	bool		last = n == 6 && strcmp(word[3], "last") == 0 && strcmp(word[4], "in") == 0;
	int			weekday,
				month;

	if ((!ends && (n <= 1 || strcmp(word[1], "from") != 0)) || (!nearest && !last))
		return false;
	grain->long_month = place(word[0], patterns, lengthof(patterns)) + 1;
	weekday = place(word[2], weekdays, lengthof(weekdays));
	month = place(word[n - 1], month_names, lengthof(month_names));
	grain->first = (weekday + ends) % 7;

	/* the end of a month is the first of the next one, less a day unless the year ends on it */
	grain->year_month = month + (ends || last);
	grain->latest = nearest ? 3 : ends ? 0 : -1;
	return grain->long_month > 0 && weekday >= 0 && month >= 0;
}

static bool
parse_grain(char *name, Grain *grain)
{
	char	   *word[MOST_WORDS];
	int			n = split_words(name, word);
	int			unit = place(word[0], units, lengthof(units));

	*grain = (Grain) {.unit = unit};
	if (unit < 0 || n == 1)
		return unit >= 0;
	if (unit == GRAIN_DAY || unit == GRAIN_ALL)
		return false;
	if (n > 3)
		return parse_whole_weeks(word + 1, n - 1, grain);
	if (n < 3 || strcmp(word[1], "from") != 0 || unit == GRAIN_MONTH)
		return false;
	grain->first = unit == GRAIN_WEEK ? place(word[2], weekdays, lengthof(weekdays))
		: place(word[2], month_names, lengthof(month_names));
	return grain->first >= 0;
}

/*
 * A grain by its name: a unit, and perhaps where it starts, as in "week from
 * sunday", or the calendar of whole weeks it belongs to, as in "month 4-5-4 from
 * sunday nearest february".  Error: 22023 for anything else
 */
Grain
grain_of(text *name)
{
	Grain		grain;

	if (!parse_grain(text_to_cstring(name), &grain))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown grain \"%s\"", text_to_cstring(name)),
				 strchr(text_to_cstring(name), '-') != NULL
				 ? errhint("Write week, month, quarter, half or year, then 4-4-5, 4-5-4 or 5-4-4, "
						   "and where the year starts or ends, such as \"month 4-5-4 from sunday "
						   "nearest february\", \"year 4-4-5 to saturday nearest june\" or "
						   "\"quarter 5-4-4 to saturday last in august\".")
				 : errhint("Write day, week, month, quarter, half, year or all, or where it "
						   "starts, such as \"week from sunday\" or \"year from april\", or a "
						   "calendar of whole weeks, such as \"month 4-5-4 from sunday nearest "
						   "february\".")));
	return grain;
}

/* the last number on or before one that is so many steps from first */
static int64
step_down(int64 number, int64 step, int64 first)
{
	int64		over = (number - first) % step;

	return number - (over < 0 ? over + step : over);
}

/*
 * The Julian day of the first of a month, counted from January of the year 0.
 * The calendar repeats itself every 400 years, so months beyond the last date
 * there is are found as well.
 */
static int64
month_start(int64 month)
{
	int64		age = step_down(month, 400 * 12, 0);

	month -= age;
	return date2j(month / 12, month % 12 + 1, 1) + age / (400 * 12) * INT64CONST(146097);
}

/* the month around a Julian day */
static int64
month_of(int64 day, int *day_of_month)
{
	int			y,
				m;

	j2date(day, &y, &m, day_of_month);
	return (int64) y * 12 + m - 1;
}

/* how many months of the calendar a period has, 0 for one of days, of weeks or without end */
static int
months_of(Grain grain)
{
	static const int months[] = {0, 0, 1, 3, 6, 12, 0};

	return grain.long_month > 0 ? 0 : months[grain.unit];
}

/*
 * The Julian days on which a year of whole weeks and the next one start: the
 * first weekday of such a year is the last one on or before a day of a month.
 * Julian day 0 was a Monday.
 */
static void
year_of_weeks(Grain grain, int64 day, int64 *start, int64 *next)
{
	int			day_of_month;
	int64		january = step_down(month_of(day, &day_of_month), 12, 0) + 24;

	*start = PG_INT64_MAX;
	do
	{
		*next = *start;
		*start = step_down(month_start(january + grain.year_month) + grain.latest, 7, grain.first);
		january -= 12;
	} while (*start > day);
}

/* a part of such a year; what its quarters of 13 weeks leave belongs to its last month */
static void
part_of_year(Grain grain, int64 day, int64 *start, int64 *next)
{
	int64		year,
				next_year;
	int			week,
				weeks = grain.unit == GRAIN_HALF ? 26 : 13,
				from,
				to;

	year_of_weeks(grain, day, &year, &next_year);
	week = (day - year) / 7;
	from = Min(week / weeks, 52 / weeks - 1) * weeks;
	to = from + weeks;
	if (grain.unit == GRAIN_MONTH)
	{
		int			month = 1;

		for (; month < 3 && week >= from + 4 + (month == grain.long_month); month++)
			from += 4 + (month == grain.long_month);
		if (month < 3)
			to = from + 4 + (month == grain.long_month);
	}
	*start = year + from * 7;
	*next = to == 52 ? next_year : year + to * 7;
}

/* the Julian days on which a bucket and the next one start */
static void
bucket_days(Grain grain, int64 day, int64 *start, int64 *next)
{
	int			months = months_of(grain);
	int			day_of_month;

	if (months > 0)
	{
		int64		month = step_down(month_of(day, &day_of_month), months, grain.first);

		*start = month_start(month);
		*next = month_start(month + months);
	}
	else if (grain.unit == GRAIN_DAY)
	{
		*start = day;
		*next = day + 1;
	}
	else if (grain.unit == GRAIN_WEEK)
	{
		*start = step_down(day, 7, grain.first);
		*next = *start + 7;
	}
	else if (grain.unit == GRAIN_ALL)
	{
		/* days before the first date have no bucket */
		*start = Min(day, DATETIME_MIN_JULIAN);
		*next = DATE_END_JULIAN;
	}
	else if (grain.unit == GRAIN_YEAR)
		year_of_weeks(grain, day, start, next);
	else
		part_of_year(grain, day, start, next);
}

/* Error: 22008 if the bucket starts before the first date there is */
static DateADT
bucket_date(int64 julian_day)
{
	if (julian_day < DATETIME_MIN_JULIAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range"),
				 errdetail("The bucket would start before the first date, 4714-11-24 BC.")));
	return julian_day - POSTGRES_EPOCH_JDATE;
}

/* the dates on which the bucket around a finite date and the next one (or infinity) start */
DateADT
bucket_start(Grain grain, DateADT date, DateADT *next)
{
	int64		start,
				next_day;

	bucket_days(grain, (int64) date + POSTGRES_EPOCH_JDATE, &start, &next_day);
	*next = next_day < DATE_END_JULIAN ? next_day - POSTGRES_EPOCH_JDATE : DATEVAL_NOEND;
	return bucket_date(start);
}

/* an unbroken span of time, within one bucket and at one offset from UTC */
typedef struct Span
{
	TimestampTz start;
	TimestampTz end;
	DateADT		bucket;
} Span;

#define MOST_SPANS 8192			/* 22 years of days; beyond, what was found is forgotten */

/*
 * Which span an instant lies in is guessed from the last one that was looked up
 * within the same 4.8 hours: a table of two years that repeats itself.
 */
#define GUESSES 4096
#define GUESS_SHIFT 34
#define GUESS(at) ((uint64) (at) >> GUESS_SHIFT & (GUESSES - 1))

/* time zone cache: the spans found so far, for the grain and zone of the last call */
typedef struct SpanCache
{
	bool		constant;		/* grain and zone are the same in all calls */
	text	   *grain_name;
	text	   *zone_name;
	Grain		grain;
	pg_tz	   *zone;
	int			n;
	int			room;
	Span	   *span;			/* ascending, disjoint */
	uint16		guess[GUESSES];	/* numbers of spans, perhaps not the right ones */
} SpanCache;

bool
same_text(text *a, text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* Error: 22023 for a zone that is not known */
pg_tz *
zone_of(text *name)
{
	char	   *zone_name = text_to_cstring(name);
	pg_tz	   *zone = strlen(zone_name) <= TZ_STRLEN_MAX ? pg_tzset(zone_name) : NULL;

	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", zone_name),
				 errhint("Write its full name, such as Europe/Berlin; pg_timezone_names lists "
						 "them.")));
	return zone;
}

text *
keep_text(text *t, MemoryContext context)
{
	return (text *) memcpy(MemoryContextAlloc(context, VARSIZE_ANY(t)), t, VARSIZE_ANY(t));
}

/*
 * is an argument the same in all calls? A parameter is not: PL/pgSQL keeps an
 * expression while its variables change.
 */
static bool
constant_argument(FunctionCallInfo fcinfo, int i)
{
	Node	   *call = fcinfo->flinfo->fn_expr;

	return call != NULL && IsA(call, FuncExpr) &&
		   IsA(list_nth(((FuncExpr *) call)->args, i), Const);
}

/* start over where grain or zone are new */
static SpanCache *
span_cache(FunctionCallInfo fcinfo)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	SpanCache  *cache = fcinfo->flinfo->fn_extra;
	text	   *grain_name;
	text	   *zone_name;
	Grain		grain;
	pg_tz	   *zone;

	if (likely(cache != NULL && cache->constant))
		return cache;
	grain_name = PG_GETARG_TEXT_PP(0);
	zone_name = PG_GETARG_TEXT_PP(2);
	if (cache != NULL && same_text(cache->grain_name, grain_name) &&
		same_text(cache->zone_name, zone_name))
		return cache;
	grain = grain_of(grain_name);
	zone = zone_of(zone_name);
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(context, sizeof(SpanCache));
		cache->constant = constant_argument(fcinfo, 0) && constant_argument(fcinfo, 2);
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
	cache->n = 0;
	return cache;
}

/*
 * The next change of the offset from UTC after an instant, both in seconds since
 * 1970.  The zone's list of changes goes on every 400 years, but not after the
 * very last second in it; no two changes are that close.
 */
pg_time_t
next_change(pg_time_t at, pg_tz *zone)
{
	long		before,
				after;
	int			before_dst,
				after_dst;
	pg_time_t	change;

	for (int second = 0; second <= 1; second++, at++)
		if (pg_next_dst_boundary(&at, &before, &before_dst, &change, &after, &after_dst, zone) == 1)
			return change;
	return PG_INT64_MAX;
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
	int64		days,
				start,
				next,
				low,
				high,
				change;
	Span		span;

	if (local == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	offset = local->tm_gmtoff;
	days = (now + offset) / SECS_PER_DAY - ((now + offset) % SECS_PER_DAY < 0);
	bucket_days(grain, days + UNIX_EPOCH_JDATE, &start, &next);
	low = (start - UNIX_EPOCH_JDATE) * SECS_PER_DAY - offset;
	high = (next - UNIX_EPOCH_JDATE) * SECS_PER_DAY - offset;

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
	SpanCache  *cache = span_cache(fcinfo);
	uint16	   *guess = &cache->guess[GUESS(at)];
	Span	   *span = cache->span + *guess;
	int			low = 0;
	int			high = cache->n;

	if (likely(*guess < high && at >= span->start && at < span->end))
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
	*guess = low;
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

/* periods(grain, first, last): the periods from that around first to that around last */
PG_FUNCTION_INFO_V1(periods);
Datum
periods(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Grain		grain = grain_of(PG_GETARG_TEXT_PP(0));
	DateADT		date = PG_GETARG_DATEADT(1);
	DateADT		last = PG_GETARG_DATEADT(2);
	DateADT		next;

	InitMaterializedSRF(fcinfo, 0);
	if (DATE_NOT_FINITE(date) || DATE_NOT_FINITE(last))
		return (Datum) 0;
	for (; date <= last; date = next)
	{
		DateADT		start = bucket_start(grain, date, &next);
		Datum		row[] = {DateADTGetDatum(start), DateADTGetDatum(next)};
		bool		nulls[] = {false, false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
	}
	return (Datum) 0;
}

/* what a period is compared with: 'previous', or 'last_year' */
static bool
against_last_year(text *against)
{
	char	   *name = text_to_cstring(against);

	if (strcmp(name, "previous") != 0 && strcmp(name, "last_year") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown comparison \"%s\"", name),
				 errhint("Write previous for the period before, or last_year for the same one a "
						 "year ago.")));
	return strcmp(name, "last_year") == 0;
}

/* the same day of a month some months before, or the last one of a shorter month */
static int64
months_before(int64 day, int months)
{
	int			day_of_month;
	int64		month = month_of(day, &day_of_month) - months;

	return Min(month_start(month) + day_of_month, month_start(month + 1)) - 1;
}

/* the year of whole weeks around a day */
static int64
start_of_year(Grain grain, int64 day)
{
	int64		start,
				next;

	year_of_weeks(grain, day, &start, &next);
	return start;
}

/* 52 weeks, after which a date has the same weekday */
#define WEEKS_OF_YEAR 364

/*
 * comparison(grain, period, against, until): the days that a period is compared
 * with, of a running one those until the same date.  Where the period before
 * is the shorter one it is taken whole.
 *
 * In calendars of weeks last year is 52 weeks ago; what a year of 53 weeks has
 * more is compared with nothing, and the year after it with its last 52 weeks,
 * which the National Retail Federation calls restated.
 */
PG_FUNCTION_INFO_V1(comparison);
Datum
comparison(PG_FUNCTION_ARGS)
{
	Grain		grain = grain_of(PG_GETARG_TEXT_PP(0));
	DateADT		period = PG_GETARG_DATEADT(1);
	bool		last_year = against_last_year(PG_GETARG_TEXT_PP(2));
	DateADT		until_date = PG_GETARG_DATEADT(3);
	int64		until = (int64) until_date + POSTGRES_EPOCH_JDATE;	/* infinity is later than all */
	int			months = months_of(grain);
	int64		start,
				next,
				from,
				to;
	RangeBound	lower = {.inclusive = true,.lower = true};
	RangeBound	upper = {0};
	TypeCacheEntry *daterange = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);

	if (DATE_NOT_FINITE(period) || grain.unit == GRAIN_ALL)
		PG_RETURN_RANGE_P(make_empty_range(daterange));
	bucket_days(grain, (int64) period + POSTGRES_EPOCH_JDATE, &start, &next);
	if (until <= start)
		PG_RETURN_RANGE_P(make_empty_range(daterange));
	until = Min(until, next);
	if (months > 0)
	{
		months = last_year ? 12 : months;
		from = months_before(start, months);
		to = until == next ? months_before(next, months) : months_before(until - 1, months) + 1;
	}
	else if (last_year)
	{
		from = start - WEEKS_OF_YEAR;
		to = until - WEEKS_OF_YEAR;
		if (grain.long_month > 0)
			to = Min(to, start_of_year(grain, start));
	}
	else
	{
		bucket_days(grain, start - 1, &from, &start);	/* which ends where this one starts */
		to = until == next ? start : Min(from + until - start, start);
	}
	lower.val = DateADTGetDatum(bucket_date(from));
	upper.val = DateADTGetDatum((DateADT) (to - POSTGRES_EPOCH_JDATE));
	PG_RETURN_RANGE_P(make_range_compat(daterange, &lower, &upper, false));
}

/*
 * compared_in(grain, day, against): the period that is compared with days of
 * which this one is one, the other way round than comparison(); NULL if none is
 */
PG_FUNCTION_INFO_V1(compared_in);
Datum
compared_in(PG_FUNCTION_ARGS)
{
	Grain		grain = grain_of(PG_GETARG_TEXT_PP(0));
	DateADT		date = PG_GETARG_DATEADT(1);
	bool		last_year = against_last_year(PG_GETARG_TEXT_PP(2));
	int64		day = (int64) date + POSTGRES_EPOCH_JDATE;
	int64		start,
				next;

	if (DATE_NOT_FINITE(date) || grain.unit == GRAIN_ALL)
		PG_RETURN_NULL();
	bucket_days(grain, day, &start, &next);
	if (!last_year)
		start = next;
	else if (months_of(grain) > 0)
		start = months_before(start, -12);
	else
	{
		if (grain.long_month > 0 && start_of_year(grain, day + WEEKS_OF_YEAR) <= day)
			PG_RETURN_NULL();
		bucket_days(grain, day + WEEKS_OF_YEAR, &start, &next);
	}
	if (start >= DATE_END_JULIAN)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(bucket_date(start));
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
				 errhint("Write positive, which gives NULL for a negative base, or abs, which "
						 "divides by its size.")));
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

	if (numeric_is_nan(now) || numeric_is_inf(now) || numeric_is_nan(before) ||
		numeric_is_inf(before))
		no_growth_of_nan();
	sign = DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(before),
											 NumericGetDatum(int64_to_numeric(0))));
	if (sign == 0 || (sign < 0 && !absolute))
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div,
							   DirectFunctionCall2(numeric_sub, NumericGetDatum(now),
												   NumericGetDatum(before)),
							   DirectFunctionCall1(numeric_abs, NumericGetDatum(before)));
}

/* a time in seconds since 1970 as an instant; infinite beyond the first and last there are */
static TimestampTz
instant(int64 seconds)
{
	seconds -= UNIX_EPOCH_SECONDS;
	if (seconds < MIN_TIMESTAMP / USECS_PER_SEC)
		return DT_NOBEGIN;
	if (seconds >= END_TIMESTAMP / USECS_PER_SEC)
		return DT_NOEND;
	return seconds * USECS_PER_SEC;
}

/*
 * midnight(day, timezone, latest): when a date starts: the first instant of it
 * or, where the clocks skip it, of a later one.  Where they go back over
 * midnight it starts twice; the latest is the one after which no earlier date
 * comes.
 */
PG_FUNCTION_INFO_V1(midnight);
Datum
midnight(PG_FUNCTION_ARGS)
{
	static const Grain by_day = {GRAIN_DAY};
	DateADT		date = PG_GETARG_DATEADT(0);
	pg_tz	   *zone = zone_of(PG_GETARG_TEXT_PP(1));
	bool		latest = PG_GETARG_BOOL(2);
	int64		local = ((int64) date + POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	int64		low = PG_INT64_MAX,
				high = PG_INT64_MIN;
	TimestampTz first = DT_NOEND,
				last;

	if (DATE_NOT_FINITE(date))
		PG_RETURN_TIMESTAMPTZ(DATE_IS_NOBEGIN(date) ? DT_NOBEGIN : DT_NOEND);

	/* by any offset of those days it lies between these two */
	for (int day = -1; day <= 1; day++)
	{
		pg_time_t	near = local + day * SECS_PER_DAY;
		struct pg_tm *tm = pg_localtime(&near, zone);

		if (tm == NULL)
			PG_RETURN_TIMESTAMPTZ(local < 0 ? DT_NOBEGIN : DT_NOEND);
		low = Min(low, local - tm->tm_gmtoff);
		high = Max(high, local - tm->tm_gmtoff);
	}
	last = instant(low);
	if (TIMESTAMP_NOT_FINITE(last) || TIMESTAMP_NOT_FINITE(instant(high)))
		PG_RETURN_TIMESTAMPTZ(TIMESTAMP_NOT_FINITE(last) ? last : instant(high));

	for (TimestampTz at = last; at <= instant(high);)
	{
		Span		span = find_span(at, by_day, zone);

		if (span.bucket < date)
			last = span.end;
		else if (first == DT_NOEND)
			first = at;
		at = span.end;
	}
	if (first == DT_NOEND)
		first = last;
	PG_RETURN_TIMESTAMPTZ(latest ? Max(first, last) : first);
}

/* within(day, start, until): start <= day < until; within_days() is the same, and stays as it is */
PG_FUNCTION_INFO_V1(within);
Datum
within(PG_FUNCTION_ARGS)
{
	DateADT		day = PG_GETARG_DATEADT(0);

	PG_RETURN_BOOL(day >= PG_GETARG_DATEADT(1) && day < PG_GETARG_DATEADT(2));
}

/* day_bound(day, timezone, latest, other): midnight(), and NULL if the other day of the span is */
PG_FUNCTION_INFO_V1(day_bound);
Datum
day_bound(PG_FUNCTION_ARGS)
{
	return midnight(fcinfo);
}

/* a function of the schema of a call; found without asking whether the user may look there */
static Oid
neighbour(FuncExpr *call, const char *name, const Oid *types, int n)
{
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						   PointerGetDatum(buildoidvector(types, n)),
						   ObjectIdGetDatum(get_func_namespace(call->funcid)));
}

/* a call of a function with copies of the arguments, computed at once if they are constant */
static Node *
new_call(SupportRequestSimplify *request, Oid function, Oid result, List *args)
{
	FuncExpr   *call = makeFuncExpr(function, result, copyObject(args), InvalidOid,
									request->fcall->inputcollid, COERCE_EXPLICIT_CALL);

	return eval_const_expressions(request->root, (Node *) call);
}

/* at >= or < the start of a day, by day_bound(); NULL if the other day is */
static Node *
bound(SupportRequestSimplify *request, Oid function, const char *operator, Node *at, Node *day,
	  Node *zone, bool latest, Node *other)
{
	List	   *name = list_make2(makeString("pg_catalog"), makeString(pstrdup(operator)));
	Oid			oid = OpernameGetOprid(name, TIMESTAMPTZOID, TIMESTAMPTZOID);
	Node	   *start = new_call(request, function, TIMESTAMPTZOID,
								 list_make4(day, zone, makeBoolConst(latest, false), other));
	Expr	   *expr = make_opclause(oid, BOOLOID, false, copyObjectImpl(at), (Expr *) start,
									 InvalidOid, InvalidOid);

	set_opfuncid((OpExpr *) expr);
	return (Node *) expr;
}

/* whether a node is bucket('day', at timestamptz, zone) of the schema of a call */
static bool
is_day_bucket(Node *node, FuncExpr *call)
{
	static const Oid types[] = {TEXTOID, TIMESTAMPTZOID, TEXTOID};
	Const	   *grain;

	if (!IsA(node, FuncExpr) ||
		((FuncExpr *) node)->funcid != neighbour(call, "bucket", types, lengthof(types)))
		return false;
	grain = linitial(((FuncExpr *) node)->args);
	return IsA(grain, Const) && !grain->constisnull &&
		   strcmp(TextDatumGetCString(grain->constvalue), "day") == 0;
}

/*
 * The planner asks how to simplify within(day, start, until).  Where day is
 * bucket('day', at, zone), it is told bounds for at as well, so that it finds
 * an index.  Otherwise day may be a column of a subquery, and become such a
 * call later.  What may not be evaluated more often than once stays as it is.
 */
PG_FUNCTION_INFO_V1(within_support);
Datum
within_support(PG_FUNCTION_ARGS)
{
	static const Oid days_types[] = {DATEOID, DATEOID, DATEOID};
	static const Oid bound_types[] = {DATEOID, TEXTOID, BOOLOID, DATEOID};
	SupportRequestSimplify *request = (SupportRequestSimplify *) PG_GETARG_POINTER(0);
	FuncExpr   *call;
	Node	   *day,
			   *start,
			   *until,
			   *at,
			   *zone;
	Oid			within_days_oid,
				day_bound_oid;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	call = request->fcall;
	day = linitial(call->args);
	start = lsecond(call->args);
	until = lthird(call->args);
	if (!is_day_bucket(day, call) || contain_volatile_functions((Node *) call) ||
		contain_subplans((Node *) call))
		PG_RETURN_POINTER(NULL);
	at = lsecond(((FuncExpr *) day)->args);
	zone = lthird(((FuncExpr *) day)->args);

	/* without what it would be made of, the call stays as it is */
	within_days_oid = neighbour(call, "within_days", days_types, lengthof(days_types));
	day_bound_oid = neighbour(call, "day_bound", bound_types, lengthof(bound_types));
	if (!OidIsValid(within_days_oid) || !OidIsValid(day_bound_oid))
		PG_RETURN_POINTER(NULL);

	/* where one of them is NULL all are, as within() would be */
	PG_RETURN_POINTER(make_andclause(list_make3(
		new_call(request, within_days_oid, BOOLOID, list_make3(day, start, until)),
		bound(request, day_bound_oid, ">=", at, start, zone, false, until),
		bound(request, day_bound_oid, "<", at, until, zone, true, start))));
}
