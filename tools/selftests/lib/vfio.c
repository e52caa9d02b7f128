// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib.h"

/* Group and container, all but the device */
int vfio_open_group(struct vfio_dev *dev, const char *bdf)
{
	char path[64];

	*dev = (struct vfio_dev){ -1, -1, -1 };
	snprintf(path, sizeof(path), "/dev/vfio/%d", pci_iommu_group(bdf));
	dev->group = open(path, O_RDWR | O_CLOEXEC);
	if (dev->group < 0)
		return -errno;
	dev->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (dev->container < 0 ||
	    ioctl(dev->group, VFIO_GROUP_SET_CONTAINER, &dev->container) ||
	    ioctl(dev->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	return 0;
}

int vfio_get_device(struct vfio_dev *dev, const char *bdf)
{
	dev->fd = ioctl(dev->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	return dev->fd < 0 ? -errno : 0;
}

int vfio_open(struct vfio_dev *dev, const char *bdf)
{
	int ret = vfio_open_group(dev, bdf);

	if (!ret)
		ret = vfio_get_device(dev, bdf);
	if (ret)
		vfio_close(dev);
	return ret;
}

/* As vfio_open(), also where the function is in the group of @other's */
int vfio_open_beside(struct vfio_dev *dev, const struct vfio_dev *other,
		     const char *bdf)
{
	char link[64], path[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", other->group);
	len = readlink(link, path, sizeof(path) - 1);
	path[len < 0 ? 0 : len] = 0;
	snprintf(link, sizeof(link), "/dev/vfio/%d", pci_iommu_group(bdf));
	if (strcmp(link, path))
		return vfio_open(dev, bdf);
	*dev = (struct vfio_dev){ -1, -1, -1 };
	dev->fd = ioctl(other->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	return dev->fd < 0 ? -errno : 0;
}

/* Newer than the headers of Debian 12 */
struct bind {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
	__aligned_u64 token_uuid_ptr;
};

#define BIND_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 18)
#define WITH_TOKEN	(1 << 0)

/* "vfioN", the name of a function's character device */
static int cdev_name(const char *bdf, char *to, size_t size)
{
	struct dirent *entry;
	char path[128];
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev", bdf);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) && entry->d_name[0] == '.')
		;
	if (entry)
		snprintf(to, size, "/dev/vfio/devices/%s", entry->d_name);
	closedir(dir);
	return entry ? 0 : -ENOENT;
}

/* The character device and an iommufd, not bound to it yet */
int vfio_open_cdev_file(struct vfio_dev *dev, const char *bdf)
{
	char path[320];
	int ret;

	*dev = (struct vfio_dev){ -1, -1, -1 };
	ret = cdev_name(bdf, path, sizeof(path));
	if (ret)
		return ret;
	dev->container = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	return dev->container < 0 || dev->fd < 0 ? -errno : 0;
}

static int bind_cdev(struct vfio_dev *dev, struct bind *bind)
{
	bind->iommufd = dev->container;
	if (ioctl(dev->fd, BIND_IOMMUFD, bind))
		return -errno;
	dev->id = bind->out_devid;
	return 0;
}

int vfio_bind_cdev(struct vfio_dev *dev)
{
	struct bind bind = { .argsz = offsetof(struct bind, token_uuid_ptr) };

	return bind_cdev(dev, &bind);
}

/* vfio reads @token under dev_set->lock, before it opens the device */
int vfio_bind_cdev_token(struct vfio_dev *dev, const void *token)
{
	struct bind bind = {
		.argsz = sizeof(bind),
		.flags = WITH_TOKEN,
		.token_uuid_ptr = (uintptr_t)token,
	};

	return bind_cdev(dev, &bind);
}

/* As vfio_open(), through the character device and an iommufd */
int vfio_open_cdev(struct vfio_dev *dev, const char *bdf)
{
	int ret = vfio_open_cdev_file(dev, bdf);

	if (!ret)
		ret = vfio_bind_cdev(dev);
	if (ret)
		vfio_close(dev);
	return ret;
}

/* With the iommufd of @other */
int vfio_open_cdev_beside(struct vfio_dev *dev, const struct vfio_dev *other,
			  const char *bdf)
{
	int ret = vfio_open_cdev_file(dev, bdf);

	if (!ret && dup2(other->container, dev->container) < 0)
		ret = -errno;
	if (!ret)
		ret = vfio_bind_cdev(dev);
	if (ret)
		vfio_close(dev);
	return ret;
}

/* Has this kernel's vfio character devices and iommufd? */
bool vfio_has_cdev(void)
{
	return !access("/dev/iommu", F_OK);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vfio_close(struct vfio_dev *dev)
{
	close_one(&dev->fd);
	close_one(&dev->group);
	close_one(&dev->container);
}

ssize_t cfg_read(const struct vfio_dev *dev, void *to, size_t count, off_t pos)
{
	ssize_t ret = pread(dev->fd, to, count, CFG_REGION + pos);

	return ret < 0 ? -errno : ret;
}

ssize_t cfg_write(const struct vfio_dev *dev, const void *from, size_t count,
		  off_t pos)
{
	ssize_t ret = pwrite(dev->fd, from, count, CFG_REGION + pos);

	return ret < 0 ? -errno : ret;
}

uint32_t cfg_dword(const struct vfio_dev *dev, off_t pos)
{
	uint32_t val = 0;

	if (cfg_read(dev, &val, sizeof(val), pos) != sizeof(val)) {
		fprintf(stderr, "config read at %#lx failed\n", (long)pos);
		exit(1);
	}
	return val;
}

int feature(const struct vfio_dev *dev, uint32_t flags, uint32_t argsz,
	    void *data)
{
	char buf[sizeof(struct vfio_device_feature) + 256];
	struct vfio_device_feature *f = (void *)buf;
	size_t size = argsz > sizeof(*f) ? argsz - sizeof(*f) : 0;
	int ret;

	*f = (struct vfio_device_feature){ .argsz = argsz, .flags = flags };
	memcpy(f->data, data, size);
	ret = ioctl(dev->fd, VFIO_DEVICE_FEATURE, f) ? -errno : 0;
	memcpy(data, f->data, size);
	return ret;
}

int feature_get(const struct vfio_dev *dev,
		struct vfio_device_feature_pasid *to)
{
	memset(to, 0xa5, sizeof(*to));
	return feature(dev, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PASID,
		       sizeof(struct vfio_device_feature) + sizeof(*to), to);
}

/* SET, of which only these two members are read */
int pasid_set(const struct vfio_dev *dev, uint32_t flags, uint32_t offset)
{
	struct vfio_device_feature_pasid f = {
		.flags = flags,
		.offset = offset,
	};

	return feature(dev, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PASID,
		       sizeof(struct vfio_device_feature) + sizeof(f), &f);
}

/* Where the visible list has @id, or 0. A list without an end has none */
uint16_t ext_find(const struct vfio_dev *dev, uint16_t id)
{
	uint32_t header = cfg_dword(dev, EXT_START);
	uint16_t pos = EXT_START;
	unsigned int n = 0;

	while (header && pos && n++ < 1024 && (uint16_t)header != id) {
		pos = header >> 20 & 0xffc;
		header = pos ? cfg_dword(dev, pos) : 0;
	}
	return (uint16_t)header == id ? pos : 0;
}

/* Config space as vfio shows it, in a session of its own; the end is 0 where
 * there is no extended part
 */
void snapshot(const char *bdf, uint8_t *to)
{
	struct vfio_dev dev;

	memset(to, 0, CFG_SIZE);
	if (vfio_open(&dev, bdf) || cfg_read(&dev, to, EXT_START, 0) < 0) {
		fprintf(stderr, "%s cannot be read through vfio\n", bdf);
		exit(1);
	}
	cfg_read(&dev, to + EXT_START, CFG_SIZE - EXT_START, EXT_START);
	vfio_close(&dev);
}
