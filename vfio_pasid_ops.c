// SPDX-License-Identifier: GPL-2.0
/*
 * The replaced members of vfio_device_ops, and how vdev->ops changes
 *
 * Terms: an attached device has its own copy of its driver's ops, with a few
 * members replaced. A session lasts from the first open to the last close. If the
 * device has a place and its driver lacks the ops that attach PASIDs, the copy has
 * them during the session. vfio calls these for an open device only, so nothing
 * reads them while they change.
 *
 * Lifetimes:
 * - Each session holds a reference on this module, so there is no session when
 *   exit runs.
 * - vfio reads vdev->ops without a lock in two situations. While a file is open,
 *   the module cannot be unloaded. While the device is registered and not open, vfio
 *   reads members that are not replaced (match and others), in a few instructions.
 * - vfio_pasid_ops_restore() puts the driver's ops back if no session is open.
 *   Otherwise the last close does. Neither needs dev_set->lock, which a user can
 *   make vfio hold without a limit.
 *
 * Races:
 * - open against restore: ops_lock orders them. If restore comes first, open puts
 *   the driver's ops back itself, and calls the driver's open only. It runs in
 *   this module's text without a module reference, so exit waits until ops_opens
 *   is 0.
 * - close against exit: module_put() is the last call of a session. exit waits
 *   with synchronize_rcu_tasks() for the few instructions after it.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>

#include "vfio_pasid.h"

/* Guards @in_use and @leaving of each device, and the change of vdev->ops */
static DEFINE_SPINLOCK(ops_lock);
/* Number of calls of open_device that run now */
static atomic_t ops_opens = ATOMIC_INIT(0);

/**
 * vfio_pasid_lock_set - Try to lock a set of devices, for a bounded time
 * @set: The set. The caller unlocks @set->lock
 * @ms: How long to try, in milliseconds; 0: try once
 *
 * A user can make vfio hold this lock without a limit.
 *
 * Return: whether the set is locked.
 */
bool vfio_pasid_lock_set(struct vfio_device_set *set, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);

	while (!mutex_trylock(&set->lock)) {
		if (!ms || time_after(jiffies, end))
			return false;
		usleep_range(1000, 2000);
	}
	return true;
}

/*
 * Returns false if the device is about to be unbound, or if exit runs. Then this
 * puts the driver's ops back, since restore may not have seen this session.
 */
static bool session_begin(struct vfio_pasid_device *vpasid)
{
	bool begun;

	spin_lock(&ops_lock);
	/* Put by session_end() */
	begun = !vpasid->leaving && try_module_get(THIS_MODULE);
	vpasid->in_use = begun;
	if (!begun)
		WRITE_ONCE(vpasid->vdev->ops, vpasid->orig);
	spin_unlock(&ops_lock);
	return begun;
}

/* If restore came during the session, the driver's ops are put back here. */
static void session_end(struct vfio_pasid_device *vpasid)
{
	spin_lock(&ops_lock);
	vpasid->in_use = false;
	if (vpasid->leaving)
		WRITE_ONCE(vpasid->vdev->ops, vpasid->orig);
	spin_unlock(&ops_lock);
	/* Taken by session_begin(), or by publish if the device was open then */
	module_put(THIS_MODULE);
}

static int call_open(struct vfio_device *vdev,
		     const struct vfio_device_ops *orig)
{
	return orig->open_device ? orig->open_device(vdev) : 0;
}

/*
 * The guard reads the device, which has to be in D0. It stays there until the
 * driver's open has its own reference, so that an open does not suspend it once.
 */
static int open_checked(struct vfio_pasid_device *vpasid)
{
	struct device *dev = &vpasid->pdev->dev;
	bool awake = !pm_runtime_resume_and_get(dev);
	int ret = awake ? vfio_pasid_admit(vpasid) : 0;

	if (!ret)
		ret = call_open(vpasid->vdev, vpasid->orig);
	if (awake)
		pm_runtime_put(dev);
	return ret;
}

/*
 * Needs no lock: what this looks at does not change while a file is open. Guests mostly
 * write BARs, Command and MSI, so it takes few instructions. In other regions @pos is
 * past the end of config space.
 */
static bool needs_filter(const struct vfio_pasid_device *vpasid, u64 pos, size_t count)
{
	if (pos >= vpasid->reach_end)
		return false;
	return pos + count > vpasid->reach_start ||
	       (pos < PCI_CFG_SPACE_SIZE &&
		(vfio_pasid_write_covers(pos, count, vpasid->flr.exp) ||
		 vfio_pasid_write_covers(pos, count, vpasid->flr.af)));
}

static ssize_t vfio_pasid_write(struct vfio_device *vdev,
				const char __user *buf, size_t count,
				loff_t *ppos)
{
	const loff_t config = VFIO_PCI_INDEX_TO_OFFSET(VFIO_PCI_CONFIG_REGION_INDEX);
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);

	if (needs_filter(vpasid, *ppos - config, count))
		return vfio_pasid_write_config(vdev, buf, count, ppos);
	return vpasid->orig->write(vdev, buf, count, ppos);
}

/* If no byte can become virtual in this session, the driver's own write stays. */
static void choose_write(struct vfio_pasid_device *vpasid)
{
	vpasid->ops.write = vpasid->orig->write;
	if (vpasid->orig->write && vpasid->reach_end)
		vpasid->ops.write = vfio_pasid_write;
}

static int open_session(struct vfio_pasid_device *vpasid)
{
	int ret = open_checked(vpasid);

	if (ret) {
		session_end(vpasid);
		return ret;
	}
	vfio_pasid_decide(vpasid);
	if (!vpasid->place.reason)
		vfio_pasid_add_attach_ops(&vpasid->ops);
	vfio_pasid_config_begin(vpasid);
	choose_write(vpasid);
	vpasid->served = true;
	return 0;
}

static int vfio_pasid_open_device(struct vfio_device *vdev)
{
	const struct vfio_device_ops *ops;
	struct vfio_pasid_device *vpasid;
	int ret;

	/* Comes first: exit waits for a call without a module reference */
	atomic_inc(&ops_opens);
	lockdep_assert_held(&vdev->dev_set->lock);

	/* Read once: the driver's ops may be put back at any time */
	ops = READ_ONCE(vdev->ops);
	vpasid = container_of(ops, struct vfio_pasid_device, ops);
	if (ops->open_device != vfio_pasid_open_device)
		ret = call_open(vdev, ops);
	else if (session_begin(vpasid))
		ret = open_session(vpasid);
	else
		ret = call_open(vdev, vpasid->orig);
	if (atomic_dec_and_test(&ops_opens))
		wake_up_var(&ops_opens);
	return ret;
}

static void vfio_pasid_close_device(struct vfio_device *vdev)
{
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);

	lockdep_assert_held(&vdev->dev_set->lock);

	vpasid->served = false;
	vfio_pasid_config_end(vpasid);
	/* The driver's unbind_iommufd() detaches what is still attached */
	vfio_pasid_remove_attach_ops(&vpasid->ops, vpasid->orig);
	if (vpasid->orig->close_device)
		vpasid->orig->close_device(vdev);
	session_end(vpasid);
}

/*
 * dev_set->lock protects the set's members and their sessions. ops_lock protects
 * the copies: none is freed while a vfio_device points to it. Returns false if a
 * SET holds the lock of a device.
 */
static bool try_reset_set(struct vfio_device_set *dev_set)
{
	struct vfio_device *vdev;
	bool done = true;

	lockdep_assert_held(&dev_set->lock);

	spin_lock(&ops_lock);
	list_for_each_entry(vdev, &dev_set->device_list, dev_set_list)
		if (vdev->ops->open_device == vfio_pasid_open_device)
			done &= vfio_pasid_write_try_reset(vfio_pasid_from_vdev(vdev));
	spin_unlock(&ops_lock);
	return done;
}

/* A hot reset through one device resets all devices of its set. */
static void reset_set(struct vfio_device_set *dev_set)
{
	mutex_lock(&dev_set->lock);
	/* A SET lasts as long as a few reads of config space */
	while (!try_reset_set(dev_set))
		usleep_range(50, 100);
	mutex_unlock(&dev_set->lock);
}

static noinline long reset_ioctl(struct vfio_device *vdev, unsigned int cmd,
				 unsigned long arg)
{
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);
	long ret = vpasid->orig->ioctl(vdev, cmd, arg);

	if (ret)
		return ret;
	if (cmd == VFIO_DEVICE_RESET)
		vfio_pasid_write_reset(vpasid);
	else
		reset_set(vdev->dev_set);
	return 0;
}

static long vfio_pasid_ioctl(struct vfio_device *vdev, unsigned int cmd,
			     unsigned long arg)
{
	if (cmd == VFIO_DEVICE_RESET || cmd == VFIO_DEVICE_PCI_HOT_RESET)
		return reset_ioctl(vdev, cmd, arg);
	return vfio_pasid_from_vdev(vdev)->orig->ioctl(vdev, cmd, arg);
}

/**
 * vfio_pasid_ops_init - Copy the driver's ops, and replace some members
 * @vpasid: The device, with @vdev set
 */
void vfio_pasid_ops_init(struct vfio_pasid_device *vpasid)
{
	vpasid->orig = vpasid->vdev->ops;
	vpasid->ops = *vpasid->orig;
	vpasid->ops.open_device = vfio_pasid_open_device;
	vpasid->ops.close_device = vfio_pasid_close_device;
	vpasid->ops.device_feature = vfio_pasid_uapi_feature;
	if (vpasid->orig->ioctl)
		vpasid->ops.ioctl = vfio_pasid_ioctl;
}

/**
 * vfio_pasid_ops_publish - Let the vfio_device point to the copy
 * @vpasid: The device; dev_set->lock is held
 *
 * Return: false if the device is open and exit is about to run. Its session could
 * outlive the module.
 */
bool vfio_pasid_ops_publish(struct vfio_pasid_device *vpasid)
{
	struct vfio_device *vdev = vpasid->vdev;

	lockdep_assert_held(&vdev->dev_set->lock);

	/* Put by session_end(). For this session the wrappers do nothing */
	if (vdev->open_count && !try_module_get(THIS_MODULE))
		return false;
	vpasid->in_use = vdev->open_count;
	/*
	 * The copy becomes visible before its pointer. A reader without a lock
	 * loads the pointer once, and its address dependency orders the rest.
	 */
	smp_store_release(&vdev->ops, &vpasid->ops);
	return true;
}

/**
 * vfio_pasid_ops_restore - Put the driver's ops back
 * @vpasid: The device, registered with vfio at least until this returns
 *
 * Does so now, or when the open session ends. A second call does nothing.
 */
void vfio_pasid_ops_restore(struct vfio_pasid_device *vpasid)
{
	spin_lock(&ops_lock);
	if (!vpasid->leaving && !vpasid->in_use)
		WRITE_ONCE(vpasid->vdev->ops, vpasid->orig);
	vpasid->leaving = true;
	spin_unlock(&ops_lock);
}

/**
 * vfio_pasid_ops_wait - Wait until no task uses a copy or runs in this module
 *
 * The caller has restored all ops, and there is no session. After the first wait,
 * a task that had loaded a pointer to a copy either is done with it or is in
 * open_device, where ops_opens counts it. The second wait is for these tasks, the
 * third for the few instructions after they stop to be counted.
 */
void vfio_pasid_ops_wait(void)
{
	synchronize_rcu_tasks();
	wait_var_event(&ops_opens, !atomic_read(&ops_opens));
	synchronize_rcu_tasks();
}
