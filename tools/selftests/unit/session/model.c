// SPDX-License-Identifier: GPL-2.0
/*
 * The reference model, see model.h
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>
#include <linux/vfio_pasid.h>

#include "model.h"

#define NOBODY		0xffff
#define MARKER_SIZE	12
#define PASID_SIZE	8
/* The provisional pair of docs/dvsec-marker.md */
#define MARKER_VENDOR	0x1234
#define MARKER_ID	0xa51d

static uint32_t get32(const uint8_t *bytes, unsigned int pos)
{
	uint32_t val;

	memcpy(&val, bytes + pos, sizeof(val));
	return le32toh(val);
}

static void put32(uint8_t *bytes, unsigned int pos, uint32_t val)
{
	val = htole32(val);
	memcpy(bytes + pos, &val, sizeof(val));
}

static unsigned int next_of(const uint8_t *bytes, unsigned int pos)
{
	return get32(bytes, pos) >> 20 & 0xffc;
}

static void set_next(uint8_t *bytes, unsigned int pos, unsigned int next)
{
	put32(bytes, pos, (get32(bytes, pos) & 0xfffff) | next << 20);
}

/* Bytes that core vfio takes for the capability's; 0: it hides it */
static unsigned int core_length(const struct model *m, unsigned int pos)
{
	uint32_t second = get32(m->facts.image, pos + 4);

	switch ((uint16_t)get32(m->facts.image, pos)) {
	case PCI_EXT_CAP_ID_DSN:
		return PCI_EXT_CAP_DSN_SIZEOF;
	case PCI_EXT_CAP_ID_VNDR:
		return second >> 20;
	case PCI_EXT_CAP_ID_DVSEC:
		return m->facts.shows_dvsec ? second >> 20 : 0;
	case PCI_EXT_CAP_ID_PASID:
	case PCI_EXT_CAP_ID_SECPCI:
		return 0;
	}
	fprintf(stderr, "the model does not know the capability at %#x\n", pos);
	exit(1);
}

/*
 * Core vfio hides a capability by linking around it. The first one cannot be
 * linked around, so four bytes without an ID stay there.
 */
static void core_take(struct model *m, unsigned int pos, int prev)
{
	struct model_cap *cap = &m->caps[m->num_caps++];
	unsigned int length = core_length(m, pos), i;

	*cap = (struct model_cap){
		.offset = pos,
		.id = (uint16_t)get32(m->facts.image, pos),
		.anchor = length || prev < 0,
	};
	if (!cap->anchor) {
		set_next(m->copy, prev, next_of(m->facts.image, pos));
		return;
	}
	for (i = pos; i < pos + (length ? length : 4); i++) {
		m->owner[i] = cap->id;
		m->copy[i] = m->facts.image[i];
	}
	if (!length)
		put32(m->copy, pos, get32(m->copy, pos) & 0xffc00000);
}

/* Where dword 0x100 is 0, core vfio leaves all of extended space alone */
static void core_open(struct model *m)
{
	bool any = false;
	unsigned int pos;
	int prev = -1;

	for (pos = 0; pos < MODEL_SIZE; pos++)
		m->owner[pos] = NOBODY;
	pos = get32(m->facts.image, MODEL_EXT) ? MODEL_EXT : 0;
	while (pos) {
		core_take(m, pos, prev);
		if (m->caps[m->num_caps - 1].anchor)
			prev = pos;
		any |= core_length(m, pos) > 0;
		pos = next_of(m->facts.image, pos);
	}
	if (!any)
		put32(m->copy, MODEL_EXT, 0);
}

/* A marker of the device is unused space as soon as we show something there */
static unsigned int owner_of(const struct model *m, unsigned int pos)
{
	bool used_up = m->composed &&
		       m->facts.source == VFIO_PASID_SOURCE_MARKER &&
		       pos >= m->facts.offset &&
		       pos < m->facts.offset + m->facts.length;

	return used_up ? NOBODY : m->owner[pos];
}

/* Does core vfio serve this byte from its copy, as a header's? */
static bool is_copied(const struct model *m, unsigned int pos)
{
	const struct model_cap *cap;

	for (cap = m->caps; cap < m->caps + m->num_caps; cap++)
		if (cap->anchor && pos >= cap->offset &&
		    pos < cap->offset + 4)
			return owner_of(m, pos) != NOBODY;
	return false;
}

/*
 * Core vfio looks for a capability's start by its ID, and takes two that abut
 * for one. It also has ID 0 start at 0. Then it serves the header from the
 * hardware.
 */
static bool is_lost(const struct model *m, unsigned int cap)
{
	unsigned int id = owner_of(m, cap);

	return !id || (cap > MODEL_EXT && owner_of(m, cap - 1) == id);
}

/* Where core vfio stores: between capabilities, and in those of vendors */
static bool is_raw(const struct model *m, unsigned int pos)
{
	unsigned int id = owner_of(m, pos);

	return id == NOBODY || id == PCI_EXT_CAP_ID_VNDR ||
	       (id == PCI_EXT_CAP_ID_DVSEC && m->facts.shows_dvsec);
}

static void take_bytes(struct model *m, unsigned int pos, const uint32_t *words,
		       unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++)
		put32(m->value, pos + 4 * i, words[i]);
	memset(m->ours + pos, true, 4 * num);
}

static void take_capability(struct model *m)
{
	uint32_t words[] = {
		PCI_EXT_CAP_ID_PASID | 1 << 16,
		m->facts.width << 8 | m->facts.caps,
	};

	take_bytes(m, m->place, words, 2);
}

static void take_marker(struct model *m, unsigned int pos, unsigned int end)
{
	uint32_t words[] = {
		PCI_EXT_CAP_ID_DVSEC | 1 << 16,
		MARKER_VENDOR | (end - pos) << 20,
		MARKER_ID,
	};

	take_bytes(m, pos, words, 3);
}

/* The device's own capability or marker keeps its position in its list */
static int position_of(const struct model *m, unsigned int pos)
{
	unsigned int i;

	for (i = 0; i < m->num_caps; i++)
		if (m->caps[i].offset == pos)
			return i;
	return -1;
}

/* The offset of the visible entry that links to us, 0: none */
static unsigned int find_predecessor(const struct model *m)
{
	int own = position_of(m, m->facts.offset), i;
	unsigned int best = 0, pos;

	for (i = 0; i < (int)m->num_caps; i++) {
		if (!m->caps[i].anchor || i == own)
			continue;
		pos = m->caps[i].offset;
		if (own < 0 ? pos < m->facts.offset && pos > best : i < own)
			best = pos;
	}
	return best;
}

/* What followed before we came; the range's own marker does not count */
static unsigned int find_successor(const struct model *m, unsigned int pred)
{
	unsigned int head = position_of(m, m->facts.offset) < 0 ? 0 :
			    m->facts.offset;
	unsigned int next;

	if (!pred)
		return head ? next_of(m->copy, head) : 0;
	next = next_of(m->copy, pred);
	return head && next == head && m->owner[head] != NOBODY ?
	       next_of(m->copy, head) : next;
}

/* A list begins at 0x100, also where no capability does */
static void link_from(struct model *m, unsigned int pred, unsigned int first)
{
	uint32_t header = first << 20;

	if (!pred && first == MODEL_EXT)
		return;
	if (!pred) {
		take_bytes(m, MODEL_EXT, &header, 1);
		return;
	}
	set_next(m->copy_now, pred, first);
	header = get32(m->copy_now, pred);
	if (is_lost(m, pred))
		take_bytes(m, pred, &header, 1);
}

/* The parts of the range in their order: [marker], capability, [marker] */
static unsigned int take_parts(struct model *m, unsigned int *parts)
{
	unsigned int start = m->facts.offset, end = start + m->facts.length;
	bool marked = m->facts.source != VFIO_PASID_SOURCE_PHYSICAL;
	unsigned int mid = m->shown ? m->place : end, n = 0;

	if (marked && mid - start >= MARKER_SIZE) {
		take_marker(m, start, mid);
		parts[n++] = start;
	}
	if (!m->shown)
		return n;
	take_capability(m);
	parts[n++] = mid;
	mid += PASID_SIZE;
	if (marked && end - mid >= MARKER_SIZE) {
		take_marker(m, mid, end);
		parts[n++] = mid;
	}
	return n;
}

static void compose(struct model *m)
{
	unsigned int parts[3], n = 0, pred, succ, i;

	memset(m->ours, false, sizeof(m->ours));
	memcpy(m->copy_now, m->copy, MODEL_SIZE);
	m->control = 0;
	if (m->composed)
		n = take_parts(m, parts);
	if (!n)
		return;
	pred = find_predecessor(m);
	succ = find_successor(m, pred);
	link_from(m, pred, parts[0]);
	for (i = 0; i < n; i++)
		set_next(m->value, parts[i], i + 1 < n ? parts[i + 1] : succ);
}

void model_open(struct model *m, const struct model_facts *facts)
{
	memset(m, 0, sizeof(*m));
	m->facts = *facts;
	memcpy(m->hw, facts->image, MODEL_SIZE);
	memcpy(m->hw, facts->low, MODEL_RAW);
	if (facts->physical) {
		memset(m->shield + facts->physical + PCI_PASID_CAP, true, 4);
		m->hw[facts->physical + PCI_PASID_CTRL] = facts->control;
	}
	core_open(m);
	m->place = facts->offset;
	m->shown = facts->source && facts->visible;
	m->composed = m->shown;
	compose(m);
}

static bool is_control(const struct model *m, unsigned int pos)
{
	return m->shown && pos == m->place + PCI_PASID_CTRL;
}

static uint8_t read_byte(const struct model *m, unsigned int pos)
{
	if (is_control(m, pos))
		return m->control;
	if (m->ours[pos])
		return m->value[pos];
	if (is_copied(m, pos) && !is_lost(m, pos & ~3U))
		return m->copy_now[pos];
	return m->hw[pos];
}

static void write_byte(struct model *m, unsigned int pos, uint8_t val)
{
	uint8_t mask = m->facts.wmask[pos];

	if (is_control(m, pos))
		m->control = val & (PCI_PASID_CTRL_ENABLE | m->facts.caps);
	else if (!m->ours[pos] && !m->shield[pos] && pos >= MODEL_RAW &&
		 is_raw(m, pos))
		m->hw[pos] = (m->hw[pos] & ~mask) | (val & mask);
}

/* An access that passes the end fails as a whole */
ssize_t model_read(struct model *m, uint8_t *to, size_t count, unsigned int pos)
{
	size_t i;

	if (count && pos + count > MODEL_SIZE)
		return -EFAULT;
	for (i = 0; i < count; i++)
		to[i] = read_byte(m, pos + i);
	return count;
}

ssize_t model_write(struct model *m, const uint8_t *from, size_t count,
		    unsigned int pos)
{
	size_t i;

	if (count && pos + count > MODEL_SIZE)
		return -EFAULT;
	for (i = 0; i < count; i++)
		write_byte(m, pos + i, from[i]);
	return count;
}

int model_set(struct model *m, bool show, unsigned int offset)
{
	unsigned int end = m->facts.offset + m->facts.length;

	if (!m->facts.source)
		return -ENOENT;
	if (show && !m->facts.width)
		return -EOPNOTSUPP;
	if (offset && (offset % 4 || offset < m->facts.offset ||
		       offset + PASID_SIZE > end))
		return -EINVAL;
	if (m->shown && m->control & PCI_PASID_CTRL_ENABLE)
		return -EBUSY;
	m->shown = show;
	m->composed = true;
	if (offset)
		m->place = offset;
	compose(m);
	return 0;
}

/* The host's own Control is restored by the kernel, ours is cleared */
void model_reset(struct model *m)
{
	memcpy(m->hw + MODEL_RAW, m->facts.image + MODEL_RAW,
	       MODEL_SIZE - MODEL_RAW);
	if (m->facts.physical)
		m->hw[m->facts.physical + PCI_PASID_CTRL] = m->facts.control;
	m->control = 0;
}
