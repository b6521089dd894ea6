-- The real part: the shop's invoice lines, and the orders, prices and refunds that follow from
-- them. Run by demo.sql.

CREATE TABLE line (
    invoice_no  text      NOT NULL,
    invoice_ts  timestamp NOT NULL,
    customer_id int,
    country     text      NOT NULL,
    stock_code  text      NOT NULL,
    unit_price  numeric   NOT NULL,
    quantity    int       NOT NULL
);

\warn 'kpi: loading the invoice lines ...'
\copy line FROM PROGRAM 'gzip -dc demo/online_retail.csv.gz' (FORMAT csv, HEADER match)

-- Times are the shop's own wall clock. Said once which one, they are instants, and no later step
-- can take them for anything else.
ALTER TABLE line RENAME invoice_ts TO invoiced_at;
ALTER TABLE line ALTER invoiced_at TYPE timestamptz USING invoiced_at AT TIME ZONE 'Europe/London';

-- What was sold: goods for money. Postage is not goods, neither are fees, charity and manual
-- corrections, which the file books like articles.
\warn 'kpi: finding what was sold ...'
CREATE TABLE sale AS
SELECT invoice_no::bigint AS order_no, invoiced_at, customer_id, country, stock_code, unit_price,
       quantity
FROM   line
WHERE  stock_code ~ '^([0-9]{5}|DC|gift)' AND quantity > 0 AND unit_price > 0;

CREATE INDEX ON sale (order_no);
CREATE INDEX ON sale (customer_id, stock_code);
ANALYZE sale;

-- Articles, at the price that most of their sales had. Who buys many pays less: the difference is
-- the discount. So discounts are derived from real prices, as the file does not show them.
CREATE TABLE article AS
SELECT stock_code, mode() WITHIN GROUP (ORDER BY unit_price) AS usual_price, sum(quantity) AS sold
FROM   sale
GROUP  BY stock_code;

-- Refunds: invoices with a C take goods back. They do not say which order they undo: taken is the
-- customer's latest one before with as many pieces of the article, which finds 17 in 20. Others
-- keep their own number, and no order has that.
\warn 'kpi: finding what each refund undoes ...'
CREATE TABLE refund AS
SELECT back.invoiced_at AS refunded_at, back.stock_code, -back.quantity AS quantity,
       -back.quantity * back.unit_price                        AS amount,
       coalesce(bought.order_no, ltrim(back.invoice_no, 'C')::bigint) AS order_no,
       bought.order_no IS NOT NULL                             AS order_known
FROM   line AS back
       LEFT JOIN LATERAL (
           SELECT order_no
           FROM   sale
           WHERE  sale.customer_id = back.customer_id AND sale.stock_code = back.stock_code
           AND    sale.quantity >= -back.quantity AND sale.invoiced_at <= back.invoiced_at
           ORDER  BY sale.invoiced_at DESC, order_no DESC
           LIMIT  1) AS bought ON true
WHERE  back.invoice_no LIKE 'C%' AND back.stock_code ~ '^([0-9]{5}|DC|gift)';

CREATE INDEX ON refund (order_no);
ANALYZE article, refund;

-- Orders. All lines of an invoice have one customer and country. Postage is what the customer paid
-- for shipping. An order counts as cancelled if within a day all of it was taken back, as two of
-- over 70,000 pieces were.
\warn 'kpi: putting orders together ...'
CREATE TABLE placed_order AS
SELECT o.*,
       coalesce(postage, 0)                     AS postage,
       CASE WHEN back.quantity >= o.units THEN back.refunded_at END AS cancelled_at
FROM   (SELECT order_no,
               min(invoiced_at)                 AS ordered_at,
               min(customer_id)                 AS customer_id,
               min(country)                     AS country,
               sum(quantity)                    AS units,
               sum(quantity * unit_price)       AS paid,
               sum(quantity * greatest(usual_price - unit_price, 0)) AS discount
        FROM   sale JOIN article USING (stock_code)
        GROUP  BY order_no) AS o
       LEFT JOIN (SELECT invoice_no, sum(quantity * unit_price) AS postage
                  FROM   line
                  WHERE  stock_code IN ('POST', 'DOT', 'C2') AND invoice_no !~ '[A-Z]'
                  AND    quantity > 0
                  GROUP  BY invoice_no) AS p ON p.invoice_no = o.order_no::text
       LEFT JOIN LATERAL (
           SELECT sum(quantity) AS quantity, max(refunded_at) AS refunded_at
           FROM   refund
           WHERE  refund.order_no = o.order_no
           AND    refunded_at < o.ordered_at + interval '1 day') AS back ON true;

CREATE UNIQUE INDEX ON placed_order (order_no);
CREATE INDEX ON placed_order (ordered_at);
ANALYZE placed_order;
