# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# root.sh: a read-only root with a VMM, and the function that the VMM gets; test
# scripts in the VM source it

# prepare_root ROOT: what a VMM needs besides its root
prepare_root() {
	mount -t tmpfs tmpfs "$1/tmp"
	mount --bind /dev "$1/dev"
	mount --bind /sys "$1/sys"
	mount -t proc proc "$1/proc"
}

leave_root() {
	umount "$1/proc" "$1/sys" "$1/dev" "$1/tmp"
}

# bind_vf DRIVER
bind_vf() {
	vf=/sys/bus/pci/devices/$VF0
	[ ! -e "$vf/driver" ] || echo "$VF0" > "$vf/driver/unbind"
	echo "$1" > "$vf/driver_override"
	echo "$VF0" > /sys/bus/pci/drivers_probe
}
