#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh OUT [MAKE-ARGUMENT]...: build the module, the test modules and the
# tests in OUT, for the kernel in VM_KDIR and with the harness in VM_SOURCE.
# The arguments are for the module's own make. What "make install" does, it does
# below OUT/root. vfio, vfio-pci and iommufd with patches/ go to OUT/patched.
#
# In copies, so that nobody's own build is disturbed.

set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=$1
shift

# What patches/ are for, where the kernel's source is there. One make for all:
# modpost then finds what vfio needs of iommufd.
build_patched() {
	local drivers=$out/patched/drivers patch
	mkdir -p "$drivers/iommu"
	cp -r "$VM_KDIR/drivers/vfio" "$drivers"
	cp -r "$VM_KDIR"/drivers/iommu/{iommufd,iommu-priv.h} "$drivers/iommu"
	for patch in "$top"/patches/*.patch; do
		[ "${patch##*/}" != 0000-cover-letter.patch ] || continue
		patch -s -F0 -p1 -d "$out/patched" < "$patch"
	done
	echo "obj-m += iommu/iommufd/ vfio/" > "$drivers/Kbuild"
	make -C "$VM_KDIR" M="$drivers" modules
	find "$drivers" -name '*.ko' -exec mv -t "$out/patched" {} +
}

rm -rf "$out/module" "$out/modules" "$out/root"
mkdir -p "$out/module" "$out/modules"
cp -r "$top"/{Kbuild,Makefile,VERSION,data,include} "$top"/*.[ch] "$out/module"
cp "$here"/modules/Kbuild "$here"/modules/*.[ch] "$out/modules"
rm -f "$out"/module{,s}/*.mod.c "$out/module/vfio_pasid_table.h"

# A warning is an error here, not for users. Without CONFIG_KCOV this one changes
# nothing, and the list of points is empty
make -C "$out/module" KDIR="$VM_KDIR" KCFLAGS=-Werror W=1 VFIO_PASID_KCOV=y "$@"
make -C "$out/module" KDIR="$VM_KDIR" KCFLAGS=-Werror VFIO_PASID_KCOV=y "$@" DESTDIR="$out/root" install
mkdir -p "$out/tests"
objdump -dr "$out/module/vfio-pasid.ko" | awk -f "$here/points.awk" > "$out/tests/points"
make -C "$VM_KDIR" M="$out/modules" VFIO_PASID="$out/module" W=1 "$@" modules
rm -rf "$out/patched"
[ ! -e "$VM_KDIR/drivers/vfio/pci/vfio_pci_core.c" ] || build_patched
make -C "$here" O="$out/tests" KSFT="$VM_SOURCE/tools/testing/selftests"
