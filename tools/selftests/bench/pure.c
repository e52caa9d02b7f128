// SPDX-License-Identifier: GPL-2.0
/*
 * The decision, the guard and the lookups: the module's own files, in userspace
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "bench.h"
#include "lookup.h"
#include "vfio_pasid_guard.h"
#include "vfio_pasid_locate.h"
#include "vfio_pasid_rules.h"

#define TIMES	5

static const struct vfio_pasid_pair pair = VFIO_PASID_PAIR_DEFAULT;
/* The number of lines is squared, so the number of steps is doubled */
static const struct bench_target logarithmic = { BENCH_RATIO, 2.0 };

/* struct image - Config space in memory, and how it may answer */
struct image {
	uint8_t bytes[VFIO_PASID_CFG_SIZE];
	uint8_t map[VFIO_PASID_CFG_SIZE];
	struct vfio_pasid_image image;
};

static int read_image(void *ctx, u16 offset, u32 *val)
{
	const struct image *image = ctx;

	memcpy(val, image->bytes + offset, 4);
	return 0;
}

static void image_init(struct image *image)
{
	image->image = (struct vfio_pasid_image){
		.read = read_image,
		.ctx = image,
		.size = VFIO_PASID_CFG_SIZE,
	};
}

static void decide(const void *ctx)
{
	const struct image *image = ctx;
	struct vfio_pasid_request req = {
		.image = &image->image,
		.pairs = &pair,
		.num_pairs = 1,
		.sources = ~0U,
	};
	struct vfio_pasid_place place;

	vfio_pasid_locate(&req, &place);
}

static void guard(const void *ctx)
{
	const struct image *image = ctx;
	struct vfio_pasid_guard g = {
		.image = &image->image,
		.map = (uint8_t *)image->map,
		.exp_flags = 2,
		.shows_dvsec = true,
	};

	vfio_pasid_guard_check(&g);
}

static int load_image(const char *dir, const char *name, struct image *image)
{
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	n = fread(image->bytes, 1, sizeof(image->bytes), f);
	fclose(f);
	return n == sizeof(image->bytes) ? 0 : -EIO;
}

/* struct total - Of all images */
struct total {
	double sum;
	double worst;
};

static void add(struct total *total, double cost)
{
	total->sum += cost;
	if (cost > total->worst)
		total->worst = cost;
}

static void report(const char *what, const struct total *total, unsigned int n)
{
	char name[80];

	snprintf(name, sizeof(name), "%s, mean of %u real functions", what, n);
	bench_time(name, &bench_info, true, total->sum / n);
	snprintf(name, sizeof(name), "%s, the worst of them", what);
	bench_time(name, &bench_info, true, total->worst);
}

static void real_functions(const char *dir)
{
	struct total decisions = {}, guards = {};
	static struct image image;
	struct dirent *entry;
	unsigned int n = 0;
	DIR *d = opendir(dir);

	image_init(&image);
	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.' || load_image(dir, entry->d_name, &image))
			continue;
		add(&decisions, bench_least(decide, &image, TIMES));
		add(&guards, bench_least(guard, &image, TIMES));
		n++;
	}
	if (d)
		closedir(d);
	bench_must(n ? 0 : -ENOENT, dir);
	report("decision", &decisions, n);
	report("guard", &guards, n);
}

/* The longest list: 960 headers of one dword, each a capability of its own */
static void worst_case(void)
{
	static struct image image;
	unsigned int pos;
	u32 header;

	image_init(&image);
	/* The core looks for extended capabilities where PCIe is */
	image.bytes[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	image.bytes[PCI_CAPABILITY_LIST] = 0x40;
	image.bytes[0x40] = PCI_CAP_ID_EXP;
	for (pos = VFIO_PASID_EXT_START; pos < VFIO_PASID_CFG_SIZE; pos += 4) {
		header = vfio_pasid_ext_header(0x1e, 1, (pos + 4) % VFIO_PASID_CFG_SIZE);
		memcpy(image.bytes + pos, &header, 4);
	}
	bench_time("decision, a list of 960 headers", &bench_info, true,
		   bench_least(decide, &image, TIMES));
	bench_time("guard, a list of 960 headers", &bench_info, true,
		   bench_least(guard, &image, TIMES));
}

/* A device of the last vendor, which a search from the front finds last */
static const struct vfio_pasid_id wanted = { .vendor = 0x1f00, .device = 0x0063 };

static void lookup_100(const void *unused)
{
	struct vfio_pasid_candidate to[VFIO_PASID_MAX_CANDIDATES];

	table_candidates_100(&wanted, to, VFIO_PASID_MAX_CANDIDATES);
}

static void lookup_10000(const void *unused)
{
	struct vfio_pasid_candidate to[VFIO_PASID_MAX_CANDIDATES];

	table_candidates_10000(&wanted, to, VFIO_PASID_MAX_CANDIDATES);
}

static void rules(const void *ctx)
{
	struct vfio_pasid_candidate to[VFIO_PASID_MAX_RULES_PER_DEVICE];

	vfio_pasid_rule_candidates(ctx, VFIO_PASID_MAX_RULES, &wanted, to);
}

static void lookups(void)
{
	struct vfio_pasid_rule ours[VFIO_PASID_MAX_RULES] = {};
	unsigned int i;

	for (i = 0; i < VFIO_PASID_MAX_RULES; i++)
		ours[i] = (struct vfio_pasid_rule){ .domain = 1, .devfn = i };
	bench_time("table lookup: 100 lines, and 10,000", &logarithmic, false,
		   bench_least(lookup_100, NULL, TIMES));
	bench_time("table lookup: 100 lines, and 10,000", &logarithmic, true,
		   bench_least(lookup_10000, NULL, TIMES));
	bench_time("128 rules", &bench_info, true, bench_least(rules, ours, TIMES));
}

void bench_pure(const char *images)
{
	real_functions(images);
	worst_case();
	lookups();
}
