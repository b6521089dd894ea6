/*
 * kpi.h - what every file of the extension starts from
 *
 * All differences between server versions live here and nowhere else.
 */
#ifndef KPI_H
#define KPI_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "nodes/execnodes.h"

#if PG_VERSION_NUM < 150000
#error "kpi needs PostgreSQL 15 or later"
#endif

#ifndef HAVE_INT128
#error "kpi needs a platform with 128-bit integers: its sums are exact to 38 digits"
#endif

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif

/*
 * Report an error in a type's input.  From version 16 on the caller can ask
 * to get it softly (pg_input_is_valid, COPY ... ON_ERROR ignore).
 */
#ifndef ereturn
#define ereturn(context, dummy, ...) \
	do { (void) (context); ereport(ERROR, __VA_ARGS__); return dummy; } while (0)
#endif

/* make_range() reports soft errors from version 16 on */
#if PG_VERSION_NUM >= 160000
#define make_range_compat(type, lower, upper, empty) make_range(type, lower, upper, empty, NULL)
#else
#define make_range_compat(type, lower, upper, empty) make_range(type, lower, upper, empty)
#endif

/* rights to objects of any kind are asked of one function from version 16 on */
#if PG_VERSION_NUM >= 160000
#define schema_aclcheck(schema, role, mode) object_aclcheck(NamespaceRelationId, schema, role, mode)
#define relation_ownercheck(relation, role) object_ownercheck(RelationRelationId, relation, role)
#else
#define schema_aclcheck(schema, role, mode) pg_namespace_aclcheck(schema, role, mode)
#define relation_ownercheck(relation, role) pg_class_ownercheck(relation, role)
#endif

/* how a function that does not return is declared from version 18 on */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* what a query groups by is an item of its range table from version 18 on */
#if PG_VERSION_NUM >= 180000
#define KPI_GROUP_EXPRESSIONS(entry) ((entry)->rtekind == RTE_GROUP ? (entry)->groupexprs : NIL)
#else
#define KPI_GROUP_EXPRESSIONS(entry) NIL
#endif

/* intervals can be infinite from version 17 on */
#ifndef INTERVAL_NOT_FINITE
#define INTERVAL_NOT_FINITE(interval) ((void) (interval), false)
#endif

/*
 * Is this call made by an aggregate or a window aggregate?  Only then does the
 * first argument belong to us and may be changed in place.  Says the same as
 * AggCheckCallContext(fcinfo, NULL), without a function call for every row.
 */
#define KPI_IN_AGGREGATE(fcinfo) \
	((fcinfo)->context != NULL && \
	 (IsA((fcinfo)->context, AggState) || IsA((fcinfo)->context, WindowAggState)))

#endif							/* KPI_H */
