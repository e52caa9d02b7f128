// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter visible=, and what a guest could not use
 */
#include "kselftest_harness.h"

#include <uapi/linux/iommufd.h>

#include "bench.h"

FIXTURE(policy) {
	struct bench b;
};

/* @obstacle: What keeps a guest from using it, on a kernel that attaches PASIDs */
FIXTURE_VARIANT(policy) {
	bool container;
	bool no_width;
	bool no_attach;
	bool no_domain;
	bool no_set;
	bool no_blocked;
	bool takes_table;
	bool not_enabled;
	bool no_prefix;
	bool no_acs;
	enum vfio_pasid_reason obstacle;
};

#define POLICY(name, obstacle_, ...)			\
FIXTURE_VARIANT_ADD(policy, name) {			\
	.obstacle = VFIO_PASID_REASON_ ## obstacle_,	\
	__VA_ARGS__					\
}

POLICY(nothing, NONE);
POLICY(no_width, NO_WIDTH, .no_width = true, .container = true);
POLICY(container, NO_IOMMUFD, .container = true);
POLICY(driver_cannot_attach, NO_ATTACH, .no_attach = true, .container = true);
POLICY(iommu_has_no_domain, NO_IOMMU_ATTACH, .no_domain = true, .not_enabled = true);
POLICY(iommu_domain_cannot, NO_IOMMU_ATTACH, .no_set = true);
POLICY(iommu_cannot_block, NO_IOMMU_ATTACH, .no_blocked = true);
POLICY(takes_table, NONE, .takes_table = true, .no_attach = true, .no_domain = true);
POLICY(takes_table_in_container, NO_IOMMUFD, .takes_table = true, .container = true);
POLICY(not_enabled, NOT_ENABLED, .not_enabled = true);
POLICY(prefix_path, NO_PREFIX_PATH, .not_enabled = true, .no_prefix = true,
       .no_acs = true);
POLICY(acs, NO_ACS, .not_enabled = true, .no_acs = true);

static size_t get_viommu_size(struct device *dev, int type)
{
	return type == IOMMU_VIOMMU_TYPE_ARM_SMMUV3;
}

static void set_host(struct bench *b, bool enabled, bool prefix, bool acs)
{
	b->pf.pasid_enabled = enabled;
	b->pf.eetlp_prefix_path = prefix;
	b->pf.eetlp_prefix_max = prefix;
	/* A function of several has to redirect */
	b->pf.multifunction = !acs;
}

static void set_iommu(struct bench *b, bool domain, bool set, bool blocked)
{
	static struct iommu_domain_ops none;
	static struct iommu_domain blocks;

	blocks.ops = set ? b->domain.ops : &b->domain_ops;
	b->iommu_ops.blocked_domain = blocked ? &blocks : NULL;
	if (!domain)
		b->iommu_dev.paging = NULL;
	if (!set)
		b->domain.ops = &none;
}

FIXTURE_SETUP(policy)
{
	struct bench *b = &self->b;

	bench_ready(b);
	bench_unbind(b);
	b->iommufd = !variant->container;
	if (variant->no_width)
		b->pdev.dev.iommu = NULL;
	if (variant->no_attach) {
		b->ops.bind_iommufd = NULL;
		b->ops.pasid_attach_ioas = NULL;
	}
	set_iommu(b, !variant->no_domain, !variant->no_set, !variant->no_blocked);
	b->iommu_ops.user_pasid_table = variant->takes_table;
	b->iommu_ops.get_viommu_size = get_viommu_size;
	set_host(b, !variant->not_enabled, !variant->no_prefix, !variant->no_acs);
	/* What an old kernel does not say, and an enabled PASID then does not */
	b->iommu_dev.max_pasids = 1 << 20;
	bench_bind(b);
}

FIXTURE_TEARDOWN(policy)
{
	bench_fini(&self->b);
}

/* An old kernel can attach for nobody, and does not say who takes a table */
static enum vfio_pasid_reason expected(enum vfio_pasid_reason obstacle)
{
	if (!bench_attaches() && obstacle != VFIO_PASID_REASON_NO_WIDTH)
		return VFIO_PASID_REASON_NO_ATTACH;
	return obstacle;
}

static void expect_session(struct __test_metadata *_metadata, struct bench *b,
			   enum vfio_pasid_reason hidden,
			   enum vfio_pasid_reason obstacle)
{
	struct vfio_device_feature_pasid answer = bench_get(b);

	EXPECT_EQ(hidden, answer.hidden_reason);
	EXPECT_EQ(obstacle, answer.obstacle);
	EXPECT_EQ(VFIO_PASID_FLAG_PLACE |
		  (hidden ? 0 : VFIO_PASID_FLAG_VISIBLE), answer.flags);
	EXPECT_EQ(BENCH_RANGE, answer.offset);
	EXPECT_EQ(hidden ? 0 : BENCH_RANGE, bench_next(b, BENCH_ATS));
	EXPECT_STREQ(hidden ? "0" : "1", bench_file(b, "visible"));
	EXPECT_STREQ(vfio_pasid_reason_text(hidden ? hidden : obstacle),
		     bench_file(b, "reason"));
}

/* Hidden for all of these, by default; a VMM that knows better may show it */
TEST_F(policy, automatic)
{
	enum vfio_pasid_reason obstacle = expected(variant->obstacle);
	bool no_width = obstacle == VFIO_PASID_REASON_NO_WIDTH;

	ASSERT_EQ(0, param_set("visible", "auto"));
	ASSERT_EQ(0, bench_open(&self->b));
	expect_session(_metadata, &self->b, obstacle, obstacle);
	EXPECT_EQ(no_width ? -EOPNOTSUPP : 0,
		  bench_set(&self->b, VFIO_PASID_FLAG_VISIBLE, 0));
	if (no_width)
		return;
	EXPECT_EQ(0, bench_get(&self->b).hidden_reason);
	EXPECT_EQ(BENCH_RANGE, bench_next(&self->b, BENCH_ATS));
	EXPECT_EQ(!!obstacle, !!strstr(kernel_state.log, "shown to the VMM"));
}

TEST_F(policy, on)
{
	enum vfio_pasid_reason obstacle = expected(variant->obstacle);
	bool no_width = obstacle == VFIO_PASID_REASON_NO_WIDTH;

	ASSERT_EQ(0, bench_open(&self->b));
	expect_session(_metadata, &self->b, no_width ? obstacle : 0, obstacle);
	EXPECT_EQ(obstacle && !no_width,
		  !!strstr(kernel_state.log, "but a guest cannot use it"));
}

TEST_F(policy, off)
{
	ASSERT_EQ(0, param_set("visible", "off"));
	ASSERT_EQ(0, bench_open(&self->b));
	expect_session(_metadata, &self->b, VFIO_PASID_REASON_VISIBLE_OFF,
		       expected(variant->obstacle));
}

/* Before an open: what the host cannot do, but not what it has not done yet */
TEST_F(policy, before_open)
{
	enum vfio_pasid_reason reason = variant->obstacle;

	ASSERT_EQ(0, bench_store(&self->b, "verify", "1"));
	if (reason != VFIO_PASID_REASON_NO_PREFIX_PATH &&
	    reason != VFIO_PASID_REASON_NO_ACS)
		reason = VFIO_PASID_REASON_NONE;
	EXPECT_STREQ(vfio_pasid_reason_text(reason), bench_file(&self->b, "reason"));
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
	/* What keeps any function's guest from using it comes first */
	EXPECT_EQ(bench_attaches() ? VFIO_PASID_REASON_NO_TLP_PREFIX :
		  VFIO_PASID_REASON_NO_ATTACH, bench_get(&b).obstacle);
	if (bench_attaches()) {
		EXPECT_STREQ(lacks, bench_file(&b, "reason"));
		EXPECT_NE(NULL, strstr(kernel_state.log, lacks));
	}
	/* And why it is hidden */
	EXPECT_EQ(0, bench_set(&b, 0, 0));
	EXPECT_STREQ(vfio_pasid_reason_text(VFIO_PASID_REASON_SET),
		     bench_file(&b, "reason"));
	bench_close(&b);
	EXPECT_STREQ("none", bench_file(&b, "reason"));

	b.pdev.pasid_no_tlp = true;
	ASSERT_EQ(0, bench_open(&b));
	EXPECT_FALSE(bench_get(&b).flags & VFIO_PASID_FLAG_NO_TLP_PREFIX);
	EXPECT_NE(VFIO_PASID_REASON_NO_TLP_PREFIX, bench_get(&b).obstacle);
	/* The log has another obstacle, or none any more */
	if (bench_attaches())
		EXPECT_NE(NULL, strstr(kernel_state.log, "is shown, width 20\n"));
	bench_fini(&b);
}

TEST_HARNESS_MAIN
