-- calendar: periods in the shop's time zone, and growth between them

CREATE FUNCTION bucket(grain text, at timestamp with time zone, timezone text)
RETURNS date AS 'MODULE_PATHNAME', 'bucket_timestamptz' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at timestamp with time zone, timezone text) IS
'the date on which the period around an instant starts in a time zone; grain is day, week (from '
'Monday), month, quarter, half, year or all, or says where it starts, as week from sunday and year '
'from april do, or in which calendar of whole weeks it lies, as month 4-5-4 from sunday nearest '
'february and year 4-4-5 to saturday last in august do; timezone is a full name such as '
'Europe/Berlin; an error for other names';
CREATE FUNCTION bucket(grain text, at timestamp without time zone)
RETURNS date AS 'MODULE_PATHNAME', 'bucket_timestamp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at timestamp without time zone) IS
'the date on which the period around a local time starts; grain is day, week (from Monday), month, '
'quarter, half, year or all, or says where it starts, as week from sunday and year from april do, '
'or in which calendar of whole weeks it lies, as month 4-5-4 from sunday nearest february and year '
'4-4-5 to saturday last in august do; an error for other names';
CREATE FUNCTION bucket(grain text, at date)
RETURNS date AS 'MODULE_PATHNAME', 'bucket_of_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at date) IS
'the date on which the period around a date starts; grain is day, week (from Monday), month, '
'quarter, half, year or all, or says where it starts, as week from sunday and year from april do, '
'or in which calendar of whole weeks it lies, as month 4-5-4 from sunday nearest february and year '
'4-4-5 to saturday last in august do; an error for other names';

CREATE FUNCTION midnight(day date, timezone text, latest boolean)
RETURNS timestamp with time zone AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION midnight(day date, timezone text, latest boolean) IS
'when a date starts in a time zone: the first instant of it or, where the clocks skip it, of a '
'later one; where they go back over midnight, the latest is when it has started for good; infinite '
'beyond the timestamps there are';
CREATE FUNCTION day_bound(day date, timezone text, latest boolean, other date)
RETURNS timestamp with time zone AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION day_bound(day date, timezone text, latest boolean, other date) IS
'implementation of within: midnight(day, timezone, latest), NULL if the other day is';
CREATE FUNCTION within_days(day date, start date, until date)
RETURNS boolean AS 'MODULE_PATHNAME', 'within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION within_days(day date, start date, until date) IS
'implementation of within: whether start <= day < until';
CREATE FUNCTION within_support(internal)
RETURNS internal AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION within_support(internal) IS
'planner support: lets within() use an index on the instants whose days it compares';
CREATE FUNCTION within(day date, start date, until date)
RETURNS boolean AS 'MODULE_PATHNAME'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT within_support;
COMMENT ON FUNCTION within(day date, start date, until date) IS
'whether start <= day < until; of days that are bucket(''day'', at, timezone), found by an index '
'on at';
CREATE FUNCTION periods(grain text, first date, last date, OUT period date, OUT until date)
RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION periods(grain text, first date, last date) IS
'the periods of a grain from the one around first to the one around last, without gaps, none if '
'either is infinite: period is the date on which it starts, until the one on which the next does, '
'infinity if none does (grain all); an error for other grains, as in bucket';
CREATE FUNCTION comparison(grain text, period date, against text, until date DEFAULT 'infinity')
RETURNS daterange AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION comparison(grain text, period date, against text, until date) IS
'the days that the period around a date is compared with: those of the period before it (against '
'previous) or of the same period a year ago (last_year), of a running one, whose days before until '
'have passed, up to the same date; a period before that is shorter is whole; of days, weeks and '
'calendars of whole weeks last_year is 52 weeks ago; empty if there is nothing to compare with, as '
'for a 53rd week and the grain all';
CREATE FUNCTION compared_in(grain text, day date, against text)
RETURNS date AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION compared_in(grain text, day date, against text) IS
'the period whose comparison a day belongs to, by the date it starts on: that after the one of the '
'day (against previous) or the same one a year later (last_year); NULL if there is none, as for '
'the first week of a year of 53 weeks';

-- Days are taken off the date, hours off the instant: on the wall clock an hour would be two, or
-- none, where the clocks change.
CREATE FUNCTION time_before(at timestamp with time zone, span interval, timezone text)
RETURNS timestamp with time zone LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN (at AT TIME ZONE timezone - date_trunc('day', span)) AT TIME ZONE timezone
           - (span - date_trunc('day', span));
COMMENT ON FUNCTION time_before(at timestamp with time zone, span interval, timezone text) IS
'implementation of kpi_daily_carts: the instant that lies this long before another in a time zone: '
'days earlier at the same time of day, hours as they pass';

CREATE FUNCTION growth(now double precision, before double precision, basis text DEFAULT 'positive')
RETURNS double precision AS 'MODULE_PATHNAME', 'growth_float8'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION growth(now double precision, before double precision, basis text) IS
'(now - before) / before: 0.1 is ten percent more; NULL if before is zero, or negative unless the '
'basis is abs, which divides by its size; an error for NaN and infinity';
CREATE FUNCTION growth(now numeric, before numeric, basis text DEFAULT 'positive')
RETURNS numeric AS 'MODULE_PATHNAME', 'growth_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION growth(now numeric, before numeric, basis text) IS
'(now - before) / before: 0.1 is ten percent more; NULL if before is zero, or negative unless the '
'basis is abs, which divides by its size; an error for NaN and infinity';
