\set ECHO none
\i test/setup.psql
SELECT plan(112);

-- Random shops: every number that a model shows is worked out a second time, in plain SQL from the
-- rows, by the definitions of the catalog. Nothing of the extension is used for that, and none of
-- its formulas.
--
--     raw.<source>  the rows of a shop with all columns that sources can have shop.<source>  what
--     the model is built from: the same without the columns and sources this shop does not have, in
--     other types told  what the views should show, from raw
--
-- A shop is determined by its number, which is the seed of the generator.
--
-- The sections begin with these words:
--
--     The shop at hand  its settings, calendar, and first instants of days The generator  rows of
--     every source, with what real ones have: gaps, ties, NULL,
--                               changes of clocks
--     What the rows say  the rules, each a view in the schema rule: rows that count, facts by
--                               member, sums, customers, stock, what a shop can know, members,
--                               periods, growth, all together
--     Whether a number  how the numbers of the views are compared with those of the rules
--     kpi_values, cohort_retention, funnel_steps, funnel_times, check()
--                               the same for these
--     The shops  each is made, built and compared

CREATE TABLE shop_case (seed int PRIMARY KEY, orders int, days int, note text);
INSERT INTO shop_case VALUES
    (1,     0,   40, 'without orders'),
    (2,     1,   70, 'with one order'),
    (3,     2,  500, 'with two orders'),
    (4,    12,   30, 'tiny'),
    (5,    60,  420, 'small'),
    (6,   150,  200, 'small'),
    (7,   150,   20, 'young'),
    (8,   300,  480, 'of two years'),
    (9,   200,  100, 'of a season'),
    (10,  200,  260, 'with a gap'),
    (11,  600,   60, 'busy'),
    (12, 2500,  400, 'large');


-- Indicators that every shop defines itself, where it has what they read.
CREATE TABLE own (indicator text, unit text, formula text, reads text[], measures boolean);
INSERT INTO own VALUES
    ('own_share',  'share',    $$measure('share')$$, '{}', true),
    ('own_reach',  'quantity', $$coalesce(measure('reach'), 0)$$, '{}', true),
    ('own_sum',    'quantity', $$coalesce(measure('it''s "so" @x@'), 0) - orders * 2$$, '{orders}',
                   true),
    ('own_mixed',  'quantity', 'round(own_ratio / (net_sales - 100), 3) + greatest(units, 5)',
                   '{marketing_spend,new_customers,net_sales,units}', false),
    ('own_ratio',  'money',    'marketing_spend / new_customers',
                   '{marketing_spend,new_customers}', false),
    ('own_growth', 'growth',   'coalesce(net_sales_growth, 0) + 1', '{net_sales_growth}', false),
    ('own_never',  'score',    'net_sales / (orders - orders)', '{net_sales,orders}', false);

CREATE FUNCTION told_own(told jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
               'own_reach', coalesce(reach, 0), 'own_sum', coalesce(so, 0) - 2 * orders,
               'own_ratio', ratio, 'own_ratio#', coalesce(new_customers, 0),
               'own_growth', coalesce(net_sales_growth, 0) + 1,
               'own_mixed', round(ratio / nullif(net_sales - 100, 0), 3) + greatest(units, 5))
    FROM   jsonb_to_record(told)
           AS t (reach numeric, so numeric, orders numeric, net_sales numeric, units numeric,
                 net_sales_growth numeric, marketing_spend numeric, new_customers numeric),
           LATERAL (SELECT marketing_spend / nullif(new_customers, 0) AS ratio) AS r
$$;

-- The shop at hand.
CREATE TABLE spec (
    seed int, n int, zone text, first date, days int, as_of timestamptz, today date, week_start int,
    fiscal int, calendar text, refunds_by text, on_time_by text,
    cart_idle interval, funnel_within interval, funnel_step_within interval[], answers text,
    anonymity int, since date,
    currency text, dims text[], keys text,
    hours text, gap daterange, clock_days date[], promise_dates boolean,
    due_instants boolean, as_views boolean, storage text
);
-- orders, orders.tax, orders@channel, refunds_by=order
CREATE TABLE present (name text PRIMARY KEY);
-- '' is all of it
CREATE TABLE axis (source text, dim text, inherited boolean, own boolean);
CREATE TABLE calendar (
    day date, grain text, period date, until date, previous date, last_year date,
    PRIMARY KEY (day, grain));

-- By which column a refresh finds what is new is not told of what is computed when it is read.
CREATE VIEW told_column AS SELECT * FROM source_columns WHERE name <> 'updated_at';

CREATE SCHEMA raw;
SELECT format('CREATE TABLE raw.%I (%s, channel text, "Sales Region" text, tier int)', source,
              string_agg(format('%I %s', name,
                                CASE kind
                                     WHEN 'key' THEN 'bigint'
                                     WHEN 'instant' THEN 'timestamptz'
                                     WHEN 'number' THEN 'numeric'
                                     WHEN 'times' THEN 'integer'
                                     WHEN 'spans' THEN 'tstzmultirange'
                                     ELSE kind END),
                         ', ' ORDER BY position))
FROM   told_column GROUP BY source ORDER BY source
\gexec

CREATE FUNCTION has(VARIADIC text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT bool_and(EXISTS (SELECT FROM present WHERE name = ANY (string_to_array(need, '|'))))
    FROM   unnest($1) AS need
$$;

-- The local date on which a period starts.
CREATE FUNCTION start_of(grain text, day date, week_start int, fiscal int) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE grain
           WHEN 'day'     THEN day
           WHEN 'week'    THEN day - (extract(isodow FROM day)::int - week_start + 7) % 7
           WHEN 'month'   THEN date_trunc('month', day::timestamp)::date
           WHEN 'quarter'
           THEN (date_trunc('month', day::timestamp)
                 - (extract(month FROM day)::int - fiscal + 12) % 3 * interval '1 month')::date
           WHEN 'half'
           THEN (date_trunc('month', day::timestamp)
                 - (extract(month FROM day)::int - fiscal + 12) % 6 * interval '1 month')::date
           WHEN 'year'
           THEN (date_trunc('month', day::timestamp)
                 - (extract(month FROM day)::int - fiscal + 12) % 12 * interval '1 month')::date END
$$;

-- The same in a calendar of whole weeks whose years start on the Sunday nearest to 1 February: by
-- the week of its year, from 0, that a day lies in.
CREATE FUNCTION whole_year(day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT max(sunday)
    FROM   generate_series(extract(year FROM day)::int - 1, extract(year FROM day)::int) AS y,
           LATERAL (SELECT make_date(y, 2, 1) AS first) AS f,
           LATERAL (SELECT max(first + i) AS sunday FROM generate_series(-3, 3) AS i
                    WHERE  extract(dow FROM first + i) = 0) AS n
    WHERE  sunday <= day
$$;
CREATE FUNCTION start_of_weeks(grain text, day date, calendar text) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT year + 7 * CASE grain
                      WHEN 'week'    THEN week
                      WHEN 'month'   THEN (SELECT max(m) FROM unnest(months) AS m WHERE m <= week)
                      WHEN 'quarter' THEN least(week / 13, 3) * 13
                      WHEN 'half'    THEN least(week / 26, 1) * 26
                      WHEN 'year'    THEN 0 END
    FROM   (SELECT year, (day - year) / 7 AS week FROM whole_year(day) AS year) AS y,
           LATERAL (SELECT array_agg(q * 13 + s) AS months
                    FROM   generate_series(0, 3) AS q,
                           unnest(ARRAY[0, left(calendar, 1)::int,
                                        13 - substr(calendar, 5, 1)::int]) AS s) AS m
$$;

-- The first instant of a local date: a little earlier than what the clock says, where midnight
-- comes twice.
CREATE FUNCTION day_start(day date, zone text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT min(at)
    FROM   (VALUES (day::timestamp AT TIME ZONE zone),
                   ((day::timestamp AT TIME ZONE zone) - interval '1 hour')) AS t (at)
    WHERE  (at AT TIME ZONE zone)::date = day
$$;


-- The generator

CREATE FUNCTION any_name(VARIADIC text[]) RETURNS text
LANGUAGE sql AS 'SELECT $1[any_of(1, cardinality($1))]';

-- Any time of the shop's days: often at midnight or just before, on days on which the clocks
-- change, never in the gap.
CREATE FUNCTION any_instant() RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    s   spec;
    day date;
    r   float8 := random();
    t   interval;
BEGIN
    SELECT * INTO s FROM spec;
    day := s.first + any_of(0, s.days - 1)::int;
    IF random() < 0.1 AND s.clock_days <> '{}' THEN
        day := s.clock_days[any_of(1, cardinality(s.clock_days))];
    END IF;
    IF s.gap @> day THEN
        day := lower(s.gap) - 1;
    END IF;
    t := CASE WHEN r < 0.08 THEN interval '0'
              WHEN r < 0.12 THEN interval '23:59:59.999999'
              WHEN r < 0.25 THEN any_of(0, 14399) * interval '1 s'
              ELSE round(random() * 86399000) * interval '1 ms' END;
    RETURN (day + t) AT TIME ZONE s.zone;
END $$;

-- A time after another: a share of days, in whole seconds.
CREATE FUNCTION later(timestamptz, days float8) RETURNS timestamptz
LANGUAGE sql AS 'SELECT $1 + (60 + floor(random() * random() * days * 86400)) * interval ''1 s''';
CREATE FUNCTION any_amount(float8) RETURNS numeric
LANGUAGE sql AS 'SELECT round((random() * $1)::numeric, 2)';

CREATE FUNCTION open_shop(c shop_case) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s     spec;
    item  record;
    local timestamp;
BEGIN
    PERFORM setseed(c.seed / 1000.0);
    TRUNCATE spec, present, axis, calendar;

    s.seed := c.seed;
    s.n := c.orders;
    s.zone := (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'America/St_Johns',
                     'America/Santiago', 'America/Havana', 'Asia/Kathmandu'])[1 + c.seed % 7];
    s.first := date '2023-01-01' + any_of(0, 700)::int;
    s.days := c.days;
    local := s.first + s.days * (0.5 + 0.5 * random()) * interval '1 day';
    s.as_of := greatest(s.first,
                        CASE c.seed % 5
                             WHEN 0 THEN date_trunc('day', local)
                             WHEN 1 THEN date_trunc('month', local) + interval '12:34:56'
                             ELSE date_trunc('second', local) END) AT TIME ZONE s.zone;
    s.today := (s.as_of AT TIME ZONE s.zone)::date;
    s.week_start := CASE WHEN random() < 0.5 THEN 1 ELSE any_of(2, 7) END;
    s.fiscal := CASE WHEN random() < 0.4 THEN 1 WHEN random() < 0.5 THEN 4 ELSE any_of(2, 12) END;
    IF c.seed % 3 = 2 THEN
        s.week_start := 1;
        s.fiscal := 1;
        s.calendar := any_name('4-4-5', '4-5-4', '5-4-4') || ' from sunday nearest february';
    END IF;
    s.refunds_by := any_name('refund', 'order');
    s.on_time_by := any_name('timestamp', 'date');
    s.cart_idle := any_name('1 hour', '3 days')::interval;
    s.funnel_within := any_name('1 day', '10 minutes', NULL)::interval;
    s.since := CASE WHEN random() < 0.3
                    THEN least(s.first + any_of(-40, s.days / 3)::int, s.today) END;
    s.answers := (ARRAY['all', 'last of week', 'last of month', 'last of year', 'last of all',
                        'last of day', 'last of quarter'])[1 + c.seed % 7];
    s.anonymity := (ARRAY[NULL, 2, 4])[1 + c.seed % 3];
    s.funnel_step_within := (ARRAY[NULL, '{5 minutes}', '{NULL,00:00,10 minutes}', NULL,
                                   '{12 minutes,2 days,1 hour}'])[1 + c.seed % 5];
    s.currency := 'EUR';
    s.keys := (ARRAY['bigint', 'uuid', 'text', 'mixed'])[1 + c.seed % 4];
    s.hours := CASE WHEN c.seed % 3 = 0 THEN 'Mon-Fri 9:00-18:00' END;
    s.gap := CASE WHEN c.note ~ 'gap' THEN daterange(s.first + s.days / 5, s.first + s.days / 2)
                  ELSE 'empty' END;
    s.clock_days := ARRAY(SELECT day
                          FROM   generate_series(0, s.days - 1) AS i,
                               LATERAL (SELECT s.first + i AS day) AS d
                          WHERE day_start(day + 1, s.zone) - day_start(day, s.zone)
                              <> interval '24 hours');
    s.promise_dates := random() < 0.3;
    s.due_instants := random() < 0.3;
    s.as_views := random() < 0.4;
    s.storage := CASE s.seed % 2 WHEN 0 THEN 'materialized' ELSE 'view' END;
    s.dims := ARRAY(SELECT d
                    FROM   unnest('{channel,Sales Region,tier,sku}'::text[]) AS d ORDER BY random()
                    LIMIT  CASE WHEN c.orders > 500 OR c.days > 450 THEN 1 ELSE any_of(0, 2) END);

    -- What there is of sources, columns and dimensions.
    INSERT INTO present
    SELECT CASE WHEN k = 1 THEN source ELSE source || '.' || name END
    FROM   (SELECT source, array_agg(name ORDER BY position) AS names
            FROM   (SELECT source, position, name, required OR random() < 0.85 AS there
                    FROM   told_column ORDER BY source, position) AS x
            WHERE  there GROUP BY source) AS x,
           LATERAL unnest(names) WITH ORDINALITY AS u (name, i),
           generate_series(1, 2) AS k
    WHERE  (k = 2 OR i = 1)
    AND    source IN (SELECT source
                      FROM   (SELECT DISTINCT source FROM told_column) AS x
                      WHERE  abs(hashint8extended(hashtext(source), c.seed)) % 100 < 82);
    INSERT INTO present
    SELECT source || '@' || d
    FROM   (SELECT DISTINCT source FROM told_column) AS x, unnest(s.dims) AS d
    WHERE  has(source)
    AND    CASE d
                WHEN 'sku' THEN has(source || '.sku')
                ELSE abs(hashint8extended(hashtext(source || d), c.seed)) % 100 < 60 END;
    s.dims := ARRAY(SELECT d
                    FROM   unnest(s.dims) AS d
                    WHERE  EXISTS (SELECT FROM present WHERE name LIKE '%@' || d));
    INSERT INTO present VALUES ('refunds_by=' || s.refunds_by), ('by=dimension');
    INSERT INTO spec SELECT s.*;
    INSERT INTO axis SELECT DISTINCT source, '', false, true FROM told_column;
    INSERT INTO axis
    SELECT source, d, parent, has(source || '@' || d)
    FROM   (SELECT DISTINCT source FROM told_column) AS x, unnest(s.dims) AS d,
           LATERAL (SELECT source IN ('order_lines', 'returns', 'order_changes', 'deliveries')
                    AND has('orders@' || d) AS parent) AS p
    WHERE  parent OR has(source || '@' || d);
    INSERT INTO calendar
    SELECT day, grain, period, coalesce((period + step)::date, 'infinity'), (period - step)::date,
           (period
            - CASE WHEN grain IN ('day', 'week') THEN interval '364 days'
                   WHEN grain <> 'all' THEN interval '1 year' END)::date
    FROM   (VALUES ('day', interval '1 day'), ('week', '7 days'), ('month', '1 month'),
                   ('quarter', '3 months'), ('half', '6 months'), ('year', '1 year'),
                   ('all', NULL)) AS g (grain, step),
           generate_series(-450, s.days + 120) AS i, LATERAL (SELECT s.first + i AS day) AS d,
           LATERAL (SELECT CASE WHEN grain = 'all' THEN s.first - 450
                                WHEN grain <> 'day' AND s.calendar IS NOT NULL
                                THEN start_of_weeks(grain, day, s.calendar)
                                ELSE start_of(grain, day, s.week_start, s.fiscal) END AS period)
                   AS p;
    IF s.calendar IS NOT NULL THEN
        UPDATE calendar AS d
        SET    until = coalesce(p.until, 'infinity'), previous = p.previous,
               last_year = d.period - 364
        FROM  (SELECT grain, period, lead(period) OVER w AS until, lag(period) OVER w AS previous
               FROM   calendar
               WHERE  grain NOT IN ('day', 'all')
               GROUP  BY grain, period WINDOW w AS (PARTITION BY grain ORDER BY period)) AS p
        WHERE  (p.grain, p.period) = (d.grain, d.period);
    END IF;
    ANALYZE calendar;

    -- Rows.
    FOR item IN SELECT DISTINCT source FROM told_column LOOP
        EXECUTE format('TRUNCATE raw.%I', item.source);
    END LOOP;
    INSERT INTO raw.orders
    SELECT i, at, CASE WHEN random() < 0.8 THEN 1 + floor(random() * random() * (5 + s.n / 3)) END,
           maybe(net), maybe(net + off), maybe(off), maybe(any_amount(20)), maybe(any_amount(9)),
           maybe(any_amount(90)), maybe(any_of(1, 6)::numeric),
           currency,
           CASE currency
                WHEN 'USD' THEN round((0.8 + random() * 0.3)::numeric, 4)
                WHEN 'CNY' THEN 0.128
                WHEN 'EUR' THEN maybe(1.5)
                ELSE maybe(2.0) END,
           CASE WHEN random() < 0.12 THEN later(at, 60) END, maybe(random() < 0.05),
           maybe(later(at, 12)), maybe(any_name('web', 'shop', 'app')), maybe(any_name('N', 'S')),
           maybe(any_of(1, 3)::int)
    FROM   (SELECT i, any_instant() AS at,
                   CASE WHEN random() < 0.05 THEN 0 ELSE any_amount(200) END AS net,
                   CASE WHEN random() < 0.5 THEN 0 ELSE any_amount(30) END AS off,
                   CASE WHEN has('orders.currency')
                        THEN CASE WHEN has('orders.exchange_rate')
                                  AND random() < 0.3 THEN any_name('USD', 'CNY')
                                  ELSE maybe('EUR'::text) END END AS currency
            FROM generate_series(1, s.n) AS i) AS x;
    INSERT INTO raw.order_lines
    SELECT order_id, any_of(1, 5), any_name('a', 'b', 'c', 'd'), maybe(any_amount(80)),
           maybe(any_amount(40)), maybe(any_name('x', 'y')), maybe(any_name('web', 'shop')),
           maybe(any_name('N', 'S', 'E')), any_of(1, 2)
    FROM   (SELECT order_id
            FROM   raw.orders, generate_series(1, any_of(0, 3) + order_id % 1)
            UNION ALL
            SELECT 1000000 + i
            FROM   generate_series(1, s.n / 20) AS i) AS x;
    INSERT INTO raw.returns
    SELECT order_id, later(at, 50), maybe(any_of(1, 2)::numeric), maybe(any_amount(60)),
           NULL, NULL, maybe(any_name('a', 'b', 'c')), NULL, any_name('web', 'post'),
           maybe(any_name('N', 'W')), any_of(2, 4)
    FROM   (SELECT order_id, ordered_at AS at
            FROM   raw.orders, generate_series(1, greatest(0, any_of(-6, 3)) + order_id % 1)
            UNION ALL
            SELECT 2000000 + i, any_instant()
            FROM   generate_series(0, s.n / 30) AS i) AS x;
    INSERT INTO raw.order_changes
    SELECT order_id, later(at, 40), maybe(net), maybe(net + off), maybe(off),
           maybe(any_amount(20) - 8), maybe(any_amount(6) - 3), maybe(any_amount(40) - 15),
           maybe(any_of(-2, 3)::numeric), maybe(any_name('edit', 'exchange')),
           any_name('web', 'post'), maybe(any_name('N', 'W')), any_of(2, 4)
    FROM   (SELECT order_id, at, any_amount(80) - 30 AS net,
                   CASE WHEN random() < 0.5 THEN 0 ELSE any_amount(8) - 4 END AS off
            FROM   (SELECT order_id, ordered_at AS at
                    FROM   raw.orders,
                           generate_series(1, greatest(0, any_of(-5, 2)) + order_id % 1)
                    UNION ALL
                    SELECT 3000000 + i, any_instant()
                    FROM   generate_series(0, s.n / 30) AS i) AS x) AS x;
    INSERT INTO raw.deliveries
    SELECT order_id, CASE WHEN random() < 0.95 THEN at END,
           CASE WHEN random() < 0.85 THEN later(at, 5) END,
           CASE WHEN random() < 0.9 THEN later(at, 14) END,
           maybe(later(at, 12)), any_name('web', 'post'), maybe(any_name('N', 'W')), any_of(1, 2)
    FROM   (SELECT order_id, ordered_at AS at
            FROM   raw.orders,
                 generate_series(1, CASE WHEN random() < 0.85 THEN 1 ELSE 2 END + order_id % 1)
            UNION ALL
            SELECT 1000000 + i, any_instant()
            FROM   generate_series(0, s.n / 40) AS i) AS x;
    INSERT INTO raw.visits
    SELECT i, any_instant(), maybe(floor(random() * random() * (4 + s.n / 2))::bigint),
           maybe(random() < 0.3), maybe(random() < 0.5), maybe(random() < 0.4),
           any_name('web', 'app'), maybe(any_name('N', 'S')), maybe(any_of(1, 5)::int)
    FROM   generate_series(1, 10 + s.n) AS i;
    INSERT INTO raw.events
    SELECT floor(random() * (3 + s.n / 20)), at + any_of(0, 20) * interval '1 minute',
           CASE WHEN random() < 0.95 THEN any_of(1, 4) END,
           CASE WHEN random() < 0.5 THEN any_name('look', 'buy') END,
           'web', 'N', 1
    FROM   (SELECT any_instant() AS at FROM generate_series(1, least(s.n / 4, 150) + 2)) AS x,
           generate_series(1, 4);
    INSERT INTO raw.carts
    SELECT i, at, CASE WHEN random() < 0.3 THEN later(at, 3) END,
           maybe(CASE WHEN random() < 0.2 THEN at ELSE later(at, 5) END), i % 50,
           maybe(any_amount(120)), maybe(any_name('web', 'app')), 'N', any_of(1, 2)
    FROM   (SELECT i, any_instant() AS at FROM generate_series(1, 6 + s.n / 2) AS i) AS x;
    INSERT INTO raw.surveys
    SELECT any_instant(), kind,
           maybe(CASE WHEN lower(kind) IN ('nps', 'enps') THEN any_of(0, 10)
                      WHEN lower(kind) = 'mood' THEN 77
                      ELSE any_of(1, coalesce(scale, 5)) END::int),
           scale,
           nullif(i % (5 + s.n / 10), 3), maybe(0.1 + any_amount(3)), nullif(i / 2, 3),
           maybe(any_name('web', 'mail')), any_name('N', 'S'),
           maybe(any_of(1, 3)::int)
    FROM   (SELECT i,
                   any_name('nps', 'csat', 'enps', 'esat', 'communication', 'NPS', 'mood') AS kind,
                   CASE WHEN has('surveys.scale')
                        THEN (ARRAY[NULL, 5, 5, 2, 3, 10, 7])[any_of(1, 7)] END AS scale
            FROM generate_series(1, 8 + s.n / 2) AS i) AS x;
    INSERT INTO raw.stock_moves
    SELECT sku, at,
           CASE lower(kind)
                WHEN 'sale' THEN -any_of(1, 4)
                WHEN 'receipt' THEN any_of(1, 8)
                ELSE any_of(-1, 2) END,
           maybe(any_amount(9) + 1), maybe(kind), nullif(i / 2, 3), maybe(any_name('web', 'shop')),
           any_name('N', 'S'), any_of(1, 2)
    FROM   (SELECT i, any_name('a', 'b', 'c') AS sku, any_instant() AS at,
                   any_name('sale', 'Sale', 'receipt', 'adjust') AS kind
            FROM   generate_series(1, least(s.n / 2, 100)) AS i) AS x;
    -- so much in the beginning that stock does not become negative, anywhere
    INSERT INTO raw.stock_moves
    SELECT sku, at - i * interval '90 minutes', 3000, 12.5, NULL, 0, channel, region, tier
    FROM   (SELECT coalesce(min(moved_at), any_instant()) AS at FROM raw.stock_moves) AS f,
           unnest('{a,b,c}'::text[]) WITH ORDINALITY AS u (sku, i),
           unnest('{web,shop,NULL}'::text[]) AS channel, unnest('{N,S}'::text[]) AS region,
           generate_series(1, 2) AS tier;
    INSERT INTO raw.stock_levels
    SELECT chr(96 + sku), at + sku * interval '1 s', any_of(0, 60), maybe(any_amount(20)),
           (ARRAY['web', 'shop', NULL])[sku], 'N', sku % 2
    FROM   (SELECT any_instant() AS at FROM generate_series(1, 3 + least(s.n / 20, 30))) AS x,
           generate_series(1, 3) AS sku;
    -- Promises are kept to the microsecond, too; what is on hold may be still.
    INSERT INTO raw.tickets
    SELECT i, at, reply, solved, any_name('support', 'internal', 'Internal', NULL, 'sales'),
           CASE WHEN random() < 0.3
                THEN tstzmultirange(tstzrange(hold, later(hold, 3)),
                                    tstzrange(later(hold, 9),
                                              CASE WHEN random() < 0.5
                                                   THEN hold + interval '10 days' END)) END,
           maybe(CASE WHEN random() < 0.1 THEN reply ELSE later(at, 6) END),
           maybe(CASE WHEN random() < 0.1 THEN solved - interval '1 us'
                      ELSE later(at, 30) END),
           maybe(greatest(0, any_of(-2, 2))::int),
           maybe(any_name('web', 'mail')), any_name('N', 'S'), maybe(any_of(1, 3)::int)
    FROM   (SELECT i, at, CASE WHEN random() < 0.9 THEN later(at, 6) END AS reply,
                   CASE WHEN random() < 0.85 THEN later(at, 30) END AS solved,
                   later(at, 6) - interval '6 hours' AS hold
            FROM   (SELECT i, any_instant() AS at FROM generate_series(1, 5 + s.n / 3) AS i) AS x
           ) AS x;
    -- Some are there twice.
    INSERT INTO raw.holidays
    SELECT s.first + i, (ARRAY['10:00-13:00', '8:00-20:00', '9:00-10:30 12:00-13:15',
                                            NULL])[any_of(1, 4)],
           any_name('web', 'mail'), 'N', 1
    FROM   generate_series(0, s.days, any_of(1, 9)::int) AS i;
    INSERT INTO raw.holidays
    SELECT held_on, '11:00-12:00', 'web', 'S', 2 FROM raw.holidays WHERE random() < 0.05;
    INSERT INTO raw.projects
    SELECT i, due, CASE WHEN random() < 0.7 THEN due + any_of(-10, 8)::int END,
           CASE WHEN random() < 0.15 THEN due + any_of(-5, 5)::int END,
           maybe(any_name('Ann', 'Bo')), any_name('web', 'shop'), maybe(any_name('N', 'S')), 1
    FROM   (SELECT i, (any_instant() AT TIME ZONE s.zone)::date AS due
            FROM   generate_series(1, 4 + least(s.n / 5, 60)) AS i) AS x;
    UPDATE raw.returns SET tax = maybe(any_amount(8)), shipping = maybe(any_amount(5)),
                           our_fault = nullif(order_id % 5, 4) < 2;
    INSERT INTO raw.spend
    SELECT (any_instant() AT TIME ZONE s.zone)::date, maybe(any_amount(300) - 20),
           maybe(any_name('web', 'app')), any_name('N', 'S'), any_of(1, 2)
    FROM   generate_series(1, 3 + s.n / 4) AS i;
    INSERT INTO raw.measures
    SELECT measure, (any_instant() AT TIME ZONE s.zone)::date, maybe(any_amount(50) - 5),
           CASE measure WHEN 'share' THEN CASE WHEN random() < 0.8 THEN any_of(0, 90) END
                        WHEN 'reach' THEN NULL
                        ELSE maybe(any_of(0, 2)) END,
           maybe(any_name('web', 'app')), any_name('N', 'S'), any_of(1, 2)
    FROM   (SELECT maybe(any_name('share', 'reach', 'it''s "so" @x@')) AS measure
            FROM   generate_series(1, 9 + s.n / 4)) AS x;
    IF s.promise_dates THEN
        UPDATE raw.orders SET promised_at
            = day_start((promised_at AT TIME ZONE s.zone)::date + 1, s.zone) - interval '1 us';
        UPDATE raw.deliveries SET promised_at
            = day_start((promised_at AT TIME ZONE s.zone)::date + 1, s.zone) - interval '1 us';
    END IF;

    -- A column that is not there holds nothing; without unit_cost, stock is measured in pieces.
    FOR item IN SELECT source,
    string_agg(format('%I = %s', name,
                      CASE WHEN source = 'stock_moves' AND name = 'unit_cost' THEN '1'
                           ELSE 'NULL' END),
               ', ') AS sets
                FROM told_column
                WHERE  NOT has(source || '.' || name) AND has(source)
                GROUP  BY source LOOP
        EXECUTE format('UPDATE raw.%I SET %s', item.source, item.sets);
    END LOOP;
    FOR item IN SELECT DISTINCT source FROM told_column WHERE NOT has(source) LOOP
        EXECUTE format('TRUNCATE raw.%I', item.source);
    END LOOP;

    -- The sources of the model, and the model.
    DROP SCHEMA IF EXISTS shop CASCADE;
    CREATE SCHEMA shop;
    FOR item IN
        SELECT source,
               format('SELECT %s%s, timestamp ''2025-01-01 12:00'' AS imported_at,
                              ''x''::char(3) AS note
                       FROM   raw.%I AS x',
                      string_agg(format('%s AS %I', CASE
                   WHEN kind = 'key' AND s.keys = 'uuid' THEN format('md5(x.%I::text)::uuid', name)
                   WHEN kind = 'key'
                       AND (s.keys = 'text' OR s.keys = 'mixed' AND source <> 'orders')
                       THEN format('x.%I::text', name)
                   WHEN kind = 'instant' AND name = 'promised_at'
                       AND s.promise_dates THEN format('(x.%I AT TIME ZONE %L)::date', name, s.zone)
                   WHEN kind = 'date'
                       AND s.due_instants
                       THEN format('(x.%I + interval ''12:34'') AT TIME ZONE %L', name, s.zone)
                   WHEN kind = 'number'
                       AND name IN ('units', 'quantity') THEN format('x.%I::smallint', name)
                   WHEN kind = 'number' AND s.seed % 3 = 1 THEN format('x.%I::float8', name)
                   WHEN kind = 'times' AND s.seed % 2 = 1 THEN format('x.%I > 0', name)
                   WHEN kind = 'integer' AND s.seed % 2 = 1 THEN format('x.%I::bigint', name)
                   ELSE format('x.%I', name) END, name), ', ' ORDER BY position),
           (SELECT string_agg(format(', x.%I', d), '')
            FROM   unnest(s.dims) AS d WHERE d <> 'sku' AND has(source || '@' || d)),
           source) AS query,
               max(name)
                   FILTER (WHERE name
                           IN ('ordered_at', 'started_at', 'created_at', 'returned_at',
                               'answered_at', 'moved_at', 'opened_at', 'changed_at')
                           AND    required) AS instant
        FROM   told_column WHERE has(source || '.' || name) GROUP BY source
    LOOP
        EXECUTE format('CREATE %s shop.%I AS %s', CASE WHEN s.as_views THEN 'VIEW' ELSE 'TABLE' END,
                       item.source, item.query);
        IF NOT s.as_views AND item.instant IS NOT NULL
            AND abs(hashint8extended(hashtext(item.source), c.seed)) % 2 = 0 THEN
            EXECUTE format('CREATE INDEX ON shop.%I (%I)', item.source, item.instant);
        END IF;
    END LOOP;
    PERFORM put_own_table('shop', current_user::text);
    INSERT INTO shop.indicators (indicator, formula, name, name_zh, unit, definition)
    SELECT indicator, formula, indicator, indicator, unit, formula FROM own;
    PERFORM build('shop', s.zone, s.currency, s.dims, s.week_start, s.fiscal, s.storage,
                  s.refunds_by, s.on_time_by, s.cart_idle, s.hours, s.funnel_within, s.since,
                  s.as_of, s.calendar,
                  CASE WHEN has('surveys.respondent') THEN s.answers ELSE 'all' END, s.anonymity,
                  s.funnel_step_within);

    -- Orders are edited afterwards: another amount, a customer found out, a cancellation.
    UPDATE raw.orders SET net_sales = net_sales + 1.25, gross_sales = gross_sales + 1.5,
        discount = discount + 0.25, units = units + 1
    WHERE  order_id % 11 = 3;
    UPDATE raw.orders SET customer_id = 1 WHERE order_id % 17 = 4 AND has('orders.customer_id');
    UPDATE raw.orders SET cancelled_at = ordered_at + interval '1 day'
    WHERE  order_id % 29 = 5 AND has('orders.cancelled_at');
    FOR item IN SELECT relname AS source, pg_get_viewdef(oid) AS query
    FROM   pg_class
    WHERE  relnamespace = 'shop'::regnamespace AND relname = 'orders' AND NOT s.as_views LOOP
        EXECUTE (SELECT format('UPDATE shop.orders AS t SET %s FROM raw.orders AS x WHERE %s',
                               string_agg(format('%I = x.%1$I', name), ', '),
                               CASE s.keys
                                    WHEN 'uuid' THEN 't.order_id = md5(x.order_id::text)::uuid'
                                    ELSE 't.order_id::text = x.order_id::text' END)
                 FROM unnest('{net_sales,gross_sales,discount,units,cancelled_at}'::text[]) AS name
                 WHERE  has('orders.' || name)
                 HAVING count(*) > 0);
        IF has('orders.customer_id') THEN
            EXECUTE format('UPDATE shop.orders AS t SET customer_id = %s
                            FROM   raw.orders AS x WHERE %s',
                           CASE s.keys
                                WHEN 'uuid' THEN 'md5(x.customer_id::text)::uuid'
                                WHEN 'text' THEN 'x.customer_id::text'
                                ELSE 'x.customer_id' END,
                           CASE s.keys
                                WHEN 'uuid' THEN 't.order_id = md5(x.order_id::text)::uuid'
                                ELSE 't.order_id::text = x.order_id::text' END);
        END IF;
    END LOOP;
    IF s.storage = 'materialized' THEN
        PERFORM refresh('shop');
    END IF;
    FOR item IN SELECT source FROM axis WHERE dim = '' LOOP
        EXECUTE format('ANALYZE raw.%I', item.source);
    END LOOP;
END $$;


-- What the rows say

-- The bucket of a duration, by its microseconds: one for each below 64, then 64 for each doubling.
CREATE FUNCTION bucket_of(t numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT sign(t)::bigint * CASE WHEN micros < 64 THEN micros
                                  ELSE 64 * shift + (micros >> shift) END
    FROM   (SELECT abs(round(t * 1000000))::bigint AS micros) AS m,
           LATERAL (SELECT length(ltrim(micros::bit(64)::text, '0')) - 7 AS shift) AS s
$$;

-- Durations are known by their bucket where more than 100 are different.
CREATE FUNCTION in_buckets(times numeric[]) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN (SELECT count(DISTINCT t) > 100 FROM unnest(times) AS t);

-- How far a quantile may be off: by half a bucket in either direction, with open ones by a bucket.
CREATE FUNCTION slack(finished numeric[], unfinished numeric[]) RETURNS numeric LANGUAGE sql
RETURN CASE WHEN NOT in_buckets(finished) AND NOT in_buckets(unfinished) THEN 0
            WHEN unfinished IS NULL THEN 0.01 ELSE 0.016 END;

-- The Kaplan-Meier quantile: the first time after which at most 1 - p are left. What is not over by
-- a time is at risk until then; of two at the same time, or in the same bucket, what is over comes
-- first. Without open ones, the quantile between two observations.
CREATE AGGREGATE product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = 1);
CREATE FUNCTION quantile(finished numeric[], unfinished numeric[], p float8) RETURNS float8
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN unfinished IS NULL
                THEN (SELECT percentile_cont(p) WITHIN GROUP (ORDER BY t::float8)
                      FROM   unnest(finished) AS t)
                ELSE (SELECT min(t)
                      FROM   (SELECT t::float8,
                                     product(1 - over::float8 / at_risk)
                                         OVER (ORDER BY moment) AS left_over
                            FROM   (SELECT moment, min(t) AS t,
                                           count(*) FILTER (WHERE finite) AS over,
                                           sum(count(*)) OVER (ORDER BY moment DESC)::float8
                                               AS at_risk
                                    FROM   (SELECT t, true AS finite
                                            FROM   unnest(finished) AS t
                                            UNION ALL
                                            SELECT t, false
                                            FROM   unnest(unfinished) AS t) AS u,
                                           (SELECT slack(finished, unfinished) > 0) AS c (coarse),
                                           LATERAL (SELECT CASE WHEN coarse THEN bucket_of(t)
                                                                ELSE t END AS moment) AS m
                                    GROUP  BY moment) AS r) AS s
                      WHERE left_over <= 1 - p + 1e-11) END
$$;


-- Each step is a view in the schema rule and a table of the same name, which holds it for the shop
-- at hand.
CREATE SCHEMA rule;
CREATE FUNCTION keep(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %1$I AS TABLE rule.%1$I WITH NO DATA', name);
END $$;

-- Rows that count, with their local date; x_row and o_row hold the columns of the row and of the
-- order it belongs to.
CREATE VIEW rule.fact_orders AS
SELECT x.order_id, (x.ordered_at AT TIME ZONE s.zone)::date AS day, x.ordered_at, x.customer_id,
       x.promised_at, to_jsonb(x) AS x_row,
       coalesce(x.is_test, false) AS test, coalesce(x.cancelled_at <= s.as_of, false) AS cancelled,
       NOT coalesce(x.is_test, false) AND NOT coalesce(x.cancelled_at <= s.as_of, false) AS sold,
       f AS factor,
       f * coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) AS net,
       f * coalesce(x.gross_sales, x.net_sales + coalesce(x.discount, 0)) AS gross,
       f * coalesce(x.discount, x.gross_sales - x.net_sales) AS discount, f * x.tax AS tax,
       f * x.shipping AS shipping, f * x.cost AS cost, x.units
FROM   raw.orders AS x, spec AS s,
       LATERAL (SELECT CASE WHEN x.currency IS NULL OR x.currency = s.currency THEN 1
                            ELSE x.exchange_rate END AS f) AS r
WHERE  x.ordered_at <= s.as_of;
SELECT FROM keep('fact_orders');

CREATE VIEW rule.fact_order_lines AS
SELECT o.day, x.quantity, o.factor * x.net_sales AS net, o.factor * x.cost AS cost,
       to_jsonb(x) AS x_row, o.x_row AS o_row
FROM   raw.order_lines AS x JOIN fact_orders AS o USING (order_id) WHERE o.sold;
SELECT FROM keep('fact_order_lines');

CREATE VIEW rule.fact_returns AS
SELECT x.order_id,
       CASE s.refunds_by
            WHEN 'order' THEN o.day
            ELSE (x.returned_at AT TIME ZONE s.zone)::date END AS day,
       x.quantity, coalesce(o.factor, 1) * x.refund AS refund,
       coalesce(o.factor, 1) * x.tax AS tax, coalesce(o.factor, 1) * x.shipping AS shipping,
       to_jsonb(x) AS x_row, o.x_row AS o_row
FROM   spec AS s, raw.returns AS x LEFT JOIN fact_orders AS o USING (order_id)
WHERE  x.returned_at <= s.as_of
AND    CASE WHEN o.order_id IS NULL THEN s.refunds_by = 'refund' ELSE o.sold END;
SELECT FROM keep('fact_returns');

CREATE VIEW rule.fact_order_changes AS
SELECT (x.changed_at AT TIME ZONE s.zone)::date AS day, x.changed_at, o.customer_id,
       f * coalesce(x.net_sales, x.gross_sales - coalesce(x.discount, 0)) AS net,
       f * coalesce(x.gross_sales, x.net_sales + coalesce(x.discount, 0)) AS gross,
       f * coalesce(x.discount, x.gross_sales - x.net_sales) AS discount, f * x.tax AS tax,
       f * x.shipping AS shipping, f * x.cost AS cost, x.units,
       to_jsonb(x) AS x_row, o.x_row AS o_row
FROM   spec AS s, raw.order_changes AS x LEFT JOIN fact_orders AS o USING (order_id)
       CROSS JOIN LATERAL (SELECT coalesce(o.factor, 1) AS f) AS r
WHERE  x.changed_at <= s.as_of AND o.sold IS NOT FALSE;
SELECT FROM keep('fact_order_changes');

CREATE VIEW rule.fact_deliveries AS
SELECT (coalesce(x.ordered_at, x.promised_at) AT TIME ZONE s.zone)::date AS day,
       to_jsonb(x) AS x_row, o.x_row AS o_row, x.order_id, x.ordered_at IS NOT NULL AS dated,
       p.promised_at IS NOT NULL AS promised,
       extract(epoch FROM p.delivered_at - x.ordered_at) AS took,
       extract(epoch FROM p.shipped_at - x.ordered_at) AS shipping,
       extract(epoch FROM s.as_of - x.ordered_at) AS age,
       p.delivered_at IS NOT NULL AS arrived, p.shipped_at IS NOT NULL AS left_house,
       -- NULL is no trial: nothing promised, or the promise is still open
       CASE s.on_time_by
            WHEN 'date'
            THEN CASE WHEN p.delivered_at IS NULL
                      THEN CASE WHEN (p.promised_at AT TIME ZONE s.zone)::date < s.today
                                THEN false END
                      ELSE (p.delivered_at AT TIME ZONE s.zone)::date
                          <= (p.promised_at AT TIME ZONE s.zone)::date END
                         ELSE CASE WHEN p.delivered_at IS NULL
                                   THEN CASE WHEN p.promised_at < s.as_of THEN false END
                                   ELSE p.delivered_at <= p.promised_at END END AS on_time
FROM   spec AS s, raw.deliveries AS x LEFT JOIN fact_orders AS o USING (order_id),
       LATERAL (SELECT CASE WHEN x.delivered_at <= s.as_of THEN x.delivered_at END AS delivered_at,
                       CASE WHEN x.shipped_at <= s.as_of THEN x.shipped_at END AS shipped_at,
                       coalesce(x.promised_at, o.promised_at) AS promised_at) AS p
WHERE  coalesce(x.ordered_at, x.promised_at) <= s.as_of AND o.test IS NOT TRUE
AND    (o.cancelled IS NOT TRUE OR p.delivered_at IS NOT NULL);
SELECT FROM keep('fact_deliveries');

-- How the orders went that were promised to arrive: 1 as they should, 0 not, NULL not known yet.
CREATE VIEW rule.fact_promises AS
SELECT o.day, o.x_row,
       CASE WHEN d.late > 0 OR EXISTS (SELECT FROM raw.returns AS r
                                       WHERE  r.order_id = o.order_id AND r.our_fault
                                       AND    r.returned_at <= s.as_of) THEN 0
            WHEN d.n > 0 THEN CASE WHEN d.arrived = d.n THEN 1 END
            WHEN s.on_time_by = 'date' AND (o.promised_at AT TIME ZONE s.zone)::date < s.today
                 OR s.on_time_by <> 'date' AND o.promised_at < s.as_of THEN 0 END AS perfect
FROM   spec AS s, fact_orders AS o,
       LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE arrived) AS arrived,
                       count(*) FILTER (WHERE NOT on_time) AS late,
                       count(*) FILTER (WHERE promised) AS promised
                FROM   fact_deliveries AS d WHERE d.order_id = o.order_id) AS d
WHERE  o.sold AND (d.promised > 0 OR d.n = 0 AND o.promised_at IS NOT NULL);
SELECT FROM keep('fact_promises');

CREATE VIEW rule.fact_visits AS
SELECT (x.started_at AT TIME ZONE s.zone)::date AS day, x.*, to_jsonb(x) AS x_row
FROM   raw.visits AS x, spec AS s WHERE x.started_at <= s.as_of;
SELECT FROM keep('fact_visits');

CREATE VIEW rule.fact_carts AS
SELECT (x.created_at AT TIME ZONE s.zone)::date AS day, to_jsonb(x) AS x_row, x.value,
       CASE WHEN x.ordered_at <= s.as_of THEN 'ordered'
            WHEN s.as_of
                - greatest(x.created_at, coalesce(x.last_active_at, x.created_at)) < s.cart_idle
            THEN 'open'
            ELSE 'abandoned' END AS state
FROM   raw.carts AS x, spec AS s WHERE x.created_at <= s.as_of;
SELECT FROM keep('fact_carts');

CREATE VIEW rule.fact_surveys AS
SELECT (x.answered_at AT TIME ZONE s.zone)::date AS day, to_jsonb(x) AS x_row,
       lower(x.instrument) AS kind, x.score,
       CASE WHEN x.score IS NOT NULL THEN x.weight END AS weight,
       CASE WHEN coalesce(x.scale, 5) <= 3 THEN x.score = coalesce(x.scale, 5)
            ELSE x.score >= coalesce(x.scale, 5) - 1 END AS satisfied,
       1 + (x.score - 1) * 4.0 / (coalesce(x.scale, 5) - 1) AS of_five
FROM   raw.surveys AS x, spec AS s
WHERE  x.answered_at <= s.as_of
AND    (s.answers = 'all' OR x.respondent IS NULL OR NOT has('surveys.respondent')
        -- is there a later answer to the same question in the same period?
        OR x.score IS NOT NULL AND NOT EXISTS (
               SELECT FROM raw.surveys AS l,
                           calendar AS lc, calendar AS c
               WHERE  l.respondent = x.respondent AND lower(l.instrument) = lower(x.instrument)
               AND    l.answered_at <= s.as_of AND l.score IS NOT NULL
               AND    lc.day = (l.answered_at AT TIME ZONE s.zone)::date
               AND    c.day = (x.answered_at AT TIME ZONE s.zone)::date
               AND    c.grain = substring(s.answers FROM 9) AND lc.grain = c.grain
               AND    lc.period = c.period
               AND    (l.answered_at, -l.score, -coalesce(l.scale, 5))
                      > (x.answered_at, -x.score, -coalesce(x.scale, 5))));
SELECT FROM keep('fact_surveys');

CREATE VIEW rule.fact_moves AS
SELECT (x.moved_at AT TIME ZONE s.zone)::date AS day, to_jsonb(x) AS x_row, x.moved_at, x.quantity,
       x.quantity * x.unit_cost AS value,
       CASE WHEN lower(x.kind) = 'sale' THEN -x.quantity END AS sold,
       CASE WHEN lower(x.kind) = 'sale' THEN -x.quantity * x.unit_cost END AS cogs
FROM   raw.stock_moves AS x, spec AS s WHERE x.moved_at <= s.as_of;
SELECT FROM keep('fact_moves');

CREATE VIEW rule.fact_levels AS
SELECT (x.counted_at AT TIME ZONE s.zone)::date AS day, to_jsonb(x) AS x_row, x.sku, x.counted_at,
       x.on_hand * x.unit_cost AS value
FROM   raw.stock_levels AS x, spec AS s WHERE x.counted_at <= s.as_of;
SELECT FROM keep('fact_levels');

-- When there is work: from 9 to 18 from Monday to Friday, but on holidays, which are closed unless
-- all that is said of a day are hours, of which the first in the order of text count.
CREATE VIEW rule.opening AS
SELECT tstzrange((day + opens) AT TIME ZONE s.zone, (day + closes) AT TIME ZONE s.zone) AS span
FROM   spec AS s
       CROSS JOIN generate_series((s.first - 1)::timestamp, s.today::timestamp, '1 day') AS day
       LEFT JOIN (SELECT held_on, CASE WHEN bool_and(hours IS NOT NULL)
                                       THEN min(hours COLLATE "C") ELSE '' END AS hours
                  FROM   raw.holidays GROUP BY held_on) AS h ON h.held_on = day::date
       CROSS JOIN LATERAL (
           SELECT m[1]::interval, m[2]::interval
           FROM   regexp_matches(coalesce(h.hours, CASE WHEN extract(isodow FROM day) <= 5
                                                        THEN '9:00-18:00' ELSE '' END),
                                 '([0-9:]+)-([0-9:]+)', 'g') AS m) AS t (opens, closes);
SELECT FROM keep('opening');

-- Seconds from start to finish, in that time or by the clock, less those on hold.
CREATE FUNCTION elapsed(
    start timestamptz, finish timestamptz, hours text, paused tstzmultirange) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(extract(epoch FROM upper(part) - lower(part))), 0)
    FROM   (SELECT CASE WHEN hours IS NULL THEN tstzmultirange(during)
                        ELSE (SELECT range_agg(o.span * during) FROM opening AS o
                              WHERE  o.span && during) END
                   - coalesce(paused, '{}') AS parts
            FROM   tstzrange(start, finish) AS during) AS t, unnest(t.parts) AS part
$$;

-- A support ticket is any that is not internal. What waits is as old as it got by as_of, or until
-- it was closed without a reply.
CREATE VIEW rule.fact_tickets AS
SELECT (x.opened_at AT TIME ZONE s.zone)::date AS day, to_jsonb(x) AS x_row,
       coalesce(lower(x.desk) = 'internal', false) AS internal, reply IS NOT NULL AS replied,
       solved IS NOT NULL AS solved,
       elapsed(x.opened_at, coalesce(reply, solved, s.as_of), s.hours, x.paused) AS reply_took,
       elapsed(x.opened_at, coalesce(solved, s.as_of), s.hours, x.paused) AS solution_took,
       -- kept, missed, or not known yet
       CASE WHEN reply IS NOT NULL THEN reply <= x.reply_due_at
            WHEN x.reply_due_at < least(solved, s.as_of) THEN false END AS reply_kept,
       CASE WHEN solved IS NOT NULL THEN solved <= x.resolve_due_at
            WHEN x.resolve_due_at < s.as_of THEN false END AS solution_kept,
       CASE WHEN x.reopened > 0 THEN true WHEN solved IS NOT NULL THEN false END AS again
FROM   raw.tickets AS x, spec AS s,
       LATERAL (SELECT CASE WHEN x.first_reply_at <= s.as_of THEN x.first_reply_at END AS reply,
                       CASE WHEN x.resolved_at <= s.as_of THEN x.resolved_at END AS solved) AS t
WHERE  x.opened_at <= s.as_of;
SELECT FROM keep('fact_tickets');

CREATE VIEW rule.fact_projects AS
SELECT x.due_on AS day, to_jsonb(x) AS x_row, coalesce(x.done_on <= x.due_on, false) AS on_time,
       NOT coalesce(x.done_on <= s.today, false)
           AND NOT coalesce(x.cancelled_on <= s.today, false) AS overdue,
       CASE WHEN x.done_on <= s.today THEN x.done_on - x.due_on END AS slip,
       CASE WHEN x.done_on <= x.due_on THEN NULL
            WHEN x.done_on <= s.today THEN x.done_on - x.due_on
            WHEN NOT coalesce(x.cancelled_on <= s.today, false)
            THEN s.today - x.due_on END AS days_late
FROM   raw.projects AS x, spec AS s
WHERE  x.due_on < s.today AND NOT coalesce(x.cancelled_on <= x.due_on, false);
SELECT FROM keep('fact_projects');

CREATE VIEW rule.fact_spend AS
SELECT x.spent_on AS day, to_jsonb(x) AS x_row, x.amount
FROM   raw.spend AS x, spec AS s WHERE x.spent_on <= s.today;
SELECT FROM keep('fact_spend');

CREATE VIEW rule.fact_measures AS
SELECT x.measured_on AS day, to_jsonb(x) AS x_row, x.measure, x.amount, x.of
FROM   raw.measures AS x, spec AS s WHERE x.measured_on <= s.today AND x.measure IS NOT NULL;
SELECT FROM keep('fact_measures');

-- The facts of each member of each dimension in each period. Those of a source that belongs to
-- orders take the member of the order, if orders have the dimension; of an unknown order their own,
-- if they have one.
SELECT format($$CREATE VIEW rule.cell_%1$s AS
    SELECT c.grain, c.period, x.*
    FROM   (SELECT a.dim,
                   CASE WHEN a.dim = '' THEN ''
                        ELSE coalesce(%2$s ->> a.dim, '(none)') END AS member,
                   f.*
            FROM fact_%1$s AS f JOIN axis AS a ON a.source = %3$L) AS x
           JOIN calendar AS c USING (day); SELECT FROM keep('cell_%1$s')$$,
    fact,
    CASE WHEN inherits
         THEN 'CASE WHEN a.inherited AND (f.o_row IS NOT NULL OR NOT a.own) THEN f.o_row '
              'ELSE f.x_row END'
         ELSE 'f.x_row' END,
    source)
FROM   (VALUES ('orders', 'orders', false), ('promises', 'orders', false),
               ('order_lines', 'order_lines', true), ('returns', 'returns', true),
               ('order_changes', 'order_changes', true), ('deliveries', 'deliveries', true),
               ('visits', 'visits', false),
               ('carts', 'carts', false), ('surveys', 'surveys', false),
               ('moves', 'stock_moves', false), ('levels', 'stock_levels', false),
               ('tickets', 'tickets', false),
               ('projects', 'projects', false),
               ('spend', 'spend', false),
               ('measures', 'measures', false)) AS t (fact, source, inherits)
\gexec

-- Sums of each source. A name with # is the size of the sample behind the indicator of that name.
CREATE VIEW rule.sum_orders AS
SELECT dim, member, grain, period,
       count(*) FILTER (WHERE sold) AS orders, sum(gross) FILTER (WHERE sold) AS gross,
       count(gross) FILTER (WHERE sold) AS gross_n,
       sum(discount) FILTER (WHERE sold) AS discount,
       count(discount) FILTER (WHERE sold) AS discount_n,
       sum(net) FILTER (WHERE sold) AS net, count(net) FILTER (WHERE sold) AS net_n,
       sum(tax) FILTER (WHERE sold) AS tax, count(tax) FILTER (WHERE sold) AS tax_n,
       sum(shipping) FILTER (WHERE sold) AS shipping,
       count(shipping) FILTER (WHERE sold) AS shipping_n,
       sum(units) FILTER (WHERE sold) AS units, count(units) FILTER (WHERE sold) AS units_n,
       sum(net) FILTER (WHERE sold AND customer_id IS NOT NULL) AS known,
       count(net) FILTER (WHERE sold AND customer_id IS NOT NULL) AS known_n,
       sum(net) FILTER (WHERE sold AND cost IS NOT NULL) AS covered,
       count(net) FILTER (WHERE sold AND cost IS NOT NULL) AS covered_n,
       sum(cost) FILTER (WHERE sold AND net IS NOT NULL) AS cost_of_covered,
       sum(cost) FILTER (WHERE sold) AS cost, count(cost) FILTER (WHERE sold) AS cost_n,
       avg(cancelled::int) AS cancellation_rate, count(*) AS cancellation_n,
       count(*) FILTER (WHERE sold AND customer_id IS NULL) AS guests
FROM   cell_orders WHERE NOT test GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_orders');

CREATE VIEW rule.sum_promises AS
SELECT dim, member, grain, period, avg(perfect) AS perfect, count(perfect) AS perfect_n
FROM   cell_promises GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_promises');

CREATE VIEW rule.sum_order_lines AS
SELECT dim, member, grain, period, sum(quantity) AS units, count(quantity) AS units_n,
       sum(net) AS net, count(net) AS net_n, sum(net) FILTER (WHERE cost IS NOT NULL) AS covered,
       count(net) FILTER (WHERE cost IS NOT NULL) AS covered_n,
       sum(cost) FILTER (WHERE net IS NOT NULL) AS cost_of_covered, sum(cost) AS cost,
       count(cost) AS cost_n
FROM   cell_order_lines GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_order_lines');

CREATE VIEW rule.sum_returns AS
SELECT dim, member, grain, period, sum(refund) AS refund, count(refund) AS refund_n,
       sum(tax) AS tax, sum(shipping) AS shipping, sum(quantity) AS units,
       count(quantity) AS units_n
FROM   cell_returns GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_returns');

CREATE VIEW rule.sum_order_changes AS
SELECT dim, member, grain, period, sum(net) AS net, count(net) AS net_n, sum(gross) AS gross,
       sum(discount) AS discount, sum(tax) AS tax, sum(shipping) AS shipping, sum(units) AS units,
       count(units) AS units_n, sum(net) FILTER (WHERE customer_id IS NOT NULL) AS known,
       sum(net) FILTER (WHERE cost IS NOT NULL) AS covered,
       count(net) FILTER (WHERE cost IS NOT NULL) AS covered_n,
       sum(cost) FILTER (WHERE net IS NOT NULL) AS cost_of_covered, sum(cost) AS cost
FROM   cell_order_changes GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_order_changes');

-- An order is returned once, on the day of its first return of more than tax and shipping.
CREATE VIEW rule.sum_returned AS
SELECT dim, member, grain, period, count(*) AS orders
FROM   (SELECT DISTINCT ON (dim, member, grain, order_id) dim, member, grain, period
        FROM   cell_returns
        WHERE  coalesce(quantity, 0) <> 0 OR coalesce(refund, 0) <> 0
        OR     tax IS NULL AND shipping IS NULL
        ORDER  BY dim, member, grain, order_id, day) AS r
GROUP  BY dim, member, grain, period;
SELECT FROM keep('sum_returned');

CREATE VIEW rule.active AS
SELECT dim, member, grain, period, c.previous, who, kind, n,
       lag(period) OVER (PARTITION BY dim, member, grain, who, kind ORDER BY period) AS last_time
FROM   (SELECT dim, member, grain, period, customer_id AS who, 'customer' AS kind, count(*) AS n
        FROM   cell_orders WHERE sold AND customer_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5) AS x
       JOIN calendar AS c USING (grain, period) WHERE c.day = period;
SELECT FROM keep('active');

CREATE VIEW rule.sum_customers AS
SELECT dim, member, grain, period, count(*) AS customers,
       count(*) FILTER (WHERE last_time IS NULL) AS new_here,
       count(*) FILTER (WHERE n > 1) AS repeated,
       count(*) FILTER (WHERE last_time = previous) AS retained
FROM   active GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_customers');

-- New to the shop, at the member of the first order; of orders of one instant, that of the lower
-- number.
CREATE VIEW rule.first_order AS
SELECT DISTINCT ON (dim, grain, customer_id) dim, member, grain, period, customer_id AS who
FROM   cell_orders WHERE sold AND customer_id IS NOT NULL
ORDER  BY dim, grain, customer_id, ordered_at, order_id, member;
SELECT FROM keep('first_order');

CREATE VIEW rule.sum_newcomers AS
SELECT dim, member, grain, period, count(*) AS customers
FROM   first_order GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_newcomers');

-- Who had bought anything in the shop in an earlier period.
CREATE VIEW rule.sum_returning AS
SELECT a.dim, a.member, a.grain, a.period, count(*) AS customers
FROM   active AS a JOIN first_order AS f USING (dim, grain, who)
WHERE  f.period < a.period GROUP BY a.dim, a.member, a.grain, a.period;
SELECT FROM keep('sum_returning');

CREATE VIEW rule.sum_visits AS
SELECT dim, member, grain, period, count(*) AS visits, avg(converted::int) AS conversion_rate,
       count(converted) AS conversion_n, avg(cart_added::int) AS cart_rate,
       count(cart_added) AS cart_n,
       avg((NOT converted)::int) FILTER (WHERE checkout_started) AS checkout_abandonment_rate,
       count(converted) FILTER (WHERE checkout_started) AS checkout_n,
       count(DISTINCT visitor_id) AS visitors,
       count(DISTINCT visitor_id) FILTER (WHERE converted) AS buyers
FROM   cell_visits GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_visits');

CREATE VIEW rule.sum_carts AS
SELECT dim, member, grain, period, count(*) AS carts,
       count(*) FILTER (WHERE state = 'open') AS open,
       avg((state = 'abandoned')::int) FILTER (WHERE state <> 'open') AS abandonment_rate,
       count(*) FILTER (WHERE state <> 'open') AS closed,
       sum(value) FILTER (WHERE state = 'abandoned') AS value,
       count(value) FILTER (WHERE state = 'abandoned') AS value_n
FROM   cell_carts GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_carts');

CREATE VIEW rule.sum_surveys AS
SELECT dim, member, grain, period, kind, count(score) AS n, avg(satisfied::int) AS satisfied,
       avg(of_five) AS mean,
       count(*) FILTER (WHERE score >= 9) AS promoters,
       count(*) FILTER (WHERE score <= 6) AS detractors, count(weight) AS weights,
       sum(weight * satisfied::int) / sum(weight) AS weighted,
       sum(weight * of_five) / sum(weight) AS weighted_mean,
       100 * sum(weight * CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END)
           / sum(weight) AS weighted_points
FROM   cell_surveys GROUP BY dim, member, grain, period, kind;
SELECT FROM keep('sum_surveys');

-- Few answers of employees are not shown, nor what would tell of them: whatever lies in the same
-- coarser period, weeks where they lie across months, and what is not over.
CREATE VIEW rule.whole_surveys AS
SELECT x.*, w.period AS whole,
       s.anonymity IS NOT NULL AND x.kind IN ('esat', 'enps', 'communication') AS shy,
       c.until <= s.today AND (x.grain <> 'week' OR s.calendar IS NOT NULL) AS told
FROM   spec AS s, sum_surveys AS x
       JOIN (VALUES ('day', 'month'), ('week', 'month'), ('month', 'quarter'), ('quarter', 'half'),
                    ('half', 'year'), ('year', 'all'), ('all', 'all')) AS g (grain, coarser)
            USING (grain)
       JOIN calendar AS w ON (w.grain, w.day) = (g.coarser, x.period)
       JOIN calendar AS c ON (c.grain, c.day) = (x.grain, x.period);
SELECT FROM keep('whole_surveys');

CREATE VIEW rule.open_surveys AS
SELECT x.*
FROM   whole_surveys AS x
WHERE  NOT shy
OR     told AND NOT EXISTS (SELECT FROM whole_surveys AS o
                            WHERE  (o.dim, o.grain, o.kind, o.whole)
                                   = (x.dim, x.grain, x.kind, x.whole)
                            AND    o.told AND o.n BETWEEN 1 AND (SELECT anonymity FROM spec) - 1);
SELECT FROM keep('open_surveys');

CREATE VIEW rule.sum_deliveries AS
SELECT dim, member, grain, period, count(*) FILTER (WHERE dated) AS deliveries,
       count(*) FILTER (WHERE dated AND NOT arrived) AS undelivered,
       avg(took) AS took, count(took) AS took_n,
       array_agg(took) FILTER (WHERE dated AND arrived) AS finished,
       array_agg(age) FILTER (WHERE dated AND NOT arrived) AS unfinished,
       array_agg(shipping) FILTER (WHERE dated AND left_house) AS shipped,
       array_agg(age) FILTER (WHERE dated AND NOT left_house AND NOT arrived) AS unshipped,
       count(shipping) AS shipped_n,
       avg(on_time::int) AS on_time_rate, count(on_time) AS on_time_n
FROM   cell_deliveries GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_deliveries');

CREATE VIEW rule.sum_tickets AS
SELECT dim, member, grain, period, internal, count(*) AS tickets,
       avg(reply_took) FILTER (WHERE replied) AS reply,
       avg(solution_took) FILTER (WHERE solved) AS solution,
       count(*) FILTER (WHERE replied) AS replied, count(*) FILTER (WHERE solved) AS solved,
       array_agg(reply_took) FILTER (WHERE replied) AS replies,
       array_agg(reply_took) FILTER (WHERE NOT replied) AS waiting,
       array_agg(solution_took) FILTER (WHERE solved) AS solutions,
       array_agg(solution_took) FILTER (WHERE NOT solved) AS unsolved,
       avg(reply_kept::int) AS reply_kept, count(reply_kept) AS reply_kept_n,
       avg(solution_kept::int) AS solution_kept, count(solution_kept) AS solution_kept_n,
       avg(again::int) AS again, count(again) AS again_n
FROM   cell_tickets GROUP BY dim, member, grain, period, internal;
SELECT FROM keep('sum_tickets');

CREATE VIEW rule.sum_projects AS
SELECT dim, member, grain, period, avg(on_time::int) AS on_time_rate, count(*) AS on_time_n,
       count(*) FILTER (WHERE overdue) AS overdue,
       avg(slip) AS slip, count(slip) AS slip_n, array_agg(slip::numeric)
           FILTER (WHERE slip IS NOT NULL) AS slips,
       avg(days_late) AS days_late, count(days_late) AS days_late_n
FROM   cell_projects GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_projects');

CREATE VIEW rule.sum_spend AS
SELECT dim, member, grain, period, sum(amount) AS amount, count(amount) AS n
FROM   cell_spend GROUP BY dim, member, grain, period;
SELECT FROM keep('sum_spend');

-- A measure is a sum, or a quotient where there is anything that it is a part of.
CREATE VIEW rule.sum_measures AS
SELECT dim, member, grain, period, measure,
       CASE WHEN count(amount + of) = 0 THEN sum(amount)
            ELSE sum(amount) FILTER (WHERE of IS NOT NULL)
                 / nullif(sum(of) FILTER (WHERE amount IS NOT NULL), 0) END AS value
FROM   cell_measures GROUP BY dim, member, grain, period, measure;
SELECT FROM keep('sum_measures');

-- The value of the stock is a step at each movement. Its average is over the time from the day of
-- the first one until now.
CREATE VIEW rule.sum_stock AS
SELECT dim, member, grain, period, cogs, sold, closing, days,
       inventory / nullif(days, 0) / 86400 AS average,
       cogs / nullif(inventory / nullif(days, 0) / 86400, 0) AS turnover,
       inventory / 86400 / nullif(cogs, 0) AS days_of_inventory
FROM   (SELECT m.dim, m.member, t.grain, t.period,
               coalesce(sum(m.cogs) FILTER (WHERE m.day >= t.period), 0) AS cogs,
               coalesce(sum(m.sold) FILTER (WHERE m.day >= t.period), 0) AS sold,
               sum(m.quantity) AS closing,
               sum(m.value
                   * extract(epoch FROM t.ends - greatest(m.moved_at, t.starts))) AS inventory,
               extract(epoch FROM t.ends - greatest(t.starts, min(m.first))) / 86400 AS days
        FROM   (SELECT DISTINCT grain, period, until, day_start(period, zone) AS starts,
                                least(day_start(until, zone), as_of) AS ends
                FROM   calendar, spec WHERE period <= today AND until > first - 10) AS t
               JOIN (SELECT x.*, day_start(min(day) OVER (PARTITION BY dim, member), zone) AS first
                     FROM (SELECT f.day, f.moved_at, f.quantity, f.value, f.sold, f.cogs, dim,
                                  CASE WHEN dim = '' THEN ''
                                       ELSE coalesce(x_row ->> dim, '(none)') END AS member
                           FROM fact_moves AS f JOIN axis ON source = 'stock_moves') AS x,
                     spec) AS m
                    ON m.day < t.until
        GROUP  BY m.dim, m.member, t.grain, t.period, t.starts, t.ends) AS x;
SELECT FROM keep('sum_stock');

-- Of each article the last count of a day; the mean over the days with counts.
CREATE VIEW rule.sum_levels AS
SELECT dim, member, grain, period, avg(value) AS average, count(value) AS n
FROM   (SELECT dim, member, grain, period, day, sum(value) AS value
        FROM   (SELECT DISTINCT ON (dim, member, grain, day, sku) *
                FROM   cell_levels ORDER BY dim, member, grain, day, sku, counted_at DESC) AS last
        GROUP  BY dim, member, grain, period, day) AS counts
GROUP  BY dim, member, grain, period;
SELECT FROM keep('sum_levels');


-- What a shop can know: an indicator needs columns (with | between alternatives), of the first list
-- that is there. By a dimension, the sources it is made of have to have it.
CREATE TABLE need (indicator text, choice int, needs text[], PRIMARY KEY (indicator, choice));
INSERT INTO need
SELECT indicator, choice,
       string_to_array(replace(needs, 'NET', 'orders.net_sales|orders.gross_sales'), ' ')
FROM   (VALUES
    ('gross_sales', 1, 'NET order_changes.net_sales'), ('gross_sales', 2, 'NET'),
    ('discounts', 1, 'orders.discount order_changes.net_sales'),
    ('discounts', 2, 'orders.discount'),
    ('discounts', 3, 'orders.gross_sales orders.net_sales order_changes.net_sales'),
    ('discounts', 4, 'orders.gross_sales orders.net_sales'),
    ('refunds', 1, 'returns.refund orders.order_id|refunds_by=refund'),
    ('changed_sales', 1, 'order_changes.net_sales orders'),
    ('net_sales net_sales_growth net_sales_growth_year', 1, 'NET returns.refund'),
    ('net_sales net_sales_growth net_sales_growth_year', 2, 'NET order_changes.net_sales'),
    ('net_sales net_sales_growth net_sales_growth_year', 3, 'NET'),
    ('shipping', 1, 'orders.shipping returns.shipping'),
    ('shipping', 2, 'orders.shipping order_changes.shipping'), ('shipping', 3, 'orders.shipping'),
    ('taxes', 1, 'orders.tax returns.tax'), ('taxes', 2, 'orders.tax order_changes.tax'),
    ('taxes', 3, 'orders.tax'),
    ('total_sales', 1,
     'NET orders.tax orders.shipping returns.refund|returns.tax|returns.shipping'),
    ('total_sales', 2, 'NET orders.tax returns.refund|returns.tax'),
    ('total_sales', 3, 'NET orders.shipping returns.refund|returns.shipping'),
    ('total_sales', 4, 'NET orders.tax orders.shipping'), ('total_sales', 5, 'NET orders.tax'),
    ('total_sales', 6, 'NET orders.shipping'),
    ('product_sales', 1, 'order_lines.net_sales orders'),
    ('orders orders_growth orders_growth_year', 1, 'orders.order_id'),
    ('cancellation_rate', 1, 'orders.cancelled_at'),
    ('units', 1, 'orders.units order_changes.units'), ('units', 2, 'orders.units'),
    ('units', 3, 'order_lines.quantity order_changes.units orders'),
    ('units', 4, 'order_lines.quantity orders'),
    ('units_per_order', 1, 'orders.units order_changes.units'),
    ('units_per_order', 2, 'orders.units'),
    ('units_per_order', 3, 'order_lines.quantity orders.order_id order_changes.units'),
    ('units_per_order', 4, 'order_lines.quantity orders.order_id'),
    ('aov', 1, 'NET order_changes.net_sales'), ('aov', 2, 'NET'),
    ('sales_per_customer', 1, 'NET orders.customer_id'),
    ('cost_of_goods_sold', 1, 'orders.cost order_changes.cost'),
    ('cost_of_goods_sold', 2, 'orders.cost'),
    ('cost_of_goods_sold', 3, 'order_lines.cost orders order_changes.cost'),
    ('cost_of_goods_sold', 4, 'order_lines.cost orders'),
    ('gross_profit gross_margin cost_coverage', 1, 'NET orders.cost'),
    ('gross_profit gross_margin', 2,
     'order_lines.net_sales order_lines.cost order_changes.cost orders'),
    ('cost_coverage', 2,
     'order_lines.net_sales order_lines.cost order_changes.net_sales orders'),
    ('gross_profit gross_margin cost_coverage', 3, 'order_lines.net_sales order_lines.cost orders'),
    ('visits', 1, 'visits.visit_id'), ('conversion_rate', 1, 'visits.converted'),
    ('visitors', 1, 'visits.visitor_id'),
    ('visitor_conversion_rate', 1, 'visits.visitor_id visits.converted'),
    ('cart_rate', 1, 'visits.cart_added'),
    ('checkout_abandonment_rate', 1, 'visits.converted visits.checkout_started'),
    ('carts open_carts', 1, 'carts.cart_id'),
    ('cart_abandonment_rate', 1, 'carts.ordered_at'),
    ('abandoned_cart_value', 1, 'carts.ordered_at carts.value'),
    ('customers new_customers returning_customers returning_customer_rate '
     'repeat_purchase_rate retention_rate guest_orders', 1, 'orders.customer_id'),
    ('new_to_member', 1, 'orders.customer_id by=dimension'),
    ('csat_weighted csat_mean_weighted nps_weighted', 1, 'surveys.score surveys.weight'),
    ('csat csat_mean nps esat esat_mean enps communication communication_mean', 1, 'surveys.score'),
    ('inventory_turnover days_of_inventory', 1, 'stock_moves.kind'),
    ('inventory_turnover days_of_inventory', 2, 'stock_levels.unit_cost orders.cost'),
    ('inventory_turnover days_of_inventory', 3, 'stock_levels.unit_cost order_lines.cost orders'),
    ('average_inventory', 1, 'stock_moves.unit_cost'),
    ('average_inventory', 2, 'stock_levels.unit_cost'),
    ('sell_through_rate', 1, 'stock_moves.kind'),
    ('deliveries undelivered fulfilment_days fulfilment_days_median fulfilment_days_p90', 1,
     'deliveries.delivered_at'),
    ('shipping_days', 1, 'deliveries.shipped_at'),
    ('on_time_delivery_rate', 1,
     'deliveries.delivered_at deliveries.promised_at|orders.promised_at'),
    ('return_rate', 1, 'returns.order_id orders.order_id'),
    ('returned_units', 1, 'returns.quantity orders.order_id|refunds_by=refund'),
    ('perfect_order_rate', 1,
     'orders.order_id deliveries.delivered_at deliveries.promised_at|orders.promised_at '
     'returns.our_fault'),
    ('unit_return_rate', 1, 'returns.quantity orders.units'),
    ('unit_return_rate', 2, 'returns.quantity order_lines.quantity order_changes.units orders'),
    ('unit_return_rate', 3, 'returns.quantity order_lines.quantity orders'),
    ('value_return_rate', 1, 'returns.refund NET'),
    ('tickets', 1, 'tickets.ticket_id'),
    ('first_response_hours first_response_hours_median first_response_hours_p90 unanswered_tickets',
     1, 'tickets.first_reply_at'),
    ('internal_response_hours internal_response_hours_median internal_response_hours_p90', 1,
     'tickets.first_reply_at'),
    ('resolution_hours resolution_hours_median resolution_hours_p90 unresolved_tickets', 1,
     'tickets.resolved_at'),
    ('sla_reply_rate', 1, 'tickets.reply_due_at tickets.first_reply_at'),
    ('sla_resolution_rate', 1, 'tickets.resolve_due_at tickets.resolved_at'),
    ('reopen_rate', 1, 'tickets.reopened tickets.resolved_at'),
    ('marketing_spend', 1, 'spend.amount'), ('mer', 1, 'spend.amount NET returns.refund'),
    ('mer', 2, 'spend.amount NET'), ('cac', 1, 'spend.amount orders.customer_id'),
    ('on_time_project_rate overdue_projects project_days_late project_slip_days '
     'project_slip_days_median', 1, 'projects.done_on')
) AS t (codes, choice, needs), unnest(string_to_array(codes, ' ')) AS indicator;

-- The choice by dimension. A need that is only the name of a source has to be met, but not by the
-- dimension; neither does that of a promise, which is looked up with the order.
CREATE VIEW rule.chosen AS
WITH of_catalog AS (
SELECT d.dim, n.indicator, min(n.choice) AS choice
FROM   (SELECT DISTINCT dim FROM axis) AS d, need AS n
WHERE  (SELECT bool_and(has(x)) FROM unnest(n.needs) AS x)
AND    (d.dim <> '' OR 'by=dimension' <> ALL (n.needs))
AND    (SELECT bool_and(EXISTS (SELECT FROM axis AS a
                                WHERE  a.source = split_part(x, '.', 1) AND a.dim = d.dim))
        FROM unnest(n.needs) AS x
        WHERE  x LIKE '%.%' AND x NOT LIKE '%promised_at%' AND x NOT LIKE '%refunds_by%')
GROUP  BY d.dim, n.indicator
)
SELECT * FROM of_catalog
UNION ALL
SELECT d.dim, o.indicator, 1
FROM   (SELECT DISTINCT dim FROM axis) AS d, own AS o
WHERE  o.reads <@ ARRAY(SELECT c.indicator FROM of_catalog AS c WHERE c.dim = d.dim)
AND    (NOT o.measures OR has('measures') AND ('measures', d.dim) IN (SELECT source, dim
                                                                     FROM   axis));
SELECT FROM keep('chosen');

-- Which members there are, and their periods: from the first row of any source, or since, until
-- today.
CREATE VIEW rule.member_of AS
SELECT '' AS dim, '' AS member
UNION
SELECT dim, member
FROM   (SELECT 'orders' AS source, dim, member
        FROM   cell_orders WHERE NOT test
        UNION
        SELECT 'order_lines', dim, member
        FROM   cell_order_lines
        UNION
        SELECT 'returns', dim, member
        FROM   cell_returns
        UNION
        SELECT 'order_changes', dim, member
        FROM   cell_order_changes
        UNION
        SELECT 'deliveries', dim, member
        FROM   cell_deliveries
        UNION
        SELECT 'visits', dim, member
        FROM   cell_visits
        UNION
        SELECT 'carts', dim, member
        FROM   cell_carts
        UNION
        SELECT 'surveys', dim, member
        FROM   cell_surveys
        UNION
        SELECT 'stock_moves', dim, member
        FROM   cell_moves
        UNION
        SELECT 'stock_levels', dim, member
        FROM   cell_levels
        UNION
        SELECT 'tickets', dim, member
        FROM   cell_tickets
        UNION
        SELECT 'projects', dim, member
        FROM   cell_projects
        UNION
        SELECT 'spend', dim, member
        FROM   cell_spend
        UNION
        SELECT 'measures', dim, member
        FROM   cell_measures) AS m
WHERE  (dim, source) IN (SELECT dim, split_part(x, '.', 1)
                         FROM   chosen
                                JOIN need USING (indicator, choice), unnest(needs) AS x
                         UNION ALL
                         SELECT dim, 'measures'
                         FROM   chosen JOIN own USING (indicator) WHERE measures);
SELECT FROM keep('member_of');

-- The days the model tells of: one that begins this instant if something happened at it.
CREATE VIEW rule.days_told AS
SELECT least((min(at) AT TIME ZONE s.zone)::date, min(day)) AS first,
       CASE WHEN s.as_of > day_start(s.today, s.zone)
                 OR bool_or(at = s.as_of OR day = s.today) THEN s.today
            ELSE s.today - 1 END AS last
FROM   spec AS s
       LEFT JOIN (SELECT ordered_at AS at, NULL::date AS day
                  FROM   raw.orders
                  UNION ALL
                  SELECT started_at, NULL
                  FROM   raw.visits
                  UNION ALL
                  SELECT created_at, NULL
                  FROM   raw.carts
                  UNION ALL
                  SELECT returned_at, NULL
                  FROM   raw.returns
                  UNION ALL
                  SELECT changed_at, NULL
                  FROM   raw.order_changes
                  UNION ALL
                  SELECT coalesce(ordered_at, promised_at), NULL
                  FROM   raw.deliveries
                  UNION ALL
                  SELECT answered_at, NULL
                  FROM   raw.surveys
                  UNION ALL
                  SELECT moved_at, NULL
                  FROM   raw.stock_moves
                  UNION ALL
                  SELECT counted_at, NULL
                  FROM   raw.stock_levels
                  UNION ALL
                  SELECT opened_at, NULL
                  FROM   raw.tickets
                  UNION ALL
                  SELECT occurred_at, NULL
                  FROM   raw.events
                  UNION ALL
                  SELECT NULL, due_on
                  FROM   raw.projects
                  UNION ALL
                  SELECT NULL, spent_on
                  FROM   raw.spend
                  UNION ALL
                  SELECT NULL, measured_on
                  FROM   raw.measures) AS x ON true
GROUP  BY s.as_of, s.today, s.zone;
SELECT FROM keep('days_told');

CREATE VIEW rule.spine AS
SELECT m.dim, m.member, p.*, t.shown, s.today - t.shown AS elapsed
FROM   spec AS s, days_told AS f,
       LATERAL (SELECT DISTINCT grain, period, until, previous, last_year,
                                until <= s.today AS complete
                FROM   calendar WHERE day BETWEEN coalesce(s.since, f.first) AND f.last) AS p,
       LATERAL (SELECT CASE p.grain WHEN 'all' THEN coalesce(f.first, s.since) ELSE p.period END
                           AS shown) AS t,
       member_of AS m;
SELECT FROM keep('spine');

-- Growth. Of the running period, the days that are over against those of the earlier one up to the
-- date of the last of them, as far as that has it: of a day or a week as many days, else the same
-- day of the month that is as many months earlier.
CREATE VIEW rule.base AS
SELECT dim, member, grain, period,
       coalesce(o.net, 0) + coalesce(h.net, 0)
           - CASE WHEN c.choice = 1 THEN coalesce(r.refund, 0) ELSE 0 END AS net,
       coalesce(o.orders, 0) AS orders
FROM   sum_orders AS o
       FULL JOIN sum_returns AS r USING (dim, member, grain, period)
       FULL JOIN sum_order_changes AS h USING (dim, member, grain, period)
       LEFT JOIN (SELECT dim, choice FROM chosen WHERE indicator = 'net_sales') AS c USING (dim);
SELECT FROM keep('base');

CREATE FUNCTION relative(now numeric, before numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN before > 0 THEN now / before - 1 END';

CREATE VIEW rule.whole_growth AS
SELECT s.dim, s.member, s.grain, s.period,
       relative(coalesce(b.net, 0), p.net) AS net_sales_growth,
       relative(coalesce(b.net, 0), y.net) AS net_sales_growth_year,
       relative(coalesce(b.orders, 0), p.orders) AS orders_growth,
       relative(coalesce(b.orders, 0), y.orders) AS orders_growth_year
FROM   spec, spine AS s LEFT JOIN base AS b USING (dim, member, grain, period)
       LEFT JOIN base AS p
           ON (p.dim, p.member, p.grain, p.period) = (s.dim, s.member, s.grain, s.previous)
       LEFT JOIN LATERAL (
           SELECT sum(y.net) AS net, sum(y.orders) AS orders
           FROM   base AS y
           WHERE  (y.dim, y.member) = (s.dim, s.member)
           AND    CASE WHEN calendar IS NULL OR s.grain = 'day'
                       THEN (y.grain, y.period) = (s.grain, s.last_year)
                       ELSE y.grain = 'day' AND y.period >= s.last_year
                            AND y.period < least(s.until - 364, whole_year(s.period)) END) AS y
           ON true
WHERE  s.complete;
SELECT FROM keep('whole_growth');

CREATE VIEW rule.running_growth AS
SELECT s.dim, s.member, s.grain, s.period,
       relative(coalesce(sum(b.net) FILTER (WHERE span = 'now'), 0),
                sum(b.net) FILTER (WHERE span = 'previous')) AS net_sales_growth,
       relative(coalesce(sum(b.net) FILTER (WHERE span = 'now'), 0),
                sum(b.net) FILTER (WHERE span = 'last year')) AS net_sales_growth_year,
       relative(coalesce(sum(b.orders) FILTER (WHERE span = 'now'), 0),
                sum(b.orders) FILTER (WHERE span = 'previous')) AS orders_growth,
       relative(coalesce(sum(b.orders) FILTER (WHERE span = 'now'), 0),
                sum(b.orders) FILTER (WHERE span = 'last year')) AS orders_growth_year
FROM   (SELECT s.*, span, starts, CASE
                   WHEN calendar IS NOT NULL AND span = 'last year' AND s.grain <> 'day'
                   THEN least(starts + elapsed, whole_year(s.period))
                   WHEN span = 'now' OR s.grain IN ('day', 'week') OR elapsed = 0
                        OR calendar IS NOT NULL
                   THEN least(starts + elapsed, c.until)
                   ELSE least(month + extract(day FROM s.period + elapsed - 1)::int,
                              (month + interval '1 month')::date) END AS ends
        FROM   spec, spine AS s,
               LATERAL (VALUES ('now', s.period), ('previous', s.previous),
                               ('last year', s.last_year)) AS x (span, starts)
               JOIN calendar AS c ON c.day = starts
               CROSS JOIN LATERAL (
                   SELECT (date_trunc('month', s.period + elapsed - 1)
                           - CASE WHEN span = 'last year' OR s.grain = 'year' THEN interval '1 year'
                                  WHEN s.grain = 'half' THEN '6 months'
                                  WHEN s.grain = 'quarter' THEN '3 months'
                                  ELSE '1 month' END)::date AS month) AS m
        WHERE  NOT s.complete AND c.grain = s.grain) AS s
       JOIN (SELECT dim, member, period AS day, net, orders FROM base WHERE grain = 'day') AS b
           ON b.dim = s.dim
           AND b.member = s.member AND b.day >= s.starts AND b.day < s.ends
GROUP  BY s.dim, s.member, s.grain, s.period;
SELECT FROM keep('running_growth');

-- All together. What was nothing is 0 where it is an amount or a number of things, else NULL.
CREATE VIEW told_wide AS
SELECT s.dim, s.member, s.grain, s.shown AS period, s.complete,
       coalesce(o.gross, 0) + coalesce(h.gross, 0) AS gross_sales,
       CASE WHEN k ->> 'gross_sales' = '2' THEN coalesce(o.gross_n, 0) END AS "gross_sales#",
       coalesce(o.discount, 0) + coalesce(h.discount, 0) AS discounts,
       CASE WHEN k ->> 'discounts' IN ('2', '4')
            THEN coalesce(o.discount_n, 0) END AS "discounts#",
       coalesce(h.net, 0) AS changed_sales, coalesce(h.net_n, 0) AS "changed_sales#",
       coalesce(r.refund, 0) AS refunds, coalesce(r.refund_n, 0) AS "refunds#",
       w.net_sales, CASE WHEN k ->> 'net_sales' = '3' THEN coalesce(o.net_n, 0) END AS "net_sales#",
       g.net_sales_growth, g.net_sales_growth_year,
       w.shipping,
       CASE WHEN k ->> 'shipping' = '3' THEN coalesce(o.shipping_n, 0) END AS "shipping#",
       w.taxes, CASE WHEN k ->> 'taxes' = '3' THEN coalesce(o.tax_n, 0) END AS "taxes#",
       w.total_sales,
       coalesce(l.net, 0) AS product_sales, coalesce(l.net_n, 0) AS "product_sales#",
       coalesce(o.orders, 0) AS orders, g.orders_growth, g.orders_growth_year, o.cancellation_rate,
       coalesce(o.cancellation_n, 0) AS "cancellation_rate#",
       coalesce(w.units, 0) AS units,
       CASE k ->> 'units' WHEN '2' THEN coalesce(o.units_n, 0)
                          WHEN '4' THEN coalesce(l.units_n, 0) END AS "units#",
       CASE k ->> 'units_per_order'
            WHEN '1' THEN (o.units + coalesce(h.units, 0)) / nullif(o.units_n, 0)
            WHEN '2' THEN o.units / nullif(o.units_n, 0)
            WHEN '3' THEN (coalesce(l.units, 0) + coalesce(h.units, 0)) / nullif(o.orders, 0)
            ELSE l.units / nullif(o.orders, 0) END AS units_per_order,
       CASE k ->> 'units_per_order'
            WHEN '1' THEN coalesce(o.units_n, 0) + coalesce(h.units_n, 0)
            WHEN '2' THEN coalesce(o.units_n, 0)
            WHEN '3' THEN coalesce(l.units_n, 0) + coalesce(h.units_n, 0) + coalesce(o.orders, 0)
            ELSE coalesce(l.units_n + coalesce(o.orders, 0), 0) END AS "units_per_order#",
       (o.net + coalesce(h.net, 0)) / nullif(o.net_n, 0) AS aov,
       coalesce(o.net_n, 0) + coalesce(h.net_n, 0) AS "aov#",
       (o.known + coalesce(h.known, 0)) / nullif(c.customers, 0) AS sales_per_customer,
       CASE WHEN o.known_n > 0 THEN c.customers ELSE 0 END AS "sales_per_customer#",
       coalesce(CASE WHEN k ->> 'cost_of_goods_sold' IN ('1', '2') THEN o.cost ELSE l.cost END, 0)
           + CASE WHEN k ->> 'cost_of_goods_sold' IN ('1', '3') THEN coalesce(h.cost, 0) ELSE 0 END
           AS cost_of_goods_sold,
       CASE k ->> 'cost_of_goods_sold' WHEN '2' THEN coalesce(o.cost_n, 0)
                                       WHEN '4' THEN coalesce(l.cost_n, 0) END
           AS "cost_of_goods_sold#",
       coalesce(w.covered - w.cost, 0) AS gross_profit,
       (w.covered - w.cost) / nullif(w.covered, 0) AS gross_margin,
       coalesce(w.covered_n, 0) AS "gross_margin#",
       coalesce(w.base_covered, 0) / nullif(w.margin_base, 0) AS cost_coverage,
       coalesce(w.margin_base_n, 0) AS "cost_coverage#",
       coalesce(v.visits, 0) AS visits, v.conversion_rate,
       coalesce(v.conversion_n, 0) AS "conversion_rate#", coalesce(v.visitors, 0) AS visitors,
       v.buyers::numeric / nullif(v.visitors, 0) AS visitor_conversion_rate,
       coalesce(v.visitors, 0) AS "visitor_conversion_rate#",
       v.cart_rate, coalesce(v.cart_n, 0) AS "cart_rate#", v.checkout_abandonment_rate,
       coalesce(v.checkout_n, 0) AS "checkout_abandonment_rate#",
       coalesce(a.carts, 0) AS carts, coalesce(a.open, 0) AS open_carts,
       a.abandonment_rate AS cart_abandonment_rate,
       coalesce(a.closed, 0) AS "cart_abandonment_rate#",
       coalesce(a.value, 0) AS abandoned_cart_value,
       coalesce(a.value_n, 0) AS "abandoned_cart_value#",
       coalesce(c.customers, 0) AS customers, coalesce(nc.customers, 0) AS new_customers,
       coalesce(c.new_here, 0) AS new_to_member,
       coalesce(rc.customers, 0) AS returning_customers,
       coalesce(rc.customers, 0)::numeric / c.customers AS returning_customer_rate,
       coalesce(c.customers, 0) AS "returning_customer_rate#",
       c.repeated::numeric / c.customers AS repeat_purchase_rate,
       coalesce(c.customers, 0) AS "repeat_purchase_rate#",
       coalesce(c.retained, 0)::numeric / cp.customers AS retention_rate,
       coalesce(cp.customers, 0) AS "retention_rate#", coalesce(o.guests, 0) AS guest_orders,
       csat.satisfied AS csat, coalesce(csat.n, 0) AS "csat#", csat.mean AS csat_mean,
       coalesce(csat.n, 0) AS "csat_mean#",
       csat.weighted AS csat_weighted, coalesce(csat.weights, 0) AS "csat_weighted#",
       csat.weighted_mean AS csat_mean_weighted,
       coalesce(csat.weights, 0) AS "csat_mean_weighted#",
       nps.weighted_points AS nps_weighted, coalesce(nps.weights, 0) AS "nps_weighted#",
       100.0 * (nps.promoters - nps.detractors) / nullif(nps.n, 0) AS nps,
       coalesce(nps.n, 0) AS "nps#",
       (nps.promoters + nps.detractors)::numeric / nullif(nps.n, 0) AS "nps!",
       CASE k ->> 'inventory_turnover'
            WHEN '1' THEN st.turnover
            WHEN '2' THEN (o.cost + coalesce(h.cost, 0)) / nullif(sl.average, 0)
            ELSE l.cost / nullif(sl.average, 0) END AS inventory_turnover,
       CASE k ->> 'average_inventory'
            WHEN '1' THEN st.average
            ELSE sl.average END AS average_inventory,
       CASE WHEN k ->> 'average_inventory' = '2' THEN coalesce(sl.n, 0) END AS "average_inventory#",
       CASE k ->> 'days_of_inventory' WHEN '1' THEN st.days_of_inventory
            ELSE sl.average
                / nullif(CASE k ->> 'days_of_inventory'
                              WHEN '2' THEN coalesce(o.cost, 0) + coalesce(h.cost, 0)
                              ELSE l.cost END, 0)
                * (least(s.until, s.shown + s.elapsed + 1) - s.shown) END AS days_of_inventory,
       st.sold / nullif(st.sold + st.closing, 0) AS sell_through_rate,
       coalesce(d.deliveries, 0) AS deliveries, coalesce(d.undelivered, 0) AS undelivered,
       coalesce(d.undelivered, 0) AS "undelivered#",
       d.took / 86400 AS fulfilment_days, coalesce(d.took_n, 0) AS "fulfilment_days#",
       quantile(d.finished, d.unfinished, 0.5) / 86400 AS fulfilment_days_median,
       coalesce(d.took_n, 0) AS "fulfilment_days_median#",
       slack(d.finished, d.unfinished) AS "fulfilment_days_median?",
       quantile(d.finished, d.unfinished, 0.9) / 86400 AS fulfilment_days_p90,
       coalesce(d.took_n, 0) AS "fulfilment_days_p90#",
       slack(d.finished, d.unfinished) AS "fulfilment_days_p90?",
       quantile(d.shipped, d.unshipped, 0.5) / 86400 AS shipping_days,
       coalesce(d.shipped_n, 0) AS "shipping_days#",
       slack(d.shipped, d.unshipped) AS "shipping_days?",
       d.on_time_rate AS on_time_delivery_rate,
       coalesce(d.on_time_n, 0) AS "on_time_delivery_rate#",
       coalesce(rd.orders, 0)::numeric / nullif(o.orders, 0) AS return_rate,
       CASE WHEN sp.refunds_by = 'order' THEN coalesce(o.orders, 0) END AS "return_rate#",
       pe.perfect AS perfect_order_rate, coalesce(pe.perfect_n, 0) AS "perfect_order_rate#",
       coalesce(r.units, 0) AS returned_units, coalesce(r.units_n, 0) AS "returned_units#",
       coalesce(r.units, 0)
           / nullif(coalesce(CASE k ->> 'unit_return_rate' WHEN '1' THEN o.units ELSE l.units END,
                             0)
                    + CASE WHEN k ->> 'unit_return_rate' < '3' THEN coalesce(h.units, 0) ELSE 0 END,
                    0) AS unit_return_rate,
       coalesce(r.units_n, 0)
           + coalesce(CASE k ->> 'unit_return_rate' WHEN '1' THEN o.units_n ELSE l.units_n END, 0)
           + CASE WHEN k ->> 'unit_return_rate' < '3' THEN coalesce(h.units_n, 0) ELSE 0 END
           AS "unit_return_rate#",
       coalesce(r.refund, 0)
           / nullif(coalesce(o.net, 0) + coalesce(h.net, 0), 0) AS value_return_rate,
       coalesce(r.refund_n, 0) + coalesce(o.net_n, 0) + coalesce(h.net_n, 0)
           AS "value_return_rate#",
       coalesce(t.tickets, 0) AS tickets, t.reply / 3600 AS first_response_hours,
       coalesce(t.replied, 0) AS "first_response_hours#",
       quantile(t.replies, t.waiting, 0.5) / 3600 AS first_response_hours_median,
       coalesce(t.replied, 0) AS "first_response_hours_median#",
       slack(t.replies, t.waiting) AS "first_response_hours_median?",
       quantile(t.replies, t.waiting, 0.9) / 3600 AS first_response_hours_p90,
       coalesce(t.replied, 0) AS "first_response_hours_p90#",
       slack(t.replies, t.waiting) AS "first_response_hours_p90?",
       coalesce(t.tickets - t.replied, 0) AS unanswered_tickets,
       coalesce(t.tickets - t.replied, 0) AS "unanswered_tickets#",
       t.solution / 3600 AS resolution_hours, coalesce(t.solved, 0) AS "resolution_hours#",
       quantile(t.solutions, t.unsolved, 0.5) / 3600 AS resolution_hours_median,
       coalesce(t.solved, 0) AS "resolution_hours_median#",
       slack(t.solutions, t.unsolved) AS "resolution_hours_median?",
       quantile(t.solutions, t.unsolved, 0.9) / 3600 AS resolution_hours_p90,
       coalesce(t.solved, 0) AS "resolution_hours_p90#",
       slack(t.solutions, t.unsolved) AS "resolution_hours_p90?",
       coalesce(t.tickets - t.solved, 0) AS unresolved_tickets,
       coalesce(t.tickets - t.solved, 0) AS "unresolved_tickets#",
       t.reply_kept AS sla_reply_rate, coalesce(t.reply_kept_n, 0) AS "sla_reply_rate#",
       t.solution_kept AS sla_resolution_rate,
       coalesce(t.solution_kept_n, 0) AS "sla_resolution_rate#",
       t.again AS reopen_rate, coalesce(t.again_n, 0) AS "reopen_rate#",
       esat.satisfied AS esat, coalesce(esat.n, 0) AS "esat#", esat.mean AS esat_mean,
       coalesce(esat.n, 0) AS "esat_mean#",
       100.0 * (enps.promoters - enps.detractors) / nullif(enps.n, 0) AS enps,
       coalesce(enps.n, 0) AS "enps#",
       (enps.promoters + enps.detractors)::numeric / nullif(enps.n, 0) AS "enps!",
       pr.on_time_rate AS on_time_project_rate,
       coalesce(pr.on_time_n, 0) AS "on_time_project_rate#",
       coalesce(pr.overdue, 0) AS overdue_projects,
       coalesce(mk.amount, 0) AS marketing_spend, coalesce(mk.n, 0) AS "marketing_spend#",
       (coalesce(o.net, 0) + coalesce(h.net, 0)
        - CASE k ->> 'mer' WHEN '1' THEN coalesce(r.refund, 0) ELSE 0 END)
           / nullif(mk.amount, 0) AS mer,
       coalesce(mk.n, 0) + coalesce(o.net_n, 0) + coalesce(h.net_n, 0)
           + CASE k ->> 'mer' WHEN '1' THEN coalesce(r.refund_n, 0) ELSE 0 END AS "mer#",
       coalesce(mk.amount, 0) / nullif(nc.customers, 0) AS cac,
       pr.days_late AS project_days_late, coalesce(pr.days_late_n, 0) AS "project_days_late#",
       pr.slip AS project_slip_days, coalesce(pr.slip_n, 0) AS "project_slip_days#",
       quantile(pr.slips, NULL, 0.5) AS project_slip_days_median,
       coalesce(pr.slip_n, 0) AS "project_slip_days_median#",
       slack(pr.slips, NULL) AS "project_slip_days_median?",
       com.satisfied AS communication, coalesce(com.n, 0) AS "communication#",
       com.mean AS communication_mean, coalesce(com.n, 0) AS "communication_mean#",
       i.reply / 3600 AS internal_response_hours,
       coalesce(i.replied, 0) AS "internal_response_hours#",
       quantile(i.replies, i.waiting, 0.5) / 3600 AS internal_response_hours_median,
       coalesce(i.replied, 0) AS "internal_response_hours_median#",
       slack(i.replies, i.waiting) AS "internal_response_hours_median?",
       quantile(i.replies, i.waiting, 0.9) / 3600 AS internal_response_hours_p90,
       coalesce(i.replied, 0) AS "internal_response_hours_p90#",
       slack(i.replies, i.waiting) AS "internal_response_hours_p90?",
       ms.share AS own_share, ms.reach, ms.so
FROM   spine AS s CROSS JOIN spec AS sp
       LEFT JOIN (SELECT dim, jsonb_object_agg(indicator, choice) AS k
                  FROM   chosen GROUP BY dim) AS ch USING (dim)
       LEFT JOIN sum_orders AS o USING (dim, member, grain, period)
       LEFT JOIN sum_order_lines AS l USING (dim, member, grain, period)
       LEFT JOIN sum_returns AS r USING (dim, member, grain, period)
       LEFT JOIN sum_order_changes AS h USING (dim, member, grain, period)
       LEFT JOIN sum_returned AS rd USING (dim, member, grain, period)
       LEFT JOIN sum_customers AS c USING (dim, member, grain, period)
       LEFT JOIN sum_promises AS pe USING (dim, member, grain, period)
       LEFT JOIN sum_newcomers AS nc USING (dim, member, grain, period)
       LEFT JOIN sum_returning AS rc USING (dim, member, grain, period)
       LEFT JOIN sum_customers AS cp
           ON (cp.dim, cp.member, cp.grain, cp.period) = (s.dim, s.member, s.grain, s.previous)
       LEFT JOIN sum_visits AS v
           ON (v.dim, v.member, v.grain, v.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_carts AS a
           ON (a.dim, a.member, a.grain, a.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_deliveries AS d
           ON (d.dim, d.member, d.grain, d.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_spend AS mk
           ON (mk.dim, mk.member, mk.grain, mk.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN (SELECT dim, member, grain, period,
                         max(value) FILTER (WHERE measure = 'share') AS share,
                         max(value) FILTER (WHERE measure = 'reach') AS reach,
                         max(value) FILTER (WHERE measure LIKE 'it%') AS so
                  FROM   sum_measures GROUP BY dim, member, grain, period) AS ms
           ON (ms.dim, ms.member, ms.grain, ms.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_projects AS pr
           ON (pr.dim, pr.member, pr.grain, pr.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_stock AS st
           ON (st.dim, st.member, st.grain, st.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_levels AS sl
           ON (sl.dim, sl.member, sl.grain, sl.period) = (s.dim, s.member, s.grain, s.period)
       LEFT JOIN sum_tickets AS t
           ON (t.dim, t.member, t.grain, t.period) = (s.dim, s.member, s.grain, s.period)
           AND NOT t.internal
       LEFT JOIN sum_tickets AS i
           ON (i.dim, i.member, i.grain, i.period) = (s.dim, s.member, s.grain, s.period)
           AND i.internal
       LEFT JOIN open_surveys AS csat
           ON (csat.dim, csat.member, csat.grain, csat.period)
               = (s.dim, s.member, s.grain, s.period)
           AND csat.kind = 'csat'
       LEFT JOIN open_surveys AS esat
           ON (esat.dim, esat.member, esat.grain, esat.period)
               = (s.dim, s.member, s.grain, s.period)
           AND esat.kind = 'esat'
       LEFT JOIN open_surveys AS com
           ON (com.dim, com.member, com.grain, com.period) = (s.dim, s.member, s.grain, s.period)
           AND com.kind = 'communication'
       LEFT JOIN open_surveys AS nps
           ON (nps.dim, nps.member, nps.grain, nps.period) = (s.dim, s.member, s.grain, s.period)
           AND nps.kind = 'nps'
       LEFT JOIN open_surveys AS enps
           ON (enps.dim, enps.member, enps.grain, enps.period)
               = (s.dim, s.member, s.grain, s.period)
           AND enps.kind = 'enps'
       LEFT JOIN (SELECT * FROM whole_growth UNION ALL SELECT * FROM running_growth) AS g
           ON (g.dim, g.member, g.grain, g.period) = (s.dim, s.member, s.grain, s.period)
       CROSS JOIN LATERAL (
           -- of the lines only where they are told with changes
           SELECT k ->> 'gross_profit' < '3' AS of_margin, k ->> 'cost_coverage' < '3' AS of_base,
                  k ->> 'units' IN ('1', '3') AS of_units,
                  k ->> 'net_sales' = '1' AS refunds) AS changes
       CROSS JOIN LATERAL (
           SELECT coalesce(o.net, 0) + coalesce(h.net, 0)
                  - CASE WHEN refunds THEN coalesce(r.refund, 0) ELSE 0 END AS net_sales,
                  coalesce(o.shipping, 0) + coalesce(h.shipping, 0)
                  - CASE WHEN k ->> 'shipping' = '1' THEN coalesce(r.shipping, 0)
                         ELSE 0 END AS shipping,
                  coalesce(o.tax, 0) + coalesce(h.tax, 0)
                  - CASE WHEN k ->> 'taxes' = '1' THEN coalesce(r.tax, 0) ELSE 0 END AS taxes,
                  coalesce(o.net, 0) + coalesce(h.net, 0)
                  + CASE WHEN k ->> 'total_sales' IN ('1', '2', '4', '5')
                         THEN coalesce(o.tax, 0) + coalesce(h.tax, 0) ELSE 0 END
                  + CASE WHEN k ->> 'total_sales' IN ('1', '3', '4', '6')
                         THEN coalesce(o.shipping, 0) + coalesce(h.shipping, 0) ELSE 0 END
                  - CASE k ->> 'total_sales'
                         WHEN '1' THEN coalesce(r.refund, 0) + coalesce(r.tax, 0)
                                       + coalesce(r.shipping, 0)
                         WHEN '2' THEN coalesce(r.refund, 0) + coalesce(r.tax, 0)
                         WHEN '3' THEN coalesce(r.refund, 0) + coalesce(r.shipping, 0)
                         ELSE 0 END AS total_sales,
                  coalesce(CASE WHEN k ->> 'units' < '3' THEN o.units ELSE l.units END, 0)
                  + CASE WHEN of_units THEN coalesce(h.units, 0) ELSE 0 END AS units,
                  coalesce(CASE k ->> 'gross_profit' WHEN '1' THEN o.covered
                                                     ELSE l.covered END, 0)
                  + CASE WHEN of_margin THEN coalesce(h.covered, 0) ELSE 0 END AS covered,
                  coalesce(CASE k ->> 'gross_profit' WHEN '1' THEN o.cost_of_covered
                                                     ELSE l.cost_of_covered END, 0)
                  + CASE WHEN of_margin THEN coalesce(h.cost_of_covered, 0) ELSE 0 END AS cost,
                  coalesce(CASE k ->> 'gross_profit' WHEN '1' THEN o.covered_n
                                                     ELSE l.covered_n END, 0)
                  + CASE WHEN of_margin THEN coalesce(h.covered_n, 0) ELSE 0 END AS covered_n,
                  coalesce(CASE k ->> 'cost_coverage' WHEN '1' THEN o.covered
                                                      ELSE l.covered END, 0)
                  + CASE WHEN of_base THEN coalesce(h.covered, 0) ELSE 0 END AS base_covered,
                  coalesce(CASE k ->> 'cost_coverage' WHEN '1' THEN o.net ELSE l.net END, 0)
                  + CASE WHEN of_base THEN coalesce(h.net, 0) ELSE 0 END AS margin_base,
                  coalesce(CASE k ->> 'cost_coverage' WHEN '1' THEN o.net_n ELSE l.net_n END, 0)
                  + CASE WHEN of_base THEN coalesce(h.net_n, 0) ELSE 0 END AS margin_base_n) AS w;

-- One row per number; how far it may be off where it is a quantile of durations.
CREATE TABLE told (
    dim text, member text, grain text, period date, complete boolean, indicator text, value numeric,
    n bigint, spread numeric, slack numeric);
CREATE TABLE shown (
    dim text, member text, grain text, period date, complete boolean, indicator text,
    value numeric);

CREATE FUNCTION tell() RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '64MB' AS $$
DECLARE
    step name;
BEGIN
    FOR step IN SELECT relname
    FROM   pg_class WHERE relnamespace = 'rule'::regnamespace ORDER BY oid LOOP
        EXECUTE format('TRUNCATE %1$I; INSERT INTO %1$I TABLE rule.%1$I; ANALYZE %1$I', step);
    END LOOP;
    TRUNCATE told;
    INSERT INTO told
    WITH w AS MATERIALIZED (SELECT dim, member, grain, period, complete,
                                   to_jsonb(t) || told_own(to_jsonb(t)) AS j
                            FROM   told_wide AS t)
    SELECT w.dim, w.member, w.grain, w.period, w.complete, c.indicator,
           (w.j ->> c.indicator)::numeric, (w.j ->> (c.indicator || '#'))::bigint,
           (w.j ->> (c.indicator || '!'))::numeric,
           (w.j ->> (c.indicator || '?'))::numeric
    FROM   w JOIN chosen AS c USING (dim);
    ANALYZE told;
END $$;

CREATE FUNCTION show() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    TRUNCATE shown;
    FOR item IN
        SELECT d, g, format('shop.%I', 'kpi_' || g || coalesce('_by_' || nullif(d, ''), '')) AS view
        FROM   unnest('{day,week,month,quarter,half,year,all}'::text[]) AS g,
               (SELECT '' AS d UNION ALL SELECT unnest(dims) FROM spec) AS x
        WHERE  to_regclass(format('shop.%I', 'kpi_' || g || coalesce('_by_' || nullif(d, ''), '')))
            IS NOT NULL
    LOOP
        EXECUTE format('INSERT INTO shown
                        SELECT %L, %s, %L, period, complete, key, value::numeric
                        FROM   (SELECT %s FROM %s) AS v,
                             jsonb_each_text(to_jsonb(v) - ''{period,complete}''::text[] - %L)',
                       item.d,
                       CASE WHEN item.d = '' THEN quote_literal('')
                            ELSE 'v.' || quote_ident(item.d) END,
                       item.g,
                       (SELECT string_agg(quote_ident(attname), ', ')
                        FROM   pg_attribute
                        WHERE  attrelid = item.view::regclass AND attnum > 0
                        AND    attname !~ '_sample$'),
                       item.view, item.d);
    END LOOP;
    ANALYZE shown;
END $$;

-- Whether a number is what it should be: an amount or a count exactly, others to 1e-9, but for
-- quantiles of durations that are in buckets.
CREATE FUNCTION agrees(
    unit text, shown numeric, told numeric, slack numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN shown IS NULL OR told IS NULL THEN shown IS NULL AND told IS NULL
                WHEN unit IN ('money', 'quantity') THEN shown = round(told, 4)
                WHEN unit = 'count' THEN shown = told
                ELSE abs(shown - told)
                    <= greatest(slack * abs(told), 1e-9 * greatest(abs(told), 1)) END
$$;

CREATE TABLE compared (seed int, indicator text, cases bigint, numbers bigint, whole bigint,
                       exact bigint, coarse bigint);

CREATE VIEW difference AS
SELECT CASE WHEN s.indicator IS NULL THEN 'not there'
            WHEN t.indicator IS NULL THEN 'too much'
            ELSE 'wrong' END AS verdict,
       dim, member, grain, period, indicator, s.value AS shown, t.value AS told
FROM   shown AS s
       FULL JOIN told AS t USING (dim, member, grain, period, indicator)
       LEFT JOIN indicators_of('shop') AS i USING (indicator)
WHERE  s.indicator IS NULL OR t.indicator IS NULL OR s.complete <> t.complete
OR     NOT agrees(i.unit, s.value, t.value, t.slack);

-- A share of amounts has no interval.
CREATE FUNCTION of_amounts(indicator text) RETURNS boolean IMMUTABLE LANGUAGE sql
RETURN indicator IN ('gross_margin', 'cost_coverage', 'unit_return_rate', 'value_return_rate',
                     'csat_weighted');

-- Stored, then pooled: the samples of all days, or of all members, are the sample of the year,
-- unless those of the dimension come from another source.
CREATE FUNCTION pool_differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT a.attname AS sample, d.dim
        FROM   pg_attribute AS a
               JOIN chosen AS y ON y.dim = '' AND y.indicator || '_sample' = a.attname
               JOIN chosen AS d USING (indicator, choice)
        WHERE  a.attrelid = 'shop.kpi_year'::regclass
        -- where days are hidden, their years are not what can be seen of them
        AND    NOT (a.attname ~ '^(esat|enps|communication)'
                    AND (SELECT anonymity FROM spec) IS NOT NULL)
        AND    (a.atttypid = 'ratio'::regtype OR a.attname IN ('aov_sample', 'units_sample'))
        AND    EXISTS (SELECT FROM pg_attribute AS b
                       WHERE  b.attrelid = to_regclass(format('shop.%I',
                                  'kpi_day' || coalesce('_by_' || nullif(d.dim, ''), '')))
                       AND    b.attname = a.attname AND b.atttypid = a.atttypid)
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT format(''%%s by %%s of %%s: %%s, not %%s'', %L, %L, y.period, d.pooled, y.%1$I)
             FROM   shop.kpi_year AS y
                    JOIN shop.kpi_periods AS p ON p.grain = ''year'' AND p.period = y.period
                    CROSS JOIN LATERAL (SELECT rollup(%1$I) AS pooled FROM shop.%3$I AS d
                                        WHERE  d.period >= y.period AND d.period < p.until) AS d
             WHERE  d.pooled IS DISTINCT FROM y.%1$I
             AND    y.period >= (SELECT min(period) FROM shop.kpi_day)
             AND    (sample_size(d.pooled) > 0 OR y.%1$I IS NOT NULL)',
            item.sample, item.dim, 'kpi_day' || coalesce('_by_' || nullif(item.dim, ''), ''));
    END LOOP;
END $$;

-- kpi_values: the same numbers in rows, the size of the sample behind each, and an interval for
-- shares (Wilson) and the Net Promoter Score.
CREATE FUNCTION value_differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE $query$SELECT d::text FROM (
SELECT t.dim, t.member, t.grain, t.period, t.indicator, v.value, t.value AS told, v.sample_size,
       t.n, v.low, x.low AS low_told, v.high, x.high AS high_told
FROM   told AS t JOIN indicators_of('shop') AS i USING (indicator)
       FULL JOIN (SELECT coalesce(dimension, '') AS dim, coalesce(member, '') AS member, grain,
                         period, kpi AS indicator, value, sample_size, low, high, unit, complete
                  FROM   shop.kpi_values) AS v
            USING (dim, member, grain, period, indicator)
       LEFT JOIN LATERAL (SELECT 1.959963984540054 ^ 2 / nullif(t.n, 0) AS c) AS z
           ON i.unit IN ('share', 'points')
       LEFT JOIN LATERAL (SELECT (t.value + c / 2 - half) / (1 + c) AS low,
                                 (t.value + c / 2 + half) / (1 + c) AS high
                          FROM   (SELECT sqrt(c * (t.value * (1 - t.value) + c / 4)) AS half) AS h
                          WHERE  i.unit = 'share' AND NOT of_amounts(t.indicator)
                          UNION ALL
                          SELECT greatest(-100, t.value - margin), least(100, t.value + margin)
                          FROM   (SELECT 100
                                  * sqrt(c * (t.spread - (t.value / 100) ^ 2)) AS margin) AS m
                          WHERE  i.unit = 'points' AND c IS NOT NULL
                          AND    t.indicator <> 'nps_weighted') AS x ON true
WHERE  t.indicator IS NULL OR v.indicator IS NULL OR v.unit <> i.unit OR v.complete <> t.complete
OR     v.sample_size IS DISTINCT FROM t.n
AND    NOT (t.n IS NULL AND has('stock_moves')
            AND t.indicator IN ('inventory_turnover', 'average_inventory', 'days_of_inventory'))
OR     NOT agrees(i.unit, v.value::numeric, t.value, t.slack)
OR     NOT agrees('share', v.low::numeric, x.low, 0)
OR     NOT agrees('share', v.high::numeric, x.high, 0)) AS d
                                LIMIT  20$query$;
END $$;

-- cohort_retention: of those who first ordered in a period, how many did in each later one.
CREATE VIEW cohort_of AS
SELECT grain, who, period, min(period) OVER (PARTITION BY grain, who) AS cohort
FROM   active WHERE dim = '' AND grain NOT IN ('day', 'all');
CREATE VIEW numbered AS
SELECT grain, period, until, row_number() OVER (PARTITION BY grain ORDER BY period) AS number
FROM   calendar WHERE day = period;
CREATE VIEW told_cohorts AS
SELECT c.grain, c.cohort, p.period, (p.number - f.number)::int AS periods_since,
       p.until <= s.today AS complete, c.size AS cohort_size, count(a.who) AS customers,
       count(a.who)::float8 / c.size AS retention_rate
FROM   spec AS s, days_told AS d,
       (SELECT grain, cohort, count(DISTINCT who) AS size
        FROM   cohort_of GROUP BY grain, cohort) AS c
       JOIN numbered AS p ON p.grain = c.grain AND p.period >= c.cohort
       JOIN numbered AS f ON f.grain = c.grain AND f.period = c.cohort
       LEFT JOIN cohort_of AS a ON (a.grain, a.cohort, a.period) = (c.grain, c.cohort, p.period)
WHERE  p.period <= d.last
GROUP  BY c.grain, c.cohort, c.size, p.period, p.until, p.number, f.number, s.today;

-- cohort_sales: what they bought then, with changes of orders, and until then.
CREATE VIEW spent AS
SELECT c.grain, c.period, o.customer_id AS who, sum(o.net) AS net
FROM   (SELECT day, customer_id, net FROM fact_orders WHERE sold
        UNION ALL
        SELECT day, customer_id, net FROM fact_order_changes) AS o
       JOIN calendar AS c ON c.day = o.day
GROUP  BY c.grain, c.period, o.customer_id;
CREATE VIEW told_spending AS
SELECT t.grain, t.cohort, t.period, t.periods_since, t.complete, t.cohort_size,
       round(coalesce(sum(x.net) FILTER (WHERE x.period = t.period), 0), 4) AS sales,
       round(coalesce(sum(x.net), 0), 4) AS cumulated_sales,
       round(coalesce(sum(x.net), 0) / t.cohort_size, 4) AS sales_per_customer
FROM   told_cohorts AS t
       LEFT JOIN (SELECT DISTINCT grain, cohort, who FROM cohort_of) AS c USING (grain, cohort)
       LEFT JOIN spent AS x ON (x.grain, x.who) = (t.grain, c.who) AND x.period <= t.period
GROUP  BY t.grain, t.cohort, t.period, t.periods_since, t.complete, t.cohort_size;

-- funnel_steps: a chain is a step 1 and, in the order of time and within the limit from it, step 2,
-- step 3 and so on, each within the limit from the one before; events of one instant are taken by
-- step. A visitor reached the last step of the longest chain.
CREATE VIEW step_event AS
SELECT DISTINCT c.grain, c.period, c.until <= s.today AS complete, x.visitor_id AS who,
                x.occurred_at AS at, x.step
FROM   spec AS s, raw.events AS x JOIN calendar AS c ON true
WHERE  c.day = (x.occurred_at AT TIME ZONE s.zone)::date AND x.occurred_at <= s.as_of
AND    x.step IS NOT NULL;
CREATE VIEW chain AS
WITH RECURSIVE event AS MATERIALIZED (SELECT * FROM step_event),
chain AS (
    SELECT grain, period, who, ARRAY[at] AS taken FROM event WHERE step = 1
    UNION
    SELECT e.grain, e.period, e.who, c.taken || e.at
    FROM   spec AS s, chain AS c JOIN event AS e USING (grain, period, who),
           cardinality(c.taken) AS depth
    WHERE  e.step = depth + 1 AND e.at >= c.taken[depth]
    AND    (s.funnel_within IS NULL OR e.at <= c.taken[1] + s.funnel_within)
    AND    (s.funnel_step_within[depth] IS NULL
            OR e.at <= c.taken[depth] + s.funnel_step_within[depth])
)
SELECT * FROM chain;
CREATE VIEW told_funnels AS
WITH depth AS (
    SELECT grain, period, complete, who, coalesce(max(cardinality(c.taken)), 0) AS depth
    FROM   (SELECT DISTINCT grain, period, complete, who FROM step_event) AS e
           LEFT JOIN chain AS c USING (grain, period, who)
    GROUP  BY grain, period, complete, who
),
reach AS (
    SELECT grain, period, complete, step, count(*) AS visitors,
           count(*) FILTER (WHERE depth >= step) AS reached
    FROM   depth, generate_series(1, (SELECT max(step) FROM step_event)) AS step
    GROUP  BY grain, period, complete, step
)
SELECT r.grain, s.shown AS period, r.complete, r.step,
       coalesce((SELECT min(label) FROM raw.events AS e WHERE e.step = r.step),
                'step ' || r.step) AS label,
       r.visitors, r.reached,
       round(r.reached::numeric
             / nullif(CASE WHEN r.step = 1 THEN r.visitors ELSE b.reached END, 0),
             9) AS step_rate,
       round(r.reached::numeric / nullif(f.reached, 0), 9) AS overall_rate
FROM   reach AS r
       JOIN spine AS s ON (s.dim, s.grain, s.period) = ('', r.grain, r.period)
       LEFT JOIN reach AS b ON (b.grain, b.period, b.step) = (r.grain, r.period, r.step - 1)
       JOIN reach AS f ON (f.grain, f.period, f.step) = (r.grain, r.period, 1);

-- funnel_times: hours from step 1 to a later one on the longest chain, of these the one that ends
-- first, and of these the one that starts last, and takes each step last.
CREATE VIEW told_times AS
SELECT f.grain, f.period, f.complete, f.step, f.label, f.reached, count(t.hours) AS timed,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY t.hours::float8) AS median_hours,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY t.hours::float8) AS p90_hours,
       avg(t.hours) AS mean_hours, slack(array_agg(t.hours), NULL) AS slack
FROM   told_funnels AS f
       JOIN spine AS s ON (s.dim, s.grain, s.shown) = ('', f.grain, f.period)
       LEFT JOIN (SELECT DISTINCT ON (c.grain, c.period, c.who) c.grain, c.period, c.taken
                  FROM   chain AS c
                  ORDER  BY c.grain, c.period, c.who, cardinality(c.taken) DESC,
                            c.taken[cardinality(c.taken)], c.taken DESC) AS c
                 ON (c.grain, c.period) = (s.grain, s.period)
       CROSS JOIN LATERAL (
           SELECT extract(epoch FROM c.taken[f.step] - c.taken[1]) / 3600 AS hours) AS t
WHERE  f.step > 1
GROUP  BY f.grain, f.period, f.complete, f.step, f.label, f.reached;

-- kpi_today: what was ordered, or changed, on a day while the clock had not passed what it shows
-- now.
CREATE VIEW told_today AS
SELECT s.today - ago AS day, count(*) FILTER (WHERE ordered) AS orders,
       count(DISTINCT o.customer_id) FILTER (WHERE ordered) AS customers,
       coalesce(sum(o.units), 0) AS units, round(coalesce(sum(o.net), 0), 4) AS order_sales,
       round(sum(o.net) / nullif(count(o.net) FILTER (WHERE ordered), 0), 4) AS aov
FROM   spec AS s CROSS JOIN unnest('{0,1,7}'::int[]) AS ago
       LEFT JOIN (SELECT day, ordered_at AS at, customer_id, units, net, true AS ordered
                  FROM   fact_orders WHERE sold
                  UNION ALL
                  SELECT day, changed_at, customer_id, units, net, false
                  FROM   fact_order_changes) AS o
            ON o.day = s.today - ago
            AND (ago = 0 OR o.at <= (s.today - ago + (s.as_of AT TIME ZONE s.zone)::time)
                                    AT TIME ZONE s.zone)
GROUP  BY s.today - ago;

-- check(): what it says an indicator is over all the data.
CREATE TABLE checked (seed int, trap text, source text, indicator text);
CREATE FUNCTION check_differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    item   record;
    answer numeric;
BEGIN
    FOR item IN SELECT c.*, i.unit
    FROM   kpi.check('shop') AS c
    JOIN indicators AS i ON i.indicator = c.indicator
    WHERE  c.value IS NOT NULL LOOP
        EXECUTE format('SELECT %I FROM shop.kpi_all', item.indicator) INTO answer;
        CONTINUE WHEN answer IS NULL;
        INSERT INTO checked SELECT seed, item.trap, item.source, item.indicator FROM spec;
        IF abs(item.value::numeric - answer) > 0.001 THEN        -- of years, each rounded
            RETURN NEXT format('%s of %s: %s is %s, not %s', item.trap, item.source, item.indicator,
                               answer, item.value);
        END IF;
    END LOOP;
END $$;

-- Advice of check() that is an expression is followed in all rows: each such trap is gone, and the
-- views still say what check() does.
CREATE TABLE advised (seed int, trap text, source text);
CREATE FUNCTION advice_differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT c.trap, c.source, c.advice, m.*
    FROM   kpi.check('shop') AS c,
           regexp_matches(c.advice, '^((?:CASE|coalesce|nullif|abs|greatest|checkout)[^:]*?) '
                                    'AS ([a-z_]+)(?:[,;:]|$)') AS r,
           LATERAL (SELECT r[1] AS expression, r[2] AS name) AS m
    WHERE  c.advice NOT LIKE '%<%>%' AND c.trap <> ALL ('{guest_customers,unknown_desk,
                placeholder_customers,placeholder_visitors}') LOOP    -- which are spelt in the rows
        CONTINUE WHEN NOT (SELECT relkind = 'r' FROM pg_class
                           WHERE  oid = format('shop.%I', item.source)::regclass)
                      OR NOT has(item.source || '.' || item.name);
        EXECUTE format('UPDATE shop.%I SET %I = %s', item.source, item.name, item.expression);
        INSERT INTO advised SELECT seed, item.trap, item.source FROM spec;
    END LOOP;
    IF EXISTS (SELECT FROM advised AS a JOIN spec USING (seed)) THEN
        IF (SELECT storage = 'materialized' FROM spec) THEN
            PERFORM kpi.refresh('shop');
        END IF;
        RETURN QUERY SELECT format('%s of %s is still there', c.trap, c.source)
                     FROM   kpi.check('shop') AS c
                            JOIN advised AS a ON (a.trap, a.source) = (c.trap, c.source)
                            JOIN spec USING (seed);
        RETURN QUERY SELECT check_differences();
    END IF;
END $$;


-- The shops

CREATE FUNCTION check_shop(c shop_case) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    shop text := format('shop %s, %s: ', c.seed, c.note);
    deviations text;
BEGIN
    PERFORM open_shop(c);
    PERFORM tell();
    PERFORM show();
    RETURN NEXT set_eq($q$SELECT DISTINCT dim || ' ' || indicator FROM shown$q$,
                       $q$SELECT DISTINCT dim || ' ' || indicator FROM told$q$,
                       shop || 'a model has the indicators, in all and by dimension, '
                               'for which there are columns');
    SELECT string_agg(d::text, E'\n') INTO deviations FROM (SELECT * FROM difference LIMIT 20) AS d;
    RETURN NEXT ok(deviations IS NULL,
                   shop || 'every indicator of every period and member is what the rows say')
                || coalesce(E'\n'
                            || diag((SELECT to_jsonb(s) FROM spec AS s)::text || E'\n'
                                    || (SELECT string_agg(DISTINCT indicator || ' ' || verdict,
                                                          ', ')
                                        FROM   difference)
                                    || E'\n' || deviations),
                            '');
    SELECT string_agg(d, E'\n') INTO deviations FROM pool_differences() AS d;
    RETURN NEXT ok(deviations IS NULL,
                   shop || 'what days and members pool to is the sample of the year')
        || coalesce(E'\n' || diag(deviations), '');
    IF c.days <= 100 THEN
        SELECT string_agg(d, E'\n') INTO deviations FROM value_differences() AS d;
        RETURN NEXT ok(deviations IS NULL,
                       shop || 'kpi_values has the same in rows, with samples and intervals')
            || coalesce(E'\n' || diag(deviations), '');
    END IF;
    SELECT string_agg(d, E'\n') INTO deviations FROM check_differences() AS d;
    RETURN NEXT ok(deviations IS NULL, shop || 'check() says of an indicator what the views say')
        || coalesce(E'\n' || diag(deviations), '');
    IF has('orders') THEN
        RETURN NEXT set_eq($q$SELECT grain, cohort, period, periods_since, complete, cohort_size,
                                     customers, retention_rate
                              FROM   shop.cohort_retention$q$,
                           'SELECT * FROM told_cohorts',
                           shop || 'cohort_retention counts those who came back');
        RETURN NEXT set_eq($q$SELECT * FROM shop.cohort_sales$q$, 'SELECT * FROM told_spending',
                           shop || 'cohort_sales adds up what they bought');
    END IF;
    IF has('orders') THEN
        RETURN NEXT set_eq($q$SELECT day, orders, customers, units, order_sales, aov
                              FROM   shop.kpi_today$q$,
                           'SELECT * FROM told_today',
                           shop || 'kpi_today is as of the same time of each day');
    END IF;
    IF has('events') THEN
        RETURN NEXT set_eq($q$SELECT grain, period, complete, step, label, visitors, reached,
                                     round(step_rate::numeric, 9) AS step_rate,
                                     round(overall_rate::numeric, 9) AS overall_rate
                              FROM   shop.funnel_steps$q$,
                           $q$SELECT * FROM told_funnels$q$,
                           shop || 'funnel_steps counts how far visitors came');
        RETURN NEXT is_empty($q$
            SELECT *
            FROM   shop.funnel_times AS f FULL JOIN told_times AS t USING (grain, period, step)
            WHERE  (f.complete, f.label, f.reached, f.reached)
                   IS DISTINCT FROM (t.complete, t.label, t.reached, t.timed)
            OR     NOT agrees('hours', f.median_hours::numeric, t.median_hours::numeric, t.slack)
            OR     NOT agrees('hours', f.p90_hours::numeric, t.p90_hours::numeric, t.slack)
            OR     NOT agrees('hours', f.mean_hours::numeric, t.mean_hours, 0)$q$,
                             shop || 'and funnel_times how long they took');
    END IF;
    SELECT string_agg(d, E'\n') INTO deviations FROM advice_differences() AS d;
    RETURN NEXT ok(deviations IS NULL, shop || 'what check() advises makes it so')
        || coalesce(E'\n' || diag(deviations), '');
    INSERT INTO compared
    SELECT c.seed, indicator, count(*), count(told.value), count(*) FILTER (WHERE told.value <> 0),
           count(told.value) FILTER (WHERE slack = 0), count(told.value) FILTER (WHERE slack > 0)
    FROM   told GROUP BY indicator;
END $$;

SELECT format('SELECT check_shop(c) FROM shop_case AS c WHERE seed = %s', seed)
FROM   shop_case ORDER BY seed
\gexec

SELECT is_empty('SELECT indicator
                 FROM   indicators
                 WHERE  indicator NOT IN (SELECT indicator FROM compared WHERE whole > 10)',
                'every indicator of the catalog was compared where it is neither NULL nor zero');

SELECT is_empty('SELECT indicator
                 FROM   own
                 WHERE  indicator <> ''own_never''
                 AND indicator NOT IN (SELECT indicator FROM compared WHERE whole > 10)',
                'and so were those that shops define themselves');

SELECT cmp_ok(sum(exact), '>', 1000::numeric,
              'quantiles were compared exactly where durations are listed') FROM compared;
SELECT cmp_ok(sum(coarse), '>', 100::numeric, 'and to within a bucket where they are many')
FROM   compared;

SELECT cmp_ok(count(*), '>=', 80::bigint, 'check() was tried with many') FROM checked;

SELECT cmp_ok(count(*), '>=', 8::bigint, 'and so were the expressions it advises') FROM advised;

SELECT * FROM finish();
ROLLBACK;
