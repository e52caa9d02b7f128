// SPDX-License-Identifier: GPL-2.0
/*
 * check-marker: does a device mark unused space as docs/dvsec-marker.md says?
 *
 * Whether a marker is taken (rules 2 and 3) is the decision's own verdict. What
 * the decision does not ask, since a reader need not, is checked here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"

static bool print_verdict(const char *rule, bool ok, const char *text)
{
	term_print(ok ? COLOR_GREEN : COLOR_RED, ok ? "    ok  " : "    no  ");
	printf("%s: %s\n", rule, text);
	return ok;
}

static bool check_layout(struct function *f, const struct cap *cap)
{
	u32 header1 = function_get(f, cap->offset + PCI_DVSEC_HEADER1, 4);
	u32 header2 = function_get(f, cap->offset + PCI_DVSEC_HEADER2, 4);
	char text[96];

	snprintf(text, sizeof(text),
		 "version %u (1), revision %u (0), reserved bits %#x (0)",
		 cap->version, header1 >> 16 & 0xf, header2 >> 16);
	return print_verdict("layout", cap->version == 1 &&
			     !(header1 >> 16 & 0xf) && !(header2 >> 16), text);
}

static u16 length_of(struct function *f, const struct cap *cap)
{
	return vfio_pasid_dvsec_length(function_get(f, cap->offset +
						    PCI_DVSEC_HEADER1, 4));
}

/* One DVSEC for each gap: two that abut are one gap */
static bool check_gap(struct function *f, const struct cap *caps, unsigned int n,
		      const struct cap *cap)
{
	unsigned int end = cap->offset + length_of(f, cap), i;
	char text[64];

	for (i = 0; i < n; i++)
		if (caps[i].marker && caps[i].offset == end) {
			snprintf(text, sizeof(text),
				 "another marker follows at %#x, one is enough",
				 end);
			return print_verdict("rule 1", false, text);
		}
	return print_verdict("rule 1", true, "no other marker abuts behind it");
}

static const struct vfio_pasid_candidate *refusal(const struct decision *d,
						  u16 offset)
{
	unsigned int i;

	for (i = 0; i < d->req.num_own; i++)
		if (d->req.own[i].range.offset == offset)
			return &d->req.own[i];
	return NULL;
}

static bool is_taken(const struct decision *d, u16 offset)
{
	unsigned int i;

	if (d->place.range.offset == offset)
		return true;
	for (i = 0; i < d->place.num_more; i++)
		if (d->place.more[i].offset == offset)
			return true;
	return false;
}

static bool is_about_length(enum vfio_pasid_reason reason)
{
	return reason == VFIO_PASID_REASON_UNALIGNED ||
	       reason == VFIO_PASID_REASON_TOO_SHORT ||
	       reason == VFIO_PASID_REASON_OUT_OF_BOUNDS;
}

static bool check_decision(const struct decision *d, const struct cap *cap)
{
	const struct vfio_pasid_candidate *c = refusal(d, cap->offset);
	char text[160];

	if (!c && !is_taken(d, cap->offset))
		return print_verdict("rules 2, 3", false,
				     "not taken, too many markers");
	if (!c) {
		print_verdict("rule 2", true, "the length");
		return print_verdict("rule 3", true, "nothing else is in it");
	}
	refusal_text(c, text, sizeof(text));
	if (is_about_length(c->reason))
		return print_verdict("rule 2", false, text);
	print_verdict("rule 2", true, "the length");
	return print_verdict("rule 3", false, text);
}

/* A dump can have a function twice, before and after a reset */
static bool check_constant(struct function *list, struct function *f,
			   const struct cap *cap)
{
	struct function *g;
	unsigned int n = 0;
	u16 i;

	for (g = list; g; g = g->next) {
		if (strcmp(g->address, f->address))
			continue;
		n++;
		for (i = 0; i < VFIO_PASID_DVSEC_SIZE; i += 4)
			if (function_get(g, cap->offset + i, 4) !=
			    function_get(f, cap->offset + i, 4))
				return print_verdict("rule 4", false,
						     "not the same in each dump");
	}
	if (n > 1)
		return print_verdict("rule 4", true, "the same in each dump");
	printf("    --  rule 4: needs a dump from before and after a reset\n");
	return true;
}

static bool check(struct function *list, struct function *f,
		  const struct decision *d, const struct cap *caps,
		  unsigned int n, const struct cap *cap)
{
	bool ok;

	printf("  marker at %#x, %u bytes\n", cap->offset, length_of(f, cap));
	ok = check_layout(f, cap);
	ok &= check_gap(f, caps, n, cap);
	ok &= check_decision(d, cap);
	ok &= check_constant(list, f, cap);
	return ok;
}

static bool check_function(struct function *list, struct function *f)
{
	struct cap *caps = allocate(MAX_CAPS * sizeof(*caps));
	struct decision *d = decide(f);
	unsigned int n = caps_list(f, d, caps), found = 0, i;
	bool ok = true;
	char text[320];

	term_print(COLOR_BOLD, "%s\n", f->address);
	for (i = 0; i < n; i++)
		if (caps[i].marker && ++found)
			ok &= check(list, f, d, caps, n, &caps[i]);
	if (d->hazard || !n || d->place.reason == VFIO_PASID_REASON_BAD_LIST) {
		decision_text(f, d, text, sizeof(text));
		ok = print_verdict("the list", false, text);
	}
	if (!found)
		ok = print_verdict("markers", false, "there are none");
	term_print(ok ? COLOR_GREEN : COLOR_RED, "  %s\n",
		   ok ? "conforms" : "does not conform");
	free(caps);
	free(d);
	return ok;
}

/**
 * verb_check_marker - Check the markers of each function
 * @list: The functions
 *
 * Return: EXIT_NO if one of them does not conform.
 */
int verb_check_marker(struct function *list)
{
	struct function *f;
	bool ok = true;

	if (!options.num_pairs)
		die("check-marker: --markers= leaves no marker to look for");
	for (f = list; f; f = f->next)
		ok &= check_function(list, f);
	return ok ? EXIT_YES : EXIT_NO;
}
