/*
 * rate.h - a share as its two counts; parts of other values are rates again
 */
#ifndef KPI_RATE_H
#define KPI_RATE_H

#include "kpi.h"

typedef struct Rate
{
	int64		successes;
	int64		trials;
} Rate;

StaticAssertDecl(sizeof(Rate) == 16, "a rate on disk is 16 bytes");

extern Rate *rate_of(int64 successes, int64 trials);

#endif							/* KPI_RATE_H */
