-- Deliveries, each beside the order it belongs to; those of tests count nowhere, those of an order that is there twice twice.
SELECT t.*
FROM  (SELECT count(*)                                          AS n,
              count(*) FILTER (WHERE x.ordered_at IS NULL)      AS missing_time,
              count(*) FILTER (WHERE x.infinite)                AS infinite,
              count(*) FILTER (WHERE x.future)                  AS future,
              count(*) FILTER (WHERE x.ordered_at < '1995-01-01' AND isfinite(x.ordered_at)) AS ancient,
              count(*) FILTER (WHERE NOT x.known)               AS unknown,
              count(*) FILTER (WHERE x.arrived_early)           AS arrived_early,
              count(*) FILTER (WHERE x.shipped_early)           AS shipped_early,
              count(*) FILTER (WHERE x.promised_early)          AS promised_early,
              sum(x.days) / nullif(sum(x.times), 0)             AS days,
              sum(x.days) FILTER (WHERE x.known) / nullif(sum(x.times) FILTER (WHERE x.known), 0) AS days_known,
              sum(x.days) FILTER (WHERE NOT x.arrived_early) / nullif(sum(x.times) FILTER (WHERE NOT x.arrived_early), 0) AS days_arrived,
              sum(x.days) FILTER (WHERE NOT x.shipped_early) / nullif(sum(x.times) FILTER (WHERE NOT x.shipped_early), 0) AS days_shipped
       FROM  (SELECT x.*, x.order_id IS NOT NULL AND o.order_id IS NOT NULL                                            AS known,
                     NOT isfinite(x.ordered_at) OR x.shipped_at = '-infinity' OR x.delivered_at = '-infinity'          AS infinite,
                     greatest(x.ordered_at, nullif(x.shipped_at, 'infinity'), nullif(x.delivered_at, 'infinity')) > s.as_of
                         AND isfinite(x.ordered_at)                                                                    AS future,
                     (x.delivered_at < x.shipped_at OR x.delivered_at < x.ordered_at) IS TRUE                          AS arrived_early,
                     (x.shipped_at < x.ordered_at) IS TRUE                                                             AS shipped_early,
                     (x.promised_at < x.ordered_at) IS TRUE                                                            AS promised_early,
                     c.times, CASE WHEN c.times > 0 THEN extract(epoch FROM x.delivered_at - x.ordered_at) / 86400 * c.times END AS days
              FROM   kpi_settings AS s
                     CROSS JOIN @deliveries@ AS x
                     LEFT JOIN @known_orders@ AS o ON o.order_id = x.order_id
                     -- how often it counts, if it has arrived
                     CROSS JOIN LATERAL (SELECT CASE WHEN x.delivered_at <= s.as_of AND isfinite(x.delivered_at) AND x.ordered_at <= s.as_of AND isfinite(x.ordered_at)
                                                     THEN CASE WHEN o.seen > 0 THEN o.placed ELSE 1 END END AS times) AS c
              OFFSET 0) AS x) AS d      -- each expression is computed once
      CROSS JOIN LATERAL (VALUES
          ('missing_time',             d.missing_time,   d.n, NULL,   NULL),
          ('infinite_time',            d.infinite,       d.n, NULL,   NULL),
          ('future_rows',              d.future,         d.n, NULL,   NULL),
          ('ancient_time',             d.ancient,        d.n, NULL,   NULL),
          ('unknown_order',            d.unknown,        d.n, d.days, d.days_known),
          ('delivered_before_shipped', d.arrived_early,  d.n, d.days, d.days_arrived),
          ('shipped_before_ordered',   d.shipped_early,  d.n, d.days, d.days_shipped),
          ('promised_before_ordered',  d.promised_early, d.n, NULL,   NULL)
      ) AS t (code, rows, of_rows, value, corrected)
