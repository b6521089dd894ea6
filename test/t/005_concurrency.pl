# Readers, builds and refreshes at the same time: none of them fails, whatever order views are read
# in.
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('concurrency');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION kpi;
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
SELECT i AS order_id, i % 100 AS customer_id,
       timestamptz '2025-01-01' + i * interval '3 hours' AS ordered_at,
       10.0 AS net_sales
FROM   generate_series(1, 2000) AS i;
SQL

# What is read: the outermost view, those below it, and two of them in either order.
my %reads = (
	values    => 'SELECT count(*) FROM shop.kpi_values;',
	month     => 'SELECT * FROM shop.kpi_month; SELECT * FROM shop.kpi_customers WHERE false;',
	outwards  => 'SELECT count(*) FROM shop.kpi_day AS d JOIN shop.kpi_values AS v USING (period);',
	inwards   => "BEGIN; SELECT count(*) FROM shop.kpi_values;\n"
	  . "SELECT count(*) FROM shop.kpi_orders; COMMIT;");

for my $storage ('view', 'materialized')
{
	my $build = "SELECT count(*)
		FROM kpi.build('shop', 'UTC', storage => '$storage', as_of => '2025-10-01')";
	$node->safe_psql('postgres', $build);
	my @readers;
	for my $name (sort keys %reads)
	{
		my $script = $node->basedir . "/$name.sql";
		append_to_file($script, $reads{$name}) unless -e $script;
		my ($out, $err) = ('', '');
		push @readers, {
			name => $name, out => \$out, err => \$err,
			run => IPC::Run::start(
				[ 'pgbench', '-n', '-T', 8, '-f', $script, $node->connstr('postgres') ],
				'>', \$out, '2>', \$err) };
	}
	my $failed = 0;
	for my $n (1 .. 5)
	{
		my ($status, undef, $told) = $node->psql('postgres', $build);
		$failed++, diag($told) if $status;
		next if $storage eq 'view';
		($status, undef, $told) = $node->psql('postgres',
			"SELECT count(*) FROM kpi.refresh('shop')");
		$failed++, diag($told) if $status;
	}
	is($failed, 0, "a model of storage $storage is built and refreshed while it is read");
	for my $reader (@readers)
	{
		$reader->{run}->finish;
		unlike(${ $reader->{err} }, qr/ERROR|aborted/,
			"and read while it is built: $reader->{name}");
		like(${ $reader->{out} }, qr/actually processed: [1-9]/,
			"again and again: $reader->{name}");
	}
}

# Queries that each take longer than the server waits until it looks for deadlocks, so that every
# view is being read at any time.
my @slow;
for my $view ('kpi_day', 'kpi_week', 'kpi_month', 'kpi_values')
{
	my $script = $node->basedir . "/slow_$view.sql";
	append_to_file($script, "SELECT count(*), pg_sleep(1.5) FROM shop.$view;\n");
	push @slow, IPC::Run::start(
		[ 'pgbench', '-n', '-c', 2, '-T', 40, '-f', $script, $node->connstr('postgres') ],
		'>', \my $out, '2>', \my $err);
}
for my $n (1 .. 2)
{
	my ($status, undef, $told) = $node->psql('postgres',
		"SET statement_timeout = '30s';
		 SELECT count(*) FROM kpi.build('shop', 'UTC', as_of => '2025-10-01')");
	is($told, '', "a model is built though slow queries never leave all of it alone: $n");
}
$_->kill_kill foreach @slow;

done_testing();
