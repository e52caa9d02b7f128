#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command vfio-pasid on real functions: what it says agrees with the module, and
# what it writes is taken. Its own tests (tools/vfio-pasid/tests) have files in the
# place of sysfs. Runs in the VM (busybox).
#
# Bench: golden

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

# why SETUP: doctor says of the real thing what it says of the tool's own setup
# (tests/setups.sh): the line of its golden file that says no
why() {
	line=$(grep "^  no  " "/tests/golden/why-$1" |
		sed "s/0000:3b:00.1/$VF0/g; s/0000:3b:00.0/$PF/g; s/hisi_zip/none/")
	expect "why: $1" 1 "^$line\$" doctor "$VF0"
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
why module-missing
why wrong-driver
mv /lib/modules/*/modules.dep /tmp
sed /vfio-pasid/d /tmp/modules.dep > "$(echo /lib/modules/*)/modules.dep"
expect "not installed" 1 "  no  vfio-pasid is not installed for kernel $(uname -r); install" doctor
mv /tmp/modules.dep /lib/modules/*/
expect "dry run" 0 "source table" show "$VF0"
modprobe vfio_pasid
echo vfio-pci > "$vf/driver_override"
echo "$VF0" > /sys/bus/pci/drivers_probe

# 1 where the kernel has no iommufd
vfio-pasid -n doctor > /dev/null
host=$?
expect "PF" 0 "^$VF0 .* 0xd00 .* table .* 8086:10ca (VF)" list
expect "path" $host "  ok  PASID is enabled on $PF" doctor "$VF0"
expect "driver" $host "  ok  its driver is vfio-pci" doctor "$VF0"
expect "place" $host "  ok  the capability may live at 0xd00 (source table)" doctor "$VF0"
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
# Both of this VF's ranges are refused: the table's, and one that is named
setpci -s "$VF0" d00.l=1
ranges=/sys/module/vfio_pasid/parameters/ranges
echo "$VF0@0xf80+0x10" > $ranges
setpci -s "$VF0" f80.l=deadbeef
echo 1 > "$vf/vfio_pasid/verify"
why range-refused
echo "$VF0@0x7f0+0x10" > $ranges
echo 1 > "$vf/vfio_pasid/verify"
why table-veto
echo > $ranges
control=$(setpci -s "$PF" ECAP1b+6.w)
setpci -s "$PF" ECAP1b+6.w=0
why pf-not-enabled
setpci -s "$PF" "ECAP1b+6.w=$control"
expect "JSON" $host '"guest": false' --json doctor "$VF0"
expect "no QEMU here" 2 "name it with --qemu" qemu "$VF0"
expect "report" 0 "^kernel's verdict: offset 0xd00" report "$VF0"
echo "$VF0" > "$vf/driver/unbind"
echo > "$vf/driver_override"
rmmod vfio_pasid
echo "1..$n"
