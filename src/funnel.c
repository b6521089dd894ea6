/*
 * funnel.c - how far visitors got through a sequence of steps
 *
 * A funnel counts visitors by the last step they reached.  How far one got is
 * the length of the longest chain of steps 1, 2, 3 ... in the order of time, all
 * within a window from its step 1:
 *
 * - Events are taken by time; of events at the same time, by step. The order in
 *   which rows are read has no influence.
 * - Of several chains the longest counts: every step 1 may start a new one.
 * - Other events in between, repeated steps too, do not break a chain. With
 *   strict order, any step does but a repeat of the one just reached.
 * - The window includes its edge; of zero length, all must happen at once.
 *
 * That is windowFunnel() of ClickHouse in its default mode.
 *
 * For each step only the latest chain that has come so far need be known, as no
 * other has more of its window left: it goes on from the latest chain of the step
 * before, so that of two that came as far the later one never started earlier.
 * With a window from each step to the next that stays so, as the latest chain is
 * also the one that took its last step last.
 *
 * Because rows may come in any order, the events are collected first: a bytea
 * that is filled in place, sorted in the end.  Where they are many it is an
 * expanded object, which the executor does not copy each time it grows.
 */
#include "counts.h"
#include "elapsed.h"
#include "identity.h"
#include "rate.h"
#include "value.h"
#include "varint.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define MOST_STEPS 1000

/* ---- the type ---- */

typedef struct Funnel
{
	int32		vl_len_;
	int32		version;		/* FUNNEL_VERSION */
	int64		visitors[FLEXIBLE_ARRAY_MEMBER];	/* by the last step reached, from 0 */
} Funnel;

#define FUNNEL_VERSION 1
#define FUNNEL_SIZE(depths) (offsetof(Funnel, visitors) + (depths) * sizeof(int64))
#define DEPTHS(funnel) ((int) ((VARSIZE(funnel) - FUNNEL_SIZE(0)) / sizeof(int64)))

static Funnel *
new_funnel(int depths)
{
	Funnel	   *funnel = palloc0(FUNNEL_SIZE(depths));

	SET_VARSIZE(funnel, FUNNEL_SIZE(depths));
	funnel->version = FUNNEL_VERSION;
	return funnel;
}

static const Funnel *
check_version(const Funnel *funnel)
{
	if (funnel->version != FUNNEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unknown version %d of a stored funnel", funnel->version)));
	return funnel;
}

static int64
funnel_visitors(const void *value)
{
	return counts_total(((const Funnel *) value)->visitors, DEPTHS(value));
}

/* without visitors there are no steps, so that there is one empty funnel */
static const char *
funnel_settle(Funnel *funnel)
{
	int64		visitors = funnel_visitors(funnel);

	if (visitors < 0)
		return "Each step is reached by at most as many as the one before, and the visitors must "
			   "be below 2^63.";
	if (visitors == 0)
		SET_VARSIZE(funnel, FUNNEL_SIZE(0));
	return NULL;
}

/* how many reached a step, 0 standing for all visitors */
static int64
reached(const Funnel *funnel, int step)
{
	return counts_total(funnel->visitors + step, DEPTHS(funnel) - step);
}

static const char *
funnel_parse(const char *text, void **value)
{
	int64		counts[MOST_STEPS + 1];
	int			n = counts_parse(text, counts, MOST_STEPS + 1);
	Funnel	   *funnel = new_funnel(n);

	*value = funnel;
	if (n < 2 && !(n == 1 && counts[0] == 0))
		return "A funnel is a whole number of visitors and for each step how many reached it; 0 "
			   "without visitors.";
	for (int i = 0; i < n; i++)
		funnel->visitors[i] = counts[i] - (i + 1 < n ? counts[i + 1] : 0);
	return funnel_settle(funnel);
}

static void
funnel_print(StringInfo text, const void *value)
{
	const Funnel *funnel = check_version(value);

	appendStringInfo(text, INT64_FORMAT, reached(funnel, 0));
	for (int i = 1; i < DEPTHS(funnel); i++)
		appendStringInfo(text, "/" INT64_FORMAT, reached(funnel, i));
}

static const char *
funnel_receive(StringInfo message, void **value)
{
	int			rest = message->len - message->cursor;
	int			n = rest / (int) sizeof(int64);
	bool		anybody = false;
	Funnel	   *funnel;

	if (n > MOST_STEPS + 1 || n == 1)
		return "A funnel has 1 to 1000 steps.";
	*value = funnel = new_funnel(n);
	counts_receive(message, funnel->visitors, n);
	for (int i = 0; i < n; i++)
		anybody |= funnel->visitors[i] != 0;
	if (n > 0 && !anybody)
		return "Without visitors there are no steps.";
	return funnel_settle(funnel);
}

static void
funnel_to_wire(StringInfo message, const void *value)
{
	const Funnel *funnel = check_version(value);

	counts_send(message, funnel->visitors, DEPTHS(funnel));
}

static const ValueType funnel_type;

/* a funnel with this number of depths: the argument, or a new one if it has none yet */
static Funnel *
same_steps(Funnel *funnel, int depths)
{
	if (DEPTHS(funnel) == 0)
		return new_funnel(depths);
	if (unlikely(DEPTHS(funnel) != depths))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot pool funnels of %d and %d steps", DEPTHS(funnel) - 1, depths - 1),
				 errdetail("The same step means something else in another funnel.")));
	return funnel;
}

static void *
funnel_pool(void *a, const void *b)
{
	const Funnel *more = check_version(b);
	Funnel	   *funnel = a;

	if (DEPTHS(more) == 0)
		return funnel;
	funnel = same_steps(funnel, DEPTHS(more));
	if (!counts_add(funnel->visitors, more->visitors, DEPTHS(more)) || funnel_visitors(funnel) < 0)
		value_overflow(&funnel_type);
	return funnel;
}

static void *
funnel_take_out(void *a, const void *b)
{
	const Funnel *fewer = check_version(b);
	Funnel	   *funnel = a;

	if (DEPTHS(fewer) == 0)
		return funnel;
	if (DEPTHS(funnel) != DEPTHS(fewer) ||
		!counts_subtract(funnel->visitors, fewer->visitors, DEPTHS(fewer)))
		value_not_in(&funnel_type);
	funnel_settle(funnel);
	return funnel;
}

/* the headline: of those who took the first step, how many reached the last */
static bool
funnel_ratio(const void *value, int64 *num, int64 *den)
{
	const Funnel *funnel = check_version(value);

	if (DEPTHS(funnel) == 0)
		return false;
	*num = reached(funnel, DEPTHS(funnel) - 1);
	*den = reached(funnel, 1);
	return *den > 0;
}

static const ValueType funnel_type = {
	.name = "funnel",
	.form = "visitors and for each step how many reached it, for example 1000/600/250/80, or 0 for "
			"none",
	.size = -1,
	.parse = funnel_parse,
	.receive = funnel_receive,
	.print = funnel_print,
	.send = funnel_to_wire,
	.add = funnel_pool,
	.subtract = funnel_take_out,
	.sample_size = funnel_visitors,
	.ratio = funnel_ratio,
	.unit = 1
};

VALUE_FUNCTIONS(funnel)
VALUE_FUNCTION(funnel, add)
VALUE_FUNCTION(funnel, subtract)

/* Error: 22023 unless a funnel can have so many steps */
static int
check_steps(int64 steps)
{
	if (unlikely(steps < 1 || steps > MOST_STEPS))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a funnel cannot have " INT64_FORMAT " steps", steps),
				 errdetail("The number of steps must be between 1 and %d.", MOST_STEPS)));
	return (int) steps;
}

/* make_funnel(reached): visitors, then how many reached each step */
PG_FUNCTION_INFO_V1(make_funnel);
Datum
make_funnel(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	int64	   *counts = (int64 *) ARR_DATA_PTR(array);
	Funnel	   *funnel;
	const char *broken;

	if (ARR_NDIM(array) > 1 || array_contains_nulls(array) || n < 2 || n > MOST_STEPS + 1)
		broken = "It takes an array of 2 to 1001 counts, none of them NULL.";
	else
	{
		funnel = new_funnel(n);
		broken = counts_total(counts + n - 1, 1) < 0 ? "Counts cannot be negative." : NULL;
		for (int i = 0; i < n && broken == NULL; i++)
			if (pg_sub_s64_overflow(counts[i], i + 1 < n ? counts[i + 1] : 0, &funnel->visitors[i]))
				broken = "Counts cannot be negative.";
		if (broken == NULL)
			broken = funnel_settle(funnel);
		if (broken == NULL)
			PG_RETURN_POINTER(funnel);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid counts for a funnel"),
			 errdetail("%s", broken),
			 errhint("Give the visitors and how many reached each step, as in "
					 "make_funnel('{1000,600,250,80}').")));
}

/*
 * A funnel of the one visitor in the arguments 1 and 2 (depth, steps).  Whoever
 * got further than the last step has reached that.  Error: 22023 for a negative
 * depth.
 */
static Funnel *
visitor_argument(FunctionCallInfo fcinfo)
{
	int			steps = check_steps(PG_GETARG_INT32(2));
	int			depth = PG_GETARG_INT32(1);
	Funnel	   *visitor;

	if (depth < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a depth of %d is negative", depth),
				 errdetail("A depth is the number of the last step reached, 0 for none.")));
	visitor = new_funnel(steps + 1);
	visitor->visitors[Min(depth, steps)] = 1;
	return visitor;
}

/* funnel_accum(funnel, depth, steps): one more visitor */
PG_FUNCTION_INFO_V1(funnel_accum);
Datum
funnel_accum(PG_FUNCTION_ARGS)
{
	return value_result(fcinfo, &funnel_type,
						funnel_pool(value_own(fcinfo, &funnel_type), visitor_argument(fcinfo)));
}

PG_FUNCTION_INFO_V1(funnel_accum_inverse);
Datum
funnel_accum_inverse(PG_FUNCTION_ARGS)
{
	return value_result(fcinfo, &funnel_type,
						funnel_take_out(value_own(fcinfo, &funnel_type), visitor_argument(fcinfo)));
}

/* ---- parts ---- */

/* steps(funnel): NULL without visitors */
PG_FUNCTION_INFO_V1(funnel_steps);
Datum
funnel_steps(PG_FUNCTION_ARGS)
{
	const Funnel *funnel = check_version(value_argument(fcinfo, &funnel_type, 0));

	if (DEPTHS(funnel) == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(DEPTHS(funnel) - 1);
}

/* Error: 22023 for a step that the funnel does not have; anything goes without visitors */
static int
check_step(const Funnel *funnel, int step, int first)
{
	if (step < first || step > (DEPTHS(funnel) == 0 ? MOST_STEPS : DEPTHS(funnel) - 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the funnel has no step %d", step),
				 errdetail("Its steps are numbered from 1 to %d.",
						   DEPTHS(funnel) == 0 ? MOST_STEPS : DEPTHS(funnel) - 1),
				 errhint("The number of steps is steps(funnel); all visitors are "
						 "visitors(funnel).")));
	return DEPTHS(funnel) == 0 ? 0 : step;
}

/* reached(funnel, step): how many visitors got to a step, 0 being all of them */
PG_FUNCTION_INFO_V1(funnel_reached);
Datum
funnel_reached(PG_FUNCTION_ARGS)
{
	const Funnel *funnel = check_version(value_argument(fcinfo, &funnel_type, 0));

	PG_RETURN_INT64(reached(funnel, check_step(funnel, PG_GETARG_INT32(1), 0)));
}

/* of those who reached one step, how many reached a later one */
static Rate *
rate_between(const Funnel *funnel, int from, int to)
{
	return rate_of(reached(funnel, check_step(funnel, to, 1)),
				   reached(funnel, check_step(funnel, from, 0)));
}

/* step_rate(funnel, step): of those who reached the step before, step 0 being all visitors */
PG_FUNCTION_INFO_V1(funnel_step_rate);
Datum
funnel_step_rate(PG_FUNCTION_ARGS)
{
	const Funnel *funnel = check_version(value_argument(fcinfo, &funnel_type, 0));
	int32		step = PG_GETARG_INT32(1);

	check_step(funnel, step, 1);
	PG_RETURN_POINTER(rate_between(funnel, step - 1, step));
}

/* drop_off(funnel, step): of those who reached the step before, those who did not reach it */
PG_FUNCTION_INFO_V1(funnel_drop_off);
Datum
funnel_drop_off(PG_FUNCTION_ARGS)
{
	const Funnel *funnel = check_version(value_argument(fcinfo, &funnel_type, 0));
	int32		step = PG_GETARG_INT32(1);
	Rate	   *rate;

	check_step(funnel, step, 1);
	rate = rate_between(funnel, step - 1, step);
	PG_RETURN_POINTER(rate_of(rate->trials - rate->successes, rate->trials));
}

/* overall_rate(funnel): of those who took the first step, those who reached the last */
PG_FUNCTION_INFO_V1(funnel_overall_rate);
Datum
funnel_overall_rate(PG_FUNCTION_ARGS)
{
	const Funnel *funnel = check_version(value_argument(fcinfo, &funnel_type, 0));

	if (DEPTHS(funnel) == 0)
		PG_RETURN_POINTER(rate_of(0, 0));
	PG_RETURN_POINTER(rate_between(funnel, 1, DEPTHS(funnel) - 1));
}

/* step_rate(funnel, from, to): between any two steps */
PG_FUNCTION_INFO_V1(funnel_rate_between);
Datum
funnel_rate_between(PG_FUNCTION_ARGS)
{
	const Funnel *funnel = check_version(value_argument(fcinfo, &funnel_type, 0));
	int32		from = PG_GETARG_INT32(1);
	int32		to = PG_GETARG_INT32(2);

	if (from > to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step %d comes after step %d", from, to),
				 errhint("Name the earlier step first.")));
	PG_RETURN_POINTER(rate_between(funnel, from, to));
}

/* ---- from events to depths ---- */

/* events that are being collected: who, when (what) and which step (more) */
typedef struct Events
{
	int32		vl_len_;
	int32		steps;
	int64		within;			/* microseconds, or NO_LIMIT */
	int16		strict;
	int16		form;			/* EventsForm */
	int32		n;				/* how many of the events are filled, or packed */
	Fact		event[FLEXIBLE_ARRAY_MEMBER];
} Events;

/*
 * PACKED is what many events are on their way from a parallel worker: sorted, and
 * each as what it differs by from the one before, in integers of variable length.
 * They are a third of the bytes then, which the executor copies several times.
 */
typedef enum EventsForm
{
	ARRAY, PACKED
} EventsForm;

#define NO_LIMIT PG_INT64_MAX
#define EVENTS_SIZE(room) (offsetof(Events, event) + (room) * sizeof(Fact))
#define EVENTS_BYTES(events) (VARSIZE(events) - EVENTS_SIZE(0))
#define EVENTS_ROOM(events) ((int) (EVENTS_BYTES(events) / sizeof(Fact)))
#define MOST_EVENTS ((int) ((MaxAllocSize - EVENTS_SIZE(0)) / sizeof(Fact)))
#define FIRST_EVENTS 4

/* from here on they are worth an object of their own */
#define MANY_EVENTS 4096

/* the bytes of an event that is packed, at least and at most */
#define LEAST_PACKED 3
#define MOST_PACKED (2 * VARINT_BYTES + 2)

StaticAssertDecl(MOST_PACKED <= sizeof(Fact), "events can be packed where they are");

/* a macro, so that compilers see that nothing follows */
#define INVALID_STATE() \
	ereport(ERROR, \
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), \
			 errmsg("invalid state of a funnel aggregate"), \
			 errhint("Its states are made by funnel() and funnel_depth() alone.")))

static inline bool
is_step(int64 step)
{
	return step >= 1 && step <= MOST_STEPS;
}

/* packs events where they are, and gives the end of the bytes that they take */
static uint8 *
pack_events(Fact *event, int n)
{
	uint8	   *p = (uint8 *) event;
	Fact		before = {0};

	for (int i = 0; i < n; i++)
	{
		Fact		this = event[i];
		uint64		later = (uint64) this.what - (uint64) before.what;

		if (!is_step(this.more))
			INVALID_STATE();
		p = put_varint(p, (uint64) this.who - (uint64) before.who);
		p = put_varint(p, later << 1 ^ (uint64) ((int64) later >> 63));
		p = put_varint(p, (uint64) this.more);
		before = this;
	}
	return p;
}

/* appends to events those that are packed in others */
static void
append_packed(Events *events, const Events *packed)
{
	const uint8 *p = (const uint8 *) packed->event;
	const uint8 *end = (const uint8 *) packed + VARSIZE(packed);
	Fact		this = {0};

	for (int i = 0; i < packed->n; i++)
	{
		uint64		who;
		uint64		later;
		uint64		step;

		if ((p = check_varint(p, end, &who)) == NULL ||
			(p = check_varint(p, end, &later)) == NULL ||
			(p = check_varint(p, end, &step)) == NULL)
			INVALID_STATE();
		this.who = (int64) ((uint64) this.who + who);
		this.what = (int64) ((uint64) this.what + (later >> 1 ^ -(later & 1)));
		this.more = (int64) step;
		events->event[events->n++] = this;
	}
	if (p != end)
		INVALID_STATE();
}

typedef struct ManyEvents
{
	ExpandedObjectHeader header;
	Events	   *events;
	Fact	   *packed;			/* from asking for the size, often twice, to flattening */
	Size		packed_size;
	int			packed_n;
} ManyEvents;

static Size
many_flat_size(ExpandedObjectHeader *header)
{
	ManyEvents *many = (ManyEvents *) header;
	MemoryContext before = MemoryContextSwitchTo(header->eoh_context);

	/* events are only ever added */
	if (many->packed != NULL && many->packed_n != many->events->n)
	{
		pfree(many->packed);
		many->packed = NULL;
	}
	if (many->packed == NULL)
	{
		many->packed = sort_facts(many->events->event, many->events->n);
		many->packed_n = many->events->n;
		many->packed_size = pack_events(many->packed, many->packed_n) - (uint8 *) many->packed;
	}
	MemoryContextSwitchTo(before);
	return EVENTS_SIZE(0) + many->packed_size;
}

static void
many_flatten(ExpandedObjectHeader *header, void *result, Size size)
{
	ManyEvents *many = (ManyEvents *) header;
	Events	   *events = memcpy(result, many->events, EVENTS_SIZE(0));

	SET_VARSIZE(events, size);
	events->form = PACKED;
	memcpy(events->event, many->packed, EVENTS_BYTES(events));
	pfree(many->packed);
	many->packed = NULL;
}

static const ExpandedObjectMethods many_methods = {many_flat_size, many_flatten};

/* Error: 54000 if so many events are too many */
static void
check_events(int64 n)
{
	if (n > MOST_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events for one funnel"),
				 errdetail("At most %d events can be collected at once.", MOST_EVENTS),
				 errhint("Group by visitor: funnel(depth, steps) over funnel_depth(at, step, "
						 "within) ... GROUP BY visitor.")));
}

/* the object behind an argument that is one, else NULL */
static ManyEvents *
many_argument(FunctionCallInfo fcinfo, int i)
{
	bool		are_many = VARATT_IS_EXTERNAL_EXPANDED(PG_GETARG_POINTER(i)) &&
		DatumGetEOHP(PG_GETARG_DATUM(i))->eoh_methods == &many_methods;

	return are_many ? (ManyEvents *) DatumGetEOHP(PG_GETARG_DATUM(i)) : NULL;
}

/* the state in an argument, which anybody could call us with; NULL before the first event */
static Events *
state_argument(FunctionCallInfo fcinfo, int i, bool own)
{
	struct varlena *state = (struct varlena *) PG_GETARG_POINTER(i);
	Events	   *events;

	if (VARATT_IS_EXTERNAL_EXPANDED(state) &&
		(!own || (KPI_IN_AGGREGATE(fcinfo) && VARATT_IS_EXTERNAL_EXPANDED_RW(state))))
		return many_argument(fcinfo, i)->events;
	if (own && !KPI_IN_AGGREGATE(fcinfo))
		events = (Events *) PG_DETOAST_DATUM_COPY(PointerGetDatum(state));
	else
		events = (Events *) PG_DETOAST_DATUM(PointerGetDatum(state));
	if (VARSIZE(events) == VARHDRSZ)
		return NULL;

	/* a bytea need not be aligned as its events are */
	if ((uintptr_t) events % MAXIMUM_ALIGNOF != 0)
		events = memcpy(palloc(VARSIZE(events)), events, VARSIZE(events));
	if (VARSIZE(events) < EVENTS_SIZE(0) || events->n < 0 || events->within < 0 ||
		events->steps < 1 || events->steps > MOST_STEPS || events->strict < 0 ||
		events->strict > 1 ||
		!(events->form == PACKED ? events->n <= EVENTS_BYTES(events) / LEAST_PACKED :
		  events->form == ARRAY && EVENTS_BYTES(events) % sizeof(Fact) == 0 &&
		  events->n <= EVENTS_ROOM(events)))
		INVALID_STATE();
	return events;
}

/* the same, but never packed */
static Events *
events_argument(FunctionCallInfo fcinfo, int i, bool own)
{
	Events	   *events = state_argument(fcinfo, i, own);
	Events	   *unpacked;

	if (events == NULL || events->form == ARRAY)
		return events;
	check_events(events->n);
	unpacked = palloc(EVENTS_SIZE(events->n));
	memcpy(unpacked, events, EVENTS_SIZE(0));
	SET_VARSIZE(unpacked, EVENTS_SIZE(events->n));
	unpacked->form = ARRAY;
	unpacked->n = 0;
	append_packed(unpacked, events);
	return unpacked;
}

/* the same events with more room */
static Events *
larger_events(Events *events, int room)
{
	Events	   *larger = palloc(EVENTS_SIZE(room));

	memset(larger, 0, EVENTS_SIZE(0));
	if (events != NULL)
		memcpy(larger, events, EVENTS_SIZE(events->n));
	/* nobody reads beyond n, but bytes that are sent to another process should be known */
	memset(&larger->event[larger->n], 0, (room - larger->n) * sizeof(Fact));
	return larger;
}

/*
 * The same in the aggregate's own object.  If it has none yet, a new one takes
 * the place of the argument, where events_result() finds it.
 */
static Events *
larger_object(FunctionCallInfo fcinfo, MemoryContext context, Events *events, int room)
{
	ManyEvents *many = many_argument(fcinfo, 0);

	if (many == NULL || events != many->events)
	{
		context = AllocSetContextCreate(context, "funnel", ALLOCSET_START_SMALL_SIZES);
		many = MemoryContextAllocZero(context, sizeof(ManyEvents));
		EOH_init_header(&many->header, &many_methods, context);
		many->events = MemoryContextAllocHuge(context, EVENTS_SIZE(room));
		memset(many->events, 0, EVENTS_SIZE(0));
		if (events != NULL)
			memcpy(many->events, events, EVENTS_SIZE(events->n));
		fcinfo->args[0].value = EOHPGetRWDatum(&many->header);
	}
	else
		many->events = repalloc(many->events, EVENTS_SIZE(room));
	want_large_pages(many->events, EVENTS_SIZE(room));
	return many->events;
}

/* room for more events, in a larger state if need be */
static Events *
events_room(FunctionCallInfo fcinfo, Events *events, int64 more)
{
	int64		needed = events == NULL ? more : events->n + more;
	int64		doubled = events == NULL ? FIRST_EVENTS : 2 * (int64) events->n;
	MemoryContext context;
	int			room;

	if (events != NULL && needed <= EVENTS_ROOM(events))
		return events;
	check_events(needed);
	room = (int) Min(MOST_EVENTS, Max(needed, doubled));
	if (needed >= MANY_EVENTS && AggCheckCallContext(fcinfo, &context))
		events = larger_object(fcinfo, context, events, room);
	else
		events = larger_events(events, room);
	SET_VARSIZE(events, EVENTS_SIZE(room));
	return events;
}

/* events that were added to as the state that is returned */
static Datum
events_result(FunctionCallInfo fcinfo, Events *events)
{
	ManyEvents *many = many_argument(fcinfo, 0);

	return many != NULL && events == many->events ? EOHPGetRWDatum(&many->header)
												  : PointerGetDatum(events);
}

static void
same_funnel(const Events *events, int steps, int64 within, bool strict)
{
	if (events->steps != steps || events->within != within || events->strict != strict)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps, window and order must be the same for all rows of a funnel"),
				 errhint("Group the rows by them, or give constants.")));
}

/* the length of a window; 22023 if negative or not fixed */
static int64
window_micros(const Interval *window)
{
	int64		within = interval_micros(window);

	if (within < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the window of a funnel cannot be negative"),
				 errhint("Write an interval such as '1 hour', or NULL for no limit.")));
	return within;
}

static int64
within_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NO_LIMIT : window_micros(PG_GETARG_INTERVAL_P(i));
}

/* Error: 22023 unless steps are numbered as they should, and times are some */
static Fact
event_of(int64 who, TimestampTz at, int32 step)
{
	if (step < 1 || step > MOST_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no step %d", step),
				 errdetail("Steps are numbered from 1 to %d.", MOST_STEPS),
				 errhint("Make the step of other events NULL: they are left out.")));
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an event at infinity cannot be counted"),
				 errhint("Make unknown times NULL: such events are left out.")));
	return (Fact) {who, at, step};
}

static void
add_event(Events *events, int64 who, TimestampTz at, int32 step)
{
	events->event[events->n++] = event_of(who, at, step);
}

/*
 * One more event, or several at one time if step is an array: the arguments are
 * state, visitor (if there is an identity), time, step, number of steps (if
 * there is an identity), window and, optional, strict order.  Not strict: an
 * event without visitor, time or step is left out.
 */
static Datum
collect(FunctionCallInfo fcinfo, identity_function identity, bool step_is_array)
{
	int			at = identity != NULL ? 2 : 1;
	int			step = at + 1;
	int			within_at = identity != NULL ? step + 2 : step + 1;
	bool		strict = PG_NARGS() > within_at + 1 && !PG_ARGISNULL(within_at + 1) &&
		PG_GETARG_BOOL(within_at + 1);
	int			steps = MOST_STEPS;
	int64		who = 0;
	int64		within;
	Events	   *events;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(at) || PG_ARGISNULL(step) || (identity != NULL && PG_ARGISNULL(1)))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	if (identity != NULL)
	{
		steps = check_steps(PG_ARGISNULL(step + 1) ? 0 : PG_GETARG_INT32(step + 1));
		who = identity(PG_GETARG_DATUM(1));
	}
	within = within_argument(fcinfo, within_at);
	events = events_argument(fcinfo, 0, true);
	if (events != NULL)
		same_funnel(events, steps, within, strict);
	if (step_is_array)
	{
		ArrayType  *array = PG_GETARG_ARRAYTYPE_P(step);
		ArrayIterator iterator = array_create_iterator(array, 0, NULL);
		Datum		element;
		bool		isnull;

		events = events_room(fcinfo, events, ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
		while (array_iterate(iterator, &element, &isnull))
			if (!isnull)
				add_event(events, who, PG_GETARG_TIMESTAMPTZ(at), DatumGetInt32(element));
	}
	else
	{
		events = events_room(fcinfo, events, 1);
		add_event(events, who, PG_GETARG_TIMESTAMPTZ(at), PG_GETARG_INT32(step));
	}
	events->steps = steps;
	events->within = within;
	events->strict = strict;
	return events_result(fcinfo, events);
}

/*
 * funnel_depth_accum(state, at, step, within [, strict]), step being an integer
 * or an array of them
 */
PG_FUNCTION_INFO_V1(funnel_depth_accum);
Datum
funnel_depth_accum(PG_FUNCTION_ARGS)
{
	return collect(fcinfo, NULL, false);
}

PG_FUNCTION_INFO_V1(funnel_depth_accum_array);
Datum
funnel_depth_accum_array(PG_FUNCTION_ARGS)
{
	return collect(fcinfo, NULL, true);
}

/*
 * funnel_events_accum(state, visitor, at, step, steps, within [, strict]) for
 * each kind of visitor
 */
PG_FUNCTION_INFO_V1(funnel_events_accum_bigint);
Datum
funnel_events_accum_bigint(PG_FUNCTION_ARGS)
{
	return collect(fcinfo, bigint_identity, false);
}

PG_FUNCTION_INFO_V1(funnel_events_accum_uuid);
Datum
funnel_events_accum_uuid(PG_FUNCTION_ARGS)
{
	return collect(fcinfo, uuid_identity, false);
}

PG_FUNCTION_INFO_V1(funnel_events_accum_text);
Datum
funnel_events_accum_text(PG_FUNCTION_ARGS)
{
	check_text(fcinfo);
	return collect(fcinfo, text_identity, false);
}

/* funnel_events_combine(a, b): the events of both */
PG_FUNCTION_INFO_V1(funnel_events_combine);
Datum
funnel_events_combine(PG_FUNCTION_ARGS)
{
	Events	   *more = state_argument(fcinfo, 1, false);
	Events	   *events = events_argument(fcinfo, 0, true);

	if (more == NULL)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	if (events != NULL)
		same_funnel(events, more->steps, more->within, more->strict);
	events = events_room(fcinfo, events, more->n);
	if (more->form == PACKED)
		append_packed(events, more);
	else
	{
		memcpy(&events->event[events->n], more->event, more->n * sizeof(Fact));
		events->n += more->n;
	}
	events->steps = more->steps;
	events->within = more->within;
	events->strict = more->strict;
	return events_result(fcinfo, events);
}

static inline int
compare_events(const Fact *left, const Fact *right)
{
	if (left->what != right->what)
		return left->what < right->what ? -1 : 1;
	return (left->more > right->more) - (left->more < right->more);
}

#define ST_SORT sort_events
#define ST_ELEMENT_TYPE Fact
#define ST_COMPARE(a, b) compare_events(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* is an event still inside the window of a chain that started at start? */
static inline bool
inside(int64 start, int64 at, int64 within)
{
	int64		elapsed;

	return within == NO_LIMIT || (!pg_sub_s64_overflow(at, start, &elapsed) && elapsed <= within);
}

/* how chains went, for whom their length is not enough */
typedef struct Course
{
	int64		step_within[MOST_STEPS + 1];	/* from a step to the next, or NO_LIMIT */
	int64	   *before;			/* of an event that took a step, that of the step before */
	int64		last;			/* the event that was first to get as far as anything gets */
} Course;

/*
 * The longest chain, a step 1 starting a new one and others standing between
 * being no matter.  Inline, so that nobody pays for a course who wants none.
 */
static pg_attribute_always_inline int
longest_chain(const Fact *event, int64 n, int64 within, Course *course)
{
	int64		start[MOST_STEPS + 1];	/* of the latest chain that got to a step */
	int64		end[MOST_STEPS + 1];	/* the event with which it did */
	int			depth = 0;

	for (int64 i = 0; i < n; i++)
	{
		int			step = (int) event[i].more;

		if (step == 1)
			start[1] = event[i].what;
		else if (step <= depth + 1 && inside(start[step - 1], event[i].what, within) &&
				 (course == NULL || inside(event[end[step - 1]].what, event[i].what,
										   course->step_within[step - 1])))
			start[step] = start[step - 1];
		else
			continue;
		if (course != NULL)
		{
			course->before[i] = step == 1 ? -1 : end[step - 1];
			end[step] = i;
			if (step > depth)
				course->last = i;
		}
		depth = Max(depth, step);
	}
	return depth;
}

static int
depth_of(const Fact *event, int64 n, int64 within)
{
	return longest_chain(event, n, within, NULL);
}

/* the longest chain with nothing between its steps but repeats of the one just reached */
static int
strict_depth_of(const Fact *event, int64 n, int64 within)
{
	int64		start = 0;
	int			reached = 0;
	int			depth = 0;

	for (int64 i = 0; i < n; i++)
	{
		int			step = (int) event[i].more;

		if (step == 1)
		{
			start = event[i].what;
			reached = 1;
		}
		else if (reached > 0 && step == reached + 1 && inside(start, event[i].what, within))
			reached = step;
		else if (step != reached)
			reached = 0;
		depth = Max(depth, reached);
	}
	return depth;
}

/* the longest chain of one visitor, whose events are sorted in place */
static int
visitor_depth(const Events *events, Fact *event, int64 n)
{
	for (int64 i = 0; i < n; i++)
		if (!is_step(event[i].more))
			INVALID_STATE();
	sort_events(event, n);
	return events->strict ? strict_depth_of(event, n, events->within)
						  : depth_of(event, n, events->within);
}

/* events by ascending visitor */
typedef struct Run
{
	const Fact *next;
	const Fact *end;
} Run;

#define MOST_RUNS 16

/* the runs that events consist of as they stand; 0 if they are too many */
static int
find_runs(const Fact *event, int n, Run *run)
{
	int			runs = 0;

	for (int i = 0; i < n; i++)
	{
		if (i == 0 || event[i].who < event[i - 1].who)
		{
			if (runs == MOST_RUNS)
				return 0;
			run[runs++].next = &event[i];
		}
		run[runs - 1].end = &event[i + 1];
	}
	return runs;
}

/*
 * How far the visitors got.  Parallel workers sort what they hand on, so that
 * only their runs are left to be merged.
 */
static void
count_depths(const Events *events, Funnel *funnel)
{
	Run			run[MOST_RUNS];
	int			runs = find_runs(events->event, events->n, run);
	int			room = 64;
	Fact	   *sorted = NULL;
	Fact	   *event = palloc(room * sizeof(Fact));

	if (runs == 0)
	{
		sorted = sort_facts(events->event, events->n);
		runs = find_runs(sorted, events->n, run);
	}
	while (runs > 0)
	{
		int64		who = run[0].next->who;
		int			n = 0;

		CHECK_FOR_INTERRUPTS();
		for (int i = 1; i < runs; i++)
			who = Min(who, run[i].next->who);
		for (int i = 0; i < runs; i++)
		{
			for (; run[i].next < run[i].end && run[i].next->who == who; run[i].next++)
			{
				if (n == room)
					event = repalloc_huge(event, (room *= 2) * sizeof(Fact));
				event[n++] = *run[i].next;
			}
			if (run[i].next == run[i].end)
				run[i--] = run[--runs];
		}
		funnel->visitors[Min(visitor_depth(events, event, n), events->steps)]++;
	}
	if (sorted != NULL)
		pfree(sorted);
	pfree(event);
}

/*
 * funnel_depth_final(state): the depth of one visitor.  NULL without an event
 * that counts, so that funnel(depth, steps) leaves out whom funnel() over the
 * events never hears of.
 */
PG_FUNCTION_INFO_V1(funnel_depth_final);
Datum
funnel_depth_final(PG_FUNCTION_ARGS)
{
	Events	   *events = events_argument(fcinfo, 0, false);
	Fact	   *event;

	if (events == NULL || events->n == 0)
		PG_RETURN_NULL();
	event = memcpy(palloc(events->n * sizeof(Fact)), events->event, events->n * sizeof(Fact));
	PG_RETURN_INT32(visitor_depth(events, event, events->n));
}

/* funnel_events_final(state): the funnel of all visitors */
PG_FUNCTION_INFO_V1(funnel_events_final);
Datum
funnel_events_final(PG_FUNCTION_ARGS)
{
	Events	   *events = events_argument(fcinfo, 0, false);
	Funnel	   *funnel;

	if (events == NULL)
		PG_RETURN_POINTER(new_funnel(0));
	funnel = new_funnel(events->steps + 1);
	count_depths(events, funnel);
	funnel_settle(funnel);
	PG_RETURN_POINTER(funnel);
}

/* ---- when steps were taken ---- */

/* Error: 22023 unless an argument is a list */
static ArrayType *
list_argument(FunctionCallInfo fcinfo, int i)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(i);

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("times, steps and windows of a funnel are arrays of one dimension"),
				 errhint("Write array_agg(at), array_agg(step), and windows such as "
						 "'{1 hour,NULL,2 days}'.")));
	return array;
}

/* the windows from each step to the next in an argument; those that are not said are no limits */
static void
step_windows(FunctionCallInfo fcinfo, int i, Course *course)
{
	ArrayIterator iterator;
	Datum		element;
	bool		isnull;

	for (int step = 0; step <= MOST_STEPS; step++)
		course->step_within[step] = NO_LIMIT;
	if (PG_ARGISNULL(i))
		return;
	iterator = array_create_iterator(list_argument(fcinfo, i), 0, NULL);
	for (int step = 1; array_iterate(iterator, &element, &isnull); step++)
	{
		int64		within = isnull ? NO_LIMIT : window_micros(DatumGetIntervalP(element));

		if (step <= MOST_STEPS)
			course->step_within[step] = within;
	}
	array_free_iterator(iterator);
}

/* the events of one visitor in the arguments 0 and 1 (times, steps), in their order */
static Fact *
listed_events(FunctionCallInfo fcinfo, int64 *n)
{
	ArrayType  *times = list_argument(fcinfo, 0);
	ArrayType  *steps = list_argument(fcinfo, 1);
	int			length = ArrayGetNItems(ARR_NDIM(times), ARR_DIMS(times));
	ArrayIterator next_time;
	ArrayIterator next_step;
	Datum		at;
	Datum		step;
	bool		no_time;
	bool		no_step;
	Fact	   *event;

	if (length != ArrayGetNItems(ARR_NDIM(steps), ARR_DIMS(steps)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are %d times of %d steps", length,
						ArrayGetNItems(ARR_NDIM(steps), ARR_DIMS(steps))),
				 errdetail("Each event has a time and a step."),
				 errhint("Collect both of the same rows: array_agg(at), array_agg(step).")));
	check_events(length);
	event = palloc(Max(length, 1) * sizeof(Fact));
	next_time = array_create_iterator(times, 0, NULL);
	next_step = array_create_iterator(steps, 0, NULL);
	*n = 0;
	while (array_iterate(next_time, &at, &no_time) && array_iterate(next_step, &step, &no_step))
		if (!no_time && !no_step)
			event[(*n)++] = event_of(0, DatumGetTimestampTz(at), DatumGetInt32(step));
	array_free_iterator(next_time);
	array_free_iterator(next_step);
	sort_events(event, *n);
	return event;
}

/*
 * funnel_times(at, step, within, step_within): when one visitor took the steps
 * of the chain that counts: of the longest ones that whose last step came first,
 * and whose other steps came as late as they can before it.
 */
PG_FUNCTION_INFO_V1(funnel_times);
Datum
funnel_times(PG_FUNCTION_ARGS)
{
	int64		n;
	Fact	   *event;
	Course		course;
	Datum		taken[MOST_STEPS];
	int			depth;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	step_windows(fcinfo, 3, &course);
	event = listed_events(fcinfo, &n);
	course.before = palloc(Max(n, 1) * sizeof(int64));
	course.last = 0;			/* not known to be set where there is a chain, to compilers */
	depth = longest_chain(event, n, within_argument(fcinfo, 2), &course);
	for (int step = depth; step > 0; step--)
	{
		taken[step - 1] = TimestampTzGetDatum(event[course.last].what);
		course.last = course.before[course.last];
	}
	pfree(course.before);
	pfree(event);
	PG_RETURN_ARRAYTYPE_P(construct_array(taken, depth, TIMESTAMPTZOID, sizeof(TimestampTz),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
