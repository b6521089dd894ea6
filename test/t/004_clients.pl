# What clients get of a model: plain columns are numbers, text, dates and booleans in each of them,
# and what Cube and MetricFlow pool is what the views show. A client that is not there is skipped,
# and said: make clients installs them all.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use JSON::PP;
use List::Util qw(max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);    # of SQL_ASCII psycopg makes bytes
# JDBC knows no sockets.
$node->append_conf('postgresql.conf', <<'END');
listen_addresses = '127.0.0.1'
jit = off
timezone = 'UTC'
END
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION kpi;\n\\i test/shop.psql");

# An error in a formula is shown in the formula, as one in a query is.
my ($rc, $shown, $error) = $node->psql('postgres',
	"SELECT kpi.define('shop', 'late', 'orders / visit', 'Late', 'count')");
like($error, qr/^LINE 1: orders \/ visit\n {17}\^\nHINT:  Perhaps visits is meant/m,
	'psql shows where a formula is wrong');

# Debian's modules belong to its own Python.
my $python = -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3';
my ($jdbc) = glob '/usr/share/java/postgresql.jar';

# The output of a client, of which the input is the standard input. One that hangs has failed.
sub output
{
	my ($command, $input) = @_;
	local @ENV{qw(PGHOST PGPORT PGUSER PGDATABASE)} =
		('127.0.0.1', $node->port, (getpwuid $<)[0], 'postgres');
	my ($out, $err);
	my $timeout = IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default);
	my $ok = eval { IPC::Run::run($command, '<', \$input, '>', \$out, '2>', \$err, $timeout) };
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

# Every plain column of every view that is charted, and what it should be; two are long, and the
# same for all grains.
my (%columns, @expected);
for (split /\n/, $node->safe_psql('postgres', <<'SQL'))
SELECT c.relname, a.attname,
       CASE WHEN t.typcategory = 'N' THEN 'number'
            WHEN a.atttypid = 'date'::regtype THEN 'date'
            WHEN a.atttypid = 'boolean'::regtype THEN 'boolean'
            ELSE 'text' END
FROM   pg_class AS c
       JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
       JOIN pg_type AS t ON t.oid = a.atttypid
WHERE  c.relnamespace = 'shop'::regnamespace
AND    (c.relname ~ '^kpi_(day|week|month|quarter|half|year|all)(_by_.+)?$'
        OR c.relname IN ('kpi_values', 'cohort_retention', 'cohort_sales', 'funnel_steps',
                      'funnel_times', 'signals'))
AND    a.attname !~ '_sample$'
OR     a.attrelid = 'shop.kpi_values'::regclass AND a.attname = 'sample_size'
ORDER  BY c.relname, a.attnum
SQL
{
	my ($view, $column) = split /\|/;
	push @{ $columns{$view} }, $column;
	push @expected, s/\|/\t/gr;
}
my $queries = '';
for my $view (sort keys %columns)
{
	my $where = $view =~ /^(kpi_values|signals)$/ ? " WHERE grain = 'month'" : '';
	$queries .= "$view\tSELECT " . join(', ', @{ $columns{$view} }) . " FROM shop.$view$where\n";
}
is(scalar(keys %columns), 27, 'there are views to read');
cmp_ok(scalar(@expected), '>', 800, 'the views have many columns');

sub typed
{
	my ($command, $what) = @_;
	my ($nan, @got) = split /\n/, output($command, "none\tSELECT 'NaN'::float8 AS nan\n$queries");
	like($nan, qr/^none\tnan\tvalue /, "$what tells what is no number");
	my @odd = grep { my $line = $_; !grep { $_ eq $line } @expected } @got;
	is(join("\n", @got), join("\n", @expected),
		"$what gets numbers as numbers, text as text, dates as dates")
		or diag join "\n", @odd[ 0 .. min(9, $#odd) ];
	return;
}

SKIP:
{
	my $probe = "try:\n  import psycopg\nexcept ImportError:\n  import psycopg2";
	skip 'no psycopg', 2 if !there('psycopg', $python, '-c', $probe);
	typed([ $python, 'test/clients/psycopg_types.py' ], 'psycopg');
}
SKIP:
{
	my $probe = "import pyodbc\nassert 'PostgreSQL Unicode' in pyodbc.drivers()";
	skip 'no psqlODBC', 2 if !there('psqlODBC with pyodbc', $python, '-c', $probe);
	typed([ $python, 'test/clients/odbc_types.py' ], 'psqlODBC');
}
SKIP:
{
	my $probe = 'test -e /usr/share/java/postgresql.jar && javac -version';
	skip 'no JDBC', 2 if !there('JDBC with a JDK', 'sh', '-c', $probe);
	my @program = ('-cp', '/usr/share/java/postgresql.jar', 'test/clients/JdbcTypes.java');
	typed([ 'java', @program ], 'JDBC');
}
SKIP:
{
	skip 'no node pg', 3 if !there('node pg', 'node', '-e', "require('pg')");
	typed([ 'node', 'test/clients/pg_types.js', '--parsers' ], 'node pg with its parsers');
	my @told = split /\n/, output([ 'node', 'test/clients/pg_types.js' ], $queries);
	my %kinds = map { (split /\t/)[2] =~ s/^value (\w+).*/$1/r => 1 } @told;
	is(join(' ', sort keys %kinds), 'boolean number object string text',
		'node pg by itself tells bigint and numeric as strings, and dates as instants');
}
SKIP:
{
	skip 'no Python', 1 if !there('Python', $python, '-c', '1');
	is(output([ $python, 'test/clients/listener.py' ]),
		"1 2025-03-01 new\n1 2025-03-01 on_track\nAna  Bcc: x [31m  70 %\n",
		'the listener of the demo drops what others tell, and writes lines without commands');
}


# What a tool computes beside what the views show, which have four decimals of money.
sub same
{
	my ($pooled, $shown) = @_;
	my ($none, $none_shown) = map { !defined $_ || $_ eq '' ? 1 : 0 } $pooled, $shown;
	return $none == $none_shown
		&& ($none || abs($pooled - $shown) <= max(0.000051, 1e-9 * abs $shown));
}

# The indicators that can be pooled, or not, with their units.
sub indicators
{
	my ($which) = @_;
	return map { split /\|/ } split /\n/, $node->safe_psql('postgres',
		"SELECT indicator, unit FROM kpi.export_metrics('shop') WHERE formula $which");
}

my %pooled = indicators('IS NOT NULL');

SKIP:
{
	skip 'no PyYAML', 2 if !there('PyYAML', $python, '-c', 'import yaml');
	my $yaml = $node->safe_psql('postgres', q(SELECT kpi.metricflow('shop')));
	my @metrics = split /\n/, output([ $python, 'test/clients/metricflow_sql.py' ], $yaml);
	my %sql = map { split /\t/ } @metrics;
	is(join(' ', grep { !exists $sql{$_} } sort keys %pooled), '',
		'MetricFlow is told every indicator that can be pooled, in its own form');
	my $parts = $node->safe_psql('postgres', q(SELECT kpi.parts('shop')));
	my @odd;
	for my $code (sort keys %pooled)
	{
		my ($pooled, $shown) = split /\|/, $node->safe_psql('postgres', <<SQL), -1;
SELECT ($sql{$code})::float8, (SELECT $code FROM shop.kpi_quarter WHERE period = '2025-01-01')
FROM   ($parts) AS p
WHERE  period < '2025-04-01'
SQL
		push @odd, "$code: $pooled, not $shown" if !same($pooled, $shown);
	}
	is(join("\n", @odd), '',
		'what MetricFlow computes over two months is what the view of their quarter shows');
}

SKIP:
{
	my @packages = map { "require('\@cubejs-backend/$_')" } 'server-core', 'postgres-driver';
	skip 'no Cube', 6 if !there('Cube', 'node', '-e', join '; ', @packages);
	my $file = $node->basedir . '/shop.js';
	append_to_file($file, $node->safe_psql('postgres', q(SELECT kpi.cube('shop'))));

	my $percent = sub { $_[0] =~ /share|growth/ ? 100 : 1 };
	my @measures = map { "shop.$_" } sort keys %pooled;
	my %once = indicators('IS NULL');
	my @once = map { "shop_periods.$_" } sort keys %once;
	my $days = sub { { dimension => 'shop.period', dateRange => [@_] } };
	my $two_months = $days->('2025-02-01', '2025-03-31');
	my $first_quarter =
		{ dimension => 'shop_periods.period', dateRange => [ '2025-01-01', '2025-01-01' ] };
	my @queries = (
		{ measures => [ 'shop.conversion_rate', 'shop.aov' ],
			timeDimensions => [ $days->('2025-03-01', '2025-03-04') ] },
		{ measures => \@measures, timeDimensions => [$two_months] },
		{ measures => \@measures, dimensions => ['shop.country'],
			timeDimensions => [ { %$two_months, granularity => 'month' } ] },
		{ measures => \@once, timeDimensions => [$first_quarter],
			filters => [
				{ member => 'shop_periods.grain', operator => 'equals', values => ['quarter'] },
				{ member => 'shop_periods.dimension', operator => 'notSet' } ] },
		{ measures => \@once });
	my @answers = map { decode_json($_) } split /\n/,
		output([ 'node', 'test/clients/cube_load.js', $file ],
			join "\n", map { encode_json($_) } @queries);
	is(scalar(@answers), scalar(@queries), 'Cube takes the data model');

	my ($days_of_march) = @{ $answers[0] };
	my @pooled_days = @{$days_of_march}{ 'shop.conversion_rate', 'shop.aov' };
	is(sprintf('%.4f %.2f', @pooled_days), '1.5707 113.33',
		'four days with rates of 2 %, 10 %, none and 1 % have one of 1.5707 % in Cube');

	# The rows of an answer, beside those of a view: the number of what was compared, and what
	# differs.
	my $compare = sub {
		my ($rows, $cube, $units, $query) = @_;
		my (@odd, $compared);
		for my $row (@$rows)
		{
			my $json = $node->safe_psql('postgres',
				'SELECT to_jsonb(v) FROM (' . $query->($row) . ') AS v');
			my $shown = decode_json($json);
			for my $code (sort keys %$units)
			{
				my ($number, $pooled) = ($shown->{$code}, $row->{"$cube.$code"});
				$number *= $percent->($units->{$code}) if defined $number;
				push @odd, "$code: " . ($pooled // 'NULL') . ', not ' . ($number // 'NULL')
					if !same($pooled, $number);
				$compared++;
			}
		}
		return join "\n", "$compared compared", @odd;
	};
	my $quarter = sub { q(SELECT * FROM shop.kpi_quarter WHERE period = '2025-01-01') };
	is($compare->($answers[1], 'shop', \%pooled, $quarter), keys(%pooled) . ' compared',
		'in Cube each measure over two months is what the view of their quarter shows');

	# What is not told by country is told of (all).
	my @columns = split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT attname FROM pg_attribute
WHERE  attrelid = 'shop.kpi_month_by_country'::regclass AND attnum > 0
SQL
	my %by_country = map { $_ => $pooled{$_} } grep { exists $pooled{$_} } @columns;
	my @of_country = grep { $_->{'shop.country'} ne '(all)' } @{ $answers[2] };
	my $month_and_country = sub {
		my ($row) = @_;
		my ($month) = $row->{'shop.period.month'} =~ /^(.{10})/;
		return "SELECT * FROM shop.kpi_month_by_country "
			. "WHERE period = '$month' AND country = '$row->{'shop.country'}'";
	};
	is($compare->(\@of_country, 'shop', \%by_country, $month_and_country),
		@of_country * keys(%by_country) . ' compared',
		'in Cube each measure by month and country is what their view shows');

	is($compare->($answers[3], 'shop_periods', \%once, $quarter), keys(%once) . ' compared',
		'what cannot be pooled is shown for a period in Cube');
	is(join(' ', grep { defined } values %{ $answers[4][0] }), '',
		'what cannot be pooled is not shown for several periods in Cube');
}

$node->stop;
done_testing();
