#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dpdk.sh: make sure that a program with Debian's DPDK, dpdk_client.c of the tests, is
# in the cache, and print its path. It is static, so that the VM needs nothing.
#
# Debian's packages leave out the headers for drivers. They come from the source of the
# same version; the mirror has the files of bookworm's, but not of newer ones.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

suite=bookworm
source=$(readlink -f "$vm_dir/../selftests/dpdk_client.c")
headers='*/bus_pci_driver.h */dev_driver.h'

make_client() {
	local dir=$1 version options
	version=$("$vm_dir/build-root.sh" $suite+libdpdk-dev dpkg-query -W -f '${Version}' libdpdk-dev)
	step "Building a client with DPDK $version"
	VM_APT_TYPE=deb-src vm_apt "$dir/apt" $suite
	(cd "$dir" && apt-get -qq "${vm_apt_options[@]}" source --download-only "dpdk=$version") || return
	# shellcheck disable=SC2086
	tar -C "$dir" --transform 's,.*/,,' -xf "$dir"/*.orig.tar.xz --wildcards $headers
	rm -rf "$dir"/{apt,dpdk_*}
	cp "$source" "$dir"
	options="-O2 -Wall -Werror -march=corei7 -I$dir"
	# Buses and drivers are found by constructors, which a linker leaves out
	"$vm_dir/build-root.sh" $suite+libdpdk-dev sh -ec "cd $dir
		gcc $options \$(pkg-config --cflags libdpdk) -static -o dpdk_client dpdk_client.c \
			-Wl,--whole-archive -l:librte_bus_pci.a -Wl,--no-whole-archive \
			-l:librte_pci.a -l:librte_eal.a -l:librte_telemetry.a -l:librte_kvargs.a \
			-lnuma -lbsd -lmd -latomic" > "$dir/build.log" 2>&1 ||
		{ cat "$dir/build.log"; return 1; }
}

name=dpdk-$(cat "$0" "$source" | sha256sum | cut -c 1-16)
# Not in cached(): it is cached itself
[ -d "$VM_CACHE/$name" ] || "$vm_dir/build-root.sh" $suite+libdpdk-dev > /dev/null
VM_BUILD_DIR=$VM_CACHE cached "$name" make_client
echo "$VM_CACHE/$name/dpdk_client"
