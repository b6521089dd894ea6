\ir setup.psql
\if :skip \quit \endif

CALL load('raw', 'online_retail/online_retail.csv');

-- The books as they are, without a thought: each document an order, each line a line.
CREATE UNLOGGED TABLE line AS
SELECT invoiceno AS invoice, invoicedate::timestamp AT TIME ZONE 'Europe/London' AS invoiced_at,
       quantity::int AS quantity, stockcode AS sku,
       quantity::int * unitprice::numeric AS amount, customerid::numeric::bigint AS customer_id
FROM   raw;
ANALYZE line;
CREATE SCHEMA shop;
CREATE VIEW shop.orders AS
SELECT invoice AS order_id, min(invoiced_at) AS ordered_at, min(customer_id) AS customer_id,
       sum(amount) AS net_sales
FROM   line GROUP BY invoice;
CREATE VIEW shop.order_lines AS
SELECT invoice AS order_id, sku, quantity, amount AS net_sales FROM line;

CREATE TABLE finding AS
SELECT * FROM kpi.check('shop', 'Europe/London', 'GBP', '2012-01-01 00:00Z', everything => true);
CREATE TABLE document AS
SELECT invoice, min(customer_id) AS customer_id, sum(amount) AS amount FROM line GROUP BY invoice;

SELECT plan(9);

SELECT results_eq($$SELECT trap, rows, of_rows, money
                    FROM   finding
                    WHERE  source = 'orders'
                    AND    trap IN ('guest_customers', 'negative_sales', 'zero_orders')
                    ORDER  BY trap COLLATE "C"$$,
                  $$SELECT trap, count(*) FILTER (WHERE holds), count(*),
                           sum(amount) FILTER (WHERE holds)
                    FROM   document,
                           LATERAL (VALUES ('guest_customers', customer_id IS NULL),
                                           ('negative_sales',  amount < 0),
                                           ('zero_orders',     amount = 0)) AS k (trap, holds)
                    GROUP  BY trap
                    ORDER  BY trap COLLATE "C"$$,
                  'guests, negative and zero documents are as many as plain SQL counts, and worth '
                  'as much');
SELECT is(rows, 3710::bigint, '3710 documents are of guests')
FROM   finding WHERE trap = 'guest_customers';
SELECT is(round(value::numeric, 6), (SELECT round(avg(amount), 6) FROM document),
          'the mean told for negative_sales is that of all documents')
FROM   finding WHERE trap = 'negative_sales';
SELECT is(round(corrected::numeric, 6),
          (SELECT round(avg(amount), 6) FROM document WHERE amount >= 0),
          'the mean corrected for negative_sales is that of documents that are no refunds')
FROM   finding WHERE trap = 'negative_sales';
SELECT is(rows, (SELECT count(*) FROM line WHERE quantity < 0),
          'negative_quantity counts the lines that take something back')
FROM   finding WHERE trap = 'negative_quantity' AND source = 'order_lines';
SELECT is(round(corrected::numeric, 3), (SELECT sum(amount) FROM line WHERE quantity >= 0),
          'the sales corrected for negative_quantity are those of the other lines')
FROM   finding WHERE trap = 'negative_quantity' AND source = 'order_lines';
SELECT is(rows, 23::bigint, 'data_ended counts the days since the last document')
FROM   finding WHERE trap = 'data_ended';
SELECT is_empty($$SELECT trap, source
                  FROM   finding
                  WHERE  rows > 0
                  AND    trap NOT IN ('guest_customers', 'negative_sales', 'zero_orders',
                                      'negative_quantity', 'data_ended')$$,
                'the books have no other trap');
SELECT set_eq($$SELECT trap || ' ' || source
                FROM   finding WHERE rows IS NULL AND trap LIKE 'missing\_cost'$$,
              $$VALUES ('missing_cost orders'), ('missing_cost order_lines')$$,
              'traps of costs cannot be looked for where there are none');
SELECT * FROM finish();
ROLLBACK;
