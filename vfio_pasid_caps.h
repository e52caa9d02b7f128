/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long extended capabilities are, from the specification (pure)
 */
#ifndef VFIO_PASID_CAPS_H
#define VFIO_PASID_CAPS_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/**
 * struct vfio_pasid_cap - An entry of the extended capability list
 * @image: The function
 * @pos: Offset of the header
 * @header: The header
 * @avail: Bytes from @pos to the next header above it, or to the end of config
 *	space
 */
struct vfio_pasid_cap {
	const struct vfio_pasid_image *image;
	u16 pos;
	u32 header;
	u16 avail;
};

/**
 * struct vfio_pasid_cap_size - Bytes of a capability, its header included
 * @known: Bytes that it has. If the device says so, more than @avail
 * @limit: Bytes that it may have, at least @known. If the specification does not
 *	say, all of @avail
 */
struct vfio_pasid_cap_size {
	u16 known;
	u16 limit;
};

int vfio_pasid_cap_measure(const struct vfio_pasid_cap *cap,
			   struct vfio_pasid_cap_size *size);

#endif /* VFIO_PASID_CAPS_H */
