// SPDX-License-Identifier: GPL-2.0
/*
 * Where VMMs put a PASID capability if nobody tells them
 *
 * From their public sources, autumn 2026: QEMU since 11.0 and cloud-hypervisor
 * take the last eight bytes, OpenVMM appends to the list (pull request 4375).
 */
#include <stdio.h>
#include <string.h>

#include "vfio-pasid.h"

static bool is_free(const struct decision *d, const struct vfio_pasid_range *r)
{
	const struct vfio_pasid_place *p = &d->place;
	const struct vfio_pasid_range *one = &p->range;
	unsigned int i;

	for (i = 0; i <= p->num_more; one = &p->more[i++])
		if (r->offset >= one->offset &&
		    r->offset + r->length <= one->offset + one->length)
			return true;
	return false;
}

static bool finds_registers(struct function *f, const struct decision *d,
			    struct guess *g, const struct vfio_pasid_range *r)
{
	unsigned int i;

	for (i = 0; i < d->req.num_live; i++)
		if (vfio_pasid_ranges_overlap(r, &d->live[i])) {
			snprintf(g->verdict, sizeof(g->verdict),
				 "registers at %#x, says the table",
				 d->live[i].offset);
			return true;
		}
	for (i = r->offset; i < r->offset + r->length; i += 4)
		if (function_knows(f, i, 4) && function_get(f, i, 4)) {
			snprintf(g->verdict, sizeof(g->verdict),
				 "%#x is not zero", i);
			return true;
		}
	return false;
}

static void judge(struct function *f, const struct decision *d, struct guess *g)
{
	struct vfio_pasid_range r = { g->offset, VFIO_PASID_CAP_SIZE };

	g->good = is_free(d, &r);
	if (g->good)
		strcpy(g->verdict, g->offset == d->place.range.offset ?
		       "the same place" : "free");
	else if (finds_registers(f, d, g, &r))
		return;
	else if (!function_knows(f, r.offset, r.length))
		strcpy(g->verdict, "not read");
	else
		strcpy(g->verdict, "zero, but nobody says free");
}

static u16 end_of_list(struct function *f, const struct decision *d)
{
	static struct cap caps[MAX_CAPS];
	unsigned int n = caps_list(f, d, caps), i;
	u16 end = 0;

	for (i = 0; i < n; i++)
		if (caps[i].extended && caps[i].offset + caps[i].length > end)
			end = caps[i].offset + caps[i].length;
	return (end + 3) & ~3;
}

/**
 * guesses - Where VMMs would put the capability
 * @f: The function
 * @d: Its decision
 * @to: Output, space for MAX_GUESSES
 *
 * Return: how many there are; none where there is no extended config space.
 */
unsigned int guesses(struct function *f, const struct decision *d,
		     struct guess *to)
{
	u16 end = end_of_list(f, d);
	unsigned int n = 0, i;

	if (f->size < VFIO_PASID_CFG_SIZE)
		return 0;
	if (end && end + VFIO_PASID_CAP_SIZE <= f->size)
		to[n++] = (struct guess){ .who = "OpenVMM", .offset = end };
	to[n++] = (struct guess){
		.who = "QEMU, cloud-hypervisor",
		.offset = VFIO_PASID_CFG_SIZE - VFIO_PASID_CAP_SIZE,
	};
	for (i = 0; i < n; i++)
		judge(f, d, &to[i]);
	return n;
}
