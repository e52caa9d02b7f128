#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A live update: QEMU with the series of integration/qemu hands a VM to another one, by
# cpr-transfer. The device stays open, and its guest has PASID enabled. So the new QEMU
# finds the capability where it was, and its SET would be refused: it must not call any.
# No guest runs: qtest.sh is one. Runs in the VM (busybox); the root with QEMU is at /mnt.
#
# Bench: qemu

. /tests/tap.sh
. /tests/qtest.sh
. /tests/root.sh

root=/mnt
program=/usr/local/bin/qemu-system-x86_64
chosen=$((0xf08))	# not where the kernel shows it before QEMU asks

socket='"transport": "socket", "type": "unix", "path"'
main="{\"channel-type\": \"main\", \"addr\": {$socket: \"/tmp/main\"}}"
cpr="{\"channel-type\": \"cpr\", \"addr\": {$socket: \"/tmp/cpr\"}}"

# with START [OPTION]...: by start_qemu or launch_qemu, a machine that can be handed over
with() {
	start=$1
	shift
	"$start" "vfio-pci,host=$VF0,iommufd=i,pasid-offset=$chosen" \
		-machine memory-backend=ram,aux-ram-share=on \
		-object memory-backend-memfd,id=ram,size=64M,share=on \
		-object iommufd,id=i \
		-device intel-iommu,caching-mode=on,x-scalable-mode=on,x-pasid-mode=on "$@"
}

# control_is VALUE: the guest finds the capability, and Control is that
control_is() {
	find_pasid && [ "$at" -eq $chosen ] || return
	guest_reads $((chosen + 4)) && [ $((answer >> 16)) -eq "$1" ]
}

enabled_by_guest() {
	control_is 0 && guest_writes $((chosen + 6)) 1 && control_is 1
}

hand_over() {
	while [ ! -S $root/tmp/cpr ]; do
		kill -0 "$vmm" && sleep 0.1 || return
	done
	qmp migrate-set-parameters '{"mode": "cpr-transfer"}' &&
		qmp migrate "{\"channels\": [$main, $cpr]}" && migrated
}

# transferred: qtest and qmp are the new QEMU's then, and the old one is gone
transferred() {
	old=$vmm
	with launch_qemu -incoming "$main" -incoming "$cpr"
	hand_over
	result=$?
	kill "$old"
	wait "$old"
	[ $result -eq 0 ] && attach_qemu && migrated
}

disabled_by_guest() {
	guest_writes $((chosen + 6)) 0 && control_is 0
}

# check NAME COMMAND...
check() {
	name=$1
	shift
	"$@"
	result=$?
	{ echo "$answer"; cat $root/tmp/qemu; } > "$why"
	report $result "$name"
}

live_update() {
	check "QEMU starts" with start_qemu
	check "the guest enables PASID" enabled_by_guest
	check "cpr-transfer to another QEMU" transferred
	check "PASID is still enabled" control_is 1
	check "the guest disables PASID" disabled_by_guest
	stop_qemu
}

prepare_root $root
bind_vf vfio-pci
use_module auto
if [ -e /dev/iommu ]; then
	live_update
else
	n=1
	echo "ok 1 cpr-transfer # SKIP no iommufd"
fi
use_module none
leave_root $root
plan
