// SPDX-License-Identifier: GPL-2.0
/*
 * What the host has for a guest's PASIDs, and what keeps a guest from using them
 *
 * The function and the IOMMU determine the width. A guest can use it only if more
 * is true. The PCI core enables PASID on the physical function if the IOMMU's
 * driver requests it and TLPs with a PASID can reach the root complex. And the
 * host's IOMMU has to get the guest's PASIDs. With VT-d the VMM attaches each one
 * through an iommufd. A nested SMMUv3 reads the guest's own table.
 */
#include <linux/log2.h>

#include "vfio_pasid.h"

/* PCIe 6.x, 7.8.9.2: the largest valid Max PASID Width */
#define MAX_WIDTH	20

/**
 * vfio_pasid_host_capabilities - Get what the host has enabled for a function
 * @pdev: The function; a VF shares the PASID state of its PF (PCIe 6.x,
 *	9.3.7.14)
 *
 * Return: PCI_PASID_CTRL_ENABLE, _EXEC and _PRIV, 0 if PASID is disabled.
 */
u32 vfio_pasid_host_capabilities(struct pci_dev *pdev)
{
	struct pci_dev *pf = pci_physfn(pdev);

	if (!pf->pasid_enabled)
		return 0;
	return PCI_PASID_CTRL_ENABLE |
	       (pf->pasid_features & (PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV));
}

static unsigned int function_width(struct pci_dev *pdev)
{
	int max = vfio_pasid_function_max_pasids(pdev);

	/* A function that does not respond has a width of 31 (all ones) */
	if (max < 1 || max > 1 << MAX_WIDTH)
		return 0;
	return ilog2(max);
}

/**
 * vfio_pasid_host_width - Get the PASID width for a guest, 0 to 20
 * @pdev: The function
 *
 * This is the smaller width of function and IOMMU. A VMM may read the same width
 * from IOMMU_GET_HW_INFO, and the two must be equal. AMD's driver counts 2^n - 1
 * PASIDs, so both are n - 1 there. If an old IOMMU driver does not set its number,
 * the IOMMU has PASIDs if the host has enabled PASID.
 */
unsigned int vfio_pasid_host_width(struct pci_dev *pdev)
{
	unsigned int width = function_width(pdev);
	bool known;
	u32 max = vfio_pasid_iommu_max_pasids(&pdev->dev, &known);

	if (!known)
		return vfio_pasid_host_capabilities(pdev) ? width : 0;
	return max ? min_t(unsigned int, width, ilog2(max)) : 0;
}

/*
 * As pci_acs_flags_enabled(), which is not exported. PCIe 6.x, 7.7.11: a feature
 * that is not in the capability register needs no bit in the control register.
 */
static bool acs_redirects(struct pci_dev *pdev)
{
	u16 want = PCI_ACS_RR | PCI_ACS_UF, cap = 0, ctrl = 0;

	if (!pdev->acs_cap)
		return false;
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &cap);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &ctrl);
	want &= cap;
	return (ctrl & want) == want;
}

/*
 * As pci_acs_enabled(), which is not exported, but without its quirks. For a
 * device with such a quirk the reported reason can be wrong.
 */
static bool needs_no_acs(struct pci_dev *pdev)
{
	switch (pci_pcie_type(pdev)) {
	case PCI_EXP_TYPE_ENDPOINT:
	case PCI_EXP_TYPE_UPSTREAM:
	case PCI_EXP_TYPE_LEG_END:
	case PCI_EXP_TYPE_RC_END:
		return !pdev->multifunction;
	default:
		return false;
	}
}

static bool acs_path(struct pci_dev *pdev)
{
	for (; pdev; pdev = pci_upstream_bridge(pdev))
		if (!needs_no_acs(pdev) && !acs_redirects(pdev))
			return false;
	return true;
}

/**
 * vfio_pasid_host_reason - Find out why the host has not enabled PASID
 * @pdev: The function
 *
 * Checks in the order of pci_enable_pasid().
 *
 * Return: VFIO_PASID_REASON_NONE if the host has enabled it, _NO_PREFIX_PATH,
 * _NO_ACS, or _NOT_ENABLED if it is neither of these.
 */
enum vfio_pasid_reason vfio_pasid_host_reason(struct pci_dev *pdev)
{
	struct pci_dev *pf = pci_physfn(pdev);

	if (pf->pasid_enabled)
		return VFIO_PASID_REASON_NONE;
	if (!vfio_pasid_prefix_path(pf))
		return VFIO_PASID_REASON_NO_PREFIX_PATH;
	if (!acs_path(pf))
		return VFIO_PASID_REASON_NO_ACS;
	return VFIO_PASID_REASON_NOT_ENABLED;
}

/**
 * vfio_pasid_host_obstacle - Find out what keeps a guest from using its PASIDs
 * @vpasid: The device, open, with its place and its width
 *
 * visible=auto shows the capability where this returns NONE, and hides it
 * everywhere else. Without a place there is nothing to use.
 *
 * Return: VFIO_PASID_REASON_NONE, or the first obstacle that there is.
 */
enum vfio_pasid_reason vfio_pasid_host_obstacle(struct vfio_pasid_device *vpasid)
{
	struct device *dev = &vpasid->pdev->dev;
	bool takes_table = vfio_pasid_iommu_takes_table(dev);

	if (vpasid->place.reason)
		return VFIO_PASID_REASON_NONE;
	if (!vpasid->vcap.width)
		return VFIO_PASID_REASON_NO_WIDTH;
	if (!takes_table && !vfio_pasid_can_attach(&vpasid->ops))
		return VFIO_PASID_REASON_NO_ATTACH;
	if (!vfio_pasid_bound_to_iommufd(vpasid->vdev))
		return VFIO_PASID_REASON_NO_IOMMUFD;
	if (!takes_table && !vfio_pasid_iommu_attaches(dev))
		return VFIO_PASID_REASON_NO_IOMMU_ATTACH;
	return vfio_pasid_host_reason(vpasid->pdev);
}
