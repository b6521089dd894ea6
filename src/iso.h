/*
 * iso.h - dates and instants in the text of values
 *
 * Text that is stored must mean the same under any setting: dates are written
 * 2025-03-31, instants 2025-03-31 22:30:00+00, always in UTC, years before the
 * first with BC behind.
 */
#ifndef KPI_ISO_H
#define KPI_ISO_H

#include "kpi.h"
#include "lib/stringinfo.h"
#include "utils/date.h"

extern void date_print(StringInfo text, DateADT date);
extern bool date_parse(const char **text, DateADT *date);
extern void instant_print(StringInfo text, TimestampTz at);
extern bool instant_parse(const char **text, TimestampTz *at);

#endif							/* KPI_ISO_H */
