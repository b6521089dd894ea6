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

CREATE FUNCTION holiday_list(days date[], hours text[]) RETURNS text
LANGUAGE SQL STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(' ', to_char(h.day::timestamp, 'YYYY-MM-DD'), h.hours), ', '
                      ORDER BY h.day)
    FROM   (SELECT DISTINCT ON (h.day) h.day, h.hours
            FROM   unnest(days, hours) AS h (day, hours)
            WHERE  h.day BETWEEN date '0001-01-01' AND date '9999-12-31'
            ORDER  BY h.day, h.hours NULLS FIRST) AS h;
END;
COMMENT ON FUNCTION holiday_list(days date[], hours text[]) IS
'days and the hours in which there is work nevertheless, NULL for none, as the holidays that '
'business_time() takes; a day that is there twice is closed if one of them is; NULL without '
'any day';

-- By the clock it is the difference, which costs nothing, unless something is taken off.
CREATE FUNCTION time_taken(
    start timestamp with time zone, finish timestamp with time zone, hours text, timezone text,
    closed tstzmultirange, holidays text
) RETURNS interval LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN hours IS NULL AND closed IS NULL THEN finish - start
                WHEN hours IS NULL
                THEN kpi.business_time(start, finish, 'Mon-Sun 0:00-24:00'::text, timezone,
                                       closed, NULL::text)
                ELSE kpi.business_time(start, finish, hours, timezone, closed, holidays) END;
COMMENT ON FUNCTION time_taken(
    start timestamp with time zone, finish timestamp with time zone, hours text, timezone text,
    closed tstzmultirange, holidays text
) IS
'business_time(), or where hours is NULL the time by the clock, which knows no holidays; '
'closed are times that do not count in either';
