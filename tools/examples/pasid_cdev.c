// SPDX-License-Identifier: GPL-2.0
/*
 * pasid_cdev DEVICE [on|off]: with the device's own file and an iommufd (Linux 6.6)
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>

#include "pasid.h"

/* Newer than the headers of Debian 12 */
#ifndef VFIO_DEVICE_BIND_IOMMUFD
struct vfio_device_bind_iommufd {
	__u32 argsz, flags;
	__s32 iommufd;
	__u32 out_devid;
};

#define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#endif

int main(int argc, char **argv)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_region_info config = {
		.argsz = sizeof(config),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	__u32 header = 0;
	int device, at;

	if (argc < 2)
		errx(2, "usage: pasid_cdev /dev/vfio/devices/vfioN [on|off]");
	device = open(argv[1], O_RDWR);
	bind.iommufd = open("/dev/iommu", O_RDWR);
	if (device < 0 || ioctl(device, VFIO_DEVICE_BIND_IOMMUFD, &bind) ||
	    ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config))
		err(1, "%s", argv[1]);
	at = pasid_choose(device, argc > 2 ? argv[2] : "auto", 1, 0);
	if (at < 0)
		err(1, "vfio-pasid");
	if (at)
		pread(device, &header, sizeof(header), config.offset + at);
	printf("%#x: %08x\n", at, header);
	return 0;
}
