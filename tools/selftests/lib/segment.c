// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

#define SEGMENT "/sys/kernel/debug/vfio_pasid_segment/"

static int segment_open(const char *slot, const char *file, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), SEGMENT "%s%s%s", slot, *slot ? "/" : "",
		 file);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Bytes of a function's "image" or "wmask", or all of another file */
static int segment_poke(const char *slot, const char *file, unsigned int pos,
			const void *data, size_t size)
{
	int fd = segment_open(slot, file, O_WRONLY), ret;

	if (fd < 0)
		return fd;
	/* Not all of these files have a position */
	ret = (pos ? pwrite(fd, data, size, pos) : write(fd, data, size)) ==
	      (ssize_t)size ? 0 : -errno;
	close(fd);
	return ret;
}

static ssize_t segment_peek(const char *slot, const char *file, void *to,
			    size_t size)
{
	int fd = segment_open(slot, file, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, to, size);

	if (n < 0) {
		fprintf(stderr, "%s of %s cannot be read\n", file, slot);
		exit(1);
	}
	close(fd);
	return n;
}

/* What the hardware has now */
int segment_get_image(const char *slot, uint8_t *image)
{
	return segment_peek(slot, "image", image, CFG_SIZE) == CFG_SIZE ? 0 : -EIO;
}

/* Writes change all bits of these bytes */
int segment_soften(const char *slot, unsigned int pos, unsigned int length)
{
	uint8_t ones[CFG_SIZE];

	memset(ones, 0xff, length);
	return segment_poke(slot, "wmask", pos, ones, length);
}

/* "reads", "writes" or "flr" of a function since it was added */
unsigned int segment_stat(const char *slot, const char *name)
{
	char text[128] = "", *at;

	segment_peek(slot, "stats", text, sizeof(text) - 1);
	at = strstr(text, name);
	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* A size of 256 makes a function without extended config space */
int segment_add_sized(const char *slot, bool vf, const uint8_t *image,
		      size_t size)
{
	char text[64];
	int ret;

	snprintf(text, sizeof(text), "add %s%s", slot, vf ? " vf" : "");
	ret = segment_poke("", "control", 0, text, strlen(text));
	return ret ? ret : segment_poke(slot, "image", 0, image, size);
}

int segment_add(const char *slot, bool vf, const uint8_t *image)
{
	return segment_add_sized(slot, vf, image, CFG_SIZE);
}

int segment_plug(const char *slot, bool plug)
{
	return segment_poke(slot, "plug", 0, plug ? "1" : "0", 1);
}

int segment_del(const char *slot)
{
	char text[64];

	snprintf(text, sizeof(text), "del %s", slot);
	return segment_poke("", "control", 0, text, strlen(text));
}

int segment_plug_function(const uint8_t *image)
{
	int ret = segment_add(SEGMENT_SLOT, false, image);

	return ret ? ret : segment_plug(SEGMENT_SLOT, true);
}

void segment_unplug_function(void)
{
	segment_plug(SEGMENT_SLOT, false);
	segment_del(SEGMENT_SLOT);
}

static int set_numvfs(const char *numvfs)
{
	return pci_attr(SEGMENT_BDF(SEGMENT_PF), "sriov_numvfs", numvfs);
}

/* @image becomes the VF of a PF that has a PASID capability */
int segment_plug_vf(const uint8_t *image)
{
	uint8_t pf[CFG_SIZE];
	int ret;

	image_pf(pf);
	ret = segment_add(SEGMENT_PF, false, pf);
	if (!ret)
		ret = segment_add(SEGMENT_VF, true, image);
	if (!ret)
		ret = segment_plug(SEGMENT_PF, true);
	if (!ret)
		ret = pci_bind(SEGMENT_BDF(SEGMENT_PF), "vfio_pasid_segment_pf");
	return ret ? ret : set_numvfs("1");
}

void segment_unplug_vf(void)
{
	set_numvfs("0");
	segment_plug(SEGMENT_PF, false);
	segment_del(SEGMENT_VF);
	segment_del(SEGMENT_PF);
}
