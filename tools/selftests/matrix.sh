#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What runs on which kernel (make matrix): run the tests that can differ between
# kernels on each kernel, keep the results in docs/kernels, and write docs/kernels.md.
# With the lab kernel, also what drivers.pl says of the drivers in its source, if the test
# "drivers" has run.
#
# KERNELS= are the kernels, all if it is empty; the results of others stay. T= are the
# tests, OUT= is check.sh's.

set -u
. "$(dirname "$(readlink -f "$0")")/vm-lib.sh"
. "$here/results.sh"

all="6.1 6.1-rt 6.12 6.12-trixie new new-rt sid lab arm64 arm64-64k arm64-stock"

# Left out: what counts instructions, runs a QEMU in the VM or as one, or tests the
# documents
programs() {
	local t
	for t in $(vm_names); do
		case $(bench_of "$t") in
		*count*|*qemu*|*stock*|*libvirt*|*clients*|*dma*|*documents*) ;;
		*)	echo "$t" ;;
		esac
	done
}

# Why tests were skipped: a line for each reason, with the number of tests
skips() {
	local t
	for t in $(sed -n 's/^ran \([^ ]*\).*/\1/p' "$1"); do
		sed -n 's/^ok .*# SKIP */skip /p' "$out/$kernel/$t.log"
	done | sort | uniq -c | awk '{ n = $1; sub(/^ *[0-9]+ skip /, ""); print "skip", n, $0 }'
}

# keep LOG: what check.sh has said, as a file of results
keep() {
	local log=$1 result=$results/$kernel.part total
	total=$(sed -n 's/^\([0-9]* passed, .*\)/total \1/p' "$log")
	[ -n "$total" ] || { rm -f "$result"; die "no results of $kernel, see $log"; }
	{
		printf '%s\n' "kernel $kernel" "release $VM_RELEASE" "architecture ${VM_ARCH:-x86}"
		cat "$out/matrix-$kernel.origin"
		echo "$total"
		sed -nE 's/^([a-z_]+) +([0-9]+ passed, [0-9]+ failed, [0-9]+ skipped)$/ran \1 \2/p' "$log"
	} > "$result"
	skips "$result" >> "$result"
	mv "$result" "$results/$kernel.txt"
}

# Which drivers the module meets: from the source of the lab kernel, and from the test
write_drivers() {
	local source=$VM_KDIR/drivers/vfio/pci release=$VM_RELEASE
	(
		use_kernel new || exit
		cd "$top" && perl tools/selftests/drivers.pl "$source" "$VM_MODULES/lib/modules/$VM_RELEASE/modules.dep" "$out/lab/drivers.log" |
			sed "s/\$/\t$release\t$(origin | cut -d ' ' -f 2- | paste -s)/" > "$results/drivers.part" &&
			mv "$results/drivers.part" "$results/drivers.tsv"
	)
}

"$vm/deps.sh" || exit 1
out=${OUT:-$VM_CACHE/check}
mkdir -p "$out" "$results"
status=0
for kernel in ${KERNELS:-$all}; do
	use_kernel "$kernel" || exit 1
	origin > "$out/matrix-$kernel.origin"
	# shellcheck disable=SC2046
	OUT=$out KERNELS=$kernel "$here/check.sh" ${T:-build $(programs)} 2>&1 | tee "$out/matrix-$kernel.log"
	[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
	keep "$out/matrix-$kernel.log"
	if [ "$kernel" = lab ] && grep -q '^ran drivers ' "$results/lab.txt"; then
		write_drivers || status=1
	fi
done
write_document
exit "$status"
