#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The init of boot.sh's VM, in a Debian root that cannot be written. Nothing but the
# initramfs has loaded modules before. It says what is there. If the key is unknown it
# asks shim to enroll it, and reboots.

device=/sys/bus/pci/devices/0000:00:06.0
key=/var/lib/dkms/mok.pub

# Its lines are not torn by the kernel's
dmesg -n 1
mount -t securityfs securityfs /sys/kernel/security
mount -t tmpfs tmpfs /tmp
modprobe efivarfs
mount -t efivarfs efivarfs /sys/firmware/efi/efivars

echo "lockdown: $(cat /sys/kernel/security/lockdown)"
echo "driver: $(basename "$(readlink $device/driver)")"
echo "module: $(grep -o '^vfio_pasid ' /proc/modules)"
echo "range: $(cat $device/vfio_pasid/range)"
echo "modprobe: $(modprobe vfio-pasid 2>&1 && echo loaded)"
echo "key: $(mokutil --test-key $key)"
dmesg | grep 'unavailable key'
if mokutil --test-key $key | grep 'not enrolled'; then
	mokutil --generate-hash=password > /tmp/hash
	mokutil --import $key --hash-file /tmp/hash
	echo b > /proc/sysrq-trigger
fi
echo "boot-init.sh is done"
# boot.exp ends it here
read -r _
