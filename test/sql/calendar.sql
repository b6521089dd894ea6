\set ECHO none
\i test/setup.psql
SELECT plan(274);


-- A bucket is the date on which a period starts.
SELECT is(bucket(grain, timestamptz '2025-08-16 15:04:05.678901 UTC', 'UTC'), start::date,
          'the ' || grain || ' of a Saturday in August starts on ' || start)
FROM   (VALUES ('day', '2025-08-16'), ('week', '2025-08-11'), ('month', '2025-08-01'),
               ('quarter', '2025-07-01'), ('year', '2025-01-01'))
       AS t (grain, start);
SELECT is(bucket('week', day), '2024-12-30', format('%s is in the week of Monday, 2024-12-30', day))
FROM   unnest('{2024-12-30, 2024-12-31, 2025-01-01, 2025-01-05}'::date[]) AS day;
SELECT is(bucket('week', date '2025-01-06'), '2025-01-06',
          '2025-01-06, a Monday, starts a week');
SELECT is(bucket('quarter', day), start, format('%s is in the quarter from %s', day, start))
FROM   (VALUES (date '2024-01-01', date '2024-01-01'), ('2024-03-31', '2024-01-01'),
               ('2024-04-01', '2024-04-01'), ('2024-12-31', '2024-10-01'))
       AS t (day, start);

-- A grain can say where it starts.
SELECT is(bucket(grain, day), start, format('the %s of %s starts on %s', grain, day, start))
FROM   (VALUES ('week from monday', date '2025-08-17', date '2025-08-11'),
               ('week from sunday', '2025-08-16', '2025-08-10'),
               ('week from sunday', '2025-08-17', '2025-08-17'),
               ('week from saturday', '2025-08-15', '2025-08-09'),
               ('week from tuesday', '2025-08-18', '2025-08-12'),
               ('year from january', '2025-03-31', '2025-01-01'),
               ('year from april', '2025-03-31', '2024-04-01'),
               ('year from april', '2025-04-01', '2025-04-01'),
               ('year from december', '2025-11-30', '2024-12-01'),
               ('quarter from february', '2025-01-31', '2024-11-01'),
               ('quarter from february', '2025-02-01', '2025-02-01'),
               ('quarter from april', '2025-08-16', '2025-07-01'),
               ('year from april', '0001-03-31 BC', '0002-04-01 BC'))
       AS t (grain, day, start);
SELECT throws_ok(format('SELECT bucket(%L, date ''2025-08-16'')', grain),
                 '22023', format('unknown grain "%s"', grain),
                 format('"%s" is no grain', grain))
FROM   unnest('{week from,week from Sunday,week from april,year from sunday,month from april,
                day from monday,quarter from 2," from april"}'::text[]) AS grain;
SELECT is(bucket('week from sunday', timestamptz '2025-08-17 03:30 UTC', 'America/New_York'),
          '2025-08-10',
          'weeks from Sunday are those of the time zone');
SELECT results_eq($$SELECT * FROM periods('month', '2025-01-31', '2025-03-01')$$,
                  $$VALUES (date '2025-01-01', date '2025-02-01'), ('2025-02-01', '2025-03-01'),
                           ('2025-03-01', '2025-04-01')$$,
                  'periods have no gaps and are whole');
SELECT holds($$
    SELECT grain, p.*, p.period = bucket(grain, p.period) AND bucket(grain, p.until) = p.until
           AND bucket(grain, p.until - 1) = p.period AS holds
    FROM   unnest('{day,week,month,quarter,year,week from sunday,quarter from may,
                    year from february}'::text[]) AS grain,
           periods(grain, '2019-12-30', '2024-03-01') AS p
    $$, 'every period is a bucket, from its start to the next');
SELECT is_empty($$SELECT * FROM periods('month', '2025-02-01', '2025-01-01')$$,
                'where there is no time there is no period');

-- Days found by their instants: no instant is missed, whatever the clocks do around midnight.
SELECT holds($$
    SELECT zone, at, day, midnight(day, zone, false) <= at AND at < midnight(day + 1, zone, true)
           AND midnight(day, zone, false) <= midnight(day, zone, true) AS holds
    FROM   (VALUES ('UTC', '2025-01-01'), ('Europe/Berlin', '2025-03-29'),
                   ('Europe/Berlin', '2025-10-25'), ('America/Sao_Paulo', '2017-10-14'),
                   ('America/St_Johns', '2006-10-28'),
                   ('Pacific/Apia', '2011-12-29'), ('Asia/Kathmandu', '1985-12-31'),
                   ('America/Havana', '2025-11-01'), ('Africa/Cairo', '2014-07-31'))
                      AS t (zone, start),
           generate_series(start::timestamptz - interval '1 day',
                           start::timestamptz + interval '4 days', '10 minutes 30 seconds') AS at,
           bucket('day', at, zone) AS day
    $$, 'an instant is not before the midnight of its day, nor after the next');
SELECT is(midnight('2025-08-16', 'Europe/Berlin', latest), '2025-08-15 22:00 UTC',
          'a day starts once where the clocks do not change')
FROM   unnest('{f,t}'::boolean[]) AS latest;
SELECT is(midnight('infinity', 'UTC', true), 'infinity', 'the midnight of infinity is infinity');
SELECT is(midnight('5000000-01-01', 'UTC', false), 'infinity',
          'a date beyond all instants starts never');
SELECT is(midnight('4714-11-24 BC', 'Asia/Tokyo', false), '-infinity',
          'a date that began before all instants has always been');
SELECT is(midnight(day, zone, latest), at::timestamptz,
          format('%s starts %s at %s in %s', day, CASE WHEN latest THEN 'for good' ELSE 'first' END,
                 at, zone))
FROM   (VALUES (date '2025-03-30', 'Europe/Berlin', false, '2025-03-29 23:00 UTC'),
               ('2025-03-30', 'Europe/Berlin', true, '2025-03-29 23:00 UTC'),
               ('2025-03-31', 'Europe/Berlin', false, '2025-03-30 22:00 UTC'),
               ('2025-10-27', 'Europe/Berlin', false, '2025-10-26 23:00 UTC'),
               ('2011-12-30', 'Pacific/Apia', false, '2011-12-30 10:00 UTC'),
               ('2011-12-31', 'Pacific/Apia', true, '2011-12-30 10:00 UTC'),
               ('2017-10-15', 'America/Sao_Paulo', false, '2017-10-15 03:00 UTC'),
               ('2006-10-29', 'America/St_Johns', false, '2006-10-29 02:30 UTC'),
               ('2006-10-29', 'America/St_Johns', true, '2006-10-29 03:30 UTC'))
       AS t (day, zone, latest, at);
SELECT holds($$
    SELECT zone, day, bucket('day', starts, zone) >= day
           AND bucket('day', starts - interval '1 us', zone) < day AS holds
    FROM   unnest('{UTC,Europe/Berlin,America/Sao_Paulo,Pacific/Apia,Asia/Kathmandu,America/Havana,
                    Africa/Cairo,Australia/Lord_Howe}'::text[]) AS zone,
           generate_series(date '2010-01-01', '2018-12-31', '1 day') AS d,
           LATERAL (SELECT d::date AS day, midnight(d::date, zone, false) AS starts) AS m
    $$, 'the midnight of a day is its first instant');
SELECT is((SELECT count(*) FROM periods('day', '-infinity', '2025-01-01')), 0::bigint,
          'from eternity there are no periods');
SELECT ok(within('2025-01-01', '2025-01-01', '2025-01-02')
          AND NOT within('2025-01-02', '2025-01-01', '2025-01-02')
          AND NOT within('2024-12-31', '2025-01-01', '2025-01-02'),
          'within has its start, and not its end');

CREATE TABLE moment AS
SELECT at FROM generate_series(timestamptz '2024-01-01', '2025-12-31', '7 minutes') AS at;
CREATE INDEX ON moment (at);
ANALYZE moment;
SELECT matches(plan_of($$SELECT FROM moment
                         WHERE  within(bucket('day', at, 'Europe/Berlin'), '2025-03-01',
                                       '2025-03-08')$$),
               'Index Cond: .*at >= .*at <',
               'days within a range are found by an index on the instants');
SELECT is((SELECT count(*)
           FROM   moment WHERE within(bucket('day', at, zone), '2025-03-29', '2025-04-01')),
          (SELECT count(*)
           FROM   moment WHERE (at AT TIME ZONE zone)::date BETWEEN '2025-03-29' AND '2025-03-31'),
          'all days within a range are found by the index, in ' || zone)
FROM   unnest('{Europe/Berlin,Asia/Shanghai,America/St_Johns}'::text[]) AS zone;
SELECT is(within(bucket('day', at, 'UTC'), start, until), within(day, start, until),
          format('whether it is within %s and %s is the same either way',
                 coalesce(start::text, 'nothing'), coalesce(until::text, 'nothing')))
FROM   (VALUES (timestamptz '2025-01-15 12:00 UTC', date '2025-01-15', date '2025-02-01',
                NULL::date),
               ('2025-01-15 12:00 UTC', '2025-01-15', NULL, '2025-01-01'),
               ('2025-01-15 12:00 UTC', '2025-01-15', NULL, NULL),
               ('2025-01-15 12:00 UTC', '2025-01-15', '2025-01-15', '2025-01-16'))
       AS t (at, day, start, until);
CREATE FUNCTION kpi.bucket(integer, timestamptz, text) RETURNS date
LANGUAGE sql STABLE AS 'SELECT date ''2025-01-15''';
SELECT ok(within(bucket(1, at, 'UTC'), '2025-01-01', '2025-02-01'),
          'another bucket is not taken for ours')
FROM   moment LIMIT 1;
SELECT doesnt_match(plan_of($$SELECT FROM moment
                              WHERE  within(bucket('month', at, 'Europe/Berlin'), '2025-03-01',
                                            '2025-03-08')$$),
                    'Index Cond',
                    'an index on the instants is not used for months');

-- In the time zone of the shop.
SELECT is(bucket('month', timestamptz '2025-03-31 22:30 UTC', zone), start::date,
          format('22:30 UTC on 31 March is in the month from %s in %s', start, zone))
FROM   (VALUES ('UTC', '2025-03-01'), ('Asia/Shanghai', '2025-04-01'),
               ('Europe/Berlin', '2025-04-01'), ('America/New_York', '2025-03-01'))
       AS t (zone, start);
SELECT is((SELECT count(*)
           FROM   generate_series(day - interval '2 days', day + interval '3 days', '1 hour') AS at
           WHERE  bucket('day', at, zone) = day),
          hours, format('%s has %s hours in %s', day, hours, zone))
FROM   (VALUES
            (date '2025-03-29', 24::bigint, 'Europe/Berlin'),
            ('2025-03-30', 23, 'Europe/Berlin'),
            ('2025-10-26', 25, 'Europe/Berlin'),
            ('2011-12-29', 24, 'Pacific/Apia'),
            ('2011-12-30', 0,  'Pacific/Apia'),
            ('2011-12-31', 24, 'Pacific/Apia')) AS t (day, hours, zone);

-- On 29 October 2006 St. John's put the clocks back at 0:01, to 23:01 of the day before.
SELECT is(bucket('day', ('2006-10-29 ' || utc || ' UTC')::timestamptz, 'America/St_Johns'),
          day::date, rule)
FROM   (VALUES
            ('02:29:59', '2006-10-28', '23:59:59 in St. John''s is on 28 October'),
            ('02:30:00', '2006-10-29', 'the next second is on 29 October'),
            ('02:30:59', '2006-10-29', 'the rest of that minute is on 29 October'),
            ('02:31:00', '2006-10-28', 'a minute later it is 28 October again'),
            ('03:29:59', '2006-10-28', 'for the rest of the hour it is 28 October'),
            ('03:30:00', '2006-10-29', 'then 29 October starts once more')) AS t (utc, day, rule);

SELECT is(bucket('month', timestamp '2025-03-31 23:59:59.999999'), '2025-03-01',
          'a local time needs no zone');
SELECT is(bucket('month', timestamp '1969-12-31 23:59:59.999999'), '1969-12-01',
          'a local time before 1970 needs no zone');
SELECT is(bucket('year', timestamp '9999-12-31'), '9999-01-01',
          'a local time far off needs no zone');
SELECT is(bucket('year', date '0001-06-01 BC'), '0001-01-01 BC',
          'a date before Christ has a bucket');


-- No time, no end, and the limits.
SELECT is(bucket('month', NULL::timestamptz, 'UTC'), NULL,
          'the bucket of an unknown instant is unknown');
SELECT is(bucket('month', NULL::date), NULL, 'the bucket of an unknown date is unknown');
SELECT is(bucket(NULL, timestamptz '2025-01-01', 'UTC'), NULL,
          'the bucket of an unknown grain is unknown');
SELECT is(bucket('month', timestamptz '2025-01-01', NULL), NULL,
          'the bucket in an unknown zone is unknown');
SELECT is(bucket('month', at::timestamptz, 'Europe/Berlin'), at::date,
          format('the bucket of %s is %1$s', at))
FROM   unnest('{infinity, -infinity}'::text[]) AS at;
SELECT is(bucket('month', at::timestamp), at::date,
          format('the bucket of %s by local time is %1$s', at))
FROM   unnest('{infinity, -infinity}'::text[]) AS at;
SELECT is(bucket('month', at::date), at::date, format('the bucket of %s as a date is %1$s', at))
FROM   unnest('{infinity, -infinity}'::text[]) AS at;
SELECT is(bucket('day', timestamptz '4714-11-24 00:00 UTC BC', 'UTC'), '4714-11-24 BC',
          'the first day of all is a bucket');
SELECT is(bucket('week', date '4714-11-24 BC'), '4714-11-24 BC',
          'the first day of all is a Monday');
SELECT is(bucket('year', date '5874897-12-31'), '5874897-01-01', 'the last year is a bucket');
SELECT is(bucket('year', timestamptz '294276-12-31 23:00 UTC', 'Pacific/Kiritimati'),
          '294277-01-01',
          'the year after the last is a bucket where it has started');
SELECT throws_ok('SELECT bucket(' || arguments || ')', '22008', NULL, rule)
FROM   (VALUES
            ('''month'', date ''4714-11-24 BC''',
             'a month that starts before the first date is out of range'),
            ('''quarter'', timestamp ''4714-11-24 BC''',
             'a quarter that starts before the first date is out of range'),
            ('''year'', timestamptz ''4714-11-24 00:00 UTC BC'', ''UTC''',
             'a year that starts before the first date is out of range'),
            ('''day'', timestamptz ''4714-11-24 00:00 UTC BC'', ''America/New_York''',
             'a day that starts before the first date is out of range')
       ) AS t (arguments, rule);

SELECT throws_ok(format('SELECT bucket(%L, %s)', grain, arguments), '22023', NULL,
                 format('"%s" is not a grain', grain))
FROM   (VALUES ('hour', 'timestamptz ''2025-01-01'', ''UTC'''), ('Day', 'timestamp ''2025-01-01'''),
               ('days', 'date ''2025-01-01'''), ('', 'date ''2025-01-01'''))
       AS t (grain, arguments);
SELECT throws_ok(format('SELECT bucket(''day'', now(), %L)', zone), '22023', NULL,
                 format('"%s" is not a time zone', zone))
FROM   unnest('{Europe/Atlantis, CEST, "", ../../etc/passwd}'::text[]) AS zone;
SELECT throws_ok(format('SELECT bucket(''day'', now(), %L)', repeat('x', 1000)), '22023', NULL,
                 'a name of a thousand letters is not a time zone');


-- Whatever the zone, the instant and the grain, a bucket is date_trunc(grain, at AT TIME ZONE
-- zone), whichever rows came before. Zones that are also abbreviations, such as WET, are left out:
-- AT TIME ZONE takes them for those, which differ from the zones in servers that bring time zones
-- of their own.
CREATE TABLE zone AS
SELECT name AS zone FROM pg_timezone_names
WHERE  name !~ '^(posix|right)/|localtime'
AND    upper(name) NOT IN (SELECT abbrev FROM pg_timezone_abbrevs);
CREATE TABLE grain (grain) AS VALUES ('day'), ('week'), ('month'), ('quarter'), ('year');

-- From 1850 to 2100, and the ages before and after, in all zones,
CREATE TABLE instant AS
SELECT zone, grain, timestamptz '1850-01-01' + random() * interval '250 years' AS at
FROM   zone, grain, generate_series(1, 8)
UNION ALL
SELECT zone, grain, at + any_of(-90000, 90000) * interval '10 s'
FROM   zone, grain,
       unnest('{4713-06-01 BC, 0001-01-01 BC, 0001-01-01, 1582-10-15, 9999-12-31,
                250000-01-01}'::timestamptz[]) AS at;

-- and around the changes of clocks that go by odd seconds or quarters of an hour, over midnight, or
-- over a whole day.
CREATE TABLE clock_change AS
SELECT zone, at
FROM   unnest('{America/St_Johns, America/Sao_Paulo, Asia/Kathmandu, Asia/Tehran, Pacific/Apia,
                Pacific/Kwajalein, Africa/Monrovia, Africa/Cairo, Europe/Berlin, Europe/Dublin,
                Australia/Lord_Howe, America/Havana, Antarctica/Troll}'::text[]) AS zone,
       generate_series(timestamptz '1880-01-01', '2040-01-01', '1 day') AS at
WHERE  (at + interval '1 day') AT TIME ZONE zone - at AT TIME ZONE zone <> '1 day';
INSERT INTO instant
SELECT zone, grain, at + n * interval '15 min' + any_of(-1, 1) * interval '1 us'
FROM   (SELECT *, row_number() OVER (PARTITION BY zone ORDER BY random()) AS rank
        FROM   clock_change) AS c,
       generate_series(-4, 100) AS n, grain
WHERE  rank <= 25;

SELECT cmp_ok(count(DISTINCT zone), '>', 300::bigint, 'there are hundreds of zones') FROM instant;
SELECT cmp_ok(min(n), '>', 1::bigint, 'the clocks changed more than once in each of the odd ones')
FROM   (SELECT count(*) AS n FROM clock_change GROUP BY zone) AS c;
SELECT holds(format('SELECT *, bucket(grain, at, zone)
                               = date_trunc(grain, at AT TIME ZONE zone)::date AS holds
                     FROM   (SELECT * FROM instant ORDER BY %s) AS t', sort),
             'buckets are those of date_trunc in the zone, ' || rule)
FROM   (VALUES
            ('zone, grain, at',           'in ascending order'),
            ('zone, grain, at DESC',      'in descending order'),
            ('zone, grain, random()',     'in random order'),
            ('at, random()',              'all zones and grains in one query'),
            ('random()',                  'of zones and times mixed up')) AS t (sort, rule);
SELECT holds('SELECT bucket(grain, at AT TIME ZONE zone) = bucket(grain, at, zone)
              AND bucket(grain, (at AT TIME ZONE zone)::date) = bucket(grain, at, zone) AS holds, *
              FROM instant', 'local times and dates have the buckets of their instants');

-- More days than are remembered: 60 years of them.
CREATE TABLE jump AS
SELECT timestamptz '1970-01-01' + random() * interval '60 years' AS at
FROM   generate_series(1, 40000);
SELECT holds('SELECT at, bucket(''day'', at, ''America/St_Johns'')
                         = (at AT TIME ZONE ''America/St_Johns'')::date AS holds
              FROM   jump',
             'days are found, however many there are');
SELECT holds('SELECT bucket(''year'', at, ''Pacific/Kiritimati'') = start AS holds, at
              FROM   (VALUES (1, timestamptz ''2025-06-01'', date ''2025-01-01''),
                             (2, ''294276-12-31 23:00 UTC'', ''294277-01-01''),
                             (3, ''2024-12-31 09:59 UTC'', ''2024-01-01''),
                             (4, ''294276-12-31 23:00 UTC'', ''294277-01-01''),
                             (5, ''2024-12-31 10:00 UTC'', ''2025-01-01'')) AS t (n, at, start)',
             'the last instants there are do not disturb others');


-- Growth.
SELECT is(growth(now, before), growth::numeric, rule)
FROM   (VALUES
            (110::numeric, 100::numeric, 0.1, 'growth is (now - before) / before'),
            (90,  100, -0.1, 'growth to less is negative'),
            (100, 100, 0,    'growth to the same is zero'),
            (5,   0,   NULL, 'there is no growth from nothing'),
            (0,   0,   NULL, 'there is no growth from nothing to nothing'),
            (0,   5,   -1,   'growth to nothing is -100 percent'),
            (-5,  5,   -2,   'growth to below nothing is even less'),
            (5,  -10,  NULL, 'growth from less than nothing has no meaning'),
            (5,  NULL, NULL, 'growth from the unknown is unknown'),
            (NULL, 5,  NULL, 'growth to the unknown is unknown')) AS t (now, before, growth, rule);
SELECT is(growth(now::float8, before::float8), growth::float8, rule)
FROM   (VALUES (125, 100, 0.25, 'growth of double precision is (now - before) / before'),
               (0, 5, -1, 'growth of double precision to nothing is -1'),
               (5, 0, NULL, 'there is no growth of double precision from nothing'),
               (5, -10, NULL, 'growth of double precision from less than nothing has no meaning'))
       AS t (now, before, growth, rule);
SELECT is(growth(now, before, basis => 'abs'), growth, rule)
FROM   (VALUES (5.0, -10.0, 1.5, 'with basis abs the size of the base is the measure'),
               (-15, -10, -0.5, 'with basis abs growth from below nothing to less is negative'),
               (5, 0, NULL, 'with basis abs there is no growth from nothing'))
       AS t (now, before, growth, rule);
SELECT is(growth(5::float8, -10::float8, 'abs'), 1.5::float8,
          'with basis abs double precision grows, too');
SELECT is(growth(4, 5, basis => 'positive'), -0.2::float8,
          'basis positive is the default; growth of whole numbers is double precision');
SELECT is(growth(5, 4, NULL), NULL, 'growth on an unknown basis is unknown');
SELECT throws_ok(format('SELECT growth(%s)', arguments), sqlstate, NULL, rule)
FROM   (VALUES
            ('5, 4, ''absolute''',          '22023', 'growth has no other basis'),
            ('5, 4, ''''',                  '22023', 'growth is on a basis'),
            ('''NaN''::float8, 4',          '22023', 'NaN does not grow'),
            ('4, ''NaN''::float8',          '22023', 'there is no growth from NaN'),
            ('''Infinity''::float8, 4',     '22023', 'infinity does not grow'),
            ('4, ''-Infinity''::float8',    '22023', 'there is no growth from infinity'),
            ('''NaN''::numeric, 4',         '22023', 'numeric NaN does not grow'),
            ('4::numeric, ''Infinity''',    '22023', 'there is no growth from numeric infinity'),
            ('1e308::float8, 1e-308::float8', '22003',
             'growth beyond double precision is an overflow')
       ) AS t (arguments, sqlstate, rule);

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
SELECT is(days('{UTC,Asia/Tokyo,UTC}'), '{2025-01-01,2025-01-02,2025-01-01}',
          'what is remembered does not outlive the zone in a variable');

-- Half-years, and all of it.
SELECT is(bucket(grain, day), start, format('the %s of %s starts on %s', grain, day, start))
FROM   (VALUES ('half', date '2025-06-30', date '2025-01-01'), ('half', '2025-07-01', '2025-07-01'),
               ('half from april', '2025-03-31', '2024-10-01'),
               ('half from october', '2025-04-01', '2025-04-01'),
               ('half from april', '0001-03-31 BC', '0002-10-01 BC'),
               ('all', '2025-08-16', '4714-11-24 BC'), ('all', '5874897-12-31', '4714-11-24 BC'))
       AS t (grain, day, start);
SELECT results_eq($$SELECT * FROM periods('all', '2025-01-31', '2025-03-01')$$,
                  $$VALUES (date '4714-11-24 BC', date 'infinity')$$,
                  'all of time is one period, which has no end');
SELECT is_empty($$SELECT * FROM periods('all', '2025-02-01', '2025-01-01')$$,
                'where there is no time, all of time is no period');
SELECT is(bucket('all', day), day, format('%s is in no period, not even in all of time', day))
FROM   unnest('{infinity,-infinity}'::date[]) AS day;
SELECT results_eq($$SELECT period, customers
                    FROM   customers((
                               SELECT activity(id, day)
                               FROM   (VALUES (1, date '1999-01-01'), (2, '2025-01-01'),
                                              (1, '2025-08-16')) AS t (id, day)), 'all')$$,
                  $$VALUES (date '4714-11-24 BC', 2::bigint)$$,
                  'customers are counted once in all of time');

-- Years of whole weeks. That of the National Retail Federation ends on the Saturday nearest to the
-- end of January; 2017 and 2023 have 53 weeks.
SELECT results_eq(format('SELECT period, (until - period) / 7
                          FROM   periods(%L, ''2016-06-01'', ''2025-06-01'')',
                         'year 4-5-4 ' || years),
                  $$VALUES (date '2016-01-31', 52), ('2017-01-29', 53), ('2018-02-04', 52),
                           ('2019-02-03', 52), ('2020-02-02', 52), ('2021-01-31', 52),
                           ('2022-01-30', 52), ('2023-01-29', 53), ('2024-02-04', 52),
                           ('2025-02-02', 52)$$,
                  'years ' || years || ' are those of the National Retail Federation')
FROM   unnest('{from sunday nearest february,to saturday nearest january}'::text[]) AS years;
SELECT results_eq($$SELECT until
                    FROM   periods('month 4-5-4 to saturday nearest january', '2023-01-29',
                                   '2024-02-03')$$,
                  $$SELECT unnest('{2023-02-26,2023-04-02,2023-04-30,2023-05-28,2023-07-02,
                                    2023-07-30,2023-08-27,2023-10-01,2023-10-29,2023-11-26,
                                    2023-12-31,2024-02-04}'::date[])$$,
                  'months of a 4-5-4 year have 4, 5 and 4 weeks, and January of a year of 53 has '
                  'five');
SELECT results_eq($$SELECT *
                    FROM   periods('month 5-4-4 from saturday nearest july', '2020-07-04',
                                   '2020-10-02')$$,
                  $$VALUES (date '2020-07-04', date '2020-08-08'), ('2020-08-08', '2020-09-05'),
                           ('2020-09-05', '2020-10-03')$$,
                  'months can have 5, 4 and 4 weeks from the Saturday nearest to 1 July');
SELECT results_eq($$SELECT period
                    FROM   periods('year 4-4-5 to saturday last in august', '2021-12-01',
                                   '2025-12-01')$$,
                  $$SELECT unnest('{2021-08-29,2022-08-28,2023-08-27,2024-09-01,
                                    2025-08-31}'::date[])$$,
                  'years can end on the last Saturday of August');
SELECT results_eq($$SELECT period
                    FROM   periods('year 4-4-5 from saturday last in august', '2021-12-01',
                                   '2025-12-01')$$,
                  $$SELECT unnest('{2021-08-28,2022-08-27,2023-08-26,2024-08-31,
                                    2025-08-30}'::date[])$$,
                  'years can start on the last Saturday of August');
SELECT holds($$
    SELECT day,
           bucket('year 4-4-5 from monday nearest january', day)
               = to_date(to_char(day, 'IYYY') || '-1-1', 'IYYY-IW-ID') AS holds
    FROM   (SELECT date '1900-01-01' + n AS day FROM generate_series(1, 100000, 7) AS n) AS d
    $$, 'years from the Monday nearest to 1 January are those of ISO 8601');

-- Some calendars of whole weeks, and their years by hand: of the days that could start or end one,
-- the nearest or the last.
CREATE TABLE calendar AS
SELECT *, concat_ws(' ', pattern, bound, weekday, rule, month) AS calendar
FROM   (SELECT any_of(0, 6)::int AS dow, any_of(1, 12)::int AS m,
               (ARRAY['from', 'to'])[1 + n % 2] AS bound,
               (ARRAY['nearest', 'last in'])[1 + n / 2 % 2] AS rule,
               (ARRAY['5-4-4', '4-5-4', '4-4-5'])[1 + n % 3] AS pattern
        FROM   generate_series(1, 48) AS n) AS c,
       LATERAL (SELECT lower(to_char(date '2000-01-02' + dow, 'FMDay')) AS weekday,
                       lower(to_char(make_date(2000, m, 1), 'FMMonth')) AS month) AS names;
CREATE TABLE calendar_year AS
SELECT calendar, pattern, bound, start,
       lead(start) OVER (PARTITION BY calendar ORDER BY start) AS until
FROM   (SELECT c.calendar, c.pattern, c.bound, y,
               CASE bound WHEN 'to' THEN day + 1 ELSE day END AS start
        FROM   calendar AS c, generate_series(1990, 2040) AS y,
               LATERAL (SELECT make_date(y, m, 1) AS first) AS f,
               LATERAL (SELECT (first + interval '1 month - 1 day')::date AS last) AS l,
               LATERAL (SELECT day::date AS day
                        FROM   generate_series(first - 10, last + 10, '1 day') AS day
                        WHERE  extract(dow FROM day) = dow
                        AND    (rule = 'nearest' OR day BETWEEN first AND last)
                        ORDER  BY CASE WHEN rule = 'last in' THEN last - day::date
                                       WHEN bound = 'to' THEN abs(day::date - last)
                                       ELSE abs(day::date - first) END
                        LIMIT  1) AS d) AS y;
CREATE TABLE calendar_week AS
SELECT calendar, pattern, start, until, w, start + 7 * w AS period, least(w / 26, 1) AS half,
       least(w / 13, 3) AS quarter,
       least(w / 13, 3) * 3 + CASE WHEN w % 13 < a AND w < 52 THEN 0
                                   WHEN w % 13 < a + b AND w < 52 THEN 1
                                   ELSE 2 END AS month
FROM   calendar_year,
       LATERAL (SELECT substr(pattern, 1, 1)::int AS a, substr(pattern, 3, 1)::int AS b) AS weeks,
       generate_series(0, (until - start) / 7 - 1) AS w
WHERE  until IS NOT NULL;
SELECT holds('SELECT *, until - start IN (364, 371) AS holds
              FROM   calendar_year WHERE until IS NOT NULL',
             'a year of whole weeks has 52 or 53 of them');
SELECT holds(format('SELECT *, bucket(%L || '' '' || calendar, day) = first AS holds
                     FROM   (SELECT calendar, w,
                                    min(period) OVER (PARTITION BY calendar, start, %s) AS first,
                                    period + any_of(0, 6)::int AS day
                             FROM   calendar_week) AS t', unit, part),
             format('the %s of every week is that by hand', unit))
FROM   (VALUES ('week', 'w'), ('month', 'month'), ('quarter', 'quarter'), ('half', 'half'),
               ('year', '1')) AS t (unit, part);

-- Every grain there is, of which each period ends where the next one starts.
CREATE TABLE any_grain AS
SELECT unit || ' ' || calendar AS grain, pattern, unit
FROM   calendar, unnest('{week,month,quarter,half,year}'::text[]) AS unit
UNION ALL
SELECT grain, NULL, split_part(grain, ' ', 1)
FROM   unnest('{day,week,month,quarter,half,year,week from sunday,quarter from march,half from may,
                year from december}'::text[]) AS grain;
SELECT holds(format($$
    SELECT grain, p.*,
           period = bucket(grain, period) AND bucket(grain, until) = until
           AND bucket(grain, until - 1) = period
           AND coalesce(lead(period) OVER (PARTITION BY grain ORDER BY period) = until,
                        until > date %1$L + 1500) AS holds
    FROM   any_grain, periods(grain, %1$L, date %1$L + 1500) AS p
    $$, first), 'the periods of every grain tile the time from ' || first)
FROM   unnest('{4700-01-01 BC,0002-06-01 BC,1990-01-01,294274-01-01,
                5874890-01-01}'::date[]) AS first;
SELECT holds($$
    SELECT grain, day, bucket(grain, day + 146097) = bucket(grain, day) + 146097 AS holds
    FROM   (SELECT grain, date '4700-01-01 BC' + any_of(0, 2147000000 - 146097)::int AS day
            FROM   any_grain, generate_series(1, 4)) AS t
    $$, 'the periods of every grain repeat themselves every 400 years');
SELECT holds($$
    SELECT g.grain, until - period AS days,
           until - period IN (28, 35) OR until - period = 42 AND pattern = '4-4-5' AS holds
    FROM   any_grain AS g, periods(grain, '1990-01-01', '2040-01-01')
    WHERE  unit = 'month' AND pattern IS NOT NULL
    $$, 'a month of whole weeks has four or five, or six where the 53rd comes after five');
SELECT holds($$
    SELECT g.grain, i.*,
           bucket(g.grain, at, zone) = bucket(g.grain, (at AT TIME ZONE zone)::date) AS holds
    FROM   (SELECT * FROM any_grain UNION ALL SELECT 'all', NULL, 'all') AS g,
           (SELECT zone, at
            FROM   instant WHERE at > '4712-01-01 BC' ORDER BY random() LIMIT 500) AS i
    $$, 'the bucket of an instant is that of its day in the zone');
SELECT results_eq(format('SELECT until FROM periods(%L, ''5874897-12-31'', ''5874897-12-31'')',
                         grain),
                  $$VALUES (date 'infinity')$$,
                  format('after the last %s comes infinity', grain))
FROM   unnest('{day,week,month,quarter from february,half from may,year from july,
                month 4-4-5 from sunday nearest february,year 5-4-4 to friday last in june,
                all}'::text[]) AS grain;
SELECT throws_ok(format('SELECT bucket(%L, date ''4714-11-25 BC'')', grain), '22008', NULL,
                 format('before the first %s there are no dates', grain))
FROM   unnest('{half,year 4-4-5 from sunday nearest february,
                month 5-4-4 to friday last in june}'::text[]) AS grain;
SELECT throws_ok('SELECT bucket(''all'', timestamptz ''4714-11-24 00:00 UTC BC'',
                                ''America/New_York'')',
                 '22008', NULL,
                 'before all of time there are no dates');
SELECT throws_ok(format('SELECT bucket(%L, date ''2025-08-16'')', grain),
                 '22023', format('unknown grain "%s"', grain),
                 format('"%s" is no grain either', left(grain, 60)))
FROM   unnest(ARRAY['half from monday', 'all from april', 'day 4-4-5 from sunday nearest may',
                    'all 4-4-5 from sunday nearest may', 'month 4-4-5', 'month 4-4-5 from sunday',
                    'month 4-4-5 from may',
                    'month 4-4-4 from sunday nearest may', 'month 4-4-5 sunday nearest may',
                    'month 4-4-5 from sunday nearest Mai', 'month 4-4-5 from sonntag nearest may',
                    'month 4-4-5 from sunday in may',
                    'month 4-4-5 from sunday last may', 'month 4-4-5 from sunday first in may',
                    'month 4-4-5 from sunday nearest in may',
                    'month 4-4-5 from sunday last in may ', ' month', 'month ',
                    'month  4-4-5 from sunday nearest may', 'month from sunday nearest may',
                    'month 4-4-5 to sunday last in may or june',
                    'month 4-4-5 from sunday nearest may from sunday', 'halves',
                    'year from april from april', 'year to april', repeat('month ', 1000),
                    repeat(' ', 1000)]) AS grain;

-- What a period is compared with: of a running one the days before until.
SELECT is(comparison(grain, period, against, until), days::daterange, 'comparison: ' || rule)
FROM   (VALUES ('year', date '2028-01-01', 'last_year', date '2028-03-02',
                '[2027-01-01,2027-03-02)',
                'until 1 March, with the year before until 1 March, over a leap day'),
               ('year', '2028-01-01', 'last_year', '2028-03-01', '[2027-01-01,2027-03-01)',
                'until 29 February, with 28 February'),
               ('year', '2029-01-01', 'last_year', '2029-03-01', '[2028-01-01,2028-02-29)',
                'until 28 February, with 28 February'),
               ('year', '2029-01-01', 'last_year', 'infinity', '[2028-01-01,2029-01-01)',
                'a year that is over, with the whole one before'),
               ('month', '2025-03-01', 'previous', '2025-03-31', '[2025-02-01,2025-03-01)',
                '30 days of March, with all of February'),
               ('month', '2025-03-15', 'previous', '2025-03-15', '[2025-02-01,2025-02-15)',
                'fourteen days, with fourteen days; any day of a period names it'),
               ('month', '2025-02-01', 'previous', '2025-03-01', '[2025-01-01,2025-02-01)',
                'all of February, with all of January'),
               ('month', '2028-02-01', 'last_year', '2028-03-01', '[2027-02-01,2027-03-01)',
                '29 days of February, with all of that of a year ago'),
               ('quarter', '2025-04-01', 'previous', '2025-05-31', '[2025-01-01,2025-03-01)',
                'a quarter until 30 May, with that until the end of February'),
               ('quarter from february', '2025-02-01', 'last_year', '2025-02-02',
                '[2024-02-01,2024-02-02)', 'a day, with a day'),
               ('half', '2025-07-01', 'previous', '2025-12-31', '[2025-01-01,2025-07-01)',
                'half a year, with the half before'),
               ('year from april', '2025-04-01', 'previous', '2025-07-01',
                '[2024-04-01,2024-07-01)', 'for years the year before is that of a year ago'),
               ('day', '2025-08-16', 'previous', '2025-08-17', '[2025-08-15,2025-08-16)',
                'a day, with the day before'),
               ('day', '2025-08-16', 'last_year', '2025-08-17', '[2024-08-17,2024-08-18)',
                'a day, with the same weekday of last year'),
               ('week', '2020-12-28', 'last_year', 'infinity', '[2019-12-30,2020-01-06)',
                'a week, with that 52 weeks ago'),
               ('week', '2020-12-28', 'previous', '2020-12-30', '[2020-12-21,2020-12-23)',
                'two days of a week, with two of the week before'),
               ('all', '2020-12-28', 'previous', 'infinity', 'empty', 'all of time, with nothing'),
               ('month', '2025-03-01', 'previous', '2025-03-01', 'empty', 'no day, with none'),
               ('month', 'infinity', 'previous', '2025-03-01', 'empty',
                'a period that never comes, with none'),
               ('month', '2025-03-01', 'previous', '-infinity', 'empty',
                'a period until before all, with none'))
       AS t (grain, period, against, until, days, rule);
SELECT is(comparison(unit || ' 4-5-4 from sunday nearest february', period, against, until),
          days::daterange, 'comparison: ' || rule)
FROM   (VALUES ('year', date '2023-01-29', 'last_year', date 'infinity', '[2022-01-30,2023-01-29)',
                '53 weeks, with the 52 of last year'),
               ('month', '2023-12-31', 'last_year', 'infinity', '[2023-01-01,2023-01-29)',
                'five weeks of January, with the four of last year'),
               ('month', '2023-12-31', 'last_year', '2024-01-30', '[2023-01-01,2023-01-29)',
                'five weeks of which the 53rd has begun, with the four of last year'),
               ('week', '2024-01-28', 'last_year', 'infinity', 'empty',
                'the 53rd week, with nothing'),
               ('week', '2024-02-04', 'last_year', 'infinity', '[2023-02-05,2023-02-12)',
                'the week after the 53rd, with the second of last year, where the holidays are'),
               ('month', '2024-02-04', 'last_year', 'infinity', '[2023-02-05,2023-03-05)',
                'the month after the 53rd week, with the same weeks'),
               ('year', '2024-02-04', 'last_year', 'infinity', '[2023-02-05,2024-02-04)',
                'the year after one of 53 weeks, with the last 52 of it'),
               ('year', '2024-02-04', 'last_year', '2024-06-02', '[2023-02-05,2023-06-04)',
                'weeks of a year that runs, with as many of one of 53 weeks, from its second on'),
               ('year', '2024-02-04', 'previous', 'infinity', '[2023-01-29,2024-02-04)',
                'a year, with all 53 weeks of the one before'),
               ('month', '2024-03-03', 'previous', '2024-04-05', '[2024-02-04,2024-03-03)',
                '33 days of five weeks, with all of the four weeks before'))
       AS t (unit, period, against, until, days, rule);
CREATE TABLE base AS
SELECT *, day + any_of(0, 400)::int AS until, bucket(grain, day) AS period
FROM   (SELECT *, date '1990-01-01' + any_of(0, 15000)::int AS day
        FROM   any_grain, unnest('{previous,last_year}'::text[]) AS against,
               generate_series(1, 8)) AS t;
SELECT holds($$
    SELECT *,
           comparison(grain, day, against, until)
           = daterange((period - step)::date,
                       CASE WHEN until >= next THEN (next - step)::date
                            ELSE least((until - interval '1 day' - step)::date + 1, period) END)
               AS holds
    FROM   (SELECT *, CASE against WHEN 'previous' THEN size ELSE '1 year' END::interval AS step,
                   (period + size)::date AS next
            FROM   base,
                   LATERAL (SELECT CASE unit
                                        WHEN 'month' THEN '1 month'
                                        WHEN 'quarter' THEN '3 months'
                                        WHEN 'half' THEN '6 months'
                                        ELSE '1 year' END::interval AS size) AS s
            WHERE  pattern IS NULL AND unit IN ('month', 'quarter', 'half', 'year')
            AND    until > period) AS t
    $$, 'periods of months are compared by their dates');
SELECT holds($$
    SELECT *,
           comparison(grain, day, against, until)
           = CASE against
                 WHEN 'previous'
                 THEN daterange(before, CASE WHEN until >= next THEN period
                                             ELSE least(before + (until - period), period) END)
                 ELSE daterange(period - 364, least(least(until, next) - 364, year)) END AS holds
    FROM   (SELECT *, bucket(grain, period - 1) AS before,
                   (SELECT p.until FROM periods(grain, period, period) AS p) AS next,
                   bucket('year' || substring(grain FROM ' .*'), period) AS year
            FROM   base WHERE pattern IS NOT NULL AND until > period) AS t
    $$, 'periods of whole weeks are compared by their days');
SELECT holds($$
    SELECT *,
           coalesce(day <@ comparison(grain, compared_in(grain, day, against), against),
                    against = 'last_year'
                    AND day < bucket('year' || substring(grain FROM ' .*'), day) + 7) AS holds
    FROM   base
    $$, 'every day is compared in one period, but for the first week of 53');
SELECT holds($$
    SELECT *, compared_in(grain, other::date, against) = period AS holds
    FROM   base, LATERAL (SELECT comparison(grain, day, against) AS days) AS c,
           generate_series(lower(days), upper(days) - 1, '5 days') AS other
    $$, 'every day is compared in no other period than compared_in() says');
SELECT is(compared_in(grain, day, against), period, format('%s is compared %s', day, rule))
FROM   (VALUES ('month', date '2025-02-28', 'previous', date '2025-03-01', 'in March'),
               ('year', '2028-02-29', 'last_year', '2029-01-01', 'in the year after'),
               ('week 4-5-4 from sunday nearest february', '2023-02-04', 'last_year', NULL,
                'in no year, in the first week of 53'),
               ('week 4-5-4 from sunday nearest february', '2023-02-05', 'last_year', '2024-02-04',
                'a year later, in the second'),
               ('all', '2025-01-01', 'previous', NULL, 'never, in all of time'),
               ('day', 'infinity', 'previous', NULL, 'never'),
               ('year', '5874897-12-31', 'previous', NULL, 'never, as there is no later year'))
       AS t (grain, day, against, period, rule);
SELECT throws_ok(format('SELECT comparison(''month'', ''2025-01-01'', %1$L),
                                compared_in(''month'', ''2025-01-01'', %1$L)',
                        against),
                 '22023', NULL,
                 format('nothing is compared with "%s"', against))
FROM   unnest('{"",year,Previous,last year}'::text[]) AS against;
SELECT throws_ok('SELECT comparison(''mont'', ''2025-01-01'', ''previous'')', '22023', NULL,
                 'nothing is compared by what is no grain');
SELECT throws_ok('SELECT comparison(''year'', ''4713-01-01 BC'', ''previous'')', '22008', NULL,
                 'nothing is compared with what is before the first date');

SELECT * FROM finish();
ROLLBACK;
