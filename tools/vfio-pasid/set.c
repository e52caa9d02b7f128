// SPDX-License-Identifier: GPL-2.0
/*
 * set: give a function a range, now and, with --persist, for every boot
 *
 * Only the parameter ranges= is written. The range is first decided about as the
 * module would, so that a range that it would refuse is refused here.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

#define CONF	"modprobe.d/vfio-pasid-local.conf"
#define OPTION	"options vfio-pasid ranges="
#define TEXT	4096

static bool is_for(const struct vfio_pasid_rule *r, const struct function *f)
{
	return !r->by_id && r->domain == f->id.domain &&
	       r->bus == f->id.bus && r->devfn == f->id.devfn;
}

/* A rule for this function takes the place of those that there are */
static void replace_rule(const struct function *f,
			 const struct vfio_pasid_range *range)
{
	unsigned int i, n = 0;

	for (i = 0; i < options.num_rules; i++)
		if (!is_for(&options.rules[i], f))
			options.rules[n++] = options.rules[i];
	if (range && n == VFIO_PASID_MAX_RULES)
		die("set: ranges= has %d entries already", n);
	if (range)
		options.rules[n++] = (struct vfio_pasid_rule){
			.domain = f->id.domain,
			.bus = f->id.bus,
			.devfn = f->id.devfn,
			.range = *range,
		};
	options.num_rules = n;
}

static void print_rules(char *to, size_t size)
{
	const struct vfio_pasid_rule *r = options.rules;
	size_t at = 0;

	*to = '\0';
	for (; r < options.rules + options.num_rules && at < size; r++) {
		if (at)
			at += snprintf(to + at, size - at, ",");
		if (r->by_id)
			at += snprintf(to + at, size - at, "%04x:%04x",
				       r->vendor, r->device);
		else
			at += snprintf(to + at, size - at, "%04x:%02x:%02x.%x",
				       r->domain, r->bus, r->devfn >> 3,
				       r->devfn & 7);
		at += snprintf(to + at, size - at, "@%#x+%#x", r->range.offset,
			       r->range.length);
	}
	if (at >= size)
		die("set: ranges= would be too long");
}

static const struct vfio_pasid_candidate *
find_candidate(const struct decision *d, const struct vfio_pasid_range *range)
{
	const struct vfio_pasid_candidate *c = d->candidates;

	for (; c < d->candidates + d->req.num_candidates; c++)
		if (c->source == VFIO_PASID_SOURCE_ADMIN &&
		    c->range.offset == range->offset &&
		    c->range.length == range->length)
			return c;
	return NULL;
}

/* The module's own decision about the range, and about the function */
static void check_range(struct function *f, const struct vfio_pasid_range *range)
{
	struct decision *d = decide(f);
	const struct vfio_pasid_candidate *c = find_candidate(d, range);
	char text[320];

	if (c && c->reason) {
		refusal_text(c, text, sizeof(text));
		die("set: %s would be %s; nothing is changed", options.value,
		    text);
	}
	decision_text(f, d, text, sizeof(text));
	if (!decision_has_place(d))
		die("set: %s; nothing is changed", text);
	printf("%s\n", text);
	free(d);
}

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");
	bool ok = out && fputs(text, out) >= 0;

	if (!out || fclose(out) || !ok)
		die("set: %s: %s", path, strerror(errno));
	printf("wrote %s", path);
	term_print(COLOR_DIM, ": %s", text);
}

static bool is_loaded(void)
{
	return sysfs_exists("module/vfio_pasid");
}

static void write_now(const char *rules)
{
	char path[PATH_MAX], text[TEXT + 2];

	snprintf(path, sizeof(path), "%s/module/vfio_pasid/parameters/ranges",
		 options.sysfs);
	snprintf(text, sizeof(text), "%s\n", rules);
	write_file(path, text);
	puts("It counts from the function's next open on.");
}

static void write_conf(const char *rules)
{
	char path[PATH_MAX], text[TEXT + 64];

	snprintf(path, sizeof(path), "%s/" CONF, options.etc);
	snprintf(text, sizeof(text), OPTION "%s\n", rules);
	write_file(path, text);
}

/* Nobody else's file is overwritten; without the module, it has the rules */
static void read_conf(void)
{
	char path[PATH_MAX], line[TEXT + 64];
	char *value = line + strlen(OPTION);
	FILE *in;

	snprintf(path, sizeof(path), "%s/" CONF, options.etc);
	in = fopen(path, "r");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, OPTION, strlen(OPTION)) ||
		    strpbrk(value, " \t#\\"))
			die("set: %s has more than ranges=; edit it by hand",
			    path);
		if (!is_loaded())
			params_set_ranges(value);
	}
	if (in)
		fclose(in);
}

static struct vfio_pasid_range parse_range(const struct function *f)
{
	struct vfio_pasid_rule rule;
	enum vfio_pasid_reason reason;
	char text[128];

	snprintf(text, sizeof(text), "%s@%s", f->address, options.value);
	if (!vfio_pasid_rule_parse(text, &rule))
		die("set: \"%s\" is not understood; write 0x<offset>+0x<length> in hexadecimal, or none",
		    options.value);
	reason = vfio_pasid_range_check(&rule.range, VFIO_PASID_CFG_SIZE);
	if (reason)
		die("set: %s: %s", options.value,
		    vfio_pasid_reason_text(reason));
	return rule.range;
}

/**
 * verb_set - Give a function a range, or take it away
 * @list: The function
 */
int verb_set(struct function *list)
{
	struct vfio_pasid_range range;
	char rules[TEXT];

	if (options.dump || list->next)
		die("set: name one function of this machine");
	if (!is_loaded() && !options.persist)
		die("set: vfio-pasid is not loaded; modprobe vfio-pasid, or use --persist");
	if (options.persist)
		read_conf();
	if (!strcmp(options.value, "none")) {
		replace_rule(list, NULL);
	} else {
		range = parse_range(list);
		replace_rule(list, &range);
		check_range(list, &range);
	}
	print_rules(rules, sizeof(rules));
	if (is_loaded())
		write_now(rules);
	if (options.persist)
		write_conf(rules);
	return EXIT_YES;
}
