\set ECHO none
\i test/setup.psql
SELECT plan(7);

-- Targets of everything that a shop with every source tells, beside what it tells and plain SQL.
\i test/shop.psql
SET LOCAL client_min_messages = error;
SELECT FROM kpi.goals('shop');
CREATE TABLE told AS
SELECT * FROM shop.kpi_values
WHERE  grain = 'month' AND (dimension IS NULL OR dimension = 'country');

-- Each asks for about what was: of a share and a score what can be.
INSERT INTO shop.objectives
SELECT 'o' || i, 'Objective ' || i, CASE WHEN i > 1 THEN 'o' || any_of(1, i - 1) END
FROM   generate_series(1, 8) AS i;
INSERT INTO shop.targets
       (objective, kpi, dimension, member, grain, starts, ends, target, direction, owner, weight)
SELECT 'o' || any_of(1, 8), t.kpi, t.dimension, t.member, t.grain,
       '2025-02-01', '2025-02-28',
       round(CASE t.unit WHEN 'share' THEN greatest(-1, least(1, x.asked))
                         WHEN 'score' THEN greatest(1, least(5, x.asked))
                         WHEN 'points' THEN greatest(-100, least(100, x.asked))
                         ELSE x.asked END, 4),
       coalesce(i.direction, 'up'), 'owner ' || any_of(1, 5), any_of(0, 3)
FROM  (SELECT DISTINCT ON (kpi, grain, dimension, member) * FROM told
       WHERE  complete AND (member IS NULL OR member = 'DE')
       ORDER  BY kpi, grain, dimension, member, period DESC) AS t
      JOIN indicators_of('shop') AS i ON i.indicator = t.kpi
      CROSS JOIN LATERAL (SELECT (coalesce(t.value, 1) * (0.6 + 0.6 * random()))::numeric)
                         AS x (asked);
SELECT cmp_ok(count(*), '>', 100::bigint, 'there are targets of all kinds') FROM shop.targets;
SELECT is((SELECT count(*) FROM shop.targets
           WHERE NOT is_read('shop', kpi, grain, dimension)), 0::bigint, 'all are read');
SELECT set_eq('SELECT grain, period, complete, dimension, member, kpi, value, sample_size, low,
                      high, unit FROM shop.kpi_target_values',
              'SELECT grain, period, complete, dimension, member, kpi, value, sample_size, low,
                      high, unit FROM told',
              'the view of values has of each what kpi_values has');
SELECT is_empty($$SELECT v.grain, v.period, v.until FROM shop.kpi_target_values AS v
                         LEFT JOIN shop.kpi_periods AS p
                              ON (p.grain, p.period, p.until) = (v.grain, v.period, v.until)
                  WHERE  p.period IS NULL$$, 'and where its periods end');

CREATE TABLE attained_now AS SELECT * FROM shop.kpi_attained;
SELECT ok(count(*) = (SELECT count(*) FROM shop.targets)
          AND count(DISTINCT attainment) > 30 AND count(*) FILTER (WHERE attainment IS NULL) > 0,
          'much is attained, and of some nothing is known')
FROM   attained_now;
SELECT set_eq('SELECT what, coalesce(owner, objective) AS whose, round(attainment, 9) AS attainment,
                      targets, unknown, weakest_attainment FROM shop.attainment',
    $$WITH RECURSIVE up AS (
          SELECT target_id, objective FROM shop.targets
          UNION ALL
          SELECT u.target_id, o.parent
          FROM   up AS u JOIN shop.objectives AS o USING (objective)
          WHERE  o.parent IS NOT NULL
      )
      SELECT g.what, g.whose,
             round(sum(least(a.attainment, 1) * a.weight)
                       FILTER (WHERE a.attainment IS NOT NULL)
                   / nullif(sum(a.weight) FILTER (WHERE a.attainment IS NOT NULL), 0), 9)
                 AS attainment,
             count(*) AS targets,
             count(*) FILTER (WHERE a.attainment IS NULL AND a.weight > 0) AS unknown,
             min(a.attainment) FILTER (WHERE a.weight > 0) AS weakest
      FROM   attained_now AS a
             JOIN (SELECT 'owner' AS what, owner AS whose, target_id FROM shop.targets
                   UNION ALL
                   SELECT 'objective', objective, target_id FROM up) AS g USING (target_id)
      GROUP  BY 1, 2$$,
    'owners and objectives have attained the mean of their targets');

INSERT INTO shop.incentives
       (owner, target_id, attained_from, attained_to, amount, proportional, cap)
SELECT CASE WHEN i <= 20 THEN 'owner ' || any_of(1, 5) END,
       CASE WHEN i > 20 THEN (SELECT target_id FROM shop.targets
                              ORDER BY target_id OFFSET 2 * i LIMIT 1) END,
       x.low, CASE WHEN i % 3 > 0 THEN x.low + any_of(1, 9) / 10.0 END, any_of(1, 99999) / 100.0,
       i % 2 = 0, greatest(x.low, any_of(8, 15) / 10.0)
FROM   generate_series(1, 60) AS i, LATERAL (SELECT any_of(0, i % 10) / 10.0) AS x (low);
SELECT set_eq('SELECT incentive_id, owner, amount FROM shop.rewards',
    $$SELECT i.incentive_id, coalesce(i.owner, t.owner) AS owner,
             CASE WHEN r.a >= i.attained_from AND (i.attained_to IS NULL OR r.a < i.attained_to)
                  THEN CASE WHEN i.proportional THEN round(r.a * i.amount, 2) ELSE i.amount END
                  WHEN r.a IS NOT NULL THEN 0 END AS amount
      FROM   shop.incentives AS i
             LEFT JOIN shop.targets AS t ON t.target_id = i.target_id
             CROSS JOIN LATERAL (
                 SELECT CASE WHEN bool_and(a.attainment IS NOT NULL)
                             THEN sum(w.weight * least(a.attainment, i.cap)) / sum(w.weight) END
                 FROM   attained_now AS a
                        CROSS JOIN LATERAL (SELECT CASE WHEN i.owner IS NULL THEN 1
                                                        ELSE a.weight END) AS w (weight)
                 WHERE  w.weight > 0 AND (a.owner = i.owner OR a.target_id = i.target_id)
             ) AS r (a)$$,
    'rewards are what plain SQL makes of them');

SELECT * FROM finish();
ROLLBACK;
