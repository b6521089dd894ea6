-- status: how a target stands, and a sentence that says why
--
-- A figure is judged by what the path of its target asks of its period. "At least" (up) is kept by
-- what is asked itself, "below" (down) is not, a band by both its ends. Where the sample of the
-- figure is known, it is judged by the interval of that: what has the asked value inside cannot
-- tell. Who kept it before and misses it is not off track at once, unless the interval says so.

CREATE TABLE status_sentences (
    code   text PRIMARY KEY,
    status text CHECK (status IN ('achieved', 'on_track', 'at_risk', 'off_track', 'no_data',
                                  'too_early', 'cannot_tell')),
    en     text NOT NULL,
    zh     text NOT NULL
);
COMMENT ON TABLE status_sentences IS
'how a target can stand, the status that is, and the sentence that says why';
COMMENT ON COLUMN status_sentences.code IS 'the case, as target_case() tells it';
COMMENT ON COLUMN status_sentences.status IS
'the status; NULL if it is only said besides';
COMMENT ON COLUMN status_sentences.en IS
'the sentence in English, with marks for what is put in: @value@, @asked@, @low@ and @high@ (where '
'the true value lies), @n@ (the sample), @forecast@, @from@ and @to@ (where that lies), @misses@ '
'(periods in a row), @limit@ (how many are off track), @day@';
COMMENT ON COLUMN status_sentences.zh IS 'the same in Chinese';
GRANT SELECT ON status_sentences TO PUBLIC;
INSERT INTO kpi.status_sentences VALUES
    ('not begun', 'too_early', 'It begins on @day@.', '将于@day@开始。'),
    ('early', 'too_early', '@value@ so far, @asked@ asked: too early to tell.',
     '目前@value@，要求@asked@：为时尚早，无法判断。'),
    ('early forecast', 'too_early',
     '@value@ so far, @forecast@ (@from@ to @to@) expected, @asked@ asked: too early to tell.',
     '目前@value@，预计@forecast@（@from@至@to@），要求@asked@：为时尚早，无法判断。'),
    ('will keep', 'on_track',
     '@value@ so far, @forecast@ (@from@ to @to@) expected, @asked@ asked.',
     '目前@value@，预计@forecast@（@from@至@to@），要求@asked@。'),
    ('reached already', 'on_track', '@value@ so far, @asked@ asked: already reached.',
     '目前@value@，要求@asked@：已达到。'),
    ('missed already', 'off_track',
     '@value@ so far, @asked@ asked: that cannot be kept any more.',
     '目前@value@，要求@asked@：已不可能达到。'),
    ('may miss', 'at_risk',
     '@value@ so far, @forecast@ (@from@ to @to@) expected, @asked@ asked: it can still be missed.',
     '目前@value@，预计@forecast@（@from@至@to@），要求@asked@：仍有可能落空。'),
    ('will miss', 'off_track',
     '@value@ so far, @forecast@ (@from@ to @to@) expected, @asked@ asked: it will hardly be kept.',
     '目前@value@，预计@forecast@（@from@至@to@），要求@asked@：很难达到。'),
    ('kept', 'on_track', '@value@, @asked@ asked.', '@value@，要求@asked@。'),
    ('kept clearly', 'on_track',
     '@value@ (@low@ to @high@ by its sample of @n@), @asked@ asked.',
     '@value@（按@n@个样本为@low@至@high@），要求@asked@。'),
    ('missed once', 'at_risk',
     '@value@, @asked@ asked: periods missed in a row: @misses@; off track from @limit@ on.',
     '@value@，要求@asked@：已连续@misses@期未达到，连续@limit@期即为偏离。'),
    ('missed', 'off_track', '@value@, @asked@ asked: periods missed in a row: @misses@.',
     '@value@，要求@asked@：已连续@misses@期未达到。'),
    ('missed clearly', 'off_track',
     '@value@ (@low@ to @high@ by its sample of @n@), @asked@ asked: too far off to be chance.',
     '@value@（按@n@个样本为@low@至@high@），要求@asked@：差距过大，不会是偶然。'),
    ('unsure', 'cannot_tell',
     '@value@ (@low@ to @high@ by its sample of @n@), @asked@ asked: too few to tell.',
     '@value@（按@n@个样本为@low@至@high@），要求@asked@：样本太少，无法判断。'),
    ('unsure for long', 'at_risk',
     '@value@ (@low@ to @high@ by its sample of @n@), @asked@ asked: it could be chance, but '
     'periods missed in a row: @misses@.',
     '@value@（按@n@个样本为@low@至@high@），要求@asked@：可能是偶然，但已连续@misses@期未达到。'),
    ('reached', 'achieved', '@value@ at the end, @asked@ asked: reached.',
     '期末@value@，要求@asked@：已达成。'),
    ('reached perhaps', 'achieved',
     '@value@ at the end, @asked@ asked: reached, though by its sample of @n@ it could be @low@ to '
     '@high@.',
     '期末@value@，要求@asked@：已达成，但按@n@个样本为@low@至@high@。'),
    ('not reached', 'off_track', '@value@ at the end, @asked@ asked: not reached.',
     '期末@value@，要求@asked@：未达成。'),
    ('not reached perhaps', 'off_track',
     '@value@ at the end, @asked@ asked: not reached, though by its sample of @n@ it could be '
     '@low@ to @high@.',
     '期末@value@，要求@asked@：未达成，但按@n@个样本为@low@至@high@。'),
    ('reached in all', 'achieved', '@value@ in all, of all periods, @asked@ asked: reached.',
     '各期合计@value@，要求@asked@：已达成。'),
    ('not reached in all', 'off_track',
     '@value@ in all, of all periods, @asked@ asked: not reached.',
     '各期合计@value@，要求@asked@：未达成。'),
    ('no data', 'no_data', 'There are no data of this period.', '本期没有数据。'),
    ('silent', 'no_data',
     'Nothing is known of this period, of which something should be: the source was silent.',
     '本期本应有数据，却没有：数据源中断。'),
    ('stopped', 'no_data',
     'The data end on @day@, before the period does: the source has stopped or is late.',
     '数据止于@day@，早于期末：数据源已中断或延迟。'),
    ('not refreshed', 'no_data',
     'The model was last refreshed on @day@, before the period was over.',
     '模型最后刷新于@day@，当时本期尚未结束。'),
    ('no path', 'cannot_tell',
     '@value@; what is asked cannot be told, as last year is not known.',
     '@value@；因去年同期未知，无法得出要求。'),
    ('not told', 'cannot_tell',
     'The model does not tell this indicator so: its source or dimension is gone, or its owner has '
     'to call kpi.goals.',
     '模型中没有这样的指标：其数据源或维度已不存在，或须由模型所有者调用 kpi.goals。'),
    ('no span', 'cannot_tell',
     'An indicator that does not add up over days has no figure of any span of them: write the '
     'target of years, quarters, months, weeks or days.',
     '不能按天相加的指标没有任意时段的数值：请按年、季、月、周或日设定目标。'),
    ('refreshed', NULL, 'The model was last refreshed on @day@.', '模型最后刷新于@day@。');

-- what is asked

-- A path is read at the last day of a period: there the linear one has gone so many of its days.
CREATE FUNCTION asked(path text, target numeric, baseline numeric, starts date, ends date, at date,
                      checkpoints jsonb DEFAULT NULL, share numeric DEFAULT NULL)
RETURNS numeric LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE path
        WHEN 'flat' THEN target
        WHEN 'linear' THEN
            baseline + (target - baseline) * (greatest(starts - 1, least(at, ends)) - (starts - 1))
                       / (ends - (starts - 1))
        WHEN 'seasonal' THEN target * share
        WHEN 'checkpoints' THEN (
            WITH point AS (
                SELECT DISTINCT ON (p.due_on) p.due_on, p.value
                FROM   (SELECT 1 AS n, ends AS due_on, target AS value
                        UNION ALL
                        SELECT 2, starts - 1, baseline
                        UNION ALL
                        SELECT 3, c.key::date, c.value::numeric
                        FROM   jsonb_each_text(checkpoints) AS c) AS p
                WHERE  p.value IS NOT NULL AND p.due_on <= ends ORDER BY p.due_on, p.n
            )
            SELECT CASE WHEN b.due_on IS NULL THEN a.value
                        WHEN a.due_on IS NULL OR a.due_on = b.due_on THEN b.value
                        ELSE b.value + (a.value - b.value) * (at - b.due_on)
                                       / (a.due_on - b.due_on) END
            FROM   (SELECT) AS one
                   LEFT JOIN LATERAL (SELECT * FROM point AS p WHERE p.due_on <= at
                                      ORDER BY p.due_on DESC LIMIT 1) AS b ON true
                   LEFT JOIN LATERAL (SELECT * FROM point AS p WHERE p.due_on >= at
                                      ORDER BY p.due_on LIMIT 1) AS a ON true) END;
END;
COMMENT ON FUNCTION asked(path text, target numeric, baseline numeric, starts date, ends date,
    at date, checkpoints jsonb, share numeric) IS
'what a target asks at a date: by the path flat the target; linear, what has been gone from '
'baseline, before the day it starts, to target, on the day it ends; seasonal, the share of the '
'target that the period had last year; checkpoints, on straight lines between their values '
'({"2025-06-30": 120, ...}), from baseline, if there is one, to target. NULL where '
'that is not known';

-- how it stands

CREATE FUNCTION verdict(value double precision, low double precision, high double precision,
                        asked double precision, upper double precision, direction text)
RETURNS text LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN value IS NULL OR asked IS NULL THEN NULL
        WHEN CASE direction WHEN 'up' THEN coalesce(low, value) >= asked
                            WHEN 'down' THEN coalesce(high, value) < asked
                            ELSE coalesce(low, value) >= asked AND coalesce(high, value) <= upper
             END THEN 'met'
        WHEN CASE direction WHEN 'up' THEN coalesce(high, value) < asked
                            WHEN 'down' THEN coalesce(low, value) >= asked
                            ELSE coalesce(high, value) < asked OR coalesce(low, value) > upper
             END THEN 'missed'
        WHEN CASE direction WHEN 'up' THEN value >= asked
                            WHEN 'down' THEN value < asked
                            ELSE value BETWEEN asked AND upper END THEN 'likely'
        ELSE 'unlikely' END;
COMMENT ON FUNCTION verdict(value double precision, low double precision, high double precision,
    asked double precision, upper double precision, direction text) IS
'what a value says that truly lies between low and high, or is exact if they are NULL, of what is '
'asked: at least that (direction up), below that (down), or from asked to upper (band): met or '
'missed, if all between low and high is; else likely or unlikely, as the value itself is. NULL if '
'value or asked is not known';

CREATE FUNCTION attainment(value double precision, asked double precision, upper double precision,
                           direction text, baseline double precision DEFAULT NULL)
RETURNS double precision LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value IS NULL OR asked IS NULL THEN NULL ELSE greatest(0, least(CASE
        WHEN direction = 'band' THEN
            CASE WHEN value BETWEEN asked AND upper THEN 1
                 WHEN value < asked AND asked > 0 THEN value / asked
                 WHEN value > upper AND upper > 0 THEN 2 - value / upper ELSE 0 END
        WHEN baseline < asked AND direction = 'up' OR baseline > asked AND direction = 'down'
        THEN (value - baseline) / (asked - baseline)
        WHEN direction = 'up' AND asked > 0 THEN value / asked
        WHEN direction = 'down' AND asked > 0 THEN 2 - value / asked
        WHEN kpi.verdict(value, value, value, asked, upper, direction) = 'met' THEN 1
        ELSE 0 END,
        -- with so many digits a double is a numeric
        CASE WHEN kpi.verdict(value, value, value, asked, upper, direction) <> 'met'
             THEN 0.999999999999999 END)) END;
COMMENT ON FUNCTION attainment(value double precision, asked double precision,
    upper double precision, direction text, baseline double precision) IS
'how much of what is asked is attained, 1 being all of it, more if it is exceeded, never below 0: '
'with a baseline that is worse than it, the part of the way from there; else value / asked, or 2 - '
'value / asked where less is better, so that nothing is 2 and twice as much is 0; 1 inside a band, '
'and how near its end outside. Where zero or less is asked and there is no baseline, 1 if it is '
'kept, else 0. Below 1 if it is not kept, be it by one in the 15th digit, as where less than 5 is '
'asked and it is 5. NULL if either is not known';

-- The rule, in full. A period that is over is judged by its figure. If that is exact, whoever kept
-- what was asked before is at risk for as many misses in a row as the target tolerates, and off
-- track from then on. If it has a sample, it is off track at once where the interval lies on the
-- wrong side, and cannot tell where what is asked lies inside, or is at risk after as many misses
-- in a row. What has no data neither mends a row of misses nor adds to it. At the end the figure
-- itself decides. A running period is judged by its forecast: where the interval of that has on it
-- what is asked, it is at risk if the forecast misses it or half of the period is over. What is not
-- known to lie anywhere is early, unless what cannot fall has already come to what is asked.
CREATE FUNCTION target_case(phase text, trouble text, verdict text, sampled boolean, misses bigint,
                            kept_before boolean, tolerance integer, past_half boolean)
RETURNS text LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN phase = 'not begun' THEN 'not begun'
        WHEN trouble IS NOT NULL THEN trouble
        WHEN phase = 'running' AND NOT sampled THEN
            CASE verdict WHEN 'met' THEN 'reached already' WHEN 'missed' THEN 'missed already'
                         ELSE 'early' END
        WHEN phase = 'running' THEN
            CASE verdict WHEN 'met' THEN 'will keep' WHEN 'missed' THEN 'will miss'
                         WHEN 'likely' THEN CASE WHEN past_half THEN 'may miss'
                                                 ELSE 'early forecast' END
                         WHEN 'unlikely' THEN 'may miss' ELSE 'early' END
        WHEN verdict IS NULL THEN 'no data'
        WHEN phase = 'total' THEN CASE verdict WHEN 'met' THEN 'reached in all'
                                               ELSE 'not reached in all' END
        WHEN phase = 'ended' THEN
            CASE verdict WHEN 'met' THEN 'reached' WHEN 'likely' THEN 'reached perhaps'
                         WHEN 'unlikely' THEN 'not reached perhaps' ELSE 'not reached' END
        WHEN verdict = 'met' THEN CASE WHEN sampled THEN 'kept clearly' ELSE 'kept' END
        WHEN verdict = 'likely' THEN 'unsure'
        WHEN verdict = 'unlikely' THEN CASE WHEN misses > tolerance THEN 'unsure for long'
                                            ELSE 'unsure' END
        WHEN sampled THEN 'missed clearly'
        WHEN kept_before AND misses <= tolerance THEN 'missed once'
        ELSE 'missed' END;
COMMENT ON FUNCTION target_case(phase text, trouble text, verdict text, sampled boolean,
    misses bigint, kept_before boolean, tolerance integer, past_half boolean) IS
'how a target stands in a period, as a code of status_sentences. phase: not begun, running, over, '
'or ended, with the last period, or total, if all periods together are judged then; trouble: a '
'code of what is wrong with the data, NULL if nothing is; verdict: of the figure, of a running '
'period of its forecast; sampled: whether an interval is known, else the verdict on a running '
'period is of what is already there; misses: periods missed in a row with this one; kept_before: '
'whether one before them was kept; tolerance: of the target; past_half: whether half of the period '
'is over';

-- The sample of what is still to come is as large as that of the days so far, in proportion: the
-- mean of both differs from what it is so far by the share that is still to come of their
-- difference. From 95 % to 80 % an interval of the normal distribution shrinks by 1.2816 / 1.96.
CREATE FUNCTION settled(value double precision, low double precision, high double precision,
                        elapsed double precision)
RETURNS TABLE (forecast double precision, low double precision, high double precision)
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT value, value - (value - low) * w.width, value + (high - value) * w.width
    FROM   (SELECT sqrt(1 - least(greatest(elapsed, 0), 1)) * 1.2815516 / 1.9599640) AS w (width);
END;
COMMENT ON FUNCTION settled(value double precision, low double precision, high double precision,
    elapsed double precision) IS
'where a share or score of a running period, of which so much has elapsed (0 to 1), lies at its '
'end with 80 % confidence, from the value so far and where the true one lies with 95 %';

-- how it is said

CREATE FUNCTION asked_text(asked double precision, upper double precision, direction text,
                           unit text, currency text, lang text, beside double precision)
RETURNS text LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN CASE direction WHEN 'up' THEN CASE lang WHEN 'zh' THEN '至少' ELSE 'at least ' END
                          WHEN 'down' THEN CASE lang WHEN 'zh' THEN '低于' ELSE 'below ' END
                          ELSE '' END
           || coalesce(kpi.number_text(asked, unit, currency, lang, beside),
                       kpi.text_said('no figure', lang))
           || CASE WHEN direction = 'band'
                   THEN CASE lang WHEN 'zh' THEN '至' ELSE ' to ' END
                        || kpi.number_text(upper, unit, currency, lang, beside)
                   ELSE '' END;
COMMENT ON FUNCTION asked_text(asked double precision, upper double precision, direction text,
    unit text, currency text, lang text, beside double precision) IS
'what is asked as people write it: at least 2.5%, below 5 days, 2% to 3%';

CREATE FUNCTION why(code text, lang text, facts jsonb) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sentence text := (SELECT CASE lang WHEN 'zh' THEN s.zh ELSE s.en END
                      FROM   kpi.status_sentences AS s WHERE s.code = why.code);
    unit     text := facts ->> 'unit';
    currency text := facts ->> 'currency';
    asked    double precision := facts ->> 'asked';
    mark     text;
    fact     text;
    marks    jsonb := '{}';
BEGIN
    FOREACH mark IN ARRAY '{value,low,high,forecast,from,to,asked,n,misses,limit,day}'::text[] LOOP
        CONTINUE WHEN strpos(sentence, '@' || mark || '@') = 0;
        fact := facts ->> CASE mark WHEN 'from' THEN 'forecast_low' WHEN 'to' THEN 'forecast_high'
                                    WHEN 'limit' THEN 'tolerance' ELSE mark END;
        marks := marks || jsonb_build_object(mark, CASE mark
            WHEN 'asked' THEN kpi.asked_text(asked, (facts ->> 'upper')::double precision,
                                             facts ->> 'direction', unit, currency, lang,
                                             (facts ->> 'value')::double precision)
            WHEN 'n' THEN kpi.number_text(fact::double precision, 'count', NULL::text, lang,
                                          NULL::double precision)
            WHEN 'misses' THEN fact
            WHEN 'limit' THEN (fact::integer + 1)::text
            WHEN 'day' THEN kpi.date_text(fact::date, lang)
            ELSE coalesce(kpi.number_text(fact::double precision, unit, currency, lang, asked),
                          kpi.text_said('no figure', lang)) END);
    END LOOP;
    RETURN kpi.fill(sentence, marks);
END $$;
COMMENT ON FUNCTION why(code text, lang text, facts jsonb) IS
'the sentence of status_sentences for a case, in English (en) or Chinese (zh), with the figures of '
'a row of the scorecard put in';

CREATE FUNCTION target_indicator(kpi text)
RETURNS TABLE (name text, unit text, is_sum boolean, adds_up boolean)
LANGUAGE SQL STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT i.name, i.unit, a.is_sum, a.adds_up
    FROM   kpi.indicators AS i CROSS JOIN LATERAL kpi.adds_up(i.indicator) AS a
    WHERE  i.indicator = target_indicator.kpi;
END;
COMMENT ON FUNCTION target_indicator(kpi text) IS
'implementation of scorecard: the name and unit of an indicator of the catalog, whether it is a '
'sum over days, and whether what it is made of adds up over them, as stock and people do not';

-- Five days with data are enough to tell how far apart they are, as in check_ended().
CREATE FUNCTION data_trouble(seen datemultirange, period date, until date, today date)
RETURNS text LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN upper(seen) < until
             AND kpi.check_ended(today - lower(seen), today - upper(seen) + 1, s.days) > 0
        THEN 'stopped'
        WHEN until <= today AND lower(seen) < period
             AND kpi.check_ended(until - period + upper(seen) - 1 - lower(seen), until - period,
                                 s.days) > 0
             AND NOT seen && daterange(period, until)
        THEN 'silent' END
    FROM  (SELECT sum(upper(d) - lower(d)) FROM unnest(seen) AS d) AS s (days);
END;
COMMENT ON FUNCTION data_trouble(seen datemultirange, period date, until date, today date) IS
'implementation of scorecard: stopped if the days with data end before the period does and it is '
'not for a pause as usual (more than a week, and five times as long as between two of them); '
'silent if they go on, but the period, longer than such a pause, has none; NULL if neither';

CREATE FUNCTION status_of(code text) RETURNS text LANGUAGE SQL STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.status FROM kpi.status_sentences AS s WHERE s.code = status_of.code;
END;
COMMENT ON FUNCTION status_of(code text) IS
'implementation of scorecard: the status that a case of status_sentences is';
