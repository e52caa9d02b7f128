#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deb.sh [OUT]: build the Debian package vfio-pasid-dkms in OUT, or build/. The
# version is that of the file VERSION, or PACKAGE_VERSION. The maintainer is who
# builds it, as DEBFULLNAME and DEBEMAIL say.

set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=$(realpath -m "${1:-$top/build}")
version=${PACKAGE_VERSION:-$(cat "$top/VERSION")}
maintainer="${DEBFULLNAME:-The vfio-pasid developers} <${DEBEMAIL:-packager@example.org}>"
dir=$out/vfio-pasid-$version

rm -rf "$dir"
mkdir -p "$dir"
cp -r "$top"/{Kbuild,Makefile,VERSION,LICENSE,README.md,CHANGELOG.md,data,docs,include} \
	"$top"/*.[ch] "$here/debian" "$dir"
echo "$version" > "$dir/VERSION"
sed -i "s/@MAINTAINER@/$maintainer/" "$dir/debian/control"
cat > "$dir/debian/changelog" <<END
vfio-pasid ($version) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $maintainer  $(date -R -r "$top/VERSION")
END
cd "$dir"
dpkg-buildpackage -us -uc -b
rm -rf "$dir"
ls "$out"/vfio-pasid-*_"$version"_all.deb
