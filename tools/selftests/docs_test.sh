#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the documents tell a user to do, as root on a host: each block "sh vm", in the
# documents' order (docs.pl), and tools/examples. 3b:00.1 is a VF here. Runs in the
# VM.
#
# Bench: documents

. /tests/tap.sh

# doctor and diff say with their status that there is something to do, as there is here
make_command() {
	mkdir -p "$tmp/bin"
	cat > "$tmp/bin/vfio-pasid" <<-'END'
		#!/bin/sh
		/bin/vfio-pasid "$@"
		status=$?
		case " $*" in
		*" doctor"*|*" diff"*) [ $status -le 1 ] ;;
		*)		exit $status ;;
		esac
	END
	chmod +x "$tmp/bin/vfio-pasid"
	export PATH="$tmp/bin:$PATH"
}

# kmod's modprobe, since busybox's own comes first without its path
run_block() {
	sed "s/0000:3b:00\.1/$VF0/g; s/3b:00\.1/${VF0#0000:}/g; s,^modprobe,/sbin/modprobe," \
		"$1" > "$tmp/block"
	sh -e "$tmp/block" > "$why" 2>&1
	report $? "${1##*/}"
}

# example NAME OUTPUT COMMAND...
example() {
	name=$1
	expected=$2
	shift 2
	"/tests/docs/$@" > "$why" 2>&1
	[ "$(cat "$why")" = "$expected" ]
	report $? "$name"
}

bind_vf() {
	echo vfio-pci > "/sys/bus/pci/devices/$VF0/driver_override"
	echo "$VF0" > /sys/bus/pci/drivers_probe
	group=/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$VF0/iommu_group")")
	cdev=/dev/vfio/devices/$(ls "/sys/bus/pci/devices/$VF0/vfio-dev" 2> /dev/null)
}

run_cdev() {
	if [ -e /dev/iommu ]; then
		example "the device's file: shown" "0xf00: f081001b" pasid_cdev "$cdev"
		example "the device's file: hidden if asked" "0: 00000000" pasid_cdev "$cdev" off
	else
		report 0 "the device's file # SKIP this kernel has no iommufd"
	fi
}

echo TAP version 13
make_command
bind_vf
example "without the module" "pasid_group: vfio-pasid: Inappropriate ioctl for device" \
	pasid_group "$group" "$VF0"
/sbin/modprobe vfio-pasid
for block in /tests/docs/*.sh; do
	run_block "$block"
done
rmmod vfio_pasid
/sbin/modprobe vfio-pasid "ranges=$VF0@0xf00+0x40"
example "a group: hidden, since it attaches no PASIDs" "0: 00000000" pasid_group "$group" "$VF0"
example "a group: shown if asked" "0xf00: f081001b" pasid_group "$group" "$VF0" on
run_cdev
rmmod vfio_pasid
rm /etc/modprobe.d/vfio-pasid-local.conf
echo "$VF0" > /sys/bus/pci/drivers/vfio-pci/unbind
plan
