// SPDX-License-Identifier: GPL-2.0
/*
 * Which devices are ours, the members of their ops, and sessions that are not
 */
#include "kselftest_harness.h"

#include "bench.h"

FIXTURE(ops) {
	struct bench b;
};

/* The tests change the driver and bind it again */
FIXTURE_SETUP(ops)
{
	bench_ready(&self->b);
	bench_unbind(&self->b);
}

FIXTURE_TEARDOWN(ops)
{
	bench_fini(&self->b);
}

static bool is_ours(struct bench *b)
{
	bool files = bench_file(b, "source");

	return b->core.vdev.ops != &b->ops && files;
}

TEST_F(ops, ours)
{
	bench_bind(&self->b);
	EXPECT_TRUE(is_ours(&self->b));
	bench_unload();
	EXPECT_EQ(&self->b.ops, self->b.core.vdev.ops);
	EXPECT_EQ(NULL, bench_file(&self->b, "source"));
}

/* Where regions start elsewhere, config space cannot be told by the offset */
TEST_F(ops, ism)
{
	self->b.driver.name = "ism_vfio_pci";
	bench_bind(&self->b);
	EXPECT_FALSE(is_ours(&self->b));
}

TEST_F(ops, other_driver)
{
	static const struct pci_error_handlers others;

	self->b.driver.err_handler = &others;
	bench_bind(&self->b);
	EXPECT_FALSE(is_ours(&self->b));
	bench_unbind(&self->b);
	self->b.driver.err_handler = NULL;
	bench_bind(&self->b);
	EXPECT_FALSE(is_ours(&self->b));
}

TEST_F(ops, no_memory)
{
	kernel_state.fail_allocation = 1;
	bench_bind(&self->b);
	EXPECT_FALSE(is_ours(&self->b));
	EXPECT_NE(NULL, strstr(kernel_state.log, "bind the device again"));
}

/* Served all the same */
TEST_F(ops, no_files)
{
	kernel_state.fail_files = true;
	bench_bind(&self->b);
	EXPECT_EQ(NULL, bench_file(&self->b, "source"));
	EXPECT_NE(NULL, strstr(kernel_state.log, "works without them"));
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0xf00, bench_get(&self->b).offset);
}

/* A driver need not have all members; a session is one without them, too */
TEST_F(ops, no_open_no_close)
{
	self->b.ops.open_device = NULL;
	self->b.ops.close_device = NULL;
	bench_bind(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	/* Nobody has woken it up, nor made a config space to show */
	EXPECT_EQ(VFIO_PASID_REASON_UNREADABLE, bench_get(&self->b).hidden_reason);
	bench_close(&self->b);
	EXPECT_EQ(0, kernel_this_module.references);
}

TEST_F(ops, no_feature)
{
	u32 flags = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET;

	self->b.ops.device_feature = NULL;
	bench_bind(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(-ENOTTY, bench_feature(&self->b, flags | 1, NULL, 0));
	EXPECT_EQ(0, bench_feature(&self->b, flags | VFIO_DEVICE_FEATURE_PASID, NULL, 0));
}

TEST_F(ops, no_write_no_ioctl)
{
	self->b.ops.write = NULL;
	self->b.ops.ioctl = NULL;
	bench_bind(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_TRUE(is_ours(&self->b));
	EXPECT_EQ(NULL, self->b.core.vdev.ops->write);
	EXPECT_EQ(NULL, self->b.core.vdev.ops->ioctl);
}

/* A session that begins while the module goes is as without it */
TEST_F(ops, going)
{
	bench_bind(&self->b);
	kernel_this_module.going = true;
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(&self->b.ops, self->b.core.vdev.ops);
	EXPECT_EQ(0, kernel_this_module.references);
	bench_close(&self->b);
	kernel_this_module.going = false;
}

/* The function of the test that unloads the module, for the two below */
static struct bench *others;

static void bind_others(void)
{
	bench_bind(others);
}

/* Nothing attaches after exit has detached all */
TEST_F(ops, bound_at_exit)
{
	others = &self->b;
	kernel_state.at_cancel = bind_others;
	bench_unload();
	kernel_state.at_cancel = NULL;
	EXPECT_EQ(&self->b.ops, self->b.core.vdev.ops);
}

static const struct vfio_device_ops *copy;
static int copy_opened;

static void open_through_copy(void)
{
	struct vfio_device *vdev = &others->core.vdev;

	/* The second wait is for the last instructions of this one */
	kernel_state.at_rcu_tasks = NULL;
	mutex_lock(&vdev->dev_set->lock);
	copy_opened = copy->open_device(vdev);
	vdev->open_count++;
	mutex_unlock(&vdev->dev_set->lock);
}

/* A reader has loaded the pointer to the copy before exit put the ops back */
TEST_F(ops, reader_at_exit)
{
	others = &self->b;
	bench_bind(&self->b);
	copy = self->b.core.vdev.ops;
	copy_opened = -EIO;
	kernel_state.at_rcu_tasks = open_through_copy;
	bench_unload();
	EXPECT_EQ(0, copy_opened);
	EXPECT_EQ(&self->b.ops, self->b.core.vdev.ops);
}

TEST_F(ops, driver_going)
{
	bench_bind(&self->b);
	self->b.module.going = true;
	bench_unbind(&self->b);
	bench_bind(&self->b);
	EXPECT_TRUE(is_ours(&self->b));
	self->b.module.going = false;
}

/* From the guard's look at the device to the driver's open it stays awake */
TEST_F(ops, no_sleep_at_open)
{
	int before;

	bench_bind(&self->b);
	before = self->b.pdev.dev.suspends;
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(before, self->b.pdev.dev.suspends);
	bench_close(&self->b);
	EXPECT_EQ(before + 1, self->b.pdev.dev.suspends);
}

TEST_F(ops, failed_open)
{
	bench_bind(&self->b);
	self->b.open_error = -ENXIO;
	EXPECT_EQ(-ENXIO, bench_open(&self->b));
	EXPECT_EQ(0, kernel_this_module.references);
	EXPECT_STREQ("0", bench_file(&self->b, "verified"));
}

/* Bound, and maybe open, before the module is loaded */
FIXTURE(older) {
	struct bench b;
};

FIXTURE_SETUP(older)
{
	bench_init(&self->b);
	ASSERT_EQ(0, param_set("ranges", BENCH_RULE));
	ASSERT_EQ(0, param_set("visible", "on"));
	bench_bind(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
}

FIXTURE_TEARDOWN(older)
{
	bench_fini(&self->b);
}

TEST_F(older, session)
{
	struct vfio_device_feature_pasid answer;

	bench_load();
	answer = bench_get(&self->b);
	EXPECT_EQ(0, answer.flags);
	EXPECT_EQ(VFIO_PASID_REASON_NOT_VERIFIED, answer.place_reason);
	EXPECT_EQ(VFIO_PASID_REASON_OPENED_BEFORE, answer.hidden_reason);
	EXPECT_EQ(7, answer.host_capabilities);
	EXPECT_EQ(-EOPNOTSUPP, bench_set(&self->b, VFIO_PASID_FLAG_VISIBLE, 0));
	EXPECT_EQ(-EOPNOTSUPP, bench_set(&self->b, 0, 0));
	/* What a file says of the next session */
	EXPECT_STREQ("0xf00", bench_file(&self->b, "offset"));
	EXPECT_EQ(0, bench_ranges(&self->b).num_ranges);
	EXPECT_EQ(0, bench_next(&self->b, BENCH_ATS));
	EXPECT_EQ(4, bench_write(&self->b, 0xf00, 4, 0x55));
	EXPECT_EQ(0x55, bench_get32(&self->b, 0xf00));
	EXPECT_EQ(0, bench_ioctl(&self->b, VFIO_DEVICE_RESET));
}

TEST_F(older, files)
{
	bench_load();
	EXPECT_EQ(-EBUSY, bench_store(&self->b, "verify", "1"));
	EXPECT_STREQ("0", bench_file(&self->b, "verified"));
	EXPECT_STREQ("admin", bench_file(&self->b, "source"));
	EXPECT_STREQ("0", bench_file(&self->b, "visible"));
	EXPECT_STREQ("20", bench_file(&self->b, "width"));
	EXPECT_STREQ("the device has not been read yet",
		     bench_file(&self->b, "reason"));
}

/* Its reference on us goes with it, and the next one is served */
TEST_F(older, next)
{
	bench_load();
	EXPECT_EQ(1, kernel_this_module.references);
	bench_close(&self->b);
	EXPECT_EQ(0, kernel_this_module.references);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(0, bench_get(&self->b).hidden_reason);
}

TEST_F(older, closed)
{
	bench_close(&self->b);
	bench_load();
	EXPECT_TRUE(is_ours(&self->b));
	EXPECT_EQ(0, kernel_this_module.references);
}

TEST_F(older, going)
{
	kernel_this_module.going = true;
	bench_load();
	EXPECT_FALSE(is_ours(&self->b));
}

static void run_others(void)
{
	mutex_unlock(&others->set.lock);
	run_work();
}

/* Nor does a scan that runs meanwhile, of a device that was busy before */
TEST_F(older, scanned_at_exit)
{
	mutex_lock(&self->b.set.lock);
	bench_load();
	others = &self->b;
	kernel_state.at_cancel = run_others;
	bench_unload();
	kernel_state.at_cancel = NULL;
	EXPECT_EQ(&self->b.ops, self->b.core.vdev.ops);
	EXPECT_FALSE(run_work());
}

/* Nor of a device that is bound again: its BOUND waits for exit, or comes too late */
static void rebind_and_run(void)
{
	others->core.vdev.ops = &others->ops;
	others->pdev.dev.links.status = DL_DEV_DRIVER_BOUND;
	run_others();
}

TEST_F(older, bound_and_scanned_at_exit)
{
	bench_close(&self->b);
	mutex_lock(&self->b.set.lock);
	bench_load();
	bench_unbind(&self->b);
	others = &self->b;
	kernel_state.at_cancel = rebind_and_run;
	bench_unload();
	kernel_state.at_cancel = NULL;
	EXPECT_EQ(&self->b.ops, self->b.core.vdev.ops);
}

TEST_F(older, other_driver)
{
	self->b.driver.err_handler = NULL;
	bench_load();
	EXPECT_FALSE(is_ours(&self->b));
}

/* A VMM keeps vfio waiting while the module is loaded */
TEST_F(older, busy)
{
	mutex_lock(&self->b.set.lock);
	bench_load();
	EXPECT_FALSE(is_ours(&self->b));
	mutex_unlock(&self->b.set.lock);
	EXPECT_TRUE(run_work());
	EXPECT_TRUE(is_ours(&self->b));
	EXPECT_FALSE(run_work());
}

/* Its probe() runs while the module is loaded, and BOUND comes after that */
TEST_F(older, is_probed)
{
	self->b.pdev.dev.links.status = DL_DEV_PROBING;
	bench_load();
	EXPECT_FALSE(is_ours(&self->b));
	bench_bind(&self->b);
	EXPECT_TRUE(is_ours(&self->b));
	EXPECT_FALSE(run_work());
}

/* Its UNBIND came before the module was loaded: nobody would detach it */
TEST_F(older, is_unbound)
{
	self->b.pdev.dev.links.status = DL_DEV_UNBINDING;
	bench_load();
	EXPECT_FALSE(is_ours(&self->b));
	EXPECT_FALSE(run_work());
}

/* A VMM keeps vfio waiting while a device of its set is bound */
TEST_F(ops, busy)
{
	mutex_lock(&self->b.set.lock);
	bench_bind(&self->b);
	EXPECT_FALSE(is_ours(&self->b));
	EXPECT_TRUE(run_work());
	EXPECT_FALSE(is_ours(&self->b));
	mutex_unlock(&self->b.set.lock);
	EXPECT_TRUE(run_work());
	EXPECT_TRUE(is_ours(&self->b));
	EXPECT_FALSE(run_work());
}

/* A session keeps our ops until it ends */
TEST_F(ops, open_at_unbind)
{
	bench_bind(&self->b);
	ASSERT_EQ(0, bench_open(&self->b));
	bench_unbind(&self->b);
	EXPECT_EQ(0, kernel_this_module.references);
}

/* Nor does unbinding wait for it */
TEST_F(ops, busy_unbind)
{
	bench_bind(&self->b);
	mutex_lock(&self->b.set.lock);
	bench_unbind(&self->b);
	mutex_unlock(&self->b.set.lock);
}

FIXTURE(attach) {
	struct bench b;
};

/* Which of the driver's functions is another one */
FIXTURE_VARIANT(attach) {
	bool own;
	bool bind;
	bool unbind;
	bool attach;
	bool no_place;
	bool added;
};

FIXTURE_VARIANT_ADD(attach, physical) { .added = true };
FIXTURE_VARIANT_ADD(attach, own_attach) { .own = true };
FIXTURE_VARIANT_ADD(attach, other_bind) { .bind = true };
FIXTURE_VARIANT_ADD(attach, other_unbind) { .unbind = true };
FIXTURE_VARIANT_ADD(attach, other_attach) { .attach = true };
FIXTURE_VARIANT_ADD(attach, no_place) { .no_place = true };

static int own_attach(struct vfio_device *vdev)
{
	return 0;
}

FIXTURE_SETUP(attach)
{
	struct vfio_device_ops *ops = &self->b.ops;

	bench_ready(&self->b);
	ASSERT_EQ(0, param_set("visible", "auto"));
	bench_unbind(&self->b);
	ops->pasid_attach_ioas = variant->own ? own_attach : NULL;
	ops->pasid_detach_ioas = NULL;
	if (variant->bind)
		ops->bind_iommufd = own_attach;
	if (variant->unbind)
		ops->unbind_iommufd = NULL;
	if (variant->attach)
		ops->attach_ioas = own_attach;
	if (variant->no_place)
		ASSERT_EQ(0, param_set("ranges", ""));
	bench_bind(&self->b);
}

FIXTURE_TEARDOWN(attach)
{
	bench_fini(&self->b);
}

/* For the time of a session with a place, where the driver has none */
TEST_F(attach, ops)
{
	const struct vfio_device_ops *ops = self->b.core.vdev.ops;
	bool added = variant->added && bench_attaches();
	bool can = added || (variant->own && bench_attaches());

	EXPECT_EQ(self->b.ops.pasid_attach_ioas, ops->pasid_attach_ioas);
	ASSERT_EQ(0, bench_open(&self->b));
	EXPECT_EQ(added || variant->own, !!ops->pasid_attach_ioas);
	EXPECT_EQ(added, ops->pasid_attach_ioas ==
		  vfio_iommufd_physical_pasid_attach_ioas);
	EXPECT_EQ(added, ops->pasid_detach_ioas ==
		  vfio_iommufd_physical_pasid_detach_ioas);
	if (!variant->no_place)
		EXPECT_EQ(can ? 0 : VFIO_PASID_REASON_NO_ATTACH,
			  bench_get(&self->b).hidden_reason);
	bench_close(&self->b);
	EXPECT_EQ(self->b.ops.pasid_attach_ioas, ops->pasid_attach_ioas);
	EXPECT_EQ(NULL, ops->pasid_detach_ioas);
}

TEST_HARNESS_MAIN
