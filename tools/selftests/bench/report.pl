#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# report.pl BENCH.JSON DOCS COUNTED TIMED NATIVE HERE: from the rows of these four logs
# write bench.json, the tables of DOCS/performance.md and of the README beside DOCS
# between their markers, and the plots. COUNTED has instructions, TIMED the same rows in ns of the VM, NATIVE the pure
# ones in ns of this machine, HERE what is neither.

use strict;
use warnings;
use JSON::PP;

die "usage: report.pl BENCH.JSON DOCS COUNTED TIMED NATIVE HERE\n" unless @ARGV == 6;
my ($to, $docs, @logs) = @ARGV;
my $json = JSON::PP->new->canonical->pretty;

sub rows_of {
	open my $in, '<', $_[0] or die "$_[0]: $!\n";
	return map { JSON::PP->new->decode($_) } map { /^row (.*)/ ? $1 : () } <$in>;
}

my ($counted, $timed, $native, $here) = map { [rows_of($_)] } @logs;
my %time = map { $_->{name} => $_ } @$timed, @$native;
my @rows = (@$counted, @$here);
die "nothing was measured\n" unless @$counted && @$here;

for my $row (@rows) {
	my $time = $row->{unit} eq 'instructions' ? $time{$row->{name}} : undef;

	$row->{ns_without} = $time->{without};
	$row->{ns_with} = $time->{with};
}
# What needs two processors is timed only
my %counted = map { $_->{name} => 1 } @rows;
push @rows, grep { !$counted{$_->{name}} } @$timed;

sub spill {
	my ($name, $text) = @_;

	open my $out, '>', $name or die "$name: $!\n";
	print $out $text;
	close $out or die "$name: $!\n";
}

sub number {
	my ($n, $digits) = @_;

	return '' unless defined $n;
	my $text = sprintf '%.*f', $digits // ($n < 10 && $n != int $n ? 2 : 0), $n;
	1 while $text =~ s/^(\d+)(\d{3})/$1,$2/;
	return $text;
}

sub verdict {
	my ($row) = @_;

	return '' unless defined $row->{target};
	return $row->{target} . ($row->{met} ? '' : ' (**missed**)');
}

sub table {
	my @lines = ('| what | unit | without | with | ratio | target | ns without | ns with |',
		     '|---|---|--:|--:|--:|---|--:|--:|');

	for my $row (@_) {
		push @lines, '| ' . join(' | ', $row->{name}, $row->{unit},
			number($row->{without}), number($row->{with}),
			number($row->{ratio}, 3), verdict($row),
			number($row->{ns_without}, 0), number($row->{ns_with}, 0)) . ' |';
	}
	return join "\n", @lines;
}

my %groups = (
	access => qr/^(read|write|ioctl|GET|SET)/,
	open => qr/^(first open|open|close|config reads)/,
	load => qr/^(load|unload|unbind|the same|256 VFs|memory|module)/,
	pure => qr/^(decision|guard|table lookup|128 rules)/,
	fleet => qr/^diff/,
);

# What one function, host or VF more takes, from the two largest measurements
sub slope {
	my ($pattern) = @_;
	my @points = sort { $a->[0] <=> $b->[0] }
		     map { $_->{name} =~ $pattern ? [$1, $_->{with}] : () } @rows;
	my ($x, $y) = @points[-2, -1];

	return (($y->[1] - $x->[1]) / ($y->[0] - $x->[0]), $y);
}

sub value_of {
	my ($name) = @_;
	my ($row) = grep { $_->{name} eq $name } @rows;

	return $row->{with};
}

# From growth that was measured: 1,024 functions and 10,000 hosts are the most
sub scale {
	my ($load, $most) = slope(qr/^load, (\d+) functions bound$/);
	my ($unload, $least) = slope(qr/^unload, (\d+) functions bound$/);
	my ($diff, $hosts) = slope(qr/^diff of (\d+) hosts/);
	my $memory = value_of('memory a device') + value_of('memory a device, sysfs files');
	my @lines = ('| VFs of a host | load, ms at 1 GHz | unload, ms at 1 GHz | memory, MiB |',
		     '|--:|--:|--:|--:|');

	for my $n (256, 1024, 4096, 16384) {
		push @lines, sprintf '| %s | %.1f | %.1f | %.1f |', number($n),
			($most->[1] + ($n - $most->[0]) * $load) / 1e6,
			($least->[1] + ($n - $least->[0]) * $unload) / 1e6,
			$n * $memory / 2**20;
	}
	push @lines, '', '| hosts with 64 VFs | seconds to compare their layouts |', '|--:|--:|';
	for my $n (1000, 10000, 100000) {
		push @lines, sprintf '| %s | %.1f |', number($n),
			$hosts->[1] + ($n - $hosts->[0]) * $diff;
	}
	return join "\n", @lines;
}

sub machine {
	open my $in, '<', '/proc/cpuinfo' or return 'unknown';
	my ($model) = map { /^model name\s*:\s*(.*)/ ? $1 : () } <$in>;

	return 'Plain time on this machine: ' . ($model // 'unknown processor');
}

# The largest ratio of the rows whose names match
sub most {
	my ($pattern) = @_;

	return sprintf '%.2f', (sort { $b <=> $a } map { $_->{ratio} }
				grep { $_->{name} =~ $pattern } @rows)[0];
}

# The short table of the README
sub cost {
	my ($open) = grep { $_->{name} =~ /^open of a device with a reset: igb/ } @rows;

	return join "\n",
		'| config read | config write elsewhere | ioctl | open of a VF with a place | each device |',
		'|---|---|---|---|---|',
		sprintf '| at most %s | %s without a place, up to %s with one | at most %s | ' .
			'%.2f: %s more | %s bytes |',
			most(qr/^read of/), most(qr/^write of.*no place/),
			most(qr/^write of.*with a place/), most(qr/^ioctl/), $open->{ratio},
			number($open->{with} - $open->{without}),
			number(value_of('memory a device'));
}

sub replace_tables {
	my ($name, %part) = @_;

	open my $in, '<', $name or die "$name: $!\n";
	my $text = do { local $/; <$in> };
	for my $key (keys %part) {
		$text =~ s/(<!-- begin $key -->\n).*?(<!-- end $key -->)/$1$part{$key}\n$2/s
			or die "$name has no place for $key\n";
	}
	spill($name, $text);
}

sub plot {
	my ($name, $title, $y, $style, @points) = @_;
	my $data = join '', map { join(' ', map { /^[\d.]+$/ ? $_ : "\"$_\"" } @$_) . "\n" } @points;
	my $svg = "$docs/performance-$name.svg";

	open my $gnuplot, '|-', 'gnuplot' or die "gnuplot: $!\n";
	print $gnuplot "set terminal svg size 800,420 font 'sans,12'\nset output '$svg'\n",
		"set title '$title'\nset ylabel '$y'\nset key top left\nset grid y\n",
		"\$data << END\n${data}END\n$style\n";
	close $gnuplot or die "gnuplot failed\n";
}

my @opens = map { /^open: (.*)/ ? $1 : () } map { $_->{name} } @$counted;
plot('open', 'Instructions of an open', 'instructions',
     "set style data histogram\nset style fill solid 0.6\nset yrange [0:*]\n" .
     "set xtics rotate by -25\n" .
     "plot \$data using 2:xtic(1) title 'without', '' using 3 title 'with'",
     map { my $name = $_; my ($row) = grep { $_->{name} eq "open: $name" } @$counted;
	   [$name, $row->{without}, $row->{with}] } @opens);
plot('load', 'Load and unload, by the number of functions that are bound', 'million instructions',
     "set xlabel 'functions'\nset yrange [0:*]\n" .
     "plot \$data using 1:(\$2/1e6) with linespoints title 'load', " .
     "'' using 1:(\$3/1e6) with linespoints title 'unload'",
     map { my ($n) = $_->{name} =~ /^load, (\d+) functions bound/;
	   $n ? [$n, $_->{with}, value_of("unload, $n functions bound")] : () } @$counted);
plot('fleet', 'Comparing the layouts of a fleet', 'seconds',
     "set xlabel 'hosts with 64 functions each'\nset logscale xy\n" .
     "plot \$data using 1:2 with linespoints title 'vfio-pasid diff'",
     map { $_->{name} =~ /^diff of (\d+)/ ? [$1, $_->{with} || 0.001] : () } @rows);

my %part = map { my $g = $groups{$_};
		 $_ => table(grep { $_->{name} =~ $g } @rows) } keys %groups;
replace_tables("$docs/performance.md", %part, scale => scale(), machine => machine());
replace_tables("$docs/../README.md", cost => cost());
spill($to, $json->encode({ rows => \@rows }));
