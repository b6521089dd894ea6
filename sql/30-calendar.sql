-- calendar: periods in the shop's time zone, and growth between them

CREATE FUNCTION bucket(grain text, at timestamp with time zone, timezone text) RETURNS date AS 'MODULE_PATHNAME', 'bucket_timestamptz' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at timestamp with time zone, timezone text) IS 'the date on which the period around an instant starts in a time zone; grain is day, week (from Monday), month, quarter or year; timezone is a full name such as Europe/Berlin; an error for other names';
CREATE FUNCTION bucket(grain text, at timestamp without time zone) RETURNS date AS 'MODULE_PATHNAME', 'bucket_timestamp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at timestamp without time zone) IS 'the date on which the period around a local time starts; grain is day, week (from Monday), month, quarter or year; an error for other names';
CREATE FUNCTION bucket(grain text, at date) RETURNS date AS 'MODULE_PATHNAME', 'bucket_of_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bucket(grain text, at date) IS 'the date on which the period around a date starts; grain is day, week (from Monday), month, quarter or year; an error for other names';

CREATE FUNCTION growth(now double precision, before double precision, basis text DEFAULT 'positive') RETURNS double precision AS 'MODULE_PATHNAME', 'growth_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION growth(now double precision, before double precision, basis text) IS '(now - before) / before: 0.1 is ten percent more; NULL if before is zero, or negative unless the basis is abs, which divides by its size; an error for NaN and infinity';
CREATE FUNCTION growth(now numeric, before numeric, basis text DEFAULT 'positive') RETURNS numeric AS 'MODULE_PATHNAME', 'growth_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION growth(now numeric, before numeric, basis text) IS '(now - before) / before: 0.1 is ten percent more; NULL if before is zero, or negative unless the basis is abs, which divides by its size; an error for NaN and infinity';
