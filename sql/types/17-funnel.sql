-- funnel: how many visitors reached each step

--@ value-type | type=funnel | a=a funnel | length=variable | storage=extended | empty=0 |
-- number=double precision | value=funnel_float8 | subtract
COMMENT ON TYPE funnel IS
'how many visitors reached each step: visitors/step 1/step 2 ..., such as 1000/600/250/80; 0 '
'without visitors';
COMMENT ON FUNCTION value(funnel) IS
'of those who took the first step, the share that reached the last; NULL if nobody took the first';

-- construction and parts

CREATE FUNCTION make_funnel(reached bigint[])
RETURNS funnel AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_funnel(reached bigint[]) IS
'a funnel from the number of visitors and how many reached each step; an error if a step has more '
'than the one before';
CREATE FUNCTION steps(funnel)
RETURNS integer AS 'MODULE_PATHNAME', 'funnel_steps' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION steps(funnel) IS 'the number of steps; NULL without visitors';
CREATE FUNCTION visitors(funnel)
RETURNS bigint AS 'MODULE_PATHNAME', 'funnel_sample_size' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION visitors(funnel) IS
'the number of visitors, including those who did not take the first step; same as sample_size';
CREATE FUNCTION reached(funnel, step integer)
RETURNS bigint AS 'MODULE_PATHNAME', 'funnel_reached' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION reached(funnel, step integer) IS
'how many visitors reached a step, step 0 being all visitors; an error for a step that is not '
'there';
CREATE FUNCTION step_rate(funnel, step integer)
RETURNS rate AS 'MODULE_PATHNAME', 'funnel_step_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION step_rate(funnel, step integer) IS
'of those who reached the step before, the share that reached this one; step 1 is compared with '
'all visitors';
CREATE FUNCTION step_rate(funnel, from_step integer, to_step integer)
RETURNS rate AS 'MODULE_PATHNAME', 'funnel_rate_between' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION step_rate(funnel, from_step integer, to_step integer) IS
'of those who reached from_step (0 being all visitors), the share that reached to_step; an error '
'if to_step comes first';
CREATE FUNCTION drop_off(funnel, step integer)
RETURNS rate AS 'MODULE_PATHNAME', 'funnel_drop_off' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION drop_off(funnel, step integer) IS
'of those who reached the step before, the share that did not reach this one';
CREATE FUNCTION overall_rate(funnel)
RETURNS rate AS 'MODULE_PATHNAME', 'funnel_overall_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION overall_rate(funnel) IS
'of those who took the first step, the share that reached the last';

-- aggregate over visitors

CREATE FUNCTION funnel_accum(funnel, depth integer, steps integer)
RETURNS funnel AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_accum(funnel, depth integer, steps integer) IS
'transition function of funnel: one more visitor';
CREATE FUNCTION funnel_accum_inverse(funnel, depth integer, steps integer)
RETURNS funnel AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_accum_inverse(funnel, depth integer, steps integer) IS
'inverse transition function of funnel: one visitor less';

CREATE AGGREGATE funnel(depth integer, steps integer) (
    SFUNC = funnel_accum, STYPE = funnel, INITCOND = '0',
    COMBINEFUNC = funnel_add, PARALLEL = SAFE,
    MSFUNC = funnel_accum, MINVFUNC = funnel_accum_inverse, MSTYPE = funnel, MINITCOND = '0'
);
COMMENT ON AGGREGATE funnel(depth integer, steps integer) IS
'how many visitors reached each of a number of steps, one row per visitor with the last step '
'reached, 0 for none; who got further has reached the last one; rows with a NULL are left out; an '
'error for a negative depth or a changing number of steps';

-- aggregates over events, which are collected as they come and sorted in the end

CREATE FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, step integer,
    within interval)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_depth_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, step integer,
    within interval) IS
'transition function of funnel_depth: one more event';
CREATE FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, step integer,
    within interval, strict_order boolean)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_depth_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, step integer,
    within interval, strict_order boolean) IS
'transition function of funnel_depth: one more event';
CREATE FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, steps integer[],
    within interval)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_depth_accum_array' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, steps integer[],
    within interval) IS
'transition function of funnel_depth: one more event';
CREATE FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, steps integer[],
    within interval, strict_order boolean)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_depth_accum_array' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_depth_accum(bytea, at timestamp with time zone, steps integer[],
    within interval, strict_order boolean) IS
'transition function of funnel_depth: one more event';
CREATE FUNCTION funnel_events_accum(bytea, visitor bigint, at timestamp with time zone,
    step integer, steps integer, within interval)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_events_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_accum(bytea, visitor bigint, at timestamp with time zone,
    step integer, steps integer, within interval) IS
'transition function of funnel: one more event';
CREATE FUNCTION funnel_events_accum(bytea, visitor bigint, at timestamp with time zone,
    step integer, steps integer, within interval, strict_order boolean)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_events_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_accum(bytea, visitor bigint, at timestamp with time zone,
    step integer, steps integer, within interval, strict_order boolean) IS
'transition function of funnel: one more event';
CREATE FUNCTION funnel_events_accum(bytea, visitor uuid, at timestamp with time zone, step integer,
    steps integer, within interval)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_events_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_accum(bytea, visitor uuid, at timestamp with time zone,
    step integer, steps integer, within interval) IS
'transition function of funnel: one more event';
CREATE FUNCTION funnel_events_accum(bytea, visitor uuid, at timestamp with time zone, step integer,
    steps integer, within interval, strict_order boolean)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_events_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_accum(bytea, visitor uuid, at timestamp with time zone,
    step integer, steps integer, within interval, strict_order boolean) IS
'transition function of funnel: one more event';
CREATE FUNCTION funnel_events_accum(bytea, visitor text, at timestamp with time zone, step integer,
    steps integer, within interval)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_events_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_accum(bytea, visitor text, at timestamp with time zone,
    step integer, steps integer, within interval) IS
'transition function of funnel: one more event';
CREATE FUNCTION funnel_events_accum(bytea, visitor text, at timestamp with time zone, step integer,
    steps integer, within interval, strict_order boolean)
RETURNS bytea AS 'MODULE_PATHNAME', 'funnel_events_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_accum(bytea, visitor text, at timestamp with time zone,
    step integer, steps integer, within interval, strict_order boolean) IS
'transition function of funnel: one more event';
CREATE FUNCTION funnel_events_combine(bytea, bytea)
RETURNS bytea AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_combine(bytea, bytea) IS
'combine function of the aggregates over events';
CREATE FUNCTION funnel_depth_final(bytea)
RETURNS integer AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_depth_final(bytea) IS 'final function of funnel_depth';
CREATE FUNCTION funnel_events_final(bytea)
RETURNS funnel AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION funnel_events_final(bytea) IS 'final function of funnel over events';

CREATE AGGREGATE funnel_depth(at timestamp with time zone, step integer, within interval) (
    SFUNC = funnel_depth_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_depth_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_depth(at timestamp with time zone, step integer, within interval) IS
'the last step one visitor reached, from the time and step of each event; chains of steps 1, 2, 3 '
'... in the order of time, ties by step, all inside the window from step 1, its edge included; '
'NULL for no limit; events with a NULL time or step are left out; 0 if none is step 1, NULL if '
'none are left; an error for steps below 1 or a negative window';

CREATE AGGREGATE funnel_depth(at timestamp with time zone, step integer, within interval,
    strict_order boolean) (
    SFUNC = funnel_depth_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_depth_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_depth(at timestamp with time zone, step integer, within interval,
    strict_order boolean) IS
'the last step one visitor reached, from the time and step of each event; chains of steps 1, 2, 3 '
'... in the order of time, ties by step, all inside the window from step 1, its edge included; '
'NULL for no limit; with strict_order no other step may stand in between but a repeat of the one '
'just reached; events with a NULL time or step are left out; 0 if none is step 1, NULL if none are '
'left; an error for steps below 1 or a negative window';

CREATE AGGREGATE funnel_depth(at timestamp with time zone, steps integer[], within interval) (
    SFUNC = funnel_depth_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_depth_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_depth(at timestamp with time zone, steps integer[], within interval) IS
'the last step one visitor reached, where one event can be several steps; chains of steps 1, 2, 3 '
'... in the order of time, ties by step, all inside the window from step 1, its edge included; '
'NULL for no limit; events with a NULL time or step are left out; 0 if none is step 1, NULL if '
'none are left; an error for steps below 1 or a negative window';

CREATE AGGREGATE funnel_depth(at timestamp with time zone, steps integer[], within interval,
    strict_order boolean) (
    SFUNC = funnel_depth_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_depth_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_depth(at timestamp with time zone, steps integer[], within interval,
    strict_order boolean) IS
'the last step one visitor reached, where one event can be several steps; chains of steps 1, 2, 3 '
'... in the order of time, ties by step, all inside the window from step 1, its edge included; '
'NULL for no limit; with strict_order no other step may stand in between but a repeat of the one '
'just reached; events with a NULL time or step are left out; 0 if none is step 1, NULL if none are '
'left; an error for steps below 1 or a negative window';

CREATE AGGREGATE funnel(visitor bigint, at timestamp with time zone, step integer, steps integer,
    within interval) (
    SFUNC = funnel_events_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_events_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(visitor bigint, at timestamp with time zone, step integer,
    steps integer, within interval) IS
'how many visitors reached each of a number of steps, from all events of all visitors in one pass; '
'chains of steps 1, 2, 3 ... in the order of time, ties by step, all inside the window from step '
'1, its edge included; NULL for no limit; events with a NULL visitor, time or step are left out; '
'an error for steps below 1, a negative window, or more than 44 million events in one group';

CREATE AGGREGATE funnel(visitor bigint, at timestamp with time zone, step integer, steps integer,
    within interval, strict_order boolean) (
    SFUNC = funnel_events_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_events_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(visitor bigint, at timestamp with time zone, step integer,
    steps integer, within interval, strict_order boolean) IS
'how many visitors reached each of a number of steps, from all events of all visitors in one pass; '
'chains of steps 1, 2, 3 ... in the order of time, ties by step, all inside the window from step '
'1, its edge included; NULL for no limit; with strict_order no other step may stand in between but '
'a repeat of the one just reached; events with a NULL visitor, time or step are left out; an error '
'for steps below 1, a negative window, or more than 44 million events in one group';

CREATE AGGREGATE funnel(visitor uuid, at timestamp with time zone, step integer, steps integer,
    within interval) (
    SFUNC = funnel_events_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_events_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(visitor uuid, at timestamp with time zone, step integer, steps integer,
    within interval) IS
'how many visitors reached each of a number of steps, from all events of all visitors in one pass; '
'chains of steps 1, 2, 3 ... in the order of time, ties by step, all inside the window from step '
'1, its edge included; NULL for no limit; events with a NULL visitor, time or step are left out; '
'an error for steps below 1, a negative window, or more than 44 million events in one group';

CREATE AGGREGATE funnel(visitor uuid, at timestamp with time zone, step integer, steps integer,
    within interval, strict_order boolean) (
    SFUNC = funnel_events_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_events_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(visitor uuid, at timestamp with time zone, step integer, steps integer,
    within interval, strict_order boolean) IS
'how many visitors reached each of a number of steps, from all events of all visitors in one pass; '
'chains of steps 1, 2, 3 ... in the order of time, ties by step, all inside the window from step '
'1, its edge included; NULL for no limit; with strict_order no other step may stand in between but '
'a repeat of the one just reached; events with a NULL visitor, time or step are left out; an error '
'for steps below 1, a negative window, or more than 44 million events in one group';

CREATE AGGREGATE funnel(visitor text, at timestamp with time zone, step integer, steps integer,
    within interval) (
    SFUNC = funnel_events_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_events_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(visitor text, at timestamp with time zone, step integer, steps integer,
    within interval) IS
'how many visitors reached each of a number of steps, from all events of all visitors in one pass; '
'chains of steps 1, 2, 3 ... in the order of time, ties by step, all inside the window from step '
'1, its edge included; NULL for no limit; events with a NULL visitor, time or step are left out; '
'an error for steps below 1, a negative window, or more than 44 million events in one group';

CREATE AGGREGATE funnel(visitor text, at timestamp with time zone, step integer, steps integer,
    within interval, strict_order boolean) (
    SFUNC = funnel_events_accum, STYPE = bytea, SSPACE = 300, INITCOND = '',
    FINALFUNC = funnel_events_final,
    COMBINEFUNC = funnel_events_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(visitor text, at timestamp with time zone, step integer, steps integer,
    within interval, strict_order boolean) IS
'how many visitors reached each of a number of steps, from all events of all visitors in one pass; '
'chains of steps 1, 2, 3 ... in the order of time, ties by step, all inside the window from step '
'1, its edge included; NULL for no limit; with strict_order no other step may stand in between but '
'a repeat of the one just reached; events with a NULL visitor, time or step are left out; an error '
'for steps below 1, a negative window, or more than 44 million events in one group';


-- one visitor's events, as arrays

CREATE FUNCTION funnel_times(at timestamp with time zone[], step integer[], within interval,
    step_within interval[])
RETURNS timestamp with time zone[] AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION funnel_times(at timestamp with time zone[], step integer[], within interval,
    step_within interval[]) IS
'when one visitor took steps 1, 2, 3 ..., from array_agg of the times and of the steps of the '
'events; as many as funnel_depth counts, all inside the window from step 1, its edge included, '
'NULL for no limit, and from each step to the next inside the window at its place in step_within, '
'NULL or none there for no limit; of the longest chains that whose last step came first, with its '
'other steps as late as they can be; events with a NULL time or step are left out; empty if none '
'is step 1, NULL if an array of events is; an error for arrays of different length or more than '
'one dimension, steps outside 1 to 1000, infinite times, or a negative window';
