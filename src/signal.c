/*
 * signal.c - what is usual for an indicator, and which of its values are not
 *
 * A process behaviour chart of individual values (XmR: W. A. Shewhart 1931,
 * D. J. Wheeler, Understanding Variation, 1993): what is usual is the mean of
 * earlier periods, give or take 2.66 times the mean of how much one differs
 * from the next.  Where it is known of how many observations a value is made,
 * as of a rate or an NPS, the limits are those of D. B. Laney (Improved control
 * charts for attributes, Quality Engineering 14, 2002): what chance makes of so
 * many observations, times how much more, or less, the earlier periods differ;
 * what chance makes of them alone, where they do not differ at all.
 *
 * No period is judged by itself: its history ends before the last eight, which
 * the longest of the rules looks at, or is the first eight there are.
 */
#include "kpi.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "windowapi.h"

#include <math.h>

#define AT_LEAST 8				/* periods that make limits */
#define AT_MOST 24				/* periods that do, as those of long ago no longer tell */
#define AT_MOST_OF_ALL 36		/* where all seasons are put together: three years of months */
#define EACH_SEASON 2			/* periods that a season needs to be told from others */
#define OWN_SEASON 12			/* periods with which it needs no others */

#define RUN 8					/* this many in a row on one side are no chance */
#define FEW 4					/* nor are so many of this few ... */
#define MOST_OF_FEW 3			/* ... in the outer half of one side */

#define RANGE_OF_SIGMA 1.128	/* mean difference of two normal values, in standard deviations */
#define RANGES_TO_LIMIT 2.66	/* 3 / 1.128 */
#define SIGMAS_TO_LIMIT 3.0
#define BEYOND_LIMIT 0.00135	/* of normal values are more than 3 sigma above their mean */

/*
 * What differs by less is equal: a mean of equal numbers may not be quite that
 * number, and nobody is above it then.
 */
#define ROUNDING 1e-12

typedef struct Point
{
	int64		row;			/* of all periods, also those without a value */
	double		value;
	double		lowest;			/* what it can be at least */
	double		highest;		/* and at most */
	bool		counted;		/* whether it is known of how many observations it is made */
	double		n;				/* those */
	double		total;			/* their sum */
	double		squares;		/* the sum of their squares */
	int			season;			/* such as its weekday */

	int			periods;		/* how many make the limits, 0 without limits for want of them */
	bool		seasonal;		/* whether those are of the same season, or compared as such */
	bool		limited;		/* whether there are limits */
	double		centre;
	double		sigma;
	double		reach;			/* how far the limits are from the centre */
	int			side;			/* -1, 0 or 1: below, at or above the centre */
	bool		half;			/* whether it is more than half way to the limit */
	const char *rule;			/* by which it is a signal, if it is one */
} Point;

typedef struct History
{
	bool		judged;
	int64		length;			/* how many rows have a value */
	Point	   *points;			/* those */
	int64		places[FLEXIBLE_ARRAY_MEMBER];	/* of each row among them, -1 without a value */
} History;

/* the periods that say what is usual, the latest last */
typedef struct Baseline
{
	int			length;
	bool		pooled;			/* of all seasons, of which each has its own mean */
	bool		relative;		/* differences are shares of the mean of their season */
	bool		counted;		/* all are counted, and so is the one that is judged */
	const Point *points[AT_MOST_OF_ALL];
} Baseline;

/* what is usual in a season */
typedef struct Usual
{
	int			periods;
	double		n;
	double		centre;
	double		deviation;		/* of a single observation; the unit of differences without such */
} Usual;

/* Where it is not known of all of how many observations they are made, each is one. */
static double
observations(const Baseline *baseline, const Point *point)
{
	return baseline->counted ? point->n : 1;
}

static Usual
usual_of(const Baseline *baseline, int season)
{
	Usual		usual = {0};
	double		total = 0;
	double		squares = 0;

	for (int i = 0; i < baseline->length; i++)
	{
		const Point *point = baseline->points[i];

		if (baseline->pooled && point->season != season)
			continue;
		usual.periods++;
		usual.n += observations(baseline, point);
		total += baseline->counted ? point->total : point->value;
		squares += point->squares;
	}
	usual.centre = total / usual.n;
	if (baseline->counted)
		usual.deviation = sqrt(Max(squares / usual.n - usual.centre * usual.centre, 0));
	else
		usual.deviation = baseline->relative ? usual.centre : 1;
	return usual;
}

/*
 * How far a value is from what is usual in its season, in the unit in which the
 * values of the baseline are compared.  Where several seasons are, each has few
 * values, and these are nearer to their own mean than to the true one.
 */
static double
difference(const Baseline *baseline, const Point *point)
{
	Usual		usual = usual_of(baseline, point->season);
	double		n = observations(baseline, point);
	double		difference = (point->value - usual.centre) / (usual.deviation / sqrt(n));

	return baseline->pooled ? difference / sqrt(1 - n / usual.n) : difference;
}

static double
mean_range(const Baseline *baseline)
{
	double		before = 0;
	double		range = 0;

	for (int i = 0; i < baseline->length; i++)
	{
		double		now = difference(baseline, baseline->points[i]);

		if (i > 0)
			range += fabs(now - before);
		before = now;
	}
	return range / (baseline->length - 1);
}

/*
 * How far the limits are from what was so without exception, as a rate that was
 * always 0.  If nothing has changed, the k of all n + N observations that differ
 * are all among the n of now in (n / (n + N)) ^ k of cases, and that is to be as
 * rare as what is beyond a limit.  How far they can be off we know, not how far
 * they are.
 */
static double
reach_of_same(const Point *point, const Usual *usual)
{
	double		k = log(BEYOND_LIMIT) / log(point->n / (point->n + usual->n));
	double		farthest = Max(point->highest - usual->centre, usual->centre - point->lowest);

	return k * farthest / point->n;
}

/*
 * The limits of a point.  There are none where nothing varies in what is usual,
 * unless it is known what chance makes of the observations.
 */
static void
set_limits(Point *point, const Baseline *baseline)
{
	Usual		usual = usual_of(baseline, point->season);
	double		n = observations(baseline, point);
	double		unit = usual.deviation / sqrt(n);
	double		apart;

	point->periods = baseline->length;
	point->centre = usual.centre;
	if (unit == 0)
		point->reach = baseline->counted ? reach_of_same(point, &usual) : 0;
	else
	{
		double		range = mean_range(baseline);

		if (baseline->pooled)	/* nor is the true mean of a season that of its few values */
			unit *= sqrt(1 + n / usual.n);
		if (baseline->counted && !(range * unit > ROUNDING * fabs(usual.centre)))
			range = RANGE_OF_SIGMA; /* as chance alone makes it */
		point->reach = (baseline->counted ? SIGMAS_TO_LIMIT / RANGE_OF_SIGMA : RANGES_TO_LIMIT) *
			range * unit;
	}
	if (!(point->reach > ROUNDING * fabs(usual.centre)) || isinf(point->reach))
		return;					/* nor with what is no number */
	point->limited = true;
	point->sigma = point->reach / (baseline->counted ? SIGMAS_TO_LIMIT
								   : RANGES_TO_LIMIT * RANGE_OF_SIGMA);
	apart = fabs(point->value - usual.centre);
	if (apart > ROUNDING * fabs(usual.centre))
		point->side = point->value > usual.centre ? 1 : -1;
	point->half = apart > point->reach / 2 * (1 + ROUNDING);
	if (apart > point->reach * (1 + ROUNDING))
		point->rule = "outside";
}

static void
set_counted(Baseline *baseline, const Point *judged)
{
	baseline->counted = judged->counted;
	for (int i = 0; i < baseline->length; i++)
		baseline->counted = baseline->counted && baseline->points[i]->counted;
}

/* Those of the same season, if there are enough: a Monday is compared with Mondays. */
static bool
same_season(Baseline *baseline, const Point *points, int64 first, int64 judged)
{
	int			season = points[judged].season;

	*baseline = (Baseline) {0};
	for (int64 i = judged - RUN; i >= first && baseline->length < AT_MOST; i--)
	{
		CHECK_FOR_INTERRUPTS();
		if (points[i].season == season)
			baseline->points[AT_MOST_OF_ALL - ++baseline->length] = &points[i];
	}
	memmove(baseline->points, &baseline->points[AT_MOST_OF_ALL - baseline->length],
			baseline->length * sizeof(Point *));
	set_counted(baseline, &points[judged]);
	return baseline->length >= OWN_SEASON;
}

/*
 * The latest up to a number of them before the last eight, or the first eight.
 */
static bool
latest(Baseline *baseline, const Point *points, int64 first, int64 judged, int at_most)
{
	int64		end = Max(judged - RUN + 1, first + AT_LEAST);

	*baseline = (Baseline) {0};
	if (end > judged)
		return false;
	for (int64 i = Max(first, end - at_most); i < end; i++)
		baseline->points[baseline->length++] = &points[i];
	set_counted(baseline, &points[judged]);
	return true;
}

/* Those of all seasons, if each can be told from the others. */
static bool
all_seasons(Baseline *baseline, const Point *points, int64 first, int64 judged)
{
	bool		positive = true;

	if (!latest(baseline, points, first, judged, AT_MOST_OF_ALL))
		return false;
	baseline->pooled = true;
	if (usual_of(baseline, points[judged].season).periods < EACH_SEASON)
		return false;
	for (int i = 0; i < baseline->length; i++)
	{
		Usual		usual = usual_of(baseline, baseline->points[i]->season);

		if (usual.periods < EACH_SEASON || usual.deviation == 0)
			return false;
		positive = positive && usual.centre > 0;
	}
	baseline->relative = positive;
	return true;
}

/*
 * Judge a point by those before it.  The others have been judged, each by its
 * own history, as nobody could know more then.
 */
static void
judge(Point *points, int64 first, int64 judged, bool seasons)
{
	Point	   *point = &points[judged];
	Baseline	baseline;
	int			run = 0;
	int			far = 0;

	point->seasonal = seasons && (same_season(&baseline, points, first, judged) ||
								  all_seasons(&baseline, points, first, judged));
	if (!point->seasonal && !latest(&baseline, points, first, judged, AT_MOST))
		return;
	set_limits(point, &baseline);
	if (point->rule != NULL || point->side == 0)
		return;
	/* a period without a value is on no side, and far from nothing */
	while (run < RUN && judged - run >= first && points[judged - run].side == point->side &&
		   points[judged - run].row == point->row - run)
		run++;
	for (int64 i = judged; i >= first && points[i].row > point->row - FEW; i--)
		if (points[i].half && points[i].side == point->side)
			far++;
	if (run == RUN)
		point->rule = "run_of_eight";
	else if (point->half && far >= MOST_OF_FEW)
		point->rule = "three_of_four";
}

static double
argument(WindowObject window, int number, int64 row, bool *is_null)
{
	bool		is_out;
	Datum		datum = WinGetFuncArgInPartition(window, number, row, WINDOW_SEEK_HEAD, false,
												 is_null, &is_out);
	double		value;

	if (*is_null)
		return 0;
	switch (number)
	{
		case 1:
		case 2:
		case 3:
			return DatumGetInt64(datum);
		case 4:
			return DatumGetInt32(datum);
		default:
			value = DatumGetFloat8(datum);
	}
	if (isnan(value) || (number == 0 && isinf(value)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the %s of row " INT64_FORMAT " of a history is %s",
						number == 0 ? "value" : number == 5 ? "lowest value" : "highest value",
						row + 1, isnan(value) ? "NaN" : "infinite"),
				 errhint("Make it NULL, which is no number.")));
	return value;
}

static void
read_point(WindowObject window, int64 row, Point *point, bool *no_season)
{
	bool		no_sample;
	bool		no_total;
	bool		no_squares;
	bool		no_lowest;
	bool		no_highest;

	point->row = row;
	point->n = argument(window, 1, row, &no_sample);
	point->total = argument(window, 2, row, &no_total);
	point->squares = argument(window, 3, row, &no_squares);
	point->season = argument(window, 4, row, no_season);
	point->counted = !no_sample && point->n > 0 && !no_total && !no_squares;
	point->lowest = argument(window, 5, row, &no_lowest);
	if (no_lowest)
		point->lowest = -INFINITY;
	point->highest = argument(window, 6, row, &no_highest);
	if (no_highest)
		point->highest = INFINITY;
	if (point->n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the value of row " INT64_FORMAT " of a history is of %.0f observations",
						row + 1, point->n),
				 errhint("Make them NULL if it is not known how many there were.")));
}

/* A row without a value is a period of which nothing is known. */
static void
read_points(WindowObject window, History *history, int64 rows, bool *seasons)
{
	*seasons = true;
	for (int64 row = 0; row < rows; row++)
	{
		Point	   *point = &history->points[history->length];
		bool		no_value;
		bool		no_season;

		CHECK_FOR_INTERRUPTS();
		point->value = argument(window, 0, row, &no_value);
		history->places[row] = no_value ? -1 : history->length;
		if (no_value)
			continue;
		read_point(window, row, point, &no_season);
		*seasons = *seasons && !no_season;
		history->length++;
	}
}

/*
 * The history begins after the first period with anything in it, as that may be
 * a short one: before, there is nothing to be usual.
 */
static void
judge_history(WindowObject window, History *history, int64 rows)
{
	bool		seasons;
	int64		first = 0;

	read_points(window, history, rows, &seasons);
	while (first < history->length && !history->points[first].counted &&
		   history->points[first].value == 0)
		first++;
	first++;
	for (int64 judged = first; judged < history->length; judged++)
	{
		CHECK_FOR_INTERRUPTS();
		judge(history->points, first, judged, seasons);
	}
	history->judged = true;
}

/*
 * signal(value, observations, total, squares, season, lowest, highest) over the
 * history of an indicator.  Errors: 22023 for what is no number, 54000 for more
 * values than memory can be had for at once.
 */
PG_FUNCTION_INFO_V1(signal_of_history);
Datum
signal_of_history(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	int64		rows = WinGetPartitionRowCount(window);
	Size		size = MAXALIGN(offsetof(History, places) + rows * sizeof(int64));
	History    *history;
	int64		row = WinGetCurrentPosition(window);
	const Point *point;
	TupleDesc	tupdesc = fcinfo->flinfo->fn_extra;
	Datum		values[8] = {0};
	bool		nulls[8] = {true, true, true, true, true, true, true, true};

	if (size + rows * sizeof(Point) > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a history of " INT64_FORMAT " values is too long", rows),
				 errhint("Judge longer periods, or the last years only.")));
	history = WinGetPartitionLocalMemory(window, size + rows * sizeof(Point));

	if (tupdesc == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "signal does not return a row");
		fcinfo->flinfo->fn_extra = BlessTupleDesc(tupdesc);
		MemoryContextSwitchTo(caller);
	}
	if (!history->judged)
	{
		history->points = (Point *) ((char *) history + size);
		judge_history(window, history, rows);
	}
	if (history->places[row] < 0)
		return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
	point = &history->points[history->places[row]];

	values[0] = Float8GetDatum(point->centre);
	values[1] = Float8GetDatum(Max(point->centre - point->reach, point->lowest));
	values[2] = Float8GetDatum(Min(point->centre + point->reach, point->highest));
	values[3] = Float8GetDatum(point->sigma);
	nulls[0] = point->periods == 0;
	nulls[1] = nulls[2] = nulls[3] = !point->limited;
	nulls[4] = point->rule == NULL;
	if (!nulls[4])
		values[4] = CStringGetTextDatum(point->rule);
	nulls[5] = point->side == 0;
	if (!nulls[5])
		values[5] = CStringGetTextDatum(point->side > 0 ? "above" : "below");
	values[6] = Int32GetDatum(point->periods);
	values[7] = BoolGetDatum(point->seasonal);
	nulls[6] = nulls[7] = false;
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}
