// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter visible=, and what a guest could not use
 */
#include "kselftest_harness.h"

#include "bench.h"

FIXTURE(policy) {
	struct bench b;
};

/* @reason: Why it is hidden */
FIXTURE_VARIANT(policy) {
	const char *visible;
	bool container;
	bool no_width;
	bool no_attach;
	enum vfio_pasid_reason reason;
};

#define POLICY(name, visible_, reason_, ...)	\
FIXTURE_VARIANT_ADD(policy, name) {		\
	.visible = visible_,			\
	.reason = VFIO_PASID_REASON_ ## reason_, \
	__VA_ARGS__				\
}

POLICY(automatic, "auto", NONE);
POLICY(container, "auto", NO_IOMMUFD, .container = true);
POLICY(cannot_attach, "auto", NO_ATTACH, .no_attach = true);
POLICY(no_width, "auto", NO_WIDTH, .no_width = true);
POLICY(on, "on", NONE);
POLICY(on_in_container, "on", NONE, .container = true);
POLICY(on_cannot_attach, "on", NONE, .no_attach = true);
POLICY(on_without_width, "on", NO_WIDTH, .no_width = true);
POLICY(off, "off", VISIBLE_OFF);
POLICY(off_without_width, "off", VISIBLE_OFF, .no_width = true);

FIXTURE_SETUP(policy)
{
	struct bench *b = &self->b;

	bench_ready(b);
	ASSERT_EQ(0, param_set("visible", variant->visible));
	b->iommufd = !variant->container;
	if (variant->no_width)
		b->pdev.dev.iommu = NULL;
	if (variant->no_attach) {
		b->ops.bind_iommufd = NULL;
		b->ops.pasid_attach_ioas = NULL;
	}
	bench_unbind(b);
	bench_bind(b);
	ASSERT_EQ(0, bench_open(b));
}

FIXTURE_TEARDOWN(policy)
{
	bench_fini(&self->b);
}

/* An old kernel can attach for nobody */
static enum vfio_pasid_reason expected(enum vfio_pasid_reason reason,
				       const char *visible)
{
	if (!bench_attaches() && !strcmp(visible, "auto") &&
	    reason != VFIO_PASID_REASON_NO_WIDTH)
		return VFIO_PASID_REASON_NO_ATTACH;
	return reason;
}

TEST_F(policy, at_open)
{
	enum vfio_pasid_reason reason = expected(variant->reason, variant->visible);
	struct vfio_device_feature_pasid answer = bench_get(&self->b);

	EXPECT_EQ(reason, answer.hidden_reason);
	EXPECT_EQ(VFIO_PASID_FLAG_PLACE | VFIO_PASID_FLAG_VERIFIED |
		  (reason ? 0 : VFIO_PASID_FLAG_VISIBLE), answer.flags);
	EXPECT_EQ(BENCH_RANGE, answer.offset);
	EXPECT_EQ(reason ? 0 : BENCH_RANGE, bench_next(&self->b, BENCH_ATS));
	EXPECT_STREQ(reason ? "0" : "1", bench_file(&self->b, "visible"));
	EXPECT_STREQ(vfio_pasid_reason_text(reason),
		     bench_file(&self->b, "reason"));
}

/* A VMM can show it where only the policy speaks against that */
TEST_F(policy, set)
{
	struct vfio_device_feature_pasid answer;
	bool no_width = variant->no_width;

	EXPECT_EQ(no_width ? -EOPNOTSUPP : 0,
		  bench_set(&self->b, VFIO_PASID_FLAG_VISIBLE, 0));
	answer = bench_get(&self->b);
	if (!no_width)
		EXPECT_EQ(0, answer.hidden_reason);
	EXPECT_EQ(no_width ? 0 : BENCH_RANGE, bench_next(&self->b, BENCH_ATS));
}

TEST(next_open)
{
	struct bench b;

	bench_ready(&b);
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_EQ(0, param_set("visible", "off"));
	EXPECT_EQ(0, bench_get(&b).hidden_reason);
	/* A second file belongs to the session of the first */
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_EQ(0, bench_get(&b).hidden_reason);
	bench_close(&b);
	EXPECT_EQ(BENCH_RANGE, bench_next(&b, BENCH_ATS));
	bench_close(&b);
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_EQ(VFIO_PASID_REASON_VISIBLE_OFF, bench_get(&b).hidden_reason);
	bench_fini(&b);
}

TEST(parameter)
{
	EXPECT_STREQ("auto\n", param_get("visible"));
	EXPECT_EQ(0, param_set("visible", "off\n"));
	EXPECT_EQ(-EINVAL, param_set("visible", "maybe"));
	EXPECT_NE(NULL, strstr(kernel_state.log, "auto, on or off"));
	EXPECT_STREQ("off\n", param_get("visible"));
	EXPECT_EQ(0, param_set("visible", "on"));
	EXPECT_STREQ("on\n", param_get("visible"));
}

/*
 * A guest's kernel enables PASID only where the function has End-End TLP Prefix,
 * or a quirk for it: shown all the same, and said.
 */
TEST(tlp_prefix)
{
	const char *lacks =
		vfio_pasid_reason_text(VFIO_PASID_REASON_NO_TLP_PREFIX);
	struct bench b;

	bench_ready(&b);
	bench_put32(&b, BENCH_EXP + PCI_EXP_DEVCAP2, 0);
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_TRUE(bench_get(&b).flags & VFIO_PASID_FLAG_NO_TLP_PREFIX);
	EXPECT_TRUE(bench_get(&b).flags & VFIO_PASID_FLAG_VISIBLE);
	EXPECT_STREQ(lacks, bench_file(&b, "reason"));
	EXPECT_NE(NULL, strstr(kernel_state.log, lacks));
	/* Why it is hidden comes first */
	EXPECT_EQ(0, bench_set(&b, 0, 0));
	EXPECT_STREQ("hidden by the VMM", bench_file(&b, "reason"));
	bench_close(&b);
	EXPECT_STREQ("none", bench_file(&b, "reason"));

	b.pdev.pasid_no_tlp = true;
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_FALSE(bench_get(&b).flags & VFIO_PASID_FLAG_NO_TLP_PREFIX);
	EXPECT_STREQ("none", bench_file(&b, "reason"));
	bench_fini(&b);
}

TEST_HARNESS_MAIN
