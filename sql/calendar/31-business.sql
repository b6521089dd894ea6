-- business: elapsed time in working hours

CREATE FUNCTION business_time(
    start timestamp with time zone, finish timestamp with time zone, hours text, timezone text,
    closed tstzmultirange DEFAULT NULL, holidays text DEFAULT NULL
) RETURNS interval AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION business_time(
    start timestamp with time zone, finish timestamp with time zone, hours text, timezone text,
    closed tstzmultirange, holidays text
) IS
    'the part of the time from start to finish that lies in working hours, such as '
    'Mon-Thu 8:00-12:00 13:00-17:30, Fri 8:00-14:00 by the clocks of a time zone, in hours and '
    'minutes that have passed, never days; negative if finish comes first; an error for infinity; '
    'closed are times that do not count, such as those on hold; holidays are days with other hours '
    'or none, such as 2025-12-24 10:00-13:00, 2025-12-25; NULL for either is none';
