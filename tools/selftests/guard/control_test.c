// SPDX-License-Identifier: GPL-2.0
/*
 * Without the module: what guard_test's devices do to core vfio, and that they
 * do nothing to one with patches/
 *
 * Runs in a VM of its own, on a kernel with KASAN that reports more than once.
 * That a device is refused means nothing unless this test passes.
 *
 * Bench: segment, reports
 */
#include <errno.h>

#include "kselftest_harness.h"
#include "images.h"

FIXTURE(control) {
	int unused;
};

FIXTURE_VARIANT(control) {
	bool patched;
};

/* First, since who is harmed is not to be relied on */
FIXTURE_VARIANT_ADD(control, patched_core) { .patched = true, };
FIXTURE_VARIANT_ADD(control, core) { .patched = false, };

FIXTURE_SETUP(control)
{
	module_unload(MODULE);
	ASSERT_FALSE(module_loaded(MODULE));
	if (variant->patched)
		ASSERT_TRUE(vfio_patched(true));
}

FIXTURE_TEARDOWN(control)
{
	segment_unplug_function();
	if (variant->patched)
		vfio_patched(false);
}

static void check_one(struct __test_metadata *_metadata,
		      const struct guard_image *image, bool patched)
{
	int mark = kmsg_mark(), opened;
	struct vfio_dev dev;
	unsigned int reports;

	ASSERT_EQ(guard_plug(image), 0);
	opened = vfio_open(&dev, GUARD_BDF);
	if (!opened)
		guard_touch(&dev, image);
	vfio_close(&dev);
	segment_unplug_function();
	reports = kmsg_count(mark, "BUG: ");
	TH_LOG("%s: %u reports", image->name, reports);
	ASSERT_EQ(opened, 0);
	ASSERT_EQ(reports > 0, image->flags & HARMS && !patched);
}

TEST_F_TIMEOUT(control, reports_of_kasan, 240)
{
	unsigned int i;

	for (i = 0; i < GUARD_IMAGES; i++)
		check_one(_metadata, &guard_images[i], variant->patched);
}

TEST_HARNESS_MAIN
