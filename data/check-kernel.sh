#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# check-kernel.sh HEADERS [SOURCE]: can the module be built with these headers?
# If not, print one sentence that says what is missing and what to do, and exit
# with 1. HEADERS is what /lib/modules/*/build points to; SOURCE is where
# include/linux is, if Kbuild has said so.
#
# By feature: distributions backport, so version numbers would lie.

headers=$1
source=$2
config=$headers/include/config/auto.conf
release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	"$headers/include/generated/utsrelease.h" 2>/dev/null)

refuse() {
	echo "$*"
	exit 1
}

enabled() {
	grep -q "^$1=[ym]" "$config"
}

need_config() {
	for name in "$@"; do
		enabled "$name" ||
			refuse "vfio-pasid needs $name, and kernel $release was built without it: boot a kernel that has it, or build this one with it."
	done
}

# need_header HEADER PATTERN: a declaration that the module uses
need_header() {
	grep -q "$2" "$source/include/linux/$1" 2>/dev/null ||
		refuse "vfio-pasid needs Linux 6.1 or newer, and the headers of kernel $release lack what it uses of linux/$1: update the kernel and its headers."
}

[ -n "$release" ] && [ -e "$config" ] ||
	refuse "There are no kernel headers in $headers: install them (Debian, Ubuntu: linux-headers-$(uname -r); Fedora and its relatives: kernel-devel-$(uname -r)), or name another kernel's with KDIR=."

need_config CONFIG_MODULES CONFIG_PCI_PASID CONFIG_IOMMU_API CONFIG_VFIO_PCI_CORE

# Unloading waits for tasks that hold a pointer to our copy of the ops without a
# lock. Where such a task can be preempted, only RCU tasks knows when it is done;
# without preemption, synchronize_rcu_tasks() is synchronize_rcu().
! enabled CONFIG_PREEMPTION || need_config CONFIG_TASKS_RCU

[ -n "$source" ] || exit 0
need_header vfio.h '(\*device_feature)'
need_header vfio.h 'struct device device;'
need_header vfio_pci_core.h 'vfio_pci_core_ioctl_feature'
