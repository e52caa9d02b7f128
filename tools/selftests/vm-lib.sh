# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The programs that run in a VM, and the VM that they run in. For check.sh, and for
# vm.sh. Sets here, top and vm, and has what tools/vm/lib.sh has.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=$(readlink -f "$here/../..")
vm=$top/tools/vm
. "$vm/lib.sh"

# A program is NAME_test.c or NAME_test.sh, here or in a directory of its own
vm_files() {
	(cd "$here" && ls -- *_test.{c,sh} */*_test.c | grep -v '^unit/')
}

vm_names() {
	vm_files | sed 's,.*/,,; s/_test\..*//' | xargs
}

# bench_of NAME: what its file says that it needs: segment, port (two functions
# below one), reports (a VM of its own, since it makes the kernel report), count (a VM
# that counts instructions), dumps (of real functions, in /tests/images), golden (what
# the command says of broken setups), qemu (the one with integration/qemu, in the VM),
# stock (QEMUs of Debian's, in the VM: the newest, and those of the suites in STOCK),
# libvirt (sid's, with its QEMU, in the VM),
# dma (that one is the VM, and has a function whose requests carry PASIDs), documents
# (what they have for a VM), no-pasids (an IOMMU without any, as arm64's is in QEMU),
# clients (DPDK's and the kernel's own tests of vfio, built for it),
# drivers (those that build.sh builds with the lab kernel).
bench_of() {
	sed -n 's/^ *[#*] Bench: //p' "$here/$(vm_files | grep -E "(^|/)$1_test\.")"
}

# use_kernel KERNEL: fetch it, or build it. Sets VM_RELEASE, VM_KDIR and others.
use_kernel() {
	local settings
	kernel=$1
	settings=$("$vm/kernel.sh" "$kernel") || return
	eval "$settings"
	export VM_ARCH VM_KDIR VM_SOURCE VM_BUILD_SUITE
}

# tools/examples, and the documents' blocks, in $out. Sets files.
add_documents() {
	local f
	rm -rf "$out/docs"
	mkdir -p "$out/docs"
	(cd "$top" && perl tools/selftests/docs.pl extract "$out/docs") || return
	for f in "$out"/docs/* "$out"/tests/pasid_{group,cdev}; do
		files+=(-f "$f:/tests/docs/")
	done
}

# QEMUs for the VM, of which the tests read what their guests see. Adds to files.
add_stock() {
	local suite
	files+=(-r)
	for suite in ${STOCK-}; do
		files+=(-q "$suite")
	done
}

# DPDK's and the lab kernel's programs. Adds to files.
add_clients() {
	local f dir
	f=$("$vm/dpdk.sh") && files+=(-f "$f:/tests/" -f "$out/tests/poke:/tests/") || return
	dir=$("$vm/kernel.sh" lab-selftests | sed -n 's/^VM_SELFTESTS=//p')
	for f in "$dir"/*_test; do
		files+=(-f "$f:/tests/clients/")
	done
}

add_dumps() {
	local dumps file
	dumps=$("$vm/dumps.sh") || return
	for file in "$dumps"/*.img; do
		files+=(-f "$file:/tests/images/")
	done
}

add_golden() {
	local file
	for file in "$top"/tools/vfio-pasid/tests/golden/why-*; do
		files+=(-f "$file:/tests/golden/")
	done
}

# add_bench BENCH: what the VM has for it besides. Adds to files.
add_bench() {
	case $1 in
	*dumps*) add_dumps ;;
	*golden*) add_golden ;;
	*documents*) add_documents ;;
	*stock*) add_stock ;;
	*clients*) add_clients ;;
	*libvirt*) files+=(-q sid) ;;
	esac
}

# run_vm DIR TESTS [OPTION-OF-RUN.SH]...: these tests in one VM with what build.sh
# has built in $out. Each program's TAP is between two lines of ours. VM_SHELL=1: a
# shell on the bench of each instead.
run_vm() {
	local dir=$1 t file bench tests=() files=() modules=/lib/modules/$VM_RELEASE/updates/
	for t in $2; do
		bench=$(bench_of "$t")
		tests+=("$t:${bench// /}")
		file=$here/${t}_test.sh
		[ -e "$file" ] || file=$out/tests/${t}_test
		files+=(-f "$file:/tests/${t}_test")
		add_bench "$bench" || return
	done
	shift 2
	for t in "$here"/lib/*.sh; do
		files+=(-f "$t:/tests/")
	done
	for t in "$out"/modules/*.ko "$out"/drivers/*.ko; do
		[ ! -e "$t" ] || files+=(-f "$t:$modules")
	done
	for t in "$out"/patched/*.ko; do
		[ ! -e "$t" ] || files+=(-f "$t:/tests/patched/")
	done
	"$vm/run.sh" -k "$kernel" -o "$dir" "$@" "${files[@]}" \
		-b "$out/command/vfio-pasid" -f "$out/root$modules/vfio-pasid.ko:$modules" \
		-f "$out/root/etc/modprobe.d/vfio-pasid.conf:/etc/modprobe.d/" \
		-f "$out/root/usr/lib/modules-load.d/vfio-pasid.conf:/usr/lib/modules-load.d/" \
		-f "$top/docs/ABI.txt:/tests/" -f "$here/vm-tests.sh:/tests/" \
		-- env "SOAK=${SOAK:-1}" "SEED=${SEED-1}" "VM_SHELL=${VM_SHELL-}" \
		"QUICK=${QUICK-1}" "COUNT=${COUNT-}" /bin/sh /tests/vm-tests.sh "${tests[*]}"
}
