// SPDX-License-Identifier: GPL-2.0
/*
 * Variant drivers that only arm64 has, on a function with an ID of theirs
 *
 * The function is QEMU's NVMe; the overlay answers for its ID. nvgrace-gpu also looks
 * in a CXL DVSEC whether the memory is active. The drivers do not migrate here, since
 * the function is no VF of a PF that they know. Without such a PF, hisi_acc crashes
 * when it is opened, with or without the module: its reset_prepare() follows a NULL
 * pointer. So it is only bound.
 */
#include <stdio.h>
#include <stdlib.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "lib.h"

#define PASID		PCI_EXT_CAP_ID_PASID
#define DVSEC		0x200
#define CXL		0x1e98
#define CXL_LENGTH	0x3c
#define CXL_MEM_STATUS	0x1c
#define CXL_MEM_ACTIVE	0x3	/* and the information is valid */

FIXTURE(variant) {
	struct vfio_dev dev;
	bool has_driver;
};

FIXTURE_VARIANT(variant) {
	const char *driver;
	uint32_t id;
	bool opens;
};

FIXTURE_VARIANT_ADD(variant, nvgrace_gpu) {
	.driver = "nvgrace_gpu_vfio_pci",
	.id = 0x234210de,
	.opens = true,
};

FIXTURE_VARIANT_ADD(variant, hisi_acc) {
	.driver = "hisi_acc_vfio_pci",
	.id = 0xa25619e5,
};

/* In a test's body: 6.1's harness ignores SKIP in a fixture */
#define SKIP_WITHOUT_DRIVER()						\
do {									\
	if (!self->has_driver)						\
		SKIP(return, "this kernel has no variant driver of arm64"); \
} while (0)

#define SKIP_UNLESS_IT_OPENS()						\
do {									\
	SKIP_WITHOUT_DRIVER();						\
	if (!variant->opens)						\
		SKIP(return, "this driver crashes without its PF");	\
} while (0)

static void put_dword(unsigned int pos, uint32_t val)
{
	overlay("dword %s %#x %#x 0", bdf_sole(), pos, val);
}

static void add_cxl(void)
{
	put_dword(SOLE_PLACE, PASID | 1 << 16 | DVSEC << 20);
	put_dword(DVSEC, PCI_EXT_CAP_ID_DVSEC | 1 << 16);
	put_dword(DVSEC + PCI_DVSEC_HEADER1, CXL | CXL_LENGTH << 20);
	put_dword(DVSEC + PCI_DVSEC_HEADER2, 0);
	put_dword(DVSEC + CXL_MEM_STATUS, CXL_MEM_ACTIVE);
}

FIXTURE_SETUP(variant)
{
	char command[64];

	self->dev = (struct vfio_dev){ -1, -1, -1 };
	snprintf(command, sizeof(command), "modprobe -q %s", variant->driver);
	self->has_driver = !system(command);
	module_unload(MODULE);
	put_dword(0, variant->id);
	overlay_sole(add_cxl);
}

FIXTURE_TEARDOWN(variant)
{
	vfio_close(&self->dev);
	module_unload(MODULE);
	pci_unbind(bdf_sole());
	overlay_clear_sole();
	module_unload(variant->driver);
}

TEST_F(variant, shown)
{
	struct vfio_device_feature_pasid f;

	SKIP_UNLESS_IT_OPENS();
	pci_rebind(bdf_sole(), variant->driver);
	ASSERT_EQ(vfio_open(&self->dev, bdf_sole()), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0);
	vfio_close(&self->dev);

	module_reload(MODULE, "visible=on");
	ASSERT_EQ(vfio_open(&self->dev, bdf_sole()), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), SOLE_PLACE);
	ASSERT_EQ(feature_get(&self->dev, &f), 0);
	ASSERT_EQ(f.width, 20);
}

/* The module was there before the driver's function, and stays when the driver goes */
TEST_F(variant, driver_goes_first)
{
	SKIP_WITHOUT_DRIVER();
	module_reload(MODULE, "");
	pci_rebind(bdf_sole(), variant->driver);
	ASSERT_STREQ(pci_vfio_pasid(bdf_sole(), "offset"), "0x100");
	ASSERT_EQ(module_unload(variant->driver), 0);
	ASSERT_STRNE(pci_vfio_pasid(bdf_sole(), "offset"), "0x100");
	ASSERT_EQ(module_unload(MODULE), 0);
}

/* A driver that loses the module works as before */
TEST_F(variant, module_goes_first)
{
	SKIP_UNLESS_IT_OPENS();
	pci_rebind(bdf_sole(), variant->driver);
	module_reload(MODULE, "");
	ASSERT_EQ(module_unload(MODULE), 0);
	ASSERT_EQ(vfio_open(&self->dev, bdf_sole()), 0);
	ASSERT_EQ(ext_find(&self->dev, PASID), 0);
}

TEST_HARNESS_MAIN
