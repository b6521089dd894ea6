/*
 * number.c: amounts and quantities of sources, on their way into the views of a model
 *
 * An aggregate refuses NaN and infinity, too, but sees no more of a row than the number.  Here the
 * row is at hand, and is asked what it is only if there is something to say of it.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(finite_number);

/*
 * finite_number(number numeric, place text, key text, value bigint | uuid | text | timestamptz)
 * returns numeric
 *
 * The number, which is in the column that is called place, of a row whose key has this value; NULL
 * if the number is.  Error: 22023 for NaN and infinity.
 */
Datum
finite_number(PG_FUNCTION_ARGS)
{
	Numeric		number;
	const char *place = "the number";
	const char *key = "key";
	const char *value = "NULL";
	Oid			type;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	number = PG_GETARG_NUMERIC(0);
	if (!numeric_is_nan(number) && !numeric_is_inf(number))
		PG_RETURN_NUMERIC(number);

	if (!PG_ARGISNULL(1))
		place = TextDatumGetCString(PG_GETARG_DATUM(1));
	if (!PG_ARGISNULL(2))
		key = TextDatumGetCString(PG_GETARG_DATUM(2));
	type = get_fn_expr_argtype(fcinfo->flinfo, 3);
	if (!PG_ARGISNULL(3) && OidIsValid(type))
	{
		Oid			output;
		bool		varlena;

		getTypeOutputInfo(type, &output, &varlena);
		value = OidOutputFunctionCall(output, PG_GETARG_DATUM(3));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s is %s", place, numeric_is_nan(number) ? "NaN" : "infinite"),
			 errdetail("It is so in a row with %s %s. A sum with it would lose every other value.",
					   key, value),
			 errhint("Make it NULL in the source; SELECT * FROM kpi.check(<model>) counts such "
					 "rows.")));
}
