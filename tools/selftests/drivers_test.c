// SPDX-License-Identifier: GPL-2.0
/*
 * The drivers on vfio-pci-core of the kernel's own source, each on a VF of igb
 *
 * build.sh has what stands for the drivers of their PFs. A variant is named after
 * the table of ops that such a VF gets, and the names of the tests are columns in
 * docs/kernels.md: drivers.pl reads them.
 *
 * Bench: drivers
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define RULE	"ranges=8086:10ca@0xf00+0x40"
#define PLACE	0xf00

FIXTURE(drivers) {
	struct vfio_dev dev;
};

FIXTURE_VARIANT(drivers) {
	const char *module;
	const char *driver;
};

#define DRIVER(ops, module_name, driver_name)		\
FIXTURE_VARIANT_ADD(drivers, ops) {			\
	.module = module_name,				\
	.driver = driver_name,				\
}

DRIVER(mlx5vf_pci_ops, "mlx5-vfio-pci", "mlx5_vfio_pci");
DRIVER(pds_vfio_ops, "pds-vfio-pci", "pds_vfio_pci");
DRIVER(qat_vf_pci_ops, "qat_vfio_pci", "qat_vfio_pci");
DRIVER(virtiovf_vfio_pci_ops, "virtio-vfio-pci", "virtio_vfio_pci");
DRIVER(xe_vfio_pci_ops, "xe-vfio-pci", "xe-vfio-pci");

FIXTURE_SETUP(drivers)
{
	self->dev = (struct vfio_dev){ -1, -1, -1 };
	module_unload(MODULE);
	overlay("clear %s", bdf_vf(0));
	/* What all of them need */
	ASSERT_EQ(system("/sbin/modprobe -a virtio_pci vfio_pasid_stand_ins"), 0);
}

FIXTURE_TEARDOWN(drivers)
{
	vfio_close(&self->dev);
	pci_unbind(bdf_vf(0));
	module_unload(variant->module);
	module_unload(MODULE);
}

/* Not with modprobe: that brings the module, too, where it is installed */
static void load_driver(const char *module, const char *driver)
{
	module_reload(module, "");
	pci_rebind(bdf_vf(0), driver);
}

/* Opened anew: what is there of the module, and whether a PASID can be attached */
static int open_and_try(struct vfio_dev *dev, bool *shown)
{
	int ret = vfio_open_cdev(dev, bdf_vf(0));

	if (ret)
		return ret;
	*shown = ext_find(dev, PCI_EXT_CAP_ID_PASID) == PLACE;
	return vfio_try_pasid(dev, 1);
}

TEST_F(drivers, loaded_after_the_module)
{
	bool shown;

	ASSERT_EQ(module_load(MODULE, RULE), 0);
	load_driver(variant->module, variant->driver);
	ASSERT_TRUE(pci_has(bdf_vf(0), "vfio_pasid"));
	ASSERT_EQ(open_and_try(&self->dev, &shown), 0);
	ASSERT_TRUE(shown);
}

TEST_F(drivers, loaded_before_the_module)
{
	bool shown;

	load_driver(variant->module, variant->driver);
	/* None of them has the ops that attach PASIDs */
	ASSERT_EQ(open_and_try(&self->dev, &shown), -EOPNOTSUPP);
	ASSERT_FALSE(shown);
	vfio_close(&self->dev);
	ASSERT_EQ(module_load(MODULE, RULE), 0);
	ASSERT_TRUE(pci_has(bdf_vf(0), "vfio_pasid"));
	ASSERT_EQ(open_and_try(&self->dev, &shown), 0);
	ASSERT_TRUE(shown);
	vfio_close(&self->dev);
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(open_and_try(&self->dev, &shown), -EOPNOTSUPP);
	ASSERT_FALSE(shown);
}

/* A user's file keeps it, the module does not */
TEST_F(drivers, unloaded_while_attached)
{
	bool shown;

	ASSERT_EQ(module_load(MODULE, RULE), 0);
	load_driver(variant->module, variant->driver);
	ASSERT_EQ(open_and_try(&self->dev, &shown), 0);
	ASSERT_EQ(module_unload(variant->module), -EWOULDBLOCK);
	vfio_close(&self->dev);
	ASSERT_TRUE(pci_has(bdf_vf(0), "vfio_pasid"));
	ASSERT_EQ(module_unload(variant->module), 0);
	ASSERT_FALSE(pci_has(bdf_vf(0), "vfio_pasid"));
	ASSERT_EQ(module_unload(MODULE), 0);
}

TEST_HARNESS_MAIN
