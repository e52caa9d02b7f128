// SPDX-License-Identifier: GPL-2.0
/*
 * The decision for one device: what is known of it, and its own bytes
 *
 * vfio runtime-suspends a device that nobody has open, and a device asleep
 * answers all ones. So the device is read when it has just been opened by its
 * driver, and the decision is kept until the rules change. A device that could
 * not be read is asked again at its next open.
 *
 * Locking: dev_set->lock, held by vfio around open_device().
 */
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/lockdep.h>

#include "vfio_pasid.h"

#define SOURCES	(1U << VFIO_PASID_SOURCE_ADMIN | 1U << VFIO_PASID_SOURCE_TABLE)

/*
 * The accessor for users waits while the function resets, as all accesses on
 * behalf of userspace must.
 */
static int read_hardware(void *ctx, u16 offset, u32 *val)
{
	return pci_user_read_config_dword(ctx, offset, val) ? -EIO : 0;
}

/* One line for each refused range, with what to do about it. */
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

static void log_decision(struct pci_dev *pdev,
			 const struct vfio_pasid_request *req,
			 const struct vfio_pasid_place *place)
{
	unsigned int i;

	for (i = 0; i < req->num_candidates; i++)
		if (req->candidates[i].reason)
			log_refusal(pdev, &req->candidates[i]);

	if (place->offset)
		pci_info(pdev, "PASID capability may live at %#x (range %#x-%#x, source %s)\n",
			 place->offset, place->range.offset,
			 place->range.offset + place->range.length - 1,
			 vfio_pasid_source_name(place->source));
	else if (req->num_candidates)
		pci_warn(pdev, "no place for a PASID capability: %s\n",
			 vfio_pasid_reason_text(place->reason));
	else
		pci_dbg(pdev, "no place for a PASID capability: %s\n",
			vfio_pasid_reason_text(place->reason));
}

/**
 * vfio_pasid_decide - Find the place for a device that is open
 * @vpd: The device; gets the place, or the reason why there is none
 */
void vfio_pasid_decide(struct vfio_pasid_device *vpd)
{
	struct vfio_pci_core_device *core = vfio_pasid_to_core(vpd);
	struct vfio_pasid_candidate candidates[VFIO_PASID_MAX_CANDIDATES];
	struct vfio_pasid_range live[VFIO_PASID_MAX_LIVE];
	struct vfio_pasid_image image = {
		.read = read_hardware,
		.ctx = vpd->pdev,
		.map = core->pci_config_map,
		.size = vpd->pdev->cfg_size,
	};
	struct vfio_pasid_request req = {
		.image = &image,
		.candidates = candidates,
		.live = live,
		.sources = SOURCES,
	};
	unsigned int generation = vfio_pasid_quirks_generation();

	lockdep_assert_held(&vpd->vdev->dev_set->lock);

	if (vpd->decided && vpd->generation == generation)
		return;
	req.num_candidates = vfio_pasid_quirks_candidates(vpd->pdev, candidates);
	req.num_live = vfio_pasid_quirks_live(vpd->pdev, live);
	vfio_pasid_locate(&req, &vpd->place);
	log_decision(vpd->pdev, &req, &vpd->place);

	vpd->generation = generation;
	vpd->decided = vpd->place.reason != VFIO_PASID_REASON_UNREADABLE;
}
