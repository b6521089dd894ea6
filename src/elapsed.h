/*
 * elapsed.h - lengths of time in microseconds
 */
#ifndef KPI_ELAPSED_H
#define KPI_ELAPSED_H

#include "kpi.h"

extern int64 elapsed_micros(Timestamp start, Timestamp finish);
extern int64 interval_micros(const Interval *interval);
pg_noreturn extern void elapsed_not_finite(void);
pg_noreturn extern void elapsed_overflow(void);

#endif							/* KPI_ELAPSED_H */
