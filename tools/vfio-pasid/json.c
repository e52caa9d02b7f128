// SPDX-License-Identifier: GPL-2.0
/*
 * --json: everything that is known, for programs
 *
 * schema.json describes it. Members are added under the same version; a member
 * that changes its meaning, or goes, takes a new one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "vfio-pasid.h"

#define VERSION_OF_FORMAT	1

static void add(struct json_object *to, const char *name,
		struct json_object *value)
{
	json_object_object_add(to, name, value);
}

static void add_int(struct json_object *to, const char *name, int64_t value)
{
	add(to, name, json_object_new_int64(value));
}

static void add_bool(struct json_object *to, const char *name, bool value)
{
	add(to, name, json_object_new_boolean(value));
}

/**
 * json_add_string - Add a member
 * @to: To this object
 * @name: Its name
 * @value: Its value; NULL: null
 */
void json_add_string(struct json_object *to, const char *name,
		     const char *value)
{
	add(to, name, value ? json_object_new_string(value) : NULL);
}

/**
 * json_range - A range as an object
 * @r: The range
 */
struct json_object *json_range(const struct vfio_pasid_range *r)
{
	struct json_object *o = json_object_new_object();

	add_int(o, "offset", r->offset);
	add_int(o, "length", r->length);
	return o;
}

static void add_id(struct json_object *to, const char *name, unsigned int id,
		   int digits)
{
	char text[16];

	snprintf(text, sizeof(text), "%0*x", digits, id);
	json_add_string(to, name, text);
}

/**
 * json_identity - A function as an object, with what it is
 * @f: The function
 */
struct json_object *json_identity(const struct function *f)
{
	struct json_object *o = json_object_new_object();
	char driver[64];
	const char *name;

	json_add_string(o, "address", f->address);
	add_id(o, "vendor", f->id.vendor, 4);
	add_id(o, "device", f->id.device, 4);
	add_id(o, "subvendor", f->id.subvendor, 4);
	add_id(o, "subdevice", f->id.subdevice, 4);
	add_id(o, "revision", f->id.revision, 2);
	add_id(o, "class", f->class, 4);
	add_bool(o, "vf", f->id.is_virtfn);
	add_bool(o, "live", f->live);
	name = sysfs_driver(f, driver, sizeof(driver));
	json_add_string(o, "driver", strcmp(name, "-") ? name : NULL);
	add_int(o, "size", f->size);
	return o;
}

static struct json_object *capabilities_of(struct function *f,
					   const struct decision *d)
{
	struct cap *caps = allocate(MAX_CAPS * sizeof(*caps)), *cap;
	struct json_object *array = json_object_new_array(), *o;
	unsigned int n = caps_list(f, d, caps);
	char name[32];

	for (cap = caps; cap < caps + n; cap++) {
		o = json_object_new_object();
		add_int(o, "offset", cap->offset);
		add_int(o, "length", cap->length);
		add_bool(o, "length_known", !cap->open_ended);
		add_int(o, "id", cap->id);
		add_bool(o, "extended", cap->extended);
		add_bool(o, "hidden", cap->hidden);
		json_add_string(o, "name", cap_name(cap, name, sizeof(name)));
		json_object_array_add(array, o);
	}
	free(caps);
	return array;
}

static struct json_object *place_of(const struct decision *d)
{
	struct json_object *o;

	if (!decision_has_place(d))
		return NULL;
	o = json_object_new_object();
	add_int(o, "offset", d->place.range.offset);
	add(o, "range", json_range(&d->place.range));
	json_add_string(o, "source", vfio_pasid_source_name(d->place.source));
	return o;
}

static struct json_object *free_of(const struct decision *d)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; decision_has_place(d) && i < d->place.num_more; i++)
		json_object_array_add(array, json_range(&d->place.more[i]));
	return array;
}

static void add_refusal(struct json_object *array,
			const struct vfio_pasid_candidate *c)
{
	struct json_object *o;

	if (!c->reason)
		return;
	o = json_range(&c->range);
	json_add_string(o, "source", vfio_pasid_source_name(c->source));
	json_add_string(o, "reason", vfio_pasid_reason_text(c->reason));
	add_int(o, "where", c->where);
	if (c->reason == VFIO_PASID_REASON_NOT_ZERO)
		add_int(o, "value", c->value);
	json_object_array_add(array, o);
}

static struct json_object *refusals_of(const struct decision *d)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < d->req.num_own; i++)
		add_refusal(array, &d->req.own[i]);
	for (i = 0; i < d->req.num_candidates; i++)
		add_refusal(array, &d->candidates[i]);
	return array;
}

static struct json_object *live_of(const struct decision *d)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < d->req.num_live; i++)
		json_object_array_add(array, json_range(&d->live[i]));
	return array;
}

static struct json_object *kernel_of(const struct verdict *v)
{
	struct json_object *o = json_object_new_object();

	json_add_string(o, "offset", v->offset);
	json_add_string(o, "range", v->range);
	json_add_string(o, "ranges", v->ranges);
	json_add_string(o, "source", v->source);
	add_bool(o, "verified", *v->verified == '1');
	add_bool(o, "visible", *v->visible == '1');
	add_int(o, "width", atoi(v->width));
	json_add_string(o, "reason", v->reason);
	return o;
}

static struct json_object *guesses_of(struct function *f,
				      const struct decision *d)
{
	struct json_object *array = json_object_new_array(), *o;
	struct guess g[MAX_GUESSES];
	unsigned int n = guesses(f, d, g), i;

	for (i = 0; i < n; i++) {
		o = json_object_new_object();
		json_add_string(o, "vmm", g[i].who);
		add_int(o, "offset", g[i].offset);
		add_bool(o, "free", g[i].good);
		json_add_string(o, "verdict", g[i].verdict);
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *function_of(struct function *f,
				       const struct decision *d)
{
	struct json_object *o = json_identity(f);
	char reason[320], layout[8192];
	bool served, known, prefix = guest_prefix(f, &known);
	struct verdict v;

	served = sysfs_verdict(f, &v);
	decision_text(f, d, reason, sizeof(reason));
	guest_layout(f, d, served ? &v : NULL, layout, sizeof(layout));
	add(o, "capabilities", capabilities_of(f, d));
	add(o, "place", place_of(d));
	json_add_string(o, "text", reason);
	add(o, "free", free_of(d));
	add(o, "refused", refusals_of(d));
	add(o, "live_ranges", live_of(d));
	add_int(o, "width", function_width(f, served ? &v : NULL));
	add(o, "end_end_prefix", known ? json_object_new_boolean(prefix) : NULL);
	json_add_string(o, "layout", layout);
	add(o, "kernel", served ? kernel_of(&v) : NULL);
	add(o, "guesses", guesses_of(f, d));
	return o;
}

/**
 * json_top - What each output starts with
 */
struct json_object *json_top(void)
{
	struct json_object *top = json_object_new_object();

	add_int(top, "version", VERSION_OF_FORMAT);
	return top;
}

/**
 * json_finish - Print an output
 * @top: The output, which is freed
 */
void json_finish(struct json_object *top)
{
	puts(json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
}

/**
 * json_print - Everything that is known of the functions that list has
 * @list: The functions
 */
int json_print(struct function *list)
{
	struct json_object *array = json_object_new_array();
	struct json_object *top = json_top();
	struct decision *d;
	struct function *f;

	for (f = list; f; f = f->next) {
		d = decide(f);
		if (list_wanted(f, d))
			json_object_array_add(array, function_of(f, d));
		free(d);
	}
	add(top, "functions", array);
	json_finish(top);
	return EXIT_YES;
}
