\set ECHO none
\i test/setup.psql
SELECT plan(25);

-- A room is a file with all that belongs to a source. expand.awk makes rows of it when the extension
-- is built, and says in which file and line something is wrong.

\! mkdir -p results/rooms && echo '--@ rooms' >results/rooms/part.sql
\setenv ROOM results/rooms/gifts.sql
\setenv EXPAND 'awk -v usual_traps_file=sql/model/usual-traps.sql -v rooms=results/rooms/gifts.sql -f sql/expand.awk results/rooms/part.sql'
\setenv SOURCE '--@ source gifts\n-- what was given\nposition 1\nrows gifts\nkey gift_id\ntime given_at\n--@ columns\ngift_id key, required  its number\ngiven_at instant       when\nworth number           its value\n'

\set said `printf -- '--@ source gift\nposition 1\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:1: source "gift" is in a file of another name', 'a file has the name of its source');
\set said `printf -- '--@ source gifts\nrows gifts\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql: the source has no position', 'a source has a position');
\set said `printf -- '--@ source gifts\nposition 1\nrow gifts\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:1: source gifts has an unknown field "row"', 'a misspelt field is found');
\set said `printf -- "$SOURCE"'price numeric  what it cost\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:7: column price is of no kind: numeric', 'a column is of a kind');
\set said `printf -- "$SOURCE"'price number\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:7: column price needs a kind and a meaning', 'and means something');
\set said `printf -- "$SOURCE"'--@ indicater gifts\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: unknown kind of section "indicater"', 'a misspelt section is found');
\set said `printf -- "$SOURCE"'--@ indicator gifts | sales | count\nname Gifts\nvalue 1\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: an indicator needs a category, a unit, and a name in English / Chinese', 'an indicator has two names');
\set said `printf -- "$SOURCE"'--@ indicator gifts | sale | count\nname Gifts / G\nvalue 1\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: there is no category "sale"', 'a category');
\set said `printf -- "$SOURCE"'--@ indicator gifts | sales | count | after orders\nname Gifts / G\nneeds gifts.gift_id\nvalue 1\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: there is no indicator orders in category sales for gifts to be after', 'and a place');
\set said `printf -- "$SOURCE"'--@ indicator gifts | sales | count\nname Gifts / G\nneeds gifts.gift_id\nvalue total(gift.worth)\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: a formula reads gift.worth, and there is no view of that name', 'a formula reads views that there are');
\set said `printf -- "$SOURCE"'--@ indicator more_gifts | sales | growth\nname Gifts / G\ngrowth gifts, previous\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: a growth is of an indicator against previous or last_year, not "gifts, previous"', 'growth is against something');
\set said `printf -- "$SOURCE"'--@ trap no_gift | bad\nadvice none\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: a trap fails, is wrong, doubtful or a note, not "bad"', 'a trap is of a kind');
\set said `printf -- "$SOURCE"'--@ check\nSELECT @usual traps of g@\n' >$ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql:11: the rows of usual traps need the columns trap, rows and of_rows', 'rows of usual traps have columns');
\set said `rm $ROOM; $EXPAND 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/gifts.sql: cannot be read', 'a file that is not there is missed');
\set said `echo '--@ nothing | a=b' >results/rooms/other.sql; awk -f sql/expand.awk results/rooms/other.sql 2>&1 >/dev/null`
SELECT is(:'said'::text, 'results/rooms/other.sql:1: no template results/rooms/nothing.sql.in', 'so is a template');

-- A room without faults is rows.
\! printf -- "$SOURCE"'--@ view kpi_daily_gifts | key day\n-- Gifts.\nSELECT 1\n\n--@ column worth | last\n-- the worth\n\n--@ indicator gift_share | sales | share\n-- Their\n-- share.\nname Share / G\nneeds gifts.worth|gifts.gift_id, gifts.given_at\nvalue coalesce(total(gifts.worth) - total(gifts_previous.worth),\n 0) / 2.5::numeric\nsample gifts.worth\n\n--@ trap small | note | moves gift_share\n-- it'"'"'s small\nneeds gifts.worth\nadvice more\n\n--@ check\n-- Gifts.\nSELECT t.* FROM (SELECT @usual counts@ FROM (SELECT x.*, @usual flags@, @broken@ AS broken, false AS extra FROM s, @gifts@ AS x) AS x) AS g,\nLATERAL (VALUES @usual traps of g@, ('"'missing_time'"', 1, 2, 3)) AS t (trap, rows, of_rows, money)\n' >$ROOM
\set rows `$EXPAND`
SELECT matches(:'rows'::text, 'INSERT INTO sources VALUES \(''gifts'', 1, ''gifts'', ''gift_id'', false, ''given_at'', ''\{\}'', ''\{given_at\}'', NULL, ''\{\}'', ''what was given''\);', 'a source is a row with its facts');
SELECT matches(:'rows'::text, 'INSERT INTO source_columns VALUES \(''gifts'', 1, ''gift_id'', ''key'', true, ''its number''\);', 'so is a column');
SELECT matches(:'rows'::text, 'INSERT INTO view_columns VALUES \(''kpi_daily_gifts'', ''worth'', ''last'', ''the worth''\);', 'and one of a view');
SELECT matches(:'rows'::text, 'INSERT INTO indicators VALUES \(1, ''gift_share'', ''Share'', ''G'', ''sales'', ''share'', NULL, ''Their share.''\);', 'an indicator has a place, two names and a definition');
SELECT matches(:'rows'::text, 'INSERT INTO formulas VALUES \(''gift_share'', 1, ''\{gifts\.worth\|gifts\.gift_id,gifts\.given_at\}'', '
                        '''coalesce\(total\(gifts\.worth\) - total\(gifts_previous\.worth\), 0\) / 2\.5::numeric'', ''gifts\.worth'', NULL, NULL, '
                        '''coalesce\(kpi\.total\(@gifts\.worth@\) - kpi\.total\(@gifts_previous\.worth@\), 0\) / 2\.5::numeric'', ''@gifts\.worth@''\);',
               'what a formula reads is marked in it, and functions have their schema');
SELECT is(array_agg(r[1] ORDER BY r[1]), '{"gifts'', ''worth'', ''kpi_daily_gifts'', ''previous","gifts'', ''worth'', ''kpi_daily_gifts'', NULL"}'::text[], 'and noted once each')
FROM   regexp_matches(:'rows'::text, 'INSERT INTO formula_reads VALUES \(''gift_share'', 1, ''(.*?)''?\);', 'g') AS r;
SELECT matches(:'rows'::text, 'INSERT INTO traps VALUES \(111, ''small'', ''gifts'', ''note'', ''gifts'', ''\{gifts\.worth\}'', ''gift_share'', ''it''''s small'', ''more'', NULL\);', 'a trap is a row');
SELECT is(array_agg(r[1]), '{missing_time,infinite_time,future_rows,missing_key,duplicates,broken_number,ancient_time}'::text[], 'those of any source are, too, if it has what they are about')
FROM   regexp_matches(:'rows'::text, 'INSERT INTO traps VALUES \(10\d, ''(\w+)'', ''gifts''', 'g') AS r;
SELECT matches(:'rows'::text, '''gift_id is NULL: nothing can be joined to such gifts''', 'with the facts of the source in their texts');
SELECT matches(regexp_replace(:'rows', '\s+', ' ', 'g'), '\(VALUES \(''infinite_time'', g\.infinite_time, g\.n, NULL\), .*\(''ancient_time'', g\.ancient_time, g\.n, NULL\), \(''missing_time'', 1, 2, 3\)\)',
               'and are counted by the check, but for those it gives itself');

SELECT * FROM finish();
ROLLBACK;
