/*
 * duration.c - how long things took: mean and quantiles of elapsed times
 *
 * Kept are the number of observations, their exact sum, the shortest and the
 * longest, and a histogram whose buckets grow with the value, so that every
 * quantile is known to within 1 percent: 64 buckets for each doubling make the
 * middle of a bucket at most 1/128 away from anything in it.  All of it is
 * integer arithmetic on microseconds, hence the same on every machine and in
 * any order.  Negative durations (a delivery before its promised time) have the
 * mirrored buckets.
 *
 * There is no subtraction: once the shortest is taken out, the second shortest
 * is not known.
 *
 * Two forms are updated in place: the dense one has a count for each bucket of a
 * range, the sparse one a sorted list of those that are not zero, as long as the
 * range would be much longer than that: two deliveries, one early and one late,
 * are some 4,500 buckets apart.  What is stored is packed, some three bytes for
 * each bucket that is not zero.  (An expanded object would need a memory context
 * of its own for every group; a plain varlena that is updated in place does not.)
 */
#include "elapsed.h"

#include "counts.h"
#include "decimal.h"
#include "value.h"
#include "varint.h"

#include <math.h>

#include "datatype/timestamp.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

typedef enum DurationForm
{
	PACKED, DENSE, SPARSE
} DurationForm;

typedef struct Duration
{
	int32		vl_len_;
	uint8		version;		/* DURATION_VERSION */
	uint8		form;			/* DurationForm; what is stored is PACKED */
	int16		first;			/* the first bucket; SPARSE: how many buckets there are */
	int64		n;
	int64		min;			/* microseconds, as are max and sum */
	int64		max;
	int128		sum;
	uint8		counts[FLEXIBLE_ARRAY_MEMBER];
	/* DENSE: int64 for each bucket from first on */
	/* SPARSE: a BucketCount for each bucket, and room for more */
	/* PACKED: variable-length integers, count, then gap to the next bucket and its count ... */
} Duration;

typedef struct BucketCount
{
	int64		count;
	int32		bucket;
} BucketCount;

#define DURATION_VERSION 1
#define DURATION_HEADER offsetof(Duration, counts)

StaticAssertDecl(DURATION_HEADER == 48, "the counts of a duration on disk start at byte 48");

#define DENSE_COUNTS(duration) ((int64 *) (duration)->counts)
#define DENSE_LENGTH(duration) ((int) ((VARSIZE(duration) - DURATION_HEADER) / sizeof(int64)))
#define SPARSE_COUNTS(duration) ((BucketCount *) (duration)->counts)
#define SPARSE_ROOM(duration) ((int) ((VARSIZE(duration) - DURATION_HEADER) / sizeof(BucketCount)))
#define FIRST_ROOM 2

/* buckets: one for each value below 2 * SUBBUCKETS, then SUBBUCKETS for each doubling */
#define SUBBUCKET_BITS 6
#define SUBBUCKETS (1 << SUBBUCKET_BITS)
#define LAST_BUCKET ((63 - SUBBUCKET_BITS + 1) * SUBBUCKETS - 1)

static int
bucket_of(int64 micros)
{
	uint64		magnitude = micros < 0 ? -(uint64) micros : (uint64) micros;
	int			bucket = (int) magnitude;

	if (magnitude >= SUBBUCKETS)
	{
		int			shift = pg_leftmost_one_pos64(magnitude) - SUBBUCKET_BITS;

		bucket = shift * SUBBUCKETS + (int) (magnitude >> shift);
	}
	return micros < 0 ? -bucket : bucket;
}

/* the smallest and the largest duration in a bucket */
static void
bucket_bounds(int bucket, int64 *low, int64 *high)
{
	int			magnitude = abs(bucket);
	int64		near = magnitude;
	int64		far = magnitude;

	if (magnitude >= 2 * SUBBUCKETS)
	{
		int			shift = magnitude / SUBBUCKETS - 1;

		near = ((int64) (SUBBUCKETS + magnitude % SUBBUCKETS)) << shift;
		far = near + ((INT64CONST(1) << shift) - 1);
	}
	*low = bucket < 0 ? -far : near;
	*high = bucket < 0 ? -near : far;
}

/* one bucket after the other, in any form */
typedef struct BucketScan
{
	const Duration *duration;
	const uint8 *next;
	const uint8 *end;
	int			bucket;
	int64		count;
} BucketScan;

static BucketScan
scan_buckets(const Duration *duration)
{
	BucketScan	scan = {
		.duration = duration,
		.next = duration->counts,
		.end = (const uint8 *) duration + VARSIZE(duration)
	};

	if (duration->version != DURATION_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unknown version %d of a stored duration", duration->version)));
	if (duration->form == SPARSE)
		scan.end = scan.next + duration->first * sizeof(BucketCount);
	return scan;
}

/* step to the next bucket with a count */
static bool
next_bucket(BucketScan *scan)
{
	const Duration *duration = scan->duration;
	uint64		gap = 0;
	uint64		count;

	if (duration->form == SPARSE)
	{
		if (scan->next >= scan->end)
			return false;
		scan->bucket = ((const BucketCount *) scan->next)->bucket;
		scan->count = ((const BucketCount *) scan->next)->count;
		scan->next += sizeof(BucketCount);
		return true;
	}
	if (duration->form == DENSE)
	{
		do
		{
			if (scan->next >= scan->end)
				return false;
			scan->bucket =
				duration->first + (int) ((scan->next - duration->counts) / sizeof(int64));
			scan->count = *(const int64 *) scan->next;
			scan->next += sizeof(int64);
		} while (scan->count == 0);
		return true;
	}
	if (scan->next >= scan->end)
		return false;
	if (scan->next == duration->counts)
		scan->bucket = duration->first;
	else
		scan->next = get_varint(scan->next, &gap);
	scan->next = get_varint(scan->next, &count);
	scan->bucket += (int) gap;
	scan->count = (int64) count;
	return true;
}

static Duration *
new_duration(Size size, DurationForm form)
{
	Duration   *duration = palloc0(size);

	SET_VARSIZE(duration, size);
	duration->version = DURATION_VERSION;
	duration->form = form;
	return duration;
}

/* all but the form and the counts */
static void
copy_totals(Duration *duration, const Duration *from)
{
	duration->n = from->n;
	duration->min = from->min;
	duration->max = from->max;
	duration->sum = from->sum;
}

/* the dense form with room for the buckets low .. high: the argument if it has it */
static Duration *
cover(Duration *duration, int low, int high)
{
	int			length = DENSE_LENGTH(duration);
	Duration   *wider;

	if (length > 0)
	{
		if (duration->first <= low && high < duration->first + length)
			return duration;
		low = Min(low, duration->first);
		high = Max(high, duration->first + length - 1);
	}
	wider = new_duration(DURATION_HEADER + (high - low + 1) * sizeof(int64), DENSE);
	wider->first = low;
	copy_totals(wider, duration);
	memcpy(DENSE_COUNTS(wider) + (duration->first - low) * (length > 0), duration->counts,
		   length * sizeof(int64));
	return wider;
}

/*
 * A sparse form that is full, with more room: dense if that takes at most twice
 * as much memory, as it is the faster one.
 */
static Duration *
more_room(Duration *duration, int bucket)
{
	BucketScan	scan = scan_buckets(duration);
	Size		size = DURATION_HEADER + 2 * SPARSE_ROOM(duration) * sizeof(BucketCount);
	const BucketCount *last = SPARSE_COUNTS(duration) + duration->first - 1;
	int			low = Min(bucket, SPARSE_COUNTS(duration)->bucket);
	int			high = Max(bucket, last->bucket);
	Duration   *wider;

	if (DURATION_HEADER + (high - low + 1) * sizeof(int64) > 2 * size)
	{
		wider = new_duration(size, SPARSE);
		memcpy(wider, duration, VARSIZE(duration));
		SET_VARSIZE(wider, size);
		return wider;
	}
	wider = cover(new_duration(DURATION_HEADER, DENSE), low, high);
	copy_totals(wider, duration);
	while (next_bucket(&scan))
		DENSE_COUNTS(wider)[scan.bucket - low] = scan.count;
	return wider;
}

/* add to the count of a bucket, in a form that is updated in place */
static inline Duration *
add_count(Duration *duration, int bucket, int64 count)
{
	if (duration->form == SPARSE)
	{
		BucketCount *found = SPARSE_COUNTS(duration);
		int			n = duration->first;

		for (int half = n; half > 0; half = n)	/* the first one that is not below it */
		{
			half /= 2;
			if (found[half].bucket < bucket)
			{
				found += half + 1;
				n -= half + 1;
			}
			else
				n = half;
		}
		n = SPARSE_COUNTS(duration) + duration->first - found;
		if (n > 0 && found->bucket == bucket)
		{
			found->count += count;
			return duration;
		}
		if (duration->first < SPARSE_ROOM(duration))
		{
			memmove(found + 1, found, n * sizeof(BucketCount));
			*found = (BucketCount) {.count = count,.bucket = bucket};
			duration->first++;
			return duration;
		}
		return add_count(more_room(duration, bucket), bucket, count);
	}
	duration = cover(duration, bucket, bucket);
	DENSE_COUNTS(duration)[bucket - duration->first] += count;
	return duration;
}

static const ValueType duration_type;

/* pool b into a, which is open */
static void *
duration_pool(void *a, const void *b)
{
	Duration   *duration = a;
	const Duration *more = b;
	BucketScan	scan = scan_buckets(more);
	bool		covered = false;

	if (more->n == 0)
		return duration;
	duration->min = duration->n > 0 ? Min(duration->min, more->min) : more->min;
	duration->max = duration->n > 0 ? Max(duration->max, more->max) : more->max;
	duration->sum += more->sum; /* below 2^63 summands below 2^63 */
	if (pg_add_s64_overflow(duration->n, more->n, &duration->n))
		value_overflow(&duration_type);
	while (next_bucket(&scan))
	{
		/* once it is dense, room for all: not a copy for each bucket that comes */
		if (duration->form == DENSE && !covered)
		{
			duration = cover(duration, bucket_of(more->min), bucket_of(more->max));
			covered = true;
		}
		duration = add_count(duration, scan.bucket, scan.count);
	}
	return duration;
}

static void *
duration_open(void *value)
{
	Duration   *duration = value;

	if (duration->form != PACKED)
		return duration;
	return duration_pool(new_duration(DURATION_HEADER + FIRST_ROOM * sizeof(BucketCount), SPARSE),
						 duration);
}

static void *
duration_pack(const void *value)
{
	const Duration *duration = value;
	BucketScan	scan = scan_buckets(duration);
	Duration   *packed;
	uint8	   *p;
	int			buckets;
	int			bucket;

	if (duration->form == PACKED)
		return unconstify(Duration *, duration);
	buckets = duration->form == SPARSE ? duration->first : DENSE_LENGTH(duration);
	packed = new_duration(DURATION_HEADER + 2 * VARINT_BYTES * buckets, PACKED);
	copy_totals(packed, duration);
	packed->first = bucket = duration->n > 0 ? bucket_of(duration->min) : 0;
	p = packed->counts;
	while (next_bucket(&scan))
	{
		if (p > packed->counts)
			p = put_varint(p, scan.bucket - bucket);
		p = put_varint(p, scan.count);
		bucket = scan.bucket;
	}
	SET_VARSIZE(packed, p - (uint8 *) packed);
	return packed;
}

/*
 * Reading a duration from text or wire: its bounds say which buckets there can
 * be, then come the buckets in ascending order, then it is checked as a whole.
 * Each step returns the rule that is broken.
 */
static const char *
read_bounds(Duration **duration, int128 sum, int64 min, int64 max)
{
	*duration = new_duration(DURATION_HEADER, DENSE);
	if (min > max || min == PG_INT64_MIN)
		return "The shortest cannot be longer than the longest.";
	*duration = cover(*duration, bucket_of(min), bucket_of(max));
	(*duration)->sum = sum;
	(*duration)->min = min;
	(*duration)->max = max;
	return NULL;
}

static const char *
read_bucket(Duration *duration, int64 *next, int64 bucket, int64 count)
{
	int64		i = bucket - duration->first;

	if (i < 0 || i >= DENSE_LENGTH(duration))
		return "Buckets must lie between those of the shortest and the longest.";
	if (i < *next)
		return "Buckets must be in ascending order.";
	if (count <= 0 || pg_add_s64_overflow(duration->n, count, &duration->n))
		return "Counts must be positive, and their sum must be below 2^63.";
	DENSE_COUNTS(duration)[i] = count;
	*next = i + 1;
	return NULL;
}

static const char *
read_end(Duration *duration, void **value)
{
	BucketScan	scan = scan_buckets(duration);
	int128		least = 0;
	int128		most = 0;
	int64		low;
	int64		high;

	if (duration->n == 0)
	{
		if (duration->sum != 0 || duration->min != 0 || duration->max != 0)
			return "Without an observation the total is 0.";
		*value = new_duration(DURATION_HEADER, PACKED);
		return NULL;
	}
	if (DENSE_COUNTS(duration)[0] == 0 || DENSE_COUNTS(duration)[DENSE_LENGTH(duration) - 1] == 0)
		return "The shortest and the longest must lie in the first and the last bucket.";
	while (next_bucket(&scan))
	{
		bucket_bounds(scan.bucket, &low, &high);
		least += (int128) scan.count * Max(low, duration->min);
		most += (int128) scan.count * Min(high, duration->max);
	}

	/* one observation each is the longest and the shortest */
	bucket_bounds(bucket_of(duration->max), &low, &high);
	least += (int128) duration->max - Max(low, duration->min);
	bucket_bounds(bucket_of(duration->min), &low, &high);
	most -= (int128) Min(high, duration->max) - duration->min;
	if (duration->sum < least || duration->sum > most)
		return "The total does not go together with the counts.";
	*value = duration_pack(duration);
	return NULL;
}

/* read seconds with at most six decimals as microseconds */
static bool
parse_micros(const char **text, int128 *micros)
{
	Decimal		seconds;

	if (!decimal_parse(text, &seconds) || seconds.scale > 6)
		return false;
	seconds.scale = 6 - seconds.scale;
	while (seconds.scale-- > 0)
		if (!decimal_multiply(&seconds, 10))
			return false;
	*micros = seconds.units;
	return true;
}

static bool
parse_bound(const char **text, int64 *micros)
{
	int128		wide;

	if (!parse_micros(text, &wide) || wide != (int64) wide || wide == PG_INT64_MIN)
		return false;
	*micros = (int64) wide;
	return true;
}

static void
print_micros(StringInfo text, int128 micros)
{
	Decimal		seconds = {.units = micros,.scale = 6};

	decimal_print(text, &seconds);
}

static const char *
duration_parse(const char *text, void **value)
{
	static const char *const syntax =
		"A duration is the total seconds and the number of observations, [shortest,longest] and "
		"the count of each bucket.";
	Duration   *duration;
	const char *broken;
	int128		sum;
	int64		n;
	int64		min = 0;
	int64		max = 0;
	int64		count;
	int64		next = 0;

	while (isspace((unsigned char) *text))
		text++;
	if (!parse_micros(&text, &sum) || *text++ != '/' || !count_parse(&text, &n))
		return syntax;
	if (n > 0 && (*text++ != ' ' || *text++ != '[' || !parse_bound(&text, &min) ||
				  *text++ != ',' || !parse_bound(&text, &max) || *text++ != ']'))
		return syntax;
	broken = read_bounds(&duration, sum, min, max);
	while (broken == NULL && n > 0 && *text == ' ' && text[1] != '\0' &&
		   !isspace((unsigned char) text[1]))
	{
		int64		sign = text[1] == '-' ? -1 : 1;
		int64		bucket;

		text += sign < 0 ? 2 : 1;
		if (!count_parse(&text, &bucket) || *text++ != ':' || !count_parse(&text, &count))
			return syntax;
		broken = bucket > LAST_BUCKET || (bucket == 0 && sign < 0)
					 ? "There is no such bucket."
					 : read_bucket(duration, &next, sign * bucket, count);
	}
	if (broken != NULL)
		return broken;
	while (isspace((unsigned char) *text))
		text++;
	if (*text != '\0')
		return syntax;
	if (n != duration->n)
		return "The number of observations is not the sum of the buckets.";
	return read_end(duration, value);
}

static void
duration_print(StringInfo text, const void *value)
{
	const Duration *duration = value;
	BucketScan	scan = scan_buckets(duration);

	print_micros(text, duration->sum);
	appendStringInfo(text, "/" INT64_FORMAT, duration->n);
	if (duration->n == 0)
		return;
	appendStringInfoString(text, " [");
	print_micros(text, duration->min);
	appendStringInfoChar(text, ',');
	print_micros(text, duration->max);
	appendStringInfoChar(text, ']');
	while (next_bucket(&scan))
		appendStringInfo(text, " %d:" INT64_FORMAT, scan.bucket, scan.count);
}

static void
duration_to_wire(StringInfo message, const void *value)
{
	const Duration *duration = value;
	BucketScan	scan = scan_buckets(duration);

	int128_send(message, duration->sum);
	pq_sendint64(message, duration->min);
	pq_sendint64(message, duration->max);
	while (next_bucket(&scan))
	{
		pq_sendint16(message, scan.bucket);
		pq_sendint64(message, scan.count);
	}
}

static const char *
duration_receive(StringInfo message, void **value)
{
	int128		sum = int128_receive(message);
	int64		min = pq_getmsgint64(message);
	int64		max = pq_getmsgint64(message);
	Duration   *duration;
	const char *broken = read_bounds(&duration, sum, min, max);
	int64		next = 0;

	while (broken == NULL && message->cursor < message->len)
	{
		int16		bucket = (int16) pq_getmsgint(message, sizeof(int16));

		broken = read_bucket(duration, &next, bucket, pq_getmsgint64(message));
	}
	return broken != NULL ? broken : read_end(duration, value);
}

static int64
duration_size(const void *value)
{
	return ((const Duration *) value)->n;
}

/* the mean in seconds */
static bool
duration_fraction(const void *value, Numeric *num, Numeric *den)
{
	const Duration *duration = value;

	*num = int128_to_numeric(duration->sum);
	*den = int128_to_numeric((int128) duration->n * USECS_PER_SEC);
	return duration->n > 0;
}

static bool
duration_nearly(const void *value, double *number)
{
	const Duration *duration = value;

	*number = (double) duration->sum / (double) duration->n;
	return duration->n > 0;
}

static const ValueType duration_type = {
	.name = "duration",
	.form = "seconds/observations [shortest,longest] bucket:count ..., for example 5400/1 "
			"[5400,5400] 1744:1, or 0/0 for none",
	.of_text = "duration(elapsed::interval)",
	.size = -1,
	.parse = duration_parse,
	.receive = duration_receive,
	.print = duration_print,
	.send = duration_to_wire,
	.add = duration_pool,
	.open = duration_open,
	.pack = duration_pack,
	.sample_size = duration_size,
	.fraction = duration_fraction,
	.nearly = duration_nearly
};

VALUE_FUNCTIONS(duration)
VALUE_FUNCTION(duration, add)
VALUE_FUNCTION(duration, final)

/* one more observation in an open form */
static Duration *
observe(Duration *duration, int64 micros)
{
	duration = add_count(duration, bucket_of(micros), 1);
	if (unlikely(duration->n == PG_INT64_MAX))
		value_overflow(&duration_type);
	duration->min = duration->n > 0 ? Min(duration->min, micros) : micros;
	duration->max = duration->n > 0 ? Max(duration->max, micros) : micros;
	duration->sum += micros;
	duration->n++;
	return duration;
}

static Interval *
micros_interval(int64 micros)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->day = (int32) (micros / USECS_PER_DAY);
	interval->time = micros % USECS_PER_DAY;
	return interval;
}

/* duration_accum_timestamps(duration, start, finish): of either timestamp type */
PG_FUNCTION_INFO_V1(duration_accum_timestamps);
Datum
duration_accum_timestamps(PG_FUNCTION_ARGS)
{
	Timestamp	start = PG_GETARG_TIMESTAMP(1);
	Timestamp	finish = PG_GETARG_TIMESTAMP(2);

	return value_result(fcinfo, &duration_type,
						observe(value_own(fcinfo, &duration_type), elapsed_micros(start, finish)));
}

/* duration_accum_dates(duration, start, finish): whole days of 24 hours */
PG_FUNCTION_INFO_V1(duration_accum_dates);
Datum
duration_accum_dates(PG_FUNCTION_ARGS)
{
	DateADT		start = PG_GETARG_DATEADT(1);
	DateADT		finish = PG_GETARG_DATEADT(2);
	int64		micros;

	if (DATE_NOT_FINITE(start) || DATE_NOT_FINITE(finish))
		elapsed_not_finite();
	if (pg_mul_s64_overflow((int64) finish - start, USECS_PER_DAY, &micros))
		elapsed_overflow();
	return value_result(fcinfo, &duration_type, observe(value_own(fcinfo, &duration_type), micros));
}

/* duration_accum_interval(duration, elapsed); 22023 for an interval with months */
PG_FUNCTION_INFO_V1(duration_accum_interval);
Datum
duration_accum_interval(PG_FUNCTION_ARGS)
{
	int64		micros = interval_micros(PG_GETARG_INTERVAL_P(1));

	return value_result(fcinfo, &duration_type, observe(value_own(fcinfo, &duration_type), micros));
}

/* make_duration(intervals): from an array of observations, NULLs left out */
PG_FUNCTION_INFO_V1(make_duration);
Datum
make_duration(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	Duration   *duration = new_duration(DURATION_HEADER + FIRST_ROOM * sizeof(BucketCount), SPARSE);
	Datum		element;
	bool		isnull;

	while (array_iterate(iterator, &element, &isnull))
		if (!isnull)
			duration = observe(duration, interval_micros(DatumGetIntervalP(element)));
	PG_RETURN_POINTER(duration_pack(duration));
}

/* value(duration): the mean, to the nearest microsecond; NULL without data */
PG_FUNCTION_INFO_V1(duration_mean);
Datum
duration_mean(PG_FUNCTION_ARGS)
{
	Duration   *duration = value_argument(fcinfo, &duration_type, 0);
	int128		mean;
	int128		rest;

	if (duration->n == 0)
		PG_RETURN_NULL();
	mean = duration->sum / duration->n;
	rest = duration->sum % duration->n;
	if (2 * rest >= duration->n)
		mean++;
	else if (-2 * rest >= duration->n)
		mean--;
	PG_RETURN_INTERVAL_P(micros_interval((int64) mean));
}

/* total(duration): the sum, zero without data; 22003 beyond some 292,000 years */
PG_FUNCTION_INFO_V1(duration_total);
Datum
duration_total(PG_FUNCTION_ARGS)
{
	Duration   *duration = value_argument(fcinfo, &duration_type, 0);

	if (duration->sum != (int64) duration->sum)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total duration does not fit an interval"),
				 errhint("Write duration::numeric * sample_size(duration) for the total in "
						 "seconds.")));
	PG_RETURN_INTERVAL_P(micros_interval((int64) duration->sum));
}

/* minimum(duration) and maximum(duration): exact, NULL without data */
PG_FUNCTION_INFO_V1(duration_minimum);
Datum
duration_minimum(PG_FUNCTION_ARGS)
{
	Duration   *duration = value_argument(fcinfo, &duration_type, 0);

	if (duration->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_INTERVAL_P(micros_interval(duration->min));
}

PG_FUNCTION_INFO_V1(duration_maximum);
Datum
duration_maximum(PG_FUNCTION_ARGS)
{
	Duration   *duration = value_argument(fcinfo, &duration_type, 0);

	if (duration->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_INTERVAL_P(micros_interval(duration->max));
}

/* the observation of a rank counted from 0: exact at both ends, else the middle of its bucket */
static int64
ranked(const Duration *duration, int64 rank)
{
	BucketScan	scan = scan_buckets(duration);
	int64		low;
	int64		high;
	int64		middle;

	if (rank == 0)
		return duration->min;
	if (rank == duration->n - 1)
		return duration->max;
	while (next_bucket(&scan) && rank >= scan.count)
		rank -= scan.count;
	bucket_bounds(scan.bucket, &low, &high);
	middle = low + (high - low) / 2;
	return Min(Max(middle, duration->min), duration->max);
}

/* Error: 22023 if p is not between 0 and 1 */
static void
check_percentile(double p)
{
	if (!(p >= 0 && p <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("percentile %g is not between 0 and 1", p),
				 errhint("Write 0.9 for the 90th percentile.")));
}

/*
 * The percentile as percentile_cont(p) defines it, between the two nearest
 * observations, each known to within 1 percent; there has to be one.
 */
static int64
percentile_of(const Duration *duration, double p)
{
	double		position = p * (double) (duration->n - 1);
	bool		inside = position < (double) (duration->n - 1);
	int64		rank = inside ? (int64) floor(position) : duration->n - 1;
	int64		below = ranked(duration, rank);
	int64		above = rank + 1 < duration->n ? ranked(duration, rank + 1) : below;
	double		beyond = rint((position - rank) * ((double) above - (double) below));
	int128		between = (int128) below + (int128) beyond;

	return (int64) Min(between, above);
}

/* percentile(duration, p): NULL without data; 22023 if p is not between 0 and 1 */
PG_FUNCTION_INFO_V1(duration_percentile);
Datum
duration_percentile(PG_FUNCTION_ARGS)
{
	Duration   *duration = value_argument(fcinfo, &duration_type, 0);
	double		p = PG_GETARG_FLOAT8(1);

	check_percentile(p);
	if (duration->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_INTERVAL_P(micros_interval(percentile_of(duration, p)));
}

/*
 * The share that is not finished yet, as it falls with time (Kaplan-Meier), in
 * steps of one bucket of finished durations.  What is open is only known to take
 * longer than its age so far: until then it counts among those that might have
 * finished.  At equal times, as all in one bucket are taken to be, what finishes
 * comes before what is open.
 */
typedef struct Curve
{
	BucketScan	finished;
	BucketScan	open;
	bool		some_open;		/* the scan of the open ones stands on a bucket */
	uint64		left;			/* finished in this bucket or later, or open as long */
	double		share;			/* unfinished when the last open one went out of sight */
	double		base;			/* left after that */
} Curve;

static Curve
start_curve(const Duration *finished, const Duration *open)
{
	Curve		curve = {
		.finished = scan_buckets(finished),
		.open = scan_buckets(open),
		.left = (uint64) finished->n + (uint64) open->n,
		.share = 1
	};

	curve.some_open = next_bucket(&curve.open);
	curve.base = (double) curve.left;
	return curve;
}

/* step to the next bucket in which any finished */
static bool
next_step(Curve *curve)
{
	curve->left -= curve->finished.count;
	if (!next_bucket(&curve->finished))
		return false;
	if (curve->some_open && curve->open.bucket < curve->finished.bucket)
	{
		curve->share *= (double) curve->left / curve->base;
		do
		{
			curve->left -= curve->open.count;
			curve->some_open = next_bucket(&curve->open);
		} while (curve->some_open && curve->open.bucket < curve->finished.bucket);
		curve->base = (double) curve->left;
	}
	return true;
}

/* the share not finished after so many of the bucket: rounded just once until one is open */
static double
unfinished(const Curve *curve, int64 count)
{
	return curve->share * ((double) (curve->left - count) / curve->base);
}

#define SHARE_FUZZ 1e-11		/* more than rounding over all buckets adds up to */

/*
 * percentile(finished, open, p): the shortest duration in which a share p
 * finishes, judging by what finished and by how long the rest has been open;
 * percentile(finished, p) if nothing is open.  NULL if the share never gets
 * there, or without data.  Error: 22023 if p is not between 0 and 1.
 */
PG_FUNCTION_INFO_V1(duration_percentile_open);
Datum
duration_percentile_open(PG_FUNCTION_ARGS)
{
	Duration   *finished = value_argument(fcinfo, &duration_type, 0);
	Duration   *open = value_argument(fcinfo, &duration_type, 1);
	double		p = PG_GETARG_FLOAT8(2);
	double		target = p < 1 ? 1 - p + SHARE_FUZZ : 0;
	Curve		curve = start_curve(finished, open);
	int64		rank = 0;

	check_percentile(p);
	if (finished->n == 0)
		PG_RETURN_NULL();
	if (open->n == 0)
		PG_RETURN_INTERVAL_P(micros_interval(percentile_of(finished, p)));
	while (next_step(&curve))
	{
		int64		count = curve.finished.count;

		if (unfinished(&curve, count) <= target)
		{
			/* which one of the bucket: matters where that is the shortest or the longest of all */
			double		needed = ceil((double) curve.left - target / curve.share * curve.base);

			if (needed < (double) count)
				count = Max((int64) needed, 1);
			PG_RETURN_INTERVAL_P(micros_interval(ranked(finished, rank + count - 1)));
		}
		rank += count;
	}
	PG_RETURN_NULL();
}

/*
 * survival(finished, open, at): the share that takes longer than at, to the end
 * of whose bucket it is taken, but for the shortest and the longest; NULL without
 * data.  Error: 22023 for an interval with months.
 */
PG_FUNCTION_INFO_V1(duration_survival);
Datum
duration_survival(PG_FUNCTION_ARGS)
{
	Duration   *finished = value_argument(fcinfo, &duration_type, 0);
	Duration   *open = value_argument(fcinfo, &duration_type, 1);
	int64		at = interval_micros(PG_GETARG_INTERVAL_P(2));
	int			last = bucket_of(at);
	Curve		curve = start_curve(finished, open);
	double		share = 1;

	if (curve.left == 0)
		PG_RETURN_NULL();
	if (finished->n == 0 || at < finished->min)
		PG_RETURN_FLOAT8(1);
	while (next_step(&curve) && curve.finished.bucket <= last)
	{
		int64		count = curve.finished.count;

		if (at < finished->max && curve.finished.bucket == bucket_of(finished->max))
			count--;
		share = unfinished(&curve, count);
	}
	PG_RETURN_FLOAT8(share);
}

/* histogram(duration): the buckets with their bounds and counts */
PG_FUNCTION_INFO_V1(duration_histogram);
Datum
duration_histogram(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Duration   *duration = value_argument(fcinfo, &duration_type, 0);
	BucketScan	scan = scan_buckets(duration);

	InitMaterializedSRF(fcinfo, 0);
	while (next_bucket(&scan))
	{
		Datum		row[3];
		bool		nulls[3] = {false};
		int64		low,
					high;

		bucket_bounds(scan.bucket, &low, &high);
		row[0] = IntervalPGetDatum(micros_interval(low));
		row[1] = IntervalPGetDatum(micros_interval(high));
		row[2] = Int64GetDatum(scan.count);
		tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
	}
	return (Datum) 0;
}
