#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make sure that real config space dumps are in the cache, as 4 KiB images, and
# print their directory. They are the tests of pciutils (lspci -xxxx), from its
# source package; functions with a full dump and a type 0 header are taken.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

make_dumps() {
	local dir=$1 tar
	step "Unpacking the dumps of pciutils' source package"
	vm_apt "$dir/apt" bookworm
	sed -i 's/^deb /deb-src /' "$dir/apt/sources.list"
	apt-get -qq "${vm_apt_options[@]}" update
	(cd "$dir" && apt-get -qq "${vm_apt_options[@]}" source --download-only pciutils) ||
		return 1
	tar=$(echo "$dir"/pciutils_*.orig.tar.*z)
	mkdir "$dir/source" "$dir/images"
	tar -C "$dir/source" --strip-components=1 -xf "$tar"
	perl "$vm_dir/dumps.pl" "$dir/images" "$dir"/source/tests/*
	rm -rf "$dir"/pciutils_* "$dir/apt" "$dir/source"
}

cached dumps make_dumps
echo "$VM_CACHE/dumps/images"
