#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh OUT INIT [-m MODULE]... [-b PROGRAM]... [-f SRC:DST]...
#
# Make an initramfs for the kernel in VM_MODULES, VM_RELEASE: busybox, INIT,
# kernel modules with all that they depend on, programs of this machine with
# their libraries, files. DST ends with / for a directory. With VM_ARCH=arm64,
# programs are those of arm64-root.sh, with all libraries that are there.

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
root=
[ "${VM_ARCH:-x86}" = x86 ] || root=$("$vm_dir/arm64-root.sh")
cp "$root/bin/busybox" "$tree/bin/"
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

# find_program NAME: in this machine, or in the root, whose links are its own
find_program() {
	local path link
	if [ -z "$root" ] || [[ $1 == */* ]]; then
		readlink -f "$(command -v "$1")"
		return
	fi
	path=$(find "$root"/{,usr/}{bin,sbin}/ -maxdepth 1 -name "$1" -print -quit)
	link=$(readlink "$path") || link=${path#"$root"}
	echo "$root$link"
}

# Over busybox's applet of that name, if there is one
add_program() {
	local path lib
	path=$(find_program "$1") && [ -e "$path" ] || die "no program $1 here"
	rm -f "$tree/bin/${1##*/}"
	cp "$path" "$tree/bin/${1##*/}"
	[ -z "$root" ] || return 0
	ldd "$path" | grep -o '/[^ ]*' |
	while read -r lib; do
		install -D "$lib" "$tree$lib"
	done
}

add_root_libraries() {
	mkdir -p "$tree/lib/aarch64-linux-gnu"
	find "$root/lib/aarch64-linux-gnu" "$root/usr/lib/aarch64-linux-gnu" -maxdepth 1 \
		-name '*.so.*' -exec cp -P -t "$tree/lib/aarch64-linux-gnu" {} +
	ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 "$tree/lib/"
}

[ -z "$root" ] || add_root_libraries

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
