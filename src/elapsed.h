/*
 * elapsed.h - lengths of time in microseconds
 */
#ifndef KPI_ELAPSED_H
#define KPI_ELAPSED_H

#include "kpi.h"

extern int64 elapsed_micros(Timestamp start, Timestamp finish);
extern int64 interval_micros(const Interval *interval);
extern void elapsed_not_finite(void) pg_attribute_noreturn();
extern void elapsed_overflow(void) pg_attribute_noreturn();

#endif							/* KPI_ELAPSED_H */
