/*
 * value.h - what all value types have in common
 *
 * A value type keeps the sample a KPI is computed from.  Whatever follows from
 * that alone - text and binary I/O, pooling, taking out again, order, equality,
 * hashing, the headline number as double precision, numeric or rounded - is
 * written once in value.c.  A type describes itself in a ValueType and gets its
 * SQL-callable functions from the macros below; its SQL boilerplate comes from
 * sql/value-type.sql.in in the same way.
 *
 * A fixed-size value is updated in place by the aggregate that owns it.  A
 * varlena value has two forms with the same header: packed, the canonical form
 * that is stored, and open, which can be updated in place.  Aggregates end by
 * packing, so that the same sample is always stored as the same bytes.
 */
#ifndef KPI_VALUE_H
#define KPI_VALUE_H

#include "kpi.h"
#include "lib/stringinfo.h"
#include "utils/numeric.h"

typedef struct ValueType
{
	const char *name;			/* SQL name, for messages */
	const char *form;			/* how a literal is written, for hints */
	const char *of_text;		/* how a column of text is aggregated: with a cast */
	int			size;			/* bytes of a fixed-size value, or -1 */

	/* a varlena value as it is stored, where detoasting is not all it takes, else NULL */
	void	   *(*read) (Datum value);

	/*
	 * Read a text or binary representation.  Both return NULL and the value,
	 * or the rule that was broken as a sentence.
	 */
	const char *(*parse) (const char *text, void **value);
	const char *(*receive) (StringInfo message, void **value);
	void		(*print) (StringInfo text, const void *value);
	void		(*send) (StringInfo message, const void *value);

	/*
	 * Pool b into a, or take it out again.  Return a, or where it had to grow
	 * its successor.  subtract is NULL where taking out cannot be exact.
	 */
	void	   *(*add) (void *a, const void *b);
	void	   *(*subtract) (void *a, const void *b);

	/*
	 * open gives a form that may be changed, pack the canonical one.  Both may
	 * return their argument; pack never changes it.  NULL where there is but
	 * one form.
	 */
	void	   *(*open) (void *value);
	void	   *(*pack) (const void *value);

	int64		(*sample_size) (const void *value);

	/*
	 * The headline number as a fraction with a positive denominator; false if
	 * there is none.  Types made of counts give ratio, the others fraction.
	 */
	bool		(*ratio) (const void *value, int64 *num, int64 *den);
	int			unit;			/* what the ratio is multiplied by */
	bool		(*fraction) (const void *value, Numeric *num, Numeric *den);

	/*
	 * Where there is a fraction: nearly the same, within 1e-14 of itself, which
	 * mostly tells which of two is greater.
	 */
	bool		(*nearly) (const void *value, double *number);
} ValueType;

/* the argument as a plain, readable value */
static inline void *
value_argument(FunctionCallInfo fcinfo, const ValueType *type, int i)
{
	Datum		arg = PG_GETARG_DATUM(i);

	if (type->size > 0)
		return DatumGetPointer(arg);
	return type->read != NULL ? type->read(arg) : (void *) PG_DETOAST_DATUM(arg);
}

extern void *value_copy(FunctionCallInfo fcinfo, const ValueType *type);

/*
 * The first argument in a form that may be changed: the aggregate's own state,
 * or a copy if an operator or a direct call asks.  Inline for the types of fixed
 * size, of whose transition functions it is a good part.
 */
static inline void *
value_own(FunctionCallInfo fcinfo, const ValueType *type)
{
	if (type->size > 0 && likely(KPI_IN_AGGREGATE(fcinfo)))
		return PG_GETARG_POINTER(0);
	return value_copy(fcinfo, type);
}

extern Datum value_result(FunctionCallInfo fcinfo, const ValueType *type, void *value);
extern bool value_fraction(const ValueType *type, const void *value, Numeric *num, Numeric *den);
pg_noreturn extern void value_overflow(const ValueType *type);
pg_noreturn extern void value_not_in(const ValueType *type);

extern Datum value_in(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_out(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_recv(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_send(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_add(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_subtract(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_final(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_eq(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_ne(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_lt(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_le(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_gt(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_ge(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_cmp(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_hash(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_hash_extended(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_sample_size(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_float8(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_numeric(FunctionCallInfo fcinfo, const ValueType *type);
extern Datum value_round(FunctionCallInfo fcinfo, const ValueType *type);

/* the SQL-callable function TYPE_NAME, by value_NAME on TYPE_type */
#define VALUE_FUNCTION(type, name) \
	PG_FUNCTION_INFO_V1(type##_##name); \
	Datum \
	type##_##name(PG_FUNCTION_ARGS) \
	{ \
		return value_##name(fcinfo, &type##_type); \
	}

/* the functions every type has; pooling and taking out are asked for one by one */
#define VALUE_FUNCTIONS(type) \
	VALUE_FUNCTION(type, in) \
	VALUE_FUNCTION(type, out) \
	VALUE_FUNCTION(type, recv) \
	VALUE_FUNCTION(type, send) \
	VALUE_FUNCTION(type, eq) \
	VALUE_FUNCTION(type, ne) \
	VALUE_FUNCTION(type, lt) \
	VALUE_FUNCTION(type, le) \
	VALUE_FUNCTION(type, gt) \
	VALUE_FUNCTION(type, ge) \
	VALUE_FUNCTION(type, cmp) \
	VALUE_FUNCTION(type, hash) \
	VALUE_FUNCTION(type, hash_extended) \
	VALUE_FUNCTION(type, sample_size) \
	VALUE_FUNCTION(type, float8) \
	VALUE_FUNCTION(type, numeric) \
	VALUE_FUNCTION(type, round)

#endif							/* KPI_VALUE_H */
