/*
 * elapsed.c - lengths of time in microseconds
 */
#include "elapsed.h"

#include "common/int.h"

void
elapsed_not_finite(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("an infinite duration cannot be counted"),
			 errhint("Make the end NULL as long as it is not known: NULL is left out.")));
}

void
elapsed_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("duration out of range"),
			 errdetail("A duration is below 2^63 microseconds, some 292,000 years.")));
}

/*
 * From start to finish, of either timestamp type.
 *
 * Errors: 22023 for infinity, 22003 if it does not fit.
 */
int64
elapsed_micros(Timestamp start, Timestamp finish)
{
	int64		micros;

	if (TIMESTAMP_NOT_FINITE(start) || TIMESTAMP_NOT_FINITE(finish))
		elapsed_not_finite();
	if (pg_sub_s64_overflow(finish, start, &micros) || micros == PG_INT64_MIN)
		elapsed_overflow();
	return micros;
}

/*
 * The length of an interval, whose days have 24 hours as those of timestamptz -
 * timestamptz.
 *
 * Errors: 22023 for months, years and infinity, 22003 if it does not fit.
 */
int64
interval_micros(const Interval *interval)
{
	int64		micros;

	if (INTERVAL_NOT_FINITE(interval))
		elapsed_not_finite();
	if (interval->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an interval with months or years has no fixed length"),
				 errdetail("A month has 28 to 31 days."),
				 errhint("Write it in days or hours; for elapsed time write finish - start, not "
						 "age(finish, start).")));
	if (pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &micros) ||
		pg_add_s64_overflow(micros, interval->time, &micros) || micros == PG_INT64_MIN)
		elapsed_overflow();
	return micros;
}
