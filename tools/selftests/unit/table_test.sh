#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The device table's generator: what it takes and what it refuses, as TAP.
# table_test.sh DIRECTORY-OF-THE-TABLE

data=$1
. "$(dirname "$0")/../lib/tap.sh"

# refused NAME MESSAGE LINE...
refused() {
	name=$1
	message=$2
	shift 2
	printf '%s\n' "$@" > "$tmp/table"
	! perl "$data/mktable.pl" "$tmp/table" > "$why" 2>&1 &&
		grep -q "^$tmp/table:[0-9]*: .*$message" "$why"
	report $? "refused: $name"
}

echo TAP version 13

perl "$data/mktable.pl" "$data/table.txt" > "$why" 2>&1
report $? "the table itself"
awk '/0x/ { key = $2 $3; if (key < last) exit 1; last = key }' "$why"
report $? "sorted by vendor and device"
[ "$(grep -c '^	{' "$why")" -eq "$(grep -c '^[0-9a-f]\{4\}:' "$data/table.txt")" ]
report $? "every line is there"

good='8086:10ca * * vf f00+10 free low some evidence'
printf '%s\n' "$good" > "$tmp/table"
perl "$data/mktable.pl" "$data/table.txt" "$tmp/table" > "$why" 2>&1 &&
	grep -q '0x8086, 0x10ca, 0x100, 0xffff, 0xffff, TABLE_VF, false, { 0xf00, 0x10 }' "$why"
report $? "a further file"

refused "no evidence" "evidence" '8086:10ca * * vf f00+10 free low'
refused "empty evidence" "no evidence" '8086:10ca * * vf f00+10 free low -'
refused "what scan proposes" "unproven" '8086:10ca * * vf f00+10 free low unproven: zero in one function'
refused "no device" "vendor:device" '8086 * * vf f00+10 free low some evidence'
refused "device ffff, which is none" "ffff" '8086:ffff * * vf f00+10 free low some evidence'
refused "upper case" "vendor:device" '8086:10CA * * vf f00+10 free low some evidence'
refused "any vendor" "needs a vendor" '* * * vf f00+10 free low some evidence'
refused "bad revision" "revision" '8086:10ca 1 * vf f00+10 free low some evidence'
refused "bad subsystem" "subsystem" '8086:10ca * 8086 vf f00+10 free low some evidence'
refused "half a subsystem" "no wildcard" '8086:10ca * 8086:* vf f00+10 free low some evidence'
refused "bad function" "function" '8086:10ca * * v f00+10 free low some evidence'
refused "bad range" "range" '8086:10ca * * vf f00 free low some evidence'
refused "unaligned range" "aligned" '8086:10ca * * vf f02+10 free low some evidence'
refused "legacy space" "inside of 100" '8086:10ca * * vf 0f0+10 free low some evidence'
refused "past the end" "inside of 100" '8086:10ca * * vf ff8+10 free low some evidence'
refused "too short" "at least 8" '8086:10ca * * vf f00+4 free low some evidence'
refused "empty live range" "at least 4" '8086:10ca * * vf f00+0 live low some evidence'
refused "bad kind" "kind" '8086:10ca * * vf f00+10 used low some evidence'
refused "bad confidence" "confidence" '8086:10ca * * vf f00+10 free sure some evidence'
refused "the same line twice" "overlaps" "$good" "$good"
refused "overlap with any device" "overlaps" "$good" '8086:* * * any f08+10 live low some evidence'
refused "overlap with any function" "overlaps" "$good" '8086:10ca * * any f0c+10 free low some evidence'

printf '%s\n' "$good" '8086:10ca * * pf f00+10 live low some evidence' \
	'8086:10cb * * vf f00+10 live low some evidence' \
	'8086:10ca * * vf f10+10 live low some evidence' > "$tmp/table"
perl "$data/mktable.pl" "$tmp/table" > "$why" 2>&1
report $? "neighbours do not overlap"

set --
for i in 0 1 2 3 4; do
	set -- "$@" "8086:10ca * * vf f${i}0+8 free low some evidence"
done
refused "too many lines" "too many" "$@"

plan
