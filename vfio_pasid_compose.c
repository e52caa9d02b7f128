// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest sees: a PASID capability among vfio's virtual bytes (pure)
 *
 * vfio-pci-core keeps two arrays per open device. pci_config_map has a byte
 * for each byte of config space and names who serves it; vconfig has the
 * virtual bytes. A map value of VFIO_PASID_MAP_VIRT (PCI_CAP_ID_INVALID_VIRT
 * of the core) means that reads come from vconfig and nothing goes to the
 * hardware; the core's own IGD code uses it in the same way.
 *
 * vconfig is not zeroed by the core: every byte is filled before it is mapped,
 * and mapping comes last, when nothing can fail any more.
 *
 * The list that the user walks consists of the headers in vconfig. We enter it
 * behind the capability with the highest offset below ours, so an ascending
 * list stays ascending. Every capability that was in it stays in it.
 */
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_compose.h"

#define MAX_CAPS	((VFIO_PASID_CFG_SIZE - VFIO_PASID_EXT_START) / 4)

static u16 view_next(const struct vfio_pasid_view *view, u16 pos)
{
	return vfio_pasid_get_le32(view->vconfig + pos) >> 20 & 0xffc;
}

/*
 * Capability in the visible list with the highest offset below @limit. The
 * list was accepted by vfio_pasid_locate() as the hardware has it, and the
 * core only takes entries out; the bounds guard against a core that differs.
 */
static u16 view_predecessor(const struct vfio_pasid_view *view, u16 limit)
{
	u16 pos = VFIO_PASID_EXT_START, best = 0;
	unsigned int n;

	for (n = 0; n < MAX_CAPS && pos; n++) {
		if (pos < VFIO_PASID_EXT_START || pos + 4 > view->size)
			return 0;
		if (pos < limit && pos > best)
			best = pos;
		pos = view_next(view, pos);
	}
	return pos ? 0 : best;
}

/*
 * Does the core answer a read of the header at @pos from vconfig? Not if the
 * byte is raw (the low byte of an unknown ID can be 0xff), not if the ID is 0
 * (the core takes it for the basic header and reads the hardware), and not if
 * the capability abuts one with the same ID: vfio_find_cap_start() takes the
 * two for one, and reads the second header from the hardware.
 */
static bool view_serves_header(const struct vfio_pasid_view *view, u16 pos)
{
	u8 id = view->map[pos];

	if (id == VFIO_PASID_MAP_VIRT)
		return true;
	if (id == VFIO_PASID_MAP_RAW || !id)
		return false;
	return pos == VFIO_PASID_EXT_START || view->map[pos - 1] != id;
}

static void view_own(struct vfio_pasid_view *view, struct vfio_pasid_vcap *cap,
		     u16 offset, u16 length)
{
	struct vfio_pasid_range *span = &cap->spans[cap->num_spans++];
	u16 i;

	span->offset = offset;
	span->length = length;
	for (i = 0; i < length; i++)
		view->map[offset + i] = VFIO_PASID_MAP_VIRT;
}

static void view_fill(struct vfio_pasid_view *view,
		      const struct vfio_pasid_vcap *cap, u16 next)
{
	u8 *to = view->vconfig + cap->offset;

	vfio_pasid_put_le32(to, vfio_pasid_ext_header(PCI_EXT_CAP_ID_PASID, 1,
						      next));
	/* Capability register in the low half, Control (all clear) above it */
	vfio_pasid_put_le32(to + PCI_PASID_CAP, cap->width << 8 | cap->caps);
}

/* At the head of the list: there is no header to link from. */
static void compose_head(struct vfio_pasid_view *view,
			 struct vfio_pasid_vcap *cap)
{
	u16 next = view->listed ? view_next(view, VFIO_PASID_EXT_START) : 0;

	view_fill(view, cap, next);
	view_own(view, cap, cap->offset, VFIO_PASID_CAP_SIZE);
}

/**
 * vfio_pasid_compose - Show a PASID capability
 * @view: What vfio shows now, changed on success only
 * @cap: Offset, width and caps of the capability; gets the spans
 *
 * The place must have come from vfio_pasid_locate() for the same function. An
 * empty list gets a NULL capability (ID 0) as its head at 0x100, as the core
 * does where it hides the first capability.
 *
 * Return: VFIO_PASID_REASON_NONE, or VFIO_PASID_REASON_NO_LINK if the visible
 * list makes no sense.
 */
enum vfio_pasid_reason vfio_pasid_compose(struct vfio_pasid_view *view,
					  struct vfio_pasid_vcap *cap)
{
	u16 prev = VFIO_PASID_EXT_START, next = 0;
	u32 header = 0;

	cap->num_spans = 0;
	if (cap->offset == VFIO_PASID_EXT_START) {
		compose_head(view, cap);
		return VFIO_PASID_REASON_NONE;
	}

	if (view->listed) {
		prev = view_predecessor(view, cap->offset);
		if (!prev)
			return VFIO_PASID_REASON_NO_LINK;
		header = vfio_pasid_get_le32(view->vconfig + prev);
		next = view_next(view, prev);
	}

	view_fill(view, cap, next);
	header = (header & 0xfffff) | (u32)cap->offset << 20;
	vfio_pasid_put_le32(view->vconfig + prev, header);

	if (!view_serves_header(view, prev))
		view_own(view, cap, prev, 4);
	view_own(view, cap, cap->offset, VFIO_PASID_CAP_SIZE);
	return VFIO_PASID_REASON_NONE;
}

/**
 * vfio_pasid_vcap_filter - What a write to one of our bytes leaves there
 * @cap: The capability
 * @pos: Offset of the byte, inside of one of @cap's spans
 * @old: Its value
 * @val: What the user wrote
 *
 * PCIe 6.x, 7.8.9.3: in the Control register Enable can be written, Execute
 * and Privileged Mode Enable only where the capability register offers them,
 * and their bits are where the capability register has the offers. Everything
 * else is read only: headers, the capability register, RsvdP.
 */
u8 vfio_pasid_vcap_filter(const struct vfio_pasid_vcap *cap, u16 pos, u8 old,
			  u8 val)
{
	u8 writable = 0;

	if (pos == cap->offset + PCI_PASID_CTRL)
		writable = PCI_PASID_CTRL_ENABLE | cap->caps;
	return (old & ~writable) | (val & writable);
}

/**
 * vfio_pasid_vcap_run - Split an access by owner
 * @cap: The capability
 * @pos: Offset of the first byte
 * @count: Bytes from there on, not 0; shortened to those that have the same
 *	owner as the first one
 *
 * Return: whether these bytes are ours.
 */
bool vfio_pasid_vcap_run(const struct vfio_pasid_vcap *cap, u16 pos,
			 size_t *count)
{
	const struct vfio_pasid_range *span = cap->spans;
	const struct vfio_pasid_range *end = span + cap->num_spans;
	size_t run = *count;

	while (span < end && pos >= span->offset + span->length)
		span++;
	if (span == end)
		return false;
	if (pos < span->offset)
		run = span->offset - pos;
	else
		run = span->offset + span->length - pos;
	if (run < *count)
		*count = run;
	return pos >= span->offset;
}
