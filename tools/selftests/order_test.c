// SPDX-License-Identifier: GPL-2.0
/*
 * Orders in which a module, a driver, a device and its user can come and go
 *
 * What storm_test leaves to chance is done here on purpose: in each test two
 * sides meet at a known point.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define NOFEATURE	"vfio_pasid_nofeature"
#define SEGMENT		"vfio_pasid_segment"
#define PASID		PCI_EXT_CAP_ID_PASID
#define PARAMS		"ranges=8086:10ca@0xf00+0x40 visible=on"
#define SLOT		SEGMENT_SLOT
#define BDF		SEGMENT_BDF(SLOT)
#define ROUNDS		20

FIXTURE(order) {
	uint8_t before[CFG_SIZE];
	uint8_t after[CFG_SIZE];
	struct vfio_dev dev;
	struct vfio_dev other;
};

FIXTURE_SETUP(order)
{
	uint8_t image[CFG_SIZE];

	self->dev = (struct vfio_dev){ -1, -1, -1 };
	self->other = self->dev;
	module_unload(MODULE);
	module_unload(NOFEATURE);
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	pci_rebind(bdf_vf(1), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
	image_function(image);
	ASSERT_EQ(segment_add(SLOT, false, image), 0);
}

FIXTURE_TEARDOWN(order)
{
	vfio_close(&self->dev);
	vfio_close(&self->other);
	segment_del(SLOT);
	module_unload(NOFEATURE);
	module_unload(MODULE);
}

static bool has_files(const char *bdf)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pasid", bdf);
	return !access(path, F_OK);
}

static bool is_without(struct vfio_dev *dev, const uint8_t *before)
{
	struct vfio_device_feature_pasid f;
	uint8_t now[CFG_SIZE];

	return cfg_read(dev, now, CFG_SIZE, 0) == CFG_SIZE &&
	       !memcmp(now, before, CFG_SIZE) &&
	       feature_get(dev, &f) == -ENOTTY;
}

/* One through its group, one through its character device where there is one */
TEST_F(order, open_in_every_way_at_load)
{
	struct vfio_device_feature_pasid f;

	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ((vfio_has_cdev() ? vfio_open_cdev : vfio_open)(&self->other,
								 bdf_vf(1)), 0);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(feature_get(&self->other, &f), 0);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_OPENED_BEFORE);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0);
	ASSERT_EQ(ext_find(&self->other, PASID), 0);

	/* Each of them keeps the module */
	vfio_close(&self->other);
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	ASSERT_EQ(vfio_open(&self->other, bdf_vf(1)), 0);
	ASSERT_EQ(ext_find(&self->other, PASID), 0xf00);
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	vfio_close(&self->other);
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_F(order, load_fails_with_devices_bound)
{
	static const char * const bad[] = {
		PARAMS " visible=maybe", PARAMS " markers=x",
		"markers=1:2 " PARAMS " guess=perhaps", PARAMS ",x",
	};
	unsigned int i;

	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ASSERT_EQ(module_load(MODULE, bad[i]), -EINVAL);
		ASSERT_FALSE(module_loaded(MODULE));
		ASSERT_FALSE(has_files(bdf_vf(0)));
		ASSERT_TRUE(is_without(&self->dev, self->before));
		ASSERT_EQ(vfio_open(&self->other, bdf_vf(1)), 0);
		ASSERT_EQ(ext_find(&self->other, PASID), 0);
		vfio_close(&self->other);
	}
	/* Nothing of them is left */
	vfio_close(&self->dev);
	ASSERT_EQ(module_load(MODULE, "visible=on"), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0xd00);
}

/* A character device that is open, but not bound, is no session */
TEST_F(order, unload_with_an_unbound_cdev)
{
	if (!vfio_has_cdev())
		SKIP(return, "this kernel has no character devices");
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(vfio_open_cdev_file(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(vfio_open_cdev_file(&self->other, bdf_vf(1)), 0);
	ASSERT_EQ(vfio_bind_cdev(&self->other), 0);
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	vfio_close(&self->other);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(vfio_bind_cdev(&self->dev), 0);
	ASSERT_TRUE(is_without(&self->dev, self->before));

	/* And the other way round */
	ASSERT_EQ(vfio_open_cdev_file(&self->other, bdf_vf(1)), 0);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(vfio_bind_cdev(&self->other), 0);
	ASSERT_EQ(ext_find(&self->other, PASID), 0xf00);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0);
}

static void unbind_once(struct race *race)
{
	race->hits += !pci_unbind(race->arg);
	race->stop = true;
}

/* The link goes right before the driver's remove() is called */
static bool wait_without_driver(const char *bdf)
{
	char path[128];
	int i;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", bdf);
	for (i = 0; i < 1000 && !access(path, F_OK); i++)
		usleep(10000);
	return access(path, F_OK);
}

/* remove() waits for the user, who notices nothing; so do both modules */
TEST_F(order, unbind_waits_for_the_user)
{
	struct race race = { .action = unbind_once, .arg = bdf_vf(0) };
	uint8_t ones[8];

	ASSERT_EQ(module_load(NOFEATURE, ""), 0);
	pci_rebind(bdf_vf(0), NOFEATURE);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	race_start(&race);
	ASSERT_TRUE(wait_without_driver(bdf_vf(0)));
	ASSERT_FALSE(has_files(bdf_vf(0)));
	ASSERT_EQ(race.hits, 0);

	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	ASSERT_EQ(module_unload(NOFEATURE), -EWOULDBLOCK);
	memset(ones, 0xff, sizeof(ones));
	ASSERT_EQ(cfg_write(&self->dev, ones, 8, 0xf00), 8);
	ASSERT_EQ(cfg_dword(&self->dev, 0xf04), 7U << 16 | 20 << 8 | 6);
	vfio_close(&self->dev);
	race_stop(&race);
	ASSERT_EQ(race.hits, 1);
	ASSERT_EQ(module_unload(NOFEATURE), 0);
	ASSERT_EQ(module_unload(MODULE), 0);
}

/*
 * 6.1's unbind has device_lock while it waits for the user, and its vfio_device
 * is there all the time. Newer ones have taken it away by then.
 */
TEST_F_TIMEOUT(order, load_while_unbind_waits, 60)
{
	struct race race = { .action = unbind_once, .arg = bdf_vf(0) };

	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	race_start(&race);
	ASSERT_TRUE(wait_without_driver(bdf_vf(0)));
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(race.hits, 0);
	ASSERT_FALSE(has_files(bdf_vf(0)));
	/* Others are served */
	ASSERT_EQ(vfio_open(&self->other, bdf_vf(1)), 0);
	ASSERT_EQ(ext_find(&self->other, PASID), 0xf00);
	vfio_close(&self->other);
	vfio_close(&self->dev);
	race_stop(&race);
	ASSERT_EQ(race.hits, 1);
	pci_rebind(bdf_vf(0), "vfio-pci");
	ASSERT_TRUE(has_files(bdf_vf(0)));
}

static void remove_once(struct race *race)
{
	race->hits += !pci_attr(race->arg, "remove", "1");
	race->stop = true;
}

/*
 * A device goes while its driver's module does. A hot unplug takes it off the
 * driver's list before UNBOUND, so the driver's module does not wait for that.
 */
TEST_F_TIMEOUT(order, removed_while_its_driver_unloads, SOAKED)
{
	unsigned int i, rounds = ROUNDS * soak(), overlapped = 0;

	soak_limit(300);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	for (i = 0; i < rounds || !overlapped; i++) {
		struct race race = { .action = remove_once, .arg = BDF };

		ASSERT_EQ(module_load(NOFEATURE, ""), 0);
		ASSERT_EQ(segment_plug(SLOT, true), 0);
		pci_rebind(BDF, NOFEATURE);
		ASSERT_TRUE(has_files(BDF));
		race_start(&race);
		usleep(i % 10 * 300);
		overlapped += race.runs && !race.hits;
		ASSERT_EQ(module_unload(NOFEATURE), 0);
		race_stop(&race);
		ASSERT_EQ(race.hits, 1);
	}
	TH_LOG("%u of %u times the unload began during the removal", overlapped,
	       i);
}

static void open_and_close(struct race *race)
{
	struct vfio_dev dev;
	int ret = vfio_open(&dev, race->arg);

	if (ret)
		race_bad(race, "open: %d", ret);
	race->hits += !ret;
	vfio_close(&dev);
	race_pause(race, 20);
}

/*
 * Whatever the module does, a device can be opened as without it. vfio resets a
 * device that is opened, and gives up if somebody has its device_lock. This one
 * wakes up before, which takes a while.
 */
TEST_F_TIMEOUT(order, no_open_fails_for_it, SOAKED)
{
	struct race race = { .action = open_and_close, .arg = bdf_nobodys() };
	unsigned int opens = 30 * soak(), unloads = 0;

	soak_limit(600);
	pci_rebind(bdf_nobodys(), "vfio-pci");
	race_start(&race);
	while (!race.bad && (race.hits < opens || !unloads)) {
		module_load(MODULE, PARAMS);
		race_pause(&race, 10);
		unloads += !module_unload(MODULE);
	}
	race_stop(&race);
	TH_LOG("%u opens, %u unloads, %u failed: %s", race.hits, unloads,
	       race.bad, race.why);
	ASSERT_EQ(race.bad, 0);
}

/*
 * 1,024 functions
 */

#define NUM_FUNCTIONS	1024
#define NUM_OPEN	32

FIXTURE(many) {
	struct vfio_dev dev[NUM_OPEN];
};

static const char *slot_of(unsigned int i)
{
	static char slot[16];

	snprintf(slot, sizeof(slot), "%02x:%02x.%u", i / 256, i / 8 % 32, i % 8);
	return slot;
}

static const char *bdf_of(unsigned int i)
{
	static char bdf[32];

	snprintf(bdf, sizeof(bdf), "0010:%s", slot_of(i));
	return bdf;
}

static void reload_segment(const char *buses)
{
	char params[64];

	snprintf(params, sizeof(params), "%s alias=%s", buses,
		 bdf_conventional());
	module_reload(SEGMENT, params);
}

FIXTURE_SETUP(many)
{
	unsigned int i;

	for (i = 0; i < NUM_OPEN; i++)
		self->dev[i] = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	reload_segment("buses=4");
}

FIXTURE_TEARDOWN(many)
{
	unsigned int i;

	for (i = 0; i < NUM_OPEN; i++)
		vfio_close(&self->dev[i]);
	module_unload(MODULE);
	reload_segment("buses=1");
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static unsigned int count_files(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < NUM_FUNCTIONS; i++)
		n += has_files(bdf_of(i));
	return n;
}

static int plug(unsigned int functions)
{
	uint8_t image[CFG_SIZE];
	unsigned int i;
	int ret = 0;

	image_function(image);
	for (i = 0; i < functions && !ret; i++) {
		ret = segment_add(slot_of(i), false, image);
		if (!ret)
			ret = segment_plug(slot_of(i), true);
		if (!ret)
			ret = pci_bind(bdf_of(i), "vfio-pci");
	}
	return ret;
}

/*
 * A device goes while the module does. Unloading takes its time with so many
 * devices, so UNBOUND comes for one that has its driver's ops already.
 */
TEST_F_TIMEOUT(many, removed_while_unloading, SOAKED)
{
	unsigned int i, rounds = ROUNDS * soak(), overlapped = 0;
	int ret;

	soak_limit(300);
	ASSERT_EQ(plug(NUM_OPEN), 0);
	for (i = 0; i < rounds || !overlapped; i++) {
		struct race race = { .action = remove_once, .arg = bdf_of(0) };

		ASSERT_EQ(segment_plug(slot_of(0), true), 0);
		pci_rebind(race.arg, "vfio-pci");
		ASSERT_EQ(module_load(MODULE, PARAMS), 0);
		ASSERT_TRUE(has_files(race.arg));
		race_start(&race);
		usleep(i % 10 * 500);
		overlapped += race.runs && !race.hits;
		ret = module_unload(MODULE);
		race_stop(&race);
		ASSERT_EQ(race.hits, 1);
		ASSERT_EQ(ret, 0);
	}
	TH_LOG("%u of %u times the unload began during the removal", overlapped,
	       i);
}

/* On x86 they share a group, so one file of it has to do for all */
TEST_F_TIMEOUT(many, thousand_functions, 1800)
{
	unsigned int i, at;
	double t[6];

	t[0] = seconds();
	ASSERT_EQ(plug(NUM_FUNCTIONS), 0);
	t[1] = seconds();
	ASSERT_EQ(module_load(MODULE, "visible=on"), 0);
	t[2] = seconds();
	ASSERT_EQ(count_files(), NUM_FUNCTIONS);

	ASSERT_EQ(vfio_open(&self->dev[0], bdf_of(0)), 0);
	for (i = 0; i < NUM_OPEN; i++) {
		at = i * (NUM_FUNCTIONS / NUM_OPEN) + i;
		if (i)
			ASSERT_EQ(vfio_open_beside(&self->dev[i], &self->dev[0],
						   bdf_of(at)), 0);
		ASSERT_EQ(ext_find(&self->dev[i], PASID), 0x110);
	}
	for (i = 0; i < NUM_OPEN; i++) {
		ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
		vfio_close(&self->dev[NUM_OPEN - 1 - i]);
	}
	t[3] = seconds();
	ASSERT_EQ(module_unload(MODULE), 0);
	t[4] = seconds();
	ASSERT_EQ(count_files(), 0);
	ASSERT_EQ(vfio_open(&self->dev[0], bdf_of(0)), 0);
	ASSERT_EQ(ext_find(&self->dev[0], PASID), 0);
	TH_LOG("plug and bind %.1f s, load %.3f s, unload %.3f s",
	       t[1] - t[0], t[2] - t[1], t[4] - t[3]);
}

TEST_HARNESS_MAIN
