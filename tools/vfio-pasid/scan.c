// SPDX-License-Identifier: GPL-2.0
/*
 * scan: ranges of a function that pass all checks, and what speaks for each and
 * against it
 *
 * The checks are the module's own: each range is offered to the decision as if
 * the administrator had named it, and cut where it is refused. So what the device
 * table calls live is not read. Nothing here proves a range to be unused.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "vfio-pasid.h"

#define ROUNDS		64
#define MAX_RANGES	128
/* Devices with an indirect access window have it here */
#define LAST_BYTES	0xff0

/**
 * struct gap - What was found out about a range
 * @range: The range
 * @behind: A capability whose length is not known may have it; 0: none
 * @behind_id: Its ID
 * @changed: Offset of a dword that did not stay zero, 0: all did
 * @after: What it was read after
 * @json: --json: the range as an object
 */
struct gap {
	struct vfio_pasid_range range;
	u16 behind;
	u16 behind_id;
	u16 changed;
	const char *after;
	struct json_object *json;
};

/**
 * struct scan - What was found out about a function
 * @f: The function
 * @d: Its decision
 * @gaps: The ranges, ascending
 * @num_gaps: How many
 * @registers: Offset of a byte in no capability that is not zero, 0: none
 * @reset: It was reset in between
 */
struct scan {
	struct function *f;
	struct decision *d;
	struct gap gaps[MAX_RANGES];
	unsigned int num_gaps;
	u16 registers;
	bool reset;
};

/* The decision's verdict on a range, as if ranges= had it and nothing else */
static struct vfio_pasid_candidate try_range(struct function *f, u16 offset,
					     u16 length)
{
	const struct vfio_pasid_rule rule = {
		.domain = f->id.domain,
		.bus = f->id.bus,
		.devfn = f->id.devfn,
		.range = { offset, length },
	};
	struct vfio_pasid_candidate c;
	struct vfio_pasid_rule *kept = allocate(sizeof(options.rules));
	unsigned int num_kept = options.num_rules;
	struct decision *d;

	memcpy(kept, options.rules, sizeof(options.rules));
	options.rules[0] = rule;
	options.num_rules = 1;
	d = decide(f);
	c = d->candidates[0];
	/* Where the list cannot be walked, no range is looked at */
	if (!c.reason && !d->place.range.offset) {
		c.reason = d->place.reason;
		c.where = offset;
	}
	memcpy(options.rules, kept, sizeof(options.rules));
	options.num_rules = num_kept;
	free(kept);
	free(d);
	return c;
}

/* Cut where the decision refuses, until it does not */
static void find_gaps(struct scan *s, unsigned int from, unsigned int to)
{
	struct vfio_pasid_candidate c;
	unsigned int at;

	for (; from + VFIO_PASID_CAP_SIZE <= to; from = at + 4) {
		c = try_range(s->f, from, to - from);
		if (!c.reason)
			break;
		at = c.where & ~3U;
		if (at < from || at >= to)
			at = from;
		find_gaps(s, from, at);
	}
	if (from + VFIO_PASID_CAP_SIZE > to || s->num_gaps == MAX_RANGES)
		return;
	s->gaps[s->num_gaps++] = (struct gap){
		.range = c.range,
		.behind = c.behind,
		.behind_id = c.behind_id,
	};
}

static void read_again(struct scan *s, struct gap *gap, const char *after)
{
	const struct vfio_pasid_range *r = &gap->range;
	u16 pos;

	function_forget(s->f, r->offset, r->length);
	for (pos = r->offset; pos < r->offset + r->length && !gap->changed;
	     pos += 4)
		if (function_get(s->f, pos, 4)) {
			gap->changed = pos;
			gap->after = after;
		}
}

static void read_all_again(struct scan *s, const char *after)
{
	unsigned int round, i;

	for (round = 0; s->f->live && round < ROUNDS; round++)
		for (i = 0; i < s->num_gaps; i++)
			read_again(s, &s->gaps[i], after);
}

/* A byte outside of everything that is not zero is a register */
static u16 find_registers(struct scan *s)
{
	struct layout *l = layout_make(s->f, s->d);
	u16 found = 0;
	u16 pos;

	for (pos = VFIO_PASID_EXT_START; pos < s->f->size && !found; pos++)
		if (l->owner[pos] == OWNER_BYTES)
			found = pos;
	free(l);
	return found;
}

enum point {
	POINT_EVIDENCE,
	POINT_DOUBT,
	POINT_REFUSED,
};

static void __attribute__((format(printf, 3, 4)))
say(const struct gap *gap, enum point point, const char *fmt, ...)
{
	static const struct {
		const char *word;
		enum color color;
	} points[] = {
		[POINT_EVIDENCE] = { "ok", COLOR_GREEN },
		[POINT_DOUBT] = { "??", COLOR_YELLOW },
		[POINT_REFUSED] = { "no", COLOR_RED },
	};
	struct json_object *to = NULL;
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (json_object_object_get_ex(gap->json, point == POINT_EVIDENCE ?
				      "evidence" : "doubts", &to)) {
		json_object_array_add(to, json_object_new_string(text));
		return;
	}
	term_print(points[point].color, "      %s  ", points[point].word);
	puts(text);
}

static void say_evidence(const struct scan *s, const struct gap *gap)
{
	const struct vfio_pasid_place *p = &s->d->place;

	if (!s->f->live)
		say(gap, POINT_EVIDENCE, "all bytes are zero in the dump");
	else
		say(gap, POINT_EVIDENCE, "all bytes were zero, %d times",
		    s->reset ? 2 * ROUNDS + 1 : ROUNDS + 1);
	if (s->reset)
		say(gap, POINT_EVIDENCE, "also after a reset of the function");
	if (decision_has_place(s->d) &&
	    vfio_pasid_ranges_overlap(&p->range, &gap->range))
		say(gap, POINT_EVIDENCE, "the module's place is in it, source %s",
		    vfio_pasid_source_name(p->source));
}

static void say_doubts(const struct scan *s, const struct gap *gap)
{
	const struct vfio_pasid_range *r = &gap->range;

	if (gap->behind)
		say(gap, POINT_DOUBT, "behind capability %#x at %#x, whose length is not known",
		    gap->behind_id, gap->behind);
	if (s->registers)
		say(gap, POINT_DOUBT, "%#x is not zero: the device has registers that no capability describes",
		    s->registers);
	if (s->d->req.num_live)
		say(gap, POINT_DOUBT, "the device table knows of registers elsewhere in this function");
	if (r->offset + r->length > LAST_BYTES)
		say(gap, POINT_DOUBT, "from %#x on, some devices have a window to other registers",
		    LAST_BYTES);
}

static void say_gap(const struct scan *s, const struct gap *gap)
{
	if (gap->changed) {
		say(gap, POINT_REFUSED, "%#x did not stay zero: it changed after %s",
		    gap->changed, gap->after);
		return;
	}
	say_evidence(s, gap);
	say_doubts(s, gap);
}

static void print_gap(const struct scan *s, const struct gap *gap)
{
	term_print(gap->changed ? COLOR_NONE : COLOR_BOLD, "  %#x+%#x\n",
		   gap->range.offset, gap->range.length);
	say_gap(s, gap);
}

static const char *table_line(const struct scan *s, const struct gap *gap,
			      char *to, size_t size)
{
	const struct vfio_pasid_id *id = &s->f->id;

	snprintf(to, size, "%04x:%04x %02x * %s %x+%x free low unproven: zero in one function%s",
		 id->vendor, id->device, id->revision,
		 id->is_virtfn ? "vf" : "pf", gap->range.offset,
		 gap->range.length, s->reset ? ", also after a reset" : "");
	return to;
}

static void print_lines(const struct scan *s)
{
	unsigned int i, n = 0;
	char line[160];

	for (i = 0; !s->f->anonymous && i < s->num_gaps; i++) {
		if (s->gaps[i].changed)
			continue;
		if (!n++)
			puts("Lines for the device table, once a data sheet or the vendor says so; zero is no proof");
		printf("  %s\n", table_line(s, &s->gaps[i], line, sizeof(line)));
	}
}

static void print_scan(const struct scan *s)
{
	char name[256], text[320];
	unsigned int i;

	term_print(COLOR_BOLD, "%s", s->f->address);
	printf(" %s%s\n", function_name(s->f, name, sizeof(name)),
	       s->f->id.is_virtfn && !s->f->anonymous ? " (VF)" : "");
	for (i = 0; i < s->num_gaps; i++)
		print_gap(s, &s->gaps[i]);
	if (!s->num_gaps) {
		decision_text(s->f, s->d, text, sizeof(text));
		printf("  no range passes the checks; %s\n", text);
	}
	print_lines(s);
}

static struct json_object *json_gap(const struct scan *s, struct gap *gap)
{
	bool stable = !gap->changed;
	char line[160];

	gap->json = json_range(&gap->range);
	json_object_object_add(gap->json, "stable",
			       json_object_new_boolean(stable));
	json_object_object_add(gap->json, "evidence", json_object_new_array());
	json_object_object_add(gap->json, "doubts", json_object_new_array());
	say_gap(s, gap);
	json_add_string(gap->json, "line", stable && !s->f->anonymous ?
			table_line(s, gap, line, sizeof(line)) : NULL);
	return gap->json;
}

static struct json_object *json_scan(struct scan *s)
{
	struct json_object *o = json_identity(s->f);
	struct json_object *array = json_object_new_array();
	char text[320];
	unsigned int i;

	for (i = 0; i < s->num_gaps; i++)
		json_object_array_add(array, json_gap(s, &s->gaps[i]));
	decision_text(s->f, s->d, text, sizeof(text));
	json_add_string(o, "text", text);
	json_object_object_add(o, "reset", json_object_new_boolean(s->reset));
	json_object_object_add(o, "ranges", array);
	return o;
}

static unsigned int count_stable(const struct scan *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->num_gaps; i++)
		n += !s->gaps[i].changed;
	return n;
}

/* Returns how many ranges are left */
static unsigned int scan(struct function *f, struct json_object *scans)
{
	struct scan *s = allocate(sizeof(*s));
	unsigned int n;

	s->f = f;
	s->d = decide(f);
	if (!s->d->hazard)
		find_gaps(s, VFIO_PASID_EXT_START, f->size);
	s->registers = find_registers(s);
	read_all_again(s, "some reads");
	if (options.reset) {
		reset_function(f);
		s->reset = true;
		read_all_again(s, "the reset");
	}
	if (scans)
		json_object_array_add(scans, json_scan(s));
	else
		print_scan(s);
	n = count_stable(s);
	free(s->d);
	free(s);
	return n;
}

/**
 * verb_scan - Look for ranges that may be unused
 * @list: The functions
 *
 * Return: EXIT_NO if one of them has none.
 */
int verb_scan(struct function *list)
{
	struct json_object *scans = NULL, *top;
	struct function *f;
	int ret = EXIT_YES;

	if (options.json)
		scans = json_object_new_array();
	if (options.reset && (options.dump || list->next))
		die("--reset: name one function of this machine");
	for (f = list; f; f = f->next)
		if (!scan(f, scans))
			ret = EXIT_NO;
	if (scans) {
		top = json_top();
		json_object_object_add(top, "scans", scans);
		json_finish(top);
	}
	return ret;
}
