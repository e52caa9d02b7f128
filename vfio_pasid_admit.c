// SPDX-License-Identifier: GPL-2.0
/*
 * Refuse to open devices that make vfio-pci-core access wrong memory
 *
 * vfio_pasid_guard.c decides. This file gives it access to the device, and logs.
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

/* If the core may or may not know the DVSEC, the device must be safe for both. */
static enum vfio_pasid_hazard check_guard(struct vfio_pasid_guard *guard)
{
	enum vfio_pasid_hazard hazard;

	guard->shows_dvsec = true;
	hazard = vfio_pasid_guard_check(guard);
	if (hazard || !guard->has_dvsec || !vfio_pasid_core_may_hide_dvsec())
		return hazard;
	guard->shows_dvsec = false;
	return vfio_pasid_guard_check(guard);
}

/**
 * vfio_pasid_admit - Check that the driver can open a device safely
 * @vpasid: The device, not open yet, in D0
 *
 * Passes a device that cannot be read: the driver's open handles that.
 *
 * Return: 0, -ENOMEM, or -EINVAL if vfio-pci-core would access wrong memory.
 */
int vfio_pasid_admit(struct vfio_pasid_device *vpasid)
{
	struct vfio_pasid_image image = vfio_pasid_hardware_image(vpasid->pdev);
	struct vfio_pci_core_device *core = vfio_pasid_to_core(vpasid);
	struct vfio_pasid_guard guard = {
		.image = &image,
		.exp_flags = pcie_caps_reg(vpasid->pdev),
		.extended = core->extended_caps,
		/* The core keeps them if an open fails */
		.msi_length = core->msi_perm ? vpasid->msi_length : 0,
	};
	enum vfio_pasid_hazard hazard;

	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	guard.map = kmalloc(image.size, GFP_KERNEL);
	if (!guard.map)
		return -ENOMEM;
	hazard = check_guard(&guard);
	if (hazard)
		log_hazard(vpasid->pdev, &guard, hazard);
	kfree(guard.map);
	if (!hazard)
		vpasid->msi_length = guard.msi_length;
	return hazard ? -EINVAL : 0;
}
