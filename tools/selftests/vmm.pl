#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# vmm.pl DIR: print docs/vmms.md, from what vmm.sh has kept in DIR/TEST.txt of the tests
# stock and clients: the kernel's release, date and commit, and rows.

use strict;
use warnings;

my (%run, %looks, @looks, @snapshots, %dpdk, $dpdk, %tests, @tests, %reasons);
my @states = qw(none off auto on);
my %module = (none => 'without the module', map { $_ => "`visible=$_`" } qw(off auto on));
my %viommu = (none => 'none', PASIDs => 'with PASIDs', nested => 'with PASIDs and `fsts=on`');

my ($dir) = @ARGV;
@ARGV = map { "$dir/$_.txt" } qw(stock clients);
while (<>) {
	my $run = $run{$ARGV =~ s,.*/,,r} //= {};

	chomp;
	if (/^row look\|(.*)/) {
		my ($qemu, $backend, $with, $module, @seen) = split /\|/, $1;
		my $key = join '|', $qemu, $backend, $with;

		push @looks, $key unless $looks{$key};
		$looks{$key}{$module} = \@seen;
	} elsif (/^row snapshot\|(.*)/) {
		push @snapshots, [split /\|/, $1];
	} elsif (/^row dpdk\|(.*)/) {
		($dpdk, my $module, my $at) = split /\|/, $1;
		$dpdk{$module} = [$at];
	} elsif (/^row kselftest\|(.*)/) {
		my ($program, $function, $module, @counts) = split /\|/, $1;
		my $key = "$program|$function";

		push @tests, $key unless $tests{$key};
		$tests{$key}{$module} = \@counts;
	} elsif (/^(\w+) (.*)/) {
		$run->{$1} = $2;
	}
}
die "vmm.pl: no rows\n" unless @looks;

sub row { print '| ', join(' | ', @_), " |\n" }

sub table {
	row(@_);
	row(('---') x @_);
}

# At 0 there is nothing; the device's own byte follows where there is something
sub seen {
	my ($at, $below) = @{$_[0] || return 'not run'};

	return 'no capability' if $at eq '0';
	return "$at, **and Enable reaches the device**" if $below;
	return $at;
}

# What the programs of the kernel's tests say: passed, failed, skipped, and why
sub counts {
	my ($passed, $failed, $skipped, $why) = @{$_[0] || return 'not run'};
	my @said = ("$passed passed", ("$failed failed") x !!$failed, ("$skipped skipped") x !!$skipped);

	$reasons{$_} = 1 for split /;/, $why // '';
	return $passed + $failed + $skipped ? join(', ', @said) : 'skipped';
}

my ($stock, $clients) = @run{qw(stock.txt clients.txt)};

print <<"END";
# Clients that do not ask

`make vmm` writes this document, from `docs/vmms`. These programs know nothing of the module: they see what the kernel shows. `ranges=`
names 0xf00 as the place of the VF, which is one of QEMU's igb.

## What a guest finds

`make vmm` starts Debian's own QEMUs with the VF on Linux $stock->{release}, and looks at its config space as a guest does, through qtest: no
guest runs. $stock->{date}, commit $stock->{commit}.

Where the guest finds a PASID capability, and what happens when it sets Enable there. The VF's unused config space keeps what is
written to it, as a register does. *vIOMMU with PASIDs* is `intel-iommu` with the options that this QEMU has for it.

END
table('QEMU', 'device through', 'vIOMMU', map { $module{$_} } @states);
for (@looks) {
	my ($qemu, $backend, $with) = split /\|/;
	my $look = $looks{$_};

	row($qemu, $backend, $viommu{$with}, map { seen($look->{$_}) } @states);
}

print <<'END';

- *container* is VFIO's own (type1), which attaches no PASIDs, so `visible=auto` shows the capability to nobody there.
- QEMU 11.1 with `fsts=on` and `pasid-bits` makes up a capability at 0xff8 where the kernel shows none. What a guest writes to its
  Control also reaches the device. Where the kernel shows one, QEMU adds none, and the device gets nothing. VT-d in QEMU does not
  nest, which QEMU needs for `fsts=on`. So a test module makes the kernel believe that it nests (bit 26 of the extended
  capabilities).

## Snapshots

A guest is saved and loaded, without a vIOMMU and through a container. The driver of the VF is a test module that migrates, of a
device without state. QEMU compares the capabilities with those in the snapshot, and byte 0x103 belongs to the pointer of the first
one to the next. So a snapshot from before the module loads where the capability is hidden.

END
table('QEMU', 'saved', 'loaded', 'result');
for (@snapshots) {
	my ($qemu, $saved, $loaded, $result) = @$_;

	$result = "loaded: " . seen([$result]) if $result =~ /^0/;
	row($qemu, $module{$saved}, $module{$loaded} // '', $result);
}

print <<"END";

## Clients that are no VMM

On Linux $clients->{release}, $clients->{date}, commit $clients->{commit}. DPDK $dpdk is Debian's, with a driver of ours for the VF, through a
container. Where `rte_pci_find_ext_capability()` finds the capability, `rte_pci_read_config()` reads the same bytes there as a plain
read through vfio:

END
my @modules = qw(none auto on);
table(map { $module{$_} } @modules);
row(map { seen($dpdk{$_}) } @modules);
print <<'END';

The kernel's own tests of vfio are those of kselftest (`TARGETS=vfio`), unmodified, from the source of the same release. Each test
has to have the same result in all three columns. *PF* is that of the VF, with a PASID capability of its own.

END
table('program', 'on the', map { $module{$_} } @modules);
for my $test (@tests) {
	row(split(/\|/, $test), map { counts($tests{$test}{$_}) } @modules);
}
print "\nWhy tests skip (this kernel has no huge pages):\n\n";
print "- $_\n" for sort keys %reasons;
