/*
 * varint.h - integers of seven bits to the byte, the highest bit set where more follow
 */
#ifndef KPI_VARINT_H
#define KPI_VARINT_H

#include "kpi.h"

#define VARINT_BYTES 10			/* of the largest */

static inline uint8 *
put_varint(uint8 *p, uint64 n)
{
	for (; n >= 0x80; n >>= 7)
		*p++ = (uint8) n | 0x80;
	*p++ = (uint8) n;
	return p;
}

static inline const uint8 *
get_varint(const uint8 *p, uint64 *n)
{
	int			shift = 0;

	for (*n = 0; *p & 0x80; shift += 7)
		*n |= (uint64) (*p++ & 0x7F) << shift;
	*n |= (uint64) *p++ << shift;
	return p;
}

/* the same from any bytes: NULL unless the shortest form of an integer ends before end */
static inline const uint8 *
check_varint(const uint8 *p, const uint8 *end, uint64 *n)
{
	const uint8 *start = p;

	while (p < end && p - start < VARINT_BYTES && *p & 0x80)
		p++;
	if (p >= end || p - start >= VARINT_BYTES || (p > start && *p == 0) ||
		(p - start == VARINT_BYTES - 1 && *p > 1))
		return NULL;
	return get_varint(start, n);
}

#endif							/* KPI_VARINT_H */
