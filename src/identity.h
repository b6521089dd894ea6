/*
 * identity.h - who is meant: customers and visitors as 64-bit numbers
 *
 * A bigint is itself.  Of a uuid or text a 64-bit hash is kept: among n of them
 * two share one with a probability of about n^2 / 2^65, one in 370,000 for ten
 * million.  The hash is the one that hash partitioning uses and stays the same
 * over server versions, but not over machines of different byte order: an
 * activity remembers its own.
 *
 * Two texts are the same if their bytes are.  A nondeterministic collation and a
 * type such as citext call others equal, too, and are refused.
 */
#ifndef KPI_IDENTITY_H
#define KPI_IDENTITY_H

#include "kpi.h"
#include "catalog/pg_collation.h"
#include "common/hashfn.h"
#include "utils/lsyscache.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

typedef int64 (*identity_function) (Datum who);

extern void refuse_text(FunctionCallInfo fcinfo);

/*
 * Whether the texts in argument 1 may be told apart by their bytes, looked at once
 * for a query.  Errors: 42P22 for an unknown collation, 0A000 for one under which
 * other bytes are equal, and for a type that has an equality of its own, as citext.
 */
static inline void
check_text(FunctionCallInfo fcinfo)
{
	if (unlikely(fcinfo->flinfo->fn_extra == NULL))
	{
		refuse_text(fcinfo);
		fcinfo->flinfo->fn_extra = fcinfo->flinfo;
	}
}

static inline int64
bigint_identity(Datum who)
{
	return DatumGetInt64(who);
}

static inline int64
uuid_identity(Datum who)
{
	return (int64) hash_bytes_extended(DatumGetUUIDP(who)->data, UUID_LEN, 0);
}

static inline int64
text_identity(Datum who)
{
	text	   *name = DatumGetTextPP(who);
	int64		id = (int64) hash_bytes_extended((unsigned char *) VARDATA_ANY(name),
												 VARSIZE_ANY_EXHDR(name), 0);

	if ((Pointer) name != DatumGetPointer(who))
		pfree(name);
	return id;
}

/* a char(n) is who its text is: without the blanks it is filled up with */
static inline int64
bpchar_identity(Datum who)
{
	BpChar	   *name = DatumGetBpCharPP(who);
	int			length = bpchartruelen(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	int64		id = (int64) hash_bytes_extended((unsigned char *) VARDATA_ANY(name), length, 0);

	if ((Pointer) name != DatumGetPointer(who))
		pfree(name);
	return id;
}

extern void want_large_pages(void *memory, Size size);

/* something about somebody, to be brought together by who it is */
typedef struct Fact
{
	int64		who;
	int64		what;
	int64		more;
} Fact;

extern Fact *sort_facts(const Fact *fact, int64 n);

#endif							/* KPI_IDENTITY_H */
