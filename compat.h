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
#include <linux/pci-ats.h>
#include <linux/vfio.h>

#if !IS_ENABLED(CONFIG_PCI_PASID) || !IS_ENABLED(CONFIG_IOMMU_API)
#error "vfio-pasid needs a kernel with CONFIG_PCI_PASID and CONFIG_IOMMU_API"
#endif

/*
 * Unloading waits for tasks that hold a pointer to our copy of the ops without
 * a lock. Where such a task can be preempted, only RCU tasks knows when it is
 * done; without preemption, synchronize_rcu_tasks() is synchronize_rcu().
 */
#if IS_ENABLED(CONFIG_PREEMPTION) && !IS_ENABLED(CONFIG_TASKS_RCU)
#error "vfio-pasid needs CONFIG_TASKS_RCU on a kernel with CONFIG_PREEMPTION"
#endif

/**
 * vfio_pasid_iommu_max_pasids - PASIDs that the IOMMU has for a device
 * @dev: The device
 * @known: Output, false if the IOMMU driver does not say
 *
 * Newer kernels have the number per device, where 0 means none. Older ones
 * have it per IOMMU, where 0 also means that the driver does not fill it in.
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
	if (dev->iommu->iommu_dev)
		max = dev->iommu->iommu_dev->max_pasids;
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
 * vfio_pasid_core_shows_dvsec - Does vfio-pci-core know the DVSEC capability?
 */
static inline bool vfio_pasid_core_shows_dvsec(void)
{
#ifdef VFIO_PASID_HAVE_CORE_DVSEC
	return true;
#else
	return false;
#endif
}

#if defined(VFIO_PASID_HAVE_ATTACH) && IS_ENABLED(CONFIG_IOMMUFD)
/**
 * vfio_pasid_lend_attach - Let a VMM attach PASIDs, whatever the driver
 * @ops: Our copy of its ops
 *
 * In 7.3 vfio-pci alone has these two. What they need is that the driver binds,
 * attaches and unbinds by the functions for physical devices, as all do.
 */
static inline void vfio_pasid_lend_attach(struct vfio_device_ops *ops)
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
 * vfio_pasid_return_attach - Take that back
 * @ops: Our copy
 * @orig: The driver's ops
 */
static inline void vfio_pasid_return_attach(struct vfio_device_ops *ops,
					    const struct vfio_device_ops *orig)
{
	ops->pasid_attach_ioas = orig->pasid_attach_ioas;
	ops->pasid_detach_ioas = orig->pasid_detach_ioas;
}

/**
 * vfio_pasid_can_attach - Can a VMM attach PASIDs for its guest?
 * @ops: The ops of a device
 */
static inline bool vfio_pasid_can_attach(const struct vfio_device_ops *ops)
{
	return ops->pasid_attach_ioas;
}

/**
 * vfio_pasid_bound_to_iommufd - Was the device opened through an iommufd?
 * @vdev: The device, open. vfio binds before it calls open_device()
 */
static inline bool vfio_pasid_bound_to_iommufd(struct vfio_device *vdev)
{
	return vdev->iommufd_device;
}
#else
static inline void vfio_pasid_lend_attach(struct vfio_device_ops *ops)
{
}

static inline void vfio_pasid_return_attach(struct vfio_device_ops *ops,
					    const struct vfio_device_ops *orig)
{
}

static inline bool vfio_pasid_can_attach(const struct vfio_device_ops *ops)
{
	return false;
}

static inline bool vfio_pasid_bound_to_iommufd(struct vfio_device *vdev)
{
	return false;
}
#endif

#endif /* VFIO_PASID_COMPAT_H */
