// SPDX-License-Identifier: GPL-2.0
/*
 * The interfaces to userspace: the two PASID features, and the files in sysfs
 *
 * Locking: a feature comes through an open file, so the session does not end, and
 * vpasid->lock protects its layout. The sysfs files try dev_set->lock for a
 * bounded time. They take neither device_lock nor vfio_pasid_mutex: UNBIND holds
 * both while it waits for them, and all binding on the host waits for UNBIND.
 */
#define dev_fmt(fmt) "vfio-pasid: " fmt

#include <linux/kstrtox.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include "vfio_pasid.h"

/* How long a file tries dev_set->lock, in milliseconds. An open can take 300 */
#define FILE_TRIES_MS	500

static void fill_place(const struct vfio_pasid_device *vpasid,
		       struct vfio_device_feature_pasid *answer)
{
	if (vpasid->place.reason) {
		answer->place_reason = vpasid->place.reason;
		return;
	}
	answer->flags |= VFIO_PASID_FLAG_PLACE;
	answer->offset = vpasid->vcap.offset;
	answer->range_offset = vpasid->place.range.offset;
	answer->range_length = vpasid->place.range.length;
	answer->source = vpasid->place.source;
}

static void fill_session(const struct vfio_pasid_device *vpasid,
			 struct vfio_device_feature_pasid *answer)
{
	fill_place(vpasid, answer);
	answer->width = vpasid->vcap.width;
	answer->capabilities = vpasid->vcap.caps;
	answer->hidden_reason = vpasid->hidden;
	answer->obstacle = vfio_pasid_config_obstacle(vpasid);
	if (!vpasid->hidden)
		answer->flags |= VFIO_PASID_FLAG_VISIBLE;
	if (vpasid->no_tlp_prefix)
		answer->flags |= VFIO_PASID_FLAG_NO_TLP_PREFIX;
}

static int pasid_get(struct vfio_pasid_device *vpasid, void __user *arg)
{
	struct vfio_device_feature_pasid answer = {};

	down_read(&vpasid->lock);
	if (vpasid->served) {
		fill_session(vpasid, &answer);
	} else {
		answer.place_reason = VFIO_PASID_REASON_NOT_VERIFIED;
		answer.hidden_reason = VFIO_PASID_REASON_OPENED_BEFORE;
	}
	up_read(&vpasid->lock);
	answer.host_capabilities = vfio_pasid_host_capabilities(vpasid->pdev);
	return copy_to_user(arg, &answer, sizeof(answer)) ? -EFAULT : 0;
}

static int pasid_set(struct vfio_pasid_device *vpasid, void __user *arg)
{
	struct vfio_device_feature_pasid wish, known = {};

	if (copy_from_user(&wish, arg, sizeof(wish)))
		return -EFAULT;
	known.flags = wish.flags & VFIO_PASID_FLAG_VISIBLE;
	known.offset = wish.offset;
	if (memcmp(&wish, &known, sizeof(wish)))
		return -EINVAL;
	return vfio_pasid_config_set(vpasid, wish.flags, wish.offset);
}

static int ranges_get(struct vfio_pasid_device *vpasid, void __user *arg)
{
	struct vfio_pasid_range ranges[VFIO_PASID_MAX_MORE + 2];
	struct vfio_device_feature_pasid_ranges answer = {};
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(ranges) > VFIO_PASID_MAX_RANGES);

	down_read(&vpasid->lock);
	if (vpasid->served)
		answer.num_ranges = vfio_pasid_vcap_free(&vpasid->place, &vpasid->vcap,
							 ranges);
	up_read(&vpasid->lock);
	for (i = 0; i < answer.num_ranges; i++) {
		answer.ranges[i].offset = ranges[i].offset;
		answer.ranges[i].length = ranges[i].length;
	}
	return copy_to_user(arg, &answer, sizeof(answer)) ? -EFAULT : 0;
}

static const struct feature {
	u32 index;
	u32 ops;
	size_t size;
	int (*get)(struct vfio_pasid_device *vpasid, void __user *arg);
	int (*set)(struct vfio_pasid_device *vpasid, void __user *arg);
} features[] = {
	{
		.index = VFIO_DEVICE_FEATURE_PASID,
		.ops = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET,
		.size = sizeof(struct vfio_device_feature_pasid),
		.get = pasid_get,
		.set = pasid_set,
	}, {
		.index = VFIO_DEVICE_FEATURE_PASID_RANGES,
		.ops = VFIO_DEVICE_FEATURE_GET,
		.size = sizeof(struct vfio_device_feature_pasid_ranges),
		.get = ranges_get,
	},
};

static int call_feature(const struct feature *feature,
			struct vfio_pasid_device *vpasid, u32 flags,
			void __user *arg, size_t argsz)
{
	int ret = vfio_check_feature(flags, argsz, feature->ops, feature->size);

	if (ret != 1)
		return ret;
	if (flags & VFIO_DEVICE_FEATURE_SET)
		return feature->set(vpasid, arg);
	return feature->get(vpasid, arg);
}

/**
 * vfio_pasid_uapi_feature - Handle VFIO_DEVICE_FEATURE (op device_feature)
 * @vdev: The device, open
 * @flags: The caller's flags
 * @arg: The caller's data
 * @argsz: Size of the data
 *
 * Return: 0 or a negative errno, see the uapi header.
 */
int vfio_pasid_uapi_feature(struct vfio_device *vdev, u32 flags,
			    void __user *arg, size_t argsz)
{
	struct vfio_pasid_device *vpasid = vfio_pasid_from_vdev(vdev);
	u32 index = flags & VFIO_DEVICE_FEATURE_MASK;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (features[i].index == index)
			return call_feature(&features[i], vpasid, flags, arg,
					    argsz);
	/* vfio returns the same for a driver without this op */
	if (!vpasid->orig->device_feature)
		return -ENOTTY;
	return vpasid->orig->device_feature(vdev, flags, arg, argsz);
}

/*
 * The files are in /sys/bus/pci/devices/<BDF>/vfio_pasid/. They exist while the
 * device is attached, so its driver is bound and drvdata is valid. But an open
 * that races with exit may have put the driver's ops back already.
 */
static ssize_t with_device(struct device *dev, const char *from, char *to,
			   ssize_t (*what)(struct vfio_pasid_device *vpasid,
					   const char *from, char *to))
{
	struct vfio_pci_core_device *core = dev_get_drvdata(dev);
	struct vfio_device *vdev = &core->vdev;
	ssize_t ret = -ENODEV;

	if (!vfio_pasid_lock_set(vdev->dev_set, FILE_TRIES_MS))
		return -EBUSY;
	if (vdev->ops->device_feature == vfio_pasid_uapi_feature)
		ret = what(vfio_pasid_from_vdev(vdev), from, to);
	mutex_unlock(&vdev->dev_set->lock);
	return ret;
}

#define FILE_RO(name)							\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *to)	\
{									\
	return with_device(dev, NULL, to, name##_print);		\
}									\
static DEVICE_ATTR_RO(name)

static ssize_t offset_print(struct vfio_pasid_device *vpasid, const char *from,
			    char *to)
{
	vfio_pasid_preview(vpasid);
	if (vpasid->place.reason)
		return sysfs_emit(to, "none\n");
	return sysfs_emit(to, "%#x\n", vpasid->place.range.offset);
}

FILE_RO(offset);

static ssize_t range_print(struct vfio_pasid_device *vpasid, const char *from,
			   char *to)
{
	vfio_pasid_preview(vpasid);
	if (vpasid->place.reason)
		return sysfs_emit(to, "none\n");
	return sysfs_emit(to, "%#x+%#x\n", vpasid->place.range.offset,
			  vpasid->place.range.length);
}

FILE_RO(range);

/* The range of the place comes first, then all others that passed the checks */
static ssize_t ranges_print(struct vfio_pasid_device *vpasid, const char *from,
			    char *to)
{
	const struct vfio_pasid_place *place = &vpasid->place;
	unsigned int i;
	int n;

	vfio_pasid_preview(vpasid);
	if (place->reason)
		return sysfs_emit(to, "none\n");
	n = sysfs_emit(to, "%#x+%#x", place->range.offset, place->range.length);
	for (i = 0; i < place->num_more; i++)
		n += sysfs_emit_at(to, n, ",%#x+%#x", place->more[i].offset,
				   place->more[i].length);
	return n + sysfs_emit_at(to, n, "\n");
}

FILE_RO(ranges);

static ssize_t source_print(struct vfio_pasid_device *vpasid, const char *from,
			    char *to)
{
	vfio_pasid_preview(vpasid);
	return sysfs_emit(to, "%s\n",
			  vfio_pasid_source_name(vpasid->place.source));
}

FILE_RO(source);

static ssize_t verified_print(struct vfio_pasid_device *vpasid, const char *from,
			      char *to)
{
	vfio_pasid_preview(vpasid);
	return sysfs_emit(to, "%d\n", vpasid->verified);
}

FILE_RO(verified);

static ssize_t width_print(struct vfio_pasid_device *vpasid, const char *from,
			   char *to)
{
	return sysfs_emit(to, "%u\n", vpasid->served ? vpasid->vcap.width :
			  vfio_pasid_host_width(vpasid->pdev));
}

FILE_RO(width);

static ssize_t visible_print(struct vfio_pasid_device *vpasid, const char *from,
			     char *to)
{
	return sysfs_emit(to, "%d\n", vpasid->served && !READ_ONCE(vpasid->hidden));
}

FILE_RO(visible);

/* NOT_ENABLED is no reason before an open: the host may still enable PASID. */
static enum vfio_pasid_reason reason_before_open(struct pci_dev *pdev)
{
	enum vfio_pasid_reason reason = vfio_pasid_host_reason(pdev);

	return reason == VFIO_PASID_REASON_NOT_ENABLED ?
	       VFIO_PASID_REASON_NONE : reason;
}

static enum vfio_pasid_reason reason_now(struct vfio_pasid_device *vpasid)
{
	if (vpasid->place.reason)
		return vpasid->place.reason;
	if (!vpasid->verified)
		return VFIO_PASID_REASON_NOT_VERIFIED;
	if (!vpasid->served)
		return reason_before_open(vpasid->pdev);
	return READ_ONCE(vpasid->hidden) ?: vfio_pasid_config_obstacle(vpasid);
}

static ssize_t reason_print(struct vfio_pasid_device *vpasid, const char *from,
			    char *to)
{
	vfio_pasid_preview(vpasid);
	return sysfs_emit(to, "%s\n", vfio_pasid_reason_text(reason_now(vpasid)));
}

FILE_RO(reason);

static ssize_t verify_now(struct vfio_pasid_device *vpasid, const char *from,
			  char *to)
{
	return vfio_pasid_verify(vpasid);
}

static ssize_t verify_store(struct device *dev, struct device_attribute *attr,
			    const char *from, size_t count)
{
	bool yes;
	ssize_t ret = kstrtobool(from, &yes);

	if (!ret && !yes)
		ret = -EINVAL;
	if (!ret)
		ret = with_device(dev, from, NULL, verify_now);
	return ret ? ret : count;
}
static DEVICE_ATTR_WO(verify);

static struct attribute *vfio_pasid_attrs[] = {
	&dev_attr_offset.attr,
	&dev_attr_range.attr,
	&dev_attr_ranges.attr,
	&dev_attr_source.attr,
	&dev_attr_verified.attr,
	&dev_attr_width.attr,
	&dev_attr_visible.attr,
	&dev_attr_reason.attr,
	&dev_attr_verify.attr,
	NULL
};

static const struct attribute_group vfio_pasid_group = {
	.name = "vfio_pasid",
	.attrs = vfio_pasid_attrs,
};

/**
 * vfio_pasid_uapi_add_files - Create the sysfs files of a function
 * @pdev: The function, whose vfio_device points to the module's ops
 *
 * Return: 0 or a negative errno.
 */
int vfio_pasid_uapi_add_files(struct pci_dev *pdev)
{
	int ret = sysfs_create_group(&pdev->dev.kobj, &vfio_pasid_group);

	if (ret)
		pci_warn(pdev, "no sysfs files (%pe), the device works without them\n",
			 ERR_PTR(ret));
	return ret;
}

/**
 * vfio_pasid_uapi_remove_files - Remove the sysfs files, and wait for their readers
 * @pdev: The function
 */
void vfio_pasid_uapi_remove_files(struct pci_dev *pdev)
{
	sysfs_remove_group(&pdev->dev.kobj, &vfio_pasid_group);
}
