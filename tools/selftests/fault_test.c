// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation and each user copy of an operation fails once
 *
 * A round repeats an operation with the n-th one failing, n = 1, 2, ... until
 * it needs fewer. After each: an error came back and nothing has changed, or all
 * has, or (if it was attaching to the device that failed, which the log tells)
 * the device is served as without vfio-pasid. There is nothing in between.
 *
 * The operations are on a VF of the segment, which opens fast.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "fault.h"
#include "lib.h"

#define SAMPLE		"vfio_pasid_sample"
#define PARAMETERS	"/sys/module/vfio_pasid/parameters/"
#define PASID		PCI_EXT_CAP_ID_PASID
#define BDF		"0010:00:02.0"
#define SLOT		"00:02.0"
#define RULE		"1b36:5002@0xf00+0x40"
#define OTHER_RULE	"1b36:5002@0xe00+0x10"
#define PARAMS		"visible=on ranges=" RULE
#define NUM_FILES	9

static uint8_t without[CFG_SIZE], with[CFG_SIZE];
static struct vfio_dev dev;
static uint8_t bytes[16];

/*
 * States
 */

static unsigned int count_files(void)
{
	DIR *dir = opendir("/sys/bus/pci/devices/" BDF "/vfio_pasid");
	struct dirent *entry;
	unsigned int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

static bool is_bound(void)
{
	return !access("/sys/bus/pci/devices/" BDF "/driver", F_OK);
}

static bool looks_like(const uint8_t *image)
{
	uint8_t now[CFG_SIZE];

	return cfg_read(&dev, now, CFG_SIZE, 0) == CFG_SIZE &&
	       !memcmp(now, image, CFG_SIZE);
}

/* The open session is one with the capability, as it should be */
static bool is_served(void)
{
	struct vfio_device_feature_pasid f;

	return looks_like(with) && !feature_get(&dev, &f) &&
	       f.flags & VFIO_PASID_FLAG_VISIBLE && f.offset == 0xf00;
}

static bool is_not_served(void)
{
	struct vfio_device_feature_pasid f;

	return looks_like(without) && feature_get(&dev, &f) == -ENOTTY;
}

static bool opened(bool (*is)(void))
{
	bool yes = !vfio_open(&dev, BDF) && is();

	vfio_close(&dev);
	return yes;
}

/* All the files, or none: their directory is made as a whole */
static const char *judge_attached(bool failed)
{
	unsigned int files = count_files();

	if (opened(is_served))
		return files == NUM_FILES || (failed && !files) ?
		       NULL : "served with some of the files";
	if (!failed)
		return "not served";
	if (!opened(is_not_served))
		return "neither with nor without";
	return files ? "files of a device that is not served" : NULL;
}

static const char *judge_intact(void)
{
	return opened(is_served) && count_files() == NUM_FILES ? NULL :
	       "the next open is not as it should be";
}

/*
 * Operations: @prepare before a round, @action in it, @judge after it, with the
 * action's result and whether one was made to fail
 */

static void loaded_and_bound(void)
{
	module_unload(SAMPLE);
	module_reload(MODULE, PARAMS);
	pci_rebind(BDF, "vfio-pci");
}

static void bound_only(void)
{
	if (!is_bound())
		pci_rebind(BDF, "vfio-pci");
	if (module_loaded(MODULE) && module_unload(MODULE))
		exit(1);
}

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

static void unbound(void)
{
	if (!module_loaded(MODULE))
		module_reload(MODULE, PARAMS);
	pci_unbind(BDF);
	if (pci_attr(BDF, "driver_override", "vfio-pci"))
		exit(1);
}

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

static void bound(void)
{
	if (!module_loaded(MODULE))
		module_reload(MODULE, PARAMS);
	if (!is_bound() || count_files() != NUM_FILES)
		pci_rebind(BDF, "vfio-pci");
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

static void group_open(void)
{
	bound();
	if (vfio_open_group(&dev, BDF))
		exit(1);
}

static int get_device(void)
{
	return vfio_get_device(&dev, BDF);
}

static void cdev_open(void)
{
	bound();
	if (vfio_open_cdev_file(&dev, BDF))
		exit(1);
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

static void device_open(void)
{
	bound();
	if (vfio_open(&dev, BDF) || segment_soften(SLOT, 0xf00, 8))
		exit(1);
}

static int ask(uint32_t flags, void *data, size_t size)
{
	return feature(&dev, flags, sizeof(struct vfio_device_feature) + size,
		       data);
}

static int get(void)
{
	struct vfio_device_feature_pasid f;

	return ask(VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PASID, &f,
		   sizeof(f));
}

static int get_ranges(void)
{
	struct vfio_device_feature_pasid_ranges f;

	return ask(VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PASID_RANGES,
		   &f, sizeof(f));
}

static int probe_feature(void)
{
	return ask(VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET |
		   VFIO_DEVICE_FEATURE_PASID, NULL, 0);
}

static int read_bytes(void)
{
	ssize_t ret = cfg_read(&dev, bytes, sizeof(bytes), 0xefc);

	return ret == sizeof(bytes) ? memcmp(bytes, with + 0xefc, sizeof(bytes)) :
	       ret;
}

/* What only looks; the session and the next one do not notice */
static const char *judge_look(int ret, bool failed)
{
	bool good = (!ret || ret == -EFAULT || ret == -ENOMEM) && is_served();

	vfio_close(&dev);
	return good ? judge_intact() : "the session has changed";
}

static int hide(void)
{
	struct vfio_device_feature_pasid f = {};

	return ask(VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PASID, &f,
		   sizeof(f));
}

static const char *judge_hide(int ret, bool failed)
{
	bool good = ret ? is_served() : !ext_find(&dev, PASID);

	vfio_close(&dev);
	return good ? judge_intact() : "SET has lied";
}

/* Straddles the begin and the end of the capability */
static int write_bytes(void)
{
	ssize_t ret;

	memset(bytes, 0xff, sizeof(bytes));
	ret = cfg_write(&dev, bytes, sizeof(bytes), 0xefc);
	return ret == sizeof(bytes) ? 0 : ret < 0 ? ret : -EIO;
}

static bool hardware_is_zero(void)
{
	int fd = open("/sys/bus/pci/devices/" BDF "/config", O_RDONLY | O_CLOEXEC);
	uint64_t val = ~0ULL;

	if (pread(fd, &val, sizeof(val), 0xf00) != sizeof(val))
		val = ~0ULL;
	close(fd);
	return !val;
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

static int write_ranges(void)
{
	return sysfs_write(PARAMETERS "ranges", OTHER_RULE);
}

static const char *file_of(const char *path)
{
	static char text[256];
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	return text;
}

static const char *judge_ranges(int ret, bool failed)
{
	const char *now = file_of(PARAMETERS "ranges");
	bool good = !strcmp(now, ret ? RULE : OTHER_RULE);

	if (sysfs_write(PARAMETERS "ranges", RULE))
		exit(1);
	return good ? judge_intact() : "ranges= has lied";
}

static int write_visible(void)
{
	return sysfs_write(PARAMETERS "visible", "off");
}

static const char *judge_visible(int ret, bool failed)
{
	bool good = !strcmp(file_of(PARAMETERS "visible"), ret ? "on" : "off");

	if (sysfs_write(PARAMETERS "visible", "on"))
		exit(1);
	return good ? judge_intact() : "visible= has lied";
}

static int probe_file(void)
{
	return pci_attr(BDF, "vfio_pasid/probe", "1");
}

static int read_file(void)
{
	const char *text = file_of("/sys/bus/pci/devices/" BDF
				   "/vfio_pasid/offset");

	return !*text ? -ENOMEM : strcmp(text, "0xf00");
}

static const char *judge_file(int ret, bool failed)
{
	return ret <= 0 ? judge_intact() : "the file has lied";
}

/* With the sample driver, which gives a range in probe() */
static void sample_loaded(void)
{
	if (!module_loaded(SAMPLE)) {
		module_reload(MODULE, "visible=on");
		module_reload(SAMPLE, "");
	}
	pci_unbind(BDF);
	if (pci_attr(BDF, "driver_override", SAMPLE))
		exit(1);
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

static void sample_bound(void)
{
	sample_loaded();
	pci_rebind(BDF, SAMPLE);
}

static const char *judge_withdraw(int ret, bool failed)
{
	if (is_bound() && place_now() != 0xe80)
		return "bound, and not with the driver's range";
	pci_rebind(BDF, "vfio-pci");
	return !place_now() ? NULL : "a range was not withdrawn";
}

/*
 * The rounds
 */

FIXTURE(fault) {
	bool possible;
};

/*
 * @ours: Only with our code among the callers. What vfio does at bind is out:
 *	where vfio_create_group() cannot add its device, vfio warns (7.3, in
 *	vfio_group_release()), and without the file in /dev nobody can open it
 * @skip: Most of the kernel's own steps are tried only each @skip-th time, up
 * to the last @last, which hold ours
 */
FIXTURE_VARIANT(fault) {
	void (*prepare)(void);
	int (*action)(void);
	const char *(*judge)(int ret, bool failed);
	bool ours;
	unsigned int skip;
	unsigned int last;
};

#define OPERATION(name, before, what, after)		\
FIXTURE_VARIANT_ADD(fault, name) {			\
	.prepare = before, .action = what, .judge = after,	\
}

#define OUR_OPERATION(name, before, what, after)		\
FIXTURE_VARIANT_ADD(fault, name) {			\
	.prepare = before, .action = what, .judge = after,	\
	.ours = true,					\
}

/* Loading takes some hundred allocations before ours, of 0.3 s each */
FIXTURE_VARIANT_ADD(fault, load) {
	.prepare = bound_only, .action = load, .judge = judge_load,
	.skip = 16, .last = 64,
};

OPERATION(unload, loaded_and_bound, unload, judge_unload);
OUR_OPERATION(bind, unbound, bind, judge_bind);
OPERATION(unbind, bound, unbind, judge_unbind);
OPERATION(get_device_fd, group_open, get_device, judge_open);
OPERATION(bind_iommufd, cdev_open, bind_cdev, judge_open);
OPERATION(close, device_open, close_device, judge_close);
OPERATION(feature_get, device_open, get, judge_look);
OPERATION(feature_ranges, device_open, get_ranges, judge_look);
OPERATION(feature_probe, device_open, probe_feature, judge_look);
OPERATION(feature_set, device_open, hide, judge_hide);
OPERATION(read, device_open, read_bytes, judge_look);
OPERATION(write, device_open, write_bytes, judge_write);
OPERATION(ranges, bound, write_ranges, judge_ranges);
OPERATION(visible, bound, write_visible, judge_visible);
OPERATION(probe, bound, probe_file, judge_file);
OPERATION(file, bound, read_file, judge_file);
OUR_OPERATION(give, sample_loaded, bind, judge_give);
OPERATION(withdraw, sample_bound, unbind, judge_withdraw);

FIXTURE_SETUP(fault)
{
	uint8_t image[CFG_SIZE];

	dev = (struct vfio_dev){ -1, -1, -1 };
	self->possible = fault_set_up();
	if (!self->possible)
		return;
	module_unload(MODULE);
	pci_unbind(bdf_vf(0));
	pci_unbind(bdf_vf(1));
	pci_unbind(bdf_nobodys());
	image_vf(image);
	ASSERT_EQ(segment_plug_vf(image), 0);
	pci_rebind(BDF, "vfio-pci");
	snapshot(BDF, without);
	module_reload(MODULE, PARAMS);
	snapshot(BDF, with);
	ASSERT_NE(memcmp(with, without, CFG_SIZE), 0);
}

FIXTURE_TEARDOWN(fault)
{
	vfio_close(&dev);
	if (!self->possible)
		return;
	pci_unbind(BDF);
	module_unload(SAMPLE);
	module_unload(MODULE);
	segment_unplug_vf();
}

/* How many can fail in the whole operation */
static unsigned int count_points(int (*action)(void))
{
	const unsigned int many = 1000000;

	fault_arm(many);
	action();
	return many - fault_disarm();
}

TEST_F_TIMEOUT(fault, each_fails_once, 100000)
{
	unsigned int points, n, left, rounds = 0, errors = 0;
	const char *why;
	int ret;

	if (!self->possible)
		SKIP(return, "this kernel has no fault injection");
	variant->prepare();
	fault_limit(variant->ours ? "vfio_pasid" : NULL);
	points = count_points(variant->action);
	ASSERT_EQ(variant->judge(0, false), NULL);
	for (n = 1; ; n++, rounds++) {
		if (n + variant->last < points && variant->skip)
			n += variant->skip - 1;
		variant->prepare();
		fault_arm(n);
		ret = variant->action();
		left = fault_disarm();
		why = variant->judge(ret, !left);
		ASSERT_EQ(why, NULL) {
			TH_LOG("%u of %u (%d): %s", n, points, ret, why);
		}
		if (left)
			break;
		errors += !!ret;
	}
	TH_LOG("%u points, %u rounds, %u errors", points, rounds, errors);
	ASSERT_EQ(ret, 0);
	ASSERT_TRUE(rounds || variant->action == close_device);
}

TEST_HARNESS_MAIN
