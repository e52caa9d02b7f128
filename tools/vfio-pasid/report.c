// SPDX-License-Identifier: GPL-2.0
/*
 * doctor's lines: ok, what to do, or why it could not be told
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "vfio-pasid.h"

static unsigned int num_bad;
static struct json_object *lines;
static const char *function, *check;

static const struct {
	const char *word;
	const char *name;
	enum color color;
} findings[] = {
	[FINDING_OK] = { "ok", "ok", COLOR_GREEN },
	[FINDING_NO] = { "no", "no", COLOR_RED },
	[FINDING_UNKNOWN] = { "--", "unknown", COLOR_DIM },
};

/**
 * report_start - What follows is about this
 * @f: A function, or NULL: the machine
 * @fmt: The heading
 */
void report_start(const struct function *f, const char *fmt, ...)
{
	char text[128];
	va_list args;

	function = f ? f->address : NULL;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!options.json)
		term_print(COLOR_BOLD, "%s\n", text);
}

/**
 * report_check - What follows is the result of this check
 * @name: As --json has it; the schema lists them
 */
void report_check(const char *name)
{
	check = name;
}

static void add_line(enum finding finding, const char *text)
{
	struct json_object *o = json_object_new_object();

	json_add_string(o, "function", function);
	json_add_string(o, "check", check);
	json_add_string(o, "finding", findings[finding].name);
	json_add_string(o, "text", text);
	if (!lines)
		lines = json_object_new_array();
	json_object_array_add(lines, o);
}

/**
 * report - One line
 * @finding: What was found
 * @fmt: In words; for FINDING_NO, with what to do
 */
void report(enum finding finding, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	num_bad += finding == FINDING_NO;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (options.json) {
		add_line(finding, text);
		return;
	}
	term_print(findings[finding].color, "  %s  ", findings[finding].word);
	puts(text);
}

/**
 * report_end - All lines are there
 * @guest: Of a guest
 *
 * Return: EXIT_NO if one says no.
 */
int report_end(bool guest)
{
	struct json_object *top;

	if (options.json) {
		top = json_top();
		json_object_object_add(top, "guest",
				       json_object_new_boolean(guest));
		json_object_object_add(top, "findings", lines);
		json_finish(top);
	}
	return num_bad ? EXIT_NO : EXIT_YES;
}
