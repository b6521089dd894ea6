\set ECHO none
\i test/setup.psql
SELECT plan(154);


-- A bucket is the date on which a period starts.
SELECT is(bucket(grain, timestamptz '2025-08-16 15:04:05.678901 UTC', 'UTC'), start::date, 'the ' || grain || ' of a Saturday in August starts on ' || start)
FROM   (VALUES ('day', '2025-08-16'), ('week', '2025-08-11'), ('month', '2025-08-01'), ('quarter', '2025-07-01'), ('year', '2025-01-01')) AS t (grain, start);
SELECT is(bucket('week', day), '2024-12-30', format('%s is in the week of Monday, 2024-12-30', day))
FROM   unnest('{2024-12-30, 2024-12-31, 2025-01-01, 2025-01-05}'::date[]) AS day;
SELECT is(bucket('week', date '2025-01-06'), '2025-01-06', 'and 2025-01-06 is a Monday');
SELECT is(bucket('quarter', day), start, format('%s is in the quarter from %s', day, start))
FROM   (VALUES (date '2024-01-01', date '2024-01-01'), ('2024-03-31', '2024-01-01'), ('2024-04-01', '2024-04-01'), ('2024-12-31', '2024-10-01')) AS t (day, start);

-- A grain can say where it starts.
SELECT is(bucket(grain, day), start, format('the %s of %s starts on %s', grain, day, start))
FROM   (VALUES ('week from monday', date '2025-08-17', date '2025-08-11'), ('week from sunday', '2025-08-16', '2025-08-10'), ('week from sunday', '2025-08-17', '2025-08-17'),
               ('week from saturday', '2025-08-15', '2025-08-09'), ('week from tuesday', '2025-08-18', '2025-08-12'),
               ('year from january', '2025-03-31', '2025-01-01'), ('year from april', '2025-03-31', '2024-04-01'), ('year from april', '2025-04-01', '2025-04-01'),
               ('year from december', '2025-11-30', '2024-12-01'), ('quarter from february', '2025-01-31', '2024-11-01'), ('quarter from february', '2025-02-01', '2025-02-01'),
               ('quarter from april', '2025-08-16', '2025-07-01'), ('year from april', '0001-03-31 BC', '0002-04-01 BC')) AS t (grain, day, start);
SELECT throws_ok(format('SELECT bucket(%L, date ''2025-08-16'')', grain), '22023', format('unknown grain "%s"', grain), format('"%s" is no grain', grain))
FROM   unnest('{week from,week from Sunday,week from april,year from sunday,month from april,day from monday,quarter from 2," from april"}'::text[]) AS grain;
SELECT is(bucket('week from sunday', timestamptz '2025-08-17 03:30 UTC', 'America/New_York'), '2025-08-10', 'in any time zone');
SELECT results_eq($$SELECT * FROM periods('month', '2025-01-31', '2025-03-01')$$,
                  $$VALUES (date '2025-01-01', date '2025-02-01'), ('2025-02-01', '2025-03-01'), ('2025-03-01', '2025-04-01')$$, 'periods have no gaps and are whole');
SELECT holds($$
    SELECT grain, p.*, p.period = bucket(grain, p.period) AND bucket(grain, p.until) = p.until AND bucket(grain, p.until - 1) = p.period AS holds
    FROM   unnest('{day,week,month,quarter,year,week from sunday,quarter from may,year from february}'::text[]) AS grain, periods(grain, '2019-12-30', '2024-03-01') AS p
    $$, 'every period is a bucket, from its start to the next');
SELECT is_empty($$SELECT * FROM periods('month', '2025-02-01', '2025-01-01')$$, 'no time, no period');

-- Days found by their instants: no instant is missed, whatever the clocks do around midnight.
SELECT holds($$
    SELECT zone, at, day, midnight(day, zone, false) <= at AND at < midnight(day + 1, zone, true) AND midnight(day, zone, false) <= midnight(day, zone, true) AS holds
    FROM   (VALUES ('UTC', '2025-01-01'), ('Europe/Berlin', '2025-03-29'), ('Europe/Berlin', '2025-10-25'), ('America/Sao_Paulo', '2017-10-14'), ('America/St_Johns', '2006-10-28'),
                   ('Pacific/Apia', '2011-12-29'), ('Asia/Kathmandu', '1985-12-31'), ('America/Havana', '2025-11-01'), ('Africa/Cairo', '2014-07-31')) AS t (zone, start),
           generate_series(start::timestamptz - interval '1 day', start::timestamptz + interval '4 days', '10 minutes 30 seconds') AS at,
           bucket('day', at, zone) AS day
    $$, 'an instant is not before the midnight of its day, nor after the next');
SELECT is(midnight('2025-08-16', 'Europe/Berlin', latest), '2025-08-15 22:00 UTC', 'a day starts once where the clocks do not change') FROM unnest('{f,t}'::boolean[]) AS latest;
SELECT is(midnight('infinity', 'UTC', true), 'infinity', 'forever stays forever');
SELECT is(midnight('5000000-01-01', 'UTC', false), 'infinity', 'a date beyond all instants starts never');
SELECT is(midnight('4714-11-24 BC', 'Asia/Tokyo', false), '-infinity', 'one that began before them has always been');
SELECT is(midnight(day, zone, latest), at::timestamptz, format('%s starts %s at %s in %s', day, CASE WHEN latest THEN 'for good' ELSE 'first' END, at, zone))
FROM   (VALUES (date '2025-03-30', 'Europe/Berlin', false, '2025-03-29 23:00 UTC'), ('2025-03-30', 'Europe/Berlin', true, '2025-03-29 23:00 UTC'),
               ('2025-03-31', 'Europe/Berlin', false, '2025-03-30 22:00 UTC'), ('2025-10-27', 'Europe/Berlin', false, '2025-10-26 23:00 UTC'),
               ('2011-12-30', 'Pacific/Apia', false, '2011-12-30 10:00 UTC'), ('2011-12-31', 'Pacific/Apia', true, '2011-12-30 10:00 UTC'),
               ('2017-10-15', 'America/Sao_Paulo', false, '2017-10-15 03:00 UTC'),
               ('2006-10-29', 'America/St_Johns', false, '2006-10-29 02:30 UTC'), ('2006-10-29', 'America/St_Johns', true, '2006-10-29 03:30 UTC')) AS t (day, zone, latest, at);
SELECT holds($$
    SELECT zone, day, bucket('day', starts, zone) >= day AND bucket('day', starts - interval '1 us', zone) < day AS holds
    FROM   unnest('{UTC,Europe/Berlin,America/Sao_Paulo,Pacific/Apia,Asia/Kathmandu,America/Havana,Africa/Cairo,Australia/Lord_Howe}'::text[]) AS zone,
           generate_series(date '2010-01-01', '2018-12-31', '1 day') AS d, LATERAL (SELECT d::date AS day, midnight(d::date, zone, false) AS starts) AS m
    $$, 'the midnight of a day is its first instant');
SELECT is((SELECT count(*) FROM periods('day', '-infinity', '2025-01-01')), 0::bigint, 'from eternity there are no periods');
SELECT ok(within('2025-01-01', '2025-01-01', '2025-01-02') AND NOT within('2025-01-02', '2025-01-01', '2025-01-02') AND NOT within('2024-12-31', '2025-01-01', '2025-01-02'),
          'within has its start, and not its end');

CREATE TABLE moment AS
SELECT at FROM generate_series(timestamptz '2024-01-01', '2025-12-31', '7 minutes') AS at;
CREATE INDEX ON moment (at);
ANALYZE moment;
SELECT matches(plan_of($$SELECT FROM moment WHERE within(bucket('day', at, 'Europe/Berlin'), '2025-03-01', '2025-03-08')$$), 'Index Cond: .*at >= .*at <',
               'days within a range are found by an index on the instants');
SELECT is((SELECT count(*) FROM moment WHERE within(bucket('day', at, zone), '2025-03-29', '2025-04-01')),
          (SELECT count(*) FROM moment WHERE (at AT TIME ZONE zone)::date BETWEEN '2025-03-29' AND '2025-03-31'), 'and all of them are, in ' || zone)
FROM   unnest('{Europe/Berlin,Asia/Shanghai,America/St_Johns}'::text[]) AS zone;
SELECT is(within(bucket('day', at, 'UTC'), start, until), within(day, start, until), format('whether it is within %s and %s is the same either way', coalesce(start::text, 'nothing'), coalesce(until::text, 'nothing')))
FROM   (VALUES (timestamptz '2025-01-15 12:00 UTC', date '2025-01-15', date '2025-02-01', NULL::date), ('2025-01-15 12:00 UTC', '2025-01-15', NULL, '2025-01-01'),
               ('2025-01-15 12:00 UTC', '2025-01-15', NULL, NULL), ('2025-01-15 12:00 UTC', '2025-01-15', '2025-01-15', '2025-01-16')) AS t (at, day, start, until);
CREATE FUNCTION kpi.bucket(integer, timestamptz, text) RETURNS date LANGUAGE sql STABLE AS 'SELECT date ''2025-01-15''';
SELECT ok(within(bucket(1, at, 'UTC'), '2025-01-01', '2025-02-01'), 'another bucket is not taken for ours') FROM moment LIMIT 1;
SELECT doesnt_match(plan_of($$SELECT FROM moment WHERE within(bucket('month', at, 'Europe/Berlin'), '2025-03-01', '2025-03-08')$$), 'Index Cond', 'which says nothing of months');

-- In the time zone of the shop.
SELECT is(bucket('month', timestamptz '2025-03-31 22:30 UTC', zone), start::date, format('22:30 UTC on 31 March is in the month from %s in %s', start, zone))
FROM   (VALUES ('UTC', '2025-03-01'), ('Asia/Shanghai', '2025-04-01'), ('Europe/Berlin', '2025-04-01'), ('America/New_York', '2025-03-01')) AS t (zone, start);
SELECT is((SELECT count(*) FROM generate_series(day - interval '2 days', day + interval '3 days', '1 hour') AS at WHERE bucket('day', at, zone) = day),
          hours, format('%s has %s hours in %s', day, hours, zone))
FROM   (VALUES
            (date '2025-03-29', 24::bigint, 'Europe/Berlin'),
            ('2025-03-30', 23, 'Europe/Berlin'),
            ('2025-10-26', 25, 'Europe/Berlin'),
            ('2011-12-29', 24, 'Pacific/Apia'),
            ('2011-12-30', 0,  'Pacific/Apia'),
            ('2011-12-31', 24, 'Pacific/Apia')) AS t (day, hours, zone);

-- On 29 October 2006 St. John's put the clocks back at 0:01, to 23:01 of the day before.
SELECT is(bucket('day', ('2006-10-29 ' || utc || ' UTC')::timestamptz, 'America/St_Johns'), day::date, rule)
FROM   (VALUES
            ('02:29:59', '2006-10-28', '23:59:59 in St. John''s is on 28 October'),
            ('02:30:00', '2006-10-29', 'the next second is on 29 October'),
            ('02:30:59', '2006-10-29', 'so is the rest of the minute'),
            ('02:31:00', '2006-10-28', 'then it is 28 October again'),
            ('03:29:59', '2006-10-28', 'for the rest of the hour'),
            ('03:30:00', '2006-10-29', 'until 29 October starts once more')) AS t (utc, day, rule);

SELECT is(bucket('month', timestamp '2025-03-31 23:59:59.999999'), '2025-03-01', 'a local time needs no zone');
SELECT is(bucket('month', timestamp '1969-12-31 23:59:59.999999'), '1969-12-01', 'in any century');
SELECT is(bucket('year', timestamp '9999-12-31'), '9999-01-01', 'to come');
SELECT is(bucket('year', date '0001-06-01 BC'), '0001-01-01 BC', 'or gone by');


-- No time, no end, and the limits.
SELECT is(bucket('month', NULL::timestamptz, 'UTC'), NULL, 'the bucket of an unknown instant is unknown');
SELECT is(bucket('month', NULL::date), NULL, 'so is that of an unknown date');
SELECT is(bucket(NULL, timestamptz '2025-01-01', 'UTC'), NULL, 'in unknown periods, too');
SELECT is(bucket('month', timestamptz '2025-01-01', NULL), NULL, 'and in an unknown zone');
SELECT is(bucket('month', at::timestamptz, 'Europe/Berlin'), at::date, format('the bucket of %s is %1$s', at)) FROM unnest('{infinity, -infinity}'::text[]) AS at;
SELECT is(bucket('month', at::timestamp), at::date, format('by local time, too, that of %s is %1$s', at)) FROM unnest('{infinity, -infinity}'::text[]) AS at;
SELECT is(bucket('month', at::date), at::date, format('and as a date, that of %s is %1$s', at)) FROM unnest('{infinity, -infinity}'::text[]) AS at;
SELECT is(bucket('day', timestamptz '4714-11-24 00:00 UTC BC', 'UTC'), '4714-11-24 BC', 'the first day of all is a bucket');
SELECT is(bucket('week', date '4714-11-24 BC'), '4714-11-24 BC', 'it is a Monday');
SELECT is(bucket('year', date '5874897-12-31'), '5874897-01-01', 'so is the last year');
SELECT is(bucket('year', timestamptz '294276-12-31 23:00 UTC', 'Pacific/Kiritimati'), '294277-01-01', 'and the year after the last, where it has started');
SELECT throws_ok('SELECT bucket(' || arguments || ')', '22008', NULL, rule)
FROM   (VALUES
            ('''month'', date ''4714-11-24 BC''',                                      'a month that starts before the first date is out of range'),
            ('''quarter'', timestamp ''4714-11-24 BC''',                               'so is a quarter'),
            ('''year'', timestamptz ''4714-11-24 00:00 UTC BC'', ''UTC''',             'and a year'),
            ('''day'', timestamptz ''4714-11-24 00:00 UTC BC'', ''America/New_York''', 'and a day')) AS t (arguments, rule);

SELECT throws_ok(format('SELECT bucket(%L, %s)', grain, arguments), '22023', NULL, format('"%s" is not a grain', grain))
FROM   (VALUES ('hour', 'timestamptz ''2025-01-01'', ''UTC'''), ('Day', 'timestamp ''2025-01-01'''), ('days', 'date ''2025-01-01'''), ('', 'date ''2025-01-01''')) AS t (grain, arguments);
SELECT throws_ok(format('SELECT bucket(''day'', now(), %L)', zone), '22023', NULL, format('"%s" is not a time zone', zone))
FROM   unnest('{Europe/Atlantis, CEST, "", ../../etc/passwd}'::text[]) AS zone;
SELECT throws_ok(format('SELECT bucket(''day'', now(), %L)', repeat('x', 1000)), '22023', NULL, 'nor is a name of a thousand letters');


-- Whatever the zone, the instant and the grain, a bucket is date_trunc(grain, at AT TIME ZONE zone), whichever rows came before.
-- Zones that are also abbreviations, such as WET, are left out: AT TIME ZONE takes them for those, which differ from the
-- zones in servers that bring time zones of their own.
CREATE TABLE zone AS
SELECT name AS zone FROM pg_timezone_names
WHERE  name !~ '^(posix|right)/|localtime' AND upper(name) NOT IN (SELECT abbrev FROM pg_timezone_abbrevs);
CREATE TABLE grain (grain) AS VALUES ('day'), ('week'), ('month'), ('quarter'), ('year');

-- From 1850 to 2100, and the ages before and after, in all zones,
CREATE TABLE instant AS
SELECT zone, grain, timestamptz '1850-01-01' + random() * interval '250 years' AS at FROM zone, grain, generate_series(1, 8)
UNION ALL
SELECT zone, grain, at + any_of(-90000, 90000) * interval '10 s'
FROM   zone, grain, unnest('{4713-06-01 BC, 0001-01-01 BC, 0001-01-01, 1582-10-15, 9999-12-31, 250000-01-01}'::timestamptz[]) AS at;

-- and around the changes of clocks that go by odd seconds or quarters of an hour, over midnight, or over a whole day.
CREATE TABLE clock_change AS
SELECT zone, at
FROM   unnest('{America/St_Johns, America/Sao_Paulo, Asia/Kathmandu, Asia/Tehran, Pacific/Apia, Pacific/Kwajalein, Africa/Monrovia, Africa/Cairo,
                Europe/Berlin, Europe/Dublin, Australia/Lord_Howe, America/Havana, Antarctica/Troll}'::text[]) AS zone,
       generate_series(timestamptz '1880-01-01', '2040-01-01', '1 day') AS at
WHERE  (at + interval '1 day') AT TIME ZONE zone - at AT TIME ZONE zone <> '1 day';
INSERT INTO instant
SELECT zone, grain, at + n * interval '15 min' + any_of(-1, 1) * interval '1 us'
FROM   (SELECT *, row_number() OVER (PARTITION BY zone ORDER BY random()) AS rank FROM clock_change) AS c, generate_series(-4, 100) AS n, grain
WHERE  rank <= 25;

SELECT cmp_ok(count(DISTINCT zone), '>', 300::bigint, 'there are hundreds of zones') FROM instant;
SELECT cmp_ok(min(n), '>', 1::bigint, 'the clocks changed more than once in each of the odd ones') FROM (SELECT count(*) AS n FROM clock_change GROUP BY zone) AS c;
SELECT holds(format('SELECT bucket(grain, at, zone) = date_trunc(grain, at AT TIME ZONE zone)::date AS holds, *
                     FROM   (SELECT * FROM instant ORDER BY %s) AS t', sort), 'buckets are those of date_trunc in the zone, ' || rule)
FROM   (VALUES
            ('zone, grain, at',           'in ascending order'),
            ('zone, grain, at DESC',      'in descending order'),
            ('zone, grain, random()',     'in random order'),
            ('at, random()',              'all zones and grains in one query'),
            ('random()',                  'and mixed up')) AS t (sort, rule);
SELECT holds('SELECT bucket(grain, at AT TIME ZONE zone) = bucket(grain, at, zone) AND bucket(grain, (at AT TIME ZONE zone)::date) = bucket(grain, at, zone) AS holds, *
              FROM instant', 'local times and dates have the buckets of their instants');

-- More days than are remembered: 60 years of them.
CREATE TABLE jump AS SELECT timestamptz '1970-01-01' + random() * interval '60 years' AS at FROM generate_series(1, 40000);
SELECT holds('SELECT bucket(''day'', at, ''America/St_Johns'') = (at AT TIME ZONE ''America/St_Johns'')::date AS holds, at FROM jump',
             'days are found, however many there are');
SELECT holds('SELECT bucket(''year'', at, ''Pacific/Kiritimati'') = start AS holds, at
              FROM   (VALUES (1, timestamptz ''2025-06-01'', date ''2025-01-01''), (2, ''294276-12-31 23:00 UTC'', ''294277-01-01''),
                             (3, ''2024-12-31 09:59 UTC'', ''2024-01-01''), (4, ''294276-12-31 23:00 UTC'', ''294277-01-01''),
                             (5, ''2024-12-31 10:00 UTC'', ''2025-01-01'')) AS t (n, at, start)',
             'the last instants there are do not disturb others');


-- Growth.
SELECT is(growth(now, before), growth::numeric, rule)
FROM   (VALUES
            (110::numeric, 100::numeric, 0.1, 'growth is (now - before) / before'),
            (90,  100, -0.1, 'less is negative'),
            (100, 100, 0,    'the same is zero'),
            (5,   0,   NULL, 'there is no growth from nothing'),
            (0,   0,   NULL, 'not even to nothing'),
            (0,   5,   -1,   'to nothing it is -100 percent'),
            (-5,  5,   -2,   'and below nothing even less'),
            (5,  -10,  NULL, 'from less than nothing it has no meaning'),
            (5,  NULL, NULL, 'growth from the unknown is unknown'),
            (NULL, 5,  NULL, 'so is growth to it')) AS t (now, before, growth, rule);
SELECT is(growth(now::float8, before::float8), growth::float8, rule)
FROM   (VALUES (125, 100, 0.25, 'growth of double precision'), (0, 5, -1, 'is defined alike'), (5, 0, NULL, 'where it is'), (5, -10, NULL, 'or not')) AS t (now, before, growth, rule);
SELECT is(growth(now, before, basis => 'abs'), growth, rule)
FROM   (VALUES (5.0, -10.0, 1.5, 'with basis abs the size of the base is the measure'), (-15, -10, -0.5, 'so less is negative'), (5, 0, NULL, 'but nothing has no size')) AS t (now, before, growth, rule);
SELECT is(growth(5::float8, -10::float8, 'abs'), 1.5::float8, 'in double precision, too');
SELECT is(growth(4, 5, basis => 'positive'), -0.2::float8, 'basis positive is the default; growth of whole numbers is double precision');
SELECT is(growth(5, 4, NULL), NULL, 'growth on an unknown basis is unknown');
SELECT throws_ok(format('SELECT growth(%s)', arguments), sqlstate, NULL, rule)
FROM   (VALUES
            ('5, 4, ''absolute''',          '22023', 'there is no other basis'),
            ('5, 4, ''''',                  '22023', 'nor none'),
            ('''NaN''::float8, 4',          '22023', 'NaN does not grow'),
            ('4, ''NaN''::float8',          '22023', 'nor is there growth from it'),
            ('''Infinity''::float8, 4',     '22023', 'infinity does not grow'),
            ('4, ''-Infinity''::float8',    '22023', 'nor is there growth from it'),
            ('''NaN''::numeric, 4',         '22023', 'numeric NaN does not grow'),
            ('4::numeric, ''Infinity''',    '22023', 'nor is there growth from numeric infinity'),
            ('1e308::float8, 1e-308::float8', '22003', 'growth beyond double precision is an overflow')) AS t (arguments, sqlstate, rule);

-- PL/pgSQL calls the same expression again with other variables.
CREATE FUNCTION days(zones text[]) RETURNS date[] LANGUAGE plpgsql AS $$
DECLARE
    days date[];
    zone text;
BEGIN
    FOREACH zone IN ARRAY zones LOOP
        days := days || bucket('day', timestamptz '2025-01-01 20:00+00', zone);
    END LOOP;
    RETURN days;
END $$;
SELECT is(days('{UTC,Asia/Tokyo,UTC}'), '{2025-01-01,2025-01-02,2025-01-01}', 'what is remembered does not outlive the zone in a variable');

SELECT * FROM finish();
ROLLBACK;
