// SPDX-License-Identifier: GPL-2.0
/*
 * TEST ONLY: a vfio-pci-core variant driver whose device can migrate
 *
 * The device has no state of its own, so its stream is empty: what a VMM sends
 * besides is all that arrives. For one device at a time. No ID matches: write
 * vfio_pasid_migrate to the device's driver_override, and its BDF to drivers_probe.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/module.h>

#include "variant.h"

/* Written under dev_set->lock at open, by one VMM's ioctl otherwise */
static enum vfio_device_mig_state state;

static ssize_t stream_read(struct file *file, char __user *to, size_t len,
			   loff_t *pos)
{
	return 0;
}

static ssize_t stream_write(struct file *file, const char __user *from,
			    size_t len, loff_t *pos)
{
	return len;
}

static const struct file_operations stream_fops = {
	.owner	= THIS_MODULE,
	.read	= stream_read,
	.write	= stream_write,
};

static struct file *migrate_set_state(struct vfio_device *vdev,
				      enum vfio_device_mig_state to)
{
	struct file *file = NULL;

	while (state != to) {
		enum vfio_device_mig_state next;
		int ret = vfio_mig_get_next_state(vdev, state, to, &next);

		if (ret)
			return ERR_PTR(ret);
		/* A state with a stream is never passed through */
		if (next == VFIO_DEVICE_STATE_STOP_COPY ||
		    next == VFIO_DEVICE_STATE_RESUMING)
			file = anon_inode_getfile("vfio_pasid_migrate",
						  &stream_fops, NULL, O_RDWR);
		if (IS_ERR(file))
			return file;
		state = next;
	}
	return file;
}

static int migrate_get_state(struct vfio_device *vdev,
			     enum vfio_device_mig_state *now)
{
	*now = state;
	return 0;
}

static int migrate_get_data_size(struct vfio_device *vdev, unsigned long *len)
{
	/* QEMU takes this for its buffer, and gives up at 0 */
	*len = PAGE_SIZE;
	return 0;
}

static const struct vfio_migration_ops migrate_mig_ops = {
	.migration_set_state		= migrate_set_state,
	.migration_get_state		= migrate_get_state,
	.migration_get_data_size	= migrate_get_data_size,
};

static int migrate_init_dev(struct vfio_device *vdev)
{
	vdev->mig_ops = &migrate_mig_ops;
	vdev->migration_flags = VFIO_MIGRATION_STOP_COPY;
	return vfio_pci_core_init_dev(vdev);
}

static int migrate_open_device(struct vfio_device *vdev)
{
	state = VFIO_DEVICE_STATE_RUNNING;
	return variant_open_device(vdev);
}

static struct vfio_device_ops migrate_ops = {
	.name		= "vfio_pasid_migrate",
	.device_feature	= vfio_pci_core_ioctl_feature,
	VARIANT_OPS
};

static int migrate_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	migrate_ops.init = migrate_init_dev;
	migrate_ops.open_device = migrate_open_device;
	return variant_probe(pdev, &migrate_ops);
}

VARIANT_DRIVER(migrate_probe, variant_remove);

MODULE_DESCRIPTION("TEST ONLY: vfio-pci-core driver whose device can migrate");
MODULE_LICENSE("GPL");
