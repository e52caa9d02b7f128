/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest sees: a PASID capability among vfio's virtual bytes (pure)
 */
#ifndef VFIO_PASID_COMPOSE_H
#define VFIO_PASID_COMPOSE_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

/*
 * At most: the capability, a marker before and one behind it, the header of the
 * predecessor if the core does not serve it, the physical registers.
 */
#define VFIO_PASID_MAX_SPANS	5

/**
 * struct vfio_pasid_view - What vfio shows of one function's config space
 * @vconfig: Virtual bytes, @size of them, valid where @map is not RAW
 * @map: For each byte a capability ID, VFIO_PASID_MAP_RAW or VFIO_PASID_MAP_VIRT
 * @size: Size of the function's config space
 * @has_list: vfio found an extended capability list (header at 0x100 not zero)
 * @image: The hardware, for headers that the core does not serve from @vconfig
 */
struct vfio_pasid_view {
	u8 *vconfig;
	u8 *map;
	u16 size;
	bool has_list;
	struct vfio_pasid_image image;
};

/* PCIe 6.x, 7.8.9: PASID Capability and Control register */
#define VFIO_PASID_SHIELD_SIZE	4

/**
 * struct vfio_pasid_piece - Bytes that compose changes: their other values
 * @offset: First byte
 * @length: Number of bytes
 * @map: Values in the map
 * @vconfig: Values in vconfig
 */
struct vfio_pasid_piece {
	u16 offset;
	u16 length;
	u8 map[VFIO_PASID_DVSEC_SIZE];
	u8 vconfig[VFIO_PASID_DVSEC_SIZE];
};

/**
 * struct vfio_pasid_vcap - The virtual capability of one session
 * @offset: Offset of the capability
 * @width: Max PASID Width, 0 to 20
 * @caps: PCI_PASID_CAP_EXEC and _PRIV of the capability register
 * @shown: The capability is in the list
 * @marked: Markers in the list cover the rest of the range
 * @spans: Runs of bytes whose writes vfio-pasid handles, ascending and disjoint
 * @num_spans: How many
 * @pieces: What compose changed, for decompose
 * @num_pieces: How many
 * @shield: Offset of the physical registers if they are one of @spans, else 0
 * @range_map: Map value that the range's bytes had before
 */
struct vfio_pasid_vcap {
	u16 offset;
	u8 width;
	u8 caps;
	bool shown;
	bool marked;
	struct vfio_pasid_range spans[VFIO_PASID_MAX_SPANS];
	unsigned int num_spans;
	struct vfio_pasid_piece pieces[VFIO_PASID_MAX_SPANS];
	unsigned int num_pieces;
	u16 shield;
	u8 range_map;
};

enum vfio_pasid_reason vfio_pasid_compose(struct vfio_pasid_view *view,
					  const struct vfio_pasid_place *place,
					  struct vfio_pasid_vcap *cap);
void vfio_pasid_decompose(struct vfio_pasid_view *view,
			  const struct vfio_pasid_place *place,
			  struct vfio_pasid_vcap *cap);
void vfio_pasid_recompose(struct vfio_pasid_view *view,
			  const struct vfio_pasid_place *place,
			  struct vfio_pasid_vcap *cap);
void vfio_pasid_vcap_shield(struct vfio_pasid_vcap *cap, u16 offset);
unsigned int vfio_pasid_vcap_free(const struct vfio_pasid_place *place,
				  const struct vfio_pasid_vcap *cap,
				  struct vfio_pasid_range *to);
bool vfio_pasid_vcap_filter(const struct vfio_pasid_vcap *cap, u16 pos,
			    u8 *val);
bool vfio_pasid_vcap_run(const struct vfio_pasid_vcap *cap, u16 pos,
			 size_t *count);

#endif /* VFIO_PASID_COMPOSE_H */
