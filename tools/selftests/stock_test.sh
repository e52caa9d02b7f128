#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# VMMs as Debian has them, which do not know vfio-pasid: where their guests find the
# capability, and whether what a guest writes to Control reaches the device. No guest
# runs: qtest.sh reads and writes as one. The function is QEMU's igb, which keeps what
# is written to its unused config space, as a register does.
#
# What is seen is printed in lines "row", too, for docs/vmms.md. Runs in the VM (busybox);
# the roots with QEMU are at /mnt, and at /SUITE for those in STOCK.
#
# Bench: stock

. /tests/tap.sh
. /tests/qtest.sh
. /tests/root.sh

# use_root ROOT: sets version, and what this QEMU's vIOMMU with PASIDs is
use_root() {
	root=$1
	version=$(chroot "$root" /usr/bin/qemu-system-x86_64 --version |
		sed -n 's/.*version \([0-9.]*\).*/\1/p')
	viommu=intel-iommu,caching-mode=on,x-scalable-mode=on,x-pasid-mode=on
	[ "$root" != /mnt ] ||
		viommu=intel-iommu,caching-mode=on,scalable-mode=on,pasid-bits=20
}

# With each QEMU that is here
each() {
	for r in $roots; do
		use_root "$r"
		"$@"
	done
}

# QEMU 7.2 has no iommufd. Only the newest one has a vIOMMU that nests.
can() {
	case $1,$2,$root in
	iommufd,*,/bookworm)	return 1 ;;
	iommufd,nested,/mnt)	[ -n "$nest" ] ;;
	*,nested,*)	return 1 ;;
	iommufd,*)	[ -e /dev/iommu ] ;;
	esac
}

# options BACKEND VIOMMU: the device, and the others
options() {
	echo "vfio-pci,host=$VF0"
	[ "$1" != iommufd ] || echo ",iommufd=i -object iommufd,id=i"
	case $2 in
	PASIDs)	echo " -device $viommu" ;;
	nested)	echo " -device $viommu,fsts=on,fs1gp=off" ;;
	esac
}

# look BACKEND VIOMMU: sets sees, and below to the device's own byte where the guest
# has set Enable
look() {
	config=/sys/bus/pci/devices/$VF0/config
	at=0
	sees=failed
	below=
	# shellcheck disable=SC2046
	start_qemu $(options "$@" | tr -d '\n') && find_pasid && sees=$(printf '%#x' "$at")
	if [ "$at" -ge 256 ]; then
		guest_writes $((at + 6)) 1
		guest_reads $((at + 4))
		[ $((answer >> 16)) -eq 1 ] || sees="$sees, without Enable"
		below=$(dd if="$config" bs=1 skip=$((at + 6)) count=1 2> /dev/null | hexdump -e '/1 "%u"')
		printf '\0' | dd of="$config" bs=1 seek=$((at + 6)) conv=notrunc 2> /dev/null
	fi
	stop_qemu
	cp "$root/tmp/qemu" "$why"
}

# expected BACKEND VIOMMU: what the guest sees, and the device's own byte
expected() {
	case $module,$1,$2 in
	on,*|auto,iommufd,*)	echo "$place 0" ;;
	*,nested)	echo "0xff8 1" ;;
	*)	echo "0 " ;;
	esac
}

check_look() {
	can "$1" "$2" || return 0
	look "$1" "$2"
	echo "row look|$version|$1|$2|$module|$sees|$below"
	[ "$sees $below" = "$(expected "$1" "$2")" ]
	report $? "QEMU $version, module $module, $1, vIOMMU $2: $sees, below $below"
}

look_all() {
	for backend in container iommufd; do
		for with in none PASIDs nested; do
			check_look $backend $with
		done
	done
}

# said: the error of QEMU's monitor, or the first one that QEMU has printed
said() {
	case $answer in
	*'"desc"'*)	echo "$answer" | sed 's/.*"desc": "\([^"]*\)".*/\1/' ;;
	*)	sed -n 's/^qemu-system-x86_64: //p' "$root/tmp/qemu" | grep -v warning: | head -n 1 ;;
	esac
}

# start_migratable [OPTION]...
start_migratable() {
	property=enable-migration
	[ "$root" != /bookworm ] || property=x-enable-migration
	start_qemu "vfio-pci,host=$VF0,$property=on" "$@"
}

# save: a guest with the module as it is now, in its root's /tmp/stream. QEMU 7.2
# has a protocol of its own for devices, which Linux has no more.
save() {
	saved=$module
	expect=$([ "$root" = /bookworm ] && echo 1 || echo 0)
	rm -f "$root/tmp/stream"
	# How much a device has to send is not known, and this one is in no hurry
	start_migratable && qmp migrate-set-parameters '{"downtime-limit": 2000000}' &&
		qmp migrate '{"uri": "file:/tmp/stream"}' && migrated
	result=$?
	[ $result -eq 0 ] || {
		echo "row snapshot|$version|$saved||not saved: $(said)"
		rm -f "$root/tmp/stream"
	}
	stop_qemu
	cp "$root/tmp/qemu" "$why"
	[ $result -eq "$expect" ]
	report $? "QEMU $version, module $saved: a snapshot"
}

# load: that snapshot, with the module as it is now
load() {
	[ -e "$root/tmp/stream" ] || return 0
	sees=failed
	start_migratable -incoming file:/tmp/stream && migrated && find_pasid &&
		sees=$(printf '%#x' "$at")
	refused=$(grep -o 'Bad config data: i=0x[0-9a-f]*' "$root/tmp/qemu")
	[ -z "$refused" ] || sees=refused
	echo "row snapshot|$version|$saved|$module|$sees${refused:+: $refused}"
	stop_qemu
	cp "$root/tmp/qemu" "$why"
	[ "$sees" = "$(expected_load)" ]
	report $? "QEMU $version, saved with module $saved, loaded with $module: $sees"
}

# QEMU compares what it knows as capabilities
expected_load() {
	case $saved,$module in
	none,auto)	echo 0 ;;
	on,on)	echo $place ;;
	*)	echo refused ;;
	esac
}

snapshots() {
	bind_vf vfio_pasid_migrate
	each save
	use_module auto
	each load
	use_module on
	each load
	each save
	each load
	use_module none
	each load
	bind_vf vfio-pci
}

roots=
for r in /mnt /trixie /bookworm; do
	[ ! -d $r/usr ] || { prepare_root $r; roots="$roots $r"; }
done
nest=
! modprobe vfio_pasid_nest "device=$VF0" 2> /dev/null || nest=1
bind_vf vfio-pci
module=none
each look_all
use_module off
each look_all
use_module auto
each look_all
use_module on
each look_all
use_module none
if modprobe vfio_pasid_migrate 2> /dev/null; then
	snapshots
	rmmod vfio_pasid_migrate
else
	n=$((n + 1))
	echo "ok $n snapshots # SKIP Linux 6.1 cannot migrate a device as these VMMs want it"
fi
[ -z "$nest" ] || rmmod vfio_pasid_nest
for r in $roots; do leave_root "$r"; done
plan
