#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A VMM that asks: QEMU with the series of integration/qemu. The series has a
# qtest, which reads the config space that a guest sees. It runs here without the
# module and with it, in one load. Runs in the VM (busybox); the root with QEMU is
# at /mnt.
#
# Bench: qemu

. /tests/root.sh

export QTEST_VFIO_PCI_HOST=$VF0
export QTEST_QEMU_BINARY=/usr/local/bin/qemu-system-x86_64

fail() {
	echo "not ok $*"
	exit 1
}

# qtest WHEN: each test's name says when
qtest() {
	chroot /mnt /usr/local/bin/vfio-pci-pasid-test --tap -k > /tmp/tap 2>&1
	sed "s,/x86_64/vfio-pci,$1: &," /tmp/tap
	grep -q '^1\.\.' /tmp/tap || echo "not ok $1: no plan"
}

# host NAME RANGE: what this host knows from the next open on
host() {
	echo "8086:10ca@$2" > /sys/module/vfio_pasid/parameters/ranges
	QTEST_VFIO_PCI_PASID=$2 qtest "$1"
}

prepare_root /mnt
bind_vf vfio-pci
qtest "without the module"
modprobe vfio_pasid || fail "no module"
host "with the module" 0xf00+0x40
# The stream is loaded by the host that saved it, and by one that knows less
modprobe vfio_pasid_migrate || fail "no vfio_pasid_migrate"
bind_vf vfio_pasid_migrate
export QTEST_VFIO_PCI_STREAM=/tmp/stream
host "migrated to the same host" 0xf00+0x40
host "migrated to another host" 0xf00+0x20
bind_vf vfio-pci
rmmod vfio_pasid_migrate
rmmod vfio_pasid
leave_root /mnt
