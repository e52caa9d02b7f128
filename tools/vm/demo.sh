#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make demo: the main job on a machine without any special device.
# make pictures: the same, and docs/pictures and docs/demo.txt from it.
#
# A VM plays the host: Debian's kernel, QEMU's igb and NVMe behind a VT-d with 20
# PASID bits. In it, an unmodified QEMU gives a PF and two VFs to a guest, which is
# a real Linux with a real lspci. What happens is told by demo-host.sh (in the VM)
# and demo-guest.sh (in the guest).

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

pictures=${1:-}
top=$(readlink -f "$vm_dir/../..")
out=${OUT:-$VM_CACHE/demo}
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

build() {
	PROGRAMS=$out/tests/poke "$top/tools/selftests/build.sh" "$out" TABLE="$vm_dir/demo-table.txt" &&
		make -C "$top/tools/vfio-pasid" O="$out/tool" TABLE="$vm_dir/demo-table.txt"
}

play() {
	local updates=/lib/modules/$VM_RELEASE/updates/ color=
	[ ! -t 1 ] || color=1
	PATH=$out/tool:$PATH "$vm_dir/run.sh" -k 6.1 -t 600 -o "$out/vm" -r -b vfio-pasid \
		-f "$out/root$updates/vfio-pasid.ko:$updates" \
		-f "$out/modules/vfio_pasid_overlay.ko:$updates" \
		-f "$out/tests/poke:/bin/poke" \
		-f "$VM_CACHE/vmlinux-$VM_RELEASE/vmlinux:/guest/" \
		-f "$out/guest:/guest/initramfs" \
		-f /usr/lib/locale/C.utf8/LC_CTYPE:/usr/lib/locale/C.utf8/ \
		-f "$vm_dir/demo-host.sh:/" -- /bin/sh /demo-host.sh "$color" "$pictures"
}

# What was printed, without the pictures and the dots
save_pictures() {
	local docs=$top/docs
	mkdir -p "$docs/pictures"
	awk -v dir="$docs/pictures" '
		/^== file / { file = dir "/" $3; printf "" > file; next }
		/^== end of file/ { close(file); file = ""; next }
		file { print >> file; next }
		!/^    \.\.\. [0-9]+ s/' "$out/vm/output.log" |
		tr -d '\r' > "$docs/demo.txt"
	sed -i 's/\r$//' "$docs"/pictures/*.svg
}

step "Building vfio-pasid and the bench for $VM_RELEASE"
build > "$out/build.log" 2>&1 || { tail -n 20 "$out/build.log" >&2; die "see $out/build.log"; }
cached "vmlinux-$VM_RELEASE" unpack_kernel
# Names for the devices that lspci is to name, and for their class
awk '/^[^\t#]/ { block = $1 " " $2 }
	/^(8086|1b36|C 0[12]) / ||
	(block ~ /^8086/ && /^\t10ca/) || (block ~ /^1b36/ && /^\t0010/) ||
	(block == "C 01" && /^\t08/) || (block == "C 02" && /^\t00/)' \
	/usr/share/misc/pci.ids > "$out/pci.ids"
"$vm_dir/initramfs.sh" "$out/guest" "$vm_dir/demo-guest.sh" -b lspci \
	-f "$out/pci.ids:/usr/share/misc/"

step "Starting a VM that plays the host; all of it takes about three minutes"
if [ -n "$pictures" ]; then
	play > /dev/null
	save_pictures
else
	play
fi
echo
echo "The log is in $out/vm/output.log."
