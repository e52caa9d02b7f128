// SPDX-License-Identifier: GPL-2.0
/*
 * The picture of config space, before it is drawn
 *
 * Each byte has one owner. What is painted later covers what was before:
 * bytes, the table's registers, capabilities, ranges, our place.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

static void add_item(struct layout *l, enum owner owner, u16 offset, u16 length,
		     const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void add_item(struct layout *l, enum owner owner, u16 offset, u16 length,
		     const char *fmt, ...)
{
	struct item *item = &l->items[l->num_items++];
	va_list args;

	item->offset = offset;
	item->length = length;
	item->owner = owner;
	va_start(args, fmt);
	vsnprintf(item->text, sizeof(item->text), fmt, args);
	va_end(args);
}

static void paint(struct layout *l, enum owner owner, u16 offset, u16 length)
{
	unsigned int pos = offset;

	for (; pos < (unsigned int)offset + length && pos < l->function->size; pos++)
		l->owner[pos] = owner;
}

static void paint_bytes(struct layout *l)
{
	const struct function *f = l->function;
	u16 pos;

	for (pos = 0; pos < f->size; pos++)
		l->owner[pos] = !f->known[pos] ? OWNER_UNREAD :
				f->config[pos] ? OWNER_BYTES : OWNER_ZERO;
	paint(l, OWNER_HEADER, 0, 0x40);
	add_item(l, OWNER_HEADER, 0, 0x40, "Configuration header");
}

static void paint_live(struct layout *l)
{
	const struct decision *d = l->decision;
	unsigned int i;

	for (i = 0; i < d->req.num_live; i++) {
		paint(l, OWNER_LIVE, d->live[i].offset, d->live[i].length);
		add_item(l, OWNER_LIVE, d->live[i].offset, d->live[i].length,
			 "Registers, says the device table");
	}
}

static int compare_caps(const void *a, const void *b)
{
	const struct cap *x = a, *y = b;

	return x->offset - y->offset;
}

/* Two that meet look different */
static void paint_caps(struct layout *l)
{
	struct cap *caps = allocate(MAX_CAPS * sizeof(*caps)), *cap;
	unsigned int n = caps_list(l->function, l->decision, caps);
	enum owner owner;
	bool odd = false;
	u16 end = 0;
	char name[32];

	qsort(caps, n, sizeof(*caps), compare_caps);
	for (cap = caps; cap < caps + n; cap++) {
		odd = !odd && cap->offset / ROW <= end / ROW;
		end = cap->offset + cap->length;
		owner = cap->hidden ? OWNER_HIDDEN : odd ? OWNER_CAP_ODD :
							   OWNER_CAP;
		paint(l, owner, cap->offset, cap->length);
		add_item(l, owner, cap->offset, cap->length, "%s%s",
			 cap_name(cap, name, sizeof(name)),
			 cap->open_ended ? ", or more" : "");
	}
	free(caps);
}

/* A register of some bytes that are zero is one register */
static bool goes_on(const struct layout *l, u16 pos, u16 start)
{
	return l->owner[pos] == OWNER_BYTES ||
	       (pos > start && pos % 4 && l->owner[pos] == OWNER_ZERO);
}

/* Bytes outside of everything that are not zero: one item for each run */
static void name_bytes(struct layout *l)
{
	u16 pos, start;

	for (pos = 0; pos < l->function->size; pos++) {
		start = pos;
		while (pos < l->function->size && goes_on(l, pos, start))
			pos++;
		if (pos > start && l->num_items < MAX_CAPS)
			add_item(l, OWNER_BYTES, start, pos - start,
				 "Not zero");
	}
}

static void paint_refused(struct layout *l, const struct vfio_pasid_candidate *c)
{
	unsigned int end = c->range.offset + c->range.length, pos;
	char text[160];

	if (!c->reason)
		return;
	if (end > l->function->size)
		end = l->function->size;
	for (pos = c->range.offset; pos < end; pos++)
		if (l->owner[pos] == OWNER_ZERO)
			l->owner[pos] = OWNER_REFUSED;
	if (c->reason == VFIO_PASID_REASON_NOT_ZERO)
		snprintf(text, sizeof(text), "%#x is %#010x", c->where, c->value);
	else
		snprintf(text, sizeof(text), "%s",
			 vfio_pasid_reason_text(c->reason));
	add_item(l, OWNER_REFUSED, c->range.offset, c->range.length,
		 "Refused, source %s: %s", vfio_pasid_source_name(c->source),
		 text);
}

static void paint_free(struct layout *l)
{
	const struct vfio_pasid_place *p = &l->decision->place;
	unsigned int i;

	for (i = 0; i < p->num_more; i++) {
		paint(l, OWNER_FREE, p->more[i].offset, p->more[i].length);
		add_item(l, OWNER_FREE, p->more[i].offset, p->more[i].length,
			 "Free as well");
	}
	if (p->range.length > VFIO_PASID_CAP_SIZE) {
		paint(l, OWNER_FREE, p->range.offset, p->range.length);
		add_item(l, OWNER_FREE, p->range.offset, p->range.length,
			 "Free, source %s", vfio_pasid_source_name(p->source));
	}
	paint(l, OWNER_PLACE, p->range.offset, VFIO_PASID_CAP_SIZE);
	add_item(l, OWNER_PLACE, p->range.offset, VFIO_PASID_CAP_SIZE,
		 "Virtual PASID capability, source %s",
		 vfio_pasid_source_name(p->source));
}

static void paint_ranges(struct layout *l)
{
	const struct decision *d = l->decision;
	unsigned int i;

	for (i = 0; i < d->req.num_own; i++)
		paint_refused(l, &d->req.own[i]);
	for (i = 0; i < d->req.num_candidates; i++)
		paint_refused(l, &d->candidates[i]);
	if (decision_has_place(d))
		paint_free(l);
}

static void add_guesses(struct layout *l)
{
	struct guess g[MAX_GUESSES];
	unsigned int n = guesses(l->function, l->decision, g), i;

	for (i = 0; i < n; i++)
		add_item(l, OWNER_GUESS, g[i].offset, VFIO_PASID_CAP_SIZE,
			 "%s: %s", g[i].who, g[i].verdict);
}

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset - y->offset;
	return (int)x->owner - (int)y->owner;
}

/**
 * layout_make - Find out what is where
 * @f: The function; all of it is read that may be
 * @d: Its decision
 *
 * Return: the layout, to be freed.
 */
struct layout *layout_make(struct function *f, struct decision *d)
{
	struct layout *l = allocate(sizeof(*l));

	l->function = f;
	l->decision = d;
	function_read_all(f, d->live, d->req.num_live);
	paint_bytes(l);
	paint_live(l);
	paint_caps(l);
	name_bytes(l);
	paint_ranges(l);
	add_guesses(l);
	qsort(l->items, l->num_items, sizeof(l->items[0]), compare);
	return l;
}

static bool starts_item(const struct layout *l, u16 offset)
{
	unsigned int i;

	for (i = 0; i < l->num_items; i++)
		if (l->items[i].offset / ROW == offset / ROW)
			return true;
	return false;
}

/* Like the byte before it, and nothing to say; values are never folded */
static bool is_dull(const struct layout *l, u16 offset)
{
	unsigned int i;

	if (!offset || starts_item(l, offset))
		return false;
	for (i = 0; i < ROW; i++)
		if (l->owner[offset + i] != l->owner[offset - 1] ||
		    l->owner[offset + i] == OWNER_BYTES)
			return false;
	return true;
}

/**
 * layout_rows - Rows of sixteen bytes; two or more dull ones become one
 * @l: The layout
 * @rows: Output, space for VFIO_PASID_CFG_SIZE / ROW
 *
 * Return: how many.
 */
unsigned int layout_rows(const struct layout *l, struct row *rows)
{
	unsigned int n = 0;
	u16 pos, end;

	for (pos = 0; pos < l->function->size; pos = end) {
		end = pos + ROW;
		while (is_dull(l, pos) && end < l->function->size &&
		       is_dull(l, end))
			end += ROW;
		rows[n++] = (struct row){
			.offset = pos,
			.length = end - pos,
			.folded = end - pos > (int)ROW,
		};
	}
	return n;
}

/**
 * owner_text - What the legend says
 * @owner: Of what
 */
const char *owner_text(enum owner owner)
{
	static const char * const texts[NUM_OWNERS] = {
		[OWNER_UNREAD] = "not read",
		[OWNER_ZERO] = "zero",
		[OWNER_BYTES] = "not zero, in no capability",
		[OWNER_HEADER] = "header",
		[OWNER_CAP] = "capability",
		[OWNER_CAP_ODD] = "capability",
		[OWNER_HIDDEN] = "capability that vfio-pci hides",
		[OWNER_LIVE] = "registers (table)",
		[OWNER_REFUSED] = "refused range",
		[OWNER_FREE] = "free",
		[OWNER_PLACE] = "virtual PASID capability",
		[OWNER_GUESS] = "a VMM's guess",
	};

	return texts[owner];
}

/**
 * layout_legend - What has to be explained
 * @l: The layout
 * @to: Output, space for NUM_OWNERS
 *
 * Return: how many.
 */
unsigned int layout_legend(const struct layout *l, enum owner *to)
{
	bool used[NUM_OWNERS] = {};
	unsigned int i, n = 0;

	for (i = 0; i < l->function->size; i++)
		used[l->owner[i]] = true;
	for (i = 0; i < l->num_items; i++)
		used[l->items[i].owner] = true;
	/* One of the two is enough */
	used[OWNER_CAP_ODD] &= !used[OWNER_CAP];
	for (i = 0; i < NUM_OWNERS; i++)
		if (used[i])
			to[n++] = i;
	return n;
}
