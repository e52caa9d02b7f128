// SPDX-License-Identifier: GPL-2.0
/*
 * With the module nothing else changes: on dumps of real functions, and on lists by
 * hand that have all shapes
 *
 * Each one twice: with the module, and beside it under a driver that the module
 * leaves alone. Both do the same at random, and every result, every byte that is
 * read and every byte of the hardware must be the same, but for what is shown. That
 * reads as it was composed, and no write there reaches the hardware. SETs and resets
 * come between.
 *
 * DUMPS=DIR in the environment are the dumps, SEED=n repeats a run, SOAK=n makes
 * it n times as long.
 */
#include <dirent.h>
#include <stdlib.h>

#include "kselftest_harness.h"

#include "pair.h"

/* Ranges that could be free */
#define RANGES		BENCH_ID "@0xf00+0x40," BENCH_ID "@0xa40+0x14," \
			BENCH_ID "@0xff8+0x8," BENCH_ID "@0x340+0x24"

FIXTURE(transparent) {
	struct pair pair;
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

static void try_image(struct __test_metadata *_metadata, struct pair *p,
		      const char *name, const u8 *image, bool vf)
{
	const char *why = pair_init(p, image, vf) ? pair_try(p) : NULL;

	EXPECT_EQ(NULL, why) {
		TH_LOG("%s: %s", name, why);
	}
}

TEST_F(transparent, dumps)
{
	const char *dir = getenv("DUMPS");
	struct pair *p = &self->pair;
	struct dirent **names;
	u8 image[SIZE];
	int n, i;

	if (!dir || !*dir)
		SKIP(return, "no dumps: DUMPS is not set");
	n = scandir(dir, &names, is_dump, alphasort);
	ASSERT_GT(n, 0);
	for (i = 0; i < n; i++) {
		ASSERT_TRUE(load_dump(dir, names[i]->d_name, image));
		try_image(_metadata, p, names[i]->d_name, image, variant->vf);
	}
	TH_LOG("%u opened, %u shown, %u SETs, %u refused", p->opened, p->shown,
	       p->sets, p->busy);
	EXPECT_GT(p->opened, 5);
	EXPECT_EQ(!strcmp(variant->visible, "on"), p->shown > 0);
}

#define DSN	PCI_EXT_CAP_ID_DSN
#define VNDR	PCI_EXT_CAP_ID_VNDR
#define DVSEC	PCI_EXT_CAP_ID_DVSEC
#define PASID	PCI_EXT_CAP_ID_PASID
#define HIDDEN	PCI_EXT_CAP_ID_SECPCI

/* Shapes that no dump has, in the lists' order. The third number is a length */
static const struct list {
	const char *name;
	struct {
		u16 offset;
		u16 id;
		u16 length;
		u16 dvsec;
	} caps[5];
} lists[] = {
	{ "empty", {} },
	{ "range in the middle", { { 0x100, DSN }, { 0x200, VNDR, 0x2a }, { 0xf80, DSN } } },
	{ "hidden head", { { 0x100, HIDDEN }, { 0x200, DSN } } },
	{ "two of an ID that abut", { { 0x100, DSN }, { 0x200, VNDR, 0x10 },
				      { 0x210, VNDR, 0x10 } } },
	{ "physical", { { 0x100, DSN }, { 0x1e0, PASID }, { 0x200, VNDR, 0x20 } } },
	{ "physical head", { { 0x100, PASID }, { 0x110, DSN } } },
	{ "marker", { { 0x100, DSN }, { 0x200, DVSEC, 0x40, 0xa51d }, { 0x300, DSN } } },
	{ "marker between DVSECs", { { 0x100, DSN }, { 0x200, DVSEC, 0x10, 1 },
				     { 0x210, DVSEC, 0x20, 0xa51d },
				     { 0x230, DVSEC, 0x10, 2 } } },
};

static void make_list(struct bench *b, const struct list *list)
{
	unsigned int i;

	pair_function_init(b);
	memset(b->image.bytes + 0x100, 0, SIZE - 0x100);
	for (i = 0; list->caps[i].offset; i++) {
		bench_cap(b, list->caps[i].offset, list->caps[i].id,
			  list->caps[i + 1].offset);
		if (list->caps[i].length)
			bench_dvsec(b, list->caps[i].offset, 0x1234, list->caps[i].dvsec,
				    list->caps[i].length, list->caps[i + 1].offset);
		b->image.bytes[list->caps[i].offset] = list->caps[i].id;
		if (list->caps[i].id == PASID)
			bench_put32(b, list->caps[i].offset + 4, 20 << 8 | 6);
	}
}

TEST_F(transparent, lists)
{
	struct pair *p = &self->pair;
	struct bench b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		make_list(&b, &lists[i]);
		try_image(_metadata, p, lists[i].name, b.image.bytes, variant->vf);
	}
	EXPECT_GT(p->opened, 3);
	EXPECT_GT(p->sets, 0);
	EXPECT_GT(p->busy, 0);
}

TEST_HARNESS_MAIN
