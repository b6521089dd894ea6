/*
 * value.c - what all value types have in common: see value.h
 */
#include "value.h"

#include <math.h>

#include "common/hashfn.h"
#include "decimal.h"
#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

/* the sum of two samples leaves the range of the type */
void
value_overflow(const ValueType *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s out of range", type->name),
			 errdetail("Counts end at %lld, sums at 38 digits.", (long long) PG_INT64_MAX),
			 errhint("Pool less at once, or round amounts before they are summed, as in "
					 "average(round(amount, 4)).")));
}

/* the sample to take out is not part of the other */
void
value_not_in(const ValueType *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("sample is not part of the %s it is taken out of", type->name),
			 errdetail("In a - b, the sample b must have been pooled into a before."),
			 errhint("To compare two values, subtract value(b) from value(a).")));
}

/* what value_own() gives where the argument itself is not it */
void *
value_copy(FunctionCallInfo fcinfo, const ValueType *type)
{
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(0);

	if (type->size > 0)
		return memcpy(palloc(type->size), value, type->size);
	if (!KPI_IN_AGGREGATE(fcinfo))
		value = PG_DETOAST_DATUM_COPY(PointerGetDatum(value));
	else if (VARATT_IS_EXTENDED(value))
		value = PG_DETOAST_DATUM(PointerGetDatum(value));
	return type->open != NULL ? type->open(value) : value;
}

/* Return a changed first argument: as it is to an aggregate, packed to others. */
Datum
value_result(FunctionCallInfo fcinfo, const ValueType *type, void *value)
{
	if (type->pack != NULL && !KPI_IN_AGGREGATE(fcinfo))
		value = type->pack(value);
	PG_RETURN_POINTER(value);
}

/* the value as a fraction, false if there is none */
bool
value_fraction(const ValueType *type, const void *value, Numeric *num, Numeric *den)
{
	int64		n;
	int64		d;

	if (type->fraction != NULL)
		return type->fraction(value, num, den);
	if (!type->ratio(value, &n, &d))
		return false;
	*num = int128_to_numeric((int128) n * type->unit);
	*den = int64_to_numeric(d);
	return true;
}

/* -1, 0 or 1 as value a is below, equal to or above b; no data is above all */
static int
compare_values(const ValueType *type, const void *a, const void *b)
{
	bool		some_a;
	bool		some_b;

	if (type->ratio != NULL)
	{
		int64		num_a,
					den_a,
					num_b,
					den_b;

		some_a = type->ratio(a, &num_a, &den_a);
		some_b = type->ratio(b, &num_b, &den_b);
		if (some_a && some_b)
		{
			int128		left = (int128) num_a * den_b;
			int128		right = (int128) num_b * den_a;

			return (left > right) - (left < right);
		}
	}
	else
	{
		Numeric		num_a,
					den_a,
					num_b,
					den_b;

		some_a = type->fraction(a, &num_a, &den_a);
		some_b = type->fraction(b, &num_b, &den_b);
		if (some_a && some_b)
		{
			Datum		x = DirectFunctionCall2(numeric_mul, NumericGetDatum(num_a),
												NumericGetDatum(den_b));
			Datum		y = DirectFunctionCall2(numeric_mul, NumericGetDatum(num_b),
												NumericGetDatum(den_a));

			return DatumGetInt32(DirectFunctionCall2(numeric_cmp, x, y));
		}
	}
	return (int) some_b - (int) some_a;
}

/* the bytes of the canonical form: the same sample has the same ones */
static const unsigned char *
canonical_bytes(const ValueType *type, const void *value, int *length)
{
	if (type->pack != NULL)
		value = type->pack(value);
	*length = type->size > 0 ? type->size : (int) (VARSIZE(value) - VARHDRSZ);
	return type->size > 0 ? value : (const unsigned char *) VARDATA(value);
}

/* the order of values: by number, then sample size, then content; no data last */
static int
value_compare(const ValueType *type, const void *a, const void *b)
{
	int			order = compare_values(type, a, b);
	int64		size_a;
	int64		size_b;
	int			length_a;
	int			length_b;

	if (order != 0)
		return order;
	size_a = type->sample_size(a);
	size_b = type->sample_size(b);
	if (size_a != size_b)
		return size_a < size_b ? -1 : 1;
	a = canonical_bytes(type, a, &length_a);
	b = canonical_bytes(type, b, &length_b);
	if (length_a != length_b)
		return length_a < length_b ? -1 : 1;
	order = memcmp(a, b, length_a);
	return (order > 0) - (order < 0);
}

Datum
value_in(FunctionCallInfo fcinfo, const ValueType *type)
{
	const char *text = PG_GETARG_CSTRING(0);
	void	   *value = NULL;
	const char *broken = type->parse(text, &value);

	if (broken != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", type->name, text),
				 errdetail("%s", broken),
				 type->of_text == NULL ? errhint("Write %s.", type->form) :
				 errhint("Write %s. To aggregate a column of text, cast it: %s.",
						 type->form, type->of_text)));
	PG_RETURN_POINTER(value);
}

Datum
value_out(FunctionCallInfo fcinfo, const ValueType *type)
{
	StringInfoData text;

	initStringInfo(&text);
	type->print(&text, value_argument(fcinfo, type, 0));
	PG_RETURN_CSTRING(text.data);
}

/*
 * The wire form starts with a version, so that it can change without a new
 * type.  What follows is checked like text is.
 */
#define WIRE_VERSION 1

Datum
value_recv(FunctionCallInfo fcinfo, const ValueType *type)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(message);
	void	   *value = NULL;
	const char *broken;

	if (version != WIRE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of binary %s", version, type->name),
				 errdetail("This version of the extension reads version %d.", WIRE_VERSION),
				 errhint("Update the extension here, or send the value as text.")));
	broken = type->receive(message, &value);
	if (broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type %s", type->name),
				 errdetail("%s", broken)));
	PG_RETURN_POINTER(value);
}

Datum
value_send(FunctionCallInfo fcinfo, const ValueType *type)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, WIRE_VERSION);
	type->send(&message, value_argument(fcinfo, type, 0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* a + b, and the transition and combine function of rollup() */
Datum
value_add(FunctionCallInfo fcinfo, const ValueType *type)
{
	void	   *b = value_argument(fcinfo, type, 1);

	return value_result(fcinfo, type, type->add(value_own(fcinfo, type), b));
}

/* a - b, and the inverse transition function of rollup() */
Datum
value_subtract(FunctionCallInfo fcinfo, const ValueType *type)
{
	void	   *b = value_argument(fcinfo, type, 1);

	return value_result(fcinfo, type, type->subtract(value_own(fcinfo, type), b));
}

/* the end of an aggregate: the state in its canonical form, itself untouched */
Datum
value_final(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_POINTER(type->pack(value_argument(fcinfo, type, 0)));
}

/*
 * -1 or 1 as the number of a is below or above that of b for certain, without
 * dividing numerics, which takes a microsecond; 0 if they are too close.
 */
static int
compare_nearly(const ValueType *type, const void *a, const void *b)
{
	double		number_a,
				number_b;
	bool		some_a;
	bool		some_b;

	if (type->nearly == NULL)
		return 0;
	some_a = type->nearly(a, &number_a);
	some_b = type->nearly(b, &number_b);
	if (!some_a || !some_b)
		return (int) some_b - (int) some_a;
	if (fabs(number_a - number_b) <= 1e-13 * (fabs(number_a) + fabs(number_b)))
		return 0;
	return number_a < number_b ? -1 : 1;
}

/* for certain the same sample: what is not in canonical form may be, too */
static bool
same_bytes(const ValueType *type, const void *a, const void *b)
{
	if (type->size > 0)
		return memcmp(a, b, type->size) == 0;
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

static int
compare_arguments(FunctionCallInfo fcinfo, const ValueType *type)
{
	void	   *a = value_argument(fcinfo, type, 0);
	void	   *b = value_argument(fcinfo, type, 1);
	MemoryContext before;
	MemoryContext context;
	int			order;

	if (type->size > 0 && type->ratio != NULL)
		return value_compare(type, a, b);
	order = compare_nearly(type, a, b);
	if (order == 0 && !same_bytes(type, a, b))
	{
		context = AllocSetContextCreate(CurrentMemoryContext, "kpi comparison",
										ALLOCSET_SMALL_SIZES);
		before = MemoryContextSwitchTo(context);
		order = value_compare(type, a, b);
		MemoryContextSwitchTo(before);
		MemoryContextDelete(context);
	}

	/*
	 * a sort compares without ever freeing what that takes; what is read from
	 * an expanded object stays with it
	 */
	if (type->size < 0)
	{
		if (!VARATT_IS_EXTERNAL_EXPANDED(PG_GETARG_POINTER(0)))
			PG_FREE_IF_COPY(a, 0);
		if (!VARATT_IS_EXTERNAL_EXPANDED(PG_GETARG_POINTER(1)))
			PG_FREE_IF_COPY(b, 1);
	}
	return order;
}

Datum
value_eq(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) == 0);
}

Datum
value_ne(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) != 0);
}

Datum
value_lt(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) < 0);
}

Datum
value_le(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) <= 0);
}

Datum
value_gt(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) > 0);
}

Datum
value_ge(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo, type) >= 0);
}

Datum
value_cmp(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_INT32(compare_arguments(fcinfo, type));
}

/* building a hash index hashes all rows in one memory context, so nothing may be left behind */
static void
free_hashed(FunctionCallInfo fcinfo, const ValueType *type, const void *value,
			const unsigned char *bytes)
{
	const void *packed = type->size > 0 ? bytes : bytes - VARHDRSZ;

	if (packed != value)
		pfree(unconstify(void *, packed));
	if (type->size < 0 && !VARATT_IS_EXTERNAL_EXPANDED(PG_GETARG_POINTER(0)))
		PG_FREE_IF_COPY(unconstify(void *, value), 0);
}

Datum
value_hash(FunctionCallInfo fcinfo, const ValueType *type)
{
	int			length;
	const void *value = value_argument(fcinfo, type, 0);
	const unsigned char *bytes = canonical_bytes(type, value, &length);
	Datum		hash = hash_any(bytes, length);

	free_hashed(fcinfo, type, value, bytes);
	PG_RETURN_DATUM(hash);
}

Datum
value_hash_extended(FunctionCallInfo fcinfo, const ValueType *type)
{
	int			length;
	const void *value = value_argument(fcinfo, type, 0);
	const unsigned char *bytes = canonical_bytes(type, value, &length);
	Datum		hash = hash_any_extended(bytes, length, PG_GETARG_INT64(1));

	free_hashed(fcinfo, type, value, bytes);
	PG_RETURN_DATUM(hash);
}

Datum
value_sample_size(FunctionCallInfo fcinfo, const ValueType *type)
{
	PG_RETURN_INT64(type->sample_size(value_argument(fcinfo, type, 0)));
}

/* the headline number as double precision, NULL without data */
Datum
value_float8(FunctionCallInfo fcinfo, const ValueType *type)
{
	void	   *value = value_argument(fcinfo, type, 0);
	Numeric		num,
				den;
	int64		n,
				d;

	/* a quotient of counts is rounded once, so that 3/100 = 0.03 */
	if (type->ratio != NULL)
	{
		if (!type->ratio(value, &n, &d))
			PG_RETURN_NULL();
		PG_RETURN_FLOAT8((double) ((int128) n * type->unit) / (double) d);
	}
	if (!type->fraction(value, &num, &den))
		PG_RETURN_NULL();
	return DirectFunctionCall1(numeric_float8,
							   DirectFunctionCall2(numeric_div, NumericGetDatum(num),
												   NumericGetDatum(den)));
}

/* the headline number as numeric, with the digits that numeric division gives */
Datum
value_numeric(FunctionCallInfo fcinfo, const ValueType *type)
{
	Numeric		num,
				den;

	if (!value_fraction(type, value_argument(fcinfo, type, 0), &num, &den))
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div, NumericGetDatum(num), NumericGetDatum(den));
}

/*
 * The headline number rounded half away from zero, from the exact fraction:
 * rounding a rounded quotient once more could end one off.
 */
Datum
value_round(FunctionCallInfo fcinfo, const ValueType *type)
{
	int32		digits = PG_GETARG_INT32(1);
	Decimal		power = {.units = 1};
	Numeric		num,
				den;
	Datum		two = NumericGetDatum(int64_to_numeric(2));
	Datum		step,
				n,
				d,
				half,
				sign,
				quotient;

	if (digits < -DECIMAL_DIGITS || digits > DECIMAL_DIGITS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot round to %d digits", digits),
				 errdetail("The number of digits must be between %d and %d.",
						   -DECIMAL_DIGITS, DECIMAL_DIGITS)));
	if (!value_fraction(type, value_argument(fcinfo, type, 0), &num, &den))
		PG_RETURN_NULL();

	power.scale = abs(digits);

	/* count steps of 10^-digits: trunc((2 |n| + step d) / (2 step d)) */
	step = NumericGetDatum(decimal_to_numeric(&power));
	n = NumericGetDatum(num);
	d = NumericGetDatum(den);
	if (digits >= 0)
		d = DirectFunctionCall2(numeric_mul, d, step);
	else
		n = DirectFunctionCall2(numeric_mul, n, step);
	sign = DirectFunctionCall1(numeric_sign, n);
	half = DirectFunctionCall2(numeric_add,
							   DirectFunctionCall2(numeric_mul, two,
												   DirectFunctionCall1(numeric_abs, n)), d);
	quotient = DirectFunctionCall2(numeric_div_trunc, half,
								   DirectFunctionCall2(numeric_mul, two, d));
	quotient = DirectFunctionCall2(numeric_mul, quotient, sign);
	if (digits >= 0)
		quotient = DirectFunctionCall2(numeric_mul, quotient, step);
	else
		quotient = DirectFunctionCall2(numeric_div_trunc, quotient, step);
	return DirectFunctionCall2(numeric_round, quotient, Int32GetDatum(Max(digits, 0)));
}
