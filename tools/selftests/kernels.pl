#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# kernels.pl DIR: print docs/kernels.md, from the results that matrix.sh and headers.sh
# have kept in DIR. A table has only results of the same sources of the module, those of
# the newest.

use strict;
use warnings;

die "usage: kernels.pl DIR\n" unless @ARGV == 1;
my $dir = $ARGV[0];

# Lines "WORD TEXT"; those of "ran" and "skip" can be many
sub result_of {
	my %result = (ran => [], skip => []);

	open my $in, '<', $_[0] or die "$_[0]: $!\n";
	while (<$in>) {
		my ($word, $text) = /^(\w+) (.*)$/ or die "$_[0]: $_";
		ref $result{$word} ? push @{$result{$word}}, $text : ($result{$word} = $text);
	}
	return \%result;
}

my @header_columns = qw(package suite compiler result date commit sources);
my @driver_columns = qw(driver ops attached lacks own attach debian after before unloaded release date commit sources);

# A result in each line, with these columns
sub lines_of {
	my ($file, @columns) = @_;

	open my $in, '<', $file or return;
	return map {
		my %result;
		chomp;
		@result{@columns} = split /\t/;
		\%result;
	} <$in>;
}

# x86 first; by version, and its lab kernel last
sub by_release {
	my ($x, $y) = map { join '.', map { sprintf '%06d', $_ } $_->{release} =~ /\d+/g } $a, $b;

	return $b->{architecture} cmp $a->{architecture} ||
	       ($a->{kernel} eq 'lab') <=> ($b->{kernel} eq 'lab') || $x cmp $y ||
	       $a->{kernel} cmp $b->{kernel};
}

sub row { print '| ', join(' | ', @_), " |\n" }

sub table {
	row(@_);
	row(('---') x @_);
}

# Results that are comparable, and the names of the others
sub same_sources {
	my @results = @_;
	return ([], []) unless @results;
	my ($newest) = sort { $b->{date} cmp $a->{date} } @results;

	return ([grep { $_->{sources} eq $newest->{sources} } @results],
		[grep { $_->{sources} ne $newest->{sources} } @results]);
}

sub of_other_sources {
	print "\nOf older sources of the module, and left out here: ", join(', ', @_), ".\n" if @_;
}

sub cell {
	my ($passed, $failed, $skipped) = @_;
	my @words = ($passed);

	push @words, "**$failed failed**" if $failed;
	push @words, "$skipped skipped" if $skipped;
	return join ', ', @words;
}

sub counts { return $_[0] =~ /(\d+) passed, (\d+) failed, (\d+) skipped/ }

sub print_kernels {
	table('kernel', 'release', 'architecture', 'passed', 'failed', 'skipped', 'date', 'commit');
	row($_->{kernel}, $_->{release}, $_->{architecture}, counts($_->{total}),
	    $_->{date}, $_->{commit}) for @_;
}

sub print_programs {
	my @results = @_;
	my (%programs, @cells);

	for my $i (0 .. $#results) {
		for (@{$results[$i]{ran}}) {
			my ($program, $counts) = /^(\S+) (.*)/;
			$programs{$program}[$i] = cell(counts($counts));
		}
	}
	table('test', map { $_->{kernel} } @results);
	for my $program (sort keys %programs) {
		row($program, map { $programs{$program}[$_] // 'not run' } 0 .. $#results);
	}
}

sub print_skips {
	table('kernel', 'tests', 'why they were skipped');
	for my $result (@_) {
		row($result->{kernel}, /^(\d+) (.*)/) for @{$result->{skip}};
	}
}

sub print_headers {
	table('package', 'suite', 'compiler', 'result', 'date', 'commit');
	row(@$_{@header_columns[0 .. 5]}) for @_;
}

sub print_drivers {
	table('driver', 'ops', 'attached', 'ops that it lacks', 'read, write of its own', 'PASID attach',
	      "in Debian's kernel", 'loaded after', 'loaded before', 'unloaded');
	row(@$_{@driver_columns[0 .. 9]}) for @_;
	print "\nRead from, and run on, Linux $_[0]{release} on $_[0]{date}, commit $_[0]{commit}.\n" if @_;
}

my ($now, $old) = same_sources(map { result_of($_) } glob "$dir/*.txt");
my @kernels = sort by_release @$now;

print <<"END";
# Kernels

`make matrix` writes this document, from the files in `docs/kernels/`, which it has written, too. It boots each kernel in QEMU
and runs there the tests that can differ between kernels. `make matrix KERNELS="sid"` does one again. What the names stand for:
`tools/vm/kernel.sh`.

## What ran

All rows are of the same sources of the module. The commit is that of the tests.

END
print_kernels(@kernels);
of_other_sources(map { $_->{kernel} } sort by_release @$old);
print "\nThe tests that passed, by program. *boot* is what the kernel's log says before the first test.\n";
print "On arm64, where QEMU's IOMMU has no PASIDs, all tests but *no_pasids* run with PASIDs that are pretended:\n",
      "[tests](../tools/selftests/README.md#arm64).\n\n";
print_programs(@kernels);
print "\nA test that cannot run on a kernel says why:\n\n";
print_skips(@kernels);

($now, $old) = same_sources(lines_of("$dir/headers.tsv", @header_columns));
print <<"END";

## What it was compiled for

`make headers` compiles the module for each `linux-headers` package that Debian has, without booting, and adds it here.
`HEADERS="7.3"` restricts it. Warnings (W=1) are errors there; a user's build has none of that. A package that is not in the
table has not been compiled; the newest of each suite come first. Debian's kernels are built by gcc, so their headers
(`CONFIG_CC_IS_GCC`) pass options that clang does not know. The lab kernel's source, configured for clang, serves for that.

END
print_headers(@$now);
of_other_sources(map { $_->{package} } @$old);

($now, $old) = same_sources(lines_of("$dir/drivers.tsv", @driver_columns));
print <<"END";

## Drivers on vfio-pci-core

All drivers in drivers/vfio/pci, one row for each table of ops, as the module's conditions find them in the source. Most were
also built and bound (`drivers_test.c`, on the lab kernel), but not to their devices: QEMU has none of those. They got a VF of
igb, and functions that return 0 or NULL in the place of their PF's driver. So this shows what is between vfio and the module,
and nothing of what a driver does with its device, such as migration. *not bound*: ops that such a VF does not get, ism,
nvgrace_gpu, and hisi_acc, which does not survive the reset at open without its PF's driver.

- *PASID attach*: whether the module adds the ops that attach PASIDs, where the driver has none.
- *loaded after*, *loaded before* the module: the capability is shown, and a PASID can be attached, which without the module
  cannot be done. *unloaded*: `rmmod` of the driver fails while a user has the device open, and works while it is attached.
- The shield and the guard do not depend on the driver. With *read, write of its own* the driver may answer for config space
  itself.

END
print_drivers(@$now);
