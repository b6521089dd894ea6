/*
 * duration.c - how long things took: mean and quantiles of elapsed times
 *
 * Kept are the number of observations, their exact sum, the shortest and the
 * longest.  While at most LIST_MOST observations are different, each is kept with
 * how often it was met: the list.  Beyond, there is a histogram whose buckets
 * grow with the value, so that every quantile is known to within 1 percent: 64
 * buckets for each doubling make the middle of a bucket at most 1/128 away from
 * anything in it.  Which of the two it is depends on the observations alone, not
 * on how they came together: a list never follows a histogram.  All of it is
 * integer arithmetic on microseconds, hence the same on every machine and in any
 * order.  Negative durations (a delivery before its promised time) have the
 * mirrored buckets.
 *
 * There is no subtraction: once the shortest is taken out of a histogram, the
 * second shortest is not known.
 *
 * A list is updated in place as a sorted array.  A histogram has two such forms:
 * the dense one has a count for each bucket of a range, the sparse one is an array
 * like a list of those that are not zero, as long as the range would be much
 * longer than that: two deliveries, one early and one late, are some 4,500
 * buckets apart.  What is stored is packed, some three bytes for each bucket that
 * is not zero, and some six for each observation of a list.  (An expanded object
 * would need a memory context of its own for every group; a plain varlena that is
 * updated in place does not.)
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

/* the first two are stored, the last two are arrays; lists have LIST in their name */
typedef enum DurationForm
{
	PACKED, PACKED_LIST, DENSE, SPARSE, LIST
} DurationForm;

typedef struct Duration
{
	int32		vl_len_;
	uint8		version;		/* DURATION_VERSION */
	uint8		form;			/* DurationForm */
	int16		first;			/* the first bucket; of lists and SPARSE: how many entries */
	int64		n;
	int64		min;			/* microseconds, as are max and sum */
	int64		max;
	int128		sum;
	uint8		counts[FLEXIBLE_ARRAY_MEMBER];
	/* DENSE: int64 for each bucket from first on */
	/* SPARSE, LIST: an Entry for each bucket or observation, and room for more */
	/* PACKED ones: variable-length integers, count, then gap to the next key and its count ... */
} Duration;

typedef struct Entry
{
	int64		key;			/* the microseconds of an observation, or a bucket */
	int64		count;
} Entry;

#define DURATION_VERSION 2		/* 1, never released, had histograms only */
#define DURATION_HEADER offsetof(Duration, counts)

StaticAssertDecl(DURATION_HEADER == 48, "the counts of a duration on disk start at byte 48");

#define DENSE_COUNTS(duration) ((int64 *) (duration)->counts)
#define DENSE_LENGTH(duration) ((int) ((VARSIZE(duration) - DURATION_HEADER) / sizeof(int64)))
#define ENTRIES(duration) ((Entry *) (duration)->counts)
#define ENTRIES_SIZE(room) (DURATION_HEADER + (room) * sizeof(Entry))
#define ENTRIES_ROOM(duration) ((int) ((VARSIZE(duration) - DURATION_HEADER) / sizeof(Entry)))
#define FIRST_ROOM 2
#define LIST_MOST 100

static inline bool
is_list(const Duration *duration)
{
	return duration->form == LIST || duration->form == PACKED_LIST;
}

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

/* where an observation is counted: by itself in a list, else in its bucket */
static inline int64
key_of(const Duration *duration, int64 micros)
{
	return is_list(duration) ? micros : bucket_of(micros);
}

/* one observation of a list after the other, or one bucket, in any form */
typedef struct CountScan
{
	const Duration *duration;
	const uint8 *next;
	const uint8 *end;
	int64		key;
	int64		count;
} CountScan;

static CountScan
scan_counts(const Duration *duration)
{
	CountScan	scan = {
		.duration = duration,
		.next = duration->counts,
		.end = (const uint8 *) duration + VARSIZE(duration)
	};

	if (duration->version != DURATION_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unknown version %d of a stored duration", duration->version)));
	if (duration->form >= SPARSE)
		scan.end = (const uint8 *) (ENTRIES(duration) + duration->first);
	return scan;
}

/* step to the next key with a count */
static bool
next_count(CountScan *scan)
{
	const Duration *duration = scan->duration;
	uint64		gap = 0;
	uint64		count;

	if (duration->form >= SPARSE)
	{
		if (scan->next >= scan->end)
			return false;
		scan->key = ((const Entry *) scan->next)->key;
		scan->count = ((const Entry *) scan->next)->count;
		scan->next += sizeof(Entry);
		return true;
	}
	if (duration->form == DENSE)
	{
		do
		{
			if (scan->next >= scan->end)
				return false;
			scan->key = duration->first + (scan->next - duration->counts) / (int64) sizeof(int64);
			scan->count = *(const int64 *) scan->next;
			scan->next += sizeof(int64);
		} while (scan->count == 0);
		return true;
	}
	if (scan->next >= scan->end)
		return false;
	if (scan->next == duration->counts)
		scan->key = key_of(duration, duration->min);
	else
		scan->next = get_varint(scan->next, &gap);
	scan->next = get_varint(scan->next, &count);
	scan->key += gap;			/* up to 2^64 - 1, which comes out right modulo 2^64 */
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

/* an empty list that can be added to */
static Duration *
new_list(void)
{
	return new_duration(ENTRIES_SIZE(FIRST_ROOM), LIST);
}

static Duration *
new_dense(int low, int high)
{
	Duration   *duration =
		new_duration(DURATION_HEADER + (high - low + 1) * sizeof(int64), DENSE);

	duration->first = low;
	return duration;
}

/* the dense form with room for the buckets low .. high, too: the argument if it has it */
static Duration *
cover(Duration *duration, int low, int high)
{
	int			first = duration->first;
	int			last = first + DENSE_LENGTH(duration) - 1;
	Duration   *wider;

	if (first <= low && high <= last)
		return duration;
	low = Min(low, first);
	wider = new_dense(low, Max(high, last));
	copy_totals(wider, duration);
	memcpy(DENSE_COUNTS(wider) + first - low, duration->counts,
		   DENSE_LENGTH(duration) * sizeof(int64));
	return wider;
}

static inline Duration *add_count(Duration *duration, int64 key, int64 count);

/*
 * A list or a sparse form as a histogram with room for so many buckets, and for
 * those from the shortest to the longest if it is dense, the faster form, for which
 * it may take twice as much memory.
 */
static Duration *
to_buckets(const Duration *duration, int room)
{
	CountScan	scan = scan_counts(duration);
	int			low = bucket_of(duration->min);
	int			high = bucket_of(duration->max);
	Duration   *buckets;

	if (DURATION_HEADER + (high - low + 1) * sizeof(int64) > 2 * ENTRIES_SIZE(room))
		buckets = new_duration(ENTRIES_SIZE(room), SPARSE);
	else
		buckets = new_dense(low, high);
	copy_totals(buckets, duration);
	while (next_count(&scan))
		buckets = add_count(buckets, is_list(duration) ? bucket_of(scan.key) : scan.key,
							scan.count);
	return buckets;
}

/* a list or a sparse form that is full, with more room: a histogram if it is too long for a list */
static Duration *
more_room(const Duration *duration)
{
	int			room = 2 * duration->first;
	Duration   *list;

	if (!is_list(duration) || duration->first == LIST_MOST)
		return to_buckets(duration, room);
	list = new_duration(ENTRIES_SIZE(Min(room, LIST_MOST)), LIST);
	copy_totals(list, duration);
	list->first = duration->first;
	memcpy(ENTRIES(list), ENTRIES(duration), duration->first * sizeof(Entry));
	return list;
}

/* add to the count of a key, in a form that is updated in place and whose totals know of it */
static inline Duration *
add_count(Duration *duration, int64 key, int64 count)
{
	if (duration->form >= SPARSE)
	{
		Entry	   *found = ENTRIES(duration);
		int			n;

		/* the first one that is not below it, without a branch, which would be a guess */
		for (int left = duration->first, half; left > 0; left -= half)
		{
			half = (left + 1) / 2;
			found += half * (found[half - 1].key < key);
		}
		n = ENTRIES(duration) + duration->first - found;
		if (n > 0 && found->key == key)
		{
			found->count += count;
			return duration;
		}
		if (duration->first < ENTRIES_ROOM(duration))
		{
			memmove(found + 1, found, n * sizeof(Entry));
			*found = (Entry) {.key = key,.count = count};
			duration->first++;
			return duration;
		}
		if (is_list(duration) && duration->first == LIST_MOST)
			key = bucket_of(key);
		return add_count(more_room(duration), key, count);
	}
	duration = cover(duration, key, key);
	DENSE_COUNTS(duration)[key - duration->first] += count;
	return duration;
}

static const ValueType duration_type;

/* add to the totals of a, whether or not it has any yet */
static inline void
add_totals(Duration *a, int64 n, int64 min, int64 max, int128 sum)
{
	a->min = a->n > 0 ? Min(a->min, min) : min;
	a->max = a->n > 0 ? Max(a->max, max) : max;
	a->sum += sum;				/* below 2^63 summands below 2^63 */
	if (unlikely(pg_add_s64_overflow(a->n, n, &a->n)))
		value_overflow(&duration_type);
}

/* an observation, met so many times, in an open form */
static inline Duration *
observe(Duration *duration, int64 micros, int64 count)
{
	add_totals(duration, count, micros, micros, (int128) micros * count);
	return add_count(duration, key_of(duration, micros), count);
}

/* pool b into a, which is open */
static void *
duration_pool(void *a, const void *b)
{
	Duration   *duration = a;
	const Duration *more = b;
	CountScan	scan = scan_counts(more);
	bool		covered = false;

	if (more->n == 0)
		return duration;
	add_totals(duration, more->n, more->min, more->max, more->sum);
	if (is_list(duration) && !is_list(more))
		duration = to_buckets(duration, LIST_MOST);
	while (next_count(&scan))
	{
		/* once it is dense, room for all: not a copy for each bucket that comes */
		if (duration->form == DENSE && !covered)
		{
			duration = cover(duration, bucket_of(more->min), bucket_of(more->max));
			covered = true;
		}
		duration = add_count(duration, is_list(more) ? key_of(duration, scan.key) : scan.key,
							 scan.count);
	}
	return duration;
}

static void *
duration_open(void *value)
{
	Duration   *duration = value;

	if (duration->form >= DENSE)
		return duration;
	if (duration->form == PACKED)
		return to_buckets(duration, LIST_MOST);
	return duration_pool(new_list(), duration);
}

static void *
duration_pack(const void *value)
{
	const Duration *duration = value;
	CountScan	scan = scan_counts(duration);
	Duration   *packed;
	uint8	   *p;
	int			entries;
	int64		key;

	if (duration->form < DENSE)
		return unconstify(Duration *, duration);
	entries = duration->form == DENSE ? DENSE_LENGTH(duration) : duration->first;
	packed = new_duration(DURATION_HEADER + 2 * VARINT_BYTES * entries,
						  is_list(duration) ? PACKED_LIST : PACKED);
	copy_totals(packed, duration);
	key = key_of(duration, duration->min);
	packed->first = is_list(duration) ? entries : key;
	p = packed->counts;
	while (next_count(&scan))
	{
		if (p > packed->counts)
			p = put_varint(p, (uint64) scan.key - (uint64) key);
		p = put_varint(p, scan.count);
		key = scan.key;
	}
	SET_VARSIZE(packed, p - (uint8 *) packed);
	return packed;
}

/*
 * Reading a duration from text or wire: either the observations of a list in
 * ascending order, or the bounds, which say which buckets there can be, and these
 * in ascending order.  Each step returns the rule that is broken.
 */
static const char *const count_rule =
	"Counts must be positive, and their sum must be below 2^63.";

static const char *
read_observation(Duration **list, int64 micros, int64 count)
{
	const Duration *so_far = *list;

	if (micros == PG_INT64_MIN)
		return "An observation must be above -2^63 microseconds.";
	if (so_far->n > 0 && micros <= so_far->max)
		return "Observations must be in ascending order, equal ones counted together.";
	if (so_far->first == LIST_MOST)
		return "More than 100 different observations are written as buckets.";
	if (count <= 0 || count > PG_INT64_MAX - so_far->n)
		return count_rule;
	*list = observe(*list, micros, count);
	return NULL;
}

static const char *
read_bounds(Duration **buckets, int128 sum, int64 min, int64 max)
{
	if (min > max || min == PG_INT64_MIN)
		return "The shortest cannot be longer than the longest.";
	*buckets = new_dense(bucket_of(min), bucket_of(max));
	(*buckets)->sum = sum;
	(*buckets)->min = min;
	(*buckets)->max = max;
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
		return count_rule;
	DENSE_COUNTS(duration)[i] = count;
	*next = i + 1;
	return NULL;
}

/* the buckets as a whole */
static const char *
read_end(const Duration *duration)
{
	CountScan	scan = scan_counts(duration);
	int128		least = 0;
	int128		most = 0;
	int128		different = 0;	/* at most */
	int64		low;
	int64		high;

	if (DENSE_COUNTS(duration)[0] == 0 || DENSE_COUNTS(duration)[DENSE_LENGTH(duration) - 1] == 0)
		return "The shortest and the longest must lie in the first and the last bucket.";
	while (next_count(&scan))
	{
		bucket_bounds(scan.key, &low, &high);
		low = Max(low, duration->min);
		high = Min(high, duration->max);
		least += (int128) scan.count * low;
		most += (int128) scan.count * high;
		different += Min(scan.count, high - low + 1);
	}
	if (different <= LIST_MOST)
		return "Buckets stand for more than 100 different observations: list fewer one by one.";

	/* one observation each is the longest and the shortest */
	bucket_bounds(bucket_of(duration->max), &low, &high);
	least += (int128) duration->max - Max(low, duration->min);
	bucket_bounds(bucket_of(duration->min), &low, &high);
	most -= (int128) Min(high, duration->max) - duration->min;
	if (duration->sum < least || duration->sum > most)
		return "The total does not go together with the counts.";
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

static const char *const syntax =
	"A duration is the total seconds and the number of observations, then each of them in seconds "
	"with its count, or of more than 100 different ones [shortest,longest] and the count of each "
	"bucket.";

/* step over the one space before another part, false if there is none */
static bool
another_part(const char **text)
{
	if (**text != ' ' || (*text)[1] == '\0' || isspace((unsigned char) (*text)[1]))
		return false;
	(*text)++;
	return true;
}

static const char *
parse_list(const char **text, Duration **list)
{
	const char *broken = NULL;
	int64		micros;
	int64		count;

	*list = new_list();
	while (broken == NULL && another_part(text))
	{
		if (!parse_bound(text, &micros) || *(*text)++ != ':' || !count_parse(text, &count))
			return syntax;
		broken = read_observation(list, micros, count);
	}
	return broken;
}

static const char *
parse_buckets(const char **text, int128 sum, Duration **buckets)
{
	const char *broken;
	int64		min;
	int64		max;
	int64		bucket;
	int64		count;
	int64		next = 0;

	if (!parse_bound(text, &min) || *(*text)++ != ',' || !parse_bound(text, &max) ||
		*(*text)++ != ']')
		return syntax;
	broken = read_bounds(buckets, sum, min, max);
	while (broken == NULL && another_part(text))
	{
		int64		sign = **text == '-' ? -1 : 1;

		*text += sign < 0;
		if (!count_parse(text, &bucket) || *(*text)++ != ':' || !count_parse(text, &count))
			return syntax;
		broken = bucket > LAST_BUCKET || (bucket == 0 && sign < 0)
					 ? "There is no such bucket."
					 : read_bucket(*buckets, &next, sign * bucket, count);
	}
	return broken != NULL ? broken : read_end(*buckets);
}

static const char *
duration_parse(const char *text, void **value)
{
	Duration   *duration;
	const char *broken;
	int128		sum;
	int64		n;

	while (isspace((unsigned char) *text))
		text++;
	if (!parse_micros(&text, &sum) || *text++ != '/' || !count_parse(&text, &n))
		return syntax;
	if (text[0] == ' ' && text[1] == '[')
	{
		text += 2;
		broken = parse_buckets(&text, sum, &duration);
	}
	else
		broken = parse_list(&text, &duration);
	if (broken != NULL)
		return broken;
	while (isspace((unsigned char) *text))
		text++;
	if (*text != '\0')
		return syntax;
	if (n != duration->n)
		return "The number of observations is not the sum of the counts.";
	if (sum != duration->sum)
		return "The total is not the sum of the observations.";
	*value = duration_pack(duration);
	return NULL;
}

static void
duration_print(StringInfo text, const void *value)
{
	const Duration *duration = value;
	CountScan	scan = scan_counts(duration);

	print_micros(text, duration->sum);
	appendStringInfo(text, "/" INT64_FORMAT, duration->n);
	if (!is_list(duration))
	{
		appendStringInfoString(text, " [");
		print_micros(text, duration->min);
		appendStringInfoChar(text, ',');
		print_micros(text, duration->max);
		appendStringInfoChar(text, ']');
	}
	while (next_count(&scan))
	{
		appendStringInfoChar(text, ' ');
		if (is_list(duration))
			print_micros(text, scan.key);
		else
			appendStringInfo(text, INT64_FORMAT, scan.key);
		appendStringInfo(text, ":" INT64_FORMAT, scan.count);
	}
}

/* which of the two follows on the wire */
#define WIRE_LIST 0
#define WIRE_BUCKETS 1

static void
duration_to_wire(StringInfo message, const void *value)
{
	const Duration *duration = value;
	CountScan	scan = scan_counts(duration);

	pq_sendbyte(message, is_list(duration) ? WIRE_LIST : WIRE_BUCKETS);
	if (!is_list(duration))
	{
		int128_send(message, duration->sum);
		pq_sendint64(message, duration->min);
		pq_sendint64(message, duration->max);
	}
	while (next_count(&scan))
	{
		if (is_list(duration))
			pq_sendint64(message, scan.key);
		else
			pq_sendint16(message, scan.key);
		pq_sendint64(message, scan.count);
	}
}

static const char *
receive_list(StringInfo message, Duration **list)
{
	const char *broken = NULL;

	*list = new_list();
	while (broken == NULL && message->cursor < message->len)
	{
		int64		micros = pq_getmsgint64(message);

		broken = read_observation(list, micros, pq_getmsgint64(message));
	}
	return broken;
}

static const char *
receive_buckets(StringInfo message, Duration **buckets)
{
	int128		sum = int128_receive(message);
	int64		min = pq_getmsgint64(message);
	int64		max = pq_getmsgint64(message);
	const char *broken = read_bounds(buckets, sum, min, max);
	int64		next = 0;

	while (broken == NULL && message->cursor < message->len)
	{
		int16		bucket = (int16) pq_getmsgint(message, sizeof(int16));

		broken = read_bucket(*buckets, &next, bucket, pq_getmsgint64(message));
	}
	return broken != NULL ? broken : read_end(*buckets);
}

static const char *
duration_receive(StringInfo message, void **value)
{
	int			form = pq_getmsgbyte(message);
	Duration   *duration;
	const char *broken;

	if (form != WIRE_LIST && form != WIRE_BUCKETS)
		return "A list of observations begins with 0, buckets begin with 1.";
	broken = form == WIRE_LIST ? receive_list(message, &duration)
							   : receive_buckets(message, &duration);
	if (broken == NULL)
		*value = duration_pack(duration);
	return broken;
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
	.form = "seconds/observations seconds:count ..., for example 9000/3 1800:1 3600:2, or 0/0 for "
			"none",
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

static Interval *
micros_interval(int64 micros)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->day = (int32) (micros / USECS_PER_DAY);
	interval->time = micros % USECS_PER_DAY;
	return interval;
}

/* what the transition functions return: the duration with one more observation */
static inline Datum
one_more(FunctionCallInfo fcinfo, int64 micros)
{
	return value_result(fcinfo, &duration_type,
						observe(value_own(fcinfo, &duration_type), micros, 1));
}

/* duration_accum_timestamps(duration, start, finish): of either timestamp type */
PG_FUNCTION_INFO_V1(duration_accum_timestamps);
Datum
duration_accum_timestamps(PG_FUNCTION_ARGS)
{
	Timestamp	start = PG_GETARG_TIMESTAMP(1);
	Timestamp	finish = PG_GETARG_TIMESTAMP(2);

	return one_more(fcinfo, elapsed_micros(start, finish));
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
	return one_more(fcinfo, micros);
}

/* duration_accum_interval(duration, elapsed); 22023 for an interval with months */
PG_FUNCTION_INFO_V1(duration_accum_interval);
Datum
duration_accum_interval(PG_FUNCTION_ARGS)
{
	return one_more(fcinfo, interval_micros(PG_GETARG_INTERVAL_P(1)));
}

/* make_duration(intervals): from an array of observations, NULLs left out */
PG_FUNCTION_INFO_V1(make_duration);
Datum
make_duration(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	Duration   *duration = new_list();
	Datum		element;
	bool		isnull;

	while (array_iterate(iterator, &element, &isnull))
		if (!isnull)
			duration = observe(duration, interval_micros(DatumGetIntervalP(element)), 1);
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

/* the observation of a rank counted from 0: of buckets the middle, but at both ends */
static int64
ranked(const Duration *duration, int64 rank)
{
	CountScan	scan = scan_counts(duration);
	int64		low;
	int64		high;
	int64		middle;

	if (rank == 0)
		return duration->min;
	if (rank == duration->n - 1)
		return duration->max;
	while (next_count(&scan) && rank >= scan.count)
		rank -= scan.count;
	if (is_list(duration))
		return scan.key;
	bucket_bounds(scan.key, &low, &high);
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
 * observations, each known exactly in a list, else to within 1 percent; there has
 * to be one.
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
 * steps of one finished duration if both are lists, else of one bucket.  What is
 * open is only known to take longer than its age so far: until then it counts
 * among those that might have finished.  At equal times, as all in one bucket are
 * taken to be, what finishes comes before what is open.
 */
typedef struct Curve
{
	CountScan	finished;
	CountScan	open;
	bool		some_open;		/* the scan of the open ones stands on a count */
	uint64		left;			/* finished at this time or later, or open as long */
	double		share;			/* unfinished when the last open one went out of sight */
	double		base;			/* left after that */
} Curve;

static Curve
start_curve(const Duration *finished, const Duration *open)
{
	bool		buckets = !is_list(finished) || !is_list(open);
	Curve		curve = {
		.left = (uint64) finished->n + (uint64) open->n,
		.share = 1
	};

	if (buckets && is_list(finished))
		finished = to_buckets(finished, LIST_MOST);
	if (buckets && is_list(open))
		open = to_buckets(open, LIST_MOST);
	curve.finished = scan_counts(finished);
	curve.open = scan_counts(open);
	curve.some_open = next_count(&curve.open);
	curve.base = (double) curve.left;
	return curve;
}

/* step to the next time at which any finished */
static bool
next_step(Curve *curve)
{
	curve->left -= curve->finished.count;
	if (!next_count(&curve->finished))
		return false;
	if (curve->some_open && curve->open.key < curve->finished.key)
	{
		curve->share *= (double) curve->left / curve->base;
		do
		{
			curve->left -= curve->open.count;
			curve->some_open = next_count(&curve->open);
		} while (curve->some_open && curve->open.key < curve->finished.key);
		curve->base = (double) curve->left;
	}
	return true;
}

/* the share not finished after so many of the step: rounded just once until one is open */
static double
unfinished(const Curve *curve, int64 count)
{
	return curve->share * ((double) (curve->left - count) / curve->base);
}

#define SHARE_FUZZ 1e-11		/* more than rounding over all steps adds up to */

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
 * survival(finished, open, at): the share that takes longer than at, of buckets to
 * the end of its own, but for the shortest and the longest; NULL without data.
 * Error: 22023 for an interval with months.
 */
PG_FUNCTION_INFO_V1(duration_survival);
Datum
duration_survival(PG_FUNCTION_ARGS)
{
	Duration   *finished = value_argument(fcinfo, &duration_type, 0);
	Duration   *open = value_argument(fcinfo, &duration_type, 1);
	int64		at = interval_micros(PG_GETARG_INTERVAL_P(2));
	Curve		curve = start_curve(finished, open);
	int64		last = key_of(curve.finished.duration, at);
	int64		longest = key_of(curve.finished.duration, finished->max);
	double		share = 1;

	if (curve.left == 0)
		PG_RETURN_NULL();
	if (finished->n == 0 || at < finished->min)
		PG_RETURN_FLOAT8(1);
	while (next_step(&curve) && curve.finished.key <= last)
	{
		int64		count = curve.finished.count;

		if (at < finished->max && curve.finished.key == longest)
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
	CountScan	scan = scan_counts(is_list(duration) ? to_buckets(duration, LIST_MOST) : duration);

	InitMaterializedSRF(fcinfo, 0);
	while (next_count(&scan))
	{
		Datum		row[3];
		bool		nulls[3] = {false};
		int64		low,
					high;

		bucket_bounds(scan.key, &low, &high);
		row[0] = IntervalPGetDatum(micros_interval(low));
		row[1] = IntervalPGetDatum(micros_interval(high));
		row[2] = Int64GetDatum(scan.count);
		tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
	}
	return (Datum) 0;
}
