# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# qemu, libvirt: taken by a real QEMU (a program in QEMU) and by libvirt's schema
# (in the directory CHECKERS). Sourced by run.sh, after doctor.sh.

vmdef() {
	run --sysfs-root "$chain/sys" --ranges "$rule" --qemu "$qemu" --libvirt "$libvirt" "$@" 3b:00.1
}

# What a QEMU prints when it is asked: with these properties of its vIOMMU
fake_qemu() {
	cat > "$tmp/qemu" <<-END
	#!/bin/sh
	case \$* in
	--version)	echo "QEMU emulator version $1 (Debian)" ;;
	*vfio-pci*)	printf '  host=<str>\n  iommufd=<link>\n$2' ;;
	*iommu*|*smmu*)	printf '  version=<uint32>\n$3' ;;
	esac
	END
	chmod +x "$tmp/qemu"
	qemu=$tmp/qemu
}

unload() {
	healthy
	rm -r "$chain/sys/module/vfio_pasid" "$sysdev/0000:3b:00.1/vfio_pasid"
}

# printed NAME PATTERN VERB: that is in the definition
printed() {
	vmdef "$3" > "$tmp/why" 2> "$tmp/notes" && grep -q -e "$2" "$tmp/why"
	report $? "vmdef: $1"
}

# cannot NAME NOTE VERB: nothing is printed, and a note says why
cannot() {
	vmdef "$3" > "$tmp/out" 2> "$tmp/why"
	[ $? -eq 1 ] && [ ! -s "$tmp/out" ] && grep -q "^# .*$2" "$tmp/why"
	report $? "vmdef: $1"
}

rule=19e5:a251@0xf00+0x40
libvirt=$tmp/schemas
mkdir "$libvirt"
echo '<element name="iommufd"><attribute name="ssidsize"/>' > "$libvirt/domaincommon.rng"
offset='  x-vpasid-cap-offset=<uint16>\n'

healthy
fake_qemu 11.0.1 "$offset" '  scalable-mode=<bool>\n  fsts=<bool>\n  fs1gp=<bool>\n  pasid-bits=<uint8>\n'
check_golden qemu-shown 0 --sysfs-root chain/sys --qemu ./qemu qemu 3b:00.1
check_golden libvirt-shown 0 --sysfs-root chain/sys --qemu ./qemu --libvirt schemas libvirt 3b:00.1
echo 16 > "$sysdev/0000:3b:00.1/vfio_pasid/width"
printed "width" "pasid-bits=16$" qemu
put sys/class/iommu/dmar0/intel-iommu/cap 08d2078c106f0466
printed "a host without first-stage pages of 1 GiB, QEMU" "pasid-bits=16,fs1gp=off$" qemu
printed "a host without first-stage pages of 1 GiB, libvirt" "intel-iommu.fs1gp=off'" libvirt
put sys/module/vfio_pasid/parameters/visible off
printed "visible=off" "x-vpasid-cap-offset=0xf00$" qemu
healthy
echo "its driver is asleep" > "$sysdev/0000:3b:00.1/vfio_pasid/reason"
printed "the kernel hides it" "x-vpasid-cap-offset=0xf00$" qemu
healthy
rm -r "$sysdev/0000:3b:00.1/vfio_pasid" "$sysdev/0000:3b:00.1/vfio-dev"
printed "not bound yet" "managed='yes'" libvirt
put sys/bus/pci/devices/0000:3b:00.1/vfio_pasid/offset none
put sys/bus/pci/devices/0000:3b:00.1/vfio_pasid/reason "the range holds bytes that are not zero"
cannot "no place" "holds bytes that are not zero; vfio-pasid show" qemu
unload
check_golden qemu-alone 0 --sysfs-root chain/sys --ranges "$rule" --qemu ./qemu qemu 3b:00.1
check_golden libvirt-alone 0 --sysfs-root chain/sys --ranges "$rule" --qemu ./qemu --libvirt schemas libvirt 3b:00.1
fake_qemu 10.2.0 '' '  x-scalable-mode=<bool>\n  x-flts=<bool>\n  pasid-bits=<uint8>\n'
cannot "QEMU without an offset" "cannot be told the place" qemu
healthy
printed "older names" "x-scalable-mode=on,x-flts=on" qemu
fake_qemu 10.1.0 '' '  x-scalable-mode=<bool>\n  x-flts=<bool>\n'
cannot "QEMU without PASIDs" "QEMU 10.1.0 has no vIOMMU with PASIDs" libvirt
echo '<element name="iommu">' > "$libvirt/domaincommon.rng"
cannot "libvirt without iommufd" "without iommufd" libvirt

# host_iommu NAME: the host's IOMMU is that one
host_iommu() {
	healthy
	rm "$sysdev/0000:3b:00.1/iommu"
	ln -s "$chain/sys/class/iommu/$1" "$sysdev/0000:3b:00.1/iommu"
}
fake_qemu 11.0.1 "$offset" '  ssidsize=<SsidSizeMode>\n'
host_iommu smmu3.0x0000000009050000
printed "SMMUv3" "arm-smmuv3.*ssidsize=20" qemu
cannot "libvirt without ssidsize" "without iommufd" libvirt
host_iommu ivhd0
cannot "AMD" "no VMM has a vIOMMU.*ivhd0" qemu

# Everything but the device, which is not there, and iommufd, which needs a kernel
check_qemu() {
	local args
	vmdef qemu 2>/dev/null | grep -v iommufd,id= | sed 's/,iommufd=iommufd0//' > "$tmp/args"
	mapfile -t args < <(tr ' ' '\n' < "$tmp/args")
	"$qemu" -S -display none -nodefaults -accel tcg "${args[@]}" > "$tmp/why" 2>&1 < /dev/null
	grep -q 'no such host device\|Could not open.*0000:3b:00.1' "$tmp/why" &&
		[ "$(wc -l < "$tmp/why")" -eq 1 ]
	report $? "vmdef: a real QEMU takes it, $1"
}
if [ -n "${QEMU:-}" ]; then
	qemu=$QEMU
	healthy
	check_qemu "shown by the kernel"
	unload
	check_qemu "with an offset"
else
	report 0 "vmdef: a real QEMU takes it # SKIP no QEMU is named (QEMU=)"
fi

# What virsh edit has, in a domain that has nothing else
check_schema() {
	vmdef libvirt 2> "$tmp/why" |
		sed "s,^<domain.*,&<name>x</name><memory>1048576</memory><os><type>hvm</type></os>," > "$tmp/domain.xml"
	xmllint --noout --relaxng "$CHECKERS/libvirt-new/domain.rng" "$tmp/domain.xml" > "$tmp/why" 2>&1
	report $? "vmdef: libvirt's schema takes it, $1"
}
if [ -n "${CHECKERS:-}" ] && command -v xmllint > /dev/null; then
	fake_qemu 11.0.1 "$offset" '  scalable-mode=<bool>\n  fsts=<bool>\n  pasid-bits=<uint8>\n'
	libvirt=$CHECKERS/libvirt-new
	healthy
	check_schema "shown by the kernel"
	unload
	check_schema "with an offset"
	fake_qemu 11.0.1 "$offset" '  ssidsize=<SsidSizeMode>\n'
	host_iommu smmu3.0x0000000009050000
	check_schema "SMMUv3"
	libvirt=$CHECKERS/libvirt-old
	cannot "libvirt of Debian 12" "without iommufd" libvirt
else
	report 0 "vmdef: libvirt's schema takes it # SKIP no schemas are named (CHECKERS=), or no xmllint"
fi
