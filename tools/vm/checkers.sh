#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# checkers.sh: make sure that the cache has what checks the command's output and
# is too big to be installed for that, and print where: promtool, and the schemas
# of two libvirts, Debian 12's (libvirt-old) and the newest (libvirt-new).

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# unpack SUITE PACKAGE TO: of that suite's package
unpack() {
	apt-get -qq "${vm_apt_options[@]}" download "$2/$1"
	dpkg-deb -x "$2"_*.deb "$3"
	rm "$2"_*.deb
}

make_checkers() {
	step "Unpacking promtool and libvirt's schemas"
	cd "$1"
	vm_apt "$1/apt" bookworm sid
	unpack bookworm prometheus p
	unpack bookworm libvirt0 old
	unpack sid libvirt-common new
	mv p/usr/bin/promtool .
	mv old/usr/share/libvirt/schemas libvirt-old
	mv new/usr/share/libvirt/schemas libvirt-new
	rm -rf apt p old new
}

cached checkers make_checkers
echo "$VM_CACHE/checkers"
