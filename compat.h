/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels, by feature
 *
 * Kbuild looks into the headers of the target kernel and defines
 * VFIO_PASID_HAVE_<FEATURE>. No other file uses these.
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
 * vfio_pasid_iommu_max_pasids - Get the number of PASIDs of a device's IOMMU
 * @dev: The device
 * @known: Output, false if the IOMMU driver does not set the number
 *
 * Newer kernels have the number per device, where 0 means none. Older kernels have
 * it per IOMMU, where 0 can also mean that the driver does not set it. The first
 * releases of 6.1 do not have it.
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
 * vfio_pasid_function_max_pasids - Get the number of PASIDs of a function
 * @pdev: The function. A VF has those of its PF
 *
 * Newer kernels read it when they enumerate the device. Older kernels read it
 * here, and a suspended function may not respond.
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
 * vfio_pasid_core_may_hide_dvsec - Check whether vfio-pci-core may hide a DVSEC
 *
 * It shows DVSECs since 6.4. No header has a sign of that, and a distribution may
 * have backported the change. So on an older kernel both are possible.
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
 * vfio_pasid_prefix_path - Check that TLPs with a PASID can reach the root complex
 * @pdev: The function, not a VF
 *
 * The function and all bridges above it need End-End TLP Prefix, which the PCI core
 * has checked when it enumerated them (PCIe 6.x, 7.5.3.15). A function with
 * @pasid_no_tlp needs none.
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
 * A VMM attaches PASIDs through the device's own file (cdev), which needs
 * CONFIG_VFIO_DEVICE_CDEV.
 */
#if defined(VFIO_PASID_HAVE_ATTACH) && IS_ENABLED(CONFIG_IOMMUFD) && \
	IS_ENABLED(CONFIG_VFIO_DEVICE_CDEV)
/**
 * vfio_pasid_add_attach_ops - Add the ops that attach PASIDs to a driver's ops
 * @ops: The module's copy of the driver's ops
 *
 * In 7.3 only vfio-pci has these two ops. They work for every driver that binds,
 * attaches and unbinds by the functions for physical devices. All drivers on
 * vfio-pci-core do so today.
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
 * @ops: The module's copy of the driver's ops
 * @orig: The driver's ops
 */
static inline void vfio_pasid_remove_attach_ops(struct vfio_device_ops *ops,
						const struct vfio_device_ops *orig)
{
	ops->pasid_attach_ioas = orig->pasid_attach_ioas;
	ops->pasid_detach_ioas = orig->pasid_detach_ioas;
}

/**
 * vfio_pasid_can_attach - Check whether vfio lets a VMM attach PASIDs
 * @ops: The ops of the device
 */
static inline bool vfio_pasid_can_attach(const struct vfio_device_ops *ops)
{
	return ops->pasid_attach_ioas;
}

/**
 * vfio_pasid_iommu_attaches - Check whether the IOMMU's driver can attach PASIDs
 * @dev: The device, bound to an iommufd
 *
 * Allocates a domain as iommufd does for IOMMU_HWPT_ALLOC_PASID, and checks for
 * the same op as iommu_attach_device_pasid(). AMD's driver (7.3) has set_dev_pasid
 * for SVA and blocked domains only.
 *
 * Return: true if it can. False if not, or if there is no memory for the domain.
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
 * vfio_pasid_bound_to_iommufd - Check whether a device was opened through an iommufd
 * @vdev: The device, open. vfio binds it before it calls open_device()
 *
 * Also true for a group whose container is an iommufd. Such a user cannot attach
 * PASIDs, but vfio sets what distinguishes the two only after open_device().
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
 * vfio_pasid_iommu_takes_table - Check whether the IOMMU uses a guest's PASID table
 * @dev: The device
 *
 * A nested SMMUv3 reads the guest's context descriptors, so its VMM attaches no
 * PASIDs. An IOMMU driver can say since 6.17 whether it nests. On older kernels
 * this returns false.
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
