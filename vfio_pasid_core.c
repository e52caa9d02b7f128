// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-pasid: a virtual PASID capability for devices under vfio-pci-core
 *
 * This room wires: load and unload, attach to devices and let go of them, and
 * the members of vfio_device_ops that are ours.
 *
 * Terms: we attach to a vfio_device by giving it its own copy of its driver's
 * vfio_device_ops, with a few members replaced; we detach by putting the
 * original back. A session lasts from the first open to the last close. For a
 * session with a place we lend the ops that attach PASIDs to a driver without
 * any. vfio calls these for an open device, so nobody looks while they change.
 *
 * Which devices: every driver built on vfio-pci-core uses the core's exported
 * error_detected handler, and the core insists that its drvdata is the
 * vfio_pci_core_device. That identifies a device without guessing.
 *
 * Lifetimes:
 * - Attached means: an entry in the list, which holds a reference on
 *   vdev->device, so vdev and its dev_set stay. Taken at attach, put when the
 *   ops are back: at UNBOUND, or at exit.
 * - Each session holds a reference on this module, taken by open_device and
 *   put by close_device, so exit finds no session.
 * - vfio reads vdev->ops without a lock in two situations. With a file open:
 *   then the module cannot go. With the device merely registered (match, and
 *   the like): members that we do not replace, read from our copy in a few
 *   instructions. exit waits for these with synchronize_rcu_tasks() before it
 *   frees the copies. At UNBOUND the device is unregistered, its files are
 *   closed and nobody can find it, so the copy is freed at once.
 * - put_device() at UNBOUND may be the last one, and then runs the driver's
 *   release. Unbinding through the driver's sysfs file keeps the driver's text,
 *   but a hot unplug has already taken the device off the driver's list, and
 *   rmmod of the driver no longer waits for it. So UNBIND takes a reference on
 *   the driver's module for UNBOUND. If the module is going already, then the
 *   device is not open and cannot be opened: vfio takes the same reference
 *   before it opens, so we detach right there, before remove().
 *
 * Races:
 * - open against exit: both take dev_set->lock. An open that comes first gets
 *   its module reference before exit was called, or fails to get it, puts the
 *   driver's ops back itself and goes on as if we were not there.
 * - open against the scan at load: while vfio opens a device, under
 *   dev_set->lock, it tries device_lock for a reset, and fails the open with
 *   EAGAIN if somebody has it. So the scan has it for an instant, to find the
 *   vfio_device, and then again under dev_set->lock, where nobody opens. It
 *   never waits for it, and gives up after some seconds: in 6.1 an unbind that
 *   waits for a user has it, with the vfio_device still registered.
 * - open against BOUND: vfio registers a device before its driver is bound. A
 *   device that is open at attach has its ops swapped, with a module reference
 *   for that session, and its wrappers pass through until it is closed.
 * - close against exit: module_put() is the last thing that a session does,
 *   and dev_set->lock, which exit needs, is held by vfio until after our
 *   return.
 *
 * - sysfs files against removal: UNBIND and exit remove them first, and wait.
 *   A file finds its device through drvdata and dev_set->lock, and takes
 *   neither device_lock nor our mutex, which are held by who waits for it.
 *
 * Lock order: device_lock (BOUND and UNBIND come under it), vfio_pasid_mutex,
 * dev_set->lock. The scan at load only tries the first. vfio_pasid_list_lock is
 * the innermost.
 */
#define pr_fmt(fmt) "vfio-pasid: " fmt
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "vfio_pasid.h"

/* Of 1 to 2 ms each, until the scan at load gives a busy device up */
#define SCAN_TRIES	3000

/* Guards the list and vfio_pasid_going. */
static DEFINE_MUTEX(vfio_pasid_mutex);
/* Taken for changes of the list, too: a look at it must not wait for the mutex */
static DEFINE_SPINLOCK(vfio_pasid_list_lock);
static LIST_HEAD(vfio_pasid_devices);
static bool vfio_pasid_going;

static struct vfio_pasid_device *to_vpd(struct vfio_device *vdev)
{
	return container_of(vdev->ops, struct vfio_pasid_device, ops);
}

static int call_open(struct vfio_device *vdev,
		     const struct vfio_device_ops *orig)
{
	return orig->open_device ? orig->open_device(vdev) : 0;
}

static int vfio_pasid_open_device(struct vfio_device *vdev)
{
	struct vfio_pasid_device *vpd = to_vpd(vdev);
	int ret;

	lockdep_assert_held(&vdev->dev_set->lock);

	/* exit has been called and waits for our lock */
	if (!try_module_get(THIS_MODULE)) {
		WRITE_ONCE(vdev->ops, vpd->orig);
		return call_open(vdev, vpd->orig);
	}

	ret = vfio_pasid_admit(vpd);
	if (!ret)
		ret = call_open(vdev, vpd->orig);
	if (ret) {
		module_put(THIS_MODULE);
		return ret;
	}
	vfio_pasid_decide(vpd);
	if (!vpd->place.reason)
		vfio_pasid_lend_attach(&vpd->ops);
	vfio_pasid_config_begin(vpd);
	vpd->served = true;
	return 0;
}

static void vfio_pasid_close_device(struct vfio_device *vdev)
{
	struct vfio_pasid_device *vpd = to_vpd(vdev);

	lockdep_assert_held(&vdev->dev_set->lock);

	vpd->served = false;
	vfio_pasid_config_end(vpd);
	/* What is attached is detached by the driver's unbind_iommufd() */
	vfio_pasid_return_attach(&vpd->ops, vpd->orig);
	if (vpd->orig->close_device)
		vpd->orig->close_device(vdev);
	/* Of open_device, or of attach for a session that was there before */
	module_put(THIS_MODULE);
}

static ssize_t vfio_pasid_write(struct vfio_device *vdev,
				const char __user *buf, size_t count,
				loff_t *ppos)
{
	struct vfio_pasid_device *vpd = to_vpd(vdev);

	if (VFIO_PCI_OFFSET_TO_INDEX(*ppos) == VFIO_PCI_CONFIG_REGION_INDEX)
		return vfio_pasid_write_config(vpd, buf, count, ppos);
	return vpd->orig->write(vdev, buf, count, ppos);
}

/*
 * A hot reset resets a whole set, whoever asked. The set's lock keeps its
 * members and their sessions.
 */
static void reset_set(struct vfio_device_set *dev_set)
{
	struct vfio_device *vdev;

	mutex_lock(&dev_set->lock);
	list_for_each_entry(vdev, &dev_set->device_list, dev_set_list)
		if (vdev->ops->open_device == vfio_pasid_open_device)
			vfio_pasid_write_reset(to_vpd(vdev));
	mutex_unlock(&dev_set->lock);
}

static long vfio_pasid_ioctl(struct vfio_device *vdev, unsigned int cmd,
			     unsigned long arg)
{
	struct vfio_pasid_device *vpd = to_vpd(vdev);
	long ret = vpd->orig->ioctl(vdev, cmd, arg);

	if (!ret && cmd == VFIO_DEVICE_RESET)
		vfio_pasid_write_reset(vpd);
	if (!ret && cmd == VFIO_DEVICE_PCI_HOT_RESET)
		reset_set(vdev->dev_set);
	return ret;
}

/* Our mutex keeps the ops, should they be a copy of ours already. */
static struct vfio_pasid_device *vpd_alloc(struct pci_dev *pdev,
					   struct vfio_device *vdev)
{
	struct vfio_pasid_device *vpd = kzalloc(sizeof(*vpd), GFP_KERNEL);

	lockdep_assert_held(&vfio_pasid_mutex);

	if (!vpd) {
		pci_warn(pdev, "out of memory, served as without vfio-pasid; bind the device again\n");
		return NULL;
	}
	init_rwsem(&vpd->lock);
	vpd->pdev = pdev;
	vpd->vdev = vdev;
	vpd->orig = vdev->ops;
	vpd->ops = *vdev->ops;
	vpd->ops.open_device = vfio_pasid_open_device;
	vpd->ops.close_device = vfio_pasid_close_device;
	vpd->ops.device_feature = vfio_pasid_uapi_feature;
	if (vpd->orig->write)
		vpd->ops.write = vfio_pasid_write;
	if (vpd->orig->ioctl)
		vpd->ops.ioctl = vfio_pasid_ioctl;
	return vpd;
}

static struct vfio_pasid_device *vpd_find(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpd;

	list_for_each_entry(vpd, &vfio_pasid_devices, node)
		if (vpd->pdev == pdev)
			return vpd;
	return NULL;
}

/*
 * Who holds our mutex may wait for dev_set->lock, under which vfio fetches bytes
 * from a VMM, however long that takes. All other PCI devices must not wait with
 * it. device_lock is held, so this one is neither attached nor unbound meanwhile.
 */
static bool is_attached(struct pci_dev *pdev)
{
	bool found;

	device_lock_assert(&pdev->dev);

	spin_lock(&vfio_pasid_list_lock);
	found = vpd_find(pdev);
	spin_unlock(&vfio_pasid_list_lock);
	return found;
}

/*
 * Publishes the copy, unless the device is open and exit is about to run: then
 * the wrappers could outlive the module.
 */
static bool swap_ops(struct vfio_pasid_device *vpd)
{
	struct vfio_device *vdev = vpd->vdev;

	lockdep_assert_held(&vdev->dev_set->lock);

	/* Put by close_device. This session stays as it was without us */
	if (vdev->open_count && !try_module_get(THIS_MODULE))
		return false;
	WRITE_ONCE(vdev->ops, &vpd->ops);
	return true;
}

/*
 * Waits for those who read or write a file. They take dev_set->lock, but none
 * of the locks that we hold here.
 */
static void remove_files(struct vfio_pasid_device *vpd)
{
	lockdep_assert_held(&vfio_pasid_mutex);

	if (vpd->has_files)
		vfio_pasid_uapi_remove_files(vpd->pdev);
	vpd->has_files = false;
}

/*
 * Gives the device its driver's ops and drops our reference; the copy stays
 * for those who may still read it. Does nothing the second time.
 */
static void vpd_restore(struct vfio_pasid_device *vpd)
{
	struct vfio_device *vdev = vpd->vdev;

	lockdep_assert_held(&vfio_pasid_mutex);

	if (!vdev)
		return;
	remove_files(vpd);
	mutex_lock(&vdev->dev_set->lock);
	if (vdev->ops == &vpd->ops)
		WRITE_ONCE(vdev->ops, vpd->orig);
	mutex_unlock(&vdev->dev_set->lock);
	vpd->vdev = NULL;
	/* Of attach */
	put_device(&vdev->device);
	/* Of UNBIND, if it came; NULL otherwise. After the driver's release */
	module_put(vpd->driver_owner);
}

/*
 * Is this a device whose vfio_device we may extend? ism has regions that start
 * elsewhere, and could not be told from config space by their file offset.
 */
static bool is_ours(struct pci_dev *pdev)
{
	struct pci_driver *drv = pdev->driver;

	return drv && drv->err_handler &&
	       drv->err_handler->error_detected ==
	       vfio_pci_core_aer_err_detected &&
	       strcmp(drv->name, "ism_vfio_pci");
}

/* Or not, if it is ours already, or exit runs; then @vpd is still the caller's */
static bool vpd_publish(struct vfio_pasid_device *vpd)
{
	lockdep_assert_held(&vfio_pasid_mutex);

	if (vfio_pasid_going || vpd_find(vpd->pdev) || !swap_ops(vpd))
		return false;
	/* Put by vpd_restore() */
	get_device(&vpd->vdev->device);
	spin_lock(&vfio_pasid_list_lock);
	list_add(&vpd->node, &vfio_pasid_devices);
	spin_unlock(&vfio_pasid_list_lock);
	return true;
}

/* Without them the device is served all the same */
static void add_files(struct vfio_pasid_device *vpd)
{
	lockdep_assert_held(&vfio_pasid_mutex);

	vpd->has_files = !vfio_pasid_uapi_add_files(vpd->pdev);
}

/* BOUND: device_lock is held, the driver stays bound and its drvdata valid. */
static void vfio_pasid_attach(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = pci_get_drvdata(pdev);
	struct vfio_pasid_device *vpd;
	bool published = false;

	device_lock_assert(&pdev->dev);

	if (!is_ours(pdev))
		return;
	mutex_lock(&vfio_pasid_mutex);
	vpd = vpd_alloc(pdev, &core->vdev);
	if (vpd) {
		mutex_lock(&core->vdev.dev_set->lock);
		published = vpd_publish(vpd);
		mutex_unlock(&core->vdev.dev_set->lock);
	}
	if (published)
		add_files(vpd);
	mutex_unlock(&vfio_pasid_mutex);
	if (!published)
		kfree(vpd);
}

/* dev_set->lock is held. False: somebody has device_lock, try again */
static bool scan_publish(struct vfio_pasid_device *vpd, bool *published)
{
	struct pci_dev *pdev = vpd->pdev;

	if (!device_trylock(&pdev->dev))
		return false;
	if (is_ours(pdev) && pci_get_drvdata(pdev) == vfio_pasid_to_core(vpd))
		*published = vpd_publish(vpd);
	device_unlock(&pdev->dev);
	return true;
}

/* The mutex makes UNBIND wait, so what is published stays for the files. */
static bool scan_device(struct pci_dev *pdev, struct vfio_device *vdev)
{
	struct vfio_pasid_device *vpd;
	bool done = true, published = false;

	mutex_lock(&vfio_pasid_mutex);
	vpd = vpd_alloc(pdev, vdev);
	if (vpd) {
		mutex_lock(&vdev->dev_set->lock);
		done = scan_publish(vpd, &published);
		mutex_unlock(&vdev->dev_set->lock);
	}
	if (published)
		add_files(vpd);
	mutex_unlock(&vfio_pasid_mutex);
	if (!published)
		kfree(vpd);
	return done;
}

/*
 * The scan at load, for one function; false: try again. Until we put it, the
 * vfio_device may be unbound, so its driver's text must stay, as at UNBIND.
 */
static bool vfio_pasid_scan(struct pci_dev *pdev)
{
	struct vfio_device *vdev = NULL;
	struct module *owner;
	bool done;

	if (!device_trylock(&pdev->dev))
		return false;
	if (is_ours(pdev) && try_module_get(pdev->driver->driver.owner)) {
		owner = pdev->driver->driver.owner;
		vdev = &((struct vfio_pci_core_device *)pci_get_drvdata(pdev))->vdev;
		get_device(&vdev->device);
	}
	device_unlock(&pdev->dev);
	if (!vdev)
		return true;

	done = scan_device(pdev, vdev);
	put_device(&vdev->device);
	module_put(owner);
	return done;
}

static int is_vfio_device(struct device *dev, void *data)
{
	return dev->class && !strcmp(dev->class->name, "vfio-dev");
}

/* From before BOUND until remove() waits for users; in 6.1 until it has waited */
static bool has_vfio_device(struct pci_dev *pdev)
{
	return device_for_each_child(&pdev->dev, NULL, is_vfio_device);
}

/*
 * Who has device_lock for long unbinds the device, or will find us when it is
 * bound.
 */
static void scan_patiently(struct pci_dev *pdev)
{
	unsigned int tries;

	for (tries = 0; has_vfio_device(pdev) && !vfio_pasid_scan(pdev); tries++) {
		if (tries == SCAN_TRIES) {
			pci_warn(pdev, "busy, maybe waiting to be unbound, and served as without vfio-pasid; bind the device again\n");
			return;
		}
		usleep_range(1000, 2000);
	}
}

/* UNBIND: the driver's remove() comes next. See "Lifetimes" for the why. */
static void vfio_pasid_unbind(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpd;

	if (!is_attached(pdev))
		return;
	mutex_lock(&vfio_pasid_mutex);
	vpd = vpd_find(pdev);
	if (vpd->vdev) {
		/* They find us through drvdata, which remove() may clear */
		remove_files(vpd);
		/* Put by vpd_restore() */
		if (try_module_get(pdev->driver->driver.owner))
			vpd->driver_owner = pdev->driver->driver.owner;
		else
			vpd_restore(vpd);
	}
	mutex_unlock(&vfio_pasid_mutex);
}

/* UNBOUND: the driver has let go, and nobody can find the vfio_device. */
static void vfio_pasid_unbound(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpd;

	if (!is_attached(pdev))
		return;
	mutex_lock(&vfio_pasid_mutex);
	vpd = vpd_find(pdev);
	spin_lock(&vfio_pasid_list_lock);
	list_del(&vpd->node);
	spin_unlock(&vfio_pasid_list_lock);
	vpd_restore(vpd);
	mutex_unlock(&vfio_pasid_mutex);
	kfree(vpd);
}

static int vfio_pasid_notify(struct notifier_block *nb, unsigned long action,
			     void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	switch (action) {
	case BUS_NOTIFY_BOUND_DRIVER:
		vfio_pasid_attach(pdev);
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		vfio_pasid_unbind(pdev);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		vfio_pasid_unbound(pdev);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		vfio_pasid_quirks_forget(pdev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block vfio_pasid_nb = {
	.notifier_call = vfio_pasid_notify,
};

static int __init vfio_pasid_init(void)
{
	struct pci_dev *pdev = NULL;
	int ret;

	/* First the notifier, then the scan: attaching twice does nothing */
	ret = bus_register_notifier(&pci_bus_type, &vfio_pasid_nb);
	if (ret)
		return ret;

	for_each_pci_dev(pdev)
		scan_patiently(pdev);
	return 0;
}

static void __exit vfio_pasid_exit(void)
{
	struct vfio_pasid_device *vpd, *next;

	/* From here on nothing attaches, and UNBOUND finds less and less */
	mutex_lock(&vfio_pasid_mutex);
	vfio_pasid_going = true;
	list_for_each_entry(vpd, &vfio_pasid_devices, node)
		vpd_restore(vpd);
	mutex_unlock(&vfio_pasid_mutex);

	/* Waits for callbacks that run, which may need the mutex */
	bus_unregister_notifier(&pci_bus_type, &vfio_pasid_nb);
	synchronize_rcu_tasks();

	list_for_each_entry_safe(vpd, next, &vfio_pasid_devices, node)
		kfree(vpd);
	vfio_pasid_quirks_exit();
}

module_init(vfio_pasid_init);
module_exit(vfio_pasid_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Virtual PASID capability for devices under vfio-pci-core");
MODULE_AUTHOR("The vfio-pasid developers");
