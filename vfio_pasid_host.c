// SPDX-License-Identifier: GPL-2.0
/*
 * What the host offers for a guest's PASIDs, and what stands in a guest's way
 *
 * The width is what function and IOMMU could do. Whether a guest can use it
 * depends on more: the PCI core enables PASID on the physical function only if
 * TLPs with a PASID get through to the root complex, the IOMMU's driver must have
 * asked for it, and a guest's PASIDs must get into the host's IOMMU. How they do
 * depends on the IOMMU: for VT-d the VMM attaches each one through an iommufd, a
 * nested SMMUv3 takes the guest's own table with the requester ID.
 */
#include <linux/log2.h>

#include "vfio_pasid.h"

/* PCIe 6.x, 7.8.9.2: the largest Max PASID Width there is */
#define MAX_WIDTH	20

/**
 * vfio_pasid_host_capabilities - What the host has enabled for a function
 * @pdev: The function; a VF shares the PASID state of its PF (PCIe 6.x,
 *	9.3.7.14)
 *
 * Return: PCI_PASID_CTRL_ENABLE, _EXEC and _PRIV, 0 where PASID is off.
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

	/* A function that does not answer reads as a width of 31 */
	if (max < 1 || max > 1 << MAX_WIDTH)
		return 0;
	return ilog2(max);
}

/**
 * vfio_pasid_host_width - PASID width that a guest could have, 0 to 20
 * @pdev: The function
 *
 * The smaller one of what the function and the IOMMU can, as IOMMU_GET_HW_INFO
 * has it, since a VMM reads either. AMD's driver counts 2^n - 1 PASIDs, so both
 * are one less than n there. Where an old IOMMU driver does not say its number,
 * an enabled PASID is the only sign that there is one.
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
 * PCIe 6.x, 7.7.11: a feature that the capability register lacks needs no
 * control. As in pci_acs_flags_enabled(), which is not exported.
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
 * As in pci_acs_enabled(), which is not exported, but for its quirks: for a
 * device with one, the reason that is given can be wrong.
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
 * vfio_pasid_host_reason - Why the host has not enabled PASID for a function
 * @pdev: The function
 *
 * In the order in which pci_enable_pasid() looks.
 *
 * Return: VFIO_PASID_REASON_NONE if it has, _NO_PREFIX_PATH, _NO_ACS, or
 * _NOT_ENABLED where none of these explains it.
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
