/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decision: where a virtual PASID capability may live (pure)
 */
#ifndef VFIO_PASID_LOCATE_H
#define VFIO_PASID_LOCATE_H

#include <linux/types.h>
#include <linux/vfio_pasid.h>

#include "vfio_pasid_dvsec.h"

#define VFIO_PASID_EXT_START	0x100	/* PCIe 6.x, 7.6: first extended byte */
#define VFIO_PASID_CFG_SIZE	0x1000
#define VFIO_PASID_CFG_DWORDS	(VFIO_PASID_CFG_SIZE / 4)
#define VFIO_PASID_CAP_SIZE	8	/* PCIe 6.x, 7.8.9 */

/* Further ranges that a decision can have */
#define VFIO_PASID_MAX_MORE	7

/* Refused ranges of the device itself that a request can keep */
#define VFIO_PASID_MAX_OWN	4

/* Value of a byte in vfio's pci_config_map that belongs to no capability */
#define VFIO_PASID_MAP_RAW	0xff
/* Value of a byte that vfio serves from vconfig and never from hardware */
#define VFIO_PASID_MAP_VIRT	0xfe

/**
 * struct vfio_pasid_image - A function's config space as the hardware has it
 * @read: Reads the dword at @offset (a multiple of 4 below @size), in CPU
 *	order. Returns 0 or a negative errno
 * @ctx: First argument of @read
 * @map: @size bytes, vfio's pci_config_map after open: VFIO_PASID_MAP_RAW
 *	where no capability of known length has the byte. NULL: not known
 * @size: Size of the function's config space
 * @unread: @read does not read the function, so an empty list means nothing
 */
struct vfio_pasid_image {
	int (*read)(void *ctx, u16 offset, u32 *val);
	void *ctx;
	const u8 *map;
	u16 size;
	bool unread;
};

/**
 * struct vfio_pasid_candidate - A range that a source names, and the result
 * @range: The range
 * @source: Who names it
 * @reason: Output, why it was refused. VFIO_PASID_REASON_NONE if it was accepted,
 *	or was not tried
 * @where: Output, offset of the byte or dword because of which it was refused
 * @value: Output, the dword at @where, for VFIO_PASID_REASON_NOT_ZERO
 * @behind: Output, offset of a capability of unknown length that may have bytes
 *	of the accepted range; 0: there is none
 * @behind_id: Output, ID of that capability
 */
struct vfio_pasid_candidate {
	struct vfio_pasid_range range;
	enum vfio_pasid_source source;
	enum vfio_pasid_reason reason;
	u16 where;
	u32 value;
	u16 behind;
	u16 behind_id;
};

/**
 * struct vfio_pasid_request - All that a decision depends on
 * @image: The function
 * @candidates: Ranges of administrator, driver and table, in any order. The first
 *	range of a source that passes is used
 * @num_candidates: How many
 * @live: Ranges that are known to hold registers. No candidate and no guess may
 *	overlap them, but a range that the device itself names may
 * @num_live: How many
 * @pairs: DVSECs that mark unused space
 * @num_pairs: How many
 * @sources: Bit (1 << source) for each source that may be used
 * @own: Output, the first refused ranges of those that the device itself names
 * @num_own: Output, how many
 */
struct vfio_pasid_request {
	const struct vfio_pasid_image *image;
	struct vfio_pasid_candidate *candidates;
	unsigned int num_candidates;
	const struct vfio_pasid_range *live;
	unsigned int num_live;
	const struct vfio_pasid_pair *pairs;
	unsigned int num_pairs;
	unsigned int sources;
	struct vfio_pasid_candidate own[VFIO_PASID_MAX_OWN];
	unsigned int num_own;
};

/**
 * struct vfio_pasid_place - The decision
 * @range: The unused range, at whose start the capability goes; 0: no place
 * @source: Who names it
 * @reason: Why there is none
 * @in_list: The range starts with a header of the physical list: the function's
 *	own PASID capability, or a marker
 * @before: With @in_list, a bit for each header that the physical list has before
 *	that one
 * @pair: Vendor and ID for markers: those of the marker that names the range
 * @more: Further ranges that passed all checks, disjoint
 * @num_more: How many
 */
struct vfio_pasid_place {
	struct vfio_pasid_range range;
	enum vfio_pasid_source source;
	enum vfio_pasid_reason reason;
	bool in_list;
	u32 before[VFIO_PASID_CFG_DWORDS / 32];
	struct vfio_pasid_pair pair;
	struct vfio_pasid_range more[VFIO_PASID_MAX_MORE];
	unsigned int num_more;
};

void vfio_pasid_locate(struct vfio_pasid_request *req,
		       struct vfio_pasid_place *place);
bool vfio_pasid_ranges_overlap(const struct vfio_pasid_range *a,
			       const struct vfio_pasid_range *b);
enum vfio_pasid_reason vfio_pasid_range_check(const struct vfio_pasid_range *r,
					      u16 size);
const char *vfio_pasid_source_name(enum vfio_pasid_source source);
const char *vfio_pasid_reason_text(enum vfio_pasid_reason reason);

#endif /* VFIO_PASID_LOCATE_H */
