/*
 * identity.c - bringing together what belongs to the same customer or visitor, whose numbers
 * identity.h makes
 */
#include "identity.h"

#ifndef WIN32
#include <sys/mman.h>
#endif

#include "catalog/pg_operator.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

static void
refuse_collation(Oid collation)
{
	if (!OidIsValid(collation))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_COLLATION),
				 errmsg("could not determine which collation to use for customers or visitors"),
				 errhint("Use the COLLATE clause to set the collation explicitly.")));
	if (!get_collation_isdeterministic(collation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("nondeterministic collations are not supported for customers and visitors"),
				 errdetail("Texts that the collation calls equal would be different people."),
				 errhint("Write COLLATE \"C\" behind the column, or lower(column) COLLATE \"C\" if "
						 "case shall not matter.")));
}

/* a type that turns into text by itself, as citext does, may have an equality of its own */
static void
refuse_type(Node *customer)
{
	Oid			type;
	Oid			equal;

	if (!IsA(customer, RelabelType) ||
		((RelabelType *) customer)->relabelformat != COERCE_IMPLICIT_CAST)
		return;
	type = getBaseType(exprType((Node *) ((RelabelType *) customer)->arg));
	equal = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	if (OidIsValid(equal) && equal != TextEqualOperator)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("type %s is not supported for customers and visitors",
						format_type_be(type)),
				 errdetail("Values that it calls equal would be different people."),
				 errhint("Write column::text, or lower(column::text) if case shall not matter.")));
}

void
refuse_text(FunctionCallInfo fcinfo)
{
	Aggref	   *aggregate = AggGetAggref(fcinfo);

	refuse_collation(PG_GET_COLLATION());
	if (aggregate != NULL)
		refuse_type((Node *) castNode(TargetEntry, linitial(aggregate->args))->expr);
}

/* few facts are not worth counting bytes */
#define FEW_FACTS 48

#define ST_SORT sort_few_facts
#define ST_ELEMENT_TYPE Fact
#define ST_COMPARE(a, b) (((a)->who > (b)->who) - ((a)->who < (b)->who))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* by who as an unsigned number, negative ones first */
#define RANK(fact) ((uint64) (fact)->who ^ UINT64CONST(1) << 63)

/* the bits in which any two differ */
static uint64
differing_bits(const Fact *fact, int64 n)
{
	uint64		any = 0;
	uint64		all = ~UINT64CONST(0);

	for (int64 i = 0; i < n; i++)
	{
		any |= (uint64) fact[i].who;
		all &= (uint64) fact[i].who;
	}
	return n > 0 ? any ^ all : 0;
}

/*
 * one pass of a radix sort, by the digit at shift; end[] is where the facts of
 * each digit end in the target
 */
static void
distribute(const Fact *fact, int64 n, Fact *target, int shift, int bits, int64 *end)
{
	uint64		mask = (UINT64CONST(1) << bits) - 1;
	int64		place = 0;

	CHECK_FOR_INTERRUPTS();
	memset(end, 0, sizeof(int64) << bits);
	for (int64 i = 0; i < n; i++)
		end[RANK(&fact[i]) >> shift & mask]++;
	for (uint64 i = 0; i <= mask; i++)
	{
		int64		count = end[i];

		end[i] = place;
		place += count;
	}
	for (int64 i = 0; i < n; i++)
		target[end[RANK(&fact[i]) >> shift & mask]++] = fact[i];
}

/*
 * sort in place, with room for as many: byte by byte from the lowest, over
 * those in which anybody differs
 */
static void
sort_bytes(Fact *fact, int64 n, Fact *room)
{
	uint64		differing;
	Fact	   *from = fact;
	Fact	   *to = room;

	if (n <= FEW_FACTS)
	{
		sort_few_facts(fact, n);
		return;
	}
	differing = differing_bits(fact, n);
	for (int shift = 0; shift < 64; shift += 8)
	{
		int64		end[256];
		Fact	   *swap = from;

		if ((differing >> shift & 0xFF) == 0)
			continue;
		distribute(from, n, to, shift, 8, end);
		from = to;
		to = swap;
	}
	if (from != fact)
		memcpy(fact, from, n * sizeof(Fact));
}

/*
 * Facts sorted by who, in a new array.
 *
 * Many are first brought into parts by the highest bits in which anybody
 * differs, each of which then fits into the cache of the processor.
 */
#define MOST_PARTS_BITS 11
#define FACTS_OF_PART 1024

Fact *
sort_facts(const Fact *fact, int64 n)
{
	Fact	   *sorted = palloc_extended(Max(n, 1) * sizeof(Fact), MCXT_ALLOC_HUGE);
	uint64		differing = differing_bits(fact, n);
	int64		end[1 << MOST_PARTS_BITS];
	int64		largest = 0;
	int			bits = 0;
	Fact	   *room;

	want_large_pages(sorted, n * sizeof(Fact));
	while (bits < MOST_PARTS_BITS && differing >> bits != 0 && n >> bits > FACTS_OF_PART)
		bits++;
	distribute(fact, n, sorted, bits == 0 ? 0 : pg_leftmost_one_pos64(differing) + 1 - bits, bits,
			   end);
	for (int i = 0; i < 1 << bits; i++)
		largest = Max(largest, end[i] - (i > 0 ? end[i - 1] : 0));
	room = palloc_extended(Max(largest, 1) * sizeof(Fact), MCXT_ALLOC_HUGE);
	want_large_pages(room, largest * sizeof(Fact));
	for (int i = 0; i < 1 << bits; i++)
	{
		int64		start = i > 0 ? end[i - 1] : 0;

		sort_bytes(sorted + start, end[i] - start, room);
	}
	pfree(room);
	return sorted;
}

/*
 * Ask for large pages before memory is used for the first time.  A table of many
 * customers is probed here and there, and with small pages nearly every probe
 * has to find out first where its page is.  Nothing depends on getting them.
 *
 * All of the allocation is named, though large pages will begin later in it: else
 * it would be two mappings, which realloc() cannot move and copies.
 */
void
want_large_pages(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	const Size	page = sysconf(_SC_PAGESIZE);
	char	   *start = (char *) TYPEALIGN_DOWN(page, memory);
	char	   *end = (char *) TYPEALIGN(page, (char *) memory + size);

	if (size >= 2 * 1024 * 1024)
		(void) madvise(start, end - start, MADV_HUGEPAGE);
#endif
}
