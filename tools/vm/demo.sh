#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make demo: the main job on a machine without any special device.
#
# A VM plays the host: Debian's kernel, QEMU's igb with SR-IOV behind a VT-d
# with 20 PASID bits. In it, an unmodified QEMU gives a VF to a guest, which is
# a real Linux with a real lspci. What happens is told by demo-host.sh (in the
# VM) and demo-guest.sh (in the guest).

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

top=$(readlink -f "$vm_dir/../..")
out=$VM_CACHE/demo
mkdir -p "$out"

"$vm_dir/deps.sh"
settings=$("$vm_dir/kernel.sh" 6.1)
eval "$settings"
export VM_MODULES VM_RELEASE VM_KDIR VM_SOURCE
"$vm_dir/qemu.sh" > /dev/null

# The kernel as an ELF image: QEMU starts it without unpacking it in the guest,
# which would take half of the time. Documentation/x86/boot.rst has the offsets.
unpack_kernel() {
	local sectors offset length
	sectors=$(od -An -tu1 -j 497 -N 1 "$VM_VMLINUZ")
	offset=$(od -An -tu4 -j 584 -N 4 "$VM_VMLINUZ")
	length=$(od -An -tu4 -j 588 -N 4 "$VM_VMLINUZ")
	tail -c +$(((sectors + 1) * 512 + offset + 1)) "$VM_VMLINUZ" |
		head -c $((length - 4)) | xz -dc > "$1/vmlinux"
}

step "Building vfio-pasid and the bench for $VM_RELEASE"
"$top/tools/selftests/build.sh" "$out" > "$out/build.log" 2>&1 || { tail -n 20 "$out/build.log" >&2; die "see $out/build.log"; }
cached "vmlinux-$VM_RELEASE" unpack_kernel
# Names for the one device that lspci is to name, and for its class
awk '/^8086/ || (/^\t10ca/ && !n++) || /^C 02/ || /^\t00  Ethernet/' /usr/share/misc/pci.ids > "$out/pci.ids"
"$vm_dir/initramfs.sh" "$out/guest" "$vm_dir/demo-guest.sh" -b lspci \
	-f "$out/pci.ids:/usr/share/misc/"

step "Starting a VM that plays the host; all of it takes about two minutes"
updates=/lib/modules/$VM_RELEASE/updates/
"$vm_dir/run.sh" -k 6.1 -t 600 -o "$out/vm" -r \
	-f "$out/root$updates/vfio-pasid.ko:$updates" \
	-f "$out/modules/vfio_pasid_overlay.ko:$updates" \
	-f "$out/tests/show:/bin/show" \
	-f "$VM_CACHE/vmlinux-$VM_RELEASE/vmlinux:/guest/" \
	-f "$out/guest:/guest/initramfs" \
	-f "$vm_dir/demo-host.sh:/" -- /bin/sh /demo-host.sh
echo
echo "The log is in $out/vm/output.log."
