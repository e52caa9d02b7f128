// SPDX-License-Identifier: GPL-2.0
/*
 * An IOMMU without PASIDs: the place is found, the width is 0, and nothing is shown
 *
 * Bench: no-pasids
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

FIXTURE(no_pasids) {
	struct vfio_dev dev;
};

FIXTURE_SETUP(no_pasids)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	overlay_sole(NULL);
	pci_rebind(bdf_sole(), "vfio-pci");
	module_reload(MODULE, "");
}

FIXTURE_TEARDOWN(no_pasids)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_sole());
	overlay_clear_sole();
}

TEST_F(no_pasids, place_width_0_not_shown)
{
	struct vfio_device_feature_pasid f;

	ASSERT_EQ(vfio_open(&self->dev, bdf_sole()), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.offset, SOLE_PLACE);
	ASSERT_EQ(f.width, 0);
	ASSERT_EQ(f.hidden_reason, VFIO_PASID_REASON_NO_WIDTH);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0);
	ASSERT_STREQ(pci_vfio_pasid(bdf_sole(), "offset"), "0x100");
	ASSERT_STREQ(pci_vfio_pasid(bdf_sole(), "width"), "0");
	ASSERT_NE(strstr(pci_vfio_pasid(bdf_sole(), "reason"),
			 "the IOMMU has no PASIDs"), NULL);
}

/* What a VMM learns from iommufd, and what it can do */
TEST_F(no_pasids, none_to_attach)
{
	uint64_t caps;

	SKIP_WITHOUT_IOMMUFD();
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_sole()), 0);
	ASSERT_EQ(iommufd_pasid_width(&self->dev, &caps), 0);
	ASSERT_NE(vfio_try_pasid(&self->dev, 5), 0);
}

/* visible=on does not help */
TEST_F(no_pasids, not_shown_if_asked_for)
{
	module_reload(MODULE, "visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_sole()), 0);
	ASSERT_EQ(ext_find(&self->dev, PCI_EXT_CAP_ID_PASID), 0);
}

TEST_HARNESS_MAIN
