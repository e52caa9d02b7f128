// SPDX-License-Identifier: GPL-2.0
/*
 * TEST ONLY: pretend that the VT-d of a function nests
 *
 * VMMs ask for a nesting parent before they offer PASIDs to a guest, and QEMU's VT-d
 * cannot nest. While this is loaded, the parent can be allocated: it is an ordinary
 * second stage. What is nested in it would not work. device=BDF names the function.
 */
#include <linux/module.h>
#include <linux/pci.h>

#include "iommu.h"

#define ECAP_NEST	BIT_ULL(26)

static char *device;
module_param(device, charp, 0);
MODULE_PARM_DESC(device, "A function behind the IOMMU: 0000:00:05.0");

/* IOMMUs stay, so the function need not */
static struct intel_iommu *iommu;
static u64 was;

static int __init nest_init(void)
{
	unsigned int domain, bus, slot, func;
	struct pci_dev *pdev;

	if (!device || sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
	if (pdev && pdev->dev.iommu) {
		struct device_domain_info *info = dev_iommu_priv_get(&pdev->dev);

		iommu = info ? info->iommu : NULL;
	}
	pci_dev_put(pdev);
	if (!iommu)
		return -ENODEV;
	was = iommu->ecap;
	iommu->ecap |= ECAP_NEST;
	return 0;
}

static void __exit nest_exit(void)
{
	iommu->ecap = was;
}

module_init(nest_init);
module_exit(nest_exit);

MODULE_DESCRIPTION("Test only: pretend that VT-d nests");
MODULE_LICENSE("GPL");
