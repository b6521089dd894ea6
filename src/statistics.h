/*
 * statistics.h - intervals and tests on a sample
 */
#ifndef KPI_STATISTICS_H
#define KPI_STATISTICS_H

#include "kpi.h"

extern double normal_quantile(double level);
extern double normal_p_value(double difference, double variance);
extern void wilson_interval(int64 successes, int64 trials, double z, double *low, double *high);
extern Datum interval_range(double low, double high);

#endif							/* KPI_STATISTICS_H */
