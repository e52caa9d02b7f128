# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# root.sh: a read-only root with a VMM, the function that the VMM gets, and the module;
# test scripts in the VM source it

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

# bind_function BDF DRIVER
bind_function() {
	function=/sys/bus/pci/devices/$1
	[ ! -e "$function/driver" ] || echo "$1" > "$function/driver/unbind"
	echo "$2" > "$function/driver_override"
	echo "$1" > /sys/bus/pci/drivers_probe
}

# bind_vf DRIVER
bind_vf() {
	bind_function "$VF0" "$1"
}

place=0xf00

# use_module VISIBLE: loaded with that, or none. The VF has a place.
use_module() {
	module=$1
	if [ "$1" = none ]; then
		rmmod vfio_pasid
		return
	fi
	modprobe vfio_pasid
	echo "8086:10ca@$place+0x40" > /sys/module/vfio_pasid/parameters/ranges
	echo "$1" > /sys/module/vfio_pasid/parameters/visible
}
