#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# style.sh CHECKPATCH FILE...: checkpatch --strict, and nothing to say
#
# Left out, and why:
#   ARRAY_SIZE, BIT_MACRO: the pure files and the test programs build in
#	userspace, which has neither.
#   CAMELCASE: libFuzzer's entry point has its name from LLVM.
#   COMPLEX_MACRO, MACRO_WITH_FLOW_CONTROL: kselftest_harness's macros define
#	functions and variants.
#   LEADING_SPACE: the arguments of such a macro, aligned.
#   LONG_LINE_STRING: what the log is compared with is searched for with grep.
#   MACRO_ARG_REUSE: userspace's kernel has the macros of the kernel's lists.
#   PREFER_DEFINED_ATTRIBUTE_MACRO: userspace has no __printf().
#   REPEATED_WORD: "moves on on success" is right.

checkpatch=$1
shift
exec perl "$checkpatch" --no-tree --strict --terse --show-types --quiet \
	--no-summary --file \
	--ignore ARRAY_SIZE,BIT_MACRO,CAMELCASE,COMPLEX_MACRO,MACRO_WITH_FLOW_CONTROL,LEADING_SPACE,LONG_LINE_STRING,MACRO_ARG_REUSE,PREFER_DEFINED_ATTRIBUTE_MACRO,REPEATED_WORD \
	"$@"
