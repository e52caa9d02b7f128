#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deb.sh [OUT]: build vfio-pasid-dkms and vfio-pasid-utils in OUT, or build/. The
# version is that of the file VERSION, or PACKAGE_VERSION. The maintainer is who
# builds it, as DEBFULLNAME and DEBEMAIL say.

set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=$(realpath -m "${1:-$top/build}")
version=${PACKAGE_VERSION:-$(cat "$top/VERSION")}
maintainer="${DEBFULLNAME:-The vfio-pasid developers} <${DEBEMAIL:-packager@example.org}>"
dir=$out/vfio-pasid-$version

command -v dpkg-buildpackage > /dev/null || {
	echo "error: apt-get install dpkg-dev debhelper dh-dkms libpci-dev libjson-c-dev" >&2
	exit 1
}
rm -rf "$dir"
mkdir -p "$dir"
cp -r "$top"/{Kbuild,Makefile,VERSION,LICENSE,README.md,CHANGELOG.md,data,docs,include} \
	"$top"/*.[ch] "$here/debian" "$dir"
echo "$version" > "$dir/VERSION"
mkdir -p "$dir/tools/selftests/unit"
cp -r "$top/tools/vfio-pasid" "$dir/tools"
cp -r "$top/tools/selftests/unit/include" "$dir/tools/selftests/unit"
sed -i "s/@MAINTAINER@/$maintainer/" "$dir/debian/control"
cat > "$dir/debian/changelog" <<END
vfio-pasid ($version) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $maintainer  $(date -R -r "$top/VERSION")
END
cd "$dir"
dpkg-buildpackage -us -uc -b
rm -rf "$dir"
ls "$out"/vfio-pasid-*_"$version"_*.deb
