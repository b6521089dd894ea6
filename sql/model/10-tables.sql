-- catalog: what a model is made of, as rows of tables
--
-- The rows are written where they are read together: a source with its columns, the views and
-- indicators made of it and what can be wrong with it in sql/sources, what is of no one source in
-- sql/views. The views of a model take their columns and comments from here, the report of build()
-- what is missing, check() what it looks for, the documentation its tables.

CREATE TABLE sources (
    source      text    PRIMARY KEY,
    position    integer NOT NULL UNIQUE,
    rows        text    NOT NULL,
    key         text,
    key_repeats boolean NOT NULL,
    number      text,
    time        text,
    else_time   text,
    done        text[]  NOT NULL,
    past        text[]  NOT NULL,
    ages        text,
    belongs_to  text    REFERENCES kpi.sources (source),
    recorded_by text[]  NOT NULL,
    meaning     text    NOT NULL
);
COMMENT ON TABLE sources IS
'what a model reads: relations of these names in its schema, views over the shop''s tables for '
'example';
COMMENT ON COLUMN sources.source IS 'name of the relation';
COMMENT ON COLUMN sources.position IS 'order in which they are listed';
COMMENT ON COLUMN sources.rows IS 'what its rows are called';
COMMENT ON COLUMN sources.key IS 'the column a row is known by; NULL if by none';
COMMENT ON COLUMN sources.key_repeats IS 'whether several rows may have the same key';
COMMENT ON COLUMN sources.number IS
'the column by which rows that have no key are found again, if the source has it; NULL if there is '
'none';
COMMENT ON COLUMN sources.time IS
'the column with the time a row counts on; NULL if it counts on that of another source';
COMMENT ON COLUMN sources.else_time IS
'the column with the time on which a row counts that has none there; NULL if it counts nowhere '
'then';
COMMENT ON COLUMN sources.done IS
'columns with the time at which something was over, NULL if it is not';
COMMENT ON COLUMN sources.past IS 'columns with times that cannot lie in the future';
COMMENT ON COLUMN sources.ages IS
'the condition that a row x, seen as the settings s say, will change as time passes though nobody '
'writes it, apart from its times becoming past; NULL if none does';
COMMENT ON COLUMN sources.belongs_to IS
'the source whose dimensions its rows have as well, as they belong to a row of that';
COMMENT ON COLUMN sources.recorded_by IS
'the columns by which a row is known that snapshot() has recorded; none if it records no such rows';
COMMENT ON COLUMN sources.meaning IS 'what it tells';
GRANT SELECT ON sources TO PUBLIC;

CREATE TABLE kinds (
    kind text PRIMARY KEY,
    type text NOT NULL,
    hint text NOT NULL
);
COMMENT ON TABLE kinds IS 'the kinds of columns that sources have';
COMMENT ON COLUMN kinds.kind IS 'what it is called';
COMMENT ON COLUMN kinds.type IS
'the type that views have it in; of a key, if the source does not have it';
COMMENT ON COLUMN kinds.hint IS 'what to write where a column is of a type that is not accepted';
GRANT SELECT ON kinds TO PUBLIC;
INSERT INTO kpi.kinds VALUES
    ('key',     'bigint',                   '<column>::key'),
    ('instant', 'timestamp with time zone', '<column>::timestamp AT TIME ZONE ''UTC'''),
    ('date',    'date',                     'to_date(<column>, ''YYYY-MM-DD'')'),
    ('number',  'numeric',                  '<column>::numeric'),
    ('integer', 'integer',                  'round(<column>::numeric)::integer'),
    ('boolean', 'boolean',                  '<column>::boolean'),
    ('text',    'text',                     '<column>::text'),
    ('times',   'integer',                  '<column>::integer'),
    ('spans',   'tstzmultirange',           'tstzmultirange(tstzrange(<start>, <end>))');

CREATE TABLE kind_types (
    kind text NOT NULL REFERENCES kpi.kinds (kind),
    type text,
    read text NOT NULL,
    UNIQUE (kind, type)
);
COMMENT ON TABLE kind_types IS 'the types that a column of a kind may have, and how it is read';
COMMENT ON COLUMN kind_types.kind IS 'the kind';
COMMENT ON COLUMN kind_types.type IS 'the type; NULL for any other';
COMMENT ON COLUMN kind_types.read IS
'how it is read, %I being the column of the row r, in the zone of the settings s';
GRANT SELECT ON kind_types TO PUBLIC;
INSERT INTO kpi.kind_types VALUES
    ('key',     'smallint',                    'r.%I::bigint'),
    ('key',     'integer',                     'r.%I::bigint'),
    ('key',     'bigint',                      'r.%I::bigint'),
    ('key',     'uuid',                        'r.%I::uuid'),
    ('key',     'citext',                      'lower(r.%I::text)'),    -- as its = does
    ('key',     'numeric',                     'trim_scale(r.%I::numeric)::text'),
    ('key',     NULL,                          'r.%I::text'),
    ('instant', 'timestamp with time zone',    'r.%I::timestamptz'),
    ('instant', 'date',                        'r.%I::timestamp AT TIME ZONE s.timezone'),
    ('date',    'date',                        'r.%I::date'),
    ('date',    'timestamp with time zone',    'kpi.bucket(''day'', r.%I, s.timezone)'),
    ('date',    'timestamp without time zone', 'r.%I::date'),
    ('number',  'smallint',                    'r.%I::numeric'),
    ('number',  'integer',                     'r.%I::numeric'),
    ('number',  'bigint',                      'r.%I::numeric'),
    ('number',  'numeric',                     'r.%I::numeric'),
    ('number',  'real',                        'r.%I::numeric'),
    ('number',  'double precision',            'r.%I::numeric'),
    ('integer', 'smallint',                    'r.%I::integer'),
    ('integer', 'integer',                     'r.%I::integer'),
    ('integer', 'bigint',                      'r.%I::integer'),
    ('boolean', 'boolean',                     'r.%I::boolean'),
    ('text',    'citext',                      'lower(r.%I::text)'),
    ('text',    NULL,                          'r.%I::text'),
    ('times',   'smallint',                    'r.%I::integer'),
    ('times',   'integer',                     'r.%I::integer'),
    ('times',   'bigint',                      'r.%I::integer'),
    ('times',   'boolean',                     'r.%I::integer'),
    ('spans',   'tstzmultirange',              'r.%I::tstzmultirange'),
    ('spans',   'tstzrange',                   'tstzmultirange(r.%I::tstzrange)');

CREATE TABLE source_columns (
    source   text    NOT NULL REFERENCES kpi.sources (source),
    position integer NOT NULL,
    name     text    NOT NULL,
    kind     text    NOT NULL REFERENCES kpi.kinds (kind),
    required boolean NOT NULL,
    meaning  text    NOT NULL,
    PRIMARY KEY (source, name)
);
COMMENT ON TABLE source_columns IS
'the columns that build() looks for in the source relations of a model; a row each';
COMMENT ON COLUMN source_columns.source IS 'name of the relation in the schema of the model';
COMMENT ON COLUMN source_columns.position IS 'order in which columns are listed';
COMMENT ON COLUMN source_columns.name IS 'name of the column';
COMMENT ON COLUMN source_columns.kind IS
'key (any type), instant (timestamp with time zone, or a date), date, number, integer, boolean, '
'text, times (integer, or a boolean for once) or spans (tstzmultirange, or a tstzrange)';
COMMENT ON COLUMN source_columns.required IS 'whether the source is of no use without it';
COMMENT ON COLUMN source_columns.meaning IS
'what the column holds, and what its absence or NULL means';
GRANT SELECT ON source_columns TO PUBLIC;

CREATE TABLE view_definitions (
    position integer PRIMARY KEY,
    name     text    NOT NULL UNIQUE,
    sources  text[]  NOT NULL,
    always   boolean NOT NULL,
    goals    boolean NOT NULL,
    key      text[],
    per      text,
    over     text,
    onward   boolean NOT NULL,
    meaning  text    NOT NULL,
    query    text    NOT NULL
);
COMMENT ON TABLE view_definitions IS
'the views that build() makes from sources, in the order in which they are made';
COMMENT ON COLUMN view_definitions.position IS 'order in which they are made';
COMMENT ON COLUMN view_definitions.name IS 'name in the schema of the model';
COMMENT ON COLUMN view_definitions.sources IS
'the sources without which it is left out; it has the dimensions of the first';
COMMENT ON COLUMN view_definitions.always IS
'whether it is made even without the source, if what its rows belong to is there; it is empty then';
COMMENT ON COLUMN view_definitions.goals IS
'whether it reads the tables that goals() makes, and is made only where they are';
COMMENT ON COLUMN view_definitions.key IS
'columns in which no two rows are equal, dimensions for those of the dimensions; NULL if it is a '
'plain view even where storage is materialized';
COMMENT ON COLUMN view_definitions.per IS
'the column of its sources that names those over whom it adds up, so that what changed of some of '
'them is taken out and put in again; NULL if it is computed day by day';
COMMENT ON COLUMN view_definitions.over IS
'the column of its source whose largest value all its rows depend on; NULL if on none';
COMMENT ON COLUMN view_definitions.onward IS
'whether what happened on a day changes all days from then on';
COMMENT ON COLUMN view_definitions.meaning IS 'what the view holds; becomes its comment';
COMMENT ON COLUMN view_definitions.query IS
'its query; @source@ stands for a source relation, @dimensions@ for the columns of the '
'dimensions, @joined dimensions@ for them where they may come from the order o, @same dimensions '
'c@ for their being equal in x and c, @count of rows@, @sum of rows@ and @one row@ for the number '
'of rows behind one where it is kept, @all source@ for a source of which no row may be left out, '
'@grain@ and @grain name@ for each grain by which it is kept who was there, by a query of its own';
GRANT SELECT ON view_definitions TO PUBLIC;

CREATE TABLE view_columns (
    view    text NOT NULL REFERENCES kpi.view_definitions (name),
    name    text NOT NULL,
    pools   text CHECK (pools IN ('last', 'distinct', 'people', 'anonymous')),
    meaning text NOT NULL,
    PRIMARY KEY (view, name)
);
COMMENT ON TABLE view_columns IS 'the columns of views of which their query does not say all';
COMMENT ON COLUMN view_columns.view IS 'name of the view';
COMMENT ON COLUMN view_columns.name IS 'name of the column';
COMMENT ON COLUMN view_columns.pools IS
'how it is pooled over days: last, the sum of the last day of the period; distinct, how many '
'different ones there are; people, by the function customers(), under its name in formulas; '
'anonymous, as its type is, but not shown of fewer than build was told; NULL if as its type is: '
'value types with rollup(), numbers as a sum';
COMMENT ON COLUMN view_columns.meaning IS 'what it holds; becomes its comment';
GRANT SELECT ON view_columns TO PUBLIC;

CREATE TABLE indicators (
    position   integer PRIMARY KEY,
    indicator  text    NOT NULL UNIQUE,
    name       text    NOT NULL,
    name_zh    text    NOT NULL,
    category   text    NOT NULL CHECK (category IN ('sales', 'conversion', 'customers',
                                                    'satisfaction', 'operations', 'team')),
    unit       text    NOT NULL CHECK (unit IN ('money', 'count', 'quantity', 'share', 'points',
                                                'score', 'growth', 'turns', 'days', 'hours')),
    direction  text    CHECK (direction IN ('up', 'down')),
    definition text    NOT NULL,
    main       boolean NOT NULL
);
COMMENT ON TABLE indicators IS 'the indicators of a model; see catalog';
COMMENT ON COLUMN indicators.position IS 'order in which they are listed';
COMMENT ON COLUMN indicators.indicator IS 'name of its column in the views of a model';
COMMENT ON COLUMN indicators.name IS 'English name';
COMMENT ON COLUMN indicators.name_zh IS 'Chinese name';
COMMENT ON COLUMN indicators.category IS 'group of indicators it belongs to';
COMMENT ON COLUMN indicators.unit IS
'money (of the model''s currency), count, quantity, share (0 to 1), points (-100 to 100), score '
'(1 to 5), growth (0.1 is ten percent more), turns (how many times), days or hours';
COMMENT ON COLUMN indicators.direction IS
'up if more is better, down if less is; NULL if that depends';
COMMENT ON COLUMN indicators.definition IS 'what it is, in a sentence';
COMMENT ON COLUMN indicators.main IS 'whether a report is of it where a model has no targets';
GRANT SELECT ON indicators TO PUBLIC;

-- A growth compares a complete period with the whole of the earlier one, and the running one, as
-- far as its days are over, with as many days of that.
CREATE TABLE formulas (
    indicator     text    NOT NULL REFERENCES kpi.indicators (indicator),
    priority      integer NOT NULL,
    needs         text[]  NOT NULL,
    value         text,
    sample        text,
    grows         text    REFERENCES kpi.indicators (indicator),
    against       text    CHECK (against IN ('previous', 'last_year')),
    marked_value  text,
    marked_sample text,
    kind          text    NOT NULL CHECK (kind IN ('sum', 'mean', 'growth', 'whole')),
    PRIMARY KEY (indicator, priority),
    CHECK (num_nulls(value, grows) = 1 AND num_nulls(value, marked_value) <> 1
           AND num_nulls(sample, marked_sample) <> 1 AND num_nulls(grows, against) <> 1)
);
COMMENT ON TABLE formulas IS 'how indicators are computed: of each, the first whose needs are met';
COMMENT ON COLUMN formulas.indicator IS 'the indicator';
COMMENT ON COLUMN formulas.priority IS 'which is tried first';
COMMENT ON COLUMN formulas.needs IS
'columns it needs, source.column each, or alternatives with | between; or a setting, name=value; '
'or by=dimension, if it is for the views by a dimension';
COMMENT ON COLUMN formulas.value IS
'the number, from the columns of the views kpi_daily_* pooled over the period; NULL if it is a '
'growth';
COMMENT ON COLUMN formulas.sample IS 'the value type that holds its sample, if one does';
COMMENT ON COLUMN formulas.grows IS 'the indicator whose growth it is';
COMMENT ON COLUMN formulas.against IS
'the earlier period it is compared with: previous, or last_year for the same one last year';
COMMENT ON COLUMN formulas.marked_value IS
'the value with @ around each column it reads, and the schema before each function of the '
'extension';
COMMENT ON COLUMN formulas.marked_sample IS 'the sample in the same way';
COMMENT ON COLUMN formulas.kind IS
'sum, of what it is at the members; mean, a quotient of such sums; growth; or whole, what is told '
'of all together only, as percentiles and stock are';
GRANT SELECT ON formulas TO PUBLIC;

CREATE TABLE formula_reads (
    indicator text    NOT NULL,
    priority  integer NOT NULL,
    alias     text    NOT NULL,
    "column"  text    NOT NULL,
    view      text    NOT NULL REFERENCES kpi.view_definitions (name),
    shift     text    CHECK (shift IN ('previous', 'last_year')),
    UNIQUE (indicator, priority, alias, "column", shift),
    FOREIGN KEY (indicator, priority) REFERENCES kpi.formulas (indicator, priority)
);
COMMENT ON TABLE formula_reads IS
'what formulas read, found when the extension is made: alias_shift.column is between @ in the '
'formula';
COMMENT ON COLUMN formula_reads.indicator IS 'the indicator';
COMMENT ON COLUMN formula_reads.priority IS 'which of its formulas';
COMMENT ON COLUMN formula_reads.alias IS 'the name of the view in the formula';
COMMENT ON COLUMN formula_reads.column IS 'the column it reads';
COMMENT ON COLUMN formula_reads.view IS 'the view that is meant';
COMMENT ON COLUMN formula_reads.shift IS
'previous if it is read of the period before, last_year if of the same one last year; NULL if of '
'the period itself';
GRANT SELECT ON formula_reads TO PUBLIC;

CREATE TABLE traps (
    position  integer NOT NULL UNIQUE,
    trap      text    NOT NULL,
    source    text    NOT NULL,
    kind      text    NOT NULL CHECK (kind IN ('fails', 'wrong', 'doubtful', 'note')),
    counted   text    NOT NULL,
    needs     text[]  NOT NULL,
    indicator text    REFERENCES kpi.indicators (indicator),
    finding   text    NOT NULL,
    advice    text    NOT NULL,
    query     text,
    PRIMARY KEY (trap, source)
);
COMMENT ON TABLE traps IS 'what check() looks for in the sources of a model';
COMMENT ON COLUMN traps.position IS 'order in which they are listed';
COMMENT ON COLUMN traps.trap IS 'what it is called';
COMMENT ON COLUMN traps.source IS
'the source it is looked for in; * for the names and types of all';
COMMENT ON COLUMN traps.kind IS
'fails: views end with an error; wrong: an indicator is not right; doubtful: perhaps it is not; '
'note: it is right, but of less than it seems';
COMMENT ON COLUMN traps.counted IS 'what is counted';
COMMENT ON COLUMN traps.needs IS
'columns without which it cannot be looked for, source.column each, or alternatives with | between';
COMMENT ON COLUMN traps.indicator IS 'the indicator it moves; NULL if several or none';
COMMENT ON COLUMN traps.finding IS 'what is found';
COMMENT ON COLUMN traps.advice IS 'what to do about it';
COMMENT ON COLUMN traps.query IS
'shows such rows, where one query can, those included that no indicator counts; @schema@, '
'@as_of@ and @currency@ stand for those of the model';
GRANT SELECT ON traps TO PUBLIC;

CREATE TABLE check_definitions (
    position integer PRIMARY KEY,
    source   text    NOT NULL UNIQUE,
    meaning  text    NOT NULL,
    query    text    NOT NULL
);
COMMENT ON TABLE check_definitions IS
'the queries of check(), one per source, and known_orders and known_changes, which some join';
COMMENT ON COLUMN check_definitions.position IS 'order in which they are run';
COMMENT ON COLUMN check_definitions.source IS 'the source whose traps it counts';
COMMENT ON COLUMN check_definitions.meaning IS 'what it reads';
COMMENT ON COLUMN check_definitions.query IS
'the query, with the marks of view_definitions, @known_orders@ and @known_changes@: a row per '
'trap, by its name, with what check() returns of it';
GRANT SELECT ON check_definitions TO PUBLIC;

--@ rooms

CREATE VIEW catalog AS
SELECT i.indicator, i.name, i.name_zh, i.category, i.unit, i.direction, i.definition,
       f.formula,
       ARRAY(SELECT split_part(c, '.', 1)
             FROM   kpi.formulas AS o
                    CROSS JOIN unnest(o.needs) AS n (need)
                    CROSS JOIN string_to_table(n.need, '|') AS c
             WHERE  o.indicator = i.indicator AND c LIKE '%.%'
             UNION  -- what is read where it is there, and not needed
             SELECT s.source
             FROM   kpi.formula_reads AS r
                    JOIN kpi.view_definitions AS v ON v.name = r.view
                    CROSS JOIN unnest(v.sources) AS s (source)
             WHERE  r.indicator = i.indicator
             ORDER  BY 1) AS sources,
       f.needs,
       format('kpi_day, kpi_week, kpi_month, kpi_quarter, kpi_half, kpi_year, kpi_all and their '
              '_by_ views: %1$s; kpi_values: kpi = %1$L', i.indicator) AS shown_in
FROM   kpi.indicators AS i
       JOIN (SELECT indicator,
                    string_agg(coalesce(value, format('growth of %s against %s', grows, against)),
                               ' or ' ORDER BY priority) AS formula,
                    string_agg(array_to_string(needs, ', '), ' or ' ORDER BY priority) AS needs
             FROM   kpi.formulas GROUP BY indicator) AS f USING (indicator)
ORDER  BY i.position;
COMMENT ON VIEW catalog IS 'every indicator a model can have, one row each';
COMMENT ON COLUMN catalog.indicator IS 'name of its column in the views of a model';
COMMENT ON COLUMN catalog.name IS 'English name';
COMMENT ON COLUMN catalog.name_zh IS 'Chinese name';
COMMENT ON COLUMN catalog.category IS
'sales, conversion, customers, satisfaction, operations or team';
COMMENT ON COLUMN catalog.unit IS
'money (of the model''s currency), count, quantity, share (0 to 1), points (-100 to 100), score '
'(1 to 5), growth (0.1 is ten percent more), turns (how many times), days or hours';
COMMENT ON COLUMN catalog.direction IS
'up if more is better, down if less is; NULL if that depends';
COMMENT ON COLUMN catalog.definition IS 'what it is, in a sentence';
COMMENT ON COLUMN catalog.formula IS
'how it is computed from the columns of the views kpi_daily_* pooled over the period';
COMMENT ON COLUMN catalog.sources IS 'the source relations it reads';
COMMENT ON COLUMN catalog.needs IS
'the columns it needs, source.column each; one of those with | between; either list where it '
'says or; refunds_by=order is a setting, by=dimension means the views by a dimension';
COMMENT ON COLUMN catalog.shown_in IS 'the views and columns that show it';
GRANT SELECT ON catalog TO PUBLIC;
