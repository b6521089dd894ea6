--@ view cohort_sales | of orders
-- What the customers who first bought in a period (the cohort) have spent since: the value of a
-- customer so far, by the cohorts of cohort_retention. Sales are net, before refunds, with what
-- changes of orders added when they did. The running period is not complete. Read one grain: WHERE
-- grain = 'month'.
WITH spent AS MATERIALIZED (  -- which is read for each grain
    SELECT k.first_day, k.day, k.customers, kpi.total(k.sales) AS sales FROM kpi_cohorts AS k
)
SELECT g.grain,
       v.cohort,
       v.period,
       v.periods_since,
       v.complete,
       v.cohort_size,
       v.sales::numeric(20,4)                             AS sales,
       v.cumulated_sales::numeric(20,4)                   AS cumulated_sales,
       (v.cumulated_sales / v.cohort_size)::numeric(20,4) AS sales_per_customer
FROM   kpi_settings AS s
       CROSS JOIN kpi_first_day AS f
       CROSS JOIN kpi_grains AS g
       CROSS JOIN LATERAL (
           SELECT c.cohort,
                  p.period,
                  (row_number() OVER so_far - 1)::integer  AS periods_since,
                  p.until <= s.today                       AS complete,
                  c.customers                              AS cohort_size,
                  coalesce(t.sales, 0)                     AS sales,
                  coalesce(sum(t.sales) OVER so_far, 0)    AS cumulated_sales
           FROM   (SELECT kpi.bucket(g.name, b.first_day) AS cohort,
                          sum(b.customers)::bigint AS customers
                   FROM   spent AS b
                   GROUP  BY kpi.bucket(g.name, b.first_day)) AS c
                  CROSS JOIN LATERAL kpi.periods(g.name, c.cohort, f.last_day) AS p
                  LEFT JOIN (SELECT kpi.bucket(g.name, t.first_day) AS cohort,
                                    kpi.bucket(g.name, t.day) AS period, sum(t.sales) AS sales
                             FROM   spent AS t
                             GROUP  BY kpi.bucket(g.name, t.first_day), kpi.bucket(g.name, t.day))
                            AS t ON t.cohort = c.cohort AND t.period = p.period
           WINDOW so_far AS (PARTITION BY c.cohort ORDER BY p.period)) AS v
WHERE  g.grain NOT IN ('day', 'all')

--@ column cohort
-- the period in which these customers first bought

--@ column period
-- The date on which the period starts.

--@ column periods_since
-- how many periods after the first

--@ column complete
-- Whether the period is over.

--@ column cohort_size
-- how many they were

--@ column sales
-- what they bought in this period: net sales before refunds

--@ column cumulated_sales
-- what they have bought until the end of it

--@ column sales_per_customer
-- that for each of the cohort: the value of a customer so far
