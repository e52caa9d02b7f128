// SPDX-License-Identifier: GPL-2.0
/*
 * The members of vfio_device_ops that are ours, and how they come and go
 *
 * Terms: a device that we are attached to has its own copy of its driver's ops,
 * with a few members replaced. A session lasts from the first open to the last
 * close. A session with a place also gets the ops that attach PASIDs, where the
 * driver lacks them. vfio calls these for an open device only, so nobody reads
 * them while they change.
 *
 * Lifetimes:
 * - Each session holds a reference on this module, so exit finds no session.
 * - vfio reads vdev->ops without a lock in two situations. With a file open the
 *   module cannot go. With the device merely registered (match, and the like) it
 *   reads members that we do not replace, in a few instructions.
 * - vfio_pasid_ops_restore() puts the driver's ops back if no session is open;
 *   else the last close does. It needs no dev_set->lock, which vfio holds for as
 *   long as a user likes.
 *
 * Races:
 * - open against restore: both decide under ops_lock who is first. An open that is
 *   second puts the driver's ops back itself, and goes on as without us. It still
 *   runs in our text, without a module reference: exit waits until ops_opens is 0.
 * - close against exit: module_put() is the last thing that a session does.
 *   Behind it are a few instructions of ours, and exit waits for these with
 *   synchronize_rcu_tasks().
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
/* Calls of open_device that run now */
static atomic_t ops_opens = ATOMIC_INIT(0);

/**
 * vfio_pasid_lock_set - Try to lock a set of devices, for a bounded time
 * @set: The set; unlock @set->lock if this succeeds
 * @ms: How long, in milliseconds; 0: try once
 *
 * vfio can hold this lock for as long as a user likes.
 *
 * Return: whether it is locked.
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
 * False: the device is about to be unbound, or exit runs. Then its ops are the
 * driver's from now on, since nobody else may know of this session.
 */
static bool session_begin(struct vfio_pasid_device *vpasid)
{
	bool ours;

	spin_lock(&ops_lock);
	/* Put by session_end() */
	ours = !vpasid->leaving && try_module_get(THIS_MODULE);
	vpasid->in_use = ours;
	if (!ours)
		WRITE_ONCE(vpasid->vdev->ops, vpasid->orig);
	spin_unlock(&ops_lock);
	return ours;
}

/* UNBIND leaves the ops to us while a session is open. */
static void session_end(struct vfio_pasid_device *vpasid)
{
	spin_lock(&ops_lock);
	vpasid->in_use = false;
	if (vpasid->leaving)
		WRITE_ONCE(vpasid->vdev->ops, vpasid->orig);
	spin_unlock(&ops_lock);
	/* Of session_begin(), or of publish for a session that was there before */
	module_put(THIS_MODULE);
}

static int call_open(struct vfio_device *vdev,
		     const struct vfio_device_ops *orig)
{
	return orig->open_device ? orig->open_device(vdev) : 0;
}

/*
 * The guard wakes the device. It stays awake until the driver's open has a
 * reference of its own, so that no open costs a trip to D3 and back.
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
	vpasid->served = true;
	return 0;
}

static int vfio_pasid_open_device(struct vfio_device *vdev)
{
	const struct vfio_device_ops *ops;
	struct vfio_pasid_device *vpasid;
	int ret;

	/* First: exit waits for it, should there be no module reference */
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
	/* What is attached is detached by the driver's unbind_iommufd() */
	vfio_pasid_remove_attach_ops(&vpasid->ops, vpasid->orig);
	if (vpasid->orig->close_device)
		vpasid->orig->close_device(vdev);
	session_end(vpasid);
}

static ssize_t vfio_pasid_write(struct vfio_device *vdev,
				const char __user *buf, size_t count,
				loff_t *ppos)
{
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);

	if (VFIO_PCI_OFFSET_TO_INDEX(*ppos) == VFIO_PCI_CONFIG_REGION_INDEX)
		return vfio_pasid_write_config(vpasid, buf, count, ppos);
	return vpasid->orig->write(vdev, buf, count, ppos);
}

/*
 * The set's lock keeps its members and their sessions. Our lock keeps the copies:
 * one that a vfio_device points to is not freed before it is restored. False: a
 * SET is in the way.
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

/* A hot reset resets a whole set, whoever asked. */
static void reset_set(struct vfio_device_set *dev_set)
{
	mutex_lock(&dev_set->lock);
	/* A SET takes as long as a few reads of config space */
	while (!try_reset_set(dev_set))
		usleep_range(50, 100);
	mutex_unlock(&dev_set->lock);
}

static long vfio_pasid_ioctl(struct vfio_device *vdev, unsigned int cmd,
			     unsigned long arg)
{
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);
	long ret = vpasid->orig->ioctl(vdev, cmd, arg);

	if (!ret && cmd == VFIO_DEVICE_RESET)
		vfio_pasid_write_reset(vpasid);
	if (!ret && cmd == VFIO_DEVICE_PCI_HOT_RESET)
		reset_set(vdev->dev_set);
	return ret;
}

/**
 * vfio_pasid_ops_init - Make a copy of the driver's ops, with ours in it
 * @vpasid: The device, with its vdev
 */
void vfio_pasid_ops_init(struct vfio_pasid_device *vpasid)
{
	vpasid->orig = vpasid->vdev->ops;
	vpasid->ops = *vpasid->orig;
	vpasid->ops.open_device = vfio_pasid_open_device;
	vpasid->ops.close_device = vfio_pasid_close_device;
	vpasid->ops.device_feature = vfio_pasid_uapi_feature;
	if (vpasid->orig->write)
		vpasid->ops.write = vfio_pasid_write;
	if (vpasid->orig->ioctl)
		vpasid->ops.ioctl = vfio_pasid_ioctl;
}

/**
 * vfio_pasid_ops_publish - Let the device use the copy
 * @vpasid: The device; dev_set->lock is held
 *
 * Return: false if the device is open and exit is about to run: then the wrappers
 * could outlive the module.
 */
bool vfio_pasid_ops_publish(struct vfio_pasid_device *vpasid)
{
	struct vfio_device *vdev = vpasid->vdev;

	lockdep_assert_held(&vdev->dev_set->lock);

	/* Put by session_end(). This session stays as it was without us */
	if (vdev->open_count && !try_module_get(THIS_MODULE))
		return false;
	vpasid->in_use = vdev->open_count;
	/*
	 * Orders the copy before its pointer. Readers without a lock load the
	 * pointer once and follow it: the address dependency orders them.
	 */
	smp_store_release(&vdev->ops, &vpasid->ops);
	return true;
}

/**
 * vfio_pasid_ops_restore - Give the device its driver's ops
 * @vpasid: The device, registered with vfio at least until this returns
 *
 * Now, or when its session ends. Nothing happens the second time.
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
 * vfio_pasid_ops_wait - Wait until nobody uses a copy or runs in our text
 *
 * After all of them were restored, without a session. Who has loaded a pointer to
 * a copy is then either done with it or in open_device, where it is counted.
 * Those are awaited next, and then their last instructions.
 */
void vfio_pasid_ops_wait(void)
{
	synchronize_rcu_tasks();
	wait_var_event(&ops_opens, !atomic_read(&ops_opens));
	synchronize_rcu_tasks();
}
