// SPDX-License-Identifier: GPL-2.0
/*
 * May a device be opened? What vfio-pci-core would not survive, may not
 *
 * vfio_pasid_guard.c decides, this file reads the device for it and tells the
 * administrator.
 */
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/lockdep.h>
#include <linux/slab.h>

#include "vfio_pasid.h"
#include "vfio_pasid_guard.h"

static void log_hazard(struct pci_dev *pdev, const struct vfio_pasid_guard *g,
		       enum vfio_pasid_hazard hazard)
{
	if (hazard == VFIO_PASID_HAZARD_PAST_END)
		dev_err_ratelimited(&pdev->dev, "not opened: capability %#x at %#x needs %u bytes, which pass the end of config space, and vfio-pci would write past its buffers; without vfio-pasid it is opened at that risk\n",
				    g->id, g->where, g->length);
	else
		dev_err_ratelimited(&pdev->dev, "not opened: capabilities %#x that abut or overlap at %#x have more bytes than vfio-pci knows of, and it would read past its tables; without vfio-pasid it is opened at that risk\n",
				    g->id, g->where);
}

/* A core that may or may not show DVSECs must survive the device either way. */
static enum vfio_pasid_hazard check_cores(struct vfio_pasid_guard *guard)
{
	enum vfio_pasid_hazard hazard;

	guard->shows_dvsec = true;
	hazard = vfio_pasid_guard_check(guard);
	if (hazard || !vfio_pasid_core_may_hide_dvsec())
		return hazard;
	guard->shows_dvsec = false;
	return vfio_pasid_guard_check(guard);
}

/**
 * vfio_pasid_admit - May the driver open a device?
 * @vpasid: The device, not open yet, and awake
 *
 * A device that cannot be read is the driver's own business.
 *
 * Return: 0, -ENOMEM, or -EINVAL if vfio-pci-core would not survive it.
 */
int vfio_pasid_admit(struct vfio_pasid_device *vpasid)
{
	struct vfio_pasid_image image = vfio_pasid_hardware(vpasid->pdev);
	struct vfio_pasid_guard guard = {
		.image = &image,
		.exp_flags = pcie_caps_reg(vpasid->pdev),
	};
	enum vfio_pasid_hazard hazard;

	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	guard.map = kmalloc(image.size, GFP_KERNEL);
	if (!guard.map)
		return -ENOMEM;
	hazard = check_cores(&guard);
	if (hazard)
		log_hazard(vpasid->pdev, &guard, hazard);
	kfree(guard.map);
	return hazard ? -EINVAL : 0;
}
