// SPDX-License-Identifier: GPL-2.0
/*
 * vfio-pasid: a virtual PASID capability for devices under vfio-pci-core
 *
 * This file loads and unloads the module, attaches it to devices and detaches it
 * from them. To attach means: the vfio_device gets its own copy of its driver's
 * vfio_device_ops, with some members replaced (vfio_pasid_ops.c). To detach means:
 * the vfio_device gets its driver's ops back.
 *
 * Which devices: every driver built on vfio-pci-core uses the core's exported
 * error_detected handler, and the core requires that its drvdata is the
 * vfio_pci_core_device. So the handler identifies a device.
 *
 * This file never waits for a VMM. vfio holds dev_set->lock while it copies bytes
 * from a user, who can delay that without a limit (userfaultfd). The PCI bus
 * notifier chain is locked during a callback, and vfio-pci waits for that lock for
 * each PF. So a notifier callback, load and unload only try dev_set->lock, for a
 * bounded time. If that fails, rescan_work attaches later. To detach needs no
 * dev_set->lock.
 *
 * Lifetimes:
 * - BOUND and UNBIND come under device_lock, and the driver's remove() runs
 *   after UNBIND. So between them the vfio_device is valid, and the module needs
 *   no reference. After UNBIND the module uses it only while a session is open.
 * - The scans do not take device_lock (see is_bound()). For each device of a driver
 *   that is supported, BOUND and UNBIND take vfio_pasid_mutex. So a scan that holds
 *   the mutex finds the device bound, and it stays bound until the mutex is free.
 * - remove() waits until every file is closed. When it returns, the driver's ops
 *   are back, and the last reference to the vfio_device calls the driver's own
 *   release. UNBOUND frees the copy.
 * - exit waits for readers of a copy with vfio_pasid_ops_wait(), and then frees
 *   the copies. Before UNBOUND vfio itself has waited for these readers: they run
 *   under the device's registration count.
 *
 * Races:
 * - open against the scans: while vfio opens a device, it tries device_lock for a
 *   reset, and fails the open with EAGAIN if that lock is taken. Resets that a user
 *   requests do the same. So the scans do not even try device_lock.
 * - open against BOUND: vfio registers a device before its driver is bound, so a
 *   device may be open when the module attaches. Then attach swaps the ops, takes
 *   a module reference for that session, and the wrappers call the driver's ops
 *   until it ends.
 * - sysfs files against removal: UNBIND and exit remove the files first, and wait
 *   for their readers. A reader only tries dev_set->lock, and takes none of the
 *   other locks here.
 *
 * Lock order: device_lock, vfio_pasid_mutex, dev_set->lock, vfio_pasid_list_lock.
 * The module itself never takes device_lock. The driver core holds it in BOUND,
 * UNBIND and UNBOUND. Nothing waits for dev_set->lock in this file.
 */
#define pr_fmt(fmt) "vfio-pasid: " fmt
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "vfio_pasid.h"

/* How long BOUND tries dev_set->lock, in milliseconds */
#define BOUND_TRIES_MS		100
/* When rescan_work runs again, in milliseconds: at first, and at most */
#define RESCAN_FIRST_MS		10
#define RESCAN_MAX_MS		1000

/* Guards the list, vfio_pasid_going and has_files. Held for a bounded time */
static DEFINE_MUTEX(vfio_pasid_mutex);
/* Also taken to change the list, for readers that must not wait for the mutex */
static DEFINE_SPINLOCK(vfio_pasid_list_lock);
/* By pci_dev: each PCI device of the host that comes or goes is looked up */
static DEFINE_HASHTABLE(vfio_pasid_devices, 8);
/* kmalloc() would round up to the next power of two */
static struct kmem_cache *vpasid_cache;
/* exit has begun: nothing attaches any more */
static bool vfio_pasid_going;

static unsigned int rescan_delay = RESCAN_FIRST_MS;
static void rescan(struct work_struct *work);
static DECLARE_DELAYED_WORK(rescan_work, rescan);

static struct vfio_pasid_device *vpasid_alloc(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid = kmem_cache_zalloc(vpasid_cache, GFP_KERNEL);

	if (vpasid)
		return vpasid;
	pci_warn(pdev, "no memory, the device works as without vfio-pasid; bind the device again\n");
	return NULL;
}

static struct vfio_pasid_device *vpasid_find(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid;

	hash_for_each_possible(vfio_pasid_devices, vpasid, node, (unsigned long)pdev)
		if (vpasid->pdev == pdev)
			return vpasid;
	return NULL;
}

/* Does not take the mutex: other PCI devices must not wait for it. */
static bool is_attached(struct pci_dev *pdev)
{
	bool found;

	spin_lock(&vfio_pasid_list_lock);
	found = vpasid_find(pdev);
	spin_unlock(&vfio_pasid_list_lock);
	return found;
}

/*
 * Is the device bound to a driver built on vfio-pci-core? ism_vfio_pci is left out:
 * its regions have other file offsets, so a write to config space is not known
 * by its offset.
 */
static bool is_supported(struct pci_dev *pdev)
{
	struct pci_driver *drv = READ_ONCE(pdev->driver);

	return drv && drv->err_handler &&
	       drv->err_handler->error_detected ==
	       vfio_pci_core_aer_err_detected &&
	       strcmp(drv->name, "ism_vfio_pci");
}

/*
 * The device is bound, so its drvdata is valid. It stays valid until UNBIND, which
 * waits for the mutex.
 */
static void vpasid_add(struct vfio_pasid_device *vpasid, struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = pci_get_drvdata(pdev);

	lockdep_assert_held(&vfio_pasid_mutex);

	init_rwsem(&vpasid->lock);
	vpasid->pdev = pdev;
	vpasid->vdev = &core->vdev;
	vfio_pasid_ops_init(vpasid);
	spin_lock(&vfio_pasid_list_lock);
	hash_add(vfio_pasid_devices, &vpasid->node, (unsigned long)pdev);
	spin_unlock(&vfio_pasid_list_lock);
}

/*
 * Tries dev_set->lock for @ms, and returns -EBUSY if that fails. The device does
 * not need its sysfs files to work.
 */
static int vpasid_publish(struct vfio_pasid_device *vpasid, unsigned int ms)
{
	struct vfio_device_set *dev_set;

	lockdep_assert_held(&vfio_pasid_mutex);

	if (vpasid->published || vpasid->leaving)
		return 0;
	dev_set = vpasid->vdev->dev_set;
	if (!vfio_pasid_lock_set(dev_set, ms))
		return -EBUSY;
	vpasid->published = vfio_pasid_ops_publish(vpasid);
	mutex_unlock(&dev_set->lock);
	if (vpasid->published)
		vpasid->has_files = !vfio_pasid_uapi_add_files(vpasid->pdev);
	return 0;
}

/*
 * Waits for readers of the sysfs files, who try dev_set->lock for a bounded time.
 * After this no file finds the device through its drvdata.
 */
static void vpasid_detach(struct vfio_pasid_device *vpasid)
{
	lockdep_assert_held(&vfio_pasid_mutex);

	if (vpasid->has_files)
		vfio_pasid_uapi_remove_files(vpasid->pdev);
	vpasid->has_files = false;
	vfio_pasid_ops_restore(vpasid);
}

/* exit cancels the work, even if it schedules itself again. */
static void rescan_later(void)
{
	lockdep_assert_held(&vfio_pasid_mutex);

	schedule_delayed_work(&rescan_work, msecs_to_jiffies(rescan_delay));
}

/* For a function that is not in the list. */
static void attach_device(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid;

	lockdep_assert_held(&vfio_pasid_mutex);

	if (vfio_pasid_going)
		return;
	vpasid = vpasid_alloc(pdev);
	if (!vpasid)
		return;
	vpasid_add(vpasid, pdev);
	if (vpasid_publish(vpasid, BOUND_TRIES_MS)) {
		rescan_delay = RESCAN_FIRST_MS;
		rescan_later();
	}
}

/* device_lock is held. The scan at load may have attached the device already. */
static void vfio_pasid_bound(struct pci_dev *pdev)
{
	if (!is_supported(pdev))
		return;
	mutex_lock(&vfio_pasid_mutex);
	if (!vpasid_find(pdev))
		attach_device(pdev);
	mutex_unlock(&vfio_pasid_mutex);
}

/*
 * Is the device bound to a driver that is supported, and does it stay bound until
 * the mutex is free? device_lock is not held. The driver core sets the status
 * before it sends BOUND, and again before it sends UNBIND. BOUND and UNBIND wait
 * for the mutex. So UNBIND has not come if the status says bound, neither to this
 * notifier nor before it was registered, which the lock of the chain orders.
 * The driver of another kind may go at any time, and its module with it. A module's
 * memory is freed after a grace period of RCU, and after the pointer is cleared.
 */
static bool is_bound(struct pci_dev *pdev)
{
	bool bound;

	lockdep_assert_held(&vfio_pasid_mutex);

	rcu_read_lock();
	/* Before driver and drvdata, which the driver core has written before */
	bound = smp_load_acquire(&pdev->dev.links.status) ==
		DL_DEV_DRIVER_BOUND && is_supported(pdev);
	rcu_read_unlock();
	return bound;
}

/* Adds a function that is already bound to the list. */
static struct vfio_pasid_device *scan_new(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid;

	if (vfio_pasid_going || !is_bound(pdev))
		return NULL;
	vpasid = vpasid_alloc(pdev);
	if (vpasid)
		vpasid_add(vpasid, pdev);
	return vpasid;
}

static int scan_device(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid = vpasid_find(pdev);

	lockdep_assert_held(&vfio_pasid_mutex);

	if (!vpasid)
		vpasid = scan_new(pdev);
	return vpasid ? vpasid_publish(vpasid, 0) : 0;
}

/* Returns the number of busy functions. */
static unsigned int scan_all(void)
{
	struct pci_dev *pdev = NULL;
	unsigned int busy = 0;

	for_each_pci_dev(pdev) {
		mutex_lock(&vfio_pasid_mutex);
		busy += scan_device(pdev) == -EBUSY;
		mutex_unlock(&vfio_pasid_mutex);
	}
	return busy;
}

static void rescan(struct work_struct *work)
{
	unsigned int busy = scan_all();

	mutex_lock(&vfio_pasid_mutex);
	rescan_delay = min_t(unsigned int, 2 * rescan_delay, RESCAN_MAX_MS);
	if (busy)
		rescan_later();
	mutex_unlock(&vfio_pasid_mutex);
}

/*
 * The driver's remove() comes next. Takes the mutex for a device that is not in the
 * list, too: a scan may be about to add it.
 */
static void vfio_pasid_unbind(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid;

	if (!is_supported(pdev))
		return;
	mutex_lock(&vfio_pasid_mutex);
	vpasid = vpasid_find(pdev);
	if (vpasid)
		vpasid_detach(vpasid);
	mutex_unlock(&vfio_pasid_mutex);
}

/* remove() has returned, and vfio has unregistered the device. */
static void vfio_pasid_unbound(struct pci_dev *pdev)
{
	struct vfio_pasid_device *vpasid;

	if (!is_attached(pdev))
		return;
	mutex_lock(&vfio_pasid_mutex);
	spin_lock(&vfio_pasid_list_lock);
	vpasid = vpasid_find(pdev);
	hash_del(&vpasid->node);
	spin_unlock(&vfio_pasid_list_lock);
	mutex_unlock(&vfio_pasid_mutex);
	kmem_cache_free(vpasid_cache, vpasid);
}

static int vfio_pasid_notify(struct notifier_block *nb, unsigned long action,
			     void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	switch (action) {
	case BUS_NOTIFY_BOUND_DRIVER:
		vfio_pasid_bound(pdev);
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

/*
 * Says how many devices are attached, since a module that finds no device looks
 * like one that works. rescan_work attaches those that are busy.
 */
static void log_load(unsigned int busy)
{
	struct vfio_pasid_device *vpasid;
	unsigned int served = 0;
	int bucket;

	lockdep_assert_held(&vfio_pasid_mutex);

	hash_for_each(vfio_pasid_devices, bucket, vpasid, node)
		served += vpasid->published;
	pr_info("serves %u devices that are bound to vfio-pci or a variant driver; %u more are busy and follow\n",
		served, busy);
}

static int __init vfio_pasid_init(void)
{
	unsigned int busy;
	int ret;

	vpasid_cache = KMEM_CACHE(vfio_pasid_device, 0);
	if (!vpasid_cache)
		return -ENOMEM;
	/* The notifier comes first: a device that both find is attached once */
	ret = bus_register_notifier(&pci_bus_type, &vfio_pasid_nb);
	if (ret) {
		kmem_cache_destroy(vpasid_cache);
		return ret;
	}

	busy = scan_all();
	mutex_lock(&vfio_pasid_mutex);
	log_load(busy);
	if (busy)
		rescan_later();
	mutex_unlock(&vfio_pasid_mutex);
	return 0;
}

static void detach_all(void)
{
	struct vfio_pasid_device *vpasid;
	int bucket;

	mutex_lock(&vfio_pasid_mutex);
	vfio_pasid_going = true;
	hash_for_each(vfio_pasid_devices, bucket, vpasid, node)
		vpasid_detach(vpasid);
	mutex_unlock(&vfio_pasid_mutex);
}

static void __exit vfio_pasid_exit(void)
{
	struct vfio_pasid_device *vpasid;
	struct hlist_node *next;
	int bucket;

	/* From here on nothing attaches. UNBOUND may still free entries */
	detach_all();
	cancel_delayed_work_sync(&rescan_work);
	/* Waits for running callbacks, which may take the mutex */
	bus_unregister_notifier(&pci_bus_type, &vfio_pasid_nb);

	vfio_pasid_ops_wait();
	hash_for_each_safe(vfio_pasid_devices, bucket, next, vpasid, node)
		kmem_cache_free(vpasid_cache, vpasid);
	kmem_cache_destroy(vpasid_cache);
	vfio_pasid_quirks_exit();
}

module_init(vfio_pasid_init);
module_exit(vfio_pasid_exit);

MODULE_LICENSE("GPL");
MODULE_VERSION(VFIO_PASID_VERSION);
MODULE_DESCRIPTION("Virtual PASID capability for devices under vfio-pci-core");
MODULE_AUTHOR("The vfio-pasid developers");
