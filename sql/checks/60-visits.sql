-- Visits, and how many of the orders of their time they account for.
SELECT t.*
FROM  (SELECT count(*)                                                 AS n,
              count(*) FILTER (WHERE x.started_at IS NULL)             AS missing_time,
              count(*) FILTER (WHERE NOT isfinite(x.started_at))       AS infinite,
              count(*) FILTER (WHERE x.started_at > x.as_of AND isfinite(x.started_at)) AS future,
              count(*) FILTER (WHERE x.started_at < '1995-01-01' AND isfinite(x.started_at)) AS ancient,
              count(*) FILTER (WHERE x.visit_id IS NULL)               AS missing_key,
              count(*) FILTER (WHERE x.extra)                          AS duplicates,
              count(*) FILTER (WHERE x.seen)                           AS visits,
              count(*) FILTER (WHERE x.seen AND NOT x.extra)           AS visits_once,
              count(*) FILTER (WHERE x.seen AND x.converted IS NULL)   AS undecided,
              count(*) FILTER (WHERE x.seen AND x.visitor_id IS NULL)  AS visitorless,
              count(*) FILTER (WHERE x.seen AND x.nobody)              AS placeholders,
              sample_size(activity(x.visitor_id, x.once) FILTER (WHERE x.seen))                              AS visitors,
              sample_size(activity(x.visitor_id, x.once) FILTER (WHERE x.seen AND x.nobody))                 AS nobodies,
              sample_size(activity(x.visitor_id, x.once) FILTER (WHERE x.seen AND x.converted))              AS buyers,
              sample_size(activity(x.visitor_id, x.once) FILTER (WHERE x.seen AND x.converted AND x.nobody)) AS nobody_buyers,
              count(*) FILTER (WHERE x.seen AND x.converted)           AS converted,
              count(*) FILTER (WHERE x.seen AND x.converted IS NOT NULL) AS decided,
              rate(NOT x.converted) FILTER (WHERE x.seen AND x.checkout_started) AS checkouts,
              count(*) FILTER (WHERE x.seen AND x.converted AND NOT x.checkout_started) AS skipped,
              min(x.started_at) FILTER (WHERE x.seen)                  AS first,
              max(x.started_at) FILTER (WHERE x.seen)                  AS last,
              max(x.as_of)                                             AS as_of
       FROM  (SELECT x.*, s.as_of, date '2000-01-01' AS once, model_nobody(x.visitor_id::text) IS TRUE AS nobody,
                     (x.started_at <= s.as_of AND x.started_at > '-infinity') IS TRUE AS seen,
                     x.visit_id IS NOT NULL AND row_number() OVER (PARTITION BY x.visit_id ORDER BY x.started_at, x.converted) > 1 AS extra
              FROM   kpi_settings AS s CROSS JOIN @visits@ AS x) AS x) AS v
      CROSS JOIN LATERAL (
          -- an order may follow its visit by a day
          SELECT count(*) AS orders
          FROM   @orders@ AS x
          WHERE  x.ordered_at >= v.first AND x.ordered_at <= least(v.last + interval '24 hours', v.as_of) AND x.is_test IS NOT TRUE) AS o
      CROSS JOIN LATERAL (VALUES
          ('missing_time',               v.missing_time, v.n,         v.visits, v.visits + v.missing_time),
          ('infinite_time',              v.infinite,     v.n,         NULL,     NULL),
          ('future_rows',                v.future,       v.n,         NULL,     NULL),
          ('ancient_time',               v.ancient,      v.n,         NULL,     NULL),
          ('missing_key',                v.missing_key,  v.n,         NULL,     NULL),
          ('duplicates',                 v.duplicates,   v.n,         v.visits, v.visits_once),
          ('unknown_conversion',         v.undecided,    v.visits,    v.converted::numeric / nullif(v.decided, 0), v.converted::numeric / nullif(v.visits, 0)),
          ('unknown_visitors',           v.visitorless,  v.visits,    NULL,     NULL),
          ('placeholder_visitors',       v.placeholders, v.visits,    coalesce(v.buyers, 0)::numeric / nullif(v.visitors, 0),
           (coalesce(v.buyers, 0) - coalesce(v.nobody_buyers, 0))::numeric / nullif(v.visitors - coalesce(v.nobodies, 0), 0)),
          ('orders_without_visit',       greatest(o.orders - v.converted, 0), o.orders,    v.converted::numeric / nullif(v.decided, 0), least(o.orders::numeric / nullif(v.decided, 0), 1)),
          ('conversions_without_order',  greatest(v.converted - o.orders, 0), v.converted, v.converted::numeric / nullif(v.decided, 0), o.orders::numeric / nullif(v.decided, 0)),
          ('converted_without_checkout', v.skipped,      v.converted, value(v.checkouts),
           (trials(v.checkouts) * value(v.checkouts)) / nullif(trials(v.checkouts) + v.skipped, 0))
      ) AS t (code, rows, of_rows, value, corrected)
