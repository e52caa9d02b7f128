// SPDX-License-Identifier: GPL-2.0
/*
 * The PASID capability that igb's PF has itself, at 0x1e0
 *
 * The host and the VFs depend on its registers. Who may write there is tested in
 * unit/session/registers_test.c: here is what reaches the device.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define PHYSICAL	0x1e0
#define ENABLE_SRIOV	"/sys/module/vfio_pci/parameters/enable_sriov"
#define SHIELD		"/sys/module/vfio_pasid/parameters/shield"

/* Under vfio-pci, and without VFs */
FIXTURE(physical) {
	struct vfio_dev dev;
	uint8_t before[CFG_SIZE];
};

FIXTURE_SETUP(physical)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	pci_attr(bdf_pf(), "sriov_numvfs", "0");
	pci_rebind(bdf_pf(), "vfio-pci");
	snapshot(bdf_pf(), self->before);
}

FIXTURE_TEARDOWN(physical)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_pf());
	pci_bind(bdf_pf(), "igb");
	pci_attr(bdf_pf(), "sriov_numvfs", "2");
}

/* What the host has enabled, as the hardware has it */
static uint8_t hardware_control(void)
{
	uint8_t val = 0xff;

	pci_config(bdf_pf(), &val, 1, PHYSICAL + PCI_PASID_CTRL);
	return val;
}

/* In every size */
static void check_shield(struct __test_metadata *_metadata,
			 struct vfio_dev *dev)
{
	uint8_t zeros[16] = {};
	unsigned int pos, count;

	overlay("reset");
	for (pos = 0; pos < 8; pos++)
		for (count = 1; pos + count <= 8; count++)
			ASSERT_EQ(cfg_write(dev, zeros, count, PHYSICAL + pos),
				  count);
	ASSERT_EQ(cfg_write(dev, zeros, 16, PHYSICAL - 4), 16);
	ASSERT_EQ(hardware_control(), 7);
	ASSERT_EQ(overlay_writes(bdf_pf(), PHYSICAL + 4, PHYSICAL + 8), 0);
}

/* DPDK's driver for Intel DLB clears the Enable of a function that it has alone */
TEST_F(physical, is_the_users_who_has_it_alone)
{
	uint16_t off = 0, on = 7;
	int mark = kmsg_mark();

	module_reload(MODULE, "");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(cfg_write(&self->dev, &off, 2, PHYSICAL + PCI_PASID_CTRL), 2);
	ASSERT_EQ(hardware_control(), 0);
	ASSERT_EQ(cfg_write(&self->dev, &on, 2, PHYSICAL + PCI_PASID_CTRL), 2);
	ASSERT_EQ(hardware_control(), 7);
	ASSERT_EQ(kmsg_count(mark, "went to the device"), 1);

	/* The parameter is stronger, and counts at once */
	mark = kmsg_mark();
	ASSERT_EQ(sysfs_write(SHIELD, "on"), 0);
	vfio_close(&self->dev);
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	check_shield(_metadata, &self->dev);
	ASSERT_EQ(kmsg_count(mark, "was dropped"), 1);
}

/* They share its registers. vfio-pci makes VFs while the PF is open */
TEST_F(physical, is_shielded_while_there_are_vfs)
{
	uint8_t after[CFG_SIZE];

	module_reload(MODULE, "visible=off");
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(sysfs_write(ENABLE_SRIOV, "1"), 0);
	ASSERT_EQ(pci_attr(bdf_pf(), "sriov_numvfs", "1"), 0);
	check_shield(_metadata, &self->dev);
	ASSERT_EQ(pci_attr(bdf_pf(), "sriov_numvfs", "0"), 0);
	ASSERT_EQ(cfg_read(&self->dev, after, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(after, self->before, CFG_SIZE), 0);
}

TEST_HARNESS_MAIN
