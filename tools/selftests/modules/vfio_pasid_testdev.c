// SPDX-License-Identifier: GPL-2.0
/*
 * TEST ONLY: the PF's driver for the function in tools/vm/qemu
 *
 * sysfs makes VFs only of a PF whose driver has sriov_configure.
 */
#include <linux/module.h>
#include <linux/pci.h>

#define TESTDEV_VENDOR	0x1234
#define TESTDEV_PF	0x51d0

static int testdev_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pcim_enable_device(pdev);
}

static void testdev_remove(struct pci_dev *pdev)
{
	pci_disable_sriov(pdev);
}

static const struct pci_device_id testdev_ids[] = {
	{ PCI_DEVICE(TESTDEV_VENDOR, TESTDEV_PF) },
	{}
};
MODULE_DEVICE_TABLE(pci, testdev_ids);

static struct pci_driver testdev_driver = {
	.name			= "vfio_pasid_testdev",
	.id_table		= testdev_ids,
	.probe			= testdev_probe,
	.remove			= testdev_remove,
	.sriov_configure	= pci_sriov_configure_simple,
};
module_pci_driver(testdev_driver);

MODULE_DESCRIPTION("TEST ONLY: makes VFs of tools/vm/qemu's function");
MODULE_LICENSE("GPL");
