#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The host's part of make demo, run in a VM (busybox). Ends with 0 if the guest
# has seen the capability, and its driver has enabled PASID.

overlay=/sys/kernel/debug/vfio_pasid_overlay/control
range=0xf00+0x40

say() {
	echo
	echo "--- $*"
}

run() {
	echo "# $*"
	"$@"
}

fail() {
	echo "demo: $*" >&2
	exit 1
}

# QEMU's igb has no PASID. A test module gives it what an accelerator has.
make_accelerator() {
	pf=$(lspci -n -D -d 8086:10c9 | cut -d ' ' -f 1)
	modprobe vfio_pasid_overlay
	echo "pasid $pf 0x1e0 20 6" > $overlay || fail "no overlay"
	echo 1 > "/sys/bus/pci/devices/$pf/remove"
	echo 1 > /sys/bus/pci/rescan
	modprobe igb
	echo 0 > "/sys/bus/pci/devices/$pf/sriov_drivers_autoprobe"
	echo 2 > "/sys/bus/pci/devices/$pf/sriov_numvfs"
	vf=$(basename "$(readlink "/sys/bus/pci/devices/$pf/virtfn0")")
	# A guest's kernel asks the function itself for TLP prefixes
	echo "eetlp $vf" > $overlay
}

bind_vf() {
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	echo vfio-pci > "/sys/bus/pci/devices/$vf/driver_override"
	echo "$vf" > /sys/bus/pci/drivers_probe
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
		-device "vfio-pci,host=$vf,addr=5,rombar=0" \
		-kernel /tmp/vmlinux -initrd /tmp/initramfs \
		-append "console=ttyS0 quiet intel_iommu=on,sm_on noapic no_timer_check mitigations=off nokaslr audit=0 tsc=reliable panic=-1" \
		< /dev/null 2> /tmp/vmm.log | tee /tmp/guest.log
}

make_accelerator
bind_vf

say "An SR-IOV VF on the host, bound to vfio-pci. Its PF has PASID, it has none:"
run lspci -s "$pf" -vvv | grep -E 'Ethernet|PASID'
run lspci -s "$vf" -vvv | grep -E 'Ethernet|PASID|Kernel driver'

say "Load vfio-pasid. No source knows a place in this VF, so the administrator
    names one: 64 unused bytes at 0xf00. visible=on, because Debian 12's vfio
    cannot attach a guest's PASIDs yet, and by default a guest is not shown
    what it cannot use."
run modprobe vfio-pasid "ranges=8086:10ca@$range" visible=on || fail "no module"

say "What a VMM is told (VFIO_DEVICE_FEATURE_PASID), and what the module says:"
run show "$vf" || fail "no answer"
dmesg | sed -n "s/.*\($vf: vfio-pasid: .*\)/\1/p"

say "An unmodified QEMU gives the VF to a Linux guest (this takes a minute):"
prepare_vmm
start_guest
grep -q 'PASIDCtl: Enable+' /tmp/guest.log ||
	{ cat /tmp/vmm.log; fail "the guest has not enabled PASID"; }

say "Done: the guest sees the capability at 0xf00, and its own IOMMU driver has
    enabled PASID there. Nothing of that has reached the VF:"
run lspci -s "$vf" -xxxx | grep '^f00:'
