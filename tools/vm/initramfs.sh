#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh OUT INIT [-m MODULE]... [-b PROGRAM]... [-f SRC:DST]...
#
# Make an initramfs for the kernel in VM_MODULES, VM_RELEASE: busybox, INIT,
# kernel modules with all that they depend on, programs of this machine with
# their libraries, files. DST ends with / for a directory.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

out=$1
init=$2
shift 2
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
modules=lib/modules/$VM_RELEASE

mkdir -p "$tree"/{bin,usr/share/misc,etc/modprobe.d,proc,sys,dev,tmp,run,mnt} \
	"$tree/$modules"
# The kernel calls /sbin/modprobe
ln -s bin "$tree/sbin"
cp /bin/busybox "$tree/bin/"
for applet in $(/bin/busybox --list); do
	[ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
done
install -m 755 "$init" "$tree/init"

add_module() {
	local path rel
	modprobe -d "$VM_MODULES" -S "$VM_RELEASE" --show-depends "$1" 2>/dev/null |
	awk '$1 == "insmod" { print $2 }' |
	while read -r path; do
		rel=${path#*/"$modules"/}
		install -D -m 644 "$path" "$tree/$modules/$rel"
	done
}

# Over busybox's applet of that name, if there is one
add_program() {
	local path lib
	path=$(readlink -f "$(command -v "$1")") || die "no program $1 here"
	rm -f "$tree/bin/${1##*/}"
	cp "$path" "$tree/bin/${1##*/}"
	ldd "$path" | grep -o '/[^ ]*' |
	while read -r lib; do
		install -D "$lib" "$tree$lib"
	done
}

add_file() {
	local src=${1%%:*} dst=${1#*:}
	case $dst in
	*/)	dst=$dst$(basename "$src") ;;
	esac
	install -D "$src" "$tree$dst"
}

while [ $# -ge 2 ]; do
	case $1 in
	-m)	add_module "$2" ;;
	-b)	add_program "$2" ;;
	-f)	add_file "$2" ;;
	*)	die "initramfs.sh: $1?" ;;
	esac
	shift 2
done

cp "$VM_MODULES/$modules"/modules.{order,builtin,builtin.modinfo} "$tree/$modules/"
depmod -b "$tree" "$VM_RELEASE"
(cd "$tree" && find . -print0 | cpio --null -o -H newc --quiet) | zstd -q -1 -f -o "$out"
