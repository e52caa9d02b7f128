// SPDX-License-Identifier: GPL-2.0
/*
 * Open and close, and what they read of the hardware
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"
#include "bench.h"
#include "functions.h"

#define TIMES		10
#define OPENS_AT_ONCE	200

static const struct bench_target without_place = { BENCH_RATIO, 1.05 };
static const struct bench_target with_place = { BENCH_RATIO, 1.15, 1.25 };
static const struct bench_target closing = { BENCH_RATIO, 1.02 };
/* Of an open without a reset, which is so short that a ratio says little */
static const struct bench_target short_list = { BENCH_MORE, 15000 };
static const struct bench_target long_list = { BENCH_MORE, 130000 };
static const struct bench_target placed = { BENCH_MORE, 50000 };

static const struct bench_target *target_of(unsigned int which)
{
	switch (which) {
	case BENCH_NONE:
		return &short_list;
	case BENCH_LONG_LIST:
		return &long_list;
	default:
		return &placed;
	}
}

/* Device alone: its group and container stay open */
static uint64_t open_once(struct vfio_dev *dev, const char *bdf)
{
	uint64_t start = bench_now();
	int ret = vfio_get_device(dev, bdf);
	uint64_t end = bench_now();

	bench_must(ret, bdf);
	return end - start;
}

static uint64_t close_once(struct vfio_dev *dev)
{
	uint64_t start = bench_now();

	close(dev->fd);
	return bench_now() - start;
}

static void sample_open(const char *what, const char *who,
			const struct bench_target *target, bool with, uint64_t cost)
{
	char name[80];

	snprintf(name, sizeof(name), "%s: %s", what, who);
	bench_time(name, target, with, cost);
}

static void count_reads(const struct bench_function *f, struct vfio_dev *dev,
			const char *bdf, bool with)
{
	unsigned int before = segment_stat(f->slot, "reads");
	char name[80];

	bench_must(vfio_get_device(dev, bdf), bdf);
	snprintf(name, sizeof(name), "config reads in open: %s", f->name);
	bench_sample(name, "reads", &bench_info, with,
		     segment_stat(f->slot, "reads") - before);
	close(dev->fd);
}

static void open_function(unsigned int which, bool with)
{
	const struct bench_function *f = &bench_functions[which];
	unsigned int times = TIMES;
	struct vfio_dev dev;
	char bdf[32];

	snprintf(bdf, sizeof(bdf), SEGMENT_BDF("%s"), f->slot);
	bench_must(vfio_open_group(&dev, bdf), bdf);
	/* The first one after the module was loaded logs what was decided */
	sample_open("first open", f->name, &bench_info, with, open_once(&dev, bdf));
	close(dev.fd);
	while (times--) {
		sample_open("open", f->name, target_of(which), with,
			    open_once(&dev, bdf));
		sample_open("close", f->name, &closing, with,
			    close_once(&dev));
	}
	count_reads(f, &dev, bdf, with);
	dev.fd = -1;
	vfio_close(&dev);
}

/*
 * QEMU's own devices, which are reset and have power states as real ones. Without the
 * time in which they sleep.
 */
static void open_device(const char *who, const char *bdf,
			const struct bench_target *target, bool with)
{
	unsigned int times = bench_quick ? 3 : TIMES;
	struct vfio_dev dev;
	uint64_t start, end;

	bench_must(vfio_open_group(&dev, bdf), bdf);
	while (times--) {
		start = bench_cpu_time();
		bench_must(vfio_get_device(&dev, bdf), bdf);
		end = bench_cpu_time();
		sample_open("open of a device with a reset", who, target, with,
			    end - start);
		close(dev.fd);
	}
	dev.fd = -1;
	vfio_close(&dev);
}

void bench_open(bool with)
{
	unsigned int i;

	open_device("igb's VF, table", bdf_vf(0), &with_place, with);
	open_device("e1000e, no place", bdf_nobodys(), &without_place, with);

	for (i = 0; i < bench_num_functions; i++)
		open_function(i, with);
}

static void *open_often(void *arg)
{
	struct vfio_dev dev = *(struct vfio_dev *)arg;
	unsigned int i;

	for (i = 0; i < OPENS_AT_ONCE; i++) {
		open_once(&dev, SEGMENT_BDF("00:01.0"));
		close(dev.fd);
	}
	return NULL;
}

/* Two threads open two devices: for information, since this needs two processors */
void bench_two_cpus(bool with)
{
	struct vfio_dev dev, other;
	uint64_t start;
	pthread_t thread;
	unsigned int i;

	bench_must(vfio_open_group(&dev, SEGMENT_BDF("00:01.0")), "group");
	start = bench_now();
	bench_must(-pthread_create(&thread, NULL, open_often, &dev), "thread");
	for (i = 0, other = dev; i < OPENS_AT_ONCE; i++) {
		open_once(&other, SEGMENT_BDF("00:03.0"));
		close(other.fd);
	}
	pthread_join(thread, NULL);
	bench_time("open and close, two processors at once", &bench_info, with,
		   (bench_now() - start) / OPENS_AT_ONCE);
	dev.fd = -1;
	vfio_close(&dev);
}
