#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rpm.sh [OUT]: build the package vfio-pasid-dkms for distributions with rpm in
# OUT, or build/. Needs rpmbuild, which Debian has in its package rpm.

set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=$(realpath -m "${1:-$top/build}")
version=$(cat "$top/VERSION")

mkdir -p "$out"
rpmbuild -bb --quiet --define "_topdir $out/rpm" --define "_rpmdir $out" \
	--define '_rpmfilename %{name}-%{version}-%{release}.%{arch}.rpm' \
	--define "source_dir $top" --define "source_version $version" \
	"$here/vfio-pasid.spec"
rm -rf "$out/rpm"
ls "$out/vfio-pasid-dkms-$version"-*.rpm
