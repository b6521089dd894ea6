/*
 * turnover.c - inventory turnover: cost of goods sold over average inventory
 *
 * Kept are the cost of goods sold, the inventory added up over time (value x
 * seconds) and the periods it was added up over.  That sum needs no order of
 * the movements: the opening stock counts for the whole period and each change
 * for what is left of it,
 *
 *		inventory = sum of value_change * (end - greatest(moved_at, start)),
 *
 * which is the time-weighted integral of the stock.  The mean of the two end
 * points, in contrast, is off by any factor when stock moves in between.
 *
 * Periods are kept as they came, each with its number of samples: values of one
 * period pool as parts of the stock do (SKUs, warehouses), values of disjoint
 * periods as parts of the time.  Periods that overlap and differ would count
 * some of the stock twice and are refused, whatever the order they come in.
 * Where inventory was only counted now and then, each count stands for a unit
 * of time of its own: snapshots instead of periods.
 *
 * The open form has room for more periods, at least doubled when it is full, so
 * that adding up many of them one by one does not copy all those before.
 */
#include "counts.h"
#include "decimal.h"
#include "elapsed.h"
#include "iso.h"
#include "value.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

typedef struct Period
{
	TimestampTz start;
	TimestampTz end;			/* not in the period any more */
	int64		samples;
} Period;

typedef struct Turnover
{
	int32		vl_len_;
	int32		version;		/* TURNOVER_VERSION, or in the open form TURNOVER_OPEN */
	int64		snapshots;
	Decimal		cogs;
	Decimal		inventory;		/* value x seconds, or the sum of the snapshots */
	Period		period[FLEXIBLE_ARRAY_MEMBER];	/* ascending, disjoint; see Usage */
} Turnover;

/*
 * In the open form, the place of the last period says what the others hold.  New
 * periods that do not come last wait behind the settled ones, which are ascending
 * and disjoint, until there are so many that sorting all of them pays: periods in
 * any order take n log n steps, and most rows find theirs among the settled.
 */
typedef struct Usage
{
	int64		periods;		/* in use, from the first place on */
	int64		settled;		/* of them, from the first on */
	int64		samples;		/* of all periods in use */
} Usage;

StaticAssertDecl(sizeof(Usage) == sizeof(Period), "usage takes the place of a period");

#define TURNOVER_VERSION 1
#define TURNOVER_OPEN (-1)
#define TURNOVER_SIZE(periods) (offsetof(Turnover, period) + (periods) * sizeof(Period))
#define PLACES(turnover) ((int) ((VARSIZE(turnover) - TURNOVER_SIZE(0)) / sizeof(Period)))
#define IS_OPEN(turnover) ((turnover)->version == TURNOVER_OPEN)
#define USAGE(turnover) ((Usage *) &(turnover)->period[PLACES(turnover) - 1])
#define PERIODS(turnover) (IS_OPEN(turnover) ? (int) USAGE(turnover)->periods : PLACES(turnover))
#define SETTLED(turnover) (IS_OPEN(turnover) ? (int) USAGE(turnover)->settled : PLACES(turnover))

StaticAssertDecl(TURNOVER_SIZE(1) == 64 + 24, "a turnover of one period on disk is 88 bytes");

static Turnover *
new_turnover(int periods)
{
	Turnover   *turnover = palloc0(TURNOVER_SIZE(periods));

	SET_VARSIZE(turnover, TURNOVER_SIZE(periods));
	turnover->version = TURNOVER_VERSION;
	return turnover;
}

static const Turnover *
check_version(const Turnover *turnover)
{
	if (turnover->version != TURNOVER_VERSION && !IS_OPEN(turnover))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unknown version %d of a stored turnover", turnover->version)));
	return turnover;
}

static int64
turnover_samples(const void *value)
{
	const Turnover *turnover = value;
	int64		samples = turnover->snapshots;

	if (IS_OPEN(turnover))
		return samples + USAGE(turnover)->samples;
	for (int i = 0; i < PERIODS(turnover); i++)
		samples += turnover->period[i].samples;
	return samples;
}

/* an open turnover with room for so many periods: the argument if it has it */
static Turnover *
make_room(Turnover *turnover, int periods)
{
	int			n = PERIODS(turnover);
	Turnover   *open;
	Usage		usage = {.periods = n, .settled = SETTLED(turnover)};

	if (IS_OPEN(turnover) && periods < PLACES(turnover))
		return turnover;
	usage.samples = turnover_samples(turnover) - turnover->snapshots;
	open = new_turnover(Max(periods + 1, 2 * n));
	memcpy(open->period, turnover->period, n * sizeof(Period));
	open->version = TURNOVER_OPEN;
	open->snapshots = turnover->snapshots;
	open->cogs = turnover->cogs;
	open->inventory = turnover->inventory;
	*USAGE(open) = usage;
	return open;
}

static int
compare_periods(const void *a, const void *b)
{
	const Period *p = a;
	const Period *q = b;

	return p->start != q->start ? (p->start < q->start ? -1 : 1)
								: (p->end > q->end) - (p->end < q->end);
}

static void
check_disjoint(const Period *a, const Period *b)
{
	if (a->start < b->end && b->start < a->end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot pool turnover over periods that overlap but differ"),
				 errdetail("[%s,%s) overlaps [%s,%s).",
						   pstrdup(timestamptz_to_str(a->start)),
						   pstrdup(timestamptz_to_str(a->end)),
						   pstrdup(timestamptz_to_str(b->start)),
						   pstrdup(timestamptz_to_str(b->end))),
				 errhint("Compute all of them over the same periods, or group by "
						 "period(turnover).")));
}

/* put periods in order and make equal ones one; returns how many there are then */
static int
settle_periods(Period *period, int n)
{
	int			last = 0;

	if (n == 0)
		return 0;
	qsort(period, n, sizeof(Period), compare_periods);
	for (int i = 1; i < n; i++)
	{
		if (compare_periods(&period[last], &period[i]) == 0)
			period[last].samples += period[i].samples;
		else
		{
			check_disjoint(&period[i], &period[last]);
			period[++last] = period[i];
		}
	}
	return last + 1;
}

static void
settle(Turnover *turnover)
{
	Usage	   *usage = USAGE(turnover);

	if (usage->settled < usage->periods)
		usage->settled = usage->periods = settle_periods(turnover->period, usage->periods);
}

/* the first settled period that ends after an instant */
static int
find_period(const Turnover *turnover, TimestampTz at)
{
	int			low = 0;
	int			high = SETTLED(turnover);

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (turnover->period[middle].end > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool
same_period(const Turnover *turnover, int i, const Period *period)
{
	return i < SETTLED(turnover) && compare_periods(&turnover->period[i], period) == 0;
}

/* one more period of an open turnover; i: where to look for it first */
static Turnover *
add_period(Turnover *turnover, const Period *period, int *i)
{
	Usage	   *usage;

	if (!same_period(turnover, *i, period))
		*i = find_period(turnover, period->start);
	if (same_period(turnover, *i, period))
		turnover->period[*i].samples += period->samples;
	else
	{
		if (*i < SETTLED(turnover))
			check_disjoint(period, &turnover->period[*i]);
		turnover = make_room(turnover, PERIODS(turnover) + 1);
		usage = USAGE(turnover);
		if (*i == usage->periods)
			usage->settled++;
		turnover->period[usage->periods++] = *period;
		if (usage->periods - usage->settled > Max(usage->settled, 64))
			settle(turnover);
	}
	USAGE(turnover)->samples += period->samples;
	return turnover;
}

/* there is room for one from the start: most turnovers have one period */
static void *
turnover_open(void *value)
{
	const Turnover *turnover = check_version(value);

	return make_room(value, Max(PERIODS(turnover), 1));
}

/* an aggregate's scales widen as it goes: the canonical ones are the smallest */
static void *
turnover_pack(const void *value)
{
	const Turnover *turnover = check_version(value);
	int			n = PERIODS(turnover);
	Turnover   *packed = new_turnover(n);

	packed->snapshots = turnover->snapshots;
	packed->cogs = turnover->cogs;
	packed->inventory = turnover->inventory;
	decimal_strip(&packed->cogs);
	decimal_strip(&packed->inventory);
	memcpy(packed->period, turnover->period, n * sizeof(Period));
	if (SETTLED(turnover) < n)
		SET_VARSIZE(packed, TURNOVER_SIZE(settle_periods(packed->period, n)));
	return packed;
}

/* the rule that a turnover read from outside breaks, if any */
static const char *
turnover_broken_rule(const Turnover *turnover)
{
	int64		samples = turnover->snapshots;

	if (turnover->snapshots < 0)
		return "The number of snapshots cannot be negative.";
	if (turnover->snapshots > 0 && PERIODS(turnover) > 0)
		return "Snapshots have no periods.";
	for (int i = 0; i < PERIODS(turnover); i++)
	{
		const Period *period = &turnover->period[i];
		int64		length;

		if (TIMESTAMP_NOT_FINITE(period->start) || TIMESTAMP_NOT_FINITE(period->end) ||
			!IS_VALID_TIMESTAMP(period->start) || !IS_VALID_TIMESTAMP(period->end) ||
			period->start >= period->end)
			return "A period must be finite and end after it starts.";
		if (pg_sub_s64_overflow(period->end, period->start, &length))
			return "A period must be shorter than 2^63 microseconds.";
		if (i > 0 && period->start < turnover->period[i - 1].end)
			return "Periods must be in ascending order and must not overlap.";
		if (period->samples <= 0 || pg_add_s64_overflow(samples, period->samples, &samples))
			return "The samples of a period must be positive, and their sum must be below 2^63.";
	}
	if (samples == 0 && (turnover->cogs.units != 0 || turnover->inventory.units != 0))
		return "Without a sample cost and inventory are 0.";
	return NULL;
}

static const char *
turnover_parse(const char *text, void **value)
{
	static const char *const syntax =
		"A turnover is cost of goods/inventory and the periods with their number of samples, or # "
		"and the number of snapshots.";
	Turnover   *turnover = turnover_open(new_turnover(0));
	const char *broken;

	while (isspace((unsigned char) *text))
		text++;
	if (!decimal_parse(&text, &turnover->cogs) || *text++ != '/' ||
		!decimal_parse(&text, &turnover->inventory))
		return syntax;
	if (strncmp(text, " #", 2) == 0)
	{
		text += 2;
		if (!count_parse(&text, &turnover->snapshots) || turnover->snapshots == 0)
			return syntax;
	}
	while (strncmp(text, " [", 2) == 0)
	{
		int			n = PERIODS(turnover);
		Period	   *period;

		turnover = make_room(turnover, n + 1);
		USAGE(turnover)->periods++;
		USAGE(turnover)->settled++;	/* or the text is refused */
		period = &turnover->period[n];
		text += 2;
		if (!instant_parse(&text, &period->start) || *text++ != ',' ||
			!instant_parse(&text, &period->end) || *text++ != ')' || *text++ != ':' ||
			!count_parse(&text, &period->samples))
			return syntax;
	}
	while (isspace((unsigned char) *text))
		text++;
	if (*text != '\0')
		return syntax;
	broken = turnover_broken_rule(turnover);
	*value = turnover_pack(turnover);
	return broken;
}

static void
turnover_print(StringInfo text, const void *value)
{
	const Turnover *turnover = check_version(value);

	decimal_print(text, &turnover->cogs);
	appendStringInfoChar(text, '/');
	decimal_print(text, &turnover->inventory);
	if (turnover->snapshots > 0)
		appendStringInfo(text, " #" INT64_FORMAT, turnover->snapshots);
	for (int i = 0; i < PERIODS(turnover); i++)
	{
		appendStringInfoString(text, " [");
		instant_print(text, turnover->period[i].start);
		appendStringInfoChar(text, ',');
		instant_print(text, turnover->period[i].end);
		appendStringInfo(text, "):" INT64_FORMAT, turnover->period[i].samples);
	}
}

static void
turnover_to_wire(StringInfo message, const void *value)
{
	const Turnover *turnover = check_version(value);

	decimal_send(message, &turnover->cogs);
	decimal_send(message, &turnover->inventory);
	pq_sendint64(message, turnover->snapshots);
	for (int i = 0; i < PERIODS(turnover); i++)
	{
		pq_sendint64(message, turnover->period[i].start);
		pq_sendint64(message, turnover->period[i].end);
		pq_sendint64(message, turnover->period[i].samples);
	}
}

static const char *
turnover_receive(StringInfo message, void **value)
{
	Decimal		cogs;
	Decimal		inventory;
	bool		cogs_valid = decimal_receive(message, &cogs);
	bool		inventory_valid = decimal_receive(message, &inventory);
	int64		snapshots = pq_getmsgint64(message);
	int			n = (message->len - message->cursor) / sizeof(Period);
	Turnover   *turnover = new_turnover(n);

	turnover->cogs = cogs;
	turnover->inventory = inventory;
	turnover->snapshots = snapshots;
	for (int i = 0; i < n; i++)
	{
		turnover->period[i].start = pq_getmsgint64(message);
		turnover->period[i].end = pq_getmsgint64(message);
		turnover->period[i].samples = pq_getmsgint64(message);
	}
	*value = turnover;
	if (!cogs_valid || !inventory_valid)
		return "Cost and inventory must be decimals of at most 38 digits.";
	return turnover_broken_rule(turnover);
}

static const ValueType turnover_type;

static void *
turnover_pool(void *a, const void *b)
{
	Turnover   *turnover = a;
	const Turnover *more = check_version(b);
	int64		samples;

	if ((turnover->snapshots > 0 && PERIODS(more) > 0) ||
		(PERIODS(turnover) > 0 && more->snapshots > 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot pool turnover from snapshots with turnover over periods"),
				 errdetail("Inventory weighted by time and inventory weighted by count have no "
						   "common average.")));
	if (pg_add_s64_overflow(turnover_samples(turnover), turnover_samples(more), &samples) ||
		!decimal_add(&turnover->cogs, &more->cogs) ||
		!decimal_add(&turnover->inventory, &more->inventory))
		value_overflow(&turnover_type);
	turnover->snapshots += more->snapshots;
	for (int i = 0, j = 0; j < PERIODS(more); i++, j++)
		turnover = add_period(turnover, &more->period[j], &i);
	return turnover;
}

static void *
turnover_take_out(void *a, const void *b)
{
	Turnover   *turnover = a;
	const Turnover *fewer = check_version(b);
	Decimal		cogs = fewer->cogs;
	Decimal		inventory = fewer->inventory;

	decimal_negate(&cogs);
	decimal_negate(&inventory);
	if (turnover->snapshots < fewer->snapshots ||
		!decimal_add(&turnover->cogs, &cogs) || !decimal_add(&turnover->inventory, &inventory))
		value_not_in(&turnover_type);
	turnover->snapshots -= fewer->snapshots;
	settle(turnover);
	for (int j = 0; j < PERIODS(fewer); j++)
	{
		const Period *period = &fewer->period[j];
		int			i = find_period(turnover, period->start);

		if (!same_period(turnover, i, period) || turnover->period[i].samples < period->samples)
			value_not_in(&turnover_type);
		turnover->period[i].samples -= period->samples;
		USAGE(turnover)->samples -= period->samples;
		if (turnover->period[i].samples == 0)
		{
			int			n = USAGE(turnover)->settled = --USAGE(turnover)->periods;

			memmove(&turnover->period[i], &turnover->period[i + 1], (n - i) * sizeof(Period));
		}
	}
	if (turnover_broken_rule(turnover) != NULL)
		value_not_in(&turnover_type);
	return turnover;
}

/* what inventory is divided by for its average: seconds, or the number of snapshots */
static Decimal
turnover_length(const Turnover *turnover)
{
	Decimal		length = {.units = turnover->snapshots};

	for (int i = 0; i < PERIODS(turnover); i++)
	{
		length.units += turnover->period[i].end - turnover->period[i].start;
		length.scale = 6;
	}
	return length;
}

/* cogs / (inventory / length); there is none unless goods were in stock */
static bool
turnover_fraction(const void *value, Numeric *num, Numeric *den)
{
	const Turnover *turnover = check_version(value);
	Decimal		length = turnover_length(turnover);

	if (turnover->inventory.units <= 0)
		return false;
	*num = DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(decimal_to_numeric(&turnover->cogs)),
											   NumericGetDatum(decimal_to_numeric(&length))));
	*den = decimal_to_numeric(&turnover->inventory);
	return true;
}

static bool
turnover_nearly(const void *value, double *number)
{
	const Turnover *turnover = check_version(value);
	Decimal		length = turnover_length(turnover);

	*number = decimal_to_double(&turnover->cogs) * decimal_to_double(&length) /
		decimal_to_double(&turnover->inventory);
	return turnover->inventory.units > 0;
}

static const ValueType turnover_type = {
	.name = "turnover",
	.form = "cost of goods/inventory x seconds [start,end):samples ..., cost of goods/inventory "
			"#snapshots, or 0/0 for none",
	.size = -1,
	.parse = turnover_parse,
	.receive = turnover_receive,
	.print = turnover_print,
	.send = turnover_to_wire,
	.add = turnover_pool,
	.subtract = turnover_take_out,
	.open = turnover_open,
	.pack = turnover_pack,
	.sample_size = turnover_samples,
	.fraction = turnover_fraction,
	.nearly = turnover_nearly
};

VALUE_FUNCTIONS(turnover)
VALUE_FUNCTION(turnover, add)
VALUE_FUNCTION(turnover, subtract)
VALUE_FUNCTION(turnover, final)

/* the period an argument names; 22023 unless it is [start, end) with both known */
static Period
period_argument(FunctionCallInfo fcinfo, int i)
{
	RangeType  *range = PG_GETARG_RANGE_P(i);
	TypeCacheEntry *type = range_get_typcache(fcinfo, RangeTypeGetOid(range));
	Period		period = {.samples = 1};
	RangeBound	lower,
				upper;
	bool		empty;

	range_deserialize(type, range, &lower, &upper, &empty);
	if (empty || lower.infinite || upper.infinite || !lower.inclusive || upper.inclusive ||
		TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(lower.val)) ||
		TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(upper.val)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("inventory cannot be averaged over this period"),
				 errdetail("The period must have a start, which is in it, and an end, which is "
						   "not."),
				 errhint("Write tstzrange(start, end), for example tstzrange('2025-01-01', "
						 "'2025-02-01').")));
	period.start = DatumGetTimestampTz(lower.val);
	period.end = DatumGetTimestampTz(upper.val);
	elapsed_micros(period.start, period.end);	/* fits, or is an error */
	return period;
}

/* value x time in value x seconds; 22003 beyond 38 digits */
static Decimal
inventory_over(Decimal value, int64 micros)
{
	if (!decimal_multiply(&value, micros))
		value_overflow(&turnover_type);
	value.scale += 6;
	if (value.scale > DECIMAL_DIGITS)
		decimal_strip(&value);
	if (value.scale > DECIMAL_DIGITS)
		value_overflow(&turnover_type);
	return value;
}

/*
 * What a movement in the arguments 1 .. 4 (moved_at, value_change, cogs,
 * during) adds to a turnover; NULL if it is no sample: without time or period,
 * without cost and value, or after the end.
 */
static Turnover *
movement_argument(FunctionCallInfo fcinfo)
{
	Turnover   *movement;
	Period		period;
	TimestampTz moved_at;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(4) || (PG_ARGISNULL(2) && PG_ARGISNULL(3)))
		return NULL;
	moved_at = PG_GETARG_TIMESTAMPTZ(1);
	period = period_argument(fcinfo, 4);
	if (moved_at >= period.end)
		return NULL;
	movement = new_turnover(1);
	movement->period[0] = period;
	if (!PG_ARGISNULL(2))
		movement->inventory = inventory_over(decimal_from_numeric(PG_GETARG_DATUM(2)),
											 period.end - Max(moved_at, period.start));
	if (!PG_ARGISNULL(3) && moved_at >= period.start)
		movement->cogs = decimal_from_numeric(PG_GETARG_DATUM(3));
	return movement;
}

/* pool the movement in the arguments or take it out */
static Datum
move(FunctionCallInfo fcinfo, void *(*change) (void *a, const void *b))
{
	Turnover   *movement;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	movement = movement_argument(fcinfo);
	if (movement == NULL)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	return value_result(fcinfo, &turnover_type,
						change(value_own(fcinfo, &turnover_type), movement));
}

/*
 * turnover_accum(turnover, moved_at, value_change, cogs, during): one more
 * movement.  Not strict: a movement may have no cost or no change in value.
 */
PG_FUNCTION_INFO_V1(turnover_accum);
Datum
turnover_accum(PG_FUNCTION_ARGS)
{
	return move(fcinfo, turnover_pool);
}

PG_FUNCTION_INFO_V1(turnover_accum_inverse);
Datum
turnover_accum_inverse(PG_FUNCTION_ARGS)
{
	return move(fcinfo, turnover_take_out);
}

/* a snapshot in the arguments 1 and 2 (cogs, inventory_value) */
static Turnover *
snapshot_argument(FunctionCallInfo fcinfo)
{
	Turnover   *snapshot = new_turnover(0);

	snapshot->snapshots = 1;
	snapshot->cogs = decimal_from_numeric(PG_GETARG_DATUM(1));
	snapshot->inventory = decimal_from_numeric(PG_GETARG_DATUM(2));
	return snapshot;
}

/* turnover_accum_snapshot(turnover, cogs, inventory_value): one more snapshot */
PG_FUNCTION_INFO_V1(turnover_accum_snapshot);
Datum
turnover_accum_snapshot(PG_FUNCTION_ARGS)
{
	return value_result(fcinfo, &turnover_type,
						turnover_pool(value_own(fcinfo, &turnover_type),
									  snapshot_argument(fcinfo)));
}

PG_FUNCTION_INFO_V1(turnover_accum_snapshot_inverse);
Datum
turnover_accum_snapshot_inverse(PG_FUNCTION_ARGS)
{
	return value_result(fcinfo, &turnover_type,
						turnover_take_out(value_own(fcinfo, &turnover_type),
										  snapshot_argument(fcinfo)));
}

/* make_turnover(cogs, opening, closing, during): the average is that of the two end points */
PG_FUNCTION_INFO_V1(make_turnover);
Datum
make_turnover(PG_FUNCTION_ARGS)
{
	Turnover   *turnover = new_turnover(1);
	Decimal		opening = decimal_from_numeric(PG_GETARG_DATUM(1));
	Decimal		closing = decimal_from_numeric(PG_GETARG_DATUM(2));

	turnover->period[0] = period_argument(fcinfo, 3);
	turnover->cogs = decimal_from_numeric(PG_GETARG_DATUM(0));

	/* half of both is five tenths of both */
	if (!decimal_add(&opening, &closing) || !decimal_multiply(&opening, 5))
		value_overflow(&turnover_type);
	opening.scale++;
	turnover->inventory = inventory_over(opening,
										 turnover->period[0].end - turnover->period[0].start);
	PG_RETURN_POINTER(turnover_pack(turnover));
}

/* cogs(turnover): the cost of goods sold, 0 without data */
PG_FUNCTION_INFO_V1(turnover_cogs);
Datum
turnover_cogs(PG_FUNCTION_ARGS)
{
	const Turnover *turnover = check_version(value_argument(fcinfo, &turnover_type, 0));

	PG_RETURN_NUMERIC(decimal_to_numeric(&turnover->cogs));
}

/* average_inventory(turnover): weighted by time, or the mean of the snapshots; NULL without data */
PG_FUNCTION_INFO_V1(turnover_average_inventory);
Datum
turnover_average_inventory(PG_FUNCTION_ARGS)
{
	const Turnover *turnover = check_version(value_argument(fcinfo, &turnover_type, 0));
	Decimal		length = turnover_length(turnover);

	if (length.units == 0)
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div,
							   NumericGetDatum(decimal_to_numeric(&turnover->inventory)),
							   NumericGetDatum(decimal_to_numeric(&length)));
}

/*
 * days_of_inventory(turnover): how long the average inventory lasts at the pace
 * of the period, average inventory / (cogs / days) = inventory / cogs; NULL if
 * nothing was sold, nothing was in stock, or only snapshots are known.
 */
PG_FUNCTION_INFO_V1(turnover_days_of_inventory);
Datum
turnover_days_of_inventory(PG_FUNCTION_ARGS)
{
	const Turnover *turnover = check_version(value_argument(fcinfo, &turnover_type, 0));
	Datum		inventory;
	Datum		per_day;

	if (turnover->snapshots > 0 || turnover->inventory.units <= 0 || turnover->cogs.units <= 0)
		PG_RETURN_NULL();
	per_day = DirectFunctionCall2(numeric_mul,
								  NumericGetDatum(decimal_to_numeric(&turnover->cogs)),
								  NumericGetDatum(int64_to_numeric(SECS_PER_DAY)));
	inventory = NumericGetDatum(decimal_to_numeric(&turnover->inventory));
	return DirectFunctionCall1(numeric_float8,
							   DirectFunctionCall2(numeric_div, inventory, per_day));
}

/* period(turnover): the time it covers, empty for snapshots and without data */
PG_FUNCTION_INFO_V1(turnover_period);
Datum
turnover_period(PG_FUNCTION_ARGS)
{
	const Turnover *turnover = check_version(value_argument(fcinfo, &turnover_type, 0));
	TypeCacheEntry *type = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
	int			n = PERIODS(turnover);
	RangeType **ranges = palloc(n * sizeof(RangeType *));

	for (int i = 0; i < n; i++)
	{
		RangeBound	lower = {TimestampTzGetDatum(turnover->period[i].start), false, true, true};
		RangeBound	upper = {TimestampTzGetDatum(turnover->period[i].end), false, false, false};

		ranges[i] = make_range_compat(type, &lower, &upper, false);
	}
	PG_RETURN_MULTIRANGE_P(make_multirange(TSTZMULTIRANGEOID, type, n, ranges));
}
