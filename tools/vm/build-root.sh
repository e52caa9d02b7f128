#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-root.sh SUITE [COMMAND...]: make sure that a root of this suite of Debian's
# with a compiler is in the cache, and print where; or run a command in it, which
# sees the cache and the directory in VM_BUILD_DIR, under their own names. SUITE+PACKAGE...
# is a root that has these packages, too.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

name=$1
suite=${name%%+*}
packages=${name#"$suite"}
shift

make_root() {
	step "Unpacking what modules are built with, from $suite"
	vm_sources "$suite" > "$1.list"
	# A mirror's copy of sid can be older than sid's signature is valid
	mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
		--include=gcc,libc6-dev,make,perl,kmod,pahole"${packages//+/,}" \
		"$suite" "$1/root" "$1.list" || return
	rm -f "$1.list"
	rm -rf "$1/root"/var/{lib/apt/lists,cache/apt}/*
}

# mmdebstrap finds nothing in a directory with a plus
dir=build-${name//+/-}
cached "$dir" make_root
root=$VM_CACHE/$dir/root
if [ $# -eq 0 ]; then
	echo "$root"
	exit
fi

# In a mount namespace: whatever happens, nothing stays mounted
mkdir -p "$root$VM_CACHE" "$root$VM_BUILD_DIR"
exec unshare --mount sh -ec '
	for d in "$2" "$3"; do mount --bind "$d" "$1$d"; done
	mount -t proc proc "$1/proc"
	root=$1
	shift 3
	exec chroot "$root" "$@"
' sh "$root" "$VM_CACHE" "$VM_BUILD_DIR" "$@"
