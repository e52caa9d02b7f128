#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A domain of libvirt's, of what "vfio-pasid libvirt" prints. It is started without a
# guest, and QEMU's monitor reads config space as one does. VT-d in QEMU does not nest, so
# a test module says so. Runs in the VM (busybox); the root with libvirt is at /sid.
#
# Bench: libvirt

. /tests/tap.sh
. /tests/qtest.sh
. /tests/root.sh

root=/sid

# What libvirt writes to. It looks for its users, and packages are not set up.
prepare_libvirt() {
	prepare_root $root
	cp -a $root/etc /tmp/
	mount --bind /tmp/etc $root/etc
	for d in run var; do mount -t tmpfs tmpfs $root/$d; done
	mkdir -p $root/var/lib $root/var/cache $root/var/log/libvirt
	ln -s /run $root/var/run
	printf '%s:x:0:0::/:\n' root libvirt-qemu > $root/etc/passwd
	printf '%s:x:0:\n' root libvirt-qemu kvm > $root/etc/group
	cat > $root/etc/libvirt/qemu.conf <<-END
	user = "root"
	group = "root"
	stdio_handler = "file"
	security_driver = "none"
	cgroup_controllers = []
	namespaces = []
	END
	export LC_ALL=C PATH=$PATH:/usr/bin:/usr/sbin
}

leave_libvirt() {
	umount $root/var $root/run $root/etc
	leave_root $root
}

virsh() {
	chroot $root virsh -c qemu:///system "$@"
}

# With what QEMU and the schema say that are in the root
print_domain() {
	printf '#!/bin/sh\nexec chroot %s qemu-system-x86_64 "$@"\n' $root > /tmp/qemu
	chmod +x /tmp/qemu
	vfio-pasid --qemu /tmp/qemu --libvirt $root/usr/share/libvirt/schemas \
		libvirt "$VF0" > /tmp/elements || return
	# And what any domain has
	sed "s/^<domain type='kvm'/<domain type='qemu'/; /^<domain/ a\\
<name>pasid</name><memory>65536</memory>\\
<os><type arch='x86_64' machine='q35'>hvm</type></os>" /tmp/elements > $root/tmp/domain.xml
}

start_libvirt() {
	chroot $root libvirtd > $root/tmp/libvirtd 2>&1 &
	daemon=$!
	while ! virsh version; do
		kill -0 $daemon && sleep 0.1 || return
	done
}

# check NAME COMMAND...
check() {
	name=$1
	shift
	"$@" > "$why" 2>&1
	report $? "$name"
}

monitor() {
	virsh qemu-monitor-command pasid --hmp "$*"
}

# In the place of qtest: the function is alone below one of libvirt's root ports
guest_reads() {
	answer=$(monitor xp /1wx $((ecam + (bus << 20) + $1)) | sed -n 's/.*: \(0x[0-9a-f]*\).*/\1/p')
}

config_writes() {
	monitor o /w 0xcf8 $((0x80000000 | $1)) && monitor o /w 0xcfc $(($2))
}

# As firmware does: bus N is below 00:01.(N-1). Sets bus.
find_bus() {
	config_writes 0x60 $((ecam | 1))
	for bus in 1 2 3 4 5 6 7 8; do
		config_writes $((0x818 | (bus - 1) << 8)) $((bus << 16 | bus << 8))
		guest_reads 0
		[ "$answer" != 0x10ca8086 ] || return 0
	done
	return 1
}

shown() {
	find_bus && find_pasid && printf "capability at %#x\n" "$at" &&
		[ "$at" -eq $((place)) ]
}

start_domain() {
	check "the command prints a domain" print_domain
	check "libvirt runs" start_libvirt
	check "libvirt takes the domain" virsh define --validate /tmp/domain.xml
	check "the domain starts" virsh start --paused pasid
	check "the guest finds the capability" shown
	virsh destroy pasid
	kill $daemon
	wait $daemon
}

if modprobe vfio_pasid_nest "device=$VF0" 2> /dev/null; then
	prepare_libvirt
	bind_vf vfio-pci
	use_module auto
	start_domain
	use_module none
	rmmod vfio_pasid_nest
	leave_libvirt
else
	n=1
	echo "ok 1 libvirt # SKIP no iommufd, or an IOMMU that cannot nest"
fi
plan
