#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# arm64-root.sh: make sure that programs of Debian 12 for arm64 are in the cache, and
# print the root that holds them: what initramfs.sh takes, and what the command is
# linked with. They are unpacked only; nothing of it can run here.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

make_root() {
	step "Unpacking Debian's programs for arm64"
	vm_sources bookworm > "$1.list"
	mmdebstrap --quiet --architectures=arm64 --variant=extract \
		--include=busybox-static,kmod,pciutils,libpci-dev,libjson-c-dev \
		bookworm "$1/root" "$1.list" || return
	rm -f "$1.list"
}

cached arm64-root make_root
echo "$VM_CACHE/arm64-root/root"
