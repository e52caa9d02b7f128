// SPDX-License-Identifier: GPL-2.0
/*
 * diff: would a guest find the same layout on each of these hosts?
 *
 * Takes files that --json has written, one for each host, or directories of
 * them. Functions with the same ID that are of the same kind (VF or not) are
 * compared; their records are sorted, so that those that look alike are
 * neighbours, and ten thousand hosts take seconds.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "vfio-pasid.h"

#define HOSTS_SHOWN	3

/**
 * struct record - What is compared of a function
 * @kind: Its ID, and whether it is a VF
 * @layout: What a guest sees
 * @width: log2 of the PASIDs
 * @prefix: It has End-End TLP Prefix
 * @host: Whose it is
 */
struct record {
	char kind[24];
	char *layout;
	int width;
	bool prefix;
	unsigned int host;
};

static struct record *records;
static unsigned int num_records;
static char **hosts;
static unsigned int num_hosts;

static void *grow(void *array, unsigned int n, size_t size)
{
	/* A power of two: time to double it */
	if (n & (n - 1))
		return array;
	array = realloc(array, (n ? 2 * n : 1) * size);
	if (!array)
		die("out of memory");
	return array;
}

static const char *text_of(struct json_object *o, const char *name)
{
	struct json_object *value;
	const char *text = NULL;

	if (json_object_object_get_ex(o, name, &value))
		text = json_object_get_string(value);
	return text ? text : "";
}

static int number_of(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ?
	       json_object_get_int(value) : 0;
}

static void add_record(struct json_object *function)
{
	struct record *r;

	records = grow(records, num_records, sizeof(*records));
	r = &records[num_records++];
	snprintf(r->kind, sizeof(r->kind), "%.4s:%.4s %s",
		 text_of(function, "vendor"), text_of(function, "device"),
		 number_of(function, "vf") ? "VF" : "PF");
	r->layout = strdup(text_of(function, "layout"));
	r->width = number_of(function, "width");
	r->prefix = number_of(function, "end_end_prefix");
	r->host = num_hosts - 1;
}

static void add_host(const char *path)
{
	struct json_object *top = json_object_from_file(path), *functions;
	size_t i;

	if (!top)
		die("%s: %s", path, json_util_get_last_err());
	if (number_of(top, "version") != 1 ||
	    !json_object_object_get_ex(top, "functions", &functions) ||
	    !json_object_is_type(functions, json_type_array))
		die("%s: not written by vfio-pasid --json, or by another version of it",
		    path);
	hosts = grow(hosts, num_hosts, sizeof(*hosts));
	hosts[num_hosts++] = strdup(path);
	for (i = 0; i < json_object_array_length(functions); i++)
		add_record(json_object_array_get_idx(functions, i));
	json_object_put(top);
}

static int is_json(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && !strcmp(entry->d_name + n - 5, ".json");
}

static void add_path(const char *path)
{
	struct dirent **entries;
	char file[PATH_MAX];
	struct stat st;
	int n, i;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		add_host(path);
		return;
	}
	n = scandir(path, &entries, is_json, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		add_host(file);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int compare_looks(const struct record *x, const struct record *y)
{
	int ret = strcmp(x->layout, y->layout);

	if (!ret)
		ret = x->width - y->width;
	return ret ? ret : x->prefix - y->prefix;
}

static int compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int ret = strcmp(x->kind, y->kind);

	if (!ret)
		ret = compare_looks(x, y);
	if (!ret)
		ret = x->host < y->host ? -1 : x->host > y->host;
	return ret;
}

static unsigned int count_hosts(const struct record *from,
				const struct record *to)
{
	unsigned int n = 0;
	const struct record *r;

	for (r = from; r < to; r++)
		n += r == from || r->host != r[-1].host;
	return n;
}

static void print_hosts(const struct record *from, const struct record *to)
{
	unsigned int n = count_hosts(from, to), shown = 0;
	const struct record *r;

	for (r = from; r < to && shown < HOSTS_SHOWN; r++)
		if (r == from || r->host != r[-1].host)
			printf("%s%s", shown++ ? ", " : "", hosts[r->host]);
	if (n > shown)
		printf(" and %u more", n - shown);
}

/* Offset of the PASID capability in a layout, 0 if there is none */
static unsigned long pasid_of(const char *layout)
{
	const char *at = strstr(layout, "=1b"), *start = at;

	while (start && start > layout && start[-1] != ',')
		start--;
	return start ? strtoul(start, NULL, 16) : 0;
}

/* Why a guest would notice, one thing a line */
static void print_reasons(const struct record *r, const struct record *most)
{
	unsigned long mine = pasid_of(r->layout), theirs = pasid_of(most->layout);

	if (mine != theirs && mine && theirs)
		printf("    the PASID capability is at %#lx, not at %#lx\n",
		       mine, theirs);
	else if (mine != theirs)
		printf("    there is %s PASID capability\n", mine ? "a" : "no");
	else if (strcmp(r->layout, most->layout))
		printf("    other capabilities are not the same\n");
	if (r->width != most->width)
		printf("    the width is %d, not %d\n", r->width, most->width);
	if (r->prefix != most->prefix)
		printf("    End-End TLP Prefix is %s\n",
		       r->prefix ? "there" : "not there");
}

static const struct record *end_of_looks(const struct record *from,
					 const struct record *end)
{
	const struct record *r = from;

	while (r < end && !compare_looks(r, from))
		r++;
	return r;
}

static const struct record *most_common(const struct record *from,
					const struct record *end)
{
	const struct record *most = from, *next;
	unsigned int best = 0;

	for (; from < end; from = next) {
		next = end_of_looks(from, end);
		if (count_hosts(from, next) > best) {
			best = count_hosts(from, next);
			most = from;
		}
	}
	return most;
}

static bool judge_kind(const struct record *from, const struct record *end)
{
	const struct record *most = most_common(from, end), *r, *next;
	/* Of two hosts, both need it; a fleet may have different devices */
	bool alone = num_hosts == 2 && count_hosts(from, end) == 1;

	if (end_of_looks(from, end) == end && !alone) {
		printf("%s: same layout on %u of %u hosts\n", from->kind,
		       count_hosts(from, end), num_hosts);
		return true;
	}
	term_print(COLOR_YELLOW, "%s: %s\n", from->kind,
		   alone ? "on one host only" : "different layouts");
	for (r = from; r < end; r = next) {
		next = end_of_looks(r, end);
		printf("  ");
		print_hosts(r, next);
		printf(": %s, width %d\n", r->layout, r->width);
		if (r != most)
			print_reasons(r, most);
	}
	return false;
}

static bool judge_all(void)
{
	const struct record *r = records, *end = records + num_records, *next;
	bool ok = true;

	for (; r < end; r = next) {
		next = r;
		while (next < end && !strcmp(next->kind, r->kind))
			next++;
		ok &= judge_kind(r, next);
	}
	return ok;
}

static void drop_all(void)
{
	unsigned int i;

	for (i = 0; i < num_records; i++)
		free(records[i].layout);
	free(records);
	for (i = 0; i < num_hosts; i++)
		free(hosts[i]);
	free(hosts);
}

/**
 * verb_diff - Compare hosts
 * @paths: Files and directories
 * @n: How many
 *
 * Return: EXIT_NO if a guest would find a difference.
 */
int verb_diff(char **paths, unsigned int n)
{
	bool ok;

	while (n)
		add_path(paths[--n]);
	if (num_hosts < 2)
		die("diff: name two files that --json has written, or a directory of them");
	if (!num_records)
		die("diff: there are no functions in them");
	qsort(records, num_records, sizeof(*records), compare);
	ok = judge_all();
	drop_all();
	return ok ? EXIT_YES : EXIT_NO;
}
