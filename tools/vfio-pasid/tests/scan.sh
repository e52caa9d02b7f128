# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# scan: of devices that answer as they like (preload.c). Sourced by run.sh, after
# doctor.sh.

cc -shared -fPIC -o "$tmp/preload.so" "$here/preload.c" || exit 1

# scanned ENVIRONMENT... -- ARGUMENTS: scan's output in why
scanned() {
	local env=()
	while [ "$1" != -- ]; do
		env+=("$1")
		shift
	done
	shift
	rm -f "$tmp/reads"
	(cd "$tmp" && env LD_PRELOAD="$tmp/preload.so" \
		ASAN_OPTIONS=exitcode=99:verify_asan_link_order=0 READ_LOG="$tmp/reads" \
		"${env[@]}" "$program" -n --proc-root chain/proc scan "$@") > "$tmp/why" 2>&1
}

scanned -- --sysfs-root sys 05:00.0
[ $? -eq 0 ] && [ -s "$tmp/reads" ] &&
	awk '$1 + $2 > 1024 { bad = 1 } $1 == 328 { n++ } END { exit bad || n < 60 }' "$tmp/reads"
report $? "scan: often, and nothing that the table calls live"

healthy
scanned CHANGING=f10 -- --sysfs-root chain/sys 3b:00.1
[ $? -eq 0 ] && grep -q "no  0xf10 did not stay zero: it changed after some reads" "$tmp/why" &&
	! grep -q "^  19e5:a251.* d08+2f8 free" "$tmp/why" && grep -q "^  19e5:a251.* 148+8 free" "$tmp/why"
report $? "scan: a byte that changes"

# reset NAME CODE PATTERN ENVIRONMENT...: what --reset does, and what it says
reset() {
	local name=$1 code=$2 pattern=$3 ret
	shift 3
	scanned "$@" -- --reset --sysfs-root chain/sys 3b:00.1
	ret=$?
	[ $ret -eq "$code" ] && grep -q "$pattern" "$tmp/why"
	report $? "scan: reset: $name"
}

reset_file=$chain/sys/bus/pci/devices/0000:3b:00.1/reset
: > "$reset_file"
echo flr > "${reset_file}_method"
reset "says so" 0 "^Resetting 0000:3b:00.1 (flr)"
[ "$(cat "$reset_file")" = 1 ]
report $? "scan: reset: is done"
: > "$reset_file"
reset "a byte that it changes" 0 "0xf10 did not stay zero: it changed after the reset" \
	CHANGING=f10 CHANGED_BY="$reset_file"
: > "$reset_file"
mkdir -p "$chain/proc/4711/fd"
ln -s /dev/vfio/26 "$chain/proc/4711/fd/9"
rmdir "$sysdev/0000:3b:00.1/iommu_group"
ln -s ../../../kernel/iommu_groups/26 "$sysdev/0000:3b:00.1/iommu_group"
reset "a user of its group" 2 "process 4711 has 0000:3b:00.1 open; it is not reset"
ln -sf /dev/vfio/devices/vfio3 "$chain/proc/4711/fd/9"
mkdir "$sysdev/0000:3b:00.1/vfio-dev/vfio3"
reset "a user of it" 2 "process 4711 has 0000:3b:00.1 open; it is not reset"
rm -r "$chain/proc/4711" "$sysdev/0000:3b:00.1/vfio-dev"
reset "a driver of the host" 2 "in use by the driver vfio-pci; it is not reset"
[ ! -s "$reset_file" ]
report $? "scan: reset: is not done then"
