/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest sees: a PASID capability among vfio's virtual bytes (pure)
 */
#ifndef VFIO_PASID_COMPOSE_H
#define VFIO_PASID_COMPOSE_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/* Our 8 bytes, and the header of the predecessor where the core skips it */
#define VFIO_PASID_MAX_SPANS	2

/**
 * struct vfio_pasid_view - What vfio shows of one function's config space
 * @vconfig: Virtual bytes, @size of them, valid where @map is not RAW
 * @map: Who serves each byte: capability ID, VFIO_PASID_MAP_RAW or _VIRT
 * @size: Size of the function's config space
 * @listed: vfio found an extended capability list (header at 0x100 not zero)
 */
struct vfio_pasid_view {
	u8 *vconfig;
	u8 *map;
	u16 size;
	bool listed;
};

/**
 * struct vfio_pasid_vcap - The virtual capability of one session
 * @offset: Where it is
 * @width: Max PASID Width, 0 to 20
 * @caps: PCI_PASID_CAP_EXEC and _PRIV, as offered
 * @spans: Bytes that are ours, ascending and disjoint
 * @num_spans: How many; 0: nothing is shown
 */
struct vfio_pasid_vcap {
	u16 offset;
	u8 width;
	u8 caps;
	struct vfio_pasid_range spans[VFIO_PASID_MAX_SPANS];
	unsigned int num_spans;
};

enum vfio_pasid_reason vfio_pasid_compose(struct vfio_pasid_view *view,
					  struct vfio_pasid_vcap *cap);
u8 vfio_pasid_vcap_filter(const struct vfio_pasid_vcap *cap, u16 pos, u8 old,
			  u8 val);
bool vfio_pasid_vcap_run(const struct vfio_pasid_vcap *cap, u16 pos,
			 size_t *count);

#endif /* VFIO_PASID_COMPOSE_H */
