#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# drivers.pl SOURCE MODULES.DEP LOG: what the module finds in each driver on vfio-pci-core,
# from drivers/vfio/pci of a kernel's source in SOURCE. A line for each table of ops: driver,
# ops, attached, ops that vfio-pci has and this one lacks, read or write of its own, PASID
# attach, whether the kernel of MODULES.DEP has the driver, and what drivers_test.c has said
# in LOG of each of its tests. Run it at the top of the tree.

use strict;
use warnings;

die "usage: drivers.pl SOURCE MODULES.DEP LOG\n" unless @ARGV == 3;
my ($source, $dep, $log) = @ARGV;

sub slurp { local (@ARGV, $/) = @_; return scalar <> }

# As KBUILD_MODNAME has it; the main directory has another module, too, the core
sub module_of {
	my ($dir) = @_;
	my @names = grep { !/core/ } slurp("$dir/Makefile") =~ /^obj-\$\(\w+\)\s*\+=\s*([\w-]+)\.o$/gm;

	die "$dir: which module?\n" unless @names == 1;
	return $names[0] =~ tr/-/_/r;
}

# The initializers of a type in some text: name, and a hash of the fields
sub tables {
	my ($text, $type) = @_;
	my @tables;

	while ($text =~ /struct $type (\w+) = \{(.*?)^\};/gms) {
		my ($name, $body) = ($1, $2);
		push @tables, [$name, { $body =~ /\.(\w+)\s*=\s*&?(\w+)/g }];
	}
	return @tables;
}

# As is_supported() in vfio_pasid_core.c sees it
sub attached {
	my ($text, $module) = @_;
	my ($excluded) = slurp('vfio_pasid_core.c') =~ /strcmp\(drv->name, "(\w+)"\)/ or die "no exclusion\n";
	my ($driver) = tables($text, 'pci_driver');
	my $handler = $driver->[1]{err_handler} // return 'no: no error handler';
	my ($own) = grep { $_->[0] eq $handler } tables($text, 'pci_error_handlers');

	return 'no: left out by name' if $module eq $excluded;
	return 'yes' if $handler eq 'vfio_pci_core_err_handlers';
	return $own && ($own->[1]{error_detected} // '') eq 'vfio_pci_core_aer_err_detected' ?
		'yes' : 'no: another error handler';
}

# As vfio_pasid_add_attach_ops() in compat.h sees it
sub pasid_attach {
	my ($ops) = @_;

	return 'its own' if $ops->{pasid_attach_ioas};
	for (qw(bind_iommufd unbind_iommufd attach_ioas)) {
		my $physical = 'vfio_iommufd_physical_' . s/_iommufd//r;
		return "no: $_ of its own" if ($ops->{$_} // '') ne $physical;
	}
	return 'added';
}

my %text = map { $_ => join '', map { slurp($_) } glob "$_/*.c" } $source, grep { -d } glob "$source/*";
delete $text{$_} for grep { $text{$_} !~ /struct vfio_device_ops \w+ = \{/ } keys %text;
my ($reference) = tables($text{$source}, 'vfio_device_ops');
my %in_debian = map { tr/-/_/r => 1 } map { m{([\w-]+)\.ko\S*:.*vfio-pci-core\.ko} } split /\n/, slurp($dep);
die "no driver in $dep\n" unless %in_debian;
my %tested = map { /^((?:not )?ok) \d+ drivers\.(\w+)\.(\w+)$/ ? ("$2.$3" => $1 eq 'ok' ? 'yes' : '**no**') : () }
	split /\n/, slurp($log);
die "no test in $log\n" unless %tested;

# vfio-pci itself is in all other tests
sub bound {
	my ($name) = @_;
	my $none = $name eq 'vfio_pci_ops' ? 'other tests' : 'not bound';

	return map { $tested{"$name.$_"} // $none }
		qw(loaded_after_the_module loaded_before_the_module unloaded_while_attached);
}

for my $dir (sort keys %text) {
	my $module = module_of($dir);
	for (tables($text{$dir}, 'vfio_device_ops')) {
		my ($name, $ops) = @$_;
		my @lacks = grep { !/^pasid_/ && !$ops->{$_} } sort keys %{$reference->[1]};
		my @own = grep { ($ops->{$_} // '') ne "vfio_pci_core_$_" } qw(read write);
		my $attached = attached($text{$dir}, $module);

		print join("\t", $module, $name, $attached, join(', ', @lacks) || 'none',
			   join(', ', @own) || 'none', $attached eq 'yes' ? pasid_attach($ops) : 'no',
			   $in_debian{$module} ? 'yes' : 'no', bound($name)), "\n";
	}
}
