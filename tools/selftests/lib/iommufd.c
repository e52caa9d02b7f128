// SPDX-License-Identifier: GPL-2.0
/*
 * What a VMM asks of an iommufd to attach a guest's PASIDs
 *
 * Functions return an ID, 0, or -errno.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib.h"

/* Newer than the headers of Debian 12 */
#define IOMMUFD_TYPE		';'
#define IOMMU_DESTROY		_IO(IOMMUFD_TYPE, 0x80)
#define IOMMU_IOAS_ALLOC	_IO(IOMMUFD_TYPE, 0x81)
#define IOMMU_IOAS_MAP		_IO(IOMMUFD_TYPE, 0x85)
#define IOMMU_HWPT_ALLOC	_IO(IOMMUFD_TYPE, 0x89)
#define IOMMU_GET_HW_INFO	_IO(IOMMUFD_TYPE, 0x8a)
#define IOMMU_HWPT_ALLOC_PASID	(1 << 3)

struct iommu_destroy {
	__u32 size;
	__u32 id;
};

struct iommu_ioas_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_ioas_id;
};

struct iommu_ioas_map {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__u32 __reserved;
	__aligned_u64 user_va;
	__aligned_u64 length;
	__aligned_u64 iova;
};

/* FIXED_IOVA, WRITEABLE and READABLE */
#define MAP_FLAGS	7

struct iommu_hwpt_alloc {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 pt_id;
	__u32 out_hwpt_id;
	__u32 __reserved;
	__u32 data_type;
	__u32 data_len;
	__aligned_u64 data_uptr;
	__u32 fault_id;
	__u32 __reserved2;
};

struct iommu_hw_info {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 data_len;
	__aligned_u64 data_uptr;
	__u32 out_data_type;
	__u8 out_max_pasid_log2;
	__u8 __reserved[3];
	__aligned_u64 out_capabilities;
};

struct attach {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
	__u32 pasid;
};

struct detach {
	__u32 argsz;
	__u32 flags;
	__u32 pasid;
};

#define ATTACH_IOMMUFD_PT	_IO(VFIO_TYPE, VFIO_BASE + 19)
#define DETACH_IOMMUFD_PT	_IO(VFIO_TYPE, VFIO_BASE + 20)
#define WITH_PASID		(1 << 0)

int iommufd_ioas(const struct vfio_dev *dev)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	return ioctl(dev->container, IOMMU_IOAS_ALLOC, &alloc) ? -errno :
	       (int)alloc.out_ioas_id;
}

/* @iova of @ioas is @memory then, for reads and writes */
int iommufd_map(const struct vfio_dev *dev, int ioas, void *memory,
		size_t length, uint64_t iova)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = MAP_FLAGS,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = length,
		.iova = iova,
	};

	return ioctl(dev->container, IOMMU_IOAS_MAP, &map) ? -errno : 0;
}

/* A page table that PASIDs of @dev can have */
int iommufd_table(const struct vfio_dev *dev, int ioas)
{
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.flags = IOMMU_HWPT_ALLOC_PASID,
		.dev_id = dev->id,
		.pt_id = ioas,
	};

	return ioctl(dev->container, IOMMU_HWPT_ALLOC, &alloc) ? -errno :
	       (int)alloc.out_hwpt_id;
}

/* EBUSY while something uses it */
int iommufd_destroy(const struct vfio_dev *dev, int id)
{
	struct iommu_destroy destroy = { .size = sizeof(destroy), .id = id };

	return ioctl(dev->container, IOMMU_DESTROY, &destroy) ? -errno : 0;
}

/* By the overlay, to the kernel: none can be attached */
bool iommufd_pasids_pretended(void)
{
	return getenv("PRETENDED");
}

/* What a VMM believes that @dev can do: a width, and @caps for the rest */
int iommufd_pasid_width(const struct vfio_dev *dev, uint64_t *caps)
{
	struct iommu_hw_info info = { .size = sizeof(info), .dev_id = dev->id };

	if (ioctl(dev->container, IOMMU_GET_HW_INFO, &info))
		return -errno;
	*caps = info.out_capabilities;
	return info.out_max_pasid_log2;
}

/* The requests without a PASID */
int vfio_attach(const struct vfio_dev *dev, int table)
{
	struct attach attach = { .argsz = sizeof(attach), .pt_id = table };

	return ioctl(dev->fd, ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

int vfio_attach_pasid(const struct vfio_dev *dev, unsigned int pasid, int table)
{
	struct attach attach = {
		.argsz = sizeof(attach),
		.flags = WITH_PASID,
		.pt_id = table,
		.pasid = pasid,
	};

	return ioctl(dev->fd, ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

/* From a page that vfio can read, and not write the answer to */
int vfio_attach_pasid_unreported(const struct vfio_dev *dev, unsigned int pasid,
				 int table)
{
	struct attach *attach = mmap(NULL, sizeof(*attach),
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	if (attach == MAP_FAILED)
		return -errno;
	*attach = (struct attach){ sizeof(*attach), WITH_PASID, table, pasid };
	if (mprotect(attach, sizeof(*attach), PROT_READ))
		return -errno;
	ret = ioctl(dev->fd, ATTACH_IOMMUFD_PT, attach) ? -errno : 0;
	munmap(attach, sizeof(*attach));
	return ret;
}

int vfio_detach_pasid(const struct vfio_dev *dev, unsigned int pasid)
{
	struct detach detach = {
		.argsz = sizeof(detach),
		.flags = WITH_PASID,
		.pasid = pasid,
	};

	return ioctl(dev->fd, DETACH_IOMMUFD_PT, &detach) ? -errno : 0;
}

/* Attaches a PASID to a page table of its own and detaches it again */
int vfio_try_pasid(const struct vfio_dev *dev, unsigned int pasid)
{
	int ioas = iommufd_ioas(dev), table, ret;

	table = ioas < 0 ? ioas : iommufd_table(dev, ioas);
	if (table < 0)
		return table;
	ret = vfio_attach_pasid(dev, pasid, table);
	if (!ret)
		ret = vfio_detach_pasid(dev, pasid);
	iommufd_destroy(dev, table);
	iommufd_destroy(dev, ioas);
	return ret;
}
