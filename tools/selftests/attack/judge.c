// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold whatever was done; asked while nobody does anything
 *
 * - GET and the ranges feature fill their struct, nothing behind it, and with
 *   values that their description allows; what is fixed at open is as it was.
 * - The list ends. It has PASID once where GET says so, our markers where the
 *   layout has them, and for the rest what it had at the beginning.
 * - The bytes of these entries have the values that the layout gives them; of
 *   Control's, those that a guest may set.
 * - The hardware's bytes below ours are as they were: nobody wrote there. The
 *   function's own PASID register never changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "attack.h"

#define MARKER_SIZE	12
#define CAP_SIZE	8
#define BEHIND		64

#define ALL_FLAGS	(VFIO_PASID_FLAG_PLACE | VFIO_PASID_FLAG_VISIBLE | \
			 VFIO_PASID_FLAG_NO_TLP_PREFIX)

/* struct entry - One of ours in the list; @size bytes of it are virtual */
struct entry {
	unsigned int pos;
	unsigned int length;
	unsigned int size;
	bool is_cap;
};

static void read_hardware(const struct session *s, uint8_t *to)
{
	if (pci_config(bench_bdf(s->bench), to, CFG_SIZE, 0) != CFG_SIZE) {
		perror("config space");
		exit(1);
	}
}

/* One GET into a buffer full of @poison */
static const char *ask(struct session *s, uint32_t index, size_t size,
		       uint8_t poison, uint8_t *answer)
{
	uint8_t bytes[sizeof(struct vfio_device_feature) + 512 + BEHIND];
	struct vfio_device_feature *f = (void *)bytes;
	uint32_t flags = VFIO_DEVICE_FEATURE_GET | index;
	size_t argsz = sizeof(*f) + size, i;

	memset(bytes, poison, sizeof(bytes));
	f->argsz = argsz + (poison & 1 ? BEHIND : 0);
	f->flags = flags;
	if (ioctl(s->dev.fd, VFIO_DEVICE_FEATURE, f))
		return "GET fails";
	if (f->argsz != argsz + (poison & 1 ? BEHIND : 0) || f->flags != flags)
		return "GET changes its header";
	for (i = argsz; i < argsz + BEHIND; i++)
		if (bytes[i] != poison)
			return "GET writes behind its struct";
	memcpy(answer, f->data, size);
	return NULL;
}

/* Into buffers with different contents: the answer must be the same */
static const char *ask_twice(struct session *s, uint32_t index, size_t size,
			     void *answer)
{
	uint8_t other[512];
	const char *bad = ask(s, index, size, 0xa5, answer);

	if (!bad)
		bad = ask(s, index, size, 0x5a, other);
	if (!bad && memcmp(answer, other, size))
		bad = "GET leaves bytes of its struct as they were";
	return bad;
}

static bool is_range(uint32_t offset, uint32_t length, uint32_t least)
{
	return !(offset % 4) && !(length % 4) && offset >= EXT_START &&
	       length >= least && offset < CFG_SIZE &&
	       length <= CFG_SIZE - offset;
}

static const char *check_answer(const struct vfio_device_feature_pasid *f)
{
	bool visible = f->flags & VFIO_PASID_FLAG_VISIBLE;

	if (f->flags & ~ALL_FLAGS || f->__reserved)
		return "GET sets unknown bits";
	if (f->width > 20 || f->capabilities & ~6 || f->host_capabilities & ~7)
		return "GET names a width or permissions that there are not";
	if (visible == !!f->hidden_reason || f->hidden_reason > VFIO_PASID_REASON_NO_IOMMU_ATTACH)
		return "GET's reason does not fit";
	if (!(f->flags & VFIO_PASID_FLAG_PLACE))
		return visible || f->offset || f->range_offset || f->source ||
		       f->range_length || !f->place_reason ?
		       "GET names a place without having one" : NULL;
	if (f->place_reason || !f->source || f->source > VFIO_PASID_SOURCE_GUESS)
		return "GET has a place and a reason why not";
	if (!is_range(f->range_offset, f->range_length, CAP_SIZE) ||
	    f->offset % 4 || f->offset < f->range_offset ||
	    f->offset + CAP_SIZE > f->range_offset + f->range_length)
		return "GET's offset is not inside of its range";
	return NULL;
}

static const char *check_fixed(const struct vfio_device_feature_pasid *f,
			       const struct vfio_device_feature_pasid *first)
{
	if (f->range_offset != first->range_offset ||
	    f->range_length != first->range_length ||
	    f->source != first->source || f->width != first->width ||
	    f->capabilities != first->capabilities ||
	    f->place_reason != first->place_reason)
		return "the decision changes while the device is open";
	return NULL;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static const char *check_free(struct session *s,
			      const struct vfio_device_feature_pasid *f)
{
	struct vfio_device_feature_pasid_ranges r;
	const struct vfio_pasid_free_range *a = r.ranges;
	const char *bad;
	unsigned int i, j;

	bad = ask_twice(s, VFIO_DEVICE_FEATURE_PASID_RANGES, sizeof(r), &r);
	if (bad)
		return bad;
	if (r.__reserved || r.num_ranges > VFIO_PASID_MAX_RANGES)
		return "the ranges' header makes no sense";
	for (i = 0; i < VFIO_PASID_MAX_RANGES; i++) {
		if (i >= r.num_ranges && (a[i].offset || a[i].length))
			return "ranges behind the last one";
		if (i >= r.num_ranges)
			continue;
		if (!is_range(a[i].offset, a[i].length, 4))
			return "a free range is none";
		if (f->flags & VFIO_PASID_FLAG_VISIBLE &&
		    overlap(a[i].offset, a[i].length, f->offset, CAP_SIZE))
			return "a free range has bytes of the capability";
		for (j = 0; j < i; j++)
			if (overlap(a[i].offset, a[i].length, a[j].offset,
				    a[j].length))
				return "free ranges overlap";
	}
	return NULL;
}

static unsigned int add_entry(struct entry *to, unsigned int n,
			      unsigned int pos, unsigned int end, bool is_cap)
{
	to[n].pos = pos;
	to[n].length = end - pos;
	to[n].size = is_cap ? CAP_SIZE : MARKER_SIZE;
	to[n].is_cap = is_cap;
	return n + 1;
}

/* What the list must have of ours, in its order: the uapi header's words */
static unsigned int layout_of(const struct session *s,
			      const struct vfio_device_feature_pasid *f,
			      struct entry *to)
{
	bool marked = f->source == VFIO_PASID_SOURCE_MARKER ||
		      (f->source != VFIO_PASID_SOURCE_PHYSICAL && s->pair_vendor);
	bool visible = f->flags & VFIO_PASID_FLAG_VISIBLE;
	unsigned int pos = f->range_offset, end = pos + f->range_length, n = 0;

	if (!visible && f->hidden_reason != VFIO_PASID_REASON_SET)
		return 0;
	if (visible) {
		if (marked && f->offset - pos >= MARKER_SIZE)
			n = add_entry(to, n, pos, f->offset, false);
		pos = f->offset + CAP_SIZE;
		n = add_entry(to, n, f->offset, pos, true);
	}
	if (marked && end - pos >= MARKER_SIZE)
		n = add_entry(to, n, pos, end, false);
	return n;
}

/* Offsets of the list; MAX_LIST of them: it has no end, or leaves its space */
static size_t walk(const uint8_t *view, uint16_t *to)
{
	unsigned int pos = EXT_START;
	size_t n = 0;

	while (pos && image_get32(view, pos)) {
		if (pos < EXT_START || n == MAX_LIST)
			return MAX_LIST;
		to[n++] = pos;
		pos = image_get32(view, pos) >> 20 & 0xffc;
	}
	return n;
}

/* Splits the list: inside of the range, and outside. A NULL head is no entry. */
static void split(const struct vfio_device_feature_pasid *f,
		  const uint8_t *view, const uint16_t *list, size_t n,
		  uint16_t *inside, size_t *num_inside,
		  uint16_t *outside, size_t *num_outside)
{
	size_t i;

	*num_inside = 0;
	*num_outside = 0;
	for (i = 0; i < n; i++) {
		if (!(uint16_t)image_get32(view, list[i]))
			continue;
		if (list[i] >= f->range_offset &&
		    list[i] < f->range_offset + f->range_length)
			inside[(*num_inside)++] = list[i];
		else
			outside[(*num_outside)++] = list[i];
	}
}

static void show_list(const char *what, const uint16_t *list, size_t n)
{
	size_t i;

	printf("# %s:", what);
	for (i = 0; i < n; i++)
		printf(" %#x", list[i]);
	printf("\n");
}

static unsigned int count_pasid(const uint8_t *view, const uint16_t *list,
				size_t n)
{
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < n; i++)
		found += (uint16_t)image_get32(view, list[i]) == PCI_EXT_CAP_ID_PASID;
	return found;
}

static const char *compare_list(const struct session *s,
				const struct vfio_device_feature_pasid *f,
				const uint8_t *view, const uint16_t *list,
				size_t n)
{
	uint16_t inside[MAX_LIST], outside[MAX_LIST];
	size_t num_inside, num_outside, i;
	struct entry entries[3];
	unsigned int num = layout_of(s, f, entries);

	if (count_pasid(view, list, n) != !!(f->flags & VFIO_PASID_FLAG_VISIBLE))
		return "the list does not have PASID as GET says";
	split(f, view, list, n, inside, &num_inside, outside, &num_outside);
	if (num_outside != s->num_others ||
	    memcmp(outside, s->others, num_outside * sizeof(*outside)))
		return "other entries of the list have changed";
	/* Untouched: at most the device's own marker is there */
	if (!num)
		return num_inside > (f->source == VFIO_PASID_SOURCE_MARKER) ?
		       "entries of ours that should not be there" : NULL;
	for (i = 0; i < num && i < num_inside; i++)
		if (inside[i] != entries[i].pos)
			return "an entry of ours is somewhere else";
	return num_inside == num ? NULL : "entries of ours are missing, or too many";
}

static const char *check_list(const struct session *s,
			      const struct vfio_device_feature_pasid *f,
			      const uint8_t *view)
{
	uint16_t list[MAX_LIST];
	size_t n = walk(view, list);
	const char *bad;

	if (n == MAX_LIST)
		return "the list has no end";
	bad = compare_list(s, f, view, list, n);
	if (!bad)
		return NULL;
	show_list("the list", list, n);
	show_list("others at the beginning", s->others, s->num_others);
	printf("# flags %#x, offset %#x, range %#x+%#x, source %u, hidden %u\n",
	       f->flags, f->offset, f->range_offset, f->range_length,
	       f->source, f->hidden_reason);
	return bad;
}

static bool is_cap(const struct vfio_device_feature_pasid *f,
		   const uint8_t *view, unsigned int pos)
{
	uint32_t regs = image_get32(view, pos + PCI_PASID_CAP);

	return (image_get32(view, pos) & 0xfffff) == (PCI_EXT_CAP_ID_PASID | 1 << 16) &&
	       (uint16_t)regs == (f->width << 8 | f->capabilities) &&
	       !((regs >> 16) & ~(PCI_PASID_CTRL_ENABLE | f->capabilities));
}

static bool is_marker(const struct session *s,
		      const struct vfio_device_feature_pasid *f,
		      const uint8_t *view, const struct entry *entry)
{
	bool own = f->source == VFIO_PASID_SOURCE_MARKER;
	unsigned int vendor = own ? 0x1234 : s->pair_vendor;
	unsigned int id = own ? 0xa51d : s->pair_id;

	return (image_get32(view, entry->pos) & 0xfffff) ==
	       (PCI_EXT_CAP_ID_DVSEC | 1 << 16) &&
	       image_get32(view, entry->pos + 4) == (vendor | entry->length << 20) &&
	       image_get32(view, entry->pos + 8) == id;
}

static const char *check_bytes(const struct session *s,
			       const struct vfio_device_feature_pasid *f,
			       const uint8_t *view)
{
	struct entry entries[3];
	unsigned int num = layout_of(s, f, entries), i;

	for (i = 0; i < num; i++) {
		if (entries[i].is_cap && !is_cap(f, view, entries[i].pos))
			return "the capability has bytes that it cannot have";
		if (!entries[i].is_cap && !is_marker(s, f, view, &entries[i]))
			return "a marker has bytes that it cannot have";
	}
	return NULL;
}

static const char *check_hardware(const struct session *s,
				  const struct vfio_device_feature_pasid *f)
{
	unsigned int physical = s->bench->physical + PCI_PASID_CAP, num, i;
	struct entry entries[3];
	uint8_t now[CFG_SIZE];

	read_hardware(s, now);
	/* A session from before the module's time has no shield */
	if (s->bench->physical &&
	    f->hidden_reason != VFIO_PASID_REASON_OPENED_BEFORE &&
	    image_get32(now, physical) != image_get32(s->hardware, physical))
		return "the physical PASID register was written";
	if (!s->still)
		return NULL;
	num = layout_of(s, f, entries);
	for (i = 0; i < num; i++)
		if (memcmp(now + entries[i].pos, s->hardware + entries[i].pos,
			   entries[i].size))
			return "a write to our bytes reached the hardware";
	return NULL;
}

/* Nobody else does anything now. NULL, or what is wrong */
const char *judge(struct session *s)
{
	struct vfio_device_feature_pasid f;
	uint8_t view[CFG_SIZE];
	const char *bad;

	bad = ask_twice(s, VFIO_DEVICE_FEATURE_PASID, sizeof(f), &f);
	if (!bad)
		bad = check_answer(&f);
	if (!bad)
		bad = check_fixed(&f, &s->first);
	if (!bad)
		bad = check_free(s, &f);
	if (!bad && cfg_read(&s->dev, view, CFG_SIZE, 0) != CFG_SIZE)
		bad = "config space cannot be read";
	if (!bad)
		bad = check_list(s, &f, view);
	if (!bad)
		bad = check_bytes(s, &f, view);
	if (!bad)
		bad = check_hardware(s, &f);
	return bad;
}

static unsigned int find_cap(const uint8_t *view, uint8_t id)
{
	uint8_t pos = view[PCI_CAPABILITY_LIST];
	unsigned int n;

	for (n = 0; pos >= 0x40 && n < 48; n++) {
		if (view[pos] == id)
			return pos;
		pos = view[pos + 1];
	}
	return 0;
}

/* The device was just opened: what the rest of the session is held against */
const char *judge_begin(struct session *s)
{
	uint16_t list[MAX_LIST], inside[MAX_LIST];
	uint8_t view[CFG_SIZE];
	const char *bad;
	size_t n;

	read_hardware(s, s->hardware);
	bad = ask_twice(s, VFIO_DEVICE_FEATURE_PASID, sizeof(s->first),
			&s->first);
	if (!bad && cfg_read(&s->dev, view, CFG_SIZE, 0) != CFG_SIZE)
		bad = "config space cannot be read";
	if (bad)
		return bad;
	n = walk(view, list);
	if (n == MAX_LIST)
		return "the list has no end";
	split(&s->first, view, list, n, inside, &n, s->others, &s->num_others);
	s->exp = find_cap(view, PCI_CAP_ID_EXP);
	s->pm = find_cap(view, PCI_CAP_ID_PM);
	s->af = find_cap(view, PCI_CAP_ID_AF);
	return judge(s);
}
