/*
 * calendar.h - the periods that values are read in
 */
#ifndef KPI_CALENDAR_H
#define KPI_CALENDAR_H

#include "kpi.h"
#include "utils/date.h"

typedef enum GrainUnit
{
	GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_QUARTER, GRAIN_YEAR
} GrainUnit;

typedef struct Grain
{
	GrainUnit	unit;
	int			first;			/* weekday or month it starts in, Monday and January being 0 */
} Grain;

extern Grain grain_of(text *name);
extern DateADT bucket_start(Grain grain, DateADT date, DateADT *next);

#endif							/* KPI_CALENDAR_H */
