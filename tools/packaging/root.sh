#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# root.sh SUITE: make sure that a clean root of Debian 12 (bookworm) or 13
# (trixie) is in the cache, and print where. What the tests of the packages
# install is downloaded there, but not installed.

set -eu
. "$(dirname "$(readlink -f "$0")")/../vm/lib.sh"

suite=$1

# $packages for the first step, and new headers, which are the kernel upgrade
make_root() {
	local get='chroot "$1" apt-get -qq -y --no-install-recommends --download-only install'
	step "Making a clean root of $suite"
	vm_sources "$suite" "$suite-updates" "$suite-backports" > "$1.list"
	mmdebstrap --quiet --variant=minbase --skip=cleanup/apt \
		--customize-hook="$get $packages" \
		--customize-hook="$get -t $suite-backports linux-headers-amd64" \
		"$suite" "$1/root" "$1.list"
	rm -f "$1.list"
}

packages="dkms perl openssl linux-headers-amd64 linux-image-amd64 initramfs-tools libpci3 libjson-c5"
packages+=" ovmf shim-signed grub-efi-amd64-signed mokutil"
case $suite in
bookworm|trixie) ;;
*)	die "no root of $suite; there are bookworm and trixie" ;;
esac
# A new name whenever it has other packages
cached "packages-boot-$suite" make_root
echo "$VM_CACHE/packages-boot-$suite/root"
