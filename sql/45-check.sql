-- check: what in the sources of a model makes its indicators fail or lie, with how much of it there is and what it moves
--
-- A trap is described here and found in sql/checks, which has one query per source: it reads its source once and counts all traps on the
-- way, so that a check costs a few scans and not a few dozen. A query gives one row per trap; what it counts nothing of is no finding.
-- The queries read the sources as the views do, through model_view, and need none of the views. What makes these fail (NaN, an amount
-- without exchange rate, a score that is none) is counted, and left out of the figures beside it.
--
-- Not looked for, as it cannot be seen in these columns: order totals that a join has multiplied, if order_lines cannot contradict them;
-- gift cards among the articles, prices with and without tax in one column, visits of robots, promises changed after the fact, rows that
-- came late. Cohorts that are too young and days cut in the zone of the session are not possible in the views: these know which periods
-- are complete, and their days are those of the model.

CREATE TABLE traps (
    position  integer NOT NULL UNIQUE,
    code      text    NOT NULL,
    source    text    NOT NULL,
    kind      text    NOT NULL CHECK (kind IN ('fails', 'wrong', 'doubtful', 'note')),
    counted   text    NOT NULL,
    needs     text[]  NOT NULL,
    indicator text    REFERENCES indicators (code),
    finding   text    NOT NULL,
    advice    text    NOT NULL,
    query     text,
    PRIMARY KEY (code, source)
);
COMMENT ON TABLE traps IS 'what check() looks for in the sources of a model';
COMMENT ON COLUMN traps.position IS 'order in which they are listed';
COMMENT ON COLUMN traps.code IS 'what it is called';
COMMENT ON COLUMN traps.source IS 'the source it is looked for in; * for the names and types of all';
COMMENT ON COLUMN traps.kind IS 'fails: views end with an error; wrong: an indicator is not right; doubtful: perhaps it is not; note: it is right, but of less than it seems';
COMMENT ON COLUMN traps.counted IS 'what is counted';
COMMENT ON COLUMN traps.needs IS 'columns without which it cannot be looked for, source.column each, or alternatives with | between';
COMMENT ON COLUMN traps.indicator IS 'the indicator it moves; NULL if several or none';
COMMENT ON COLUMN traps.finding IS 'what is found';
COMMENT ON COLUMN traps.advice IS 'what to do about it';
COMMENT ON COLUMN traps.query IS 'shows such rows, where one query can, also those that count nowhere; @schema@, @as_of@ and @currency@ stand for those of the model';
GRANT SELECT ON traps TO PUBLIC;

CREATE TABLE check_definitions (
    position integer PRIMARY KEY,
    source   text    NOT NULL UNIQUE,
    meaning  text    NOT NULL,
    query    text    NOT NULL
);
COMMENT ON TABLE check_definitions IS 'the queries of check(), one per source, and known_orders, which some of them join';
COMMENT ON COLUMN check_definitions.position IS 'order in which they are run';
COMMENT ON COLUMN check_definitions.source IS 'the source whose traps it counts';
COMMENT ON COLUMN check_definitions.meaning IS 'what it reads';
COMMENT ON COLUMN check_definitions.query IS 'the query, with the marks of view_definitions, and @known_orders@: a row per trap with its code and what check() returns about it';
GRANT SELECT ON check_definitions TO PUBLIC;

-- Who is nobody, whatever the case and the blanks.
CREATE FUNCTION model_nobody(id text) RETURNS boolean LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN lower(btrim(id)) = ANY ('{"",0,-1,null,none,nil,nan,n/a,na,guest,unknown,anonymous,undefined,00000000-0000-0000-0000-000000000000}');
COMMENT ON FUNCTION model_nobody(id text) IS 'implementation of check: whether a customer or visitor is a word or number that stands for none';

--@ checks

-- names and types

INSERT INTO traps VALUES
    (1, 'naive_time', '*', 'fails', 'columns', '{}', NULL,
     'timestamps without time zone, so that the instant is not known; here read in the zone of the model',
     '<column> AT TIME ZONE ''UTC'', or the zone its clock shows', NULL),
    (2, 'wrong_type', '*', 'fails', 'columns', '{}', NULL,
     'columns of a type that build() refuses; here taken as not there', 'the type that sources have it with', NULL),
    (3, 'missing_column', '*', 'fails', 'columns', '{}', NULL,
     'columns that are required are not there', 'add them to the view', NULL),
    (4, 'unreadable', '*', 'fails', 'relations', '{}', NULL,
     'reading the rows ends with an error', 'mend the view, or leave out the row that does it', NULL),
    (5, 'misspelt_relation', '*', 'doubtful', 'relations', '{}', NULL,
     'a relation that nothing reads has nearly the name of a source', 'rename it', NULL),
    (6, 'misspelt_column', '*', 'doubtful', 'columns', '{}', NULL,
     'a column that is not read has nearly the name of one that is not there', 'rename it', NULL),
    (7, 'deleted_rows', '*', 'doubtful', 'columns', '{}', NULL,
     'the source says which of its rows are deleted, and all of them count', 'WHERE <column> IS NULL, or IS NOT true, in the view, and not the column itself', NULL);

-- what can befall any source: rows without time, rows twice

INSERT INTO traps
SELECT 100 * s.n + t.n, t.code, s.source, t.kind, s.rows, t.needs, t.indicator, t.finding, t.advice, t.query
FROM   (VALUES (1,  'orders',       'orders',     'order_id',   'ordered_at',  'orders',   'ordered_at IN (''infinity'', ''-infinity'') OR cancelled_at = ''-infinity'''),
               (2,  'order_lines',  'lines',      'order_id',   NULL,          NULL,       NULL),
               (3,  'returns',      'returns',    NULL,         'returned_at', 'refunds',  'returned_at IN (''infinity'', ''-infinity'')'),
               (4,  'deliveries',   'deliveries', NULL,         'ordered_at',  NULL,       'ordered_at IN (''infinity'', ''-infinity'') OR shipped_at = ''-infinity'' OR delivered_at = ''-infinity'''),
               (5,  'carts',        'carts',      'cart_id',    'created_at',  'carts',    'created_at IN (''infinity'', ''-infinity'') OR ordered_at = ''-infinity'''),
               (6,  'visits',       'visits',     'visit_id',   'started_at',  'visits',   'started_at IN (''infinity'', ''-infinity'')'),
               (7,  'events',       'events',     'visitor_id', 'occurred_at', NULL,       'occurred_at IN (''infinity'', ''-infinity'')'),
               (8,  'surveys',      'answers',    NULL,         'answered_at', NULL,       'answered_at IN (''infinity'', ''-infinity'')'),
               (9,  'stock_moves',  'movements',  NULL,         'moved_at',    NULL,       'moved_at IN (''infinity'', ''-infinity'')'),
               (10, 'stock_levels', 'counts',     NULL,         'counted_at',  NULL,       'counted_at IN (''infinity'', ''-infinity'')'),
               (11, 'tickets',      'tickets',    'ticket_id',  'opened_at',   'tickets',  'opened_at IN (''infinity'', ''-infinity'') OR first_reply_at = ''-infinity'' OR resolved_at = ''-infinity'''),
               (12, 'projects',     'projects',   'project_id', 'due_on',      'on_time_project_rate', 'due_on IN (''infinity'', ''-infinity'') OR done_on = ''-infinity'' OR cancelled_on = ''-infinity'''))
       AS s (n, source, rows, key, at, indicator, infinite)
       CROSS JOIN LATERAL (VALUES
           (1, 'missing_time', 'wrong', ARRAY[s.source || '.' || s.at], CASE WHEN s.source IN ('orders', 'returns', 'carts', 'visits') THEN s.indicator END,
            format('%s is NULL: such %s count nowhere', s.at, s.rows), 'coalesce(' || s.at || ', <another time of the row>), or leave them out on purpose',
            format('SELECT * FROM @schema@.%s WHERE %s IS NULL', s.source, s.at)),
           (2, 'infinite_time', 'wrong', ARRAY[s.source || '.' || s.at], NULL,
            'a time is infinite, or has always been: such ' || s.rows || ' count nowhere, or as long done', 'nullif(nullif(<column>, ''infinity''), ''-infinity'')', NULL),
           (3, 'future_rows', 'doubtful', ARRAY[s.source || '.' || s.at], NULL,
            'a time lies after the instant the model is seen at: it has not happened yet', 'mend the clock or the time zone of the column; or build as_of a later instant', NULL),
           (7, 'ancient_time', 'doubtful', ARRAY[s.source || '.' || s.at], NULL,
            'a time lies before 1995, as dates do that stand for none, and the periods begin with it', 'nullif(<column>, <that date>), or leave them out; or build since a later day',
            format('SELECT * FROM @schema@.%s WHERE %2$s < ''1995-01-01'' AND isfinite(%2$s)', s.source, s.at)),
           (4, 'missing_key', 'wrong', ARRAY[s.source || '.' || s.key], NULL,
            format('%s is NULL: nothing can be joined to such %s', s.key, s.rows), 'give them a number, or leave them out',
            format('SELECT * FROM @schema@.%s WHERE %s IS NULL', s.source, s.key)),
           (5, 'duplicates', 'wrong', ARRAY[s.source || '.' || s.key], s.indicator,
            format('%s that are there again under the same %s, and count again: an earlier version, or a join that multiplies', s.rows, s.key),
            format('SELECT DISTINCT ON (%1$s) * FROM ... ORDER BY %1$s, <version> DESC', s.key),
            format('SELECT %2$s, count(*) FROM @schema@.%1$s GROUP BY %2$s HAVING count(*) > 1', s.source, s.key))
       ) AS t (n, code, kind, needs, indicator, finding, advice, query)
WHERE  t.needs <> ARRAY[NULL::text] AND (t.code, s.source) NOT IN (('duplicates', 'order_lines'), ('duplicates', 'events'));

-- numbers that are none

INSERT INTO traps
SELECT 100 * s.n + 6, 'broken_number', s.source, 'fails', s.rows, ARRAY[array_to_string(ARRAY(SELECT s.source || '.' || c FROM unnest(s.columns) AS c), '|')], s.indicator,
       format('NaN or infinity in %s', array_to_string(s.columns, ', ')), 'nullif(<column>, ''NaN'')', NULL
FROM   (VALUES (1,  'orders',       'orders',    'aov',                  '{net_sales,gross_sales,discount,tax,shipping,cost,units,exchange_rate}'::text[]),
               (2,  'order_lines',  'lines',     'product_sales',        '{quantity,net_sales,cost}'),
               (3,  'returns',      'returns',   'refunds',              '{quantity,refund}'),
               (5,  'carts',        'carts',     'abandoned_cart_value', '{value}'),
               (9,  'stock_moves',  'movements', NULL,                   '{quantity,unit_cost}'),
               (10, 'stock_levels', 'counts',    NULL,                   '{on_hand,unit_cost}')) AS s (n, source, rows, indicator, columns);

-- what can befall one source

INSERT INTO traps VALUES
    (111, 'no_exchange_rate', 'orders', 'fails', 'orders', '{orders.currency}', 'aov',
     'an amount in another currency has no exchange_rate', 'a column exchange_rate, what one unit is worth in the model''s currency; or leave them out',
     'SELECT * FROM @schema@.orders WHERE currency <> @currency@ AND exchange_rate IS NULL'),
    (112, 'bad_exchange_rate', 'orders', 'wrong', 'orders', '{orders.exchange_rate}', 'aov',
     'exchange_rate is 0 or negative', 'nullif(exchange_rate, 0)', 'SELECT * FROM @schema@.orders WHERE exchange_rate <= 0'),
    (113, 'negative_sales', 'orders', 'wrong', 'orders', '{orders.net_sales|orders.gross_sales}', 'aov',
     'orders worth less than nothing: refunds are not orders',
     'WHERE net_sales >= 0 here, and in returns: SELECT order_id, ordered_at AS returned_at, -net_sales AS refund ... WHERE net_sales < 0',
     'SELECT * FROM @schema@.orders WHERE net_sales < 0'),
    (114, 'zero_orders', 'orders', 'doubtful', 'orders', '{orders.net_sales|orders.gross_sales}', 'aov',
     'orders worth nothing: replacements, samples, or prices that are not known',
     'net_sales = 0 AS is_test, or nullif(net_sales, 0) AS net_sales to count the order and no amount',
     'SELECT * FROM @schema@.orders WHERE net_sales = 0'),
    (115, 'sales_mismatch', 'orders', 'wrong', 'orders', '{orders.net_sales,orders.gross_sales,orders.discount}', NULL,
     'gross_sales less discount is not net_sales: tax or shipping is in one of them', 'leave out one of the three, which is then computed from the others',
     'SELECT * FROM @schema@.orders WHERE abs(gross_sales - discount - net_sales) > 0.005 AND abs(gross_sales - discount - net_sales) < ''Infinity'''),
    (116, 'negative_discount', 'orders', 'wrong', 'orders', '{orders.discount}', 'discounts',
     'a discount is negative', '-discount AS discount, or abs(discount)', 'SELECT * FROM @schema@.orders WHERE discount < 0'),
    (117, 'cents', 'orders', 'doubtful', 'orders', '{orders.net_sales|orders.gross_sales}', 'aov',
     'all amounts are whole numbers, a hundred or more of them: are they cents?', 'net_sales / 100.0 AS net_sales', NULL),
    (118, 'guest_customers', 'orders', 'note', 'orders', '{orders.customer_id}', 'guest_orders',
     'the customer is not known: what is said about customers is about the others', 'coalesce(customer_id, lower(email)), if an e-mail is a person',
     'SELECT * FROM @schema@.orders WHERE customer_id IS NULL'),
    (119, 'placeholder_customers', 'orders', 'wrong', 'orders', '{orders.customer_id}', 'repeat_purchase_rate',
     'customer_id stands for nobody (empty, 0, the nil UUID, guest, unknown and the like), and counts as one customer', 'nullif(customer_id, ''guest'')',
     'SELECT * FROM @schema@.orders WHERE kpi.model_nobody(customer_id::text)'),
    (120, 'spelled_customers', 'orders', 'wrong', 'customers', '{orders.customer_id}', 'customers',
     'customers who are another one, but for blanks around them, or in an e-mail for case or what follows a +',
     'CASE WHEN customer_id LIKE ''%@%'' THEN regexp_replace(lower(btrim(customer_id)), ''\+[^@]*@'', ''@'') ELSE btrim(customer_id) END AS customer_id', NULL),
    (121, 'missing_cost', 'orders', 'note', 'orders', '{orders.cost,orders.net_sales|orders.gross_sales}', 'cost_coverage',
     'the cost is not known: the margin is that of the others', 'add the cost at the time of sale where it is known',
     'SELECT * FROM @schema@.orders WHERE cost IS NULL'),
    (122, 'zero_cost', 'orders', 'doubtful', 'orders', '{orders.cost,orders.net_sales|orders.gross_sales}', 'gross_margin',
     'what was sold cost nothing: unknown is NULL, not 0', 'nullif(cost, 0) AS cost', 'SELECT * FROM @schema@.orders WHERE cost <= 0 AND net_sales > 0'),
    (123, 'test_orders', 'orders', 'note', 'orders', '{orders.is_test}', 'orders',
     'tests, which count nowhere', 'nothing, if these are the tests', 'SELECT * FROM @schema@.orders WHERE is_test'),
    (124, 'cancelled_orders', 'orders', 'note', 'orders', '{orders.cancelled_at}', 'cancellation_rate',
     'cancelled orders, which count only there', 'nothing, if these were cancelled', 'SELECT * FROM @schema@.orders WHERE cancelled_at <= @as_of@'),
    (125, 'cancelled_early', 'orders', 'doubtful', 'orders', '{orders.cancelled_at}', NULL,
     'cancelled before it was ordered: a clock or a time zone is wrong', 'the same time zone for both columns',
     'SELECT * FROM @schema@.orders WHERE cancelled_at < ordered_at'),
    (126, 'first_month_short', 'orders', 'note', 'days', '{orders.ordered_at}', NULL,
     'the data start more than a week into a month: growth against it is too great', 'build(..., since => the first day of the next month)', NULL),
    (127, 'data_ended', 'orders', 'doubtful', 'days', '{orders.ordered_at}', NULL,
     'no orders for more than a week and five times as long as between two on average: the days since count as days without sales', 'build(..., as_of => the day after the last order), or see why they stopped', NULL),
    (128, 'missing_sales', 'orders', 'note', 'orders', '{orders.net_sales|orders.gross_sales}', 'aov',
     'no amount is known: such orders count, and add nothing to sales', 'the amount, or is_test, if they are not to count', 'SELECT * FROM @schema@.orders WHERE net_sales IS NULL'),

    (211, 'unknown_order', 'order_lines', 'doubtful', 'lines', '{orders.order_id}', 'product_sales',
     'the order is not there: such lines count nowhere, which is right if they are of drafts or of what else orders leaves out',
     'order_id as orders has it; or leave out the lines of what orders leaves out', NULL),
    (212, 'negative_quantity', 'order_lines', 'wrong', 'lines', '{order_lines.quantity}', 'product_sales',
     'a quantity is negative: what came back is not sold', 'WHERE quantity > 0 here, and the others as returns',
     'SELECT * FROM @schema@.order_lines WHERE quantity < 0'),
    (213, 'lines_mismatch', 'order_lines', 'doubtful', 'orders', '{order_lines.net_sales,orders.net_sales|orders.gross_sales}', 'product_sales',
     'the lines of an order do not add up to its net_sales, by more than a cent a line: a discount is on the whole order, tax or shipping is in one of them, or a join multiplies rows',
     'nothing, if only the order has the discount, or share it among the lines; leave out tax and shipping; one row per line', NULL),
    (214, 'missing_cost', 'order_lines', 'note', 'lines', '{order_lines.cost,orders.order_id}', 'cost_coverage',
     'the cost is not known: the margin is that of the others', 'add the cost at the time of sale where it is known',
     'SELECT * FROM @schema@.order_lines WHERE cost IS NULL'),
    (215, 'zero_cost', 'order_lines', 'doubtful', 'lines', '{order_lines.cost,order_lines.net_sales,orders.order_id}', 'gross_margin',
     'what was sold cost nothing: unknown is NULL, not 0', 'nullif(cost, 0) AS cost', 'SELECT * FROM @schema@.order_lines WHERE cost <= 0 AND net_sales > 0'),
    (216, 'missing_quantity', 'order_lines', 'note', 'lines', '{order_lines.quantity,orders.order_id}', 'units',
     'the quantity is not known: such lines add no units', 'the quantity, or 1 where a line is a piece',
     'SELECT * FROM @schema@.order_lines WHERE quantity IS NULL'),

    (311, 'unknown_order', 'returns', 'wrong', 'returns', '{orders.order_id}', 'refunds',
     'the order is not there: the return counts on the day it came back, or nowhere if refunds count by order', 'order_id as orders has it', NULL),
    (312, 'negative_refund', 'returns', 'wrong', 'returns', '{returns.refund}', 'refunds',
     'a refund is negative, and adds to sales', '-refund AS refund, or abs(refund)', 'SELECT * FROM @schema@.returns WHERE refund < 0'),
    (313, 'negative_quantity', 'returns', 'wrong', 'returns', '{returns.quantity}', NULL,
     'a quantity is negative: what came back is positive', 'abs(quantity) AS quantity', 'SELECT * FROM @schema@.returns WHERE quantity < 0'),
    (314, 'return_before_order', 'returns', 'doubtful', 'returns', '{orders.ordered_at}', NULL,
     'returned before it was ordered: a clock or a time zone is wrong, or another order is meant', 'the same time zone for both columns', NULL),
    (315, 'refund_exceeds_order', 'returns', 'wrong', 'orders', '{returns.refund,orders.net_sales|orders.gross_sales}', 'refunds',
     'more was paid back than the order was worth: tax, shipping or a second system of payments is in it',
     'the part of net_sales: refund / 1.19, for example; refunds from one table only', NULL),

    (411, 'unknown_order', 'deliveries', 'doubtful', 'deliveries', '{orders.order_id}', 'fulfilment_days',
     'the order is not there: such deliveries count, though the order may be a test', 'order_id as orders has it', NULL),
    (412, 'delivered_before_shipped', 'deliveries', 'wrong', 'deliveries', '{deliveries.delivered_at}', 'fulfilment_days',
     'delivered before it was shipped or ordered: a clock or a time zone is wrong',
     'the same time zone for all columns; CASE WHEN delivered_at >= ordered_at THEN delivered_at END',
     'SELECT * FROM @schema@.deliveries WHERE delivered_at < shipped_at OR delivered_at < ordered_at'),
    (413, 'shipped_before_ordered', 'deliveries', 'wrong', 'deliveries', '{deliveries.shipped_at}', 'fulfilment_days',
     'shipped before it was ordered: a clock or a time zone is wrong', 'the same time zone for both columns',
     'SELECT * FROM @schema@.deliveries WHERE shipped_at < ordered_at'),
    (414, 'promised_before_ordered', 'deliveries', 'doubtful', 'deliveries', '{deliveries.promised_at}', NULL,
     'promised for a time before it was ordered, and late at once', 'the same time zone for both columns',
     'SELECT * FROM @schema@.deliveries WHERE promised_at < ordered_at'),

    (511, 'negative_value', 'carts', 'wrong', 'carts', '{carts.value}', 'abandoned_cart_value',
     'a cart is worth less than nothing', 'greatest(value, 0) AS value', 'SELECT * FROM @schema@.carts WHERE value < 0'),
    (512, 'ordered_before_created', 'carts', 'wrong', 'carts', '{carts.ordered_at|carts.last_active_at}', 'cart_abandonment_rate',
     'ordered or last touched before it was created: a clock or a time zone is wrong', 'the same time zone for all columns', NULL),

    (611, 'unknown_conversion', 'visits', 'note', 'visits', '{visits.converted}', 'conversion_rate',
     'converted is NULL, which is no trial; the corrected rate takes it for no', 'coalesce(converted, false) AS converted, if NULL means no',
     'SELECT * FROM @schema@.visits WHERE converted IS NULL'),
    (612, 'unknown_visitors', 'visits', 'note', 'visits', '{visits.visitor_id}', NULL,
     'the visitor is not known: what is said about visitors is about the others', 'a device or session in place of a person',
     'SELECT * FROM @schema@.visits WHERE visitor_id IS NULL'),
    (613, 'orders_without_visit', 'visits', 'doubtful', 'orders', '{visits.converted,orders.order_id}', 'conversion_rate',
     'there are more orders than visits that ended in one, from the first visit to a day after the last; the corrected rate counts them all',
     'see which orders are not tracked', NULL),
    (614, 'conversions_without_order', 'visits', 'doubtful', 'visits', '{visits.converted,orders.order_id}', 'conversion_rate',
     'there are more visits that ended in an order than orders, from the first visit to a day after the last', 'count a reloaded page of thanks once', NULL),
    (615, 'converted_without_checkout', 'visits', 'wrong', 'visits', '{visits.converted,visits.checkout_started}', 'checkout_abandonment_rate',
     'a visit ended in an order and never began the checkout', 'checkout_started OR converted AS checkout_started',
     'SELECT * FROM @schema@.visits WHERE converted AND NOT checkout_started'),
    (616, 'placeholder_visitors', 'visits', 'wrong', 'visits', '{visits.visitor_id}', 'visitor_conversion_rate',
     'visitor_id stands for nobody (empty, 0, the nil UUID, guest, unknown and the like), and counts as one visitor', 'nullif(visitor_id, ''guest'')',
     'SELECT * FROM @schema@.visits WHERE kpi.model_nobody(visitor_id::text)'),

    (711, 'step_below_1', 'events', 'note', 'events', '{events.step}', NULL,
     'the step is 0 or negative, and not read', 'steps from 1', 'SELECT * FROM @schema@.events WHERE step < 1'),

    (811, 'unknown_instrument', 'surveys', 'wrong', 'answers', '{surveys.instrument}', NULL,
     'an instrument that is not known, and not read', 'nps, csat, enps, esat or communication AS instrument',
     'SELECT * FROM @schema@.surveys WHERE lower(instrument) IN (''nps'', ''csat'', ''enps'', ''esat'', ''communication'') IS NOT TRUE'),
    (812, 'bad_scale', 'surveys', 'fails', 'answers', '{surveys.scale}', NULL,
     'a scale has less than 2 or more than 10 answers', 'scale BETWEEN 2 AND 10; scores of 0 to 10 are of nps and enps',
     'SELECT * FROM @schema@.surveys WHERE scale NOT BETWEEN 2 AND 10 AND lower(instrument) IN (''csat'', ''esat'', ''communication'')'),
    (813, 'score_off_scale', 'surveys', 'fails', 'answers', '{surveys.score}', NULL,
     'a score is off the scale: 0 to 10 for nps and enps, else 1 to scale', 'CASE WHEN score BETWEEN 0 AND 10 THEN score END, as codes for no answer are none', NULL),
    (814, 'five_point_nps', 'surveys', 'wrong', 'answers', '{surveys.score}', NULL,
     'twenty or more scores for a scale of 0 to 10 are all 1 to 5: nobody can be a promoter', '''csat'' AS instrument, 5 AS scale; an NPS cannot be told from it', NULL),

    (911, 'missing_cost', 'stock_moves', 'wrong', 'movements', '{stock_moves.unit_cost}', 'inventory_turnover',
     'unit_cost is not known: the movement changes no value', 'the cost at that time, or the last one known',
     'SELECT * FROM @schema@.stock_moves WHERE unit_cost IS NULL'),
    (912, 'zero_cost', 'stock_moves', 'doubtful', 'movements', '{stock_moves.unit_cost}', 'inventory_turnover',
     'unit_cost is 0: the movement changes no value', 'the cost at that time, or the last one known', 'SELECT * FROM @schema@.stock_moves WHERE unit_cost = 0'),
    (913, 'no_sales', 'stock_moves', 'doubtful', 'movements', '{stock_moves.kind}', 'inventory_turnover',
     'no movement is of the kind sale, so that nothing was sold', 'CASE kind WHEN ''SALE_ORDER'' THEN ''sale'' ELSE kind END AS kind', NULL),
    (914, 'positive_sales', 'stock_moves', 'doubtful', 'movements', '{stock_moves.kind}', 'sell_through_rate',
     'sales that add to the stock: out is negative', '-quantity AS quantity; or another kind, if customers returned it',
     'SELECT * FROM @schema@.stock_moves WHERE lower(kind) = ''sale'' AND quantity > 0'),
    (915, 'negative_stock', 'stock_moves', 'wrong', 'articles', '{stock_moves.quantity}', 'average_inventory',
     'the stock of an article falls below 0: the opening stock or a receipt is missing, or was written late',
     'one movement for each article with the stock before the first', NULL),
    (916, 'ledger_mismatch', 'stock_moves', 'wrong', 'articles', '{stock_levels.on_hand}', NULL,
     'the movements of an article do not add up to its last count, of all places together', 'a movement of the kind adjustment with the difference', NULL),

    (1011, 'duplicates', 'stock_levels', 'doubtful', 'counts', '{stock_levels.sku}', NULL,
     'counts that are there again with the same article, instant, number, cost and dimensions, and add up: as they should if they are of several places, and are no copies',
     'SELECT DISTINCT, for copies; for places nothing, or the place as a dimension of the model',
     'SELECT sku, counted_at, on_hand, count(*) FROM @schema@.stock_levels WHERE on_hand <> 0 GROUP BY sku, counted_at, on_hand HAVING count(*) > 1'),
    (1012, 'negative_stock', 'stock_levels', 'wrong', 'counts', '{stock_levels.on_hand}', NULL,
     'less than nothing was counted', 'greatest(on_hand, 0) AS on_hand', 'SELECT * FROM @schema@.stock_levels WHERE on_hand < 0'),
    (1013, 'missing_cost', 'stock_levels', 'wrong', 'counts', '{stock_levels.unit_cost}', NULL,
     'unit_cost is not known: the article is worth nothing', 'the last cost that is known', 'SELECT * FROM @schema@.stock_levels WHERE unit_cost IS NULL'),
    (1014, 'zero_cost', 'stock_levels', 'doubtful', 'counts', '{stock_levels.unit_cost}', NULL,
     'unit_cost is 0: the article is worth nothing', 'the last cost that is known', 'SELECT * FROM @schema@.stock_levels WHERE unit_cost = 0'),

    (1111, 'answered_before_opened', 'tickets', 'wrong', 'tickets', '{tickets.first_reply_at|tickets.resolved_at}', 'first_response_hours',
     'answered or solved before it was opened: a clock or a time zone is wrong', 'the same time zone for all columns', NULL),
    (1112, 'unknown_desk', 'tickets', 'doubtful', 'tickets', '{tickets.desk}', 'tickets',
     'a desk that is neither support nor internal counts as support', 'CASE desk WHEN ''IT'' THEN ''internal'' ELSE ''support'' END AS desk',
     'SELECT * FROM @schema@.tickets WHERE lower(desk) NOT IN (''support'', ''internal'')'),

    (1211, 'done_and_cancelled', 'projects', 'doubtful', 'projects', '{projects.done_on,projects.cancelled_on}', NULL,
     'a project was both done and called off', 'CASE WHEN done_on IS NULL THEN cancelled_on END AS cancelled_on',
     'SELECT * FROM @schema@.projects WHERE done_on IS NOT NULL AND cancelled_on IS NOT NULL');

-- Two names are near each other if they are the same but for case, signs and a plural, or, if they are not short, for a letter.
CREATE FUNCTION model_spellings(name text) RETURNS text[] LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT array_agg(CASE WHEN i = 0 THEN n ELSE overlay(n PLACING '' FROM i FOR 1) END)
    FROM   regexp_replace(regexp_replace(lower(name), '[^[:alnum:]]', '', 'g'), 's$', '') AS n, generate_series(0, CASE WHEN length(n) > 4 THEN length(n) ELSE 0 END) AS i;
END;
COMMENT ON FUNCTION model_spellings(name text) IS 'implementation of check: a name without case, signs and plural, and with a letter left out; names that share one are near';

-- What can be seen without reading a row.
CREATE FUNCTION model_names(model text, dimensions text[]) RETURNS TABLE (code text, source text, rows bigint, of_rows bigint, detail text, advice text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH relation AS (
        SELECT c.relname::text AS name, c.oid
        FROM   pg_class AS c
        WHERE  c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = model) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ),
    unread AS (
        SELECT r.name AS source, a.attname::text AS name
        FROM   relation AS r
               JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE  r.name IN (SELECT source FROM sources) AND a.attname <> ALL (dimensions)
        AND    NOT EXISTS (SELECT FROM sources AS s WHERE s.source = r.name AND s.name = a.attname)
    ),
    found AS (
        SELECT CASE WHEN c.type IS NULL THEN 'missing_column' WHEN c.type = 'timestamp without time zone' AND c.kind = 'instant' THEN 'naive_time' ELSE 'wrong_type' END AS code,
               c.source, concat_ws(' ', c.name, CASE WHEN c.type IS NOT NULL THEN c.problem END) AS detail, c.hint AS advice
        FROM   model_columns(model) AS c WHERE c.problem IS NOT NULL
        UNION ALL
        SELECT 'misspelt_column', u.source, format('%s, perhaps %s', u.name, string_agg(c.name, ' or ')), format('<column> AS %s', string_agg(c.name, ' or '))
        FROM   unread AS u
               JOIN model_columns(model) AS c ON c.source = u.source AND c.type IS NULL AND model_spellings(c.name) && model_spellings(u.name)
        GROUP  BY u.source, u.name
        UNION ALL
        SELECT 'deleted_rows', u.source, u.name, NULL
        FROM   unread AS u WHERE lower(u.name) IN ('deleted_at', 'deleted', 'is_deleted', 'deleted_on', 'deletedat', '_fivetran_deleted', '_airbyte_deleted_at', '_ab_cdc_deleted_at')
        UNION ALL
        SELECT 'misspelt_relation', r.name, format('perhaps %s', string_agg(DISTINCT s.source, ' or ')), format('ALTER TABLE %I.%I RENAME TO %s', model, r.name, string_agg(DISTINCT s.source, ' or '))
        FROM   relation AS r
               JOIN sources AS s ON s.source NOT IN (SELECT name FROM relation) AND model_spellings(s.source) && model_spellings(r.name)
        WHERE  r.name NOT IN (SELECT source FROM sources)
        AND    NOT EXISTS (SELECT FROM pg_depend AS d JOIN pg_rewrite AS w ON w.oid = d.objid
                           WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid AND w.ev_class <> r.oid)
        GROUP  BY r.name
    )
    SELECT f.code, f.source, count(*),
           CASE f.code WHEN 'misspelt_relation' THEN (SELECT count(*) FROM relation)
                       ELSE (SELECT count(*) FROM model_columns(model) AS c WHERE c.source = f.source AND (c.type IS NOT NULL OR c.required)) END,
           string_agg(f.detail, '; ' ORDER BY f.detail), string_agg(f.advice, ', ' ORDER BY f.detail)
    FROM   found AS f
    GROUP  BY f.code, f.source;
END;
COMMENT ON FUNCTION model_names(model text, dimensions text[]) IS 'implementation of check: what is wrong with the names and types of the relations of a model, dimensions being read as well';

-- CHECK is a word of SQL: the name needs its schema before it, or quotes.
CREATE FUNCTION "check"(schema text, timezone text DEFAULT NULL, currency text DEFAULT NULL, as_of timestamp with time zone DEFAULT NULL, everything boolean DEFAULT false)
RETURNS TABLE (code text, source text, kind text, finding text, rows bigint, of_rows bigint, money numeric, indicator text, value double precision, corrected double precision,
               advice text, query text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, kpi, pg_temp SET datestyle = 'ISO, YMD' SET jit = off AS $$    -- compiling takes longer than it saves
#variable_conflict use_column
DECLARE
    built jsonb := '{}';
    lists jsonb;
    item  record;
    rows  jsonb;
    today date;
    dimensions text[];
BEGIN
    IF schema IS NULL OR NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = schema) THEN
        RAISE EXCEPTION 'schema "%" does not exist', schema USING ERRCODE = 'invalid_schema_name', HINT = 'Write the name of a model, the schema that has its sources.';
    ELSIF NOT EXISTS (SELECT FROM model_columns(schema)) AND NOT EXISTS (SELECT FROM model_names(schema, '{}')) THEN
        RAISE EXCEPTION 'schema "%" has no source', schema USING ERRCODE = 'undefined_table',
            DETAIL = 'Sources are relations with the names ' || (SELECT string_agg(DISTINCT s.source, ', ') FROM sources AS s) || '.',
            HINT = 'See SELECT kpi.scaffold(''orders'') for a view to fill in.';
    END IF;

    -- as it was built, or as build() would without being told
    IF 'kpi_settings' IN (SELECT model_views(schema)) THEN
        EXECUTE format('SELECT to_jsonb(s) FROM %I.kpi_settings AS s', schema) INTO built;
    END IF;
    timezone := coalesce(timezone, built ->> 'timezone', 'UTC');
    currency := coalesce(currency, built ->> 'currency');
    as_of    := coalesce(as_of, (built ->> 'as_of')::timestamptz, now());
    IF NOT isfinite(as_of) THEN
        RAISE EXCEPTION 'as_of is infinite' USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it out for now.';
    ELSIF currency IS NULL AND EXISTS (SELECT FROM model_columns(schema) AS c WHERE c.name = 'currency' AND c.type IS NOT NULL) THEN
        RAISE EXCEPTION 'orders have a currency, but the model has none' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Say which one its amounts are in: currency => ''EUR''.';
    END IF;
    today := bucket('day', as_of, timezone);

    dimensions := ARRAY(SELECT jsonb_array_elements_text(coalesce(built -> 'dimensions', '[]')));

    SELECT coalesce(jsonb_agg(to_jsonb(n)), '[]') INTO lists FROM model_names(schema, dimensions) AS n;
    FOR item IN
        SELECT d.source,
               -- the settings of the model, built or not, in place of its view
               'WITH settings AS NOT MATERIALIZED (SELECT $1 AS timezone, $2 AS currency, $3 AS as_of, $4 AS today, $5 AS refunds_by, $6 AS cart_idle, $7 AS business_hours, $8 AS since) '
               || 'SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object(''source'', $9)) FROM ('
               || replace(model_view(schema, jsonb_populate_record(NULL::view_definitions, jsonb_build_object('query', replace(d.query, '@known_orders@', (
                                                 SELECT '(' || k.query || ')' FROM check_definitions AS k WHERE k.source = 'known_orders')), 'sources', ARRAY[d.source])), dimensions),
                          quote_ident(schema) || '.kpi_settings AS s', 'settings AS s')
               || ') AS t' AS query
        FROM   check_definitions AS d
        WHERE  d.source IN (SELECT c.source FROM model_columns(schema) AS c)
        ORDER  BY d.position
    LOOP
        BEGIN
            EXECUTE item.query INTO rows
            USING timezone, currency, as_of, today, coalesce(built ->> 'refunds_by', 'refund'), coalesce((built ->> 'cart_idle')::interval, '1 hour'),
                  built ->> 'business_hours', (built ->> 'since')::date, item.source;
            lists := lists || coalesce(rows, '[]');
        EXCEPTION WHEN OTHERS OR assert_failure THEN    -- also what a function in a view raises
            -- but not what befalls the server or the transaction: a conflict, no memory, a shutdown, a lock that is waited for too long
            IF left(SQLSTATE, 2) IN ('40', '53', '57', '58', 'XX') OR SQLSTATE = '55P03' THEN
                RAISE;
            END IF;
            lists := lists || jsonb_build_object('code', 'unreadable', 'source', item.source, 'rows', 1, 'of_rows', 1, 'detail', SQLERRM);
        END;
    END LOOP;

    RETURN QUERY
    WITH there AS MATERIALIZED (
        SELECT c.source, c.source || '.' || c.name AS need FROM model_columns(schema) AS c WHERE c.type IS NOT NULL AND c.expression NOT LIKE 'NULL::%'
    ),
    moved AS MATERIALIZED (     -- the indicators that are made of a source
        SELECT i.code, d.sources[1] AS source
        FROM   model_indicators(schema, '{}', NULL, ARRAY['refunds_by=' || coalesce(built ->> 'refunds_by', 'refund')]) AS i
               CROSS JOIN LATERAL regexp_matches(i.value, '\m([a-z_]+)\.[a-z_]+', 'g') AS m
               JOIN view_definitions AS d ON d.name = model_relation(m[1])
        WHERE  i.missing IS NULL
    )
    SELECT t.code, coalesce(f.source, nullif(t.source, '*')), t.kind,
           coalesce('not looked for, as it needs ' || n.missing, concat_ws(': ', t.finding, CASE WHEN f.rows > 0 THEN f.detail END)),
           CASE WHEN n.missing IS NULL THEN coalesce(f.rows, 0) END, CASE WHEN n.missing IS NULL THEN coalesce(f.of_rows, 0) END, CASE WHEN f.rows > 0 THEN round(f.money, 4) END,
           i.code, CASE WHEN f.rows > 0 AND i.code IS NOT NULL THEN f.value END, CASE WHEN f.rows > 0 AND i.code IS NOT NULL THEN f.corrected END,
           coalesce(f.advice, t.advice),
           -- which may ask for a column that could be there and is not
           CASE WHEN n.missing IS NULL AND NOT EXISTS (SELECT FROM sources AS s WHERE s.source = t.source AND t.query ~ ('\m' || s.name || '\M')
                                                       AND s.source || '.' || s.name NOT IN (SELECT c.need FROM there AS c)) THEN
               replace(replace(replace(t.query, '@schema@', quote_ident(schema)), '@as_of@', format('timestamptz %L', as_of)), '@currency@', quote_nullable(currency)) END
    FROM   traps AS t
           LEFT JOIN jsonb_to_recordset(lists) AS f (code text, source text, rows bigint, of_rows bigint, money numeric, indicator text, value double precision,
                                                     corrected double precision, detail text, advice text)
                ON f.code = t.code AND (f.source = t.source OR t.source = '*')
           LEFT JOIN indicators AS i ON i.code = coalesce(f.indicator, t.indicator) AND (i.code, t.source) IN (SELECT m.code, m.source FROM moved AS m)
           CROSS JOIN LATERAL (SELECT string_agg(u.need, ', ') AS missing FROM unnest(t.needs) AS u (need)
                               WHERE NOT EXISTS (SELECT FROM there AS c WHERE c.need = ANY (string_to_array(u.need, '|')))) AS n
    WHERE  (t.source = '*' OR t.source IN (SELECT c.source FROM model_columns(schema) AS c))
    AND    (everything OR f.rows > 0 AND n.missing IS NULL)
    ORDER  BY array_position('{fails,wrong,doubtful,note}', t.kind), t.position, i.position;
END $$;
COMMENT ON FUNCTION "check"(schema text, timezone text, currency text, as_of timestamp with time zone, everything boolean) IS
'the traps of kpi.traps that are in the sources of a model: each with how many rows of how many, their money, the indicator it moves, its value over all the data and the value without the trap, what to do, and a query that shows them; no row if nothing was found; settings are those of build(), or UTC, no currency and now; everything also lists what was looked for and not found (rows 0), or cannot be looked for (rows NULL). Written kpi.check, as CHECK alone is a word of SQL';
