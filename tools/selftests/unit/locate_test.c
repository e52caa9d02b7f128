// SPDX-License-Identifier: GPL-2.0
/*
 * The decision: every source, every check, every way in which a device lies
 */
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "image.h"
#include "vfio_pasid_list.h"

#define ALL		0x7e
#define BIT_(x)		(1U << VFIO_PASID_SOURCE_ ## x)
#define PHYSICAL	0x200
#define MARKER		0x300
#define ADMIN		0xf00
#define DRIVER		0xe00
#define TABLE		0xd00
#define GUESS		0xff8

FIXTURE(locate) {
	struct fake fake;
	struct vfio_pasid_request req;
	struct vfio_pasid_place place;
	struct vfio_pasid_candidate candidates[4];
	struct vfio_pasid_range live[2];
};

/* AER and DSN, so that the list has a known end to link more from: 0x140 */
static void give_list(struct fake *fake, u16 more)
{
	fake_init(fake);
	fake_cap(fake, 0x100, PCI_EXT_CAP_ID_ERR, 0x140);
	fake_put(fake, 0x104, 0x12345678);
	fake_cap(fake, 0x140, PCI_EXT_CAP_ID_DSN, more);
	memset(fake->map, 0xff, sizeof(fake->map));
	memset(fake->map + 0x100, PCI_EXT_CAP_ID_ERR, 0x2c);
	memset(fake->map + 0x140, PCI_EXT_CAP_ID_DSN, 12);
}

FIXTURE_SETUP(locate)
{
	give_list(&self->fake, 0);
	self->fake.image.map = self->fake.map;
	self->req = (struct vfio_pasid_request){
		.candidates = self->candidates,
		.live = self->live,
		.pairs = &marker_pair,
		.num_pairs = 1,
		.sources = ALL & ~BIT_(GUESS),
	};
}

FIXTURE_TEARDOWN(locate)
{
	EXPECT_FALSE(self->fake.outside);
}

static void name(struct vfio_pasid_request *req, enum vfio_pasid_source source,
		 u16 offset, u16 length)
{
	req->candidates[req->num_candidates++] = (struct vfio_pasid_candidate){
		.range = { offset, length },
		.source = source,
		.value = 0xdeadbeef,
	};
}

#define LOCATE() fake_locate(&self->fake, &self->req, &self->place)

static void give_source(struct fake *fake, struct vfio_pasid_request *req,
			enum vfio_pasid_source source)
{
	static const u16 offsets[] = { 0, PHYSICAL, MARKER, ADMIN, DRIVER, TABLE };

	if (source == VFIO_PASID_SOURCE_PHYSICAL) {
		fake_cap(fake, 0x140, PCI_EXT_CAP_ID_DSN, PHYSICAL);
		fake_cap(fake, PHYSICAL, PCI_EXT_CAP_ID_PASID, MARKER);
		fake_cap(fake, MARKER, PCI_EXT_CAP_ID_PRI, 0);
	} else if (source == VFIO_PASID_SOURCE_MARKER) {
		if (!fake->bytes[PHYSICAL])
			fake_cap(fake, 0x140, PCI_EXT_CAP_ID_DSN, MARKER);
		fake_dvsec(fake, MARKER, 0x1234, 0xa51d, 0x40, 0);
	} else if (source == VFIO_PASID_SOURCE_GUESS) {
		req->sources |= BIT_(GUESS);
	} else {
		name(req, source, offsets[source], 0x40);
	}
}

static u16 offset_of(enum vfio_pasid_source source)
{
	static const u16 offsets[] = { 0, PHYSICAL, MARKER, ADMIN, DRIVER, TABLE,
				       GUESS };

	return offsets[source];
}

TEST_F(locate, every_source_alone_and_in_pairs)
{
	enum vfio_pasid_source a, b;

	for (a = VFIO_PASID_SOURCE_PHYSICAL; a <= VFIO_PASID_SOURCE_GUESS; a++)
		for (b = a; b <= VFIO_PASID_SOURCE_GUESS; b++) {
			give_list(&self->fake, 0);
			self->fake.image.map = self->fake.map;
			self->req.num_candidates = 0;
			self->req.sources = ALL & ~BIT_(GUESS);
			give_source(&self->fake, &self->req, a);
			if (a != b)
				give_source(&self->fake, &self->req, b);
			LOCATE();
			ASSERT_EQ(self->place.source, a) {
				TH_LOG("%d and %d", a, b);
			}
			ASSERT_EQ(self->place.range.offset, offset_of(a));
			ASSERT_EQ(self->place.reason, 0);

			/* Not asked, not taken */
			self->req.sources &= ~(1U << a);
			LOCATE();
			ASSERT_EQ(self->place.source, a == b ? 0 : b);
			ASSERT_EQ(self->place.reason, a == b ?
				  VFIO_PASID_REASON_NO_SOURCE : 0);
		}
}

struct bad_range {
	u16 offset;
	u16 length;
	enum vfio_pasid_reason reason;
	u16 where;
};

TEST_F(locate, ranges_that_cannot_be)
{
	static const struct bad_range bad[] = {
		{ 0xf02, 8, VFIO_PASID_REASON_UNALIGNED, 0xf02 },
		{ 0xf00, 10, VFIO_PASID_REASON_UNALIGNED, 0xf00 },
		{ 0xf00, 4, VFIO_PASID_REASON_TOO_SHORT, 0xf00 },
		{ 0xf00, 0, VFIO_PASID_REASON_TOO_SHORT, 0xf00 },
		{ 0xfc, 8, VFIO_PASID_REASON_OUT_OF_BOUNDS, 0xfc },
		{ 0xffc, 8, VFIO_PASID_REASON_OUT_OF_BOUNDS, 0xffc },
		{ 0xfff8, 16, VFIO_PASID_REASON_OUT_OF_BOUNDS, 0xfff8 },
		{ 0x100, 8, VFIO_PASID_REASON_CAPABILITY, 0x100 },
		{ 0x108, 8, VFIO_PASID_REASON_CAPABILITY, 0x108 },
		{ 0x124, 16, VFIO_PASID_REASON_CAPABILITY, 0x124 },
		{ 0x138, 16, VFIO_PASID_REASON_CAPABILITY, 0x138 },
		{ 0x148, 8, VFIO_PASID_REASON_CAPABILITY, 0x148 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		self->req.num_candidates = 0;
		name(&self->req, VFIO_PASID_SOURCE_ADMIN, bad[i].offset,
		     bad[i].length);
		LOCATE();
		ASSERT_EQ(self->place.range.offset, 0);
		ASSERT_EQ(self->place.reason, bad[i].reason) {
			TH_LOG("%#x+%#x", bad[i].offset, bad[i].length);
		}
		ASSERT_EQ(self->candidates[0].where, bad[i].where);
	}
}

TEST_F(locate, ranges_at_the_limits)
{
	static const struct vfio_pasid_range good[] = {
		{ 0xff8, 8 }, { 0x14c, 8 }, { 0x14c, 0xeb4 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		self->req.num_candidates = 0;
		name(&self->req, VFIO_PASID_SOURCE_TABLE, good[i].offset,
		     good[i].length);
		LOCATE();
		ASSERT_EQ(self->place.range.offset, good[i].offset);
		ASSERT_EQ(self->place.range.length, good[i].length);
	}
}

/* Without vfio's map, headers and bytes still count */
TEST_F(locate, hidden_capability)
{
	fake_cap(&self->fake, 0x140, PCI_EXT_CAP_ID_DSN, 0xf08);
	fake_cap(&self->fake, 0xf08, 0x1234, 0);
	self->fake.image.map = NULL;
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 0x40);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(self->candidates[0].where, 0xf08);
}

TEST_F(locate, every_dword_must_be_zero)
{
	u16 pos;

	for (pos = 0xf00; pos < 0xf40; pos += 4) {
		memset(self->fake.bytes + 0xf00, 0, 0x100);
		fake_put(&self->fake, pos, 0x01000000);
		self->req.num_candidates = 0;
		name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 0x40);
		LOCATE();
		ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NOT_ZERO);
		ASSERT_EQ(self->candidates[0].where, pos);
		ASSERT_EQ(self->candidates[0].value, 0x01000000);
	}
	/* Beside it does not matter */
	memset(self->fake.bytes + 0xf00, 0, 0x100);
	fake_put(&self->fake, 0xefc, 1);
	fake_put(&self->fake, 0xf40, 1);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0xf00);
}

TEST_F(locate, live_registers_veto_all_but_the_device)
{
	enum vfio_pasid_source s;

	for (s = VFIO_PASID_SOURCE_PHYSICAL; s <= VFIO_PASID_SOURCE_TABLE; s++) {
		give_list(&self->fake, 0);
		self->req.num_candidates = 0;
		give_source(&self->fake, &self->req, s);
		self->live[0] = (struct vfio_pasid_range){ offset_of(s) + 4, 4 };
		self->req.num_live = 1;
		LOCATE();
		ASSERT_EQ(self->place.reason, s <= VFIO_PASID_SOURCE_MARKER ?
			  VFIO_PASID_REASON_NONE : VFIO_PASID_REASON_LIVE);
		self->live[0].offset = offset_of(s) + 0x40;
		LOCATE();
		ASSERT_EQ(self->place.source, s);
	}
}

/* A veto is known before the hardware is touched: no byte of it is read */
TEST_F(locate, live_registers_are_not_read)
{
	self->live[0] = (struct vfio_pasid_range){ 0xf00, 0x40 };
	self->req.num_live = 1;
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 0x40);
	LOCATE();
	/* Headers twice, and the first once more since there is no place */
	ASSERT_EQ(self->fake.reads, 5);
}

TEST_F(locate, refused_ranges_leave_the_next)
{
	fake_put(&self->fake, 0xf00, 1);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 8);
	name(&self->req, VFIO_PASID_SOURCE_TABLE, 0xd00, 8);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xe00, 0x10);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0xe00);
	ASSERT_EQ(self->candidates[0].reason, VFIO_PASID_REASON_NOT_ZERO);
	/* And what passes besides is known to be free */
	ASSERT_EQ(self->place.num_more, 1);
	ASSERT_EQ(self->place.more[0].offset, 0xd00);
}

TEST_F(locate, further_ranges_are_disjoint)
{
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 0x40);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf38, 0x40);
	name(&self->req, VFIO_PASID_SOURCE_TABLE, 0xd00, 0x10);
	name(&self->req, VFIO_PASID_SOURCE_TABLE, 0xd08, 0x10);
	LOCATE();
	ASSERT_EQ(self->place.num_more, 1);
	ASSERT_EQ(self->place.more[0].offset, 0xd00);
}

/* Lists that make no sense */
static void list_self(struct fake *f) { fake_cap(f, 0x140, 3, 0x140); }
static void list_loop(struct fake *f) { fake_cap(f, 0x140, 3, 0x100); }
static void list_low(struct fake *f) { fake_cap(f, 0x140, 3, 0xfc); }
static void list_low4(struct fake *f) { fake_cap(f, 0x140, 3, 4); }
static void list_ones(struct fake *f)
{
	fake_cap(f, 0x140, 3, 0x200);
	fake_put(f, 0x200, ~0U);
}

static void list_past(struct fake *f)
{
	f->size = 0x600;
	fake_cap(f, 0x140, 3, 0x600);
}

TEST_F(locate, malformed_lists)
{
	static void (* const bad[])(struct fake *f) = {
		list_self, list_loop, list_low, list_low4, list_ones, list_past,
	};
	unsigned int i;

	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0x400, 8);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		give_list(&self->fake, 0);
		bad[i](&self->fake);
		LOCATE();
		ASSERT_EQ(self->place.range.offset, 0);
		ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_BAD_LIST) {
			TH_LOG("list %u", i);
		}
		ASSERT_LE(self->fake.reads, 4);
	}
}

TEST_F(locate, reserved_bits_of_next_are_masked)
{
	fake_put(&self->fake, 0x140, 0x00310003);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 8);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0xf00);
}

TEST_F(locate, longest_list_there_is)
{
	u16 pos;

	fake_init(&self->fake);
	for (pos = 0x100; pos < 0xffc; pos += 4)
		fake_cap(&self->fake, pos, 3, pos + 4);
	fake_cap(&self->fake, 0xffc, 3, 0);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 8);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(self->fake.reads, 2 * 960 + 1);
	fake_cap(&self->fake, 0xffc, 3, 0x800);
	self->fake.reads = 0;
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_BAD_LIST);
	ASSERT_EQ(self->fake.reads, 961);
}

TEST_F(locate, empty_list)
{
	fake_init(&self->fake);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0x100, 8);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0x100);
}

/* The list ends in a header of zeros: no range may hold that */
TEST_F(locate, list_that_points_to_zeros)
{
	fake_cap(&self->fake, 0x140, PCI_EXT_CAP_ID_DSN, 0xf08);
	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 0x10);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(self->candidates[0].where, 0xf08);
}

TEST_F(locate, small_config_space)
{
	static const u16 sizes[] = { 0x100, 0x104 };
	unsigned int i;

	name(&self->req, VFIO_PASID_SOURCE_ADMIN, 0xf00, 8);
	for (i = 0; i < 2; i++) {
		self->fake.size = sizes[i];
		LOCATE();
		ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NO_EXT_SPACE);
		ASSERT_EQ(self->fake.reads, 0);
	}
	self->fake.size = 0x600;
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_OUT_OF_BOUNDS);
}

/* No place rests on bytes that were not read, or were read from nobody */
TEST_F(locate, every_read_fails_once)
{
	unsigned int n;

	give_source(&self->fake, &self->req, VFIO_PASID_SOURCE_ADMIN);
	for (n = 1; n <= 20; n++) {
		self->fake.reads = 0;
		self->fake.fail_at = n;
		LOCATE();
		ASSERT_EQ(self->place.range.offset, 0);
		ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_UNREADABLE);
		/* And so where the device is gone from then on */
		self->fake.reads = 0;
		self->fake.fail_at = 0;
		self->fake.gone_at = n;
		LOCATE();
		ASSERT_EQ(self->place.range.offset, 0);
		ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_UNREADABLE);
		self->fake.gone_at = 0;
	}
	self->fake.reads = 0;
	LOCATE();
	ASSERT_EQ(self->place.range.offset, ADMIN);
	ASSERT_EQ(self->fake.reads, 20);
}

/* Between the walk over four headers and their measure */
TEST_F(locate, device_vanishes_before_it_is_measured)
{
	give_source(&self->fake, &self->req, VFIO_PASID_SOURCE_PHYSICAL);
	self->fake.gone_at = 5;
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0);
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_UNREADABLE);
}

/* A list that ends, and loops when it is walked for the second time */
struct twice {
	struct fake *fake;
	unsigned int reads;
};

static int read_twice(void *ctx, u16 offset, u32 *val)
{
	struct twice *twice = ctx;

	if (++twice->reads > 100)
		return -EIO;
	*val = vfio_pasid_get_le32(twice->fake->bytes + offset);
	/* The first walk reads four headers, and then they are measured */
	if (offset == 0x140 && twice->reads > 4 + 2)
		*val = vfio_pasid_ext_header(PCI_EXT_CAP_ID_DSN, 1, 0x100);
	return 0;
}

TEST_F(locate, order_of_a_list_that_loops_then)
{
	struct twice twice = { .fake = &self->fake };

	give_source(&self->fake, &self->req, VFIO_PASID_SOURCE_PHYSICAL);
	self->fake.image.read = read_twice;
	self->fake.image.ctx = &twice;
	LOCATE();
	ASSERT_EQ(self->place.range.offset, PHYSICAL);
	ASSERT_LT(twice.reads, 20);
}

TEST_F(locate, physical)
{
	give_source(&self->fake, &self->req, VFIO_PASID_SOURCE_PHYSICAL);
	fake_put(&self->fake, PHYSICAL + 4, 0x00071406);
	LOCATE();
	ASSERT_EQ(self->place.range.length, 8);
	ASSERT_TRUE(self->place.in_list);
	ASSERT_TRUE(vfio_pasid_has_dword(self->place.before, 0x100));
	ASSERT_TRUE(vfio_pasid_has_dword(self->place.before, 0x140));
	ASSERT_FALSE(vfio_pasid_has_dword(self->place.before, MARKER));

	/* A device that has a header in its Control register lies */
	fake_cap(&self->fake, PHYSICAL, PCI_EXT_CAP_ID_PASID, PHYSICAL + 4);
	fake_cap(&self->fake, PHYSICAL + 4, 3, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(self->req.num_own, 1);
}

TEST_F(locate, markers_of_every_length)
{
	enum vfio_pasid_reason want;
	unsigned int length;

	fake_cap(&self->fake, 0x140, 3, 0x800);
	for (length = 0; length <= 0xfff; length++) {
		want = VFIO_PASID_REASON_NONE;
		if (length < 12)
			want = VFIO_PASID_REASON_TOO_SHORT;
		else if (length % 4)
			want = VFIO_PASID_REASON_UNALIGNED;
		else if (length > 0x800)
			want = VFIO_PASID_REASON_OUT_OF_BOUNDS;
		fake_dvsec(&self->fake, 0x800, 0x1234, 0xa51d, length, 0);
		LOCATE();
		ASSERT_EQ(self->place.reason, want) {
			TH_LOG("length %#x", length);
		}
		ASSERT_EQ(self->place.range.length, want ? 0 : length);
	}
}

TEST_F(locate, what_makes_a_marker)
{
	fake_cap(&self->fake, 0x140, 3, 0x800);
	fake_dvsec(&self->fake, 0x800, 0x1234, 0xa51c, 0x40, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NO_SOURCE);
	fake_dvsec(&self->fake, 0x800, 0x1235, 0xa51d, 0x40, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NO_SOURCE);
	/* Revision and the reserved half of header 2 are no part of it */
	fake_put(&self->fake, 0x804, 0x04051234);
	fake_put(&self->fake, 0x808, 0x7777a51d);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0x800);
	ASSERT_EQ(self->place.pair.vendor, 0x1234);
	ASSERT_EQ(self->place.pair.id, 0xa51d);
	/* Another capability with the same words behind its header */
	fake_cap(&self->fake, 0x800, PCI_EXT_CAP_ID_VNDR, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NO_SOURCE);
}

TEST_F(locate, marker_with_something_in_it)
{
	fake_cap(&self->fake, 0x140, 3, 0x800);
	fake_dvsec(&self->fake, 0x800, 0x1234, 0xa51d, 0x40, 0x820);
	fake_cap(&self->fake, 0x820, 3, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	fake_dvsec(&self->fake, 0x800, 0x1234, 0xa51d, 0x40, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NOT_ZERO);
	ASSERT_EQ(self->req.own[0].where, 0x820);
	/* The map of a core that shows DVSECs has them as its owner */
	fake_put(&self->fake, 0x820, 0);
	memset(self->fake.map + 0x800, PCI_EXT_CAP_ID_DVSEC, 0x40);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0x800);
	self->fake.map[0x830] = PCI_EXT_CAP_ID_DSN;
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
}

TEST_F(locate, several_markers)
{
	fake_cap(&self->fake, 0x140, 3, 0x900);
	fake_dvsec(&self->fake, 0x900, 0x1234, 0xa51d, 0x20, 0x800);
	fake_dvsec(&self->fake, 0x800, 0x1234, 0xa51d, 0x40, 0xa00);
	fake_dvsec(&self->fake, 0xa00, 0x1234, 0xa51d, 0x3, 0);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0x800);
	ASSERT_EQ(self->place.num_more, 1);
	ASSERT_EQ(self->place.more[0].offset, 0x900);
	ASSERT_EQ(self->req.num_own, 1);
	/* Of two that overlap one lies, and nobody knows which */
	fake_dvsec(&self->fake, 0x800, 0x1234, 0xa51d, 0x110, 0);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0);
	ASSERT_EQ(self->req.num_own, 2);
}

TEST_F(locate, guess_takes_the_highest_that_passes)
{
	self->req.sources |= BIT_(GUESS);
	fake_put(&self->fake, 0xffc, 1);
	fake_put(&self->fake, 0xfe8, 1);
	LOCATE();
	ASSERT_EQ(self->place.source, VFIO_PASID_SOURCE_GUESS);
	ASSERT_EQ(self->place.range.offset, 0xff4);
	self->live[0] = (struct vfio_pasid_range){ 0xfec, 0x14 };
	self->req.num_live = 1;
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0xfe0);
	memset(self->fake.bytes + 0x14c, 1, 0xeb4);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0);
}

TEST(words)
{
	unsigned int i, known = 0;

	for (i = 0; i <= VFIO_PASID_REASON_NO_IOMMU_ATTACH + 1; i++)
		known += !!strcmp(vfio_pasid_reason_text(i), "?");
	/* 13 to 15 are free */
	ASSERT_EQ(known, VFIO_PASID_REASON_NO_IOMMU_ATTACH + 1 - 3);
	ASSERT_STREQ(vfio_pasid_source_name(VFIO_PASID_SOURCE_GUESS), "guess");
	ASSERT_STREQ(vfio_pasid_source_name(7), "?");
	ASSERT_STREQ(vfio_pasid_reason_text(1000), "?");
}

TEST_HARNESS_MAIN
