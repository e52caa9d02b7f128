#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# vmm.pl FILE: print docs/vmms.md, from what vmm.sh has kept in FILE: the kernel's
# release, date and commit, and the rows of the test stock.

use strict;
use warnings;

my (%run, %looks, @looks, @snapshots);
my @states = qw(none off auto on);
my %module = (none => 'without the module', map { $_ => "`visible=$_`" } qw(off auto on));
my %viommu = (none => 'none', PASIDs => 'with PASIDs', nested => 'with PASIDs and `fsts=on`');

while (<>) {
	chomp;
	if (/^row look\|(.*)/) {
		my ($qemu, $backend, $with, $module, @seen) = split /\|/, $1;
		my $key = join '|', $qemu, $backend, $with;

		push @looks, $key unless $looks{$key};
		$looks{$key}{$module} = \@seen;
	} elsif (/^row snapshot\|(.*)/) {
		push @snapshots, [split /\|/, $1];
	} elsif (/^(\w+) (.*)/) {
		$run{$1} = $2;
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

print <<"END";
# VMMs that do not ask

`make vmm` writes this document, from `docs/vmms.txt`. It starts Debian's own QEMUs with a VF on Linux $run{release}, and looks at
the VF's config space as a guest does, through qtest: no guest runs. $run{date}, commit $run{commit}. `ranges=` names 0xf00 as the
place. These VMMs know nothing of the module: they show what the kernel shows.

## What a guest finds

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
