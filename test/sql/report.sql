\set ECHO none
\i test/setup.psql
SELECT plan(99);

-- Charts, of numbers that can be followed by hand.

-- Five points in a box 100 wide and 20 high are 20 apart, the first at 10; of 0 to 10 a unit is 2
-- high, from below.
\set box '''{0,0,100,20}''::numeric[]'
SELECT is(svg_path('{0,10,NULL,5,NULL}', 0, 10, :box), 'M10 20L30 0M70 10h0',
          'a line is through its points, with gaps, and a dot where one is alone');
SELECT is(svg_path('{NULL,NULL}', 0, 10, :box), NULL, 'of no points there is no line');
SELECT is(svg_band('{0,2,NULL,4,1}', '{4,8,9,6,NULL}', 0, 10, :box),
          'M10 12L30 4L30 16L10 20ZM65 8L75 8L75 12L65 12Z',
          'a band is between two lines, of each run of points; of one point it is as wide as half');
SELECT results_eq(
    'SELECT low, high, svg_ticks(low, high)::text FROM (VALUES (0::float8, 10::float8), (3, 47),
         (0.021, 0.034), (-5, 5), (7, 7), (0, 0), (1e9, 2.4e9)) AS t (low, high)',
    $$VALUES (0::float8, 10::float8, '{0,5,10}'), (3, 47, '{0,20,40,60}'),
             (0.021, 0.034, '{0.02,0.025,0.03,0.035}'), (-5, 5, '{-5,0,5}'),
             (7, 7, '{6,6.5,7,7.5,8}'), (0, 0, '{-0.5,0,0.5}'),
             (1e9, 2.4e9, '{1000000000,1500000000,2000000000,2500000000}')$$,
    'an axis has round numbers, and room for a line that is level');
SELECT is(svg_sparkline('{1,3}', 'from 1 to 3'),
          '<svg class="spark" viewBox="0 0 100 28" role="img" aria-label="from 1 to 3">'
          '<path class="line" d="M24.5 24L73.5 4"/><circle class="dot" cx="73.5" cy="4" r="2.5"/>'
          '</svg>', 'a sparkline goes from its lowest to its highest, with a dot at the end');
SELECT is(svg_sparkline('{4,NULL}', ''),
          '<svg class="spark" viewBox="0 0 100 28" role="img" aria-label="">'
          '<path class="line" d="M24.5 14h0"/><circle class="dot" cx="24.5" cy="14" r="2.5"/>'
          '</svg>',
          'if it is level it is in the middle, and it ends with its last value');

-- 0.1 + 0.2 is not 0.3 in float8, but with 15 digits it is.
SELECT is(ARRAY[svg_sparkline('{0.3,0.30000000000000004}', 'x'), svg_ticks(0.3, 0.1 + 0.2e0)::text],
          ARRAY[svg_sparkline('{0.3,0.3}', 'x'), svg_ticks(0.3, 0.3)::text],
          'nor does a bit make a line that is not level');

-- Of 160, an axis from 0 to 108 has 50 at 74.1, 100 at 148.1.
CREATE TABLE bullet AS
SELECT n, svg_bullet(given, 'so')::text AS svg
FROM   (VALUES (1, '{"value": 50, "target": 100, "direction": "up", "bar": true}'::jsonb),
               (2, '{"value": 50, "target": 100, "direction": "down"}'),
               (3, '{"value": 4, "low": 3, "high": 5, "target": 2, "upper": 6,
                     "direction": "band", "bar": false}'),
               (4, '{"value": -1, "target": 1, "direction": "up", "bar": true}'),
               (5, '{"value": null, "target": 1, "direction": "up"}')) AS b (n, given);
SELECT matches(svg, 'class="zone" x="148.1" width="11.9" .* class="bar" width="74.1" '
                    '.* class="target" d="M148.1 2v20"',
               'an amount is a bar from zero, and what is wanted begins at the target')
FROM bullet WHERE n = 1;
SELECT matches(svg, 'class="zone" x="0" width="149" .* class="dot" cx="11" cy="12"',
               'what is no amount is a dot where it lies; if less is wanted, it ends at the target')
FROM bullet WHERE n = 2;
-- from 2 to 6, with margins of 0.32: 4.64 are 160
SELECT matches(svg, 'class="zone" x="11" width="137.9" .* class="whisker" '
                    'd="M45.5 12h69M45.5 8v8M114.5 8v8".* class="dot" cx="80" .*"M11 2v20"'
                    '.*"M149 2v20"',
               'a band is what is wanted, and a whisker is where the true value lies')
FROM bullet WHERE n = 3;
SELECT matches(svg, 'class="dot" ', 'what is below zero is no bar') FROM bullet WHERE n = 4;
SELECT doesnt_match(svg, 'class="(dot|bar)"', 'without a value there is the target alone')
FROM bullet WHERE n = 5;
SELECT doesnt_match(svg, 'NULL|@', 'what is not given is not drawn') FROM bullet WHERE n = 5;
SELECT is(svg_bar(1.2, 'all') ~ 'class="bar" width="160"' AND svg_bar(-1, '') ~ 'bar" width="0"',
          true, 'a share is from nothing to all');

CREATE TABLE line AS
SELECT svg_line('{"first": "Jan", "last": "Mar",
                  "ticks": [{"at": 0, "text": "0"}, {"at": 10, "text": "10"}],
                  "points": [{"value": 0, "low": 0, "high": 2, "complete": true, "target": 8},
                             {"value": 10, "low": 8, "high": 10, "complete": true, "target": 8,
                              "signal": "outside"},
                             {"value": 5, "complete": false, "last_year": 4}]}',
                'What & how')::text AS svg;
SELECT lives_ok('SELECT xmlparse(CONTENT svg) FROM line', 'a chart is well-formed');
SELECT doesnt_match(svg_line('{"ticks": [{"at": 0, "text": "0"}, {"at": 10, "text": "10"}],
                               "points": [{"value": 0, "complete": true},
                                          {"complete": true, "signal": "outside"},
                                          {"complete": false}]}', 'x'), '=""|cy=" |M[0-9.]* l',
                    'what has no value is not drawn');
-- a box from 44 to 336, 97.3 for each point, and from 8 to 120
SELECT matches(svg, part, rule) FROM line, (VALUES
    ('<path class="line" d="M92.7 120L190 8"/>', 'its line is of the periods that are over'),
    ('<circle class="running" cx="287.3" cy="64" r="3"/>', 'the running one is a point of its own'),
    ('<circle class="dot" cx="190" cy="8" r="3"/>', 'and so is the last that is over'),
    ('<path class="band" d="M92.7 97.6L190 8L190 30.4L92.7 120Z"/>', 'the interval is a band'),
    ('<path class="target" d="M92.7 30.4L190 30.4"/>', 'the target a line while it holds'),
    ('<path class="last-year" d="M287.3 75.2h0"/>', 'last year another'),
    ('<path class="signal" d="M190 2l6 6l-6 6l-6 -6z"/>', 'a signal is marked'),
    ('role="img" aria-label="What &amp; how"', 'and a text says what is seen')) AS t (part, rule);


-- Numbers and dates as people write them.
CREATE TABLE page AS
SELECT l AS lang, report_language(l, c) AS page
FROM (VALUES ('en', 'EUR'), ('zh', 'CNY'), ('en', 'CHF'), ('en', NULL)) AS p (l, c);
CREATE FUNCTION written(double precision, text, lang text, currency text DEFAULT 'EUR')
RETURNS text LANGUAGE SQL AS 'SELECT report_value(report_language($3, $4), $1, $2)';
SELECT results_eq($$SELECT written(value, unit, 'en', currency)
                    FROM   (VALUES (1, 1432734.99, 'money', 'EUR'), (2, 12.5, 'money', 'EUR'),
                                   (3, -1234.5, 'money', 'GBP'), (4, 1234, 'money', 'CHF'),
                                   (5, 1234, 'money', NULL), (6, 0.0336, 'share', ''),
                                   (7, 0.853, 'share', ''), (8, 0.25, 'growth', ''),
                                   (9, -0.031, 'growth', ''), (10, 1234567, 'count', ''),
                                   (11, 2.5, 'quantity', ''), (12, 31.386, 'points', ''),
                                   (13, 3.7958, 'days', ''), (14, 250.4, 'hours', ''),
                                   (15, 4.2, 'score', ''), (16, 0.5407, 'turns', ''),
                                   (17, NULL, 'money', ''), (18, 'NaN', 'share', ''))
                           AS v (n, value, unit, currency) ORDER BY n$$,
                  ARRAY['€1,432,735', '€12.50', '−£1,235', 'CHF 1,234', '1,234', '3.36%', '85.3%',
                        '+25%', '−3.1%', '1,234,567', '2.5', '31.4', '3.8 days', '250 hours', '4.2',
                        '0.54', '–', '–'], 'numbers are written with what they are of');
SELECT is(ARRAY[written(1234567.8, 'money', 'zh', 'CNY'), written(3.8, 'days', 'zh'),
                written(12, 'money', 'zh', 'USD')],
          '{"¥1,234,568","3.8天",US$12.00}', 'in Chinese, too');
SELECT is(ARRAY[written(-0.004, 'money', 'en', 'GBP'), written(-0.005, 'money', 'en', 'GBP'),
                written(0.00004, 'growth', 'en'), written(0.00006, 'growth', 'en'),
                written(250.4, 'money', 'en', 'JPY'), written(250.4, 'money', 'en', 'KRW')],
          '{£0.00,−£0.01,0%,+0.01%,¥250,KRW 250}',
          'what is rounded to nothing has no sign, and no currency has digits that it has not');
SELECT is(ARRAY(SELECT report_start(page, '2025-09-01'::date, grain)
                FROM page, unnest('{day,week,month}'::text[]) WITH ORDINALITY AS g (grain, n)
                WHERE  page ->> 'currency' = 'EUR' ORDER BY n), '{1 Sep 2025,1 Sep 2025,Sep 2025}',
          'a day or week that starts on the first is no month');
SELECT is(ARRAY(SELECT report_short(p.page, v, u)
                FROM   page AS p, (VALUES (1, 1500000, 'money'), (2, 20000, 'count'),
                                          (3, 0, 'money'), (4, 0.025, 'share'),
                                          (5, -2500, 'money')) AS t (n, v, u)
                WHERE  p.page ->> 'currency' IN ('EUR', 'CNY') ORDER BY lang, n),
          '{1.5M,20k,0,2.5%,−2.5k,150万,2万,0,2.5%,"−2,500"}'::text[], 'axes are written in short');
SELECT is(ARRAY[report_change(page, 120, 100, 'money'), report_change(page, 90, 100, 'days'),
                report_change(page, 0.034, 0.0325, 'share'),
                report_change(page, 30, 35.5, 'points'),
                report_change(page, 5, 0, 'count'), report_change(page, NULL, 1, 'count'),
                report_change(page, 0.10001, 0.1, 'share')],
          '{+20.0%,−10.0%,"+0.15 pp",−5.5,–,–,"±0.00 pp"}',
          'a change is in percent, of shares in points, of nothing no figure')
FROM page WHERE page ->> 'currency' = 'EUR';
SELECT is(ARRAY(SELECT report_period(p.page, start, until)
                FROM page AS p, (VALUES (1, date '2025-03-01', date '2025-04-01'),
                                        (2, '2025-03-07', '2025-03-08'),
                                        (3, '2025-03-03', '2025-03-10'),
                                        (4, '2025-10-01', '2026-01-01'),
                                        (5, '2024-01-01', '2025-01-01'),
                                        (6, '2024-04-01', '2025-04-01')) AS t (n, start, until)
                WHERE  p.page ->> 'currency' IN ('EUR', 'CNY') ORDER BY lang, n),
          ARRAY['March 2025', '7 March 2025', '3 March 2025 to 9 March 2025',
                'October 2025 to December 2025', '2024', 'April 2024 to March 2025',
                '2025年3月', '2025年3月7日', '2025年3月3日至2025年3月9日', '2025年10月至2025年12月',
                '2024年', '2024年4月至2025年3月'], 'periods are named by their months or days');


SELECT results_eq($$SELECT regexp_match(report_moved(page, 2, 1, 'points', d, false, false),
                                        'class="([a-z]+)"')
                    FROM page, unnest('{up,down,band,NULL}'::text[]) AS d
                    WHERE  page ->> 'currency' = 'EUR'$$,
                  $$VALUES ('{good}'::text[]), ('{bad}'), ('{calm}'), ('{calm}')$$,
                  'more is better or worse where more or less is wanted, else neither');
SELECT is(ARRAY[report_moved(page, 1000.1, 1000, 'money', 'down', false, false) ~ 'the same',
                report_moved(page, 900, 100, 'money', 'up', false, true) ~ 'that was not whole',
                report_moved(page, 900, NULL, 'money', 'up', false, true) ~ 'whole'],
          '{t,t,f}', 'what is rounded to nothing is the same, and more than a part is nothing good')
FROM page WHERE page ->> 'currency' = 'EUR';


-- Text that others wrote does no harm.
SELECT is(html_filled('<p title="@a@">@b@@html c@</p>',
                      jsonb_build_object('a', '"x" & ''y''', 'b', '<script>@html c@',
                                         'html c', '<i/>')),
          '<p title="&quot;x&quot; &amp; &#39;y&#39;">&lt;script&gt;@html c@<i/></p>',
          'it is escaped, and not searched for marks');
SELECT is(html_escaped(E'a\x01b\x7f\tc\uFFFE'), E'a\uFFFDb\uFFFD\tc\uFFFD',
          'what no page may hold is replaced');
SELECT is(length(html_filled('@a@', jsonb_build_object('a', repeat('x', 2000)))), 400,
          'and it is not longer than can be read');


-- What a page says.
SELECT is_empty($$SELECT part, m
                  FROM   report_parts, regexp_matches(html, '@say ([a-z ]+)@', 'g') AS m
                  WHERE  m[1] NOT IN (SELECT code FROM texts)$$, 'every word of a part has a text');
CREATE FUNCTION marks_of(text) RETURNS text[] LANGUAGE SQL AS $$
    SELECT array_agg(DISTINCT m[1]) FROM regexp_matches($1, '@([a-z_ ]+)@', 'g') AS m $$;
SELECT is_empty($$SELECT code FROM texts WHERE marks_of(en) IS DISTINCT FROM marks_of(zh)$$,
                'in each language the same is put in');
SELECT is_empty($$SELECT code FROM texts
                  WHERE  code NOT LIKE 'sign %' AND code NOT LIKE 'money%' AND code <> 'language'
                  AND    en <> '' AND zh <> '' AND en !~ '^FM|^Mon' AND zh !~ '[一-鿿]'
                  AND    code NOT IN ('range', 'trillion')$$, 'and Chinese is Chinese');

\i test/shop.psql
INSERT INTO shop.orders (order_id, ordered_at, customer_id, net_sales, units, country, channel)
SELECT 10000 + order_id, ordered_at - interval '31 days', customer_id, net_sales, units, country,
       channel
FROM   shop.orders WHERE order_id <= 300 AND order_id % 2 = 0;
UPDATE shop.orders SET country = E'<script>alert("1")</script> & ''x'' \u202E\x01'
WHERE  country = 'FR';
SELECT FROM build('shop', 'Europe/Berlin', 'EUR', '{country}', storage => 'materialized',
                  as_of => '2025-03-05Z');

-- Where there is nothing to say yet, that is what is said.
SELECT matches(report('shop'), 'No value can be judged yet',
               'what has too little history is not said to be as usual');
SELECT doesnt_match(report('shop', grain => 'quarter'), 'id="signals"',
                    'nor is what has no limits at all');

-- A page can be read as XML: nothing in it breaks out of where it is.
CREATE FUNCTION parsed(page text) RETURNS xml LANGUAGE SQL AS 'SELECT xmlparse(DOCUMENT page)';
CREATE FUNCTION found(page xml, path text) RETURNS text[] LANGUAGE SQL AS
    'SELECT xpath(path, page)::text[]';
CREATE TABLE report (name text, html text);
INSERT INTO report VALUES ('plain', report('shop'));
SELECT lives_ok('SELECT parsed(html) FROM report', 'a page is well-formed');
SELECT is(found(parsed(html), '//section/@id'),
          '{signals,indicators,trends,moves,cohorts,funnel,data}',
          'without targets it is of the main indicators')
FROM report;
SELECT is(found(parsed(html), '//nav//a/text()'),
          '{Signals,"Main indicators",Trends,"What moved, and why","Who comes back",Funnel,'
          '"What is missing or doubtful"}', 'and leads to its sections') FROM report;
SELECT is((found(parsed(html), '//table[@class="indicators"]//tr[th="Net sales"]/td[1]/text()'))[1],
          (SELECT written(net_sales::float8, 'money', 'en') FROM shop.kpi_month
           WHERE period = '2025-02-01'), 'it says what the views say') FROM report;
SELECT is((found(parsed(html), '//section[@id="cohorts"]//tbody/tr[1]/td/text()'))[1:2],
          (SELECT ARRAY[max(cohort_size)::text,
                        round(100 * max(retention_rate) FILTER (WHERE periods_since = 1)) || '%']
           FROM   shop.cohort_retention WHERE grain = 'month' AND cohort = '2025-01-01'),
          'also of cohorts') FROM report;

SELECT FROM goals('shop');
INSERT INTO shop.objectives (objective, title, owner)
VALUES ('o"1', E'<u>Sell</u> & "win" \u202E' || repeat('long ', 400), '<script>o()</script>');
INSERT INTO shop.targets (objective, kpi, dimension, member, grain, starts, ends, target, upper,
                          direction, owner)
SELECT CASE WHEN kpi <> 'nps' THEN 'o"1' END, kpi, dimension, member, grain, '2025-02-01',
       '2025-06-30', target, upper, direction, E'</td><img src=x onerror="1">\x02'
FROM   (VALUES ('net_sales', NULL, NULL, 'month', 30000, NULL, 'up'),
               ('net_sales', 'country', 'DE', 'month', 90000, NULL, 'up'),
               ('nps', NULL, NULL, 'month', -40, 30, 'band'),
               ('conversion_rate', NULL, NULL, 'month', 0.5, NULL, 'up'))
       AS t (kpi, dimension, member, grain, target, upper, direction);
SELECT matches(report('shop'), 'How targets stand has not been kept yet',
               'before they are evaluated, no target is said not to have changed');
SELECT FROM evaluate('shop');
INSERT INTO report VALUES ('en', report('shop', title => '<u>"T" & co</u>', checks => true)),
                          ('zh', report('shop', lang => 'zh', checks => true));
SELECT is(ARRAY(SELECT DISTINCT found(parsed(html), '//section/@id')::text FROM report
                WHERE  name <> 'plain'),
          '{"{scorecard,changes,signals,indicators,trends,moves,cohorts,funnel,data}"}',
          'with targets it begins with the scorecard');
SELECT is(ARRAY(SELECT (xpath('string(.)', t))[1]::text FROM report,
                       unnest(xpath('//tr[@class="first"]//span[starts-with(@class, "badge")]',
                                    parsed(html))) AS t WHERE name = 'en'),
          '{"✖ off track","✖ off track","✖ off track","✖ off track"}',
          'of each target it says how it stands');
SELECT is(ARRAY(SELECT found(parsed(html), '//section[@id="moves"]/h3/small/text()')::text
                FROM report WHERE name = 'en'),
          '{"{\"by customers, orders and their value\",\"by country\",\"by country\",'
          '\"by country\"}"}',
          'what moved most is taken apart, each once');
SELECT is_empty($$SELECT name FROM report WHERE html ~* '<script|<img|<u>|onerror="|[\x01-\x08]'$$,
                'names and titles stay text, whatever they hold');
SELECT is_empty($$SELECT name, m FROM report, regexp_matches(html, '@[a-z_][a-z_ ]*@', 'g') AS m$$,
                'no mark is left');
SELECT is_empty($$SELECT name FROM report
                  WHERE  html ~* '(src|href|data|action)="(?!#)|url\(|@import|https?:'$$,
                'nothing is asked for from elsewhere');
SELECT is_empty($$SELECT name, a FROM report, unnest(found(parsed(html), '//@*[.=""]/..')) AS a$$,
                'no attribute is empty');
SELECT is_empty($$SELECT name FROM report WHERE length(html) > 500000$$, 'it is not long');
SELECT is(ARRAY(SELECT found(parsed(html), '/html/@lang')::text FROM report ORDER BY name),
          '{"{en}","{en}","{zh-Hans}"}', 'it says what language it is in');
SELECT is_empty($$SELECT name FROM report WHERE found(parsed(html), '//th[not(@scope)]') <> '{}'$$,
                'every heading of a table says what it is of');
SELECT is_empty($$SELECT name FROM report
                  WHERE  found(parsed(html), '//table[not(caption)]') <> '{}'$$,
                'every table has a name');
SELECT is_empty($$SELECT name FROM report
                  WHERE  found(parsed(html), '//svg[not(@role="img" and @aria-label!="") and '
                                             'not(ancestor::*[@aria-hidden])]') <> '{}'$$,
                'and so has every chart');
SELECT is_empty($$SELECT name FROM report, unnest(found(parsed(html), '//@id')) AS id
                  GROUP BY name, id HAVING count(*) > 1$$, 'no two parts have one id');
SELECT is_empty($$SELECT name FROM report, unnest(found(parsed(html), '//@href')) AS link
                  WHERE  substr(link, 2) <> ALL (found(parsed(html), '//@id'))$$,
                'and every link leads to one');
SELECT is_empty($$SELECT m FROM report,
                         unnest(found(parsed(html), '//*[not(@lang="en")]/text()[not(
                                ancestor::*[@lang="en"] or ancestor::bdi or ancestor::style or '
                                'ancestor::code)]')) AS m
                  WHERE  name = 'zh' AND m ~ '[a-z]{4}' AND m !~ 'kpi|Berlin|checks|shop|country'$$,
                'in Chinese all of it is, but for what others wrote');
SELECT is((SELECT html FROM report WHERE name = 'zh'), report('shop', lang => 'zh', checks => true),
          'the same is said of the same');
SET LOCAL timezone = 'Asia/Tokyo';
SET LOCAL datestyle = 'German';
SELECT is((SELECT html FROM report WHERE name = 'zh'), report('shop', lang => 'zh', checks => true),
          'whatever the session has set');
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, MDY';
SELECT is_empty(format('SELECT %L WHERE report(''shop'', grain => %1$L) !~ %L', grain,
                       'id="indicators"'), 'there is one by ' || grain)
FROM   unnest('{day,year}'::text[]) AS grain;


-- Statuses are of the day on which they were told in the shop, wherever it is asked.
INSERT INTO shop.statuses (target_id, period, evaluated_at, status)
SELECT target_id, '2025-02-01', CASE WHEN target_id % 2 = 0 THEN timestamptz '2025-01-31 23:00Z'
                                     ELSE '2025-01-31 22:59Z' END, 'achieved'
FROM   shop.targets;
SET LOCAL timezone = 'America/New_York';
SELECT is((SELECT array_agg(c.target_id ORDER BY c.target_id)
           FROM   jsonb_to_recordset(report_changes('shop', '2025-02-01'))
                      AS c (target_id bigint, status text)
           WHERE  c.status = 'achieved'),
          ARRAY(SELECT target_id FROM shop.targets WHERE target_id % 2 = 0 ORDER BY 1),
          'a change at midnight of the shop is of the day that begins');
SET LOCAL timezone = 'UTC';

-- What fell to nothing moved most.
SELECT is((SELECT array_agg(m.kpi)
           FROM   jsonb_to_recordset(report_moves('shop', 'month', '2025-02-01', 'country', $$[
                      {"position": 2, "kpi": "orders", "unit": "count", "main": true, "value": 0,
                       "previous": 9},
                      {"position": 1, "kpi": "aov", "unit": "money", "main": true, "value": 900,
                       "previous": 9}]$$, 'en')) AS m (kpi text)),
          '{orders,aov}', 'what fell to nothing moved most');

SELECT matches(report_findings_table(page, '[]'), 'kpi.check found nothing',
               'that nothing is found is said') FROM page WHERE page ->> 'currency' = 'EUR';

-- Lists that are too long say so, and what is counted is all of them.
SELECT matches(html, said, list || ' says how many more there are')
FROM   page, LATERAL (VALUES
    ('scorecard', report_scorecard_section(page, (
         SELECT jsonb_agg(jsonb_build_object('kpi', 'aov', 'said', 'AOV', 'unit', 'money',
                    'status', 'on_track', 'direction', 'up', 'target', n, 'value', n))
         FROM   generate_series(1, 125) AS n), '[]'), '<b>125</b>.*>And 5 more\.<'),
    ('changes', report_changes_section(page, (
         SELECT jsonb_agg(jsonb_build_object('status_id', n, 'target_id', 1, 'status', 'on_track',
                                             'period', '2025-01-01'))
         FROM   generate_series(1, 63) AS n), '[{"target_id": 1, "said": "AOV"}]', true),
     '>And 3 more\.<'),
    ('signals', report_signal_rows(page, (
         SELECT jsonb_agg(jsonb_build_object('main', n % 2 = 0, 'said', 'AOV', 'unit', 'money',
                                             'period', '2025-01-01'))
         FROM   generate_series(1, 124) AS n), true), '>And 2 more\.<'),
    ('findings', report_findings_table(page, (
         SELECT jsonb_agg(jsonb_build_object('source', 'orders', 'kind', 'note'))
         FROM   generate_series(1, 101) AS n)), '>And 1 more\.<'),
    ('trends', report_trends_section(page, (
         SELECT jsonb_agg(jsonb_build_object('name', n, 'unit', 'count', 'points',
                    '[{"period": "2025-01-01", "until": "2025-02-01", "complete": true,
                       "value": 1}]'::jsonb))
         FROM   generate_series(1, 44) AS n)), '>And 4 more\.<')) AS l (list, html, said)
WHERE  page ->> 'currency' = 'EUR';
INSERT INTO shop.targets (kpi, grain, starts, ends, target)
SELECT 'orders', 'month', '2025-02-01', '2025-06-30', n FROM generate_series(1, 120) AS n;
SELECT is(jsonb_array_length(report_targets('shop', 'en')), 124, 'none is lost before');
DELETE FROM shop.targets WHERE kpi = 'orders';


-- Weeks have three or four odd days, and so 10 or 11 orders. The twelve that say what is usual come
-- to 127, and differ in ten of eleven cases from one to the next: 10.58 give or take 2.42.
-- What targets are about is looked at by their periods and members, whatever the page is by.
CREATE SCHEMA odd;
CREATE TABLE odd.orders AS
SELECT row_number() OVER () AS order_id, day + interval '9 hours' AS ordered_at, 5 AS net_sales,
       country
FROM   generate_series(timestamptz '2025-01-06Z', '2025-06-01Z', '1 day') AS day,
       unnest('{DE,FR}'::text[]) AS country,
       generate_series(1, CASE WHEN country = 'FR' AND day >= '2025-05-26Z' THEN 9
                               ELSE 1 + extract(day FROM day)::integer % 2 END);
SELECT FROM build('odd', 'UTC', 'EUR', '{country}', as_of => '2025-06-02Z');
SELECT FROM goals('odd');
SELECT doesnt_match(report('odd'), 'limit of', 'a signal of a week of a member is none of months');
INSERT INTO odd.targets (kpi, dimension, member, grain, starts, ends, target)
VALUES ('orders', 'country', 'FR', 'week', '2025-03-03', '2025-12-28', 10);
SELECT is(array_remove(found(page, '//section[@id="signals"]//tr[th/small/bdi="FR"]//text()'),
                       E'\n'),
          '{Orders,FR,"26 May 2025",week,63,"8.2 to 13","▲ good",'
          '"63 is above the limit of 13; usual is 10.6 (12 earlier weeks)"}'::text[],
          'unless a target is about it')
FROM   parsed(report('odd')) AS page;
SELECT is(found(page, '//section[@id="signals"]//tbody/tr/th/text()'), '{Orders}',
          'also if there are none of the page itself')
FROM   parsed(report('odd', grain => 'quarter')) AS page;
CREATE TABLE drawn AS
SELECT found(f.card, '//svg/@aria-label') AS label, found(f.card, '//thead//th/text()') AS head,
       found(f.card, '//tbody/tr[1]/*/text()') AS last, found(f.card, '//tbody/tr[last()]/*/text()')
           AS first
FROM   parsed(report('odd')) AS page,
       unnest(xpath('//figure[.//h3/small/bdi="FR"]', page)) AS f (card);
SELECT is(label[1], 'Orders – FR, 6 Jan 2025 to 26 May 2025: lowest 10, highest 63, last 63; '
                    'target 10; signals: 1, the last of 26 May 2025',
          'a chart says its target and signals to who does not see them') FROM drawn;
SELECT is(head, '{Period,Value,"95% interval","Last year",Target,Signal}',
          'and its figures have both') FROM drawn;
SELECT is(last[2:], '{63,–,–,10,"outside the limits"}'::text[], 'where they are') FROM drawn;
SELECT is(first[2:], '{10,–,–,–,–}'::text[], 'and nothing where they are not') FROM drawn;


-- A sum of a part of a month is nothing to be better than.
CREATE SCHEMA late;
CREATE TABLE late.orders AS
SELECT row_number() OVER () AS order_id, day AS ordered_at, 5 AS net_sales
FROM   generate_series(timestamptz '2025-01-20Z', '2025-02-28Z', '1 day') AS day;
SELECT FROM build('late', 'UTC', 'EUR', as_of => '2025-03-01Z');
SELECT is(found(page, '//section[@id="indicators"]//tr[th="Orders"]/td[3]//text()'),
          '{+133.3%," ","that was not whole"}', 'a month is not better than a part of one')
FROM   parsed(report('late')) AS page;
SELECT doesnt_match((found(page, '//section[@id="indicators"]//tr[th="Average order value"]'))[1],
                    'whole', 'but a mean may be') FROM parsed(report('late')) AS page;
SELECT is(report_began(page || '{"previous": "January 2025"}', '2025-01-20')
          || report_began(page, NULL),
          '<p class="note" lang="en">January 2025 is not whole: the data begin on 20 January 2025.'
          '</p>', 'and what moved says so') FROM page WHERE page ->> 'currency' = 'EUR';


-- Others read what they may.
CREATE ROLE reader;
GRANT USAGE ON SCHEMA shop, public TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader;
REVOKE SELECT ON shop.statuses, shop.funnel_steps, shop.kpi_month_by_country FROM reader;
SET LOCAL ROLE reader;
SELECT set_config('kpi_test.page', report('shop', checks => true), true) <> '' AS made \gset
RESET ROLE;
SELECT is(found(parsed(current_setting('kpi_test.page')), '//section/@id'),
          '{scorecard,signals,indicators,trends,moves,cohorts,data}',
          'who may read a part of the views gets that part');
SELECT matches(current_setting('kpi_test.page'),
               'no right to read it: funnel_steps, kpi_month_by_country, statuses',
               'and is told what is left out');
REVOKE SELECT ON shop.kpi_settings FROM reader;
SET LOCAL ROLE reader;
SELECT throws_ok($$SELECT report('shop')$$, '42501', NULL, 'who may read nothing gets nothing');
RESET ROLE;


CREATE ROLE keeper;
CREATE SCHEMA kept AUTHORIZATION keeper;
GRANT USAGE ON SCHEMA public TO keeper;
SET LOCAL ROLE keeper;
CREATE TABLE kept.orders AS
SELECT 1 AS order_id, timestamptz '2025-01-10Z' AS ordered_at, 5 AS net_sales;
SELECT FROM build('kept', 'UTC', as_of => '2025-02-20Z');
RESET ROLE;
SELECT matches(report('kept', checks => true), 'kpi.check tells the owner of the model',
               'what is doubtful is for the owner, as kpi.check is');


-- A model in which nothing has happened, and none.
CREATE SCHEMA empty;
CREATE TABLE empty.orders (order_id bigint, ordered_at timestamptz, customer_id bigint,
                           net_sales numeric);
SELECT FROM build('empty', 'UTC', as_of => '2025-04-20Z');
SELECT lives_ok($$SELECT parsed(report('empty', grain => grain, lang => lang, checks => true))
                  FROM   (VALUES ('day', 'en'), ('year', 'zh')) AS g (grain, lang)$$,
                'an empty shop has a report');
SELECT matches(report('empty'), 'No month is over yet', 'which says so');
INSERT INTO empty.orders VALUES (1, '2025-04-19Z', 1, 5);
SELECT lives_ok($$SELECT explain('empty', 'net_sales', 'month', '2025-04-01')$$,
                'without dimensions, sales are explained by customers, too');
SELECT lives_ok($$SELECT parsed(report('empty', grain => grain))
                  FROM   unnest('{day,month}'::text[]) AS grain$$,
                'and so has one with one order');
SELECT throws_ok(call, state, message, rule)
FROM (VALUES
    ($$SELECT report('shop', lang => 'de')$$, '22023', 'there is no report in the language "de"',
     'a language is one of two'),
    ($$SELECT report('shop', lang => NULL)$$, '22023', NULL, 'and has to be said'),
    ($$SELECT report('shop', grain => 'all')$$, '22023', 'there is no report by "all"',
     'a grain is one of periods'),
    ($$SELECT report('shop', dimension => 'x')$$, '22023', 'model "shop" has no dimension "x"',
     'a dimension is one of the model'),
    ($$SELECT report('public')$$, '55000', 'model "public" has not been built', 'a model is built'),
    ($$SELECT report('nowhere')$$, '3F000', 'schema "nowhere" does not exist', 'and there'))
    AS t (call, state, message, rule);

SELECT * FROM finish();
ROLLBACK;
