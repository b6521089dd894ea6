/*
 * hash.c: whether rows are the same, for a refresh that compares
 *
 * All rows of a source are hashed at each such refresh, on both sides.  The hash of
 * a type would make what is written differently the same, a number and its negative
 * even, and has to be looked up for each; what counts here is whether anything is
 * written differently, and that the bytes of a value say.  The hashes are kept
 * nowhere, so they may be others on another machine.
 */
#include "kpi.h"

#include "access/tupmacs.h"
#include "common/hashfn.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(hash_bytes_of);

typedef struct Hashed
{
	int			n;
	struct
	{
		int16		length;
		bool		by_value;
	}			type[FLEXIBLE_ARRAY_MEMBER];
} Hashed;

static Hashed *
look_up_types(FunctionCallInfo fcinfo)
{
	Hashed	   *hashed = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
											offsetof(Hashed, type) +
											PG_NARGS() * sizeof(hashed->type[0]));

	hashed->n = PG_NARGS();
	for (int i = 0; i < hashed->n; i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		if (!OidIsValid(type))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("could not determine the type of argument %d", i + 1),
					 errhint("Call the function in a query.")));
		get_typlenbyval(type, &hashed->type[i].length, &hashed->type[i].by_value);
	}
	fcinfo->flinfo->fn_extra = hashed;
	return hashed;
}

static uint64
hash_value(Datum value, int16 length, bool by_value, uint64 seed)
{
	struct varlena *whole;
	uint64		hash;

	if (by_value)
	{
		Datum		held = 0;

		/* a Datum has more bits, which are others where it has been computed */
		store_att_byval(&held, value, length);
		return hash_bytes_extended((unsigned char *) &held, length, seed);
	}
	if (length > 0)
		return hash_bytes_extended((unsigned char *) DatumGetPointer(value), length, seed);
	if (length == -2)
		return hash_bytes_extended((unsigned char *) DatumGetCString(value),
								   strlen(DatumGetCString(value)), seed);
	whole = PG_DETOAST_DATUM_PACKED(value);
	hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(whole), VARSIZE_ANY_EXHDR(whole),
							   seed);
	if ((Pointer) whole != DatumGetPointer(value))
		pfree(whole);
	return hash;
}

/*
 * hash_bytes_of(VARIADIC "any") returns bigint
 *
 * A hash of all values, by their bytes: equal for the same, and for others with a
 * probability of 2^-64.  Errors: 22023 without types, as in a call that is not part
 * of a query.
 */
Datum
hash_bytes_of(PG_FUNCTION_ARGS)
{
	Hashed	   *hashed = fcinfo->flinfo->fn_extra;
	uint64		hash = 1;

	if (unlikely(hashed == NULL))
		hashed = look_up_types(fcinfo);
	for (int i = 0; i < hashed->n; i++)
		hash = PG_ARGISNULL(i)
			? hash_combine64(hash, 1)
			: hash_value(PG_GETARG_DATUM(i), hashed->type[i].length, hashed->type[i].by_value,
						 hash);
	PG_RETURN_INT64((int64) hash);
}
