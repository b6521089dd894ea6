/*
 * decimal.h - exact sums of numeric values at integer speed
 *
 * A Decimal is units / 10^scale with |units| < 10^38.  The scale widens to
 * that of the finest value met; what does not fit 38 digits is refused by the
 * caller, never rounded.
 */
#ifndef KPI_DECIMAL_H
#define KPI_DECIMAL_H

#include "kpi.h"
#include "lib/stringinfo.h"
#include "utils/numeric.h"

#define DECIMAL_DIGITS 38

typedef struct Decimal
{
	int128		units;
	int32		scale;			/* 0 .. DECIMAL_DIGITS */
	int32		unused;			/* always zero: values are hashed as bytes */
} Decimal;

extern bool decimal_add(Decimal *a, const Decimal *b);
extern bool decimal_multiply(Decimal *a, int64 factor);
extern void decimal_strip(Decimal *d);
extern bool decimal_parse(const char **text, Decimal *d);
extern void decimal_print(StringInfo text, const Decimal *d);
extern void decimal_send(StringInfo message, const Decimal *d);
extern bool decimal_receive(StringInfo message, Decimal *d);
extern void int128_send(StringInfo message, int128 n);
extern int128 int128_receive(StringInfo message);
extern Decimal decimal_from_numeric(Datum numeric);
extern Numeric decimal_to_numeric(const Decimal *d);
extern double decimal_to_double(const Decimal *d);

static inline void
decimal_negate(Decimal *d)
{
	d->units = -d->units;
}

static inline Numeric
int128_to_numeric(int128 n)
{
	Decimal		d = {.units = n};

	return decimal_to_numeric(&d);
}

#endif							/* KPI_DECIMAL_H */
