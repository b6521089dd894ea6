/*
 * decimal.c - exact sums of numeric values at integer speed
 *
 * Adding numerics with numeric_add() takes some 50 ns and an allocation for
 * every row.  A 128-bit integer at a decimal scale takes two, and still holds
 * every sum that money needs.  To get there, decimal_from_numeric() reads the
 * stored form of numeric directly; that form has not changed since PostgreSQL
 * 9.1, cannot change while pg_upgrade exists, and is checked by the tests
 * against numeric's own sums.
 */
#include "decimal.h"

#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"

/* numeric's stored form: a header word, for large values a weight, then base-10000 digits */
#define NUM_SIGN(header)		((header) & 0xC000)
#define NUM_NEGATIVE			0x4000
#define NUM_SHORT				0x8000
#define NUM_SPECIAL				0xC000
#define NUM_SHORT_NEGATIVE		0x2000
#define NUM_SHORT_WEIGHT_SIGN	0x0040
#define NUM_SHORT_WEIGHT		0x003F
#define NUM_BASE				10000
#define NUM_BASE_DIGITS			4

#define E19 ((int128) UINT64CONST(10000000000000000000))

static const int128 pow10[DECIMAL_DIGITS + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
	INT64CONST(10000000000), INT64CONST(100000000000), INT64CONST(1000000000000),
	INT64CONST(10000000000000), INT64CONST(100000000000000), INT64CONST(1000000000000000),
	INT64CONST(10000000000000000), INT64CONST(100000000000000000), INT64CONST(1000000000000000000),
	E19, E19 * 10, E19 * 100, E19 * 1000, E19 * 10000, E19 * 100000, E19 * 1000000, E19 * 10000000,
	E19 * 100000000, E19 * 1000000000, E19 * INT64CONST(10000000000),
	E19 * INT64CONST(100000000000), E19 * INT64CONST(1000000000000),
	E19 * INT64CONST(10000000000000), E19 * INT64CONST(100000000000000),
	E19 * INT64CONST(1000000000000000), E19 * INT64CONST(10000000000000000),
	E19 * INT64CONST(100000000000000000), E19 * INT64CONST(1000000000000000000), E19 * E19
};

#define DECIMAL_LIMIT (pow10[DECIMAL_DIGITS])

static inline int128
magnitude(int128 n)
{
	return n < 0 ? -n : n;
}

static inline bool
in_range(int128 n)
{
	return n < DECIMAL_LIMIT && n > -DECIMAL_LIMIT;
}

/* may these bytes, whoever wrote them, be used as a Decimal in its canonical form? */
static bool
decimal_valid(const Decimal *d)
{
	return in_range(d->units) && d->scale >= 0 && d->scale <= DECIMAL_DIGITS && d->unused == 0 &&
		(d->scale == 0 || d->units % 10 != 0);
}

/* multiply the units by 10^places, false if they leave 38 digits */
static inline bool
widen(Decimal *d, int places)
{
	if (d->units != 0 && places > 0)
	{
		if (places > DECIMAL_DIGITS || magnitude(d->units) >= pow10[DECIMAL_DIGITS - places])
			return false;
		d->units *= pow10[places];
	}
	d->scale += places;
	return d->scale <= DECIMAL_DIGITS;
}

/* remove trailing zeros behind the point: the canonical form */
void
decimal_strip(Decimal *d)
{
	while (d->scale > 0 && d->units % 10 == 0)
	{
		d->units /= 10;
		d->scale--;
	}
}

/* a += b at the wider of both scales */
static inline bool
add_aligned(Decimal *a, Decimal b)
{
	if (a->scale < b.scale ? !widen(a, b.scale - a->scale) : !widen(&b, a->scale - b.scale))
		return false;
	return !__builtin_add_overflow(a->units, b.units, &a->units) && in_range(a->units);
}

/*
 * a += b, exactly; false, and a unchanged in value, if that needs more than 38
 * digits.
 */
bool
decimal_add(Decimal *a, const Decimal *b)
{
	Decimal		sum = *a;
	Decimal		summand = *b;

	if (likely(add_aligned(&sum, summand)))
	{
		*a = sum;
		return true;
	}

	/* zeros that were only carried along may have cost the room */
	sum = *a;
	decimal_strip(&sum);
	decimal_strip(&summand);
	if (!add_aligned(&sum, summand))
		return false;
	*a = sum;
	return true;
}

/* a *= factor, exactly; false if that needs more than 38 digits */
bool
decimal_multiply(Decimal *a, int64 factor)
{
	/* two 64-bit factors always fit: 2^126 < 10^38 */
	if (a->units != (int64) a->units && factor != 0 &&
		magnitude(a->units) > (DECIMAL_LIMIT - 1) / magnitude(factor))
	{
		decimal_strip(a);
		if (magnitude(a->units) > (DECIMAL_LIMIT - 1) / magnitude(factor))
			return false;
	}
	a->units *= factor;
	return true;
}

/*
 * Read [-]digits[.digits] and step text behind it.  False if there is no
 * number or it has more than 38 digits.
 */
bool
decimal_parse(const char **text, Decimal *d)
{
	const char *p = *text;
	bool		negative = (*p == '-');
	bool		point = false;
	bool		digits = false;

	memset(d, 0, sizeof(*d));
	for (p += negative; (*p >= '0' && *p <= '9') || (*p == '.' && digits && !point); p++)
	{
		if (*p == '.')
		{
			point = true;
			continue;
		}
		digits = true;
		if (magnitude(d->units) >= pow10[DECIMAL_DIGITS - 1] || d->scale == DECIMAL_DIGITS)
			return false;
		d->units = d->units * 10 + (*p - '0');
		d->scale += point;
	}
	if (!digits || p[-1] == '.')
		return false;
	if (negative)
		decimal_negate(d);
	decimal_strip(d);
	*text = p;
	return true;
}

/* the canonical text: no exponent, no trailing zeros behind the point */
void
decimal_print(StringInfo text, const Decimal *d)
{
	Decimal		n = *d;
	char		buf[48];
	char	   *p = buf + sizeof(buf);
	uint128		rest;
	int			place = 0;

	decimal_strip(&n);
	rest = n.units < 0 ? -(uint128) n.units : (uint128) n.units;
	do
	{
		if (place > 0 && place == n.scale)
			*--p = '.';
		*--p = '0' + (int) (rest % 10);
		rest /= 10;
		place++;
	} while (rest > 0 || place <= n.scale);
	if (n.units < 0)
		*--p = '-';
	appendBinaryStringInfo(text, p, buf + sizeof(buf) - p);
}

void
int128_send(StringInfo message, int128 n)
{
	pq_sendint64(message, (uint64) (n >> 64));
	pq_sendint64(message, (uint64) n);
}

int128
int128_receive(StringInfo message)
{
	uint64		high = pq_getmsgint64(message);
	uint64		low = pq_getmsgint64(message);

	return (int128) (((uint128) high << 64) | low);
}

void
decimal_send(StringInfo message, const Decimal *d)
{
	Decimal		n = *d;

	decimal_strip(&n);
	int128_send(message, n.units);
	pq_sendbyte(message, n.scale);
}

/* false if the sender's bytes are not a canonical Decimal */
bool
decimal_receive(StringInfo message, Decimal *d)
{
	memset(d, 0, sizeof(*d));
	d->units = int128_receive(message);
	d->scale = pq_getmsgbyte(message);
	return decimal_valid(d);
}

/*
 * The exact value of a numeric.
 *
 * Errors: 22023 for NaN and infinity, 22003 if it has more than 38 digits.
 */
Decimal
decimal_from_numeric(Datum numeric)
{
	struct varlena *stored = PG_DETOAST_DATUM_PACKED(numeric);
	const char *p = VARDATA_ANY(stored);
	const char *end = p + VARSIZE_ANY_EXHDR(stored);
	Decimal		d = {0};
	uint16		header;
	uint16		digit;
	int			weight;
	int			places;
	bool		negative;
	bool		fits = true;

	memcpy(&header, p, sizeof(header));
	p += sizeof(header);
	if (NUM_SIGN(header) == NUM_SPECIAL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("NaN and infinity cannot be counted"),
				 errdetail("A sum with one of them would lose every other value."),
				 errhint("Leave the value out with NULLIF(value, 'NaN') or with FILTER (WHERE "
						 "...).")));
	if (NUM_SIGN(header) == NUM_SHORT)
	{
		negative = (header & NUM_SHORT_NEGATIVE) != 0;
		weight = header & NUM_SHORT_WEIGHT;
		if (header & NUM_SHORT_WEIGHT_SIGN)
			weight |= ~NUM_SHORT_WEIGHT;
	}
	else
	{
		int16		long_weight;

		negative = NUM_SIGN(header) == NUM_NEGATIVE;
		memcpy(&long_weight, p, sizeof(long_weight));
		p += sizeof(long_weight);
		weight = long_weight;
	}

	/* decimal places of the last digit; negative if zeros follow before the point */
	places = NUM_BASE_DIGITS * ((int) ((end - p) / sizeof(digit)) - weight - 1);

	if (end - p <= 4 * (int) sizeof(digit))
	{
		int64		units = 0;

		for (; p < end; p += sizeof(digit))
		{
			memcpy(&digit, p, sizeof(digit));
			units = units * NUM_BASE + digit;
		}
		d.units = units;
	}
	else
	{
		for (; p < end && fits; p += sizeof(digit))
		{
			int			power = NUM_BASE_DIGITS;

			memcpy(&digit, p, sizeof(digit));

			/* zeros at the end of the last digit need no room */
			if (p + sizeof(digit) == end && places > 0)
				for (; power > 0 && digit % 10 == 0; digit /= 10)
				{
					power--;
					places--;
				}
			fits = d.units < pow10[DECIMAL_DIGITS - power];
			if (fits)
				d.units = d.units * pow10[power] + digit;
		}
	}

	if (d.units == 0)
		places = 0;
	if (places >= 0)
		d.scale = places;
	else
	{
		fits = fits && widen(&d, -places);
		d.scale = 0;			/* the zeros stand before the point */
	}
	if (d.scale > DECIMAL_DIGITS)
		decimal_strip(&d);
	if (!fits || !in_range(d.units) || d.scale > DECIMAL_DIGITS)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value has more than %d digits", DECIMAL_DIGITS),
				 errdetail("Exact sums are kept to %d digits in all, before and behind the point.",
						   DECIMAL_DIGITS),
				 errhint("Round the value first, for example round(value, 4).")));
	if (negative)
		decimal_negate(&d);
	if ((Pointer) stored != DatumGetPointer(numeric))
		pfree(stored);
	return d;
}

Numeric
decimal_to_numeric(const Decimal *d)
{
	StringInfoData text;
	Numeric		result;

	initStringInfo(&text);
	decimal_print(&text, d);
	result = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text.data),
												 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	pfree(text.data);
	return result;
}

/* rounded three times at most: the units, their power of ten and the quotient */
double
decimal_to_double(const Decimal *d)
{
	return (double) d->units / (double) pow10[d->scale];
}
