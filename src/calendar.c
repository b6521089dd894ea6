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
#include "utils/syscache.h"
#include "utils/timestamp.h"

static const char *const units[] = {"day", "week", "month", "quarter", "year"};
static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const char *const month_names[] = {
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december"
};

/* the place of a name in a list, -1 if it is not there */
static int
place(const char *name, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return i;
	return -1;
}

/*
 * A grain by its name: a unit, and for weeks, quarters and years perhaps where
 * they start, as in "week from sunday".  Error: 22023 for anything else
 */
Grain
grain_of(text *name)
{
	char	   *unit = text_to_cstring(name);
	char	   *from = strstr(unit, " from ");
	Grain		grain = {.first = 0};
	int			found;

	if (from != NULL)
		*from = '\0';
	found = place(unit, units, lengthof(units));
	if (found >= 0 && from != NULL)
	{
		from += strlen(" from ");
		if (found == GRAIN_WEEK)
			grain.first = place(from, weekdays, lengthof(weekdays));
		else if (found == GRAIN_QUARTER || found == GRAIN_YEAR)
			grain.first = place(from, month_names, lengthof(month_names));
		else
			found = -1;
	}
	if (found < 0 || grain.first < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown grain \"%s\"", text_to_cstring(name)),
				 errhint("Write day, week, month, quarter or year, or where it starts, such as \"week from sunday\" or \"year from april\".")));
	grain.unit = found;
	return grain;
}

/*
 * The Julian day of the first of a month, counted from January of the year 0; of
 * one after the last date there is, a day that never comes.
 */
static int
month_start(int month)
{
	int			year = month / 12 - (month % 12 < 0);

	if (year > JULIAN_MAXYEAR || (year == JULIAN_MAXYEAR && month % 12 >= JULIAN_MAXMONTH))
		return PG_INT32_MAX;

	return date2j(year, month - year * 12 + 1, 1);
}

/* the Julian days on which a bucket and the next one start */
static void
bucket_days(Grain grain, int day, int *start, int *next)
{
	int			months,			/* that a bucket has */
				month;			/* since the year 0 */
	int			y,
				m,
				d;

	switch (grain.unit)
	{
		case GRAIN_DAY:
			*start = day;
			*next = day + 1;
			return;
		case GRAIN_WEEK:
			*start = day - (j2day(day) + 13 - grain.first) % 7;
			*next = *start + 7;
			return;
		case GRAIN_MONTH:
			months = 1;
			break;
		case GRAIN_QUARTER:
			months = 3;
			break;
		default:
			months = 12;
	}
	j2date(day, &y, &m, &d);
	month = y * 12 + m - 1;
	d = (month - grain.first) % months;
	month -= d < 0 ? d + months : d;
	*start = month_start(month);
	*next = month_start(month + months);
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

/*
 * Which span an instant lies in is guessed from the last one that was looked up
 * within the same 4.8 hours: a table of two years that repeats itself.
 */
#define GUESSES 4096
#define GUESS_SHIFT 34
#define GUESS(at) ((uint64) (at) >> GUESS_SHIFT & (GUESSES - 1))

/* the spans found so far, for the grain and zone of the last call */
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
				 errhint("Write its full name, such as Europe/Berlin; pg_timezone_names lists them.")));
	return zone;
}

text *
keep_text(text *t, MemoryContext context)
{
	return (text *) memcpy(MemoryContextAlloc(context, VARSIZE_ANY(t)), t, VARSIZE_ANY(t));
}

/* is an argument the same in all calls?  A parameter is not: PL/pgSQL keeps an expression while its variables change. */
static bool
constant_argument(FunctionCallInfo fcinfo, int i)
{
	Node	   *call = fcinfo->flinfo->fn_expr;

	return call != NULL && IsA(call, FuncExpr) && IsA(list_nth(((FuncExpr *) call)->args, i), Const);
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
	if (cache != NULL && same_text(cache->grain_name, grain_name) && same_text(cache->zone_name, zone_name))
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
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name), PointerGetDatum(buildoidvector(types, n)),
						   ObjectIdGetDatum(get_func_namespace(call->funcid)));
}

/* a call of a function with copies of the arguments, computed at once if they are constant */
static Node *
new_call(SupportRequestSimplify *request, Oid function, Oid result, List *args)
{
	return eval_const_expressions(request->root, (Node *) makeFuncExpr(function, result, copyObject(args), InvalidOid,
																	   request->fcall->inputcollid, COERCE_EXPLICIT_CALL));
}

/* at >= or < the start of a day, by day_bound(); NULL if the other day is */
static Node *
bound(SupportRequestSimplify *request, Oid function, const char *operator, Node *at, Node *day, Node *zone, bool latest, Node *other)
{
	Oid			oid = OpernameGetOprid(list_make2(makeString("pg_catalog"), makeString(pstrdup(operator))), TIMESTAMPTZOID, TIMESTAMPTZOID);
	Node	   *start = new_call(request, function, TIMESTAMPTZOID, list_make4(day, zone, makeBoolConst(latest, false), other));
	Expr	   *expr = make_opclause(oid, BOOLOID, false, copyObjectImpl(at), (Expr *) start, InvalidOid, InvalidOid);

	set_opfuncid((OpExpr *) expr);
	return (Node *) expr;
}

/* whether a node is bucket('day', at timestamptz, zone) of the schema of a call */
static bool
is_day_bucket(Node *node, FuncExpr *call)
{
	static const Oid types[] = {TEXTOID, TIMESTAMPTZOID, TEXTOID};
	Const	   *grain;

	if (!IsA(node, FuncExpr) || ((FuncExpr *) node)->funcid != neighbour(call, "bucket", types, lengthof(types)))
		return false;
	grain = linitial(((FuncExpr *) node)->args);
	return IsA(grain, Const) && !grain->constisnull && strcmp(TextDatumGetCString(grain->constvalue), "day") == 0;
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
	if (!is_day_bucket(day, call) || contain_volatile_functions((Node *) call) || contain_subplans((Node *) call))
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
