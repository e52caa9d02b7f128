# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# "Why is it not shown in my guest?": ten setups with one thing broken each, and
# all that the command says of it. Sourced by run.sh, after doctor.sh.

# setup NAME COMMAND...: what breaks it; doctor says no, and no more than that once
setup() {
	local name=$1
	shift
	healthy
	"$@"
	check_golden "why-$name" 1 "${roots[@]}" doctor 3b:00.1
	[ "$(grep -c '^  no  ' "$tmp/out")" -eq 1 ]
	report $? "why-$name: one thing is wrong"
}

# What the module's files say where no range passes
no_place() {
	local f
	put sys/module/vfio_pasid/parameters/ranges "$1"
	for f in offset range ranges source; do
		put "sys/bus/pci/devices/0000:3b:00.1/vfio_pasid/$f" none
	done
	put sys/bus/pci/devices/0000:3b:00.1/vfio_pasid/reason "$2"
}

# The table knows registers of this VF; the administrator named a range there
veto() {
	echo 0x19ee > "$sysdev/0000:3b:00.1/vendor"
	echo 0x6003 > "$sysdev/0000:3b:00.1/device"
	no_place 19ee:6003@0xf00+0x40 "the device table knows of registers in the range"
}

# The bytes of both ranges, the table's and the administrator's, are not zero
refusal() {
	config 0000:3b:00.1 0xff8 '\x01'
	no_place 19e5:a251@0xd00+0x10 "the range holds bytes that are not zero"
}

host_driver() {
	rm -r "$sysdev/0000:3b:00.1/vfio-dev" "$sysdev/0000:3b:00.1/vfio_pasid" "$sysdev/0000:3b:00.1/driver"
	ln -s "$chain/sys/bus/pci/drivers/hisi_zip" "$sysdev/0000:3b:00.1/driver"
	rm -r "$chain/proc/4711"
}

unloaded() {
	rm -r "$chain/sys/module/vfio_pasid" "$sysdev/0000:3b:00.1/vfio_pasid" "$@"
}

vfio=vfio-pci,host=3b:00.1,iommufd=i
viommu=intel-iommu,scalable-mode=on,fsts=on,pasid-bits=20
setup iommu-off rm -r "$chain/sys/class/iommu"
setup pf-not-enabled config 0000:3b:00.0 0x206 '\x00'
setup no-acs config 0000:3a:00.0 0x106 '\x00'
setup wrong-driver host_driver
setup module-missing unloaded
setup core-built-in unloaded "$chain/sys/module/vfio_pci_core/initstate"
setup no-viommu qemu "$vfio,bus=rp0"
setup bad-port qemu "$vfio,bus=b0" pcie-pci-bridge,id=b0 "$viommu"
setup table-veto veto
check_golden why-table-veto-show 1 --sysfs-root chain/sys show 3b:00.1
check_golden doctor-json 1 "${roots[@]}" --json doctor 3b:00.1
setup range-refused refusal
check_golden why-range-refused-show 1 --sysfs-root chain/sys show 3b:00.1
