/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The physical list of extended capabilities, and who has which byte (pure)
 */
#ifndef VFIO_PASID_LIST_H
#define VFIO_PASID_LIST_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

#define VFIO_PASID_ALL_ONES	0xffffffffU
#define VFIO_PASID_SET_SIZE	(VFIO_PASID_CFG_DWORDS / 32)

/**
 * struct vfio_pasid_list - What is known of the physical list
 * @headers: A bit for each dword of config space: it is a header. Hidden and
 *	unknown capabilities count, since vfio leaves their bytes readable
 * @dvsecs: Those of DVSECs: nothing of another capability needs to be read
 * @taken: A bit for each dword behind a header that is its capability's
 * @open: A bit for each dword that may be the capability's whose header comes
 *	next below it
 * @pasid: Offset of the first PASID capability, or 0
 * @empty: The function has no extended capability
 */
struct vfio_pasid_list {
	u32 headers[VFIO_PASID_SET_SIZE];
	u32 dvsecs[VFIO_PASID_SET_SIZE];
	u32 taken[VFIO_PASID_SET_SIZE];
	u32 open[VFIO_PASID_SET_SIZE];
	u16 pasid;
	bool empty;
};

/**
 * vfio_pasid_has_dword - Is a dword in a set?
 * @set: A bit for each dword of config space
 * @offset: Its offset
 */
static inline bool vfio_pasid_has_dword(const u32 *set, u16 offset)
{
	return set[offset / 128] & 1U << (offset / 4 % 32);
}

static inline void vfio_pasid_add_dword(u32 *set, u16 offset)
{
	set[offset / 128] |= 1U << (offset / 4 % 32);
}

enum vfio_pasid_reason
vfio_pasid_list_read(const struct vfio_pasid_image *image,
		     struct vfio_pasid_list *list);

#endif /* VFIO_PASID_LIST_H */
