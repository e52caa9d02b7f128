// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl's conventions, and files that cannot answer
 */
#include "kselftest_harness.h"

#include "bench.h"

#define GET	VFIO_DEVICE_FEATURE_GET
#define SET	VFIO_DEVICE_FEATURE_SET
#define PROBE	VFIO_DEVICE_FEATURE_PROBE

FIXTURE(answers) {
	struct bench b;
};

/* @can: Operations of the feature */
FIXTURE_VARIANT(answers) {
	u32 index;
	u32 can;
	size_t size;
};

FIXTURE_VARIANT_ADD(answers, pasid) {
	.index = VFIO_DEVICE_FEATURE_PASID,
	.can = GET | SET,
	.size = sizeof(struct vfio_device_feature_pasid),
};

FIXTURE_VARIANT_ADD(answers, ranges) {
	.index = VFIO_DEVICE_FEATURE_PASID_RANGES,
	.can = GET,
	.size = sizeof(struct vfio_device_feature_pasid_ranges),
};

FIXTURE_SETUP(answers)
{
	bench_ready(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
}

FIXTURE_TEARDOWN(answers)
{
	bench_fini(&self->b);
}

TEST_F(answers, operations)
{
	u8 data[256] = {};
	u32 ops, got;

	for (ops = 0; ops < 8; ops++) {
		u32 wanted = (ops & 1 ? GET : 0) | (ops & 2 ? SET : 0);
		bool probe = ops & 4, ok = !(wanted & ~variant->can);

		memset(data, 0, sizeof(data));
		got = bench_feature(&self->b, wanted | (probe ? PROBE : 0) |
				    variant->index, data, variant->size);
		EXPECT_EQ(ok && (probe || wanted) ? 0 : -EINVAL, got);
	}
}

/* It fills its struct, and nothing behind it */
TEST_F(answers, sizes)
{
	u8 data[256];
	size_t size;

	for (size = 0; size < sizeof(data); size++) {
		memset(data, 0xa5, sizeof(data));
		EXPECT_EQ(size < variant->size ? -EINVAL : 0,
			  bench_feature(&self->b, GET | variant->index, data, size));
		EXPECT_EQ(0xa5, data[variant->size]);
		EXPECT_EQ(size < variant->size, data[variant->size - 1] == 0xa5);
	}
}

TEST_F(answers, absent)
{
	u8 data[256];

	kernel_state.absent = (char *)data + variant->size;
	EXPECT_EQ(0, bench_feature(&self->b, GET | variant->index, data, sizeof(data)));
	kernel_state.absent--;
	EXPECT_EQ(-EFAULT, bench_feature(&self->b, GET | variant->index, data,
					 sizeof(data)));
}

/* All of it */
TEST_F(answers, content)
{
	struct vfio_device_feature_pasid got = bench_get(&self->b), want = {
		.flags = VFIO_PASID_FLAG_PLACE | VFIO_PASID_FLAG_VISIBLE,
		.offset = BENCH_RANGE,
		.range_offset = BENCH_RANGE,
		.range_length = 0x40,
		.source = VFIO_PASID_SOURCE_ADMIN,
		.width = 20,
		.capabilities = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
		.host_capabilities = PCI_PASID_CTRL_ENABLE | PCI_PASID_CAP_EXEC |
				     PCI_PASID_CAP_PRIV,
		.obstacle = bench_attaches() ? 0 : VFIO_PASID_REASON_NO_ATTACH,
	};

	EXPECT_EQ(0, memcmp(&want, &got, sizeof(want)));
}

/* Others are the driver's business */
TEST_F(answers, others)
{
	EXPECT_EQ(0, bench_feature(&self->b, GET | 1, NULL, 0));
	EXPECT_EQ(-ENOTTY, bench_feature(&self->b, GET | 2, NULL, 0));
	EXPECT_EQ(-ENOTTY, bench_feature(&self->b, GET | (variant->index + 0x100), NULL, 0));
}

/* A VMM keeps vfio waiting with this lock, and a reader does not wait for it */
TEST_F(answers, busy)
{
	struct vfio_device_set *set = self->b.core.vdev.dev_set;
	unsigned long start = jiffies;

	mutex_lock(&set->lock);
	EXPECT_STREQ("-16", bench_file(&self->b, "offset"));
	EXPECT_GE(jiffies - start, 300);
	EXPECT_LE(jiffies - start, 1000);
	EXPECT_EQ(-EBUSY, bench_store(&self->b, "verify", "1"));
	mutex_unlock(&set->lock);
	EXPECT_STREQ("0xf00", bench_file(&self->b, "offset"));
}

/* An open that met exit has put the driver's ops back; the files go later */
TEST_F(answers, going)
{
	bench_close(&self->b);
	kernel_this_module.going = true;
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_STREQ("-19", bench_file(&self->b, "offset"));
	EXPECT_EQ(-ENODEV, bench_store(&self->b, "verify", "1"));
}

TEST_HARNESS_MAIN
