#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh [SUITE]...: build the packages, and install, upgrade and remove them in
# clean roots of Debian 12 and 13. TAP, and a closing line.
#
# A root's own kernel is booted with Secure Boot once: boot.sh. Nothing else is started
# or loaded: what the module does in a kernel is what "make check" is for. Root's work,
# since roots are mounted.

set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
. "$top/tools/vm/lib.sh"

out=${OUT:-$VM_CACHE/packages}
work=$out/mount
root=$work/root
version=$(cat "$top/VERSION")
next=$version+next
passed=0
failed=0
skipped=0

# check NAME COMMAND...: a test passes if the command does
check() {
	local name=$1 n=$((passed + failed + skipped + 1))
	shift
	if "$@" > "$out/step.log" 2>&1; then
		passed=$((passed + 1))
		echo "ok $n $name"
	else
		failed=$((failed + 1))
		echo "not ok $n $name"
		sed 's/^/# /' "$out/step.log" | tail -n 40
	fi
}

# In the root
inside() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive INITRD=No "$@"
}

# What is needed has been downloaded
apt_install() {
	inside apt-get -y --no-install-recommends install "$@" > "$out/apt.log" 2>&1 ||
		{ cat "$out/apt.log"; return 1; }
}

# A copy of the clean root that is written to memory, and gone at the end
enter_root() {
	local lower
	lower=$("$here/root.sh" "$1") || exit 1
	mkdir -p "$work"
	mount -t tmpfs tmpfs "$work" || exit 1
	mkdir -p "$work"/{upper,work,root}
	mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/upper,workdir=$work/work" "$root" &&
		mount -t proc proc "$root/proc" || exit 1
	cp "$out"/*.deb "$out"/*.rpm "$root/root"
}

# A process of the root may be on its way out
leave_root() {
	! mountpoint -q "$work" || umount -R "$work" 2> /dev/null || umount -R -l "$work"
}

# kernels PATTERN: releases that have headers, oldest first
kernels() {
	for k in "$root"/lib/modules/*/build; do
		basename "$(dirname "$k")"
	done | grep "$1" | sort -V
}

# Built for KERNEL by dkms, where modprobe finds it, with VERSION
built() {
	inside dkms status -m vfio-pasid -v "$2" -k "$1" | grep installed &&
		[ "$(inside modinfo -k "$1" -F version vfio-pasid)" = "$2" ] &&
		inside modinfo -k "$1" -F filename vfio-pasid | grep "/$1/updates/dkms/" &&
		inside modinfo -k "$1" -F vermagic vfio-pasid | grep "^$1 "
}

signed() {
	inside modinfo -k "$1" -F signer vfio-pasid | grep 'DKMS module signing key' &&
		[ -s "$root/var/lib/dkms/mok.pub" ]
}

# modprobe.d is read: who loads vfio-pci loads vfio-pasid as well
comes_with_vfio() {
	inside modprobe -S "$1" --show-depends vfio-pci | grep '/vfio-pasid\.ko'
}

in_initramfs() {
	inside mkinitramfs -o /tmp/initramfs "$1" && inside lsinitramfs /tmp/initramfs |
		grep -E '/vfio-pasid\.ko|modprobe.d/vfio-pasid.conf' > "$out/files"
	cat "$out/files"
	[ "$(wc -l < "$out/files")" -eq 2 ]
}

not_in_initramfs() {
	inside mkinitramfs -o /tmp/initramfs "$1" && ! inside lsinitramfs /tmp/initramfs |
		grep '/vfio-pasid\.ko'
}

# As if vfio-pci-core were built in: then the initramfs has to load it
loaded_by_initramfs() {
	local status builtin=$root/lib/modules/$1/modules.builtin
	cp "$builtin" "$out/builtin"
	echo kernel/drivers/vfio/pci/vfio-pci-core.ko >> "$builtin"
	in_initramfs "$1" && inside unmkinitramfs /tmp/initramfs /tmp/unpacked &&
		grep -rx vfio-pasid "$root/tmp/unpacked" --include=modules
	status=$?
	cp "$out/builtin" "$builtin"
	rm -rf "$root/tmp/unpacked"
	return $status
}

# As docs/administrator.md says. The VM's root file system comes over 9p.
bind_early() {
	printf '%s\n' e1000e 9p 9pnet_virtio virtio_pci >> "$root/etc/initramfs-tools/modules"
	cat > "$root/etc/modprobe.d/vfio-pci-local.conf" <<-END
		options vfio-pci ids=8086:10d3
		softdep e1000e pre: vfio-pci
		options vfio-pasid ranges=8086:10d3@0xf00+0x40
	END
	inside update-initramfs -c -k "$1"
}

# says LOG LINE...: LOG of boot.sh has these lines
says() {
	local log=$out/$1 line
	shift
	for line; do
		grep -F "$line" "$log" || { echo "missing: $line"; tail -n 30 "$log"; return 1; }
	done
}

# An early vfio-pci works as ever, and nothing else is different
refused() {
	says unknown.log 'lockdown: none [integrity]' 'driver: vfio-pci' \
		'Key was rejected by service' 'Loading of module with unavailable key is rejected' &&
		! grep -E '^(module|range): *[v0]' "$out/unknown.log"
}

# With its options, from the initramfs
served() {
	says enrolled.log 'lockdown: none [integrity]' 'is already enrolled' 'driver: vfio-pci' \
		'module: vfio_pasid' 'range: 0xf00+0x40' 'modprobe: loaded'
}

# The recommended headers are what makes it one command for a user
brings_headers() {
	inside apt-get -s --install-recommends install "/root/vfio-pasid-dkms_${version}_all.deb" |
		grep '^Inst linux-headers-amd64 '
}

# A kernel without PASID: left out with the one sentence. Debian 12's dkms calls
# that a failure all the same, of which apt then complains.
left_out() {
	local build=$root/lib/modules/9.9.9/build
	mkdir -p "$build/include/config" "$build/include/generated"
	echo '#define UTS_RELEASE "9.9.9"' > "$build/include/generated/utsrelease.h"
	sed '/PCI_PASID/d' "$root/usr/src/linux-headers-$2/include/config/auto.conf" \
		> "$build/include/config/auto.conf"
	inside /etc/kernel/header_postinst.d/dkms 9.9.9 > "$out/apt.log" 2>&1 ||
		[ "$1" = bookworm ] || { cat "$out/apt.log"; return 1; }
	rm -r "$root/lib/modules/9.9.9"
	cat "$out/apt.log"
	grep '^vfio-pasid needs CONFIG_PCI_PASID, and kernel 9.9.9' "$out/apt.log"
}

# As if it were loaded: it stays, and the package says so
upgrade() {
	mkdir -p "$root/sys/module/vfio_pasid"
	echo 0123456789 > "$root/sys/module/vfio_pasid/srcversion"
	apt_install "/root/vfio-pasid-dkms_${next}_all.deb" || return 1
	grep 'the module that is loaded stays' "$out/apt.log" &&
		! inside dkms status -m vfio-pasid -v "$version" | grep .
}

purge() {
	inside apt-get -y purge vfio-pasid-dkms vfio-pasid-utils > "$out/apt.log" 2>&1 ||
		{ cat "$out/apt.log"; return 1; }
	grep 'stays loaded' "$out/apt.log"
}

# Files that the package or dkms made for it, wherever they are
nothing_left() {
	rm -rf "$root/sys/module/vfio_pasid"
	! find "$root" -xdev -iname '*vfio[-_]pasid*' ! -path "$root/root/*" | grep .
}

rpm_install() {
	rpm --root "$root" --nodeps -i "$out/vfio-pasid-dkms-$version-1.noarch.rpm"
}

rpm_remove() {
	rpm --root "$root" --nodeps -e vfio-pasid-dkms
}

test_deb() {
	local old new
	check "$1: install brings headers" brings_headers
	check "$1: install the package and a kernel" \
		apt_install "/root/vfio-pasid-dkms_${version}_all.deb" openssl \
		linux-headers-amd64 linux-image-amd64 initramfs-tools \
		"/root/vfio-pasid-utils_${version}_amd64.deb"
	check "$1: the command runs" inside vfio-pasid --help
	old=$(kernels amd64 | tail -n 1)
	check "$1: dkms builds for $old" built "$old" "$version"
	check "$1: dkms signs it" signed "$old"
	check "$1: it comes with vfio-pci" comes_with_vfio "$old"
	echo MODULES=list > "$root/etc/initramfs-tools/conf.d/few"
	check "$1: not in an initramfs without vfio-pci" not_in_initramfs "$old"
	check "$1: in an initramfs of a kernel that has vfio-pci built in" loaded_by_initramfs "$old"
	echo vfio-pci >> "$root/etc/initramfs-tools/modules"
	check "$1: in an initramfs with vfio-pci" in_initramfs "$old"
	check "$1: install what Secure Boot needs" \
		apt_install ovmf shim-signed grub-efi-amd64-signed mokutil
	check "$1: an initramfs that binds vfio-pci early" bind_early "$old"
	check "$1: boot with Secure Boot, and enroll the key of dkms" "$here/boot.sh" "$root" "$old" "$out"
	check "$1: without its key the module is refused, and the host boots" refused
	check "$1: with its key the module is there in the initramfs" served
	inside update-initramfs -d -k "$old" > /dev/null
	check "$1: upgrade the kernel" apt_install -t "$1-backports" linux-headers-amd64
	new=$(kernels amd64 | tail -n 1)
	check "$1: there are two kernels" [ "${old:-none}" != "${new:-none}" ]
	check "$1: dkms builds for $new" built "$new" "$version"
	check "$1: still built for $old" built "$old" "$version"
	check "$1: a kernel without PASID is left out" left_out "$1" "$new"
	check "$1: upgrade the package" upgrade
	check "$1: dkms builds the new one for $new" built "$new" "$next"
	check "$1: purge" purge
	check "$1: nothing is left" nothing_left
}

# The scripts and files of the other package, with the dkms that is there by now
test_rpm() {
	check "$1: rpm installs" rpm_install
	check "$1: dkms builds for $2" built "$2" "$version"
	check "$1: rpm removes" rpm_remove
	check "$1: rpm leaves nothing" nothing_left
}

mkdir -p "$out"
rm -f "$out"/*.deb "$out"/*.rpm
trap leave_root EXIT
"$top/tools/vm/deps.sh" debhelper dh-dkms dpkg-dev expect fakeroot libjson-c-dev \
	libpci-dev lintian rpm || exit 1

echo TAP version 13
check "build the next Debian package" env "PACKAGE_VERSION=$next" "$here/deb.sh" "$out"
check "build the Debian package" "$here/deb.sh" "$out"
check "lintian has nothing to say" \
	lintian --allow-root --fail-on error,warning "$out/vfio-pasid_${version}_amd64.changes"
check "build the rpm package" "$here/rpm.sh" "$out"
[ $# -gt 0 ] || set -- bookworm trixie
for suite in "$@"; do
	enter_root "$suite"
	test_deb "$suite"
	test_rpm "$suite" "$(kernels amd64 | head -n 1)"
	leave_root
done
echo "1..$((passed + failed + skipped))"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
