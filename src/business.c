/*
 * business.c - elapsed time that lies in working hours
 *
 * Working hours are a pattern of minutes that repeats every week of local time.
 * Between two changes of the clocks local time runs like UTC does, so what was
 * worked since any Monday is a number of weeks and a look into a table, and a
 * span of time costs no more than a step for each change within it.  What is
 * counted is elapsed time: an hour that the clocks show twice is worked twice,
 * one that they skip is not worked.
 *
 * Holidays are days of local time with hours of their own, or none.  They are kept
 * in order, each with what all before it add to or take from the weekly pattern, so
 * that any number of them costs a binary search.
 */
#include "calendar.h"

#include "catalog/pg_type.h"
#include "elapsed.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/multirangetypes.h"
#include "utils/typcache.h"

#define MINUTES_PER_DAY (HOURS_PER_DAY * MINS_PER_HOUR)
#define MINUTES_PER_WEEK (7 * MINUTES_PER_DAY)
#define USECS_PER_WEEK (7 * USECS_PER_DAY)

/* 2000-01-03, in microseconds since 2000-01-01 */
#define FIRST_MONDAY (2 * USECS_PER_DAY)

/* minutes of a day, the end not among them */
typedef struct Opening
{
	int16		start;
	int16		end;
} Opening;

typedef struct Holiday
{
	int64		start;			/* its midnight, local, in microseconds since 2000-01-01 */
	int			first;			/* of its openings */
	int			n;
	int64		gained;			/* minutes more than in the pattern, until its end */
} Holiday;

/* what was given in the last call */
typedef struct Business
{
	text	   *hours;
	text	   *zone_name;
	text	   *holidays_text;	/* NULL without any */
	pg_tz	   *zone;
	int			n_holidays;
	Holiday    *holiday;		/* by day */
	Opening    *opening;		/* of all of them */
	int16		worked[MINUTES_PER_WEEK + 1];	/* minutes, before each one of a week */
} Business;

static void
skip_space(const char **text)
{
	while (isspace((unsigned char) **text))
		(*text)++;
}

/* step over a character with white space around it, if it comes next */
static bool
skip_char(const char **text, char c)
{
	skip_space(text);
	if (**text != c)
		return false;
	(*text)++;
	skip_space(text);
	return true;
}

static const char *const overlap = "Spans of the same day must not overlap.";

/* a weekday by its first three letters, Monday being 0 */
static bool
parse_weekday(const char **text, int *day)
{
	static const char names[] = "montuewedthufrisatsun";

	for (*day = 0; *day < 7; (*day)++)
		if (pg_strncasecmp(*text, names + *day * 3, 3) == 0 && !isalpha((unsigned char) (*text)[3]))
		{
			*text += 3;
			return true;
		}
	return false;
}

/* a time of day such as 9:00 or 09:00, in minutes */
static bool
parse_time(const char **text, int *minutes)
{
	const char *p = *text;
	int			hour = 0;

	while (isdigit((unsigned char) *p) && p - *text < 2)
		hour = hour * 10 + (*p++ - '0');
	if (p == *text || p[0] != ':' || p[1] < '0' || p[1] > '5' || !isdigit((unsigned char) p[2]) ||
		isdigit((unsigned char) p[3]))
		return false;
	*minutes = hour * MINS_PER_HOUR + (p[1] - '0') * 10 + (p[2] - '0');
	*text = p + 3;
	return *minutes <= MINUTES_PER_DAY;
}

/*
 * Read one or more spans of time, and mark their minutes in those of a day.
 * Returns the rule that is broken, or NULL; syntax is what to say of other text.
 */
static const char *
parse_spans(const char **text, bool *working, const char *syntax)
{
	int			start,
				end;

	do
	{
		if (!isspace((unsigned char) (*text)[-1]) ||
			!parse_time(text, &start) || !skip_char(text, '-') || !parse_time(text, &end))
			return syntax;
		if (start >= end)
			return "A span has to end after it starts, at 24:00 at the latest; "
				"what goes on after midnight belongs to the next day.";
		for (int i = start; i < end; i++)
		{
			if (working[i])
				return overlap;
			working[i] = true;
		}
		skip_space(text);
	} while (isdigit((unsigned char) **text));
	return NULL;
}

/*
 * Read working hours, and mark their minutes in those of a week from Monday on.
 * Returns the rule that is broken, or NULL.
 */
static const char *
parse_hours(const char *text, bool *working)
{
	static const char *const syntax =
		"Working hours are a weekday or a range of them with one or more spans of time, "
		"and further ones after a comma.";
	int			first,
				last;

	do
	{
		bool		of_day[MINUTES_PER_DAY] = {false};
		const char *broken;

		skip_space(&text);
		if (!parse_weekday(&text, &first))
			return syntax;
		last = first;
		if (skip_char(&text, '-') && !parse_weekday(&text, &last))
			return syntax;
		skip_space(&text);
		broken = parse_spans(&text, of_day, syntax);
		if (broken != NULL)
			return broken;
		for (int day = first;; day = (day + 1) % 7)
		{
			for (int i = 0; i < MINUTES_PER_DAY; i++)
			{
				if (of_day[i] && working[day * MINUTES_PER_DAY + i])
					return overlap;
				working[day * MINUTES_PER_DAY + i] |= of_day[i];
			}
			if (day == last)
				break;
		}
	} while (skip_char(&text, ','));
	return *text == '\0' ? NULL : syntax;
}

/* a number of so many digits */
static bool
parse_digits(const char **text, int digits, int *number)
{
	*number = 0;
	for (; digits > 0; digits--)
	{
		if (!isdigit((unsigned char) **text))
			return false;
		*number = *number * 10 + (*(*text)++ - '0');
	}
	return true;
}

/* a date such as 2025-12-24, as its midnight */
static bool
parse_day(const char **text, int64 *start)
{
	int			year,
				month,
				day;

	if (!parse_digits(text, 4, &year) || *(*text)++ != '-' ||
		!parse_digits(text, 2, &month) || *(*text)++ != '-' ||
		!parse_digits(text, 2, &day) || isdigit((unsigned char) **text))
		return false;
	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR ||
		day < 1 || day > day_tab[isleap(year)][month - 1])
		return false;
	*start = (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
	return true;
}

/*
 * A holiday, its openings behind those that there are.  Returns the rule that is
 * broken, or NULL.
 */
static const char *
parse_holiday(const char **text, Holiday *holiday, Opening *opening, int *n_openings)
{
	static const char *const syntax =
		"Holidays are dates, each with the spans of time in which there is work nevertheless, "
		"separated by commas.";
	bool		working[MINUTES_PER_DAY] = {false};
	const char *broken;

	if (!parse_day(text, &holiday->start))
		return syntax;
	skip_space(text);
	if (isdigit((unsigned char) **text))
	{
		broken = parse_spans(text, working, syntax);
		if (broken != NULL)
			return broken;
	}
	if (**text != ',' && **text != '\0')
		return syntax;
	holiday->first = *n_openings;
	holiday->n = 0;
	for (int i = 0; i < MINUTES_PER_DAY; i++)
		if (working[i])
		{
			opening[*n_openings].start = i;
			while (i < MINUTES_PER_DAY && working[i])
				i++;
			opening[(*n_openings)++].end = i;
			holiday->n++;
		}
	return NULL;
}

static int
holiday_order(const void *a, const void *b)
{
	int64		day_a = ((const Holiday *) a)->start;
	int64		day_b = ((const Holiday *) b)->start;

	return (day_a > day_b) - (day_a < day_b);
}

/* Error: 22023 for the first holiday that cannot be read */
static void
read_holidays(text *given, Business *business, MemoryContext context)
{
	char	   *all = text_to_cstring(given);
	const char *text = all;
	Holiday    *holiday = palloc(sizeof(Holiday) * (strlen(all) + 1));
	Opening    *opening = palloc(sizeof(Opening) * (strlen(all) + 1));
	int			n = 0;
	int			n_openings = 0;

	skip_space(&text);
	if (*text != '\0')
		do
		{
			const char *entry = text;
			const char *broken = parse_holiday(&text, &holiday[n++], opening, &n_openings);

			if (broken != NULL)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("invalid holiday \"%.*s\"", (int) strcspn(entry, ","), entry),
						 errdetail("%s", broken),
						 errhint("Write for example 2025-12-24 10:00-13:00, 2025-12-25; "
								 "a day without hours is closed.")));
		} while (skip_char(&text, ','));
	qsort(holiday, n, sizeof(Holiday), holiday_order);
	for (int i = 1; i < n; i++)
		if (holiday[i].start == holiday[i - 1].start)
		{
			char		day[MAXDATELEN + 1];
			struct pg_tm tm;

			j2date((int) (holiday[i].start / USECS_PER_DAY) + POSTGRES_EPOCH_JDATE,
				   &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
			EncodeDateOnly(&tm, USE_ISO_DATES, day);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("holiday %s is there twice", day),
					 errdetail("A day has its hours or none."),
					 errhint("Write all hours of a day behind it, "
							 "as in 2025-12-24 9:00-10:00 12:00-13:00.")));
		}
	business->n_holidays = n;
	business->holiday = memcpy(MemoryContextAlloc(context, sizeof(Holiday) * (n + 1)),
							   holiday, sizeof(Holiday) * n);
	business->opening = memcpy(MemoryContextAlloc(context, sizeof(Opening) * (n_openings + 1)),
							   opening, sizeof(Opening) * n_openings);
}

static inline bool
same_or_none(text *a, text *b)
{
	return a == NULL || b == NULL ? a == b : same_text(a, b);
}

/* what the pattern has from a Monday long ago to a local time, both in microseconds */
static int64
pattern_until(const Business *business, int64 local)
{
	int64		weeks;
	int64		rest;
	int64		minutes;
	int			minute;

	local -= FIRST_MONDAY;
	weeks = local / USECS_PER_WEEK - (local % USECS_PER_WEEK < 0);
	rest = local - weeks * USECS_PER_WEEK;
	minute = (int) (rest / USECS_PER_MINUTE);
	rest %= USECS_PER_MINUTE;
	minutes = weeks * business->worked[MINUTES_PER_WEEK] + business->worked[minute];
	return minutes * USECS_PER_MINUTE +
		(business->worked[minute + 1] - business->worked[minute]) * rest;
}

/* what is worked on a holiday until a time of its day, in microseconds */
static int64
holiday_until(const Business *business, const Holiday *holiday, int64 time)
{
	int64		worked = 0;

	for (int i = holiday->first; i < holiday->first + holiday->n; i++)
	{
		int64		start = business->opening[i].start * USECS_PER_MINUTE;
		int64		end = business->opening[i].end * USECS_PER_MINUTE;

		worked += Max(Min(time, end) - start, 0);
	}
	return worked;
}

/* the same with holidays */
static int64
worked_until(const Business *business, int64 local)
{
	int64		worked = pattern_until(business, local);
	int			low = 0;
	int			high = business->n_holidays;
	const Holiday *holiday;

	/* the last holiday that has begun */
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (business->holiday[middle].start <= local)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return worked;
	holiday = &business->holiday[low - 1];
	if (local >= holiday->start + USECS_PER_DAY)
		return worked + holiday->gained * USECS_PER_MINUTE;
	if (low > 1)
		worked += holiday[-1].gained * USECS_PER_MINUTE;
	return worked + holiday_until(business, holiday, local - holiday->start) -
		(pattern_until(business, local) - pattern_until(business, holiday->start));
}

/* Error: 22023 for hours, a zone or holidays that cannot be read */
static Business *
business_of(FunctionCallInfo fcinfo, text *hours, text *zone_name, text *holidays)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Business   *business = fcinfo->flinfo->fn_extra;
	Business	read = {0};
	int64		gained = 0;
	bool	   *working;
	const char *broken;

	if (likely(business != NULL && same_text(business->hours, hours) &&
			   same_text(business->zone_name, zone_name) &&
			   same_or_none(business->holidays_text, holidays)))
		return business;
	read.zone = zone_of(zone_name);
	working = palloc0(MINUTES_PER_WEEK * sizeof(bool));
	broken = parse_hours(text_to_cstring(hours), working);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid working hours \"%s\"", text_to_cstring(hours)),
				 errdetail("%s", broken),
				 errhint("Write for example Mon-Fri 9:00-18:00, "
						 "or Mon-Thu 8:00-12:00 13:00-17:30, Fri 8:00-14:00.")));
	for (int i = 0; i < MINUTES_PER_WEEK; i++)
		read.worked[i + 1] = read.worked[i] + working[i];
	pfree(working);
	if (holidays != NULL)
		read_holidays(holidays, &read, context);
	for (int i = 0; i < read.n_holidays; i++)
	{
		Holiday    *holiday = &read.holiday[i];

		gained += (holiday_until(&read, holiday, USECS_PER_DAY) -
				   (pattern_until(&read, holiday->start + USECS_PER_DAY) -
					pattern_until(&read, holiday->start))) / USECS_PER_MINUTE;
		holiday->gained = gained;
	}
	read.hours = keep_text(hours, context);
	read.zone_name = keep_text(zone_name, context);
	read.holidays_text = holidays == NULL ? NULL : keep_text(holidays, context);

	if (business == NULL)
		business = fcinfo->flinfo->fn_extra = MemoryContextAlloc(context, sizeof(Business));
	else
	{
		pfree(business->hours);
		pfree(business->zone_name);
		if (business->holidays_text != NULL)
		{
			pfree(business->holidays_text);
			pfree(business->holiday);
			pfree(business->opening);
		}
	}
	*business = read;
	return business;
}

/* what is worked between two instants, in microseconds; 0 if the end comes first */
static int128
worked_between(const Business *business, TimestampTz at, TimestampTz end)
{
	int128		worked = 0;

	while (at < end)
	{
		int64		seconds = at / USECS_PER_SEC - (at % USECS_PER_SEC < 0);
		pg_time_t	now = seconds + UNIX_EPOCH_SECONDS;
		struct pg_tm *local = pg_localtime(&now, business->zone);
		int64		change = next_change(now, business->zone) - UNIX_EPOCH_SECONDS;
		TimestampTz until = Min(end, Min(change, PG_INT64_MAX / USECS_PER_SEC) * USECS_PER_SEC);
		int64		offset;

		CHECK_FOR_INTERRUPTS();
		if (local == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("timestamp out of range")));
		offset = local->tm_gmtoff * USECS_PER_SEC;
		worked += worked_until(business, until + offset);
		worked -= worked_until(business, at + offset);
		at = until;
	}
	return worked;
}

/* the part of that which lies in any of the ranges, none of which overlap */
static int128
worked_within(const Business *business, MultirangeType *ranges, TimestampTz at, TimestampTz end)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO)->rngtype;
	int128		worked = 0;

	for (uint32 i = 0; i < ranges->rangeCount; i++)
	{
		RangeBound	lower,
					upper;

		multirange_get_bounds(type, ranges, i, &lower, &upper);
		worked += worked_between(business,
								 lower.infinite ? at : Max(at, DatumGetTimestampTz(lower.val)),
								 upper.infinite ? end : Min(end, DatumGetTimestampTz(upper.val)));
	}
	return worked;
}

/*
 * business_time(start, finish, hours, timezone, closed, holidays): the part of the
 * time from start to finish that lies in working hours.  Without closed and
 * holidays there are none.
 *
 * Errors: 22023 for infinity, hours, a zone or holidays that cannot be read, 22003
 * if it does not fit.
 */
PG_FUNCTION_INFO_V1(business_time);
Datum
business_time(PG_FUNCTION_ARGS)
{
	TimestampTz start,
				finish,
				at,
				end;
	Business   *business;
	int128		worked;
	Interval   *interval;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	start = PG_GETARG_TIMESTAMPTZ(0);
	finish = PG_GETARG_TIMESTAMPTZ(1);
	business = business_of(fcinfo, PG_GETARG_TEXT_PP(2), PG_GETARG_TEXT_PP(3),
						   PG_ARGISNULL(5) ? NULL : PG_GETARG_TEXT_PP(5));
	if (TIMESTAMP_NOT_FINITE(start) || TIMESTAMP_NOT_FINITE(finish))
		elapsed_not_finite();
	at = Min(start, finish);
	end = Max(start, finish);
	worked = worked_between(business, at, end);
	if (!PG_ARGISNULL(4))
		worked -= worked_within(business, PG_GETARG_MULTIRANGE_P(4), at, end);
	if (worked > PG_INT64_MAX)
		elapsed_overflow();
	interval = palloc0(sizeof(Interval));
	interval->time = (int64) (finish < start ? -worked : worked);
	PG_RETURN_INTERVAL_P(interval);
}
