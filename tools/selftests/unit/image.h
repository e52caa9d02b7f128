/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function in memory, and what vfio-pci-core makes of it
 */
#ifndef PURE_IMAGE_H
#define PURE_IMAGE_H

#include "vfio_pasid_compose.h"
#include "vfio_pasid_locate.h"

/**
 * struct fake - A function that answers from memory
 * @bytes: Its config space
 * @size: Of it
 * @reads: Reads so far
 * @fail_at: The n-th read fails, 0: none does
 * @gone_at: From the n-th read on it answers all ones, 0: never
 * @outside: A read was unaligned or outside of extended config space
 * @map: Of vfio
 * @vconfig: Of vfio
 * @image: For vfio_pasid_locate(), without the map
 */
struct fake {
	u8 bytes[VFIO_PASID_CFG_SIZE];
	u16 size;
	unsigned int reads;
	unsigned int fail_at;
	unsigned int gone_at;
	bool outside;
	u8 map[VFIO_PASID_CFG_SIZE];
	u8 vconfig[VFIO_PASID_CFG_SIZE];
	struct vfio_pasid_image image;
};

void fake_init(struct fake *fake);
void fake_put(struct fake *fake, u16 offset, u32 val);
void fake_cap(struct fake *fake, u16 offset, u16 id, u16 next);
void fake_dvsec(struct fake *fake, u16 offset, u16 vendor, u16 id, u16 length,
		u16 next);
void fake_locate(struct fake *fake, struct vfio_pasid_request *req,
		 struct vfio_pasid_place *place);

/* Pair that the tests use for markers */
extern const struct vfio_pasid_pair marker_pair;

/* Through vfio-pci-core */
bool fake_shows_dvsec(void);
bool fake_open(struct fake *fake, struct vfio_pasid_view *view);
void fake_clear_unfilled(struct fake *fake);
void fake_show(const struct fake *fake, const struct vfio_pasid_view *view,
	       u8 *to);

#endif /* PURE_IMAGE_H */
