#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All tests, or some: check.sh [NAME]...
#
# Installs what it needs (as root), builds the module and the tests, runs the
# userspace tests here and the others in VMs, and closes with one line
# "N passed, N failed, N skipped". Names: see below.
#
# KERNELS="6.1 6.12 lab" are the kernels; tools/vm/kernel.sh has what they are, and
# fetches or builds one when its first test comes. Without KERNELS it is 6.1. A
# test counts when its TAP line says so. A program whose plan is not fulfilled,
# because it or the VM died, counts as failed, and so does a report in the
# kernel's log.
#
# SOAK=N: tests that run for a time run N times as long. SEED=N: the seed of those
# that choose at random; 1, so that a run can be repeated, or another one each
# time if it is empty (make soak). They print theirs.
#
# QUICK=: the bench takes all its time (make bench).
#
# mutate breaks rules and sees the unit tests fail: MUTANTS="session pure" are the
# lists in unit/mutants, or all of them (make mutate).

set -u
here=$(dirname "$(readlink -f "$0")")
. "$here/vm-lib.sh"

steps="style build unit tool vendor docs mutate fuzz"
names="$steps $(vm_names)"
only=${*:-$names}

passed=0
failed=0
skipped=0

# Read TAP on stdin, show what matters, and add it to the totals.
count_tap() {
	local name=$1 log=$2 plan ok bad skip
	plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	skip=$(grep -cE '^ok .*# SKIP' "$log")
	ok=$(grep -cE '^ok ' "$log")
	bad=$(grep -cE '^not ok ' "$log")
	passed=$((passed + ok - skip))
	skipped=$((skipped + skip))
	failed=$((failed + bad))
	if [ "$plan" -eq 0 ] || [ $((ok + bad)) -lt "$plan" ]; then
		echo "not ok - $name: $((ok + bad)) of $plan tests reported, see $log"
		failed=$((failed + 1))
	fi
	printf '%-9s %d passed, %d failed, %d skipped\n' "$name" \
		$((ok - skip)) "$bad" "$skip"
}

# One step that is a test of its own: it passes if the command succeeds.
one_step() {
	local name=$1 log=$out/$1.log
	shift
	if "$@" > "$log" 2>&1; then
		echo "ok 1 $name" >> "$log"
	else
		cat "$log"
		echo "not ok 1 $name" >> "$log"
	fi
	echo 1..1 >> "$log"
	count_tap "$name" "$log"
}

wanted() {
	[[ " $only " == *" $1 "* ]]
}

# From stdin: checkpatch takes a file that git knows for source. We do not have
# the commits that Fixes: tags name.
check_patches() {
	local patch
	for patch in "$top"/patches/*.patch; do
		[ "${patch##*/}" != 0000-cover-letter.patch ] || continue
		perl "$VM_SOURCE/scripts/checkpatch.pl" --no-tree --strict --terse \
			--show-types --quiet --no-summary \
			--ignore UNKNOWN_COMMIT_ID - < "$patch" || return
	done
}

check_style() {
	cd "$top" || return 1
	find . -name '*.[ch]' ! -name '*.mod.c' ! -name vfio_pasid_table.h \
		-exec "$here/style.sh" "$VM_SOURCE/scripts/checkpatch.pl" {} + &&
		check_patches
}

# A warning is an error: -Werror for gcc, this for sparse and modpost. A file that
# has one is not compiled again, so the next run starts from nothing.
build_quietly() {
	"$here/build.sh" "$out" C=1 > "$out/make.log" 2>&1 ||
		{ cat "$out/make.log"; return 1; }
	# depmod misses the files of the kernel's own modules below OUT/root
	! grep -E 'warning:|WARNING:' "$out/make.log" | grep -v '^depmod' ||
		{ rm -rf "$out/module" "$out/modules"; return 1; }
}

# The module in userspace, over vfio-pci-core's own code: 6.1's and the lab kernel's,
# of which nothing is built
make_unit() {
	local lab
	lab=$("$vm/kernel.sh" lab-source | sed -n 's/^VM_KDIR=//p')
	make -j"$(nproc)" -C "$here/unit" O="$out/unit" KSFT="$VM_SOURCE/tools/testing/selftests" \
		CORE_6_1="$VM_SOURCE" CORE_LAB="$lab" "$@"
}

# Fewer images for the guard than a run by hand, since there is its fuzzer, too
run_unit() {
	GUARD_IMAGES=${GUARD_IMAGES:-10000} make_unit -s check > "$out/unit.log" 2>&1 ||
		echo "make failed" >> "$out/unit.log"
	grep -E '^not ok|Expected|ERROR|error: |make failed' "$out/unit.log"
	count_tap unit "$out/unit.log"
}

# The command, with sanitizers, over golden files and the dumps
run_tool() {
	local dumps checkers
	dumps=$("$vm/dumps.sh") || exit 1
	checkers=$("$vm/checkers.sh") || exit 1
	QEMU="$vm/qemu.sh" CHECKERS="$checkers" \
		make -s -C "$top/tools/vfio-pasid" O="$out/tool" DUMPS="$dumps" check > "$out/tool.log" 2>&1 ||
		echo "make failed" >> "$out/tool.log"
	grep -E '^not ok|^# |error:|make failed' "$out/tool.log"
	count_tap tool "$out/tool.log"
}

# The marker in SystemVerilog
run_vendor() {
	mkdir -p "$out/vendor"
	make -s -C "$top/tools/vfio-pasid" O="$out/vendor/tool" > "$out/vendor.log" 2>&1 &&
		LC_ALL=C.UTF-8 "$top/docs/vendor/test.sh" "$out/vendor/tool/vfio-pasid" "$out/vendor" > "$out/vendor.log" 2>&1
	grep -E '^not ok|^# ' "$out/vendor.log"
	count_tap vendor "$out/vendor.log"
}

# The documents, and what they tell a user to do here
run_docs() {
	rm -rf "$out/docs"
	mkdir -p "$out/docs"
	(cd "$top" && perl tools/selftests/docs.pl check "$out/docs") > "$out/docs.log" 2>&1
	grep -E '^not ok|^# ' "$out/docs.log"
	count_tap docs "$out/docs.log"
}

# The guard's are many, and its images, too
run_mutate() {
	make_unit -s MUTANTS="${MUTANTS-session pure}" mutate > "$out/mutate.log" 2>&1
	grep '^not ok' "$out/mutate.log"
	count_tap mutate "$out/mutate.log"
}

# What later steps need, in their order, while the first ones use one processor. Who needs
# it waits in cached(), and says so if it cannot be had.
fetch_ahead() {
	"$vm/kernel.sh" lab-source
	"$vm/dumps.sh"
	"$vm/checkers.sh"
	"$vm/kernel.sh" "${kernels%% *}"
	"$vm/qemu.sh"
}

# A minute of it, or FUZZ_SECONDS; with a seed, so that a run can be repeated
run_fuzz() {
	make_unit SECONDS="${FUZZ_SECONDS:-60}" SEED=1 fuzz
}

# check_vm DIR TESTS [OPTION-OF-RUN.SH]...: these tests in one VM
check_vm() {
	local dir=$out/$1 tests=$2 t
	shift 2
	run_vm "$dir" "$tests" -t $((2700 * ${SOAK:-1})) "$@" |
		grep --line-buffered -vE '^# +(RUN|OK) |^ok |^TAP|^1\.\.|^# (Starting|PASSED|Totals)|^row '
	# A crash, a timeout, or a report in the kernel's log
	if [ "${PIPESTATUS[0]}" -ne 0 ]; then
		echo "not ok - the VM, see $dir/console.log"
		failed=$((failed + 1))
	fi
	for t in boot $tests; do
		awk -v t="$t" '$0 == "== end " t { on = 0 } on
			       $0 == "== begin " t { on = 1 }' \
			"$dir/output.log" > "$out/$t.log"
		count_tap "$t" "$out/$t.log"
	done
}

for name in $only; do
	[[ " $names " == *" $name "* ]] ||
		{ echo "no test $name; there are: $names" >&2; exit 2; }
done

# tests_for VM: the names that are wanted of those that run there. Only the lab
# kernel makes reports, and it costs more than what people run. A QEMU is built for one
# that is named, and no other, and it is x86's.
tests_for() {
	local t
	for t in $(vm_names); do
		case $(bench_of "$t") in
		*reports*)	[ "$1" = reports ] && [ "$kernel" = lab ] ;;
		*count*)	[ "$1" = count ] && [ "$kernel" = 6.1 ] ;;
		*qemu*)		[ "$1" = qemu ] && [ "$only" != "$names" ] && [[ $kernel != arm64* ]] ;;
		*dma*)		[ "$1" = dma ] && [ "$only" != "$names" ] && [[ $kernel != arm64* ]] ;;
		*clients*)	[ "$1" = vm ] && [ "$only" != "$names" ] && [ "$kernel" = lab ] ;;
		*stock*)	[ "$1" = vm ] && [[ $kernel != arm64* ]] ;;
		*libvirt*)	[ "$1" = vm ] && [ "$only" != "$names" ] && [[ $kernel != arm64* ]] ;;
		*drivers*)	[ "$1" = vm ] && [ "$kernel" = lab ] ;;
		*no-pasids*)	[ "$1" = vm ] && [[ $kernel = arm64* ]] ;;
		*)		[ "$1" = vm ] ;;
		esac && wanted "$t" && echo "$t"
	done
}

check_kernel() {
	local before=$failed tests reports count qemu dma
	kernel=$1
	tests=$(tests_for vm | xargs)
	reports=$(tests_for reports | xargs)
	count=$(tests_for count | xargs)
	qemu=$(tests_for qemu | xargs)
	dma=$(tests_for dma | xargs)
	[ -n "$tests$reports$count$qemu$dma" ] || wanted build || return
	use_kernel "$kernel" || exit 1
	out=${OUT:-$VM_CACHE/check}/$kernel
	mkdir -p "$out"

	step "Building the module and the tests for $VM_RELEASE"
	one_step build build_quietly
	[ "$failed" -eq "$before" ] || return
	# Debian's kernels have no KASAN: red zones and poison, looked at when memory is freed
	[ -z "$tests" ] || check_vm vm "$tests" -a slub_debug=FZP
	# What they do to the kernel's memory must not reach other tests
	[ -z "$reports" ] || check_vm reports-vm "$reports" -a "kasan_multi_shot loglevel=1"
	[ -z "$count" ] || COUNT=1 check_vm count-vm "$count" -a quiet -c
	[ -z "$qemu" ] || check_vm qemu-vm "$qemu" -p
	[ -z "$dma" ] || check_vm dma-vm "$dma" -d
}

"$vm/deps.sh" || exit 1
kernels=${KERNELS:-6.1}
settings=$("$vm/kernel.sh" source) || exit 1
eval "$settings"
out=${OUT:-$VM_CACHE/check}
mkdir -p "$out"

if [ "$only" = "$names" ]; then
	fetch_ahead > /dev/null &
fi
wanted style && one_step style check_style
wanted unit && run_unit
wanted tool && run_tool
wanted vendor && run_vendor
wanted docs && run_docs
wanted mutate && run_mutate
wanted fuzz && one_step fuzz run_fuzz
for kernel in $kernels; do
	check_kernel "$kernel"
done

echo "$passed passed, $failed failed, $skipped skipped"
[ -n "${KERNELS-}" ] || [ "$only" != "$names" ] ||
	echo 'There is more: make check KERNELS="6.12 lab", and what make help lists.'
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
