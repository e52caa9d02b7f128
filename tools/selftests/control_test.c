// SPDX-License-Identifier: GPL-2.0
/*
 * Without the module: what guard_test's devices do to core vfio
 *
 * Runs in a VM of its own, on a kernel with KASAN that reports more than once.
 * That a device is refused means nothing unless this test passes.
 */
#include <errno.h>

#include "kselftest_harness.h"
#include "guard_images.h"

static void check_one(struct __test_metadata *_metadata,
		      const struct guard_image *image)
{
	int mark = kmsg_mark();
	struct vfio_dev dev;
	unsigned int reports;

	ASSERT_EQ(guard_plug(image), 0);
	if (!vfio_open(&dev, GUARD_BDF))
		guard_touch(&dev, image);
	vfio_close(&dev);
	segment_unplug_function();
	reports = kmsg_count(mark, "BUG: KASAN");
	TH_LOG("%s: %u reports", image->name, reports);
	ASSERT_EQ(reports > 0, (image->flags & (HARMS | UNSEEN)) == HARMS);
}

FIXTURE(control) {
	int unused;
};

FIXTURE_SETUP(control)
{
	ASSERT_FALSE(module_loaded(MODULE));
}

FIXTURE_TEARDOWN(control)
{
	segment_unplug_function();
}

TEST_F_TIMEOUT(control, core_vfio_is_harmed, 120)
{
	unsigned int i;

	for (i = 0; i < GUARD_IMAGES; i++)
		check_one(_metadata, &guard_images[i]);
}

TEST_HARNESS_MAIN
