// SPDX-License-Identifier: GPL-2.0
/*
 * User memory that ends too early, or is none
 *
 * Bench: segment
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define PASID		PCI_EXT_CAP_ID_PASID
#define SLOT		SEGMENT_VF
#define BDF		SEGMENT_BDF(SLOT)
#define RULE		"1b36:5002@0xf00+0x40"
#define PAGE		((size_t)sysconf(_SC_PAGESIZE))

/* A page of user memory, and nothing behind it */
FIXTURE(memory) {
	uint8_t with[CFG_SIZE];
	struct vfio_dev dev;
	uint8_t *page;
};

FIXTURE_SETUP(memory)
{
	uint8_t image[CFG_SIZE];

	module_unload(MODULE);
	image_vf(image);
	ASSERT_EQ(segment_plug_vf(image), 0);
	pci_rebind(BDF, "vfio-pci");
	module_reload(MODULE, "visible=on ranges=" RULE);
	ASSERT_EQ(vfio_open(&self->dev, BDF), 0);
	ASSERT_EQ(cfg_read(&self->dev, self->with, CFG_SIZE, 0), CFG_SIZE);
	ASSERT_EQ(segment_soften(SLOT, 0xef0, 0x60), 0);
	self->page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(self->page, MAP_FAILED);
	ASSERT_EQ(munmap(self->page + PAGE, PAGE), 0);
}

FIXTURE_TEARDOWN(memory)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	segment_unplug_vf();
}

static bool has_changed(struct vfio_dev *dev, const uint8_t *before)
{
	uint8_t now[CFG_SIZE];

	return cfg_read(dev, now, CFG_SIZE, 0) != CFG_SIZE ||
	       memcmp(now, before, CFG_SIZE);
}

/* The ioctl, with all that there is of it at @arg */
static int raw_feature(struct vfio_dev *dev, void *arg)
{
	return ioctl(dev->fd, VFIO_DEVICE_FEATURE, arg) ? -errno : 0;
}

static const uint32_t indices[] = {
	VFIO_DEVICE_FEATURE_PASID, VFIO_DEVICE_FEATURE_PASID_RANGES
};

static size_t size_of(uint32_t index)
{
	return sizeof(struct vfio_device_feature) +
	       (index == VFIO_DEVICE_FEATURE_PASID ?
		sizeof(struct vfio_device_feature_pasid) :
		sizeof(struct vfio_device_feature_pasid_ranges));
}

static int feature_at(struct vfio_dev *dev, uint8_t *at, uint32_t flags,
		      size_t there)
{
	struct vfio_device_feature f = {
		.argsz = size_of(flags & VFIO_DEVICE_FEATURE_MASK),
		.flags = flags,
	};

	memset(at, 0, there);
	memcpy(at, &f, there < sizeof(f) ? there : sizeof(f));
	return raw_feature(dev, at);
}

TEST_F(memory, features_that_cross_into_nothing)
{
	uint32_t i, index, size, there;
	uint8_t *end = self->page + PAGE;

	for (i = 0; i < 2; i++) {
		index = indices[i];
		size = size_of(index);
		for (there = 0; there < size; there += 4)
			ASSERT_EQ(feature_at(&self->dev, end - there, index |
					     VFIO_DEVICE_FEATURE_GET, there),
				  -EFAULT);
		ASSERT_EQ(feature_at(&self->dev, end - size, index |
				     VFIO_DEVICE_FEATURE_GET, size), 0);
		/* PROBE touches nothing but the header */
		ASSERT_EQ(feature_at(&self->dev, end - 8, index |
				     VFIO_DEVICE_FEATURE_PROBE |
				     VFIO_DEVICE_FEATURE_GET, 8), 0);
	}
	/* Zeros would be a SET that hides */
	size = size_of(VFIO_DEVICE_FEATURE_PASID);
	for (there = 0; there < size; there += 4)
		ASSERT_EQ(feature_at(&self->dev, end - there,
				     VFIO_DEVICE_FEATURE_PASID |
				     VFIO_DEVICE_FEATURE_SET, there), -EFAULT);
	ASSERT_FALSE(has_changed(&self->dev, self->with));
	ASSERT_EQ(feature_at(&self->dev, end - size, VFIO_DEVICE_FEATURE_PASID |
			     VFIO_DEVICE_FEATURE_SET, size), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0);
}

TEST_F(memory, features_nowhere)
{
	void *const nowhere[] = {
		NULL, (void *)8, self->page + PAGE, (void *)0xffffffff81000000UL,
		(void *)-4096L, (void *)-8L, (void *)0x8000000000000000UL,
	};
	unsigned int i;

	for (i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
		ASSERT_EQ(raw_feature(&self->dev, nowhere[i]), -EFAULT);
	ASSERT_FALSE(has_changed(&self->dev, self->with));
}

static uint64_t hardware(void)
{
	uint64_t val;

	return pci_config(BDF, &val, 8, 0xef8) == 8 ? val : ~0ULL;
}

/* Not even the part that could be read takes effect, on this side or that */
TEST_F(memory, writes_that_cross_into_nothing)
{
	uint8_t *end = self->page + PAGE;
	unsigned int there;

	memset(self->page, 0xff, PAGE);
	for (there = 0; there < 16; there++) {
		ASSERT_EQ(cfg_write(&self->dev, end - there, 16, 0xef8), -EFAULT);
		ASSERT_EQ(cfg_write(&self->dev, end - there, 16, 0xf00), -EFAULT);
	}
	ASSERT_EQ(hardware(), 0);
	ASSERT_FALSE(has_changed(&self->dev, self->with));
	ASSERT_EQ(cfg_write(&self->dev, end - 8, 8, 0xf00), 8);
	ASSERT_EQ(cfg_dword(&self->dev, 0xf04) >> 16, 7);
}

TEST_HARNESS_MAIN
