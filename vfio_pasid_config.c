// SPDX-License-Identifier: GPL-2.0
/*
 * The session of an open device: show or hide the capability
 *
 * vpasid->vcap.spans are the virtual bytes of this module. vfio serves their reads
 * from vconfig. vfio_pasid_write.c handles their writes.
 *
 * Invariant: after a failure the session is as without this module.
 *
 * Locking: a session begins and ends under dev_set->lock, with no file open. While
 * a file is open, vpasid->lock protects the layout. A write holds the read side,
 * from the filter to the end of the driver's part. SET holds the write side. A
 * write copies the user's bytes under the read side, which a user can delay
 * without a limit. So SET only tries the write side: a waiting writer would block
 * new readers, which may hold dev_set->lock, until that copy ends. Reads take no
 * lock. Each byte of a read that races with SET is of either layout, or zero.
 */
#define pr_fmt(fmt) "vfio-pasid: " fmt
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/delay.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "vfio_pasid.h"

enum policy {
	POLICY_AUTO,
	POLICY_ON,
	POLICY_OFF,
};

static const char * const policy_names[] = {
	[POLICY_AUTO] = "auto",
	[POLICY_ON] = "on",
	[POLICY_OFF] = "off",
};

static enum policy visible;
static enum policy shield;

static int policy_set(const char *val, const struct kernel_param *kp)
{
	enum policy *policy = kp->arg;
	int i = sysfs_match_string(policy_names, val);

	if (i < 0) {
		pr_err("%s: \"%s\" is not understood; write auto, on or off\n",
		       kp->name, val);
		return i;
	}
	WRITE_ONCE(*policy, i);
	return 0;
}

static int policy_get(char *to, const struct kernel_param *kp)
{
	enum policy *policy = kp->arg;

	return sysfs_emit(to, "%s\n", policy_names[READ_ONCE(*policy)]);
}

static const struct kernel_param_ops policy_ops = {
	.set = policy_set,
	.get = policy_get,
};

module_param_cb(visible, &policy_ops, &visible, 0644);
MODULE_PARM_DESC(visible, "Show the capability from the next open on: auto (default; only if nothing is known to keep a guest from using it), on, off");
module_param_cb(shield, &policy_ops, &shield, 0644);
MODULE_PARM_DESC(shield, "Drop a user's writes to the physical PASID registers: auto (default; while the host or VFs depend on them), on, off");

/**
 * vfio_pasid_config_shields - Check whether to drop writes to physical registers
 * @vpasid: The device, open
 *
 * A guest must not disable PASID for the host, or for the VFs that share it with
 * this function. But a user-space driver may have to, if it uses the function
 * alone: DPDK's for Intel DLB clears Enable, since PASID breaks that device.
 */
bool vfio_pasid_config_shields(struct vfio_pasid_device *vpasid)
{
	switch (READ_ONCE(shield)) {
	case POLICY_ON:
		return true;
	case POLICY_OFF:
		return false;
	default:
		return vpasid->vcap.shown || pci_num_vf(vpasid->pdev) ||
		       vfio_pasid_bound_to_iommufd(vpasid->vdev);
	}
}

/* By default a guest does not see a capability that it cannot use. */
static enum vfio_pasid_reason hidden_by_policy(struct vfio_pasid_device *vpasid)
{
	enum policy policy = READ_ONCE(visible);

	if (policy == POLICY_OFF)
		return VFIO_PASID_REASON_VISIBLE_OFF;
	if (!vpasid->vcap.width)
		return VFIO_PASID_REASON_NO_WIDTH;
	if (policy == POLICY_ON)
		return VFIO_PASID_REASON_NONE;
	return vpasid->obstacle;
}

static struct vfio_pasid_view get_view(struct vfio_pasid_device *vpasid)
{
	struct vfio_pci_core_device *core = vfio_pasid_to_core(vpasid);

	return (struct vfio_pasid_view){
		.vconfig = core->vconfig,
		.map = core->pci_config_map,
		.size = vpasid->pdev->cfg_size,
		.has_list = core->extended_caps,
		.image = vfio_pasid_hardware_image(vpasid->pdev),
	};
}

/* Shows or hides the capability. Markers cover the rest of the range. */
static enum vfio_pasid_reason make_layout(struct vfio_pasid_device *vpasid,
					  bool shown, u16 offset)
{
	struct vfio_pasid_view view = get_view(vpasid);
	struct vfio_pasid_vcap *cap = &vpasid->vcap;
	enum vfio_pasid_reason reason = VFIO_PASID_REASON_NO_LINK;

	cap->shown = shown;
	cap->offset = offset;
	cap->marked = vpasid->place.pair.vendor;
	/* A driver may open its device without vfio_config_init() */
	if (view.vconfig && view.map)
		reason = vfio_pasid_compose(&view, &vpasid->place, cap);
	if (reason)
		cap->shown = false;
	return reason;
}

static bool is_in_reach(const struct vfio_pasid_device *vpasid)
{
	const struct vfio_pasid_range *span = vpasid->vcap.spans;
	unsigned int i;

	for (i = 0; i < vpasid->vcap.num_spans; i++, span++)
		if (span->offset < vpasid->reach_start ||
		    span->offset + span->length > vpasid->reach_end)
			return false;
	return true;
}

static void add_reach(struct vfio_pasid_device *vpasid,
		      const struct vfio_pasid_range *range)
{
	vpasid->reach_start = min_t(u64, vpasid->reach_start, range->offset);
	vpasid->reach_end = max_t(u64, vpasid->reach_end, range->offset + range->length);
}

/*
 * SET moves the capability within its range. The layout at open shows which header
 * links to it. If it was hidden at open, that may be any header.
 */
static void find_reach(struct vfio_pasid_device *vpasid)
{
	const struct vfio_pasid_vcap *cap = &vpasid->vcap;
	const struct vfio_pasid_range all = {
		.offset = VFIO_PASID_EXT_START,
		.length = vpasid->pdev->cfg_size - VFIO_PASID_EXT_START,
	};
	unsigned int i;

	vpasid->reach_start = VFIO_PASID_CFG_SIZE;
	vpasid->reach_end = 0;
	if (!vpasid->place.reason)
		add_reach(vpasid, cap->shown ? &vpasid->place.range : &all);
	for (i = 0; i < cap->num_spans; i++)
		add_reach(vpasid, &cap->spans[i]);
}

/* Each write decides whether the shield drops it: VFs come and go. */
static void add_shield(struct vfio_pasid_device *vpasid)
{
	u16 offset = vpasid->pdev->pasid_cap;

	if (offset && offset + VFIO_PASID_CAP_SIZE <= vpasid->pdev->cfg_size)
		vfio_pasid_vcap_shield(&vpasid->vcap, offset);
}

/*
 * A guest's kernel looks for End-End TLP Prefix (PCIe 6.x, 7.5.3.15) in the
 * function before it enables PASID, unless it has a quirk for the function.
 */
static bool lacks_tlp_prefix(struct pci_dev *pdev)
{
	u32 cap = 0;

	if (pdev->pasid_no_tlp)
		return false;
	pcie_capability_read_dword(pdev, PCI_EXP_DEVCAP2, &cap);
	return !(cap & PCI_EXP_DEVCAP2_EE_PREFIX);
}

/* The core looks for both bits before it resets (PCI AF ECN) */
static u8 af_control_with_flr(struct pci_dev *pdev)
{
	u8 pos = pci_find_capability(pdev, PCI_CAP_ID_AF);
	u8 cap = 0;

	if (pos)
		pci_read_config_byte(pdev, pos + PCI_AF_CAP, &cap);
	return cap & PCI_AF_CAP_FLR && cap & PCI_AF_CAP_TP ? pos + PCI_AF_CTRL : 0;
}

static struct vfio_pasid_flr find_flr(struct pci_dev *pdev)
{
	return (struct vfio_pasid_flr){
		.exp = pdev->devcap & PCI_EXP_DEVCAP_FLR ?
		       pdev->pcie_cap + PCI_EXP_DEVCTL + 1 : 0,
		.af = af_control_with_flr(pdev),
	};
}

/**
 * vfio_pasid_config_obstacle - Get what keeps a guest from using the capability
 * @vpasid: The device, open
 *
 * visible=auto does not hide the capability for want of End-End TLP Prefix: a guest
 * reads the bit itself, and then leaves PASID disabled.
 *
 * Return: the reason, shown or not. VFIO_PASID_REASON_NONE if there is none.
 */
enum vfio_pasid_reason
vfio_pasid_config_obstacle(const struct vfio_pasid_device *vpasid)
{
	if (!vpasid->obstacle && vpasid->no_tlp_prefix)
		return VFIO_PASID_REASON_NO_TLP_PREFIX;
	return vpasid->obstacle;
}

static void log_session(struct vfio_pasid_device *vpasid)
{
	enum vfio_pasid_reason obstacle = vfio_pasid_config_obstacle(vpasid);

	if (vpasid->hidden)
		pci_info(vpasid->pdev, "PASID capability at %#x is hidden: %s\n",
			 vpasid->place.range.offset, vfio_pasid_reason_text(vpasid->hidden));
	else if (obstacle)
		pci_warn(vpasid->pdev, "PASID capability at %#x is shown, width %u, but a guest cannot use it: %s\n",
			 vpasid->place.range.offset, vpasid->vcap.width,
			 vfio_pasid_reason_text(obstacle));
	else
		pci_info(vpasid->pdev, "PASID capability at %#x is shown, width %u\n",
			 vpasid->place.range.offset, vpasid->vcap.width);
}

/*
 * A line in the log takes a quarter of the instructions of a short open. So an open that
 * says what the one before has said, says nothing. One without a place has its
 * line from vfio_pasid_decide().
 */
static void log_new_session(struct vfio_pasid_device *vpasid)
{
	const struct vfio_pasid_logged now = {
		.offset = vpasid->place.range.offset,
		.width = vpasid->vcap.width,
		.hidden = vpasid->hidden,
		.obstacle = vfio_pasid_config_obstacle(vpasid),
	};

	if (!vpasid->place.reason &&
	    memcmp(&now, &vpasid->session_logged, sizeof(now)))
		log_session(vpasid);
	vpasid->session_logged = now;
}

/**
 * vfio_pasid_config_begin - Begin the session of a device that was just opened
 * @vpasid: The device; vfio_pasid_decide() has set its place
 */
void vfio_pasid_config_begin(struct vfio_pasid_device *vpasid)
{
	u32 host = vfio_pasid_host_capabilities(vpasid->pdev);

	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	vpasid->vcap = (struct vfio_pasid_vcap){
		.offset = vpasid->place.range.offset,
		.width = vfio_pasid_host_width(vpasid->pdev),
		.caps = host & (PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV),
	};
	vpasid->flr = vpasid->place.reason ? (struct vfio_pasid_flr){} :
					   find_flr(vpasid->pdev);
	vpasid->no_tlp_prefix = !vpasid->place.reason && lacks_tlp_prefix(vpasid->pdev);
	vpasid->shield_logged = false;
	vpasid->hidden = vpasid->place.reason;
	vpasid->obstacle = vfio_pasid_host_obstacle(vpasid);
	if (!vpasid->hidden)
		vpasid->hidden = hidden_by_policy(vpasid);
	if (!vpasid->hidden)
		vpasid->hidden = make_layout(vpasid, true, vpasid->place.range.offset);
	add_shield(vpasid);
	find_reach(vpasid);
	log_new_session(vpasid);
}

/**
 * vfio_pasid_config_end - End the session, before the driver's own close
 * @vpasid: The device
 *
 * The driver frees vconfig and the map, so this does not restore them.
 */
void vfio_pasid_config_end(struct vfio_pasid_device *vpasid)
{
	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	vpasid->vcap.shown = false;
	vpasid->vcap.num_spans = 0;
}

static int check_set(struct vfio_pasid_device *vpasid, bool shown,
		     unsigned int offset)
{
	const struct vfio_pasid_range *range = &vpasid->place.range;
	unsigned int end = range->offset + range->length;

	if (!vpasid->served)
		return -EOPNOTSUPP;
	if (vpasid->place.reason)
		return -ENOENT;
	if (shown && !vpasid->vcap.width)
		return -EOPNOTSUPP;
	if (offset % 4 || offset < range->offset ||
	    offset > end - VFIO_PASID_CAP_SIZE)
		return -EINVAL;
	if (vpasid->vcap.shown &&
	    *vfio_pasid_virtual_byte(vpasid, vpasid->vcap.offset + PCI_PASID_CTRL) &
	    PCI_PASID_CTRL_ENABLE)
		return -EBUSY;
	return 0;
}

/*
 * If the new layout fails, this restores the old one. It fails also if the device has
 * another list than at open, and the layout would leave what find_reach() has found.
 */
static int change_layout(struct vfio_pasid_device *vpasid, bool shown, u16 offset)
{
	struct vfio_pasid_view view = get_view(vpasid);
	struct vfio_pasid_vcap old = vpasid->vcap;

	vfio_pasid_decompose(&view, &vpasid->place, &old);
	if (!make_layout(vpasid, shown, offset) && is_in_reach(vpasid)) {
		vpasid->hidden = shown ? VFIO_PASID_REASON_NONE :
				      VFIO_PASID_REASON_SET;
		return 0;
	}
	vfio_pasid_decompose(&view, &vpasid->place, &vpasid->vcap);
	vfio_pasid_recompose(&view, &vpasid->place, &old);
	vpasid->vcap = old;
	return -EINVAL;
}

/* The VMM decides, so this only warns. A guest cannot cause a SET. */
static void log_set(struct vfio_pasid_device *vpasid)
{
	enum vfio_pasid_reason obstacle = vfio_pasid_config_obstacle(vpasid);

	if (!vpasid->hidden && obstacle)
		dev_warn_ratelimited(&vpasid->pdev->dev, "PASID capability at %#x is shown to the VMM that asked for it, but a guest cannot use it: %s\n",
				     vpasid->vcap.offset,
				     vfio_pasid_reason_text(obstacle));
}

/* Tries for a tenth of a second at most. A write takes microseconds */
static int lock_layout(struct vfio_pasid_device *vpasid)
{
	unsigned int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (down_write_trylock(&vpasid->lock))
			return 0;
		usleep_range(50, 100);
	}
	return -EBUSY;
}

/**
 * vfio_pasid_config_set - Show or hide the capability for a VMM
 * @vpasid: The device, open
 * @shown: Show it
 * @offset: New offset, 0: the present one
 *
 * Return: 0, or a negative errno (see the uapi header), which changes nothing.
 */
int vfio_pasid_config_set(struct vfio_pasid_device *vpasid, bool shown,
			  unsigned int offset)
{
	int ret = lock_layout(vpasid);

	if (ret)
		return ret;
	ret = check_set(vpasid, shown, offset ? offset : vpasid->vcap.offset);
	if (!ret) {
		ret = change_layout(vpasid, shown,
				    offset ? offset : vpasid->vcap.offset);
		add_shield(vpasid);
	}
	if (!ret)
		log_set(vpasid);
	up_write(&vpasid->lock);
	return ret;
}
