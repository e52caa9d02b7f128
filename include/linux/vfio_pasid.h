/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For variant drivers: say where config space is unused
 *
 * A driver on vfio-pci-core that knows its device can name ranges for a virtual
 * PASID capability. vfio-pasid prefers a range that the device itself or the
 * administrator names, and checks every range against the device.
 *
 * A driver that uses these functions depends on the module vfio-pasid, and so
 * keeps it loaded. The functions sleep. A driver may call them at any time, for
 * example in probe(): they take no lock that is held around its callbacks.
 */
#ifndef _LINUX_VFIO_PASID_H
#define _LINUX_VFIO_PASID_H

#include <uapi/linux/vfio_pasid.h>

struct pci_dev;

/**
 * vfio_pasid_give_range - Say that [@offset, @offset + @length) is unused
 * @pdev: The function, bound to a driver or not
 * @offset: Start, 0x100 to 0xff8 and a multiple of 4
 * @length: Bytes, 8 to 0xf00 and a multiple of 4; the end is at most 0x1000
 *
 * The range is used from the next open of the function on, until the driver calls
 * vfio_pasid_withdraw_range() or the function is removed.
 *
 * Return: 0, -EINVAL for a range that no function can have, -EEXIST if one was
 * given at @offset, -ENOSPC for the fifth one of a function, -ENOMEM.
 */
int vfio_pasid_give_range(struct pci_dev *pdev, u16 offset, u16 length);

/**
 * vfio_pasid_withdraw_range - Remove a range that vfio_pasid_give_range() added
 * @pdev: The function
 * @offset: Start of the range
 *
 * While the function is open, its user keeps the capability.
 *
 * Return: 0, or -ENOENT if no range was given there.
 */
int vfio_pasid_withdraw_range(struct pci_dev *pdev, u16 offset);

#endif /* _LINUX_VFIO_PASID_H */
