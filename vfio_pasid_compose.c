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
 * The list that the user walks consists of the headers as the core answers for
 * them, nearly all from vconfig. Up to three
 * entries of ours enter it as one chain, in ascending order: a marker for what
 * the range has before the capability, the capability, a marker for what is
 * behind it. Parts of less than 12 bytes are too short for a marker. Where the
 * range starts with a header of the physical list, the chain is where that one
 * was; elsewhere it is behind the capability with the highest offset below, so
 * an ascending list stays ascending. Every other capability stays where it is.
 *
 * What is changed is kept in pieces, so that it can be taken back while the
 * device is open. In a marker of the device, vfio takes all bytes for a part of
 * that DVSEC; they become raw, as the unused bytes that they are.
 */
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_compose.h"
#include "vfio_pasid_list.h"

#define MAX_CAPS	((VFIO_PASID_CFG_SIZE - VFIO_PASID_EXT_START) / 4)

/*
 * Does the core answer a read of the byte at @pos from vconfig? It does for the
 * first four bytes of what it takes for one capability, that is for a header.
 * Not if the byte is raw (the low byte of an unknown ID can be 0xff, a lying
 * length can be less than a header), not if the ID is 0 (the core takes it for
 * the basic header), and not for a capability that abuts one with the same ID:
 * vfio_find_cap_start() takes the two for one.
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

/*
 * A header as the user reads it, which is what the list consists of; 0, the end
 * of a list, if it cannot be read.
 */
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

/* Does the capability at @pos come before ours, and closer than @best? */
static bool is_closer(const struct vfio_pasid_place *place, u16 first, u16 pos,
		      u16 best)
{
	if (place->listed)
		return vfio_pasid_has_dword(place->before, pos);
	return pos < first && pos > best;
}

/* In the range there is nobody but the header that the range starts with. */
static bool is_intruder(const struct vfio_pasid_place *place, u16 pos)
{
	if (place->listed && pos == place->range.offset)
		return false;
	return pos >= place->range.offset &&
	       pos < place->range.offset + place->range.length;
}

/*
 * Capability in the visible list behind which ours go, 0 if the list makes no
 * sense. vfio_pasid_locate() has accepted it as the hardware has it, and the
 * core only takes entries out; but where a device lies about a length, the core
 * answers for a part of a header only, and the list that results is another.
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
		/* A header of zeros is no entry, but can be the list's anchor */
		if (!header && pos != VFIO_PASID_EXT_START)
			return best;
		if (is_closer(place, first, pos, best))
			best = pos;
		pos = PCI_EXT_CAP_NEXT(header);
	}
	return pos ? 0 : best;
}

/* Sorted in, since the predecessor can be before or behind ours. */
static void cap_add_span(struct vfio_pasid_vcap *cap, u16 offset, u16 length)
{
	unsigned int i = cap->num_spans++;

	for (; i && cap->spans[i - 1].offset > offset; i--)
		cap->spans[i] = cap->spans[i - 1];
	cap->spans[i].offset = offset;
	cap->spans[i].length = length;
}

/**
 * vfio_pasid_clear_raw - Fill what vfio leaves unfilled
 * @view: What vfio shows, before anybody has read it
 *
 * vfio reads raw bytes from the device, and their copies in vconfig are memory
 * as it was allocated. A reader that has looked at the map may read vconfig when
 * we have already put the old bytes back, and must not see that memory.
 */
void vfio_pasid_clear_raw(struct vfio_pasid_view *view)
{
	u16 i;

	for (i = 0; i < view->size; i++)
		if (view->map[i] == VFIO_PASID_MAP_RAW)
			view->vconfig[i] = 0;
}

static void view_save(const struct vfio_pasid_view *view,
		      struct vfio_pasid_vcap *cap, u16 offset, u16 length)
{
	struct vfio_pasid_piece *piece = &cap->pieces[cap->num_pieces++];
	u16 i;

	piece->offset = offset;
	piece->length = length;
	for (i = 0; i < length; i++) {
		piece->map[i] = view->map[offset + i];
		piece->vconfig[i] = view->vconfig[offset + i];
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
 * struct entry - One of our capabilities
 * @offset: Where it is
 * @length: What it covers
 * @size: Bytes of it that are ours
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
	/* Capability register in the low half, Control (all clear) above it */
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

/* What follows our chain in the list: a marker that is shown gives its place */
static u16 next_of(const struct vfio_pasid_view *view,
		   const struct vfio_pasid_place *place, u16 prev)
{
	u16 next = view_next(view, prev);

	return next == place->range.offset ? view_next(view, next) : next;
}

/* Points the predecessor at our chain. */
static void link_from(struct vfio_pasid_view *view, struct vfio_pasid_vcap *cap,
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
 * vfio_pasid_compose - Show a PASID capability, and markers for what is left
 * @view: What vfio shows now, changed on success only
 * @place: From vfio_pasid_locate() for the same function; @pair set if @cap is
 *	to be marked
 * @cap: What to show: offset, width, caps, shown, marked; gets the spans
 *
 * An empty list gets a NULL capability (ID 0) as its head at 0x100, as the core
 * does where it hides the first capability.
 *
 * Return: VFIO_PASID_REASON_NONE, or VFIO_PASID_REASON_NO_LINK if the visible
 * list makes no sense.
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
	/* At the head of the list there is no header to link from */
	head = entries[0].offset == VFIO_PASID_EXT_START;
	if (view->listed && !head)
		prev = view_predecessor(view, place, entries[0].offset);
	if (!prev)
		return VFIO_PASID_REASON_NO_LINK;
	if (view->listed)
		next = head ? view_next(view, prev) : next_of(view, place, prev);

	put_chain(view, place, cap, entries, n, next);
	if (!head)
		link_from(view, cap, prev, entries[0].offset);
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

/* What a range has besides our bytes, whose map the pieces keep */
static void view_map_rest(struct vfio_pasid_view *view,
			  const struct vfio_pasid_range *range, u8 value)
{
	u16 i;

	for (i = range->offset; i < range->offset + range->length; i++)
		if (view->map[i] != VFIO_PASID_MAP_VIRT)
			view->map[i] = value;
}

/**
 * vfio_pasid_decompose - Undo vfio_pasid_compose(): the view is as vfio made it
 * @view: What vfio shows now
 * @place: As given to vfio_pasid_compose()
 * @cap: As it left it; keeps what vfio_pasid_recompose() needs
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
 * vfio_pasid_recompose - Undo vfio_pasid_decompose(), which cannot fail
 * @view: As vfio_pasid_decompose() left it
 * @place: As given to it
 * @cap: As given to it
 *
 * Unlike vfio_pasid_compose() it reads nothing of the device, which may have
 * changed.
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
 * @offset: Of the physical capability
 *
 * vfio merely unlinks it, so its bytes are raw: a user's write to Control would
 * reach the hardware and switch off what the host has enabled. Reads stay as
 * they are. Who writes looks at @cap->shield whether that write may pass.
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
 * vfio_pasid_vcap_free - What is unused and free besides the capability
 * @place: The decision
 * @cap: The capability
 * @to: Output, room for VFIO_PASID_MAX_MORE + 2 ranges
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
 * vfio_pasid_vcap_filter - What a write to one of our bytes does
 * @cap: The capability
 * @pos: Offset of the byte, inside of one of @cap's spans
 * @val: What the user wrote; output, what is to be stored
 *
 * PCIe 6.x, 7.8.9.3: in the Control register Enable can be written, Execute
 * and Privileged Mode Enable only where the capability register offers them,
 * and their bits are where the capability register has the offers. Everything
 * else is read only: headers, the capability register, RsvdP, markers.
 *
 * Return: whether anything is to be stored.
 */
bool vfio_pasid_vcap_filter(const struct vfio_pasid_vcap *cap, u16 pos, u8 *val)
{
	if (!cap->shown || pos != cap->offset + PCI_PASID_CTRL)
		return false;
	*val &= PCI_PASID_CTRL_ENABLE | cap->caps;
	return true;
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
