#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Make the module's device table from its text form. Prints the C array; on a
# bad line it says which and why, and exits with 1, so that the build fails.
# The format is described at the top of table.txt.

use strict;
use warnings;

# VFIO_PASID_MAX_LIVE, and what is left of VFIO_PASID_MAX_CANDIDATES
use constant { MAX_LIVE => 32, MAX_FREE => 4 };

my %function = (any => 'TABLE_ANY', pf => 'TABLE_PF', vf => 'TABLE_VF');
my (@lines, $at);

sub refuse { die "$at: $_[0]\n" }

sub parse_ids {
	my ($what, $text) = @_;

	return (0xffff, 0xffff) if $text eq '*';
	$text =~ /^([0-9a-f]{4}):([0-9a-f]{4}|\*)$/
		or refuse("$what \"$text\" is not vendor:device in hexadecimal");
	my ($vendor, $device) = (hex $1, $2 eq '*' ? 0xffff : hex $2);
	refuse("$what: ffff is none") if $vendor == 0xffff || $2 eq 'ffff';
	return ($vendor, $device);
}

sub parse_range {
	my ($text) = @_;

	$text =~ /^([0-9a-f]{3})\+([0-9a-f]{1,3})$/
		or refuse("range \"$text\" is not offset+length in hexadecimal");
	my ($offset, $length) = (hex $1, hex $2);
	refuse("range \"$text\" is not aligned to 4") if ($offset | $length) & 3;
	refuse("range \"$text\" is not inside of 100..fff")
		if $offset < 0x100 || $offset + $length > 0x1000;
	return ($offset, $length);
}

sub parse_line {
	my ($ids, $rev, $subsystem, $fn, $range, $kind, $confidence, $evidence) =
		split ' ', $_[0], 8;
	my %line = (at => $at);

	defined $evidence && $evidence =~ /\w{3}/ or refuse('no evidence');
	@line{qw(vendor device)} = parse_ids('vendor:device', $ids);
	refuse('a line needs a vendor') if $line{vendor} == 0xffff;
	$rev =~ /^(\*|[0-9a-f]{2})$/ or refuse("revision \"$rev\" is not two hexadecimal digits or *");
	$line{revision} = $rev eq '*' ? 0x100 : hex $rev;
	@line{qw(subvendor subdevice)} = parse_ids('subsystem', $subsystem);
	refuse('a subsystem has no wildcard in it')
		if $line{subvendor} != 0xffff && $line{subdevice} == 0xffff;
	$line{function} = $function{$fn} or refuse("function \"$fn\" is not pf, vf or any");
	@line{qw(offset length)} = parse_range($range);
	$kind =~ /^(free|live)$/ or refuse("kind \"$kind\" is not free or live");
	$line{live} = $kind eq 'live';
	refuse('a free range has at least 8 bytes') if !$line{live} && $line{length} < 8;
	refuse('a live range has at least 4 bytes') if $line{length} < 4;
	refuse('unproven: vfio-pasid scan found it, a source is missing')
		if $evidence =~ /^unproven/;
	$confidence =~ /^(high|medium|low)$/ or refuse("confidence \"$confidence\" is not high, medium or low");
	return \%line;
}

sub meet { my ($x, $y, $any) = @_; return $x eq $any || $y eq $any || $x eq $y }

# Is there a function that both lines are for?
sub same_function {
	my ($x, $y) = @_;

	return $x->{vendor} == $y->{vendor} &&
	       meet($x->{device}, $y->{device}, 0xffff) &&
	       meet($x->{revision}, $y->{revision}, 0x100) &&
	       meet($x->{subvendor}, $y->{subvendor}, 0xffff) &&
	       meet($x->{subdevice}, $y->{subdevice}, 0xffff) &&
	       meet($x->{function}, $y->{function}, 'TABLE_ANY');
}

sub overlap {
	my ($x, $y) = @_;

	return $x->{offset} < $y->{offset} + $y->{length} &&
	       $y->{offset} < $x->{offset} + $x->{length};
}

sub check_pairs {
	my %of_vendor;

	for my $y (@lines) {
		my $same = 0;

		$at = $y->{at};
		push @{$of_vendor{$y->{vendor}}}, $y;
		for my $x (@{$of_vendor{$y->{vendor}}}) {
			next unless same_function($x, $y);
			$same++ if $x->{live} == $y->{live};
			refuse("overlaps with $x->{at}") if $x != $y && overlap($x, $y);
		}
		refuse('too many lines for one function')
			if $same > ($y->{live} ? MAX_LIVE : MAX_FREE);
	}
}

die "usage: mktable.pl FILE...\n" unless @ARGV;
for my $file (@ARGV) {
	open my $in, '<', $file or die "$file: $!\n";
	while (my $text = <$in>) {
		$at = "$file:$.";
		next if $text =~ /^\s*(#|$)/;
		my @words = split ' ', $text, 8;
		refuse('eight fields are needed, the last one is the evidence')
			if @words < 8;
		push @lines, parse_line($text);
	}
	close $in;
}
die "no lines\n" unless @lines;
check_pairs();

print "/* SPDX-License-Identifier: GPL-2.0 */\n/* Made by mktable.pl, do not edit */\n";
print "static const struct table_line table[] = {\n";
for my $l (sort { $a->{vendor} <=> $b->{vendor} || $a->{device} <=> $b->{device} ||
		  $a->{offset} <=> $b->{offset} } @lines) {
	printf "\t{ 0x%04x, 0x%04x, 0x%x, 0x%04x, 0x%04x, %s, %s, { 0x%x, 0x%x } },\n",
		@$l{qw(vendor device revision subvendor subdevice function)},
		$l->{live} ? 'true' : 'false', @$l{qw(offset length)};
}
print "};\n";
