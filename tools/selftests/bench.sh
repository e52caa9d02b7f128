#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the module costs (make bench): counts instructions in a VM and judges them
# (bench_test), takes the time in another one, compares the layouts of fleets, and
# writes bench.json, docs/performance.md, its plots, and README's table. All of it takes
# five minutes.
# OUT is check.sh's. QUICK=1: only a part is counted, and no document is written.

set -eu
. "$(dirname "$(readlink -f "$0")")/vm-lib.sh"

# One host with 64 VFs, as "vfio-pasid --json list" tells it
make_host() {
	local i dump=$work/host.dump
	for i in {0..63}; do
		awk -v size=4096 -f "$top/tools/vfio-pasid/tests/fill.awk" \
			"$top/tools/vfio-pasid/tests/vf.rows" |
			sed "1s/^[^ ]*/$(printf '0000:3b:%02x.%x' $((i / 8)) $((i % 8)))/"
		echo
	done > "$dump"
	"$out/tool/vfio-pasid" -n -F "$dump" --ranges 19e5:a251@0xf00+0x40 --json list \
		> "$work/host.json"
}

# fleet HOSTS: seconds that a comparison of so many hosts takes, as a row
fleet() {
	local i dir=$work/fleet-$1 TIMEFORMAT=%U seconds
	mkdir -p "$dir"
	for ((i = 0; i < $1; i++)); do
		ln "$work/host.json" "$dir/$i.json"
	done
	seconds=$({ time "$out/tool/vfio-pasid" diff "$dir" > "$work/diff.log"; } 2>&1)
	echo "row {\"name\": \"diff of $1 hosts with 64 functions each\", \"unit\": \"seconds\", \"without\": null, \"with\": $seconds, \"ratio\": null, \"target\": null, \"met\": null}"
}

# What the linker says of the module
section_sizes() {
	size "$out/6.1/module/vfio-pasid.ko" | awk 'NR == 2 {
		split("text data bss", name)
		for (i = 1; i <= 3; i++)
			printf("row {\"name\": \"module: %s\", \"unit\": \"bytes\", \"without\": null, \"with\": %d, \"ratio\": null, \"target\": null, \"met\": null}\n", name[i], $i)
	}'
}

measure_here() {
	local n
	make -s -C "$top/tools/vfio-pasid" O="$out/tool" > "$out/tool-make.log" 2>&1
	section_sizes
	make_host
	for n in 10 100 1000 10000; do
		fleet "$n"
	done
}

"$vm/deps.sh" gnuplot-nox
out=${OUT:-$VM_CACHE/check}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
QUICK=${QUICK-} OUT=$out KERNELS=6.1 "$here/check.sh" bench || status=$?
[ -z "${QUICK-}" ] || exit "$status"

step "Taking the time"
use_kernel 6.1
top_out=$out
out=$out/6.1
QUICK='' run_vm "$top_out/time-vm" bench -a quiet > "$top_out/bench-time.log"
out=$top_out
"$out/6.1/tests/bench_test" pure "$("$vm/dumps.sh")" > "$work/native.log"
measure_here > "$work/here.log"
step "Writing bench.json and docs/performance.md"
perl "$here/bench/report.pl" "$out/bench.json" "$top/docs" "$out/6.1/bench.log" \
	"$out/bench-time.log" "$work/native.log" "$work/here.log"
exit "$status"
