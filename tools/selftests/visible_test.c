// SPDX-License-Identifier: GPL-2.0
/*
 * visible=: when the capability is shown, and that hidden means untouched
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define RANGES	"ranges=8086:10ca@0xf00+0x40"
#define PARAM	"/sys/module/vfio_pasid/parameters/visible"

FIXTURE(visible) {
	uint8_t before[CFG_SIZE];
	uint8_t after[CFG_SIZE];
	struct vfio_dev dev;
};

FIXTURE_SETUP(visible)
{
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	/* A register that keeps what is written, where ours would be */
	overlay("dword %s 0xf04 0 0xffffffff", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
	snapshot(bdf_vf(0), self->before);
	self->dev = (struct vfio_dev){ -1, -1, -1 };
}

FIXTURE_TEARDOWN(visible)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
}

static void check_hidden(struct __test_metadata *_metadata, const char *bdf,
			 struct vfio_dev *dev, unsigned int reason)
{
	struct vfio_device_feature_pasid f;
	uint32_t val = 0x12345678;

	ASSERT_EQ(vfio_open(dev, bdf), 0);
	ASSERT_EQ(feature_get(dev, &f), 0);
	ASSERT_EQ(f.flags, VFIO_PASID_FLAG_PLACE);
	ASSERT_EQ(f.offset, 0xf00);
	ASSERT_EQ(f.hidden_reason, reason);
	ASSERT_EQ(ext_find(dev, PCI_EXT_CAP_ID_PASID), 0);
	/* Raw, as without us: the device gets it */
	overlay("reset");
	ASSERT_EQ(cfg_write(dev, &val, 4, 0xf04), 4);
	ASSERT_EQ(overlay_accesses("writes", bdf, 0xf04, 0xf08), 1);
	val = 0;
	ASSERT_EQ(cfg_write(dev, &val, 4, 0xf04), 4);
	vfio_close(dev);
}

/* Opened without an iommufd, which old kernels have not: of no use to a guest */
TEST_F(visible, auto_hides_where_a_guest_cannot_use_it)
{
	module_reload(MODULE, RANGES);
	check_hidden(_metadata, bdf_vf(0), &self->dev, vfio_group_obstacle());
	snapshot(bdf_vf(0), self->after);
	ASSERT_EQ(memcmp(self->before, self->after, CFG_SIZE), 0);
}

TEST_F(visible, off_hides)
{
	module_reload(MODULE, RANGES " visible=off");
	check_hidden(_metadata, bdf_vf(0), &self->dev,
		     VFIO_PASID_REASON_VISIBLE_OFF);
	snapshot(bdf_vf(0), self->after);
	ASSERT_EQ(memcmp(self->before, self->after, CFG_SIZE), 0);
}

TEST_F(visible, auto_shows_through_an_iommufd)
{
	struct vfio_device_feature_pasid f;

	if (!vfio_has_cdev())
		SKIP(return, "this kernel has no iommufd");
	module_reload(MODULE, RANGES);
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xf00);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_NONE);
}

TEST_F(visible, off_hides_from_an_iommufd)
{
	if (!vfio_has_cdev())
		SKIP(return, "this kernel has no iommufd");
	module_reload(MODULE, RANGES " visible=off");
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0);
}

TEST_F(visible, on_shows)
{
	module_reload(MODULE, RANGES " visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xf00);
}

TEST_F(visible, at_run_time_from_the_next_open_on)
{
	module_reload(MODULE, RANGES);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(sysfs_write(PARAM, "on\n"), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0);
	vfio_close(&self->dev);
	ASSERT_EQ(vfio_open(&self->dev, bdf_vf(0)), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0xf00);
	ASSERT_NE(sysfs_write(PARAM, "perhaps"), 0);
}

/* The function NOBODYS has no PASID in hardware: there is nothing to show */
TEST_F(visible, no_pasid_in_hardware)
{
	struct vfio_device_feature_pasid f;
	char params[128];

	pci_rebind(bdf_nobodys(), "vfio-pci");
	snapshot(bdf_nobodys(), self->before);
	snprintf(params, sizeof(params), "ranges=%s@0xf00+0x40 visible=on",
		 bdf_nobodys());
	module_reload(MODULE, params);
	snapshot(bdf_nobodys(), self->after);
	ASSERT_EQ(memcmp(self->before, self->after, CFG_SIZE), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_nobodys()), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.flags & ~VFIO_PASID_FLAG_NO_TLP_PREFIX,
		  VFIO_PASID_FLAG_PLACE);
	ASSERT_EQ(f.width, 0);
	ASSERT_EQ(f.capabilities, 0);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_NO_WIDTH);
}

TEST_HARNESS_MAIN
