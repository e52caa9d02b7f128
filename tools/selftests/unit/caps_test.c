// SPDX-License-Identifier: GPL-2.0
/*
 * Whose byte it is: lengths of capabilities, and what they mean to each source
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "image.h"
#include "vfio_pasid_caps.h"
#include "vfio_pasid_list.h"

#define ROOM	0x200
#define BIT_(x)	(1U << VFIO_PASID_SOURCE_ ## x)

/* A capability with @dwords behind its header; @limit 0: as @known */
struct row {
	u16 id;
	u16 known;
	u16 limit;
	u8 version;
	u32 dwords[8];
};

#define SIZE(id, known)		{ id, known, 0, 1, {} }
#define SIZES(id, known, limit)	{ id, known, limit, 1, {} }
#define TOLD(id, known, ...)	{ id, known, 0, 1, { __VA_ARGS__ } }

/* From the specification's figures, one for each ID and each rule */
static const struct row rows[] = {
	SIZES(0x00, 4, ROOM),
	SIZE(0x01, 0x48),
	{ 0x01, 0x48, 0x48, 2, {} },
	{ 0x01, 0x48, 0x60, 3, {} },
	/* One VC; eight; the VC's table of 64 phases; of 128; but no offset */
	TOLD(0x02, 0x1c),
	TOLD(0x02, 0x70, 7),
	TOLD(0x02, 0x50, 0, 0x03000004),
	TOLD(0x02, 0x70, 0, 0x03000008),
	TOLD(0x02, 0x1c, 0, 0x00000008),
	/* A table within, and one of reserved phases */
	TOLD(0x02, 0x70, 7, 0x01000002),
	TOLD(0x02, 0x1c, 0, 0x03000030),
	/* The port's tables: the second VC's of 256 phases with eight bits */
	TOLD(0x02, 0x130, 0xc01, 0, 0, 0, 0, 0, 0x03000020),
	TOLD(0x02, 0x40, 0x400, 0, 0, 0x03000004),
	SIZE(0x03, 0x0c),
	SIZE(0x04, 0x10),
	TOLD(0x05, 0x30, 0x200),
	SIZE(0x06, 0x0c),
	SIZE(0x07, 0x08),
	{ 0x07, 0x0c, 0x0c, 2, {} },
	SIZE(0x08, 0x1c),
	SIZE(0x09, 0x1c),
	SIZE(0x0a, 0x14),
	TOLD(0x0b, 0x24, 0x02410001),
	TOLD(0x0b, 8, 0x00310001),
	SIZES(0x0c, 4, ROOM),
	SIZE(0x0d, 8),
	TOLD(0x0d, 0x0c, 0x0120),
	TOLD(0x0d, 0x10, 0x2120),
	TOLD(0x0d, 0x28, 0x0020),
	SIZE(0x0e, 8),
	SIZE(0x0f, 8),
	SIZE(0x10, 0x40),
	SIZES(0x11, 4, ROOM),
	SIZE(0x12, 0x30),
	SIZE(0x13, 0x10),
	SIZES(0x14, 4, ROOM),
	TOLD(0x15, 0x0c, 0, 0x20),
	TOLD(0x15, 0x34, 0, 0xc0),
	SIZE(0x15, 0x0c),
	TOLD(0x16, 0x11, 0),
	TOLD(0x16, 0x30, 0x1f),
	SIZE(0x17, 0x0c),
	TOLD(0x17, 0x4c, 0x001f0200),
	TOLD(0x17, 0x0c, 0x001f0400),
	SIZE(0x18, 8),
	SIZES(0x19, 0x10, 0x4c),
	TOLD(0x1a, 0x18, 2),
	SIZE(0x1b, 8),
	SIZE(0x1c, 8),
	SIZE(0x1d, 0x0c),
	TOLD(0x1d, 0x30, 0x0420),
	TOLD(0x1d, 0x64, 0x2120),
	SIZE(0x1e, 0x10),
	{ 0x1e, 0x14, 0x14, 2, {} },
	SIZE(0x1f, 0x0c),
	SIZES(0x20, 4, ROOM),
	SIZE(0x21, 0x10),
	SIZE(0x22, 0x0c),
	TOLD(0x23, 0x40, 0x04001234),
	TOLD(0x23, 0x0c, 0x00801234),
	TOLD(0x24, 0x14, 0, 0x40),
	SIZE(0x25, 0x0c),
	SIZES(0x26, 0x24, 0x40),
	SIZES(0x27, 0x0c, 0x88),
	SIZE(0x28, 0x20),
	SIZE(0x29, 0x10),
	SIZES(0x2a, 0x24, 0x40),
	SIZE(0x2b, 0x18),
	SIZE(0x2c, 0x14),
	SIZES(0x2d, 0x0c, ROOM),
	SIZE(0x2e, 0x18),
	SIZE(0x2f, 0x10),
	/* No stream; two link streams; and two selective ones with 1 and 0 */
	SIZE(0x30, 0x0c),
	TOLD(0x30, 0x1c, 0x2001),
	TOLD(0x30, 0x50, 0x12003, 0, 0, 0, 0, 0, 1),
	SIZES(0x31, 0x14, 0x30),
	SIZE(0x32, 0x3c),
	SIZE(0x33, 0x24),
	SIZE(0x34, 0x24),
	TOLD(0x35, 0x2c, 1),
	TOLD(0x36, 0x18, 0x18),
	SIZE(0x36, 8),
	SIZE(0x37, 0x14),
	SIZES(0x38, 0x10, ROOM),
	SIZES(0x39, 4, ROOM),
	SIZES(0x3a, 4, ROOM),
	SIZES(0x3b, 4, ROOM),
	SIZES(0xffff, 4, ROOM),
};

static struct vfio_pasid_cap_size measure(struct fake *fake, u16 avail)
{
	struct vfio_pasid_cap_size size = {};
	struct vfio_pasid_cap cap = {
		.image = &fake->image,
		.pos = 0x100,
		.header = vfio_pasid_get_le32(fake->bytes + 0x100),
		.avail = avail,
	};

	if (vfio_pasid_cap_measure(&cap, &size))
		size.known = 0;
	return size;
}

static void give_row(struct fake *fake, const struct row *row)
{
	unsigned int i;

	fake_init(fake);
	fake_put(fake, 0x100, row->id | row->version << 16);
	for (i = 0; i < 8; i++)
		fake_put(fake, 0x104 + 4 * i, row->dwords[i]);
}

TEST(lengths)
{
	struct vfio_pasid_cap_size size;
	const struct row *row;
	struct fake fake;

	for (row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
		give_row(&fake, row);
		size = measure(&fake, ROOM);
		EXPECT_EQ(size.known, row->known) {
			TH_LOG("ID %#x, row %zu", row->id, row - rows);
		}
		EXPECT_EQ(size.limit, row->limit ? row->limit : row->known) {
			TH_LOG("ID %#x, row %zu", row->id, row - rows);
		}
	}
}

/* No dword is read that belongs to the next capability, and each once */
TEST(no_register_is_read_past_the_next_header)
{
	struct vfio_pasid_cap_size size;
	const struct row *row;
	struct fake fake;
	u16 avail;

	for (row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++)
		for (avail = 4; avail <= 0x40; avail += 4) {
			give_row(&fake, row);
			memset(fake.bytes + 0x104, 0xff, 0x100);
			fake.size = 0x100 + avail;
			fake.image.size = fake.size;
			size = measure(&fake, avail);
			ASSERT_FALSE(fake.outside) {
				TH_LOG("ID %#x, avail %#x", row->id, avail);
			}
			ASSERT_LT(fake.reads, avail / 4);
			ASSERT_GE(size.known, 4);
			ASSERT_GE(size.limit, size.known);
		}
}

TEST(optional_registers_end_at_the_next_header)
{
	static const struct row aer = SIZE(0x01, 0);
	struct fake fake;

	give_row(&fake, &aer);
	ASSERT_EQ(measure(&fake, 0x40).known, 0x40);
	ASSERT_EQ(measure(&fake, 0x20).known, 0x2c);
}

TEST(a_failing_read_is_told)
{
	static const struct row vndr = TOLD(0x0b, 0, 0x02400001);
	struct fake fake;

	give_row(&fake, &vndr);
	fake.fail_at = 1;
	ASSERT_EQ(measure(&fake, ROOM).known, 0);
}

/*
 * What it means to a range
 */

FIXTURE(owner) {
	struct fake fake;
	struct vfio_pasid_candidate range;
	struct vfio_pasid_request req;
	struct vfio_pasid_place place;
};

FIXTURE_SETUP(owner)
{
	fake_init(&self->fake);
	self->req = (struct vfio_pasid_request){
		.candidates = &self->range,
		.pairs = &marker_pair,
		.num_pairs = 1,
		.sources = 0x7e & ~BIT_(GUESS),
	};
}

FIXTURE_TEARDOWN(owner)
{
	EXPECT_FALSE(self->fake.outside);
}

#define LOCATE() fake_locate(&self->fake, &self->req, &self->place)

/* The reason against a range, whoever of the three named it */
static enum vfio_pasid_reason named(struct fake *fake,
				    struct vfio_pasid_request *req, u16 offset,
				    u16 length)
{
	struct vfio_pasid_place place;
	enum vfio_pasid_source s;

	req->num_candidates = 1;
	for (s = VFIO_PASID_SOURCE_ADMIN; s <= VFIO_PASID_SOURCE_TABLE; s++) {
		*req->candidates = (struct vfio_pasid_candidate){
			.range = { offset, length },
			.source = s,
		};
		fake_locate(fake, req, &place);
		if (place.reason != VFIO_PASID_REASON_NONE)
			return place.reason;
	}
	return VFIO_PASID_REASON_NONE;
}

static u16 guess(struct fake *fake, struct vfio_pasid_request *req)
{
	struct vfio_pasid_place place;

	req->num_candidates = 0;
	req->sources = 0x7e;
	fake_locate(fake, req, &place);
	return place.range.offset;
}

TEST_F(owner, bytes_of_a_known_length_are_refused)
{
	u16 pos;

	fake_cap(&self->fake, 0x100, 0x2e, 0);
	for (pos = 0x104; pos < 0x118; pos += 4) {
		ASSERT_EQ(named(&self->fake, &self->req, pos, 8),
			  VFIO_PASID_REASON_CAPABILITY);
		ASSERT_EQ(self->range.where, pos);
	}
	ASSERT_EQ(named(&self->fake, &self->req, 0x118, 8), 0);
	ASSERT_EQ(self->range.behind, 0);
	/* The last dword counts as a whole: 0x11 bytes */
	fake_cap(&self->fake, 0x100, PCI_EXT_CAP_ID_DPA, 0);
	ASSERT_EQ(named(&self->fake, &self->req, 0x110, 8),
		  VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(named(&self->fake, &self->req, 0x114, 8), 0);
}

/* Accepted where somebody named it, and told; a guess keeps off */
TEST_F(owner, behind_an_unknown_length)
{
	fake_cap(&self->fake, 0x100, 0x1234, 0x200);
	fake_cap(&self->fake, 0x200, PCI_EXT_CAP_ID_DSN, 0x180);
	fake_cap(&self->fake, 0x180, PCI_EXT_CAP_ID_ARI, 0);
	ASSERT_EQ(named(&self->fake, &self->req, 0x178, 8), 0);
	ASSERT_EQ(self->range.behind, 0x100);
	ASSERT_EQ(self->range.behind_id, 0x1234);
	ASSERT_EQ(named(&self->fake, &self->req, 0x188, 8), 0);
	ASSERT_EQ(self->range.behind, 0);
	memset(self->fake.bytes + 0x20c, 1, 0xdf4);
	ASSERT_EQ(guess(&self->fake, &self->req), 0x1f8);
	memset(self->fake.bytes + 0x188, 1, 0x78);
	ASSERT_EQ(guess(&self->fake, &self->req), 0);
}

TEST_F(owner, behind_an_unknown_length_to_the_end)
{
	fake_cap(&self->fake, 0x100, 0x1234, 0);
	ASSERT_EQ(named(&self->fake, &self->req, 0xff8, 8), 0);
	ASSERT_EQ(self->range.behind, 0x100);
	ASSERT_EQ(guess(&self->fake, &self->req), 0);
}

/* No place rests on a header that could not be read a third time */
TEST_F(owner, behind_a_failing_read)
{
	fake_cap(&self->fake, 0x100, 0x1234, 0);
	self->fake.fail_at = 5;
	ASSERT_EQ(named(&self->fake, &self->req, 0xff8, 8),
		  VFIO_PASID_REASON_UNREADABLE);
}

TEST_F(owner, lengths_past_the_end)
{
	fake_cap(&self->fake, 0x100, PCI_EXT_CAP_ID_ARI, 0xff0);
	fake_cap(&self->fake, 0xff0, PCI_EXT_CAP_ID_VNDR, 0);
	fake_put(&self->fake, 0xff4, 0xfff00001);
	ASSERT_EQ(named(&self->fake, &self->req, 0xff8, 8),
		  VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(guess(&self->fake, &self->req), 0xfe8);
}

/* The device's own word, in a capability of the vendor's that claims it too */
TEST_F(owner, own_word_in_another_capability)
{
	u16 length;

	for (length = 8; length <= 0x18; length += 4) {
		fake_cap(&self->fake, 0x100, PCI_EXT_CAP_ID_VNDR, 0x110);
		fake_put(&self->fake, 0x104, length << 20 | 1);
		fake_cap(&self->fake, 0x110, PCI_EXT_CAP_ID_PASID, 0);
		LOCATE();
		ASSERT_EQ(self->place.reason, length <= 0x10 ?
			  VFIO_PASID_REASON_NONE : VFIO_PASID_REASON_CAPABILITY);
		fake_dvsec(&self->fake, 0x110, 0x1234, 0xa51d, 0x20, 0);
		LOCATE();
		ASSERT_EQ(self->place.reason, length <= 0x10 ?
			  VFIO_PASID_REASON_NONE : VFIO_PASID_REASON_CAPABILITY);
		fake_put(&self->fake, 0x114, 0);
		fake_put(&self->fake, 0x118, 0);
	}
}

/* A longer one that the list has below, and that ends inside of the marker */
TEST_F(owner, own_word_over_another_capability)
{
	fake_cap(&self->fake, 0x100, PCI_EXT_CAP_ID_PASID, 0x104);
	fake_cap(&self->fake, 0x104, PCI_EXT_CAP_ID_ARI, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(self->req.own[0].where, 0x104);
	fake_dvsec(&self->fake, 0x100, 0x1234, 0xa51d, 0x40, 0x13c);
	fake_cap(&self->fake, 0x13c, 0x1234, 0);
	LOCATE();
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_CAPABILITY);
	ASSERT_EQ(self->req.own[0].where, 0x13c);
}

/*
 * Found in the field
 */

/* The list is empty, and extended space a mirror of the standard half */
static void give_mirror(struct fake *fake)
{
	unsigned int page;

	fake_put(fake, 0x04, 0x00100000);
	fake_put(fake, 0x34, 0x80);
	fake_put(fake, 0x80, 0x00019410);
	fake_put(fake, 0x94, 0x00000005);
	fake_put(fake, 0xa4, 0x00038001);
	fake_put(fake, 0xb0, 0x7f880020);
	fake_put(fake, 0xfc, 0x8018e261);
	for (page = 1; page < 16; page++) {
		memcpy(fake->bytes + page * 0x100 + 0x80, fake->bytes + 0x80,
		       0x80);
		fake->bytes[page * 0x100 + 0xfe] = page;
	}
}

TEST_F(owner, mirrored_space)
{
	give_mirror(&self->fake);
	self->req.sources |= BIT_(GUESS);
	LOCATE();
	ASSERT_EQ(self->place.range.offset, 0);
	ASSERT_EQ(self->place.reason, VFIO_PASID_REASON_NO_GUESS);
	/* What is wrong with a range says more */
	self->fake.image.unread = false;
	ASSERT_EQ(named(&self->fake, &self->req, 0xff8, 8),
		  VFIO_PASID_REASON_NOT_ZERO);
	/* The administrator may know better */
	ASSERT_EQ(named(&self->fake, &self->req, 0xff0, 8), 0);
}

/* A preview has not seen the list yet */
TEST_F(owner, no_list_yet)
{
	self->fake.image.unread = true;
	ASSERT_EQ(guess(&self->fake, &self->req), 0xff8);
}

TEST_HARNESS_MAIN
