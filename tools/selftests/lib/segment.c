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

/* Config space of a function from now on, whoever has it open */
int segment_image(const char *slot, const uint8_t *image, size_t size)
{
	char file[64];

	snprintf(file, sizeof(file), "%s/image", slot);
	return segment_write(file, image, size);
}

/* A size of 256 makes a function without extended config space */
int segment_add_sized(const char *slot, bool vf, const uint8_t *image,
		      size_t size)
{
	char text[64];
	int ret;

	snprintf(text, sizeof(text), "add %s%s", slot, vf ? " vf" : "");
	ret = segment_write("control", text, strlen(text));
	return ret ? ret : segment_image(slot, image, size);
}

int segment_add(const char *slot, bool vf, const uint8_t *image)
{
	return segment_add_sized(slot, vf, image, CFG_SIZE);
}

/* "reads", "writes" or "flr" of a function since it was added */
unsigned int segment_stat(const char *slot, const char *name)
{
	char path[128], text[128] = "", *at;
	FILE *f;

	snprintf(path, sizeof(path), SEGMENT "%s/stats", slot);
	f = fopen(path, "r");
	if (!f || !fgets(text, sizeof(text), f)) {
		perror(path);
		exit(1);
	}
	fclose(f);
	at = strstr(text, name);
	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
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
