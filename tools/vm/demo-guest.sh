#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The guest's part of make demo: its init. A real Linux, a real lspci. Each device's
# part begins with a line of ours; the host ends the guest.

export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for slot in 5 6 7; do
	echo "== device $slot"
	echo "guest# lspci -vvv -s 0$slot.0"
	lspci -vvv -s "0$slot.0" | grep -E '^[^	]|Capabilities: \[... v|PASID'
done
echo "== end"
exec sleep 1000
