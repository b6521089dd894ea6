# The file for PGXN: it has what is in the checkout but for what .gitattributes leaves out, says of
# itself what PGXN asks, and is built and installed from.
use strict;
use warnings FATAL => 'all';

use Cwd;
use File::Basename;
use File::Find;
use File::Temp;
use FindBin;
use IO::Uncompress::Unzip qw($UnzipError);
use JSON::PP;
use Test::More;

my $top = Cwd::realpath("$FindBin::Bin/../..");
chdir $top or die "no checkout: $!";
plan skip_all => 'NOT TESTED: make dist, as there is no git' if system('git --version >/dev/null');

sub content
{
	my ($file) = @_;
	open my $handle, '<:raw', $file or die "$file: $!";
	local $/;
	return scalar <$handle>;
}

my $work = File::Temp->newdir;
my $home = "$work";
sub run { return system("( $_[0] ) >>$home/log 2>&1") == 0; }

# Not in a checkout: what to do is said in a sentence.
my $alone = "$home/alone";
mkdir $alone;
run("cp Makefile kpi.control $alone");
isnt(system("GIT_CEILING_DIRECTORIES=$home make -C $alone -f Makefile dist 2>$home/said >&2"), 0,
	'outside of git there is no file');
like(content("$home/said"), qr/^kpi: make dist needs git, and a checkout in it$/m, 'which is said');

# A repository of the files that are here, wherever they come from: this copy may have none, or be
# ahead of its last commit.
$ENV{$_->[0]} = $_->[1]
  for ['GIT_DIR', "$home/git"], ['GIT_WORK_TREE', $top], ['GIT_CONFIG_GLOBAL', '/dev/null'],
  ['GIT_CONFIG_NOSYSTEM', 1],
  map { [ "GIT_$_->[0]_$_->[1]", "kpi\@localhost" ] }
  map { ([ $_, 'NAME' ], [ $_, 'EMAIL' ]) } 'AUTHOR', 'COMMITTER';
ok(run('git init -q && git add -A && git commit -q -m "what is here"'), 'the files are committed');
my @left_out = map { /^(\S+)\s+export-ignore$/ ? $1 : () } split /\n/, content('.gitattributes');
my $left_out = join '|', map { quotemeta } @left_out;
my %checkout = map { $_ => content($_) } grep { !m{^($left_out)(/|$)} } split /\n/, `git ls-files`;
cmp_ok(scalar(@left_out), '>', 2, 'something is left out');
cmp_ok(scalar(keys %checkout), '>', 200, 'and much is not');

my ($version) = $checkout{'kpi.control'} =~ /^default_version = '(.*)'/m;
my $zip = "$home/kpi-$version.zip";
ok(run("DISTDIR=$home make -f Makefile dist"), 'make dist makes a file')
  or diag content("$home/log");
my %packed;
my $archive = IO::Uncompress::Unzip->new($zip) or die "$zip: $UnzipError";
for (my $status = 1; $status > 0; $status = $archive->nextStream)
{
	my $name = $archive->getHeaderInfo->{Name};
	local $/;
	$packed{$name} = <$archive> // '' if $name !~ m{/$};
}
is_deeply([ sort keys %packed ], [ map { "kpi-$version/$_" } sort keys %checkout ],
	'with all that is to be in it, under the name and version');
is_deeply([ grep { $packed{"kpi-$version/$_"} ne $checkout{$_} } sort keys %checkout ], [],
	'as it is in the checkout');

# What it says of itself.
my $meta = decode_json($packed{"kpi-$version/META.json"});
ok($meta->{$_}, "META.json has $_")
  for qw(name version abstract description maintainer license provides meta-spec release_status);
is_deeply([ $meta->{version}, $meta->{provides}{kpi}{version} ], [ $version, $version ],
	'its version is that of the extension');
ok($packed{"kpi-$version/$_"}, "and $_ is there") for @{ $meta->{provides}{kpi} }{qw(file docfile)};
like($checkout{'CHANGELOG.md'}, qr/^## \[\Q$version\E\] - \d{4}-\d\d-\d\d$/m,
	'the CHANGELOG has a date for it');
like(content('debian/changelog'), qr/\A\S+ \(\Q$version\E-\d+\) /, 'so has that of the packages')
  if -e 'debian/changelog';

# Built and installed from.
for my $file (sort keys %packed)
{
	run("mkdir -p '$home/" . dirname($file) . "'");
	open my $handle, '>:raw', "$home/$file" or die "$file: $!";
	print $handle $packed{$file};
	close $handle;
}
delete @ENV{qw(GIT_DIR GIT_WORK_TREE)};
my $source = "$home/kpi-$version";
my $make   = "make -C $source with_llvm=no";
ok(run("$make"), 'it is built') or diag content("$home/log");
ok(run("$make install DESTDIR=$home/installed"), 'and installed') or diag content("$home/log");
my %installed;
find({ no_chdir => 1, wanted => sub { $installed{basename($_)} = $_ if -f } }, "$home/installed");
is_deeply([ grep { !/^kpi--.*--/ } sort keys %installed ],
	[ "kpi--$version.sql", 'kpi.control', 'kpi.so' ],
	'with the library, the control file and the script');
chomp(my $share = `$ENV{PG_CONFIG} --sharedir`);
for my $file ("kpi--$version.sql", 'kpi.control')
{
	SKIP:
	{
		skip "NOT TESTED: $file, as kpi is not installed", 1 if !-e "$share/extension/$file";
		ok(content($installed{$file}) eq content("$share/extension/$file"),
			"$file is that of the checkout");
	}
}
done_testing();
