#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh NAME: make sure that a kernel is in the cache, and print where, as
# settings for a shell.
#
#   6.1 6.1-rt       Debian 12's own, and with PREEMPT_RT
#   6.12             that of its backports
#   6.12-trixie      Debian 13's own
#   new new-rt       the newest that Debian 13's backports have
#   sid              Debian unstable's
#   lab              built from the newest kernel source that Debian has, with
#                    lab.config: no kernel of Debian's checks itself
#   arm64            the same source for arm64, with lab-arm64.config; cross-compiled
#   arm64-64k        with pages of 64 KiB and drivers of arm64's: lab-arm64-64k.config
#   arm64-stock      "new" for arm64, Debian's own
#
# Images and headers of Debian are unpacked, never installed, and come from one
# download, so that they fit each other. For kernels that are newer than this
# machine's compiler, VM_BUILD_SUITE is where build-root.sh takes one from.
#
# "source" and "lab-source" are for who needs no kernel: the files of vfio-pci-core
# that the unit tests run, of 6.1 (with checkpatch and kselftest) and of the lab's.
# "lab-clang" is the lab's source, ready for modules that clang compiles with KCFI, and
# "lab-selftests" has the programs of its tools/testing/selftests/vfio.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

version=${1:-6.1}
case $version in
arm64*)	arch=arm64; flavour=arm64 ;;
*)	arch=x86; flavour=amd64 ;;
esac
vm_arch "$arch"
[ "$arch" = x86 ] || "$vm_dir/deps.sh" gcc-aarch64-linux-gnu
build_suite=
configs=()
case $version in
6.1|source)	suites="bookworm bookworm-updates bookworm-security" ;;
6.1-rt)	suites="bookworm bookworm-updates bookworm-security"; flavour=rt-amd64 ;;
6.12)	suites="bookworm-backports" ;;
6.12-trixie)	suites="trixie trixie-security"; build_suite=trixie+sparse ;;
lab|lab-source|lab-clang|lab-selftests)	suites="trixie-backports"; configs=(lab) ;;
arm64)	suites="trixie-backports"; configs=(lab lab-arm64) ;;
arm64-64k)	suites="trixie-backports"; configs=(lab lab-arm64 lab-arm64-64k) ;;
arm64-stock)	suites="trixie-backports"; build_suite=trixie+gcc-14-aarch64-linux-gnu; VM_APT_ARCH=arm64 ;;
new)	suites="trixie-backports"; build_suite=trixie ;;
new-rt)	suites="trixie-backports"; build_suite=trixie; flavour=rt-amd64 ;;
sid)	suites="sid"; build_suite=sid ;;
*)	die "no kernel $version; there are 6.1, 6.1-rt, 6.12, 6.12-trixie, new, new-rt, sid, lab, arm64, arm64-64k, arm64-stock, source, lab-source, lab-clang and lab-selftests" ;;
esac

# Debian's security suite has a path of its own on the mirror; the machine's
# apt knows it.
own_options() {
	vm_apt_options=(-o APT::Sandbox::User=root)
	apt-get -qq update
}

use_suites() {
	case $version in
	6.1|6.1-rt)	own_options ;;
	*)	vm_apt "$1" $suites ;;
	esac
}

make_kernel() {
	local dir=$1 image headers packages deb
	step "Downloading Debian's kernel $version and its headers"
	use_suites "$dir/apt"
	image=$(depends linux-image-$flavour linux-image-)
	headers=$(depends linux-headers-$flavour linux-headers-)
	[[ $version != [0-9]* || $image == linux-image-${version%%-*}.* ]] ||
		die "apt's kernel $version is $image"
	packages="$image $headers $(depends "$headers" linux-headers-) $(depends "$headers" linux-kbuild-):amd64
		$(depends "$image" linux-binary-) $(depends "$image" linux-modules-)
		$(depends "$image" "linux-base-.*-$flavour")"
	# shellcheck disable=SC2086
	(cd "$dir" && apt-get -qq "${vm_apt_options[@]}" download $packages) || return
	for deb in "$dir"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -rf "$dir"/*.deb "$dir/apt"
	[ -d "$dir/lib/modules" ] || ln -s usr/lib "$dir/lib"
	echo "${image#linux-image-}" > "$dir/release"
	# It is in /boot, and since 7.1 with its modules
	find "$dir/boot" "$dir/usr/lib/modules" "$dir/lib/modules/" -name 'vmlinuz*' \
		-exec cp {} "$dir/vmlinuz" \; 2> /dev/null
	[ -s "$dir/vmlinuz" ] || return
	move_headers "$dir" "${dir%.part}"
	depmod -b "$dir" "$(cat "$dir/release")"
}

# What the unit tests run of vfio-pci-core
core_files=(
	'*/include/uapi/linux/pci_regs.h'
	'*/drivers/vfio/pci/vfio_pci_config.c'
	'*/drivers/vfio/pci/vfio_pci_priv.h'
)

# From the kernel's source package: checkpatch, kselftest's harness, and the file
# of vfio-pci-core that the unit tests run
make_source() {
	local dir=$1 tar
	step "Unpacking checkpatch, kselftest and vfio_pci_config.c from Debian's linux-source-6.1"
	apt-get -qq update
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download linux-source-6.1)
	dpkg-deb -x "$dir"/*.deb "$dir"
	tar=$(echo "$dir"/usr/src/linux-source-*.tar.xz)
	tar -C "$dir" --strip-components=1 -xf "$tar" --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch' \
		'*/tools/testing/selftests/*.h' "${core_files[@]}"
	rm -rf "$dir"/*.deb "$dir/usr"
}

# newest PACKAGE PREFIX: which one PACKAGE stands for today, and its version:
# "linux-source-7.3 7.3.4-1". Apt is asked once a day; without a network the last
# answer stands.
newest() {
	local known=$VM_CACHE/newest-${suites%% *}-$1 apt=$VM_CACHE/apt-${suites%% *}${VM_APT_ARCH-} package
	if [ -z "$(find "$known" -mtime 0 2>/dev/null)" ] && vm_apt "$apt" $suites >&2; then
		package=$(depends "$1" "$2")
		apt-cache "${vm_apt_options[@]}" show --no-all-versions "$package" |
			awk '/^(Package|Version):/ { print $2 }' | xargs > "$known.part"
		mv "$known.part" "$known"
	fi
	[ -s "$known" ] || die "apt knows no $1 in $suites"
	cat "$known"
}

lab_source() {
	newest linux-source linux-source-
}

# Modules are built against this tree later: keep what that needs, and the source
# of vfio and iommufd, in which patches/ are tried
trim_lab() {
	find "$1" -name '*.o' ! -path '*/scripts/*' ! -path '*/tools/objtool/*' -delete
	find "$1" -name '*.ko' -delete
	rm -rf "$1"/{Documentation,sound,samples,rust,certs,usr,vmlinux.unstripped}
	find "$1/arch" -mindepth 1 -maxdepth 1 -type d ! -name "$arch" -exec rm -rf {} +
	find "$1/drivers" -mindepth 1 -maxdepth 1 -type d ! -name vfio \
		! -name iommu -exec rm -rf {} +
	find "$1/tools" -mindepth 1 -maxdepth 1 -type d ! -name objtool ! -name include \
		! -name lib ! -name build ! -name scripts -exec rm -rf {} +
}

# unpack_lab DIR [PATTERN...]: all of the lab kernel's source, or these files
unpack_lab() {
	local dir=$1 source tar
	shift
	source=$(lab_source)
	step "Downloading Debian's $source"
	vm_apt "$dir/apt" $suites
	(cd "$dir" && apt-get -qq "${vm_apt_options[@]}" download "${source%% *}")
	dpkg-deb -x "$dir"/*.deb "$dir"
	tar=$(echo "$dir"/usr/src/linux-source-*.tar.xz)
	mkdir "$dir/linux"
	tar -C "$dir/linux" --strip-components=1 -xf "$tar" --wildcards "$@"
	rm -rf "$dir"/*.deb "$dir/apt" "$dir/usr"
}

make_lab_source() {
	unpack_lab "$1" "${core_files[@]}"
}

# As for a kernel that clang would build; nothing is linked, since nothing is built
make_lab_clang() {
	local dir=$1 target
	unpack_lab "$dir"
	{ lab_options; echo CONFIG_CFI=y; } > "$dir/options"
	for target in allnoconfig modules_prepare; do
		VM_BUILD_DIR=$dir "$vm_dir/build-root.sh" "$clang_root" \
			env KCONFIG_ALLCONFIG="$dir/options" \
			make -C "$dir/linux" -j"$(nproc)" LLVM=1 $target > "$dir/$target.log" 2>&1 || return
	done
	grep -q '^CONFIG_CFI=y' "$dir/linux/.config" || die "this kernel does not take CONFIG_CFI"
	trim_lab "$dir/linux"
}

# Static programs, so that the VM needs nothing
make_lab_selftests() {
	local linux=$1/linux
	"$vm_dir/deps.sh" uuid-dev
	unpack_lab "$1"
	step "Building the kernel's tests of vfio; the log is $1/build.log"
	make -C "$linux" headers > "$1/build.log" 2>&1 &&
		make -C "$linux/tools/testing/selftests/vfio" \
			LDFLAGS="-static -pthread" >> "$1/build.log" 2>&1 || return
	mv "$linux"/tools/testing/selftests/vfio/vfio_*_test "$1"
	rm -rf "$linux"
}

# The lab kernel's options. What a file says about one of them replaces what those
# before it say.
lab_options() {
	local options='' config file names
	for config in "${configs[@]}"; do
		file=$vm_dir/$config.config
		names=$(grep -o 'CONFIG_[A-Z0-9_]*' "$file")
		options=$([ -z "$options" ] || grep -vwF "$names" <<< "$options"; cat "$file")
	done
	echo "$options"
}

# build_lab DIR: and put into DIR/vmlinuz what QEMU boots
build_lab() {
	local linux=$1/linux target=vmlinux
	[ "$arch" = x86 ] || target=Image
	make -C "$linux" -j"$(nproc)" $target modules >> "$1/build.log" 2>&1 || return
	case $target in
	vmlinux)	strip -o "$1/vmlinuz" "$linux/vmlinux" ;;
	Image)		cp "$linux/arch/$arch/boot/Image" "$1/vmlinuz" ;;
	esac
}

make_lab() {
	local dir=$1 missing
	unpack_lab "$dir"

	step "Building the lab kernel, which takes a quarter of an hour; its log is $dir/build.log"
	lab_options > "$dir/options"
	make -C "$dir/linux" KCONFIG_ALLCONFIG="$dir/options" allnoconfig > "$dir/build.log"
	missing=$(grep '^CONFIG' "$dir/options" | grep -vxFf "$dir/linux/.config" || true)
	[ -z "$missing" ] || die "this kernel does not take" $missing
	build_lab "$dir" || { tail -n 20 "$dir/build.log" >&2; return 1; }
	make -s -C "$dir/linux" kernelrelease > "$dir/release"
	make -C "$dir/linux" INSTALL_MOD_PATH="$dir" INSTALL_MOD_STRIP=1 modules_install >> "$dir/build.log"
	rm -f "$dir/lib/modules"/*/{build,source}
	trim_lab "$dir/linux"
}

lab=lab-$(
	[ ${#configs[@]} -eq 0 ] || (lab_source; lab_options) |
		sha256sum | cut -c 1-16
)
case $version in
lab|arm64|arm64-64k)
	name=$lab
	cached "$name" make_lab ;;
lab-source)
	# The kernel has it, if it is there
	[ -d "$VM_CACHE/$lab" ] || lab=source-$lab
	cached "$lab" make_lab_source
	echo "VM_KDIR=$VM_CACHE/$lab/linux"
	exit ;;
lab-clang)
	clang_root=trixie+clang+lld+llvm+flex+bison+libelf-dev+bc
	# Not in cached(): it is cached itself
	"$vm_dir/build-root.sh" "$clang_root" > /dev/null
	cached "clang-$lab" make_lab_clang
	echo "VM_KDIR=$VM_CACHE/clang-$lab/linux"
	echo "VM_BUILD_SUITE=$clang_root"
	exit ;;
lab-selftests)
	cached "selftests-$lab" make_lab_selftests
	echo "VM_SELFTESTS=$VM_CACHE/selftests-$lab"
	exit ;;
source)	;;
new*|sid|arm64-stock)
	newest=$(newest linux-image-$flavour linux-image-)
	name=kernel-${newest%% *}
	cached "$name" make_kernel ;;
*)	name=kernel-$version
	cached "$name" make_kernel ;;
esac
# A new name whenever make_source takes other files
cached source-vfio make_source
if [ "$version" = source ]; then
	echo "VM_SOURCE=$VM_CACHE/source-vfio"
	exit
fi

dir=$VM_CACHE/$name
release=$(cat "$dir/release")
kdir=$dir/usr/src/linux-headers-$release
[ ! -d "$dir/linux" ] || kdir=$dir/linux
cat <<END
VM_ARCH=$arch
VM_RELEASE=$release
VM_VMLINUZ=$dir/vmlinuz
VM_MODULES=$dir
VM_KDIR=$kdir
VM_SOURCE=$VM_CACHE/source-vfio
VM_BUILD_SUITE=$build_suite
END
