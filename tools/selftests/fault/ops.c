// SPDX-License-Identifier: GPL-2.0
/*
 * Operations, and what judges each
 *
 * A judge leaves the device so that the next round can be prepared, and has had
 * a look at the next session, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "operation.h"

#define PARAMETERS	"/sys/module/vfio_pasid/parameters/"
#define PASID		PCI_EXT_CAP_ID_PASID
#define OTHER_RULE	"1b36:5002@0xe00+0x10"

/*
 * The module and its parameters
 */

static int load(void)
{
	return module_load(MODULE, PARAMS);
}

static const char *judge_load(int ret, bool failed)
{
	if (module_loaded(MODULE) != !ret)
		return "loaded with an error, or not without";
	if (!ret)
		return judge_attached(failed);
	if (count_files())
		return "files of a module that is not there";
	return opened(is_not_served) ? NULL : "not as before";
}

static int unload(void)
{
	return module_unload(MODULE);
}

static const char *judge_unload(int ret, bool failed)
{
	if (module_loaded(MODULE) != !!ret)
		return "there without an error, or not with one";
	if (ret)
		return judge_intact();
	if (count_files())
		return "files of a module that is not there";
	return opened(is_not_served) ? NULL : "not as before";
}

static int write_ranges(void)
{
	return sysfs_write(PARAMETERS "ranges", OTHER_RULE);
}

static const char *judge_ranges(int ret, bool failed)
{
	const char *now = sysfs_read(PARAMETERS "ranges");
	bool good = !strcmp(now, ret ? RULE : OTHER_RULE);

	if (sysfs_write(PARAMETERS "ranges", RULE))
		exit(1);
	return good ? judge_intact() : "ranges= has lied";
}

/*
 * The device, its driver and its files
 */

static int bind(void)
{
	return sysfs_write("/sys/bus/pci/drivers_probe", BDF);
}

static const char *judge_bind(int ret, bool failed)
{
	if (is_bound())
		return judge_attached(failed);
	if (count_files())
		return "files of an unbound device";
	pci_rebind(BDF, "vfio-pci");
	return judge_intact();
}

static int unbind(void)
{
	return pci_unbind(BDF);
}

static const char *judge_unbind(int ret, bool failed)
{
	if (is_bound() != (count_files() == NUM_FILES))
		return "files of an unbound device, or none of a bound one";
	if (is_bound())
		return judge_intact();
	pci_rebind(BDF, "vfio-pci");
	return judge_intact();
}

static uint16_t place_now(void)
{
	struct vfio_device_feature_pasid f = {};

	if (vfio_open(&dev, BDF) || feature_get(&dev, &f))
		f.offset = 1;
	vfio_close(&dev);
	return f.offset;
}

/* A range that was given and not withdrawn would make the next probe() fail */
static const char *judge_give(int ret, bool failed)
{
	if (is_bound() && place_now() != 0xe80 &&
	    !(failed && opened(is_not_served)))
		return "bound, and not with the driver's range";
	pci_rebind(BDF, SAMPLE);
	return place_now() == 0xe80 ? NULL : "the driver's range is lost";
}

static const char *judge_withdraw(int ret, bool failed)
{
	if (is_bound() && place_now() != 0xe80)
		return "bound, and not with the driver's range";
	pci_rebind(BDF, "vfio-pci");
	return !place_now() ? NULL : "a range was not withdrawn";
}

static int verify_file(void)
{
	return pci_attr(BDF, "vfio_pasid/verify", "1");
}

static const char *judge_verify(int ret, bool failed)
{
	return judge_intact();
}

/*
 * A session
 */

static int get_device(void)
{
	return vfio_get_device(&dev, BDF);
}

static int bind_cdev(void)
{
	return vfio_bind_cdev(&dev);
}

static const char *judge_open(int ret, bool failed)
{
	bool good = ret || is_served();

	vfio_close(&dev);
	return good ? judge_intact() : "opened, and not as it should be";
}

/* What a step that fails may say: not that the caller was wrong */
static bool is_possible(int ret)
{
	return !ret || ret == -EFAULT || ret == -ENOMEM;
}

/* Not to zero, so that bytes that did not come would be seen */
static int move(void)
{
	return pasid_set(&dev, VFIO_PASID_FLAG_VISIBLE, 0xf20);
}

static const char *judge_move(int ret, bool failed)
{
	bool good = is_possible(ret) &&
		    (ret ? is_served() : ext_find(&dev, PASID) == 0xf20);

	vfio_close(&dev);
	return good ? judge_intact() : "SET has lied";
}

/* Straddles the begin and the end of the capability */
static int write_bytes(void)
{
	uint8_t bytes[16];
	ssize_t ret;

	memset(bytes, 0xff, sizeof(bytes));
	ret = cfg_write(&dev, bytes, sizeof(bytes), 0xefc);
	return ret == sizeof(bytes) ? 0 : ret < 0 ? ret : -EIO;
}

static bool hardware_is_zero(void)
{
	uint64_t val;

	return pci_config(BDF, &val, 8, 0xf00) == 8 && !val;
}

/* An error may come after the first part, as in the core */
static const char *judge_write(int ret, bool failed)
{
	uint32_t cap = cfg_dword(&dev, 0xf04);
	uint8_t zero = 0;
	bool good = cap == (7U << 16 | 20 << 8 | 6) ||
		    (ret && cap == (20 << 8 | 6));

	cfg_write(&dev, &zero, 1, 0xf06);
	good = good && is_served() && hardware_is_zero();
	vfio_close(&dev);
	return good ? judge_intact() : "a write has gone astray";
}

static int close_device(void)
{
	return close(dev.fd) ? -errno : 0;
}

static const char *judge_close(int ret, bool failed)
{
	dev.fd = -1;
	vfio_close(&dev);
	return ret ? "not closed" : judge_intact();
}

/*
 * Which is which
 */

const struct operation op_load = { bound_only, load, judge_load };
const struct operation op_unload = { loaded_and_bound, unload, judge_unload };
const struct operation op_bind = { unbound, bind, judge_bind };
const struct operation op_unbind = { bound, unbind, judge_unbind };
const struct operation op_get_device_fd = { group_open, get_device, judge_open };
const struct operation op_bind_iommufd = { cdev_open, bind_cdev, judge_open };
const struct operation op_close = { device_open, close_device, judge_close };
const struct operation op_feature_set = { device_open, move, judge_move };
const struct operation op_write = { device_open, write_bytes, judge_write };
const struct operation op_ranges = { bound, write_ranges, judge_ranges };
const struct operation op_verify = { bound, verify_file, judge_verify };
const struct operation op_give = { sample_loaded, bind, judge_give };
const struct operation op_withdraw = { sample_bound, unbind, judge_withdraw };
