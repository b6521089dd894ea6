-- rewards: what is attained, and what is paid for it; arithmetic, exact

CREATE FUNCTION attained(attainments numeric[], weights numeric[], cap numeric) RETURNS numeric
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT sum(least(a.attainment, cap) * a.weight) / nullif(sum(a.weight), 0)
    FROM   unnest(attainments, weights) AS a (attainment, weight)
    WHERE  a.weight > 0
    HAVING count(*) = count(a.attainment);
END;
COMMENT ON FUNCTION attained(attainments numeric[], weights numeric[], cap numeric) IS
'the mean of attainments with these weights, none counting for more than cap; NULL if one that '
'counts is NULL, or none counts';

CREATE FUNCTION reward(attained numeric, band numrange, amount numeric, proportional boolean)
RETURNS numeric LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN NOT attained <@ band THEN 0
                WHEN proportional THEN round(amount * attained, 2) ELSE amount END;
COMMENT ON FUNCTION reward(attained numeric, band numrange, amount numeric, proportional boolean) IS
'what is paid for an attainment: the amount if it lies in the band, 0 if not; proportional is the '
'part of the amount that was attained, to two decimals, halves away from zero';

-- Where a value lies among others, in words, and whether that is good.
CREATE FUNCTION benchmark_position(value numeric, p25 numeric, median numeric, p75 numeric,
                                   direction text, lang text DEFAULT 'en') RETURNS text
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH place AS (
        SELECT CASE WHEN value > p75 THEN 4
                    WHEN value > median THEN 3
                    WHEN value = median THEN 2
                    WHEN value < p25 THEN 0
                    WHEN value < median THEN 1
                    WHEN median IS NULL AND value <= p75 THEN CASE WHEN p25 IS NULL THEN 6
                                                                   ELSE 5 END
                    WHEN median IS NULL AND value >= p25 THEN 7 END AS n
    )
    SELECT CASE lang
           WHEN 'zh' THEN ('{低于下四分位数,低于中位数,等于中位数,高于中位数,高于上四分位数,'
                           '介于上下四分位数之间,不高于上四分位数,不低于下四分位数}'::text[])[n + 1]
                || CASE WHEN n IN (0, 1) AND direction = 'up' OR n IN (3, 4) AND direction = 'down'
                        THEN '（较差）'
                        WHEN n IN (0, 1) AND direction = 'down' OR n IN (3, 4) AND direction = 'up'
                        THEN '（较好）' ELSE '' END
           ELSE ('{below the lower quartile,below the median,at the median,above the median,'
                 'above the upper quartile,between the quartiles,not above the upper quartile,'
                 'not below the lower quartile}'::text[])[n + 1]
                || CASE WHEN n IN (0, 1) AND direction = 'up' OR n IN (3, 4) AND direction = 'down'
                        THEN ' (worse)'
                        WHEN n IN (0, 1) AND direction = 'down' OR n IN (3, 4) AND direction = 'up'
                        THEN ' (better)' ELSE '' END END
    FROM   place;
END;
COMMENT ON FUNCTION benchmark_position(value numeric, p25 numeric, median numeric, p75 numeric,
    direction text, lang text) IS
'where a value lies among the quartiles of others, of which any may be NULL, in English (en) or '
'Chinese (zh), and whether that is better or worse, if direction is up or down; NULL if there is '
'no value or no quartile to tell it by';

CREATE FUNCTION benchmark_text(value numeric, benchmark jsonb, direction text,
                               lang text DEFAULT 'en') RETURNS text
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE lang
           WHEN 'zh' THEN kpi.fill('@position@：@industry@，@region@（@source@，@year@）', m.marks)
           ELSE kpi.fill('@position@ of @industry@, @region@ (@source@, @year@)', m.marks) END
    FROM   (SELECT benchmark || jsonb_build_object('position', kpi.benchmark_position(
                       value, (benchmark ->> 'p25')::numeric, (benchmark ->> 'median')::numeric,
                       (benchmark ->> 'p75')::numeric, direction, lang))) AS m (marks)
    WHERE  m.marks ->> 'position' IS NOT NULL;
END;
COMMENT ON FUNCTION benchmark_text(value numeric, benchmark jsonb, direction text, lang text) IS
'where a value lies among others, with the industry, region, source and year of the row of '
'benchmarks; NULL if that cannot be told';
