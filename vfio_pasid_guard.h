/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices whose capability lists make vfio-pci-core access wrong memory (pure)
 */
#ifndef VFIO_PASID_GUARD_H
#define VFIO_PASID_GUARD_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/**
 * enum vfio_pasid_hazard - Why the core would access memory out of bounds
 * @VFIO_PASID_HAZARD_NONE: It would not
 * @VFIO_PASID_HAZARD_PAST_END: A capability passes the end of config space, and
 *	so the end of the core's buffers, which have the same size
 * @VFIO_PASID_HAZARD_TOO_LONG: Capabilities with one ID abut or overlap. The core
 *	treats them as one, which is longer than its permission bits
 */
enum vfio_pasid_hazard {
	VFIO_PASID_HAZARD_NONE,
	VFIO_PASID_HAZARD_PAST_END,
	VFIO_PASID_HAZARD_TOO_LONG,
};

/**
 * struct vfio_pasid_guard - Arguments and results of vfio_pasid_guard_check()
 * @image: The function, whose offsets below 0x100 are read, too. Its @map is not
 *	used
 * @map: @image->size bytes, used like the core's pci_config_map
 * @exp_flags: The PCI Express Capabilities register as the PCI core has it, 0 if
 *	there is none
 * @extended: The core has found an extended list at an earlier open. It walks that
 *	list from then on, even if nothing leads to it any more
 * @msi_length: Length that the core's permission bits for MSI have, which all MSI
 *	capabilities use. 0: there are none yet, output: that of the first one
 * @shows_dvsec: This kernel's core knows the DVSEC capability
 * @has_dvsec: Output, there is a DVSEC, so @shows_dvsec makes a difference
 * @where: Output, offset of the capability that is the hazard
 * @id: Output, its capability ID
 * @length: Output, its length for the core
 */
struct vfio_pasid_guard {
	const struct vfio_pasid_image *image;
	u8 *map;
	u16 exp_flags;
	bool extended;
	u16 msi_length;
	bool shows_dvsec;
	bool has_dvsec;
	u16 where;
	u16 id;
	u16 length;
};

enum vfio_pasid_hazard vfio_pasid_guard_check(struct vfio_pasid_guard *guard);

#endif /* VFIO_PASID_GUARD_H */
