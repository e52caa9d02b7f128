// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload, bind and unbind, and memory, by the number of functions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "bench.h"

#define MAX_FUNCTIONS	1024
#define VFS		256
#define MAX_SLABS	512
#define ID		"1b36 5003"
#define NEW_ID		"/sys/bus/pci/drivers/vfio-pci/new_id"
#define REMOVE_ID	"/sys/bus/pci/drivers/vfio-pci/remove_id"
#define AUTOPROBE	"/sys/bus/pci/drivers_autoprobe"
#define VICTIM		"00:00.0"
#define PF_DRIVER	"vfio_pasid_segment_pf"

static const struct bench_target a_function = { BENCH_MOST, 20000, 22000 };
/* Between 1.05 and 1.12, by what the slabs have free when the devices come */
static const struct bench_target linear = { BENCH_RATIO, 1.10, 1.25 };
static const struct bench_target no_access = { BENCH_MOST, 0 };
static const struct bench_target one_kib = { BENCH_MOST, 1024 };
/*
 * Four callbacks of the notifier that find nothing to do. Binding sleeps, so it differs
 * by some hundred instructions; a search through 1,024 functions takes thousands.
 */
static const struct bench_target notifier = { BENCH_MORE, 1000 };

static void slot_of(unsigned int i, char *to, size_t size)
{
	snprintf(to, size, "%02x:%02x.%x", i / 256, i / 8 % 32, i % 8);
}

/* Without a place, and without a PASID capability of their own */
static void add_function(unsigned int i, uint8_t *image)
{
	char slot[16];

	slot_of(i, slot, sizeof(slot));
	bench_must(segment_add(slot, false, image), slot);
	bench_must(segment_plug(slot, true), slot);
}

static unsigned long accesses(unsigned int functions)
{
	unsigned long n = 0;
	unsigned int i;
	char slot[16];

	for (i = 0; i < functions; i++) {
		slot_of(i, slot, sizeof(slot));
		n += segment_stat(slot, "reads") + segment_stat(slot, "writes");
	}
	return n;
}

/* The segment anew: functions on that many buses, VFs from the last one on */
static void new_segment(unsigned int buses)
{
	char params[64];

	snprintf(params, sizeof(params), "alias=%s buses=%u", bdf_conventional(), buses);
	module_reload("vfio_pasid_segment", params);
}

static void load(const void *unused)
{
	bench_must(module_load(MODULE, ""), "load");
}

static void unload(const void *unused)
{
	bench_must(module_unload(MODULE), "unload");
}

/* struct cost - What one load and one unload take */
struct cost {
	double load;
	double unload;
};

static struct cost measure_load(unsigned int functions)
{
	unsigned int times = 3;
	struct cost best = { 1e18, 1e18 }, cost;
	char name[64];

	while (times--) {
		cost.load = bench_least_cpu(load, NULL, 1);
		cost.unload = bench_least_cpu(unload, NULL, 1);
		if (cost.load < best.load)
			best.load = cost.load;
		if (cost.unload < best.unload)
			best.unload = cost.unload;
	}
	snprintf(name, sizeof(name), "load, %u functions bound", functions);
	bench_time(name, &bench_info, true, best.load);
	snprintf(name, sizeof(name), "unload, %u functions bound", functions);
	bench_time(name, &bench_info, true, best.unload);
	return best;
}

static void rebind(const void *driver)
{
	pci_unbind(SEGMENT_BDF(VICTIM));
	bench_must(pci_bind(SEGMENT_BDF(VICTIM), driver), driver);
}

static void bind_rows(unsigned int functions, bool with)
{
	char name[80];

	snprintf(name, sizeof(name), "unbind and bind, %u functions bound", functions);
	bench_time(name, &bench_info, with, bench_least_cpu(rebind, "vfio-pci", 5));
	rebind(PF_DRIVER);
	snprintf(name, sizeof(name), "the same with another driver, %u functions bound",
		 functions);
	bench_time(name, &notifier, with, bench_least_cpu(rebind, PF_DRIVER, 10));
	rebind("vfio-pci");
}

/**
 * struct slab - A line of /proc/slabinfo
 * @name: The cache
 * @active: Objects in use
 * @size: Bytes of each
 */
struct slab {
	char name[64];
	unsigned long active;
	unsigned long size;
};

/* All caches, up to the first one without a name */
static void read_slabs(struct slab *to)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	struct slab *end = to + MAX_SLABS - 1;
	char line[256];

	memset(to, 0, MAX_SLABS * sizeof(*to));
	while (f && to < end && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %lu %*u %lu", to->name, &to->active, &to->size) == 3)
			to++;
	memset(to, 0, sizeof(*to));
	if (f)
		fclose(f);
}

static unsigned long active_before(const struct slab *slab, const char *name)
{
	for (; slab->name[0]; slab++)
		if (!strcmp(slab->name, name))
			return slab->active;
	return 0;
}

/*
 * Bytes of the objects that each function has, in any cache: one of the module's own can
 * be merged with another. A few objects more or less are the allocator's.
 */
static double slab_growth(const struct slab *before, const struct slab *now,
			  bool entries, unsigned int functions)
{
	unsigned long active, bytes = 0;

	for (; now->name[0]; now++) {
		active = active_before(before, now->name);
		if (entries == !strcmp(now->name, "kernfs_node_cache") && now->active > active)
			bytes += (now->active - active + functions / 2) / functions *
				 now->size;
	}
	return bytes;
}

static void memory_rows(unsigned int functions)
{
	static struct slab before[MAX_SLABS], now[MAX_SLABS];

	read_slabs(before);
	load(NULL);
	read_slabs(now);
	bench_sample("memory a device", "bytes", &one_kib, true,
		     slab_growth(before, now, false, functions));
	bench_sample("memory a device, sysfs files", "bytes", &bench_info, true,
		     slab_growth(before, now, true, functions));
	unload(NULL);
}

static void with_functions(unsigned int functions)
{
	bind_rows(functions, false);
	load(NULL);
	bind_rows(functions, true);
	unload(NULL);
}

/* With so many functions more; returns how many there are */
static unsigned int add_functions(unsigned int n, unsigned int most)
{
	uint8_t image[CFG_SIZE];

	image_function(image);
	image_put32(image, EXT_START, 0);
	while (n < most)
		add_function(n++, image);
	return n;
}

void bench_load(void)
{
	unsigned int n;
	unsigned long before, after;
	struct cost one, some, all;

	new_segment(MAX_FUNCTIONS / 256);
	bench_must(sysfs_write(NEW_ID, ID), "new_id");
	bench_must(sysfs_write(AUTOPROBE, "1"), "autoprobe");
	n = add_functions(0, 1);
	one = measure_load(n);
	n = add_functions(n, 64);
	some = measure_load(n);
	n = add_functions(n, 256);
	if (!bench_quick) {
		measure_load(n);
		n = add_functions(n, MAX_FUNCTIONS);
	}
	before = accesses(n);
	all = measure_load(n);
	after = accesses(n);
	bench_sample("load and unload, hardware accesses", "accesses", &no_access, true,
		     after - before);
	bench_time("load, each function more", &a_function, true,
		   (all.load - some.load) / (n - 64));
	bench_time("unload, each function more", &a_function, true,
		   (all.unload - some.unload) / (n - 64));
	bench_time("load, each function more: the first 64, and the rest", &linear,
		   false, (some.load - one.load) / 63);
	bench_time("load, each function more: the first 64, and the rest", &linear,
		   true, (all.load - some.load) / (n - 64));
	memory_rows(n);
	with_functions(n);
	sysfs_write(AUTOPROBE, "0");
	sysfs_write(REMOVE_ID, ID);
}

static void set_numvfs(const char *n)
{
	bench_must(pci_attr(SEGMENT_BDF(SEGMENT_PF), "sriov_numvfs", n), "sriov_numvfs");
}

static void enable_vfs(const void *unused)
{
	set_numvfs("256");
}

/* As on a host that gives all VFs to vfio-pci */
static void measure_vfs(bool with)
{
	bench_time("256 VFs, each bound to vfio-pci", &bench_info, with,
		   bench_least_cpu(enable_vfs, NULL, 1));
	set_numvfs("0");
}

void bench_sriov(void)
{
	uint8_t image[CFG_SIZE];
	char slot[16];
	unsigned int i;

	new_segment(1);
	bench_image_pf(image, VFS, 0x100, 1);
	bench_must(segment_add(SEGMENT_PF, false, image), "add PF");
	image_vf(image);
	for (i = 0; i < VFS; i++) {
		slot_of(VFS + i, slot, sizeof(slot));
		bench_must(segment_add(slot, true, image), slot);
	}
	bench_must(segment_plug(SEGMENT_PF, true), "plug PF");
	bench_must(pci_bind(SEGMENT_BDF(SEGMENT_PF), PF_DRIVER), "bind PF");
	bench_must(sysfs_write(NEW_ID, "1b36 5002"), "new_id");
	sysfs_write(AUTOPROBE, "1");
	measure_vfs(false);
	load(NULL);
	measure_vfs(true);
	unload(NULL);
	sysfs_write(AUTOPROBE, "0");
	sysfs_write(REMOVE_ID, "1b36 5002");
	segment_plug(SEGMENT_PF, false);
	segment_del(SEGMENT_PF);
	for (i = 0; i < VFS; i++) {
		slot_of(VFS + i, slot, sizeof(slot));
		segment_del(slot);
	}
}
