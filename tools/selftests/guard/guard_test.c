// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that core vfio does not survive are refused before they are opened,
 * and no others. control_test shows what happens without the module.
 *
 * Bench: segment
 */
#include <errno.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "images.h"

#define MAX_READS	200

FIXTURE(guard) {
	struct vfio_dev dev;
};

FIXTURE_SETUP(guard)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_reload(MODULE, "visible=on");
}

FIXTURE_TEARDOWN(guard)
{
	vfio_close(&self->dev);
	segment_unplug_function();
	module_unload(MODULE);
}

static void check_refused(struct __test_metadata *_metadata, int mark,
			  struct vfio_dev *dev)
{
	unsigned int reads = segment_stat(GUARD_SLOT, "reads");

	ASSERT_EQ(vfio_open(dev, GUARD_BDF), -EINVAL);
	ASSERT_LT(segment_stat(GUARD_SLOT, "reads") - reads, MAX_READS);
	ASSERT_EQ(kmsg_count(mark, GUARD_BDF ": vfio-pasid: not opened: "), 1);
	if (vfio_has_cdev())
		ASSERT_EQ(vfio_open_cdev(dev, GUARD_BDF), -EINVAL);
}

static void check_one(struct __test_metadata *_metadata,
		      const struct guard_image *image, struct vfio_dev *dev)
{
	int mark = kmsg_mark();

	ASSERT_EQ(guard_plug(image), 0);
	if (image->flags & HARMS) {
		check_refused(_metadata, mark, dev);
	} else {
		ASSERT_EQ(vfio_open(dev, GUARD_BDF), 0);
		guard_touch(dev, image);
		vfio_close(dev);
		ASSERT_EQ(kmsg_count(mark, "not opened"), 0);
	}
	segment_unplug_function();
}

TEST_F(guard, refused_or_opened)
{
	unsigned int i;

	for (i = 0; i < GUARD_IMAGES; i++) {
		TH_LOG("%s", guard_images[i].name);
		check_one(_metadata, &guard_images[i], &self->dev);
	}
}

TEST_HARNESS_MAIN
