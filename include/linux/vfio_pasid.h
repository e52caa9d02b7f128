/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For variant drivers: tell where config space is unused
 *
 * A driver on vfio-pci-core that knows its device gives the ranges in which a
 * virtual PASID capability may live. vfio-pasid prefers the device's own word
 * and the administrator's, and checks each range against the device.
 *
 * A driver that uses these functions depends on the module vfio-pasid, and so
 * keeps it loaded. All of them sleep, may be called at any time, from probe()
 * for example, and take no lock that is held around a driver's callbacks.
 */
#ifndef _LINUX_VFIO_PASID_H
#define _LINUX_VFIO_PASID_H

#include <uapi/linux/vfio_pasid.h>

struct pci_dev;

/**
 * vfio_pasid_give_range - The bytes [@offset, @offset + @length) are unused
 * @pdev: The function, which may be bound or not
 * @offset: Start, 0x100 to 0xff8 and a multiple of 4
 * @length: Bytes, 8 to 0xf00 and a multiple of 4; the end is at most 0x1000
 *
 * Counts from the function's next open on. Ends with
 * vfio_pasid_withdraw_range(), or when the function is removed.
 *
 * Return: 0, -EINVAL for a range that no function can have, -EEXIST if one was
 * given at @offset, -ENOSPC for the fifth one of a function, -ENOMEM.
 */
int vfio_pasid_give_range(struct pci_dev *pdev, u16 offset, u16 length);

/**
 * vfio_pasid_withdraw_range - Take that back
 * @pdev: The function
 * @offset: Start of the range
 *
 * A session that is open keeps its capability until it is closed.
 *
 * Return: 0, or -ENOENT if no range was given there.
 */
int vfio_pasid_withdraw_range(struct pci_dev *pdev, u16 offset);

#endif /* _LINUX_VFIO_PASID_H */
