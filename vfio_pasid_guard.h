/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices whose capability lists vfio-pci-core does not survive (pure)
 */
#ifndef VFIO_PASID_GUARD_H
#define VFIO_PASID_GUARD_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/**
 * enum vfio_pasid_hazard - What the core would do to its own memory
 * @VFIO_PASID_HAZARD_NONE: Nothing
 * @VFIO_PASID_HAZARD_PAST_END: A capability passes the end of config space, and
 *	of the core's buffers, which have its size
 * @VFIO_PASID_HAZARD_TOO_LONG: Capabilities with one ID abut or overlap, the
 *	core takes them for one, and that is longer than its permission bits
 */
enum vfio_pasid_hazard {
	VFIO_PASID_HAZARD_NONE,
	VFIO_PASID_HAZARD_PAST_END,
	VFIO_PASID_HAZARD_TOO_LONG,
};

/**
 * struct vfio_pasid_guard - A walk as the core makes it when a device is opened
 * @image: The function; @map of it is not used, and offsets below 0x100 are
 *	read, too
 * @map: @image->size bytes of memory for the core's pci_config_map
 * @exp_flags: Its PCI Express Capabilities register as the PCI core has it, 0
 *	if it has none
 * @shows_dvsec: This kernel's core knows the DVSEC capability
 * @where: Output, offset of what makes the hazard
 * @id: Output, its capability ID
 * @length: Output, bytes that the core would take for that capability
 */
struct vfio_pasid_guard {
	const struct vfio_pasid_image *image;
	u8 *map;
	u16 exp_flags;
	bool shows_dvsec;
	u16 where;
	u16 id;
	u16 length;
};

enum vfio_pasid_hazard vfio_pasid_guard_check(struct vfio_pasid_guard *guard);

#endif /* VFIO_PASID_GUARD_H */
