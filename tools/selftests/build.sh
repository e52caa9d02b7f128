#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh OUT [MAKE-ARGUMENT]...: build the module, the test modules, the
# command and the tests in OUT, for the kernel in VM_KDIR and with the harness in
# VM_SOURCE. The arguments are for the module's own make. What "make install" does, it does
# below OUT/root. vfio, vfio-pci and iommufd with patches/ go to OUT/patched, and the
# other drivers on vfio-pci-core to OUT/drivers.
# PROGRAMS: of the tests, only these, OUT/tests/NAME. VM_ARCH: x86, or arm64.
#
# In copies, so that nobody's own build is disturbed. Only what has changed since
# the last time is built again.

set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=$1
shift
. "$top/tools/vm/lib.sh"
vm_arch "${VM_ARCH:-x86}"

# What is built for the kernel, with the compiler of that kernel's Debian
kmake() {
	if [ -n "${VM_BUILD_SUITE-}" ]; then
		VM_BUILD_DIR=$out "$top/tools/vm/build-root.sh" "$VM_BUILD_SUITE" make "$@"
	else
		make "$@"
	fi
}

# copy DIR FILE...: what has another content; what make has put there stays
copy() {
	local dir=$1
	shift
	mkdir -p "$dir"
	rsync -rc --delete --exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude='.*' --exclude='*.symvers' --exclude=modules.order \
		--exclude=vfio_pasid_table.h "$@" "$dir"
}

# What patches/ are for, where the kernel's source is there. One make for all:
# modpost then finds what vfio needs of iommufd.
build_patched() {
	local drivers=$out/patched/drivers patch
	rm -rf "$out/patched"
	mkdir -p "$drivers/iommu"
	cp -r "$VM_KDIR/drivers/vfio" "$drivers"
	cp -r "$VM_KDIR"/drivers/iommu/{iommufd,iommu-priv.h} "$drivers/iommu"
	for patch in "$top"/patches/*.patch; do
		[ "${patch##*/}" != 0000-cover-letter.patch ] || continue
		patch -s -F0 -p1 -d "$out/patched" < "$patch"
	done
	echo "obj-m += iommu/iommufd/ vfio/" > "$drivers/Kbuild"
	kmake -C "$VM_KDIR" M="$drivers" modules
	find "$drivers" -name '*.ko' -exec mv -t "$out/patched" {} +
	patched_from > "$out/patched/from"
}

# The drivers on vfio-pci-core, as they are. The lab kernel has no drivers for their PFs:
# what they need of those is functions here that return 0 or NULL. To mlx5 and virtio
# that says that there is no such PF; to pds, qat and xe, that all went well. hisi_acc does
# not survive the reset at open without its PF.
build_drivers() {
	local drivers=$out/drivers name
	rm -rf "$drivers"
	mkdir -p "$drivers"
	for name in mlx5 pds qat virtio xe; do
		cp -r "$VM_KDIR/drivers/vfio/pci/$name" "$drivers"
		sed -i 's/^obj-\$([A-Z0-9_]*)/obj-m/' "$drivers/$name/Makefile"
		echo "obj-m += $name/" >> "$drivers/Kbuild"
	done
	# Once more, when it is known what they need
	kmake -C "$VM_KDIR" M="$drivers" KBUILD_MODPOST_WARN=1 modules > /dev/null 2>&1 || true
	stand_ins "$drivers" > "$drivers/vfio_pasid_stand_ins.c"
	echo "obj-m += vfio_pasid_stand_ins.o" >> "$drivers/Kbuild"
	kmake -C "$VM_KDIR" M="$drivers" modules
	find "$drivers" -mindepth 2 -name '*.ko' -exec mv -t "$drivers" {} +
	drivers_from > "$drivers/from"
}

drivers_from() {
	echo "$VM_KDIR"
	cat "$here/build.sh"
}

# stand_ins DIR: C source of the functions that modules below DIR do not find
stand_ins() {
	echo "#include <linux/module.h>"
	echo "#include <linux/pci.h>"
	find "$1" -name '*.ko' -exec nm -u {} + | awk '$1 == "U" { print $2 }' | sort -u |
		grep -vxFf <(cut -f 2 "$VM_KDIR/Module.symvers") |
		sed 's/.*/long &(void); long &(void) { return 0; } EXPORT_SYMBOL_GPL(&);/
		     # The only one that must not be NULL; it goes to the others, and is not read
		     /^long xe_sriov_vfio_get_pf/s/return 0/return 1/'
	echo 'MODULE_DESCRIPTION("In the place of drivers of PFs");'
	echo 'MODULE_LICENSE("GPL");'
}

patched_from() {
	echo "$VM_KDIR"
	cat "$top"/patches/*.patch
}

copy "$out/module" "$top"/{Kbuild,Makefile,VERSION,data,include} "$top"/*.[ch]
copy "$out" "$here/bench-table.txt"
copy "$out/modules" "$here"/modules/Kbuild "$here"/modules/*.[ch]

# A warning is an error here, not for users
flags=(KDIR="$VM_KDIR" KCFLAGS=-Werror W=1 TABLE="$out/bench-table.txt" "$@")
kmake -C "$out/module" "${flags[@]}"
rm -rf "$out/root"
kmake -C "$out/module" "${flags[@]}" DESTDIR="$out/root" install
mkdir -p "$out/tests"
kmake -C "$VM_KDIR" M="$out/modules" VFIO_PASID="$out/module" W=1 "$@" modules
if [ -e "$VM_KDIR/drivers/vfio/pci/vfio_pci_core.c" ]; then
	patched_from | cmp -s - "$out/patched/from" || build_patched
else
	rm -rf "$out/patched"
fi
if [ -e "$VM_KDIR/drivers/vfio/pci/mlx5" ] && [ "$VM_ARCH" = x86 ]; then
	drivers_from | cmp -s - "$out/drivers/from" || build_drivers
else
	rm -rf "$out/drivers"
fi

# What runs in the VM; the command is not static
compiler=(CC="${VM_TOOLS}gcc" OBJCOPY="${VM_TOOLS}objcopy")
if [ "$VM_ARCH" = arm64 ]; then
	root=$("$top/tools/vm/arm64-root.sh")
	compiler+=(CC="${VM_TOOLS}gcc --sysroot=$root")
fi
make -C "$top/tools/vfio-pasid" O="$out/command" TABLE="$out/bench-table.txt" \
	"${compiler[@]}" "$@"
make -C "$here" -j"$(nproc)" O="$out/tests" "${compiler[@]}" KSFT="$VM_SOURCE/tools/testing/selftests" ${PROGRAMS:-all}
