/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TEST ONLY: what every driver on vfio-pci-core does, as vfio-pci does it
 */
#ifndef VFIO_PASID_TEST_VARIANT_H
#define VFIO_PASID_TEST_VARIANT_H

#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

#include "compat.h"

static int variant_open_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_core_device *vdev =
		container_of(core_vdev, struct vfio_pci_core_device, vdev);
	int ret;

	ret = vfio_pci_core_enable(vdev);
	if (ret)
		return ret;
	vfio_pci_core_finish_enable(vdev);
	return 0;
}

/* All of vfio-pci's ops but device_feature, and what attaches PASIDs */
#define VARIANT_OPS						\
	.init		= vfio_pci_core_init_dev,		\
	.release	= vfio_pci_core_release_dev,		\
	.open_device	= variant_open_device,			\
	.close_device	= vfio_pci_core_close_device,		\
	.ioctl		= vfio_pci_core_ioctl,			\
	.read		= vfio_pci_core_read,			\
	.write		= vfio_pci_core_write,			\
	.mmap		= vfio_pci_core_mmap,			\
	.request	= vfio_pci_core_request,		\
	.match		= vfio_pci_core_match,			\
	COMPAT_REGION_INFO_OPS					\
	COMPAT_MATCH_TOKEN_OPS					\
	COMPAT_BIND_OPS						\
	COMPAT_DETACH_OPS

static int variant_probe(struct pci_dev *pdev,
			 const struct vfio_device_ops *ops)
{
	struct vfio_pci_core_device *vdev;
	int ret;

	vdev = vfio_alloc_device(vfio_pci_core_device, vdev, &pdev->dev, ops);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);
	dev_set_drvdata(&pdev->dev, vdev);
	ret = vfio_pci_core_register_device(vdev);
	if (ret)
		vfio_put_device(&vdev->vdev);
	return ret;
}

static void variant_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *vdev = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(vdev);
	vfio_put_device(&vdev->vdev);
}

/* No id_table: driver_override alone binds it, by the module's name */
#define VARIANT_DRIVER(probe_, remove_)					\
static struct pci_driver variant_driver = {				\
	.name			= KBUILD_MODNAME,			\
	.probe			= probe_,				\
	.remove			= remove_,				\
	.err_handler		= &vfio_pci_core_err_handlers,		\
	.driver_managed_dma	= true,					\
};									\
module_pci_driver(variant_driver)

#endif /* VFIO_PASID_TEST_VARIANT_H */
