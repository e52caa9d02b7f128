/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, by feature
 *
 * Kbuild looks into the headers of the kernel that it builds for and defines
 * VFIO_PASID_HAVE_<FEATURE>. Nothing outside of this file asks for one.
 */
#ifndef VFIO_PASID_COMPAT_H
#define VFIO_PASID_COMPAT_H

#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>
#include <linux/vfio.h>
#ifdef VFIO_PASID_HAVE_IOMMUFD
#include <uapi/linux/iommufd.h>
#endif

/**
 * vfio_pasid_iommu_max_pasids - PASIDs that the IOMMU has for a device
 * @dev: The device
 * @known: Output, false if the IOMMU driver does not say
 *
 * Newer kernels have the number per device, where 0 means none. Older ones
 * have it per IOMMU, where 0 also means that the driver does not fill it in, and
 * the first releases of 6.1 do not have it at all.
 */
static inline u32 vfio_pasid_iommu_max_pasids(struct device *dev, bool *known)
{
	u32 max = 0;

	*known = true;
	if (!dev->iommu)
		return 0;
#ifdef VFIO_PASID_HAVE_DEV_MAX_PASIDS
	max = dev->iommu->max_pasids;
#else
#ifdef VFIO_PASID_HAVE_IOMMU_MAX_PASIDS
	if (dev->iommu->iommu_dev)
		max = dev->iommu->iommu_dev->max_pasids;
#endif
	*known = max;
#endif
	return max;
}

/**
 * vfio_pasid_function_max_pasids - PASIDs that a function has
 * @pdev: The function; a VF shares its PF's
 *
 * Newer kernels have counted when they found the device. Older ones read it
 * now, and a function that is asleep may not answer.
 */
static inline int vfio_pasid_function_max_pasids(struct pci_dev *pdev)
{
#ifdef VFIO_PASID_HAVE_DEV_MAX_PASIDS
	return pdev->dev.iommu ? pdev->dev.iommu->max_pasids : 0;
#else
	return pci_max_pasids(pdev);
#endif
}

/**
 * vfio_pasid_core_may_hide_dvsec - Could vfio-pci-core not know the DVSEC?
 *
 * It knows it since 6.4. No header tells, and a distribution may have taken the
 * change to an older kernel, so there either answer is possible.
 */
static inline bool vfio_pasid_core_may_hide_dvsec(void)
{
#ifdef VFIO_PASID_HAVE_CORE_DVSEC
	return false;
#else
	return true;
#endif
}

/**
 * vfio_pasid_prefix_path - Do TLPs with a PASID get from a function to the host?
 * @pdev: The function, no VF
 *
 * Whether the function and all bridges above it have End-End TLP Prefix, as the
 * PCI core has found when it enumerated them (PCIe 6.x, 7.5.3.15), or need none.
 */
static inline bool vfio_pasid_prefix_path(const struct pci_dev *pdev)
{
#ifdef VFIO_PASID_HAVE_EETLP_PREFIX_MAX
	return pdev->eetlp_prefix_max || pdev->pasid_no_tlp;
#else
	return pdev->eetlp_prefix_path || pdev->pasid_no_tlp;
#endif
}

/*
 * PASIDs are attached through the device's own file (cdev) alone, so without
 * CONFIG_VFIO_DEVICE_CDEV nobody can.
 */
#if defined(VFIO_PASID_HAVE_ATTACH) && IS_ENABLED(CONFIG_IOMMUFD) && \
	IS_ENABLED(CONFIG_VFIO_DEVICE_CDEV)
/**
 * vfio_pasid_add_attach_ops - Let a VMM attach PASIDs, whatever the driver
 * @ops: Our copy of its ops
 *
 * In 7.3 vfio-pci alone has these two. What they need is that the driver binds,
 * attaches and unbinds by the functions for physical devices, as all do.
 */
static inline void vfio_pasid_add_attach_ops(struct vfio_device_ops *ops)
{
	if (ops->pasid_attach_ioas ||
	    ops->bind_iommufd != vfio_iommufd_physical_bind ||
	    ops->unbind_iommufd != vfio_iommufd_physical_unbind ||
	    ops->attach_ioas != vfio_iommufd_physical_attach_ioas)
		return;
	ops->pasid_attach_ioas = vfio_iommufd_physical_pasid_attach_ioas;
	ops->pasid_detach_ioas = vfio_iommufd_physical_pasid_detach_ioas;
}

/**
 * vfio_pasid_remove_attach_ops - Undo vfio_pasid_add_attach_ops()
 * @ops: Our copy
 * @orig: The driver's ops
 */
static inline void vfio_pasid_remove_attach_ops(struct vfio_device_ops *ops,
						const struct vfio_device_ops *orig)
{
	ops->pasid_attach_ioas = orig->pasid_attach_ioas;
	ops->pasid_detach_ioas = orig->pasid_detach_ioas;
}

/**
 * vfio_pasid_can_attach - Does vfio let a VMM attach PASIDs for its guest?
 * @ops: The ops of a device
 */
static inline bool vfio_pasid_can_attach(const struct vfio_device_ops *ops)
{
	return ops->pasid_attach_ioas;
}

/**
 * vfio_pasid_iommu_attaches - Can the IOMMU's driver attach PASIDs for a VMM?
 * @dev: The device, bound to an iommufd
 *
 * Asks for a domain as iommufd does for IOMMU_HWPT_ALLOC_PASID, and looks where
 * iommu_attach_device_pasid() looks. AMD's driver (7.3) has set_dev_pasid for SVA
 * and blocked domains alone. Without memory the answer is no.
 */
static inline bool vfio_pasid_iommu_attaches(struct device *dev)
{
	const struct iommu_ops *ops = dev->iommu->iommu_dev->ops;
	struct iommu_domain *domain;
	bool can;

	if (!ops->blocked_domain || !ops->blocked_domain->ops->set_dev_pasid)
		return false;
	domain = iommu_paging_domain_alloc_flags(dev, IOMMU_HWPT_ALLOC_PASID);
	if (IS_ERR(domain))
		return false;
	can = domain->ops->set_dev_pasid;
	iommu_domain_free(domain);
	return can;
}
#else
static inline void vfio_pasid_add_attach_ops(struct vfio_device_ops *ops)
{
}

static inline void vfio_pasid_remove_attach_ops(struct vfio_device_ops *ops,
						const struct vfio_device_ops *orig)
{
}

static inline bool vfio_pasid_can_attach(const struct vfio_device_ops *ops)
{
	return false;
}

static inline bool vfio_pasid_iommu_attaches(struct device *dev)
{
	return false;
}
#endif

/**
 * vfio_pasid_bound_to_iommufd - Was the device opened through an iommufd?
 * @vdev: The device, open. vfio binds before it calls open_device()
 *
 * Also true for a group whose container is an iommufd. Such a user cannot attach
 * PASIDs, but vfio says which of the two it is only after open_device().
 */
static inline bool vfio_pasid_bound_to_iommufd(struct vfio_device *vdev)
{
#if IS_ENABLED(CONFIG_IOMMUFD) && defined(VFIO_PASID_HAVE_IOMMUFD)
	return vdev->iommufd_device;
#else
	return false;
#endif
}

/**
 * vfio_pasid_iommu_takes_table - Does the IOMMU take a guest's own PASID table?
 * @dev: The device
 *
 * A nested SMMUv3 reads the guest's context descriptors, so its VMM attaches no
 * PASIDs. Whether this one nests can be asked since 6.17; before, the answer is
 * no.
 */
static inline bool vfio_pasid_iommu_takes_table(struct device *dev)
{
#if IS_ENABLED(CONFIG_IOMMUFD) && defined(VFIO_PASID_HAVE_VIOMMU_SIZE)
	const struct iommu_ops *ops;

	if (!dev->iommu || !dev->iommu->iommu_dev)
		return false;
	ops = dev->iommu->iommu_dev->ops;
	return ops->user_pasid_table && ops->get_viommu_size &&
	       ops->get_viommu_size(dev, IOMMU_VIOMMU_TYPE_ARM_SMMUV3);
#else
	return false;
#endif
}

#endif /* VFIO_PASID_COMPAT_H */
