// SPDX-License-Identifier: GPL-2.0
/*
 * The decision: where a virtual PASID capability may live (pure)
 *
 * The sources are tried in the order of enum vfio_pasid_source. The first range
 * that passes the checks is the place. Other ranges that pass are unused, too, and
 * are reported. Every range is checked, whoever names it: a virtual capability must
 * not hide a register. Config space outside of capabilities may hold registers,
 * which is why vfio passes it through. Bytes that read as zero may still be used,
 * other bytes are used.
 *
 * This file reads as little of the hardware as possible: the headers of the list,
 * the registers that lengths depend on, and the bytes of a range after all other
 * checks. Some devices have windows outside of their capabilities, and reads of
 * these have side effects. A malformed list ends in "no place", since other
 * registers of that device may be wrong, too.
 *
 * Offsets are in bytes, ranges are half open. This file uses no device, lock or
 * allocation: it builds in userspace, too.
 */
#include <linux/errno.h>
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_list.h"
#include "vfio_pasid_locate.h"

/**
 * vfio_pasid_ranges_overlap - Check whether two ranges share a byte
 * @a: One range
 * @b: The other range
 */
bool vfio_pasid_ranges_overlap(const struct vfio_pasid_range *a,
			       const struct vfio_pasid_range *b)
{
	return a->offset < b->offset + b->length &&
	       b->offset < a->offset + a->length;
}

/**
 * vfio_pasid_range_check - Check alignment, length and bounds of a range
 * @r: The range
 * @size: Size of the function's config space, or VFIO_PASID_CFG_SIZE
 *
 * Return: VFIO_PASID_REASON_NONE, _UNALIGNED, _TOO_SHORT or _OUT_OF_BOUNDS.
 */
enum vfio_pasid_reason vfio_pasid_range_check(const struct vfio_pasid_range *r,
					      u16 size)
{
	if ((r->offset | r->length) % 4)
		return VFIO_PASID_REASON_UNALIGNED;
	if (r->length < VFIO_PASID_CAP_SIZE)
		return VFIO_PASID_REASON_TOO_SHORT;
	if (r->offset < VFIO_PASID_EXT_START || r->offset + r->length > size)
		return VFIO_PASID_REASON_OUT_OF_BOUNDS;
	return VFIO_PASID_REASON_NONE;
}

/* Does the device itself name this range? Then the device table has no veto. */
static bool is_devices_own(const struct vfio_pasid_candidate *c)
{
	return c->source == VFIO_PASID_SOURCE_PHYSICAL ||
	       c->source == VFIO_PASID_SOURCE_MARKER;
}

static enum vfio_pasid_reason check_live(const struct vfio_pasid_request *req,
					 struct vfio_pasid_candidate *c)
{
	unsigned int i;

	if (is_devices_own(c))
		return VFIO_PASID_REASON_NONE;
	for (i = 0; i < req->num_live; i++) {
		if (!vfio_pasid_ranges_overlap(&req->live[i], &c->range))
			continue;
		c->where = req->live[i].offset;
		return VFIO_PASID_REASON_LIVE;
	}
	return VFIO_PASID_REASON_NONE;
}

/* Is a byte of the range free if vfio's map has this value for it? */
static bool map_allows(const struct vfio_pasid_candidate *c, u8 value)
{
	if (value == VFIO_PASID_MAP_RAW)
		return true;
	if (c->source == VFIO_PASID_SOURCE_PHYSICAL)
		return value == PCI_EXT_CAP_ID_PASID;
	return c->source == VFIO_PASID_SOURCE_MARKER &&
	       value == PCI_EXT_CAP_ID_DVSEC;
}

/*
 * Does a dword of the range belong to another capability? A range that the device
 * names is a capability itself, so its own header and bytes do not count: another
 * capability that overlaps it covers that header, or has a header in the range. A
 * guess also avoids bytes that may belong to a capability.
 */
static bool is_taken(const struct vfio_pasid_list *list,
		     const struct vfio_pasid_candidate *c, u16 pos)
{
	if (is_devices_own(c))
		return vfio_pasid_has_dword(pos == c->range.offset ?
					    list->taken : list->headers, pos);
	return vfio_pasid_has_dword(list->headers, pos) ||
	       vfio_pasid_has_dword(list->taken, pos) ||
	       (c->source == VFIO_PASID_SOURCE_GUESS &&
		vfio_pasid_has_dword(list->open, pos));
}

static enum vfio_pasid_reason check_capabilities(const struct vfio_pasid_image *image,
						 const struct vfio_pasid_list *list,
						 struct vfio_pasid_candidate *c)
{
	u16 end = c->range.offset + c->range.length;
	u16 pos;

	for (pos = c->range.offset; pos < end; pos++) {
		c->where = pos;
		if (pos % 4 == 0 && is_taken(list, c, pos))
			return VFIO_PASID_REASON_CAPABILITY;
		if (image->map && !map_allows(c, image->map[pos]))
			return VFIO_PASID_REASON_CAPABILITY;
	}
	return VFIO_PASID_REASON_NONE;
}

/*
 * A device that is removed meanwhile returns all ones, and what was read before
 * is incomplete. The first header was readable before, so it shows which it is.
 */
static bool is_gone(const struct vfio_pasid_image *image)
{
	u32 head;

	return image->read(image->ctx, VFIO_PASID_EXT_START, &head) ||
	       head == VFIO_PASID_ALL_ONES;
}

static enum vfio_pasid_reason check_zero(const struct vfio_pasid_image *image,
					 struct vfio_pasid_candidate *c)
{
	u16 end = c->range.offset + c->range.length;
	u16 pos = c->range.offset;

	if (c->source == VFIO_PASID_SOURCE_PHYSICAL)
		return VFIO_PASID_REASON_NONE;
	if (c->source == VFIO_PASID_SOURCE_MARKER)
		pos += VFIO_PASID_DVSEC_SIZE;

	for (; pos < end; pos += 4) {
		c->where = pos;
		if (image->read(image->ctx, pos, &c->value))
			return VFIO_PASID_REASON_UNREADABLE;
		if (c->value == VFIO_PASID_ALL_ONES && is_gone(image))
			return VFIO_PASID_REASON_UNREADABLE;
		if (c->value)
			return VFIO_PASID_REASON_NOT_ZERO;
	}
	return VFIO_PASID_REASON_NONE;
}

/* Finds a capability of unknown length below the range, which may extend into it */
static enum vfio_pasid_reason find_behind(const struct vfio_pasid_image *image,
					  const struct vfio_pasid_list *list,
					  struct vfio_pasid_candidate *c)
{
	u16 end = c->range.offset + c->range.length;
	u16 pos = c->range.offset;
	u32 header;

	c->behind = 0;
	while (pos < end && !vfio_pasid_has_dword(list->open, pos))
		pos += 4;
	if (is_devices_own(c) || pos == end)
		return VFIO_PASID_REASON_NONE;
	while (!vfio_pasid_has_dword(list->headers, pos))
		pos -= 4;
	if (image->read(image->ctx, pos, &header))
		return VFIO_PASID_REASON_UNREADABLE;
	c->behind = pos;
	c->behind_id = header;
	return VFIO_PASID_REASON_NONE;
}

static enum vfio_pasid_reason check_range(const struct vfio_pasid_request *req,
					  const struct vfio_pasid_list *list,
					  struct vfio_pasid_candidate *c)
{
	enum vfio_pasid_reason reason;

	c->where = c->range.offset;
	/* No DVSEC is shorter than its headers */
	if (c->source == VFIO_PASID_SOURCE_MARKER &&
	    c->range.length < VFIO_PASID_DVSEC_SIZE)
		return VFIO_PASID_REASON_TOO_SHORT;
	reason = vfio_pasid_range_check(&c->range, req->image->size);
	if (!reason)
		reason = check_live(req, c);
	if (!reason)
		reason = check_capabilities(req->image, list, c);
	if (!reason)
		reason = check_zero(req->image, c);
	if (!reason)
		reason = find_behind(req->image, list, c);
	return reason;
}

/*
 * Walks the list again, up to the header at the place: the first walk does not
 * keep the order, and few devices need it. The device may return another list
 * this time, so this walk checks each offset, too.
 */
static void find_order(const struct vfio_pasid_image *image,
		       const struct vfio_pasid_list *list,
		       struct vfio_pasid_place *place)
{
	u16 pos = VFIO_PASID_EXT_START;
	u32 header;

	place->in_list = true;
	while (pos != place->range.offset && vfio_pasid_has_dword(list->headers, pos) &&
	       !vfio_pasid_has_dword(place->before, pos)) {
		vfio_pasid_add_dword(place->before, pos);
		if (image->read(image->ctx, pos, &header))
			return;
		pos = PCI_EXT_CAP_NEXT(header);
		if (pos < VFIO_PASID_EXT_START)
			return;
	}
}

static bool overlaps_another(const struct vfio_pasid_place *place,
			     const struct vfio_pasid_range *range)
{
	unsigned int i;

	if (vfio_pasid_ranges_overlap(&place->range, range))
		return true;
	for (i = 0; i < place->num_more; i++)
		if (vfio_pasid_ranges_overlap(&place->more[i], range))
			return true;
	return false;
}

/* The first range that passes is the place, the others are further ranges. */
static void accept_range(const struct vfio_pasid_request *req,
			 const struct vfio_pasid_list *list,
			 const struct vfio_pasid_candidate *c,
			 struct vfio_pasid_place *place)
{
	if (place->range.offset) {
		if (place->num_more < VFIO_PASID_MAX_MORE &&
		    !overlaps_another(place, &c->range))
			place->more[place->num_more++] = c->range;
		return;
	}
	place->range = c->range;
	place->source = c->source;
	place->reason = VFIO_PASID_REASON_NONE;
	if (is_devices_own(c))
		find_order(req->image, list, place);
}

/* Accepts a candidate, or keeps the reason against the first one. */
static bool try_candidate(const struct vfio_pasid_request *req,
			  const struct vfio_pasid_list *list,
			  struct vfio_pasid_candidate *c,
			  struct vfio_pasid_place *place)
{
	c->reason = check_range(req, list, c);
	if (!c->reason)
		accept_range(req, list, c, place);
	else if (place->reason == VFIO_PASID_REASON_NO_SOURCE)
		place->reason = c->reason;
	return !c->reason;
}

/* The same for a range that the device itself names */
static bool try_own(struct vfio_pasid_request *req,
		    const struct vfio_pasid_list *list,
		    struct vfio_pasid_candidate *c,
		    struct vfio_pasid_place *place)
{
	if (try_candidate(req, list, c, place))
		return true;
	if (req->num_own < VFIO_PASID_MAX_OWN)
		req->own[req->num_own++] = *c;
	return false;
}

static void try_physical(struct vfio_pasid_request *req,
			 const struct vfio_pasid_list *list,
			 struct vfio_pasid_place *place)
{
	struct vfio_pasid_candidate c = {
		.range = { list->pasid, VFIO_PASID_CAP_SIZE },
		.source = VFIO_PASID_SOURCE_PHYSICAL,
	};

	if (list->pasid)
		try_own(req, list, &c, place);
}

/* See docs/dvsec-marker.md. */
static void try_marker(struct vfio_pasid_request *req,
		       const struct vfio_pasid_list *list, u16 offset,
		       struct vfio_pasid_place *place)
{
	const struct vfio_pasid_image *image = req->image;
	struct vfio_pasid_candidate c = {
		.source = VFIO_PASID_SOURCE_MARKER,
	};
	bool first = !place->range.offset;
	u32 header1, header2;

	if (offset + VFIO_PASID_DVSEC_SIZE > image->size ||
	    image->read(image->ctx, offset + PCI_DVSEC_HEADER1, &header1) ||
	    image->read(image->ctx, offset + PCI_DVSEC_HEADER2, &header2) ||
	    !vfio_pasid_dvsec_is_marker(header1, header2, req->pairs,
					req->num_pairs))
		return;

	c.range.offset = offset;
	c.range.length = vfio_pasid_dvsec_length(header1);
	if (try_own(req, list, &c, place) && first) {
		place->pair.vendor = header1;
		place->pair.id = header2;
	}
}

static void try_markers(struct vfio_pasid_request *req,
			const struct vfio_pasid_list *list,
			struct vfio_pasid_place *place)
{
	u16 end = req->image->size, pos = VFIO_PASID_EXT_START;

	while ((pos = vfio_pasid_next_dword(list->dvsecs, pos, end)) < end) {
		try_marker(req, list, pos, place);
		pos += 4;
	}
}

static void try_named(const struct vfio_pasid_request *req,
		      const struct vfio_pasid_list *list,
		      enum vfio_pasid_source source,
		      struct vfio_pasid_place *place)
{
	unsigned int i;

	for (i = 0; i < req->num_candidates; i++)
		if (req->candidates[i].source == source)
			try_candidate(req, list, &req->candidates[i], place);
}

/*
 * Tries the highest eight bytes first, then those below. Without a list, the bytes
 * from 0x100 on are often a copy of the lower 256, or a window to other registers.
 */
static void try_guess(const struct vfio_pasid_request *req,
		      const struct vfio_pasid_list *list,
		      struct vfio_pasid_place *place)
{
	u16 pos = (req->image->size & ~3) - VFIO_PASID_CAP_SIZE;

	if (list->empty && !req->image->unread) {
		if (place->reason == VFIO_PASID_REASON_NO_SOURCE)
			place->reason = VFIO_PASID_REASON_NO_GUESS;
		return;
	}
	for (; pos >= VFIO_PASID_EXT_START && !place->range.offset; pos -= 4) {
		struct vfio_pasid_candidate c = {
			.range = { pos, VFIO_PASID_CAP_SIZE },
			.source = VFIO_PASID_SOURCE_GUESS,
		};

		try_candidate(req, list, &c, place);
	}
}

static void try_source(struct vfio_pasid_request *req,
		       const struct vfio_pasid_list *list,
		       enum vfio_pasid_source source,
		       struct vfio_pasid_place *place)
{
	switch (source) {
	case VFIO_PASID_SOURCE_PHYSICAL:
		try_physical(req, list, place);
		break;
	case VFIO_PASID_SOURCE_MARKER:
		try_markers(req, list, place);
		break;
	case VFIO_PASID_SOURCE_GUESS:
		try_guess(req, list, place);
		break;
	default:
		try_named(req, list, source, place);
	}
}

static void try_sources(struct vfio_pasid_request *req,
			const struct vfio_pasid_list *list,
			struct vfio_pasid_place *place)
{
	enum vfio_pasid_source source;

	place->reason = VFIO_PASID_REASON_NO_SOURCE;
	for (source = VFIO_PASID_SOURCE_PHYSICAL;
	     source <= VFIO_PASID_SOURCE_GUESS; source++)
		if (req->sources & 1U << source)
			try_source(req, list, source, place);
}

/**
 * vfio_pasid_locate - Decide where a virtual PASID capability may live
 * @req: What is known of the function. Each candidate gets the reason against it
 * @place: Output, the place, or the reason why there is none
 *
 * Reads config space through @req->image, and writes nothing there.
 */
void vfio_pasid_locate(struct vfio_pasid_request *req,
		       struct vfio_pasid_place *place)
{
	struct vfio_pasid_list list;

	*place = (struct vfio_pasid_place){};
	req->num_own = 0;
	if (req->image->size < VFIO_PASID_EXT_START + VFIO_PASID_CAP_SIZE) {
		place->reason = VFIO_PASID_REASON_NO_EXT_SPACE;
		return;
	}
	place->reason = vfio_pasid_list_read(req->image, &list);
	if (!place->reason)
		try_sources(req, &list, place);
	/* Any other reason is wrong if the device was removed meanwhile */
	if (place->reason && place->reason != VFIO_PASID_REASON_UNREADABLE &&
	    is_gone(req->image))
		place->reason = VFIO_PASID_REASON_UNREADABLE;
}
