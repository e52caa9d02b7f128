#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# VMMs and other clients of vfio, on the lab kernel (make vmm): QEMU with integration/qemu,
# DMA with PASIDs, QEMUs and libvirt as Debian has them, and clients that are no VMM. What
# QEMUs and clients say goes to a file in docs/vmms each, and vmm.pl writes docs/vmms.md
# from these. T= are the tests, OUT is check.sh's.

set -eu
. "$(dirname "$(readlink -f "$0")")/vm-lib.sh"
. "$here/results.sh"

export OUT=${OUT:-$VM_CACHE/check}
parts="stock clients"
status=0
for part in $parts; do
	rm -f "$OUT/lab/$part.log"
done
# shellcheck disable=SC2086
STOCK="trixie bookworm" KERNELS=lab "$here/check.sh" ${T:-vmm cpr dma libvirt $parts} || status=$?
use_kernel lab
for part in $parts; do
	[ -s "$OUT/lab/$part.log" ] || continue
	{
		echo "release $VM_RELEASE"
		origin
		grep '^row ' "$OUT/lab/$part.log"
	} > "$top/docs/vmms/$part.txt"
done
perl "$here/vmm.pl" "$top/docs/vmms" > "$top/docs/vmms.md"
exit "$status"
