// SPDX-License-Identifier: GPL-2.0
/*
 * The ranges that administrator, variant drivers and device table name
 *
 * vfio_pasid_rules.c defines rules and table lines, and finds those for a
 * function. A given range is one that a variant driver has given for its pci_dev.
 *
 * Locking: rules_mutex guards the rules, the given ranges and their generation. No
 * other lock is taken under it. The table is constant.
 *
 * A given range has a pointer to its pci_dev without a reference. This file
 * compares the pointer and never follows it. The range is dropped when the driver
 * withdraws it, or when the pci_dev is removed.
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

#define MAX_RULE_TEXT	64
#define MAX_GIVEN_PER_DEVICE	4

/* struct given_range - A range that a variant driver gave */
struct given_range {
	struct list_head node;
	const struct pci_dev *pdev;
	struct vfio_pasid_range range;
};

static DEFINE_MUTEX(rules_mutex);
static LIST_HEAD(given_ranges);
static struct vfio_pasid_rule rules[VFIO_PASID_MAX_RULES];
static unsigned int num_rules;
static unsigned int rules_generation;

static struct vfio_pasid_id id_of(struct pci_dev *pdev)
{
	return (struct vfio_pasid_id){
		.domain = pci_domain_nr(pdev->bus),
		.bus = pdev->bus->number,
		.devfn = pdev->devfn,
		.vendor = pdev->vendor,
		.device = pdev->device,
		.revision = pdev->revision,
		.subvendor = pdev->subsystem_vendor,
		.subdevice = pdev->subsystem_device,
		.is_virtfn = pdev->is_virtfn,
	};
}

static unsigned int add_rules(struct pci_dev *pdev,
			      const struct vfio_pasid_id *id,
			      struct vfio_pasid_candidate *to)
{
	unsigned int n;

	lockdep_assert_held(&rules_mutex);

	n = vfio_pasid_rule_candidates(rules, num_rules, id, to);
	if (n <= VFIO_PASID_MAX_RULES_PER_DEVICE)
		return n;
	dev_warn_ratelimited(&pdev->dev, "more than %d ranges for one function, the rest is not used; shorten ranges=\n",
			     VFIO_PASID_MAX_RULES_PER_DEVICE);
	return VFIO_PASID_MAX_RULES_PER_DEVICE;
}

static unsigned int add_given(struct pci_dev *pdev,
			      struct vfio_pasid_candidate *to)
{
	struct given_range *given;
	unsigned int n = 0;

	lockdep_assert_held(&rules_mutex);

	list_for_each_entry(given, &given_ranges, node)
		if (given->pdev == pdev)
			to[n++] = (struct vfio_pasid_candidate){
				.range = given->range,
				.source = VFIO_PASID_SOURCE_DRIVER,
			};
	return n;
}

/**
 * vfio_pasid_quirks_candidates - List all ranges that are named for a function
 * @pdev: The function
 * @to: Output, space for VFIO_PASID_MAX_CANDIDATES
 *
 * Return: the number of ranges.
 */
unsigned int vfio_pasid_quirks_candidates(struct pci_dev *pdev,
					  struct vfio_pasid_candidate *to)
{
	struct vfio_pasid_id id = id_of(pdev);
	unsigned int n;

	mutex_lock(&rules_mutex);
	n = add_rules(pdev, &id, to);
	n += add_given(pdev, to + n);
	mutex_unlock(&rules_mutex);
	return n + vfio_pasid_table_candidates(&id, to + n,
					       VFIO_PASID_MAX_CANDIDATES - n);
}

/**
 * vfio_pasid_quirks_live - List the ranges of a function with known registers
 * @pdev: The function
 * @to: Output, space for VFIO_PASID_MAX_LIVE
 *
 * Return: the number of ranges.
 */
unsigned int vfio_pasid_quirks_live(struct pci_dev *pdev,
				    struct vfio_pasid_range *to)
{
	struct vfio_pasid_id id = id_of(pdev);

	return vfio_pasid_table_live(&id, to);
}

/**
 * vfio_pasid_quirks_generation - Get the number of changes of the rules
 *
 * A decision of another generation is out of date. Removal of a pci_dev needs no
 * new generation: its decision is gone with its driver.
 */
unsigned int vfio_pasid_quirks_generation(void)
{
	return READ_ONCE(rules_generation);
}

/* Makes all earlier decisions out of date. */
static void new_generation(void)
{
	lockdep_assert_held(&rules_mutex);

	WRITE_ONCE(rules_generation, rules_generation + 1);
}

/**
 * vfio_pasid_quirks_changed - Count a change of rules outside of this file
 */
void vfio_pasid_quirks_changed(void)
{
	mutex_lock(&rules_mutex);
	new_generation();
	mutex_unlock(&rules_mutex);
}

static struct given_range *find_given(const struct pci_dev *pdev, u16 offset,
				      unsigned int *others)
{
	struct given_range *given, *found = NULL;

	lockdep_assert_held(&rules_mutex);

	*others = 0;
	list_for_each_entry(given, &given_ranges, node) {
		if (given->pdev != pdev)
			continue;
		if (given->range.offset == offset)
			found = given;
		else
			++*others;
	}
	return found;
}

/* See include/linux/vfio_pasid.h */
int vfio_pasid_give_range(struct pci_dev *pdev, u16 offset, u16 length)
{
	struct given_range *given = kzalloc(sizeof(*given), GFP_KERNEL);
	unsigned int others;
	int ret = -EINVAL;

	if (!given)
		return -ENOMEM;
	given->pdev = pdev;
	given->range.offset = offset;
	given->range.length = length;

	mutex_lock(&rules_mutex);
	if (!vfio_pasid_range_check(&given->range, VFIO_PASID_CFG_SIZE))
		ret = find_given(pdev, offset, &others) ? -EEXIST :
		      others == MAX_GIVEN_PER_DEVICE ? -ENOSPC : 0;
	if (!ret) {
		list_add_tail(&given->node, &given_ranges);
		new_generation();
		given = NULL;
	}
	mutex_unlock(&rules_mutex);
	kfree(given);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_pasid_give_range);

/* See include/linux/vfio_pasid.h */
int vfio_pasid_withdraw_range(struct pci_dev *pdev, u16 offset)
{
	unsigned int others;
	struct given_range *given;

	mutex_lock(&rules_mutex);
	given = find_given(pdev, offset, &others);
	if (given) {
		list_del(&given->node);
		new_generation();
	}
	mutex_unlock(&rules_mutex);
	if (!given)
		return -ENOENT;
	kfree(given);
	return 0;
}
EXPORT_SYMBOL_GPL(vfio_pasid_withdraw_range);

static void drop_given(const struct pci_dev *pdev)
{
	struct given_range *given, *next;

	mutex_lock(&rules_mutex);
	list_for_each_entry_safe(given, next, &given_ranges, node) {
		if (pdev && given->pdev != pdev)
			continue;
		list_del(&given->node);
		kfree(given);
	}
	mutex_unlock(&rules_mutex);
}

/**
 * vfio_pasid_quirks_forget - Drop the given ranges of a removed function
 * @pdev: The function, whose address may be used again
 */
void vfio_pasid_quirks_forget(struct pci_dev *pdev)
{
	drop_given(pdev);
}

/**
 * vfio_pasid_quirks_exit - Drop all given ranges
 */
void vfio_pasid_quirks_exit(void)
{
	drop_given(NULL);
}

static int parse_rule(const char *text, size_t len, struct vfio_pasid_rule *rule)
{
	char copy[MAX_RULE_TEXT] = "";
	enum vfio_pasid_reason reason;

	if (len < sizeof(copy))
		memcpy(copy, text, len);
	if (!vfio_pasid_rule_parse(copy, rule)) {
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

static int parse_rules(const char *text, struct vfio_pasid_rule *to, unsigned int *n)
{
	size_t len, rest = strlen(text);
	int ret;

	/* echo appends a newline. An empty string clears the rules */
	if (rest && text[rest - 1] == '\n')
		rest--;

	for (*n = 0; rest; (*n)++) {
		if (*n == VFIO_PASID_MAX_RULES) {
			pr_err("ranges: more than %d entries, nothing is changed; name devices by <vendor:device>\n",
			       VFIO_PASID_MAX_RULES);
			return -E2BIG;
		}
		len = min(rest, strcspn(text, ","));
		ret = parse_rule(text, len, &to[*n]);
		if (ret)
			return ret;
		/* A comma at the end is followed by an empty entry */
		if (len < rest && ++len == rest)
			return parse_rule("", 0, &to[*n]);
		text += len;
		rest -= len;
	}
	return 0;
}

/* Replaces the rules only if all entries are valid. */
static int ranges_set(const char *val, const struct kernel_param *kp)
{
	static struct vfio_pasid_rule parsed[VFIO_PASID_MAX_RULES];
	unsigned int n;
	int ret;

	mutex_lock(&rules_mutex);
	ret = parse_rules(val, parsed, &n);
	if (!ret) {
		memcpy(rules, parsed, sizeof(rules));
		num_rules = n;
		new_generation();
	}
	mutex_unlock(&rules_mutex);
	return ret;
}

static int print_rule(char *to, int size, const struct vfio_pasid_rule *rule)
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
