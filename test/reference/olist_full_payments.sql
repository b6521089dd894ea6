\ir setup.psql
\if :skip \quit \endif

CALL load('payment', 'olist_full_payments/olist_order_payments_dataset.csv');

CREATE TABLE state AS
SELECT payment_type, average(payment_value::numeric) AS payment
FROM   payment
GROUP  BY payment_type;

INSERT INTO answer
SELECT 'payments', 'payment_type', payment_type, total(payment) FROM state;

INSERT INTO answer
SELECT kpi, 'overall', 'all', answer
FROM   (SELECT rollup(payment) AS payment FROM state) AS payments,
       (SELECT aov(paid)
        FROM   (SELECT sum(payment_value::numeric) AS paid
                FROM   payment GROUP BY order_id) AS orders) AS orders,
       LATERAL (VALUES ('payments',     total(payment)),
                       ('payment_mean', value(payment)),
                       ('aov',          value(aov)),
                       ('orders',       sample_size(aov))) AS kpi (kpi, answer);

SELECT compare('olist_full_payments');
ROLLBACK;
