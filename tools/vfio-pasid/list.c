// SPDX-License-Identifier: GPL-2.0
/*
 * list: functions that have a place, and those that could have one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

/**
 * struct line - What is said of a function
 * @driver: Its driver
 * @place: Where the capability goes
 * @source: Who says so
 * @width: log2 of the PASIDs, 0 if that is not known
 * @state: What the kernel does with it now
 * @reason: Why there is no place
 * @found: There is one
 */
struct line {
	char driver[64];
	char place[16];
	char source[16];
	unsigned int width;
	const char *state;
	char reason[320];
	bool found;
};

static void take_decision(struct line *l, const struct function *f,
			  const struct decision *d)
{
	l->found = decision_has_place(d);
	l->state = "dry run";
	snprintf(l->place, sizeof(l->place), "-");
	snprintf(l->source, sizeof(l->source), "-");
	if (!l->found) {
		decision_text(f, d, l->reason, sizeof(l->reason));
		if (!strncmp(l->reason, "no place: ", 10))
			memmove(l->reason, l->reason + 10,
				strlen(l->reason + 10) + 1);
		return;
	}
	snprintf(l->place, sizeof(l->place), "%#x", d->place.range.offset);
	snprintf(l->source, sizeof(l->source), "%s",
		 vfio_pasid_source_name(d->place.source));
}

/* The kernel's word counts where it has one */
static void take_verdict(struct line *l, const struct verdict *v)
{
	l->found = strcmp(v->offset, "none");
	l->state = *v->visible == '1' ? "shown" :
		   *v->verified == '1' ? "verified" : "not read";
	snprintf(l->place, sizeof(l->place), "%s", l->found ? v->offset : "-");
	snprintf(l->source, sizeof(l->source), "%s",
		 l->found ? v->source : "-");
	*l->reason = '\0';
	if (strcmp(v->reason, "none"))
		snprintf(l->reason, sizeof(l->reason), "%s", v->reason);
}

/* Could it have PASIDs, or does anybody speak of it? */
static bool is_interesting(struct function *f, const struct decision *d)
{
	if (options.all || !f->live || options.num_slots || options.id)
		return true;
	return sysfs_is_vfio(f) || d->place.range.offset || d->req.num_own ||
	       d->req.num_candidates || pf_width(pf_of(f));
}

static void print_line(struct function *f, const struct line *l)
{
	char name[256], width[16] = "-";

	if (l->width)
		snprintf(width, sizeof(width), "%u", l->width);
	printf("%-12s  %-10s  ", f->address, l->driver);
	term_print(l->found ? COLOR_GREEN : COLOR_YELLOW, "%-5s", l->place);
	printf("  %-8s  %5s  ", l->source, width);
	term_print(strcmp(l->state, "shown") ? COLOR_NONE : COLOR_GREEN, "%-8s",
		   l->state);
	printf("  %s%s", function_name(f, name, sizeof(name)),
	       f->id.is_virtfn && !f->anonymous ? " (VF)" : "");
	if (*l->reason)
		term_print(COLOR_YELLOW, ": %s", l->reason);
	putchar('\n');
}

static void list_one(struct function *f, const struct decision *d)
{
	struct line l = {};
	struct verdict v;
	bool served = sysfs_verdict(f, &v);

	snprintf(l.driver, sizeof(l.driver), "-");
	sysfs_driver(f, l.driver, sizeof(l.driver));
	if (!*l.driver)
		snprintf(l.driver, sizeof(l.driver), "-");
	take_decision(&l, f, d);
	if (served)
		take_verdict(&l, &v);
	l.width = function_width(f, served ? &v : NULL);
	print_line(f, &l);
}

/* Bridges cannot be assigned */
static bool is_endpoint(const struct function *f)
{
	return options.all || !f->type;
}

/**
 * list_wanted - Does list have this function?
 * @f: The function
 * @d: Its decision
 */
bool list_wanted(struct function *f, const struct decision *d)
{
	return is_endpoint(f) && is_interesting(f, d);
}

static void print_heading(void)
{
	term_print(COLOR_BOLD, "%-12s  %-10s  %-5s  %-8s  %5s  %-8s  %s\n",
		   "FUNCTION", "DRIVER", "PLACE", "SOURCE", "WIDTH", "STATE",
		   "DEVICE");
}

/**
 * verb_list - One line for each function
 * @list: The functions
 */
int verb_list(struct function *list)
{
	unsigned int n = 0;
	struct decision *d;
	struct function *f;

	for (f = list; f; f = f->next) {
		if (!is_endpoint(f))
			continue;
		d = decide(f);
		if (list_wanted(f, d)) {
			if (!n++)
				print_heading();
			list_one(f, d);
		}
		free(d);
	}
	if (!n)
		fputs("No function has PASIDs or a vfio driver, as far as can be read; -a lists all.\n",
		      stderr);
	return EXIT_YES;
}
