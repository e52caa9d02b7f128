// SPDX-License-Identifier: GPL-2.0
/*
 * A dry run of what the module does when a function is opened
 *
 * Guard, rules, table and decision are the module's own code. What is not known
 * here: ranges that a variant driver gave to the kernel.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"

#define SOURCES	(1U << VFIO_PASID_SOURCE_PHYSICAL | \
		 1U << VFIO_PASID_SOURCE_MARKER | \
		 1U << VFIO_PASID_SOURCE_ADMIN | \
		 1U << VFIO_PASID_SOURCE_TABLE)

/* vfio-pci shows DVSECs since 6.4. A dump is looked at with a newer one */
static bool core_shows_dvsec(const struct function *f)
{
	unsigned int major, minor;
	struct utsname name;

	if (!f->live || uname(&name) ||
	    sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > 6 || (major == 6 && minor >= 4);
}

static void name_candidates(const struct function *f, struct decision *d)
{
	unsigned int n;

	n = vfio_pasid_rule_candidates(options.rules, options.num_rules, &f->id,
				       d->candidates);
	if (n > VFIO_PASID_MAX_RULES_PER_DEVICE)
		n = VFIO_PASID_MAX_RULES_PER_DEVICE;
	d->req.num_candidates = n +
		vfio_pasid_table_candidates(&f->id, d->candidates + n,
					    VFIO_PASID_MAX_CANDIDATES - n);
}

static void check_guard(struct function *f, struct decision *d)
{
	u16 exp = function_find_cap(f, PCI_CAP_ID_EXP);

	memset(d->map, VFIO_PASID_MAP_RAW, sizeof(d->map));
	d->guard = (struct vfio_pasid_guard){
		.image = &d->image,
		.map = d->map,
		.exp_flags = exp ? function_get(f, exp + PCI_EXP_FLAGS, 2) : 0,
		.shows_dvsec = core_shows_dvsec(f),
	};
	if (f->size >= VFIO_PASID_EXT_START)
		d->hazard = vfio_pasid_guard_check(&d->guard);
}

/**
 * decide - Make the decision for a function
 * @f: The function
 *
 * Return: the decision, to be freed.
 */
struct decision *decide(struct function *f)
{
	struct decision *d = allocate(sizeof(*d));

	d->image = (struct vfio_pasid_image){
		.read = function_read,
		.ctx = f,
		.map = d->map,
		.size = f->size,
	};
	d->req = (struct vfio_pasid_request){
		.image = &d->image,
		.candidates = d->candidates,
		.live = d->live,
		.num_live = vfio_pasid_table_live(&f->id, d->live),
		.pairs = options.pairs,
		.num_pairs = options.num_pairs,
		.sources = SOURCES |
			   params_may_guess(&f->id) << VFIO_PASID_SOURCE_GUESS,
	};
	name_candidates(f, d);
	check_guard(f, d);
	vfio_pasid_locate(&d->req, &d->place);
	if (d->place.source != VFIO_PASID_SOURCE_MARKER && options.num_pairs)
		d->place.pair = options.pairs[0];
	return d;
}

/**
 * decision_has_place - Is there a place, and is the function opened at all?
 * @d: The decision
 */
bool decision_has_place(const struct decision *d)
{
	return d->place.range.offset && !d->hazard;
}

/* What a reason means for somebody who has only a dump, or is not root */
static const char *advice(const struct function *f, const struct decision *d)
{
	if (d->place.reason != VFIO_PASID_REASON_UNREADABLE)
		return "";
	return f->live ? "; only root may read all of it" :
			 "; the dump lacks bytes, make it with lspci -xxxx as root";
}

/**
 * decision_text - The decision in a sentence
 * @f: The function
 * @d: The decision
 * @to: Memory for it
 * @size: Its size
 */
void decision_text(const struct function *f, const struct decision *d,
		   char *to, size_t size)
{
	const struct vfio_pasid_place *p = &d->place;

	if (d->hazard)
		snprintf(to, size, "not opened: capability %#x at %#x claims %u bytes, and vfio-pci would not survive it",
			 d->guard.id, d->guard.where, d->guard.length);
	else if (p->range.offset)
		snprintf(to, size, "PASID capability at %#x, range %#x+%#x, source %s",
			 p->range.offset, p->range.offset, p->range.length,
			 vfio_pasid_source_name(p->source));
	else
		snprintf(to, size, "no place: %s%s",
			 vfio_pasid_reason_text(p->reason), advice(f, d));
}

/**
 * refusal_text - Why a range was refused
 * @c: The range, with its reason
 * @to: Memory for it
 * @size: Its size
 */
void refusal_text(const struct vfio_pasid_candidate *c, char *to, size_t size)
{
	int n = snprintf(to, size, "refused at %#x: %s", c->where,
			 vfio_pasid_reason_text(c->reason));

	if (c->reason == VFIO_PASID_REASON_NOT_ZERO && n > 0 && (size_t)n < size)
		snprintf(to + n, size - n, ", it reads %#010x", c->value);
}
