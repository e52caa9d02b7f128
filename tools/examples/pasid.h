/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a VMM does before it reads the config space of a VFIO device
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <linux/vfio_pasid.h>

/* GET or SET. Fails with ENOTTY where there is no vfio-pasid */
static int pasid_feature(int device, unsigned int op,
			 struct vfio_device_feature_pasid *pasid)
{
	char buf[sizeof(struct vfio_device_feature) + sizeof(*pasid)];
	struct vfio_device_feature *feature = (void *)buf;
	int ret;

	feature->argsz = sizeof(buf);
	feature->flags = op | VFIO_DEVICE_FEATURE_PASID;
	memcpy(feature->data, pasid, sizeof(*pasid));
	ret = ioctl(device, VFIO_DEVICE_FEATURE, feature);
	memcpy(pasid, feature->data, sizeof(*pasid));
	return ret;
}

/*
 * Show the capability or hide it: the user's pasid=on|off|auto. Auto asks whether
 * the guest has a vIOMMU with PASIDs, and the kernel what else is in the way.
 * @offset is where it has to be, 0 for anywhere. Returns where the guest sees it,
 * 0 for nowhere, or -1 with errno.
 */
static int pasid_choose(int device, const char *mode, int viommu_has_pasids,
			unsigned int offset)
{
	struct vfio_device_feature_pasid now = {}, want = { .offset = offset };

	if (pasid_feature(device, VFIO_DEVICE_FEATURE_GET, &now))
		return -1;
	if (!(now.flags & VFIO_PASID_FLAG_PLACE) || !now.width)
		return 0;
	if (!strcmp(mode, "on") ||
	    (!strcmp(mode, "auto") && viommu_has_pasids && !now.obstacle))
		want.flags = VFIO_PASID_FLAG_VISIBLE;
	if (!offset)
		offset = now.offset;
	/* A guest that runs on may have enabled it, then SET fails with EBUSY */
	if ((want.flags != (now.flags & VFIO_PASID_FLAG_VISIBLE) ||
	     offset != now.offset) &&
	    pasid_feature(device, VFIO_DEVICE_FEATURE_SET, &want))
		return -1;
	return want.flags ? (int)offset : 0;
}
