// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest sees: a PASID capability among vfio's virtual bytes (pure)
 *
 * vfio-pci-core keeps two arrays per open device. pci_config_map has the capability
 * ID, or another value, for each byte of config space. vconfig has the virtual
 * bytes. The map value VFIO_PASID_MAP_VIRT (PCI_CAP_ID_INVALID_VIRT of the core)
 * means that reads come from vconfig and nothing reaches the hardware. The core's
 * own IGD code uses it in the same way.
 *
 * The core does not zero vconfig, so this file writes each byte there before it
 * changes the map. It changes the map last, when nothing can fail any more.
 *
 * The user walks a list of the headers that the core returns, nearly all from
 * vconfig. This file adds a chain of up to three entries, in ascending order: a
 * marker for the range's bytes before the capability, the capability, a marker for
 * the bytes behind it. A part of less than 12 bytes is too short for a marker. If
 * the range starts with a header of the physical list, the chain replaces that
 * header in the list. Otherwise it follows the capability with the highest offset
 * below it, so an ascending list stays ascending. The order of the other
 * capabilities does not change.
 *
 * Pieces keep the old values of what changes, for SET while the device is open. In
 * a marker of the device, vfio's map has the DVSEC's ID for all bytes. They become
 * raw, since they are unused.
 */
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_compose.h"
#include "vfio_pasid_list.h"

#define MAX_CAPS	((VFIO_PASID_CFG_SIZE - VFIO_PASID_EXT_START) / 4)

/*
 * Does the core serve the byte at @pos from vconfig? It does so for a header, that
 * is for the first four bytes of a capability. The exceptions are: raw bytes (the
 * low byte of an unknown ID can be 0xff, and a wrong length can be less than a
 * header), an ID of 0 (the core uses this value for the basic header), and a
 * capability that abuts one with the same ID, since vfio_find_cap_start() treats
 * the two as one.
 */
static bool view_serves(const struct vfio_pasid_view *view, u16 pos)
{
	u8 id = view->map[pos];
	u16 start = pos;

	if (id == VFIO_PASID_MAP_VIRT)
		return true;
	if (id == VFIO_PASID_MAP_RAW || !id)
		return false;
	while (pos - start < 4 && start > VFIO_PASID_EXT_START &&
	       view->map[start - 1] == id)
		start--;
	return pos - start < 4;
}

static bool view_serves_header(const struct vfio_pasid_view *view, u16 pos)
{
	return view_serves(view, pos) && view_serves(view, pos + 1) &&
	       view_serves(view, pos + 2) && view_serves(view, pos + 3);
}

/* A header as the user reads it; 0, which ends a list, if that fails */
static u32 view_header(const struct vfio_pasid_view *view, u16 pos)
{
	u32 raw = 0;
	u8 bytes[4];
	u16 i;

	if (!view_serves_header(view, pos) &&
	    view->image.read(view->image.ctx, pos, &raw))
		return 0;
	vfio_pasid_put_le32(bytes, raw);
	for (i = 0; i < 4; i++)
		if (view_serves(view, pos + i))
			bytes[i] = view->vconfig[pos + i];
	return vfio_pasid_get_le32(bytes);
}

static u16 view_next(const struct vfio_pasid_view *view, u16 pos)
{
	return PCI_EXT_CAP_NEXT(view_header(view, pos));
}

/* Does the capability at @pos come before the chain, and closer than @best? */
static bool is_closer(const struct vfio_pasid_place *place, u16 first, u16 pos,
		      u16 best)
{
	if (place->in_list)
		return vfio_pasid_has_dword(place->before, pos);
	return pos < first && pos > best;
}

/* The range may start with a header, and has no other one. */
static bool is_intruder(const struct vfio_pasid_place *place, u16 pos)
{
	if (place->in_list && pos == place->range.offset)
		return false;
	return pos >= place->range.offset &&
	       pos < place->range.offset + place->range.length;
}

/*
 * Finds the entry of the visible list that the chain follows, 0 if the list is
 * malformed. vfio_pasid_locate() has accepted the physical list, and the core only
 * removes entries from it. But if a length is wrong, the core serves a part of a
 * header, and the user reads another list.
 */
static u16 view_predecessor(const struct vfio_pasid_view *view,
			    const struct vfio_pasid_place *place, u16 first)
{
	u16 pos = VFIO_PASID_EXT_START, best = 0;
	unsigned int n;
	u32 header;

	for (n = 0; n < MAX_CAPS && pos; n++) {
		if (pos < VFIO_PASID_EXT_START || pos + 4 > view->size ||
		    is_intruder(place, pos))
			return 0;
		header = view_header(view, pos);
		/* Zeros are an entry at the head of the list only */
		if (!header && pos != VFIO_PASID_EXT_START)
			return best;
		if (is_closer(place, first, pos, best))
			best = pos;
		pos = PCI_EXT_CAP_NEXT(header);
	}
	return pos ? 0 : best;
}

/* Keeps the order: the predecessor can be below or above the chain. */
static void cap_add_span(struct vfio_pasid_vcap *cap, u16 offset, u16 length)
{
	unsigned int i = cap->num_spans++;

	for (; i && cap->spans[i - 1].offset > offset; i--)
		cap->spans[i] = cap->spans[i - 1];
	cap->spans[i].offset = offset;
	cap->spans[i].length = length;
}

/*
 * vfio reads raw bytes from the device and leaves their bytes in vconfig
 * uninitialized. A read that races with SET may have looked at the map before, and
 * reads vconfig after SET has restored these bytes: they become 0.
 */
static void view_save(const struct vfio_pasid_view *view,
		      struct vfio_pasid_vcap *cap, u16 offset, u16 length)
{
	struct vfio_pasid_piece *piece = &cap->pieces[cap->num_pieces++];
	u16 i;

	piece->offset = offset;
	piece->length = length;
	for (i = 0; i < length; i++) {
		piece->map[i] = view->map[offset + i];
		piece->vconfig[i] = piece->map[i] == VFIO_PASID_MAP_RAW ?
				    0 : view->vconfig[offset + i];
	}
}

static void view_map(struct vfio_pasid_view *view, u16 offset, u16 length,
		     u8 value)
{
	u16 i;

	for (i = 0; i < length; i++)
		view->map[offset + i] = value;
}

/**
 * struct entry - An entry of the chain
 * @offset: Offset of its header
 * @length: Bytes that it covers
 * @size: Bytes of it that are virtual
 */
struct entry {
	u16 offset;
	u16 length;
	u16 size;
};

static unsigned int add_entry(struct entry *entries, unsigned int n, u16 offset,
			      u16 length, u16 size)
{
	entries[n].offset = offset;
	entries[n].length = length;
	entries[n].size = size;
	return n + 1;
}

/* The chain, in ascending order: at most a marker, the capability, a marker */
static unsigned int cap_entries(const struct vfio_pasid_place *place,
				const struct vfio_pasid_vcap *cap,
				struct entry *entries)
{
	u16 pos = place->range.offset;
	u16 end = pos + place->range.length;
	unsigned int n = 0;

	if (cap->shown) {
		if (cap->marked && cap->offset - pos >= VFIO_PASID_DVSEC_SIZE)
			n = add_entry(entries, n, pos, cap->offset - pos,
				      VFIO_PASID_DVSEC_SIZE);
		n = add_entry(entries, n, cap->offset, VFIO_PASID_CAP_SIZE,
			      VFIO_PASID_CAP_SIZE);
		pos = cap->offset + VFIO_PASID_CAP_SIZE;
	}
	if (cap->marked && end - pos >= VFIO_PASID_DVSEC_SIZE)
		n = add_entry(entries, n, pos, end - pos, VFIO_PASID_DVSEC_SIZE);
	return n;
}

static void fill_entry(struct vfio_pasid_view *view,
		       const struct vfio_pasid_place *place,
		       const struct vfio_pasid_vcap *cap,
		       const struct entry *entry, u16 next)
{
	u8 *to = view->vconfig + entry->offset;

	if (!cap->shown || entry->offset != cap->offset) {
		vfio_pasid_dvsec_make(to, &place->pair, entry->length, next);
		return;
	}
	vfio_pasid_put_le32(to, vfio_pasid_ext_header(PCI_EXT_CAP_ID_PASID, 1,
						      next));
	/* The capability register is in the low half, Control (0) above it */
	vfio_pasid_put_le32(to + PCI_PASID_CAP, cap->width << 8 | cap->caps);
}

static void put_chain(struct vfio_pasid_view *view,
		      const struct vfio_pasid_place *place,
		      struct vfio_pasid_vcap *cap, const struct entry *entries,
		      unsigned int n, u16 next)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		view_save(view, cap, entries[i].offset, entries[i].size);
	for (i = n; i--; next = entries[i].offset)
		fill_entry(view, place, cap, &entries[i], next);

	if (place->source == VFIO_PASID_SOURCE_MARKER)
		view_map(view, place->range.offset, place->range.length,
			 VFIO_PASID_MAP_RAW);
	for (i = 0; i < n; i++) {
		cap_add_span(cap, entries[i].offset, entries[i].size);
		view_map(view, entries[i].offset, entries[i].size,
			 VFIO_PASID_MAP_VIRT);
	}
}

/* The entry behind the chain, which replaces a header at the range's start */
static u16 chain_next(const struct vfio_pasid_view *view,
		      const struct vfio_pasid_place *place, u16 prev)
{
	u16 next = view_next(view, prev);

	return next == place->range.offset ? view_next(view, next) : next;
}

/* Lets the predecessor point to the chain. */
static void link_chain(struct vfio_pasid_view *view, struct vfio_pasid_vcap *cap,
		       u16 prev, u16 first)
{
	bool served = view_serves_header(view, prev);
	u32 header = view_header(view, prev) & 0xfffff;

	view_save(view, cap, prev, 4);
	vfio_pasid_put_le32(view->vconfig + prev, header | (u32)first << 20);
	if (served)
		return;
	cap_add_span(cap, prev, 4);
	view_map(view, prev, 4, VFIO_PASID_MAP_VIRT);
}

/**
 * vfio_pasid_compose - Show a PASID capability, and markers for the rest
 * @view: What vfio shows now; changed on success only
 * @place: From vfio_pasid_locate() for the same function, with @pair if @cap is
 *	marked
 * @cap: What to show: offset, width, caps, shown, marked. Gets spans and pieces
 *
 * An empty list gets a NULL capability (ID 0) as its head at 0x100. The core does
 * the same if it hides the first capability.
 *
 * Return: VFIO_PASID_REASON_NONE, or VFIO_PASID_REASON_NO_LINK if the visible list
 * is malformed.
 */
enum vfio_pasid_reason vfio_pasid_compose(struct vfio_pasid_view *view,
					  const struct vfio_pasid_place *place,
					  struct vfio_pasid_vcap *cap)
{
	u16 prev = VFIO_PASID_EXT_START, next = 0;
	struct entry entries[3];
	unsigned int n = cap_entries(place, cap, entries);
	bool head;

	cap->num_spans = 0;
	cap->num_pieces = 0;
	cap->shield = 0;
	if (!n)
		return VFIO_PASID_REASON_NONE;
	cap->range_map = view->map[place->range.offset +
				   place->range.length - 1];
	/* No header points to the head of the list */
	head = entries[0].offset == VFIO_PASID_EXT_START;
	if (view->has_list && !head)
		prev = view_predecessor(view, place, entries[0].offset);
	if (!prev)
		return VFIO_PASID_REASON_NO_LINK;
	if (view->has_list)
		next = head ? view_next(view, prev) : chain_next(view, place, prev);

	put_chain(view, place, cap, entries, n, next);
	if (!head)
		link_chain(view, cap, prev, entries[0].offset);
	return VFIO_PASID_REASON_NONE;
}

static void swap_bytes(u8 *a, u8 *b, u16 length)
{
	u16 i;
	u8 byte;

	for (i = 0; i < length; i++) {
		byte = a[i];
		a[i] = b[i];
		b[i] = byte;
	}
}

static void swap_piece(struct vfio_pasid_view *view,
		       struct vfio_pasid_piece *piece)
{
	swap_bytes(view->vconfig + piece->offset, piece->vconfig, piece->length);
	swap_bytes(view->map + piece->offset, piece->map, piece->length);
}

/* The range's bytes outside of the chain, whose map values the pieces keep */
static void view_map_rest(struct vfio_pasid_view *view,
			  const struct vfio_pasid_range *range, u8 value)
{
	u16 i;

	for (i = range->offset; i < range->offset + range->length; i++)
		if (view->map[i] != VFIO_PASID_MAP_VIRT)
			view->map[i] = value;
}

/**
 * vfio_pasid_decompose - Undo vfio_pasid_compose()
 * @view: What vfio shows now; gets its values from before
 * @place: The same as for vfio_pasid_compose()
 * @cap: As vfio_pasid_compose() left it; keeps what vfio_pasid_recompose() needs
 */
void vfio_pasid_decompose(struct vfio_pasid_view *view,
			  const struct vfio_pasid_place *place,
			  struct vfio_pasid_vcap *cap)
{
	unsigned int i;

	if (cap->num_pieces && place->source == VFIO_PASID_SOURCE_MARKER)
		view_map_rest(view, &place->range, cap->range_map);
	for (i = cap->num_pieces; i--;)
		swap_piece(view, &cap->pieces[i]);
}

/**
 * vfio_pasid_recompose - Undo vfio_pasid_decompose()
 * @view: As vfio_pasid_decompose() left it
 * @place: The same as for vfio_pasid_decompose()
 * @cap: The same as for vfio_pasid_decompose()
 *
 * Cannot fail: unlike vfio_pasid_compose(), it does not read the device.
 */
void vfio_pasid_recompose(struct vfio_pasid_view *view,
			  const struct vfio_pasid_place *place,
			  struct vfio_pasid_vcap *cap)
{
	unsigned int i;

	for (i = 0; i < cap->num_pieces; i++)
		swap_piece(view, &cap->pieces[i]);
	if (cap->num_pieces && place->source == VFIO_PASID_SOURCE_MARKER)
		view_map_rest(view, &place->range, VFIO_PASID_MAP_RAW);
}

/**
 * vfio_pasid_vcap_shield - Keep the user off the physical PASID registers
 * @cap: The capability, composed or not
 * @offset: Offset of the physical capability
 *
 * vfio only unlinks that one, and its bytes stay raw. A user's write to Control
 * would reach the hardware and disable PASID for the host. Reads do not change.
 * The caller decides at each write to @cap->shield whether to let it pass.
 */
void vfio_pasid_vcap_shield(struct vfio_pasid_vcap *cap, u16 offset)
{
	size_t count = 1;

	if (vfio_pasid_vcap_run(cap, offset + PCI_PASID_CTRL, &count))
		return;
	cap->shield = offset + PCI_PASID_CAP;
	cap_add_span(cap, cap->shield, VFIO_PASID_SHIELD_SIZE);
}

/**
 * vfio_pasid_vcap_free - List the unused ranges without the capability's bytes
 * @place: The decision
 * @cap: The capability
 * @to: Output, at least VFIO_PASID_MAX_MORE + 2 ranges
 *
 * Return: how many ranges there are.
 */
unsigned int vfio_pasid_vcap_free(const struct vfio_pasid_place *place,
				  const struct vfio_pasid_vcap *cap,
				  struct vfio_pasid_range *to)
{
	u16 pos = place->range.offset;
	u16 end = pos + place->range.length;
	unsigned int i, n = 0;

	if (cap->shown) {
		if (cap->offset > pos)
			to[n++] = (struct vfio_pasid_range){ pos,
							     cap->offset - pos };
		pos = cap->offset + VFIO_PASID_CAP_SIZE;
	}
	if (end > pos && (cap->shown ||
			  place->source != VFIO_PASID_SOURCE_PHYSICAL))
		to[n++] = (struct vfio_pasid_range){ pos, end - pos };
	for (i = 0; i < place->num_more; i++)
		to[n++] = place->more[i];
	return n;
}

/**
 * vfio_pasid_vcap_filter - Filter a write to a byte of a span
 * @cap: The capability
 * @pos: Offset of the byte, inside of one of @cap's spans
 * @val: The user's value; output, the value to store
 *
 * PCIe 6.x, 7.8.9.3: in Control, Enable can be written. Execute Permission Enable
 * and Privileged Mode Enable can be written if the capability register has the
 * same bit. All other bytes are read only: headers, the capability register,
 * RsvdP, markers.
 *
 * Return: whether to store @val.
 */
bool vfio_pasid_vcap_filter(const struct vfio_pasid_vcap *cap, u16 pos, u8 *val)
{
	if (!cap->shown || pos != cap->offset + PCI_PASID_CTRL)
		return false;
	*val &= PCI_PASID_CTRL_ENABLE | cap->caps;
	return true;
}

/**
 * vfio_pasid_vcap_run - Cut an access where a span begins or ends
 * @cap: The capability
 * @pos: Offset of the first byte
 * @count: Length of the access, not 0; output, the length up to that point
 *
 * Return: whether the first byte, and so the whole run, is in a span.
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
