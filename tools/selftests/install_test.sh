#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# As an administrator has it after make install: vfio-pci brings vfio-pasid, and so
# does boot, where systemd loads what is named in modules-load.d. kmod's modprobe,
# by its path: busybox's own knows no softdep. Runs in the VM.

echo TAP version 13
echo 1..2
rmmod vfio_pasid 2>/dev/null
for d in "$VF0" "$VF1" "$NOBODYS" "$CONVENTIONAL"; do
	[ ! -e "/sys/bus/pci/devices/$d/driver" ] ||
		echo "$d" > "/sys/bus/pci/devices/$d/driver/unbind"
done
rmmod vfio_pci
/sbin/modprobe vfio-pci
grep -q '^vfio_pasid ' /proc/modules || printf 'not '
echo "ok 1 modprobe vfio-pci loads vfio-pasid"
rmmod vfio_pasid
grep -v '^#' /usr/lib/modules-load.d/vfio-pasid.conf | xargs /sbin/modprobe -a
grep -q '^vfio_pasid ' /proc/modules || printf 'not '
echo "ok 2 modules-load.d loads vfio-pasid"
rmmod vfio_pasid
