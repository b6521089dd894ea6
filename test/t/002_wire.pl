# What a client sends in binary is refused, or gives a value that comes back as it was sent.
use strict;
use warnings FATAL => 'all';

use IO::Socket::UNIX;
use PostgreSQL::Test::Cluster;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;

# Messages of some values of every type, the first of them without data.
my %messages;
for (split /\n/, $node->safe_psql('postgres', <<'SQL'))
\i test/setup.psql
SELECT type, '' FROM value_type;
SELECT format('SELECT %L, encode(%I(v), ''hex'')
               FROM   (SELECT %3$s AS v FROM (SELECT %4$s) AS o WHERE false
                       UNION ALL
                       SELECT %3$s FROM (SELECT %4$s FROM generate_series(1, 200)) AS o
                       UNION ALL
                       SELECT %3$s FROM (SELECT id, %4$s FROM generate_series(1, 60) AS id) AS o
                       GROUP  BY id %% 9) AS s', type, type || '_send', aggregate, observation)
FROM   kind
\gexec
ROLLBACK;
SQL
{
	my ($type, $hex) = split /\|/;
	push @{ $messages{$type} }, pack('H*', $hex) if $hex;
	$messages{$type} //= [];
}

# As much of the protocol as it takes to send parameters in binary, which psql does not.
my $socket = IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port)
	or die "cannot connect: $!";

sub put
{
	my ($kind, $body) = @_;
	print {$socket} $kind, pack('N', 4 + length $body), $body;
	return;
}

# What the server answers until it is ready: [fields of the last row, error].
sub get
{
	my (@row, $error);
	$socket->flush;
	for (;;)
	{
		die "the server is gone" if read($socket, my $head, 5) != 5;
		my ($kind, $length) = unpack('aN', $head);
		read($socket, my $body, $length - 4);
		@row = unpack('x2 (N/a)*', $body) if $kind eq 'D';
		($error) = $body =~ /\0C(.{5})\0/ if $kind eq 'E';
		return ([@row], $error) if $kind eq 'Z';
	}
}

sub query
{
	my ($statement, $parameter) = @_;
	put('P', "\0$statement\0" . pack('n', 0));
	put('B', "\0\0" . pack('nn n N/a nn', 1, 1, 1, $parameter, 1, 1));
	put('E', "\0" . pack('N', 0));
	put('S', '');
	return get();
}

put('', pack('N', 3 << 16) . "user\0" . getpwuid($<) . "\0database\0postgres\0\0");
get();

# The value of a message, as it is written and sent, or the SQLSTATE of the refusal.
sub receive
{
	my ($type, $message) = @_;
	my ($row, $error) = query("SELECT v::text, v FROM (SELECT \$1::kpi.$type) AS t (v)", $message);
	return $error ? ($error) : (undef, @$row);
}

# Some bytes changed, inserted, removed, repeated, swapped or cut off.
sub mutated
{
	my ($message) = @_;
	my @extreme = (0, 1, 2, 127, 128, 254, 255);
	for (0 .. rand 3)
	{
		my ($at, $other) = (rand 1 + length $message, rand 1 + length $message);
		my $byte = chr(rand() < 0.5 ? rand 256 : $extreme[ rand @extreme ]);
		my $kind = int rand 6;
		if    ($kind == 0) { substr($message, $at, 1) = $byte }
		elsif ($kind == 1) { substr($message, $at, 0) = $byte }
		elsif ($kind == 2) { substr($message, $at, rand 9) = '' }
		elsif ($kind == 3) { substr($message, $at, 0) = substr($message, $other, rand 17) }
		elsif ($kind == 4) { substr($message, $at, 8) = substr($message, $other, 8) }
		else               { substr($message, $at) = '' }
	}
	return $message;
}

srand(1);
for my $type (sort keys %messages)
{
	my @good = @{ $messages{$type} };
	my @lost = grep { my ($error, $text, $sent) = receive($type, $_); $error || $sent ne $_ } @good;
	is(scalar(@lost), 0, "$type: what is sent is received");

	my @bad = map { mutated($good[ rand @good ]) } 1 .. 3000;
	push @bad, map { substr($good[-1], 0, $_) } 0 .. length($good[-1]) - 1;
	push @bad, map { chr(1) . join '', map { chr rand 256 } 0 .. rand 200 } 1 .. 500;

	my %count;
	my @harm;
	for my $message (@bad)
	{
		my ($error, $text, $sent) = receive($type, $message);
		if ($error)
		{
			$count{$error}++;
			push @harm, "$error: " . unpack('H*', $message) if $error !~ /^(22P03|08P01)$/;
		}
		else
		{
			my ($again, $same_text, $same) = receive($type, $sent);
			my ($row) = query("SELECT \$1::text::kpi.$type", $text);
			$count{good}++;
			push @harm, "changed: " . unpack('H*', $message)
				if $again || $same_text ne $text || $same ne $sent || $row->[0] ne $sent;
		}
	}
	is(join("\n", @harm[ 0 .. ($#harm < 4 ? $#harm : 4) ]), '',
		"$type: what is not a message is refused, or gives a good value");
	ok($count{'22P03'} > 300 && $count{good} > 10, "$type: mutants are tried of either kind")
		or diag explain \%count;

	for my $version (0, 2, 255)
	{
		my ($error) = receive($type, chr($version) . substr $good[-1], 1);
		is($error, '22P03', "$type: version $version is refused");
	}
}

is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is well');
$node->stop;
done_testing();
