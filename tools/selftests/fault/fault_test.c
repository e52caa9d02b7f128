// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation and each user copy of an operation fails once
 *
 * A round repeats an operation with the n-th one failing, n = 1, 2, ... until
 * it needs fewer. After each: an error came back and nothing has changed, or all
 * has, or (if it was attaching to the device that failed, which the log tells)
 * the device is served as without vfio-pasid. There is nothing in between.
 *
 * Its other files are in fault/; operation.h has the plan. What only asks, and has
 * nothing to allocate, is tested in unit/session/answers_test.c: absent.
 *
 * Bench: segment
 */
#include <string.h>

#include "kselftest_harness.h"
#include "fault.h"
#include "operation.h"

FIXTURE(fault) {
	bool possible;
};

/*
 * @ours: Only with our code among the callers. What vfio does at bind is out:
 *	where vfio_create_group() cannot add its device, vfio warns (7.3, in
 *	vfio_group_release()), and without the file in /dev nobody can open it
 * @skip: Most of the kernel's own steps are tried only each @skip-th time, up
 * to the last @last, which hold ours
 */
FIXTURE_VARIANT(fault) {
	const struct operation *op;
	bool ours;
	unsigned int skip;
	unsigned int last;
};

#define OPERATION(name)			\
FIXTURE_VARIANT_ADD(fault, name) {	\
	.op = &op_##name,		\
}

#define OUR_OPERATION(name)		\
FIXTURE_VARIANT_ADD(fault, name) {	\
	.op = &op_##name, .ours = true,	\
}

/* Loading takes some hundred allocations before ours, of 0.3 s each */
FIXTURE_VARIANT_ADD(fault, load) {
	.op = &op_load, .skip = 16, .last = 64,
};

OPERATION(unload);
OUR_OPERATION(bind);
OPERATION(unbind);
OPERATION(get_device_fd);
OPERATION(bind_iommufd);
OPERATION(close);
OPERATION(feature_set);
OPERATION(write);
OPERATION(ranges);
OPERATION(verify);
OUR_OPERATION(give);
OPERATION(withdraw);

FIXTURE_SETUP(fault)
{
	uint8_t image[CFG_SIZE];

	dev = (struct vfio_dev){ -1, -1, -1 };
	self->possible = fault_set_up();
	if (!self->possible)
		return;
	module_unload(MODULE);
	pci_unbind(bdf_vf(0));
	pci_unbind(bdf_vf(1));
	pci_unbind(bdf_nobodys());
	image_vf(image);
	ASSERT_EQ(segment_plug_vf(image), 0);
	pci_rebind(BDF, "vfio-pci");
	snapshot(BDF, without);
	module_reload(MODULE, PARAMS);
	snapshot(BDF, with);
	ASSERT_NE(memcmp(with, without, CFG_SIZE), 0);
}

FIXTURE_TEARDOWN(fault)
{
	vfio_close(&dev);
	if (!self->possible)
		return;
	pci_unbind(BDF);
	module_unload(SAMPLE);
	module_unload(MODULE);
	segment_unplug_vf();
}

/* How many can fail in the whole operation */
static unsigned int count_points(int (*action)(void))
{
	const unsigned int many = 1000000;

	fault_arm(many);
	action();
	return many - fault_disarm();
}

TEST_F_TIMEOUT(fault, each_fails_once, 600)
{
	unsigned int points, n, left, rounds = 0, errors = 0;
	const struct operation *op = variant->op;
	const char *why;
	int ret;

	if (!self->possible)
		SKIP(return, "this kernel has no fault injection");
	op->prepare();
	fault_limit(variant->ours ? "vfio_pasid" : NULL);
	points = count_points(op->action);
	ASSERT_EQ(op->judge(0, false), NULL);
	for (n = 1; ; n++, rounds++) {
		if (n + variant->last < points && variant->skip)
			n += variant->skip - 1;
		op->prepare();
		fault_arm(n);
		ret = op->action();
		left = fault_disarm();
		why = op->judge(ret, !left);
		ASSERT_EQ(why, NULL) {
			TH_LOG("%u of %u (%d): %s", n, points, ret, why);
		}
		if (left)
			break;
		errors += !!ret;
	}
	TH_LOG("%u points, %u rounds, %u errors", points, rounds, errors);
	ASSERT_EQ(ret, 0);
	ASSERT_TRUE(rounds || op == &op_close);
}

TEST_HARNESS_MAIN
