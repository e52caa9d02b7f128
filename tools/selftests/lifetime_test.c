// SPDX-License-Identifier: GPL-2.0
/*
 * Attach and let go: load, unload, bind and open in every order
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"
#include "race.h"

#define PARAMS	"ranges=8086:10ca@0xf00+0x40 visible=on"

FIXTURE(lifetime) {
	uint8_t before[CFG_SIZE];
	struct vfio_dev dev;
};

FIXTURE_SETUP(lifetime)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	pci_rebind(bdf_vf(1), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
}

FIXTURE_TEARDOWN(lifetime)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
}

static bool is_shown(const char *bdf)
{
	struct vfio_dev dev;
	uint16_t where = 0;

	if (!vfio_open(&dev, bdf))
		where = ext_find(&dev, PCI_EXT_CAP_ID_PASID);
	vfio_close(&dev);
	return where == 0xf00;
}

static bool is_as_before(const uint8_t *before, const char *bdf)
{
	uint8_t after[CFG_SIZE];

	snapshot(bdf, after);
	return !memcmp(before, after, CFG_SIZE);
}

TEST_F(lifetime, bound_before_load)
{
	module_reload(MODULE, PARAMS);
	ASSERT_TRUE(is_shown(bdf_vf(0)));
	ASSERT_TRUE(is_shown(bdf_vf(1)));
}

TEST_F(lifetime, bound_after_load)
{
	pci_unbind(bdf_vf(0));
	module_reload(MODULE, PARAMS);
	ASSERT_EQ(pci_bind(bdf_vf(0), "vfio-pci"), 0);
	ASSERT_TRUE(is_shown(bdf_vf(0)));
}

TEST_F(lifetime, rebound)
{
	int i;

	module_reload(MODULE, PARAMS);
	for (i = 0; i < 3; i++) {
		pci_rebind(bdf_vf(0), "vfio-pci");
		ASSERT_TRUE(is_shown(bdf_vf(0)));
	}
}

TEST_F(lifetime, unload_leaves_nothing)
{
	module_reload(MODULE, PARAMS);
	ASSERT_TRUE(is_shown(bdf_vf(0)));
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_TRUE(is_as_before(self->before, bdf_vf(0)));
	pci_rebind(bdf_vf(0), "vfio-pci");
	ASSERT_TRUE(is_as_before(self->before, bdf_vf(0)));
}

TEST_F(lifetime, unload_is_refused_while_open)
{
	module_reload(MODULE, PARAMS);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xf00);
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_F(lifetime, opened_twice_is_one_session)
{
	struct vfio_dev *dev = &self->dev, second;
	uint8_t enable = 1;

	module_reload(MODULE, PARAMS);
	ASSERT_EQ(vfio_open(dev, bdf_vf(0)), 0);
	ASSERT_EQ(cfg_write(dev, &enable, 1, 0xf06), 1);
	ASSERT_EQ(vfio_open_beside(&second, dev, bdf_vf(0)), 0);
	ASSERT_EQ(cfg_dword(&second, 0xf04) >> 16, 1);
	vfio_close(&second);
	ASSERT_EQ(cfg_dword(dev, 0xf04) >> 16, 1);
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);
}

TEST_F(lifetime, open_before_load)
{
	struct vfio_device_feature_pasid f;
	uint8_t now[CFG_SIZE];

	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	module_reload(MODULE, PARAMS);

	/* This session is as it was, and keeps the module */
	ASSERT_EQ(cfg_read(&self->dev, now, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(now, self->before, CFG_SIZE), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.flags, 0);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_OPENED_BEFORE);
	ASSERT_EQ(module_unload(MODULE), -EWOULDBLOCK);

	vfio_close(&self->dev);
	ASSERT_TRUE(is_shown(bdf_vf(0)));
	ASSERT_EQ(module_unload(MODULE), 0);
}

/* Each unload waits for all tasks to leave our code, which takes 300 ms */
TEST_F_TIMEOUT(lifetime, load_and_unload_again_and_again, SOAKED)
{
	unsigned int i;

	soak_limit(120);
	for (i = 0; i < 10 * soak(); i++) {
		ASSERT_EQ(module_load(MODULE, PARAMS), 0);
		ASSERT_EQ(module_unload(MODULE), 0);
	}
	ASSERT_TRUE(is_as_before(self->before, bdf_vf(0)));
}

/*
 * Whatever it meets, an open device has all of the capability or none. The
 * pause leaves unload a chance: an open takes 100 ms, for the function's reset.
 */
static void open_and_look(struct race *race)
{
	struct vfio_dev dev;
	uint32_t cap;

	if (vfio_open(&dev, bdf_vf(0)))
		return;
	race->hits++;
	if (ext_find(&dev, PCI_EXT_CAP_ID_PASID) == 0xf00) {
		cap = cfg_dword(&dev, 0xf04);
		if (cap != (20 << 8 | 6))
			race->bad++;
	}
	vfio_close(&dev);
	race_pause(race, 20);
}

TEST_F_TIMEOUT(lifetime, open_races_with_unload, SOAKED)
{
	struct race race = { .action = open_and_look };
	unsigned int unloaded = 0, refused = 0, i;
	int ret;

	soak_limit(120);
	race_start(&race);
	for (i = 0; race.hits < 20 * soak() || unloaded < 10 * soak() || !refused; i++) {
		ret = module_load(MODULE, PARAMS);
		ASSERT_TRUE(!ret || ret == -EEXIST);
		usleep(i % 7 * 1000);
		ret = module_unload(MODULE);
		ASSERT_TRUE(!ret || ret == -EWOULDBLOCK);
		unloaded += !ret;
		refused += !!ret;
	}
	race_stop(&race);
	TH_LOG("%u opens, %u unloads, %u refused", race.hits, unloaded, refused);
	ASSERT_EQ(race.bad, 0);
	module_unload(MODULE);
	ASSERT_TRUE(is_as_before(self->before, bdf_vf(0)));
}

TEST_F_TIMEOUT(lifetime, open_races_with_bind, SOAKED)
{
	struct race race = { .action = open_and_look };
	unsigned int i;

	soak_limit(120);
	module_reload(MODULE, PARAMS);
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
	ASSERT_TRUE(is_shown(bdf_vf(0)));
}

/* The PF is under igb, which is no driver of vfio's: not ours to touch */
TEST_F(lifetime, other_drivers_are_left_alone)
{
	module_reload(MODULE, PARAMS);
	ASSERT_STREQ(pci_vfio_pasid(bdf_pf(), "source"), strerror(ENOENT));
	ASSERT_STREQ(pci_vfio_pasid(bdf_vf(0), "source"), "admin");
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_HARNESS_MAIN
