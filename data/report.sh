#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# report.sh: what a bug report needs. No host name, address or serial number: of
# the kernel's command line and log only the words and lines that name PASID,
# vfio or the IOMMU. As root, since the log and config space are root's.
#
# This is about the machine and what was built on it, and needs no more than a
# shell. The bytes of functions are the business of "vfio-pasid report", which is
# in here where it is installed.
#
# ROOT is where /sys, /proc, /boot, /etc and /lib are, for tests.

cd "$(dirname "$0")/.." || exit 1
sys=$ROOT/sys
release=$(uname -r)
headers=$ROOT/lib/modules/$release/build

section() {
	echo
	echo "== $*"
}

# Files with their contents, as grep shows them
contents() {
	for f in "$@"; do
		[ ! -r "$f" ] || grep -H '' "$f" 2>/dev/null
	done
}

kernel_config() {
	for f in "$ROOT/boot/config-$release" "$headers/.config" "$headers/include/config/auto.conf"; do
		[ ! -r "$f" ] || { cat "$f"; return; }
	done
	zcat "$ROOT/proc/config.gz" 2>/dev/null || echo "no configuration found"
}

# Functions that vfio-pasid has attached to: files that may be read, IDs, driver
devices() {
	for d in "$sys"/bus/pci/devices/*/vfio_pasid; do
		[ -d "$d" ] || continue
		f=${d%/vfio_pasid}
		echo "${f##*/} $(cat "$f/vendor"):$(cat "$f/device") revision $(cat "$f/revision")" \
			"driver $(basename "$(readlink "$f/driver")")"
		(cd "$d" && contents *)
	done
}

# What the command says of the same functions, without addresses and numbers
bytes() {
	for d in "$sys"/bus/pci/devices/*/vfio_pasid; do
		[ -d "$d" ] || continue
		f=${d%/vfio_pasid}
		vfio-pasid --sysfs-root "$sys" --proc-root "$ROOT/proc" report "${f##*/}" 2>&1
	done
}

echo "vfio-pasid $(cat VERSION), $(uname -srm)"
sed -n 's/^PRETTY_NAME=//p' "$ROOT/etc/os-release" 2>/dev/null
section "can the module be built for this kernel?"
sh data/check-kernel.sh "$headers" && echo yes
section configuration
kernel_config | grep -E '^CONFIG_(PCI_(PASID|PRI|ATS|IOV)|IOMMU_API|IOMMU_SVA|IOMMUFD[A-Z_]*|VFIO[A-Z0-9_]*|INTEL_IOMMU[A-Z_]*|AMD_IOMMU[A-Z0-9_]*|ARM_SMMU_V3[A-Z_]*|PREEMPT[A-Z_]*|TASKS_RCU|MODULE_SIG[A-Z_]*|[A-Z_]*PAGE_SIZE_LESS_THAN_64KB|MODVERSIONS|KASAN|PROVE_LOCKING)='
section "command line"
tr ' ' '\n' < "$ROOT/proc/cmdline" | grep -iE 'iommu|smmu|vfio|^pci=|module.sig'
section "the module"
modinfo vfio-pasid 2>&1 | grep -E '^(filename|version|srcversion|vermagic|signer|modinfo)'
command -v dkms > /dev/null && dkms status vfio-pasid 2>/dev/null
contents "$sys"/module/vfio_pasid/version "$sys"/module/vfio_pasid/srcversion \
	"$sys"/module/vfio_pasid/parameters/*
[ -d "$sys/module/vfio_pasid" ] || echo "not loaded"
[ ! -d "$sys/module/vfio_pci_core" ] || [ -e "$sys/module/vfio_pci_core/initstate" ] ||
	echo "vfio-pci-core is built in"
contents "$sys/kernel/security/lockdown"
section functions
devices
if command -v vfio-pasid > /dev/null; then
	section "their config space"
	bytes
fi
section "the kernel's log, as far as it names vfio-pasid or the IOMMU"
dmesg 2>/dev/null | grep -iE 'vfio[-_ ]pasid|IOMMU enabled|module verification failed' | tail -n 200
