// SPDX-License-Identifier: GPL-2.0
/*
 * TEST ONLY: a vfio-pci-core variant driver without .device_feature
 *
 * As some variant drivers in the kernel (qat) it leaves that member out, so
 * every VFIO_DEVICE_FEATURE is vfio's own or -ENOTTY. Otherwise it does what
 * vfio-pci does. No ID matches: write vfio_pasid_nofeature to the device's
 * driver_override, and its BDF to drivers_probe.
 */
#include <linux/module.h>

#include "variant.h"

static const struct vfio_device_ops nofeature_ops = {
	.name		= "vfio_pasid_nofeature",
	VARIANT_OPS
};

static int nofeature_probe(struct pci_dev *pdev,
			   const struct pci_device_id *id)
{
	return variant_probe(pdev, &nofeature_ops);
}

VARIANT_DRIVER(nofeature_probe, variant_remove);

MODULE_DESCRIPTION("TEST ONLY: vfio-pci-core driver without device_feature");
MODULE_LICENSE("GPL");
