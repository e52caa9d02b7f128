// SPDX-License-Identifier: GPL-2.0
/*
 * PASIDs of a guest can be attached, whatever the driver, where there is a place
 *
 * On igb's VF, under vfio-pci, and under a driver that lacks the ops for it, as
 * all variant drivers of 7.3 do. What attached PASIDs are is tested in pasid_test.c
 */
#include <errno.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define NOFEATURE	"vfio_pasid_nofeature"
#define RANGES		"/sys/module/vfio_pasid/parameters/ranges"
#define RULE		"8086:10ca@0xf00+0x40"
#define PASID		PCI_EXT_CAP_ID_PASID

#define SKIP_WITHOUT_PASIDS()						\
do {									\
	SKIP_WITHOUT_IOMMUFD();						\
	if (iommufd_pasids_pretended())					\
		SKIP(return, "the IOMMU has no PASIDs to attach");	\
} while (0)

FIXTURE(attach) {
	struct vfio_dev dev;
	int table;
};

FIXTURE_VARIANT(attach) {
	const char *driver;
	int without;	/* What vfio answers if we do nothing */
};

FIXTURE_VARIANT_ADD(attach, vfio_pci) {
	.driver = "vfio-pci",
	.without = 0,
};

FIXTURE_VARIANT_ADD(attach, variant_driver) {
	.driver = NOFEATURE,
	.without = -EOPNOTSUPP,
};

static int open_with_table(struct vfio_dev *dev, int *table)
{
	int ret = vfio_open_cdev(dev, bdf_vf(0)), ioas;

	if (ret)
		return ret;
	ioas = iommufd_ioas(dev);
	if (ioas < 0)
		return ioas;
	*table = iommufd_table(dev, ioas);
	return *table < 0 ? *table : 0;
}

FIXTURE_SETUP(attach)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	module_reload(NOFEATURE, "");
	pci_rebind(bdf_vf(0), variant->driver);
}

FIXTURE_TEARDOWN(attach)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_vf(0));
	module_unload(NOFEATURE);
	overlay("clear %s", bdf_vf(0));
}

TEST_F(attach, where_there_is_a_place)
{
	SKIP_WITHOUT_PASIDS();
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	/* visible=auto: it can be used */
	ASSERT_EQ(ext_find(&self->dev, PASID), 0xf00);
	ASSERT_EQ(vfio_try_pasid(&self->dev, 1), 0);
}

/* What is left attached goes with the session */
TEST_F(attach, closed_while_attached)
{
	SKIP_WITHOUT_PASIDS();
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 7, self->table), 0);
	close(self->dev.fd);
	self->dev.fd = -1;
	ASSERT_EQ(iommufd_destroy(&self->dev, self->table), 0);
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_F(attach, not_without_the_module)
{
	SKIP_WITHOUT_PASIDS();
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->table),
		  variant->without);
	ASSERT_EQ(vfio_detach_pasid(&self->dev, 1), variant->without);
}

/* A register in the range of the bench's table: served as without the module */
TEST_F(attach, not_without_a_place)
{
	struct vfio_device_feature_pasid f;

	SKIP_WITHOUT_PASIDS();
	overlay("dword %s 0xd00 1 0", bdf_vf(0));
	module_reload(MODULE, "");
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.place_reason, VFIO_PASID_REASON_NOT_ZERO);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->table),
		  variant->without);
	ASSERT_EQ(vfio_detach_pasid(&self->dev, 1), variant->without);
	vfio_close(&self->dev);

	/* The next session has a place, and the one after that has none again */
	ASSERT_EQ(sysfs_write(RANGES, RULE), 0);
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	ASSERT_EQ(vfio_try_pasid(&self->dev, 1), 0);
	vfio_close(&self->dev);
	ASSERT_EQ(sysfs_write(RANGES, "\n"), 0);
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->table),
		  variant->without);
}

/* A session that is older than the module stays as it is */
TEST_F(attach, not_in_a_session_from_before)
{
	SKIP_WITHOUT_PASIDS();
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->table),
		  variant->without);
}

/* We do not know what such a driver needs, so a guest is not shown what fails */
TEST_F(attach, not_where_the_driver_binds_otherwise)
{
	struct vfio_device_feature_pasid f;

	SKIP_WITHOUT_PASIDS();
	pci_unbind(bdf_vf(0));
	module_reload(NOFEATURE, "own_bind=1");
	pci_rebind(bdf_vf(0), variant->driver);
	module_reload(MODULE, "ranges=" RULE);
	ASSERT_EQ(open_with_table(&self->dev, &self->table), 0);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.hidden_reason, variant->without ?
		  VFIO_PASID_REASON_NO_ATTACH : VFIO_PASID_REASON_NONE);
	ASSERT_EQ(vfio_attach_pasid(&self->dev, 1, self->table),
		  variant->without);
}

TEST_HARNESS_MAIN
