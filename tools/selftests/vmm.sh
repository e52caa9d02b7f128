#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# VMMs, on the lab kernel (make vmm): QEMU with integration/qemu, DMA with PASIDs, and
# QEMUs as Debian has them. What the guests of those see goes to docs/vmms.txt, and
# vmm.pl writes docs/vmms.md from it. T= are the tests, OUT is check.sh's.

set -eu
. "$(dirname "$(readlink -f "$0")")/vm-lib.sh"
. "$here/results.sh"

export OUT=${OUT:-$VM_CACHE/check}
status=0
rm -f "$OUT/lab/stock.log"
# shellcheck disable=SC2086
STOCK="trixie bookworm" KERNELS=lab "$here/check.sh" ${T:-vmm cpr dma stock} || status=$?
[ -s "$OUT/lab/stock.log" ] || exit "$status"
use_kernel lab
{
	echo "release $VM_RELEASE"
	origin
	grep '^row ' "$OUT/lab/stock.log"
} > "$top/docs/vmms.txt"
perl "$here/vmm.pl" "$top/docs/vmms.txt" > "$top/docs/vmms.md"
exit "$status"
