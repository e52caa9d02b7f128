// SPDX-License-Identifier: GPL-2.0
/*
 * What an open device costs: config space, ioctls, BARs
 */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "lib.h"
#include "bench.h"
#include "functions.h"

#define TIMES		20
#define ADMIN_PLACE	0xf00
#define UNUSED		0x600

static const struct bench_target free_of_cost = { BENCH_RATIO, 1.00 };
static const struct bench_target elsewhere = { BENCH_RATIO, 1.02 };

/**
 * struct access - A read or a write of an open device
 * @fd: The device
 * @write: A write
 * @size: How many bytes
 * @pos: Where in the device file
 * @bytes: What is read or written
 */
struct access {
	int fd;
	bool write;
	size_t size;
	off_t pos;
	uint8_t *bytes;
};

static void do_access(const void *ctx)
{
	const struct access *a = ctx;
	ssize_t n = a->write ? pwrite(a->fd, a->bytes, a->size, a->pos) :
			       pread(a->fd, a->bytes, a->size, a->pos);

	bench_must(n == (ssize_t)a->size ? 0 : -EIO, "access");
}

/* Reads first, so that a write changes nothing */
static void access_rows(const char *where, int fd, size_t size, off_t pos,
			const struct bench_target *writes, bool with)
{
	uint8_t bytes[CFG_SIZE];
	struct access a = {
		.fd = fd,
		.size = size,
		.pos = pos,
		.bytes = bytes,
	};
	char name[80];

	snprintf(name, sizeof(name), "read of %zu: %s", size, where);
	bench_time(name, &free_of_cost, with, bench_least(do_access, &a, TIMES));
	a.write = true;
	snprintf(name, sizeof(name), "write of %zu: %s", size, where);
	bench_time(name, writes, with, bench_least(do_access, &a, TIMES));
}

static void config_rows(const char *who, const struct vfio_dev *dev, bool with)
{
	char where[64];

	snprintf(where, sizeof(where), "Command, %s", who);
	access_rows(where, dev->fd, 1, CFG_REGION + PCI_COMMAND, &elsewhere, with);
	access_rows(where, dev->fd, 2, CFG_REGION + PCI_COMMAND, &elsewhere, with);
	access_rows(where, dev->fd, 4, CFG_REGION + PCI_COMMAND, &elsewhere, with);
	snprintf(where, sizeof(where), "a virtual byte, %s", who);
	access_rows(where, dev->fd, 1, CFG_REGION + EXT_START, &elsewhere, with);
	snprintf(where, sizeof(where), "raw bytes, %s", who);
	access_rows(where, dev->fd, 4, CFG_REGION + UNUSED, &elsewhere, with);
	snprintf(where, sizeof(where), "all config space, %s", who);
	access_rows(where, dev->fd, CFG_SIZE, CFG_REGION, &elsewhere, with);
}

static void our_rows(const struct vfio_dev *dev, bool with)
{
	off_t control = CFG_REGION + ADMIN_PLACE + PCI_PASID_CTRL;

	access_rows("our bytes", dev->fd, 1, control, &bench_info, with);
	access_rows("our bytes", dev->fd, 2, control, &bench_info, with);
	access_rows("our bytes", dev->fd, 4, control - 2, &bench_info, with);
}

static void get_info(const void *ctx)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	const struct vfio_dev *dev = ctx;

	bench_must(ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &info), "GET_INFO");
}

static void get_irq_info(const void *ctx)
{
	struct vfio_irq_info info = { .argsz = sizeof(info) };
	const struct vfio_dev *dev = ctx;

	bench_must(ioctl(dev->fd, VFIO_DEVICE_GET_IRQ_INFO, &info), "GET_IRQ_INFO");
}

/* One that vfio-pci has, without its data: it answers that this is too short */
static void other_feature(const void *ctx)
{
	const struct vfio_dev *dev = ctx;

	feature(dev, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
		sizeof(struct vfio_device_feature), NULL);
}

static void ioctl_rows(const char *who, const struct vfio_dev *dev, bool with)
{
	char name[80];

	snprintf(name, sizeof(name), "ioctl GET_INFO, %s", who);
	bench_time(name, &elsewhere, with, bench_least(get_info, dev, TIMES));
	snprintf(name, sizeof(name), "ioctl GET_IRQ_INFO, %s", who);
	bench_time(name, &elsewhere, with, bench_least(get_irq_info, dev, TIMES));
	snprintf(name, sizeof(name), "ioctl DEVICE_FEATURE of vfio-pci's, %s", who);
	bench_time(name, &elsewhere, with, bench_least(other_feature, dev, TIMES));
}

static void get(const void *ctx)
{
	struct vfio_device_feature_pasid f;

	bench_must(feature_get(ctx, &f), "GET");
}

static void set(const void *ctx)
{
	bench_must(pasid_set(ctx, VFIO_PASID_FLAG_VISIBLE, 0), "SET");
}

static void feature_rows(const struct vfio_dev *dev)
{
	bench_time("GET of the place", &bench_info, true, bench_least(get, dev, TIMES));
	bench_time("SET: show it", &bench_info, true, bench_least(set, dev, TIMES));
}

static void open_function(struct vfio_dev *dev, unsigned int which)
{
	char bdf[32];

	snprintf(bdf, sizeof(bdf), SEGMENT_BDF("%s"), bench_functions[which].slot);
	bench_must(vfio_open(dev, bdf), bench_functions[which].name);
}

/* 4 bytes of BAR 0, where igb and e1000e have Device Control and Device Status */
static void bar_rows(const char *who, const char *bdf, bool with)
{
	struct vfio_dev dev;
	char where[64];

	bench_must(vfio_open(&dev, bdf), bdf);
	snprintf(where, sizeof(where), "a BAR, %s", who);
	access_rows(where, dev.fd, 4, ((off_t)VFIO_PCI_BAR0_REGION_INDEX << 40) + 8,
		    &elsewhere, with);
	vfio_close(&dev);
}

void bench_access(bool with)
{
	struct vfio_dev dev;

	open_function(&dev, BENCH_ADMIN);
	our_rows(&dev, with);
	config_rows("with a place", &dev, with);
	ioctl_rows("with a place", &dev, with);
	if (with)
		feature_rows(&dev);
	vfio_close(&dev);

	open_function(&dev, BENCH_NONE);
	config_rows("no place", &dev, with);
	ioctl_rows("no place", &dev, with);
	vfio_close(&dev);

	bar_rows("with a place", bdf_vf(0), with);
	bar_rows("no place", bdf_nobodys(), with);
}
