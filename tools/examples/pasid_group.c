// SPDX-License-Identifier: GPL-2.0
/*
 * pasid_group GROUP BDF [on|off]: with a group and a container. auto hides it, since
 * a group attaches no PASIDs
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>

#include "pasid.h"

int main(int argc, char **argv)
{
	int container = open("/dev/vfio/vfio", O_RDWR), group, device, at;
	struct vfio_region_info config = {
		.argsz = sizeof(config),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	__u32 header = 0;

	if (argc < 3 || container < 0)
		errx(2, "usage: pasid_group /dev/vfio/GROUP BDF [on|off]");
	group = open(argv[1], O_RDWR);
	if (group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		err(1, "%s", argv[1]);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]);
	if (device < 0 || ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config))
		err(1, "%s", argv[2]);
	at = pasid_choose(device, argc > 3 ? argv[3] : "auto", 1, 0);
	if (at < 0)
		err(1, "vfio-pasid");
	if (at)
		pread(device, &header, sizeof(header), config.offset + at);
	printf("%#x: %08x\n", at, header);
	return 0;
}
