-- settings: what build() is told about a shop, a row for each of its arguments but the schema

CREATE TABLE settings (
    position integer PRIMARY KEY,
    name     text    NOT NULL UNIQUE,
    type     text    NOT NULL,
    usual    text,
    required boolean NOT NULL,
    choices  text[],
    meaning  text    NOT NULL,
    hint     text    NOT NULL
);
COMMENT ON TABLE settings IS
'the arguments of build(), but for the schema; columns of the view kpi_settings of a model';
COMMENT ON COLUMN settings.position IS 'order in which they are listed';
COMMENT ON COLUMN settings.name IS 'name of the argument';
COMMENT ON COLUMN settings.type IS 'its type';
COMMENT ON COLUMN settings.usual IS 'what it is if it is left out, as text; NULL if nothing';
COMMENT ON COLUMN settings.required IS 'whether it must not be NULL';
COMMENT ON COLUMN settings.choices IS 'what it can be, if that is a few things';
COMMENT ON COLUMN settings.meaning IS 'what it says';
COMMENT ON COLUMN settings.hint IS 'what to write';
GRANT SELECT ON settings TO PUBLIC;

INSERT INTO kpi.settings VALUES
    (1, 'timezone', 'text', NULL, true, NULL,
     'the time zone in which the days of the shop begin',
     'Write its full name, such as timezone => ''Europe/Berlin''; pg_timezone_names lists them.'),
    (2, 'currency', 'text', NULL, false, NULL,
     'the currency of all amounts',
     'Write its code: currency => ''EUR''.'),
    (3, 'dimensions', 'text[]', '{}', true, NULL,
     'columns of sources by whose values there are views, too; up to 30 if it is kept',
     'Write dimensions => ''{country,channel}'', or leave it out.'),
    (4, 'week_start', 'integer', '1', true, '{1,2,3,4,5,6,7}',
     'the day with which weeks start, from 1 (Monday) to 7 (Sunday)',
     'Write week_start => 7 for weeks from Sunday.'),
    (5, 'fiscal_year_start', 'integer', '1', true, '{1,2,3,4,5,6,7,8,9,10,11,12}',
     'the month with which years and quarters start',
     'Write fiscal_year_start => 4 for years from April.'),
    (6, 'storage', 'text', 'view', true, '{view,materialized,incremental}',
     'when figures are computed',
     'Write view, which computes when it is read, materialized, which computes all of it when '
     'refresh is called, or incremental, which then computes what has changed.'),
    (7, 'refunds_by', 'text', 'refund', true, '{refund,order}',
     'the day on which returns and refunds count',
     'Write refund, which books them on the day of the return, or order, which books them on the '
     'day of the order.'),
    (8, 'on_time_by', 'text', 'timestamp', true, '{timestamp,date}',
     'how punctuality is judged',
     'Write timestamp, or date if arriving at any time of the promised day is on time.'),
    (9, 'cart_idle', 'interval', '01:00:00', true, NULL,
     'for how long an abandoned cart has not been touched',
     'Write an interval such as ''1 hour''.'),
    (10, 'business_hours', 'text', NULL, false, NULL,
     'the working hours in which response times are measured; by the clock if NULL',
     'Write business_hours => ''Mon-Fri 9:00-18:00''.'),
    (11, 'funnel_within', 'interval', '1 day', false, NULL,
     'within what time of the first step the others of a funnel are counted; any if NULL',
     'Write an interval such as ''1 day''.'),
    (12, 'since', 'date', NULL, false, NULL,
     'the day around which the first period of each grain lies; that of the first row if NULL',
     'Leave it out for the first day there is.'),
    (13, 'as_of', 'timestamptz', NULL, false, NULL,
     'the instant the model is seen at; now if NULL',
     'Leave it out for now.'),
    (14, 'calendar', 'text', NULL, false, NULL,
     'the calendar of whole weeks in which months, quarters, half-years and years lie; that of '
     'everybody if NULL',
     'Write how many weeks the months of a quarter have and where the year starts or ends: '
     'calendar => ''4-5-4 from sunday nearest february'', or ''4-4-5 to saturday last in '
     'august''.'),
    (15, 'answers', 'text', 'all', true,
     '{all,last of day,last of week,last of month,last of quarter,last of half,last of year,'
     'last of all}',
     'which answers of surveys count: all, or of each respondent the last one in a period',
     'Write all, or last of month, for example, which needs the column surveys.respondent.'),
    (16, 'anonymity', 'integer', NULL, false, NULL,
     'of how many answers of employees, at least, figures are shown, once a period is over; of any '
     'number, and at any time, if NULL',
     'Write a number of answers: anonymity => 5.'),
    (17, 'funnel_step_within', 'interval[]', NULL, false, NULL,
     'within what time of each step of a funnel the next one is counted, the first for step 2; any '
     'where it is NULL or not said',
     'Write an interval for each but the last step: funnel_step_within => ''{1 hour,NULL,2 days}''.'
     );
