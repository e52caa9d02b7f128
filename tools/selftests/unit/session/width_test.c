// SPDX-License-Identifier: GPL-2.0
/*
 * The capability register: width, and what the host has enabled
 */
#include "kselftest_harness.h"

#include "bench.h"

FIXTURE(width) {
	struct bench b;
};

/*
 * @function: Max PASID Width of the PF
 * @iommu: PASIDs that the IOMMU has; 0: its driver does not say
 * @width: What is offered
 */
FIXTURE_VARIANT(width) {
	u8 function;
	u32 iommu;
	u8 width;
};

#define WIDTH(name, function_, iommu_, width_)	\
FIXTURE_VARIANT_ADD(width, name) {		\
	.function = function_,			\
	.iommu = iommu_,			\
	.width = width_,			\
}

WIDTH(same, 20, 1 << 20, 20);
WIDTH(of_function, 16, 1 << 20, 16);
WIDTH(of_iommu, 20, 1 << 8, 8);
WIDTH(one, 1, 1 << 20, 1);
WIDTH(of_iommu_rounded_down, 20, 0xffff0, 19);
WIDTH(function_has_one_pasid, 0, 1 << 20, 0);
WIDTH(iommu_has_one_pasid, 20, 1, 0);
WIDTH(does_not_answer, 31, 1U << 31, 0);
WIDTH(more_than_specified, 21, 1 << 21, 0);

static void set_widths(struct bench *b, u8 function, u32 iommu)
{
	b->pf_image.bytes[0x200 + PCI_PASID_CAP + 1] = function;
	b->iommu_dev.max_pasids = iommu;
	/* Newer kernels have the smaller one, counted once */
	b->iommu.max_pasids = min(1U << function, iommu);
}

FIXTURE_SETUP(width)
{
	bench_ready(&self->b);
	set_widths(&self->b, variant->function, variant->iommu);
	ASSERT_EQ(0, bench_open(&self->b));
}

FIXTURE_TEARDOWN(width)
{
	bench_fini(&self->b);
}

TEST_F(width, offered)
{
	struct vfio_device_feature_pasid answer = bench_get(&self->b);

	EXPECT_EQ(variant->width, answer.width);
	EXPECT_EQ(variant->width ? 0 : VFIO_PASID_REASON_NO_WIDTH,
		  answer.hidden_reason);
	EXPECT_EQ(!!variant->width, answer.flags & VFIO_PASID_FLAG_VISIBLE ? 1 : 0);
	EXPECT_EQ(variant->width, atoi(bench_file(&self->b, "width")));
	EXPECT_EQ(variant->width ? variant->width << 8 | 6 : 0,
		  bench_read(&self->b, BENCH_RANGE + PCI_PASID_CAP, 4));
}

/* There is nothing to show, so that it is hidden already is no error */
TEST_F(width, set)
{
	int ret = variant->width ? 0 : -EOPNOTSUPP;

	EXPECT_EQ(ret, bench_set(&self->b, VFIO_PASID_FLAG_VISIBLE, 0));
	EXPECT_EQ(0, bench_set(&self->b, 0, 0));
	EXPECT_EQ(ret, bench_set(&self->b, VFIO_PASID_FLAG_VISIBLE, BENCH_RANGE + 8));
}

FIXTURE(host) {
	struct bench b;
};

/* @features: What the host has enabled besides; -1: PASID itself is off */
FIXTURE_VARIANT(host) {
	int features;
};

FIXTURE_VARIANT_ADD(host, off) { .features = -1 };
FIXTURE_VARIANT_ADD(host, on) { .features = 0 };
FIXTURE_VARIANT_ADD(host, exec) { .features = PCI_PASID_CAP_EXEC };
FIXTURE_VARIANT_ADD(host, priv) { .features = PCI_PASID_CAP_PRIV };
FIXTURE_VARIANT_ADD(host, both) {
	.features = PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV,
};

static void set_host(struct bench *b, int features)
{
	b->pf.pasid_enabled = features >= 0;
	/* The last ones stay where it is off again; one bit is none of these */
	b->pf.pasid_features = features >= 0 ? features | 1 << 3 : 6;
}

FIXTURE_SETUP(host)
{
	bench_ready(&self->b);
	set_host(&self->b, variant->features);
	ASSERT_EQ(0, bench_open(&self->b));
}

FIXTURE_TEARDOWN(host)
{
	bench_fini(&self->b);
}

TEST_F(host, offered)
{
	struct vfio_device_feature_pasid answer = bench_get(&self->b);
	u32 features = max(variant->features, 0);

	EXPECT_EQ(features, answer.capabilities);
	EXPECT_EQ(variant->features < 0 ? 0 : 1 | features,
		  answer.host_capabilities);
	EXPECT_EQ(20, answer.width);
	EXPECT_EQ(20 << 8 | features,
		  bench_read(&self->b, BENCH_RANGE + PCI_PASID_CAP, 4));
}

/* What is offered stays as it was at open */
TEST_F(host, changes)
{
	struct vfio_device_feature_pasid answer;

	set_host(&self->b, PCI_PASID_CAP_EXEC);
	answer = bench_get(&self->b);
	EXPECT_EQ(max(variant->features, 0), answer.capabilities);
	EXPECT_EQ(1 | PCI_PASID_CAP_EXEC, answer.host_capabilities);
	self->b.pdev.dev.iommu = NULL;
	EXPECT_STREQ("20", bench_file(&self->b, "width"));
}

/* Enable, and what is offered besides, can be written, and nothing else */
TEST_F(host, control)
{
	u32 features = max(variant->features, 0);

	EXPECT_EQ(2, bench_write(&self->b, BENCH_RANGE + PCI_PASID_CTRL, 2, 0xffff));
	EXPECT_EQ(1 | features,
		  bench_read(&self->b, BENCH_RANGE + PCI_PASID_CTRL, 2));
}

/* An IOMMU driver that does not say its number: PASID has to be enabled */
TEST(unknown)
{
	struct bench b;
	u32 old = bench_attaches() ? 0 : 20;

	bench_ready(&b);
	set_widths(&b, 20, 0);
	EXPECT_EQ(old, atoi(bench_file(&b, "width")));
	set_host(&b, -1);
	EXPECT_EQ(0, atoi(bench_file(&b, "width")));
	b.pdev.dev.iommu = NULL;
	set_host(&b, 0);
	EXPECT_EQ(0, atoi(bench_file(&b, "width")));
	bench_fini(&b);
}

TEST_HARNESS_MAIN
