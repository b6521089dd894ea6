/*
 * lock.c: one at a time works on a model
 *
 * The lock is one on the schema itself, of a mode in which nobody but DROP SCHEMA
 * meets it: readers go on, and so does whoever makes a table there.  An advisory
 * lock would do, too, but anybody who may connect could take that.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timeout.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(lock_schema);
PG_FUNCTION_INFO_V1(lock_relation);

/*
 * lock_schema(schema text, part integer, wait boolean) returns boolean
 *
 * Locks part of the work on a schema (0 is also locked by DROP SCHEMA) until the
 * transaction ends; false if somebody else has it and we do not wait.  An error for
 * who may not create there, and for a schema that is not there or gone meanwhile.
 */
Datum
lock_schema(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int32		part = PG_GETARG_INT32(1);
	bool		wait = PG_GETARG_BOOL(2);
	Oid			schema = get_namespace_oid(name, false);
	AclResult	allowed = schema_aclcheck(schema, GetUserId(), ACL_CREATE);
	LOCKTAG		tag;

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_SCHEMA, name);
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, NamespaceRelationId, schema, (uint16) part);
	if (LockAcquire(&tag, ShareUpdateExclusiveLock, false, !wait) == LOCKACQUIRE_NOT_AVAIL)
		PG_RETURN_BOOL(false);

	AcceptInvalidationMessages();
	if (!SearchSysCacheExists1(NAMESPACEOID, ObjectIdGetDatum(schema)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" has been dropped", name)));
	PG_RETURN_BOOL(true);
}

/*
 * lock_relation(relation oid) returns void
 *
 * Locks a relation of the caller's in the mode that keeps readers out, too.  Who
 * waits for a lock looks once, after deadlock_timeout, whether somebody waits for
 * him, and a reader who begins to do so later would find the deadlock and fail.  We
 * look twice as often, and again and again: so it is us who gets the error.
 */
Datum
lock_relation(PG_FUNCTION_ARGS)
{
	static TimeoutId watch = MAX_TIMEOUTS;
	Oid			relation = PG_GETARG_OID(0);
	int			often = Max(DeadlockTimeout / 2, 1);

	if (!relation_ownercheck(relation, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(relation)),
					   get_rel_name(relation));
	if (watch == MAX_TIMEOUTS)
		watch = RegisterTimeout(USER_TIMEOUT, CheckDeadLockAlert);
	enable_timeout_every(watch, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), often), often);
	PG_TRY();
	{
		LockRelationOid(relation, AccessExclusiveLock);
	}
	PG_FINALLY();
	{
		disable_timeout(watch, false);
	}
	PG_END_TRY();
	PG_RETURN_VOID();
}
