#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qemu-patched.sh: make sure that a QEMU with the series in integration/qemu is in
# the cache, and print the root that holds it. That is the root of qemu.sh, with
# the patched QEMU and the qtest of the series besides, in /usr/local/bin. It also has
# the device of qemu/, which is for tests alone: one build serves both.
#
# It takes the source from sid. Debian's mirror has no newer one than 10.2.2 in
# full: the files of 11.x that sid's index names are not there.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

version=10.2.2
patches=("$(readlink -f "$vm_dir/../../integration/qemu")"/000[1-9]-*.patch
	"$vm_dir"/qemu/000[1-9]-*.patch)
tools=$VM_CACHE/qemu-build/root
packages=gcc,libc6-dev,ninja-build,meson,make,pkgconf,python3-pycotap,python3-venv,libglib2.0-dev,libfdt-dev,libpixman-1-dev,libattr1-dev,libcap-ng-dev

make_source() {
	local full
	step "Downloading Debian's source of QEMU $version"
	VM_APT_TYPE=deb-src vm_apt "$1/apt" sid
	full=$(apt-cache "${vm_apt_options[@]}" showsrc --only-source qemu |
		awk -v v="$version" '$1 == "Version:" && index($2, v) { print $2; exit }')
	[ -n "$full" ] || die "sid has no QEMU $version any more"
	(cd "$1" && apt-get -qq "${vm_apt_options[@]}" source --download-only "qemu=$full")
	rm -rf "$1/apt"
}

# Not this machine's packages: its glib and meson are too old
make_tools() {
	step "Unpacking what QEMU is built with, from trixie"
	vm_sources trixie > "$1.list"
	mmdebstrap --quiet --variant=apt --include="$packages" trixie "$1/root" "$1.list"
	rm -f "$1.list"
	rm -rf "$1/root"/var/{lib/apt/lists,cache/apt}/*
	mkdir "$1/root/work"
}

# Debian takes the firmware out of the tarball, and what is made from it with it
unpack() {
	local patch
	mkdir -p "$1"
	tar -C "$1" --strip-components=1 --exclude='*/roms' -xf "$VM_CACHE"/qemu-source/*.orig.tar.xz
	for patch in "${patches[@]}"; do
		patch -s -p1 -d "$1" < "$patch"
		case $patch in
		*-linux-headers-*)	continue ;;
		esac
		(cd "$1" && scripts/checkpatch.pl "$patch") ||
			die "$patch is not as QEMU wants it"
	done
	sed -i "/subdir('dtb')/d" "$1/pc-bios/meson.build"
}

# In a mount namespace: whatever happens, nothing stays mounted
build() {
	unshare --mount sh -c '
		set -e
		mount --bind "$1" "$2/work"
		mount -t proc proc "$2/proc"
		chroot "$2" /bin/sh -e -c "
			mkdir /work/build && cd /work/build
			../src/configure --target-list=x86_64-softmmu \
				--without-default-features --disable-install-blobs \
				--disable-download --enable-tcg --enable-fdt=system \
				--enable-pixman --enable-virtfs --enable-attr \
				--enable-cap-ng --prefix=/usr/local \
				--firmwarepath=/usr/share/qemu:/usr/share/seabios:/usr/lib/ipxe/qemu
			nice -n 10 ninja qemu-system-x86_64 tests/qtest/vfio-pci-pasid-test
		"' sh "$1" "$tools"
}

make_patched() {
	local root
	root=$("$vm_dir/qemu.sh")
	step "Building QEMU $version with integration/qemu, in a few minutes; the log is $1/build.log"
	{ unpack "$1/work/src" && build "$1/work"; } > "$1/build.log" 2>&1 ||
		{ tail -n 20 "$1/build.log"; return 1; }
	cp -al "$root" "$1/root"
	install -D -s -t "$1/root/usr/local/bin" \
		"$1/work/build/"{qemu-system-x86_64,tests/qtest/vfio-pci-pasid-test}
	# The qtest starts QEMU through a shell, and this root has none
	install /bin/busybox "$1/root/usr/bin/sh"
	rm -rf "$1/work"
}

cached qemu-source make_source
cached qemu-build make_tools
name=qemu-patched-$(cat "${patches[@]}" "$0" | sha256sum | cut -c 1-16)
"$vm_dir/qemu.sh" > /dev/null
cached "$name" make_patched
echo "$VM_CACHE/$name/root"
