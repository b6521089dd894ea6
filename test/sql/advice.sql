\set ECHO none
\i test/setup.psql
SELECT plan(215);

-- The advice of check(): who follows it to the letter has no such finding any more, and the
-- indicators that data without the fault have.

\i test/faults.psql

-- What other models make of the same rows: margins of lines, stock that is counted and not moved,
-- and business hours.
CREATE SCHEMA lines;
CREATE VIEW lines.orders AS
SELECT order_id, ordered_at, net_sales, currency, exchange_rate FROM shop.orders;
CREATE VIEW lines.order_lines AS SELECT * FROM shop.order_lines;
CREATE SCHEMA counts;
CREATE VIEW counts.stock_levels AS SELECT * FROM shop.stock_levels;
CREATE SCHEMA hours;
CREATE VIEW hours.tickets AS SELECT * FROM shop.tickets;
CREATE VIEW hours.holidays AS SELECT * FROM shop.holidays;
SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00');
SELECT FROM build('lines', 'UTC', 'EUR', as_of => '2025-03-31 12:00');
SELECT FROM build('counts', 'UTC', as_of => '2025-03-31 12:00');
SELECT FROM build('hours', 'UTC', as_of => '2025-03-31 12:00',
                  business_hours => 'Mon-Fri 9:00-18:00');

-- What is looked at, in the views of a model and in plain SQL from the rows.
CREATE TABLE measure (name text PRIMARY KEY, model text, shown text, plain text);
INSERT INTO measure VALUES
    ('orders', 'shop', 'SELECT concat_ws('' '', orders, round(aov, 2)) FROM shop.kpi_year',
     $$SELECT concat_ws(' ', count(*), round(avg(coalesce(net_sales, gross_sales
                  - coalesce(discount, 0)) * coalesce(exchange_rate, 1)), 2))
       FROM   shop.orders WHERE is_test IS NOT TRUE AND cancelled_at IS NULL
       AND    ordered_at >= '2025-01-01'$$),
    ('customers', 'shop',
     'SELECT concat_ws('' '', customers, guest_orders, round(repeat_purchase_rate::numeric, 4))
      FROM   shop.kpi_year',
     $$SELECT concat_ws(' ', count(customer_id), sum(n) FILTER (WHERE customer_id IS NULL),
                        round(avg((n > 1)::int) FILTER (WHERE customer_id IS NOT NULL), 4))
       FROM  (SELECT customer_id, count(*) AS n FROM shop.orders GROUP BY customer_id
              UNION ALL SELECT NULL, 0) AS o$$),
    ('discounts', 'shop', 'SELECT round(discounts, 2) FROM shop.kpi_year',
     'SELECT round(sum(discount * coalesce(exchange_rate, 1)), 2) FROM shop.orders'),
    ('gross_sales', 'shop', 'SELECT round(gross_sales, 2) FROM shop.kpi_year',
     'SELECT round(sum(gross_sales * coalesce(exchange_rate, 1)), 2) FROM shop.orders'),
    ('margin', 'shop', 'SELECT round(gross_margin::numeric, 4) FROM shop.kpi_year',
     $$SELECT round(1 - sum(cost * coalesce(exchange_rate, 1))
                    / sum(net_sales * coalesce(exchange_rate, 1)), 4)
       FROM   shop.orders WHERE cost IS NOT NULL$$),
    ('cancelled', 'shop', 'SELECT round(cancellation_rate::numeric, 4) FROM shop.kpi_year',
     'SELECT round(avg((cancelled_at IS NOT NULL)::int), 4) FROM shop.orders'),
    ('months', 'shop',
     $$SELECT string_agg(period || ' ' || round(net_sales + refunds), ', ' ORDER BY period)
       FROM   shop.kpi_month WHERE orders > 0$$,
     $$SELECT string_agg(month || ' ' || round(net), ', ' ORDER BY month)
       FROM  (SELECT date_trunc('month', ordered_at)::date AS month,
                     sum(net_sales * coalesce(exchange_rate, 1)) AS net
              FROM   shop.orders WHERE ordered_at >= '2025-02-01' GROUP BY month) AS m$$),
    ('order_lines', 'shop', 'SELECT round(product_sales, 2) FROM shop.kpi_year',
     $$SELECT round(sum(l.net_sales * coalesce(exchange_rate, 1)), 2)
       FROM   shop.order_lines AS l JOIN shop.orders USING (order_id)$$),
    ('lines_margin', 'lines', 'SELECT round(gross_margin::numeric, 4) FROM lines.kpi_year',
     $$SELECT round(1 - sum(l.cost * coalesce(exchange_rate, 1))
                    / sum(l.net_sales * coalesce(exchange_rate, 1)), 4)
       FROM   shop.order_lines AS l JOIN shop.orders USING (order_id) WHERE l.cost IS NOT NULL$$),
    ('lines_units', 'lines', 'SELECT round(units, 2) FROM lines.kpi_year',
     'SELECT round(sum(quantity), 2) FROM shop.order_lines'),
    ('returns', 'shop', 'SELECT round(refunds, 2) FROM shop.kpi_year',
     $$SELECT round(sum(refund * coalesce(exchange_rate, 1)), 2)
       FROM   shop.returns JOIN shop.orders USING (order_id) WHERE returned_at >= '2025-01-01'$$),
    ('total', 'shop',
     'SELECT concat_ws('' '', round(net_sales, 2), round(taxes, 2), round(shipping, 2),
                       round(total_sales, 2)) FROM shop.kpi_year',
     $$SELECT concat_ws(' ', round(o.net - r.net, 2), round(o.tax - r.tax, 2),
                        round(o.shipping - r.shipping, 2),
                        round(o.net - r.net + o.tax - r.tax + o.shipping - r.shipping, 2))
       FROM  (SELECT sum(net_sales * coalesce(exchange_rate, 1)) AS net, sum(tax) AS tax,
                     sum(shipping) AS shipping FROM shop.orders) AS o,
             (SELECT sum(refund) AS net, coalesce(sum(tax), 0) AS tax,
                     coalesce(sum(shipping), 0) AS shipping FROM shop.returns) AS r$$),
    ('order_changes', 'shop', 'SELECT round(changed_sales, 2) FROM shop.kpi_year',
     $$SELECT round(sum(c.net_sales * coalesce(exchange_rate, 1)), 2)
       FROM   shop.order_changes AS c LEFT JOIN shop.orders USING (order_id)
       WHERE  changed_at >= '2025-01-01'$$),
    ('deliveries', 'shop',
     'SELECT concat_ws('' '', deliveries, undelivered, round(fulfilment_days::numeric, 4),
                       on_time_delivery_rate)
      FROM   shop.kpi_year',
     $$SELECT concat_ws(' ', count(*), count(*) - count(delivered_at),
                        round(avg(extract(epoch FROM delivered_at - ordered_at)) / 86400, 4),
                        trim_scale(avg((delivered_at <= promised_at)::int)))
       FROM   shop.deliveries WHERE ordered_at >= '2025-01-01'$$),
    ('carts', 'shop',
     'SELECT concat_ws('' '', carts, round(cart_abandonment_rate::numeric, 4),
                       round(abandoned_cart_value, 2)) FROM shop.kpi_year',
     $$SELECT concat_ws(' ', count(*), round(avg((ordered_at IS NULL)::int), 4),
                        round(sum(value) FILTER (WHERE ordered_at IS NULL), 2))
       FROM   shop.carts WHERE created_at >= '2025-01-01'$$),
    ('visits', 'shop',
     'SELECT concat_ws('' '', visits, round(conversion_rate::numeric, 4), visitors,
                       round(visitor_conversion_rate::numeric, 4),
                       round(checkout_abandonment_rate::numeric, 4)) FROM shop.kpi_year',
     $$SELECT concat_ws(' ', count(*), round(avg(converted::int), 4), count(DISTINCT visitor_id),
                  round(count(DISTINCT visitor_id) FILTER (WHERE converted)::numeric
                        / count(DISTINCT visitor_id), 4),
                  round(avg((NOT converted)::int) FILTER (WHERE checkout_started), 4))
       FROM   shop.visits WHERE started_at >= '2025-01-01'$$),
    ('events', 'shop',
     $$SELECT string_agg(concat_ws(' ', step, reached), ', ' ORDER BY step)
       FROM   shop.funnel_steps WHERE grain = 'year'$$,
     $$SELECT string_agg(concat_ws(' ', step, n), ', ' ORDER BY step)
       FROM  (SELECT step, count(DISTINCT visitor_id) AS n FROM shop.events
              GROUP BY step) AS e$$),
    ('surveys', 'shop',
     $$SELECT concat_ws(' ', round(csat::numeric, 4), round(csat_weighted::numeric, 4),
                        round(esat::numeric, 4), round(communication::numeric, 4),
                        round(nps::numeric, 4)) FROM shop.kpi_year$$,
     $$SELECT concat_ws(' ', round(avg(best) FILTER (WHERE i = 'csat'), 4),
                  round(sum(best * weight) FILTER (WHERE i = 'csat')
                        / sum(weight) FILTER (WHERE i = 'csat' AND score > 0), 4),
                  round(avg(best) FILTER (WHERE i = 'esat'), 4),
                  round(avg(best) FILTER (WHERE i = 'communication'), 4),
                  round(100 * avg(CASE WHEN score > 8 THEN 1 WHEN score > 6 THEN 0
                                       WHEN score >= 0 THEN -1 END) FILTER (WHERE i = 'nps'), 4))
       FROM  (SELECT *, lower(instrument) AS i, (score > coalesce(scale, 5) - 2)::int AS best
              FROM   shop.surveys WHERE answered_at >= '2025-01-01') AS s$$),
    -- what was moved, times the days since
    ('stock_moves', 'shop',
     'SELECT concat_ws('' '', round(average_inventory, 2), round(sell_through_rate::numeric, 4),
                       round(inventory_turnover::numeric, 6)) FROM shop.kpi_year',
     $$SELECT concat_ws(' ', round(value / 89.5, 2), round(sold / closing, 4),
                        round(cost * 89.5 / value, 6))
       FROM  (SELECT sum(quantity * unit_cost * extract(epoch FROM '2025-03-31 12:00' - moved_at)
                         / 86400) AS value,
                     -sum(quantity) FILTER (WHERE kind = 'sale') AS sold,
                     sum(quantity) FILTER (WHERE kind <> 'sale') AS closing,
                     -sum(quantity * unit_cost) FILTER (WHERE kind = 'sale') AS cost
              FROM   shop.stock_moves WHERE moved_at >= '2025-01-01') AS m$$),
    ('stock_levels', 'counts', 'SELECT round(average_inventory, 2) FROM counts.kpi_year',
     $$SELECT round(sum(on_hand * unit_cost) / count(DISTINCT counted_at::date), 2)
       FROM   shop.stock_levels WHERE counted_at >= '2025-01-01' AND on_hand * unit_cost >= 0$$),
    ('tickets', 'shop',
     'SELECT concat_ws('' '', tickets, round(first_response_hours::numeric, 4), unanswered_tickets)
      FROM   shop.kpi_year',
     $$SELECT concat_ws(' ', count(*),
                  round(avg(extract(epoch FROM first_reply_at - opened_at)) / 3600, 4),
                  count(*) - count(first_reply_at))
       FROM   shop.tickets
       WHERE  lower(desk) IS DISTINCT FROM 'internal' AND opened_at >= '2025-01-01'$$),
    -- all within hours; a holiday with hours till 11:00 takes an hour of the second ticket
    ('holidays', 'hours', 'SELECT round(first_response_hours::numeric, 4) FROM hours.kpi_year',
     $$SELECT round((avg(extract(epoch FROM least(first_reply_at, opened_at::date + closes)
                                            - opened_at)) / 3600), 4)
       FROM   shop.tickets
              LEFT JOIN (SELECT held_on, split_part(hours, '-', 2)::time AS closes
                         FROM   shop.holidays) AS h ON held_on = opened_at::date
       WHERE  lower(desk) IS DISTINCT FROM 'internal'$$),
    ('worked', 'shop', 'SELECT round(first_response_hours::numeric, 4) FROM shop.kpi_year',
     $$SELECT round((avg(extract(epoch FROM CASE WHEN held_on IS NULL
                                                 THEN first_reply_at - opened_at
                                                 ELSE '0' END)) / 3600), 4)
       FROM   shop.tickets LEFT JOIN shop.holidays ON held_on = opened_at::date
       WHERE  lower(desk) IS DISTINCT FROM 'internal'$$),
    ('projects', 'shop', 'SELECT round(on_time_project_rate::numeric, 4) FROM shop.kpi_year',
     $$SELECT round(avg(coalesce(done_on <= due_on, false)::int), 4)
       FROM   shop.projects
       WHERE  due_on >= '2025-01-01' AND due_on < '2025-03-31' AND cancelled_on IS NULL$$),
    ('spend', 'shop', 'SELECT round(marketing_spend, 2) FROM shop.kpi_year',
     $$SELECT round(sum(amount), 2) FROM shop.spend WHERE spent_on >= '2025-01-01'$$),
    ('measures', 'shop',
     'SELECT round(sum(numerator(share)) / sum(denominator(share)), 6)
      FROM   shop.kpi_daily_measures',
     $$SELECT round(sum(amount) FILTER (WHERE of IS NOT NULL)
                    / sum(of) FILTER (WHERE amount IS NOT NULL), 6)
       FROM   shop.measures WHERE measured_on >= '2025-01-01'$$);

-- What is advised: the words of the advice, and what is done to follow them, in which {1} are the
-- first of these words, and {1:x} the same with x for what they leave open. The truth is what the
-- rows are without the fault, made of the shop without any; nothing if it is that. What stays is a
-- note that tells of data that are right.
CREATE TABLE advice (
    n int GENERATED ALWAYS AS IDENTITY, trap text, source text, says text[], follow text,
    truth text DEFAULT '', measure text, fault text, stays boolean NOT NULL DEFAULT false);

-- Of those that any source has, the rows that are none are left out, but for a few below; a clock
-- that is a month ahead is put back; numbers that are none are unknown; data that ended go on.
INSERT INTO advice (trap, source, says, follow, truth)
SELECT t.trap, t.source,
       ARRAY[CASE t.trap WHEN 'missing_time' THEN 'leave them out on purpose'
                         WHEN 'infinite_time'
                         THEN 'nullif(nullif(<column>, ''infinity''), ''-infinity'')'
                         ELSE 'leave them out' END],
       CASE t.trap
       WHEN 'infinite_time'
       THEN format('UPDATE shop.%1$I SET %2$I = {1:%2$I}; DELETE FROM shop.%1$I WHERE %2$I IS NULL',
                   t.source, s."time")
       ELSE format('DELETE FROM shop.%I WHERE %s', t.source,
                   CASE t.trap WHEN 'missing_time' THEN s."time" || ' IS NULL'
                               WHEN 'missing_key' THEN s.key || ' IS NULL'
                               ELSE s."time" || ' < ''1995-01-01''' END) END,
       CASE WHEN t.trap = 'missing_time' AND t.source = 'deliveries'
            THEN 'DELETE FROM shop.deliveries WHERE order_id = 4' ELSE '' END
FROM   traps AS t JOIN sources AS s USING (source)
WHERE  t.trap IN ('missing_time', 'infinite_time', 'missing_key', 'ancient_time');
INSERT INTO advice (trap, source, says, follow, truth)
SELECT trap, source, '{mend the clock or the time zone of the column}',
       format('UPDATE shop.%I SET %s', source,
              string_agg(format('%1$I = CASE WHEN %1$I > ''2025-04-01''
                                             THEN %1$I - interval ''1 month'' ELSE %1$I END',
                                c.name), ', ')),
       replace(f.fault, '2025-04-', '2025-03-')
FROM   fault AS f
       JOIN source_columns AS c USING (source)
       JOIN pg_attribute AS a ON a.attrelid = format('shop.%I', source)::regclass
            AND a.attname = c.name
WHERE  trap = 'future_rows' AND kind IN ('instant', 'date')
GROUP  BY trap, source, f.fault;
INSERT INTO advice (trap, source, says, follow, truth)
SELECT trap, source,
       '{"CASE WHEN <column> NOT IN (''NaN'', ''Infinity'', ''-Infinity'') THEN <column> END"}',
       format('UPDATE shop.%I SET %s', source,
              string_agg(format('%1$I = {1:%1$I}', c.name), ', ')),
       replace(replace(f.fault, '''NaN''', 'NULL'), '''Infinity''', 'NULL')
FROM   fault AS f
       JOIN source_columns AS c USING (source)
       JOIN pg_attribute AS a ON a.attrelid = format('shop.%I', source)::regclass
            AND a.attname = c.name
WHERE  trap = 'broken_number' AND kind = 'number'
GROUP  BY trap, source, f.fault;
INSERT INTO advice (trap, source, says, follow, truth)
SELECT trap, source, '{see why they stopped}',
       replace(replace(substring(fault FROM 'INSERT.*'), '2025-02-07', '2025-03-10'),
               '2025-03-09', '2025-03-31'),
       replace(fault, '2025-03-09', '2025-03-31')
FROM   fault WHERE trap = 'data_ended' AND source <> 'orders';
UPDATE advice SET follow = replace(replace(follow, '10 + row', '100 + row'), '20 + row',
                                    '100 + row')
WHERE  trap = 'data_ended';
INSERT INTO advice (trap, source, says, follow, truth)
SELECT trap, source,
       ARRAY[format('(SELECT DISTINCT ON (%1$s) * FROM ... WHERE %1$s IS NOT NULL ORDER BY %1$s, '
                    '<version> DESC NULLS LAST) UNION ALL SELECT * FROM ... WHERE %1$s IS NULL',
                    s.key)],
       format('CREATE TABLE kept AS {1:%I}; DELETE FROM shop.%I; INSERT INTO shop.%2$I TABLE kept',
              s."time", source),
       format('INSERT INTO shop.%I (%I, %I) VALUES (NULL, ''2025-02-10'')', source, s.key, s."time")
FROM   fault AS f JOIN sources AS s USING (source)
WHERE  trap = 'duplicates' AND s.key IS NOT NULL;
UPDATE advice AS a SET fault = a.truth || '; ' || f.fault
FROM   fault AS f WHERE (f.trap, f.source) = (a.trap, a.source) AND a.trap = 'duplicates';

INSERT INTO advice (trap, source, says, follow, truth, measure, fault, stays) VALUES
    ('missing_time', 'orders', '{"coalesce(ordered_at, <another time of the row>)"}',
     'UPDATE shop.orders SET ordered_at = {1:timestamptz ''2025-03-10''}',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       VALUES (7, '2025-03-10', 'eve', 70, 42)$$, NULL, NULL, false),
    ('infinite_time', 'orders', '{"nullif(nullif(<column>, ''infinity''), ''-infinity'')"}',
     'UPDATE shop.orders SET cancelled_at = {1:cancelled_at}', '', NULL,
     $$UPDATE shop.orders SET cancelled_at = '-infinity' WHERE order_id = 4$$, false),
    ('future_rows', 'orders', '{"build(..., as_of => a later instant)"}',
     $$SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-04-06')$$,
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales)
       VALUES (7, '2025-04-05', 'eve', 70);
       SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-04-06')$$, NULL, NULL, false),
    ('ancient_time', 'orders', '{"build(..., since => the day the shop began)"}',
     $$SELECT FROM build('shop', 'UTC', 'EUR', since => '2025-01-03',
                         as_of => '2025-03-31 12:00')$$, '', NULL, NULL, false),
    ('ancient_time', 'orders', '{"nullif(ordered_at, <that date>)"}',
     $$UPDATE shop.orders SET ordered_at = {1:'1970-01-01'};
       DELETE FROM shop.orders WHERE ordered_at IS NULL$$, '', NULL, NULL, false),
    ('missing_key', 'orders', '{"give them a number"}',
     'UPDATE shop.orders SET order_id = 7 WHERE order_id IS NULL',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       VALUES (7, '2025-01-02', 'eve', 70, 42)$$, NULL, NULL, false),
    ('data_ended', 'orders', '{see why they stopped}',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       VALUES (80, '2025-03-25', 'eve', 9, 6)$$,
     NULL, NULL, NULL, false),
    -- the refund is the last row of all
    ('data_ended', 'orders', '{"build(..., as_of => the day after the last row of any)"}',
     $$SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-04-21')$$,
     $$INSERT INTO shop.returns VALUES (1, '2025-04-20', 1, 30);
       SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-04-21')$$, 'total',
     $$INSERT INTO shop.returns VALUES (1, '2025-04-20', 1, 30);
       SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-07-10')$$, false),
    ('no_exchange_rate', 'orders',
     '{"a column exchange_rate, what one unit is worth in the model''s currency"}',
     $$UPDATE shop.orders SET exchange_rate = 2 WHERE currency = 'USD'$$,
     $$UPDATE shop.orders SET currency = 'USD', exchange_rate = 2 WHERE order_id = 4$$,
     NULL, NULL, false),
    ('no_exchange_rate', 'orders', '{leave them out}',
     $$DELETE FROM shop.orders WHERE currency <> 'EUR' AND exchange_rate IS NULL$$,
     'DELETE FROM shop.orders WHERE order_id = 4', NULL, NULL, false),
    ('bad_exchange_rate', 'orders', '{"what one unit is worth in the model''s currency"}',
     'UPDATE shop.orders SET exchange_rate = 2 WHERE exchange_rate <= 0',
     $$UPDATE shop.orders SET currency = 'USD', exchange_rate = 2 WHERE order_id = 4$$,
     NULL, NULL, false),
    ('bad_exchange_rate', 'orders',
     '{"(exchange_rate <= 0 AND currency <> <the model''s>) IS NOT TRUE"}',
     'DELETE FROM shop.orders WHERE NOT ({1:''EUR''})',
     'DELETE FROM shop.orders WHERE order_id = 4;
      UPDATE shop.orders SET exchange_rate = 0 WHERE order_id < 4', 'customers',
     $$UPDATE shop.orders SET exchange_rate = 0 WHERE order_id < 4;
       UPDATE shop.orders SET currency = 'USD', exchange_rate = -2 WHERE order_id = 4$$, false),
    ('unit_exchange_rate', 'orders', '{"what one unit is worth in the model''s currency"}',
     'UPDATE shop.orders SET exchange_rate = 2 WHERE exchange_rate = 1', '', NULL, NULL, false),
    ('currency_changed', 'orders', '{"<amount> * <exchange_rate> AS <amount> in carts"}',
     $$UPDATE shop.carts SET value = value * 2 WHERE created_at >= '2025-03-26'$$,
     NULL, 'carts', NULL, true),
    ('negative_sales', 'orders',
     '{"SELECT <the order it is of> AS order_id, ordered_at AS returned_at, -net_sales AS refund,'
     ' -tax AS tax, -shipping AS shipping ... WHERE net_sales < 0",'
     '"(net_sales < 0) IS NOT TRUE"}',
     'INSERT INTO shop.returns (order_id, returned_at, refund, tax, shipping) {1:5};
      DELETE FROM shop.orders WHERE NOT ({2})',
     $$INSERT INTO shop.returns VALUES (5, '2025-03-10', NULL, 50, NULL, 9.5, 4);
       UPDATE shop.orders SET net_sales = NULL WHERE order_id = 4$$, 'returns',
     $$UPDATE shop.orders SET net_sales = NULL WHERE order_id = 4;
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, tax, shipping)
       VALUES (7, '2025-03-10', 'dan@example.org', -50, -9.5, -4)$$, false),
    ('zero_orders', 'orders', '{"coalesce(is_test, false) OR net_sales = 0"}',
     'UPDATE shop.orders SET is_test = {1}',
     $$UPDATE shop.orders SET net_sales = 0, gross_sales = 0, is_test = true WHERE order_id = 4;
       UPDATE shop.orders SET is_test = true WHERE order_id = 1;
       UPDATE shop.order_lines SET net_sales = 0 WHERE order_id = 4$$, NULL,
     $$UPDATE shop.orders SET net_sales = 0, gross_sales = 0 WHERE order_id = 4;
       UPDATE shop.orders SET is_test = CASE WHEN order_id = 1 THEN true END;
       UPDATE shop.order_lines SET net_sales = 0 WHERE order_id = 4$$, false),
    ('zero_orders', 'orders', '{"nullif(net_sales, 0)","and so for gross_sales"}',
     'UPDATE shop.orders SET net_sales = {1}, gross_sales = nullif(gross_sales, 0)',
     $$UPDATE shop.orders SET net_sales = NULL, gross_sales = NULL WHERE order_id = 4;
       UPDATE shop.order_lines SET net_sales = 0 WHERE order_id = 4$$, NULL, NULL, false),
    ('zero_orders', 'orders', '{leave out orders of gift cards alone}',
     'DELETE FROM shop.orders WHERE order_id = 4',
     $$DELETE FROM shop.orders WHERE order_id = 4;
       UPDATE shop.order_lines SET net_sales = 0 WHERE order_id = 4$$, NULL, NULL, false),
    ('sales_mismatch', 'orders', '{leave out the one that has tax or shipping in it}',
     $$SELECT kpi.drop_views('shop'); ALTER TABLE shop.orders DROP COLUMN gross_sales;
       SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00')$$, '', 'gross_sales',
     NULL, false),
    ('negative_discount', 'orders', '{abs(discount)}', 'UPDATE shop.orders SET discount = {1}', '',
     'discounts', 'UPDATE shop.orders SET discount = -20 WHERE order_id = 2', false),
    ('negative_discount', 'orders', '{"greatest(discount, 0)","without the column gross_sales"}',
     $$UPDATE shop.orders SET discount = {1};
       SELECT kpi.drop_views('shop'); ALTER TABLE shop.orders DROP COLUMN gross_sales;
       SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00')$$, '', 'discounts',
     NULL, false),
    ('cents', 'orders', '{"net_sales / 100.0","and so for the other amounts"}',
     'UPDATE shop.orders SET net_sales = {1}, gross_sales = gross_sales / 100.0,
             discount = discount / 100.0, cost = cost / 100.0;
      UPDATE shop.order_lines SET net_sales = net_sales / 100.0, cost = cost / 100.0;
      UPDATE shop.returns SET refund = refund / 100.0',
     $$UPDATE shop.orders SET net_sales = net_sales * 0.01, gross_sales = gross_sales * 0.01,
              discount = discount * 0.01, cost = cost * 0.01;
       UPDATE shop.order_lines SET net_sales = net_sales * 0.01, cost = cost * 0.01;
       UPDATE shop.returns SET refund = 0.5;
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, gross_sales, discount,
                                cost)
       SELECT n, '2025-01-02', 'ann@example.org', 10.5, 10.5, 0, 6.3
       FROM   generate_series(7, 100) AS n$$, NULL, NULL, false),
    ('guest_customers', 'orders', '{"coalesce(customer_id::text, lower(email))"}',
     'UPDATE shop.orders SET customer_id = {1}', '', 'customers',
     $$ALTER TABLE shop.orders ADD COLUMN email text;
       UPDATE shop.orders SET customer_id = NULL, email = initcap(customer_id)
       WHERE  order_id IN (1, 3, 4)$$, false),
    ('placeholder_customers', 'orders', '{"nullif(customer_id, ''guest'')"}',
     'UPDATE shop.orders SET customer_id = nullif(customer_id, ''Guest '')',
     'UPDATE shop.orders SET customer_id = NULL WHERE order_id IN (1, 4)', 'customers', NULL,
     false),
    ('spelled_customers', 'orders',
     '{"CASE WHEN customer_id LIKE ''%@%'' THEN regexp_replace(lower(btrim(customer_id)),'
     ' ''\\+[^@]*@'', ''@'') ELSE btrim(customer_id) END"}',
     'UPDATE shop.orders SET customer_id = {1}', '', 'customers', NULL, false),
    ('missing_cost', 'orders', '{add the cost at the time of sale}',
     'UPDATE shop.orders SET cost = 60 WHERE cost IS NULL', '', 'margin', NULL, false),
    ('zero_cost', 'orders', '{"CASE WHEN cost > 0 THEN cost END"}',
     'UPDATE shop.orders SET cost = {1}',
     'UPDATE shop.orders SET cost = NULL WHERE order_id IN (3, 4)', 'margin',
     'UPDATE shop.orders SET cost = CASE order_id WHEN 3 THEN -1 ELSE 0 END
      WHERE  order_id IN (3, 4)', false),
    ('test_orders', 'orders', '{"nothing, if these are the tests"}', 'SELECT', '', NULL, NULL,
     true),
    ('cancelled_orders', 'orders', '{"nothing, if these were cancelled"}', 'SELECT', NULL,
     'cancelled', NULL, true),
    ('cancelled_early', 'orders', '{the same time zone for both columns}',
     $$UPDATE shop.orders
       SET    cancelled_at = (cancelled_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo'$$,
     $$UPDATE shop.orders SET cancelled_at = '2025-02-20 11:00' WHERE order_id = 4$$, 'cancelled',
     $$UPDATE shop.orders SET cancelled_at = '2025-02-20 08:00' WHERE order_id = 4$$, false),
    ('first_month_short', 'orders', '{"build(..., since => the first day of the next month)"}',
     $$SELECT FROM build('shop', 'UTC', 'EUR', since => '2025-02-01',
                         as_of => '2025-03-31 12:00')$$, NULL, 'months', NULL, false),
    ('dates_as_times', 'orders', '{"(ordered_at AT TIME ZONE ''UTC'')::date"}',
     $$SELECT kpi.drop_views('shop'); DROP SCHEMA lines CASCADE;
       ALTER TABLE shop.orders ALTER ordered_at TYPE date USING {1};
       SELECT FROM build('shop', 'America/New_York', 'EUR', as_of => '2025-03-31 12:00')$$,
     $$SELECT FROM build('shop', 'America/New_York', 'EUR', as_of => '2025-03-31 12:00');
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       SELECT n, (date '2025-01-31' + n)::timestamp AT TIME ZONE 'America/New_York', 'eve', 9.5, 6
       FROM   generate_series(1, 20) AS n;
       DELETE FROM shop.orders WHERE customer_id <> 'eve'$$, 'months',
     $$SELECT FROM build('shop', 'America/New_York', 'EUR', as_of => '2025-03-31 12:00');
       INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       SELECT n, date '2025-01-31' + n, 'eve', 9.5, 6 FROM generate_series(1, 20) AS n;
       DELETE FROM shop.orders WHERE customer_id <> 'eve'$$, false),
    ('missing_sales', 'orders', '{the amount}',
     'UPDATE shop.orders SET net_sales = 100, gross_sales = 100 WHERE order_id = 4', '', NULL, NULL,
     false),
    ('missing_sales', 'orders', '{is_test}',
     'UPDATE shop.orders SET is_test = true WHERE net_sales IS NULL',
     'UPDATE shop.orders SET net_sales = NULL, gross_sales = NULL, is_test = true
      WHERE  order_id = 4', NULL, NULL, false),

    ('unknown_order', 'order_lines', '{leave out the lines of what orders leaves out}',
     'DELETE FROM shop.order_lines WHERE order_id NOT IN (SELECT order_id FROM shop.orders)', '',
     NULL, NULL, false),
    ('unknown_order', 'order_lines', '{order_id as orders has it}',
     'UPDATE shop.order_lines SET order_id = order_id - 1000 WHERE order_id > 1000', '', NULL,
     'UPDATE shop.order_lines SET order_id = order_id + 1000 WHERE order_id > 3', false),
    ('negative_quantity', 'order_lines',
     '{"(quantity < 0) IS NOT TRUE","-quantity AS quantity, -net_sales AS refund",'
     '"what they took off the amounts of the order is added there"}',
     $$INSERT INTO shop.returns (order_id, returned_at, quantity, refund)
       SELECT order_id, '2025-02-20 10:00', {2} FROM shop.order_lines WHERE NOT ({1});
       UPDATE shop.orders AS o
       SET    net_sales = o.net_sales - l.net_sales, gross_sales = gross_sales - l.net_sales,
              cost = o.cost - l.cost
       FROM   shop.order_lines AS l WHERE l.order_id = o.order_id AND NOT ({1});
       DELETE FROM shop.order_lines WHERE NOT ({1})$$,
     $$UPDATE shop.orders SET net_sales = 130, gross_sales = 130, cost = 78 WHERE order_id = 4;
       UPDATE shop.order_lines SET net_sales = 130, cost = 78 WHERE order_id = 4;
       INSERT INTO shop.returns VALUES (4, '2025-02-20 10:00', 1, 30);
       INSERT INTO shop.order_lines VALUES (4, NULL, 'C', 0, 0)$$, NULL,
     $$UPDATE shop.order_lines SET net_sales = 130, cost = 78 WHERE order_id = 4;
       INSERT INTO shop.order_lines VALUES (4, -1, 'B', -30, -18), (4, NULL, 'C', 0, 0)$$, false),
    ('lines_mismatch', 'order_lines', '{leave out tax and shipping}',
     'UPDATE shop.order_lines SET net_sales = net_sales / 1.19', '', NULL,
     'UPDATE shop.order_lines SET net_sales = net_sales * 1.19', false),
    ('lines_mismatch', 'order_lines', '{one row per line}',
     'CREATE TABLE kept AS SELECT DISTINCT * FROM shop.order_lines;
      DELETE FROM shop.order_lines; INSERT INTO shop.order_lines TABLE kept', '', NULL,
     'INSERT INTO shop.order_lines SELECT * FROM shop.order_lines WHERE order_id = 5', false),
    ('lines_mismatch', 'order_lines', '{share it among the lines}',
     'UPDATE shop.order_lines SET net_sales = net_sales * 0.9 WHERE order_id = 5',
     'UPDATE shop.orders SET net_sales = 270, discount = 30 WHERE order_id = 5;
      UPDATE shop.order_lines SET net_sales = net_sales * 0.9 WHERE order_id = 5', NULL,
     'UPDATE shop.orders SET net_sales = 270, discount = 30 WHERE order_id = 5', false),
    ('set_with_parts', 'order_lines', '{leave out the lines of the parts}',
     $$DELETE FROM shop.order_lines WHERE sku IN ('C', 'D')$$, '', NULL, NULL, false),
    ('set_with_parts', 'order_lines', '{"or that of the set, and share its price among the parts"}',
     $$DELETE FROM shop.order_lines WHERE sku = 'A' AND order_id = 4$$,
     $$UPDATE shop.order_lines SET net_sales = 60, cost = 36, sku = 'D', quantity = 2
       WHERE  order_id = 4; INSERT INTO shop.order_lines VALUES (4, 1, 'C', 40, 24)$$,
     NULL, NULL, false),
    ('missing_cost', 'order_lines', '{add the cost at the time of sale}',
     'UPDATE shop.order_lines SET cost = 60 WHERE cost IS NULL', '', 'lines_margin', NULL, false),
    ('zero_cost', 'order_lines', '{"CASE WHEN cost > 0 THEN cost END"}',
     'UPDATE shop.order_lines SET cost = {1}',
     'UPDATE shop.order_lines SET cost = NULL WHERE order_id IN (3, 4)', 'lines_margin',
     'UPDATE shop.order_lines SET cost = CASE order_id WHEN 3 THEN -1 ELSE 0 END
      WHERE  order_id IN (3, 4)', false),
    ('missing_quantity', 'order_lines', '{"coalesce(quantity, 1)"}',
     'UPDATE shop.order_lines SET quantity = {1}', '', 'lines_units', NULL, false),

    ('unknown_order', 'returns', '{order_id as orders has it}',
     'UPDATE shop.returns SET order_id = order_id - 1000', '', NULL,
     'UPDATE shop.returns SET order_id = order_id + 1000', false),
    ('negative_refund', 'returns', '{abs(refund)}', 'UPDATE shop.returns SET refund = {1}',
     $$INSERT INTO shop.returns VALUES (5, '2025-03-20', 1, 30)$$, NULL, NULL, false),
    ('negative_quantity', 'returns', '{abs(quantity)}', 'UPDATE shop.returns SET quantity = {1}',
     $$INSERT INTO shop.returns VALUES (5, '2025-03-20', 1, 30)$$, NULL, NULL, false),
    ('return_before_order', 'returns', '{the same time zone for both columns}',
     $$UPDATE shop.returns
       SET    returned_at = (returned_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo'$$,
     $$UPDATE shop.returns SET returned_at = '2025-01-20 11:00'$$, NULL,
     $$UPDATE shop.returns SET returned_at = '2025-01-20 08:00'$$, false),
    ('negative_tax', 'returns', '{abs(tax)}', 'UPDATE shop.returns SET tax = {1}',
     $$INSERT INTO shop.returns VALUES (5, '2025-03-20', 1, 30, NULL, 5.7)$$, 'total', NULL, false),
    ('negative_shipping', 'returns', '{abs(shipping)}', 'UPDATE shop.returns SET shipping = {1}',
     $$INSERT INTO shop.returns VALUES (5, '2025-03-20', 1, 30, NULL, NULL, 4)$$, 'total', NULL,
     false),
    ('refund_exceeds_order', 'returns',
     '{"the part of net_sales, and what else was paid back as tax and shipping"}',
     'UPDATE shop.returns SET refund = 100, shipping = 6',
     'UPDATE shop.orders SET shipping = 6 WHERE order_id = 2;
      UPDATE shop.returns SET refund = 100, shipping = 6', 'total',
     'UPDATE shop.orders SET shipping = 6 WHERE order_id = 2;
      UPDATE shop.returns SET refund = 106', false),
    ('refund_exceeds_order', 'returns', '{refunds from one table only}',
     $$DELETE FROM shop.returns WHERE sku = 'bank'$$,
     'UPDATE shop.returns SET refund = 100', NULL,
     $$UPDATE shop.returns SET refund = 100;
       INSERT INTO shop.returns VALUES (2, '2025-02-01', 1, 100, 'bank')$$, false),
    ('refund_with_tax', 'returns', '{refund / 1.19}',
     'UPDATE shop.returns SET refund = {1}, tax = refund - {1}',
     'UPDATE shop.orders SET tax = 19 WHERE order_id = 2;
      UPDATE shop.returns SET refund = 100, tax = 19', 'total', NULL, false),
    ('part_with_tax', 'returns', '{refund / 1.19,refund - refund / 1.19}',
     'UPDATE shop.returns SET refund = {1}, tax = {2} WHERE order_id IN (7, 8, 9)',
     NULL, 'total', NULL, false),
    ('refund_lacks_tax', 'returns', '{the tax that was paid back AS tax}',
     'UPDATE shop.returns SET tax = 19',
     'UPDATE shop.orders SET tax = 19 WHERE order_id = 2;
      UPDATE shop.returns SET refund = 100, tax = 19', 'total', NULL, false),

    ('unknown_order', 'order_changes', '{order_id as orders has it}',
     'UPDATE shop.order_changes SET order_id = order_id - 1000', '', NULL,
     'UPDATE shop.order_changes SET order_id = order_id + 1000', false),
    ('change_before_order', 'order_changes', '{the same time zone for both columns}',
     $$UPDATE shop.order_changes
       SET    changed_at = (changed_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo'$$,
     $$UPDATE shop.order_changes SET changed_at = '2025-02-05 11:00'$$, NULL,
     $$UPDATE shop.order_changes SET changed_at = '2025-02-05 08:00'$$, false),
    ('missing_sales', 'order_changes', '{the difference of the amounts after and before}',
     'UPDATE shop.order_changes SET net_sales = 30 WHERE net_sales IS NULL',
     $$INSERT INTO shop.order_changes VALUES (5, '2025-03-20', 30)$$, NULL, NULL, false),
    ('nothing_changed', 'order_changes', '{"nothing, if only an address was changed"}', 'SELECT',
     '', NULL, NULL, true),
    ('sales_mismatch', 'order_changes', '{leave out the one that has tax or shipping in it}',
     $$SELECT kpi.drop_views('shop'); ALTER TABLE shop.order_changes DROP COLUMN gross_sales;
       SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00')$$,
     $$INSERT INTO shop.order_changes VALUES (5, '2025-03-20', 30, 35, 5)$$, NULL, NULL, false),
    ('below_zero', 'order_changes',
     '{"in orders the amounts when the order was placed, such as net_sales less the sum of its'
     ' changes"}',
     'UPDATE shop.orders SET net_sales = net_sales + 150, gross_sales = gross_sales + 150
      WHERE  order_id = 4',
     $$UPDATE shop.orders SET net_sales = 250, gross_sales = 250 WHERE order_id = 4;
       INSERT INTO shop.order_changes VALUES (4, '2025-03-20', -150)$$, NULL, NULL, false),
    ('whole_order', 'order_changes',
     '{net_sales - lag(net_sales) OVER (PARTITION BY order_id ORDER BY changed_at),'
     '"without the first version"}',
     'CREATE TABLE kept AS SELECT order_id, changed_at, {1} AS net_sales FROM shop.order_changes;
      DELETE FROM shop.order_changes;
      INSERT INTO shop.order_changes SELECT * FROM kept WHERE net_sales IS NOT NULL',
     $$DELETE FROM shop.order_changes;
       INSERT INTO shop.order_changes
       VALUES (3, '2025-02-06', 10), (3, '2025-02-07', -10), (4, '2025-03-20', 30)$$, NULL,
     $$DELETE FROM shop.order_changes;
       INSERT INTO shop.order_changes
       VALUES (3, '2025-02-05 10:00', 200), (3, '2025-02-06', 210), (3, '2025-02-07', 200),
              (4, '2025-02-20 10:00', 100), (4, '2025-03-20', 130)$$, false),
    ('refunded_too', 'order_changes', '{leave out the refund or the change}',
     'DELETE FROM shop.order_changes WHERE order_id = 2', '', NULL, NULL, false),

    ('unknown_order', 'deliveries', '{order_id as orders has it}',
     'UPDATE shop.deliveries SET order_id = order_id - 1000', '', NULL,
     'UPDATE shop.deliveries SET order_id = order_id + 1000', false),
    ('delivered_before_shipped', 'deliveries',
     '{"(delivered_at < greatest(shipped_at, ordered_at)) IS NOT TRUE"}',
     'DELETE FROM shop.deliveries WHERE NOT ({1})',
     'DELETE FROM shop.deliveries WHERE order_id = 4', NULL, NULL, false),
    ('delivered_before_shipped', 'deliveries', '{the same time zone for all columns}',
     $$UPDATE shop.deliveries SET delivered_at = (delivered_at AT TIME ZONE 'UTC')
                                                 AT TIME ZONE 'America/Sao_Paulo'$$,
     $$UPDATE shop.deliveries SET delivered_at = shipped_at + interval '1 hour'$$, NULL,
     $$UPDATE shop.deliveries SET delivered_at = shipped_at - interval '2 hours'$$, false),
    ('shipped_before_ordered', 'deliveries', '{the same time zone for both columns}',
     $$UPDATE shop.deliveries SET shipped_at = (shipped_at AT TIME ZONE 'UTC')
                                               AT TIME ZONE 'America/Sao_Paulo'$$,
     $$UPDATE shop.deliveries SET shipped_at = ordered_at + interval '1 hour'$$, NULL,
     $$UPDATE shop.deliveries SET shipped_at = ordered_at - interval '2 hours'$$, false),
    ('promised_before_ordered', 'deliveries', '{the same time zone for both columns}',
     $$UPDATE shop.deliveries SET promised_at = (promised_at AT TIME ZONE 'UTC')
                                                AT TIME ZONE 'America/Sao_Paulo'$$,
     $$UPDATE shop.deliveries SET promised_at = ordered_at + interval '1 hour'$$, NULL,
     $$UPDATE shop.deliveries SET promised_at = ordered_at - interval '2 hours'$$, false),

    ('negative_value', 'carts', '{"CASE WHEN value >= 0 THEN value END"}',
     'UPDATE shop.carts SET value = {1}',
     $$INSERT INTO shop.carts (cart_id, created_at) VALUES (6, '2025-03-01'), (7, '2025-03-01')$$,
     NULL,
     $$INSERT INTO shop.carts (cart_id, created_at, value)
       VALUES (6, '2025-03-01', -30), (7, '2025-03-01', NULL)$$, false),
    ('ordered_before_created', 'carts', '{the same time zone for all columns}',
     $$UPDATE shop.carts
       SET    ordered_at = (ordered_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo',
              last_active_at = (last_active_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo'
     $$, '', NULL,
     $$UPDATE shop.carts SET ordered_at = ordered_at - interval '3 hours',
                             last_active_at = last_active_at - interval '3 hours'$$, false),

    ('unknown_conversion', 'visits', '{"coalesce(converted, false)"}',
     'UPDATE shop.visits SET converted = {1}',
     $$INSERT INTO shop.visits VALUES (13, '2025-02-10', 13, false, false, false)$$, NULL, NULL,
     false),
    ('unknown_visitors', 'visits', '{"coalesce(visitor_id, <device or session>)"}',
     'UPDATE shop.visits SET visitor_id = {1:visit_id}',
     $$INSERT INTO shop.visits VALUES (13, '2025-02-10', 13, false, false, false)$$, NULL, NULL,
     false),
    ('orders_without_visit', 'visits',
     '{true AS converted for the visits in which they were placed}',
     'UPDATE shop.visits SET converted = true WHERE visit_id = 8',
     $$INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, cost)
       VALUES (7, '2025-03-10', 'eve', 100, 60);
       UPDATE shop.visits SET converted = true WHERE visit_id = 8$$, NULL, NULL, false),
    ('orders_without_visit', 'visits', '{are to be left out of a model of visits}',
     'DELETE FROM shop.orders WHERE order_id = 7', '', NULL, NULL, false),
    ('conversions_without_order', 'visits', '{converted only where an order was placed}',
     'UPDATE shop.visits SET converted = false WHERE visit_id = 8', '', NULL, NULL, false),
    ('converted_without_checkout', 'visits', '{checkout_started OR converted}',
     'UPDATE shop.visits SET checkout_started = {1}', '', NULL, NULL, false),
    ('placeholder_visitors', 'visits', '{"nullif(visitor_id, ''guest'')"}',
     'UPDATE shop.visits SET visitor_id = nullif(visitor_id, 0)',
     'UPDATE shop.visits SET visitor_id = NULL WHERE visit_id IN (1, 7, 8)', NULL, NULL, false),

    ('step_below_1', 'events', '{step + 1}', 'UPDATE shop.events SET step = {1}', '', NULL,
     'UPDATE shop.events SET step = step - 1', false),

    ('unknown_instrument', 'surveys', '{"nps, csat, enps, esat or communication AS instrument"}',
     $$UPDATE shop.surveys SET instrument = 'nps' WHERE instrument = 'Net Promoter'$$, '', NULL,
     $$UPDATE shop.surveys SET instrument = 'Net Promoter' WHERE instrument = 'nps'$$, false),
    ('bad_scale', 'surveys', '{"greatest(score, 1)",10 AS scale}',
     'UPDATE shop.surveys SET score = {1}, scale = 10 WHERE scale = 11',
     $$INSERT INTO shop.surveys
       VALUES ('2025-03-01', 'csat', 9, 10), ('2025-03-01', 'csat', 1, 10)$$, NULL,
     $$INSERT INTO shop.surveys
       VALUES ('2025-03-01', 'csat', 9, 11), ('2025-03-01', 'csat', 0, 11)$$, false),
    ('score_off_scale', 'surveys',
     '{"CASE WHEN score BETWEEN CASE WHEN lower(instrument) IN (''nps'', ''enps'') THEN 0 ELSE 1'
     ' END AND CASE WHEN lower(instrument) IN (''nps'', ''enps'') THEN 10 ELSE coalesce(scale, 5)'
     ' END THEN score END"}',
     'UPDATE shop.surveys SET score = {1}',
     $$INSERT INTO shop.surveys VALUES
           ('2025-03-01', 'nps', 0), ('2025-03-01', 'nps', NULL), ('2025-03-01', 'csat', NULL),
           ('2025-03-01', 'esat', NULL), ('2025-03-01', 'esat', 2),
           ('2025-03-01', 'Communication', NULL), ('2025-03-01', 'communication', 5);
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 7, 7)$$, NULL,
     $$INSERT INTO shop.surveys VALUES
           ('2025-03-01', 'nps', 0), ('2025-03-01', 'nps', 99), ('2025-03-01', 'csat', 9),
           ('2025-03-01', 'esat', 0), ('2025-03-01', 'esat', 2),
           ('2025-03-01', 'Communication', 6), ('2025-03-01', 'communication', 5);
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 7, 7)$$, false),
    ('score_off_scale', 'surveys', '{its number AS scale}',
     $$UPDATE shop.surveys SET scale = 7 WHERE instrument = 'esat'$$,
     $$INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 7, 7), ('2025-03-01', 'esat', 4, 7)$$,
     NULL,
     $$INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 7), ('2025-03-01', 'esat', 4)$$,
     false),
    ('score_off_scale', 'surveys', '{score + 1}',
     $$UPDATE shop.surveys SET score = {1} WHERE instrument = 'esat'$$,
     $$INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 1), ('2025-03-01', 'esat', 5)$$,
     NULL,
     $$INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 0), ('2025-03-01', 'esat', 4)$$,
     false),
    ('bad_weight', 'surveys', '{CASE WHEN weight > 0 THEN weight END}',
     'UPDATE shop.surveys SET weight = {1}',
     $$UPDATE shop.surveys SET weight = 2 WHERE instrument = 'csat';
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'csat', 5, 5)$$, NULL,
     $$UPDATE shop.surveys SET weight = 2 WHERE instrument = 'csat';
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'csat', 5, 5, NULL, -1)$$, false),
    ('repeated_answers', 'surveys',
     '{"(SELECT DISTINCT ON (lower(instrument), respondent) * FROM ... WHERE respondent IS NOT NULL'
     ' AND score IS NOT NULL ORDER BY lower(instrument), respondent, answered_at DESC NULLS LAST)'
     ' UNION ALL SELECT * FROM ... WHERE num_nulls(respondent, score) > 0"}',
     'CREATE TABLE kept AS {1}; DELETE FROM shop.surveys; INSERT INTO shop.surveys TABLE kept',
     $$DELETE FROM shop.surveys WHERE respondent = 1 AND instrument = 'nps' AND score = 10;
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'NPS', 3, NULL, 1),
              ('2025-03-02', 'nps', NULL, NULL, 1);
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'nps', 9), ('2025-03-01', 'nps', 9)$$, NULL,
     $$INSERT INTO shop.surveys VALUES ('2025-03-01', 'NPS', 3, NULL, 1),
              ('2025-03-02', 'nps', NULL, NULL, 1);
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'nps', 9), ('2025-03-01', 'nps', 9)$$, false),
    ('repeated_answers', 'surveys', '{"build(..., answers => ''last of year'')"}',
     $$SELECT FROM build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00',
                         answers => 'last of year')$$,
     $$DELETE FROM shop.surveys WHERE respondent = 1 AND instrument = 'nps' AND score = 10;
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'NPS', 3, NULL, 1),
              ('2025-03-02', 'nps', NULL, NULL, 1);
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'nps', 9), ('2025-03-01', 'nps', 9)$$, NULL,
     $$INSERT INTO shop.surveys VALUES ('2025-03-01', 'NPS', 3, NULL, 1),
              ('2025-03-02', 'nps', NULL, NULL, 1);
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'nps', 9), ('2025-03-01', 'nps', 9)$$, false),
    ('five_point_nps', 'surveys',
     '{"CASE lower(instrument) WHEN ''nps'' THEN ''csat'' WHEN ''enps'' THEN ''esat'' ELSE'
     ' instrument END",'
     '"CASE WHEN lower(instrument) IN (''nps'', ''enps'') THEN 5 ELSE scale END"}',
     'UPDATE shop.surveys SET instrument = {1}, scale = {2}',
     $$DELETE FROM shop.surveys WHERE instrument = 'csat';
       UPDATE shop.surveys SET instrument = 'csat', scale = 5,
              score = CASE score WHEN 10 THEN 5 WHEN 8 THEN 4 ELSE 2 END;
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 7, 7)$$, NULL,
     $$DELETE FROM shop.surveys WHERE instrument = 'csat';
       UPDATE shop.surveys SET score = CASE score WHEN 10 THEN 5 WHEN 8 THEN 4 ELSE 2 END;
       INSERT INTO shop.surveys VALUES ('2025-03-01', 'esat', 7, 7)$$, false),

    ('missing_cost', 'stock_moves', '{the last one known}',
     'UPDATE shop.stock_moves SET unit_cost = 2 WHERE unit_cost IS NULL',
     $$INSERT INTO shop.stock_moves VALUES ('A', '2025-03-20', -1, 2, 'sale')$$, NULL, NULL, false),
    ('zero_cost', 'stock_moves', '{the last one known}',
     'UPDATE shop.stock_moves SET unit_cost = 2 WHERE unit_cost = 0',
     $$INSERT INTO shop.stock_moves VALUES ('A', '2025-03-20', -1, 2, 'sale')$$, NULL, NULL, false),
    ('no_sales', 'stock_moves',
     '{"CASE kind WHEN ''SALE_ORDER'' THEN ''sale'' ELSE kind END"}',
     'UPDATE shop.stock_moves SET kind = {1}', '', NULL,
     $$UPDATE shop.stock_moves SET kind = 'SALE_ORDER' WHERE kind = 'sale'$$, false),
    ('positive_sales', 'stock_moves',
     '{"CASE WHEN lower(kind) = ''sale'' THEN -abs(quantity) ELSE quantity END"}',
     'UPDATE shop.stock_moves SET quantity = {1}',
     $$INSERT INTO shop.stock_moves VALUES ('A', '2025-03-20', -5, 2, 'sale')$$, NULL, NULL, false),
    ('positive_sales', 'stock_moves', '{"another kind, if customers returned it"}',
     $$UPDATE shop.stock_moves SET kind = 'return' WHERE kind = 'sale' AND quantity > 0$$,
     $$INSERT INTO shop.stock_moves VALUES ('A', '2025-03-20', 5, 2, 'return')$$, NULL, NULL,
     false),
    ('negative_stock', 'stock_moves',
     '{one movement for each article with the stock before the first}',
     $$INSERT INTO shop.stock_moves VALUES ('B', '2025-01-01', 50, 4, 'opening')$$,
     $$INSERT INTO shop.stock_moves VALUES ('B', '2025-02-15', -10, 4, 'sale');
       UPDATE shop.stock_levels SET on_hand = 40 WHERE sku = 'B'$$, NULL,
     $$DELETE FROM shop.stock_moves WHERE sku = 'B';
       INSERT INTO shop.stock_moves VALUES ('B', '2025-02-15', -10, 4, 'sale');
       UPDATE shop.stock_levels SET on_hand = 40 WHERE sku = 'B'$$, false),
    ('ledger_mismatch', 'stock_moves',
     '{"a movement of the kind adjustment with the difference, at the time of the count"}',
     $$INSERT INTO shop.stock_moves VALUES ('A', '2025-03-01', -2, 2, 'adjustment')$$,
     $$INSERT INTO shop.stock_moves VALUES ('A', '2025-03-01', -2, 2, 'adjustment');
       UPDATE shop.stock_levels SET on_hand = 88 WHERE sku = 'A'$$, NULL, NULL, false),

    ('duplicates', 'stock_levels', '{"SELECT DISTINCT, for copies"}',
     'CREATE TABLE kept AS SELECT DISTINCT * FROM shop.stock_levels;
      DELETE FROM shop.stock_levels; INSERT INTO shop.stock_levels TABLE kept', '', NULL, NULL,
     false),
    ('negative_stock', 'stock_levels', '{CASE WHEN on_hand < 0 THEN 0 ELSE on_hand END}',
     'UPDATE shop.stock_levels SET on_hand = {1}',
     $$INSERT INTO shop.stock_levels VALUES ('C', '2025-03-01', 0, 2)$$, NULL, NULL, false),
    ('missing_cost', 'stock_levels', '{the last cost that is known}',
     'UPDATE shop.stock_levels SET unit_cost = 2 WHERE unit_cost IS NULL', '', NULL, NULL, false),
    ('zero_cost', 'stock_levels', '{the last cost that is known}',
     'UPDATE shop.stock_levels SET unit_cost = 2 WHERE unit_cost = 0', '', NULL, NULL, false),

    ('answered_before_opened', 'tickets', '{the same time zone for all columns}',
     $$UPDATE shop.tickets
       SET    first_reply_at = (first_reply_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo',
              resolved_at = (resolved_at AT TIME ZONE 'UTC') AT TIME ZONE 'America/Sao_Paulo'$$,
     '', NULL,
     $$UPDATE shop.tickets SET first_reply_at = first_reply_at - interval '3 hours',
                               resolved_at = resolved_at - interval '3 hours'$$, false),
    ('solved_unanswered', 'tickets', '{"coalesce(first_reply_at, resolved_at)"}',
     'UPDATE shop.tickets SET first_reply_at = {1}',
     $$INSERT INTO shop.tickets
       VALUES (5, '2025-03-10 10:00', '2025-03-10 12:00', '2025-03-10 12:00')$$, NULL, NULL, false),
    ('solved_before_reply', 'tickets',
     '{"CASE WHEN first_reply_at IS NOT NULL THEN least(first_reply_at, resolved_at) END"}',
     'UPDATE shop.tickets SET first_reply_at = {1}',
     $$INSERT INTO shop.tickets
       VALUES (5, '2025-03-10 10:00', '2025-03-10 12:00', '2025-03-10 12:00')$$, NULL, NULL, false),
    ('unknown_desk', 'tickets',
     '{"CASE WHEN lower(desk) IN (''it'', ''internal'') THEN ''internal'' ELSE ''support'' END"}',
     'UPDATE shop.tickets SET desk = {1}',
     $$INSERT INTO shop.tickets VALUES (5, '2025-03-10', NULL, NULL, 'internal'),
                                       (6, '2025-03-10', NULL, NULL, 'support')$$, NULL,
     $$INSERT INTO shop.tickets VALUES (5, '2025-03-10', NULL, NULL, 'IT'),
                                       (6, '2025-03-10', NULL, NULL, 'Sales')$$, false),

    ('missing_day', 'holidays', '{give them their day}',
     $$UPDATE shop.holidays SET held_on = '2025-02-04' WHERE held_on IS NULL$$,
     $$INSERT INTO shop.holidays VALUES ('2025-02-04', '9:00-11:00')$$, NULL,
     $$INSERT INTO shop.holidays VALUES (NULL, '9:00-11:00')$$, false),
    ('duplicates', 'holidays',
     '{"SELECT DISTINCT ON (held_on) * FROM ... ORDER BY held_on, <version> DESC NULLS LAST"}',
     'CREATE TABLE kept AS {1:hours}; DELETE FROM shop.holidays;
      INSERT INTO shop.holidays TABLE kept',
     $$INSERT INTO shop.holidays VALUES ('2025-02-04', '9:00-11:00')$$, NULL,
     $$INSERT INTO shop.holidays VALUES ('2025-02-04', NULL), ('2025-02-04', '9:00-11:00')$$,
     false),
    ('unreadable_hours', 'holidays', '{"9:00-12:00 13:00-15:00"}',
     $$UPDATE shop.holidays SET hours = '9:00-11:00' WHERE hours = '9-11'$$,
     $$INSERT INTO shop.holidays VALUES ('2025-02-04', '9:00-11:00')$$, NULL,
     $$INSERT INTO shop.holidays VALUES ('2025-02-04', '9-11')$$, false),
    ('holidays_by_clock', 'holidays',
     '{"SELECT * FROM kpi.build(..., business_hours => ''Mon-Fri 9:00-18:00'')"}',
     $$SELECT * FROM kpi.build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00',
                               business_hours => 'Mon-Fri 9:00-18:00')$$,
     $$INSERT INTO shop.holidays VALUES ('2025-02-04');
       SELECT * FROM kpi.build('shop', 'UTC', 'EUR', as_of => '2025-03-31 12:00',
                               business_hours => 'Mon-Fri 9:00-18:00')$$, 'worked',
     $$INSERT INTO shop.holidays VALUES ('2025-02-04')$$, false),

    ('done_and_cancelled', 'projects', '{CASE WHEN done_on IS NULL THEN cancelled_on END}',
     'UPDATE shop.projects SET cancelled_on = {1}',
     $$INSERT INTO shop.projects VALUES (4, '2025-03-01', '2025-02-20')$$, NULL, NULL, false),
    ('negative_spend', 'spend', '{abs(amount)}', 'UPDATE shop.spend SET amount = {1}',
     $$INSERT INTO shop.spend VALUES ('2025-03-01', 5)$$, NULL, NULL, false),
    ('missing_measure', 'measures', '{the name that formulas have it}',
     $$UPDATE shop.measures SET measure = 'share' WHERE measure IS NULL$$,
     $$INSERT INTO shop.measures VALUES ('share', '2025-03-01', 5, 50)$$, NULL, NULL, false),
    ('missing_of', 'measures', '{the number of which the amount is a part}',
     $$UPDATE shop.measures SET of = 50 WHERE of IS NULL$$,
     $$INSERT INTO shop.measures VALUES ('share', '2025-03-01', 5, 50)$$, NULL, NULL, false),
    ('unknown_measure', 'measures', '{the name that rows have it by,kpi.define writes another one}',
     $$SELECT FROM kpi.define('shop', 'market_share', 'measure(''share'')', 'Share', 'share')$$, '',
     NULL, NULL, false),
    ('unread_measure', 'measures', '{"kpi.define(..., ''measure(''''<measure>'''')'', ...)"}',
     $$SELECT FROM kpi.define('shop', 'reach', 'measure(''reach'')', 'Reach', 'share')$$, NULL,
     NULL, NULL, false),
    ('unread_measure', 'measures', '{leave out its rows}',
     $$DELETE FROM shop.measures WHERE measure = 'reach'$$, '', NULL, NULL, false);
-- Of these the truth is what the fault makes, but for what is wrong with it.
UPDATE advice AS a SET truth = f.fault || CASE a.trap
       WHEN 'data_ended' THEN '; ' || a.follow
       WHEN 'currency_changed'
       THEN $$; INSERT INTO shop.carts (cart_id, created_at, value) VALUES (6, '2025-03-26', 40)$$
       WHEN 'first_month_short'
       THEN $$; SELECT FROM build('shop', 'UTC', 'EUR', since => '2025-02-01',
                                  as_of => '2025-03-31 12:00')$$
       WHEN 'part_with_tax'
       THEN '; UPDATE shop.returns SET refund = CASE order_id WHEN 7 THEN 50 WHEN 8 THEN 100
                                                 ELSE 200 END,
                      tax = CASE order_id WHEN 7 THEN 9.5 WHEN 8 THEN 19 ELSE 38 END
               WHERE  order_id IN (7, 8, 9)'
       ELSE '' END
FROM   fault AS f WHERE (f.trap, f.source) = (a.trap, a.source) AND a.truth IS NULL;
UPDATE advice AS a SET fault = f.fault || $$; INSERT INTO shop.carts (cart_id, created_at, value)
                                              VALUES (6, '2025-03-26', 20)$$
FROM   fault AS f WHERE a.trap = 'currency_changed' AND f.trap = a.trap;

SELECT is_empty($$SELECT trap, source
                  FROM   traps WHERE advice IS NOT NULL AND source <> '*'
                  EXCEPT
                  SELECT trap, source
                  FROM   advice$$,
                'every advice is followed');
SELECT is_empty($$SELECT a.trap, a.source, w.word
                  FROM   advice AS a JOIN traps AS t USING (trap, source),
                         unnest(a.says) AS w (word)
                  WHERE  strpos(t.advice, w.word) = 0$$,
                'to the letter');

-- The words, with what they leave open filled in.
CREATE FUNCTION literally(follow text, says text[], source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    mark text[];
    word text;
BEGIN
    FOR mark IN SELECT * FROM regexp_matches(follow, '(\{(\d)(?::([^}]*))?\})', 'g') LOOP
        word := says[mark[2]::int];
        IF mark[3] IS NOT NULL THEN
            word := regexp_replace(word, '<[a-z'' ]+>', mark[3], 'g');
        END IF;
        word := replace(replace(word, 'FROM ...', '...'), '...', format('FROM shop.%I', source));
        follow := replace(follow, mark[1], word);
    END LOOP;
    RETURN follow;
END $$;

-- The indicators of a model over the year, without their samples, which may be arrays of days.
CREATE FUNCTION indicators_of(model text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
BEGIN
    EXECUTE format('SELECT to_jsonb(y) FROM %I.kpi_year AS y WHERE period = ''2025-01-01''', model)
    INTO    answer;
    RETURN (SELECT jsonb_object_agg(key, value)
            FROM   jsonb_each(answer) WHERE key NOT LIKE '%\_sample');
END $$;

-- What is shown, what is right and what is found once it is as it should be, and what is found and
-- shown after an advice. Afterwards nothing has happened.
CREATE FUNCTION found_in(commands text, model text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    findings text[];
BEGIN
    EXECUTE commands;
    findings := ARRAY(SELECT trap || ' ' || source FROM kpi.check(model));
    RAISE SQLSTATE 'KPI00';
EXCEPTION WHEN SQLSTATE 'KPI00' THEN
    RETURN findings;
END $$;
CREATE FUNCTION as_it_should_be(commands text, m measure) RETURNS TABLE (
    indicators jsonb, plain text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE commands;
    indicators := indicators_of(m.model);
    EXECUTE m.plain INTO plain;
    RAISE SQLSTATE 'KPI00';
EXCEPTION WHEN OTHERS THEN
    plain := CASE WHEN SQLSTATE <> 'KPI00' THEN SQLERRM ELSE plain END;
    RETURN NEXT;
END $$;
CREATE FUNCTION followed(commands text, advised text, a advice, m measure) RETURNS TABLE (
    before bigint, after text[], indicators jsonb, shown text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE commands;
    before := CASE WHEN a.fault IS NULL THEN 1    -- as check.sql tells of each
                   ELSE (SELECT sum(rows) FROM kpi.check(m.model)
                         WHERE  (trap, source) = (a.trap, a.source)) END;
    EXECUTE advised;
    after := ARRAY(SELECT trap || ' ' || source FROM kpi.check(m.model));
    indicators := indicators_of(m.model);
    EXECUTE m.shown INTO shown;
    RAISE SQLSTATE 'KPI00';
EXCEPTION WHEN OTHERS THEN
    shown := CASE WHEN SQLSTATE <> 'KPI00' THEN SQLERRM ELSE shown END;
    RETURN NEXT;
END $$;

SELECT is_empty($$SELECT model, trap, source
                  FROM  (SELECT DISTINCT model FROM measure) AS m, kpi.check(model)$$,
                'without a fault nothing is found');
CREATE TABLE truth AS
SELECT a.truth, m.name, t.*
FROM  (SELECT DISTINCT truth, coalesce(measure, source) AS name FROM advice) AS a
      JOIN measure AS m USING (name), as_it_should_be(a.truth, m) AS t;
CREATE TABLE outcome AS
SELECT a.n, a.trap, a.source, a.stays, r.before, r.after, r.shown, t.plain,
       CASE WHEN cardinality(r.after) > 0 THEN found_in(a.truth, m.model) END AS findings,
       ARRAY(SELECT key || ': ' || i.value || ' instead of ' || (t.indicators -> key)
             FROM   jsonb_each(r.indicators) AS i
             WHERE  i.value IS DISTINCT FROM t.indicators -> key
             AND    t.indicators ? key) AS different
FROM   advice AS a
       LEFT JOIN fault AS f USING (trap, source)
       JOIN measure AS m ON m.name = coalesce(a.measure, a.source)
       JOIN truth AS t ON (t.truth, t.name) = (a.truth, m.name),
       followed(coalesce(a.fault, f.fault), literally(a.follow, a.says, a.source), a, m) AS r;

SELECT is(concat_ws('; ', CASE WHEN before > 0 THEN 'found' END,
                    CASE WHEN trap || ' ' || source = ANY (after) THEN 'still found' END,
                    'then found: ' || nullif(array_to_string(
                        ARRAY(SELECT unnest(after) EXCEPT SELECT unnest(findings)
                              EXCEPT SELECT trap || ' ' || source), ', '), ''),
                    shown, nullif(array_to_string(different, ', '), '')),
          concat_ws('; ', 'found', CASE WHEN stays THEN 'still found' END, plain),
          format('who does what is said of %s of %s has none, and the right figures', trap, source))
FROM   outcome JOIN traps USING (trap, source) ORDER BY position, n;
SELECT is(count(*), (SELECT count(*) FROM advice), 'each was tried') FROM outcome;
SELECT is_empty($$SELECT trap, source FROM outcome WHERE plain IS NULL OR plain = ''$$,
                'and there was something to see');

-- Names and types, whose advice is to be written into the view.
CREATE SCHEMA facts;
CREATE TABLE facts.orders (id int, at timestamp, net text, who int, test int, deleted timestamptz);
INSERT INTO facts.orders VALUES
    (1, '2025-03-26 10:00', '10', 1, 0, NULL), (2, '2025-03-26 11:00', '20', 1, 0, NULL),
    (3, '2025-03-26 12:00', '40', 2, 1, NULL), (4, '2025-03-26 13:00', '80', 3, 0, '2025-03-27');
CREATE TABLE facts.carts (id int, at date, value text);
INSERT INTO facts.carts VALUES (1, '2025-03-26', '10'), (2, '2025-03-26', 'ten');
CREATE TABLE facts.returns (of int, at bigint, refund numeric);
INSERT INTO facts.returns VALUES (2, extract(epoch FROM timestamptz '2025-03-26 12:00'), 5);
CREATE SCHEMA named;
CREATE VIEW named.orders AS
SELECT id AS order_id, at AS ordered_at, net AS net_sales, who AS custmer_id, test AS is_test,
       deleted AS deleted_at
FROM   facts.orders;
CREATE VIEW named.carts AS
SELECT id AS cart_id, at AS created_at, value::numeric FROM facts.carts;
CREATE VIEW named.return AS SELECT of AS order_id, at AS returned_at, refund FROM facts.returns;
CREATE VIEW unnamed AS
SELECT c.* FROM kpi.check('named', as_of => '2025-03-28') AS c
WHERE  trap IN (SELECT t.trap FROM traps AS t WHERE t.source = '*');
CREATE TABLE said AS TABLE unnamed;
SELECT set_eq('SELECT trap || '' '' || source FROM said',
              '{naive_time orders,wrong_type orders,misspelt_column orders,deleted_rows orders,'
              'unreadable carts,misspelt_relation return}'::text[],
              'names and types that are none are found');
-- once it is named, it shows what it lacks
SELECT advice FROM said WHERE trap = 'misspelt_relation'
\gexec
CREATE OR REPLACE VIEW named.returns AS
SELECT of AS order_id, at AS returned_at, refund FROM facts.returns;
ALTER VIEW named.returns RENAME order_id TO "of";
INSERT INTO said
SELECT * FROM unnamed WHERE source = 'returns';
SELECT set_eq($$SELECT trap || ' ' || source FROM said WHERE source = 'returns'$$,
              '{wrong_type returns,missing_column returns}'::text[], 'and so are columns');
-- what is said of targets, define tries
SELECT set_eq('SELECT trap FROM said',
              $$SELECT trap FROM traps WHERE source = '*' AND trap <> 'untold_target'$$,
              'all that are of no single source were tried');
-- The advice of a trap, with columns for what it leaves open, one for each of its parts.
CREATE FUNCTION advised(which text, source_of text, VARIADIC columns text[]) RETURNS text
LANGUAGE sql AS $$
    SELECT string_agg(regexp_replace(part, '<[a-z0-9 ]+>', columns[n]), ', ' ORDER BY n)
    FROM   said, unnest(string_to_array(advice, ', ')) WITH ORDINALITY AS a (part, n)
    WHERE  trap = which AND source = source_of
$$;
DROP VIEW named.orders, named.carts, named.returns;
SELECT format('CREATE VIEW named.orders AS SELECT id AS order_id, %s, %s, %s FROM facts.orders %s',
              advised('naive_time', 'orders', 'at'), advised('wrong_type', 'orders', 'test', 'net'),
              advised('misspelt_column', 'orders', 'who'),
              replace(split_part((SELECT advice FROM said WHERE trap = 'deleted_rows'), ',', 1),
                      '<column>', 'deleted'))
\gexec
SELECT $$CREATE VIEW named.carts AS
         SELECT id AS cart_id, at AS created_at, value::numeric FROM facts.carts
         WHERE  value ~ '^[0-9]+$'$$     -- leave out the row that does it
\gexec
SELECT format('CREATE VIEW named.returns AS SELECT %s, %s, refund FROM facts.returns',
              advised('missing_column', 'returns', 'of'), advised('wrong_type', 'returns', 'at'))
\gexec
SELECT FROM build('named', 'UTC', as_of => '2025-03-28');
SELECT is_empty('SELECT trap, source FROM unnamed', 'as it is said, nothing is found');
SELECT results_eq('SELECT orders, net_sales::int, refunds::int, repeat_purchase_rate, carts
                   FROM   named.kpi_all',
                  $$SELECT count(*), sum(net::int)::int - 5, 5, 1::float8, 1::bigint
                    FROM   facts.orders WHERE test = 0 AND deleted IS NULL$$,
                  'and the figures are right');

SELECT * FROM finish();
ROLLBACK;
