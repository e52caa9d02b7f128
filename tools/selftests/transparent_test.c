// SPDX-License-Identifier: GPL-2.0
/*
 * A session with the module, whose capability is hidden, is as one without it:
 * all that vfio says of QEMU's own functions, their interrupts and their regions.
 * Every access to config space is compared in unit/session/transparent_test.c
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "lib.h"

#define REGIONS		VFIO_PCI_NUM_REGIONS
#define IRQS		VFIO_PCI_NUM_IRQS
#define FEATURES	16

/**
 * struct answers - What a session says
 * @info: Of the device
 * @regions: And of each region
 * @bytes: The first ones of each
 * @read: How many that were
 * @irqs: Its interrupts
 * @features: What probing each of the first features returned
 * @config: Config space
 */
struct answers {
	struct vfio_device_info info;
	struct vfio_region_info regions[REGIONS];
	uint32_t bytes[REGIONS];
	ssize_t read[REGIONS];
	struct vfio_irq_info irqs[IRQS];
	int features[FEATURES];
	uint8_t config[CFG_SIZE];
};

FIXTURE(transparent) {
	struct vfio_dev dev;
	struct answers without;
	struct answers with;
};

FIXTURE_VARIANT(transparent) {
	const char *function;
};

FIXTURE_VARIANT_ADD(transparent, vf) { "VF0" };
FIXTURE_VARIANT_ADD(transparent, nvme) { "NVME" };
FIXTURE_VARIANT_ADD(transparent, e1000e) { "NOBODYS" };
FIXTURE_VARIANT_ADD(transparent, conventional) { "CONVENTIONAL" };

static void ask_region(struct vfio_dev *dev, unsigned int i, struct answers *to)
{
	struct vfio_region_info *region = &to->regions[i];

	*region = (struct vfio_region_info){ .argsz = sizeof(*region), .index = i };
	ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, region);
	if (region->flags & VFIO_REGION_INFO_FLAG_READ)
		to->read[i] = pread(dev->fd, &to->bytes[i], 4, region->offset);
}

static void ask(struct vfio_dev *dev, struct answers *to)
{
	unsigned int i;

	memset(to, 0, sizeof(*to));
	to->info.argsz = sizeof(to->info);
	ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &to->info);
	cfg_read(dev, to->config, EXT_START, 0);
	cfg_read(dev, to->config + EXT_START, CFG_SIZE - EXT_START, EXT_START);
	for (i = 0; i < REGIONS; i++)
		ask_region(dev, i, to);
	for (i = 0; i < IRQS; i++) {
		to->irqs[i] = (struct vfio_irq_info){ sizeof(to->irqs[i]), .index = i };
		ioctl(dev->fd, VFIO_DEVICE_GET_IRQ_INFO, &to->irqs[i]);
	}
	for (i = 1; i < FEATURES; i++)
		to->features[i] = feature(dev, VFIO_DEVICE_FEATURE_PROBE |
					  VFIO_DEVICE_FEATURE_GET | i, 8, to);
}

FIXTURE_SETUP(transparent)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	pci_rebind(bdf_named(variant->function), "vfio-pci");
	ASSERT_EQ(vfio_open(&self->dev, bdf_named(variant->function)), 0);
	ask(&self->dev, &self->without);
	vfio_close(&self->dev);
	ASSERT_NE(self->without.info.num_regions, 0);
	ASSERT_NE(self->without.irqs[0].flags, 0);
}

FIXTURE_TEARDOWN(transparent)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_named(variant->function));
}

/* Features that are not the driver's are ours, and none of these is */
TEST_F(transparent, hidden)
{
	struct vfio_device_feature_pasid f;
	char params[128];

	snprintf(params, sizeof(params), "ranges=%s@0xf00+0x40", bdf_named(variant->function));
	module_reload(MODULE, params);
	ASSERT_EQ(vfio_open(&self->dev, bdf_named(variant->function)), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ask(&self->dev, &self->with);
	ASSERT_EQ(memcmp(&self->without, &self->with, sizeof(self->with)), 0);
	vfio_close(&self->dev);

	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_named(variant->function)), 0);
	ASSERT_NE(feature_get(&self->dev, &f), 0);
	ask(&self->dev, &self->with);
	ASSERT_EQ(memcmp(&self->without, &self->with, sizeof(self->with)), 0);
}

TEST_HARNESS_MAIN
