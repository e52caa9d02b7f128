// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter guess=: the functions that may get a guessed place
 *
 * Locking: guess_mutex guards the setting. No other lock is taken under it.
 */
#define pr_fmt(fmt) "vfio-pasid: " fmt

#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "vfio_pasid.h"

/* So many fit into a page, so that a read returns all of them */
#define MAX_IDS		128
#define ID_LENGTH	9

/**
 * struct setting - Value of guess=
 * @all: Guess for every function
 * @num_ids: Number of @ids, 0 with @all
 * @ids: Guess for functions with this vendor (upper half) and device (lower half)
 */
struct setting {
	bool all;
	unsigned int num_ids;
	u32 ids[MAX_IDS];
};

static DEFINE_MUTEX(guess_mutex);
static struct setting setting;

/**
 * vfio_pasid_guess_allowed - Check whether guess= allows a guess for a function
 * @pdev: The function
 */
bool vfio_pasid_guess_allowed(const struct pci_dev *pdev)
{
	u32 id = (u32)pdev->vendor << 16 | pdev->device;
	unsigned int i;
	bool found;

	mutex_lock(&guess_mutex);
	found = setting.all;
	for (i = 0; i < setting.num_ids && !found; i++)
		found = setting.ids[i] == id;
	mutex_unlock(&guess_mutex);
	return found;
}

/* Four hexadecimal digits each, as lspci prints them */
static bool parse_id(const char *text, size_t len, u32 *id)
{
	unsigned int vendor, device;
	char copy[ID_LENGTH + 1] = "";
	int end = 0;

	if (len != ID_LENGTH)
		return false;
	memcpy(copy, text, len);
	/* sscanf() skips white space, and accepts 0x in front of a number */
	if (copy[strspn(copy, "0123456789abcdefABCDEF:")] ||
	    sscanf(copy, "%4x:%4x%n", &vendor, &device, &end) != 2 ||
	    end != ID_LENGTH)
		return false;
	*id = vendor << 16 | device;
	return true;
}

static bool parse_ids(const char *text, size_t rest, struct setting *to)
{
	size_t len;

	for (;;) {
		len = min(rest, strcspn(text, ","));
		if (to->num_ids == MAX_IDS ||
		    !parse_id(text, len, &to->ids[to->num_ids++]))
			return false;
		if (len == rest)
			return true;
		text += len + 1;
		rest -= len + 1;
	}
}

static bool parse_setting(const char *text, size_t len, struct setting *to)
{
	to->all = len == 1 && *text == '1';
	to->num_ids = 0;
	return to->all || (len == 1 && *text == '0') ||
	       parse_ids(text, len, to);
}

/* Changes the setting only if all IDs are valid. */
static int guess_set(const char *val, const struct kernel_param *kp)
{
	static struct setting parsed;
	size_t len = strlen(val);
	int ret = 0;

	/* echo appends a newline */
	if (len && val[len - 1] == '\n')
		len--;
	mutex_lock(&guess_mutex);
	if (parse_setting(val, len, &parsed))
		setting = parsed;
	else
		ret = -EINVAL;
	mutex_unlock(&guess_mutex);
	if (!ret)
		vfio_pasid_quirks_changed();
	else
		pr_err("guess: \"%.*s\" is not understood, nothing is changed; write 1 (for every device), 0 (for none), or at most %d times <vendor:device>, both with four hexadecimal digits, separated by commas\n",
		       (int)len, val, MAX_IDS);
	return ret;
}

static int guess_get(char *to, const struct kernel_param *kp)
{
	unsigned int i;
	int n = 0;

	mutex_lock(&guess_mutex);
	if (!setting.num_ids)
		n = sysfs_emit(to, "%d", setting.all);
	for (i = 0; i < setting.num_ids; i++)
		n += sysfs_emit_at(to, n, "%s%04x:%04x", i ? "," : "",
				   setting.ids[i] >> 16, setting.ids[i] & 0xffff);
	mutex_unlock(&guess_mutex);
	return n + sysfs_emit_at(to, n, "\n");
}

static const struct kernel_param_ops guess_ops = {
	.set = guess_set,
	.get = guess_get,
};

module_param_cb(guess, &guess_ops, NULL, 0644);
MODULE_PARM_DESC(guess, "If no source names a place, use the highest bytes that look unused: 1 for every device, 0 for none (default), or for <vendor:device>, hexadecimal, comma separated");
