#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vm.sh [NAME]: a shell in the VM of that test, place if there is no name, on the
# kernel in KERNEL. gdb finds the VM at port 1234 of this machine, with the symbols
# of the lab kernel: tools/selftests/README.md has the commands.

set -eu
. "$(dirname "$(readlink -f "$0")")/vm-lib.sh"

name=${1:-place}
[[ " $(vm_names) " == *" $name "* ]] || die "no test $name; there are: $(vm_names)"
"$vm/deps.sh"
use_kernel "${KERNEL:-6.1}"
out=${OUT:-$VM_CACHE/check}/$kernel
mkdir -p "$out"
step "Building the module and the tests for $VM_RELEASE"
"$here/build.sh" "$out" > "$out/make.log" 2>&1 ||
	die "see $out/make.log"
case $(bench_of "$name") in
*qemu*)	options=(-i -p) ;;
*dma*)	options=(-i -d) ;;
*)	options=(-i) ;;
esac
VM_SHELL=1 run_vm "$out/shell-vm" "$name" "${options[@]}"
