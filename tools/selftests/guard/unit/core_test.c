// SPDX-License-Identifier: GPL-2.0
/*
 * The list that vfio-pci-core shows, where capabilities of one type abut
 *
 * vfio-pci-core's own code, without and with the fix of patches/. The user must
 * read each header of his list from vconfig, where what the core hides is left
 * out.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "guard_oracle.h"

#define UNKNOWN		0x32
#define MAX_CAPS	16

#define STD(at, id, next)	{ at, (id) | (next) << 8 }
#define EXT(at, id, next)	{ at, (id) | 1 << 16 | (u32)(next) << 20 }
#define DVSEC(at, next)		EXT(at, PCI_EXT_CAP_ID_DVSEC, next)
#define LENGTH(at, length)	{ (at) + 4, (u32)(length) << 20 }
#define AER(at, next)		EXT(at, PCI_EXT_CAP_ID_ERR, next)
#define HIDDEN(at, next)	EXT(at, UNKNOWN, next)
/* The list at 0x40 that makes the core look for an extended one */
#define EXTENDED		STD(0x40, PCI_CAP_ID_EXP | 2 << 16, 0)

struct put {
	u16 at;
	u32 val;
};

FIXTURE(list) {
	struct core_image image;
};

/*
 * @puts: What is in config space
 * @start: Where the list starts
 * @shown: What the user's list is to be
 * @differs: In the kernel's own core, it is not
 */
FIXTURE_VARIANT(list) {
	struct put puts[16];
	u16 start;
	u16 shown[MAX_CAPS];
	bool differs;
};

FIXTURE_VARIANT_ADD(list, dvsec_abuts_dvsec) {
	.puts = { EXTENDED, AER(0x100, 0xaf0),
		  DVSEC(0xaf0, 0xb0c), LENGTH(0xaf0, 0x1c),
		  DVSEC(0xb0c, 0xb1c), LENGTH(0xb0c, 0x10), HIDDEN(0xb1c, 0) },
	.start = 0x100,
	.shown = { 0x100, 0xaf0, 0xb0c },
	.differs = true,
};

FIXTURE_VARIANT_ADD(list, three_abut) {
	.puts = { EXTENDED, DVSEC(0x100, 0x110), LENGTH(0x100, 0x10),
		  DVSEC(0x110, 0x200), LENGTH(0x110, 0x10),
		  HIDDEN(0x200, 0x120),
		  DVSEC(0x120, 0x210), LENGTH(0x120, 0x10),
		  HIDDEN(0x210, 0x300), AER(0x300, 0) },
	.start = 0x100,
	.shown = { 0x100, 0x110, 0x120, 0x300 },
	.differs = true,
};

/* The list goes down, and up again */
FIXTURE_VARIANT_ADD(list, backwards) {
	.puts = { EXTENDED, DVSEC(0x100, 0x210), LENGTH(0x100, 0x10),
		  DVSEC(0x210, 0x200), LENGTH(0x210, 0x10),
		  DVSEC(0x200, 0x300), LENGTH(0x200, 0x10),
		  HIDDEN(0x300, 0x220),
		  DVSEC(0x220, 0x400), LENGTH(0x220, 0x10), HIDDEN(0x400, 0) },
	.start = 0x100,
	.shown = { 0x100, 0x210, 0x200, 0x220 },
	.differs = true,
};

FIXTURE_VARIANT_ADD(list, not_abutting) {
	.puts = { EXTENDED, AER(0x100, 0xaf0),
		  DVSEC(0xaf0, 0xb0c), LENGTH(0xaf0, 0x18),
		  DVSEC(0xb0c, 0xb1c), LENGTH(0xb0c, 0x10), HIDDEN(0xb1c, 0) },
	.start = 0x100,
	.shown = { 0x100, 0xaf0, 0xb0c },
};

FIXTURE_VARIANT_ADD(list, vendor_specific_abuts) {
	.puts = { STD(0x40, PCI_CAP_ID_VNDR | 8 << 16, 0x48),
		  STD(0x48, PCI_CAP_ID_VNDR | 8 << 16, 0x50),
		  STD(0x50, PCI_CAP_ID_SSVID, 0) },
	.start = 0x40,
	.shown = { 0x40, 0x48 },
	.differs = true,
};

FIXTURE_SETUP(list)
{
	const struct put *put;

	self->image = (struct core_image){
		.size = 0x1000,
		.exp_flags = 2,
		.fails_at = CORE_NO_FAILURE,
	};
	guard_put(&self->image, PCI_COMMAND, PCI_STATUS_CAP_LIST << 16);
	guard_put(&self->image, PCI_CAPABILITY_LIST, 0x40);
	for (put = variant->puts; put->at; put++)
		guard_put(&self->image, put->at, put->val);
}

FIXTURE_TEARDOWN(list)
{
}

/* As a user walks it. A loop ends, too */
static void walk(const struct core_ops *core, struct core_image *image,
		 u16 pos, u16 shown[MAX_CAPS])
{
	unsigned int n;
	u32 header;

	memset(shown, 0, MAX_CAPS * sizeof(*shown));
	for (n = 0; pos && n < MAX_CAPS; n++) {
		shown[n] = pos;
		header = core_dword(core, image, pos);
		pos = pos < 0x100 ? header >> 8 & 0xff : header >> 20 & 0xffc;
	}
}

TEST_F(list, shown)
{
	u16 shown[MAX_CAPS];

	if (!&core_lab)
		SKIP(return, "no source of this version");
	ASSERT_EQ(core_lab.init_perms(), 0);
	ASSERT_EQ(core_fixed.init_perms(), 0);
	walk(&core_lab, &self->image, variant->start, shown);
	EXPECT_EQ(!!memcmp(shown, variant->shown, sizeof(shown)),
		  variant->differs);
	walk(&core_fixed, &self->image, variant->start, shown);
	EXPECT_EQ(memcmp(shown, variant->shown, sizeof(shown)), 0);
	EXPECT_EQ(core_report.count, 0);
}

TEST_HARNESS_MAIN
