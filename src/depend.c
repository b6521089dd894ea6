/*
 * depend.c: which rows of a relation are another's doing
 *
 * A view is read as it was parsed: of each table below it the column is looked for
 * whose value in a row is the value of a given column of the view in all of the
 * view's rows that the row has a part in.  Often that is another column of the same
 * table, or one that the view holds against it; or it takes a way through other
 * tables, as from an article over the lines that name it to their orders.  Then who
 * knows which rows of the tables have changed knows which of the view may have.
 *
 * Columns that are equal in all rows of a query are of one class (union-find).  Of
 * what is equal only where something is found there is a direction: a line on the
 * nullable side of an outer join, in a subquery of its own or in an aggregate has a
 * part in the rows of its order, but it is not by the line that the order is there.
 * So an edge leads from the inner class to the outer one, never back.
 *
 * Where in doubt, a column is left out: then any change of the table may change any
 * row of the view, which is slow to find out, and right.
 */
#include "kpi.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(tables_below);

#define NONE (-1)

/* a table, each time that it is read anew */
typedef struct Table
{
	Oid			relation;
	Bitmapset  *read;			/* its columns that are, less FirstLowInvalid... as usual */
} Table;

/* a column, of a table or of what a subquery gives */
typedef struct Column
{
	int			table;			/* NONE of a subquery */
	AttrNumber	number;
	int			parent;			/* towards the one that stands for its class */
} Column;

typedef struct Edge
{
	int			from;
	int			to;
} Edge;

typedef struct Search
{
	Table	   *tables;
	int			n_tables;
	Column	   *columns;
	int			n_columns;
	Edge	   *edges;
	int			n_edges;
	const char *problem;		/* why changes of the tables do not say all */
} Search;

/* what a query gives */
typedef struct Output
{
	int			column;			/* NONE where that is not simply a column of a table */
	bool		nullable;		/* whether it is NULL where there was nothing to join */
} Output;

/* a query, with what stands for the items of its range table */
typedef struct Level
{
	struct Level *parent;
	Search	   *search;
	Query	   *query;
	int		   *tables;			/* a table, or NONE */
	Output	  **outputs;		/* what a subquery gives, or NULL */
	Bitmapset  *nullable;		/* what an outer join may leave out */
} Level;

/* a way from a class to that of the wanted column */
typedef struct Way
{
	int			reached_by;		/* column of a table through which, NONE where it begins */
	int			left_by;
	int			before;			/* the class it was reached from */
	bool		seen;
} Way;

static Output *query_outputs(Query *query, Level *parent, Search *search);

/* ---- classes ---- */

static int
add_column(Search *search, int table, AttrNumber number)
{
	if (search->n_columns % 64 == 0)
		search->columns = search->columns == NULL ?
			palloc(64 * sizeof(Column)) :
			repalloc(search->columns, (search->n_columns + 64) * sizeof(Column));
	search->columns[search->n_columns].table = table;
	search->columns[search->n_columns].number = number;
	search->columns[search->n_columns].parent = search->n_columns;
	return search->n_columns++;
}

static int
class_of(Search *search, int column)
{
	while (search->columns[column].parent != column)
		column = search->columns[column].parent;
	return column;
}

static void
add_edge(Search *search, int from, int to)
{
	if (search->n_edges % 64 == 0)
		search->edges = search->edges == NULL ?
			palloc(64 * sizeof(Edge)) :
			repalloc(search->edges, (search->n_edges + 64) * sizeof(Edge));
	search->edges[search->n_edges].from = from;
	search->edges[search->n_edges++].to = to;
}

static int
add_table(Search *search, Oid relation)
{
	if (search->n_tables % 16 == 0)
		search->tables = search->tables == NULL ?
			palloc(16 * sizeof(Table)) :
			repalloc(search->tables, (search->n_tables + 16) * sizeof(Table));
	search->tables[search->n_tables].relation = relation;
	search->tables[search->n_tables].read = NULL;
	return search->n_tables++;
}

static int
table_column(Search *search, int table, AttrNumber number)
{
	for (int i = 0; i < search->n_columns; i++)
	{
		if (search->columns[i].table == table && search->columns[i].number == number)
			return i;
	}
	return add_column(search, table, number);
}

/* ---- what an expression is ---- */

/* The column that a variable stands for, or NONE. */
static int
column_of(Level *level, Node *expression)
{
	Var		   *variable;
	RangeTblEntry *entry;

	while (expression != NULL && IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	if (expression == NULL || !IsA(expression, Var))
		return NONE;
	variable = (Var *) expression;
	for (Index up = variable->varlevelsup; up > 0 && level != NULL; up--)
		level = level->parent;
	if (level == NULL || variable->varattno <= 0)
		return NONE;
	if (level->tables[variable->varno] != NONE)
		return table_column(level->search, level->tables[variable->varno], variable->varattno);
	if (level->outputs[variable->varno] != NULL)
		return level->outputs[variable->varno][variable->varattno - 1].column;
	entry = rt_fetch(variable->varno, level->query->rtable);
	if (entry->rtekind == RTE_JOIN)
		return column_of(level, list_nth(entry->joinaliasvars, variable->varattno - 1));
	if (KPI_GROUP_EXPRESSIONS(entry) != NIL)
		return column_of(level, list_nth(KPI_GROUP_EXPRESSIONS(entry), variable->varattno - 1));
	return NONE;
}

/* Whether a variable of this level is of the nullable side of an outer join. */
static bool
is_of(Level *level, Node *expression, Bitmapset *items)
{
	RangeTblEntry *entry;

	while (expression != NULL && IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	if (expression == NULL || !IsA(expression, Var) || ((Var *) expression)->varlevelsup > 0)
		return false;
	entry = rt_fetch(((Var *) expression)->varno, level->query->rtable);
	if (entry->rtekind == RTE_JOIN)
		return is_of(level, list_nth(entry->joinaliasvars, ((Var *) expression)->varattno - 1),
					 items);
	if (KPI_GROUP_EXPRESSIONS(entry) != NIL)
		return is_of(level, list_nth(KPI_GROUP_EXPRESSIONS(entry),
									 ((Var *) expression)->varattno - 1), items);
	return bms_is_member(((Var *) expression)->varno, items);
}

/* Whether a variable of this level may be NULL for want of something to join. */
static bool
is_nullable(Level *level, Node *expression)
{
	Var		   *variable;

	while (expression != NULL && IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	if (expression == NULL || !IsA(expression, Var))
		return false;
	if (is_of(level, expression, level->nullable))
		return true;
	variable = (Var *) expression;
	return variable->varlevelsup == 0 && variable->varattno > 0 &&
		level->outputs[variable->varno] != NULL &&
		level->outputs[variable->varno][variable->varattno - 1].nullable;
}

static bool
is_outer(Node *expression)
{
	while (IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	return IsA(expression, Var) && ((Var *) expression)->varlevelsup > 0;
}

/* Equality of values that are written alike where they are equal. */
static bool
is_equality(OpExpr *expression)
{
	set_opfuncid(expression);
	switch (expression->opfuncid)
	{
		case F_INT2EQ:
		case F_INT4EQ:
		case F_INT8EQ:
		case F_INT24EQ:
		case F_INT42EQ:
		case F_INT28EQ:
		case F_INT82EQ:
		case F_INT48EQ:
		case F_INT84EQ:
		case F_UUID_EQ:
			return true;
		case F_TEXTEQ:
			return !OidIsValid(expression->inputcollid) ||
				get_collation_isdeterministic(expression->inputcollid);
		default:
			return false;
	}
}

/*
 * What conditions say: of two columns of this level that they are equal; where a
 * side can be left out, of its columns what they have a part in; and of a column
 * of an outer query that what is found here has a part in its rows.
 */
static void
read_conditions(Level *level, Node *conditions, Bitmapset *nullable)
{
	Search	   *search = level->search;

	check_stack_depth();
	if (conditions == NULL)
		return;
	if (IsA(conditions, List))
	{
		ListCell   *cell;

		foreach(cell, (List *) conditions)
			read_conditions(level, lfirst(cell), nullable);
	}
	else if (is_andclause(conditions))
		read_conditions(level, (Node *) ((BoolExpr *) conditions)->args, nullable);
	else if (IsA(conditions, OpExpr) && is_equality((OpExpr *) conditions))
	{
		Node	   *sides[2] = {linitial(((OpExpr *) conditions)->args),
			lsecond(((OpExpr *) conditions)->args)};
		int			columns[2] = {column_of(level, sides[0]), column_of(level, sides[1])};

		if (columns[0] == NONE || columns[1] == NONE)
			return;
		for (int i = 0; i < 2; i++)
		{
			bool		own = !is_outer(sides[i]) &&
				(nullable == NULL || is_of(level, sides[i], nullable));
			bool		other_own = !is_outer(sides[1 - i]) &&
				(nullable == NULL || is_of(level, sides[1 - i], nullable));

			if (own && other_own)
				search->columns[class_of(search, columns[0])].parent =
					class_of(search, columns[1]);
			else if (own)
				add_edge(search, columns[i], columns[1 - i]);
		}
	}
}

/* ---- what is read ---- */

/* Whether what a function gives may change although no table of the query does. */
static bool
is_unsteady(Oid function, void *search)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	const char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	form = (Form_pg_proc) GETSTRUCT(tuple);
	name = NameStr(form->proname);
	if (form->provolatile != PROVOLATILE_IMMUTABLE)
	{
		if (form->provolatile == PROVOLATILE_VOLATILE ||
			form->pronamespace != PG_CATALOG_NAMESPACE)
			((Search *) search)->problem =
				psprintf("it calls %s, of which nobody knows what that reads",
						 format_procedure(function));
		else if (form->pronargs == 0 || strcmp(name, "current_setting") == 0 ||
				 (strcmp(name, "age") == 0 && form->pronargs == 1) ||
				 strncmp(name, "pg_", 3) == 0 || strncmp(name, "has_", 4) == 0 ||
				 strncmp(name, "to_reg", 6) == 0 || strstr(name, "_to_xml") != NULL)
			((Search *) search)->problem =
				psprintf("it calls %s, which changes by itself", format_procedure(function));
	}
	ReleaseSysCache(tuple);
	return ((Search *) search)->problem != NULL;
}

static void
mark_read(Level *level, Var *variable)
{
	RangeTblEntry *entry;

	for (Index up = variable->varlevelsup; up > 0 && level != NULL; up--)
		level = level->parent;
	if (level == NULL)
		return;
	if (level->tables[variable->varno] != NONE)
	{
		Table	   *table = &level->search->tables[level->tables[variable->varno]];

		table->read = bms_add_member(table->read,
									 variable->varattno - FirstLowInvalidHeapAttributeNumber);
		return;
	}
	entry = rt_fetch(variable->varno, level->query->rtable);
	if (entry->rtekind == RTE_JOIN)
	{
		ListCell   *cell;
		int			number = 0;

		foreach(cell, entry->joinaliasvars)
		{
			number++;
			if (variable->varattno == 0 || variable->varattno == number)
			{
				ListCell   *below;

				foreach(below, pull_vars_of_level(lfirst(cell), 0))
					mark_read(level, lfirst(below));
			}
		}
	}
}

static bool
read_expression(Node *expression, void *context)
{
	Level	   *level = context;
	Search	   *search = level->search;

	if (expression == NULL || IsA(expression, Query))
		return false;			/* subqueries are read where they stand */
	if (IsA(expression, Var))
		mark_read(level, (Var *) expression);
	else if (IsA(expression, SubLink))
	{
		query_outputs(castNode(Query, ((SubLink *) expression)->subselect), level, search);
	}
	else if (IsA(expression, SQLValueFunction) || IsA(expression, NextValueExpr))
		search->problem = "it reads the clock or the session, which change by themselves";
	else if (check_functions_in_node(expression, is_unsteady, search))
		return true;
	return expression_tree_walker(expression, read_expression, level);
}

/* An item of FROM: a table, or a query with columns. */
static void
read_item(Level *level, int item)
{
	RangeTblEntry *entry = rt_fetch(item, level->query->rtable);
	Search	   *search = level->search;
	Query	   *query = NULL;
	Level	   *parent = level;

	switch (entry->rtekind)
	{
		case RTE_RELATION:
			if (entry->relkind == RELKIND_RELATION || entry->relkind == RELKIND_PARTITIONED_TABLE)
			{
				Relation	relation = table_open(entry->relid, AccessShareLock);

				if (relation->rd_rel->relrowsecurity)
					search->problem = psprintf("table %s has row level security",
											   RelationGetRelationName(relation));
				else if (relation->rd_rel->relnamespace == PG_CATALOG_NAMESPACE ||
						 !entry->inh || entry->tablesample != NULL)
					search->problem = psprintf("table %s cannot be followed there",
											   RelationGetRelationName(relation));
				table_close(relation, NoLock);
				level->tables[item] = add_table(search, entry->relid);
			}
			else if (entry->relkind == RELKIND_VIEW)
			{
				Relation	view = table_open(entry->relid, AccessShareLock);

				query = copyObject(get_view_query(view));
				table_close(view, NoLock);	/* what it calls stays, too */
				parent = NULL;
			}
			else
				search->problem = psprintf("%s is neither a table nor a view",
										   get_rel_name(entry->relid));
			break;
		case RTE_SUBQUERY:
			query = entry->subquery;
			break;
		case RTE_CTE:
			for (Index up = entry->ctelevelsup; up > 0 && parent != NULL; up--)
				parent = parent->parent;
			if (entry->self_reference || parent == NULL)
				search->problem = "a recursive query cannot be followed";
			else
			{
				ListCell   *cell;

				foreach(cell, parent->query->cteList)
				{
					CommonTableExpr *with = lfirst(cell);

					if (strcmp(with->ctename, entry->ctename) == 0)
						query = castNode(Query, with->ctequery);
				}
			}
			break;
		default:
			break;				/* functions, VALUES and the like read no table */
	}
	if (query != NULL)
		level->outputs[item] = query_outputs(query, parent, search);
}

static Bitmapset *
read_from(Level *level, Node *from)
{
	Bitmapset  *items = NULL;

	check_stack_depth();
	if (from == NULL)
		return NULL;
	if (IsA(from, RangeTblRef))
	{
		read_item(level, ((RangeTblRef *) from)->rtindex);
		return bms_make_singleton(((RangeTblRef *) from)->rtindex);
	}
	if (IsA(from, FromExpr))
	{
		ListCell   *cell;

		foreach(cell, ((FromExpr *) from)->fromlist)
			items = bms_add_members(items, read_from(level, lfirst(cell)));
		read_conditions(level, ((FromExpr *) from)->quals, NULL);
	}
	else if (IsA(from, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) from;
		Bitmapset  *left = read_from(level, join->larg);
		Bitmapset  *right = read_from(level, join->rarg);

		if (join->jointype == JOIN_INNER)
			read_conditions(level, join->quals, NULL);
		else if (join->jointype == JOIN_LEFT || join->jointype == JOIN_RIGHT)
		{
			Bitmapset  *nullable = join->jointype == JOIN_LEFT ? right : left;

			level->nullable = bms_add_members(level->nullable, nullable);
			read_conditions(level, join->quals, nullable);
		}
		else
			level->nullable = bms_add_members(bms_add_members(level->nullable, left), right);
		items = bms_union(left, right);
	}
	return items;
}

/* ---- what a query gives ---- */

static bool
is_simple(Query *query)
{
	return query->setOperations == NULL && !query->hasAggs && query->groupClause == NIL &&
		query->groupingSets == NIL && query->distinctClause == NIL &&
		query->windowClause == NIL && query->limitCount == NULL && query->limitOffset == NULL;
}

static bool
is_among(TargetEntry *target, List *clauses)
{
	ListCell   *cell;

	foreach(cell, clauses)
	{
		SortGroupClause *clause = lfirst(cell);

		if (target->ressortgroupref != 0 && clause->tleSortGroupRef == target->ressortgroupref)
			return true;
	}
	return false;
}

/* Whether rows with one value of a column have no part in those with another. */
static bool
is_apart(Query *query, TargetEntry *target)
{
	ListCell   *cell;

	if (query->limitCount != NULL || query->limitOffset != NULL || query->groupingSets != NIL)
		return false;
	if ((query->hasAggs || query->groupClause != NIL) && !is_among(target, query->groupClause))
		return false;
	if (query->distinctClause != NIL && !is_among(target, query->distinctClause))
		return false;
	foreach(cell, query->windowClause)
	{
		if (!is_among(target, ((WindowClause *) lfirst(cell))->partitionClause))
			return false;
	}
	return true;
}

/* ---- what gives no rows ---- */

/* Whether an expression over a query is NULL, whatever its tables hold. */
static bool
is_null(Query *query, Node *expression)
{
	check_stack_depth();
	expression = strip_implicit_coercions(expression);
	if (IsA(expression, Const))
		return ((Const *) expression)->constisnull;
	if (IsA(expression, Var) && ((Var *) expression)->varlevelsup == 0 &&
		((Var *) expression)->varattno > 0)
	{
		RangeTblEntry *entry = rt_fetch(((Var *) expression)->varno, query->rtable);

		if (entry->rtekind == RTE_SUBQUERY && entry->subquery->setOperations == NULL)
		{
			TargetEntry *target = get_tle_by_resno(entry->subquery->targetList,
												   ((Var *) expression)->varattno);

			return target != NULL && is_null(entry->subquery, (Node *) target->expr);
		}
	}
	return false;
}

/* Whether a condition on a query never holds. */
static bool
is_false(Query *query, Node *condition)
{
	check_stack_depth();
	if (condition == NULL)
		return false;
	if (IsA(condition, Const))
		return ((Const *) condition)->constisnull ||
			!DatumGetBool(((Const *) condition)->constvalue);
	if (IsA(condition, NullTest))
		return ((NullTest *) condition)->nulltesttype == IS_NOT_NULL &&
			!((NullTest *) condition)->argisrow &&
			is_null(query, (Node *) ((NullTest *) condition)->arg);
	if (IsA(condition, BoolExpr) && ((BoolExpr *) condition)->boolop == AND_EXPR)
	{
		ListCell   *cell;

		foreach(cell, ((BoolExpr *) condition)->args)
		{
			if (is_false(query, lfirst(cell)))
				return true;
		}
	}
	return false;
}

/*
 * Whether what is read of a query, or all of it, never has a row, as where presets read a
 * table that is not there.
 */
static bool
is_empty(Query *query, Node *from)
{
	check_stack_depth();
	if (from == NULL)
		return query->setOperations == NULL && query->groupingSets == NIL &&
			((!query->hasAggs && query->havingQual == NULL) || query->groupClause != NIL) &&
			(is_empty(query, (Node *) query->jointree) || is_false(query, query->havingQual));
	if (IsA(from, RangeTblRef))
	{
		RangeTblEntry *entry = rt_fetch(((RangeTblRef *) from)->rtindex, query->rtable);

		return entry->rtekind == RTE_SUBQUERY && is_empty(entry->subquery, NULL);
	}
	if (IsA(from, FromExpr))
	{
		ListCell   *cell;

		foreach(cell, ((FromExpr *) from)->fromlist)
		{
			if (is_empty(query, lfirst(cell)))
				return true;
		}
		return is_false(query, ((FromExpr *) from)->quals);
	}
	if (IsA(from, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) from;

		if (join->jointype == JOIN_INNER)
			return is_empty(query, join->larg) || is_empty(query, join->rarg) ||
				is_false(query, join->quals);
		return (join->jointype == JOIN_LEFT && is_empty(query, join->larg)) ||
			(join->jointype == JOIN_RIGHT && is_empty(query, join->rarg));
	}
	return false;
}

static void
read_set_operation(Level *level, Node *operation, Output *outputs, int n)
{
	check_stack_depth();
	if (IsA(operation, SetOperationStmt))
	{
		read_set_operation(level, ((SetOperationStmt *) operation)->larg, outputs, n);
		read_set_operation(level, ((SetOperationStmt *) operation)->rarg, outputs, n);
	}
	else
	{
		int			item = castNode(RangeTblRef, operation)->rtindex;

		if (is_empty(level->query, operation))
			return;
		read_item(level, item);
		for (int i = 0; i < n; i++)
		{
			Output	   *part = &level->outputs[item][i];

			if (part->column != NONE)
				add_edge(level->search, part->column, outputs[i].column);
			outputs[i].nullable |= part->nullable;
		}
	}
}

/* Reads a query, and all below it; returns what it gives, in order. */
static Output *
query_outputs(Query *query, Level *parent, Search *search)
{
	int			items = list_length(query->rtable);
	int			n = list_length(query->targetList);
	Output	   *outputs = palloc0((n + 1) * sizeof(Output));
	Level		level = {parent, search, query};
	ListCell   *cell;

	check_stack_depth();
	level.tables = palloc((items + 1) * sizeof(int));
	level.outputs = palloc0((items + 1) * sizeof(Output *));
	for (int i = 0; i <= items; i++)
		level.tables[i] = NONE;

	if (query->setOperations != NULL)
	{
		for (int i = 0; i < n; i++)
			outputs[i].column = add_column(search, NONE, 0);
		read_set_operation(&level, query->setOperations, outputs, n);
		for (int i = 0; i < n; i++)
		{
			if (query->limitCount != NULL || query->limitOffset != NULL)
				outputs[i].column = NONE;
		}
		return outputs;
	}

	read_from(&level, (Node *) query->jointree);
	query_tree_walker(query, read_expression, &level,
					  QTW_IGNORE_RT_SUBQUERIES | QTW_IGNORE_CTE_SUBQUERIES |
					  QTW_IGNORE_JOINALIASES);
	foreach(cell, query->targetList)
	{
		TargetEntry *target = lfirst(cell);
		Output	   *output = &outputs[target->resno - 1];
		Node	   *expression = (Node *) target->expr;

		output->column = column_of(&level, expression);
		output->nullable = is_nullable(&level, expression);
		if (output->column == NONE || is_simple(query) || is_outer(expression))
			continue;
		if (is_apart(query, target))
		{
			int			given = add_column(search, NONE, 0);

			add_edge(search, output->column, given);
			output->column = given;
		}
		else
			output->column = NONE;
	}
	return outputs;
}

/* ---- ways ---- */

/* Enters a class, and all to which edges lead from it. */
static void
enter_class(Search *search, Way *ways, int *queue, int *length, int class, Way way)
{
	check_stack_depth();
	if (ways[class].seen)
		return;
	ways[class] = way;
	ways[class].seen = true;
	queue[(*length)++] = class;
	for (int i = 0; i < search->n_edges; i++)
	{
		if (class_of(search, search->edges[i].from) == class)
		{
			Way			on = {NONE, NONE, class, false};

			enter_class(search, ways, queue, length, class_of(search, search->edges[i].to), on);
		}
	}
}

/* Finds the shortest way from one column of a table to the wanted one: its length, or NONE. */
static int
find_way(Search *search, int from, int wanted, Way *ways)
{
	int		   *queue = palloc(search->n_columns * sizeof(int));
	int			length = 0;
	int			steps = 0;
	Way			start = {NONE, NONE, NONE, false};

	memset(ways, 0, search->n_columns * sizeof(Way));
	enter_class(search, ways, queue, &length, class_of(search, from), start);
	for (int i = 0; i < length && !ways[wanted].seen; i++)
	{
		for (int by = 0; by < search->n_columns; by++)
		{
			int			table = search->columns[by].table;

			if (table == NONE || table == search->columns[from].table ||
				class_of(search, by) != queue[i])
				continue;
			for (int to = 0; to < search->n_columns; to++)
			{
				Way			on = {by, to, queue[i], false};

				if (search->columns[to].table == table && to != by)
					enter_class(search, ways, queue, &length, class_of(search, to), on);
			}
		}
	}
	pfree(queue);
	if (!ways[wanted].seen)
		return NONE;
	for (int class = wanted; class != NONE; class = ways[class].before)
		steps += ways[class].reached_by != NONE;
	return steps;
}

/* ---- rows ---- */

static Datum
names_array(Search *search, List *columns)
{
	Datum	   *names = palloc((list_length(columns) + 1) * sizeof(Datum));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, columns)
	{
		Column	   *one = &search->columns[lfirst_int(cell)];

		names[n++] = CStringGetTextDatum(get_attname(search->tables[one->table].relation,
													 one->number, false));
	}
	return PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The columns of a table that are read. */
static Datum
read_array(Table *table)
{
	Relation	relation = table_open(table->relation, AccessShareLock);
	TupleDesc	columns = RelationGetDescr(relation);
	Datum	   *names = palloc((columns->natts + 1) * sizeof(Datum));
	int			n = 0;
	bool		all = bms_is_member(-FirstLowInvalidHeapAttributeNumber, table->read);

	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (!column->attisdropped &&
			(all || bms_is_member(column->attnum - FirstLowInvalidHeapAttributeNumber,
								  table->read)))
			names[n++] = CStringGetTextDatum(NameStr(column->attname));
	}
	table_close(relation, NoLock);
	return PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
put_table_below(ReturnSetInfo *result, Search *search, int table, int wanted)
{
	Datum		values[7];
	bool		nulls[7] = {false};
	Way		   *ways = palloc(Max(search->n_columns, 1) * sizeof(Way));
	int			best = NONE;
	int			shortest = NONE;
	List	   *through = NIL;
	List	   *found_by = NIL;
	List	   *gives = NIL;
	Datum	   *relations;
	int			n = 0;
	ListCell   *cell;

	for (int i = 0; i < search->n_columns && wanted != NONE; i++)
	{
		int			steps;

		if (search->columns[i].table != table)
			continue;
		steps = find_way(search, i, wanted, ways);
		if (steps != NONE && (shortest == NONE || steps < shortest))
		{
			shortest = steps;
			best = i;
		}
	}
	values[0] = ObjectIdGetDatum(search->tables[table].relation);
	values[1] = read_array(&search->tables[table]);
	nulls[2] = best == NONE;
	if (best != NONE)
	{
		values[2] = CStringGetTextDatum(get_attname(search->tables[table].relation,
													search->columns[best].number, false));
		find_way(search, best, wanted, ways);
		for (int class = wanted; class != NONE; class = ways[class].before)
		{
			if (ways[class].reached_by == NONE)
				continue;
			through = lcons_int(search->columns[ways[class].reached_by].table, through);
			found_by = lcons_int(ways[class].reached_by, found_by);
			gives = lcons_int(ways[class].left_by, gives);
		}
	}
	relations = palloc((list_length(through) + 1) * sizeof(Datum));
	foreach(cell, through)
		relations[n++] = ObjectIdGetDatum(search->tables[lfirst_int(cell)].relation);
	values[3] = PointerGetDatum(construct_array(relations, n, REGCLASSOID, sizeof(Oid), true,
												TYPALIGN_INT));
	values[4] = names_array(search, found_by);
	values[5] = names_array(search, gives);
	nulls[6] = true;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * tables_below(relation regclass, "column" text) returns rows: a table below a relation
 * each time it is read there, which columns of it are, and the one that tells which rows
 * of the relation a row of the table has a part in, NULL if any: directly, or through
 * other tables, in each of which it is found by a column and gives another one.  The last
 * is a value of the column of the relation.  A row with a problem instead, and without a
 * table, says why what happens to the tables does not tell all that happens to the
 * relation.
 */
Datum
tables_below(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			relation = PG_GETARG_OID(0);
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	AttrNumber	number = get_attnum(relation, name);
	Search		search = {0};
	int			wanted = NONE;

	InitMaterializedSRF(fcinfo, 0);
	if (get_rel_name(relation) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relation)));
	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", name,
						get_rel_name(relation)),
				 errhint("Write the name of a column by which its rows are known.")));

	if (get_rel_relkind(relation) == RELKIND_VIEW)
	{
		Relation	view = table_open(relation, AccessShareLock);
		Output	   *outputs = query_outputs(copyObject(get_view_query(view)), NULL, &search);

		table_close(view, NoLock);	/* what it calls stays, too */
		wanted = outputs[number - 1].nullable ? NONE : outputs[number - 1].column;
	}
	else
	{
		Relation	table = table_open(relation, AccessShareLock);

		if (table->rd_rel->relkind != RELKIND_RELATION &&
			table->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
			search.problem = "it is neither a table nor a view";
		else if (table->rd_rel->relrowsecurity)
			search.problem = "it has row level security";
		table_close(table, NoLock);
		add_table(&search, relation);
		search.tables[0].read = bms_make_singleton(-FirstLowInvalidHeapAttributeNumber);
		wanted = table_column(&search, 0, number);
	}

	if (search.problem != NULL)
	{
		Datum		values[7] = {0};
		bool		nulls[7] = {true, true, true, true, true, true, false};

		values[6] = CStringGetTextDatum(search.problem);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		return (Datum) 0;
	}
	if (wanted != NONE)
		wanted = class_of(&search, wanted);
	for (int i = 0; i < search.n_tables; i++)
		put_table_below(result, &search, i, wanted);
	return (Datum) 0;
}
