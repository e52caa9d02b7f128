#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Clients of vfio that are no VMM and do not know vfio-pasid. DPDK looks for the
# capability with its own function. The kernel's own tests of vfio have the same results
# without the module and with it, on igb's VF and PF.
#
# What is seen is printed in lines "row", too, for docs/vmms.md. Runs in the VM (busybox).
#
# Bench: clients

. /tests/tap.sh
. /tests/root.sh

# DPDK uses a container, so "auto" hides the capability. What it reads is what anybody
# reads through vfio.
check_dpdk() {
	expected=0
	[ "$module" != on ] || expected="$place$(/tests/poke "$VF0" $place)"
	/tests/dpdk_client --no-huge -m 64 --no-telemetry --iova-mode=va \
		-l 0 -a "$VF0" > "$why" 2>&1
	version=$(sed -n 's/^DPDK \([^:]*\):.* finds .*/\1/p' "$why")
	found=$(sed -n 's/^DPDK .* finds //p' "$why")
	echo "row dpdk|$version|$module|${found%% *}"
	[ "$found" = "$expected" ]
	report $? "DPDK $version, module $module: finds $found"
}

# result LOG STATUS: the lines of TAP in what a program has said, or why there are none
result() {
	grep -E '^(not )?ok ' "$1" && return
	case $2 in
	4)	sed -n '$s/.*# SKIP //; $s/^/skipped: /p' "$1" ;;
	*)	echo "not ok 1 no-test, status $2" ;;
	esac
}

# run_test PROGRAM FUNCTION BDF: a test of the kernel's, with the module as it is
run_test() {
	of=$tmp/$module.$1.$2
	if [ "$1.$2$kasan" = vfio_pci_driver_test.PF1 ]; then
		echo "skipped: on the lab kernel these tests fail without the module" > "$of"
	else
		VFIO_SELFTESTS_BDF=$3 "/tests/clients/$1" > "$tmp/log" 2>&1
		result "$tmp/log" $? > "$of"
	fi
	echo "row kselftest|$1|$2|$module|$(ran "$of")|$(grep -c '^not ok ' "$of")|$(grep -c '# SKIP' "$of")|$(reasons "$of")"
}

# ran FILE: how many tests have passed
ran() {
	grep '^ok ' "$1" | grep -vc '# SKIP'
}

# reasons FILE: of what has been skipped
reasons() {
	sed -n 's/^skipped: //p; s/.*# SKIP //p' "$1" | sort -u | paste -s -d ';'
}

# compare PROGRAM FUNCTION: a line for the program, and one for each test whose result
# is not what it is without the module
compare() {
	without=$tmp/none.$1.$2
	: > "$why"
	for m in auto on; do
		for t in $(differ "$without" "$tmp/$m.$1.$2"); do
			report 1 "$1 on the $2, module $m: $t is not as without the module"
		done
	done
	passed=$(ran "$without")
	skip=
	[ "$passed" -gt 0 ] || grep -q '^not ok ' "$without" || skip=$(reasons "$without")
	cp "$without" "$why"
	[ "$passed" -gt 0 ] || [ -n "$skip" ]
	report $? "$1 on the $2: $passed passed${skip:+ # SKIP $skip}"
}

# differ FILE FILE: the names of tests whose lines are only in one of them
differ() {
	sort "$1" "$2" | uniq -u | sed -E 's/^(not )?ok [0-9]+ //; s/ .*//' | sort -u
}

# each FUNCTION BDF PROGRAMS [CHECK]: with each state of the module
each() {
	for m in none auto on; do
		[ $m = none ] || use_module $m
		module=$m
		for p in $3; do
			run_test "$p" "$1" "$2"
		done
		${4-}
	done
	use_module none
	for p in $3; do
		compare "$p" "$1"
	done
}

devices=/sys/bus/pci/devices
kasan=$(grep -c " kasan_report$" /proc/kallsyms)
# The kernel has a driver of igb's PF for one, and the other makes a VF
of_pf="vfio_pci_driver_test vfio_pci_sriov_uapi_test"
of_vf=$(ls /tests/clients | grep -vwE "$(echo $of_pf | tr ' ' '|')")

mkdir -p /var/run	# DPDK's
bind_vf vfio-pci
each VF "$VF0" "$of_vf" check_dpdk

echo 0 > "$devices/$PF/sriov_numvfs"
echo 1 > "$devices/$PF/sriov_drivers_autoprobe"
echo Y > /sys/module/vfio_pci/parameters/enable_sriov
bind_function "$PF" vfio-pci
each PF "$PF" "vfio_pci_device_test $of_pf"

bind_function "$PF" igb
echo 0 > "$devices/$PF/sriov_drivers_autoprobe"
echo 2 > "$devices/$PF/sriov_numvfs"
plan
