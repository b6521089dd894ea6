\set ECHO none
\i test/setup.psql
SELECT plan(138);


-- 2025-03-07 is a Friday.
SELECT is(business_time(('2025-03-' || start || ' Europe/Berlin')::timestamptz,
                        ('2025-03-' || finish || ' Europe/Berlin')::timestamptz,
                        'Mon-Fri 09:00-18:00', 'Europe/Berlin'), time::interval, rule)
FROM   (VALUES
            ('07 17:00', '10 09:30', '01:30',
             'from Friday at 17:00 to Monday at 9:30 there is an hour and a half of work'),
            ('10 09:30', '07 17:00', '-01:30',
             'back from Monday at 9:30 to Friday at 17:00 it is minus an hour and a half'),
            ('07 17:00', '07 17:20', '00:20',
             'within working hours the time worked is that which passed'),
            ('07 08:00', '07 09:00', '0',      'before working hours no time is worked'),
            ('07 18:00', '10 09:00', '0',      'after working hours no time is worked'),
            ('07 12:00', '07 12:00', '0',      'where no time passes none is worked'),
            ('08 12:00', '09 12:00', '0',      'at the weekend no time is worked'),
            ('03 00:00', '10 00:00', '45:00',  'a week of work is 45 hours, not days'),
            ('07 17:59:59.999999', '10 09:00:00.000001', '00:00:00.000002', 'microseconds count')
       ) AS t (start, finish, time, rule);
SELECT is(business_time('2025-03-07 17:00 UTC', '2025-03-10 09:30 UTC', 'Mon-Fri 09:00-18:00',
                        zone),
          time::interval,
          'hours are those of the clocks in ' || zone)
FROM   (VALUES ('UTC', '01:30'), ('Europe/Berlin', '01:30'), ('America/New_York', '06:00'),
               ('Asia/Kathmandu', '06:15')) AS t (zone, time);


-- Hours: how much of each day of the week from Monday, 2025-03-03, they cover.
SELECT is(array_agg(extract(epoch FROM business_time(day, day + interval '1 day', hours, 'UTC'))
                    / 60 ORDER BY day)::int[],
          minutes::int[],
          rule)
FROM   (VALUES
            ('Mon 9:00-18:00',                                '{540, 0, 0, 0, 0, 0, 0}',
             'hours can be those of a day'),
            ('Tue 9:00-10:00',                                '{0, 60, 0, 0, 0, 0, 0}',
             'hours can be those of any day'),
            ('Wed 9:00-10:00, Sun 9:00-10:01',                '{0, 0, 60, 0, 0, 0, 61}',
             'hours can be those of several days'),
            ('Mon-Fri 09:00-18:00',                           '{540, 540, 540, 540, 540, 0, 0}',
             'hours can be those of a range of days'),
            ('Sat-Mon 9:00-10:00',                            '{60, 0, 0, 0, 0, 60, 60}',
             'a range of days may go over the end of the week'),
            ('Thu-Wed 9:00-10:00',                            '{60, 60, 60, 60, 60, 60, 60}',
             'a range of days may go round the whole week'),
            ('Thu-Thu 9:00-10:00',                            '{0, 0, 0, 60, 0, 0, 0}',
             'a range of days may be one day'),
            ('Mon-Thu 8:00-12:00 13:00-17:30, Fri 8:00-14:00, Sat 10:00-12:00',
             '{510, 510, 510, 510, 360, 120, 0}', 'a day has one or more spans'),
            ('Mon 13:00-17:30 8:00-12:00',                    '{510, 0, 0, 0, 0, 0, 0}',
             'the spans of a day come in any order'),
            ('Mon 8:00-12:00 12:00-13:00',                    '{300, 0, 0, 0, 0, 0, 0}',
             'the spans of a day may touch'),
            ('Mon-Fri 9:00-12:00, Wed 13:00-15:00',           '{180, 180, 300, 180, 180, 0, 0}',
             'a day may have further spans in another part'),
            ('Mon-Sun 00:00-24:00',
             '{1440, 1440, 1440, 1440, 1440, 1440, 1440}',
             'midnight is 0:00 at the start and 24:00 at the end'),
            ('mON-fri 9:00-10:00',                            '{60, 60, 60, 60, 60, 0, 0}',
             'upper and lower case do not matter in hours'),
            (E' Mon - Fri\t9:00 - 10:00\n11:00-12:00 ,Sat 9:00-10:00 ',
             '{120, 120, 120, 120, 120, 60, 0}', 'white space does not matter in hours')
       ) AS t (hours, minutes, rule),
       generate_series(timestamptz '2025-03-03', '2025-03-09', '1 day') AS day
GROUP  BY hours, minutes, rule;

SELECT throws_ok(format('SELECT business_time(now(), now(), %L, ''UTC'')', hours), '22023', NULL,
                 rule)
FROM   (VALUES
            ('',                                     'an empty text is no hours'),
            (' ',                                    'a blank is no hours'),
            ('Mon-Fri',                              'days need a time'),
            ('Mon, Tue 9:00-10:00',                  'each part of the hours needs a time'),
            ('9:00-18:00',                           'a time needs days'),
            ('Mon 9:00',                             'a time has an end'),
            ('Mon 9-18',                             'a time has minutes'),
            ('Mon 9:0-18:00',                        'minutes have two digits'),
            ('Mon 9:000-18:00',                      'minutes have no more than two digits'),
            ('Mon 009:00-18:00',                     'hours have one or two digits'),
            ('Mon 9:60-18:00',                       'there is no minute 60'),
            ('Mon 9:00-24:01',                       'the day ends at 24:00'),
            ('Mon 9:00-99:00',                       'there is no hour 99'),
            ('Mon 24:00-24:00',                      'no span starts at 24:00'),
            ('Mon 9:00-9:00',                        'no span ends when it starts'),
            ('Mon 22:00-6:00',
             'no span ends before it starts: a night belongs to two days'),
            ('Mon -1:00-6:00',                       'no time is negative'),
            ('Mon 9:00-12:00 11:59-13:00',           'spans of a day do not overlap'),
            ('Mon-Fri 9:00-12:00, Fri 8:00-9:01',
             'spans of a day from different parts do not overlap'),
            ('Mon-Fri 9:00-12:00, Sat-Mon 9:00-10:00',
             'spans do not overlap over the end of the week'),
            ('Monday 9:00-10:00',                    'days have three letters'),
            ('Mo 9:00-10:00',                        'days do not have two letters'),
            ('Mit 9:00-10:00',                       'days are in English'),
            ('Mon-Foo 9:00-10:00',                   'the last day of a range is in English, too'),
            ('Mon9:00-10:00',                        'a blank follows the days'),
            ('Mon 9:00-10:00,',                      'nothing comes after a comma but days'),
            ('Mon 9:00-10:00; Tue 9:00-10:00',
             'only a comma separates days with their times'),
            ('Mon 9:00-10:00 Tue 9:00-10:00',
             'a blank does not separate days with their times'),
            ('Mon 9:00-10:0011:00-12:00',            'spans need a blank between them')
       ) AS t (hours, rule);
SELECT throws_ok(format('SELECT business_time(now(), now(), ''Mon 9:00-10:00'', %L)', zone),
                 '22023', NULL,
                 format('"%s" is not a time zone', zone))
FROM   unnest('{Europe/Atlantis, ""}'::text[]) AS zone;
SELECT throws_ok(format('SELECT business_time(%L, %L, ''Mon 9:00-10:00'', ''UTC'')', start, finish),
                 '22023', NULL,
                 format('from %s to %s is no time to count', start, finish))
FROM   (VALUES ('2025-01-01', 'infinity'), ('-infinity', '2025-01-01'),
               ('infinity', 'infinity')) AS t (start, finish);
SELECT is(business_time(start, finish, hours, zone), NULL,
          'the work done ' || rule || ' is unknown')
FROM   (VALUES
            (NULL::timestamptz, now(), 'Mon 9:00-10:00', 'UTC', 'since the unknown'),
            (now(), NULL, 'Mon 9:00-10:00', 'UTC', 'until the unknown'),
            (now(), now(), NULL, 'UTC',            'in unknown hours'),
            (now(), now(), 'Mon 9:00-10:00', NULL, 'in an unknown zone')
       ) AS t (start, finish, hours, zone, rule);

-- At the far ends.
SELECT is(business_time('4713-01-01 00:00 UTC BC', '294276-12-31 00:00 UTC', 'Wed 9:00-10:00',
                        'UTC'),
          interval '15600498:00',
          'the whole of time can be worked');
SELECT is(business_time('4713-01-01 00:00 UTC BC', '294276-12-31 00:00 UTC', 'Wed 9:00-10:00',
                        'Europe/Berlin'),
          interval '15600498:00',
          'the whole of time can be worked where the clocks keep changing');
SELECT is(business_time(winter, summer, 'Mon-Sun 2:00-3:00', 'Europe/Berlin'),
          (summer::date - winter::date - 1) * interval '1 hour',
          format('in the thousand years from %s, which end in summer, the clocks skip once more '
                 'than they repeat', year))
FROM   unnest('{2000, 2500, 99000}'::int[]) AS year,
       LATERAL (SELECT make_timestamptz(year, 1, 1, 0, 0, 0) AS winter,
                       make_timestamptz(year + 1000, 7, 1, 0, 0, 0) AS summer) AS s;
SELECT throws_ok('SELECT business_time(''4713-01-01 00:00 UTC BC'', ''294276-12-31 00:00 UTC'',
                                       ''Mon-Sun 0:00-24:00'', ''UTC'')',
                 '22003', NULL,
                 'the whole of time cannot be worked day and night');


-- The same minute by minute, around changes of the clocks: forward and back, over a midnight that
-- is skipped, and back over midnight.
CREATE TABLE place (zone text, day date);
INSERT INTO place VALUES
    ('UTC', '2025-01-01'), ('Europe/Berlin', '2025-03-30'), ('Europe/Berlin', '2025-10-26'),
    ('America/Sao_Paulo', '2017-10-15'),
    ('America/St_Johns', '2006-10-29'), ('Asia/Kathmandu', '1986-01-01'),
    ('Australia/Lord_Howe', '2025-04-06'), ('Pacific/Apia', '2011-12-30');
CREATE TABLE opening (hours text, day int, opens int, closes int);
INSERT INTO opening
SELECT hours, day, opens, closes
FROM   (VALUES
            ('Mon-Fri 09:00-18:00',                     1, 5, 540, 1080),
            ('Mon-Sun 0:00-24:00',                      1, 7, 0,   1440),
            ('Sat-Mon 22:30-24:00 0:00-0:10 2:00-2:45', 6, 8, 1350, 1440),
            ('Sat-Mon 22:30-24:00 0:00-0:10 2:00-2:45', 6, 8, 0,   10),
            ('Sat-Mon 22:30-24:00 0:00-0:10 2:00-2:45', 6, 8, 120, 165),
            ('Sun 0:30-3:00 23:05-23:30',               7, 7, 30,  180),
            ('Sun 0:30-3:00 23:05-23:30',               7, 7, 1385, 1410)
       ) AS t (hours, first, last, opens, closes),
       generate_series(first, last) AS n, LATERAL (SELECT 1 + (n - 1) % 7 AS day) AS d;

CREATE TABLE minute AS
SELECT place.day, zone, hours, at
FROM   place,
       generate_series(day::timestamptz - interval '5 days', day::timestamptz + interval '6 days',
                       '1 minute') AS at,
       LATERAL (SELECT at AT TIME ZONE zone AS local) AS l
JOIN   LATERAL (SELECT hours FROM opening
                WHERE  opening.day = extract(isodow FROM local)
                AND    extract(hour FROM local) * 60 + extract(minute FROM local)
                       BETWEEN opens AND closes - 1) AS o ON true;
CREATE INDEX ON minute (zone, day, hours, at);

CREATE TABLE stay AS
SELECT zone, day, hours, start, finish
FROM   place, (SELECT DISTINCT hours FROM opening) AS o, generate_series(1, 25) AS n,
       LATERAL (SELECT day::timestamptz + (random() - 0.5)
                       * interval '1 day' * CASE WHEN n % 2 = 0 THEN 10 ELSE 1 END AS start,
                       day::timestamptz + (random() - 0.4)
                       * interval '1 day' * CASE WHEN n % 3 = 0 THEN 10 ELSE 1 END AS finish
                WHERE  hours > '') AS r;

SELECT holds($$
    SELECT business_time(start, finish, hours, zone) = CASE WHEN finish < start THEN -time
                                                            ELSE time END AS holds,
           zone, hours, start, finish, time
    FROM   stay, LATERAL (SELECT least(start, finish) AS low, greatest(start, finish) AS high) AS o,
           LATERAL (SELECT coalesce(sum(least(at + interval '1 minute', high) - greatest(at, low)),
                                    '0') AS time
                    FROM   minute
                    WHERE  (minute.zone, minute.day, minute.hours)
                           = (stay.zone, stay.day, stay.hours)
                    AND    at > low - interval '1 minute' AND at < high) AS m
    ORDER  BY random() $$,
             'the time in working hours is that of the minutes whose clocks show them');
SELECT holds($$
    SELECT business_time(start, finish, 'Mon-Sun 0:00-24:00', zone) = finish - start AS holds, *
    FROM   stay $$,
             'who always works, works all the time');
SELECT holds($$
    SELECT business_time(start, finish, hours, zone)
           + business_time(finish, finish + interval '3 days', hours, zone)
           = business_time(start, finish + interval '3 days', hours, zone) AS holds, * FROM stay $$,
             'working time can be split anywhere');
SELECT holds($$
    SELECT extract(day FROM time) = 0 AND extract(month FROM time) = 0
        AND extract(year FROM time) = 0 AS holds, *
    FROM   stay, business_time(start, finish + interval '1000 days', hours, zone) AS time $$,
             'working time has hours, never days');


-- Holidays: how much of each day from Wednesday, 2025-12-24, to Tuesday they leave of five days
-- with 540 minutes.
SELECT is(array_agg(extract(epoch FROM business_time(day, day + interval '1 day',
                                                     'Mon-Fri 9:00-18:00', 'UTC', NULL, holidays))
                    / 60 ORDER BY day)::int[], minutes::int[], rule)
FROM   (VALUES
            (NULL,                      '{540, 540, 540, 0, 0, 540, 540}',
             'there may be no holidays'),
            ('',                        '{540, 540, 540, 0, 0, 540, 540}',
             'a blank list is no holidays'),
            ('2025-12-25',              '{540, 0, 540, 0, 0, 540, 540}',
             'there is no work on a holiday'),
            ('2025-12-24 10:00-13:00',  '{180, 540, 540, 0, 0, 540, 540}',
             'a holiday can have short hours'),
            ('2025-12-24 6:00-8:00',    '{120, 540, 540, 0, 0, 540, 540}',
             'hours of a holiday may be other ones'),
            ('2025-12-24 0:00-24:00',   '{1440, 540, 540, 0, 0, 540, 540}',
             'hours of a holiday may be more'),
            ('2025-12-27 10:00-12:00',  '{540, 540, 540, 120, 0, 540, 540}',
             'a holiday at a weekend can have hours'),
            ('2025-12-24 9:00-10:00 12:00-13:00 13:00-14:00', '{180, 540, 540, 0, 0, 540, 540}',
             'hours of a holiday can be several spans'),
            ('2025-12-26, 2025-12-24 10:00-13:00,2025-12-25', '{180, 0, 0, 0, 0, 540, 540}',
             'there can be several holidays, in any order'),
            (E' 2025-12-25\n, 2025-12-24\t10:00 - 13:00 ', '{180, 0, 540, 0, 0, 540, 540}',
             'white space around holidays does not matter'),
            ('2024-12-25, 2026-12-25 9:00-10:00', '{540, 540, 540, 0, 0, 540, 540}',
             'holidays of other years do not matter')
       ) AS t (holidays, minutes, rule),
       generate_series(timestamptz '2025-12-24', '2025-12-30', '1 day') AS day
GROUP  BY holidays, minutes, rule
ORDER  BY rule COLLATE "C";

SELECT throws_ok(format('SELECT business_time(now(), now(), ''Mon 9:00-10:00'', ''UTC'', NULL, %L)',
                        holidays), '22023', message, rule)
FROM   (VALUES
            ('Christmas',               'invalid holiday "Christmas"',  'a holiday is a date'),
            ('25.12.2025',              'invalid holiday "25.12.2025"',
             'the date of a holiday is from year to day'),
            ('2025-12',                 'invalid holiday "2025-12"',    'a holiday has a day'),
            ('2025-1-06',               'invalid holiday "2025-1-06"',
             'the month of a holiday has two digits'),
            ('2025-12-250',             'invalid holiday "2025-12-250"',
             'the day of a holiday has two digits'),
            ('2025-02-29',              'invalid holiday "2025-02-29"',
             'a holiday is a date of its year'),
            ('2025-13-01',              'invalid holiday "2025-13-01"',
             'a holiday is a date of any year'),
            ('0000-01-01',              'invalid holiday "0000-01-01"',
             'a holiday is not in a year 0'),
            ('2025-12-25,',             'invalid holiday ""',
             'another holiday follows a comma'),
            ('2025-12-25 2025-12-26',   'invalid holiday "2025-12-25 2025-12-26"',
             'holidays need a comma between them'),
            ('2025-12-25, 2025-12-26 closed, 2025-12-27', 'invalid holiday "2025-12-26 closed"',
             'a holiday that is closed has no hours'),
            ('2025-12-24 10-13',        'invalid holiday "2025-12-24 10-13"',
             'hours of a holiday have minutes'),
            ('2025-12-24 13:00-10:00',  'invalid holiday "2025-12-24 13:00-10:00"',
             'hours of a holiday end after they start'),
            ('2025-12-2410:00-13:00',   'invalid holiday "2025-12-2410:00-13:00"',
             'hours of a holiday are behind a blank'),
            ('2025-12-24 9:00-12:00 11:00-13:00',
             'invalid holiday "2025-12-24 9:00-12:00 11:00-13:00"',
             'hours of a holiday do not overlap'),
            ('2025-12-24 9:00-10:00, 2025-12-25, 2025-12-24 12:00-13:00',
             'holiday 2025-12-24 is there twice',
             'a holiday has all its hours in one place')
       ) AS t (holidays, message, rule);


-- What is closed does not count.
SELECT is(business_time('2025-03-07 16:00Z', '2025-03-10 10:00Z', 'Mon-Fri 9:00-18:00', 'UTC',
                        closed::tstzmultirange), time::interval, rule)
FROM   (VALUES
            (NULL,                                          '03:00',
             'no multirange is nothing on hold'),
            ('{}',                                          '03:00',
             'an empty multirange is nothing on hold'),
            ('{[2025-03-07 17:00Z, 2025-03-07 17:20Z)}',    '02:40', 'time on hold does not count'),
            ('{(2025-03-07 17:00Z, 2025-03-07 17:20Z]}',    '02:40',
             'time on hold does not count with its ends or without'),
            ('{[2025-03-07 17:30Z, 2025-03-10 09:15Z)}',    '02:15',
             'on hold is no more than what would have been worked'),
            ('{[2025-03-07 19:00Z, 2025-03-10 08:00Z)}',    '03:00',
             'on hold at the weekend is nothing'),
            ('{[2025-03-07 10:00Z, 2025-03-07 17:00Z)}',    '02:00',
             'what was on hold before the start is nothing'),
            ('{[2025-03-10 09:50Z, 2025-03-12 17:00Z)}',    '02:50',
             'what is on hold after the end is nothing'),
            ('{[2025-03-01, 2025-03-02), [2025-04-01,)}',   '03:00',
             'what is on hold long ago or to come is nothing'),
            ('{[2025-03-07 16:10Z, 2025-03-07 16:20Z), [2025-03-10 09:00Z, 2025-03-10 09:30Z)}',
             '02:20',
             'something can be on hold several times'),
            ('{[2025-03-07 17:00Z,)}',                      '01:00',
             'time can be on hold for ever'),
            ('{[2025-03-07 17:00Z, infinity]}',             '01:00',
             'time can be on hold until infinity'),
            ('{[-infinity, 2025-03-07 17:00Z)}',            '02:00',
             'time can be on hold from -infinity'),
            ('{(,)}',                                       '0',
             'time can always be on hold')) AS t (closed, time, rule);
SELECT is(business_time('2025-03-10 10:00Z', '2025-03-07 16:00Z', 'Mon-Fri 9:00-18:00', 'UTC',
                        '{[2025-03-07 17:00Z, 2025-03-07 17:20Z)}', '2025-03-10'),
          interval '-01:40', 'holidays and time on hold are left out the other way round as well');
SELECT is(business_time(start, finish, hours, zone, '{}', '2025-12-25'), NULL,
          'holidays and nothing on hold do not make the unknown known')
FROM   (VALUES
            (NULL::timestamptz, now(), 'Mon 9:00-10:00', 'UTC'),
            (now(), NULL, 'Mon 9:00-10:00', 'UTC'),
            (now(), now(), NULL, 'UTC'),
            (now(), now(), 'Mon 9:00-10:00', NULL)) AS t (start, finish, hours, zone);

-- As help desks count: five days, two of them holidays; the days before New Year with short hours;
-- and two hours of work on Friday and one on Monday, between which the customer is waited for.
SELECT is(business_time('2016-11-09 23:00+01', '2016-11-14 21:00+01', 'Mon-Sun 9:00-21:00',
                        'Europe/Berlin', holidays => '2016-11-11, 2016-11-13'), interval '36:00',
          'five days with twelve hours less two holidays are 36 hours');
CREATE TABLE holidays (held_on date, hours text);
INSERT INTO holidays VALUES
    ('2021-12-24', '10:00-13:00'), ('2021-12-25', NULL), ('2021-12-26', NULL),
    ('2021-12-27', '10:00-13:00'), ('2021-12-28', '10:00-13:00'), ('2021-12-29', '10:00-13:00'),
    ('2021-12-30', '10:00-13:00'), ('2021-12-31', '10:00-13:00');
SELECT is(business_time('2021-12-23 00:00+01', '2022-01-01 00:00+01',
                        'Mon-Fri 9:00-18:00, Sat 10:00-15:00', 'Europe/Berlin', NULL, holidays),
          interval '27:00', 'holidays can be those of a table, and have short hours')
FROM   (SELECT string_agg(concat_ws(' ', to_char(held_on, 'YYYY-MM-DD'), hours), ', ') AS holidays
        FROM   holidays) AS h;
SELECT is(business_time('2024-03-01 10:00Z', '2024-03-04 11:00Z', 'Mon-Fri 9:00-18:00', 'UTC',
                        tstzmultirange(tstzrange('2024-03-01 12:00Z', '2024-03-04 10:00Z'))),
          interval '03:00', 'the clock stops while the customer is waited for');

-- At the far ends.
SELECT is(business_time('4713-01-01 00:00 UTC BC', '294276-12-31 00:00 UTC', 'Wed 9:00-10:00',
                        'UTC', NULL, '0001-01-01 0:00-1:00, 9999-12-31 0:00-2:00, 2025-12-24'),
          interval '15600500:00', 'holidays are days of the years 1 to 9999');


-- The same minute by minute, with random holidays, one of them on the day of the change, and times
-- on hold.
CREATE TABLE shift (hours text, opens int, closes int);
INSERT INTO shift VALUES ('10:00-13:00', 600, 780), ('22:00-24:00 0:00-2:30', 1320, 1440),
                         ('22:00-24:00 0:00-2:30', 0, 150);
CREATE TABLE holiday AS
SELECT zone, day, day + n AS held_on,
       CASE any_of(0, 2) WHEN 1 THEN '10:00-13:00' WHEN 2 THEN '22:00-24:00 0:00-2:30' END AS hours
FROM   place, generate_series(-5, 5) AS n
WHERE  n = 0 OR random() < 0.4;
UPDATE holiday SET hours = '22:00-24:00 0:00-2:30' WHERE day = held_on;

CREATE TABLE open_day AS
SELECT place.zone, place.day, o.hours, date, w.opens, w.closes
FROM   place, generate_series(-6, 7) AS n, LATERAL (SELECT place.day + n AS date) AS d,
       (SELECT DISTINCT hours FROM opening) AS o
JOIN   opening AS w USING (hours)
WHERE  w.day = extract(isodow FROM date)
AND    (zone, place.day, date) NOT IN (SELECT zone, day, held_on FROM holiday)
UNION ALL
SELECT zone, day, o.hours, held_on, opens, closes
FROM   holiday JOIN shift USING (hours), (SELECT DISTINCT hours FROM opening) AS o;

CREATE TABLE left_minute AS
SELECT day, zone, hours, at
FROM   (SELECT zone, day, at, at AT TIME ZONE zone AS local
        FROM   place, generate_series(day::timestamptz - interval '5 days',
                                      day::timestamptz + interval '6 days', '1 minute') AS at) AS m
JOIN   open_day USING (zone, day)
WHERE  date = local::date
AND    extract(hour FROM local) * 60 + extract(minute FROM local) BETWEEN opens AND closes - 1;
CREATE INDEX ON left_minute (zone, day, hours, at);

ANALYZE left_minute;

CREATE TABLE visit AS
SELECT stay.*, closed, holidays
FROM   stay
JOIN   (SELECT zone, day,
               string_agg(concat_ws(' ', held_on, hours), ', ' ORDER BY random()) AS holidays
        FROM   holiday GROUP BY zone, day) AS h USING (zone, day),
       LATERAL (SELECT any_of(0, 4) AS times WHERE hours > '') AS n,
       LATERAL (SELECT range_agg(tstzrange(since, since + any_of(1, 2000) * interval '1 min'))
                       AS closed
                FROM   (SELECT date_trunc('minute', start) + any_of(-3000, 3000) * interval '1 min'
                               AS since
                        FROM   generate_series(1, times) OFFSET 0) AS r) AS c
WHERE  random() < 0.4;

SELECT holds($$
    SELECT business_time(start, finish, hours, zone, closed, holidays)
           = CASE WHEN finish < start THEN -time ELSE time END AS holds, *
    FROM   visit,
           LATERAL (SELECT least(start, finish) AS low, greatest(start, finish) AS high) AS o,
           LATERAL (SELECT coalesce(sum(least(at + interval '1 minute', high) - greatest(at, low)),
                                    '0') AS time
                    FROM   left_minute AS m
                    WHERE  (m.zone, m.day, m.hours) = (visit.zone, visit.day, visit.hours)
                    AND    at > low - interval '1 minute' AND at < high
                    AND    (closed @> at) IS NOT TRUE) AS t
    ORDER  BY random() $$, 'what is left is the time of the minutes that are not closed');
SELECT holds($$
    SELECT plain = business_time(start, finish, hours, zone, '{}', ' ')
           AND plain = business_time(start, finish, hours, zone, NULL, NULL)
           AND plain = business_time(start, finish, hours, zone,
                                     holidays => '1999-01-01 0:00-24:00, 2999-01-01') AS holds, *
    FROM   visit, business_time(start, finish, hours, zone) AS plain $$,
    'no holidays change nothing, nor do those of other times');
SELECT holds($$
    SELECT business_time(start, finish, hours, zone, ever, holidays) = '0'
           AND business_time(start, finish, hours, zone, holidays => days) = '0' AS holds, *
    FROM   visit, LATERAL (SELECT string_agg((day + n)::text, ',') AS days
                           FROM   generate_series(-20, 20) AS n) AS d,
           LATERAL (SELECT coalesce(closed, '{}') + '{(,)}' AS ever) AS e $$,
    'where all is closed nothing is left');
SELECT holds($$
    SELECT business_time(start, finish, hours, zone, closed, holidays)
           + business_time(finish, later, hours, zone, closed, holidays)
           = business_time(start, later, hours, zone, closed, holidays) AS holds, *
    FROM   visit, LATERAL (SELECT finish + interval '3 days' AS later) AS l $$,
    'time can still be split anywhere');
SELECT holds($$
    SELECT business_time(start, finish, hours, zone, '{}', holidays)
           - business_time(start, finish, hours, zone, hold, holidays)
           = CASE WHEN finish < start THEN -1 ELSE 1 END
             * business_time(low_within, greatest(high_within, low_within), hours, zone,
                             '{}', holidays) AS holds, *
    FROM   visit,
           LATERAL (SELECT start + (random() - 0.5) * interval '9 days' AS low,
                           random() * interval '3 days' AS length WHERE hours > '') AS l,
           LATERAL (SELECT low + length AS high) AS h,
           LATERAL (SELECT tstzmultirange(tstzrange(low, high)) AS hold) AS r,
           LATERAL (SELECT greatest(low, least(start, finish)) AS low_within,
                           least(high, greatest(start, finish)) AS high_within) AS w $$,
    'being on hold takes what would have been worked then');

-- Holidays from rows, and times that may be by the clock.
SELECT is(holiday_list(days::date[], hours), list, rule)
FROM   (VALUES
    ('{2025-12-25,2025-12-24}', '{NULL,10:00-13:00}'::text[], '2025-12-24 10:00-13:00, 2025-12-25',
     'days are written in their order, with their hours'),
    ('{2025-12-24,2025-12-24}', '{9:00-10:00,NULL}', '2025-12-24',
     'a day that is there twice is closed if one of them is'),
    ('{NULL,infinity,-infinity}', '{NULL,NULL,NULL}', NULL, 'what is no day is no holiday'),
    (NULL, NULL, NULL, 'no rows are no holidays')) AS t (days, hours, list, rule);
SELECT is(time_taken('2025-03-07 17:00Z', '2025-03-10 10:00Z', hours, 'UTC', closed::tstzmultirange,
                     '2025-03-07'), took::interval, rule)
FROM   (VALUES
    (NULL, NULL, '2 days 17:00', 'without hours it is by the clock, also on holidays'),
    (NULL, '{[2025-03-08 00:00Z,2025-03-10 00:00Z)}', '17:00', 'less what is on hold'),
    ('Mon-Fri 9:00-18:00', NULL, '1:00', 'with hours holidays do not count'),
    ('Mon-Fri 9:00-18:00', '{[2025-03-10 09:30Z,)}', '0:30', 'nor does what is on hold'))
    AS t (hours, closed, took, rule);

SELECT * FROM finish();
ROLLBACK;
