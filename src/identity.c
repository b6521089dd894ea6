/*
 * identity.c - bringing together what belongs to the same customer or visitor
 */
#include "identity.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/*
 * Sort facts by who, those about one staying in order.  Returns the sorted
 * array, which is the argument or takes its place.
 *
 * A radix sort over the bytes in which anybody differs: the ids of a shop
 * rarely use more than three or four of the eight.
 */
Fact *
sort_facts(Fact *fact, int64 n)
{
	Fact	   *other = palloc_extended(Max(n, 1) * sizeof(Fact), MCXT_ALLOC_HUGE);
	uint64		all_or = 0;
	uint64		all_and = ~UINT64CONST(0);

	for (int64 i = 0; i < n; i++)
	{
		all_or |= (uint64) fact[i].who;
		all_and &= (uint64) fact[i].who;
	}
	for (int shift = 0; shift < 64; shift += 8)
	{
		uint64		sign = shift == 56 ? 0x80 : 0;	/* negative ones come first */
		int64		start[256] = {0};
		int64		place = 0;
		Fact	   *swap;

		if (n == 0 || ((all_or ^ all_and) >> shift & 0xFF) == 0)
			continue;
		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < n; i++)
			start[((uint64) fact[i].who >> shift & 0xFF) ^ sign]++;
		for (int i = 0; i < 256; i++)
		{
			int64		count = start[i];

			start[i] = place;
			place += count;
		}
		for (int64 i = 0; i < n; i++)
			other[start[((uint64) fact[i].who >> shift & 0xFF) ^ sign]++] = fact[i];
		swap = fact;
		fact = other;
		other = swap;
	}
	pfree(other);
	return fact;
}
