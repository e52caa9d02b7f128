#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the build says about kernels that the module cannot be built for, and what
# a bug report shows, as TAP.
# kernel_test.sh DIRECTORY-OF-THE-MODULE

top=$1
. "$(dirname "$0")/../lib/tap.sh"

# Headers as Debian has them: what is configured, and the source elsewhere
headers() {
	rm -rf "$tmp/headers" "$tmp/source"
	mkdir -p "$tmp/headers/include/config" "$tmp/headers/include/generated" \
		"$tmp/source/include/linux"
	echo '#define UTS_RELEASE "9.9.9"' > "$tmp/headers/include/generated/utsrelease.h"
	printf '%s\n' CONFIG_MODULES=y CONFIG_PCI_PASID=y CONFIG_IOMMU_API=y \
		CONFIG_VFIO_PCI_CORE=m > "$tmp/headers/include/config/auto.conf"
	printf '%s\n' 'struct device device;' 'int (*device_feature)();' \
		> "$tmp/source/include/linux/vfio.h"
	echo 'int vfio_pci_core_ioctl_feature();' > "$tmp/source/include/linux/vfio_pci_core.h"
}

config() {
	sed -i "$1" "$tmp/headers/include/config/auto.conf"
}

check() {
	sh "$top/data/check-kernel.sh" "$tmp/headers" "$tmp/source" > "$why" 2>&1
}

taken() {
	check && [ ! -s "$why" ]
	report $? "taken: $1"
}

# refused NAME MESSAGE: in one sentence
refused() {
	! check && [ "$(wc -l < "$why")" -eq 1 ] && grep -q "$2" "$why"
	report $? "refused: $1"
}

without() {
	headers
	config "/$1=/d"
	refused "a kernel without $1" "needs $1, and kernel 9.9.9"
}

echo TAP version 13

headers
taken "a kernel that has everything"
without CONFIG_MODULES
without CONFIG_PCI_PASID
without CONFIG_IOMMU_API
without CONFIG_VFIO_PCI_CORE

headers
config '$aCONFIG_PREEMPTION=y'
refused "preemption without RCU tasks" "needs CONFIG_TASKS_RCU"
config '$aCONFIG_TASKS_RCU=y'
taken "preemption with RCU tasks"

headers
rm "$tmp/headers/include/config/auto.conf"
refused "headers that are not configured" "no kernel headers in $tmp/headers"
rm -r "$tmp/headers"
refused "no headers" "no kernel headers in $tmp/headers"

for gone in 'struct device device' device_feature; do
	headers
	sed -i "/$gone/d" "$tmp/source/include/linux/vfio.h"
	refused "a vfio without $gone" "Linux 6.1 or newer.*linux/vfio.h"
done
headers
: > "$tmp/source/include/linux/vfio_pci_core.h"
refused "a vfio-pci-core without the feature ioctl" "6.1 or newer.*vfio_pci_core.h"

# Kbuild asks as well, for those who do not use the Makefile
headers
config '/PCI_PASID/d'
printf 'include %s\ninclude %s\nall:\n' "$tmp/headers/include/config/auto.conf" \
	"$top/Kbuild" > "$tmp/Makefile"
! make -f "$tmp/Makefile" src="$top" objtree="$tmp/headers" srctree="$tmp/source" \
	> "$why" 2>&1 && grep -q 'Kbuild.*needs CONFIG_PCI_PASID' "$why"
report $? "refused: by Kbuild"

! make -C "$top" module KDIR="$tmp/headers" > "$why" 2>&1 &&
	grep -q '^vfio-pasid needs CONFIG_PCI_PASID' "$why"
report $? "refused: by make"

f=$tmp/root/sys/bus/pci/devices/0000:3b:00.1
mkdir -p "$f/vfio_pasid" "$tmp/root/sys/module/vfio_pasid/parameters" \
	"$tmp/root/proc" "$tmp/root/boot"
echo 0xf00 > "$f/vfio_pasid/offset"
echo 0x8086 > "$f/vendor"
echo 0x10ca > "$f/device"
echo 0x01 > "$f/revision"
ln -s ../../../bus/pci/drivers/vfio-pci "$f/driver"
echo 1 > "$tmp/root/sys/module/vfio_pasid/parameters/guess"
printf '%s\n' CONFIG_PCI_PASID=y CONFIG_BOOT_SECRET=y > "$tmp/root/boot/config-$(uname -r)"
echo 'root=/dev/secret intel_iommu=on cryptkey=secret' > "$tmp/root/proc/cmdline"
ROOT=$tmp/root sh "$top/data/report.sh" > "$why" 2>&1
for line in "vfio-pasid $(cat "$top/VERSION"), Linux $(uname -r)" CONFIG_PCI_PASID=y \
	intel_iommu=on parameters/guess:1 \
	'0000:3b:00.1 0x8086:0x10ca revision 0x01 driver vfio-pci' offset:0xf00; do
	grep -q "$line" "$why"
	report $? "the report has $line"
done
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "of the command: $*"\n' > "$tmp/bin/vfio-pasid"
chmod +x "$tmp/bin/vfio-pasid"
PATH=$tmp/bin:$PATH ROOT=$tmp/root sh "$top/data/report.sh" 2>&1 |
	grep -q "^of the command: .* report 0000:3b:00.1$"
report $? "the report has what the command says of a function"
! grep -qi secret "$why"
report $? "the report has no other configuration, and no other words of the command line"

plan
