#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deps.sh [PACKAGE]...: install the Debian packages that building and testing
# needs, and these. Says which; for anybody but root it prints the command.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

packages=(
	gcc make libc6-dev perl		# the module and the tests
	gcc-12 xz-utils libelf1 pahole	# what linux-headers packages build with
	flex bison libelf-dev libssl-dev	# the lab kernel
	sparse				# make C=1
	clang libclang-rt-14-dev	# the fuzzers, vfio-pci-core in userspace
	patch				# patches/
	libpci-dev libjson-c-dev	# the command
	libxml2-utils python3-jsonschema	# what checks its output
	bc cpio zstd			# initramfs
	busybox-static kmod pciutils	# what is in it
	mmdebstrap debian-archive-keyring	# the root with a newer QEMU
	git rsync
	man-db mandoc			# manuals
	iverilog			# docs/vendor
	"$@"
)

missing=()
for p in "${packages[@]}"; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
		grep -qx installed || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "Some Debian packages are needed. Run this as root, then try again:" >&2
	echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
step "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install --no-install-recommends "${missing[@]}" > "$VM_CACHE/apt.log" 2>&1 ||
	{ tail -n 20 "$VM_CACHE/apt.log" >&2; die "apt-get install failed"; }
