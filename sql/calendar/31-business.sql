-- business: elapsed time in working hours

CREATE FUNCTION business_time(start timestamp with time zone, finish timestamp with time zone, hours text, timezone text) RETURNS interval AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION business_time(start timestamp with time zone, finish timestamp with time zone, hours text, timezone text) IS 'the part of the time from start to finish that lies in working hours, such as Mon-Thu 8:00-12:00 13:00-17:30, Fri 8:00-14:00 by the clocks of a time zone, in hours and minutes that have passed, never days; negative if finish comes first; an error for infinity';
