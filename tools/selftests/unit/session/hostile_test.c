// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile config spaces by the thousand, through the core's own code
 *
 * Whatever a device says: no access outside of memory, no endless walk, and an
 * answer that makes sense.
 *
 * SEED=n in the environment makes other ones, SOAK=n n times as many.
 */
#include <stdlib.h>

#include "kselftest_harness.h"

#include "bench.h"
#include "guard_oracle.h"

#define IMAGES		1500
#define MAX_LIST	1024
#define MARKER		0xa51d

/*
 * Two walks, registers that lengths depend on, each marker's and each range's
 * bytes, the guesses: 960 dwords each
 */
#define MAX_PROBE_READS	(9 * 960)
/* Of a refused open: at most four dwords for each header */
#define MAX_GUARD_READS	(4 * (960 + 48))

FIXTURE(hostile) {
	struct bench b;
	u64 seed;
	unsigned int shown;
	unsigned int no_place;
	unsigned int refused;
};

FIXTURE_SETUP(hostile)
{
	const char *seed = getenv("SEED");

	bench_ready(&self->b);
	ASSERT_EQ(0, param_set("guess", "1"));
	kernel_state.silent = true;
	self->seed = seed ? strtoul(seed, NULL, 0) << 32 : 0;
}

FIXTURE_TEARDOWN(hostile)
{
	kernel_state.silent = false;
	bench_fini(&self->b);
	param_set("guess", "0");
}

/* Random lists from the guard's tests, in which some DVSECs are markers */
static void build(struct bench *b, u64 seed)
{
	unsigned int pos;

	make_random(&b->image, seed);
	b->pdev.pcie_flags_reg = b->image.exp_flags;
	for (pos = PCI_CFG_SPACE_SIZE; pos < b->image.size - 8; pos += 4) {
		if (seed % 2 || (u16)bench_get32(b, pos) != PCI_EXT_CAP_ID_DVSEC)
			continue;
		bench_put32(b, pos + PCI_DVSEC_HEADER1,
			    (bench_get32(b, pos + PCI_DVSEC_HEADER1) & 0xfff00000) | 0x1234);
		bench_put32(b, pos + PCI_DVSEC_HEADER2, MARKER);
	}
}

/* What it may take for one that is gone */
static bool fails(struct bench *b)
{
	unsigned int pos;

	if (b->image.fails_at != CORE_NO_FAILURE)
		return true;
	for (pos = PCI_CFG_SPACE_SIZE; pos < b->image.size; pos += 4)
		if (bench_get32(b, pos) == ~0U)
			return true;
	return false;
}

static void check_place(struct __test_metadata *_metadata, struct bench *b,
			const struct vfio_device_feature_pasid *f)
{
	unsigned int pos = f->range_offset, end = pos + f->range_length;

	ASSERT_GE(pos, PCI_CFG_SPACE_SIZE);
	ASSERT_LE(end, b->image.size);
	ASSERT_EQ(0, (f->offset | f->range_offset | f->range_length) % 4);
	ASSERT_GE(f->offset, pos);
	ASSERT_LE(f->offset + 8, end);
	if (f->source == VFIO_PASID_SOURCE_PHYSICAL)
		return;
	for (pos += f->source == VFIO_PASID_SOURCE_MARKER ? 12 : 0; pos < end; pos++)
		ASSERT_EQ(0, b->image.bytes[pos]);
}

/*
 * Shown once in a list that ends. A device may have a second PASID capability, which
 * the core does not hide behind a header that it does not serve.
 */
static void check_shown(struct __test_metadata *_metadata, struct bench *b, u16 offset)
{
	unsigned int writes = b->image.writes, found = 0, n = 0;
	u16 pos = PCI_CFG_SPACE_SIZE;

	for (; pos && n < MAX_LIST; pos = bench_next(b, pos), n++) {
		if (bench_read(b, pos, 2) != PCI_EXT_CAP_ID_PASID)
			continue;
		found += pos == offset;
		ASSERT_TRUE(pos == offset ||
			    b->image.bytes[pos] == PCI_EXT_CAP_ID_PASID);
	}
	ASSERT_LT(n, MAX_LIST);
	ASSERT_EQ(1, found);
	ASSERT_EQ(4, bench_write(b, offset, 4, ~0U));
	ASSERT_EQ(4, bench_write(b, offset + 4, 4, ~0U));
	ASSERT_EQ(writes, b->image.writes);
}

/* Everything is read, and the standard capabilities are written */
static void use(struct bench *b)
{
	u8 all[0x1000], *from = all + PCI_STD_HEADER_SIZEOF;

	bench_access(b, 0, all, b->image.size, false);
	b->image.writable = false;
	bench_access(b, PCI_STD_HEADER_SIZEOF, from,
		     PCI_CFG_SPACE_SIZE - PCI_STD_HEADER_SIZEOF, true);
	b->image.writable = true;
}

static void check_one(struct __test_metadata *_metadata,
		      struct _test_data_hostile *self)
{
	struct bench *b = &self->b;
	unsigned int reads = b->image.reads;
	struct vfio_device_feature_pasid f;
	int ret = bench_store(b, "verify", "1");

	ASSERT_TRUE(!ret || (ret == -EIO && fails(b)));
	ASSERT_LE(b->image.reads - reads, MAX_PROBE_READS);

	reads = b->image.reads;
	ret = bench_open(b);
	if (ret == -EINVAL) {
		self->refused++;
		ASSERT_LE(b->image.reads - reads, MAX_GUARD_READS);
	}
	/* The core gives up by itself: a register at an odd offset, or a failure */
	ASSERT_TRUE(!ret || ret == -EINVAL || ret == -EFAULT || fails(b));
	if (ret)
		return;
	f = bench_get(b);
	if (!(f.flags & VFIO_PASID_FLAG_PLACE)) {
		self->no_place++;
		ASSERT_NE(VFIO_PASID_REASON_NONE, f.place_reason);
	} else {
		check_place(_metadata, b, &f);
	}
	if (f.flags & VFIO_PASID_FLAG_VISIBLE) {
		self->shown++;
		check_shown(_metadata, b, f.offset);
	}
	use(b);
	bench_close(b);
}

TEST_F(hostile, whatever_it_says)
{
	unsigned int i, soak = getenv("SOAK") ? atoi(getenv("SOAK")) : 1;

	for (i = 0; i < IMAGES * soak; i++) {
		build(&self->b, self->seed + i);
		/* The kernel looks for the size once */
		if (self->b.image.size == self->b.pdev.cfg_size)
			check_one(_metadata, self);
	}
	TH_LOG("%u shown, %u without a place, %u refused", self->shown,
	       self->no_place, self->refused);
	ASSERT_GT(self->shown, 0);
	ASSERT_GT(self->no_place, 0);
	ASSERT_GT(self->refused, 0);
}

TEST_HARNESS_MAIN
