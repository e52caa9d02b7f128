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
	return sysfs_write("/sys/bus/pci/devices/" SEGMENT_BDF(SEGMENT_PF)
			   "/sriov_numvfs", numvfs);
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

/* After the image, since a write of that sets the default again */
int segment_set_wmask(const char *slot, const uint8_t *wmask,
		      unsigned int from)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), SEGMENT "%s/wmask", slot);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = pwrite(fd, wmask + from, CFG_SIZE - from, from) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static FILE *segment_open(const char *slot, const char *file)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), SEGMENT "%s/%s", slot, file);
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

/* What the hardware has now */
void segment_read(const char *slot, uint8_t *to)
{
	FILE *f = segment_open(slot, "image");

	if (fread(to, 1, CFG_SIZE, f) != CFG_SIZE) {
		fprintf(stderr, "the image of %s cannot be read\n", slot);
		exit(1);
	}
	fclose(f);
}

/* Function level resets that the hardware has seen */
unsigned int segment_flrs(const char *slot)
{
	FILE *f = segment_open(slot, "stats");
	unsigned int flr = 0;

	if (fscanf(f, "reads %*u writes %*u flr %u", &flr) != 1) {
		fprintf(stderr, "the stats of %s cannot be read\n", slot);
		exit(1);
	}
	fclose(f);
	return flr;
}
