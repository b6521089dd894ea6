/*
 * iso.c - dates and instants in the text of values: see iso.h
 *
 * Written with the server's encoders, but read here: its own input functions go
 * by DateStyle and TimeZone, and know words such as today.
 */
#include "iso.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

void
date_print(StringInfo text, DateADT date)
{
	struct pg_tm tm;
	char		buf[MAXDATELEN + 1];

	j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, buf);
	appendStringInfoString(text, buf);
}

void
instant_print(StringInfo text, TimestampTz at)
{
	struct pg_tm tm;
	fsec_t		fsec;
	char		buf[MAXDATELEN + 1];

	/* whatever keeps an instant has refused those that are infinite or out of range */
	if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	tm.tm_isdst = 0;			/* or the zone would be left out */
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_ISO_DATES, buf);
	appendStringInfoString(text, buf);
}

/* read a number of at least so many digits, at most low to high, and step behind it */
static bool
digits_parse(const char **text, int least, int low, int high, int *number)
{
	const char *start = *text;

	*number = 0;
	while (**text >= '0' && **text <= '9' && *text - start < 8)
		*number = *number * 10 + *(*text)++ - '0';
	return *text - start >= least && (least > 2 || *text - start == least) &&
		*number >= low && *number <= high;
}

static bool
char_parse(const char **text, char c)
{
	return *(*text)++ == c;
}

/* year, month and day; whether there is a BC is only known behind the time, if there is one */
static bool
day_parse(const char **text, int *y, int *m, int *d)
{
	return digits_parse(text, 4, 1, 99999999, y) && char_parse(text, '-') &&
		digits_parse(text, 2, 1, MONTHS_PER_YEAR, m) && char_parse(text, '-') &&
		digits_parse(text, 2, 1, 31, d);
}

/* the date of a year, month and day, false if there is none */
static bool
day_date(const char **text, int y, int m, int d, DateADT *date)
{
	if (strncmp(*text, " BC", 3) == 0)
	{
		*text += 3;
		y = 1 - y;
	}
	if (!IS_VALID_JULIAN(y, m, d) || d > day_tab[isleap(y)][m - 1])
		return false;
	*date = date2j(y, m, d) - POSTGRES_EPOCH_JDATE;
	return IS_VALID_DATE(*date);
}

/* read what date_print writes and step behind it, false if it is anything else */
bool
date_parse(const char **text, DateADT *date)
{
	int			y,
				m,
				d;

	return day_parse(text, &y, &m, &d) && day_date(text, y, m, d, date);
}

/* read what instant_print writes and step behind it, false if it is anything else */
bool
instant_parse(const char **text, TimestampTz *at)
{
	int			y,
				month,
				d,
				h,
				minute,
				s,
				micros = 0;
	DateADT		date;

	if (!day_parse(text, &y, &month, &d) || !char_parse(text, ' ') ||
		!digits_parse(text, 2, 0, HOURS_PER_DAY - 1, &h) || !char_parse(text, ':') ||
		!digits_parse(text, 2, 0, MINS_PER_HOUR - 1, &minute) || !char_parse(text, ':') ||
		!digits_parse(text, 2, 0, SECS_PER_MINUTE - 1, &s))
		return false;
	if (**text == '.')
	{
		int			unit = USECS_PER_SEC / 10;

		for ((*text)++; **text >= '0' && **text <= '9' && unit > 0; unit /= 10)
			micros += (*(*text)++ - '0') * unit;
	}
	if (strncmp(*text, "+00", 3) != 0)
		return false;
	*text += 3;
	if (!day_date(text, y, month, d, &date))
		return false;
	if (pg_mul_s64_overflow(date, USECS_PER_DAY, at) ||
		pg_add_s64_overflow(*at, ((int64) (h * MINS_PER_HOUR + minute) * SECS_PER_MINUTE + s) *
							USECS_PER_SEC + micros, at))
		return false;
	return IS_VALID_TIMESTAMP(*at);
}
