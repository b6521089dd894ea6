--@ source surveys
-- what customers and employees answered
position      9
rows          answers
number        answer_id
time          answered_at

--@ columns
answered_at  instant, required when it was answered: the day it counts on
instrument   text, required    nps, csat, enps, esat (employee satisfaction) or communication (how
                               employees judge it); others are not read
score        integer, required the answer: 0 to 10 for nps and enps, else 1 (worst) to scale; NULL
                               if none
scale        integer           number of possible answers, 2 to 10; 5 if absent or NULL; not used
                               for nps and enps
respondent   key               who answered, where only the last answers of each are to count
weight       number            for how many an answer of csat or nps stands, positive, where those
                               who answered are not like all; not used for the others
answer_id    key               number of the answer, or of all that were given at once: by it an
                               incremental refresh finds them

--@ view kpi_surveys
-- The answers that count: all so far, or of each respondent the last to each question in a period,
-- as the model was told (answers). Without a score it is no answer, and who is not known is
-- somebody else in each row.
WITH seen AS NOT MATERIALIZED (
    SELECT x.answered_at, lower(x.instrument) AS instrument,
           kpi.on_scale(x.score, lower(x.instrument), coalesce(x.scale, 5), x.answered_at,
                        x.respondent::text) AS score,
           coalesce(x.scale, 5) AS scale, x.respondent, x.weight
           @dimensions@
    FROM   kpi_settings AS s CROSS JOIN @surveys@ AS x
    WHERE  @happened x.answered_at@
)
SELECT x.answered_at, x.instrument, x.score, x.scale, x.respondent, x.weight
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN seen AS x
WHERE  s.answers = 'all'
UNION ALL
SELECT x.answered_at, x.instrument, x.score, x.scale, x.respondent, x.weight
       @dimensions@
FROM   (SELECT x.*, row_number() OVER (PARTITION BY x.instrument, x.respondent,
                                                    kpi.bucket(g.name, x.answered_at, s.timezone)
                                       ORDER BY x.answered_at DESC, x.score, x.scale) AS n
        FROM   kpi_settings AS s
               JOIN kpi_grains AS g ON s.answers = 'last of ' || g.grain
               CROSS JOIN seen AS x
        WHERE  x.score IS NOT NULL) AS x
WHERE  x.n = 1 OR x.respondent IS NULL

--@ column instrument
-- the question, in small letters

--@ column scale
-- number of possible answers; 5 if it is not known

--@ view kpi_daily_surveys | key day, dimensions
-- The answers of each day. Answers on different scales are judged each on its own: satisfied are
-- the two best answers, or the best one on a scale of 2 or 3; the mean is put on a scale of 1 to 5,
-- exactly. What is weighted is the quotient of two sums of weights.
SELECT x.day,
       kpi.rollup(x.nps) FILTER (WHERE x.instrument = 'nps') AS nps,
       kpi.rollup(x.nps) FILTER (WHERE x.instrument = 'enps') AS enps,
       kpi.rollup(kpi.top_box(x.csat, x.best))
           FILTER (WHERE x.instrument = 'csat' AND x.best > 0) AS csat,
       kpi.rollup(kpi.top_box(x.csat, x.best))
           FILTER (WHERE x.instrument = 'esat' AND x.best > 0) AS esat,
       kpi.rollup(kpi.top_box(x.csat, x.best))
           FILTER (WHERE x.instrument = 'communication' AND x.best > 0) AS communication,
       kpi.rollup(x.score) FILTER (WHERE x.instrument = 'csat') AS csat_score,
       kpi.rollup(x.score) FILTER (WHERE x.instrument = 'esat') AS esat_score,
       kpi.rollup(x.score) FILTER (WHERE x.instrument = 'communication') AS communication_score,
       kpi.rollup(x.weighted_score) FILTER (WHERE x.instrument = 'csat') AS csat_weighted_score,
       kpi.rollup(x.weighted) FILTER (WHERE x.instrument = 'csat') AS csat_weighted,
       kpi.rollup(x.weighted) FILTER (WHERE x.instrument = 'nps') AS nps_weighted
       @dimensions@
FROM   (SELECT kpi.bucket('day', x.answered_at, s.timezone) AS day,
               x.instrument
               @dimensions@,
               kpi.nps(x.score) FILTER (WHERE x.instrument IN ('nps', 'enps')) AS nps,
               kpi.csat(x.score, x.scale)
                   FILTER (WHERE x.instrument IN ('csat', 'esat', 'communication')) AS csat,
               kpi.ratio(m.parts, 2520::numeric)
                   FILTER (WHERE x.instrument IN ('csat', 'esat', 'communication')) AS score,
               kpi.ratio(x.weight * m.parts, x.weight * 2520)
                   FILTER (WHERE x.weight > 0 AND x.instrument = 'csat') AS weighted_score,
               kpi.ratio(x.weight * CASE x.instrument
                                    WHEN 'csat' THEN (x.score > m.good)::integer
                                    ELSE 100 * ((x.score >= 9)::integer - (x.score <= 6)::integer)
                                    END,
                         x.weight)
                   FILTER (WHERE x.weight > 0 AND x.instrument IN ('csat', 'nps'))
                   AS weighted,
               CASE WHEN count(x.score) = 0 THEN 0 WHEN x.scale <= 3 THEN 1 ELSE 2 END AS best
        FROM   kpi_settings AS s
               CROSS JOIN kpi_surveys AS x
               -- the score in parts of 2520, which every scale up to 10 divides
               CROSS JOIN LATERAL (
                   SELECT (2520 + (x.score::bigint - 1)
                                  * (4 * 2520 / nullif(x.scale - 1, 0)))::numeric,
                          x.scale - CASE WHEN x.scale <= 3 THEN 1 ELSE 2 END) AS m (parts, good)
        GROUP  BY kpi.bucket('day', x.answered_at, s.timezone), x.instrument, x.scale
                  @dimensions@) AS x
GROUP  BY x.day @dimensions@

--@ column esat | anonymous
-- how satisfied employees are

--@ column esat_score | anonymous
-- their mean answer

--@ column enps | anonymous
-- whether employees would recommend working here

--@ column communication | anonymous
-- how employees judge internal communication

--@ column communication_score | anonymous
-- their mean answer on it

--@ indicator csat | satisfaction | share | up | main
-- Of the answers, those that are one of the two best (the best on a scale of 2 or 3).
name       Customer satisfaction (CSAT) / 客户满意度
needs      surveys.score
value      value(surveys.csat)
sample     surveys.csat

--@ indicator csat_mean | satisfaction | score | up
-- Mean answer to the question of satisfaction, on a scale of 1 to 5.
name       Mean satisfaction / 满意度均分
needs      surveys.score
value      value(surveys.csat_score)
sample     surveys.csat_score

--@ indicator csat_weighted | satisfaction | share | up
-- As customer satisfaction, each answer counted with its weight.
name       Weighted customer satisfaction / 加权客户满意度
needs      surveys.score, surveys.weight
value      value(surveys.csat_weighted)
sample     surveys.csat_weighted

--@ indicator csat_mean_weighted | satisfaction | score | up
-- As mean satisfaction, each answer counted with its weight.
name       Weighted mean satisfaction / 加权满意度均分
needs      surveys.score, surveys.weight
value      value(surveys.csat_weighted_score)
sample     surveys.csat_weighted_score

--@ indicator nps | satisfaction | points | up | main
-- Share of promoters (9, 10) less share of detractors (0 to 6) among the answers, times 100.
name       Net Promoter Score / 净推荐值
needs      surveys.score
value      value(surveys.nps)
sample     surveys.nps

--@ indicator nps_weighted | satisfaction | points | up
-- As Net Promoter Score, each answer counted with its weight.
name       Weighted Net Promoter Score / 加权净推荐值
needs      surveys.score, surveys.weight
value      value(surveys.nps_weighted)
sample     surveys.nps_weighted

--@ indicator esat | team | share | up | main
-- Of the answers of employees, those that are one of the two best (the best on a scale of 2 or 3).
name       Employee satisfaction / 员工满意度
needs      surveys.score
value      value(surveys.esat)
sample     surveys.esat

--@ indicator esat_mean | team | score | up
-- Mean answer of employees, on a scale of 1 to 5.
name       Mean employee satisfaction / 员工满意度均分
needs      surveys.score
value      value(surveys.esat_score)
sample     surveys.esat_score

--@ indicator enps | team | points | up
-- Share of promoters (9, 10) less share of detractors (0 to 6) among the answers of employees,
-- times 100.
name       Employee Net Promoter Score / 员工净推荐值
needs      surveys.score
value      value(surveys.enps)
sample     surveys.enps

--@ indicator communication | team | share | up | main | after overdue_projects
-- Of the answers of employees on communication, those that are one of the two best (the best on a
-- scale of 2 or 3).
name       Internal communication / 内部沟通满意度
needs      surveys.score
value      value(surveys.communication)
sample     surveys.communication

--@ indicator communication_mean | team | score | up
-- Mean answer of employees on communication, on a scale of 1 to 5.
name       Mean internal communication / 内部沟通均分
needs      surveys.score
value      value(surveys.communication_score)
sample     surveys.communication_score

--@ trap unknown_instrument | wrong
-- an instrument that is not known, and not read
needs      surveys.instrument
advice     nps, csat, enps, esat or communication AS instrument; or leave out what is none of them
query      SELECT * FROM @schema@.surveys WHERE lower(instrument) IN ('nps', 'csat', 'enps', 'esat',
           'communication') IS NOT TRUE

--@ trap bad_scale | fails
-- a scale has less than 2 or more than 10 answers
needs      surveys.scale
advice     for answers of 0 to 10: greatest(score, 1) AS score, 10 AS scale, whose two best answers
           are the same; others are left out
query      SELECT * FROM @schema@.surveys WHERE scale NOT BETWEEN 2 AND 10 AND lower(instrument) IN
           ('csat', 'esat', 'communication')

--@ trap score_off_scale | fails
-- a score is off the scale: 0 to 10 for nps and enps, else 1 to scale
needs      surveys.score
advice     CASE WHEN score BETWEEN CASE WHEN lower(instrument) IN ('nps', 'enps') THEN 0 ELSE 1 END
           AND CASE WHEN lower(instrument) IN ('nps', 'enps') THEN 10 ELSE coalesce(scale, 5) END
           THEN score END AS score: codes for no answer are none; but where the scale is not 5 and
           does not say so, its number AS scale, and where the worst answer is 0, score + 1 AS score

--@ trap bad_weight | wrong
-- a weight is 0 or negative: the answer is in no weighted figure
needs      surveys.weight
advice     CASE WHEN weight > 0 THEN weight END AS weight; leave out what shall not count at all
query      SELECT * FROM @schema@.surveys WHERE weight <= 0

--@ trap repeated_answers | note
-- somebody answered the same question again: every answer counts
needs      surveys.respondent
advice     nothing, if every answer is to count; else build(..., answers => 'last of year'); or the
           last of each of all: (SELECT DISTINCT ON (lower(instrument), respondent) * FROM ... WHERE
           respondent IS NOT NULL AND score IS NOT NULL ORDER BY lower(instrument), respondent,
           answered_at DESC NULLS LAST) UNION ALL SELECT * FROM ... WHERE num_nulls(respondent,
           score) > 0
query      SELECT lower(instrument), respondent, count(*) FROM @schema@.surveys WHERE respondent IS
           NOT NULL GROUP BY 1, 2 HAVING count(*) > 1

--@ trap five_point_nps | wrong
-- twenty or more scores for a scale of 0 to 10 are all 1 to 5: nobody can be a promoter
needs      surveys.score
advice     CASE lower(instrument) WHEN 'nps' THEN 'csat' WHEN 'enps' THEN 'esat' ELSE instrument END
           AS instrument, CASE WHEN lower(instrument) IN ('nps', 'enps') THEN 5 ELSE scale END AS
           scale; an NPS cannot be told from it

--@ check
-- Surveys, each instrument for itself; its code is that of its indicator. An answer that is off the
-- scale is in none of the figures.
SELECT t.*
FROM  (SELECT x.instrument,
              @usual counts@,
              count(*) FILTER (WHERE NOT x.known)           AS unknown,
              count(*) FILTER (WHERE x.bad_scale)           AS bad_scale,
              count(*) FILTER (WHERE x.off)                 AS off,
              count(*) FILTER (WHERE x.weight <= 0)         AS bad_weight,
              count(*) FILTER (WHERE x.again AND NOT x.last_counts) AS repeated,
              count(*) FILTER (WHERE x.seen AND x.good)     AS answers,
              min(x.score) FILTER (WHERE x.seen AND x.good) AS lowest,
              max(x.score) FILTER (WHERE x.seen AND x.good) AS highest,
              CASE WHEN x.of_ten
                   THEN kpi.value(kpi.nps(x.score) FILTER (WHERE x.seen AND x.good AND x.of_ten))
                   ELSE kpi.value(kpi.rate(x.score > x.scale
                                                     - CASE WHEN x.scale <= 3 THEN 1 ELSE 2 END)
                              FILTER (WHERE x.seen AND x.good)) END AS value,
              CASE WHEN x.of_ten
                   THEN kpi.value(kpi.nps(x.score)
                                  FILTER (WHERE x.seen AND x.good AND NOT x.again AND x.of_ten))
                   ELSE kpi.value(kpi.rate(x.score > x.scale
                                                     - CASE WHEN x.scale <= 3 THEN 1 ELSE 2 END)
                              FILTER (WHERE x.seen AND x.good AND NOT x.again)) END AS last_value
       FROM  (SELECT x.*, x.known AND NOT x.of_ten AND x.scale NOT BETWEEN 2 AND 10 AS bad_scale,
                     x.known AND CASE WHEN x.of_ten THEN x.score NOT BETWEEN 0 AND 10
                                      ELSE x.scale BETWEEN 2 AND 10
                                           AND x.score NOT BETWEEN 1 AND x.scale END AS off,
                     x.score BETWEEN 0 AND 10
                     AND (x.of_ten OR x.scale BETWEEN 2 AND 10
                                      AND x.score BETWEEN 1 AND x.scale)
                     AND NOT (x.again AND x.last_counts)                            AS good
              FROM   (SELECT x.answered_at, x.score, x.weight, coalesce(x.scale, 5) AS scale,
                             s.answered_in IS NOT NULL AS last_counts,
                             i.seen AND x.respondent IS NOT NULL
                             AND row_number() OVER (PARTITION BY i.instrument, x.respondent, i.seen,
                                                                 i.period, x.score IS NULL
                                                    ORDER BY x.answered_at DESC, x.score,
                                                             x.scale) > 1 AS again,
                             @usual flags@, @broken@ AS broken,
                             i.instrument,
                             coalesce(i.instrument IN ('nps', 'enps'), false) AS of_ten,
                             coalesce(i.instrument IN ('nps', 'enps', 'csat', 'esat',
                                                       'communication'), false) AS known,
                             i.seen
                      FROM   kpi_settings AS s
                             CROSS JOIN @surveys@ AS x
                             CROSS JOIN LATERAL (
                                 SELECT (x.answered_at <= s.as_of
                                         AND x.answered_at > '-infinity') IS TRUE) AS t (seen)
                             CROSS JOIN LATERAL (
                                 SELECT lower(x.instrument) AS instrument, t.seen,
                                        CASE WHEN t.seen
                                             THEN kpi.bucket(s.answered_in, x.answered_at,
                                                             s.timezone) END AS period) AS i
                      OFFSET 0) AS x) AS x      -- each expression is computed once
       GROUP  BY x.instrument, x.of_ten) AS v
      CROSS JOIN LATERAL (VALUES
          ('missing_time',       v.missing_time,  v.value, NULL::float8),
          ('infinite_time',      v.infinite_time, v.value, NULL),
          ('future_rows',        v.future_rows,   v.value, NULL),
          ('broken_number',      v.broken_number, NULL,    NULL),
          ('ancient_time',       v.ancient_time,  v.value, NULL),
          ('data_ended', kpi.check_ended(v.first_ago, v.last_ago, v.active_days), v.value, NULL),
          ('last_row',           v.last_ago,      NULL,    NULL),
          ('unknown_instrument', v.unknown,       NULL,    NULL),
          ('bad_scale',          v.bad_scale,     NULL,    v.value),
          ('score_off_scale',    v.off,           NULL,    v.value),
          ('bad_weight',         v.bad_weight,    v.value, NULL),
          ('repeated_answers',   v.repeated,      v.value, v.last_value),
          -- chance does not leave out the upper half of the scale
          ('five_point_nps', CASE WHEN v.instrument IN ('nps', 'enps') AND v.answers >= 20
                                  AND v.lowest >= 1 AND v.highest <= 5
                                  THEN v.answers ELSE 0 END, v.value, NULL)
      ) AS k (trap, rows, value, corrected)
      CROSS JOIN LATERAL (
          SELECT k.trap, k.rows,
                 CASE k.trap WHEN 'data_ended' THEN v.first_ago + 1 ELSE v.n END AS of_rows,
                 CASE WHEN v.instrument IN ('nps', 'enps', 'csat', 'esat', 'communication')
                      THEN v.instrument END AS indicator,
                 k.value, k.corrected,
                 format('instrument %s', coalesce(v.instrument, 'NULL')) AS detail) AS t
