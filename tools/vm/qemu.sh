#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu.sh: make sure that a QEMU with a scalable-mode VT-d of 20 PASID bits is
# in the cache, and print the root that holds it. qemu.sh ARGS...: run it, or the
# one in VM_QEMU with its libraries. With VM_ARCH=arm64 it is the one for arm64, and
# with QEMU_SUITE=bookworm that of another suite, each in a root of its own; sid's has
# libvirt, too.
#
# It comes from trixie-backports. The root also serves in the VM, where QEMU
# runs as a VMM. Debian 12's own QEMU 7.2 has a width of 1 only.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

suite=${QEMU_SUITE:-trixie-backports}
case ${VM_ARCH:-x86} in
arm64)	name=qemu-arm64
	program=qemu-system-aarch64
	packages=qemu-system-arm ;;
*)	name=qemu${QEMU_SUITE:+-$QEMU_SUITE}
	program=qemu-system-x86_64
	packages=qemu-system-x86,seabios,ipxe-qemu,pciutils
	[ "$suite" != sid ] ||
		packages+=,libvirt-daemon,libvirt-daemon-driver-qemu,libvirt-clients ;;
esac

make_root() {
	local base=${suite%-backports}
	step "Unpacking QEMU from $suite"
	# shellcheck disable=SC2046
	vm_sources $(printf '%s\n' "$base" "$suite" | uniq) > "$1.list"
	# A mirror's copy of sid can be older than sid's signature is valid
	mmdebstrap --quiet --variant=extract --aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt="APT::Default-Release \"$suite\"" \
		--include="$packages" \
		"$base" "$1/root" "$1.list"
	rm -f "$1.list"
	# Packages are unpacked, not set up, so /usr is not merged yet
	for d in bin sbin lib lib64; do
		[ -e "$1/root/$d" ] || ln -s "usr/$d" "$1/root/$d"
	done
	mkdir -p "$1/root"/{proc,sys,dev,tmp,run}
}

cached "$name" make_root
root=$VM_CACHE/$name/root
if [ $# -eq 0 ]; then
	echo "$root"
	exit
fi

# With its own loader and libraries, which are newer than the machine's
export QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu
exec "$root/lib64/ld-linux-x86-64.so.2" \
	--library-path "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" \
	"${VM_QEMU:-$root/usr/bin/$program}" \
	-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
	-L "$root/usr/lib/ipxe/qemu" "$@"
