# A refresh that is killed, or whose server dies, has changed nothing; nobody waits for one; pg_cron
# runs one.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $share = `$ENV{PG_CONFIG} --sharedir`;
chomp $share;
my $cron = -e "$share/extension/pg_cron.control";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "jit = off\n");
$node->append_conf('postgresql.conf', <<'CONF') if $cron;
shared_preload_libraries = 'pg_cron'
cron.use_background_workers = on
CONF
$node->start;

# Half-way through, a refresh comes to a gate: it opens while nobody holds the lock.
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION kpi;
CREATE FUNCTION gate() RETURNS boolean LANGUAGE sql VOLATILE
AS 'SELECT pg_advisory_xact_lock_shared(42) IS NOT NULL';
CREATE TABLE sale AS
SELECT i AS order_id, now() - i * interval '7 hours' AS ordered_at, i % 90 AS customer_id,
       10.0 AS net_sales
FROM   generate_series(1, 1000) AS i;
CREATE SCHEMA shop;
CREATE VIEW shop.orders AS SELECT * FROM sale;
CREATE VIEW shop.deliveries AS
SELECT order_id, ordered_at, ordered_at + interval '3 days' AS delivered_at FROM sale
WHERE  gate();
CREATE TABLE shop.tickets AS SELECT order_id AS ticket_id, ordered_at AS opened_at FROM sale;
SELECT FROM kpi.build('shop', 'Asia/Shanghai', storage => 'materialized');
SQL

# What all views show, but those of the rows as they are.
sub contents
{
	my $views = $node->safe_psql('postgres',
		"SELECT name FROM kpi.found_views('shop')
		 WHERE name NOT IN ('kpi_settings', 'kpi_orders', 'kpi_deliveries')");
	return $node->safe_psql('postgres', join '', "SET statement_timeout = '30s';", map {
		"SELECT '$_', md5(string_agg(v::text, '' ORDER BY v::text)) FROM shop.$_ AS v;"
	} split /\n/, $views);
}

# Sells, begins a refresh, and returns when it stands at the closed gate.
my $sold = 1000;
sub begin_refresh
{
	my $gate = $node->background_psql('postgres');
	$gate->query_safe('SELECT pg_advisory_lock(42)');
	$sold++;
	$node->safe_psql('postgres',
		"INSERT INTO sale VALUES ($sold, now() - interval '1 day', 7, 1000)");
	my ($out, $err) = ('', '');
	my $refresh = IPC::Run::start(
		[ 'psql', '-XAtq', '-d', $node->connstr('postgres'),
			'-c', "SET application_name = 'refresh'", '-c', "SELECT kpi.refresh('shop')" ],
		'>', \$out, '2>', \$err);
	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'refresh'
		 AND wait_event_type = 'Lock'") or die 'no refresh';
	return ($gate, $refresh, \$err);
}

my $before = contents();
like($before, qr/kpi_daily_deliveries/, 'a model is there');

# While it runs.
my ($gate, $refresh, $err) = begin_refresh();
is(contents(), $before, 'while a refresh runs, every view is read as before, without waiting');
my ($status, undef, $told) = $node->psql('postgres',
	"SET statement_timeout = '10s'; SELECT kpi.refresh('shop')");
isnt($status, 0, 'another refresh does not wait');
like($told, qr/model "shop" is being built or refreshed.*Process \d+ does since.*Call again/s,
	'but is told what goes on');
($status, undef, $told) = $node->psql('postgres',
	"CREATE ROLE stranger; GRANT CREATE ON SCHEMA shop TO stranger; SET ROLE stranger;
	 SELECT kpi.refresh('shop')");
like($told, qr/Process \d+ does\./, 'as far as its role may know');
$node->safe_psql('postgres', 'REVOKE CREATE ON SCHEMA shop FROM stranger');
($status, undef, $told) = $node->psql('postgres',
	"SET lock_timeout = '100ms'; SELECT kpi.build('shop', 'UTC')");
like($told, qr/lock timeout/, 'building waits as long as it is told to');
my $drop = IPC::Run::start(
	[ 'psql', '-Xq', '-d', $node->connstr('postgres'),
		'-c', "SET application_name = 'drop'", '-c', "SELECT kpi.drop_views('shop')" ],
	'>', \my $dropped, '2>', \my $kept);
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'drop'
	 AND wait_event_type = 'Lock'") or die 'no drop';
is(contents(), $before, 'who drops the views waits, too, and keeps no reader from them meanwhile');
$node->safe_psql('postgres',
	"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'drop'");
$drop->finish;
is($node->safe_psql('postgres',
	"SET statement_timeout = '10s'; UPDATE sale SET net_sales = net_sales WHERE order_id < 10;
	 SELECT 'sold'"),
	'sold', 'shops go on selling');

# Terminated.
$node->safe_psql('postgres',
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'refresh'");
$refresh->finish;
like($$err, qr/terminating connection/, 'a refresh is killed half-way');
is(contents(), $before, 'and nothing has changed');
$gate->quit;

# Cancelled.
($gate, $refresh, $err) = begin_refresh();
$node->safe_psql('postgres',
	"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'refresh'");
$refresh->finish;
like($$err, qr/canceling statement/, 'one is cancelled');
is(contents(), $before, 'nothing has changed either');
$gate->quit;

# The server dies.
($gate, $refresh, $err) = begin_refresh();
$node->stop('immediate');
$refresh->finish;
eval { $gate->quit };
$node->start;
is(contents(), $before, 'nor when the server dies with it');

# And then it works.
$node->safe_psql('postgres', "SELECT kpi.refresh('shop')");
isnt(contents(), $before, 'the next refresh brings all of it');
is($node->safe_psql('postgres', 'SELECT sum(orders) FROM shop.kpi_month'), $sold,
	'nothing is lost');

# Who drops what it has not read yet waits for it, and not it for him.
($gate, $refresh, $err) = begin_refresh();
$drop = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', "SET application_name = 'drop'",
		'-c', 'SET client_min_messages = warning', '-c', 'DROP TABLE shop.tickets CASCADE' ],
	'>', \$dropped, '2>', \$kept);
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM pg_stat_activity
	 WHERE application_name = 'drop' AND wait_event_type = 'Lock'") or die 'no drop';
$gate->quit;
$refresh->finish;
is($$err, '', 'a refresh ends well though somebody drops a source it has not come to');
$drop->finish;
is($kept, '', 'who then does so');
like(($node->psql('postgres', "SELECT kpi.refresh('shop')"))[2],
	qr/It has lost .*kpi_daily_tickets/, 'which the next one says');
$node->safe_psql('postgres',
	"SELECT FROM kpi.build('shop', 'Asia/Shanghai', storage => 'materialized')");

SKIP:
{
	skip 'pg_cron is not there: apt-get install postgresql-<version>-cron', 6 unless $cron;

	like(($node->psql('postgres',
		"SELECT kpi.schedule('shop', '* * * * *')"))[2],
		qr/pg_cron is not installed in database "postgres".*CREATE EXTENSION pg_cron/s,
		'without the extension there is a hint');
	$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');
	like(($node->psql('postgres',
		"SELECT kpi.schedule('shop', 'often')"))[2],
		qr/invalid schedule: often/, 'what cron does not understand it says');
	$node->safe_psql('postgres',
		"SELECT kpi.schedule('shop', '0 4 * * *'); SELECT kpi.schedule('shop', '* * * * *')");
	is($node->safe_psql('postgres', 'SELECT schedule, command FROM cron.job'),
		"* * * * *|SELECT * FROM kpi.refresh('shop')", 'a model has one schedule');
	$node->safe_psql('postgres', 'INSERT INTO sale SELECT 5000, now(), 1, 1');
	ok($node->poll_query_until('postgres',
		"SELECT sum(orders) = $sold + 1 FROM shop.kpi_month"),
		'pg_cron refreshes a model');
	is($node->safe_psql('postgres', "SELECT kpi.unschedule('shop')"), 't', 'until told not to');
	is($node->safe_psql('postgres',
		"SELECT kpi.unschedule('shop'), count(*) FROM cron.job"),
		'f|0', 'then no more');
}

done_testing();
