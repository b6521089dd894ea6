/*
 * counts.h - samples that are a row of counts: rate, nps, csat
 *
 * Counts are 64-bit, never negative, written as 62/20/18.
 */
#ifndef KPI_COUNTS_H
#define KPI_COUNTS_H

#include "kpi.h"
#include "common/int.h"
#include "lib/stringinfo.h"

extern bool count_parse(const char **text, int64 *count);
extern int	counts_parse(const char *text, int64 *counts, int max);
extern void counts_print(StringInfo text, const int64 *counts, int n);
extern void counts_send(StringInfo message, const int64 *counts, int n);
extern bool counts_receive(StringInfo message, int64 *counts, int n);

/* a[i] += b[i], false on overflow */
static inline bool
counts_add(int64 *a, const int64 *b, int n)
{
	for (int i = 0; i < n; i++)
		if (pg_add_s64_overflow(a[i], b[i], &a[i]))
			return false;
	return true;
}

/* a[i] -= b[i], false if b has more anywhere */
static inline bool
counts_subtract(int64 *a, const int64 *b, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (a[i] < b[i])
			return false;
		a[i] -= b[i];
	}
	return true;
}

/* the sum, or -1 if one is negative or the sum does not fit */
static inline int64
counts_total(const int64 *counts, int n)
{
	int64		total = 0;

	for (int i = 0; i < n; i++)
		if (counts[i] < 0 || pg_add_s64_overflow(total, counts[i], &total))
			return -1;
	return total;
}

#endif							/* KPI_COUNTS_H */
