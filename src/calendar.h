/*
 * calendar.h - the periods that values are read in
 */
#ifndef KPI_CALENDAR_H
#define KPI_CALENDAR_H

#include "kpi.h"
#include "pgtime.h"
#include "utils/date.h"
#include "utils/timestamp.h"

typedef enum GrainUnit
{
	GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_QUARTER, GRAIN_HALF, GRAIN_YEAR, GRAIN_ALL
} GrainUnit;

typedef struct Grain
{
	GrainUnit	unit;
	int			first;			/* weekday or month it starts in, Monday and January being 0 */

	/* a calendar of whole weeks, whose years start on a weekday, at latest on a day of a month */
	int			long_month;		/* which month of a quarter has five weeks; 0 for other calendars */
	int			year_month;
	int			latest;			/* the day, counted from the first of that month */
} Grain;

/* pg_time_t counts from 1970, timestamps from 2000 */
#define UNIX_EPOCH_SECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

extern Grain grain_of(text *name);
extern DateADT bucket_start(Grain grain, DateADT date, DateADT *next);
extern pg_tz *zone_of(text *name);
extern pg_time_t next_change(pg_time_t at, pg_tz *zone);
extern bool same_text(text *a, text *b);
extern text *keep_text(text *t, MemoryContext context);

#endif							/* KPI_CALENDAR_H */
