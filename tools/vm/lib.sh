# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the bench's scripts share. Everything that is downloaded or made once is
# kept in the cache, outside of the work tree.

VM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/vfio-pasid
vm_dir=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
mkdir -p "$VM_CACHE"

step() {
	echo "==> $*" >&2
}

die() {
	echo "error: $*" >&2
	exit 1
}

# cached NAME FUNCTION: $VM_CACHE/NAME, made by "FUNCTION DIR" if it is not
# there. A directory appears under its name when it is complete, so a run that
# is killed leaves nothing that looks finished; two runs wait for each other.
cached() {
	local name=$1 make=$2 dir=$VM_CACHE/$1
	[ -d "$dir" ] && return
	exec 9> "$VM_CACHE/.lock"
	flock 9
	if [ ! -d "$dir" ]; then
		rm -rf "$dir.part"
		mkdir -p "$dir.part"
		"$make" "$dir.part" >&2 || die "cannot make $name"
		mv "$dir.part" "$dir"
	fi
	exec 9>&-
}

# vm_arch ARCH: what a kernel's make and the compilers need to know of x86 or arm64
vm_arch() {
	VM_ARCH=$1
	VM_TOOLS=
	[ "$1" = x86 ] || VM_TOOLS=aarch64-linux-gnu-
	export VM_ARCH ARCH=$VM_ARCH CROSS_COMPILE=$VM_TOOLS
}

# vm_mirror SUITE: the machine's own Debian mirror, as its apt has it: no name is
# written here. Security updates have a path of their own.
vm_mirror() {
	local codename label=Debian
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	[[ $1 != *-security ]] || { codename+=-security label=Debian-Security; }
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(LABEL)' |
		awk -v c="$codename" -v l="$label" '$2 == c && $3 == l { print $1; exit }'
}

# vm_sources SUITE...: lines of a sources.list for these suites, of the type in
# VM_APT_TYPE, which is deb.
vm_sources() {
	local mirror suite
	for suite in "$@"; do
		mirror=$(vm_mirror "$suite")
		[ -n "$mirror" ] || die "apt knows no Debian mirror of $suite; run apt-get update"
		echo "${VM_APT_TYPE:-deb} [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
	done
}

# vm_apt DIR SUITE...: apt in a state of its own below DIR, so that other
# suites never show up in the machine's. Sets vm_apt_options.
vm_apt() {
	local dir=$1
	shift
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	vm_sources "$@" > "$dir/sources.list"
	vm_apt_options=(
		-o "Dir::Etc::SourceList=$dir/sources.list"
		-o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$dir/lists"
		-o "Dir::Cache=$dir/cache"
		-o APT::Sandbox::User=root
	)
	[ -z "${VM_APT_ARCH-}" ] || vm_apt_options+=(
		-o "APT::Architecture=$VM_APT_ARCH"
		-o "APT::Architectures::=$VM_APT_ARCH"
		-o APT::Architectures::=amd64
	)
	apt-get -qq "${vm_apt_options[@]}" update
}

# depends PACKAGE PREFIX: the first package with PREFIX that it depends on, in the
# state that vm_apt_options name
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
