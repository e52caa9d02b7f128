#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# boot.sh ROOT KERNEL OUT: boot a Debian root's kernel with Secure Boot: the root's own
# firmware with Microsoft's keys, shim, GRUB and initramfs. boot-init.sh is its init.
# The key of the root's dkms is unknown at first (OUT/unknown.log), and is then
# enrolled with mokutil and shim's MokManager (OUT/enrolled.log).

set -eu
here=$(dirname "$(readlink -f "$0")")
root=$1
kernel=$2
out=$3
esp=$root/tmp/esp

mkdir -p "$esp"/EFI/{BOOT,debian}
cp "$root/usr/lib/shim/shimx64.efi.signed" "$esp/EFI/BOOT/BOOTX64.EFI"
cp "$root/usr/lib/shim/mmx64.efi.signed" "$esp/EFI/BOOT/mmx64.efi"
cp "$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$esp/EFI/BOOT/grubx64.efi"
cp "$root/boot/vmlinuz-$kernel" "$esp/vmlinuz"
cp "$root/boot/initrd.img-$kernel" "$esp/initrd"
cat > "$esp/EFI/debian/grub.cfg" <<END
linux /vmlinuz console=ttyS0 quiet panic=-1 no_timer_check intel_iommu=on root=debian rootfstype=9p rootflags=trans=virtio ro init=/root/boot-init.sh
initrd /initrd
boot
END
cp "$here/boot-init.sh" "$root/root"
cp "$root/usr/share/OVMF/OVMF_VARS_4M.ms.fd" "$root/tmp/variables"

rm -f "$out"/{unknown,enrolled}.log
exec "$here/boot.exp" "$out" "$here/../vm/qemu.sh" \
	-M q35,kernel-irqchip=split,smm=on -accel tcg,thread=multi -cpu max -smp 2 -m 1G \
	-global driver=cfi.pflash01,property=secure,value=on \
	-nodefaults -display none -serial stdio \
	-drive "if=pflash,format=raw,readonly=on,file=$root/usr/share/OVMF/OVMF_CODE_4M.ms.fd" \
	-drive "if=pflash,format=raw,file=$root/tmp/variables" \
	-drive "if=none,id=esp,format=raw,readonly=on,file=fat:$esp" \
	-device virtio-blk-pci,drive=esp,bootindex=0 \
	-virtfs "local,path=$root,mount_tag=debian,security_model=none,multidevs=remap,readonly=on" \
	-device intel-iommu,intremap=on,caching-mode=on \
	-netdev hubport,hubid=0,id=n0 -device e1000e,addr=6,netdev=n0,romfile=
