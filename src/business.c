/*
 * business.c - elapsed time that lies in working hours
 *
 * Working hours are a pattern of minutes that repeats every week of local time.
 * Between two changes of the clocks local time runs like UTC does, so what was
 * worked since any Monday is a number of weeks and a look into a table, and a
 * span of time costs no more than a step for each change within it.  What is
 * counted is elapsed time: an hour that the clocks show twice is worked twice,
 * one that they skip is not worked.
 */
#include "calendar.h"

#include "elapsed.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define MINUTES_PER_DAY (HOURS_PER_DAY * MINS_PER_HOUR)
#define MINUTES_PER_WEEK (7 * MINUTES_PER_DAY)
#define USECS_PER_WEEK (7 * USECS_PER_DAY)

/* 2000-01-03, in microseconds since 2000-01-01 */
#define FIRST_MONDAY (2 * USECS_PER_DAY)

/* the hours and the zone of the last call */
typedef struct Business
{
	text	   *hours;
	text	   *zone_name;
	pg_tz	   *zone;
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
	if (p == *text || p[0] != ':' || p[1] < '0' || p[1] > '5' || !isdigit((unsigned char) p[2]) || isdigit((unsigned char) p[3]))
		return false;
	*minutes = hour * MINS_PER_HOUR + (p[1] - '0') * 10 + (p[2] - '0');
	*text = p + 3;
	return *minutes <= MINUTES_PER_DAY;
}

/*
 * Read working hours, and mark their minutes in those of a week from Monday on.
 * Returns the rule that is broken, or NULL.
 */
static const char *
parse_hours(const char *text, bool *working)
{
	static const char *const syntax =
		"Working hours are a weekday or a range of them with one or more spans of time, and further ones after a comma.";
	int			first,
				last,
				start,
				end;

	do
	{
		skip_space(&text);
		if (!parse_weekday(&text, &first))
			return syntax;
		last = first;
		if (skip_char(&text, '-') && !parse_weekday(&text, &last))
			return syntax;
		skip_space(&text);
		do
		{
			if (!isspace((unsigned char) text[-1]) ||
				!parse_time(&text, &start) || !skip_char(&text, '-') || !parse_time(&text, &end))
				return syntax;
			if (start >= end)
				return "A span has to end after it starts, at 24:00 at the latest; what goes on after midnight belongs to the next day.";
			for (int day = first;; day = (day + 1) % 7)
			{
				for (int i = day * MINUTES_PER_DAY + start; i < day * MINUTES_PER_DAY + end; i++)
				{
					if (working[i])
						return "Spans of the same day must not overlap.";
					working[i] = true;
				}
				if (day == last)
					break;
			}
			skip_space(&text);
		} while (isdigit((unsigned char) *text));
	} while (skip_char(&text, ','));
	return *text == '\0' ? NULL : syntax;
}

/* Error: 22023 for hours or a zone that cannot be read */
static Business *
business_of(FunctionCallInfo fcinfo, text *hours, text *zone_name)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Business   *business = fcinfo->flinfo->fn_extra;
	pg_tz	   *zone;
	bool	   *working;
	const char *broken;

	if (likely(business != NULL && same_text(business->hours, hours) && same_text(business->zone_name, zone_name)))
		return business;
	zone = zone_of(zone_name);
	working = palloc0(MINUTES_PER_WEEK * sizeof(bool));
	broken = parse_hours(text_to_cstring(hours), working);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid working hours \"%s\"", text_to_cstring(hours)),
				 errdetail("%s", broken),
				 errhint("Write for example Mon-Fri 9:00-18:00, or Mon-Thu 8:00-12:00 13:00-17:30, Fri 8:00-14:00.")));
	if (business == NULL)
	{
		business = MemoryContextAllocZero(context, sizeof(Business));
		fcinfo->flinfo->fn_extra = business;
	}
	else
	{
		pfree(business->hours);
		pfree(business->zone_name);
	}
	business->hours = keep_text(hours, context);
	business->zone_name = keep_text(zone_name, context);
	business->zone = zone;
	for (int i = 0; i < MINUTES_PER_WEEK; i++)
		business->worked[i + 1] = business->worked[i] + working[i];
	pfree(working);
	return business;
}

/* what is worked from a Monday long ago to a local time, both in microseconds */
static int64
worked_until(const Business *business, int64 local)
{
	int64		weeks;
	int64		rest;
	int			minute;

	local -= FIRST_MONDAY;
	weeks = local / USECS_PER_WEEK - (local % USECS_PER_WEEK < 0);
	rest = local - weeks * USECS_PER_WEEK;
	minute = (int) (rest / USECS_PER_MINUTE);
	rest %= USECS_PER_MINUTE;
	return (weeks * business->worked[MINUTES_PER_WEEK] + business->worked[minute]) * USECS_PER_MINUTE +
		(business->worked[minute + 1] - business->worked[minute]) * rest;
}

/*
 * business_time(start, finish, hours, timezone): the part of the time from start
 * to finish that lies in working hours.
 *
 * Errors: 22023 for infinity, hours or a zone that cannot be read, 22003 if it
 * does not fit.
 */
PG_FUNCTION_INFO_V1(business_time);
Datum
business_time(PG_FUNCTION_ARGS)
{
	TimestampTz start = PG_GETARG_TIMESTAMPTZ(0);
	TimestampTz finish = PG_GETARG_TIMESTAMPTZ(1);
	Business   *business = business_of(fcinfo, PG_GETARG_TEXT_PP(2), PG_GETARG_TEXT_PP(3));
	TimestampTz at = Min(start, finish);
	TimestampTz end = Max(start, finish);
	int128		worked = 0;
	Interval   *interval = palloc0(sizeof(Interval));

	if (TIMESTAMP_NOT_FINITE(start) || TIMESTAMP_NOT_FINITE(finish))
		elapsed_not_finite();
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
		worked += (int128) worked_until(business, until + offset) - worked_until(business, at + offset);
		at = until;
	}
	if (worked > PG_INT64_MAX)
		elapsed_overflow();
	interval->time = (int64) (finish < start ? -worked : worked);
	PG_RETURN_INTERVAL_P(interval);
}
