// SPDX-License-Identifier: GPL-2.0
/*
 * The physical list of extended capabilities, and which bytes they have (pure)
 *
 * A list from a device can be wrong. The walk visits each header at most once, so
 * it ends after at most 960 reads. Measuring the capabilities takes at most 960
 * more, since each dword is read for one capability only.
 */
#include <linux/errno.h>
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_caps.h"
#include "vfio_pasid_list.h"

static void add_header(struct vfio_pasid_list *list, u16 pos, u32 header)
{
	vfio_pasid_add_dword(list->headers, pos);
	if ((u16)header == PCI_EXT_CAP_ID_DVSEC)
		vfio_pasid_add_dword(list->dvsecs, pos);
	if ((u16)header == PCI_EXT_CAP_ID_PASID && !list->pasid)
		list->pasid = pos;
}

/*
 * PCIe 6.x, 7.6.1: a function without extended capabilities has a header of
 * zeros at 0x100. All ones there mean that the function does not respond.
 */
static enum vfio_pasid_reason walk_list(const struct vfio_pasid_image *image,
					struct vfio_pasid_list *list)
{
	u16 pos = VFIO_PASID_EXT_START;
	u32 header;

	do {
		if (pos < VFIO_PASID_EXT_START || pos + 4 > image->size ||
		    vfio_pasid_has_dword(list->headers, pos))
			return VFIO_PASID_REASON_BAD_LIST;
		if (image->read(image->ctx, pos, &header))
			return VFIO_PASID_REASON_UNREADABLE;
		if (header == VFIO_PASID_ALL_ONES)
			return pos == VFIO_PASID_EXT_START ?
			       VFIO_PASID_REASON_UNREADABLE :
			       VFIO_PASID_REASON_BAD_LIST;
		/* Zeros end the list, too, but the list points to these bytes */
		if (header || pos != VFIO_PASID_EXT_START)
			add_header(list, pos, header);
		else
			list->empty = true;
		pos = PCI_EXT_CAP_NEXT(header);
	} while (pos);

	return VFIO_PASID_REASON_NONE;
}

/* Cut at the end of config space: the guard refuses what passes that */
static unsigned int cap_end(const struct vfio_pasid_image *image, u16 pos,
			    u16 length)
{
	unsigned int end = pos + ((length + 3) & ~3), last = image->size & ~3;

	return end < last ? end : last;
}

static int measure_cap(const struct vfio_pasid_image *image,
		       struct vfio_pasid_list *list, u16 pos, u16 avail)
{
	struct vfio_pasid_cap cap = { .image = image, .pos = pos, .avail = avail };
	struct vfio_pasid_cap_size size;
	unsigned int end;

	/* The walk has refused all ones: the device is gone since then */
	if (image->read(image->ctx, pos, &cap.header) ||
	    cap.header == VFIO_PASID_ALL_ONES ||
	    vfio_pasid_cap_measure(&cap, &size))
		return -EIO;
	end = cap_end(image, pos, size.known);
	for (pos += 4; pos < end; pos += 4)
		vfio_pasid_add_dword(list->taken, pos);
	for (end = cap_end(image, cap.pos, size.limit); pos < end; pos += 4)
		vfio_pasid_add_dword(list->open, pos);
	return 0;
}

static enum vfio_pasid_reason measure_caps(const struct vfio_pasid_image *image,
					   struct vfio_pasid_list *list)
{
	u16 end = image->size & ~3, pos, next;

	pos = vfio_pasid_next_dword(list->headers, VFIO_PASID_EXT_START, end);
	for (; pos < end; pos = next) {
		next = vfio_pasid_next_dword(list->headers, pos + 4, end);
		if (measure_cap(image, list, pos, next - pos))
			return VFIO_PASID_REASON_UNREADABLE;
	}
	return VFIO_PASID_REASON_NONE;
}

/**
 * vfio_pasid_list_read - Read the physical list, and measure its capabilities
 * @image: The function, with more than 256 bytes of config space
 * @list: Output
 *
 * Return: VFIO_PASID_REASON_NONE, _UNREADABLE or _BAD_LIST.
 */
enum vfio_pasid_reason
vfio_pasid_list_read(const struct vfio_pasid_image *image,
		     struct vfio_pasid_list *list)
{
	enum vfio_pasid_reason reason;

	*list = (struct vfio_pasid_list){};
	reason = walk_list(image, list);
	return reason ? reason : measure_caps(image, list);
}
