// SPDX-License-Identifier: GPL-2.0
/*
 * When the device is read, how long that holds, and what is logged
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "bench.h"

FIXTURE(decision) {
	struct bench b;
};

FIXTURE_SETUP(decision)
{
	bench_ready(&self->b);
}

FIXTURE_TEARDOWN(decision)
{
	bench_fini(&self->b);
}

static unsigned int logged(const char *text)
{
	const char *from = kernel_state.log;
	unsigned int n = 0;

	while ((from = strstr(from, text))) {
		from += strlen(text);
		n++;
	}
	return n;
}

#define EXPECT_FILES(verified_, source_, range_) do {			\
	EXPECT_STREQ(verified_, bench_file(&self->b, "verified"));	\
	EXPECT_STREQ(source_, bench_file(&self->b, "source"));		\
	EXPECT_STREQ(range_, bench_file(&self->b, "range"));		\
} while (0)

/* vfio lets a device sleep that nobody has open: files leave it alone */
TEST_F(decision, preview)
{
	EXPECT_FILES("0", "admin", "0xf00+0x40");
	EXPECT_STREQ("the device has not been read yet",
		     bench_file(&self->b, "reason"));
	EXPECT_STREQ("0xf00", bench_file(&self->b, "offset"));
	EXPECT_STREQ("0", bench_file(&self->b, "visible"));
	/* The PCI core knows of this one */
	self->b.pdev.pasid_cap = 0x200;
	EXPECT_FILES("0", "physical", "0x200+0x8");
	EXPECT_EQ(0, self->b.image.reads);
	EXPECT_STREQ("", kernel_state.log);
}

TEST_F(decision, kept)
{
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_FILES("1", "admin", "0xf00+0x40");
	EXPECT_STREQ("1", bench_file(&self->b, "visible"));
	bench_close(&self->b);
	self->b.image.reads = 0;
	EXPECT_FILES("1", "admin", "0xf00+0x40");
	EXPECT_STREQ("none", bench_file(&self->b, "reason"));
	EXPECT_STREQ("0", bench_file(&self->b, "visible"));
	EXPECT_EQ(0, self->b.image.reads);
}

TEST_F(decision, refused)
{
	bench_put32(&self->b, 0xf20, 0x12345678);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_REASON_NOT_ZERO, bench_get(&self->b).place_reason);
	EXPECT_EQ(VFIO_PASID_REASON_NONE, bench_get(&self->b).obstacle);
	EXPECT_EQ(1, logged("0xf20 reads 0x12345678"));
	bench_close(&self->b);
	/* A file does not make it anew */
	EXPECT_FILES("1", "none", "none");
	EXPECT_STREQ("the range holds bytes that are not zero",
		     bench_file(&self->b, "reason"));
}

TEST_F(decision, asked_for)
{
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_FILES("1", "admin", "0xf00+0x40");
	EXPECT_EQ(0, self->b.pdev.dev.resumed);
	/* Again, and while it is open */
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_EQ(1, self->b.pdev.dev.resumed);
}

TEST_F(decision, asked_for_in_vain)
{
	EXPECT_EQ(-EINVAL, bench_store(&self->b, "verify", "0"));
	EXPECT_EQ(-EINVAL, bench_store(&self->b, "verify", "maybe"));
	EXPECT_EQ(0, self->b.image.reads);
	self->b.pdev.dev.resume_error = -EACCES;
	EXPECT_EQ(-EACCES, bench_store(&self->b, "verify", "1"));
	self->b.pdev.dev.resume_error = 0;
	self->b.image.fails_at = 0x100;
	EXPECT_EQ(-EIO, bench_store(&self->b, "verify", "1"));
	self->b.image.fails_at = 0xf20;
	EXPECT_EQ(-EIO, bench_store(&self->b, "verify", "1"));
	EXPECT_EQ(0, self->b.pdev.dev.resumed);
	EXPECT_FILES("0", "admin", "0xf00+0x40");
	/* The next open asks it again */
	self->b.image.fails_at = CORE_NO_FAILURE;
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_FILES("1", "admin", "0xf00+0x40");
}

/* Firmware can have changed it since the last time */
TEST_F(decision, every_open)
{
	ASSERT_EQ(0, bench_open(&self->b));
	bench_close(&self->b);
	bench_put32(&self->b, 0xf20, 1);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_REASON_NOT_ZERO, bench_get(&self->b).place_reason);
}

/*
 * vfio adds an arbitration table to the length of a VC capability, whether its
 * offset says that there is one or not
 */
TEST_F(decision, map_of_vfio)
{
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0xee0);
	bench_cap(&self->b, 0xee0, PCI_EXT_CAP_ID_VC, 0);
	bench_put32(&self->b, 0xee0 + PCI_VC_PORT_CAP2, PCI_VC_CAP2_32_PHASE);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_REASON_CAPABILITY, bench_get(&self->b).place_reason);
}

/* A file shows a preview, which is no reason to say less at open */
TEST_F(decision, logged)
{
	EXPECT_FILES("0", "admin", "0xf00+0x40");
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("may live at 0xf00 (range 0xf00-0xf3f, source admin)"));
	EXPECT_EQ(1, logged("at 0xf00 is shown, width 20"));
}

/* The same session again says nothing new, and each that differs does */
TEST_F(decision, logged_once_a_session)
{
	ASSERT_EQ(0, bench_open(&self->b));
	bench_close(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("at 0xf00 is shown"));
	bench_close(&self->b);
	ASSERT_EQ(0, param_set("visible", "off"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("at 0xf00 is hidden: "));
	bench_close(&self->b);
	ASSERT_EQ(0, param_set("visible", "on"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(2, logged("at 0xf00 is shown"));
	bench_close(&self->b);
	ASSERT_EQ(0, param_set("ranges", BENCH_ID "@0xf10+0x8"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("at 0xf10 is shown"));
	bench_close(&self->b);
	self->b.iommu_dev.max_pasids = 1 << 10;
	self->b.iommu.max_pasids = 1 << 10;
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("at 0xf10 is shown, width 10"));
	bench_close(&self->b);
	ASSERT_EQ(0, param_set("ranges", BENCH_RULE));
	/* Without a place there is nothing to show, and then there is again */
	bench_put32(&self->b, 0xf20, 1);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(4, logged(" is shown"));
	EXPECT_EQ(1, logged(" is hidden"));
	bench_close(&self->b);
	bench_put32(&self->b, 0xf20, 0);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(5, logged(" is shown"));
}

/* The same decision again says nothing new */
TEST_F(decision, logged_once)
{
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_EQ(1, logged("may live at"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("may live at"));
	bench_close(&self->b);
	/* Another one does */
	bench_put32(&self->b, 0xf20, 1);
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_EQ(1, logged("refused"));
	EXPECT_EQ(1, logged("no place"));
	/* And so does the same one by other rules */
	EXPECT_EQ(0, param_set("ranges", BENCH_RULE));
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_EQ(2, logged("no place"));
}

TEST_F(decision, logged_advice)
{
	bench_put32(&self->b, 0xe00, 1);
	ASSERT_EQ(0, param_set("ranges", BENCH_ID "@0xe00+0x8," BENCH_ID "@0x100+0x8," BENCH_RULE));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("range 0xe00-0xe07 (admin) refused: 0xe00 reads 0x00000001"));
	EXPECT_EQ(1, logged("range 0x100-0x107 (admin) refused at 0x100: the range holds"));
	EXPECT_EQ(2, logged("; correct ranges="));
	EXPECT_EQ(0xf00, bench_get(&self->b).offset);
}

/* At the risk of who names it */
TEST_F(decision, logged_behind)
{
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0x200);
	bench_cap(&self->b, 0x200, 0x1234, 0);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(BENCH_RANGE, bench_get(&self->b).offset);
	EXPECT_EQ(1, logged("0xf00-0xf3f (admin) lies behind capability 0x1234 at 0x200"));
}

/* A PASID capability, or a marker, that the device lies about */
TEST_F(decision, logged_own)
{
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0x200);
	bench_dvsec(&self->b, 0x200, 0x1234, 0xa51d, 0x20, 0);
	bench_put32(&self->b, 0x210, 1);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(1, logged("range 0x200-0x21f (marker) refused: 0x210 reads 0x00000001"));
	EXPECT_EQ(1, logged("; give another with ranges="));
}

/* Of many lies, the first four */
TEST_F(decision, logged_own_at_most)
{
	unsigned int i;

	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0x200);
	for (i = 0; i < 6; i++) {
		bench_dvsec(&self->b, 0x200 + i * 0x20, 0x1234, 0xa51d, 0x10,
			    i < 5 ? 0x220 + i * 0x20 : 0);
		bench_put32(&self->b, 0x20c + i * 0x20, 1);
	}
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(4, logged("(marker) refused"));
	EXPECT_EQ(BENCH_RANGE, bench_get(&self->b).offset);
}

/* The PCI core enables the first one */
TEST_F(decision, two_physical)
{
	bench_physical(&self->b, 0x200, 20 << 8 | 6);
	bench_cap(&self->b, 0x200, PCI_EXT_CAP_ID_PASID, 0x300);
	bench_cap(&self->b, 0x300, PCI_EXT_CAP_ID_PASID, 0);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_SOURCE_PHYSICAL, bench_get(&self->b).source);
	EXPECT_EQ(0x200, bench_get(&self->b).offset);
}

/* Whose third header would be behind the end: it is not looked for there */
TEST_F(decision, marker_at_the_end)
{
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0xff8);
	bench_cap(&self->b, 0xff8, PCI_EXT_CAP_ID_DVSEC, 0);
	bench_put32(&self->b, 0xffc, 0x1234 | 8 << 20);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_SOURCE_ADMIN, bench_get(&self->b).source);
	EXPECT_FALSE(self->b.image.beyond);
}

/* Admission reads a device, too, and lets it sleep again */
TEST_F(decision, admission)
{
	bench_put32(&self->b, 0xff8, PCI_EXT_CAP_ID_DSN | 1 << 16);
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0xff8);
	EXPECT_EQ(-EINVAL, bench_open(&self->b));
	EXPECT_EQ(1, logged("pass the end of config space"));
	EXPECT_EQ(0, self->b.pdev.dev.resumed);
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0);
	kernel_state.fail_allocation = 1;
	EXPECT_EQ(-ENOMEM, bench_open(&self->b));
	EXPECT_EQ(0, self->b.pdev.dev.resumed);
	/* The driver's own business, and its own words */
	self->b.pdev.dev.resume_error = -EACCES;
	EXPECT_EQ(-EACCES, bench_open(&self->b));
	self->b.pdev.dev.resume_error = 0;
	self->b.open_error = -ENXIO;
	EXPECT_EQ(-ENXIO, bench_open(&self->b));
	EXPECT_EQ(0, self->b.pdev.dev.resumed);
	self->b.open_error = 0;
	EXPECT_EQ(0, bench_open(&self->b));
}

/* Once the core has found an extended list, it walks it at each open */
TEST_F(decision, admission_without_a_way_there)
{
	ASSERT_EQ(0, bench_open(&self->b));
	bench_close(&self->b);
	bench_put32(&self->b, PCI_CAPABILITY_LIST, 0);
	bench_put32(&self->b, 0xff8, PCI_EXT_CAP_ID_DSN | 1 << 16);
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0xff8);
	EXPECT_EQ(-EINVAL, bench_open(&self->b));
}

/* The core keeps its permission bits for MSI if an open fails */
TEST_F(decision, admission_after_a_failed_open)
{
	bench_put32(&self->b, 0x80, PCI_CAP_ID_MSI | 0x40 << 8);
	bench_put32(&self->b, PCI_CAPABILITY_LIST, 0x80);
	self->b.image.fails_at = 0x100;
	ASSERT_EQ(-EIO, bench_open(&self->b));
	self->b.image.fails_at = CORE_NO_FAILURE;
	bench_put32(&self->b, 0x80, PCI_CAP_ID_MSI | 0x40 << 8 |
		    (PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT) << 16);
	EXPECT_EQ(-EINVAL, bench_open(&self->b));
	bench_put32(&self->b, 0x80, PCI_CAP_ID_MSI | 0x40 << 8);
	EXPECT_EQ(0, bench_open(&self->b));
	/* It makes new ones after a close */
	bench_close(&self->b);
	bench_put32(&self->b, 0x80, PCI_CAP_ID_MSI | 0x40 << 8 |
		    PCI_MSI_FLAGS_MASKBIT << 16);
	EXPECT_EQ(0, bench_open(&self->b));
}

FIXTURE(markers) {
	struct bench b;
};

FIXTURE_SETUP(markers)
{
	bench_ready(&self->b);
	bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0x200);
	bench_dvsec(&self->b, 0x200, 0x1b36, 0x1234, 0x20, 0);
}

FIXTURE_TEARDOWN(markers)
{
	bench_fini(&self->b);
}

static u32 pair_at(struct bench *b, u16 pos)
{
	return bench_read(b, pos + PCI_DVSEC_HEADER1, 2) << 16 |
	       bench_read(b, pos + PCI_DVSEC_HEADER2, 2);
}

/* The device's own marker keeps its pair; what is made has the first one */
TEST_F(markers, pairs)
{
	ASSERT_EQ(0, param_set("markers", "1234:a51d,1b36:1234"));
	EXPECT_STREQ("1234:a51d,1b36:1234\n", param_get("markers"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_SOURCE_MARKER, bench_get(&self->b).source);
	EXPECT_EQ(0x200, bench_get(&self->b).offset);
	EXPECT_EQ(0x1b361234, pair_at(&self->b, 0x208));
	bench_close(&self->b);
	ASSERT_EQ(0, param_set("markers", "1af4:0001"));
	ASSERT_EQ(0, param_set("ranges", BENCH_RULE));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_SOURCE_ADMIN, bench_get(&self->b).source);
	EXPECT_EQ(0x1af40001, pair_at(&self->b, 0xf08));
}

/* Of two that have different pairs, the first one's counts */
TEST_F(markers, two)
{
	ASSERT_EQ(0, param_set("markers", "1234:a51d,1b36:1234"));
	bench_dvsec(&self->b, 0x200, 0x1b36, 0x1234, 0x20, 0x240);
	bench_dvsec(&self->b, 0x240, 0x1234, 0xa51d, 0x20, 0);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0x200, bench_get(&self->b).offset);
	EXPECT_EQ(0x1b361234, pair_at(&self->b, 0x208));
}

/* Nothing marks, and nothing is marked */
TEST_F(markers, none)
{
	ASSERT_EQ(0, param_set("markers", ""));
	EXPECT_STREQ("\n", param_get("markers"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(VFIO_PASID_SOURCE_ADMIN, bench_get(&self->b).source);
	EXPECT_EQ(0, bench_next(&self->b, 0xf00));
}

TEST_F(markers, parameter)
{
	static const char * const bad[] = {
		"1234", "1234:", ":1", "1234:a51d,", ",", "1234:a51d:1", "0:1",
		"ffff:1", "12345:1", "0x1234:1", "1234:1 ", " 1234:1",
		"1234:000000000000001",
	};
	unsigned int i;

	EXPECT_STREQ("1234:a51d\n", param_get("markers"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, param_set("markers", bad[i])) {
			TH_LOG("number %u", i);
		}
	EXPECT_EQ(0, param_set("markers", "1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1"));
	EXPECT_EQ(-E2BIG, param_set("markers", "1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1,9:1"));
}

/* Only where the administrator wants it */
TEST_F(decision, guess)
{
	ASSERT_EQ(0, param_set("ranges", ""));
	EXPECT_FILES("0", "none", "none");
	ASSERT_EQ(0, param_set("guess", "1"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_FILES("1", "guess", "0xff8+0x8");
}

/* Before it is read, nobody knows that it has no list */
TEST_F(decision, no_guess_without_a_list)
{
	ASSERT_EQ(0, param_set("ranges", ""));
	ASSERT_EQ(0, param_set("guess", "1"));
	bench_put32(&self->b, 0x100, 0);
	EXPECT_STREQ("guess", bench_file(&self->b, "source"));
	EXPECT_EQ(0, bench_store(&self->b, "verify", "1"));
	EXPECT_FILES("1", "none", "none");
	EXPECT_STREQ(vfio_pasid_reason_text(VFIO_PASID_REASON_NO_GUESS),
		     bench_file(&self->b, "reason"));
}

/* A device that vanishes: no place rests on what was not read */
FIXTURE(vanishing) {
	struct bench b;
	unsigned int found;
	unsigned int reads;
};

FIXTURE_VARIANT(vanishing) {
	const char *ranges;
	bool marker;
	u16 register_at;
	u16 place;
};

FIXTURE_VARIANT_ADD(vanishing, range) {
	.ranges = BENCH_RULE,
	.place = BENCH_RANGE,
};

FIXTURE_VARIANT_ADD(vanishing, marker) {
	.ranges = "",
	.marker = true,
	.place = 0x200,
};

/* There is another place where the marker cannot be read */
FIXTURE_VARIANT_ADD(vanishing, marker_and_range) {
	.ranges = BENCH_RULE,
	.marker = true,
	.place = 0x200,
};

/* The first one is no good */
FIXTURE_VARIANT_ADD(vanishing, second_range) {
	.ranges = BENCH_ID "@0xe00+0x10," BENCH_RULE,
	.register_at = 0xe08,
	.place = BENCH_RANGE,
};

FIXTURE_SETUP(vanishing)
{
	bench_ready(&self->b);
	kernel_state.silent = true;
	if (variant->marker) {
		bench_cap(&self->b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0x200);
		bench_dvsec(&self->b, 0x200, 0x1234, 0xa51d, 0x40, 0);
	}
	if (variant->register_at)
		bench_put32(&self->b, variant->register_at, 0x80);
}

FIXTURE_TEARDOWN(vanishing)
{
	bench_fini(&self->b);
}

static void vanish_after(struct bench *b, unsigned int reads)
{
	b->image.reads = 0;
	b->image.vanishes_after = reads;
}

/* Back again. Returns whether it was gone */
static bool come_back(struct bench *b)
{
	bool gone = b->image.reads > b->image.vanishes_after;

	b->image.vanishes_after = 0;
	return gone;
}

static void expect_place(struct __test_metadata *_metadata, struct bench *b, u16 place)
{
	ASSERT_EQ(0, bench_open(b));
	EXPECT_EQ(place, bench_get(b).offset);
	bench_close(b);
}

/* Each read is the last one once */
TEST_F(vanishing, in_open)
{
	struct bench *b = &self->b;
	u16 place;

	/* vfio_ecap_init() takes ones for a length, and writes past its map */
	if (variant->marker && bench_attaches())
		SKIP(return, "this core does not survive a DVSEC that vanishes");
	ASSERT_EQ(0, param_set("ranges", variant->ranges));
	do {
		vanish_after(b, ++self->reads);
		if (!bench_open(b)) {
			place = bench_get(b).offset;
			EXPECT_TRUE(!place || place == variant->place);
			self->found += !!place;
			bench_close(b);
		}
		if (!come_back(b))
			break;
		expect_place(_metadata, b, variant->place);
	} while (self->reads < 10000);
	EXPECT_GT(self->reads, 10);
	EXPECT_LT(self->reads, 10000);
	EXPECT_GT(self->found, 0);
}

TEST_HARNESS_MAIN
