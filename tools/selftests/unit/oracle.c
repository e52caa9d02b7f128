// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold whenever a capability was composed
 *
 * Answers are NULL, or a sentence that says what does not hold.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "oracle.h"

static u32 word(const struct shown *shown, u16 pos)
{
	return vfio_pasid_get_le32(shown->bytes + pos);
}

/* As a user walks the list */
void oracle_look(const struct fake *fake, const struct vfio_pasid_view *view,
		 struct shown *shown)
{
	u16 pos = VFIO_PASID_EXT_START;

	fake_show(fake, view, shown->bytes);
	for (shown->n = 0; pos >= VFIO_PASID_EXT_START && word(shown, pos) &&
	     shown->n < ORACLE_MAX_LIST; shown->n++) {
		shown->list[shown->n] = pos;
		pos = word(shown, pos) >> 20 & 0xffc;
	}
}

static bool in(u16 pos, const struct vfio_pasid_range *range)
{
	return pos >= range->offset && pos - range->offset < range->length;
}

/* Of ours: in the range that was given to us */
static bool is_ours(const struct vfio_pasid_place *place, u16 pos)
{
	return in(pos, &place->range);
}

/* The list without ours, in its order */
static unsigned int others(const struct vfio_pasid_place *place,
			   const struct shown *shown, u16 *to)
{
	unsigned int i, n = 0;

	for (i = 0; i < shown->n; i++)
		if (!is_ours(place, shown->list[i]))
			to[n++] = shown->list[i];
	return n;
}

static const char *compare_lists(const struct vfio_pasid_place *place,
				 const struct shown *before,
				 const struct shown *after)
{
	static u16 was[ORACLE_MAX_LIST], is[ORACLE_MAX_LIST];
	unsigned int n = others(place, before, was);
	unsigned int m = others(place, after, is);
	u16 *rest = is;

	if (after->n == ORACLE_MAX_LIST && before->n < ORACLE_MAX_LIST)
		return "the list has no end";
	/* An empty list gets an anchor at its head */
	if (!before->n && m && is[0] == 0x100) {
		rest++;
		m--;
	}
	if (n != m || memcmp(was, rest, n * sizeof(*was)))
		return "another capability is not where it was";
	return NULL;
}

/* Outside of the range, one header gets another next pointer; nothing else */
static const char *compare_bytes(const struct vfio_pasid_place *place,
				 const struct shown *before,
				 const struct shown *after)
{
	unsigned int pos, changed = 0;

	for (pos = 0; pos < VFIO_PASID_CFG_SIZE; pos += 4) {
		if (word(before, pos) == word(after, pos) ||
		    is_ours(place, pos))
			continue;
		if ((word(before, pos) ^ word(after, pos)) & 0xfffff)
			return "a byte of somebody else's has changed";
		changed++;
	}
	return changed > 1 ? "more than one other header has changed" : NULL;
}

static bool lists_capability(const struct shown *shown, u16 offset)
{
	unsigned int i;

	for (i = 0; i < shown->n; i++)
		if (shown->list[i] == offset)
			return (u16)word(shown, offset) == PCI_EXT_CAP_ID_PASID;
	return false;
}

/* Hidden: there are heads of lists behind which the core itself shows it */
static const char *check_capability(const struct vfio_pasid_vcap *cap,
				    const struct shown *before,
				    const struct shown *after)
{
	bool listed = lists_capability(after, cap->offset);

	if (!cap->shown)
		return listed && !lists_capability(before, cap->offset) ?
		       "hidden, but in the list" : NULL;
	if (!listed)
		return "the capability is not in the list";
	if ((word(after, cap->offset) & 0xfffff) != (0x1b | 1 << 16))
		return "its header is wrong";
	if (word(after, cap->offset + 4) != (u32)(cap->width << 8 | cap->caps))
		return "its registers are wrong";
	return NULL;
}

static const char *check_spans(const struct vfio_pasid_vcap *cap)
{
	unsigned int i;

	for (i = 1; i < cap->num_spans; i++)
		if (cap->spans[i].offset < cap->spans[i - 1].offset +
					   cap->spans[i - 1].length)
			return "spans are not ascending and disjoint";
	return NULL;
}

const char *oracle_compare(const struct vfio_pasid_place *place,
			   const struct vfio_pasid_vcap *cap,
			   const struct shown *before,
			   const struct shown *after)
{
	const char *why = compare_lists(place, before, after);

	if (!why)
		why = compare_bytes(place, before, after);
	if (!why)
		why = check_capability(cap, before, after);
	return why ? why : check_spans(cap);
}

/* With more markers than a decision can name, one may be missing from it */
static bool is_found(const struct vfio_pasid_place *found,
		     const struct vfio_pasid_range *range)
{
	unsigned int i;

	if (!memcmp(&found->range, range, sizeof(*range)))
		return true;
	for (i = 0; i < found->num_more; i++)
		if (!memcmp(&found->more[i], range, sizeof(*range)))
			return true;
	return found->num_more == VFIO_PASID_MAX_MORE;
}

/* What a reader of these bytes decides, a VMM in a nested guest */
static void locate_shown(const struct shown *shown, struct vfio_pasid_request *req,
			 struct vfio_pasid_place *found)
{
	struct fake nested;

	fake_init(&nested);
	memcpy(nested.bytes, shown->bytes, sizeof(nested.bytes));
	fake_locate(&nested, req, found);
}

/*
 * The core hides a capability that lies within another one, which then is longer for
 * who sees the list without it, and has these bytes
 */
static bool is_claimed(const struct shown *before, const struct vfio_pasid_range *range)
{
	struct vfio_pasid_candidate c = {
		.range = *range,
		.source = VFIO_PASID_SOURCE_ADMIN,
	};
	struct vfio_pasid_request req = {
		.candidates = &c,
		.num_candidates = 1,
		.sources = 1U << VFIO_PASID_SOURCE_ADMIN,
	};
	struct vfio_pasid_place found;

	locate_shown(before, &req, &found);
	return c.reason == VFIO_PASID_REASON_CAPABILITY;
}

/* Who reads what is shown finds what is left. */
const char *oracle_markers(const struct vfio_pasid_place *place,
			   const struct vfio_pasid_vcap *cap,
			   const struct shown *before,
			   const struct shown *after)
{
	struct vfio_pasid_request req = {
		.pairs = &place->pair,
		.num_pairs = 1,
		.sources = 1U << VFIO_PASID_SOURCE_MARKER,
	};
	struct vfio_pasid_range left[VFIO_PASID_MAX_MORE + 2];
	struct vfio_pasid_place found;
	unsigned int i, n;

	locate_shown(after, &req, &found);

	n = vfio_pasid_vcap_free(place, cap, left) - place->num_more;
	for (i = 0; i < n; i++)
		if (left[i].length >= VFIO_PASID_DVSEC_SIZE &&
		    !is_found(&found, &left[i]) &&
		    !is_claimed(before, &left[i]))
			return "what is left is not marked";
	return NULL;
}
