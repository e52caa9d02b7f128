/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The physical list of extended capabilities, and which bytes they have (pure)
 */
#ifndef VFIO_PASID_LIST_H
#define VFIO_PASID_LIST_H

#include <linux/types.h>

#include "vfio_pasid_locate.h"

#define VFIO_PASID_ALL_ONES	0xffffffffU
#define VFIO_PASID_SET_SIZE	(VFIO_PASID_CFG_DWORDS / 32)

/**
 * struct vfio_pasid_list - The physical list, with a bit for each dword
 * @headers: The dword is a header. Capabilities that vfio hides or does not know
 *	count, since vfio leaves their bytes readable
 * @dvsecs: The dword is the header of a DVSEC
 * @taken: The dword belongs to the capability below it, and is not its header
 * @open: The dword may belong to the capability below it, whose length is not
 *	known
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
 * vfio_pasid_has_dword - Check whether a dword is in a set
 * @set: A bit for each dword of config space
 * @offset: Offset of the dword
 */
static inline bool vfio_pasid_has_dword(const u32 *set, u16 offset)
{
	return set[offset / 128] & 1U << (offset / 4 % 32);
}

/**
 * vfio_pasid_add_dword - Add a dword to a set
 * @set: A bit for each dword of config space
 * @offset: Offset of the dword
 */
static inline void vfio_pasid_add_dword(u32 *set, u16 offset)
{
	set[offset / 128] |= 1U << (offset / 4 % 32);
}

/**
 * vfio_pasid_next_dword - The first dword of a set from an offset on
 * @set: A bit for each dword of config space
 * @offset: The offset, a multiple of 4
 * @end: Where to stop looking
 *
 * Return: its offset, or @end. Sets are nearly empty: whole words are skipped.
 */
static inline u16 vfio_pasid_next_dword(const u32 *set, u16 offset, u16 end)
{
	while (offset < end && !vfio_pasid_has_dword(set, offset))
		offset += set[offset / 128] ? 4 : 128 - offset % 128;
	return offset < end ? offset : end;
}

enum vfio_pasid_reason
vfio_pasid_list_read(const struct vfio_pasid_image *image,
		     struct vfio_pasid_list *list);

#endif /* VFIO_PASID_LIST_H */
