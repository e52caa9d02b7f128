#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the VM (busybox): set the bench up, then the tests that are named, each
# NAME:BENCH. TAP goes to stdout, each program's between "== begin" and "== end".
# With VM_SHELL there is a shell instead of each program.

tests=$1
control=/sys/kernel/debug/vfio_pasid_overlay/control

die() {
	echo "vm-tests: $*" >&2
	exit 1
}

# Sets $bdf to the function with an ID, or to the N-th of those: ID [N]
find_function() {
	bdf=$(for d in /sys/bus/pci/devices/*; do
		id=$(cat "$d/vendor"):$(cat "$d/device")
		[ "$id" = "0x${1%:*}:0x${1#*:}" ] && basename "$d"
	done | sed -n "${2:-1}p")
	[ -n "$bdf" ] || die "no function $1"
}

vf() {
	basename "$(readlink "/sys/bus/pci/devices/$PF/virtfn$1")"
}

# pretend_pasids WIDTH: QEMU's SMMUv3 has no PASIDs. The name of each test says that
# they are pretended; with 0 they are not.
pretend_pasids() {
	[ -n "$(find /sys/class/iommu/ -name 'smmu3.*')" ] || return 0
	echo "pretend $PF $1" > $control || die "overlay: pretend $PF"
	export PRETENDED=1
	[ "$1" -gt 0 ] || unset PRETENDED
}

# The PCI core refuses SR-IOV if VF BARs are smaller than a page of 64 KiB, as those of
# QEMU's igb are: 0 and 3, of 64 bits. The overlay answers for them. Nobody uses them.
grow_vf_bars() {
	[ ! -e "/sys/bus/pci/devices/$PF/sriov_numvfs" ] || return 0
	for bar in 0 3; do
		offset=$((0x160 + 0x24 + 4 * bar))
		echo "dword $PF $offset 0xc 0xffff0000" > $control &&
			echo "dword $PF $((offset + 4)) 0 0xffffffff" > $control ||
			die "overlay: VF BAR $bar of $PF"
	done
}

# igb's PF gets a PASID capability, and its VFs what a guest needs to use one.
# The kernel must see the capability when it finds the function.
set_up() {
	find_function 8086:10c9
	PF=$bdf
	find_function 8086:10d3
	NOBODYS=$bdf
	find_function 1234:11e8
	CONVENTIONAL=$bdf
	find_function 1b36:0010
	NVME=$bdf
	find_function 1b36:000c 2
	SOLE_PORT=$bdf
	SOLE=$(basename "$(echo "/sys/bus/pci/devices/$SOLE_PORT"/0*.0)")

	modprobe vfio_pasid_overlay || die "no overlay"
	pretend_pasids 20
	echo "pasid $PF 0x1e0 20 6" > $control || die "overlay: pasid $PF"
	grow_vf_bars
	echo 1 > "/sys/bus/pci/devices/$PF/remove"
	echo 1 > /sys/bus/pci/rescan
	modprobe igb
	# Not vfio-pci: where it is installed, vfio-pasid comes with it
	insmod_plain vfio_pci vfio_iommu_type1
	modprobe iommufd 2>/dev/null
	echo 0 > "/sys/bus/pci/devices/$PF/sriov_drivers_autoprobe"
	echo 2 > "/sys/bus/pci/devices/$PF/sriov_numvfs" || die "no VFs"
	VF0=$(vf 0)
	VF1=$(vf 1)
	export PF VF0 VF1 NOBODYS CONVENTIONAL NVME SOLE_PORT SOLE
}

insmod_plain() {
	mv /etc/modprobe.d/vfio-pasid.conf /tmp
	for m in "$@"; do
		modprobe "$m" || die "no $m"
	done
	mv /tmp/vfio-pasid.conf /etc/modprobe.d
}

# The segment's functions share edu's group, and have no interrupts to remap.
set_up_segment() {
	echo 1 > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
	[ ! -d /sys/module/iommufd ] ||
		echo 1 > /sys/module/iommufd/parameters/allow_unsafe_interrupts
	modprobe vfio_pasid_segment "alias=$CONVENTIONAL" || die "no segment"
	echo 0 > /sys/bus/pci/drivers_autoprobe
	[ ! -e "/sys/bus/pci/devices/$CONVENTIONAL/driver" ] ||
		echo "$CONVENTIONAL" > "/sys/bus/pci/devices/$CONVENTIONAL/driver/unbind"
}

tear_down_segment() {
	rmmod vfio_pasid_segment
	echo 1 > /sys/bus/pci/drivers_autoprobe
}

# Two functions of one device, which a reset of their bus resets together. The
# kernel must see what the overlay gives them when it finds them.
set_up_port() {
	find_function 1b36:000c
	PORT=$bdf
	echo "track $PORT" > $control || die "overlay: track $PORT"
	PAIR0=$(basename "$(echo "/sys/bus/pci/devices/$PORT"/0*.0)")
	PAIR1=${PAIR0%.0}.1
	export PORT PAIR0 PAIR1
	for f in "$PAIR0" "$PAIR1"; do
		echo "pasid $f 0x200 20 6" > $control || die "overlay: pasid $f"
	done
	for f in "$PAIR0" "$PAIR1"; do
		echo 1 > "/sys/bus/pci/devices/$f/remove"
	done
	echo 1 > /sys/bus/pci/rescan
}

# A VF of the function in tools/vm/qemu
set_up_dma() {
	find_function 1234:51d0
	modprobe vfio_pasid_testdev || die "no driver for $bdf"
	echo 0 > "/sys/bus/pci/devices/$bdf/sriov_drivers_autoprobe"
	echo 2 > "/sys/bus/pci/devices/$bdf/sriov_numvfs" || die "no VFs of $bdf"
	find_function 1234:51d1
	DMA=$bdf
	export DMA
}

# QEMU keeps what is written to unused config space of a VF, through resets and
# SR-IOV. Each program finds both as the first one did.
save_vfs() {
	for d in "$VF0" "$VF1"; do
		cp "/sys/bus/pci/devices/$d/config" "/tmp/$d.config"
	done
}

restore_vfs() {
	for d in "$VF0" "$VF1"; do
		dd if="/tmp/$d.config" of="/sys/bus/pci/devices/$d/config" \
			bs=4 skip=64 seek=64 conv=notrunc 2> /dev/null
	done
}

# Reports of the kernel about itself, whoever caused them
reports='WARNING:|BUG[: ]|Oops|general protection|UBSAN|KASAN|possible recursive|circular locking|inconsistent lock|suspicious RCU|ODEBUG|blocked for more than|list_(add|del) corruption|refcount_t|scheduling while atomic|sleeping function|leaked'

# One that is known: where two devices of a group are bound at once, 6.1 makes the vfio
# group twice, and warns when it drops the second one (vfio_create_group())
case $(uname -r) in
6.1.*)	known='WARNING: .* vfio_group_release' ;;
*)	known='^$' ;;
esac

# Each test's name goes into the kernel's log, too: a report there has a cause
name_tests() {
	while IFS= read -r line; do
		case $line in
		"ok "*|"not ok "*)
			name=${line%% # SKIP*}
			line="$name${PRETENDED:+ (with pretended PASIDs)}${line#"$name"}"
			;;
		"#  RUN  "*)
			line=${line% ...}
			echo "test: ${line##* }" > /dev/kmsg
			;;
		esac
		printf '%s\n' "$line"
	done
}

# What was allocated since the last look and cannot be reached any more. Two
# scans: the first one can find an object on its way from one list to another.
look_for_leaks() {
	[ -e /sys/kernel/debug/kmemleak ] || return
	echo scan > /sys/kernel/debug/kmemleak
	echo scan > /sys/kernel/debug/kmemleak
	sed 's/^unreferenced/leaked: &/' /sys/kernel/debug/kmemleak > /tmp/leaks
	echo clear > /sys/kernel/debug/kmemleak
	cat /tmp/leaks >&2
	grep '^leaked' /tmp/leaks > /dev/kmsg
}

# A test of its own: the log has no report since the last look. The log is read
# and emptied by nobody else.
judge_log() {
	look_for_leaks
	dmesg -c | grep -v "$known" > /tmp/log
	echo 1..1
	if grep -qE "$reports" /tmp/log; then
		awk -v reports="$reports" '/test: / { test = $NF }
			$0 ~ reports { print "not ok 1 the log of " test ": " $0; exit }' /tmp/log
	elif [ -s /tmp/log ]; then
		echo "ok 1 no report in the log"
	else
		echo "not ok 1 there is no log"
	fi
}

run_program() {
	if [ -n "${VM_SHELL-}" ]; then
		echo "This is the VM of $1. Its program: /tests/$1_test. The module: modprobe vfio-pasid"
		stty -F "$VM_TTY" sane
		setsid sh -c 'exec sh -i < "$VM_TTY"'
		stty -F "$VM_TTY" raw -echo
	else
		timeout $((900 * ${SOAK:-1})) "/tests/$1_test" 2>&1 | name_tests
	fi
}

# run_one NAME BENCH: bench_of in vm-lib.sh has what that can be. The tests that do
# not ask for the segment must not meet its functions.
run_one() {
	echo "== begin $1"
	echo "test: $1" > /dev/kmsg
	case $2 in
	*segment*)	set_up_segment ;;
	*port*)		set_up_port ;;
	*dma*)		set_up_dma ;;
	*no-pasids*)	pretend_pasids 0 ;;
	esac
	run_program "$1"
	case $2 in
	*segment*)	tear_down_segment ;;
	*no-pasids*)	pretend_pasids 20 ;;
	esac
	restore_vfs
	# Reports are what these are about
	case $2 in
	*reports*)	;;
	*)		judge_log ;;
	esac
	echo "== end $1"
}

echo "== begin boot"
set_up
save_vfs
judge_log
echo "== end boot"
for t in $tests; do
	run_one "${t%%:*}" "${t#*:}"
done
