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

/* Ranges besides the one with the place that a decision can name */
#define VFIO_PASID_MAX_MORE	7

/* Refusals of the device's own word that a request can keep */
#define VFIO_PASID_MAX_OWN	4

/* Value of a byte in vfio's pci_config_map that belongs to no capability */
#define VFIO_PASID_MAP_RAW	0xff
/* Value of a byte that vfio serves from vconfig and never from hardware */
#define VFIO_PASID_MAP_VIRT	0xfe

/**
 * struct vfio_pasid_image - A function's config space as the hardware has it
 * @read: Reads the dword at @offset (a multiple of 4 below @size), in CPU
 *	order; 0 or a negative errno
 * @ctx: Handed to @read
 * @map: @size bytes, vfio's pci_config_map after open: VFIO_PASID_MAP_RAW
 *	where no capability of known length has the byte. NULL: not known
 * @size: Size of the function's config space
 * @unread: @read does not ask the function, so an empty list means nothing
 */
struct vfio_pasid_image {
	int (*read)(void *ctx, u16 offset, u32 *val);
	void *ctx;
	const u8 *map;
	u16 size;
	bool unread;
};

/**
 * struct vfio_pasid_candidate - A range that somebody named, and our verdict
 * @range: The range
 * @source: Who named it
 * @reason: Output, why it was refused, VFIO_PASID_REASON_NONE if it was not
 *	or was not looked at
 * @where: Output, offset of the byte or dword that made us refuse
 * @value: Output, what the device has there
 * @behind: Output, offset of a capability that may have bytes of an accepted
 *	range, since nobody knows its length; 0: there is none
 * @behind_id: Output, its ID
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
 * @candidates: Ranges of administrator, driver and table, in any order; of
 *	those from one source the first that passes is taken
 * @num_candidates: How many
 * @live: Ranges that are known to hold registers; they veto @candidates and
 *	guesses, but not the device's own word
 * @num_live: How many
 * @pairs: DVSECs that mark unused space
 * @num_pairs: How many
 * @sources: Bit (1 << source) for each source that may be used
 * @own: Output, the first refusals of the device's own word
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
 * @offset: Where the virtual capability goes, 0: nowhere
 * @range: The unused range around it
 * @source: Who named it
 * @reason: Why there is none
 * @listed: The range starts with a header of the physical list: the function's
 *	own PASID capability, or a marker
 * @before: A bit for each dword that is a header which the physical list has
 *	before that one
 * @pair: Of the marker that names the range
 * @more: Further ranges that passed all checks, disjoint
 * @num_more: How many
 */
struct vfio_pasid_place {
	u16 offset;
	struct vfio_pasid_range range;
	enum vfio_pasid_source source;
	enum vfio_pasid_reason reason;
	bool listed;
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
