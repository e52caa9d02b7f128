// SPDX-License-Identifier: GPL-2.0
/*
 * Sample: a vfio-pci-core variant driver that knows where space is unused
 *
 * It gives the range offset=, length= for each function that it binds to, and
 * withdraws it when it lets go. More than one can be given with count=, one
 * behind the other, to meet the limit. No ID matches: write vfio_pasid_sample
 * to the device's driver_override, and its BDF to drivers_probe.
 */
#include <linux/module.h>
#include <linux/vfio_pasid.h>

#include "variant.h"

static ushort offset = 0xe80;
module_param(offset, ushort, 0444);
MODULE_PARM_DESC(offset, "Start of the unused range");

static ushort length = 0x20;
module_param(length, ushort, 0444);
MODULE_PARM_DESC(length, "Bytes in it");

static ushort count = 1;
module_param(count, ushort, 0444);
MODULE_PARM_DESC(count, "How many, one behind the other");

static const struct vfio_device_ops sample_ops = {
	.name		= "vfio_pasid_sample",
	.device_feature	= vfio_pci_core_ioctl_feature,
	VARIANT_OPS
};

static void sample_withdraw(struct pci_dev *pdev, unsigned int n)
{
	while (n--)
		vfio_pasid_withdraw_range(pdev, offset + n * length);
}

/* In probe(), before vfio-pasid has seen the device */
static int sample_give(struct pci_dev *pdev)
{
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = vfio_pasid_give_range(pdev, offset + i * length, length);
		if (ret) {
			pci_warn(pdev, "range %u not taken: %d\n", i, ret);
			sample_withdraw(pdev, i);
			return ret;
		}
	}
	return 0;
}

static int sample_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret = sample_give(pdev);

	if (ret)
		return ret;
	ret = variant_probe(pdev, &sample_ops);
	if (ret)
		sample_withdraw(pdev, count);
	return ret;
}

static void sample_remove(struct pci_dev *pdev)
{
	variant_remove(pdev);
	sample_withdraw(pdev, count);
}

/* No id_table: driver_override alone binds it */
static struct pci_driver sample_driver = {
	.name			= "vfio_pasid_sample",
	.probe			= sample_probe,
	.remove			= sample_remove,
	.err_handler		= &vfio_pci_core_err_handlers,
	.driver_managed_dma	= true,
};
module_pci_driver(sample_driver);

MODULE_DESCRIPTION("Sample: vfio-pci-core driver that names unused config space");
MODULE_LICENSE("GPL");
