// SPDX-License-Identifier: GPL-2.0
/*
 * The module's parameters: given here, or in force in the kernel
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio-pasid.h"

static void add_range(const char *text)
{
	struct vfio_pasid_rule *rule = &options.rules[options.num_rules];
	enum vfio_pasid_reason reason;

	if (options.num_rules == VFIO_PASID_MAX_RULES)
		die("ranges: more than %d entries", VFIO_PASID_MAX_RULES);
	if (!vfio_pasid_rule_parse(text, rule))
		die("ranges: \"%s\" is not understood; write <domain:bus:dev.fn>@0x<offset>+0x<length> or <vendor:device>@0x<offset>+0x<length>, all hexadecimal, separated by commas",
		    text);
	reason = vfio_pasid_range_check(&rule->range, VFIO_PASID_CFG_SIZE);
	if (reason)
		die("ranges: \"%s\" refused: %s", text,
		    vfio_pasid_reason_text(reason));
	options.num_rules++;
}

static void add_marker(const char *text)
{
	struct vfio_pasid_pair *pair = &options.pairs[options.num_pairs];
	unsigned int vendor, id;
	int end = 0;

	if (options.num_pairs == MAX_PAIRS)
		die("markers: more than %d pairs", MAX_PAIRS);
	if (text[strspn(text, "0123456789abcdefABCDEF:")] ||
	    sscanf(text, "%4x:%4x%n", &vendor, &id, &end) != 2 || text[end] ||
	    !vendor || vendor == 0xffff)
		die("markers: \"%s\" is not understood; write <vendor>:<DVSEC ID>, both hexadecimal, separated by commas",
		    text);
	pair->vendor = vendor;
	pair->id = id;
	options.num_pairs++;
}

static void split(const char *text, void (*add)(const char *text))
{
	char *copy = strdup(text), *at = copy, *one;

	while (*text && (one = strsep(&at, ",")))
		add(one);
	free(copy);
}

/**
 * params_set_ranges - The parameter ranges=
 * @text: Its value
 */
void params_set_ranges(const char *text)
{
	options.num_rules = 0;
	split(text, add_range);
}

/**
 * params_set_markers - The parameter markers=
 * @text: Its value
 */
void params_set_markers(const char *text)
{
	options.num_pairs = 0;
	split(text, add_marker);
}

/**
 * params_from_kernel - Take what is in force, if the module is loaded
 */
void params_from_kernel(void)
{
	char text[4096];

	if (sysfs_read(text, sizeof(text), "module/vfio_pasid/parameters/ranges"))
		params_set_ranges(text);
	if (sysfs_read(text, sizeof(text), "module/vfio_pasid/parameters/markers"))
		params_set_markers(text);
	if (sysfs_read(text, sizeof(text), "module/vfio_pasid/parameters/guess"))
		options.guess_in_force = strdup(text);
}

/**
 * params_may_guess - Is a guess asked for, for this function?
 * @id: The function
 *
 * The kernel has a boolean there, or IDs.
 */
bool params_may_guess(const struct vfio_pasid_id *id)
{
	const char *in_force = options.guess_in_force;
	char text[16];

	if (options.guess || !in_force)
		return options.guess;
	if (*in_force == 'Y' || !strcmp(in_force, "1"))
		return true;
	snprintf(text, sizeof(text), "%04x:%04x", id->vendor, id->device);
	return strstr(in_force, text);
}
