#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [-k KERNEL] [-t SECONDS] [-o DIR] [-m MODULE]... [-b PROGRAM]...
#        [-f SRC:DST]... [-a KERNEL-ARGUMENTS] [-r | -p] [-q SUITE]... [-d] [-c] [-i]
#        -- COMMAND...
#
# Boot a kernel in QEMU and run a command in it. Its output is shown and kept
# in DIR/output.log, the kernel's console in DIR/console.log, and its exit
# status is ours; 124 if the time is over, 125 if the VM ended without a status.
# With -r the root of qemu.sh is mounted read-only at /mnt, with -p that of
# qemu-patched.sh, with -q that of another suite's QEMU at /SUITE. With -d (on x86) the
# VM is qemu-patched.sh's QEMU, and has a function whose requests carry PASIDs, of which
# the IOMMU has 8 bits. With -i the command has our input, gdb finds the VM at port 1234,
# and there is no limit of time. With -c there is one processor, and its time stamp
# counter counts instructions: the same work takes the same time again.
#
# The machine: VT-d in scalable mode with 20 PASID bits, and on the root bus
# igb (SR-IOV), e1000e, NVMe, edu (conventional PCI), a root port with a device of
# two functions (e1000e, too), and another one with NVMe. All are QEMU's own. KVM is
# used where the processor shows that it could run a kernel. The ports are slow
# ones, since QEMU's link does not come up again after a reset, and Linux waits for
# a fast one. On arm64 it is QEMU's "virt" with an SMMUv3, which has no PASIDs.

set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

kernel=6.1
seconds=600
out=$VM_CACHE/run
arguments=
roots=()
iommu=scalable-mode=on,pasid-bits=20
devices=()
interactive=
count=
files=()
programs=(kmod modprobe rmmod insmod lspci setpci)
modules=(igb e1000e vfio_pci vfio_iommu_type1 iommufd 9p 9pnet_virtio virtio_pci nvme
	nvgrace-gpu-vfio-pci hisi-acc-vfio-pci)

while getopts k:t:o:m:b:f:a:rpq:dic option; do
	case $option in
	k)	kernel=$OPTARG ;;
	t)	seconds=$OPTARG ;;
	o)	out=$OPTARG ;;
	m)	modules+=("$OPTARG") ;;
	b)	programs+=("$OPTARG") ;;
	f)	files+=("$OPTARG") ;;
	a)	arguments=$OPTARG ;;
	r)	roots+=(mnt:qemu.sh:) ;;
	p)	roots+=(mnt:qemu-patched.sh:) ;;
	q)	roots+=("$OPTARG:qemu.sh:$OPTARG") ;;
	d)	iommu=x-scalable-mode=on,x-pasid-mode=on
		devices=(-device "pasid-testdev,addr=0xa") ;;
	i)	interactive=1 ;;
	c)	count=1 ;;
	*)	exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || die "run.sh: no command"

settings=$("$vm_dir/kernel.sh" "$kernel")
eval "$settings"
export VM_ARCH VM_MODULES VM_RELEASE
"$vm_dir/qemu.sh" > /dev/null
mkdir -p "$out"
rm -f "$out"/*.log

printf '%q ' "$@" > "$out/command"
args=(-f "$out/command:/command" -f /usr/share/misc/pci.ids:/usr/share/misc/)
for m in "${modules[@]}"; do args+=(-m "$m"); done
for b in "${programs[@]}"; do args+=(-b "$b"); done
for f in "${files[@]}"; do args+=(-f "$f"); done
"$vm_dir/initramfs.sh" "$out/initramfs" "$vm_dir/init" "${args[@]}"

word=vm-status-$RANDOM$RANDOM
case $VM_ARCH in
arm64)	cpu=max,pauth-impdef=on
	tty=ttyAMA
	machine=(-M "virt,gic-version=3,iommu=smmuv3") ;;
*)	cpu=max
	tty=ttyS
	machine=(-M "q35,kernel-irqchip=split"
		-device "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on,$iommu")
	arguments="no_timer_check intel_iommu=on,sm_on $arguments" ;;
esac
accel=(-accel tcg,thread=multi -cpu "$cpu" -smp 2)
if [ -n "$count" ]; then
	accel=(-accel tcg,thread=single -cpu "$cpu" -smp 1 -icount shift=0,sleep=off)
elif [ "$VM_ARCH" = x86 ] && grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo && [ -w /dev/kvm ]; then
	accel=(-accel kvm -cpu host -smp 2)
fi
share=()
for root in "${roots[@]}"; do
	IFS=: read -r tag maker suite <<< "$root"
	root=$(QEMU_SUITE=$suite "$vm_dir/$maker")
	share+=(-virtfs "local,path=$root,mount_tag=$tag,security_model=none,readonly=on")
	arguments="$arguments vm_root=$tag"
done
limit=(timeout -k 5 "$seconds")
gdb=()
if [ -n "$interactive" ]; then
	limit=()
	gdb=(-gdb tcp:localhost:1234)
	arguments="$arguments nokaslr"
else
	exec < /dev/null
fi

if [ ${#devices[@]} -gt 0 ]; then
	VM_QEMU=$("$vm_dir/qemu-patched.sh")/usr/local/bin/qemu-system-x86_64
	export VM_QEMU
fi

set +e
"${limit[@]}" "$vm_dir/qemu.sh" "${machine[@]}" "${accel[@]}" \
	-m "${VM_MEMORY:-2G}" -nodefaults -display none -no-reboot \
	-device edu,addr=4 \
	-netdev hubport,hubid=0,id=n0 -device igb,addr=5,netdev=n0,romfile= \
	-netdev hubport,hubid=0,id=n1 -device e1000e,addr=6,netdev=n1,romfile= \
	-device pcie-root-port,id=rp,chassis=1,addr=7,x-speed=5 \
	-device e1000e,bus=rp,addr=0.0,multifunction=on,romfile= \
	-device e1000e,bus=rp,addr=0.1,romfile= \
	-device pcie-root-port,id=rp2,chassis=2,addr=9,x-speed=5 \
	-blockdev null-co,node-name=d1,size=16777216,read-zeroes=on \
	-device nvme,bus=rp2,addr=0.0,drive=d1,serial=sole \
	-blockdev null-co,node-name=d0,size=16777216,read-zeroes=on \
	-device nvme,addr=8,drive=d0,serial=bench \
	"${devices[@]}" \
	"${share[@]}" "${gdb[@]}" \
	-chardev "file,id=console,path=$out/console.log" -serial chardev:console \
	-chardev "stdio,id=output,signal=off,logfile=$out/raw.log" -serial chardev:output \
	-kernel "$VM_VMLINUZ" -initrd "$out/initramfs" \
	-append "console=${tty}0 oops=panic panic=-1 printk.devkmsg=on vm_word=$word vm_tty=${tty}1 $arguments" \
	2> "$out/qemu.log" | if [ -n "$interactive" ]; then cat; else grep --line-buffered -v "^$word "; fi
status=${PIPESTATUS[0]}
set -e

sed -n "/^$word /!p" "$out/raw.log" > "$out/output.log"
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	echo "error: the VM was stopped after $seconds seconds, see $out/console.log" >&2
	exit 124
fi
result=$(sed -n "s/^$word \([0-9]*\)$/\1/p" "$out/raw.log")
if [ -z "$result" ]; then
	tail -n 30 "$out/console.log" "$out/qemu.log" >&2
	echo "error: the VM ended without a result, see $out/console.log" >&2
	exit 125
fi
exit "$result"
