// SPDX-License-Identifier: GPL-2.0
/*
 * The administrator's rules and the device table (pure)
 *
 * A rule is one entry of the parameter ranges=, for one function or for all
 * functions with an ID. A table line is "free" or "live". A live line says where
 * known registers are. The decision checks rules and free lines against the
 * device.
 *
 * This file uses no device, lock or allocation: it builds in userspace, too. It
 * parses numbers digit by digit, since sscanf() of the kernel and of the C library
 * skip and accept different characters.
 */
#include <linux/string.h>
#include <linux/types.h>

#include "vfio_pasid_rules.h"

enum table_function {
	TABLE_ANY,
	TABLE_PF,
	TABLE_VF,
};

/* Values of struct table_line that match everything */
#define TABLE_ANY_ID	0xffff
#define TABLE_ANY_REV	0x100

struct table_line {
	u16 vendor;
	u16 device;
	u16 revision;
	u16 subvendor;
	u16 subdevice;
	u8 function;
	bool live;
	struct vfio_pasid_range range;
};

/* static const struct table_line table[], sorted by vendor and device */
#include "vfio_pasid_table.h"

#define TABLE_LINES	(sizeof(table) / sizeof(table[0]))

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;
	int value = found ? found - digits : -1;

	return value > 0xf ? value - 6 : value;
}

/* Parses one to @max digits, up to the first other character */
static bool take_hex(const char **text, unsigned int max, u32 *to)
{
	const char *start = *text;
	int digit;

	for (*to = 0; *text < start + max; ++*text) {
		digit = hex_digit(**text);
		if (digit < 0)
			break;
		*to = *to << 4 | digit;
	}
	return *text > start;
}

static bool take_text(const char **text, const char *expected)
{
	size_t len = strlen(expected);

	if (strncmp(*text, expected, len))
		return false;
	*text += len;
	return true;
}

static bool take_address(const char **text, struct vfio_pasid_rule *rule)
{
	u32 bus, dev, fn;

	if (!take_hex(text, 8, &rule->domain) || !take_text(text, ":") ||
	    !take_hex(text, 2, &bus) || !take_text(text, ":") ||
	    !take_hex(text, 2, &dev) || !take_text(text, ".") ||
	    !take_hex(text, 1, &fn) || dev > 0x1f || fn > 7)
		return false;
	rule->by_id = false;
	rule->bus = bus;
	rule->devfn = dev << 3 | fn;
	return true;
}

static bool take_id(const char **text, struct vfio_pasid_rule *rule)
{
	u32 vendor, device;

	if (!take_hex(text, 4, &vendor) || !take_text(text, ":") ||
	    !take_hex(text, 4, &device))
		return false;
	rule->by_id = true;
	rule->vendor = vendor;
	rule->device = device;
	return true;
}

/* "@0xf00+0x40", up to the end of the text */
static bool take_range(const char *text, struct vfio_pasid_range *range)
{
	u32 offset, length;

	if (!take_text(&text, "@0x") || !take_hex(&text, 3, &offset) ||
	    !take_text(&text, "+0x") || !take_hex(&text, 3, &length) || *text)
		return false;
	range->offset = offset;
	range->length = length;
	return true;
}

/**
 * vfio_pasid_rule_parse - Parse one entry of ranges=
 * @text: The entry, without its comma
 * @rule: Output. Its range is not checked, see vfio_pasid_range_check()
 *
 * Return: whether @text is an entry.
 */
bool vfio_pasid_rule_parse(const char *text, struct vfio_pasid_rule *rule)
{
	const char *address = text, *id = text;

	memset(rule, 0, sizeof(*rule));
	if (take_address(&address, rule))
		return take_range(address, &rule->range);
	return take_id(&id, rule) && take_range(id, &rule->range);
}

static bool rule_matches(const struct vfio_pasid_rule *rule,
			 const struct vfio_pasid_id *id)
{
	if (rule->by_id)
		return rule->vendor == id->vendor && rule->device == id->device;
	return rule->domain == id->domain && rule->bus == id->bus &&
	       rule->devfn == id->devfn;
}

static void add_candidate(struct vfio_pasid_candidate *to,
			  const struct vfio_pasid_range *range,
			  enum vfio_pasid_source source)
{
	*to = (struct vfio_pasid_candidate){
		.range = *range,
		.source = source,
	};
}

/**
 * vfio_pasid_rule_candidates - List the ranges that the administrator names
 * @rules: The rules
 * @num_rules: How many
 * @id: The function
 * @to: Output, space for VFIO_PASID_MAX_RULES_PER_DEVICE
 *
 * Rules for the address of the function come before rules for its ID.
 *
 * Return: the number of rules that match. @to has at most the first
 * VFIO_PASID_MAX_RULES_PER_DEVICE of them.
 */
unsigned int vfio_pasid_rule_candidates(const struct vfio_pasid_rule *rules,
					unsigned int num_rules,
					const struct vfio_pasid_id *id,
					struct vfio_pasid_candidate *to)
{
	unsigned int i, by_id, n = 0;

	for (by_id = 0; by_id <= 1; by_id++)
		for (i = 0; i < num_rules; i++) {
			if (rules[i].by_id != by_id ||
			    !rule_matches(&rules[i], id))
				continue;
			if (n < VFIO_PASID_MAX_RULES_PER_DEVICE)
				add_candidate(&to[n], &rules[i].range,
					      VFIO_PASID_SOURCE_ADMIN);
			n++;
		}
	return n;
}

/* Of a line for its vendor and device */
static bool line_matches(const struct table_line *line,
			 const struct vfio_pasid_id *id)
{
	if (line->revision != TABLE_ANY_REV && line->revision != id->revision)
		return false;
	if (line->subvendor != TABLE_ANY_ID &&
	    (line->subvendor != id->subvendor ||
	     line->subdevice != id->subdevice))
		return false;
	return line->function == TABLE_ANY ||
	       line->function == (id->is_virtfn ? TABLE_VF : TABLE_PF);
}

/* The first line that is for this device ID of a vendor, or behind it */
static unsigned int table_find(u16 vendor, u16 device)
{
	unsigned int low = 0, high = TABLE_LINES, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (table[middle].vendor < vendor ||
		    (table[middle].vendor == vendor && table[middle].device < device))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool line_is_for(const struct table_line *line, u16 vendor, u16 device)
{
	return line->vendor == vendor && line->device == device;
}

/* A vendor's lines for all devices come last. */
static unsigned int table_ranges(const struct vfio_pasid_id *id, bool live,
				 struct vfio_pasid_range *to, unsigned int max)
{
	const u16 devices[] = { id->device, TABLE_ANY_ID };
	unsigned int i, d, n = 0;

	for (d = 0; d < 2; d++)
		for (i = table_find(id->vendor, devices[d]);
		     i < TABLE_LINES && n < max &&
		     line_is_for(&table[i], id->vendor, devices[d]); i++)
			if (table[i].live == live && line_matches(&table[i], id))
				to[n++] = table[i].range;
	return n;
}

/**
 * vfio_pasid_table_candidates - List the ranges that the table names
 * @id: The function
 * @to: Output
 * @max: Size of @to
 *
 * Return: the number of ranges.
 */
unsigned int vfio_pasid_table_candidates(const struct vfio_pasid_id *id,
					 struct vfio_pasid_candidate *to,
					 unsigned int max)
{
	struct vfio_pasid_range ranges[VFIO_PASID_MAX_CANDIDATES];
	unsigned int i, n;

	n = table_ranges(id, false, ranges, max < VFIO_PASID_MAX_CANDIDATES ?
					    max : VFIO_PASID_MAX_CANDIDATES);
	for (i = 0; i < n; i++)
		add_candidate(&to[i], &ranges[i], VFIO_PASID_SOURCE_TABLE);
	return n;
}

/**
 * vfio_pasid_table_live - List the ranges with known registers
 * @id: The function
 * @to: Output, space for VFIO_PASID_MAX_LIVE
 *
 * Return: the number of ranges.
 */
unsigned int vfio_pasid_table_live(const struct vfio_pasid_id *id,
				   struct vfio_pasid_range *to)
{
	return table_ranges(id, true, to, VFIO_PASID_MAX_LIVE);
}
