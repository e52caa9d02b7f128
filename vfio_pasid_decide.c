// SPDX-License-Identifier: GPL-2.0
/*
 * The decision for one device: collect the sources, read the device, log
 *
 * vfio runtime-suspends a device that is not open, and a suspended device reads as
 * all ones. So sysfs shows a preview before the first open: what the sources name,
 * without a look at the device. Every open reads the device, after its driver has
 * opened it. vfio-pci-core reads the lists at every open, too: new firmware may
 * have changed them. The administrator can also let the device be read (verify).
 * Between sessions sysfs shows the last decision, until the rules change.
 *
 * Locking: dev_set->lock, which vfio holds around open_device().
 */
#define pr_fmt(fmt) "vfio-pasid: " fmt
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "vfio_pasid.h"

#define SOURCES	(1U << VFIO_PASID_SOURCE_PHYSICAL | \
		 1U << VFIO_PASID_SOURCE_MARKER | \
		 1U << VFIO_PASID_SOURCE_ADMIN | \
		 1U << VFIO_PASID_SOURCE_DRIVER | \
		 1U << VFIO_PASID_SOURCE_TABLE)

#define MAX_PAIRS	8

static struct vfio_pasid_pair pairs[MAX_PAIRS] = { VFIO_PASID_PAIR_DEFAULT };
static unsigned int num_pairs = 1;

static int parse_pair(const char *text, size_t len, struct vfio_pasid_pair *to)
{
	unsigned int vendor, id;
	char copy[16] = "";
	int end = 0;

	if (len < sizeof(copy))
		memcpy(copy, text, len);
	/* sscanf() skips white space, and accepts 0x in front of a number */
	if (copy[strspn(copy, "0123456789abcdefABCDEF:")] ||
	    sscanf(copy, "%4x:%4x%n", &vendor, &id, &end) != 2 || copy[end] ||
	    !vendor || vendor == 0xffff) {
		pr_err("markers: \"%.*s\" is not understood; write <vendor>:<DVSEC ID>, both hexadecimal, separated by commas\n",
		       (int)len, text);
		return -EINVAL;
	}
	to->vendor = vendor;
	to->id = id;
	return 0;
}

/* Runs at load only, when nothing reads the pairs. Empty string: no markers */
static int markers_set(const char *val, const struct kernel_param *kp)
{
	size_t len;
	int ret;

	for (num_pairs = 0; *val; num_pairs++) {
		if (num_pairs == MAX_PAIRS) {
			pr_err("markers: more than %d pairs; shorten the list\n",
			       MAX_PAIRS);
			return -E2BIG;
		}
		len = strcspn(val, ",");
		ret = parse_pair(val, len, &pairs[num_pairs]);
		if (ret)
			return ret;
		val += len;
		/* A comma at the end is followed by an empty pair */
		if (*val && !*++val)
			return parse_pair(val, 0, &pairs[0]);
	}
	return 0;
}

static int markers_get(char *to, const struct kernel_param *kp)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < num_pairs; i++)
		n += sysfs_emit_at(to, n, "%s%04x:%04x", i ? "," : "",
				   pairs[i].vendor, pairs[i].id);
	return n + sysfs_emit_at(to, n, "\n");
}

static const struct kernel_param_ops markers_ops = {
	.set = markers_set,
	.get = markers_get,
};

module_param_cb(markers, &markers_ops, NULL, 0444);
MODULE_PARM_DESC(markers, "DVSECs that mark unused config space: <vendor>:<DVSEC ID>, hexadecimal, comma separated; the module makes its own markers with the first one (default, provisional: 1234:a51d)");

/* pci_user_read_config_dword() waits while the function resets, as vfio does */
static int read_hardware(void *ctx, u16 offset, u32 *val)
{
	return pci_user_read_config_dword(ctx, offset, val) ? -EIO : 0;
}

/**
 * vfio_pasid_hardware_image - Get access to the physical config space of a function
 * @pdev: The function. Has to be in D0 when it is read
 */
struct vfio_pasid_image vfio_pasid_hardware_image(struct pci_dev *pdev)
{
	return (struct vfio_pasid_image){
		.read = read_hardware,
		.ctx = pdev,
		.size = pdev->cfg_size,
	};
}

/* Logs one line for each refused range, with what to do. */
static void log_refusal(struct pci_dev *pdev,
			const struct vfio_pasid_candidate *c)
{
	const char *advice = c->source == VFIO_PASID_SOURCE_ADMIN ?
			     "correct ranges=" : "give another with ranges=";
	unsigned int last = c->range.offset + c->range.length - 1;

	if (c->reason == VFIO_PASID_REASON_NOT_ZERO)
		pci_warn(pdev, "range %#x-%#x (%s) refused: %#x reads %#010x, so registers may live there; %s\n",
			 c->range.offset, last,
			 vfio_pasid_source_name(c->source), c->where, c->value,
			 advice);
	else
		pci_warn(pdev, "range %#x-%#x (%s) refused at %#x: %s; %s\n",
			 c->range.offset, last,
			 vfio_pasid_source_name(c->source), c->where,
			 vfio_pasid_reason_text(c->reason), advice);
}

/* The source of the range may know more, so the range is accepted. */
static void log_behind(struct pci_dev *pdev,
		       const struct vfio_pasid_candidate *c)
{
	pci_warn(pdev, "range %#x-%#x (%s) lies behind capability %#x at %#x, whose length is not known, so it may have registers there; see its data sheet\n",
		 c->range.offset, c->range.offset + c->range.length - 1,
		 vfio_pasid_source_name(c->source), c->behind_id, c->behind);
}

static void log_decision(struct pci_dev *pdev,
			 const struct vfio_pasid_request *req,
			 const struct vfio_pasid_place *place)
{
	unsigned int i;

	for (i = 0; i < req->num_own; i++)
		log_refusal(pdev, &req->own[i]);
	for (i = 0; i < req->num_candidates; i++)
		if (req->candidates[i].reason)
			log_refusal(pdev, &req->candidates[i]);
		else if (req->candidates[i].behind)
			log_behind(pdev, &req->candidates[i]);

	if (place->range.offset)
		pci_info(pdev, "PASID capability may live at %#x (range %#x-%#x, source %s)\n",
			 place->range.offset, place->range.offset,
			 place->range.offset + place->range.length - 1,
			 vfio_pasid_source_name(place->source));
	else if (req->num_candidates || req->num_own)
		pci_warn(pdev, "no place for a PASID capability: %s\n",
			 vfio_pasid_reason_text(place->reason));
	else
		pci_dbg(pdev, "no place for a PASID capability: %s\n",
			vfio_pasid_reason_text(place->reason));
}

/* Compares what is logged. By member, since a copy need not keep the padding */
static bool same_place(const struct vfio_pasid_place *a,
		       const struct vfio_pasid_place *b)
{
	return a->source == b->source && a->reason == b->reason &&
	       a->range.offset == b->range.offset &&
	       a->range.length == b->range.length && a->num_more == b->num_more;
}

/* A decision is logged once, however often the device is opened. */
static void log_once(struct vfio_pasid_device *vpasid,
		     const struct vfio_pasid_request *req,
		     const struct vfio_pasid_place *before,
		     unsigned int generation)
{
	if (vpasid->logged && vpasid->generation == generation &&
	    same_place(before, &vpasid->place))
		return;
	log_decision(vpasid->pdev, req, &vpasid->place);
	vpasid->logged = true;
}

static void locate_place(struct vfio_pasid_device *vpasid,
			 const struct vfio_pasid_image *image, bool log)
{
	struct vfio_pasid_candidate candidates[VFIO_PASID_MAX_CANDIDATES];
	struct vfio_pasid_range live[VFIO_PASID_MAX_LIVE];
	struct vfio_pasid_request req = {
		.image = image,
		.candidates = candidates,
		.live = live,
		.pairs = pairs,
		.num_pairs = num_pairs,
		.sources = SOURCES,
	};
	struct vfio_pasid_place before = vpasid->place;
	/* Read before the rules: if they change now, the decision is out of date */
	unsigned int generation = vfio_pasid_quirks_generation();

	if (vfio_pasid_guess_allowed(vpasid->pdev))
		req.sources |= 1U << VFIO_PASID_SOURCE_GUESS;
	req.num_candidates = vfio_pasid_quirks_candidates(vpasid->pdev, candidates);
	req.num_live = vfio_pasid_quirks_live(vpasid->pdev, live);
	vfio_pasid_locate(&req, &vpasid->place);
	/* A marker of the device has its own pair */
	if (vpasid->place.source != VFIO_PASID_SOURCE_MARKER && num_pairs)
		vpasid->place.pair = pairs[0];
	if (log)
		log_once(vpasid, &req, &before, generation);
	vpasid->generation = generation;
}

static bool is_verified(const struct vfio_pasid_device *vpasid)
{
	return vpasid->verified &&
	       vpasid->generation == vfio_pasid_quirks_generation();
}

static void verify_place(struct vfio_pasid_device *vpasid, const u8 *map)
{
	struct vfio_pasid_image image = vfio_pasid_hardware_image(vpasid->pdev);

	image.map = map;
	locate_place(vpasid, &image, true);
	vpasid->verified = vpasid->place.reason != VFIO_PASID_REASON_UNREADABLE;
}

/**
 * vfio_pasid_decide - Find the place for a device that was just opened
 * @vpasid: The device. Gets the place, or the reason why there is none
 */
void vfio_pasid_decide(struct vfio_pasid_device *vpasid)
{
	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	verify_place(vpasid, vfio_pasid_to_core(vpasid)->pci_config_map);
}

/*
 * An image of zeros, with the PASID capability that the PCI core found when it
 * enumerated the function.
 */
static int read_preview(void *ctx, u16 offset, u32 *val)
{
	struct pci_dev *pdev = ctx;

	*val = 0;
	if (pdev->pasid_cap && offset == pdev->pasid_cap)
		*val = vfio_pasid_ext_header(PCI_EXT_CAP_ID_PASID, 1, 0);
	else if (pdev->pasid_cap && offset == VFIO_PASID_EXT_START)
		*val = vfio_pasid_ext_header(0, 0, pdev->pasid_cap);
	return 0;
}

/**
 * vfio_pasid_preview - Decide from the sources alone, without reading the device
 * @vpasid: The device. Keeps a decision that is verified and not out of date
 */
void vfio_pasid_preview(struct vfio_pasid_device *vpasid)
{
	struct vfio_pasid_image image = {
		.read = read_preview,
		.ctx = vpasid->pdev,
		.size = vpasid->pdev->cfg_size,
		.unread = true,
	};

	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	if (vpasid->served || is_verified(vpasid))
		return;
	locate_place(vpasid, &image, false);
	vpasid->verified = false;
}

/**
 * vfio_pasid_verify - Read the device now and verify the decision
 * @vpasid: The device. Resumed for this if it is not open
 *
 * Return: 0, -EBUSY if it was opened before the module was loaded, -EIO if it
 * cannot be read, or another negative errno if it cannot be resumed.
 */
int vfio_pasid_verify(struct vfio_pasid_device *vpasid)
{
	struct device *dev = &vpasid->pdev->dev;
	int ret;

	lockdep_assert_held(&vpasid->vdev->dev_set->lock);

	if (vpasid->vdev->open_count)
		return vpasid->served ? 0 : -EBUSY;
	ret = pm_runtime_resume_and_get(dev);
	if (ret)
		return ret;
	verify_place(vpasid, NULL);
	pm_runtime_put(dev);
	return vpasid->verified ? 0 : -EIO;
}
