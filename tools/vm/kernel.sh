#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh VERSION: make sure that a kernel is in the cache, and print where,
# as settings for a shell. 6.1 is Debian 12's own, 6.12 that of its backports.
#
# Image and headers are unpacked, never installed, and come from one download,
# so that they fit each other.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

version=${1:-6.1}
case $version in
6.1)	suites="bookworm bookworm-updates bookworm-security" ;;
6.12)	suites="bookworm-backports" ;;
*)	die "no kernel $version; there are 6.1 and 6.12" ;;
esac

# Debian's security suite has a path of its own on the mirror; the machine's
# apt knows it.
own_options() {
	vm_apt_options=(-o APT::Sandbox::User=root)
	apt-get -qq update
}

use_suites() {
	case $version in
	6.1)	own_options ;;
	*)	vm_apt "$1" $suites ;;
	esac
}

depends() {
	apt-cache "${vm_apt_options[@]}" depends "$1" |
		sed -n "s/^ *Depends: \($2[^ ]*\)/\1/p" | head -n 1
}

# Headers name their own paths absolutely; here they are somewhere else.
move_headers() {
	local root=$1 final=$2 link
	find "$root/usr/src" "$root/usr/lib" -type l -lname '/usr/*' |
	while read -r link; do
		ln -sfn "$final$(readlink "$link")" "$link"
	done
	grep -rlE '/usr/(src/linux-|lib/linux-kbuild)' --include=Makefile \
		--include='*.config' "$root/usr/src" 2>/dev/null |
	while read -r link; do
		sed -i -E "s,(^|[^A-Za-z0-9_/])/usr/(src/linux-|lib/linux-kbuild),\\1$final/usr/\\2,g" "$link"
	done
}

make_kernel() {
	local dir=$1 image headers packages deb
	step "Downloading Debian's kernel $version and its headers"
	use_suites "$dir/apt"
	image=$(depends linux-image-amd64 linux-image-)
	headers=$(depends linux-headers-amd64 linux-headers-)
	packages="$image $headers $(depends "$headers" linux-headers-) $(depends "$headers" linux-kbuild-)"
	# shellcheck disable=SC2086
	(cd "$dir" && apt-get -qq "${vm_apt_options[@]}" download $packages)
	for deb in "$dir"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -rf "$dir"/*.deb "$dir/apt"
	[ -d "$dir/lib/modules" ] || ln -s usr/lib "$dir/lib"
	echo "${image#linux-image-}" > "$dir/release"
	cp "$dir/boot/vmlinuz-$(cat "$dir/release")" "$dir/vmlinuz"
	move_headers "$dir" "${dir%.part}"
	depmod -b "$dir" "$(cat "$dir/release")"
}

# checkpatch, and kselftest's harness, from the kernel's source package
make_source() {
	local dir=$1 tar
	step "Unpacking checkpatch and kselftest from Debian's linux-source-6.1"
	apt-get -qq update
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download linux-source-6.1)
	dpkg-deb -x "$dir"/*.deb "$dir"
	tar=$(echo "$dir"/usr/src/linux-source-*.tar.xz)
	tar -C "$dir" --strip-components=1 -xf "$tar" --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch' \
		'*/tools/testing/selftests/*.h'
	rm -rf "$dir"/*.deb "$dir/usr"
}

cached "kernel-$version" make_kernel
cached source make_source
dir=$VM_CACHE/kernel-$version
release=$(cat "$dir/release")
cat <<END
VM_RELEASE=$release
VM_VMLINUZ=$dir/vmlinuz
VM_MODULES=$dir
VM_KDIR=$dir/usr/src/linux-headers-$release
VM_SOURCE=$VM_CACHE/source
END
