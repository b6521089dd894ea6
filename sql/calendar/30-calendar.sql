-- calendar: periods in the shop's time zone, and growth between them

CREATE FUNCTION bucket(grain text, at timestamp with time zone, timezone text) RETURNS date AS 'MODULE_PATHNAME', 'bucket_timestamptz' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at timestamp with time zone, timezone text) IS 'the date on which the period around an instant starts in a time zone; grain is day, week (from Monday), month, quarter or year, or says where it starts, as week from sunday and year from april do; timezone is a full name such as Europe/Berlin; an error for other names';
CREATE FUNCTION bucket(grain text, at timestamp without time zone) RETURNS date AS 'MODULE_PATHNAME', 'bucket_timestamp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at timestamp without time zone) IS 'the date on which the period around a local time starts; grain is day, week (from Monday), month, quarter or year, or says where it starts, as week from sunday and year from april do; an error for other names';
CREATE FUNCTION bucket(grain text, at date) RETURNS date AS 'MODULE_PATHNAME', 'bucket_of_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at date) IS 'the date on which the period around a date starts; grain is day, week (from Monday), month, quarter or year, or says where it starts, as week from sunday and year from april do; an error for other names';

CREATE FUNCTION midnight(day date, timezone text, latest boolean) RETURNS timestamp with time zone AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION midnight(day date, timezone text, latest boolean) IS 'when a date starts in a time zone: the first instant of it or, where the clocks skip it, of a later one; where they go back over midnight, the latest is when it has started for good; infinite beyond the timestamps there are';
CREATE FUNCTION day_bound(day date, timezone text, latest boolean, other date) RETURNS timestamp with time zone AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION day_bound(day date, timezone text, latest boolean, other date) IS 'implementation of within: midnight(day, timezone, latest), NULL if the other day is';
CREATE FUNCTION within_days(day date, start date, until date) RETURNS boolean AS 'MODULE_PATHNAME', 'within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION within_days(day date, start date, until date) IS 'implementation of within: whether start <= day < until';
CREATE FUNCTION within_support(internal) RETURNS internal AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION within_support(internal) IS 'planner support: lets within() use an index on the instants whose days it compares';
CREATE FUNCTION within(day date, start date, until date) RETURNS boolean AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT within_support;
COMMENT ON FUNCTION within(day date, start date, until date) IS 'whether start <= day < until; of days that are bucket(''day'', at, timezone), found by an index on at';
CREATE FUNCTION periods(grain text, first date, last date, OUT period date, OUT until date) RETURNS SETOF record LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT start::date, (start + step)::date
    FROM   (SELECT CASE split_part(grain, ' ', 1)
                   WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
                   WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END) AS unit (step),
           generate_series(bucket(grain, first)::timestamp, last::timestamp, step) AS start
    WHERE  isfinite(first) AND isfinite(last);
END;
COMMENT ON FUNCTION periods(grain text, first date, last date) IS 'the periods of a grain from the one around first to the one around last, without gaps, none if either is infinite: period is the date on which it starts, until the one on which the next does; an error for other grains, as in bucket';

CREATE FUNCTION growth(now double precision, before double precision, basis text DEFAULT 'positive') RETURNS double precision AS 'MODULE_PATHNAME', 'growth_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION growth(now double precision, before double precision, basis text) IS '(now - before) / before: 0.1 is ten percent more; NULL if before is zero, or negative unless the basis is abs, which divides by its size; an error for NaN and infinity';
CREATE FUNCTION growth(now numeric, before numeric, basis text DEFAULT 'positive') RETURNS numeric AS 'MODULE_PATHNAME', 'growth_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION growth(now numeric, before numeric, basis text) IS '(now - before) / before: 0.1 is ten percent more; NULL if before is zero, or negative unless the basis is abs, which divides by its size; an error for NaN and infinity';
