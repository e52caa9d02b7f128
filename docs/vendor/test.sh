#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh VFIO-PASID SCRATCH: the marker in SystemVerilog has the bytes of
# vectors.txt, and "vfio-pasid check-marker" finds nothing wrong with it. TAP.

here=$(dirname "$(readlink -f "$0")")
program=$1
scratch=$2
n=0
failed=0

# report NAME: a test passes if the last command did
report() {
	if [ $? -eq 0 ]; then
		echo "ok $((n += 1)) $1"
	else
		echo "not ok $((n += 1)) $1"
		failed=1
		sed 's/^/# /; 20q' "$scratch/said"
	fi
}

# compile OFFSET LENGTH NEXT VENDOR ID
compile() {
	iverilog -g2012 -Wall -s testbench -o "$scratch/marker" \
		-Ptestbench.OFFSET=$((16#$1)) -Ptestbench.LENGTH=$((16#$2)) -Ptestbench.NEXT=$((16#$3)) \
		-Ptestbench.VENDOR=$((16#$4)) -Ptestbench.DVSEC_ID=$((16#$5)) \
		"$here/vfio_pasid_marker.sv" "$here/testbench.sv" > "$scratch/said" 2>&1
}

# LENGTH bytes of the dump from OFFSET on
bytes() {
	sed -n 's/^[0-9a-f]*:\(\( [0-9a-f][0-9a-f]\)\{16\}\)$/\1/p' "$scratch/dump" | tr -d '\n' |
		cut -d ' ' -f "$((16#$1 + 2))-$((16#$1 + 16#$2 + 1))"
}

# The header, zeros up to the end, and no byte of the next capability
has_bytes() {
	local offset=$1 length=$2 next=$3 expected=$4 i
	for ((i = 12; i < 16#$length; i++)); do
		expected="$expected 00"
	done
	bytes "$offset" "$length" > "$scratch/said"
	[ "$(cat "$scratch/said")" = "$expected" ] &&
		{ [ "$next" = 000 ] || [ "$(bytes "$next" 4)" = "03 00 01 00" ]; }
}

# Twice the same function in one dump: it has to be the same after a reset
conforms() {
	cat "$scratch/dump" "$scratch/dump" 2> /dev/null > "$scratch/dumps"
	"$program" -n --markers "$1" -F "$scratch/dumps" check-marker > "$scratch/said" 2>&1
}

check_vector() {
	local name="marker at $1+$2, next $3, pair $4:$5" header=${*:6} status

	compile "$@"
	status=$?
	if [ "$header" = refused ]; then
		[ $status -ne 0 ] && grep -q 'ha[sv]e*_to_' "$scratch/said"
		report "$name is refused"
		return
	fi
	[ $status -eq 0 ] && [ ! -s "$scratch/said" ] && vvp -n "$scratch/marker" > "$scratch/dump" 2>&1 &&
		has_bytes "$1" "$2" "$3" "$header"
	report "$name has its bytes"
	conforms "$4:$5"
	report "$name conforms"
}

echo TAP version 13
while read -r -a vector; do
	[[ ${vector[0]:-#} == \#* ]] || check_vector "${vector[@]}"
done < "$here/vectors.txt"
echo "1..$n"
[ "$failed" -eq 0 ]
