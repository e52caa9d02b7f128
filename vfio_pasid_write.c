// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to the config region, and resets of the virtual registers
 *
 * Terms: vpasid->vcap.spans are the virtual bytes of this module. This file filters
 * their writes, since the core would store any value in a virtual byte, header
 * included.
 *
 * Invariants: a write to a span reaches neither the hardware nor the core. The
 * exception is a write to the physical registers that the shield lets pass. An
 * access that also covers other bytes passes these to the driver, with the same
 * bounds, order and result as without this module.
 *
 * Locking: a file is open, so the session does not end, and the read side of
 * vpasid->lock protects its layout. Then only the low byte of Control can change
 * in a span. It is stored as one byte, so of two racing writes one wins, as on
 * hardware.
 */
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/pagemap.h>
#include <linux/uaccess.h>

#include "vfio_pasid.h"

static void clear_control(struct vfio_pasid_device *vpasid)
{
	unsigned int control = vpasid->vcap.offset + PCI_PASID_CTRL;

	lockdep_assert_held(&vpasid->lock);

	if (vpasid->vcap.shown)
		WRITE_ONCE(*vfio_pasid_virtual_byte(vpasid, control), 0);
}

/**
 * vfio_pasid_write_reset - Clear Control after a reset of the function
 * @vpasid: The device; the caller has a file open
 */
void vfio_pasid_write_reset(struct vfio_pasid_device *vpasid)
{
	down_read(&vpasid->lock);
	clear_control(vpasid);
	up_read(&vpasid->lock);
}

/**
 * vfio_pasid_write_try_reset - Clear Control after a reset, without sleeping
 * @vpasid: The device; the caller holds dev_set->lock, so its session does not end
 *
 * Return: false if a SET holds the lock. The caller tries again.
 */
bool vfio_pasid_write_try_reset(struct vfio_pasid_device *vpasid)
{
	if (!down_read_trylock(&vpasid->lock))
		return false;
	clear_control(vpasid);
	up_read(&vpasid->lock);
	return true;
}

static int write_virtual(struct vfio_pasid_device *vpasid,
			 const char __user *buf, size_t count, unsigned int pos)
{
	u8 bytes[VFIO_PASID_DVSEC_SIZE];
	size_t i;

	if (WARN_ON_ONCE(count > sizeof(bytes)))
		return -EIO;
	if (copy_from_user(bytes, buf, count))
		return -EFAULT;
	for (i = 0; i < count; i++)
		if (vfio_pasid_vcap_filter(&vpasid->vcap, pos + i, &bytes[i]))
			WRITE_ONCE(*vfio_pasid_virtual_byte(vpasid, pos + i), bytes[i]);
	return 0;
}

/* Does this access set bit @bit of the byte at @reg? */
static bool sets_bit(const char __user *buf, size_t count, unsigned int pos,
		     unsigned int reg, u8 bit)
{
	u8 val;

	return vfio_pasid_write_covers(pos, count, reg) &&
	       !get_user(val, (const u8 __user *)buf + (reg - pos)) &&
	       val & bit;
}

/*
 * A guest can start an FLR through Device Control or Advanced Features. The core
 * then resets the function, and the Initiate FLR bits read as 0 again. So this
 * looks at the bytes that the guest writes.
 */
static bool starts_flr(const struct vfio_pasid_device *vpasid,
		       const char __user *buf, size_t count, unsigned int pos)
{
	return sets_bit(buf, count, pos, vpasid->flr.exp, PCI_EXP_DEVCTL_BCR_FLR >> 8) ||
	       sets_bit(buf, count, pos, vpasid->flr.af, PCI_AF_CTRL_FLR);
}

static ssize_t write_driver(struct vfio_pasid_device *vpasid,
			    const char __user *buf, size_t count, loff_t *ppos)
{
	unsigned int pos = *ppos & VFIO_PCI_OFFSET_MASK;
	bool flr = pos < PCI_CFG_SPACE_SIZE &&
		   starts_flr(vpasid, buf, count, pos);
	ssize_t ret = vpasid->orig->write(vpasid->vdev, buf, count, ppos);

	/* Also after an error, which can come after the reset */
	if (flr)
		clear_control(vpasid);
	return ret;
}

/* Logs once for each session, since a guest can write there any time. */
static void log_shield(struct vfio_pasid_device *vpasid, bool dropped)
{
	if (READ_ONCE(vpasid->shield_logged))
		return;
	WRITE_ONCE(vpasid->shield_logged, true);
	if (dropped)
		pci_info(vpasid->pdev, "a write to the physical PASID registers was dropped, since the host or VFs may depend on them; shield=off lets it through\n");
	else
		pci_info(vpasid->pdev, "a write to the physical PASID registers went to the device, since neither the host nor VFs depend on them; shield=on drops it\n");
}

/* Are these the physical registers, and does the shield let the write pass? */
static bool passes_shield(struct vfio_pasid_device *vpasid, unsigned int pos)
{
	bool passes;

	if (!vpasid->vcap.shield || pos < vpasid->vcap.shield ||
	    pos >= vpasid->vcap.shield + VFIO_PASID_SHIELD_SIZE)
		return false;
	passes = !vfio_pasid_config_shields(vpasid);
	log_shield(vpasid, !passes);
	return passes;
}

static ssize_t write_run(struct vfio_pasid_device *vpasid, const char __user *buf,
			 size_t count, loff_t *ppos)
{
	unsigned int pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;

	if (!vfio_pasid_vcap_run(&vpasid->vcap, pos, &count) ||
	    passes_shield(vpasid, pos))
		return write_driver(vpasid, buf, count, ppos);
	ret = write_virtual(vpasid, buf, count, pos);
	if (ret)
		return ret;
	*ppos += count;
	return count;
}

static ssize_t write_runs(struct vfio_pasid_device *vpasid,
			  const char __user *buf, size_t count, loff_t *ppos)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t done = 0, run;
	loff_t at = *ppos;
	ssize_t ret;

	while (done < count) {
		run = count - done;
		vfio_pasid_vcap_run(&vpasid->vcap, pos + done, &run);
		ret = write_run(vpasid, buf + done, run, &at);
		if (ret < 0)
			return ret;
		done += ret;
		if (ret < run)
			break;
	}
	*ppos += done;
	return done;
}

static bool is_outside_spans(struct vfio_pasid_device *vpasid, unsigned int pos,
			     size_t count)
{
	size_t run = count;

	return !vfio_pasid_vcap_run(&vpasid->vcap, pos, &run) && run == count;
}

/**
 * vfio_pasid_write_config - Write to the config region of an open device
 * @vdev: The device
 * @buf: The user's bytes
 * @count: How many
 * @ppos: File position in config space, with the region; advanced by the return value
 *
 * As in the core, an access that passes the end of config space fails as a whole,
 * and after an error the position is unchanged. Unlike there, an access to a span
 * fails before it has an effect if the user's bytes cannot be read.
 *
 * Takes what the op takes, so that who calls it keeps all in its registers.
 *
 * Return: bytes written, or a negative errno.
 */
ssize_t vfio_pasid_write_config(struct vfio_device *vdev, const char __user *buf,
				size_t count, loff_t *ppos)
{
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t size = vpasid->pdev->cfg_size;
	ssize_t ret;

	down_read(&vpasid->lock);
	if (!vpasid->vcap.num_spans || count > size - pos)
		ret = vpasid->orig->write(vpasid->vdev, buf, count, ppos);
	else if (is_outside_spans(vpasid, pos, count))
		ret = write_driver(vpasid, buf, count, ppos);
	else if (fault_in_readable(buf, count))
		ret = -EFAULT;
	else
		ret = write_runs(vpasid, buf, count, ppos);
	up_read(&vpasid->lock);
	return ret;
}
