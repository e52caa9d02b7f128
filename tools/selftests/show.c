// SPDX-License-Identifier: GPL-2.0
/*
 * Ask a VFIO device where its PASID capability lives, and print the answer
 */
#include <stdio.h>
#include <string.h>

#include "lib.h"

static const char * const sources[] = {
	"nobody", "the device's own capability", "a DVSEC marker",
	"the administrator", "the variant driver", "the device table", "a guess",
};

static void print(const struct vfio_device_feature_pasid *f)
{
	if (f->flags & VFIO_PASID_FLAG_PLACE)
		printf("place %#x in range %#x+%#x, named by %s\n",
		       f->offset, f->range_offset, f->range_length,
		       sources[f->source]);
	else
		printf("no place (reason %u)\n", f->place_reason);
	printf("width %u, execute %d, privileged %d\n", f->width,
	       !!(f->capabilities & 2), !!(f->capabilities & 4));
	if (f->flags & VFIO_PASID_FLAG_VISIBLE)
		printf("shown to the user\n");
	else
		printf("hidden (reason %u)\n", f->hidden_reason);
}

int main(int argc, char **argv)
{
	struct vfio_device_feature_pasid f;
	struct vfio_dev dev;
	int ret;

	if (argc != 2) {
		fprintf(stderr, "usage: show <domain:bus:dev.fn>\n");
		return 2;
	}
	ret = vfio_open(&dev, argv[1]);
	if (!ret)
		ret = feature_get(&dev, &f);
	if (ret) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(-ret));
		return 1;
	}
	print(&f);
	vfio_close(&dev);
	return 0;
}
