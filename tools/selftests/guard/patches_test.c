// SPDX-License-Identifier: GPL-2.0
/*
 * Without the module: what vfio and iommufd do without patches/, and with them
 *
 * What patches/ say about devices that vfio-pci does not survive is in
 * control_test, and about the list of capabilities in guard/unit/core_test.
 *
 * Bench: port, reports
 */
#include <errno.h>
#include <stdlib.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

/* Where vm-tests.sh has the overlay put the capabilities */
#define PF_PASID	0x1e0
#define PAIR_PASID	0x200
#define WIDTH		20
#define ENABLE_SRIOV	"/sys/module/vfio_pci/parameters/enable_sriov"
/* IOMMU_HW_CAP_PCI_PASID_EXEC and _PRIV */
#define HW_CAPS		(1 << 1 | 1 << 2)

/*
 * @warnings, @bugs: The kernel's log from the start of the test on
 * @warned: Warnings that there are to be
 */
FIXTURE(patches) {
	struct vfio_dev dev;
	int warnings;
	int bugs;
	unsigned int warned;
};

FIXTURE_VARIANT(patches) {
	bool patched;
};

FIXTURE_VARIANT_ADD(patches, without) { .patched = false, };
FIXTURE_VARIANT_ADD(patches, with) { .patched = true, };

static void unbind_all(void)
{
	pci_unbind(bdf_pf());
	pci_unbind(bdf_pair(0));
	pci_unbind(bdf_pair(1));
}

/*
 * A fresh iommufd has not warned yet. igb warns by itself when it is unbound with
 * VFs, so the log counts from there on.
 */
FIXTURE_SETUP(patches)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	unbind_all();
	self->warnings = kmsg_mark();
	self->bugs = kmsg_mark();
	ASSERT_TRUE(vfio_patched(variant->patched));
}

FIXTURE_TEARDOWN(patches)
{
	vfio_close(&self->dev);
	unbind_all();
	vfio_patched(false);
	EXPECT_EQ(kmsg_count(self->warnings, "WARNING: "), self->warned);
	EXPECT_EQ(kmsg_count(self->bugs, "BUG: "), 0);
}

/* PASID Control, as the host has it */
static uint16_t control(const char *bdf, unsigned int place)
{
	uint16_t val = 0;

	pci_config(bdf, &val, sizeof(val), place + PCI_PASID_CTRL);
	return val;
}

static void write_zeros(const struct vfio_dev *dev, size_t size,
			unsigned int pos)
{
	uint32_t zero = 0;

	if (cfg_write(dev, &zero, size, PF_PASID + pos) != (ssize_t)size)
		exit(1);
}

static void write_control(const struct vfio_dev *dev)
{
	write_zeros(dev, 1, PCI_PASID_CTRL);
	write_zeros(dev, 2, PCI_PASID_CTRL);
	write_zeros(dev, 4, PCI_PASID_CAP);
}

TEST_F_TIMEOUT(patches, control_in_an_iommufd, 120)
{
	uint16_t before = control(bdf_pf(), PF_PASID);

	ASSERT_TRUE(before & PCI_PASID_CTRL_ENABLE);
	pci_rebind(bdf_pf(), "vfio-pci");
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_pf()), 0);
	write_control(&self->dev);
	ASSERT_EQ(control(bdf_pf(), PF_PASID), variant->patched ? before : 0);
	vfio_close(&self->dev);
	ASSERT_EQ(control(bdf_pf(), PF_PASID), before);
}

/* Through a container: it is the user's, unless there are VFs */
TEST_F_TIMEOUT(patches, control_of_a_pf_with_vfs, 120)
{
	uint16_t before = control(bdf_pf(), PF_PASID);

	ASSERT_TRUE(before & PCI_PASID_CTRL_ENABLE);
	pci_rebind(bdf_pf(), "vfio-pci");
	ASSERT_EQ(sysfs_write(ENABLE_SRIOV, "1"), 0);
	ASSERT_EQ(pci_attr(bdf_pf(), "sriov_numvfs", "2"), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	write_control(&self->dev);
	ASSERT_EQ(control(bdf_pf(), PF_PASID), variant->patched ? before : 0);
	vfio_close(&self->dev);

	ASSERT_EQ(pci_attr(bdf_pf(), "sriov_numvfs", "0"), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(control(bdf_pf(), PF_PASID), before);
	write_control(&self->dev);
	ASSERT_EQ(control(bdf_pf(), PF_PASID), 0);
}

/* The pair's port has no ACS */
TEST_F_TIMEOUT(patches, width_where_pasid_is_off, 120)
{
	uint64_t caps;

	ASSERT_EQ(control(bdf_pair(0), PAIR_PASID), 0);
	pci_rebind(bdf_pair(0), "vfio-pci");
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_pair(0)), 0);
	ASSERT_EQ(iommufd_pasid_width(&self->dev, &caps),
		  variant->patched ? 0 : WIDTH);
	ASSERT_EQ(caps & HW_CAPS, 0);
	self->warned = !variant->patched;
}

TEST_F_TIMEOUT(patches, width_where_pasid_is_on, 120)
{
	uint64_t caps;

	pci_rebind(bdf_pf(), "vfio-pci");
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_pf()), 0);
	ASSERT_EQ(iommufd_pasid_width(&self->dev, &caps), WIDTH);
	ASSERT_EQ(caps & HW_CAPS, HW_CAPS);
}

/* A table is in use as long as a PASID or the device has it */
TEST_F_TIMEOUT(patches, attach_that_cannot_be_reported, 120)
{
	int ioas, own, pasids;

	pci_rebind(bdf_pf(), "vfio-pci");
	ASSERT_EQ(vfio_open_cdev(&self->dev, bdf_pf()), 0);
	ioas = iommufd_ioas(&self->dev);
	own = iommufd_table(&self->dev, ioas);
	pasids = iommufd_table(&self->dev, ioas);
	ASSERT_GT(own, 0);
	ASSERT_GT(pasids, 0);
	ASSERT_EQ(vfio_attach(&self->dev, own), 0);
	ASSERT_EQ(iommufd_destroy(&self->dev, own), -EBUSY);
	ASSERT_EQ(vfio_attach_pasid_unreported(&self->dev, 1, pasids), -EFAULT);
	ASSERT_EQ(iommufd_destroy(&self->dev, pasids),
		  variant->patched ? 0 : -EBUSY);
	ASSERT_EQ(iommufd_destroy(&self->dev, own),
		  variant->patched ? -EBUSY : 0);
}

TEST_HARNESS_MAIN
