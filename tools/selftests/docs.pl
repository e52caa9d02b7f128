#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# What the documents say is true, as far as a program can tell. From the top of
# the tree:
#
#   docs.pl check SCRATCH   TAP; SCRATCH is an empty directory
#   docs.pl extract DIR     the blocks for the VM, as scripts in DIR
#
# Each fenced block says what is done with it:
#   sh run    run by check, in a copy of the tree; it has to succeed
#   sh vm     run by the VM test "docs", as root on a host; 3b:00.1 is a VF there
#   sh check  not run here, since it installs packages or takes an hour: its make
#             targets, and the command's verbs and options, have to exist
#   c FILE, systemverilog FILE	the same as that file, from its first line of code on
#   text, c, ini, xml, diff	not run

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);

my @documents = sort qw(README.md CONTRIBUTING.md CHANGELOG.md tools/selftests/README.md),
		glob('docs/*.md docs/vendor/*.md');
my @manuals = glob('data/*.4 tools/vfio-pasid/*.8');
my ($n, %text, %blocks) = (0);

sub slurp { local (@ARGV, $/) = @_; return scalar <> }

# Fenced blocks: [line, info string, content]
sub parse {
	my ($document) = @_;
	my ($number, $block) = (0);

	for my $line (split /^/, $text{$document} = slurp($document)) {
		$number++;
		if ($block && $line =~ /^```\s*$/) {
			push @{$blocks{$document}}, $block;
			$block = undef;
		} elsif ($block) {
			$block->[2] .= $line;
		} elsif ($line =~ /^```\s*(.*?)\s*$/) {
			$block = [$number, $1, ''];
		}
	}
	push @{$blocks{$document}}, [$block->[0], 'a block without an end', ''] if $block;
}

sub prose { my $t = $text{$_[0]}; $t =~ s/^```.*?^```$//gms; return $t }

sub report {
	my ($name, @why) = @_;

	printf "%s %d %s\n", @why ? 'not ok' : 'ok', ++$n, $name;
	print "# $_\n" for map { split /\n/ } @why;
}

# As GitHub makes them
sub anchors {
	my ($document) = @_;
	my @anchors;

	for (prose($document) =~ /^#+ +(.*?) *$/gm) {
		my $anchor = lc $_;
		$anchor =~ s/[^\w\- ]//g;
		$anchor =~ s/ /-/g;
		push @anchors, $anchor;
	}
	return @anchors;
}

sub check_link {
	my ($document, $link) = @_;
	my ($file, $anchor) = split /#/, $link, 2;
	my $path = $file eq '' ? $document : dirname($document) . "/$file";

	return if $link =~ /^https?:/;
	$path =~ s{^\./}{};
	1 while $path =~ s{[^/]+/\.\./}{};
	return "$document: $link is not there" unless -e $path;
	return unless defined $anchor;
	return if exists $text{$path} && grep { $_ eq $anchor } anchors($path);
	return "$document: $link has no such heading";
}

sub check_links {
	my ($document) = @_;
	my $prose = prose($document);
	my @bad = map { check_link($document, $_) } $prose =~ /\]\(([^)\s]+)\)/g;

	# Files of the tree that are named in passing
	for my $path ($prose =~ m{`((?:docs|data|tools|patches|integration|include)/[\w./*-]*)`}g) {
		push @bad, "$document: $path is not there" unless grep { -e } glob $path;
	}
	return @bad;
}

sub check_block {
	my ($document, $line, $info, $content) = ($_[0], @{$_[1]});

	if ($info =~ /^(?:c|systemverilog) (\S+)$/) {
		my $name = $1;
		return "$document:$line: no $name" unless -e $name;
		my $file = slurp($name);
		$file =~ s{\A(?://[^\n]*\n|/\*.*?\*/\n|\n)+}{}s;
		return "$document:$line: not what $name has" if $file ne $content;
	} elsif ($info !~ /^(?:sh (?:run|vm|check)|text|c|ini|xml|diff)$/) {
		return "$document:$line: \"$info\" does not say what is done with the block";
	}
	return;
}

# An indented block would be run by nobody
sub check_indented {
	my ($document) = @_;

	return prose($document) =~ /\n\n((?: {4}|\t)\S.*)/ ?
	       "$document: no fence around \"$1\"" : ();
}

sub words_of_tool {
	my $manual = slurp('tools/vfio-pasid/vfio-pasid.8');
	my %word;

	$word{$_}++ for map { split / , / } $manual =~ /^\.It Cm ([\w-]+(?: , [\w-]+)*)/gm;
	$word{"--$_"}++ for map { /-([\w-]+)/g } $manual =~ /^\.It (Fl -.*)/gm;
	$word{"-$_"}++ for map { /\b(\w+)\b/g } $manual =~ /^\.It Fl (\w+(?: , Fl \w+)*)/gm;
	return \%word;
}

sub check_command {
	my ($command, $targets, $words) = @_;

	if ($command =~ /^(?:\w+="?[^"]*"? )*make (.*)/) {
		for my $target (grep { !/=|^[-"]/ } split ' ', $1 =~ s/"[^"]*"//gr) {
			return "make has no $target" unless $targets->{$target};
		}
	} elsif ($command =~ /^vfio-pasid (.*)/) {
		my @args = split ' ', $1;
		for my $option (grep { /^-./ } @args) {
			return "vfio-pasid has no $option" unless $words->{$option =~ s/=.*//r};
		}
		return "vfio-pasid has no verb here" unless grep { $words->{$_} && !/^-/ } @args;
	}
	return;
}

# Comments, continued lines and pipelines are cut
sub commands {
	my ($content) = @_;

	$content =~ s/\\\n\s*//g;
	$content =~ s/(^|\s)#.*$//gm;
	return grep { /\S/ } map { s/^\s+|\s+$//gr } split /\n|&&|\|\|?|;/, $content;
}

sub check_words {
	my ($document) = @_;
	my %targets = map { $_ => 1 } split ' ', slurp('Makefile') =~
		s/\\\n//gr =~ /^\.PHONY: (.*)/m ? $1 : '';
	my $words = words_of_tool();
	my @bad;

	for my $block (grep { $_->[1] =~ /^sh/ } @{$blocks{$document} || []}) {
		push @bad, map { "$document:$block->[0]: $_" }
			   map { check_command($_, \%targets, $words) }
			   commands($block->[2]);
	}
	# In passing, too
	push @bad, map { "$document: make has no $_" } grep { !$targets{$_} }
		   prose($document) =~ /`make ([a-z][\w-]*)/g;
	return @bad;
}

# `name_test`, `name_test: function`, `path/name_test.c: function`
sub check_tests {
	my ($document) = @_;
	my ($prose, @bad) = prose($document);

	while ($prose =~ /`(?:[\w-]+\/)*([a-z]\w*_test)(?:\.(?:c|sh))?(?:: ([\w, ]+))?`/g) {
		my ($program, $functions) = ($1, $2 // '');
		my @files = split /\n/, `find tools -name '$program.*'`;
		push @bad, "$document: no test $program" unless @files;
		for my $function (split /, */, $functions) {
			push @bad, "$document: $program has no $function" unless
				grep { slurp($_) =~ /\b$function\b/ } @files;
		}
	}
	return @bad;
}

sub run_blocks {
	my ($scratch) = @_;
	my $copy = abs_path($scratch) . '/tree';

	system("rsync -a --exclude=.git --exclude=build --exclude='*.o' ./ '$copy'") == 0
		or die "cannot copy the tree\n";
	for my $document (@documents) {
		for my $block (grep { $_->[1] eq 'sh run' } @{$blocks{$document} || []}) {
			open my $out, '>', "$scratch/block" or die;
			print $out "set -e\ncd '$copy'\nPATH=$copy/tools/vfio-pasid/build:\$PATH\n$block->[2]";
			close $out;
			my $said = `sh '$scratch/block' 2>&1 < /dev/null`;
			report("$document:$block->[0] runs", $? ? $said : ());
		}
	}
}

sub check_manual {
	my ($manual) = @_;
	my $said = `mandoc -T lint -W warning '$manual' 2>&1; man --warnings -E UTF-8 -l '$manual' 2>&1 > /dev/null`;

	report("$manual is well formed", $said eq '' ? () : $said);
}

# What the module has, its manual has
sub check_module_manual {
	my $manual = slurp('data/vfio-pasid.4');
	my @names = map { slurp($_) =~ /module_param_cb\((\w+)/g } glob('*.c');

	push @names, slurp('docs/ABI.txt') =~ m{^What: .*/vfio_pasid/(\w+)$}gm;
	push @names, slurp('include/uapi/linux/vfio_pasid.h') =~ /^#define (VFIO_DEVICE_FEATURE_\w+)/gm;
	report('vfio-pasid(4) has each parameter, file and feature',
	       @names < 10 ? 'few names found' : (),
	       map { "no $_" } grep { $manual !~ /^\.It (?:Cm|Pa|Dv) $_\b/m } @names);
}

# Written by a program, and never by hand
sub check_written {
	my ($document, $program) = @_;
	my $said = `perl tools/selftests/$program | diff - $document 2>&1`;

	report("$document is what $program writes", $said eq '' ? () : $said);
}

sub check {
	my ($scratch) = @_;
	my $lines = $text{'README.md'} =~ tr/\n//;

	print "TAP version 13\n";
	report('README.md has at most 150 lines', $lines > 150 ? "$lines" : ());
	report('links and files are there', map { check_links($_) } @documents);
	report('each block says what is done with it', map {
		my $document = $_;
		map { check_block($document, $_) } @{$blocks{$document} || []} } @documents);
	report('each block has a fence', map { check_indented($_) } @documents);
	report('targets, verbs and options exist', map { check_words($_) } @documents);
	report('tests that are named exist', map { check_tests($_) } @documents);
	check_manual($_) for @manuals;
	check_module_manual();
	check_written('docs/kernels.md', 'kernels.pl docs/kernels');
	check_written('docs/vmms.md', 'vmm.pl docs/vmms');
	run_blocks($scratch);
	print "1..$n\n";
}

# Numbered in the order in which they are run
sub extract {
	my ($dir) = @_;
	my $number = 0;

	for my $document (@documents) {
		for my $block (grep { $_->[1] eq 'sh vm' } @{$blocks{$document} || []}) {
			my $name = sprintf '%s/%02d-%s-%d.sh', $dir, ++$number,
				basename($document, '.md'), $block->[0];
			open my $out, '>', $name or die "$name: $!\n";
			print $out $block->[2];
			close $out;
		}
	}
}

die "usage: docs.pl check|extract DIR\n" unless @ARGV == 2;
parse($_) for @documents;
$ARGV[0] eq 'check' ? check($ARGV[1]) : extract($ARGV[1]);
