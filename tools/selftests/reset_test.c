// SPDX-License-Identifier: GPL-2.0
/*
 * Resets of one function: what each does to Control, and to the layout
 *
 * On a VF of the segment with a range, whose capability is pinned. A reset that
 * userspace asks for clears Control. Power states keep it, and so do resets that
 * nobody tells us of. No reset changes the layout. The segment counts the resets
 * that the hardware has seen, and a register that no capability describes shows
 * it, too. The guest's own resets are tested in unit/session/registers_test.c.
 *
 * Bench: segment
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define PM		0x90
#define BDF		SEGMENT_BDF(SEGMENT_VF)
#define PINNED		0xf20
#define REGISTER	0x800
#define ALL		(PCI_PASID_CTRL_ENABLE | PCI_PASID_CTRL_EXEC | \
			 PCI_PASID_CTRL_PRIV)

/*
 * @expected: What the user must see
 * @seen: What he sees
 */
FIXTURE(reset) {
	struct vfio_dev dev;
	uint8_t expected[CFG_SIZE];
	uint8_t seen[CFG_SIZE];
};

/*
 * @act: The reset; 0 or -errno
 * @clears: Control reads 0 afterwards
 * @resets: Resets that the hardware sees
 */
FIXTURE_VARIANT(reset) {
	int (*act)(const struct vfio_dev *dev);
	bool clears;
	unsigned int resets;
};

static int by_ioctl(const struct vfio_dev *dev)
{
	return ioctl(dev->fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static int by_sysfs(const struct vfio_dev *dev)
{
	return pci_attr(BDF, "reset", "1");
}

/* The PF's FLR takes its VFs with it; they come back with its SR-IOV state */
static int by_its_pf(const struct vfio_dev *dev)
{
	return pci_attr(SEGMENT_BDF(SEGMENT_PF), "reset", "1");
}

/* The hardware's power state; waits for it, since runtime PM takes its time */
static bool has_power_state(unsigned int state)
{
	uint8_t hw[CFG_SIZE];
	int i;

	for (i = 0; i < 1000; i++) {
		segment_get_image(SEGMENT_VF, hw);
		if ((hw[PM + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK) ==
		    state)
			return true;
		usleep(10000);
	}
	return false;
}

static int by_d3hot(const struct vfio_dev *dev)
{
	uint16_t d3hot = 3, d0 = 0;

	if (cfg_write(dev, &d3hot, 2, PM + PCI_PM_CTRL) != 2 ||
	    !has_power_state(3))
		return -EIO;
	if (cfg_write(dev, &d0, 2, PM + PCI_PM_CTRL) != 2 ||
	    !has_power_state(0))
		return -EIO;
	return 0;
}

static int by_low_power(const struct vfio_dev *dev)
{
	uint64_t entry = 0;
	int ret;

	ret = feature(dev, VFIO_DEVICE_FEATURE_SET |
		      VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, 16, &entry);
	if (!ret && !has_power_state(3))
		ret = -EIO;
	if (!ret)
		ret = feature(dev, VFIO_DEVICE_FEATURE_SET |
			      VFIO_DEVICE_FEATURE_LOW_POWER_EXIT, 8, &entry);
	return !ret && !has_power_state(0) ? -EIO : ret;
}

FIXTURE_VARIANT_ADD(reset, ioctl) { by_ioctl, .clears = true, .resets = 1 };
FIXTURE_VARIANT_ADD(reset, d3hot) { by_d3hot };
FIXTURE_VARIANT_ADD(reset, low_power) { by_low_power };
FIXTURE_VARIANT_ADD(reset, sysfs) { by_sysfs, .resets = 1 };
FIXTURE_VARIANT_ADD(reset, pf) { by_its_pf, .resets = 1 };

/* With FLR and Power Management */
static void make_image(uint8_t *image)
{
	image_vf(image);
	image_put32(image, IMAGE_EXP + PCI_EXP_DEVCAP,
		    PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	image[IMAGE_EXP + PCI_CAP_LIST_NEXT] = PM;
	image_put32(image, PM, PCI_CAP_ID_PM | 3 << 16);
	image_put32(image, PM + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
}

FIXTURE_SETUP(reset)
{
	uint8_t image[CFG_SIZE];

	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	make_image(image);
	ASSERT_EQ(segment_plug_vf(image), 0);
	ASSERT_EQ(segment_soften(SEGMENT_VF, REGISTER, 4), 0);
	pci_rebind(BDF, "vfio-pci");
	module_reload(MODULE, "visible=on ranges=" BDF "@0xf00+0x40");
	ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
}

FIXTURE_TEARDOWN(reset)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	segment_unplug_vf();
}

/* Of the function and of the PF that it depends on */
static unsigned int resets_seen(void)
{
	return segment_stat(SEGMENT_VF, "flr") + segment_stat(SEGMENT_PF, "flr");
}

TEST_F(reset, pinned)
{
	unsigned int before = resets_seen();
	uint8_t val = 0x5a, all = ALL;

	ASSERT_EQ(pasid_set(&self->dev, VFIO_PASID_FLAG_VISIBLE, PINNED), 0);
	ASSERT_EQ(cfg_write(&self->dev, &all, 1, PINNED + PCI_PASID_CTRL), 1);
	ASSERT_EQ(cfg_write(&self->dev, &val, 1, REGISTER), 1);
	ASSERT_EQ(cfg_read(&self->dev, self->expected, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(self->expected[REGISTER], val);
	ASSERT_EQ(self->expected[PINNED + PCI_PASID_CTRL], ALL);
	if (variant->resets)
		self->expected[REGISTER] = 0;
	if (variant->clears)
		self->expected[PINNED + PCI_PASID_CTRL] = 0;
	ASSERT_EQ(variant->act(&self->dev), 0);
	ASSERT_EQ(resets_seen(), before + variant->resets);
	ASSERT_EQ(cfg_read(&self->dev, self->seen, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(memcmp(self->seen + EXT_START, self->expected + EXT_START,
			 CFG_SIZE - EXT_START), 0) {
		TH_LOG("Control %#x", self->seen[PINNED + PCI_PASID_CTRL]);
	}
}

TEST_HARNESS_MAIN
