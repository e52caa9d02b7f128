#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command vfio-pasid on real functions: what it says agrees with the module, and
# what it writes is taken. Its own tests (tools/vfio-pasid/tests) have files in the
# place of sysfs. Runs in the VM (busybox).

vf=/sys/bus/pci/devices/$VF0
n=0

# expect NAME CODE PATTERN ARGUMENT...: what the command answers
expect() {
	name=$1 code=$2 pattern=$3
	shift 3
	vfio-pasid -n "$@" > /tmp/command 2>&1
	result=$?
	n=$((n + 1))
	if [ $result -eq "$code" ] && grep -q -e "$pattern" /tmp/command; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		sed 's/^/# /' /tmp/command
	fi
}

# is NAME FILE TEXT: what the kernel says
is() {
	n=$((n + 1))
	[ "$(cat "$2")" = "$3" ] || printf 'not '
	echo "ok $n $1"
}

echo TAP version 13
rmmod vfio_pasid 2>/dev/null
[ ! -e "$vf/driver" ] || echo "$VF0" > "$vf/driver/unbind"
expect "module missing" 1 "  no  vfio-pasid is not loaded; modprobe" doctor "$VF0"
expect "wrong driver" 1 "  no  the driver of $VF0 is none" doctor "$VF0"
expect "dry run" 0 "source table" show "$VF0"
modprobe vfio_pasid
echo vfio-pci > "$vf/driver_override"
echo "$VF0" > /sys/bus/pci/drivers_probe

expect "PF" 0 "^$VF0 .* 0xd00 .* table .* 8086:10ca (VF)" list
expect "path" 1 "  ok  PASID is enabled on $PF" doctor "$VF0"
expect "driver" 1 "  ok  its driver is vfio-pci" doctor "$VF0"
expect "place" 1 "  ok  the capability may live at 0xd00 (source table)" doctor "$VF0"
expect "set" 0 "counts from the function's next open on" set "$VF0" 0xf00+0x40
is "set: the kernel has it" "$vf/vfio_pasid/offset" 0xf00
expect "set: registers" 2 "would be refused at 0x7f8" set "$VF0" 0x7f0+0x10
is "set: nothing is changed" "$vf/vfio_pasid/offset" 0xf00
echo 1 > "$vf/vfio_pasid/verify"
expect "verified" 0 "offset 0xf00, range 0xf00+0x40, source admin, verified" show "$VF0"
expect "set: none" 0 "counts from" set "$VF0" none
is "set: the table again" "$vf/vfio_pasid/offset" 0xd00
setpci -s "$VF0" f80.l=deadbeef
expect "scan" 0 "0xf80 is not zero: the device has registers" scan "$VF0"
expect "scan: a reset" 0 "^Resetting $VF0 (flr" --reset scan "$VF0"
expect "scan: after a reset" 0 "also after a reset of the function" --reset scan "$VF0"
expect "no QEMU here" 2 "name it with --qemu" qemu "$VF0"
expect "report" 0 "^kernel's verdict: offset 0xd00" report "$VF0"
echo "$VF0" > "$vf/driver/unbind"
echo > "$vf/driver_override"
rmmod vfio_pasid
echo "1..$n"
