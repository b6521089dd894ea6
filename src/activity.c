/*
 * activity.c - which customers were active in which period, once or more often
 *
 * Everything about who comes back is read from this one set of (customer,
 * period): repeat purchase, new and returning customers, retention of cohorts.
 * It is exact, so sets can be intersected, which sketches cannot do: the error
 * of an approximate intersection is that of the union.
 *
 * While it is aggregated it is an expanded object: for every 32 periods an
 * open-addressing table from customer to two bits for each period, active and
 * active more than once.  A row costs one probe; memory grows with customers,
 * not with rows.  Flat, as it is stored, pooled and read, it is a sequence of
 * customers in ascending order, each with its periods in ascending order:
 *
 *		header, periods, for each period the number of rows without a customer,
 *		for each customer the distance from the one before and its periods
 *
 * in variable-length integers, some two bytes for each customer and period.
 * The same multiset has the same bytes, whatever way it came about.
 *
 * Sorting and packing take as long as a good part of the rows, so it is left out
 * where nobody looks: a parallel worker hands on its table slot by slot, and
 * what only counts customers, in whatever order, reads a table as it is.
 *
 * Customers are bigints, or 64-bit hashes of a uuid or text: see identity.h.  A
 * NULL customer is somebody unknown; their rows are only counted.
 *
 * There is no subtraction: of what happened more than once, once may be left.
 * But customers can be taken out with all they did, and put in again: without.
 */
#include "calendar.h"
#include "counts.h"
#include "identity.h"
#include "iso.h"
#include "rate.h"
#include "value.h"
#include "varint.h"

#include "access/parallel.h"
#include "funcapi.h"
#include "access/xlog.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

typedef enum CustomerKind
{
	ANY_CUSTOMER,				/* as long as none is known */
	BIGINT_CUSTOMER, UUID_CUSTOMER, TEXT_CUSTOMER,
	UUID_BIG_ENDIAN, TEXT_BIG_ENDIAN	/* hashed by a machine of this byte order */
} CustomerKind;

static const char *const kind_names[] = {"", "", "uuid", "text", "uuid-be", "text-be"};

/* hashes depend on the byte order, so those of another machine are other customers */
#ifdef WORDS_BIGENDIAN
#define HASHED_UUID UUID_BIG_ENDIAN
#define HASHED_TEXT TEXT_BIG_ENDIAN
#else
#define HASHED_UUID UUID_CUSTOMER
#define HASHED_TEXT TEXT_CUSTOMER
#endif

static const ValueType activity_type;

/* ---- the flat form ---- */

typedef struct Activity
{
	int32		vl_len_;
	uint8		version;		/* ACTIVITY_VERSION, or SLOTS_VERSION */
	uint8		kind;			/* CustomerKind */
	int16		unused;
	int64		customers;
	int32		nperiods;
	DateADT		period[FLEXIBLE_ARRAY_MEMBER];	/* ascending, each with somebody active */
	/* varints: the rows without a customer of each period, then the customers */
} Activity;

#define ACTIVITY_VERSION 1
#define SLOTS_VERSION 2			/* in transit from a parallel worker, see there */
#define ACTIVITY_BODY(activity) ((const uint8 *) &(activity)->period[(activity)->nperiods])
#define ACTIVITY_END(activity) ((const uint8 *) (activity) + VARSIZE(activity))

StaticAssertDecl(offsetof(Activity, period) == 20,
				 "the periods of an activity on disk start at byte 20");

/* a customer's period in the flat form: its distance from the one before, and two flags */
#define PERIOD_LAST 1			/* of this customer */
#define PERIOD_MORE 2			/* active more than once */
#define PERIOD_SHIFT 2

/* a customer's activity in 32 periods, two bits for each: ACTIVE and MORE */
typedef struct Slot
{
	int64		customer;
	uint64		periods;		/* zero: the slot is free */
} Slot;

#define BLOCK_PERIODS 32
#define ACTIVE UINT64CONST(1)
#define ACTIVE_ONLY UINT64CONST(0x5555555555555555)

/* reading one customer after the other */
typedef struct CustomerScan
{
	int			nperiods;
	const DateADT *date;
	int64	   *unknown;		/* rows without a customer, for each period */
	const uint8 *next;			/* of the flat form, customers in ascending order */
	const uint8 *end;
	const Slot *slot;			/* or else of a table, in any order */
	const Slot *last_slot;
	const int  *rank;			/* of the periods of a table by date */
	int64		customer;
	int			n;				/* periods of the customer: numbers, and whether more than once */
	int		   *period;
	bool	   *more;
} CustomerScan;

static CustomerScan
begin_scan(const Activity *activity)
{
	CustomerScan scan = {
		.nperiods = activity->nperiods,
		.date = activity->period,
		.next = ACTIVITY_BODY(activity),
		.end = ACTIVITY_END(activity)
	};

	if (activity->version != ACTIVITY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unknown version %d of a stored activity", activity->version)));
	scan.unknown = palloc(activity->nperiods * sizeof(int64));
	scan.period = palloc(activity->nperiods * sizeof(int));
	scan.more = palloc(activity->nperiods * sizeof(bool));
	for (int i = 0; i < activity->nperiods; i++)
		scan.next = get_varint(scan.next, (uint64 *) &scan.unknown[i]);
	return scan;
}

static void
end_scan(CustomerScan *scan)
{
	pfree(scan->unknown);
	pfree(scan->period);
	pfree(scan->more);
}

/* the bits of a slot's periods where they belong by date */
static inline void
rank_periods(uint64 periods, const int *rank, uint64 *bits)
{
	for (uint64 rest = periods & ACTIVE_ONLY; rest != 0; rest &= rest - 1)
	{
		int			shift = pg_rightmost_one_pos64(rest);
		int			place = rank[shift / 2];

		bits[place / BLOCK_PERIODS] |= (periods >> shift & 3) << place % BLOCK_PERIODS * 2;
	}
}

/* read off the periods that start with the first one; returns how many there are now */
static inline int
list_periods(uint64 bits, int first, int n, int *period, bool *more)
{
	for (uint64 rest = bits & ACTIVE_ONLY; rest != 0; rest &= rest - 1)
	{
		int			shift = pg_rightmost_one_pos64(rest);

		period[n] = first + shift / 2;
		more[n++] = (bits >> shift & 2) != 0;
	}
	return n;
}

static bool
next_slot(CustomerScan *scan)
{
	uint64		bits = 0;

	while (scan->slot < scan->last_slot && scan->slot->periods == 0)
		scan->slot++;
	if (scan->slot == scan->last_slot)
		return false;
	rank_periods(scan->slot->periods, scan->rank, &bits);
	scan->customer = scan->slot++->customer;
	scan->n = list_periods(bits, 0, 0, scan->period, scan->more);
	return true;
}

static bool
next_customer(CustomerScan *scan)
{
	uint64		token;
	int			period = -1;

	CHECK_FOR_INTERRUPTS();
	if (scan->slot != NULL)
		return next_slot(scan);
	if (scan->next >= scan->end)
		return false;
	scan->next = get_varint(scan->next, &token);
	scan->customer = (int64) ((uint64) scan->customer + token);
	scan->n = 0;
	do
	{
		scan->next = get_varint(scan->next, &token);
		period += (int) (token >> PERIOD_SHIFT) + 1;
		scan->period[scan->n] = period;
		scan->more[scan->n++] = (token & PERIOD_MORE) != 0;
	} while (!(token & PERIOD_LAST));
	return true;
}

/* writing one customer after the other */
typedef struct FlatBuilder
{
	Activity   *activity;
	uint8	   *next;
	Size		room;
	int64		last;
} FlatBuilder;

static void
builder_room(FlatBuilder *builder, Size more)
{
	Size		used = builder->next - (uint8 *) builder->activity;

	if (used + more <= builder->room)
		return;
	builder->room = Max(builder->room * 2, used + more);
	builder->activity = repalloc_huge(builder->activity, builder->room);
	builder->next = (uint8 *) builder->activity + used;
}

static FlatBuilder
begin_flat(CustomerKind kind, int nperiods, const DateADT *period, const int64 *unknown)
{
	FlatBuilder builder = {
		.room = offsetof(Activity, period) + nperiods * (sizeof(DateADT) + VARINT_BYTES) + 64
	};

	builder.activity = palloc0(builder.room);
	builder.activity->version = ACTIVITY_VERSION;
	builder.activity->kind = kind;
	builder.activity->nperiods = nperiods;
	memcpy(builder.activity->period, period, nperiods * sizeof(DateADT));
	builder.next = (uint8 *) ACTIVITY_BODY(builder.activity);
	for (int i = 0; i < nperiods; i++)
		builder.next = put_varint(builder.next, unknown[i]);
	return builder;
}

/* customers must come in ascending order, and their periods, too */
static void
append_customer(FlatBuilder *builder, int64 customer, int n, const int *period, const bool *more)
{
	int			last = -1;

	builder_room(builder, (n + 1) * VARINT_BYTES);
	builder->next = put_varint(builder->next, (uint64) customer - (uint64) builder->last);
	builder->last = customer;
	builder->activity->customers++;
	for (int i = 0; i < n; i++)
	{
		builder->next = put_varint(builder->next,
								   (uint64) (period[i] - last - 1) << PERIOD_SHIFT |
								   (more[i] ? PERIOD_MORE : 0) | (i == n - 1 ? PERIOD_LAST : 0));
		last = period[i];
	}
}

/* Error: 54000 if it is larger than a value can be */
static Activity *
end_flat(FlatBuilder *builder)
{
	Size		size = builder->next - (uint8 *) builder->activity;

	if (builder->activity->customers == 0)
		builder->activity->kind = ANY_CUSTOMER;
	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("activity of " INT64_FORMAT " customers exceeds the size of a value",
						builder->activity->customers),
				 errdetail("It takes %zu bytes of at most %zu.", size, (Size) MaxAllocSize),
				 errhint("Split it, for example by a remainder of the customer's number: the "
						 "counts of the parts add up.")));
	SET_VARSIZE(builder->activity, size);
	if (builder->room > 2 * size)	/* it may stay beside the table it is made from */
		builder->activity = repalloc(builder->activity, size);
	return builder->activity;
}

/* ---- the expanded form ---- */

typedef struct Block
{
	Slot	   *slot;
	int			bits;			/* 2^bits slots */
	int64		used;
} Block;

#define FIRST_BITS 3

/*
 * A row waits here until the memory it needs has arrived: in a large table
 * nearly every probe would stall on it.
 */
typedef struct Pending
{
	int64		customer;
	int			period;
	bool		more;
} Pending;

#define MOST_PENDING 32

typedef struct ActivityTable
{
	ExpandedObjectHeader header;
	CustomerKind kind;
	int			nperiods;		/* in the order they came */
	int			room;
	DateADT    *period;
	int64	   *unknown;
	Block	   *block;
	int		   *index;			/* hash of date to 1 + number of period, 4 * room slots */
	int			last;			/* the period that was looked up last */
	Activity   *flat;			/* what flattening gave, until something changes */
	int			npending;
	Pending		pending[MOST_PENDING];
} ActivityTable;

static Size table_flat_size(ExpandedObjectHeader *header);
static void table_flatten(ExpandedObjectHeader *header, void *result, Size size);

static const ExpandedObjectMethods table_methods = {table_flat_size, table_flatten};

static const char context_name[] = "activity";

static MemoryContext
own_context(MemoryContext parent)
{
	return AllocSetContextCreateInternal(parent, context_name, ALLOCSET_START_SMALL_SIZES);
}

/*
 * The tables of all groups of an aggregate share a child of its context: the
 * executor asks for the memory of all children with every new group, and never
 * deletes a state that it gets back as it was.
 */
static MemoryContext
group_context(MemoryContext parent)
{
	MemoryContext child = parent->firstchild;

	while (child != NULL && child->name != context_name)
		child = child->nextchild;
	return child != NULL ? child : own_context(parent);
}

/*
 * Who chooses customer ids, as visitors do theirs, could choose some that all
 * meet in one place of the table.  So ids are mixed with a salt that is not told
 * to clients.  It is the same in all processes of a server, so that tables have
 * the same order, see nth_slot(); nothing that is stored depends on it.
 */
static uint64 salt;

static void
find_salt(void)
{
	uint64		server[2] = {GetSystemIdentifier(), (uint64) PgStartTime};

	salt = hash_bytes_extended((unsigned char *) server, sizeof(server), 0) | 1;
}

static ActivityTable *
new_table(MemoryContext context)
{
	ActivityTable *table = MemoryContextAllocZero(context, sizeof(ActivityTable));

	if (unlikely(salt == 0))
		find_salt();
	EOH_init_header(&table->header, &table_methods, context);
	return table;
}

/* the finalizer of MurmurHash3, of which the high bits are as good as the low ones */
static inline uint64
hash_id(int64 id, int bits)
{
	uint64		h = (uint64) id ^ salt;

	h = (h ^ h >> 33) * UINT64CONST(0xFF51AFD7ED558CCD);
	h = (h ^ h >> 33) * UINT64CONST(0xC4CEB9FE1A85EC53);
	return h >> (64 - bits);
}

static inline Slot *
probe(const Block *block, int64 customer)
{
	uint64		mask = (UINT64CONST(1) << block->bits) - 1;
	uint64		i = hash_id(customer, block->bits);

	while (block->slot[i].periods != 0 && block->slot[i].customer != customer)
		i = (i + 1) & mask;
	return &block->slot[i];
}

static void
grow_block(ActivityTable *table, Block *block, int bits)
{
	Block		larger = {.bits = bits,.used = block->used};

	CHECK_FOR_INTERRUPTS();
	larger.slot = MemoryContextAllocHuge(table->header.eoh_context, sizeof(Slot) << larger.bits);
	want_large_pages(larger.slot, sizeof(Slot) << larger.bits);
	memset(larger.slot, 0, sizeof(Slot) << larger.bits);
	if (block->slot != NULL)
	{
		for (int64 i = 0; i < INT64CONST(1) << block->bits; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (block->slot[i].periods != 0)
				*probe(&larger, block->slot[i].customer) = block->slot[i];
		}
		pfree(block->slot);
	}
	*block = larger;
}

/* where the number of a period is found, or belongs, in the index */
static inline int *
index_slot(const ActivityTable *table, DateADT date)
{
	uint32		mask = 4 * table->room - 1;
	uint32		i = (uint32) hash_id(date, 32) & mask;

	while (table->index[i] != 0 && table->period[table->index[i] - 1] != date)
		i = (i + 1) & mask;
	return &table->index[i];
}

static void
more_room(ActivityTable *table)
{
	MemoryContext context = table->header.eoh_context;

	if (table->room == 0)
	{
		/* a first period is often the only one */
		table->room = 1;
		table->period = MemoryContextAlloc(context, sizeof(DateADT));
		table->unknown = MemoryContextAlloc(context, sizeof(int64));
	}
	else
	{
		table->room *= 2;
		table->period = repalloc_huge(table->period, table->room * sizeof(DateADT));
		table->unknown = repalloc_huge(table->unknown, table->room * sizeof(int64));
		pfree(table->index);
	}
	table->index = MemoryContextAllocExtended(context, 4 * table->room * sizeof(int),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < table->nperiods; i++)
		*index_slot(table, table->period[i]) = i + 1;
}

/* the number of a period, a new one if need be */
static inline int
period_number(ActivityTable *table, DateADT date)
{
	int			n = table->nperiods;
	int		   *slot;

	if (likely(n > 0 && table->period[table->last] == date))
		return table->last;
	if (n > 0)
	{
		slot = index_slot(table, date);
		if (*slot != 0)
			return table->last = *slot - 1;
	}
	if (n == table->room)
		more_room(table);
	if (n % BLOCK_PERIODS == 0)
	{
		Size		size = (n / BLOCK_PERIODS + 1) * sizeof(Block);

		table->block = n == 0 ? MemoryContextAlloc(table->header.eoh_context, size)
							  : repalloc_huge(table->block, size);
		memset(&table->block[n / BLOCK_PERIODS], 0, sizeof(Block));
	}
	table->period[n] = date;
	table->unknown[n] = 0;
	*index_slot(table, date) = n + 1;
	table->nperiods++;
	return table->last = n;
}

/* full at three quarters */
#define MOST_USED(bits) (INT64CONST(3) << (bits) >> 2)

/* the slot of a customer, a new one if need be */
static inline Slot *
customer_slot(ActivityTable *table, Block *block, int64 customer)
{
	Slot	   *slot;

	if (unlikely(block->slot == NULL || block->used >= MOST_USED(block->bits)))
		grow_block(table, block, block->slot == NULL ? FIRST_BITS : block->bits + 1);
	slot = probe(block, customer);
	if (slot->periods == 0)
	{
		slot->customer = customer;
		block->used++;
	}
	return slot;
}

/* one more row of a customer in a period */
static inline void
add_customer(ActivityTable *table, int64 customer, int period, bool more)
{
	int			shift = period % BLOCK_PERIODS * 2;
	Slot	   *slot = customer_slot(table, &table->block[period / BLOCK_PERIODS], customer);

	/* the first time sets ACTIVE, the second MORE */
	slot->periods |= (more ? 3 : (slot->periods >> shift & ACTIVE) + 1) << shift;
}

/* add the rows that wait, before anything is read */
static void
settle(ActivityTable *table)
{
	for (int i = 0; i < table->npending; i++)
		add_customer(table, table->pending[i].customer, table->pending[i].period,
					 table->pending[i].more);
	table->npending = 0;
}

static inline void
add_row(ActivityTable *table, int64 customer, int period, bool more)
{
	const Block *block = &table->block[period / BLOCK_PERIODS];

	if (table->npending == MOST_PENDING)
		settle(table);
	if (block->slot != NULL)
		__builtin_prefetch(&block->slot[hash_id(customer, block->bits)], 1);
	table->pending[table->npending++] = (Pending) {customer, period, more};
}

/* Error: 22023 if customers of another kind are in it */
static inline void
same_kind(ActivityTable *table, CustomerKind kind)
{
	if (table->kind == ANY_CUSTOMER)
		table->kind = kind;
	else if (unlikely(kind != ANY_CUSTOMER && kind != table->kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot mix bigint, uuid and text customers in one activity"),
				 errdetail("The same customer would be two."),
				 kind >= UUID_BIG_ENDIAN || table->kind >= UUID_BIG_ENDIAN ?
				 errhint("Those marked -be were hashed on a machine of another byte order: "
						 "aggregate them anew from their rows.") :
				 errhint("Use one kind of customer id everywhere, casting where needed.")));
}

static void
add_unknown(ActivityTable *table, int period, int64 rows)
{
	if (pg_add_s64_overflow(table->unknown[period], rows, &table->unknown[period]))
		value_overflow(&activity_type);
}

/* what flattening gave is not true any more */
static inline void
changed(ActivityTable *table)
{
	if (unlikely(table->flat != NULL))
	{
		pfree(table->flat);
		table->flat = NULL;
	}
}

/* the numbers in the table of other periods, whose rows without a customer it gets */
static int *
add_periods(ActivityTable *table, CustomerKind kind, int n, const DateADT *date,
			const int64 *unknown)
{
	int		   *number = palloc(n * sizeof(int));

	changed(table);
	settle(table);
	same_kind(table, kind);
	for (int i = 0; i < n; i++)
	{
		number[i] = period_number(table, date[i]);
		add_unknown(table, number[i], unknown[i]);
	}
	return number;
}

/* one more slot, of the periods with these numbers in the table */
static void
add_slot(ActivityTable *table, const Slot *slot, const int *number)
{
	uint64		rest = slot->periods & ACTIVE_ONLY;

	while (rest != 0)
	{
		int			b = number[pg_rightmost_one_pos64(rest) / 2] / BLOCK_PERIODS;
		uint64		bits = 0;
		uint64	   *periods;

		/* as many of its periods as lie in one block */
		for (; rest != 0; rest &= rest - 1)
		{
			int			shift = pg_rightmost_one_pos64(rest);
			int			place = number[shift / 2];

			if (place / BLOCK_PERIODS != b)
				break;
			bits |= (slot->periods >> shift & 3) << place % BLOCK_PERIODS * 2;
		}
		periods = &customer_slot(table, &table->block[b], slot->customer)->periods;
		*periods |= bits | (*periods & bits & ACTIVE_ONLY) << 1;
	}
}

/*
 * make room for slots to come, most of them in the block of this period; some
 * may be there already
 */
static void
expect_slots(ActivityTable *table, int first_period, int64 slots)
{
	Block	   *block = &table->block[first_period / BLOCK_PERIODS];
	int			bits = block->slot == NULL ? FIRST_BITS : block->bits;

	while (slots > MOST_USED(bits))
		bits++;
	if (block->slot == NULL || bits > block->bits)
		grow_block(table, block, bits);
}

/*
 * The slots of a block, in stretches from here and there.  One after the other
 * they would fill another table, which has the same order, from the front, and
 * each would have to find its place behind all those before.
 */
#define STRETCH_BITS 8

static inline const Slot *
nth_slot(const Block *block, uint64 n)
{
	uint64		stretch = (n >> STRETCH_BITS) * UINT64CONST(0x9E3779B97F4A7C15);
	uint64		mask = (UINT64CONST(1) << block->bits) - 1;

	return &block->slot[(stretch << STRETCH_BITS | (n & ((1 << STRETCH_BITS) - 1))) & mask];
}

static inline int
block_count(int nperiods)
{
	return (nperiods + BLOCK_PERIODS - 1) / BLOCK_PERIODS;
}

static inline int64
slot_count(const Block *block)
{
	return block->slot == NULL ? 0 : INT64CONST(1) << block->bits;
}

static void
add_table(ActivityTable *table, ActivityTable *more)
{
	int		   *number;

	settle(more);
	number = add_periods(table, more->kind, more->nperiods, more->period, more->unknown);
	for (int b = 0; b < block_count(more->nperiods); b++)
	{
		const Block *block = &more->block[b];

		expect_slots(table, number[b * BLOCK_PERIODS], block->used);
		for (int64 i = 0; i < slot_count(block); i++)
		{
			const Slot *slot = nth_slot(block, i);

			CHECK_FOR_INTERRUPTS();
			if (slot->periods != 0)
				add_slot(table, slot, number + b * BLOCK_PERIODS);
		}
	}
	pfree(number);
}

/* ---- in transit ---- */

/*
 * What a parallel worker hands to the leader has the header and periods of the
 * flat form, then for each period the rows without a customer, for each block
 * the number of its slots, and the slots.  It is not meant to be stored.  All
 * functions can read it all the same, as somebody else's aggregate over ours
 * might store its state.
 */
static Size
slots_offset(int nperiods)
{
	return MAXALIGN(offsetof(Activity, period) + nperiods * sizeof(DateADT));
}

/* 0 if it would exceed the size of a value */
static Size
slots_size(const ActivityTable *table)
{
	int			n = table->nperiods;
	Size		size = slots_offset(n) + (n + block_count(n)) * sizeof(int64);

	for (int b = 0; b < block_count(n); b++)
		size += table->block[b].used * sizeof(Slot);
	/* it travels in a tuple, which has a header */
	return AllocSizeIsValid(size + 1024) ? size : 0;
}

static void
write_slots(const ActivityTable *table, Activity *result, Size size)
{
	int			n = table->nperiods;
	int64	   *unknown = (int64 *) ((char *) result + slots_offset(n));
	int64	   *used = unknown + n;
	Slot	   *next = (Slot *) (used + block_count(n));

	memset(result, 0, slots_offset(n));
	SET_VARSIZE(result, size);
	result->version = SLOTS_VERSION;
	result->kind = table->kind;
	result->nperiods = n;
	if (n > 0)
	{
		memcpy(result->period, table->period, n * sizeof(DateADT));
		memcpy(unknown, table->unknown, n * sizeof(int64));
	}
	for (int b = 0; b < block_count(n); b++)
	{
		const Block *block = &table->block[b];

		used[b] = block->used;
		for (int64 i = 0; i < slot_count(block); i++)
		{
			const Slot *slot = nth_slot(block, i);

			CHECK_FOR_INTERRUPTS();
			if (slot->periods != 0)
				*next++ = *slot;
		}
	}
}

static void
add_slots(ActivityTable *table, const Activity *activity)
{
	int			n = activity->nperiods;
	const int64 *unknown = (const int64 *) ((const char *) activity + slots_offset(n));
	const int64 *used = unknown + n;
	const Slot *slot = (const Slot *) (used + block_count(n));
	int		   *number = add_periods(table, activity->kind, n, activity->period, unknown);

	for (int b = 0; b < block_count(n); b++)
	{
		expect_slots(table, number[b * BLOCK_PERIODS], used[b]);
		for (int64 i = 0; i < used[b]; i++)
		{
			CHECK_FOR_INTERRUPTS();
			add_slot(table, slot++, number + b * BLOCK_PERIODS);
		}
	}
	pfree(number);
}

static void
add_flat(ActivityTable *table, const Activity *activity)
{
	CustomerScan scan;
	int		   *number;

	if (activity->version == SLOTS_VERSION)
	{
		add_slots(table, activity);
		return;
	}
	scan = begin_scan(activity);
	number = add_periods(table, activity->kind, activity->nperiods, activity->period, scan.unknown);
	while (next_customer(&scan))
		for (int i = 0; i < scan.n; i++)
			add_row(table, scan.customer, number[scan.period[i]], scan.more[i]);
	end_scan(&scan);
	pfree(number);
}

/* ---- from expanded to flat ---- */

static int
compare_dates(const void *a, const void *b, void *period)
{
	DateADT		date_a = ((const DateADT *) period)[*(const int *) a];
	DateADT		date_b = ((const DateADT *) period)[*(const int *) b];

	return (date_a > date_b) - (date_a < date_b);
}

/* the periods by date, and where each one that the table has comes among them */
static void
order_periods(const ActivityTable *table, int *rank, DateADT *date, int64 *unknown)
{
	int			n = table->nperiods;
	int		   *order = palloc(n * sizeof(int));

	for (int i = 0; i < n; i++)
		order[i] = i;
	qsort_arg(order, n, sizeof(int), compare_dates, table->period);
	for (int i = 0; i < n; i++)
	{
		rank[order[i]] = i;
		date[i] = table->period[order[i]];
		unknown[i] = table->unknown[order[i]];
	}
	pfree(order);
}

static int
compare_ints(const void *a, const void *b)
{
	int			int_a = *(const int *) a;
	int			int_b = *(const int *) b;

	return (int_a > int_b) - (int_a < int_b);
}

/*
 * As rank_periods(), and notes which words of bits have something now: of many
 * periods a customer has few, and looking for them in all would take longer than
 * anything else.
 */
static inline int
rank_periods_of_many(uint64 periods, const int *rank, uint64 *bits, int *touched, int ntouched)
{
	for (uint64 rest = periods & ACTIVE_ONLY; rest != 0; rest &= rest - 1)
	{
		int			shift = pg_rightmost_one_pos64(rest);
		int			place = rank[shift / 2];
		uint64	   *word = &bits[place / BLOCK_PERIODS];

		if (*word == 0)
			touched[ntouched++] = place / BLOCK_PERIODS;
		*word |= (periods >> shift & 3) << place % BLOCK_PERIODS * 2;
	}
	return ntouched;
}

/* the canonical form, in the current memory context */
static Activity *
flatten(ActivityTable *table)
{
	int			n = table->nperiods;
	int			nblocks = block_count(n);
	int		   *rank = palloc(n * sizeof(int));
	DateADT    *date = palloc(n * sizeof(DateADT));
	int64	   *unknown = palloc(n * sizeof(int64));
	int		   *period = palloc(n * sizeof(int));
	bool	   *more = palloc(n * sizeof(bool));
	uint64	   *bits = palloc0(nblocks * sizeof(uint64));
	int		   *touched = palloc(nblocks * sizeof(int));
	int64		n_facts = 0;
	int64		at = 0;
	Fact	   *fact;
	Fact	   *sorted;
	FlatBuilder builder;

	order_periods(table, rank, date, unknown);

	/* the customers by number: what is their bits in a block, more the number of the block */
	for (int b = 0; b < nblocks; b++)
		n_facts += table->block[b].used;
	fact = palloc_extended(Max(n_facts, 1) * sizeof(Fact), MCXT_ALLOC_HUGE);
	want_large_pages(fact, n_facts * sizeof(Fact));
	for (int b = 0; b < nblocks; b++)
		for (int64 i = 0; i < slot_count(&table->block[b]); i++)
		{
			const Slot *slot = &table->block[b].slot[i];

			CHECK_FOR_INTERRUPTS();
			if (slot->periods != 0)
				fact[at++] = (Fact) {slot->customer, (int64) slot->periods, b};
		}
	sorted = sort_facts(fact, n_facts);
	pfree(fact);

	builder = begin_flat(table->kind, n, date, unknown);
	for (at = 0; at < n_facts;)
	{
		int64		customer = sorted[at].who;
		int			active = 0;
		int			ntouched = 0;

		CHECK_FOR_INTERRUPTS();

		/* collect the customer's periods by date, then read them off */
		for (; at < n_facts && sorted[at].who == customer; at++)
			ntouched = rank_periods_of_many((uint64) sorted[at].what,
											rank + sorted[at].more * BLOCK_PERIODS, bits,
											touched, ntouched);
		if (ntouched > 1)
			qsort(touched, ntouched, sizeof(int), compare_ints);
		for (int i = 0; i < ntouched; i++)
		{
			active = list_periods(bits[touched[i]], touched[i] * BLOCK_PERIODS, active, period,
								  more);
			bits[touched[i]] = 0;
		}
		append_customer(&builder, customer, active, period, more);
	}
	pfree(sorted);
	pfree(rank);
	pfree(date);
	pfree(unknown);
	pfree(period);
	pfree(more);
	pfree(bits);
	pfree(touched);
	return end_flat(&builder);
}

/* the canonical form, which stays in the table until something changes */
static Activity *
flat_of(ActivityTable *table)
{
	if (table->flat == NULL)
	{
		MemoryContext before = MemoryContextSwitchTo(table->header.eoh_context);

		settle(table);
		table->flat = flatten(table);
		MemoryContextSwitchTo(before);
	}
	return table->flat;
}

/* all that ever leaves a parallel worker as a table is the state of an aggregate */
static Size
table_flat_size(ExpandedObjectHeader *header)
{
	ActivityTable *table = (ActivityTable *) header;
	Size		size = 0;

	if (IsParallelWorker())
	{
		settle(table);
		size = slots_size(table);
	}
	return size > 0 ? size : VARSIZE(flat_of(table));
}

static void
table_flatten(ExpandedObjectHeader *header, void *result, Size size)
{
	ActivityTable *table = (ActivityTable *) header;

	if (IsParallelWorker() && slots_size(table) > 0)
		write_slots(table, result, size);
	else
		memcpy(result, flat_of(table), size);
}

/* the table behind a datum that is one, else NULL */
static ActivityTable *
table_behind(Datum datum)
{
	bool		is_table = VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)) &&
		DatumGetEOHP(datum)->eoh_methods == &table_methods;

	return is_table ? (ActivityTable *) DatumGetEOHP(datum) : NULL;
}

/* the canonical form of whatever an argument is */
static void *
activity_read(Datum datum)
{
	ActivityTable *table = table_behind(datum);
	Activity   *activity;

	if (table != NULL)
		return flat_of(table);
	activity = (Activity *) PG_DETOAST_DATUM(datum);
	if (activity->version != SLOTS_VERSION)
		return activity;
	table = new_table(own_context(CurrentMemoryContext));
	add_slots(table, activity);
	return flat_of(table);
}

/*
 * The customers in an argument, in any order.  Read off the table where one slot
 * is all there is of a customer.
 */
static CustomerScan
begin_count(Datum datum)
{
	ActivityTable *table = table_behind(datum);
	CustomerScan scan = {0};
	int			n;
	int		   *rank;
	DateADT    *date;

	if (table == NULL || table->nperiods > BLOCK_PERIODS || table->nperiods == 0 ||
		table->block->slot == NULL)
		return begin_scan(activity_read(datum));
	settle(table);
	n = table->nperiods;
	scan.nperiods = n;
	scan.date = date = palloc(n * sizeof(DateADT));
	scan.rank = rank = palloc(n * sizeof(int));
	scan.unknown = palloc(n * sizeof(int64));
	scan.period = palloc(n * sizeof(int));
	scan.more = palloc(n * sizeof(bool));
	order_periods(table, rank, date, scan.unknown);
	scan.slot = table->block->slot;
	scan.last_slot = scan.slot + slot_count(table->block);
	return scan;
}

static void
add_activity(ActivityTable *table, Datum datum)
{
	ActivityTable *more = table_behind(datum);

	if (more != NULL && more != table)
		add_table(table, more);
	else
		add_flat(table, (Activity *) PG_DETOAST_DATUM(datum));
}

/*
 * The first argument as a table that may be changed: the aggregate's own, which
 * lives as long as its group, or a new one.
 */
static ActivityTable *
own_table(FunctionCallInfo fcinfo)
{
	struct varlena *arg = (struct varlena *) PG_GETARG_POINTER(0);
	MemoryContext context;
	ActivityTable *table;

	if (KPI_IN_AGGREGATE(fcinfo) && VARATT_IS_EXTERNAL_EXPANDED_RW(arg))
	{
		table = table_behind(PG_GETARG_DATUM(0));
		changed(table);
		return table;
	}
	if (!AggCheckCallContext(fcinfo, &context))
		context = CurrentMemoryContext; /* which it has overwritten */
	table = new_table(KPI_IN_AGGREGATE(fcinfo) ? group_context(context) : own_context(context));
	add_activity(table, PG_GETARG_DATUM(0));
	return table;
}

/* an aggregate goes on with the table, all others get the flat form */
static Datum
table_result(FunctionCallInfo fcinfo, ActivityTable *table)
{
	if (KPI_IN_AGGREGATE(fcinfo))
		return EOHPGetRWDatum(&table->header);
	settle(table);
	PG_RETURN_POINTER(flatten(table));
}

/* ---- reading it at a coarser grain ---- */

/*
 * What is held against each other in pairs is limited to 13 years of days, what
 * is listed to 2,700: a date that is far off is not one.
 */
#define MOST_PERIODS 5000
#define MOST_LISTED 1000000

/* the unbroken sequence of periods of a grain from the first activity to the last */
typedef struct Periods
{
	int			n;
	DateADT    *start;
	int		   *number;			/* for each period of the activity, that of the grain around it */
} Periods;

/* Error: 54000 if there are too many, 22023 for an unknown grain */
static Periods
periods_of(const CustomerScan *scan, text *grain_name, int most)
{
	Grain		grain = grain_of(grain_name);
	Periods		periods = {0};
	DateADT		next = 0;
	int			room = Max(scan->nperiods, 64);

	periods.start = palloc(room * sizeof(DateADT));
	periods.number = palloc(scan->nperiods * sizeof(int));
	for (int i = 0; i < scan->nperiods; i++)
	{
		if (i == 0)
			periods.start[periods.n++] = bucket_start(grain, scan->date[i], &next);
		while (next <= scan->date[i])
		{
			if (periods.n == most)
				ereport(ERROR,
						(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						 errmsg("more than %d periods from first to last", most),
						 errhint("Read a coarser grain, or part of the time with during(activity, "
								 "start, until).")));
			if (periods.n == room)
				periods.start = repalloc(periods.start, (room *= 2) * sizeof(DateADT));
			periods.start[periods.n++] = next;
			bucket_start(grain, next, &next);
		}
		periods.number[i] = periods.n - 1;
	}
	return periods;
}

/*
 * The customer's periods of the grain, each once, and whether active in it more
 * than once.  Works in place: there are never more than before.
 */
static void
coarsen(CustomerScan *scan, const Periods *periods)
{
	int			n = 0;

	for (int i = 0; i < scan->n; i++)
	{
		int			number = periods->number[scan->period[i]];

		if (n > 0 && scan->period[n - 1] == number)
			scan->more[n - 1] = true;
		else
		{
			scan->period[n] = number;
			scan->more[n++] = scan->more[i];
		}
	}
	scan->n = n;
}

/* ---- the type ---- */

/* does an integer start here as it would be written: no plus, no zeros in front? */
static bool
canonical_integer(const char *text)
{
	if (*text == '0')
		return !isdigit((unsigned char) text[1]);
	text += *text == '-';
	return *text >= '1' && *text <= '9';
}

static const char *
parse_activity(const char *text, ActivityTable *table)
{
	static const char *const syntax =
		"An activity is a list of periods, each with its customers, those active more than once "
		"marked +.";
	DateADT		last_date = 0;

	while (isspace((unsigned char) *text))
		text++;
	for (int kind = TEXT_BIG_ENDIAN; kind >= UUID_CUSTOMER && table->kind == ANY_CUSTOMER; kind--)
		if (strncmp(text, kind_names[kind], strlen(kind_names[kind])) == 0)
			table->kind = kind;
	text += strlen(kind_names[table->kind]);
	if (*text++ != '{')
		return syntax;
	while (*text != '}')
	{
		DateADT		date;
		int			period;
		int64		last = 0;
		int64		seen = 0;

		if (!date_parse(&text, &date) || *text++ != ':')
			return syntax;
		if (table->nperiods > 0 && date <= last_date)
			return "Periods must be in ascending order.";
		last_date = date;
		period = period_number(table, last_date);
		if (strncmp(text, " ?", 2) == 0)
		{
			text += 2;
			if (!count_parse(&text, &table->unknown[period]) || table->unknown[period] == 0)
				return syntax;
		}
		for (; *text == ' '; seen++)
		{
			char	   *end;
			int64		customer;

			CHECK_FOR_INTERRUPTS();
			errno = 0;
			customer = strtoll(++text, &end, 10);
			if (!canonical_integer(text) || errno != 0)
				return syntax;
			if (seen > 0 && customer <= last)
				return "The customers of a period must be in ascending order.";
			text = end;
			if (table->kind == ANY_CUSTOMER)
				table->kind = BIGINT_CUSTOMER;
			add_customer(table, last = customer, period, *text == '+');
			text += *text == '+';
		}
		if (seen == 0 && table->unknown[period] == 0)
			return "A period without activity cannot be listed.";
		if (strncmp(text, ", ", 2) == 0 && text[2] != '}')
			text += 2;
		else if (*text != '}')
			return syntax;
	}
	text++;
	while (isspace((unsigned char) *text))
		text++;
	return *text == '\0' ? NULL : syntax;
}

static const char *
activity_parse(const char *text, void **value)
{
	ActivityTable *table = new_table(own_context(CurrentMemoryContext));
	const char *broken = parse_activity(text, table);

	if (broken == NULL)
		*value = flatten(table);
	MemoryContextDelete(table->header.eoh_context);
	return broken;
}

/*
 * By period, as people think of it.  The customers are counted first, so that
 * those of a period can be listed in one array for all of them.
 */
static void
activity_print(StringInfo out, const void *value)
{
	const Activity *activity = value;
	CustomerScan scan = begin_scan(activity);
	int64	   *end = palloc_extended((activity->nperiods + 1) * sizeof(int64),
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	Fact	   *fact;
	int64		n = 0;

	while (next_customer(&scan))
		for (int i = 0; i < scan.n; i++)
			end[scan.period[i] + 1]++;
	for (int i = 0; i < activity->nperiods; i++)
		end[i + 1] += end[i];
	fact = palloc_extended(Max(end[activity->nperiods], 1) * sizeof(Fact), MCXT_ALLOC_HUGE);
	end_scan(&scan);
	scan = begin_scan(activity);
	while (next_customer(&scan))
		for (int i = 0; i < scan.n; i++)
			fact[end[scan.period[i]]++] = (Fact) {scan.customer, 0, scan.more[i]};

	appendStringInfo(out, "%s{", kind_names[activity->kind]);
	for (int i = 0; i < activity->nperiods; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoString(out, ", ");
		date_print(out, activity->period[i]);
		appendStringInfoChar(out, ':');
		if (scan.unknown[i] > 0)
			appendStringInfo(out, " ?" INT64_FORMAT, scan.unknown[i]);
		for (; n < end[i]; n++)
			appendStringInfo(out, fact[n].more ? " " INT64_FORMAT "+" : " " INT64_FORMAT,
							 fact[n].who);
	}
	appendStringInfoChar(out, '}');
	pfree(fact);
	pfree(end);
	end_scan(&scan);
}

/* kind, periods, and the body as it is stored, whose form does not depend on the machine */
static void
activity_to_wire(StringInfo message, const void *value)
{
	const Activity *activity = value;
	const uint8 *body = ACTIVITY_BODY(activity);

	pq_sendbyte(message, activity->kind);
	pq_sendint32(message, activity->nperiods);
	for (int i = 0; i < activity->nperiods; i++)
		pq_sendint32(message, activity->period[i]);
	pq_sendbytes(message, (const char *) body, ACTIVITY_END(activity) - body);
}

/* check a body that may be anything, and count its customers; returns the rule that is broken */
static const char *
check_body(Activity *activity)
{
	const uint8 *p = ACTIVITY_BODY(activity);
	const uint8 *end = ACTIVITY_END(activity);
	bool	   *used = palloc0(activity->nperiods * sizeof(bool));
	int64		customer = 0;
	uint64		token;

	for (int i = 0; i < activity->nperiods; i++)
	{
		p = check_varint(p, end, &token);
		if (p == NULL || token > PG_INT64_MAX)
			return "The rows without a customer of each period must be given.";
		used[i] = token > 0;
	}
	while (p < end)
	{
		int64		next;
		int64		period = -1;

		CHECK_FOR_INTERRUPTS();

		p = check_varint(p, end, &token);
		if (p == NULL)
			return "A customer is cut short.";
		next = (int64) ((uint64) customer + token);
		if (activity->customers > 0 && next <= customer)
			return "Customers must be in ascending order.";
		customer = next;
		activity->customers++;
		do
		{
			p = check_varint(p, end, &token);
			if (p == NULL)
				return "A customer's periods are cut short.";
			if (token >> PERIOD_SHIFT >= (uint64) (activity->nperiods - period - 1))
				return "A customer can only be active in the listed periods, in ascending order.";
			period += (int64) (token >> PERIOD_SHIFT) + 1;
			used[period] = true;
		} while (!(token & PERIOD_LAST));
	}
	for (int i = 0; i < activity->nperiods; i++)
		if (!used[i])
			return "A period without activity cannot be listed.";
	if ((activity->customers > 0) != (activity->kind != ANY_CUSTOMER))
		return "The kind of customer goes together with the customers.";
	return NULL;
}

static const char *
activity_receive(StringInfo message, void **value)
{
	int			kind = pq_getmsgbyte(message);
	int32		n = pq_getmsgint(message, sizeof(int32));
	int			rest = message->len - message->cursor;
	Activity   *activity;
	Size		size;

	if (kind > TEXT_BIG_ENDIAN)
		return "There is no such kind of customer.";
	if (n < 0 || n > rest / (int) sizeof(DateADT))
		return "The number of periods does not go together with the length.";
	size = offsetof(Activity, period) + rest;
	activity = palloc0(size);
	SET_VARSIZE(activity, size);
	activity->version = ACTIVITY_VERSION;
	activity->kind = kind;
	activity->nperiods = n;
	for (int i = 0; i < n; i++)
	{
		activity->period[i] = (DateADT) pq_getmsgint(message, sizeof(DateADT));
		if (!IS_VALID_DATE(activity->period[i]) ||
			(i > 0 && activity->period[i] <= activity->period[i - 1]))
			return "Periods must be finite dates in ascending order.";
	}
	pq_copymsgbytes(message, (char *) ACTIVITY_BODY(activity), rest - n * (int) sizeof(DateADT));
	*value = activity;
	return check_body(activity);
}

static int64
activity_customers(const void *value)
{
	return ((const Activity *) value)->customers;
}

/* of all customers, those active more than once */
static bool
activity_ratio(const void *value, int64 *num, int64 *den)
{
	CustomerScan scan = begin_scan(value);

	*num = 0;
	*den = activity_customers(value);
	while (next_customer(&scan))
		*num += scan.n > 1 || scan.more[0];
	end_scan(&scan);
	return *den > 0;
}

static const ValueType activity_type = {
	.name = "activity",
	.form = "the customers of each period, + for more than once, ?n for n rows without a customer, "
			"for example {2025-01-01: 1 2+ 5, 2025-02-01: ?3 2}",
	.size = -1,
	.read = activity_read,
	.parse = activity_parse,
	.receive = activity_receive,
	.print = activity_print,
	.send = activity_to_wire,
	.sample_size = activity_customers,
	.ratio = activity_ratio,
	.unit = 1
};

VALUE_FUNCTIONS(activity)

/*
 * Whether the state of an aggregate, which begins as {}, has had nothing added to
 * it, and what comes is as it is kept.
 */
static bool
is_first(FunctionCallInfo fcinfo)
{
	const struct varlena *state = (struct varlena *) PG_GETARG_POINTER(0);
	const Activity *activity;

	if (!KPI_IN_AGGREGATE(fcinfo) || VARATT_IS_EXTERNAL_EXPANDED(state) ||
		VARATT_IS_EXTERNAL_EXPANDED(PG_GETARG_POINTER(1)))
		return false;
	activity = (Activity *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	return activity->nperiods == 0;
}

/*
 * a + b, and the transition and combine function of rollup().  The first value that is
 * pooled stays as it is until another one comes: of a model that is kept, reading one
 * of all customers is most of what kpi_month takes.
 */
PG_FUNCTION_INFO_V1(activity_add);
Datum
activity_add(PG_FUNCTION_ARGS)
{
	ActivityTable *table;

	if (is_first(fcinfo))
	{
		Activity   *first = (Activity *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));

		if (first->version == ACTIVITY_VERSION)
			PG_RETURN_POINTER(first);
	}
	table = own_table(fcinfo);
	add_activity(table, PG_GETARG_DATUM(1));
	return table_result(fcinfo, table);
}

/*
 * The end of an aggregate: the stored form, or the table, which takes that form
 * where it is kept.  A window goes on changing its table, and from a parallel
 * worker a table would leave in transit.
 */
PG_FUNCTION_INFO_V1(activity_final);
Datum
activity_final(PG_FUNCTION_ARGS)
{
	ActivityTable *table = table_behind(PG_GETARG_DATUM(0));
	Activity   *activity;

	/* a pointer of its own, as the executor copies results that are not allocated for it */
	if (table != NULL && fcinfo->context != NULL && IsA(fcinfo->context, AggState) &&
		!IsParallelWorker())
		PG_RETURN_POINTER(memcpy(palloc(EXPANDED_POINTER_SIZE), table->header.eoh_ro_ptr,
								 EXPANDED_POINTER_SIZE));
	activity = value_argument(fcinfo, &activity_type, 0);
	if (table != NULL)
		activity = memcpy(palloc(VARSIZE(activity)), activity, VARSIZE(activity));
	PG_RETURN_POINTER(activity);
}

/*
 * One more row of a customer in a period.  Not strict: a row without a customer
 * is counted, one without a period is not.
 */
static Datum
accumulate(FunctionCallInfo fcinfo, CustomerKind kind, identity_function identity, bool has_period)
{
	DateADT		date = 0;
	ActivityTable *table;
	int			period;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (has_period)
	{
		if (PG_ARGISNULL(2))
			PG_RETURN_DATUM(PG_GETARG_DATUM(0));
		date = PG_GETARG_DATEADT(2);
		if (DATE_NOT_FINITE(date))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("an infinite date is no period"),
					 errhint("Make unknown dates NULL: such rows are left out.")));
	}
	table = own_table(fcinfo);
	period = period_number(table, date);
	if (PG_ARGISNULL(1))
		add_unknown(table, period, 1);
	else
	{
		same_kind(table, kind);
		add_row(table, identity(PG_GETARG_DATUM(1)), period, false);
	}
	return table_result(fcinfo, table);
}

/* activity_accum(activity, customer, period) for each kind of customer */
PG_FUNCTION_INFO_V1(activity_accum_bigint);
Datum
activity_accum_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, BIGINT_CUSTOMER, bigint_identity, true);
}

PG_FUNCTION_INFO_V1(activity_accum_uuid);
Datum
activity_accum_uuid(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, HASHED_UUID, uuid_identity, true);
}

PG_FUNCTION_INFO_V1(activity_accum_text);
Datum
activity_accum_text(PG_FUNCTION_ARGS)
{
	check_text(fcinfo);
	return accumulate(fcinfo, HASHED_TEXT, text_identity, true);
}

/* activity_accum(activity, customer): all in one period, for repeat_purchase_rate(customer) */
PG_FUNCTION_INFO_V1(activity_accum_bigint_once);
Datum
activity_accum_bigint_once(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, BIGINT_CUSTOMER, bigint_identity, false);
}

PG_FUNCTION_INFO_V1(activity_accum_uuid_once);
Datum
activity_accum_uuid_once(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, HASHED_UUID, uuid_identity, false);
}

PG_FUNCTION_INFO_V1(activity_accum_text_once);
Datum
activity_accum_text_once(PG_FUNCTION_ARGS)
{
	check_text(fcinfo);
	return accumulate(fcinfo, HASHED_TEXT, text_identity, false);
}

PG_FUNCTION_INFO_V1(activity_accum_bpchar_once);
Datum
activity_accum_bpchar_once(PG_FUNCTION_ARGS)
{
	check_text(fcinfo);
	return accumulate(fcinfo, HASHED_TEXT, bpchar_identity, false);
}

/*
 * repeat_purchase_rate(activity): of all customers, those active more than
 * once.  Read off the table where one slot is all there is of a customer.
 */
PG_FUNCTION_INFO_V1(activity_repeat_purchase_rate);
Datum
activity_repeat_purchase_rate(PG_FUNCTION_ARGS)
{
	ActivityTable *table = table_behind(PG_GETARG_DATUM(0));
	int64		again = 0;
	int64		customers;

	if (table != NULL && table->nperiods <= BLOCK_PERIODS)
	{
		const Block *block = table->block;

		settle(table);
		if (table->nperiods == 0 || block->slot == NULL)
			PG_RETURN_POINTER(rate_of(0, 0));
		for (int64 i = 0; i < slot_count(block); i++)
		{
			uint64		active = block->slot[i].periods & ACTIVE_ONLY;

			again += active != block->slot[i].periods || (active & (active - 1)) != 0;
		}
		PG_RETURN_POINTER(rate_of(again, block->used));
	}
	activity_ratio(value_argument(fcinfo, &activity_type, 0), &again, &customers);
	PG_RETURN_POINTER(rate_of(again, customers));
}

/* the same customer would be two */
static void
expect_one_kind(const Activity *a, const Activity *b)
{
	if (a->kind != ANY_CUSTOMER && b->kind != ANY_CUSTOMER && a->kind != b->kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot compare bigint, uuid and text customers"),
				 errdetail("The same customer would be two."),
				 errhint("Use one kind of customer id everywhere, casting where needed.")));
}

/* is the customer in it?  To be asked in ascending order. */
static bool
contains(CustomerScan *others, bool *more, int64 customer)
{
	while (*more && others->customer < customer)
		*more = next_customer(others);
	return *more && others->customer == customer;
}

/*
 * Who was active in each period, and who of them was so before: in this activity,
 * or in the whole of which it is a part, if that is given.
 */
static Datum
customers_by_period(FunctionCallInfo fcinfo, CustomerScan scan, const Activity *whole)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Periods		periods = periods_of(&scan, PG_GETARG_TEXT_PP(1), MOST_LISTED);
	CustomerScan all = {0};
	bool		more = false;
	struct
	{
		int64		active,
					fresh,
					before,
					again,
					retained,
					unknown;
	}		   *count = palloc0((periods.n + 1) * sizeof(*count));

	if (whole != NULL)
	{
		all = begin_scan(whole);
		more = next_customer(&all);
	}
	for (int i = 0; i < scan.nperiods; i++)
		if (pg_add_s64_overflow(count[periods.number[i]].unknown, scan.unknown[i],
								&count[periods.number[i]].unknown))
			value_overflow(&activity_type);
	while (next_customer(&scan))
	{
		bool		known = whole != NULL && contains(&all, &more, scan.customer);

		coarsen(&scan, &periods);
		count[scan.period[0]].fresh++;
		for (int i = 0; i < scan.n; i++)
		{
			int			period = scan.period[i];

			count[period].active++;
			count[period].before += i > 0 ||
				(known && all.date[all.period[0]] < periods.start[period]);
			count[period].again += scan.more[i];
			count[period].retained += i > 0 && scan.period[i - 1] == period - 1;
		}
	}

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < periods.n; i++)
	{
		int64		active_before = i > 0 ? count[i - 1].active : 0;
		Rate		returning = {count[i].before, count[i].active};
		Rate		repeat = {count[i].again, count[i].active};
		Rate		retained = {count[i].retained, active_before};
		bool		nulls[10] = {false};
		Datum		row[10] = {
			DateADTGetDatum(periods.start[i]),
			Int64GetDatum(count[i].active),
			Int64GetDatum(count[i].fresh),
			Int64GetDatum(count[i].before),
			Int64GetDatum(count[i].again),
			Int64GetDatum(count[i].retained),
			PointerGetDatum(&returning),
			PointerGetDatum(&repeat),
			PointerGetDatum(&retained),
			Int64GetDatum(count[i].unknown)
		};

		tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
	}
	return (Datum) 0;
}

/* customers(activity, grain) */
PG_FUNCTION_INFO_V1(activity_customers_by_period);
Datum
activity_customers_by_period(PG_FUNCTION_ARGS)
{
	return customers_by_period(fcinfo, begin_count(PG_GETARG_DATUM(0)), NULL);
}

/* customers(activity, grain, whole): returning are those who were in the whole before */
PG_FUNCTION_INFO_V1(activity_customers_of_whole);
Datum
activity_customers_of_whole(PG_FUNCTION_ARGS)
{
	Activity   *part = value_argument(fcinfo, &activity_type, 0);
	Activity   *whole = value_argument(fcinfo, &activity_type, 2);

	expect_one_kind(part, whole);
	return customers_by_period(fcinfo, begin_scan(part), whole);
}

/* how a customer counts as retained k periods after the first */
typedef enum Retention
{
	ON_PERIOD,					/* active in period k */
	ON_OR_AFTER,				/* active in period k or a later one */
	BRACKET						/* active in one of the periods of a bracket */
} Retention;

static Retention
retention_of(text *definition)
{
	char	   *name = text_to_cstring(definition);

	if (strcmp(name, "on") == 0)
		return ON_PERIOD;
	if (strcmp(name, "on_or_after") == 0)
		return ON_OR_AFTER;
	if (strcmp(name, "bracket") == 0)
		return BRACKET;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown definition of retention \"%s\"", name),
			 errhint("Write on, on_or_after or bracket.")));
}

/*
 * the starts of the brackets, and where the last one ends; 22023 unless they
 * ascend from 0 or more
 */
static int *
brackets_of(FunctionCallInfo fcinfo, int i, int *n)
{
	ArrayType  *array = PG_ARGISNULL(i) ? NULL : PG_GETARG_ARRAYTYPE_P(i);
	int		   *bound = array == NULL ? NULL : (int *) ARR_DATA_PTR(array);
	bool		ascending = array != NULL && ARR_NDIM(array) == 1 && !array_contains_nulls(array);

	*n = ascending ? ARR_DIMS(array)[0] : 0;
	ascending = ascending && *n >= 2 && *n <= MOST_PERIODS + 1 && bound[0] >= 0;
	for (int j = 1; ascending && j < *n; j++)
		ascending = bound[j] > bound[j - 1];
	if (!ascending)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid brackets"),
				 errdetail("Brackets are the periods since the first at which they start, "
						   "ascending, and the one at which the last has ended; at most %d.",
						   MOST_PERIODS),
				 errhint("For the periods 1 to 3 and 4 to 7 write retention(activity, 'week', "
						 "'bracket', '{1,4,8}').")));
	return bound;
}

/*
 * retention(activity, grain, definition, brackets): of the customers who came
 * in one period, those who came back
 */
PG_FUNCTION_INFO_V1(activity_retention);
Datum
activity_retention(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Retention	retention;
	Periods		periods;
	CustomerScan scan;
	int		   *bound = NULL;
	int			width;			/* columns of the triangle */
	int			nbounds = 0;
	int64	   *count;
	int64	   *size;

	/* not strict, because of the brackets */
	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return (Datum) 0;
	scan = begin_count(PG_GETARG_DATUM(0));
	periods = periods_of(&scan, PG_GETARG_TEXT_PP(1), MOST_PERIODS);
	retention = retention_of(PG_GETARG_TEXT_PP(2));
	if (retention == BRACKET)
		bound = brackets_of(fcinfo, 3, &nbounds);
	width = retention == BRACKET ? nbounds - 1 : periods.n;
	size = palloc0(Max(periods.n, 1) * sizeof(int64));
	count = palloc_extended(Max((Size) periods.n * width, 1) * sizeof(int64),
							MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	while (next_customer(&scan))
	{
		int64	   *cohort;
		int			last = -1;	/* the bracket that counted last */

		coarsen(&scan, &periods);
		cohort = count + (Size) scan.period[0] * width;
		size[scan.period[0]]++;
		if (retention == ON_OR_AFTER)
			cohort[scan.period[scan.n - 1] - scan.period[0]]++;
		for (int i = 0; i < scan.n && retention != ON_OR_AFTER; i++)
		{
			int			since = scan.period[i] - scan.period[0];

			if (retention == ON_PERIOD)
				cohort[since]++;
			else
				for (int j = last + 1; j < width && bound[j] <= since; j++)
					if (since < bound[j + 1])
						cohort[last = j]++;
		}
	}

	for (int c = 0; c < periods.n; c++)
	{
		int64	   *cohort = count + (Size) c * width;

		CHECK_FOR_INTERRUPTS();

		/* who came later counts for all periods before */
		for (int k = width - 2; k >= 0 && retention == ON_OR_AFTER; k--)
			cohort[k] += cohort[k + 1];
		for (int k = 0; k < width; k++)
		{
			int64		since = bound == NULL ? k : bound[k];
			int64		complete = bound == NULL ? k : bound[k + 1] - 1;
			bool		happened = c + complete < periods.n;
			bool		known = c + since < periods.n;
			bool		nulls[6] = {false, !known, false, false, !happened, !happened};
			Rate		rate = {cohort[k], size[c]};
			Datum		row[6];

			row[0] = DateADTGetDatum(periods.start[c]);
			row[1] = DateADTGetDatum(known ? periods.start[c + since] : 0);
			row[2] = Int32GetDatum((int32) since);
			row[3] = Int64GetDatum(size[c]);
			row[4] = Int64GetDatum(cohort[k]);
			row[5] = PointerGetDatum(&rate);
			tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
		}
	}
	return (Datum) 0;
}

/* ---- parts of an activity ---- */

/* which customers of an activity a part of it has, and which rows without one */
typedef enum PartOf
{
	ALL_CUSTOMERS,				/* and rows */
	IN_OTHERS, NOT_IN_OTHERS,	/* and no such row */
	WITHOUT_OTHERS				/* not in others, and as many fewer rows */
} PartOf;

/*
 * Takes rows without a customer out of those of each period.  Error: 22023 if
 * there are not as many
 */
static void
take_out_unknown(CustomerScan *scan, const CustomerScan *others)
{
	for (int i = 0, j = 0; j < others->nperiods; j++)
	{
		while (i < scan->nperiods && scan->date[i] < others->date[j])
			i++;
		if (others->unknown[j] == 0)
			continue;
		if (i == scan->nperiods || scan->date[i] != others->date[j] ||
			scan->unknown[i] < others->unknown[j])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("more rows without a customer are to be taken out than there are"),
					 errhint("Take out only what is part of the activity.")));
		scan->unknown[i] -= others->unknown[j];
	}
}

/*
 * The periods from first to last of an activity, and of the customers all, or
 * those who are or are not among the others.
 */
static Activity *
part_of(const Activity *activity, int first, int last, PartOf which, const Activity *others)
{
	int			n = Max(last - first + 1, 0);
	int		   *number = palloc0(n * sizeof(int));
	DateADT    *date = palloc(n * sizeof(DateADT));
	int64	   *unknown = palloc0(n * sizeof(int64));
	FlatBuilder builder = {0};
	int			nperiods = 0;

	/* first which periods somebody is active in, then the customers */
	for (int pass = 0; pass < 2; pass++)
	{
		CustomerScan scan = begin_scan(activity);
		CustomerScan other = {0};
		bool		more = false;

		if (which != ALL_CUSTOMERS)
		{
			other = begin_scan(others);
			more = next_customer(&other);
		}
		if (pass == 1)
		{
			if (which == WITHOUT_OTHERS)
				take_out_unknown(&scan, &other);
			for (int i = 0; i < n; i++)
			{
				bool		counted = which == ALL_CUSTOMERS || which == WITHOUT_OTHERS;

				if (number[i] || (counted && scan.unknown[first + i] > 0))
				{
					date[nperiods] = activity->period[first + i];
					unknown[nperiods] = counted ? scan.unknown[first + i] : 0;
					number[i] = nperiods++;
				}
			}
			builder = begin_flat(activity->kind, nperiods, date, unknown);
		}
		while (next_customer(&scan))
		{
			int			active = 0;

			if (which != ALL_CUSTOMERS &&
				contains(&other, &more, scan.customer) != (which == IN_OTHERS))
				continue;
			for (int i = 0; i < scan.n; i++)
				if (scan.period[i] >= first && scan.period[i] <= last)
				{
					int		   *p = &number[scan.period[i] - first];

					if (pass == 0)
						*p = true;
					scan.more[active] = scan.more[i];
					scan.period[active++] = *p;
				}
			if (pass == 1 && active > 0)
				append_customer(&builder, scan.customer, active, scan.period, scan.more);
		}
		end_scan(&scan);
		if (which != ALL_CUSTOMERS)
			end_scan(&other);
	}
	return end_flat(&builder);
}

/* the first argument from start, if known, to before until, if known; NULL if it is */
static Activity *
part_between(FunctionCallInfo fcinfo)
{
	Activity   *activity;
	int			first = 0;
	int			last;

	if (PG_ARGISNULL(0))
		return NULL;
	activity = value_argument(fcinfo, &activity_type, 0);
	last = activity->nperiods - 1;
	while (!PG_ARGISNULL(1) && first <= last && activity->period[first] < PG_GETARG_DATEADT(1))
		first++;
	while (!PG_ARGISNULL(2) && first <= last && activity->period[last] >= PG_GETARG_DATEADT(2))
		last--;
	return part_of(activity, first, last, ALL_CUSTOMERS, NULL);
}

/* during(activity, start, until) */
PG_FUNCTION_INFO_V1(activity_during);
Datum
activity_during(PG_FUNCTION_ARGS)
{
	Activity   *part = part_between(fcinfo);

	if (part == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(part);
}

/* customers_between(activity, start, until): how many customers that has */
PG_FUNCTION_INFO_V1(activity_customers_between);
Datum
activity_customers_between(PG_FUNCTION_ARGS)
{
	Activity   *part = part_between(fcinfo);

	if (part == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(part->customers);
}

static Datum
part_by_others(FunctionCallInfo fcinfo, PartOf which)
{
	Activity   *activity = value_argument(fcinfo, &activity_type, 0);
	Activity   *others = value_argument(fcinfo, &activity_type, 1);

	expect_one_kind(activity, others);
	PG_RETURN_POINTER(part_of(activity, 0, activity->nperiods - 1, which, others));
}

/* also_in(a, b) and not_in(a, b): of a, the customers who are, or are not, in b */
PG_FUNCTION_INFO_V1(activity_also_in);
Datum
activity_also_in(PG_FUNCTION_ARGS)
{
	return part_by_others(fcinfo, IN_OTHERS);
}

PG_FUNCTION_INFO_V1(activity_not_in);
Datum
activity_not_in(PG_FUNCTION_ARGS)
{
	return part_by_others(fcinfo, NOT_IN_OTHERS);
}

/*
 * without(a, b): of a, the customers who are not in b, and as many fewer rows
 * without a customer as b has
 */
PG_FUNCTION_INFO_V1(activity_without);
Datum
activity_without(PG_FUNCTION_ARGS)
{
	return part_by_others(fcinfo, WITHOUT_OTHERS);
}

/* unknown_rows(activity): rows without a customer */
PG_FUNCTION_INFO_V1(activity_unknown_rows);
Datum
activity_unknown_rows(PG_FUNCTION_ARGS)
{
	Activity   *activity = value_argument(fcinfo, &activity_type, 0);
	CustomerScan scan = begin_scan(activity);
	int64		rows = 0;

	for (int i = 0; i < activity->nperiods; i++)
		if (pg_add_s64_overflow(rows, scan.unknown[i], &rows))
			value_overflow(&activity_type);
	PG_RETURN_INT64(rows);
}

/* customer_ids(activity): the customers in ascending order; 22023 if only their hashes are known */
PG_FUNCTION_INFO_V1(activity_customer_ids);
Datum
activity_customer_ids(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Activity   *activity = value_argument(fcinfo, &activity_type, 0);
	CustomerScan scan = begin_scan(activity);

	if (activity->kind != ANY_CUSTOMER && activity->kind != BIGINT_CUSTOMER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the customers of this activity cannot be listed"),
				 errdetail("Of %s customers only a hash is kept.", kind_names[activity->kind]),
				 errhint("Build the activity from bigint customer ids.")));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	while (next_customer(&scan))
	{
		Datum		row[1] = {Int64GetDatum(scan.customer)};
		bool		nulls[1] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
	}
	return (Datum) 0;
}
