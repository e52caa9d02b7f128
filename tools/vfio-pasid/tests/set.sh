# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# set: what it writes, and what it refuses. Sourced by run.sh.

parameter=$tmp/sys/module/vfio_pasid/parameters/ranges
conf=$tmp/etc/modprobe.d/vfio-pasid-local.conf

# Two rules in force, and a file with one
start_set() {
	mkdir -p "$(dirname "$parameter")" "$(dirname "$conf")"
	echo "0000:3b:00.1@0xf00+0x40,8086:0b25@0xe00+0x8" > "$parameter"
	echo "options vfio-pasid ranges=1234:0001@0xc00+0x8" > "$conf"
}

set_range() {
	run --sysfs-root sys --etc-root etc set "$@" > "$tmp/why" 2>&1
}

# wrote NAME PARAMETER CONF ARGUMENT...: this is in force then, and this persists
wrote() {
	local name=$1 in_force=$2 persistent=$3
	shift 3
	set_range "$@" && [ "$(cat "$parameter" 2>/dev/null)" = "$in_force" ] &&
		[ "$(cat "$conf")" = "options vfio-pasid ranges=$persistent" ]
	report $? "set: $name"
}

refused() {
	local name=$1 pattern=$2 before
	shift 2
	start_set
	before=$(cat "$parameter" "$conf")
	set_range "$@"
	[ $? -eq 2 ] && grep -q "$pattern" "$tmp/why" &&
		[ "$(cat "$parameter" "$conf")" = "$before" ]
	report $? "set: $name"
}

start_set
wrote "another range" "8086:0b25@0xe00+0x8,0000:3b:00.1@0xc00+0x20" "1234:0001@0xc00+0x8" 3b:00.1 0xc00+0x20
wrote "none" "8086:0b25@0xe00+0x8" "1234:0001@0xc00+0x8" 3b:00.1 none
start_set
wrote "persistent" "8086:0b25@0xe00+0x8,0000:3b:00.1@0xc00+0x20" "8086:0b25@0xe00+0x8,0000:3b:00.1@0xc00+0x20" --persist 3b:00.1 0xc00+0x20

refused "a register" "0xd00+0x10 would be refused at 0xd04" 3b:00.1 0xd00+0x10
refused "a capability" "would be refused at 0x150" --persist 3b:00.1 0x148+0x10
refused "unaligned" "multiples of 4" 3b:00.1 0xf01+0x10
refused "no range" "not understood" 3b:00.1 "0xf00+0x10 "
refused "two functions" "name one function" .0 0xf00+0x10
refused "no function" "a function and a range" 0xf00+0x10

start_set
echo "options vfio-pasid visible=on" >> "$conf"
before=$(cat "$parameter" "$conf")
set_range --persist 3b:00.1 0xf00+0x40
[ $? -eq 2 ] && [ "$(cat "$parameter" "$conf")" = "$before" ]
report $? "set: a file that is not ours"

# Without the module, the file has the rules
start_set
rm -r "$tmp/sys/module/vfio_pasid"
wrote "not loaded" "" "1234:0001@0xc00+0x8,0000:3b:00.1@0xf00+0x40" --persist 3b:00.1 0xf00+0x40
set_range 3b:00.1 0xf00+0x40
[ $? -eq 2 ] && grep -q "not loaded" "$tmp/why"
report $? "set: not loaded, and not persistent"
