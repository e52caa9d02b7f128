#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# dumps.pl DIRECTORY FILE...: config space images from lspci -xxxx output, one
# for each function with all 4096 bytes, a type 0 header, and a PCIe type that
# can be assigned: the kernel's own port driver takes event collectors.

use strict;
use warnings;

my ($dir, @files) = @ARGV;

# Device/Port Type of the Express capability: endpoint if there is none
sub port_type {
	my ($image) = @_;
	my ($pos, $left) = (ord(substr $image, 0x34, 1), 48);

	while ($pos >= 0x40 && $left--) {
		my ($id, $next, $flags) = unpack 'CCv', substr $image, $pos & ~3, 4;
		return $flags >> 4 & 0xf if $id == 0x10;
		$pos = $next;
	}
	return 0;
}

sub finish {
	my ($name, $bytes) = @_;

	return unless keys %$bytes == 256;
	my $image = join '', map { $bytes->{$_ * 16} // return } 0 .. 255;
	return if ord(substr $image, 14, 1) & 0x7f;
	return unless grep { $_ == port_type($image) } 0, 1, 9;
	open my $out, '>:raw', "$dir/$name.img" or die "$name: $!\n";
	print $out $image;
	close $out;
}

for my $file (@files) {
	next unless -f $file;
	my ($function, %bytes) = ('none');
	my ($base) = $file =~ m{([^/]+)$};
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		if (/^((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\s/) {
			finish("$base-$function", \%bytes);
			($function = $1) =~ tr/:/_/;
			%bytes = ();
		} elsif (/^([0-9a-f]{2,3}): ((?:[0-9a-f]{2} ?){16})\s*$/) {
			my ($offset, $line) = (hex $1, $2);
			$bytes{$offset} = pack 'H*', $line =~ s/ //gr;
		}
	}
	finish("$base-$function", \%bytes);
}
