#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mutate.sh DIR LIST...: break each rule of these lists once, and see a test fail.
# Prints TAP; "not ok" is a rule that no test guards. make mutate calls it, and
# gives the kernels' sources. DIR keeps what need not be built again.
#
# A list (mutants/*.sh) has lines "mutate FILE WHAT SED-EXPRESSION". FILE is the
# module's, without vfio_pasid_ if it is a C file.

set -u
cd "$(dirname "$(readlink -f "$0")")" || exit 1
top=$(readlink -f ../../..)
base=$1
shift
lists=$*
tmp=$(mktemp -d -p "$base")
trap 'rm -rf "$tmp"' EXIT
n=0

# Fast to build, and memory errors that matter end a program all the same
build() {
	make -s O="$1" KSFT="$KSFT" CORE_6_1="$CORE_6_1" CORE_LAB="$CORE_LAB" \
		SANITIZE="-fsanitize=bounds -fsanitize-undefined-trap-on-error" \
		CFLAGS="-O0 -w" "${@:2}"
}

# mutate_file DIR FILE SED-EXPRESSION: 2 if that changes nothing
mutate_file() {
	local file=$2
	[ -e "$top/$file" ] || file=vfio_pasid_$file.c
	mkdir -p "$1/session"
	# A header is found beside the one that includes it
	case $file in
	*.h)	cp "$top"/*.h "$1/session" ;;
	esac
	rm -f "$1/session/$file"
	sed -E "$3" "$top/$file" > "$1/session/$file"
	! cmp -s "$top/$file" "$1/session/$file" || return 2
}

# Both kernels' libraries, all programs; the first failure is enough. A mutant can
# loop. The harness runs each test in a child, which timeout does not reach, so
# the limit is of the processor's time, in seconds
try_session() {
	local dir=$1 lib t
	build "$dir" session > "$dir/log" 2>&1 || return 3
	for lib in "$dir"/session_*; do
		for t in "$dir"/session/*_test; do
			# DIR may have one whose source is gone
			[ -e "${t##*/}.c" ] || [ -e "session/${t##*/}.c" ] || continue
			(ulimit -t 10; LD_LIBRARY_PATH=$lib timeout 60 "$t") > "$dir/log" 2>&1 ||
				return 1
		done
	done
}

# vfio-pci-core is not mutated, and its images are fewer
try_guard() {
	local dir=$1
	build "$dir" GUARD="$dir/session/vfio_pasid_guard.c" "$dir/guard_test" > "$dir/log" 2>&1 ||
		return 3
	GUARD_IMAGES=3000 timeout 120 "$dir/guard_test" > "$dir/log" 2>&1 || return 1
}

# try N LIST FILE WHAT SED-EXPRESSION: one mutant, in a copy of what is built
try() {
	local dir=$tmp/$1 status
	cp -al "$base/mutants" "$dir"
	# One for each: they run at the same time
	rm -f "$dir/log"
	mutate_file "$dir" "$3" "$5" && case $2 in
	guard)	try_guard "$dir" ;;
	*)	try_session "$dir" ;;
	esac
	status=$?
	case $status in
	0)	echo "not ok $1 $2: $4: no test fails" ;;
	1)	echo "ok $1 $2: $4" ;;
	2)	echo "not ok $1 $2: $4: there is nothing to change" ;;
	*)	echo "not ok $1 $2: $4: does not build: $(grep -m 1 error "$dir/log")" ;;
	esac
	rm -rf "$dir"
}

# As many at a time as there are processors
mutate() {
	n=$((n + 1))
	while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	try "$n" "$list" "$@" &
}

build "$base/mutants" -j"$(nproc)" session "$base/mutants/guard_test" || exit 1
# Nothing is told by tests that fail anyway
try_session "$base/mutants" || { echo "not ok - without any mutant: $base/mutants/log"; exit 1; }
for list in $lists; do
	. "mutants/$list.sh"
done
wait
echo "1..$n"
