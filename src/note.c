/*
 * note.c: notes which rows of a table change
 *
 * A trigger, in C as it runs with every statement of the shop: it adds to a table
 * kpi_changes of a model what the changed rows have in the columns that tell whose
 * they are.  It looks for no row, waits for nobody, and calls nothing but the output
 * functions of types.
 *
 * Which kpi_changes that is the condition of the trigger says, WHEN
 * ('shop.kpi_changes'::regclass IS NOT NULL): by it the trigger goes when the model
 * does, follows when it is renamed, and is dumped and restored.  Who writes in the
 * shop need have no rights to the model: the owner of the table has the right to add
 * to kpi_changes, which track() gives him, and who has it not notes nothing.
 */
#include "kpi.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(note_change);

#define LOT 10000				/* rows in one row of kpi_changes */

/* the columns of kpi_changes */
enum
{
	RELATION, COLUMN, KEYS, WIDTH
};

typedef struct Key
{
	AttrNumber	number;
	Oid			type;			/* a domain's is what it is made of */
	FmgrInfo	output;
	ArrayBuildState *values;
} Key;

typedef struct Note
{
	Relation	table;
	Relation	changes;
	Key		   *keys;			/* the columns that tell */
	int			n_keys;
	AttrNumber *reads;			/* all that are read */
	int			n_reads;
	bool		at_large;		/* whether it is not known what tells */
	int			rows;			/* since the last lot */
	MemoryContext lot;
} Note;

static bool
find_relation(Node *node, void *found)
{
	if (node == NULL)
		return false;
	if (IsA(node, Const) && ((Const *) node)->consttype == REGCLASSOID)
	{
		*(Oid *) found = DatumGetObjectId(((Const *) node)->constvalue);
		return true;
	}
	return expression_tree_walker(node, find_relation, found);
}

/* The kpi_changes of a trigger; it stays the same, so it is looked for once. */
static Oid
changes_of(Trigger *trigger)
{
	static Oid	last_trigger = InvalidOid;
	static Oid	last_changes = InvalidOid;

	if (trigger->tgoid != last_trigger)
	{
		Oid			found = InvalidOid;

		if (trigger->tgqual != NULL)
			find_relation(stringToNode(trigger->tgqual), &found);
		last_changes = found;
		last_trigger = trigger->tgoid;
	}
	return last_changes;
}

/* Adds a row to kpi_changes; without keys, any row of the table may have changed. */
static void
put_change(Note *note, Key *key)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(note->changes),
													&TTSOpsVirtual);

	ExecClearTuple(slot);
	memset(slot->tts_isnull, false, WIDTH * sizeof(bool));
	slot->tts_values[RELATION] = ObjectIdGetDatum(RelationGetRelid(note->table));
	if (key == NULL)
		slot->tts_isnull[COLUMN] = slot->tts_isnull[KEYS] = true;
	else
	{
		slot->tts_values[COLUMN] = CStringGetTextDatum(
			NameStr(TupleDescAttr(RelationGetDescr(note->table), key->number - 1)->attname));
		slot->tts_values[KEYS] = makeArrayResult(key->values, CurrentMemoryContext);
	}
	ExecStoreVirtualTuple(slot);
	simple_table_tuple_insert(note->changes, slot);
	ExecDropSingleTupleTableSlot(slot);
}

static void
put_lot(Note *note)
{
	if (note->rows == 0)
		return;
	if (note->at_large || note->n_keys == 0)
		put_change(note, NULL);
	else
	{
		for (int i = 0; i < note->n_keys; i++)
		{
			put_change(note, &note->keys[i]);
			note->keys[i].values = NULL;
		}
	}
	note->rows = 0;
	MemoryContextReset(note->lot);
}

/* How a value is written, whatever the session has set. */
static Datum
written(Key *key, Datum value)
{
	char		buffer[MAXDATELEN + 1];

	switch (key->type)
	{
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			JsonEncodeDateTime(buffer, value, key->type, NULL);
			return CStringGetTextDatum(buffer);
		default:
			return CStringGetTextDatum(OutputFunctionCall(&key->output, value));
	}
}

static void
note_row(Note *note, TupleTableSlot *row)
{
	MemoryContext before = MemoryContextSwitchTo(note->lot);

	for (int i = 0; i < note->n_keys && !note->at_large; i++)
	{
		Key		   *key = &note->keys[i];
		bool		null;
		Datum		value = slot_getattr(row, key->number, &null);

		key->values = accumArrayResult(key->values, null ? (Datum) 0 : written(key, value), null,
									   TEXTOID, note->lot);
	}
	note->rows++;
	if (note->rows >= LOT)
		put_lot(note);
	MemoryContextSwitchTo(before);
}

/* Whether nothing that is read differs in two rows. */
static bool
reads_alike(Note *note, TupleTableSlot *one, TupleTableSlot *other)
{
	if (note->at_large)
		return false;
	for (int i = 0; i < note->n_reads; i++)
	{
		Form_pg_attribute column =
			TupleDescAttr(RelationGetDescr(note->table), note->reads[i] - 1);
		bool		null,
					other_null;
		Datum		value = slot_getattr(one, note->reads[i], &null);
		Datum		other_value = slot_getattr(other, note->reads[i], &other_null);

		if (null != other_null ||
			(!null && !datum_image_eq(value, other_value, column->attbyval, column->attlen)))
			return false;
	}
	return true;
}

/*
 * Notes rows before and after a statement.  Those that come at the same place are
 * compared: what is read of the table as a whole is the same without two that are
 * alike, whether or not one has become the other.
 */
static void
note_rows(Note *note, Tuplestorestate *old, Tuplestorestate *new)
{
	TupleDesc	columns = RelationGetDescr(note->table);
	TupleTableSlot *was = MakeSingleTupleTableSlot(columns, &TTSOpsMinimalTuple);
	TupleTableSlot *now = MakeSingleTupleTableSlot(columns, &TTSOpsMinimalTuple);
	bool		more_old = old != NULL,
				more_new = new != NULL;

	/* the tables may have been read by other triggers, and will be by more */
	if (old != NULL)
		tuplestore_select_read_pointer(old, tuplestore_alloc_read_pointer(old, EXEC_FLAG_REWIND));
	if (new != NULL)
		tuplestore_select_read_pointer(new, tuplestore_alloc_read_pointer(new, EXEC_FLAG_REWIND));
	if (old != NULL)
		tuplestore_rescan(old);
	if (new != NULL)
		tuplestore_rescan(new);
	while (more_old || more_new)
	{
		CHECK_FOR_INTERRUPTS();
		more_old = more_old && tuplestore_gettupleslot(old, true, false, was);
		more_new = more_new && tuplestore_gettupleslot(new, true, false, now);
		if (more_old && more_new && reads_alike(note, was, now))
			continue;
		if (more_old)
			note_row(note, was);
		if (more_new)
			note_row(note, now);
	}
	if (old != NULL)
		tuplestore_select_read_pointer(old, 0);
	if (new != NULL)
		tuplestore_select_read_pointer(new, 0);
	ExecDropSingleTupleTableSlot(was);
	ExecDropSingleTupleTableSlot(now);
}

/* The arguments of the trigger are the columns that tell, an empty one, and those that are read. */
static void
read_arguments(Note *note, Trigger *trigger)
{
	TupleDesc	columns = RelationGetDescr(note->table);
	bool		telling = true;

	note->keys = palloc0((trigger->tgnargs + 1) * sizeof(Key));
	note->reads = palloc((trigger->tgnargs + 1) * sizeof(AttrNumber));
	for (int i = 0; i < trigger->tgnargs; i++)
	{
		AttrNumber	number = InvalidAttrNumber;

		if (trigger->tgargs[i][0] == '\0')
		{
			telling = false;
			continue;
		}
		for (int c = 0; c < columns->natts && number == InvalidAttrNumber; c++)
		{
			Form_pg_attribute column = TupleDescAttr(columns, c);

			if (!column->attisdropped && strcmp(NameStr(column->attname), trigger->tgargs[i]) == 0)
				number = column->attnum;
		}
		if (number == InvalidAttrNumber)
			note->at_large = true;	/* it has another name now */
		else if (telling)
		{
			Key		   *key = &note->keys[note->n_keys++];
			Oid			output;
			bool		varlena;

			key->number = number;
			key->type = getBaseType(TupleDescAttr(columns, number - 1)->atttypid);
			getTypeOutputInfo(key->type, &output, &varlena);
			fmgr_info(output, &key->output);
		}
		else
			note->reads[note->n_reads++] = number;
	}
}

/* Whether a relation is a kpi_changes that the owner of the table may add to. */
static bool
may_note(Note *note)
{
	TupleDesc	columns = RelationGetDescr(note->changes);

	return strcmp(RelationGetRelationName(note->changes), "kpi_changes") == 0 &&
		note->changes->rd_rel->relkind == RELKIND_RELATION && columns->natts == WIDTH &&
		TupleDescAttr(columns, RELATION)->atttypid == REGCLASSOID &&
		TupleDescAttr(columns, COLUMN)->atttypid == TEXTOID &&
		TupleDescAttr(columns, KEYS)->atttypid == TEXTARRAYOID &&
		pg_class_aclcheck(RelationGetRelid(note->changes), note->table->rd_rel->relowner,
						  ACL_INSERT) == ACLCHECK_OK;
}

/*
 * note_change() returns trigger
 *
 * After a statement, or after a row as logical replication changes it: adds to the
 * kpi_changes that the condition of the trigger names what its first arguments, names
 * of columns, hold in the rows that have changed, before and after; after an empty
 * argument come those without which a row is taken not to have changed.  What is not
 * there any more, or may not be added to, is left: nothing in the shop may fail for it.
 */
Datum
note_change(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	Note		note = {0};
	Oid			changes;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(data->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("note_change is called by AFTER triggers only"),
				 errhint("kpi.track puts them on tables.")));
	changes = changes_of(data->tg_trigger);
	if (!OidIsValid(changes))
		return PointerGetDatum(NULL);
	note.table = data->tg_relation;
	note.changes = try_table_open(changes, RowExclusiveLock);
	if (note.changes == NULL)
		return PointerGetDatum(NULL);
	if (may_note(&note))
	{
		note.lot = AllocSetContextCreate(CurrentMemoryContext, "kpi note", ALLOCSET_DEFAULT_SIZES);
		read_arguments(&note, data->tg_trigger);
		if (TRIGGER_FIRED_BY_TRUNCATE(data->tg_event))
			put_change(&note, NULL);
		else if (TRIGGER_FIRED_FOR_STATEMENT(data->tg_event))
			note_rows(&note, data->tg_oldtable, data->tg_newtable);
		else
		{
			note_row(&note, data->tg_trigslot);
			if (TRIGGER_FIRED_BY_UPDATE(data->tg_event))
				note_row(&note, data->tg_newslot);
		}
		put_lot(&note);
		MemoryContextDelete(note.lot);
	}
	table_close(note.changes, NoLock);
	return PointerGetDatum(NULL);
}
