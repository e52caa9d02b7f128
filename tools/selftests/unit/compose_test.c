// SPDX-License-Identifier: GPL-2.0
/*
 * Composing: what a user sees afterwards, for every shape of list
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "kselftest_harness.h"
#include "oracle.h"

#define DSN	PCI_EXT_CAP_ID_DSN
#define ATS	PCI_EXT_CAP_ID_ATS
#define VNDR	PCI_EXT_CAP_ID_VNDR
#define DVSEC	PCI_EXT_CAP_ID_DVSEC
#define PASID	PCI_EXT_CAP_ID_PASID
#define PRI	PCI_EXT_CAP_ID_PRI
#define HIDDEN	PCI_EXT_CAP_ID_SECPCI
#define MAX	8

/* A capability: offset, ID, and for VNDR and DVSEC the length */
struct cap {
	u16 offset;
	u16 id;
	u16 length;
};

FIXTURE(compose) {
	struct fake fake;
	struct vfio_pasid_view view;
	struct vfio_pasid_place place;
	struct vfio_pasid_vcap cap;
	struct shown before;
	struct shown after;
};

/*
 * @caps: The physical list, in its order
 * @range: Named by the administrator; length 0: by the device
 * @offset: Where the capability must go
 */
FIXTURE_VARIANT(compose) {
	struct cap caps[MAX];
	struct vfio_pasid_range range;
	u16 offset;
};

#define CAPS(...) { __VA_ARGS__ }
#define SHAPE(name, caps_, where, length_, at)				\
FIXTURE_VARIANT_ADD(compose, name) {					\
	.caps = caps_,							\
	.range = { where, length_ },					\
	.offset = at,							\
}

SHAPE(empty_head, {}, 0x100, 8, 0x100);
SHAPE(empty_head_and_rest, {}, 0x100, 0x40, 0x100);
SHAPE(empty_elsewhere, {}, 0xf00, 0x40, 0xf00);
SHAPE(empty_next_dword, {}, 0x104, 0x10, 0x104);
SHAPE(one, CAPS({ 0x100, DSN }), 0xf00, 0x40, 0xf00);
SHAPE(abuts_one, CAPS({ 0x100, DSN }), 0x10c, 8, 0x10c);
SHAPE(middle, CAPS({ 0x100, DSN }, { 0x200, ATS }, { 0x300, DSN }), 0x280, 0x20,
      0x280);
SHAPE(last, CAPS({ 0x100, DSN }, { 0x200, ATS }, { 0x300, DSN }), 0xff8, 8,
      0xff8);
SHAPE(first_hidden, CAPS({ 0x100, HIDDEN }, { 0x200, DSN }), 0x180, 8, 0x180);
SHAPE(only_one_hidden, CAPS({ 0x100, HIDDEN }), 0xf00, 0x40, 0xf00);
SHAPE(all_hidden, CAPS({ 0x100, HIDDEN }, { 0x200, PRI }), 0xf00, 0x40, 0xf00);
SHAPE(first_unknown, CAPS({ 0x100, 0x1234 }, { 0x200, DSN }), 0x180, 8, 0x180);
/* Its low byte is that of raw bytes in the core's map */
SHAPE(first_unknown_ff, CAPS({ 0x100, 0x12ff }, { 0x200, DSN }), 0x180, 8, 0x180);
SHAPE(first_null, CAPS({ 0x100, 0 }, { 0x200, DSN }), 0x180, 8, 0x180);
SHAPE(goes_down, CAPS({ 0x100, DSN }, { 0x300, ATS }, { 0x200, DSN }), 0x280,
      0x20, 0x280);
SHAPE(vndr_abut, CAPS({ 0x100, VNDR, 0x10 }, { 0x110, VNDR, 0x10 }), 0xf00, 8,
      0xf00);
SHAPE(vndr_abut_middle, CAPS({ 0x100, VNDR, 0x10 }, { 0x110, VNDR, 0x10 },
			     { 0x200, DSN }), 0x120, 0x20, 0x120);
SHAPE(dvsec_abut, CAPS({ 0x100, DVSEC, 0x10 }, { 0x110, DVSEC, 0x10 }), 0xf00, 8,
      0xf00);
SHAPE(dvsec_abut_middle, CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0x10 },
			      { 0x210, DVSEC, 0x10 }, { 0x300, ATS }), 0x280,
      0x20, 0x280);
SHAPE(physical, CAPS({ 0x100, DSN }, { 0x200, PASID }, { 0x300, ATS }), 0, 0,
      0x200);
SHAPE(physical_head, CAPS({ 0x100, PASID }, { 0x200, ATS }, { 0x300, PRI }), 0,
      0, 0x100);
SHAPE(physical_alone, CAPS({ 0x100, PASID }), 0, 0, 0x100);
SHAPE(physical_without_ats, CAPS({ 0x100, DSN }, { 0x440, PASID }), 0, 0, 0x440);
SHAPE(physical_goes_down, CAPS({ 0x100, DSN }, { 0x400, ATS }, { 0x200, PASID },
			       { 0x300, DSN }), 0, 0, 0x200);
SHAPE(marker, CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0x41 }), 0, 0, 0x200);
SHAPE(marker_middle, CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0x41 },
			  { 0x300, ATS }), 0, 0, 0x200);
SHAPE(marker_head, CAPS({ 0x100, DVSEC, 0x41 }, { 0x200, DSN }), 0, 0, 0x100);
SHAPE(marker_alone, CAPS({ 0x100, DVSEC, 0x41 }), 0, 0, 0x100);
SHAPE(marker_short, CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0xd }), 0, 0, 0x200);
SHAPE(marker_abuts, CAPS({ 0x100, DSN }, { 0x200, DVSEC, 0x10 },
			 { 0x210, DVSEC, 0x21 }, { 0x230, DVSEC, 0x10 }), 0, 0,
      0x210);
SHAPE(marker_goes_down, CAPS({ 0x100, DSN }, { 0x300, ATS },
			     { 0x200, DVSEC, 0x41 }), 0, 0, 0x200);

/* An odd length stands for a marker: the last bit is no part of it */
static void give(struct fake *fake, const struct cap *caps)
{
	unsigned int i;
	u16 next;

	fake_init(fake);
	for (i = 0; i < MAX && caps[i].offset; i++) {
		next = i + 1 < MAX ? caps[i + 1].offset : 0;
		if (caps[i].id == DVSEC)
			fake_dvsec(fake, caps[i].offset, 0x1234,
				   caps[i].length & 1 ? 0xa51d : 7,
				   caps[i].length & ~1, next);
		else
			fake_cap(fake, caps[i].offset, caps[i].id, next);
		if (caps[i].id == VNDR)
			fake_put(fake, caps[i].offset + 4,
				 (u32)caps[i].length << 20);
	}
}

static void prepare(struct fake *fake, const struct vfio_pasid_range *range,
		    struct vfio_pasid_place *place)
{
	struct vfio_pasid_candidate c = {
		.range = *range,
		.source = VFIO_PASID_SOURCE_ADMIN,
	};
	struct vfio_pasid_request req = {
		.candidates = &c,
		.num_candidates = !!range->length,
		.pairs = &marker_pair,
		.num_pairs = 1,
		.sources = 0x7e,
	};

	fake->image.map = NULL;
	fake_locate(fake, &req, place);
	place->pair = marker_pair;
}

FIXTURE_SETUP(compose)
{
	give(&self->fake, variant->caps);
	prepare(&self->fake, &variant->range, &self->place);
	self->cap = (struct vfio_pasid_vcap){
		.offset = self->place.range.offset,
		.width = 20,
		.caps = 6,
		.shown = true,
		.marked = self->place.source != VFIO_PASID_SOURCE_PHYSICAL,
	};
}

FIXTURE_TEARDOWN(compose)
{
}

#define COMPOSE() vfio_pasid_compose(&self->view, &self->place, &self->cap)

#define CHECK() do {							\
	const char *why;						\
	oracle_look(&self->fake, &self->view, &self->after);		\
	why = oracle_compare(&self->place, &self->cap, &self->before,	\
			     &self->after);				\
	ASSERT_EQ(why, NULL) {						\
		TH_LOG("%s", why);					\
	}								\
	why = self->cap.marked ? oracle_markers(&self->place,		\
						&self->cap, &self->before,	\
						&self->after) : NULL;	\
	ASSERT_EQ(why, NULL) {						\
		TH_LOG("%s", why);					\
	}								\
} while (0)

TEST_F(compose, shown)
{
	ASSERT_EQ(self->place.range.offset, variant->offset);
	ASSERT_TRUE(fake_open(&self->fake, &self->view));
	oracle_look(&self->fake, &self->view, &self->before);
	ASSERT_EQ(COMPOSE(), 0);
	CHECK();
}

/* Every layout that SET can ask for, and back, leaves what was there before */
TEST_F(compose, every_layout_and_back)
{
	u16 end = self->place.range.offset + self->place.range.length;
	u8 map[VFIO_PASID_CFG_SIZE], vconfig[VFIO_PASID_CFG_SIZE];
	static struct fake composed;
	int shown;

	for (shown = 0; shown < 2; shown++) {
		ASSERT_TRUE(fake_open(&self->fake, &self->view));
		fake_clear_unfilled(&self->fake);
		oracle_look(&self->fake, &self->view, &self->before);
		memcpy(map, self->fake.map, sizeof(map));
		memcpy(vconfig, self->fake.vconfig, sizeof(vconfig));
		for (self->cap.offset = self->place.range.offset;
		     self->cap.offset + 8 <= end; self->cap.offset += 4) {
			self->cap.shown = shown;
			/* A marker at the head cannot give way to less than
			 * another marker: nothing to link from
			 */
			if (COMPOSE()) {
				ASSERT_LT(self->cap.offset, 0x10c);
				ASSERT_EQ(self->place.range.offset, 0x100);
			} else {
				CHECK();
			}
			composed = self->fake;
			vfio_pasid_decompose(&self->view, &self->place,
					     &self->cap);
			ASSERT_EQ(memcmp(map, self->fake.map, sizeof(map)), 0);
			ASSERT_EQ(memcmp(vconfig, self->fake.vconfig,
					 sizeof(vconfig)), 0);
			/* And forth again, without a look at the device */
			vfio_pasid_recompose(&self->view, &self->place,
					     &self->cap);
			ASSERT_EQ(memcmp(composed.map, self->fake.map,
					 sizeof(map)), 0);
			ASSERT_EQ(memcmp(composed.vconfig, self->fake.vconfig,
					 sizeof(vconfig)), 0);
			vfio_pasid_decompose(&self->view, &self->place,
					     &self->cap);
		}
	}
}

/*
 * Who has seen the map of one layout may read vconfig when it is of another: of
 * the memory that vfio left unfilled nothing must be there
 */
TEST_F(compose, no_old_memory_behind_our_bytes)
{
	const struct vfio_pasid_range *span;
	unsigned int pos;

	ASSERT_TRUE(fake_open(&self->fake, &self->view));
	oracle_look(&self->fake, &self->view, &self->before);
	ASSERT_EQ(COMPOSE(), 0);
	CHECK();
	vfio_pasid_decompose(&self->view, &self->place, &self->cap);
	for (span = self->cap.spans; span < self->cap.spans + self->cap.num_spans; span++)
		for (pos = span->offset; pos < span->offset + span->length; pos++)
			if (self->view.map[pos] == VFIO_PASID_MAP_RAW)
				ASSERT_EQ(self->view.vconfig[pos], 0);
}

/* Behind the highest one below, wherever that is in the list */
TEST(closest_predecessor)
{
	static const struct cap caps[MAX] = {
		{ 0x100, DSN }, { 0x200, ATS }, { 0x180, DSN }, { 0x300, ATS },
	};
	static const u16 expected[] = { 0x100, 0x200, 0x280, 0x180, 0x300 };
	struct vfio_pasid_range range = { 0x280, 8 };
	struct vfio_pasid_vcap cap = { .offset = 0x280, .shown = true };
	static struct shown shown;
	unsigned int i;
	struct vfio_pasid_place place;
	struct vfio_pasid_view view;
	struct fake fake;

	give(&fake, caps);
	prepare(&fake, &range, &place);
	ASSERT_TRUE(fake_open(&fake, &view));
	ASSERT_EQ(vfio_pasid_compose(&view, &place, &cap), 0);
	oracle_look(&fake, &view, &shown);
	ASSERT_EQ(shown.n, 5);
	for (i = 0; i < 5; i++)
		ASSERT_EQ(shown.list[i], expected[i]);
}

TEST(list_without_an_end)
{
	static const struct cap caps[MAX] = { { 0x100, DSN }, { 0x200, DSN } };
	struct vfio_pasid_range range = { 0xf00, 8 };
	u8 map[VFIO_PASID_CFG_SIZE], vconfig[VFIO_PASID_CFG_SIZE];
	struct vfio_pasid_vcap cap = { .offset = 0xf00, .shown = true };
	static const u16 bad[] = { 0x100, 0x200, 0x10, 0xffc };
	struct vfio_pasid_place place;
	struct vfio_pasid_view view;
	struct fake fake;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		give(&fake, caps);
		prepare(&fake, &range, &place);
		ASSERT_TRUE(fake_open(&fake, &view));
		vfio_pasid_put_le32(fake.vconfig + 0x200, (u32)bad[i] << 20);
		memcpy(map, fake.map, sizeof(map));
		memcpy(vconfig, fake.vconfig, sizeof(vconfig));
		ASSERT_EQ(vfio_pasid_compose(&view, &place, &cap),
			  VFIO_PASID_REASON_NO_LINK);
		ASSERT_EQ(memcmp(map, fake.map, sizeof(map)), 0);
		ASSERT_EQ(memcmp(vconfig, fake.vconfig, sizeof(vconfig)), 0);
		ASSERT_EQ(cap.num_spans, 0);
	}
}

/* A DVSEC of three bytes: half of its header is raw, and names another next */
TEST(list_that_leads_into_the_range)
{
	struct vfio_pasid_range range = { 0xf00, 0x40 };
	struct vfio_pasid_vcap cap = { .offset = 0xf00, .shown = true };
	struct vfio_pasid_place place;
	struct vfio_pasid_view view;
	struct fake fake;

	fake_init(&fake);
	fake_put(&fake, 0x100, 0x20810023);
	fake_put(&fake, 0x104, 0x00301234);
	fake_put(&fake, 0x208, 0x00010019);
	fake_put(&fake, 0x200, 0xf1010019);
	prepare(&fake, &range, &place);
	ASSERT_EQ(place.range.offset, 0xf00);
	ASSERT_TRUE(fake_open(&fake, &view));
	/* Unless the core hides it as a whole */
	ASSERT_EQ(vfio_pasid_compose(&view, &place, &cap), fake_shows_dvsec() ?
		  VFIO_PASID_REASON_NO_LINK : VFIO_PASID_REASON_NONE);
}

/* The examples of docs/dvsec-marker.md, as they stand there */
TEST(examples_of_the_specification)
{
	static const u8 consumed[] = {
		0x1b, 0, 1, 0x20, 6, 0x14, 0, 0, 0x23, 0, 1, 0, 0x34, 0x12, 0x80, 3,
		0x1d, 0xa5, 0, 0, 0, 0, 0, 0,
	};
	static const u8 pinned[] = {
		0x1b, 0, 1, 0x22, 6, 0x14, 0, 0, 0x23, 0, 1, 0, 0x34, 0x12, 0x80, 1,
		0x1d, 0xa5, 0, 0, 0, 0, 0, 0,
	};
	static const u8 before_it[] = {
		0x23, 0, 1, 0x22, 0x34, 0x12, 0, 2, 0x1d, 0xa5, 0, 0,
	};
	static const struct cap caps[MAX] = { { 0x100, DSN },
					      { 0x200, DVSEC, 0x41 } };
	struct vfio_pasid_range none = {};
	static struct shown shown;
	struct vfio_pasid_vcap cap = {
		.offset = 0x200, .width = 20, .caps = 6, .shown = true, .marked = true,
	};
	struct vfio_pasid_place place;
	struct vfio_pasid_view view;
	struct fake fake;

	give(&fake, caps);
	prepare(&fake, &none, &place);
	ASSERT_TRUE(fake_open(&fake, &view));
	ASSERT_EQ(vfio_pasid_compose(&view, &place, &cap), 0);
	/* The list ends behind the marker's successor: next of 0x200 is 0x208 */
	oracle_look(&fake, &view, &shown);
	ASSERT_EQ(vfio_pasid_get_le32(shown.bytes + 0x200), 0x2081001b);
	ASSERT_EQ(memcmp(shown.bytes + 0x204, consumed + 4, sizeof(consumed) - 4), 0);
	vfio_pasid_decompose(&view, &place, &cap);
	cap.offset = 0x220;
	cap.shown = true;
	ASSERT_EQ(vfio_pasid_compose(&view, &place, &cap), 0);
	oracle_look(&fake, &view, &shown);
	ASSERT_EQ(memcmp(shown.bytes + 0x200, before_it, sizeof(before_it)), 0);
	ASSERT_EQ(memcmp(shown.bytes + 0x224, pinned + 4, sizeof(pinned) - 4), 0);
}

TEST(filter)
{
	struct vfio_pasid_vcap cap = { .offset = 0xf00, .shown = true };
	unsigned int pos, val;
	u8 got;

	for (cap.caps = 0; cap.caps <= 6; cap.caps += 2)
		for (pos = 0xef0; pos < 0xf20; pos++)
			for (val = 0; val < 256; val++) {
				got = val;
				ASSERT_EQ(vfio_pasid_vcap_filter(&cap, pos, &got),
					  pos == 0xf06);
				if (pos == 0xf06)
					ASSERT_EQ(got, val & (1 | cap.caps));
			}
	cap.shown = false;
	ASSERT_FALSE(vfio_pasid_vcap_filter(&cap, 0xf06, &got));
}

TEST(runs_equal_the_bytes)
{
	struct vfio_pasid_vcap cap = {
		.spans = { { 0x100, 4 }, { 0x110, 8 }, { 0x118, 12 }, { 0xff8, 8 } },
		.num_spans = 4,
	};
	size_t count, run;
	unsigned int pos, i;
	bool ours;

	for (pos = 0xf0; pos < 0x130; pos++)
		for (count = 1; count < 0x40; count++) {
			run = count;
			ours = vfio_pasid_vcap_run(&cap, pos, &run);
			ASSERT_GE(run, 1);
			ASSERT_LE(run, count);
			for (i = pos; i < pos + run; i++)
				ASSERT_EQ(ours, (i >= 0x100 && i < 0x104) ||
					  (i >= 0x110 && i < 0x124)) {
					TH_LOG("%#x of %zu at %#x", i, count, pos);
				}
		}
	run = 0x1000;
	ASSERT_TRUE(vfio_pasid_vcap_run(&cap, 0xff8, &run));
	ASSERT_EQ(run, 8);
	run = 0x1000;
	ASSERT_FALSE(vfio_pasid_vcap_run(&cap, 0x124, &run));
	ASSERT_EQ(run, 0xff8 - 0x124);
}

TEST(shield)
{
	struct vfio_pasid_vcap cap = {
		.spans = { { 0x300, 8 } }, .num_spans = 1, .offset = 0x300,
		.shown = true,
	};
	size_t one = 1;
	u8 val = 0xff;

	vfio_pasid_vcap_shield(&cap, 0x200);
	ASSERT_EQ(cap.num_spans, 2);
	ASSERT_EQ(cap.spans[0].offset, 0x204);
	ASSERT_TRUE(vfio_pasid_vcap_run(&cap, 0x206, &one));
	ASSERT_FALSE(vfio_pasid_vcap_filter(&cap, 0x206, &val));
	vfio_pasid_vcap_shield(&cap, 0x300);
	ASSERT_EQ(cap.num_spans, 2);
}

TEST_HARNESS_MAIN
