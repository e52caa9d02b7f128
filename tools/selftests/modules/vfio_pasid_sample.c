// SPDX-License-Identifier: GPL-2.0
/*
 * Sample: a vfio-pci-core variant driver that knows where space is unused
 *
 * It gives a range for each function that it binds to, and withdraws it when it lets
 * go. No ID matches: write vfio_pasid_sample to the device's driver_override, and its
 * BDF to drivers_probe.
 */
#include <linux/module.h>
#include <linux/vfio_pasid.h>

#include "variant.h"

#define RANGE_OFFSET	0xe80
#define RANGE_LENGTH	0x20

static const struct vfio_device_ops sample_ops = {
	.name		= "vfio_pasid_sample",
	.device_feature	= vfio_pci_core_ioctl_feature,
	VARIANT_OPS
};

static int sample_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	/* First: when the driver is bound, vfio-pasid looks at the device */
	int ret = vfio_pasid_give_range(pdev, RANGE_OFFSET, RANGE_LENGTH);

	if (ret)
		return ret;
	ret = variant_probe(pdev, &sample_ops);
	if (ret)
		vfio_pasid_withdraw_range(pdev, RANGE_OFFSET);
	return ret;
}

static void sample_remove(struct pci_dev *pdev)
{
	variant_remove(pdev);
	vfio_pasid_withdraw_range(pdev, RANGE_OFFSET);
}

VARIANT_DRIVER(sample_probe, sample_remove);

MODULE_DESCRIPTION("Sample: vfio-pci-core driver that names unused config space");
MODULE_LICENSE("GPL");
