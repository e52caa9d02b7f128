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
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

#include "compat.h"

static int nofeature_open_device(struct vfio_device *core_vdev)
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

static const struct vfio_device_ops nofeature_ops = {
	.name		= "vfio_pasid_nofeature",
	.init		= vfio_pci_core_init_dev,
	.release	= vfio_pci_core_release_dev,
	.open_device	= nofeature_open_device,
	.close_device	= vfio_pci_core_close_device,
	.ioctl		= vfio_pci_core_ioctl,
	.read		= vfio_pci_core_read,
	.write		= vfio_pci_core_write,
	.mmap		= vfio_pci_core_mmap,
	.request	= vfio_pci_core_request,
	.match		= vfio_pci_core_match,
	COMPAT_REGION_INFO_OPS
	COMPAT_MATCH_TOKEN_OPS
	COMPAT_BIND_OPS
	COMPAT_DETACH_OPS
	COMPAT_PASID_OPS
};

static int nofeature_probe(struct pci_dev *pdev,
			   const struct pci_device_id *id)
{
	struct vfio_pci_core_device *vdev;
	int ret;

	vdev = vfio_alloc_device(vfio_pci_core_device, vdev, &pdev->dev,
				 &nofeature_ops);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);
	dev_set_drvdata(&pdev->dev, vdev);
	ret = vfio_pci_core_register_device(vdev);
	if (ret)
		vfio_put_device(&vdev->vdev);
	return ret;
}

static void nofeature_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *vdev = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(vdev);
	vfio_put_device(&vdev->vdev);
}

/* No id_table: driver_override alone binds it */
static struct pci_driver nofeature_driver = {
	.name			= "vfio_pasid_nofeature",
	.probe			= nofeature_probe,
	.remove			= nofeature_remove,
	.err_handler		= &vfio_pci_core_err_handlers,
	.driver_managed_dma	= true,
};
module_pci_driver(nofeature_driver);

MODULE_DESCRIPTION("TEST ONLY: vfio-pci-core driver without device_feature");
MODULE_LICENSE("GPL");
