#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The host's part of make demo, run in a VM (busybox). Three scenes; one guest has
# all three devices. Ends with 0 if the guest has seen each capability where it
# should be, and its driver has enabled PASID there.
#
# demo-host.sh COLOR PICTURES: with colors, if the first is not empty. If the second
# one is not, the maps are printed as pictures, too, each below a line "== file NAME".

[ -n "$1" ] || export NO_COLOR=1
pictures=$2
overlay=/sys/kernel/debug/vfio_pasid_overlay/control
export LC_CTYPE=C.UTF-8

say() {
	echo
	echo "--- $*"
}

run() {
	echo "host# $*"
	"$@"
}

fail() {
	echo "demo: $*" >&2
	exit 1
}

find_function() {
	lspci -n -D -d "$1" | cut -d ' ' -f 1 | sed -n "${2:-1}p"
}

# give_pasid BDF OFFSET: the kernel has to find it when it finds the function
give_pasid() {
	echo "pasid $1 $2 20 6" > $overlay || fail "no overlay"
	echo 1 > "/sys/bus/pci/devices/$1/remove"
	echo 1 > /sys/bus/pci/rescan
}

# A guest's kernel asks the function itself for TLP prefixes
give_prefix() {
	echo "eetlp $1" > $overlay
}

# QEMU's NVMe and igb have no PASID and no marker. A test module gives them what an
# accelerator has: registers of software in config space.
make_accelerators() {
	pf=$(find_function 1b36:0010)
	parent=$(find_function 8086:10c9)
	modprobe vfio_pasid_overlay
	give_pasid "$pf" 0x100
	give_pasid "$parent" 0x1e0
	modprobe igb
	echo 0 > "/sys/bus/pci/devices/$parent/sriov_drivers_autoprobe"
	echo 2 > "/sys/bus/pci/devices/$parent/sriov_numvfs"
	vf=$(find_function 8086:10ca 1)
	marked=$(find_function 8086:10ca 2)
	give_prefix "$vf"
	give_prefix "$marked"
	give_marker "$marked"
}

# ARI at 0x150 is the last one; docs/dvsec-marker.md has the layout
give_marker() {
	echo "dword $1 0x150 0x2000000e 0" > $overlay
	echo "dword $1 0x200 0x00010023 0" > $overlay
	echo "dword $1 0x204 0x04001234 0" > $overlay
	echo "dword $1 0x208 0x0000a51d 0" > $overlay
}

# vfio-pci without what brings vfio-pasid along
bind_all() {
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	for d in "$pf" "$vf" "$marked"; do
		[ ! -e "/sys/bus/pci/devices/$d/driver" ] ||
			echo "$d" > "/sys/bus/pci/devices/$d/driver/unbind"
		echo vfio-pci > "/sys/bus/pci/devices/$d/driver_override"
		echo "$d" > /sys/bus/pci/drivers_probe
	done
}

# The root with QEMU is shared read-only; what it needs to run is mounted on it
prepare_vmm() {
	mount -t tmpfs tmpfs /mnt/tmp
	cp /guest/* /mnt/tmp/
	mount --bind /dev /mnt/dev
	mount --bind /sys /mnt/sys
	mount -t proc proc /mnt/proc
}

# noapic and no_timer_check: the guest's clock is slow in an emulated host
start_guest() {
	chroot /mnt /usr/bin/qemu-system-x86_64 \
		-M q35,sata=off,usb=off,smbus=off,i8042=off -accel tcg -cpu max \
		-m 256M -nodefaults -display none -no-reboot -serial stdio \
		-device intel-iommu,intremap=on,scalable-mode=on,caching-mode=on,pasid-bits=20 \
		-device "vfio-pci,host=$pf,addr=5,rombar=0" \
		-device "vfio-pci,host=$vf,addr=6,rombar=0" \
		-device "vfio-pci,host=$marked,addr=7,rombar=0" \
		-kernel /tmp/vmlinux -initrd /tmp/initramfs \
		-append "console=ttyS0 quiet intel_iommu=on,sm_on noapic no_timer_check mitigations=off nokaslr audit=0 tsc=reliable panic=-1" \
		< /dev/null > /tmp/guest.log 2> /tmp/vmm.log &
	vmm=$!
}

# Says how long it has waited, every ten seconds
wait_for_guest() {
	waited=0
	until grep -q '^== end' /tmp/guest.log; do
		kill -0 "$vmm" 2> /dev/null || fail "the guest has ended: $(cat /tmp/vmm.log)"
		sleep 1
		waited=$((waited + 1))
		[ $((waited % 10)) -ne 0 ] || echo "    ... $waited s"
	done
}

pasid_of() {
	lspci -vvv -s "$1" | grep PASID
}

# bytes BDF ROW
bytes() {
	lspci -xxxx -s "$1" | grep "^$2:"
}

# guest SLOT OFFSET: what it sees, and is it right?
guest() {
	awk -v slot="$1" '/^== / { on = $3 == slot; next } on' /tmp/guest.log |
		tr -d '\r' > /tmp/device
	cat /tmp/device
	grep -q "\[$2 v1\] Process Address Space ID" /tmp/device &&
		grep -q 'PASIDCtl: Enable+' /tmp/device ||
		fail "the guest has not enabled PASID at $2"
}

# map BDF NAME: what it looks like
map() {
	run vfio-pasid map "$1"
	[ -n "$pictures" ] || return
	vfio-pasid --svg /tmp/map.svg map "$1" > /dev/null
	echo "== file $2.svg"
	cat /tmp/map.svg
	echo "== end of file"
}

# poke says what the device has after a write to Control
expect() {
	run poke "$pf" 0x106 0 > /tmp/said
	cat /tmp/said
	grep -q "^the device has $1" /tmp/said || fail "it should have $1"
}

show_hole() {
	say "1. A PF with PASID. The host has enabled it. vfio-pci hides the capability
    from the guest, but leaves its registers open: without vfio-pasid, a guest's
    write of 0 to Control switches PASID off for the device and all its VFs."
	run pasid_of "$pf"
	expect 0x0000
}

show_shield() {
	say "With vfio-pasid, the virtual capability lies over the physical one. The same
    write reaches the virtual one alone. (visible=on, because Debian 12's vfio cannot
    attach a guest's PASIDs, and by default a guest is not shown what it cannot use.)"
	run modprobe vfio-pasid visible=on || fail "no module"
	expect 0x0007
}

make_accelerators
bind_all
show_hole
show_shield
prepare_vmm
say "An unmodified QEMU starts a Linux guest with all three devices:"
start_guest
wait_for_guest
guest 5 100
map "$pf" pf

say "2. A VF. Its PF has PASID and it has none. The device table knows of 64 unused
    bytes at 0xf00, so the capability is there, and a marker for what is left."
run vfio-pasid -s "$vf" list
guest 6 f00
map "$vf" vf

say "3. A VF that says itself what is unused, with a DVSEC marker at 0x200. That
    comes before the table."
run vfio-pasid check-marker "$marked"
guest 7 200
map "$marked" marker

say "The guest's own IOMMU driver has enabled PASID on all three. On the host, the
    PF is as the host wants it, and nothing has been written to the VFs:"
run pasid_of "$pf"
run bytes "$vf" f00
kill "$vmm"
