# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# doctor: a chain in which all is well, and one thing broken at a time. Sourced
# by run.sh.

chain=$tmp/chain
machine=q35
roots=(--sysfs-root chain/sys --proc-root chain/proc --lib-root chain/lib --var-root chain/var)

put() {
	mkdir -p "$(dirname "$chain/$1")"
	printf '%s\n' "$2" > "$chain/$1"
}

# A QEMU with these -device options
qemu() {
	local args=(qemu-system-x86_64 -machine "$machine" -device pcie-root-port,id=rp0) d
	for d in "$@"; do
		args+=(-device "$d")
	done
	mkdir -p "$chain/proc/4711"
	printf '%s\0' "${args[@]}" > "$chain/proc/4711/cmdline"
}

# libvirt PASID-BITS: a VM of libvirt, which passes what it has opened
libvirt() {
	mkdir -p "$chain/proc/4711"
	printf '%s\0' /usr/bin/qemu-system-x86_64 -machine pc-q35-11.0,usb=off \
		-device '{"driver":"pcie-root-port","id":"pci.1"}' \
		-device '{"driver":"intel-iommu","id":"iommu0","intremap":"on","scalable-mode":true}' \
		-device '{"driver":"vfio-pci","fd":"27","iommufd":"iommufd0","bus":"pci.1"}' \
		-global intel-iommu.fsts=on -global "intel-iommu.pasid-bits=$1" \
		> "$chain/proc/4711/cmdline"
	mkdir -p "$chain/proc/4711/fd" "$sysdev/0000:3b:00.1/vfio-dev/vfio3"
	ln -sf /dev/vfio/devices/vfio3 "$chain/proc/4711/fd/27"
}

healthy() {
	local ports=$chain/sys/devices/pci0000:3a bus=$chain/sys/bus/pci/devices

	rm -rf "$chain"
	mkdir -p "$bus"
	device "$chain/sys" chain-port.rows pcieport "$ports/0000:3a:00.0"
	device "$chain/sys" chain-pf.rows hisi_zip "$ports/0000:3a:00.0/0000:3b:00.0"
	device "$chain/sys" vf.rows vfio-pci "$ports/0000:3a:00.0/0000:3b:00.1"
	ln -s ../0000:3b:00.0 "$bus/0000:3b:00.1/physfn"
	serve "$chain/sys" 0000:3b:00.1 0xf00 0x40 admin
	put sys/class/iommu/dmar0/intel-iommu/cap 19ed008c40780c66
	put sys/class/iommu/dmar0/intel-iommu/ecap 90000000000
	ln -s "$chain/sys/class/iommu/dmar0" "$bus/0000:3b:00.1/iommu"
	mkdir "$bus/0000:3b:00.1/iommu_group"
	put sys/module/vfio_pasid/parameters/visible auto
	put sys/module/vfio_pci_core/initstate live
	put sys/kernel/security/lockdown '[none] integrity confidentiality'
	put proc/sys/kernel/osrelease 7.3.4
	put proc/cpuinfo 'flags : vmx'
	put lib/modules/7.3.4/modules.dep updates/dkms/vfio-pasid.ko.xz:
	put sys/class/misc/iommu/dev 10:62
	qemu "vfio-pci,host=0000:3b:00.1,iommufd=iommufd0,bus=rp0" \
		"intel-iommu,scalable-mode=on,fsts=on,pasid-bits=20"
}

doctor() {
	run "${roots[@]}" doctor "$@" > "$tmp/why" 2>&1
}

# broken NAME PATTERN COMMAND...: one thing is broken, and one line says no
broken() {
	local name=$1 pattern=$2 ret
	shift 2
	healthy
	"$@"
	doctor
	ret=$?
	[ $ret -eq 1 ] && [ "$(grep -c '^  no  ' "$tmp/why")" -eq 1 ] &&
		grep -q "^  no  .*$pattern" "$tmp/why"
	report $? "doctor: $name"
}

config() {
	local file=$chain/sys/bus/pci/devices/$1/config
	printf '%b' "$3" | dd of="$file" bs=1 seek=$(($2)) conv=notrunc status=none
}

healthy
doctor
[ $? -eq 0 ] && [ "$(grep -c '^  ok  ' "$tmp/why")" -eq 12 ] && ! grep -q '^  no  ' "$tmp/why"
report $? "doctor: all is well"

sysdev=$chain/sys/bus/pci/devices
broken "no group" "behind no IOMMU" rmdir "$sysdev/0000:3b:00.1/iommu_group"
broken "legacy IOMMU" "no PASIDs (no scalable mode)" put sys/class/iommu/dmar0/intel-iommu/ecap f010da
broken "no PASID" "has no PASID capability" config 0000:3b:00.0 0x200 '\x18'
broken "no prefix on the port" "0000:3a:00.0 lacks End-End" config 0000:3a:00.0 0x66 '\x00'
broken "no prefix on the PF" "0000:3b:00.0 lacks End-End" config 0000:3b:00.0 0x66 '\x00'
broken "hidden" "visible=off" put sys/module/vfio_pasid/parameters/visible off
broken "old kernel" "kernel 6.1.0 cannot attach" put proc/sys/kernel/osrelease 6.1.0
broken "kernel without iommufd" "7.3.4 has no iommufd" rm -r "$chain/sys/class/misc"
broken "not served" "does not serve" rm -r "$sysdev/0000:3b:00.1/vfio_pasid"
broken "vIOMMU of AMD" "vIOMMU has no PASIDs" qemu vfio-pci,host=3b:00.1,iommufd=i,bus=rp0 amd-iommu
broken "no pasid-bits" "add pasid-bits" qemu vfio-pci,host=3b:00.1,iommufd=i,bus=rp0 intel-iommu,scalable-mode=on,fsts=on
broken "not scalable" "not in scalable mode" qemu vfio-pci,host=3b:00.1,iommufd=i,bus=rp0 intel-iommu,fsts=on,pasid-bits=20
broken "not nested" "fsts=on" qemu vfio-pci,host=3b:00.1,iommufd=i,bus=rp0 intel-iommu,scalable-mode=on,pasid-bits=20
broken "no iommufd" "does not use iommufd" qemu vfio-pci,host=3b:00.1,bus=rp0 intel-iommu,x-scalable-mode=on,x-flts=on,pasid-bits=20
machine=pc-i440fx-7.2
broken "conventional machine" "machine q35" qemu vfio-pci,host=3b:00.1,iommufd=i intel-iommu,x-scalable-mode=on,x-flts=on,pasid-bits=20
machine=q35
broken "SMMUv3 without PASIDs" "ssidsize" qemu vfio-pci,host=3b:00.1,iommufd=i,bus=rp0 arm-smmuv3

# Not for this kernel: each state of dkms
not_installed() {
	rm -r "$chain/sys/module/vfio_pasid" "$sysdev/0000:3b:00.1/vfio_pasid"
	put lib/modules/7.3.4/modules.dep kernel/drivers/vfio/vfio.ko:
	for d in "$@"; do
		mkdir -p "$chain/$d"
	done
}
dkms=var/lib/dkms/vfio-pasid
broken "nothing installed" "not installed for kernel 7.3.4; install the package" not_installed
broken "no headers" "get install linux-headers-7.3.4, then dkms install vfio-pasid/0.10 -k 7.3.4" not_installed $dkms/0.{9,10}
broken "not built" "not installed for kernel 7.3.4; dkms install vfio-pasid/0.1 -k 7.3.4" not_installed $dkms/0.1 lib/modules/7.3.4/build
broken "not compiled" "a build has failed; see .*/0.1/build/make.log" not_installed $dkms/0.1/build/make.log lib/modules/7.3.4/build

broken "no width" "width 0" put sys/bus/pci/devices/0000:3b:00.1/vfio_pasid/width 0

# libvirt writes devices in JSON, and what it has no element for with -global
broken "of libvirt" "add pasid-bits" libvirt 0
healthy
libvirt 20
doctor
[ $? -eq 0 ] && grep -q "^  ok  the VM's intel-iommu has PASIDs of 20 bits" "$tmp/why"
report $? "doctor: all is well in libvirt"
ln -sf /dev/vfio/devices/vfio4 "$chain/proc/4711/fd/27"
doctor
grep -q "^  --  no running QEMU has the function" "$tmp/why"
report $? "doctor: a VM of libvirt with another function"

# What answers EBUSY has no text
healthy
for f in offset range ranges source verified width visible reason; do
	: > "$sysdev/0000:3b:00.1/vfio_pasid/$f"
done
doctor
[ $? -eq 0 ] && grep -q "^  --  vfio is busy" "$tmp/why"
report $? "doctor: busy"

# The guest has neither vfio nor the module, and its port is the VMM's
guest() {
	healthy
	rm -r "$chain/sys/module"
	put proc/cpuinfo 'flags : fpu hypervisor'
	mkdir "$sysdev/0000:3b:00.0/iommu_group"
	ln -s "$chain/sys/class/iommu/$1" "$sysdev/0000:3b:00.0/iommu"
	put boot/config-7.3.4 "$2"
}

# in_guest NAME CODE PATTERN
in_guest() {
	doctor --boot-root "$chain/boot"
	[ $? -eq "$2" ] && grep -q "^This guest" "$tmp/why" && grep -q "$3" "$tmp/why" &&
		[ "$(grep -c '^  no  ' "$tmp/why")" -eq "$2" ]
	report $? "doctor: in a guest: $1"
}

guest dmar0 CONFIG_INTEL_IOMMU_SVM=y
in_guest "all is well" 0 "^  ok  PASID is enabled on 0000:3b:00.0"
in_guest "SVA" 0 "^  ok  the kernel has SVA (CONFIG_INTEL_IOMMU_SVM=y)"
config 0000:3b:00.0 0x206 '\x00'
in_guest "not enabled" 1 "^  no  PASID is not enabled .*sm_on"
doctor --host
grep -q "^This host" "$tmp/why"
report $? "doctor: --host"
put sys/module/vfio_pci_core/initstate live
doctor
grep -q "^This host" "$tmp/why" && grep -q "not loaded; modprobe vfio-pasid" "$tmp/why"
report $? "doctor: a host in a VM"
guest smmu3.0x9050000 CONFIG_ARM_SMMU_V3=y
in_guest "no SVA for the SMMU" 1 "^  no  the kernel lacks SVA.*CONFIG_ARM_SMMU_V3_SVA=y"
rm "$chain/boot/config-7.3.4"
in_guest "no configuration" 0 "^  --  .*/boot/config-7.3.4 is not there"

run -F vf.rows doctor > "$tmp/why" 2>&1
[ $? -eq 2 ]
report $? "doctor: not of a dump"
