# What a model of storage incremental keeps stands four clients that write meanwhile, refreshes that
# are killed, a server that dies, and dump and restore; repeated refreshes do not bloat it, thirty
# or KPI_REFRESHES.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
jit = off
max_locks_per_transaction = 256
autovacuum_naptime = '1s'
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql('shop', <<'SQL');
CREATE EXTENSION kpi;
CREATE TABLE customer (id bigint PRIMARY KEY, country text);
CREATE TABLE sale (id bigint PRIMARY KEY, customer_id bigint, at timestamptz, state text);
CREATE TABLE line (id bigserial PRIMARY KEY, sale_id bigint, sku text, n integer, price numeric);
CREATE INDEX ON line (sale_id);
CREATE INDEX ON sale (customer_id);
INSERT INTO customer SELECT i, (ARRAY['DE', 'FR'])[1 + i % 2] FROM generate_series(1, 200) AS i;
INSERT INTO sale
SELECT i, i % 180, now() - i * interval '3 hours', 'paid' FROM generate_series(1, 1000) AS i;
INSERT INTO line (sale_id, sku, n, price)
SELECT i % 1000, 'a' || i % 9, 1 + i % 3, i % 50 FROM generate_series(1, 2500) AS i;
CREATE SCHEMA kept;
CREATE VIEW kept.orders AS
SELECT s.id AS order_id, s.at AS ordered_at, s.customer_id, c.country, l.net AS net_sales, l.units,
       CASE WHEN s.state = 'void' THEN s.at + interval '1 hour' END AS cancelled_at
FROM   sale AS s
       LEFT JOIN customer AS c ON c.id = s.customer_id
       JOIN (SELECT sale_id, sum(n * price) AS net, sum(n) AS units FROM line GROUP BY sale_id) AS l
            ON l.sale_id = s.id;
CREATE VIEW kept.order_lines AS
SELECT l.sale_id AS order_id, l.n AS quantity, l.sku, l.n * l.price AS net_sales FROM line AS l;
CREATE VIEW kept.returns AS
SELECT s.id AS order_id, s.at + interval '2 days' AS returned_at, 1 AS refund
FROM   sale AS s WHERE s.state = 'back';
SELECT FROM kpi.build('kept', 'Europe/Berlin', dimensions => '{country}', storage => 'incremental');
SELECT FROM kpi.track('kept');
SELECT FROM kpi.refresh('kept');
SQL

# All that a model shows.
sub contents
{
	my ($database, $model) = @_;
	my $views = $node->safe_psql($database,
		"SELECT name FROM kpi.found_views('$model')
		 WHERE name ~ '^kpi_((day|week|month|year)(_by_.*)?|customers|daily_.*)\$'");
	return $node->safe_psql($database, join '', map {
		"SELECT '$_', md5(string_agg(v::text, '' ORDER BY v::text)) FROM $model.$_ AS v;"
	} split /\n/, $views);
}

# A model built anew, seen at the same instant, shows the same.
sub equals_new
{
	my ($database, $rule) = @_;
	$node->safe_psql($database, <<'SQL');
DROP SCHEMA IF EXISTS anew CASCADE;
CREATE SCHEMA anew;
CREATE VIEW anew.orders AS SELECT * FROM kept.orders;
CREATE VIEW anew.order_lines AS SELECT * FROM kept.order_lines;
CREATE VIEW anew.returns AS SELECT * FROM kept.returns;
SELECT format('SELECT count(*) FROM kpi.build(''anew'', ''Europe/Berlin'',
                      dimensions => ''{country}'', as_of => %L)', as_of) FROM kept.kpi_settings
\gexec
SQL
	is(contents($database, 'kept'), contents($database, 'anew'), $rule);
}
equals_new('shop', 'a model that was built shows what is there');

# Four clients write, orders over lines and lines over orders, while one refreshes.
my $script = PostgreSQL::Test::Utils::tempdir() . '/shop.sql';
append_to_file($script, <<'SQL');
\set id random(1, 1200)
\set day random(0, 60)
\set what random(1, 8)
BEGIN;
\if :what <= 2
INSERT INTO sale VALUES (:id, :id % 180, now() - :day * interval '1 day', 'paid')
ON CONFLICT (id) DO UPDATE SET state = 'back';
INSERT INTO line (sale_id, sku, n, price) VALUES (:id, 'b', 1, :day), (:id, 'c', 2, :day);
\elif :what = 3
UPDATE line SET n = n + 1 WHERE sale_id = :id;
\elif :what = 4
UPDATE sale SET at = now() - :day * interval '1 day', customer_id = :day WHERE id = :id;
\elif :what = 5
UPDATE line SET sale_id = :id WHERE id = :id + :day;
\elif :what = 6
DELETE FROM line WHERE sale_id = :id;
DELETE FROM sale WHERE id = :id;
\elif :what = 7
UPDATE customer SET country = (ARRAY['DE', 'FR', 'IT'])[1 + :day % 3] WHERE id = :id % 200;
\else
UPDATE sale SET state = 'void' WHERE id = :id;
ROLLBACK;
BEGIN;
\endif
COMMIT;
SQL
my $clients = IPC::Run::start(
	[ 'pgbench', '-n', '-c4', '-j2', '-T8', '--max-tries=100', '-f', $script, '-d',
		$node->connstr('shop') ],
	'>', \my $benched, '2>', \my $complaints);
my $refreshes = 0;
while ($clients->pumpable)
{
	$node->safe_psql('shop', "SELECT FROM kpi.refresh('kept')");
	$refreshes++;
	$clients->pump_nb;
}
$clients->finish;
like($benched, qr/number of failed transactions: 0/, 'four clients have written');
cmp_ok($refreshes, '>', 1, 'and it was refreshed meanwhile');
$node->safe_psql('shop', "SELECT FROM kpi.refresh('kept')");
is($node->safe_psql('shop',
		"SELECT string_agg(concat_ws(' ', relation, rows, note), E'\\n')
		 FROM   kpi.refresh('kept', true) WHERE note LIKE 'compared%'"),
	join("\n", map { "$_ 0 compared with what was kept; nothing had been missed" }
			qw(orders order_lines returns)),
	'in the end nothing has been missed');
equals_new('shop', 'and it shows what a model shows that is built anew');

# A refresh that does not come to its end has changed nothing, and lost no change.
sub begin_refresh
{
	my $gate = $node->background_psql('shop');
	$gate->query_safe('BEGIN; LOCK TABLE kept.kpi_state_daily_orders IN SHARE MODE');
	$node->safe_psql('shop', 'UPDATE line SET price = price + 1 WHERE sale_id % 100 = 1');
	my $err = '';
	my $refresh = IPC::Run::start(
		[ 'psql', '-XAtq', '-d', $node->connstr('shop'),
			'-c', "SET application_name = 'refresh'", '-c', "SELECT kpi.refresh('kept')" ],
		'>', \my $out, '2>', \$err);
	$node->poll_query_until('shop',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'refresh'
		 AND wait_event_type = 'Lock'") or die 'no refresh';
	return ($gate, $refresh, \$err);
}
my $before = contents('shop', 'kept');
my ($gate, $refresh, $err) = begin_refresh();
is(contents('shop', 'kept'), $before, 'while a refresh runs, all is read as before');
$node->safe_psql('shop',
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'refresh'");
$refresh->finish;
like($$err, qr/terminating connection/, 'a refresh is killed half-way');
is(contents('shop', 'kept'), $before, 'and nothing has changed');
$gate->query_safe('COMMIT');
$gate->quit;
($gate, $refresh, $err) = begin_refresh();
$node->stop('immediate');
$refresh->finish;
eval { $gate->quit };
$node->start;
is(contents('shop', 'kept'), $before, 'nor has it when the server dies');
cmp_ok($node->safe_psql('shop', 'SELECT count(*) FROM kept.kpi_changes'), '>', 0,
	'what was noted is there');
$node->safe_psql('shop', "SELECT FROM kpi.refresh('kept')");
equals_new('shop', 'so that the next refresh brings all of it');

# Dump and restore: what was noted comes along, and what changes afterwards is noted.
$node->safe_psql('shop', 'DROP SCHEMA anew CASCADE; UPDATE line SET n = n + 1 WHERE id % 50 = 1');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/shop.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('shop') ], 'it is dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump ],
	'and restored');
is($node->safe_psql('restored', "SELECT DISTINCT how FROM kpi.found_by('kept')"), 'tracked',
	'where it is tracked');
$node->safe_psql('restored', <<'SQL');
UPDATE sale SET customer_id = 3 WHERE id % 40 = 1;
SELECT FROM kpi.refresh('kept');
SQL
is($node->safe_psql('restored',
		"SELECT count(*) FROM kpi.refresh('kept', true) WHERE note ~ 'nothing had been missed'"), 3,
	'what was noted before and after is found');
equals_new('restored', 'and it shows what is there');

# Refreshes, each of a few changes.
$node->safe_psql('shop', 'VACUUM FULL');
my $size = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class
	 WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r'";
my $small = $node->safe_psql('shop', $size);
my $many = join '', map {
	"UPDATE line SET n = n % 7 + 1 WHERE id = $_ % 900; SELECT FROM kpi.refresh('kept');\n"
} 1 .. ($ENV{KPI_REFRESHES} // 30);
$node->safe_psql('shop', $many);
my $large = $node->safe_psql('shop', $size);
cmp_ok($large, '<', 4 * $small, "refreshes leave it at most four times as large");
note("$small bytes before, $large after");

done_testing();
