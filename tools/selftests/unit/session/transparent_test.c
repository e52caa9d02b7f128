// SPDX-License-Identifier: GPL-2.0
/*
 * With the module nothing else changes, on the dumps of real functions
 *
 * Each one twice: with the module, and beside it under a driver that the module
 * leaves alone. Both do the same at random, and every result, every byte that is
 * read and every byte of the hardware must be the same, but for what is shown.
 * DUMPS=DIR in the environment are the dumps, SEED=n repeats a run, SOAK=n makes
 * it n times as long.
 */
#include <dirent.h>
#include <stdlib.h>

#include "kselftest_harness.h"

#include "bench.h"
#include "oracle.h"
#include "random.h"

#define SIZE		VFIO_PASID_CFG_SIZE
#define ACCESSES	2000
/* Ranges that could be free */
#define RANGES		BENCH_ID "@0xf00+0x40," BENCH_ID "@0xa40+0x14," \
			BENCH_ID "@0xff8+0x8," BENCH_ID "@0x340+0x24"

/**
 * struct pair - One function with the module, and without it
 * @name: Of the dump
 * @with: This one
 * @without: That one
 * @before: What is seen without
 * @after: And with it
 * @ours: Bytes that may differ
 * @rng: The generator
 */
struct pair {
	const char *name;
	struct bench with;
	struct bench without;
	struct shown before;
	struct shown after;
	bool ours[2 * SIZE];
	struct rng rng;
};

FIXTURE(transparent) {
	struct pair pair;
	unsigned int opened;
	unsigned int shown;
};

/* @vf: As a VF, of the dumps that could be one */
FIXTURE_VARIANT(transparent) {
	const char *visible;
	const char *ranges;
	const char *guess;
	bool vf;
};

#define PASS(name, visible_, ranges_, guess_, vf_)	\
FIXTURE_VARIANT_ADD(transparent, name) {		\
	.visible = visible_,				\
	.ranges = ranges_,				\
	.guess = guess_,				\
	.vf = vf_,					\
}

PASS(function, "on", "", "0", false);
PASS(function_with_ranges, "on", RANGES, "0", false);
PASS(function_hidden, "off", RANGES, "0", false);
PASS(vf, "on", RANGES, "0", true);
PASS(vf_hidden, "off", RANGES, "0", true);
PASS(vf_guess, "on", "", "1", true);

FIXTURE_SETUP(transparent)
{
	const char *seed = getenv("SEED");

	rng_seed(&self->pair.rng, seed && *seed ? strtoull(seed, NULL, 0) : 1);
	bench_init(&self->pair.with);
	kernel_state.silent = true;
	ASSERT_EQ(0, param_set("visible", variant->visible));
	ASSERT_EQ(0, param_set("ranges", variant->ranges));
	ASSERT_EQ(0, param_set("guess", variant->guess));
	ASSERT_EQ(0, param_set("shield", "off"));
	bench_load();
}

FIXTURE_TEARDOWN(transparent)
{
	bench_fini(&self->pair.with);
}

static u16 find_ext(struct bench *b, u16 id)
{
	unsigned int n = 0;
	u16 pos = 0x100;

	/* There are lists without an end among them */
	while (pos && n++ < ORACLE_MAX_LIST && (u16)bench_get32(b, pos) != id)
		pos = bench_get32(b, pos) >> 20 & 0xffc;
	return n > ORACLE_MAX_LIST ? 0 : pos;
}

/* PCIe 6.x, 9.3.7: what a VF must not have */
static bool can_be_vf(struct bench *b)
{
	return !find_ext(b, PCI_EXT_CAP_ID_SRIOV) && !find_ext(b, PCI_EXT_CAP_ID_PASID);
}

/* What the PCI core knows of it */
static void dump_init(struct bench *b, const u8 *image, bool vf)
{
	int allocations = kernel_state.allocations;

	bench_init(b);
	kernel_state.allocations = allocations;
	memcpy(b->image.bytes, image, SIZE);
	b->pdev.pcie_cap = pci_find_capability(&b->pdev, PCI_CAP_ID_EXP);
	b->pdev.pcie_flags_reg = bench_get32(b, b->pdev.pcie_cap) >> 16;
	b->pdev.devcap = bench_get32(b, b->pdev.pcie_cap + PCI_EXP_DEVCAP);
	b->pdev.is_virtfn = vf;
	b->pdev.pasid_cap = vf ? 0 : find_ext(b, PCI_EXT_CAP_ID_PASID);
	b->pdev.pasid_enabled = b->pdev.pasid_cap;
	b->pdev.pasid_features = PCI_PASID_CAP_EXEC;
}

static void look(struct bench *b, struct shown *shown)
{
	u16 pos = 0x100;

	bench_access(b, 0, shown->bytes, SIZE, false);
	for (shown->n = 0; pos && vfio_pasid_get_le32(shown->bytes + pos) &&
	     shown->n < ORACLE_MAX_LIST; shown->n++) {
		shown->list[shown->n] = pos;
		pos = vfio_pasid_get_le32(shown->bytes + pos) >> 20 & 0xffc;
	}
}

/* The capability, markers in its range, and the header that leads there */
static void find_ours(struct pair *p, const struct vfio_device_feature_pasid *f)
{
	unsigned int i;
	u16 pos;

	memset(p->ours, false, sizeof(p->ours));
	if (!(f->flags & VFIO_PASID_FLAG_VISIBLE))
		return;
	memset(p->ours + f->offset, true, 8);
	for (i = 0; i < p->after.n; i++) {
		pos = p->after.list[i];
		if (pos >= f->range_offset && pos != f->offset &&
		    pos < f->range_offset + f->range_length)
			memset(p->ours + pos, true, VFIO_PASID_DVSEC_SIZE);
		else if (memcmp(p->before.bytes + pos, p->after.bytes + pos, 4))
			memset(p->ours + pos, true, 4);
	}
}

/* As the oracle has it; NULL, or what does not hold */
static const char *judge(struct pair *p, const struct vfio_device_feature_pasid *f)
{
	struct vfio_pasid_place place = {
		.range = { f->range_offset, f->range_length },
	};
	struct vfio_pasid_vcap cap = {
		.offset = f->offset,
		.width = f->width,
		.caps = f->capabilities,
		.shown = f->flags & VFIO_PASID_FLAG_VISIBLE,
	};

	if (cap.shown)
		return oracle_compare(&place, &cap, &p->before, &p->after);
	return memcmp(p->before.bytes, p->after.bytes, SIZE) ?
	       "something changed, and nothing is shown" : NULL;
}

static bool differ(const struct pair *p, const u8 *a, const u8 *b,
		   unsigned int pos, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (a[i] != b[i] && !p->ours[pos + i]) {
			fprintf(stderr, "# %#x without and %#x with the module, at %#zx\n",
				b[i], a[i], pos + i);
			return true;
		}
	return false;
}

/* Bytes of ours in an access: there the module promises more than the core */
static bool has_ours(const struct pair *p, unsigned int pos, size_t count)
{
	return memchr(p->ours + pos, true, count);
}

/* A write or a read; of some, the user has not all bytes */
static bool step(struct pair *p)
{
	unsigned int pos = rng_below(&p->rng, SIZE);
	size_t count = 1 + rng_below(&p->rng, rng_one_in(&p->rng, 50) ? 600 : 12);
	bool write = rng_one_in(&p->rng, 2);
	u8 with[600], without[600];
	ssize_t ret;

	rng_fill(&p->rng, with, count);
	if (rng_one_in(&p->rng, 4))
		memset(with, 0xff, count);
	memcpy(without, with, count);
	if (rng_one_in(&p->rng, 8) && !has_ours(p, pos, count))
		kernel_state.absent = (char *)without + rng_below(&p->rng, count);
	ret = bench_access(&p->without, pos, without, count, write);
	if (kernel_state.absent)
		kernel_state.absent += with - without;
	if (bench_access(&p->with, pos, with, count, write) != ret)
		return false;
	kernel_state.absent = NULL;
	return !differ(p, with, without, pos, count);
}

static bool same_hardware(const struct pair *p)
{
	return !differ(p, p->with.image.bytes, p->without.image.bytes, 0, SIZE) &&
	       p->with.image.resets == p->without.image.resets;
}

/* NULL, or what does not hold */
static const char *play(struct pair *p)
{
	const char *soak = getenv("SOAK");
	unsigned int i, n = ACCESSES * (soak ? atoi(soak) : 1);

	for (i = 0; i < n; i++)
		if (!step(p))
			return "an access differs";
	return same_hardware(p) ? NULL : "the hardware differs";
}

/* Open both, or none; false: none */
static bool open_both(struct __test_metadata *_metadata, struct pair *p)
{
	int ret = bench_open(&p->without);

	ASSERT_EQ(ret, bench_open(&p->with));
	return !ret;
}

/* Returns whether it was shown */
static bool try_open(struct __test_metadata *_metadata, struct pair *p)
{
	struct vfio_device_feature_pasid f = bench_get(&p->with);
	const char *why;

	look(&p->without, &p->before);
	look(&p->with, &p->after);
	why = judge(p, &f);
	find_ours(p, &f);
	if (!why)
		why = play(p);
	EXPECT_EQ(NULL, why) {
		TH_LOG("%s: %s", p->name, why);
	}
	return f.flags & VFIO_PASID_FLAG_VISIBLE;
}

/* 0: not opened, 1: hidden, 2: shown */
static unsigned int try_pair(struct __test_metadata *_metadata, struct pair *p)
{
	unsigned int done = 0;

	p->without.driver.err_handler = NULL;
	bench_bind(&p->with);
	bench_bind(&p->without);
	if (open_both(_metadata, p))
		done = 1 + try_open(_metadata, p);
	bench_unbind(&p->with);
	bench_unbind(&p->without);
	return done;
}

static bool load_dump(const char *dir, const char *name, u8 *image)
{
	char path[512];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	ok = f && fread(image, 1, SIZE, f) == SIZE;
	if (f)
		fclose(f);
	return ok;
}

static int is_dump(const struct dirent *entry)
{
	return !!strstr(entry->d_name, ".img");
}

TEST_F(transparent, dumps)
{
	const char *dir = getenv("DUMPS");
	struct pair *p = &self->pair;
	unsigned int done;
	struct dirent **names;
	u8 image[SIZE];
	int n, i;

	if (!dir || !*dir)
		SKIP(return, "no dumps: DUMPS is not set");
	n = scandir(dir, &names, is_dump, alphasort);
	ASSERT_GT(n, 0);
	for (i = 0; i < n; i++) {
		p->name = names[i]->d_name;
		ASSERT_TRUE(load_dump(dir, names[i]->d_name, image));
		kernel_pci_devices = NULL;
		dump_init(&p->without, image, variant->vf);
		dump_init(&p->with, image, variant->vf);
		if (variant->vf && !can_be_vf(&p->with))
			continue;
		done = try_pair(_metadata, p);
		self->opened += done > 0;
		self->shown += done > 1;
	}
	TH_LOG("%u opened, %u shown", self->opened, self->shown);
	EXPECT_GT(self->opened, 5);
	EXPECT_EQ(!strcmp(variant->visible, "on"), self->shown > 0);
}

TEST_HARNESS_MAIN
