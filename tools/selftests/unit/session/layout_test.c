// SPDX-License-Identifier: GPL-2.0
/*
 * SET: where a VMM wants the capability, and what is free besides
 */
#include "kselftest_harness.h"

#include "bench.h"

#define SHOW	VFIO_PASID_FLAG_VISIBLE
#define CONTROL	(BENCH_RANGE + PCI_PASID_CTRL)

FIXTURE(layout) {
	struct bench b;
};

FIXTURE_SETUP(layout)
{
	bench_ready(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
}

FIXTURE_TEARDOWN(layout)
{
	bench_fini(&self->b);
}

static u32 header(struct bench *b, u16 pos)
{
	return bench_read(b, pos, 4) & 0xffff;
}

TEST_F(layout, moved)
{
	struct vfio_device_feature_pasid answer;

	EXPECT_EQ(0, bench_set(&self->b, SHOW, BENCH_RANGE + 0x10));
	answer = bench_get(&self->b);
	EXPECT_EQ(BENCH_RANGE + 0x10, answer.offset);
	EXPECT_EQ(BENCH_RANGE, answer.range_offset);
	EXPECT_EQ(0x40, answer.range_length);
	EXPECT_EQ(VFIO_PASID_SOURCE_ADMIN, answer.source);
	/* What is left is marked, in front and behind */
	EXPECT_EQ(PCI_EXT_CAP_ID_DVSEC, header(&self->b, BENCH_RANGE));
	EXPECT_EQ(PCI_EXT_CAP_ID_PASID, header(&self->b, BENCH_RANGE + 0x10));
	EXPECT_EQ(PCI_EXT_CAP_ID_DVSEC, header(&self->b, BENCH_RANGE + 0x18));
	EXPECT_EQ(BENCH_RANGE, bench_next(&self->b, BENCH_ATS));
	EXPECT_EQ(BENCH_RANGE + 0x10, bench_next(&self->b, BENCH_RANGE));
	EXPECT_EQ(BENCH_RANGE + 0x18, bench_next(&self->b, BENCH_RANGE + 0x10));
	EXPECT_EQ(0, bench_next(&self->b, BENCH_RANGE + 0x18));
	EXPECT_EQ(0, bench_set(&self->b, SHOW, 0));
	EXPECT_EQ(BENCH_RANGE + 0x10, bench_get(&self->b).offset);
	/* It is where the range begins again when it is closed */
	bench_close(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(BENCH_RANGE, bench_get(&self->b).offset);
}

TEST_F(layout, hidden)
{
	struct vfio_device_feature_pasid answer;

	EXPECT_EQ(0, bench_set(&self->b, 0, 0));
	answer = bench_get(&self->b);
	EXPECT_EQ(VFIO_PASID_FLAG_PLACE, answer.flags);
	EXPECT_EQ(VFIO_PASID_REASON_SET, answer.hidden_reason);
	EXPECT_EQ(PCI_EXT_CAP_ID_DVSEC, header(&self->b, BENCH_RANGE));
	EXPECT_EQ(0, bench_write(&self->b, CONTROL, 2, 0xffff) < 0);
	EXPECT_EQ(0, bench_set(&self->b, SHOW, 0));
	EXPECT_EQ(0, bench_read(&self->b, CONTROL, 2));
	EXPECT_EQ(0, bench_get(&self->b).hidden_reason);
}

TEST_F(layout, refused)
{
	struct vfio_device_feature_pasid wish = {}, was = bench_get(&self->b);
	u32 i, set = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PASID;

	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, BENCH_RANGE + 2));
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, BENCH_RANGE - 4));
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, BENCH_RANGE + 0x3c));
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, BENCH_RANGE | 0x10000));
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW | VFIO_PASID_FLAG_PLACE, 0));
	for (i = 0; i < sizeof(wish) / 4; i++) {
		wish = (struct vfio_device_feature_pasid){ .flags = SHOW };
		if (i >= 2)
			((u32 *)&wish)[i] = 1;
		EXPECT_EQ(i >= 2 ? -EINVAL : 0,
			  bench_feature(&self->b, set, &wish, sizeof(wish)));
	}
	kernel_state.absent = (char *)&wish + sizeof(wish) - 1;
	EXPECT_EQ(-EFAULT, bench_feature(&self->b, set, &wish, sizeof(wish)));
	kernel_state.absent = NULL;
	wish = bench_get(&self->b);
	EXPECT_EQ(0, memcmp(&was, &wish, sizeof(was)));
	EXPECT_EQ(0, bench_set(&self->b, SHOW, BENCH_RANGE + 0x38));
}

/* The guest uses it: neither moved nor hidden, until it is off again */
TEST_F(layout, enabled)
{
	bench_write(&self->b, CONTROL, 2, PCI_PASID_CTRL_ENABLE);
	EXPECT_EQ(-EBUSY, bench_set(&self->b, 0, 0));
	EXPECT_EQ(-EBUSY, bench_set(&self->b, SHOW, BENCH_RANGE + 8));
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, BENCH_RANGE + 1));
	EXPECT_EQ(1, bench_read(&self->b, CONTROL, 2));
	bench_write(&self->b, CONTROL, 2, 0);
	EXPECT_EQ(0, bench_set(&self->b, SHOW, BENCH_RANGE + 8));
}

/* Hidden, the byte where Enable was is the device's */
TEST_F(layout, hidden_is_not_enabled)
{
	EXPECT_EQ(0, bench_set(&self->b, 0, 0));
	self->b.core.vconfig[CONTROL] = 1;
	EXPECT_EQ(0, bench_set(&self->b, SHOW, 0));
}

/* The device has changed: it cannot be linked any more, and stays where it was */
TEST_F(layout, failed)
{
	u8 was[0x1000], is[0x1000];
	struct bench *b = &self->b;

	bench_close(b);
	/* Two that abut: the core reads the header of the second from the device */
	bench_cap(b, BENCH_ATS, PCI_EXT_CAP_ID_ATS, 0x200);
	bench_cap(b, 0x200, PCI_EXT_CAP_ID_VNDR, 0x210);
	bench_put32(b, 0x204, 0x10 << 20);
	bench_cap(b, 0x210, PCI_EXT_CAP_ID_VNDR, 0);
	bench_put32(b, 0x214, 0x10 << 20);
	ASSERT_EQ(0, bench_open(b));
	bench_write(b, CONTROL, 1, PCI_PASID_CTRL_EXEC);
	bench_access(b, 0, was, sizeof(was), false);
	bench_cap(b, 0x210, PCI_EXT_CAP_ID_VNDR, 0x200);
	EXPECT_EQ(-EINVAL, bench_set(b, SHOW, BENCH_RANGE + 0x20));
	bench_access(b, 0, is, sizeof(is), false);
	EXPECT_EQ(0, memcmp(was, is, sizeof(is)));
	EXPECT_EQ(BENCH_RANGE, bench_get(b).offset);
	EXPECT_EQ(0, bench_get(b).hidden_reason);
	b->image.writes = 0;
	EXPECT_EQ(2, bench_write(b, CONTROL, 2, PCI_PASID_CTRL_PRIV));
	EXPECT_EQ(PCI_PASID_CTRL_PRIV, bench_read(b, CONTROL, 2));
	EXPECT_EQ(0, b->image.writes);
}

static void expect_ranges(struct __test_metadata *_metadata, struct bench *b,
			  const struct vfio_pasid_free_range *expected,
			  unsigned int n)
{
	struct vfio_device_feature_pasid_ranges got = bench_ranges(b);
	unsigned int i;

	EXPECT_EQ(n, got.num_ranges);
	EXPECT_EQ(0, got.__reserved);
	for (i = 0; i < VFIO_PASID_MAX_RANGES; i++) {
		EXPECT_EQ(i < n ? expected[i].offset : 0, got.ranges[i].offset);
		EXPECT_EQ(i < n ? expected[i].length : 0, got.ranges[i].length);
	}
}

#define EXPECT_RANGES(b, ...) do {					\
	static const struct vfio_pasid_free_range r_[] = { __VA_ARGS__ };	\
									\
	expect_ranges(_metadata, b, r_, ARRAY_SIZE(r_));		\
} while (0)

TEST_F(layout, free)
{
	EXPECT_RANGES(&self->b, { 0xf08, 0x38 });
	EXPECT_EQ(0, bench_set(&self->b, SHOW, 0xf10));
	EXPECT_RANGES(&self->b, { 0xf00, 0x10 }, { 0xf18, 0x28 });
	EXPECT_EQ(0, bench_set(&self->b, SHOW, 0xf38));
	EXPECT_RANGES(&self->b, { 0xf00, 0x38 });
	EXPECT_EQ(0, bench_set(&self->b, 0, 0));
	EXPECT_RANGES(&self->b, { 0xf00, 0x40 });
}

TEST_F(layout, free_further)
{
	EXPECT_EQ(0, param_set("ranges", BENCH_RULE "," BENCH_ID "@0xe00+0x10"));
	bench_close(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_RANGES(&self->b, { 0xf08, 0x38 }, { 0xe00, 0x10 });
}

/* A reader that has seen the other layout's map sees no old memory of the host */
TEST_F(layout, old_memory)
{
	unsigned int pos;

	EXPECT_EQ(0, bench_set(&self->b, SHOW, BENCH_RANGE + 0x20));
	EXPECT_EQ(0, bench_set(&self->b, SHOW, BENCH_RANGE));
	for (pos = BENCH_RANGE + 0x20; pos < BENCH_RANGE + 0x34; pos++)
		EXPECT_EQ(0, self->b.core.vconfig[pos]);
}

/* Hidden at open, so SET is the first to look for what it is linked from */
TEST_F(layout, shown_later_in_an_empty_list)
{
	bench_close(&self->b);
	bench_put32(&self->b, BENCH_DSN, 0);
	EXPECT_EQ(0, param_set("visible", "off"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0, bench_set(&self->b, SHOW, 0));
	EXPECT_EQ(BENCH_RANGE, bench_next(&self->b, BENCH_DSN));
}

/*
 * The device's list was read when it was opened. One that has the capability linked
 * from elsewhere now is another: a write there may be under way, without the lock.
 */
TEST_F(layout, another_list)
{
	bench_cap(&self->b, 0x200, PCI_EXT_CAP_ID_DSN, 0);
	memcpy(self->b.core.vconfig + BENCH_DSN + 2, "\x01\x20", 2);
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, BENCH_RANGE + 0x10));
	EXPECT_EQ(BENCH_RANGE, bench_get(&self->b).offset);
	EXPECT_EQ(PCI_EXT_CAP_ID_PASID, header(&self->b, BENCH_RANGE));
	EXPECT_EQ(0xff, self->b.core.pci_config_map[0x200]);
}

/* Nothing is named: nothing can be shown */
TEST_F(layout, no_place)
{
	struct vfio_device_feature_pasid answer;

	bench_close(&self->b);
	EXPECT_EQ(0, param_set("ranges", ""));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(self->b.ops.write, self->b.core.vdev.ops->write);
	answer = bench_get(&self->b);
	EXPECT_EQ(0, answer.flags);
	EXPECT_EQ(0, answer.offset);
	EXPECT_EQ(VFIO_PASID_REASON_NO_SOURCE, answer.place_reason);
	EXPECT_EQ(VFIO_PASID_REASON_NO_SOURCE, answer.hidden_reason);
	EXPECT_EQ(-ENOENT, bench_set(&self->b, SHOW, 0));
	EXPECT_EQ(-ENOENT, bench_set(&self->b, 0, 0));
	EXPECT_STREQ("none", bench_file(&self->b, "offset"));
	EXPECT_STREQ("none", bench_file(&self->b, "range"));
	EXPECT_STREQ("none", bench_file(&self->b, "ranges"));
	EXPECT_RANGES(&self->b);
}

/*
 * A driver that keeps config space to itself: there is no list to link it to,
 * and nothing to read or write.
 */
FIXTURE(bare) {
	struct bench b;
};

FIXTURE_VARIANT(bare) {
	bool vconfig;
	bool map;
};

FIXTURE_VARIANT_ADD(bare, neither) {};
FIXTURE_VARIANT_ADD(bare, vconfig) { .vconfig = true };
FIXTURE_VARIANT_ADD(bare, map) { .map = true };

static bool keep_vconfig, keep_map;
static int (*core_open)(struct vfio_device *vdev);

static int bare_open(struct vfio_device *vdev)
{
	struct vfio_pci_core_device *core =
		container_of(vdev, struct vfio_pci_core_device, vdev);
	int ret = core_open(vdev);

	if (!keep_vconfig) {
		kfree(core->vconfig);
		core->vconfig = NULL;
	}
	if (!keep_map) {
		kfree(core->pci_config_map);
		core->pci_config_map = NULL;
	}
	return ret;
}

FIXTURE_SETUP(bare)
{
	struct bench *b = &self->b;

	bench_ready(b);
	bench_unbind(b);
	keep_vconfig = variant->vconfig;
	keep_map = variant->map;
	core_open = b->ops.open_device;
	b->ops.open_device = bare_open;
	bench_bind(b);
	ASSERT_EQ(0, bench_open(b));
}

FIXTURE_TEARDOWN(bare)
{
	bench_fini(&self->b);
}

TEST_F(bare, hidden)
{
	EXPECT_EQ(VFIO_PASID_REASON_NO_LINK, bench_get(&self->b).hidden_reason);
	EXPECT_EQ(-EINVAL, bench_set(&self->b, SHOW, 0));
	EXPECT_EQ(-EINVAL, bench_set(&self->b, 0, 0));
	EXPECT_EQ(VFIO_PASID_REASON_NO_LINK, bench_get(&self->b).hidden_reason);
	EXPECT_EQ(0, bench_ioctl(&self->b, VFIO_DEVICE_RESET));
}

/* The function's own eight bytes are free for nothing else, hidden or not */
TEST(free_physical)
{
	struct bench b;

	bench_ready(&b);
	bench_physical(&b, 0x200, 20 << 8 | 6);
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_EQ(VFIO_PASID_SOURCE_PHYSICAL, bench_get(&b).source);
	EXPECT_RANGES(&b, { 0xf00, 0x40 });
	EXPECT_EQ(0, bench_set(&b, 0, 0));
	EXPECT_EQ(0, bench_next(&b, BENCH_ATS));
	EXPECT_RANGES(&b, { 0xf00, 0x40 });
	bench_fini(&b);
}

static struct bench *writer;
static int set_while_writing;

static ssize_t slow_write(struct vfio_device *vdev, const char *buf,
			  size_t count, loff_t *ppos)
{
	set_while_writing = bench_set(writer, 0, 0);
	*ppos += count;
	return count;
}

/* SET does not wait for ever, and changes nothing below a write */
TEST(busy)
{
	struct bench b;

	writer = &b;
	bench_ready(&b);
	bench_unbind(&b);
	b.ops.write = slow_write;
	bench_bind(&b);
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_EQ(4, bench_write(&b, BENCH_RANGE + 0x20, 4, 0));
	EXPECT_EQ(-EBUSY, set_while_writing);
	EXPECT_EQ(0, bench_get(&b).hidden_reason);
	/* Where nothing of ours can be, a write is in nobody's way */
	EXPECT_EQ(4, bench_write(&b, BENCH_RANGE - 4, 4, 0));
	EXPECT_EQ(0, set_while_writing);
	bench_fini(&b);
}

TEST_HARNESS_MAIN
