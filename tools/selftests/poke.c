// SPDX-License-Identifier: GPL-2.0
/*
 * Write two bytes of a function's config space through vfio, as a VMM does that
 * hands on what its guest writes, and say what the device itself has then
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"

/* Past vfio: the hardware */
static unsigned short device_has(const char *bdf, off_t offset)
{
	unsigned short value = 0;

	if (pci_config(bdf, &value, 2, offset) != 2)
		perror(bdf);
	return value;
}

/* What a guest reads there */
static int peek(const char *bdf, off_t offset)
{
	unsigned char bytes[8];
	struct vfio_dev dev;
	size_t i;
	int ret;

	ret = vfio_open(&dev, bdf);
	if (!ret)
		ret = cfg_read(&dev, bytes, sizeof(bytes), offset);
	if (ret != sizeof(bytes)) {
		fprintf(stderr, "%s: %s\n", bdf, strerror(-ret));
		return 1;
	}
	for (i = 0; i < sizeof(bytes); i++)
		printf(" %02x", bytes[i]);
	printf("\n");
	vfio_close(&dev);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned short value, before;
	struct vfio_dev dev;
	off_t offset;
	int ret;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: poke <domain:bus:dev.fn> <offset> [<value>]\n");
		return 2;
	}
	offset = strtoul(argv[2], NULL, 0);
	if (argc == 3)
		return peek(argv[1], offset);
	value = strtoul(argv[3], NULL, 0);
	ret = vfio_open(&dev, argv[1]);
	before = device_has(argv[1], offset);
	if (!ret)
		ret = cfg_write(&dev, &value, 2, offset);
	if (ret != 2) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(-ret));
		return 1;
	}
	printf("the device has 0x%04x, and had 0x%04x\n",
	       device_has(argv[1], offset), before);
	vfio_close(&dev);
	return 0;
}
