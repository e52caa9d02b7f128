// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to userspace: VFIO_DEVICE_FEATURE_PASID
 *
 * Locking: a session does not change while one of its files is open, and a
 * feature is asked through such a file.
 */
#include <linux/uaccess.h>

#include "vfio_pasid.h"

static void fill_place(const struct vfio_pasid_device *vpd,
		       struct vfio_device_feature_pasid *answer)
{
	if (vpd->place.reason) {
		answer->place_reason = vpd->place.reason;
		return;
	}
	answer->flags |= VFIO_PASID_FLAG_PLACE | VFIO_PASID_FLAG_VERIFIED;
	answer->offset = vpd->place.offset;
	answer->range_offset = vpd->place.range.offset;
	answer->range_length = vpd->place.range.length;
	answer->source = vpd->place.source;
}

static void fill_session(const struct vfio_pasid_device *vpd,
			 struct vfio_device_feature_pasid *answer)
{
	fill_place(vpd, answer);
	answer->width = vpd->vcap.width;
	answer->capabilities = vpd->vcap.caps;
	answer->hidden_reason = vpd->hidden;
	if (!vpd->hidden)
		answer->flags |= VFIO_PASID_FLAG_VISIBLE;
}

/**
 * vfio_pasid_uapi_feature - Answer VFIO_DEVICE_FEATURE_PASID
 * @vpd: The device, open
 * @flags: The caller's flags
 * @arg: The caller's data
 * @argsz: Size of it
 *
 * Return: 0 or a negative errno, see the uapi header.
 */
int vfio_pasid_uapi_feature(struct vfio_pasid_device *vpd, u32 flags,
			    void __user *arg, size_t argsz)
{
	struct vfio_device_feature_pasid answer = {};
	int ret;

	ret = vfio_check_feature(flags, argsz, VFIO_DEVICE_FEATURE_GET,
				 sizeof(answer));
	if (ret != 1)
		return ret;

	if (vpd->served) {
		fill_session(vpd, &answer);
	} else {
		answer.place_reason = VFIO_PASID_REASON_NOT_VERIFIED;
		answer.hidden_reason = VFIO_PASID_REASON_OPENED_BEFORE;
	}
	answer.host_capabilities = vfio_pasid_host_capabilities(vpd->pdev);
	return copy_to_user(arg, &answer, sizeof(answer)) ? -EFAULT : 0;
}
