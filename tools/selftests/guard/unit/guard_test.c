// SPDX-License-Identifier: GPL-2.0
/*
 * The guard refuses what vfio-pci-core does not survive, and nothing else
 *
 * Asked is vfio-pci-core's own code, in two versions, and in a third one with
 * the fix of patches/. A version whose source is not here is skipped.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "guard_oracle.h"

/* Random functions for each version; GUARD_IMAGES in the environment */
#define IMAGES	100000

/* What an image does to which version */
#define NOBODY	0
#define OLD	1	/* 6.1, which hides DVSECs */
#define NEW	2
#define BOTH	(OLD | NEW)

struct put {
	u16 at;
	u32 val;
};

/**
 * struct shape - A function by hand
 * @name: What it is
 * @size: Of its config space
 * @exp_flags: If not 2
 * @first: Where its list begins
 * @harms: Versions of the core that do not survive it
 * @puts: What is in config space, later ones over earlier ones
 */
struct shape {
	const char *name;
	u16 size;
	u16 exp_flags;
	u8 first;
	int harms;
	struct put puts[12];
};

#define STD(at, id, next, word)						\
	{ at, PCI_CAP_ID_ ## id | (next) << 8 | (u32)(word) << 16 }
#define EXT(at, id, next)						\
	{ at, PCI_EXT_CAP_ID_ ## id | 1 << 16 | (u32)(next) << 20 }
#define LENGTH(at, length)	{ (at) + 4, (u32)(length) << 20 }
/* The list at 0x40 that makes the core look for an extended one */
#define EXTENDED STD(0x40, EXP, 0, 2)

/* A capability @id at @at, behind another one */
#define TAIL(name_, harms_, id, at, ...) {				\
	name_, 0x1000, 0, 0x40, harms_,					\
	{ EXTENDED, EXT(0x100, ATS, at), EXT(at, id, 0), ## __VA_ARGS__ } \
}

static const struct shape shapes[] = {
	{ "nothing", 0x1000, .first = 0 },
	{ "nothing, 256 bytes", 0x100, .first = 0 },
	{ "DVSEC past the end", 0x1000, 0, 0x40, NEW,
	  { EXTENDED, EXT(0x100, DVSEC, 0xff0), LENGTH(0x100, 0x10),
	    EXT(0xff0, DVSEC, 0), LENGTH(0xff0, 0xfff) } },
	{ "DVSEC to the end", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, EXT(0x100, DVSEC, 0), LENGTH(0x100, 0xf00) } },
	{ "DVSEC one byte past the end", 0x1000, 0, 0x40, NEW,
	  { EXTENDED, EXT(0x100, DVSEC, 0), LENGTH(0x100, 0xf01) } },
	{ "DVSEC past the end, first", 0x1000, 0, 0x40, NEW,
	  { EXTENDED, EXT(0x100, DVSEC, 0), LENGTH(0x100, 0xfff) } },
	TAIL("DVSEC in the last dword", NEW, DVSEC, 0xffc),
	{ "VNDR past the end", 0x1000, 0, 0x40, BOTH,
	  { EXTENDED, EXT(0x100, VNDR, 0xff0), LENGTH(0x100, 0x10),
	    EXT(0xff0, VNDR, 0), LENGTH(0xff0, 0xfff) } },
	{ "VNDR to the end", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, EXT(0x100, VNDR, 0), LENGTH(0x100, 0xf00) } },
	TAIL("VNDR in the last dword", BOTH, VNDR, 0xffc),
	TAIL("ARI in the last dword", BOTH, ARI, 0xffc),
	TAIL("hidden in the last dword", NOBODY, PASID, 0xffc),
	TAIL("VC, to the end", NOBODY, VC, 0xfe4),
	TAIL("VC, past the end", BOTH, VC, 0xfe8),
	TAIL("VC with two channels, to the end", NOBODY, VC, 0xfd8, { 0xfdc, 1 }),
	TAIL("VC with two channels, past the end", BOTH, VC, 0xfdc, { 0xfe0, 1 }),
	TAIL("VC with 32 phases, to the end",
	     NOBODY, VC, 0xfd0, { 0xfd8, PCI_VC_CAP2_32_PHASE }),
	TAIL("VC with 32 phases, past the end",
	     BOTH, VC, 0xfd4, { 0xfdc, PCI_VC_CAP2_32_PHASE }),
	TAIL("VC with 64 phases, to the end",
	     NOBODY, VC, 0xfc0, { 0xfc8, PCI_VC_CAP2_64_PHASE }),
	TAIL("VC with 64 phases, past the end",
	     BOTH, VC, 0xfc4, { 0xfcc, PCI_VC_CAP2_64_PHASE }),
	TAIL("VC with 128 phases, to the end",
	     NOBODY, VC, 0xfa0, { 0xfa8, PCI_VC_CAP2_128_PHASE }),
	TAIL("VC with 128 phases, past the end",
	     BOTH, VC, 0xfa4, { 0xfac, PCI_VC_CAP2_128_PHASE }),
	TAIL("ACS, to the end", NOBODY, ACS, 0xff8),
	TAIL("ACS, past the end", BOTH, ACS, 0xffc),
	TAIL("ACS with 33 bits, to the end",
	     NOBODY, ACS, 0xff0, { 0xff4, PCI_ACS_EC | 33 << 8 }),
	TAIL("ACS with 33 bits, past the end",
	     BOTH, ACS, 0xff4, { 0xff8, PCI_ACS_EC | 33 << 8 }),
	TAIL("ACS with 256 bits, to the end", NOBODY, ACS, 0xfd8, { 0xfdc, PCI_ACS_EC }),
	TAIL("ACS with 256 bits, past the end", BOTH, ACS, 0xfdc, { 0xfe0, PCI_ACS_EC }),
	TAIL("REBAR with a BAR, to the end",
	     NOBODY, REBAR, 0xff4, { 0xffc, 1 << PCI_REBAR_CTRL_NBAR_SHIFT }),
	TAIL("REBAR with two BARs, past the end",
	     BOTH, REBAR, 0xff4, { 0xffc, 2 << PCI_REBAR_CTRL_NBAR_SHIFT }),
	TAIL("DPA with 4 states, to the end", NOBODY, DPA, 0xfec, { 0xff0, 3 }),
	TAIL("DPA with one state, past the end", BOTH, DPA, 0xff0),
	TAIL("TPH, to the end", NOBODY, TPH, 0xff4),
	TAIL("TPH, past the end", BOTH, TPH, 0xff8),
	TAIL("TPH with 2 entries, to the end",
	     NOBODY, TPH, 0xff0, { 0xff4, PCI_TPH_LOC_CAP | 1 << 16 }),
	TAIL("TPH with 3 entries, past the end",
	     BOTH, TPH, 0xff0, { 0xff4, PCI_TPH_LOC_CAP | 2 << 16 }),
	{ "past the end, but not in an extended list", 0x1000, 0, 0, NOBODY,
	  { EXT(0x100, VNDR, 0), LENGTH(0x100, 0xfff) } },
	{ "MSI-X past the end", 0x100, 0, 0xf8, BOTH, { STD(0xf8, MSIX, 0, 0) } },
	{ "the same with 4096 bytes", 0x1000, 0, 0xf8, NOBODY,
	  { STD(0xf8, MSIX, 0, 0) } },
	{ "EXP past the end", 0x100, 0, 0xd8, BOTH, { STD(0xd8, EXP, 0, 2) } },
	{ "EXP to the end", 0x100, 0, 0xcc, NOBODY, { STD(0xcc, EXP, 0, 2) } },
	{ "EXP that is longer since 7.3", 0x100, 0, 0xcd, NEW,
	  { STD(0xcd, EXP, 0, 2) } },
	{ "EXP version 1, to the end", 0x100, 0x01, 0xec, NOBODY,
	  { STD(0xec, EXP, 0, 1) } },
	{ "EXP of a root complex, to the end", 0x100, 0x91, 0xf4, NOBODY,
	  { STD(0xf4, EXP, 0, 0x91) } },
	{ "PCI-X, to the end", 0x100, 0, 0xf8, NOBODY, { STD(0xf8, PCIX, 0, 0) } },
	{ "VNDR past the end, 256 bytes", 0x100, 0, 0xf0, BOTH,
	  { STD(0xf0, VNDR, 0, 0x11) } },
	{ "VNDR to the end, 256 bytes", 0x100, 0, 0xf0, NOBODY,
	  { STD(0xf0, VNDR, 0, 0x10) } },
	{ "MSI, then a longer one", 0x100, 0, 0x40, BOTH,
	  { STD(0x40, MSI, 0x60, 0),
	    STD(0x60, MSI, 0, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT) } },
	{ "MSI, then a shorter one", 0x100, 0, 0x40, NOBODY,
	  { STD(0x40, MSI, 0x60, PCI_MSI_FLAGS_64BIT), STD(0x60, MSI, 0, 0) } },
	{ "AER abuts AER", 0x1000, 0, 0x40, BOTH,
	  { EXTENDED, EXT(0x100, ERR, 0x12c), EXT(0x12c, ERR, 0) } },
	{ "AER next to AER", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, EXT(0x100, ERR, 0x130), EXT(0x130, ERR, 0) } },
	{ "AER over AER", 0x1000, 0, 0x40, BOTH,
	  { EXTENDED, EXT(0x100, ERR, 0x104), EXT(0x104, ERR, 0) } },
	{ "AER over itself", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, EXT(0x100, ERR, 0x100) } },
	{ "PM abuts PM", 0x100, 0, 0x40, BOTH,
	  { STD(0x40, PM, 0x48, 3), STD(0x48, PM, 0, 3) } },
	{ "EXP abuts EXP", 0x100, 0, 0x40, BOTH,
	  { STD(0x40, EXP, 0x70, 2), STD(0x70, EXP, 0, 2) } },
	{ "EXP version 1 abuts another, with room", 0x100, 0x01, 0x40, NOBODY,
	  { STD(0x40, EXP, 0x54, 1), STD(0x54, EXP, 0, 1) } },
	{ "VNDR abuts VNDR", 0x100, 0, 0x40, NOBODY,
	  { STD(0x40, VNDR, 0x50, 0x10), STD(0x50, VNDR, 0, 0x10) } },
	{ "AF over AF, by one dword", 0x100, 0, 0x40, BOTH,
	  { STD(0x40, AF, 0x44, 0), STD(0x44, AF, 0, 0) } },
	{ "AF abuts AF, two bytes", 0x100, 0, 0x40, BOTH,
	  { STD(0x40, AF, 0x46, 0), STD(0x46, AF, 0, 0) } },
	{ "rest of EXP without its control", 0x100, 0, 0xcc, BOTH,
	  { STD(0xcc, EXP, 0xec, 2), STD(0xec, MSIX, 0, 0) } },
	{ "rest of EXP with its control", 0x100, 0, 0xcc, NOBODY,
	  { STD(0xcc, EXP, 0xea, 2), STD(0xea, MSIX, 0, 0) } },
	{ "rest of AF without its control", 0x100, 0, 0xfa, BOTH,
	  { STD(0xfa, AF, 0xf4, 0), STD(0xf4, PM, 0, 0) } },
	{ "rest of AF with its control", 0x100, 0, 0xfa, NOBODY,
	  { STD(0xf3, PM, 0, 0), STD(0xfa, AF, 0xf3, 0) } },
	{ "rest of PM", 0x100, 0, 0xf8, NOBODY,
	  { STD(0xf8, PM, 0xf4, 0), STD(0xf4, PM, 0xf0, 0),
	    STD(0xf0, MSIX, 0xec, 0), STD(0xec, MSIX, 0, 0) } },
	{ "rest of VPD without its flag", 0x100, 0, 0xf8, NOBODY,
	  { STD(0xf5, PM, 0, 0), STD(0xf8, VPD, 0xf5, 0) } },
	{ "rest of VPD with its flag", 0x100, 0, 0xf8, BOTH,
	  { STD(0xf4, PM, 0, 0), STD(0xf8, VPD, 0xf4, 0) } },
	{ "last byte of MSI", 0x100, 0, 0xf6, NOBODY,
	  { STD(0xf3, MSIX, 0, 0), STD(0xf6, MSI, 0xf3, 0) } },
	{ "last two bytes of MSI", 0x100, 0, 0xf6, BOTH,
	  { STD(0xf6, MSI, 0xf2, 0), STD(0xf2, MSIX, 0, 0) } },
	{ "PM that reaches into AER", 0x1000, 0, 0x40, BOTH,
	  { STD(0x40, EXP, 0xfc, 2), STD(0xfc, PM, 0, 3),
	    EXT(0x100, VNDR, 0x104), LENGTH(0x100, 1), { 0x104, 0x00110001 } } },
	{ "a hidden one first", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, EXT(0x100, PASID, 0x104), EXT(0x104, ERR, 0) } },
	{ "a hidden one first, whose low byte is AER's", 0x1000, 0, 0x40, BOTH,
	  { EXTENDED, { 0x100, 0x10410101 }, EXT(0x104, ERR, 0) } },
	{ "a hidden one first, whose low byte is 0", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, { 0x100, 0x10410100 }, EXT(0x104, ERR, 0) } },
	{ "a list in the header", 0x100, 0, 0x10, NOBODY,
	  { STD(0x10, EXP, 0x40, 2), STD(0x40, PM, 0, 3) } },
	{ "a loop", 0x1000, 0, 0x40, NOBODY,
	  { STD(0x40, EXP, 0x80, 2), STD(0x80, PM, 0x40, 3),
	    EXT(0x100, ERR, 0x200), EXT(0x200, ATS, 0x100) } },
	{ "a loop of hidden ones", 0x1000, 0, 0x40, NOBODY,
	  { EXTENDED, EXT(0x100, ATS, 0x200), EXT(0x200, PASID, 0x200) } },
	{ "MSI at an odd place", 0x100, 0, 0x41, NOBODY, { STD(0x41, MSI, 0, 0) } },
	{ "MSI at an odd place, more would harm", 0x100, 0, 0x41, NOBODY,
	  { STD(0x41, MSI, 0xf8, 0), STD(0xf8, MSIX, 0, 0) } },
	{ "reserved bits of an extended list", 0x1000, 0, 0x40, BOTH,
	  { EXTENDED, EXT(0x100, ATS, 0xff3), EXT(0xff0, DPA, 0),
	    { 0xff4, 4 } } },
	{ "PM at odd places", 0x100, 0, 0x41, BOTH,
	  { STD(0x41, PM, 0x49, 0), STD(0x49, PM, 0, 0) } },
	{ "next behind the end", 0x100, 0, 0xff, NOBODY, { { 0xff, 0x30 } } },
	{ "PM in the last byte", 0x100, 0, 0xff, BOTH, { { 0xff, 1 } } },
	{ "160 bytes, PM past the end", 0xa0, 0, 0x9c, BOTH,
	  { STD(0x9c, PM, 0, 0) } },
	{ "1536 bytes, ATS past the end", 0x600, 0, 0x40, BOTH,
	  { EXTENDED, EXT(0x100, LTR, 0x5fc), EXT(0x5fc, ATS, 0) } },
};

FIXTURE(guard) {
	struct core_image image;
	struct guard_verdict verdict;
};

/*
 * @version: Of the core
 * @bit: In a shape's @harms
 */
FIXTURE_VARIANT(guard) {
	struct guard_version version;
	int bit;
};

FIXTURE_VARIANT_ADD(guard, core_6_1) {
	.version = { &core_6_1, guard_check_6_1, false },
	.bit = OLD,
};

FIXTURE_VARIANT_ADD(guard, core_lab) {
	.version = { &core_lab, guard_check_lab, true },
	.bit = NEW,
};

#define AGREE(thorough) \
	guard_agrees(&variant->version, &self->image, thorough, &self->verdict)

/* Not in the setup: 6.1's harness goes on after a SKIP there */
#define NEEDS_SOURCE() do {					\
	if (!variant->version.core)				\
		SKIP(return, "no source of this version");	\
} while (0)

FIXTURE_SETUP(guard)
{
	if (!variant->version.core)
		return;
	ASSERT_EQ(variant->version.core->init_perms(), 0);
	if (&core_fixed)
		ASSERT_EQ(core_fixed.init_perms(), 0);
	self->image.size = 0x1000;
	self->image.exp_flags = 2;
	self->image.fails_at = CORE_NO_FAILURE;
}

FIXTURE_TEARDOWN(guard)
{
}

static void start_list(struct core_image *image, u8 first)
{
	guard_put(image, PCI_COMMAND, PCI_STATUS_CAP_LIST << 16);
	guard_put(image, PCI_CAPABILITY_LIST, first);
}

static void make(struct core_image *image, const struct shape *shape)
{
	const struct put *put;

	memset(image->bytes, 0, sizeof(image->bytes));
	image->size = shape->size;
	image->exp_flags = shape->exp_flags ?: 2;
	start_list(image, shape->first);
	for (put = shape->puts; put->at; put++)
		guard_put(image, put->at, put->val);
}

static void show(const struct core_image *image, const struct guard_verdict *v)
{
	int i;

	printf("# guard: %u at %#x; core: %s at %ld of %u\n", v->hazard,
	       v->where, v->harmed ? "harmed" : v->failed ? "fails" : "survives",
	       v->offset, v->size);
	printf("# size %#x, exp %#x, fails at %#x:", image->size,
	       image->exp_flags, image->fails_at);
	for (i = 4; i < image->size; i += 4) {
		u32 val = vfio_pasid_get_le32(image->bytes + i);

		if (val && val != ~0U)
			printf(" %x=%08x", i, val);
	}
	printf("\n");
}

TEST_F(guard, shapes)
{
	const struct shape *shape = shapes;

	NEEDS_SOURCE();
	for (; shape < shapes + ARRAY_SIZE(shapes); shape++) {
		make(&self->image, shape);
		EXPECT_TRUE(AGREE(true))
			TH_LOG("%s: %s", shape->name, self->verdict.why);
		EXPECT_EQ(self->verdict.harmed, !!(shape->harms & variant->bit))
			TH_LOG("%s", shape->name);
		EXPECT_EQ(!!self->verdict.hazard, self->verdict.harmed)
			TH_LOG("%s", shape->name);
		if (self->verdict.why)
			show(&self->image, &self->verdict);
	}
}

/* Where the first stray access of a well known one is */
TEST_F(guard, watched)
{
	NEEDS_SOURCE();
	make(&self->image, &shapes[2]);
	ASSERT_STREQ(shapes[2].name, "DVSEC past the end");
	core_try(variant->version.core, &self->image, true);
	if (!variant->version.shows_dvsec)
		SKIP(return, "hides DVSECs");
	EXPECT_EQ(core_report.offset, 0x1000);
	EXPECT_EQ(core_report.size, 0x1000);
	/* Marked, then filled until a read past the end fails */
	EXPECT_GT(core_report.count, 0xfff - 0x10);
}

/* Every length of a DVSEC and a VNDR at its border */
TEST_F(guard, borders)
{
	u16 ids[] = { PCI_EXT_CAP_ID_VNDR, PCI_EXT_CAP_ID_DVSEC };
	u32 i, at, length;

	NEEDS_SOURCE();
	start_list(&self->image, 0x40);
	guard_put(&self->image, 0x40, PCI_CAP_ID_EXP);
	for (i = 0; i < 2; i++)
		for (at = 0xfe0; at < 0x1000; at += 4)
			for (length = 0; length < 0x24; length++) {
				guard_put(&self->image, 0x100,
					  0x10000 | PCI_EXT_CAP_ID_ATS |
					  at << 20);
				guard_put(&self->image, at, 0x10000 | ids[i]);
				guard_put(&self->image, at + 4, length << 20);
				ASSERT_TRUE(AGREE(false))
					TH_LOG("%x %x: %s", at, length,
					       self->verdict.why);
			}
}

/* All ones, all zeros, and what is in between */
TEST_F(guard, constant)
{
	static const u16 sizes[] = { 0xa0, 0x100, 0x600, 0x1000 };
	unsigned int i, val;

	NEEDS_SOURCE();
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (val = 0; val < 0x100; val++) {
			self->image.size = sizes[i];
			memset(self->image.bytes, val, sizes[i]);
			EXPECT_TRUE(AGREE(false))
				TH_LOG("%#x bytes of %#x: %s", sizes[i], val,
				       self->verdict.why);
		}
}

/* As many capabilities as there is room for, then as many that the core hides */
TEST_F(guard, full_lists)
{
	u16 ids[] = { PCI_EXT_CAP_ID_LTR, PCI_EXT_CAP_ID_PASID,
		      PCI_EXT_CAP_ID_REBAR };
	unsigned int i, at;

	NEEDS_SOURCE();
	start_list(&self->image, 0x40);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		for (at = 0x40; at < 0x100; at += 4)
			guard_put(&self->image, at, (i ? PCI_CAP_ID_SSVID :
				  PCI_CAP_ID_EXP) | ((at + 4) & 0xff) << 8);
		guard_put(&self->image, 0x40, PCI_CAP_ID_EXP | 0x44 << 8);
		for (at = 0x100; at < 0x1000; at += 4)
			guard_put(&self->image, at, ids[i] |
				  ((at + 4) & 0xffc) << 20);
		EXPECT_TRUE(AGREE(true))
			TH_LOG("%#x: %s", ids[i], self->verdict.why);
		EXPECT_GT(self->verdict.reads, 1000);
	}
}

/* Where the kernel made config space smaller, nobody may read further */
TEST_F(guard, leads_out)
{
	NEEDS_SOURCE();
	self->image.size = 0xa0;
	start_list(&self->image, 0xb0);
	EXPECT_TRUE(AGREE(true)) TH_LOG("%s", self->verdict.why);
	EXPECT_EQ(self->verdict.hazard, VFIO_PASID_HAZARD_PAST_END);

	self->image.size = 0x600;
	start_list(&self->image, 0x40);
	guard_put(&self->image, 0x40, PCI_CAP_ID_EXP);
	guard_put(&self->image, 0x100, 0x60010000 | PCI_EXT_CAP_ID_LTR);
	EXPECT_TRUE(AGREE(true)) TH_LOG("%s", self->verdict.why);
	EXPECT_EQ(self->verdict.hazard, VFIO_PASID_HAZARD_PAST_END);
}

/* Most of the rest is not read by anybody */
static bool may_be_read(const struct core_image *image, u16 at)
{
	return at < 0x140 || at >= image->size - 0x40 ||
	       vfio_pasid_get_le32(image->bytes + at);
}

/* A read that fails, at every place of every shape */
TEST_F_TIMEOUT(guard, failing_reads, 300)
{
	const struct shape *shape = shapes;
	int at;

	NEEDS_SOURCE();
	for (; shape < shapes + ARRAY_SIZE(shapes); shape++) {
		make(&self->image, shape);
		for (at = 0; at < shape->size; at += 4) {
			if (!may_be_read(&self->image, at))
				continue;
			self->image.fails_at = at;
			ASSERT_TRUE(AGREE(false))
				TH_LOG("%s, %#x: %s", shape->name, at,
				       self->verdict.why);
		}
	}
}

/**
 * struct tally - Of random images
 * @harmed: The core does not survive them
 * @survived: Open succeeds
 * @failed: Open fails, and harms nobody
 * @either: And the guard refuses those
 * @leaked: A failed open leaves memory behind
 * @warnings: WARN_ON()s
 */
struct tally {
	unsigned int harmed;
	unsigned int survived;
	unsigned int failed;
	unsigned int either;
	unsigned int leaked;
	unsigned int warnings;
};

static void count(struct tally *tally, const struct guard_verdict *v)
{
	tally->harmed += v->harmed;
	tally->survived += !v->harmed && !v->failed;
	tally->failed += !v->harmed && v->failed;
	tally->either += !v->harmed && v->failed && v->hazard;
	tally->leaked += v->leaked;
	tally->warnings += v->warnings;
}

TEST_F_TIMEOUT(guard, random, 600)
{
	const char *images = getenv("GUARD_IMAGES");
	unsigned int n = images ? atoi(images) : IMAGES, i;
	struct tally tally = {};

	NEEDS_SOURCE();
	for (i = 0; i < n; i++) {
		make_random(&self->image, i);
		EXPECT_TRUE(AGREE(i % 64 == 0))
			TH_LOG("image %u: %s", i, self->verdict.why);
		if (self->verdict.why)
			show(&self->image, &self->verdict);
		count(&tally, &self->verdict);
	}
	TH_LOG("%u images: %u harm, %u are survived, %u fail by themselves (%u of them refused, %u leak), %u warnings",
	       n, tally.harmed, tally.survived, tally.failed, tally.either,
	       tally.leaked, tally.warnings);
	EXPECT_GT(tally.harmed, n / 10);
	EXPECT_GT(tally.survived, n / 4);
	EXPECT_LT(tally.either, n / 50);
	EXPECT_EQ(tally.warnings, 0);
}

TEST_HARNESS_MAIN
