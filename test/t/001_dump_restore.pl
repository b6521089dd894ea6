# Values survive pg_dump, restore and COPY: the same text and the same bytes. So do models.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;

# A table with a column of every value type and every domain over one, and what else depends on the
# extension.
$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql('shop', <<'SQL');
\i test/setup.psql
CREATE SCHEMA shop;
SELECT format('CREATE TABLE shop.kept (id int PRIMARY KEY, %s)',
              string_agg(format('%1$I kpi.%1$I', typname), ', ' ORDER BY typname))
FROM   pg_type JOIN member ON classid = 'pg_type'::regclass AND objid = pg_type.oid
\gexec
INSERT INTO shop.kept (id) SELECT generate_series(0, 30);

SELECT format('UPDATE shop.kept SET %1$I = v
               FROM   (SELECT id %% 30 AS id, %2$s AS v
                       FROM   (SELECT id, %3$s FROM generate_series(0, 2999) AS id) AS o
                       GROUP  BY id %% 30
                       UNION ALL
                       SELECT 30, %2$s FROM (SELECT %3$s FROM generate_series(0, 2999)) AS o) AS s
               WHERE  s.id = kept.id AND kept.id %% 7 <> 0', type, aggregate, observation)
FROM   kind
\gexec
SELECT format('UPDATE shop.kept SET %I = %I', pg_type.typname, base.typname)
FROM   pg_type
       JOIN member ON classid = 'pg_type'::regclass AND objid = pg_type.oid
       JOIN pg_type AS base ON base.oid = pg_type.typbasetype
\gexec

CREATE TABLE shop.day (
    day date, conversion conversion_rate DEFAULT '0/0' CHECK (value(conversion) <= 1), parts rate[],
    share float8 GENERATED ALWAYS AS (value(conversion)) STORED);
INSERT INTO shop.day VALUES
    (bucket('month', date '2025-08-16'), '3/20', '{1/2,NULL,0/0}'), ('2025-09-01', DEFAULT, NULL);
CREATE INDEX ON shop.day (conversion);
CREATE INDEX ON shop.day USING hash (conversion);
CREATE INDEX ON shop.day (bucket('week', day));
CREATE VIEW shop.month AS
SELECT bucket('month', day) AS month, rollup(conversion) AS conversion
FROM   shop.day WHERE conversion > 0.1 GROUP BY 1;
CREATE MATERIALIZED VIEW shop.year AS
SELECT rollup(return_rate) AS returns, rollup(average) AS average, rollup(turnover) AS turnover
FROM   shop.kept;

-- Two models, one of them materialized, seen at a fixed time, so that they are the same later on;
-- and one seen as of its last refresh.
CREATE SCHEMA one;
CREATE SCHEMA "Two";
CREATE TABLE sale AS
SELECT i AS order_id, timestamptz '2024-11-15' + i * interval '3 hours' AS ordered_at,
       i * 7919 % 100 AS customer_id, i % 90 + 0.5 AS net_sales,
       (ARRAY['DE', 'FR', NULL])[1 + i % 3] AS country, i % 50 = 0 AS is_test
FROM   generate_series(1, 1000) AS i;
CREATE VIEW one.orders AS SELECT * FROM sale;
CREATE VIEW one.returns AS
SELECT order_id, ordered_at + interval '9 days' AS returned_at, net_sales / 2 AS refund
FROM   sale WHERE order_id % 10 = 3;
CREATE VIEW "Two".orders AS
SELECT order_id, ordered_at, customer_id::text, net_sales FROM sale WHERE country = 'DE';
CREATE VIEW "Two".surveys AS
SELECT ordered_at AS answered_at, (ARRAY['nps', 'csat'])[1 + order_id % 2] AS instrument,
       1 + order_id % 5 AS score
FROM   sale;
SELECT FROM build('one', 'Europe/Berlin', 'EUR', '{country}', as_of => '2025-03-10 15:00 UTC');
SELECT FROM build('Two', 'America/New_York', week_start => 7, fiscal_year_start => 4,
                  storage => 'materialized', as_of => '2025-03-10 15:00 UTC');
-- Goals of the first: a target that was revised, of a dimension, an objective within another, and a
-- row of each other table.
SELECT FROM kpi.goals('one');
INSERT INTO one.objectives (objective, title, parent)
VALUES ('grow', 'Grow', NULL), ('sell', 'Sell', 'grow');
INSERT INTO one.targets (objective, kpi, dimension, member, grain, starts, ends, target, owner,
                         path)
VALUES ('sell', 'net_sales', NULL, NULL, 'month', '2025-01-01', '2025-12-31', 9000, 'Ann',
        'checkpoints'),
       ('grow', 'orders', 'country', 'DE', 'quarter', '2025-01-01', '2025-12-31', 100, 'Bo',
        'flat');
INSERT INTO one.checkpoints VALUES (1, '2025-03-31', 8000);
SELECT FROM kpi.revise('one', 1, 9500, 'it goes well',
                       changes => '{"checkpoints": {"2025-03-31": null, "2025-06-30": 9100}}');
INSERT INTO one.benchmarks (kpi, source, year, median) VALUES ('aov', 'X', 2024, 40);
INSERT INTO one.statuses (target_id, period, status) VALUES (1, '2025-02-01', 'on_track');
INSERT INTO one.incentives (owner, amount, attained_from) VALUES ('Ann', 500.50, 0.5);
SELECT FROM kpi.goals('one');
SELECT FROM kpi.evaluate('one');
-- Indicators of its own.
CREATE VIEW one.measures AS
SELECT 'reach' AS measure, ordered_at::date AS measured_on, net_sales AS amount, 90 AS of, country
FROM   sale WHERE order_id % 4 = 0;
SELECT FROM kpi.define('one', 'worth', 'net_sales / customers', 'Worth', 'money', 'up');
SELECT FROM kpi.define('one', 'reach', 'measure(''reach'') * worth', 'Reach', 'quantity', 'up');
CREATE SCHEMA three;
CREATE VIEW three.orders AS SELECT * FROM sale;
SELECT FROM build('three', 'Asia/Tokyo', storage => 'materialized');
COMMIT;
SQL

# All values of a table as text and as sent.
sub contents
{
	my ($database, $table) = @_;
	my $columns = $node->safe_psql($database, <<SQL);
SELECT string_agg(format('%1\$I::text, kpi.%2\$I(%1\$I)', attname,
                         coalesce(base.typname, pg_type.typname) || '_send'), ', ' ORDER BY attnum)
FROM   pg_attribute
       JOIN pg_type ON pg_type.oid = atttypid
       LEFT JOIN pg_type AS base ON base.oid = pg_type.typbasetype
WHERE  attrelid = '$table'::regclass AND pg_type.typnamespace = 'kpi'::regnamespace
SQL
	return $node->safe_psql($database, "SELECT id, $columns FROM $table ORDER BY id");
}

# All rows of all views of the models, one view after the other: all of them in one query take
# minutes, and gigabytes, to be planned.
sub models
{
	my ($database) = @_;
	return $node->safe_psql($database, <<'SQL');
SELECT format('SELECT %L, v::text, to_jsonb(v) FROM %I.%I AS v ORDER BY 2',
              model || '.' || v.name, model, v.name)
FROM   unnest('{one,Two}'::text[]) AS model, kpi.found_views(model) AS v
ORDER  BY model, v.name
\gexec
SQL
}

my $models = models('shop');
is($node->safe_psql('shop', q(SELECT sum(orders) FROM one.kpi_month)), 907,
	'there are models to keep');
cmp_ok(length($models), '>', 100_000, 'the models have many rows');

my $contents = contents('shop', 'shop.kept');
my $kept = $node->safe_psql('shop', <<'SQL');
SELECT count(*) FROM shop.kept
WHERE  rate IS NOT NULL AND return_rate IS NOT NULL AND turnover IS NOT NULL
SQL
is($kept, 26, 'there are values to keep');
cmp_ok(length($contents), '>', 100_000, 'some values are large');

sub dump_of
{
	my ($database) = @_;
	my ($dump) = run_command([ 'pg_dump', '--no-sync', '-d', $node->connstr($database) ]);
	$dump =~ s/^\\(un)?restrict.*\n//mg;    # a random key since August 2025
	return $dump;
}

my $directory = PostgreSQL::Test::Utils::tempdir_short();
my %format = (
	plain => [],
	inserts => ['--inserts'],
	custom => ['--format=custom']);
for my $format (sort keys %format)
{
	my $database = "shop_$format";
	my $file = "$directory/$format";
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my @dump = ('pg_dump', '--no-sync', @{ $format{$format} }, '-d', $node->connstr('shop'));
	my @restore = $format eq 'custom'
		? ('pg_restore', '--exit-on-error', $file)
		: ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$directory/log", '-f', $file);
	$node->command_ok([ @dump, '-f', $file ], "pg_dump: $format");
	$node->command_ok([ @restore, '-d', $node->connstr($database) ], "restore: $format");
	is(contents($database, 'shop.kept'), $contents, "the same values: $format");
	is(models($database), $models, "the same models: $format");
	is(dump_of($database), dump_of('shop'), "the same database: $format");
	$node->safe_psql($database, <<'SQL');
SELECT FROM kpi.build('one', 'Europe/Berlin', 'EUR', '{country}', as_of => '2025-03-10 15:00 UTC')
SQL
	is(models($database), $models, "a restored model can be built again: $format");
	$node->safe_psql($database, q(SELECT FROM kpi.goals('one')));
	is(dump_of($database), dump_of('shop'), "and its goals stay as they are: $format");
	is($node->safe_psql($database, q(SELECT count(*) FROM kpi.evaluate('one'))), '0',
		"what was told of them is not told again: $format");
	is($node->safe_psql($database, <<'SQL'), "3|t\n55000", "they are checked as before: $format");
INSERT INTO one.targets (kpi, grain, starts, ends, target)
VALUES ('orders', 'month', '2025-01-01', '2025-12-31', 9)
RETURNING target_id, direction = 'up';
CREATE FUNCTION pg_temp.refused() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE one.targets SET target = 1 WHERE target_id = 1;
    RETURN 'changed';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT pg_temp.refused();
SQL
	$node->safe_psql($database, <<'SQL');
INSERT INTO sale VALUES (1001, '2025-03-09', 1, 1);
SELECT FROM kpi.refresh('three');
SQL
	is($node->safe_psql($database, q(SELECT sum(orders) FROM three.kpi_month)), 981,
		"a restored model can be refreshed: $format");
}

for my $format ('text', 'csv', 'binary')
{
	$node->safe_psql('shop', <<SQL);
COPY shop.kept TO '$directory/copy.$format' (FORMAT $format);
CREATE TABLE shop.copy (LIKE shop.kept);
COPY shop.copy FROM '$directory/copy.$format' (FORMAT $format);
SQL
	is(contents('shop', 'shop.copy'), $contents, "the same values: COPY $format");
	$node->safe_psql('shop', 'DROP TABLE shop.copy');
}

$node->stop;
done_testing();
