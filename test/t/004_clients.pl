# What clients get of a model: plain columns are numbers, text, dates and booleans in each of them, and what Cube and MetricFlow pool is what the
# views show. A client that is not there is skipped, and said: make clients installs them all.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use JSON::PP;
use List::Util qw(max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'\njit = off\ntimezone = 'UTC'");    # JDBC knows no sockets
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION kpi;\n\\i test/shop.psql");

# Debian's modules belong to its own Python.
my $python = -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3';
my ($jdbc) = glob '/usr/share/java/postgresql.jar';

# The output of a client, of which the input is the standard input. One that hangs has failed.
sub output
{
	my ($command, $input) = @_;
	local @ENV{qw(PGHOST PGPORT PGUSER PGDATABASE)} = ('127.0.0.1', $node->port, (getpwuid $<)[0], 'postgres');
	my ($out, $err);
	my $ok = eval { IPC::Run::run($command, '<', \$input, '>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default)) };
	diag $@ || $err if !$ok;
	return $ok ? $out : 'failed';
}

# Whether a client is there, as a command tells that fails without it.
sub there
{
	my ($what, @probe) = @_;
	my ($out, $err);
	return 1 if eval { IPC::Run::run(\@probe, '>', \$out, '2>', \$err) };
	diag "NOT TESTED: $what is not there; make clients installs it and tests it";
	return 0;
}

# Every plain column of every view that is charted, and what it should be; kpi_values is long, and the same for all grains.
my (%columns, @expected);
for (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT c.relname, a.attname, CASE WHEN t.typcategory = 'N' THEN 'number' WHEN a.atttypid = 'date'::regtype THEN 'date' WHEN a.atttypid = 'boolean'::regtype THEN 'boolean' ELSE 'text' END
FROM   pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type AS t ON t.oid = a.atttypid
WHERE  c.relnamespace = 'shop'::regnamespace AND (c.relname ~ '^kpi_(day|week|month|quarter|year)(_by_.+)?$' OR c.relname IN ('kpi_values', 'cohort_retention', 'funnel_steps'))
AND    a.attname !~ '_sample$' OR a.attrelid = 'shop.kpi_values'::regclass AND a.attname = 'sample_size'
ORDER  BY c.relname, a.attnum
SQL
{
	my ($view, $column) = split /\|/;
	push @{ $columns{$view} }, $column;
	push @expected, s/\|/\t/gr;
}
my $queries = join '', map { "$_\tSELECT " . join(', ', @{ $columns{$_} }) . " FROM shop.$_" . ($_ eq 'kpi_values' ? " WHERE grain = 'month'" : '') . "\n" } sort keys %columns;
is(scalar(keys %columns), 18, 'there are views to read');
cmp_ok(scalar(@expected), '>', 800, 'with many columns');

sub typed
{
	my ($command, $what) = @_;
	my ($nan, @got) = split /\n/, output($command, "none\tSELECT 'NaN'::float8 AS nan\n$queries");
	like($nan, qr/^none\tnan\tvalue /, "$what tells what is no number");
	my @odd = grep { my $line = $_; !grep { $_ eq $line } @expected } @got;
	is(join("\n", @got), join("\n", @expected), "$what gets numbers as numbers, text as text, dates as dates") or diag join "\n", @odd[ 0 .. min(9, $#odd) ];
	return;
}

SKIP:
{
	skip 'no psycopg', 2 if !there('psycopg', $python, '-c', "try:\n  import psycopg\nexcept ImportError:\n  import psycopg2");
	typed([ $python, 'test/clients/psycopg_types.py' ], 'psycopg');
}
SKIP:
{
	skip 'no psqlODBC', 2 if !there('psqlODBC with pyodbc', $python, '-c', "import pyodbc\nassert 'PostgreSQL Unicode' in pyodbc.drivers()");
	typed([ $python, 'test/clients/odbc_types.py' ], 'psqlODBC');
}
SKIP:
{
	skip 'no JDBC', 2 if !there('JDBC with a JDK', 'sh', '-c', 'test -e /usr/share/java/postgresql.jar && javac -version');
	typed([ 'java', '-cp', '/usr/share/java/postgresql.jar', 'test/clients/JdbcTypes.java' ], 'JDBC');
}
SKIP:
{
	skip 'no node pg', 3 if !there('node pg', 'node', '-e', "require('pg')");
	typed([ 'node', 'test/clients/pg_types.js', '--parsers' ], 'node pg with its parsers');
	my %kinds = map { (split /\t/)[2] =~ s/^value (\w+).*/$1/r => 1 } split /\n/, output([ 'node', 'test/clients/pg_types.js' ], $queries);
	is(join(' ', sort keys %kinds), 'boolean number object string text', 'which by itself tells bigint and numeric as strings, and dates as instants');
}


# What a tool computes beside what the views show, which have four decimals of money.
sub same
{
	my ($pooled, $shown) = @_;
	return (defined $pooled && $pooled ne '' ? 1 : 0) == (defined $shown && $shown ne '' ? 1 : 0)
		&& (!defined $pooled || $pooled eq '' || abs($pooled - $shown) <= max(0.000051, 1e-9 * abs $shown));
}

my %pooled = map { split /\|/ } split /\n/, $node->safe_psql('postgres', q(SELECT indicator, unit FROM kpi.export_metrics('shop') WHERE formula IS NOT NULL));

SKIP:
{
	skip 'no PyYAML', 2 if !there('PyYAML', $python, '-c', 'import yaml');
	my @metrics = split /\n/, output([ $python, 'test/clients/metricflow_sql.py' ], $node->safe_psql('postgres', q(SELECT kpi.metricflow('shop'))));
	my %sql = map { split /\t/ } @metrics;
	is(join(' ', grep { !exists $sql{$_} } sort keys %pooled), '', 'MetricFlow is told every indicator that can be pooled, in its own form');
	my $parts = $node->safe_psql('postgres', q(SELECT kpi.parts('shop')));
	my @odd;
	for my $code (sort keys %pooled)
	{
		my ($pooled, $shown) = split /\|/, $node->safe_psql('postgres', "SELECT ($sql{$code})::float8, (SELECT $code FROM shop.kpi_quarter WHERE period = '2025-01-01') FROM ($parts) AS p WHERE period < '2025-04-01'"), -1;
		push @odd, "$code: $pooled, not $shown" if !same($pooled, $shown);
	}
	is(join("\n", @odd), '', 'and what it computes over two months is what the view of their quarter shows');
}

SKIP:
{
	skip 'no Cube', 6 if !there('Cube', 'node', '-e', "require('\@cubejs-backend/server-core'); require('\@cubejs-backend/postgres-driver')");
	my $file = $node->basedir . '/shop.js';
	append_to_file($file, $node->safe_psql('postgres', q(SELECT kpi.cube('shop'))));

	my $percent = sub { $_[0] =~ /share|growth/ ? 100 : 1 };
	my @measures = map { "shop.$_" } sort keys %pooled;
	my %once = map { split /\|/ } split /\n/, $node->safe_psql('postgres', q(SELECT indicator, unit FROM kpi.export_metrics('shop') WHERE formula IS NULL));
	my @once = map { "shop_periods.$_" } sort keys %once;
	my $days = sub { { dimension => 'shop.period', dateRange => [@_] } };
	my @queries = (
		{ measures => [ 'shop.conversion_rate', 'shop.aov' ], timeDimensions => [ $days->('2025-03-01', '2025-03-04') ] },
		{ measures => \@measures, timeDimensions => [ $days->('2025-02-01', '2025-03-31') ] },
		{ measures => \@measures, timeDimensions => [ { %{ $days->('2025-02-01', '2025-03-31') }, granularity => 'month' } ], dimensions => ['shop.country'] },
		{ measures => \@once, filters => [ { member => 'shop_periods.grain', operator => 'equals', values => ['quarter'] }, { member => 'shop_periods.dimension', operator => 'notSet' } ],
			timeDimensions => [ { dimension => 'shop_periods.period', dateRange => [ '2025-01-01', '2025-01-01' ] } ] },
		{ measures => \@once });
	my @answers = map { decode_json($_) } split /\n/, output([ 'node', 'test/clients/cube_load.js', $file ], join "\n", map { encode_json($_) } @queries);
	is(scalar(@answers), scalar(@queries), 'Cube takes the data model');

	my ($days_of_march) = @{ $answers[0] };
	is(sprintf('%.4f %.2f', @{$days_of_march}{ 'shop.conversion_rate', 'shop.aov' }), '1.5707 113.33', 'four days with rates of 2 %, 10 %, none and 1 % have one of 1.5707 % in Cube');

	# The rows of an answer, beside those of a view: the number of what was compared, and what differs.
	my $compare = sub {
		my ($rows, $cube, $units, $query) = @_;
		my (@odd, $compared);
		for my $row (@$rows)
		{
			my $shown = decode_json($node->safe_psql('postgres', 'SELECT to_jsonb(v) FROM (' . $query->($row) . ') AS v'));
			for my $code (sort keys %$units)
			{
				my $number = $shown->{$code};
				$number *= $percent->($units->{$code}) if defined $number;
				push @odd, "$code: " . ($row->{"$cube.$code"} // 'NULL') . ', not ' . ($number // 'NULL') if !same($row->{"$cube.$code"}, $number);
				$compared++;
			}
		}
		return join "\n", "$compared compared", @odd;
	};
	is($compare->($answers[1], 'shop', \%pooled, sub { q(SELECT * FROM shop.kpi_quarter WHERE period = '2025-01-01') }), keys(%pooled) . ' compared',
		'over two months each measure is what the view of their quarter shows');

	# What is not told by country is told of (all).
	my %by_country = map { $_ => $pooled{$_} } grep { exists $pooled{$_} } split /\n/,
		$node->safe_psql('postgres', q(SELECT attname FROM pg_attribute WHERE attrelid = 'shop.kpi_month_by_country'::regclass AND attnum > 0));
	my @of_country = grep { $_->{'shop.country'} ne '(all)' } @{ $answers[2] };
	is($compare->(\@of_country, 'shop', \%by_country, sub {
			my ($row) = @_;
			return "SELECT * FROM shop.kpi_month_by_country WHERE period = '" . substr($row->{'shop.period.month'}, 0, 10) . "' AND country = '$row->{'shop.country'}'" }),
		@of_country * keys(%by_country) . ' compared', 'by month and country, too');

	is($compare->($answers[3], 'shop_periods', \%once, sub { q(SELECT * FROM shop.kpi_quarter WHERE period = '2025-01-01') }), keys(%once) . ' compared',
		'what cannot be pooled is shown for a period');
	is(join(' ', grep { defined } values %{ $answers[4][0] }), '', 'and not for several');
}

$node->stop;
done_testing();
