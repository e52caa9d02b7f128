#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Compile the module for all linux-headers packages that Debian has (make headers),
# without booting, keep the results in docs/kernels/headers.tsv, and write
# docs/kernels.md. A warning is an error.
#
# HEADERS= is a regular expression for the packages; all if it is empty. The newest
# of each suite come first. Each is compiled in a root of its suite with that one's gcc.
# Those are configured for gcc, and clang does not know all of its options. The source of
# the lab kernel is configured for clang, and serves for that, with KCFI (HEADERS=clang).
# What is known of the same sources of the module is not compiled again.

set -u
. "$(dirname "$(readlink -f "$0")")/vm-lib.sh"
. "$here/results.sh"

list=$results/headers.tsv
work=${OUT:-$VM_CACHE/check}/headers
suites="sid trixie-backports trixie trixie-security bookworm-backports bookworm bookworm-security"

packages_of() {
	apt-cache "${vm_apt_options[@]}" pkgnames linux-headers- |
		grep -E '^linux-headers-[0-9]+\.[0-9]+\.[0-9][^ ]*amd64$' |
		grep -E -- "${HEADERS:-.}" | sort -rV
}

# Of packages_of, those of the first version
newest() {
	awk '{ v = $0; sub(/(-rt|-cloud)?-amd64$/, "", v) } NR == 1 { first = v } v == first'
}

# unpack PACKAGE: it and what it includes from others, in $work/root
unpack() {
	local deb
	rm -rf "$work/root" "$work/debs"
	mkdir -p "$work/root" "$work/debs"
	# shellcheck disable=SC2046
	(cd "$work/debs" && apt-get -qq "${vm_apt_options[@]}" download "$1" \
		$(depends "$1" linux-headers-) $(depends "$1" linux-kbuild-)) || return
	for deb in "$work"/debs/*.deb; do
		dpkg-deb -x "$deb" "$work/root"
	done
	move_headers "$work/root" "$work/root"
}

copy_module() {
	rm -rf "$work/module"
	mkdir -p "$work/module"
	(cd "$top" && git ls-files -z Kbuild Makefile VERSION data include ':(glob)*.[ch]' |
		rsync -0 --files-from=- . "$work/module")
}

# compile ROOT PACKAGE WHAT MAKE-ARGUMENT...: prints what came of it in a few words
compile() {
	local root=$1 what=$3 log=$work/$2.log
	shift 3
	copy_module
	VM_BUILD_DIR=$work "$vm/build-root.sh" "$root" make -j2 W=1 "$@" > "$log" 2>&1
	if [ -s "$work/module/$what" ] && ! grep -E 'warning:|WARNING:' "$log" >&2; then
		echo built
	else
		echo "**no**: $(grep -E -m 1 'error|vfio-pasid needs|WARNING|warning' "$log" |
			sed "s,$work/,,g; s/|/ /g" | cut -c 1-160)"
	fi
}

# keep PACKAGE COMPILER RESULT: in place of what is known of these two
keep() {
	local line
	line=$(printf '%s\t' "$1" "$suite" "$2" "$3" && origin | cut -d ' ' -f 2- | paste -s)
	awk -F '\t' -v p="$1" -v c="${2%% *}" '!($1 == p && index($3, c " ") == 1)' "$list" |
		sort -V - <(echo "$line") > "$list.part"
	mv "$list.part" "$list"
	echo "$1, $2: $3"
	[ "$3" = built ] || status=1
}

# known PACKAGE COMPILER: there is a result of these sources
known() {
	awk -F '\t' -v p="$1" -v c="$2 " -v s="$now" \
		'$1 == p && index($3, c) == 1 && $NF == s { found = 1 } END { exit !found }' "$list"
}

version_in() {
	VM_BUILD_DIR=$work "$vm/build-root.sh" "$1" "$2" --version | grep -oE -m 1 '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1
}

# A root that cannot be made says nothing of the package
make_root() {
	"$vm/build-root.sh" "$1" > /dev/null
}

try() {
	local package=$1 root=${suite%%-*}
	known "$package" gcc && return
	make_root "$root" && unpack "$package" || { status=1; return; }
	keep "$package" "gcc $(version_in "$root" gcc)" "$(compile "$root" "$package" vfio-pasid.ko \
		-C "$work/module" KDIR="$work/root/usr/src/$package" KCFLAGS=-Werror)"
}

# Not linked: the symbols of a kernel come with a kernel. The warning is about what KCFI
# finds when it runs.
try_clang() {
	local settings package="lab kernel's source" suite=trixie-backports
	known "$package" clang && return
	settings=$("$vm/kernel.sh" lab-clang) || { status=1; return; }
	eval "$settings"
	keep "$package" "clang $(version_in "$VM_BUILD_SUITE" clang), KCFI" \
		"$(compile "$VM_BUILD_SUITE" clang vfio-pasid.o -C "$VM_KDIR" M="$work/module" LLVM=1 \
			KCFLAGS='-Werror -Wcast-function-type-strict' vfio-pasid.o)"
}

"$vm/deps.sh" || exit 1
mkdir -p "$work" "$results"
touch "$list"
now=$(sources)
status=0
[ "${HEADERS:-clang}" != clang ] || try_clang
for which in newest cat; do
	for suite in $suites; do
		vm_apt "$VM_CACHE/apt-$suite" "$suite" || exit 1
		for package in $(packages_of | $which); do
			try "$package"
		done
	done
done
write_document
exit "$status"
