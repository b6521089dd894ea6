# A next version of the extension: models that were built before live on, are refreshed, dumped and
# restored, and follow when they are built again; and who updates has what who installs has.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# The next version has a view definition more, one fewer, one of another name, and a function with
# another argument beside the one that views use.
my $change = <<'SQL';
INSERT INTO kpi.view_definitions (position, name, sources, always, goals, key, onward, meaning,
                                  query)
SELECT 974, 'kpi_daily_gifts', sources, always, goals, key, onward, meaning, query
FROM   kpi.view_definitions WHERE name = 'kpi_daily_orders';
DELETE FROM kpi.view_columns WHERE view = 'cohort_retention';
DELETE FROM kpi.view_definitions WHERE name = 'cohort_retention';
INSERT INTO kpi.view_definitions (position, name, sources, always, goals, key, onward, meaning,
                                  query)
SELECT 975, 'funnel_stages', sources, always, goals, key, onward, meaning, query
FROM   kpi.view_definitions WHERE name = 'funnel_steps';
UPDATE kpi.view_columns SET view = 'funnel_stages' WHERE view = 'funnel_steps';
DELETE FROM kpi.view_definitions WHERE name = 'funnel_steps';
CREATE FUNCTION kpi.growth(now numeric, before numeric, basis text, digits integer) RETURNS numeric
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN pg_catalog.round(kpi.growth(now, before, basis), digits);
COMMENT ON FUNCTION kpi.growth(now numeric, before numeric, basis text, digits integer) IS
'growth, rounded';
SQL

my $share = `$ENV{PG_CONFIG} --sharedir`;
chomp $share;
my $folder = "$share/extension";
my $next   = '99.0.0';
plan skip_all => 'NOT TESTED: updates, as the server\'s folder of extensions cannot be written'
  unless -w $folder;
my ($version) = slurp_file("$folder/kpi.control") =~ /default_version = '(.*)'/;
my @made = ("$folder/kpi--$next.sql", "$folder/kpi--$version--$next.sql");
append_to_file($made[0], slurp_file("$folder/kpi--$version.sql") . $change);
append_to_file($made[1],
	"\\echo Use \"ALTER EXTENSION kpi UPDATE\" to load this file. \\quit\n$change");
END { unlink @made; }

my $node = PostgreSQL::Test::Cluster->new('update');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE $_") for 'shop', 'restored', 'installed';

# Models of both storages.
$node->safe_psql('shop', <<'SQL');
CREATE EXTENSION kpi;
CREATE SCHEMA plain;
CREATE TABLE plain.orders AS
SELECT i AS order_id, i % 9 AS customer_id,
       timestamptz '2025-01-01' + i * interval '1 day' AS ordered_at,
       10.0 * i AS net_sales
FROM   generate_series(1, 90) AS i;
CREATE TABLE plain.events AS
SELECT i AS visitor_id, timestamptz '2025-01-01' + i * interval '1 day' AS occurred_at,
       1 + i % 3 AS step
FROM   generate_series(1, 90) AS i;
CREATE SCHEMA stored;
CREATE VIEW stored.orders AS TABLE plain.orders;
CREATE VIEW stored.events AS TABLE plain.events;
SELECT kpi.build('plain', 'UTC', as_of => '2025-05-01');
SELECT kpi.build('stored', 'UTC', storage => 'materialized', as_of => '2025-05-01');
SELECT kpi.goals('stored');
INSERT INTO stored.targets (kpi, target, grain, starts, ends, owner)
VALUES ('net_sales', 20000, 'month', '2025-01-01', '2025-12-31', 'ann'),
       ('aov', 400, 'month', '2025-01-01', '2025-12-31', 'bo');
SELECT kpi.revise('stored', 1, 15000, reason => 'too much');
SELECT kpi.evaluate('stored');
SQL

sub contents
{
	my ($database) = @_;
	return $node->safe_psql($database, <<'SQL');
SELECT 'plain', to_jsonb(k) FROM plain.kpi_month AS k
UNION ALL
SELECT 'stored', to_jsonb(k) FROM stored.kpi_month AS k
UNION ALL
SELECT 'plain', to_jsonb(f) FROM plain.funnel_steps AS f WHERE grain = 'month'
ORDER BY 1, 2
SQL
}

sub goals
{
	my ($database) = @_;
	return $node->safe_psql($database, <<'SQL');
SELECT 'target', to_jsonb(t) FROM stored.targets AS t
UNION ALL
SELECT 'review', to_jsonb(r) FROM stored.reviews AS r
UNION ALL
SELECT 'status', to_jsonb(s) FROM stored.statuses AS s
UNION ALL
SELECT 'score', to_jsonb(h) FROM stored.scorecard_history AS h
UNION ALL
SELECT 'attained', to_jsonb(a) FROM stored.attainment AS a
ORDER BY 1, 2
SQL
}

sub views
{
	my ($database, $model) = @_;
	return $node->safe_psql($database,
		"SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
		 WHERE  relnamespace = '$model'::regnamespace
		 AND    relname IN ('kpi_daily_gifts', 'cohort_retention', 'funnel_steps', 'funnel_stages',
		                    'kpi_month')");
}

my $before = contents('shop');
my $goals = goals('shop');
like($before, qr/net_sales/, 'there are models to keep');
like($goals, qr/off_track|on_track/, 'and how their targets stand');
$node->safe_psql('shop', "ALTER EXTENSION kpi UPDATE TO '$next'");
is(contents('shop'), $before, 'after the update they are read as before');
is(goals('shop'), $goals, 'and so are their goals');
$node->safe_psql('shop', "INSERT INTO plain.orders VALUES (91, 1, '2025-04-20', 5000)");
$node->safe_psql('shop', "SELECT kpi.refresh('stored')");
isnt(contents('shop'), $before, 'and refreshed');
is(views('shop', 'stored'), 'cohort_retention funnel_steps kpi_month',
	'with the views they were built with');

# Dumped and restored.
$before = contents('shop');
$node->safe_psql('restored', "CREATE EXTENSION kpi VERSION '$next'");
my $dump = $node->basedir . '/shop.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('shop') ], 'they are dumped');
$node->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $node->connstr('restored') ],
	'and restored');
is(contents('restored'), $before, 'to the letter');
is(goals('restored'), goals('shop'), 'with their goals');
$node->safe_psql('restored', "SELECT kpi.refresh('stored')");
is(contents('restored'), $before, 'and refreshed there');

# Built again they follow; others' views on top of what goes hinder that, and nothing is lost then.
for my $model ('plain', 'stored')
{
	$node->safe_psql('shop', $node->safe_psql('shop', "SELECT built_by FROM $model.kpi_settings"));
	is(views('shop', $model), 'funnel_stages kpi_daily_gifts kpi_month',
		"built again, model $model has the views of the new version");
}
$node->safe_psql('shop', "SELECT kpi.refresh('stored')");
$node->safe_psql('restored', "SELECT kpi.drop_views('$_')") for 'plain', 'stored';
is(views('restored', $_), '', "the views of model $_ can be dropped that an older version built")
  for 'plain', 'stored';

$goals = goals('shop');
$node->safe_psql('shop', "SELECT kpi.goals('stored')");
is(goals('shop'), $goals, 'goals called again keeps every row');
$node->safe_psql('shop', "SELECT kpi.revise('stored', 2, 350, reason => 'less')");
is($node->safe_psql('shop', 'SELECT target FROM stored.targets WHERE target_id = 2'),
	350, 'and they go on');

# Who updates has what who installs has.
$node->safe_psql('installed', "CREATE EXTENSION kpi VERSION '$next'");
my $tables = $node->safe_psql('installed',
	"SELECT string_agg(format('SELECT %L, to_jsonb(t) FROM kpi.%1\$I AS t', relname),
	                   ' UNION ALL ' ORDER BY relname)
	FROM pg_class WHERE relnamespace = 'kpi'::regnamespace AND relkind = 'r'");
my %compared = (
	'rows of all tables' => "SELECT * FROM ($tables) AS t (name, row) ORDER BY 1, 2",
	'functions' =>
		"SELECT p.oid::regprocedure, prorettype::regtype, prosrc, probin, proconfig, provolatile,
		        proparallel, proisstrict, proretset, prosecdef, proacl, prosqlbody IS NULL,
		        CASE WHEN prokind = 'f' THEN pg_get_functiondef(p.oid) END
		 FROM   pg_proc AS p WHERE pronamespace = 'kpi'::regnamespace
		 ORDER  BY p.oid::regprocedure::text",
	'comments' =>
		"SELECT i.type, i.identity, d.description
		 FROM   pg_description AS d, pg_identify_object(classoid, objoid, objsubid) AS i
		 WHERE  i.schema = 'kpi' OR i.identity LIKE '%kpi.%' ORDER BY 1, 2",
	'members' =>
		"SELECT (pg_identify_object(classid, objid, 0)).* FROM pg_depend
		 WHERE  deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kpi')
		 ORDER  BY 1, 4");
for my $what (sort keys %compared)
{
	my $installed = $node->safe_psql('installed', $compared{$what});
	ok($installed ne '' && $installed eq $node->safe_psql('shop', $compared{$what}),
		"the $what are the same after an update and an installation");
}

done_testing();
