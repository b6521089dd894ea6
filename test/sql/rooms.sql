\set ECHO none
\i test/setup.psql
SELECT plan(25);

-- A room is a file with all that belongs to a source. expand.awk makes rows of it when the
-- extension is built, and says in which file and line something is wrong.

\! mkdir -p results/rooms && echo '--@ rooms' >results/rooms/part.sql
\setenv ROOM gifts.sql
\set awk 'cd results/rooms; awk -v usual_traps_file=../../sql/model/usual-traps.sql'
\set awk :awk ' -v rooms=$ROOM -f ../../sql/expand.awk part.sql'
\setenv EXPAND :awk
\set source '--@ source gifts\\n-- what was given\\nposition 1\\nrows gifts\\nkey gift_id\\n'
\set source :source 'time given_at\\n--@ columns\\ngift_id key, required  its number\\n'
\set source :source 'given_at instant  when\\nworth number  its value\\n'
\setenv SOURCE :source

\set body '--@ source gift\\nposition 1\\n'
\setenv BODY :body
\set said `printf -- "$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:1: source "gift" is in a file of another name',
          'a file has the name of its source');
\set body '--@ source gifts\\nrows gifts\\n'
\setenv BODY :body
\set said `printf -- "$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text, 'gifts.sql: the source has no position', 'a source has a position');
\set body '--@ source gifts\\nposition 1\\nrow gifts\\n'
\setenv BODY :body
\set said `printf -- "$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:1: source gifts has an unknown field "row"',
          'a misspelt field is found');
\set body 'price numeric  what it cost\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:7: column price is of no kind: numeric',
          'a column is of a kind');
\set body 'price number\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:7: column price needs a kind and a meaning',
          'and means something');
\set body '--@ indicater gifts\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: unknown kind of section "indicater"',
          'a misspelt section is found');
\set body '--@ indicator gifts | sales | count\\nname Gifts\\nvalue 1\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: an indicator needs a category, a unit, and a name in English / Chinese',
          'an indicator has two names');
\set body '--@ indicator gifts | sale | count\\nname Gifts / G\\nvalue 1\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text, 'gifts.sql:11: there is no category "sale"', 'a category');
\set body '--@ indicator gifts | sales | count | after orders\\n'
\set body :body 'name Gifts / G\\nvalue 1\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: there is no indicator orders in category sales for gifts to be after',
          'and a place');
\set body '--@ indicator gifts | sales | count\\n'
\set body :body 'name Gifts / G\\nvalue total(gift.worth)\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: a formula reads gift.worth, and there is no view of that name',
          'a formula reads views that there are');
\set body '--@ indicator more_gifts | sales | growth\\n'
\set body :body 'name More / G\\ngrowth gifts, previous\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: a growth is of an indicator against previous or last_year, not '
          '"gifts, previous"',
          'growth is against something');
\set body '--@ trap no_gift | bad\\nadvice none\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: a trap fails, is wrong, doubtful or a note, not "bad"',
          'a trap is of a kind');
\set body '--@ check\\nSELECT @usual traps of g@\\n'
\setenv BODY :body
\set said `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text,
          'gifts.sql:11: the rows of usual traps need the columns trap, rows and of_rows',
          'rows of usual traps have columns');
\set said `rm results/rooms/$ROOM; eval "$EXPAND" 2>&1 >/dev/null`
SELECT is(:'said'::text, 'gifts.sql: cannot be read', 'a file that is not there is missed');
\! echo '--@ nothing | a=b' >results/rooms/other.sql
\set said `awk -f sql/expand.awk results/rooms/other.sql 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/other.sql:1: no template results/rooms/nothing.sql.in',
          'so is a template');

-- A room without faults is rows.
\set body '--@ view kpi_daily_gifts | key day\\n-- Gifts.\\nSELECT 1\\n\\n'
\set body :body '--@ column worth | last\\n-- the worth\\n\\n'
\set body :body '--@ indicator gift_share | sales | share\\n-- Their\\n-- share.\\n'
\set body :body 'name Share / G\\n'
\set body :body 'needs gifts.worth|gifts.gift_id, gifts.given_at\\n'
\set body :body 'value coalesce(total(gifts.worth) - total(gifts_previous.worth),\\n'
\set body :body '      0) / 2.5::numeric\\nsample gifts.worth\\n\\n'
\set body :body '--@ trap small | note | moves gift_share\\n-- it''s small\\nadvice more\\n'
\set body :body 'needs gifts.worth\\n\\n--@ check\\n-- Gifts.\\n'
\set body :body 'SELECT t.* FROM (SELECT @usual counts@'
\set body :body ' FROM (SELECT x.*, @usual flags@, @broken@ AS broken, false AS extra '
\set body :body 'FROM @gifts@ AS x) AS x) AS g CROSS JOIN (VALUES @usual traps of g@,\\n'
\set body :body '(''missing_time'', 1, 2, 3)'
\set body :body ') AS t (trap, rows, of_rows, money)\\n'
\setenv BODY :body
\set rows `printf -- "$SOURCE$BODY" >results/rooms/$ROOM; eval "$EXPAND"`
CREATE TABLE made AS
SELECT r[1] AS relation, regexp_replace(r[2], '\s+', ' ', 'g') AS columns
FROM   regexp_matches(:'rows'::text, 'INSERT INTO (\w+) VALUES '
                      '\(((?:[^;]|;(?!\n))*)\);(?:\n|$)', 'g') AS r;
SELECT is(columns, $$'gifts', 1, 'gifts', 'gift_id', false, NULL, 'given_at', NULL, '{}', $$
          || $$'{given_at}', NULL, NULL, '{}', 'what was given'$$,
          'a source is a row with its facts')
FROM   made WHERE relation = 'sources';
SELECT is(min(columns), $$'gifts', 1, 'gift_id', 'key', true, 'its number'$$, 'so is a column')
FROM   made WHERE relation = 'source_columns';
SELECT is(columns, $$'kpi_daily_gifts', 'worth', 'last', 'the worth'$$, 'and one of a view')
FROM   made WHERE relation = 'view_columns';
SELECT is(columns,
          $$1, 'gift_share', 'Share', 'G', 'sales', 'share', NULL, 'Their share.', false$$,
          'an indicator has a place, two names and a definition')
FROM   made WHERE relation = 'indicators';
SELECT is(columns, $$'gift_share', 1, '{gifts.worth|gifts.gift_id,gifts.given_at}', $$
          || $$'coalesce(total(gifts.worth) - total(gifts_previous.worth), 0) / $$
          || $$2.5::numeric', $$
          || $$'gifts.worth', NULL, NULL, 'coalesce(kpi.total(@gifts.worth@) - $$
          || $$kpi.total(@gifts_previous.worth@), 0) / 2.5::numeric', '@gifts.worth@', 'mean'$$,
          'what a formula reads is marked in it, and functions have their schema')
FROM   made WHERE relation = 'formulas';
SELECT is(array_agg(columns ORDER BY columns),
          ARRAY[$$'gift_share', 1, 'gifts', 'worth', 'kpi_daily_gifts', 'previous'$$,
                $$'gift_share', 1, 'gifts', 'worth', 'kpi_daily_gifts', NULL$$],
          'and noted once each')
FROM   made WHERE relation = 'formula_reads';
SELECT is(columns, $$111, 'small', 'gifts', 'note', 'gifts', '{gifts.worth}', 'gift_share', $$
          || $$'it''s small', 'more', NULL$$, 'a trap is a row')
FROM   made WHERE relation = 'traps' AND columns LIKE '111,%';
SELECT is(array_agg(split_part(columns, '''', 2) ORDER BY columns),
          '{missing_time,infinite_time,future_rows,missing_key,duplicates,broken_number,'
          'ancient_time,data_ended}',
          'those of any source are, too, if it has what they are about')
FROM   made WHERE relation = 'traps' AND columns LIKE '10%';
SELECT matches(columns, 'gift_id is NULL: nothing can be joined to such gifts',
               'with the facts of the source in their texts')
FROM   made WHERE relation = 'traps' AND columns LIKE '104,%';
SELECT matches(columns, 'VALUES \(''infinite_time'', g\.infinite_time, g\.n, NULL\), .*'
                        '\(''missing_time'', 1, 2, 3\)\) AS t',
               'and are counted by the check, but for those it gives itself')
FROM   made WHERE relation = 'check_definitions';

SELECT * FROM finish();
ROLLBACK;
