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
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define NOFEATURE	"vfio_pasid_nofeature"
#define PASID		PCI_EXT_CAP_ID_PASID
#define PARAMS		"ranges=8086:10ca@0xf00+0x40 visible=on"
#define SLOT		SEGMENT_SLOT
#define BDF		SEGMENT_BDF(SLOT)
#define ROUNDS		20

FIXTURE(order) {
	uint8_t before[CFG_SIZE];
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
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_TRUE(is_without(&self->dev, self->before));
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
		ASSERT_FALSE(pci_has(bdf_vf(0), "vfio_pasid"));
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

/*
 * An unbind takes the link "driver" away first. Then it takes our files away, and
 * then it calls the driver's remove().
 */
static void unbind_once(struct race *race)
{
	race->hits += !pci_unbind(race->arg);
	race->stop = true;
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
	ASSERT_TRUE(pci_wait(bdf_vf(0), "vfio_pasid", false));
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
	ASSERT_TRUE(pci_wait(bdf_vf(0), "driver", false));
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	ASSERT_EQ(race.hits, 0);
	ASSERT_FALSE(pci_has(bdf_vf(0), "vfio_pasid"));
	/* Others are served */
	ASSERT_EQ(vfio_open(&self->other, bdf_vf(1)), 0);
	ASSERT_EQ(ext_find(&self->other, PASID), 0xf00);
	vfio_close(&self->other);
	vfio_close(&self->dev);
	race_stop(&race);
	ASSERT_EQ(race.hits, 1);
	pci_rebind(bdf_vf(0), "vfio-pci");
	ASSERT_TRUE(pci_has(bdf_vf(0), "vfio_pasid"));
}

static void remove_once(struct race *race)
{
	race->hits += !pci_attr(race->arg, "remove", "1");
	race->stop = true;
}

/* A device under @driver goes while @module does */
static void remove_at_unload(struct __test_metadata *_metadata,
			     const char *module, const char *params,
			     const char *driver)
{
	unsigned int i, rounds = ROUNDS * soak(), overlapped = 0;

	for (i = 0; i < rounds || !overlapped; i++) {
		struct race race = { .action = remove_once, .arg = BDF };

		ASSERT_EQ(module_load(module, params), 0);
		ASSERT_EQ(segment_plug(SLOT, true), 0);
		pci_rebind(BDF, driver);
		ASSERT_TRUE(pci_has(BDF, "vfio_pasid"));
		race_start(&race);
		usleep(i % 10 * 400);
		overlapped += race.runs && !race.hits;
		ASSERT_EQ(module_unload(module), 0);
		race_stop(&race);
		ASSERT_EQ(race.hits, 1);
	}
	TH_LOG("%u of %u times the unload began during the removal", overlapped,
	       i);
}

/*
 * A hot unplug takes a device off its driver's list before UNBOUND, so the driver's
 * module does not wait for that.
 */
TEST_F_TIMEOUT(order, removed_while_its_driver_unloads, SOAKED)
{
	soak_limit(300);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	remove_at_unload(_metadata, NOFEATURE, "", NOFEATURE);
}

static void judge(struct race *race, struct vfio_dev *dev)
{
	race->hits++;
	if (ext_find(dev, PASID) == 0xf00 && cfg_dword(dev, 0xf04) != (20 << 8 | 6))
		race_bad(race, "a part of the capability");
}

/* The pause leaves unload a chance: an open takes 100 ms, for the function's reset */
static void open_and_judge(struct race *race)
{
	struct vfio_dev dev;

	if (vfio_open(&dev, race->arg))
		return;
	judge(race, &dev);
	vfio_close(&dev);
	race_pause(race, 20);
}

static void must_open(struct race *race)
{
	struct vfio_dev dev;
	int ret = vfio_open(&dev, race->arg);

	if (ret)
		race_bad(race, "open: %d", ret);
	else
		judge(race, &dev);
	vfio_close(&dev);
	race_pause(race, 20);
}

/* Unload waits for all tasks to leave our code, which takes 300 ms */
static void load_and_unload(struct __test_metadata *_metadata, struct race *race)
{
	unsigned int i, unloaded = 0, refused = 0;
	int ret;

	race_start(race);
	for (i = 0; !race->bad && (race->hits < 20 * soak() ||
				   unloaded < 10 * soak() || !refused); i++) {
		ret = module_load(MODULE, PARAMS);
		ASSERT_TRUE(!ret || ret == -EEXIST);
		usleep(i % 7 * 1000);
		ret = module_unload(MODULE);
		ASSERT_TRUE(!ret || ret == -EWOULDBLOCK);
		unloaded += !ret;
		refused += !!ret;
	}
	race_stop(race);
	TH_LOG("%u opens, %u unloads, %u refused, %u bad: %s", race->hits,
	       unloaded, refused, race->bad, race->why);
	ASSERT_EQ(race->bad, 0);
}

/* Whatever it meets, an open device has all of the capability or none */
TEST_F_TIMEOUT(order, open_races_with_unload, SOAKED)
{
	struct race race = { .action = open_and_judge, .arg = bdf_vf(0) };

	soak_limit(120);
	load_and_unload(_metadata, &race);
	module_unload(MODULE);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_TRUE(is_without(&self->dev, self->before));
}

/*
 * Whatever the module does, a device can be opened as without it. vfio resets a
 * device that is opened, and gives up if somebody has its device_lock. This one
 * wakes up before, which takes a while.
 */
TEST_F_TIMEOUT(order, no_open_fails_for_it, SOAKED)
{
	struct race race = { .action = must_open, .arg = bdf_nobodys() };

	soak_limit(600);
	pci_rebind(bdf_nobodys(), "vfio-pci");
	load_and_unload(_metadata, &race);
}

TEST_F_TIMEOUT(order, open_races_with_bind, SOAKED)
{
	struct race race = { .action = open_and_judge, .arg = bdf_vf(0) };
	unsigned int i;

	soak_limit(120);
	ASSERT_EQ(module_load(MODULE, PARAMS), 0);
	race_start(&race);
	for (i = 0; i < 15 * soak() || race.hits < 5; i++) {
		pci_unbind(bdf_vf(0));
		ASSERT_EQ(pci_bind(bdf_vf(0), "vfio-pci"), 0);
		usleep(20000);
	}
	race_stop(&race);
	TH_LOG("%u opens", race.hits);
	ASSERT_EQ(race.bad, 0);
	/* Whoever came before BOUND is gone now */
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0xf00);
}

/*
 * Unloading takes its time with 32 more devices, so UNBOUND comes for one that has
 * its driver's ops already. The last test, since they stay.
 */
TEST_F_TIMEOUT(order, removed_while_unloading, SOAKED)
{
	uint8_t image[CFG_SIZE];
	char slot[16], bdf[32];
	unsigned int i;

	soak_limit(300);
	image_function(image);
	for (i = 0; i < 32; i++) {
		snprintf(slot, sizeof(slot), "00:%02x.%u", 2 + i / 8, i % 8);
		snprintf(bdf, sizeof(bdf), SEGMENT_BDF("%s"), slot);
		ASSERT_EQ(segment_add(slot, false, image), 0);
		ASSERT_EQ(segment_plug(slot, true), 0);
		ASSERT_EQ(pci_bind(bdf, "vfio-pci"), 0);
	}
	remove_at_unload(_metadata, MODULE, PARAMS, "vfio-pci");
}

TEST_HARNESS_MAIN
