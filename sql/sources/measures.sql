--@ source measures
-- what is known from elsewhere, such as market share or brand awareness, for indicators of your own
position      16
rows          rows of measures
time          measured_on

--@ columns
measure      text, required    what is measured, by the name that formulas have it
measured_on  date, required    the day it is of
amount       number, required  what was measured; adds up over days and members
of           number            what the amount is a part of: the measure is a share or a mean, and
                               of a period all amounts by all of these; NULL if it is a sum

--@ view kpi_daily_measures | key day, measure, dimensions
-- What was measured on each day.
SELECT x.measured_on                                     AS day,
       x.measure,
       kpi.average(x.amount) FILTER (WHERE x.of IS NULL) AS amount,
       kpi.ratio(x.amount, x.of)                         AS share
       @dimensions@
FROM   kpi_settings AS s CROSS JOIN @measures@ AS x
WHERE  @happened x.measured_on@ AND x.measure IS NOT NULL
GROUP  BY x.measured_on, x.measure @dimensions@

--@ column measure
-- what was measured

--@ column amount
-- what was measured of it, where that is a sum

--@ column share
-- what was measured of it, where that is a part of something

--@ trap missing_measure | wrong
-- measure is NULL: such rows count nowhere
needs      measures.measure
advice     the name that formulas have it
query      SELECT * FROM @schema@.measures WHERE measure IS NULL

--@ trap missing_of | wrong
-- of is NULL, and other rows of the measure have one: where any row of a period has, such rows do
-- not count in it
needs      measures.of
advice     the number of which the amount is a part, or none in any row of the measure
query      SELECT * FROM @schema@.measures AS x WHERE of IS NULL AND EXISTS (SELECT FROM
           @schema@.measures AS y WHERE y.measure = x.measure AND y.of IS NOT NULL)

--@ trap unknown_measure | doubtful | counts measures
-- formulas read measures of which there is no row
advice     the name that rows have it by, in the formula: kpi.define writes another one

--@ trap unread_measure | note | counts measures
-- no indicator reads these measures
advice     define one that reads it, kpi.define(..., 'measure(''<measure>'')', ...), or leave out
           its rows

--@ check
-- What is known from elsewhere.
SELECT t.*
FROM  (SELECT @usual counts@,
              count(*) FILTER (WHERE x.measure IS NULL)     AS missing_measure,
              count(*) FILTER (WHERE x.of IS NULL AND x.is_share) AS missing_of,
              array_agg(DISTINCT x.measure) FILTER (WHERE x.measure IS NOT NULL) AS measures
       FROM  (SELECT x.*, @usual flags@, @broken@ AS broken,
                     x.measure IS NOT NULL
                     AND count(x.of) OVER (PARTITION BY x.measure) > 0 AS is_share
              FROM   kpi_settings AS s CROSS JOIN @measures@ AS x) AS x) AS p
      CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE m.read) AS read, count(*) FILTER (WHERE m.known) AS known,
                 count(*) FILTER (WHERE NOT m.known) AS unknown,
                 string_agg(m.name, ', ' ORDER BY m.name) FILTER (WHERE NOT m.known)
                     AS unknown_names,
                 count(*) FILTER (WHERE NOT m.read) AS unread,
                 string_agg(m.name, ', ' ORDER BY m.name) FILTER (WHERE NOT m.read)
                     AS unread_names
          FROM   kpi_settings AS s
                 CROSS JOIN LATERAL (
                     SELECT n.name, n.name = ANY (s.measures_read) AS read,
                            n.name = ANY (coalesce(p.measures, '{}')) AS known
                     FROM   unnest(p.measures || s.measures_read) AS n (name) GROUP BY n.name) AS m
          ) AS r
      CROSS JOIN LATERAL (VALUES
          @usual traps of p@,
          ('missing_measure', p.missing_measure, p.n, NULL),
          ('missing_of',      p.missing_of,      p.n, NULL),
          ('unknown_measure', r.unknown,         r.read, r.unknown_names),
          ('unread_measure',  r.unread,          r.known, r.unread_names)
      ) AS t (trap, rows, of_rows, detail)
