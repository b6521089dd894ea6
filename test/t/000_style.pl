# Rules of the house that a program can ask of files; test/sql/rules.sql asks what catalogs know.
use strict;
use warnings FATAL => 'all';

use File::Find;
use FindBin;
use Test::More;

chdir "$FindBin::Bin/../.." or die "no checkout: $!";

# What is written by hand, without data, the output of tests, and what is built or was released.
my @files;
find({ no_chdir => 1, wanted => sub {
	return $File::Find::prune = 1
		if -d && /\/(expected|results|output_iso|tmp_check|__pycache__)$/;
	push @files, $_ if -f && -T && !/(\.(csv|out|o|bc|so)|\/kpi--[^\/]*\.sql)$/;
} }, qw(sql test src bench demo));
my %content = map { $_ => content($_) } @files;
my @sql = grep { /^sql\/.*\.(sql|in)$/ } sort @files;

sub content
{
	my ($file) = @_;
	open my $handle, '<:encoding(UTF-8)', $file or die "$file: $!";
	local $/;
	return scalar <$handle>;
}

# Passes if nothing breaks the rule; says where it is broken.
sub obeyed
{
	my ($rule, @broken) = @_;
	ok(!@broken, $rule) or diag map { "$_: $rule\n" } @broken;
	return;
}

sub line_of
{
	my ($text, $offset) = @_;
	return 1 + (substr($text, 0, $offset) =~ tr/\n//);
}


# Lines.
my (@wide, @blank);
for my $file (sort @files)
{
	my $n = 0;
	for my $line (split /\n/, $content{$file})
	{
		$n++;
		push @blank, "$file:$n" if $line =~ /[ \t]$/;
		1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x (4 - length($1) % 4)/e;
		push @wide, "$file:$n" if length $line > 100;
	}
}
# Of what is read as text, all but tables and what queries print, fenced without a language.
for my $file (sort glob 'README.md CHANGELOG.md docs/*.md')
{
	my ($n, $fence) = 0;
	for my $line (split /\n/, content($file))
	{
		$n++;
		$fence = defined $fence ? undef : $1 if $line =~ /^ *```(.*)/;
		push @wide, "$file:$n"
			if length $line > 100 && $line !~ /^(\||-- )/ && ($fence // 'text') ne '';
	}
}
cmp_ok(scalar(@files), '>', 100, 'there are files to read');
obeyed('a line has at most 100 columns, where a tab goes to the next multiple of 4', @wide);
obeyed('a line does not end in a blank', @blank);


# Functions, from CREATE to the end of the body: a text in dollars, BEGIN ATOMIC, or RETURN.
my ($functions, @long, @build);
for my $file (@sql)
{
	my $text = $content{$file};
	while ($text =~ /^CREATE (?:FUNCTION|PROCEDURE) ([\w.@]+)/mg)
	{
		my ($name, $start) = ($1, $-[0]);
		$functions++;
		$text =~ /\G.*?(?:AS (\$\w*\$)|^BEGIN (ATOMIC)$|;$)/msgc or last;
		my $end = defined $1 ? qr/\Q$1\E/ : defined $2 ? qr/^END;/m : undef;
		$text =~ /\G.*?$end/sgc if defined $end;
		my $lines = line_of($text, pos $text) - line_of($text, $start) + 1;
		push @long, sprintf '%s:%d %s (%d lines)', $file, line_of($text, $start), $name, $lines
			if $lines > 100;
		push @build, sprintf '%s:%d %s (%d lines)', $file, line_of($text, $start), $name, $lines
			if $name =~ /^(kpi\.)?build$/ && $lines > 80;
	}
}
cmp_ok($functions, '>', 100, 'there are functions to read');
obeyed('a function has at most 100 lines', @long);
obeyed('build() has at most 80 lines', @build);


# Tables of the extension, where no part of a query has that name. The bodies of functions are run
# where anybody's tables could come first.
my (@bare, %table);
$table{$_}++ for map { $content{$_} =~ /^CREATE (?:TABLE|VIEW) (\w+)/mg } @sql;
for my $file (@sql)
{
	for my $name (sort keys %table)
	{
		next if $content{$file} =~ /\b$name (?:\([^()]*\) )?AS (?:NOT )?(?:MATERIALIZED )?\(/;
		while ($content{$file} =~ /\b(?:FROM|JOIN|INSERT INTO)\s+$name\b(?!\s*\()/g)
		{
			push @bare, "$file:" . line_of($content{$file}, $-[0]) . " $name";
		}
	}
}
cmp_ok(scalar(keys %table), '>', 10, 'there are tables to look for');
obeyed('tables of the extension are written kpi.x', @bare);


# Calls of format(): the commas that are in no further brackets, strings and comments. Bodies of
# functions are code, other texts in dollars are strings.
my ($calls, @crowded);
for my $file (@sql)
{
	my $text = $content{$file};
	my @open;    # for each bracket the number of commas in it, and where the call of format is
	while ($text =~ /\G(?:(--[^\n]*)|('(?:[^']|'')*')|\b(format)\(|([(\[])|([)\]])|(,)|(.))/sgc)
	{
		my ($call, $bracket, $closes, $comma, $other) = ($3, $4, $5, $6, $7);
		push @open, { commas => 0, at => $call && $-[3] } if $call || $bracket;
		$open[-1]{commas}++ if $comma && @open;
		if ($closes && @open)
		{
			my $ended = pop @open;
			next if !defined $ended->{at};
			$calls++;
			push @crowded, sprintf '%s:%d (%d)', $file, line_of($text, $ended->{at}),
				$ended->{commas} if $ended->{commas} > 3;
		}
		elsif (defined $other && $other eq '$' && substr($text, 0, pos $text) !~ /\b(?:AS|DO) \$\z/)
		{
			$text =~ /\G(\w*)\$.*?\$\1\$/sgc;
		}
	}
}
cmp_ok($calls, '>', 50, 'there are calls of format() to read');
obeyed('format() fills in at most three values: name more, as fill() does', @crowded);

done_testing();
