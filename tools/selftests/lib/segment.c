// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

#define SEGMENT "/sys/kernel/debug/vfio_pasid_segment/"

static int segment_write(const char *file, const void *data, size_t size)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), SEGMENT "%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, data, size) == (ssize_t)size ? 0 : -errno;
	close(fd);
	return ret;
}

int segment_add(const char *slot, bool vf, const uint8_t *image)
{
	char text[64];
	int ret;

	snprintf(text, sizeof(text), "add %s%s", slot, vf ? " vf" : "");
	ret = segment_write("control", text, strlen(text));
	snprintf(text, sizeof(text), "%s/image", slot);
	return ret ? ret : segment_write(text, image, CFG_SIZE);
}

int segment_plug(const char *slot, bool plug)
{
	char text[64];

	snprintf(text, sizeof(text), "%s/plug", slot);
	return segment_write(text, plug ? "1" : "0", 1);
}

int segment_del(const char *slot)
{
	char text[64];

	snprintf(text, sizeof(text), "del %s", slot);
	return segment_write("control", text, strlen(text));
}
