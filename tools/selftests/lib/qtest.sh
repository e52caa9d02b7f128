# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# qtest.sh: a QEMU without a guest, whose config space is read as a guest reads it;
# test scripts in the VM source it. The processor is QEMU's qtest: we say what it
# reads and writes. The root with QEMU is at $root, and is read-only; the QEMU is
# Debian's, or $program.

trap '' PIPE	# a QEMU that is gone fails the next command

ecam=$((0xb0000000))	# where we put it, as firmware does

# qtest COMMAND...: sets answer, fails when QEMU is gone
qtest() {
	echo "$*" >&3
	while read -r status answer <&4; do
		case $status in
		OK)	return 0 ;;
		FAIL)	return 1 ;;
		esac
	done
	return 1
}

# launch_qemu DEVICE [OPTION]...: with that option of -device, as 00:05.0. qtest is its
# from now on. What it says is in $root/tmp/qemu.
launch_qemu() {
	device=$1
	shift
	rm -f /tmp/qtest.in /tmp/qtest.out "$root/tmp/qmp.in" "$root/tmp/qmp.out" "$root/tmp/qemu"
	mkfifo /tmp/qtest.in /tmp/qtest.out "$root/tmp/qmp.in" "$root/tmp/qmp.out"
	exec 6<> "$root/tmp/qmp.out"
	chroot "$root" "${program:-/usr/bin/qemu-system-x86_64}" -M q35 -accel tcg -S -m 64 \
		-nodefaults -display none -qtest stdio -qtest-log none \
		-qmp pipe:/tmp/qmp "$@" \
		-device "$device,addr=5,rombar=0" \
		< /tmp/qtest.in > /tmp/qtest.out 2> "$root/tmp/qemu" 3>&- 4<&- 5>&- 6>&- 7<&- &
	vmm=$!
	exec 3> /tmp/qtest.in 4< /tmp/qtest.out
}

# attach_qemu: qmp is that QEMU's, too, once it runs
attach_qemu() {
	qtest endianness || return
	# From now on QEMU is the only writer, so a reader sees its end
	exec 5<> "$root/tmp/qmp.in" 7< "$root/tmp/qmp.out" 6>&-
	qmp qmp_capabilities
}

# start_qemu DEVICE [OPTION]...: both, and config space is where we expect it
start_qemu() {
	launch_qemu "$@"
	attach_qemu && qtest outl 0xcf8 0x80000060 && qtest outl 0xcfc $((ecam | 1))
}

stop_qemu() {
	kill "$vmm" 2> /dev/null
	wait "$vmm" 2> /dev/null
	exec 3>&- 4<&- 5>&- 6>&- 7<&-
}

# guest_reads OFFSET: sets answer to a dword of the device
guest_reads() {
	qtest readl $((ecam + (5 << 15) + $1))
}

# guest_writes OFFSET VALUE: two bytes
guest_writes() {
	qtest writew $((ecam + (5 << 15) + $1)) "$2"
}

# find_pasid: sets at to where the guest finds the capability in the list; 0 for nowhere
find_pasid() {
	at=256
	while [ "$at" -ge 256 ]; do
		guest_reads "$at" && [ $((answer)) -ne $((0xffffffff)) ] || return 1
		[ $((answer & 0xffff)) -ne 27 ] || return 0
		at=$(((answer >> 20) & 0xffc))
	done
}

# qmp COMMAND [ARGUMENTS]: sets answer, fails if that is an error
qmp() {
	echo "{\"execute\": \"$1\"${2:+, \"arguments\": $2}}" >&5
	while read -r -t 60 answer <&7; do
		case $answer in
		*'"return"'*)	return 0 ;;
		*'"error"'*)	return 1 ;;
		esac
	done
	return 1
}

# migrated: waits for the end of a migration, for a minute or two; fails if that is no
# good one
migrated() {
	tries=600
	while [ $((tries -= 1)) -gt 0 ] && qmp query-migrate; do
		case $answer in
		*'"completed"'*)	return 0 ;;
		*'"failed"'*)	return 1 ;;
		esac
		sleep 0.1
	done
	return 1
}
