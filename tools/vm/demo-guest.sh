#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The guest's part of make demo: its init. A real Linux, a real lspci.

export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
vf=$(lspci -n -d 8086:10ca | cut -d ' ' -f 1)
echo "guest# lspci -vvv -s $vf"
lspci -vvv -s "$vf"
echo "guest# lspci -xxxx -s $vf"
lspci -xxxx -s "$vf" | grep '^f00:'
poweroff -f
