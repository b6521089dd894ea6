-- Orders. Amounts are in the model's currency; those that cannot be counted, or not converted, are in none of the sums.
SELECT t.*
FROM   kpi_settings AS s
       CROSS JOIN (
           SELECT count(*)                                                            AS n,
                  count(*) FILTER (WHERE x.ordered_at IS NULL)                        AS missing_time,
                  count(*) FILTER (WHERE x.ordered_at IS NULL AND x.valid)            AS missing_valid,
                  sum(x.amount) FILTER (WHERE x.ordered_at IS NULL AND x.valid)       AS missing_money,
                  count(*) FILTER (WHERE x.infinite)                                  AS infinite_time,
                  count(*) FILTER (WHERE x.future)                                    AS future_rows,
                  count(*) FILTER (WHERE x.ordered_at < '1995-01-01' AND isfinite(x.ordered_at)) AS ancient,
                  sum(x.amount) FILTER (WHERE x.future)                               AS future_money,
                  count(*) FILTER (WHERE x.broken)                                    AS broken_number,
                  count(*) FILTER (WHERE x.unpriced)                                  AS no_exchange_rate,
                  count(*) FILTER (WHERE x.exchange_rate <= 0)                        AS bad_exchange_rate,
                  count(x.amount) FILTER (WHERE x.sold AND x.exchange_rate <= 0)      AS bad_rate,
                  sum(x.amount) FILTER (WHERE x.sold AND x.exchange_rate <= 0)        AS bad_rate_money,
                  count(*) FILTER (WHERE x.order_id IS NULL)                          AS missing_key,
                  count(*) FILTER (WHERE x.extra)                                     AS duplicates,
                  sum(x.amount) FILTER (WHERE x.extra AND x.sold)                     AS duplicate_money,
                  count(*) FILTER (WHERE x.sold)                                      AS sold,
                  count(*) FILTER (WHERE x.sold AND NOT x.extra)                      AS sold_once,
                  count(*) FILTER (WHERE x.seen AND x.is_test)                        AS tests,
                  sum(x.amount) FILTER (WHERE x.seen AND x.is_test)                   AS test_money,
                  count(*) FILTER (WHERE x.seen AND x.is_test IS NOT TRUE)            AS placed,
                  count(*) FILTER (WHERE x.seen AND x.is_test IS NOT TRUE AND NOT x.sold)      AS cancelled,
                  sum(x.amount) FILTER (WHERE x.seen AND x.is_test IS NOT TRUE AND NOT x.sold) AS cancelled_money,
                  count(*) FILTER (WHERE x.cancelled_at < x.ordered_at AND isfinite(x.cancelled_at)) AS cancelled_early,
                  count(x.amount) FILTER (WHERE x.sold)                               AS priced,
                  sum(x.amount) FILTER (WHERE x.sold)                                 AS sales,
                  count(*) FILTER (WHERE x.sold AND x.amount < 0)                     AS negative,
                  sum(x.amount) FILTER (WHERE x.sold AND x.amount < 0)                AS negative_money,
                  count(*) FILTER (WHERE x.sold AND x.amount = 0 AND x.rate <> 0)     AS zero,
                  count(*) FILTER (WHERE x.sold AND x.priceless)                      AS missing_sales,
                  bool_and(x.amount = trunc(x.amount)) FILTER (WHERE x.sold)          AS whole,
                  count(*) FILTER (WHERE x.mismatched)                                AS mismatched,
                  sum(abs(x.gross - x.less - x.net)) FILTER (WHERE x.mismatched)      AS mismatched_money,
                  sum(coalesce(x.less, x.gross - x.net)) FILTER (WHERE x.sold)        AS discounts,
                  count(*) FILTER (WHERE x.sold AND x.less < 0)                       AS negative_discount,
                  sum(x.less) FILTER (WHERE x.sold AND x.less < 0)                    AS negative_discount_money,
                  count(*) FILTER (WHERE x.sold AND x.customer_id IS NULL)            AS guests,
                  sum(x.amount) FILTER (WHERE x.sold AND x.customer_id IS NULL)       AS guest_money,
                  count(*) FILTER (WHERE x.sold AND x.placeholder)                    AS placeholders,
                  sum(x.amount) FILTER (WHERE x.sold AND x.placeholder)               AS placeholder_money,
                  activity(x.customer_id, x.once) FILTER (WHERE x.sold)               AS customers,
                  activity(x.customer_id, x.once) FILTER (WHERE x.sold AND x.placeholder) AS nobody,
                  activity(x.person, x.once) FILTER (WHERE x.sold)                    AS persons,
                  sum(x.amount) FILTER (WHERE x.sold AND x.paid IS NOT NULL)          AS covered_sales,
                  sum(x.paid) FILTER (WHERE x.sold AND x.amount IS NOT NULL)          AS covered_cost,
                  count(*) FILTER (WHERE x.sold AND x.cost IS NULL)                   AS costless,
                  sum(x.amount) FILTER (WHERE x.sold AND x.cost IS NULL)              AS costless_money,
                  count(*) FILTER (WHERE x.sold AND x.paid <= 0 AND x.amount > 0)     AS zero_cost,
                  sum(x.amount) FILTER (WHERE x.sold AND x.paid <= 0 AND x.amount > 0)                       AS zero_cost_money,
                  sum(x.paid) FILTER (WHERE x.sold AND x.paid <= 0 AND x.amount > 0)                         AS zero_cost_cost,
                  min(x.ordered_at) FILTER (WHERE x.seen)                             AS first,
                  max(x.ordered_at) FILTER (WHERE x.seen)                             AS last
           FROM   (SELECT x.order_id, x.ordered_at, x.customer_id, x.cancelled_at, x.is_test, x.exchange_rate, x.cost, date '2000-01-01' AS once,
                          x.broken, a.valid, a.seen, a.unpriced,
                          a.seen AND a.valid                                               AS sold,
                          x.ordered_at > s.as_of AND isfinite(x.ordered_at)                AS future,
                          NOT isfinite(x.ordered_at) OR x.cancelled_at = '-infinity'       AS infinite,
                          x.net_sales * a.rate AS net, x.gross_sales * a.rate AS gross, x.discount * a.rate AS less, x.cost * a.rate AS paid,
                          coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) * a.rate AS amount,
                          -- in its own currency, and of an order that counts or not: a column means the same in all
                          abs(x.gross_sales - x.discount - x.net_sales) > 0.005 AND abs(x.gross_sales - x.discount - x.net_sales) < 'Infinity' AS mismatched,
                          a.rate, x.net_sales IS NULL AND x.gross_sales IS NULL            AS priceless,
                          model_nobody(x.customer_id::text) IS TRUE                        AS placeholder,
                          -- an e-mail is the same in any case, and with or without what follows a +; other names may differ in nothing but case
                          CASE WHEN x.customer LIKE '%+%@%' THEN regexp_replace(lower(x.customer), '\+[^@]*@', '@')
                               WHEN x.customer LIKE '%@%'   THEN lower(x.customer) ELSE x.customer END AS person,
                          x.order_id IS NOT NULL AND row_number() OVER (PARTITION BY x.order_id ORDER BY x.ordered_at, x.is_test, x.cancelled_at DESC, x.net_sales) > 1 AS extra
                   FROM   kpi_settings AS s
                          CROSS JOIN (
                              SELECT x.*, btrim(x.customer_id::text) AS customer,
                                     -- a sum with a number that is none is none itself
                                     coalesce(x.net_sales, 0) + coalesce(x.gross_sales, 0) + coalesce(x.discount, 0) + coalesce(x.tax, 0) + coalesce(x.shipping, 0)
                                     + coalesce(x.cost, 0) + coalesce(x.units, 0) + coalesce(x.exchange_rate, 0) IN ('NaN', 'Infinity', '-Infinity') AS broken
                              FROM   @orders@ AS x
                              OFFSET 0) AS x        -- computed once
                          CROSS JOIN LATERAL (
                              SELECT (x.cancelled_at <= s.as_of OR x.is_test) IS NOT TRUE                  AS valid,
                                     (x.ordered_at <= s.as_of AND x.ordered_at > '-infinity') IS TRUE      AS seen,
                                     (x.currency <> s.currency AND x.exchange_rate IS NULL
                                      AND coalesce(x.net_sales, x.gross_sales, x.tax, x.shipping, x.cost) IS NOT NULL) IS TRUE AS unpriced,
                                     CASE WHEN x.broken THEN NULL WHEN x.currency IS NULL OR x.currency = s.currency THEN 1 ELSE x.exchange_rate END AS rate) AS a) AS x) AS o
       CROSS JOIN LATERAL (SELECT greatest(bucket('day', o.first, s.timezone), s.since) AS first, bucket('day', o.last, s.timezone) AS last,
                                  sample_size(o.customers) AS customers, sample_size(o.customers) - sample_size(o.persons) AS too_many,
                                  -- NULL of a single order
                                  extract(epoch FROM o.last - o.first) / 86400 / nullif(o.tests + o.placed - 1, 0) AS distance,
                                  o.sales / nullif(o.priced, 0) AS aov) AS d
       CROSS JOIN LATERAL (VALUES
           ('broken_number',          o.broken_number,     o.n,     NULL,                 NULL,      d.aov,                     NULL),
           ('no_exchange_rate',       o.no_exchange_rate,  o.n,     NULL,                 NULL,      d.aov,                     NULL),
           ('bad_exchange_rate',      o.bad_exchange_rate, o.n,     NULL,                 d.aov,     (o.sales - coalesce(o.bad_rate_money, 0)) / nullif(o.priced - o.bad_rate, 0), NULL),
           ('missing_time',           o.missing_time,      o.n,     o.missing_money,      o.sold,    o.sold + o.missing_valid,  NULL),
           ('infinite_time',          o.infinite_time,     o.n,     NULL,                 NULL,      NULL,                      NULL),
           ('future_rows',            o.future_rows,       o.n,     o.future_money,       NULL,      NULL,                      NULL),
           ('ancient_time',           o.ancient,           o.n,     NULL,       NULL,      NULL,                      NULL),
           ('missing_key',            o.missing_key,       o.n,     NULL,                 NULL,      NULL,                      NULL),
           ('duplicates',             o.duplicates,        o.n,     o.duplicate_money,    o.sold,    o.sold_once,               NULL),
           ('negative_sales',         o.negative,          o.sold,  o.negative_money,     d.aov,     (o.sales - o.negative_money) / nullif(o.priced - o.negative, 0), NULL),
           ('zero_orders',            o.zero,              o.sold,  0,                    d.aov,     o.sales / nullif(o.priced - o.zero, 0), NULL),
           ('sales_mismatch',         o.mismatched,        o.n,     o.mismatched_money,   NULL,      NULL,                      NULL),
           ('missing_sales',          o.missing_sales,     o.sold,  NULL,                 d.aov,     NULL,                      NULL),
           ('negative_discount',      o.negative_discount, o.sold,  o.negative_discount_money, o.discounts, o.discounts - 2 * o.negative_discount_money, NULL),
           ('cents',                  CASE WHEN o.whole AND o.priced - o.zero >= 100 AND coalesce(s.currency, '') !~* '^(BIF|CLP|DJF|GNF|HUF|IDR|ISK|JPY|KMF|KRW|PYG|RWF|TWD|UGX|VND|VUV|XAF|XOF|XPF)$'
                                      THEN o.priced - o.zero ELSE 0 END, o.sold, o.sales,          d.aov,     d.aov / 100,               NULL),
           ('guest_customers',        o.guests,            o.sold,  o.guest_money,        o.guests,  NULL,                      NULL),
           ('placeholder_customers',  o.placeholders,      o.sold,  o.placeholder_money,  value(repeat_purchase_rate(o.customers)), value(repeat_purchase_rate(o.customers) - repeat_purchase_rate(o.nobody)), NULL),
           ('spelled_customers',      d.too_many,          d.customers, NULL,             d.customers, d.customers - d.too_many, NULL),
           ('missing_cost',           o.costless,          o.sold,  o.costless_money,     o.covered_sales / nullif(o.sales, 0), NULL, NULL),
           ('zero_cost',              o.zero_cost,         o.sold,  o.zero_cost_money,    1 - o.covered_cost / nullif(o.covered_sales, 0),
                                                                                          1 - (o.covered_cost - coalesce(o.zero_cost_cost, 0)) / nullif(o.covered_sales - coalesce(o.zero_cost_money, 0), 0), NULL),
           ('test_orders',            o.tests,             o.tests + o.placed, o.test_money, o.sold, NULL,                      NULL),
           ('cancelled_orders',       o.cancelled,         o.placed, o.cancelled_money,   o.cancelled::numeric / nullif(o.placed, 0), NULL, NULL),
           ('cancelled_early',        o.cancelled_early,   o.n,     NULL,                 NULL,      NULL,                      NULL),
           -- in days
           ('first_month_short',      CASE WHEN d.first - bucket('month', d.first) > 7 THEN d.first - bucket('month', d.first) ELSE 0 END,
                                      (bucket('month', d.first) + interval '1 month')::date - bucket('month', d.first), NULL, NULL, NULL, 'the first is of ' || d.first),
           ('data_ended',             CASE WHEN s.today - d.last > greatest(7, 5 * d.distance) THEN s.today - d.last ELSE 0 END,
                                      s.today - d.first + 1, NULL, NULL, NULL, 'the last is of ' || d.last)
       ) AS t (code, rows, of_rows, money, value, corrected, detail)
