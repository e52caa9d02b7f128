// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges that somebody names: administrator, variant driver, device table
 *
 * A rule or a table line is a claim. Whether a device agrees is found out
 * elsewhere, with the device at hand.
 *
 * Terms: a rule is one entry of the parameter ranges=, for one function or for
 * all functions with an ID. A gift is a range that a variant driver gave for its
 * pci_dev. A table line is "free" or "live"; live lines say
 * where registers are known to be.
 *
 * Locking: rules_mutex guards rules, gifts and their generation, and nests
 * inside of everything else. The table is constant.
 *
 * A gift names its pci_dev by address only, which is compared and never
 * followed; it ends when it is withdrawn, or when the pci_dev is removed.
 */
#define pr_fmt(fmt) "vfio-pasid: " fmt
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vfio_pasid.h>

#include "vfio_pasid.h"

/* A page holds as many of the longest, so what is in force can be read back */
#define MAX_RULES	128
#define MAX_RULE_TEXT	64
/* These leave room among the candidates for what the table says */
#define MAX_RULES_PER_DEVICE	8
#define MAX_GIFTS_PER_DEVICE	4

/*
 * struct rule - One entry of ranges=
 * @by_id: For @vendor:@device, else for @domain:@bus:@devfn
 */
struct rule {
	bool by_id;
	u16 vendor;
	u16 device;
	u32 domain;
	u8 bus;
	u8 devfn;
	struct vfio_pasid_range range;
};

/* struct gift - A range that a variant driver gave */
struct gift {
	struct list_head node;
	const struct pci_dev *pdev;
	struct vfio_pasid_range range;
};

static DEFINE_MUTEX(rules_mutex);
static LIST_HEAD(gifts);
static struct rule rules[MAX_RULES];
static unsigned int num_rules;
static unsigned int rules_generation;

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

static bool rule_matches(const struct rule *rule, struct pci_dev *pdev)
{
	if (rule->by_id)
		return rule->vendor == pdev->vendor &&
		       rule->device == pdev->device;
	return rule->domain == pci_domain_nr(pdev->bus) &&
	       rule->bus == pdev->bus->number && rule->devfn == pdev->devfn;
}

static bool line_matches(const struct table_line *line, struct pci_dev *pdev)
{
	if (line->vendor != pdev->vendor)
		return false;
	if (line->device != TABLE_ANY_ID && line->device != pdev->device)
		return false;
	if (line->revision != TABLE_ANY_REV && line->revision != pdev->revision)
		return false;
	if (line->subvendor != TABLE_ANY_ID &&
	    (line->subvendor != pdev->subsystem_vendor ||
	     line->subdevice != pdev->subsystem_device))
		return false;
	return line->function == TABLE_ANY ||
	       line->function == (pdev->is_virtfn ? TABLE_VF : TABLE_PF);
}

static void add_candidate(struct vfio_pasid_candidate *to, unsigned int *n,
			  const struct vfio_pasid_range *range,
			  enum vfio_pasid_source source)
{
	to[(*n)++] = (struct vfio_pasid_candidate){
		.range = *range,
		.source = source,
	};
}

/* Rules for this very function come before rules for its ID. */
static void add_rules(struct pci_dev *pdev, struct vfio_pasid_candidate *to,
		      unsigned int *n, bool by_id)
{
	unsigned int i;

	lockdep_assert_held(&rules_mutex);

	for (i = 0; i < num_rules; i++) {
		if (rules[i].by_id != by_id || !rule_matches(&rules[i], pdev))
			continue;
		if (*n == MAX_RULES_PER_DEVICE) {
			dev_warn_ratelimited(&pdev->dev, "more than %d ranges for one function, the rest is not used; shorten ranges=\n",
					     MAX_RULES_PER_DEVICE);
			return;
		}
		add_candidate(to, n, &rules[i].range, VFIO_PASID_SOURCE_ADMIN);
	}
}

static void add_gifts(struct pci_dev *pdev, struct vfio_pasid_candidate *to,
		      unsigned int *n)
{
	struct gift *gift;

	lockdep_assert_held(&rules_mutex);

	list_for_each_entry(gift, &gifts, node)
		if (gift->pdev == pdev)
			add_candidate(to, n, &gift->range,
				      VFIO_PASID_SOURCE_DRIVER);
}

/**
 * vfio_pasid_quirks_candidates - All ranges that are named for a function
 * @pdev: The function
 * @to: Output, room for VFIO_PASID_MAX_CANDIDATES
 *
 * Return: how many there are.
 */
unsigned int vfio_pasid_quirks_candidates(struct pci_dev *pdev,
					  struct vfio_pasid_candidate *to)
{
	unsigned int i, n = 0;

	mutex_lock(&rules_mutex);
	add_rules(pdev, to, &n, false);
	add_rules(pdev, to, &n, true);
	add_gifts(pdev, to, &n);
	mutex_unlock(&rules_mutex);

	for (i = 0; i < ARRAY_SIZE(table) && n < VFIO_PASID_MAX_CANDIDATES; i++)
		if (!table[i].live && line_matches(&table[i], pdev))
			add_candidate(to, &n, &table[i].range,
				      VFIO_PASID_SOURCE_TABLE);
	return n;
}

/**
 * vfio_pasid_quirks_live - Where a function is known to have registers
 * @pdev: The function
 * @to: Output, room for VFIO_PASID_MAX_LIVE
 *
 * Return: how many ranges there are.
 */
unsigned int vfio_pasid_quirks_live(struct pci_dev *pdev,
				    struct vfio_pasid_range *to)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(table) && n < VFIO_PASID_MAX_LIVE; i++)
		if (table[i].live && line_matches(&table[i], pdev))
			to[n++] = table[i].range;
	return n;
}

/**
 * vfio_pasid_quirks_generation - Number of times that the rules changed
 *
 * A decision that was made under another generation is out of date.
 */
unsigned int vfio_pasid_quirks_generation(void)
{
	return READ_ONCE(rules_generation);
}

/* A decision that was made before is out of date. */
static void new_generation(void)
{
	lockdep_assert_held(&rules_mutex);

	WRITE_ONCE(rules_generation, rules_generation + 1);
}

/**
 * vfio_pasid_quirks_changed - Another rule than those of this file has changed
 */
void vfio_pasid_quirks_changed(void)
{
	mutex_lock(&rules_mutex);
	new_generation();
	mutex_unlock(&rules_mutex);
}

static struct gift *find_gift(const struct pci_dev *pdev, u16 offset,
			      unsigned int *others)
{
	struct gift *gift, *found = NULL;

	lockdep_assert_held(&rules_mutex);

	*others = 0;
	list_for_each_entry(gift, &gifts, node) {
		if (gift->pdev != pdev)
			continue;
		if (gift->range.offset == offset)
			found = gift;
		else
			++*others;
	}
	return found;
}

/* See include/linux/vfio_pasid.h */
int vfio_pasid_give_range(struct pci_dev *pdev, u16 offset, u16 length)
{
	struct gift *gift = kzalloc(sizeof(*gift), GFP_KERNEL);
	unsigned int others;
	int ret = -EINVAL;

	if (!gift)
		return -ENOMEM;
	gift->pdev = pdev;
	gift->range.offset = offset;
	gift->range.length = length;

	mutex_lock(&rules_mutex);
	if (!vfio_pasid_range_check(&gift->range, VFIO_PASID_CFG_SIZE))
		ret = find_gift(pdev, offset, &others) ? -EEXIST :
		      others == MAX_GIFTS_PER_DEVICE ? -ENOSPC : 0;
	if (!ret) {
		list_add_tail(&gift->node, &gifts);
		new_generation();
		gift = NULL;
	}
	mutex_unlock(&rules_mutex);
	kfree(gift);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_pasid_give_range);

/* See include/linux/vfio_pasid.h */
int vfio_pasid_withdraw_range(struct pci_dev *pdev, u16 offset)
{
	unsigned int others;
	struct gift *gift;

	mutex_lock(&rules_mutex);
	gift = find_gift(pdev, offset, &others);
	if (gift) {
		list_del(&gift->node);
		new_generation();
	}
	mutex_unlock(&rules_mutex);
	if (!gift)
		return -ENOENT;
	kfree(gift);
	return 0;
}
EXPORT_SYMBOL_GPL(vfio_pasid_withdraw_range);

static void drop_gifts(const struct pci_dev *pdev)
{
	struct gift *gift, *next;

	mutex_lock(&rules_mutex);
	list_for_each_entry_safe(gift, next, &gifts, node) {
		if (pdev && gift->pdev != pdev)
			continue;
		list_del(&gift->node);
		kfree(gift);
	}
	mutex_unlock(&rules_mutex);
}

/**
 * vfio_pasid_quirks_forget - A function is gone, and its address may come back
 * @pdev: The function
 */
void vfio_pasid_quirks_forget(struct pci_dev *pdev)
{
	drop_gifts(pdev);
}

/**
 * vfio_pasid_quirks_exit - Free what variant drivers gave
 */
void vfio_pasid_quirks_exit(void)
{
	drop_gifts(NULL);
}

static bool parse_address(const char *text, struct rule *rule, int *end)
{
	unsigned int domain, bus, dev, fn;

	if (sscanf(text, "%8x:%2x:%2x.%1x%n", &domain, &bus, &dev, &fn,
		   end) != 4 || dev > 0x1f || fn > 7)
		return false;
	rule->by_id = false;
	rule->domain = domain;
	rule->bus = bus;
	rule->devfn = PCI_DEVFN(dev, fn);
	return true;
}

static bool parse_id(const char *text, struct rule *rule, int *end)
{
	unsigned int vendor, device;

	if (sscanf(text, "%4x:%4x%n", &vendor, &device, end) != 2)
		return false;
	rule->by_id = true;
	rule->vendor = vendor;
	rule->device = device;
	return true;
}

/* "0xf00+0x40", up to the end of the text */
static bool parse_range(const char *text, struct vfio_pasid_range *range)
{
	unsigned int offset, length;
	int end = 0;

	if (sscanf(text, "0x%3x+0x%3x%n", &offset, &length, &end) != 2 ||
	    text[end])
		return false;
	range->offset = offset;
	range->length = length;
	return true;
}

/*
 * sscanf() skips white space in front of a number, and takes 0x for a part of
 * any, or for all of it. Two of these belong to the range.
 */
static bool is_plain(const char *text)
{
	const char *x = strchr(text, 'x');

	if (text[strspn(text, "0123456789abcdefABCDEF:.@+x")])
		return false;
	x = x ? strchr(x + 1, 'x') : NULL;
	return x && !strchr(x + 1, 'x');
}

static bool parse_rule(const char *text, struct rule *rule)
{
	int end = 0;

	if (!is_plain(text))
		return false;
	if (!parse_address(text, rule, &end) && !parse_id(text, rule, &end))
		return false;
	return text[end] == '@' && parse_range(text + end + 1, &rule->range);
}

static int take_rule(const char *text, size_t len, struct rule *rule)
{
	char copy[MAX_RULE_TEXT] = "";
	enum vfio_pasid_reason reason;

	if (len < sizeof(copy))
		memcpy(copy, text, len);
	if (!parse_rule(copy, rule)) {
		pr_err("ranges: \"%.*s\" is not understood, nothing is changed; write <domain:bus:dev.fn>@0x<offset>+0x<length> or <vendor:device>@0x<offset>+0x<length>, all hexadecimal, separated by commas\n",
		       (int)len, text);
		return -EINVAL;
	}
	reason = vfio_pasid_range_check(&rule->range, VFIO_PASID_CFG_SIZE);
	if (reason) {
		pr_err("ranges: \"%.*s\" refused, nothing is changed: %s; give a range inside of 0x100 to 0xfff\n",
		       (int)len, text, vfio_pasid_reason_text(reason));
		return -EINVAL;
	}
	return 0;
}

static int take_rules(const char *text, struct rule *to, unsigned int *n)
{
	size_t len, rest = strlen(text);
	int ret;

	/* echo ends its line; an empty string clears the rules */
	if (rest && text[rest - 1] == '\n')
		rest--;

	for (*n = 0; rest; (*n)++) {
		if (*n == MAX_RULES) {
			pr_err("ranges: more than %d entries, nothing is changed; name devices by <vendor:device>\n",
			       MAX_RULES);
			return -E2BIG;
		}
		len = min(rest, strcspn(text, ","));
		ret = take_rule(text, len, &to[*n]);
		if (ret)
			return ret;
		/* A comma at the very end leaves an empty entry: refused above */
		if (len < rest && ++len == rest)
			return take_rule("", 0, &to[*n]);
		text += len;
		rest -= len;
	}
	return 0;
}

/* All or nothing: the rules in force change when the last entry is good. */
static int ranges_set(const char *val, const struct kernel_param *kp)
{
	static struct rule taken[MAX_RULES];
	unsigned int n;
	int ret;

	mutex_lock(&rules_mutex);
	ret = take_rules(val, taken, &n);
	if (!ret) {
		memcpy(rules, taken, sizeof(rules));
		num_rules = n;
		new_generation();
	}
	mutex_unlock(&rules_mutex);
	return ret;
}

static int print_rule(char *to, int size, const struct rule *rule)
{
	int n;

	if (rule->by_id)
		n = scnprintf(to, size, "%04x:%04x", rule->vendor, rule->device);
	else
		n = scnprintf(to, size, "%04x:%02x:%02x.%x", rule->domain,
			      rule->bus, PCI_SLOT(rule->devfn),
			      PCI_FUNC(rule->devfn));
	return n + scnprintf(to + n, size - n, "@%#x+%#x", rule->range.offset,
			     rule->range.length);
}

static int ranges_get(char *to, const struct kernel_param *kp)
{
	unsigned int i;
	int n = 0;

	mutex_lock(&rules_mutex);
	for (i = 0; i < num_rules; i++) {
		if (i)
			n += scnprintf(to + n, PAGE_SIZE - n, ",");
		n += print_rule(to + n, PAGE_SIZE - n, &rules[i]);
	}
	mutex_unlock(&rules_mutex);
	return n + scnprintf(to + n, PAGE_SIZE - n, "\n");
}

static const struct kernel_param_ops ranges_ops = {
	.set = ranges_set,
	.get = ranges_get,
};

module_param_cb(ranges, &ranges_ops, NULL, 0644);
MODULE_PARM_DESC(ranges, "Unused config space, comma separated: <domain:bus:dev.fn>@0x<offset>+0x<length> or <vendor:device>@0x<offset>+0x<length>, all hexadecimal");
