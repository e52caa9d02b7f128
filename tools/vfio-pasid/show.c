// SPDX-License-Identifier: GPL-2.0
/*
 * show: the decision step by step, in words
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

static void print_heading(struct function *f)
{
	char class[128], name[256], driver[64];
	const char *word;

	term_print(COLOR_BOLD, "%s", f->address);
	printf(" %s: %s%s\n", function_class(f, class, sizeof(class)),
	       function_name(f, name, sizeof(name)),
	       f->id.is_virtfn && !f->anonymous ? " (VF)" : "");
	word = sysfs_driver(f, driver, sizeof(driver));
	if (f->live)
		printf("  %s%s, ", *word == '-' ? "no driver" : "driver ",
		       *word == '-' ? "" : word);
	else
		printf("  from a dump, ");
	printf("%u bytes of config space\n", f->size);
}

static void print_caps(struct function *f, const struct decision *d)
{
	struct cap *caps = allocate(MAX_CAPS * sizeof(*caps)), *cap;
	unsigned int n = caps_list(f, d, caps), extended = 0;
	char name[32];

	for (cap = caps; cap < caps + n; cap++) {
		if (!cap->extended)
			continue;
		printf("  %#x %s%s\n", cap->offset,
		       cap_name(cap, name, sizeof(name)),
		       cap->hidden ? ", hidden by vfio-pci" : "");
		extended++;
	}
	if (!extended)
		printf("  none\n");
	free(caps);
}

/* The order in which the decision checks a range */
static const struct {
	enum vfio_pasid_reason reason;
	const char *passed;
} checks[] = {
	{ VFIO_PASID_REASON_UNALIGNED, "aligned to 4" },
	{ VFIO_PASID_REASON_TOO_SHORT, "long enough" },
	{ VFIO_PASID_REASON_OUT_OF_BOUNDS, "in extended config space" },
	{ VFIO_PASID_REASON_LIVE, "the table knows of no registers in it" },
	{ VFIO_PASID_REASON_CAPABILITY, "no capability in it" },
	{ VFIO_PASID_REASON_NOT_ZERO, "all bytes are zero" },
};

static bool is_own_word(const struct vfio_pasid_candidate *c)
{
	return c->source == VFIO_PASID_SOURCE_PHYSICAL ||
	       c->source == VFIO_PASID_SOURCE_MARKER;
}

static bool is_asked(const struct vfio_pasid_candidate *c,
		     enum vfio_pasid_reason reason)
{
	if (is_own_word(c) && reason == VFIO_PASID_REASON_LIVE)
		return false;
	return c->source != VFIO_PASID_SOURCE_PHYSICAL ||
	       reason != VFIO_PASID_REASON_NOT_ZERO;
}

static void print_checks(const struct vfio_pasid_candidate *c)
{
	char text[160];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		if (checks[i].reason == c->reason)
			break;
		if (!is_asked(c, checks[i].reason))
			continue;
		term_print(COLOR_GREEN, "        ok  ");
		printf("%s\n", checks[i].passed);
	}
	if (c->behind)
		term_print(COLOR_YELLOW, "        ??  behind capability %#x at %#x, whose length is not known; see the data sheet\n",
			   c->behind_id, c->behind);
	if (!c->reason)
		return;
	refusal_text(c, text, sizeof(text));
	term_print(COLOR_RED, "        no  ");
	printf("%s\n", text);
}

static bool same_range(const struct vfio_pasid_range *a,
		       const struct vfio_pasid_range *b)
{
	return a->offset == b->offset && a->length == b->length;
}

static void print_candidate(const struct decision *d,
			    const struct vfio_pasid_candidate *c)
{
	bool taken = !c->reason && c->source == d->place.source &&
		     same_range(&c->range, &d->place.range);

	printf("      %#x+%#x: ", c->range.offset, c->range.length);
	if (taken)
		term_print(COLOR_GREEN, "taken\n");
	else if (!c->reason)
		printf("free as well, another one comes first\n");
	else
		term_print(COLOR_YELLOW, "refused\n");
	print_checks(c);
}

/* What the device itself says is in the decision, or among the refusals */
static unsigned int print_own(const struct decision *d,
			      enum vfio_pasid_source source)
{
	struct vfio_pasid_candidate taken = {
		.range = d->place.range,
		.source = source,
	};
	unsigned int i, n = 0;

	for (i = 0; i < d->req.num_own; i++)
		if (d->req.own[i].source == source && ++n)
			print_candidate(d, &d->req.own[i]);
	if (d->place.range.offset && d->place.source == source && ++n)
		print_candidate(d, &taken);
	return n;
}

static unsigned int print_named(const struct decision *d,
				enum vfio_pasid_source source)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->req.num_candidates; i++)
		if (d->candidates[i].source == source && ++n)
			print_candidate(d, &d->candidates[i]);
	return n;
}

static const char *silence(const struct decision *d,
			   enum vfio_pasid_source source)
{
	switch (source) {
	case VFIO_PASID_SOURCE_PHYSICAL:
		return "the function has no PASID capability of its own";
	case VFIO_PASID_SOURCE_MARKER:
		return "no DVSEC of the function marks unused space";
	case VFIO_PASID_SOURCE_ADMIN:
		return "ranges= has nothing for this function";
	case VFIO_PASID_SOURCE_DRIVER:
		return "only the kernel knows what a variant driver says";
	case VFIO_PASID_SOURCE_TABLE:
		return "the device table has no free range for this function";
	default:
		return d->req.sources & 1U << VFIO_PASID_SOURCE_GUESS ?
		       "nothing was found, or it was not needed" :
		       "not asked (parameter guess=)";
	}
}

static void print_source(const struct decision *d, enum vfio_pasid_source source)
{
	bool named = source == VFIO_PASID_SOURCE_ADMIN ||
		     source == VFIO_PASID_SOURCE_DRIVER ||
		     source == VFIO_PASID_SOURCE_TABLE;
	unsigned int n;

	term_print(COLOR_BOLD, "  %u %s\n", source,
		   vfio_pasid_source_name(source));
	n = named ? print_named(d, source) : print_own(d, source);
	if (!n)
		term_print(COLOR_DIM, "      %s\n", silence(d, source));
}

/* Without a list that can be walked, nobody is asked */
static bool nobody_asked(const struct decision *d)
{
	unsigned int i;

	if (d->place.range.offset || d->req.num_own)
		return false;
	for (i = 0; i < d->req.num_candidates; i++)
		if (d->candidates[i].reason)
			return false;
	return d->place.reason != VFIO_PASID_REASON_NO_SOURCE &&
	       d->place.reason != VFIO_PASID_REASON_NO_GUESS;
}

static void print_sources(const struct decision *d)
{
	enum vfio_pasid_source source = VFIO_PASID_SOURCE_PHYSICAL;

	if (nobody_asked(d)) {
		printf("  not asked: %s\n",
		       vfio_pasid_reason_text(d->place.reason));
		return;
	}
	for (; source <= VFIO_PASID_SOURCE_GUESS; source++)
		print_source(d, source);
}

static void print_free(const struct decision *d)
{
	unsigned int i;

	for (i = 0; i < d->place.num_more; i++)
		printf("  free as well: %#x+%#x\n", d->place.more[i].offset,
		       d->place.more[i].length);
}

static void print_guest(struct function *f, const struct decision *d)
{
	struct cap *caps = allocate(MAX_CAPS * sizeof(*caps)), *cap;
	unsigned int n = guest_list(f, d, caps);
	bool known, prefix = guest_prefix(f, &known);
	char name[32];

	for (cap = caps; cap < caps + n; cap++)
		term_print(cap->id == 0x1b ? COLOR_GREEN : COLOR_NONE,
			   "  %#x %s\n", cap->offset,
			   cap_name(cap, name, sizeof(name)));
	if (!n)
		printf("  the list has no entry to which the capability can be linked\n");
	if (known && !prefix)
		term_print(COLOR_YELLOW, "  %s\n",
			   vfio_pasid_reason_text(VFIO_PASID_REASON_NO_TLP_PREFIX));
	free(caps);
}

static void print_kernel(struct function *f)
{
	struct verdict v;

	if (!f->live)
		return;
	printf("The kernel says\n");
	if (!sysfs_verdict(f, &v)) {
		printf("  nothing: %s\n", sysfs_is_served(f) ?
		       "vfio is busy with the function, try again" :
		       sysfs_exists("module/vfio_pasid") ?
		       "vfio-pasid serves functions of drivers on vfio-pci-core" :
		       "vfio-pasid is not loaded");
		return;
	}
	printf("  offset %s, range %s, source %s, %s\n", v.offset, v.range,
	       v.source, *v.verified == '1' ? "verified" : "not verified yet");
	printf("  width %s, %s\n", v.width,
	       *v.visible == '1' ? "shown to its user now" : "not shown now");
	if (*v.reason && strcmp(v.reason, "none"))
		printf("  %s\n", v.reason);
}

static void print_guesses(struct function *f, const struct decision *d)
{
	struct guess g[MAX_GUESSES];
	unsigned int n = guesses(f, d, g), i;

	if (!n)
		return;
	printf("Where VMMs guess if nobody tells them\n");
	for (i = 0; i < n; i++) {
		printf("  %#x %s: ", g[i].offset, g[i].who);
		term_print(g[i].good ? COLOR_GREEN : COLOR_YELLOW, "%s\n",
			   g[i].verdict);
	}
}

static void show(struct function *f, const struct decision *d)
{
	char text[320];

	print_heading(f);
	printf("Extended capabilities\n");
	print_caps(f, d);
	printf("Sources, in the order in which they are asked\n");
	print_sources(d);
	printf("Decision\n");
	decision_text(f, d, text, sizeof(text));
	term_print(decision_has_place(d) ? COLOR_GREEN : COLOR_YELLOW, "  %s\n",
		   text);
	print_free(d);
	if (d->place.reason == VFIO_PASID_REASON_NO_SOURCE && !d->hazard)
		printf("  if you know an unused range, from the data sheet say: vfio-pasid --persist set %s <range>\n"
		       "  vfio-pasid scan %s finds ranges to ask the vendor about\n",
		       f->address, f->address);
	if (decision_has_place(d)) {
		printf("What a guest sees where the capability is shown\n");
		print_guest(f, d);
	}
	print_kernel(f);
	print_guesses(f, d);
}

/**
 * verb_show - Explain the decision for each function
 * @list: The functions
 *
 * Return: EXIT_NO if one of them has no place.
 */
int verb_show(struct function *list)
{
	struct decision *d;
	struct function *f;
	int ret = EXIT_YES;

	for (f = list; f; f = f->next) {
		d = decide(f);
		show(f, d);
		if (!decision_has_place(d))
			ret = EXIT_NO;
		if (f->next)
			putchar('\n');
		free(d);
	}
	return ret;
}
